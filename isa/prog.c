#include "isa/prog.h"

#include <stdlib.h>
#include <string.h>

enum bpflab_err prog_init_insns(struct prog *p, const struct insn *insns, uint32_t n_insns) {
    struct insn *copy = calloc(n_insns ? n_insns : 1, sizeof *copy);
    if (!copy)
        return BPFLAB_E_NOMEM;
    if (n_insns)
        memcpy(copy, insns, n_insns * sizeof *copy);
    *p = (struct prog){.type = PROG_raw, .insns = copy, .n_insns = n_insns};
    return BPFLAB_OK;
}

enum bpflab_err prog_from_bytes(struct prog *p, const uint8_t *bytes, size_t size_bytes,
                                bool big_endian, struct diag *d) {
    const size_t n = size_bytes / INSN_BYTES;
    if (size_bytes % INSN_BYTES)
        return diag_set(d, BPFLAB_E_ALIGN, "%zu bytes are no whole number of 8-byte instructions",
                        size_bytes);
    if (!n)
        return diag_set(d, BPFLAB_E_EMPTY, "the program has no instructions");
    if (n > PROG_MAX_INSNS)
        return diag_set(d, BPFLAB_E_TOO_LONG, "%zu instructions, the limit is %d", n,
                        PROG_MAX_INSNS);
    struct insn *insns = calloc(n, sizeof *insns);
    if (!insns)
        return diag_set(d, BPFLAB_E_NOMEM, "no memory for %zu instructions", n);
    for (size_t i = 0; i < n; i++)
        insns[i] = insn_decode(bytes + i * INSN_BYTES, big_endian);
    *p = (struct prog){
        .type = PROG_raw, .big_endian = big_endian, .insns = insns, .n_insns = (uint32_t)n};
    return BPFLAB_OK;
}

void prog_fini(struct prog *p) {
    for (uint32_t i = 0; i < p->n_subprogs; i++)
        free(p->subprogs[i].name);
    for (uint32_t i = 0; i < p->n_externs; i++)
        free(p->externs[i].name);
    free(p->subprogs);
    free(p->externs);
    free(p->lines);
    free(p->insns);
    free(p->name);
    free(p->section);
    free(p->attach_to);
    *p = (struct prog){0};
}

static enum bpflab_err fail_at(struct diag *d, uint32_t pc, enum bpflab_err err, const char *text) {
    diag_set(d, err, "%s", text);
    if (d)
        d->pc = pc;
    return err;
}

/* Is there an instruction at pc + 1 + distance? ops: OP_INVALID in second slots. */
static bool lands(const struct prog *p, const uint8_t *ops, uint32_t pc, int32_t distance) {
    const int64_t to = (int64_t)pc + 1 + distance;
    return to >= 0 && to < p->n_insns && ops[to] != OP_INVALID;
}

/* Where does it go besides the next instruction? out: false: nowhere */
static bool goes_elsewhere(enum op op, struct insn in, int32_t *distance) {
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_JMP_COND:
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET:
    case CLASS_CALL_LOCAL: *distance = insn_jump(op, in); return true;
    case CLASS_IMM64: /* a function's address: its distance, as a local call has it */
        *distance = in.imm;
        return op == OP_LDDW_CODE;
    default: return false;
    }
}

static enum bpflab_err check_flow(const struct prog *p, const uint8_t *ops, struct diag *d) {
    for (uint32_t pc = 0; pc < p->n_insns; pc++) {
        const uint8_t code = p->insns[pc].code, cls = code & 7;
        int32_t distance;
        /* jumps, calls and LD_IMM64 have these classes; most instructions have not */
        if ((cls != 5 && cls != 6 && code != 0x18) || ops[pc] == OP_INVALID)
            continue;
        if (goes_elsewhere((enum op)ops[pc], p->insns[pc], &distance) &&
            !lands(p, ops, pc, distance))
            return fail_at(d, pc, BPFLAB_E_JUMP, err_text(BPFLAB_E_JUMP));
    }
    const uint8_t last = ops[p->n_insns - 1];
    if (last != OP_EXIT && last != OP_JA && last != OP_JA32 && last != OP_GOTOX)
        return fail_at(d, p->n_insns - 1, BPFLAB_E_FALLTHROUGH, err_text(BPFLAB_E_FALLTHROUGH));
    return BPFLAB_OK;
}

enum bpflab_err prog_decode(const struct prog *p, uint8_t *ops, struct diag *d) {
    _Static_assert(OP_INVALID <= UINT8_MAX, "a row's number fits into a byte");
    if (!p->n_insns)
        return diag_set(d, BPFLAB_E_EMPTY, "%s", err_text(BPFLAB_E_EMPTY));
    if (p->n_insns > PROG_MAX_INSNS)
        return diag_set(d, BPFLAB_E_TOO_LONG, "%u instructions, the limit is %d", p->n_insns,
                        PROG_MAX_INSNS);
    uint32_t bad = 0;
    const enum bpflab_err err = insns_decode(p->insns, p->n_insns, ops, &bad);
    return err ? fail_at(d, bad, err, err_text(err)) : check_flow(p, ops, d);
}

enum bpflab_err prog_check(const struct prog *p, struct diag *d) {
    uint8_t *const ops = malloc(p->n_insns ? p->n_insns : 1);
    if (!ops)
        return diag_set(d, BPFLAB_E_NOMEM, "no memory for %u instructions", p->n_insns);
    const enum bpflab_err err = prog_decode(p, ops, d);
    free(ops);
    return err;
}

const struct prog_line *prog_line_at(const struct prog *p, uint32_t pc) {
    uint32_t lo = 0,
             hi = p->n_lines; /* entries below lo are at or before pc, those from hi after */
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (p->lines[mid].pc <= pc)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo ? &p->lines[lo - 1] : NULL;
}

const struct prog_extern *prog_extern_at(const struct prog *p, uint32_t pc) {
    for (uint32_t i = 0; i < p->n_externs; i++)
        if (p->externs[i].pc == pc)
            return &p->externs[i];
    return NULL;
}

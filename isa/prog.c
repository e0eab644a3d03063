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

/* Does the jump or local call at pc land on the first slot of an instruction? second[i]: slot i is
 * the second of two. */
static bool target_ok(const struct prog *p, const uint8_t *second, uint32_t pc, enum op op) {
    const int64_t to = (int64_t)pc + 1 + insn_jump(op, p->insns[pc]);
    return to >= 0 && to < p->n_insns && !second[to];
}

static bool has_target(enum op op) {
    const uint8_t cls = op_table[op].cls;
    return cls == CLASS_JMP_COND || cls == CLASS_JMP_ALWAYS || cls == CLASS_JMP_BUDGET ||
           cls == CLASS_CALL_LOCAL;
}

/* A function's code address: LDDW_CODE holds its distance like a local call does. */
static bool code_address_ok(const struct prog *p, const uint8_t *second, uint32_t pc) {
    const int64_t to = (int64_t)pc + 1 + p->insns[pc].imm;
    return to >= 0 && to < p->n_insns && !second[to];
}

static enum bpflab_err check_insns(const struct prog *p, uint8_t *second, struct diag *d) {
    for (uint32_t pc = 0; pc < p->n_insns; pc++) {
        const struct insn *next = pc + 1 < p->n_insns ? &p->insns[pc + 1] : NULL;
        const enum bpflab_err err = insn_check(p->insns[pc], next);
        if (err && err != BPFLAB_E_READONLY)
            return fail_at(d, pc, err, err_text(err));
        if (insn_slots(p->insns[pc]) == 2)
            second[++pc] = 1;
    }
    return BPFLAB_OK;
}

static enum bpflab_err check_flow(const struct prog *p, const uint8_t *second, struct diag *d) {
    enum op op = OP_INVALID;
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        op = op_of(p->insns[pc]);
        if ((has_target(op) && !target_ok(p, second, pc, op)) ||
            (op == OP_LDDW_CODE && !code_address_ok(p, second, pc)))
            return fail_at(d, pc, BPFLAB_E_JUMP, err_text(BPFLAB_E_JUMP));
    }
    if (op != OP_EXIT && op != OP_JA && op != OP_JA32 && op != OP_GOTOX)
        return fail_at(d, p->n_insns - 1, BPFLAB_E_FALLTHROUGH, err_text(BPFLAB_E_FALLTHROUGH));
    return BPFLAB_OK;
}

enum bpflab_err prog_check(const struct prog *p, struct diag *d) {
    if (!p->n_insns)
        return diag_set(d, BPFLAB_E_EMPTY, "%s", err_text(BPFLAB_E_EMPTY));
    if (p->n_insns > PROG_MAX_INSNS)
        return diag_set(d, BPFLAB_E_TOO_LONG, "%u instructions, the limit is %d", p->n_insns,
                        PROG_MAX_INSNS);
    uint8_t *second = calloc(p->n_insns, 1);
    if (!second)
        return diag_set(d, BPFLAB_E_NOMEM, "no memory for %u instructions", p->n_insns);
    enum bpflab_err err = check_insns(p, second, d);
    if (!err)
        err = check_flow(p, second, d);
    free(second);
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

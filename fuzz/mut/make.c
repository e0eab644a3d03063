/* make.c: instructions made of a row, changed into another row's, and copied between programs. */
#include <string.h>

#include "fuzz/maps.h"
#include "fuzz/mut/part.h"
#include "runtime/proto.h"

enum {
    SELDOM = 16, /* one in so many of all rows */
    TRIES = 12,
    FRAME_SLOTS = 16, /* of 8 bytes that stores and loads choose from */
};

/* ---- rows ---- */

/* Rows that mean little in a case, or end or leave what is being written. */
static bool is_seldom(enum op op) {
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_JMP_TABLE:
    case CLASS_JMP_ALWAYS:
    case CLASS_ALU_CAST:
    case CLASS_CALL_REG:
    case CLASS_CALL_LOCAL:
    case CLASS_EXIT: return true;
    case CLASS_IMM64:
        return op == OP_LDDW_MAP_FD || op == OP_LDDW_MAP_VALUE || op == OP_LDDW_VAR ||
               op == OP_LDDW_CODE;
    default: return false;
    }
}

enum op mut_row(struct mut *m, int cls, enum op but) {
    uint32_t n = 0;
    for (uint32_t op = 0; op < N_OPS; op++)
        n += (cls < 0 || op_table[op].cls == cls) && op != (uint32_t)but;
    if (n == 0)
        return OP_INVALID;
    enum op found = OP_INVALID;
    const bool any = mut_maybe(m, SELDOM);
    for (int tries = 0; tries < TRIES; tries++) {
        uint32_t left = mut_below(m, n);
        for (uint32_t op = 0; op < N_OPS; op++)
            if ((cls < 0 || op_table[op].cls == cls) && op != (uint32_t)but && left-- == 0)
                found = (enum op)op;
        if (any || !is_seldom(found))
            break;
    }
    return found;
}

/* ---- fields ---- */

static int32_t some_helper(struct mut *m, int32_t old) {
    const uint32_t from = 1 + mut_below(m, N_HELPERS - 1);
    const bool simple = !mut_maybe(m, 3); /* without arguments */
    for (uint32_t k = 0; k < N_HELPERS; k++) {
        const uint32_t id = (from + k) % N_HELPERS;
        const struct helper_proto *const p = helper_proto_of(id);
        if (p && p->implemented && id != (uint32_t)old && (!simple || p->n_args == 0) &&
            helper_allowed(id, m->c->type, (int)m->c->attach_type))
            return (int32_t)id;
    }
    return (int32_t)from;
}

static uint32_t n_kfuncs(void) {
    uint32_t n = 0;
    while (case_kfunc(n))
        n++;
    return n;
}

/* One of n, but not the old one. */
static int32_t another(struct mut *m, uint32_t n, int32_t old) {
    if (n < 2 || (uint32_t)old >= n)
        return (int32_t)mut_below(m, n);
    return (int32_t)(((uint32_t)old + 1 + mut_below(m, n - 1)) % n);
}

static bool is_shift(enum op op) {
    return op == OP_LSH64_IMM || op == OP_RSH64_IMM || op == OP_ARSH64_IMM || op == OP_LSH32_IMM ||
           op == OP_RSH32_IMM || op == OP_ARSH32_IMM;
}

int32_t mut_imm(struct mut *m, enum op op, int32_t old) {
    if (op == OP_CALL)
        return some_helper(m, old);
    if (op == OP_CALL_KFUNC)
        return another(m, n_kfuncs(), old);
    if (op == OP_LDDW_MAP_IDX || op == OP_LDDW_MAP_IDX_VALUE)
        return another(m, fuzz_n_maps, old);
    if (is_shift(op) && !mut_maybe(m, 8))
        return another(m, op_table[op].width_bits, old);
    const int32_t v = (int32_t)(uint32_t)mut_number(m, (uint64_t)(int64_t)old);
    return v != old ? v : (int32_t)((uint32_t)v + 1);
}

static bool is_memory(int cls) {
    return cls == CLASS_LDX || cls == CLASS_STX || cls == CLASS_ST || cls == CLASS_ATOMIC_RMW ||
           cls == CLASS_ATOMIC_XCHG || cls == CLASS_ATOMIC_CMPXCHG || cls == CLASS_ATOMIC_LOAD ||
           cls == CLASS_ATOMIC_STORE;
}

/* Base and offset of an access: a slot of the frame, or near what a register points to. */
static void likely_address(struct mut *m, uint32_t at, const struct op_info *row, uint8_t *base,
                           int16_t *off) {
    const int32_t bytes = row->width_bits / 8;
    if (mut_maybe(m, 2)) {
        *base = mut_reader(m, at);
        *off = (int16_t)(bytes * (int32_t)mut_below(m, 8));
    } else {
        *base = REG_FP;
        *off = (int16_t)(-8 * (1 + (int32_t)mut_below(m, FRAME_SLOTS)));
        if (mut_maybe(m, 4))
            *off = (int16_t)(*off + bytes);
    }
    if (mut_maybe(m, 16))
        *off = (int16_t)(*off + mut_nearby(m));
}

/* A field as its rule has it; distances come later. */
static int32_t field(uint8_t rule, int32_t fixed, int32_t chosen) {
    return rule == FIELD_FIXED ? fixed : rule == FIELD_ZERO || rule == FIELD_JUMP ? 0 : chosen;
}

uint32_t mut_make(struct mut *m, uint32_t at, enum op op, struct insn out[2]) {
    const struct op_info *const row = &op_table[op];
    uint8_t dst = row->dst_rule == FIELD_WREG ? mut_writer(m, at) : mut_reader(m, at);
    uint8_t src = row->src_rule == FIELD_WREG ? mut_writer(m, at) : mut_reader(m, at);
    int16_t off = 0;
    if (is_memory(row->cls)) {
        const bool load = row->cls == CLASS_LDX || row->cls == CLASS_ATOMIC_LOAD;
        likely_address(m, at, row, load ? &src : &dst, &off);
    }
    /* callx names its register in dst or in imm, not in both */
    const bool has_imm = row->imm_rule == FIELD_ANY && op != OP_CALLX;
    const int32_t imm = has_imm ? mut_imm(m, op, 0) : 0;
    out[0] = (struct insn){
        .code = row->code,
        .dst = (uint8_t)field(row->dst_rule, 0, dst),
        .src = (uint8_t)field(row->src_rule, row->src_fixed, src),
        .off = (int16_t)field(row->off_rule, row->off_fixed, off),
        .imm = field(row->imm_rule, row->imm_fixed, imm),
    };
    if (row->cls != CLASS_IMM64)
        return 1;
    out[1] = (struct insn){0};
    if (op == OP_LDDW_MAP_IDX_VALUE)
        out[1].imm = (int32_t)(8 * mut_below(m, 8));
    else if (row->hi_rule == FIELD_ANY)
        out[1].imm = (int32_t)(uint32_t)(mut_number(m, 0) >> 32);
    return 2;
}

static bool is_reg_rule(uint8_t rule) {
    return rule == FIELD_REG || rule == FIELD_WREG;
}

/* A register where there was one; else a new one. */
static uint8_t kept_reg(struct mut *m, uint32_t at, uint8_t before, uint8_t now, uint8_t fixed,
                        uint8_t was) {
    if (!is_reg_rule(now))
        return now == FIELD_FIXED ? fixed : 0;
    if (!is_reg_rule(before))
        return now == FIELD_WREG ? mut_writer(m, at) : mut_reader(m, at);
    return now == FIELD_WREG && was >= REG_FP ? mut_writer(m, at) : was;
}

void mut_become(struct mut *m, uint32_t at, enum op to) {
    struct fuzz_case *const c = m->c;
    struct insn *const in = &c->insns[at];
    const enum op from = op_of(*in);
    const struct op_info *const row = &op_table[to], *const old = &op_table[from];
    uint32_t target;
    const bool leads = edit_target(c, at, &target);
    in->dst = kept_reg(m, at, old->dst_rule, row->dst_rule, 0, in->dst);
    in->src = kept_reg(m, at, old->src_rule, row->src_rule, row->src_fixed, in->src);
    in->off =
        (int16_t)field(row->off_rule, row->off_fixed, old->off_rule == FIELD_ANY ? in->off : 0);
    if (row->imm_rule == FIELD_ANY && old->imm_rule == FIELD_ANY && row->cls != CLASS_IMM64)
        ; /* stays */
    else
        in->imm = field(row->imm_rule, row->imm_fixed,
                        row->imm_rule == FIELD_ANY ? mut_imm(m, to, in->imm) : 0);
    in->code = row->code;
    if (row->cls == CLASS_IMM64 && row->hi_rule == FIELD_ZERO && at + 1 < c->start[c->n_progs])
        c->insns[at + 1].imm = 0;
    edit_aim(c, at, leads ? target : mut_target(m, at));
}

/* ---- copies ---- */

/* A call or address of a function that the program has not: of one that it has (UINT32_MAX: it has
 * none), or a number. */
static void aim_function(struct fuzz_case *c, uint32_t at, uint32_t function) {
    struct insn *const in = &c->insns[at];
    if (function != UINT32_MAX) {
        edit_aim(c, at, function);
    } else if (in->code == op_table[OP_CALL_LOCAL].code) {
        *in = (struct insn){.code = op_table[OP_MOV64_IMM].code, .imm = 1};
    } else {
        in->src = op_table[OP_LDDW].src_fixed;
        in->imm = 0;
    }
}

/* Where the instructions of a range lead; UINT32_MAX: nowhere. */
static void all_targets(const struct fuzz_case *c, struct mut_range r, uint32_t *targets) {
    for (uint32_t i = 0; i < r.n; i += insn_slots(c->insns[r.from + i]))
        if (!edit_target(c, r.from + i, &targets[i]))
            targets[i] = UINT32_MAX;
}

bool mut_graft(struct mut *m, const struct fuzz_case *donor, struct mut_range r, uint32_t at) {
    struct insn copy[CASE_MAX_INSNS];
    uint32_t targets[CASE_MAX_INSNS];
    struct fuzz_case *const c = m->c;
    if (r.n == 0 || r.n > CASE_MAX_INSNS - c->start[c->n_progs])
        return false;
    const bool same = donor == c && edit_prog_of(c, r.from) == edit_prog_of(c, at);
    uint32_t function = UINT32_MAX;
    if (!same && mut_function(m, at, &function))
        function += function > at ? r.n : 0;
    memcpy(copy, &donor->insns[r.from], r.n * sizeof *copy);
    all_targets(donor, r, targets);
    if (!edit_insert(c, at, copy, r.n))
        return false;
    for (uint32_t i = 0; i < r.n; i += insn_slots(copy[i])) {
        const uint32_t to = targets[i];
        if (to == UINT32_MAX || (to >= r.from && to < r.from + r.n))
            continue; /* leads nowhere, or inside of the copy */
        if (same)
            edit_aim(c, at + i, to >= at ? to + r.n : to);
        else if (mut_names_function(op_of(copy[i])))
            aim_function(c, at + i, function);
        else
            edit_aim(c, at + i, to < r.from && mut_maybe(m, 4) ? at : at + r.n);
    }
    return true;
}

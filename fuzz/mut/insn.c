/* insn.c: what an instruction says: its row, its registers, its numbers, where it leads.
 *
 * Kin of a row are found by what the rows have in common; only opposites and signedness, which are
 * meaning, are lists, and a test asks isa/sem.h whether they are right.
 */
#include <string.h>

#include "fuzz/mut/part.h"

/* ---- kin ---- */

/* Comparisons come as four rows in a fixed order. */
enum {
    JUMP_FORMS = OP_JGT64_IMM - OP_JEQ64_IMM,
    ALU_FORMS = OP_SUB32_IMM - OP_ADD32_IMM,
};

struct pair {
    uint16_t a, b;
};

static const struct pair opposites[] = {
    {OP_JEQ64_IMM, OP_JNE64_IMM},   {OP_JGT64_IMM, OP_JLE64_IMM},   {OP_JGE64_IMM, OP_JLT64_IMM},
    {OP_JSGT64_IMM, OP_JSLE64_IMM}, {OP_JSGE64_IMM, OP_JSLT64_IMM},
};
static const struct pair jump_signs[] = {
    {OP_JGT64_IMM, OP_JSGT64_IMM},
    {OP_JGE64_IMM, OP_JSGE64_IMM},
    {OP_JLT64_IMM, OP_JSLT64_IMM},
    {OP_JLE64_IMM, OP_JSLE64_IMM},
};
static const struct pair alu_signs[] = {
    {OP_DIV32_IMM, OP_SDIV32_IMM},
    {OP_MOD32_IMM, OP_SMOD32_IMM},
    {OP_RSH32_IMM, OP_ARSH32_IMM},
};
static const struct pair load_signs[] = {
    {OP_LDXB, OP_LDXSB},
    {OP_LDXH, OP_LDXSH},
    {OP_LDXW, OP_LDXSW},
};

static enum op partner(const struct pair *pairs, size_t n, uint32_t forms, enum op op) {
    for (size_t i = 0; i < n; i++) {
        if (op >= pairs[i].a && op < pairs[i].a + forms)
            return (enum op)(pairs[i].b + (op - pairs[i].a));
        if (op >= pairs[i].b && op < pairs[i].b + forms)
            return (enum op)(pairs[i].a + (op - pairs[i].b));
    }
    return OP_INVALID;
}

#define PARTNER(pairs, forms, op) partner(pairs, sizeof(pairs) / sizeof *(pairs), forms, op)

enum op mut_opposite(enum op op) {
    return PARTNER(opposites, JUMP_FORMS, op);
}

enum op mut_other_sign(enum op op) {
    enum op other = PARTNER(jump_signs, JUMP_FORMS, op);
    if (other == OP_INVALID)
        other = PARTNER(alu_signs, ALU_FORMS, op);
    return other != OP_INVALID ? other : PARTNER(load_signs, 1, op);
}

static bool has_opposite(enum op op) {
    return mut_opposite(op) != OP_INVALID;
}

static bool has_sign(enum op op) {
    return mut_other_sign(op) != OP_INVALID;
}

/* The same operation at another width: of what has a name, rows of that name; of loads, stores and
 * the like, any of the class. */
static bool other_width(enum op a, enum op b) {
    const struct op_info *const x = &op_table[a], *const y = &op_table[b];
    if (x->cls != y->cls || a == b || x->width_bits == 0)
        return false;
    switch ((enum op_class)x->cls) {
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_LDX:
    case CLASS_STX:
    case CLASS_ST:
    case CLASS_PKT:
    case CLASS_ATOMIC_LOAD:
    case CLASS_ATOMIC_STORE: return true;
    default:
        return x->width_bits != y->width_bits && !strcmp(x->name, y->name) &&
               x->from_reg == y->from_reg && x->imm_fixed == y->imm_fixed;
    }
}

/* The same operation with a register for its number, or the other way. */
static bool other_form(enum op a, enum op b) {
    const struct op_info *const x = &op_table[a], *const y = &op_table[b];
    return x->cls == y->cls && (x->cls == CLASS_ALU_BINARY || x->cls == CLASS_JMP_COND) &&
           x->width_bits == y->width_bits && !strcmp(x->name, y->name) &&
           x->from_reg != y->from_reg;
}

typedef bool kin_fn(enum op a, enum op b);

static enum op some_kin(struct mut *m, enum op op, kin_fn *is_kin) {
    uint32_t n = 0;
    for (uint32_t k = 0; op < N_OPS && k < N_OPS; k++)
        n += is_kin(op, (enum op)k);
    if (n == 0)
        return OP_INVALID;
    uint32_t left = mut_below(m, n), k = 0;
    for (;; k++)
        if (is_kin(op, (enum op)k) && left-- == 0)
            return (enum op)k;
}

static bool become_kin(struct mut *m, kin_fn *is_kin) {
    for (int tries = 0; tries < 8; tries++) {
        const uint32_t at = mut_place(m);
        const enum op to = some_kin(m, op_of(m->c->insns[at]), is_kin);
        if (to == OP_INVALID)
            continue;
        mut_become(m, at, to);
        return true;
    }
    return false;
}

bool mut_replace(struct mut *m) {
    for (int tries = 0; tries < 8; tries++) {
        const uint32_t at = mut_place(m);
        const enum op op = op_of(m->c->insns[at]);
        const enum op to = op < N_OPS ? mut_row(m, op_table[op].cls, op) : OP_INVALID;
        if (to == OP_INVALID)
            continue;
        mut_become(m, at, to);
        return true;
    }
    return false;
}

bool mut_width(struct mut *m) {
    return become_kin(m, other_width);
}

bool mut_form(struct mut *m) {
    return become_kin(m, other_form);
}

bool mut_sign(struct mut *m) {
    uint32_t at;
    if (!mut_where(m, has_sign, &at))
        return false;
    mut_become(m, at, mut_other_sign(op_of(m->c->insns[at])));
    return true;
}

bool mut_negate(struct mut *m) {
    uint32_t at;
    if (!mut_where(m, has_opposite, &at))
        return false;
    mut_become(m, at, mut_opposite(op_of(m->c->insns[at])));
    return true;
}

/* ---- registers ---- */

static bool is_reg(uint8_t rule) {
    return rule == FIELD_REG || rule == FIELD_WREG;
}

static bool has_reg(enum op op) {
    return op < N_OPS && (is_reg(op_table[op].dst_rule) || is_reg(op_table[op].src_rule));
}

bool mut_register(struct mut *m) {
    uint32_t at;
    if (!mut_where(m, has_reg, &at))
        return false;
    struct insn *const in = &m->c->insns[at];
    const struct op_info *const row = &op_table[op_of(*in)];
    const bool both = is_reg(row->dst_rule) && is_reg(row->src_rule);
    if (both && in->dst != in->src && in->src < REG_FP && mut_maybe(m, 8)) {
        const uint8_t dst = in->dst;
        in->dst = in->src;
        in->src = dst;
        return true;
    }
    const bool dst = both ? mut_maybe(m, 2) : is_reg(row->dst_rule);
    uint8_t *const field = dst ? &in->dst : &in->src;
    const uint8_t rule = dst ? row->dst_rule : row->src_rule, was = *field;
    for (int tries = 0; tries < 4 && *field == was; tries++)
        *field = rule == FIELD_WREG ? mut_writer(m, at) : mut_reader(m, at);
    return *field != was;
}

static bool exchange_in(uint8_t *field, uint8_t rule, uint8_t a, uint8_t b) {
    if (!is_reg(rule) || (*field != a && *field != b))
        return false;
    *field = *field == a ? b : a;
    return true;
}

/* Two registers change roles in a stretch of a program. */
bool mut_rename(struct mut *m) {
    const uint32_t at = mut_place(m);
    struct fuzz_case *const c = m->c;
    const uint32_t p = edit_prog_of(c, at);
    const uint32_t end = mut_maybe(m, 2) ? c->start[p + 1] : at + 1 + mut_below(m, 16);
    const uint8_t a = mut_writer(m, at + 1 < c->start[p + 1] ? at + 1 : at);
    const uint8_t b = (uint8_t)((a + 1 + mut_below(m, REG_FP - 1)) % REG_FP);
    bool changed = false;
    for (uint32_t pc = at; pc < end && pc < c->start[p + 1]; pc += insn_slots(c->insns[pc])) {
        struct insn *const in = &c->insns[pc];
        const enum op op = op_of(*in);
        if (op >= N_OPS)
            continue;
        changed |= exchange_in(&in->dst, op_table[op].dst_rule, a, b);
        changed |= exchange_in(&in->src, op_table[op].src_rule, a, b);
    }
    return changed;
}

/* ---- numbers ---- */

/* But for addresses of functions, which are retarget's, and the old way of naming a register. */
static bool has_number(enum op op) {
    return op < N_OPS && op_table[op].imm_rule == FIELD_ANY && op != OP_LDDW_CODE && op != OP_CALLX;
}

bool mut_constant(struct mut *m) {
    uint32_t at;
    if (!mut_where(m, has_number, &at))
        return false;
    struct insn *const in = &m->c->insns[at];
    const enum op op = op_of(*in);
    if (op == OP_LDDW && at + 1 < m->c->start[m->c->n_progs]) {
        const uint64_t was = insn_imm64(*in, in[1]), v = mut_number(m, was);
        in->imm = (int32_t)(uint32_t)v;
        in[1].imm = (int32_t)(uint32_t)(v >> 32);
        return v != was;
    }
    if (op == OP_LDDW_MAP_IDX_VALUE && at + 1 < m->c->start[m->c->n_progs] && mut_maybe(m, 2)) {
        const int32_t was = in[1].imm;
        in[1].imm = (int32_t)(uint32_t)mut_number(m, (uint64_t)(int64_t)was);
        return in[1].imm != was;
    }
    const int32_t was = in->imm;
    in->imm = mut_imm(m, op, was);
    return in->imm != was;
}

static bool has_offset(enum op op) {
    return op < N_OPS && op_table[op].off_rule == FIELD_ANY && op_table[op].cls != CLASS_CALL_KFUNC;
}

bool mut_offset(struct mut *m) {
    uint32_t at;
    if (!mut_where(m, has_offset, &at))
        return false;
    struct insn *const in = &m->c->insns[at];
    const int32_t bytes = op_table[op_of(*in)].width_bits / 8, was = in->off;
    int32_t off = was;
    switch (mut_below(m, 7)) {
    case 0: off += 1; break;
    case 1: off -= 1; break;
    case 2: off += bytes; break;
    case 3: off -= bytes; break;
    case 4: off = -off; break;
    case 5: off = (int32_t)(8 * mut_below(m, 65)) - 512; break;
    default: off = (int16_t)(uint16_t)mut_number(m, (uint64_t)(int64_t)was); break;
    }
    in->off = (int16_t)(uint16_t)(uint32_t)off;
    return in->off != was;
}

/* ---- where it leads ---- */

static bool leads(enum op op) {
    if (op >= N_OPS)
        return false;
    const int cls = op_table[op].cls;
    return cls == CLASS_JMP_COND || cls == CLASS_JMP_ALWAYS || cls == CLASS_JMP_BUDGET ||
           cls == CLASS_CALL_LOCAL || op == OP_LDDW_CODE;
}

bool mut_retarget(struct mut *m) {
    uint32_t at, was = UINT32_MAX, to;
    if (!mut_where(m, leads, &at))
        return false;
    const enum op op = op_of(m->c->insns[at]);
    edit_target(m->c, at, &was);
    for (int tries = 0; tries < 4; tries++) {
        to = mut_target(m, at);
        if (mut_names_function(op) && !mut_maybe(m, 8))
            mut_function(m, at, &to);
        if (to != was)
            return edit_aim(m->c, at, to);
    }
    return false;
}

/* step_alu.c: arithmetic, moves and byte order on scalars; what has a pointer in it goes on to
 * step_ptr.c, or makes an unknown number of it.
 */
#include "verifier/alu_family.h"
#include "verifier/domain/alu.h"
#include "verifier/link.h"
#include "verifier/mask.h"

/* clang-format off */
static const uint8_t families[N_OPS] = {
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    [OP_##op##32_IMM] = FAMILY_##op, [OP_##op##32_REG] = FAMILY_##op,                              \
    [OP_##op##64_IMM] = FAMILY_##op, [OP_##op##64_REG] = FAMILY_##op,
#include "isa/alu.def"
};
/* clang-format on */

enum alu_family alu_family(enum op op) {
    return (enum alu_family)families[op];
}

static bool is_pointer_secret(const struct step *s, const struct reg *r) {
    return reg_is_pointer(r) && !s->sub->privileged;
}

static struct scalar alu(const struct step *s, struct scalar dst, struct scalar src) {
    return scalar_alu(s->op, dst, src, s->sub->prog->big_endian);
}

static struct scalar immediate(const struct step *s) {
    return scalar_const((uint64_t)(int64_t)s->insn.imm);
}

/* ---- moves ---- */

/* What a move that is not a plain 64-bit copy makes of a register: of a scalar whose value it keeps
 * a linked copy, of other scalars the transferred value, of a pointer an unknown number. */
static void move_value(struct step *s, bool keeps_value) {
    struct reg *const dst = step_reg(s, s->insn.dst), *const src = step_reg(s, s->insn.src);
    if (!reg_is_scalar(src)) {
        *dst = reg_scalar(alu(s, scalar_unknown(), scalar_unknown()));
        return;
    }
    if (keeps_value)
        link_share(s, src);
    const struct scalar v = alu(s, dst->v, src->v);
    *dst = *src;
    dst->v = v;
    if (!keeps_value)
        link_clear(dst);
}

static bool move_reg(struct step *s) {
    struct reg *const src = step_reg(s, s->insn.src);
    if (op_table[s->op].width_bits == 64) {
        link_share(s, src);
        *step_reg(s, s->insn.dst) = *src;
        return true;
    }
    if (is_pointer_secret(s, src))
        return step_reject(s, REASON_PTR_LEAK, s->insn.src, "R%d partial copy of pointer",
                           s->insn.src);
    move_value(s, scalar_fits(32, src->v));
    return true;
}

static bool move_sext(struct step *s) {
    if (!step_read(s, s->insn.src) || !step_may_write(s, s->insn.dst))
        return false;
    struct reg *const src = step_reg(s, s->insn.src);
    const bool wide = op_table[s->op].width_bits == 64;
    if (is_pointer_secret(s, src))
        return step_reject(s, REASON_PTR_LEAK, s->insn.src,
                           wide ? "R%d sign-extension part of pointer"
                                : "R%d partial copy of pointer",
                           s->insn.src);
    /* off says how many bits; a value without their sign bit stays what it is */
    move_value(s, scalar_fits((unsigned)s->insn.off - 1, src->v));
    return true;
}

static bool move(struct step *s) {
    const bool from_reg = op_table[s->op].from_reg;
    if ((from_reg && !step_read(s, s->insn.src)) || !step_may_write(s, s->insn.dst))
        return false;
    if (from_reg)
        return move_reg(s);
    *step_reg(s, s->insn.dst) = reg_scalar(alu(s, scalar_unknown(), immediate(s)));
    return true;
}

/* To a pointer that the program may access memory through, or to a number for user space. */
static bool cast(struct step *s) {
    if (!s->sub->has_arena)
        return step_reject(
            s, REASON_INSN, REPORT_NO_REG,
            "addr_space_cast insn can only be used in a program that has an associated arena");
    if (!step_read(s, s->insn.src) || !step_may_write(s, s->insn.dst))
        return false;
    struct reg to = reg_scalar(scalar_unknown());
    if (s->op == OP_CAST_KERN) {
        to = reg_pointer(REG_ARENA, 0);
        to.v = scalar_unknown();
    }
    *step_reg(s, s->insn.dst) = to;
    return true;
}

/* ---- NEG and byte order ---- */

static bool unary(struct step *s) {
    if (!step_read(s, s->insn.dst))
        return false;
    struct reg *const dst = step_reg(s, s->insn.dst);
    if (is_pointer_secret(s, dst))
        return step_reject(s, REASON_PTR_ARITH, s->insn.dst, "R%d pointer arithmetic prohibited",
                           s->insn.dst);
    if (!step_may_write(s, s->insn.dst))
        return false;
    if (reg_is_pointer(dst))
        *dst = reg_scalar(scalar_unknown());
    dst->v = alu(s, dst->v, dst->v);
    link_clear(dst);
    return true;
}

/* ---- the rest ---- */

/* Immediates that Linux refuses where they are reached, not where they stand. */
static bool check_immediate(struct step *s, enum alu_family family) {
    const int32_t imm = s->insn.imm;
    switch (family) {
    case FAMILY_DIV:
    case FAMILY_SDIV:
    case FAMILY_MOD:
    case FAMILY_SMOD:
        return imm != 0 || step_reject(s, REASON_DIV_ZERO, REPORT_NO_REG, "div by zero");
    case FAMILY_LSH:
    case FAMILY_RSH:
    case FAMILY_ARSH:
        return (imm >= 0 && imm < op_table[s->op].width_bits) ||
               step_reject(s, REASON_SHIFT, REPORT_NO_REG, "invalid shift %d", imm);
    default: return true;
    }
}

/* Compilers turn "x < 0 ? K : 0" into (x s>> 63) & K. A value that is 0 or all ones (in 64 bits, or
 * in the lower half) is split there: one state for each, since -1 & K and 0 & K have no other
 * hull than 0 to K. The fork goes on behind the instruction with its own result.
 * out: *v: what the current state goes on with */
static bool split_sign_mask(struct step *s, enum alu_family family, struct scalar src,
                            struct scalar *v) {
    if ((family != FAMILY_AND && family != FAMILY_OR) || !scalar_is_const(src))
        return true;
    enum op equal;
    if (v->s.min == -1 && v->s.max == 0)
        equal = OP_JEQ64_IMM;
    else if (v->s32.min == -1 && v->s32.max == 0)
        equal = OP_JEQ32_IMM;
    else
        return true;
    struct scalar zero = *v, ones = *v, other = scalar_const(0);
    scalar_refine(equal, true, &zero, &other);
    other = scalar_const(WORD_MAX);
    scalar_refine(equal, true, &ones, &other);
    if (scalar_is_empty(zero) || scalar_is_empty(ones))
        return true;
    struct state *const st = step_fork(s, s->next);
    if (!st)
        return false;
    struct reg *const dst = &state_regs(st)[s->insn.dst];
    dst->v = alu(s, zero, src);
    link_clear(dst);
    *v = ones;
    return true;
}

/* The machine takes a shift's count modulo the width. To Linux such a shift has no known result,
 * and so it has none here, though the domain knows it: what Linux would refuse is not accepted. */
static bool overshifts(enum alu_family family, const struct op_info *row, struct scalar count) {
    return (family == FAMILY_LSH || family == FAMILY_RSH || family == FAMILY_ARSH) &&
           count.u.max >= row->width_bits;
}

static bool scalar_binary(struct step *s, enum alu_family family, struct reg *dst,
                          struct scalar src) {
    const struct op_info *const row = &op_table[s->op];
    if (row->from_reg && dst->precise)
        step_precise(s, s->insn.src);
    mask_number(s);
    struct scalar v = dst->v;
    if (!split_sign_mask(s, family, src, &v))
        return false;
    dst->v = overshifts(family, row, src) ? scalar_below(row->width_bits) : alu(s, v, src);
    const bool doubled = row->from_reg && s->insn.src == s->insn.dst; /* r += r adds no constant */
    if (family == FAMILY_ADD && row->width_bits == 64 && scalar_is_const(src) && !doubled)
        link_add(dst, src.bits.value);
    else
        link_clear(dst);
    return true;
}

/* At least one operand points into the arena: any arithmetic is allowed, and so is any result. */
static void arena_binary(struct reg *dst, const struct reg *src) {
    if (dst->kind != REG_ARENA)
        *dst = *src;
    dst->v = scalar_unknown();
    dst->off = 0;
}

static bool pointer_binary(struct step *s, enum alu_family family, struct reg *dst,
                           const struct reg *src) {
    if (!src)
        return step_ptr_alu(s, dst, immediate(s), true);
    if (reg_is_scalar(src)) {
        step_precise(s, s->insn.src);
        return step_ptr_alu(s, dst, src->v, true);
    }
    if (reg_is_scalar(dst)) {
        step_precise(s, s->insn.dst);
        return step_ptr_alu(s, src, dst->v, false);
    }
    if (family != FAMILY_SUB || !s->sub->privileged)
        return step_reject(s, REASON_PTR_ARITH, s->insn.dst, "R%d pointer %s pointer prohibited",
                           s->insn.dst, op_table[s->op].sym);
    *dst = reg_scalar(alu(s, scalar_unknown(), scalar_unknown()));
    return true;
}

static bool binary(struct step *s, enum alu_family family) {
    const bool from_reg = op_table[s->op].from_reg;
    if ((from_reg && !step_read(s, s->insn.src)) || !step_read(s, s->insn.dst))
        return false;
    if ((!from_reg && !check_immediate(s, family)) || !step_may_write(s, s->insn.dst))
        return false;
    struct reg *const dst = step_reg(s, s->insn.dst);
    const struct reg *const src = from_reg ? step_reg(s, s->insn.src) : NULL;
    if (dst->kind == REG_ARENA || (src && src->kind == REG_ARENA)) {
        arena_binary(dst, src);
        return true;
    }
    if (reg_is_pointer(dst) || (src && reg_is_pointer(src)))
        return pointer_binary(s, family, dst, src);
    return scalar_binary(s, family, dst, src ? src->v : immediate(s));
}

bool step_alu(struct step *s) {
    switch (op_table[s->op].cls) {
    case CLASS_ALU_UNARY:
    case CLASS_ALU_END: return unary(s);
    case CLASS_ALU_SEXT: return move_sext(s);
    case CLASS_ALU_CAST: return cast(s);
    default: break;
    }
    const enum alu_family family = alu_family(s->op);
    return family == FAMILY_MOV ? move(s) : binary(s, family);
}

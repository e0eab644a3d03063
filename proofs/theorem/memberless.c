/* memberless.c: operands in order that have no member.
 *
 * A contract is used for every operand that satisfies what it requires, and that is order.
 * Reduction is not proved to find every contradiction, so an operand in order may have no member;
 * the theorems that name a member say nothing of it. What a contract ensures whether there is a
 * member or not (order, well-formed bits, both or none empty) is proved here of all, and so is that
 * nothing is undefined. in_order/FUNCTION of the binary operators stands beside them (alu.c).
 */

/* seen_empty: no member, as a solver sees at once. What is planted here goes wrong on such operands
 * alone. */
static bool seen_empty(struct scalar a) {
    return a.u.min > tnum_max(a.bits);
}

static struct scalar wrong_if_empty(struct scalar a) {
    return seen_empty(a) ? scalar_empty() : scalar_unknown();
}

/* clash_if: where c holds, bits that are not well-formed. */
static struct tnum clash_if(bool c) {
    return c ? (struct tnum){.value = 1, .mask = 1} : TNUM_UNKNOWN;
}

/* ---- unary operators ---- */

THEOREM(in_order, scalar_neg) {
    uses("scalar_sub");
    const struct scalar a = any_ordered("a");
    (void)contracted__scalar_neg(true, SCALAR_64, a);
    (void)contracted__scalar_neg(true, SCALAR_32, a);
}
PLANT(in_order, scalar_neg, scalar_neg, struct scalar, (enum scalar_width w, struct scalar a)) {
    (void)w;
    return wrong_if_empty(a);
}

THEOREM(in_order, scalar_zext) {
    uses("scalar_finish");
    const struct scalar a = any_ordered("a");
    for (unsigned bits = 8; bits <= WORD_BITS; bits *= 2)
        (void)contracted__scalar_zext(true, bits, a);
}
PLANT(in_order, scalar_zext, scalar_zext, struct scalar, (unsigned bits, struct scalar a)) {
    (void)bits;
    return wrong_if_empty(a);
}

THEOREM(in_order, scalar_sext) {
    uses("scalar_finish");
    uses("raw_low_within");
    const struct scalar a = any_ordered("a");
    for (unsigned bits = 8; bits <= WORD_BITS; bits *= 2)
        (void)contracted__scalar_sext(true, SCALAR_64, bits, a);
    for (unsigned bits = 8; bits <= HALF_BITS; bits *= 2)
        (void)contracted__scalar_sext(true, SCALAR_32, bits, a);
}
PLANT(in_order, scalar_sext, scalar_sext, struct scalar,
      (enum scalar_width w, unsigned bits, struct scalar a)) {
    (void)w;
    (void)bits;
    return wrong_if_empty(a);
}

THEOREM(in_order, scalar_bswap) {
    uses("scalar_finish");
    const struct scalar a = any_ordered("a");
    for (unsigned bits = 16; bits <= WORD_BITS; bits *= 2)
        (void)contracted__scalar_bswap(true, bits, a);
}
PLANT(in_order, scalar_bswap, scalar_bswap, struct scalar, (unsigned bits, struct scalar a)) {
    (void)bits;
    return wrong_if_empty(a);
}

THEOREM(in_order, move) {
    uses("scalar_zext");
    const struct scalar a = any_scalar("a"), b = any_ordered("b");
    (void)contracted__move(true, SCALAR_64, a, b);
    (void)contracted__move(true, SCALAR_32, a, b);
}
PLANT(in_order, move, move, struct scalar,
      (enum scalar_width w, struct scalar a, struct scalar b)) {
    (void)w;
    (void)a;
    return wrong_if_empty(b);
}

THEOREM(in_order, scalar_stored) {
    uses("scalar_zext");
    const struct scalar a = any_ordered("a");
    for (unsigned bits = 8; bits <= WORD_BITS; bits *= 2)
        (void)contracted__scalar_stored(true, bits, a);
}
PLANT(in_order, scalar_stored, scalar_stored, struct scalar, (unsigned bits, struct scalar a)) {
    (void)bits;
    return wrong_if_empty(a);
}

/* ---- parts of operators ---- */

/* amounts_in_order: of which none need be in the bits. */
static struct amounts amounts_in_order(struct amounts by) {
    by.most = (unsigned)at_least(by.least, by.most) & (WORD_BITS - 1);
    assume(by.least <= by.most);
    return by;
}
#define any_amounts_in_order(name) amounts_in_order(any_amounts(name))

#define SHIFTS_IN_ORDER(all, step)                                                                 \
    THEOREM(in_order, all) {                                                                       \
        uses(#step);                                                                               \
        (void)contracted__##all(true, any_tnum("t"), any_amounts_in_order("by"));                  \
    }                                                                                              \
    PLANT(in_order, all, all, struct tnum, (struct tnum t, struct amounts by)) {                   \
        (void)t;                                                                                   \
        return clash_if(by.bits.value > by.most);                                                  \
    }
SHIFTS_IN_ORDER(shl_by, shl_step)
SHIFTS_IN_ORDER(lshr_by, lshr_step)
SHIFTS_IN_ORDER(ashr_by, ashr_step)

THEOREM(in_order, shl_const) {
    uses("raw_within");
    uses("raw_low_within");
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("arc_scale");
    (void)contracted__shl_const(true, any_ordered("a"), any_amount("n"));
}
PLANT(in_order, shl_const, shl_const, struct scalar, (struct scalar a, unsigned n)) {
    (void)n;
    return raw_of_tnum(clash_if(seen_empty(a)));
}

THEOREM(in_order, shl_any) {
    uses("raw_low_within");
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("shl_by");
    uses("urange_shl");
    uses("srange_shl");
    (void)contracted__shl_any(true, any_ordered("a"), any_amounts_in_order("by"));
}
PLANT(in_order, shl_any, shl_any, struct scalar, (struct scalar a, struct amounts by)) {
    (void)by;
    return raw_of_tnum(clash_if(seen_empty(a)));
}

/* Of these nothing is required, not even order. */
THEOREM(in_order, by_constant) {
    uses("raw_within");
    uses("raw_low_within");
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("arc_scale");
    (void)contracted__by_constant(true, any_scalar("r"), any_scalar("a"), any_word("factor"));
}
PLANT(in_order, by_constant, by_constant, struct scalar,
      (struct scalar r, struct scalar a, word factor)) {
    (void)factor;
    return seen_empty(a) ? scalar_empty() : r;
}

THEOREM(in_order, by_halves) {
    uses("raw_low_within");
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("urange_mul");
    uses("srange_mul");
    (void)contracted__by_halves(true, any_scalar("r"), any_scalar("a"), any_scalar("b"));
}
PLANT(in_order, by_halves, by_halves, struct scalar,
      (struct scalar r, struct scalar a, struct scalar b)) {
    (void)a;
    return seen_empty(b) ? scalar_empty() : r;
}

THEOREM(in_order, unsigned_quotients) {
    uses("raw_within");
    uses("arc_of_srange");
    uses("scalar_div");
    (void)contracted__unsigned_quotients(true, any_ordered("a"), any_ordered("b"), any_srange("s"));
}
PLANT(in_order, unsigned_quotients, unsigned_quotients, struct scalar,
      (struct scalar a, struct scalar b, struct srange s)) {
    (void)b;
    (void)s;
    return raw_of_tnum(clash_if(seen_empty(a)));
}

/* ---- comparisons ---- */

/* clang-format off */
#define RELATIONS(R) R(EQ) RELATIONS_BUT_EQ(R)
#define NEVER_OF_ANY(rel) \
    (void)contracted__scalar_never(true, SCALAR_64, REL_##rel, a, b); \
    (void)contracted__scalar_never(true, SCALAR_32, REL_##rel, a, b);
/* clang-format on */
THEOREM(in_order, scalar_never) {
    const struct scalar a = any_scalar("a"), b = any_scalar("b");
    RELATIONS(NEVER_OF_ANY)
}
PLANT(in_order, scalar_never, scalar_never, bool,
      (enum scalar_width w, enum scalar_rel rel, struct scalar a, struct scalar b)) {
    return rel == REL_SLT && seen_by(w, rel, a).s.min >= seen_by(w, rel, b).s.max &&
           !seen_empty(a) && !seen_empty(b);
}

THEOREM(in_order, scalar_assume) {
    uses("scalar_reduce");
    uses("scalar_never");
    const struct operands o = {0, 0, any_ordered("a"), any_ordered("b")};
    RELATIONS(PROVE_ORDER)
}
PLANT(in_order, scalar_assume, scalar_assume, struct scalar_pair,
      (enum scalar_width w, enum scalar_rel rel, struct scalar a, struct scalar b)) {
    (void)w;
    (void)rel;
    return (struct scalar_pair){wrong_if_empty(a), wrong_if_empty(b)}; /* one may stay */
}

/* ---- instructions ---- */

/* clang-format off */
#define ROW_IN_ORDER(op) check("in order", ordered(scalar_alu(OP_##op, a, b, big)));
THEOREM(in_order, scalar_alu) {
#define ALU_BINARY(op, name, sym, code, off, group, expr) uses(TEXT(TRANSFER_##op));
#define ALU_UNARY(op, name, sym, code, group, expr) uses(TEXT(TRANSFER_##op));
#include "isa/alu.def"
    uses("scalar_sext");
    uses("scalar_zext");
    uses("scalar_bswap");
    const struct scalar a = any_ordered("a"), b = any_ordered("b");
    const bool big = any_bool("big_endian");
#define ALU_BINARY(op, name, sym, code, off, group, expr) \
    ROW_IN_ORDER(op##64_REG) ROW_IN_ORDER(op##64_IMM) ROW_IN_ORDER(op##32_REG) ROW_IN_ORDER(op##32_IMM)
#define ALU_UNARY(op, name, sym, code, group, expr) ROW_IN_ORDER(op##64) ROW_IN_ORDER(op##32)
#define ALU_SEXT(op, width, bits, name, expr) ROW_IN_ORDER(op##_##width)
#define ALU_END(op, name, sym, code, bits, group, expr) ROW_IN_ORDER(op)
#include "isa/alu.def"
}
/* clang-format on */
PLANT(in_order, scalar_alu, scalar_alu, struct scalar,
      (enum op which, struct scalar a, struct scalar b, bool big)) {
    (void)which;
    (void)a;
    (void)big;
    return wrong_if_empty(b);
}

/* jump.c: theorems about comparisons: whether a jump is decided, and what each edge tells of both
 * operands; for every row of isa/jmp.def, in register and immediate form, and of a register with
 * itself.
 */

static bool holds(enum scalar_width w, enum scalar_rel rel, word x, word y) {
    const bool whole = w == SCALAR_64;
    const word ux = whole ? x : low_of(x), uy = whole ? y : low_of(y);
    const sword sx = (sword)(whole ? x : signed_low_of(x)),
                sy = (sword)(whole ? y : signed_low_of(y));
    switch (rel) {
    case REL_EQ: return ux == uy;
    case REL_NE: return ux != uy;
    case REL_ULT: return ux < uy;
    case REL_ULE: return ux <= uy;
    case REL_SLT: return sx < sy;
    case REL_SLE: return sx <= sy;
    case REL_SET: return (ux & uy) != 0;
    case REL_CLEAR: return (ux & uy) == 0;
    }
    return false;
}

/* equal_to: o's first operand and another with the same member.  equal_halves_to: with a member
 * that has the same lower half. Any two in these relations are of this form, in which a solver need
 * not find out that two words are one. */
static struct operands equal_to(struct operands o) {
    return (struct operands){o.x, o.x, o.a, any_scalar_with("like", o.x)};
}

static struct operands equal_halves_to(struct operands o) {
    const word y = o.x + (any_word("top") << HALF_BITS);
    return (struct operands){o.x, y, o.a, any_scalar_with("low like", y)};
}

/* ---- never ---- */

CONTRACT(scalar_never, bool, (w, rel, a, b), enum scalar_width w, enum scalar_rel rel,
         struct scalar a, struct scalar b) {
    const bool out = proving ? scalar_never(w, rel, a, b) : any_bool("never");
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const word x = proof_pairs[i].x, y = proof_pairs[i].y;
        ENSURES(
            "not of a pair",
            implies(scalar_contains(a, x) && scalar_contains(b, y) && holds(w, rel, x, y), !out));
    }
    /* what scalar_assume hangs on: there is something below b and above a */
    ENSURES("some are below", out || rel != REL_SLT || seen_by(w, rel, b).s.max > SWORD_MIN);
    ENSURES("some are above", out || rel != REL_SLT || seen_by(w, rel, a).s.min < SWORD_MAX);
    return out;
}
static void prove_never(enum scalar_width w, enum scalar_rel rel, struct operands o) {
    forget();
    ghost_pair(o.x, o.y);
    (void)contracted__scalar_never(true, w, rel, o.a, o.b);
}

/* clang-format off */
#define RELATIONS_BUT_EQ(R) R(NE) R(ULT) R(ULE) R(SLT) R(SLE) R(SET) R(CLEAR)
#define PROVE_NEVER(rel) prove_never(SCALAR_64, REL_##rel, o); prove_never(SCALAR_32, REL_##rel, o);
/* clang-format on */
THEOREM(contract, scalar_never) {
    const struct operands o = any_operands();
    RELATIONS_BUT_EQ(PROVE_NEVER)
    prove_never(SCALAR_64, REL_EQ, equal_to(o));
    prove_never(SCALAR_32, REL_EQ, equal_halves_to(o));
}
PLANT(contract, scalar_never, seen_by, struct scalar,
      (enum scalar_width w, enum scalar_rel how, struct scalar a)) {
    (void)w; /* CVE-2026-98041: of a half, asked of the word */
    (void)how;
    a.u.max = a.u32.max;
    a.s = (struct srange){a.s.min, (sword)a.s.max >> 1};
    a.bits.mask = 0;
    return a;
}
PLANT(contract, scalar_never, disjoint, bool, (struct scalar a, struct scalar b)) {
    return a.bits.value != b.bits.value; /* unknown bits compared too */
}

/* ---- assume ---- */

/* The pair is kept; without one, the results are in order. */
CONTRACT(scalar_assume, struct scalar_pair, (w, rel, a, b), enum scalar_width w,
         enum scalar_rel rel, struct scalar a, struct scalar b) {
    REQUIRES("well-formed", ordered(a) && ordered(b));
    const struct scalar_pair out = proving
                                       ? scalar_assume(w, rel, a, b)
                                       : (struct scalar_pair){any_scalar("a'"), any_scalar("b'")};
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const word x = proof_pairs[i].x, y = proof_pairs[i].y;
        const bool c = scalar_contains(a, x) && scalar_contains(b, y) && holds(w, rel, x, y);
        if (proving) {
            check_members(c, out.a, x);
            check_members(c, out.b, y);
        } else {
            assume(implies(c, scalar_contains(out.a, x) && scalar_contains(out.b, y)));
        }
    }
    if (proving && proof_n_pairs > 0)
        return out;
    ENSURES("both empty or none", scalar_is_empty(out.a) == scalar_is_empty(out.b));
    ENSURES("a in order", scalar_is_empty(out.a) || ordered(out.a));
    ENSURES("b in order", scalar_is_empty(out.b) || ordered(out.b));
    return out;
}

/* All relations at both widths. Two scalars are reduced, each with a member of its own, first a. */
static void prove_assume(enum scalar_width w, enum scalar_rel rel, struct operands o) {
    forget();
    ghost_pair(o.x, o.y);
    proof_turns = true;
    proof_is_second = false;
    if (holds(w, rel, o.x, o.y))
        (void)contracted__scalar_assume(true, w, rel, o.a, o.b);
    proof_turns = false;
}
static void prove_assume_order(enum scalar_width w, enum scalar_rel rel, struct operands o) {
    forget();
    (void)contracted__scalar_assume(true, w, rel, o.a, o.b);
}

/* clang-format off */
#define PROVE_REL(rel) prove_assume(SCALAR_64, REL_##rel, o); prove_assume(SCALAR_32, REL_##rel, o);
#define PROVE_ORDER(rel) prove_assume_order(SCALAR_64, REL_##rel, o); prove_assume_order(SCALAR_32, REL_##rel, o);
/* clang-format on */
THEOREM(contract, scalar_assume) {
    uses("scalar_reduce");
    uses("scalar_never");
    const struct operands o = any_operands();
    RELATIONS_BUT_EQ(PROVE_REL)
    prove_assume(SCALAR_64, REL_EQ, equal_to(o));
    prove_assume(SCALAR_32, REL_EQ, equal_halves_to(o));
    PROVE_ORDER(EQ)
    RELATIONS_BUT_EQ(PROVE_ORDER)
}
PLANT(contract, scalar_assume, learn_low, struct scalar, (struct scalar a, struct scalar seen)) {
    a.u = urange_meet(a.u, seen.u); /* prevail-jmp32-dead: the word learns what the half is */
    return a;
}
PLANT(contract, scalar_assume, assume_ult, struct scalar_pair, (struct scalar a, struct scalar b)) {
    return (struct scalar_pair){raw_within(a, (struct arc){0, b.u.max - 1}),
                                raw_within(b, (struct arc){a.u.max + 1, WORD_MAX - 1 - a.u.max})};
}

/* clang-format off */
/* ---- rows ---- */

/* An edge that is never taken leaves neither operand a value, and what is left is in order; whether
 * the operands have members or not. */
static void check_together(enum op which, struct operands o) {
    for (unsigned taken = 0; taken < 2; taken++) {
        struct scalar a = o.a, b = o.b;
        scalar_refine(which, taken == 1, &a, &b);
        check("both empty or none", scalar_is_empty(a) == scalar_is_empty(b));
        check("in order", scalar_is_empty(a) || (ordered(a) && ordered(b)));
        a = scalar_refine_same(which, taken == 1, o.a);
        check("one in order", scalar_is_empty(a) || ordered(a));
    }
}
THEOREM(jmp, together) {
    uses("scalar_assume");
    const struct operands o = {0, 0, any_ordered("a"), any_ordered("b")};
#define JMP_COND(op, name, sym, code, expr) \
    check_together(OP_##op##64_REG, o); check_together(OP_##op##64_IMM, o); \
    check_together(OP_##op##32_REG, o); check_together(OP_##op##32_IMM, o);
#include "isa/jmp.def"
}
PLANT(jmp, together, scalar_refine, void, (enum op which, bool taken, struct scalar *a, struct scalar *b)) {
    (void)which;
    *a = scalar_assume(SCALAR_64, taken ? REL_ULT : REL_ULE, *a, *b).a; /* the other one learns nothing */
}

#define PLANT_REFINE(name) \
    PLANT(jmp, name, scalar_refine, void, (enum op which, bool taken, struct scalar *a, struct scalar *b)) { \
        (void)which; \
        *(taken ? a : b) = scalar_const(0); /* one register of an edge is overwritten */ \
    }
#define PLANT_SAME(name) \
    PLANT(jmp, name, scalar_refine_same, struct scalar, (enum op which, bool taken, struct scalar a)) { \
        (void)which; (void)taken; (void)a; \
        return scalar_const(1); \
    }
static void check_jump(enum op which, bool taken, word x, word y, struct scalar a, struct scalar b) {
    const enum branch branch = scalar_branch(which, a, b);
    check("branch is not wrong", branch == BRANCH_UNKNOWN || branch == (taken ? BRANCH_TAKEN : BRANCH_NOT_TAKEN));
    scalar_refine(which, taken, &a, &b);
    check("first kept", scalar_contains(a, x));
    check("second kept", scalar_contains(b, y));
    check("not empty", !scalar_is_empty(a) && !scalar_is_empty(b));
}
static void check_jump_same(enum op which, bool taken, word x, struct scalar a) {
    const enum branch branch = scalar_branch_same(which, a);
    check("branch is not wrong", branch == BRANCH_UNKNOWN || branch == (taken ? BRANCH_TAKEN : BRANCH_NOT_TAKEN));
    check("kept", scalar_contains(scalar_refine_same(which, taken, a), x));
}
/* Each edge is a theorem of its own, so that neither holds because it is never taken, and the
 * optimiser cannot make one of both. */
#define EDGE_THEOREMS(op, width, edge, is_taken) \
    THEOREM(jmp, op##width##_REG_##edge) { \
        uses("scalar_assume"); \
        uses("scalar_never"); \
        const struct operands o = any_operands(); \
        ghost_pair(o.x, o.y); \
        ghost_pair(o.y, o.x); \
        assume(row_##op##width(o.x, o.y, false) == is_taken); \
        check_jump(OP_##op##width##_REG, is_taken, o.x, o.y, o.a, o.b); \
    } \
    PLANT_REFINE(op##width##_REG_##edge) \
    THEOREM(jmp, op##width##_IMM_##edge) { \
        uses("scalar_assume"); \
        uses("scalar_never"); \
        const word x = any_word("x"), y = any_immediate(); \
        const struct scalar a = any_scalar_with("a", x); \
        ghost_pair(x, y); \
        ghost_pair(y, x); \
        assume(row_##op##width(x, y, false) == is_taken); \
        check_jump(OP_##op##width##_IMM, is_taken, x, y, a, scalar_const(y)); \
    } \
    PLANT_REFINE(op##width##_IMM_##edge)
/* A register with itself: most comparisons go one way only. */
#define JUMP_THEOREMS(op, width) \
    EDGE_THEOREMS(op, width, taken, true) \
    EDGE_THEOREMS(op, width, not_taken, false) \
    THEOREM(jmp, op##width##_SAME) { \
        uses("scalar_assume"); \
        uses("scalar_never"); \
        const word x = any_word("x"); \
        const struct scalar a = any_scalar_with("a", x); \
        ghost_pair(x, 0); \
        if (row_##op##width(x, x, false)) \
            check_jump_same(OP_##op##width##_REG, true, x, a); \
        else \
            check_jump_same(OP_##op##width##_REG, false, x, a); \
    } \
    PLANT_SAME(op##width##_SAME)
#define JMP_COND(op, name, sym, code, expr) JUMP_THEOREMS(op, 32) JUMP_THEOREMS(op, 64)
#include "isa/jmp.def"
/* clang-format on */

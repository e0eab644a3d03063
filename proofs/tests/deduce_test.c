/* deduce_test.c: what is deduced holds, tried for all values of three-bit variables; chains and
 * choices that it is made for are deduced; and what is one step beyond them is not.
 */
#include "proofs/deduce.h"
#include "proofs/linear.h"
#include "tests/check.h"

enum {
    WIDTH = 3,
    VARS = 3,
    FACTS = 7,
    ROUNDS = 1500,
};

static uint64_t seed = 20240229;

static unsigned below(unsigned n) {
    return (unsigned)(check_random(&seed) >> 33) % n;
}

static const char *const names[VARS] = {"x", "y", "z"};

static term *value(struct terms *t) {
    term *const a = term_var(t, WIDTH, names[below(VARS)]);
    term *const b = term_var(t, WIDTH, names[below(VARS)]);
    switch (below(8)) {
    case 0: return term_const(t, WIDTH, below(1u << WIDTH));
    case 1: return term_ite(t, term_ult(t, a, b), a, b);
    case 2: return term_ite(t, term_slt(t, a, b), b, a);
    case 3: return term_add(t, a, b);
    default: return a;
    }
}

static term *comparison(struct terms *t) {
    term *const a = value(t), *const b = value(t);
    switch (below(5)) {
    case 0: return term_ult(t, a, b);
    case 1: return term_slt(t, a, b);
    case 2: return term_ule(t, a, b);
    case 3: return term_sle(t, a, b);
    default: return term_eq(t, a, b);
    }
}

static term *condition(struct terms *t, unsigned depth) {
    if (depth == 0)
        return comparison(t);
    switch (below(6)) {
    case 0: return term_and(t, condition(t, depth - 1), condition(t, depth - 1));
    case 1: return term_or(t, condition(t, depth - 1), condition(t, depth - 1));
    case 2: return term_not(t, condition(t, depth - 1));
    case 3: return term_ite(t, comparison(t), condition(t, depth - 1), condition(t, depth - 1));
    default: return comparison(t);
    }
}

static bool is_true(struct terms *t, term *x, const struct assignment *in) {
    uint64_t out[TERM_LIMBS];
    term_eval(t, x, in, out);
    return out[0] & 1;
}

/* equivalent: where the facts hold, for all values.  *consistent: some values satisfy the facts */
static bool equivalent(struct terms *t, term *const *facts, term *goal, term *left,
                       bool *consistent) {
    struct assigned vars[VARS];
    const struct assignment in = {vars, VARS};
    bool ok = true;
    *consistent = false;
    for (unsigned all = 0; all < 1u << (WIDTH * VARS); all++) {
        for (unsigned v = 0; v < VARS; v++)
            vars[v] = (struct assigned){names[v], {(all >> (WIDTH * v)) & ((1u << WIDTH) - 1)}};
        bool given = true;
        for (unsigned i = 0; i < FACTS && given; i++)
            given = is_true(t, facts[i], &in);
        *consistent |= given;
        ok &= !given || is_true(t, goal, &in) == is_true(t, left, &in);
    }
    return ok;
}

static void test_sound(void) {
    unsigned deduced = 0, consistent_ones = 0, all_implied = 0, simpler = 0;
    for (unsigned i = 0; i < check_rounds(ROUNDS); i++) {
        struct terms *const t = terms_new();
        term *facts[FACTS];
        for (unsigned j = 0; j < FACTS; j++) /* some true, so that most can hold together */
            facts[j] = below(3) == 0   ? condition(t, 2)
                       : below(2) == 0 ? comparison(t)
                                       : term_bool(t, true);
        term *const goal = condition(t, 2), *const left = deduce(t, facts, FACTS, goal);
        bool consistent;
        CHECK(equivalent(t, facts, goal, left, &consistent));
        simpler += left != goal && !term_is_const(left);
        deduced += term_is_true(left);
        consistent_ones += consistent && term_is_true(left);
        all_implied += consistent && equivalent(t, facts, goal, term_bool(t, true), &consistent);
        terms_free(t);
    }
    printf("%u goals: %u deduced, %u of them from facts that can hold; %u hold; %u made simpler\n",
           check_rounds(ROUNDS), deduced, consistent_ones, all_implied, simpler);
    CHECK(consistent_ones > all_implied / 3);
    CHECK(deduced > consistent_ones && simpler > check_rounds(ROUNDS) / 20);
}

static bool follows(struct terms *t, term *const *facts, size_t n, term *goal) {
    return term_is_true(deduce(t, facts, n, goal));
}

static term *var(struct terms *t, const char *name) {
    return term_var(t, 64, name);
}

static term *umin(struct terms *t, term *a, term *b) {
    return term_ite(t, term_ult(t, a, b), a, b);
}

static void test_made_for(void) {
    struct terms *const t = terms_new();
    term *const x = var(t, "x"), *const a = var(t, "a"), *const b = var(t, "b"),
                *const c = var(t, "c"), *const five = term_const(t, 64, 5),
                *const nine = term_const(t, 64, 9);

    term *const within[] = {term_ule(t, a, x), term_ule(t, x, b)};
    CHECK(follows(t, within, 2, term_ule(t, a, b)));
    CHECK(!follows(t, within, 2, term_ult(t, a, b)));
    CHECK(!follows(t, within, 2, term_sle(t, a, b)));
    CHECK(!follows(t, within, 1, term_ule(t, a, b)));

    term *const strict[] = {term_ult(t, a, x), term_ule(t, x, b)};
    CHECK(follows(t, strict, 2, term_ult(t, a, b)));
    CHECK(follows(t, strict, 2, term_ne(t, a, b)));

    /* through constants */
    term *const bounds[] = {term_ule(t, a, five), term_ule(t, nine, b)};
    CHECK(follows(t, bounds, 2, term_ult(t, a, b)));
    CHECK(!follows(t, bounds, 1, term_ult(t, a, b)));

    /* alternatives all but one of which are excluded */
    term *const either[] = {term_or(t, term_ult(t, b, a), term_ule(t, c, a)), term_ule(t, a, b)};
    CHECK(follows(t, either, 2, term_ule(t, c, b)));

    /* a minimum of what is not below a is not below a */
    term *const above[] = {term_ule(t, a, b), term_ule(t, a, c)};
    CHECK(follows(t, above, 2, term_ule(t, a, umin(t, b, c))));
    CHECK(!follows(t, above, 1, term_ule(t, a, umin(t, b, c))));
    CHECK(follows(t, above, 0, term_ule(t, umin(t, b, c), c)));

    /* a goal whose alternatives help each other; one that is a conjunction */
    CHECK(follows(t, NULL, 0, term_or(t, term_ult(t, a, b), term_ule(t, b, a))));
    CHECK(follows(t, NULL, 0,
                  term_or(t, term_not(t, term_and(t, term_ult(t, a, b), term_ult(t, b, c))),
                          term_ult(t, a, c))));
    CHECK(follows(t, within, 2, term_and(t, term_ule(t, a, b), term_ule(t, a, x))));

    /* from what contradicts itself, anything */
    term *const never[] = {term_ult(t, a, b), term_or(t, term_ult(t, b, a), term_eq(t, a, b))};
    CHECK(follows(t, never, 2, term_ult(t, c, x)));
    terms_free(t);
}

static void test_replace(void) {
    struct terms *const t = terms_new();
    term *const a = var(t, "a"), *const b = var(t, "b"), *const less = term_ult(t, a, b);
    term *roots[] = {term_ite(t, less, a, b), less};
    CHECK(term_replace(t, roots, 2, less, term_bool(t, true)));
    CHECK(roots[0] == a && term_is_true(roots[1]));
    terms_free(t);
}

/* Sums of sums, multiples and shifted ones keep their value for random values of the variables; x
 * that is added and taken away is gone, and what is the same multiple is one term. */
static term *shifted(struct terms *t, term *x, unsigned width, unsigned by) {
    return term_zext(t, 64, term_shl(t, term_low(t, width, x), term_const(t, width, by)));
}

static term *sum(struct terms *t, unsigned depth) {
    if (depth == 0)
        return below(5) == 0 ? term_const(t, 64, check_random(&seed)) : var(t, names[below(VARS)]);
    term *const a = sum(t, depth - 1), *const b = sum(t, depth - 1);
    switch (below(9)) {
    case 0: return term_neg(t, a);
    case 1: return term_sub(t, a, b);
    case 2: return term_ite(t, term_ult(t, a, b), a, term_sub(t, b, a));
    case 3: return term_mul(t, a, b);
    case 4: return term_mul(t, a, term_const(t, 64, check_random(&seed) >> below(64)));
    case 5: return term_shl(t, a, term_const(t, 64, below(64)));
    case 6: return shifted(t, a, 32, 1 + below(31));
    case 7: return term_xor(t, a, b);
    default: return term_add(t, a, b);
    }
}

static void test_linear(void) {
    unsigned changed = 0;
    for (unsigned i = 0; i < check_rounds(ROUNDS); i++) {
        struct terms *const t = terms_new();
        term *const x = sum(t, 5), *left = x;
        CHECK(term_linear(t, &left, 1));
        changed += left != x;
        for (unsigned j = 0; j < 4; j++) {
            struct assigned vars[VARS];
            uint64_t was[TERM_LIMBS], is[TERM_LIMBS];
            for (unsigned v = 0; v < VARS; v++)
                vars[v] = (struct assigned){names[v], {check_random(&seed)}};
            const struct assignment in = {vars, VARS};
            term_eval(t, x, &in, was);
            term_eval(t, left, &in, is);
            CHECK(was[0] == is[0]);
        }
        terms_free(t);
    }
    CHECK(changed > check_rounds(ROUNDS) / 4);

    struct terms *const t = terms_new();
    term *const x = var(t, "x"), *const up = var(t, "up"), *const down = var(t, "down");
    term *length = term_sub(t, term_add(t, x, up), term_sub(t, x, down));
    CHECK(term_linear(t, &length, 1) && length == term_add(t, up, down));

    /* 32 bits of products by 2^31 - 1, however they are made */
    term *const low = term_low(t, 32, x), *const by = term_const(t, 32, 31);
    term *const sign = term_sext(t, 32, term_extract(t, 63, 1, x));
    term *const q = term_sub(t, term_add(t, sign, low), sign);
    term *same[] = {term_mul(t, low, term_const(t, 32, 0x7fffffff)),
                    term_sub(t, term_shl(t, low, by), low), term_sub(t, term_shl(t, q, by), q),
                    term_neg(t, term_mul(t, term_neg(t, q), term_const(t, 32, 0x7fffffff))),
                    term_mul(t, term_neg(t, low), term_const(t, 32, 0x80000001))};
    CHECK(term_linear(t, same, 5));
    for (unsigned i = 1; i < 5; i++)
        CHECK(same[i] == same[0]);

    /* and 64 bits: what is shifted within 35 of them loses nothing */
    term *const wide = term_zext(t, 64, low);
    term *const times_8 = term_zext(t, 64, term_concat(t, low, term_const(t, 3, 0)));
    term *both[] = {term_sub(t, wide, times_8),
                    term_neg(t, term_mul(t, wide, term_const(t, 64, 7)))};
    CHECK(term_linear(t, both, 2) && both[0] == both[1]);
    terms_free(t);
}

int main(void) {
    test_linear();
    test_replace();
    test_made_for();
    test_sound();
    return check_end();
}

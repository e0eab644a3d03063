/* smt_test.c: terms mean to Z3 what they mean to term_eval; timeouts are timeouts; refutations have
 * values that refute.
 */
#include "proofs/smt.h"

#include "tests/check.h"

enum {
    POOL = 24,
    ROUNDS = 100,
};
static uint64_t seed = 20260131;

static unsigned below(unsigned n) {
    return (unsigned)(check_random(&seed) >> 33) % n;
}

/* struct pool: variables and what was made of them, of every width. */
struct pool {
    struct terms *t;
    term *of[POOL];
    unsigned n;
};

static term *some(const struct pool *p, unsigned width) {
    term *const a = p->of[below(p->n)];
    if (a->width == width)
        return a;
    if (a->width > width)
        return term_extract(p->t, below(a->width - width + 1u), width, a);
    return below(2) ? term_zext(p->t, width, a) : term_sext(p->t, width, a);
}

static term *constant(struct terms *t, unsigned width) {
    term *k = term_const(t, width < 64 ? width : 64, check_random(&seed) >> below(64));
    while (k->width < width)
        k = term_sext(t, k->width + 64u < width ? k->width + 64u : width,
                      term_xor(t, k, term_const(t, k->width, check_random(&seed))));
    return k;
}

static term *comparison(const struct pool *p) {
    static const unsigned widths[] = {1, 2, 8, 33, 64, 100};
    const unsigned w = widths[below(6)];
    term *const a = some(p, w), *const b = below(3) ? some(p, w) : constant(p->t, w);
    switch (below(4)) {
    case 0: return term_eq(p->t, a, b);
    case 1: return term_ult(p->t, a, b);
    case 2: return term_slt(p->t, a, b);
    default: return term_ule(p->t, b, a);
    }
}

static term *made(const struct pool *p) {
    static const unsigned widths[] = {1, 3, 8, 16, 32, 64, 65, 128, 200, 256};
    struct terms *const t = p->t;
    const unsigned w = widths[below(10)], kind = below(w == 1 ? 8 : 18);
    term *const a = some(p, w), *const b = below(4) ? some(p, w) : constant(t, w);
    if (kind >= 13 && w > 32 && kind < 17) /* division by more bits takes Z3 long */
        return term_add(t, a, b);
    switch (kind) {
    case 0: return term_and(t, a, b);
    case 1: return term_or(t, a, b);
    case 2: return term_xor(t, a, b);
    case 3: return term_not(t, a);
    case 4: return term_ite(t, comparison(p), a, b);
    case 5: return comparison(p);
    case 6: return term_add(t, a, b);
    case 7: return term_sub(t, a, b);
    case 8: return term_neg(t, a);
    case 9: return term_shl(t, a, b);
    case 10: return term_lshr(t, a, b);
    case 11: return term_ashr(t, a, b);
    case 12: return term_concat(t, term_low(t, w / 2, a), term_low(t, w - w / 2, b));
    case 13: return term_udiv(t, a, b);
    case 14: return term_urem(t, a, b);
    case 15: return term_sdiv(t, a, b);
    case 16: return term_srem(t, a, b);
    default: return w <= 64 ? term_mul(t, a, b) : term_sub(t, b, a);
    }
}

static term *of_limbs(struct terms *t, unsigned width, const uint64_t k[TERM_LIMBS]) {
    term *r = term_const(t, width < 64 ? width : 64, k[0]);
    for (unsigned at = 64; at < width; at += 64)
        r = term_concat(t, term_const(t, width - at < 64 ? width - at : 64, k[at / 64]), r);
    return r;
}

static enum smt_result ask(struct terms *t, term *const *assumed, size_t n, term *goal,
                           unsigned timeout_ms, struct smt_answer *a) {
    const struct smt_query q = {.name = "test",
                                .assumed = assumed,
                                .n_assumed = n,
                                .goal = goal,
                                .timeout_ms = timeout_ms,
                                .thorough = below(4) == 0};
    smt_prove(t, &q, a);
    return a->result;
}

/* one_term: with variables fixed, a term has the value that term_eval gives it, and no other. */
static void one_term(void) {
    static const unsigned widths[] = {1, 1, 8, 32, 64, 64, 128, 256};
    struct pool p = {.t = terms_new()};
    struct assigned in[8];
    term *assumed[8];
    char names[8][4];
    for (unsigned i = 0; i < 8; i++) {
        snprintf(names[i], sizeof names[i], "v%u", i);
        term *const v = term_var(p.t, widths[i], names[i]);
        term *const k = constant(p.t, widths[i]);
        term_eval(p.t, k, &(struct assignment){0}, in[i].k);
        in[i].name = names[i];
        assumed[i] = term_eq(p.t, v, k);
        p.of[p.n++] = v;
    }
    while (p.n < POOL) {
        p.of[p.n] = made(&p);
        p.n++;
    }
    term *all = term_bool(p.t, true), *bad = p.of[POOL - 1];
    uint64_t k[TERM_LIMBS];
    for (unsigned i = 8; i < POOL; i++) {
        term_eval(p.t, p.of[i], &(struct assignment){in, 8}, k);
        all = term_and(p.t, all, term_eq(p.t, p.of[i], of_limbs(p.t, p.of[i]->width, k)));
    }
    struct smt_answer a;
    CHECK_EQ(ask(p.t, assumed, 8, all, 60000, &a), SMT_PROVED);
    smt_answer_fini(&a);
    k[0] ^= 1;
    CHECK_EQ(ask(p.t, assumed, 8, term_eq(p.t, bad, of_limbs(p.t, bad->width, k)), 60000, &a),
             SMT_REFUTED);
    smt_answer_fini(&a);
    CHECK(!terms_failed(p.t));
    terms_free(p.t);
}

/* one_refutation: what Z3 finds refutes. */
static unsigned one_refutation(void) {
    static const unsigned widths[] = {1, 8, 32, 64, 128, 256};
    struct pool p = {.t = terms_new()};
    char name[4];
    for (unsigned i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "v%u", i);
        p.of[p.n++] = term_var(p.t, widths[i], name);
    }
    while (p.n < 12) {
        p.of[p.n] = made(&p);
        p.n++;
    }
    term *const assumed = comparison(&p), *const goal = comparison(&p);
    struct smt_answer a;
    unsigned found = 0;
    uint64_t k[TERM_LIMBS], h[TERM_LIMBS];
    if (ask(p.t, &assumed, 1, goal, 5000, &a) == SMT_REFUTED) {
        const struct assignment in = {a.model, a.n_model};
        term_eval(p.t, assumed, &in, k);
        term_eval(p.t, goal, &in, h);
        CHECK_EQ(k[0], 1);
        CHECK_EQ(h[0], 0);
        found = 1;
    }
    CHECK(a.result != SMT_ERROR);
    smt_answer_fini(&a);
    terms_free(p.t);
    return found;
}

static void timeouts(void) {
    struct terms *const t = terms_new();
    term *const x = term_zext(t, 128, term_var(t, 64, "x"));
    term *const y = term_zext(t, 128, term_var(t, 64, "y"));
    term *const big = term_const(t, 64, UINT64_C(18446744073709551557)); /* prime */
    term *const goal = term_or(
        t, term_ne(t, term_mul(t, x, y), term_zext(t, 128, big)),
        term_or(t, term_eq(t, x, term_const(t, 128, 1)), term_eq(t, y, term_const(t, 128, 1))));
    struct smt_answer a;
    CHECK_EQ(ask(t, NULL, 0, goal, 300, &a), SMT_TIMEOUT);
    CHECK(a.seconds < 20);
    smt_answer_fini(&a);
    terms_free(t);
}

/* abstraction: that something can be is not believed of products that are not multiplied. */
static void abstraction(void) {
    struct terms *const t = terms_new();
    term *const x = term_var(t, 64, "x"), *const y = term_var(t, 64, "y");
    term *const two = term_const(t, 64, 2), *const four = term_const(t, 64, 4);
    term *assumed[] = {term_ult(t, x, four), term_ult(t, y, four), term_ule(t, two, x),
                       term_ule(t, two, y), term_eq(t, term_mul(t, x, y), term_const(t, 64, 5))};
    struct smt_query q = {.name = "test",
                          .assumed = assumed,
                          .n_assumed = 5,
                          .timeout_ms = 30000,
                          .products = PRODUCTS_KNOWN};
    struct smt_answer a;
    smt_satisfiable(t, &q, &a);
    CHECK_EQ(a.result, SMT_REFUTED);
    smt_answer_fini(&a);
    assumed[4] = term_eq(t, term_mul(t, x, y), term_const(t, 64, 6));
    smt_satisfiable(t, &q, &a);
    CHECK_EQ(a.result, SMT_PROVED);
    smt_answer_fini(&a);
    terms_free(t);
}

int main(void) {
    const unsigned rounds = check_rounds(ROUNDS);
    unsigned found = 0;
    for (unsigned i = 0; i < rounds; i++) {
        one_term();
        found += one_refutation();
    }
    timeouts();
    abstraction();
    printf("%u terms, %u refutations\n", rounds * (POOL - 8), found);
    CHECK(found > rounds / 2);
    return check_end();
}

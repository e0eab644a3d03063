/* products_test.c: rewriting keeps the meaning, and every lemma is true.
 *
 * Random queries with products, quotients and remainders of both kinds are rewritten. For random
 * values, each variable gets the value of what it stands for; then the rewritten query must have
 * the value of the original one, and every lemma must hold. A false lemma would prove anything.
 */
#include "proofs/products.h"

#include <stdlib.h>

#include "tests/check.h"

enum {
    INPUTS = 4,
    ROUNDS = 150,
    VALUES = 40, /* for each query */
};

static uint64_t seed = 4711;

static unsigned below(unsigned n) {
    return (unsigned)(check_random(&seed) >> 33) % n;
}

static uint64_t interesting(void) {
    const uint64_t one = UINT64_C(1) << below(64);
    switch (below(8)) {
    case 0: return below(4);
    case 1: return UINT64_MAX - below(3);
    case 2: return one;
    case 3: return one - 1;
    case 4: return UINT64_C(0) - one;
    case 5: return check_random(&seed) >> below(64);
    case 6: return (uint64_t)INT64_MIN + below(2);
    default: return check_random(&seed);
    }
}

/* operand: an input, or something made of inputs. */
static term *operand(struct terms *t, term *const *in) {
    term *const a = in[below(INPUTS)], *const b = in[below(INPUTS)];
    switch (below(8)) {
    case 0: return term_add(t, a, b);
    case 1: return term_neg(t, a);
    case 2: return term_const(t, 64, interesting());
    case 3: return term_ite(t, term_ult(t, a, b), a, b);
    case 4: return term_zext(t, 64, term_low(t, 32, a));
    default: return a;
    }
}

static term *product(struct terms *t, term *a, term *b) {
    term *const za = term_zext(t, 128, a), *const zb = term_zext(t, 128, b);
    term *const sa = term_sext(t, 128, a), *const sb = term_sext(t, 128, b);
    term *const la = term_low(t, 32, a), *const lb = term_low(t, 32, b);
    switch (below(9)) {
    case 0: return term_mul(t, a, b);
    case 1: return term_extract(t, 64, 64, term_mul(t, za, zb));
    case 2: return term_extract(t, 64, 64, term_mul(t, sa, sb));
    case 3: return term_udiv(t, a, b);
    case 4: return term_urem(t, a, b);
    case 5: return term_sdiv(t, a, b);
    case 6: return term_srem(t, a, b);
    case 7: return term_zext(t, 64, term_mul(t, la, lb));
    default: return term_sext(t, 64, term_sdiv(t, la, lb));
    }
}

static uint64_t low(struct terms *t, term *a, const struct assigned *values, size_t n) {
    const struct assignment in = {values, n};
    uint64_t k[TERM_LIMBS];
    term_eval(t, a, &in, k);
    return k[0];
}

static void try_values(struct terms *t, term *root, const struct products *p) {
    static const char *const names[INPUTS] = {"a", "b", "c", "d"};
    struct assigned *const values = calloc(INPUTS + p->n_vars, sizeof *values);
    size_t n = 0;
    if (!CHECK(values))
        return;
    for (unsigned i = 0; i < INPUTS; i++)
        values[n++] = (struct assigned){names[i], {interesting()}};
    if (below(2))
        values[1].k[0] = values[0].k[0];
    for (size_t i = 0; i < p->n_vars; i++) {
        const struct assignment in = {values, n};
        values[n].name = p->vars[i].var->u.name;
        term_eval(t, p->vars[i].real, &in, values[n].k);
        n++;
    }
    CHECK_EQ(low(t, p->roots[0], values, n), low(t, root, values, n));
    for (size_t i = 0; i < p->n_lemmas; i++)
        if (!CHECK(low(t, p->lemmas[i], values, n) == 1)) {
            char text[400];
            term_text(p->lemmas[i], text, sizeof text);
            printf("    lemma %zu: %s\n", i, text);
        }
    free(values);
}

static size_t one_query(void) {
    struct terms *const t = terms_new();
    if (!CHECK(t))
        return 0;
    term *const in[INPUTS] = {term_var(t, 64, "a"), term_var(t, 64, "b"), term_var(t, 64, "c"),
                              term_var(t, 64, "d")};
    term *root = term_const(t, 64, 0);
    for (unsigned i = 1 + below(3); i > 0; i--)
        root = term_xor(t, root, product(t, operand(t, in), operand(t, in)));
    struct products p;
    size_t n_lemmas = 0;
    if (CHECK(products_make(t, &root, 1, below(2) ? PRODUCTS_KNOWN : PRODUCTS_NAMED, &p))) {
        n_lemmas = p.n_lemmas;
        for (unsigned i = 0; i < VALUES; i++)
            try_values(t, root, &p);
    }
    products_fini(&p);
    terms_free(t);
    return n_lemmas;
}

int main(void) {
    size_t lemmas = 0;
    for (unsigned i = check_rounds(ROUNDS); i; i--)
        lemmas += one_query();
    printf("%zu lemmas\n", lemmas);
    CHECK(lemmas > check_rounds(1000));
    return check_end();
}

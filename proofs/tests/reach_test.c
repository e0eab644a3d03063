/* reach_test.c: values are found where there are some, also where the first ones found do not do
 * for the rest; and none where what is assumed cannot be, however far it is from the place.
 */
#include "proofs/reach.h"

#include "tests/check.h"

static struct terms *t;

static term *var(const char *name) {
    return term_var(t, 64, name);
}

static term *word(uint64_t x) {
    return term_const(t, 64, x);
}

static enum smt_result ask(term *const *assumed, size_t n, term *reached) {
    const struct smt_query q = {
        .name = "reach", .assumed = assumed, .n_assumed = n, .timeout_ms = 20000};
    struct smt_answer a;
    reach(t, &q, reached, &a);
    if (a.result == SMT_PROVED)
        CHECK(reach_shows(t, assumed, n, reached, &a));
    smt_answer_fini(&a);
    return a.result;
}

int main(void) {
    t = terms_new();
    if (!CHECK(t))
        return check_end();
    term *const x = var("x"), *const y = var("y"), *const z = var("z.min"), *const u = var("z.max");
    term *const reached = term_ult(t, x, word(1000));
    term *const chain[] = {term_ult(t, x, y), term_ule(t, y, z), term_ule(t, z, u)};
    CHECK_EQ(ask(chain, 3, reached), SMT_PROVED);
    CHECK_EQ(ask(chain, 0, reached), SMT_PROVED);
    CHECK_EQ(ask(chain, 3, term_bool(t, true)), SMT_PROVED);
    CHECK_EQ(ask(chain, 3, term_bool(t, false)), SMT_REFUTED);

    /* x is chosen first, whatever it is; only one x does for y: all at once */
    term *const sum = term_add(t, term_mul(t, x, x), word(1));
    term *const one[] = {term_ule(t, x, word(999)), term_eq(t, y, sum),
                         term_eq(t, y, word(777 * 777 + 1))};
    CHECK_EQ(ask(one, 3, reached), SMT_PROVED);

    /* nothing that the place hangs on, and it cannot be */
    term *const none[] = {term_ult(t, x, y), term_ult(t, z, u), term_ult(t, u, z)};
    CHECK_EQ(ask(none, 3, reached), SMT_REFUTED);
    CHECK_EQ(ask(none, 3, term_bool(t, true)), SMT_REFUTED);
    CHECK_EQ(ask(none, 2, reached), SMT_PROVED);
    terms_free(t);
    return check_end();
}

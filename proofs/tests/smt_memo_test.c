/* smt_memo_test.c: a memo says of a question what trying all values says, or nothing; it says what
 * it can, and remembers nothing that is not certain.
 */
#include "proofs/smt_memo.h"

#include <stdlib.h>

#include "tests/check.h"

enum {
    BITS = 3,
    ATOMS = 10,
    QUESTIONS = 4000,
    STORES = 5,
};

static uint64_t seed = 20261127;

static unsigned below(unsigned n) {
    return (unsigned)(check_random(&seed) >> 33) % n;
}

static term *some(struct terms *t, unsigned depth) {
    static const char *const names[] = {"x", "y", "z"};
    if (depth == 0 || below(4) == 0)
        return below(4) ? term_var(t, BITS, names[below(3)])
                        : term_const(t, BITS, below(1u << BITS));
    term *const a = some(t, depth - 1), *const b = some(t, depth - 1);
    switch (below(4)) {
    case 0: return term_add(t, a, b);
    case 1: return term_and(t, a, b);
    case 2: return term_mul(t, a, b);
    default: return term_xor(t, a, b);
    }
}

static term *atom(struct terms *t) {
    term *const a = some(t, 2), *const b = some(t, 1);
    return below(2) ? term_eq(t, a, b) : below(2) ? term_ult(t, a, b) : term_slt(t, a, b);
}

/* assign: the i-th of all values. */
static struct assignment assign(struct assigned vars[3], unsigned i) {
    vars[0] = (struct assigned){.name = "x", .k = {i % (1u << BITS)}};
    vars[1] = (struct assigned){.name = "y", .k = {(i >> BITS) % (1u << BITS)}};
    vars[2] = (struct assigned){.name = "z", .k = {i >> 2 * BITS}};
    return (struct assignment){vars, 3};
}

/* try_all: what a solver would say; its model in vars. */
static struct smt_answer try_all(struct terms *t, term *const *roots, size_t n,
                                 struct assigned vars[3]) {
    const unsigned first = below(1u << 3 * BITS);
    for (unsigned i = 0; i < 1u << 3 * BITS; i++) {
        const struct assignment in = assign(vars, (first + i) % (1u << 3 * BITS));
        if (terms_hold(t, roots, n, &in))
            return (struct smt_answer){.result = SMT_REFUTED, .model = vars, .n_model = 3};
    }
    return (struct smt_answer){.result = SMT_PROVED};
}

/* is_below: is that variable one of the roots'? */
static bool is_below(const struct terms *t, term *const *roots, size_t n, const char *name) {
    term **list;
    bool found = false;
    const size_t count = term_below(t, roots, n, &list);
    for (size_t i = 0; i < count; i++)
        found |= list[i]->op == TERM_VAR && strcmp(list[i]->u.name, name) == 0;
    free((void *)list);
    return found;
}

struct tally {
    unsigned said[2]; /* by enum smt_result: PROVED, REFUTED */
};

static void ask(struct smt_memo *m, struct terms *t, term *const *roots, size_t n,
                struct tally *tally) {
    struct assigned vars[3];
    struct smt_answer known;
    const struct smt_answer truth = try_all(t, roots, n, vars);
    if (!smt_memo_knows(m, roots, n, &known)) {
        smt_memo_note(m, roots, n, &truth);
        CHECK(smt_memo_knows(m, roots, n, &known));
        CHECK_EQ(known.result, truth.result);
        smt_answer_fini(&known);
        return;
    }
    CHECK_EQ(known.result, truth.result);
    CHECK(!known.abstract);
    if (known.result == SMT_REFUTED) {
        const struct assignment in = {known.model, known.n_model};
        CHECK(terms_hold(t, roots, n, &in));
        for (size_t i = 0; i < known.n_model; i++)
            CHECK(is_below(t, roots, n, known.model[i].name));
    }
    tally->said[known.result == SMT_REFUTED]++;
    smt_answer_fini(&known);
}

static void as_all_values(struct tally *tally) {
    struct terms *const t = terms_new();
    struct smt_memo *const m = smt_memo_new(t);
    term *atoms[ATOMS];
    for (unsigned i = 0; i < ATOMS; i++)
        atoms[i] = atom(t);
    for (unsigned i = 0; i < check_rounds(QUESTIONS) / STORES; i++) {
        term *roots[5];
        const size_t n = 1 + below(4);
        for (size_t k = 0; k < n; k++)
            roots[k] = below(2) ? atoms[below(ATOMS)] : term_not(t, atoms[below(ATOMS)]);
        ask(m, t, roots, n, tally);
    }
    smt_memo_free(m);
    terms_free(t);
}

/* exactly: no order, no repetition; but neither fewer roots nor others. */
static void exactly(void) {
    struct terms *const t = terms_new();
    struct smt_memo *const m = smt_memo_new(t);
    term *const a = term_var(t, 1, "a"), *const b = term_var(t, 1, "b");
    term *const c = term_var(t, 1, "c"), *const d = term_var(t, 1, "d");
    struct smt_answer known;
    const struct smt_answer never = {.result = SMT_PROVED};
    smt_memo_note(m, (term *const[]){c, a, b}, 3, &never);
    CHECK(smt_memo_knows(m, (term *const[]){a, b, c}, 3, &known) && known.result == SMT_PROVED);
    CHECK(smt_memo_knows(m, (term *const[]){b, a, c, b}, 4, &known) && known.result == SMT_PROVED);
    CHECK(!smt_memo_knows(m, (term *const[]){a, b}, 2, &known));
    CHECK(!smt_memo_knows(m, (term *const[]){a, b, d}, 3, &known));
    CHECK(!smt_memo_knows(m, (term *const[]){a, b, c, d}, 4, &known));
    smt_memo_free(m);
    smt_memo_free(NULL);
    terms_free(t);
}

/* certain: what is no certain answer is none. */
static void certain(void) {
    struct terms *const t = terms_new();
    struct smt_memo *const m = smt_memo_new(t);
    term *const a = term_var(t, 1, "a");
    struct assigned yes = {.name = "a", .k = {1}};
    struct smt_answer known;
    const struct smt_answer answers[] = {
        {.result = SMT_TIMEOUT},
        {.result = SMT_ERROR},
        {.result = SMT_REFUTED, .abstract = true, .model = &yes, .n_model = 1}};
    for (unsigned i = 0; i < 3; i++) {
        smt_memo_note(m, &a, 1, &answers[i]);
        CHECK(!smt_memo_knows(m, &a, 1, &known));
    }
    const struct smt_answer values = {.result = SMT_REFUTED, .model = &yes, .n_model = 1};
    smt_memo_note(m, &a, 1, &values);
    CHECK(smt_memo_knows(m, &a, 1, &known) && known.result == SMT_REFUTED);
    CHECK(known.n_model == 1 && known.model[0].k[0] == 1);
    smt_answer_fini(&known);
    smt_memo_free(m);
    terms_free(t);
}

/* asked_first: a query with a memo is answered by it, also falsely, and tells it what is new. */
static void asked_first(void) {
    struct terms *const t = terms_new();
    struct smt_memo *const m = smt_memo_new(t);
    term *const x = term_var(t, 64, "x"), *const small = term_ult(t, x, term_const(t, 64, 9));
    term *const wide = term_ult(t, x, term_const(t, 64, 10)), *const no = term_not(t, wide);
    struct smt_query q = {
        .name = "memo", .assumed = &small, .n_assumed = 1, .goal = wide, .timeout_ms = 20000};
    struct smt_answer a;
    q.memo = m;
    CHECK(!smt_memo_knows(m, (term *const[]){small, no}, 2, &a));
    smt_prove(t, &q, &a);
    CHECK_EQ(a.result, SMT_PROVED);
    CHECK(smt_memo_knows(m, (term *const[]){small, no}, 2, &a) && a.result == SMT_PROVED);

    q.assumed = &wide;
    q.goal = small;
    smt_memo_note(m, (term *const[]){wide, term_not(t, small)}, 2,
                  &(struct smt_answer){.result = SMT_PROVED});
    smt_prove(t, &q, &a);
    CHECK_EQ(a.result, SMT_PROVED);
    q.memo = NULL;
    smt_prove(t, &q, &a);
    CHECK_EQ(a.result, SMT_REFUTED);
    smt_answer_fini(&a);
    smt_memo_free(m);
    terms_free(t);
}

int main(void) {
    const unsigned questions = check_rounds(QUESTIONS);
    struct tally tally = {0};
    for (unsigned i = 0; i < STORES; i++)
        as_all_values(&tally);
    printf("%u contradictions and %u values were known of %u questions\n", tally.said[0],
           tally.said[1], questions);
    CHECK(tally.said[0] > questions / 50);
    CHECK(tally.said[1] > questions / 10);
    exactly();
    certain();
    asked_first();
    return check_end();
}

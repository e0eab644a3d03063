/* dump_test.c: queries that Z3 was asked are dumped such that cvc5 understands them, with the
 * answer; a lie in a dump is found.
 */
#include <stdlib.h>
#include <unistd.h>

#include "proofs/crosscheck.h"
#include "proofs/smt.h"
#include "tests/check.h"

static char dir[] = "/tmp/bpflab-dump-XXXXXX";

static enum smt_result ask(struct terms *t, const char *name, term *goal) {
    struct smt_answer a;
    const struct smt_query q = {.name = name, .goal = goal, .timeout_ms = 20000, .dump = dir};
    smt_prove(t, &q, &a);
    const enum smt_result r = a.result;
    smt_answer_fini(&a);
    return r;
}

/* path_of: of a dumped query. */
static void path_of(const char *name, char path[400]) {
    snprintf(path, 400, "%s/%s", dir, name);
}

int main(void) {
    char path[400], err[160], long_name[200];
    struct cross_query *queries;
    size_t n;
    if (!cross_has("cvc5"))
        return check_skip("cvc5 is not installed");
    CHECK(mkdtemp(dir) != NULL);
    struct terms *t = terms_new();
    term *const x = term_var(t, 64, "x"), *const y = term_var(t, 64, "y");
    term *const sum = term_add(t, term_and(t, x, y), term_or(t, x, y));
    memset(long_name, 'n', sizeof long_name);
    long_name[sizeof long_name - 1] = 0;
    CHECK_EQ(ask(t, "tnum/add@O0: holds", term_eq(t, sum, term_add(t, x, y))), SMT_PROVED);
    CHECK_EQ(ask(t, "tnum/add@O0: not", term_eq(t, sum, term_sub(t, x, y))), SMT_REFUTED);
    CHECK_EQ(ask(t, long_name, term_ule(t, term_and(t, x, y), y)), SMT_PROVED);
    long_name[sizeof long_name - 2] =
        'm'; /* names that differ in the end have files of their own */
    CHECK_EQ(ask(t, long_name, term_ule(t, term_and(t, x, y), x)), SMT_PROVED);
    terms_free(t);

    struct cross_options opt = {.program = "cvc5", .dir = dir, .jobs = 2, .timeout_ms = 60000};
    CHECK(crosscheck_run(&opt, &queries, &n, err));
    CHECK_EQ(n, 4);
    for (size_t i = 0; i < n; i++)
        CHECK_EQ(cross_verdict_of(&queries[i]), CROSS_AGREE);
    free(queries);

    path_of("tnum_add@O0__not.smt2", path);
    FILE *f = fopen(path, "a");
    CHECK(f && fputs("; answer: unsat\n", f) >= 0 && fclose(f) == 0);
    CHECK(crosscheck_run(&opt, &queries, &n, err));
    size_t n_differ = 0;
    for (size_t i = 0; i < n; i++)
        n_differ += cross_verdict_of(&queries[i]) == CROSS_DISAGREE;
    CHECK_EQ(n_differ, 1);
    for (size_t i = 0; i < n; i++) {
        path_of(queries[i].name, path);
        CHECK(unlink(path) == 0);
    }
    free(queries);
    CHECK(rmdir(dir) == 0);
    return check_end();
}

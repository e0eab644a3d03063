/* dump_test.c: queries that Z3 was asked are dumped such that cvc5 understands them, with the
 * answer; a lie in a dump is found.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "proofs/crosscheck.h"
#include "proofs/smt.h"
#include "tests/check.h"

static char dir[] = "/tmp/bpflab-dump-XXXXXX";

static struct smt_dump files = {.dir = dir, .unit = "tnum/add@O0"};

static enum smt_result ask(struct terms *t, const char *name, term *goal) {
    struct smt_answer a;
    const struct smt_query q = {.name = name, .goal = goal, .timeout_ms = 20000, .dump = &files};
    smt_prove(t, &q, &a);
    const enum smt_result r = a.result;
    smt_answer_fini(&a);
    return r;
}

/* path_of: of a dumped query. */
static void path_of(uint32_t i, char path[400]) {
    char name[SMT_DUMP_NAME];
    smt_dump_name(files.unit, i, name);
    snprintf(path, 400, "%s/%s", dir, name);
}

static bool is_first_line(uint32_t i, const char *want) {
    char path[400], line[400] = "";
    path_of(i, path);
    FILE *const f = fopen(path, "r");
    const bool ok = f && fgets(line, sizeof line, f) && strcmp(line, want) == 0;
    if (f)
        fclose(f);
    return ok;
}

enum {
    QUERIES = 4
};

/* count: queries of one verdict. */
static size_t count(const struct cross_query *q, enum cross_verdict v) {
    size_t n = 0;
    for (size_t i = 0; i < QUERIES; i++)
        n += cross_verdict_of(&q[i]) == v;
    return n;
}

int main(void) {
    char path[400], err[160];
    struct cross_query queries[QUERIES] = {0};
    if (!cross_has("cvc5"))
        return check_skip("cvc5 is not installed");
    CHECK(mkdtemp(dir) != NULL);
    struct terms *t = terms_new();
    term *const x = term_var(t, 64, "x"), *const y = term_var(t, 64, "y");
    term *const sum = term_add(t, term_and(t, x, y), term_or(t, x, y));
    CHECK_EQ(ask(t, "holds", term_eq(t, sum, term_add(t, x, y))), SMT_PROVED);
    CHECK_EQ(ask(t, "not", term_eq(t, sum, term_sub(t, x, y))), SMT_REFUTED);
    /* queries of one name have files of their own */
    CHECK_EQ(ask(t, "bound", term_ule(t, term_and(t, x, y), y)), SMT_PROVED);
    CHECK_EQ(ask(t, "bound", term_ule(t, term_and(t, x, y), x)), SMT_PROVED);
    terms_free(t);
    CHECK_EQ(files.n, QUERIES);
    CHECK_EQ(files.error, 0);
    CHECK(is_first_line(0, "; tnum/add@O0: holds\n"));
    CHECK(is_first_line(3, "; tnum/add@O0: bound\n"));

    const struct cross_options opt = {
        .program = "cvc5", .dir = dir, .jobs = 2, .timeout_ms = 60000};
    for (uint32_t i = 0; i < QUERIES; i++)
        smt_dump_name(files.unit, i, queries[i].name);
    CHECK(crosscheck_run(&opt, queries, QUERIES, err));
    CHECK_EQ(count(queries, CROSS_AGREE), QUERIES);

    path_of(1, path);
    FILE *f = fopen(path, "a");
    CHECK(f && fputs("; answer: unsat\n", f) >= 0 && fclose(f) == 0);
    path_of(2, path);
    CHECK(unlink(path) == 0);
    CHECK(crosscheck_run(&opt, queries, QUERIES, err));
    CHECK_EQ(count(queries, CROSS_DISAGREE), 1);
    CHECK_EQ(count(queries, CROSS_FAILED), 1);
    for (uint32_t i = 0; i < QUERIES; i++) {
        path_of(i, path);
        CHECK(i == 2 || unlink(path) == 0);
    }
    CHECK(rmdir(dir) == 0);

    /* what cannot be written is not passed over */
    smt_dump_query(&files, "lost", "QF_BV", "");
    smt_dump_answer(&files, SMT_SAID_UNSAT);
    CHECK_EQ(files.error, ENOENT);
    return check_end();
}

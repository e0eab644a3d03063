/* crosscheck_test.c: a stand-in for the other solver, which answers as the file's name says: right
 * answers agree, wrong ones do not, and neither silence, nor nonsense, nor lateness is agreement.
 */
#include "proofs/crosscheck.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/check.h"

static char dir[] = "/tmp/bpflab-cross-XXXXXX";

static void put(const char *name, const char *text, bool runs) {
    char path[200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
    CHECK(!runs || chmod(path, 0755) == 0);
}

static void drop(const char *name) {
    char path[200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    CHECK(unlink(path) == 0);
}

static const struct {
    const char *name, *text;
    enum cross_answer recorded, other;
    enum cross_verdict verdict;
} files[] = {
    {"crash.smt2", "; answer: unsat\n", CROSS_UNSAT, CROSS_NONE, CROSS_FAILED},
    {"flood.smt2", "; answer: unsat\n", CROSS_UNSAT, CROSS_UNSAT, CROSS_AGREE},
    {"hang.smt2", "; answer: unsat\n", CROSS_UNSAT, CROSS_UNKNOWN, CROSS_OPEN},
    {"nonsense.smt2", "; answer: unsat\n", CROSS_UNSAT, CROSS_NONE, CROSS_FAILED},
    {"sat1.smt2", "; answer: sat\n", CROSS_SAT, CROSS_SAT, CROSS_AGREE},
    {"sat2.smt2", "; answer: unsat\n", CROSS_UNSAT, CROSS_SAT, CROSS_DISAGREE},
    {"unknown.smt2", "; answer: sat\n", CROSS_SAT, CROSS_UNKNOWN, CROSS_OPEN},
    {"unsat1.smt2", "(check-sat)\n; answer: unsat\n", CROSS_UNSAT, CROSS_UNSAT, CROSS_AGREE},
    {"unsat2.smt2", "(set-info :status sat)\n", CROSS_SAT, CROSS_UNSAT, CROSS_DISAGREE},
    {"unsat3.smt2", "(check-sat)\n", CROSS_NONE, CROSS_UNSAT, CROSS_FAILED},
    {"unsat4.smt2", "; answer: unknown\n", CROSS_UNKNOWN, CROSS_UNSAT, CROSS_OPEN},
    {"unsat5.smt2", "; answer: unsatisfying\n", CROSS_NONE, CROSS_UNSAT, CROSS_FAILED},
};
enum {
    FILES = sizeof files / sizeof files[0]
};

static const char solver[] = "#!/bin/sh\n"
                             "case $1 in\n"
                             "*/crash*) kill -9 $$;;\n"
                             "*/flood*) echo unsat; head -c 300000 /dev/zero;;\n"
                             "*/hang*) exec sleep 600;;\n"
                             "*/nonsense*) echo '(error \"what?\")'; exit 1;;\n"
                             "*/unsat*) echo unsat;;\n"
                             "*/sat*) echo sat;;\n"
                             "*) echo unknown;;\n"
                             "esac\n";

int main(void) {
    char program[200], err[160];
    struct cross_query *queries;
    size_t n;
    CHECK(mkdtemp(dir) != NULL);
    put("solver", solver, true);
    put("notes.txt", "; answer: unsat\n", false);
    for (int i = 0; i < FILES; i++)
        put(files[i].name, files[i].text, false);
    snprintf(program, sizeof program, "%s/solver", dir);
    CHECK(cross_has(program) && cross_has("sh"));
    CHECK(!cross_has("bpflab-no-such-solver"));
    struct cross_options opt = {.program = program, .dir = dir, .jobs = 3, .timeout_ms = 3000};
    CHECK(crosscheck_run(&opt, &queries, &n, err));
    CHECK_EQ(n, FILES);
    for (size_t i = 0; i < n && n == FILES; i++) {
        check_note(files[i].name);
        CHECK_STR(queries[i].name, files[i].name);
        CHECK_EQ(queries[i].recorded, files[i].recorded);
        CHECK_EQ(queries[i].other, files[i].other);
        CHECK_EQ(cross_verdict_of(&queries[i]), files[i].verdict);
    }
    check_note(NULL);
    free(queries);
    opt.since = time(NULL) + 1000;
    CHECK(crosscheck_run(&opt, &queries, &n, err) && n == 0);
    free(queries);
    opt.since = 0;
    opt.program = "bpflab-no-such-solver";
    CHECK(!crosscheck_run(&opt, &queries, &n, err) && n == 0);
    opt.dir = "/no/such/place";
    CHECK(!crosscheck_run(&opt, &queries, &n, err));
    for (int i = 0; i < FILES; i++)
        drop(files[i].name);
    drop("solver");
    drop("notes.txt");
    CHECK(rmdir(dir) == 0);
    return check_end();
}

/* crosscheck_test.c: a stand-in for the other solver, which answers as the file's name says: right
 * answers agree, wrong ones do not, and neither silence, nor nonsense, nor lateness is agreement.
 */
#include "proofs/crosscheck.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
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
    {"first.smt2", "; answer: unsat\n", CROSS_UNSAT, CROSS_UNSAT, CROSS_AGREE},
    {"flood.smt2", "; answer: unsat\n", CROSS_UNSAT, CROSS_UNSAT, CROSS_AGREE},
    {"hang.smt2", "; answer: unsat\n", CROSS_UNSAT, CROSS_UNKNOWN, CROSS_OPEN},
    {"late.smt2", "; answer: sat\n", CROSS_SAT, CROSS_SAT, CROSS_AGREE},
    {"nonsense.smt2", "; answer: unsat\n", CROSS_UNSAT, CROSS_NONE, CROSS_FAILED},
    {"sat1.smt2", "; answer: sat\n", CROSS_SAT, CROSS_SAT, CROSS_AGREE},
    {"sat2.smt2", "; answer: unsat\n", CROSS_UNSAT, CROSS_SAT, CROSS_DISAGREE},
    {"second.smt2", "; answer: sat\n", CROSS_SAT, CROSS_UNSAT, CROSS_DISAGREE},
    {"unable.smt2", "; answer: sat\n", CROSS_SAT, CROSS_SAT, CROSS_AGREE},
    {"unknown.smt2", "; answer: sat\n", CROSS_SAT, CROSS_UNKNOWN, CROSS_OPEN},
    {"unsat1.smt2", "(check-sat)\n; answer: unsat\n", CROSS_UNSAT, CROSS_UNSAT, CROSS_AGREE},
    {"unsat2.smt2", "; answer: sat\n", CROSS_SAT, CROSS_UNSAT, CROSS_DISAGREE},
    {"unsat3.smt2", "(check-sat)\n", CROSS_NONE, CROSS_NONE, CROSS_FAILED},
    {"unsat4.smt2", "; answer: unknown\n", CROSS_UNKNOWN, CROSS_UNSAT, CROSS_OPEN},
    {"unsat5.smt2", "; answer: unsatisfying\n", CROSS_NONE, CROSS_NONE, CROSS_FAILED},
    {"unsat6.smt2", "; answer: replaced\n", CROSS_REPLACED, CROSS_NONE, CROSS_SKIPPED},
};
enum {
    FILES = sizeof files / sizeof files[0]
};

static const char solver[] = "#!/bin/sh\n"
                             "[ $# = 1 ] && set -- own \"$1\"\n"
                             "case $1$2 in\n"
                             "--fast*/second*) echo unknown;;\n"
                             "own*/second*) echo unsat;;\n"
                             "--fast*/late*) exec sleep 600;;\n"
                             "own*/late*) echo sat;;\n"
                             "own*/first*) echo sat;;\n"
                             "own*/unable*) echo sat;;\n"
                             "--fast*/unable*) echo '(error \"not that\")'; exit 1;;\n"
                             "--fast*/first*) echo unsat;;\n"
                             "*/crash*) kill -9 $$;;\n"
                             "*/flood*) echo unsat; head -c 300000 /dev/zero;;\n"
                             "*/hang*) exec sleep 600;;\n"
                             "*/nonsense*) echo '(error \"what?\")'; exit 1;;\n"
                             "*/unsat*) echo unsat;;\n"
                             "*/sat*) echo sat;;\n"
                             "*) echo unknown;;\n"
                             "esac\n";

static volatile sig_atomic_t stop;

static void stop_now(void *self, size_t n_done, size_t n) {
    (void)self, (void)n_done, (void)n;
    stop = 1;
}

int main(void) {
    char program[200], err[160];
    struct cross_query queries[FILES + 1] = {0};
    CHECK(mkdtemp(dir) != NULL);
    put("solver", solver, true);
    for (int i = 0; i < FILES; i++) {
        put(files[i].name, files[i].text, false);
        snprintf(queries[i].name, sizeof queries[i].name, "%s", files[i].name);
    }
    snprintf(queries[FILES].name, sizeof queries[FILES].name, "unsat, but missing.smt2");
    snprintf(program, sizeof program, "%s/solver", dir);
    CHECK(cross_has(program) && cross_has("sh"));
    CHECK(!cross_has("bpflab-no-such-solver"));
    static const char *const ways[] = {"--fast", NULL};
    struct cross_options opt = {
        .program = program, .ways = ways, .n_ways = 2, .dir = dir, .jobs = 3, .timeout_ms = 6000};
    /* what was never asked is no agreement */
    CHECK_EQ(cross_verdict_of(&queries[0]), CROSS_LEFT);
    CHECK(crosscheck_run(&opt, queries, FILES + 1, err));
    for (int i = 0; i < FILES; i++) {
        check_note(files[i].name);
        CHECK_STR(queries[i].name, files[i].name);
        CHECK_EQ(queries[i].recorded, files[i].recorded);
        CHECK_EQ(queries[i].other, files[i].other);
        CHECK_EQ(cross_verdict_of(&queries[i]), files[i].verdict);
    }
    check_note(NULL);
    CHECK_EQ(cross_verdict_of(&queries[FILES]), CROSS_FAILED);
    /* it ends when it is to, and leaves no process behind */
    struct cross_query hang = {.name = "hang.smt2"}, later[] = {hang, hang, hang, hang};
    opt.stop = &stop;
    opt.watch = stop_now;
    opt.timeout_ms = 600000;
    CHECK(crosscheck_run(&opt, later, 4, err));
    CHECK_EQ(cross_verdict_of(&later[3]), CROSS_LEFT);
    CHECK(waitpid(-1, NULL, WNOHANG) < 0);
    opt.stop = NULL;
    opt.program = "bpflab-no-such-solver";
    CHECK(!crosscheck_run(&opt, queries, FILES, err));
    for (int i = 0; i < FILES; i++)
        drop(files[i].name);
    drop("solver");
    CHECK(rmdir(dir) == 0);
    return check_end();
}

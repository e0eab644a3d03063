/* schedule_test.c: worker processes: every way in which a unit can end is told as what it is, none
 * disturbs another, and the order of results does not depend on how many work at a time.
 */
#include "proofs/schedule.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "proofs/tests/fake.h"
#include "tests/check.h"

enum {
    TIMEOUT_MS = 500
};
static const struct prove_options prove = {.timeout_ms = TIMEOUT_MS};

struct run {
    struct unit *units;
    struct unit_outcome *outcomes;
    size_t n;
    size_t n_watched, most_running, last_done;
};

static void watch(void *self, const struct schedule_view *v) {
    struct run *r = self;
    r->n_watched++;
    r->most_running = v->n_running > r->most_running ? v->n_running : r->most_running;
    CHECK(v->n_done >= r->last_done && v->n_done <= v->n_units);
    r->last_done = v->n_done;
}

static bool is_one_of(const char *name, const char *const *names) {
    for (; *names; names++)
        if (!strcmp(name, *names))
            return true;
    return false;
}

/* run_units: those that are named; NULL: all but the slow ones. */
static struct run run_units(const char *const *names, unsigned jobs) {
    static const char *const slow[] = {"bad/busy", "bad/hang", NULL};
    struct run r = {0};
    char err[160];
    size_t n;
    CHECK(provider_fake.list(&prove, &r.units, &n, err));
    r.outcomes = calloc(n, sizeof *r.outcomes);
    for (size_t i = 0; i < n; i++)
        if (names ? is_one_of(r.units[i].name, names) : !is_one_of(r.units[i].name, slow))
            r.outcomes[r.n++] = (struct unit_outcome){.unit = &r.units[i], .expected = -1};
    const struct schedule_options opt = {
        .prove = &prove, .jobs = jobs, .silence_ms = 3 * TIMEOUT_MS, .watch = watch, .self = &r};
    CHECK(schedule_run(&opt, r.outcomes, r.n, err));
    CHECK(r.n > 0 && r.last_done == r.n);
    return r;
}

static void run_fini(struct run *r) {
    for (size_t i = 0; i < r->n; i++)
        outcome_fini(&r->outcomes[i]);
    free(r->outcomes);
    free(r->units);
}

static const struct unit_outcome *of(const struct run *r, const char *unit) {
    for (size_t i = 0; i < r->n; i++)
        if (!strcmp(r->outcomes[i].unit->name, unit))
            return &r->outcomes[i];
    CHECK(unit == NULL && "there is such a unit");
    return &r->outcomes[0];
}

static void check_one(const struct unit_outcome *u, const char *name, enum smt_result result,
                      const char *text) {
    check_note(name);
    for (size_t i = 0; i < u->n; i++) {
        const struct obligation *o = &u->obligations[i];
        if (strcmp(o->name, name) != 0)
            continue;
        CHECK_EQ(o->result, result);
        CHECK(strstr(o->counterexample, text) != NULL);
        check_note(NULL);
        return;
    }
    CHECK(name == NULL && "there is such an obligation");
    check_note(NULL);
}

static void test_ends(void) {
    struct run r = run_units(NULL, 4);
    CHECK_EQ(of(&r, "good/add@O0")->n, 2);
    check_one(of(&r, "good/add@O0"), "good/add@O0: contains", SMT_PROVED, "");
    CHECK_EQ(of(&r, "good/add@O0")->obligations[0].width, 64);
    CHECK_EQ(of(&r, "good/add@O0")->obligations[0].cases, 2);
    CHECK(of(&r, "good/add@O0")->obligations[0].seconds == 0.25);
    check_one(of(&r, "bad/refuted"), "bad/refuted: contains", SMT_REFUTED, "a.mask=0x6");
    CHECK_EQ(of(&r, "bad/refuted")->n, 2);
    check_one(of(&r, "bad/timeout"), "bad/timeout: contains", SMT_TIMEOUT, "");
    check_one(of(&r, "bad/error"), "bad/error: contains", SMT_ERROR, "neither");
    check_one(of(&r, "bad/crash"), "bad/crash: before", SMT_PROVED, "");
    check_one(of(&r, "bad/crash"), "bad/crash: its run", SMT_ERROR, "signal 6");
    check_one(of(&r, "bad/exit"), "bad/exit: its run", SMT_ERROR, "status 0 before it was done");
    check_one(of(&r, "bad/nothing"), "bad/nothing: its run", SMT_ERROR, "no obligation");
    CHECK_EQ(of(&r, "bad/nothing")->n, 1);
    check_one(of(&r, "bad/twice"), "bad/twice: contains", SMT_REFUTED, "x=0x1");
    check_one(of(&r, "bad/twice"), "bad/twice: its run", SMT_ERROR, "more than once");
    CHECK_EQ(of(&r, "bad/twice")->n, 2);
    check_one(of(&r, "bad/foreign"), "bad/foreign: its run", SMT_ERROR, "not its own");
    CHECK_EQ(of(&r, "bad/foreign")->n, 1);
    CHECK_EQ(of(&r, "bad/many")->n, FAKE_MANY);
    CHECK_STR(of(&r, "bad/many")->obligations[0].name, "bad/many: case 00000");
    CHECK_STR(of(&r, "bad/many")->obligations[FAKE_MANY - 1].name, "bad/many: case 04999");
    CHECK_EQ(of(&r, "bad/noise")->n, 2);
    CHECK(r.most_running > 1 && r.most_running <= 4);
    run_fini(&r);
}

static void test_silence(void) {
    const char *const names[] = {"bad/busy", "bad/hang", "good/add@O0", NULL};
    struct run r = run_units(names, 3);
    check_one(of(&r, "bad/hang"), "bad/hang: before", SMT_PROVED, "");
    check_one(of(&r, "bad/hang"), "bad/hang: its run", SMT_TIMEOUT, "1.5 s of silence");
    /* It takes twice as long as silence may, but says that it lives. */
    check_one(of(&r, "bad/busy"), "bad/busy: contains", SMT_PROVED, "");
    CHECK_EQ(of(&r, "bad/busy")->n, 1);
    CHECK(of(&r, "bad/busy")->seconds > 1.5);
    run_fini(&r);
}

static void test_order(void) {
    struct run one = run_units(NULL, 1), many = run_units(NULL, 7);
    CHECK_EQ(one.most_running, 1);
    CHECK_EQ(one.n, many.n);
    for (size_t i = 0; i < one.n && one.n == many.n; i++) {
        const struct unit_outcome *a = &one.outcomes[i], *b = &many.outcomes[i];
        CHECK_STR(a->unit->name, b->unit->name);
        CHECK_EQ(a->n, b->n);
        for (size_t k = 0; k < a->n && a->n == b->n; k++)
            CHECK(!strcmp(a->obligations[k].name, b->obligations[k].name) &&
                  a->obligations[k].result == b->obligations[k].result);
    }
    run_fini(&one);
    run_fini(&many);
}

/* What was begun first is in the log first, with one worker. */
static void test_longest_first(void) {
    static const char *const want = "good/add@O0\nbad/timeout\ngood/add@O2\nbad/refuted\n";
    char log[] = "/tmp/bpflab-schedule-XXXXXX", text[200] = "", err[160];
    const int fd = mkstemp(log);
    CHECK(fd >= 0);
    setenv("FAKE_LOG", log, 1);
    struct unit *units;
    size_t n, k = 0;
    CHECK(provider_fake.list(&prove, &units, &n, err));
    struct unit_outcome u[6];
    for (size_t i = 0; i < n; i++) {
        const char *name = units[i].name;
        double expected = !strcmp(name, "good/add@O0")   ? -1
                          : !strcmp(name, "bad/timeout") ? 9
                          : !strcmp(name, "good/add@O2") ? 5.5
                          : !strcmp(name, "bad/refuted") ? 0.1
                                                         : -2;
        if (expected > -2)
            u[k++] = (struct unit_outcome){.unit = &units[i], .expected = expected};
        if (!strcmp(name, "good/asks@O0"))
            u[k++] = (struct unit_outcome){.unit = &units[i], .cached = true};
    }
    const struct schedule_options opt = {.prove = &prove, .jobs = 1, .silence_ms = 3 * TIMEOUT_MS};
    CHECK(schedule_run(&opt, u, k, err));
    const ssize_t got = read(fd, text, sizeof text - 1);
    CHECK(got > 0);
    CHECK_STR(text, want); /* and the cached one was not run */
    unsetenv("FAKE_LOG");
    close(fd);
    unlink(log);
    for (size_t i = 0; i < k; i++)
        outcome_fini(&u[i]);
    free(units);
}

/* Until something is refuted: what comes behind is not run, what was emitted stays. */
static void test_until_refuted(void) {
    static const char *const names[] = {"good/add@O0", "bad/refuted", "good/add@O2"};
    struct unit *units;
    struct unit_outcome u[3];
    char err[160];
    size_t n;
    CHECK(provider_fake.list(&prove, &units, &n, err));
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < n; i++)
            if (!strcmp(units[i].name, names[k]))
                u[k] = (struct unit_outcome){.unit = &units[i], .expected = 9 - (double)k};
    const struct schedule_options opt = {
        .prove = &prove, .jobs = 1, .silence_ms = 3 * TIMEOUT_MS, .until_refuted = true};
    CHECK(schedule_run(&opt, u, 3, err));
    check_one(&u[0], "good/add@O0: contains", SMT_PROVED, "");
    check_one(&u[1], "bad/refuted: contains", SMT_REFUTED, "a.mask=0x6");
    CHECK_EQ(u[2].n, 0);
    CHECK(u[0].complete && !u[2].complete); /* u[1] is ended as soon as it has refuted */
    for (size_t k = 0; k < 3; k++)
        outcome_fini(&u[k]);
    free(units);
}

int main(void) {
    test_ends();
    test_until_refuted();
    test_silence();
    test_order();
    test_longest_first();
    return check_end();
}

/* table_test.c: the ledger as a file, as a cache and as something to be held fresh; globs.
 */
#include "proofs/ledger.h"

#include <stdlib.h>
#include <unistd.h>

#include "proofs/select.h"
#include "tests/check.h"

static struct unit unit(const char *name, const char *family, uint64_t hash) {
    struct unit u = {.hash = hash};
    snprintf(u.name, sizeof u.name, "%s", name);
    snprintf(u.family, sizeof u.family, "%s", family);
    return u;
}

static void give(struct unit_outcome *u, const char *what, enum smt_result r, double seconds) {
    struct obligation o = {.width = 64, .result = r, .seconds = seconds, .cases = 110};
    snprintf(o.name, sizeof o.name, "%s: %s", u->unit->name, what);
    CHECK(outcome_add(u, &o));
}

/* Sorted. The names are such that a unit's is the beginning of another's. */
enum {
    ADD,
    ADD_LOW,
    ADD32,
    SUB,
    N_UNITS
};
static struct unit units[N_UNITS];

static void make(struct ledger *l) {
    struct unit_outcome u[N_UNITS];
    *l = (struct ledger){0};
    units[ADD] = unit("tnum/add", "tnum", 1);
    units[ADD_LOW] = unit("tnum/add-low", "tnum", 2);
    units[ADD32] = unit("tnum/add32", "tnum", 3);
    units[SUB] = unit("tnum/sub", "tnum", UINT64_C(0xfedcba9876543210));
    for (int i = 0; i < N_UNITS; i++) {
        u[i] = (struct unit_outcome){.unit = &units[i], .complete = true};
        give(&u[i], "well-formed", SMT_PROVED, 0.5);
        give(&u[i], "contains", SMT_PROVED, 1.25);
    }
    CHECK(ledger_merge(l, u, N_UNITS, "z3 1", "llvm 1"));
    CHECK_EQ(l->n, 2 * N_UNITS);
    for (int i = 0; i < N_UNITS; i++)
        outcome_fini(&u[i]);
}

static struct ledger round_trip(const struct ledger *l) {
    char path[] = "/tmp/bpflab-ledger-XXXXXX", err[300];
    struct ledger back = {0};
    const int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_EQ(ledger_write(l, path, err), LEDGER_OK);
    CHECK_EQ(ledger_read(path, &back, err), LEDGER_OK);
    close(fd);
    unlink(path);
    return back;
}

static void test_round_trip(void) {
    struct ledger l;
    make(&l);
    struct ledger back = round_trip(&l);
    CHECK_EQ(back.n, l.n);
    for (size_t i = 0; i < l.n && back.n == l.n; i++) {
        const struct ledger_row *a = &l.rows[i], *b = &back.rows[i];
        CHECK_STR(a->name, b->name);
        CHECK(a->width == b->width && a->result == b->result && a->cases == b->cases);
        CHECK(a->of == b->of && a->of == 2 && a->hash == b->hash && a->seconds == b->seconds);
        CHECK_STR(b->solver, "z3 1");
        CHECK_STR(b->tools, "llvm 1");
        CHECK(i == 0 || strcmp(l.rows[i - 1].name, a->name) < 0);
    }
    ledger_fini(&back);
    ledger_fini(&l);
}

static void test_bad_files(void) {
    static const char head[] = "obligation\twidth\tresult\tseconds\tcases\tof\tsolver\ttools\thash";
    static const struct {
        const char *row;
        enum ledger_end end;
    } rows[] = {
        {"a: b\t64\tproved\t0.10\t1\t1\tz\tt\t00000000000000ff", LEDGER_OK},
        {"a: b\t64\tproven\t0.10\t1\t1\tz\tt\t00000000000000ff", LEDGER_BAD},
        {"a: b\t64\tproved\t0.10\t1\t1\tz\tt\tff", LEDGER_BAD},
        {"a: b\t64\tproved\t-1\t1\t1\tz\tt\t00000000000000ff", LEDGER_BAD},
        {"a: b\t64\tproved\tnan\t1\t1\tz\tt\t00000000000000ff", LEDGER_BAD},
        {"a: b\t-4\tproved\t0.10\t1\t1\tz\tt\t00000000000000ff", LEDGER_BAD},
        {"ab\t64\tproved\t0.10\t1\t1\tz\tt\t00000000000000ff", LEDGER_BAD},
        {"a: b\t64\tproved\t0.10\t1\t1\tz\tt\t00000000000000ff\tx", LEDGER_BAD},
        {"a: b\t64\tproved\t0.10\t1\t1\tz\tt", LEDGER_BAD},
        {"a: b\t64\tproved\t0.10\t1\t1\t\tt\t00000000000000ff", LEDGER_BAD},
        {"<<<<<<< HEAD", LEDGER_BAD},
        {"", LEDGER_BAD},
        {"a: b\t64\tproved\t0.10\t1\t1\tz\tt\t00000000000000ff\n"
         "a: b\t64\tproved\t0.10\t1\t1\tz\tt\t00000000000000ff",
         LEDGER_BAD},
    };
    char path[] = "/tmp/bpflab-ledger-XXXXXX", err[300];
    struct ledger l;
    const int fd = mkstemp(path);
    close(fd);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        FILE *f = fopen(path, "w");
        CHECK(f && fprintf(f, "%s\n%s\n", head, rows[i].row) > 0 && fclose(f) == 0);
        check_note(rows[i].row);
        CHECK_EQ(ledger_read(path, &l, err), rows[i].end);
        CHECK(rows[i].end == LEDGER_OK ? l.n == 1 : l.n == 0 && strstr(err, path) != NULL);
        ledger_fini(&l);
    }
    check_note(NULL);
    CHECK(truncate(path, 0) == 0);
    CHECK_EQ(ledger_read(path, &l, err), LEDGER_BAD);
    unlink(path);
    CHECK_EQ(ledger_read(path, &l, err), LEDGER_MISSING);
    CHECK_EQ(ledger_write(&l, "/no/such/place", err), LEDGER_BAD);
}

static void test_cache(void) {
    struct ledger l;
    make(&l);
    for (int i = 0; i < N_UNITS; i++)
        CHECK(ledger_holds(&l, &units[i], "z3 1", "llvm 1"));
    CHECK(!ledger_holds(&l, &units[ADD], "z3 2", "llvm 1"));
    CHECK(!ledger_holds(&l, &units[ADD], "z3 1", "llvm 2"));
    const struct ledger empty = {0};
    CHECK(!ledger_holds(&empty, &units[ADD], "z3 1", "llvm 1"));
    CHECK(ledger_seconds(&empty, "tnum/add") < 0);
    const struct unit changed = unit("tnum/add", "tnum", 9), other = unit("tnum", "tnum", 1);
    CHECK(!ledger_holds(&l, &changed, "z3 1", "llvm 1"));
    CHECK(!ledger_holds(&l, &other, "z3 1", "llvm 1"));
    CHECK(ledger_seconds(&l, "tnum/add") == 1.75);
    CHECK(ledger_seconds(&l, "tnum/ad") < 0);
    struct unit_outcome u = {.unit = &units[ADD_LOW]};
    CHECK(ledger_recall(&l, &u));
    CHECK(u.cached && u.complete && u.n == 2);
    CHECK_STR(u.obligations[0].name, "tnum/add-low: contains");
    CHECK(u.obligations[0].cases == 110 && u.obligations[0].width == 64);
    outcome_fini(&u);
    /* A lost row, and one that is not proved. */
    size_t first;
    CHECK_EQ(ledger_unit(&l, "tnum/add", &first), 2);
    l.rows[first].result = SMT_TIMEOUT;
    CHECK(!ledger_holds(&l, &units[ADD], "z3 1", "llvm 1"));
    CHECK_EQ(ledger_unit(&l, "tnum/sub", &first), 2);
    l.n--;
    CHECK_EQ(ledger_unit(&l, "tnum/sub", &first), 1);
    CHECK(!ledger_holds(&l, &units[SUB], "z3 1", "llvm 1"));
    ledger_fini(&l);
}

static void test_merge(void) {
    struct ledger l;
    make(&l);
    /* of the last one more may come */
    struct unit_outcome u[3] = {{.unit = &units[ADD], .complete = true},
                                {.unit = &units[SUB], .complete = true, .cached = true},
                                {.unit = &units[ADD_LOW]}};
    give(&u[0], "odd\tname", SMT_REFUTED, 2);
    give(&u[1], "never", SMT_REFUTED, 2);
    give(&u[2], "well-formed", SMT_PROVED, 2);
    CHECK(ledger_merge(&l, u, 3, "z3 2", "llvm 1"));
    size_t first;
    CHECK_EQ(ledger_unit(&l, "tnum/add", &first), 1);
    CHECK_STR(l.rows[first].name, "tnum/add: odd name");
    CHECK(l.rows[first].of == 1 && l.rows[first].result == SMT_REFUTED);
    CHECK_STR(l.rows[first].solver, "z3 2");
    CHECK_EQ(ledger_unit(&l, "tnum/add-low", &first), 2);
    CHECK_EQ(ledger_unit(&l, "tnum/sub", &first), 2);
    CHECK_STR(l.rows[first].solver, "z3 1");
    ledger_keep(&l, units + 1, 2);
    CHECK_EQ(l.n, 4);
    CHECK_EQ(ledger_unit(&l, "tnum/add-low", &first), 2);
    CHECK_EQ(ledger_unit(&l, "tnum/add32", &first), 2);
    for (int i = 0; i < 3; i++)
        outcome_fini(&u[i]);
    ledger_fini(&l);
}

struct told {
    char text[400];
};

static void tell(void *self, const char *what, const char *name) {
    struct told *t = self;
    const size_t n = strlen(t->text);
    snprintf(t->text + n, sizeof t->text - n, "%s %s; ", what, name);
}

static void test_check(void) {
    struct ledger l;
    struct told t = {""};
    make(&l);
    CHECK_EQ(ledger_check(&l, units, N_UNITS, true, tell, &t), 0);
    CHECK_STR(t.text, "");
    const struct ledger empty = {0};
    CHECK_EQ(ledger_check(&empty, units, 1, true, tell, &t), 1);
    CHECK_STR(t.text, "missing tnum/add; ");
    t.text[0] = 0;
    units[ADD].hash++;
    CHECK_EQ(ledger_check(&l, units, N_UNITS, true, tell, &t), 1);
    CHECK_STR(t.text, "changed tnum/add; ");
    units[ADD].hash--;
    t.text[0] = 0;
    CHECK_EQ(ledger_check(&l, units, SUB, true, tell, &t), 2);
    CHECK_STR(t.text, "stale tnum/sub: contains; stale tnum/sub: well-formed; ");
    t.text[0] = 0;
    CHECK_EQ(ledger_check(&l, units, SUB, false, tell, &t), 0);
    l.rows[0].result = SMT_ERROR;
    l.n--;
    CHECK_EQ(ledger_check(&l, units, N_UNITS, true, tell, &t), 2);
    CHECK_STR(t.text, "error tnum/add-low; incomplete tnum/sub; ");
    l.n--;
    t.text[0] = 0;
    CHECK_EQ(ledger_check(&l, units + SUB, 1, false, tell, &t), 1);
    CHECK_STR(t.text, "missing tnum/sub; ");
    ledger_fini(&l);
}

static void test_select(void) {
    const struct unit u = unit("backend/arm64/ADD64_REG@O2", "backend/arm64", 0);
    const struct obligation o = {.name = "backend/arm64/ADD64_REG@O2: result"};
    static const struct {
        const char *glob;
        bool unit, obligation;
    } rows[] = {
        {"backend/arm64", true, true},
        {"backend", false, false},
        {"backend*", true, true},
        {"*ADD64*", true, true},
        {"backend/arm64/ADD64_REG", true, true},
        {"backend/arm64/ADD64_REG@O0", false, false},
        {"*@O2", true, true},
        {"*: result", true, true},
        {"*: res*", true, true},
        {"*: flags", true, false},
        {"tnum*: result", false, false},
        {"backend/arm64/ADD64_REG@O2: result", true, true},
        {"", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_note(rows[i].glob);
        CHECK_EQ(select_unit(&rows[i].glob, 1, &u), rows[i].unit);
        CHECK_EQ(select_obligation(&rows[i].glob, 1, &u, &o), rows[i].obligation);
    }
    check_note(NULL);
    const char *const two[] = {"tnum", "*: result"};
    CHECK(select_unit(two, 2, &u) && select_obligation(two, 2, &u, &o));
    CHECK(select_unit(NULL, 0, &u) && select_obligation(NULL, 0, &u, &o));
}

int main(void) {
    test_round_trip();
    test_bad_files();
    test_cache();
    test_merge();
    test_check();
    test_select();
    return check_end();
}

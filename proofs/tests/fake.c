/* fake.c: units that prove, refute, crash, hang and babble, each by a function of its own.
 */
#include "proofs/tests/fake.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct fake {
    const struct prove_options *opt;
    const struct unit *u;
    prove_emit *emit;
    void *self;
};

static void nap(long ms) {
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void emit(const struct fake *f, const char *what, enum smt_result r, const char *text) {
    struct obligation o = {.width = 64, .result = r, .seconds = 0.25, .cases = 2};
    snprintf(o.name, sizeof o.name, "%.100s: %.60s", f->u->name, what);
    snprintf(o.counterexample, sizeof o.counterexample, "%s", text);
    f->emit(f->self, &o);
}

static void do_proved(const struct fake *f) {
    emit(f, "well-formed", SMT_PROVED, "");
    emit(f, "contains", SMT_PROVED, "");
}

static void do_refuted(const struct fake *f) {
    emit(f, "well-formed", SMT_PROVED, "");
    emit(f, "contains", SMT_REFUTED, "a.value=0x1 a.mask=0x6 x=0x3");
}

static void do_timeout(const struct fake *f) {
    emit(f, "contains", SMT_TIMEOUT, "");
}

static void do_error(const struct fake *f) {
    emit(f, "contains", SMT_ERROR, "the \"solver\" said\tneither\n");
}

static void do_crash(const struct fake *f) {
    emit(f, "before", SMT_PROVED, "");
    abort();
}

static void do_exit(const struct fake *f) {
    emit(f, "before", SMT_PROVED, "");
    _exit(0);
}

static void do_hang(const struct fake *f) {
    emit(f, "before", SMT_PROVED, "");
    for (;;)
        nap(1000);
}

/* do_busy: longer than the silence that is allowed, but never silent. */
static void do_busy(const struct fake *f) {
    for (int i = 0; i < 30; i++) {
        nap((long)f->opt->timeout_ms / 5);
        prove_alive(f->opt);
    }
    emit(f, "contains", SMT_PROVED, "");
}

static void do_nothing(const struct fake *f) {
    (void)f;
}

static void do_many(const struct fake *f) {
    for (int i = FAKE_MANY; i-- > 0;) {
        char what[20];
        snprintf(what, sizeof what, "case %05d", i);
        emit(f, what, SMT_PROVED, "");
    }
}

static void do_twice(const struct fake *f) {
    emit(f, "contains", SMT_PROVED, "");
    emit(f, "contains", SMT_REFUTED, "x=0x1");
}

static void do_foreign(const struct fake *f) {
    const struct obligation o = {.name = "good/add@O0: contains", .result = SMT_PROVED};
    f->emit(f->self, &o);
}

static void do_noise(const struct fake *f) {
    puts("this belongs to nobody's report");
    fflush(stdout);
    do_proved(f);
}

/* do_asks: leaves queries where queries are dumped. */
static void do_asks(const struct fake *f) {
    static const enum smt_said said[] = {SMT_SAID_UNSAT, SMT_SAID_SAT, SMT_SAID_REPLACED};
    for (int i = 0; i < 3 && f->opt->dump; i++) {
        char text[120];
        snprintf(text, sizeof text,
                 "(declare-const x (_ BitVec 8))\n(assert (= (bvadd x #x01) %s))",
                 i ? "#x00" : "x");
        smt_dump_query(f->opt->dump, "contains", "QF_BV", text);
        smt_dump_answer(f->opt->dump, said[i]);
    }
    do_proved(f);
}

static const struct {
    const char *name, *family;
    bool nightly;
    void (*run)(const struct fake *f);
} rows[] = {
    {"bad/busy", "bad", false, do_busy},         {"bad/crash", "bad", false, do_crash},
    {"bad/error", "bad", false, do_error},       {"bad/exit", "bad", false, do_exit},
    {"bad/foreign", "bad", false, do_foreign},   {"bad/hang", "bad", false, do_hang},
    {"bad/many", "bad", false, do_many},         {"bad/night", "bad", true, do_proved},
    {"bad/noise", "bad", false, do_noise},       {"bad/nothing", "bad", false, do_nothing},
    {"bad/refuted", "bad", false, do_refuted},   {"bad/timeout", "bad", false, do_timeout},
    {"bad/twice", "bad", false, do_twice},       {"good/add@O0", "good", false, do_proved},
    {"good/add@O2", "good", false, do_proved},   {"good/asks@O0", "good", false, do_asks},
    {"plant/caught", "plant", false, do_proved}, {"plant/missed", "plant", false, do_refuted},
};

static bool list(const struct prove_options *opt, struct unit **units, size_t *n, char err[160]) {
    const char *only = getenv("FAKE_ONLY"), *more = getenv("FAKE_HASH");
    if (opt->bitcode[0] && access(opt->bitcode[0], R_OK) != 0) {
        snprintf(err, 160, "%.100s cannot be read", opt->bitcode[0]);
        return false;
    }
    *n = 0;
    *units = calloc(sizeof rows / sizeof rows[0], sizeof **units);
    if (!*units) {
        snprintf(err, 160, "out of memory");
        return false;
    }
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (only && strcmp(only, rows[i].family) != 0)
            continue;
        struct unit *u = &(*units)[(*n)++];
        u->hash = UINT64_C(0xfedc000000000000) + i + (more ? strtoull(more, NULL, 0) : 0);
        u->nightly = rows[i].nightly;
        u->provider = &provider_fake;
        u->index = i;
        snprintf(u->name, sizeof u->name, "%s", rows[i].name);
        snprintf(u->family, sizeof u->family, "%s", rows[i].family);
    }
    return true;
}

static void run(const struct prove_options *opt, const struct unit *u, prove_emit *emit_to,
                void *self) {
    const char *log = getenv("FAKE_LOG");
    const int fd = log ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0666) : -1;
    if (fd >= 0) {
        dprintf(fd, "%s\n", u->name);
        close(fd);
    }
    rows[u->index].run(&(struct fake){opt, u, emit_to, self});
}

const struct provider provider_fake = {.name = "fake", .list = list, .run = run};

/* verify_test.c: the call that the layers above make: misuse, budgets, what is kept, the log.
 */
#include "verifier/knowledge.h"
#include "verifier/tests/explore_bed.h"

/* Branches that wait, states that differ, loops: something for each budget. */
#define LONG_PROGRAM                                                                               \
    "r7 = 0\nr8 = 0\nl: call 7\nr8 += r0\nif r0 > 5 goto m\nr8 += 1\nm: r7 += 1\n"                 \
    "if r7 < 20000 goto l\nr0 = 0\nexit"

static void test_budgets(void) {
    static const struct {
        const char *words;
        struct verify_budget budget;
        enum explore how;
    } cases[] = {
        {"processed instructions", {.insns = 1000}, EXPLORE_PATHS},
        {"branches waiting", {.jump_depth = 10}, EXPLORE_PATHS},
        {"states", {.states = 5}, EXPLORE_PATHS},
        {"bytes of states", {.bytes = 10000}, EXPLORE_PATHS},
        {"nanoseconds", {.time_ns = 1}, EXPLORE_PATHS},
        {"processed instructions", {.insns = 10}, EXPLORE_FIXPOINT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct explore_bed b;
        check_note(cases[i].words);
        if (!bed_prog(&b, PROG_xdp, LONG_PROGRAM))
            return;
        b.opt.budget = cases[i].budget;
        b.opt.explore = cases[i].how;
        b.opt.no_prune = cases[i].budget.jump_depth != 0;
        if (!CHECK_EQ(bed_verify(&b), VERDICT_UNKNOWN) ||
            !CHECK_EQ(b.result.report.reason, REASON_BUDGET) ||
            !CHECK(strstr(b.result.report.needed, cases[i].words)))
            printf("needed: %s\n", b.result.report.needed);
        CHECK(b.result.report.known[0]);
        bed_fini(&b);
    }
    check_note(NULL);
}

static void test_misuse(void) {
    struct explore_bed b;
    struct diag d = {0};
    struct prog none = {.type = PROG_xdp};
    if (!bed_prog(&b, PROG_xdp, "r0 = 0\nexit"))
        return;
    b.in.prog = NULL;
    CHECK_EQ(verify(&b.in, &b.opt, &b.result, &d), BPFLAB_E_ARG);
    CHECK(d.text[0]);
    verify_result_fini(&b.result);
    b.in.prog = &none;
    CHECK_EQ(verify(&b.in, &b.opt, &b.result, NULL), BPFLAB_E_ARG);
    verify_result_fini(&b.result);
    b.in.prog = &b.prog;
    CHECK_EQ(verify(&b.in, NULL, &b.result, &d), BPFLAB_OK); /* no options: the defaults */
    CHECK_EQ(b.result.verdict, VERDICT_ACCEPT);
    CHECK(b.result.knowledge == NULL);
    verify_result_fini(&b.result);
    verify_result_fini(&b.result);
    b.in.maps = NULL;
    b.in.n_maps = 0;
    CHECK_EQ(bed_verify(&b), VERDICT_ACCEPT);
    b.prog.type = 12345; /* no such type */
    bed_verify(&b);
    bed_fini(&b);
    CHECK_STR(verdict_name(VERDICT_ACCEPT), "accept");
    CHECK_STR(verdict_name(VERDICT_UNKNOWN), "unknown");
}

/* What a program names must be there, whatever the instructions say. */
static void test_names(void) {
    static const struct explore_case cases[] = {
        {"a map that is not there", "r1 = map_idx(7) ll\nr0 = 0\nexit", VERDICT_REJECT, NULL},
        {"a value of a hash", "r1 = map_idx_value(1, 0) ll\nr0 = 0\nexit", VERDICT_REJECT,
         "direct value"},
        {"beyond a value", "r1 = map_idx_value(0, 64) ll\nr0 = 0\nexit", VERDICT_REJECT,
         "value_size"},
        {"a helper that is not there", "call 9999\nr0 = 0\nexit", VERDICT_REJECT, "invalid func"},
        {"a kernel function", "call kfunc 1\nr0 = 0\nexit", VERDICT_REJECT, NULL},
        {"a map by descriptor", "r1 = map_fd(3) ll\nr0 = 0\nexit", VERDICT_REJECT, NULL},
        {"nothing but an exit", "exit", VERDICT_REJECT, "!read_ok"},
        {"no exit", "r0 = 0", VERDICT_REJECT, NULL},
        {"a jump out", "r0 = 0\ngoto +5\nexit", VERDICT_REJECT, NULL},
        {"code that nothing reaches", "r0 = 0\nexit\nexit", VERDICT_REJECT, "unreachable"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bed_expect(&cases[i], PROG_xdp, EXPLORE_PATHS);
        bed_expect(&cases[i], PROG_xdp, EXPLORE_FIXPOINT);
    }
}

/* ---- the log ---- */

struct heard {
    char text[20000];
    size_t n;
};

static void hear(void *self, const char *text, size_t n) {
    struct heard *const h = self;
    if (n > sizeof h->text - 1 - h->n)
        n = sizeof h->text - 1 - h->n;
    memcpy(h->text + h->n, text, n);
    h->n += n;
    h->text[h->n] = 0;
}

static void log_of(int level, const char *text, struct heard *h) {
    struct explore_bed b;
    *h = (struct heard){.n = 0};
    if (!bed_prog(&b, PROG_xdp, text))
        return;
    b.opt.log_level = level;
    b.opt.log = hear;
    b.opt.log_self = h;
    bed_verify(&b);
    bed_fini(&b);
}

static void test_log(void) {
    static const char text[] =
        "call 7\nif r0 == 1 goto b\nr0 = 0\nexit\nb: r2 = 77\nr0 = *(u8 *)(r2 + 0)\nexit";
    struct heard *const h = malloc(sizeof *h);
    if (!CHECK(h != NULL))
        return;
    log_of(0, text, h);
    CHECK_EQ(h->n, 0);
    log_of(1, text, h);
    CHECK(strstr(h->text, "R2 invalid mem access 'scalar'"));
    CHECK(strstr(h->text, "from 1 to 4:"));
    CHECK(!strstr(h->text, "3: (95) exit")); /* that path ended well */
    CHECK(strstr(h->text, "processed "));
    log_of(2, text, h);
    CHECK(strstr(h->text, "3: (95) exit"));
    CHECK(strstr(h->text, "0: R1=ctx() R10=fp0"));
    CHECK(strstr(h->text, "call bpf_get_prandom_u32#7"));
    free(h);
}

int main(void) {
    test_budgets();
    test_misuse();
    test_names();
    test_log();
    return check_end();
}

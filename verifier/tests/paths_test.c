/* paths_test.c: path exploration: loops, pruning, callbacks; and programs that would be taken for
 * safe if a mark of precision, a slot that is read, or a round of a loop were missed.
 */
#include "verifier/tests/explore_bed.h"

/* r0 = any number, in r6 too */
#define RANDOM "call 7\nr6 = r0\n"
/* r0 = the array's one value, tested; else the program ends */
#define VALUE                                                                                      \
    "r1 = map_idx(0) ll\nr2 = r10\nr2 += -4\n*(u32 *)(r10 - 4) = 0\ncall 1\nif r0 != 0 goto ok\n"  \
    "exit\nok:\n"

/* ---- loops ---- */

static const struct explore_case loops[] = {
    {"a loop to a constant", "r0 = 0\nl: r0 += 1\nif r0 < 10 goto l\nr0 = 0\nexit", VERDICT_ACCEPT,
     NULL},
    {"a loop to a bounded number",
     RANDOM "r6 &= 15\nr7 = 0\nl: if r7 >= r6 goto e\nr7 += 1\ngoto l\ne: r0 = 0\nexit",
     VERDICT_ACCEPT, NULL},
    {"a loop without end", "r0 = 0\nl: if r0 == 0 goto l\nexit", VERDICT_REJECT, "infinite loop"},
    {"a loop that only moves to and fro",
     RANDOM "l: r7 = 1\nr7 = 2\nif r6 != 5 goto l\nr0 = 0\nexit", VERDICT_REJECT, "infinite loop"},
    {"a loop of more rounds than the budget",
     "r0 = 0\nl: r0 += 1\nif r0 != 1000000 goto l\nr0 = 0\nexit", VERDICT_UNKNOWN, "too large"},
    {"recursion", "f: call f\nr0 = 0\nexit", VERDICT_REJECT, NULL},
    {"nine frames",
     "call a\nexit\na: call b\nexit\nb: call c\nexit\nc: call d\nexit\nd: call e\nexit\n"
     "e: call f\nexit\nf: call g\nexit\ng: call h\nexit\nh: r0 = 0\nexit",
     VERDICT_REJECT, NULL},
    {"may_goto ends a loop", "r0 = 0\nl: may_goto e\ngoto l\ne: exit", VERDICT_ACCEPT, NULL},
    {"may_goto with a counter that grows for ever",
     "r0 = 0\nl: may_goto e\nr0 += 1\ngoto l\ne: r0 = 0\nexit", VERDICT_ACCEPT, NULL},
};

/* ---- what must be precise: one of two paths that meet is unsafe ---- */

/* r7 = a safe offset, or on the path that is followed second an unsafe one */
#define EITHER "r7 = 8\nif r6 s> 5 goto m\nr7 = 4096\nm:\n"
#define USE    "r0 += r7\nr1 = *(u8 *)(r0 + 0)\nr0 = 0\nexit"

static const struct explore_case precise[] = {
    {"both offsets are safe", RANDOM VALUE "r7 = 8\nif r6 s> 5 goto m\nr7 = 16\nm:\n" USE,
     VERDICT_ACCEPT, NULL},
    {"an offset", RANDOM VALUE EITHER USE, VERDICT_REJECT, "map value"},
    {"an offset, copied", RANDOM VALUE EITHER "r8 = r7\nr7 = 0\nr7 = r8\n" USE, VERDICT_REJECT,
     "map value"},
    {"an offset, computed", RANDOM VALUE EITHER "r8 = 2\nr8 += r7\nr7 = r8\n" USE, VERDICT_REJECT,
     "map value"},
    {"an offset, spilled before the paths meet",
     RANDOM VALUE "r7 = 8\nif r6 s> 5 goto n\nr7 = 4096\nn: *(u64 *)(r10 - 16) = r7\nr7 = 0\n"
                  "if r6 s> 9 goto m\nr8 = 1\nm: r7 = *(u64 *)(r10 - 16)\n" USE,
     VERDICT_REJECT, "map value"},
    {"an offset, through a function",
     RANDOM VALUE EITHER "r9 = r0\nr1 = r7\ncall f\nr7 = r0\nr0 = r9\n" USE "\nf: r0 = r1\nexit",
     VERDICT_REJECT, "map value"},
    {"an offset, through a spill into the caller's frame",
     RANDOM VALUE EITHER
     "r9 = r0\nr1 = r10\nr1 += -16\nr2 = r7\ncall f\nr7 = *(u64 *)(r10 - 16)\nr0 = r9\n" USE
     "\nf: *(u64 *)(r1 + 0) = r2\nr0 = 0\nexit",
     VERDICT_REJECT, "map value"},
    {"a comparison that decides an access",
     RANDOM VALUE
     "r7 = 1\nif r6 s> 5 goto m\nr7 = 2\nm: if r7 == 1 goto out\nr1 = *(u8 *)(r0 + 4096)\n"
     "out: r0 = 0\nexit",
     VERDICT_REJECT, "map value"},
    {"a number linked with the one that is tested",
     RANDOM VALUE "r7 = r6\nif r6 s> 5 goto m\nr7 = r10\nr7 = 77\nm: if r6 > 7 goto out\n"
                  "r0 += r7\nr1 = *(u8 *)(r0 + 0)\nout: r0 = 0\nexit",
     VERDICT_REJECT, NULL},
    {"a size for a helper",
     RANDOM "r7 = 8\nif r6 s> 5 goto m\nr7 = 600\nm: r1 = r10\nr1 += -16\nr2 = r7\n"
            "r3 = 0\ncall 4\nr0 = 0\nexit",
     VERDICT_REJECT, NULL},
    {"a return value", RANDOM "r7 = 1\nif r6 s> 5 goto m\nr7 = 4096\nm: r0 = r7\nexit",
     VERDICT_ACCEPT, NULL},
};

/* ---- rounds of loops: what a later round does with an earlier one's number ---- */

static const struct explore_case rounds[] = {
    {"the offset of the next round, through may_goto",
     RANDOM "r7 = -16\n*(u64 *)(r10 - 16) = 0\nl: may_goto e\nif r6 != 42 goto use\nr7 = -600\n"
            "call 7\nr6 = r0\ngoto l\nuse: r1 = r10\nr1 += r7\nr2 = *(u8 *)(r1 + 0)\ncall 7\n"
            "r6 = r0\ngoto l\ne: r0 = 0\nexit",
     VERDICT_REJECT, "unbounded"},
    {"the same, safe: what changes from round to round is widened, as Linux does",
     RANDOM "r7 = -16\n*(u64 *)(r10 - 16) = 0\n*(u64 *)(r10 - 8) = 0\nl: may_goto e\n"
            "if r6 != 42 goto use\nr7 = -8\ncall 7\nr6 = r0\ngoto l\nuse: r1 = r10\nr1 += r7\n"
            "r2 = *(u8 *)(r1 + 0)\ncall 7\nr6 = r0\ngoto l\ne: r0 = 0\nexit",
     VERDICT_REJECT, "unbounded"},
    {"numbers that wander through registers",
     "r6 = 1\nr7 = 1\nr8 = 1\n*(u64 *)(r10 - 8) = 0\nl: may_goto e\ncall 7\nif r0 == 5 goto s\n"
     "r6 = r7\nr7 = r8\ngoto l\ns: r8 = 600\ngoto l\n"
     "e: r1 = r10\nr1 -= r6\nr2 = *(u8 *)(r1 + 0)\nr0 = 0\nexit",
     VERDICT_REJECT, "stack"},
    {"an offset that grows in every round",
     "r7 = 0\nl: may_goto e\n" VALUE "r0 += r7\nr1 = *(u8 *)(r0 + 0)\nr7 += 1\ngoto l\n"
     "e: r0 = 0\nexit",
     VERDICT_REJECT, "map value"},
    {"a slot that only a later round reads",
     RANDOM "*(u64 *)(r10 - 8) = r10\nl: may_goto e\ncall 7\nif r0 == 1 goto use\n"
            "*(u64 *)(r10 - 8) = 7\ngoto l\nuse: r1 = *(u64 *)(r10 - 8)\nr1 = *(u8 *)(r1 - 8)\n"
            "goto l\ne: r0 = 0\nexit",
     VERDICT_REJECT, "invalid mem access 'scalar'"},
};

/* ---- callbacks: bpf_loop (181) ---- */

#define LOOP(arg) "r1 = 100\nr2 = code(cb) ll\nr3 = " arg "\nr4 = 0\ncall 181\n"

static const struct explore_case callbacks[] = {
    {"a callback", LOOP("0") "r0 = 0\nexit\ncb: r0 = 0\nexit", VERDICT_ACCEPT, NULL},
    {"a callback that returns too much", LOOP("0") "r0 = 0\nexit\ncb: r0 = 2\nexit", VERDICT_REJECT,
     "callback return"},
    {"a callback changes an offset that is used after it",
     "*(u64 *)(r10 - 8) = -8\n" LOOP("r10") "r1 = *(u64 *)(r10 - 8)\nr1 += r10\n"
                                            "r2 = *(u8 *)(r1 + 0)\nr0 = 0\nexit\n"
                                            "cb: *(u64 *)(r2 - 8) = 16\nr0 = 0\nexit",
     VERDICT_REJECT, NULL},
    {"a callback uses what its last call left",
     "*(u64 *)(r10 - 8) = -8\n" LOOP(
         "r10") "r0 = 0\nexit\n"
                "cb: r3 = *(u64 *)(r2 - 8)\nr2 += r3\n*(u8 *)(r2 + 0) = 0\nr0 = 0\nexit",
     VERDICT_REJECT, NULL},
    {"a callback with a loop of its own",
     LOOP("0") "r0 = 0\nexit\n"
               "cb: r6 = 0\nl: r6 += 1\nif r6 < 8 goto l\nr0 = 0\nexit",
     VERDICT_ACCEPT, NULL},
};

/* ---- pruning ---- */

/* n branches in a row whose ways meet again: 2^n paths, which pruning makes about n of. */
static void test_diamonds(void) {
    char text[4096] = RANDOM "r7 = 0\n";
    struct explore_bed b;
    check_note("diamonds");
    for (int i = 0; i < 12; i++) {
        const size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "if r6 s> %d goto l%d\nr7 += 1\nr7 += 1\nl%d:\n", i, i,
                 i);
    }
    strcat(text, "r0 = 0\nexit");
    if (!bed_prog(&b, PROG_xdp, text))
        return;
    CHECK_EQ(bed_verify(&b), VERDICT_ACCEPT);
    const uint64_t pruned = b.result.stats.insns_processed;
    CHECK(b.result.stats.states > 0);
    CHECK(pruned < 2000);
    b.opt.every_state = true;
    CHECK_EQ(bed_verify(&b), VERDICT_ACCEPT);
    CHECK(b.result.stats.insns_processed <= pruned);
    bed_fini(&b);
}

/* The same on numbers that nothing decides about each other, with and without pruning. */
static void test_no_prune(void) {
    char text[4096] = "r7 = 0\n";
    struct explore_bed b;
    check_note("no_prune");
    for (int i = 0; i < 10; i++) {
        const size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "call 7\nif r0 == 3 goto l%d\nr7 += 1\nl%d:\n", i, i);
    }
    strcat(text, "r0 = 0\nexit");
    if (!bed_prog(&b, PROG_xdp, text))
        return;
    CHECK_EQ(bed_verify(&b), VERDICT_ACCEPT);
    const uint64_t pruned = b.result.stats.insns_processed;
    b.opt.no_prune = true;
    CHECK_EQ(bed_verify(&b), VERDICT_ACCEPT);
    CHECK(b.result.stats.insns_processed > 1024); /* 2^10 paths end */
    CHECK(pruned < 500);
    bed_fini(&b);
}

#define EACH(table)                                                                                \
    for (size_t i = 0; i < sizeof(table) / sizeof *(table); i++)                                   \
    bed_expect(&(table)[i], PROG_sched_cls, EXPLORE_PATHS)

int main(void) {
    EACH(loops);
    EACH(precise);
    EACH(rounds);
    EACH(callbacks);
    test_diamonds();
    test_no_prune();
    return check_end();
}

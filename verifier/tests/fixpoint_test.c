/* fixpoint_test.c: joins and widening: what is still accepted, what must be rejected; and which
 * loops are shown to end.
 */
#include "verifier/tests/explore_bed.h"

#define RANDOM "call 7\nr6 = r0\n"

/* ---- loops that end, by a counter ---- */
static const struct explore_case ends[] = {
    {"up", "r1 = 0\nl: r1 += 1\nif r1 < 1000000 goto l\nr0 = 0\nexit", VERDICT_ACCEPT, NULL},
    {"down", "r1 = 100\nl: r1 += -1\nif r1 > 0 goto l\nr0 = 0\nexit", VERDICT_ACCEPT, NULL},
    {"down by subtraction", "r1 = 100\nl: r1 -= 3\nif r1 s> 2 goto l\nr0 = 0\nexit", VERDICT_ACCEPT,
     NULL},
    {"signed", "r1 = -100\nl: r1 += 1\nif r1 s< 100 goto l\nr0 = 0\nexit", VERDICT_ACCEPT, NULL},
    {"32 bits", "w1 = 0\nl: w1 += 1\nif w1 < 5000 goto l\nr0 = 0\nexit", VERDICT_ACCEPT, NULL},
    {"to a bounded number",
     RANDOM "r6 &= 4095\nr1 = 0\nl: if r1 >= r6 goto e\nr1 += 1\ngoto l\ne: r0 = 0\nexit",
     VERDICT_ACCEPT, NULL},
    {"nested, the inner one begins anew",
     "r1 = 0\no: r2 = 0\ni: r2 += 1\nif r2 < 100 goto i\nr1 += 1\nif r1 < 100 goto o\nr0 = 0\nexit",
     VERDICT_ACCEPT, NULL},
    {"two ways to step",
     RANDOM "r1 = 0\nl: if r6 > 5 goto b\nr1 += 2\ngoto t\nb: r1 += 1\nt: if r1 < 100 goto l\nr0 = "
            "0\nexit",
     VERDICT_ACCEPT, NULL},
    {"may_goto", "l: may_goto e\ngoto l\ne: r0 = 0\nexit", VERDICT_ACCEPT, NULL},
    {"in a function",
     "r1 = 5\ncall f\nr0 = 0\nexit\n"
     "f: r2 = 0\nl: r2 += 1\nif r2 < 10 goto l\nr0 = 0\nexit",
     VERDICT_ACCEPT, NULL},
    {"longer than paths can be followed",
     "r1 = 0\nl: r1 += 1\nif r1 < 100000000 goto l\nr0 = 0\nexit", VERDICT_ACCEPT, NULL},
};

/* ---- loops of which that must not be said ---- */
static const struct explore_case endless[] = {
    {"no counter", RANDOM "l: if r6 != 0 goto l\nr0 = 0\nexit", VERDICT_UNKNOWN, "no counter"},
    {"a counter that wraps around", "r1 = 0\nl: r1 += 1\nif r1 != 0 goto l\nr0 = 0\nexit",
     VERDICT_UNKNOWN, "no counter"},
    {"a 32-bit counter that wraps around", "w1 = 0\nl: w1 += 1\nif w1 != 7 goto l\nr0 = 0\nexit",
     VERDICT_UNKNOWN, "no counter"},
    {"a step that jumps over the end", "r1 = 0\nl: r1 += 2\nif r1 != 7 goto l\nr0 = 0\nexit",
     VERDICT_UNKNOWN, "no counter"},
    {"to and fro",
     RANDOM "r1 = 50\nl: if r6 > 5 goto d\nr1 += 1\ngoto t\nd: r1 += -1\n"
            "t: if r1 > 100 goto e\nif r1 != 0 goto l\ne: r0 = 0\nexit",
     VERDICT_UNKNOWN, "no counter"},
    {"set back in the loop",
     RANDOM "r1 = 0\nl: r1 += 1\nif r6 != 3 goto n\nr1 = 0\n"
            "n: if r1 < 10 goto l\nr0 = 0\nexit",
     VERDICT_UNKNOWN, "no counter"},
    {"the inner loop sets back the outer's",
     "r1 = 0\no: r2 = 0\ni: r2 += 1\nr1 = 0\nif r2 < 10 goto i\nr1 += 1\nif r1 < 10 goto o\n"
     "r0 = 0\nexit",
     VERDICT_UNKNOWN, "no counter"},
    {"a step that not every round makes",
     RANDOM "r1 = 0\nl: if r6 != 3 goto n\nr1 += 1\nn: if r1 < 10 goto l\nr0 = 0\nexit",
     VERDICT_UNKNOWN, "no counter"},
};

/* ---- what widening must not lose, and what it must ---- */
static const struct explore_case states[] = {
    {"an index with a bound of its own",
     "r1 = 0\n*(u64 *)(r10 - 8) = 0\n*(u64 *)(r10 - 16) = 0\n"
     "l: r2 = r10\nr2 += -16\nr3 = r1\nr3 &= 15\nr2 += r3\nr4 = *(u8 *)(r2 + 0)\nr1 += 1\n"
     "if r1 < 100000 goto l\nr0 = 0\nexit",
     VERDICT_ACCEPT, NULL},
    {"an index that leaves the stack in a later round",
     "r1 = 0\n*(u64 *)(r10 - 8) = 0\nl: r2 = r10\nr2 += -8\nr2 += r1\nr4 = *(u8 *)(r2 + 0)\n"
     "r1 += 1\nif r1 < 9 goto l\nr0 = 0\nexit",
     VERDICT_REJECT, "stack"},
    {"a pointer on one way, a number on the other",
     RANDOM "r1 = r10\nif r6 > 5 goto m\nr1 = 5\nm: *(u8 *)(r1 - 8) = 0\nr0 = 0\nexit",
     VERDICT_REJECT, NULL},
    {"written on one way only", RANDOM "if r6 > 5 goto m\nr7 = 1\nm: r0 = r7\nexit", VERDICT_REJECT,
     "!read_ok"},
};

#define EACH(table)                                                                                \
    for (size_t i = 0; i < sizeof(table) / sizeof *(table); i++)                                   \
    bed_expect(&(table)[i], PROG_sched_cls, EXPLORE_FIXPOINT)

/* What paths cannot finish, both can. */
static void test_both(void) {
    struct explore_bed b;
    check_note("both");
    if (!bed_prog(&b, PROG_sched_cls, "r1 = 0\nl: r1 += 1\nif r1 < 10000000 goto l\nr0 = 0\nexit"))
        return;
    b.opt.budget.insns = 10000;
    CHECK_EQ(bed_verify(&b), VERDICT_UNKNOWN);
    b.opt.explore = EXPLORE_BOTH;
    b.opt.keep = KEEP_ALL;
    CHECK_EQ(bed_verify(&b), VERDICT_ACCEPT);
    CHECK(b.result.stats.insns_processed > 10000); /* of both */
    CHECK(b.result.knowledge != NULL);
    bed_fini(&b);
    if (!bed_prog(&b, PROG_sched_cls, "l: call 7\nif r0 != 0 goto l\nexit"))
        return;
    b.opt.explore = EXPLORE_BOTH;
    b.opt.budget.insns = 1000;
    CHECK(bed_verify(&b) != VERDICT_ACCEPT);
    bed_fini(&b);
}

int main(void) {
    EACH(ends);
    EACH(endless);
    EACH(states);
    test_both();
    return check_end();
}

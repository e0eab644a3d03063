/* step_jmp_test.c: branches: decided ones and what they depend on, refinement of linked scalars,
 * tests for NULL, packet ranges by all eight comparisons, comparisons that leak.
 */
#include "verifier/tests/step_bed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Map 0 has one value at a fixed address; what a lookup in map 1 finds may be NULL. */
static void two_maps(struct bed *b) {
    struct map_def def = {.type = MAP_array, .key_size = 4, .value_size = 16, .max_entries = 1};
    bed_add_map(b, def);
    def.type = MAP_hash;
    bed_add_map(b, def);
}

static void numbers(struct bed *b) {
    for (uint32_t r = 2; r <= 4; r++)
        state_regs(&b->st)[r] = reg_scalar(scalar_unknown());
}

static const struct bed_setup xdp = {.type = PROG_xdp, .maps = two_maps, .entry = numbers};
static const struct bed_setup filter = {
    .type = PROG_socket_filter, .maps = two_maps, .entry = numbers, .unprivileged = true};

/* Only what a test says is dead may hold what would be refused. */
static const struct bed_case decided[] = {
    {"r0 = 5\nif r0 == 5 goto +1\nr0 = r9\nexit", NULL},
    {"r0 = 5\nif r0 != 5 goto +1\nr0 = r9\nexit", "R9 !read_ok"},
    {"r0 = 0\nif r2 < 10 goto +1\nexit\nif r2 >= 10 goto +1\nexit\nr0 = r9\nexit", NULL},
    {"r0 = 0\nif r2 s> 10 goto +1\nexit\nif r2 s< 0 goto +1\nexit\nr0 = r9\nexit", NULL},
    {"r0 = 0\nif w2 > 10 goto +1\nexit\nif w2 == 3 goto +1\nexit\nr0 = r9\nexit", NULL},
    {"r0 = 0\nif w2 == 3 goto +1\nexit\nif r2 != 3 goto +1\nexit\nexit", NULL},
    {"r0 = 0\nif w2 == 3 goto +1\nexit\nif r2 == 3 goto +1\nr0 = r9\nexit", "R9 !read_ok"},
    {"r0 = 0\nr2 &= 7\nif r2 & 8 goto +1\nexit\nr0 = r9\nexit", NULL},
    {"r0 = 0\nr2 |= 8\nif r2 & 8 goto +1\nr0 = r9\nexit", NULL},
    /* the same register on both sides */
    {"r0 = 0\nif r2 == r2 goto +1\nr0 = r9\nexit", NULL},
    {"r0 = 0\nif r2 < r2 goto +1\nexit\nr0 = r9\nexit", NULL},
    {"r0 = 0\nif w2 s>= w2 goto +1\nr0 = r9\nexit", NULL},
    {"r0 = 0\nif r2 & r2 goto +1\nexit\nr0 = r9\nexit", "R9 !read_ok"},
    /* two numbers that vary */
    {"r0 = 0\nif r2 < 10 goto +1\nexit\nif r3 > 20 goto +1\nexit\nif r2 >= r3 goto +1\nexit\n"
     "r0 = r9\nexit",
     NULL},
    {"r0 = 0\nif r2 > r3 goto +1\nexit\nif r2 == 0 goto +1\nexit\nr0 = r9\nexit", NULL},
    /* pointers: known not to be NULL, or nothing known */
    {"r0 = 0\nr2 = map_idx_value(0, 0) ll\nif r2 == 0 goto +1\nexit\nr0 = r9\nexit", NULL},
    {"r0 = 0\nr2 = map_idx_value(0, 0) ll\nif r2 != 0 goto +1\nr0 = r9\nexit", NULL},
    {"r0 = 0\nr2 = map_idx_value(0, 0) ll\nr5 = 0\nif r5 == r2 goto +1\nexit\nr0 = r9\nexit", NULL},
    {"r0 = 0\nr2 = map_idx_value(0, 0) ll\nif r2 == 1 goto +1\nexit\nr0 = r9\nexit", "R9 !read_ok"},
    {"r0 = 0\nr2 = map_idx_value(0, 0) ll\nif w2 == 0 goto +1\nexit\nr0 = r9\nexit", "R9 !read_ok"},
    {"r0 = 0\nif r10 == 0 goto +1\nexit\nr0 = r9\nexit", "R9 !read_ok"},
    {"r0 = 0\nif r5 == 0 goto +0\nexit", "R5 !read_ok"},
    {"r0 = 0\nif r2 == r5 goto +0\nexit", "R5 !read_ok"},
};

#define LOOKUP "*(u32 *)(r10 - 16) = 0\nr2 = r10\nr2 += -16\nr1 = map_idx(1) ll\ncall 1\n"

static const struct bed_case nulls[] = {
    {LOOKUP "r2 = *(u8 *)(r0 + 0)\nr0 = 0\nexit", "R0 invalid mem access 'map_value_or_null'"},
    {LOOKUP "if r0 == 0 goto +1\nr2 = *(u8 *)(r0 + 0)\nr0 = 0\nexit", NULL},
    {LOOKUP "if r0 != 0 goto +1\nr2 = *(u8 *)(r0 + 0)\nr0 = 0\nexit",
     "R0 invalid mem access 'scalar'"},
    {LOOKUP "r6 = r0\nif r0 == 0 goto +1\nr2 = *(u8 *)(r6 + 0)\nr0 = 0\nexit", NULL},
    {LOOKUP "*(u64 *)(r10 - 8) = r0\nif r0 == 0 goto +2\nr6 = *(u64 *)(r10 - 8)\n"
            "r2 = *(u8 *)(r6 + 0)\nr0 = 0\nexit",
     NULL},
    /* another lookup's pointer is not tested with it */
    {LOOKUP "r6 = r0\n" LOOKUP "if r0 == 0 goto +1\nr2 = *(u8 *)(r6 + 0)\nr0 = 0\nexit",
     "R6 invalid mem access 'map_value_or_null'"},
    /* half of a pointer is no test */
    {LOOKUP "if w0 == 0 goto +1\nr2 = *(u8 *)(r0 + 0)\nr0 = 0\nexit",
     "R0 invalid mem access 'map_value_or_null'"},
    {LOOKUP "if r0 > 0 goto +1\nexit\nr2 = *(u8 *)(r0 + 0)\nr0 = 0\nexit",
     "R0 invalid mem access 'map_value_or_null'"},
    /* equal to a pointer that is not NULL */
    {LOOKUP "r7 = map_idx_value(0, 0) ll\nif r0 != r7 goto +1\nr2 = *(u8 *)(r0 + 0)\nr0 = 0\nexit",
     NULL},
    {LOOKUP
     "r7 = map_idx_value(0, 0) ll\nif r7 == r0 goto +2\nr0 = 0\nexit\nr2 = *(u8 *)(r0 + 0)\nexit",
     NULL},
    {LOOKUP "r7 = map_idx_value(0, 0) ll\nif r7 == r0 goto +1\nr2 = *(u8 *)(r0 + 0)\nr0 = 0\nexit",
     "R0 invalid mem access 'map_value_or_null'"},
};

static const struct bed_case unprivileged[] = {
    {"r0 = 0\nif r1 == 5 goto +0\nexit", "R1 pointer comparison prohibited"},
    {"r0 = 0\nif r2 == r10 goto +0\nexit", "R10 pointer comparison prohibited"},
    {"r0 = 0\nif r10 == r2 goto +0\nexit", "R10 pointer comparison prohibited"},
    {LOOKUP "if r0 == 0 goto +1\nr2 = *(u8 *)(r0 + 0)\nr0 = 0\nexit", NULL},
};

#define PACKET          "r2 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r1 + 4)\nr4 = r2\nr4 += 14\nr0 = 0\n"
#define PACKET_AND_BYTE "r8 = *(u32 *)(r1 + 12)\nr8 &= 0xff\n" PACKET
#define READ(n)         "r5 = *(u8 *)(r2 + " #n ")\nexit"
#define BEYOND(n, size) "off=" #n " size=" #size

/* r4 is 14 bytes behind the start: on which edge may how many bytes be read? */
static const struct bed_case packets[] = {
    {PACKET READ(0), "invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0)"},
    {PACKET "if r4 > r3 goto +1\n" READ(13), NULL},
    {PACKET "if r4 > r3 goto +1\n" READ(14), BEYOND(14, 1)},
    {PACKET "if r4 > r3 goto +1\nexit\n" READ(0), BEYOND(0, 1)},
    {PACKET "if r4 >= r3 goto +1\n" READ(14), NULL},
    {PACKET "if r4 >= r3 goto +1\n" READ(15), BEYOND(15, 1)},
    {PACKET "if r4 < r3 goto +1\nexit\n" READ(14), NULL},
    {PACKET "if r4 < r3 goto +1\nexit\n" READ(15), BEYOND(15, 1)},
    {PACKET "if r4 < r3 goto +2\n" READ(0), BEYOND(0, 1)},
    {PACKET "if r4 <= r3 goto +1\nexit\n" READ(13), NULL},
    {PACKET "if r4 <= r3 goto +1\nexit\n" READ(14), BEYOND(14, 1)},
    {PACKET "if r3 > r4 goto +1\nexit\n" READ(14), NULL},
    {PACKET "if r3 > r4 goto +1\nexit\n" READ(15), BEYOND(15, 1)},
    {PACKET "if r3 >= r4 goto +1\nexit\n" READ(13), NULL},
    {PACKET "if r3 >= r4 goto +1\nexit\n" READ(14), BEYOND(14, 1)},
    {PACKET "if r3 < r4 goto +1\n" READ(13), NULL},
    {PACKET "if r3 < r4 goto +1\n" READ(14), BEYOND(14, 1)},
    {PACKET "if r3 <= r4 goto +1\n" READ(14), NULL},
    {PACKET "if r3 <= r4 goto +1\n" READ(15), BEYOND(15, 1)},
    /* equality proves nothing */
    {PACKET "if r4 == r3 goto +1\nexit\n" READ(0), BEYOND(0, 1)},
    /* a pointer that is beyond the end stays there */
    {PACKET "if r4 > r3 goto +1\nexit\nif r4 <= r3 goto +1\nexit\nr0 = r9\nexit", NULL},
    {PACKET "if r4 >= r3 goto +1\nexit\nif r4 < r3 goto +1\nexit\nr0 = r9\nexit", NULL},
    {PACKET "if r4 >= r3 goto +1\nexit\nif r4 > r3 goto +1\nexit\nr0 = r9\nexit", "R9 !read_ok"},
    {PACKET "if r4 > r3 goto +1\nexit\nr5 = *(u8 *)(r4 + 0)\nexit",
     "R4 offset is outside of the packet"},
    /* behind an offset that varies: what is proved is of the same offset only */
    {"r6 = r1\ncall 7\nr0 &= 0xff\nr2 = *(u32 *)(r6 + 0)\nr3 = *(u32 *)(r6 + 4)\nr5 = r2\nr2 += "
     "r0\n"
     "r4 = r2\nr4 += 8\nr0 = 0\nif r4 > r3 goto +1\nr7 = *(u64 *)(r2 + 0)\nexit",
     NULL},
    {"r6 = r1\ncall 7\nr0 &= 0xff\nr2 = *(u32 *)(r6 + 0)\nr3 = *(u32 *)(r6 + 4)\nr5 = r2\nr2 += "
     "r0\n"
     "r4 = r2\nr4 += 8\nr0 = 0\nif r4 > r3 goto +1\nr7 = *(u64 *)(r5 + 0)\nexit",
     BEYOND(0, 8)},
    {"r6 = r1\ncall 7\nr0 &= 0xffff\nr2 = *(u32 *)(r6 + 0)\nr3 = *(u32 *)(r6 + 4)\nr2 += r0\n"
     "r4 = r2\nr4 += 8\nr0 = 0\nif r4 > r3 goto +1\nr7 = *(u64 *)(r2 + 0)\nexit",
     BEYOND(0, 8)},
    /* what varies and is added behind the test leaves nothing proved; what is taken away may lead
     * before the packet */
    {PACKET_AND_BYTE "if r4 > r3 goto +2\nr2 += r8\nr5 = *(u8 *)(r2 + 0)\nexit", BEYOND(0, 1)},
    {PACKET_AND_BYTE "if r4 > r3 goto +2\nr4 -= r8\nr5 = *(u8 *)(r4 - 1)\nexit",
     "R4 min value is negative"},
    /* metadata ends where the packet starts */
    {"r2 = *(u32 *)(r1 + 8)\nr3 = *(u32 *)(r1 + 0)\nr4 = r2\nr4 += 8\nr0 = 0\nif r4 > r3 goto +1\n"
     "r5 = *(u64 *)(r2 + 0)\nexit",
     NULL},
    {"r2 = *(u32 *)(r1 + 8)\nr3 = *(u32 *)(r1 + 0)\nr3 += 1\nr4 = r2\nr4 += 8\nr0 = 0\n"
     "if r4 > r3 goto +1\nr5 = *(u64 *)(r2 + 0)\nexit",
     BEYOND(0, 8)},
};

/* One step of a program's last but one instruction, its forks kept. */
static void run_to_last(struct bed *b, const struct bed_setup *setup, const char *text) {
    check_note(text);
    if (!bed_open(b, setup, text))
        abort();
    for (uint32_t pc = 0; pc + 1 < b->prog.n_insns; pc = b->s.next) {
        for (uint32_t i = 0; i < b->s.n_forks; i++)
            bed_release(NULL, b->s.forks[i].st);
        CHECK(bed_run(b, pc));
    }
}

static void drop(struct bed *b) {
    for (uint32_t i = 0; i < b->s.n_forks; i++)
        bed_release(NULL, b->s.forks[i].st);
    bed_close(b);
}

/* What a branch asks to be precise. */
static void test_precision(void) {
    static const struct {
        const char *text;
        int decided;
        uint16_t precise;
    } rows[] = {
        {"r2 = 5\nif r2 == 5 goto +0\nexit", 1, 1u << 2},
        {"r2 = 5\nif r2 > 7 goto +0\nexit", -1, 1u << 2},
        {"r2 &= 7\nr4 = 9\nif r2 < r4 goto +0\nexit", 1, 1u << 2 | 1u << 4},
        {"if r2 < 7 goto +0\nexit", 0, 0},
        {"r2 = map_idx_value(0, 0) ll\nif r2 == 0 goto +0\nexit", -1, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bed b;
        run_to_last(&b, &xdp, rows[i].text);
        CHECK_EQ(b.s.eff.decided, rows[i].decided);
        CHECK_EQ(b.s.eff.precise, rows[i].precise);
        CHECK_EQ(b.s.n_forks, rows[i].decided == 0);
        drop(&b);
    }
}

/* The fork is the taken edge; both tell the copies, shifted by their deltas, spilled or not. */
static void test_linked(void) {
    struct bed b;
    run_to_last(&b, &xdp,
                "r3 = r2\nr3 += 5\n*(u64 *)(r10 - 8) = r2\nr4 = r2\nif r2 < 100 goto +0\nexit");
    CHECK_EQ(b.s.n_forks, 1);
    CHECK_EQ(b.s.eff.n_linked, 4);
    const struct reg *const not_taken = state_regs(&b.st);
    const struct reg *const taken = state_regs(b.s.forks[0].st);
    CHECK_EQ(taken[2].v.u.max, 99);
    CHECK_EQ(taken[4].v.u.max, 99);
    CHECK_EQ(taken[3].v.u.max, 104);
    CHECK_EQ(taken[3].v.u.min, 5);
    CHECK(taken[3].has_delta && taken[3].off == 5 && !taken[4].has_delta);
    CHECK_EQ(b.s.forks[0].st->frames[0]->slots[0].spilled.v.u.max, 99);
    CHECK_EQ(not_taken[4].v.u.min, 100);
    CHECK_EQ(b.st.frames[0]->slots[0].spilled.v.u.min, 100);
    drop(&b);
    /* the sum's own bounds tell the summand */
    run_to_last(&b, &xdp, "r2 &= 0xfff\nr3 = r2\nr3 += 5\nif r3 > 100 goto +0\nexit");
    CHECK_EQ(state_regs(&b.st)[2].v.u.max, 95);
    CHECK_EQ(state_regs(b.s.forks[0].st)[2].v.u.min, 96);
    drop(&b);
    /* a register alone has no link to record */
    run_to_last(&b, &xdp, "if r2 < 100 goto +0\nexit");
    CHECK_EQ(b.s.eff.n_linked, 0);
    drop(&b);
    /* the seventh is cut off */
    run_to_last(&b, &xdp,
                "r3 = r2\nr4 = r2\nr5 = r2\nr6 = r2\nr7 = r2\nr8 = r2\nif r2 < 100 goto +0\nexit");
    CHECK_EQ(b.s.eff.n_linked, STEP_MAX_LINKED);
    CHECK_EQ(state_regs(&b.st)[8].id, 0);
    CHECK_EQ(state_regs(b.s.forks[0].st)[8].v.u.max, UINT64_MAX);
    CHECK_EQ(state_regs(b.s.forks[0].st)[7].v.u.max, 99);
    drop(&b);
}

/* may_goto: the path jumps, the fork spends and goes on. */
static void test_budget(void) {
    struct bed b;
    check_note("may_goto");
    if (!bed_open(&b, &xdp, "may_goto +1\nr0 = 0\nexit"))
        abort();
    CHECK(bed_run(&b, 0));
    CHECK_EQ(b.s.next, 2);
    CHECK_EQ(b.st.may_gotos, 0);
    if (CHECK_EQ(b.s.n_forks, 1)) {
        CHECK_EQ(b.s.forks[0].pc, 1);
        CHECK(b.s.forks[0].widen);
        CHECK_EQ(b.s.forks[0].st->may_gotos, 1);
    }
    drop(&b);
}

int main(void) {
    bed_check_all(decided, COUNT(decided), &xdp);
    bed_check_all(nulls, COUNT(nulls), &xdp);
    bed_check_all(packets, COUNT(packets), &xdp);
    bed_check_all(unprivileged, COUNT(unprivileged), &filter);
    test_precision();
    test_linked();
    test_budget();
    return check_end();
}

/* knowledge_test.c: what is kept: the tree of records, the joined states, edges, facts.
 */
#include "verifier/knowledge.h"
#include "verifier/tests/explore_bed.h"

#define RANDOM "call 7\nr6 = r0\n"

static const char *const programs[] = {
    "r0 = 0\nexit",
    RANDOM "if r6 > 5 goto a\nr7 = 1\ngoto b\na: r7 = 2\nb: r0 = r7\nexit",
    "r7 = 0\nl: call 7\nif r0 == 3 goto m\nr8 = 1\nm: r7 += 1\nif r7 < 30 goto l\nr0 = 0\nexit",
    RANDOM
    "r1 = r6\ncall f\nr1 = r0\ncall f\nr0 = 0\nexit\nf: if r1 > 7 goto g\nr1 = 3\ng: r0 = r1\n"
    "exit",
    "r1 = 50\nr2 = code(cb) ll\nr3 = 0\nr4 = 0\ncall 181\nr0 = 0\nexit\ncb: r0 = 0\nexit",
    /* paths with and without a socket held meet at m */
    ("r6 = r1\ncall 7\nr7 = 0\nif r0 == 3 goto m\n*(u64 *)(r10 - 8) = 0\n*(u64 *)(r10 - 16) = 0\n"
     "r1 = r6\nr2 = r10\nr2 += -16\nr3 = 12\nr4 = -1\nr5 = 0\ncall 84\nr7 = r0\n"
     "m: if r7 == 0 goto e\nr1 = r7\ncall 86\ne: r0 = 0\nexit"),
    "l: may_goto e\ncall 7\nif r0 != 9 goto l\ngoto l\ne: r0 = 0\nexit",
    ("r1 = map_idx(1) ll\nr2 = r10\nr2 += -4\n*(u32 *)(r10 - 4) = 1\ncall 1\nif r0 == 0 goto e\n"
     "r1 = *(u64 *)(r0 + 8)\ne: r0 = 0\nexit"),
};

static bool open_program(struct explore_bed *b, const char *text, enum keep keep) {
    check_note(text);
    if (!bed_prog(b, PROG_sched_cls, text))
        return false;
    b->opt.keep = keep;
    b->opt.every_state = keep == KEEP_ALL;
    return CHECK_EQ(bed_verify(b), VERDICT_ACCEPT) && CHECK(b->result.knowledge != NULL);
}

/* Every record but the first is the child of one before it, exactly once; covered ones are leaves
 * and covered by a record of the same instruction under the same calls. */
static void check_tree(const struct knowledge *k) {
    uint32_t *const times = calloc(k->n_records + 1, sizeof *times);
    uint32_t entries = 0;
    if (!CHECK(times != NULL))
        return;
    CHECK(k->complete && k->n_records > 1);
    for (uint32_t i = 1; i < k->n_records; i++) {
        const struct record *const r = &k->records[i];
        CHECK(r->pc < k->n_insns && r->from < i);
        CHECK(state_well_formed(&r->st));
        entries += r->from == 0;
        for (uint32_t c = r->child; c; c = k->records[c].sibling) {
            times[c]++;
            CHECK_EQ(k->records[c].from, i);
        }
        if (!r->covered_by)
            continue;
        const struct record *const by = &k->records[r->covered_by];
        CHECK_EQ(r->child, 0);
        CHECK_EQ(by->pc, r->pc);
        CHECK(by->settled && path_same_calls(&by->st, &r->st));
        CHECK(r->covered_by < i && by->covered_by == 0);
    }
    for (uint32_t i = 1; i < k->n_records; i++)
        CHECK_EQ(times[i], k->records[i].from != 0);
    CHECK(entries >= 1);
    free(times);
}

/* The joined states hold every number of every record. */
static void check_joined(const struct knowledge *k) {
    for (uint32_t i = 1; i < k->n_records; i++) {
        const struct record *const r = &k->records[i];
        const struct known *n = k->at[r->pc];
        if (r->covered_by)
            continue; /* was not executed there */
        while (n && !state_joinable(&n->st, &r->st))
            n = n->next;
        if (!CHECK(n != NULL))
            continue;
        for (uint32_t reg = 0; reg < N_REGS; reg++) {
            const struct reg *const all = &state_regs(&n->st)[reg];
            const struct reg *const one = &state_regs(&r->st)[reg];
            if (all->kind == REG_SCALAR)
                CHECK(one->kind == REG_SCALAR && scalar_subset(one->v, all->v));
            else if (all->kind != REG_UNINIT)
                CHECK_EQ(one->kind, all->kind);
        }
    }
}

static void test_records(void) {
    uint64_t n_covered = 0;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        struct explore_bed b;
        if (open_program(&b, programs[i], KEEP_ALL)) {
            check_tree(b.result.knowledge);
            check_joined(b.result.knowledge);
            for (uint32_t r = 1; r < b.result.knowledge->n_records; r++)
                n_covered += b.result.knowledge->records[r].covered_by != 0;
        }
        bed_fini(&b);
    }
    check_note(NULL);
    CHECK(n_covered > 3);
}

/* What does not fit is not recorded, and said to be missing; the rest stays. */
static void test_full(void) {
    struct explore_bed b;
    if (open_program(&b, programs[2], KEEP_ALL)) {
        const uint32_t all = b.result.knowledge->n_records;
        b.opt.every_state = false;
        b.opt.budget.bytes = 60000;
        CHECK_EQ(bed_verify(&b), VERDICT_ACCEPT);
        CHECK(!b.result.knowledge->complete);
        CHECK(b.result.knowledge->n_records < all);
        CHECK(b.result.knowledge->at[0] != NULL);
    }
    bed_fini(&b);
}

/* ---- facts ---- */

static void facts_of(struct explore_bed *b, const char *text, enum explore how, struct facts *f) {
    check_note(text);
    *f = (struct facts){0};
    if (!bed_prog(b, PROG_sched_cls, text))
        return;
    b->opt.every_state = true; /* paths are covered wherever they may */
    b->opt.keep = KEEP_JOINED;
    b->opt.explore = how;
    if (CHECK_EQ(bed_verify(b), VERDICT_ACCEPT))
        CHECK_EQ(knowledge_facts(b->result.knowledge, &b->prog, f), BPFLAB_OK);
}

static void test_numbers(void) {
    struct explore_bed b;
    struct facts f;
    for (int how = EXPLORE_PATHS; how <= EXPLORE_FIXPOINT; how++) {
        facts_of(&b,
                 "r1 = 6\nr1 *= 7\nif r1 == 42 goto e\nr2 = 1\ne: r3 = 10\nr3 /= r1\nw4 = w3\n"
                 "r5 = 0x100000002 ll\nr0 = 0\nexit",
                 (enum explore)how, &f);
        if (f.at) {
            CHECK(f.at[1].dst_const && f.at[1].const_value == 42);
            CHECK(f.at[2].always && !f.at[2].never && f.at[3].dead && !f.at[4].dead);
            CHECK(f.at[5].divisor_known_nonzero && f.at[5].dst_const && !f.at[5].const_value);
            CHECK(f.at[7].dst_const && f.at[7].const_value == 0x100000002);
        }
        facts_fini(&f);
        bed_fini(&b);
    }
    /* r7 decides nothing: the second path is covered, and must not be believed to have the
     * first's */
    facts_of(
        &b,
        "call 7\nr7 = 1\nif r0 s> 5 goto m\nr7 = 2\nm: r8 = r7\nr8 += 1\n*(u64 *)(r10 - 8) = r8\n"
        "r0 = 0\nexit",
        EXPLORE_PATHS, &f);
    if (f.at)
        CHECK(!f.at[4].dst_const && !f.at[5].dst_const);
    facts_fini(&f);
    bed_fini(&b);
    /* an atomic that returns nothing leaves its operand what it was */
    facts_of(
        &b,
        "*(u32 *)(r10 - 4) = 0\nr1 = map_idx(0) ll\nr2 = r10\nr2 += -4\ncall 1\nif r0 == 0 goto e\n"
        "r6 = r0\ncall 7\nr7 = 1\nif r0 s> 5 goto m\nr7 = 2\n"
        "m: lock *(u64 *)(r6 + 0) += r7\nr8 = r7\ne: r0 = 0\nexit",
        EXPLORE_PATHS, &f);
    if (f.at)
        CHECK(!f.at[13].dst_const);
    facts_fini(&f);
    bed_fini(&b);
}

static void test_upper_halves(void) {
    struct explore_bed b;
    struct facts f;
    facts_of(&b,
             "call 7\nw6 = w0\nw6 += 1\nif w6 == 3 goto +0\nw7 = w0\nr8 = r7\nw8 += 5\n"
             "*(u32 *)(r10 - 8) = r8\nw9 = w0\n*(u64 *)(r10 - 16) = r9\nr0 = 0\nexit",
             EXPLORE_PATHS, &f);
    if (f.at) {
        CHECK(!f.at[1].needs_zext && !f.at[2].needs_zext); /* only 32 bits are read */
        CHECK(!f.at[4].needs_zext && !f.at[6].needs_zext); /* a copy of which the same is true */
        CHECK(f.at[8].needs_zext);                         /* stored whole */
        CHECK(f.at[7].bounded && f.at[9].bounded);
        CHECK(!(f.at[9].live_out >> 9 & 1) && (f.at[8].live_out >> 9 & 1));
    }
    facts_fini(&f);
    bed_fini(&b);
    facts_of(&b, "call 7\nw1 = w0\ncall f\nexit\nf: w0 = w1\nr1 = 0\nexit", EXPLORE_PATHS, &f);
    if (f.at)
        CHECK(f.at[1].needs_zext && f.at[4].needs_zext); /* an argument, a result */
    facts_fini(&f);
    bed_fini(&b);
    facts_of(&b,
             "call 7\nr6 = r0\nr6 = be32 r6\n*(u64 *)(r10 - 8) = r6\nr6 = be16 r6\n"
             "*(u32 *)(r10 - 8) = r6\nr0 = bswap64 r0\nr0 = le16 r0\nexit",
             EXPLORE_PATHS, &f);
    if (f.at) {
        CHECK(f.at[2].needs_zext && f.at[7].needs_zext);   /* byte orders of less than 64 bits */
        CHECK(!f.at[4].needs_zext && !f.at[6].needs_zext); /* not read; 64 bits */
    }
    facts_fini(&f);
    bed_fini(&b);
}

int main(void) {
    test_records();
    test_full();
    test_numbers();
    test_upper_halves();
    return check_end();
}

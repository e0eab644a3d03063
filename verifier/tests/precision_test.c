/* precision_test.c: walks over planted histories: which registers and slots of the kept states
 * before a path are marked.
 */
#include "verifier/precision.h"

#include "verifier/tests/subject_bed.h"

enum {
    MAX_PCS = 16,
    SLOTS = 4,
    ALL = 0x3ff, /* r0 to r9 */
};

#define R(n) (1u << (n))

/* struct history: instructions executed, the last one not yet; the states kept before the first,
 * and before the one at index kept (0: none); what is wanted before the last. */
struct history {
    const char *text;
    uint32_t n, pcs[MAX_PCS];
    uint32_t frame, regs; /* wanted */
    uint64_t slots;       /* wanted, of frame 0 */
    uint32_t kept;
    uint32_t linked_at, linked; /* registers refined together there */
    /* what must be marked of frame 0 */
    uint32_t first_regs, kept_regs;
    uint64_t first_slots;
};

static const struct history histories[] = {
    {"r1 = r2\nr3 = r1\nexit", 3, {0, 1, 2}, .regs = R(3), .first_regs = R(2)},
    {"r1 = 5\nr3 = r1\nexit", 3, {0, 1, 2}, .regs = R(3)},
    {"r1 += r2\nexit", 2, {0, 1}, .regs = R(1), .first_regs = R(1) | R(2)},
    {"r1 += 5\nr1 = -r1\nexit", 3, {0, 1, 2}, .regs = R(1), .first_regs = R(1)},
    {"w1 = w2\nr3 = (s8)r1\nexit", 3, {0, 1, 2}, .regs = R(3), .first_regs = R(2)},
    {"r1 = r2\nr4 = r5\nexit", 3, {0, 1, 2}, .regs = R(6), .first_regs = R(6)},
    /* through the stack */
    {"*(u64 *)(r10 - 8) = r3\nr3 = 0\nr4 = *(u64 *)(r10 - 8)\nexit",
     4,
     {0, 1, 2, 3},
     .regs = R(4),
     .first_regs = R(3)},
    {"r4 = *(u64 *)(r10 - 16)\nexit", 2, {0, 1}, .regs = R(4), .first_slots = 2},
    {"*(u64 *)(r10 - 8) = 7\nr4 = *(u64 *)(r10 - 8)\nexit", 3, {0, 1, 2}, .regs = R(4)},
    {"*(u64 *)(r10 - 8) = r3\nexit", 2, {0, 1}, .slots = 1, .first_regs = R(3)},
    {"*(u64 *)(r10 - 8) = r3\nexit", 2, {0, 1}, .slots = 2, .first_slots = 2},
    {"r4 = *(u8 *)(r1 + 0)\nexit", 2, {0, 1}, .regs = R(4)},
    /* calls: results depend on nothing that is followed; arguments that are wanted cannot be */
    {"call 7\nr6 = r0\nexit", 3, {0, 1, 2}, .regs = R(6)},
    {"call 7\nr7 = r6\nexit", 3, {0, 1, 2}, .regs = R(7), .first_regs = R(6)},
    {"call 7\nr7 = r1\nexit", 3, {0, 1, 2}, .regs = R(7), .first_regs = ALL, .first_slots = 0xf},
    {"r1 = r6\ncall f\nexit\nf: r0 = r1\nr0 += 1\nexit",
     6,
     {0, 1, 3, 4, 5, 2},
     .regs = R(0),
     .first_regs = R(6)},
    {"r1 = r6\ncall f\nexit\nf: r2 = r1\nexit",
     4,
     {0, 1, 3, 4},
     .frame = 1,
     .regs = R(2),
     .first_regs = R(6)},
    {"call f\nr7 = r6\nexit\nf: r6 = 5\nr0 = r6\nexit",
     6,
     {0, 3, 4, 5, 1, 2},
     .regs = R(7),
     .first_regs = R(6)},
    /* comparisons */
    {"if r1 > r2 goto +0\nr3 = r1\nexit", 3, {0, 1, 2}, .regs = R(3), .first_regs = R(1) | R(2)},
    {"if r1 > 7 goto +0\nr3 = r1\nexit", 3, {0, 1, 2}, .regs = R(3), .first_regs = R(1)},
    {"if r1 > 7 goto +0\nr3 = r1\nexit",
     3,
     {0, 1, 2},
     .regs = R(3),
     .linked_at = 1,
     .linked = R(1) | R(5),
     .first_regs = R(1) | R(5)},
    {"if r1 > 7 goto +0\nr3 = r2\nexit",
     3,
     {0, 1, 2},
     .regs = R(3),
     .linked_at = 1,
     .linked = R(1) | R(5),
     .first_regs = R(2)},
    /* the way that was taken counts, not the text */
    {"if r9 > 1 goto +1\nr1 = r2\nr3 = r1\nexit", 3, {0, 2, 3}, .regs = R(3), .first_regs = R(1)},
    {"if r9 > 1 goto +1\nr1 = r2\nr3 = r1\nexit",
     4,
     {0, 1, 2, 3},
     .regs = R(3),
     .first_regs = R(2)},
    {"r1 = r2\nr2 = r3\nr3 = r4\nif r9 > 1 goto -4\nexit",
     9,
     {0, 1, 2, 3, 0, 1, 2, 3, 4},
     .regs = R(1),
     .first_regs = R(3)},
    /* two kept states: marks go on to the older one */
    {"r2 = r1\nr3 = r2\nr4 = r3\nexit",
     4,
     {0, 1, 2, 3},
     .regs = R(4),
     .kept = 2,
     .kept_regs = R(3),
     .first_regs = R(1)},
    {"r2 = 1\nr3 = r2\nr4 = r3\nexit", 4, {0, 1, 2, 3}, .regs = R(4), .kept = 2, .kept_regs = R(3)},
    /* a pointer to memory that is wanted as a number */
    {"*(u64 *)(r3 - 8) = r4\nexit", 2, {0, 1}, .regs = R(3), .first_regs = ALL, .first_slots = 0xf},
};

/* A state in which every register and SLOTS slots hold numbers that are not precise; at the entry
 * only r1 to r5 do. */
static bool fill(struct state *st, bool entry) {
    if (!CHECK_EQ(state_init(st, 0), BPFLAB_OK) ||
        !CHECK_EQ(frame_need(state_frame(st), entry ? 0 : SLOTS), BPFLAB_OK))
        return false;
    for (uint32_t r = entry ? 1 : 0; r < (entry ? 6 : REG_FP); r++)
        state_regs(st)[r] = reg_scalar(scalar_unknown());
    for (uint32_t i = 0; i < state_frame(st)->n_slots; i++) {
        struct slot *const s = &state_frame(st)->slots[i];
        s->spilled = reg_scalar(scalar_unknown());
        memset(s->byte, SLOT_SPILL, sizeof s->byte);
    }
    return true;
}

/* Keep the path's state: it goes on behind it. */
static bool keep(struct path *p, struct kept *k) {
    if (!CHECK_EQ(path_copy_past(&k->p, p), BPFLAB_OK) || !fill(&k->p.st, p->prev_pc == PATH_NO_PC))
        return false;
    path_start(p, k);
    return true;
}

/* What the instruction at p->pc leaves in the history. */
static bool remember(const struct subject *sub, const struct history *h, uint32_t i,
                     struct path *p) {
    const uint32_t pc = p->pc;
    const struct insn in = sub->prog->insns[pc];
    const uint8_t cls = op_table[sub->ops[pc]].cls;
    const bool fills = cls == CLASS_LDX && in.src == REG_FP;
    const bool spills = (cls == CLASS_STX || cls == CLASS_ST) && in.dst == REG_FP;
    const bool linked = h->linked_at == i + 1;
    if (!fills && !spills && !linked && !(sub->pc_flags[pc] & PC_HISTORY) &&
        (i == 0 || h->pcs[i] == h->pcs[i - 1] + 1))
        return true;
    struct hist *const e = path_remember(p);
    if (!CHECK(e != NULL))
        return false;
    e->moved_slot = fills || spills;
    if (e->moved_slot)
        e->moved_index = (uint8_t)slot_of(in.off);
    for (uint32_t r = 0; linked && r < N_REGS; r++)
        if (h->linked >> r & 1)
            e->linked[e->n_linked++] = (struct linked){.index = (uint8_t)r};
    return true;
}

static void check_marks(const struct kept *k, uint32_t regs, uint64_t slots) {
    const struct frame *const f = k->p.st.frames[0];
    uint32_t got = 0;
    uint64_t got_slots = 0;
    for (uint32_t r = 0; r < N_REGS; r++)
        got |= f->regs[r].precise ? R(r) : 0;
    for (uint32_t i = 0; i < f->n_slots; i++)
        got_slots |= (uint64_t)f->slots[i].spilled.precise << i;
    CHECK_EQ(got, regs);
    CHECK_EQ(got_slots, slots);
}

/* struct walk_bed: the program behind a jump that changes nothing; kept states at the entry,
 * behind the jump, and where the history says. */
struct walk_bed {
    struct subject_bed b;
    struct precision pr;
    struct kept entry, first, second;
    struct path p;
};

static bool open_walk(struct walk_bed *w, const char *text) {
    char whole[512];
    snprintf(whole, sizeof whole, "goto +0\n%s", text);
    *w = (struct walk_bed){.p.prev_pc = PATH_NO_PC};
    if (!bed_parse(&w->b, whole) || !CHECK(bed_make(&w->b)) ||
        !CHECK_EQ(precision_init(&w->b.sub, &w->pr), BPFLAB_OK) || !keep(&w->p, &w->entry))
        return false;
    path_advance(&w->p, 1);
    return keep(&w->p, &w->first);
}

static void close_walk(struct walk_bed *w) {
    precision_fini(&w->pr);
    path_fini(&w->p);
    path_fini(&w->entry.p);
    path_fini(&w->first.p);
    path_fini(&w->second.p);
    bed_drop(&w->b);
}

static bool mark(struct walk_bed *w, const struct history *h) {
    struct wanted wanted = {.frame = h->frame};
    wanted.regs[h->frame] = (uint16_t)h->regs;
    wanted.slots[0] = h->slots;
    return precision_mark(&w->pr, &w->p, &wanted);
}

static void check_history(const struct history *h) {
    struct walk_bed w;
    check_note(h->text);
    bool ok = open_walk(&w, h->text);
    for (uint32_t i = 0; ok && i + 1 < h->n; i++) {
        if (h->kept && i == h->kept)
            ok = keep(&w.p, &w.second);
        ok = ok && remember(&w.b.sub, h, i, &w.p);
        path_advance(&w.p, 1 + h->pcs[i + 1]);
    }
    if (ok && ((w.b.sub.pc_flags[w.p.pc] & PC_HISTORY) || w.p.pc != w.p.prev_pc + 1))
        ok = CHECK(path_remember(&w.p) != NULL);
    if (ok) {
        CHECK_EQ(mark(&w, h), (h->first_regs | h->kept_regs | h->first_slots) != 0);
        check_marks(&w.first, h->first_regs, h->first_slots);
        if (h->kept)
            check_marks(&w.second, h->kept_regs, 0);
        CHECK(!mark(&w, h)); /* a second walk learns nothing new */
    }
    close_walk(&w);
    check_note(NULL);
}

/* What is precise already ends the walk: the states before it know. */
static void test_known(void) {
    static const struct history h = {.regs = R(3)};
    struct walk_bed w;
    check_note("precise already");
    if (open_walk(&w, "r2 = r1\nr3 = r2\nexit") && CHECK(path_remember(&w.p) != NULL)) {
        path_advance(&w.p, 2);
        if (keep(&w.p, &w.second)) {
            state_regs(&w.second.p.st)[2].precise = true;
            path_advance(&w.p, 3);
            CHECK(!mark(&w, &h));
            check_marks(&w.first, 0, 0);
        }
    }
    close_walk(&w);
    check_note(NULL);
}

int main(void) {
    for (size_t i = 0; i < sizeof histories / sizeof *histories; i++)
        check_history(&histories[i]);
    test_known();
    return check_end();
}

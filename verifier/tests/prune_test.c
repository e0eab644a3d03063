/* prune_test.c: covering: what it must see, what it must never say, and that it is an order. */
#include "verifier/prune.h"
#include "verifier/tests/state_bed.h"

static struct prune_ids scratch;
static const enum prune_mode modes[] = {PRUNE_NOT_EXACT, PRUNE_EXACT, PRUNE_RANGE_WITHIN};

static bool covers(const struct state *old, const struct state *cur, enum prune_mode mode) {
    const struct prune_live all = prune_live_all();
    return prune_covers(old, cur, &all, mode, &scratch);
}

/* Other numbers for all identities. */
static void renumber(struct state *st) {
    struct reg *r;
    for (struct reg_walk w = {.st = st}; (r = reg_walk_next(&w)) != NULL;)
        r->id = r->id ? 1000 - 7 * r->id : 0;
}

static struct reg *any_reg(uint64_t *seed, struct state *st) {
    uint32_t n = 0, at = 0;
    struct reg *r;
    for (struct reg_walk w = {.st = st}; reg_walk_next(&w);)
        n++;
    const uint32_t pick = bed_below(seed, n);
    for (struct reg_walk w = {.st = st}; (r = reg_walk_next(&w)) != NULL;)
        if (at++ == pick && w.reg != REG_FP)
            return r;
    return &st->frames[0]->regs[0];
}

/* Makes a state one that allows more: what covered still covers (where imprecise scalars count). */
static void weaken(uint64_t *seed, struct state *st) {
    struct reg *r = any_reg(seed, st);
    struct frame *f = st->frames[bed_below(seed, st->depth + 1)];
    switch (bed_below(seed, 4)) {
    case 0:
        if (r->kind == REG_SCALAR)
            r->v = scalar_join(r->v, bed_scalar(seed));
        break;
    case 1:
        if (r->kind == REG_SCALAR)
            r->precise = false;
        break;
    case 2: f->regs[bed_below(seed, REG_FP)] = reg_uninit(); break;
    default:
        if (f->n_slots)
            f->slots[bed_below(seed, f->n_slots)] = (struct slot){.spilled = reg_uninit()};
    }
}

/* Makes a state one that allows less. */
static void strengthen(uint64_t *seed, struct state *st) {
    struct reg *r = any_reg(seed, st);
    if (r->kind == REG_SCALAR && !r->id)
        r->v = scalar_const(bed_member(seed, r->v));
    else if (r->kind == REG_PACKET && r->range >= 0)
        r->range += (int32_t)bed_below(seed, 9);
}

static void test_order(void) {
    uint64_t seed = 11;
    uint64_t kept[3] = {0};
    for (uint32_t i = 0; i < 3000; i++) {
        scratch.uninit_stack_ok = i & 1;
        struct state old = bed_state(&seed, bed_below(&seed, 2));
        struct state cur = bed_copy(&old);
        for (uint32_t m = 0; m < 3; m++)
            CHECK(covers(&old, &cur, modes[m]));
        CHECK(prune_maybe_looping(&old, &cur));
        renumber(&cur);
        for (uint32_t m = 0; m < 3; m++)
            CHECK(covers(&old, &cur, modes[m]));
        for (uint32_t k = 0; k < 8; k++) {
            if (k & 1)
                weaken(&seed, &old);
            else
                strengthen(&seed, &cur);
            CHECK(covers(&old, &cur, PRUNE_NOT_EXACT));
        }
        for (uint32_t m = 0; m < 3; m++)
            kept[m] += covers(&old, &cur, modes[m]);
        /* exactness orders the modes: what EXACT sees, the others do */
        if (covers(&old, &cur, PRUNE_EXACT))
            CHECK(covers(&old, &cur, PRUNE_RANGE_WITHIN) && covers(&old, &cur, PRUNE_NOT_EXACT));
        state_fini(&old);
        state_fini(&cur);
    }
    CHECK(kept[1] < kept[2] && kept[2] < kept[0]);
}

/* ---- never wrong: a member of cur, register by register, is one of old ---- */

static void check_value(const struct reg *old, const struct reg *cur, enum prune_mode mode,
                        uint64_t *seed) {
    if (old->kind == REG_UNINIT)
        return;
    CHECK_EQ(cur->kind, old->kind);
    if (old->kind == REG_SCALAR && (old->precise || mode != PRUNE_NOT_EXACT))
        for (uint32_t i = 0; i < 4; i++)
            CHECK(scalar_contains(old->v, bed_member(seed, cur->v)));
    if (old->kind == REG_PACKET)
        CHECK(cur->range == old->range || (old->range >= 0 && cur->range > old->range));
    if (old->kind == REG_MAP_VALUE)
        CHECK(cur->map == old->map && cur->flags == old->flags);
}

static bool counts(const struct reg *r, enum prune_mode mode) {
    return r->id && (r->kind != REG_SCALAR || r->precise || mode != PRUNE_NOT_EXACT);
}

/* What is equal in old is equal in cur. */
static void check_links(const struct frame *old, const struct frame *cur, enum prune_mode mode) {
    for (uint32_t a = 0; a < REG_FP; a++)
        for (uint32_t b = 0; b < a; b++) {
            const struct reg *x = &old->regs[a], *y = &old->regs[b];
            if (counts(x, mode) && counts(y, mode) && x->id == y->id)
                CHECK(cur->regs[a].id == cur->regs[b].id && cur->regs[a].id);
        }
}

static void mix(uint64_t *seed, struct state *cur) {
    struct reg *r = any_reg(seed, cur);
    switch (bed_below(seed, 4)) {
    case 0: *r = *any_reg(seed, cur); break;
    case 1: r->id = r->id ? 1 + bed_below(seed, 30) : 0; break;
    case 2: strengthen(seed, cur); break;
    default:
        if (r->kind == REG_SCALAR)
            r->v = scalar_join(r->v, bed_scalar(seed));
    }
}

static void test_sound(void) {
    uint64_t seed = 12, n_covered = 0, n_not = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        struct state old = bed_state(&seed, 0);
        struct state cur = bed_copy(&old);
        for (uint32_t k = bed_below(&seed, 3) + 1; k-- > 0;)
            mix(&seed, &cur);
        const enum prune_mode mode = modes[bed_below(&seed, 3)];
        if (covers(&old, &cur, mode)) {
            n_covered++;
            for (uint32_t r = 0; r < REG_FP; r++)
                check_value(&old.frames[0]->regs[r], &cur.frames[0]->regs[r], mode, &seed);
            check_links(old.frames[0], cur.frames[0], mode);
        } else {
            n_not++;
        }
        state_fini(&old);
        state_fini(&cur);
    }
    CHECK(n_covered > 1000 && n_not > 1000);
}

/* ---- rules one by one ---- */

static struct state plain(void) {
    struct state st;
    if (state_init(&st, 0) || frame_need(state_frame(&st), 2))
        exit(99);
    return st;
}

/* covers(old, cur) in the three modes, as "NEW" letters: N not exact, E exact, W within */
static void expect(struct state *old, struct state *cur, const char *want, int line) {
    char got[4] = "---";
    for (uint32_t m = 0; m < 3; m++)
        if (covers(old, cur, modes[m]))
            got[m] = "NEW"[m];
    if (strcmp(got, want))
        printf("line %d:\n", line);
    CHECK_STR(got, want);
    state_fini(old);
    state_fini(cur);
}
#define EXPECT(old, cur, want) expect(&(old), &(cur), (want), __LINE__)

static struct reg precise(uint64_t min, uint64_t max, uint32_t id) {
    struct reg r = reg_scalar(scalar_from_urange(min, max));
    r.precise = true;
    r.id = id;
    return r;
}

static void regs2(struct state *st, struct reg a, struct reg b) {
    state_regs(st)[1] = a;
    state_regs(st)[2] = b;
}

static void test_scalars(void) {
    struct state a = plain(), b = plain();
    regs2(&a, precise(0, 9, 0), reg_const(1));
    regs2(&b, precise(3, 5, 7), reg_const(2)); /* imprecise: any number */
    EXPECT(a, b, "N--");
    a = plain(), b = plain();
    regs2(&a, precise(0, 9, 1), precise(0, 9, 1)); /* equal in old alone */
    regs2(&b, precise(3, 5, 0), precise(3, 5, 0));
    EXPECT(a, b, "---");
    a = plain(), b = plain();
    regs2(&a, precise(0, 9, 1), precise(0, 9, 2)); /* equal in cur alone */
    regs2(&b, precise(0, 9, 4), precise(0, 9, 4));
    EXPECT(a, b, "NEW");
    a = plain(), b = plain();
    regs2(&a, precise(0, 9, 1), precise(0, 9, 0)); /* one of a class of its own */
    regs2(&b, precise(0, 9, 0), precise(0, 9, 0));
    EXPECT(a, b, "N-W");
    a = plain(), b = plain();
    regs2(&a, precise(0, 9, 1), precise(0, 9, 1));
    regs2(&b, precise(0, 9, 1), precise(0, 9, 1));
    state_regs(&a)[2].has_delta = state_regs(&b)[2].has_delta = true;
    state_regs(&a)[2].off = 4;
    state_regs(&b)[2].off = 5; /* other distances */
    EXPECT(a, b, "---");
    a = plain(), b = plain();
    regs2(&b, reg_const(1), reg_const(1)); /* never read after old */
    EXPECT(a, b, "N--");
    a = plain(), b = plain();
    regs2(&a, reg_const(1), reg_const(1));
    regs2(&b, reg_const(1), reg_pointer(REG_CTX, 0));
    EXPECT(a, b, "---");
}

static void fill(struct state *st, uint32_t slot, enum slot_byte what, struct reg spilled) {
    struct slot *s = &state_frame(st)->slots[slot];
    memset(s->byte, (int)what, SLOT_BYTES);
    s->spilled = spilled;
}

static void test_slots(void) {
    scratch.uninit_stack_ok = false;
    struct state a = plain(), b = plain();
    fill(&a, 0, SLOT_MISC, reg_uninit()); /* anything: a zero will do */
    fill(&b, 0, SLOT_ZERO, reg_uninit());
    EXPECT(a, b, "N--");
    a = plain(), b = plain();
    fill(&a, 0, SLOT_ZERO, reg_uninit());
    fill(&b, 0, SLOT_MISC, reg_uninit());
    EXPECT(a, b, "---");
    a = plain(), b = plain();
    fill(&a, 0, SLOT_MISC, reg_uninit()); /* an unknown number, spilled or not */
    fill(&b, 0, SLOT_SPILL, precise(1, 2, 0));
    EXPECT(a, b, "N--");
    a = plain(), b = plain();
    fill(&a, 0, SLOT_SPILL, precise(0, 9, 0));
    fill(&b, 0, SLOT_MISC, reg_uninit());
    EXPECT(a, b, "---");
    a = plain(), b = plain();
    fill(&a, 0, SLOT_SPILL, reg_scalar(scalar_from_urange(0, 9))); /* imprecise */
    fill(&b, 0, SLOT_MISC, reg_uninit());
    EXPECT(a, b, "N--");
    a = plain(), b = plain();
    fill(&a, 1, SLOT_MISC, reg_uninit()); /* a pointer is no number: */
    fill(&b, 1, SLOT_SPILL, reg_pointer(REG_CTX, 0));
    EXPECT(a, b, "---");
    scratch.uninit_stack_ok = true;
    a = plain(), b = plain();
    fill(&a, 1, SLOT_MISC, reg_uninit()); /* ... unless such programs may leak it */
    fill(&b, 1, SLOT_SPILL, reg_pointer(REG_CTX, 0));
    EXPECT(a, b, "N--");
    a = plain(), b = plain();
    fill(&b, 1, SLOT_SPILL, reg_pointer(REG_CTX, 0)); /* more in cur */
    EXPECT(a, b, "N--");
    a = plain(), b = plain();
    fill(&a, 1, SLOT_ITER, (struct reg){.kind = REG_SCALAR, .iter = {.state = ITER_ACTIVE}});
    fill(&b, 1, SLOT_ITER, (struct reg){.kind = REG_SCALAR, .iter = {.state = ITER_ACTIVE}});
    state_frame(&b)->slots[1].spilled.iter_depth = 3; /* how often does not matter */
    EXPECT(a, b, "NEW");
    a = plain(), b = plain();
    fill(&a, 1, SLOT_ITER, (struct reg){.kind = REG_SCALAR, .iter = {.state = ITER_ACTIVE}});
    fill(&b, 1, SLOT_ITER, (struct reg){.kind = REG_SCALAR, .iter = {.state = ITER_DRAINED}});
    EXPECT(a, b, "---");
}

static void hold(struct state *st, uint32_t id) {
    if (state_ref_add(st, (struct ref){.kind = REF_PTR, .id = id}))
        exit(99);
}

static struct reg owned(uint32_t ref) {
    struct reg r = reg_pointer(REG_SOCK, 0);
    r.ref = r.id = ref;
    return r;
}

static void test_held(void) {
    struct state a = plain(), b = plain();
    hold(&a, 1);
    EXPECT(a, b, "---");
    a = plain(), b = plain();
    hold(&a, 1), hold(&a, 2);
    hold(&b, 8), hold(&b, 9);
    regs2(&a, owned(1), owned(2));
    regs2(&b, owned(8), owned(9));
    EXPECT(a, b, "NEW");
    a = plain(), b = plain();
    hold(&a, 1), hold(&a, 2);
    hold(&b, 8), hold(&b, 9);
    regs2(&a, owned(1), owned(2)); /* two objects; one twice */
    regs2(&b, owned(8), owned(8));
    EXPECT(a, b, "---");
    a = plain(), b = plain();
    hold(&a, 1), hold(&a, 2);
    hold(&b, 8), hold(&b, 8);
    EXPECT(a, b, "---");
    a = plain(), b = plain();
    a.rcu_depth = 1;
    EXPECT(a, b, "---");
}

static void test_live(void) {
    struct state a = plain(), b = plain();
    struct prune_live live = prune_live_all();
    regs2(&a, reg_pointer(REG_CTX, 0), precise(1, 1, 0));
    regs2(&b, precise(1, 1, 0), precise(1, 1, 0));
    fill(&a, 1, SLOT_ZERO, reg_uninit());
    CHECK(!prune_covers(&a, &b, &live, PRUNE_NOT_EXACT, &scratch));
    live.regs[0] &= (uint16_t)~(1u << 1);
    CHECK(!prune_covers(&a, &b, &live, PRUNE_NOT_EXACT, &scratch));
    live.slots[0] &= ~UINT64_C(2);
    for (uint32_t m = 0; m < 3; m++)
        CHECK(prune_covers(&a, &b, &live, modes[m], &scratch));
    state_clear_dead(&a, &live);
    CHECK_EQ(state_regs(&a)[1].kind, REG_UNINIT);
    CHECK_EQ(state_regs(&a)[2].kind, REG_SCALAR);
    CHECK_EQ(state_regs(&a)[REG_FP].kind, REG_STACK);
    CHECK_EQ(state_frame(&a)->n_slots, 0);
    CHECK(covers(&a, &b, PRUNE_NOT_EXACT));
    state_fini(&a);
    state_fini(&b);
}

static void test_frames(void) {
    struct state a = plain(), b = plain();
    if (state_push(&a, 1, 4) || state_push(&b, 1, 5))
        exit(99);
    EXPECT(a, b, "---"); /* called from elsewhere */
    a = plain(), b = plain();
    state_frame(&a)->callback_depth = 2; /* fewer rounds are left */
    EXPECT(a, b, "---");
    a = plain(), b = plain();
    state_frame(&b)->callback_depth = 2;
    EXPECT(a, b, "NEW");
}

int main(void) {
    test_order();
    test_sound();
    test_scalars();
    test_slots();
    test_held();
    test_live();
    test_frames();
    return check_end();
}

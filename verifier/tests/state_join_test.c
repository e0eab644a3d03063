/* state_join_test.c: a join contains both states, a widening too, and widening ends. */
#include "verifier/prune.h"
#include "verifier/tests/state_bed.h"

static struct prune_ids scratch = {.uninit_stack_ok = false};

/* Every scalar counts. */
static void all_precise(struct state *st) {
    struct reg *r;
    for (struct reg_walk w = {.st = st}; (r = reg_walk_next(&w)) != NULL;)
        r->precise = r->kind == REG_SCALAR;
}

static bool covers(const struct state *old, const struct state *cur) {
    const struct prune_live all = prune_live_all();
    return prune_covers(old, cur, &all, PRUNE_NOT_EXACT, &scratch);
}

/* Does joined say no more of a packet pointer than one of its parts? Covering wants equal constant
 * offsets, which joining gives up. */
static void check_packet(const struct reg *j, const struct reg *p) {
    const int64_t moved = (int64_t)p->off - j->off;
    CHECK(scalar_subset(scalar_add(SCALAR_64, p->v, scalar_const((uint64_t)moved)), j->v));
    CHECK(j->range <= 0 || (p->range >= 0 && j->range <= p->range - moved));
}

static void check_reg(const struct reg *j, const struct reg *p) {
    if (j->kind == REG_UNINIT)
        return;
    CHECK_EQ(p->kind, j->kind);
    CHECK_EQ(p->flags, j->flags);
    CHECK(!reg_maybe_null(j) || j->id);
    if (j->kind == REG_SCALAR)
        CHECK(scalar_subset(p->v, j->v));
    if (j->kind == REG_PACKET)
        check_packet(j, p);
}

/* What eight bytes read as, as a number; false: a pointer, or never written. */
static bool reads_as(const struct slot *s, struct scalar *v) {
    *v = scalar_unknown();
    for (uint32_t i = 0; i < SLOT_BYTES; i++)
        if (s->byte[i] == SLOT_INVALID || (s->byte[i] == SLOT_SPILL && reg_is_pointer(&s->spilled)))
            return false;
    if (slot_is_spill64(s))
        *v = s->spilled.v;
    else if (slot_is(s, SLOT_ZERO))
        *v = scalar_const(0);
    return true;
}

static void check_slot(const struct slot *j, const struct slot *p) {
    struct scalar jv, pv;
    for (uint32_t i = 0; i < SLOT_BYTES; i++) {
        if (j->byte[i] == SLOT_INVALID)
            continue;
        CHECK(p->byte[i] != SLOT_INVALID);
        if (j->byte[i] == SLOT_ZERO)
            CHECK_EQ(p->byte[i], SLOT_ZERO);
        if (j->byte[i] == SLOT_MISC)
            CHECK(p->byte[i] != SLOT_SPILL || !reg_is_pointer(&p->spilled));
    }
    if (slot_is_spill(j) && reg_is_pointer(&j->spilled)) {
        CHECK(slot_is_spill64(p));
        check_reg(&j->spilled, &p->spilled);
    } else if (reads_as(j, &jv)) {
        CHECK(reads_as(p, &pv) && scalar_subset(pv, jv));
    } else if (slot_is_spill(j)) { /* in part */
        CHECK(slot_is_spill(p) && scalar_subset(p->spilled.v, j->spilled.v));
    }
}

static void check_part(const struct state *joined, const struct state *part) {
    static const struct slot never_written = {.byte = {SLOT_INVALID}};
    for (uint32_t i = 0; i <= joined->depth; i++) {
        const struct frame *j = joined->frames[i], *p = part->frames[i];
        for (uint32_t r = 0; r < N_REGS; r++)
            check_reg(&j->regs[r], &p->regs[r]);
        for (uint32_t k = 0; k < j->n_slots; k++)
            check_slot(&j->slots[k], k < p->n_slots ? &p->slots[k] : &never_written);
    }
}

/* Without slots, and pointers whose offsets may be joined, covering says it all, links too. */
static void simplify(struct state *st) {
    for (uint32_t i = 0; i <= st->depth; i++) {
        struct frame *f = st->frames[i];
        for (uint32_t r = 0; r < REG_FP; r++)
            if (f->regs[r].kind == REG_PACKET || f->regs[r].kind == REG_STACK)
                f->regs[r] = reg_uninit();
        f->n_slots = 0;
    }
}

static void test_contains(void) {
    uint64_t seed = 21, n_changed = 0;
    for (uint32_t i = 0; i < 5000; i++) {
        const uint32_t depth = bed_below(&seed, 2);
        struct state a = bed_state(&seed, depth), b = bed_state(&seed, depth);
        if (i & 1) {
            simplify(&a);
            simplify(&b);
        }
        struct state joined = bed_copy(&a);
        bool changed, again;
        CHECK_EQ(state_join(&joined, &b, i & 2, &changed), BPFLAB_OK);
        n_changed += changed;
        check_part(&joined, &a);
        check_part(&joined, &b);
        if (i & 1) {
            all_precise(&joined);
            CHECK(covers(&joined, &a));
            CHECK(covers(&joined, &b));
        }
        /* what it took in changes it no more */
        CHECK_EQ(state_join(&joined, &a, false, &again), BPFLAB_OK);
        CHECK(!again);
        CHECK_EQ(state_join(&joined, &b, false, &again), BPFLAB_OK);
        CHECK(!again);
        state_fini(&joined);
        state_fini(&a);
        state_fini(&b);
    }
    CHECK(n_changed > 4000 && n_changed < 5000);
}

static void test_itself(void) {
    uint64_t seed = 22;
    for (uint32_t i = 0; i < 1000; i++) {
        struct state a = bed_state(&seed, 1), joined = bed_copy(&a);
        bool changed;
        CHECK_EQ(state_join(&joined, &a, i & 1, &changed), BPFLAB_OK);
        CHECK(!changed);
        state_fini(&a);
        state_fini(&joined);
    }
}

/* A chain of widenings with ever new states ends. */
static void test_widen_ends(void) {
    uint64_t seed = 23, longest = 0;
    for (uint32_t i = 0; i < 100; i++) {
        struct state st = bed_state(&seed, 0);
        uint64_t last = 0;
        for (uint64_t k = 1; k <= 400; k++) {
            struct state next = bed_state(&seed, 0);
            bool changed;
            CHECK_EQ(state_join(&st, &next, true, &changed), BPFLAB_OK);
            last = changed ? k : last;
            state_fini(&next);
        }
        longest = last > longest ? last : longest;
        state_fini(&st);
    }
    CHECK(longest > 1 && longest < 300);
}

/* r += 8 around a loop, as a pointer. */
static void test_pointer_loop(void) {
    struct state st, next;
    bool changed;
    CHECK(!state_init(&st, 0) && !state_init(&next, 0));
    state_regs(&st)[1] = reg_pointer(REG_PACKET, 0);
    state_regs(&st)[1].range = 14;
    state_regs(&next)[1] = state_regs(&st)[1];
    state_regs(&next)[1].off = 8;
    CHECK_EQ(state_join(&st, &next, false, &changed), BPFLAB_OK);
    CHECK(changed);
    const struct reg *r = &state_regs(&st)[1];
    CHECK_EQ(r->kind, REG_PACKET);
    CHECK(scalar_contains(r->v, 0) && scalar_contains(r->v, 8) && r->v.u.max == 8);
    CHECK_EQ(r->range, 6);
    state_regs(&next)[1].off = 16;
    CHECK_EQ(state_join(&st, &next, true, &changed), BPFLAB_OK);
    CHECK(scalar_contains(state_regs(&st)[1].v, 16));
    CHECK_EQ(state_regs(&st)[1].range, 0);
    state_fini(&st);
    state_fini(&next);
}

static void test_refused(void) {
    struct state a, b;
    bool changed;
    CHECK(!state_init(&a, 0) && !state_init(&b, 0));
    CHECK(state_joinable(&a, &b));
    b.preempt_depth = 1;
    CHECK_EQ(state_join(&a, &b, false, &changed), BPFLAB_E_ARG);
    b.preempt_depth = 0;
    CHECK(!state_ref_add(&b, (struct ref){.kind = REF_PTR, .id = 1}));
    CHECK(!state_joinable(&a, &b));
    CHECK_EQ(state_join(&a, &b, false, &changed), BPFLAB_E_ARG);
    CHECK(!state_ref_add(&a, (struct ref){.kind = REF_PTR, .id = 2}));
    CHECK_EQ(state_join(&a, &b, false, &changed), BPFLAB_OK);
    CHECK(!state_push(&b, 1, 1));
    CHECK_EQ(state_join(&a, &b, false, &changed), BPFLAB_E_ARG);
    state_fini(&a);
    state_fini(&b);
}

int main(void) {
    test_contains();
    test_itself();
    test_widen_ends();
    test_pointer_loop();
    test_refused();
    return check_end();
}

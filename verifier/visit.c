/* visit.c: states kept for comparison: when one is kept, when it covers a path, when it is dropped.
 */
#include "verifier/explorer.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_HISTORY = 40,      /* entries after which a state is kept in any case */
    MISSES_ALLOWED = 3,    /* for each hit, before a kept state is dropped */
    MISSES_IN_LOOP = 64,   /* the same, of a state that a loop must meet again */
    MAX_UNPRIVILEGED = 64, /* states at one instruction of an unprivileged program */
};

/* Do active iterators of the two states differ in how often next was called? Then there is
 * progress, although nothing else shows it. */
static bool iter_progress(const struct state *old, const struct state *cur) {
    for (uint32_t f = 0; f <= old->depth; f++) {
        const struct frame *const a = old->frames[f], *const b = cur->frames[f];
        for (uint32_t i = 0; i < a->n_slots; i++)
            if (a->slots[i].byte[0] == SLOT_ITER && a->slots[i].spilled.iter.state == ITER_ACTIVE &&
                (i >= b->n_slots ||
                 b->slots[i].spilled.iter_depth != a->slots[i].spilled.iter_depth))
                return true;
    }
    return false;
}

static bool covers(struct explorer *x, const struct kept *k, enum prune_mode mode) {
    struct prune_live live;
    path_live_regs(x->sub, &k->p.st, k->p.pc, live.regs);
    for (uint32_t f = 0; f < STATE_MAX_FRAMES; f++)
        live.slots[f] = mode == PRUNE_NOT_EXACT ? k->read[f] : UINT64_MAX;
    return prune_covers(&k->p.st, &x->cur->st, &live, mode, &x->ids);
}

static void clean(struct explorer *x, struct kept *k) {
    if (k->cleaned || k->p.branches || loops_open(&x->loops, k))
        return;
    struct prune_live live;
    path_live_regs(x->sub, &k->p.st, k->p.pc, live.regs);
    memcpy(live.slots, k->read, sizeof live.slots);
    state_clear_dead(&k->p.st, &live);
    k->cleaned = true;
}

/* Equal registers look equal; it is cheap to see that they do not. */
static uint64_t look_of(const struct state *st) {
    const struct reg *const regs = state_regs(st);
    uint64_t h = 0;
    for (uint32_t r = 0; r < REG_FP; r++) {
        const struct scalar *const v = &regs[r].v;
        h = (h ^ regs[r].kind ^ (uint64_t)(uint32_t)regs[r].off << 8) *
            UINT64_C(0x9e3779b97f4a7c15);
        h = (h ^ v->bits.value ^ v->u.min << 1) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 29;
        h = (h ^ v->bits.mask ^ v->u.max << 1) * UINT64_C(0xc4ceb9fe1a85ec53);
    }
    return h ^ h >> 32;
}

/* How a kept state meets the current path. */
enum meeting {
    MEET_OTHER, /* under other calls: not to be compared */
    MEET_MISS,
    MEET_SKIP, /* a miss, in a loop that goes on: keep no state too soon */
    MEET_COVERED,
    MEET_ROUND, /* covered by a state whose continuation has not ended */
    MEET_LOOP,  /* an infinite loop */
};

/* Has the path come back to k's instruction round a loop that ends by its own contract? Then a
 * state that is covered shows that nothing new will come. An iterator that has just been made, a
 * call that has not yet called back, are no such round: loops around them must end by themselves.
 * */
static bool comes_round(const struct explorer *x, const struct kept *k) {
    const struct state *const cur = &x->cur->st;
    const uint8_t flags = x->sub->pc_flags[x->cur->pc];
    if (flags & PC_ITER_NEXT) {
        const struct reg *const iter = state_iter(cur, 1);
        return iter && iter->iter.state == ITER_ACTIVE && iter->iter_depth > 0;
    }
    if (flags & PC_MAY_GOTO)
        return k->p.st.may_gotos != cur->may_gotos;
    return (flags & PC_CALLS_CALLBACK) && state_frame(cur)->callback_depth > 0;
}

/* k's continuation has not ended: the current path is part of it. */
static enum meeting meet_open(struct explorer *x, const struct kept *k) {
    const struct state *const old = &k->p.st, *const cur = &x->cur->st;
    if (old->frames[0]->in_async_callback &&
        old->frames[0]->async_entries != cur->frames[0]->async_entries)
        return MEET_SKIP;
    if (comes_round(x, k))
        return covers(x, k, PRUNE_RANGE_WITHIN) ? MEET_ROUND : MEET_SKIP;
    if (!x->look_known) {
        x->look = look_of(cur);
        x->look_known = true;
    }
    if (k->look == x->look && prune_maybe_looping(old, cur) && old->may_gotos == cur->may_gotos &&
        old->callback_unroll == cur->callback_unroll && covers(x, k, PRUNE_EXACT) &&
        !iter_progress(old, cur))
        return MEET_LOOP;
    return MEET_SKIP;
}

static enum meeting meet(struct explorer *x, struct kept *k) {
    if (!path_same_calls(&k->p.st, &x->cur->st))
        return MEET_OTHER;
    if (k->p.branches)
        return meet_open(x, k);
    if (x->sub->opt.no_prune)
        return MEET_OTHER;
    const bool open = loops_open(&x->loops, k);
    if (!covers(x, k, open ? PRUNE_RANGE_WITHIN : PRUNE_NOT_EXACT))
        return MEET_MISS;
    return open ? MEET_ROUND : MEET_COVERED;
}

/* k covers the current path: its needs are the needs of the path's past. */
static enum visit covered(struct explorer *x, struct kept *k, bool round) {
    struct path *const cur = x->cur;
    k->n_hits++;
    if ((x->sub->pc_flags[cur->pc] & PC_HISTORY) && !path_remember(cur)) {
        x->err = BPFLAB_E_NOMEM;
        return VISIT_STOP;
    }
    loops_carry(&x->precision, k, cur);
    if (x->know)
        knowledge_covered(x->know, cur, k);
    if (round) {
        x->err = loops_back_edge(&x->loops, k, cur);
        if (x->err != BPFLAB_OK)
            return VISIT_STOP;
    }
    return VISIT_COVERED;
}

static void drop_kept(struct explorer *x, struct kept *k) {
    if (x->know)
        knowledge_settle(x->know, k);
    x->kept_bytes -= k->n_bytes;
    x->n_kept--;
    path_fini(&k->p);
    free(k);
}

/* Free evicted states that no path below needs any more. */
static void sweep(struct explorer *x) {
    struct kept **at = &x->evicted;
    while (*at) {
        struct kept *const k = *at;
        if (k->p.branches || loops_open(&x->loops, k)) {
            at = &k->next;
            continue;
        }
        *at = k->next;
        drop_kept(x, k);
    }
}

static bool keep(struct explorer *x) {
    struct path *const cur = x->cur;
    struct kept *const k = calloc(1, sizeof *k);
    struct reg *r;
    /* Marks say what a continuation needed: the current path has none yet. Unprivileged programs
     * are compared exactly. */
    for (struct reg_walk w = {.st = &cur->st}; (r = reg_walk_next(&w)) != NULL;)
        r->precise = !x->sub->privileged && r->kind == REG_SCALAR;
    if (!k || path_copy(&k->p, cur) != BPFLAB_OK) {
        free(k);
        x->err = BPFLAB_E_NOMEM;
        return false;
    }
    k->look = x->look_known ? x->look : look_of(&cur->st);
    k->next = x->kept_at[cur->pc];
    x->kept_at[cur->pc] = k;
    x->err = loops_enter(&x->loops, k);
    path_start(cur, k);
    x->stats.states++;
    x->kept_insns = x->stats.insns_processed;
    x->kept_jumps = x->jumps;
    k->n_bytes = sizeof *k - sizeof k->p + path_bytes(&k->p);
    x->kept_bytes += k->n_bytes;
    if (x->kept_bytes + x->loops.n_bytes > x->stats.peak_bytes)
        x->stats.peak_bytes = x->kept_bytes + x->loops.n_bytes;
    if (++x->n_kept > x->stats.peak_states)
        x->stats.peak_states = x->n_kept;
    x->newest = k;
    if (x->err != BPFLAB_OK)
        return false;
    if (x->stats.peak_bytes > x->sub->opt.budget.bytes)
        return explorer_spent(x, "bytes of states", x->sub->opt.budget.bytes);
    if (x->sub->opt.budget.states && x->n_kept > x->sub->opt.budget.states)
        return explorer_spent(x, "states", x->sub->opt.budget.states);
    return true;
}

enum visit explorer_visit(struct explorer *x) {
    struct path *const cur = x->cur;
    const bool force = x->sub->opt.every_state || cur->n_hist > MAX_HISTORY ||
                       (x->sub->pc_flags[cur->pc] & PC_FORCE_CHECKPOINT);
    const uint64_t insns = x->stats.insns_processed - x->kept_insns;
    const uint64_t jumps = x->jumps - x->kept_jumps;
    bool add = force || (jumps >= 2 && insns >= 8);
    uint64_t n = 0;
    x->look_known = false;
    x->newest = NULL;
    for (struct kept **at = &x->kept_at[cur->pc]; *at;) {
        struct kept *const k = *at;
        n++;
        clean(x, k);
        switch (meet(x, k)) {
        case MEET_OTHER: at = &k->next; continue;
        case MEET_COVERED: return covered(x, k, false);
        case MEET_ROUND: return covered(x, k, true);
        case MEET_LOOP:
            report_reject(x->rep, REASON_INFINITE_LOOP, cur->pc, REPORT_NO_REG,
                          "infinite loop detected at insn %u", cur->pc);
            report_known(x->rep, "the same registers and stack as in the round before");
            x->verdict = VERDICT_REJECT;
            return VISIT_STOP;
        case MEET_SKIP:
            if (!force && jumps < 20 && insns < 100)
                add = false;
            break;
        case MEET_MISS: break;
        }
        if (add)
            k->n_misses++;
        const uint32_t allowed = k->p.branches && (x->sub->pc_flags[cur->pc] & PC_FORCE_CHECKPOINT)
                                     ? MISSES_IN_LOOP
                                     : MISSES_ALLOWED;
        if (k->n_misses > k->n_hits * allowed + allowed) {
            *at = k->next;
            k->evicted = true;
            k->next = x->evicted;
            x->evicted = k;
            continue;
        }
        at = &k->next;
    }
    if (!add || (!x->sub->privileged && n > MAX_UNPRIVILEGED))
        return VISIT_NEW;
    if (x->evicted)
        sweep(x);
    return keep(x) ? VISIT_NEW : VISIT_STOP;
}

void explorer_leave(struct explorer *x, struct path *p) {
    struct kept *k = NULL;
    while (--p->branches == 0) {
        if (k)
            loops_leave(&x->loops, k);
        k = p->parent;
        if (!k)
            break;
        p = &k->p;
    }
}

void explorer_forget(struct explorer *x) {
    loops_fini(&x->loops);
    for (uint32_t pc = 0; pc < x->sub->prog->n_insns; pc++)
        while (x->kept_at[pc]) {
            struct kept *const k = x->kept_at[pc];
            x->kept_at[pc] = k->next;
            drop_kept(x, k);
        }
    while (x->evicted) {
        struct kept *const k = x->evicted;
        x->evicted = k->next;
        drop_kept(x, k);
    }
}

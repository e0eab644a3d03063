#include "verifier/paths.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "verifier/entry.h"
#include "verifier/explain.h"
#include "verifier/explorer.h"

enum {
    CLOCK_EVERY = 4096, /* instructions between two looks at the clock */
};

struct path *explorer_path(struct explorer *x) {
    struct path *p = x->free_paths;
    if (p)
        x->free_paths = p->next;
    else
        p = calloc(1, sizeof *p);
    return p;
}

void explorer_recycle(struct explorer *x, struct path *p) {
    p->next = x->free_paths;
    x->free_paths = p;
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

bool explorer_spent(struct explorer *x, const char *what, uint64_t limit) {
    const bool deep = x->n_waiting > x->sub->opt.budget.jump_depth;
    report_reject(x->rep, REASON_BUDGET, x->cur ? x->cur->pc : 0, REPORT_NO_REG,
                  deep ? "The sequence of %llu jumps is too complex"
                       : "BPF program is too large. Processed %llu insn",
                  (unsigned long long)(deep ? x->n_waiting : x->stats.insns_processed));
    report_known(x->rep, "%llu instructions processed, %llu states kept, %llu branches waiting",
                 (unsigned long long)x->stats.insns_processed, (unsigned long long)x->stats.states,
                 (unsigned long long)x->n_waiting);
    report_needed(x->rep, "more than %llu %s", (unsigned long long)limit, what);
    x->verdict = VERDICT_UNKNOWN;
    return false;
}

/* Forks are made as states inside of paths. */
static struct path *path_of(struct state *st) {
    return (struct path *)(void *)((char *)st - offsetof(struct path, st));
}

static struct state *alloc_fork(void *self) {
    struct path *const p = explorer_path(self);
    return p ? &p->st : NULL;
}

static void release_fork(void *self, struct state *st) {
    explorer_recycle(self, path_of(st));
}

static bool fail(struct explorer *x, enum bpflab_err err) {
    x->err = err;
    return false;
}

/* The step was rejected or failed. */
static bool step_failed(struct explorer *x) {
    if (x->step.err != BPFLAB_OK)
        return fail(x, x->step.err);
    *x->rep = x->step.rep;
    x->verdict = VERDICT_REJECT;
    return false;
}

static bool remember_effects(struct explorer *x) {
    const struct effects *const e = &x->step.eff;
    if (!e->moved_slot && !e->moved_by_dst && !e->moved_by_src && e->n_linked < 2)
        return true;
    struct hist *const h = path_remember(x->cur);
    if (!h)
        return fail(x, BPFLAB_E_NOMEM);
    h->moved_slot = e->moved_slot;
    h->moved_frame = e->moved_frame;
    h->moved_index = e->moved_index;
    h->moved_by_dst = e->moved_by_dst;
    h->moved_by_src = e->moved_by_src;
    h->n_linked = e->n_linked < 2 ? 0 : e->n_linked;
    memcpy(h->linked, e->linked, sizeof h->linked);
    return true;
}

/* What the step depended on is needed of the states before it. depth: the frame it ran in. */
static void absorb_needs(struct explorer *x, uint32_t depth) {
    const struct effects *const e = &x->step.eff;
    struct path *const p = x->cur;
    if (e->touched)
        for (uint32_t f = 0; f <= depth; f++) {
            if (!(e->touched >> f & 1))
                continue;
            if (e->slots_read[f])
                path_mark_read(p, f, e->slots_read[f]);
            p->written[f] |= e->slots_written[f];
        }
    if (e->all_precise)
        precision_mark_all(p);
    if ((e->precise || e->precise_slot) && x->sub->privileged) {
        struct wanted w = {.frame = depth};
        w.regs[depth] = e->precise;
        if (e->precise_slot)
            w.slots[e->precise_frame] = UINT64_C(1) << e->precise_index;
        precision_mark(&x->precision, p, &w);
    }
}

/* An imprecise scalar that is not what it was. */
static bool may_widen(const struct reg *old, const struct reg *now) {
    if (old->kind != REG_SCALAR || now->kind != REG_SCALAR || old->precise || now->precise)
        return false;
    return !scalar_equal(old->v, now->v) || !old->id != !now->id ||
           old->has_delta != now->has_delta || (old->has_delta && old->off != now->off);
}

/* Scalars that nothing needed exactly and that changed since the round before may be anything in
 * the next round: then rounds become equal. before: the state kept at pc under the calls of st, in
 * k's past or k itself. */
static void widen(const struct kept *k, uint32_t pc, const struct state *calls, struct state *st) {
    while (k && !(k->p.pc == pc && path_same_calls(&k->p.st, calls)))
        k = k->p.parent;
    if (!k)
        return;
    for (uint32_t f = 0; f <= k->p.st.depth && f <= st->depth; f++) {
        const struct frame *const a = k->p.st.frames[f];
        struct frame *const b = st->frames[f];
        for (uint32_t r = 0; r < REG_FP; r++)
            if (may_widen(&a->regs[r], &b->regs[r]))
                b->regs[r] = reg_scalar(scalar_unknown());
        for (uint32_t i = 0; i < a->n_slots && i < b->n_slots; i++)
            if (slot_is_spill64(&a->slots[i]) && slot_is_spill64(&b->slots[i]) &&
                may_widen(&a->slots[i].spilled, &b->slots[i].spilled))
                b->slots[i].spilled = reg_scalar(scalar_unknown());
    }
}

/* A fork's state becomes a waiting path. */
static bool take_fork(struct explorer *x, const struct fork *fork, uint32_t depth) {
    struct path *const p = path_of(fork->st), *const cur = x->cur;
    if (fork->async) {
        p->parent = NULL;
        p->first_pc = fork->pc;
        p->n_hist = 0;
        memset(p->written, 0, sizeof p->written);
    } else {
        if (path_copy_past(p, cur) != BPFLAB_OK) {
            explorer_recycle(x, p);
            return fail(x, BPFLAB_E_NOMEM);
        }
        if (cur->parent)
            cur->parent->p.branches++;
        if (p->st.depth > depth)
            p->written[p->st.depth] = UINT64_MAX;
        /* the newest kept state is this very instruction's */
        if (fork->widen && cur->parent)
            widen(cur->parent->p.parent, cur->pc, &cur->parent->p.st, &p->st);
    }
    p->record = cur->record;
    p->log_end = cur->log_end;
    p->branches = 1;
    p->prev_pc = fork->async ? PATH_NO_PC : cur->pc;
    p->pc = fork->pc;
    p->remembered = false;
    p->next = x->waiting;
    x->waiting = p;
    if (++x->n_waiting > x->stats.longest_path)
        x->stats.longest_path = (uint32_t)x->n_waiting;
    return true;
}

static bool take_forks(struct explorer *x, uint32_t depth) {
    struct step *const s = &x->step;
    bool ok = true;
    for (uint32_t i = 0; i < s->n_forks; i++) {
        if (ok)
            ok = take_fork(x, &s->forks[i], depth);
        else
            explorer_recycle(x, path_of(s->forks[i].st));
    }
    s->n_forks = 0;
    if (ok && x->n_waiting > x->sub->opt.budget.jump_depth)
        return explorer_spent(x, "branches waiting", x->sub->opt.budget.jump_depth);
    return ok;
}

/* What Linux counts as a jump: calls and exits too. */
static bool is_jump(enum op op) {
    const uint8_t cls = op_table[op].cls;
    return (cls >= CLASS_JMP_COND && cls <= CLASS_JMP_TABLE) || cls >= CLASS_CALL;
}

/* Is the budget of instructions or time spent? */
static bool within_budget(struct explorer *x) {
    const struct verify_budget *const b = &x->sub->opt.budget;
    if (x->stats.insns_processed > b->insns)
        return explorer_spent(x, "processed instructions", b->insns);
    if (b->time_ns && x->stats.insns_processed % CLOCK_EVERY == 0 &&
        now_ns() - x->start_ns > b->time_ns)
        return explorer_spent(x, "nanoseconds", b->time_ns);
    return true;
}

/* Execute the instruction that the current path is at.
 * out: false: rejected, out of budget, or failed */
static bool execute(struct explorer *x) {
    struct step *const s = &x->step;
    struct path *const p = x->cur;
    const uint32_t depth = p->st.depth, pc = p->pc;
    s->st = &p->st;
    s->pc = pc;
    vlog_insn(&x->log, p);
    if (!step_run(s))
        return step_failed(x);
    if (!remember_effects(x))
        return false;
    absorb_needs(x, depth);
    if (!explored_step(&x->seen, s, depth, x->rep) || !explored_mask(&x->seen, s, x->rep)) {
        x->verdict = VERDICT_REJECT;
        return false;
    }
    if (s->eff.mask.how && s->eff.mask.varies)
        x->ids.exact_numbers = true;
    if (x->know)
        knowledge_edge(x->know, pc, s->eff.decided);
    if (p->st.depth > depth)
        p->written[p->st.depth] = UINT64_MAX;
    if (!take_forks(x, depth))
        return false;
    if (s->eff.came_round)
        widen(p->parent, s->next, &p->st, &p->st);
    vlog_after(&x->log, p, s, depth);
    path_advance(p, s->next);
    return true;
}

/* Follow the current path to its end. out: false: the exploration is over */
static bool follow(struct explorer *x) {
    const struct subject *const sub = x->sub;
    struct path *const p = x->cur;
    bool covered = false;
    for (;;) {
        const uint8_t flags = sub->pc_flags[p->pc];
        x->stats.insns_processed++;
        if (!within_budget(x))
            return false;
        x->newest = NULL;
        if (flags & PC_PRUNE) {
            const enum visit v = explorer_visit(x);
            if (v == VISIT_STOP)
                return false;
            covered = v == VISIT_COVERED;
            if (covered)
                break;
        }
        if ((flags & PC_HISTORY) && !path_remember(p))
            return fail(x, BPFLAB_E_NOMEM);
        if (x->know)
            knowledge_step(x->know, p, x->newest);
        if (is_jump(sub->ops[p->pc]))
            x->jumps++;
        if (!execute(x))
            return false;
        if (x->step.flow == STEP_END)
            break;
    }
    vlog_end(&x->log, p, covered);
    explorer_leave(x, p);
    return true;
}

/* Explore everything from one entry. */
static bool explore_entry(struct explorer *x, uint32_t subprog) {
    struct path *const p = explorer_path(x);
    if (!p)
        return fail(x, BPFLAB_E_NOMEM);
    x->cur = p;
    x->kept_insns = x->stats.insns_processed;
    x->kept_jumps = x->jumps;
    x->step.pc = x->sub->subprogs[subprog].start;
    state_fini(&p->st);
    if (!entry_state(&x->step, subprog, &p->st)) {
        x->cur = NULL;
        explorer_recycle(x, p);
        return step_failed(x);
    }
    p->parent = NULL;
    p->pc = p->first_pc = x->step.pc;
    p->prev_pc = PATH_NO_PC;
    p->n_hist = 0;
    p->remembered = false;
    p->branches = 1;
    p->record = 0;
    p->log_end = 0;
    memset(p->written, 0, sizeof p->written);
    bool ok = true;
    while (ok && x->cur) {
        vlog_entry(&x->log, x->cur);
        ok = follow(x);
        if (!ok) {
            path_words(x->cur, x->rep->path, sizeof x->rep->path);
            explain(x->sub, &x->cur->st, x->rep);
        }
        explorer_recycle(x, x->cur);
        x->cur = x->waiting;
        if (x->cur) {
            x->waiting = x->cur->next;
            x->n_waiting--;
        }
    }
    if (x->cur)
        explorer_recycle(x, x->cur);
    x->cur = NULL;
    return ok;
}

/* Global functions may call others: until none is left. */
static bool explore_globals(struct explorer *x) {
    for (uint32_t i; (i = explored_next_global(&x->seen)) != 0;) {
        explorer_forget(x);
        if (!explore_entry(x, i))
            return false;
        vlog_global_safe(&x->log, i);
    }
    return true;
}

static void explorer_fini(struct explorer *x) {
    explorer_forget(x);
    while (x->waiting) {
        struct path *const p = x->waiting;
        x->waiting = p->next;
        explorer_recycle(x, p);
    }
    while (x->free_paths) {
        struct path *const p = x->free_paths;
        x->free_paths = p->next;
        path_fini(p);
        free(p);
    }
    free(x->kept_at);
    explored_fini(&x->seen);
    precision_fini(&x->precision);
    vlog_fini(&x->log);
}

enum bpflab_err paths_explore(const struct subject *sub, struct knowledge *know,
                              struct verify_result *out) {
    struct explorer x = {
        .sub = sub,
        .know = know,
        .log = {.sub = sub, .level = sub->opt.log_level},
        .loops = {.sub = sub},
        .ids = {.uninit_stack_ok = sub->privileged},
        .start_ns = now_ns(),
        .rep = &out->report,
        .verdict = VERDICT_ACCEPT,
    };
    x.step = (struct step){.sub = sub,
                           .next_id = &x.next_id,
                           .alloc = alloc_fork,
                           .release = release_fork,
                           .alloc_self = &x};
    x.loops.precision = &x.precision;
    x.kept_at = calloc(sub->prog->n_insns, sizeof(struct kept *));
    x.err = x.kept_at ? explored_init(sub, &x.seen) : BPFLAB_E_NOMEM;
    if (x.err == BPFLAB_OK)
        x.err = precision_init(sub, &x.precision);
    x.precision.log = x.log.level >= 2 ? &x.log : NULL;
    if (x.err == BPFLAB_OK && explore_entry(&x, 0) && explore_globals(&x) &&
        !explored_check_stack(&x.seen, x.rep, &x.err))
        x.verdict = VERDICT_REJECT;
    x.stats.time_ns = now_ns() - x.start_ns;
    out->verdict = x.verdict;
    out->stats = x.stats;
    if (x.err == BPFLAB_OK) {
        if (x.verdict != VERDICT_ACCEPT)
            vlog_reject(&x.log, x.rep);
        vlog_stats(&x.log, &x.stats);
    }
    const enum bpflab_err err = x.err;
    if (x.kept_at)
        explorer_fini(&x);
    return err != BPFLAB_OK ? err : know ? know->err : BPFLAB_OK;
}

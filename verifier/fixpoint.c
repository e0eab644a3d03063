#include "verifier/fixpoint.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "verifier/entry.h"
#include "verifier/explain.h"
#include "verifier/explored.h"
#include "verifier/terminate.h"

enum {
    JOINS_BEFORE_WIDENING = 3,
};
/* An accepted program runs no longer than this many rounds of its loops. */
#define MAX_ROUNDS (UINT64_C(1) << 40)

struct fixpoint {
    const struct subject *sub;
    struct knowledge *know; /* or NULL */
    struct step step;
    uint32_t next_id;
    struct node **at;    /* n_insns lists, owned */
    struct node **queue; /* binary heap by rank, owned */
    uint32_t n_queued, queue_cap;
    struct state work;                   /* the state being stepped */
    struct state *spare[STEP_MAX_FORKS]; /* for forks */
    uint32_t n_spare;
    struct explored seen;
    uint64_t n_bytes, n_nodes; /* at present */
    struct verify_stats stats;
    struct report *rep;
    enum verdict verdict;
    enum bpflab_err err;
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static bool fail(struct fixpoint *x, enum bpflab_err err) {
    x->err = err;
    return false;
}

static bool spent(struct fixpoint *x, uint32_t pc, const char *what, uint64_t limit) {
    report_reject(x->rep, REASON_BUDGET, pc, REPORT_NO_REG,
                  "BPF program is too large. Processed %llu insn",
                  (unsigned long long)x->stats.insns_processed);
    report_known(x->rep, "%llu steps made, %llu states kept",
                 (unsigned long long)x->stats.insns_processed, (unsigned long long)x->stats.states);
    report_needed(x->rep, "more than %llu %s", (unsigned long long)limit, what);
    x->verdict = VERDICT_UNKNOWN;
    return false;
}

/* ---- the queue: deeper frames first, then in order of the text, so that inner code is settled
 * before what follows it ---- */

static uint64_t rank(const struct node *n) {
    return (uint64_t)(STATE_MAX_FRAMES - n->st.depth) << 32 | n->pc;
}

static bool enqueue(struct fixpoint *x, struct node *n) {
    if (n->queued)
        return true;
    if (x->n_queued == x->queue_cap) {
        const uint32_t cap = x->queue_cap ? 2 * x->queue_cap : 64;
        struct node **const queue = realloc(x->queue, cap * sizeof(struct node *));
        if (!queue)
            return fail(x, BPFLAB_E_NOMEM);
        x->queue = queue;
        x->queue_cap = cap;
    }
    uint32_t i = x->n_queued++;
    for (; i && rank(x->queue[(i - 1) / 2]) > rank(n); i = (i - 1) / 2)
        x->queue[i] = x->queue[(i - 1) / 2];
    x->queue[i] = n;
    n->queued = true;
    return true;
}

static struct node *dequeue(struct fixpoint *x) {
    struct node *const first = x->queue[0], *const last = x->queue[--x->n_queued];
    uint32_t i = 0;
    for (uint32_t child; (child = 2 * i + 1) < x->n_queued; i = child) {
        if (child + 1 < x->n_queued && rank(x->queue[child + 1]) < rank(x->queue[child]))
            child++;
        if (rank(x->queue[child]) >= rank(last))
            break;
        x->queue[i] = x->queue[child];
    }
    if (x->n_queued)
        x->queue[i] = last;
    first->queued = false;
    return first;
}

/* ---- states ---- */

/* How far a path came does not count here. */
static void forget_progress(struct state *st) {
    struct reg *r;
    st->may_gotos = 0;
    st->callback_unroll = 0;
    for (uint32_t f = 0; f <= st->depth; f++) {
        st->frames[f]->callback_depth = 0;
        st->frames[f]->async_entries = 0;
    }
    for (struct reg_walk w = {.st = st}; (r = reg_walk_next(&w)) != NULL;)
        if (w.slot >= 0 && st->frames[w.frame]->slots[w.slot].byte[0] == SLOT_ITER)
            r->iter_depth = 0;
}

/* A packet pointer with a variable part shares it with none but those of its identity: one that
 * lost its identity in a join gets one of its own. */
static void name_packets(struct fixpoint *x, struct state *st) {
    struct reg *r;
    for (struct reg_walk w = {.st = st}; (r = reg_walk_next(&w)) != NULL;)
        if (reg_is_packet(r) && r->id == 0 && !scalar_is_const(r->v))
            r->id = ++x->next_id;
}

static struct node *new_node(struct fixpoint *x, uint32_t pc) {
    struct node *const n = calloc(1, sizeof *n);
    if (!n) {
        fail(x, BPFLAB_E_NOMEM);
        return NULL;
    }
    n->pc = pc;
    n->next = x->at[pc];
    x->at[pc] = n;
    return n;
}

/* A node more. out: false: a budget is spent */
static bool within_memory(struct fixpoint *x, const struct node *n) {
    const struct verify_budget *const b = &x->sub->opt.budget;
    x->n_bytes += sizeof *n + state_bytes(&n->st);
    x->n_nodes++;
    x->stats.states++;
    if (x->n_bytes > x->stats.peak_bytes)
        x->stats.peak_bytes = x->n_bytes;
    if (x->n_nodes > x->stats.peak_states)
        x->stats.peak_states = x->n_nodes;
    if (x->n_bytes > b->bytes)
        return spent(x, n->pc, "bytes of states", b->bytes);
    return !b->states || x->n_nodes <= b->states || spent(x, n->pc, "states", b->states);
}

/* st comes to pc, from from_pc; round: along an edge that closes a loop. */
static bool flow_into(struct fixpoint *x, struct state *st, uint32_t pc, bool round) {
    forget_progress(st);
    struct node *n = x->at[pc];
    while (n && !path_same_calls(&n->st, st))
        n = n->next;
    if (!n) {
        n = new_node(x, pc);
        if (!n || state_copy(&n->st, st) != BPFLAB_OK)
            return fail(x, BPFLAB_E_NOMEM);
        return enqueue(x, n) && within_memory(x, n);
    }
    bool changed;
    const bool widen = round && ++n->n_joins > JOINS_BEFORE_WIDENING;
    const enum bpflab_err err = state_join(&n->st, st, widen, &changed);
    if (err == BPFLAB_E_ARG) {
        report_reject(x->rep, REASON_UNSUPPORTED, pc, REPORT_NO_REG,
                      "paths that hold different references or locks meet here");
        x->verdict = VERDICT_UNKNOWN;
        return false;
    }
    if (err != BPFLAB_OK)
        return fail(x, err);
    name_packets(x, &n->st);
    return !changed || enqueue(x, n);
}

static struct state *alloc_fork(void *self) {
    struct fixpoint *const x = self;
    return x->n_spare ? x->spare[--x->n_spare] : calloc(1, sizeof(struct state));
}

static void release_fork(void *self, struct state *st) {
    struct fixpoint *const x = self;
    if (x->n_spare < STEP_MAX_FORKS) {
        x->spare[x->n_spare++] = st;
        return;
    }
    state_fini(st);
    free(st);
}

/* Does the edge close a loop? In the text, or by coming back to a call from its callback. */
static bool closes(const struct fixpoint *x, uint32_t from, uint32_t to) {
    return to <= from && x->sub->scc[to];
}

static bool visit(struct fixpoint *x, struct node *n) {
    struct step *const s = &x->step;
    if (state_copy(&x->work, &n->st) != BPFLAB_OK)
        return fail(x, BPFLAB_E_NOMEM);
    const uint32_t depth = n->st.depth, pc = n->pc;
    s->st = &x->work;
    s->pc = pc;
    if (!step_run(s)) {
        if (s->err != BPFLAB_OK)
            return fail(x, s->err);
        *x->rep = s->rep;
        x->verdict = VERDICT_REJECT;
        return false;
    }
    if (x->know)
        knowledge_edge(x->know, pc, s->eff.decided);
    bool ok = explored_step(&x->seen, s, depth, x->rep);
    if (!ok)
        x->verdict = VERDICT_REJECT;
    for (uint32_t i = 0; i < s->n_forks; i++) {
        const struct fork *const f = &s->forks[i];
        ok = ok && flow_into(x, f->st, f->pc, closes(x, pc, f->pc));
        release_fork(x, f->st);
    }
    s->n_forks = 0;
    if (!ok || s->flow == STEP_END)
        return ok;
    return flow_into(x, &x->work, s->next, s->eff.came_round || closes(x, pc, s->next));
}

static bool within_budget(struct fixpoint *x, uint32_t pc, uint64_t start_ns) {
    const struct verify_budget *const b = &x->sub->opt.budget;
    if (++x->stats.insns_processed > b->insns)
        return spent(x, pc, "processed instructions", b->insns);
    if (b->time_ns && x->stats.insns_processed % 1024 == 0 && now_ns() - start_ns > b->time_ns)
        return spent(x, pc, "nanoseconds", b->time_ns);
    return true;
}

static void forget_nodes(struct fixpoint *x) {
    for (uint32_t pc = 0; x->at && pc < x->sub->prog->n_insns; pc++)
        while (x->at[pc]) {
            struct node *const n = x->at[pc];
            x->at[pc] = n->next;
            state_fini(&n->st);
            free(n);
        }
    x->n_queued = 0;
    x->n_bytes = x->n_nodes = 0;
}

static bool explore_entry(struct fixpoint *x, uint32_t subprog, uint64_t start_ns) {
    uint64_t bound;
    state_fini(&x->work);
    x->step.pc = x->sub->subprogs[subprog].start;
    if (!entry_state(&x->step, subprog, &x->work)) {
        *x->rep = x->step.rep;
        x->verdict = VERDICT_REJECT;
        return x->step.err == BPFLAB_OK ? false : fail(x, x->step.err);
    }
    if (!flow_into(x, &x->work, x->step.pc, false))
        return false;
    while (x->n_queued) {
        struct node *const n = dequeue(x);
        if (!within_budget(x, n->pc, start_ns))
            return false;
        if (!visit(x, n)) {
            explain(x->sub, &x->work, x->rep);
            return false;
        }
    }
    if (x->know)
        for (uint32_t pc = 0; pc < x->sub->prog->n_insns; pc++)
            for (const struct node *n = x->at[pc]; n; n = n->next)
                knowledge_join(x->know, pc, &n->st);
    if (!terminate_check(x->sub, x->at, &bound, x->rep, &x->err)) {
        x->verdict = VERDICT_UNKNOWN;
        return false;
    }
    if (bound > MAX_ROUNDS)
        return spent(x, x->step.pc, "rounds of loops", MAX_ROUNDS);
    forget_nodes(x);
    return true;
}

static void fixpoint_fini(struct fixpoint *x) {
    forget_nodes(x);
    free(x->at);
    free(x->queue);
    state_fini(&x->work);
    while (x->n_spare) {
        state_fini(x->spare[--x->n_spare]);
        free(x->spare[x->n_spare]);
    }
    explored_fini(&x->seen);
}

enum bpflab_err fixpoint_explore(const struct subject *sub, struct knowledge *know,
                                 struct verify_result *out) {
    struct fixpoint x = {.sub = sub, .know = know, .rep = &out->report, .verdict = VERDICT_ACCEPT};
    const uint64_t start_ns = now_ns();
    x.step = (struct step){.sub = sub,
                           .next_id = &x.next_id,
                           .alloc = alloc_fork,
                           .release = release_fork,
                           .alloc_self = &x};
    x.at = calloc(sub->prog->n_insns, sizeof(struct node *));
    x.err = x.at ? explored_init(sub, &x.seen) : BPFLAB_E_NOMEM;
    if (x.err == BPFLAB_OK) {
        bool ok = explore_entry(&x, 0, start_ns);
        for (uint32_t i; ok && (i = explored_next_global(&x.seen)) != 0;)
            ok = explore_entry(&x, i, start_ns);
        if (ok && !explored_check_stack(&x.seen, x.rep, &x.err))
            x.verdict = VERDICT_REJECT;
    }
    x.stats.time_ns = now_ns() - start_ns;
    out->verdict = x.verdict;
    out->stats = x.stats;
    const enum bpflab_err err = x.err;
    fixpoint_fini(&x);
    return err;
}

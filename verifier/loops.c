#include "verifier/loops.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_ROUNDS = 64 /* of settling; then every scalar is made precise */
};

/* struct loop_key: the loop that a state is in: the outermost one, under the calls before it. */
struct loop_key {
    uint32_t scc;
    uint32_t n_calls;
    uint32_t calls[STATE_MAX_FRAMES];
};

struct back_edge {
    struct path path; /* ended where covers was kept */
    struct kept *covers;
    struct back_edge *next;
};

struct loop_visit {
    struct loop_key key;
    struct kept *entry; /* the first state kept in it; NULL: the visit is over */
    struct back_edge *edges;
    struct loop_visit *next;
};

/* Where frame f of a state at pc stands. */
static uint32_t frame_pc(const struct state *st, uint32_t pc, uint32_t f) {
    return f == st->depth ? pc : st->frames[f + 1]->call_pc;
}

static bool loop_of(const struct subject *sub, const struct path *p, struct loop_key *key) {
    memset(key, 0, sizeof *key);
    for (uint32_t f = 0; f <= p->st.depth; f++) {
        const uint32_t pc = frame_pc(&p->st, p->pc, f);
        key->scc = sub->scc[pc];
        if (key->scc)
            return true;
        if (f < p->st.depth)
            key->calls[key->n_calls++] = pc;
    }
    return false;
}

static struct loop_visit *find(const struct loops *l, const struct loop_key *key) {
    for (struct loop_visit *v = l->visits; v; v = v->next)
        if (memcmp(&v->key, key, sizeof *key) == 0)
            return v;
    return NULL;
}

static void drop_edges(struct loops *l, struct loop_visit *v) {
    while (v->edges) {
        struct back_edge *const e = v->edges;
        v->edges = e->next;
        l->n_bytes -= path_bytes(&e->path);
        path_fini(&e->path);
        free(e);
    }
}

void loops_fini(struct loops *l) {
    while (l->visits) {
        struct loop_visit *const v = l->visits;
        l->visits = v->next;
        drop_edges(l, v);
        free(v);
    }
}

enum bpflab_err loops_enter(struct loops *l, struct kept *k) {
    struct loop_key key;
    if (!loop_of(l->sub, &k->p, &key))
        return BPFLAB_OK;
    struct loop_visit *v = find(l, &key);
    if (!v) {
        v = calloc(1, sizeof *v);
        if (!v)
            return BPFLAB_E_NOMEM;
        v->key = key;
        v->next = l->visits;
        l->visits = v;
    }
    if (!v->entry)
        v->entry = k;
    return BPFLAB_OK;
}

void loops_leave(struct loops *l, struct kept *k) {
    struct loop_key key;
    if (!loop_of(l->sub, &k->p, &key))
        return;
    struct loop_visit *const v = find(l, &key);
    if (!v || v->entry != k)
        return;
    bool news = v->edges != NULL;
    for (int round = 0; news && round < MAX_ROUNDS; round++) {
        news = false;
        for (struct back_edge *e = v->edges; e; e = e->next)
            news |= loops_carry(l->precision, e->covers, &e->path);
    }
    if (news)
        for (struct back_edge *e = v->edges; e; e = e->next) {
            precision_mark_all(&e->path);
            for (uint32_t f = 0; f <= e->path.st.depth; f++)
                path_mark_read(&e->path, f, UINT64_MAX);
        }
    drop_edges(l, v);
    v->entry = NULL;
}

bool loops_open(const struct loops *l, const struct kept *k) {
    struct loop_key key;
    if (!l->visits || !loop_of(l->sub, &k->p, &key))
        return false;
    const struct loop_visit *const v = find(l, &key);
    return v && v->edges;
}

enum bpflab_err loops_back_edge(struct loops *l, struct kept *k, const struct path *p) {
    struct loop_key key;
    /* A state that covers its own continuation and is in no loop of the graph comes round through a
     * callback: its whole past is made precise instead. */
    struct loop_visit *const v = loop_of(l->sub, &k->p, &key) ? find(l, &key) : NULL;
    if (!v)
        return BPFLAB_E_INTERNAL;
    struct back_edge *const e = calloc(1, sizeof *e);
    if (!e || path_copy(&e->path, p) != BPFLAB_OK) {
        free(e);
        return BPFLAB_E_NOMEM;
    }
    e->covers = k;
    e->next = v->edges;
    v->edges = e;
    l->n_bytes += path_bytes(&e->path);
    return BPFLAB_OK;
}

bool loops_carry(const struct precision *pr, const struct kept *k, struct path *p) {
    uint16_t live[STATE_MAX_FRAMES];
    struct wanted w;
    bool news = false;
    for (uint32_t f = 0; f <= k->p.st.depth; f++)
        if (k->read[f])
            news |= path_mark_read(p, f, k->read[f]);
    path_live_regs(pr->sub, &k->p.st, k->p.pc, live);
    precision_from(k, live, &w);
    for (uint32_t f = 0; pr->log && f <= w.frame; f++)
        vlog_propagate(pr->log, f, w.regs[f], w.slots[f]);
    return precision_mark(pr, p, &w) || news;
}

void path_live_regs(const struct subject *sub, const struct state *st, uint32_t pc,
                    uint16_t live[STATE_MAX_FRAMES]) {
    const uint16_t kept_by_call = 0x3c0; /* r6 to r9 */
    for (uint32_t f = 0; f < st->depth; f++) {
        const struct frame *const callee = st->frames[f + 1];
        const uint32_t call = callee->call_pc;
        if (callee->in_callback)
            live[f] = sub->live_in[call];
        else
            live[f] = sub->live_in[call + 1] & kept_by_call;
    }
    live[st->depth] = sub->live_in[pc];
}

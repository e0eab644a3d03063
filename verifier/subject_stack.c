/* subject_stack.c: how deep calls nest, and how much stack a chain of calls takes together.
 *
 * Chains are followed from the entry and from every asynchronous callback, in the order of the
 * program's text. A function met again as deep in a chain, behind as much stack and as much of a
 * callback, is not followed again: nothing new can come of it. So this takes time in proportion to
 * the calls and the depths, not to the number of chains.
 *
 * source: check_max_stack_depth of Linux 6.12, with the granularity of its JITs
 */
#include <stdlib.h>

#include "verifier/subject_impl.h"

enum {
    MAX_FRAMES = 8,
    MAX_BYTES = 512,
    MAX_BYTES_BEFORE_TAIL_CALL = 256,
    GRANULE = 16,     /* frames are multiples of it */
    PRIVATE_MIN = 64, /* bytes from which a function gets a stack of its own, where it can */
    N_DEPTHS = MAX_BYTES / GRANULE + 1,
};

struct walk {
    const struct subject *s;
    const uint16_t *depth_bytes;
    const uint8_t *called_back;
    struct report *rep;
    bool private_stacks; /* this chain's functions may have stacks of their own */
    bool in_exception;   /* this chain starts at the exception callback */
    uint8_t *shared;     /* n_subprogs: functions that async chains reach: on the common stack */
    uint8_t *seen;       /* n_subprogs * MAX_FRAMES * N_DEPTHS * 2 */
};

/* struct place: where a chain of calls is. */
struct place {
    uint32_t func, frame, depth; /* depth: bytes of the frames before it */
    bool in_callback;            /* it, or one before it, is called back */
};

static uint8_t *seen_at(const struct walk *w, const struct place *p) {
    size_t i = p->func;
    i = i * MAX_FRAMES + p->frame;
    i = i * N_DEPTHS + p->depth / GRANULE;
    return &w->seen[2 * i + p->in_callback];
}

static uint32_t rounded(uint32_t bytes) {
    return (bytes + GRANULE - 1) / GRANULE * GRANULE;
}

/* What may stand in this place at all, whatever it calls. */
static bool check_place(struct walk *w, const struct place *p) {
    const struct subprog_fact *f = &w->s->subprogs[p->func];
    if (f->has_ld_abs && p->in_callback)
        return report_reject(w->rep, REASON_CALLBACK, f->start, REPORT_NO_REG,
                             "cannot use BPF_LD_[ABS|IND] within callback");
    if (p->func && f->has_tail_call && p->depth >= MAX_BYTES_BEFORE_TAIL_CALL)
        return report_reject(w->rep, REASON_STACK_DEPTH, f->start, REPORT_NO_REG,
                             "tail_calls are not allowed when call stack of previous frames is %u "
                             "bytes. Too large",
                             p->depth);
    if (p->frame && f->has_tail_call && w->in_exception)
        return report_reject(w->rep, REASON_CALLBACK, f->start, REPORT_NO_REG,
                             "cannot tail call within exception cb");
    return true;
}

/* The stack of this frame and those before it. out: false: too much */
static bool add_frame(struct walk *w, const struct place *p, uint32_t *depth) {
    const uint32_t own = rounded(w->depth_bytes[p->func]);
    const uint32_t start = w->s->subprogs[p->func].start;
    *depth = p->depth;
    if (w->private_stacks && !w->shared[p->func] && own >= PRIVATE_MIN)
        return own <= MAX_BYTES ||
               report_reject(w->rep, REASON_STACK_DEPTH, start, REPORT_NO_REG,
                             "stack size of subprog %u is %u. Too large", p->func, own);
    *depth += own;
    return *depth <= MAX_BYTES ||
           report_reject(w->rep, REASON_STACK_DEPTH, start, REPORT_NO_REG,
                         "combined stack size of %u calls is %u. Too large", p->frame + 1, *depth);
}

static bool called_later(const struct walk *w, uint32_t func) {
    return w->called_back ? w->called_back[func] & CALLED_BACK_LATER
                          : w->s->subprogs[func].is_async_callback;
}

/* Does the chain go on through this call? Asynchronous callbacks start their own, and only that
 * unless they are called back at once, too. */
static bool goes_on(const struct walk *w, const struct call_edge *e) {
    if (e->kind == CALL_DIRECT)
        return true;
    const bool now = w->called_back && w->called_back[e->callee] & CALLED_BACK_NOW;
    return now || (!called_later(w, e->callee) && !w->s->subprogs[e->callee].is_exception_callback);
}

static bool check_edge(struct walk *w, const struct place *p, const struct call_edge *e) {
    if (e->kind == CALL_THROW)
        return !p->in_callback ||
               report_reject(w->rep, REASON_CALLBACK, e->pc, REPORT_NO_REG,
                             "bpf_throw kfunc (insn %u) cannot be called from callback subprog %u",
                             e->pc, p->func);
    if (e->kind == CALL_DIRECT && w->s->subprogs[e->callee].is_exception_callback)
        return report_reject(w->rep, REASON_CALLBACK, e->pc, REPORT_NO_REG,
                             "insn %u cannot call exception cb directly", e->pc);
    if (goes_on(w, e) && p->frame + 1 >= MAX_FRAMES)
        return report_reject(w->rep, REASON_CALL_DEPTH, e->pc, REPORT_NO_REG,
                             "the call stack of %u frames is too deep !", p->frame + 1);
    return true;
}

/* Recursion ends at MAX_FRAMES. */
static bool follow(struct walk *w, struct place p) {
    const struct subject_store *st = w->s->store;
    p.in_callback |= w->s->subprogs[p.func].is_callback;
    uint8_t *seen = seen_at(w, &p);
    uint32_t depth = 0;
    if (*seen)
        return true;
    *seen = 1;
    w->shared[p.func] |= !w->private_stacks;
    if (!check_place(w, &p) || !add_frame(w, &p, &depth))
        return false;
    for (uint32_t i = st->first_call[p.func]; i < st->first_call[p.func + 1]; i++) {
        const struct call_edge *e = &st->calls[i];
        const struct place to = {
            .func = e->callee, .frame = p.frame + 1, .depth = depth, .in_callback = p.in_callback};
        if (!check_edge(w, &p, e) || (e->kind != CALL_THROW && goes_on(w, e) && !follow(w, to)))
            return false;
    }
    return true;
}

/* Programs that may run inside of themselves have no stacks of their own for functions; nor have
 * those whose tail calls leave frames behind. */
static bool has_private_stacks(const struct subject *s) {
    for (uint32_t i = 0; i < s->n_subprogs; i++)
        if (s->subprogs[i].has_tail_call)
            return false;
    switch (s->prog->type) {
    case PROG_kprobe:
    case PROG_tracepoint:
    case PROG_perf_event:
    case PROG_raw_tracepoint: return true;
    case PROG_tracing: return s->prog->attach_type != ATTACH_trace_iter;
    default: return false;
    }
}

/* The exception callback goes first: it has the stricter rules, and places are not met twice. */
static bool follow_roots(struct walk *w) {
    const struct subject *s = w->s;
    w->in_exception = true;
    if (s->exception_cb && !follow(w, (struct place){.func = s->exception_cb}))
        return false;
    w->in_exception = false;
    for (uint32_t i = s->n_subprogs; i-- > 1;)
        if (called_later(w, i) && !follow(w, (struct place){.func = i}))
            return false;
    w->private_stacks = has_private_stacks(s);
    return follow(w, (struct place){.func = 0});
}

bool subject_check_stack(const struct subject *s, const uint16_t *depth_bytes,
                         const uint8_t *called_back, struct report *rep, enum bpflab_err *err) {
    struct walk w = {.s = s,
                     .depth_bytes = depth_bytes,
                     .called_back = called_back,
                     .rep = rep,
                     .shared = calloc(s->n_subprogs, 1),
                     .seen = calloc((size_t)s->n_subprogs * MAX_FRAMES * N_DEPTHS, 2)};
    *err = w.shared && w.seen ? BPFLAB_OK : BPFLAB_E_NOMEM;
    const bool ok = *err == BPFLAB_OK && follow_roots(&w);
    free(w.shared);
    free(w.seen);
    return ok;
}

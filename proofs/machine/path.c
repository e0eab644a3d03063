/* path.c: every way through a fragment of code.
 *
 * Depth first over machine_step. A branch whose condition is no constant, even with what the path
 * knows, splits the path. A loop is met a second time only where it may be: a retry of an atomic
 * access. Its first round then stands for all of them: what it read of memory is a fresh variable,
 * and so is what any later round read. For this the head of a loop must forget the flags, and the
 * registers that a round leaves otherwise; as that is not known until something jumps back, the
 * walk begins anew then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/machine/validate.h"

enum {
    HEADS = 4,
    NO_BRANCH = MACHINE_EVENTS + 1,
    MAX_STEPS = 4096 /* of all paths together */
};

struct walk {
    const struct machine *m;
    const struct mcode *code;
    struct mpath *out;
    unsigned n_paths;
    size_t heads[HEADS];
    uint32_t lost[HEADS]; /* registers whose contents a later round does not find as they were */
    unsigned n_heads;
    struct mpath *arrived[HEADS]; /* as it was when the path last came to the head by itself */
    /* how many events there are on every way through a round: those before the head, and up to the
     * round's first branch; NO_BRANCH: that has not come yet */
    unsigned sure[HEADS];
    bool again; /* a new head was found */
    unsigned n_steps;
    char *err;
};

static bool fail(struct walk *w, size_t at, const char *why) {
    if (w->err[0] || w->again)
        return false;
    int n = snprintf(w->err, 200, "%s at +%zu:", why, at - w->code->from);
    for (size_t i = at; i < w->code->n_bytes && i < at + 12 && n > 0 && n < 190; i++)
        n += snprintf(w->err + n, 200 - (size_t)n, " %02x", w->code->bytes[i]);
    return false;
}

/* ---- loops ---- */

/* Is its low part the value of a read of memory? out: the event, or NULL */
static const struct mevent *read_value(const struct mstate *s, unsigned from, term *x) {
    for (unsigned i = s->n_events; i-- > from;) {
        const struct mevent *const e = &s->events[i];
        if ((e->kind == MEV_LOAD || e->kind == MEV_ATOMIC) &&
            term_low(s->t, 8u * e->bytes, x) == e->value)
            return e;
    }
    return NULL;
}

/* struct round: of a loop, from its head to the jump back, and what it leaves otherwise. */
struct round {
    const struct mpath *p, *head;
    unsigned sure;  /* see struct walk */
    uint32_t lost;  /* see struct walk */
    term *was, *is; /* see find_read */
};

/* Is an address the same in every round? */
static bool is_fixed(const struct round *r, term *addr) {
    const struct mstate *const h = &r->head->end;
    if (r->was && term_subst(h->t, addr, r->was, r->is) != addr)
        return false;
    for (unsigned i = 0; i < MACHINE_REGS; i++)
        if (r->lost >> i & 1 && h->reg[i] &&
            term_subst(h->t, addr, h->reg[i], term_const(h->t, 64, 0)) != addr)
            return false;
    return true;
}

/* Is it nothing to look at this place once more? Something did before the loop, or every round does
 * on its way: so the round that is kept, too. */
static bool is_looked_at(const struct round *r, const struct mevent *e) {
    for (unsigned i = 0; i < r->sure; i++) {
        const struct mevent *const other = &r->p->end.events[i];
        if ((other->kind == MEV_LOAD || other->kind == MEV_ATOMIC) && other->bytes == e->bytes &&
            mpath_under(r->p, other->addr) == mpath_under(r->p, e->addr) &&
            (i < r->head->end.n_events || is_fixed(r, other->addr)))
            return true;
    }
    return false;
}

/* Can an event of a round that is left out not be noticed? */
static bool is_harmless(const struct round *r, const struct mevent *e) {
    if (e->kind == MEV_FENCE)
        return true;
    if (e->kind == MEV_ATOMIC && mpath_under(r->p, e->stored) != mpath_under(r->p, e->value))
        return false;
    return (e->kind == MEV_LOAD || e->kind == MEV_ATOMIC) && !e->when && is_looked_at(r, e);
}

/* What was read before the head and what was read since, if a register holds the one where it held
 * the other: *was and *is, NULL if there is none. *lost: bit r: register r is neither the same nor
 * that */
static void find_read(const struct mpath *p, const struct mstate *head, term **was, term **is,
                      uint32_t *lost) {
    const struct mstate *const s = &p->end;
    *was = *is = NULL;
    *lost = 0;
    for (unsigned r = 0; r < MACHINE_REGS; r++) {
        term *const now = s->reg[r] ? mpath_under(p, s->reg[r]) : NULL;
        if (head->reg[r] == s->reg[r] || head->reg[r] == now)
            continue;
        const struct mevent *const a = now ? read_value(head, 0, head->reg[r]) : NULL,
                                   *const b = now ? read_value(s, head->n_events, now) : NULL;
        if (a && b && a->addr == b->addr && a->bytes == b->bytes && a->value->op == TERM_VAR &&
            !*was) {
            *was = a->value;
            *is = b->value;
        } else if (!a || !b || a->value != *was || b->value != *is) {
            *lost |= 1u << r;
        }
    }
}

/* Does anything that the path has done before the head depend on this variable, but that it read
 * it? Then it is not the same path if it was another value. */
static bool depends(const struct mpath *head, term *var, term *other) {
    struct terms *const t = head->end.t;
    for (unsigned i = 0; i < head->n_conds; i++)
        if (term_subst(t, head->conds[i], var, other) != head->conds[i])
            return true;
    for (unsigned i = 0; i < head->end.n_events; i++) {
        const struct mevent *const e = &head->end.events[i];
        term *const parts[] = {e->addr, e->stored, e->when, e->value == var ? NULL : e->value};
        for (unsigned k = 0; k < sizeof parts / sizeof *parts; k++)
            if (parts[k] && term_subst(t, parts[k], var, other) != parts[k])
                return true;
    }
    return false;
}

/* Is what has happened before the head still what has happened? A condition may have taken events
 * away since, and others have come. */
static bool is_behind(const struct mstate *h, const struct mstate *s) {
    for (unsigned i = 0; i < h->n_events; i++) {
        const struct mevent *const a = &h->events[i], *const b = &s->events[i];
        if (i >= s->n_events || a->kind != b->kind || a->addr != b->addr || a->value != b->value ||
            a->stored != b->stored || a->when != b->when)
            return false;
    }
    return s->n_calls == h->n_calls && s->trap == h->trap;
}

/* Is the state what it was at the head, with what memory holds now for what it held? Registers that
 * are lost count no more. */
static bool is_retry(const struct round *round) {
    const struct mpath *const p = round->p;
    const struct mstate *const s = &p->end, *const h = &round->head->end;
    term *const was = round->was, *const is = round->is;
    if ((was && depends(round->head, was, is)) || s->n_frame != h->n_frame || !is_behind(h, s))
        return false;
    for (unsigned r = 0; r < MACHINE_REGS; r++) {
        if (round->lost >> r & 1 || (!h->reg[r] && !s->reg[r]))
            continue;
        if (!h->reg[r] || !s->reg[r])
            return false;
        term *const want = was ? term_subst(s->t, h->reg[r], was, is) : h->reg[r];
        if (s->reg[r] != want && mpath_under(p, s->reg[r]) != want)
            return false;
    }
    for (unsigned i = 0; i < s->n_frame; i++)
        if (s->frame[i].off != h->frame[i].off || s->frame[i].value != h->frame[i].value ||
            (was && term_subst(s->t, h->frame[i].value, was, is) != h->frame[i].value))
            return false;
    for (unsigned i = 0; i < s->n_own; i++)
        if (s->own[i].value != h->own[i].value)
            return false;
    for (unsigned i = h->n_events; i < s->n_events; i++)
        if (!is_harmless(round, &s->events[i]))
            return false;
    return true;
}

static unsigned head_at(const struct walk *w, size_t at) {
    unsigned i = 0;
    while (i < w->n_heads && w->heads[i] != at)
        i++;
    return i;
}

/* A jump back to `to`. out: is it an allowed retry? Then the path ends, and counts no more. */
static bool back(struct walk *w, const struct mpath *p, size_t at, size_t to) {
    const unsigned i = head_at(w, to);
    if (i < w->n_heads) {
        struct round round = {.p = p, .head = w->arrived[i], .sure = w->sure[i]};
        uint32_t lost;
        if (round.sure == NO_BRANCH)
            return fail(w, at, "a loop without end");
        find_read(p, &round.head->end, &round.was, &round.is, &lost);
        if (lost & ~w->lost[i]) { /* unknown from the beginning, then */
            w->lost[i] |= lost;
            w->again = true;
            return false;
        }
        round.lost = w->lost[i];
        return is_retry(&round) || fail(w, at, "a loop that is no retry");
    }
    if (w->n_heads == HEADS)
        return fail(w, at, "too many loops");
    w->heads[w->n_heads++] = to;
    w->again = true;
    return false;
}

static bool arrive(struct walk *w, struct mpath *p, size_t at) {
    const unsigned i = head_at(w, at);
    if (i == w->n_heads)
        return true;
    for (unsigned f = 0; f < MACHINE_FLAGS; f++)
        p->end.flag[f] = NULL;
    for (unsigned r = 0; r < MACHINE_REGS; r++)
        if (w->lost[i] >> r & 1)
            p->end.reg[r] = term_fresh(p->end.t, 64, "loop");
    p->end.linked = false;
    if (!w->arrived[i])
        w->arrived[i] = malloc(sizeof *w->arrived[i]);
    if (!w->arrived[i])
        return fail(w, at, "no memory");
    *w->arrived[i] = *p;
    w->sure[i] = NO_BRANCH;
    return true;
}

/* The path splits: what follows happens in some rounds only. */
static void note_branch(struct walk *w, const struct mstate *s) {
    for (unsigned i = 0; i < w->n_heads; i++) {
        unsigned n = w->arrived[i] ? w->arrived[i]->end.n_events : 0;
        if (w->sure[i] != NO_BRANCH)
            continue;
        while (n < s->n_events && !s->events[n].when)
            n++;
        w->sure[i] = n;
    }
}

/* ---- conditions ---- */

/* Events that happen when c: they do now, those that happen when it is false do not. */
static void settle(struct mstate *s, term *c) {
    unsigned n = 0;
    for (unsigned i = 0; i < s->n_events; i++) {
        struct mevent e = s->events[i];
        if (e.when && e.when == term_not(s->t, c))
            continue;
        if (e.when == c)
            e.when = NULL;
        s->events[n++] = e;
    }
    s->n_events = n;
}

/* p with one more condition. out: false: it cannot be */
static bool assume(struct walk *w, struct mpath *p, term *c, size_t at) {
    if (term_is_true(c))
        return true;
    if (term_is_false(c))
        return false;
    if (p->n_conds == MPATH_CONDS)
        return fail(w, at, "too many conditions");
    p->conds[p->n_conds++] = c;
    settle(&p->end, c);
    return true;
}

/* ---- steps ---- */

/* A call: what it sees is noted, what it may change is unknown. */
static bool call(struct walk *w, struct mstate *s, const struct mstep *step, size_t at) {
    const struct machine *const m = w->m;
    term *const to =
        step->addr ? step->addr : term_const(s->t, 64, w->code->addr + (uint64_t)step->target);
    struct mevent *const e = mstate_event(s, MEV_CALL, to, 0);
    /* functions of the program keep less than C does */
    const bool local = !step->addr && step->target >= 0 && step->target < (int64_t)w->code->n_bytes;
    uint32_t changes = m->call_clobbers;
    uint64_t sp_off = 0;
    if (!e || s->n_calls == MACHINE_CALLS)
        return fail(w, at, "too many calls or events");
    e->call = (uint8_t)s->n_calls;
    memcpy(s->calls[s->n_calls++], s->reg, sizeof s->reg);
    if (!s->sp0 || term_split_k(s->reg[m->sp], &sp_off) != s->sp0)
        return fail(w, at, "a call where the stack pointer is not known");
    for (unsigned r = JR_0; r <= JR_5 && local; r++)
        changes |= 1u << m->map[r];
    if (local)
        changes |= 1u << m->map[JR_T0] | 1u << m->map[JR_T1];
    for (unsigned r = 0; r < m->n_regs; r++)
        if (changes >> r & 1 || r == m->link)
            s->reg[r] = term_fresh(s->t, 64, "call");
    e->value = s->reg[local ? m->map[JR_0] : m->result];
    if (m->args[5] == 255)
        e->stored = mstate_frame(s, (int64_t)sp_off + m->call_area - 8);
    for (unsigned i = 0; i < s->n_frame; i++)
        if (s->frame[i].off < (int64_t)sp_off + m->call_area)
            s->frame[i].value = term_fresh(s->t, 64, "called");
    for (unsigned f = 0; f < MACHINE_FLAGS; f++)
        s->flag[f] = NULL;
    s->linked = false;
    return true;
}

/* The stack pointer has moved: what is below it now, and was not, a signal may have overwritten. */
static void forget_below(const struct machine *m, struct mstate *s) {
    uint64_t sp;
    if (!s->sp0 || term_split_k(s->reg[m->sp], &sp) != s->sp0)
        return;
    for (unsigned i = 0; i < s->n_frame; i++)
        if (s->frame[i].off < (int64_t)sp - m->red_zone)
            s->frame[i].value = term_fresh(s->t, 64, "below");
}

static bool leave(struct walk *w, const struct mpath *p, uint8_t flow, int64_t target, term *addr,
                  size_t at) {
    if (w->n_paths == MPATHS)
        return fail(w, at, "too many paths");
    struct mpath *const out = &w->out[w->n_paths++];
    *out = *p;
    out->flow = flow;
    out->target = target;
    out->addr = addr;
    return true;
}

static bool walk(struct walk *w, struct mpath *p, size_t at);

static bool is_hot(const struct mcode *c, int64_t at) {
    return at >= (int64_t)c->from && at < (int64_t)c->to;
}

static bool is_cold(const struct mcode *c, int64_t at) {
    return at >= (int64_t)c->cold_from && at < (int64_t)c->cold_to;
}

/* Go to target: inside, back, or out. Between the two parts there are no loops, or the steps run
 * out. */
static bool go(struct walk *w, struct mpath *p, size_t at, int64_t target) {
    const struct mcode *const c = w->code;
    if (!is_hot(c, target) && !is_cold(c, target))
        return leave(w, p, target == (int64_t)c->to ? MFLOW_NEXT : MFLOW_JUMP, target, NULL, at);
    if (target <= (int64_t)at && is_hot(c, target) == is_hot(c, (int64_t)at))
        return back(w, p, at, (size_t)target);
    return walk(w, p, (size_t)target);
}

static bool branch(struct walk *w, struct mpath *p, size_t at, const struct mstep *step) {
    term *const c = mpath_under(p, step->cond);
    struct mpath *const other = malloc(sizeof *other);
    bool ok = true;
    if (!other)
        return fail(w, at, "no memory");
    *other = *p;
    if (!term_is_const(c))
        note_branch(w, &p->end);
    if (assume(w, other, c, at))
        ok = go(w, other, at, step->target);
    free(other);
    if (ok && assume(w, p, term_not(p->end.t, c), at))
        ok = go(w, p, at, (int64_t)(at + step->bytes));
    return ok && !w->err[0];
}

/* On from at. Every path below p is noted; p is used up. */
static bool walk(struct walk *w, struct mpath *p, size_t at) {
    const struct mcode *const code = w->code;
    const size_t end = is_cold(code, (int64_t)at) ? code->cold_to : code->to;
    while (at < end) {
        struct mstep step = {0};
        if (!arrive(w, p, at))
            return false;
        if (w->n_steps++ == MAX_STEPS)
            return fail(w, at, "too many steps");
        term *const sp = p->end.reg[w->m->sp];
        if (!w->m->step(&p->end, code->bytes, code->n_bytes, at, code->addr, &step) ||
            p->end.error[0])
            return fail(w, at, p->end.error[0] ? p->end.error : "not understood");
        if (p->end.reg[w->m->sp] != sp)
            forget_below(w->m, &p->end);
        switch ((enum mflow)step.flow) {
        case MFLOW_NEXT: break;
        case MFLOW_JUMP: return go(w, p, at, step.target);
        case MFLOW_BRANCH: return branch(w, p, at, &step);
        case MFLOW_CALL:
            if (!call(w, &p->end, &step, at))
                return false;
            break;
        case MFLOW_INDIRECT:
        case MFLOW_RETURN: return leave(w, p, step.flow, 0, step.addr, at);
        }
        at += step.bytes;
    }
    if (at != end)
        return fail(w, code->from, "an instruction goes beyond the fragment's end");
    return leave(w, p, MFLOW_NEXT, (int64_t)at, NULL, at);
}

unsigned mpath_all(const struct machine *m, const struct mstate *begin, const struct mcode *code,
                   struct mpath out[MPATHS], char err[200]) {
    struct walk w = {.m = m, .code = code, .out = out, .err = err};
    struct mpath *const p = malloc(sizeof *p);
    bool ok = false;
    err[0] = 0;
    if (!p) {
        snprintf(err, 200, "no memory");
        return 0;
    }
    do {
        w.again = false;
        w.n_paths = w.n_steps = 0;
        memset(p, 0, sizeof *p);
        p->end = *begin;
        p->end.m = m;
        ok = walk(&w, p, code->from);
    } while (w.again && !err[0]);
    free(p);
    for (unsigned i = 0; i < HEADS; i++)
        free(w.arrived[i]);
    if (ok && terms_failed(begin->t))
        snprintf(err, 200, "out of memory for terms"), ok = false;
    if (ok && !w.n_paths)
        snprintf(err, 200, "no way out");
    return ok ? w.n_paths : 0;
}

/* under.c: terms simplified by what a path knows.
 *
 * A condition c makes c itself true and its negation false; x == constant makes x that constant,
 * and variable == x makes the variable x. Terms are rebuilt with that put in, from the leaves up,
 * so that constructors fold again.
 */
#include <stdlib.h>

#include "proofs/machine/validate.h"

/* struct known: a term and what stands for it. */
struct known {
    term *what, *is;
};

/* struct memo: what became of a term, by id; open addressing, capacity a power of two. */
struct memo {
    struct known *slots;
    size_t n, capacity;
    bool failed;
    term *(*rule)(void *self, term *x); /* what becomes of a term after its operands; or NULL */
    void *self;
};

static struct known *memo_slot(const struct memo *m, term *x) {
    size_t i = (x->id * UINT32_C(2654435769)) & (m->capacity - 1);
    while (m->slots[i].what && m->slots[i].what != x)
        i = (i + 1) & (m->capacity - 1);
    return &m->slots[i];
}

static void memo_put(struct memo *m, term *x, term *is) {
    if (2 * m->n >= m->capacity) {
        struct memo bigger = *m;
        bigger.capacity = m->capacity ? 2 * m->capacity : 64;
        bigger.slots = calloc(bigger.capacity, sizeof *bigger.slots);
        if (!bigger.slots) {
            m->failed = true;
            return;
        }
        for (size_t i = 0; i < m->capacity; i++)
            if (m->slots[i].what)
                *memo_slot(&bigger, m->slots[i].what) = m->slots[i];
        free(m->slots);
        *m = bigger;
    }
    struct known *const slot = memo_slot(m, x);
    m->n += !slot->what;
    *slot = (struct known){x, is};
}

static term *memo_get(const struct memo *m, term *x) {
    return m->capacity ? memo_slot(m, x)->is : NULL;
}

/* The rule sees a term before its operands are rebuilt, in the form that it has; and afterwards. */
static term *rebuild(struct terms *t, struct memo *m, term *x) {
    if (!x || x->op == TERM_CONST || m->failed)
        return x;
    term *const done = memo_get(m, x);
    if (done)
        return done;
    term *is = m->rule ? m->rule(m->self, x) : x;
    if (is != x) {
        is = rebuild(t, m, is);
    } else {
        term *const a = rebuild(t, m, x->a), *const b = rebuild(t, m, x->b),
                    *const c = rebuild(t, m, x->c);
        if (a != x->a || b != x->b || c != x->c)
            is = term_with(t, x, a, b, c);
        if (m->rule)
            is = m->rule(m->self, is);
    }
    memo_put(m, x, is);
    return is;
}

/* What c tells: c is true, and more if it says what something equals. */
static void learn(struct terms *t, struct memo *m, term *c) {
    memo_put(m, c, term_bool(t, true));
    memo_put(m, term_not(t, c), term_bool(t, false));
    if (c->op == TERM_AND) {
        learn(t, m, c->a);
        learn(t, m, c->b);
    } else if (c->op == TERM_NOT && c->a->op == TERM_OR) {
        learn(t, m, term_not(t, c->a->a));
        learn(t, m, term_not(t, c->a->b));
    } else if (c->op == TERM_ULT && term_is_const(c->a)) {
        /* above a small constant: none of those up to it */
        for (uint64_t k = 0; term_is_value(c->a, term_u64(c->a)) && k <= term_u64(c->a) && k < 4;
             k++)
            learn(t, m, term_ne(t, c->b, term_const(t, c->b->width, k)));
    } else if (c->op == TERM_EQ && term_is_const(c->b)) {
        memo_put(m, c->a, c->b);
    } else if (c->op == TERM_EQ && term_is_const(c->a)) {
        memo_put(m, c->b, c->a);
    } else if (c->op == TERM_EQ && c->a->op == TERM_VAR && c->a->id > c->b->id) {
        memo_put(m, c->a, c->b); /* operands have lower ids: the variable is not in it */
    } else if (c->op == TERM_EQ && c->b->op == TERM_VAR && c->b->id > c->a->id) {
        memo_put(m, c->b, c->a);
    }
}

term *mpath_under(const struct mpath *p, term *x) {
    struct terms *const t = p->end.t;
    struct memo m = {0};
    if (!p->n_conds || term_is_const(x))
        return x;
    for (unsigned i = 0; i < p->n_conds; i++)
        learn(t, &m, p->conds[i]);
    term *const is = rebuild(t, &m, x);
    free(m.slots);
    return m.failed ? x : is;
}

term *term_subst(struct terms *t, term *x, term *what, term *is) {
    struct memo m = {0};
    memo_put(&m, what, is);
    term *const out = rebuild(t, &m, x);
    free(m.slots);
    return m.failed ? x : out;
}

term *term_rewrite(struct terms *t, term *x, term *(*rule)(void *self, term *x), void *self) {
    struct memo m = {.rule = rule, .self = self};
    term *const out = rebuild(t, &m, x);
    free(m.slots);
    return m.failed ? x : out;
}

term *mpath_when(const struct mpath *p) {
    term *all = term_bool(p->end.t, true);
    for (unsigned i = 0; i < p->n_conds; i++)
        all = term_and(p->end.t, all, p->conds[i]);
    return all;
}

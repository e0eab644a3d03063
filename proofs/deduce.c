/* deduce.c: facts, chains of comparisons, and splitting a small goal on its conditions. */
#include "proofs/deduce.h"

#include <stdlib.h>

enum {
    MAX_NODES = 600, /* of a goal that is split */
    MAX_DEPTH = 10,  /* conditions of one case */
    MAX_CASES = 400,
    MAX_STEPS = 400000, /* of looking at terms */
};

/* struct less: a < b, or a <= b. */
struct less {
    term *a, *b;
    bool is_signed, strict;
};

/* struct facts: what holds in a case. Facts of a case are taken back by their number. */
struct facts {
    struct terms *t;
    bool *is;     /* by term's id: it holds */
    uint32_t cap; /* ids that fit */
    term **held;  /* those with is[] */
    size_t n_held, cap_held;
    struct less *less;
    size_t n_less, cap_less;
    bool contradiction;
    bool failed; /* no memory: nothing more is said to follow */
    unsigned cases, steps;
};

struct mark {
    size_t n_held, n_less;
    bool contradiction;
};

/* ---- terms ---- */

bool term_replace(struct terms *t, term **roots, size_t n, term *what, term *with) {
    term **list;
    const size_t count = term_below(t, roots, n, &list);
    term **const now = calloc((size_t)terms_count(t) + 1, sizeof *now);
    for (size_t i = 0; now && i < count; i++) {
        term *const x = list[i];
        now[x->id] = x == what
                         ? with
                         : term_with(t, x, x->a ? now[x->a->id] : NULL, x->b ? now[x->b->id] : NULL,
                                     x->c ? now[x->c->id] : NULL);
    }
    for (size_t i = 0; now && i < n; i++)
        roots[i] = now[roots[i]->id];
    const bool ok = now && count > 0 && !terms_failed(t);
    free((void *)now);
    free((void *)list);
    return ok;
}

bool term_decide(struct terms *t, term **root, term *atom, bool value) {
    if (!term_replace(t, root, 1, atom, term_bool(t, value)))
        return false;
    const bool is_value = value && atom->op == TERM_EQ && atom->a->op == TERM_VAR &&
                          (term_is_const(atom->b) || atom->b->op == TERM_VAR);
    return !is_value || term_replace(t, root, 1, atom->a, atom->b);
}

static bool is_connective(term *x) {
    return x->width == 1 && (x->op == TERM_NOT || x->op == TERM_AND || x->op == TERM_OR);
}

/* atom_of: a condition without and, or, not at its top: the first of its parts. */
static term *atom_of(term *c) {
    while (is_connective(c))
        c = c->a;
    return c;
}

term *term_choice(const struct terms *t, term *x, bool (*skip)(const void *of, term *atom),
                  const void *of) {
    const uint32_t count = terms_count(t);
    term **const queue = malloc(((size_t)count + 1) * sizeof *queue);
    bool *const seen = calloc((size_t)count + 1, 1);
    size_t n = 0;
    term *found = NULL;
    if (queue && seen) {
        queue[n++] = x;
        seen[x->id] = true;
    }
    for (size_t i = 0; i < n && !found; i++) { /* breadth first, each node once */
        term *const at = queue[i];
        if (at->op == TERM_ITE && !term_is_const(atom_of(at->c)) && !skip(of, atom_of(at->c)))
            found = atom_of(at->c);
        term *const parts[] = {at->a, at->b, at->c};
        for (unsigned p = 0; p < 3; p++)
            if (parts[p] && !seen[parts[p]->id]) {
                seen[parts[p]->id] = true;
                queue[n++] = parts[p];
            }
    }
    free((void *)queue);
    free(seen);
    return found;
}

term *term_alternative(term *goal, bool (*skip)(const void *of, term *atom), const void *of) {
    if (goal->width != 1)
        return NULL;
    if (goal->op == TERM_OR) {
        term *const l = term_alternative(goal->a, skip, of);
        return l ? l : term_alternative(goal->b, skip, of);
    }
    if (goal->op != TERM_AND && !(goal->op == TERM_NOT && goal->a->op == TERM_OR))
        return NULL;
    term *const atom = atom_of(goal);
    return term_is_const(atom) || skip(of, atom) ? NULL : atom;
}

/* ---- facts ---- */

/* more: room for one more of n. out: false: no memory */
static bool more(struct facts *f, void **list, size_t n, size_t *cap, size_t size) {
    if (n < *cap)
        return true;
    const size_t now = *cap ? *cap * 2 : 64;
    void *const bigger = realloc(*list, now * size);
    f->failed |= !bigger;
    if (bigger) {
        *list = bigger;
        *cap = now;
    }
    return bigger != NULL;
}

static bool fits(struct facts *f, uint32_t id) {
    if (id < f->cap)
        return true;
    const uint32_t now = id + id / 2 + 64;
    bool *const bigger = realloc(f->is, now);
    f->failed |= !bigger;
    if (!bigger)
        return false;
    for (uint32_t i = f->cap; i < now; i++)
        bigger[i] = false;
    f->is = bigger;
    f->cap = now;
    return true;
}

/* ---- order ---- */

/* const_less: of two constants: a < b, or a <= b. */
static bool const_less(struct terms *t, bool is_signed, bool strict, term *a, term *b) {
    return term_is_true(strict ? (is_signed ? term_slt(t, a, b) : term_ult(t, a, b))
                               : (is_signed ? term_sle(t, a, b) : term_ule(t, a, b)));
}

/* struct place: how far a walk has come: a term that is not above, or below, the start. */
struct place {
    term *at;
    bool strict;
};

/* step_from: may a walk go from p to b by this fact, or because both are constants? */
static bool step_from(const struct facts *f, bool is_signed, struct place p, const struct less *by,
                      struct place *to) {
    if (by->is_signed != is_signed || by->a->width != p.at->width)
        return false;
    bool strict = by->strict;
    if (by->a != p.at) { /* through two constants */
        if (!term_is_const(p.at) || !term_is_const(by->a) ||
            !const_less(f->t, is_signed, false, p.at, by->a))
            return false;
        strict |= const_less(f->t, is_signed, true, p.at, by->a);
    }
    *to = (struct place){by->b, p.strict || strict};
    return true;
}

/* arrives: at b, strictly if that is asked for. */
static bool arrives(const struct facts *f, bool is_signed, bool strict, struct place p, term *b) {
    if (p.at == b)
        return p.strict || !strict;
    return term_is_const(p.at) && term_is_const(b) && p.at->width == b->width &&
           const_less(f->t, is_signed, strict && !p.strict, p.at, b);
}

/* is_less: is there a chain from a up to b? */
static bool is_less(struct facts *f, bool is_signed, bool strict, term *a, term *b) {
    enum {
        PLACES = 200
    };
    struct place places[PLACES] = {{a, false}};
    size_t n = 1;
    for (size_t i = 0; i < n; i++) {
        if (arrives(f, is_signed, strict, places[i], b))
            return true;
        for (size_t j = 0; j < f->n_less && n < PLACES; j++) {
            struct place to;
            if (!step_from(f, is_signed, places[i], &f->less[j], &to))
                continue;
            bool known = false;
            for (size_t k = 0; k < n && !known; k++)
                known = places[k].at == to.at && (places[k].strict || !to.strict);
            if (!known)
                places[n++] = to;
        }
    }
    return false;
}

/* ---- learning ---- */

/* add_less: a < b, or a <= b; that b <= a, or b < a, holds already is a contradiction. */
static void add_less(struct facts *f, bool is_signed, bool strict, term *a, term *b) {
    f->contradiction |= is_less(f, is_signed, !strict, b, a);
    if (more(f, (void **)&f->less, f->n_less, &f->cap_less, sizeof *f->less))
        f->less[f->n_less++] =
            (struct less){.a = a, .b = b, .is_signed = is_signed, .strict = strict};
}

/* note_order: what an atom, or its negation, says of order. */
static void note_order(struct facts *f, term *x) {
    const bool is = x->op != TERM_NOT;
    term *const atom = is ? x : x->a;
    if (atom->op == TERM_ULT || atom->op == TERM_SLT) {
        const bool is_signed = atom->op == TERM_SLT;
        if (is)
            add_less(f, is_signed, true, atom->a, atom->b);
        else
            add_less(f, is_signed, false, atom->b, atom->a);
    } else if (atom->op == TERM_EQ && is) {
        for (unsigned is_signed = 0; is_signed < 2; is_signed++) {
            add_less(f, is_signed, false, atom->a, atom->b);
            add_less(f, is_signed, false, atom->b, atom->a);
        }
    }
}

static bool is_held(const struct facts *f, term *x) {
    return x->id < f->cap && f->is[x->id];
}

static void learn(struct facts *f, term *x) {
    f->contradiction |= term_is_false(x) || is_held(f, term_not(f->t, x));
    if (term_is_const(x) || !fits(f, x->id) || f->is[x->id] ||
        !more(f, (void **)&f->held, f->n_held, &f->cap_held, sizeof *f->held))
        return;
    f->is[x->id] = true;
    f->held[f->n_held++] = x;
    if (x->op == TERM_AND) {
        learn(f, x->a);
        learn(f, x->b);
    } else if (x->op == TERM_NOT && x->a->op == TERM_OR) {
        learn(f, term_not(f->t, x->a->a));
        learn(f, term_not(f->t, x->a->b));
    } else {
        note_order(f, x);
    }
}

static struct mark mark_of(const struct facts *f) {
    return (struct mark){f->n_held, f->n_less, f->contradiction};
}

static void take_back(struct facts *f, struct mark m) {
    while (f->n_held > m.n_held)
        f->is[f->held[--f->n_held]->id] = false;
    f->n_less = m.n_less;
    f->contradiction = m.contradiction;
}

/* ---- what holds ---- */

enum truth {
    NO,
    YES,
    UNKNOWN,
};

static enum truth negated(enum truth x) {
    return x == UNKNOWN ? UNKNOWN : x == YES ? NO : YES;
}

static enum truth truth_of(struct facts *f, term *x);

static enum truth truth_of_atom(struct facts *f, term *x) {
    if (x->op == TERM_ULT || x->op == TERM_SLT) {
        const bool is_signed = x->op == TERM_SLT;
        if (is_less(f, is_signed, true, x->a, x->b))
            return YES;
        return is_less(f, is_signed, false, x->b, x->a) ? NO : UNKNOWN;
    }
    if (x->op != TERM_EQ)
        return UNKNOWN;
    for (unsigned is_signed = 0; is_signed < 2; is_signed++) {
        if (is_less(f, is_signed, true, x->a, x->b) || is_less(f, is_signed, true, x->b, x->a))
            return NO;
        if (is_less(f, is_signed, false, x->a, x->b) && is_less(f, is_signed, false, x->b, x->a))
            return YES;
    }
    return UNKNOWN;
}

static enum truth truth_of_or(struct facts *f, term *a, term *b, enum truth decides) {
    const enum truth x = truth_of(f, a);
    if (x == decides)
        return x;
    const enum truth y = truth_of(f, b);
    return y == decides || x == y ? y : UNKNOWN;
}

static enum truth truth_of(struct facts *f, term *x) {
    if (term_is_const(x))
        return term_is_true(x) ? YES : NO;
    if (++f->steps > MAX_STEPS)
        return UNKNOWN;
    if (is_held(f, x))
        return YES;
    switch (x->op) {
    case TERM_NOT: return negated(truth_of(f, x->a));
    case TERM_OR: return truth_of_or(f, x->a, x->b, YES);
    case TERM_AND: return truth_of_or(f, x->a, x->b, NO);
    case TERM_ITE: {
        const enum truth c = truth_of(f, x->c);
        return c == UNKNOWN ? UNKNOWN : truth_of(f, c == YES ? x->a : x->b);
    }
    default: break;
    }
    if (is_held(f, term_not(f->t, x)))
        return NO;
    return truth_of_atom(f, x);
}

/* suppose: x holds, or this is no case. */
static void suppose(struct facts *f, term *x) {
    f->contradiction |= truth_of(f, x) == NO;
    learn(f, x);
}

/* learn_from: of x, which holds: of alternatives all of which but one do not hold, that one; of a
 * choice whose condition is known, what is chosen. */
static void learn_from(struct facts *f, term *x) {
    if (x->op == TERM_OR) {
        if (truth_of(f, x->a) == NO)
            suppose(f, x->b);
        else if (truth_of(f, x->b) == NO)
            suppose(f, x->a);
    } else if (x->op == TERM_NOT && x->a->op == TERM_AND) {
        if (truth_of(f, x->a->a) == YES)
            suppose(f, term_not(f->t, x->a->b));
        else if (truth_of(f, x->a->b) == YES)
            suppose(f, term_not(f->t, x->a->a));
    } else if (x->op == TERM_ITE || (x->op == TERM_NOT && x->a->op == TERM_ITE)) {
        term *const choice = x->op == TERM_NOT ? x->a : x;
        const enum truth c = truth_of(f, choice->c);
        term *const chosen = c == YES ? choice->a : choice->b;
        if (c != UNKNOWN)
            suppose(f, x == choice ? chosen : term_not(f->t, chosen));
    }
}

/* consequences: until nothing is new. */
static void consequences(struct facts *f) {
    for (size_t before = 0; f->n_held > before && !f->contradiction && !f->failed;) {
        before = f->n_held;
        for (size_t i = 0; i < before; i++)
            learn_from(f, f->held[i]);
    }
}

/* ---- goals ---- */

/* assume_not: where one of a goal's alternatives holds, so does the goal: the others may be proved
 * where it does not. Those that are choices or conjunctions stay out. */
static void assume_not(struct facts *f, term *goal) {
    if (goal->op == TERM_OR) {
        assume_not(f, goal->a);
        assume_not(f, goal->b);
    } else if (goal->op == TERM_NOT) {
        suppose(f, goal->a);
    } else if (goal->op != TERM_ITE && goal->op != TERM_AND) {
        suppose(f, term_not(f->t, goal));
    }
}

static bool skip_none(const void *of, term *atom) {
    (void)of;
    (void)atom;
    return false;
}

static bool is_small(const struct facts *f, term *goal) {
    term **list;
    const size_t n = term_below(f->t, &goal, 1, &list);
    free((void *)list);
    return n > 0 && n <= MAX_NODES;
}

static bool follows(struct facts *f, term *goal, unsigned depth);

/* split: goal with the atom replaced by what it may be. */
static bool split(struct facts *f, term *goal, term *atom, unsigned depth) {
    const enum truth known = truth_of(f, atom);
    for (unsigned value = 0; value < 2; value++) {
        if (known != UNKNOWN && known != (enum truth)value)
            continue;
        term *left = goal;
        if (++f->cases > MAX_CASES || !term_decide(f->t, &left, atom, value == 1))
            return false;
        const struct mark m = mark_of(f);
        learn(f, value == 1 ? atom : term_not(f->t, atom));
        const bool ok = follows(f, left, depth - 1);
        take_back(f, m);
        if (!ok)
            return false;
    }
    return true;
}

static bool follows(struct facts *f, term *goal, unsigned depth) {
    if (term_is_true(goal))
        return true;
    if (goal->op == TERM_AND)
        return follows(f, goal->a, depth) && follows(f, goal->b, depth);
    if (goal->op == TERM_NOT && goal->a->op == TERM_OR)
        return follows(f, term_not(f->t, goal->a->a), depth) &&
               follows(f, term_not(f->t, goal->a->b), depth);
    const struct mark m = mark_of(f);
    assume_not(f, goal);
    consequences(f);
    bool ok = !f->failed && (f->contradiction || truth_of(f, goal) == YES);
    if (!ok && !f->failed && depth > 0 && is_small(f, goal)) {
        term *atom = term_choice(f->t, goal, skip_none, NULL);
        if (!atom)
            atom = term_alternative(goal, skip_none, NULL);
        ok = atom && split(f, goal, atom, depth);
    }
    take_back(f, m);
    return ok;
}

/* ---- what is left ---- */

/* settled: x with its conditions that are known replaced by what they are. */
static term *settled(struct facts *f, term *x) {
    term **list;
    const size_t n = term_below(f->t, &x, 1, &list);
    term **const now = calloc((size_t)terms_count(f->t) + 1, sizeof *now);
    const uint32_t cap = terms_count(f->t);
    f->failed |= !now || n == 0;
    for (size_t i = 0; now && i < n; i++) {
        term *const y = list[i];
        const enum truth is = y->width == 1 ? truth_of(f, y) : UNKNOWN;
        now[y->id] = is != UNKNOWN
                         ? term_bool(f->t, is == YES)
                         : term_with(f->t, y, y->a ? now[y->a->id] : NULL,
                                     y->b ? now[y->b->id] : NULL, y->c ? now[y->c->id] : NULL);
    }
    term *const left = now && n > 0 && x->id < cap ? now[x->id] : x;
    free((void *)now);
    free((void *)list);
    return left;
}

/* settled_alternatives: each choice and conjunction among them, where the others do not hold. */
static term *settled_alternatives(struct facts *f, term *goal) {
    if (goal->op == TERM_OR) {
        term *const a = settled_alternatives(f, goal->a);
        return term_or(f->t, a, settled_alternatives(f, goal->b));
    }
    return goal->op == TERM_ITE || goal->op == TERM_AND ? settled(f, goal) : goal;
}

term *deduce(struct terms *t, term *const *assumed, size_t n, term *goal) {
    struct facts f = {.t = t};
    for (size_t i = 0; i < n; i++)
        learn(&f, assumed[i]);
    consequences(&f);
    const bool ok = !f.failed && (f.contradiction || follows(&f, goal, MAX_DEPTH));
    term *left = term_bool(t, true);
    if (!ok) {
        f.steps = 0;
        left = settled(&f, goal);
        assume_not(&f, left);
        consequences(&f);
        left = settled_alternatives(&f, left);
    }
    free(f.is);
    free((void *)f.held);
    free(f.less);
    return f.failed || terms_failed(t) ? goal : left;
}

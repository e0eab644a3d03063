/* cases.c: splitting, on conditions of choices and on alternatives in the goal, breadth first. A
 * case that folds needs no solver.
 */
#include "proofs/cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_MS = 1500,  /* what a query gets before it is split */
    MAX_DEPTH = 10,   /* conditions of one case */
    FOLD_NODES = 400, /* of a goal that is tried without a solver */
    FOLD_DEPTH = 5,
    TIMES = 4, /* the query's timeout, for all cases */
};

struct cases {
    struct terms *t;
    const struct smt_query *q;
    struct smt_answer *out;
    term **assumed; /* the query's, then those of the case */
    unsigned n_cases;
};

/* replace: in each root, every `what` by `with`. out: false: no memory */
static bool replace(struct terms *t, term **roots, size_t n, term *what, term *with) {
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

/* ---- what to split on ---- */

/* atom_of: a condition without and, or, not at its top: the first of its parts. */
static term *atom_of(term *c) {
    while (c->width == 1 && (c->op == TERM_NOT || c->op == TERM_AND || c->op == TERM_OR))
        c = c->a;
    return c;
}

static bool is_decided(const struct cases *k, size_t n, term *atom) {
    for (size_t i = 0; i < n; i++)
        if (k->assumed[i] == atom || (k->assumed[i]->op == TERM_NOT && k->assumed[i]->a == atom))
            return true;
    return term_is_const(atom);
}

/* choice_in: the condition of a choice in x, nearest to the top; NULL: there is none.
 * Breadth first, each node once. */
static term *choice_in(const struct cases *k, size_t n_assumed, term *x) {
    const uint32_t count = terms_count(k->t);
    term **const queue = malloc(((size_t)count + 1) * sizeof *queue);
    bool *const seen = calloc((size_t)count + 1, 1);
    size_t n = 0;
    term *found = NULL;
    if (queue && seen) {
        queue[n++] = x;
        seen[x->id] = true;
    }
    for (size_t i = 0; i < n && !found; i++) {
        term *const at = queue[i];
        if (at->op == TERM_ITE && !is_decided(k, n_assumed, atom_of(at->c)))
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

/* alternative_in: where the goal's falsehood has several ways, the condition of one. */
static term *alternative_in(const struct cases *k, size_t n_assumed, term *goal) {
    if (goal->width != 1)
        return NULL;
    if (goal->op == TERM_OR) {
        term *const l = alternative_in(k, n_assumed, goal->a);
        return l ? l : alternative_in(k, n_assumed, goal->b);
    }
    if (goal->op != TERM_AND && !(goal->op == TERM_NOT && goal->a->op == TERM_OR))
        return NULL;
    term *const atom = atom_of(goal);
    return is_decided(k, n_assumed, atom) ? NULL : atom;
}

/* ---- without a solver ---- */

/* struct known: terms that hold, by id. */
struct known {
    bool *is;
    uint32_t n;
};

static void learn(struct known *k, term *x) {
    if (x->id >= k->n || k->is[x->id])
        return;
    k->is[x->id] = true;
    if (x->width == 1 && x->op == TERM_AND) {
        learn(k, x->a);
        learn(k, x->b);
    }
}

/* learn_false: of a goal's alternatives that are negations, what is negated: it may be assumed. */
static void learn_false(struct known *k, term *goal) {
    if (goal->op == TERM_OR && goal->width == 1) {
        learn_false(k, goal->a);
        learn_false(k, goal->b);
    } else if (goal->op == TERM_NOT) {
        learn(k, goal->a);
    }
}

static bool follows(const struct known *k, term *goal) {
    if (term_is_true(goal) || (goal->id < k->n && k->is[goal->id]))
        return true;
    if (goal->width != 1 || (goal->op != TERM_AND && goal->op != TERM_OR))
        return false;
    const bool a = follows(k, goal->a);
    return goal->op == TERM_AND ? a && follows(k, goal->b) : a || follows(k, goal->b);
}

/* is_false: is it known not to hold? */
static bool is_false(const struct known *k, term *x) {
    if (term_is_false(x))
        return true;
    if (x->op == TERM_NOT)
        return follows(k, x->a);
    if (x->width == 1 && x->op == TERM_OR)
        return is_false(k, x->a) && is_false(k, x->b);
    return x->width == 1 && x->op == TERM_AND && (is_false(k, x->a) || is_false(k, x->b));
}

/* learn_or: of alternatives all of which but one are known not to hold, that one. */
static void learn_or(struct known *k, term *x) {
    while (x->width == 1 && x->op == TERM_OR)
        if (is_false(k, x->a))
            x = x->b;
        else if (is_false(k, x->b))
            x = x->a;
        else
            return;
    learn(k, x);
}

/* is_plain: the goal is among what is assumed, as it stands. */
static bool is_plain(const struct cases *k, size_t n_assumed, term *goal) {
    struct known known = {.n = terms_count(k->t)};
    known.is = calloc((size_t)known.n + 1, 1);
    if (!known.is)
        return false;
    for (size_t i = 0; i < n_assumed; i++)
        learn(&known, k->assumed[i]);
    learn_false(&known, goal);
    for (size_t i = 0; i < n_assumed; i++) /* later ones build on earlier ones */
        learn_or(&known, k->assumed[i]);
    const bool ok = follows(&known, goal);
    free(known.is);
    return ok;
}

/* folds: a small goal of which nothing is left when conditions of choices are replaced by what they
 * are, case by case: no question for a solver. */
static bool folds(const struct cases *k, term *goal, unsigned depth) {
    if (goal->width == 1 && goal->op == TERM_AND)
        return folds(k, goal->a, depth) && folds(k, goal->b, depth);
    if (term_is_const(goal) || depth == 0)
        return term_is_true(goal);
    term **list;
    const size_t n = term_below(k->t, &goal, 1, &list);
    free((void *)list);
    if (n == 0 || n > FOLD_NODES)
        return false;
    term *atom = choice_in(k, 0, goal);
    if (!atom)
        atom = alternative_in(k, 0, goal);
    for (unsigned value = 0; atom && value < 2; value++) {
        term *left = goal;
        if (!replace(k->t, &left, 1, atom, term_bool(k->t, value == 1)) ||
            !folds(k, left, depth - 1))
            return false;
    }
    return atom != NULL;
}

/* ---- proving ---- */

static bool go_on(const struct cases *k) {
    return k->out->result == SMT_PROVED;
}

/* vars_below: are all variables below x in the set `is`, by id?  mark: put them there. */
static bool vars_below(const struct cases *k, term *x, bool *is, bool mark) {
    term **list;
    const size_t n = term_below(k->t, &x, 1, &list);
    bool all = n > 0;
    for (size_t i = 0; i < n; i++) {
        if (list[i]->op != TERM_VAR)
            continue;
        if (mark)
            is[list[i]->id] = true;
        all &= is[list[i]->id];
    }
    free((void *)list);
    return all;
}

/* ask_narrowly: with the assumptions alone that are about nothing but what the goal is about.
 * out: proved; else nothing is known */
static bool ask_narrowly(struct cases *k, size_t n_assumed, term *goal, unsigned timeout_ms) {
    bool *const is = calloc((size_t)terms_count(k->t) + 1, 1);
    term **const few = malloc((n_assumed + 1) * sizeof *few);
    size_t n = 0;
    struct smt_answer a = {.result = SMT_TIMEOUT};
    if (is && few && vars_below(k, goal, is, true)) {
        for (size_t i = 0; i < n_assumed; i++)
            if (vars_below(k, k->assumed[i], is, false))
                few[n++] = k->assumed[i];
        struct smt_query q = *k->q;
        q.assumed = few;
        q.n_assumed = n;
        q.goal = goal;
        q.timeout_ms = timeout_ms;
        q.dump = NULL;
        if (n < n_assumed)
            smt_prove(k->t, &q, &a);
        k->out->seconds += a.seconds;
        smt_answer_fini(&a);
    }
    free(is);
    free((void *)few);
    return a.result == SMT_PROVED;
}

static void ask(struct cases *k, size_t n_assumed, term *goal, unsigned timeout_ms) {
    struct smt_query q = *k->q;
    if (ask_narrowly(k, n_assumed, goal, timeout_ms)) {
        k->out->result = SMT_PROVED;
        return;
    }
    char name[200];
    q.assumed = k->assumed;
    q.n_assumed = n_assumed;
    q.goal = goal;
    q.timeout_ms = timeout_ms;
    if (k->n_cases++ > 0) {
        snprintf(name, sizeof name, "%.180s case %u", k->q->name, k->n_cases);
        q.name = name;
    }
    const double before = k->out->seconds;
    smt_answer_fini(k->out);
    smt_prove(k->t, &q, k->out);
    k->out->seconds += before;
}

static void prove(struct cases *k, size_t n_assumed, term *goal, unsigned depth);

/* assume_also: the case in which atom is `value`. */
static void prove_case(struct cases *k, size_t n_assumed, term *goal, unsigned depth, term *atom,
                       bool value) {
    term *const is = value ? atom : term_not(k->t, atom);
    if (!replace(k->t, &goal, 1, atom, term_bool(k->t, value))) {
        k->out->result = SMT_ERROR;
        snprintf(k->out->error, sizeof k->out->error, "no memory");
        return;
    }
    k->assumed[n_assumed] = is;
    prove(k, n_assumed + 1, goal, depth + 1);
}

static void prove(struct cases *k, size_t n_assumed, term *goal, unsigned depth) {
    const double limit = (double)k->q->timeout_ms * (double)TIMES / 1000;
    if (goal->width == 1 && goal->op == TERM_AND) {
        prove(k, n_assumed, goal->a, depth);
        if (go_on(k))
            prove(k, n_assumed, goal->b, depth);
        return;
    }
    if (is_plain(k, n_assumed, goal) || folds(k, goal, FOLD_DEPTH))
        return;
    term *atom = NULL;
    if (depth < MAX_DEPTH && k->out->seconds < limit) {
        atom = alternative_in(k, n_assumed, goal);
        if (!atom)
            atom = choice_in(k, n_assumed, goal);
    }
    ask(k, n_assumed, goal, atom && k->q->timeout_ms > FIRST_MS ? FIRST_MS : k->q->timeout_ms);
    if (k->out->result != SMT_TIMEOUT || !atom)
        return;
    k->out->result = SMT_PROVED;
    prove_case(k, n_assumed, goal, depth, atom, true);
    if (go_on(k))
        prove_case(k, n_assumed, goal, depth, atom, false);
}

void cases_prove(struct terms *t, const struct smt_query *q, struct smt_answer *out) {
    *out = (struct smt_answer){.result = SMT_PROVED};
    struct cases k = {.t = t, .q = q, .out = out};
    k.assumed = malloc((q->n_assumed + MAX_DEPTH + 1) * sizeof *k.assumed);
    if (!k.assumed) {
        out->result = SMT_ERROR;
        snprintf(out->error, sizeof out->error, "no memory");
        return;
    }
    if (q->n_assumed > 0)
        memcpy((void *)k.assumed, (const void *)q->assumed, q->n_assumed * sizeof *k.assumed);
    prove(&k, q->n_assumed, q->goal, 0);
    free((void *)k.assumed);
}

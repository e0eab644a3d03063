/* cases.c: splitting, on conditions of choices and on alternatives in the goal, breadth first.
 */
#include "proofs/cases.h"

#include "proofs/deduce.h"
#include "proofs/linear.h"
#include "proofs/relevant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_MS = 400, /* what a query gets before it is split */
    MAX_DEPTH = 10, /* conditions of one case */
    TIMES = 4,      /* the query's timeout, for all cases */
};

struct cases {
    struct terms *t;
    const struct smt_query *q;
    struct smt_answer *out;
    term **assumed; /* the query's, then those of the case */
    unsigned n_cases;
    double limit; /* of the answer's seconds: no more is split then */
};

/* struct decided: a case, for term_choice. */
struct decided {
    const struct cases *k;
    size_t n_assumed;
};

static bool is_decided(const void *of, term *atom) {
    const struct decided *const d = of;
    for (size_t i = 0; i < d->n_assumed; i++) {
        term *const x = d->k->assumed[i];
        if (x == atom || (x->op == TERM_NOT && x->a == atom))
            return true;
    }
    return false;
}

/* split_on: NULL: there is nothing to split. */
static term *split_on(const struct cases *k, size_t n_assumed, term *goal) {
    const struct decided d = {k, n_assumed};
    term *const atom = term_alternative(goal, is_decided, &d);
    return atom ? atom : term_choice(k->t, goal, is_decided, &d);
}

/* ---- proving ---- */

static void no_memory(struct smt_answer *out) {
    out->result = SMT_ERROR;
    snprintf(out->error, sizeof out->error, "no memory");
}

static bool go_on(const struct cases *k) {
    return k->out->result == SMT_PROVED;
}

/* within: those of n roots that are about nothing but what the goal is about, in few. out: how many
 */
static size_t within(const struct cases *k, term *const *roots, size_t n, term *goal, term **few) {
    term **goals, **list;
    bool *const other = calloc((size_t)terms_count(k->t) + 1, 1); /* by id: what is below */
    const size_t n_goals = term_below(k->t, &goal, 1, &goals);
    const size_t n_list = term_below(k->t, roots, n, &list);
    size_t chosen = other ? 0 : n;
    for (size_t i = 0; other && i < n_list; i++)
        other[list[i]->id] = list[i]->op == TERM_VAR;
    for (size_t i = 0; other && i < n_goals; i++)
        other[goals[i]->id] = false;
    for (size_t i = 0; other && i < n_list; i++) {
        term *const x = list[i], *const parts[] = {x->a, x->b, x->c};
        for (unsigned j = 0; j < 3; j++)
            other[x->id] |= parts[j] && other[parts[j]->id];
    }
    for (size_t i = 0; other && i < n; i++)
        if (!other[roots[i]->id])
            few[chosen++] = roots[i];
    free(other);
    free((void *)goals);
    free((void *)list);
    return chosen;
}

/* ask_narrowly: with the assumptions alone that are about nothing but what the goal is about.
 * out: proved; a timeout; else nothing is known, it was not asked either */
static enum smt_result ask_narrowly(struct cases *k, const struct smt_query *whole) {
    term **const few = malloc((whole->n_assumed + 1) * sizeof *few);
    struct smt_answer a = {.result = SMT_TIMEOUT};
    const size_t n =
        few ? within(k, whole->assumed, whole->n_assumed, whole->goal, few) : whole->n_assumed;
    if (n < whole->n_assumed) {
        struct smt_query q = *whole;
        char name[200];
        snprintf(name, sizeof name, "%.190s narrowly", whole->name);
        q.name = name;
        q.tentative = true;
        q.assumed = few;
        q.n_assumed = n;
        smt_prove(k->t, &q, &a);
        k->out->seconds += a.seconds;
        smt_answer_fini(&a);
    }
    free((void *)few);
    return n < whole->n_assumed ? a.result : SMT_REFUTED;
}

/* ask: split: a question that is split if there is no answer, and gets less time for one. */
static void ask(struct cases *k, size_t n_assumed, term *goal, bool split) {
    char name[180];
    struct smt_query q = *k->q;
    if (q.alive)
        q.alive(q.alive_self);
    q.assumed = k->assumed;
    q.n_assumed = n_assumed;
    q.goal = goal;
    q.tentative = split;
    if (split && q.timeout_ms > FIRST_MS)
        q.timeout_ms = FIRST_MS;
    if (k->n_cases++ > 0) {
        snprintf(name, sizeof name, "%.160s case %u", k->q->name, k->n_cases);
        q.name = name;
    }
    const enum smt_result narrowly = ask_narrowly(k, &q);
    if (narrowly == SMT_PROVED) {
        k->out->result = SMT_PROVED;
        return;
    }
    q.thorough = narrowly == SMT_TIMEOUT; /* it is nearly the same: in another way */
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
    if (!term_decide(k->t, &goal, atom, value)) {
        no_memory(k->out);
        return;
    }
    k->assumed[n_assumed] = is;
    prove(k, n_assumed + 1, goal, depth + 1);
}

/* n_conjunctions: among a goal's alternatives. */
static unsigned n_conjunctions(term *goal) {
    if (goal->op == TERM_OR)
        return n_conjunctions(goal->a) + n_conjunctions(goal->b);
    return goal->op == TERM_AND || (goal->op == TERM_NOT && goal->a->op == TERM_OR);
}

/* part_of: the goal with the first, or second, part of its one conjunction instead of all. */
static term *part_of(struct terms *t, term *goal, bool second) {
    switch (goal->op) {
    case TERM_AND: return second ? goal->b : goal->a;
    case TERM_NOT:
        return n_conjunctions(goal) ? term_not(t, second ? goal->a->b : goal->a->a) : goal;
    case TERM_OR: return term_or(t, part_of(t, goal->a, second), part_of(t, goal->b, second));
    default: return goal;
    }
}

static void prove(struct cases *k, size_t n_assumed, term *goal, unsigned depth) {
    if (!term_linear(k->t, &goal, 1)) {
        no_memory(k->out);
        return;
    }
    goal = deduce(k->t, k->assumed, n_assumed, goal);
    if (term_is_true(goal))
        return;
    if (n_conjunctions(goal) == 1) {
        prove(k, n_assumed, part_of(k->t, goal, false), depth);
        if (go_on(k))
            prove(k, n_assumed, part_of(k->t, goal, true), depth);
        return;
    }
    term *const atom =
        depth < MAX_DEPTH && k->out->seconds < k->limit ? split_on(k, n_assumed, goal) : NULL;
    ask(k, n_assumed, goal, atom != NULL);
    if (k->out->result != SMT_TIMEOUT || !atom)
        return;
    k->out->result = SMT_PROVED;
    prove_case(k, n_assumed, goal, depth, atom, true);
    if (go_on(k))
        prove_case(k, n_assumed, goal, depth, atom, false);
}

/* prove_from: with these assumptions. */
static void prove_from(struct cases *k, term *const *assumed, size_t n) {
    smt_answer_fini(k->out);
    *k->out = (struct smt_answer){.result = SMT_PROVED, .seconds = k->out->seconds};
    if (n > 0)
        memcpy((void *)k->assumed, (const void *)assumed, n * sizeof *k->assumed);
    k->limit = k->out->seconds + (double)k->q->timeout_ms * (double)TIMES / 1000;
    prove(k, n, k->q->goal, 0);
}

void cases_prove(struct terms *t, const struct smt_query *q, struct smt_answer *out) {
    *out = (struct smt_answer){.result = SMT_PROVED};
    struct cases k = {.t = t, .q = q, .out = out};
    k.assumed = malloc((q->n_assumed + MAX_DEPTH + 1) * sizeof *k.assumed);
    term **const few = malloc((q->n_assumed + 1) * sizeof *few);
    if (k.assumed && few) {
        const size_t n = relevant(t, q->assumed, q->n_assumed, q->goal, few);
        if (n > 0 && !term_linear(t, few, n))
            no_memory(out);
        else
            prove_from(&k, few, n);
        if ((out->result == SMT_REFUTED || out->result == SMT_TIMEOUT) && n < q->n_assumed)
            prove_from(&k, q->assumed, q->n_assumed);
    } else {
        no_memory(out);
    }
    free((void *)k.assumed);
    free((void *)few);
}

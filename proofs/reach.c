/* reach.c: values for what a place hangs on, then for the rest. */
#include "proofs/reach.h"

#include <stdlib.h>
#include <string.h>

#include "proofs/deduce.h"
#include "proofs/relevant.h"

bool reach_shows(struct terms *t, term *const *assumed, size_t n, term *reached,
                 const struct smt_answer *a) {
    const struct assignment values = {a->model, a->n_model};
    uint64_t k[TERM_LIMBS];
    term_eval(t, reached, &values, k);
    for (size_t i = 0; (k[0] & 1) && i < n; i++)
        term_eval(t, assumed[i], &values, k);
    return (k[0] & 1) != 0;
}

static const struct assigned *value_of(const struct smt_answer *a, const char *name) {
    for (size_t i = 0; i < a->n_model; i++)
        if (strcmp(a->model[i].name, name) == 0)
            return &a->model[i];
    return NULL;
}

/* fix: in n terms, the variables of `from` become their values. out: false: no memory */
static bool fix(struct terms *t, term *const *from, size_t n_from, const struct smt_answer *a,
                term **terms, size_t n) {
    term **list;
    const size_t count = term_below(t, from, n_from, &list);
    bool ok = count > 0;
    for (size_t i = 0; ok && i < count; i++) {
        const struct assigned *const v =
            list[i]->op == TERM_VAR && list[i]->width <= 64 ? value_of(a, list[i]->u.name) : NULL;
        if (v)
            ok = term_replace(t, terms, n, list[i], term_const(t, list[i]->width, v->k[0]));
    }
    free((void *)list);
    return ok;
}

/* join: b's values behind a's. out: false: no memory, and a as it was */
static bool join(struct smt_answer *a, struct smt_answer *b) {
    struct assigned *const all =
        realloc(a->model, (a->n_model + b->n_model + 1) * sizeof *a->model);
    if (!all)
        return false;
    if (b->n_model > 0)
        memcpy(all + a->n_model, b->model, b->n_model * sizeof *all);
    a->model = all;
    a->n_model += b->n_model;
    free(b->model);
    b->model = NULL;
    b->n_model = 0;
    return true;
}

/* extend: a has values of what `few` is about; out: whether it has values of all now. */
static bool extend(struct terms *t, const struct smt_query *q, term *reached, term *const *few,
                   size_t n_few, struct smt_answer *a) {
    term **const rest = malloc((q->n_assumed + 1) * sizeof *rest);
    struct smt_answer more = {.result = SMT_ERROR};
    if (!rest)
        return false;
    memcpy((void *)rest, (const void *)q->assumed, q->n_assumed * sizeof *rest);
    if (fix(t, few, n_few, a, rest, q->n_assumed)) {
        struct smt_query wide = *q;
        wide.assumed = rest;
        smt_satisfiable(t, &wide, &more);
        a->seconds += more.seconds;
    }
    const bool ok = more.result == SMT_PROVED && join(a, &more) &&
                    reach_shows(t, q->assumed, q->n_assumed, reached, a);
    smt_answer_fini(&more);
    free((void *)rest);
    return ok;
}

void reach(struct terms *t, const struct smt_query *q, term *reached, struct smt_answer *out) {
    term **const few = malloc((q->n_assumed + 1) * sizeof *few);
    term **const all = malloc((q->n_assumed + 1) * sizeof *all);
    *out = (struct smt_answer){.result = SMT_ERROR, .error = "no memory"};
    if (few && all) {
        struct smt_query part = *q;
        const size_t n = relevant(t, q->assumed, q->n_assumed, reached, few);
        few[n] = reached;
        part.assumed = few;
        part.n_assumed = n + 1;
        smt_satisfiable(t, &part, out);
        const bool whole = n == q->n_assumed || out->result == SMT_REFUTED;
        if (!whole && (out->result != SMT_PROVED || !extend(t, q, reached, few, n + 1, out))) {
            const double seconds = out->seconds;
            smt_answer_fini(out);
            if (q->n_assumed > 0)
                memcpy((void *)all, (const void *)q->assumed, q->n_assumed * sizeof *all);
            all[q->n_assumed] = reached;
            part.assumed = all;
            part.n_assumed = q->n_assumed + 1;
            smt_satisfiable(t, &part, out);
            out->seconds += seconds;
        }
    }
    free((void *)few);
    free((void *)all);
}

/* reach.c: values for what a place hangs on, then for the rest. */
#include "proofs/reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/relevant.h"

bool reach_shows(struct terms *t, term *const *assumed, size_t n, term *reached,
                 const struct smt_answer *a) {
    const struct assignment values = {a->model, a->n_model};
    return terms_hold(t, &reached, 1, &values) && terms_hold(t, assumed, n, &values);
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

/* add: values under which n terms hold, to those that a has; terms: written over; which: for the
 * query's name.
 * out: false: there are none with those */
static bool add(struct terms *t, const struct smt_query *q, term **terms, size_t n, uint32_t which,
                struct smt_answer *a) {
    struct smt_answer more;
    struct smt_query part = *q;
    char name[200];
    const struct assignment known = {a->model, a->n_model};
    if (!term_fill(t, terms, n, &known))
        return false;
    snprintf(name, sizeof name, "%.180s part %u", q->name, which);
    part.name = name;
    part.assumed = terms;
    part.n_assumed = n;
    smt_satisfiable(t, &part, &more);
    a->seconds += more.seconds;
    const bool ok = more.result == SMT_PROVED && join(a, &more);
    smt_answer_fini(&more);
    return ok;
}

/* extend: a has values of what matters most. out: whether it has values of all now */
static bool extend(struct terms *t, const struct smt_query *q, term *reached,
                   struct smt_answer *a) {
    uint32_t *const group = calloc(q->n_assumed + 1, sizeof *group);
    term **const part = malloc((q->n_assumed + 1) * sizeof *part);
    bool ok = group && part && relevant_groups(t, q->assumed, q->n_assumed, group);
    uint32_t last = 0;
    for (size_t i = 0; ok && i < q->n_assumed; i++)
        last = group[i] > last ? group[i] : last;
    for (uint32_t g = 0; ok && g <= last; g++) {
        size_t n = 0;
        for (size_t i = 0; i < q->n_assumed; i++)
            if (group[i] == g)
                part[n++] = q->assumed[i];
        ok = n == 0 || add(t, q, part, n, g, a);
    }
    ok = ok && reach_shows(t, q->assumed, q->n_assumed, reached, a);
    free(group);
    free((void *)part);
    return ok;
}

void reach(struct terms *t, const struct smt_query *q, term *reached, struct smt_answer *out) {
    term **const few = malloc((q->n_assumed + 1) * sizeof *few);
    term **const all = malloc((q->n_assumed + 1) * sizeof *all);
    char name[200];
    *out = (struct smt_answer){.result = SMT_ERROR, .error = "no memory"};
    if (few && all) {
        struct smt_query part = *q;
        const size_t n = relevant(t, q->assumed, q->n_assumed, reached, few);
        few[n] = reached;
        part.assumed = few;
        part.n_assumed = n + 1;
        smt_satisfiable(t, &part, out);
        const bool whole = n == q->n_assumed || out->result == SMT_REFUTED;
        if (!whole && (out->result != SMT_PROVED || !extend(t, q, reached, out))) {
            const double seconds = out->seconds;
            smt_answer_fini(out);
            if (q->n_assumed > 0)
                memcpy((void *)all, (const void *)q->assumed, q->n_assumed * sizeof *all);
            all[q->n_assumed] = reached;
            snprintf(name, sizeof name, "%.180s whole", q->name);
            part.name = name;
            part.assumed = all;
            part.n_assumed = q->n_assumed + 1;
            smt_satisfiable(t, &part, out);
            out->seconds += seconds;
        }
    }
    free((void *)few);
    free((void *)all);
}

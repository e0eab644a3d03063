/* tally.c: what came out, counted by family, and the exit status that it means.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/prove/prove.h"
#include "proofs/select.h"

bool is_shown(const struct prove_run *r, const struct unit_outcome *u, const struct obligation *o) {
    static const char whole[] = ": its run";
    const size_t n = strlen(o->name);
    if (n >= sizeof whole && !strcmp(o->name + n - sizeof whole + 1, whole))
        return true;
    return select_obligation(r->globs, r->n_globs, u->unit, o);
}

static void count(struct tally *t, const struct prove_run *r, const struct unit_outcome *u) {
    t->units++;
    t->cached += u->cached;
    for (size_t i = 0; i < u->n; i++) {
        const struct obligation *o = &u->obligations[i];
        if (!is_shown(r, u, o))
            continue;
        t->obligations++;
        t->of[o->result]++;
        t->cases += o->cases;
        t->seconds += o->seconds;
    }
}

static int by_family(const void *a, const void *b) {
    const struct tally *x = a, *y = b;
    return strcmp(x->family, y->family);
}

struct tally *tally_families(const struct prove_run *r, size_t *n, struct tally *total) {
    struct tally *families = calloc(r->n + 1, sizeof *families);
    *n = 0;
    *total = (struct tally){0};
    for (size_t i = 0; families && i < r->n; i++) {
        const struct unit_outcome *u = &r->outcomes[i];
        size_t k = *n; /* mostly the last one */
        while (k > 0 && strcmp(families[k - 1].family, u->unit->family) != 0)
            k--;
        if (k == 0) {
            k = ++*n;
            families[k - 1].family = u->unit->family;
        }
        count(&families[k - 1], r, u);
        count(total, r, u);
    }
    if (*n)
        qsort(families, *n, sizeof *families, by_family);
    return families;
}

struct cross_tally tally_cross(const struct prove_run *r) {
    struct cross_tally t = {0};
    for (size_t i = 0; i < r->n_queries; i++)
        t.of[cross_verdict_of(&r->queries[i])]++;
    return t;
}

/* cross_status: agreement on nothing is none, and so is one with gaps. */
static int cross_status(const struct prove_run *r) {
    const struct cross_tally t = tally_cross(r);
    if (!option_on(&r->c->opt, "cross-check"))
        return CLI_YES;
    if (t.of[CROSS_DISAGREE])
        return CLI_NO;
    if (!t.of[CROSS_AGREE])
        cli_note("prove: no query was answered by both solvers");
    const size_t gaps = t.of[CROSS_OPEN] + t.of[CROSS_FAILED] + t.of[CROSS_LEFT];
    return t.of[CROSS_AGREE] && !gaps ? CLI_YES : CLI_UNDECIDED;
}

/* idle_glob: one that means no obligation at all; NULL: there is none. */
static const char *idle_glob(const struct prove_run *r) {
    for (size_t g = 0; g < r->n_globs; g++) {
        bool any = false;
        for (size_t i = 0; i < r->n && !any; i++) {
            const struct unit_outcome *u = &r->outcomes[i];
            any = !u->complete && select_unit(&r->globs[g], 1, u->unit);
            for (size_t k = 0; k < u->n && !any; k++)
                any = select_obligation(&r->globs[g], 1, u->unit, &u->obligations[k]);
        }
        if (!any)
            return r->globs[g];
    }
    return NULL;
}

int tally_status(const struct prove_run *r) {
    struct tally total = {0};
    for (size_t i = 0; i < r->n; i++)
        count(&total, r, &r->outcomes[i]);
    const char *const idle = *r->stop ? NULL : idle_glob(r);
    if (idle)
        cli_note("prove: no obligation matches %.80s", idle);
    size_t open = total.of[SMT_TIMEOUT] + total.of[SMT_ERROR], n_undone = 0;
    for (size_t i = 0; i < r->n; i++)
        n_undone += !r->outcomes[i].complete;
    if (n_undone)
        cli_note("prove: it was stopped; %zu units were not run to their end", n_undone);
    /* A planted defect counts as caught only by a refutation. */
    const bool no = total.of[SMT_REFUTED] || (r->plants && open);
    open += n_undone;
    const int cross = cross_status(r);
    if (no || cross == CLI_NO)
        return CLI_NO;
    return idle ? CLI_USAGE : open ? CLI_UNDECIDED : cross;
}

/* choose.c: all units that there are, and which of them are meant.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/prove/prove.h"
#include "cli/suggest.h"
#include "proofs/open.h"
#include "proofs/select.h"

bool is_plant(const struct unit *u) {
    return !strncmp(u->family, "plant", 5);
}

static int by_name(const void *a, const void *b) {
    const struct unit *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* gather: the units of every provider, behind one another. */
static int gather(struct prove_run *r) {
    const struct provider *p;
    for (unsigned i = 0; (p = prove_provider_at(i)); i++) {
        struct unit *units = NULL;
        size_t n = 0;
        char err[160] = "";
        if (!p->list(&r->opt, &units, &n, err))
            return cli_failf(r->c, r->opt.bitcode[0] ? CLI_USAGE : CLI_INTERNAL, NULL, "%s: %s",
                             p->name, err);
        struct unit *grown = realloc(r->units, (r->n_units + n + 1) * sizeof *grown);
        if (grown) {
            memcpy(grown + r->n_units, units, n * sizeof *units);
            r->units = grown;
            r->n_units += n;
        }
        free(units);
        if (!grown)
            return cli_failf(r->c, CLI_INTERNAL, NULL, "out of memory");
    }
    if (!r->n_units)
        return cli_failf(r->c, CLI_INTERNAL, NULL, "prove: there are no units of proof");
    qsort(r->units, r->n_units, sizeof *r->units, by_name);
    for (size_t i = 1; i < r->n_units; i++)
        if (!strcmp(r->units[i - 1].name, r->units[i].name))
            return cli_failf(r->c, CLI_INTERNAL, NULL, "two units have the name %s",
                             r->units[i].name);
    return CLI_YES;
}

/* enum place: of a unit in this run. */
enum place {
    CHOSEN,
    OPEN,    /* left out: not proved yet */
    NIGHTLY, /* left out: without --nightly */
    PLANTS,  /* left out: a planted defect, or none where only those are wanted */
    N_PLACES,
};

static enum place place_of(const struct prove_run *r, const struct unit *u) {
    const struct options *o = &r->c->opt;
    const bool list = option_on(o, "list"), check = option_on(o, "check");
    /* The ledger is checked, and units are listed, as far as they go. */
    const bool every = list || check;
    if (open_unit(u->name) && (r->n_globs == 0 || check) && !list)
        return OPEN;
    if (is_plant(u) != r->plants && !(every && !r->plants))
        return PLANTS;
    return u->nightly && !every && !option_on(o, "nightly") ? NIGHTLY : CHOSEN;
}

/* none: no unit is chosen by a glob, or at all (glob: NULL); which might have been? */
static int none(struct prove_run *r, const char *glob, const size_t n[N_PLACES]) {
    const char *const what = glob ? glob : "*";
    if (n[NIGHTLY])
        return cli_failf(r->c, CLI_USAGE, NULL,
                         "prove: the %zu units that match %.80s need --nightly", n[NIGHTLY], what);
    if (n[PLANTS])
        return cli_failf(r->c, CLI_USAGE, NULL, "prove: the %zu units that match %.80s %s",
                         n[PLANTS], what, r->plants ? "are no planted defects" : "need --plants");
    struct suggestion s = suggest_for(what);
    for (size_t i = 0; i < r->n_units; i++) {
        suggest_offer(&s, r->units[i].family);
        suggest_offer(&s, r->units[i].name);
    }
    return cli_failf(r->c, CLI_USAGE, NULL, "prove: no unit matches %.80s%s%s%s", what,
                     s.nearest ? "; did you mean " : "; --list names them",
                     s.nearest ? s.nearest : "", s.nearest ? "?" : "");
}

/* each_means_some: is there a glob that chooses nothing? Then it is told: it may be a slip, and
 * what it was to choose would go unproved. */
static int each_means_some(struct prove_run *r) {
    for (size_t g = 0; g < r->n_globs + (r->n_globs == 0); g++) {
        size_t n[N_PLACES] = {0};
        for (size_t i = 0; i < r->n_units; i++)
            if (select_unit(&r->globs[g], r->n_globs > 0, &r->units[i]))
                n[place_of(r, &r->units[i])]++;
        if (n[CHOSEN] == 0 && n[OPEN] == 0)
            return none(r, r->n_globs ? r->globs[g] : NULL, n);
    }
    return CLI_YES;
}

int choose_units(struct prove_run *r) {
    int status = gather(r);
    if (status == CLI_YES)
        status = each_means_some(r);
    if (status != CLI_YES)
        return status;
    r->outcomes = calloc(r->n_units, sizeof *r->outcomes);
    if (!r->outcomes)
        return cli_failf(r->c, CLI_INTERNAL, NULL, "out of memory");
    for (size_t i = 0; i < r->n_units; i++) {
        const struct unit *u = &r->units[i];
        if (!select_unit(r->globs, r->n_globs, u))
            continue;
        const enum place p = place_of(r, u);
        r->n_open += p == OPEN;
        if (p == CHOSEN)
            r->outcomes[r->n++] = (struct unit_outcome){.unit = u, .expected = -1};
    }
    return CLI_YES;
}

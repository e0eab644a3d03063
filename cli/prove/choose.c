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

/* none: no unit is meant; which might have been? */
static int none(struct prove_run *r, size_t n_nightly, size_t n_plants) {
    if (n_nightly)
        return cli_failf(r->c, CLI_USAGE, NULL, "prove: the %zu units that match need --nightly",
                         n_nightly);
    if (n_plants)
        return cli_failf(r->c, CLI_USAGE, NULL, "prove: the %zu units that match %s", n_plants,
                         r->plants ? "are no planted defects" : "need --plants");
    const char *glob = r->n_globs ? r->globs[0] : "";
    struct suggestion s = suggest_for(glob);
    for (size_t i = 0; i < r->n_units; i++) {
        suggest_offer(&s, r->units[i].family);
        suggest_offer(&s, r->units[i].name);
    }
    return cli_failf(r->c, CLI_USAGE, NULL, "prove: no unit matches %.80s%s%s%s", glob,
                     s.nearest ? "; did you mean " : "; --list names them",
                     s.nearest ? s.nearest : "", s.nearest ? "?" : "");
}

int choose_units(struct prove_run *r) {
    const struct options *o = &r->c->opt;
    /* The ledger is checked, and units are listed, as far as they go. */
    const bool every = option_on(o, "check") || option_on(o, "list");
    const bool nightly = every || option_on(o, "nightly");
    size_t n_nightly = 0, n_plants = 0;
    int status = gather(r);
    if (status != CLI_YES)
        return status;
    r->outcomes = calloc(r->n_units, sizeof *r->outcomes);
    if (!r->outcomes)
        return cli_failf(r->c, CLI_INTERNAL, NULL, "out of memory");
    for (size_t i = 0; i < r->n_units; i++) {
        const struct unit *u = &r->units[i];
        if (!select_unit(r->globs, r->n_globs, u))
            continue;
        if (open_unit(u->name) && (r->n_globs == 0 || option_on(o, "check")) &&
            !option_on(o, "list")) {
            r->n_open++;
            continue;
        }
        if (is_plant(u) != r->plants && !(every && !r->plants))
            n_plants++;
        else if (u->nightly && !nightly)
            n_nightly++;
        else
            r->outcomes[r->n++] = (struct unit_outcome){.unit = u, .expected = -1};
    }
    return r->n ? CLI_YES : none(r, n_nightly, n_plants);
}

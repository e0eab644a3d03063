/* print.c: results for people: what is not proved first, with its values, then totals by family.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/prove/prove.h"

int print_units(struct prove_run *r) {
    for (size_t i = 0; i < r->n; i++) {
        const struct unit *u = r->outcomes[i].unit;
        printf("%s%s\n", u->name, u->nightly ? "  (nightly)" : "");
    }
    return CLI_YES;
}

/* ---- the ledger ---- */

static void tell(void *self, const char *what, const char *name) {
    const struct prove_run *r = self;
    printf("%s%-10s%s  %s\n", cli_colour(r->c, CLI_YELLOW), what, cli_colour(r->c, CLI_PLAIN),
           name);
}

int print_check(struct prove_run *r) {
    size_t n = 0;
    const int status = work_check(r, tell, r, &n);
    if (status != CLI_YES)
        return status;
    if (n)
        printf("%s is not fresh: problems: %zu, units: %zu; bpflab prove --nightly, with --plants "
               "and without, brings it up to date\n",
               r->ledger_path, n, r->n);
    else
        printf("%s: fresh, %zu units, all proved\n", r->ledger_path, r->n);
    return n ? CLI_NO : CLI_YES;
}

/* ---- results ---- */

struct witness_path witness_of(const struct prove_run *r, const struct obligation *o) {
    const char *dir = option_text(&r->c->opt, "witness");
    struct witness_path w = {""};
    char err[160] = "";
    if (!dir || o->result != SMT_REFUTED)
        return w;
    if (o->abstract) {
        cli_note("%s: no program: the values are of the abstraction alone", o->name);
        return w;
    }
    if (!prove_witness_maker()(o, dir, w.path, err)) {
        w.path[0] = 0;
        cli_note("%s: no program: %s", o->name, err);
    }
    return w;
}

static void print_open(const struct prove_run *r, const struct obligation *o) {
    const bool refuted = o->result == SMT_REFUTED;
    const char *word = refuted && r->plants ? "missed" : smt_result_name(o->result);
    printf("%s%-8s%s %s  (", cli_colour(r->c, refuted ? CLI_RED : CLI_YELLOW), word,
           cli_colour(r->c, CLI_PLAIN), o->name);
    if (o->width)
        printf("%u bits, ", o->width);
    printf("%.2f s)\n", o->seconds);
    if (o->counterexample[0]) {
        fputs("         ", stdout);
        cli_plain(stdout, o->counterexample);
        puts(o->abstract ? "  (of the abstraction alone)" : "");
    }
    const struct witness_path w = witness_of(r, o);
    if (w.path[0])
        printf("         %s\n", w.path);
}

/* print_all_open: refutations, timeouts, errors, in this order. out: how many */
static size_t print_all_open(const struct prove_run *r) {
    static const enum smt_result order[] = {SMT_REFUTED, SMT_TIMEOUT, SMT_ERROR};
    size_t n = 0;
    for (size_t k = 0; k < sizeof order / sizeof order[0]; k++)
        for (size_t i = 0; i < r->n; i++)
            for (size_t j = 0; j < r->outcomes[i].n; j++) {
                const struct obligation *o = &r->outcomes[i].obligations[j];
                if (o->result != order[k] || !is_shown(r, &r->outcomes[i], o))
                    continue;
                print_open(r, o);
                n++;
            }
    return n;
}

static void print_row(const struct tally *t, int width) {
    printf("%-*s %7zu %7zu %11zu %7zu %7zu %7zu %7zu %9" PRIu64 " %9.1f\n", width,
           t->family ? t->family : "total", t->units, t->cached, t->obligations, t->of[SMT_PROVED],
           t->of[SMT_REFUTED], t->of[SMT_TIMEOUT], t->of[SMT_ERROR], t->cases, t->seconds);
}

static int print_table(const struct prove_run *r) {
    size_t n;
    struct tally total, *families = tally_families(r, &n, &total);
    if (!families)
        return cli_failf(r->c, CLI_INTERNAL, NULL, "out of memory");
    int width = (int)sizeof "family";
    for (size_t i = 0; i < n; i++)
        if ((int)strlen(families[i].family) > width)
            width = (int)strlen(families[i].family);
    printf("%s%-*s %7s %7s %11s %7s %7s %7s %7s %9s %9s%s\n", cli_colour(r->c, CLI_BOLD), width,
           "family", "units", "cached", "obligations", "proved", "refuted", "timeout", "error",
           "cases", "seconds", cli_colour(r->c, CLI_PLAIN));
    for (size_t i = 0; i < n; i++)
        print_row(&families[i], width);
    print_row(&total, width);
    if (r->plants)
        printf("planted defects: %zu of %zu were caught\n", total.of[SMT_PROVED],
               total.obligations);
    if (r->n_open)
        printf("%zu units are not proved yet and were not tried (proofs/open.txt)\n", r->n_open);
    printf("%.1f s by the clock, %u jobs, %s, %s\n", r->wall_seconds, r->jobs, prove_solver(),
           r->tools);
    free(families);
    return CLI_YES;
}

static void print_cross(const struct prove_run *r) {
    static const char *const words[] = {
        [CROSS_DISAGREE] = "differs", [CROSS_OPEN] = "open", [CROSS_FAILED] = "failed"};
    const struct cross_tally t = tally_cross(r);
    for (size_t i = 0; i < r->n_queries; i++) {
        const struct cross_query *q = &r->queries[i];
        const enum cross_verdict v = cross_verdict_of(q);
        if (v != CROSS_DISAGREE && v != CROSS_OPEN && v != CROSS_FAILED)
            continue;
        printf("%s%-8s%s ", cli_colour(r->c, v == CROSS_DISAGREE ? CLI_RED : CLI_YELLOW), words[v],
               cli_colour(r->c, CLI_PLAIN));
        cli_plain(stdout, q->name);
        printf("  (%s; cvc5: ", cross_answer_name(q->recorded));
        cli_plain(stdout, q->text);
        puts(")");
    }
    printf("cvc5: %zu queries, %zu agree, %zu differ, %zu undecided, %zu failed; %zu were replaced "
           "by others and not asked\n",
           r->n_queries, t.of[CROSS_AGREE], t.of[CROSS_DISAGREE], t.of[CROSS_OPEN],
           t.of[CROSS_FAILED], t.of[CROSS_SKIPPED]);
    if (t.of[CROSS_LEFT])
        printf("cvc5: it was stopped; %zu queries were not asked\n", t.of[CROSS_LEFT]);
}

int print_results(struct prove_run *r) {
    if (print_all_open(r))
        putchar('\n');
    const int status = print_table(r);
    if (status == CLI_YES && option_on(&r->c->opt, "cross-check"))
        print_cross(r);
    return status;
}

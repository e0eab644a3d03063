/* prove.h: one run of bpflab-prove: what was asked, what was chosen, what came out. main.c says in
 * which order; each part is a file of its own. Functions that may fail have told the user why, and
 * return an exit status.
 */
#ifndef BPFLAB_CLI_PROVE_PROVE_H
#define BPFLAB_CLI_PROVE_PROVE_H

#include "cli/cli.h"
#include "proofs/crosscheck.h"
#include "proofs/ledger.h"
#include "proofs/providers.h"

struct witness_path {
    char path[512]; /* "": none */
};

struct prove_run {
    struct cli *c;
    const volatile sig_atomic_t *stop; /* somebody wants it to end: what is done counts */
    struct prove_options opt;
    unsigned jobs;
    bool plants;
    const char **globs; /* owned array of borrowed words */
    size_t n_globs;
    char dump[256]; /* a directory of our own, to be removed; "": none */
    char tools[80];

    struct unit *units; /* owned: all there are, sorted by name */
    size_t n_units;
    size_t n_open;                 /* left out: not proved yet (proofs/open.h) */
    struct unit_outcome *outcomes; /* owned: those that were chosen, in the same order */
    size_t n;

    const char *ledger_path; /* NULL: none */
    struct ledger ledger;

    double wall_seconds;
    struct cross_query *queries; /* owned; of a cross-check: all that were dumped in this run */
    size_t n_queries;
};

/* ---- choose.c ---- */
/* choose_units: ask the providers, then take what options and globs mean. */
int choose_units(struct prove_run *r);
bool is_plant(const struct unit *u);

/* ---- work.c ---- */
/* work_ledger: read it. work_check: hold it against the chosen units. work_units: run what is not
 * cached. work_save: merge and write the ledger. work_cross: ask the other solver; these two tell
 * what went wrong as a note, out: false. work_fini: remove what this run alone needed. */
int work_ledger(struct prove_run *r);
int work_check(struct prove_run *r, ledger_tell *tell, void *self, size_t *n_told);
int work_units(struct prove_run *r);
bool work_save(struct prove_run *r);
bool work_cross(struct prove_run *r);
void work_fini(struct prove_run *r);

/* ---- tally.c: counts, and what they mean ---- */
struct tally {
    const char *family; /* NULL: the total */
    size_t units, cached, obligations;
    size_t of[4]; /* by enum smt_result */
    uint64_t cases;
    double seconds;
};
/* tally_families: one for each family, sorted by its name, and the total in *total.
 * out:  for free(); NULL: no memory */
struct tally *tally_families(const struct prove_run *r, size_t *n, struct tally *total);
/* is_shown: is the obligation one that was asked for? What went wrong with a unit as a whole is. */
bool is_shown(const struct prove_run *r, const struct unit_outcome *u, const struct obligation *o);
struct cross_tally {
    size_t of[6]; /* by enum cross_verdict */
};
struct cross_tally tally_cross(const struct prove_run *r);
/* tally_status: the exit status of what came out. in: all of it was told */
int tally_status(const struct prove_run *r);

/* ---- print.c, print_json.c: results; witnesses are made as they are told ---- */
int print_units(struct prove_run *r);
int print_check(struct prove_run *r);
int print_results(struct prove_run *r);
int json_units(struct prove_run *r);
int json_check(struct prove_run *r);
int json_results(struct prove_run *r);
/* witness_of: make a program of a counterexample, if one was asked for. */
struct witness_path witness_of(const struct prove_run *r, const struct obligation *o);

#endif

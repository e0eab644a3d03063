/* prove_theorem.h: the obligations of a theorem that was executed over terms: each check, that all
 * is defined, that what is assumed can be. */
#ifndef BPFLAB_PROOFS_PROVE_THEOREM_H
#define BPFLAB_PROOFS_PROVE_THEOREM_H

#include "proofs/exec.h"
#include "proofs/prove.h"

/* struct proving: one unit being proved. */
struct proving {
    const struct prove_options *opt;
    const struct unit *u;
    struct terms *t;
    struct smt_memo *memo; /* of t; NULL: everything is asked anew */
    struct exec_run run;
    prove_emit *emit;
    void *self;
};

void prove_theorem(struct proving *p);
/* prove_plant: with the planted defect: some check, or definedness, must be refuted. The one
 * obligation, "refuted", is proved then. */
void prove_plant(struct proving *p);
/* prove_error: an obligation that is an error. */
void prove_error(const struct proving *p, const char *what, const char *why);

#endif

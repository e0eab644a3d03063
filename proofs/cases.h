/* cases.h: proving by cases what is too much at once.
 *
 * What is assumed as it stands needs no solver. A conjunction is proved part by part, each first
 * with the assumptions alone that are about nothing but what it is about. What then is not proved
 * within a short time is split on a condition that a choice in the goal depends on: with the
 * condition replaced by true, and by false, choices vanish and sums cancel that a solver which
 * looks at bits alone would never relate. The cases together are the query; a counterexample of
 * one is one of it.
 */
#ifndef BPFLAB_PROOFS_CASES_H
#define BPFLAB_PROOFS_CASES_H

#include "proofs/smt.h"

/* cases_prove: as smt_prove.
 * cost: at most about four times the query's timeout */
void cases_prove(struct terms *t, const struct smt_query *q, struct smt_answer *out);

#endif

/* smt_text.h: asking Z3 about a text in SMT-LIB, for what terms cannot say: integers. */
#ifndef BPFLAB_PROOFS_SMT_TEXT_H
#define BPFLAB_PROOFS_SMT_TEXT_H

#include "proofs/smt.h"

/* struct smt_text: declarations and assertions, without set-logic and check-sat. */
struct smt_text {
    const char *name, *logic; /* for the dump: "QF_NIA" */
    const char *text;
    unsigned timeout_ms;
    struct smt_dump *dump; /* or NULL */
};

/* smt_impossible: that all of it holds.
 * out:  PROVED: it cannot; REFUTED: it can, and values says how (cut to its size); TIMEOUT; ERROR:
 *       a->error says why. a has no model
 * cost: seconds; a solver of its own */
void smt_impossible(const struct smt_text *q, struct smt_answer *a, char *values, size_t n_values);

#endif

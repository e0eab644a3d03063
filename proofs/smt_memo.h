/* smt_memo.h: what has been asked about the terms of one store, so that it need not be asked again.
 *
 * A theorem's questions repeat: a callee requires the same on many paths, places hang on the same
 * assumptions, and values that satisfy one question often satisfy the next one. A memo answers from
 * what a solver found before: that certain truth values cannot hold together, exactly those; and
 * values, which are computed with anew for the question at hand, products multiplied. What is only
 * abstract, a timeout or an error is not remembered.
 */
#ifndef BPFLAB_PROOFS_SMT_MEMO_H
#define BPFLAB_PROOFS_SMT_MEMO_H

#include "proofs/smt.h"

struct smt_memo;
/* smt_memo_new: of a store, which has to outlive it. out: NULL: no memory */
struct smt_memo *smt_memo_new(struct terms *t);
void smt_memo_free(struct smt_memo *m); /* also of NULL */

/* smt_memo_knows: can n roots hold together? out: whether that is known; *out is PROVED if they
 * cannot, else REFUTED with values of the variables below them
 * cost: O(nodes below the roots) for each of the values that are kept, a few */
bool smt_memo_knows(struct smt_memo *m, term *const *roots, size_t n, struct smt_answer *out);
/* smt_memo_note: a solver's answer to that question. Without memory nothing is kept. */
void smt_memo_note(struct smt_memo *m, term *const *roots, size_t n, const struct smt_answer *a);

#endif

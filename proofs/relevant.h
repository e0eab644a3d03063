/* relevant.h: of what is assumed, what a goal hangs on.
 *
 * A theorem goes on after a check, and what it assumes piles up: of results of other calls, too.
 * An assumption is about the newest of its variables: it says what that may be, given older ones.
 * So it matters to a goal that mentions that variable, or to something else that matters.
 */
#ifndef BPFLAB_PROOFS_RELEVANT_H
#define BPFLAB_PROOFS_RELEVANT_H

#include "proofs/term.h"

/* relevant: the assumptions that matter to the goal, in their order. What follows from them
 * follows from all; a counterexample to them need not be one to all.
 * in:   few: room for n
 * out:  how many; n, and all of them, if there is no memory      cost: O(nodes + n * chain) */
size_t relevant(const struct terms *t, term *const *assumed, size_t n, term *goal, term **few);

/* relevant_groups: group[i]: which is the newest thing that assumption i is about; the newer the
 * higher, 0: about nothing.
 * out:  false: no memory      cost: O(nodes) */
bool relevant_groups(const struct terms *t, term *const *assumed, size_t n, uint32_t *group);

#endif

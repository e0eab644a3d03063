/* linear.h: sums in which what is added and taken away again is gone.
 *
 * (x + up) - (x - down) is up + down, whatever x is: a solver that sees bits finds that out anew,
 * carry by carry, wherever it matters.
 */
#ifndef BPFLAB_PROOFS_LINEAR_H
#define BPFLAB_PROOFS_LINEAR_H

#include "proofs/term.h"

/* term_linear: in each root, sums, differences and multiples of up to 64 bits as one sum of
 * multiples of distinct terms, in the order of their ids. So what shifts and adds and what
 * multiplies by a constant are one term; and so are pieces of products. Sums of more than a dozen
 * stay as they are.
 * out: terms of the same value; false: no memory, and nothing is changed
 * cost: O(nodes * (terms of a sum + log nodes)) */
bool term_linear(struct terms *t, term **roots, size_t n);

#endif

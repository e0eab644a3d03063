/* deduce.h: what follows without a solver.
 *
 * Most of what abstract operators owe is of a few kinds: it was assumed as it stands; it is a chain
 * of comparisons (min <= x and x <= max, so min <= max), hard for a solver that sees bits and a
 * walk through a graph otherwise; or it is one of these once the conditions of the choices in it
 * are taken for true and for false. Here that is all that is tried, so an answer is a matter of
 * microseconds.
 */
#ifndef BPFLAB_PROOFS_DEDUCE_H
#define BPFLAB_PROOFS_DEDUCE_H

#include "proofs/term.h"

/* deduce: what of goal does not follow from what is assumed.
 * in:   terms of width 1
 * out:  where all of that holds, the goal is equivalent to it; the constant true: nothing is left
 * cost: O(cases * (nodes of the goal + facts)), at most some hundred cases */
term *deduce(struct terms *t, term *const *assumed, size_t n, term *goal);

/* term_replace: in each root, every `what` by `with`, of the same width.
 * out: false: no memory      cost: O(nodes) */
bool term_replace(struct terms *t, term **roots, size_t n, term *what, term *with);

/* term_decide: the root where a condition is known: replaced by its value; a variable that equals a
 * constant, or another, by that. */
bool term_decide(struct terms *t, term **root, term *atom, bool value);

/* term_choice: the condition of the choice in x that is nearest to the top and for which skip() is
 * false; without and, or, not at its own top. NULL: there is none. */
term *term_choice(const struct terms *t, term *x, bool (*skip)(const void *of, term *atom),
                  const void *of);

/* term_alternative: where a goal's falsehood has several ways, the condition of one; as above. */
term *term_alternative(term *goal, bool (*skip)(const void *of, term *atom), const void *of);

#endif

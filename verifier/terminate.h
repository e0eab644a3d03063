/* terminate.h: does every loop end? Shown by counters: a register that an instruction of the loop
 * only ever moves in one direction, within bounds that the states give, lets that instruction be
 * executed only so often. What is left of the loop without it must end in the same way.
 *
 * Loops of may_goto, and over an iterator that was made outside of them, end by their own contract.
 * So do callbacks of helpers, which are no loops of the graph.
 */
#ifndef BPFLAB_VERIFIER_TERMINATE_H
#define BPFLAB_VERIFIER_TERMINATE_H

#include "verifier/fixpoint.h"

/* terminate_check: all loops of the program, against the states found.
 * in:     at: n_insns lists of nodes
 * out:    true: every loop ends; *bound: how often any instruction is executed at most in one run
 *         of its function (saturated). false: not shown (rep: where), or *err
 * cost:   O(n) for each counter used */
bool terminate_check(const struct subject *sub, struct node *const *at, uint64_t *bound,
                     struct report *rep, enum bpflab_err *err);

#endif

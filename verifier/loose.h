/* loose.h: which numbers of the kept states are no promise.
 *
 * A path ends where an older state covers it, although numbers differ whose exact value decided
 * nothing. Such a number is *loose* from there on: a run may have another one than any explored
 * state. What is computed from it is loose, too. All else that states say (kinds and bounds of
 * pointers, what was decided) holds for every run.
 *
 *     r1 = 1                    the second path ends at the store: r1 decides nothing. The only
 *     if r2 == 0 goto +1        state there says r1 = 1 or r1 = 2, a run has either.
 *     r1 = 2
 *     *(u64 *)(r0 + 0) = r1
 *
 * Registers are followed one by one; of numbers on the stack is only known whether any may be
 * loose.
 */
#ifndef BPFLAB_VERIFIER_LOOSE_H
#define BPFLAB_VERIFIER_LOOSE_H

#include "verifier/knowledge.h"

/* loose_cover: at pc, old covers now: note in k what that makes loose. In frames of callers it
 * shows where they go on.      cost: O(registers + slots), squared in those that share
 * identities */
void loose_cover(struct knowledge *k, const struct state *old, const struct state *now,
                 uint32_t pc);

/* loose_spread: registers that may be loose before each instruction.
 * in:     loose: n_insns, zero
 * out:    false: what is loose cannot be told apart from what is not: trust no number
 * cost:   O(n) for each round of loops */
bool loose_spread(const struct knowledge *k, const struct prog *prog, uint16_t *loose);

#endif

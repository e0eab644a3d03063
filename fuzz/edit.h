/* edit.h: changing a case's programs while jumps, calls and addresses of functions keep leading to
 * the instructions they led to.
 */
#ifndef BPFLAB_FUZZ_EDIT_H
#define BPFLAB_FUZZ_EDIT_H

#include "fuzz/case.h"

/* edit_insert: n instructions in front of `at`, whose own jumps are the caller's business; what led
 * to `at` leads to the first of them. at: index into c->insns, below start[n_programs]; not a
 * second slot.
 * edit_remove: the n slots from `at` on; what led into them leads to what follows. It may leave a
 * jump to itself, or a program that ends without an exit: the verifier's business.
 * out:    false, and nothing is changed: no room; a distance that does not fit; at or at + n inside
 *         an LD_IMM64, or one of the new ones that is cut off; the program's last instruction
 * cost:   O(instructions) */
bool edit_insert(struct fuzz_case *c, uint32_t at, const struct insn *insns, uint32_t n);
bool edit_remove(struct fuzz_case *c, uint32_t at, uint32_t n);

/* edit_prog_of: the program that slot `at` belongs to. */
uint32_t edit_prog_of(const struct fuzz_case *c, uint32_t at);

/* edit_is_second: is the slot the second one of an LD_IMM64? cost: O(slots before it) */
bool edit_is_second(const struct fuzz_case *c, uint32_t at);

/* edit_target: where the instruction at `at` leads besides the next one, as an index into c->insns.
 * out:    false: nowhere, or outside of its program
 * edit_aim: make it lead to `to`. out: false: too far */
bool edit_target(const struct fuzz_case *c, uint32_t at, uint32_t *to);
bool edit_aim(struct fuzz_case *c, uint32_t at, uint32_t to);

#endif

/* live.h: which registers are still read on some way from an instruction, before they are written.
 *
 * An analysis of the program's text, before any path is explored: what it calls dead, no path
 * reads. A helper reads as many arguments as its prototype has, a function of the program those
 * that its own first instruction has live, whatever else it is passed.
 *
 * source: compute_live_registers of Linux 6.18, which takes a function to read r1 to r5.
 */
#ifndef BPFLAB_VERIFIER_LIVE_H
#define BPFLAB_VERIFIER_LIVE_H

#include "verifier/subject.h"

/* insn_uses, insn_defs: registers (bit r) that the instruction at pc reads; that it certainly
 * writes, or makes uninit. Uses of a local call need s->live_in of the function that it calls. */
uint16_t insn_uses(const struct subject *s, uint32_t pc);
uint16_t insn_defs(const struct subject *s, uint32_t pc);

/* live_find: fills live_in and, if knowledge is kept, wide_in: registers whose upper half is read
 * on some way before it is written. What leaves the function, a call's arguments and its result, is
 * read whole, and so is what is stored in 8 bytes.
 * in:  a checked graph    out: false: *err     cost: O(n) */
bool live_find(struct subject *s, enum bpflab_err *err);

/* live_after: in: one of those sets. out: registers live after pc, in its own function */
uint16_t live_after(const struct subject *s, const uint16_t *in, uint32_t pc);

#endif

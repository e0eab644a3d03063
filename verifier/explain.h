/* explain.h: a rejection in the program's own words: what is known of the register at fault, where
 * a check proved it, and what was needed instead.
 *
 * What the check itself had to say (report_known, report_needed) stays; this fills what it left
 * open, so that no rejection is without either.
 */
#ifndef BPFLAB_VERIFIER_EXPLAIN_H
#define BPFLAB_VERIFIER_EXPLAIN_H

#include "verifier/state.h"
#include "verifier/subject.h"

/* explain: in: st: the state that was rejected, or NULL where no path was explored */
void explain(const struct subject *sub, const struct state *st, struct report *rep);

/* explain_reg: one register: "packet + 0, 14 bytes proven readable (by the check at pc 7,
 * fw.bpf.c:24)", "a number from 0 to 255", "a value of map flows (16 bytes) + 8, or NULL".
 * out: length, at most size - 1; terminated */
size_t explain_reg(const struct subject *sub, const struct reg *r, char *buf, size_t size);

/* explain_pc: "pc 7" or, where the source is known, "pc 7, fw.bpf.c:24". out: buf */
const char *explain_pc(const struct subject *sub, uint32_t pc, char buf[96]);

#endif

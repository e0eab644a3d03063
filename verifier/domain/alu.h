/* alu.h: from an instruction's row to the transfer function of its operation, and back to front for
 * conditional jumps. A row of isa/alu.def or isa/jmp.def without an entry here does not compile.
 */
#ifndef BPFLAB_VERIFIER_DOMAIN_ALU_H
#define BPFLAB_VERIFIER_DOMAIN_ALU_H

#include "isa/insn.h"
#include "verifier/domain/scalar.h"

/* scalar_alu: what an ALU row computes.
 * in:   op of one of the CLASS_ALU_ classes but CLASS_ALU_CAST; a the destination's old value, b
 *       the source's (immediate forms: scalar_const of the sign-extended immediate; unary: ignored)
 *       big_endian: the machine's byte order, which le16.. and be16.. depend on
 * out:  the destination's new value, reduced      cost: O(1) */
struct scalar scalar_alu(enum op op, struct scalar a, struct scalar b, bool big_endian);

/* What is known of a conditional jump. */
enum branch {
    BRANCH_UNKNOWN,
    BRANCH_TAKEN,
    BRANCH_NOT_TAKEN,
};

/* scalar_branch: is the jump decided, whatever members a and b have?
 * in: op of CLASS_JMP_COND; immediate forms: b = scalar_const of the sign-extended immediate
 * out: never wrong; UNKNOWN may be imprecise       cost: O(1) */
enum branch scalar_branch(enum op op, struct scalar a, struct scalar b);

/* scalar_branch_same: the same where both operands are one register (r1 < r1). */
enum branch scalar_branch_same(enum op op, struct scalar a);

/* scalar_refine: what is known of both operands on one edge of the jump.
 * in:  taken: which edge; *a, *b: before the jump, not empty
 * out: *a, *b hold every pair that takes this edge; both empty if none does
 * scalar_refine_same: the same where both operands are one register (r1 < r1). */
void scalar_refine(enum op op, bool taken, struct scalar *a, struct scalar *b);
struct scalar scalar_refine_same(enum op op, bool taken, struct scalar a);

#endif

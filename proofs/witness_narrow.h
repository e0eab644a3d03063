/* witness_narrow.h: code that lets a verifier know an abstract value; private to proofs/witness*.c.
 *
 * A register holds an unknown value, of which a member of the wanted one will turn up at run time.
 * Instructions that do not change members, and jumps that members do not take, tell the verifier
 * bits and bounds. Each is emitted only where the verifier's own domain says that it adds
 * something.
 */
#ifndef BPFLAB_PROOFS_WITNESS_NARROW_H
#define BPFLAB_PROOFS_WITNESS_NARROW_H

#include "isa/prog.h"
#include "verifier/domain/scalar.h"

enum {
    CODE_MAX = 512,
    OUT = 0x7fff, /* a jump's distance until the exit's place is known */
};

/* struct code: instructions, and a sticky mark if there were too many. */
struct code {
    struct insn insns[CODE_MAX];
    uint32_t n;
    bool full;
};

/* How known bits are made known. */
enum narrow_bits {
    BITS_BY_MASK,  /* r &= value | mask; r |= value */
    BITS_BY_FLIP,  /* r ^= value; if r & known goto out; r ^= value */
    BITS_BY_JUMPS, /* if r & zeros goto out; if r & bit goto +1; goto out */
    BITS_NOT,      /* by bounds alone */
    N_NARROW_BITS,
};

/* code_put: append. code_const: reg = value, in one slot or two.
 * code_put_k: an instruction (register form) with a constant as its source: as an immediate where
 * it has one, else through the scratch register. */
void code_put(struct code *c, struct insn in);
void code_const(struct code *c, unsigned reg, uint64_t value);

/* code_op: the instruction of a row. code_op_k: the same with a constant source: imm_op if the
 * constant is one, else reg_op through the register scratch. off: jumps. */
struct insn code_op(enum op op, unsigned dst, unsigned src, int16_t off, int32_t imm);
void code_op_k(struct code *c, enum op reg_op, enum op imm_op, unsigned dst, uint64_t k,
               unsigned scratch, int16_t off);

/* code_narrow: register reg, unknown, becomes known to be in want, as far as that goes.
 * in: want: reduced, not empty; scratch: a free register */
void code_narrow(struct code *c, unsigned reg, unsigned scratch, struct scalar want,
                 enum narrow_bits how);

#endif

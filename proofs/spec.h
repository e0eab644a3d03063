/* spec.h: the specification: what each instruction does, as terms made from the rows of isa/.
 *
 * The expressions of alu.def, jmp.def and atomic.def are included with the bit-vector primitives
 * defined over terms instead of numbers (isa/sem.h). There is no second list of operations. That
 * the rows say what RFC 9669 says is not proved here: conformance vectors hold it.
 */
#ifndef BPFLAB_PROOFS_SPEC_H
#define BPFLAB_PROOFS_SPEC_H

#include "isa/insn.h"
#include "proofs/term.h"

/* struct spec_machine: what rows ask of the machine. */
struct spec_machine {
    bool big_endian;
    term *arena_base; /* 64 bits, low half 0; only CAST_USER reads it */
};

/* spec_alu: the destination's new value, 64 bits.
 * in:  op: a row of isa/alu.def; dst, src: 64 bits; immediate forms: src is the sign-extended
 *      immediate; unary forms: src is ignored
 * out: NULL if op is no such row */
term *spec_alu(struct terms *t, const struct spec_machine *m, enum op op, term *dst, term *src);

/* spec_jump: is the conditional jump taken? A truth value; NULL if op is no row of JMP_COND. */
term *spec_jump(struct terms *t, enum op op, term *dst, term *src);

/* struct spec_atomic: what an atomic instruction does to memory and registers.
 * All of w bits but reg_value, which has 64. */
struct spec_atomic {
    unsigned bytes;
    term *stored; /* what memory holds afterwards (CMPXCHG that fails: what it held before) */
    bool writes_src, writes_r0;
    term *reg_value; /* what the written register gets */
};

/* spec_atomic: of an ATOMIC_RMW, XCHG or CMPXCHG row.
 * in:  old: what memory holds, 8 * bytes wide; src, r0: 64 bits
 * out: false if op is no such row */
bool spec_atomic(struct terms *t, enum op op, term *old, term *src, term *r0,
                 struct spec_atomic *out);

#endif

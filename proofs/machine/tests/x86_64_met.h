/* x86_64_met.h: which forms of a row a test has met: each kind of operand with each size. */
#ifndef BPFLAB_PROOFS_MACHINE_TESTS_X86_64_MET_H
#define BPFLAB_PROOFS_MACHINE_TESTS_X86_64_MET_H

#include "proofs/machine/x86_64.h"

/* x86_met_bit: a kind of operand, REG (or none), MEM or LOCK, and a size, as one of twelve bits. */
static inline unsigned x86_met_bit(unsigned kind, unsigned size) {
    const unsigned k = kind == LOCK ? 2 : kind == MEM ? 1 : 0;
    return 1U << (4 * k + (unsigned)__builtin_ctz(size));
}

/* x86_met: the form of an instruction. */
static inline unsigned x86_met(const struct x86 *in) {
    const unsigned kind = !in->has_modrm || in->mod == 3 ? REG : in->lock ? LOCK : MEM;
    return x86_met_bit(kind, in->width / 8);
}

/* x86_to_be_met: all forms of a row. */
static inline unsigned x86_to_be_met(const struct x86_row *row) {
    const bool no_modrm = !(row->where & (REG | MEM | LOCK));
    unsigned all = 0;
    for (unsigned kind = REG; kind <= LOCK; kind *= 2)
        for (unsigned size = S8; size <= S64; size *= 2)
            if (row->sizes & size && (row->where & kind || (kind == REG && no_modrm)))
                all |= x86_met_bit(kind, size);
    return all;
}

#endif

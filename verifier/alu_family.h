/* alu_family.h: what the four forms (or two) of an arithmetic row have in common: ADD32_IMM,
 * ADD32_REG, ADD64_IMM and ADD64_REG are FAMILY_ADD.
 */
#ifndef BPFLAB_VERIFIER_ALU_FAMILY_H
#define BPFLAB_VERIFIER_ALU_FAMILY_H

#include "verifier/step.h"

enum alu_family {
    FAMILY_NONE, /* no binary row of isa/alu.def */
#define ALU_BINARY(op, name, sym, code, off, group, expr) FAMILY_##op,
#include "isa/alu.def"
};

/* alu_family: of a row. in: op < N_OPS */
enum alu_family alu_family(enum op op);

/* step_ptr_alu: pointer += scalar, pointer -= scalar, scalar += pointer, and all that is refused.
 * in:  ptr: the pointer, in the destination (ptr_in_dst) or the source register; off: the scalar
 * out: false: rejected */
bool step_ptr_alu(struct step *s, const struct reg *ptr, struct scalar off, bool ptr_in_dst);

#endif

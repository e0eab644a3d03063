/* asm.h: text to instructions and back, in two syntaxes.
 *
 *   ASM_UBPF    the conformance suite's:   add32 %r1, 5      ldxw %r2, [%r1+4]     jeq %r1, 3, +2
 *   ASM_KERNEL  Linux's log and LLVM's:    w1 += 5           r2 = *(u32 *)(r1 + 4) if r1 == 3 goto +2
 *
 * The assembler takes both, line by line; labels ("name:") in either. disassembled text assembles to the same
 * words for every valid instruction.
 */
#ifndef BPFLAB_ISA_ASM_H
#define BPFLAB_ISA_ASM_H

#include "isa/insn.h"

enum asm_style {
    ASM_KERNEL,
    ASM_UBPF,
};

enum { ASM_LINE_MAX = 128 }; /* longest text of one instruction, terminator included */

/* asm_parse: assemble text. out: *insns malloc'ed, *n_insns slots.
 * errors: SYNTAX, UNDEFINED, DUPLICATE (labels), RANGE (operand does not fit), REGISTER; d has line and column.
 * cost: O(text) */
enum bpflab_err asm_parse(const char *text, size_t n_bytes, struct insn **insns, uint32_t *n_insns,
                          struct diag *d);

/* asm_helper_name: how disassembly and assembly name helpers: set by callers that know the names (level 1 and up). */
struct asm_names {
    const char *(*helper_name)(uint32_t id);   /* NULL result: print the number */
    uint32_t (*helper_id)(const char *name);   /* 0: unknown */
};

/* asm_print: one instruction as text, no newline. in: next is the second slot of a two-slot instruction, else NULL.
 * An invalid word prints as ".word 0x...". out: length. */
size_t asm_print(struct insn in, const struct insn *next, enum asm_style style,
                 const struct asm_names *names, char buf[ASM_LINE_MAX]);

#endif

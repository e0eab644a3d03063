/* asm.h: text to instructions and back, in two syntaxes.
 *
 *   ASM_UBPF     the conformance suite's     add32 %r1, 5
 *                                            ldxw %r2, [%r1+4]
 *                                            jeq %r1, 3, +2
 *   ASM_KERNEL   Linux's log and LLVM's      w1 += 5
 *                                            r2 = *(u32 *)(r1 + 4)
 *                                            if r1 == 3 goto +2
 *
 * The assembler takes both, line by line. A new line or ';' ends an instruction. Comments open with
 * '#', with two slashes, with slash and star, or with ';' at the start of a line. Disassembled text
 * assembles to the same words, for any words.
 *
 * Where the two syntaxes say nothing, or several things:
 *
 *   jumps      +2, pc+2, 2                 slots from the next instruction
 *              name, 1b, 1f                where a label ("name:", "1:") stands; "exit" without
 *                                          such a label is the first exit instruction (uBPF)
 *   call       5, bpf_name                 helper
 *              local f, pc+3, f            function; f is a label
 *              kfunc 77; kfunc 77, 3       BTF id; and the off field
 *   callx      r1                          the dst field
 *              1                           the imm field (older compilers)
 *   LD_IMM64   r1 = 5 ll                   a constant;                   uBPF: lddw %r1, 5
 *              r1 = map_value(5, 8) ll     low and upper half, named by the row without "lddw_";
 *                                                                 uBPF: lddw_map_value %r1, 5, 8
 *              r1 = f ll, r1 = code(f) ll  a label's distance (callbacks);  uBPF: lddw_code %r1, f
 *   sizes      load_acquire32 %r1, [%r2+4] and store_release8 [%r1], %r2; without a size, 64 bits
 *   .word      a slot as one number: code | dst << 8 | src << 12 | off << 16 | imm << 32
 *
 * Lines may carry what listings put before them:
 *
 *   Linux          12: (b7) r1 = 5           here, ';' opens a comment anywhere
 *   llvm-objdump   12: b7 01 00 00 05 00 00 00 r1 = 5
 *                  0000000000000040 <name>:
 *                  goto +2 <name>
 */
#ifndef BPFLAB_ISA_ASM_H
#define BPFLAB_ISA_ASM_H

#include "isa/insn.h"

enum asm_style {
    ASM_KERNEL,
    ASM_UBPF,
};

enum {
    ASM_LINE_MAX = 128, /* longest text of one instruction, terminator included */
};

/* struct asm_names: what callers who know the helpers (level 1 and up) lend to assembler and
 * disassembler. Either function, or the whole, may be NULL. */
struct asm_names {
    const char *(*helper_name)(uint32_t id); /* NULL result: print the number */
    uint32_t (*helper_id)(const char *name); /* 0: unknown */
};

/* asm_parse: assemble text. What insn_check would refuse but text can say (a write to r10, a shift
 * by 40) assembles.
 * in:     text need not be terminated; names may be NULL
 * out:    *insns malloc'ed, never NULL; *n_insns slots, 0 for a text without instructions
 * errors: SYNTAX, UNDEFINED and DUPLICATE (labels), RANGE (operand does not fit), REGISTER,
 *         TOO_LONG, NOMEM; d has line and column
 * cost:   O(text), and O(n log n) for n labels */
enum bpflab_err asm_parse(const char *text, size_t n_bytes, const struct asm_names *names,
                          struct insn **insns, uint32_t *n_insns, struct diag *d);

/* asm_print: one instruction as text, no newline.
 * in:     next: the slot after in, NULL at the end; it is read only if in takes two slots
 *         (insn_slots), and the text then stands for both
 * out:    the text's length; words that are no instruction print as .word
 * errors: none
 * cost:   O(1) */
size_t asm_print(struct insn in, const struct insn *next, enum asm_style style,
                 const struct asm_names *names, char buf[ASM_LINE_MAX]);

#endif

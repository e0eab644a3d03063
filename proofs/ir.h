/* ir.h: LLVM bitcode, made ready for execution: functions as blocks of instructions whose operands
 * are slots or constants, blocks in an order in which a loop is finished before what follows it.
 *
 * Meanings are not here (exec_insn.c); what an instruction is in detail stays LLVM's to say.
 */
#ifndef BPFLAB_PROOFS_IR_H
#define BPFLAB_PROOFS_IR_H

#include <llvm-c/Core.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bitcode;

/* bitcode_load: parse a module.
 * in:  bytes borrowed for the call
 * out: NULL, with the reason in err */
struct bitcode *bitcode_load(const void *bytes, size_t n_bytes, char err[160]);
void bitcode_free(struct bitcode *b);
LLVMModuleRef bitcode_module(const struct bitcode *b);

/* struct ir_operand: slot: index into the activation's values; or a constant, a block, a function.
 */
struct ir_operand {
    LLVMValueRef value;
    uint32_t slot; /* UINT32_MAX: value is a constant (or a block) */
};

struct ir_insn {
    LLVMValueRef value;
    LLVMOpcode op;
    uint32_t slot; /* of its result; UINT32_MAX: none */
    uint32_t n_operands;
    const struct ir_operand *operands;
};

struct ir_block {
    LLVMBasicBlockRef block;
    const struct ir_insn *insns;
    uint32_t n_insns, n_phis; /* phis come first */
};

/* struct ir_func: blocks in execution order: every block of a loop stands between the loop's header
 * and the first block behind the loop, so executing always the first pending one is right. */
struct ir_func {
    LLVMValueRef value;
    struct ir_block *blocks;              /* [0] is the entry */
    uint32_t n_blocks, n_params, n_slots; /* parameters have the first slots */
};

/* bitcode_func: a defined function by name or by value, analysed when first asked for.
 * out: NULL: not defined in the module, or irreducible (then *why says so) */
const struct ir_func *bitcode_func(struct bitcode *b, LLVMValueRef f, const char **why);
LLVMValueRef bitcode_find(const struct bitcode *b, const char *name);

/* bitcode_literal: of a call of a function by its name, the string literal that is its first
 * argument: what hint("...") and uses("...") say, whoever reads them.
 * out: false: it is not called so, or longer than n */
bool bitcode_literal(LLVMValueRef call, char *out, size_t n);

/* ir_block_index: a block's place in its function. */
uint32_t ir_block_index(const struct ir_func *f, LLVMBasicBlockRef block);

/* bitcode_reach: the functions and variables that the given ones are made of, themselves included.
 * in:  list: as many as *n, of malloc
 * out: *list longer, *n how many; false: no memory */
bool bitcode_reach(LLVMValueRef **list, size_t *n);

/* bitcode_hash: of the text of a function and of everything that it calls or refers to. Of the
 * functions in without, which something else stands for, that is what stands before their bodies;
 * what they alone reach is left out.
 * out:  false: no memory
 * cost: O(size); the first time, of the module */
bool bitcode_hash(struct bitcode *b, LLVMValueRef f, const LLVMValueRef *without, size_t n_without,
                  uint64_t *out);

#endif

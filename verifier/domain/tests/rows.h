/* rows.h: the rows of isa/alu.def and isa/jmp.def at the width of the domain's words, as
 * functions: their expressions, with w a word or half a word. So every test of this folder runs
 * over the rows, at 64 bits and at small widths alike.
 */
#ifndef BPFLAB_VERIFIER_DOMAIN_TESTS_ROWS_H
#define BPFLAB_VERIFIER_DOMAIN_TESTS_ROWS_H

#include "isa/insn.h"
#include "isa/sem.h"
#include "verifier/domain/alu.h"

/* struct alu_row, struct jmp_row: what the row computes, on words: an operation at half width
 * reads the lower halves and zero-extends. op: the register form. */
struct alu_row {
    const char *name;
    enum op op;
    unsigned width; /* WORD_BITS or HALF_BITS */
    bool unary;
    uint64_t (*eval)(uint64_t d, uint64_t s);
};

struct jmp_row {
    const char *name;
    enum op op;
    unsigned width;
    bool (*eval)(uint64_t d, uint64_t s);
};

/* clang-format off */
#define ROW_EVAL(type, name, bits, expr) \
    static type name(uint64_t d, uint64_t s) { \
        const unsigned w = bits; \
        d = bv_trunc(w, d); \
        s = bv_trunc(w, s); \
        (void)d; \
        (void)s; \
        return expr; \
    }

#define ALU_BINARY(op, name, sym, code, off, group, expr) \
    ROW_EVAL(uint64_t, eval_##op##64, WORD_BITS, expr) ROW_EVAL(uint64_t, eval_##op##32, HALF_BITS, expr)
#define ALU_UNARY(op, name, sym, code, group, expr) ALU_BINARY(op, name, sym, code, 0, group, expr)
#include "isa/alu.def"
#define JMP_COND(op, name, sym, code, expr) \
    ROW_EVAL(bool, eval_##op##64, WORD_BITS, expr) ROW_EVAL(bool, eval_##op##32, HALF_BITS, expr)
#include "isa/jmp.def"

static const struct alu_row alu_rows[] = {
#define ALU_BINARY(op, name, sym, code, off, group, expr) \
    {#op "64", OP_##op##64_REG, WORD_BITS, false, eval_##op##64}, \
    {#op "32", OP_##op##32_REG, HALF_BITS, false, eval_##op##32},
#define ALU_UNARY(op, name, sym, code, group, expr) \
    {#op "64", OP_##op##64, WORD_BITS, true, eval_##op##64}, \
    {#op "32", OP_##op##32, HALF_BITS, true, eval_##op##32},
#include "isa/alu.def"
};

static const struct jmp_row jmp_rows[] = {
#define JMP_COND(op, name, sym, code, expr) \
    {#op "64", OP_##op##64_REG, WORD_BITS, eval_##op##64}, \
    {#op "32", OP_##op##32_REG, HALF_BITS, eval_##op##32},
#include "isa/jmp.def"
};
/* clang-format on */

enum {
    N_ALU_ROWS = sizeof alu_rows / sizeof alu_rows[0],
    N_JMP_ROWS = sizeof jmp_rows / sizeof jmp_rows[0],
};

#endif

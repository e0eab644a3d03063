/* rows.h: what each row of isa/ says of words: its expression, with the primitives of isa/sem.h. A
 * value of half width is zero-extended.
 */
#ifndef BPFLAB_PROOFS_THEOREM_ROWS_H
#define BPFLAB_PROOFS_THEOREM_ROWS_H

#include "isa/sem.h"
#include "verifier/domain/word.h"

/* clang-format off */
#define ROW(type, name, bits, expr) \
    static inline type row_##name(word d, word s, bool big) { \
        const unsigned w = bits; \
        d = bv_trunc(w, d); \
        s = bv_trunc(w, s); \
        (void)d; \
        (void)s; \
        (void)big; \
        return expr; \
    }
#define E_BIG_ENDIAN big

#define ALU_BINARY(op, name, sym, code, off, group, expr) ROW(word, op##64, 64, expr) ROW(word, op##32, 32, expr)
#define ALU_UNARY(op, name, sym, code, group, expr) ROW(word, op##64, 64, expr) ROW(word, op##32, 32, expr)
#define ALU_SEXT(op, width, bits, name, expr) ROW(word, op##_##width, width, expr)
#define ALU_END(op, name, sym, code, bits, group, expr) ROW(word, op, 64, expr)
#include "isa/alu.def"
#define JMP_COND(op, name, sym, code, expr) ROW(bool, op##64, 64, expr) ROW(bool, op##32, 32, expr)
#include "isa/jmp.def"
#undef E_BIG_ENDIAN
#undef ROW
/* clang-format on */

#endif

/* term_with.c: a term made again from other operands, by its constructor. */
#include "proofs/term.h"

term *term_with(struct terms *t, term *x, term *a, term *b, term *c) {
    switch ((enum term_op)x->op) {
    case TERM_CONST:
    case TERM_VAR: return x;
    case TERM_NOT: return term_not(t, a);
    case TERM_NEG: return term_neg(t, a);
    case TERM_AND: return term_and(t, a, b);
    case TERM_OR: return term_or(t, a, b);
    case TERM_XOR: return term_xor(t, a, b);
    case TERM_ADD: return term_add(t, a, b);
    case TERM_SUB: return term_sub(t, a, b);
    case TERM_MUL: return term_mul(t, a, b);
    case TERM_UDIV: return term_udiv(t, a, b);
    case TERM_UREM: return term_urem(t, a, b);
    case TERM_SDIV: return term_sdiv(t, a, b);
    case TERM_SREM: return term_srem(t, a, b);
    case TERM_SHL: return term_shl(t, a, b);
    case TERM_LSHR: return term_lshr(t, a, b);
    case TERM_ASHR: return term_ashr(t, a, b);
    case TERM_CONCAT: return term_concat(t, a, b);
    case TERM_EXTRACT: return term_extract(t, x->lo, x->width, a);
    case TERM_ZEXT: return term_zext(t, x->width, a);
    case TERM_SEXT: return term_sext(t, x->width, a);
    case TERM_EQ: return term_eq(t, a, b);
    case TERM_ULT: return term_ult(t, a, b);
    case TERM_SLT: return term_slt(t, a, b);
    case TERM_ITE: return term_ite(t, c, a, b);
    }
    return x;
}

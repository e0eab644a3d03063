/* div.c: the four divisions.
 *
 * The machine divides as the contract asks: by zero gives 0, the smallest number by -1 gives the
 * smallest. The remainder is a - q * b: with q = 0 that is a, and for the smallest number and -1
 * it wraps to 0. So there is nothing to check.
 */
#include "jit/arm64/arm64.h"

/* by_constant: divisors for which there is something better. */
static bool by_constant(struct jit_buf *b, const struct jit_alu *a) {
    const enum arm64_sf sf = arm64_width(a);
    const enum arm64_reg d = arm64_reg(a->dst), n = arm64_reg(a->a);
    const uint64_t k = arm64_k(a);
    const bool is_signed = a->op == JOP_SDIV || a->op == JOP_SMOD;
    const bool quotient = a->op == JOP_UDIV || a->op == JOP_SDIV;
    const bool power = k && !(k & (k - 1));
    uint32_t bits;
    if (k == 0 && !quotient) {
        arm64_move(b, a, n);
    } else if (k == 0 || (k == 1 && !quotient)) {
        arm64_set(b, d, 0);
    } else if (k == 1) {
        arm64_move(b, a, n);
    } else if (is_signed && k == arm64_mask(sf)) {
        if (quotient)
            arm64_sub(b, sf, d, XZR, n, 0);
        else
            arm64_set(b, d, 0);
    } else if (!is_signed && power && quotient) {
        arm64_lsr(b, sf, d, n, (unsigned)__builtin_ctzll(k));
    } else if (!is_signed && power && arm64_bitmask(sf, k - 1, &bits)) {
        arm64_and_imm(b, sf, d, n, bits);
    } else {
        return false;
    }
    return true;
}

void arm64_div(struct jit_buf *b, const struct jit_alu *a) {
    if (a->imm && by_constant(b, a))
        return;
    const enum arm64_sf sf = arm64_width(a);
    const enum arm64_reg d = arm64_reg(a->dst), n = arm64_reg(a->a), m = arm64_second(b, a);
    const bool quotient = a->op == JOP_UDIV || a->op == JOP_SDIV;
    const enum arm64_reg q = quotient ? d : X_VALUE;
    if (a->op == JOP_SDIV || a->op == JOP_SMOD)
        arm64_sdiv(b, sf, q, n, m);
    else
        arm64_udiv(b, sf, q, n, m);
    if (!quotient)
        arm64_msub(b, sf, d, q, m, n);
}

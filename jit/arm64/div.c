/* div.c: the four divisions.
 *
 * The machine divides as the contract asks: by zero gives 0, the smallest number by -1 gives the
 * smallest. The remainder is a - q * b: with q = 0 that is a, and for the smallest number and -1
 * it wraps to 0. So there is nothing to check.
 */
#include "jit/arm64/arm64.h"

void arm64_div(struct jit_buf *b, const struct jit_alu *a) {
    const enum arm64_sf sf = arm64_width(a);
    const enum arm64_reg d = arm64_reg(a->dst), n = arm64_reg(a->a), m = arm64_reg(a->b);
    const bool quotient = a->op == JOP_UDIV || a->op == JOP_SDIV;
    const enum arm64_reg q = quotient ? d : X_VALUE;
    if (a->op == JOP_SDIV || a->op == JOP_SMOD)
        arm64_sdiv(b, sf, q, n, m);
    else
        arm64_udiv(b, sf, q, n, m);
    if (!quotient)
        arm64_msub(b, sf, d, q, m, n);
}

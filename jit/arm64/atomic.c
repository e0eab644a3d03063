/* atomic.c: read-modify-write, with the instructions of LSE (Armv8.1), acquire and release.
 *
 * They fetch always: into src, or into a private register where nobody asks, as loading into XZR
 * would lose the acquire. They zero-extend at 32 bits.
 */
#include "jit/arm64/arm64.h"
#include "jit/arm64/enc_mem.h"

void arm64_atomic(struct jit_buf *b, const struct jit_atomic *a) {
    const enum arm64_sf sf = a->bytes == 8 ? ARM64_X : ARM64_W;
    const enum arm64_reg s = arm64_reg(a->src), old = a->fetch ? s : X_VALUE;
    const enum arm64_reg n = arm64_address(b, a->base, a->off);
    switch ((enum jit_rmw)a->rmw) {
    case JRMW_ADD: arm64_ldaddal(b, sf, s, old, n); break;
    case JRMW_OR: arm64_ldsetal(b, sf, s, old, n); break;
    case JRMW_AND: /* the machine has and-not */
        arm64_orn(b, sf, X_VALUE, XZR, s, 0);
        arm64_ldclral(b, sf, X_VALUE, old, n);
        break;
    case JRMW_XOR: arm64_ldeoral(b, sf, s, old, n); break;
    case JRMW_XCHG: arm64_swpal(b, sf, s, s, n); break;
    case JRMW_CMPXCHG: arm64_casal(b, sf, arm64_reg(JR_0), s, n); break;
    }
}

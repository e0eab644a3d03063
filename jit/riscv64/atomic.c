/* atomic.c: read-modify-write. One instruction each, but for compare-and-exchange, which is a loop
 * around a reservation. */
#include "jit/riscv64/riscv64.h"

static enum rv_a instruction(uint8_t rmw) {
    switch (rmw) {
    case JRMW_ADD: return RV_AMOADD;
    case JRMW_OR: return RV_AMOOR;
    case JRMW_AND: return RV_AMOAND;
    case JRMW_XOR: return RV_AMOXOR;
    default: return RV_AMOSWAP;
    }
}

/* address: these instructions take no offset. */
static enum rv_reg address(struct jit_buf *b, uint8_t base, int64_t off) {
    const enum rv_reg r = riscv_reg(base);
    if (!off)
        return r;
    if (rv_fits(12, off)) {
        riscv_addi(b, RV_T0, r, off);
    } else {
        riscv_li(b, RV_T0, (uint64_t)off);
        riscv_add(b, RV_T0, RV_T0, r);
    }
    return RV_T0;
}

/* compare_exchange: 4 bytes are loaded sign-extended, so they are compared with r0 sign-extended.
 * r0 is written behind the loop: it may be the source, too. */
static void compare_exchange(struct jit_buf *b, enum rv_reg at, enum rv_reg src, unsigned bytes) {
    const enum rv_reg r0 = riscv_reg(JR_0), old = RV_T2, failed = RV_T3;
    enum {
        EXIT = 12, /* from the first branch to behind the second */
        AGAIN = -12
    };
    if (bytes == 4)
        riscv_sext_w(b, RV_T1, r0);
    rv_amo(b, RV_LR, bytes, old, RV_ZERO, at);
    rv_branch(b, RV_BNE, old, bytes == 4 ? RV_T1 : r0, EXIT);
    rv_amo(b, RV_SC, bytes, failed, src, at);
    rv_branch(b, RV_BNE, failed, RV_ZERO, AGAIN);
    if (bytes == 4)
        riscv_zext_w(b, r0, old);
    else
        riscv_mv(b, r0, old);
}

void riscv_atomic(struct jit_buf *b, const struct jit_atomic *a) {
    const enum rv_reg at = address(b, a->base, a->off), src = riscv_reg(a->src);
    if (a->rmw == JRMW_CMPXCHG) {
        compare_exchange(b, at, src, a->bytes);
        return;
    }
    const bool fetch = a->fetch || a->rmw == JRMW_XCHG;
    rv_amo(b, instruction(a->rmw), a->bytes, fetch ? src : RV_ZERO, src, at);
    if (fetch && a->bytes == 4)
        riscv_zext_w(b, src, src);
}

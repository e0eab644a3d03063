/* div.c: divisions. The machine never traps: by zero, its quotient is -1 and its remainder a; and
 * the smallest number by -1 is itself. Only the quotient by zero is not what is asked for: adding
 * 1 to it if the divisor is 0 makes it 0, without a branch.
 */
#include "jit/riscv64/riscv64.h"

static enum rv_r instruction(uint8_t op, bool w) {
    switch (op) {
    case JOP_UDIV: return w ? RV_DIVUW : RV_DIVU;
    case JOP_SDIV: return w ? RV_DIVW : RV_DIV;
    case JOP_UMOD: return w ? RV_REMUW : RV_REMU;
    default: return w ? RV_REMW : RV_REM;
    }
}

void riscv_divide(struct jit_buf *b, const struct jit_alu *a) {
    const enum rv_reg d = riscv_reg(a->dst), x = riscv_reg(a->a);
    const bool w = a->width == 32;
    const bool quotient = a->op == JOP_UDIV || a->op == JOP_SDIV;
    const enum rv_reg y = riscv_reg(a->b);
    const bool fix = quotient && !a->nonzero;
    if (fix && w)
        riscv_sext_w(b, RV_T0, y);
    if (fix)
        rv_imm(b, RV_SLTIU, RV_T0, w ? RV_T0 : y, 1);
    rv_op(b, instruction(a->op, w), d, x, y);
    if (fix)
        riscv_add(b, d, d, RV_T0);
    if (w && a->zext)
        riscv_zext_w(b, d, d);
}

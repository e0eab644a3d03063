/* swap.c: bytes in reverse order, of which the base instruction set knows nothing. */
#include "jit/riscv64/riscv64.h"

void riscv_swap_pairs(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs, unsigned bytes,
                      enum rv_reg t, enum rv_reg u) {
    riscv_li(b, t, 0x00ff00ff);
    if (bytes == 8) { /* the same in the upper half */
        riscv_slli(b, u, t, 32);
        riscv_add(b, t, t, u);
    }
    riscv_logic(b, RV_AND, u, rs, t);
    riscv_srli(b, rd, rs, 8);
    riscv_logic(b, RV_AND, rd, rd, t);
    riscv_slli(b, u, u, 8);
    riscv_logic(b, RV_OR, rd, rd, u);
}

static void swap16(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs, enum rv_reg t) {
    riscv_andi(b, t, rs, 255);
    riscv_slli(b, t, t, 8);
    riscv_slli(b, rd, rs, 48);
    riscv_srli(b, rd, rd, 56);
    riscv_logic(b, RV_OR, rd, rd, t);
}

/* swap_halves: the two 16-bit parts of r, which is zero-extended from 32 bits. */
static void swap_halves(struct jit_buf *b, enum rv_reg r, enum rv_reg t) {
    riscv_srli(b, t, r, 16);
    riscv_slli(b, r, r, 48);
    riscv_srli(b, r, r, 32);
    riscv_logic(b, RV_OR, r, r, t);
}

/* swap_quarters: the four 16-bit parts of r in reverse order: first the outer, then the inner. */
static void swap_quarters(struct jit_buf *b, enum rv_reg r, enum rv_reg t, enum rv_reg u) {
    riscv_slli(b, t, r, 48);
    riscv_srli(b, u, r, 48);
    riscv_logic(b, RV_OR, t, t, u);
    riscv_slli(b, u, r, 32);
    riscv_srli(b, u, u, 48);
    riscv_slli(b, u, u, 32);
    riscv_logic(b, RV_OR, t, t, u);
    riscv_slli(b, r, r, 16);
    riscv_srli(b, r, r, 48);
    riscv_slli(b, r, r, 16);
    riscv_logic(b, RV_OR, r, r, t);
}

void riscv_swap(struct jit_buf *b, const struct jit_alu *a) {
    const enum rv_reg rd = riscv_reg(a->dst), rs = riscv_reg(a->b);
    uint16_t dead = a->dead;
    const enum rv_reg t = riscv_spare(&dead, RV_T0), u = riscv_spare(&dead, RV_T1);
    if (a->op == JOP_BSWAP16) {
        swap16(b, rd, rs, t);
    } else if (a->op == JOP_BSWAP32) {
        riscv_swap_pairs(b, rd, rs, 4, t, u);
        swap_halves(b, rd, t);
    } else {
        riscv_swap_pairs(b, rd, rs, 8, t, u);
        swap_quarters(b, rd, t, u);
    }
}

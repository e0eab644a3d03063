/* pick.h: the instruction that its caller means, in two bytes where that is possible.
 *
 * The length depends on the operands alone, never on where the code lies. What needs no
 * instruction (a move to itself) gets none. Operands may alias.
 */
#ifndef BPFLAB_JIT_RISCV64_PICK_H
#define BPFLAB_JIT_RISCV64_PICK_H

#include "jit/riscv64/enc_short.h"

static inline void riscv_mv(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs) {
    if (rd == rs)
        return;
    if (rs == RV_ZERO)
        rvc_ci(b, RVC_LI, rd, 0);
    else
        rvc_cr(b, RVC_MV, rd, rs);
}

/* riscv_addi: rd = rs + imm; imm of 12 bits. */
static inline void riscv_addi(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs, int64_t imm) {
    if (!imm)
        riscv_mv(b, rd, rs);
    else if (rs == RV_ZERO && rv_fits(6, imm))
        rvc_ci(b, RVC_LI, rd, imm);
    else if (rd == rs && rv_fits(6, imm))
        rvc_ci(b, RVC_ADDI, rd, imm);
    else if (rd == RV_SP && rs == RV_SP && imm % 16 == 0 && rv_fits(10, imm))
        rvc_addi16sp(b, imm);
    else
        rv_imm(b, RV_ADDI, rd, rs, imm);
}

/* riscv_addiw: rd = the sum's low 32 bits, sign-extended; imm of 12 bits. */
static inline void riscv_addiw(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs, int64_t imm) {
    if (rd == rs && rv_fits(6, imm))
        rvc_ci(b, RVC_ADDIW, rd, imm);
    else
        rv_imm(b, RV_ADDIW, rd, rs, imm);
}

static inline void riscv_sext_w(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs) {
    riscv_addiw(b, rd, rs, 0);
}

/* riscv_lui: rd = imm << 12; imm of 20 bits. */
static inline void riscv_lui(struct jit_buf *b, enum rv_reg rd, int64_t imm) {
    if (imm && rv_fits(6, imm) && rd != RV_SP)
        rvc_ci(b, RVC_LUI, rd, imm);
    else
        rv_upper(b, RV_LUI, rd, imm);
}

static inline void riscv_andi(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs, int64_t imm) {
    if (rd == rs && riscv_short(rd) && rv_fits(6, imm))
        rvc_cb(b, RVC_ANDI, rd, imm);
    else
        rv_imm(b, RV_ANDI, rd, rs, imm);
}

/* riscv_slli, riscv_srli, riscv_srai: n below 64. */
static inline void riscv_slli(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs, unsigned n) {
    if (!n)
        riscv_mv(b, rd, rs);
    else if (rd == rs)
        rvc_ci(b, RVC_SLLI, rd, n);
    else
        rv_shift(b, RV_SLLI, rd, rs, n);
}

static inline void riscv_srli(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs, unsigned n) {
    if (!n)
        riscv_mv(b, rd, rs);
    else if (rd == rs && riscv_short(rd))
        rvc_cb(b, RVC_SRLI, rd, n);
    else
        rv_shift(b, RV_SRLI, rd, rs, n);
}

static inline void riscv_srai(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs, unsigned n) {
    if (!n)
        riscv_mv(b, rd, rs);
    else if (rd == rs && riscv_short(rd))
        rvc_cb(b, RVC_SRAI, rd, n);
    else
        rv_shift(b, RV_SRAI, rd, rs, n);
}

/* riscv_zext_w: rd = the low 32 bits of rs. */
static inline void riscv_zext_w(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs) {
    riscv_slli(b, rd, rs, 32);
    riscv_srli(b, rd, rd, 32);
}

static inline void riscv_add(struct jit_buf *b, enum rv_reg rd, enum rv_reg x, enum rv_reg y) {
    if (rd == x)
        rvc_cr(b, RVC_ADD, rd, y);
    else if (rd == y)
        rvc_cr(b, RVC_ADD, rd, x);
    else
        rv_op(b, RV_ADD, rd, x, y);
}

static inline void riscv_sub(struct jit_buf *b, enum rv_reg rd, enum rv_reg x, enum rv_reg y) {
    if (rd == x && riscv_short(x) && riscv_short(y))
        rvc_ca(b, RVC_SUB, rd, y);
    else
        rv_op(b, RV_SUB, rd, x, y);
}

/* riscv_logic: RV_AND, RV_OR, RV_XOR. */
static inline void riscv_logic(struct jit_buf *b, enum rv_r op, enum rv_reg rd, enum rv_reg x,
                               enum rv_reg y) {
    const enum rvc_ca small = op == RV_AND ? RVC_AND : op == RV_OR ? RVC_OR : RVC_XOR;
    const enum rv_reg other = rd == x ? y : x;
    if ((rd == x || rd == y) && riscv_short(rd) && riscv_short(other))
        rvc_ca(b, small, rd, other);
    else
        rv_op(b, op, rd, x, y);
}

/* riscv_load, riscv_store: off of 12 bits. */
static inline void riscv_load(struct jit_buf *b, enum rv_i op, enum rv_reg rd, enum rv_reg base,
                              int64_t off) {
    const int64_t size = op == RV_LD ? 8 : 4;
    const bool can = (op == RV_LD || op == RV_LW) && off >= 0 && off % size == 0;
    if (can && base == RV_SP && off < 64 * size)
        rvc_load_sp(b, op == RV_LD ? RVC_LDSP : RVC_LWSP, rd, off);
    else if (can && riscv_short(rd) && riscv_short(base) && off < 32 * size)
        rvc_mem(b, op == RV_LD ? RVC_LD : RVC_LW, rd, base, off);
    else
        rv_imm(b, op, rd, base, off);
}

static inline void riscv_store(struct jit_buf *b, enum rv_s op, enum rv_reg rs, enum rv_reg base,
                               int64_t off) {
    const int64_t size = op == RV_SD ? 8 : 4;
    const bool can = (op == RV_SD || op == RV_SW) && off >= 0 && off % size == 0;
    if (can && base == RV_SP && off < 64 * size)
        rvc_store_sp(b, op == RV_SD ? RVC_SDSP : RVC_SWSP, rs, off);
    else if (can && riscv_short(rs) && riscv_short(base) && off < 32 * size)
        rvc_mem(b, op == RV_SD ? RVC_SD : RVC_SW, rs, base, off);
    else
        rv_store(b, op, rs, base, off);
}

/* riscv_jump_to: to base + off, leaving the return address in link, RV_ZERO or RV_RA. */
static inline void riscv_jump_to(struct jit_buf *b, enum rv_reg link, enum rv_reg base,
                                 int64_t off) {
    if (off)
        rv_imm(b, RV_JALR, link, base, off);
    else
        rvc_cr(b, link == RV_RA ? RVC_JALR : RVC_JR, base, RV_ZERO);
}

#endif

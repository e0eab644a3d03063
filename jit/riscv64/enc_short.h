/* enc_short.h: the instructions of two bytes (extension C), made as enc.h makes the long ones.
 *
 * Most have a long twin, and pick.h chooses between the two. "Short registers" are x8 to x15
 * (riscv_short). Zero is no operand where the manual reserves it or calls it a hint.
 * source: The RISC-V Instruction Set Manual, volume I, RVC instruction set listings
 */
#ifndef BPFLAB_JIT_RISCV64_ENC_SHORT_H
#define BPFLAB_JIT_RISCV64_ENC_SHORT_H

#include "jit/riscv64/enc.h"

#define RVC_WORD(f3, quadrant) ((f3) << 13 | (quadrant))

/* clang-format off */
enum rvc_cr { /* two registers */
    RVC_MV    = RVC_WORD(4, 2),
    RVC_ADD   = RVC_WORD(4, 2) | 1 << 12,
    RVC_JR    = RVC_WORD(4, 2),           /* second: zero */
    RVC_JALR  = RVC_WORD(4, 2) | 1 << 12, /* second: zero */
};
enum rvc_ci { /* a register and 6 bits */
    RVC_ADDI  = RVC_WORD(0, 1), /* not 0 */
    RVC_ADDIW = RVC_WORD(1, 1),
    RVC_LI    = RVC_WORD(2, 1),
    RVC_LUI   = RVC_WORD(3, 1), /* not 0, and not into sp */
    RVC_SLLI  = RVC_WORD(0, 2), /* 1 to 63 */
};
enum rvc_cb { /* a short register and 6 bits */
    RVC_SRLI  = RVC_WORD(4, 1),           /* 1 to 63 */
    RVC_SRAI  = RVC_WORD(4, 1) | 1 << 10, /* 1 to 63 */
    RVC_ANDI  = RVC_WORD(4, 1) | 2 << 10,
};
enum rvc_ca { /* two short registers */
    RVC_SUB   = RVC_WORD(4, 1) | 3 << 10,
    RVC_XOR   = RVC_WORD(4, 1) | 3 << 10 | 1 << 5,
    RVC_OR    = RVC_WORD(4, 1) | 3 << 10 | 2 << 5,
    RVC_AND   = RVC_WORD(4, 1) | 3 << 10 | 3 << 5,
};
enum rvc_mem { /* short registers, offset from 0 to 31 times the size */
    RVC_LW    = RVC_WORD(2, 0),
    RVC_LD    = RVC_WORD(3, 0),
    RVC_SW    = RVC_WORD(6, 0),
    RVC_SD    = RVC_WORD(7, 0),
};
enum rvc_stack { /* base sp, offset from 0 to 63 times the size */
    RVC_LWSP  = RVC_WORD(2, 2), /* not into zero */
    RVC_LDSP  = RVC_WORD(3, 2), /* not into zero */
    RVC_SWSP  = RVC_WORD(6, 2),
    RVC_SDSP  = RVC_WORD(7, 2),
};
enum rvc_b { /* branches: opposites as in enc.h */
    RVC_BEQZ  = RVC_WORD(6, 1),
    RVC_BNEZ  = RVC_WORD(7, 1),
};
enum { /* not of a format of their own */
    RVC_ADDI16SP = RVC_WORD(3, 1),
    RVC_J        = RVC_WORD(5, 1),
};
/* clang-format on */

static inline void rvc_cr(struct jit_buf *b, enum rvc_cr op, enum rv_reg rd, enum rv_reg rs2) {
    assert(rd != RV_ZERO);
    jit_put(b, (uint32_t)op | rv_bits(rd, 4, 0, 7) | rv_bits(rs2, 4, 0, 2), 2);
}

/* rvc_ci: imm signed, but for the shift. */
static inline void rvc_ci(struct jit_buf *b, enum rvc_ci op, enum rv_reg rd, int64_t imm) {
    assert(op == RVC_SLLI ? imm > 0 && imm < 64 : rv_fits(6, imm));
    assert(rd != RV_ZERO && (imm || op == RVC_LI || op == RVC_ADDIW));
    assert(op != RVC_LUI || rd != RV_SP);
    jit_put(b, (uint32_t)op | rv_bits(imm, 4, 0, 2) | rv_bits(rd, 4, 0, 7) | rv_bits(imm, 5, 5, 12),
            2);
}

/* rvc_cb: imm signed, but for the shifts. */
static inline void rvc_cb(struct jit_buf *b, enum rvc_cb op, enum rv_reg rd, int64_t imm) {
    assert(op == RVC_ANDI ? rv_fits(6, imm) : imm > 0 && imm < 64);
    assert(riscv_short(rd));
    jit_put(b, (uint32_t)op | rv_bits(imm, 4, 0, 2) | rv_bits(rd, 2, 0, 7) | rv_bits(imm, 5, 5, 12),
            2);
}

static inline void rvc_ca(struct jit_buf *b, enum rvc_ca op, enum rv_reg rd, enum rv_reg rs2) {
    assert(riscv_short(rd) && riscv_short(rs2));
    jit_put(b, (uint32_t)op | rv_bits(rs2, 2, 0, 2) | rv_bits(rd, 2, 0, 7), 2);
}

static inline bool rvc_is_dword(uint32_t op) {
    return op & RVC_WORD(1, 0);
}

static inline void rvc_mem(struct jit_buf *b, enum rvc_mem op, enum rv_reg r, enum rv_reg base,
                           int64_t off) {
    const int64_t size = rvc_is_dword(op) ? 8 : 4;
    assert(off >= 0 && off < 32 * size && off % size == 0);
    assert(riscv_short(r) && riscv_short(base));
    const uint32_t low =
        size == 8 ? rv_bits(off, 7, 6, 5) : rv_bits(off, 6, 6, 5) | rv_bits(off, 2, 2, 6);
    jit_put(b,
            (uint32_t)op | low | rv_bits(r, 2, 0, 2) | rv_bits(base, 2, 0, 7) |
                rv_bits(off, 5, 3, 10),
            2);
}

static inline void rvc_load_sp(struct jit_buf *b, enum rvc_stack op, enum rv_reg rd, int64_t off) {
    const int64_t size = rvc_is_dword(op) ? 8 : 4;
    assert(off >= 0 && off < 64 * size && off % size == 0);
    assert(rd != RV_ZERO);
    const uint32_t low = size == 8 ? rv_bits(off, 8, 6, 2) | rv_bits(off, 4, 3, 5)
                                   : rv_bits(off, 7, 6, 2) | rv_bits(off, 4, 2, 4);
    jit_put(b, (uint32_t)op | low | rv_bits(rd, 4, 0, 7) | rv_bits(off, 5, 5, 12), 2);
}

static inline void rvc_store_sp(struct jit_buf *b, enum rvc_stack op, enum rv_reg rs2,
                                int64_t off) {
    const int64_t size = rvc_is_dword(op) ? 8 : 4;
    assert(off >= 0 && off < 64 * size && off % size == 0);
    const uint32_t where = size == 8 ? rv_bits(off, 8, 6, 7) | rv_bits(off, 5, 3, 10)
                                     : rv_bits(off, 7, 6, 7) | rv_bits(off, 5, 2, 9);
    jit_put(b, (uint32_t)op | where | rv_bits(rs2, 4, 0, 2), 2);
}

/* rvc_branch: off even, of 9 bits, signed. */
static inline void rvc_branch(struct jit_buf *b, enum rvc_b op, enum rv_reg rs1, int64_t off) {
    assert(rv_fits(9, off) && !(off & 1));
    assert(riscv_short(rs1));
    jit_put(b,
            (uint32_t)op | rv_bits(off, 5, 5, 2) | rv_bits(off, 2, 1, 3) | rv_bits(off, 7, 6, 5) |
                rv_bits(rs1, 2, 0, 7) | rv_bits(off, 4, 3, 10) | rv_bits(off, 8, 8, 12),
            2);
}

/* rvc_addi16sp: sp += imm, a multiple of 16 of 10 bits, signed, not 0. */
static inline void rvc_addi16sp(struct jit_buf *b, int64_t imm) {
    assert(rv_fits(10, imm) && imm && imm % 16 == 0);
    jit_put(b,
            (uint32_t)RVC_ADDI16SP | rv_bits(imm, 5, 5, 2) | rv_bits(imm, 8, 7, 3) |
                rv_bits(imm, 6, 6, 5) | rv_bits(imm, 4, 4, 6) | rv_bits(RV_SP, 4, 0, 7) |
                rv_bits(imm, 9, 9, 12),
            2);
}

/* rvc_j: off even, of 12 bits, signed. */
static inline void rvc_j(struct jit_buf *b, int64_t off) {
    assert(rv_fits(12, off) && !(off & 1));
    jit_put(b,
            (uint32_t)RVC_J | rv_bits(off, 5, 5, 2) | rv_bits(off, 3, 1, 3) |
                rv_bits(off, 7, 7, 6) | rv_bits(off, 6, 6, 7) | rv_bits(off, 10, 10, 8) |
                rv_bits(off, 9, 8, 9) | rv_bits(off, 4, 4, 11) | rv_bits(off, 11, 11, 12),
            2);
}

#endif

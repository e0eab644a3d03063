/* enc.h: the instructions of four bytes, RV64IMA: one enumerator an instruction, one function a
 * format. An enumerator is the instruction's word with all operands zero. Immediates are signed
 * numbers, as assembly writes them, offsets of jumps in bytes from the instruction itself.
 * source: The RISC-V Instruction Set Manual, volume I, RV32/64G instruction listings
 */
#ifndef BPFLAB_JIT_RISCV64_ENC_H
#define BPFLAB_JIT_RISCV64_ENC_H

#include <assert.h>

#include "jit/riscv64/regs.h"

/* rv_fits: is v a signed number of so many bits? */
static inline bool rv_fits(unsigned bits, int64_t v) {
    const int64_t half = INT64_C(1) << (bits - 1);
    return v >= -half && v < half;
}

/* rv_bits: bits hi to lo of v, moved to position at. */
static inline uint32_t rv_bits(int64_t v, unsigned hi, unsigned lo, unsigned at) {
    return ((uint32_t)v >> lo & ((UINT32_C(1) << (hi - lo + 1)) - 1)) << at;
}

#define RV_WORD(f7, f3, opcode) ((f7) << 25 | (f3) << 12 | (opcode))

/* clang-format off */
enum rv_r { /* two registers into a third */
    RV_ADD    = RV_WORD(0x00, 0, 0x33),
    RV_SUB    = RV_WORD(0x20, 0, 0x33),
    RV_SLL    = RV_WORD(0x00, 1, 0x33),
    RV_XOR    = RV_WORD(0x00, 4, 0x33),
    RV_SRL    = RV_WORD(0x00, 5, 0x33),
    RV_SRA    = RV_WORD(0x20, 5, 0x33),
    RV_OR     = RV_WORD(0x00, 6, 0x33),
    RV_AND    = RV_WORD(0x00, 7, 0x33),
    RV_SUBW   = RV_WORD(0x20, 0, 0x3b),
    RV_SLLW   = RV_WORD(0x00, 1, 0x3b),
    RV_SRLW   = RV_WORD(0x00, 5, 0x3b),
    RV_SRAW   = RV_WORD(0x20, 5, 0x3b),
    RV_MUL    = RV_WORD(0x01, 0, 0x33),
    RV_MULH   = RV_WORD(0x01, 1, 0x33),
    RV_MULHU  = RV_WORD(0x01, 3, 0x33),
    RV_DIV    = RV_WORD(0x01, 4, 0x33),
    RV_DIVU   = RV_WORD(0x01, 5, 0x33),
    RV_REM    = RV_WORD(0x01, 6, 0x33),
    RV_REMU   = RV_WORD(0x01, 7, 0x33),
    RV_DIVW   = RV_WORD(0x01, 4, 0x3b),
    RV_DIVUW  = RV_WORD(0x01, 5, 0x3b),
    RV_REMW   = RV_WORD(0x01, 6, 0x3b),
    RV_REMUW  = RV_WORD(0x01, 7, 0x3b),
};
enum rv_i { /* a register and 12 bits into a register */
    RV_ADDI   = RV_WORD(0, 0, 0x13),
    RV_SLTIU  = RV_WORD(0, 3, 0x13),
    RV_XORI   = RV_WORD(0, 4, 0x13),
    RV_ORI    = RV_WORD(0, 6, 0x13),
    RV_ANDI   = RV_WORD(0, 7, 0x13),
    RV_ADDIW  = RV_WORD(0, 0, 0x1b),
    RV_JALR   = RV_WORD(0, 0, 0x67),
    RV_LB     = RV_WORD(0, 0, 0x03),
    RV_LH     = RV_WORD(0, 1, 0x03),
    RV_LW     = RV_WORD(0, 2, 0x03),
    RV_LD     = RV_WORD(0, 3, 0x03),
    RV_LBU    = RV_WORD(0, 4, 0x03),
    RV_LHU    = RV_WORD(0, 5, 0x03),
    RV_LWU    = RV_WORD(0, 6, 0x03),
};
enum rv_shift { /* a register by an amount: below 64, of the W forms below 32 */
    RV_SLLI   = RV_WORD(0x00, 1, 0x13),
    RV_SRLI   = RV_WORD(0x00, 5, 0x13),
    RV_SRAI   = RV_WORD(0x20, 5, 0x13),
    RV_SRLIW  = RV_WORD(0x00, 5, 0x1b),
    RV_SRAIW  = RV_WORD(0x20, 5, 0x1b),
};
enum rv_s { /* stores */
    RV_SB     = RV_WORD(0, 0, 0x23),
    RV_SH     = RV_WORD(0, 1, 0x23),
    RV_SW     = RV_WORD(0, 2, 0x23),
    RV_SD     = RV_WORD(0, 3, 0x23),
};
enum rv_b { /* branches: the opposite of each is the next or the previous one */
    RV_BEQ    = RV_WORD(0, 0, 0x63),
    RV_BNE    = RV_WORD(0, 1, 0x63),
    RV_BLT    = RV_WORD(0, 4, 0x63),
    RV_BGE    = RV_WORD(0, 5, 0x63),
    RV_BLTU   = RV_WORD(0, 6, 0x63),
    RV_BGEU   = RV_WORD(0, 7, 0x63),
};
enum rv_u { /* 20 upper bits into a register */
    RV_LUI    = RV_WORD(0, 0, 0x37),
    RV_AUIPC  = RV_WORD(0, 0, 0x17),
};
enum rv_a { /* atomics, all of them with aq and rl: sequentially consistent */
    RV_AMOADD  = RV_WORD(0x03, 0, 0x2f),
    RV_AMOSWAP = RV_WORD(0x07, 0, 0x2f),
    RV_LR      = RV_WORD(0x0b, 0, 0x2f),
    RV_SC      = RV_WORD(0x0f, 0, 0x2f),
    RV_AMOXOR  = RV_WORD(0x13, 0, 0x2f),
    RV_AMOOR   = RV_WORD(0x23, 0, 0x2f),
    RV_AMOAND  = RV_WORD(0x33, 0, 0x2f),
};
enum { /* not of a format of their own */
    RV_JAL     = RV_WORD(0, 0, 0x6f),
    RV_FENCE   = RV_WORD(0, 0, 0x0f),
    RV_A_WORD  = RV_WORD(0, 2, 0), /* size of an atomic */
    RV_A_DWORD = RV_WORD(0, 3, 0),
};
/* clang-format on */

/* What a fence orders. */
enum rv_order {
    RV_W = 1,
    RV_R = 2,
    RV_RW = 3,
};

static inline void rv_op(struct jit_buf *b, enum rv_r op, enum rv_reg rd, enum rv_reg rs1,
                         enum rv_reg rs2) {
    jit_put_le32(b, (uint32_t)op | rv_bits(rd, 4, 0, 7) | rv_bits(rs1, 4, 0, 15) |
                        rv_bits(rs2, 4, 0, 20));
}

/* rv_imm: imm of 12 bits, signed. */
static inline void rv_imm(struct jit_buf *b, enum rv_i op, enum rv_reg rd, enum rv_reg rs1,
                          int64_t imm) {
    assert(rv_fits(12, imm));
    jit_put_le32(b, (uint32_t)op | rv_bits(rd, 4, 0, 7) | rv_bits(rs1, 4, 0, 15) |
                        rv_bits(imm, 11, 0, 20));
}

static inline void rv_shift(struct jit_buf *b, enum rv_shift op, enum rv_reg rd, enum rv_reg rs1,
                            unsigned n) {
    assert(n < (op == RV_SRLIW || op == RV_SRAIW ? 32 : 64));
    jit_put_le32(b, (uint32_t)op | rv_bits(rd, 4, 0, 7) | rv_bits(rs1, 4, 0, 15) |
                        rv_bits(n, 5, 0, 20));
}

/* rv_store: rs2 to base + off; off of 12 bits, signed. */
static inline void rv_store(struct jit_buf *b, enum rv_s op, enum rv_reg rs2, enum rv_reg base,
                            int64_t off) {
    assert(rv_fits(12, off));
    jit_put_le32(b, (uint32_t)op | rv_bits(off, 4, 0, 7) | rv_bits(base, 4, 0, 15) |
                        rv_bits(rs2, 4, 0, 20) | rv_bits(off, 11, 5, 25));
}

/* rv_branch: off even, of 13 bits, signed. */
static inline void rv_branch(struct jit_buf *b, enum rv_b op, enum rv_reg rs1, enum rv_reg rs2,
                             int64_t off) {
    assert(rv_fits(13, off) && !(off & 1));
    jit_put_le32(b, (uint32_t)op | rv_bits(off, 11, 11, 7) | rv_bits(off, 4, 1, 8) |
                        rv_bits(rs1, 4, 0, 15) | rv_bits(rs2, 4, 0, 20) | rv_bits(off, 10, 5, 25) |
                        rv_bits(off, 12, 12, 31));
}

/* rv_branch_not: the branch taken when op is not. */
static inline enum rv_b rv_branch_not(enum rv_b op) {
    return (enum rv_b)(op ^ RV_WORD(0, 1, 0));
}

/* rv_upper: imm of 20 bits, signed. */
static inline void rv_upper(struct jit_buf *b, enum rv_u op, enum rv_reg rd, int64_t imm) {
    assert(rv_fits(20, imm));
    jit_put_le32(b, (uint32_t)op | rv_bits(rd, 4, 0, 7) | rv_bits(imm, 19, 0, 12));
}

/* rv_jal: off even, of 21 bits, signed. */
static inline void rv_jal(struct jit_buf *b, enum rv_reg rd, int64_t off) {
    assert(rv_fits(21, off) && !(off & 1));
    jit_put_le32(b, (uint32_t)RV_JAL | rv_bits(rd, 4, 0, 7) | rv_bits(off, 19, 12, 12) |
                        rv_bits(off, 11, 11, 20) | rv_bits(off, 10, 1, 21) |
                        rv_bits(off, 20, 20, 31));
}

/* rv_amo: rd = old value at addr; new value by op with rs2 (LR: zero). bytes: 4, 8. */
static inline void rv_amo(struct jit_buf *b, enum rv_a op, unsigned bytes, enum rv_reg rd,
                          enum rv_reg rs2, enum rv_reg addr) {
    assert(bytes == 4 || bytes == 8);
    const uint32_t size = bytes == 8 ? RV_A_DWORD : RV_A_WORD;
    jit_put_le32(b, (uint32_t)op | size | rv_bits(rd, 4, 0, 7) | rv_bits(addr, 4, 0, 15) |
                        rv_bits(rs2, 4, 0, 20));
}

static inline void rv_fence(struct jit_buf *b, enum rv_order before, enum rv_order after) {
    jit_put_le32(b, (uint32_t)RV_FENCE | rv_bits(after, 3, 0, 20) | rv_bits(before, 3, 0, 24));
}

#endif

/* enc.h: arm64 instructions, one line each: arithmetic and branches. Memory: enc_mem.h.
 *
 * A row is an instruction's name in the manual and its fixed bits; the row's format makes it a
 * function that appends the instruction. Formats are told where they are defined: d is the
 * destination, n and m are sources, in the order of assembly language. sf: 32 or 64 bits wide.
 * Operands that do not fit into their field are the caller's mistake and asserted.
 * source: Arm Architecture Reference Manual for A-profile, chapter C4 and C6.
 */
#ifndef BPFLAB_JIT_ARM64_ENC_H
#define BPFLAB_JIT_ARM64_ENC_H

#include "jit/arm64/regs.h"

enum arm64_sf {
    ARM64_W, /* 32 bits: the upper half of the destination becomes zero */
    ARM64_X,
};

/* Conditions, of flags that a comparison left. Neighbours are opposites. */
enum arm64_cond {
    ARM64_EQ,
    ARM64_NE,
    ARM64_HS, /* unsigned >= */
    ARM64_LO,
    ARM64_HI = 8, /* unsigned > */
    ARM64_LS,
    ARM64_GE,
    ARM64_LT,
    ARM64_GT,
    ARM64_LE,
};

/* arm64_field: v, of a number of bits, at a bit of the instruction.
 * arm64_fits: is v in the range of that many bits, signed?
 * arm64_signed: a signed field. arm64_words: a distance in bytes as a signed field of words. */
static inline uint32_t arm64_field(uint32_t v, unsigned bits, unsigned at) {
    assert(v >> bits == 0);
    (void)bits;
    return v << at;
}

static inline bool arm64_fits(int64_t v, unsigned bits) {
    return v >= -(INT64_C(1) << (bits - 1)) && v < INT64_C(1) << (bits - 1);
}

static inline uint32_t arm64_signed(int64_t v, unsigned bits, unsigned at) {
    assert(arm64_fits(v, bits));
    return ((uint32_t)v & ((UINT32_C(1) << bits) - 1)) << at;
}

static inline uint32_t arm64_words(int64_t distance, unsigned bits, unsigned at) {
    assert(distance % 4 == 0);
    return arm64_signed(distance / 4, bits, at);
}

/* arm64_dnm: the three register fields that nearly all share. arm64_sf: the width. */
static inline uint32_t arm64_dnm(enum arm64_reg d, enum arm64_reg n, enum arm64_reg m) {
    return (uint32_t)d | (uint32_t)n << 5 | (uint32_t)m << 16;
}

static inline uint32_t arm64_sf(enum arm64_sf sf) {
    return (uint32_t)sf << 31;
}

static inline void arm64_put(struct jit_buf *b, uint32_t word) {
    jit_put_le32(b, word);
}

/* clang-format off */
/* ---- two sources in registers; _SHIFTED: m shifted left by lsl; _X: 64 bits only ---- */
#define ARM64_DNM(name, word)                                                                      \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,         \
                                    enum arm64_reg n, enum arm64_reg m) {                          \
        arm64_put(b, UINT32_C(word) | arm64_sf(sf) | arm64_dnm(d, n, m));                          \
    }
#define ARM64_DNM_SHIFTED(name, word)                                                              \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,         \
                                    enum arm64_reg n, enum arm64_reg m, unsigned lsl) {            \
        arm64_put(b, UINT32_C(word) | arm64_sf(sf) | arm64_dnm(d, n, m) |                          \
                         arm64_field(lsl, 5 + (unsigned)sf, 10));                                  \
    }
#define ARM64_DNM_X(name, word)                                                                    \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_reg d, enum arm64_reg n,         \
                                    enum arm64_reg m) {                                            \
        arm64_put(b, UINT32_C(word) | arm64_dnm(d, n, m));                                         \
    }
ARM64_DNM_SHIFTED(add,  0x0b000000)
ARM64_DNM_SHIFTED(sub,  0x4b000000)
ARM64_DNM_SHIFTED(subs, 0x6b000000)
ARM64_DNM_SHIFTED(and,  0x0a000000)
ARM64_DNM_SHIFTED(ands, 0x6a000000)
ARM64_DNM_SHIFTED(orr,  0x2a000000)
ARM64_DNM_SHIFTED(orn,  0x2a200000)
ARM64_DNM_SHIFTED(eor,  0x4a000000)
ARM64_DNM(lslv, 0x1ac02000)
ARM64_DNM(lsrv, 0x1ac02400)
ARM64_DNM(asrv, 0x1ac02800)
ARM64_DNM(udiv, 0x1ac00800)
ARM64_DNM(sdiv, 0x1ac00c00)
ARM64_DNM_X(umulh, 0x9bc07c00)
ARM64_DNM_X(smulh, 0x9b407c00)
ARM64_DNM_X(add_uxtx, 0x8b206000) /* d, n: number 31 is the stack pointer */
ARM64_DNM_X(add_sxtw, 0x8b20c000) /* m: its low half, sign-extended */

/* ---- three sources: d = a + n * m, a - n * m ---- */
#define ARM64_DNMA(name, word)                                                                     \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,         \
                                    enum arm64_reg n, enum arm64_reg m, enum arm64_reg a) {        \
        arm64_put(b, UINT32_C(word) | arm64_sf(sf) | arm64_dnm(d, n, m) | (uint32_t)a << 10);      \
    }
ARM64_DNMA(madd, 0x1b000000)
ARM64_DNMA(msub, 0x1b008000)

/* ---- one source: bytes reversed ---- */
#define ARM64_DN(name, word)                                                                       \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_reg d, enum arm64_reg n) {       \
        arm64_put(b, UINT32_C(word) | arm64_dnm(d, n, X0));                                        \
    }
ARM64_DN(rev16_w, 0x5ac00400) /* in each half of the low word */
ARM64_DN(rev_w,   0x5ac00800)
ARM64_DN(rev_x,   0xdac00c00)

/* ---- imm, 12 bits, shifted left by 12 if high; n, and d of add and sub: 31 is sp ---- */
#define ARM64_DNI(name, word)                                                                      \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,         \
                                    enum arm64_reg n, uint32_t imm, bool high) {                   \
        arm64_put(b, UINT32_C(word) | arm64_sf(sf) | arm64_dnm(d, n, X0) |                         \
                         arm64_field(imm, 12, 10) | (uint32_t)high << 22);                         \
    }
ARM64_DNI(add_imm,  0x11000000)
ARM64_DNI(adds_imm, 0x31000000)
ARM64_DNI(sub_imm,  0x51000000)
ARM64_DNI(subs_imm, 0x71000000)

/* ---- bits: a pattern as arm64_bitmask (imm.h) encodes it; d: 31 is sp but for ands ---- */
#define ARM64_DNB(name, word)                                                                      \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,         \
                                    enum arm64_reg n, uint32_t bits) {                             \
        arm64_put(b, UINT32_C(word) | arm64_sf(sf) | arm64_dnm(d, n, X0) |                         \
                         arm64_field(bits, 12 + (unsigned)sf, 10));                                \
    }
ARM64_DNB(and_imm,  0x12000000)
ARM64_DNB(orr_imm,  0x32000000)
ARM64_DNB(eor_imm,  0x52000000)
ARM64_DNB(ands_imm, 0x72000000)

/* ---- imm, 16 bits, at the half-th 16 bits of d: the rest zero, the rest one and all inverted,
 * the rest kept ---- */
#define ARM64_DI(name, word)                                                                       \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,         \
                                    uint32_t imm, unsigned half) {                                 \
        arm64_put(b, UINT32_C(word) | arm64_sf(sf) | (uint32_t)d | arm64_field(imm, 16, 5) |       \
                         arm64_field(half, 1 + (unsigned)sf, 21));                                 \
    }
ARM64_DI(movz, 0x52800000)
ARM64_DI(movn, 0x12800000)
ARM64_DI(movk, 0x72800000)

/* ---- bit fields: n rotated right by r, its bits 0 to s, extended ---- */
#define ARM64_DNRS(name, word)                                                                     \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,         \
                                    enum arm64_reg n, unsigned r, unsigned s) {                    \
        arm64_put(b, UINT32_C(word) | arm64_sf(sf) | (uint32_t)sf << 22 | arm64_dnm(d, n, X0) |    \
                         arm64_field(r, 5 + (unsigned)sf, 16) |                                    \
                         arm64_field(s, 5 + (unsigned)sf, 10));                                    \
    }
ARM64_DNRS(sbfm, 0x13000000)
ARM64_DNRS(ubfm, 0x53000000)
/* clang-format on */

/* extr: the bits of n:m from bit lsb on. */
static inline void arm64_extr(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,
                              enum arm64_reg n, enum arm64_reg m, unsigned lsb) {
    arm64_put(b, UINT32_C(0x13800000) | arm64_sf(sf) | (uint32_t)sf << 22 | arm64_dnm(d, n, m) |
                     arm64_field(lsb, 5 + (unsigned)sf, 10));
}

/* adr: d = the address of this instruction + distance. */
static inline void arm64_adr(struct jit_buf *b, enum arm64_reg d, int64_t distance) {
    arm64_put(b, UINT32_C(0x10000000) | (uint32_t)d | ((uint32_t)distance & 3) << 29 |
                     arm64_signed((distance - (distance & 3)) / 4, 19, 5));
}

/* ---- branches: distances in bytes, from the instruction itself ---- */
/* clang-format off */
#define ARM64_JUMP(name, word)                                                                     \
    static inline void arm64_##name(struct jit_buf *b, int64_t distance) {                         \
        arm64_put(b, UINT32_C(word) | arm64_words(distance, 26, 0));                               \
    }
#define ARM64_JUMP_ZERO(name, word)                                                                \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg r,         \
                                    int64_t distance) {                                            \
        arm64_put(b, UINT32_C(word) | arm64_sf(sf) | (uint32_t)r | arm64_words(distance, 19, 5));  \
    }
#define ARM64_JUMP_BIT(name, word)                                                                 \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_reg r, unsigned bit,             \
                                    int64_t distance) {                                            \
        arm64_put(b, UINT32_C(word) | (uint32_t)r | arm64_field(bit >> 5, 1, 31) |                 \
                         arm64_field(bit & 31, 5, 19) | arm64_words(distance, 14, 5));             \
    }
#define ARM64_JUMP_REG(name, word)                                                                 \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_reg n) {                         \
        arm64_put(b, UINT32_C(word) | (uint32_t)n << 5);                                           \
    }
ARM64_JUMP(b,  0x14000000)
ARM64_JUMP(bl, 0x94000000)
ARM64_JUMP_ZERO(cbz,  0x34000000)
ARM64_JUMP_ZERO(cbnz, 0x35000000)
ARM64_JUMP_BIT(tbz,  0x36000000)
ARM64_JUMP_BIT(tbnz, 0x37000000)
ARM64_JUMP_REG(br,  0xd61f0000)
ARM64_JUMP_REG(blr, 0xd63f0000)
ARM64_JUMP_REG(ret, 0xd65f0000)
/* clang-format on */

static inline void arm64_b_cond(struct jit_buf *b, enum arm64_cond cond, int64_t distance) {
    arm64_put(b, UINT32_C(0x54000000) | (uint32_t)cond | arm64_words(distance, 19, 5));
}

/* ---- other names of the above ---- */

/* mov: of registers, neither the stack pointer; mov_sp: either may be. */
static inline void arm64_mov(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,
                             enum arm64_reg m) {
    arm64_orr(b, sf, d, XZR, m, 0);
}

static inline void arm64_mov_sp(struct jit_buf *b, enum arm64_reg d, enum arm64_reg n) {
    arm64_add_imm(b, ARM64_X, d, n, 0, false);
}

/* lsl, lsr, asr: by an immediate below the width. */
static inline void arm64_lsl(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,
                             enum arm64_reg n, unsigned by) {
    const unsigned top = sf == ARM64_X ? 63 : 31;
    arm64_ubfm(b, sf, d, n, (0 - by) & top, top - by);
}

static inline void arm64_lsr(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,
                             enum arm64_reg n, unsigned by) {
    arm64_ubfm(b, sf, d, n, by, sf == ARM64_X ? 63 : 31);
}

static inline void arm64_asr(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d,
                             enum arm64_reg n, unsigned by) {
    arm64_sbfm(b, sf, d, n, by, sf == ARM64_X ? 63 : 31);
}

#endif

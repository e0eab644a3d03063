/* enc_mem.h: arm64 instructions that touch memory, one line each. n is always the base register,
 * where number 31 is the stack pointer; t is loaded or stored, where it is the zero register.
 * source: Arm Architecture Reference Manual for A-profile, chapter C4 and C6.
 */
#ifndef BPFLAB_JIT_ARM64_ENC_MEM_H
#define BPFLAB_JIT_ARM64_ENC_MEM_H

#include "jit/arm64/enc.h"

/* What a load or store does, in each of its addressing forms: bits 1 and 0 are the binary logarithm
 * of its bytes, the bits above them its operation: store, load, load sign-extending to 64 bits. */
enum arm64_access {
    ARM64_STRB = 0 << 2 | 0,
    ARM64_STRH = 0 << 2 | 1,
    ARM64_STR_W = 0 << 2 | 2,
    ARM64_STR_X = 0 << 2 | 3,
    ARM64_LDRB = 1 << 2 | 0,
    ARM64_LDRH = 1 << 2 | 1,
    ARM64_LDR_W = 1 << 2 | 2,
    ARM64_LDR_X = 1 << 2 | 3,
    ARM64_LDRSB = 2 << 2 | 0,
    ARM64_LDRSH = 2 << 2 | 1,
    ARM64_LDRSW = 2 << 2 | 2,
};

static inline uint32_t arm64_access(enum arm64_access a) {
    return ((uint32_t)a & 3) << 30 | (uint32_t)a >> 2 << 22;
}

/* scaled: at n + off, off a multiple of the bytes and below 4096 of them.
 * unscaled: at n + off, off in 9 bits, signed. indexed: at n + m. */
static inline void arm64_scaled(struct jit_buf *b, enum arm64_access a, enum arm64_reg t,
                                enum arm64_reg n, uint32_t off) {
    assert(off >> (a & 3) << (a & 3) == off);
    arm64_put(b, UINT32_C(0x39000000) | arm64_access(a) | arm64_dnm(t, n, X0) |
                     arm64_field(off >> (a & 3), 12, 10));
}

static inline void arm64_unscaled(struct jit_buf *b, enum arm64_access a, enum arm64_reg t,
                                  enum arm64_reg n, int64_t off) {
    arm64_put(b, UINT32_C(0x38000000) | arm64_access(a) | arm64_dnm(t, n, X0) |
                     arm64_signed(off, 9, 12));
}

static inline void arm64_indexed(struct jit_buf *b, enum arm64_access a, enum arm64_reg t,
                                 enum arm64_reg n, enum arm64_reg m) {
    arm64_put(b, UINT32_C(0x38206800) | arm64_access(a) | arm64_dnm(t, n, m));
}

/* ldr_literal: 8 bytes at distance from this instruction. */
static inline void arm64_ldr_literal(struct jit_buf *b, enum arm64_reg t, int64_t distance) {
    arm64_put(b, UINT32_C(0x58000000) | (uint32_t)t | arm64_words(distance, 19, 5));
}

/* clang-format off */
/* ---- t and u, 8 bytes each: at n + off; _pre: n += off first; _post: at n, then n += off ---- */
#define ARM64_PAIR(name, word)                                                                     \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_reg t, enum arm64_reg u,         \
                                    enum arm64_reg n, int64_t off) {                               \
        assert(off % 8 == 0);                                                                      \
        arm64_put(b, UINT32_C(word) | arm64_dnm(t, n, X0) | (uint32_t)u << 10 |                    \
                         arm64_signed(off / 8, 7, 15));                                            \
    }
ARM64_PAIR(stp,      0xa9000000)
ARM64_PAIR(stp_pre,  0xa9800000)
ARM64_PAIR(ldp,      0xa9400000)
ARM64_PAIR(ldp_post, 0xa8c00000)

/* ---- with order, at n; size: binary logarithm of the bytes ---- */
#define ARM64_ORDERED(name, word)                                                                  \
    static inline void arm64_##name(struct jit_buf *b, unsigned size, enum arm64_reg t,            \
                                    enum arm64_reg n) {                                            \
        arm64_put(b, UINT32_C(word) | arm64_field(size, 2, 30) | arm64_dnm(t, n, X0));             \
    }
ARM64_ORDERED(ldar, 0x08dffc00)
ARM64_ORDERED(stlr, 0x089ffc00)

/* ---- read-modify-write (LSE), acquire and release: t = old value at n, s is the operand; casal:
 * if the old value is s, t is stored, and s = old value. As the acquire is lost where the register
 * loaded is XZR, that one must not be. ---- */
#define ARM64_RMW(name, word, loaded)                                                              \
    static inline void arm64_##name(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg s,         \
                                    enum arm64_reg t, enum arm64_reg n) {                          \
        assert((loaded) != XZR);                                                                   \
        arm64_put(b, UINT32_C(word) | (uint32_t)sf << 30 | arm64_dnm(t, n, s));                    \
    }
ARM64_RMW(ldaddal, 0xb8e00000, t)
ARM64_RMW(ldclral, 0xb8e01000, t) /* and with the complement */
ARM64_RMW(ldeoral, 0xb8e02000, t)
ARM64_RMW(ldsetal, 0xb8e03000, t) /* or */
ARM64_RMW(swpal,   0xb8e08000, t)
ARM64_RMW(casal,   0x88e0fc00, s)
/* clang-format on */

#endif

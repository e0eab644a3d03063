/* enc.h: the encoders, one for each row of enc.def, made of one function for each format.
 *
 * Each appends one instruction. Operands are in the assembler's order; what does not fit is the
 * caller's mistake. Distances are bytes from the instruction itself, always even.
 */
#ifndef BPFLAB_JIT_S390X_ENC_H
#define BPFLAB_JIT_S390X_ENC_H

#include "jit/s390x/regs.h"

/* Masks of conditional branches: which condition codes branch. After a comparison. */
enum {
    S390X_EQ = 8,
    S390X_LT = 4,
    S390X_GT = 2,
    S390X_NE = S390X_LT | S390X_GT,
    S390X_LE = S390X_EQ | S390X_LT,
    S390X_GE = S390X_EQ | S390X_GT,
    S390X_ZERO = 8, /* after an operation, or a test under mask: all bits 0 */
    S390X_NOT_ZERO = 7,
    S390X_ALWAYS = 15,
    S390X_FENCE = 14,  /* of bcr to nowhere: serialise */
    S390X_LAST_Z = 128 /* in RIEF's last bit: bits that are not selected become zero */
};

static inline bool s390x_fits_signed(int64_t v, unsigned bits) {
    return v >= -(INT64_C(1) << (bits - 1)) && v < INT64_C(1) << (bits - 1);
}

static inline bool s390x_fits_unsigned(int64_t v, unsigned bits) {
    return v >= 0 && v < INT64_C(1) << bits;
}

/* s390x_reaches: can a field of so many bits, which counts halfwords, hold the distance? */
static inline bool s390x_reaches(int64_t distance, unsigned bits) {
    return !(distance & 1) && s390x_fits_signed(distance, bits + 1);
}

/* ---- fields ---- */

static inline uint64_t s390x_u(int64_t v, unsigned bits) {
    assert(s390x_fits_unsigned(v, bits));
    return (uint64_t)v & ((UINT64_C(1) << bits) - 1);
}

static inline uint64_t s390x_s(int64_t v, unsigned bits) {
    assert(s390x_fits_signed(v, bits));
    return (uint64_t)v & ((UINT64_C(1) << bits) - 1);
}

static inline uint64_t s390x_rel(int64_t distance, unsigned bits) {
    assert(s390x_reaches(distance, bits));
    return ((uint64_t)distance >> 1) & ((UINT64_C(1) << bits) - 1);
}

/* s390x_bd20: a base and a long displacement, whose upper 8 bits come last. */
static inline uint64_t s390x_bd20(enum s390x_gr base, int64_t d) {
    const uint64_t u = s390x_s(d, 20);
    return (uint64_t)base << 28 | (u & 0xfff) << 16 | u >> 12 << 8;
}

static inline uint64_t s390x_bd12(enum s390x_gr base, int64_t d) {
    return (uint64_t)base << 12 | s390x_u(d, 12);
}

/* s390x_op16: the two bytes of an opcode that frame an instruction of six. */
static inline uint64_t s390x_op16(unsigned op) {
    return (uint64_t)(op >> 8) << 40 | (op & 0xff);
}

/* s390x_op12: an opcode of a byte and a digit, the register between them, over so many bits. */
static inline uint64_t s390x_op12(unsigned op, unsigned r1, unsigned below) {
    return ((uint64_t)(op >> 4) << 8 | r1 << 4 | (op & 15)) << below;
}

/* s390x_even: the first of a pair of registers. */
static inline unsigned s390x_even(enum s390x_gr r) {
    assert(!(r & 1));
    return r;
}

static inline void s390x_put32(struct jit_buf *b, uint64_t insn) {
    jit_put_be32(b, (uint32_t)insn);
}

/* ---- formats: a function for each row of enc.def ----
 * s390x_r: a register's field (or another one of four bits), so many bits from the end. */
static inline uint64_t s390x_r(unsigned r, unsigned at) {
    return (uint64_t)r << at;
}

#define S390X_ENCODER(name, ...) static inline void s390x_##name(struct jit_buf *b, __VA_ARGS__)
#define GR                       enum s390x_gr
#define FR                       enum s390x_fr

/* clang-format off */
#define S390X_RR(n, op)    S390X_ENCODER(n, GR r1, GR r2)               { jit_put_be16(b, (uint16_t)((op) << 8 | r1 << 4 | r2)); }
#define S390X_BCR(n, op)   S390X_ENCODER(n, unsigned m, GR r2)          { jit_put_be16(b, (uint16_t)((op) << 8 | m << 4 | r2)); }

#define S390X_RRE(n, op)   S390X_ENCODER(n, GR r1, GR r2)               { s390x_put32(b, s390x_r(op, 16) | s390x_r(r1, 4) | r2); }
#define S390X_LDG(n, op)   S390X_ENCODER(n, FR r1, GR r2)               { s390x_put32(b, s390x_r(op, 16) | s390x_r(r1, 4) | r2); }
#define S390X_GLD(n, op)   S390X_ENCODER(n, GR r1, FR r2)               { s390x_put32(b, s390x_r(op, 16) | s390x_r(r1, 4) | r2); }
#define S390X_RRF(n, op)   S390X_ENCODER(n, GR r1, GR r2, GR r3)        { s390x_put32(b, s390x_r(op, 16) | s390x_r(r3, 12) | s390x_r(r1, 4) | r2); }
#define S390X_RI(n, op)    S390X_ENCODER(n, GR r1, int64_t i)           { s390x_put32(b, s390x_op12(op, r1, 16) | s390x_s(i, 16)); }
#define S390X_RIU(n, op)   S390X_ENCODER(n, GR r1, int64_t i)           { s390x_put32(b, s390x_op12(op, r1, 16) | s390x_u(i, 16)); }
#define S390X_BRC(n, op)   S390X_ENCODER(n, unsigned m, int64_t dist)   { s390x_put32(b, s390x_op12(op, m, 16) | s390x_rel(dist, 16)); }
#define S390X_BRAS(n, op)  S390X_ENCODER(n, GR r1, int64_t dist)        { s390x_put32(b, s390x_op12(op, r1, 16) | s390x_rel(dist, 16)); }
#define S390X_RX(n, op)    S390X_ENCODER(n, GR r1, int64_t d, GR base)  { s390x_put32(b, s390x_r(op, 24) | s390x_r(r1, 20) | s390x_bd12(base, d)); }
#define S390X_RS(n, op)    S390X_ENCODER(n, GR r1, int64_t d, GR base)  { s390x_put32(b, s390x_r(op, 24) | s390x_r(r1, 20) | s390x_bd12(base, d)); }
#define S390X_RSC(n, op)   S390X_ENCODER(n, GR r1, GR r3, int64_t d, GR base) { s390x_put32(b, s390x_r(op, 24) | s390x_r(r1, 20) | s390x_r(r3, 16) | s390x_bd12(base, d)); }
#define S390X_SI(n, op)    S390X_ENCODER(n, int64_t d, GR base, int64_t i)    { s390x_put32(b, s390x_r(op, 24) | s390x_u(i, 8) << 16 | s390x_bd12(base, d)); }

#define S390X_RIL(n, op)   S390X_ENCODER(n, GR r1, int64_t i)           { jit_put_be48(b, s390x_op12(op, r1, 32) | s390x_s(i, 32)); }
#define S390X_RILU(n, op)  S390X_ENCODER(n, GR r1, int64_t i)           { jit_put_be48(b, s390x_op12(op, r1, 32) | s390x_u(i, 32)); }
#define S390X_RILP(n, op)  S390X_ENCODER(n, GR r1, int64_t dist)        { jit_put_be48(b, s390x_op12(op, r1, 32) | s390x_rel(dist, 32)); }
#define S390X_BRCL(n, op)  S390X_ENCODER(n, unsigned m, int64_t dist)   { jit_put_be48(b, s390x_op12(op, m, 32) | s390x_rel(dist, 32)); }
#define S390X_RXY(n, op)   S390X_ENCODER(n, GR r1, int64_t d, GR base)  { jit_put_be48(b, s390x_op16(op) | s390x_r(r1, 36) | s390x_bd20(base, d)); }
#define S390X_RSY(n, op)   S390X_ENCODER(n, GR r1, GR r3, int64_t d, GR base) { jit_put_be48(b, s390x_op16(op) | s390x_r(r1, 36) | s390x_r(r3, 32) | s390x_bd20(base, d)); }
#define S390X_SIY(n, op)   S390X_ENCODER(n, int64_t d, GR base, int64_t i)    { jit_put_be48(b, s390x_op16(op) | s390x_u(i, 8) << 32 | s390x_bd20(base, d)); }
#define S390X_SIL(n, op)   S390X_ENCODER(n, int64_t d, GR base, int64_t i)    { jit_put_be48(b, s390x_r(op, 32) | s390x_bd12(base, d) << 16 | s390x_s(i, 16)); }
#define S390X_RIED(n, op)  S390X_ENCODER(n, GR r1, GR r3, int64_t i)    { jit_put_be48(b, s390x_op16(op) | s390x_r(r1, 36) | s390x_r(r3, 32) | s390x_s(i, 16) << 16); }
#define S390X_RIEG(n, op)  S390X_ENCODER(n, GR r1, int64_t i, unsigned m)     { jit_put_be48(b, s390x_op16(op) | s390x_r(r1, 36) | s390x_r(m, 32) | s390x_s(i, 16) << 16); }
#define S390X_RIEF(n, op)  S390X_ENCODER(n, GR r1, GR r2, int64_t first, int64_t last, int64_t rot) { jit_put_be48(b, s390x_op16(op) | s390x_r(r1, 36) | s390x_r(r2, 32) | s390x_u(first, 8) << 24 | s390x_u(last, 8) << 16 | s390x_u(rot, 6) << 8); }
#define S390X_RIEB(n, op)  S390X_ENCODER(n, GR r1, GR r2, unsigned m, int64_t dist)     { jit_put_be48(b, s390x_op16(op) | s390x_r(r1, 36) | s390x_r(r2, 32) | s390x_rel(dist, 16) << 16 | s390x_r(m, 12)); }
#define S390X_RIEC(n, op)  S390X_ENCODER(n, GR r1, int64_t i, unsigned m, int64_t dist) { jit_put_be48(b, s390x_op16(op) | s390x_r(r1, 36) | s390x_r(m, 32) | s390x_rel(dist, 16) << 16 | s390x_s(i, 8) << 8); }
#define S390X_RIECU(n, op) S390X_ENCODER(n, GR r1, int64_t i, unsigned m, int64_t dist) { jit_put_be48(b, s390x_op16(op) | s390x_r(r1, 36) | s390x_r(m, 32) | s390x_rel(dist, 16) << 16 | s390x_u(i, 8) << 8); }
#define S390X_RREP(n, op)  S390X_ENCODER(n, GR r1, GR r2)               { s390x_put32(b, s390x_r(op, 16) | s390x_r(s390x_even(r1), 4) | r2); }
#define S390X_RRFP(n, op)  S390X_ENCODER(n, GR r1, GR r2, GR r3)        { s390x_put32(b, s390x_r(op, 16) | s390x_r(r3, 12) | s390x_r(s390x_even(r1), 4) | r2); }
/* clang-format on */

#define ROW(format, name, op) S390X_##format(name, op)
#include "jit/s390x/enc.def"

#undef GR
#undef FR

#endif

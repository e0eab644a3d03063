/* enc_bmi.h: BMI2: shifts, rotations and products of three operands that leave the flags alone.
 * Part of enc.h, which says how to read it.
 *
 *     VEX (three bytes) opcode ModRM [immediate]
 */
#ifndef BPFLAB_JIT_X86_64_ENC_BMI_H
#define BPFLAB_JIT_X86_64_ENC_BMI_H

/* The prefix that a VEX prefix stands for, and the table that its opcode is in. */
enum x86_vex_pp {
    X86_PP_66 = 1,
    X86_PP_F3 = 2,
    X86_PP_F2 = 3,
};
enum x86_vex_map {
    X86_MAP_0F38 = 2,
    X86_MAP_0F3A = 3,
};

/* x86_vex: a VEX instruction without an immediate; v is the register that the prefix names. R, B
 * and v are stored inverted; R, X and B share their byte with the table, W, v and pp theirs. */
static inline void x86_vex(struct jit_buf *b, unsigned width, enum x86_vex_pp pp,
                           enum x86_vex_map map, unsigned op, enum x86_reg reg, unsigned v,
                           enum x86_reg rm) {
    const unsigned not_r = reg < 8 ? 0x80 : 0, not_x = 0x40, not_b = rm < 8 ? 0x20 : 0;
    struct x86_head h = x86_then((struct x86_head){0, 0}, 0xc4);
    h = x86_then(h, not_r | not_x | not_b | map);
    h = x86_then(h, (width == 64 ? 0x80U : 0) | (v ^ 15) << 3 | pp);
    h = x86_then(x86_then(h, op), 0xc0U | (reg & 7U) << 3 | (rm & 7U));
    jit_put(b, h.bytes, h.n);
}

/* clang-format off */

/* d = a shifted by n modulo the width; 32 or 64 bits */
static inline void x86_shlx(struct jit_buf *b, unsigned width, enum x86_reg d, enum x86_reg a, enum x86_reg n) { x86_vex(b, width, X86_PP_66, X86_MAP_0F38, 0xf7, d, n, a); }
static inline void x86_shrx(struct jit_buf *b, unsigned width, enum x86_reg d, enum x86_reg a, enum x86_reg n) { x86_vex(b, width, X86_PP_F2, X86_MAP_0F38, 0xf7, d, n, a); }
static inline void x86_sarx(struct jit_buf *b, unsigned width, enum x86_reg d, enum x86_reg a, enum x86_reg n) { x86_vex(b, width, X86_PP_F3, X86_MAP_0F38, 0xf7, d, n, a); }
/* d = a rotated right by n, below the width */
static inline void x86_rorx(struct jit_buf *b, unsigned width, enum x86_reg d, enum x86_reg a, unsigned n) { x86_vex(b, width, X86_PP_F2, X86_MAP_0F3A, 0xf0, d, 0, a); x86_imm(b, 8, n); }
/* high:low = rdx * s, unsigned; if high and low are one register, it has the high half */
static inline void x86_mulx(struct jit_buf *b, unsigned width, enum x86_reg high, enum x86_reg low, enum x86_reg s) { x86_vex(b, width, X86_PP_F2, X86_MAP_0F38, 0xf6, high, low, s); }

/* clang-format on */

#endif

/* enc_alu.h: arithmetic on registers and immediates. Part of enc.h, which says how to read it. */
#ifndef BPFLAB_JIT_X86_64_ENC_ALU_H
#define BPFLAB_JIT_X86_64_ENC_ALU_H

/* clang-format off */

/* enum x86_bin, x86_shift, x86_unary: operations that share their formats; the number is part of
 * the opcode. Counts of shifts are taken modulo the width, 32 or 64. */
enum x86_bin { X86_ADD = 0, X86_OR = 1, X86_AND = 4, X86_SUB = 5, X86_XOR = 6, X86_CMP = 7 };
enum x86_shift { X86_ROL = 0, X86_SHL = 4, X86_SHR = 5, X86_SAR = 7 };
enum x86_unary {
    X86_NOT = 2, X86_NEG = 3,   /* r = op r */
    X86_MUL = 4, X86_IMUL = 5,  /* rdx:rax = rax * r */
    X86_DIV = 6, X86_IDIV = 7,  /* rax, rdx = quotient and remainder of rdx:rax and r */
};

/* d = d op s; memory of 8 to 64 bits, registers of 32 and 64. */
static inline void x86_bin_rr(struct jit_buf *b, unsigned width, enum x86_bin op, enum x86_reg d, enum x86_reg s) { x86_form_rr(b, width, (unsigned)op << 3 | 1, s, d); }
static inline void x86_bin_rm(struct jit_buf *b, unsigned width, enum x86_bin op, enum x86_reg d, struct x86_mem m) { x86_form_rm(b, width, x86_wide(width, (unsigned)op << 3 | 3), d, m); }
static inline void x86_bin_mr(struct jit_buf *b, unsigned width, enum x86_bin op, struct x86_mem m, enum x86_reg s) { x86_form_rm(b, width, x86_wide(width, (unsigned)op << 3 | 1), s, m); }

/* d = d op k, k sign-extended: in a byte if it fits; without ModRM for rax if it does not. */
static inline void x86_bin_ri(struct jit_buf *b, unsigned width, enum x86_bin op, enum x86_reg d, int32_t k) {
    if (x86_fits8(k))
        x86_form_r(b, width, false, 0x83, op, d);
    else if (d == X86_RAX)
        x86_form_o(b, width, (unsigned)op << 3 | 5, d);
    else
        x86_form_r(b, width, false, 0x81, op, d);
    x86_imm(b, x86_fits8(k) ? 8 : 32, k);
}

/* flags of a & s, of a & k; 8 to 64 bits */
static inline void x86_test_rr(struct jit_buf *b, unsigned width, enum x86_reg a, enum x86_reg s) { x86_form_rr(b, width, x86_wide(width, 0x85), s, a); }
static inline void x86_test_ri(struct jit_buf *b, unsigned width, enum x86_reg a, int32_t k) {
    if (a == X86_RAX)
        x86_form_o(b, width, x86_wide(width, 0xa9), a);
    else
        x86_form_r(b, width, width == 8 && x86_no_high(a), x86_wide(width, 0xf7), 0, a);
    x86_imm(b, width, k);
}

static inline void x86_unary_r(struct jit_buf *b, unsigned width, enum x86_unary op, enum x86_reg r) { x86_form_r(b, width, false, 0xf7, op, r); }
static inline void x86_imul_rr(struct jit_buf *b, unsigned width, enum x86_reg d, enum x86_reg s) { x86_form_rr(b, width, 0x0faf, d, s); }
static inline void x86_imul_rri(struct jit_buf *b, unsigned width, enum x86_reg d, enum x86_reg a, int32_t k) {
    x86_form_rr(b, width, x86_fits8(k) ? 0x6b : 0x69, d, a);
    x86_imm(b, x86_fits8(k) ? 8 : width, k);
}

/* rdx, or edx: copies of the sign of rax; rax: eax sign-extended; eax: ax sign-extended */
static inline void x86_cqo(struct jit_buf *b, unsigned width) { x86_form_o(b, width, 0x99, X86_RAX); }
static inline void x86_cdqe(struct jit_buf *b) { x86_form_o(b, 64, 0x98, X86_RAX); }
static inline void x86_cwde(struct jit_buf *b) { x86_form_o(b, 32, 0x98, X86_RAX); }

/* r = r op n, 1 <= n < width; r = r op cl; widths 16 to 64 */
static inline void x86_shift_ri(struct jit_buf *b, unsigned width, enum x86_shift op, enum x86_reg r, unsigned n) {
    x86_form_r(b, width, false, n == 1 ? 0xd1 : 0xc1, op, r);
    if (n != 1)
        x86_imm(b, 8, n);
}
static inline void x86_shift_rc(struct jit_buf *b, unsigned width, enum x86_shift op, enum x86_reg r) { x86_form_r(b, width, false, 0xd3, op, r); }

/* Moves. _ri: 32 bits, zero-extended; _ri_signed: sign-extended to 64; _ri64: all 64. */
static inline void x86_mov_rr(struct jit_buf *b, unsigned width, enum x86_reg d, enum x86_reg s) { x86_form_rr(b, width, 0x89, s, d); }
static inline void x86_mov_ri(struct jit_buf *b, enum x86_reg d, uint32_t k) { x86_form_o(b, 32, 0xb8, d); jit_put(b, k, 4); }
static inline void x86_mov_ri_signed(struct jit_buf *b, enum x86_reg d, int32_t k) { x86_form_r(b, 64, false, 0xc7, 0, d); x86_imm(b, 32, k); }
static inline void x86_mov_ri64(struct jit_buf *b, enum x86_reg d, uint64_t k) { x86_form_o(b, 64, 0xb8, d); jit_put(b, k, 8); }

/* d, 32 or 64 bits wide, = the low 8, 16, 32 bits of s, extended */
static inline void x86_movzx8_rr(struct jit_buf *b, enum x86_reg d, enum x86_reg s) { x86_form_r(b, 32, x86_no_high(s), 0x0fb6, d, s); }
static inline void x86_movzx16_rr(struct jit_buf *b, enum x86_reg d, enum x86_reg s) { x86_form_r(b, 32, false, 0x0fb7, d, s); }
static inline void x86_movsx8_rr(struct jit_buf *b, unsigned width, enum x86_reg d, enum x86_reg s) { x86_form_r(b, width, x86_no_high(s), 0x0fbe, d, s); }
static inline void x86_movsx16_rr(struct jit_buf *b, unsigned width, enum x86_reg d, enum x86_reg s) { x86_form_r(b, width, false, 0x0fbf, d, s); }
static inline void x86_movsxd_rr(struct jit_buf *b, enum x86_reg d, enum x86_reg s) { x86_form_r(b, 64, false, 0x63, d, s); }

static inline void x86_bswap(struct jit_buf *b, unsigned width, enum x86_reg r) { x86_form_o(b, width, 0x0fc8, r); }
static inline void x86_lea(struct jit_buf *b, unsigned width, enum x86_reg d, struct x86_mem m) { x86_form_rm(b, width, 0x8d, d, m); }
/* d = m without a base: (index << shift) + disp, the displacement always of 32 bits */
static inline void x86_lea_scaled(struct jit_buf *b, unsigned width, enum x86_reg d, enum x86_reg index, unsigned shift, int32_t disp) {
    const unsigned rex = (unsigned)(d >> 3) << 2 | (unsigned)(index >> 3) << 1;
    struct x86_head h = x86_start(width, rex, false, 0x8d);
    h = x86_then(h, (d & 7) << 3 | X86_RSP);
    h = x86_then(h, shift << 6 | (index & 7) << 3 | X86_RBP);
    jit_put(b, h.bytes, h.n);
    jit_put(b, (uint32_t)disp, 4);
}

/* clang-format on */

#endif

/* enc_mem.h: loads, stores and atomic operations. Part of enc.h, which says how to read it. */
#ifndef BPFLAB_JIT_X86_64_ENC_MEM_H
#define BPFLAB_JIT_X86_64_ENC_MEM_H

/* clang-format off */

/* d = m, of 32 or 64 bits; of fewer bits, extended */
static inline void x86_mov_rm(struct jit_buf *b, unsigned width, enum x86_reg d, struct x86_mem m) { x86_form_rm(b, width, 0x8b, d, m); }
static inline void x86_movzx8_rm(struct jit_buf *b, enum x86_reg d, struct x86_mem m) { x86_form_rm(b, 32, 0x0fb6, d, m); }
static inline void x86_movzx16_rm(struct jit_buf *b, enum x86_reg d, struct x86_mem m) { x86_form_rm(b, 32, 0x0fb7, d, m); }
static inline void x86_movsx8_rm(struct jit_buf *b, unsigned width, enum x86_reg d, struct x86_mem m) { x86_form_rm(b, width, 0x0fbe, d, m); }
static inline void x86_movsx16_rm(struct jit_buf *b, unsigned width, enum x86_reg d, struct x86_mem m) { x86_form_rm(b, width, 0x0fbf, d, m); }
static inline void x86_movsxd_rm(struct jit_buf *b, enum x86_reg d, struct x86_mem m) { x86_form_rm(b, 64, 0x63, d, m); }
/* d = m with its bytes reversed, 32 or 64 bits (MOVBE) */
static inline void x86_movbe_rm(struct jit_buf *b, unsigned width, enum x86_reg d, struct x86_mem m) { x86_form_rm(b, width, 0x0f38f0, d, m); }

/* m = s; m = k: 8 to 64 bits, the immediate of 64 sign-extended from 32 */
static inline void x86_mov_mr(struct jit_buf *b, unsigned width, struct x86_mem m, enum x86_reg s) { x86_form_rm(b, width, x86_wide(width, 0x89), s, m); }
static inline void x86_mov_mi(struct jit_buf *b, unsigned width, struct x86_mem m, int32_t k) { x86_form_m(b, width, false, x86_wide(width, 0xc7), 0, m); x86_imm(b, width, k); }

/* Atomic, 32 or 64 bits. lock_bin: m = m op s. xadd: m += s, s = old m. xchg: exchanged.
 * cmpxchg: if m == rax, m = s, else rax = m; ZF says which. */
static inline void x86_lock(struct jit_buf *b) { jit_put(b, 0xf0, 1); }
static inline void x86_lock_bin_mr(struct jit_buf *b, unsigned width, enum x86_bin op, struct x86_mem m, enum x86_reg s) { x86_lock(b); x86_bin_mr(b, width, op, m, s); }
static inline void x86_lock_xadd_mr(struct jit_buf *b, unsigned width, struct x86_mem m, enum x86_reg s) { x86_lock(b); x86_form_rm(b, width, 0x0fc1, s, m); }
static inline void x86_lock_cmpxchg_mr(struct jit_buf *b, unsigned width, struct x86_mem m, enum x86_reg s) { x86_lock(b); x86_form_rm(b, width, 0x0fb1, s, m); }
static inline void x86_xchg_mr(struct jit_buf *b, unsigned width, struct x86_mem m, enum x86_reg s) { x86_form_rm(b, width, 0x87, s, m); }

/* The stack. */
static inline void x86_push(struct jit_buf *b, enum x86_reg r) { x86_form_o(b, 32, 0x50, r); }
static inline void x86_pop(struct jit_buf *b, enum x86_reg r) { x86_form_o(b, 32, 0x58, r); }
static inline void x86_push_m(struct jit_buf *b, struct x86_mem m) { x86_form_m(b, 32, false, 0xff, 6, m); }
static inline void x86_pop_m(struct jit_buf *b, struct x86_mem m) { x86_form_m(b, 32, false, 0x8f, 0, m); }

/* clang-format on */

#endif

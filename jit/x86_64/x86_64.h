/* x86_64.h: what the files of this back end share.
 *
 * There are two of it, jit_x86_64 and jit_x86_64_base. The first uses BMI2 and MOVBE, which all
 * machines of level x86-64-v3 have; the second does not and is for the others. They differ only in
 * what is named ..._base here: v3 is asked for in alu.c, div.c and mem.c, and nowhere else.
 */
#ifndef BPFLAB_JIT_X86_64_X86_64_H
#define BPFLAB_JIT_X86_64_X86_64_H

#include "jit/x86_64/enc.h"

/* ---- alu.c ---- */
void x86_alu(struct jit_buf *b, const struct jit_alu *a);
void x86_alu_base(struct jit_buf *b, const struct jit_alu *a);
void x86_constant(struct jit_buf *b, uint8_t reg, uint64_t value);

/* x86_move: d = s, nothing if they are one register of 64 bits. With width 32 the upper half
 * becomes 0. x86_load_imm: d = value, in the shortest way. x86_load_imm destroys the flags. */
static inline void x86_move(struct jit_buf *b, unsigned width, enum x86_reg d, enum x86_reg s) {
    if (width == 32 || d != s)
        x86_mov_rr(b, width, d, s);
}
void x86_load_imm(struct jit_buf *b, enum x86_reg d, uint64_t value);

/* ---- div.c: what rax and rdx are bound to ---- */
void x86_div(struct jit_buf *b, const struct jit_alu *a);
void x86_mulh(struct jit_buf *b, const struct jit_alu *a, bool v3);

/* ---- the others ---- */
void x86_load(struct jit_buf *b, const struct jit_mem *m);
void x86_load_base(struct jit_buf *b, const struct jit_mem *m);
void x86_store(struct jit_buf *b, const struct jit_mem *m);
void x86_atomic(struct jit_buf *b, const struct jit_atomic *a);

unsigned x86_site_bytes(const struct jit_site *s, unsigned form);
bool x86_site_fits(const struct jit_site *s, unsigned form, int64_t distance);
void x86_site(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance);

void x86_enter(struct jit_buf *b, const struct jit_frame *f);
void x86_leave(struct jit_buf *b, const struct jit_frame *f);
void x86_tail(struct jit_buf *b, const struct jit_frame *f);
uint32_t x86_stub(struct jit_buf *b);

/* x86_nops: n bytes that do nothing, in as few instructions as decoders like. */
void x86_nops(struct jit_buf *b, uint32_t n_bytes);

#endif

/* s390x.h: what the files of this back end share.
 *
 * Two facts shape most of it. 32-bit instructions leave the upper half of their register as it
 * was, so a result that must be zero-extended takes one more instruction, or a form that clears
 * it. And most immediates of eBPF fit into one instruction: 16 bits in the shorter one.
 */
#ifndef BPFLAB_JIT_S390X_H
#define BPFLAB_JIT_S390X_H

#include "jit/s390x/enc.h"

/* s390x_constant: a 64-bit constant into a machine register, 4 to 12 bytes; CC is kept.
 * s390x_constant_bytes: how many. */
void s390x_constant(struct jit_buf *b, enum s390x_gr r, uint64_t value);
unsigned s390x_constant_bytes(uint64_t value);

/* s390x_move: dst = a; of width 32 with zero above if zext, with anything there if not. */
void s390x_move(struct jit_buf *b, unsigned width, bool zext, enum s390x_gr dst, enum s390x_gr a);

/* struct s390x_mask: the bits first to last, counted from the most significant, around the end if
 * last < first: what one RISBG selects. */
struct s390x_mask {
    bool ok;
    uint8_t first, last;
};
struct s390x_mask s390x_mask(uint64_t bits);

/* s390x_is_dead: may an operation use r, beside its operands and its result? */
static inline bool s390x_is_dead(const struct jit_alu *a, enum jit_reg r) {
    return a->dead >> r & 1 && a->dst != r;
}

/* s390x_divide: UDIV, SDIV, UMOD, SMOD. s390x_mulh: MULHU, MULHS. */
void s390x_divide(struct jit_buf *b, const struct jit_alu *a);
void s390x_mulh(struct jit_buf *b, const struct jit_alu *a);

void s390x_alu(struct jit_buf *b, const struct jit_alu *a);
void s390x_load(struct jit_buf *b, const struct jit_mem *m);
void s390x_store(struct jit_buf *b, const struct jit_mem *m);
void s390x_atomic(struct jit_buf *b, const struct jit_atomic *a);

unsigned s390x_site_bytes(const struct jit_site *s, unsigned form);
bool s390x_site_fits(const struct jit_site *s, unsigned form, int64_t distance);
void s390x_site(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance);

void s390x_enter(struct jit_buf *b, const struct jit_frame *f);
void s390x_leave(struct jit_buf *b, const struct jit_frame *f);
void s390x_tail(struct jit_buf *b, const struct jit_frame *f);
uint32_t s390x_stub(struct jit_buf *b);

#endif

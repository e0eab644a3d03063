/* riscv64.h: what the files of this back end offer each other, as struct jit_arch asks for it. */
#ifndef BPFLAB_JIT_RISCV64_RISCV64_H
#define BPFLAB_JIT_RISCV64_RISCV64_H

#include "jit/riscv64/pick.h"

void riscv_enter(struct jit_buf *b, const struct jit_frame *f);
void riscv_leave(struct jit_buf *b, const struct jit_frame *f);
void riscv_tail(struct jit_buf *b, const struct jit_frame *f);
uint32_t riscv_stub(struct jit_buf *b);

void riscv_alu(struct jit_buf *b, const struct jit_alu *a);
void riscv_divide(struct jit_buf *b, const struct jit_alu *a); /* JOP_UDIV to JOP_SMOD */
void riscv_swap(struct jit_buf *b, const struct jit_alu *a);   /* JOP_BSWAP16 to JOP_BSWAP64 */

/* riscv_constant: of enum jit_reg. riscv_li: of any register. The shortest way that is known. */
void riscv_constant(struct jit_buf *b, uint8_t reg, uint64_t value);
void riscv_li(struct jit_buf *b, enum rv_reg rd, uint64_t value);

/* riscv_swap_pairs: rd = rs, of 4 or 8 bytes, with the two bytes of each 16 bits exchanged; what is
 * above those bytes is zero. t, u: two more registers to use, neither of them rd or rs. */
void riscv_swap_pairs(struct jit_buf *b, enum rv_reg rd, enum rv_reg rs, unsigned bytes,
                      enum rv_reg t, enum rv_reg u);

void riscv_mem_load(struct jit_buf *b, const struct jit_mem *m);
void riscv_mem_store(struct jit_buf *b, const struct jit_mem *m);
void riscv_atomic(struct jit_buf *b, const struct jit_atomic *a);

unsigned riscv_site_bytes(const struct jit_site *s, unsigned form);
bool riscv_site_fits(const struct jit_site *s, unsigned form, int64_t distance);
void riscv_site(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance);

/* riscv_spare: a register that an operation may overwrite: taken out of *dead (as in struct
 * jit_alu) if one there has short forms, else other. r6 to r9 may be the caller's: never they. */
static inline enum rv_reg riscv_spare(uint16_t *dead, enum rv_reg other) {
    for (unsigned r = JR_0; r <= JR_5; r++) {
        const uint16_t bit = (uint16_t)(1u << r);
        if (*dead & bit) {
            *dead ^= bit;
            return riscv_reg((uint8_t)r);
        }
    }
    return other;
}

#endif

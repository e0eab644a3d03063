/* arm64.h: what the files of this back end have of each other. */
#ifndef BPFLAB_JIT_ARM64_ARM64_H
#define BPFLAB_JIT_ARM64_ARM64_H

#include "jit/arm64/imm.h"

/* The functions of struct jit_arch. */
void arm64_enter(struct jit_buf *b, const struct jit_frame *f);
void arm64_leave(struct jit_buf *b, const struct jit_frame *f);
void arm64_tail(struct jit_buf *b, const struct jit_frame *f);
void arm64_alu(struct jit_buf *b, const struct jit_alu *a);
void arm64_constant(struct jit_buf *b, uint8_t reg, uint64_t value);
void arm64_load(struct jit_buf *b, const struct jit_mem *m);
void arm64_store(struct jit_buf *b, const struct jit_mem *m);
void arm64_atomic(struct jit_buf *b, const struct jit_atomic *a);
unsigned arm64_site_bytes(const struct jit_site *s, unsigned form);
bool arm64_site_fits(const struct jit_site *s, unsigned form, int64_t distance);
void arm64_site(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance);
uint32_t arm64_stub(struct jit_buf *b);

/* arm64_div: the four divisions, the part of arm64_alu in div.c. */
void arm64_div(struct jit_buf *b, const struct jit_alu *a);

/* arm64_width: of an operation. arm64_k: its immediate, as that wide an operand.
 * arm64_move: its destination = n, at its width; nothing where that changes nothing anybody sees.
 * arm64_second: its second operand in a register: b, or k in X_OPERAND (0 in XZR). */
static inline enum arm64_sf arm64_width(const struct jit_alu *a) {
    return a->width == 64 ? ARM64_X : ARM64_W;
}

static inline uint64_t arm64_k(const struct jit_alu *a) {
    return (uint64_t)a->k & arm64_mask(arm64_width(a));
}

void arm64_move(struct jit_buf *b, const struct jit_alu *a, enum arm64_reg n);
enum arm64_reg arm64_second(struct jit_buf *b, const struct jit_alu *a);

/* arm64_set: reg = value, in as few instructions as arm64_set_count says, 1 to 4. */
void arm64_set(struct jit_buf *b, enum arm64_reg reg, uint64_t value);
unsigned arm64_set_count(uint64_t value);

/* arm64_address: a register that holds base + off: base itself, or X_OPERAND. */
enum arm64_reg arm64_address(struct jit_buf *b, uint8_t base, int32_t off);

/* The part of JSITE_BRANCH in branch.c.
 * arm64_far: jump or call to any distance from its first byte, in ARM64_FAR_BYTES. */
enum {
    ARM64_FAR_BYTES = 20
};
unsigned arm64_branch_bytes(const struct jit_site *s, unsigned form);
bool arm64_branch_fits(const struct jit_site *s, unsigned form, int64_t distance);
void arm64_branch(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance);
void arm64_far(struct jit_buf *b, int64_t distance, bool call);

#endif

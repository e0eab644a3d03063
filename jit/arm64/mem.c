/* mem.c: loads and stores.
 *
 * An offset is in the instruction where it fits scaled (unsigned, 12 bits) or unscaled (signed, 9
 * bits), else in X_OPERAND as an index. With order there is only the plain address.
 */
#include "jit/arm64/arm64.h"
#include "jit/arm64/enc_mem.h"

static unsigned log_bytes(unsigned bytes) {
    return (unsigned)__builtin_ctz(bytes);
}

static void access(struct jit_buf *b, enum arm64_access how, enum arm64_reg t, uint8_t base,
                   int32_t off) {
    const enum arm64_reg n = arm64_reg(base);
    const unsigned size = how & 3;
    if (off >= 0 && off >> size <= 0xfff && off >> size << size == off) {
        arm64_scaled(b, how, t, n, (uint32_t)off);
    } else if (arm64_fits(off, 9)) {
        arm64_unscaled(b, how, t, n, off);
    } else {
        arm64_set(b, X_OPERAND, (uint64_t)(int64_t)off);
        arm64_indexed(b, how, t, n, X_OPERAND);
    }
}

void arm64_load(struct jit_buf *b, const struct jit_mem *m) {
    const unsigned size = log_bytes(m->bytes);
    const enum arm64_reg t = arm64_reg(m->reg);
    if (m->order) {
        arm64_ldar(b, size, t, arm64_address(b, m->base, m->off));
        return;
    }
    const enum arm64_access plain = (enum arm64_access)((unsigned)ARM64_LDRB + size);
    const enum arm64_access extending = (enum arm64_access)((unsigned)ARM64_LDRSB + size);
    access(b, m->sign ? extending : plain, t, m->base, m->off);
    if (m->swap && m->bytes == 8)
        arm64_rev_x(b, t, t);
    else if (m->swap && m->bytes == 4)
        arm64_rev_w(b, t, t);
    else if (m->swap && m->bytes == 2)
        arm64_rev16_w(b, t, t); /* the upper half is zero and stays so */
}

/* stored: the register to store; of an immediate only the bytes stored matter. */
static enum arm64_reg stored(struct jit_buf *b, const struct jit_mem *m) {
    if (!m->imm)
        return arm64_reg(m->reg);
    const uint64_t k = (uint64_t)m->k & (UINT64_MAX >> (64 - 8 * m->bytes));
    if (k == 0)
        return XZR;
    arm64_set(b, X_VALUE, k);
    return X_VALUE;
}

void arm64_store(struct jit_buf *b, const struct jit_mem *m) {
    const unsigned size = log_bytes(m->bytes);
    const enum arm64_reg t = stored(b, m);
    if (m->order)
        arm64_stlr(b, size, t, arm64_address(b, m->base, m->off));
    else
        access(b, (enum arm64_access)((unsigned)ARM64_STRB + size), t, m->base, m->off);
}

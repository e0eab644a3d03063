/* mem.c: loads and stores.
 *
 * Every load that extends to 64 bits has a displacement of 20 bits, signed, and all offsets of the
 * contract fit. The machine loads with reversed bytes, too. Its memory order lets a store be
 * overtaken by a later load and nothing else: acquire and release come with every access.
 */
#include "jit/s390x/s390x.h"

/* load_swapped: the forms of 2 and 4 bytes write no more than those. */
static void load_swapped(struct jit_buf *b, const struct jit_mem *m, enum s390x_gr r, int32_t off,
                         enum s390x_gr base) {
    switch (m->bytes) {
    case 2:
        s390x_lrvh(b, r, off, base);
        s390x_llghr(b, r, r);
        return;
    case 4:
        s390x_lrv(b, r, off, base);
        s390x_llgfr(b, r, r);
        return;
    default: s390x_lrvg(b, r, off, base);
    }
}

/* offset: from the machine register that stands for the base. */
static int32_t offset(const struct jit_mem *m) {
    return m->base == JR_SLOTS ? m->off + S390X_SLOTS : m->off;
}

void s390x_load(struct jit_buf *b, const struct jit_mem *m) {
    const enum s390x_gr r = s390x_gr(m->reg), base = s390x_gr(m->base);
    const int32_t off = offset(m);
    if (m->swap) {
        load_swapped(b, m, r, off, base);
        return;
    }
    switch (m->bytes) {
    case 1: (m->sign ? s390x_lgb : s390x_llgc)(b, r, off, base); return;
    case 2: (m->sign ? s390x_lgh : s390x_llgh)(b, r, off, base); return;
    case 4: (m->sign ? s390x_lgf : s390x_llgf)(b, r, off, base); return;
    default: s390x_lg(b, r, off, base);
    }
}

static void store_register(struct jit_buf *b, unsigned bytes, enum s390x_gr r, int32_t off,
                           enum s390x_gr base) {
    const bool near = s390x_fits_unsigned(off, 12);
    switch (bytes) {
    case 1: (near ? s390x_stc : s390x_stcy)(b, r, off, base); return;
    case 2: (near ? s390x_sth : s390x_sthy)(b, r, off, base); return;
    case 4: (near ? s390x_st : s390x_sty)(b, r, off, base); return;
    default: s390x_stg(b, r, off, base);
    }
}

/* store_constant: in one instruction, if the machine has it: any byte, and 16 bits (signed) to a
 * near address. */
static bool store_constant(struct jit_buf *b, unsigned bytes, int64_t k, int32_t off,
                           enum s390x_gr base) {
    const bool near = s390x_fits_unsigned(off, 12);
    const int64_t cut = bytes == 2 ? (int16_t)k : bytes == 4 ? (int32_t)k : k;
    if (bytes == 1) {
        (near ? s390x_mvi : s390x_mviy)(b, off, base, k & UINT8_MAX);
        return true;
    }
    if (!near || !s390x_fits_signed(cut, 16))
        return false;
    (bytes == 2 ? s390x_mvhhi : bytes == 4 ? s390x_mvhi : s390x_mvghi)(b, off, base, cut);
    return true;
}

void s390x_store(struct jit_buf *b, const struct jit_mem *m) {
    const enum s390x_gr base = s390x_gr(m->base);
    const int32_t off = offset(m);
    if (!m->imm) {
        store_register(b, m->bytes, s390x_gr(m->reg), off, base);
        return;
    }
    if (store_constant(b, m->bytes, m->k, off, base))
        return;
    s390x_constant(b, GR_PRIVATE, (uint64_t)(m->bytes == 2 ? (int16_t)m->k : m->k));
    store_register(b, m->bytes, GR_PRIVATE, off, base);
}

/* mem.c: loads and stores. The machine takes any alignment. Twelve bits of offset are free; farther
 * away, the address is made first. */
#include "jit/riscv64/riscv64.h"

/* struct place: an address as instructions take it. */
struct place {
    enum rv_reg base;
    int64_t off;
};

/* reach: base + off, and so many bytes from there; t may be overwritten. */
static struct place reach(struct jit_buf *b, uint8_t base, int64_t off, unsigned bytes,
                          enum rv_reg t) {
    const enum rv_reg r = riscv_reg(base);
    const int64_t last = bytes - 1, half = off < 0 ? -2048 : 2047;
    if (rv_fits(12, off) && rv_fits(12, off + last))
        return (struct place){r, off};
    if (rv_fits(12, off - half) && rv_fits(12, off - half + last)) {
        riscv_addi(b, t, r, half);
        return (struct place){t, off - half};
    }
    int64_t low = (int64_t)((uint64_t)off << 52) >> 52;
    if (!rv_fits(12, low + last))
        low = 0;
    riscv_li(b, t, (uint64_t)(off - low));
    riscv_add(b, t, t, r);
    return (struct place){t, low};
}

/* load_reversed: part by part, the lowest first into the highest bits. Parts are bytes; of 8 bytes
 * they are pairs, swapped afterwards all at once, which takes less than eight loads. */
static void load_reversed(struct jit_buf *b, enum rv_reg rd, struct place p, unsigned bytes) {
    const unsigned part = bytes == 8 ? 2 : 1;
    const enum rv_i op = part == 2 ? RV_LHU : RV_LBU;
    riscv_load(b, op, RV_T0, p.base, p.off);
    for (unsigned i = part; i < bytes; i += part) {
        /* rd may be the base: it is written last */
        const bool end = i + part == bytes;
        const enum rv_reg r = end ? rd : RV_T1;
        riscv_load(b, op, r, p.base, p.off + i);
        riscv_slli(b, RV_T0, RV_T0, 8 * part);
        riscv_logic(b, RV_OR, end ? rd : RV_T0, RV_T0, r);
    }
    if (part == 2)
        riscv_swap_pairs(b, rd, rd, 8, RV_T0, RV_T1);
}

void riscv_mem_load(struct jit_buf *b, const struct jit_mem *m) {
    const enum rv_reg rd = riscv_reg(m->reg);
    const struct place p = reach(b, m->base, m->off, m->swap ? m->bytes : 1, RV_T2);
    if (m->swap) {
        load_reversed(b, rd, p, m->bytes);
        return;
    }
    const enum rv_i op = m->bytes == 1   ? (m->sign ? RV_LB : RV_LBU)
                         : m->bytes == 2 ? (m->sign ? RV_LH : RV_LHU)
                         : m->bytes == 4 ? (m->sign ? RV_LW : RV_LWU)
                                         : RV_LD;
    riscv_load(b, op, rd, p.base, p.off);
    if (m->order)
        rv_fence(b, RV_R, RV_RW);
}

void riscv_mem_store(struct jit_buf *b, const struct jit_mem *m) {
    const struct place p = reach(b, m->base, m->off, 1, RV_T2);
    enum rv_reg rs = m->imm ? RV_ZERO : riscv_reg(m->reg);
    if (m->imm) {
        /* of what is stored, as a signed number: the shortest to make */
        const unsigned above = 64u - 8u * m->bytes;
        const int64_t k = (int64_t)((uint64_t)m->k << above) >> above;
        if (k) {
            rs = RV_T0;
            riscv_li(b, rs, (uint64_t)k);
        }
    }
    if (m->order)
        rv_fence(b, RV_RW, RV_W);
    const enum rv_s op = m->bytes == 1   ? RV_SB
                         : m->bytes == 2 ? RV_SH
                         : m->bytes == 4 ? RV_SW
                                         : RV_SD;
    riscv_store(b, op, rs, p.base, p.off);
}

/* magnitude_shifts.c: shifts that the driver makes one operation of. */
#include "engine/tests/magnitude_parts.h"

void mag_shifts(struct mag_program *p) {
    struct gen *const g = &p->g;
    const bool w64 = gen_chance(g, 2), sign = gen_chance(g, 2);
    const unsigned d = gen_pick(g, 10), a = mag_other(g, d, d);
    static const uint8_t bits[4] = {8, 16, 32, 32};
    const int w = w64 ? 64 : 32;
    int k = w - bits[gen_pick(g, 4)];
    if (gen_chance(g, 4))
        k = (int)gen_pick(g, (unsigned)w);
    const int k2 = gen_chance(g, 8) ? (int)gen_pick(g, (unsigned)w) : k;
    mag_input(p, d);
    mag_input(p, a);
    if (gen_chance(g, 2))
        gen_op(g, gen_chance(g, 3) ? OP_MOV32_REG : OP_MOV64_REG, d, a, 0, 0);
    gen_op(g, w64 ? OP_LSH64_IMM : OP_LSH32_IMM, d, 0, 0, k);
    if (w64)
        gen_op(g, sign ? OP_ARSH64_IMM : OP_RSH64_IMM, d, 0, 0, k2);
    else
        gen_op(g, sign ? OP_ARSH32_IMM : OP_RSH32_IMM, d, 0, 0, k2);
    p->blocks[p->n_blocks].last = g->n - 1;
    mag_result(p, d);
    if (gen_chance(g, 4))
        mag_result(p, a);
}

void mag_rotate(struct mag_program *p) {
    struct gen *const g = &p->g;
    const unsigned x = gen_pick(g, 10), t = mag_other(g, x, x);
    const bool w64 = gen_chance(g, 2), first_t = gen_chance(g, 2), left = gen_chance(g, 2);
    static const uint8_t shl[2] = {OP_LSH32_IMM, OP_LSH64_IMM};
    static const uint8_t shr[2] = {OP_RSH32_IMM, OP_RSH64_IMM};
    static const uint8_t join32[3] = {OP_OR32_REG, OP_XOR32_REG, OP_ADD32_REG};
    static const uint8_t join64[3] = {OP_OR64_REG, OP_XOR64_REG, OP_ADD64_REG};
    const int w = w64 ? 64 : 32, k = 1 + (int)gen_pick(g, (unsigned)w - 1);
    const int k2 = gen_chance(g, 8) ? (int)gen_pick(g, (unsigned)w) : w - k;
    const bool to_t = gen_chance(g, 2), narrow = gen_chance(g, w64 ? 6 : 2);
    mag_input(p, x);
    gen_op(g, gen_chance(g, 4) ? OP_MOV32_REG : OP_MOV64_REG, t, x, 0, 0);
    gen_op(g, (enum op)(left ? shl : shr)[w64], first_t ? t : x, 0, 0, k);
    gen_op(g, (enum op)(left ? shr : shl)[w64], first_t ? x : t, 0, 0, k2);
    gen_op(g, (enum op)(narrow ? join32 : join64)[gen_pick(g, 3)], to_t ? t : x, to_t ? x : t, 0,
           0);
    p->blocks[p->n_blocks].last = g->n - 1;
    mag_result(p, to_t ? t : x);
    if (gen_chance(g, 5))
        mag_result(p, to_t ? x : t);
    else
        gen_mov(g, to_t ? x : t, 0);
}

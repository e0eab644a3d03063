/* magnitude_memory.c: loads, stores, and addresses that are made just before them. */
#include "engine/tests/magnitude_parts.h"

#include "engine/tests/jit_rig.h"
#include "engine/tests/magnitude_values.h"

static const uint8_t loads[7] = {OP_LDXB, OP_LDXH, OP_LDXW, OP_LDXDW, OP_LDXSB, OP_LDXSH, OP_LDXSW};
static const uint8_t stores[4] = {OP_STXB, OP_STXH, OP_STXW, OP_STXDW};
static const uint8_t imm_stores[4] = {OP_STB, OP_STH, OP_STW, OP_STDW};

/* Of any alignment, inside the operands. */
static int input_off(struct gen *g) {
    return -8 - (int)gen_pick(g, 8 * N_MAG_INPUTS - 7);
}

static void load(struct mag_program *p) {
    struct gen *const g = &p->g;
    const unsigned d = gen_pick(g, 10), base = mag_other(g, d, d);
    const enum op op = (enum op)loads[gen_pick(g, 7)];
    p->seen.ops[op]++;
    if (gen_chance(g, 2)) {
        gen_op(g, op, d, REG_FP, input_off(g), 0);
    } else { /* into its own base, perhaps */
        const unsigned r = gen_chance(g, 2) ? d : base;
        gen_op(g, OP_MOV64_REG, r, REG_FP, 0, 0);
        gen_op(g, op, d, r, input_off(g), 0);
    }
    mag_result(p, d);
}

static void swap(struct mag_program *p) {
    struct gen *const g = &p->g;
    static const uint8_t ends[9] = {OP_LE16, OP_LE32,    OP_LE64,    OP_BE16,   OP_BE32,
                                    OP_BE64, OP_BSWAP16, OP_BSWAP32, OP_BSWAP64};
    const unsigned d = gen_pick(g, 10), size = gen_pick(g, 3);
    const unsigned bits = gen_chance(g, 6) ? gen_pick(g, 3) : size;
    gen_op(g, (enum op)loads[gen_chance(g, 8) ? 4 + size : 1 + size], d, REG_FP, input_off(g), 0);
    gen_op(g, (enum op)ends[3 * gen_pick(g, 3) + bits], d, 0, 0, 0);
    p->blocks[p->n_blocks].last = g->n - 1;
    mag_result(p, d);
}

static void store(struct mag_program *p) {
    struct gen *const g = &p->g;
    const unsigned i = gen_pick(g, 4);
    const enum op op = (enum op)imm_stores[i];
    gen_op(g, op, REG_FP, 0, -8 * (int)(p->slot + 1) + (int)gen_pick(g, 8 - (1u << i) + 1),
           magnitude_imm(p->seen.ops[op]++));
    p->slot++;
    const unsigned s = gen_pick(g, 10), k = gen_pick(g, 4);
    mag_input(p, s);
    gen_op(g, (enum op)stores[k], REG_FP, s,
           -8 * (int)(p->slot + 1) + (int)gen_pick(g, 8 - (1u << k) + 1), 0);
    p->seen.ops[stores[k]]++;
    p->slot++;
}

/* Something through r, which points into the map's value; r is read afterwards, or not. */
static void through(struct mag_program *p, unsigned r, unsigned s, int off) {
    struct gen *const g = &p->g;
    const unsigned kind = gen_pick(g, 4);
    unsigned d = gen_chance(g, 2) ? r : s;
    enum op op;
    if (kind < 2) {
        op = (enum op)loads[gen_pick(g, 7)];
        gen_op(g, op, d, r, off, 0);
        p->blocks[p->n_blocks].last = g->n - 1;
        if (op_table[op].width_bits > 8 && gen_chance(g, 3))
            gen_op(g,
                   gen_chance(g, 2)                ? OP_BE16
                   : op_table[op].width_bits == 64 ? OP_BE64
                                                   : OP_BE32,
                   d, 0, 0, 0);
        mag_result(p, d);
    } else if (kind == 2) {
        op = (enum op)stores[gen_pick(g, 4)];
        gen_op(g, op, r, gen_chance(g, 8) ? r : s, off, 0);
        p->blocks[p->n_blocks].last = g->n - 1;
        d = s;
    } else {
        op = (enum op)imm_stores[gen_pick(g, 4)];
        gen_op(g, op, r, 0, off, magnitude_imm(check_random(&g->seed)));
        p->blocks[p->n_blocks].last = g->n - 1;
        d = s;
    }
    p->seen.ops[op]++;
    if (gen_chance(g, 4))
        mag_result(p, r);
    else if (d != r)
        gen_mov(g, r, 0);
}

/* An index of one byte. */
static void index_to(struct mag_program *p, unsigned i) {
    gen_op(&p->g, OP_LDXB, i, REG_FP, input_off(&p->g), 0);
}

static void value(struct mag_program *p) {
    struct gen *const g = &p->g;
    const unsigned r = gen_pick(g, 10), s = mag_other(g, r, r), i = mag_other(g, r, s);
    const unsigned second = gen_chance(g, 4) ? s : i; /* the index may be what is stored */
    mag_input(p, s);
    index_to(p, second);
    gen_imm64(g, OP_LDDW_MAP_IDX_VALUE, r, RIG_DATA, 512 + (int32_t)gen_pick(g, 2048));
    if (gen_chance(g, 2))
        gen_op(g, OP_ADD64_REG, r, second, 0, 0);
    through(p, r, s, (int)gen_pick(g, 1000) - 500);
}

static void sum(struct mag_program *p) {
    struct gen *const g = &p->g;
    const unsigned r = gen_pick(g, 10), s = mag_other(g, r, r), i = mag_other(g, r, s);
    unsigned base = mag_other(g, r, i);
    const bool by_mov = !gen_chance(g, 3), frame = by_mov && gen_chance(g, 4);
    const unsigned second = gen_chance(g, 6) && base != s ? s : i;
    mag_input(p, s);
    index_to(p, second);
    if (!frame)
        gen_imm64(g, OP_LDDW_MAP_IDX_VALUE, by_mov ? base : r, RIG_DATA, 1024);
    if (by_mov)
        gen_op(g, OP_MOV64_REG, r, frame ? REG_FP : base, 0, 0);
    gen_op(g, OP_ADD64_REG, r, second, 0, 0);
    if (frame) { /* only operands are in reach: read them */
        const enum op op = (enum op)loads[gen_pick(g, 7)];
        const unsigned d = gen_chance(g, 2) ? r : s;
        gen_op(g, op, d, r, -8 * N_MAG_INPUTS - 8 - (int)gen_pick(g, 248), 0);
        p->blocks[p->n_blocks].last = g->n - 1;
        mag_result(p, d);
        gen_mov(g, r, 0);
        return;
    }
    through(p, r, s, (int)gen_pick(g, 1000) - 500);
}

void mag_memory(struct mag_program *p, enum mag_shape shape) {
    switch ((int)shape) {
    case MAG_LOAD: load(p); break;
    case MAG_SWAP: swap(p); break;
    case MAG_STORE: store(p); break;
    case MAG_VALUE: value(p); break;
    default: sum(p); break;
    }
}

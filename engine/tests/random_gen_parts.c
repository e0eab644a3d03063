/* random_gen_parts.c: memory accesses and calls of random programs. */
#include "engine/tests/jit_rig.h"
#include "engine/tests/random_gen.h"

static const uint8_t loads[7] = {OP_LDXB, OP_LDXH, OP_LDXW, OP_LDXDW, OP_LDXSB, OP_LDXSH, OP_LDXSW};
static const uint8_t stores[8] = {OP_STXB, OP_STXH, OP_STXW, OP_STXDW,
                                  OP_STB,  OP_STH,  OP_STW,  OP_STDW};

/* An access of 1 to 8 bytes at off from base. */
static void access_at(struct rnd_program *p, unsigned base, int off) {
    struct gen *const g = &p->g;
    if (gen_chance(g, 2)) {
        const unsigned d = rnd_reg(p);
        const enum op op = (enum op)loads[gen_pick(g, 7)];
        rnd_op(p, op, d, base, off, 0);
        if (gen_chance(g, 6))
            rnd_op(p, op_table[op].width_bits == 16 ? OP_BE16 : OP_BSWAP32, d, 0, 0, 0);
    } else {
        rnd_op(p, (enum op)stores[gen_pick(g, 8)], base, rnd_reg(p), off,
               (int32_t)check_random(&g->seed));
    }
}

static int frame_off(struct gen *g, unsigned align) {
    const unsigned room = (unsigned)(-RND_FRAME_LOW - 8) / align;
    return -8 - (int)(gen_pick(g, room + 1) * align);
}

static void data_access(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const unsigned r = rnd_reg(p), i = rnd_other(p, r);
    const bool indexed = !gen_chance(g, 3);
    if (indexed)
        rnd_op(p, gen_chance(g, 2) ? OP_AND64_IMM : OP_AND32_IMM, i, 0, 0, 0x7ff);
    p->ops[OP_LDDW_MAP_IDX_VALUE]++;
    if (gen_chance(g, 3) && indexed) { /* a third register has the base */
        const unsigned b = rnd_other(p, i);
        gen_imm64(g, OP_LDDW_MAP_IDX_VALUE, b, RIG_DATA, 512);
        if (b != r)
            rnd_op(p, OP_MOV64_REG, r, b, 0, 0);
    } else {
        gen_imm64(g, OP_LDDW_MAP_IDX_VALUE, r, RIG_DATA, 512);
    }
    if (indexed)
        rnd_op(p, OP_ADD64_REG, r, i, 0, 0);
    access_at(p, r, (int)gen_pick(g, 800) - 400);
    if (gen_chance(g, 3))
        gen_mov(g, r, 1);
}

static enum op pick_atomic(struct gen *g) {
    enum op op;
    do
        op = (enum op)gen_pick(g, N_OPS);
    while (op_table[op].cls < CLASS_ATOMIC_RMW || op_table[op].cls > CLASS_ATOMIC_STORE);
    return op;
}

static void atomic(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const enum op op = pick_atomic(g);
    const unsigned bytes = op_table[op].width_bits / 8;
    const bool frame = gen_chance(g, 2), load = op_table[op].cls == CLASS_ATOMIC_LOAD;
    unsigned base = REG_FP;
    int off = frame ? frame_off(g, bytes) : (int)(bytes * gen_pick(g, 100));
    const unsigned r = rnd_reg(p);
    if (!frame) {
        base = gen_chance(g, 4) ? r : rnd_other(p, r);
        gen_imm64(g, OP_LDDW_MAP_IDX_VALUE, base, RIG_DATA, 1024);
    }
    if (p->risky && gen_chance(g, 12))
        off += 1;
    if (op_table[op].cls == CLASS_ATOMIC_CMPXCHG && gen_chance(g, 2) && base != 0)
        rnd_op(p, bytes == 4 ? OP_LDXW : OP_LDXDW, 0, base, off, 0); /* it will succeed */
    rnd_op(p, op, load ? r : base, load ? base : r, off, 0);
}

void rnd_memory(struct rnd_program *p) {
    struct gen *const g = &p->g;
    switch (gen_pick(g, 4)) {
    case 0: access_at(p, REG_FP, frame_off(g, 1)); break;
    case 1: atomic(p); break;
    default: data_access(p); break;
    }
}

/* ---- calls ---- */

/* r1 to r5 are anybody's after a call. */
static void refill(struct rnd_program *p) {
    struct gen *const g = &p->g;
    for (unsigned r = 1; r <= 5; r++)
        if (gen_chance(g, 4))
            gen_mov(g, r, (int32_t)check_random(&g->seed));
        else
            gen_op(g, OP_MOV64_REG, r, gen_chance(g, 4) ? 0 : rnd_kept(p), 0, 0);
}

/* Mostly a later function; any one, now and then, where the depth may be exceeded. */
static uint32_t callee(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const uint32_t later = p->n_funcs - p->func - 1;
    return !later || (p->risky && gen_chance(g, 6)) ? gen_pick(g, p->n_funcs)
                                                    : p->func + 1 + gen_pick(g, later);
}

static void to_function(struct rnd_program *p, uint32_t func) {
    p->fixups[p->n_fixups].pc = p->g.n;
    p->fixups[p->n_fixups++].func = func;
}

static bool can_call(const struct rnd_program *p) {
    return p->n_funcs > 1 && (p->func + 1 < p->n_funcs || p->risky);
}

static void local(struct rnd_program *p) {
    to_function(p, callee(p));
    rnd_op(p, OP_CALL_LOCAL, 0, 0, 0, 0);
}

static void loop_helper(struct rnd_program *p) {
    struct gen *const g = &p->g;
    gen_mov(g, 1, (int32_t)gen_pick(g, 4));
    p->ops[OP_LDDW_CODE]++;
    to_function(p, callee(p));
    gen_imm64(g, OP_LDDW_CODE, 2, 0, 0);
    gen_op(g, OP_MOV64_REG, 3, rnd_kept(p), 0, 0);
    gen_mov(g, 4, 0);
    rnd_op(p, OP_CALL, 0, 0, 0, 181);
}

/* A key in the frame, then a lookup, and what it found. */
static void lookup(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const int key = frame_off(g, 4);
    rnd_op(p, OP_STW, REG_FP, 0, key, (int32_t)gen_pick(g, RIG_ARRAY_ENTRIES + 2));
    gen_op(g, OP_MOV64_REG, 2, REG_FP, 0, 0);
    gen_op(g, OP_ADD64_IMM, 2, 0, 0, key);
    p->ops[OP_LDDW_MAP_IDX]++;
    gen_imm64(g, OP_LDDW_MAP_IDX, 1, gen_chance(g, 4) ? RIG_DATA : RIG_ARRAY, 0);
    if (gen_chance(g, 4)) {
        gen_op(g, OP_MOV64_REG, 3, REG_FP, 0, 0);
        gen_op(g, OP_ADD64_IMM, 3, 0, 0, -RIG_ARRAY_BYTES - (int)gen_pick(g, 300));
        gen_imm64(g, OP_LDDW_MAP_IDX, 1, RIG_ARRAY, 0);
        gen_mov(g, 4, (int32_t)gen_pick(g, 4));
        rnd_op(p, OP_CALL, 0, 0, 0, 2);
        return;
    }
    rnd_op(p, OP_CALL, 0, 0, 0, 1);
    const unsigned r = rnd_kept(p);
    gen_op(g, OP_MOV64_REG, r, 0, 0, 0);
    rnd_op(p, OP_JEQ64_IMM, r, 0, 2, 0);
    rnd_op(p, (enum op)stores[gen_pick(g, 8)], r, rnd_kept(p),
           (int)gen_pick(g, RIG_ARRAY_BYTES - 7), 77);
    rnd_op(p, (enum op)loads[gen_pick(g, 7)], 0, r, (int)gen_pick(g, RIG_ARRAY_BYTES - 7), 0);
}

static int32_t plain_helper(struct rnd_program *p) {
    static const int32_t numbers[4] = {5, 7, 8, 125}; /* clock, random number, CPU, clock */
    return p->risky && gen_chance(&p->g, 12) ? gen_chance(&p->g, 2) ? 0 : 4000
                                             : numbers[gen_pick(&p->g, 4)];
}

static void callx(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const unsigned r = rnd_reg(p);
    gen_mov(g, r, plain_helper(p));
    const bool in_imm = r && gen_chance(g, 2);
    rnd_op(p, OP_CALLX, in_imm ? 0 : r, 0, 0, in_imm ? (int32_t)r : 0);
}

void rnd_calls(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const unsigned kind = gen_pick(g, 8);
    if (!rnd_room(p, 64))
        return;
    if (kind < 3 && can_call(p))
        local(p);
    else if (kind == 3 && can_call(p))
        loop_helper(p);
    else if (kind == 4)
        callx(p);
    else if (kind < 7)
        lookup(p);
    else
        rnd_op(p, OP_CALL, 0, 0, 0, plain_helper(p));
    refill(p);
}

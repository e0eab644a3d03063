/* magnitude_blocks.c: blocks of arithmetic and jumps; magnitude_memory.c has those of memory,
 * magnitude_shifts.c those of shifts. */
#include "engine/tests/magnitude_blocks.h"

#include "engine/tests/magnitude_parts.h"
#include "engine/tests/magnitude_values.h"

const char *mag_shape_name(unsigned shape) {
    static const char *const names[N_MAG_SHAPES] = {
        "plain", "low",   "mov-op", "op-zext", "op-wide", "dead",      "shifts", "rotate", "load",
        "swap",  "store", "value",  "sum",     "jump",    "over-jump", "chain",  "const",
    };
    return names[shape];
}

void mag_input(struct mag_program *p, unsigned reg) {
    struct gen *const g = &p->g;
    static const uint8_t ops[8] = {OP_LDXDW, OP_LDXDW, OP_LDXDW, OP_LDXDW,
                                   OP_LDXDW, OP_LDXDW, OP_LDXW,  OP_LDXSW};
    const unsigned slot = gen_pick(g, N_MAG_INPUTS);
    gen_op(g, (enum op)ops[gen_pick(g, 8)], reg, REG_FP, -8 * (int)(slot + 1), 0);
}

void mag_result(struct mag_program *p, unsigned reg) {
    gen_op(&p->g, OP_STXDW, REG_FP, reg, -8 * (int)(p->slot + 1), 0);
    p->slot++;
}

/* Only the low bytes. */
static void low_result(struct mag_program *p, unsigned reg) {
    static const uint8_t ops[3] = {OP_STXW, OP_STXH, OP_STXB};
    gen_op(&p->g, (enum op)ops[gen_pick(&p->g, 3)], REG_FP, reg, -8 * (int)(p->slot + 1), 0);
    p->slot++;
}

unsigned mag_other(struct gen *g, unsigned a, unsigned b) {
    unsigned r;
    do
        r = gen_pick(g, 10);
    while (r == a || r == b);
    return r;
}

static bool is_alu(const struct op_info *row) {
    return row->cls <= CLASS_ALU_CAST;
}

static bool is_shift(enum op op) {
    const uint8_t code = op_table[op].code & 0xf0;
    return op_table[op].cls == CLASS_ALU_BINARY && (code == 0x60 || code == 0x70 || code == 0xc0);
}

static bool is_division(enum op op) {
    const uint8_t code = op_table[op].code & 0xf0;
    return op_table[op].cls == CLASS_ALU_BINARY && (code == 0x30 || code == 0x90);
}

static bool reads_src(const struct op_info *row) {
    return row->from_reg || row->cls == CLASS_ALU_SEXT || row->cls == CLASS_ALU_CAST;
}

/* The rows in turn: all that fit the class of rows wanted. */
static enum op next_op(struct mag_program *p, bool jumps) {
    enum op op;
    do
        op = (enum op)(p->turn[jumps]++ % N_OPS);
    while (jumps ? op_table[op].cls != CLASS_JMP_COND : !is_alu(&op_table[op]));
    return op;
}

static int32_t immediate(struct mag_program *p, enum op op) {
    struct gen *const g = &p->g;
    const uint64_t at = p->seen.ops[op];
    if (is_shift(op)) {
        const unsigned k = (unsigned)(at % op_table[op].width_bits);
        p->seen.shifts[k]++;
        return gen_chance(g, 16) ? (int32_t)check_random(&g->seed) : (int32_t)k;
    }
    const int32_t k = magnitude_imm(at);
    if (is_division(op) && k >= -300 && k <= 300)
        p->seen.divisors[k + 300]++;
    return gen_chance(g, 6) ? (int32_t)check_random(&g->seed) : k;
}

/* Registers in turn: all pairs, r10 as a source too. */
static void registers(struct mag_program *p, enum op op, unsigned *d, unsigned *s) {
    const unsigned pair = (unsigned)((p->seen.ops[op] * 7 + op * 13) % MAG_PAIRS);
    *d = pair % 10;
    *s = pair / 10;
    if (!reads_src(&op_table[op]))
        *s = *d;
}

struct operation {
    enum op op;
    unsigned d, s;
    int32_t imm;
};

static struct operation next_operation(struct mag_program *p, bool jumps) {
    struct operation o = {.op = next_op(p, jumps)};
    registers(p, o.op, &o.d, &o.s);
    o.imm = immediate(p, o.op);
    p->seen.ops[o.op]++;
    return o;
}

static void operands(struct mag_program *p, const struct operation *o) {
    mag_input(p, o->d);
    if (o->s != o->d && o->s != REG_FP)
        mag_input(p, o->s);
}

static void operate(struct mag_program *p, const struct operation *o) {
    gen_op(&p->g, o->op, o->d, o->s, 0, o->imm);
    if (reads_src(&op_table[o->op]))
        p->seen.pairs[10 * o->s + o->d]++;
}

static void plain(struct mag_program *p, const struct operation *o, bool low) {
    operands(p, o);
    operate(p, o);
    if (low)
        low_result(p, o->d);
    else
        mag_result(p, o->d);
    if (o->s != o->d && gen_chance(&p->g, 4)) /* the source is what it was */
        mag_result(p, o->s);
}

static void mov_op(struct mag_program *p, struct operation *o) {
    const unsigned a = gen_chance(&p->g, 12) ? REG_FP : mag_other(&p->g, o->d, o->s);
    operands(p, o);
    if (a != REG_FP)
        mag_input(p, a);
    if (reads_src(&op_table[o->op]) && gen_chance(&p->g, 4))
        o->s = gen_chance(&p->g, 2) ? a : o->d;
    gen_op(&p->g, gen_chance(&p->g, 3) ? OP_MOV32_REG : OP_MOV64_REG, o->d, a, 0, 0);
    operate(p, o);
    mag_result(p, o->d);
    if (gen_chance(&p->g, 4))
        mag_result(p, a);
}

static void op_zext(struct mag_program *p, const struct operation *o) {
    struct gen *const g = &p->g;
    const unsigned e = gen_chance(g, 2) ? o->d : mag_other(g, o->d, o->s);
    operands(p, o);
    operate(p, o);
    if (gen_chance(g, 2)) {
        gen_op(g, OP_MOV32_REG, e, o->d, 0, 0);
        mag_result(p, e);
    } else {
        gen_op(g, OP_LSH64_IMM, o->d, 0, 0, 32);
        gen_op(g, gen_chance(g, 2) ? OP_RSH64_IMM : OP_ARSH64_IMM, o->d, 0, 0, 32);
        mag_result(p, o->d);
    }
}

/* The upper half is read only through another register, or later, behind a jump. */
static void op_wide(struct mag_program *p, const struct operation *o) {
    struct gen *const g = &p->g;
    const unsigned e = mag_other(g, o->d, o->s);
    operands(p, o);
    operate(p, o);
    if (gen_chance(g, 3))
        gen_op(g, OP_JEQ32_IMM, o->d, 0, 0, 7);
    gen_op(g, OP_MOV64_REG, e, o->d, 0, 0);
    gen_op(g, gen_chance(g, 2) ? OP_ADD64_IMM : OP_RSH64_IMM, e, 0, 0, 1);
    if (gen_chance(g, 2))
        gen_mov(g, o->d, 3);
    mag_result(p, e);
}

static void dead(struct mag_program *p, const struct operation *o) {
    struct gen *const g = &p->g;
    const unsigned e = mag_other(g, o->d, o->s);
    operands(p, o);
    mag_input(p, e);
    operate(p, o);
    if (gen_chance(g, 2)) { /* on one of two ways */
        gen_op(g, OP_JSLT32_IMM, e, 0, 1, 0);
    }
    gen_mov(g, o->d, magnitude_imm(check_random(&g->seed)));
    mag_result(p, o->d);
    mag_result(p, e);
}

/* Which way a jump went, as a number. */
static void jump(struct mag_program *p, const struct operation *o) {
    struct gen *const g = &p->g;
    const unsigned e = mag_other(g, o->d, o->s);
    operands(p, o);
    gen_mov(g, e, 1);
    gen_op(g, o->op, o->d, o->s, 1, o->imm);
    gen_mov(g, e, 2);
    mag_result(p, e);
}

static void over_jump(struct mag_program *p, const struct operation *o) {
    struct gen *const g = &p->g;
    const unsigned e = mag_other(g, o->d, o->s);
    operands(p, o);
    gen_mov(g, e, 1);
    gen_op(g, o->op, o->d, o->s, 1, o->imm);
    gen_op(g, gen_chance(g, 2) ? OP_JA : OP_JA32, 0, 0, 1, 1);
    p->blocks[p->n_blocks].last = g->n - 1;
    gen_mov(g, e, 2);
    mag_result(p, e);
}

static void chain(struct mag_program *p, struct operation *o) {
    struct gen *const g = &p->g;
    const unsigned a = gen_pick(g, 10), b = mag_other(g, a, a), c = mag_other(g, a, b);
    const unsigned r[3] = {a, b, c};
    for (unsigned i = 0; i < 3; i++)
        mag_input(p, r[i]);
    for (unsigned i = 0, n = 2 + gen_pick(g, 5); i < n; i++) {
        o->d = r[gen_pick(g, 3)];
        o->s = r[gen_pick(g, 3)];
        operate(p, o);
        if (i + 1 < n)
            *o = next_operation(p, false);
    }
    for (unsigned i = 0; i < 3; i++)
        if (gen_chance(g, 2))
            mag_result(p, r[i]);
        else
            low_result(p, r[i]);
}

static void constant(struct mag_program *p, const struct operation *o) {
    struct gen *const g = &p->g;
    const uint64_t k = gen_chance(g, 4) ? check_random(&g->seed) : magnitude_at(p->turn[0]);
    mag_input(p, o->d);
    if (o->s != REG_FP)
        gen_imm64(g, OP_LDDW, o->s, (int32_t)(uint32_t)k, (int32_t)(k >> 32));
    operate(p, o);
    mag_result(p, o->d);
}

/* One block; most are plain. */
static void block(struct mag_program *p) {
    static const uint8_t turns[] = {
        MAG_PLAIN,  MAG_LOW,   MAG_MOV_OP, MAG_JUMP,  MAG_OP_ZEXT,   MAG_PLAIN, MAG_OP_WIDE,
        MAG_DEAD,   MAG_CHAIN, MAG_PLAIN,  MAG_CONST, MAG_OVER_JUMP, MAG_PLAIN, MAG_SHIFTS,
        MAG_ROTATE, MAG_SWAP,  MAG_VALUE,  MAG_SUM,   MAG_LOAD,      MAG_STORE,
    };
    struct gen *const g = &p->g;
    struct mag_block *const b = &p->blocks[p->n_blocks];
    const uint8_t shape = turns[gen_pick(g, sizeof turns)];
    *b = (struct mag_block){.pc = g->n, .slot = (uint16_t)p->slot, .shape = shape};
    struct operation o = next_operation(p, shape == MAG_JUMP || shape == MAG_OVER_JUMP);
    b->op = (uint8_t)o.op;
    switch ((enum mag_shape)shape) {
    case MAG_MOV_OP: mov_op(p, &o); break;
    case MAG_OP_ZEXT: op_zext(p, &o); break;
    case MAG_OP_WIDE: op_wide(p, &o); break;
    case MAG_DEAD: dead(p, &o); break;
    case MAG_SHIFTS: mag_shifts(p); break;
    case MAG_ROTATE: mag_rotate(p); break;
    case MAG_JUMP: jump(p, &o); break;
    case MAG_OVER_JUMP: over_jump(p, &o); break;
    case MAG_CHAIN: chain(p, &o); break;
    case MAG_CONST: constant(p, &o); break;
    case MAG_LOAD:
    case MAG_SWAP:
    case MAG_STORE:
    case MAG_VALUE:
    case MAG_SUM: mag_memory(p, (enum mag_shape)shape); break;
    default: plain(p, &o, shape == MAG_LOW); break;
    }
    if (gen_chance(g, 3)) /* a register that had nothing to do with it */
        mag_result(p, gen_pick(g, 10));
    p->seen.shapes[shape]++;
    b->end = g->n;
    p->n_blocks++;
}

void mag_make(struct mag_program *p) {
    p->g.insns = p->insns;
    p->g.cap = MAG_INSNS;
    p->g.n = p->n_blocks = 0;
    p->slot = N_MAG_INPUTS;
    for (unsigned r = 0; r < 10; r++)
        mag_input(p, r);
    while (p->slot + 20 < N_MAG_SLOTS)
        block(p);
    for (unsigned r = 0; r < 10; r++)
        mag_result(p, r);
    gen_op(&p->g, OP_EXIT, 0, 0, 0, 0);
}

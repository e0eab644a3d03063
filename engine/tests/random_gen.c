/* random_gen.c: functions and statements; random_gen_parts.c has accesses and calls. */
#include "engine/tests/random_gen.h"

#include "engine/tests/magnitude_values.h"

void rnd_op(struct rnd_program *p, enum op op, unsigned dst, unsigned src, int off, int32_t imm) {
    p->ops[op]++;
    gen_op(&p->g, op, dst, src, off, imm);
}

unsigned rnd_reg(struct rnd_program *p) {
    unsigned r;
    do
        r = gen_pick(&p->g, 10);
    while (r >= 6 && !(p->kept >> (r - 6) & 1));
    return r;
}

unsigned rnd_other(struct rnd_program *p, unsigned but) {
    unsigned r;
    do
        r = rnd_reg(p);
    while (r == but);
    return r;
}

unsigned rnd_kept(struct rnd_program *p) {
    unsigned r;
    if (!p->kept)
        return 0;
    do
        r = rnd_reg(p);
    while (r < 6);
    return r;
}

static enum op pick_op(struct gen *g, uint8_t from, uint8_t to) {
    enum op op;
    do
        op = (enum op)gen_pick(g, N_OPS);
    while (op_table[op].cls < from || op_table[op].cls > to);
    return op;
}

static int32_t immediate(struct gen *g) {
    return gen_chance(g, 2) ? magnitude_imm(check_random(&g->seed) >> 20)
                            : (int32_t)check_random(&g->seed);
}

/* Often on a register that was just written, so that operations meet. */
static void alu(struct rnd_program *p) {
    struct gen *const g = &p->g;
    unsigned d = rnd_reg(p);
    for (unsigned n = 1 + gen_pick(g, 3); n > 0; n--) {
        const enum op op = pick_op(g, CLASS_ALU_BINARY, CLASS_ALU_CAST);
        const unsigned s = gen_chance(g, 24) ? REG_FP : rnd_reg(p);
        const bool shift = (op_table[op].code & 0xf0) >= 0x60;
        rnd_op(p, op, d, s, 0, shift && gen_chance(g, 2) ? (int32_t)gen_pick(g, 64) : immediate(g));
        if (gen_chance(g, 3))
            d = s == REG_FP ? d : s;
    }
}

static void idiom(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const unsigned d = rnd_reg(p), s = rnd_other(p, d);
    const int32_t k = 1 + (int32_t)gen_pick(g, 31);
    switch (gen_pick(g, 5)) {
    case 0:
        rnd_op(p, OP_LSH64_IMM, d, 0, 0, 32);
        rnd_op(p, gen_chance(g, 2) ? OP_RSH64_IMM : OP_ARSH64_IMM, d, 0, 0, 32);
        break;
    case 1:
        rnd_op(p, OP_MOV64_REG, d, s, 0, 0);
        rnd_op(p, OP_LSH32_IMM, d, 0, 0, k);
        rnd_op(p, OP_RSH32_IMM, s, 0, 0, 32 - k);
        rnd_op(p, OP_OR64_REG, d, s, 0, 0);
        gen_mov(g, s, k);
        break;
    case 2: rnd_op(p, OP_MOV32_REG, d, gen_chance(g, 2) ? d : s, 0, 0); break;
    case 3:
        gen_imm64(g, OP_LDDW, d, immediate(g), immediate(g));
        p->ops[OP_LDDW]++;
        break;
    default: rnd_op(p, OP_MOV64_REG, d, s, 0, 0); break;
    }
}

static void statements(struct rnd_program *p, unsigned n);

static void jump_over(struct rnd_program *p, uint32_t at) {
    struct insn *const in = &p->insns[at];
    const int32_t to = (int32_t)(p->g.n - at - 1);
    if (in->code == 0x06)
        in->imm = to;
    else
        in->off = (int16_t)to;
}

static uint32_t condition(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const enum op op = pick_op(g, CLASS_JMP_COND, CLASS_JMP_COND);
    rnd_op(p, op, rnd_reg(p), rnd_reg(p), 0, immediate(g));
    return g->n - 1;
}

static uint32_t jump(struct rnd_program *p) {
    rnd_op(p, gen_chance(&p->g, 3) ? OP_JA32 : OP_JA, 0, 0, 0, 0);
    return p->g.n - 1;
}

static void branch(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const uint32_t at = condition(p);
    if (gen_chance(g, 4)) { /* over a jump */
        jump_over(p, at);
        p->insns[at].off = 1;
        const uint32_t over = jump(p);
        statements(p, 1 + gen_pick(g, 3));
        jump_over(p, over);
        return;
    }
    statements(p, 1 + gen_pick(g, 3));
    if (gen_chance(g, 2)) {
        const uint32_t end = jump(p);
        jump_over(p, at);
        statements(p, 1 + gen_pick(g, 3));
        jump_over(p, end);
    } else {
        jump_over(p, at);
    }
}

/* A loop that a counter in the frame ends; the way back is a condition of any kind. */
static void counted(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const int slot = -512 + 8 * (int)p->loops++;
    rnd_op(p, OP_STDW, REG_FP, 0, slot, 1 + (int32_t)gen_pick(g, 4));
    const uint32_t top = g->n;
    statements(p, 1 + gen_pick(g, 4));
    const unsigned r = rnd_reg(p), e = rnd_other(p, r);
    rnd_op(p, OP_LDXDW, r, REG_FP, slot, 0);
    rnd_op(p, OP_ADD64_IMM, r, 0, 0, -1);
    rnd_op(p, OP_STXDW, REG_FP, r, slot, 0);
    static const uint8_t backs[6] = {OP_JNE64_IMM,  OP_JSGT64_IMM, OP_JSGE32_IMM,
                                     OP_JSET64_IMM, OP_JNE32_REG,  OP_JA};
    const enum op back = (enum op)backs[gen_pick(g, 6)];
    if (back == OP_JNE32_REG)
        gen_mov(g, e, 0);
    if (back == OP_JA)
        rnd_op(p, OP_JSLE64_IMM, r, 0, 1, 0);
    const int off = (int)top - (int)g->n - 1;
    rnd_op(p, back, r, e, off, back == OP_JSGE32_IMM ? 1 : back == OP_JSET64_IMM ? 7 : 0);
    p->loops--;
}

static void by_budget(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const uint32_t top = g->n;
    p->loops++;
    rnd_op(p, OP_MAY_GOTO, 0, 0, 0, 0);
    statements(p, 1 + gen_pick(g, 3));
    rnd_op(p, OP_JA, 0, 0, (int)top - (int)g->n - 1, 0);
    jump_over(p, top);
    p->loops--;
}

static void statement(struct rnd_program *p) {
    struct gen *const g = &p->g;
    const unsigned kind = gen_pick(g, 32);
    if (p->left > 0)
        p->left--;
    if (kind < 9)
        alu(p);
    else if (kind < 12)
        idiom(p);
    else if (kind < 20)
        rnd_memory(p);
    else if (kind < 24)
        branch(p);
    else if (kind < 26 && p->loops < RND_LOOPS && p->left)
        counted(p);
    else if (kind < 27 && p->loops < 2 && p->left)
        by_budget(p);
    else if (kind < 31)
        rnd_calls(p);
    else if (gen_chance(g, 8) && p->loops)
        rnd_op(p, OP_EXIT, 0, 0, 0, 0);
    else if (gen_chance(g, 4))
        rnd_op(p, OP_MAY_GOTO, 0, 0, 0, 0); /* to the next instruction, at whatever price */
}

static void statements(struct rnd_program *p, unsigned n) {
    for (unsigned i = 0; i < n && p->left && rnd_room(p, 64); i++)
        statement(p);
}

static void function(struct rnd_program *p) {
    struct gen *const g = &p->g;
    p->starts[p->func] = g->n;
    p->loops = 0;
    p->kept = (uint8_t)gen_pick(g, 16);
    p->left = 4 + gen_pick(g, gen_chance(g, 4) ? 120 : 24);
    gen_op(g, OP_MOV64_REG, 0, 2, 0, 0);
    for (unsigned r = 6; r <= 9; r++)
        if (p->kept >> (r - 6) & 1)
            gen_op(g, OP_MOV64_REG, r, 1 + gen_pick(g, 5), 0, 0);
    while (p->left && rnd_room(p, 128))
        statement(p);
    if (!p->tangled || p->func + 1 == p->n_funcs || gen_chance(g, 2))
        gen_op(g, OP_EXIT, 0, 0, 0, 0); /* else it runs into the next one */
}

void rnd_make(struct rnd_program *p) {
    p->g.insns = p->insns;
    p->g.cap = RND_INSNS;
    p->g.n = p->n_fixups = 0;
    p->n_funcs = gen_chance(&p->g, 3) ? 1 : 2 + gen_pick(&p->g, RND_FUNCS - 1);
    p->risky = gen_chance(&p->g, 4);
    p->tangled = gen_chance(&p->g, 8);
    for (p->func = 0; p->func < p->n_funcs; p->func++)
        function(p);
    for (uint32_t i = 0; i < p->n_fixups; i++) {
        const uint32_t pc = p->fixups[i].pc;
        p->insns[pc].imm = (int32_t)(p->starts[p->fixups[i].func] - pc - 1);
    }
}

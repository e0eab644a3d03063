/* ops_alu_test.c: arithmetic on the machine itself: every operation and width with every triple of
 * registers, with and without a needed upper half and dead registers; every operation over all
 * pairs of boundary values; immediates at the edges of encodings; constants. */
#include "jit/tests/ops_meaning.h"
#include "jit/tests/ops_rig.h"

static void describe(const struct rig_case *c, char *out, size_t n) {
    const struct jit_alu *const o = &c->u.alu;
    if (c->key)
        snprintf(out, n, "constant %s = %#" PRIx64, rig_reg_name(o->dst), (uint64_t)o->k);
    else
        snprintf(out, n, "%s%u dst=%s a=%s b=%s imm=%d k=%" PRId64 " zext=%d nonzero=%d dead=%#x",
                 meaning_op_name(o->op), o->width, rig_reg_name(o->dst), rig_reg_name(o->a),
                 o->imm ? "-" : rig_reg_name(o->b), o->imm, o->k, o->zext, o->nonzero, o->dead);
}

/* ---- running ---- */

static void check_regs(struct rig *r, const struct rig_case *c, uint64_t want, uint64_t mask) {
    const struct jit_alu *const o = &c->u.alu;
    for (unsigned i = 0; i < N_JIT_REGS; i++)
        if (i == o->dst)
            rig_same(r, c, i, want, mask);
        else if (!(o->dead >> i & 1))
            rig_same(r, c, i, r->w->in[i], UINT64_MAX);
}

static void run_once(struct rig *r, const struct rig_case *c) {
    const struct jit_alu *const o = &c->u.alu;
    const uint64_t b = o->imm ? (uint64_t)o->k : r->w->in[o->b];
    if (o->nonzero && (o->width == 32 ? (uint32_t)b == 0 : b == 0))
        return;
    uint64_t mask;
    const uint64_t a = o->a < N_JIT_REGS ? r->w->in[o->a] : 0; /* JR_NONE is not read */
    const uint64_t want = meaning_alu(o, a, b, &mask);
    rig_call(r, c);
    check_regs(r, c, want, mask);
}

/* A few values; divisions also by what no machine does by itself. */
static void run_few(struct rig *r, const struct rig_case *c) {
    const struct jit_alu *const o = &c->u.alu;
    const unsigned n = !o->imm && meaning_division(o->op) ? 6 : 3;
    for (unsigned i = 0; i < n; i++) {
        rig_fill(r);
        if (i >= 3)
            r->w->in[o->b] = i == 3 ? 0 : i == 4 ? UINT64_MAX : UINT64_C(1) << 32;
        run_once(r, c);
    }
}

/* All pairs of boundary values; the values of a alone for immediates and unary operations. */
static void run_values(struct rig *r, const struct rig_case *c) {
    const struct jit_alu *const o = &c->u.alu;
    const bool pairs = !o->imm && !meaning_unary(o->op) && o->a != o->b;
    rig_fill(r);
    for (unsigned i = 0; i < n_rig_values; i++)
        for (unsigned j = 0; j < (pairs ? n_rig_values : 1); j++) {
            r->w->in[o->a] = rig_values[i];
            if (!o->imm)
                r->w->in[o->b] = rig_values[pairs ? j : i];
            run_once(r, c);
        }
}

static void run_constant(struct rig *r, const struct rig_case *c) {
    rig_fill(r);
    rig_call(r, c);
    check_regs(r, c, (uint64_t)c->u.alu.k, UINT64_MAX);
}

/* ---- cases ---- */

static void add_case(struct rig *r, struct jit_alu o,
                     void (*run)(struct rig *, const struct rig_case *)) {
    if (rig_full(r))
        rig_run(r, run);
    struct rig_case *const c = rig_begin(r);
    c->key = 0;
    c->u.alu = o;
    r->a->alu(&r->b, &o);
    rig_end(r, c);
}

static uint16_t all_dead(const struct jit_alu *o) {
    unsigned live = 1u << o->dst | (o->imm ? 0u : 1u << o->b);
    if (!meaning_unary(o->op))
        live |= 1u << o->a;
    return (uint16_t)(RIG_DEADABLE & ~live);
}

/* The contract has no divisions that write T0. */
static bool allowed(const struct jit_alu *o) {
    return !meaning_division(o->op) || o->dst != JR_T0;
}

/* Widths with and without the upper half: 64, 32 with, 32 without. */
static struct jit_alu variant(unsigned op, unsigned v) {
    return (struct jit_alu){
        .op = (uint8_t)op, .width = v == 0 ? 64 : 32, .zext = v != 2, .a = JR_0, .b = JR_0};
}

/* n_variants: of them, those that an operation has. */
static unsigned n_variants(unsigned op) {
    return op == JOP_MULHU || op == JOP_MULHS ? 1 : 3;
}

static void test_registers(struct rig *r, unsigned op) {
    const unsigned n_a = meaning_unary(op) ? 1 : N_RIG_REGS;
    for (unsigned v = 0; v < n_variants(op); v++)
        for (unsigned i = 0; i < N_RIG_REGS * N_RIG_REGS * n_a; i++) {
            struct jit_alu o = variant(op, v);
            o.dst = (uint8_t)(i % N_RIG_REGS);
            o.b = (uint8_t)(i / N_RIG_REGS % N_RIG_REGS);
            o.a = (uint8_t)(i / N_RIG_REGS / N_RIG_REGS);
            if (meaning_unary(op))
                o.a = o.b;
            o.nonzero = meaning_division(op) && rig_pick(r, 4) == 0;
            const uint16_t dead[] = {0, all_dead(&o), all_dead(&o) & (uint16_t)rig_value(r)};
            o.dead = dead[rig_pick(r, 3)];
            if (allowed(&o))
                add_case(r, o, run_few);
        }
    rig_run(r, run_few);
}

static void test_values(struct rig *r, unsigned op) {
    for (unsigned i = 0; i < 24; i++) {
        struct jit_alu o = variant(op, i % n_variants(op));
        do
            o.dst = (uint8_t)rig_pick(r, N_RIG_REGS);
        while (!allowed(&o));
        o.b = (uint8_t)rig_pick(r, N_RIG_REGS);
        o.a = (uint8_t)(meaning_unary(op) ? o.b : rig_pick(r, N_RIG_REGS));
        o.nonzero = meaning_division(op) && i >= 18;
        o.dead = i & 1 ? all_dead(&o) : 0;
        add_case(r, o, run_values);
    }
    rig_run(r, run_values);
}

static bool imm_allowed(const struct jit_alu *o) {
    const bool shift = o->op == JOP_SHL || o->op == JOP_LSHR || o->op == JOP_ASHR;
    if (o->op == JOP_ROTL)
        return o->k >= 1 && o->k < o->width;
    return !shift || (o->k >= 0 && o->k < o->width);
}

static void add_immediate(struct rig *r, struct jit_alu o, unsigned i) {
    o.imm = true;
    o.dst = (uint8_t)rig_pick(r, N_RIG_REGS);
    o.a = (uint8_t)(i & 1 ? o.dst : rig_pick(r, N_RIG_REGS));
    o.b = JR_NONE;
    o.dead = rig_pick(r, 2) ? all_dead(&o) : 0;
    if (imm_allowed(&o))
        add_case(r, o, run_values);
}

static bool is_shift(unsigned op) {
    return op >= JOP_SHL && op <= JOP_ROTL;
}

/* Every edge of an encoding, every amount of a shift, random ones. */
static void test_edges(struct rig *r, struct jit_alu o) {
    for (unsigned i = 0; i < 4 * n_rig_imms; i++) {
        o.k = rig_imms[i / 4];
        add_immediate(r, o, i);
    }
    for (unsigned i = 0; i < 128; i++) {
        o.k = (int32_t)rig_value(r);
        if (is_shift(o.op))
            o.k = i / 2;
        add_immediate(r, o, i);
    }
    rig_run(r, run_values);
}

/* Each pair of registers with a few of them. */
static void test_pairs(struct rig *r, struct jit_alu o) {
    o.imm = true;
    o.b = JR_NONE;
    for (unsigned i = 0; i < N_RIG_REGS * N_RIG_REGS; i++) {
        o.k = rig_imms[rig_pick(r, n_rig_imms)];
        if (is_shift(o.op))
            o.k &= 31;
        o.dst = (uint8_t)(i % N_RIG_REGS);
        o.a = (uint8_t)(i / N_RIG_REGS);
        if (imm_allowed(&o))
            add_case(r, o, run_few);
    }
    rig_run(r, run_few);
}

/* Addresses beside the world: STATE is an operand as any other, but never the result. */
static void test_state(struct rig *r) {
    for (unsigned i = 0; i < 8 * N_RIG_REGS + 2 * n_rig_imms; i++) {
        struct jit_alu o = variant(i & 1 ? JOP_ADD : JOP_SUB, i % 3);
        o.dst = (uint8_t)(i % N_RIG_REGS);
        o.a = JR_STATE;
        o.b = (uint8_t)(i & 2 ? JR_STATE : rig_pick(r, N_RIG_REGS));
        if (i >= 8 * N_RIG_REGS) {
            o.imm = true;
            o.b = JR_NONE;
            o.k = rig_imms[(i - 8 * N_RIG_REGS) / 2];
        } else if (i & 4) {
            o.op = JOP_MOV;
            o.b = JR_STATE;
        }
        add_case(r, o, run_few);
    }
    rig_run(r, run_few);
}

static void test_constants(struct rig *r) {
    for (unsigned i = 0; i < 6000; i++) {
        if (rig_full(r))
            rig_run(r, run_constant);
        uint64_t k = rig_value(r);
        if (i < n_rig_values)
            k = rig_values[i];
        else if (i < n_rig_values + n_rig_imms)
            k = (uint64_t)rig_imms[i - n_rig_values];
        else if (i & 1) /* halves and quarters of ones and zeros */
            k = (k & 1 ? UINT64_C(0xffff) : 0) << 48 | (k & 0xffff) << (i % 4 * 16);
        struct rig_case *const c = rig_begin(r);
        c->key = 1;
        c->u.alu = (struct jit_alu){.dst = (uint8_t)(i % N_RIG_REGS), .k = (int64_t)k};
        r->a->constant(&r->b, c->u.alu.dst, k);
        rig_end(r, c);
    }
    rig_run(r, run_constant);
}

int main(void) {
    struct rig r;
    const char *const why = rig_init(&r, describe);
    if (why)
        return check_skip(why);
    test_constants(&r);
    test_state(&r);
    for (unsigned op = 0; op < N_JIT_OPS; op++) {
        const bool with_imm = op < JOP_MULHU && !meaning_division(op);
        if (op != JOP_ROTL) {
            test_registers(&r, op);
            test_values(&r, op);
        }
        if (with_imm)
            for (unsigned v = 0; v < 3; v++) {
                test_edges(&r, variant(op, v));
                test_pairs(&r, variant(op, v));
            }
    }
    return rig_end_test(&r);
}

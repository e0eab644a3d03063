/* big_program_test.c: programs of 65 536 and of 1 000 000 instructions: conditional jumps of every
 * kind as far as they go, forward and back, gotol and local calls across the whole, and more
 * constants than lie in reach. They run on this machine's JIT, and are made for every target.
 *
 *   0        entry: a call to the last function
 *   FIRST    a row of tests, each of which jumps far forward to its pad and comes far back
 *   ...      straight code
 *   PADS     the pads
 *   ...      straight code to the end of the function, two calls, gotol to the row and back
 *   3/5 n    a function
 *   4/5 n    another one, which calls the one before
 */
#include <stdlib.h>

#include "engine/tests/jit_gen.h"
#include "engine/tests/jit_rig.h"
#include "engine/tests/magnitude_values.h"
#include "jit/arch.h"

enum {
    FIRST = 16,
    STRIDE = 16,  /* of tests and of pads */
    N_TESTS = 44, /* one for each row */
    PADS = 32770, /* the row of pads, as far as 16 bits go */
    BIG = 65536,
    CODE_BYTES = 96 << 20,
};

struct big {
    struct gen g;
    uint32_t back, last; /* pcs: where gotol goes to from the end, where it ends */
    uint32_t early;      /* a function in the middle of the entry, 0: none */
};

static void straight(struct gen *g, uint32_t until) {
    while (g->n < until) {
        const unsigned d = 1 + gen_pick(g, 9);
        enum op op = (enum op)gen_pick(g, N_OPS);
        if (gen_chance(g, 4) && g->n + 2 <= until) {
            const uint64_t k = check_random(&g->seed);
            gen_imm64(g, OP_LDDW, d, (int32_t)(uint32_t)k, (int32_t)(k >> 32));
        } else if (gen_chance(g, 6)) {
            gen_op(g, OP_STXDW, REG_FP, d, -8 - 8 * (int)gen_pick(g, 60), 0);
        } else if (gen_chance(g, 6)) {
            gen_op(g, OP_ADD64_REG, 0, d, 0, 0);
        } else {
            while (op_table[op].cls > CLASS_ALU_CAST)
                op = (enum op)gen_pick(g, N_OPS);
            gen_op(g, op, d, 1 + gen_pick(g, 9), 0, (int32_t)check_random(&g->seed));
        }
    }
}

static enum op test_op(unsigned i) {
    for (unsigned op = 0; op < N_OPS; op++)
        if (op_table[op].cls == CLASS_JMP_COND && i-- == 0)
            return (enum op)op;
    return OP_JA;
}

/* A jump of this row to a pc, whose operands make it taken or not. */
static void test_jump(struct gen *g, enum op op, uint32_t to, bool taken) {
    int32_t a, b;
    struct insn in = {.code = op_table[op].code};
    do {
        a = magnitude_imm(check_random(&g->seed) >> 9);
        b = gen_chance(g, 3) ? a : magnitude_imm(check_random(&g->seed) >> 9);
        in.imm = b;
    } while (op_eval_jmp(op, in, (uint64_t)(int64_t)a, (uint64_t)(int64_t)b) != taken);
    gen_mov(g, 1, a);
    gen_mov(g, 2, b);
    gen_op(g, op, 1, 2, (int)to - (int)g->n - 1, b);
}

static void tests(struct gen *g) {
    for (unsigned i = 0; i < N_TESTS; i++) {
        straight(g, FIRST + i * STRIDE);
        test_jump(g, test_op(i), PADS + i * STRIDE, false);
        test_jump(g, test_op(i), PADS + i * STRIDE, true);
        gen_op(g, OP_XOR64_IMM, 0, 0, 0, 0x777);
    }
}

static void pads(struct gen *g) {
    for (unsigned i = 0; i < N_TESTS; i++) {
        straight(g, PADS + i * STRIDE);
        gen_op(g, OP_MUL64_IMM, 0, 0, 0, 31);
        gen_op(g, OP_ADD64_IMM, 0, 0, 0, (int32_t)i);
        test_jump(g, test_op(i), FIRST + (i + 1) * STRIDE, true);
        gen_op(g, OP_XOR64_IMM, 0, 0, 0, 0x999);
    }
    straight(g, PADS + N_TESTS * STRIDE);
}

static void go(struct gen *g, uint32_t to) {
    gen_op(g, OP_JA32, 0, 0, 0, (int32_t)(to - g->n - 1));
}

static void call(struct gen *g, uint32_t to) {
    for (unsigned r = 1; r <= 5; r++)
        gen_op(g, OP_MOV64_REG, r, 6 + r % 4, 0, 0);
    gen_op(g, OP_CALL_LOCAL, 0, 0, 0, (int32_t)(to - g->n - 1));
    for (unsigned r = 1; r <= 5; r++)
        gen_op(g, OP_MOV64_REG, r, 6 + r % 4, 0, 0);
    gen_op(g, OP_ADD64_REG, 6, 0, 0, 0);
}

/* A function whose registers are its arguments'. */
static void begin(struct gen *g) {
    gen_op(g, OP_MOV64_REG, 0, 3, 0, 0);
    for (unsigned r = 6; r <= 9; r++)
        gen_op(g, OP_MOV64_REG, r, r - 5, 0, 0);
}

static void make(struct big *b, uint32_t n, bool tangled) {
    struct gen *const g = &b->g;
    const uint32_t third = 3 * (n / 5), fourth = 4 * (n / 5);
    const uint32_t fin = FIRST + N_TESTS * STRIDE;
    g->n = 0;
    begin(g);
    if (tangled) { /* a function in the midst of another one */
        go(g, g->n + 3);
        b->early = g->n;
        gen_op(g, OP_RSH64_IMM, 0, 0, 0, 3);
        gen_op(g, OP_EXIT, 0, 0, 0, 0);
    } else {
        gen_op(g, OP_CALL_LOCAL, 0, 0, 0, (int32_t)(fourth - g->n - 1));
        for (unsigned r = 1; r <= 5; r++)
            gen_op(g, OP_MOV64_REG, r, 6 + r % 4, 0, 0);
    }
    tests(g);
    straight(g, fin);
    go(g, fin + 2); /* the last pad comes back to here */
    go(g, third - 2);
    straight(g, PADS - 1);
    go(g, PADS + N_TESTS * STRIDE);
    pads(g);
    straight(g, third - 32);
    call(g, fourth);
    call(g, tangled ? b->early : third);
    go(g, fin + 1);
    while (g->n < third - 2)
        gen_mov(g, 0, 0);
    gen_op(g, OP_XOR64_REG, 0, 6, 0, 0);
    gen_op(g, OP_EXIT, 0, 0, 0, 0);
    begin(g);
    straight(g, fourth - 1);
    gen_op(g, OP_EXIT, 0, 0, 0, 0);
    begin(g);
    straight(g, n - 32);
    call(g, third);
    straight(g, n - 1);
    gen_op(g, OP_EXIT, 0, 0, 0, 0);
}

static const struct variant {
    const char *name;
    struct jit_options opt;
} variants[] = {
    {"plain", {.opt = 0, .expose = true}},
    {"better", {.opt = 1, .expose = true}},
    {"plain, blinded", {.opt = 0, .blind = true, .expose = true}},
    {"better, blinded", {.opt = 1, .blind = true, .blind_seed = 2, .expose = true}},
    {"better, fuel", {.opt = 1, .fuel = true, .expose = true}},
};
enum {
    N_VARIANTS = sizeof variants / sizeof *variants
};

/* Made for a target, and in order. */
static void check_made(struct jit_rig *r, const struct jit_arch *a, const struct variant *v) {
    struct jit_bind bind = jit_rig_bind(r);
    struct jit_code code;
    struct diag d = {0};
    bind.exit_addr &= ~UINT64_C(15); /* where other machines, too, have code */
    const enum bpflab_err err = jit_compile(&r->prog, a, &v->opt, &bind, r->addr, &code, &d);
    if (err == BPFLAB_E_UNSUPPORTED && !a->alu)
        return;
    check_note(a->name);
    if (!CHECK_EQ(err, BPFLAB_OK)) {
        printf("    %s: pc %" PRId64 ": %s\n", v->name, d.pc, d.text);
        return;
    }
    bool ordered = code.n_insns == r->prog.n_insns && code.pc_off[code.n_insns] <= code.n_bytes;
    for (uint32_t pc = 1; pc <= code.n_insns && ordered; pc++)
        ordered = code.pc_off[pc - 1] <= code.pc_off[pc];
    CHECK(ordered);
    for (uint32_t i = 1; i < code.n_funcs; i++)
        CHECK(code.funcs[i].pc > code.funcs[i - 1].pc);
    printf("  %s, %s: %u instructions, %u bytes\n", a->name, v->name, code.n_insns, code.n_bytes);
    jit_code_fini(&code);
}

static void check_runs(struct jit_rig *r, const struct variant *v) {
    const struct jit_rig_job job = {.args = {1, UINT64_MAX, 3, UINT64_C(1) << 63, 5}};
    uint64_t regs[N_REGS];
    static uint8_t stack[2][2048];
    struct diag d = {0};
    check_note(v->name);
    memset(jit_rig_stack(r), 0, sizeof stack[0]);
    const struct run_end want = jit_rig_interp(r, &job, regs);
    memcpy(stack[0], jit_rig_stack(r), sizeof stack[0]);
    CHECK_EQ(want.kind, RUN_EXIT);
    if (!CHECK_EQ(jit_rig_compile(r, &v->opt, false, &d), BPFLAB_OK)) {
        printf("    pc %" PRId64 ": %s\n", d.pc, d.text);
        return;
    }
    memset(jit_rig_stack(r), 0, sizeof stack[0]);
    jit_rig_doing(v->name);
    const struct run_end got = jit_rig_run(r, &job);
    memcpy(stack[1], jit_rig_stack(r), sizeof stack[1]);
    CHECK_EQ(got.kind, want.kind);
    CHECK_EQ(got.r0, want.r0);
    for (unsigned i = 6; i <= 9; i++)
        CHECK_EQ(r->w->exec.regs[i], regs[i]);
    CHECK(!memcmp(stack[0], stack[1], sizeof stack[0]));
}

static bool load(struct jit_rig *r, struct big *b, uint32_t n, bool tangled) {
    struct diag d = {0};
    make(b, n, tangled);
    CHECK_EQ(b->g.n, n);
    if (CHECK_EQ(jit_rig_load(r, b->g.insns, b->g.n, &d), BPFLAB_OK))
        return true;
    printf("    pc %" PRId64 ": %s\n", d.pc, d.text);
    return false;
}

static void all(struct jit_rig *r, struct big *b) {
    const struct jit_arch *a;
    for (unsigned tangled = 0; tangled < 2; tangled++)
        for (unsigned v = 0; v < N_VARIANTS && load(r, b, BIG, tangled); v++)
            check_runs(r, &variants[v]);
    for (unsigned v = 1; v < N_VARIANTS; v += 2)
        for (unsigned i = 0; (a = jit_target_at(i)) != NULL; i++)
            check_made(r, a, &variants[v]);
    if (!load(r, b, PROG_MAX_INSNS, false))
        return;
    check_runs(r, &variants[1]);
    check_made(r, r->arch, &variants[3]);
}

int main(void) {
    const struct jit_rig_config cfg = {.code_bytes = CODE_BYTES};
    struct big b = {.g = {.cap = PROG_MAX_INSNS, .seed = 65536}};
    struct jit_rig r;
    const char *const why = jit_rig_init(&r, &cfg);
    b.g.insns = malloc(b.g.cap * sizeof *b.g.insns);
    if (why || !b.g.insns) {
        jit_rig_fini(&r);
        free(b.g.insns);
        return check_skip(why ? why : "no memory");
    }
    all(&r, &b);
    jit_rig_fini(&r);
    free(b.g.insns);
    return check_end();
}

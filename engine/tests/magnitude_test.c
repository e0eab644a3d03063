/* magnitude_test.c: every arithmetic operation, conditional jump and memory access, with operands
 * of all magnitudes, in all registers and in the surroundings that the JIT's driver treats as one
 * operation, held against the interpreter.
 *
 *   magnitude_test [CASES [SEED]]
 *
 * A case is one operation with one set of operands under one set of options.
 */
#include <stdlib.h>

#include "engine/tests/jit_rig.h"
#include "engine/tests/magnitude_blocks.h"
#include "engine/tests/magnitude_values.h"
#include "jit/arch.h"

enum {
    CASES = 2000000,
    N_VECTORS = 16, /* sets of operands for one program */
    N_OPTIONS = 5,
    TOLD = 10, /* failures that are printed */
};

static const struct {
    const char *name;
    struct jit_options opt;
} options[N_OPTIONS] = {
    {"plain", {.opt = 0, .trusted = true, .expose = true}},
    {"better", {.opt = 1, .trusted = true, .expose = true}},
    {"plain, blinded", {.opt = 0, .blind = true, .blind_seed = 7, .trusted = true, .expose = true}},
    {"better, blinded", {.opt = 1, .blind = true, .blind_seed = 9, .expose = true}},
    {"better, guarded", {.opt = 1, .expose = true}},
};

struct memory {
    uint8_t stack[MAG_FRAME], data[RIG_DATA_BYTES];
    struct run_end end;
    uint64_t regs[N_REGS];
};

struct test {
    struct jit_rig rig;
    struct mag_program p;
    struct memory in[N_VECTORS], want[N_VECTORS];
    uint64_t cases, programs, told, at; /* at: operands walk through the magnitudes */
    uint64_t fused[N_MAG_SHAPES];
    uint64_t seed;
};

static uint64_t slot_of(const uint8_t *stack, unsigned slot) {
    uint64_t v;
    memcpy(&v, stack + MAG_FRAME - 8 * (slot + 1), sizeof v);
    return v;
}

static void set_memory(struct test *t, const struct memory *m) {
    memcpy(jit_rig_stack(&t->rig), m->stack, MAG_FRAME);
    memcpy(jit_rig_data(&t->rig), m->data, RIG_DATA_BYTES);
}

static void get_memory(struct test *t, struct memory *m) {
    memcpy(m->stack, jit_rig_stack(&t->rig), MAG_FRAME);
    memcpy(m->data, jit_rig_data(&t->rig), RIG_DATA_BYTES);
}

/* Operands: most in turn, some near their neighbour, some random. */
static void make_inputs(struct test *t, struct memory *m) {
    memset(m->stack, 0xa5, MAG_FRAME);
    for (unsigned i = 0; i < RIG_DATA_BYTES; i++)
        m->data[i] = (uint8_t)(check_random(&t->seed) >> 32);
    uint64_t last = 0;
    for (unsigned i = 0; i < N_MAG_INPUTS; i++) {
        const uint64_t r = check_random(&t->seed);
        uint64_t v = magnitude_at(t->at++ * 37);
        if (r % 8 == 0)
            v = last + r / 8 % 3 - 1;
        else if (r % 8 == 1)
            v = check_random(&t->seed) >> r / 8 % 64;
        memcpy(m->stack + MAG_FRAME - 8 * (i + 1), &v, sizeof v);
        last = v;
    }
}

/* ---- what differs ---- */
static const struct mag_block *block_of(const struct mag_program *p, unsigned slot) {
    const struct mag_block *b = &p->blocks[0];
    for (uint32_t i = 0; i < p->n_blocks && p->blocks[i].slot <= slot; i++)
        b = &p->blocks[i];
    return b;
}

static void tell_slot(struct test *t, unsigned v, const struct memory *got, unsigned slot) {
    const struct mag_block *const b = block_of(&t->p, slot);
    printf("  %s, %s: slot %u: got %#" PRIx64 ", want %#" PRIx64 "\n", mag_shape_name(b->shape),
           op_table[b->op].id, slot, slot_of(got->stack, slot), slot_of(t->want[v].stack, slot));
    jit_rig_print(t->p.insns, b->pc, b->end);
    for (uint32_t pc = b->pc; pc < b->end; pc += insn_slots(t->p.insns[pc])) {
        const struct insn in = t->p.insns[pc];
        if (op_table[op_of(in)].cls == CLASS_LDX && in.src == REG_FP && -in.off / 8 <= N_MAG_INPUTS)
            printf("    r10%d: %#" PRIx64 "\n", in.off,
                   slot_of(t->in[v].stack, (unsigned)(-in.off - 1) / 8));
    }
}

static void tell(struct test *t, unsigned o, unsigned v, const struct memory *got) {
    if (t->told++ >= TOLD)
        return;
    printf("%s, %s: end %d, want %d; r0 %#" PRIx64 ", want %#" PRIx64 "\n", t->rig.arch->name,
           options[o].name, (int)got->end.kind, (int)t->want[v].end.kind, got->end.r0,
           t->want[v].end.r0);
    for (unsigned slot = 0; slot < N_MAG_SLOTS; slot++)
        if (slot_of(got->stack, slot) != slot_of(t->want[v].stack, slot)) {
            tell_slot(t, v, got, slot);
            return;
        }
    for (unsigned i = 0; i < RIG_DATA_BYTES; i++)
        if (got->data[i] != t->want[v].data[i]) {
            printf("  map value, byte %u: got %#x, want %#x\n", i, got->data[i],
                   t->want[v].data[i]);
            return;
        }
    for (unsigned r = 6; r <= 9; r++)
        printf("  r%u %#" PRIx64 ", want %#" PRIx64 "\n", r, got->regs[r], t->want[v].regs[r]);
}

static bool same(const struct memory *got, const struct memory *want) {
    return got->end.kind == want->end.kind && got->end.r0 == want->end.r0 &&
           !memcmp(got->stack, want->stack, MAG_FRAME) &&
           !memcmp(got->data, want->data, RIG_DATA_BYTES) &&
           !memcmp(&got->regs[6], &want->regs[6], 4 * sizeof got->regs[0]);
}

/* ---- running ---- */
static void note_fused(struct test *t) {
    for (uint32_t i = 0; i < t->p.n_blocks; i++) {
        const struct mag_block *const b = &t->p.blocks[i];
        if (b->last && t->rig.code.joined[b->last])
            t->fused[b->shape]++;
    }
}

static void run_options(struct test *t, unsigned o) {
    static const struct jit_rig_job job = {.args = {1, 2, 3, 4, 5}};
    struct diag d = {0};
    check_note(options[o].name);
    if (!CHECK_EQ(jit_rig_compile(&t->rig, &options[o].opt, o == 4, &d), BPFLAB_OK)) {
        printf("    pc %" PRId64 ": %s\n", d.pc, d.text);
        return;
    }
    if (o == 1)
        note_fused(t);
    for (unsigned v = 0; v < N_VECTORS; v++) {
        static struct memory got;
        set_memory(t, &t->in[v]);
        got.end = jit_rig_run(&t->rig, &job);
        memcpy(got.regs, t->rig.w->exec.regs, sizeof got.regs);
        get_memory(t, &got);
        if (!CHECK(same(&got, &t->want[v])))
            tell(t, o, v, &got);
        t->cases += t->p.n_blocks;
    }
}

static bool run_program(struct test *t) {
    static const struct jit_rig_job job = {.args = {1, 2, 3, 4, 5}};
    struct diag d = {0};
    mag_make(&t->p);
    if (!CHECK_EQ(jit_rig_load(&t->rig, t->p.insns, t->p.g.n, &d), BPFLAB_OK)) {
        printf("    pc %" PRId64 ": %s\n", d.pc, d.text);
        return false;
    }
    for (unsigned v = 0; v < N_VECTORS; v++) {
        struct memory *const want = &t->want[v];
        make_inputs(t, &t->in[v]);
        set_memory(t, &t->in[v]);
        want->end = jit_rig_interp(&t->rig, &job, NULL);
        get_memory(t, want);
        /* the last ten results are r0 to r9 */
        for (unsigned r = 0; r < 10; r++)
            want->regs[r] = slot_of(want->stack, t->p.slot - 10 + r);
        if (!CHECK_EQ(want->end.kind, RUN_EXIT)) {
            printf("    pc %u\n", want->end.pc);
            jit_rig_print(t->p.insns, want->end.pc, want->end.pc + 1);
            return false;
        }
    }
    for (unsigned o = 0; o < N_OPTIONS; o++)
        run_options(t, o);
    t->programs++;
    return true;
}

/* Everything that the test promises was there. */
static void check_seen(const struct test *t) {
    const struct mag_seen *const s = &t->p.seen;
    for (unsigned op = 0; op < N_OPS; op++)
        if (op_table[op].cls <= CLASS_JMP_COND) {
            check_note(op_table[op].id);
            CHECK(s->ops[op] > 0);
        }
    for (unsigned i = 0; i < N_MAG_SHAPES; i++) {
        check_note(mag_shape_name(i));
        CHECK(s->shapes[i] > 0);
    }
    check_note("register pairs, shifts");
    for (unsigned i = 0; i < MAG_PAIRS; i++)
        CHECK(s->pairs[i] > 0);
    for (unsigned i = 0; i < 64; i++)
        CHECK(s->shifts[i] > 0);
    check_note("groups that are one operation");
    CHECK(t->fused[MAG_SHIFTS] > 0);
    CHECK(t->fused[MAG_ROTATE] > 0);
    CHECK(t->fused[MAG_SWAP] > 0);
    CHECK(t->fused[MAG_OVER_JUMP] > 0);
    CHECK(t->fused[MAG_VALUE] > 0 || !t->rig.arch->far_reach);
    CHECK(t->fused[MAG_SUM] > 0 || !t->rig.arch->far_reach);
    check_note(NULL);
}

int main(int argc, char **argv) {
    const uint64_t cases = argc > 1 ? strtoull(argv[1], NULL, 0) : CASES;
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 20240229;
    const struct jit_rig_config cfg = {.frame_bytes = MAG_FRAME, .code_bytes = 1 << 20};
    static struct test t;
    const char *const why = jit_rig_init(&t.rig, &cfg);
    if (why) {
        jit_rig_fini(&t.rig);
        return check_skip(why);
    }
    t.seed = seed;
    t.p.g.seed = seed ^ UINT64_C(0x5bd1e995);
    while (t.cases < cases && t.told < TOLD && run_program(&t))
        continue;
    if (t.told == 0)
        check_seen(&t);
    uint64_t divisors = 0;
    for (unsigned i = 0; i < 601; i++)
        divisors += t.p.seen.divisors[i] > 0;
    printf("%s: %" PRIu64 " cases, %" PRIu64 " programs, %" PRIu64
           " constant divisors from -300 to 300, seed %" PRIu64 "\n",
           t.rig.arch->name, t.cases, t.programs, divisors, seed);
    jit_rig_fini(&t.rig);
    return check_end();
}

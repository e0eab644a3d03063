/* random_program_test.c: random programs on the interpreter and the JIT under all options: equal in
 * their end, registers, memory and trace; out of fuel at the same instruction.
 *
 *   random_program_test [PROGRAMS [SEED]]
 */
#include <stdlib.h>

#include "engine/tests/jit_rig.h"
#include "engine/tests/random_gen.h"
#include "jit/arch.h"
#include "runtime/snapshot.h"

enum {
    PROGRAMS = 250,
    ENOUGH_FUEL = 20000, /* programs that need more run only with fuel counted */
    TOLD = 5,
};

static const struct variant {
    const char *name;
    struct jit_options opt;
    bool arena; /* accesses are guarded, some are the runtime's */
    bool facts; /* of which accesses are the runtime's, at random */
} variants[] = {
    {"plain", {.opt = 0, .expose = true}, false, false},
    {"better", {.opt = 1, .expose = true}, false, false},
    {"plain, blinded", {.opt = 0, .blind = true, .blind_seed = 3, .expose = true}, false, false},
    {"better, blinded", {.opt = 1, .blind = true, .blind_seed = 5, .expose = true}, false, false},
    {"better, trusted", {.opt = 1, .trusted = true, .expose = true}, false, false},
    {"better, not exposed", {.opt = 1}, false, false},
    {"better, guarded", {.opt = 1, .expose = true}, true, false},
    {"plain, slow", {.opt = 0, .expose = true}, true, true},
    {"better, slow", {.opt = 1, .expose = true}, true, true},
    {"blinded, slow", {.opt = 1, .blind = true, .expose = true}, true, true},
    {"better, lookups inlined", {.opt = 1, .untraced = true, .expose = true}, false, false},
    {"plain, fuel", {.opt = 0, .fuel = true, .expose = true}, false, false},
    {"better, fuel", {.opt = 1, .fuel = true, .expose = true}, false, false},
    {"blinded, fuel", {.opt = 1, .fuel = true, .blind = true, .expose = true}, false, false},
};

struct result {
    struct run_end end;
    uint64_t regs[N_REGS];
};

struct test {
    struct jit_rig rig;
    struct rnd_program p;
    struct snapshot *before, *after;
    struct facts facts;
    struct jit_rig_job job;
    uint64_t seed, number; /* of the program */
    uint64_t runs, told;
    uint64_t ends[N_RUN_KINDS];
    char name[64];
};

static bool is_access(enum op op) {
    if (op == OP_INVALID)
        return false; /* a second slot */
    const uint8_t cls = op_table[op].cls;
    return (cls >= CLASS_LDX && cls <= CLASS_ST) ||
           (cls >= CLASS_ATOMIC_RMW && cls <= CLASS_ATOMIC_STORE);
}

static void make_facts(struct test *t) {
    facts_fini(&t->facts);
    CHECK_EQ(facts_init(&t->facts, t->p.g.n), BPFLAB_OK);
    for (uint32_t pc = 0; pc < t->facts.n_insns; pc++)
        if (is_access(op_of(t->p.insns[pc])))
            t->facts.at[pc].mem = (uint8_t)(check_random(&t->seed) >> 9) % 3;
}

/* ---- running ---- */
static void run_interp(struct test *t, struct result *r) {
    snapshot_restore(t->before, t->rig.w);
    r->end = jit_rig_interp(&t->rig, &t->job, r->regs);
    CHECK_EQ(snapshot_save(t->after, t->rig.w), BPFLAB_OK);
    t->ends[r->end.kind]++;
}

static void tell(struct test *t, const struct variant *v, const struct run_end *got,
                 const struct run_end *want) {
    if (t->told++ >= TOLD)
        return;
    printf("  %s, program %" PRIu64 " (%u instructions, %u functions), fuel %" PRIu64 ", %s\n",
           t->rig.arch->name, t->number, t->p.g.n, t->p.n_funcs, t->job.fuel, v->name);
    printf("  got  %s at %u, r0 %#" PRIx64 ", address %#" PRIx64 "\n", run_kind_id(got->kind),
           got->pc, got->r0, got->addr);
    printf("  want %s at %u, r0 %#" PRIx64 ", address %#" PRIx64 "\n", run_kind_id(want->kind),
           want->pc, want->r0, want->addr);
    if (t->p.g.n < 120 || getenv("BPFLAB_TEST_LIST"))
        jit_rig_print(t->p.insns, 0, t->p.g.n);
}

static bool same_end(const struct run_end *got, const struct run_end *want) {
    if (got->kind != want->kind)
        return false;
    return got->kind == RUN_EXIT ? got->r0 == want->r0
                                 : got->pc == want->pc && got->addr == want->addr;
}

static bool same_regs(const struct test *t, const struct result *want) {
    const uint64_t *const got = t->rig.w->exec.regs;
    return got[0] == want->regs[0] && !memcmp(&got[6], &want->regs[6], 4 * sizeof got[0]);
}

/* Inlined lookups are no calls. */
static void drop_trace(struct test *t) {
    t->rig.w->st.trace_count = 0;
    t->rig.w->st.trace_digest = 0;
}

static void run_jit(struct test *t, const struct variant *v, const struct result *want) {
    struct world_diff d = {0};
    snprintf(t->name, sizeof t->name, "program %" PRIu64 ", %s", t->number, v->name);
    snapshot_restore(t->before, t->rig.w);
    jit_rig_doing(t->name);
    const struct run_end got = jit_rig_run(&t->rig, &t->job);
    jit_rig_doing(NULL);
    check_note(v->name);
    bool ok = CHECK(same_end(&got, &want->end));
    if (got.kind == RUN_EXIT && v->opt.expose)
        ok &= CHECK(same_regs(t, want));
    if (v->opt.untraced)
        drop_trace(t);
    if (ok && !CHECK(world_compare(t->rig.w, t->after, true, &d))) {
        printf("  %s: %#" PRIx64 ", want %#" PRIx64 "\n", d.item[0].what, d.item[0].a, d.item[0].b);
        ok = false;
    }
    if (!ok)
        tell(t, v, &got, &want->end);
    t->runs++;
}

static bool compile(struct test *t, const struct variant *v) {
    struct jit_options opt = v->opt;
    struct diag d = {0};
    if (v->facts)
        opt.facts = &t->facts;
    opt.blind_seed += t->number;
    if (CHECK_EQ(jit_rig_compile(&t->rig, &opt, v->arena, &d), BPFLAB_OK))
        return true;
    printf("    %s: pc %" PRId64 ": %s\n", v->name, d.pc, d.text);
    return false;
}

/* Enough fuel: how much was it? Then just so much, one less, and much less. */
static void with_fuel(struct test *t, const struct variant *v, const struct result *full) {
    struct result want = *full;
    uint64_t used = ENOUGH_FUEL;
    t->job.fuel = ENOUGH_FUEL;
    run_interp(t, &want);
    run_jit(t, v, &want);
    if (want.end.kind == RUN_EXIT)
        used = ENOUGH_FUEL - t->rig.w->exec.fuel;
    for (unsigned i = 0; i < 5 && used; i++) {
        const uint64_t random = check_random(&t->seed) >> 3;
        t->job.fuel = i < 2 ? used - i : 1 + random % (i == 2 ? 4 : used);
        if (!t->job.fuel)
            continue;
        run_interp(t, &want);
        if (i < 2 && full->end.kind == RUN_EXIT && used < ENOUGH_FUEL)
            CHECK_EQ(want.end.kind, i ? RUN_TRAP_FUEL : RUN_EXIT);
        run_jit(t, v, &want);
    }
}

static void all_variants(struct test *t, const struct result *full) {
    for (unsigned i = 0; i < sizeof variants / sizeof *variants; i++) {
        const struct variant *const v = &variants[i];
        struct result want;
        if (!v->opt.fuel && full->end.kind == RUN_TRAP_FUEL)
            continue;
        if (v->opt.trusted && full->end.kind != RUN_EXIT)
            continue;
        if (!compile(t, v))
            continue;
        if (v->opt.fuel) {
            with_fuel(t, v, full);
            continue;
        }
        t->job.fuel = 0;
        run_interp(t, &want);
        if (v->opt.untraced) {
            drop_trace(t);
            CHECK_EQ(snapshot_save(t->after, t->rig.w), BPFLAB_OK);
        }
        run_jit(t, v, &want);
    }
}

static bool run_program(struct test *t) {
    struct diag d = {0};
    struct result full;
    rnd_make(&t->p);
    t->number++;
    if (!CHECK_EQ(jit_rig_load(&t->rig, t->p.insns, t->p.g.n, &d), BPFLAB_OK)) {
        printf("    pc %" PRId64 ": %s\n", d.pc, d.text);
        return false;
    }
    make_facts(t);
    for (unsigned i = 0; i < 5; i++)
        t->job.args[i] = check_random(&t->seed) >> check_random(&t->seed) % 64;
    t->job.budget = 1 + check_random(&t->seed) % 6;
    t->job.fuel = ENOUGH_FUEL;
    run_interp(t, &full);
    if (!CHECK(full.end.kind == RUN_EXIT || full.end.kind == RUN_TRAP_FUEL || t->p.risky)) {
        printf("    %s at %u\n", run_kind_id(full.end.kind), full.end.pc);
        jit_rig_print(t->p.insns, full.end.pc, full.end.pc + 1);
        return false;
    }
    all_variants(t, &full);
    return true;
}

/* A world whose memory is not all zero, as every run begins. */
static bool make_world(struct test *t) {
    for (uint32_t i = 0; i < RIG_DATA_BYTES; i++)
        jit_rig_data(&t->rig)[i] = (uint8_t)(check_random(&t->seed) >> 32);
    for (uint32_t i = 0; i < t->rig.w->cfg.max_frames; i++)
        for (uint32_t k = 0; k < t->rig.w->cfg.frame_bytes; k++)
            jit_rig_stack(&t->rig)[i * t->rig.w->frame_stride + k] =
                (uint8_t)(check_random(&t->seed) >> 32);
    return CHECK_EQ(snapshot_new(t->rig.w, &t->before), BPFLAB_OK) &&
           CHECK_EQ(snapshot_new(t->rig.w, &t->after), BPFLAB_OK);
}

static void check_seen(const struct test *t, uint64_t programs) {
    if (programs < PROGRAMS)
        return;
    for (unsigned op = 0; op < N_OPS; op++) {
        const uint8_t cls = op_table[op].cls;
        if (cls > CLASS_CALL_REG || cls == CLASS_PKT || cls == CLASS_JMP_TABLE ||
            cls == CLASS_IMM64 || cls == CLASS_CALL_KFUNC)
            continue;
        check_note(op_table[op].id);
        CHECK(t->p.ops[op] > 0);
    }
    check_note("ends of runs");
    CHECK(t->ends[RUN_EXIT] > programs);
    CHECK(t->ends[RUN_TRAP_FUEL] > programs / 4);
    CHECK(t->ends[RUN_TRAP_ALIGN] > 0);
    CHECK(t->ends[RUN_TRAP_DEPTH] > 0);
    CHECK(t->ends[RUN_TRAP_HELPER] > 0);
    check_note(NULL);
}

int main(int argc, char **argv) {
    const uint64_t programs = argc > 1 ? strtoull(argv[1], NULL, 0) : check_rounds(PROGRAMS);
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 20240229;
    const struct jit_rig_config cfg = {.code_bytes = 4 << 20};
    static struct test t;
    const char *const why = jit_rig_init(&t.rig, &cfg);
    if (why) {
        jit_rig_fini(&t.rig);
        return check_skip(why);
    }
    t.seed = seed;
    t.p.g.seed = ~seed;
    if (make_world(&t)) {
        while (t.number < programs && t.told < TOLD && run_program(&t))
            continue;
        if (!t.told)
            check_seen(&t, programs);
    }
    printf("%s: %" PRIu64 " programs, %" PRIu64 " runs, seed %" PRIu64 "; of the interpreter's ",
           t.rig.arch->name, t.number, t.runs, seed);
    for (unsigned i = 0; i < N_RUN_KINDS; i++)
        if (t.ends[i])
            printf(" %s %" PRIu64, run_kind_id((enum run_kind)i), t.ends[i]);
    printf("\n");
    facts_fini(&t.facts);
    snapshot_free(t.before);
    snapshot_free(t.after);
    jit_rig_fini(&t.rig);
    return check_end();
}

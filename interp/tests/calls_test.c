/* calls_test.c: what local calls keep, whatever the shape of the subprograms: random programs with
 * calls to anywhere, each return held against its call; and tail calls made inside subprograms. */
#include "interp/tests/rig.h"
#include "runtime/map.h"

enum {
    LENGTH = 48,
    PROGRAMS = 3000,
    DEPTH = 8,
};

/* struct watch: what a traced run has to come back to. */
struct watch {
    const struct world *w;
    uint64_t kept[DEPTH][4]; /* r6 to r9 of each frame that has called */
    uint64_t n_returns;
};

static bool on_step(void *self, const struct interp_step *step) {
    struct watch *s = self;
    const struct insn in = interp_code_prog(step->code)->insns[step->pc];
    const enum op op = op_of(in);
    uint32_t depth = step->depth;
    if (op == OP_CALL_LOCAL) {
        memcpy(s->kept[depth++], &step->regs[6], sizeof s->kept[0]);
    } else if (op == OP_EXIT && depth) {
        depth--;
        CHECK(!memcmp(s->kept[depth], &step->regs[6], sizeof s->kept[0]));
        s->n_returns++;
    }
    CHECK_EQ(step->regs[REG_FP], world_stack_top(s->w, depth));
    return true;
}

/* Moves and additions to all registers, jumps, calls to anywhere, may_goto, and many exits. */
static struct insn make(uint64_t *seed, int pc) {
    const uint64_t r = check_random(seed);
    const int ahead = (int)((r >> 32) % (uint64_t)(LENGTH - pc)),
              anywhere = (int)((r >> 40) % LENGTH) - pc - 1;
    switch (r % 16) {
    case 0:
    case 1: return (struct insn){.code = 0x85, .src = 1, .imm = anywhere};
    case 2: return (struct insn){.code = 0x95};
    case 3: return (struct insn){.code = 0x15, .dst = r >> 8 & 7, .off = (int16_t)(ahead / 2)};
    case 4: return (struct insn){.code = 0xad, .dst = 6, .src = 7, .off = (int16_t)anywhere};
    case 5:
        if (r >> 60 == 0)
            return (struct insn){.code = 0xe5, .off = (int16_t)(ahead / 2)};
        return (struct insn){.code = 0x05, .off = (int16_t)(ahead / 4)};
    default:
        return (struct insn){.code = r & 0x100 ? 0xb7 : 0x07,
                             .dst = (uint8_t)((r >> 16) % (r & 0x200 ? 7 : 10)),
                             .imm = (int32_t)(r >> 32)};
    }
}

static void test_random(void) {
    uint64_t seed = 5, n_returns = 0, ends[N_RUN_KINDS] = {0};
    for (int i = 0; i < PROGRAMS; i++) {
        struct insn insns[LENGTH + 1];
        struct rig r;
        for (int pc = 0; pc < LENGTH; pc++)
            insns[pc] = make(&seed, pc);
        insns[LENGTH] = (struct insn){.code = 0x95};
        if (!rig_insns(&r, insns, LENGTH + 1, false))
            break;
        struct watch watch = {.w = r.w};
        r.job.step = on_step;
        r.job.step_self = &watch;
        r.job.fuel = 100;
        ends[rig_run(&r, NULL).kind]++;
        n_returns += watch.n_returns;
        rig_fini(&r);
    }
    CHECK(n_returns > PROGRAMS);
    CHECK(ends[RUN_EXIT] > PROGRAMS / 10);
    CHECK(ends[RUN_TRAP_DEPTH] > PROGRAMS / 100);
    CHECK(ends[RUN_TRAP_FUEL] > PROGRAMS / 100);
}

/* Subprograms that share instructions, or whose exit is another's. */
static void test_shared(void) {
    /* f writes r6 and ends in g, which writes r7. */
    rig_expect("r6 = 1\nr7 = 2\ncall local f\nr0 = r6\nr0 += r7\nexit\n"
               "f: r6 = 50\ngoto t\ng: r7 = 60\nt: r0 = 0\nexit",
               RUN_EXIT, 5, 3);
    rig_expect("r6 = 1\nr7 = 2\ncall local g\ncall local f\nr0 = r6\nr0 += r7\nexit\n"
               "f: r6 = 50\ngoto t\ng: r7 = 60\nt: r0 = 0\nexit",
               RUN_EXIT, 6, 3);
    /* A subprogram that jumps back into the entry's body leaves by the entry's exit. */
    rig_expect("r6 = 1\nr9 = 4\nif r1 != 0 goto e\nr1 = 1\ncall local f\nr0 = r6\nr0 += r9\n"
               "e: exit\nf: r9 = 9\nr6 = 8\ngoto e",
               RUN_EXIT, 7, 5);
    /* What only a callee's callee writes is its own to keep. */
    rig_expect("r6 = 1\nr8 = 3\ncall local f\nr0 = r6\nr0 += r8\nexit\n"
               "f: r6 = 7\ncall local g\nexit\ng: r8 = 9\nr0 = 0\nexit",
               RUN_EXIT, 5, 4);
    /* A function that is called, and also called back by bpf_loop (181). */
    rig_expect("r6 = 1\nr7 = 2\nr1 = 3\nr2 = f ll\nr3 = 0\nr4 = 0\ncall 181\ncall local f\n"
               "r0 = r6\nr0 += r7\nexit\nf: r6 = 5\nr7 = 5\nr0 = 0\nexit",
               RUN_EXIT, 11, 3);
    /* An atomic operation writes its source register. */
    rig_expect("r6 = 4\n*(u64 *)(r10 - 8) = 9\nr1 = r10\ncall local f\nr0 = r6\nexit\n"
               "f: r0 = 0\nr6 = atomic_fetch_add((u64 *)(r1 - 8), r6)\nexit",
               RUN_EXIT, 5, 4);
    /* may_goto has its whole budget in every frame. */
    struct rig r;
    if (rig_asm(&r,
                "r6 = 0\ncall local f\nr6 += r0\ncall local f\nr0 += r6\nexit\n"
                "f: r0 = 0\nk: may_goto d\nr0 += 1\ngoto k\nd: exit",
                false)) {
        r.job.may_goto_budget = 5;
        CHECK_EQ(rig_run(&r, NULL).r0, 10);
    }
    rig_fini(&r);
}

/* struct pair: two programs, the second one in slot 1 of a prog array. */
struct pair {
    struct world *w;
    struct prog prog[2];
    struct interp_code *code[2];
};

static bool make_pair(struct pair *p, const char *const text[2]) {
    const struct map_def def = {
        .name = "progs", .type = MAP_prog_array, .key_size = 4, .value_size = 4, .max_entries = 2};
    uint8_t key[4], value[4];
    uint32_t id;
    if (!CHECK_EQ(world_new(NULL, &p->w), BPFLAB_OK) || !CHECK_EQ(map_new(p->w, &def, &id), 0))
        return false;
    for (uint32_t i = 0; i < 2; i++) {
        const struct interp_bind bind = {.world = p->w, .map_ids = &id, .n_maps = 1, .prog_id = i};
        struct insn *insns;
        uint32_t n;
        if (!CHECK_EQ(asm_parse(text[i], strlen(text[i]), NULL, &insns, &n, NULL), BPFLAB_OK) ||
            !CHECK_EQ(prog_init_insns(&p->prog[i], insns, n), BPFLAB_OK) ||
            !CHECK_EQ(interp_compile(&p->prog[i], &bind, &p->code[i], NULL), BPFLAB_OK))
            return false;
        free(insns);
    }
    world_put32(p->w, key, 1);
    world_put32(p->w, value, 1);
    return CHECK_EQ(map_user_update(p->w, map_by_id(p->w, id), key, value, MAP_ANY), 0);
}

static void free_pair(struct pair *p) {
    for (int i = 0; i < 2; i++) {
        interp_code_free(p->code[i]);
        prog_fini(&p->prog[i]);
    }
    world_free(p->w);
}

static bool codes_differ(void *self, const struct interp_step *step) {
    const struct interp_code *const *code = self;
    CHECK(step->code == code[0] || step->code == code[1]);
    CHECK(step->pc < interp_code_prog(step->code)->n_insns);
    return true;
}

/* The first program's subprogram makes a tail call; what it went to exits to the caller. i: which
 * second program (bit 0), and does the subprogram write r9 (bit 1)? */
static void tail_case(int i, const char *after, enum run_kind kind, uint32_t pc, uint64_t r0) {
    static const char *const seconds[] = {
        "r6 = 1\nr7 = 1\nr8 = 1\nr9 = 1\nl: may_goto e\ngoto l\ne: r0 = 3\nexit",
        "r6 = 1\ncall local g\nexit\ng: r0 = 3\nexit",
    };
    char first[512];
    snprintf(first, sizeof first,
             "r6 = 10\nr7 = 20\nr8 = 30\nr9 = 40\ncall local f\n%s\nexit\n"
             "f: r%d = 7\nr2 = map_idx(0) ll\nr3 = 1\ncall 12\nr0 = 99\nexit\ncb: r0 = 1\nexit",
             after, i & 2 ? 9 : 5);
    const char *const text[2] = {first, seconds[i & 1]};
    struct pair p = {0};
    check_note(after);
    if (make_pair(&p, text)) {
        /* The program that runs first need not be one that tail calls lead to. */
        const struct interp_code *const progs[2] = {NULL, p.code[1]};
        const struct interp_job job = {.code = p.code[0],
                                       .progs = progs,
                                       .n_progs = 2,
                                       .may_goto_budget = 4,
                                       .step = codes_differ,
                                       .step_self = p.code};
        for (int traced = 0; traced < 2; traced++) {
            world_begin_run(p.w);
            const struct run_end end =
                traced ? interp_trace(p.w, &job, NULL) : interp_run(p.w, &job);
            CHECK_EQ(end.kind, kind);
            CHECK_EQ(end.pc, pc);
            CHECK_EQ(end.r0, r0);
        }
    }
    free_pair(&p);
    check_note(NULL);
}

static void test_tail_calls(void) {
    for (int i = 0; i < 4; i++) {
        tail_case(i, "r0 += r6\nr0 += r7\nr0 += r8\nr0 += r9", RUN_EXIT, 9, 103);
        tail_case(i, "r1 = 0\nr0 = *(u8 *)(r1 + 0)", RUN_TRAP_NULL, 6, 0);
        tail_case(i, "call 9999", RUN_TRAP_HELPER, 5, 0);
        tail_case(i, "r1 = r10\nr2 = 1024\ncall 16", RUN_TRAP_MEMORY, 7, 0);
        tail_case(i, "r1 = 4\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181", RUN_EXIT, 11, 1);
    }
}

int main(void) {
    test_random();
    test_shared();
    test_tail_calls();
    return rig_end();
}

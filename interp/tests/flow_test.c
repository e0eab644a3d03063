/* flow_test.c: jumps, fuel, calls and what they keep, depth, may_goto, callbacks, timers, traps in
 * all of them, and the tracing form's account. */
#include "interp/tests/rig.h"
#include "runtime/map.h"

static void test_calls(void) {
    rig_expect("r6 = 6\nr7 = 7\nr8 = 8\nr9 = 9\nr1 = 1\ncall local f\nr0 += r6\nr0 += r7\nr0 += "
               "r8\nr0 += r9\nexit\n"
               "f: r6 = 100\nr7 = 100\nr8 = 100\nr9 = 100\nr0 = r1\nexit",
               RUN_EXIT, 10, 31);
    /* Recursion to the limit of 8 frames, and one beyond. */
    rig_expect("r1 = 7\ncall local f\nexit\nf: r0 = 0\nif r1 == 1 goto +3\nr1 += -1\ncall local "
               "f\nr0 += 1\nexit",
               RUN_EXIT, 2, 6);
    rig_expect("r1 = 8\ncall local f\nexit\nf: r0 = 0\nif r1 == 1 goto +3\nr1 += -1\ncall local "
               "f\nr0 += 1\nexit",
               RUN_TRAP_DEPTH, 6, 0);
    /* r10 of a callee is a fresh frame; the caller's is back afterwards. */
    rig_expect("r6 = r10\n*(u64 *)(r10 - 8) = 1\ncall local f\nr6 -= r10\nr0 += r6\nr1 = *(u64 "
               "*)(r10 - 8)\nr0 += r1\n"
               "exit\nf: *(u64 *)(r10 - 8) = 5\nr0 = 0\nexit",
               RUN_EXIT, 7, 1);
    rig_expect("call 9999\nexit", RUN_TRAP_HELPER, 0, 0);
    rig_expect("r2 = 9999\ncallx r2\nexit", RUN_TRAP_HELPER, 1, 0);
    rig_expect("r2 = -1\ncallx r2\nexit", RUN_TRAP_HELPER, 1, 0);
    rig_expect("r0 = 1\nr10 += 8\nexit", RUN_TRAP_INSN, 1, 0);
    rig_expect("r0 = 1\nexit\nr10 = *(u64 *)(r1 + 0)\nexit", RUN_EXIT, 1, 1);
    rig_expect("r1 = 3\ngotox r1\nexit", RUN_TRAP_INSN, 1, 0);
}

/* A unit for each backward jump taken and each call: with one less than needed the run stops at
 * the one it lacked. */
static void test_fuel(void) {
    static const struct {
        const char *text;
        uint64_t fuel;
        uint32_t stops_at;
    } cases[] = {
        {"r0 = 0\nl: r0 += 1\nif r0 < 10 goto l\nexit", 9, 2},
        {"r0 = 0\nl: r0 += 1\nif w0 != 10 goto l\nexit", 9, 2},
        {"r0 = 0\nl: r0 += 1\nif r0 == 10 goto e\ngoto l\ne: exit", 9, 3},
        {"r0 = 0\nl: r0 += 1\nif r0 == 10 goto e\ngotol l\ne: exit", 9, 3},
        {"call local f\ncall local f\nexit\nf: r0 = 0\nexit", 2, 1},
        {"goto +0\ngoto +0\nif r0 == r0 goto +0\nr0 = 1\nexit", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig r;
        check_note(cases[i].text);
        if (rig_asm(&r, cases[i].text, false)) {
            r.job.fuel = cases[i].fuel ? cases[i].fuel : 1;
            CHECK_EQ(rig_run(&r, NULL).kind, RUN_EXIT);
            if (cases[i].fuel > 1) {
                r.job.fuel = cases[i].fuel - 1;
                const struct run_end end = rig_run(&r, NULL);
                CHECK_EQ(end.kind, RUN_TRAP_FUEL);
                CHECK_EQ(end.pc, cases[i].stops_at);
            }
        }
        rig_fini(&r);
    }
    struct rig r;
    if (rig_asm(&r, "l: goto l\nexit", false)) {
        r.job.fuel = 1000;
        CHECK_EQ(rig_run(&r, NULL).kind, RUN_TRAP_FUEL);
    }
    rig_fini(&r);
    check_note(NULL);
}

static void test_may_goto(void) {
    struct rig r;
    if (rig_asm(&r, "r0 = 0\nl: may_goto e\nr0 += 1\ngoto l\ne: exit", false)) {
        r.job.may_goto_budget = 5;
        CHECK_EQ(rig_run(&r, NULL).r0, 5);
    }
    rig_fini(&r);
    /* Each frame has a budget of its own. */
    if (rig_asm(&r,
                "r6 = 0\nl: may_goto e\nr6 += 1\ncall local f\nr6 += r0\ngoto l\ne: r0 = r6\nexit\n"
                "f: r0 = 0\nk: may_goto d\nr0 += 1\ngoto k\nd: exit",
                false)) {
        r.job.may_goto_budget = 5;
        CHECK_EQ(rig_run(&r, NULL).r0, 30);
    }
    rig_fini(&r);
}

/* A helper that calls back: bpf_loop (181) with this callback; counted, stopped, and trapping. */
static void test_callbacks(void) {
    rig_expect("r1 = 10\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181\nexit\ncb: r0 = 0\nexit", RUN_EXIT, 6,
               10);
    rig_expect("r1 = 10\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181\nexit\ncb: r0 = 0\nif r1 != 3 goto "
               "+1\nr0 = 1\nexit",
               RUN_EXIT, 6, 4);
    /* The trap is the callback's, at its own pc. */
    rig_expect("r1 = 10\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181\nexit\ncb: r1 = 0\nr0 = *(u8 *)(r1 + "
               "0)\nexit",
               RUN_TRAP_NULL, 8, 0);
    /* It runs in a frame of its own, keeps the caller's registers, and reaches the caller's
     * stack by pointer. */
    rig_expect(
        "r6 = 77\n*(u64 *)(r10 - 8) = 0\nr1 = 4\nr2 = cb ll\nr3 = r10\nr3 += -8\nr4 = 0\ncall 181\n"
        "r0 = *(u64 *)(r10 - 8)\nr0 += r6\nexit\n"
        "cb: r6 = 1\n*(u64 *)(r10 - 8) = 9\nr1 = *(u64 *)(r2 + 0)\nr1 += 10\n*(u64 *)(r2 + 0) = "
        "r1\nr0 = 0\nexit",
        RUN_EXIT, 11, 117);
    rig_expect("r1 = 1\nr2 = 5\nr3 = 0\nr4 = 0\ncall 181\nexit", RUN_TRAP_CALL, 4, 0);
    /* Each invocation costs a unit of fuel. */
    struct rig r;
    if (rig_asm(&r, "r1 = 10\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181\nexit\ncb: r0 = 0\nexit",
                false)) {
        r.job.fuel = 10;
        CHECK_EQ(rig_run(&r, NULL).kind, RUN_EXIT);
        r.job.fuel = 9;
        CHECK_EQ(rig_run(&r, NULL).kind, RUN_TRAP_FUEL);
    }
    rig_fini(&r);
}

/* A timer in a map value: the program arms it (169 timer_init, 170 set_callback, 171 start); it
 * fires once when time has passed, on the value it lies in; a trap in its callback is the end
 * reported. */
static void timer_case(const char *callback, bool trap) {
    char text[512];
    snprintf(text, sizeof text,
             "*(u32 *)(r10 - 4) = 0\nr1 = map_idx(0) ll\nr2 = r10\nr2 += -4\ncall 1\n"
             "if r0 != 0 goto l\nexit\nl: r6 = r0\nr1 = r6\nr2 = map_idx(0) ll\nr3 = 1\ncall 169\n"
             "r1 = r6\nr2 = cb ll\ncall 170\nr1 = r6\nr2 = 5000000\nr3 = 0\ncall 171\nexit\n%s",
             callback);
    const struct map_def def = {
        .name = "timers", .type = MAP_array, .key_size = 4, .value_size = 24, .max_entries = 1};
    const struct map_fields fields = {.spin_lock = -1, .timer = 0, .workqueue = -1};
    struct world *w;
    struct prog p;
    struct interp_code *code;
    struct insn *insns;
    uint32_t n, id;
    uint64_t fired = 99;
    if (!CHECK_EQ(world_new(NULL, &w), BPFLAB_OK) || !CHECK_EQ(map_new(w, &def, &id), 0) ||
        !CHECK_EQ(map_set_fields(map_by_id(w, id), &fields), 0) ||
        !CHECK_EQ(asm_parse(text, strlen(text), NULL, &insns, &n, NULL), BPFLAB_OK) ||
        !CHECK_EQ(prog_init_insns(&p, insns, n), BPFLAB_OK))
        return;
    const struct interp_bind bind = {.world = w, .map_ids = &id, .n_maps = 1};
    if (CHECK_EQ(interp_compile(&p, &bind, &code, NULL), BPFLAB_OK)) {
        const struct interp_job job = {.code = code};
        world_begin_run(w);
        const struct run_end end = interp_run(w, &job);
        CHECK_EQ(end.kind, RUN_EXIT);
        CHECK_EQ(end.r0, 0);
        const uint64_t due = w->st.clock_ns + 5000000;
        CHECK_EQ(interp_run_timers(w, &job, due - 1000000, &fired).kind, RUN_EXIT);
        CHECK_EQ(fired, 0);
        const struct run_end timers = interp_run_timers(w, &job, due + 1000000, &fired);
        CHECK_EQ(timers.kind, trap ? RUN_TRAP_NULL : RUN_EXIT);
        CHECK_EQ(world_get64(w, w->mem + map_by_id(w, id)->value_off + 16), trap ? 0 : 1);
        if (!trap) {
            CHECK_EQ(fired, 1);
            interp_run_timers(w, &job, due + 90000000, &fired);
            CHECK_EQ(fired, 0);
        }
        interp_code_free(code);
    }
    free(insns);
    prog_fini(&p);
    world_free(w);
}

static void test_timers(void) {
    timer_case("cb: r1 = *(u64 *)(r3 + 16)\nr1 += 1\n*(u64 *)(r3 + 16) = r1\nr0 = 0\nexit", false);
    timer_case("cb: r1 = 0\nr0 = *(u64 *)(r1 + 16)\nexit", true);
}

/* Conformance suites' helper 5, by number and through a register. */
static void test_unwind(void) {
    static const char *const texts[] = {"r1 = 0\nr0 = 9\ncall 5\nr0 = 2\nexit",
                                        "r1 = 0\nr3 = 5\ncallx r3\nr0 = 2\nexit"};
    for (int i = 0; i < 2; i++) {
        struct rig r;
        if (rig_asm(&r, texts[i], false)) {
            r.job.unwind = true;
            CHECK_EQ(rig_run(&r, NULL).r0, 0);
            r.job.unwind = false;
            CHECK_EQ(rig_run(&r, NULL).r0, 2);
        }
        rig_fini(&r);
    }
}

struct seen {
    uint64_t n, writes;
    uint32_t last_pc;
    uint64_t stop_after;
};

static bool on_step(void *self, const struct interp_step *step) {
    struct seen *s = self;
    s->n++;
    s->last_pc = step->pc;
    if (step->mem_bytes) {
        s->writes++;
        CHECK_EQ(step->mem_bytes, 4);
        CHECK_EQ(step->mem_addr, step->regs[10] - 16);
    }
    if (step->pc == 0)
        CHECK_EQ(step->regs[0], 0);
    return !s->stop_after || s->n < s->stop_after;
}

static void test_trace(void) {
    struct rig r;
    struct seen seen = {0};
    if (rig_asm(&r, "r0 = 0\nl: *(u32 *)(r10 - 16) = r0\nr0 += 1\nif r0 < 5 goto l\nexit", false)) {
        uint64_t n = 0;
        r.job.step = on_step;
        r.job.step_self = &seen;
        world_begin_run(r.w);
        CHECK_EQ(interp_trace(r.w, &r.job, &n).r0, 5);
        CHECK_EQ(n, 17);
        CHECK_EQ(seen.n, 17);
        CHECK_EQ(seen.writes, 5);
        CHECK_EQ(seen.last_pc, 4);
        seen = (struct seen){.stop_after = 6};
        world_begin_run(r.w);
        CHECK_EQ(interp_trace(r.w, &r.job, &n).kind, RUN_TRAP_FUEL);
        CHECK_EQ(seen.n, 6);
    }
    rig_fini(&r);
}

/* More frames, larger ones, and other limits as configured. */
static void test_config(void) {
    struct world_config cfg;
    struct world *w;
    struct prog p;
    struct interp_code *code;
    struct insn *insns;
    uint32_t n;
    world_config_init(&cfg);
    cfg.max_frames = 64;
    cfg.frame_bytes = 1024;
    const char *text = "r1 = 63\ncall local f\nexit\nf: *(u8 *)(r10 - 1024) = 1\nr0 = 0\nif r1 == "
                       "1 goto +3\nr1 += -1\n"
                       "call local f\nr0 += 1\nexit";
    if (!CHECK_EQ(world_new(&cfg, &w), BPFLAB_OK) ||
        !CHECK_EQ(asm_parse(text, strlen(text), NULL, &insns, &n, NULL), BPFLAB_OK) ||
        !CHECK_EQ(prog_init_insns(&p, insns, n), BPFLAB_OK))
        return;
    const struct interp_bind bind = {.world = w};
    if (CHECK_EQ(interp_compile(&p, &bind, &code, NULL), BPFLAB_OK)) {
        struct interp_job job = {.code = code};
        world_begin_run(w);
        const struct run_end end = interp_run(w, &job);
        CHECK_EQ(end.kind, RUN_EXIT);
        CHECK_EQ(end.r0, 62);
        interp_code_free(code);
    }
    free(insns);
    prog_fini(&p);
    world_free(w);
}

int main(void) {
    test_calls();
    test_fuel();
    test_may_goto();
    test_callbacks();
    test_timers();
    test_unwind();
    test_trace();
    test_config();
    return rig_end();
}

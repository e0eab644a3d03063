/* kfunc_test.c: kernel functions called by programs: bound by the names that the program gives,
 * trapping where there is none; exceptions from subprograms, callbacks and timers.
 */
#include "interp/tests/rig.h"
#include "runtime/kcall.h"

/* Give the program's "call kfunc n" the names[n], and compile it anew. */
static bool bind_names(struct rig *r, const char *const *names) {
    struct prog *p = &r->prog;
    const struct interp_bind bind = {.world = r->w};
    p->externs = calloc(p->n_insns, sizeof *p->externs);
    for (uint32_t pc = 0; p->externs && pc < p->n_insns; pc++) {
        if (op_of(p->insns[pc]) != OP_CALL_KFUNC)
            continue;
        const char *name = names[p->insns[pc].imm];
        p->externs[p->n_externs++] =
            (struct prog_extern){.pc = pc, .is_func = true, .name = strdup(name)};
    }
    interp_code_free(r->code);
    r->code = NULL;
    if (!CHECK_EQ(interp_compile(p, &bind, &r->code, NULL), BPFLAB_OK))
        return false;
    r->job.code = r->code;
    return true;
}

static void expect(const char *text, const char *const *names, enum run_kind kind, uint64_t r0) {
    for (int big = 0; big < 2; big++) {
        struct rig r;
        check_note(text);
        if (rig_asm(&r, text, big) && bind_names(&r, names)) {
            const struct run_end end = rig_run(&r, NULL);
            CHECK_EQ(end.kind, kind);
            if (kind == RUN_EXIT)
                CHECK_EQ(end.r0, r0);
            else if (kind != RUN_THROWN)
                CHECK_EQ(end.addr, r0);
        }
        rig_fini(&r);
    }
    check_note(NULL);
}

static void test_iterators(void) {
    static const char *const names[] = {"bpf_iter_num_new",     "bpf_iter_num_next___flavour",
                                        "bpf_iter_num_destroy", "bpf_iter_bits_new",
                                        "bpf_iter_bits_next",   "bpf_iter_bits_destroy"};
    /* the sum of 3 to 9 */
    expect("r7 = 0\nr1 = r10\nr1 += -8\nr2 = 3\nr3 = 10\ncall kfunc 0\n"
           "again: r1 = r10\nr1 += -8\ncall kfunc 1\nif r0 == 0 goto out\n"
           "r1 = *(u32 *)(r0 + 0)\nr7 += r1\ngoto again\n"
           "out: r1 = r10\nr1 += -8\ncall kfunc 2\nr0 = r7\nexit",
           names, RUN_EXIT, 42);
    /* of the set bits of 0x8000000000000421 */
    expect("r1 = 0x8000000000000421 ll\n*(u64 *)(r10 - 24) = r1\nr7 = 0\n"
           "r1 = r10\nr1 += -16\nr2 = r10\nr2 += -24\nr3 = 1\ncall kfunc 3\n"
           "again: r1 = r10\nr1 += -16\ncall kfunc 4\nif r0 == 0 goto out\n"
           "r1 = *(u32 *)(r0 + 0)\nr7 += r1\ngoto again\n"
           "out: r1 = r10\nr1 += -16\ncall kfunc 5\nr0 = r7\nexit",
           names, RUN_EXIT, 0 + 5 + 10 + 63);
}

static void test_unbound(void) {
    static const char *const names[] = {"bpf_task_acquire", "bpf_no_such_thing"};
    expect("call kfunc 0\nr0 = 1\nexit", names, RUN_TRAP_HELPER, 0);
    expect("call kfunc 1\nr0 = 1\nexit", names, RUN_TRAP_HELPER, 1);
    expect("if r1 == 0 goto out\ncall kfunc 1\nout: r0 = 1\nexit", names, RUN_EXIT, 1);
    struct rig r; /* no name at all */
    if (rig_asm(&r, "call kfunc 3\nexit", false))
        CHECK_EQ(rig_run(&r, NULL).kind, RUN_TRAP_HELPER);
    rig_fini(&r);
}

static void test_throw(void) {
    static const char *const names[] = {"bpf_throw", "bpf_rcu_read_unlock"};
    expect("r1 = 7\ncall kfunc 0\nr0 = 1\nexit", names, RUN_EXIT, 7);
    /* out of three frames, and out of a callback of bpf_loop (181) */
    expect("call local f\nr0 = 1\nexit\nf: call local g\nr0 = 2\nexit\n"
           "g: r1 = -1\ncall kfunc 0\nr0 = 3\nexit",
           names, RUN_EXIT, UINT64_MAX);
    expect("r1 = 4\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181\nr0 = 1\nexit\n"
           "cb: r1 += 5\ncall kfunc 0\nr0 = 0\nexit",
           names, RUN_EXIT, 5);
    expect("call kfunc 1\nexit", names, RUN_TRAP_CALL, 0);
}

/* With an exception callback: the function at pc start. */
static void handler_case(const char *text, uint32_t start, enum run_kind kind, uint64_t r0) {
    static const char *const names[] = {"bpf_throw"};
    struct rig r;
    check_note(text);
    if (rig_asm(&r, text, false)) {
        free(r.prog.subprogs);
        r.prog.subprogs = calloc(2, sizeof *r.prog.subprogs);
        if (!CHECK(r.prog.subprogs != NULL))
            return;
        r.prog.n_subprogs = 2;
        r.prog.subprogs[0].n_insns = start;
        r.prog.subprogs[1] = (struct subprog){
            .start = start, .n_insns = r.prog.n_insns - start, .exception_cb = true};
        if (bind_names(&r, names)) {
            const struct run_end end = rig_run(&r, NULL);
            CHECK_EQ(end.kind, kind);
            if (kind == RUN_EXIT)
                CHECK_EQ(end.r0, r0);
            CHECK_EQ(r.w->exec.pending.kind, kind);
        }
    }
    rig_fini(&r);
    check_note(NULL);
}

static void test_handlers(void) {
    handler_case("r1 = 7\ncall kfunc 0\nexit\nr0 = r1\nr0 *= 6\nexit", 3, RUN_EXIT, 42);
    handler_case("r0 = 3\nexit\nr0 = 9\nexit", 2, RUN_EXIT, 3);
    handler_case("r1 = 7\ncall kfunc 0\nexit\n*(u64 *)(r10 - 8) = r1\nr0 = *(u64 *)(r10 - 8)\n"
                 "r0 += 1\nexit",
                 3, RUN_EXIT, 8);
    handler_case("r1 = 7\ncall kfunc 0\nexit\ncall kfunc 0\nr0 = 1\nexit", 3, RUN_THROWN, 0);
}

int main(void) {
    test_iterators();
    test_unbound();
    test_throw();
    test_handlers();
    return rig_end();
}

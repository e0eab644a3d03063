/* jit_cases_test.c: small programs that generated code once got wrong, under all options. */
#include <stdlib.h>

#include "engine/tests/jit_rig.h"
#include "isa/asm.h"
#include "jit/arch.h"
#include "tests/check.h"

static const struct {
    const char *what, *text;
} cases[] = {
    {"a 32-bit constant whose upper half is read only through a move",
     "r1 = 0x2208890031 ll\nw1 = 3\nw1 = w1\nr0 = r1\nexit"},
    {"the same, before a division",
     "r1 = 0x2208890031 ll\nw1 = 77\nw1 /= 10\nr0 = r1\nw1 = 77\nw1 %= 6\nr0 += r1\nexit"},
    {"a run that leaves through another function's exit",
     "r6 = 6\nr7 = 7\nr8 = r1\nr9 = 9\ncall f\nr0 += 5\ngoto e\nf: r0 = r1\nr6 = 1\ne: r0 ^= "
     "1\nexit"},
    {"a function that runs into the next one, past what is put off",
     "r6 = 1\nr7 = 2\nr8 = r1\ncall f\nr6 += r0\nr9 = 7\nf: r0 = r1\nif r0 == 0 goto l\nr7 = r0\n"
     "call g\nl: exit\ng: r0 = 7\nexit"},
};

static const struct variant {
    const char *name;
    struct jit_options opt;
    bool arena;
} variants[] = {
    {"plain", {.opt = 0, .expose = true}, false},
    {"better", {.opt = 1, .expose = true}, false},
    {"plain, blinded", {.opt = 0, .blind = true, .expose = true}, false},
    {"better, blinded", {.opt = 1, .blind = true, .expose = true}, false},
    {"better, fuel", {.opt = 1, .fuel = true, .expose = true}, false},
    {"better, trusted", {.opt = 1, .trusted = true, .expose = true}, false},
    {"better, guarded", {.opt = 1, .expose = true}, true},
};

static void check_variant(struct jit_rig *r, const struct variant *v, const char *what) {
    const struct jit_rig_job job = {.args = {UINT64_C(0xfedcba9876543210), 2, 3, 4, 5}};
    uint64_t regs[N_REGS];
    struct diag d = {0};
    const struct run_end want = jit_rig_interp(r, &job, regs);
    if (!CHECK_EQ(jit_rig_compile(r, &v->opt, v->arena, &d), BPFLAB_OK)) {
        printf("    pc %" PRId64 ": %s\n", d.pc, d.text);
        return;
    }
    jit_rig_doing(what);
    const struct run_end got = jit_rig_run(r, &job);
    bool ok = CHECK_EQ(got.kind, want.kind);
    ok &= CHECK_EQ(got.r0, want.r0);
    for (unsigned i = 6; i <= 9; i++)
        ok &= CHECK_EQ(r->w->exec.regs[i], regs[i]);
    if (!ok)
        printf("    %s, %s\n", r->arch->name, v->name);
}

static void check_case(struct jit_rig *r, const char *what, const char *text) {
    struct insn *insns;
    uint32_t n;
    struct diag d = {0};
    check_note(what);
    if (!CHECK_EQ(asm_parse(text, strlen(text), NULL, &insns, &n, &d), BPFLAB_OK)) {
        printf("    line %u: %s\n", d.line, d.text);
        return;
    }
    if (CHECK_EQ(jit_rig_load(r, insns, n, &d), BPFLAB_OK))
        for (unsigned i = 0; i < sizeof variants / sizeof *variants; i++)
            check_variant(r, &variants[i], what);
    else
        printf("    pc %" PRId64 ": %s\n", d.pc, d.text);
    free(insns);
}

int main(void) {
    const struct jit_rig_config cfg = {.code_bytes = 1 << 16};
    struct jit_rig r;
    const char *const why = jit_rig_init(&r, &cfg);
    if (why) {
        jit_rig_fini(&r);
        return check_skip(why);
    }
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
        check_case(&r, cases[i].what, cases[i].text);
    printf("%s: %u programs\n", r.arch->name, (unsigned)(sizeof cases / sizeof *cases));
    jit_rig_fini(&r);
    return check_end();
}

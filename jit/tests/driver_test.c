/* driver_test.c: what jit_compile promises of its input, its tables and its bytes, for every target
 * on any host; nothing is run. blind_test.c has what it promises of blinded code. */
#include <stdlib.h>

#include "jit/arch.h"
#include "tests/check.h"

static const struct jit_options plain = {.opt = 0}, better = {.opt = 1};

static struct jit_bind a_process(void) {
    static const struct jit_map maps[] = {
        {.handle = 0x200000002000, .value_addr = 0x200000100000},
    };
    static const uint64_t helpers[] = {0, 0x7f0000010000, 0x7f0000020000};
    return (struct jit_bind){.maps = maps,
                             .n_maps = 1,
                             .helpers = helpers,
                             .n_helpers = 3,
                             .exit_addr = 0x7f0000000100,
                             .world = 0x200010010000,
                             .frame_stride = 576,
                             .max_frames = 8};
}

static enum bpflab_err compile(const struct insn *insns, uint32_t n, const struct jit_arch *a,
                               const struct jit_options *opt, uint64_t addr, struct jit_code *out,
                               struct diag *d) {
    const struct jit_bind bind = a_process();
    struct prog p;
    enum bpflab_err err = prog_init_insns(&p, insns, n);
    if (err)
        return err;
    err = jit_compile(&p, a, opt, &bind, addr, out, d);
    prog_fini(&p);
    return err;
}

#define ADDR UINT64_C(0x7f0000100000)

/* Calls, loops, constants, memory, atomics; pc 14 is in the middle of a constant. */
static const struct insn sample[] = {
    {.code = 0xb7, .dst = 6, .imm = 10},            /* 0   r6 = 10 */
    {.code = 0xbf, .dst = 7, .src = 1},             /* 1   r7 = r1 */
    {.code = 0x7b, .dst = 10, .src = 7, .off = -8}, /* 2   *(u64 *)(r10 - 8) = r7 */
    {.code = 0x85, .src = 1, .imm = 14},            /* 3   call 18 */
    {.code = 0x0f, .dst = 7, .src = 0},             /* 4   r7 += r0 */
    {.code = 0x85, .imm = 1},                       /* 5   call helper 1 */
    {.code = 0x85, .imm = 77},                      /* 6   call a helper that is not there */
    {.code = 0x07, .dst = 6, .imm = -1},            /* 7   r6 += -1 */
    {.code = 0x55, .dst = 6, .off = -6},            /* 8   if r6 != 0 goto 3 */
    {.code = 0xe5, .off = 1},                       /* 9   may_goto 11 */
    {.code = 0x05, .off = -2},                      /* 10  goto 9 */
    {.code = 0xdb, .dst = 10, .src = 6, .off = -8}, /* 11  lock *(u64 *)(r10 - 8) += r6 */
    {.code = 0x3f, .dst = 7, .src = 6},             /* 12  r7 /= r6 */
    {.code = 0x18, .dst = 1, .imm = 0x12345678},    /* 13  r1 = constant */
    {.imm = 0x1abcdef0},                            /* 14 */
    {.code = 0xaf, .dst = 7, .src = 1},             /* 15  r7 ^= r1 */
    {.code = 0xbf, .dst = 0, .src = 7},             /* 16  r0 = r7 */
    {.code = 0x95},                                 /* 17  exit */
    {.code = 0xbf, .dst = 0, .src = 1},             /* 18  r0 = r1 */
    {.code = 0x37, .dst = 0, .imm = 7},             /* 19  r0 /= 7 */
    {.code = 0x95},                                 /* 20  exit */
};
enum {
    N_SAMPLE = sizeof sample / sizeof *sample
};

/* ---- what is refused ---- */
static const struct {
    enum bpflab_err err;
    uint32_t n;
    int64_t pc;
    struct insn insns[4];
} bad[] = {
    {BPFLAB_E_OPCODE, 2, 0, {{.code = 0xff}, {.code = 0x95}}},
    {BPFLAB_E_REGISTER, 2, 0, {{.code = 0xb7, .dst = 11}, {.code = 0x95}}},
    {BPFLAB_E_REGISTER, 2, 0, {{.code = 0xbf, .src = 12}, {.code = 0x95}}},
    {BPFLAB_E_RESERVED, 2, 0, {{.code = 0xb7, .off = 3}, {.code = 0x95}}},
    {BPFLAB_E_RESERVED, 2, 1, {{.code = 0xb7}, {.code = 0x95, .imm = 1}}},
    {BPFLAB_E_IMM64, 3, 1, {{.code = 0xb7}, {.code = 0x18}, {.code = 0x95}}},
    {BPFLAB_E_IMM64, 1, 0, {{.code = 0x18}}},
    {BPFLAB_E_JUMP, 2, 0, {{.code = 0x05, .off = 1}, {.code = 0x95}}},
    {BPFLAB_E_JUMP, 2, 0, {{.code = 0x05, .off = -2}, {.code = 0x95}}},
    {BPFLAB_E_JUMP, 2, 0, {{.code = 0x85, .src = 1, .imm = 9}, {.code = 0x95}}},
    {BPFLAB_E_JUMP, 4, 0, {{.code = 0x15, .off = 1}, {.code = 0x18}, {0}, {.code = 0x95}}},
    {BPFLAB_E_FALLTHROUGH, 1, 0, {{.code = 0xb7}}},
    {BPFLAB_E_RANGE, 3, 0, {{.code = 0x18, .src = 5, .imm = 1}, {0}, {.code = 0x95}}},
    {BPFLAB_E_RANGE, 3, 0, {{.code = 0x18, .src = 6, .imm = -1}, {0}, {.code = 0x95}}},
};

static void refused(const struct jit_arch *a) {
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        for (unsigned opt = 0; opt < 2; opt++) {
            struct jit_code code = {.n_bytes = 99};
            struct diag d = {.pc = -1};
            check_note(err_text(bad[i].err));
            CHECK_EQ(compile(bad[i].insns, bad[i].n, a, opt ? &better : &plain, ADDR, &code, &d),
                     bad[i].err);
            CHECK_EQ(d.pc, bad[i].pc);
            CHECK_EQ(code.n_bytes, 99); /* nothing was written */
        }
    check_note(a->name);
    struct jit_code code;
    CHECK_EQ(compile(sample, 0, a, &better, ADDR, &code, NULL), BPFLAB_E_EMPTY);
    struct insn *const many = calloc(PROG_MAX_INSNS + 1, sizeof *many);
    if (CHECK(many))
        CHECK_EQ(compile(many, PROG_MAX_INSNS + 1, a, &better, ADDR, &code, NULL),
                 BPFLAB_E_TOO_LONG);
    free(many);
}

/* A write to r10 is a trap where it stands. */
static void read_only(const struct jit_arch *a) {
    static const struct insn insns[] = {{.code = 0xb7, .dst = 10}, {.code = 0x95}};
    struct jit_code code;
    if (CHECK_EQ(compile(insns, 2, a, &better, ADDR, &code, NULL), BPFLAB_OK))
        jit_code_fini(&code);
}

/* ---- tables ---- */
static void check_tables(const struct jit_code *c) {
    CHECK_EQ(c->n_insns, N_SAMPLE);
    CHECK(c->pc_off[N_SAMPLE] <= c->n_bytes);
    for (uint32_t pc = 0; pc < N_SAMPLE; pc++) {
        const uint32_t from = c->pc_off[pc], to = c->pc_off[pc + 1];
        CHECK(from <= to);
        if (from == to)
            continue;
        CHECK_EQ(jit_pc_of(c, from), pc);
        CHECK_EQ(jit_pc_of(c, to - 1), pc);
    }
    CHECK_EQ(jit_pc_of(c, c->n_bytes + 64), UINT32_MAX);
    CHECK_EQ(c->n_funcs, 2);
    CHECK_EQ(c->funcs[0].pc, 0);
    CHECK_EQ(c->funcs[1].pc, 18);
    CHECK(c->funcs[0].off < c->funcs[1].off && c->funcs[1].off < c->n_bytes);
    CHECK(c->funcs[0].off <= c->pc_off[0] && c->funcs[1].off <= c->pc_off[18]);
}

static bool same_code(const struct jit_code *a, const struct jit_code *b) {
    return a->n_bytes == b->n_bytes && !memcmp(a->bytes, b->bytes, a->n_bytes);
}

static void accepted(const struct jit_arch *a) {
    static const struct jit_options all[] = {
        {.opt = 0},
        {.opt = 1},
        {.opt = 0, .fuel = true},
        {.opt = 1, .fuel = true, .expose = true},
        {.opt = 1, .trusted = true, .untraced = true},
        {.opt = 0, .blind = true, .blind_seed = 1},
        {.opt = 1, .blind = true, .blind_seed = 1},
    };
    struct jit_code code[2];
    check_note(a->name);
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        if (!CHECK_EQ(compile(sample, N_SAMPLE, a, &all[i], ADDR, &code[0], NULL), BPFLAB_OK))
            continue;
        check_tables(&code[0]);
        CHECK(code[0].n_bytes > 0 && code[0].n_bytes % a->insn_bytes == 0);
        if (CHECK_EQ(compile(sample, N_SAMPLE, a, &all[i], ADDR, &code[1], NULL), BPFLAB_OK)) {
            CHECK(same_code(&code[0], &code[1])); /* nothing but the input decides */
            jit_code_fini(&code[1]);
        }
        jit_code_fini(&code[0]);
    }
}

/* Instructions that are one operation make less code than one by one. */
static void levels(const struct jit_arch *a) {
    static const struct insn insns[] = {
        {.code = 0xbf, .src = 1},  /* r0 = r1 */
        {.code = 0x67, .imm = 32}, /* r0 <<= 32 */
        {.code = 0x77, .imm = 32}, /* r0 >>= 32 */
        {.code = 0xb7, .dst = 2},  /* r2 = 0, which nobody reads */
        {.code = 0x95},            /* exit */
    };
    struct jit_code at[2];
    if (!CHECK_EQ(compile(insns, 5, a, &plain, ADDR, &at[0], NULL), BPFLAB_OK) ||
        !CHECK_EQ(compile(insns, 5, a, &better, ADDR, &at[1], NULL), BPFLAB_OK))
        return;
    CHECK(at[1].n_bytes < at[0].n_bytes);
    CHECK_EQ(at[1].pc_off[1], at[1].pc_off[3]);
    CHECK_EQ(at[1].pc_off[3], at[1].pc_off[4]);
    CHECK(at[0].pc_off[1] < at[0].pc_off[2] && at[0].pc_off[3] < at[0].pc_off[4]);
    jit_code_fini(&at[0]);
    jit_code_fini(&at[1]);
}

/* Code for another place calls what it called from here; what calls nothing is the same. */
static void places(const struct jit_arch *a) {
    static const struct insn still[] = {{.code = 0xb7}, {.code = 0x95}};
    for (unsigned calls = 0; calls < 2; calls++) {
        const struct insn *const insns = calls ? sample : still;
        const uint32_t n = calls ? N_SAMPLE : 2;
        struct jit_code at[2];
        if (!CHECK_EQ(compile(insns, n, a, &better, ADDR, &at[0], NULL), BPFLAB_OK) ||
            !CHECK_EQ(compile(insns, n, a, &better, ADDR + 4096, &at[1], NULL), BPFLAB_OK))
            return;
        /* the machine that does not exist calls by address */
        CHECK(same_code(&at[0], &at[1]) == (!calls || !strcmp(a->name, "stub")));
        jit_code_fini(&at[0]);
        jit_code_fini(&at[1]);
    }
}

int main(void) {
    const struct jit_arch *a;
    unsigned finished = 0;
    for (unsigned i = 0; (a = jit_target_at(i)) != NULL; i++) {
        struct jit_code code;
        check_note(a->name);
        if (!a->alu) {
            CHECK_EQ(compile(sample, N_SAMPLE, a, &better, ADDR, &code, NULL),
                     BPFLAB_E_UNSUPPORTED);
            continue;
        }
        finished++;
        refused(a);
        read_only(a);
        accepted(a);
        levels(a);
        places(a);
    }
    CHECK(finished > 0);
    return check_end();
}

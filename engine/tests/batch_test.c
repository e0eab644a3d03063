/* batch_test.c: thousands of random bare programs in batches, on an engine and on the interpreter;
 * crashes and hangs in the middle of a batch cost their own case only.
 *
 *     batch_test ENGINE [contained] [CASES]
 */
#include "engine/batch.h"

#include <stdlib.h>
#include <time.h>

#include "isa/asm.h"
#include "jit/jit.h"
#include "runtime/proto.h"
#include "tests/check.h"

enum {
    MEM_BYTES = 64,
    LENGTH = 24,
    BATCH = 2000,
};

/* Arithmetic on all registers, loads and stores of the memory, forward jumps. r9 keeps its address;
 * r6 to r8 are what is looked at. */
static struct insn make(uint64_t *seed, int left) {
    static const uint8_t alu[] = {0x07, 0x0f, 0x17, 0x1f, 0x2f, 0x37, 0x3f, 0x47, 0x4f, 0x57, 0x5f,
                                  0x67, 0x77, 0x97, 0x9f, 0xa7, 0xaf, 0xb7, 0xbf, 0xc7, 0x04, 0x0c,
                                  0x2c, 0x3c, 0x4c, 0x64, 0x74, 0x9c, 0xa4, 0xbc, 0xc4, 0x87, 0xd4};
    const uint64_t r = check_random(seed);
    struct insn in = {.dst = (uint8_t)(r % 9), .src = (uint8_t)((r >> 8) % 9)};
    switch ((r >> 16) % 8) {
    case 0:
        return (struct insn){.code = r >> 20 & 1 ? 0x79 : 0x61,
                             .dst = in.dst,
                             .src = 9,
                             .off = (int16_t)((r >> 24) % (MEM_BYTES - 7))};
    case 1:
        return (struct insn){.code = r >> 20 & 1 ? 0x7b : 0x6b,
                             .dst = 9,
                             .src = in.src,
                             .off = (int16_t)((r >> 24) % (MEM_BYTES - 7))};
    case 2:
        return (struct insn){.code = r >> 20 & 1 ? 0x2d : 0xa6,
                             .dst = in.dst,
                             .src = in.src,
                             .imm = r >> 20 & 1 ? 0 : (int32_t)(r >> 32),
                             .off = (int16_t)((r >> 24) % (uint64_t)left)};
    default: break;
    }
    in.code = alu[(r >> 24) % sizeof alu];
    const uint8_t kind = in.code & 0xf0, wide = (in.code & 7) == 7 ? 63 : 31;
    if (kind == 0x80 || kind == 0xd0) {
        in.imm = kind == 0xd0 ? 16 << ((r >> 40) % 3) : 0;
        in.src = 0;
        return in;
    }
    if (in.code & 8)
        return in;
    in.src = 0;
    in.imm = kind == 0x60 || kind == 0x70 || kind == 0xc0 ? (int32_t)(r >> 40 & wide)
                                                          : (int32_t)(r >> 32);
    return in;
}

static void make_program(struct prog *p, uint64_t *seed) {
    struct insn insns[LENGTH + 12];
    uint32_t n = 0;
    insns[n++] = (struct insn){.code = 0xbf, .dst = 9, .src = 1};
    for (uint8_t r = 0; r < 9; r++)
        insns[n++] = (struct insn){.code = 0xb7, .dst = r, .imm = (int32_t)check_random(seed)};
    for (int i = 0; i < LENGTH; i++)
        insns[n++] = make(seed, LENGTH - i);
    insns[n++] = (struct insn){.code = 0xb7, .dst = 9};
    insns[n++] = (struct insn){.code = 0x95};
    CHECK_EQ(prog_init_insns(p, insns, n), BPFLAB_OK);
}

struct both {
    struct engine_batch *a, *b;
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static void compare_batch(const struct both *e, uint64_t *seed, size_t n, uint64_t *ns) {
    static struct prog progs[BATCH];
    static struct engine_case ca[BATCH], cb[BATCH];
    static uint8_t mem[BATCH][MEM_BYTES], after_a[BATCH][MEM_BYTES], after_b[BATCH][MEM_BYTES];
    struct diag d = {0};
    for (size_t i = 0; i < n; i++) {
        make_program(&progs[i], seed);
        for (size_t k = 0; k < MEM_BYTES; k++)
            mem[i][k] = (uint8_t)check_random(seed);
        ca[i] = cb[i] = (struct engine_case){
            .prog = &progs[i], .mem = mem[i], .mem_bytes = MEM_BYTES, .mem_after = after_a[i]};
        cb[i].mem_after = after_b[i];
    }
    if (!CHECK_EQ(engine_batch_run(e->a, ca, n, 100000, &d), BPFLAB_OK))
        printf("    %s\n", d.text);
    const uint64_t start = now_ns();
    if (!CHECK_EQ(engine_batch_run(e->b, cb, n, 100000, &d), BPFLAB_OK))
        printf("    %s\n", d.text);
    *ns += now_ns() - start;
    for (size_t i = 0; i < n; i++) {
        CHECK_EQ(cb[i].err, ca[i].err);
        CHECK_EQ(cb[i].end.kind, ca[i].end.kind);
        CHECK_EQ(cb[i].end.kind, RUN_EXIT);
        CHECK_EQ(cb[i].end.r0, ca[i].end.r0);
        for (int r = 6; r <= 9; r++)
            CHECK_EQ(cb[i].regs[r], ca[i].regs[r]);
        CHECK(!memcmp(after_a[i], after_b[i], MEM_BYTES));
        prog_fini(&progs[i]);
    }
}

static void assemble(struct prog *p, const char *text) {
    struct insn *insns;
    uint32_t n;
    struct diag d = {0};
    CHECK_EQ(asm_parse(text, strlen(text), NULL, &insns, &n, &d), BPFLAB_OK);
    CHECK_EQ(prog_init_insns(p, insns, n), BPFLAB_OK);
    free(insns);
}

/* In an executor: one case that destroys its process, and one that never ends. */
static void check_accidents(const struct engine *e) {
    struct engine_options opt = {.opt = 1, .expose = true, .timeout_ms = 1500};
    char crash[200];
    struct engine_batch *b;
    struct prog progs[4];
    struct engine_case c[6];
    struct diag d = {0};
    if (!CHECK_EQ(engine_batch_open(e, &opt, &b, &d), BPFLAB_OK))
        return;
    snprintf(crash, sizeof crash,
             "r1 = %#llx ll\nr2 = 0\n*(u64 *)(r1 + 0) = r2\ncall 5\nr0 = 1\nexit",
             (unsigned long long)(WORLD_BASE + WORLD_STATE_OFF + offsetof(struct world, trace)));
    assemble(&progs[0], "r0 = 1\nexit");
    assemble(&progs[1], crash);
    assemble(&progs[2], "l: goto l\nexit");
    assemble(&progs[3], "r0 = 4\nexit");
    for (int i = 0; i < 6; i++)
        c[i] = (struct engine_case){.prog = &progs[i < 4 ? i : 3]};
    for (int round = 0; round < 2; round++) {
        if (!CHECK_EQ(engine_batch_run(b, c, 6, 0, &d), BPFLAB_OK))
            printf("    %s\n", d.text);
        CHECK_EQ(c[0].end.kind, RUN_EXIT);
        CHECK_EQ(c[0].end.r0, 1);
        CHECK_EQ(c[1].end.kind, RUN_CRASHED);
        CHECK_EQ(c[2].end.kind, RUN_HUNG);
        for (int i = 3; i < 6; i++) {
            CHECK_EQ(c[i].end.kind, RUN_EXIT);
            CHECK_EQ(c[i].end.r0, 4);
        }
    }
    for (int i = 0; i < 4; i++)
        prog_fini(&progs[i]);
    engine_batch_close(b);
}

static uint64_t run_cases(struct engine_batch *b, struct engine_case *c, size_t n) {
    struct diag d = {0};
    const uint64_t start = now_ns();
    if (!CHECK_EQ(engine_batch_run(b, c, n, 0, &d), BPFLAB_OK))
        printf("    %s\n", d.text);
    return now_ns() - start;
}

/* A batch that takes longer than what is allowed a case, but none of its cases does. */
static void check_slow(const struct engine *e) {
    enum {
        N = 12,
        TIMEOUT_MS = 2000
    };
    const struct engine_options opt = {.opt = 1, .timeout_ms = TIMEOUT_MS};
    struct engine_batch *b;
    struct prog p;
    struct engine_case c[N];
    struct diag d = {0};
    uint64_t loops = 1000000, ns = 0;
    if (!CHECK_EQ(engine_batch_open(e, &opt, &b, &d), BPFLAB_OK))
        return;
    for (;; loops *= 2) {
        char text[100];
        snprintf(text, sizeof text, "r1 = %llu ll\nl: r1 += -1\nif r1 != 0 goto l\nr0 = 5\nexit",
                 (unsigned long long)loops);
        assemble(&p, text);
        c[0] = (struct engine_case){.prog = &p};
        ns = run_cases(b, c, 1);
        if (ns > UINT64_C(250000000))
            break;
        prog_fini(&p);
    }
    for (int i = 0; i < N; i++)
        c[i] = (struct engine_case){.prog = &p};
    CHECK(run_cases(b, c, N) > TIMEOUT_MS * UINT64_C(1000000));
    for (int i = 0; i < N; i++)
        CHECK_EQ(c[i].end.kind, RUN_EXIT);
    prog_fini(&p);
    engine_batch_close(b);
}

/* Code beyond the limit costs its own case. */
static void check_limit(const struct engine *e) {
    const struct engine_options opt = {.opt = 1, .code_limit = 100};
    struct engine_batch *b;
    struct prog progs[2];
    char text[40 * 24 + 20] = "r0 = 4\n";
    struct diag d = {0};
    if (!CHECK_EQ(engine_batch_open(e, &opt, &b, &d), BPFLAB_OK))
        return;
    for (int i = 0; i < 40; i++)
        strcat(text, "r0 *= r0\nr0 ^= 0x12345\n");
    strcat(text, "exit");
    assemble(&progs[0], "r0 = 4\nexit");
    assemble(&progs[1], text);
    struct engine_case c[3] = {{.prog = &progs[0]}, {.prog = &progs[1]}, {.prog = &progs[0]}};
    run_cases(b, c, 3);
    CHECK_EQ(c[0].end.r0, 4);
    CHECK_EQ(c[1].err, BPFLAB_E_UNSUPPORTED);
    CHECK_EQ(c[2].err, BPFLAB_OK);
    CHECK_EQ(c[2].end.r0, 4);
    for (int i = 0; i < 2; i++)
        prog_fini(&progs[i]);
    engine_batch_close(b);
}

int main(int argc, char **argv) {
    const bool contained = argc > 2 && !strcmp(argv[2], "contained");
    const size_t n = argc > 3 ? (size_t)atol(argv[3]) : 4000;
    struct engine_options opt = {.opt = 1, .expose = true, .fuel = true};
    struct engine e, interp;
    struct both both;
    struct diag d = {0};
    uint64_t seed = 7, ns = 0;
    enum bpflab_err err = argc < 2 ? BPFLAB_E_ARG : engine_find(argv[1], contained, &e, &d);
    if (!err)
        err = engine_batch_open(&e, &opt, &both.b, &d);
    if (err) {
        printf("skipped: %s\n", d.text);
        return err == BPFLAB_E_MISSING ? 77 : 1;
    }
    CHECK_EQ(engine_find("interp", false, &interp, &d), BPFLAB_OK);
    interp.arch = e.arch; /* its byte order */
    CHECK_EQ(engine_batch_open(&interp, &opt, &both.a, &d), BPFLAB_OK);
    for (size_t at = 0; at < n; at += BATCH)
        compare_batch(&both, &seed, n - at < BATCH ? n - at : BATCH, &ns);
    printf("%s: %zu cases, %.1f us each\n", e.name, n, (double)ns / 1e3 / (double)n);
    engine_batch_close(both.a);
    engine_batch_close(both.b);
    check_limit(&e);
    if (e.kind == ENGINE_FOREIGN)
        check_accidents(&e);
    if (contained)
        check_slow(&e);
    return check_end();
}

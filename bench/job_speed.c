/* job_speed.c: how many small jobs a second each engine does: bare programs, each compiled, run and
 * answered for, in batches.
 *
 *   bpflab-job-speed [JOBS]       per engine: jobs a second of time on the wall, for programs of
 *                                 about 16 and about 400 instructions (default 40,000 jobs)
 *
 * The host compiles; an executor runs (natively, or under qemu-user). Both share the machine.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/batch.h"

enum {
    BATCH = 1000,
    MEM_BYTES = 64,
    MAX_LENGTH = 512,
};

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A straight program of n instructions over r0 and r2 to r5: arithmetic, a load and a store. */
static void make(struct insn *insns, uint32_t n, uint64_t seed) {
    static const uint8_t codes[] = {0x07, 0x0f, 0x17, 0x1f, 0x27, 0x47, 0x57, 0xa7, 0x0c, 0xac};
    uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    uint32_t at = 0;
    for (uint8_t r = 2; r <= 5; r++)
        insns[at++] = (struct insn){.code = 0xb7, .dst = r, .imm = (int32_t)(x >> r)};
    insns[at++] = (struct insn){.code = 0x79, .dst = 0, .src = 1};
    while (at < n - 2) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
        const uint8_t code = codes[(x >> 40) % sizeof codes];
        insns[at++] = (struct insn){.code = code,
                                    .dst = (uint8_t)(x >> 33 & 3 ? 2 + (x >> 33 & 3) : 0),
                                    .src = (uint8_t)(code & 8 ? 2 + (x >> 36 & 3) : 0),
                                    .imm = code & 8 ? 0 : (int32_t)(x >> 32)};
    }
    insns[at++] = (struct insn){.code = 0x7b, .dst = 1, .off = 8};
    insns[at++] = (struct insn){.code = 0x95};
}

/* out: jobs a second; 0 if the engine is missing, with the reason printed */
static double rate(const char *name, bool contained, uint32_t length, uint64_t n_jobs) {
    static struct insn insns[BATCH][MAX_LENGTH];
    static struct prog progs[BATCH];
    static struct engine_case cases[BATCH];
    static uint8_t before[MEM_BYTES], after[BATCH][MEM_BYTES];
    const struct engine_options options = {.opt = 1};
    struct engine_batch *b = NULL;
    struct engine e;
    struct diag d = {0};
    if (engine_find(name, contained, &e, &d) || engine_batch_open(&e, &options, &b, &d)) {
        printf("%-12s %s\n", name, d.text);
        return 0;
    }
    for (uint32_t i = 0; i < BATCH; i++) {
        make(insns[i], length, i);
        progs[i] = (struct prog){.insns = insns[i],
                                 .n_insns = length,
                                 .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__};
    }
    double best = 0;
    for (int round = 0; round < 5; round++) {
        const double start = now_s();
        for (uint64_t done = 0; done < n_jobs; done += BATCH) {
            for (uint32_t i = 0; i < BATCH; i++)
                cases[i] = (struct engine_case){.prog = &progs[i],
                                                .mem = before,
                                                .mem_bytes = MEM_BYTES,
                                                .mem_after = after[i]};
            if (engine_batch_run(b, cases, BATCH, 0, &d)) {
                printf("%-12s %s\n", name, d.text);
                engine_batch_close(b);
                return 0;
            }
        }
        const double r = (double)n_jobs / (now_s() - start);
        best = r > best ? r : best;
    }
    engine_batch_close(b);
    return best;
}

int main(int argc, char **argv) {
    static const struct {
        const char *name, *engine;
        bool contained;
    } engines[] = {
        {"interp", "interp", false},           {"jit", "jit", false},
        {"jit, child", "jit", true},           {"jit:arm64", "jit:arm64", false},
        {"jit:riscv64", "jit:riscv64", false}, {"jit:s390x", "jit:s390x", false},
    };
    const uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 0) : 40000;
    printf("%-12s %14s %14s\n", "engine", "16 insns, /s", "400 insns, /s");
    for (unsigned i = 0; i < sizeof engines / sizeof *engines; i++) {
        const double small = rate(engines[i].engine, engines[i].contained, 16, n);
        const double large = small > 0 ? rate(engines[i].engine, engines[i].contained, 400,
                                              n / 8 / BATCH * BATCH + BATCH)
                                       : 0;
        if (small > 0)
            printf("%-12s %14.0f %14.0f\n", engines[i].name, small, large);
    }
    return 0;
}

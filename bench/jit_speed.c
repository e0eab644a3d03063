/* jit_speed.c: how long generated code takes beside native code and the interpreter, and what
 * making it costs.
 *
 *   bpflab-jit-speed            the eight workloads: medians of interleaved rounds, as ratios to
 *                               clang -O2 without vectors (which eBPF has not), and with them
 *   bpflab-jit-speed --compile [OBJECT...]
 *                                   nanoseconds and bytes an instruction, for every target
 *
 * Native code calls the same helpers. All in one thread, by its processor time.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/bind.h"
#include "engine/engine.h"
#include "loader/object.h"
#include "runtime/helper.h"

enum {
    ROUNDS = 21,
    ROUND_NS = 4000000,
    N_HELPER_SLOTS = 16,
};

/* What the native workloads call: bench/workloads/workload.h. */
helper_fn *workload_helpers[N_HELPER_SLOTS];
void *workload_world;

#define WORKLOADS(X)                                                                               \
    X(alu_loop)                                                                                    \
    X(matmul) X(hash) X(trial_division) X(checksum) X(branchy) X(local_calls) X(helper_calls)
#define DECLARE(name)                                                                              \
    uint64_t name##_scalar(void *ctx);                                                             \
    uint64_t name##_vector(void *ctx);
WORKLOADS(DECLARE)

typedef uint64_t native_fn(void *ctx);

static const struct workload {
    const char *name;
    native_fn *scalar, *vector;
} workloads[] = {
#define ROW(name) {#name, name##_scalar, name##_vector},
    WORKLOADS(ROW)};

enum {
    N_WORKLOADS = sizeof workloads / sizeof workloads[0]
};

enum column {
    SCALAR,
    VECTOR,
    JIT1,
    JIT0,
    INTERP,
    N_COLUMNS,
};

struct measured {
    double ns[N_COLUMNS][ROUNDS];
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *ns) {
    qsort(ns, ROUNDS, sizeof *ns, by_value);
    return ns[ROUNDS / 2];
}

/* One session on an engine, with its object prepared. */
static struct engine_session *open_session(const struct object *o, const char *name, int opt) {
    const struct engine_options options = {.opt = opt, .trusted = true, .untraced = true};
    const struct instance_input input = {0};
    struct engine_session *s = NULL;
    struct engine e;
    struct diag d = {0};
    char text[256];
    if (engine_find(name, false, &e, &d) || engine_open(&e, o, NULL, &options, &s, &d) ||
        engine_prepare(s, 0, &input, &d)) {
        fprintf(stderr, "%s: %s\n", name, diag_format(&d, text, sizeof text));
        exit(1);
    }
    return s;
}

static double time_session(struct engine_session *s, uint64_t *r0) {
    struct engine_result r = {0};
    struct diag d = {0};
    uint64_t n = 1;
    for (;;) {
        const uint64_t start = now_ns();
        if (engine_run(s, n, &r, &d)) {
            fprintf(stderr, "%s\n", d.text);
            exit(1);
        }
        const uint64_t took = now_ns() - start;
        if (took >= ROUND_NS / 2 || n >= UINT64_C(1) << 24) {
            *r0 = r.end.r0;
            return (double)took / (double)n;
        }
        n *= 2;
    }
}

static double time_native(native_fn *fn, struct world *w, uint64_t *r0) {
    uint64_t n = 0;
    workload_world = w;
    const uint64_t start = now_ns();
    do {
        world_begin_run(w);
        *r0 = fn(NULL);
        n++;
    } while (now_ns() - start < ROUND_NS);
    return (double)(now_ns() - start) / (double)n;
}

static bool load(const char *name, struct object *o) {
    const struct object_options options = {0};
    struct diag d = {0};
    char path[512], text[256];
    snprintf(path, sizeof path, "%s/%s.o", WORKLOAD_DIR, name);
    if (!object_load_file(path, &options, o, &d))
        return true;
    fprintf(stderr, "%s: %s\n", path, diag_format(&d, text, sizeof text));
    return false;
}

/* One round of a workload on one column; a world at a time, since it has a fixed address. */
static double one(const struct workload *w, const struct object *o, enum column c, uint64_t *r0) {
    struct engine_session *const s =
        open_session(o, c == JIT0 || c == JIT1 ? "jit" : "interp", c == JIT0 ? 0 : 1);
    const double ns = c == SCALAR   ? time_native(w->scalar, engine_instance(s)->world, r0)
                      : c == VECTOR ? time_native(w->vector, engine_instance(s)->world, r0)
                                    : time_session(s, r0);
    engine_close(s);
    return ns;
}

static int run_workloads(void) {
    struct measured *const m = calloc(N_WORKLOADS, sizeof *m);
    struct object objects[N_WORKLOADS];
    double logs[N_COLUMNS] = {0};
    int wrong = 0;
    if (!m)
        return 1;
    for (uint32_t i = 0; i < N_HELPER_SLOTS; i++)
        workload_helpers[i] = helper_fn_of(i);
    for (int i = 0; i < (int)N_WORKLOADS; i++)
        if (!load(workloads[i].name, &objects[i]))
            return 1;
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < (int)N_WORKLOADS; i++) {
            uint64_t r0[N_COLUMNS];
            for (int c = 0; c < N_COLUMNS; c++)
                m[i].ns[c][round] = one(&workloads[i], &objects[i], (enum column)c, &r0[c]);
            const bool timed = !strcmp(workloads[i].name, "helper_calls"); /* it reads the clock */
            for (int c = 1; c < N_COLUMNS && !timed; c++)
                wrong += r0[c] != r0[0];
        }
    printf("%-16s %12s %10s %10s %10s %10s %10s\n", "workload", "native ns", "jit", "jit opt 0",
           "interp", "jit/vector", "jit ns");
    for (int i = 0; i < (int)N_WORKLOADS; i++) {
        double ns[N_COLUMNS];
        for (int c = 0; c < N_COLUMNS; c++)
            ns[c] = median(m[i].ns[c]);
        for (int c = 0; c < N_COLUMNS; c++)
            logs[c] += log(ns[c]);
        printf("%-16s %12.1f %10.3f %10.3f %10.3f %10.3f %10.1f\n", workloads[i].name, ns[SCALAR],
               ns[JIT1] / ns[SCALAR], ns[JIT0] / ns[SCALAR], ns[INTERP] / ns[SCALAR],
               ns[JIT1] / ns[VECTOR], ns[JIT1]);
        object_fini(&objects[i]);
    }
    const double base = logs[SCALAR], n = N_WORKLOADS;
    printf("%-16s %12s %10.3f %10.3f %10.3f %10.3f\n", "geometric mean", "",
           exp((logs[JIT1] - base) / n), exp((logs[JIT0] - base) / n),
           exp((logs[INTERP] - base) / n), exp((logs[JIT1] - logs[VECTOR]) / n));
    free(m);
    if (wrong)
        printf("%d results differ\n", wrong);
    return wrong != 0;
}

/* ---- compiling ---- */
static uint64_t helper_addresses[N_HELPERS];

/* A process in which helpers and thunks lie near the code. */
static struct target_process near_process(void) {
    struct target_process where = {
        .helpers = helper_addresses, .n_helpers = N_HELPERS, .exit_addr = 0x40000000};
    for (uint32_t i = 0; i < N_HELPERS; i++)
        helper_addresses[i] = 0x41000000 + 64 * i;
    for (uint32_t i = 0; i < N_JIT_THUNKS; i++)
        where.thunks[i] = 0x42000000 + 64 * i;
    return where;
}

static int compile_one(const char *path, const struct object *o) {
    struct instance in;
    struct diag d = {0};
    const struct target_process where = near_process();
    if (instance_new(o, NULL, &in, &d))
        return 1;
    struct jit_map *const maps = bind_maps(&in);
    if (!maps)
        return 1;
    const struct jit_bind b = bind_program(&in, 0, maps, &where);
    for (unsigned t = 0; jit_target_at(t); t++)
        for (int opt = 1; opt >= 0; opt--) {
            const struct jit_options options = {.opt = opt, .trusted = true};
            const struct prog *const p = &o->progs[0];
            double ns[ROUNDS];
            struct jit_code code = {0};
            for (int round = 0; round < ROUNDS; round++) {
                const int n = 1 + 200000 / (int)(p->n_insns + 100);
                const uint64_t start = now_ns();
                for (int i = 0; i < n; i++) {
                    jit_code_fini(&code);
                    if (jit_compile(p, jit_target_at(t), &options, &b, 0x43000000, &code, &d)) {
                        printf("%s: %s\n", path, d.text);
                        return 1;
                    }
                }
                ns[round] = (double)(now_ns() - start) / n;
            }
            const double once = median(ns);
            printf("%-24s %-12s %4d %8u %10.1f %8.1f %9u %7.2f\n", path,
                   jit_target_name(jit_target_at(t)), opt, p->n_insns, once / 1e3,
                   once / p->n_insns, code.n_bytes, (double)code.n_bytes / p->n_insns);
            jit_code_fini(&code);
        }
    free(maps);
    instance_fini(&in);
    return 0;
}

static int compile_all(int n, char **names) {
    static const char *const standard[] = {"two_insns", "alu_loop",    "hash",   "checksum",
                                           "branchy",   "local_calls", "matmul", "straight"};
    int bad = 0;
    printf("%-24s %-12s %4s %8s %10s %8s %9s %7s\n", "object", "target", "opt", "insns", "us",
           "ns/insn", "bytes", "B/insn");
    for (int i = 0; i < (n ? n : (int)(sizeof standard / sizeof *standard)); i++) {
        const struct object_options options = {0};
        struct object o;
        if (n ? object_load_file(names[i], &options, &o, NULL) != BPFLAB_OK
              : !load(standard[i], &o))
            return 1;
        bad |= compile_one(n ? names[i] : standard[i], &o);
        object_fini(&o);
    }
    return bad;
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "--compile"))
        return compile_all(argc - 2, argv + 2);
    if (argc > 1) {
        fprintf(stderr, "usage: bpflab-jit-speed [--compile [OBJECT...]]\n");
        return 2;
    }
    return run_workloads();
}

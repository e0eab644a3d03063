/* speed.c: instructions per second of the interpreter on the workloads, what starting a run costs,
 * and what loading an object costs.
 *
 *   bpflab-speed OBJECT...          each object's first program, in interleaved rounds: medians,
 *                                   and the geometric mean
 *   bpflab-speed --load OBJECT...   how long reading each takes
 *
 * A figure is only as good as the machine is quiet: the spread between rounds (the distance of the
 * quartiles) is printed beside it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/instance.h"

enum {
    ROUNDS = 31,
    ROUND_NS = 20000000,
};

struct workload {
    const char *path;
    struct object object;
    struct instance instance;
    struct interp_job job;
    uint64_t n_insns;  /* of one run */
    uint64_t repeats;  /* a round */
    double ns[ROUNDS]; /* of one run */
};

/* Processor time of this thread: what others do on the machine does not count, but for the caches
 * and the core they share. */
static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static bool load(struct workload *w, const char *path) {
    const struct object_options options = {0};
    const struct instance_input input = {0};
    struct diag d = {0};
    char text[256];
    w->path = path;
    if (object_load_file(path, &options, &w->object, &d) ||
        instance_new(&w->object, NULL, &w->instance, &d) ||
        instance_prepare(&w->instance, 0, &input, &w->job, &d)) {
        fprintf(stderr, "%s: %s\n", path, diag_format(&d, text, sizeof text));
        return false;
    }
    world_begin_run(w->instance.world);
    const struct run_end end = interp_trace(w->instance.world, &w->job, &w->n_insns);
    if (end.kind != RUN_EXIT) {
        fprintf(stderr, "%s: %s at pc %u\n", path, run_kind_text(end.kind), end.pc);
        return false;
    }
    return true;
}

static uint64_t time_runs(struct workload *w, uint64_t n) {
    const uint64_t start = now_ns();
    for (uint64_t i = 0; i < n; i++) {
        world_begin_run(w->instance.world);
        interp_run(w->instance.world, &w->job);
    }
    return now_ns() - start;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(struct workload *ws, int n) {
    double log_sum = 0;
    printf("%-28s %12s %14s %10s %8s\n", "workload", "insns", "ns a run", "Ginsns/s", "spread");
    for (int i = 0; i < n; i++) {
        struct workload *w = &ws[i];
        const char *name = strrchr(w->path, '/');
        qsort(w->ns, ROUNDS, sizeof *w->ns, by_value);
        const double median = w->ns[ROUNDS / 2], rate = (double)w->n_insns / median;
        const double spread = (w->ns[ROUNDS * 3 / 4] - w->ns[ROUNDS / 4]) / median;
        log_sum += log(rate);
        printf("%-28s %12" PRIu64 " %14.1f %10.3f %7.1f%%\n", name ? name + 1 : w->path, w->n_insns,
               median, rate, 100 * spread);
    }
    printf("%-28s %12s %14s %10.3f\n", "geometric mean", "", "", exp(log_sum / n));
}

/* How long reading each object from memory takes: medians of ROUNDS, files read once before. */
static int time_loading(char **paths, int n) {
    printf("%-28s %12s %14s\n", "object", "insns", "load us");
    for (int i = 0; i < n; i++) {
        const struct object_options options = {0};
        double us[ROUNDS];
        uint32_t n_insns = 0;
        for (int r = 0; r < ROUNDS; r++) {
            struct object o;
            struct diag d = {0};
            const uint64_t start = now_ns();
            if (object_load_file(paths[i], &options, &o, &d)) {
                fprintf(stderr, "%s: %s\n", paths[i], d.text);
                return 1;
            }
            us[r] = (double)(now_ns() - start) / 1e3;
            n_insns = 0;
            for (uint32_t k = 0; k < o.n_progs; k++)
                n_insns += o.progs[k].n_insns;
            object_fini(&o);
        }
        qsort(us, ROUNDS, sizeof *us, by_value);
        printf("%-28s %12u %14.1f\n", paths[i], n_insns, us[ROUNDS / 2]);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 2 && !strcmp(argv[1], "--load"))
        return time_loading(argv + 2, argc - 2);
    const int n = argc - 1;
    if (n < 1) {
        fprintf(stderr, "usage: bpflab-speed [--load] OBJECT...\n");
        return 2;
    }
    struct workload *ws = calloc((size_t)n, sizeof *ws);
    if (!ws) {
        fprintf(stderr, "out of memory\n");
        return 1;
    }
    for (int i = 0; i < n; i++) {
        if (!load(&ws[i], argv[i + 1]))
            return 1;
        const uint64_t once = time_runs(&ws[i], 10) / 10 + 1;
        ws[i].repeats = ROUND_NS / once + 1;
    }
    for (int r = 0; r < ROUNDS; r++)
        for (int i = 0; i < n; i++)
            ws[i].ns[r] = (double)time_runs(&ws[i], ws[i].repeats) / (double)ws[i].repeats;
    report(ws, n);
    for (int i = 0; i < n; i++) {
        instance_fini(&ws[i].instance);
        object_fini(&ws[i].object);
    }
    free(ws);
    return 0;
}

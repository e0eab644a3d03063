/* verify.c: processed instructions per second of the verifier.
 *
 *   bpflab-verify-speed [--min N] OBJECT...
 *
 * verifies every program of the objects that processes at least N instructions (10,000), in
 * interleaved rounds, and prints medians: processed instructions, time, rate, and the most memory
 * that states took. The last line is all of them together: instructions by the sum of the medians.
 * The time is the thread's, and has all of verify() in it; the kernel's BTF is read once before.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/core.h"
#include "loader/object.h"
#include "verifier/verify.h"

enum {
    ROUNDS = 11,
    MAX_PROGS = 4096,
};

/* struct subject_prog: a program that is measured. */
struct subject_prog {
    const char *path;
    struct verify_input input;
    struct verify_stats stats;
    enum verdict verdict;
    double ns[ROUNDS];
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* out: nanoseconds; 0 if the verifier failed */
static uint64_t time_once(struct subject_prog *p) {
    struct verify_result r;
    struct diag d = {0};
    const uint64_t start = now_ns();
    const enum bpflab_err err = verify(&p->input, NULL, &r, &d);
    const uint64_t ns = now_ns() - start;
    p->stats = r.stats;
    p->verdict = r.verdict;
    verify_result_fini(&r);
    if (err != BPFLAB_OK)
        fprintf(stderr, "%s: %s: %s\n", p->path, p->input.prog->name, d.text);
    return err == BPFLAB_OK ? ns + 1 : 0;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(struct subject_prog *ps, int n) {
    uint64_t insns = 0;
    double ns = 0;
    printf("%-30s %-24s %-7s %9s %10s %9s %8s %7s\n", "object", "program", "verdict", "insns", "ms",
           "Minsns/s", "spread", "MiB");
    for (int i = 0; i < n; i++) {
        struct subject_prog *const p = &ps[i];
        const char *const name = strrchr(p->path, '/');
        qsort(p->ns, ROUNDS, sizeof *p->ns, by_value);
        const double median = p->ns[ROUNDS / 2];
        insns += p->stats.insns_processed;
        ns += median;
        printf("%-30.30s %-24.24s %-7s %9" PRIu64 " %10.2f %9.3f %7.1f%% %7.1f\n",
               name ? name + 1 : p->path, p->input.prog->name, verdict_name(p->verdict),
               p->stats.insns_processed, median / 1e6,
               (double)p->stats.insns_processed * 1e3 / median,
               100 * (p->ns[ROUNDS * 3 / 4] - p->ns[ROUNDS / 4]) / median,
               (double)p->stats.peak_bytes / (1 << 20));
    }
    if (n)
        printf("%-63s %9" PRIu64 " %10.2f %9.3f\n", "all", insns, ns / 1e6,
               (double)insns * 1e3 / ns);
}

/* The object's programs that are large enough. out: how many */
static int select_progs(struct object *o, const char *path, const struct btf *kernel, uint64_t min,
                        struct subject_prog *ps, int room) {
    int n = 0;
    for (uint32_t i = 0; i < o->n_progs && n < room; i++) {
        struct subject_prog *const p = &ps[n];
        *p = (struct subject_prog){.path = path,
                                   .input = {.prog = &o->progs[i],
                                             .maps = o->maps,
                                             .n_maps = o->n_maps,
                                             .kernel_btf = kernel,
                                             .license = o->license}};
        n += time_once(p) && p->stats.insns_processed >= min;
    }
    return n;
}

int main(int argc, char **argv) {
    const struct core_source source = {0};
    struct core_target *target = NULL;
    const struct btf *kernel = NULL;
    uint64_t min = 10000;
    int first = 1, n = 0;
    if (argc > 2 && !strcmp(argv[1], "--min")) {
        min = strtoull(argv[2], NULL, 0);
        first = 3;
    }
    if (first >= argc) {
        fprintf(stderr, "usage: bpflab-verify-speed [--min N] OBJECT...\n");
        return 2;
    }
    struct object *const objects = calloc((size_t)argc, sizeof *objects);
    struct subject_prog *const ps = calloc(MAX_PROGS, sizeof *ps);
    if (!objects || !ps || core_target_new(&source, &target) != BPFLAB_OK)
        return 1;
    if (core_target_btf(target, &kernel, NULL) != BPFLAB_OK)
        kernel = NULL; /* programs that need it are rejected early, and show as such */
    for (int i = first; i < argc; i++) {
        struct diag d = {0};
        if (object_load_file(argv[i], NULL, &objects[i], &d) != BPFLAB_OK)
            fprintf(stderr, "%s: %s\n", argv[i], d.text);
        else
            n += select_progs(&objects[i], argv[i], kernel, min, ps + n, MAX_PROGS - n);
    }
    for (int r = 0; r < ROUNDS; r++)
        for (int i = 0; i < n; i++)
            ps[i].ns[r] = (double)time_once(&ps[i]);
    report(ps, n);
    for (int i = first; i < argc; i++)
        object_fini(&objects[i]);
    core_target_free(target);
    free(objects);
    free(ps);
    return n ? 0 : 1;
}

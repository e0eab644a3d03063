/* cmd_fuzz.c: bpflab fuzz: cases made, judged by all oracles on all engines, findings kept.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/caseinput.h"
#include "cli/cli.h"
#include "cli/fuzzstats.h"
#include "engine/ops.h"
#include "fuzz/finding.h"
#include "fuzz/gen/gen.h"
#include "fuzz/worker.h"
#include "isa/kind.h"

enum {
    MAX_JOBS = 64,
    WAIT_MS = 1000,
    MAX_BUCKETS = 256,
};

static const struct option_spec options[] = {
    {.name = "engines",
     .kind = OPTION_TEXT,
     .metavar = "LIST",
     .help = "Engines beside the interpreter, separated by commas: jit, jit:arm64 and the like; "
             "none: verifier and interpreter alone. Default: jit."},
    {.name = "oracles",
     .kind = OPTION_TEXT,
     .metavar = "LIST",
     .help = "Only these, separated by commas. Default: all."},
    {.name = "gen",
     .kind = OPTION_TEXT,
     .metavar = "LIST",
     .help = "Only these generators, separated by commas. Default: all."},
    {.name = "seed", .kind = OPTION_NUMBER, .metavar = "N", .help = "Default: 1."},
    {.name = "runs",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .help = "Try so many cases in all. Default: no limit."},
    {.name = "time",
     .kind = OPTION_NUMBER,
     .metavar = "S",
     .help = "Stop after so many seconds. Default: no limit, unless --runs is not given either: "
             "60."},
    {.name = "jobs",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .min = 1,
     .max = MAX_JOBS,
     .help = "Processes at a time. Default: 1."},
    {.name = "corpus",
     .kind = OPTION_FILE,
     .metavar = "DIR",
     .help = "Cases to begin with, and where cases go that bring something new. It is made if it "
             "is missing."},
    {.name = "findings",
     .kind = OPTION_FILE,
     .metavar = "DIR",
     .help = "Where findings go, a directory each. Default: they are only told."},
    {.name = "stop", .kind = OPTION_FLAG, .help = "Stop at the first finding."},
    {.name = "contained",
     .kind = OPTION_FLAG,
     .help = "This machine's code, too, runs in an executor instead of in the worker."},
    {.name = "every-turn",
     .kind = OPTION_FLAG,
     .help = "Ask every oracle and every form of code about each case: a tenth of the speed."},
    {.name = "table", .kind = OPTION_FLAG, .help = "Print what accepted programs have reached."},
};

static volatile sig_atomic_t stopped;

static void on_signal(int sig) {
    (void)sig;
    stopped = 1;
}

/* struct fuzzing: one call of the verb. */
struct fuzzing {
    struct cli *c;
    struct engine_list engines;
    struct worker_options opt;
    struct worker *worker[MAX_JOBS];
    uint32_t n_workers;
    uint64_t started_ns;
    double seconds; /* 0: no limit */
    uint64_t n_findings, n_fresh;
    const uint8_t **corpus; /* literal forms, owned */
    size_t *corpus_bytes;
    uint32_t n_corpus;
    char buckets[MAX_BUCKETS][CAUSE_BUCKET];
    uint64_t bucket_n[MAX_BUCKETS];
    double bucket_s[MAX_BUCKETS];
    uint32_t n_buckets;
};

/* ---- options ---- */

/* A list of names as bits. */
static int read_bits(struct fuzzing *f, const char *option, const char *what,
                     int (*find)(const char *), uint64_t *bits) {
    const char *list = option_text(&f->c->opt, option);
    char name[40];
    while (case_next_word(&list, name, sizeof name)) {
        const int i = find(name);
        if (i < 0)
            return cli_failf(f->c, CLI_USAGE, NULL, "unknown %s %s", what, name);
        *bits |= UINT64_C(1) << i;
    }
    return CLI_YES;
}

static int read_options(struct fuzzing *f) {
    const struct options *const o = &f->c->opt;
    struct loop_options *const l = &f->opt.loop;
    int status = engine_list_read(f->c, option_text(o, "engines"), "jit", &f->engines);
    l->engines = f->engines.name;
    l->n_engines = f->engines.n;
    if (status == CLI_YES)
        status = read_bits(f, "oracles", "oracle", oracle_find, &l->judge.oracles);
    if (status == CLI_YES)
        status = read_bits(f, "gen", "generator", gen_find, &l->kinds);
    l->seed = option_number(o, "seed", 1);
    l->contained = option_on(o, "contained");
    l->judge.every_turn = option_on(o, "every-turn");
    f->n_workers = (uint32_t)option_number(o, "jobs", 1);
    const uint64_t runs = option_number(o, "runs", 0);
    f->seconds = (double)option_number(o, "time", runs ? 0 : 60);
    f->opt.step = f->n_workers;
    f->opt.runs = (runs + f->n_workers - 1) / f->n_workers;
    return status;
}

/* ---- the corpus ---- */

static void load_corpus(struct fuzzing *f, const char *path) {
    DIR *const dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char file[4200];
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        FILE *const in = e->d_name[0] == '.' ? NULL : fopen(file, "rb");
        uint8_t *const bytes = malloc(CASE_MAX_BYTES);
        const size_t n = in && bytes ? fread(bytes, 1, CASE_MAX_BYTES, in) : 0;
        if (in)
            fclose(in);
        const uint8_t **const all = n ? realloc(f->corpus, (f->n_corpus + 1) * sizeof *all) : NULL;
        f->corpus = all ? all : f->corpus;
        size_t *const sizes =
            all ? realloc(f->corpus_bytes, (f->n_corpus + 1) * sizeof *sizes) : NULL;
        f->corpus_bytes = sizes ? sizes : f->corpus_bytes;
        if (!sizes) {
            free(bytes);
            continue;
        }
        f->corpus[f->n_corpus] = bytes;
        f->corpus_bytes[f->n_corpus++] = n;
    }
    if (dir)
        closedir(dir);
}

static int open_corpus(struct fuzzing *f) {
    const char *const path = option_text(&f->c->opt, "corpus");
    if (!path)
        return CLI_YES;
    if (mkdir(path, 0777) && errno != EEXIST)
        return cli_failf(f->c, CLI_USAGE, path, "%s", strerror(errno));
    load_corpus(f, path);
    f->opt.corpus = f->corpus;
    f->opt.corpus_bytes = f->corpus_bytes;
    f->opt.n_corpus = f->n_corpus;
    f->opt.tell_kept = true;
    return CLI_YES;
}

static void close_corpus(struct fuzzing *f) {
    for (uint32_t i = 0; i < f->n_corpus; i++)
        free((void *)(uintptr_t)f->corpus[i]);
    free(f->corpus);
    free(f->corpus_bytes);
}

/* Under a name of its content: the same case twice is one file. */
static int keep_case(const struct fuzzing *f, const struct worker_event *ev) {
    char path[4200], part[4208];
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < ev->n_bytes; i++)
        h = (h ^ ev->bytes[i]) * UINT64_C(0x100000001b3);
    snprintf(path, sizeof path, "%s/%016" PRIx64, option_text(&f->c->opt, "corpus"), h);
    snprintf(part, sizeof part, "%s.part", path);
    FILE *const out = fopen(part, "wb");
    const bool ok = out && fwrite(ev->bytes, 1, ev->n_bytes, out) == ev->n_bytes;
    if (out && !fclose(out) && ok && !rename(part, path))
        return CLI_YES;
    return cli_failf(f->c, CLI_INTERNAL, path, "%s", strerror(errno));
}

/* ---- running ---- */

static double seconds_since(const struct fuzzing *f) {
    return (double)(engine_clock() - f->started_ns) / 1e9;
}

/* out: is the bucket new in this call? */
static bool count_bucket(struct fuzzing *f, const struct cause *cause) {
    for (uint32_t i = 0; i < f->n_buckets; i++)
        if (!strcmp(f->buckets[i], cause->bucket)) {
            f->bucket_n[i]++;
            return false;
        }
    if (f->n_buckets == MAX_BUCKETS)
        return false;
    memcpy(f->buckets[f->n_buckets], cause->bucket, CAUSE_BUCKET);
    f->bucket_s[f->n_buckets] = seconds_since(f);
    f->bucket_n[f->n_buckets++] = 1;
    return true;
}

static int take_finding(struct fuzzing *f, const struct worker_event *ev) {
    const char *const dir = option_text(&f->c->opt, "findings");
    const char *const engines = option_text(&f->c->opt, "engines");
    char path[512] = "";
    struct diag d = {0};
    f->n_findings++;
    const bool is_new = count_bucket(f, &ev->cause);
    if (dir) {
        const struct finding x = {.cause = ev->cause,
                                  .bytes = ev->bytes,
                                  .n_bytes = ev->n_bytes,
                                  .seed = f->opt.loop.seed,
                                  .engines = engines};
        bool fresh;
        if (finding_write(dir, &x, &fresh, path, &d))
            return cli_fail(f->c, CLI_INTERNAL, NULL, &d);
        f->n_fresh += fresh;
    }
    if (is_new)
        fprintf(stderr, "finding after %.1f s: %s%s%s: pc %d, input %u: %s%s%s\n", seconds_since(f),
                oracle_name(ev->cause.oracle), ev->cause.engine[0] ? " " : "", ev->cause.engine,
                ev->cause.pc == UINT32_MAX ? -1 : (int)ev->cause.pc, ev->cause.input,
                ev->cause.text, path[0] ? ": " : "", path);
    return CLI_YES;
}

static void add_stats(struct loop_stats *sum, const struct loop_stats *s) {
    uint64_t *const to = (uint64_t *)sum;
    const uint64_t *const from = (const uint64_t *)s;
    const uint64_t features = sum->features > s->features ? sum->features : s->features;
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
    sum->features = features; /* not disjoint: the most of one worker */
}

static void sum_stats(const struct fuzzing *f, struct loop_stats *sum) {
    memset(sum, 0, sizeof *sum);
    for (uint32_t i = 0; i < f->n_workers; i++)
        if (f->worker[i])
            add_stats(sum, worker_stats(f->worker[i]));
}

static void show_progress(const struct fuzzing *f) {
    static struct loop_stats s;
    if (!f->c->progress)
        return;
    sum_stats(f, &s);
    fprintf(stderr,
            "\r%8.1f s  %10" PRIu64 " cases  %7.0f/s  %4" PRIu64 " findings  %6" PRIu64
            " features ",
            seconds_since(f), s.cases, (double)s.cases / seconds_since(f), s.findings, s.features);
}

/* out: how it ended, if not well */
static int watch(struct fuzzing *f) {
    uint32_t n_done = 0;
    while (n_done < f->n_workers && !stopped) {
        static struct worker_event ev;
        const uint32_t i = worker_wait(f->worker, f->n_workers, WAIT_MS, &ev);
        show_progress(f);
        if (f->seconds > 0 && seconds_since(f) >= f->seconds)
            return CLI_YES;
        if (i == f->n_workers)
            continue;
        if (ev.news == WORKER_DONE)
            n_done++;
        if (ev.news == WORKER_ERROR)
            return cli_failf(f->c, cli_status_of(ev.err), NULL, "%s", ev.text);
        if (ev.news == WORKER_KEPT && keep_case(f, &ev) != CLI_YES)
            return CLI_INTERNAL;
        if (ev.news == WORKER_FINDING) {
            const int status = take_finding(f, &ev);
            if (status != CLI_YES || option_on(&f->c->opt, "stop"))
                return status;
        }
    }
    return CLI_YES;
}

static int start(struct fuzzing *f) {
    struct diag d = {0};
    f->started_ns = engine_clock();
    for (uint32_t i = 0; i < f->n_workers; i++) {
        f->opt.first = i;
        const enum bpflab_err err = worker_start(&f->opt, &f->worker[i], &d);
        if (err)
            return cli_fail(f->c, cli_status_of(err), NULL, &d);
    }
    return CLI_YES;
}

static void report(struct fuzzing *f, const struct loop_stats *s) {
    const double seconds = seconds_since(f);
    if (f->c->as_json) {
        json_open_object(&f->c->json);
        fuzzstats_json(&f->c->json, s, seconds);
        json_key(&f->c->json, "findings");
        json_open_array(&f->c->json);
        for (uint32_t i = 0; i < f->n_buckets; i++) {
            json_open_object(&f->c->json);
            json_put_text(&f->c->json, "bucket", f->buckets[i]);
            json_put_number(&f->c->json, "times", f->bucket_n[i]);
            json_put_number(&f->c->json, "after_ms", (uint64_t)(f->bucket_s[i] * 1000));
            json_close_object(&f->c->json);
        }
        json_close_array(&f->c->json);
        json_close_object(&f->c->json);
        return;
    }
    fuzzstats_print(stdout, s, seconds, option_on(&f->c->opt, "table"));
    for (uint32_t i = 0; i < f->n_buckets; i++)
        printf("finding %6" PRIu64 " times: %s\n", f->bucket_n[i], f->buckets[i]);
}

static int run(struct cli *c) {
    static struct fuzzing f;
    static struct loop_stats sum;
    f = (struct fuzzing){.c = c};
    int status = read_options(&f);
    if (status != CLI_YES)
        return status;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    status = open_corpus(&f);
    if (status == CLI_YES)
        status = start(&f);
    if (status == CLI_YES)
        status = watch(&f);
    if (c->progress)
        fputc('\n', stderr);
    sum_stats(&f, &sum);
    for (uint32_t i = 0; i < f.n_workers; i++)
        worker_stop(f.worker[i]);
    close_corpus(&f);
    if (status != CLI_YES)
        return status;
    report(&f, &sum);
    return f.n_buckets ? CLI_NO : CLI_YES;
}

const struct verb verb_fuzz = {
    .name = "fuzz",
    .summary = "try random programs on verifier, interpreter and JITs against each other",
    .description =
        "Makes programs, verifies them, runs what is accepted on the interpreter and on the "
        "engines, and asks every oracle. It needs no external fuzzer. Cases are a function of "
        "--seed. Generated code runs in a child process that may do nothing but compute; a "
        "crash, a hang or a forbidden system call of it is a finding, too.\n"
        "\n"
        "The exit status is 1 if there was a finding.",
    .json_keys = "execs, execs_per_s, generated, accepted, accepted_edges, generators[] {name, "
                 "made, accepted, rejected}, runs, findings[] {bucket, times, after_ms}",
    .examples = "    bpflab fuzz --time 60\n"
                "    bpflab fuzz --engines jit,jit:arm64 --jobs 2 --findings found\n"
                "    bpflab fuzz --gen prune,refine --oracles containment --seed 7 --runs 100000",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};

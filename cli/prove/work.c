/* work.c: the ledger as a cache, the units that are left, the other solver.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/prove/prove.h"
#include "proofs/clock.h"
#include "proofs/select.h"

static const char other_solver[] = "cvc5";
enum {
    PATIENCE = 6, /* times as long as Z3 gets: cvc5 is asked without a strategy of ours */
};

/* ---- the ledger ---- */

int work_ledger(struct prove_run *r) {
    char err[300];
    if (!r->ledger_path)
        return CLI_YES;
    switch (ledger_read(r->ledger_path, &r->ledger, err)) {
    case LEDGER_OK: return CLI_YES;
    case LEDGER_MISSING:
        if (option_on(&r->c->opt, "check"))
            return cli_failf(r->c, CLI_USAGE, NULL, "prove: %s", err);
        return CLI_YES;
    case LEDGER_BAD: return cli_failf(r->c, CLI_USAGE, NULL, "prove: %s", err);
    default: return cli_failf(r->c, CLI_INTERNAL, NULL, "%s", err);
    }
}

int work_check(struct prove_run *r, ledger_tell *tell, void *self, size_t *n_told) {
    struct unit *chosen = calloc(r->n, sizeof *chosen);
    if (!chosen)
        return cli_failf(r->c, CLI_INTERNAL, NULL, "out of memory");
    for (size_t i = 0; i < r->n; i++)
        chosen[i] = *r->outcomes[i].unit;
    *n_told = ledger_check(&r->ledger, chosen, r->n, r->n + r->n_open == r->n_units, tell, self);
    free(chosen);
    return CLI_YES;
}

/* recall: units that the ledger holds need not be run. */
static bool recall(struct prove_run *r) {
    const struct options *o = &r->c->opt;
    const bool fresh = option_on(o, "fresh") || option_on(o, "cross-check") || r->opt.dump_dir;
    bool ok = true;
    for (size_t i = 0; i < r->n && ok; i++) {
        struct unit_outcome *u = &r->outcomes[i];
        u->expected = ledger_seconds(&r->ledger, u->unit->name);
        if (!fresh && ledger_holds(&r->ledger, u->unit, prove_solver(), r->tools))
            ok = ledger_recall(&r->ledger, u);
    }
    return ok;
}

bool work_save(struct prove_run *r) {
    char err[300] = "out of memory";
    bool any = false;
    for (size_t i = 0; i < r->n; i++)
        any |= !r->outcomes[i].cached;
    if (!r->ledger_path || !any)
        return true;
    bool ok = ledger_merge(&r->ledger, r->outcomes, r->n, prove_solver(), r->tools);
    if (ok) {
        ledger_keep(&r->ledger, r->units, r->n_units);
        ok = ledger_write(&r->ledger, r->ledger_path, err) == LEDGER_OK;
    }
    if (!ok)
        cli_note("prove: the ledger was not written: %s", err);
    return ok;
}

/* can_save: is there a place for the ledger? Better asked before an hour of proving. */
static int can_save(struct prove_run *r) {
    char folder[PATH_MAX];
    const char *const path = r->ledger_path, *const slash = path ? strrchr(path, '/') : NULL;
    if (!path)
        return CLI_YES;
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    /* A new file takes the old one's place: the folder is what is written to. */
    return access(folder, W_OK) == 0
               ? CLI_YES
               : cli_failf(r->c, CLI_USAGE, path, "it cannot be written: %s", strerror(errno));
}

/* ---- units ---- */

static unsigned terminal_width(void) {
    struct winsize ws;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col ? ws.ws_col : 80;
}

/* show_line: in the place of the last one. */
static void show_line(const char *line) {
    fprintf(stderr, "\r%-*.*s", (int)terminal_width() - 1, (int)terminal_width() - 1, line);
    fflush(stderr);
}

static void show_progress(void *self, const struct schedule_view *v) {
    const struct prove_run *r = self;
    char line[512];
    if (!r->c->progress)
        return;
    int n = snprintf(line, sizeof line, "%zu of %zu units, %zu proved, %zu refuted", v->n_done,
                     v->n_units, v->proved, v->refuted);
    if (v->open)
        n += snprintf(line + n, sizeof line - (size_t)n, ", %zu undecided", v->open);
    for (size_t i = 0; i < v->n_running && (size_t)n + 1 < sizeof line; i++)
        n += snprintf(line + n, sizeof line - (size_t)n, "%s%s", i ? ", " : ": ", v->running[i]);
    show_line(line);
}

static void end_progress(const struct prove_run *r) {
    if (!r->c->progress)
        return;
    show_line("");
    fputc('\r', stderr);
}

/* make_directory: for the user: it may be there already. */
static int make_directory(struct prove_run *r, const char *path) {
    struct stat st;
    if ((mkdir(path, 0777) != 0 && errno != EEXIST) || stat(path, &st) != 0)
        return cli_failf(r->c, CLI_USAGE, path, "%s", strerror(errno));
    return S_ISDIR(st.st_mode) ? CLI_YES
                               : cli_failf(r->c, CLI_USAGE, path, "it is not a directory");
}

static int prepare(struct prove_run *r) {
    const char *witness = option_text(&r->c->opt, "witness");
    const bool cross = option_on(&r->c->opt, "cross-check");
    if (cross && !cross_has(other_solver))
        return cli_failf(r->c, CLI_UNDECIDED, NULL,
                         "prove: --cross-check needs cvc5, which is missing (package cvc5)");
    if (witness && !prove_witness_maker())
        return cli_failf(r->c, CLI_UNDECIDED, NULL,
                         "prove: this build makes no programs of counterexamples");
    int status = can_save(r);
    if (status == CLI_YES && witness)
        status = make_directory(r, witness);
    if (status == CLI_YES && r->opt.dump_dir)
        status = make_directory(r, r->opt.dump_dir);
    if (status == CLI_YES && cross && !r->opt.dump_dir) {
        const char *temp = getenv("TMPDIR");
        snprintf(r->dump, sizeof r->dump, "%.200s/bpflab-prove-XXXXXX", temp ? temp : "/tmp");
        if (!mkdtemp(r->dump))
            return cli_failf(r->c, CLI_INTERNAL, r->dump, "%s", strerror(errno));
        r->opt.dump_dir = r->dump;
    }
    return status;
}

/* in_order: what is begun first is what "takes longest": the first that --only names. */
static void in_order(struct prove_run *r) {
    for (size_t i = 0; i < r->n; i++) {
        struct unit_outcome *u = &r->outcomes[i];
        size_t k = 0;
        while (k < r->n_globs && !select_unit(&r->globs[k], 1, u->unit))
            k++;
        u->expected = (double)(r->n_globs - k);
    }
}

int work_units(struct prove_run *r) {
    char err[160];
    int status = prepare(r);
    if (status != CLI_YES)
        return status;
    if (!recall(r))
        return cli_failf(r->c, CLI_INTERNAL, NULL, "out of memory");
    const bool until_refuted = option_on(&r->c->opt, "until-refuted");
    if (until_refuted)
        in_order(r);
    const struct schedule_options opt = {
        .prove = &r->opt,
        .jobs = r->jobs,
        .until_refuted = until_refuted,
        .silence_ms = 3 * r->opt.timeout_ms,
        .stop = r->stop,
        .watch = show_progress,
        .self = r,
    };
    const double began = clock_seconds();
    const bool ok = schedule_run(&opt, r->outcomes, r->n, err);
    r->wall_seconds = clock_seconds() - began;
    end_progress(r);
    return ok ? CLI_YES : cli_failf(r->c, CLI_INTERNAL, NULL, "prove: %s", err);
}

/* ---- the other solver ---- */

static void show_cross(void *self, size_t n_done, size_t n) {
    const struct prove_run *r = self;
    char line[80];
    if (!r->c->progress)
        return;
    snprintf(line, sizeof line, "%s: %zu of %zu queries", other_solver, n_done, n);
    show_line(line);
}

/* all_queries: that were dumped. out: false: no memory */
static bool all_queries(struct prove_run *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->outcomes[i].n_queries;
    r->queries = calloc(n + 1, sizeof *r->queries);
    for (size_t i = 0; r->queries && i < r->n; i++)
        for (uint32_t k = 0; k < r->outcomes[i].n_queries; k++)
            smt_dump_name(r->outcomes[i].unit->name, k, r->queries[r->n_queries++].name);
    return r->queries != NULL;
}

bool work_cross(struct prove_run *r) {
    /* All bits at once takes a fifth of the time and decides more products, but not all that
     * cvc5's own way decides. */
    static const char *const ways[] = {"--bitblast=eager", NULL};
    char err[160] = "out of memory";
    if (!option_on(&r->c->opt, "cross-check"))
        return true;
    const struct cross_options opt = {
        .program = other_solver,
        .ways = ways,
        .n_ways = sizeof ways / sizeof ways[0],
        .dir = r->opt.dump_dir,
        .jobs = r->jobs,
        .timeout_ms = PATIENCE * r->opt.timeout_ms,
        .stop = r->stop,
        .watch = show_cross,
        .self = r,
    };
    const bool ok = all_queries(r) && crosscheck_run(&opt, r->queries, r->n_queries, err);
    end_progress(r);
    if (!ok)
        cli_note("prove: %s", err);
    return ok;
}

void work_fini(struct prove_run *r) {
    DIR *d = r->dump[0] ? opendir(r->dump) : NULL;
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.')
            unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(r->dump);
}

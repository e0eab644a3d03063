/* runner.c: the measured loop is the engine's.
 */
#include "cli/runner.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/snapshot.h"

enum {
    LOG_MAX = 1 << 20
};

static void on_print(void *self, const char *text, size_t n_bytes) {
    struct run_log *log = self;
    if (n_bytes > LOG_MAX - log->n_bytes)
        n_bytes = LOG_MAX - log->n_bytes;
    if (log->n_bytes + n_bytes > log->capacity) {
        size_t want = (log->n_bytes + n_bytes) * 2;
        char *grown = realloc(log->text, want);
        if (!grown)
            return;
        log->text = grown;
        log->capacity = want;
    }
    if (n_bytes)
        memcpy(log->text + log->n_bytes, text, n_bytes);
    log->n_bytes += n_bytes;
}

void run_log_attach(struct run_log *log, struct world *w) {
    w->print = log ? on_print : NULL;
    w->print_self = log;
}

void run_log_fini(struct run_log *log) {
    free(log->text);
    *log = (struct run_log){0};
}

/* count: the traced run, from the state that before holds, which the world is left in again. */
static void count(struct instance *in, const struct interp_job *job, const struct snapshot *before,
                  struct tracer *t, struct run_result *r) {
    struct interp_job traced = *job;
    struct tracer follow = {.silent = true};
    if (t)
        tracer_start(t, in->world, &traced);
    struct run_end end = interp_trace(in->world, &traced, &r->insns);
    r->at = interp_code_prog(t ? t->last : job->code);
    r->n_calls = in->world->st.trace_count;
    bool elsewhere = end.kind != RUN_EXIT && in->world->st.tail_calls && !t;
    snapshot_restore(before, in->world);
    instance_again(in);
    if (!elsewhere)
        return;
    /* It trapped after tail calls: find out where by following a second time. */
    tracer_start(&follow, in->world, &traced);
    interp_trace(in->world, &traced, NULL);
    r->at = interp_code_prog(follow.last);
    snapshot_restore(before, in->world);
    instance_again(in);
}

enum bpflab_err runner_repeat(struct engine_session *s, uint64_t repeat, struct tracer *t,
                              struct run_log *log, struct run_result *out, struct diag *d) {
    struct instance *in = engine_instance(s);
    const struct interp_job job = *engine_job(s);
    struct run_result r = {.end = {.kind = RUN_EXIT}};
    struct snapshot *before = NULL;
    struct engine_result ran;
    run_log_attach(NULL, in->world);
    enum bpflab_err err = snapshot_new(in->world, &before);
    if (err)
        return diag_set(d, err, "out of memory");
    count(in, &job, before, t, &r);
    snapshot_free(before);
    run_log_attach(log, in->world);
    err = engine_run(s, repeat, &ran, d);
    run_log_attach(NULL, in->world);
    if (!err)
        err = engine_pull(s, d);
    if (err)
        return err;
    r.end = ran.end;
    r.n_runs = ran.n_runs;
    r.total_ns = ran.total_ns;
    if (r.n_runs > 1)
        r.at = in->world->st.tail_calls ? NULL : interp_code_prog(job.code);
    *out = r;
    return BPFLAB_OK;
}

/* interp.c: the reference interpreter as an engine. */
#include "engine/ops.h"

/* Registers at the end, as far as a trace sees them: after the last step in the entry's frame. */
static bool keep_regs(void *self, const struct interp_step *step) {
    struct engine_result *r = self;
    if (step->depth == 0)
        memcpy(r->regs, step->regs, sizeof r->regs);
    return true;
}

static struct run_end run_once(struct engine_session *s, struct engine_result *out) {
    if (!s->opt.expose)
        return interp_run(s->instance.world, &s->job);
    struct interp_job job = s->job;
    job.step = keep_regs;
    job.step_self = out;
    out->has_regs = true;
    return interp_trace(s->instance.world, &job, NULL);
}

static enum bpflab_err run(struct engine_session *s, uint64_t repeat, struct engine_result *out,
                           struct diag *d) {
    (void)d;
    const uint64_t start = engine_clock();
    for (;;) {
        out->end = run_once(s, out);
        if (++out->n_runs >= repeat || out->end.kind != RUN_EXIT)
            break;
        instance_again(&s->instance);
    }
    out->total_ns = engine_clock() - start;
    return BPFLAB_OK;
}

static enum bpflab_err timers(struct engine_session *s, uint64_t ns, struct run_end *end,
                              uint64_t *n_fired, struct diag *d) {
    struct world *w = s->instance.world;
    (void)d;
    *end = interp_run_timers(w, &s->job, w->st.clock_ns + ns, n_fired);
    return BPFLAB_OK;
}

const struct engine_ops engine_interp = {.local = true, .run = run, .timers = timers};

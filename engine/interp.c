/* interp.c: the reference interpreter as an engine. */
#include "engine/ops.h"

/* struct last: the last step in the entry's frame. */
struct last {
    const struct interp_code *code; /* NULL: there was none */
    uint32_t pc;
    uint64_t regs[11];
    const struct engine_session *session;
};

static bool keep_regs(void *self, const struct interp_step *step) {
    struct last *l = self;
    const struct engine_session *const s = l->session;
    if (step->depth == 0) {
        l->code = step->code;
        l->pc = step->pc;
        memcpy(l->regs, step->regs, sizeof l->regs);
    }
    return !s->watch || s->watch(s->watch_self, step);
}

/* Was the entry left in the middle, by something thrown? Of the step that throws there is no
 * report. */
static bool thrown(const struct engine_session *s, const struct last *l) {
    const struct instance *in = &s->instance;
    for (uint32_t i = 0; i < in->object->n_progs; i++)
        if (l->code && in->code[i] == l->code) {
            const uint8_t cls = op_table[op_of(in->object->progs[i].insns[l->pc])].cls;
            return cls != CLASS_EXIT && cls != CLASS_PKT;
        }
    return true;
}

static struct run_end run_once(struct engine_session *s, struct engine_result *out) {
    if (!s->opt.expose && !s->watch)
        return interp_run(s->instance.world, &s->job);
    struct interp_job job = s->job;
    struct last last = {.session = s};
    job.step = keep_regs;
    job.step_self = &last;
    out->has_regs = true;
    const struct run_end end = interp_trace(s->instance.world, &job, NULL);
    if (end.kind != RUN_EXIT || !thrown(s, &last))
        memcpy(out->regs, last.regs, sizeof out->regs);
    else
        memset(out->regs, 0, sizeof out->regs);
    return end;
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

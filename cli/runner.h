/* runner.h: running a prepared program: once with every instruction counted, then as often as asked
 * with nothing between the runs but what a run begins with.
 */
#ifndef BPFLAB_CLI_RUNNER_H
#define BPFLAB_CLI_RUNNER_H

#include "cli/tracer.h"
#include "engine/instance.h"

/* struct run_log: what bpf_trace_printk and its kin wrote, up to 1 MiB. */
struct run_log {
    char *text; /* owned */
    size_t n_bytes, capacity;
};

struct run_result {
    struct run_end end; /* of the last run; the first that traps is the last */
    uint64_t n_runs;
    uint64_t insns;    /* of the first run; packet by packet: of all */
    uint64_t total_ns; /* of all runs */
    uint64_t n_calls;  /* of helpers, in the last run */
    /* The program that end.pc counts in; NULL where tail calls have hidden it. */
    const struct prog *at;
};

/* runner_repeat: count the job's instructions on a snapshot, restore it, then run repeat times; the
 * world is left as the last run left it.
 * in:     t reports the counted run's steps, or NULL
 * errors: NOMEM */
enum bpflab_err runner_repeat(struct instance *in, const struct interp_job *job, uint64_t repeat,
                              struct tracer *t, struct run_log *log, struct run_result *out);

/* runner_time: one plain run.
 * out:    its end; its time is added to *ns */
struct run_end runner_time(struct world *w, const struct interp_job *job, uint64_t *ns);

/* run_log_attach: what programs print in w goes to log from now on; NULL: nowhere. */
void run_log_attach(struct run_log *log, struct world *w);
void run_log_fini(struct run_log *log);

#endif

/* runner.h: running a prepared program: once with every instruction counted, then as often as asked
 * with nothing between the runs but what a run begins with.
 */
#ifndef BPFLAB_CLI_RUNNER_H
#define BPFLAB_CLI_RUNNER_H

#include "cli/tracer.h"
#include "engine/engine.h"

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
    uint64_t n_calls;  /* of helpers, in the first run */
    /* The program that end.pc counts in; NULL where tail calls have hidden it. */
    const struct prog *at;
};

/* runner_repeat: count the instructions of what is prepared, in the interpreter on a snapshot,
 * restore it, then run repeat times on the session's engine; the host's world is left as the last
 * run left the engine's.
 * in:     t reports the counted run's steps, or NULL
 * errors: NOMEM, those of engine_run */
enum bpflab_err runner_repeat(struct engine_session *s, uint64_t repeat, struct tracer *t,
                              struct run_log *log, struct run_result *out, struct diag *d);

/* run_log_attach: what programs print in w goes to log from now on; NULL: nowhere. */
void run_log_attach(struct run_log *log, struct world *w);
void run_log_fini(struct run_log *log);

#endif

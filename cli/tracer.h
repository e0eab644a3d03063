/* tracer.h: --trace: every step of a run, with the registers and memory that it changed.
 *
 * As text each step is printed when it is done. JSON is printed at the end, all of it, so that only
 * the first TRACER_JSON_MAX steps are kept: an endless program must not take all memory.
 */
#ifndef BPFLAB_CLI_TRACER_H
#define BPFLAB_CLI_TRACER_H

#include "cli/cli.h"
#include "interp/interp.h"

enum {
    TRACER_JSON_MAX = 100000
};

struct tracer {
    const struct cli *c;
    struct json *j; /* NULL: print to f */
    FILE *f;
    const struct world *w;
    uint64_t regs[N_REGS];          /* after the step before */
    const struct interp_code *last; /* the program of the last step */
    bool silent;                    /* only follow the program */
    uint64_t n_steps, n_left_out;   /* of JSON */
};

/* tracer_start: make t report the steps of job, whose step and step_self it sets. */
void tracer_start(struct tracer *t, const struct world *w, struct interp_job *job);

#endif

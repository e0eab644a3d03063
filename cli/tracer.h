/* tracer.h: --trace: every step of a run, with the registers and memory that it changed.
 */
#ifndef BPFLAB_CLI_TRACER_H
#define BPFLAB_CLI_TRACER_H

#include "cli/cli.h"
#include "interp/interp.h"

struct tracer {
    const struct cli *c;
    struct json *j; /* NULL: print to f */
    FILE *f;
    const struct world *w;
    uint64_t regs[N_REGS];          /* after the step before */
    const struct interp_code *last; /* the program of the last step */
    bool silent;                    /* only follow the program */
};

/* tracer_start: make t report the steps of job, whose step and step_self it sets. */
void tracer_start(struct tracer *t, const struct world *w, struct interp_job *job);

#endif

/* trace.h: reporting each executed instruction. What it is going to write is worked out before it
 * runs; its registers are read after. */
#ifndef BPFLAB_INTERP_TRACE_H
#define BPFLAB_INTERP_TRACE_H

#include "interp/code.h"

/* struct trace_point: the instruction under way. */
struct trace_point {
    struct interp_step step;
};

/* trace_before: note the instruction at pc.
 * trace_step: report the noted one, which has run, and note the one at next. out: false if the
 *     caller asked to stop.
 * trace_last: report the one that ended the run, unless it trapped. */
void trace_before(struct istate *st, const struct cell *pc, struct trace_point *at);
bool trace_step(struct istate *st, struct trace_point *at, const struct cell *next);
void trace_last(struct istate *st, struct trace_point *at);

#endif

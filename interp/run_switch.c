/* run_switch.c: the loop around a switch: tracing on every host, and plain runs where tail calls
 * are not to be had. */
#include "interp/code.h"

#include "interp/steps.h"
#include "interp/trace.h"
#include "runtime/ctx.h"

#define OP(op)      case OP_##op:
#define OP_BACK(op) case CELL_BACK_OF(OP_##op):
#define NEXT(n)                                                                                    \
    do {                                                                                           \
        pc += (n);                                                                                 \
        goto next;                                                                                 \
    } while (0)
#define GOTO(cell)                                                                                 \
    do {                                                                                           \
        pc = (cell);                                                                               \
        goto next;                                                                                 \
    } while (0)
#define HALT() goto halt
#define SLOW_ACCESS()                                                                              \
    do {                                                                                           \
        if (!interp_slow_access(st, pc, limit))                                                    \
            HALT();                                                                                \
        NEXT(1);                                                                                   \
    } while (0)
#define BIG  (st->big_endian)
#define SWAP (st->swapped)

void interp_loop_switch(struct istate *st, const struct cell *pc) {
    uint8_t *const mem = st->w->mem;
    uint64_t limit = interp_limit(st), fuel = st->fuel;
    struct frame *frame = st->frame;
    struct trace_point point = {0};
    if (st->traced)
        trace_before(st, pc, &point);
    for (;;) {
        switch (pc->op) {
#include "interp/bodies.h"
        default: STOP(RUN_TRAP_INSN, 0);
        }
    next:
        st->frame = frame;
        if (st->traced && !trace_step(st, &point, pc)) {
            interp_stop(st, pc, RUN_TRAP_FUEL, 0);
            goto halt;
        }
    }
halt:
    if (st->traced)
        trace_last(st, &point);
    st->fuel = fuel;
}

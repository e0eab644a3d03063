#include "interp/trace.h"

void trace_before(struct istate *st, const struct cell *pc, struct trace_point *at) {
    const struct interp_code *const code = interp_code_at(st, pc);
    at->step = (struct interp_step){
        .code = code,
        .pc = (uint32_t)(pc - code->cells),
        .depth = interp_depth(st),
        .regs = st->regs,
    };
    if (pc->op >= N_OPS) {
        at->step.helper = pc->op == OP_CELL_CALL_5;
        return;
    }
    const struct op_info *row = &op_table[pc->op];
    switch (row->cls) {
    case CLASS_STX:
    case CLASS_ST:
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG:
    case CLASS_ATOMIC_STORE:
        at->step.mem_addr = st->regs[pc->dst / 8] + (uint64_t)pc->imm + WORLD_BASE;
        at->step.mem_bytes = row->width_bits / 8;
        break;
    case CLASS_CALL:
    case CLASS_CALL_KFUNC:
    case CLASS_CALL_REG: at->step.helper = true; break;
    default: break;
    }
}

static bool report(struct istate *st, struct trace_point *at) {
    st->n_insns++;
    return !st->job->step || st->job->step(st->job->step_self, &at->step);
}

bool trace_step(struct istate *st, struct trace_point *at, const struct cell *next) {
    const bool go_on = report(st, at);
    trace_before(st, next, at);
    return go_on;
}

void trace_last(struct istate *st, struct trace_point *at) {
    if (st->end.kind == RUN_EXIT)
        report(st, at);
}

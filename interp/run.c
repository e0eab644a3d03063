/* run.c: starting and ending runs, callbacks and tail calls. */
#include "interp/interp.h"

#include <string.h>

#include "interp/code.h"
#include "runtime/timer.h"

enum {
    MAX_FRAMES = 256,
    MAY_GOTO_BUDGET = 8 * 1024 * 1024,
};

static void loop(struct istate *st, const struct cell *pc) {
#if INTERP_TAIL_CALLS
    if (!st->traced) {
        interp_loop_tail(st, pc);
        return;
    }
#endif
    interp_loop_switch(st, pc);
}

static bool holds(const struct interp_code *code, const struct cell *pc) {
    const uintptr_t first = (uintptr_t)code->cells;
    return (uintptr_t)pc >= first && (uintptr_t)pc <= (uintptr_t)(code->cells + code->n_cells);
}

const struct interp_code *interp_code_at(struct istate *st, const struct cell *pc) {
    if (holds(st->code, pc))
        return st->code;
    st->code = st->job->code;
    for (uint32_t i = 0; i < st->job->n_progs && !holds(st->code, pc); i++)
        if (st->job->progs[i])
            st->code = st->job->progs[i];
    return st->code;
}

static uint32_t pc_of(struct istate *st, const struct cell *cell) {
    return (uint32_t)(cell - interp_code_at(st, cell)->cells);
}

void interp_stop(struct istate *st, const struct cell *pc, enum run_kind kind, uint64_t addr) {
    st->end = (struct run_end){
        .kind = kind,
        .pc = pc_of(st, pc),
        .r0 = kind == RUN_EXIT ? st->regs[0] : 0,
        .addr = addr,
    };
}

void interp_stop_pending(struct istate *st, const struct cell *pc) {
    st->end = st->w->exec.pending;
    if (st->end.pc == UINT32_MAX)
        st->end.pc = pc_of(st, pc);
}

const struct interp_code *interp_tail_target(struct istate *st, uint64_t map, uint64_t index) {
    const int64_t id = helper_tail_target(st->w, map, index);
    if (id < 0 || id >= st->job->n_progs)
        return NULL;
    return st->job->progs[id];
}

/* The code a guest code address lies in: the running program, or another of the job's. */
static const struct cell *code_at(const struct istate *st, uint64_t fn,
                                  const struct interp_code **code) {
    const uint64_t prog_id = (fn - WORLD_CODE_BASE) >> 20, pc = fn & 0xfffff;
    if (fn < WORLD_CODE_BASE)
        return NULL;
    *code = st->code->prog_id == prog_id        ? st->code
            : st->job->code->prog_id == prog_id ? st->job->code
            : prog_id < st->job->n_progs        ? st->job->progs[prog_id]
                                                : NULL;
    return *code && pc < (*code)->n_cells ? &(*code)->cells[pc] : NULL;
}

/* world_callee.call: run a function of the program in the next frame. The state of the run that
 * called the helper is only borrowed from: registers are the callback's own, fuel is shared. */
static bool callback(void *self, uint64_t fn, const uint64_t args[5], uint64_t *r0) {
    struct istate *const outer = self;
    struct istate st = *outer;
    const struct cell *pc = code_at(outer, fn, &st.code);
    if (!pc) {
        world_trap(st.w, RUN_TRAP_CALL, fn);
        return false;
    }
    if (st.frame == st.last) {
        world_trap(st.w, RUN_TRAP_DEPTH, fn);
        return false;
    }
    if (!st.fuel) {
        world_trap(st.w, RUN_TRAP_FUEL, fn);
        return false;
    }
    st.fuel--;
    st.first = ++st.frame;
    st.frame->budget = st.budget;
    memcpy(&st.regs[1], args, 5 * sizeof args[0]);
    st.regs[REG_FP] = world_stack_top(st.w, interp_depth(&st));
    st.w->callee.self = &st;
    loop(&st, pc);
    st.w->callee.self = outer;
    st.w->reach = interp_limit(outer);
    outer->fuel = st.fuel;
    outer->n_insns = st.n_insns;
    *r0 = st.end.r0;
    if (st.end.kind == RUN_EXIT)
        return true;
    st.w->exec.pending = st.end;
    return false;
}

/* The state that a run starts from: entry frame, fuel, and the way back for helpers. */
static void start(struct istate *st, struct frame *frames, struct world *w,
                  const struct interp_job *job) {
    memset(st->regs, 0, sizeof st->regs);
    st->w = w;
    st->code = job->code;
    st->job = job;
    st->frames = frames;
    st->frame = st->first = frames;
    st->last = frames + w->cfg.max_frames - 1;
    st->stride = w->frame_stride;
    st->fuel = job->fuel ? job->fuel : INTERP_FUEL_DEFAULT;
    st->budget = job->may_goto_budget ? job->may_goto_budget : MAY_GOTO_BUDGET;
    st->arena_base = w->st.arena_user_base & ~UINT64_C(0xffffffff);
    st->n_insns = 0;
    st->traced = false;
    st->big_endian = w->cfg.big_endian;
    st->swapped = w->swapped;
    frames[0].budget = st->budget;
    w->callee = (struct world_callee){callback, st};
}

static void finish(struct world *w) {
    w->callee = (struct world_callee){NULL, NULL};
    w->reach = WORLD_BYTES;
}

/* After bpf_throw: the exception callback runs in the entry's frame and makes r0 of what was
 * thrown; without one, that is r0. */
static void handle_throw(struct istate *st) {
    const struct prog *p = st->code->prog;
    const uint64_t thrown = st->end.addr;
    uint32_t i = 0;
    while (i < p->n_subprogs && !p->subprogs[i].exception_cb)
        i++;
    st->w->exec.pending.kind = RUN_EXIT;
    st->end = (struct run_end){.kind = RUN_EXIT, .pc = st->end.pc, .r0 = thrown};
    if (i == p->n_subprogs)
        return;
    st->frame = st->first = st->frames;
    st->frame->budget = st->budget;
    st->regs[1] = thrown;
    st->regs[REG_FP] = world_stack_top(st->w, 0);
    loop(st, &st->code->cells[p->subprogs[i].start]);
}

static struct run_end run(struct world *w, const struct interp_job *job, bool traced,
                          uint64_t *n_insns) {
    struct frame frames[MAX_FRAMES];
    struct istate st;
    start(&st, frames, w, job);
    st.traced = traced;
    memcpy(&st.regs[1], job->args, sizeof job->args);
    st.regs[REG_FP] = world_stack_top(w, 0);
    loop(&st, job->code->cells);
    if (st.end.kind == RUN_THROWN)
        handle_throw(&st);
    finish(w);
    if (n_insns)
        *n_insns = st.n_insns;
    return st.end;
}

struct run_end interp_run(struct world *w, const struct interp_job *job) {
    return run(w, job, false, NULL);
}

struct run_end interp_trace(struct world *w, const struct interp_job *job, uint64_t *n_insns) {
    return run(w, job, true, n_insns);
}

struct run_end interp_run_timers(struct world *w, const struct interp_job *job, uint64_t until_ns,
                                 uint64_t *n_fired) {
    struct frame frames[MAX_FRAMES];
    struct istate st;
    start(&st, frames, w, job);
    w->reach = interp_limit(&st);
    uint64_t n = timers_run_due(w, until_ns);
    while (w->exec.pending.kind == RUN_THROWN) { /* that ends one callback */
        w->exec.pending.kind = RUN_EXIT;
        n += timers_run_due(w, until_ns);
    }
    finish(w);
    if (n_fired)
        *n_fired = n;
    return w->exec.pending;
}

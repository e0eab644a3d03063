/* machine.c: in and out of generated code. */
#include "engine/machine.h"

#include <signal.h>

#include "engine/fault.h"
#include "runtime/access.h"
#include "runtime/ctx.h"
#include "runtime/helper.h"
#include "runtime/timer.h"

typedef uint64_t enter_fn(struct world *w, const uint64_t args[5], uint64_t fp, uint64_t entry);

/* ---- what code calls ---- */

static uint64_t thunk_packet(uint64_t off, uint64_t n_bytes, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    uint64_t value = 0;
    (void)r3, (void)r4, (void)r5;
    return ctx_ld_abs(w, (int32_t)(uint32_t)off, (unsigned)n_bytes, &value) ? value : UINT64_MAX;
}

static uint64_t thunk_tail(uint64_t ctx, uint64_t map, uint64_t index, uint64_t r4, uint64_t r5,
                           struct world *w) {
    struct machine *const m = w->callee.self;
    const int64_t id = helper_tail_target(w, map, index);
    (void)ctx, (void)r4, (void)r5;
    if (id < 0 || id >= m->n_progs || !m->progs[id].addr)
        return 0;
    m->running = (uint32_t)id;
    return m->progs[id].addr + m->progs[id].code.funcs[0].off;
}

static uint64_t thunk_load(uint64_t addr, uint64_t n_bytes, uint64_t sign, uint64_t r4, uint64_t r5,
                           struct world *w) {
    uint64_t value = 0;
    (void)r4, (void)r5;
    if (!access_load(w, addr, (unsigned)n_bytes, sign & 1, WORLD_BYTES, &value))
        world_trap(w, access_refusal(addr), addr);
    return value;
}

static uint64_t thunk_store(uint64_t addr, uint64_t n_bytes, uint64_t value, uint64_t r4,
                            uint64_t r5, struct world *w) {
    (void)r4, (void)r5;
    if (!access_store(w, addr, (unsigned)n_bytes, value, WORLD_BYTES))
        world_trap(w, access_refusal(addr), addr);
    return 0;
}

static uint64_t thunk_atomic(uint64_t addr, uint64_t op, uint64_t src, uint64_t r0, uint64_t r5,
                             struct world *w) {
    const struct op_info *const row = &op_table[op];
    uint64_t old = src;
    (void)r5;
    if (addr % (row->width_bits / 8))
        world_trap(w, RUN_TRAP_ALIGN, addr);
    else if (!access_atomic(w, (enum op)op, addr, WORLD_BYTES, &old, &r0))
        world_trap(w, access_refusal(addr), addr);
    return row->cls == CLASS_ATOMIC_CMPXCHG ? r0 : old;
}

static uint64_t thunk_callx(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                            struct world *w) {
    const uint64_t number = w->exec.number;
    helper_fn *const fn = number < N_HELPERS ? helper_fn_of((uint32_t)number) : NULL;
    if (fn)
        return fn(r1, r2, r3, r4, r5, w);
    world_trap(w, RUN_TRAP_HELPER, number);
    return 0;
}

uint64_t machine_thunk(enum jit_thunk thunk) {
    static helper_fn *const thunks[N_JIT_THUNKS] = {
        [JIT_THUNK_PACKET] = thunk_packet, [JIT_THUNK_TAIL] = thunk_tail,
        [JIT_THUNK_LOAD] = thunk_load,     [JIT_THUNK_STORE] = thunk_store,
        [JIT_THUNK_ATOMIC] = thunk_atomic, [JIT_THUNK_CALLX] = thunk_callx,
    };
    return (uint64_t)(uintptr_t)thunks[thunk];
}

enum bpflab_err machine_stub(struct execmem *mem, uint64_t *enter_addr, uint64_t *exit_addr) {
    const struct jit_arch *host = jit_host();
    struct jit_code stub;
    uint32_t exit_off;
    uint64_t addr = 0, pad;
    if (!host)
        return BPFLAB_E_UNSUPPORTED;
    enum bpflab_err err = jit_stub(host, &stub, &exit_off);
    if (err)
        return err;
    /* Compilers that check function types look at what lies before a function. */
    err = execmem_take(mem, EXECMEM_ALIGN, &pad);
    if (!err)
        err = execmem_take(mem, stub.n_bytes, &addr);
    if (!err)
        err = execmem_write(mem, addr, stub.bytes, stub.n_bytes);
    jit_code_fini(&stub);
    *enter_addr = addr;
    *exit_addr = addr + exit_off;
    return err;
}

/* ---- how a run ended ---- */

/* The program and pc that an address of the machine's lies in. */
static uint32_t place_of(struct machine *m, uint64_t addr) {
    for (uint32_t i = 0; i < m->n_progs; i++) {
        const struct machine_prog *p = &m->progs[i];
        if (!p->addr || addr - p->addr >= p->code.n_bytes)
            continue;
        m->running = i;
        return jit_pc_of(&p->code, (uint32_t)(addr - p->addr));
    }
    return UINT32_MAX;
}

static struct run_end faulted(struct machine *m, const struct fault *f) {
    struct run_end end = {.kind = RUN_CRASHED, .pc = place_of(m, f->pc), .addr = f->addr};
    if (f->signal == SIGSEGV || f->signal == SIGBUS)
        end.kind = f->has_addr ? access_refusal(f->addr) : RUN_TRAP_MEMORY;
    return end;
}

static struct run_end ended(struct machine *m, uint64_t r0) {
    const struct world *const w = m->w;
    const uint32_t pc = exec_trap_pc(w->exec.trap), kind = exec_trap_kind(w->exec.trap);
    if (w->exec.trap == EXEC_TRAP_NONE && w->exec.pending.kind != RUN_EXIT)
        return w->exec.pending; /* a helper refused what a verifier had accepted: nobody looked */
    if (w->exec.trap == EXEC_TRAP_NONE)
        return (struct run_end){.kind = RUN_EXIT, .r0 = r0};
    if (exec_trap_prog(w->exec.trap) < m->n_progs) /* what a tail call went to may have returned */
        m->running = exec_trap_prog(w->exec.trap);
    if (kind == EXEC_TRAP_PENDING) {
        struct run_end end = w->exec.pending;
        end.pc = end.pc == UINT32_MAX ? pc : end.pc;
        return end;
    }
    if (kind >= N_RUN_KINDS)
        return (struct run_end){.kind = RUN_CRASHED, .pc = pc};
    return (struct run_end){
        .kind = (enum run_kind)kind, .pc = pc, .addr = kind ? w->exec.trap_addr : 0};
}

/* One entry into code, to its end. */
static struct run_end enter(struct machine *m, uint64_t entry, const uint64_t args[5],
                            uint64_t fp) {
    struct world *const w = m->w;
    const uint64_t sp = w->exec.sp;
    struct fault_frame f;
    struct run_end end;
    enter_fn *fn;
    const uintptr_t addr = (uintptr_t)m->enter_addr;
    memcpy(&fn, &addr, sizeof fn);
    f.code = execmem_addr(m->mem);
    f.code_bytes = execmem_bytes(m->mem);
    w->exec.trap = EXEC_TRAP_NONE;
    w->exec.trap_addr = 0;
    fault_enter(&f);
    if (!sigsetjmp(f.back, 0)) {
        const uint64_t r0 = fn(w, args, fp, entry);
        end = ended(m, r0);
    } else {
        w->exec.sp = sp;
        end = faulted(m, &f.fault);
    }
    fault_leave(&f);
    w->exec.trap = EXEC_TRAP_NONE; /* how a callback ended is not how its caller does */
    return end;
}

/* The entry of the function that begins at pc; 0 if there is none. */
static uint64_t entry_of(const struct machine *m, uint64_t prog, uint64_t pc) {
    if (prog >= m->n_progs || !m->progs[prog].addr)
        return 0;
    const struct jit_code *c = &m->progs[prog].code;
    uint32_t lo = 0, hi = c->n_funcs;
    while (hi - lo > 1) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (c->funcs[mid].pc <= pc)
            lo = mid;
        else
            hi = mid;
    }
    return c->n_funcs && c->funcs[lo].pc == pc ? m->progs[prog].addr + c->funcs[lo].off : 0;
}

/* world_callee.call: a function of the program in the frame after that of the helper's caller. */
static bool callback(void *self, uint64_t fn, const uint64_t args[5], uint64_t *r0) {
    struct machine *const m = self;
    struct world *const w = m->w;
    const uint64_t prog = (fn - WORLD_CODE_BASE) >> 20;
    const uint64_t entry = fn < WORLD_CODE_BASE ? 0 : entry_of(m, prog, fn & 0xfffff);
    const uint64_t fp = w->exec.fp;
    const uint32_t running = m->running;
    enum run_kind trap = RUN_EXIT;
    if (!entry)
        trap = RUN_TRAP_CALL;
    else if (fp >= w->exec.last_fp)
        trap = RUN_TRAP_DEPTH;
    else if (m->fuel && !w->exec.fuel)
        trap = RUN_TRAP_FUEL;
    if (trap) {
        world_trap(w, trap, fn);
        return false;
    }
    w->exec.fuel -= m->fuel;
    m->running = (uint32_t)prog;
    const struct run_end end = enter(m, entry, args, fp + w->frame_stride);
    m->running = running;
    w->exec.fp = fp;
    *r0 = end.r0;
    if (end.kind == RUN_EXIT)
        return true;
    w->exec.pending = end;
    return false;
}

static void start(struct machine *m, const struct machine_job *job) {
    struct world *const w = m->w;
    w->exec.fuel = job->fuel ? job->fuel : MACHINE_FUEL_DEFAULT;
    w->exec.budget = job->may_goto_budget ? job->may_goto_budget : MACHINE_BUDGET_DEFAULT;
    w->exec.fp = world_stack_top(w, 0);
    w->exec.last_fp = world_stack_top(w, w->cfg.max_frames - 1);
    w->callee.call = callback;
    w->callee.self = m;
    m->running = job->prog;
}

static void finish(struct machine *m) {
    m->w->callee.call = NULL;
    m->w->callee.self = NULL;
}

/* After bpf_throw: the exception callback runs in the entry's frame and makes r0 of what was
 * thrown; without one, that is r0. */
static struct run_end handle_throw(struct machine *m, struct run_end thrown) {
    const uint64_t args[5] = {thrown.addr};
    const struct machine_prog *p = &m->progs[m->running];
    m->w->exec.pending.kind = RUN_EXIT;
    const uint64_t entry =
        p->exception_pc == UINT32_MAX ? 0 : entry_of(m, m->running, p->exception_pc);
    if (!entry) {
        memset(m->w->exec.regs, 0, sizeof m->w->exec.regs); /* functions inside have left theirs */
        return (struct run_end){.kind = RUN_EXIT, .pc = thrown.pc, .r0 = thrown.addr};
    }
    return enter(m, entry, args, world_stack_top(m->w, 0));
}

struct run_end machine_run(struct machine *m, const struct machine_job *job) {
    const struct machine_prog *p = &m->progs[job->prog];
    start(m, job);
    struct run_end end =
        enter(m, p->addr + p->code.funcs[0].off, job->args, world_stack_top(m->w, 0));
    if (end.kind == RUN_THROWN)
        end = handle_throw(m, end);
    finish(m);
    return end;
}

struct run_end machine_run_timers(struct machine *m, const struct machine_job *job,
                                  uint64_t until_ns, uint64_t *n_fired) {
    struct world *const w = m->w;
    start(m, job);
    uint64_t n = timers_run_due(w, until_ns);
    while (w->exec.pending.kind == RUN_THROWN) { /* that ends one callback */
        w->exec.pending.kind = RUN_EXIT;
        n += timers_run_due(w, until_ns);
    }
    finish(m);
    if (n_fired)
        *n_fired = n;
    return w->exec.pending;
}

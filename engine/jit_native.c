/* jit_native.c: generated code for this machine, in this process. */
#include <stdlib.h>

#include "engine/bind.h"
#include "engine/fault.h"
#include "engine/machine.h"
#include "engine/ops.h"

enum {
    ARENA_BYTES_MIN = 256 << 10,
    ARENA_BYTES_MAX = 1 << 30,
    INSN_BYTES_MAX = 512, /* of code, those of its cold parts included */
    TRIES = 4,            /* of code that outgrows its room */
};

struct native {
    struct machine machine;
    struct target_process here;
    bool handlers;
};

/* Compile into a block; its size is known only afterwards. */
static enum bpflab_err place(struct engine_session *s, uint32_t prog, struct machine_prog *out,
                             struct diag *d) {
    struct native *n = s->own;
    uint32_t room = bind_room(&s->instance.object->progs[prog]);
    for (int i = 0; i < TRIES; i++) {
        uint64_t addr;
        enum bpflab_err err = execmem_take(n->machine.mem, room, &addr);
        if (err)
            return diag_set(d, err, "no room for machine code");
        err = bind_compile(&s->instance, prog, &s->opt, &n->here, addr, &out->code, d);
        if (!err && out->code.n_bytes <= room) {
            execmem_trim(n->machine.mem, addr, out->code.n_bytes);
            out->addr = addr;
            err = execmem_write(n->machine.mem, addr, out->code.bytes, out->code.n_bytes);
            free(out->code.bytes);
            out->code.bytes = NULL;
            out->exception_pc = bind_exception(&s->instance.object->progs[prog]);
            s->code_bytes[prog] = out->code.n_bytes;
            return err;
        }
        execmem_give(n->machine.mem, addr);
        if (err)
            return err;
        room = out->code.n_bytes + 256;
        jit_code_fini(&out->code);
    }
    return diag_set(d, BPFLAB_E_INTERNAL, "machine code changes its size at every try");
}

/* What cannot be placed has a reason. */
static void place_all(struct engine_session *s) {
    struct native *n = s->own;
    for (uint32_t i = 0; i < n->machine.n_progs; i++)
        if (!s->why[i].err)
            s->why[i].err = place(s, i, &n->machine.progs[i], &s->why[i]);
}

/* Executable memory for all programs, as much as they can need: unwritten bytes cost nothing. */
static enum bpflab_err make_memory(struct engine_session *s, struct execmem **out, struct diag *d) {
    const struct object *o = s->instance.object;
    uint64_t room = ARENA_BYTES_MIN;
    for (uint32_t i = 0; i < o->n_progs; i++)
        room += (uint64_t)bind_room(&o->progs[i]) + INSN_BYTES_MAX * (uint64_t)o->progs[i].n_insns;
    const struct execmem_config cfg = {
        .n_bytes = room > ARENA_BYTES_MAX ? ARENA_BYTES_MAX : (uint32_t)room,
        .near = machine_thunk(JIT_THUNK_LOAD),
#if !defined(__x86_64__)
        .one_mapping = true, /* this process may be an emulated one */
#endif
    };
    return execmem_new(&cfg, out, d);
}

static enum bpflab_err open_native(struct engine_session *s, struct diag *d) {
    const struct object *o = s->instance.object;
    struct native *n = calloc(1, sizeof *n);
    s->own = n;
    if (!s->instance.world->at_base)
        return diag_set(d, BPFLAB_E_MISSING,
                        "engine %s is missing: the world is not at its fixed address",
                        s->engine.name);
    if (!n || !(n->machine.progs = calloc((size_t)o->n_progs + 1, sizeof *n->machine.progs)))
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    n->machine.w = s->instance.world;
    n->machine.n_progs = o->n_progs;
    n->machine.fuel = s->opt.fuel;
    enum bpflab_err err = make_memory(s, &n->machine.mem, d);
    if (err)
        return err;
    err = machine_stub(n->machine.mem, &n->machine.enter_addr, &n->machine.exit_addr);
    if (!err)
        err = process_here(&n->here);
    if (!err)
        err = fault_install();
    if (err)
        return diag_set(d, err, "engine %s cannot start: %s", s->engine.name, err_text(err));
    n->handlers = true;
    n->here.exit_addr = n->machine.exit_addr;
    place_all(s);
    return BPFLAB_OK;
}

static enum bpflab_err swap(struct engine_session *s, struct diag *d) {
    struct native *n = s->own;
    (void)d;
    for (uint32_t i = 0; i < n->machine.n_progs; i++) {
        if (n->machine.progs[i].addr)
            execmem_give(n->machine.mem, n->machine.progs[i].addr);
        jit_code_fini(&n->machine.progs[i].code);
        n->machine.progs[i] = (struct machine_prog){0};
    }
    n->machine.fuel = s->opt.fuel;
    place_all(s);
    return BPFLAB_OK;
}

static void close_native(struct engine_session *s) {
    struct native *n = s->own;
    if (!n)
        return;
    for (uint32_t i = 0; n->machine.progs && i < n->machine.n_progs; i++)
        jit_code_fini(&n->machine.progs[i].code);
    free(n->machine.progs);
    execmem_free(n->machine.mem);
    process_fini(&n->here);
    if (n->handlers)
        fault_remove();
    free(n);
}

static struct machine_job job_of(const struct engine_session *s) {
    struct machine_job job = {.prog = s->instance.prepared,
                              .fuel = s->job.fuel,
                              .may_goto_budget = s->job.may_goto_budget};
    memcpy(job.args, s->job.args, sizeof job.args);
    return job;
}

static enum bpflab_err run(struct engine_session *s, uint64_t repeat, struct engine_result *out,
                           struct diag *d) {
    struct native *n = s->own;
    const struct machine_job job = job_of(s);
    (void)d;
    const uint64_t start = engine_clock();
    for (;;) {
        out->end = machine_run(&n->machine, &job);
        if (++out->n_runs >= repeat || out->end.kind != RUN_EXIT)
            break;
        instance_again(&s->instance);
    }
    out->total_ns = engine_clock() - start;
    out->has_regs = s->opt.expose;
    memcpy(out->regs, s->instance.world->exec.regs, sizeof out->regs);
    return BPFLAB_OK;
}

static enum bpflab_err timers(struct engine_session *s, uint64_t ns, struct run_end *end,
                              uint64_t *n_fired, struct diag *d) {
    struct native *n = s->own;
    const struct machine_job job = job_of(s);
    (void)d;
    *end = machine_run_timers(&n->machine, &job, s->instance.world->st.clock_ns + ns, n_fired);
    return BPFLAB_OK;
}

const struct engine_ops engine_native = {.local = true,
                                         .open = open_native,
                                         .close = close_native,
                                         .run = run,
                                         .timers = timers,
                                         .swap = swap};

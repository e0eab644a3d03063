/* batch.c: batches in this process: the interpreter, and native code. */
#include "engine/batch.h"

#include <stdlib.h>

#include "engine/batch_impl.h"
#include "engine/fault.h"

enum {
    CODE_BYTES = 4 << 20
};

/* ---- opening ---- */

static enum bpflab_err open_native(struct engine_batch *b, struct diag *d) {
    const struct execmem_config cfg = {
        .n_bytes = CODE_BYTES,
        .near = machine_thunk(JIT_THUNK_LOAD),
#if !defined(__x86_64__)
        .one_mapping = true, /* this process may be an emulated one */
#endif
    };
    if (!b->world->at_base)
        return diag_set(d, BPFLAB_E_MISSING,
                        "engine %s is missing: the world is not at its fixed address",
                        b->engine.name);
    enum bpflab_err err = execmem_new(&cfg, &b->machine.mem, d);
    if (err)
        return err;
    err = machine_stub(b->machine.mem, &b->machine.enter_addr, &b->machine.exit_addr);
    if (!err)
        err = execmem_take(b->machine.mem, CODE_BYTES / 2, &b->code_addr);
    if (!err)
        err = process_here(&b->here);
    if (!err)
        err = fault_install();
    if (err)
        return diag_set(d, err, "engine %s cannot start: %s", b->engine.name, err_text(err));
    b->handlers = true;
    b->here.exit_addr = b->machine.exit_addr;
    b->machine.w = b->world;
    b->machine.n_progs = 1;
    b->machine.fuel = b->opt.fuel;
    return BPFLAB_OK;
}

static enum bpflab_err open_local(struct engine_batch *b, struct diag *d) {
    enum bpflab_err err = world_new(&b->cfg, &b->world);
    if (!err)
        err = bare_init(&b->bare, b->world);
    if (err)
        return diag_set(d, err, "cannot make a world: %s", err_text(err));
    return b->engine.kind == ENGINE_NATIVE ? open_native(b, d) : BPFLAB_OK;
}

enum bpflab_err engine_batch_open(const struct engine *e, const struct engine_options *opt,
                                  struct engine_batch **out, struct diag *d) {
    struct engine_batch *b = calloc(1, sizeof *b);
    if (!b)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    b->engine = *e;
    b->opt = *opt;
    b->opt.facts = NULL;
    b->opt.trusted = b->opt.untraced = false;
    world_config_init(&b->cfg);
    if (e->arch)
        b->cfg.big_endian = jit_target_big_endian(e->arch);
    const enum bpflab_err err =
        e->kind == ENGINE_FOREIGN ? batch_open_foreign(b, d) : open_local(b, d);
    if (err) {
        engine_batch_close(b);
        return err;
    }
    *out = b;
    return BPFLAB_OK;
}

void engine_batch_close(struct engine_batch *b) {
    if (!b)
        return;
    batch_close_foreign(b);
    if (b->handlers)
        fault_remove();
    execmem_free(b->machine.mem);
    process_fini(&b->here);
    bare_fini(&b->bare);
    world_free(b->world);
    free(b);
}

/* ---- running ---- */

enum bpflab_err batch_compile(const struct engine_batch *b, const struct prog *p,
                              const struct target_process *where, uint64_t addr,
                              struct jit_code *out) {
    const struct jit_options options = bind_options(&b->opt, NULL);
    struct jit_bind bind = bind_process(where);
    bind.frame_stride = b->cfg.frame_bytes + WORLD_STACK_GAP;
    bind.max_frames = b->cfg.max_frames;
    return jit_compile(p, where->arch, &options, &bind, addr, out, NULL);
}

static void finish(const struct engine_batch *b, struct engine_case *c) {
    if (c->mem_after && c->mem_bytes)
        memcpy(c->mem_after, bare_mem(&b->bare), c->mem_bytes);
}

static bool keep_regs(void *self, const struct interp_step *step) {
    if (step->depth == 0)
        memcpy(self, step->regs, 11 * sizeof step->regs[0]);
    return true;
}

static void run_interp(struct engine_batch *b, struct engine_case *c, uint64_t fuel) {
    const struct interp_bind bind = {.world = b->world};
    struct interp_code *code;
    c->err = interp_compile(c->prog, &bind, &code, NULL);
    if (c->err)
        return;
    struct interp_job job = {.code = code,
                             .fuel = fuel,
                             .unwind = b->opt.unwind,
                             .step = keep_regs,
                             .step_self = c->regs};
    bare_begin(&b->bare, c->mem, c->mem_bytes, job.args);
    c->end = b->opt.expose ? interp_trace(b->world, &job, NULL) : interp_run(b->world, &job);
    finish(b, c);
    interp_code_free(code);
}

static void run_native(struct engine_batch *b, struct engine_case *c, uint64_t fuel) {
    struct machine_prog p = {.addr = b->code_addr, .exception_pc = bind_exception(c->prog)};
    struct machine_job job = {.fuel = fuel};
    c->err = batch_compile(b, c->prog, &b->here, p.addr, &p.code);
    if (c->err)
        return;
    c->err = p.code.n_bytes > CODE_BYTES / 2
                 ? BPFLAB_E_SPACE
                 : execmem_write(b->machine.mem, p.addr, p.code.bytes, p.code.n_bytes);
    if (!c->err) {
        b->machine.progs = &p;
        bare_begin(&b->bare, c->mem, c->mem_bytes, job.args);
        c->end = machine_run(&b->machine, &job);
        memcpy(c->regs, b->world->exec.regs, sizeof c->regs);
        finish(b, c);
    }
    jit_code_fini(&p.code);
}

enum bpflab_err engine_batch_run(struct engine_batch *b, struct engine_case *cases, size_t n,
                                 uint64_t fuel, struct diag *d) {
    for (size_t i = 0; i < n; i++) {
        cases[i].err = BPFLAB_OK;
        if (cases[i].mem_bytes > BARE_MEM_MAX)
            return diag_set(d, BPFLAB_E_ARG, "case %zu has too much memory", i);
    }
    if (b->engine.kind == ENGINE_FOREIGN)
        return batch_run_foreign(b, cases, n, fuel, d);
    for (size_t i = 0; i < n; i++) {
        if (b->engine.kind == ENGINE_NATIVE)
            run_native(b, &cases[i], fuel);
        else
            run_interp(b, &cases[i], fuel);
    }
    return BPFLAB_OK;
}

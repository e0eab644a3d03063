/* jit_rig.c: one world, one program, the interpreter and a JIT. */
#include "engine/tests/jit_rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/machine.h"
#include "isa/asm.h"
#include "jit/arch.h"
#include "runtime/map.h"

enum {
    ARENA_HIGH = 0x1234, /* upper half of what the world takes for its arena's user addresses */
};

#define BUDGET_DEFAULT (UINT64_C(8) << 20)

/* ---- signals ---- */
static const char *volatile doing;

void jit_rig_doing(const char *text) {
    doing = text;
}

static void on_signal(int number) {
    printf("signal %d in generated code: %s\n", number, doing ? doing : "?");
    fflush(stdout);
    _exit(1);
}

/* ---- entering code ---- */
static struct run_end ended(const struct world *w, uint64_t r0) {
    const uint32_t pc = exec_trap_pc(w->exec.trap), kind = exec_trap_kind(w->exec.trap);
    if (w->exec.trap == EXEC_TRAP_NONE)
        return (struct run_end){.kind = RUN_EXIT, .r0 = r0};
    if (kind != EXEC_TRAP_PENDING)
        return (struct run_end){
            .kind = (enum run_kind)kind, .pc = pc, .addr = kind ? w->exec.trap_addr : 0};
    struct run_end end = w->exec.pending;
    end.pc = end.pc == UINT32_MAX ? pc : end.pc;
    return end;
}

static struct run_end enter(struct jit_rig *r, uint32_t off, const uint64_t args[5], uint64_t fp) {
    typedef uint64_t enter_fn(struct world *, const uint64_t *, uint64_t, uint64_t);
    r->w->exec.trap = EXEC_TRAP_NONE;
    r->w->exec.trap_addr = 0;
    const uint64_t r0 = ((enter_fn *)(uintptr_t)r->enter_addr)(r->w, args, fp, r->addr + off);
    return ended(r->w, r0);
}

static const struct jit_func *func_at(const struct jit_code *c, uint64_t fn) {
    for (uint32_t i = 0; i < c->n_funcs; i++)
        if (world_code_addr(0, c->funcs[i].pc) == fn)
            return &c->funcs[i];
    return NULL;
}

/* world_callee.call: in the frame behind the one that called the helper. */
static bool callback(void *self, uint64_t fn, const uint64_t args[5], uint64_t *r0) {
    struct jit_rig *const r = self;
    struct exec_state *const x = &r->w->exec;
    const uint64_t fp = x->fp;
    const struct jit_func *const f = func_at(&r->code, fn);
    const enum run_kind trap = !f                    ? RUN_TRAP_CALL
                               : fp >= x->last_fp    ? RUN_TRAP_DEPTH
                               : r->fuel && !x->fuel ? RUN_TRAP_FUEL
                                                     : RUN_EXIT;
    if (trap != RUN_EXIT) {
        world_trap(r->w, trap, fn);
        return false;
    }
    x->fuel -= r->fuel;
    const struct run_end end = enter(r, f->off, args, fp + r->w->frame_stride);
    x->fp = fp;
    *r0 = end.r0;
    if (end.kind != RUN_EXIT)
        x->pending = end;
    return end.kind == RUN_EXIT;
}

struct run_end jit_rig_run(struct jit_rig *r, const struct jit_rig_job *job) {
    struct world *const w = r->w;
    world_begin_run(w);
    w->exec.fuel = job->fuel ? job->fuel : INTERP_FUEL_DEFAULT;
    w->exec.budget = job->budget ? job->budget : BUDGET_DEFAULT;
    w->exec.fp = world_stack_top(w, 0);
    w->exec.last_fp = world_stack_top(w, w->cfg.max_frames - 1);
    w->callee = (struct world_callee){.call = callback, .self = r};
    const struct run_end end = enter(r, r->code.funcs[0].off, job->args, world_stack_top(w, 0));
    w->callee = (struct world_callee){0};
    return end;
}

/* ---- the interpreter ---- */
struct last {
    uint64_t *regs;
};

static bool keep_regs(void *self, const struct interp_step *step) {
    const struct last *const l = self;
    memcpy(l->regs, step->regs, N_REGS * sizeof *l->regs);
    return true;
}

struct run_end jit_rig_interp(struct jit_rig *r, const struct jit_rig_job *job,
                              uint64_t regs[N_REGS]) {
    struct last last = {regs};
    struct interp_job ij = {.code = r->interp, .fuel = job->fuel, .may_goto_budget = job->budget};
    memcpy(ij.args, job->args, sizeof ij.args);
    world_begin_run(r->w);
    if (!regs)
        return interp_run(r->w, &ij);
    ij.step = keep_regs;
    ij.step_self = &last;
    return interp_trace(r->w, &ij, NULL);
}

/* ---- making it ---- */
static const struct jit_arch *under_test(void) {
    const char *const name = getenv("BPFLAB_JIT");
    const struct jit_arch *const a = name ? jit_target(name) : jit_host();
    return a && a->on_host() ? a : NULL;
}

static bool make_map(struct jit_rig *r, unsigned i, const struct map_def *def) {
    if (map_new(r->w, def, &r->map_ids[i]))
        return false;
    const struct map *const m = map_by_id(r->w, r->map_ids[i]);
    const uint64_t direct = map_value_off(r->w, m);
    r->maps[i] = (struct jit_map){.handle = m->handle,
                                  .value_addr = direct ? world_addr(direct) : 0,
                                  .first_value = world_addr(m->value_off),
                                  .stride = m->value_stride,
                                  .max_entries = m->def.max_entries};
    return true;
}

static bool make_maps(struct jit_rig *r) {
    static char data[] = "data", array[] = "array";
    const struct map_def defs[N_RIG_MAPS] = {
        [RIG_DATA] = {.name = data,
                      .type = MAP_array,
                      .key_size = 4,
                      .value_size = RIG_DATA_BYTES,
                      .max_entries = 1,
                      .inner = -1},
        [RIG_ARRAY] = {.name = array,
                       .type = MAP_array,
                       .key_size = 4,
                       .value_size = RIG_ARRAY_BYTES,
                       .max_entries = RIG_ARRAY_ENTRIES,
                       .inner = -1},
    };
    for (unsigned i = 0; i < N_RIG_MAPS; i++)
        if (!make_map(r, i, &defs[i]))
            return false;
    return true;
}

static bool make_stub(struct jit_rig *r) {
    struct jit_code stub;
    uint32_t exit_off;
    uint64_t pad;
    if (jit_stub(r->arch, &stub, &exit_off))
        return false;
    /* sanitizers look at what lies before a function */
    const bool ok = !execmem_take(r->mem, EXECMEM_ALIGN, &pad) &&
                    !execmem_take(r->mem, stub.n_bytes, &r->enter_addr) &&
                    !execmem_write(r->mem, r->enter_addr, stub.bytes, stub.n_bytes) &&
                    !execmem_take(r->mem, r->code_bytes, &r->addr);
    r->exit_addr = r->enter_addr + exit_off;
    jit_code_fini(&stub);
    return ok;
}

const char *jit_rig_init(struct jit_rig *r, const struct jit_rig_config *cfg) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    struct world_config wc;
    *r = (struct jit_rig){.arch = under_test(), .code_bytes = cfg->code_bytes};
    if (!r->arch)
        return "no back end makes code for this machine";
    world_config_init(&wc);
    wc.frame_bytes = cfg->frame_bytes;
    if (world_new(&wc, &r->w))
        return "no world is to be had";
    if (!r->w->at_base)
        return "the world is not at its fixed address";
    r->w->st.arena_user_base = (uint64_t)ARENA_HIGH << 32;
    const struct execmem_config ec = {.n_bytes = cfg->code_bytes + (1u << 16),
                                      .near = machine_thunk(JIT_THUNK_LOAD),
                                      .one_mapping = true};
    if (execmem_new(&ec, &r->mem, NULL) || !make_stub(r))
        return "no executable memory is to be had";
    if (!make_maps(r))
        return "no room for maps";
    for (uint32_t i = 0; i < N_HELPERS; i++)
        r->helpers[i] = (uint64_t)(uintptr_t)helper_fn_of(i);
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], on_signal);
    return NULL;
}

static void unload(struct jit_rig *r) {
    jit_code_fini(&r->code);
    interp_code_free(r->interp);
    r->interp = NULL;
    prog_fini(&r->prog);
}

void jit_rig_fini(struct jit_rig *r) {
    unload(r);
    execmem_free(r->mem);
    world_free(r->w);
    *r = (struct jit_rig){0};
}

enum bpflab_err jit_rig_load(struct jit_rig *r, const struct insn *insns, uint32_t n,
                             struct diag *d) {
    const struct interp_bind bind = {
        .world = r->w, .map_ids = r->map_ids, .n_maps = N_RIG_MAPS, .prog_id = 0};
    unload(r);
    const enum bpflab_err err = prog_init_insns(&r->prog, insns, n);
    return err ? err : interp_compile(&r->prog, &bind, &r->interp, d);
}

struct jit_bind jit_rig_bind(const struct jit_rig *r) {
    struct jit_bind b = {
        .maps = r->maps,
        .n_maps = N_RIG_MAPS,
        .helpers = r->helpers,
        .n_helpers = N_HELPERS,
        .exit_addr = r->exit_addr,
        .world = (uint64_t)(uintptr_t)r->w,
        .arena_base = r->w->st.arena_user_base,
        .frame_stride = r->w->frame_stride,
        .max_frames = r->w->cfg.max_frames,
    };
    for (unsigned i = 0; i < N_JIT_THUNKS; i++)
        b.thunks[i] = machine_thunk((enum jit_thunk)i);
    return b;
}

enum bpflab_err jit_rig_compile(struct jit_rig *r, const struct jit_options *opt, bool arena,
                                struct diag *d) {
    struct jit_bind bind = jit_rig_bind(r);
    bind.arena = arena;
    jit_code_fini(&r->code);
    r->fuel = opt->fuel;
    const enum bpflab_err err = jit_compile(&r->prog, r->arch, opt, &bind, r->addr, &r->code, d);
    if (err)
        return err;
    if (r->code.n_bytes > r->code_bytes)
        return diag_set(d, BPFLAB_E_SPACE, "%u bytes of code", r->code.n_bytes);
    return execmem_write(r->mem, r->addr, r->code.bytes, r->code.n_bytes);
}

/* ---- memory ---- */
uint8_t *jit_rig_stack(const struct jit_rig *r) {
    return r->w->mem + WORLD_STACK_OFF;
}

uint64_t jit_rig_data_addr(const struct jit_rig *r) {
    return r->maps[RIG_DATA].value_addr;
}

uint8_t *jit_rig_data(const struct jit_rig *r) {
    return r->w->mem + world_off(jit_rig_data_addr(r));
}

void jit_rig_print(const struct insn *insns, uint32_t from, uint32_t to) {
    char text[ASM_LINE_MAX];
    for (uint32_t pc = from; pc < to; pc += insn_slots(insns[pc])) {
        asm_print(insns[pc], &insns[pc + 1], ASM_KERNEL, NULL, text);
        printf("    %5u  %s\n", pc, text);
    }
}

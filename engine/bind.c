/* bind.c: a world's maps as numbers, and the compiler called with them. */
#include "engine/bind.h"

#include <stdlib.h>

#include "engine/engine.h"
#include "engine/machine.h"
#include "runtime/helper.h"
#include "runtime/kcall.h"

static uint64_t kfunc_here(void *self, const char *name) {
    (void)self;
    return (uint64_t)(uintptr_t)kcall_fn_of(name);
}

enum bpflab_err process_here(struct target_process *out) {
    struct target_process p = {.arch = jit_host(), .n_helpers = N_HELPERS, .kfunc = kfunc_here};
    if (!p.arch)
        return BPFLAB_E_MISSING;
    p.helpers = calloc(N_HELPERS, sizeof *p.helpers);
    if (!p.helpers)
        return BPFLAB_E_NOMEM;
    for (uint32_t i = 0; i < N_HELPERS; i++)
        p.helpers[i] = (uint64_t)(uintptr_t)helper_fn_of(i);
    for (int i = 0; i < N_JIT_THUNKS; i++)
        p.thunks[i] = machine_thunk((enum jit_thunk)i);
    *out = p;
    return BPFLAB_OK;
}

void process_fini(struct target_process *p) {
    free(p->helpers);
    *p = (struct target_process){0};
}

/* What code knows of a map of the world. */
static struct jit_map describe(struct world *w, const struct map *m) {
    struct jit_map d = {.handle = m->handle};
    const uint64_t value = map_value_off(w, m);
    if (value)
        d.value_addr = world_addr(value);
    if (m->value_stride && !m->cpu_stride) {
        d.first_value = world_addr(m->value_off);
        d.stride = m->value_stride;
        d.max_entries = m->def.max_entries;
    }
    return d;
}

struct jit_map *bind_maps(const struct instance *in) {
    const struct object *o = in->object;
    struct jit_map *maps = calloc((size_t)o->n_maps + 1, sizeof *maps);
    for (uint32_t i = 0; maps && i < o->n_maps; i++) {
        const struct map *const m = map_by_id(in->world, in->map_ids[i]);
        if (m)
            maps[i] = describe(in->world, m);
    }
    return maps;
}

struct jit_bind bind_process(const struct target_process *where) {
    struct jit_bind bind = {
        .helpers = where->helpers,
        .n_helpers = where->n_helpers,
        .kfunc = where->kfunc,
        .kfunc_self = where->kfunc_self,
        .exit_addr = where->exit_addr,
        .world = WORLD_BASE + WORLD_STATE_OFF, /* engines that run code have it there */
    };
    memcpy(bind.thunks, where->thunks, sizeof bind.thunks);
    return bind;
}

struct jit_bind bind_program(const struct instance *in, uint32_t prog, const struct jit_map *maps,
                             const struct target_process *where) {
    const struct world *const w = in->world;
    struct jit_bind bind = bind_process(where);
    bind.prog_id = prog;
    bind.maps = maps;
    bind.n_maps = in->object->n_maps;
    bind.pkt_data_off = offsetof(struct world, st.pkt.data);
    bind.pkt_end_off = offsetof(struct world, st.pkt.end);
    bind.pkt_meta_off = offsetof(struct world, st.pkt.meta);
    bind.arena_base = w->st.arena_user_base & ~UINT64_C(0xffffffff);
    bind.arena = w->st.arena_map_bytes != 0;
    bind.frame_stride = w->frame_stride;
    bind.max_frames = w->cfg.max_frames;
    return bind;
}

struct jit_options bind_options(const struct engine_options *opt, const struct facts *facts) {
    return (struct jit_options){
        .opt = opt->opt,
        .blind = opt->blind,
        .blind_seed = opt->blind_seed,
        .fuel = opt->fuel,
        .trusted = opt->trusted,
        .unwind = opt->unwind,
        .untraced = opt->untraced,
        .expose = opt->expose,
        .max_bytes = opt->code_limit,
        .facts = facts,
    };
}

enum bpflab_err bind_compile(const struct instance *in, uint32_t prog,
                             const struct engine_options *opt, const struct target_process *where,
                             uint64_t addr, struct jit_code *out, struct diag *d) {
    if (!in->code[prog]) {
        if (d)
            *d = in->why[prog];
        return in->why[prog].err;
    }
    struct jit_map *maps = bind_maps(in);
    if (!maps)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    const struct jit_options options = bind_options(opt, opt->facts ? opt->facts[prog] : NULL);
    const struct jit_bind bind = bind_program(in, prog, maps, where);
    const enum bpflab_err err =
        jit_compile(&in->object->progs[prog], where->arch, &options, &bind, addr, out, d);
    free(maps);
    return err;
}

uint32_t bind_room(const struct prog *p) {
    return 24 * p->n_insns + 4096;
}

uint32_t bind_exception(const struct prog *p) {
    for (uint32_t i = 0; i < p->n_subprogs; i++)
        if (p->subprogs[i].exception_cb)
            return p->subprogs[i].start;
    return UINT32_MAX;
}

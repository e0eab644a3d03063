/* paper.c: addresses made up, and maps from a world. */
#include "cli/paper.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/helper.h"
#include "runtime/kfunc.h"

enum {
    APART = 64 /* bytes from one function to the next */
};

/* The i-th extern of the program gets the i-th address, if Linux knows the function. */
static uint64_t kfunc_addr(void *self, const char *name) {
    const struct paper *const p = self;
    for (uint32_t i = 0; kfunc_find(name) && i < p->prog->n_externs; i++)
        if (p->prog->externs[i].name && !strcmp(p->prog->externs[i].name, name))
            return PAPER_KFUNCS + (uint64_t)i * APART;
    return 0;
}

enum bpflab_err paper_new(const struct object *o, const struct jit_arch *target, struct paper *out,
                          struct diag *d) {
    struct world_config cfg;
    memset(out, 0, sizeof *out);
    instance_config(o, &cfg);
    cfg.big_endian = jit_target_big_endian(target);
    const enum bpflab_err err = instance_new(o, &cfg, &out->instance, d);
    if (err)
        return err;
    out->object = o;
    out->maps = bind_maps(&out->instance);
    if (!out->maps) {
        paper_fini(out);
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < N_HELPERS; i++)
        out->helpers[i] = helper_fn_of(i) ? PAPER_HELPERS + (uint64_t)i * APART : 0;
    return BPFLAB_OK;
}

void paper_fini(struct paper *p) {
    if (p->instance.object)
        instance_fini(&p->instance);
    free(p->maps);
    p->maps = NULL;
}

struct jit_bind paper_bind(struct paper *p, uint32_t prog) {
    struct target_process where = {
        .helpers = p->helpers,
        .n_helpers = N_HELPERS,
        .kfunc = kfunc_addr,
        .kfunc_self = p,
        .exit_addr = PAPER_EXIT,
    };
    for (uint64_t i = 0; i < N_JIT_THUNKS; i++)
        where.thunks[i] = PAPER_RUNTIME + i * APART;
    p->prog = &p->object->progs[prog];
    return bind_program(&p->instance, prog, p->maps, &where);
}

const char *paper_name(struct paper *p, uint64_t addr) {
    static const char *const thunks[] = {
        [JIT_THUNK_PACKET] = "load_packet", [JIT_THUNK_TAIL] = "tail_call",
        [JIT_THUNK_LOAD] = "slow_load",     [JIT_THUNK_STORE] = "slow_store",
        [JIT_THUNK_ATOMIC] = "slow_atomic", [JIT_THUNK_CALLX] = "call_by_number",
    };
    const uint64_t helper = (addr - PAPER_HELPERS) / APART, kfunc = (addr - PAPER_KFUNCS) / APART;
    const uint64_t thunk = (addr - PAPER_RUNTIME) / APART;
    if (addr % APART)
        return NULL;
    if (addr == PAPER_EXIT)
        return "exit";
    if (thunk < N_JIT_THUNKS)
        return thunks[thunk];
    if (helper < N_HELPERS) {
        const struct helper_proto *const row = helper_proto_of((uint32_t)helper);
        if (row)
            snprintf(p->name, sizeof p->name, "bpf_%.48s", row->name);
        else
            snprintf(p->name, sizeof p->name, "helper_%u", (unsigned)helper);
        return p->name;
    }
    if (kfunc < p->prog->n_externs)
        return p->prog->externs[kfunc].name;
    return NULL;
}

/* env.c: the default machine and its tables.
 *
 * The default task is an ordinary process in a cgroup two levels deep; its stacks and the symbols
 * they pass through have the addresses such code has on x86-64, outside the world, so that no
 * program can read them.
 */
#include "runtime/env.h"

#include <stdlib.h>

#include "runtime/netenv.h"

enum {
    SYMBOL_NAME_MAX = 127,
    PERCPU_GAP = 8, /* unreadable bytes between CPUs' copies */
};

/* Addresses inside these symbols make up the default kernel stack, innermost first. */
static const struct {
    const char *name;
    uint64_t addr, n_bytes, stack_off;
} default_symbols[] = {
    {"do_sys_openat2", UINT64_C(0xffffffff81410000), 0x240, 0x64},
    {"__x64_sys_openat", UINT64_C(0xffffffff81410a00), 0xa0, 0x5e},
    {"do_syscall_64", UINT64_C(0xffffffff81e00500), 0x90, 0x3b},
    {"entry_SYSCALL_64_after_hwframe", UINT64_C(0xffffffff82000130), 0x6e, 0x6e - 2},
};

static const uint64_t default_user_stack[] = {
    UINT64_C(0x7f3c5a114e2b),
    UINT64_C(0x5581d6a0145c),
    UINT64_C(0x5581d6a01093),
    UINT64_C(0x7f3c5a02724a),
};

static const struct env_vma default_vmas[] = {
    {UINT64_C(0x5581d6a00000), UINT64_C(0x5581d6a05000), 0x75},
    {UINT64_C(0x7f3c5a000000), UINT64_C(0x7f3c5a1e0000), 0x75},
    {UINT64_C(0x7ffd1c2e0000), UINT64_C(0x7ffd1c301000), 0x100173},
};

static const struct env_task default_task = {
    .tgid = 4242,
    .pid = 4243,
    .uid = 1000,
    .gid = 1000,
    .comm = "bpflab",
    .cgroup_level = 2,
    .cgroup_ids = {1, 37, 4711},
    .ns_dev = 4,
    .ns_ino = UINT64_C(0xeffffffc),
    .ns_tgid = 4242,
    .ns_pid = 4243,
};

static bool fill_defaults(struct world_env *env) {
    for (size_t i = 0; i < sizeof default_symbols / sizeof default_symbols[0]; i++) {
        const uint64_t addr = default_symbols[i].addr;
        if (env_add_symbol(env, default_symbols[i].name, addr, default_symbols[i].n_bytes))
            return false;
        env->kernel_stack.ip[env->kernel_stack.n++] = addr + default_symbols[i].stack_off;
    }
    memcpy(env->user_stack.ip, default_user_stack, sizeof default_user_stack);
    env->user_stack.n = sizeof default_user_stack / sizeof default_user_stack[0];
    for (size_t i = 0; i < sizeof default_vmas / sizeof default_vmas[0]; i++) {
        if (env_add_vma(env, &default_vmas[i]))
            return false;
    }
    return true;
}

struct world_env *env_new(void) {
    struct world_env *env = calloc(1, sizeof *env);
    if (!env)
        return NULL;
    env->task = default_task;
    env->n_func_args = -1;
    env->counter = (struct env_counter){1000000, 2000000, 1500000};
    if (!fill_defaults(env)) {
        env_free(env);
        return NULL;
    }
    return env;
}

void env_free(struct world_env *env) {
    if (!env)
        return;
    if (env->net)
        net_env_free(env->net);
    for (uint32_t i = 0; i < env->n_symbols; i++)
        free(env->symbols[i].name);
    free(env->symbols);
    free(env->vmas);
    free(env->path);
    free(env);
}

enum bpflab_err env_add_symbol(struct world_env *env, const char *name, uint64_t addr,
                               uint64_t n_bytes) {
    const size_t len = strlen(name);
    if (!len || len > SYMBOL_NAME_MAX)
        return BPFLAB_E_ARG;
    if (env_symbol_named(env, name))
        return BPFLAB_E_DUPLICATE;
    if (env->n_symbols == env->symbols_cap) {
        const uint32_t cap = env->symbols_cap ? 2 * env->symbols_cap : 16;
        struct env_symbol *grown = realloc(env->symbols, cap * sizeof *grown);
        if (!grown)
            return BPFLAB_E_NOMEM;
        env->symbols = grown;
        env->symbols_cap = cap;
    }
    char *copy = malloc(len + 1);
    if (!copy)
        return BPFLAB_E_NOMEM;
    memcpy(copy, name, len + 1);
    env->symbols[env->n_symbols++] =
        (struct env_symbol){.name = copy, .addr = addr, .n_bytes = n_bytes};
    return BPFLAB_OK;
}

enum bpflab_err env_add_variable(struct world *w, const char *name, const void *bytes,
                                 uint32_t n_bytes, bool per_cpu, uint64_t *addr) {
    if (!n_bytes)
        return BPFLAB_E_ARG;
    const uint64_t stride = ((uint64_t)n_bytes + PERCPU_GAP + 7) / 8 * 8;
    const uint32_t n_copies = per_cpu ? w->cfg.n_cpus : 1;
    struct world_env *env = w->env;
    const enum bpflab_err err = env_add_symbol(env, name, 0, n_bytes);
    if (err)
        return err;
    struct env_symbol *s = &env->symbols[env->n_symbols - 1];
    const uint64_t off = world_alloc_scratch(w, stride * n_copies);
    if (!off) {
        free(s->name);
        env->n_symbols--;
        return BPFLAB_E_SPACE;
    }
    for (uint32_t i = 0; i < n_copies; i++) {
        memcpy(w->mem + off + i * stride, bytes, n_bytes);
        world_allow(w, off + i * stride, n_bytes, WORLD_READ);
    }
    s->addr = world_addr(off);
    s->cpu_stride = per_cpu ? stride : 0;
    *addr = s->addr;
    return BPFLAB_OK;
}

const struct env_symbol *env_symbol_named(const struct world_env *env, const char *name) {
    for (uint32_t i = 0; i < env->n_symbols; i++) {
        if (!strcmp(env->symbols[i].name, name))
            return &env->symbols[i];
    }
    return NULL;
}

const struct env_symbol *env_symbol_at(const struct world_env *env, uint64_t addr) {
    for (uint32_t i = 0; i < env->n_symbols; i++) {
        const struct env_symbol *s = &env->symbols[i];
        if (addr - s->addr < s->n_bytes)
            return s;
    }
    return NULL;
}

enum bpflab_err env_add_vma(struct world_env *env, const struct env_vma *vma) {
    if (vma->start >= vma->end)
        return BPFLAB_E_ARG;
    for (uint32_t i = 0; i < env->n_vmas; i++) {
        if (vma->start < env->vmas[i].end && env->vmas[i].start < vma->end)
            return BPFLAB_E_ARG;
    }
    struct env_vma *grown = realloc(env->vmas, (env->n_vmas + 1) * sizeof *grown);
    if (!grown)
        return BPFLAB_E_NOMEM;
    env->vmas = grown;
    env->vmas[env->n_vmas++] = *vma;
    return BPFLAB_OK;
}

uint64_t env_task_addr(struct world *w) {
    if (w->st.task_off)
        return world_addr(w->st.task_off);
    const uint64_t off = world_alloc_scratch(w, ENV_TASK_BYTES);
    if (!off)
        return 0;
    const struct env_task *t = &w->env->task;
    struct env_task_image image = {0};
    world_put32(w, &image.pid, t->pid);
    world_put32(w, &image.tgid, t->tgid);
    world_put32(w, &image.uid, t->uid);
    world_put32(w, &image.gid, t->gid);
    memcpy(image.comm, t->comm, sizeof image.comm);
    if (t->cgroup_level < ENV_CGROUP_DEPTH)
        world_put64(w, &image.cgroup_id, t->cgroup_ids[t->cgroup_level]);
    memcpy(w->mem + off, &image, sizeof image);
    world_allow(w, off, ENV_TASK_BYTES, WORLD_READ);
    w->st.task_off = off;
    return world_addr(off);
}

enum bpflab_err env_task_write(struct world *w, uint32_t off, const void *bytes, uint32_t n_bytes) {
    if (off > ENV_TASK_BYTES || n_bytes > ENV_TASK_BYTES - off)
        return BPFLAB_E_RANGE;
    const uint64_t addr = env_task_addr(w);
    if (!addr)
        return BPFLAB_E_SPACE;
    memcpy(w->mem + world_off(addr) + off, bytes, n_bytes);
    return BPFLAB_OK;
}

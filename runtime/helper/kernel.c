/* kernel.c: the kernel's names, its system calls (of which a world has none), the current task's
 * mappings and paths.
 */
#include "runtime/helper/arg.h"

#include "isa/btf.h"

enum {
    PATH_STRUCT_BYTES = 16, /* struct path */
    VMA_IMAGE_BYTES = 256,  /* what a callback may read of a struct vm_area_struct */
    VMA_FLAGS_OFF = 32,
};

/* The commands that bpf_sys_bpf passes on. */
static bool is_passed_on(uint32_t cmd) {
    enum {
        MAP_CREATE = 0,
        MAP_UPDATE_ELEM = 2,
        MAP_DELETE_ELEM = 3,
        PROG_LOAD = 5,
        MAP_GET_FD_BY_ID = 14,
        RAW_TRACEPOINT_OPEN = 17,
        BTF_LOAD = 18,
        MAP_FREEZE = 22,
        LINK_CREATE = 28,
    };
    switch (cmd) {
    case MAP_CREATE:
    case MAP_UPDATE_ELEM:
    case MAP_DELETE_ELEM:
    case PROG_LOAD:
    case MAP_GET_FD_BY_ID:
    case RAW_TRACEPOINT_OPEN:
    case BTF_LOAD:
    case MAP_FREEZE:
    case LINK_CREATE: return true;
    default: return false;
    }
}

uint64_t helper_sys_bpf(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                        struct world *w) {
    HELPER_UNUSED2(r4, r5);
    if (!is_passed_on((uint32_t)r1))
        return helper_err(LX_EINVAL);
    return arg_read(w, r2, (uint32_t)r3) ? helper_err(LX_EPERM) : 0;
}

uint64_t helper_sys_close(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                          struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    (void)w;
    return helper_err(LX_EBADF); /* nothing is open */
}

/* A name of size bytes with its NUL in the last; NULL if it is none. */
static const char *terminated_name(const uint8_t *p, int32_t size) {
    return size > 1 && !p[size - 1] ? (const char *)p : NULL;
}

uint64_t helper_btf_find_by_name_kind(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                      uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const uint8_t *p = arg_read(w, r1, (uint32_t)r2);
    if (!p)
        return 0;
    const char *name = terminated_name(p, (int32_t)r2);
    const uint32_t kind = (uint32_t)r3;
    if ((uint32_t)r4 || !name || !w->env->vmlinux)
        return helper_err(LX_EINVAL);
    const uint32_t id =
        kind < N_BTF_KINDS ? btf_find(w->env->vmlinux, (enum btf_kind)kind, name, 1) : 0;
    return id ? id : helper_err(LX_ENOENT);
}

uint64_t helper_kallsyms_lookup_name(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                     uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const uint8_t *p = arg_read(w, r1, (uint32_t)r2);
    uint8_t *res = arg_write(w, r4, 8);
    if (!p || !res)
        return 0;
    world_put64(w, res, 0);
    const char *name = terminated_name(p, (int32_t)r2);
    if ((uint32_t)r3 || !name)
        return helper_err(LX_EINVAL);
    const struct env_symbol *s = env_symbol_named(w->env, name);
    if (!s)
        return helper_err(LX_ENOENT);
    world_put64(w, res, s->addr);
    return 0;
}

/* The path is built at the end of the buffer and then moved to its start. */
uint64_t helper_d_path(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                       struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const uint32_t size = (uint32_t)r3;
    uint8_t *buf = arg_write(w, r2, size);
    if (!buf || !size)
        return 0;
    if (!world_peek(w, r1, PATH_STRUCT_BYTES, WORLD_READ))
        return helper_err(LX_EFAULT);
    const char *path = w->env->path ? w->env->path : "/";
    const size_t n = strlen(path) + 1;
    if (n > size)
        return helper_err(LX_ENAMETOOLONG);
    memcpy(buf + size - n, path, n);
    memmove(buf, buf + size - n, n);
    return n;
}

static const struct env_vma *vma_at(const struct world_env *env, uint64_t addr) {
    for (uint32_t i = 0; i < env->n_vmas; i++) {
        if (env->vmas[i].start <= addr && addr < env->vmas[i].end)
            return &env->vmas[i];
    }
    return NULL;
}

uint64_t helper_find_vma(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                         struct world *w) {
    if (r5)
        return helper_err(LX_EINVAL);
    const struct env_vma *vma = r1 && !w->env->task.kthread ? vma_at(w->env, r2) : NULL;
    struct arg_temp image;
    if (!vma)
        return helper_err(LX_ENOENT);
    if (!arg_temp_take(w, VMA_IMAGE_BYTES, WORLD_READ, &image))
        return helper_err(LX_EBUSY);
    uint8_t *p = w->mem + image.off;
    world_put64(w, p, vma->start);
    world_put64(w, p + 8, vma->end);
    world_put64(w, p + VMA_FLAGS_OFF, vma->flags);
    uint64_t r0;
    const uint64_t args[5] = {r1, world_addr(image.off), r4};
    (void)arg_call(w, r3, args, &r0);
    arg_temp_give(w, &image);
    return 0;
}

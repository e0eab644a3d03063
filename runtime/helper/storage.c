/* storage.c: values kept for a task, an inode, a cgroup, and for the cgroup that a program is
 * attached to.
 *
 * An owner is known by the address that programs hold; the current task by its number, which is
 * what the system call knows it by.
 */
#include "runtime/map/storage.h"

#include "runtime/helper/arg.h"

#define STORAGE_CREATE UINT64_C(1)

static uint64_t owner_of(const struct world *w, const struct map *m, uint64_t addr) {
    const bool current = w->st.task_off && world_off(addr) == w->st.task_off;
    return m->def.type == MAP_task_storage && current ? w->env->task.pid : addr;
}

static uint64_t get(struct world *w, uint32_t type, uint64_t map, uint64_t owner,
                    uint64_t init_addr, uint64_t flags) {
    struct map *m = arg_map_of(w, map, type);
    const void *init = m && init_addr ? arg_read(w, init_addr, m->def.value_size) : NULL;
    if (!m || (init_addr && !init) || !owner || flags & ~STORAGE_CREATE)
        return 0;
    const uint64_t off = storage_get(w, m, owner_of(w, m, owner), flags & STORAGE_CREATE, init);
    return off ? world_addr(off) : 0;
}

static uint64_t delete(struct world *w, uint32_t type, uint64_t map, uint64_t owner) {
    struct map *m = arg_map_of(w, map, type);
    if (!m)
        return 0;
    return owner ? arg_int(storage_delete(w, m, owner_of(w, m, owner))) : helper_err(LX_EINVAL);
}

uint64_t helper_task_storage_get(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED1(r5);
    return get(w, MAP_task_storage, r1, r2, r3, r4);
}

uint64_t helper_task_storage_delete(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                    struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    return delete (w, MAP_task_storage, r1, r2);
}

uint64_t helper_inode_storage_get(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED1(r5);
    return get(w, MAP_inode_storage, r1, r2, r3, r4);
}

uint64_t helper_inode_storage_delete(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                     uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    return delete (w, MAP_inode_storage, r1, r2);
}

uint64_t helper_cgrp_storage_get(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED1(r5);
    return get(w, MAP_cgrp_storage, r1, r2, r3, r4);
}

uint64_t helper_cgrp_storage_delete(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                    struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    return delete (w, MAP_cgrp_storage, r1, r2);
}

/* The program is attached to the current task's own cgroup. */
uint64_t helper_get_local_storage(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    struct map *m = arg_map(w, r1);
    if (!m)
        return 0;
    if (!cgroup_storage_is(m)) {
        world_trap(w, RUN_TRAP_MEMORY, r1);
        return 0;
    }
    const struct env_task *t = &w->env->task;
    const uint32_t level = t->cgroup_level < ENV_CGROUP_DEPTH ? t->cgroup_level : 0;
    const uint64_t off = cgroup_storage_get(w, m, t->cgroup_ids[level], w->env->attach_type);
    return off ? world_addr(off) : 0;
}

/* storage.h: local storage: a value for each owner (socket, task, inode, cgroup), and cgroup
 * storage.
 *
 * An owner is named by a number of the caller's choice, the same for the same object; the system
 * call's int key is taken as that number (Linux: a descriptor). Linux bounds these maps by memory
 * only; here a map has room for STORAGE_OWNERS values (fewer where they are large), and says
 * -ENOMEM beyond.
 *
 * Memory: as a hash of 8-byte keys with that many entries.
 * Cost: every operation O(1) expected.
 */
#ifndef BPFLAB_RUNTIME_MAP_STORAGE_H
#define BPFLAB_RUNTIME_MAP_STORAGE_H

#include "runtime/map.h"

enum {
    STORAGE_OWNERS = 1024,
    STORAGE_BYTES_MAX = 8 << 20
};

/* storage_is: sk, task, inode or cgrp storage? cgroup_storage_is: cgroup storage, per CPU or not?
 */
static inline bool storage_is(const struct map *m) {
    return m->def.type == MAP_sk_storage || m->def.type == MAP_task_storage ||
           m->def.type == MAP_inode_storage || m->def.type == MAP_cgrp_storage;
}

static inline bool cgroup_storage_is(const struct map *m) {
    return m->def.type == MAP_cgroup_storage || m->def.type == MAP_percpu_cgroup_storage;
}

/* storage_get: the owner's value; create: make one where there is none, from init (value_size
 * bytes; NULL: zeros).
 * out: its world offset, 0 if there is none or the map is full */
uint64_t storage_get(struct world *w, struct map *m, uint64_t owner, bool create, const void *init);

/* storage_delete: delete the owner's value.
 * out: 0, -ENOENT */
int storage_delete(struct world *w, struct map *m, uint64_t owner);

/* cgroup_storage_get: the current CPU's value for a cgroup and attach type (which only counts where
 * the key has one); made of zeros at first use, as attaching a program does in Linux.
 * out: its world offset, 0 if the map is full */
uint64_t cgroup_storage_get(struct world *w, struct map *m, uint64_t cgroup, uint32_t attach_type);

#endif

/* slots.c: arrays of ids (runtime/map/slots.h), and the kinds that are nothing more: prog array and
 * cgroup array.
 */
#include "runtime/map/slots.h"

#include "runtime/map/common.h"

int slots_check(const struct map_def *def) {
    if (def->value_size != 4 || (def->flags & (MAP_F_RDONLY_PROG | MAP_F_WRONLY_PROG)))
        return -LX_EINVAL;
    return array_check(def);
}

int slots_init(struct world *w, struct map *m) {
    return map_alloc(w, m, (uint64_t)m->def.max_entries * sizeof(uint64_t));
}

int slots_user_update(struct world *w, struct map *m, const void *key, const void *value,
                      uint64_t flags) {
    uint32_t index = world_get32(w, key);
    if (flags != MAP_ANY)
        return -LX_EINVAL;
    if (index >= m->def.max_entries)
        return -LX_E2BIG;
    slots_set(w, m, index, world_get32(w, value));
    return 0;
}

int slots_user_lookup(struct world *w, struct map *m, const void *key, void *value) {
    int64_t id = slots_get(w, m, world_get32(w, key));
    if (id < 0)
        return -LX_ENOENT;
    world_put32(w, value, (uint32_t)id);
    return 0;
}

int slots_remove(struct world *w, struct map *m, const void *key) {
    uint32_t index = world_get32(w, key);
    if (index >= m->def.max_entries)
        return -LX_E2BIG;
    if (slots_get(w, m, index) < 0)
        return -LX_ENOENT;
    slots_set(w, m, index, -1);
    return 0;
}

bool slots_each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    for (uint32_t i = 0; i < m->def.max_entries; i++) {
        int64_t id = slots_get(w, m, i);
        if (id < 0)
            continue;
        uint32_t key, value;
        world_put32(w, &key, i);
        world_put32(w, &value, (uint32_t)id);
        if (!fn(self, &key, 0, &value, sizeof value))
            return false;
    }
    return true;
}

int64_t map_prog_at(const struct world *w, const struct map *m, uint64_t index) {
    return m->def.type == MAP_prog_array ? slots_get(w, m, index) : -1;
}

/* The system call reads program ids back; cgroups, as in Linux, it cannot. */
const struct map_ops map_prog_array_ops = {
    .kind = "prog_array",
    .check = slots_check,
    .init = slots_init,
    .remove = slots_remove,
    .next_key = map_index_next,
    .user_lookup = slots_user_lookup,
    .user_update = slots_user_update,
    .each = slots_each,
};

const struct map_ops map_cgroup_array_ops = {
    .kind = "cgroup_array",
    .check = slots_check,
    .init = slots_init,
    .remove = slots_remove,
    .next_key = map_index_next,
    .user_lookup = map_lookup_enotsupp,
    .user_update = slots_user_update,
    .each = slots_each,
};

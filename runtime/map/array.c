/* array.c: array and per-CPU array.
 *
 * Values lie one after another, each 8-aligned, index by index and within an index CPU by CPU. All
 * exist from the start, zero, and can be neither added nor deleted. A memory-mapped array starts on
 * a page.
 *
 * Memory: value_size rounded up to 8, for each entry (and CPU).
 * Cost: every operation O(1); creation O(bytes).
 */
#include "runtime/map/common.h"

int array_check(const struct map_def *def) {
    const uint32_t mask =
        MAP_F_NUMA_NODE | MAP_F_MMAPABLE | MAP_F_ACCESS | MAP_F_PRESERVE_ELEMS | MAP_F_INNER_MAP;
    bool percpu = def->type == MAP_percpu_array;
    if (!def->max_entries || def->key_size != 4 || !def->value_size || !map_flags_ok(def, mask) ||
        (percpu && (def->flags & MAP_F_NUMA_NODE)))
        return -LX_EINVAL;
    if (def->type != MAP_array && (def->flags & (MAP_F_MMAPABLE | MAP_F_INNER_MAP)))
        return -LX_EINVAL;
    if (def->type != MAP_perf_event_array && (def->flags & MAP_F_PRESERVE_ELEMS))
        return -LX_EINVAL;
    if (def->value_size > INT32_MAX)
        return -LX_E2BIG;
    return percpu && map_round8(def->value_size) > MAP_PERCPU_MAX ? -LX_E2BIG : 0;
}

static int init(struct world *w, struct map *m) {
    const struct map_def *def = &m->def;
    uint32_t n_copies = def->type == MAP_percpu_array ? w->cfg.n_cpus : 1;
    uint64_t elem = n_copies > 1 ? map_cpu_stride(def->value_size) : map_round8(def->value_size);
    uint64_t page = def->flags & MAP_F_MMAPABLE ? MAP_PAGE : 8;
    if (elem * n_copies > UINT32_MAX || def->max_entries > WORLD_ARENA_BYTES / (elem * n_copies))
        return -LX_ENOMEM;
    int err = map_alloc(w, m, def->max_entries * elem * n_copies + page - 8);
    if (err)
        return err;
    m->value_off = (m->off + page - 1) & ~(page - 1);
    m->value_stride = (uint32_t)(elem * n_copies);
    m->cpu_stride = n_copies > 1 ? (uint32_t)elem : 0;
    uint64_t n_values = (uint64_t)def->max_entries * n_copies;
    for (uint64_t i = 0; i < n_values; i++)
        world_allow(w, m->value_off + i * elem, def->value_size, m->access);
    return 0;
}

static uint64_t lookup(struct world *w, struct map *m, const void *key) {
    return map_lookup(w, m, key);
}

static uint64_t lookup_cpu(struct world *w, struct map *m, const void *key, uint32_t cpu) {
    uint32_t i = world_get32(w, key);
    if (cpu >= w->cfg.n_cpus || i >= m->def.max_entries)
        return 0;
    return m->value_off + (uint64_t)i * m->value_stride + (uint64_t)cpu * m->cpu_stride;
}

static int update(struct world *w, struct map *m, const void *key, const void *value,
                  uint64_t flags) {
    if ((flags & ~(uint64_t)MAP_LOCK) > MAP_EXIST)
        return -LX_EINVAL;
    uint64_t off = map_lookup(w, m, key);
    if (!off)
        return -LX_E2BIG;
    if (flags & MAP_NOEXIST)
        return -LX_EEXIST;
    if ((flags & MAP_LOCK) && m->fields.spin_lock < 0)
        return -LX_EINVAL;
    map_write_value(m, w->mem + off, value);
    if (m->has_fields)
        map_clear_fields(m, w->mem + off);
    return 0;
}

int map_index_next(struct world *w, struct map *m, const void *key, void *next) {
    uint32_t i = key ? world_get32(w, key) : UINT32_MAX;
    if (i == m->def.max_entries - 1)
        return -LX_ENOENT;
    world_put32(w, next, i >= m->def.max_entries ? 0 : i + 1);
    return 0;
}

static int percpu_user_lookup(struct world *w, struct map *m, const void *key, void *value) {
    uint64_t off = lookup_cpu(w, m, key, 0);
    if (!off)
        return -LX_ENOENT;
    map_cpus_get(w, off, m->def.value_size, value);
    return 0;
}

static int percpu_user_update(struct world *w, struct map *m, const void *key, const void *value,
                              uint64_t flags) {
    if (flags > MAP_EXIST)
        return -LX_EINVAL;
    uint64_t off = lookup_cpu(w, m, key, 0);
    if (!off)
        return -LX_E2BIG;
    if (flags == MAP_NOEXIST)
        return -LX_EEXIST;
    map_cpus_put(w, off, m->def.value_size, value);
    return 0;
}

static bool iterate(struct world *w, struct map *m, struct map_cursor *at) {
    if (at->elem >= m->def.max_entries)
        return false;
    world_put32(w, &at->index, at->elem++);
    at->key = &at->index;
    at->value_off = map_lookup(w, m, at->key);
    return true;
}

static bool each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    uint32_t n_cpus = m->cpu_stride ? w->cfg.n_cpus : 1;
    for (uint32_t i = 0; i < m->def.max_entries; i++)
        for (uint32_t c = 0; c < n_cpus; c++) {
            uint32_t key;
            world_put32(w, &key, i);
            if (!fn(self, &key, c,
                    w->mem + m->value_off + (uint64_t)i * m->value_stride +
                        (uint64_t)c * m->cpu_stride,
                    m->def.value_size))
                return false;
        }
    return true;
}

const struct map_ops map_array_ops = {
    .kind = "array",
    .check = array_check,
    .init = init,
    .lookup = lookup,
    .update = update,
    .remove = map_remove_einval,
    .next_key = map_index_next,
    .iterate = iterate,
    .each = each,
};

const struct map_ops map_percpu_array_ops = {
    .kind = "percpu_array",
    .check = array_check,
    .init = init,
    .lookup = lookup,
    .update = update,
    .remove = map_remove_einval,
    .next_key = map_index_next,
    .lookup_cpu = lookup_cpu,
    .user_lookup = percpu_user_lookup,
    .user_update = percpu_user_update,
    .iterate = iterate,
    .each = each,
};

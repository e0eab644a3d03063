/* hash.c: hash and per-CPU hash.
 *
 * As in Linux, updating a key of a plain hash puts a new element in the old one's place: who looked
 * the old value up goes on reading it until the element is used again (by the second update after).
 * A per-CPU hash writes in place. A full map refuses new keys with -E2BIG. BPF_F_NO_PREALLOC
 * changes nothing that can be seen.
 *
 * Memory: 4 bytes a bucket (max_entries rounded up to a power of two), 24 + key + value (times
 * CPUs) an element, one more element a CPU for replacing.
 * Cost: lookup, update, delete O(1) expected and O(key + value).
 */
#include "runtime/map/common.h"
#include "runtime/map/htab.h"

int htab_check(const struct map_def *def) {
    const uint32_t mask =
        MAP_F_NO_PREALLOC | MAP_F_NO_COMMON_LRU | MAP_F_NUMA_NODE | MAP_F_ACCESS | MAP_F_ZERO_SEED;
    const uint32_t elem_bytes = 48; /* struct htab_elem of Linux */
    bool percpu = def->type == MAP_percpu_hash || def->type == MAP_lru_percpu_hash;
    bool lru = def->type == MAP_lru_hash || def->type == MAP_lru_percpu_hash;
    bool own_lists = def->flags & MAP_F_NO_COMMON_LRU;
    if (!map_flags_ok(def, mask) || (!lru && own_lists))
        return -LX_EINVAL;
    if (lru && (def->flags & MAP_F_NO_PREALLOC))
        return -LX_ENOTSUPP;
    if ((def->flags & MAP_F_NUMA_NODE) && (percpu || own_lists))
        return -LX_EINVAL;
    if (!def->max_entries || !def->key_size || !def->value_size)
        return -LX_EINVAL;
    if ((uint64_t)def->key_size + def->value_size >= MAP_KMALLOC_MAX - elem_bytes)
        return -LX_E2BIG;
    if (percpu && map_round8(def->value_size) > MAP_PERCPU_MAX)
        return -LX_E2BIG;
    /* 2^31 buckets of 16 bytes would overflow a u32 */
    return def->max_entries > UINT32_C(1) << 27 ? -LX_E2BIG : 0;
}

static bool is_percpu(const struct map *m) {
    return m->def.type == MAP_percpu_hash;
}

static int init(struct world *w, struct map *m) {
    struct htab_shape shape = {
        .key_bytes = m->def.key_size,
        .value_bytes = m->def.value_size,
        .n_copies = is_percpu(m) ? w->cfg.n_cpus : 1,
        .n_elems = m->def.max_entries,
        .n_lists = 1,
        .spares = !is_percpu(m),
    };
    return htab_init(w, m, &shape);
}

static uint64_t lookup(struct world *w, struct map *m, const void *key) {
    uint32_t i = htab_find(w, m, key, htab_hash(m, key));
    return i ? htab_value_off(m, i, 0) : 0;
}

static int update(struct world *w, struct map *m, const void *key, const void *value,
                  uint64_t flags) {
    if ((flags & ~(uint64_t)MAP_LOCK) > MAP_EXIST)
        return -LX_EINVAL;
    if ((flags & MAP_LOCK) && m->fields.spin_lock < 0)
        return -LX_EINVAL;
    uint32_t i = flags & MAP_LOCK ? htab_find(w, m, key, htab_hash(m, key)) : 0, old = 0;
    int err = 0;
    if (i) /* in place */
        err = map_flags_exist(true, flags);
    else
        err = htab_put(w, m, key, flags, &i, &old);
    if (err)
        return err;
    if (old && m->has_fields)
        map_clear_fields(m, htab_value(w, m, old, 0));
    map_write_value(m, htab_value(w, m, i, 0), value);
    return 0;
}

static uint64_t percpu_lookup_cpu(struct world *w, struct map *m, const void *key, uint32_t cpu) {
    uint32_t i = cpu < w->cfg.n_cpus ? htab_find(w, m, key, htab_hash(m, key)) : 0;
    return i ? htab_value_off(m, i, cpu) : 0;
}

static uint64_t percpu_lookup(struct world *w, struct map *m, const void *key) {
    return percpu_lookup_cpu(w, m, key, w->st.cpu);
}

/* all: value holds every CPU's value, each rounded up to 8 bytes; else it is the current CPU's, and
 * a new element's other values are zero. */
static int percpu_put(struct world *w, struct map *m, const void *key, const void *value,
                      uint64_t flags, bool all) {
    if (flags > MAP_EXIST)
        return -LX_EINVAL;
    uint32_t hash = htab_hash(m, key);
    uint32_t i = htab_find(w, m, key, hash);
    int err = map_flags_exist(i != 0, flags);
    if (err)
        return err;
    if (!i) {
        i = htab_take(w, m, 0);
        if (!i)
            return -LX_E2BIG;
        htab_link(w, m, i, key, hash);
        htab_zero(w, m, i);
    }
    htab_write_copies(w, m, i, value, all);
    return 0;
}

static int percpu_update(struct world *w, struct map *m, const void *key, const void *value,
                         uint64_t flags) {
    return percpu_put(w, m, key, value, flags, false);
}

static int percpu_user_update(struct world *w, struct map *m, const void *key, const void *value,
                              uint64_t flags) {
    return percpu_put(w, m, key, value, flags, true);
}

static int percpu_user_lookup(struct world *w, struct map *m, const void *key, void *value) {
    uint32_t i = htab_find(w, m, key, htab_hash(m, key));
    if (!i)
        return -LX_ENOENT;
    map_cpus_get(w, htab_value_off(m, i, 0), m->def.value_size, value);
    return 0;
}

const struct map_ops map_hash_ops = {
    .kind = "hash",
    .check = htab_check,
    .init = init,
    .lookup = lookup,
    .update = update,
    .remove = htab_remove,
    .next_key = htab_next_key,
    .iterate = htab_iterate,
    .each = htab_each,
};

const struct map_ops map_percpu_hash_ops = {
    .kind = "percpu_hash",
    .check = htab_check,
    .init = init,
    .lookup = percpu_lookup,
    .update = percpu_update,
    .remove = htab_remove,
    .next_key = htab_next_key,
    .lookup_cpu = percpu_lookup_cpu,
    .user_lookup = percpu_user_lookup,
    .user_update = percpu_user_update,
    .iterate = htab_iterate,
    .each = htab_each,
};

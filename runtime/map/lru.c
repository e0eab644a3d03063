/* lru.c: LRU hash and per-CPU LRU hash.
 *
 * Exact LRU: elements of a list stand in order of age; a program's lookup and every update make an
 * element the newest; the system call's lookup does not. A new key in a full map takes the oldest
 * element's place.
 *
 * Linux approximates: it marks an element when it is used, refills a CPU's stock of free elements
 * in batches by passing over marked ones once, so that it evicts earlier (before the map is full)
 * and less exactly. Any victim that this file chooses is one that Linux could choose; maps that
 * never fill up behave alike, except that Linux also evicts when an existing key of a full map is
 * updated. With BPF_F_NO_COMMON_LRU each CPU has its own list, as in Linux, max_entries rounded up
 * to a multiple of the CPUs; here a key stays in the list it entered.
 *
 * Memory: as hash. Cost: every operation O(1) expected; a lookup writes up to five links.
 */
#include "runtime/map/common.h"
#include "runtime/map/htab.h"

static bool is_percpu(const struct map *m) {
    return m->def.type == MAP_lru_percpu_hash;
}

static int init(struct world *w, struct map *m) {
    bool own_lists = m->def.flags & MAP_F_NO_COMMON_LRU;
    if (own_lists) {
        uint32_t n = w->cfg.n_cpus, rest = m->def.max_entries % n;
        m->def.max_entries += rest ? n - rest : 0;
    }
    struct htab_shape shape = {
        .key_bytes = m->def.key_size,
        .value_bytes = m->def.value_size,
        .n_copies = is_percpu(m) ? w->cfg.n_cpus : 1,
        .n_elems = m->def.max_entries,
        .n_lists = own_lists ? w->cfg.n_cpus : 1,
        .spares = !is_percpu(m),
    };
    return htab_init(w, m, &shape);
}

static void touch(struct world *w, struct map *m, uint32_t i) {
    if (!htab_elem(w, m, i)->newer)
        return; /* is the newest */
    htab_forget(w, m, i);
    htab_newest(w, m, i);
}

/* The element for a new key: a free one of the CPU's list, else its oldest. */
static uint32_t take(struct world *w, struct map *m) {
    struct htab_head *h = htab_head(w, m);
    uint32_t list = h->n_lists > 1 ? w->st.cpu : 0;
    uint32_t i = htab_take(w, m, list);
    if (i)
        return i;
    i = h->lists[list].oldest;
    htab_forget(w, m, i);
    htab_unlink(w, m, i);
    if (m->has_fields)
        map_clear_fields(m, htab_value(w, m, i, 0));
    return i;
}

static uint64_t lookup_cpu(struct world *w, struct map *m, const void *key, uint32_t cpu) {
    uint32_t i = cpu < w->cfg.n_cpus ? htab_find(w, m, key, htab_hash(m, key)) : 0;
    if (!i)
        return 0;
    touch(w, m, i);
    return htab_value_off(m, i, is_percpu(m) ? cpu : 0);
}

static uint64_t lookup(struct world *w, struct map *m, const void *key) {
    return lookup_cpu(w, m, key, w->st.cpu);
}

static int update(struct world *w, struct map *m, const void *key, const void *value,
                  uint64_t flags) {
    if (flags > MAP_EXIST)
        return -LX_EINVAL;
    uint32_t hash = htab_hash(m, key);
    uint32_t i = htab_find(w, m, key, hash);
    int err = map_flags_exist(i != 0, flags);
    if (err)
        return err;
    if (i) {
        uint32_t old = i;
        htab_forget(w, m, old);
        i = htab_replace(w, m, old);
        if (m->has_fields)
            map_clear_fields(m, htab_value(w, m, old, 0));
    } else {
        i = take(w, m);
        htab_link(w, m, i, key, hash);
    }
    htab_newest(w, m, i);
    map_write_value(m, htab_value(w, m, i, 0), value);
    return 0;
}

static int percpu_put(struct world *w, struct map *m, const void *key, const void *value,
                      uint64_t flags, bool all) {
    if (flags > MAP_EXIST)
        return -LX_EINVAL;
    uint32_t hash = htab_hash(m, key);
    uint32_t i = htab_find(w, m, key, hash);
    int err = map_flags_exist(i != 0, flags);
    if (err)
        return err;
    if (i) {
        touch(w, m, i);
    } else {
        i = take(w, m);
        htab_link(w, m, i, key, hash);
        htab_newest(w, m, i);
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

/* The system call reads without making the element younger. */
static int user_lookup(struct world *w, struct map *m, const void *key, void *value) {
    uint32_t i = htab_find(w, m, key, htab_hash(m, key));
    if (!i)
        return -LX_ENOENT;
    if (is_percpu(m))
        map_cpus_get(w, htab_value_off(m, i, 0), m->def.value_size, value);
    else
        memcpy(value, htab_value(w, m, i, 0), m->def.value_size);
    return 0;
}

static int remove_key(struct world *w, struct map *m, const void *key) {
    uint32_t i = htab_find(w, m, key, htab_hash(m, key));
    if (!i)
        return -LX_ENOENT;
    htab_forget(w, m, i);
    return htab_remove(w, m, key);
}

const struct map_ops map_lru_hash_ops = {
    .kind = "lru_hash",
    .check = htab_check,
    .init = init,
    .lookup = lookup,
    .update = update,
    .remove = remove_key,
    .next_key = htab_next_key,
    .user_lookup = user_lookup,
    .iterate = htab_iterate,
    .each = htab_each,
};

const struct map_ops map_lru_percpu_hash_ops = {
    .kind = "lru_percpu_hash",
    .check = htab_check,
    .init = init,
    .lookup = lookup,
    .update = percpu_update,
    .remove = remove_key,
    .next_key = htab_next_key,
    .lookup_cpu = lookup_cpu,
    .user_lookup = user_lookup,
    .user_update = percpu_user_update,
    .iterate = htab_iterate,
    .each = htab_each,
};

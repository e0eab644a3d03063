/* nested.c: array of maps and hash of maps: entries are maps of the world, all like one template.
 *
 * A program's lookup gives the inner map's handle; the system call stores and reads world map ids.
 *
 * Memory: array 8 bytes an entry, hash as hash.c with 4-byte values.
 * Cost: every operation O(1) expected.
 */
#include "runtime/map/common.h"
#include "runtime/map/htab.h"
#include "runtime/map/slots.h"

/* May the map be stored here? out: 0; -EBADF (no such map), -EINVAL (not like the template) */
static int accept(const struct world *w, const struct map *m, uint32_t id) {
    const struct map *inner = map_by_id(w, id);
    const struct map_shape *want = &m->inner;
    if (!inner)
        return -LX_EBADF;
    const struct map_def *d = &inner->def;
    const uint32_t fd_flags = MAP_F_RDONLY | MAP_F_WRONLY; /* of the descriptor, not the map */
    bool sized =
        want->type == MAP_xskmap || (want->type == MAP_array && !(want->flags & MAP_F_INNER_MAP));
    if (d->type != want->type || d->key_size != want->key_size ||
        d->value_size != want->value_size || (d->flags & ~fd_flags) != (want->flags & ~fd_flags) ||
        (sized && d->max_entries != want->max_entries))
        return -LX_EINVAL;
    return 0;
}

static uint64_t handle_off(const struct world *w, int64_t id) {
    const struct map *inner = id < 0 ? NULL : map_by_id(w, (uint32_t)id);
    return inner ? world_off(inner->handle) : 0;
}

static uint64_t array_lookup(struct world *w, struct map *m, const void *key) {
    return handle_off(w, slots_get(w, m, world_get32(w, key)));
}

static int array_user_update(struct world *w, struct map *m, const void *key, const void *value,
                             uint64_t flags) {
    if (flags != MAP_ANY)
        return -LX_EINVAL;
    if (world_get32(w, key) >= m->def.max_entries)
        return -LX_E2BIG;
    int err = accept(w, m, world_get32(w, value));
    return err ? err : slots_user_update(w, m, key, value, flags);
}

static int hash_check(const struct map_def *def) {
    return def->value_size != 4 ? -LX_EINVAL : htab_check(def);
}

static int hash_init(struct world *w, struct map *m) {
    m->access = WORLD_NONE;
    struct htab_shape shape = {
        .key_bytes = m->def.key_size,
        .value_bytes = 4,
        .n_copies = 1,
        .n_elems = m->def.max_entries,
        .n_lists = 1,
        .spares = true,
    };
    return htab_init(w, m, &shape);
}

static uint64_t hash_lookup(struct world *w, struct map *m, const void *key) {
    uint32_t i = htab_find(w, m, key, htab_hash(m, key));
    return i ? handle_off(w, world_get32(w, htab_value(w, m, i, 0))) : 0;
}

static int hash_user_lookup(struct world *w, struct map *m, const void *key, void *value) {
    uint32_t i = htab_find(w, m, key, htab_hash(m, key));
    if (!i)
        return -LX_ENOENT;
    memcpy(value, htab_value(w, m, i, 0), 4);
    return 0;
}

static int hash_user_update(struct world *w, struct map *m, const void *key, const void *value,
                            uint64_t flags) {
    int err = accept(w, m, world_get32(w, value));
    if (err)
        return err;
    if (flags > MAP_EXIST)
        return -LX_EINVAL;
    uint32_t i;
    err = htab_put(w, m, key, flags, &i, NULL);
    if (err)
        return err;
    memcpy(htab_value(w, m, i, 0), value, 4);
    return 0;
}

const struct map_ops map_array_of_maps_ops = {
    .kind = "array_of_maps",
    .check = slots_check,
    .init = slots_init,
    .lookup = array_lookup,
    .remove = slots_remove,
    .next_key = map_index_next,
    .user_lookup = slots_user_lookup,
    .user_update = array_user_update,
    .each = slots_each,
};

const struct map_ops map_hash_of_maps_ops = {
    .kind = "hash_of_maps",
    .check = hash_check,
    .init = hash_init,
    .lookup = hash_lookup,
    .remove = htab_remove,
    .next_key = htab_next_key,
    .user_lookup = hash_user_lookup,
    .user_update = hash_user_update,
    .each = htab_each,
};

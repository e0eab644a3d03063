/* storage.c: local storage and cgroup storage (runtime/map/storage.h). */
#include "runtime/map/storage.h"

#include "runtime/map/common.h"
#include "runtime/map/htab.h"

/* Room for the largest key of a storage. */
enum {
    KEY_ROOM = 16
};

static int check(const struct map_def *def) {
    if (def->flags & ~(uint32_t)(MAP_F_NO_PREALLOC | MAP_F_CLONE) ||
        !(def->flags & MAP_F_NO_PREALLOC) || def->max_entries || def->key_size != 4 ||
        !def->value_size || !def->key_btf_id || !def->value_btf_id)
        return -LX_EINVAL;
    return def->value_size > MAP_STORAGE_VALUE_MAX ? -LX_E2BIG : 0;
}

static int lay_out(struct world *w, struct map *m, uint32_t n_copies, bool spares) {
    uint64_t value = map_cpu_stride(m->def.value_size) * n_copies;
    uint64_t n = STORAGE_BYTES_MAX / value;
    struct htab_shape shape = {
        .key_bytes = 8,
        .value_bytes = m->def.value_size,
        .n_copies = n_copies,
        .n_elems = n < STORAGE_OWNERS ? (uint32_t)n : STORAGE_OWNERS,
        .n_lists = 1,
        .spares = spares,
    };
    if (cgroup_storage_is(m))
        shape.key_bytes = m->def.key_size;
    return htab_init(w, m, &shape);
}

static int init(struct world *w, struct map *m) {
    return lay_out(w, m, 1, true);
}

/* An element for a key that the table lacks, its values zero; 0 if there is no room. */
static uint32_t add(struct world *w, struct map *m, const void *key, uint32_t hash) {
    uint32_t i = htab_take(w, m, 0);
    if (!i)
        return 0;
    htab_link(w, m, i, key, hash);
    htab_zero(w, m, i);
    return i;
}

uint64_t storage_get(struct world *w, struct map *m, uint64_t owner, bool create,
                     const void *init_value) {
    uint8_t key[KEY_ROOM] = {0};
    world_put64(w, key, owner);
    uint32_t hash = htab_hash(m, key);
    uint32_t i = htab_find(w, m, key, hash);
    if (!i && create) {
        i = add(w, m, key, hash);
        if (i && init_value)
            map_write_value(m, htab_value(w, m, i, 0), init_value);
    }
    return i ? htab_value_off(m, i, 0) : 0;
}

int storage_delete(struct world *w, struct map *m, uint64_t owner) {
    uint8_t key[KEY_ROOM] = {0};
    world_put64(w, key, owner);
    return htab_remove(w, m, key);
}

/* The system call's key: a descriptor, taken as the owner's number. out: false if negative */
static bool owner_of(const struct world *w, const void *key, uint64_t *owner) {
    *owner = world_get32(w, key);
    return *owner <= INT32_MAX;
}

static int user_lookup(struct world *w, struct map *m, const void *key, void *value) {
    uint64_t owner;
    if (!owner_of(w, key, &owner))
        return -LX_EBADF;
    uint64_t off = storage_get(w, m, owner, false, NULL);
    if (!off)
        return -LX_ENOENT;
    memcpy(value, w->mem + off, m->def.value_size);
    return 0;
}

static int user_update(struct world *w, struct map *m, const void *key, const void *value,
                       uint64_t flags) {
    uint64_t owner;
    uint8_t name[KEY_ROOM] = {0};
    if (!owner_of(w, key, &owner))
        return -LX_EBADF;
    if ((flags & ~(uint64_t)MAP_LOCK) > MAP_EXIST ||
        ((flags & MAP_LOCK) && m->fields.spin_lock < 0))
        return -LX_EINVAL;
    world_put64(w, name, owner);
    uint32_t hash = htab_hash(m, name);
    uint32_t i = htab_find(w, m, name, hash);
    int err = map_flags_exist(i != 0, flags);
    if (err)
        return err;
    if (!i)
        i = add(w, m, name, hash);
    else if (!(flags & MAP_LOCK))
        i = htab_replace(w, m, i);
    if (!i)
        return -LX_ENOMEM;
    map_write_value(m, htab_value(w, m, i, 0), value);
    return 0;
}

static int user_remove(struct world *w, struct map *m, const void *key) {
    uint64_t owner;
    return owner_of(w, key, &owner) ? storage_delete(w, m, owner) : -LX_EBADF;
}

static int cgroup_check(const struct map_def *def) {
    uint32_t max_value =
        def->type == MAP_percpu_cgroup_storage && MAP_PERCPU_MAX < MAP_STORAGE_VALUE_MAX
            ? MAP_PERCPU_MAX
            : MAP_STORAGE_VALUE_MAX;
    if ((def->key_size != 16 && def->key_size != 8) || !def->value_size)
        return -LX_EINVAL;
    if (def->value_size > max_value)
        return -LX_E2BIG;
    return !map_flags_ok(def, MAP_F_NUMA_NODE | MAP_F_ACCESS) || def->max_entries ? -LX_EINVAL : 0;
}

static int cgroup_init(struct world *w, struct map *m) {
    return lay_out(w, m, m->def.type == MAP_percpu_cgroup_storage ? w->cfg.n_cpus : 1, false);
}

/* The key that the table has for a system call's: padding does not count. */
static void cgroup_key(const struct map *m, const void *key, uint8_t name[KEY_ROOM]) {
    memset(name, 0, KEY_ROOM);
    memcpy(name, key, m->def.key_size == 16 ? 12 : 8);
}

static uint32_t cgroup_find(const struct world *w, const struct map *m, const void *key) {
    uint8_t name[KEY_ROOM] = {0};
    cgroup_key(m, key, name);
    return htab_find(w, m, name, htab_hash(m, name));
}

uint64_t cgroup_storage_get(struct world *w, struct map *m, uint64_t cgroup, uint32_t attach_type) {
    uint8_t name[KEY_ROOM] = {0};
    world_put64(w, name, cgroup);
    if (m->def.key_size == 16)
        world_put32(w, name + 8, attach_type);
    uint32_t hash = htab_hash(m, name);
    uint32_t i = htab_find(w, m, name, hash);
    if (!i) {
        i = add(w, m, name, hash);
        if (!i)
            return 0;
        htab_newest(w, m, i); /* the order of iteration */
    }
    return htab_value_off(m, i, htab_n_copies(m) > 1 ? w->st.cpu : 0);
}

static int cgroup_user_lookup(struct world *w, struct map *m, const void *key, void *value) {
    uint32_t i = cgroup_find(w, m, key);
    if (!i)
        return -LX_ENOENT;
    bool percpu = m->def.type == MAP_percpu_cgroup_storage;
    if (percpu)
        map_cpus_get(w, htab_value_off(m, i, 0), m->def.value_size, value);
    else
        memcpy(value, htab_value(w, m, i, 0), m->def.value_size);
    return 0;
}

static int cgroup_user_update(struct world *w, struct map *m, const void *key, const void *value,
                              uint64_t flags) {
    bool percpu = m->def.type == MAP_percpu_cgroup_storage;
    uint64_t allowed = percpu ? MAP_EXIST : MAP_EXIST | MAP_LOCK;
    if ((flags & ~allowed) || ((flags & MAP_LOCK) && m->fields.spin_lock < 0))
        return -LX_EINVAL;
    uint32_t i = cgroup_find(w, m, key);
    if (!i)
        return -LX_ENOENT;
    if (percpu)
        map_cpus_put(w, htab_value_off(m, i, 0), m->def.value_size, value);
    else
        map_write_value(m, htab_value(w, m, i, 0), value);
    return 0;
}

/* In the order in which the storages were made. An unknown key has no successor. */
static int cgroup_next_key(struct world *w, struct map *m, const void *key, void *next) {
    uint32_t i = htab_head(w, m)->lists[0].oldest;
    if (key) {
        i = cgroup_find(w, m, key);
        i = i ? htab_elem(w, m, i)->newer : 0;
    }
    if (!i)
        return -LX_ENOENT;
    memcpy(next, htab_elem(w, m, i)->key, m->def.key_size);
    return 0;
}

const struct map_ops map_storage_ops = {
    .kind = "storage",
    .check = check,
    .init = init,
    .remove = user_remove,
    .next_key = map_next_enotsupp,
    .user_lookup = user_lookup,
    .user_update = user_update,
    .each = htab_each,
};

const struct map_ops map_cgroup_storage_ops = {
    .kind = "cgroup_storage",
    .check = cgroup_check,
    .init = cgroup_init,
    .remove = map_remove_einval,
    .next_key = cgroup_next_key,
    .user_lookup = cgroup_user_lookup,
    .user_update = cgroup_user_update,
    .each = htab_each,
};

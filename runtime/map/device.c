/* device.c: devmap, devmap_hash, cpumap and xskmap (runtime/map/redirect.h).
 *
 * An entry is 8 bytes: number and program, in the world's byte order, of which a program may read
 * value_size bytes (struct bpf_devmap_val, struct bpf_cpumap_val, the queue of struct
 * bpf_xdp_sock).
 */
#include "runtime/map/common.h"
#include "runtime/map/htab.h"
#include "runtime/map/redirect.h"

enum {
    ENTRY_BYTES = 8,
    QUEUE_MAX = 16384
};

/* struct entry: number 0 means empty; an xskmap keeps its socket's number + 1 beside, since 0 is
 * one. */
static uint8_t *entry_at(const struct world *w, const struct map *m, uint32_t i) {
    return w->mem + m->off + (uint64_t)i * ENTRY_BYTES;
}

static int dev_check(const struct map_def *def) {
    if (!def->max_entries || def->key_size != 4 || (def->value_size != 4 && def->value_size != 8) ||
        def->flags & ~(uint32_t)(MAP_F_NUMA_NODE | MAP_F_RDONLY | MAP_F_WRONLY))
        return -LX_EINVAL;
    return def->type == MAP_devmap_hash && def->max_entries > UINT32_C(1) << 31 ? -LX_EINVAL : 0;
}

static int cpu_check(const struct map_def *def) {
    if (!def->max_entries || def->key_size != 4 || (def->value_size != 4 && def->value_size != 8) ||
        def->flags & ~(uint32_t)MAP_F_NUMA_NODE)
        return -LX_EINVAL;
    return def->max_entries > MAP_CPUS_MAX ? -LX_E2BIG : 0;
}

static int xsk_check(const struct map_def *def) {
    if (!def->max_entries || def->key_size != 4 || def->value_size != 4 ||
        def->flags & ~(uint32_t)(MAP_F_NUMA_NODE | MAP_F_RDONLY | MAP_F_WRONLY))
        return -LX_EINVAL;
    return 0;
}

static int init(struct world *w, struct map *m) {
    m->access = WORLD_READ;
    if (map_type_has(m->def.type, MAPTYPE_F_RDONLY))
        m->def.flags |= MAP_F_RDONLY_PROG;
    int err = map_alloc(w, m, (uint64_t)m->def.max_entries * ENTRY_BYTES);
    if (err)
        return err;
    for (uint32_t i = 0; i < m->def.max_entries; i++)
        world_allow(w, m->off + (uint64_t)i * ENTRY_BYTES, m->def.value_size, m->access);
    return 0;
}

static bool is_set(const struct world *w, const struct map *m, const uint8_t *entry) {
    return world_get32(w, m->def.type == MAP_xskmap ? entry + 4 : entry) != 0;
}

static uint64_t lookup(struct world *w, struct map *m, const void *key) {
    uint32_t i = world_get32(w, key);
    if (i >= m->def.max_entries || !is_set(w, m, entry_at(w, m, i)))
        return 0;
    return m->off + (uint64_t)i * ENTRY_BYTES;
}

static int remove_key(struct world *w, struct map *m, const void *key) {
    uint32_t i = world_get32(w, key);
    if (i >= m->def.max_entries)
        return -LX_EINVAL;
    memset(entry_at(w, m, i), 0, ENTRY_BYTES);
    return 0;
}

/* The program of a value that may lack one. */
static uint32_t prog_in(const struct world *w, const struct map *m, const void *value) {
    return m->def.value_size == 8 ? world_get32(w, (const uint8_t *)value + 4) : 0;
}

static bool has_prog(const struct world *w, const struct map *m, const void *value) {
    return (int32_t)prog_in(w, m, value) > 0;
}

static void write_entry(struct world *w, const struct map *m, uint8_t *entry, const void *value) {
    memcpy(entry, value, 4);
    world_put32(w, entry + 4, has_prog(w, m, value) ? prog_in(w, m, value) : 0);
}

/* What updates of index kinds refuse. */
static int check_index(const struct map *m, uint32_t i, uint64_t flags) {
    if (flags > MAP_EXIST)
        return -LX_EINVAL;
    if (i >= m->def.max_entries)
        return -LX_E2BIG;
    return flags == MAP_NOEXIST ? -LX_EEXIST : 0;
}

static int dev_user_update(struct world *w, struct map *m, const void *key, const void *value,
                           uint64_t flags) {
    uint32_t i = world_get32(w, key);
    int err = check_index(m, i, flags);
    if (err)
        return err;
    if (!world_get32(w, value) && has_prog(w, m, value))
        return -LX_EINVAL;
    write_entry(w, m, entry_at(w, m, i), value);
    return 0;
}

static int cpu_user_update(struct world *w, struct map *m, const void *key, const void *value,
                           uint64_t flags) {
    uint32_t i = world_get32(w, key), n_queue = world_get32(w, value);
    int err = check_index(m, i, flags);
    if (err)
        return err;
    if (n_queue > QUEUE_MAX)
        return -LX_EOVERFLOW;
    if (i >= w->cfg.n_cpus)
        return -LX_ENODEV;
    if (n_queue)
        write_entry(w, m, entry_at(w, m, i), value);
    else
        memset(entry_at(w, m, i), 0, ENTRY_BYTES);
    return 0;
}

static int xsk_user_update(struct world *w, struct map *m, const void *key, const void *value,
                           uint64_t flags) {
    uint32_t i = world_get32(w, key), sock = world_get32(w, value);
    if (flags > MAP_EXIST)
        return -LX_EINVAL;
    if (i >= m->def.max_entries)
        return -LX_E2BIG;
    if (sock > INT32_MAX)
        return -LX_EBADF;
    uint8_t *entry = entry_at(w, m, i);
    uint32_t old = world_get32(w, entry + 4);
    if (old == sock + 1)
        return 0;
    int err = map_flags_exist(old != 0, flags);
    if (err)
        return err;
    world_put32(w, entry, sock);
    world_put32(w, entry + 4, sock + 1);
    return 0;
}

static int xsk_user_lookup(struct world *w, struct map *m, const void *key, void *value) {
    (void)w, (void)m, (void)key, (void)value;
    return -LX_EOPNOTSUPP;
}

static bool each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    for (uint32_t i = 0; i < m->def.max_entries; i++) {
        const uint8_t *entry = entry_at(w, m, i);
        uint32_t key;
        world_put32(w, &key, i);
        if (is_set(w, m, entry) && !fn(self, &key, 0, entry, m->def.value_size))
            return false;
    }
    return true;
}

static int hash_init(struct world *w, struct map *m) {
    m->access = WORLD_READ;
    m->def.flags |= MAP_F_RDONLY_PROG;
    struct htab_shape shape = {
        .key_bytes = 4,
        .value_bytes = ENTRY_BYTES,
        .n_copies = 1,
        .n_elems = m->def.max_entries,
        .n_lists = 1,
        .spares = true,
    };
    return htab_init(w, m, &shape);
}

static uint64_t hash_lookup(struct world *w, struct map *m, const void *key) {
    uint32_t i = htab_find(w, m, key, htab_hash(m, key));
    return i ? htab_value_off(m, i, 0) : 0;
}

static int hash_user_update(struct world *w, struct map *m, const void *key, const void *value,
                            uint64_t flags) {
    if (flags > MAP_EXIST || !world_get32(w, value))
        return -LX_EINVAL;
    uint32_t i;
    int err = htab_put(w, m, key, flags & MAP_NOEXIST, &i, NULL); /* BPF_EXIST is no different */
    if (err)
        return err;
    write_entry(w, m, htab_value(w, m, i, 0), value);
    return 0;
}

bool map_target_at(const struct world *w, const struct map *m, uint32_t key,
                   struct map_target *out) {
    const uint8_t *entry = NULL;
    if (m->def.type == MAP_devmap_hash) {
        uint8_t name[16] = {0}; /* room for any key that htab_hash knows the length of */
        world_put32(w, name, key);
        uint32_t i = htab_find(w, m, name, htab_hash(m, name));
        entry = i ? htab_value(w, m, i, 0) : NULL;
    } else if (map_redirects(m) && key < m->def.max_entries) {
        entry = entry_at(w, m, key);
    }
    if (!entry || !is_set(w, m, entry))
        return false;
    out->number = world_get32(w, entry);
    out->prog = m->def.type == MAP_xskmap ? 0 : world_get32(w, entry + 4);
    return true;
}

#define DEVICE_OPS(name, check_fn, update_fn)                                                      \
    .kind = name, .check = check_fn, .init = init, .lookup = lookup, .remove = remove_key,         \
    .next_key = map_index_next, .user_update = update_fn, .each = each

const struct map_ops map_devmap_ops = {DEVICE_OPS("devmap", dev_check, dev_user_update)};
const struct map_ops map_cpumap_ops = {DEVICE_OPS("cpumap", cpu_check, cpu_user_update)};
const struct map_ops map_xskmap_ops = {DEVICE_OPS("xskmap", xsk_check, xsk_user_update),
                                       .user_lookup = xsk_user_lookup};

const struct map_ops map_devmap_hash_ops = {
    .kind = "devmap_hash",
    .check = dev_check,
    .init = hash_init,
    .lookup = hash_lookup,
    .remove = htab_remove,
    .next_key = htab_next_key,
    .user_update = hash_user_update,
    .each = htab_each,
};

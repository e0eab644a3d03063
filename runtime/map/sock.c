/* sock.c: sockmap, sockhash and reuseport_sockarray (runtime/map/redirect.h).
 *
 * An entry is the socket's number, 8 bytes in the world's byte order, 0 in an empty slot. Programs
 * see no values; helpers turn the number into the socket. The system call stores a number where
 * Linux takes a descriptor and, as in Linux, reads it back (the cookie) only if values are 8 bytes
 * wide.
 */
#include "runtime/map/common.h"
#include "runtime/map/htab.h"
#include "runtime/map/redirect.h"

enum {
    SOCK_BYTES = 8,
    KEY_MAX = 512
};

static int sockmap_check(const struct map_def *def) {
    bool hash = def->type == MAP_sockhash;
    if (!def->max_entries || (hash ? !def->key_size : def->key_size != 4) ||
        (!hash && def->max_entries > INT32_MAX) || (def->value_size != 4 && def->value_size != 8) ||
        def->flags & ~(uint32_t)(MAP_F_NUMA_NODE | MAP_F_RDONLY | MAP_F_WRONLY))
        return -LX_EINVAL;
    if (hash && def->key_size > KEY_MAX)
        return -LX_E2BIG;
    /* a u32 of 16-byte buckets */
    return hash && def->max_entries > UINT32_C(1) << 27 ? -LX_EINVAL : 0;
}

static int reuseport_check(const struct map_def *def) {
    return def->value_size != 4 && def->value_size != 8 ? -LX_EINVAL : array_check(def);
}

static int init(struct world *w, struct map *m) {
    return map_alloc(w, m, (uint64_t)m->def.max_entries * SOCK_BYTES);
}

static int hash_init(struct world *w, struct map *m) {
    m->access = WORLD_NONE;
    struct htab_shape shape = {
        .key_bytes = m->def.key_size,
        .value_bytes = SOCK_BYTES,
        .n_copies = 1,
        .n_elems = m->def.max_entries,
        .n_lists = 1,
        .spares = true,
    };
    return htab_init(w, m, &shape);
}

static uint8_t *slot_at(const struct world *w, const struct map *m, uint32_t i) {
    return w->mem + m->off + (uint64_t)i * SOCK_BYTES;
}

uint64_t map_sock_at(const struct world *w, const struct map *m, const void *key) {
    if (m->def.type == MAP_sockhash) {
        uint32_t i = htab_find(w, m, key, htab_hash(m, key));
        return i ? world_get64(w, htab_value(w, m, i, 0)) : 0;
    }
    uint32_t i = world_get32(w, key);
    return i < m->def.max_entries ? world_get64(w, slot_at(w, m, i)) : 0;
}

static int hash_put(struct world *w, struct map *m, const void *key, uint64_t sock,
                    uint64_t flags) {
    uint32_t i;
    int err = htab_put(w, m, key, flags, &i, NULL);
    if (err)
        return err;
    world_put64(w, htab_value(w, m, i, 0), sock);
    return 0;
}

int map_sock_put(struct world *w, struct map *m, const void *key, uint64_t sock, uint64_t flags) {
    if (flags > MAP_EXIST || !sock)
        return -LX_EINVAL;
    if (m->def.type == MAP_sockhash)
        return hash_put(w, m, key, sock, flags);
    uint32_t i = world_get32(w, key);
    if (i >= m->def.max_entries)
        return -LX_E2BIG;
    int err = map_flags_exist(world_get64(w, slot_at(w, m, i)) != 0, flags);
    if (err)
        return err;
    world_put64(w, slot_at(w, m, i), sock);
    return 0;
}

/* A socket sits in one slot of one reuseport array only. */
static bool in_reuseport(const struct world *w, uint64_t sock) {
    for (uint32_t id = 0; id < w->st.n_maps; id++) {
        const struct map *m = w->maps[id];
        if (m->def.type != MAP_reuseport_sockarray)
            continue;
        for (uint32_t i = 0; i < m->def.max_entries; i++)
            if (world_get64(w, slot_at(w, m, i)) == sock)
                return true;
    }
    return false;
}

/* The socket's number, a value of 4 or 8 bytes, has a descriptor's range: it fits in an int. */
static int user_update(struct world *w, struct map *m, const void *key, const void *value,
                       uint64_t flags) {
    bool reuseport = m->def.type == MAP_reuseport_sockarray;
    uint64_t sock = m->def.value_size == 8 ? world_get64(w, value) : world_get32(w, value);
    if (reuseport && flags > MAP_EXIST)
        return -LX_EINVAL;
    if (reuseport && world_get32(w, key) >= m->def.max_entries)
        return -LX_E2BIG;
    if (sock > INT32_MAX)
        return reuseport && m->def.value_size == 4 ? -LX_EBADF : -LX_EINVAL;
    if (!sock)
        return -LX_EBADF;
    if (reuseport) {
        int err = map_flags_exist(map_sock_at(w, m, key) != 0, flags);
        if (err)
            return err;
        if (in_reuseport(w, sock))
            return -LX_EBUSY;
    }
    return map_sock_put(w, m, key, sock, flags);
}

static int user_lookup(struct world *w, struct map *m, const void *key, void *value) {
    if (m->def.value_size != 8)
        return -LX_ENOSPC;
    uint64_t sock = map_sock_at(w, m, key);
    if (!sock)
        return -LX_ENOENT;
    world_put64(w, value, sock);
    return 0;
}

static int remove_key(struct world *w, struct map *m, const void *key) {
    bool reuseport = m->def.type == MAP_reuseport_sockarray;
    uint32_t i = world_get32(w, key);
    if (i >= m->def.max_entries)
        return reuseport ? -LX_E2BIG : -LX_EINVAL;
    if (!world_get64(w, slot_at(w, m, i)))
        return reuseport ? -LX_ENOENT : -LX_EINVAL;
    memset(slot_at(w, m, i), 0, SOCK_BYTES);
    return 0;
}

static bool each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    for (uint32_t i = 0; i < m->def.max_entries; i++) {
        uint32_t key;
        world_put32(w, &key, i);
        if (world_get64(w, slot_at(w, m, i)) && !fn(self, &key, 0, slot_at(w, m, i), SOCK_BYTES))
            return false;
    }
    return true;
}

#define SOCK_OPS(name, check_fn)                                                                   \
    .kind = name, .check = check_fn, .user_lookup = user_lookup, .user_update = user_update

const struct map_ops map_sockmap_ops = {
    SOCK_OPS("sockmap", sockmap_check), .init = init, .remove = remove_key,
    .next_key = map_index_next,         .each = each,
};

const struct map_ops map_sockhash_ops = {
    SOCK_OPS("sockhash", sockmap_check), .init = hash_init, .remove = htab_remove,
    .next_key = htab_next_key,           .each = htab_each,
};

const struct map_ops map_reuseport_ops = {
    SOCK_OPS("reuseport_sockarray", reuseport_check),
    .init = init,
    .remove = remove_key,
    .next_key = map_index_next,
    .each = each,
};

/* user.c: maps as the system call sees them: permissions of the descriptor, freezing, and what
 * kinds do not answer themselves, in the order of checks of Linux's kernel/bpf/syscall.c.
 */
#include "runtime/map/common.h"

uint32_t map_user_value_bytes(const struct world *w, const struct map *m) {
    if (map_type_has(m->def.type, MAPTYPE_F_PERCPU))
        return (uint32_t)map_round8(m->def.value_size) * w->cfg.n_cpus;
    return map_type_has(m->def.type, MAPTYPE_F_FD) ? 4 : m->def.value_size;
}

static int may_read(const struct map *m) {
    return m->def.flags & MAP_F_WRONLY ? -LX_EPERM : 0;
}

static int may_write(const struct map *m) {
    return m->frozen || (m->def.flags & MAP_F_RDONLY) ? -LX_EPERM : 0;
}

/* Kinds without keys want none; others want one. */
static int check_key(const struct map *m, const void *key) {
    if (!m->def.key_size)
        return key ? -LX_EINVAL : 0;
    return key ? 0 : -LX_EFAULT;
}

static int plain_lookup(struct world *w, struct map *m, const void *key, void *value) {
    uint64_t off = map_lookup(w, m, key);
    if (!off)
        return -LX_ENOENT;
    memcpy(value, w->mem + off, m->def.value_size);
    return 0;
}

int map_user_lookup(struct world *w, struct map *m, const void *key, void *value) {
    int err = may_read(m);
    if (!err)
        err = check_key(m, key);
    if (err)
        return err;
    if (m->ops->user_lookup)
        err = m->ops->user_lookup(w, m, key, value);
    else if (m->ops->peek)
        err = m->ops->peek(w, m, value);
    else
        err = plain_lookup(w, m, key, value);
    if (!err)
        map_hide_fields(m, value);
    return err;
}

int map_user_update(struct world *w, struct map *m, const void *key, const void *value,
                    uint64_t flags) {
    int err = may_write(m);
    if (!err && (flags & MAP_LOCK) && m->fields.spin_lock < 0)
        err = -LX_EINVAL;
    if (!err)
        err = check_key(m, key);
    if (err)
        return err;
    if (m->ops->user_update)
        return m->ops->user_update(w, m, key, value, flags);
    if (m->ops->push)
        return m->ops->push(w, m, value, flags);
    return m->ops->update ? m->ops->update(w, m, key, value, flags) : -LX_EOPNOTSUPP;
}

int map_user_delete(struct world *w, struct map *m, const void *key) {
    int err = may_write(m);
    if (!err)
        err = check_key(m, key);
    if (err)
        return err;
    return m->ops->remove ? m->ops->remove(w, m, key) : -LX_EOPNOTSUPP;
}

int map_user_next_key(struct world *w, struct map *m, const void *key, void *next) {
    int err = may_read(m);
    if (!err && key)
        err = check_key(m, key);
    if (err)
        return err;
    return m->ops->next_key ? m->ops->next_key(w, m, key, next) : -LX_EOPNOTSUPP;
}

int map_user_take(struct world *w, struct map *m, const void *key, void *value, uint64_t flags) {
    if (flags & ~(uint64_t)MAP_LOCK)
        return -LX_EINVAL;
    int err = may_read(m);
    if (!err)
        err = may_write(m);
    if (!err && (flags & MAP_LOCK) && m->fields.spin_lock < 0)
        err = -LX_EINVAL;
    if (!err)
        err = check_key(m, key);
    if (!err && !map_type_has(m->def.type, MAPTYPE_F_TAKE))
        err = -LX_ENOTSUPP;
    if (err)
        return err;
    if (m->ops->pop)
        return m->ops->pop(w, m, value);
    err = m->ops->user_lookup ? m->ops->user_lookup(w, m, key, value)
                              : plain_lookup(w, m, key, value);
    if (err)
        return err;
    map_hide_fields(m, value);
    return m->ops->remove(w, m, key);
}

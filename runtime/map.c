/* map.c: the table of map kinds, and making maps (runtime/map.h). */
#include "runtime/map.h"

#include <stdlib.h>

#include "runtime/map/arena.h"
#include "runtime/map/common.h"
#include "runtime/map/hash_key.h"
#include "runtime/map/storage.h"

static const struct map_ops *const kinds[] = {
#define MAP_KIND(type, ops, lookup, cap, flags) [MAP_##type] = &ops,
#include "runtime/map.def"
};

const struct map_ops *map_ops_of(uint32_t type) {
    return type < sizeof kinds / sizeof *kinds ? kinds[type] : NULL;
}

uint32_t map_hash_key(const void *key, uint32_t n_bytes) {
    return (uint32_t)hash_bytes(key, n_bytes);
}

void map_def_fixup(const struct world *w, struct map_def *def) {
    if (def->type == MAP_perf_event_array && !def->max_entries)
        def->max_entries = w->cfg.n_cpus;
    bool ring = def->type == MAP_ringbuf || def->type == MAP_user_ringbuf;
    if (ring && def->max_entries && def->max_entries <= UINT32_C(1) << 31) {
        uint32_t size = map_round_pow2(def->max_entries);
        def->max_entries = size < MAP_PAGE ? MAP_PAGE : size;
    }
}

/* What Linux checks of any definition before it asks the kind. */
static int check_def(const struct map_def *def) {
    const uint32_t both = MAP_F_RDONLY | MAP_F_WRONLY;
    const struct map_ops *ops = map_ops_of(def->type);
    if (!ops && (def->type == MAP_struct_ops || def->type == MAP_insn_array))
        return -LX_EOPNOTSUPP;
    if (!ops || (def->key_btf_id && !def->value_btf_id) ||
        (def->extra && !map_type_has(def->type, MAPTYPE_F_EXTRA)) || (def->flags & both) == both)
        return -LX_EINVAL;
    return ops->check(def);
}

static enum world_access access_of(const struct map_def *def) {
    if (def->frozen || (def->flags & MAP_F_RDONLY_PROG))
        return WORLD_READ;
    return def->flags & MAP_F_WRONLY_PROG ? WORLD_WRITE : WORLD_RW;
}

/* Take back what creating m handed out: its storage must be as world_alloc_arena gives it. */
static void undo(struct world *w, const struct world_state *before, struct map *m) {
    if (m->off) {
        memset(w->mem + m->off, 0, m->n_bytes);
        world_allow(w, m->off, m->n_bytes, WORLD_NONE);
    }
    w->st = *before;
    free(m);
}

/* A map's description, its storage laid out and its handle made. */
static int create(struct world *w, const struct map_def *def, const struct map_shape *inner,
                  uint32_t *id) {
    if (w->st.n_maps == WORLD_MAX_MAPS)
        return -LX_ENOMEM;
    struct map *m = calloc(1, sizeof *m);
    if (!m)
        return -LX_ENOMEM;
    const struct world_state before = w->st;
    m->ops = map_ops_of(def->type);
    m->def = *def;
    size_t n = def->name ? strnlen(def->name, sizeof m->name - 1) : 0;
    if (n)
        memcpy(m->name, def->name, n);
    m->def.name = m->name;
    m->def.pin_name = NULL;
    m->def.data = NULL;
    m->def.data_bytes = 0;
    m->def.inits = NULL;
    m->def.n_inits = 0;
    m->id = w->st.n_maps;
    m->fields = (struct map_fields){-1, -1, -1};
    m->access = access_of(def);
    if (inner)
        m->inner = *inner;
    int err = m->ops->init(w, m);
    m->handle = err ? 0 : world_handle(w, 8);
    if (!m->handle) {
        undo(w, &before, m);
        return err ? err : -LX_ENOMEM;
    }
    memcpy(w->mem + world_off(m->handle), &m->id, sizeof m->id);
    free(w->maps[m->id]); /* one that a restored snapshot had not */
    w->maps[m->id] = m;
    w->st.n_maps++;
    *id = m->id;
    return 0;
}

int map_new(struct world *w, const struct map_def *def, uint32_t *id) {
    int err = check_def(def);
    if (err)
        return err;
    if (map_type_has(def->type, MAPTYPE_F_OUTER))
        return -LX_EBADF; /* no inner map given */
    return create(w, def, NULL, id);
}

int map_new_outer(struct world *w, const struct map_def *def, const struct map_def *inner,
                  uint32_t *id) {
    int err = check_def(def);
    if (err)
        return err;
    if (!map_type_has(def->type, MAPTYPE_F_OUTER))
        return create(w, def, NULL, id);
    err = check_def(inner);
    if (err)
        return err;
    if (!map_type_has(inner->type, MAPTYPE_F_INNER))
        return map_type_has(inner->type, MAPTYPE_F_OUTER) ? -LX_EINVAL : -LX_ENOTSUPP;
    struct map_shape shape = {inner->type, inner->key_size, inner->value_size, inner->max_entries,
                              inner->flags};
    if (map_type_has(inner->type, MAPTYPE_F_RDONLY))
        shape.flags |= MAP_F_RDONLY_PROG;
    return create(w, def, &shape, id);
}

/* Copy initial bytes to where LDDW_MAP_VALUE points. */
static int fill(struct world *w, struct map *m, const struct map_def *def) {
    if (!def->data || !def->data_bytes)
        return 0;
    if (m->def.type == MAP_arena) {
        uint32_t n = (uint32_t)(((uint64_t)def->data_bytes + MAP_PAGE - 1) / MAP_PAGE);
        if (!arena_alloc_pages(w, m, 0, n))
            return -LX_E2BIG;
    } else if (def->data_bytes > m->def.value_size) {
        return -LX_E2BIG;
    }
    uint64_t off = map_value_off(w, m);
    if (!off)
        return -LX_EINVAL;
    memcpy(w->mem + off, def->data, def->data_bytes);
    return 0;
}

int map_new_fill(struct world *w, const struct map_def *def, uint32_t *id) {
    const struct world_state before = w->st;
    uint32_t new_id;
    int err = map_new(w, def, &new_id);
    if (err)
        return err;
    err = fill(w, w->maps[new_id], def);
    if (err) {
        undo(w, &before, w->maps[new_id]);
        w->maps[new_id] = NULL;
        return err;
    }
    w->maps[new_id]->frozen = def->frozen;
    *id = new_id;
    return 0;
}

uint64_t map_value_off(struct world *w, const struct map *m) {
    if (m->def.type == MAP_array && m->def.max_entries == 1)
        return m->value_off;
    return m->def.type == MAP_arena ? w->st.arena_map_off : 0;
}

bool map_for_each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    return m->ops->each(w, m, fn, self);
}

uint32_t map_entry_key_bytes(const struct map *m) {
    if (storage_is(m))
        return 8;
    if (m->def.type == MAP_arena)
        return 4;
    return m->def.type == MAP_perf_event_array ? 0 : m->def.key_size;
}

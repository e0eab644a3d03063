/* stacktrace.c: stack trace maps (runtime/map/stacktrace.h). */
#include "runtime/map/stacktrace.h"

#include "runtime/map/common.h"
#include "runtime/map/hash_key.h"

enum {
    STACK_MASK,  /* buckets - 1 */
    STACK_ELEMS, /* offset of where stack 0 would be */
};

struct head {
    uint32_t free;  /* linked through hash */
    uint32_t fresh; /* stacks from here on were never used */
    uint32_t bucket[];
};

struct stack {
    uint32_t hash, n;
    uint8_t data[]; /* value_size */
};

static int check(const struct map_def *def) {
    uint32_t elem = def->flags & MAP_F_STACK_BUILD_ID ? STACK_BUILD_ID_BYTES : 8;
    if (def->flags &
        ~(uint32_t)(MAP_F_NUMA_NODE | MAP_F_RDONLY | MAP_F_WRONLY | MAP_F_STACK_BUILD_ID))
        return -LX_EINVAL;
    if (!def->max_entries || def->key_size != 4 || def->value_size < 8 || def->value_size % elem ||
        def->value_size / elem > MAP_STACK_DEPTH_MAX)
        return -LX_EINVAL;
    return def->max_entries > UINT32_C(1) << 31 ? -LX_E2BIG : 0;
}

static uint64_t stride(const struct map *m) {
    return sizeof(struct stack) + m->def.value_size;
}

static int init(struct world *w, struct map *m) {
    uint64_t n_buckets = map_round_pow2(m->def.max_entries);
    uint64_t head = map_round8(sizeof(struct head) + n_buckets * sizeof(uint32_t));
    int err = map_alloc(w, m, head + m->def.max_entries * stride(m));
    if (err)
        return err;
    m->priv[STACK_MASK] = n_buckets - 1;
    m->priv[STACK_ELEMS] = m->off + head - stride(m);
    ((struct head *)(w->mem + m->off))->fresh = 1;
    return 0;
}

static struct head *head_of(const struct world *w, const struct map *m) {
    return (struct head *)(w->mem + m->off);
}

static struct stack *stack_at(const struct world *w, const struct map *m, uint32_t i) {
    return (struct stack *)(w->mem + m->priv[STACK_ELEMS] + i * stride(m));
}

/* The stack with an id, 0 if there is none. */
static uint32_t find(const struct world *w, const struct map *m, uint32_t id) {
    return id <= m->priv[STACK_MASK] ? head_of(w, m)->bucket[id] : 0;
}

static uint32_t elem_bytes(const struct map *m) {
    return m->def.flags & MAP_F_STACK_BUILD_ID ? STACK_BUILD_ID_BYTES : 8;
}

/* Write one address as the map keeps it. */
static void write_frame(const struct world *w, const struct map *m, uint8_t *p, uint64_t ip) {
    if (elem_bytes(m) == 8) {
        world_put64(w, p, ip);
        return;
    }
    memset(p, 0, STACK_BUILD_ID_BYTES);
    world_put32(w, p, 2); /* BPF_STACK_BUILD_ID_IP */
    world_put64(w, p + 24, ip);
}

static bool same_stack(const struct world *w, const struct map *m, const struct stack *s,
                       const uint64_t *ips, uint32_t n) {
    uint8_t frame[STACK_BUILD_ID_BYTES];
    if (s->n != n)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        write_frame(w, m, frame, ips[i]);
        if (memcmp(frame, s->data + (size_t)i * elem_bytes(m), elem_bytes(m)) != 0)
            return false;
    }
    return true;
}

static uint32_t hash_ips(const uint64_t *ips, uint32_t n) {
    uint64_t h = n;
    for (uint32_t i = 0; i < n; i++)
        h = hash_mix(h, ips[i]);
    return (uint32_t)(h ^ h >> 32);
}

static void give(struct world *w, struct map *m, uint32_t i) {
    struct head *h = head_of(w, m);
    stack_at(w, m, i)->hash = h->free;
    h->free = i;
}

static uint32_t take(struct world *w, struct map *m) {
    struct head *h = head_of(w, m);
    uint32_t i = h->free;
    if (i)
        h->free = stack_at(w, m, i)->hash;
    else if (h->fresh <= m->def.max_entries)
        i = h->fresh++;
    return i;
}

/* Keep a stack under id in place of what is there. */
static void install(struct world *w, struct map *m, uint32_t id, uint32_t i, const uint64_t *ips,
                    uint32_t n) {
    uint32_t *bucket = &head_of(w, m)->bucket[id];
    struct stack *s = stack_at(w, m, i);
    s->hash = hash_ips(ips, n);
    s->n = n;
    for (uint32_t f = 0; f < n; f++)
        write_frame(w, m, s->data + (size_t)f * elem_bytes(m), ips[f]);
    if (*bucket)
        give(w, m, *bucket);
    *bucket = i;
}

int stackmap_put(struct world *w, struct map *m, const uint64_t *ips, uint32_t n, uint64_t flags) {
    uint32_t skip = (uint32_t)flags & STACK_SKIP_MASK;
    uint32_t depth = m->def.value_size / elem_bytes(m) + skip;
    if (flags & ~(uint64_t)(STACK_SKIP_MASK | STACK_USER | STACK_FAST_CMP | STACK_REUSE_ID))
        return -LX_EINVAL;
    depth = depth < MAP_STACK_DEPTH_MAX ? depth : MAP_STACK_DEPTH_MAX;
    n = n < depth ? n : depth;
    if (n <= skip)
        return -LX_EFAULT;
    ips += skip;
    n -= skip;
    uint32_t hash = hash_ips(ips, n), id = hash & (uint32_t)m->priv[STACK_MASK];
    uint32_t at = head_of(w, m)->bucket[id];
    const struct stack *old = at ? stack_at(w, m, at) : NULL;
    bool like = old && old->hash == hash;
    if (like && (flags & STACK_FAST_CMP))
        return (int)id;
    /* Stacks with build ids are compared only after an entry was found for the new one. */
    bool late = elem_bytes(m) != 8;
    uint32_t i = late ? take(w, m) : 0;
    if (late && !i)
        return -LX_ENOMEM;
    bool same = like && same_stack(w, m, old, ips, n);
    if (same || (old && !(flags & STACK_REUSE_ID))) {
        if (late)
            give(w, m, i);
        return same ? (int)id : -LX_EEXIST;
    }
    if (!late)
        i = take(w, m);
    if (!i)
        return -LX_ENOMEM;
    install(w, m, id, i, ips, n);
    return (int)id;
}

static int user_lookup(struct world *w, struct map *m, const void *key, void *value) {
    uint32_t i = find(w, m, world_get32(w, key));
    if (!i)
        return -LX_ENOENT;
    const struct stack *s = stack_at(w, m, i);
    size_t used = (size_t)s->n * elem_bytes(m);
    memcpy(value, s->data, used);
    memset((uint8_t *)value + used, 0, m->def.value_size - used);
    return 0;
}

static int remove_id(struct world *w, struct map *m, const void *key) {
    uint32_t id = world_get32(w, key);
    if (id > m->priv[STACK_MASK])
        return -LX_E2BIG;
    uint32_t *bucket = &head_of(w, m)->bucket[id];
    if (!*bucket)
        return -LX_ENOENT;
    give(w, m, *bucket);
    *bucket = 0;
    return 0;
}

static int next_key(struct world *w, struct map *m, const void *key, void *next) {
    uint32_t id = 0;
    if (key) {
        id = world_get32(w, key);
        id = find(w, m, id) ? id + 1 : 0;
    }
    while (id <= m->priv[STACK_MASK] && !head_of(w, m)->bucket[id])
        id++;
    if (id > m->priv[STACK_MASK])
        return -LX_ENOENT;
    world_put32(w, next, id);
    return 0;
}

static bool each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    for (uint64_t id = 0; id <= m->priv[STACK_MASK]; id++) {
        uint32_t i = head_of(w, m)->bucket[id], key;
        if (!i)
            continue;
        const struct stack *s = stack_at(w, m, i);
        world_put32(w, &key, (uint32_t)id);
        if (!fn(self, &key, 0, s->data, s->n * elem_bytes(m)))
            return false;
    }
    return true;
}

const struct map_ops map_stack_trace_ops = {
    .kind = "stack_trace",
    .check = check,
    .init = init,
    .update = map_update_einval,
    .remove = remove_id,
    .next_key = next_key,
    .user_lookup = user_lookup,
    .each = each,
};

/* htab.c: the chained hash table of runtime/map/htab.h. */
#include "runtime/map/htab.h"

#include "runtime/map/common.h"

int htab_init(struct world *w, struct map *m, const struct htab_shape *s) {
    uint32_t n_spares = s->spares ? w->cfg.n_cpus : 0;
    uint64_t n_buckets = map_round_pow2(s->n_elems);
    uint64_t value_pos = sizeof(struct htab_elem) + map_round8(s->key_bytes);
    uint64_t copy = s->n_copies > 1 ? map_cpu_stride(s->value_bytes) : map_round8(s->value_bytes);
    uint64_t stride = value_pos + copy * s->n_copies;
    uint64_t head = map_round8(sizeof(struct htab_head));
    uint64_t buckets = map_round8(n_buckets * sizeof(uint32_t));
    uint64_t n_all = (uint64_t)s->n_elems + n_spares;
    if (n_all > WORLD_ARENA_BYTES / stride)
        return -LX_ENOMEM;
    int err = map_alloc(w, m, head + buckets + n_all * stride);
    if (err)
        return err;
    m->priv[HTAB_BUCKETS] = m->off + head;
    m->priv[HTAB_ELEMS] = m->off + head + buckets - stride;
    m->priv[HTAB_STRIDE] = stride;
    m->priv[HTAB_MASK] = (n_buckets - 1) | (uint64_t)s->value_bytes << 32;
    m->priv[HTAB_VALUE] = value_pos | (uint64_t)s->key_bytes << 32;
    m->priv[HTAB_COPY] = copy | (uint64_t)s->n_copies << 32;

    struct htab_head *h = htab_head(w, m);
    h->n_lists = s->n_lists;
    uint32_t per_list = s->n_elems / s->n_lists;
    for (uint32_t l = 0; l < s->n_lists; l++) {
        h->lists[l].fresh = 1 + l * per_list;
        h->lists[l].limit = 1 + (l + 1) * per_list;
    }
    for (uint32_t c = 0; c < n_spares; c++)
        h->spare[c] = s->n_elems + 1 + c;
    return 0;
}

/* Make the values of an element accessible, each as an object of value_size bytes. */
static void open_values(struct world *w, const struct map *m, uint32_t i) {
    for (uint32_t c = 0; c < htab_n_copies(m); c++)
        world_allow(w, htab_value_off(m, i, c), m->def.value_size, m->access);
}

uint32_t htab_take(struct world *w, struct map *m, uint32_t list) {
    struct htab_list *l = &htab_head(w, m)->lists[list];
    uint32_t i = l->free;
    if (i) {
        l->free = htab_elem(w, m, i)->newer;
        return i;
    }
    if (l->fresh == l->limit)
        return 0;
    i = l->fresh++;
    htab_elem(w, m, i)->list = list;
    open_values(w, m, i);
    return i;
}

void htab_give(struct world *w, struct map *m, uint32_t i) {
    struct htab_elem *e = htab_elem(w, m, i);
    struct htab_list *l = &htab_head(w, m)->lists[e->list];
    e->newer = l->free;
    l->free = i;
}

void htab_link(struct world *w, struct map *m, uint32_t i, const void *key, uint32_t hash) {
    struct htab_elem *e = htab_elem(w, m, i);
    uint32_t *bucket = htab_bucket(w, m, hash);
    memcpy(e->key, key, htab_key_bytes(m));
    e->hash = hash;
    e->next = *bucket;
    *bucket = i;
    htab_head(w, m)->count++;
}

void htab_unlink(struct world *w, struct map *m, uint32_t i) {
    const struct htab_elem *e = htab_elem(w, m, i);
    uint32_t *link = htab_bucket(w, m, e->hash);
    while (*link != i)
        link = &htab_elem(w, m, *link)->next;
    *link = e->next;
    htab_head(w, m)->count--;
}

uint32_t htab_replace(struct world *w, struct map *m, uint32_t old) {
    struct htab_elem *o = htab_elem(w, m, old);
    uint32_t *spare = &htab_head(w, m)->spare[w->st.cpu];
    uint32_t i = *spare;
    struct htab_elem *e = htab_elem(w, m, i);
    if (!e->opened) { /* first use of this spare: its values were never accessible */
        e->opened = 1;
        open_values(w, m, i);
    }
    htab_elem(w, m, old)->opened = 1;
    e->list = o->list;
    htab_unlink(w, m, old);
    htab_link(w, m, i, o->key, o->hash);
    *spare = old;
    return i;
}

int htab_put(struct world *w, struct map *m, const void *key, uint64_t flags, uint32_t *elem,
             uint32_t *old) {
    const uint32_t hash = htab_hash(m, key);
    const uint32_t had = htab_find(w, m, key, hash);
    const int err = map_flags_exist(had != 0, flags);
    if (err)
        return err;
    uint32_t i;
    if (had) {
        i = htab_replace(w, m, had);
    } else {
        i = htab_take(w, m, 0);
        if (!i)
            return -LX_E2BIG;
        htab_link(w, m, i, key, hash);
    }
    *elem = i;
    if (old)
        *old = had;
    return 0;
}

void htab_write_copies(struct world *w, const struct map *m, uint32_t i, const void *value,
                       bool all) {
    if (all)
        map_cpus_put(w, htab_value_off(m, i, 0), m->def.value_size, value);
    else
        memcpy(htab_value(w, m, i, w->st.cpu), value, m->def.value_size);
}

void htab_newest(struct world *w, struct map *m, uint32_t i) {
    struct htab_elem *e = htab_elem(w, m, i);
    struct htab_list *l = &htab_head(w, m)->lists[e->list];
    e->newer = 0;
    e->older = l->newest;
    if (l->newest)
        htab_elem(w, m, l->newest)->newer = i;
    else
        l->oldest = i;
    l->newest = i;
}

void htab_forget(struct world *w, struct map *m, uint32_t i) {
    struct htab_elem *e = htab_elem(w, m, i);
    struct htab_list *l = &htab_head(w, m)->lists[e->list];
    if (e->newer)
        htab_elem(w, m, e->newer)->older = e->older;
    else
        l->newest = e->older;
    if (e->older)
        htab_elem(w, m, e->older)->newer = e->newer;
    else
        l->oldest = e->newer;
}

int htab_remove(struct world *w, struct map *m, const void *key) {
    uint32_t i = htab_find(w, m, key, htab_hash(m, key));
    if (!i)
        return -LX_ENOENT;
    htab_unlink(w, m, i);
    if (m->has_fields)
        map_clear_fields(m, htab_value(w, m, i, 0));
    htab_give(w, m, i);
    return 0;
}

/* The first element at or after a bucket, 0 if there is none; *bucket becomes the one after its. */
static uint32_t first_from(const struct world *w, const struct map *m, uint32_t *bucket) {
    const uint32_t *heads = (const uint32_t *)(w->mem + m->priv[HTAB_BUCKETS]);
    while (*bucket <= (uint32_t)m->priv[HTAB_MASK]) {
        uint32_t i = heads[(*bucket)++];
        if (i)
            return i;
    }
    return 0;
}

int htab_next_key(struct world *w, struct map *m, const void *key, void *next) {
    uint32_t i = 0, bucket = 0;
    if (key) {
        uint32_t hash = htab_hash(m, key);
        uint32_t at = htab_find(w, m, key, hash);
        if (at) {
            i = htab_elem(w, m, at)->next;
            bucket = (hash & (uint32_t)m->priv[HTAB_MASK]) + 1;
        }
    }
    if (!i)
        i = first_from(w, m, &bucket);
    if (!i)
        return -LX_ENOENT;
    memcpy(next, htab_elem(w, m, i)->key, htab_key_bytes(m));
    return 0;
}

/* at->elem is the element to visit next: read before the callback, which may remove it or the
 * current one. */
bool htab_iterate(struct world *w, struct map *m, struct map_cursor *at) {
    uint32_t i = at->elem ? at->elem : first_from(w, m, &at->bucket);
    if (!i)
        return false;
    const struct htab_elem *e = htab_elem(w, m, i);
    at->elem = e->next;
    at->key = e->key;
    at->value_off = htab_value_off(m, i, htab_n_copies(m) > 1 ? w->st.cpu : 0);
    return true;
}

/* The chain's element with the smallest key above that of after (0: of all), 0 if there is none. */
static uint32_t next_sorted(const struct world *w, const struct map *m, uint32_t chain,
                            uint32_t after) {
    uint32_t best = 0, n = htab_key_bytes(m);
    const uint8_t *low = after ? htab_elem(w, m, after)->key : NULL;
    for (uint32_t i = chain; i; i = htab_elem(w, m, i)->next) {
        const uint8_t *key = htab_elem(w, m, i)->key;
        if (low && memcmp(key, low, n) <= 0)
            continue;
        if (!best || memcmp(key, htab_elem(w, m, best)->key, n) < 0)
            best = i;
    }
    return best;
}

bool htab_each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    const uint32_t *heads = (const uint32_t *)(w->mem + m->priv[HTAB_BUCKETS]);
    for (uint64_t b = 0; b <= (uint32_t)m->priv[HTAB_MASK]; b++) {
        uint32_t i = 0;
        while ((i = next_sorted(w, m, heads[b], i)))
            for (uint32_t c = 0; c < htab_n_copies(m); c++)
                if (!fn(self, htab_elem(w, m, i)->key, c, htab_value(w, m, i, c),
                        htab_value_bytes(m)))
                    return false;
    }
    return true;
}

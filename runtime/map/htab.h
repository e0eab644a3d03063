/* htab.h: the chained hash table under every keyed kind: hash and LRU kinds, maps of maps, device
 * and socket hashes, local storage.
 *
 * One piece of the arena: head, buckets (a power of two, at least as many as elements), elements.
 * An element is named by its number from 1; 0 is none. It holds its links, hash, key and one value
 * or one a CPU, each value 8-aligned. A new element goes to the head of its bucket, so that
 * iteration (bucket by bucket, newest first) has Linux's order.
 *
 * Elements belong to lists (one, or one a CPU): each list has its own free elements (last freed,
 * first used) and, for kinds that use it, an order of age. Elements never used yet are handed out
 * from a mark, so that creation touches nothing but the head. Removal keeps an element's chain
 * link, so that a walk that stands on it goes on.
 *
 * Memory: 4 bytes a bucket; 24 + key and values, each rounded up to 8, an element.
 * Cost: find, add, remove O(1) expected, one cache miss for the bucket and one for each element of
 * its chain.
 */
#ifndef BPFLAB_RUNTIME_MAP_HTAB_H
#define BPFLAB_RUNTIME_MAP_HTAB_H

#include "runtime/map.h"
#include "runtime/map/hash_key.h"

struct htab_elem {
    uint32_t next; /* in its bucket */
    uint32_t hash;
    uint32_t older, newer; /* in its list's order of age; newer also links free elements */
    uint32_t list;
    uint32_t opened; /* spares: its values have been made accessible */
    uint8_t key[];
};

struct htab_list {
    uint32_t newest, oldest;
    uint32_t free;         /* last freed */
    uint32_t fresh, limit; /* elements [fresh, limit) were never used */
};

struct htab_head {
    uint32_t count; /* elements in the table */
    uint32_t n_lists;
    /* kinds that replace: the element that takes the CPU's next new value */
    uint32_t spare[WORLD_MAX_CPUS];
    struct htab_list lists[WORLD_MAX_CPUS];
};

/* struct htab_shape: what a kind stores. */
struct htab_shape {
    uint32_t key_bytes;
    uint32_t value_bytes; /* of one copy */
    uint32_t n_copies;    /* values an element: 1 or n_cpus */
    uint32_t n_elems;
    uint32_t n_lists; /* divides n_elems */
    bool spares;      /* keep one spare element a CPU */
};

/* How struct map's priv is used. */
enum {
    HTAB_BUCKETS, /* offset of the buckets */
    HTAB_ELEMS,   /* offset of where element 0 would be */
    HTAB_STRIDE,  /* of elements */
    HTAB_MASK,    /* buckets - 1; upper half: bytes of a value */
    HTAB_VALUE,   /* of an element's first value in it; upper half: key bytes */
    HTAB_COPY,    /* distance of copies; upper half: number of copies */
};

/* htab_init: lay the table out.
 * out:  0, -ENOMEM
 * cost: O(lists) */
int htab_init(struct world *w, struct map *m, const struct htab_shape *shape);

static inline struct htab_head *htab_head(const struct world *w, const struct map *m) {
    return (struct htab_head *)(w->mem + m->off);
}

static inline uint64_t htab_elem_off(const struct map *m, uint32_t i) {
    return m->priv[HTAB_ELEMS] + i * m->priv[HTAB_STRIDE];
}

static inline struct htab_elem *htab_elem(const struct world *w, const struct map *m, uint32_t i) {
    return (struct htab_elem *)(w->mem + htab_elem_off(m, i));
}

static inline uint32_t *htab_bucket(const struct world *w, const struct map *m, uint32_t hash) {
    return (uint32_t *)(w->mem + m->priv[HTAB_BUCKETS]) + (hash & (uint32_t)m->priv[HTAB_MASK]);
}

static inline uint32_t htab_key_bytes(const struct map *m) {
    return (uint32_t)(m->priv[HTAB_VALUE] >> 32);
}

static inline uint32_t htab_copy_bytes(const struct map *m) {
    return (uint32_t)m->priv[HTAB_COPY];
}

static inline uint32_t htab_value_bytes(const struct map *m) {
    return (uint32_t)(m->priv[HTAB_MASK] >> 32);
}

static inline uint32_t htab_n_copies(const struct map *m) {
    return (uint32_t)(m->priv[HTAB_COPY] >> 32);
}

/* htab_value_off: world offset of an element's value, of copy cpu. */
static inline uint64_t htab_value_off(const struct map *m, uint32_t i, uint32_t cpu) {
    return htab_elem_off(m, i) + (uint32_t)m->priv[HTAB_VALUE] + (uint64_t)cpu * htab_copy_bytes(m);
}

static inline void *htab_value(const struct world *w, const struct map *m, uint32_t i,
                               uint32_t cpu) {
    return w->mem + htab_value_off(m, i, cpu);
}

/* htab_zero: make all values of an element zero. */
static inline void htab_zero(struct world *w, const struct map *m, uint32_t i) {
    memset(htab_value(w, m, i, 0), 0, (size_t)htab_copy_bytes(m) * htab_n_copies(m));
}

static inline uint32_t htab_hash(const struct map *m, const void *key) {
    uint32_t n = htab_key_bytes(m);
    /* the same function with the length known: no loop */
    switch (n) {
    case 4: return (uint32_t)hash_bytes(key, 4);
    case 8: return (uint32_t)hash_bytes(key, 8);
    case 16: return (uint32_t)hash_bytes(key, 16);
    default: return (uint32_t)hash_bytes(key, n);
    }
}

static inline bool htab_same_key(const void *a, const void *b, uint32_t n) {
    switch (n) {
    case 4: return !memcmp(a, b, 4);
    case 8: return !memcmp(a, b, 8);
    case 16: return !memcmp(a, b, 16);
    default: return !memcmp(a, b, n);
    }
}

/* htab_find: the element with this key, 0 if there is none.
 * in: hash is htab_hash of the key */
static inline uint32_t htab_find(const struct world *w, const struct map *m, const void *key,
                                 uint32_t hash) {
    uint32_t n = htab_key_bytes(m);
    uint32_t i = *htab_bucket(w, m, hash);
    while (i) {
        const struct htab_elem *e = htab_elem(w, m, i);
        if (e->hash == hash && htab_same_key(e->key, key, n))
            break;
        i = e->next;
    }
    return i;
}

/* htab_take: an unused element of a list, its values accessible; their bytes are those of its last
 * use. htab_give: back to its list.
 * out: 0 if the list has none */
uint32_t htab_take(struct world *w, struct map *m, uint32_t list);
void htab_give(struct world *w, struct map *m, uint32_t i);

/* htab_link: put a taken element into the table under a key. htab_unlink: out of it again. */
void htab_link(struct world *w, struct map *m, uint32_t i, const void *key, uint32_t hash);
void htab_unlink(struct world *w, struct map *m, uint32_t i);

/* htab_replace: the current CPU's spare element takes old's place and key; old becomes the spare.
 * out: the new element; its values are for the caller to fill */
uint32_t htab_replace(struct world *w, struct map *m, uint32_t old);

/* htab_put: the element for a key's new value, as update's flags want it: a fresh one, or, for a
 * key that is there, the spare that takes its place. The value is for the caller to fill.
 * out: 0, *elem and *old (may be NULL), the element replaced or 0; -EEXIST, -ENOENT (flags),
 *      -E2BIG (full) */
int htab_put(struct world *w, struct map *m, const void *key, uint64_t flags, uint32_t *elem,
             uint32_t *old);

/* htab_write_copies: write a per-CPU element's values: every CPU's, packed as the system call has
 * them (all), or the current CPU's. */
void htab_write_copies(struct world *w, const struct map *m, uint32_t i, const void *value,
                       bool all);

/* htab_newest: make an element the newest of its list. htab_forget: out of the list's order.
 * in: the element is not (is) in that order */
void htab_newest(struct world *w, struct map *m, uint32_t i);
void htab_forget(struct world *w, struct map *m, uint32_t i);

/* Operations of struct map_ops that all keyed kinds share. htab_remove gives the element back. */
int htab_remove(struct world *w, struct map *m, const void *key);
int htab_next_key(struct world *w, struct map *m, const void *key, void *next);
bool htab_iterate(struct world *w, struct map *m, struct map_cursor *at);
bool htab_each(const struct world *w, const struct map *m, map_each_fn *fn, void *self);

#endif

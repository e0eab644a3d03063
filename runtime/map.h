/* map.h: maps, each with the operations and flags that Linux gives its kind.
 *
 * A map's description (struct map) is fixed after creation; all that changes (keys, values, counts, free lists)
 * lies in the world's arena, by offsets, so that a snapshot of the world is a snapshot of its maps. Storage is
 * preallocated at creation. Multi-byte keys that Linux treats as integers (array index, prefix length) are in
 * the world's byte order; book-keeping of ours is in the host's.
 *
 * Operations return 0 or a negative errno as Linux numbers them (runtime/errno.h), whatever the host.
 * Kinds are folders' files: runtime/map/<kind>.c, each giving one or more struct map_ops.
 */
#ifndef BPFLAB_RUNTIME_MAP_H
#define BPFLAB_RUNTIME_MAP_H

#include "runtime/world.h"

struct map;

/* Flags of update: Linux's BPF_ANY and its kin. */
enum map_update {
    MAP_ANY = 0,
    MAP_NOEXIST = 1,
    MAP_EXIST = 2,
    MAP_LOCK = 4,
};

/* struct map_ops: what a kind can do; NULL where Linux answers -EOPNOTSUPP (or, for programs, rejects).
 * Keys and values are host pointers to key_size and value_size checked bytes. */
struct map_ops {
    const char *kind;
    /* check: is this definition one that Linux would create? out: 0 or -EINVAL, -E2BIG, ... */
    int (*check)(const struct map_def *def);
    /* init: lay the map out in the arena. out: 0, -ENOMEM (does not fit the world) */
    int (*init)(struct world *w, struct map *m);
    /* lookup: world offset of the current CPU's value for key; 0 if there is none */
    uint64_t (*lookup)(struct world *w, struct map *m, const void *key);
    int (*update)(struct world *w, struct map *m, const void *key, const void *value, uint64_t flags);
    int (*remove)(struct world *w, struct map *m, const void *key);
    /* next_key: the key after key in iteration order (key NULL: the first) into next; -ENOENT at the end */
    int (*next_key)(struct world *w, struct map *m, const void *key, void *next);
    int (*push)(struct world *w, struct map *m, const void *value, uint64_t flags);
    int (*pop)(struct world *w, struct map *m, void *value);
    int (*peek)(struct world *w, struct map *m, void *value);
    /* lookup_cpu: like lookup, another CPU's value (per-CPU kinds) */
    uint64_t (*lookup_cpu)(struct world *w, struct map *m, const void *key, uint32_t cpu);
    /* user_lookup, user_update: as the system call sees the map (per-CPU kinds: n_cpus values of
     * value_size rounded up to 8; maps of maps and programs: ids). NULL: copy through lookup, update. */
    int (*user_lookup)(struct world *w, struct map *m, const void *key, void *value);
    int (*user_update)(struct world *w, struct map *m, const void *key, const void *value, uint64_t flags);
};

struct map {
    const struct map_ops *ops;
    struct map_def def; /* name owned by the map; data and inits not kept */
    char name[64];
    uint32_t id;
    uint64_t handle;    /* guest address that programs hold as the map's pointer */
    uint64_t off;       /* arena offset of its storage */
    uint64_t n_bytes;   /* of storage, all in */
    uint64_t value_off; /* array kinds: offset of value 0, and the distance to the next: a JIT inlines these */
    uint32_t value_stride;
    uint32_t inner_id;  /* maps of maps: a map whose definition inner maps must match, or UINT32_MAX */
    bool frozen;        /* no updates by the system call */
    uint64_t priv[6];   /* the kind's own constants (offsets into the arena, masks) */
};

/* map_ops_of: the row of a map type, NULL if bpflab has none. */
const struct map_ops *map_ops_of(uint32_t type);

/* map_new: create a map in the world. out: 0 and its id, or a negative errno.
 * map_new_fill: also copy def->data into the first value and freeze it as def says. */
int map_new(struct world *w, const struct map_def *def, uint32_t *id);

/* map_by_handle: the map whose handle a program holds, NULL if addr is none. cost: O(1)
 * map_by_id: NULL if there is none. */
struct map *map_by_handle(const struct world *w, uint64_t addr);
struct map *map_by_id(const struct world *w, uint32_t id);

/* map_user_value_bytes: size of a value as the system call sees it. */
uint32_t map_user_value_bytes(const struct world *w, const struct map *m);

/* map_user_lookup, map_user_update, map_user_delete, map_user_next_key: the system call's view, for every
 * kind. value: map_user_value_bytes. out: 0 or negative errno. */
int map_user_lookup(struct world *w, struct map *m, const void *key, void *value);
int map_user_update(struct world *w, struct map *m, const void *key, const void *value, uint64_t flags);
int map_user_delete(struct world *w, struct map *m, const void *key);
int map_user_next_key(struct world *w, struct map *m, const void *key, void *next);

/* map_value_off: world offset of the value that LDDW_MAP_VALUE names: arrays of one entry (.data and its
 * kin) and arenas. out: 0 if the kind has no direct values. */
uint64_t map_value_off(struct world *w, const struct map *m);

/* map_hash_key: the hash that hash kinds use: fixed seed, the same on every host. cost: O(n_bytes) */
uint32_t map_hash_key(const void *key, uint32_t n_bytes);

#endif

/* map.h: maps, each with the operations and flags that Linux gives its kind.
 *
 * A map's description (struct map) is fixed after creation; all that changes (keys, values, counts,
 * free lists) lies in the world's arena, by offsets, so that a snapshot of the world is a snapshot
 * of its maps. Storage is preallocated at creation and touched on use. Multi-byte keys and values
 * that Linux treats as integers (array index, prefix length, ids) are in the world's byte order;
 * book-keeping of ours is in the host's and never accessible to programs. A value is accessible
 * from the moment it is first handed out; after its element is deleted it stays readable until the
 * element is used again, as in Linux.
 *
 * Operations return 0 or a negative errno as Linux numbers them (runtime/errno.h), whatever the
 * host. An operation reads nothing of the world but cfg, st.cpu and mem inside the storage of the
 * maps concerned (updates also write shadow), so that enumeration works on a snapshot's image.
 *
 * Kinds are files: runtime/map/<kind>.c, each giving one or more struct map_ops, with a row in
 * runtime/map.def. What helpers need beyond these operations is in runtime/map/: ringbuf.h,
 * perf.h, stacktrace.h, storage.h, redirect.h, arena.h.
 */
#ifndef BPFLAB_RUNTIME_MAP_H
#define BPFLAB_RUNTIME_MAP_H

#include "runtime/maptype.h"
#include "runtime/world.h"

struct map;

/* Flags of update: Linux's BPF_ANY and its kin. */
enum map_update {
    MAP_ANY = 0,
    MAP_NOEXIST = 1,
    MAP_EXIST = 2,
    MAP_LOCK = 4, /* only where map_set_fields said that values hold a spin lock; else -EINVAL */
};

/* map_each_fn: one entry.
 * in:  key has map_entry_key_bytes, NULL if that is 0; cpu: whose value, 0 where values are not
 *      per CPU; value has n_bytes, as stored
 * out: false to stop */
typedef bool map_each_fn(void *self, const void *key, uint32_t cpu, const void *value,
                         uint32_t n_bytes);

/* struct map_cursor: a walk over a map's elements, zeroed before the first step. */
struct map_cursor {
    uint32_t bucket, elem; /* where the walk goes on */
    uint32_t index;        /* arrays: the current key, in the world's byte order */
    const void *key;       /* host pointer to the current key */
    uint64_t value_off;    /* world offset of the current CPU's value */
};

/* struct map_ops: what a kind can do; NULL where Linux answers -EOPNOTSUPP (or, for programs,
 * rejects). Keys and values are host pointers to key_size and value_size checked bytes. */
struct map_ops {
    const char *kind;
    /* check: is this definition one that Linux would create?
     * out: 0, -EINVAL, -E2BIG, ... */
    int (*check)(const struct map_def *def);
    /* init: lay the map out in the arena.
     * out: 0, -ENOMEM (does not fit the world) */
    int (*init)(struct world *w, struct map *m);
    /* lookup: the current CPU's value for key. NULL for socket kinds: runtime/map/redirect.h
     * out: its world offset, of the inner map's handle in maps of maps; 0 if there is none */
    uint64_t (*lookup)(struct world *w, struct map *m, const void *key);
    int (*update)(struct world *w, struct map *m, const void *key, const void *value,
                  uint64_t flags);
    int (*remove)(struct world *w, struct map *m, const void *key);
    /* next_key: the key after key (NULL: the first) in the order of iteration.
     * out: 0 and *next, -ENOENT at the end */
    int (*next_key)(struct world *w, struct map *m, const void *key, void *next);
    int (*push)(struct world *w, struct map *m, const void *value, uint64_t flags);
    int (*pop)(struct world *w, struct map *m, void *value);
    int (*peek)(struct world *w, struct map *m, void *value);
    /* lookup_cpu: like lookup, another CPU's value (per-CPU kinds).
     * out: 0 also if there is no such CPU */
    uint64_t (*lookup_cpu)(struct world *w, struct map *m, const void *key, uint32_t cpu);
    /* user_lookup, user_update: as the system call sees the map (per-CPU kinds: n_cpus values of
     * value_size rounded up to 8; maps of maps and programs: ids). NULL: peek and push, or a copy
     * through lookup, and update */
    int (*user_lookup)(struct world *w, struct map *m, const void *key, void *value);
    int (*user_update)(struct world *w, struct map *m, const void *key, const void *value,
                       uint64_t flags);
    /* iterate: a step of bpf_for_each_map_elem, whose callback may delete any element. NULL:
     * -EINVAL
     * out: false at the end */
    bool (*iterate)(struct world *w, struct map *m, struct map_cursor *at);
    /* each: every entry, in an order that depends on the contents alone.
     * out: false if fn stopped it */
    bool (*each)(const struct world *w, const struct map *m, map_each_fn *fn, void *self);
};

/* struct map_fields: where a value keeps what Linux treats specially, known from its BTF; -1: not
 * there. Updates leave these bytes alone, the system call reads them as zero; timer and workqueue
 * become zero (cancelled) when their element is deleted, evicted or replaced, or their array entry
 * is updated. */
struct map_fields {
    int32_t spin_lock; /* 4 bytes */
    int32_t timer;     /* 16 bytes */
    int32_t workqueue; /* 16 bytes */
};

/* struct map_shape: what inner maps of a map of maps must agree with. */
struct map_shape {
    uint32_t type, key_size, value_size, max_entries, flags;
};

struct map {
    const struct map_ops *ops;
    struct map_def def; /* name owned by the map; data and inits not kept */
    char name[64];
    uint32_t id;
    uint64_t handle;  /* guest address that programs hold as the map's pointer */
    uint64_t off;     /* arena offset of its storage */
    uint64_t n_bytes; /* of storage, all in */
    /* Array kinds, for a JIT to inline: CPU c's value i lies at
     *     value_off + i * value_stride + c * cpu_stride
     * value_stride is 0 in other kinds. */
    uint64_t value_off;
    uint32_t value_stride, cpu_stride;
    struct map_shape inner;   /* maps of maps: the template; type 0 elsewhere */
    struct map_fields fields; /* all -1 until map_set_fields */
    bool has_fields;
    bool frozen;              /* no updates by the system call */
    enum world_access access; /* of programs to values */
    uint64_t priv[6];         /* the kind's own constants (offsets into the arena, masks) */
};

/* map_ops_of: the row of a map type, NULL if bpflab has none. */
const struct map_ops *map_ops_of(uint32_t type);

/* map_def_fixup: what libbpf does to a definition before it asks the kernel: perf event arrays
 * without max_entries get one entry a CPU; ring buffers the next power of two that is a multiple of
 * the page. */
void map_def_fixup(const struct world *w, struct map_def *def);

/* map_new: create a map in the world.
 * map_new_outer: create a map of maps whose inner maps are like *inner.
 * map_new_fill: map_new, then copy def->data into the first value and freeze the map if def says
 * so.
 * out:  0 and its id, or a negative errno: Linux's for a definition it refuses; -EOPNOTSUPP for
 *       types that bpflab lacks (struct_ops, insn_array); -ENOMEM if it does not fit the world
 * cost: O(1) and, for arrays, O(bytes of values) */
int map_new(struct world *w, const struct map_def *def, uint32_t *id);
int map_new_outer(struct world *w, const struct map_def *def, const struct map_def *inner,
                  uint32_t *id);
int map_new_fill(struct world *w, const struct map_def *def, uint32_t *id);

/* map_set_fields: say what BTF knows about the values.
 * in:  the map is still empty
 * out: 0; -EINVAL (outside the value, misaligned); -EACCES (a map that programs may not read or not
 *      write); -EOPNOTSUPP (a kind whose values may not hold it) */
int map_set_fields(struct map *m, const struct map_fields *fields);

/* map_write_value: copy a value except for its special fields; map_clear_fields: zero timer and
 * workqueue. */
void map_write_value(const struct map *m, void *dst, const void *src);
void map_clear_fields(const struct map *m, void *value);

/* map_by_id: NULL if there is none. */
static inline struct map *map_by_id(const struct world *w, uint32_t id) {
    return id < w->st.n_maps ? w->maps[id] : NULL;
}

/* map_by_handle: the map whose handle a program holds, NULL if addr is none.
 * cost: O(1) */
static inline struct map *map_by_handle(const struct world *w, uint64_t addr) {
    uint64_t at = addr - (WORLD_BASE + WORLD_HANDLE_OFF);
    uint32_t id;
    if (at >= WORLD_HANDLE_BYTES || at % 8)
        return NULL;
    memcpy(&id, w->mem + WORLD_HANDLE_OFF + at, sizeof id);
    struct map *m = map_by_id(w, id);
    return m && m->handle == addr ? m : NULL;
}

/* map_lookup: a program's lookup.
 * out: world offset of the value (or inner map's handle), 0 if there is none */
static inline uint64_t map_lookup(struct world *w, struct map *m, const void *key) {
    if (m->value_stride) {
        uint32_t i = world_get32(w, key);
        return i < m->def.max_entries ? m->value_off + (uint64_t)i * m->value_stride +
                                            (uint64_t)w->st.cpu * m->cpu_stride
                                      : 0;
    }
    return m->ops->lookup ? m->ops->lookup(w, m, key) : 0;
}

/* map_user_value_bytes: size of a value as the system call sees it. */
uint32_t map_user_value_bytes(const struct world *w, const struct map *m);

/* map_user_lookup, map_user_update, map_user_delete, map_user_next_key: the system call's view, for
 * every kind. map_user_take: lookup and delete.
 * in:  key NULL for kinds without keys; value of map_user_value_bytes
 * out: 0 or negative errno */
int map_user_lookup(struct world *w, struct map *m, const void *key, void *value);
int map_user_update(struct world *w, struct map *m, const void *key, const void *value,
                    uint64_t flags);
int map_user_delete(struct world *w, struct map *m, const void *key);
int map_user_next_key(struct world *w, struct map *m, const void *key, void *next);
int map_user_take(struct world *w, struct map *m, const void *key, void *value, uint64_t flags);

/* map_value_off: world offset of the value that LDDW_MAP_VALUE names: arrays of one entry (.data
 * and its kin) and arenas.
 * out: 0 if the kind has no direct values */
uint64_t map_value_off(struct world *w, const struct map *m);

/* map_for_each: every entry of any kind, for comparison, in an order that depends on the contents
 * alone:
 *
 *   hash kinds                by hash, then by key
 *   queues, stacks and rings  in order of age
 *   bloom filters             their bits, 8 bytes at a time
 *   others                    by key
 *
 * LRU order and free space do not show.
 * out:  false if fn stopped it
 * cost: O(entries) */
bool map_for_each(const struct world *w, const struct map *m, map_each_fn *fn, void *self);

/* map_entry_key_bytes: size of the keys that map_for_each gives: key_size, but
 *
 *   storage   8, the owner
 *   arena     4, the page
 *   queues, stacks, bloom filters, rings and perf event arrays   0: entries are in order
 */
uint32_t map_entry_key_bytes(const struct map *m);

/* map_prog_at: the program id that a prog array holds at index.
 * out:  -1 if none or no prog array
 * cost: O(1) */
int64_t map_prog_at(const struct world *w, const struct map *m, uint64_t index);

/* map_hash_key: the hash that hash kinds use: fixed seed, the same on every host.
 * cost: O(n_bytes) */
uint32_t map_hash_key(const void *key, uint32_t n_bytes);

#endif

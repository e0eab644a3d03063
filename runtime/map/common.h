/* common.h: what the files of this folder share: checks that many kinds make alike, answers that
 * are always the same errno, and sizes. Not for use outside runtime/map and runtime/map.c.
 */
#ifndef BPFLAB_RUNTIME_MAP_COMMON_H
#define BPFLAB_RUNTIME_MAP_COMMON_H

#include "runtime/errno.h"
#include "runtime/map.h"

/* Linux's limits on x86-64 with 4 KiB pages. */
enum {
    MAP_PAGE = 4096,
    MAP_KMALLOC_MAX = 4 << 20,
    MAP_PERCPU_MAX = 32 << 10,           /* PCPU_MIN_UNIT_SIZE */
    MAP_STORAGE_VALUE_MAX = 65535 - 128, /* BPF_LOCAL_STORAGE_MAX_VALUE_SIZE */
    MAP_STACK_DEPTH_MAX = 127,           /* kernel.perf_event_max_stack */
    MAP_CPUS_MAX = 8192,                 /* NR_CPUS */
};

#define MAP_F_ACCESS (MAP_F_RDONLY | MAP_F_WRONLY | MAP_F_RDONLY_PROG | MAP_F_WRONLY_PROG)

static inline uint64_t map_round8(uint64_t n) {
    return (n + 7) & ~UINT64_C(7);
}

/* map_round_pow2: the next power of two, n at most 2^31. */
static inline uint32_t map_round_pow2(uint32_t n) {
    return n <= 1 ? 1 : UINT32_C(1) << (32 - __builtin_clz(n - 1));
}

/* map_cpu_stride: from one CPU's value to the next: at least one byte between them is nobody's, so
 * that no access runs over from one into the other. */
static inline uint64_t map_cpu_stride(uint64_t value_bytes) {
    return (value_bytes & ~UINT64_C(7)) + 8;
}

/* map_cpus_get: all CPUs' values, the first at off, in the packed form that the system call has:
 * each rounded up to 8 bytes. map_cpus_put: from that form. */
static inline void map_cpus_get(const struct world *w, uint64_t off, uint32_t value_bytes,
                                void *packed) {
    uint64_t each = map_round8(value_bytes);
    for (uint32_t c = 0; c < w->cfg.n_cpus; c++)
        memcpy((uint8_t *)packed + c * each, w->mem + off + c * map_cpu_stride(value_bytes), each);
}

static inline void map_cpus_put(struct world *w, uint64_t off, uint32_t value_bytes,
                                const void *packed) {
    uint64_t each = map_round8(value_bytes);
    for (uint32_t c = 0; c < w->cfg.n_cpus; c++)
        memcpy(w->mem + off + c * map_cpu_stride(value_bytes), (const uint8_t *)packed + c * each,
               each);
}

/* map_flags_ok: no flag outside mask, not read-only and write-only for programs at once. */
static inline bool map_flags_ok(const struct map_def *def, uint32_t mask) {
    const uint32_t both = MAP_F_RDONLY_PROG | MAP_F_WRONLY_PROG;
    return !(def->flags & ~mask) && (def->flags & both) != both;
}

/* map_alloc: m's storage: n_bytes of the arena.
 * out: 0, -ENOMEM */
static inline int map_alloc(struct world *w, struct map *m, uint64_t n_bytes) {
    if (n_bytes > WORLD_ARENA_BYTES)
        return -LX_ENOMEM;
    m->off = world_alloc_arena(w, n_bytes);
    m->n_bytes = n_bytes;
    return m->off ? 0 : -LX_ENOMEM;
}

/* map_flags_exist: the verdict of update's flags.
 * out: 0, -EEXIST, -ENOENT */
static inline int map_flags_exist(bool exists, uint64_t flags) {
    uint64_t how = flags & ~(uint64_t)MAP_LOCK;
    if (exists && how == MAP_NOEXIST)
        return -LX_EEXIST;
    return !exists && how == MAP_EXIST ? -LX_ENOENT : 0;
}

/* The operations of every kind, as map.def names them. */
#define MAP_KIND(type, ops, lookup, cap, flags) extern const struct map_ops ops;
#include "runtime/map.def"

/* map_index_next: next_key of kinds keyed by index. */
int map_index_next(struct world *w, struct map *m, const void *key, void *next);

/* Operations that always fail alike. */
int map_update_einval(struct world *w, struct map *m, const void *key, const void *value,
                      uint64_t flags);
int map_update_enotsupp(struct world *w, struct map *m, const void *key, const void *value,
                        uint64_t flags);
int map_remove_einval(struct world *w, struct map *m, const void *key);
int map_remove_enotsupp(struct world *w, struct map *m, const void *key);
int map_next_einval(struct world *w, struct map *m, const void *key, void *next);
int map_next_enotsupp(struct world *w, struct map *m, const void *key, void *next);
int map_lookup_einval(struct world *w, struct map *m, const void *key, void *value);
int map_lookup_enotsupp(struct world *w, struct map *m, const void *key, void *value);

/* map_hide_fields: zero all special fields of a copy for the system call. */
void map_hide_fields(const struct map *m, void *value);

/* array_check, htab_check: the checks of plain arrays and hashes, which others build on. */
int array_check(const struct map_def *def);
int htab_check(const struct map_def *def);

#endif

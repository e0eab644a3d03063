/* map_common.h: what the tests of maps share: worlds of both byte orders, definitions, checks of
 * the shadow, and saving a world by plain copies.
 */
#ifndef BPFLAB_RUNTIME_TESTS_MAP_COMMON_H
#define BPFLAB_RUNTIME_TESTS_MAP_COMMON_H

#include <stdlib.h>

#include "runtime/errno.h"
#include "runtime/map.h"
#include "tests/check.h"

enum {
    TEST_CPUS = 3
};

static inline struct world *test_world(bool big_endian) {
    struct world_config cfg;
    struct world *w = NULL;
    world_config_init(&cfg);
    cfg.big_endian = big_endian;
    cfg.n_cpus = TEST_CPUS;
    cfg.no_fixed_base = true; /* several worlds at once */
    if (world_new(&cfg, &w) != BPFLAB_OK) {
        printf("no world\n");
        exit(1);
    }
    return w;
}

static inline struct map_def test_def(uint32_t type, uint32_t key, uint32_t value, uint32_t max,
                                      uint32_t flags) {
    return (struct map_def){.type = type,
                            .key_size = key,
                            .value_size = value,
                            .max_entries = max,
                            .flags = flags,
                            .inner = -1,
                            .key_btf_id = 1,
                            .value_btf_id = 1};
}

static inline struct map *test_map(struct world *w, uint32_t type, uint32_t key, uint32_t value,
                                   uint32_t max, uint32_t flags) {
    struct map_def def = test_def(type, key, value, max, flags);
    uint32_t id;
    int err = map_new(w, &def, &id);
    if (err) {
        printf("map type %u: %d\n", type, err);
        exit(1);
    }
    return map_by_id(w, id);
}

/* check_object: programs may touch the n_bytes at off in this way, and no access reaches over
 * either end.
 * check_alone: moreover the bytes on both sides are nobody's. */
static inline void check_object(const struct world *w, uint64_t off, uint32_t n_bytes,
                                enum world_access access) {
    uint64_t addr = world_addr(off);
    enum world_access ways[] = {WORLD_READ, WORLD_WRITE};
    CHECK_EQ(off % 8, 0);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(world_check(w, addr, n_bytes, ways[i]), (access & ways[i]) != 0);
        CHECK(!world_check(w, addr - 1, 2, ways[i]));
        CHECK(!world_check(w, addr + n_bytes - 1, 2, ways[i]));
        if (n_bytes % 8)
            CHECK(!world_check(w, addr, (uint64_t)n_bytes + 1, ways[i]));
    }
}

static inline void check_alone(const struct world *w, uint64_t off, uint32_t n_bytes,
                               enum world_access access) {
    check_object(w, off, n_bytes, access);
    CHECK(!w->shadow[off - 1]);
    CHECK(!w->shadow[off + n_bytes]);
}

/* struct saved: all that maps may depend on, by plain copy. */
struct saved {
    uint8_t *mem, *shadow;
    size_t n;
    struct world_state st;
};

static inline struct saved test_save(const struct world *w) {
    struct saved s = {.n = w->st.arena_used, .st = w->st};
    s.mem = malloc(s.n + 1);
    s.shadow = malloc(s.n + 1);
    if (!s.mem || !s.shadow)
        exit(1);
    memcpy(s.mem, w->mem + WORLD_ARENA_OFF, s.n);
    memcpy(s.shadow, w->shadow + WORLD_ARENA_OFF, s.n);
    return s;
}

static inline void test_restore(struct world *w, const struct saved *s) {
    memcpy(w->mem + WORLD_ARENA_OFF, s->mem, s->n);
    memcpy(w->shadow + WORLD_ARENA_OFF, s->shadow, s->n);
    w->st = s->st;
}

static inline bool test_same(const struct world *w, const struct saved *s) {
    return w->st.arena_used == s->n && !memcmp(w->mem + WORLD_ARENA_OFF, s->mem, s->n) &&
           !memcmp(w->shadow + WORLD_ARENA_OFF, s->shadow, s->n);
}

static inline void test_drop(struct saved *s) {
    free(s->mem);
    free(s->shadow);
}

static inline uint32_t below(uint64_t *seed, uint32_t n) {
    return (uint32_t)(check_random(seed) % n);
}

static inline void random_bytes(uint64_t *seed, uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)check_random(seed);
}

#endif

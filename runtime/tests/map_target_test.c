/* map_target_test: maps whose entries stand for other things: programs, maps, devices, CPUs,
 * sockets, cgroups; each against Linux's answers and random operations over a plain array.
 */
#include "runtime/map/redirect.h"
#include "runtime/tests/map_common.h"

static int update32(struct world *w, struct map *m, uint32_t key, uint32_t value, uint64_t flags) {
    uint8_t k[4], v[4];
    world_put32(w, k, key);
    world_put32(w, v, value);
    return map_user_update(w, m, k, v, flags);
}

static int update64(struct world *w, struct map *m, uint32_t key, uint32_t lo, uint32_t hi,
                    uint64_t flags) {
    uint8_t k[4], v[8];
    world_put32(w, k, key);
    world_put32(w, v, lo);
    world_put32(w, v + 4, hi);
    return map_user_update(w, m, k, v, flags);
}

static int64_t lookup32(struct world *w, struct map *m, uint32_t key) {
    uint8_t k[4], v[8] = {0};
    world_put32(w, k, key);
    int err = map_user_lookup(w, m, k, v);
    return err ? err : (int64_t)world_get32(w, v);
}

static int remove32(struct world *w, struct map *m, uint32_t key) {
    uint8_t k[4];
    world_put32(w, k, key);
    return map_user_delete(w, m, k);
}

static uint64_t program_lookup(struct world *w, struct map *m, uint32_t key) {
    uint8_t k[4];
    world_put32(w, k, key);
    return map_lookup(w, m, k);
}

struct sum {
    struct world *w;
    uint64_t keys, values, n;
};

static bool add_up(void *self, const void *key, uint32_t cpu, const void *value, uint32_t n_bytes) {
    struct sum *s = self;
    CHECK(cpu == 0 && n_bytes >= 4);
    s->keys += world_get32(s->w, key);
    s->values += world_get32(s->w, value);
    s->n++;
    return true;
}

/* Random operations on an array of ids. */
static void check_ids(uint32_t type, bool big_endian) {
    enum {
        N = 13
    };
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, type, 4, 4, N, 0);
    int64_t model[N];
    memset(model, -1, sizeof model);
    uint64_t seed = type;
    for (int i = 0; i < 5000; i++) {
        uint32_t key = below(&seed, N + 2), value = (uint32_t)check_random(&seed);
        if (i % 100 == 0)
            value = i % 200 ? 0 : UINT32_MAX;
        uint64_t flags = below(&seed, 8) ? 0 : below(&seed, 4);
        switch (below(&seed, 3)) {
        case 0:
            CHECK_EQ((int64_t)update32(w, m, key, value, flags), flags      ? -LX_EINVAL
                                                                 : key >= N ? -LX_E2BIG
                                                                            : 0);
            if (!flags && key < N)
                model[key] = value;
            break;
        case 1:
            CHECK_EQ((int64_t)remove32(w, m, key), key >= N         ? -LX_E2BIG
                                                   : model[key] < 0 ? -LX_ENOENT
                                                                    : 0);
            if (key < N)
                model[key] = -1;
            break;
        default: {
            int64_t want = key >= N || model[key] < 0 ? -LX_ENOENT : model[key];
            CHECK_EQ(lookup32(w, m, key), type == MAP_cgroup_array ? -LX_ENOTSUPP : want);
            CHECK_EQ(map_prog_at(w, m, key), type == MAP_prog_array && key < N ? model[key] : -1);
            CHECK_EQ(program_lookup(w, m, key), 0);
            break;
        }
        }
        struct sum s = {w, 0, 0, 0};
        uint64_t keys = 0, values = 0;
        for (uint32_t k = 0; k < N; k++)
            if (model[k] >= 0) {
                keys += k;
                values += (uint64_t)model[k];
            }
        if (i % 16 == 0) {
            CHECK(map_for_each(w, m, add_up, &s));
            CHECK_EQ(s.keys, keys);
            CHECK_EQ(s.values, values);
        }
    }
    CHECK_EQ(map_prog_at(w, m, UINT64_C(1) << 32), -1);
    CHECK(!m->ops->update);
    for (uint64_t off = m->off; off < m->off + m->n_bytes; off++)
        CHECK(!w->shadow[off]);
    world_free(w);
}

static void check_nested(bool big_endian, uint32_t type) {
    struct world *w = test_world(big_endian);
    struct map *other = test_map(w, MAP_array, 4, 8, 3, 0);
    struct map *a = test_map(w, MAP_array, 4, 8, 2, 0);
    struct map *b = test_map(w, MAP_array, 4, 8, 2, MAP_F_RDONLY);
    struct map_def outer_def = test_def(type, 4, 4, 2, 0);
    struct map_def inner_def = test_def(MAP_array, 4, 8, 2, 0);
    uint32_t id;
    CHECK_EQ(map_new_outer(w, &outer_def, &inner_def, &id), 0);
    struct map *m = map_by_id(w, id);
    CHECK_EQ(update32(w, m, 0, 77, 0), -LX_EBADF);
    CHECK_EQ(update32(w, m, 0, other->id, 0), -LX_EINVAL); /* another size */
    CHECK_EQ(update32(w, m, 0, m->id, 0), -LX_EINVAL);
    CHECK_EQ(lookup32(w, m, 0), -LX_ENOENT);
    CHECK_EQ(program_lookup(w, m, 0), 0);
    CHECK_EQ(update32(w, m, 0, a->id, 0), 0);
    CHECK_EQ(update32(w, m, 1, b->id, 0), 0); /* a descriptor's flag does not count */
    CHECK_EQ(lookup32(w, m, 0), a->id);
    CHECK_EQ(world_addr(program_lookup(w, m, 1)), b->handle);
    CHECK(map_by_handle(w, world_addr(program_lookup(w, m, 0))) == a);
    CHECK_EQ(map_user_value_bytes(w, m), 4);
    if (type == MAP_array_of_maps) {
        CHECK_EQ(update32(w, m, 2, a->id, 0), -LX_E2BIG);
        CHECK_EQ(update32(w, m, 0, a->id, MAP_EXIST), -LX_EINVAL);
        CHECK_EQ(remove32(w, m, 9), -LX_E2BIG);
    } else {
        CHECK_EQ(update32(w, m, 2, a->id, 0), -LX_E2BIG);
        CHECK_EQ(update32(w, m, 0, a->id, MAP_NOEXIST), -LX_EEXIST);
        CHECK_EQ(update32(w, m, 5, a->id, MAP_EXIST), -LX_ENOENT);
        CHECK_EQ(update32(w, m, 0, a->id, 3), -LX_EINVAL);
        CHECK_EQ(update32(w, m, 0, b->id, MAP_EXIST), 0);
        CHECK_EQ(lookup32(w, m, 0), b->id);
        CHECK_EQ(remove32(w, m, 9), -LX_ENOENT);
    }
    struct sum s = {w, 0, 0, 0};
    CHECK(map_for_each(w, m, add_up, &s));
    CHECK_EQ(s.n, 2);
    CHECK_EQ(s.keys, 1);
    CHECK_EQ(remove32(w, m, 0), 0);
    CHECK_EQ(remove32(w, m, 0), -LX_ENOENT);
    CHECK_EQ(program_lookup(w, m, 0), 0);
    for (uint64_t off = m->off; off < m->off + m->n_bytes; off++)
        CHECK(!w->shadow[off]);
    world_free(w);
}

/* A template with BPF_F_INNER_MAP takes arrays of any length; flags must agree. */
static void check_nested_sizes(void) {
    struct world *w = test_world(false);
    struct map *a = test_map(w, MAP_array, 4, 8, 5, MAP_F_INNER_MAP);
    struct map *b = test_map(w, MAP_array, 4, 8, 2, 0);
    struct map *dev = test_map(w, MAP_devmap, 4, 4, 2, 0);
    struct map_def outer_def = test_def(MAP_array_of_maps, 4, 4, 2, 0);
    struct map_def inner_def = test_def(MAP_array, 4, 8, 2, MAP_F_INNER_MAP);
    uint32_t id;
    CHECK_EQ(map_new_outer(w, &outer_def, &inner_def, &id), 0);
    CHECK_EQ(update32(w, map_by_id(w, id), 0, a->id, 0), 0);
    CHECK_EQ(update32(w, map_by_id(w, id), 0, b->id, 0), -LX_EINVAL);
    inner_def = test_def(MAP_devmap, 4, 4, 1, 0); /* max_entries does not count */
    CHECK_EQ(map_new_outer(w, &outer_def, &inner_def, &id), 0);
    CHECK_EQ(update32(w, map_by_id(w, id), 0, dev->id, 0), 0);
    world_free(w);
}

static void check_devmap(bool big_endian) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_devmap, 4, 8, 4, 0);
    struct map_target t;
    CHECK_EQ(update64(w, m, 0, 7, 0, 3), -LX_EINVAL);
    CHECK_EQ(update64(w, m, 4, 7, 0, 0), -LX_E2BIG);
    CHECK_EQ(update64(w, m, 0, 7, 0, MAP_NOEXIST), -LX_EEXIST);
    CHECK_EQ(update64(w, m, 0, 0, 5, 0), -LX_EINVAL); /* a program without a device */
    CHECK_EQ(update64(w, m, 0, 7, 0, 0), 0);
    CHECK_EQ(update64(w, m, 1, 8, 42, MAP_EXIST), 0);
    CHECK_EQ(update64(w, m, 2, 9, UINT32_MAX, 0), 0); /* -1: no program */
    CHECK(map_target_at(w, m, 0, &t) && t.number == 7 && t.prog == 0);
    CHECK(map_target_at(w, m, 1, &t) && t.number == 8 && t.prog == 42);
    CHECK(map_target_at(w, m, 2, &t) && t.number == 9 && t.prog == 0);
    CHECK(!map_target_at(w, m, 3, &t) && !map_target_at(w, m, 4, &t));
    uint64_t off = program_lookup(w, m, 1);
    CHECK(off && world_get32(w, w->mem + off) == 8 && world_get32(w, w->mem + off + 4) == 42);
    check_object(w, off, 8, WORLD_READ);
    CHECK_EQ(program_lookup(w, m, 3), 0);
    CHECK_EQ(lookup32(w, m, 1), 8);
    CHECK_EQ(update64(w, m, 1, 0, 0, 0), 0); /* interface 0 clears */
    CHECK_EQ(lookup32(w, m, 1), -LX_ENOENT);
    CHECK_EQ(remove32(w, m, 1), 0);
    CHECK_EQ(remove32(w, m, 4), -LX_EINVAL);
    struct sum s = {w, 0, 0, 0};
    CHECK(map_for_each(w, m, add_up, &s));
    CHECK(s.n == 2 && s.values == 16);
    CHECK(map_redirects(m) && map_redirect_flags(m) == 24);
    world_free(w);
}

static void check_devmap_hash(bool big_endian) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_devmap_hash, 4, 4, 2, 0);
    struct map_target t;
    CHECK_EQ(update32(w, m, 1000, 0, 0), -LX_EINVAL);
    CHECK_EQ(update32(w, m, 1000, 5, 3), -LX_EINVAL);
    CHECK_EQ(update32(w, m, 1000, 5, MAP_EXIST), 0); /* Linux does not mind */
    CHECK_EQ(update32(w, m, 1000, 6, MAP_NOEXIST), -LX_EEXIST);
    CHECK_EQ(update32(w, m, 1000, 6, 0), 0);
    CHECK_EQ(update32(w, m, UINT32_MAX, 7, 0), 0);
    CHECK_EQ(update32(w, m, 3, 8, 0), -LX_E2BIG);
    CHECK(map_target_at(w, m, 1000, &t) && t.number == 6);
    CHECK(map_target_at(w, m, UINT32_MAX, &t) && t.number == 7);
    check_alone(w, program_lookup(w, m, 1000), 4, WORLD_READ);
    CHECK_EQ(remove32(w, m, 1000), 0);
    CHECK_EQ(remove32(w, m, 1000), -LX_ENOENT);
    CHECK(!map_target_at(w, m, 1000, &t));
    world_free(w);
}

static void check_cpumap(bool big_endian) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_cpumap, 4, 8, 64, 0);
    struct map_target t;
    CHECK_EQ(update64(w, m, 0, 192, 0, 3), -LX_EINVAL);
    CHECK_EQ(update64(w, m, 64, 192, 0, 0), -LX_E2BIG);
    CHECK_EQ(update64(w, m, 0, 192, 0, MAP_NOEXIST), -LX_EEXIST);
    CHECK_EQ(update64(w, m, 0, 16385, 0, 0), -LX_EOVERFLOW);
    CHECK_EQ(update64(w, m, TEST_CPUS, 192, 0, 0), -LX_ENODEV);
    CHECK_EQ(update64(w, m, 1, 16384, 9, 0), 0);
    CHECK(map_target_at(w, m, 1, &t) && t.number == 16384 && t.prog == 9);
    check_object(w, program_lookup(w, m, 1), 8, WORLD_READ);
    CHECK_EQ(update64(w, m, 1, 0, 9, 0), 0); /* as if deleted */
    CHECK_EQ(lookup32(w, m, 1), -LX_ENOENT);
    CHECK_EQ(program_lookup(w, m, 1), 0);
    CHECK_EQ(remove32(w, m, 64), -LX_EINVAL);
    CHECK_EQ(remove32(w, m, 63), 0);
    CHECK_EQ(map_redirect_flags(m), 0);
    world_free(w);
}

static void check_xskmap(bool big_endian) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_xskmap, 4, 4, 4, 0);
    struct map_target t;
    CHECK_EQ(update32(w, m, 0, 3, 3), -LX_EINVAL);
    CHECK_EQ(update32(w, m, 4, 3, 0), -LX_E2BIG);
    CHECK_EQ(update32(w, m, 0, UINT32_MAX, 0), -LX_EBADF);
    CHECK_EQ(update32(w, m, 0, 0, MAP_EXIST), -LX_ENOENT);
    CHECK_EQ(update32(w, m, 0, 0, MAP_NOEXIST), 0);
    CHECK_EQ(update32(w, m, 0, 0, MAP_NOEXIST), 0); /* the same socket: nothing to do */
    CHECK_EQ(update32(w, m, 0, 1, MAP_NOEXIST), -LX_EEXIST);
    CHECK(map_target_at(w, m, 0, &t) && t.number == 0);
    check_object(w, program_lookup(w, m, 0), 4, WORLD_READ);
    CHECK_EQ(program_lookup(w, m, 1), 0);
    CHECK_EQ(lookup32(w, m, 0), -LX_EOPNOTSUPP);
    CHECK_EQ(remove32(w, m, 0), 0);
    CHECK(!map_target_at(w, m, 0, &t));
    CHECK_EQ(remove32(w, m, 0), 0);
    CHECK_EQ(remove32(w, m, 4), -LX_EINVAL);
    world_free(w);
}

static void check_sockmap(bool big_endian) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_sockmap, 4, 8, 4, 0);
    struct map *narrow = test_map(w, MAP_sockmap, 4, 4, 4, 0);
    uint8_t key[4], value[8];
    world_put32(w, key, 2);
    world_put64(w, value, UINT64_C(1) << 31);
    CHECK_EQ(map_user_update(w, m, key, value, 0), -LX_EINVAL);
    world_put64(w, value, 0);
    CHECK_EQ(map_user_update(w, m, key, value, 0), -LX_EBADF);
    world_put64(w, value, 9);
    CHECK_EQ(map_user_update(w, m, key, value, MAP_EXIST), -LX_ENOENT);
    CHECK_EQ(map_user_update(w, m, key, value, MAP_NOEXIST), 0);
    CHECK_EQ(map_user_update(w, m, key, value, MAP_NOEXIST), -LX_EEXIST);
    CHECK_EQ(map_user_update(w, m, key, value, 3), -LX_EINVAL);
    CHECK_EQ(map_sock_at(w, m, key), 9);
    memset(value, 0, 8);
    CHECK_EQ(map_user_lookup(w, m, key, value), 0);
    CHECK_EQ(world_get64(w, value), 9);
    CHECK_EQ(map_sock_put(w, m, key, UINT64_C(0x123456789a), 0), 0); /* a cookie, by a program */
    CHECK_EQ(map_sock_at(w, m, key), UINT64_C(0x123456789a));
    CHECK_EQ(map_sock_put(w, m, key, 0, 0), -LX_EINVAL);
    CHECK_EQ(update32(w, narrow, 1, 5, 0), 0);
    CHECK_EQ(lookup32(w, narrow, 1), -LX_ENOSPC);
    CHECK_EQ(update32(w, narrow, 4, 5, 0), -LX_E2BIG);
    CHECK_EQ(remove32(w, m, 2), 0);
    CHECK_EQ(remove32(w, m, 2), -LX_EINVAL);
    CHECK_EQ(remove32(w, m, 4), -LX_EINVAL);
    CHECK_EQ(map_sock_at(w, m, key), 0);
    CHECK_EQ(lookup32(w, m, 2), -LX_ENOENT);
    CHECK_EQ(program_lookup(w, m, 2), 0);
    world_free(w);
}

static void check_sockhash(bool big_endian) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_sockhash, 12, 8, 3, 0);
    uint8_t keys[4][12], next[12], value[8];
    uint64_t seed = 2;
    random_bytes(&seed, keys[0], sizeof keys);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK_EQ(map_sock_put(w, m, keys[i], 100 + i, MAP_EXIST), -LX_ENOENT);
        CHECK_EQ(map_sock_put(w, m, keys[i], 100 + i, MAP_NOEXIST), 0);
    }
    CHECK_EQ(map_sock_put(w, m, keys[3], 103, 0), -LX_E2BIG);
    CHECK_EQ(map_sock_put(w, m, keys[1], 104, MAP_NOEXIST), -LX_EEXIST);
    CHECK_EQ(map_sock_put(w, m, keys[1], 104, MAP_EXIST), 0);
    CHECK_EQ(map_sock_at(w, m, keys[1]), 104);
    CHECK_EQ(map_sock_at(w, m, keys[3]), 0);
    CHECK_EQ(map_user_lookup(w, m, keys[0], value), 0);
    CHECK_EQ(world_get64(w, value), 100);
    uint32_t n = 0;
    for (int err = map_user_next_key(w, m, NULL, next); !err && n < 9; n++)
        err = map_user_next_key(w, m, next, next);
    CHECK_EQ(n, 3);
    CHECK_EQ(map_user_delete(w, m, keys[0]), 0);
    CHECK_EQ(map_user_delete(w, m, keys[0]), -LX_ENOENT);
    for (uint64_t off = m->off; off < m->off + m->n_bytes; off++)
        CHECK(!w->shadow[off]);
    world_free(w);
}

static void check_reuseport(bool big_endian) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_reuseport_sockarray, 4, 4, 4, 0);
    struct map *wide = test_map(w, MAP_reuseport_sockarray, 4, 8, 4, 0);
    CHECK_EQ(update32(w, m, 0, 5, 3), -LX_EINVAL);
    CHECK_EQ(update32(w, m, 4, 5, 0), -LX_E2BIG);
    CHECK_EQ(update32(w, m, 0, UINT32_MAX, 0), -LX_EBADF);
    CHECK_EQ(update32(w, m, 0, 5, MAP_EXIST), -LX_ENOENT);
    CHECK_EQ(update32(w, m, 0, 5, 0), 0);
    CHECK_EQ(update32(w, m, 1, 5, 0), -LX_EBUSY); /* one slot a socket */
    CHECK_EQ(update32(w, m, 0, 6, MAP_NOEXIST), -LX_EEXIST);
    CHECK_EQ(update32(w, m, 0, 6, 0), 0);
    CHECK_EQ(lookup32(w, m, 0), -LX_ENOSPC);
    uint8_t key[4], value[8];
    world_put32(w, key, 3);
    world_put64(w, value, UINT64_C(1) << 40);
    CHECK_EQ(map_user_update(w, wide, key, value, 0), -LX_EINVAL);
    world_put64(w, value, 6);
    CHECK_EQ(map_user_update(w, wide, key, value, 0), -LX_EBUSY); /* in the other array */
    world_put64(w, value, 5);
    CHECK_EQ(map_user_update(w, wide, key, value, 0), 0);
    CHECK_EQ(map_user_lookup(w, wide, key, value), 0);
    CHECK_EQ(map_sock_at(w, wide, key), 5);
    CHECK_EQ(remove32(w, m, 1), -LX_ENOENT);
    CHECK_EQ(remove32(w, m, 4), -LX_E2BIG);
    CHECK_EQ(remove32(w, m, 0), 0);
    CHECK(map_has_socks(m) && !map_redirects(m));
    world_free(w);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        check_ids(MAP_prog_array, big);
        check_ids(MAP_cgroup_array, big);
        check_nested(big, MAP_array_of_maps);
        check_nested(big, MAP_hash_of_maps);
        check_devmap(big);
        check_devmap_hash(big);
        check_cpumap(big);
        check_xskmap(big);
        check_sockmap(big);
        check_sockhash(big);
        check_reuseport(big);
    }
    check_nested_sizes();
    return check_end();
}

/* map_store_test: stack traces, local and cgroup storage, arenas, special fields of values, and
 * what the system call may do (permissions, freezing, initial contents).
 */
#include "runtime/map/arena.h"
#include "runtime/map/stacktrace.h"
#include "runtime/map/storage.h"
#include "runtime/tests/map_common.h"

enum {
    N_STACKS = 200,
    MAX_DEPTH = 127
};

/* ---- stack traces ---- */

struct stack {
    uint64_t ip[MAX_DEPTH];
    uint32_t n;
};

/* A model: what each id holds. Which id a stack gets is the map's affair, but the same stack gets
 * the same one. */
struct stacks {
    const struct stack *at[256];
    uint32_t skip[256];
    uint32_t n, max, depth;
};

static uint32_t kept(const struct stacks *d, const struct stack *s, uint32_t skip) {
    uint32_t limit = d->depth + skip < MAX_DEPTH ? d->depth + skip : MAX_DEPTH;
    uint32_t n = s->n < limit ? s->n : limit;
    return n > skip ? n - skip : 0;
}

static bool same_stack(const struct stacks *d, const struct stack *a, uint32_t skip_a,
                       const struct stack *b, uint32_t skip_b) {
    uint32_t n = kept(d, a, skip_a);
    return n == kept(d, b, skip_b) && !memcmp(a->ip + skip_a, b->ip + skip_b, n * sizeof a->ip[0]);
}

static void check_stack_value(struct world *w, struct map *m, const struct stacks *d, uint32_t id) {
    static uint8_t value[MAX_DEPTH * 32];
    uint8_t key[4];
    world_put32(w, key, id);
    int err = map_user_lookup(w, m, key, value);
    CHECK_EQ((int64_t)err, d->at[id] ? 0 : -LX_ENOENT);
    if (err)
        return;
    uint32_t n = kept(d, d->at[id], d->skip[id]), elem = m->def.value_size / d->depth;
    for (uint32_t i = 0; i < d->depth; i++) {
        uint64_t want = i < n ? d->at[id]->ip[d->skip[id] + i] : 0;
        const uint8_t *p = value + i * elem;
        CHECK_EQ(world_get64(w, elem == 8 ? p : p + 24), want);
        if (elem == 32)
            CHECK_EQ(world_get32(w, p), i < n ? 2 : 0);
    }
}

/* One random operation. */
static void stack_step(struct world *w, struct map *m, struct stacks *d, const struct stack *all,
                       uint64_t *seed) {
    uint32_t n_buckets = 1;
    uint8_t key[4];
    while (n_buckets < d->max)
        n_buckets *= 2;
    const struct stack *s = &all[below(seed, N_STACKS)];
    uint32_t skip = below(seed, 4) ? 0 : below(seed, 256);
    uint64_t how = below(seed, 2) ? 0 : STACK_REUSE_ID;
    if (below(seed, 4) == 0) {
        uint32_t id = below(seed, n_buckets + 2);
        world_put32(w, key, id);
        int want = id >= n_buckets ? -LX_E2BIG : d->at[id] ? 0 : -LX_ENOENT;
        CHECK_EQ((int64_t)map_user_delete(w, m, key), (int64_t)want);
        if (!want) {
            d->at[id] = NULL;
            d->n--;
        }
        return;
    }
    int id = stackmap_put(w, m, s->ip, s->n, how | skip | (below(seed, 2) ? STACK_USER : 0));
    if (!kept(d, s, skip)) {
        CHECK_EQ((int64_t)id, -LX_EFAULT);
    } else if (id == -LX_ENOMEM) {
        CHECK_EQ(d->n, d->max);
    } else if (id == -LX_EEXIST) {
        CHECK(!how && d->n > 0);
    } else if (CHECK(id >= 0 && (uint32_t)id < n_buckets)) {
        bool same = d->at[id] && same_stack(d, s, skip, d->at[id], d->skip[id]);
        CHECK(!d->at[id] || how || same);
        d->n += !d->at[id];
        d->at[id] = s;
        d->skip[id] = skip;
        check_stack_value(w, m, d, (uint32_t)id);
    }
}

static void check_stacks(bool big_endian, uint32_t flags, uint32_t depth, uint32_t max) {
    static struct stack all[N_STACKS];
    struct world *w = test_world(big_endian);
    uint32_t elem = flags & MAP_F_STACK_BUILD_ID ? 32 : 8, n_buckets = 1;
    struct map *m = test_map(w, MAP_stack_trace, 4, depth * elem, max, flags);
    struct stacks d = {.max = max, .depth = depth};
    uint64_t seed = depth;
    uint8_t key[4];
    while (n_buckets < max)
        n_buckets *= 2;
    for (int i = 0; i < N_STACKS; i++) {
        all[i].n = below(&seed, MAX_DEPTH + 1);
        for (uint32_t k = 0; k < all[i].n; k++)
            all[i].ip[k] = UINT64_C(0xffffffff81000000) + below(&seed, 4);
    }
    for (int i = 0; i < 4000; i++)
        stack_step(w, m, &d, all, &seed);
    uint32_t n = 0, last = 0;
    for (uint32_t id = 0; id < n_buckets; id++)
        check_stack_value(w, m, &d, id);
    for (int err = map_user_next_key(w, m, NULL, key); !err && n <= max; n++) {
        CHECK(n == 0 || world_get32(w, key) > last);
        last = world_get32(w, key);
        err = map_user_next_key(w, m, key, key);
    }
    CHECK_EQ(n, d.n);
    CHECK_EQ(stackmap_put(w, m, all[0].ip, 5, 1 << 11), -LX_EINVAL);
    CHECK_EQ(stackmap_put(w, m, all[0].ip, 5, UINT64_C(1) << 40), -LX_EINVAL);
    CHECK_EQ(m->ops->update(w, m, key, key, 0), -LX_EINVAL);
    CHECK_EQ(map_lookup(w, m, key), 0);
    world_free(w);
}

/* ---- local storage ---- */

static void check_storage(bool big_endian) {
    enum {
        N = 40
    };
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_sk_storage, 4, 12, 0, MAP_F_NO_PREALLOC);
    uint8_t model[N][12], value[12], key[4];
    bool there[N] = {0};
    uint64_t seed = 4;
    for (int i = 0; i < 10000; i++) {
        uint32_t owner = below(&seed, N);
        world_put32(w, key, owner);
        random_bytes(&seed, value, sizeof value);
        uint64_t off;
        switch (below(&seed, 5)) {
        case 0: {
            bool create = below(&seed, 2), zero = below(&seed, 2);
            off = storage_get(w, m, owner, create, zero ? NULL : value);
            CHECK_EQ(off != 0, there[owner] || create);
            if (off && !there[owner]) {
                memcpy(model[owner], value, 12);
                if (zero)
                    memset(model[owner], 0, 12);
                there[owner] = true;
            }
            if (off) {
                CHECK(!memcmp(w->mem + off, model[owner], 12));
                check_alone(w, off, 12, WORLD_RW);
            }
            break;
        }
        case 1:
            CHECK_EQ((int64_t)storage_delete(w, m, owner), there[owner] ? 0 : -LX_ENOENT);
            there[owner] = false;
            break;
        case 2: {
            uint64_t flags = below(&seed, 4);
            int want = flags > 2                     ? -LX_EINVAL
                       : flags == 1 && there[owner]  ? -LX_EEXIST
                       : flags == 2 && !there[owner] ? -LX_ENOENT
                                                     : 0;
            CHECK_EQ((int64_t)map_user_update(w, m, key, value, flags), (int64_t)want);
            if (!want) {
                memcpy(model[owner], value, 12);
                there[owner] = true;
            }
            break;
        }
        case 3:
            CHECK_EQ((int64_t)map_user_lookup(w, m, key, value), there[owner] ? 0 : -LX_ENOENT);
            CHECK(!there[owner] || !memcmp(value, model[owner], 12));
            break;
        default:
            CHECK_EQ((int64_t)map_user_delete(w, m, key), there[owner] ? 0 : -LX_ENOENT);
            there[owner] = false;
            break;
        }
    }
    world_put32(w, key, UINT32_MAX);
    CHECK_EQ(map_user_lookup(w, m, key, value), -LX_EBADF);
    CHECK_EQ(map_user_update(w, m, key, value, 0), -LX_EBADF);
    CHECK_EQ(map_user_delete(w, m, key), -LX_EBADF);
    CHECK_EQ(map_user_next_key(w, m, NULL, key), -LX_ENOTSUPP);
    CHECK_EQ(map_user_take(w, m, key, value, 0), -LX_ENOTSUPP);
    CHECK_EQ(map_entry_key_bytes(m), 8);
    uint32_t n = 0;
    for (uint64_t owner = 1; owner <= STORAGE_OWNERS + 10; owner++)
        n += storage_get(w, m, owner << 33, true, NULL) != 0;
    CHECK(n <= STORAGE_OWNERS && n >= STORAGE_OWNERS - N);
    world_put32(w, key, INT32_MAX);
    CHECK_EQ(map_user_update(w, m, key, value, 0), -LX_ENOMEM);
    world_free(w);
}

static void check_cgroup_storage(bool big_endian, uint32_t type, uint32_t key_size) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, type, key_size, 8, 0, 0);
    bool percpu = type == MAP_percpu_cgroup_storage;
    uint8_t key[16] = {0}, value[TEST_CPUS * 8] = {0};
    world_put64(w, key, 5);
    if (key_size == 16)
        world_put32(w, key + 8, 2);
    CHECK_EQ(map_user_lookup(w, m, key, value), -LX_ENOENT);
    CHECK_EQ(map_user_update(w, m, key, value, 0), -LX_ENOENT);
    w->st.cpu = 1;
    uint64_t a = cgroup_storage_get(w, m, 5, 2);
    CHECK(a && a == cgroup_storage_get(w, m, 5, 2));
    CHECK_EQ(cgroup_storage_get(w, m, 5, 3) == a, key_size == 8);
    uint64_t b = cgroup_storage_get(w, m, 4, 2);
    CHECK(b && b != a);
    CHECK_EQ(world_get64(w, w->mem + a), 0);
    check_alone(w, a, 8, WORLD_RW);
    world_put64(w, w->mem + a, 77);
    CHECK_EQ(map_user_lookup(w, m, key, value), 0);
    CHECK_EQ(world_get64(w, value + (percpu ? 8 : 0)), 77);
    w->st.cpu = 0;
    CHECK_EQ(world_get64(w, w->mem + cgroup_storage_get(w, m, 5, 2)), percpu ? 0 : 77);
    key[15] = 1; /* padding */
    for (uint32_t i = 0; i < TEST_CPUS; i++)
        world_put64(w, value + i * 8, 80 + i);
    CHECK_EQ(map_user_update(w, m, key, value, MAP_NOEXIST), -LX_EINVAL);
    CHECK_EQ(map_user_update(w, m, key, value, MAP_LOCK), -LX_EINVAL);
    CHECK_EQ(map_user_update(w, m, key, value, MAP_EXIST), 0);
    w->st.cpu = 2;
    CHECK_EQ(world_get64(w, w->mem + cgroup_storage_get(w, m, 5, 2)), percpu ? 82 : 80);
    CHECK_EQ(map_user_delete(w, m, key), -LX_EINVAL);
    /* in the order they were made */
    CHECK_EQ(map_user_next_key(w, m, NULL, key), 0);
    CHECK_EQ(world_get64(w, key), 5);
    if (key_size == 16) {
        CHECK_EQ(map_user_next_key(w, m, key, key), 0);
        CHECK(world_get64(w, key) == 5 && world_get32(w, key + 8) == 3);
    }
    CHECK_EQ(map_user_next_key(w, m, key, key), 0);
    CHECK_EQ(world_get64(w, key), 4);
    CHECK_EQ(map_user_next_key(w, m, key, key), -LX_ENOENT);
    world_put64(w, key, 99);
    CHECK_EQ(map_user_next_key(w, m, key, key), -LX_ENOENT);
    world_free(w);
}

/* ---- arena ---- */

static bool count(void *self, const void *key, uint32_t cpu, const void *value, uint32_t n_bytes) {
    (void)key, (void)cpu, (void)value;
    CHECK_EQ(n_bytes, 4096);
    ++*(uint32_t *)self;
    return true;
}

static void check_arena(bool big_endian) {
    enum {
        N = 20
    };
    struct world *w = test_world(big_endian);
    test_map(w, MAP_array, 4, 12, 1, 0); /* so that the arena starts off a page boundary */
    struct map *m = test_map(w, MAP_arena, 0, 0, N, MAP_F_MMAPABLE);
    bool there[N] = {0};
    uint64_t seed = 8, base = w->st.arena_user_base, off = w->st.arena_map_off;
    CHECK(off % 4096 == 0 && off >= m->off && off + N * 4096 <= m->off + m->n_bytes);
    CHECK_EQ(w->st.arena_map_bytes, N * 4096);
    CHECK_EQ(map_value_off(w, m), off);
    for (int i = 0; i < 3000; i++) {
        uint32_t page = below(&seed, N + 1), n = below(&seed, 5);
        if (below(&seed, 2)) {
            bool fixed = below(&seed, 2), ok = n > 0;
            uint32_t first = fixed ? page : 0;
            for (; !fixed && first + n <= N; first++) {
                bool room = true;
                for (uint32_t k = 0; k < n; k++)
                    room &= !there[first + k];
                if (room)
                    break;
            }
            for (uint32_t k = 0; k < n; k++)
                ok &= first + k < N && !there[first + k];
            uint64_t at = arena_alloc_pages(w, m, fixed ? base + page * 4096 : 0, n);
            CHECK_EQ(at, ok ? base + first * 4096 : 0);
            for (uint32_t k = 0; ok && k < n; k++) {
                there[first + k] = true;
                CHECK_EQ(w->mem[off + (first + k) * 4096 + 5], 0);
                memset(w->mem + off + (first + k) * 4096, 0xee, 4096);
            }
        } else {
            arena_free_pages(w, m, base + page * 4096, n);
            for (uint32_t k = 0; k < n && page + k < N; k++)
                there[page + k] = false;
        }
        uint32_t pages = 0, want = 0;
        for (uint32_t k = 0; k < N; k++) {
            uint64_t addr = world_addr(off + k * 4096);
            CHECK_EQ(arena_page_is(w, m, k), there[k]);
            CHECK_EQ(world_check(w, addr, 4096, WORLD_RW), there[k]);
            if (k && there[k])
                CHECK_EQ(world_check(w, addr - 4, 8, WORLD_RW), there[k - 1]);
            if (k && !there[k])
                CHECK(!world_check(w, addr - 4, 8, WORLD_READ));
            want += there[k];
        }
        if (i % 64 == 0) {
            CHECK(map_for_each(w, m, count, &pages));
            CHECK_EQ(pages, want);
        }
    }
    CHECK_EQ(arena_alloc_pages(w, m, base + 1, 1), 0);
    CHECK_EQ(arena_alloc_pages(w, m, base - 4096, 1), 0);
    arena_free_pages(w, m, base - 4096, 3);
    arena_free_pages(w, m, base, N);
    CHECK_EQ(arena_alloc_pages(w, m, (uint32_t)base + 4096, 2), base + 4096);
    arena_free_pages(w, m, (uint32_t)base + 4096 + 17, 1); /* a pointer of the program's */
    CHECK(!arena_page_is(w, m, 1) && arena_page_is(w, m, 2));
    arena_free_pages(w, m, (UINT64_C(7) << 32) + (uint32_t)base + 2 * 4096, 1);
    CHECK(!arena_page_is(w, m, 2));
    uint8_t bytes[8];
    CHECK_EQ(map_user_lookup(w, m, NULL, bytes), -LX_EINVAL);
    CHECK_EQ(map_user_update(w, m, NULL, bytes, 0), -LX_EOPNOTSUPP);
    world_free(w);
}

/* ---- special fields ---- */

static void check_fields(uint32_t type) {
    struct world *w = test_world(false);
    struct map *m = test_map(w, type, 4, 40, 4, 0);
    static const struct {
        struct map_fields f;
        int err;
    } bad[] = {
        {{37, -1, -1}, LX_EINVAL}, {{40, -1, -1}, LX_EINVAL}, {{2, -1, -1}, LX_EINVAL},
        {{-1, 25, -1}, LX_EINVAL}, {{-1, 4, -1}, LX_EINVAL},  {{-1, -1, 32}, LX_EINVAL},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_EQ((int64_t)map_set_fields(m, &bad[i].f), -(int64_t)bad[i].err);
    uint8_t key[4], value[40], got[40], want[40];
    world_put32(w, key, 1);
    memset(value, 0x11, sizeof value);
    CHECK_EQ(m->ops->update(w, m, key, value, MAP_LOCK), -LX_EINVAL);
    CHECK_EQ(map_set_fields(m, &(struct map_fields){4, 16, -1}), 0);
    CHECK_EQ(m->ops->update(w, m, key, value, 0), 0);
    uint64_t off = map_lookup(w, m, key);
    memset(want, 0x11, sizeof want);
    memset(want + 4, 0, 4);
    memset(want + 16, 0, 16);
    CHECK(!memcmp(w->mem + off, want, 40)); /* new: the fields are as the element had them: zero */
    memset(w->mem + off + 4, 0x22, 4);
    memset(w->mem + off + 16, 0x33, 16);
    memset(value, 0x44, sizeof value);
    CHECK_EQ(m->ops->update(w, m, key, value, MAP_LOCK), 0); /* in place */
    CHECK_EQ(map_lookup(w, m, key), off);
    CHECK_EQ(w->mem[off], 0x44);
    CHECK_EQ(w->mem[off + 4], 0x22);
    CHECK_EQ(w->mem[off + 16], type == MAP_array ? 0 : 0x33); /* arrays cancel timers on update */
    memset(w->mem + off + 16, 0x33, 16);
    memset(want, 0x44, sizeof want);
    memset(want + 4, 0, 4);
    memset(want + 16, 0, 16);
    CHECK_EQ(map_user_lookup(w, m, key, got), 0);
    CHECK(!memcmp(got, want, 40)); /* hidden */
    CHECK_EQ(m->ops->update(w, m, key, value, 0), 0);
    CHECK_EQ(w->mem[off + 16], 0); /* cancelled in the old element, or in the array's entry */
    if (type == MAP_hash) {
        CHECK(map_lookup(w, m, key) != off);
        off = map_lookup(w, m, key);
        memset(w->mem + off + 16, 0x33, 16);
        CHECK_EQ(map_user_take(w, m, key, got, MAP_LOCK), 0);
        CHECK(!memcmp(got, want, 40));
        CHECK_EQ(w->mem[off + 16], 0);
    }
    world_free(w);
}

static void check_fields_of_kinds(void) {
    struct world *w = test_world(false);
    struct map *lru = test_map(w, MAP_lru_hash, 4, 40, 1, 0);
    struct map *percpu = test_map(w, MAP_percpu_array, 4, 40, 4, 0);
    CHECK_EQ(map_set_fields(lru, &(struct map_fields){0, -1, -1}), -LX_EOPNOTSUPP);
    CHECK_EQ(map_set_fields(lru, &(struct map_fields){-1, 8, 24}), 0);
    CHECK_EQ(map_set_fields(percpu, &(struct map_fields){-1, 8, -1}), -LX_EOPNOTSUPP);
    CHECK_EQ(map_set_fields(percpu, &(struct map_fields){0, -1, -1}), -LX_EOPNOTSUPP);
    struct map *rd = test_map(w, MAP_array, 4, 40, 4, MAP_F_RDONLY_PROG);
    struct map *wr = test_map(w, MAP_array, 4, 40, 4, MAP_F_WRONLY_PROG);
    CHECK_EQ(map_set_fields(rd, &(struct map_fields){0, -1, -1}), -LX_EACCES);
    CHECK_EQ(map_set_fields(wr, &(struct map_fields){-1, 8, -1}), -LX_EACCES);
    CHECK_EQ(map_set_fields(rd, &(struct map_fields){-1, -1, -1}), 0);
    /* an evicted element's timer is cancelled */
    uint8_t key[4], value[40] = {0};
    world_put32(w, key, 1);
    CHECK_EQ(lru->ops->update(w, lru, key, value, 0), 0);
    uint64_t off = map_lookup(w, lru, key);
    memset(w->mem + off, 0x55, 40);
    world_put32(w, key, 2);
    CHECK_EQ(lru->ops->update(w, lru, key, value, 0), 0);
    CHECK(w->mem[off + 8] == 0 && w->mem[off + 39] == 0);
    world_free(w);
}

/* ---- the system call ---- */

static void check_permissions(void) {
    struct world *w = test_world(false);
    struct map *ro = test_map(w, MAP_hash, 4, 4, 4, MAP_F_RDONLY);
    struct map *wo = test_map(w, MAP_hash, 4, 4, 4, MAP_F_WRONLY);
    uint8_t key[4] = {1}, value[4] = {2};
    CHECK_EQ(map_user_update(w, ro, key, value, 0), -LX_EPERM);
    CHECK_EQ(map_user_delete(w, ro, key), -LX_EPERM);
    CHECK_EQ(map_user_take(w, ro, key, value, 0), -LX_EPERM);
    CHECK_EQ(map_user_lookup(w, ro, key, value), -LX_ENOENT);
    CHECK_EQ(ro->ops->update(w, ro, key, value, 0), 0); /* programs may */
    CHECK_EQ(map_user_update(w, wo, key, value, 0), 0);
    CHECK_EQ(map_user_lookup(w, wo, key, value), -LX_EPERM);
    CHECK_EQ(map_user_next_key(w, wo, NULL, key), -LX_EPERM);
    CHECK_EQ(map_user_take(w, wo, key, value, 0), -LX_EPERM);
    CHECK_EQ(map_user_lookup(w, ro, NULL, value), -LX_EFAULT);
    CHECK_EQ(map_user_update(w, wo, NULL, value, 0), -LX_EFAULT);
    CHECK_EQ(map_user_delete(w, wo, NULL), -LX_EFAULT);
    CHECK_EQ(map_user_take(w, ro, key, value, 8), -LX_EINVAL);
    world_free(w);
}

static void check_fill(void) {
    struct world *w = test_world(false);
    static const uint8_t bytes[] = "initial contents";
    struct map_def def = test_def(MAP_array, 4, 24, 1, MAP_F_MMAPABLE);
    char name[100];
    memset(name, 'n', 99);
    name[99] = 0;
    def.name = name;
    def.data = bytes;
    def.data_bytes = sizeof bytes;
    def.frozen = true;
    uint32_t id;
    CHECK_EQ(map_new_fill(w, &def, &id), 0);
    struct map *m = map_by_id(w, id);
    uint64_t off = map_value_off(w, m);
    CHECK(off % 4096 == 0 && !memcmp(w->mem + off, bytes, sizeof bytes));
    check_object(w, off, 24, WORLD_READ); /* read-only for programs */
    CHECK(strlen(m->name) == 63 && m->def.name == m->name && !m->def.data);
    uint8_t key[4] = {0}, value[24];
    CHECK_EQ(map_user_update(w, m, key, value, 0), -LX_EPERM);
    CHECK_EQ(map_user_lookup(w, m, key, value), 0);
    def.data_bytes = 25;
    const struct world_state before = w->st;
    CHECK_EQ(map_new_fill(w, &def, &id), -LX_E2BIG);
    CHECK(!memcmp(&before, &w->st, sizeof before));
    def.type = MAP_hash; /* has no direct values */
    def.flags = 0;
    def.data_bytes = 4;
    CHECK_EQ(map_new_fill(w, &def, &id), -LX_EINVAL);
    def = test_def(MAP_arena, 0, 0, 4, MAP_F_MMAPABLE);
    def.data = bytes;
    def.data_bytes = sizeof bytes;
    CHECK_EQ(map_new_fill(w, &def, &id), 0);
    CHECK(!memcmp(w->mem + map_value_off(w, map_by_id(w, id)), bytes, sizeof bytes));
    CHECK(arena_page_is(w, map_by_id(w, id), 0) && !arena_page_is(w, map_by_id(w, id), 1));
    CHECK_EQ(map_value_off(w, test_map(w, MAP_array, 4, 8, 2, 0)), 0);
    world_free(w);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        check_stacks(big, 0, 127, 16);
        check_stacks(big, 0, 3, 100);
        check_stacks(big, MAP_F_STACK_BUILD_ID, 20, 33);
        check_stacks(big, 0, 1, 1);
        check_storage(big);
        for (int k = 0; k < 4; k++)
            check_cgroup_storage(big, k & 1 ? MAP_percpu_cgroup_storage : MAP_cgroup_storage,
                                 k & 2 ? 16 : 8);
        check_arena(big);
    }
    check_fields(MAP_hash);
    check_fields(MAP_array);
    check_fields_of_kinds();
    check_permissions();
    check_fill();
    return check_end();
}

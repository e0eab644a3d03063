/* map_keyed_test: arrays, hashes, LRU hashes and their per-CPU kinds against a list that does the
 * same slowly: random operations with all flags, order of iteration, LRU victims, replaced
 * elements, the shadow, and that a saved and restored map goes on exactly as it did.
 */
#include "runtime/tests/map_common.h"

enum {
    MAX_MODEL = 48,
    KEY_ROOM = 24,
    VALUE_ROOM = 32
};

struct entry {
    uint8_t key[KEY_ROOM];
    uint8_t value[TEST_CPUS][VALUE_ROOM];
    uint64_t used; /* when last used: LRU */
    uint64_t put;  /* when it came to the head of its bucket */
    uint32_t list;
};

struct model {
    struct entry e[MAX_MODEL];
    uint32_t n, key_size, value_size, max, type, flags;
    uint64_t now;
};

static bool is_array(const struct model *d) {
    return d->type == MAP_array || d->type == MAP_percpu_array;
}

static bool is_percpu(const struct model *d) {
    return d->type == MAP_percpu_array || d->type == MAP_percpu_hash ||
           d->type == MAP_lru_percpu_hash;
}

static bool is_lru(const struct model *d) {
    return d->type == MAP_lru_hash || d->type == MAP_lru_percpu_hash;
}

static struct entry *find(struct model *d, const uint8_t *key) {
    for (uint32_t i = 0; i < d->n; i++)
        if (!memcmp(d->e[i].key, key, d->key_size))
            return &d->e[i];
    return NULL;
}

static void drop(struct model *d, struct entry *e) {
    *e = d->e[--d->n];
}

/* Make room for a new key on a CPU. out: false if the map is full */
static bool make_room(struct model *d, uint32_t list) {
    bool lists = d->flags & MAP_F_NO_COMMON_LRU;
    uint32_t max = lists ? d->max / TEST_CPUS : d->max, n = 0;
    struct entry *oldest = NULL;
    for (uint32_t i = 0; i < d->n; i++) {
        if (d->e[i].list != list)
            continue;
        n++;
        if (!oldest || d->e[i].used < oldest->used)
            oldest = &d->e[i];
    }
    if (n < max)
        return true;
    if (!is_lru(d))
        return false;
    drop(d, oldest);
    return true;
}

/* user: by the system call, which gives per-CPU kinds a value for each CPU, 8-rounded. */
static int model_update(struct model *d, const uint8_t *key, const uint8_t *value, uint64_t flags,
                        uint32_t cpu, bool user) {
    struct entry *e = find(d, key);
    bool lock = flags & MAP_LOCK;
    if (is_array(d) && !user &&
        flags <= (MAP_EXIST | MAP_LOCK)) /* here the flag is looked at last */
        flags &= ~(uint64_t)MAP_LOCK;
    if (flags > MAP_EXIST)
        return -LX_EINVAL;
    if (is_array(d) && !e)
        return -LX_E2BIG;
    if (e && flags == MAP_NOEXIST)
        return -LX_EEXIST;
    if (!e && flags == MAP_EXIST)
        return -LX_ENOENT;
    if (lock)
        return -LX_EINVAL;
    bool all = user && is_percpu(d);
    d->now++;
    if (!e) {
        uint32_t list = d->flags & MAP_F_NO_COMMON_LRU ? cpu : 0;
        if (!make_room(d, list))
            return -LX_E2BIG;
        e = &d->e[d->n++];
        memset(e, 0, sizeof *e);
        memcpy(e->key, key, d->key_size);
        e->list = list;
        e->put = d->now;
    } else if (!is_percpu(d)) {
        e->put = d->now;
    }
    e->used = d->now;
    uint32_t stride = (d->value_size + 7) & ~7u;
    for (uint32_t c = 0; all && c < TEST_CPUS; c++)
        memcpy(e->value[c], value + c * stride, d->value_size);
    if (!all)
        memcpy(e->value[is_percpu(d) ? cpu : 0], value, d->value_size);
    return 0;
}

/* Keys from a small set, so that operations meet. */
static void pick_key(const struct world *w, const struct model *d, uint64_t *seed, uint8_t *key) {
    uint32_t n = below(seed, d->max * 3 / 2 + 2);
    memset(key, 0x5a, d->key_size);
    if (is_array(d)) {
        world_put32(w, key, n);
    } else {
        key[0] = (uint8_t)n;
        key[d->key_size - 1] = (uint8_t)n;
    }
}

static void check_value(struct world *w, struct map *m, struct model *d, const struct entry *e,
                        uint64_t off, uint32_t cpu) {
    CHECK((off != 0) == (e != NULL));
    if (!off || !e)
        return;
    CHECK(!memcmp(w->mem + off, e->value[is_percpu(d) ? cpu : 0], d->value_size));
    if (d->type == MAP_array)
        check_object(w, off, d->value_size, m->access);
    else
        check_alone(w, off, d->value_size, m->access);
}

static void do_lookup(struct world *w, struct map *m, struct model *d, const uint8_t *key,
                      uint64_t *seed) {
    uint32_t cpu = w->st.cpu;
    struct entry *e = find(d, key);
    uint64_t off;
    if (m->ops->lookup_cpu && below(seed, 2)) {
        cpu = below(seed, TEST_CPUS);
        off = m->ops->lookup_cpu(w, m, key, cpu);
        CHECK_EQ(m->ops->lookup_cpu(w, m, key, TEST_CPUS), 0);
    } else {
        off = map_lookup(w, m, key);
        CHECK_EQ(m->ops->lookup(w, m, key), off);
    }
    check_value(w, m, d, e, off, cpu);
    if (e)
        e->used = ++d->now;
    if (off && (m->access & WORLD_WRITE) && below(seed, 4) == 0) { /* a program writes in place */
        w->mem[off] ^= 1;
        e->value[is_percpu(d) ? cpu : 0][0] ^= 1;
    }
}

static void do_update(struct world *w, struct map *m, struct model *d, const uint8_t *key,
                      uint64_t *seed) {
    static const uint64_t odd_flags[] = {4, 5, 8, UINT64_C(1) << 32, UINT64_MAX};
    uint8_t value[TEST_CPUS * VALUE_ROOM];
    random_bytes(seed, value, sizeof value);
    uint64_t flags = below(seed, 8) ? below(seed, 3) : odd_flags[below(seed, 5)];
    bool user = below(seed, 3) == 0;
    struct entry *e = find(d, key);
    uint64_t old_off = 0;
    uint8_t old[VALUE_ROOM];
    if (e && !is_lru(d) && !is_percpu(d)) {
        old_off = map_lookup(w, m, key);
        memcpy(old, e->value[0], d->value_size);
    }
    int want = model_update(d, key, value, flags, w->st.cpu, user);
    int got =
        user ? map_user_update(w, m, key, value, flags) : m->ops->update(w, m, key, value, flags);
    CHECK_EQ((int64_t)got, (int64_t)want);
    if (!got && old_off && d->type == MAP_hash) { /* replaced: the old value stays readable */
        CHECK(!memcmp(w->mem + old_off, old, d->value_size));
        CHECK(world_check(w, world_addr(old_off), d->value_size, m->access));
    }
}

static void do_user_lookup(struct world *w, struct map *m, struct model *d, const uint8_t *key,
                           bool take) {
    uint8_t value[TEST_CPUS * VALUE_ROOM];
    uint32_t stride = (d->value_size + 7) & ~7u;
    CHECK_EQ(map_user_value_bytes(w, m), is_percpu(d) ? stride * TEST_CPUS : d->value_size);
    struct entry *e = find(d, key);
    int got = take ? map_user_take(w, m, key, value, 0) : map_user_lookup(w, m, key, value);
    int want = e ? 0 : -LX_ENOENT;
    if (take && is_array(d))
        want = -LX_ENOTSUPP;
    CHECK_EQ((int64_t)got, (int64_t)want);
    if (got || want)
        return;
    for (uint32_t c = 0; c < (is_percpu(d) ? TEST_CPUS : 1); c++)
        CHECK(!memcmp(value + c * stride, e->value[c], d->value_size));
    if (take)
        drop(d, e);
}

static void do_remove(struct world *w, struct map *m, struct model *d, const uint8_t *key) {
    struct entry *e = find(d, key);
    int want = is_array(d) ? -LX_EINVAL : e ? 0 : -LX_ENOENT;
    uint64_t off = e && !is_lru(d) ? map_lookup(w, m, key) : 0;
    CHECK_EQ((int64_t)m->ops->remove(w, m, key), (int64_t)want);
    if (want)
        return;
    if (off) { /* deleted: readable until it is used again */
        CHECK(!memcmp(w->mem + off, e->value[is_percpu(d) ? w->st.cpu : 0], d->value_size));
        CHECK(world_check(w, world_addr(off), d->value_size, m->access));
    }
    drop(d, e);
}

/* next_key visits every key once: arrays by index, hashes by bucket and then the newest first. */
static void check_order(struct world *w, struct map *m, struct model *d) {
    uint8_t key[KEY_ROOM], next[KEY_ROOM];
    uint32_t n = 0, mask = 1, last_bucket = 0;
    uint64_t last_put = UINT64_MAX;
    while (mask < d->max)
        mask *= 2;
    mask--;
    int err = map_user_next_key(w, m, NULL, next);
    for (; !err && n <= d->n; n++) {
        memcpy(key, next, d->key_size);
        const struct entry *e = find(d, key);
        CHECK(e != NULL);
        if (is_array(d))
            CHECK_EQ(world_get32(w, key), n);
        else if (e) {
            uint32_t bucket = map_hash_key(key, d->key_size) & mask;
            CHECK(n == 0 || bucket > last_bucket || (bucket == last_bucket && e->put < last_put));
            last_bucket = bucket;
            last_put = e->put;
        }
        err = map_user_next_key(w, m, key, next);
    }
    CHECK_EQ((int64_t)err, -LX_ENOENT);
    CHECK_EQ(n, d->n);
}

struct seen {
    struct model *d;
    struct world *w;
    uint32_t n;
    uint32_t stop_at;
    uint8_t last[KEY_ROOM];
};

static bool see(void *self, const void *key, uint32_t cpu, const void *value, uint32_t n_bytes) {
    struct seen *s = self;
    const struct entry *e = find(s->d, key);
    CHECK(e != NULL);
    CHECK_EQ(n_bytes, s->d->value_size);
    CHECK_EQ(cpu, is_percpu(s->d) ? s->n % TEST_CPUS : 0);
    if (e)
        CHECK(!memcmp(value, e->value[cpu], n_bytes));
    memcpy(s->last, key, s->d->key_size);
    return ++s->n != s->stop_at;
}

static void check_contents(struct world *w, struct map *m, struct model *d) {
    struct seen s = {.d = d, .w = w};
    uint32_t want = d->n * (is_percpu(d) ? TEST_CPUS : 1);
    CHECK(map_for_each(w, m, see, &s));
    CHECK_EQ(s.n, want);
    s = (struct seen){.d = d, .w = w, .stop_at = 1};
    CHECK_EQ(map_for_each(w, m, see, &s), want == 0);
    CHECK_EQ(map_entry_key_bytes(m), d->key_size);
    struct map_cursor at = {0};
    uint32_t n = 0;
    while (m->ops->iterate(w, m, &at)) {
        const struct entry *e = find(d, at.key);
        check_value(w, m, d, e, at.value_off, w->st.cpu);
        n++;
    }
    CHECK_EQ(n, d->n);
}

static void step(struct world *w, struct map *m, struct model *d, uint64_t *seed) {
    uint8_t key[KEY_ROOM];
    pick_key(w, d, seed, key);
    w->st.cpu = below(seed, TEST_CPUS);
    switch (below(seed, 12)) {
    case 0:
    case 1:
    case 2: do_lookup(w, m, d, key, seed); break;
    case 3:
    case 4:
    case 5:
    case 6:
    case 7: do_update(w, m, d, key, seed); break;
    case 8: do_user_lookup(w, m, d, key, false); break;
    case 9: do_user_lookup(w, m, d, key, true); break;
    default: do_remove(w, m, d, key); break;
    }
}

static const struct config {
    uint32_t type, key_size, value_size, max, flags;
} configs[] = {
    {MAP_array, 4, 8, 16, 0},
    {MAP_array, 4, 1, 7, MAP_F_MMAPABLE},
    {MAP_array, 4, 13, 1, MAP_F_RDONLY_PROG},
    {MAP_percpu_array, 4, 9, 5, 0},
    {MAP_percpu_array, 4, 8, 1, 0},
    {MAP_hash, 4, 4, 16, 0},
    {MAP_hash, 8, 8, 31, MAP_F_NO_PREALLOC},
    {MAP_hash, 16, 24, 1, 0},
    {MAP_hash, 1, 1, 8, MAP_F_RDONLY_PROG},
    {MAP_hash, 13, 17, 3, MAP_F_WRONLY_PROG},
    {MAP_percpu_hash, 4, 12, 9, 0},
    {MAP_percpu_hash, 20, 8, 2, MAP_F_NO_PREALLOC},
    {MAP_lru_hash, 4, 8, 1, 0},
    {MAP_lru_hash, 8, 20, 12, 0},
    {MAP_lru_hash, 6, 5, 12, MAP_F_NO_COMMON_LRU},
    {MAP_lru_percpu_hash, 4, 8, 10, 0},
    {MAP_lru_percpu_hash, 16, 3, 15, MAP_F_NO_COMMON_LRU},
};

static void run_config(const struct config *c, bool big_endian, uint64_t seed) {
    char note[64];
    snprintf(note, sizeof note, "config %td, %s-endian", c - configs,
             big_endian ? "big" : "little");
    check_note(note);
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, c->type, c->key_size, c->value_size, c->max, c->flags);
    struct model d = {.type = c->type,
                      .key_size = c->key_size,
                      .value_size = c->value_size,
                      .max = c->max,
                      .flags = c->flags};
    if (is_array(&d))
        for (d.n = 0; d.n < c->max; d.n++)
            world_put32(w, d.e[d.n].key, d.n);
    for (uint32_t i = 0; i < 4000; i++) {
        step(w, m, &d, &seed);
        if (i % 64 == 0) {
            check_order(w, m, &d);
            check_contents(w, m, &d);
        }
    }
    /* A saved world goes on as it did. */
    struct saved start = test_save(w);
    const struct model start_model = d;
    const uint64_t start_seed = seed;
    for (uint32_t i = 0; i < 500; i++)
        step(w, m, &d, &seed);
    struct saved end = test_save(w);
    test_restore(w, &start);
    CHECK(test_same(w, &start));
    d = start_model;
    seed = start_seed;
    for (uint32_t i = 0; i < 500; i++)
        step(w, m, &d, &seed);
    CHECK(test_same(w, &end));
    test_drop(&start);
    test_drop(&end);
    world_free(w);
    check_note(NULL);
}

/* Deleting while iterating: the current element, the next one, all of them; every element is
 * visited at most once, and those that were not deleted exactly once. */
static void check_deleting(uint32_t type, uint32_t how) {
    struct world *w = test_world(false);
    struct map *m = test_map(w, type, 4, 8, 64, 0);
    uint8_t value[TEST_CPUS * 8] = {0}, key[4], victim[4];
    uint32_t visits[64] = {0};
    bool gone[64] = {0};
    for (uint32_t i = 0; i < 64; i++) {
        world_put32(w, key, i);
        CHECK_EQ(m->ops->update(w, m, key, value, 0), 0);
    }
    struct map_cursor at = {0};
    uint64_t seed = how;
    for (uint32_t n = 0; m->ops->iterate(w, m, &at) && n < 1000; n++) {
        memcpy(key, at.key, 4);
        visits[world_get32(w, key)]++;
        memcpy(victim, key, 4);
        if (how == 1)
            world_put32(w, victim, below(&seed, 64));
        if (how == 2 && at.elem && m->ops->next_key(w, m, key, victim))
            memcpy(victim, key, 4);
        if (m->ops->remove(w, m, victim) == 0)
            gone[world_get32(w, victim)] = true;
    }
    for (uint32_t i = 0; i < 64; i++) {
        CHECK(visits[i] <= 1);
        CHECK(visits[i] == 1 || gone[i]);
    }
    world_free(w);
}

/* Two maps with the same contents reached in different ways are enumerated alike. */
static bool digest(void *self, const void *key, uint32_t cpu, const void *value, uint32_t n) {
    uint64_t *h = self;
    *h = *h * 31 + map_hash_key(key, 4);
    *h = *h * 31 + map_hash_key(value, n) + cpu;
    return true;
}

static void check_canonical(uint32_t type) {
    struct world *w = test_world(false);
    struct map *a = test_map(w, type, 4, 8, 256, 0), *b = test_map(w, type, 4, 8, 256, 0);
    uint64_t seed = 7, ha = 0, hb = 0;
    uint8_t key[4], value[8];
    for (uint32_t i = 0; i < 5000; i++) { /* b has a past */
        world_put32(w, key, below(&seed, 1000));
        random_bytes(&seed, value, 8);
        if (i % 3)
            b->ops->update(w, b, key, value, 0);
        else
            b->ops->remove(w, b, key);
    }
    for (uint32_t i = 0; i < 1000; i++) {
        world_put32(w, key, i);
        b->ops->remove(w, b, key);
    }
    for (uint32_t i = 0; i < 200; i++) {
        world_put32(w, key, i);
        memset(value, (int)i, 8);
        a->ops->update(w, a, key, value, 0);
        world_put32(w, key, 199 - i);
        memset(value, (int)(199 - i), 8);
        b->ops->update(w, b, key, value, 0);
    }
    map_for_each(w, a, digest, &ha);
    map_for_each(w, b, digest, &hb);
    CHECK_EQ(ha, hb);
    world_free(w);
}

/* The hash is the same on every host: fixed points. */
static void check_hash(void) {
    static const uint8_t bytes[20] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                      11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    uint32_t all = 0;
    for (uint32_t n = 0; n <= 20; n++)
        all = all * 31 + map_hash_key(bytes, n);
    CHECK_EQ(all, UINT32_C(0x957fff26));
}

static int by_hash(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Different keys with one hash, found by trying many: each is its own. */
static void check_collisions(void) {
    enum {
        N = 300000
    };
    uint32_t *tries = malloc((size_t)N * 2 * sizeof *tries), found = 0; /* hash, number */
    struct world *w = test_world(false);
    struct map *m = test_map(w, MAP_hash, 8, 8, 100, 0);
    uint64_t keys[2];
    for (uint32_t i = 0; i < N; i++) {
        world_put64(w, &keys[0], i * UINT64_C(0x10001));
        tries[2 * i] = map_hash_key(&keys[0], 8);
        tries[2 * i + 1] = i;
    }
    qsort(tries, N, 2 * sizeof *tries, by_hash);
    for (uint32_t i = 1; i < N && found < 40; i++) {
        if (tries[2 * i] != tries[2 * i - 2])
            continue;
        found++;
        world_put64(w, &keys[0], tries[2 * i + 1] * UINT64_C(0x10001));
        world_put64(w, &keys[1], tries[2 * i - 1] * UINT64_C(0x10001));
        CHECK_EQ(m->ops->update(w, m, &keys[0], &keys[0], MAP_NOEXIST), 0);
        CHECK_EQ(map_lookup(w, m, &keys[1]), 0);
        CHECK_EQ(m->ops->update(w, m, &keys[1], &keys[1], MAP_NOEXIST), 0);
        for (int k = 0; k < 2; k++)
            CHECK(!memcmp(w->mem + map_lookup(w, m, &keys[k]), &keys[k], 8));
        CHECK_EQ(m->ops->remove(w, m, &keys[0]), 0);
        CHECK(map_lookup(w, m, &keys[1]) != 0);
        CHECK_EQ(m->ops->remove(w, m, &keys[1]), 0);
    }
    CHECK(found > 0 && found < 100); /* about 10 are expected */
    free(tries);
    world_free(w);
}

/* The oldest key goes, a lookup by a program saves it, one by the system call does not. */
static void check_lru(void) {
    struct world *w = test_world(false);
    struct map *m = test_map(w, MAP_lru_hash, 4, 4, 3, 0);
    uint8_t key[4], value[4] = {0};
    for (uint32_t i = 0; i < 3; i++) {
        world_put32(w, key, i);
        CHECK_EQ(m->ops->update(w, m, key, value, 0), 0);
    }
    world_put32(w, key, 0);
    CHECK(map_lookup(w, m, key) != 0); /* now 1 is the oldest */
    world_put32(w, key, 1);
    CHECK_EQ(map_user_lookup(w, m, key, value), 0); /* still is */
    world_put32(w, key, 3);
    CHECK_EQ(m->ops->update(w, m, key, value, 0), 0);
    static const bool there[] = {true, false, true, true};
    for (uint32_t i = 0; i < 4; i++) {
        world_put32(w, key, i);
        CHECK_EQ(map_user_lookup(w, m, key, value), there[i] ? 0 : -LX_ENOENT);
    }
    world_free(w);
    /* own lists: max_entries is rounded up to a multiple of the CPUs */
    w = test_world(false);
    m = test_map(w, MAP_lru_hash, 4, 4, 4, MAP_F_NO_COMMON_LRU);
    CHECK_EQ(m->def.max_entries, 6);
    world_free(w);
}

int main(void) {
    for (size_t c = 0; c < sizeof configs / sizeof *configs; c++)
        for (int big = 0; big < 2; big++)
            run_config(&configs[c], big, c * 2 + (uint64_t)big + 1);
    static const uint32_t hashes[] = {MAP_hash, MAP_percpu_hash, MAP_lru_hash, MAP_lru_percpu_hash};
    for (int i = 0; i < 4; i++) {
        for (uint32_t how = 0; how < 3; how++)
            check_deleting(hashes[i], how);
        check_canonical(hashes[i]);
    }
    check_hash();
    check_collisions();
    check_lru();
    return check_end();
}

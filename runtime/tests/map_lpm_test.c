/* map_lpm_test: the trie against a linear scan over all prefixes: random operations over keys that
 * share long prefixes, several key widths, order of iteration, replaced values, room that is used
 * up exactly.
 */
#include "runtime/tests/map_common.h"

enum {
    MAX_MODEL = 96,
    DATA_ROOM = 32
};

struct entry {
    uint32_t bits;
    uint8_t data[DATA_ROOM];
    uint8_t value[16];
};

struct model {
    struct entry e[MAX_MODEL];
    uint32_t n, max, data_size, value_size;
};

static bool same_bits(const uint8_t *a, const uint8_t *b, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if ((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1)
            return false;
    return true;
}

static struct entry *find(struct model *d, uint32_t bits, const uint8_t *data) {
    for (uint32_t i = 0; i < d->n; i++)
        if (d->e[i].bits == bits && same_bits(d->e[i].data, data, bits))
            return &d->e[i];
    return NULL;
}

static struct entry *longest(struct model *d, uint32_t bits, const uint8_t *data) {
    struct entry *best = NULL;
    for (uint32_t i = 0; i < d->n; i++) {
        struct entry *e = &d->e[i];
        if (e->bits <= bits && same_bits(e->data, data, e->bits) && (!best || e->bits > best->bits))
            best = e;
    }
    return best;
}

/* Does a come before b? A longer prefix before those it extends; else by the first bit that
 * differs. */
static bool before(const struct entry *a, const struct entry *b) {
    uint32_t n = a->bits < b->bits ? a->bits : b->bits;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t x = a->data[i / 8] >> (7 - i % 8) & 1, y = b->data[i / 8] >> (7 - i % 8) & 1;
        if (x != y)
            return x < y;
    }
    return a->bits > b->bits;
}

static void make_key(const struct world *w, const struct model *d, uint32_t bits,
                     const uint8_t *data, uint8_t *key) {
    world_put32(w, key, bits);
    memcpy(key + 4, data, d->data_size);
}

/* Bits that are mostly zero, so that prefixes nest and part at all depths. */
static void pick(const struct model *d, uint64_t *seed, uint32_t *bits, uint8_t *data) {
    memset(data, 0, DATA_ROOM);
    uint32_t n_flips = below(seed, 4);
    for (uint32_t i = 0; i < n_flips; i++) {
        uint32_t at =
            below(seed, 4) ? below(seed, 12) % (d->data_size * 8) : below(seed, d->data_size * 8);
        data[at / 8] ^= (uint8_t)(0x80 >> at % 8);
    }
    switch (below(seed, 4)) {
    case 0: *bits = d->data_size * 8; break;
    case 1: *bits = below(seed, d->data_size * 8 + 1); break;
    default: *bits = below(seed, 13) % (d->data_size * 8 + 1); break;
    }
}

static int model_update(struct model *d, uint32_t bits, const uint8_t *data, const uint8_t *value,
                        uint64_t flags) {
    struct entry *e = find(d, bits, data);
    if (flags > MAP_EXIST)
        return -LX_EINVAL;
    if (e && flags == MAP_NOEXIST)
        return -LX_EEXIST;
    if (!e && flags == MAP_EXIST)
        return -LX_ENOENT;
    if (!e && d->n == d->max)
        return -LX_ENOSPC;
    if (!e)
        e = &d->e[d->n++];
    e->bits = bits;
    memcpy(e->data, data, DATA_ROOM);
    memcpy(e->value, value, d->value_size);
    return 0;
}

static void check_order(struct world *w, struct map *m, struct model *d) {
    uint8_t key[4 + DATA_ROOM], next[4 + DATA_ROOM];
    const struct entry *last = NULL;
    uint32_t n = 0;
    int err = map_user_next_key(w, m, NULL, next);
    for (; !err && n <= d->n; n++) {
        memcpy(key, next, 4 + d->data_size);
        const struct entry *e = find(d, world_get32(w, key), key + 4);
        CHECK(e != NULL);
        if (e) {
            CHECK(!last || before(last, e));
            CHECK(!memcmp(e->data, key + 4, d->data_size)); /* bits beyond the prefix as given */
        }
        last = e;
        err = map_user_next_key(w, m, key, next);
    }
    CHECK_EQ((int64_t)err, -LX_ENOENT);
    CHECK_EQ(n, d->n);
    if (d->n) { /* a key that is not there, or no key of this trie, starts again */
        uint8_t first[4 + DATA_ROOM];
        CHECK_EQ(map_user_next_key(w, m, NULL, first), 0);
        world_put32(w, key, d->data_size * 8 + 1);
        CHECK_EQ(map_user_next_key(w, m, key, next), 0);
        CHECK(!memcmp(first, next, 4 + d->data_size));
    }
}

struct seen {
    struct model *d;
    struct world *w;
    uint32_t n;
};

static bool see(void *self, const void *key, uint32_t cpu, const void *value, uint32_t n_bytes) {
    struct seen *s = self;
    const struct entry *e = find(s->d, world_get32(s->w, key), (const uint8_t *)key + 4);
    CHECK(e && !memcmp(e->value, value, n_bytes) && cpu == 0);
    s->n++;
    return true;
}

static void step(struct world *w, struct map *m, struct model *d, uint64_t *seed) {
    uint8_t data[DATA_ROOM], key[4 + DATA_ROOM], value[16];
    uint32_t bits;
    pick(d, seed, &bits, data);
    if (below(seed, 3) == 0 && d->n) { /* a key that is there */
        const struct entry *e = &d->e[below(seed, d->n)];
        bits = e->bits;
        memcpy(data, e->data, DATA_ROOM);
    }
    bool too_long = below(seed, 40) == 0;
    make_key(w, d, too_long ? d->data_size * 8 + 1 + below(seed, 9) : bits, data, key);
    uint32_t what = below(seed, 10);
    if (what < 4) {
        struct entry *e = too_long ? NULL : longest(d, bits, data);
        uint64_t off = map_lookup(w, m, key);
        CHECK_EQ(off != 0, e != NULL);
        if (off && e) {
            CHECK(!memcmp(w->mem + off, e->value, d->value_size));
            check_alone(w, off, d->value_size, m->access);
        }
        CHECK_EQ((int64_t)map_user_lookup(w, m, key, value), e ? 0 : -LX_ENOENT);
    } else if (what < 8) {
        uint64_t flags = below(seed, 12) ? below(seed, 3) : 4 + below(seed, 3);
        struct entry *e = too_long ? NULL : find(d, bits, data);
        uint64_t old_off = e ? map_lookup(w, m, key) : 0;
        uint8_t old[16];
        if (e)
            memcpy(old, e->value, d->value_size);
        random_bytes(seed, value, sizeof value);
        int want = too_long ? -LX_EINVAL : model_update(d, bits, data, value, flags);
        CHECK_EQ((int64_t)m->ops->update(w, m, key, value, flags), (int64_t)want);
        if (!want && old_off && e) /* the old value stays readable */
            CHECK(!memcmp(w->mem + old_off, old, d->value_size));
    } else {
        struct entry *e = too_long ? NULL : find(d, bits, data);
        int want = too_long ? -LX_EINVAL : e ? 0 : -LX_ENOENT;
        CHECK_EQ((int64_t)m->ops->remove(w, m, key), (int64_t)want);
        if (e)
            *e = d->e[--d->n];
    }
}

static void run(uint32_t data_size, uint32_t value_size, uint32_t max, bool big_endian,
                uint64_t seed) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_lpm_trie, 4 + data_size, value_size, max, MAP_F_NO_PREALLOC);
    struct model d = {.max = max, .data_size = data_size, .value_size = value_size};
    for (uint32_t i = 0; i < 12000; i++) {
        step(w, m, &d, &seed);
        if (i % 100 == 0) {
            struct seen s = {&d, w, 0};
            check_order(w, m, &d);
            CHECK(map_for_each(w, m, see, &s));
            CHECK_EQ(s.n, d.n);
        }
    }
    struct saved start = test_save(w);
    const struct model start_model = d;
    uint64_t start_seed = seed;
    for (uint32_t i = 0; i < 500; i++)
        step(w, m, &d, &seed);
    struct saved end = test_save(w);
    test_restore(w, &start);
    d = start_model;
    seed = start_seed;
    for (uint32_t i = 0; i < 500; i++)
        step(w, m, &d, &seed);
    CHECK(test_same(w, &end));
    test_drop(&start);
    test_drop(&end);
    world_free(w);
}

/* All prefixes of a byte, in and out again: every branch node there can be, and the order written
 * down. */
static void check_full_byte(void) {
    struct world *w = test_world(false);
    struct map *m = test_map(w, MAP_lpm_trie, 5, 4, 511, MAP_F_NO_PREALLOC);
    uint8_t key[5], value[4];
    for (int round = 0; round < 3; round++) {
        for (uint32_t bits = 0; bits <= 8; bits++)
            for (uint32_t i = 0; i < UINT32_C(1) << bits; i++) {
                world_put32(w, key, bits);
                key[4] = (uint8_t)(i << (8 - bits));
                world_put32(w, value, bits << 8 | i);
                CHECK_EQ(m->ops->update(w, m, key, value, MAP_NOEXIST), 0);
            }
        for (uint32_t i = 0; i < 256; i++) {
            world_put32(w, key, 8);
            key[4] = (uint8_t)i;
            uint64_t off = map_lookup(w, m, key);
            CHECK_EQ(off ? world_get32(w, w->mem + off) : 0, 8 << 8 | i);
        }
        for (uint32_t bits = 0; bits <= 8; bits++)
            for (uint32_t i = 0; i < UINT32_C(1) << bits; i++) {
                world_put32(w, key, bits);
                key[4] = (uint8_t)(i << (8 - bits));
                CHECK_EQ(m->ops->remove(w, m, key), 0);
            }
        CHECK_EQ(m->ops->next_key(w, m, NULL, key), -LX_ENOENT);
    }
    world_free(w);
}

int main(void) {
    static const uint32_t shapes[][3] = {{1, 4, 20},  {4, 8, 64}, {8, 3, 40},  {16, 8, 96},
                                         {17, 9, 30}, {7, 1, 1},  {32, 16, 50}};
    for (uint32_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int big = 0; big < 2; big++)
            run(shapes[i][0], shapes[i][1], shapes[i][2], big, i * 2 + (uint64_t)big + 1);
    check_full_byte();
    return check_end();
}

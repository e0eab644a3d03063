/* map_queue_test: queue and stack against an array, bloom filter against the set it stands for. */
#include "runtime/tests/map_common.h"

enum {
    MAX_MODEL = 40,
    VALUE_ROOM = 32
};

struct model {
    uint8_t v[MAX_MODEL][VALUE_ROOM]; /* oldest first */
    uint32_t n, max, value_size;
    bool stack;
};

static int model_push(struct model *d, const uint8_t *value, uint64_t flags) {
    if (flags != MAP_ANY && flags != MAP_EXIST)
        return -LX_EINVAL;
    if (d->n == d->max) {
        if (flags != MAP_EXIST)
            return -LX_E2BIG;
        memmove(d->v[0], d->v[1], (size_t)(--d->n) * VALUE_ROOM);
    }
    memcpy(d->v[d->n++], value, d->value_size);
    return 0;
}

static int model_get(struct model *d, uint8_t *value, bool take) {
    memset(value, 0, d->value_size);
    if (!d->n)
        return -LX_ENOENT;
    uint32_t i = d->stack ? d->n - 1 : 0;
    memcpy(value, d->v[i], d->value_size);
    if (take) {
        memmove(d->v[i], d->v[i + 1 < MAX_MODEL ? i + 1 : i], (size_t)(d->n - 1 - i) * VALUE_ROOM);
        d->n--;
    }
    return 0;
}

struct seen {
    struct model *d;
    uint32_t n;
};

static bool see(void *self, const void *key, uint32_t cpu, const void *value, uint32_t n_bytes) {
    struct seen *s = self;
    CHECK(!key && !cpu && s->n < s->d->n && !memcmp(value, s->d->v[s->n], n_bytes));
    s->n++;
    return true;
}

static void step(struct world *w, struct map *m, struct model *d, uint64_t *seed) {
    uint8_t value[VALUE_ROOM], want_value[VALUE_ROOM];
    int got, want;
    random_bytes(seed, value, sizeof value);
    switch (below(seed, 8)) {
    case 0:
    case 1:
    case 2: {
        uint64_t flags = below(seed, 5) ? below(seed, 3) : check_random(seed) >> below(seed, 64);
        want = model_push(d, value, flags);
        got = m->ops->push(w, m, value, flags);
        CHECK_EQ((int64_t)got, (int64_t)want);
        return;
    }
    case 3:
        want = model_push(d, value, 0);
        got = map_user_update(w, m, NULL, value, 0);
        CHECK_EQ((int64_t)got, (int64_t)want);
        return;
    case 4:
        want = model_get(d, want_value, true);
        got = m->ops->pop(w, m, value);
        break;
    case 5:
        want = model_get(d, want_value, true);
        got = map_user_take(w, m, NULL, value, 0);
        break;
    case 6:
        want = model_get(d, want_value, false);
        got = m->ops->peek(w, m, value);
        break;
    default:
        want = model_get(d, want_value, false);
        got = map_user_lookup(w, m, NULL, value);
        break;
    }
    CHECK_EQ((int64_t)got, (int64_t)want);
    CHECK(!memcmp(value, want_value, d->value_size));
}

static void run(bool stack, uint32_t value_size, uint32_t max, bool big_endian) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, stack ? MAP_stack : MAP_queue, 0, value_size, max, 0);
    struct model d = {.max = max, .value_size = value_size, .stack = stack};
    uint64_t seed = value_size * 100 + max;
    uint8_t bytes[VALUE_ROOM] = {0};
    for (uint32_t i = 0; i < 6000; i++) {
        step(w, m, &d, &seed);
        struct seen s = {&d, 0};
        if (i % 16 == 0) {
            CHECK(map_for_each(w, m, see, &s));
            CHECK_EQ(s.n, d.n);
        }
    }
    /* What Linux refuses, and no value that programs could touch. */
    CHECK_EQ(map_lookup(w, m, bytes), 0);
    CHECK_EQ(m->ops->update(w, m, bytes, bytes, 0), -LX_EINVAL);
    CHECK_EQ(m->ops->remove(w, m, bytes), -LX_EINVAL);
    CHECK_EQ(m->ops->next_key(w, m, NULL, bytes), -LX_EINVAL);
    CHECK_EQ(map_user_lookup(w, m, bytes, bytes), -LX_EINVAL); /* a key */
    CHECK_EQ(map_user_take(w, m, NULL, bytes, MAP_LOCK), -LX_EINVAL);
    for (uint64_t off = m->off; off < m->off + m->n_bytes; off++)
        CHECK(!w->shadow[off]);

    struct saved start = test_save(w);
    const struct model start_model = d;
    uint64_t start_seed = seed;
    for (uint32_t i = 0; i < 200; i++)
        step(w, m, &d, &seed);
    struct saved end = test_save(w);
    test_restore(w, &start);
    d = start_model;
    seed = start_seed;
    for (uint32_t i = 0; i < 200; i++)
        step(w, m, &d, &seed);
    CHECK(test_same(w, &end));
    test_drop(&start);
    test_drop(&end);
    world_free(w);
}

static bool count_bits(void *self, const void *key, uint32_t cpu, const void *value,
                       uint32_t n_bytes) {
    uint32_t *n = self;
    const uint8_t *p = value;
    CHECK(!key && !cpu);
    for (uint32_t i = 0; i < n_bytes * 8; i++)
        *n += p[i / 8] >> i % 8 & 1;
    return true;
}

/* No false negatives ever; about as many false positives as the size promises. */
static void check_bloom(uint32_t value_size, uint32_t max, uint64_t n_hashes) {
    struct world *w = test_world(false);
    struct map_def def = test_def(MAP_bloom_filter, 0, value_size, max, 0);
    uint32_t id, n_bits = 0;
    def.extra = n_hashes;
    CHECK_EQ(map_new(w, &def, &id), 0);
    struct map *m = map_by_id(w, id);
    uint8_t value[VALUE_ROOM];
    uint64_t seed = 1;
    CHECK_EQ(m->ops->push(w, m, value, MAP_EXIST), -LX_EINVAL);
    for (uint32_t i = 0; i < max; i++) {
        random_bytes(&seed, value, sizeof value);
        int err = i % 2 ? m->ops->push(w, m, value, 0) : map_user_update(w, m, NULL, value, 0);
        CHECK_EQ(err, 0);
    }
    seed = 1;
    for (uint32_t i = 0; i < max; i++) {
        random_bytes(&seed, value, sizeof value);
        CHECK_EQ(m->ops->peek(w, m, value), 0);
        CHECK_EQ(map_user_lookup(w, m, NULL, value), 0);
    }
    uint32_t wrong = 0, n_tries = 4000;
    for (uint32_t i = 0; i < n_tries; i++) {
        random_bytes(&seed, value, sizeof value);
        int err = m->ops->peek(w, m, value);
        CHECK(!err || err == -LX_ENOENT);
        wrong += !err;
    }
    /* at most half of the bits are set by k hashes in 7/5 k n bits or more: 2^-k, and slack */
    if (value_size >= 4)
        CHECK(wrong <= (n_tries >> n_hashes) * 2 + 40);
    CHECK(map_for_each(w, m, count_bits, &n_bits));
    CHECK(n_bits > 0 && n_bits <= max * n_hashes);
    CHECK(!m->ops->lookup && !m->ops->pop && !m->ops->remove && !m->ops->next_key);
    CHECK_EQ(m->ops->update(w, m, value, value, 0), -LX_EINVAL);
    CHECK_EQ(map_user_delete(w, m, NULL), -LX_EOPNOTSUPP);
    CHECK_EQ(map_user_next_key(w, m, NULL, value), -LX_EOPNOTSUPP);
    world_free(w);
}

int main(void) {
    static const uint32_t shapes[][2] = {{1, 1}, {4, 2}, {8, 7}, {13, 30}};
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++)
            run(k & 1, shapes[i][0], shapes[i][1], k & 2);
    check_bloom(8, 1000, 5);
    check_bloom(16, 333, 3);
    check_bloom(4, 64, 15);
    check_bloom(31, 2000, 1);
    check_bloom(1, 1, 4);
    return check_end();
}

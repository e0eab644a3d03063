/* map_ring_test: ring buffer and user ring buffer against lists of records, over many laps, and the
 * perf event array's log.
 */
#include "runtime/map/perf.h"
#include "runtime/map/ringbuf.h"
#include "runtime/tests/map_common.h"

enum {
    MAX_RECORDS = 1024,
    SIZE = 4096
};

enum state {
    BUSY,
    COMMITTED,
    DISCARDED
};

struct record {
    uint64_t pos, addr;
    uint32_t n_bytes;
    enum state state;
    uint32_t seed; /* of its contents */
};

struct model {
    struct record r[MAX_RECORDS]; /* between consumer and producer, oldest first */
    uint32_t n;
    uint64_t consumer, producer, wakeups;
};

static uint64_t record_bytes(uint64_t n) {
    return (n + 8 + 7) & ~UINT64_C(7);
}

/* A busy record may be older than the consumer's position only if nobody consumed it, so that it is
 * in the list. */
static uint64_t first_busy(const struct model *d) {
    for (uint32_t i = 0; i < d->n; i++)
        if (d->r[i].state == BUSY)
            return d->r[i].pos;
    return d->producer;
}

static bool fits(const struct model *d, uint64_t n) {
    uint64_t end = d->producer + record_bytes(n);
    return n <= UINT32_MAX / 4 && record_bytes(n) <= SIZE && end - d->consumer < SIZE &&
           end - first_busy(d) < SIZE;
}

static void fill(uint8_t *p, uint32_t n, uint32_t seed) {
    for (uint32_t i = 0; i < n; i++)
        p[i] = (uint8_t)(seed * 31 + i * 7);
}

static bool is_filled(const uint8_t *p, uint32_t n, uint32_t seed) {
    for (uint32_t i = 0; i < n; i++)
        if (p[i] != (uint8_t)(seed * 31 + i * 7))
            return false;
    return true;
}

static struct record *add(struct model *d, uint32_t n, uint64_t addr, uint32_t seed) {
    struct record *r = &d->r[d->n++];
    *r = (struct record){d->producer, addr, n, BUSY, seed};
    d->producer += record_bytes(n);
    return r;
}

static void model_commit(struct model *d, struct record *r, uint64_t flags, bool discard) {
    r->state = discard ? DISCARDED : COMMITTED;
    bool waiting = d->consumer % SIZE == r->pos % SIZE;
    d->wakeups += (flags & RINGBUF_FORCE_WAKEUP) || (waiting && !(flags & RINGBUF_NO_WAKEUP));
}

static uint64_t pick_size(uint64_t *seed) {
    switch (below(seed, 8)) {
    case 0: return 0;
    case 1: return below(seed, SIZE + 20);
    case 2: return SIZE - 20 + below(seed, 24);
    case 3: return check_random(seed) >> below(seed, 60);
    default: return below(seed, 200);
    }
}

static void do_reserve(struct world *w, struct map *m, struct model *d, uint64_t *seed) {
    uint64_t n = pick_size(seed);
    bool want = fits(d, n);
    uint64_t addr = ringbuf_reserve(w, m, n);
    CHECK_EQ(addr != 0, want);
    if (!addr)
        return;
    struct record *r = add(d, (uint32_t)n, addr, (uint32_t)check_random(seed));
    if (n)
        check_alone(w, world_off(addr), (uint32_t)n, WORLD_RW);
    fill(w->mem + world_off(addr), r->n_bytes, r->seed);
    uint32_t size = 1;
    CHECK(ringbuf_reserved(w, addr, &size) == m && size == n);
    CHECK(!ringbuf_reserved(w, addr + 8, NULL) && !ringbuf_reserved(w, addr + 1, NULL));
}

static void do_commit(struct world *w, struct model *d, uint64_t *seed) {
    if (!d->n)
        return;
    struct record *r = &d->r[below(seed, d->n)];
    uint64_t flags = below(seed, 4);
    bool discard = below(seed, 3) == 0, busy = r->state == BUSY;
    CHECK_EQ((int64_t)ringbuf_commit(w, r->addr, flags, discard), busy ? 0 : -LX_EINVAL);
    if (!busy)
        return;
    model_commit(d, r, flags, discard);
    for (uint32_t i = 0; i < r->n_bytes; i++) /* no access any more */
        CHECK(!w->shadow[world_off(r->addr) + i]);
}

static void do_output(struct world *w, struct map *m, struct model *d, uint64_t *seed) {
    static uint8_t bytes[2 * SIZE];
    uint64_t n = pick_size(seed), flags = below(seed, 5);
    uint32_t contents = (uint32_t)check_random(seed);
    if (n <= SIZE)
        fill(bytes, (uint32_t)n, contents);
    int want = flags > 3 ? -LX_EINVAL : fits(d, n) ? 0 : -LX_EAGAIN;
    CHECK_EQ((int64_t)ringbuf_output(w, m, bytes, n, flags), (int64_t)want);
    if (!want)
        model_commit(d, add(d, (uint32_t)n, 0, contents), flags, false);
    if (!want) /* where it lies is nobody's business: no commit may find it */
        d->r[d->n - 1].addr = UINT64_MAX;
}

struct reader {
    struct model *d;
    uint32_t at, left;
};

static bool read_one(void *self, const void *data, uint32_t n_bytes) {
    struct reader *s = self;
    while (s->at < s->d->n && s->d->r[s->at].state == DISCARDED)
        s->at++;
    if (!CHECK(s->at < s->d->n))
        return false;
    const struct record *r = &s->d->r[s->at++];
    CHECK_EQ(r->state, COMMITTED);
    CHECK_EQ(n_bytes, r->n_bytes);
    CHECK(is_filled(data, n_bytes, r->seed));
    return --s->left > 0;
}

static void do_consume(struct world *w, struct map *m, struct model *d, uint64_t *seed) {
    uint32_t max = 1 + below(seed, 8), want = 0, n = 0;
    while (n < d->n && want < max && d->r[n].state != BUSY)
        want += d->r[n++].state == COMMITTED;
    struct reader s = {d, 0, max};
    CHECK_EQ(ringbuf_consume(w, m, read_one, &s), want);
    for (uint32_t i = 0; i < n; i++)
        d->consumer += record_bytes(d->r[i].n_bytes);
    memmove(d->r, d->r + n, (d->n - n) * sizeof *d->r);
    d->n -= n;
}

static bool see(void *self, const void *key, uint32_t cpu, const void *value, uint32_t n_bytes) {
    struct reader *s = self;
    const struct record *r = &s->d->r[s->at++];
    static const uint32_t shown[] = {[BUSY] = 2, [COMMITTED] = 0, [DISCARDED] = 1};
    CHECK(!key && cpu == shown[r->state] && n_bytes == r->n_bytes &&
          is_filled(value, n_bytes, r->seed));
    return true;
}

static void step(struct world *w, struct map *m, struct model *d, uint64_t *seed) {
    switch (below(seed, 8)) {
    case 0:
    case 1: do_reserve(w, m, d, seed); break;
    case 2:
    case 3: do_commit(w, d, seed); break;
    case 4:
    case 5: do_output(w, m, d, seed); break;
    default: do_consume(w, m, d, seed); break;
    }
    CHECK_EQ(ringbuf_query(w, m, RINGBUF_CONS_POS), d->consumer);
    CHECK_EQ(ringbuf_query(w, m, RINGBUF_PROD_POS), d->producer);
    CHECK_EQ(ringbuf_query(w, m, RINGBUF_AVAIL_DATA), d->producer - d->consumer);
    CHECK_EQ(ringbuf_wakeups(w, m), d->wakeups);
}

static void run(bool big_endian) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_ringbuf, 0, 0, SIZE, 0);
    static struct model d, start_model;
    memset(&d, 0, sizeof d);
    uint64_t seed = 5;
    for (uint32_t i = 0; i < 30000; i++) {
        step(w, m, &d, &seed);
        if (i % 32 == 0) {
            struct reader s = {&d, 0, 0};
            CHECK(map_for_each(w, m, see, &s));
            CHECK_EQ(s.at, d.n);
        }
    }
    CHECK(d.producer > 50 * SIZE); /* it went around */
    struct saved start = test_save(w);
    start_model = d;
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
    uint8_t bytes[8];
    CHECK_EQ(m->ops->update(w, m, bytes, bytes, 0), -LX_ENOTSUPP);
    CHECK_EQ(map_user_lookup(w, m, NULL, bytes), -LX_ENOTSUPP);
    CHECK_EQ(map_user_delete(w, m, NULL), -LX_ENOTSUPP);
    CHECK_EQ(map_user_next_key(w, m, NULL, bytes), -LX_ENOTSUPP);
    CHECK_EQ(ringbuf_query(w, m, RINGBUF_RING_SIZE), SIZE);
    CHECK_EQ(ringbuf_query(w, m, 4), 0);
    world_free(w);
}

/* Records that are none: a header that a program forged inside its record, addresses all over. */
static void check_forged(void) {
    struct world *w = test_world(false);
    struct map *a = test_map(w, MAP_array, 4, 64, 1, 0);
    struct map *m = test_map(w, MAP_ringbuf, 0, 0, SIZE, 0);
    uint64_t addr = ringbuf_reserve(w, m, 64);
    uint8_t *p = w->mem + world_off(addr);
    world_put32(w, p + 16, 8 | RINGBUF_BUSY);
    memcpy(p + 20, &m->id, 4);
    memcpy(w->mem + a->value_off, p + 16, 8);
    CHECK_EQ(ringbuf_commit(w, addr + 24, 0, false), -LX_EINVAL);
    CHECK_EQ(ringbuf_commit(w, world_addr(a->value_off + 8), 0, false), -LX_EINVAL);
    uint64_t seed = 3;
    for (int i = 0; i < 2000; i++) {
        uint64_t at = check_random(&seed) >> below(&seed, 64);
        CHECK_EQ(ringbuf_commit(w, at, 0, false), -LX_EINVAL);
        at = world_addr(below(&seed, (uint32_t)WORLD_BYTES));
        if (at != addr)
            CHECK_EQ(ringbuf_commit(w, at, 0, false), -LX_EINVAL);
    }
    CHECK_EQ(ringbuf_commit(w, addr, 0, false), 0);
    CHECK_EQ(ringbuf_commit(w, addr, 0, false), -LX_EINVAL);
    world_free(w);
}

/* A drain reads samples in order, skips discarded ones, stops at a busy one, and refuses malformed
 * ones. */
static void check_user_ring(bool big_endian) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_user_ringbuf, 0, 0, SIZE, 0);
    static uint8_t bytes[2 * SIZE];
    uint64_t seed = 11, addr;
    uint32_t sizes[64], seeds[64], first = 0, n = 0, size;
    CHECK_EQ(user_ringbuf_peek(w, m, &addr, &size), -LX_ENODATA);
    for (int i = 0; i < 20000; i++) {
        if (below(&seed, 2) && n < 64) {
            uint32_t len = below(&seed, 5) ? below(&seed, 100) : below(&seed, SIZE + 9);
            uint64_t used = ringbuf_query(w, m, RINGBUF_AVAIL_DATA), total = record_bytes(len);
            uint32_t contents = (uint32_t)check_random(&seed);
            bool discard = below(&seed, 6) == 0;
            fill(bytes, len, contents);
            int err =
                user_ringbuf_write_raw(w, m, bytes, len, len | (discard ? RINGBUF_DISCARD : 0));
            CHECK_EQ((int64_t)err, total > SIZE ? -LX_E2BIG : used + total > SIZE ? -LX_ENOSPC : 0);
            if (err)
                continue;
            sizes[(first + n) % 64] = discard ? UINT32_MAX : len;
            seeds[(first + n++) % 64] = contents;
            continue;
        }
        CHECK(user_ringbuf_begin(w, m));
        CHECK(!user_ringbuf_begin(w, m));
        uint64_t wakeups = ringbuf_wakeups(w, m);
        int err = user_ringbuf_peek(w, m, &addr, &size);
        uint32_t want = n ? sizes[first % 64] : 0;
        CHECK_EQ((int64_t)err, !n ? -LX_ENODATA : want == UINT32_MAX ? -LX_EAGAIN : 0);
        if (!err) {
            CHECK_EQ(size, want);
            CHECK(is_filled(w->mem + world_off(addr), size, seeds[first % 64]));
            if (size)
                check_alone(w, world_off(addr), size, WORLD_RW);
            user_ringbuf_release(w, m, size);
            CHECK(!size || !world_check(w, addr, 1, WORLD_READ));
        }
        if (n) {
            first++;
            n--;
        }
        user_ringbuf_end(w, m, err != -LX_ENODATA, 0);
        CHECK_EQ(ringbuf_wakeups(w, m) - wakeups, err != -LX_ENODATA);
    }
    CHECK(ringbuf_query(w, m, RINGBUF_PROD_POS) > 20 * SIZE);
    world_free(w);
}

static void check_user_ring_malformed(void) {
    static const struct {
        uint32_t written, header;
        int err;
    } rows[] = {
        {8, 8 | RINGBUF_BUSY, LX_ENODATA},
        {8, 8 | RINGBUF_BUSY | RINGBUF_DISCARD, LX_EAGAIN}, /* discarded counts first */
        {8, 9, LX_EINVAL},                                  /* beyond what was produced */
        {8, UINT32_C(0x3fffffff), LX_EINVAL},
        {8, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world *w = test_world(false);
        struct map *m = test_map(w, MAP_user_ringbuf, 0, 0, SIZE, 0);
        uint8_t bytes[8] = {0};
        uint64_t addr;
        uint32_t size;
        CHECK_EQ(user_ringbuf_write_raw(w, m, bytes, rows[i].written, rows[i].header), 0);
        CHECK_EQ((int64_t)user_ringbuf_peek(w, m, &addr, &size), -(int64_t)rows[i].err);
        world_free(w);
    }
    /* larger than a dynptr can be */
    struct world *w = test_world(false);
    struct map *m = test_map(w, MAP_user_ringbuf, 0, 0, 1 << 25, 0);
    uint8_t *big = calloc(1, 1 << 24);
    uint64_t addr;
    uint32_t size;
    CHECK_EQ(user_ringbuf_write(w, m, big, 1 << 24), 0);
    CHECK_EQ(user_ringbuf_peek(w, m, &addr, &size), -LX_E2BIG);
    CHECK_EQ(user_ringbuf_write(w, m, big, (1 << 24) - 8), -LX_ENOSPC);
    free(big);
    world_free(w);
}

struct perf_reader {
    uint32_t next, left;
};

static bool read_perf(void *self, uint32_t cpu, const void *data, uint32_t n_bytes) {
    struct perf_reader *s = self;
    uint32_t i;
    CHECK(n_bytes >= 4);
    memcpy(&i, data, 4);
    CHECK_EQ(i, s->next);
    CHECK_EQ(cpu, i % TEST_CPUS);
    CHECK_EQ(n_bytes, 4 + i % 50);
    CHECK(is_filled((const uint8_t *)data + 4, i % 50, i));
    s->next++;
    return --s->left > 0;
}

static bool count(void *self, const void *key, uint32_t cpu, const void *value, uint32_t n_bytes) {
    (void)cpu, (void)value, (void)n_bytes;
    CHECK(!key);
    ++*(uint32_t *)self;
    return true;
}

static void check_perf(bool big_endian) {
    struct world *w = test_world(big_endian);
    struct map *m = test_map(w, MAP_perf_event_array, 4, 4, TEST_CPUS, 0);
    static uint8_t bytes[PERF_RECORD_MAX + 1];
    uint32_t key, value, next = 0;
    CHECK_EQ(perf_output(w, m, 0, bytes, 1, NULL, 0), -LX_ENOENT);
    CHECK_EQ(perf_output(w, m, TEST_CPUS, bytes, 1, NULL, 0), -LX_E2BIG);
    perf_attach(w, m);
    CHECK_EQ(perf_event_cpu(w, m, 2), 2);
    w->st.cpu = 1;
    CHECK_EQ(perf_output(w, m, 0, bytes, 1, NULL, 0), -LX_EOPNOTSUPP);
    CHECK_EQ(perf_output(w, m, 1, bytes, PERF_RECORD_MAX, bytes, 1), -LX_E2BIG);
    struct perf_reader s = {0, 0};
    for (uint32_t i = 0; i < 20000; i++) {
        memcpy(bytes, &i, 4);
        fill(bytes + 4, i % 50, i);
        w->st.cpu = i % TEST_CPUS;
        uint32_t cut = i % (4 + i % 50);
        CHECK_EQ(perf_output(w, m, w->st.cpu, bytes, cut, bytes + cut, 4 + i % 50 - cut), 0);
        if (i % 97 == 0) {
            uint32_t n = 0, waiting = i + 1 - next;
            CHECK(map_for_each(w, m, count, &n));
            CHECK_EQ(n, waiting);
            s = (struct perf_reader){next, i % 2 ? 5 : UINT32_MAX};
            CHECK_EQ(perf_consume(w, m, read_perf, &s), i % 2 && waiting > 5 ? 5 : waiting);
            next = s.next;
        }
    }
    /* full: refused and counted */
    int err = 0;
    for (uint32_t i = 0; i < 10000 && !err; i++)
        err = perf_output(w, m, w->st.cpu, bytes, 1000, NULL, 0);
    CHECK_EQ(err, -LX_ENOSPC);
    CHECK_EQ(perf_lost(w, m), 1);
    /* entries by the system call */
    world_put32(w, &key, 1);
    world_put32(w, &value, TEST_CPUS);
    CHECK_EQ(map_user_update(w, m, &key, &value, 0), -LX_EBADF);
    world_put32(w, &value, 0);
    CHECK_EQ(map_user_update(w, m, &key, &value, MAP_EXIST), -LX_EINVAL);
    CHECK_EQ(map_user_update(w, m, &key, &value, 0), 0);
    CHECK_EQ(perf_event_cpu(w, m, 1), 0);
    CHECK_EQ(map_user_lookup(w, m, &key, &value), -LX_ENOTSUPP);
    CHECK_EQ(map_user_delete(w, m, &key), 0);
    CHECK_EQ(map_user_delete(w, m, &key), -LX_ENOENT);
    CHECK_EQ(map_lookup(w, m, &key), 0);
    world_free(w);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        run(big);
        check_user_ring(big);
        check_perf(big);
    }
    check_forged();
    check_user_ring_malformed();
    return check_end();
}

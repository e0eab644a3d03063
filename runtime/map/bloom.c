/* bloom.c: bloom filter: a set that answers "perhaps" or "surely not".
 *
 * As many bits as Linux takes: entries * hashes * 7 / 5, rounded up to a power of two, at least 64.
 * Hash i of a value is h1 + i * h2 of one 64-bit hash, so the false positives are not Linux's,
 * whose seed is random anyway.
 *
 * Memory: a bit for each bit.
 * Cost: push and peek O(value_size + hashes).
 */
#include "runtime/map/common.h"
#include "runtime/map/hash_key.h"

enum {
    BLOOM_MASK, /* bits - 1 */
    BLOOM_HASHES,
};

static int check(const struct map_def *def) {
    if (def->value_size > MAP_KMALLOC_MAX)
        return -LX_E2BIG;
    if (def->key_size || !def->value_size || !def->max_entries ||
        !map_flags_ok(def, MAP_F_NUMA_NODE | MAP_F_ZERO_SEED | MAP_F_ACCESS) ||
        (def->extra & ~UINT64_C(15)))
        return -LX_EINVAL;
    return 0;
}

static int init(struct world *w, struct map *m) {
    uint64_t n_hashes = m->def.extra ? m->def.extra : 5;
    uint64_t bits = (uint64_t)m->def.max_entries * n_hashes;
    if (bits <= UINT32_MAX)
        bits = bits / 5 * 7;
    uint64_t mask = UINT32_MAX;
    if (bits <= UINT64_C(1) << 31)
        mask = bits <= 64 ? 63 : map_round_pow2((uint32_t)bits) - 1;
    m->priv[BLOOM_MASK] = mask;
    m->priv[BLOOM_HASHES] = n_hashes;
    return map_alloc(w, m, (mask + 1) / 8);
}

struct probe {
    uint32_t at, step;
};

static struct probe probe_of(const struct map *m, const void *value) {
    uint64_t h = hash_bytes(value, m->def.value_size);
    return (struct probe){(uint32_t)h, (uint32_t)(h >> 32) | 1};
}

static int push(struct world *w, struct map *m, const void *value, uint64_t flags) {
    if (flags != MAP_ANY)
        return -LX_EINVAL;
    struct probe p = probe_of(m, value);
    for (uint64_t i = 0; i < m->priv[BLOOM_HASHES]; i++, p.at += p.step) {
        uint32_t bit = p.at & (uint32_t)m->priv[BLOOM_MASK];
        w->mem[m->off + bit / 8] |= (uint8_t)(1 << bit % 8);
    }
    return 0;
}

static int peek(struct world *w, struct map *m, void *value) {
    struct probe p = probe_of(m, value);
    for (uint64_t i = 0; i < m->priv[BLOOM_HASHES]; i++, p.at += p.step) {
        uint32_t bit = p.at & (uint32_t)m->priv[BLOOM_MASK];
        if (!(w->mem[m->off + bit / 8] >> bit % 8 & 1))
            return -LX_ENOENT;
    }
    return 0;
}

static bool each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    for (uint64_t at = 0; at < m->n_bytes; at += 8)
        if (!fn(self, NULL, 0, w->mem + m->off + at, 8))
            return false;
    return true;
}

const struct map_ops map_bloom_ops = {
    .kind = "bloom_filter",
    .check = check,
    .init = init,
    .update = map_update_einval,
    .push = push,
    .peek = peek,
    .each = each,
};

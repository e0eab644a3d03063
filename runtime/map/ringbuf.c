/* ringbuf.c: ring buffers in both directions (runtime/map/ringbuf.h). */
#include "runtime/map/ringbuf.h"

#include "runtime/map/common.h"

struct ring {
    uint64_t consumer, producer;
    uint64_t pending; /* no record before it is busy */
    uint64_t wakeups;
    uint32_t draining, pad;
    uint8_t data[];
};

static int check(const struct map_def *def) {
    if (def->flags & ~(uint32_t)MAP_F_NUMA_NODE)
        return -LX_EINVAL;
    uint32_t size = def->max_entries;
    bool power = size && !(size & (size - 1));
    return def->key_size || def->value_size || !power || size % MAP_PAGE ? -LX_EINVAL : 0;
}

static int init(struct world *w, struct map *m) {
    return map_alloc(w, m, sizeof(struct ring) + 2 * (uint64_t)m->def.max_entries);
}

static struct ring *ring_of(const struct world *w, const struct map *m) {
    return (struct ring *)(w->mem + m->off);
}

/* World offset of the record at a position. */
static uint64_t record_off(const struct map *m, uint64_t pos) {
    return m->off + sizeof(struct ring) + (pos & (m->def.max_entries - 1));
}

static uint32_t header_at(const struct world *w, const struct map *m, uint64_t pos) {
    return world_get32(w, w->mem + record_off(m, pos));
}

static uint64_t record_bytes(uint32_t header) {
    return map_round8((uint64_t)(header & ~(RINGBUF_BUSY | RINGBUF_DISCARD)) + RINGBUF_HDR_BYTES);
}

uint64_t ringbuf_reserve(struct world *w, struct map *m, uint64_t n_bytes) {
    struct ring *r = ring_of(w, m);
    uint64_t mask = (uint64_t)m->def.max_entries - 1;
    if (n_bytes > UINT32_MAX / 4)
        return 0;
    uint64_t len = map_round8(n_bytes + RINGBUF_HDR_BYTES);
    if (len > m->def.max_entries)
        return 0;
    uint64_t end = r->producer + len;
    while (r->pending != r->producer) {
        uint32_t header = header_at(w, m, r->pending);
        if (header & RINGBUF_BUSY)
            break;
        r->pending += record_bytes(header);
    }
    if (end - r->consumer > mask || end - r->pending > mask)
        return 0;
    uint64_t off = record_off(m, r->producer);
    world_put32(w, w->mem + off, (uint32_t)n_bytes | RINGBUF_BUSY);
    memcpy(w->mem + off + 4, &m->id, 4);
    r->producer = end;
    world_allow(w, off + RINGBUF_HDR_BYTES, n_bytes, WORLD_RW);
    return world_addr(off + RINGBUF_HDR_BYTES);
}

/* The ring and position of the busy record whose data lies at addr. The map id before the data may
 * be anything a program wrote: it counts only if the walk over the ring's records comes by. */
static struct map *find_record(const struct world *w, uint64_t addr, uint64_t *pos) {
    uint64_t off = world_off(addr) - RINGBUF_HDR_BYTES;
    uint32_t id;
    if (off < WORLD_ARENA_OFF || off >= WORLD_STACK_OFF || off % 8)
        return NULL;
    memcpy(&id, w->mem + off + 4, sizeof id);
    struct map *m = map_by_id(w, id);
    if (!m || !ringbuf_is(m))
        return NULL;
    const struct ring *r = ring_of(w, m);
    for (*pos = r->pending; *pos != r->producer; *pos += record_bytes(header_at(w, m, *pos)))
        if (record_off(m, *pos) == off)
            return header_at(w, m, *pos) & RINGBUF_BUSY ? m : NULL;
    return NULL;
}

struct map *ringbuf_reserved(const struct world *w, uint64_t addr, uint32_t *n_bytes) {
    uint64_t pos;
    struct map *m = find_record(w, addr, &pos);
    if (m && n_bytes)
        *n_bytes = header_at(w, m, pos) & ~RINGBUF_BUSY;
    return m;
}

int ringbuf_commit(struct world *w, uint64_t addr, uint64_t flags, bool discard) {
    uint64_t pos;
    struct map *m = find_record(w, addr, &pos);
    if (!m)
        return -LX_EINVAL;
    struct ring *r = ring_of(w, m);
    uint64_t off = record_off(m, pos);
    uint32_t n_bytes = header_at(w, m, pos) & ~RINGBUF_BUSY;
    world_put32(w, w->mem + off, n_bytes | (discard ? RINGBUF_DISCARD : 0));
    world_allow(w, off + RINGBUF_HDR_BYTES, n_bytes, WORLD_NONE);
    bool waiting = record_off(m, r->consumer) == off;
    if ((flags & RINGBUF_FORCE_WAKEUP) || (waiting && !(flags & RINGBUF_NO_WAKEUP)))
        r->wakeups++;
    return 0;
}

int ringbuf_output(struct world *w, struct map *m, const void *data, uint64_t n_bytes,
                   uint64_t flags) {
    if (flags & ~(uint64_t)(RINGBUF_NO_WAKEUP | RINGBUF_FORCE_WAKEUP))
        return -LX_EINVAL;
    uint64_t addr = ringbuf_reserve(w, m, n_bytes);
    if (!addr)
        return -LX_EAGAIN;
    if (n_bytes)
        memcpy(w->mem + world_off(addr), data, n_bytes);
    return ringbuf_commit(w, addr, flags, false);
}

uint64_t ringbuf_query(const struct world *w, const struct map *m, uint64_t what) {
    const struct ring *r = ring_of(w, m);
    switch (what) {
    case RINGBUF_AVAIL_DATA: return r->producer - r->consumer;
    case RINGBUF_RING_SIZE: return m->def.max_entries;
    case RINGBUF_CONS_POS: return r->consumer;
    case RINGBUF_PROD_POS: return r->producer;
    default: return 0;
    }
}

uint64_t ringbuf_wakeups(const struct world *w, const struct map *m) {
    return ring_of(w, m)->wakeups;
}

uint32_t ringbuf_consume(struct world *w, struct map *m, ringbuf_fn *fn, void *self) {
    struct ring *r = ring_of(w, m);
    uint32_t n = 0;
    bool more = true;
    while (more && r->consumer != r->producer) {
        uint32_t header = header_at(w, m, r->consumer);
        if (header & RINGBUF_BUSY)
            break;
        if (!(header & RINGBUF_DISCARD)) {
            more = fn(self, w->mem + record_off(m, r->consumer) + RINGBUF_HDR_BYTES, header);
            n++;
        }
        r->consumer += record_bytes(header);
    }
    return n;
}

int user_ringbuf_write_raw(struct world *w, struct map *m, const void *data, uint32_t n_bytes,
                           uint32_t header) {
    struct ring *r = ring_of(w, m);
    uint64_t len = map_round8((uint64_t)n_bytes + RINGBUF_HDR_BYTES);
    if (len > m->def.max_entries)
        return -LX_E2BIG;
    if (r->producer + len - r->consumer > m->def.max_entries)
        return -LX_ENOSPC;
    uint64_t off = record_off(m, r->producer);
    world_put32(w, w->mem + off, header);
    memset(w->mem + off + 4, 0, 4);
    if (n_bytes)
        memcpy(w->mem + off + RINGBUF_HDR_BYTES, data, n_bytes);
    r->producer += len;
    return 0;
}

int user_ringbuf_write(struct world *w, struct map *m, const void *data, uint32_t n_bytes) {
    return user_ringbuf_write_raw(w, m, data, n_bytes, n_bytes);
}

bool user_ringbuf_begin(struct world *w, struct map *m) {
    struct ring *r = ring_of(w, m);
    if (r->draining)
        return false;
    r->draining = 1;
    return true;
}

int user_ringbuf_peek(struct world *w, struct map *m, uint64_t *addr, uint32_t *n_bytes) {
    struct ring *r = ring_of(w, m);
    if (r->producer % 8)
        return -LX_EINVAL;
    if (r->consumer >= r->producer)
        return -LX_ENODATA;
    uint32_t header = header_at(w, m, r->consumer);
    uint32_t len = header & ~(RINGBUF_BUSY | RINGBUF_DISCARD);
    uint64_t total = record_bytes(header);
    if (total > r->producer - r->consumer)
        return -LX_EINVAL;
    if (total > m->def.max_entries || len > RINGBUF_DYNPTR_MAX)
        return -LX_E2BIG;
    if (header & RINGBUF_DISCARD) {
        r->consumer += total;
        return -LX_EAGAIN;
    }
    if (header & RINGBUF_BUSY)
        return -LX_ENODATA;
    uint64_t off = record_off(m, r->consumer) + RINGBUF_HDR_BYTES;
    world_allow(w, off, len, WORLD_RW);
    *addr = world_addr(off);
    *n_bytes = len;
    return 0;
}

void user_ringbuf_release(struct world *w, struct map *m, uint32_t n_bytes) {
    struct ring *r = ring_of(w, m);
    world_allow(w, record_off(m, r->consumer) + RINGBUF_HDR_BYTES, n_bytes, WORLD_NONE);
    r->consumer += map_round8((uint64_t)n_bytes + RINGBUF_HDR_BYTES);
}

void user_ringbuf_end(struct world *w, struct map *m, uint32_t n_samples, uint64_t flags) {
    struct ring *r = ring_of(w, m);
    r->draining = 0;
    if ((flags & RINGBUF_FORCE_WAKEUP) || (!(flags & RINGBUF_NO_WAKEUP) && n_samples))
        r->wakeups++;
}

/* Records that nobody consumed yet, oldest first; in place of a CPU, 1 for a discarded and 2 for a
 * busy one, whose data counts too: the program left it so. */
static bool each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    const struct ring *r = ring_of(w, m);
    for (uint64_t pos = r->consumer; pos != r->producer;) {
        uint32_t header = header_at(w, m, pos);
        uint64_t total = record_bytes(header);
        if (total > r->producer - pos) /* what user space wrote need not be well-formed */
            return true;
        if (!fn(self, NULL, header >> 30, w->mem + record_off(m, pos) + RINGBUF_HDR_BYTES,
                header & ~(RINGBUF_BUSY | RINGBUF_DISCARD)))
            return false;
        pos += total;
    }
    return true;
}

const struct map_ops map_ringbuf_ops = {
    .kind = "ringbuf",
    .check = check,
    .init = init,
    .update = map_update_enotsupp,
    .remove = map_remove_enotsupp,
    .next_key = map_next_enotsupp,
    .user_lookup = map_lookup_enotsupp,
    .each = each,
};

/* timer.c: timers: their records, the helpers, and running what is due. */
#include "runtime/timer.h"

#include "runtime/helper/arg.h"
#include "runtime/map/htab.h"

enum {
    TIMER_BYTES = 16, /* struct bpf_timer */
    TIMER_ABS = 1,
    TIMER_CPU_PIN = 2,
    CLOCK_WALL = 0,
    CLOCK_MONO = 1,
    CLOCK_BOOT = 7,
    CHUNK_RECORDS = 64,
    TOKEN_SHIFT = 32, /* a token: generation above, world offset of the record below */
};

/* struct record: a timer; all records are chained, newest first. Book-keeping: host order, no
 * access. */
struct record {
    uint64_t next_off;
    uint64_t token; /* what the timer's first 8 bytes hold; 0: a record that was never used */
    uint64_t addr;  /* of the timer */
    uint64_t fn;    /* callback, or 0 */
    uint64_t due_ns;
    uint64_t order; /* among timers due at one time */
    uint32_t map_id;
    uint32_t clock;
    uint64_t armed;
};

static struct record *record_at(const struct world *w, uint64_t off) {
    return (struct record *)(void *)(w->mem + off);
}

/* Do the timer's bytes still name this record? */
static bool is_held(const struct world *w, const struct record *r) {
    return r->token && world_get64(w, w->mem + world_off(r->addr)) == r->token;
}

/* The record of the timer whose bytes are at p, NULL if it is not initialised. */
static struct record *record_of(const struct world *w, uint64_t addr, const uint8_t *p) {
    const uint64_t token = world_get64(w, p), off = token & UINT32_MAX;
    const uint64_t end = WORLD_ARENA_OFF + w->st.arena_used;
    if (off < WORLD_ARENA_OFF || off % 8 || off + sizeof(struct record) > end)
        return NULL;
    struct record *r = record_at(w, off);
    return r->token == token && r->addr == addr ? r : NULL;
}

/* struct place: the element that a timer is part of. */
struct place {
    uint64_t value; /* guest address */
    const void *key;
    uint32_t index; /* arrays: the key, in the world's byte order */
};

/* Find the element that holds the timer; false if it is no longer in its map. */
static bool find_place(struct world *w, const struct record *r, struct place *p) {
    struct map *m = map_by_id(w, r->map_id);
    const uint64_t off = world_off(r->addr);
    if (!m || !is_held(w, r))
        return false;
    if (m->value_stride) {
        const uint64_t i = (off - m->value_off) / m->value_stride;
        world_put32(w, &p->index, (uint32_t)i);
        p->key = &p->index;
        p->value = world_addr(m->value_off + i * m->value_stride);
        return off >= m->value_off && i < m->def.max_entries;
    }
    if (!m->ops->iterate || off < m->priv[HTAB_ELEMS] || off >= m->off + m->n_bytes)
        return false;
    const uint32_t i = (uint32_t)((off - m->priv[HTAB_ELEMS]) / m->priv[HTAB_STRIDE]);
    const struct htab_elem *e = htab_elem(w, m, i);
    p->key = e->key;
    p->value = world_addr(htab_value_off(m, i, 0));
    return i && htab_find(w, m, e->key, htab_hash(m, e->key)) == i;
}

/* More records.
 * out: false if the arena is full */
static bool add_chunk(struct world *w) {
    const uint64_t off = world_alloc_arena(w, CHUNK_RECORDS * sizeof(struct record));
    if (!off)
        return false;
    for (uint64_t i = 0; i < CHUNK_RECORDS; i++) {
        const uint64_t at = off + i * sizeof(struct record);
        record_at(w, at)->next_off = w->st.timers.first_off;
        w->st.timers.first_off = at;
    }
    w->st.timers.n_records += CHUNK_RECORDS;
    return true;
}

/* An unused record: looked for where the last search ended, so that it is found at once while most
 * are free. */
static struct record *take_record(struct world *w) {
    for (unsigned round = 0; round < 2; round++) {
        uint64_t at = w->st.timers.search_off;
        for (uint32_t i = 0; i < w->st.timers.n_records; i++) {
            at = at ? at : w->st.timers.first_off;
            struct record *r = record_at(w, at);
            w->st.timers.search_off = r->next_off;
            if (!is_held(w, r))
                return r;
            at = r->next_off;
        }
        w->st.timers.search_off = 0;
        if (!add_chunk(w))
            return NULL;
    }
    return NULL;
}

uint64_t helper_timer_init(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                           struct world *w) {
    HELPER_UNUSED2(r4, r5);
    uint8_t *p = world_ptr(w, r1, TIMER_BYTES, WORLD_RW);
    const struct map *m = arg_map(w, r2);
    if (!p || !m)
        return 0;
    if (r3 != CLOCK_WALL && r3 != CLOCK_MONO && r3 != CLOCK_BOOT)
        return helper_err(LX_EINVAL);
    if (record_of(w, r1, p))
        return helper_err(LX_EBUSY);
    struct record *r = take_record(w);
    if (!r)
        return helper_err(LX_ENOMEM);
    const uint64_t off = (uint64_t)((uint8_t *)r - w->mem), next_off = r->next_off;
    *r = (struct record){
        .next_off = next_off,
        .token = ++w->st.timers.n_made << TOKEN_SHIFT | off,
        .addr = r1,
        .map_id = m->id,
        .clock = (uint32_t)r3,
    };
    memset(p, 0, TIMER_BYTES);
    world_put64(w, p, r->token);
    return 0;
}

/* The record of the initialised timer at addr; NULL and the helper's answer in *ret otherwise. */
static struct record *arg_record(struct world *w, uint64_t addr, uint64_t *ret) {
    const uint8_t *p = world_ptr(w, addr, TIMER_BYTES, WORLD_RW);
    struct record *r = p ? record_of(w, addr, p) : NULL;
    *ret = p ? helper_err(LX_EINVAL) : 0;
    return r;
}

uint64_t helper_timer_set_callback(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                   struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    uint64_t ret;
    struct record *r = arg_record(w, r1, &ret);
    if (!r)
        return ret;
    r->fn = r2;
    return 0;
}

/* When nsecs is: a sum beyond the clock's range is never. */
static uint64_t due_time(const struct world *w, const struct record *r, uint64_t nsecs, bool abs) {
    if (abs && (int64_t)nsecs < 0)
        return 0;
    if (abs && r->clock == CLOCK_WALL)
        return nsecs > w->cfg.epoch_ns ? nsecs - w->cfg.epoch_ns : 0;
    if (abs)
        return nsecs;
    const uint64_t due = w->st.clock_ns + nsecs;
    return nsecs > INT64_MAX || due > INT64_MAX ? INT64_MAX : due;
}

uint64_t helper_timer_start(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                            struct world *w) {
    HELPER_UNUSED2(r4, r5);
    uint64_t ret;
    if (r3 & ~(uint64_t)(TIMER_ABS | TIMER_CPU_PIN))
        return helper_err(LX_EINVAL);
    struct record *r = arg_record(w, r1, &ret);
    if (!r)
        return ret;
    if (!r->fn)
        return helper_err(LX_EINVAL);
    r->due_ns = due_time(w, r, r2, r3 & TIMER_ABS);
    r->order = ++w->st.timers.n_started;
    r->armed = true;
    return 0;
}

uint64_t helper_timer_cancel(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    uint64_t ret;
    struct record *r = arg_record(w, r1, &ret);
    if (!r)
        return ret;
    if (w->st.timers.running_off && record_at(w, w->st.timers.running_off) == r)
        return helper_err(LX_EDEADLK);
    const bool was_armed = r->armed;
    r->fn = 0;
    r->armed = false;
    return was_armed;
}

/* The armed timer that is due first, NULL if there is none. */
static struct record *first_due(const struct world *w) {
    struct record *best = NULL;
    for (uint64_t off = w->st.timers.first_off; off; off = record_at(w, off)->next_off) {
        struct record *r = record_at(w, off);
        if (!r->armed || !is_held(w, r))
            continue;
        if (!best || r->due_ns < best->due_ns ||
            (r->due_ns == best->due_ns && r->order < best->order))
            best = r;
    }
    return best;
}

uint64_t timers_digest(const struct world *w) {
    uint64_t sum = 0;
    for (uint64_t off = w->st.timers.first_off; off; off = record_at(w, off)->next_off) {
        const struct record *r = record_at(w, off);
        if (r->armed && is_held(w, r))
            sum += hash_mix(hash_mix(hash_mix(r->order, r->due_ns), r->fn), r->addr);
    }
    return sum;
}

uint64_t timers_next(const struct world *w) {
    const struct record *r = first_due(w);
    return r ? r->due_ns : UINT64_MAX;
}

/* Run a due timer's callback(map, key, value).
 * out: false if it trapped */
static bool fire(struct world *w, struct record *r, const struct place *place) {
    const struct map *m = map_by_id(w, r->map_id);
    struct arg_temp key;
    if (!arg_temp_take(w, m->def.key_size, WORLD_READ, &key)) {
        world_trap(w, RUN_TRAP_MEMORY, r->addr);
        return false;
    }
    memcpy(w->mem + key.off, place->key, m->def.key_size);
    w->st.timers.running_off = (uint64_t)((uint8_t *)r - w->mem);
    const uint64_t args[5] = {m->handle, world_addr(key.off), place->value};
    uint64_t r0;
    const bool ok = arg_call(w, r->fn, args, &r0);
    w->st.timers.running_off = 0;
    arg_temp_give(w, &key);
    return ok;
}

uint64_t timers_run_due(struct world *w, uint64_t until_ns) {
    uint64_t n = 0;
    for (;;) {
        struct record *r = first_due(w);
        struct place place;
        if (!r || r->due_ns > until_ns)
            break;
        r->armed = false;
        if (!find_place(w, r, &place)) {
            r->token = 0;
            continue;
        }
        if (w->st.clock_ns < r->due_ns)
            w->st.clock_ns = r->due_ns;
        if (!r->fn)
            continue;
        (void)world_clock(w);
        n++;
        if (!fire(w, r, &place))
            return n;
    }
    if (w->st.clock_ns < until_ns)
        w->st.clock_ns = until_ns;
    return n;
}

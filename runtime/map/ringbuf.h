/* ringbuf.h: ring buffer (programs write, user space reads) and user ring buffer (the other way
 * round).
 *
 * Positions count bytes since creation and never wrap; a record lies at its position modulo the
 * size: a header of 8 bytes (length with busy and discard bits in the world's byte order, map id)
 * and the data, rounded up to 8. A record that starts near the end runs on past it, into a second
 * area as large as the first, where Linux maps the first one again; so every record is contiguous.
 *
 * A reserved record may be accessed from reserve to submit or discard; its bytes are those of
 * earlier laps.
 *
 * Memory: twice max_entries, and 40.
 * Cost: reserve O(records committed since the last one, and the record's shadow); commit O(records
 * since the oldest busy one); output O(size).
 */
#ifndef BPFLAB_RUNTIME_MAP_RINGBUF_H
#define BPFLAB_RUNTIME_MAP_RINGBUF_H

#include "runtime/map.h"

#define RINGBUF_BUSY    (UINT32_C(1) << 31)
#define RINGBUF_DISCARD (UINT32_C(1) << 30)

enum {
    RINGBUF_HDR_BYTES = 8,
    RINGBUF_NO_WAKEUP = 1,
    RINGBUF_FORCE_WAKEUP = 2,
    RINGBUF_MAX_SAMPLES = 128 << 10,    /* that one drain looks at */
    RINGBUF_DYNPTR_MAX = (1 << 24) - 1, /* largest sample a drain hands out */
};

/* What ringbuf_query answers. */
enum {
    RINGBUF_AVAIL_DATA,
    RINGBUF_RING_SIZE,
    RINGBUF_CONS_POS,
    RINGBUF_PROD_POS,
};

/* ringbuf_is, user_ringbuf_is: is this map of the type? All other functions here want such maps. */
static inline bool ringbuf_is(const struct map *m) {
    return m->def.type == MAP_ringbuf;
}

static inline bool user_ringbuf_is(const struct map *m) {
    return m->def.type == MAP_user_ringbuf;
}

/* ringbuf_reserve: a record of n_bytes, busy and writable.
 * out: guest address of its data, 0 if it does not fit */
uint64_t ringbuf_reserve(struct world *w, struct map *m, uint64_t n_bytes);

/* ringbuf_reserved: the map of the reserved record whose data lies at addr.
 * out: NULL if there is no such record; *n_bytes (may be NULL): its size */
struct map *ringbuf_reserved(const struct world *w, uint64_t addr, uint32_t *n_bytes);

/* ringbuf_commit: submit or discard the reserved record at addr; flags as in Linux, others ignored.
 * out: 0; -EINVAL if addr is no reserved record (Linux's verifier lets nothing else through) */
int ringbuf_commit(struct world *w, uint64_t addr, uint64_t flags, bool discard);

/* ringbuf_output: reserve, copy, submit.
 * out: 0; -EINVAL (flags), -EAGAIN (does not fit) */
int ringbuf_output(struct world *w, struct map *m, const void *data, uint64_t n_bytes,
                   uint64_t flags);

/* ringbuf_query: a number of a ring; 0 for an unknown question. */
uint64_t ringbuf_query(const struct world *w, const struct map *m, uint64_t what);

/* ringbuf_wakeups: how often user space would have been woken since creation. */
uint64_t ringbuf_wakeups(const struct world *w, const struct map *m);

/* ringbuf_consume: user space reads every committed record up to the first busy one, skipping
 * discarded ones, and frees their space. fn returns false to stop after the record it was given.
 * out: records given to fn */
typedef bool ringbuf_fn(void *self, const void *data, uint32_t n_bytes);
uint32_t ringbuf_consume(struct world *w, struct map *m, ringbuf_fn *fn, void *self);

/* user_ringbuf_write: user space puts a sample in.
 * user_ringbuf_write_raw: the same with any header word, to test what a drain makes of it.
 * out: 0; -E2BIG (larger than the ring), -ENOSPC (full now) */
int user_ringbuf_write(struct world *w, struct map *m, const void *data, uint32_t n_bytes);
int user_ringbuf_write_raw(struct world *w, struct map *m, const void *data, uint32_t n_bytes,
                           uint32_t header);

/* A drain by a program: user_ringbuf_begin, then for each sample user_ringbuf_peek and
 * user_ringbuf_release, then user_ringbuf_end. */

/* user_ringbuf_begin: false if a drain is under way (-EBUSY). */
bool user_ringbuf_begin(struct world *w, struct map *m);

/* user_ringbuf_peek: the oldest sample: guest address of its data, which may be accessed until
 * release.
 * out: 0; -ENODATA (none, or the oldest is busy), -EAGAIN (a discarded one was skipped), -EINVAL,
 *      -E2BIG (malformed) */
int user_ringbuf_peek(struct world *w, struct map *m, uint64_t *addr, uint32_t *n_bytes);
void user_ringbuf_release(struct world *w, struct map *m, uint32_t n_bytes);

/* user_ringbuf_end: count the wakeup.
 * in: samples looked at, flags of the helper */
void user_ringbuf_end(struct world *w, struct map *m, uint32_t n_samples, uint64_t flags);

#endif

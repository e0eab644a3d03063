/* ringbuf.c: ring buffers: records reserved, submitted and discarded by programs, dynptrs over
 * them, and draining what user space wrote.
 */
#include "runtime/map/ringbuf.h"

#include "runtime/helper/arg.h"
#include "runtime/helper/dynptr.h"

static uint64_t reserve(struct world *w, struct map *m, uint64_t size) {
    const uint64_t addr = ringbuf_reserve(w, m, size);
    w->st.refs_held += addr != 0;
    return addr;
}

/* Submit or discard; what is no reserved record traps. */
static void commit(struct world *w, uint64_t addr, uint64_t flags, bool discard) {
    if (ringbuf_commit(w, addr, flags, discard))
        world_trap(w, addr ? RUN_TRAP_MEMORY : RUN_TRAP_NULL, addr);
    else if (w->st.refs_held)
        w->st.refs_held--;
}

uint64_t helper_ringbuf_output(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED1(r5);
    struct map *m = arg_map_of(w, r1, MAP_ringbuf);
    const void *data = m ? arg_read(w, r2, r3) : NULL;
    return data ? arg_int(ringbuf_output(w, m, data, r3, r4)) : 0;
}

uint64_t helper_ringbuf_reserve(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct map *m = arg_map_of(w, r1, MAP_ringbuf);
    return m && !r3 ? reserve(w, m, r2) : 0;
}

uint64_t helper_ringbuf_submit(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    commit(w, r1, r2, false);
    return 0;
}

uint64_t helper_ringbuf_discard(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    commit(w, r1, r2, true);
    return 0;
}

uint64_t helper_ringbuf_query(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                              struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    const struct map *m = arg_map_of(w, r1, MAP_ringbuf);
    return m ? ringbuf_query(w, m, r2) : 0;
}

uint64_t helper_ringbuf_reserve_dynptr(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                       uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const uint32_t size = (uint32_t)r2;
    struct map *m = arg_map_of(w, r1, MAP_ringbuf);
    uint8_t *p = m ? arg_write(w, r4, DYNPTR_BYTES) : NULL;
    if (!p)
        return 0;
    dynptr_clear(p);
    if (r3)
        return helper_err(LX_EINVAL);
    if (size > DYNPTR_MAX_SIZE)
        return helper_err(LX_E2BIG);
    const uint64_t addr = reserve(w, m, size);
    if (!addr)
        return helper_err(LX_EINVAL);
    dynptr_put(w, p, &(struct dynptr){.data = addr, .size = size, .type = DYNPTR_RINGBUF});
    return 0;
}

/* The end of a record's dynptr, which is empty if it could not be reserved. */
static void commit_dynptr(struct world *w, uint64_t addr, uint64_t flags, bool discard) {
    struct dynptr d;
    uint8_t *p = arg_write(w, addr, DYNPTR_BYTES);
    if (!p || !dynptr_get(w, addr, &d) || !d.data)
        return;
    commit(w, d.data, flags, discard);
    dynptr_clear(p);
}

uint64_t helper_ringbuf_submit_dynptr(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                      uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    commit_dynptr(w, r1, r2, false);
    return 0;
}

uint64_t helper_ringbuf_discard_dynptr(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                       uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    commit_dynptr(w, r1, r2, true);
    return 0;
}

/* struct drain: one bpf_user_ringbuf_drain under way. */
struct drain {
    struct map *m;
    uint64_t fn, ctx;
    struct arg_temp dynptr; /* that callbacks are handed */
    uint64_t n_discarded;
};

enum {
    LX_ECANCELED = 125 /* the callback had enough, or trapped */
};

/* Hand the oldest sample to the callback.
 * out: 0; -ENODATA where there is no more, -ECANCELED, or why the sample is malformed */
static int drain_one(struct world *w, struct drain *d) {
    uint64_t addr;
    uint32_t n_bytes;
    const int err = user_ringbuf_peek(w, d->m, &addr, &n_bytes);
    if (err == -LX_EAGAIN) {
        d->n_discarded++;
        return 0;
    }
    if (err)
        return err;
    dynptr_put(w, w->mem + d->dynptr.off,
               &(struct dynptr){.data = addr, .size = n_bytes, .type = DYNPTR_LOCAL});
    const uint64_t args[5] = {world_addr(d->dynptr.off), d->ctx};
    uint64_t r0;
    const bool ok = arg_call(w, d->fn, args, &r0);
    user_ringbuf_release(w, d->m, n_bytes);
    return ok && !r0 ? 0 : -LX_ECANCELED;
}

/* out: samples handed out, or what is wrong with one. The sample that made the callback stop
 * counts. */
uint64_t helper_user_ringbuf_drain(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                   struct world *w) {
    HELPER_UNUSED1(r5);
    struct drain d = {.m = arg_map_of(w, r1, MAP_user_ringbuf), .fn = r2, .ctx = r3};
    if (!d.m)
        return 0;
    if (r4 & ~(uint64_t)(RINGBUF_NO_WAKEUP | RINGBUF_FORCE_WAKEUP))
        return helper_err(LX_EINVAL);
    if (!user_ringbuf_begin(w, d.m))
        return helper_err(LX_EBUSY);
    if (!arg_temp_take(w, DYNPTR_BYTES, WORLD_READ, &d.dynptr)) {
        user_ringbuf_end(w, d.m, 0, RINGBUF_NO_WAKEUP);
        return helper_err(LX_ENOMEM);
    }
    uint32_t n = 0;
    int err = 0;
    while (n < RINGBUF_MAX_SAMPLES && !err) {
        err = drain_one(w, &d);
        n += !err || err == -LX_ECANCELED;
    }
    arg_temp_give(w, &d.dynptr);
    user_ringbuf_end(w, d.m, n, r4);
    return err && err != -LX_ENODATA && err != -LX_ECANCELED ? arg_int(err) : n - d.n_discarded;
}

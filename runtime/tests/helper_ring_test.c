/* helper_ring_test.c: ring buffers, dynptrs and perf events through helpers. */
#include "runtime/helper/dynptr.h"
#include "runtime/map/perf.h"
#include "runtime/map/ringbuf.h"
#include "runtime/tests/helper_bed.h"

/* What user space read. */
struct got {
    uint32_t n, n_bytes[16], cpu[16];
    uint8_t first[16];
    uint8_t data[16][64];
};

static bool take(void *self, const void *data, uint32_t n_bytes) {
    struct got *g = self;
    if (!CHECK(g->n < 16))
        return false;
    g->n_bytes[g->n] = n_bytes;
    memcpy(g->data[g->n], data, n_bytes < 64 ? n_bytes : 64);
    g->first[g->n] = n_bytes ? *(const uint8_t *)data : 0;
    g->n++;
    return true;
}

static bool take_cpu(void *self, uint32_t cpu, const void *data, uint32_t n_bytes) {
    struct got *g = self;
    if (g->n < 16)
        g->cpu[g->n] = cpu;
    return take(g, data, n_bytes);
}

static void test_output(struct world *w) {
    struct map *m = bed_map(w, MAP_ringbuf, 0, 0, 4096, 0);
    const uint64_t data = bed_mem(w, "0123456789", 10);
    struct got g = {0};
    CHECK_EQ(CALL2(w, ringbuf_query, m->handle, RINGBUF_RING_SIZE), 4096);
    CHECK_EQ(CALL2(w, ringbuf_query, m->handle, 77), 0);
    CHECK_EQ(CALL4(w, ringbuf_output, m->handle, data, 10, 0), 0);
    CHECK_EQ(CALL4(w, ringbuf_output, m->handle, data, 0, RINGBUF_NO_WAKEUP), 0);
    CHECK_EQ(CALL4(w, ringbuf_output, m->handle, data, 3, RINGBUF_FORCE_WAKEUP), 0);
    CHECK_EQ(CALL4(w, ringbuf_output, m->handle, data, 3, 4), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL2(w, ringbuf_query, m->handle, RINGBUF_AVAIL_DATA), 24 + 8 + 16);
    CHECK_EQ(CALL2(w, ringbuf_query, m->handle, RINGBUF_PROD_POS), 48);
    CHECK_EQ(ringbuf_wakeups(w, m), 2);
    CHECK_EQ(ringbuf_consume(w, m, take, &g), 3);
    CHECK(g.n_bytes[0] == 10 && g.n_bytes[1] == 0 && g.n_bytes[2] == 3);
    CHECK(!memcmp(g.data[0], "0123456789", 10));
    CHECK_EQ(CALL2(w, ringbuf_query, m->handle, RINGBUF_CONS_POS), 48);
    CHECK_CALM(w);
    const uint64_t large = bed_mem(w, NULL, 8192);
    CHECK_EQ(CALL4(w, ringbuf_output, m->handle, large, 4089, 0), ERRNO(LX_EAGAIN));
    CHECK_EQ(CALL4(w, ringbuf_output, m->handle, large, 4088, 0),
             ERRNO(LX_EAGAIN)); /* not quite all */
    CHECK_EQ(CALL4(w, ringbuf_output, m->handle, large, 4080, 0), 0);
    CHECK_EQ(CALL4(w, ringbuf_output, m->handle, large, 0, 0), ERRNO(LX_EAGAIN));
    CHECK_TRAP(w, CALL4(w, ringbuf_output, m->handle, data, 11, 0), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL4(w, ringbuf_output, bed_map(w, MAP_array, 4, 4, 1, 0)->handle, data, 1, 0),
               RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL2(w, ringbuf_query, 0, 0), RUN_TRAP_NULL);
}

static void test_reserve(struct world *w) {
    struct map *m = bed_map(w, MAP_ringbuf, 0, 0, 4096, 0);
    struct got g = {0};
    world_begin_run(w);
    CHECK_EQ(CALL3(w, ringbuf_reserve, m->handle, 8, 1), 0); /* flags */
    CHECK_EQ(CALL3(w, ringbuf_reserve, m->handle, 4096, 0), 0);
    CHECK_EQ(CALL3(w, ringbuf_reserve, m->handle, UINT64_MAX, 0), 0);
    const uint64_t a = CALL3(w, ringbuf_reserve, m->handle, 12, 0);
    const uint64_t b = CALL3(w, ringbuf_reserve, m->handle, 20, 0);
    const uint64_t c = CALL3(w, ringbuf_reserve, m->handle, 5, 0);
    CHECK_EQ(w->st.refs_held, 3);
    CHECK(world_check(w, a, 12, WORLD_RW) && !world_check(w, a, 13, WORLD_READ));
    memset(bed_host(w, a), 'a', 12);
    memset(bed_host(w, c), 'c', 5);
    CHECK_EQ(CALL2(w, ringbuf_submit, c, 0), 0);
    CHECK_EQ(ringbuf_consume(w, m, take, &g), 0); /* the first is still busy */
    CHECK_EQ(CALL2(w, ringbuf_discard, b, 0), 0);
    CHECK_EQ(CALL2(w, ringbuf_submit, a, 0), 0);
    CHECK_EQ(w->st.refs_held, 0);
    CHECK(!world_check(w, a, 1, WORLD_READ));
    CHECK_EQ(ringbuf_consume(w, m, take, &g), 2);
    CHECK(g.n_bytes[0] == 12 && g.first[0] == 'a' && g.n_bytes[1] == 5 && g.first[1] == 'c');
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL2(w, ringbuf_submit, a, 0), RUN_TRAP_MEMORY); /* twice */
    CHECK_TRAP(w, CALL2(w, ringbuf_discard, 0, 0), RUN_TRAP_NULL);
    CHECK_TRAP(w, CALL2(w, ringbuf_submit, m->handle, 0), RUN_TRAP_MEMORY);
    CHECK_EQ(w->st.refs_held, 0);
}

/* Many laps: every record comes out as it went in, in order. */
static void test_laps(struct world *w) {
    struct map *m = bed_map(w, MAP_ringbuf, 0, 0, 4096, 0);
    uint64_t seed = 4, n_in = 0;
    for (int i = 0; i < 3000; i++) {
        struct got g = {0};
        const uint64_t size = 1 + check_random(&seed) % 600;
        const uint64_t at = CALL3(w, ringbuf_reserve, m->handle, size, 0);
        if (!CHECK(at != 0))
            return;
        memset(bed_host(w, at), (int)(n_in & 255), size);
        const bool discard = check_random(&seed) % 4 == 0;
        if (discard)
            CALL2(w, ringbuf_discard, at, 0);
        else
            CALL2(w, ringbuf_submit, at, 0);
        CHECK_EQ(ringbuf_consume(w, m, take, &g), !discard);
        if (!discard)
            CHECK(g.n_bytes[0] == size && g.first[0] == (n_in & 255));
        n_in++;
    }
    CHECK_CALM(w);
}

static uint64_t dyn_word(struct world *w, uint64_t d) {
    return world_get32(w, (uint8_t *)bed_host(w, d) + 8);
}

static void test_dynptr_local(struct world *w) {
    const uint64_t d = bed_mem(w, NULL, 16), mem = bed_mem(w, "abcdefghij", 10);
    const uint64_t buf = bed_mem(w, NULL, 16), big = bed_mem(w, NULL, (1 << 24) + 8);
    CHECK_EQ(CALL4(w, dynptr_from_mem, mem, 10, 1, d), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, dynptr_from_mem, big, 1 << 24, 1, d), ERRNO(LX_E2BIG));
    CHECK_EQ(CALL5(w, dynptr_read, buf, 1, d, 0, 0), ERRNO(LX_EINVAL)); /* it is empty */
    CHECK_EQ(CALL5(w, dynptr_write, d, 0, buf, 1, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, dynptr_data, d, 0, 0), 0);
    CHECK_EQ(CALL4(w, dynptr_from_mem, big, (1 << 24) - 1, 0, d), 0);
    CHECK_EQ(dyn_word(w, d), (1u << 28) | 0xffffff);
    CHECK_EQ(CALL4(w, dynptr_from_mem, mem, 10, 0, d), 0);
    CHECK_EQ(world_get64(w, bed_host(w, d)), mem);
    CHECK_EQ(dyn_word(w, d), (1u << 28) | 10);
    CHECK_EQ(world_get32(w, (uint8_t *)bed_host(w, d) + 12), 0);
    CHECK_EQ(CALL5(w, dynptr_read, buf, 4, d, 6, 0), 0);
    CHECK(!memcmp(bed_host(w, buf), "ghij", 4));
    CHECK_EQ(CALL5(w, dynptr_read, buf, 4, d, 7, 0), ERRNO(LX_E2BIG));
    CHECK_EQ(CALL5(w, dynptr_read, buf, 11, d, 0, 0), ERRNO(LX_E2BIG));
    CHECK_EQ(CALL5(w, dynptr_read, buf, 4, d, UINT32_MAX - 1, 0), ERRNO(LX_E2BIG));
    CHECK_EQ(CALL5(w, dynptr_read, buf, 0, d, 10, 0), 0);
    CHECK_EQ(CALL5(w, dynptr_read, buf, 0, d, 11, 0), ERRNO(LX_E2BIG));
    CHECK_EQ(CALL5(w, dynptr_read, buf, 4, d, 0, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL5(w, dynptr_write, d, 2, mem, 8, 0), 0); /* they overlap */
    CHECK(!memcmp(bed_host(w, mem), "ababcdefgh", 10));
    CHECK_EQ(CALL5(w, dynptr_write, d, 3, buf, 8, 0), ERRNO(LX_E2BIG));
    CHECK_EQ(CALL5(w, dynptr_write, d, 0, buf, 1, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, dynptr_data, d, 3, 7), mem + 3);
    CHECK_EQ(CALL3(w, dynptr_data, d, 4, 7), 0);
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL4(w, dynptr_from_mem, mem, 11, 0, d), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL4(w, dynptr_from_mem, mem, 10, 0, mem), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL5(w, dynptr_read, buf, 1, d + 8, 0, 0), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL3(w, dynptr_data, 0, 0, 0), RUN_TRAP_NULL);
}

/* Bytes that no helper made: read-only, unknown types, memory that is not there. */
static void test_dynptr_forged(struct world *w) {
    const uint64_t d = bed_mem(w, NULL, 16), mem = bed_mem(w, "abcdefghij", 10);
    const uint64_t buf = bed_mem(w, "xyz", 3);
    struct dynptr v = {.data = mem, .size = 10, .type = DYNPTR_LOCAL, .rdonly = true}, back;
    dynptr_put(w, bed_host(w, d), &v);
    CHECK(dynptr_get(w, d, &back));
    CHECK(back.data == mem && back.size == 10 && back.rdonly && back.type == DYNPTR_LOCAL);
    CHECK_EQ(CALL5(w, dynptr_write, d, 0, buf, 1, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, dynptr_data, d, 0, 1), 0);
    CHECK_EQ(CALL5(w, dynptr_read, buf, 3, d, 0, 0), 0);
    v.type = DYNPTR_XDP, v.rdonly = false;
    dynptr_put(w, bed_host(w, d), &v);
    CHECK_EQ(CALL5(w, dynptr_write, d, 0, buf, 1, 0), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL5(w, dynptr_read, buf, 3, d, 0, 0), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL3(w, dynptr_data, d, 0, 1), 0);
    v.type = DYNPTR_LOCAL, v.offset = 4, v.size = 6;
    dynptr_put(w, bed_host(w, d), &v);
    CHECK_EQ(CALL3(w, dynptr_data, d, 2, 4), mem + 6);
    CHECK_CALM(w);
    v.size = 7;
    dynptr_put(w, bed_host(w, d), &v);
    const uint64_t out = bed_mem(w, NULL, 8);
    CHECK_TRAP(w, CALL5(w, dynptr_read, out, 7, d, 0, 0), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL5(w, dynptr_write, d, 0, out, 7, 0), RUN_TRAP_MEMORY);
    uint64_t seed = 8;
    for (int i = 0; i < 5000; i++) {
        for (int k = 0; k < 16; k++)
            ((uint8_t *)bed_host(w, d))[k] = (uint8_t)check_random(&seed);
        (void)CALL5(w, dynptr_read, out, 8, d, check_random(&seed) % 4, 0);
        (void)CALL5(w, dynptr_write, d, check_random(&seed) % 4, out, 8, 0);
        (void)CALL2(w, ringbuf_submit_dynptr, d, 0);
        const enum run_kind k = bed_trap(w);
        CHECK(k == RUN_EXIT || k == RUN_TRAP_MEMORY);
    }
}

static void test_dynptr_ringbuf(struct world *w) {
    struct map *m = bed_map(w, MAP_ringbuf, 0, 0, 4096, 0);
    const uint64_t d = bed_mem(w, NULL, 16), buf = bed_mem(w, "hello", 5);
    struct got g = {0};
    world_begin_run(w);
    memset(bed_host(w, d), 0xff, 16);
    CHECK_EQ(CALL4(w, ringbuf_reserve_dynptr, m->handle, 8, 1, d), ERRNO(LX_EINVAL));
    CHECK_EQ(world_get64(w, bed_host(w, d)), 0);
    CHECK_EQ(CALL4(w, ringbuf_reserve_dynptr, m->handle, 1 << 24, 0, d), ERRNO(LX_E2BIG));
    CHECK_EQ(CALL4(w, ringbuf_reserve_dynptr, m->handle, 4096, 0, d), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL2(w, ringbuf_submit_dynptr, d, 0), 0); /* an empty one */
    CHECK_EQ(w->st.refs_held, 0);
    CHECK_EQ(CALL4(w, ringbuf_reserve_dynptr, m->handle, 9, 0, d), 0);
    CHECK_EQ(w->st.refs_held, 1);
    CHECK_EQ(dyn_word(w, d), (2u << 28) | 9);
    CHECK_EQ(CALL5(w, dynptr_write, d, 4, buf, 5, 0), 0);
    const uint64_t at = CALL3(w, dynptr_data, d, 0, 9);
    if (CHECK(world_check(w, at, 9, WORLD_RW)))
        memcpy(bed_host(w, at), "abcd", 4);
    CHECK_EQ(CALL2(w, ringbuf_submit_dynptr, d, 0), 0);
    CHECK_EQ(world_get64(w, bed_host(w, d)), 0);
    CHECK_EQ(CALL4(w, ringbuf_reserve_dynptr, m->handle, 3, 0, d), 0);
    CHECK_EQ(CALL2(w, ringbuf_discard_dynptr, d, 0), 0);
    CHECK_EQ(w->st.refs_held, 0);
    CHECK_EQ(ringbuf_consume(w, m, take, &g), 1);
    CHECK(g.n_bytes[0] == 9 && !memcmp(g.data[0], "abcdhello", 9));
    CHECK_CALM(w);
}

/* What the callbacks of a drain read through their dynptr. */
static void read_sample(struct bed_program *p) {
    struct got *g = p->self;
    struct dynptr d;
    CHECK_EQ(p->args[1], 987);
    if (!CHECK(dynptr_get(p->w, p->args[0], &d)) || !CHECK(d.type == DYNPTR_LOCAL))
        return;
    CHECK(!world_check(p->w, p->args[0], 16, WORLD_WRITE));
    const uint64_t at = CALL3(p->w, dynptr_data, p->args[0], 0, d.size);
    if (CHECK(world_check(p->w, at, d.size, WORLD_READ)))
        take(g, bed_host(p->w, at), d.size);
    if (p->fn == 2) {
        uint64_t map;
        memcpy(&map, g->data[15], sizeof map);
        CHECK_EQ(CALL4(p->w, user_ringbuf_drain, map, 1, 987, 0), ERRNO(LX_EBUSY));
    }
}

static void test_drain(struct world *w) {
    struct map *m = bed_map(w, MAP_user_ringbuf, 0, 0, 4096, 0);
    struct got g = {0};
    struct bed_program p = {.body = read_sample, .self = &g};
    bed_install(w, &p);
    CHECK_EQ(CALL4(w, user_ringbuf_drain, m->handle, 1, 987, 4), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, user_ringbuf_drain, m->handle, 1, 987, 0), 0);
    CHECK_EQ(ringbuf_wakeups(w, m), 0);
    CHECK_EQ(user_ringbuf_write(w, m, "one", 3), 0);
    CHECK_EQ(user_ringbuf_write_raw(w, m, "discarded", 9, 9 | RINGBUF_DISCARD), 0);
    CHECK_EQ(user_ringbuf_write(w, m, "three", 5), 0);
    CHECK_EQ(CALL4(w, user_ringbuf_drain, m->handle, 1, 987, 0), 2);
    CHECK(g.n == 2 && g.n_bytes[0] == 3 && g.n_bytes[1] == 5);
    CHECK(!memcmp(g.data[0], "one", 3) && !memcmp(g.data[1], "three", 5));
    CHECK_EQ(ringbuf_wakeups(w, m), 1);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(user_ringbuf_write(w, m, "more", 4), 0);
    p.n_calls = 0, p.stop_at = 2;
    CHECK_EQ(CALL4(w, user_ringbuf_drain, m->handle, 1, 987, RINGBUF_NO_WAKEUP), 2);
    CHECK_EQ(ringbuf_wakeups(w, m), 1);
    p.n_calls = 0, p.stop_at = 0, p.trap_at = 2;
    CHECK_TRAP(w, CALL4(w, user_ringbuf_drain, m->handle, 1, 987, 0), RUN_TRAP_FUEL);
    p.trap_at = 0;
    CHECK_EQ(user_ringbuf_write(w, m, "nested", 6), 0);
    memcpy(g.data[15], &m->handle, 8);
    CHECK_EQ(CALL4(w, user_ringbuf_drain, m->handle, 2, 987, 0), 1);
    CHECK_EQ(user_ringbuf_write_raw(w, m, "busy", 4, 4 | RINGBUF_BUSY), 0);
    CHECK_EQ(CALL4(w, user_ringbuf_drain, m->handle, 1, 987, RINGBUF_FORCE_WAKEUP), 0);
    CHECK_CALM(w);
    struct map *bad = bed_map(w, MAP_user_ringbuf, 0, 0, 4096, 0);
    CHECK_EQ(user_ringbuf_write(w, bad, "good", 4), 0);
    CHECK_EQ(user_ringbuf_write_raw(w, bad, "long", 4, 4000), 0);
    CHECK_EQ(CALL4(w, user_ringbuf_drain, bad->handle, 1, 987, 0), ERRNO(LX_EINVAL));
    CHECK_TRAP(w, CALL4(w, user_ringbuf_drain, 8, 1, 987, 0), RUN_TRAP_MEMORY);
    w->callee.call = NULL;
}

static void test_perf(struct world *w) {
    struct map *m = bed_map(w, MAP_perf_event_array, 4, 4, 4, 0);
    const uint64_t data = bed_mem(w, "0123456789", 10);
    const uint64_t here = UINT32_MAX;
    struct got g = {0};
    w->st.ctx_type = PROG_kprobe;
    CHECK_EQ(CALL5(w, perf_event_output, 0, m->handle, here, data, 10), ERRNO(LX_ENOENT));
    perf_attach(w, m);
    CHECK_EQ(CALL5(w, perf_event_output, 0, m->handle, here, data, 10), 0);
    w->st.cpu = 2;
    CHECK_EQ(CALL5(w, perf_event_output, 0, m->handle, here, data, 4), 0);
    CHECK_EQ(CALL5(w, perf_event_output, 0, m->handle, 2, data, 0), 0);
    CHECK_EQ(CALL5(w, perf_event_output, 0, m->handle, 1, data, 4), ERRNO(LX_EOPNOTSUPP));
    CHECK_EQ(CALL5(w, perf_event_output, 0, m->handle, 4, data, 4), ERRNO(LX_E2BIG));
    CHECK_EQ(CALL5(w, perf_event_output, 0, m->handle, here | UINT64_C(3) << 32, data, 4),
             ERRNO(LX_EINVAL));
    CHECK_EQ(CALL2(w, perf_event_read, m->handle, here), 1000000);
    CHECK_EQ(CALL2(w, perf_event_read, m->handle, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL2(w, perf_event_read, m->handle, 9), ERRNO(LX_E2BIG));
    CHECK_EQ(CALL2(w, perf_event_read, m->handle, UINT64_C(1) << 32), ERRNO(LX_EINVAL));
    const uint64_t v = bed_mem(w, NULL, 24);
    memset(bed_host(w, v), 0xff, 24);
    CHECK_EQ(CALL4(w, perf_event_read_value, m->handle, 9, v, 24), ERRNO(LX_E2BIG));
    CHECK_EQ(world_get64(w, bed_host(w, v)), 0);
    CHECK_EQ(CALL4(w, perf_event_read_value, m->handle, here, v, 16), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, perf_event_read_value, m->handle, here, v, 24), 0);
    CHECK_EQ(world_get64(w, bed_host(w, v)), w->env->counter.value);
    CHECK_EQ(world_get64(w, (uint8_t *)bed_host(w, v) + 8), w->env->counter.enabled_ns);
    CHECK_EQ(world_get64(w, (uint8_t *)bed_host(w, v) + 16), w->env->counter.running_ns);
    CHECK_EQ(CALL3(w, perf_prog_read_value, 0, v, 24), 0);
    CHECK_EQ(CALL3(w, perf_prog_read_value, 0, v, 8), ERRNO(LX_EINVAL));
    CHECK_EQ(world_get64(w, bed_host(w, v)), 0);
    w->st.cpu = 0;
    CHECK_EQ(perf_consume(w, m, take_cpu, &g), 3);
    CHECK(g.n_bytes[0] == 10 && g.n_bytes[1] == 4 && g.n_bytes[2] == 0);
    CHECK(g.cpu[0] == 0 && g.cpu[1] == 2 && g.cpu[2] == 2);
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL5(w, perf_event_output, 0, m->handle, here, data, 11), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL5(w, perf_event_output, 0, data, here, data, 1), RUN_TRAP_MEMORY);
}

/* Programs on packets may add the packet's first bytes. */
static void test_perf_packet(struct world *w) {
    struct map *m = bed_map(w, MAP_perf_event_array, 4, 4, 4, 0);
    const uint64_t data = bed_mem(w, "meta", 4);
    struct got g = {0};
    perf_attach(w, m);
    CHECK_EQ(world_set_packet(w, (const uint8_t *)"packet", 6), BPFLAB_OK);
    w->st.ctx_type = PROG_xdp;
    const uint64_t here = UINT32_MAX;
    CHECK_EQ(CALL5(w, perf_event_output, 0, m->handle, here | UINT64_C(6) << 32, data, 4), 0);
    CHECK_EQ(CALL5(w, perf_event_output, 0, m->handle, here | UINT64_C(7) << 32, data, 4),
             ERRNO(LX_EFAULT));
    CHECK_EQ(CALL5(w, perf_event_output, 0, m->handle, here | UINT64_C(1) << 52, data, 4),
             ERRNO(LX_EINVAL));
    CHECK_EQ(perf_consume(w, m, take_cpu, &g), 1);
    CHECK(g.n_bytes[0] == 10 && !memcmp(g.data[0], "metapacket", 10));
    w->st.ctx_type = PROG_kprobe;
    CHECK_CALM(w);
}

static void test_branches(struct world *w) {
    const uint64_t buf = bed_mem(w, NULL, 48);
    CHECK_EQ(CALL3(w, get_branch_snapshot, buf, 48, 0), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL3(w, get_branch_snapshot, buf, 48, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, read_branch_records, 0, buf, 48, 1), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL4(w, read_branch_records, 0, buf, 48, 2), ERRNO(LX_EINVAL));
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        struct world *w = bed_world(big);
        test_output(w);
        test_reserve(w);
        test_laps(w);
        test_dynptr_local(w);
        test_dynptr_forged(w);
        test_dynptr_ringbuf(w);
        test_drain(w);
        test_perf(w);
        test_perf_packet(w);
        test_branches(w);
        world_free(w);
    }
    return check_end();
}

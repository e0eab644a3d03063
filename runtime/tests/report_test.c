/* report_test.c: reports against snapshots: equal worlds have equal reports and digests, every
 * planted difference changes both and has its name, and a report brought into a world makes its
 * memory equal; bytes that are no report harm nobody.
 */
#include "runtime/report.h"

#include <stdlib.h>

#include "runtime/netstate.h"
#include "runtime/tests/net_bed.h"

static struct world *make_world(void) {
    static const struct map_def defs[] = {
        {.name = (char *)(uintptr_t)"numbers",
         .type = MAP_array,
         .key_size = 4,
         .value_size = 8,
         .max_entries = 4},
        {.name = (char *)(uintptr_t)"table",
         .type = MAP_percpu_hash,
         .key_size = 6,
         .value_size = 3,
         .max_entries = 8},
    };
    const uint8_t packet[60] = {1};
    const uint64_t args[5] = {1, 2, 3};
    struct world *w;
    uint64_t r1;
    uint32_t id;
    if (!CHECK_EQ(world_new(NULL, &w), BPFLAB_OK))
        return NULL;
    for (int i = 0; i < 2; i++)
        CHECK_EQ(map_new(w, &defs[i], &id), 0);
    uint8_t key[6] = {1, 2, 3, 4, 5, 6}, value[64] = {9};
    CHECK_EQ(map_user_update(w, w->maps[1], key, value, MAP_ANY), 0);
    CHECK_EQ(world_set_packet(w, packet, sizeof packet), BPFLAB_OK);
    CHECK_EQ(ctx_setup(w, PROG_sched_cls, NULL, 0, &r1), BPFLAB_OK);
    CHECK(world_set_mem(w, packet, 20) != 0);
    world_trace_add(w, 7, 3, args, 3);
    return w;
}

/* A difference by name: between the world now and what it was. */
static void expect(struct world *w, const struct snapshot *s, const struct world_report *was,
                   const char *what) {
    struct world_report now;
    struct world_diff d;
    check_note(what);
    if (CHECK_EQ(report_make(w, true, &now), BPFLAB_OK)) {
        CHECK_EQ(report_digest(w, true), now.digest);
        CHECK(now.digest != was->digest);
        if (CHECK(!report_diff(w, was, &now, &d)))
            CHECK_STR(d.item[0].what, what);
        CHECK(!world_compare(w, s, true, NULL)); /* so says the other judge */
        report_fini(&now);
    }
    snapshot_restore(s, w);
    CHECK_EQ(report_digest(w, true), was->digest);
    check_note(NULL);
}

static void test_names(struct world *w, const struct snapshot *s, const struct world_report *was) {
    const uint64_t scratch = WORLD_SCRATCH_OFF + w->st.scratch_used - 24;
    uint8_t key[6] = {1, 2, 3, 4, 5, 7}, value[64] = {9};
    w->st.clock_ns++;
    expect(w, s, was, "clock");
    w->trace[0].args[1]++;
    expect(w, s, was, "call 0: argument 2");
    w->trace[0].result++;
    expect(w, s, was, "call 0: result");
    world_trace_add(w, 7, 0, (uint64_t[5]){0}, 0);
    expect(w, s, was, "call 1: in one only");
    w->mem[WORLD_CTX_OFF + 8]++;
    expect(w, s, was, "context byte 8");
    w->mem[WORLD_PKT_OFF + w->st.pkt.data + 12]++;
    expect(w, s, was, "packet byte 12");
    w->st.pkt.end--;
    net_pkt_changed(w);
    /* its length goes with it: the lowest of four bytes, in the world's order */
    expect(w, s, was, w->cfg.big_endian ? "context byte 3" : "context byte 0");
    char byte[40];
    snprintf(byte, sizeof byte, "scratch byte %u", (unsigned)(scratch + 3 - WORLD_SCRATCH_OFF));
    w->mem[scratch + 3]++;
    expect(w, s, was, byte);
    w->mem[WORLD_STACK_OFF + 8]++;
    expect(w, s, was, "stack byte 8");
    net_state_of(w)->csum = 5;
    expect(w, s, was, "network: checksum");
    net_sock_private(w, 0)->opt[3] = 5;
    expect(w, s, was, "socket 0: options");
    w->mem[w->maps[0]->value_off + 9]++;
    expect(w, s, was,
           w->cfg.big_endian ? "map numbers key 00000001 cpu 0 byte 1"
                             : "map numbers key 01000000 cpu 0 byte 1");
    CHECK_EQ(map_user_update(w, w->maps[1], key, value, MAP_ANY), 0);
    struct world_report now;
    CHECK_EQ(report_make(w, true, &now), BPFLAB_OK);
    CHECK(now.digest != was->digest && !report_diff(w, was, &now, NULL));
    report_fini(&now);
    snapshot_restore(s, w);
}

struct count {
    unsigned n, sum;
};

static bool count(void *self, const void *key, uint32_t cpu, const void *value, uint32_t n_bytes) {
    struct count *c = self;
    c->n++;
    c->sum += cpu * 100 + n_bytes + ((const uint8_t *)key)[0] + ((const uint8_t *)value)[0];
    return true;
}

static void test_entries(const struct world *w, const struct world_report *r) {
    for (uint32_t i = 0; i < w->st.n_maps; i++) {
        struct count a = {0}, b = {0};
        CHECK(map_for_each(w, w->maps[i], count, &a));
        CHECK(report_map_each(r, w->maps[i], count, &b));
        CHECK(a.n > 0);
        CHECK_EQ(b.n, a.n);
        CHECK_EQ(b.sum, a.sum);
    }
}

/* Into a world that has changed: all that programs may access is equal again. */
static void test_apply(struct world *w, const struct world_report *was) {
    uint64_t seed = 4;
    struct world_report now;
    for (int i = 0; i < 50; i++)
        w->mem[WORLD_STACK_OFF + check_random(&seed) % 500] ^= 3;
    w->mem[WORLD_PKT_OFF + w->st.pkt.data + 5] ^= 1;
    w->mem[WORLD_CTX_OFF + 8] ^= 1;
    w->st.clock_ns += 5;
    w->trace[0].result ^= 1;
    report_apply(was, w);
    CHECK_EQ(report_make(w, true, &now), BPFLAB_OK);
    CHECK_EQ(now.digest, was->digest);
    report_fini(&now);
}

/* Bytes that are no report, or part of one. */
static void test_damage(struct world *w, const struct world_report *was) {
    uint64_t seed = 9;
    struct world_diff d;
    for (int i = 0; i < 400; i++) {
        struct world_report r = {.n_bytes = check_random(&seed) % (was->n_bytes + 1)};
        r.bytes = malloc(r.n_bytes + 1);
        if (!CHECK(r.bytes != NULL))
            return;
        memcpy(r.bytes, was->bytes, r.n_bytes);
        for (uint64_t k = check_random(&seed) % 8; k && r.n_bytes; k--)
            r.bytes[check_random(&seed) % r.n_bytes] = (uint8_t)check_random(&seed);
        struct count c = {0};
        (void)report_map_each(&r, w->maps[1], count, &c);
        if (r.n_bytes < was->n_bytes)
            CHECK(!report_diff(w, was, &r, &d));
        report_apply(&r, w);
        report_fini(&r);
    }
}

/* A report that wants to write where no program may, and to change what no run does. */
static void test_hostile(struct world *w, const struct world_report *was) {
    const uint64_t secret = (uint64_t)((const uint8_t *)net_state_of(w) - w->mem);
    const uint32_t off = (uint32_t)(secret - WORLD_SCRATCH_OFF);
    const uint8_t bytes[4] = {w->mem[secret], w->mem[secret + 1]};
    uint8_t n_scratch = 0;
    struct report_item it;
    for (size_t at = 0; report_next(was, &at, &it);) {
        uint8_t *const head = was->bytes + (it.payload - was->bytes) - 16;
        if (it.kind == REPORT_STATE)
            memset(head + 16, 0xff, 8);
        if (it.kind == REPORT_BYTES && it.id >> 32 == REPORT_SCRATCH) {
            for (int i = 0; i < 4; i++)
                head[8 + i] = (uint8_t)(off >> 8 * i);
            memset(head + 16, bytes[0] ^ 0xff, it.n);
            n_scratch++;
        }
    }
    CHECK(n_scratch > 0);
    report_apply(was, w);
    CHECK_EQ(w->mem[secret], bytes[0]);
    CHECK_EQ(w->mem[secret + 1], bytes[1]);
    CHECK(w->st.cpu < w->cfg.n_cpus);
    CHECK(w->st.ctx_bytes <= WORLD_CTX_BYTES);
    CHECK_EQ(w->st.ctx_type, PROG_sched_cls);
    CHECK_EQ(w->st.refs_held, UINT32_MAX); /* it was applied */
}

int main(void) {
    struct world *w = make_world();
    struct snapshot *s = NULL;
    struct world_report was = {0};
    if (w && CHECK_EQ(snapshot_new(w, &s), BPFLAB_OK) &&
        CHECK_EQ(report_make(w, true, &was), BPFLAB_OK)) {
        CHECK_EQ(report_digest(w, true), was.digest);
        CHECK(report_diff(w, &was, &was, NULL));
        test_names(w, s, &was);
        test_entries(w, &was);
        test_apply(w, &was);
        test_damage(w, &was);
        test_hostile(w, &was);
    }
    report_fini(&was);
    snapshot_free(s);
    world_free(w);
    return check_end();
}

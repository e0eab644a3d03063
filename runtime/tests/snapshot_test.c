/* snapshot_test.c: snapshots against what was there: memory, maps that come and go, the network's
 * state, timers; and what differences are called.
 */
#include "runtime/snapshot.h"

#include "runtime/map.h"
#include "runtime/tests/net_bed.h"

static void scribble(struct world *w, uint64_t *seed) {
    uint8_t packet[300];
    for (size_t i = 0; i < sizeof packet; i++)
        packet[i] = (uint8_t)check_random(seed);
    CHECK_EQ(world_set_packet(w, packet, check_random(seed) % sizeof packet), BPFLAB_OK);
    w->st.clock_ns += check_random(seed) % 1000;
    world_random(w);
    for (int i = 0; i < 20; i++) {
        const uint64_t at = check_random(seed) % (w->cfg.max_frames * w->frame_stride);
        w->mem[WORLD_STACK_OFF + at] ^= 1;
        w->mem[WORLD_CTX_OFF + at % WORLD_CTX_BYTES] ^= 1;
    }
    if (world_set_mem(w, packet, 100))
        w->mem[WORLD_SCRATCH_OFF + 5] ^= 9;
    const uint64_t args[5] = {1, 2, 3, 4, check_random(seed)};
    world_trace_add(w, 6, 5, args, 7);
}

/* Save, change at random, restore: nothing differs; and a change of anything is a difference. */
static void test_snapshot(void) {
    struct world *w;
    if (!CHECK_EQ(world_new(NULL, &w), BPFLAB_OK))
        return;
    uint64_t seed = 5;
    struct world_diff d;
    for (int round = 0; round < 100; round++) {
        struct snapshot *s, *t;
        scribble(w, &seed);
        if (!CHECK_EQ(snapshot_new(w, &s), BPFLAB_OK))
            break;
        CHECK(world_compare(w, s, true, &d));
        scribble(w, &seed);
        CHECK(!world_compare(w, s, true, &d));
        snapshot_restore(s, w);
        CHECK(world_compare(w, s, true, &d));
        if (CHECK_EQ(snapshot_new(w, &t), BPFLAB_OK)) {
            CHECK(snapshot_diff(s, t, true, NULL));
            scribble(w, &seed);
            CHECK_EQ(snapshot_save(t, w), BPFLAB_OK);
            CHECK(!snapshot_diff(s, t, true, NULL));
            snapshot_restore(s, w);
            CHECK_EQ(snapshot_save(t, w), BPFLAB_OK);
            CHECK(snapshot_diff(s, t, true, NULL));
            snapshot_free(t);
        }
        snapshot_free(s);
    }
    world_free(w);
}

static void expect_diff(struct world *w, const struct snapshot *s, const char *what) {
    struct world_diff d;
    check_note(what);
    if (CHECK(!world_compare(w, s, true, &d)))
        CHECK_STR(d.item[0].what, what);
    snapshot_restore(s, w);
    CHECK(world_compare(w, s, true, &d));
    check_note(NULL);
}

static void test_diff_names(void) {
    struct world *w;
    struct snapshot *s;
    const uint8_t packet[60] = {1};
    const uint64_t args[5] = {1};
    if (!CHECK_EQ(world_new(NULL, &w), BPFLAB_OK))
        return;
    CHECK_EQ(world_set_packet(w, packet, sizeof packet), BPFLAB_OK);
    world_trace_add(w, 7, 1, args, 3);
    if (CHECK_EQ(snapshot_new(w, &s), BPFLAB_OK)) {
        w->mem[WORLD_PKT_OFF + w->st.pkt.data + 12] = 9;
        expect_diff(w, s, "packet byte 12");
        w->st.pkt.end--;
        expect_diff(w, s, "end of the packet");
        w->st.clock_ns++;
        expect_diff(w, s, "clock");
        w->trace[0].args[0] = 2;
        expect_diff(w, s, "call 0: argument 1");
        world_trace_add(w, 7, 1, args, 3);
        expect_diff(w, s, "number of helper calls");
        w->mem[WORLD_STACK_OFF + 8] = 1;
        expect_diff(w, s, "stack byte 8");
        snapshot_free(s);
    }
    world_free(w);
}

/* Maps vanish with an earlier snapshot and come back with a later one, whatever was made in their
 * place meanwhile. */
static void test_maps(void) {
    struct world *w = bed_world(false);
    struct snapshot *one, *two;
    const uint32_t key = 1, value = 77;
    bed_map(w, MAP_array, 4, 4, 4, 0);
    if (!CHECK_EQ(snapshot_new(w, &one), BPFLAB_OK))
        return;
    struct map *m = bed_map(w, MAP_hash, 4, 4, 4, 0);
    memcpy(m->name, "flows", 6);
    CHECK_EQ(m->ops->update(w, m, &key, &value, 0), 0);
    if (!CHECK_EQ(snapshot_new(w, &two), BPFLAB_OK))
        return;
    for (int round = 0; round < 2; round++) {
        snapshot_restore(one, w);
        CHECK_EQ(w->st.n_maps, 1);
        CHECK(!map_by_id(w, 1));
        CHECK(world_compare(w, one, true, NULL));
        if (round) /* another map under the same number */
            CHECK_EQ(bed_map(w, MAP_lpm_trie, 8, 8, 4, MAP_F_NO_PREALLOC)->id, 1);
        snapshot_restore(two, w);
        CHECK(world_compare(w, two, true, NULL));
        if (!CHECK((m = map_by_id(w, 1)) != NULL))
            return;
        CHECK_STR(m->def.name, "flows");
        CHECK_EQ(m->def.type, MAP_hash);
        const uint64_t off = map_lookup(w, m, &key);
        CHECK(off && !memcmp(w->mem + off, &value, sizeof value));
    }
    m->frozen = true;
    snapshot_restore(two, w);
    CHECK(!m->frozen);
    m->frozen = true;
    CHECK_EQ(snapshot_save(two, w), BPFLAB_OK);
    m->frozen = false;
    snapshot_restore(two, w);
    CHECK(m->frozen);
    snapshot_free(one);
    world_free(w);
    snapshot_free(two);
}

/* What programs cannot read, but leave behind: of the packet, of sockets, of timers. */
static void test_hidden(void) {
    struct world *w = net_world(false);
    struct snapshot *s;
    uint8_t packet[128];
    uint64_t seed = 1;
    const struct net_sock sock = {
        .family = NET_AF_INET, .type = NET_SOCK_STREAM, .protocol = NET_TCP, .state = TCP_LISTEN};
    CHECK_EQ(net_env_add_sock(w->env->net, &sock), 0);
    net_start(w, PROG_sched_cls, packet, frame(packet, false, NET_TCP, 20, &seed));
    if (!CHECK_EQ(snapshot_new(w, &s), BPFLAB_OK))
        return;
    struct net_state *st = net_state_of(w);
    st->csum_level = 2;
    expect_diff(w, s, "network: checksum level");
    st->assigned = 0;
    expect_diff(w, s, "network: assigned socket");
    st->tunnel.opts[251] = 1;
    expect_diff(w, s, "network: tunnel's options");
    st->nexthop.addr[15] = 1;
    expect_diff(w, s, "network: next hop's address");
    st->sysctl_new[4095] = 1;
    expect_diff(w, s, "network: new sysctl value");
    net_sock_private(w, 0)->refs++;
    expect_diff(w, s, "socket 0: references");
    net_sock_private(w, 0)->opt[3] = 4;
    expect_diff(w, s, "socket 0: options");
    net_sock_private(w, 0)->cc[15] = 4;
    expect_diff(w, s, "socket 0: congestion control");
    w->st.ctx_type = PROG_xdp;
    expect_diff(w, s, "type of the context");
    snapshot_free(s);
    world_free(w);
}

/* Armed or not: nothing that a program reads tells. */
static void test_timers(void) {
    struct world *w = bed_world(false);
    struct snapshot *s;
    const struct map *m = bed_map(w, MAP_array, 4, 16, 1, 0);
    const uint64_t timer = world_addr(m->value_off);
    CHECK_EQ(CALL3(w, timer_init, timer, m->handle, 1), 0);
    CHECK_EQ(CALL2(w, timer_set_callback, timer, world_code_addr(0, 5)), 0);
    CHECK_EQ(CALL3(w, timer_start, timer, 1000, 0), 0);
    world_begin_run(w);
    if (!CHECK_EQ(snapshot_new(w, &s), BPFLAB_OK))
        return;
    CHECK_EQ(CALL1(w, timer_cancel, timer), 1);
    world_begin_run(w);
    expect_diff(w, s, "timers that are set");
    CHECK_EQ(CALL2(w, timer_set_callback, timer, world_code_addr(0, 6)), 0);
    world_begin_run(w);
    expect_diff(w, s, "timers that are set");
    snapshot_free(s);
    world_free(w);
}

int main(void) {
    test_snapshot();
    test_diff_names();
    test_maps();
    test_hidden();
    test_timers();
    return check_end();
}

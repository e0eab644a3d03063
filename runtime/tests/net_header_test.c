/* net_header_test.c: header offsets that are negative, out of order or behind the packet: net_span
 * gives only what lies in the buffer, and no helper reads or writes elsewhere. */
#include "runtime/tests/net_bed.h"

enum {
    LITTLE_TAILROOM = 8,
    GUARD_BYTES = 256 /* looked at on both sides of the packet's buffer */
};

static void test_span(void) {
    struct world *w = net_world(false);
    uint8_t packet[64] = {0};
    CHECK_EQ(world_set_packet(w, packet, sizeof packet), BPFLAB_OK);
    struct world_packet *p = &w->st.pkt;
    p->hard_start = 16;
    const int64_t lo = p->hard_start, hi = p->end;
    for (int64_t at = lo - 20; at <= hi + 20; at++)
        for (uint64_t n = 0; n <= (uint64_t)(hi - lo) + 40; n += 7) {
            const bool in = at >= lo && at + (int64_t)n <= hi;
            CHECK(net_span(w, at, n) == (in ? w->mem + WORLD_PKT_OFF + at : NULL));
        }
    const int64_t far[] = {INT64_MIN, INT64_MAX, INT32_MIN, INT32_MAX, -1, UINT32_MAX};
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        CHECK(!net_span(w, far[i], 0));
        CHECK(!net_span(w, far[i], 1));
        CHECK(!net_span(w, far[i], UINT64_MAX));
        CHECK(!net_span(w, lo, UINT64_MAX - (uint64_t)i));
        CHECK(!net_span(w, hi, UINT64_MAX - (uint64_t)i));
    }
    world_free(w);
}

/* struct bed: a world whose packet lies between guard bytes. */
struct bed {
    struct world *w;
    uint64_t buf;
};

static void guard(struct world *w, uint8_t byte) {
    memset(w->mem + WORLD_PKT_OFF - GUARD_BYTES, byte, GUARD_BYTES);
    memset(net_pkt(w, w->st.pkt.limit), byte, GUARD_BYTES);
}

static bool guarded(const struct world *w, uint8_t byte) {
    for (uint32_t i = 0; i < GUARD_BYTES; i++)
        if (w->mem[WORLD_PKT_OFF - GUARD_BYTES + i] != byte ||
            net_pkt(w, w->st.pkt.limit)[i] != byte)
            return false;
    return true;
}

static struct bed start(bool big, const uint8_t *packet, uint32_t n) {
    struct world_config cfg;
    struct bed b;
    world_config_init(&cfg);
    cfg.big_endian = big;
    cfg.headroom_bytes = 24;
    cfg.tailroom_bytes = LITTLE_TAILROOM;
    if (world_new(&cfg, &b.w))
        exit(1);
    b.w->env->net = net_env_new();
    b.w->env->net->in.ip_summed = 2;
    b.buf = bed_mem(b.w, NULL, 64);
    net_start(b.w, PROG_sched_cls, packet, n);
    return b;
}

/* Every helper that goes by a header's place, once. */
static void call_all(const struct bed *b, uint64_t proto) {
    struct world *w = b->w;
    for (uint64_t from = 0; from < 2; from++)
        for (uint32_t off = 0; off < 80; off += 13)
            (void)CALL5(w, skb_load_bytes_relative, CTX_ADDR, off, b->buf, 20, from);
    (void)CALL1(w, skb_ecn_set_ce, CTX_ADDR);
    (void)CALL1(w, set_hash_invalid, CTX_ADDR);
    CHECK(CALL1(w, get_hash_recalc, CTX_ADDR) != 0);
    (void)CALL4(w, skb_adjust_room, CTX_ADDR, (uint64_t)-8, 0, 0);
    (void)CALL4(w, skb_adjust_room, CTX_ADDR, (uint64_t)-8, 1, 0);
    (void)CALL4(w, skb_adjust_room, CTX_ADDR, 4, 0, 0);
    (void)CALL4(w, skb_adjust_room, CTX_ADDR, 4, 1, 0);
    (void)CALL3(w, skb_change_proto, CTX_ADDR, proto, 0);
    (void)CALL3(w, skb_vlan_push, CTX_ADDR, 0, 1);
    (void)CALL3(w, skb_vlan_push, CTX_ADDR, 0, 2);
    (void)CALL1(w, skb_vlan_pop, CTX_ADDR);
    (void)CALL3(w, skb_change_tail, CTX_ADDR, 30, 0);
    (void)CALL5(w, check_mtu, CTX_ADDR, 0, b->buf, 0, 1);
    (void)CALL3(w, clone_redirect, CTX_ADDR, 2, 0);
    CHECK_CALM(w);
}

static void test_places(bool big, bool v6) {
    static const int32_t places[] = {-2 * WORLD_PKT_BYTES,
                                     -70000,
                                     -200,
                                     -5,
                                     -1,
                                     0,
                                     3,
                                     24,
                                     37,
                                     60,
                                     89,
                                     90,
                                     99,
                                     200,
                                     WORLD_PKT_BYTES,
                                     2 * WORLD_PKT_BYTES};
    enum {
        N = sizeof places / sizeof places[0]
    };
    uint8_t packet[128];
    uint64_t seed = 5;
    const uint32_t n = frame(packet, v6, NET_UDP, 12, &seed);
    for (uint32_t i = 0; i < N; i++)
        for (uint32_t k = 0; k < N; k++) {
            const struct bed b = start(big, packet, n);
            struct net_state *st = net_state_of(b.w);
            st->mac = k & 1 ? (int32_t)b.w->st.pkt.data : places[k];
            st->network = places[i];
            st->transport = places[k];
            ctx_put32(b.w, CTX_sk_buff_gso_size, k & 2 ? 1400 : 0);
            guard(b.w, 0x5a);
            call_all(&b, be16_in(b.w, v6 ? 0x0800 : 0x86dd));
            CHECK(guarded(b.w, 0x5a));
            world_free(b.w);
        }
}

/* A second tag needs the two addresses that it goes behind. */
static void test_short_frame(bool big) {
    uint8_t packet[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    for (uint32_t n = 0; n <= sizeof packet; n++) {
        const struct bed b = start(big, packet, n);
        guard(b.w, 0x5a);
        CHECK_EQ(CALL3(b.w, skb_vlan_push, CTX_ADDR, 0, 1), 0);
        CHECK_EQ(CALL3(b.w, skb_vlan_push, CTX_ADDR, 0, 2), n < 12 ? ERRNO(LX_ENOMEM) : 0);
        CHECK_EQ(net_pkt_len(b.w), n < 12 ? n : n + 4);
        CHECK_EQ(ctx_get32(b.w, CTX_sk_buff_vlan_tci), n < 12 ? 1 : 2);
        CHECK(guarded(b.w, 0x5a));
        world_free(b.w);
    }
}

/* A header that the end of the packet cuts is left alone. */
static void test_ecn_cut(void) {
    uint8_t packet[128];
    uint64_t seed = 6;
    const uint32_t n = frame(packet, false, NET_UDP, 12, &seed);
    const struct bed b = start(false, packet, n);
    struct net_state *st = net_state_of(b.w);
    memcpy(pkt_host(b.w) + n - 10, "\x45\x01", 2); /* ECT(1), and the packet ends */
    st->network = (int32_t)(b.w->st.pkt.end - 10);
    CHECK_EQ(CALL1(b.w, skb_ecn_set_ce, CTX_ADDR), 0);
    CHECK_EQ(pkt_host(b.w)[n - 9], 1);
    world_free(b.w);
}

/* A flow dissector's offsets are 16 bits wide, however long the packet is. */
static void test_dissector(void) {
    static uint8_t packet[70000];
    struct world *w = net_world(false);
    const uint64_t buf = bed_mem(w, NULL, 4);
    net_start(w, PROG_flow_dissector, packet, sizeof packet);
    CHECK_EQ(CALL4(w, skb_load_bytes, CTX_ADDR, 0xffff, buf, 4), 0);
    CHECK_EQ(CALL4(w, skb_load_bytes, CTX_ADDR, 0x10000, buf, 4), ERRNO(LX_EFAULT));
    net_start(w, PROG_sched_cls, packet, sizeof packet);
    CHECK_EQ(CALL4(w, skb_load_bytes, CTX_ADDR, 0x10000, buf, 4), 0);
    CHECK_CALM(w);
    world_free(w);
}

int main(void) {
    test_span();
    for (int big = 0; big < 2; big++) {
        test_places(big, false);
        test_places(big, true);
        test_short_frame(big);
    }
    test_ecn_cut();
    test_dissector();
    return check_end();
}

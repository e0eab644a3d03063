/* net_skb_test.c: helpers that read, write and reshape an skb, and its checksums: exact results,
 * errors that change nothing, and properties over random packets; in worlds of both byte orders. */
#include "runtime/tests/net_bed.h"

static uint64_t c32(const struct world *w, uint32_t off) {
    return ctx_get32(w, off);
}

/* htons: the number that a program on this machine passes for a network-order one. */
static uint64_t htons_(bool big, uint16_t v) {
    return big ? v : __builtin_bswap16(v);
}

static void test_bytes(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[300], zero[64] = {0};
    uint64_t seed = 1;
    const uint32_t n = frame(packet, false, NET_UDP, 100, &seed);
    const uint64_t buf = bed_mem(w, NULL, 64);
    net_start(w, PROG_sched_cls, packet, n);
    for (uint32_t off = 0; off < n + 4; off += 3)
        for (uint32_t len = 1; len <= 64; len += 7) {
            const bool in = off + len <= n;
            memset(bed_host(w, buf), 0xee, 64);
            CHECK_EQ(CALL4(w, skb_load_bytes, CTX_ADDR, off, buf, len), in ? 0 : ERRNO(LX_EFAULT));
            CHECK(!memcmp(bed_host(w, buf), in ? packet + off : zero, len));
            CHECK_EQ(CALL5(w, skb_load_bytes_relative, CTX_ADDR, off, buf, len, 0),
                     in ? 0 : ERRNO(LX_EFAULT));
            const bool in_l3 = off + 14 + len <= n;
            CHECK_EQ(CALL5(w, skb_load_bytes_relative, CTX_ADDR, off, buf, len, 1),
                     in_l3 ? 0 : ERRNO(LX_EFAULT));
            CHECK(!memcmp(bed_host(w, buf), in_l3 ? packet + off + 14 : zero, len));
        }
    CHECK_EQ(CALL4(w, skb_load_bytes, CTX_ADDR, UINT32_MAX, buf, 4), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL4(w, skb_load_bytes, CTX_ADDR, UINT64_C(1) << 32, buf, 4), 0); /* a u32 */
    CHECK_EQ(CALL5(w, skb_load_bytes_relative, CTX_ADDR, 0x10000, buf, 4, 0), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL5(w, skb_load_bytes_relative, CTX_ADDR, 0, buf, 4, 2), ERRNO(LX_EFAULT));
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL4(w, skb_load_bytes, 0, 0, buf, 4), RUN_TRAP_NULL);
    CHECK_TRAP(w, CALL4(w, skb_load_bytes, buf, 0, buf, 4), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL4(w, skb_load_bytes, CTX_ADDR, 0, buf, 65), RUN_TRAP_MEMORY);

    memcpy(bed_host(w, buf), "abcdefgh", 8);
    CHECK_EQ(CALL5(w, skb_store_bytes, CTX_ADDR, n - 8, buf, 8, 0), 0);
    memcpy(packet + n - 8, "abcdefgh", 8);
    CHECK(pkt_is(w, packet, n));
    CHECK_EQ(CALL5(w, skb_store_bytes, CTX_ADDR, n - 7, buf, 8, 0), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL5(w, skb_store_bytes, CTX_ADDR, 0, buf, 8, 4), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL5(w, skb_store_bytes, CTX_ADDR, UINT32_MAX, buf, 8, 0), ERRNO(LX_EFAULT));
    CHECK(pkt_is(w, packet, n));
    CHECK_EQ(CALL2(w, skb_pull_data, CTX_ADDR, 0), 0);
    CHECK_EQ(CALL2(w, skb_pull_data, CTX_ADDR, n), 0);
    CHECK_EQ(CALL2(w, skb_pull_data, CTX_ADDR, n + 1), ERRNO(LX_ENOMEM));

    const uint64_t hash = CALL1(w, get_hash_recalc, CTX_ADDR);
    CHECK(hash != 0);
    CHECK_EQ(CALL1(w, get_hash_recalc, CTX_ADDR), hash);
    CHECK_EQ(c32(w, CTX_sk_buff_hash), hash);
    net_put16(bed_host(w, buf), 1001);
    CHECK_EQ(CALL5(w, skb_store_bytes, CTX_ADDR, 34, buf, 2, 0), 0);
    CHECK_EQ(CALL1(w, get_hash_recalc, CTX_ADDR), hash); /* kept until made invalid */
    CHECK_EQ(CALL5(w, skb_store_bytes, CTX_ADDR, 34, buf, 2, 2), 0);
    CHECK_EQ(c32(w, CTX_sk_buff_hash), 0);
    CHECK(CALL1(w, get_hash_recalc, CTX_ADDR) != hash);
    CHECK_EQ(CALL2(w, set_hash, CTX_ADDR, UINT64_C(0x500000007)), 0);
    CHECK_EQ(CALL1(w, get_hash_recalc, CTX_ADDR), 7);
    CHECK_EQ(CALL1(w, set_hash_invalid, CTX_ADDR), 0);
    CHECK(CALL1(w, get_hash_recalc, CTX_ADDR) != 7);
    world_free(w);
}

/* The flow hash is the same in both orders, and another for each of many flows. */
static void test_hash(void) {
    uint8_t packet[100];
    uint64_t seed = 9, seen[200];
    struct world *le = net_world(false), *be = net_world(true);
    const uint32_t n = frame(packet, true, NET_TCP, 0, &seed);
    for (uint32_t i = 0; i < 200; i++) {
        net_put16(packet + 54, (uint16_t)(i * 7));
        net_start(le, PROG_sched_cls, packet, n);
        net_start(be, PROG_sched_cls, packet, n);
        seen[i] = CALL1(le, get_hash_recalc, CTX_ADDR);
        CHECK_EQ(seen[i], CALL1(be, get_hash_recalc, CTX_ADDR));
        for (uint32_t k = 0; k < i; k++)
            CHECK(seen[k] != seen[i]);
    }
    world_free(le);
    world_free(be);
}

static void test_head_tail(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[600] = {0}, grown[600] = {0};
    uint64_t seed = 2;
    const uint32_t n = frame(packet, false, NET_TCP, 50, &seed);
    net_start(w, PROG_sched_cls, packet, n);
    const uint32_t head = w->st.pkt.data, tail = w->st.pkt.limit - w->st.pkt.end;
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, n + 20, 0), 0);
    memcpy(grown, packet, n);
    CHECK(pkt_is(w, grown, n + 20));
    CHECK(pkt_shown(w, true));
    CHECK_EQ(c32(w, CTX_sk_buff_len), n + 20);
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, n, 0), 0);
    CHECK(pkt_is(w, packet, n));
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, n, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, 13, 0),
             ERRNO(LX_EINVAL)); /* inside the MAC header */
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, n + tail + 1, 0), ERRNO(LX_ENOMEM));
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, 16065, 0), ERRNO(LX_EINVAL)); /* four pages */
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, 16064, 0), ERRNO(LX_ENOMEM));
    CHECK(pkt_is(w, packet, n));
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, n + tail, 0), 0);
    CHECK(pkt_shown(w, true));
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, 14, 0), 0);
    CHECK(pkt_is(w, packet, 14));

    net_start(w, PROG_lwt_xmit, packet, n);
    CHECK_EQ(CALL3(w, skb_change_head, CTX_ADDR, 14, 0), 0);
    memset(grown, 0, 14);
    memcpy(grown + 14, packet + 14, n - 14);
    CHECK(pkt_is(w, grown, n));
    CHECK_EQ(CALL3(w, skb_change_head, CTX_ADDR, head + 1, 0), ERRNO(LX_ENOMEM));
    CHECK_EQ(CALL3(w, skb_change_head, CTX_ADDR, 4, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, skb_change_head, CTX_ADDR, UINT32_MAX, 0), ERRNO(LX_EINVAL)); /* wraps */
    CHECK(pkt_is(w, grown, n));
    CHECK_EQ(CALL3(w, skb_change_head, CTX_ADDR, head, 0), 0);
    CHECK_EQ(w->st.pkt.data, 0);
    CHECK_EQ(c32(w, CTX_sk_buff_len), n + head);

    CHECK_EQ(CALL2(w, skb_change_type, CTX_ADDR, 3), 0);
    CHECK_EQ(c32(w, CTX_sk_buff_pkt_type), 3);
    CHECK_EQ(CALL2(w, skb_change_type, CTX_ADDR, 4), ERRNO(LX_EINVAL));
    CHECK_EQ(c32(w, CTX_sk_buff_pkt_type), 3);
    world_free(w);
}

/* adjust_room: n zero bytes at the right place; back again gives the packet that was. */
static void test_room(bool big) {
    static const uint32_t sizes[] = {1, 4, 8, 20, 40, 100};
    uint8_t packet[400], want[500];
    uint64_t seed = 3;
    for (int v6 = 0; v6 < 2; v6++)
        for (uint64_t mode = 0; mode < 2; mode++)
            for (uint32_t i = 0; i < 6; i++) {
                struct world *w = net_world(big);
                const uint32_t n = frame(packet, v6, NET_TCP, 60, &seed), by = sizes[i];
                const uint32_t at = mode ? 14 : v6 ? FRAME_V6 : FRAME_V4;
                net_start(w, PROG_sched_cls, packet, n);
                CHECK_EQ(CALL4(w, skb_adjust_room, CTX_ADDR, by, mode, 0), 0);
                memcpy(want, packet, at);
                memset(want + at, 0, by);
                memcpy(want + at + by, packet + at, n - at);
                CHECK(pkt_is(w, want, n + by));
                CHECK(pkt_shown(w, true));
                CHECK_EQ(c32(w, CTX_sk_buff_len), n + by);
                CHECK_EQ(CALL4(w, skb_adjust_room, CTX_ADDR, (uint64_t)-(int64_t)by, mode, 0), 0);
                CHECK(pkt_is(w, packet, n));
                world_free(w);
            }
}

#define ROOM(diff, mode, flags)                                                                    \
    CALL4(w, skb_adjust_room, CTX_ADDR, (uint64_t)(int64_t)(diff), mode, flags)

static void test_room_flags(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[400];
    uint64_t seed = 4;
    const uint32_t n = frame(packet, false, NET_TCP, 100, &seed);
    net_start(w, PROG_sched_cls, packet, n);
    CHECK_EQ(ROOM(4, 0, 1 << 9), ERRNO(LX_EINVAL));
    CHECK_EQ(ROOM(0x1000, 0, 0), ERRNO(LX_EFAULT));
    CHECK_EQ(ROOM(-0x1000, 0, 0), ERRNO(LX_EFAULT));
    CHECK_EQ(ROOM(INT32_MIN, 0, 0), ERRNO(LX_EFAULT));
    CHECK_EQ(ROOM(4, 2, 0), ERRNO(LX_ENOTSUPP));
    CHECK_EQ(ROOM(0xfff, 0, 0), ERRNO(LX_ENOMEM));
    CHECK_EQ(ROOM(-(int)(n - 14 - 19), 1, 0),
             ERRNO(LX_ENOTSUPP)); /* less than an IP header stays */
    CHECK_EQ(ROOM(-(int)n, 1, 0), ERRNO(LX_ENOTSUPP));
    CHECK_EQ(ROOM(20, 1, 2 | 4), ERRNO(LX_EINVAL));      /* encapsulation in IPv4 and 6 */
    CHECK_EQ(ROOM(28, 1, 2 | 8 | 16), ERRNO(LX_EINVAL)); /* GRE and UDP */
    CHECK_EQ(ROOM(28, 1, 2 | 64), ERRNO(LX_EINVAL));     /* inner Ethernet without room for it */
    CHECK_EQ(ROOM(20, 1, 2 | UINT64_C(21) << 56),
             ERRNO(LX_EINVAL));                   /* inner header larger than growth */
    CHECK_EQ(ROOM(20, 1, 128), ERRNO(LX_EINVAL)); /* decapsulation that grows */
    CHECK_EQ(ROOM(-20, 1, 128 | 256), ERRNO(LX_EINVAL));
    CHECK_EQ(ROOM(-20, 1, 2), ERRNO(LX_EINVAL)); /* encapsulation that shrinks */
    CHECK(pkt_is(w, packet, n));
    /* VXLAN in IPv6 and out again: the protocol follows the outer header */
    CHECK_EQ(ROOM(70, 1, 4 | 16 | 64 | UINT64_C(14) << 56), 0);
    CHECK_EQ(c32(w, CTX_sk_buff_protocol), htons_(big, 0x86dd));
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, n, 0), ERRNO(LX_ENOTSUPP)); /* in a tunnel */
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, 53, 0), ERRNO(LX_EINVAL));  /* its headers */
    CHECK_EQ(ROOM(20, 1, 2), ERRNO(LX_EALREADY));
    CHECK_EQ(ROOM(-70, 1, 128), 0);
    CHECK_EQ(c32(w, CTX_sk_buff_protocol), htons_(big, 0x0800));
    CHECK(pkt_is(w, packet, n));
    world_free(w);
}

static void test_room_others(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[400];
    uint64_t seed = 4;
    const uint32_t n = frame(packet, false, NET_TCP, 100, &seed);
    /* GSO: segments shrink as headers grow, unless that is fixed */
    w->env->net->in.gso_size = 1400;
    w->env->net->in.gso_segs = 3;
    net_start(w, PROG_sched_cls, packet, n);
    CHECK_EQ(ROOM(20, 0, 0), 0);
    CHECK_EQ(c32(w, CTX_sk_buff_gso_size), 1380);
    CHECK_EQ(c32(w, CTX_sk_buff_gso_segs), 0);
    CHECK_EQ(ROOM(-20, 0, 1), 0);
    CHECK_EQ(c32(w, CTX_sk_buff_gso_size), 1380);
    /* not IP */
    net_put16(packet + 12, 0x0806);
    net_start(w, PROG_sched_cls, packet, n);
    CHECK_EQ(ROOM(4, 0, 0), ERRNO(LX_ENOTSUPP));
    /* stream payload */
    frame(packet, false, NET_TCP, 100, &seed);
    net_start(w, PROG_sk_skb, packet, n);
    CHECK_EQ(ROOM(4, 0, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(ROOM(4, 1, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(ROOM(-101, 0, 0), ERRNO(LX_ENOMEM));
    CHECK_EQ(ROOM(-40, 0, 0), 0);
    CHECK(pkt_is(w, packet + 94, 60));
    CHECK_EQ(ROOM(4, 0, 0), 0);
    CHECK(!net_get32(pkt_host(w)) && net_pkt_len(w) == 64);
    world_free(w);
}

static void test_proto(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[300], want[300];
    uint64_t seed = 5;
    const uint32_t n = frame(packet, false, NET_UDP, 33, &seed);
    const uint64_t ip4 = htons_(big, 0x0800), ip6 = htons_(big, 0x86dd);
    net_start(w, PROG_sched_cls, packet, n);
    CHECK_EQ(CALL3(w, skb_change_proto, CTX_ADDR, ip6, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, skb_change_proto, CTX_ADDR, ip4, 0), ERRNO(LX_ENOTSUPP));
    CHECK_EQ(CALL3(w, skb_change_proto, CTX_ADDR, htons_(!big, 0x86dd), 0), ERRNO(LX_ENOTSUPP));
    CHECK_EQ(CALL3(w, skb_change_proto, CTX_ADDR, ip6, 0), 0);
    memcpy(want, packet, 14);
    memset(want + 14, 0, 20);
    memcpy(want + 34, packet + 14, n - 14);
    CHECK(pkt_is(w, want, n + 20));
    CHECK_EQ(c32(w, CTX_sk_buff_protocol), ip6);
    CHECK_EQ(CALL3(w, skb_change_proto, CTX_ADDR, ip4, 0), 0);
    CHECK(pkt_is(w, packet, n));
    CHECK_EQ(c32(w, CTX_sk_buff_protocol), ip4);
    world_free(w);
}

/* Tags pushed and popped: the first stays beside the packet, more go into it; all comes back. */
static void test_vlan(bool big) {
    uint8_t packet[300], want[300];
    uint64_t seed = 6;
    for (uint32_t depth = 1; depth <= 5; depth++) {
        struct world *w = net_world(big);
        const uint32_t n = frame(packet, depth & 1, NET_TCP, 20, &seed);
        net_start(w, PROG_sched_cls, packet, n);
        const uint64_t proto = c32(w, CTX_sk_buff_protocol);
        for (uint32_t i = 0; i < depth; i++)
            CHECK_EQ(
                CALL3(w, skb_vlan_push, CTX_ADDR, htons_(big, i & 1 ? 0x88a8 : 0x8100), 100 + i),
                0);
        CHECK_EQ(net_pkt_len(w), n + 4 * (depth - 1));
        CHECK_EQ(c32(w, CTX_sk_buff_vlan_present), 1);
        CHECK_EQ(c32(w, CTX_sk_buff_vlan_tci), 99 + depth);
        memcpy(want, packet, 12);
        for (uint32_t i = 0; i + 1 < depth; i++) { /* the one pushed last but one is outermost */
            net_put16(want + 12 + 4 * i, (depth - 2 - i) & 1 ? 0x88a8 : 0x8100);
            net_put16(want + 14 + 4 * i, (uint16_t)(100 + depth - 2 - i));
        }
        memcpy(want + 12 + 4 * (depth - 1), packet + 12, n - 12);
        CHECK(pkt_is(w, want, n + 4 * (depth - 1)));
        for (uint32_t i = depth; i-- > 0;) {
            CHECK_EQ(CALL1(w, skb_vlan_pop, CTX_ADDR), 0);
            CHECK_EQ(c32(w, CTX_sk_buff_vlan_present), i != 0);
            CHECK_EQ(c32(w, CTX_sk_buff_vlan_tci), i ? 99 + i : 0);
        }
        CHECK(pkt_is(w, packet, n));
        CHECK_EQ(c32(w, CTX_sk_buff_protocol), proto);
        CHECK_EQ(CALL1(w, skb_vlan_pop, CTX_ADDR), 0); /* nothing to pop is no error */
        CHECK(pkt_is(w, packet, n));
        CHECK_EQ(CALL3(w, skb_vlan_push, CTX_ADDR, 0x1234, 5), 0); /* not a VLAN protocol: 802.1Q */
        CHECK_EQ(c32(w, CTX_sk_buff_vlan_proto), htons_(big, 0x8100));
        world_free(w);
    }
    struct world *w = net_world(big); /* no headroom left for a second tag */
    const uint32_t n = frame(packet, false, NET_TCP, 20, &seed);
    net_start(w, PROG_sched_cls, packet, n);
    CHECK_EQ(CALL3(w, skb_change_head, CTX_ADDR, w->st.pkt.data, 0), 0);
    CHECK_EQ(CALL3(w, skb_vlan_push, CTX_ADDR, htons_(big, 0x8100), 1), 0);
    CHECK_EQ(CALL3(w, skb_vlan_push, CTX_ADDR, htons_(big, 0x8100), 2), ERRNO(LX_ENOMEM));
    CHECK_EQ(c32(w, CTX_sk_buff_vlan_tci), 1);
    world_free(w);
}

/* l3_csum_replace and l4_csum_replace leave what computing anew leaves. */
static void test_replace(bool big) {
    uint8_t packet[600];
    uint64_t seed = 7;
    for (uint32_t round = 0; round < 300; round++) {
        struct world *w = net_world(big);
        const bool v6 = round & 1;
        const uint8_t l4 = round & 2 ? NET_TCP : NET_UDP;
        const uint32_t n = frame(packet, v6, l4, (uint32_t)(check_random(&seed) % 200), &seed);
        const uint32_t ip = 14, th = v6 ? FRAME_V6 : FRAME_V4, sum = th + (l4 == NET_TCP ? 16 : 6);
        const uint32_t port_new = (uint32_t)check_random(&seed) & 0xffff;
        const uint64_t buf = bed_mem(w, NULL, 16);
        uint8_t *host = bed_host(w, buf);
        net_start(w, PROG_sched_cls, packet, n);
        /* a port: two bytes */
        const uint64_t old_port = world_get16(w, packet + th);
        net_put16(host, (uint16_t)port_new);
        const uint64_t new_port = world_get16(w, host);
        CHECK_EQ(CALL5(w, l4_csum_replace, CTX_ADDR, sum, old_port, new_port, 2), 0);
        CHECK_EQ(CALL5(w, skb_store_bytes, CTX_ADDR, th, buf, 2, 0), 0);
        CHECK_EQ(l4_sum(pkt_host(w) + ip, n - th), 0xffff);
        /* an address: four bytes, in the pseudo header; in IPv4 in the header's own sum as well */
        const uint32_t at = v6 ? ip + 36 : ip + 12;
        const uint64_t old_addr = world_get32(w, packet + at);
        net_put32(host, (uint32_t)check_random(&seed));
        const uint64_t new_addr = world_get32(w, host);
        if (round & 4) {
            CHECK_EQ(CALL5(w, l4_csum_replace, CTX_ADDR, sum, old_addr, new_addr, 4 | 16), 0);
            if (!v6)
                CHECK_EQ(CALL5(w, l3_csum_replace, CTX_ADDR, 24, old_addr, new_addr, 4), 0);
        } else { /* by difference */
            const uint64_t from = bed_mem(w, packet + at, 4);
            const uint64_t diff = CALL5(w, csum_diff, from, 4, buf, 4, 0);
            CHECK_EQ(CALL5(w, l4_csum_replace, CTX_ADDR, sum, 0, diff, 16), 0);
            if (!v6)
                CHECK_EQ(CALL5(w, l3_csum_replace, CTX_ADDR, 24, 0, diff, 0), 0);
        }
        CHECK_EQ(CALL5(w, skb_store_bytes, CTX_ADDR, at, buf, 4, 0), 0);
        CHECK_EQ(l4_sum(pkt_host(w) + ip, n - th), 0xffff);
        if (!v6) {
            CHECK_EQ(plain_sum(pkt_host(w) + ip, 20), 0xffff);
            /* the TTL's word: two bytes of the header's sum */
            const uint64_t old = world_get16(w, packet + 22);
            uint8_t word[2] = {(uint8_t)(packet[22] - 1), packet[23]};
            CHECK_EQ(CALL5(w, l3_csum_replace, CTX_ADDR, 24, old, world_get16(w, word), 2), 0);
            pkt_host(w)[22]--;
            CHECK_EQ(plain_sum(pkt_host(w) + ip, 20), 0xffff);
        }
        world_free(w);
    }
}

#define L4(off, from, to, flags) CALL5(w, l4_csum_replace, CTX_ADDR, off, from, to, flags)
#define L3(off, from, to, flags) CALL5(w, l3_csum_replace, CTX_ADDR, off, from, to, flags)

static void test_csum_field(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[300];
    uint64_t seed = 8;
    const uint32_t n = frame(packet, false, NET_UDP, 31, &seed), sum = FRAME_V4 + 6;
    net_start(w, PROG_sched_cls, packet, n);
    CHECK_EQ(L3(24, 0, 0, 16), ERRNO(LX_EINVAL));
    CHECK_EQ(L3(24, 0, 0, 3), ERRNO(LX_EINVAL));
    CHECK_EQ(L3(24, 1, 0, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(L3(25, 0, 0, 2), ERRNO(LX_EFAULT));
    CHECK_EQ(L3(0x10000, 0, 0, 2), ERRNO(LX_EFAULT));
    CHECK_EQ(L3((n + 1) & ~1u, 0, 0, 2), ERRNO(LX_EFAULT));
    CHECK_EQ(L4(sum, 0, 0, 256), ERRNO(LX_EINVAL));
    CHECK_EQ(L4(sum, 0, 0, 8), ERRNO(LX_EINVAL));
    CHECK_EQ(L4(sum + 1, 0, 0, 2), ERRNO(LX_EFAULT));
    CHECK(pkt_is(w, packet, n));
    /* UDP without a checksum keeps none, unless enforced; a computed 0 is sent as 0xffff */
    net_put16(pkt_host(w) + sum, 0);
    CHECK_EQ(L4(sum, 1, 2, 2 | 32), 0);
    CHECK_EQ(net_get16(pkt_host(w) + sum), 0);
    CHECK_EQ(L4(sum, 1, 2, 2 | 32 | 64), 0);
    CHECK(net_get16(pkt_host(w) + sum) != 0);
    net_put16(pkt_host(w) + sum, 5);
    CHECK_EQ(L4(sum, 0, be16_in(w, 5), 2 | 32), 0); /* 5 - 5: zero */
    CHECK_EQ(net_get16(pkt_host(w) + sum), 0xffff);
    CHECK_CALM(w);
    world_free(w);
}

/* csum_diff is the plain sum, whatever the order of the machine. */
static void test_csum_diff(bool big) {
    struct world *w = net_world(big);
    uint8_t bytes[512];
    uint64_t seed = 8;
    for (uint32_t size = 0; size <= 256; size += 4) {
        for (uint32_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)check_random(&seed);
        const uint64_t a = bed_mem(w, bytes, 256), b = bed_mem(w, bytes + 256, 256);
        uint64_t got = CALL5(w, csum_diff, 0, 0, a, size, 0);
        uint8_t word[2];
        CHECK(got <= UINT32_MAX);
        world_put16(w, word, (uint16_t)~csum_fold((uint32_t)got));
        CHECK_EQ(net_get16(word) % 0xffff, plain_sum(bytes, size) % 0xffff);
        got = CALL5(w, csum_diff, a, size, b, size, 7);
        world_put16(w, word, (uint16_t)~csum_fold((uint32_t)got));
        const uint64_t want =
            plain_sum(bytes + 256, size) + 0xffffu - plain_sum(bytes, size) + be16_in(w, 7);
        CHECK_EQ(net_get16(word) % 0xffff, want % 0xffff);
    }
    const uint64_t a = bed_mem(w, bytes, 512);
    CHECK_EQ(CALL5(w, csum_diff, a, 3, a, 4, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL5(w, csum_diff, a, 260, a, 256, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL5(w, csum_diff, 0, 0, 0, 0, 99), 99);
    const uint8_t ones[8] = {255, 255, 255, 255, 255, 255, 255, 255};
    CHECK_EQ(CALL5(w, csum_diff, 0, 0, bed_mem(w, ones, 8), 8, 0),
             UINT32_MAX); /* as on x86-64: not 0 */
    CHECK_TRAP(w, CALL5(w, csum_diff, 0, 4, a, 4, 0), RUN_TRAP_NULL);
    CHECK_CALM(w);
    world_free(w);
}

static void test_csum_level(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[300];
    uint64_t seed = 8;
    net_start(w, PROG_sched_cls, packet, frame(packet, false, NET_UDP, 31, &seed));
    CHECK_EQ(CALL2(w, csum_update, CTX_ADDR, 1), ERRNO(LX_ENOTSUPP));
    CHECK_EQ(CALL2(w, csum_level, CTX_ADDR, 0), ERRNO(LX_EACCES));
    CHECK_EQ(CALL2(w, csum_level, CTX_ADDR, 1), 0);
    CHECK_EQ(CALL2(w, csum_level, CTX_ADDR, 0), 0);
    for (uint64_t i = 1; i <= 5; i++)
        CHECK_EQ(CALL2(w, csum_level, CTX_ADDR, 1), 0);
    CHECK_EQ(CALL2(w, csum_level, CTX_ADDR, 0), 3);
    CHECK_EQ(CALL2(w, csum_level, CTX_ADDR, 2), 0);
    CHECK_EQ(CALL2(w, csum_level, CTX_ADDR, 0), 2);
    CHECK_EQ(CALL2(w, csum_level, CTX_ADDR, 3), 0);
    CHECK_EQ(CALL2(w, csum_level, CTX_ADDR, 0), ERRNO(LX_EACCES));
    CHECK_EQ(CALL2(w, csum_level, CTX_ADDR, 4), ERRNO(LX_EINVAL));
    world_free(w);
}

/* A complete checksum stays that of the packet through every helper that says it keeps it so. */
static void test_complete(bool big) {
    uint8_t packet[300];
    uint64_t seed = 10;
    struct world *w = net_world(big);
    struct net_state *st;
    const uint32_t n = frame(packet, false, NET_UDP, 77, &seed);
    const uint64_t buf = bed_mem(w, "some other bytes", 16);
#define FRESH() csum_partial(w, pkt_host(w), net_pkt_len(w), 0) % 0xffff
    w->env->net->in.ip_summed = 2;
    net_start(w, PROG_sched_cls, packet, n);
    st = net_state_of(w);
    st->csum = csum_partial(w, pkt_host(w), n, 0);
    for (uint32_t off = 14; off + 13 < n; off++) { /* odd and even offsets and lengths */
        CHECK_EQ(CALL5(w, skb_store_bytes, CTX_ADDR, off, buf, off % 13 + 1, 1), 0);
        CHECK_EQ(st->csum % 0xffff, FRESH());
        ((uint8_t *)bed_host(w, buf))[off % 16] = (uint8_t)check_random(&seed);
    }
    CHECK_EQ(CALL3(w, skb_vlan_push, CTX_ADDR, htons_(big, 0x8100), 1), 0);
    CHECK_EQ(CALL3(w, skb_vlan_push, CTX_ADDR, htons_(big, 0x8100), 2), 0);
    CHECK_EQ(st->csum % 0xffff, FRESH());
    CHECK_EQ(CALL1(w, skb_vlan_pop, CTX_ADDR), 0);
    CHECK_EQ(st->csum % 0xffff, FRESH());
    CHECK_EQ(CALL1(w, skb_vlan_pop, CTX_ADDR), 0);
    CHECK_EQ(CALL4(w, skb_adjust_room, CTX_ADDR, 8, 0, 32), 0);
    CHECK_EQ(st->csum % 0xffff, FRESH());
    CHECK_EQ(CALL4(w, skb_adjust_room, CTX_ADDR, (uint64_t)-8, 0, 32), 0);
    CHECK_EQ(CALL3(w, skb_change_tail, CTX_ADDR, n - 9, 0), 0);
    CHECK_EQ(st->csum % 0xffff, FRESH());
    const uint32_t before = st->csum;
    CHECK_EQ(CALL2(w, csum_update, CTX_ADDR, 5), csum_add(before, 5));
    CHECK_EQ(st->csum, csum_add(before, 5));
#undef FRESH
    world_free(w);
}

static void test_meta(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[300];
    uint64_t seed = 11;
    w->env->net->in.route_realm = 77;
    for (int v6 = 0; v6 < 2; v6++)
        for (uint8_t ecn = 0; ecn < 4; ecn++) {
            const uint32_t n = frame(packet, v6, NET_TCP, 9, &seed);
            if (v6) {
                packet[15] = (uint8_t)(ecn << 4);
            } else {
                packet[15] = (uint8_t)(0x28 | ecn);
                net_put16(packet + 24, 0);
                net_put16(packet + 24, not_sum(plain_sum(packet + 14, 20)));
            }
            net_start(w, PROG_sched_cls, packet, n);
            CHECK_EQ(CALL1(w, skb_ecn_set_ce, CTX_ADDR), ecn != 0);
            CHECK_EQ(v6 ? pkt_host(w)[15] >> 4 : pkt_host(w)[15] & 3, ecn ? 3 : 0);
            if (!v6)
                CHECK_EQ(plain_sum(pkt_host(w) + 14, 20), 0xffff);
        }
    CHECK_EQ(CALL1(w, get_route_realm, CTX_ADDR), 77);
    CHECK_EQ(CALL3(w, skb_set_tstamp, CTX_ADDR, 123, 1), 0);
    CHECK_EQ(world_get64(w, ctx_host(w, CTX_sk_buff_tstamp)), 123);
    CHECK_EQ(*ctx_host(w, CTX_sk_buff_tstamp_type), 1);
    CHECK_EQ(CALL3(w, skb_set_tstamp, CTX_ADDR, 0, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, skb_set_tstamp, CTX_ADDR, 0, 0), 0);
    CHECK_EQ(CALL3(w, skb_set_tstamp, CTX_ADDR, 5, 3), ERRNO(LX_EINVAL));
    net_put16(packet + 12, 0x0806);
    net_start(w, PROG_sched_cls, packet, 60);
    CHECK_EQ(CALL3(w, skb_set_tstamp, CTX_ADDR, 5, 1), ERRNO(LX_EOPNOTSUPP));
    CHECK_EQ(CALL1(w, skb_ecn_set_ce, CTX_ADDR), 0);
    CHECK_CALM(w);
    world_free(w);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        test_bytes(big);
        test_head_tail(big);
        test_room(big);
        test_room_flags(big);
        test_room_others(big);
        test_proto(big);
        test_vlan(big);
        test_replace(big);
        test_csum_field(big);
        test_csum_diff(big);
        test_csum_level(big);
        test_complete(big);
        test_meta(big);
    }
    test_hash();
    return check_end();
}

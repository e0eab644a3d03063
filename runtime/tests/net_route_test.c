/* net_route_test.c: where packets go: XDP's ends of the packet, redirection, routes and devices'
 * sizes. */
#include "runtime/tests/net_bed.h"

#include "runtime/map/redirect.h"

#define HEAD(by) CALL2(w, xdp_adjust_head, CTX_ADDR, (uint64_t)(int64_t)(by))
#define TAIL(by) CALL2(w, xdp_adjust_tail, CTX_ADDR, (uint64_t)(int64_t)(by))
#define META(by) CALL2(w, xdp_adjust_meta, CTX_ADDR, (uint64_t)(int64_t)(by))

static void test_xdp_ends(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[300], want[600] = {0};
    uint64_t seed = 1, v;
    const uint32_t n = frame(packet, false, NET_UDP, 50, &seed);
    net_start(w, PROG_xdp, packet, n);
    CHECK_EQ(CALL1(w, xdp_get_buff_len, CTX_ADDR), n);
    CHECK_EQ(HEAD(-216), 0); /* 256 of headroom less Linux's frame of 40 */
    CHECK_EQ(net_pkt_len(w), n + 216);
    CHECK(pkt_shown(w, true));
    CHECK_EQ(HEAD(-1), ERRNO(LX_EINVAL));
    CHECK_EQ(HEAD(216 + n - 14), 0);
    CHECK_EQ(net_pkt_len(w), 14);
    CHECK_EQ(HEAD(1), ERRNO(LX_EINVAL));
    CHECK_EQ(HEAD(INT32_MIN), ERRNO(LX_EINVAL));
    CHECK_EQ(HEAD(INT32_MAX), ERRNO(LX_EINVAL));
    CHECK_EQ(HEAD(14 - (int)n), 0);
    CHECK(pkt_is(w, packet, n));
    CHECK(ctx_load(w, CTX_ADDR, 4, &v));
    CHECK_EQ(v, world_addr(WORLD_PKT_OFF + w->st.pkt.data));

    CHECK_EQ(TAIL(1), 0);
    memcpy(want, packet, n);
    CHECK(pkt_is(w, want, n + 1));
    CHECK_EQ(TAIL(320), ERRNO(LX_EINVAL));
    CHECK_EQ(TAIL(319), 0);
    CHECK(pkt_is(w, want, n + 320));
    CHECK(pkt_shown(w, true));
    CHECK_EQ(TAIL(14 - (int)n - 320), 0);
    CHECK_EQ(TAIL(-1), ERRNO(LX_EINVAL));
    CHECK(pkt_is(w, packet, 14));
    CHECK_CALM(w);
    world_free(w);
}

static void test_xdp_meta(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[300];
    uint64_t seed = 1, v;
    const uint32_t n = frame(packet, false, NET_UDP, 50, &seed);
    net_start(w, PROG_xdp, packet, n);
    CHECK_EQ(META(4), ERRNO(LX_EINVAL)); /* into the data */
    CHECK_EQ(META(-6), ERRNO(LX_EACCES));
    CHECK_EQ(META(-256), ERRNO(LX_EINVAL));
    CHECK_EQ(META(-8), 0);
    const uint64_t meta = world_addr(WORLD_PKT_OFF + w->st.pkt.meta);
    CHECK(world_check(w, meta, 8, WORLD_RW) && !world_check(w, meta - 1, 1, WORLD_READ));
    memcpy(bed_host(w, meta), "metadata", 8);
    CHECK_EQ(HEAD(-20), 0); /* metadata moves along */
    CHECK(!memcmp(net_pkt(w, w->st.pkt.meta), "metadata", 8));
    CHECK_EQ(w->st.pkt.data - w->st.pkt.meta, 8);
    CHECK_EQ(HEAD(-216 + 20 + 7), ERRNO(LX_EINVAL)); /* not over the frame, metadata in front */
    CHECK_EQ(META(8), 0);
    CHECK_EQ(w->st.pkt.data, w->st.pkt.meta);
    CHECK(ctx_load(w, CTX_ADDR + CTX_xdp_md_data_meta, 4, &v));
    CHECK_EQ(v, world_addr(WORLD_PKT_OFF + w->st.pkt.data));
    CHECK_CALM(w);
    world_free(w);
}

static void test_xdp_bytes(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[300];
    uint64_t seed = 1;
    const uint32_t n = frame(packet, false, NET_UDP, 50, &seed);
    const uint64_t buf = bed_mem(w, NULL, 64);
    net_start(w, PROG_xdp, packet, n);
    for (uint32_t off = 0; off < n + 3; off += 5)
        for (uint32_t len = 1; len <= 64; len += 21) {
            const bool in = off + len <= n;
            memset(bed_host(w, buf), 0xee, 64);
            CHECK_EQ(CALL4(w, xdp_load_bytes, CTX_ADDR, off, buf, len), in ? 0 : ERRNO(LX_EINVAL));
            CHECK(!in || !memcmp(bed_host(w, buf), packet + off, len));
            CHECK_EQ(CALL4(w, xdp_store_bytes, CTX_ADDR, off, buf, len), in ? 0 : ERRNO(LX_EINVAL));
        }
    CHECK(pkt_is(w, packet, n));
    CHECK_EQ(CALL4(w, xdp_load_bytes, CTX_ADDR, 0x10000, buf, 1), ERRNO(LX_EFAULT));
    memset(bed_host(w, buf), 0x5a, 4);
    CHECK_EQ(CALL4(w, xdp_store_bytes, CTX_ADDR, 3, buf, 4), 0);
    memset(packet + 3, 0x5a, 4);
    CHECK(pkt_is(w, packet, n));
    CHECK_CALM(w);
    world_free(w);
}

static void test_redirect_xdp(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[200];
    uint64_t seed = 2;
    const uint32_t n = frame(packet, false, NET_UDP, 5, &seed);
    net_start(w, PROG_xdp, packet, n);
    CHECK_EQ(CALL2(w, redirect, 3, 1), 0); /* XDP_ABORTED */
    CHECK_EQ(w->st.redirect.kind, 0);
    CHECK_EQ(CALL2(w, redirect, 3, 0), 4);
    CHECK_EQ(w->st.redirect.kind, 1);
    CHECK_EQ(w->st.redirect.ifindex, 3);

    struct map *dev = bed_map(w, MAP_devmap, 4, 8, 4, 0);
    uint8_t key[4], value[8] = {0};
    world_put32(w, key, 2);
    world_put32(w, value, 2);
    CHECK_EQ(map_user_update(w, dev, key, value, 0), 0);
    CHECK_EQ(CALL3(w, redirect_map, dev->handle, 2, 0), 4);
    CHECK_EQ(w->st.redirect.kind, 2);
    CHECK_EQ(w->st.redirect.map_id, dev->id);
    CHECK_EQ(w->st.redirect.key, 2);
    CHECK_EQ(CALL3(w, redirect_map, dev->handle, 1, 2), 2); /* empty: the action given */
    CHECK_EQ(w->st.redirect.kind, 0);
    CHECK_EQ(CALL3(w, redirect_map, dev->handle, 9, 3), 3);
    CHECK_EQ(CALL3(w, redirect_map, dev->handle, UINT64_C(0x100000002), 0), 4); /* a u32 key */
    CHECK_EQ(CALL3(w, redirect_map, dev->handle, 2, 4), 0);
    CHECK_EQ(CALL3(w, redirect_map, dev->handle, 9, 8 | 16), 4); /* broadcast needs no entry */
    CHECK_EQ(w->st.redirect.flags, 24);
    struct map *cpu = bed_map(w, MAP_cpumap, 4, 8, 4, 0);
    CHECK_EQ(CALL3(w, redirect_map, cpu->handle, 0, 8), 0);
    CHECK_EQ(CALL3(w, redirect_map, cpu->handle, 0, 1), 1);
    struct map *array = bed_map(w, MAP_array, 4, 8, 4, 0);
    CHECK_TRAP(w, CALL3(w, redirect_map, array->handle, 0, 0), RUN_TRAP_MEMORY);
    CHECK_CALM(w);
    world_free(w);
}

static void test_redirect_skb(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[200];
    uint64_t seed = 2;
    net_start(w, PROG_sched_cls, packet, frame(packet, false, NET_UDP, 5, &seed));
    CHECK_EQ(CALL2(w, redirect, 3, 2), 2); /* TC_ACT_SHOT */
    CHECK_EQ(CALL2(w, redirect, 3, 1), 7);
    CHECK_EQ(w->st.redirect.flags, 1);
    CHECK_EQ(CALL2(w, redirect_peer, 5, 1), 2);
    CHECK_EQ(CALL2(w, redirect_peer, 5, 0), 7);
    CHECK_EQ(w->st.redirect.kind, 4);
    uint8_t nh[20] = {0};
    world_put32(w, nh, 2);
    memcpy(nh + 4, "\x0a\x00\x00\x09", 4);
    const uint64_t params = bed_mem(w, nh, 20);
    CHECK_EQ(CALL4(w, redirect_neigh, 6, params, 20, 0), 7);
    CHECK_EQ(w->st.redirect.kind, 5);
    CHECK_EQ(net_state_of(w)->nexthop.family, 2);
    CHECK(!memcmp(net_state_of(w)->nexthop.addr, nh + 4, 4));
    CHECK_EQ(CALL4(w, redirect_neigh, 6, params, 19, 0), 2);
    CHECK_EQ(CALL4(w, redirect_neigh, 6, 0, 0, 1), 2);
    CHECK_EQ(CALL4(w, redirect_neigh, 6, 0, 0, 0), 7);
    CHECK_EQ(net_state_of(w)->nexthop.family, 0);
    CHECK_CALM(w);
    world_free(w);
}

static void test_clone(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[200];
    uint64_t seed = 2;
    const uint32_t n = frame(packet, false, NET_UDP, 5, &seed);
    net_start(w, PROG_sched_cls, packet, n);
    const uint32_t clones = w->st.n_clones;
    CHECK_EQ(CALL3(w, clone_redirect, CTX_ADDR, 2, 0), 0);
    CHECK_EQ(w->st.n_clones, clones + 1);
    const uint32_t digest = net_state_of(w)->clone_digest;
    CHECK_EQ(CALL3(w, clone_redirect, CTX_ADDR, 9, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, clone_redirect, CTX_ADDR, 2, 2), ERRNO(LX_EINVAL));
    CHECK_EQ(w->st.n_clones, clones + 1);
    CHECK_EQ(net_state_of(w)->clone_digest, digest);
    CHECK_EQ(CALL3(w, clone_redirect, CTX_ADDR, 1, 1), 0);
    CHECK(net_state_of(w)->clone_digest != digest);
    w->env->net->devs[0].up = false;
    CHECK_EQ(CALL3(w, clone_redirect, CTX_ADDR, 1, 0), ERRNO(LX_ENETDOWN));
    CHECK_EQ(CALL3(w, clone_redirect, CTX_ADDR, 1, 1), 1); /* NET_RX_DROP */
    const uint32_t sent = w->st.n_clones;
    net_state_of(w)->network = net_state_of(w)->mac; /* no link header */
    CHECK_EQ(CALL3(w, clone_redirect, CTX_ADDR, 2, 0), ERRNO(LX_ERANGE));
    CHECK_EQ(w->st.n_clones, sent);
    CHECK(pkt_is(w, packet, n));
    CHECK_CALM(w);
    world_free(w);
}

static void route(struct world *w, const char *dst, uint8_t len, uint8_t type, uint32_t ifindex,
                  const char *gw, uint32_t metric, uint32_t table) {
    struct net_route r = {.family = NET_AF_INET,
                          .prefix_len = len,
                          .type = type,
                          .ifindex = ifindex,
                          .metric = metric,
                          .table = table};
    memcpy(r.dst, dst, 4);
    if (gw) {
        r.gw_family = NET_AF_INET;
        memcpy(r.gw, gw, 4);
    }
    CHECK(net_env_add_route(w->env->net, &r) >= 0);
}

static void neigh(struct world *w, uint8_t family, uint32_t ifindex, const void *addr, uint8_t last,
                  bool valid) {
    struct net_neigh n = {
        .family = family, .mac = {2, 9, 9, 9, 9, last}, .ifindex = ifindex, .valid = valid};
    memcpy(n.addr, addr, net_addr_bytes(family));
    CHECK(net_env_add_neigh(w->env->net, &n) >= 0);
}

/* lookup: bpf_fib_lookup for an IPv4 destination; the parameters stay in guest memory at p. */
static uint64_t lookup(struct world *w, uint64_t p, const char *dst, uint32_t tot_len,
                       uint64_t flags) {
    uint8_t *h = bed_host(w, p);
    const uint32_t tbid = world_get32(w, h + 48);
    memset(h, 0, 64);
    h[0] = NET_AF_INET;
    world_put16(w, h + 6, (uint16_t)tot_len);
    world_put32(w, h + 8, 2);
    memcpy(h + 32, dst, 4);
    world_put32(w, h + 48, tbid);
    return CALL4(w, fib_lookup, CTX_ADDR, p, 64, flags);
}

/* fib_world: a world with routes and neighbours, and a packet of 1042 bytes. */
static struct world *fib_world(bool big, uint32_t type) {
    struct world *w = net_world(big);
    const struct net_dev narrow = {
        .ifindex = 4, .mtu = 576, .link_header_bytes = 14, .mac = {2, 4}, .up = true};
    uint8_t packet[2000];
    uint64_t seed = 3;
    net_env_add_dev(w->env->net, &narrow);
    route(w, "\x00\x00\x00\x00", 0, ROUTE_UNICAST, 2, "\x0a\x00\x00\xfe", 100, 0);
    route(w, "\x0a\x01\x00\x00", 16, ROUTE_UNICAST, 4, NULL, 5, 0);
    route(w, "\x0a\x01\x80\x00", 17, ROUTE_UNICAST, 4, "\x0a\x01\x00\x07", 6, 0);
    route(w, "\x0a\x02\x00\x00", 16, ROUTE_BLACKHOLE, 0, NULL, 0, 0);
    route(w, "\x0a\x03\x00\x00", 16, ROUTE_UNREACHABLE, 0, NULL, 0, 0);
    route(w, "\x0a\x04\x00\x00", 16, ROUTE_PROHIBIT, 0, NULL, 0, 0);
    route(w, "\x0a\x00\x00\x02", 32, ROUTE_LOCAL, 1, NULL, 0, 0);
    route(w, "\x0a\x05\x00\x00", 16, ROUTE_UNICAST, 2, "\x0a\x00\x00\xfe", 9, 100);
    route(w, "\x0a\x06\x00\x00", 16, ROUTE_UNICAST, 2, NULL, 7, 0);
    route(w, "\x0a\x06\x00\x00", 16, ROUTE_UNICAST, 2, "\x0a\x00\x00\xfe", 3, 0);
    neigh(w, NET_AF_INET, 2, "\x0a\x00\x00\xfe", 1, true);
    neigh(w, NET_AF_INET, 4, "\x0a\x01\x02\x03", 2, true);
    neigh(w, NET_AF_INET, 4, "\x0a\x01\x02\x04", 3, false);
    net_start(w, type, packet, frame(packet, false, NET_UDP, 1000, &seed));
    return w;
}

static void test_fib(bool big) {
    struct world *w = fib_world(big, PROG_xdp);
    const uint64_t p = bed_mem(w, NULL, 64);
    uint8_t *h = bed_host(w, p);
    CHECK_EQ(lookup(w, p, "\x08\x08\x08\x08", 100, 0), 0);
    CHECK_EQ(world_get32(w, h + 8), 2);
    CHECK_EQ(world_get32(w, h + 12), 100);         /* metric */
    CHECK(!memcmp(h + 32, "\x0a\x00\x00\xfe", 4)); /* the gateway */
    CHECK(!memcmp(h + 58, "\x02\x09\x09\x09\x09\x01", 6));
    CHECK(!memcmp(h + 52, w->env->net->devs[1].mac, 6));
    CHECK_EQ(world_get16(w, h + 6), 1500);
    CHECK_EQ(lookup(w, p, "\x0a\x01\x02\x03", 100, 0), 0); /* direct, longer prefix */
    CHECK_EQ(world_get32(w, h + 8), 4);
    CHECK_EQ(h[63], 2);
    CHECK(!memcmp(h + 32, "\x0a\x01\x02\x03", 4));
    CHECK_EQ(lookup(w, p, "\x0a\x01\x02\x04", 100, 0), 7); /* neighbour not valid */
    CHECK_EQ(lookup(w, p, "\x0a\x01\x90\x04", 100, 0), 7); /* none; the gateway is filled in */
    CHECK(!memcmp(h + 32, "\x0a\x01\x00\x07", 4));
    CHECK_EQ(lookup(w, p, "\x0a\x01\x90\x04", 100, 4), 0); /* not asked for */
    CHECK_EQ(lookup(w, p, "\x0a\x01\x02\x03", 577, 0), 8); /* too long for that device */
    CHECK_EQ(world_get16(w, h + 6), 576);
    CHECK_EQ(world_get32(w, h + 8), 2);
    CHECK_EQ(lookup(w, p, "\x0a\x02\x00\x01", 100, 0), 1);
    CHECK_EQ(lookup(w, p, "\x0a\x03\x00\x01", 100, 0), 2);
    CHECK_EQ(lookup(w, p, "\x0a\x04\x00\x01", 100, 0), 3);
    CHECK_EQ(lookup(w, p, "\x0a\x00\x00\x02", 100, 0), 4); /* ours: not forwarded */
    CHECK_EQ(lookup(w, p, "\x0a\x06\x00\x01", 100, 0), 0); /* the smaller metric */
    CHECK_EQ(world_get32(w, h + 12), 3);
    CHECK_EQ(lookup(w, p, "\x0a\x06\x00\x01", 100, 2), 0);
    CHECK_EQ(lookup(w, p, "\x0a\x05\x00\x01", 100, 0), 0); /* other tables are not searched */
    CHECK_EQ(world_get32(w, h + 12), 100);
    world_put32(w, h + 48, 100);
    CHECK_EQ(lookup(w, p, "\x0a\x05\x00\x01", 100, 1 | 8), 0); /* table 100 */
    CHECK_EQ(world_get32(w, h + 48), 0);
    world_put32(w, h + 48, 77);
    CHECK_EQ(lookup(w, p, "\x0a\x05\x00\x01", 100, 1 | 8), 4);
    CHECK_CALM(w);
    world_free(w);

    w = fib_world(big, PROG_sched_cls); /* an skb without a length is measured itself */
    const uint64_t q = bed_mem(w, NULL, 64);
    CHECK_EQ(lookup(w, q, "\x08\x08\x08\x08", 0, 0), 0);
    CHECK_EQ(world_get16(w, (uint8_t *)bed_host(w, q) + 6), 1500);
    CHECK_EQ(lookup(w, q, "\x0a\x01\x02\x03", 0, 0), 8);
    CHECK_EQ(world_get16(w, (uint8_t *)bed_host(w, q) + 6), 576);
    CHECK_CALM(w);
    world_free(w);
}

static void test_fib_refused(bool big) {
    struct world *w = fib_world(big, PROG_xdp);
    const uint64_t p = bed_mem(w, NULL, 64);
    uint8_t *h = bed_host(w, p);
    CHECK_EQ(lookup(w, p, "\x0a\x05\x00\x01", 100, 64), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, fib_lookup, CTX_ADDR, p, 63, 0), ERRNO(LX_EINVAL));
    h[0] = 3;
    CHECK_EQ(CALL4(w, fib_lookup, CTX_ADDR, p, 64, 0), ERRNO(LX_EAFNOSUPPORT));
    h[0] = 2;
    world_put32(w, h + 8, 99);
    CHECK_EQ(CALL4(w, fib_lookup, CTX_ADDR, p, 64, 0), ERRNO(LX_ENODEV));
    world_put32(w, h + 8, 4);
    CHECK_EQ(CALL4(w, fib_lookup, CTX_ADDR, p, 64, 0), 5); /* does not forward */
    CHECK_TRAP(w, CALL4(w, fib_lookup, CTX_ADDR, p, 65, 0), RUN_TRAP_MEMORY);
    world_free(w);
}

static void test_fib6(bool big) {
    static const uint8_t any[16], dst[16] = {0xfd, 1, [15] = 5}, gw[16] = {0xfe, 0x80, [15] = 1},
                                  src[16] = {0xfd, [15] = 9};
    struct world *w = net_world(big);
    uint8_t packet[200];
    uint64_t seed = 4;
    const uint64_t p = bed_mem(w, NULL, 64);
    uint8_t *h = bed_host(w, p);
    struct net_route r = {.family = NET_AF_INET6,
                          .type = ROUTE_UNICAST,
                          .gw_family = NET_AF_INET6,
                          .ifindex = 2,
                          .metric = 1024,
                          .has_src = true};
    memcpy(r.gw, gw, 16);
    memcpy(r.src, src, 16);
    net_env_add_route(w->env->net, &r);
    neigh(w, NET_AF_INET6, 2, gw, 7, true);
    net_start(w, PROG_xdp, packet, frame(packet, true, NET_UDP, 10, &seed));
    h[0] = NET_AF_INET6;
    world_put32(w, h + 8, 2);
    memcpy(h + 32, dst, 16);
    CHECK_EQ(CALL4(w, fib_lookup, CTX_ADDR, p, 64, 32 | 16), 0);
    CHECK(!memcmp(h + 32, gw, 16) && !memcmp(h + 16, src, 16));
    CHECK_EQ(h[63], 7);
    CHECK_EQ(world_get32(w, h + 12), 1024);
    memcpy(h + 32, gw, 16); /* link-local: never forwarded */
    CHECK_EQ(CALL4(w, fib_lookup, CTX_ADDR, p, 64, 0), 4);
    memset(h + 32, 0, 16);
    h[47] = 1; /* and loopback */
    CHECK_EQ(CALL4(w, fib_lookup, CTX_ADDR, p, 64, 0), 4);
    h[47] = 2;
    CHECK_EQ(CALL4(w, fib_lookup, CTX_ADDR, p, 64, 0), 0);
    w->env->net->routes[0].has_src = false;
    memcpy(h + 32, dst, 16);
    memcpy(h + 16, any, 16);
    CHECK_EQ(CALL4(w, fib_lookup, CTX_ADDR, p, 64, 16), 9);
    w->env->net->routes[0].encap = true;
    CHECK_EQ(CALL4(w, fib_lookup, CTX_ADDR, p, 64, 0), 6);
    world_free(w);
}

static void test_mtu(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[2000];
    uint64_t seed = 5;
    const uint64_t p = bed_mem(w, NULL, 4);
    uint8_t *h = bed_host(w, p);
#define MTU(ifindex, len, diff, flags)                                                             \
    (world_put32(w, h, len),                                                                       \
     CALL5(w, check_mtu, CTX_ADDR, ifindex, p, (uint64_t)(int64_t)(diff), flags))
    for (int xdp = 0; xdp < 2; xdp++) {
        net_start(w, xdp ? PROG_xdp : PROG_sched_cls, packet,
                  frame(packet, false, NET_UDP, 1472, &seed));
        CHECK_EQ(net_pkt_len(w), 1514);
        CHECK_EQ(MTU(0, 0, 0, 0), 0);
        CHECK_EQ(world_get32(w, h), 1500);
        CHECK_EQ(MTU(0, 0, 1, 0), 1);
        CHECK_EQ(world_get32(w, h), 1500);
        CHECK_EQ(MTU(2, 1500, 0, 0), 0);
        CHECK_EQ(MTU(2, 1501, 0, 0), 1);
        CHECK_EQ(MTU(2, 1501, -1, 0), 0);
        CHECK_EQ(MTU(2, 0, -5000, 0), 0); /* a negative length passes */
        CHECK_EQ(MTU(1, 0, 100, 0), 0);
        CHECK_EQ(MTU(9, 0, 0, 0), ERRNO(LX_ENODEV));
        CHECK_EQ(MTU(0, 0, 0, 2), ERRNO(LX_EINVAL));
        CHECK_EQ(MTU(0, 0, 0, 1), xdp ? ERRNO(LX_EINVAL) : 0);
        CHECK_EQ(MTU(0, 7, 0, 1), ERRNO(LX_EINVAL));
        CHECK_EQ(MTU(0, 0, 7, 1), ERRNO(LX_EINVAL));
    }
    w->env->net->in.gso_size = 1400;
    net_start(w, PROG_sched_cls, packet, frame(packet, false, NET_TCP, 1800, &seed));
    CHECK_EQ(MTU(0, 0, 0, 0), 0);                /* will be cut into segments */
    CHECK_EQ(MTU(0, 0, 0, 1), ERRNO(LX_EINVAL)); /* whose headers nobody has found */
    net_state_of(w)->transport = net_state_of(w)->network + 20;
    CHECK_EQ(MTU(0, 0, 0, 1), 0);
    ctx_put32(w, CTX_sk_buff_gso_size, 1460);
    CHECK_EQ(MTU(0, 0, 0, 1), 0);
    pkt_host(w)[14 + 20 + 12] = 6 << 4; /* a TCP header with an option */
    CHECK_EQ(MTU(0, 0, 0, 1), 2);
    CHECK_EQ(world_get32(w, h), 1500);
    world_free(w);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        test_xdp_ends(big);
        test_xdp_meta(big);
        test_xdp_bytes(big);
        test_redirect_xdp(big);
        test_redirect_skb(big);
        test_clone(big);
        test_fib(big);
        test_fib_refused(big);
        test_fib6(big);
        test_mtu(big);
    }
    return check_end();
}

/* net_sock_test.c: finding sockets and what is learned and set through them, sockets in maps,
 * and choosing among them; in worlds of both byte orders. */
#include "runtime/tests/net_bed.h"

#include "runtime/map/redirect.h"

enum {
    LISTENER,
    WILD6,
    ESTABLISHED,
    REQUEST,
    TIMEWAIT,
    UDP_ANY,
    UDP_DEV,
    UDP_CONNECTED,
    ONLY6,
    N_SOCKS
};

static struct net_sock sock(uint8_t family, uint8_t protocol, uint8_t state, uint16_t port) {
    return (struct net_sock){.family = family,
                             .protocol = protocol,
                             .state = state,
                             .src_port = port,
                             .type = protocol == NET_TCP ? NET_SOCK_STREAM : NET_SOCK_DGRAM,
                             .listener = NET_NONE,
                             .rx_queue = -1,
                             .uid = 1000};
}

/* A host 10.0.0.2 / fd00::2 that serves port 80, and its sockets. */
static struct world *sock_world(bool big) {
    static const uint8_t me[4] = {10, 0, 0, 2}, peer[4] = {10, 0, 0, 1};
    struct world *w = net_world(big);
    struct net_sock s[N_SOCKS];
    s[LISTENER] = sock(NET_AF_INET, NET_TCP, TCP_LISTEN, 80);
    s[WILD6] = sock(NET_AF_INET6, NET_TCP, TCP_LISTEN, 81);
    s[ESTABLISHED] = sock(NET_AF_INET, NET_TCP, TCP_ESTABLISHED, 80);
    s[REQUEST] = sock(NET_AF_INET, NET_TCP, TCP_NEW_SYN_RECV, 80);
    s[TIMEWAIT] = sock(NET_AF_INET, NET_TCP, TCP_TIME_WAIT, 80);
    s[UDP_ANY] = sock(NET_AF_INET, NET_UDP, TCP_CLOSE, 53);
    s[UDP_DEV] = sock(NET_AF_INET, NET_UDP, TCP_CLOSE, 54);
    s[UDP_CONNECTED] = sock(NET_AF_INET, NET_UDP, TCP_ESTABLISHED, 53);
    s[ONLY6] = sock(NET_AF_INET6, NET_TCP, TCP_LISTEN, 82);
    s[ONLY6].v6only = true;
    s[UDP_DEV].bound_ifindex = 7;
    s[REQUEST].listener = LISTENER;
    s[ESTABLISHED].refcounted = s[REQUEST].refcounted = s[TIMEWAIT].refcounted = true;
    for (int i = ESTABLISHED; i <= TIMEWAIT; i++)
        s[i].dst_port = (uint16_t)(1000 + i);
    s[UDP_CONNECTED].dst_port = 1000;
    s[ESTABLISHED].tcp.mss_cache = 1400;
    s[ESTABLISHED].mark = 5;
    for (int i = 0; i < N_SOCKS; i++) {
        s[i].cookie = (uint64_t)(100 + i);
        s[i].classid = (uint32_t)(10 + i);
        s[i].cgroup_ids[0] = 1;
        s[i].cgroup_ids[1] = (uint64_t)(20 + i);
        if (i == ESTABLISHED || i == REQUEST || i == TIMEWAIT || i == UDP_CONNECTED) {
            memcpy(s[i].src, me, 4);
            memcpy(s[i].dst, peer, 4);
        }
        CHECK_EQ(net_env_add_sock(w->env->net, &s[i]), i);
    }
    w->env->net->netns_id = 3;
    return w;
}

static uint64_t tuple4(struct world *w, uint16_t sport, uint16_t dport) {
    uint8_t t[12] = {10, 0, 0, 1, 10, 0, 0, 2};
    net_put16(t + 8, sport);
    net_put16(t + 10, dport);
    return bed_mem(w, t, 12);
}

static void start(struct world *w, uint32_t type) {
    uint8_t packet[200];
    uint64_t seed = 1;
    net_start(w, type, packet, frame(packet, false, NET_TCP, 10, &seed));
}

static void test_lookup(bool big) {
    struct world *w = sock_world(big);
    static const struct {
        uint16_t sport, dport;
        int tcp, skc, udp;
    } rows[] = {
        {5000, 80, LISTENER, LISTENER, -1},
        {1002, 80, ESTABLISHED, ESTABLISHED, -1},
        {1003, 80, LISTENER, REQUEST, -1}, /* a request's listener */
        {1004, 80, -1, TIMEWAIT, -1},
        {5000, 81, WILD6, WILD6, -1}, /* serves IPv4 as well */
        {5000, 82, -1, -1, -1},
        {5000, 83, -1, -1, -1},
        {5000, 53, -1, -1, UDP_ANY},
        {1000, 53, -1, -1, UDP_CONNECTED},
        {1000, 54, -1, -1, -1}, /* bound to another device */
    };
    start(w, PROG_sched_cls);
    CHECK_EQ(w->st.refs_held, 0);
    uint32_t held = 0;
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint64_t t = tuple4(w, rows[i].sport, rows[i].dport);
        const uint64_t got[3] = {CALL5(w, sk_lookup_tcp, CTX_ADDR, t, 12, (uint64_t)-1, 0),
                                 CALL5(w, skc_lookup_tcp, CTX_ADDR, t, 12, (uint64_t)-1, 0),
                                 CALL5(w, sk_lookup_udp, CTX_ADDR, t, 12, UINT32_MAX, 0)};
        const int want[3] = {rows[i].tcp, rows[i].skc, rows[i].udp};
        for (int k = 0; k < 3; k++) {
            if (!CHECK_EQ(got[k], net_sock_addr(w, want[k])))
                printf("    row %u.%d\n", i, k);
            held += want[k] >= 0;
        }
        CHECK_EQ(w->st.refs_held, held);
        for (int k = 0; k < 3; k++)
            if (got[k])
                CHECK_EQ(CALL1(w, sk_release, got[k]), 0);
        held = 0;
        CHECK_EQ(w->st.refs_held, 0);
        for (int k = 0; k < N_SOCKS; k++)
            CHECK_EQ(net_sock_private(w, k)->refs, 0);
    }
    const uint64_t t = tuple4(w, 5000, 80);
    CHECK_EQ(CALL5(w, sk_lookup_tcp, CTX_ADDR, t, 12, 3, 0), net_sock_addr(w, LISTENER));
    CHECK_EQ(CALL5(w, sk_lookup_tcp, CTX_ADDR, t, 12, 4, 0), 0);            /* no such namespace */
    CHECK_EQ(CALL5(w, sk_lookup_tcp, CTX_ADDR, t, 12, (uint64_t)-1, 1), 0); /* flags */
    CHECK_EQ(CALL5(w, sk_lookup_tcp, CTX_ADDR, t, 11, (uint64_t)-1, 0), 0); /* neither length */
    CHECK_EQ(CALL5(w, sk_lookup_tcp, CTX_ADDR, t, 12, UINT64_C(1) << 31, 0),
             net_sock_addr(w, LISTENER));
    CHECK_EQ(CALL5(w, sk_lookup_tcp, CTX_ADDR, t, 12, UINT64_C(3) << 32, 0),
             0); /* too large an id */
    CHECK_TRAP(w, CALL5(w, sk_lookup_tcp, CTX_ADDR, t + 8, 36, 0, 0), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL1(w, sk_release, CTX_ADDR + 8), RUN_TRAP_MEMORY);
    CHECK_CALM(w);
    world_free(w);
}

/* A connection goes before a listener, however closely bound that is. */
static void test_lookup_best(bool big) {
    struct world *w = sock_world(big);
    start(w, PROG_sched_cls);
    const uint64_t t = tuple4(w, 5000, 80);
    struct net_sock *bound = &w->env->net->socks[LISTENER];
    memcpy(bound->src, "\x0a\x00\x00\x02", 4);
    bound->bound_ifindex = 2;
    CHECK_EQ(CALL5(w, sk_lookup_tcp, CTX_ADDR, tuple4(w, 1002, 80), 12, (uint64_t)-1, 0),
             net_sock_addr(w, ESTABLISHED));
    CHECK_EQ(CALL5(w, sk_lookup_tcp, CTX_ADDR, t, 12, (uint64_t)-1, 0), net_sock_addr(w, LISTENER));
    bound->src[3] = 9;
    CHECK_EQ(CALL5(w, sk_lookup_tcp, CTX_ADDR, t, 12, (uint64_t)-1, 0), 0); /* another address */
    w->env->net->in.ifindex = 7;
    start(w, PROG_sched_cls);
    CHECK_EQ(CALL5(w, sk_lookup_udp, CTX_ADDR, tuple4(w, 1, 54), 12, (uint64_t)-1, 0),
             net_sock_addr(w, UDP_DEV));
    uint8_t t6[36] = {
        0xfd, [15] = 1, [16] = 0xfd, [31] = 2, [32] = 9, [33] = 9, [34] = 0, [35] = 82};
    CHECK_EQ(CALL5(w, sk_lookup_tcp, CTX_ADDR, bed_mem(w, t6, 36), 36, (uint64_t)-1, 0),
             net_sock_addr(w, ONLY6));
    CHECK_CALM(w);
    world_free(w);
}

static void test_casts(bool big) {
    struct world *w = sock_world(big);
    w->env->net->in.sk = ESTABLISHED;
    start(w, PROG_sched_cls);
    for (int i = 0; i < N_SOCKS; i++) {
        const uint64_t a = net_sock_addr(w, i);
        const bool full = i != REQUEST && i != TIMEWAIT, tcp = i < UDP_ANY || i == ONLY6;
        const bool six = i == WILD6 || i == ONLY6;
        CHECK_EQ(CALL1(w, sk_fullsock, a), full ? a : 0);
        CHECK_EQ(CALL1(w, tcp_sock, a), full && tcp ? a + NET_TCP_IMAGE : 0);
        CHECK_EQ(CALL1(w, get_listener_sock, a), i == LISTENER || six ? a
                                                 : i == REQUEST       ? net_sock_addr(w, LISTENER)
                                                                      : 0);
        CHECK_EQ(CALL1(w, skc_to_tcp_sock, a), full && tcp ? a : 0);
        CHECK_EQ(CALL1(w, skc_to_tcp6_sock, a), six ? a : 0);
        CHECK_EQ(CALL1(w, skc_to_udp6_sock, a), 0);
        CHECK_EQ(CALL1(w, skc_to_tcp_timewait_sock, a), i == TIMEWAIT ? a : 0);
        CHECK_EQ(CALL1(w, skc_to_tcp_request_sock, a), i == REQUEST ? a : 0);
        CHECK_EQ(CALL1(w, skc_to_unix_sock, a), 0);
        CHECK_EQ(CALL1(w, skc_to_mptcp_sock, a), 0);
        CHECK_EQ(CALL2(w, tcp_send_ack, a, 5), 0);
        CHECK_EQ(bed_trap(w), full && tcp ? RUN_EXIT : RUN_TRAP_MEMORY);
        CHECK_EQ(CALL1(w, sk_cgroup_id, a), i == REQUEST ? 20 + LISTENER
                                            : full       ? (uint64_t)(20 + i)
                                                         : 0);
        CHECK_EQ(CALL2(w, sk_ancestor_cgroup_id, a, 0), i == TIMEWAIT ? 0 : 1);
        CHECK_EQ(CALL2(w, sk_ancestor_cgroup_id, a, 2), 0);
        CHECK_EQ(CALL2(w, sk_ancestor_cgroup_id, a, (uint64_t)-1), 0);
    }
    CHECK_EQ(CALL1(w, skc_to_tcp_sock, 0), 0);
    CHECK_EQ(CALL1(w, get_socket_cookie, CTX_ADDR), 100 + ESTABLISHED);
    CHECK_EQ(CALL1(w, get_socket_uid, CTX_ADDR), 1000);
    CHECK_EQ(CALL1(w, skb_cgroup_id, CTX_ADDR), 20 + ESTABLISHED);
    CHECK_EQ(CALL2(w, skb_ancestor_cgroup_id, CTX_ADDR, 1), 20 + ESTABLISHED);
    CHECK_EQ(CALL1(w, skb_cgroup_classid, CTX_ADDR), 10 + ESTABLISHED);
    CHECK_EQ(CALL1(w, get_netns_cookie, CTX_ADDR), 1);
    CHECK_EQ(CALL1(w, get_netns_cookie, 0), 1);
    CHECK_CALM(w);
    w->env->net->in.sk = NET_NONE;
    start(w, PROG_sched_cls);
    CHECK_EQ(CALL1(w, get_socket_cookie, CTX_ADDR), 0);
    CHECK_EQ(CALL1(w, get_socket_uid, CTX_ADDR), 65534);
    CHECK_EQ(CALL1(w, skb_cgroup_id, CTX_ADDR), 0);
    CHECK_CALM(w);
    world_free(w);
}

static void test_assign(bool big) {
    struct world *w = sock_world(big);
#define ASSIGN(i, flags) CALL3(w, sk_assign, CTX_ADDR, net_sock_addr(w, i), flags)
    start(w, PROG_sched_cls);
    CHECK_EQ(ASSIGN(LISTENER, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(ASSIGN(NET_NONE, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(ASSIGN(LISTENER, 0), 0);
    CHECK_EQ(net_state_of(w)->assigned, LISTENER);
    CHECK_EQ(CALL1(w, get_socket_cookie, CTX_ADDR), 100 + LISTENER);
    w->env->net->in.tc_egress = true;
    start(w, PROG_sched_cls);
    CHECK_EQ(ASSIGN(LISTENER, 0), ERRNO(LX_EOPNOTSUPP));
    w->env->net->in.addr.protocol = NET_TCP;
    w->env->net->in.addr.family = NET_AF_INET;
    start(w, PROG_sk_lookup);
    CHECK_EQ(ASSIGN(ESTABLISHED, 0), ERRNO(LX_ESOCKTNOSUPPORT));
    CHECK_EQ(ASSIGN(UDP_CONNECTED, 0), ERRNO(LX_ESOCKTNOSUPPORT));
    CHECK_EQ(ASSIGN(UDP_ANY, 0), ERRNO(LX_EPROTOTYPE));
    CHECK_EQ(ASSIGN(ONLY6, 0), ERRNO(LX_EAFNOSUPPORT));
    CHECK_EQ(ASSIGN(LISTENER, 4), ERRNO(LX_EINVAL));
    CHECK_EQ(ASSIGN(LISTENER, 0), 0);
    CHECK_EQ(world_get64(w, ctx_host(w, CTX_sk_lookup_sk)), net_sock_addr(w, LISTENER));
    CHECK_EQ(ASSIGN(WILD6, 0), ERRNO(LX_EEXIST));
    CHECK_EQ(ASSIGN(WILD6, 1), 0);
    CHECK_EQ(ASSIGN(NET_NONE, 1), 0); /* take it back */
    CHECK_EQ(world_get64(w, ctx_host(w, CTX_sk_lookup_sk)), 0);
#undef ASSIGN
    world_free(w);
}

static void test_maps(bool big) {
    struct world *w = sock_world(big);
    uint8_t key[4], value[8], six[6] = "abcdef";
    struct map *m = bed_map(w, MAP_sockmap, 4, 8, 4, 0);
    struct map *h = bed_map(w, MAP_sockhash, 6, 8, 4, 0);
    for (uint32_t i = 0; i < 3; i++) { /* listener, established, UDP */
        static const int which[] = {LISTENER, ESTABLISHED, UDP_ANY};
        world_put32(w, key, i);
        world_put64(w, value, (uint64_t)(100 + which[i]));
        CHECK_EQ(map_user_update(w, m, key, value, 0), 0);
    }
    start(w, PROG_sk_skb);
    CHECK_EQ(CALL4(w, sk_redirect_map, CTX_ADDR, m->handle, 1, 0), 1);
    CHECK_EQ(w->st.redirect.kind, 3);
    CHECK_EQ(w->st.redirect.key, 100 + ESTABLISHED);
    CHECK_EQ(CALL4(w, sk_redirect_map, CTX_ADDR, m->handle, 0, 0),
             0); /* a listener takes no data */
    CHECK_EQ(CALL4(w, sk_redirect_map, CTX_ADDR, m->handle, 2, 0), 0);
    CHECK_EQ(CALL4(w, sk_redirect_map, CTX_ADDR, m->handle, 3, 0), 0);
    CHECK_EQ(CALL4(w, sk_redirect_map, CTX_ADDR, m->handle, 1, 2), 0);
    CHECK_EQ(CALL4(w, sk_redirect_map, CTX_ADDR, m->handle, 1, 1), 1);
    CHECK_TRAP(w, CALL4(w, sk_redirect_map, CTX_ADDR, h->handle, 1, 1), RUN_TRAP_MEMORY);
    w->env->net->in.sk = ESTABLISHED;
    w->env->net->in.ops.op = 4;
    start(w, PROG_sock_ops);
    const uint64_t k = bed_mem(w, six, 6);
    CHECK_EQ(CALL4(w, sock_hash_update, CTX_ADDR, h->handle, k, 2), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL4(w, sock_hash_update, CTX_ADDR, h->handle, k, 0), 0);
    CHECK_EQ(CALL4(w, sock_hash_update, CTX_ADDR, h->handle, k, 1), ERRNO(LX_EEXIST));
    world_put32(w, key, 3);
    const uint64_t k3 = bed_mem(w, key, 4);
    CHECK_EQ(CALL4(w, sock_map_update, CTX_ADDR, m->handle, k3, 0), 0);
    CHECK_EQ(map_sock_at(w, m, key), 100 + ESTABLISHED);
    w->env->net->in.ops.op = 3;
    start(w, PROG_sock_ops);
    CHECK_EQ(CALL4(w, sock_map_update, CTX_ADDR, m->handle, k3, 0), ERRNO(LX_EOPNOTSUPP));
    start(w, PROG_sk_msg);
    CHECK_EQ(CALL4(w, msg_redirect_hash, CTX_ADDR, h->handle, k, 0), 1);
    CHECK_EQ(CALL4(w, msg_redirect_map, CTX_ADDR, m->handle, 3, 1), 1);
    CHECK_EQ(CALL4(w, msg_redirect_map, CTX_ADDR, m->handle, 2, 0), 0);
    CHECK_EQ(CALL4(w, sk_redirect_hash, CTX_ADDR, h->handle, k, 0), 1);
    CHECK_CALM(w);
    world_free(w);
}

static void test_reuseport(bool big) {
    struct world *w = sock_world(big);
    struct map *m = bed_map(w, MAP_reuseport_sockarray, 4, 8, 8, 0);
    uint8_t key[4], value[8];
    w->env->net->socks[LISTENER].reuseport_group = 1;
    w->env->net->socks[UDP_ANY].reuseport_group = 2;
    w->env->net->socks[WILD6].reuseport_group = 3;
    w->env->net->socks[ESTABLISHED].reuseport_group = 4;
    w->env->net->in.sk = LISTENER;
    start(w, PROG_sk_reuseport);
    static const struct {
        int sock;
        uint64_t want;
    } rows[] = {{LISTENER, 0},
                {UDP_ANY, ERRNO(LX_EPROTOTYPE)},
                {WILD6, ERRNO(LX_EAFNOSUPPORT)},
                {ESTABLISHED, ERRNO(LX_EBADFD)},
                {UDP_DEV, ERRNO(LX_ENOENT)}};
    for (uint32_t i = 0; i < 5; i++) {
        world_put32(w, key, i);
        world_put64(w, value, (uint64_t)(100 + rows[i].sock));
        CHECK_EQ(map_user_update(w, m, key, value, 0), 0);
        CHECK_EQ(CALL4(w, sk_select_reuseport, CTX_ADDR, m->handle, bed_mem(w, key, 4), 0),
                 rows[i].want);
    }
    CHECK_EQ(net_state_of(w)->selected, LISTENER);
    world_put32(w, key, 7);
    CHECK_EQ(CALL4(w, sk_select_reuseport, CTX_ADDR, m->handle, bed_mem(w, key, 4), 0),
             ERRNO(LX_ENOENT));
    CHECK_CALM(w);
    world_free(w);
}

static void test_storage(bool big) {
    struct world *w = sock_world(big);
    struct map *m = bed_map(w, MAP_sk_storage, 4, 8, 0, MAP_F_NO_PREALLOC);
    w->env->net->in.sk = ESTABLISHED;
    start(w, PROG_sched_cls);
    const uint64_t sk = net_sock_addr(w, ESTABLISHED), other = net_sock_addr(w, LISTENER);
    CHECK_EQ(CALL4(w, sk_storage_get, m->handle, sk, 0, 0), 0);
    const uint64_t v = CALL4(w, sk_storage_get, m->handle, sk, bed_mem(w, "initial!", 8), 1);
    CHECK(v && world_check(w, v, 8, WORLD_RW));
    CHECK(v && !memcmp(bed_host(w, v), "initial!", 8));
    CHECK_EQ(CALL4(w, sk_storage_get, m->handle, sk, 0, 0), v);
    CHECK_EQ(CALL4(w, sk_storage_get, m->handle, CALL1(w, tcp_sock, sk), 0, 0),
             v); /* the same socket */
    CHECK_EQ(CALL4(w, sk_storage_get, m->handle, other, 0, 0), 0);
    CHECK_EQ(CALL4(w, sk_storage_get, m->handle, sk, 0, 2), 0);
    CHECK_EQ(CALL4(w, sk_storage_get, m->handle, net_sock_addr(w, TIMEWAIT), 0, 1), 0);
    CHECK_EQ(CALL2(w, sk_storage_delete, m->handle, other), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL2(w, sk_storage_delete, m->handle, sk), 0);
    CHECK_EQ(CALL2(w, sk_storage_delete, m->handle, sk), ERRNO(LX_ENOENT));
    CHECK_CALM(w);
    world_free(w);
}

/* set_get: set an option, then get it. out: what was got, or the error of setting. */
static uint64_t set_get(struct world *w, uint64_t sk, int level, int opt, int32_t v) {
    uint8_t b[4];
    world_put32(w, b, (uint32_t)v);
    const uint64_t p = bed_mem(w, b, 4);
    uint64_t err = CALL5(w, setsockopt, sk, (uint64_t)level, (uint64_t)opt, p, 4);
    if (err)
        return err;
    err = CALL5(w, getsockopt, sk, (uint64_t)level, (uint64_t)opt, p, 4);
    return err ? err : world_get32(w, bed_host(w, p));
}

static void test_sockopt(bool big) {
    struct world *w = sock_world(big);
    w->env->net->in.sk = ESTABLISHED;
    w->env->net->in.ops.is_fullsock = true;
    start(w, PROG_sock_ops);
    const uint64_t sk = net_sock_addr(w, ESTABLISHED), c = CTX_ADDR;
    const uint64_t einval = ERRNO(LX_EINVAL);
    CHECK_EQ(set_get(w, c, 1, 2, 7), 1);         /* SO_REUSEADDR */
    CHECK_EQ(set_get(w, c, 1, 7, 10000), 20000); /* SO_SNDBUF */
    CHECK_EQ(set_get(w, c, 1, 7, 3000), 6000);
    CHECK_EQ(set_get(w, c, 1, 7, 1), 4608);
    CHECK_EQ(set_get(w, c, 1, 8, -1), 425984); /* SO_RCVBUF: at most the system's, doubled */
    CHECK_EQ(set_get(w, c, 1, 18, 0), 1);      /* SO_RCVLOWAT */
    CHECK_EQ(set_get(w, c, 1, 18, -5), INT32_MAX);
    CHECK_EQ(set_get(w, c, 1, 36, 77), 77); /* SO_MARK, shown by the image */
    CHECK_EQ(world_get32(w, w->mem + world_off(sk) + CTX_sock_mark), 77);
    CHECK_EQ(set_get(w, c, 1, 62, 2), 2); /* SO_BINDTOIFINDEX */
    CHECK_EQ(set_get(w, c, 1, 62, 99), ERRNO(LX_ENODEV));
    CHECK_EQ(set_get(w, c, 1, 62, -1), einval);
    CHECK_EQ(set_get(w, c, 1, 99, 1), einval);
    CHECK_EQ(set_get(w, c, 0, 1, 0xff), 0xfc);  /* IP_TOS of TCP: not the ECN bits */
    CHECK_EQ(set_get(w, c, 41, 67, 1), einval); /* IPv6's on an IPv4 socket */
    CHECK_EQ(set_get(w, net_sock_addr(w, WILD6), 41, 67, -1), 0);
    CHECK_EQ(set_get(w, net_sock_addr(w, WILD6), 0, 1, 4), 4);
    CHECK_EQ(set_get(w, net_sock_addr(w, ONLY6), 0, 1, 4), einval);
    CHECK_EQ(set_get(w, net_sock_addr(w, UDP_ANY), 6, 1, 4), einval);
    CHECK_EQ(set_get(w, net_sock_addr(w, TIMEWAIT), 1, 36, 4), einval);
    CHECK_EQ(set_get(w, c, 6, 1, 5), 1);      /* TCP_NODELAY */
    CHECK_EQ(set_get(w, c, 6, 2, 500), 1400); /* TCP_MAXSEG: the connection's */
    CHECK_EQ(set_get(w, net_sock_addr(w, LISTENER), 6, 2, 500), 500);
    CHECK_EQ(set_get(w, c, 6, 2, 87), einval);
    CHECK_EQ(set_get(w, c, 6, 6, 127), 127); /* TCP_KEEPCNT */
    CHECK_EQ(set_get(w, c, 6, 6, 128), einval);
    CHECK_EQ(set_get(w, c, 6, 10, 0), einval); /* TCP_WINDOW_CLAMP */
    CHECK_EQ(set_get(w, c, 6, 10, 5), 1152);
    CHECK_EQ(set_get(w, c, 6, 1001, 30), einval); /* TCP_BPF_IW: set, but cannot be got */
    CHECK_EQ(world_get32(w, w->mem + world_off(sk) + NET_TCP_IMAGE + CTX_tcp_sock_snd_cwnd), 30);
    CHECK_EQ(set_get(w, c, 6, 1001, 0), einval);
    CHECK_EQ(set_get(w, c, 6, 1008, 5), 5); /* TCP_BPF_SOCK_OPS_CB_FLAGS */
    CHECK_EQ(ctx_get32(w, CTX_sock_ops_bpf_sock_ops_cb_flags), 5);
    CHECK_EQ(set_get(w, c, 6, 1008, 0x80), einval);
    CHECK_EQ(CALL2(w, sock_ops_cb_flags_set, c, 0x83), 0x80);
    CHECK_EQ(ctx_get32(w, CTX_sock_ops_bpf_sock_ops_cb_flags), 3);
    /* what was set stays through the next set-up; other sockets have what they had */
    start(w, PROG_sock_ops);
    const uint64_t p = bed_mem(w, NULL, 4);
    CHECK_EQ(CALL5(w, getsockopt, c, 1, 36, p, 4), 0);
    CHECK_EQ(world_get32(w, bed_host(w, p)), 77);
    CHECK_EQ(CALL5(w, getsockopt, net_sock_addr(w, LISTENER), 1, 36, p, 4), 0);
    CHECK_EQ(world_get32(w, bed_host(w, p)), 0);
    CHECK_CALM(w);
    world_free(w);
}

/* Options that are no integers, and buffers of other sizes. */
static void test_sockopt_bytes(bool big) {
    struct world *w = sock_world(big);
    w->env->net->in.sk = ESTABLISHED;
    w->env->net->in.ops.is_fullsock = true;
    start(w, PROG_sock_ops);
    const uint64_t c = CTX_ADDR, einval = ERRNO(LX_EINVAL);
    uint8_t name[20];
    uint64_t p = bed_mem(w, NULL, 20);
    memset(bed_host(w, p), 0xee, 20);
    CHECK_EQ(CALL5(w, getsockopt, c, 6, 13, p, 20), 0); /* TCP_CONGESTION */
    memset(name, 0, sizeof name);
    memcpy(name, "cubic", 5);
    CHECK(!memcmp(bed_host(w, p), name, 20));
    CHECK_EQ(CALL5(w, setsockopt, c, 6, 13, bed_text(w, "reno"), 5), 0);
    CHECK_EQ(CALL5(w, getsockopt, c, 6, 13, p, 3), 0);
    CHECK(!memcmp(bed_host(w, p), "re", 3)); /* cut, and ended */
    CHECK_EQ(CALL5(w, setsockopt, c, 6, 13, bed_text(w, "cdg"), 3), ERRNO(LX_ENOTSUPP));
    CHECK_EQ(CALL5(w, setsockopt, c, 6, 13, bed_text(w, "bbr"), 4), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL5(w, setsockopt, c, 1, 36, p, 8), einval);
    memset(bed_host(w, p), 0xee, 8);
    CHECK_EQ(CALL5(w, getsockopt, c, 1, 36, p, 8), einval); /* and the buffer is cleared */
    CHECK_EQ(world_get64(w, bed_host(w, p)), 0);
    CHECK_EQ(CALL5(w, getsockopt, c, 1, 25, p, 8), einval);
    memset(bed_host(w, p), 0xee, 8);
    CHECK_EQ(CALL5(w, getsockopt, c, 6, 1006, p, 8), ERRNO(LX_ENOENT)); /* TCP_BPF_SYN_IP */
    CHECK_EQ(world_get64(w, bed_host(w, p)), 0);
    CHECK_EQ(CALL5(w, setsockopt, c, 1, 25, bed_text(w, "eth0"), 5), ERRNO(LX_ENODEV));
    CHECK_EQ(CALL5(w, setsockopt, c, 1, 25, bed_text(w, ""), 1), 0);
    CHECK_TRAP(w, CALL5(w, setsockopt, c, 1, 36, 0, 4), RUN_TRAP_NULL);
    CHECK_CALM(w);
    world_free(w);
}

static void test_bind(bool big) {
    struct world *w = sock_world(big);
    struct net_sock fresh = sock(NET_AF_INET, NET_TCP, TCP_CLOSE, 0);
    w->env->net->in.sk = net_env_add_sock(w->env->net, &fresh);
    start(w, PROG_cgroup_sock_addr);
    uint8_t a[28] = {0};
    world_put16(w, a, NET_AF_INET);
    memcpy(a + 4, "\x0a\x00\x00\x05", 4);
    const uint64_t p = bed_mem(w, a, 28);
    uint8_t *h = bed_host(w, p);
    CHECK_EQ(CALL3(w, bind, CTX_ADDR, p, 15), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, bind, CTX_ADDR, p, 16), 0);
    CHECK(!memcmp(w->mem + world_off(net_sock_addr(w, N_SOCKS)) + CTX_sock_src_ip4, a + 4, 4));
    net_put16(h + 2, 80);
    CHECK_EQ(CALL3(w, bind, CTX_ADDR, p, 16), ERRNO(LX_EADDRINUSE));
    net_put16(h + 2, 4001); /* the first was to an address alone */
    CHECK_EQ(CALL3(w, bind, CTX_ADDR, p, 16), 0);
    net_put16(h + 2, 4002);
    CHECK_EQ(CALL3(w, bind, CTX_ADDR, p, 16), ERRNO(LX_EINVAL)); /* bound by now */
    CHECK_EQ(net_sock_private(w, N_SOCKS)->bound_port, 4001);
    world_put16(w, h, 7);
    CHECK_EQ(CALL3(w, bind, CTX_ADDR, p, 16), ERRNO(LX_EAFNOSUPPORT));
    world_put16(w, h, NET_AF_INET6);
    CHECK_EQ(CALL3(w, bind, CTX_ADDR, p, 28), ERRNO(LX_EINVAL));
    CHECK_CALM(w);
    world_free(w);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        test_lookup(big);
        test_lookup_best(big);
        test_casts(big);
        test_assign(big);
        test_maps(big);
        test_reuseport(big);
        test_storage(big);
        test_sockopt(big);
        test_sockopt_bytes(big);
        test_bind(big);
    }
    return check_end();
}

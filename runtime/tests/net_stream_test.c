/* net_stream_test.c: messages, TCP options, SYN cookies, tunnels and sysctl; in worlds of both
 * byte orders. */
#include "runtime/tests/net_bed.h"

#include "runtime/map/perf.h"

static void test_msg(bool big) {
    struct world *w = net_world(big);
    uint8_t text[64], want[200];
    for (uint32_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)i;
#define PUSH(start, len, flags) CALL4(w, msg_push_data, CTX_ADDR, start, len, flags)
#define POP(start, len, flags)  CALL4(w, msg_pop_data, CTX_ADDR, start, len, flags)
#define PULL(start, end, flags) CALL4(w, msg_pull_data, CTX_ADDR, start, end, flags)
    for (uint32_t at = 0; at <= 64; at += 8) { /* push n bytes, pop them: the message that was */
        net_start(w, PROG_sk_msg, text, 64);
        CHECK_EQ(PUSH(at, 10, 0), 0);
        memcpy(want, text, at);
        memset(want + at, 0, 10);
        memcpy(want + at + 10, text + at, 64 - at);
        CHECK(pkt_is(w, want, 74));
        CHECK_EQ(ctx_get32(w, CTX_sk_msg_size), 74);
        CHECK(pkt_shown(w, true));
        CHECK_EQ(POP(at, 10, 0), 0);
        CHECK(pkt_is(w, text, 64));
    }
    net_start(w, PROG_sk_msg, text, 64);
    CHECK_EQ(PUSH(65, 1, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(PUSH(65, 0, 0), 0);
    CHECK_EQ(PUSH(0, 1, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(PUSH(0, 100000, 0), ERRNO(LX_ENOMEM));
    CHECK_EQ(POP(64, 1, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(POP(60, 5, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(POP(60, UINT32_MAX, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(POP(0, 1, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(PUSH(3, 321, 0),
             ERRNO(LX_ENOMEM)); /* more than the tailroom, and more than the headroom */
    CHECK_EQ(PUSH(3, 320, 0), 0);
    CHECK_EQ(PUSH(3, 256, 0), 0); /* the tailroom is gone: into the headroom */
    CHECK_EQ(POP(3, 576, 0), 0);
    CHECK(pkt_is(w, text, 64));
    CHECK_EQ(PULL(10, 20, 0), 0);
    const uint64_t data = world_get64(w, ctx_host(w, CTX_sk_msg_data));
    CHECK_EQ(world_get64(w, ctx_host(w, CTX_sk_msg_data_end)), data + 10);
    CHECK_EQ(*(uint8_t *)bed_host(w, data), 10);
    CHECK_EQ(ctx_get32(w, CTX_sk_msg_size), 64);
    CHECK_EQ(PULL(0, 65, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(PULL(5, 5, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(PULL(0, 64, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(PULL(0, 64, 0), 0);
    CHECK_EQ(CALL2(w, msg_apply_bytes, CTX_ADDR, 11), 0);
    CHECK_EQ(CALL2(w, msg_cork_bytes, CTX_ADDR, 12), 0);
    CHECK_EQ(net_state_of(w)->apply_bytes, 11);
    CHECK_EQ(net_state_of(w)->cork_bytes, 12);
    CHECK_CALM(w);
    world_free(w);
}

/* tcp_frame: a SYN whose options are these bytes (a multiple of 4). */
static uint32_t tcp_frame(uint8_t *out, const void *options, uint32_t n) {
    uint64_t seed = 1;
    const uint32_t len = frame(out, false, NET_TCP, n, &seed);
    memcpy(out + FRAME_V4 + 20, options, n);
    out[FRAME_V4 + 12] = (uint8_t)((20 + n) / 4 << 4);
    return len;
}

static uint64_t load_opt(struct world *w, const void *search, uint32_t len, uint64_t flags,
                         uint64_t *buf) {
    *buf = bed_mem(w, search, len);
    return CALL4(w, load_hdr_opt, CTX_ADDR, *buf, len, flags);
}

static const uint8_t options[16] = {2, 4, 5, 0xb4, 1, 1, 253, 6, 0xeb, 0x9f, 7, 8, 1, 3, 3, 9};

static void test_load_option(bool big) {
    struct world *w = net_world(big);
    struct net_input *in = &w->env->net->in;
    uint8_t packet[200];
    uint64_t buf;
    const uint32_t n = tcp_frame(packet, options, 16);
    in->ops.op = 13;
    net_start(w, PROG_sock_ops, packet, n);
    CHECK_EQ(net_pkt_len(w), 36);
    CHECK_EQ(load_opt(w, "\2\0\0\0", 4, 0, &buf), 4);
    CHECK(!memcmp(bed_host(w, buf), options, 4));
    CHECK_EQ(load_opt(w, "\2\0", 2, 0, &buf), ERRNO(LX_ENOSPC)); /* what fits is there */
    CHECK(!memcmp(bed_host(w, buf), options, 2));
    CHECK_EQ(load_opt(w, "\3\0\0\0\0", 5, 0, &buf), 3);
    CHECK_EQ(load_opt(w, "\xfd\4\xeb\x9f\0\0", 6, 0, &buf), 6);
    CHECK(!memcmp(bed_host(w, buf), options + 6, 6));
    CHECK_EQ(load_opt(w, "\xfd\4\xeb\x9e\0\0", 6, 0, &buf), ERRNO(LX_ENOMSG));
    CHECK_EQ(load_opt(w, "\xfd\0\0\0\0\0", 6, 0, &buf), ERRNO(LX_EINVAL)); /* without magic */
    CHECK_EQ(load_opt(w, "\x8\0\0\0", 4, 0, &buf), ERRNO(LX_ENOMSG));
    CHECK_EQ(load_opt(w, "\2\2\0\0", 4, 0, &buf), ERRNO(LX_EINVAL));
    CHECK_EQ(load_opt(w, "\1\0", 2, 0, &buf), ERRNO(LX_EINVAL));
    CHECK_EQ(load_opt(w, "\0\0", 2, 0, &buf), ERRNO(LX_EINVAL));
    CHECK_EQ(load_opt(w, "\2", 1, 0, &buf), ERRNO(LX_EINVAL));
    CHECK_EQ(load_opt(w, "\2\0", 2, 2, &buf), ERRNO(LX_EINVAL));
    CHECK_EQ(load_opt(w, "\2\0", 2, 1, &buf), ERRNO(LX_ENOENT)); /* no saved SYN */
    CHECK_EQ(CALL4(w, store_hdr_opt, CTX_ADDR, buf, 2, 0), ERRNO(LX_EPERM));
    CHECK_EQ(CALL3(w, reserve_hdr_opt, CTX_ADDR, 4, 0), ERRNO(LX_EPERM));
    /* an option too short for the magic looked for, which would go on behind it */
    net_start(w, PROG_sock_ops, packet, tcp_frame(packet, "\xfd\3\xeb\x9f\2\0\0\0", 8));
    CHECK_EQ(load_opt(w, "\xfd\4\xeb\x9f\0\0", 6, 0, &buf), ERRNO(LX_ENOMSG));
    in->ops.op = 14;
    net_start(w, PROG_sock_ops, packet, n);
    CHECK_EQ(load_opt(w, "\2\0\0\0", 4, 0, &buf), ERRNO(LX_EPERM));
    CHECK_CALM(w);
    world_free(w);
}

static void test_store_option(bool big) {
    static const uint8_t long_opt[20] = {0x22, 20};
    struct world *w = net_world(big);
    struct net_input *in = &w->env->net->in;
    uint8_t packet[200];
    uint64_t buf;
    const uint32_t n = tcp_frame(packet, options, 16);
    const uint64_t opt = bed_mem(w, "\x1e\4ab", 4);
    in->ops.op = 14;
    net_start(w, PROG_sock_ops, packet, n);
    CHECK_EQ(CALL3(w, reserve_hdr_opt, CTX_ADDR, 1, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, reserve_hdr_opt, CTX_ADDR, 4, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, reserve_hdr_opt, CTX_ADDR, 20, 0), 0);
    CHECK_EQ(CALL3(w, reserve_hdr_opt, CTX_ADDR, 5, 0), ERRNO(LX_ENOSPC)); /* 40 less 16 less 20 */
    CHECK_EQ(CALL3(w, reserve_hdr_opt, CTX_ADDR, 4, 0), 0);
    in->ops.op = 15;
    net_start(w, PROG_sock_ops, packet, n);
    CHECK_EQ(CALL4(w, store_hdr_opt, CTX_ADDR, opt, 4, 0), 0);
    CHECK_EQ(net_pkt_len(w), 40);
    CHECK(!memcmp(pkt_host(w) + 36, "\x1e\4ab", 4));
    CHECK(pkt_shown(w, false));
    CHECK_EQ(CALL4(w, store_hdr_opt, CTX_ADDR, opt, 4, 0), ERRNO(LX_EEXIST));
    CHECK_EQ(load_opt(w, "\x1e\0\0\0", 4, 0, &buf), 4);
    CHECK_EQ(CALL4(w, store_hdr_opt, CTX_ADDR, bed_mem(w, "\xfe\6\xeb\x9f\0\0", 6), 6, 0),
             0); /* another kind */
    CHECK_EQ(CALL4(w, store_hdr_opt, CTX_ADDR, bed_mem(w, "\xfd\6\xeb\x9f\0\0", 6), 6, 0),
             ERRNO(LX_EEXIST));
    CHECK_EQ(CALL4(w, store_hdr_opt, CTX_ADDR, bed_mem(w, "\xfd\3\0", 3), 3, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, store_hdr_opt, CTX_ADDR, bed_mem(w, long_opt, 20), 20, 0), ERRNO(LX_ENOSPC));
    CHECK_EQ(CALL4(w, store_hdr_opt, CTX_ADDR, bed_mem(w, "\x22\5\0", 4), 4, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, store_hdr_opt, CTX_ADDR, opt, 4, 1), ERRNO(LX_EINVAL));
    /* a broken list, and one that is ended */
    net_start(w, PROG_sock_ops, packet, tcp_frame(packet, "\2\x40\0\0", 4));
    CHECK_EQ(CALL4(w, store_hdr_opt, CTX_ADDR, opt, 4, 0), ERRNO(LX_EFAULT));
    net_start(w, PROG_sock_ops, packet, tcp_frame(packet, "\1\1\0\0", 4));
    CHECK_EQ(CALL4(w, store_hdr_opt, CTX_ADDR, opt, 4, 0), ERRNO(LX_ENOSPC));
    CHECK_CALM(w);
    world_free(w);
}

/* A cookie made for a SYN is taken back in the ACK that answers it, and only there. */
static void test_cookies(bool big) {
    struct world *w = net_world(big);
    struct net_sock s = {.family = NET_AF_INET6,
                         .type = NET_SOCK_STREAM,
                         .protocol = NET_TCP,
                         .state = TCP_LISTEN,
                         .src_port = 80,
                         .listener = NET_NONE};
    uint8_t packet[200];
    uint64_t seed = 3;
    net_env_add_sock(w->env->net, &s);
    for (int v6 = 0; v6 < 2; v6++) {
        const uint32_t l3 = v6 ? 40 : 20;
        static const uint8_t mss[4] = {2, 4, 1300 >> 8, 1300 & 255};
        frame(packet, v6, NET_TCP, 4, &seed);
        memcpy(packet + 14 + l3 + 20, mss, 4);
        packet[14 + l3 + 12] = 6 << 4;
        net_start(w, PROG_xdp, packet, 14 + l3 + 24);
        const uint64_t sk = net_sock_addr(w, 0), ip = bed_mem(w, packet + 14, l3);
        const uint64_t th = bed_mem(w, packet + 14 + l3, 24);
        uint8_t *h = bed_host(w, th);
        w->env->net->syncookies = false;
        CHECK_EQ(CALL5(w, tcp_gen_syncookie, sk, ip, l3, th, 24), ERRNO(LX_ENOENT));
        CHECK_EQ(CALL5(w, tcp_check_syncookie, sk, ip, l3, th, 24), ERRNO(LX_EINVAL));
        w->env->net->syncookies = true;
        CHECK_EQ(CALL5(w, tcp_gen_syncookie, sk, ip, l3, th, 20),
                 ERRNO(LX_EINVAL)); /* not its length */
        CHECK_EQ(CALL5(w, tcp_gen_syncookie, 0, ip, l3, th, 24), ERRNO(LX_EINVAL));
        const uint64_t got = CALL5(w, tcp_gen_syncookie, sk, ip, l3, th, 24);
        CHECK_EQ(got >> 32, v6 ? 1220 : 1300);
        const uint64_t raw = v6 ? CALL3(w, tcp_raw_gen_syncookie_ipv6, ip, th, 24)
                                : CALL3(w, tcp_raw_gen_syncookie_ipv4, ip, th, 24);
        CHECK_EQ(raw, got);
        CHECK_EQ(CALL5(w, tcp_check_syncookie, sk, ip, l3, th, 24),
                 ERRNO(LX_ENOENT)); /* a SYN brings none */
        h[13] = 16;
        CHECK_EQ(CALL5(w, tcp_gen_syncookie, sk, ip, l3, th, 24),
                 ERRNO(LX_EINVAL)); /* an ACK gets none */
        net_put32(h + 4, net_get32(h + 4) + 1);
        net_put32(h + 8, (uint32_t)got + 1);
        CHECK_EQ(CALL5(w, tcp_check_syncookie, sk, ip, l3, th, 24), 0);
#define RAW_CHECK()                                                                                \
    (v6 ? CALL2(w, tcp_raw_check_syncookie_ipv6, ip, th)                                           \
        : CALL2(w, tcp_raw_check_syncookie_ipv4, ip, th))
        CHECK_EQ(RAW_CHECK(), 0);
        net_put32(h + 8, (uint32_t)got + 9);
        CHECK_EQ(CALL5(w, tcp_check_syncookie, sk, ip, l3, th, 24), ERRNO(LX_ENOENT));
        CHECK_EQ(RAW_CHECK(), ERRNO(LX_EACCES));
        net_put32(h + 8, (uint32_t)got + 1);
        h[0]++; /* another port */
        CHECK_EQ(CALL5(w, tcp_check_syncookie, sk, ip, l3, th, 24), ERRNO(LX_ENOENT));
        ((uint8_t *)bed_host(w, ip))[0] = 0x55;
        CHECK_EQ(CALL5(w, tcp_check_syncookie, sk, ip, l3, th, 24), ERRNO(LX_EPROTONOSUPPORT));
    }
    CHECK_CALM(w);
    world_free(w);
}

#define GET(size, flags) CALL4(w, skb_get_tunnel_key, CTX_ADDR, key, size, flags)
#define SET(size, flags) CALL4(w, skb_set_tunnel_key, CTX_ADDR, key, size, flags)

static void test_get_tunnel(bool big) {
    struct world *w = net_world(big);
    struct net_tunnel *t = &w->env->net->in.tunnel;
    uint8_t packet[200], zero[44] = {0};
    uint64_t seed = 4;
    const uint32_t n = frame(packet, false, NET_UDP, 4, &seed);
    const uint64_t key = bed_mem(w, NULL, 44), opt = bed_mem(w, "abcdefghijkl", 12);
    uint8_t *h = bed_host(w, key);
    net_start(w, PROG_sched_cls, packet, n);
    memset(h, 0xee, 44);
    CHECK_EQ(GET(44, 0), ERRNO(LX_EINVAL)); /* came through none */
    CHECK(!memcmp(h, zero, 44));
    CHECK_EQ(CALL3(w, skb_get_tunnel_opt, CTX_ADDR, opt, 12), ERRNO(LX_ENOENT));
    *t = (struct net_tunnel){.present = true,
                             .id = 77,
                             .tos = 1,
                             .ttl = 64,
                             .flags = 0x0401,
                             .remote = {1, 2, 3, 4},
                             .local = {5, 6, 7, 8},
                             .n_opts = 8};
    memcpy(t->opts, "OPTIONS!", 8);
    net_start(w, PROG_sched_cls, packet, n);
    CHECK_EQ(GET(44, 0), 0);
    CHECK_EQ(world_get32(w, h), 77);
    CHECK_EQ(world_get32(w, h + 4), 0x01020304); /* a number, not network order */
    CHECK_EQ(world_get32(w, h + 28), 0x05060708);
    CHECK_EQ(h[20] << 8 | h[21], 0x140);
    CHECK_EQ(net_get16(h + 22), 0);
    CHECK_EQ(GET(44, 16), 0);
    CHECK_EQ(net_get16(h + 22), 0x0401);
    CHECK_EQ(GET(44, 1), ERRNO(LX_EPROTO));
    CHECK_EQ(GET(44, 2), ERRNO(LX_EINVAL));
    CHECK_EQ(GET(43, 0), ERRNO(LX_EINVAL));
    for (uint32_t i = 0; i < 4; i++) { /* sizes that older programs know */
        static const uint32_t sizes[] = {8, 22, 24, 28};
        memset(h, 0xee, 44);
        CHECK_EQ(GET(sizes[i], 0), 0);
        CHECK_EQ(world_get32(w, h + 4), 0x01020304);
        CHECK_EQ(h[sizes[i]], 0xee);
    }
    CHECK_EQ(CALL3(w, skb_get_tunnel_opt, CTX_ADDR, opt, 12), 8);
    CHECK(!memcmp(bed_host(w, opt), "OPTIONS!\0\0\0\0", 12));
    CHECK_EQ(CALL3(w, skb_get_tunnel_opt, CTX_ADDR, opt, 7), ERRNO(LX_ENOMEM));
    CHECK_EQ(CALL3(w, skb_set_tunnel_opt, CTX_ADDR, opt, 4), ERRNO(LX_EINVAL)); /* not our key */
    CHECK_CALM(w);
    world_free(w);
}

static void test_set_tunnel(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[200];
    uint64_t seed = 4;
    const uint64_t key = bed_mem(w, NULL, 44), opt = bed_mem(w, "abcdefghijkl", 12);
    uint8_t *h = bed_host(w, key);
    w->env->net->in.tunnel.id = 77;
    net_start(w, PROG_sched_cls, packet, frame(packet, false, NET_UDP, 4, &seed));
    world_put32(w, h, 99);
    world_put32(w, h + 4, 0x0a0b0c0d);
    world_put32(w, h + 28, 0x01010101);
    h[21] = 5;
    CHECK_EQ(SET(44, 64), ERRNO(LX_EINVAL));
    CHECK_EQ(SET(43, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(SET(44, 0), 0);
    CHECK_EQ(net_state_of(w)->tunnel.id, 99);
    CHECK(!memcmp(net_state_of(w)->tunnel.remote, "\x0a\x0b\x0c\x0d", 4));
    CHECK_EQ(net_state_of(w)->tunnel.flags, 0x2005); /* checksum, key, no cache */
    CHECK_EQ(SET(44, 2 | 4 | 8 | 16), 0);
    CHECK_EQ(net_state_of(w)->tunnel.flags, 0x2108);
    CHECK_EQ(CALL3(w, skb_set_tunnel_opt, CTX_ADDR, opt, 6), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, skb_set_tunnel_opt, CTX_ADDR, opt, 12), 0);
    CHECK_EQ(net_state_of(w)->tunnel.n_opts, 12);
    world_put32(w, h + 24, 1); /* a label is IPv6's */
    CHECK_EQ(SET(44, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(SET(44, 1), 0);
    CHECK_EQ(GET(44, 0), ERRNO(LX_EPROTO));
    CHECK_EQ(w->env->net->in.tunnel.id, 77); /* the table is no run's to change */
    CHECK_CALM(w);
    world_free(w);
}

static void test_encap(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[200], outer[48] = {0};
    uint64_t seed = 5;
    const uint32_t n = frame(packet, false, NET_UDP, 20, &seed);
    outer[0] = 0x45;
    outer[9] = 47;
    net_put32(outer + 12, 0x01020304);
    net_start(w, PROG_lwt_xmit, packet, n);
    uint64_t p = bed_mem(w, outer, 24);
    CHECK_EQ(CALL4(w, lwt_push_encap, CTX_ADDR, 0, p, 24), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, lwt_push_encap, CTX_ADDR, 2, p, 19), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, lwt_push_encap, CTX_ADDR, 2, p, 24), 0);
    CHECK_EQ(net_pkt_len(w), n - 14 + 24);
    CHECK(!memcmp(pkt_host(w) + 24, packet + 14, n - 14));
    CHECK_EQ(plain_sum(pkt_host(w), 20), 0xffff); /* its checksum was left to be filled in */
    outer[0] = 0x60;
    outer[6] = 17;
    net_start(w, PROG_lwt_in, packet, n);
    p = bed_mem(w, outer, 48);
    CHECK_EQ(CALL4(w, lwt_push_encap, CTX_ADDR, 2, p, 47),
             ERRNO(LX_EINVAL)); /* UDP's header is cut */
    CHECK_EQ(CALL4(w, lwt_push_encap, CTX_ADDR, 2, p, 48), 0);
    CHECK_EQ(ctx_get32(w, CTX_sk_buff_protocol), be16_in(w, 0x86dd));
    CHECK(pkt_shown(w, false));
    world_free(w);
}

static void test_sysctl(bool big) {
    struct world *w = net_world(big);
    struct net_input *in = &w->env->net->in;
    const uint64_t buf = bed_mem(w, NULL, 32);
    char *h = bed_host(w, buf);
    strcpy(in->sysctl.name, "net/ipv4/tcp_mem");
    strcpy(in->sysctl.cur, "1 2 3");
    strcpy(in->sysctl.new_value, "4");
    net_start(w, PROG_cgroup_sysctl, NULL, 0);
    CHECK_EQ(CALL4(w, sysctl_get_name, CTX_ADDR, buf, 32, 0), 16);
    CHECK_STR(h, "net/ipv4/tcp_mem");
    CHECK_EQ(CALL4(w, sysctl_get_name, CTX_ADDR, buf, 32, 1), 7);
    CHECK_STR(h, "tcp_mem");
    CHECK_EQ(CALL4(w, sysctl_get_name, CTX_ADDR, buf, 7, 1), ERRNO(LX_E2BIG));
    CHECK_STR(h, "tcp_me");
    CHECK_EQ(CALL3(w, sysctl_get_current_value, CTX_ADDR, buf, 32), 5);
    CHECK_STR(h, "1 2 3");
    CHECK_EQ(CALL3(w, sysctl_get_current_value, CTX_ADDR, buf, 5), ERRNO(LX_E2BIG));
    CHECK_STR(h, "1 2 ");
    h[0] = 'x';
    CHECK_EQ(CALL3(w, sysctl_get_new_value, CTX_ADDR, buf, 32), ERRNO(LX_EINVAL)); /* it is read */
    CHECK_STR(h, "");
    CHECK_EQ(CALL3(w, sysctl_set_new_value, CTX_ADDR, buf, 3), ERRNO(LX_EINVAL));
    in->sysctl.write = true;
    net_start(w, PROG_cgroup_sysctl, NULL, 0);
    CHECK_EQ(CALL3(w, sysctl_get_new_value, CTX_ADDR, buf, 32), 1);
    CHECK_STR(h, "4");
    CHECK_EQ(CALL3(w, sysctl_set_new_value, CTX_ADDR, bed_text(w, "600"), 3), 0);
    CHECK_EQ(CALL3(w, sysctl_get_new_value, CTX_ADDR, buf, 32), 3);
    CHECK_STR(h, "600");
    CHECK_EQ(CALL3(w, sysctl_set_new_value, CTX_ADDR, bed_mem(w, NULL, 5000), 4096),
             ERRNO(LX_E2BIG));
    CHECK_CALM(w);
    world_free(w);
}

static void test_output(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[200];
    uint64_t seed = 6;
    const uint32_t n = frame(packet, false, NET_UDP, 20, &seed);
    struct map *m = bed_map(w, MAP_perf_event_array, 4, 4, 4, 0);
    perf_attach(w, m);
    const uint64_t meta = bed_mem(w, "metadata", 8);
    net_start(w, PROG_xdp, packet, n);
    CHECK_EQ(CALL5(w, xdp_output, CTX_ADDR, m->handle, (uint64_t)n << 32 | UINT32_MAX, meta, 8), 0);
    CHECK_EQ(CALL5(w, xdp_output, CTX_ADDR, m->handle, (uint64_t)(n + 1) << 32, meta, 8),
             ERRNO(LX_EFAULT));
    CHECK_EQ(CALL5(w, skb_output, CTX_ADDR, m->handle, UINT64_C(1) << 52, meta, 8),
             ERRNO(LX_EINVAL));
    CHECK_EQ(CALL5(w, skb_output, 0, m->handle, 0, meta, 8), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL5(w, skb_output, CTX_ADDR, m->handle, 9, meta, 8), ERRNO(LX_E2BIG));
    net_start(w, PROG_sched_cls, packet, n);
    memset(bed_host(w, meta), 0xee, 8);
    CHECK_EQ(CALL5(w, skb_get_xfrm_state, CTX_ADDR, 0, meta, 8, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(world_get64(w, bed_host(w, meta)), 0);
    CHECK_CALM(w);
    world_free(w);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        test_msg(big);
        test_load_option(big);
        test_store_option(big);
        test_cookies(big);
        test_get_tunnel(big);
        test_set_tunnel(big);
        test_encap(big);
        test_sysctl(big);
        test_output(big);
    }
    return check_end();
}

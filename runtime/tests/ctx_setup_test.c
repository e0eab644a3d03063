/* ctx_setup_test.c: contexts in a world: what the shadow shows, what fields hold, what goes the
 * slow way, LD_ABS. Every test runs in worlds of both byte orders; values are read as a program
 * would, by loads in the world's order. */
#include "runtime/tests/net_bed.h"

static const uint32_t all_types[] = {
#define PROG_TYPE(nr, name) nr,
#include "isa/kind.def"
};
enum {
    N_ALL = sizeof all_types / sizeof all_types[0]
};

/* load: what a program's load gives: shadow first, else ctx_load. out: false if neither allows. */
static bool load(struct world *w, uint64_t addr, unsigned size, uint64_t *v) {
    const uint8_t *p = w->mem + world_off(addr);
    if (!world_check(w, addr, size, WORLD_READ))
        return ctx_load(w, addr, size, v);
    *v = size == 1   ? *p
         : size == 2 ? world_get16(w, p)
         : size == 4 ? world_get32(w, p)
                     : world_get64(w, p);
    return true;
}

static uint64_t ctx(struct world *w, uint32_t off, unsigned size) {
    uint64_t v = 0;
    CHECK(load(w, CTX_ADDR + off, size, &v));
    return v;
}

static bool store(struct world *w, uint32_t off, unsigned size, uint64_t v) {
    uint8_t *p = w->mem + world_off(CTX_ADDR + off);
    if (!world_check(w, CTX_ADDR + off, size, WORLD_WRITE))
        return ctx_store(w, CTX_ADDR + off, size, v);
    if (size == 4)
        world_put32(w, p, (uint32_t)v);
    else
        world_put64(w, p, v);
    return true;
}

/* covered: does the access lie in a wider one that the table allows? The shadow cannot tell such
 * apart. */
static bool covered(const struct progtype *pt, uint32_t off, uint32_t size, bool write) {
    for (uint32_t wide = size * 2; wide <= 8; wide *= 2)
        if (progtype_access(pt, -1, off & ~(wide - 1), wide, write))
            return true;
    return false;
}

/* Every aligned access of every type is possible, by shadow or by ctx_load and ctx_store,
 * exactly when the table allows it; apart from parts of fields that the shadow cannot refuse. */
static void test_shadow(bool big) {
    for (uint32_t t = 0; t < N_ALL; t++) {
        const struct progtype *pt = progtype_of(all_types[t]);
        if (!pt || pt->type == PROG_raw || pt->opaque)
            continue;
        struct world *w = net_world(big);
        uint64_t seed = 1;
        uint8_t packet[2000];
        net_start(w, pt->type, packet, frame(packet, false, NET_TCP, 100, &seed));
        check_note(pt->name);
        for (uint32_t off = 0; off < 300; off++)
            for (unsigned size = 1; size <= 8; size *= 2) {
                if (off % size)
                    continue;
                uint64_t v;
                const bool rd = progtype_access(pt, -1, off, size, false);
                const bool wr = progtype_access(pt, -1, off, size, true);
                const uint64_t at = CTX_ADDR + off;
                const bool shown = world_check(w, at, size, WORLD_READ);
                const bool writable = world_check(w, at, size, WORLD_WRITE);
                CHECK(rd ? shown != ctx_load(w, at, size, &v) : !ctx_load(w, at, size, &v));
                CHECK(wr ? writable != ctx_store(w, at, size, 1) : !ctx_store(w, at, size, 1));
                CHECK(rd || !shown || covered(pt, off, size, false));
                CHECK(wr || !writable || covered(pt, off, size, true));
            }
        CHECK(!world_check(w, CTX_ADDR - 1, 1, WORLD_READ));
        world_free(w);
    }
    check_note(NULL);
}

static void test_skb(bool big) {
    struct world *w = net_world(big);
    struct net_input *in = &w->env->net->in;
    uint8_t packet[2000];
    uint64_t seed = 2, v;
    const uint32_t n = frame(packet, false, NET_UDP, 30, &seed);
    in->mark = 0xabcd1234;
    in->ingress_ifindex = 7;
    in->tstamp = 0x123456789abcdef;
    in->vlan_present = true;
    in->vlan_tci = 0x2064;
    in->vlan_proto = 0x88a8;
    in->gso_size = 1000;
    net_start(w, PROG_sched_cls, packet, n);
    const uint64_t data = world_addr(WORLD_PKT_OFF + w->st.pkt.data);
    CHECK_EQ(ctx(w, CTX_sk_buff_len, 4), n);
    CHECK_EQ(ctx(w, CTX_sk_buff_wire_len, 4), n);
    CHECK_EQ(ctx(w, CTX_sk_buff_protocol, 4), big ? 0x0800 : 0x0008); /* htons(ETH_P_IP) */
    CHECK_EQ(ctx(w, CTX_sk_buff_protocol + (big ? 2 : 0), 2), big ? 0x0800 : 0x0008);
    CHECK_EQ(ctx(w, CTX_sk_buff_mark, 4), 0xabcd1234);
    CHECK_EQ(ctx(w, CTX_sk_buff_mark + (big ? 3 : 0), 1), 0x34); /* least byte */
    CHECK_EQ(ctx(w, CTX_sk_buff_ingress_ifindex, 4), 7);
    CHECK_EQ(ctx(w, CTX_sk_buff_ifindex, 4), 2);
    CHECK_EQ(ctx(w, CTX_sk_buff_tstamp, 8), 0x123456789abcdef);
    CHECK_EQ(ctx(w, CTX_sk_buff_vlan_present, 4), 1);
    CHECK_EQ(ctx(w, CTX_sk_buff_vlan_tci, 4), 0x2064);
    CHECK_EQ(ctx(w, CTX_sk_buff_vlan_proto, 4), big ? 0x88a8 : 0xa888);
    CHECK_EQ(ctx(w, CTX_sk_buff_pkt_type, 4), 0); /* to our device's address */
    CHECK_EQ(ctx(w, CTX_sk_buff_gso_size, 4), 1000);
    CHECK_EQ(ctx(w, CTX_sk_buff_data, 4), data);
    CHECK_EQ(ctx(w, CTX_sk_buff_data_end, 4), data + n);
    CHECK_EQ(ctx(w, CTX_sk_buff_data_meta, 4), data);
    CHECK_EQ(ctx(w, CTX_sk_buff_sk, 8), 0);
    CHECK(pkt_shown(w, true));
    CHECK(!load(w, CTX_ADDR + CTX_sk_buff_family, 4, &v));
    CHECK(!load(w, CTX_ADDR + CTX_sk_buff_data, 2, &v));
    CHECK(!load(w, CTX_ADDR + CTX_sk_buff_data, 8, &v));

    /* 16-bit fields keep 16 bits; the queue stays for the number that means none */
    CHECK(store(w, CTX_sk_buff_tc_index, 4, 0x12345678));
    CHECK_EQ(ctx(w, CTX_sk_buff_tc_index, 4), 0x5678);
    CHECK(store(w, CTX_sk_buff_tc_classid, 4, 0xffff0001));
    CHECK_EQ(ctx(w, CTX_sk_buff_tc_classid, 4), 1);
    CHECK(store(w, CTX_sk_buff_queue_mapping, 4, 3));
    CHECK(store(w, CTX_sk_buff_queue_mapping, 4, 0xffff));
    CHECK_EQ(ctx(w, CTX_sk_buff_queue_mapping, 4), 3);
    CHECK(store(w, CTX_sk_buff_mark, 4, 5));
    CHECK_EQ(ctx(w, CTX_sk_buff_mark, 4), 5);
    CHECK(!store(w, CTX_sk_buff_len, 4, 5));
    CHECK(!store(w, CTX_sk_buff_hash, 4, 5));

    memset(packet, 0xff, 6);
    net_start(w, PROG_sched_cls, packet, n);
    CHECK_EQ(ctx(w, CTX_sk_buff_pkt_type, 4), 1);
    packet[1] = 0;
    net_start(w, PROG_sched_cls, packet, n);
    CHECK_EQ(ctx(w, CTX_sk_buff_pkt_type, 4), 2);
    packet[0] = 2;
    net_start(w, PROG_sched_cls, packet, n);
    CHECK_EQ(ctx(w, CTX_sk_buff_pkt_type, 4), 3);
    net_put16(packet + 12, 100); /* a length: LLC */
    net_start(w, PROG_sched_cls, packet, n);
    CHECK_EQ(ctx(w, CTX_sk_buff_protocol, 4), big ? 4 : 0x400);
    uint64_t r1 = 0;
    /* 0xffff behind the length, but behind the end of the frame too */
    CHECK_EQ(world_set_packet(w, packet, 14), BPFLAB_OK);
    memset(net_pkt(w, w->st.pkt.end), 0xff, 2);
    CHECK_EQ(ctx_setup(w, PROG_sched_cls, NULL, 0, &r1), BPFLAB_OK);
    CHECK_EQ(ctx(w, CTX_sk_buff_protocol, 4), big ? 4 : 0x400);
    net_start(w, PROG_sched_cls, packet, 5); /* no Ethernet header: no protocol, no crash */
    CHECK_EQ(ctx(w, CTX_sk_buff_protocol, 4), 0);
    net_start(w, PROG_cgroup_skb, packet, 0);
    CHECK_EQ(ctx(w, CTX_sk_buff_len, 4), 0);
    world_free(w);
}

/* The caller's bytes go over scalar fields and nothing else. */
static void test_overlay(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[200], bytes[192];
    uint64_t seed = 3, r1;
    const uint32_t n = frame(packet, true, NET_TCP, 10, &seed);
    memset(bytes, 0x11, sizeof bytes);
    CHECK_EQ(world_set_packet(w, packet, n), BPFLAB_OK);
    CHECK_EQ(ctx_setup(w, PROG_sched_cls, bytes, sizeof bytes, &r1), BPFLAB_OK);
    CHECK_EQ(ctx(w, CTX_sk_buff_mark, 4), 0x11111111);
    CHECK_EQ(ctx(w, CTX_sk_buff_cb + 16, 4), 0x11111111);
    CHECK_EQ(ctx(w, CTX_sk_buff_len, 4), n);
    CHECK_EQ(ctx(w, CTX_sk_buff_protocol, 4), big ? 0x86dd : 0xdd86);
    CHECK_EQ(ctx(w, CTX_sk_buff_sk, 8), 0);
    CHECK_EQ(ctx(w, CTX_sk_buff_hash, 4), 0x11111111);
    CHECK_EQ(w->st.skb_hash, 0x11111111);
    CHECK_EQ(ctx_setup(w, PROG_sched_cls, bytes, 10, &r1),
             BPFLAB_OK); /* up to the middle of mark */
    CHECK_EQ(ctx(w, CTX_sk_buff_mark, 4), big ? 0x11110000 : 0x1111);
    CHECK_EQ(ctx_setup(w, PROG_sched_cls, bytes, 193, &r1), BPFLAB_E_RANGE);
    CHECK_EQ(ctx_setup(w, 99, bytes, 1, &r1), BPFLAB_E_ARG);
    CHECK_EQ(ctx_setup(w, PROG_unspec, NULL, 0, &r1), BPFLAB_E_ARG);
    CHECK_EQ(ctx_setup(w, PROG_raw, NULL, 0, &r1), BPFLAB_OK);
    CHECK_EQ(r1, 0);
    CHECK(!world_check(w, CTX_ADDR, 1, WORLD_READ)); /* nothing of the context before is left */
    world_free(w);
}

/* Opaque contexts are as long as their input. */
static void test_opaque(bool big) {
    struct world *w = net_world(big);
    uint8_t bytes[64];
    uint64_t r1;
    for (uint32_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    for (uint32_t n = 0; n <= sizeof bytes; n++) {
        CHECK_EQ(ctx_setup(w, PROG_syscall, bytes, n, &r1), BPFLAB_OK);
        for (uint32_t off = 0; off < 80; off += 1)
            for (unsigned size = 1; size <= 8; size *= 2)
                if (off % size == 0) {
                    CHECK_EQ(world_check(w, r1 + off, size, WORLD_RW), off + size <= n);
                    if (off + size <= n)
                        CHECK_EQ(ctx(w, off, size) >> (big ? 0 : 8 * (size - 1)) & 0xff,
                                 off + size - 1);
                }
    }
    CHECK_EQ(ctx_setup(w, PROG_tracepoint, bytes, 20, &r1), BPFLAB_OK);
    CHECK(!world_check(w, r1, 1, WORLD_READ) && world_check(w, r1 + 8, 8, WORLD_READ));
    CHECK(!world_check(w, r1 + 8, 1, WORLD_WRITE));
    CHECK(world_check(w, r1 + 16, 4, WORLD_READ) && !world_check(w, r1 + 16, 8, WORLD_READ));
    CHECK_EQ(ctx_setup(w, PROG_syscall, bytes, WORLD_CTX_BYTES + 1, &r1), BPFLAB_E_RANGE);
    w->env->net->in.regs[16] = 0xfeedface12345678; /* rip */
    w->env->net->in.sample_period = 77;
    CHECK_EQ(ctx_setup(w, PROG_kprobe, NULL, 0, &r1), BPFLAB_OK);
    CHECK_EQ(ctx(w, CTX_pt_regs_rip, 8), 0xfeedface12345678);
    CHECK_EQ(ctx_setup(w, PROG_perf_event, NULL, 0, &r1), BPFLAB_OK);
    CHECK_EQ(ctx(w, CTX_perf_event_rip, 8), 0xfeedface12345678);
    CHECK_EQ(ctx(w, CTX_perf_event_sample_period, 8), 77);
    world_free(w);
}

/* Where each type sees its packet begin, and whether it may write there. */
static void test_starts(bool big) {
    static const struct {
        uint32_t type, at;
        bool write;
    } rows[] = {
        {PROG_socket_filter, 0, false},
        {PROG_sched_act, 0, true},
        {PROG_xdp, 0, true},
        {PROG_cgroup_skb, 14, false},
        {PROG_lwt_in, 14, false},
        {PROG_lwt_out, 14, false},
        {PROG_lwt_xmit, 14, true},
        {PROG_sk_skb, 54, true},
        {PROG_sk_reuseport, 34, false},
        {PROG_sk_msg, 0, true},
        {PROG_flow_dissector, 0, false},
    };
    uint8_t packet[200];
    uint64_t seed = 4, v;
    const uint32_t n = frame(packet, false, NET_TCP, 40, &seed);
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world *w = net_world(big);
        check_note(progtype_of(rows[i].type)->name);
        net_start(w, rows[i].type, packet, n);
        CHECK(pkt_is(w, packet + rows[i].at, n - rows[i].at));
        CHECK(pkt_shown(w, rows[i].write));
        CHECK(ctx_ld_abs(w, -0x200000, 2, &v) && v == 0x0200);
        if (rows[i].type != PROG_sk_msg)
            CHECK(ctx_ld_abs(w, -0x100000, 1, &v) && v == 0x45);
        world_free(w);
    }
    check_note(NULL);
    struct world *w = net_world(big);
    net_start(w, PROG_sk_reuseport, packet, n);
    const uint64_t data = world_addr(WORLD_PKT_OFF + w->st.pkt.data);
    CHECK_EQ(ctx(w, CTX_sk_reuseport_data, 8), data);
    CHECK_EQ(ctx(w, CTX_sk_reuseport_data_end, 8), data + 60);
    CHECK_EQ(ctx(w, CTX_sk_reuseport_len, 4), 60);
    CHECK_EQ(ctx(w, CTX_sk_reuseport_ip_protocol, 4), NET_TCP);
    CHECK_EQ(ctx(w, CTX_sk_reuseport_eth_protocol, 4), big ? 0x0800 : 0x0008);
    net_start(w, PROG_sk_msg, packet, n);
    CHECK_EQ(ctx(w, CTX_sk_msg_size, 4), n);
    CHECK_EQ(ctx(w, CTX_sk_msg_data_end, 8) - ctx(w, CTX_sk_msg_data, 8), n);
    net_start(w, PROG_sock_ops, packet, n);
    CHECK_EQ(ctx(w, CTX_sock_ops_skb_len, 4), 60);
    CHECK_EQ(ctx(w, CTX_sock_ops_skb_tcp_flags, 4), 2);
    CHECK_EQ(ctx(w, CTX_sock_ops_skb_data_end, 8) - ctx(w, CTX_sock_ops_skb_data, 8), 20);
    CHECK(world_check(w, ctx(w, CTX_sock_ops_skb_data, 8), 20, WORLD_READ));
    CHECK(!world_check(w, ctx(w, CTX_sock_ops_skb_data_end, 8), 1, WORLD_READ));
    net_start(w, PROG_flow_dissector, packet, n);
    const uint64_t keys = ctx(w, CTX_sk_buff_flow_keys, 8);
    CHECK(world_check(w, keys, 56, WORLD_RW) && !world_check(w, keys + 56, 1, WORLD_READ));
    CHECK(load(w, keys, 2, &v) && v == 14);
    CHECK(load(w, keys + 10, 2, &v) && v == (big ? 0x0800 : 0x0008));
    world_free(w);
}

static int32_t add_sock(struct world *w) {
    struct net_sock s = {.family = NET_AF_INET,
                         .type = NET_SOCK_STREAM,
                         .protocol = NET_TCP,
                         .state = TCP_ESTABLISHED,
                         .src = {10, 0, 0, 2},
                         .dst = {10, 0, 0, 1},
                         .src_port = 80,
                         .dst_port = 1000,
                         .mark = 9,
                         .rx_queue = -1,
                         .listener = NET_NONE,
                         .cookie = 42};
    s.tcp.snd_cwnd = 10;
    s.tcp.rtt_min = 11;
    s.tcp.sacked_out = 12;
    s.tcp.bytes_acked = 0x100000002;
    return net_env_add_sock(w->env->net, &s);
}

static void test_socks(bool big) {
    struct world *w = net_world(big);
    struct net_input *in = &w->env->net->in;
    uint8_t packet[200];
    uint64_t seed = 5, v;
    const uint32_t n = frame(packet, false, NET_TCP, 40, &seed);
    const uint32_t net_ip1 = big ? 0x0a000001 : 0x0100000a, net_ip2 = big ? 0x0a000002 : 0x0200000a;
    in->sk = add_sock(w);
    CHECK_EQ(in->sk, 0);

    net_start(w, PROG_cgroup_skb, packet, n);
    CHECK_EQ(ctx(w, CTX_sk_buff_family, 4), 2);
    CHECK_EQ(ctx(w, CTX_sk_buff_remote_ip4, 4), net_ip1);
    CHECK_EQ(ctx(w, CTX_sk_buff_local_ip4, 4), net_ip2);
    CHECK_EQ(ctx(w, CTX_sk_buff_remote_port, 4), big ? 1000 : 0xe8030000); /* htons(1000) << 16 */
    CHECK_EQ(ctx(w, CTX_sk_buff_local_port, 4), 80);
    const uint64_t sk = ctx(w, CTX_sk_buff_sk, 8);
    CHECK_EQ(sk, net_sock_addr(w, 0));
    CHECK(load(w, sk + CTX_sock_src_ip4, 4, &v) && v == net_ip2);
    CHECK(load(w, sk + CTX_sock_src_port, 4, &v) && v == 80);
    CHECK(load(w, sk + CTX_sock_dst_port, 2, &v) && v == (big ? 1000 : 0xe803));
    CHECK(load(w, sk + CTX_sock_dst_port, 4, &v) &&
          v == (big ? 1000 : 0xe803)); /* with its padding */
    CHECK(load(w, sk + CTX_sock_mark, 4, &v) && v == 9);
    CHECK(load(w, sk + CTX_sock_rx_queue_mapping, 4, &v) && v == UINT32_MAX);
    CHECK(!load(w, sk + CTX_sock_pad_50, 2, &v) && !load(w, sk + 80, 1, &v));
    CHECK(!world_check(w, sk, 4, WORLD_WRITE));
    CHECK(load(w, sk + NET_TCP_IMAGE + CTX_tcp_sock_bytes_acked, 8, &v) && v == 0x100000002);

    net_start(w, PROG_cgroup_sock, packet, n);
    CHECK_EQ(ctx(w, CTX_sock_mark, 4), 9);
    CHECK_EQ(ctx(w, CTX_sock_dst_port, 4), big ? 1000 : 0xe803);
    CHECK_EQ(ctx(w, CTX_sock_dst_port, 2), big ? 1000 : 0xe803);
    in->ops.op = 4;
    in->ops.args[0] = 1;
    in->ops.args[3] = 3;
    net_start(w, PROG_sock_ops, packet, n);
    CHECK_EQ(ctx(w, CTX_sock_ops_op, 4), 4);
    CHECK_EQ(ctx(w, CTX_sock_ops_reply, 4), 1);
    CHECK_EQ(ctx(w, CTX_sock_ops_args + 8, 4), 3);
    CHECK_EQ(ctx(w, CTX_sock_ops_remote_port, 4), big ? 1000 : 0xe8030000);
    CHECK_EQ(ctx(w, CTX_sock_ops_is_fullsock, 4), 0);
    CHECK_EQ(ctx(w, CTX_sock_ops_snd_cwnd, 4), 0); /* of full sockets only */
    in->ops.is_fullsock = true;
    net_start(w, PROG_sock_ops, packet, n);
    CHECK_EQ(ctx(w, CTX_sock_ops_snd_cwnd, 4), 10);
    CHECK_EQ(ctx(w, CTX_sock_ops_rtt_min, 4), 11);
    CHECK_EQ(ctx(w, CTX_sock_ops_sacked_out, 4), 12);
    CHECK_EQ(ctx(w, CTX_sock_ops_bytes_acked, 8), 0x100000002);
    CHECK_EQ(ctx(w, CTX_sock_ops_sk, 8), net_sock_addr(w, 0));

    net_start(w, PROG_sk_msg, packet, n);
    CHECK_EQ(ctx(w, CTX_sk_msg_sk, 8), net_sock_addr(w, 0));
    CHECK_EQ(ctx(w, CTX_sk_msg_local_port, 4), 80);

    in->addr.family = NET_AF_INET6;
    for (uint8_t i = 0; i < 16; i++) {
        in->addr.remote[i] = (uint8_t)(i + 1);
        in->addr.local[i] = (uint8_t)(i + 33);
    }
    in->addr.remote_port = 0x1234;
    in->addr.local_port = 443;
    net_start(w, PROG_sk_lookup, packet, n);
    CHECK_EQ(ctx(w, CTX_sk_lookup_sk, 8), 0);
    CHECK_EQ(ctx(w, CTX_sk_lookup_family, 4), 10);
    CHECK_EQ(ctx(w, CTX_sk_lookup_remote_ip6, 4), big ? 0x01020304 : 0x04030201);
    CHECK_EQ(ctx(w, CTX_sk_lookup_local_ip6 + 15, 1), 48);
    CHECK_EQ(ctx(w, CTX_sk_lookup_remote_port, 2), big ? 0x1234 : 0x3412);
    CHECK_EQ(ctx(w, CTX_sk_lookup_remote_port, 4), big ? 0x1234 : 0x3412);
    CHECK_EQ(ctx(w, CTX_sk_lookup_pad_38, 2), 0);
    CHECK_EQ(ctx(w, CTX_sk_lookup_local_port, 4), 443);
    net_start(w, PROG_cgroup_sock_addr, packet, n);
    CHECK_EQ(ctx(w, CTX_sock_addr_user_family, 4), 10);
    CHECK_EQ(ctx(w, CTX_sock_addr_user_ip6, 8), big ? 0x0102030405060708 : 0x0807060504030201);
    CHECK_EQ(ctx(w, CTX_sock_addr_user_port, 4), big ? 0x1234 : 0x3412);
    CHECK(store(w, CTX_sock_addr_user_port, 4, 0x77778888));
    CHECK_EQ(ctx(w, CTX_sock_addr_user_port, 4), 0x8888);
    CHECK(store(w, CTX_sock_addr_user_ip6 + 8, 8, 1));
    world_free(w);
}

/* Fields that verifiers take for a socket hold one, though the table has none; others hold none. */
static void test_fresh_sock(bool big) {
    struct world *w = net_world(big);
    const uint8_t packet[64] = {0};
    uint32_t n_socks = 0;
    for (uint32_t t = 0; t < N_ALL; t++) {
        const struct progtype *pt = progtype_of(all_types[t]);
        if (!pt || pt->type == PROG_raw)
            continue;
        net_start(w, pt->type, packet, sizeof packet);
        for (uint32_t i = 0; i < pt->n_fields; i++) {
            const struct ctx_field *f = &pt->fields[i];
            uint64_t v;
            if (!(pt->read >> i & 1))
                continue;
            if (f->kind == CTX_SOCK_COMMON || f->kind == CTX_SOCK_NULL)
                CHECK_EQ(ctx(w, f->off, 8), 0);
            if (f->kind != CTX_SOCK)
                continue;
            n_socks++;
            const uint64_t sk = ctx(w, f->off, 8);
            CHECK(load(w, sk + CTX_sock_family, 4, &v) && v == NET_AF_INET);
            CHECK(load(w, sk + CTX_sock_state, 4, &v) && v == TCP_CLOSE);
            CHECK(load(w, sk + CTX_sock_src_port, 4, &v) && v == 0);
            CHECK_EQ(net_sock_index(w, sk), 0);
        }
    }
    CHECK_EQ(n_socks, 4); /* sock_addr, sk_msg, sk_reuseport, sockopt */
    world_free(w);
}

static void test_cgroup(bool big) {
    struct world *w = net_world(big);
    struct net_input *in = &w->env->net->in;
    uint64_t r1;
    in->device.type = 2;
    in->device.access = 5;
    in->device.major = 10;
    CHECK_EQ(ctx_setup(w, PROG_cgroup_device, NULL, 0, &r1), BPFLAB_OK);
    CHECK_EQ(ctx(w, CTX_cgroup_dev_access_type, 4), 0x50002);
    CHECK_EQ(ctx(w, CTX_cgroup_dev_access_type + (big ? 2 : 0), 2), 2);
    CHECK_EQ(ctx(w, CTX_cgroup_dev_major, 4), 10);
    in->sockopt.level = 1;
    in->sockopt.optname = 7;
    in->sockopt.n_optval = 5;
    memcpy(in->sockopt.optval, "abcde", 5);
    CHECK_EQ(ctx_setup(w, PROG_cgroup_sockopt, NULL, 0, &r1), BPFLAB_OK);
    const uint64_t val = ctx(w, CTX_sockopt_optval, 8);
    CHECK_EQ(ctx(w, CTX_sockopt_optval_end, 8), val + 5);
    CHECK(world_check(w, val, 5, WORLD_RW) && !world_check(w, val + 5, 1, WORLD_READ));
    CHECK(!memcmp(w->mem + world_off(val), "abcde", 5));
    CHECK_EQ(ctx(w, CTX_sockopt_level, 4), 1);
    CHECK_EQ(ctx(w, CTX_sockopt_optlen, 4), 5);
    in->sockopt.n_optval = 2; /* a shorter one leaves nothing of the longer accessible */
    CHECK_EQ(ctx_setup(w, PROG_cgroup_sockopt, NULL, 0, &r1), BPFLAB_OK);
    CHECK(!world_check(w, val + 2, 1, WORLD_READ));
    in->sysctl.write = true;
    in->sysctl.file_pos = 3;
    CHECK_EQ(ctx_setup(w, PROG_cgroup_sysctl, NULL, 0, &r1), BPFLAB_OK);
    CHECK_EQ(ctx(w, CTX_sysctl_write, 4), 1);
    CHECK(store(w, CTX_sysctl_file_pos, 4, 9) && !store(w, CTX_sysctl_write, 4, 0));
    CHECK_EQ(ctx(w, CTX_sysctl_file_pos, 4), 9);
    /* many set-ups take scratch once */
    const uint32_t used = w->st.scratch_used;
    for (int i = 0; i < 1000; i++)
        CHECK_EQ(ctx_setup(w, PROG_cgroup_sockopt, NULL, 0, &r1), BPFLAB_OK);
    CHECK_EQ(w->st.scratch_used, used);
    world_free(w);
}

static void test_ld_abs(bool big) {
    struct world *w = net_world(big);
    uint8_t packet[64];
    uint64_t v;
    for (uint32_t i = 0; i < sizeof packet; i++)
        packet[i] = (uint8_t)(i + 1);
    net_start(w, PROG_socket_filter, packet, sizeof packet);
    for (int64_t off = 0; off < 70; off++)
        for (unsigned size = 1; size <= 4; size *= 2) {
            uint64_t want = 0;
            for (unsigned i = 0; i < size; i++)
                want = want << 8 | (uint64_t)(off + i + 1);
            CHECK_EQ(ctx_ld_abs(w, off, size, &v), off + size <= 64);
            if (off + size <= 64)
                CHECK_EQ(v, want);
            CHECK_EQ(ctx_ld_abs(w, -0x200000 + off, size, &v), off + size <= 64);
            if (off + size <= 64)
                CHECK_EQ(v, want);
            CHECK_EQ(ctx_ld_abs(w, -0x100000 + off, size, &v), off + 14 + size <= 64);
            if (off + 14 + size <= 64)
                CHECK_EQ(v & 0xff, off + 14 + size);
        }
    CHECK(!ctx_ld_abs(w, -1, 1, &v));
    CHECK(
        !ctx_ld_abs(w, -0x1000, 1, &v)); /* SKF_AD_OFF is classic BPF's: no header reaches so far */
    CHECK(!ctx_ld_abs(w, -0x200001, 1, &v));
    CHECK(!ctx_ld_abs(w, INT32_MAX, 4, &v));
    CHECK(!ctx_ld_abs(w, INT32_MIN, 4, &v));
    CHECK(ctx_ld_abs(w, INT64_C(0x100000000), 1, &v) && v == 1); /* an int offset */
    world_free(w);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        test_shadow(big);
        test_skb(big);
        test_overlay(big);
        test_opaque(big);
        test_starts(big);
        test_socks(big);
        test_fresh_sock(big);
        test_cgroup(big);
        test_ld_abs(big);
    }
    return check_end();
}

/* ctx_table_test.c: the rows of program types against themselves, against the host's
 * <linux/bpf.h>, and against Linux's rules of access, each stated here a second time as a list
 * of facts. */
#include "runtime/proto.h"

#include <stddef.h>

#include "isa/kind.h"
#include "tests/check.h"

#if defined(__has_include)
#if __has_include(<linux/bpf.h>)
#include <linux/bpf.h>
#define HAVE_UAPI 1
#endif
#endif

static const uint32_t all_types[] = {
#define PROG_TYPE(nr, name) nr,
#include "isa/kind.def"
};
enum {
    N_ALL = sizeof all_types / sizeof all_types[0]
};

static const struct ctx_field *named(const struct progtype *pt, const char *name) {
    for (uint32_t i = 0; i < pt->n_fields; i++)
        if (!strcmp(pt->fields[i].name, name))
            return &pt->fields[i];
    return NULL;
}

static void test_rows(void) {
    uint32_t n = 0;
    for (uint32_t t = 0; t < N_ALL; t++) {
        const struct progtype *pt = progtype_of(all_types[t]);
        if (!pt) {
            CHECK_EQ(all_types[t], PROG_unspec);
            continue;
        }
        n++;
        check_note(pt->name);
        CHECK_EQ(pt->type, all_types[t]);
        CHECK_STR(pt->name, prog_type_name(pt->type));
        CHECK(pt->ret_min <= pt->ret_max);
        CHECK(pt->packet == (pt->pkt_start != PKT_NONE));
        CHECK(!(pt->write & ~pt->read));
        uint32_t end = 0;
        for (uint32_t i = 0; i < pt->n_fields; i++) {
            const struct ctx_field *f = &pt->fields[i];
            CHECK_EQ(f->off, end);
            CHECK(f->size && f->elem && f->size % f->elem == 0);
            CHECK(f->kind != CTX_RESERVED || !(pt->read >> i & 1));
            end += f->size;
            CHECK(progtype_field(pt, f->off) == f && progtype_field(pt, end - 1) == f);
        }
        CHECK_EQ(end, pt->ctx_bytes);
        CHECK(progtype_field(pt, end) == NULL);
        CHECK(pt->n_fields == 64 || !((pt->read | pt->write) >> pt->n_fields));
    }
    check_note(NULL);
    CHECK_EQ(n, N_ALL - 1);
    CHECK(!progtype_of(0) && !progtype_of(33) && !progtype_of(999) && !progtype_of(UINT32_MAX));
}

#ifdef HAVE_UAPI
/* FIELD: a field of the host's structure is where ours is; arrays of structures by their first
 * element. */
#define FIELD(type, str, name)                                                                     \
    field_is(type, #name, offsetof(struct str, name), sizeof(((struct str *)0)->name))

static void field_is(uint32_t type, const char *name, size_t off, size_t size) {
    const struct ctx_field *f = named(progtype_of(type), name);
    check_note(name);
    if (CHECK(f != NULL)) {
        CHECK_EQ(f->off, off);
        CHECK_EQ(f->size, size);
    }
}

/* clang-format off */
static void test_uapi(void) {
#define S(name) FIELD(PROG_sched_cls, __sk_buff, name);
    S(len)
    S(pkt_type)
    S(mark)
    S(queue_mapping) S(protocol) S(vlan_present) S(vlan_tci) S(vlan_proto) S(priority)
        S(ingress_ifindex) S(ifindex) S(tc_index) S(cb) S(hash) S(tc_classid) S(data) S(data_end)
            S(napi_id) S(family) S(remote_ip4) S(local_ip4) S(remote_ip6) S(local_ip6)
                S(remote_port) S(local_port) S(data_meta) S(flow_keys) S(tstamp) S(wire_len)
                    S(gso_segs) S(sk) S(gso_size) S(tstamp_type) S(hwtstamp)
                        CHECK_EQ(progtype_of(PROG_sched_cls)->ctx_bytes, sizeof(struct __sk_buff));
#define X(name) FIELD(PROG_xdp, xdp_md, name);
    X(data)
    X(data_end)
    X(data_meta)
    X(ingress_ifindex) X(rx_queue_index) X(egress_ifindex)
        CHECK_EQ(progtype_of(PROG_xdp)->ctx_bytes, sizeof(struct xdp_md));
#define K(name) FIELD(PROG_cgroup_sock, bpf_sock, name);
    K(bound_dev_if)
    K(family)
    K(type)
    K(protocol) K(mark) K(priority) K(src_ip4) K(src_ip6) K(src_port) K(dst_port) K(dst_ip4)
        K(dst_ip6) K(state) K(rx_queue_mapping)
            CHECK_EQ(progtype_of(PROG_cgroup_sock)->ctx_bytes, sizeof(struct bpf_sock));
#define A(name) FIELD(PROG_cgroup_sock_addr, bpf_sock_addr, name);
    A(user_family)
    A(user_ip4)
    A(user_ip6)
    A(user_port) A(family) A(type) A(protocol) A(msg_src_ip4) A(msg_src_ip6) A(sk)
        CHECK_EQ(progtype_of(PROG_cgroup_sock_addr)->ctx_bytes, sizeof(struct bpf_sock_addr));
#define O(name) FIELD(PROG_sock_ops, bpf_sock_ops, name);
    O(op)
    O(reply)
    O(family)
    O(remote_ip4) O(local_ip4) O(remote_ip6) O(local_ip6) O(remote_port) O(local_port)
        O(is_fullsock) O(snd_cwnd) O(srtt_us) O(bpf_sock_ops_cb_flags) O(state) O(rtt_min)
            O(snd_ssthresh) O(rcv_nxt) O(snd_nxt) O(snd_una) O(mss_cache) O(ecn_flags)
                O(rate_delivered) O(rate_interval_us) O(packets_out) O(retrans_out) O(total_retrans)
                    O(segs_in) O(data_segs_in) O(segs_out) O(data_segs_out) O(lost_out)
                        O(sacked_out) O(sk_txhash) O(bytes_received) O(bytes_acked) O(sk)
                            O(skb_data) O(skb_data_end) O(skb_len) O(skb_tcp_flags)
#define M(name) FIELD(PROG_sk_msg, sk_msg_md, name);
                                M(data) M(data_end) M(family) M(remote_ip4) M(local_ip4)
                                    M(remote_ip6) M(local_ip6) M(remote_port) M(local_port) M(size)
                                        M(sk) CHECK_EQ(progtype_of(PROG_sk_msg)->ctx_bytes,
                                                       sizeof(struct sk_msg_md));
#define R(name) FIELD(PROG_sk_reuseport, sk_reuseport_md, name);
    R(data)
    R(data_end)
    R(len)
    R(eth_protocol) R(ip_protocol) R(bind_inany) R(hash) R(sk) R(migrating_sk)
        CHECK_EQ(progtype_of(PROG_sk_reuseport)->ctx_bytes, sizeof(struct sk_reuseport_md));
#define L(name) FIELD(PROG_sk_lookup, bpf_sk_lookup, name);
    L(sk)
    L(family)
    L(protocol)
    L(remote_ip4) L(remote_ip6) L(remote_port) L(local_ip4) L(local_ip6) L(local_port)
        L(ingress_ifindex)
            CHECK_EQ(progtype_of(PROG_sk_lookup)->ctx_bytes, sizeof(struct bpf_sk_lookup));
#define D(name) FIELD(PROG_cgroup_device, bpf_cgroup_dev_ctx, name);
    D(access_type)
    D(major)
    D(minor)
    CHECK_EQ(progtype_of(PROG_cgroup_device)->ctx_bytes, sizeof(struct bpf_cgroup_dev_ctx));
#define Y(name) FIELD(PROG_cgroup_sysctl, bpf_sysctl, name);
    Y(write)
    Y(file_pos) CHECK_EQ(progtype_of(PROG_cgroup_sysctl)->ctx_bytes, sizeof(struct bpf_sysctl));
#define P(name) FIELD(PROG_cgroup_sockopt, bpf_sockopt, name);
    P(sk)
    P(optval)
    P(optval_end)
    P(level) P(optname) P(optlen) P(retval)
        CHECK_EQ(progtype_of(PROG_cgroup_sockopt)->ctx_bytes, sizeof(struct bpf_sockopt));
    check_note(NULL);
    CHECK_EQ(ctx_object_of(OBJ_TCP_SOCK, NULL, NULL)->bytes, sizeof(struct bpf_tcp_sock));
    CHECK_EQ(ctx_object_of(OBJ_SOCK, NULL, NULL)->bytes, sizeof(struct bpf_sock));
    CHECK_EQ(ctx_object_of(OBJ_XDP_SOCK, NULL, NULL)->bytes, sizeof(struct bpf_xdp_sock));
    CHECK_EQ(ctx_object_of(OBJ_FLOW_KEYS, NULL, NULL)->bytes, sizeof(struct bpf_flow_keys));
}
/* clang-format on */
#endif

/* Facts of access: type, attach type (-1: any), field, byte in it, set of sizes that may be
 * loaded there, set that may be stored. */
static const struct {
    uint32_t type;
    int attach;
    const char *field;
    uint32_t at;
    unsigned loads, stores;
} facts[] = {
    {PROG_socket_filter, -1, "len", 0, 1 | 2 | 4, 0},
    {PROG_socket_filter, -1, "len", 1, 1, 0},
    {PROG_socket_filter, -1, "len", 2, 1 | 2, 0},
    {PROG_socket_filter, -1, "mark", 0, 7, 0},
    {PROG_socket_filter, -1, "cb", 0, 15, 15},
    {PROG_socket_filter, -1, "cb", 4, 7, 7},
    {PROG_socket_filter, -1, "cb", 8, 15, 15},
    {PROG_socket_filter, -1, "cb", 16, 7, 7}, /* eight bytes would leave it */
    {PROG_socket_filter, -1, "tc_classid", 0, 0, 0},
    {PROG_socket_filter, -1, "data", 0, 0, 0},
    {PROG_socket_filter, -1, "data_end", 0, 0, 0},
    {PROG_socket_filter, -1, "data_meta", 0, 0, 0},
    {PROG_socket_filter, -1, "family", 0, 0, 0},
    {PROG_socket_filter, -1, "local_port", 0, 0, 0},
    {PROG_socket_filter, -1, "tstamp", 0, 0, 0},
    {PROG_socket_filter, -1, "wire_len", 0, 0, 0},
    {PROG_socket_filter, -1, "hwtstamp", 0, 0, 0},
    {PROG_socket_filter, -1, "sk", 0, 8, 0},
    {PROG_socket_filter, -1, "gso_size", 0, 7, 0},
    {PROG_socket_filter, -1, "tstamp_type", 0, 0, 0},
    {PROG_sched_cls, -1, "mark", 0, 7, 4},
    {PROG_sched_cls, -1, "mark", 2, 3, 0},
    {PROG_sched_cls, -1, "tc_index", 0, 7, 4},
    {PROG_sched_cls, -1, "priority", 0, 7, 4},
    {PROG_sched_cls, -1, "tc_classid", 0, 7, 4},
    {PROG_sched_cls, -1, "queue_mapping", 0, 7, 4},
    {PROG_sched_cls, -1, "tstamp", 0, 8, 8},
    {PROG_sched_cls, -1, "tstamp", 4, 0, 0},
    {PROG_sched_cls, -1, "tstamp_type", 0, 1, 0},
    {PROG_sched_cls, -1, "pad_181", 0, 0, 0},
    {PROG_sched_cls, -1, "hwtstamp", 0, 8, 0},
    {PROG_sched_cls, -1, "data", 0, 4, 0},
    {PROG_sched_cls, -1, "data", 2, 0, 0},
    {PROG_sched_cls, -1, "data_meta", 0, 4, 0},
    {PROG_sched_cls, -1, "flow_keys", 0, 0, 0},
    {PROG_sched_cls, -1, "family", 0, 0, 0},
    {PROG_sched_cls, -1, "remote_ip6", 8, 0, 0},
    {PROG_sched_cls, -1, "len", 0, 7, 0},
    {PROG_sched_cls, -1, "hash", 0, 7, 0},
    {PROG_sched_act, -1, "wire_len", 0, 7, 0},
    {PROG_xdp, -1, "data", 0, 4, 0},
    {PROG_xdp, -1, "data", 1, 0, 0},
    {PROG_xdp, -1, "rx_queue_index", 0, 4, 0},
    {PROG_xdp, -1, "egress_ifindex", 0, 4, 0},
    {PROG_xdp, ATTACH_xdp, "egress_ifindex", 0, 0, 0},
    {PROG_xdp, ATTACH_xdp_devmap, "egress_ifindex", 0, 4, 0},
    {PROG_kprobe, -1, "rip", 0, 15, 0},
    {PROG_kprobe, -1, "rip", 4, 7, 0},
    {PROG_kprobe, -1, "ss", 7, 1, 0},
    {PROG_perf_event, -1, "rip", 0, 8, 0},
    {PROG_perf_event, -1, "rip", 4, 0, 0},
    {PROG_perf_event, -1, "sample_period", 0, 15, 0},
    {PROG_perf_event, -1, "addr", 6, 3, 0},
    {PROG_tracepoint, -1, "pad_0", 0, 0, 0},
    {PROG_tracepoint, -1, "args", 0, 15, 0},
    {PROG_tracepoint, -1, "args", 8183, 1, 0},
    {PROG_raw_tracepoint, -1, "args", 88, 15, 0},
    {PROG_raw_tracepoint_writable, -1, "buffer", 0, 8, 0},
    {PROG_raw_tracepoint_writable, -1, "args", 0, 15, 0},
    {PROG_cgroup_skb, -1, "data", 0, 4, 0},
    {PROG_cgroup_skb, -1, "data_meta", 0, 0, 0},
    {PROG_cgroup_skb, -1, "tc_classid", 0, 0, 0},
    {PROG_cgroup_skb, -1, "wire_len", 0, 0, 0},
    {PROG_cgroup_skb, -1, "family", 0, 7, 0},
    {PROG_cgroup_skb, -1, "remote_ip4", 0, 4, 0},
    {PROG_cgroup_skb, -1, "remote_ip6", 12, 4, 0},
    {PROG_cgroup_skb, -1, "local_port", 0, 7, 0},
    {PROG_cgroup_skb, -1, "mark", 0, 7, 4},
    {PROG_cgroup_skb, -1, "tstamp", 0, 8, 8},
    {PROG_cgroup_skb, -1, "tc_index", 0, 7, 0},
    {PROG_cgroup_skb, -1, "hwtstamp", 0, 8, 0},
    {PROG_lwt_in, -1, "data", 0, 4, 0},
    {PROG_lwt_in, -1, "mark", 0, 7, 4},
    {PROG_lwt_in, -1, "tstamp", 0, 0, 0},
    {PROG_lwt_xmit, -1, "family", 0, 0, 0},
    {PROG_lwt_seg6local, -1, "cb", 0, 15, 15},
    {PROG_lwt_out, -1, "hwtstamp", 0, 0, 0},
    {PROG_sk_skb, -1, "mark", 0, 0, 0},
    {PROG_sk_skb, -1, "priority", 0, 7, 4},
    {PROG_sk_skb, -1, "tc_index", 0, 7, 4},
    {PROG_sk_skb, -1, "cb", 0, 15, 0},
    {PROG_sk_skb, -1, "remote_port", 0, 7, 0},
    {PROG_flow_dissector, -1, "data", 0, 4, 0},
    {PROG_flow_dissector, -1, "flow_keys", 0, 8, 0},
    {PROG_flow_dissector, -1, "len", 0, 0, 0},
    {PROG_sock_ops, -1, "op", 0, 4, 0},
    {PROG_sock_ops, -1, "op", 2, 0, 0},
    {PROG_sock_ops, -1, "reply", 0, 4, 4},
    {PROG_sock_ops, -1, "args", 0, 4, 0},
    {PROG_sock_ops, -1, "sk_txhash", 0, 4, 4},
    {PROG_sock_ops, -1, "bytes_acked", 0, 8, 0},
    {PROG_sock_ops, -1, "skb_tcp_flags", 0, 7, 0},
    {PROG_sock_ops, -1, "skb_tcp_flags", 1, 0, 0},
    {PROG_sock_ops, -1, "skb_hwtstamp", 0, 8, 0},
    {PROG_sk_msg, -1, "data", 0, 8, 0},
    {PROG_sk_msg, -1, "size", 0, 4, 0},
    {PROG_sk_msg, -1, "remote_ip6", 4, 4, 0},
    {PROG_sk_reuseport, -1, "eth_protocol", 0, 6, 0},
    {PROG_sk_reuseport, -1, "eth_protocol", 2, 2, 0},
    {PROG_sk_reuseport, -1, "len", 3, 1, 0},
    {PROG_sk_reuseport, -1, "hash", 0, 4, 0},
    {PROG_sk_reuseport, -1, "pad_36", 0, 0, 0},
    {PROG_sk_lookup, -1, "remote_port", 0, 7, 0},
    {PROG_sk_lookup, -1, "remote_port", 1, 1, 0},
    {PROG_sk_lookup, -1, "pad_38", 0, 3, 0},
    {PROG_sk_lookup, -1, "pad_68", 0, 0, 0},
    {PROG_sk_lookup, -1, "local_ip6", 5, 1, 0},
    {PROG_sk_lookup, -1, "sk", 0, 8, 0},
    {PROG_cgroup_sock, -1, "mark", 0, 4, 4},
    {PROG_cgroup_sock, ATTACH_cgroup_inet_sock_create, "mark", 0, 4, 4},
    {PROG_cgroup_sock, ATTACH_cgroup_inet_sock_release, "priority", 0, 4, 4},
    {PROG_cgroup_sock, ATTACH_cgroup_inet4_post_bind, "mark", 0, 0, 0},
    {PROG_cgroup_sock, ATTACH_cgroup_inet4_post_bind, "src_ip4", 1, 1, 0},
    {PROG_cgroup_sock, ATTACH_cgroup_inet6_post_bind, "src_ip4", 0, 0, 0},
    {PROG_cgroup_sock, ATTACH_cgroup_inet6_post_bind, "src_ip6", 4, 7, 0},
    {PROG_cgroup_sock, ATTACH_cgroup_inet6_post_bind, "src_port", 0, 7, 0},
    {PROG_cgroup_sock, ATTACH_cgroup_inet_sock_create, "src_port", 0, 0, 0},
    {PROG_cgroup_sock, -1, "state", 0, 7, 0},
    {PROG_cgroup_sock, -1, "state", 1, 0, 0},
    {PROG_cgroup_sock, -1, "dst_port", 0, 7, 0},
    {PROG_cgroup_sock, -1, "dst_port", 1, 1, 0},
    {PROG_cgroup_sock, -1, "pad_50", 0, 0, 0},
    {PROG_cgroup_sock_addr, -1, "user_family", 0, 4, 0},
    {PROG_cgroup_sock_addr, -1, "user_ip6", 0, 15, 12},
    {PROG_cgroup_sock_addr, -1, "user_ip6", 4, 7, 4},
    {PROG_cgroup_sock_addr, -1, "user_ip6", 8, 15, 12},
    {PROG_cgroup_sock_addr, -1, "user_ip6", 12, 7, 4},
    {PROG_cgroup_sock_addr, -1, "msg_src_ip6", 0, 7, 4}, /* 44: not a multiple of 8 */
    {PROG_cgroup_sock_addr, -1, "msg_src_ip6", 4, 15, 12},
    {PROG_cgroup_sock_addr, -1, "msg_src_ip6", 12, 7, 4},
    {PROG_cgroup_sock_addr, -1, "user_port", 0, 7, 4},
    {PROG_cgroup_sock_addr, -1, "protocol", 0, 4, 0},
    {PROG_cgroup_sock_addr, ATTACH_cgroup_inet4_bind, "user_ip4", 0, 7, 4},
    {PROG_cgroup_sock_addr, ATTACH_cgroup_inet6_bind, "user_ip4", 0, 0, 0},
    {PROG_cgroup_sock_addr, ATTACH_cgroup_unix_connect, "user_ip6", 0, 0, 0},
    {PROG_cgroup_sock_addr, ATTACH_cgroup_udp4_sendmsg, "msg_src_ip4", 0, 7, 4},
    {PROG_cgroup_sock_addr, ATTACH_cgroup_udp4_recvmsg, "msg_src_ip4", 0, 0, 0},
    {PROG_cgroup_device, -1, "access_type", 1, 1, 0},
    {PROG_cgroup_device, -1, "major", 0, 4, 0},
    {PROG_cgroup_sysctl, -1, "write", 0, 7, 0},
    {PROG_cgroup_sysctl, -1, "file_pos", 0, 7, 4},
    {PROG_cgroup_sysctl, -1, "file_pos", 2, 3, 0},
    {PROG_cgroup_sockopt, -1, "optlen", 0, 4, 4},
    {PROG_cgroup_sockopt, ATTACH_cgroup_setsockopt, "level", 0, 4, 4},
    {PROG_cgroup_sockopt, ATTACH_cgroup_getsockopt, "level", 0, 4, 0},
    {PROG_cgroup_sockopt, ATTACH_cgroup_getsockopt, "retval", 0, 4, 4},
    {PROG_cgroup_sockopt, ATTACH_cgroup_setsockopt, "retval", 0, 0, 0},
    {PROG_cgroup_sockopt, -1, "optval", 0, 8, 0},
    {PROG_netfilter, -1, "skb", 0, 8, 0},
    {PROG_syscall, -1, "bytes", 40, 15, 15},
    {PROG_syscall, -1, "bytes", 41, 1, 1},
};

static void test_facts(void) {
    for (uint32_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const struct progtype *pt = progtype_of(facts[i].type);
        const struct ctx_field *f = named(pt, facts[i].field);
        check_note(facts[i].field);
        if (!CHECK(f != NULL))
            continue;
        unsigned loads = 0, stores = 0;
        for (uint32_t size = 1; size <= 8; size *= 2) {
            const uint32_t off = f->off + facts[i].at;
            loads |= progtype_access(pt, facts[i].attach, off, size, false) ? size : 0;
            stores |= progtype_access(pt, facts[i].attach, off, size, true) ? size : 0;
        }
        if (!CHECK_EQ(loads, facts[i].loads) || !CHECK_EQ(stores, facts[i].stores))
            printf("    %s.%s + %u\n", pt->name, facts[i].field, facts[i].at);
    }
    check_note(NULL);
}

/* Everywhere: an access is aligned, within the context, and allowed with some attach type if
 * with one. */
static void test_access(void) {
    for (uint32_t t = 0; t < N_ALL; t++) {
        const struct progtype *pt = progtype_of(all_types[t]);
        if (!pt || pt->opaque)
            continue;
        uint8_t shadow[256], shown[264] = {0};
        progtype_shadow(pt, sizeof shadow, shadow);
        for (uint32_t off = 0; off < 256; off++) {
            for (uint32_t size = 1; size <= 8; size *= 2)
                for (int write = 0; write < 2; write++) {
                    const bool ok = progtype_access(pt, -1, off, size, write);
                    CHECK(!ok || (write ? shadow[off] & 15 : shadow[off] >> 4) >= (int)size);
                    for (uint32_t b = off; ok && b < off + size; b++)
                        shown[b] |= write ? 2 : 1;
                    CHECK(!ok || (off % size == 0 && off + size <= pt->ctx_bytes));
                    bool some = false;
                    for (int a = 0; a < 58; a++)
                        some |= progtype_access(pt, a, off, size, write);
                    CHECK_EQ(some, ok);
                    CHECK(!progtype_access(pt, 64, off, size, write) || ok);
                }
        }
        /* what no access covers is not shown; padding that only a port's wide load takes is not */
        for (uint32_t off = 0; off < 256; off++) {
            const struct ctx_field *f = progtype_field(pt, off);
            const bool pad = f && off && f->off == off && f->size == 2 && off != f[-1].off;
            CHECK(shown[off] & 1 || !(shadow[off] >> 4));
            CHECK(shown[off] & 2 || !(shadow[off] & 15));
            CHECK(!(shown[off] & 1) || shadow[off] >> 4 || pad || (f && f->kind == CTX_RESERVED));
            CHECK(!(shown[off] & 2) || shadow[off] & 15);
        }
    }
}

static void test_objects(void) {
    CHECK(ctx_object_access(OBJ_SOCK, 8, 4, false));         /* type */
    CHECK(!ctx_object_access(OBJ_SOCK_COMMON, 8, 4, false)); /* type to priority: full sockets */
    CHECK(!ctx_object_access(OBJ_SOCK_COMMON, 20, 4, false));
    CHECK(ctx_object_access(OBJ_SOCK_COMMON, 4, 4, false));
    CHECK(ctx_object_access(OBJ_SOCK_COMMON, 24, 1, false));
    CHECK(!ctx_object_access(OBJ_SOCK, 16, 4, true));
    CHECK(ctx_object_access(OBJ_TCP_SOCK, 80, 8, false));
    CHECK(!ctx_object_access(OBJ_TCP_SOCK, 80, 4, false));
    CHECK(!ctx_object_access(OBJ_TCP_SOCK, 112, 4, false));
    CHECK(ctx_object_access(OBJ_FLOW_KEYS, 55, 1, true) &&
          !ctx_object_access(OBJ_FLOW_KEYS, 52, 8, true));
}

static void returns(uint32_t type, int attach, int64_t least, int64_t greatest) {
    int64_t min, max;
    progtype_returns(progtype_of(type), attach, &min, &max);
    CHECK_EQ(min, least);
    CHECK_EQ(max, greatest);
}

static void test_returns(void) {
    returns(PROG_xdp, -1, INT64_MIN, INT64_MAX);
    returns(PROG_cgroup_skb, -1, 0, 3);
    returns(PROG_cgroup_skb, ATTACH_cgroup_inet_ingress, 0, 1);
    returns(PROG_cgroup_skb, ATTACH_cgroup_inet_egress, 0, 3);
    returns(PROG_cgroup_sock_addr, ATTACH_cgroup_inet6_bind, 0, 3);
    returns(PROG_cgroup_sock_addr, ATTACH_cgroup_inet4_connect, 0, 1);
    returns(PROG_cgroup_sock_addr, ATTACH_cgroup_udp6_recvmsg, 1, 1);
    returns(PROG_cgroup_sock_addr, ATTACH_cgroup_inet4_getsockname, 1, 1);
    returns(PROG_tracing, ATTACH_trace_fexit, 0, 0);
    returns(PROG_tracing, ATTACH_modify_return, INT64_MIN, INT64_MAX);
    returns(PROG_sk_lookup, -1, 0, 1);
    returns(PROG_sock_ops, -1, 0, 1);
    CHECK_STR(progtype_of(PROG_xdp)->ret_name(2), "XDP_PASS");
    CHECK_STR(progtype_of(PROG_xdp)->ret_name(UINT64_C(0x100000001)),
              "XDP_DROP"); /* 32 bits count */
    CHECK(progtype_of(PROG_xdp)->ret_name(5) == NULL);
    CHECK_STR(progtype_of(PROG_sched_cls)->ret_name((uint64_t)-1), "TC_ACT_UNSPEC");
    CHECK_STR(progtype_of(PROG_sched_cls)->ret_name(2), "TC_ACT_SHOT");
    CHECK_STR(progtype_of(PROG_flow_dissector)->ret_name(129), "BPF_FLOW_DISSECTOR_CONTINUE");
    CHECK_STR(progtype_of(PROG_lwt_xmit)->ret_name(128), "BPF_LWT_REROUTE");
    CHECK_STR(progtype_of(PROG_sk_msg)->ret_name(1), "SK_PASS");
    CHECK(progtype_of(PROG_kprobe)->ret_name(0) == NULL);
}

int main(void) {
    test_rows();
#ifdef HAVE_UAPI
    test_uapi();
#else
    printf("no <linux/bpf.h>: offsets not compared with it\n");
#endif
    test_facts();
    test_access();
    test_objects();
    test_returns();
    return check_end();
}

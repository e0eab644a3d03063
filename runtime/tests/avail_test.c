/* avail_test.c: who may call which helper: laws that hold for all, the number of helpers of every
 * program type, and a choice of facts, each with the attach type it depends on and the capability
 * it asks for. */
#include "runtime/proto.h"

#include "tests/check.h"

static const uint32_t all_types[] = {
#define PROG_TYPE(nr, name) nr,
#include "isa/kind.def"
};
enum {
    N_TYPES = sizeof all_types / sizeof all_types[0]
};

/* Any attach type is the union of all; capabilities order the answers. */
static void test_laws(void) {
    for (size_t t = 0; t < N_TYPES; t++) {
        const uint32_t type = all_types[t];
        check_note(prog_type_name(type));
        for (uint32_t id = 0; id <= N_HELPERS; id++) {
            enum helper_cap any = helper_cap_of(id, type, -1), least = HELPER_CAP_NEVER;
            for (int attach = 0; attach < 64; attach++) {
                enum helper_cap cap = helper_cap_of(id, type, attach);
                least = cap < least ? cap : least;
                CHECK_EQ(helper_allowed(id, type, attach), cap != HELPER_CAP_NEVER);
            }
            CHECK_EQ(any, least);
            CHECK_EQ(helper_allowed(id, type, -1), any != HELPER_CAP_NEVER);
            CHECK(!helper_unprivileged(id, type) || any == HELPER_CAP_NONE);
            if (id == 0 || id == N_HELPERS)
                CHECK_EQ(any, HELPER_CAP_NEVER);
        }
    }
    check_note(NULL);
}

static void test_everyone(void) {
    for (uint32_t id = 1; id < N_HELPERS; id++) {
        check_note(helper_proto_of(id)->name);
        bool someone = false;
        for (size_t t = 0; t < N_TYPES; t++)
            if (all_types[t] != PROG_raw)
                someone |= helper_allowed(id, all_types[t], -1);
        CHECK(someone);
    }
    check_note(NULL);
    static const uint32_t nobody[] = {PROG_unspec, PROG_ext, 33,  62,   63,
                                      64,          65,       999, 1001, UINT32_MAX};
    for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++)
        for (uint32_t id = 0; id <= N_HELPERS; id++)
            CHECK(!helper_allowed(id, nobody[i], -1));
    CHECK(!helper_allowed(UINT32_MAX, PROG_xdp, -1));
    /* A number that is no attach type: what does not depend on it remains. */
    CHECK(helper_allowed(HELPER_loop, PROG_xdp, 1000));
    CHECK(helper_allowed(HELPER_loop, PROG_xdp, -2));
    CHECK(!helper_allowed(HELPER_bind, PROG_cgroup_sock_addr, 1000));
    CHECK(!helper_allowed(HELPER_bind, PROG_cgroup_sock_addr, ATTACH_cgroup_inet4_connect + 64));
}

/* How many helpers a type may call with all capabilities, and how many ask for none. */
static void test_counts(void) {
    static const struct {
        uint32_t type, all, none;
    } counts[] = {
        {PROG_socket_filter, 72, 30},  {PROG_kprobe, 82, 63},
        {PROG_sched_cls, 124, 82},     {PROG_sched_act, 124, 82},
        {PROG_tracepoint, 81, 62},     {PROG_xdp, 89, 47},
        {PROG_perf_event, 83, 64},     {PROG_cgroup_skb, 87, 45},
        {PROG_cgroup_sock, 71, 36},    {PROG_lwt_in, 76, 34},
        {PROG_lwt_out, 75, 33},        {PROG_lwt_xmit, 90, 48},
        {PROG_sock_ops, 84, 42},       {PROG_sk_skb, 82, 40},
        {PROG_cgroup_device, 67, 32},  {PROG_sk_msg, 80, 38},
        {PROG_raw_tracepoint, 81, 62}, {PROG_cgroup_sock_addr, 86, 44},
        {PROG_lwt_seg6local, 77, 35},  {PROG_lirc_mode2, 14, 13},
        {PROG_sk_reuseport, 64, 29},   {PROG_flow_dissector, 68, 26},
        {PROG_cgroup_sysctl, 72, 37},  {PROG_raw_tracepoint_writable, 81, 62},
        {PROG_cgroup_sockopt, 73, 38}, {PROG_tracing, 104, 85},
        {PROG_struct_ops, 67, 32},     {PROG_lsm, 109, 92},
        {PROG_sk_lookup, 70, 28},      {PROG_syscall, 99, 79},
        {PROG_netfilter, 59, 24},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        check_note(prog_type_name(counts[i].type));
        uint32_t all = 0, none = 0;
        for (uint32_t id = 1; id < N_HELPERS; id++) {
            enum helper_cap cap = helper_cap_of(id, counts[i].type, -1);
            all += cap != HELPER_CAP_NEVER;
            none += cap == HELPER_CAP_NONE;
        }
        CHECK_EQ(all, counts[i].all);
        CHECK_EQ(none, counts[i].none);
    }
    check_note(NULL);
}

struct fact {
    uint32_t id, type;
    int attach;
    uint32_t cap;
};

#define MAY(helper, type, cap) {HELPER_##helper, PROG_##type, -1, HELPER_CAP_##cap}
#define AT(helper, type, attach, cap)                                                              \
    {HELPER_##helper, PROG_##type, ATTACH_##attach, HELPER_CAP_##cap}

static const struct fact facts[] = {
    MAY(map_lookup_elem, socket_filter, NONE),
    MAY(ringbuf_output, socket_filter, NONE),
    MAY(strtol, cgroup_sysctl, NONE),
    MAY(ktime_get_boot_ns, lirc_mode2, NONE),
    MAY(ringbuf_output, lirc_mode2, NEVER),
    MAY(get_smp_processor_id, lirc_mode2, NEVER),
    MAY(trace_printk, lirc_mode2, PERFMON),
    MAY(rc_keydown, lirc_mode2, NONE),
    MAY(rc_keydown, xdp, NEVER),
    MAY(loop, socket_filter, BPF),
    MAY(timer_start, sched_cls, BPF),
    MAY(dynptr_read, netfilter, BPF),
    MAY(spin_lock, xdp, BPF),
    MAY(spin_lock, lsm, NONE),
    MAY(jiffies64, xdp, BPF),
    MAY(jiffies64, kprobe, NONE),
    MAY(trace_printk, xdp, PERFMON),
    MAY(trace_printk, kprobe, NONE),
    MAY(probe_read_kernel, cgroup_skb, PERFMON),
    MAY(probe_read, cgroup_skb, NEVER),
    MAY(probe_read, raw_tracepoint, NONE),
    MAY(probe_write_user, kprobe, ADMIN),
    MAY(probe_write_user, syscall, ADMIN),
    MAY(probe_write_user, xdp, NEVER),
    MAY(override_return, kprobe, NONE),
    MAY(override_return, tracepoint, NEVER),
    MAY(get_stackid, perf_event, NONE),
    MAY(get_stackid, sched_cls, NEVER),
    MAY(read_branch_records, perf_event, NONE),
    MAY(read_branch_records, kprobe, NEVER),
    MAY(get_current_comm, cgroup_sock, NONE),
    MAY(get_current_comm, sk_msg, NEVER),
    MAY(get_current_uid_gid, sk_msg, NONE),
    MAY(get_current_pid_tgid, xdp, NONE),
    MAY(task_storage_get, struct_ops, NONE),
    MAY(task_storage_get, xdp, NEVER),
    MAY(inode_storage_get, lsm, NONE),
    MAY(inode_storage_get, tracing, NEVER),
    MAY(sys_bpf, syscall, PERFMON),
    MAY(sys_close, syscall, NONE),
    MAY(sys_close, tracing, NEVER),
    MAY(skb_output, tracing, NONE),
    MAY(skb_output, raw_tracepoint, NEVER),
    MAY(skc_to_tcp_sock, xdp, PERFMON),
    MAY(skc_to_tcp_sock, lsm, NONE),
    MAY(skc_to_tcp_sock, cgroup_sock, NEVER),
    MAY(ktime_get_coarse_ns, xdp, NONE),
    MAY(ktime_get_coarse_ns, kprobe, NEVER),
    MAY(ktime_get_coarse_ns, netfilter, NEVER),
    MAY(perf_event_output, xdp, NONE),
    MAY(perf_event_output, sk_reuseport, NEVER),
    MAY(perf_event_output, flow_dissector, NEVER),
    MAY(skb_load_bytes, flow_dissector, NONE),
    MAY(skb_load_bytes, xdp, NEVER),
    MAY(skb_load_bytes_relative, lwt_in, NEVER),
    MAY(skb_store_bytes, sk_skb, NONE),
    MAY(skb_store_bytes, lwt_in, NEVER),
    MAY(skb_pull_data, lwt_in, NONE),
    MAY(skb_pull_data, lwt_seg6local, NEVER),
    MAY(skb_adjust_room, lwt_xmit, NEVER),
    MAY(skb_vlan_push, sched_act, NONE),
    MAY(skb_vlan_push, lwt_xmit, NEVER),
    MAY(l3_csum_replace, lwt_xmit, NONE),
    MAY(csum_diff, xdp, NONE),
    MAY(csum_diff, cgroup_skb, NEVER),
    MAY(redirect, xdp, NONE),
    MAY(redirect, lwt_out, NEVER),
    MAY(redirect_map, sched_cls, NEVER),
    MAY(fib_lookup, sched_cls, NONE),
    MAY(fib_lookup, cgroup_skb, NEVER),
    MAY(check_mtu, xdp, NONE),
    MAY(xdp_load_bytes, xdp, NONE),
    MAY(xdp_get_buff_len, lsm, NONE),
    MAY(lwt_push_encap, lwt_in, NONE),
    MAY(lwt_push_encap, lwt_out, NEVER),
    MAY(lwt_seg6_action, lwt_seg6local, NONE),
    MAY(sk_lookup_tcp, sk_skb, NONE),
    MAY(sk_lookup_tcp, sock_ops, NEVER),
    MAY(sk_release, sk_lookup, NONE),
    MAY(sk_release, socket_filter, NEVER),
    MAY(tcp_sock, cgroup_sockopt, NONE),
    MAY(tcp_sock, xdp, NEVER),
    MAY(sk_fullsock, cgroup_skb, NONE),
    MAY(sk_assign, xdp, NEVER),
    MAY(sk_select_reuseport, sk_reuseport, NONE),
    MAY(sk_storage_get, cgroup_sock, NONE),
    MAY(sk_storage_delete, cgroup_sock, NEVER),
    MAY(get_netns_cookie, sock_ops, NONE),
    MAY(get_netns_cookie, sched_cls, NEVER),
    MAY(get_socket_cookie, sk_msg, NEVER),
    MAY(sock_map_update, sock_ops, NONE),
    MAY(msg_push_data, sk_msg, NONE),
    MAY(sk_redirect_hash, sk_skb, NONE),
    MAY(tcp_send_ack, struct_ops, NONE),
    MAY(sk_cgroup_id, cgroup_skb, NONE),
    MAY(sk_cgroup_id, sched_cls, NEVER),
    MAY(get_local_storage, sock_ops, NONE),
    MAY(get_local_storage, sched_cls, NEVER),
    MAY(map_update_elem, raw, NONE),
    MAY(snprintf, raw, PERFMON),
    MAY(xdp_adjust_head, raw, NEVER),
    AT(bind, cgroup_sock_addr, cgroup_inet4_connect, NONE),
    AT(bind, cgroup_sock_addr, cgroup_inet4_bind, NEVER),
    AT(bind, cgroup_sock_addr, cgroup_unix_connect, NEVER),
    AT(setsockopt, cgroup_sock_addr, cgroup_unix_connect, NONE),
    AT(setsockopt, cgroup_sock_addr, cgroup_unix_getpeername, NEVER),
    AT(setsockopt, cgroup_sock_addr, cgroup_inet4_getpeername, NONE),
    AT(getsockopt, cgroup_sockopt, cgroup_setsockopt, NONE),
    AT(getsockopt, cgroup_sockopt, cgroup_getsockopt, NEVER),
    AT(getsockopt, lsm, lsm_cgroup, NONE),
    AT(getsockopt, lsm, lsm_mac, NEVER),
    AT(setsockopt, tracing, trace_iter, NONE),
    AT(setsockopt, tracing, trace_fentry, NEVER),
    AT(get_retval, cgroup_device, cgroup_device, NONE),
    AT(get_retval, cgroup_device, cgroup_inet_ingress, NEVER),
    AT(set_retval, cgroup_sock_addr, cgroup_udp4_sendmsg, NONE),
    AT(set_retval, cgroup_sock_addr, cgroup_udp4_recvmsg, NEVER),
    AT(set_retval, cgroup_skb, cgroup_inet_egress, NEVER),
    AT(set_retval, lsm, lsm_cgroup, NONE),
    AT(set_retval, lsm, lsm_mac, NEVER),
    AT(seq_write, tracing, trace_iter, NONE),
    AT(seq_write, tracing, trace_fexit, NEVER),
    AT(get_func_arg, tracing, trace_fexit, NONE),
    AT(get_func_arg, tracing, modify_return, NONE),
    AT(get_func_arg, tracing, trace_raw_tp, NEVER),
    AT(get_func_arg, lsm, lsm_mac, NONE),
    AT(get_func_arg, lsm, lsm_cgroup, NEVER),
    AT(get_attach_cookie, tracing, trace_raw_tp, NONE),
    AT(get_attach_cookie, tracing, trace_iter, NEVER),
    AT(get_attach_cookie, lsm, lsm_cgroup, NEVER),
};

static void test_facts(void) {
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const struct fact *f = &facts[i];
        char note[96];
        snprintf(note, sizeof note, "%s from %s at %d", helper_proto_of(f->id)->name,
                 prog_type_name(f->type), f->attach);
        check_note(note);
        CHECK_EQ(helper_cap_of(f->id, f->type, f->attach), f->cap);
        check_note(NULL);
    }
    CHECK(helper_unprivileged(HELPER_skb_load_bytes, PROG_socket_filter));
    CHECK(helper_unprivileged(HELPER_sk_lookup_tcp, PROG_cgroup_skb));
    CHECK(!helper_unprivileged(HELPER_loop, PROG_socket_filter));
    CHECK(!helper_unprivileged(HELPER_trace_printk, PROG_cgroup_skb));
    CHECK(!helper_unprivileged(HELPER_map_lookup_elem, PROG_xdp));
    CHECK(!helper_unprivileged(HELPER_map_lookup_elem, PROG_raw));
}

int main(void) {
    test_laws();
    test_everyone();
    test_counts();
    test_facts();
    return check_end();
}

/* proto_test.c: the helper table: complete, unambiguous, each row well-formed, and a choice of rows
 * and of variants equal to what Linux says. */
#include "runtime/proto.h"

#include "runtime/tests/proto_text.h"
#include "tests/check.h"

static void test_numbers(void) {
    CHECK(!helper_proto_of(0));
    CHECK(!helper_proto_of(N_HELPERS));
    CHECK(!helper_proto_of(UINT32_MAX));
    for (uint32_t id = 1; id < N_HELPERS; id++) {
        const struct helper_proto *p = helper_proto_of(id);
        if (!CHECK(p != NULL))
            continue;
        check_note(p->name);
        char with_prefix[64];
        snprintf(with_prefix, sizeof with_prefix, "bpf_%s", p->name);
        CHECK_EQ(p->id, id);
        CHECK_EQ(helper_find(p->name), id); /* so names are unique */
        CHECK_EQ(helper_find(with_prefix), id);
        CHECK_EQ(strspn(p->name, "abcdefghijklmnopqrstuvwxyz_0123456789"), strlen(p->name));
    }
    check_note(NULL);
    static const char *const none[] = {
        "", "bpf_", "unspec", "map_lookup", "map_lookup_elem2", "bpf_bpf_loop", "LOOP", " loop"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        CHECK_EQ(helper_find(none[i]), 0);
}

/* Flags that an argument type may carry. */
static unsigned flags_of_type(unsigned type) {
    const unsigned mem = ARG_F_NULL | ARG_F_UNINIT | ARG_F_RDONLY | ARG_F_WRITE;
    switch (type) {
    case ARG_ANY: return ARG_F_ZERO;
    case ARG_MEM: return mem | ARG_F_IN_MAP;
    case ARG_FIXED_MEM: return ARG_F_UNINIT | ARG_F_WRITE | ARG_F_ALIGNED;
    case ARG_MAP_VALUE: return ARG_F_NULL | ARG_F_UNINIT | ARG_F_WRITE;
    case ARG_DYNPTR:
        return ARG_F_UNINIT | ARG_F_WRITE | ARG_F_RDONLY | ARG_F_RELEASE | ARG_F_DYN_LOCAL |
               ARG_F_DYN_RINGBUF;
    case ARG_CTX:
    case ARG_SOCKET:
    case ARG_STACK: return ARG_F_NULL;
    case ARG_BTF_ID:
    case ARG_BTF_SOCK_COMMON: return ARG_F_NULL | ARG_F_RELEASE;
    case ARG_RINGBUF_MEM: return ARG_F_RELEASE;
    default: return 0;
    }
}

static void check_arg(const struct helper_proto *p, unsigned i) {
    const struct arg_proto *a = &p->arg[i];
    const struct arg_proto *before = i ? &p->arg[i - 1] : NULL;
    CHECK(a->type != ARG_NONE && a->type < N_ARG_TYPES);
    CHECK_EQ(a->flags & ~flags_of_type(a->type), 0);
    CHECK_EQ(a->mem_bytes != 0, a->type == ARG_FIXED_MEM);
    CHECK(!a->btf_type || (a->type == ARG_BTF_ID && a->btf_type[0]));
    CHECK(a->btf_type || a->type != ARG_BTF_ID || p->id == HELPER_kptr_xchg);
    CHECK(!(a->flags & ARG_F_RDONLY) || !(a->flags & ARG_F_WRITE));
    CHECK(!(a->flags & ARG_F_UNINIT) || (a->flags & ARG_F_WRITE));
    bool size = a->type == ARG_SIZE || a->type == ARG_SIZE_OR_ZERO;
    CHECK_EQ(size, before && before->type == ARG_MEM); /* each follows the other */
    if (size && (before->flags & ARG_F_NULL))
        CHECK_EQ(a->type, ARG_SIZE_OR_ZERO);
    CHECK(a->type != ARG_MEM || i + 1 < p->n_args);
    if (a->type == ARG_MAP_KEY)
        CHECK_EQ(before ? before->type : ARG_NONE, ARG_MAP);
    if (a->type == ARG_MAP_VALUE)
        CHECK(p->arg[0].type == ARG_MAP);
    CHECK(a->type != ARG_STACK || (before && before->type == ARG_FUNC));
}

static void check_proto(const struct helper_proto *p) {
    check_note(p->name);
    unsigned releases = 0, raw = 0, allocs = 0, maps = 0;
    CHECK(p->n_args <= 5);
    for (unsigned i = 0; i < 5; i++) {
        const struct arg_proto *a = &p->arg[i];
        if (i >= p->n_args) {
            CHECK(a->type == ARG_NONE && !a->flags && !a->mem_bytes && !a->btf_type);
            continue;
        }
        check_arg(p, i);
        releases += (a->flags & ARG_F_RELEASE) != 0;
        raw += (a->type == ARG_MEM || a->type == ARG_MAP_VALUE) && (a->flags & ARG_F_UNINIT);
        allocs += a->type == ARG_ALLOC_SIZE;
        maps += a->type == ARG_MAP;
    }
    CHECK(releases <= 1 && raw <= 1 && maps <= 1);
    CHECK(p->ret < N_RET_TYPES);
    CHECK_EQ(allocs, p->ret == RET_RINGBUF_MEM || p->ret == RET_DYNPTR_MEM);
    CHECK(p->ret > RET_VOID || !p->ret_flags);
    CHECK(!(p->ret_flags & RET_F_ACQUIRE) || (p->ret_flags & RET_F_NULL));
    CHECK(!p->ret_btf_type || p->ret == RET_BTF_ID);
    if (p->ret_flags & RET_F_CAST)
        CHECK(p->arg[0].type == ARG_SOCK_COMMON || p->arg[0].type == ARG_BTF_SOCK_COMMON);
    CHECK(p->ret_range == RET_RANGE_ANY || p->ret == RET_INT);
    if (p->ret_range == RET_RANGE_SIZE)
        CHECK(p->arg[1].type == ARG_SIZE_OR_ZERO || p->arg[2].type == ARG_SIZE_OR_ZERO);
    CHECK(!(p->flags & HELPER_F_MAP_WRITE) || p->arg[0].type == ARG_MAP);
    /* Linux knows the packet by the context. */
    CHECK(!(p->flags & HELPER_F_PKT_CHANGE) || p->arg[0].type == ARG_CTX);
    check_note(NULL);
}

static bool same_proto(const struct helper_proto *a, const struct helper_proto *b) {
    struct proto_text ta, tb;
    return !strcmp(proto_text(a, &ta), proto_text(b, &tb));
}

/* Every variant that any program type sees is as sound as the rows, and differs from its row. */
static void test_rows(void) {
    static const uint32_t types[] = {
#define PROG_TYPE(nr, name) nr,
#include "isa/kind.def"
    };
    unsigned variants = 0;
    for (uint32_t id = 1; id < N_HELPERS; id++) {
        const struct helper_proto *row = helper_proto_of(id);
        check_proto(row);
        for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
            for (int attach = -1; attach < 70; attach++) {
                const struct helper_proto *p = helper_proto_for(id, types[t], attach);
                if (p == row)
                    continue;
                check_proto(p);
                CHECK(p->id == id && !strcmp(p->name, row->name));
                CHECK_EQ(p->implemented, row->implemented);
                CHECK(!same_proto(p, row));
                CHECK(helper_allowed(id, types[t], -1));
                variants++;
            }
        }
    }
    CHECK(variants > 1000);
    CHECK(!helper_proto_for(0, PROG_xdp, -1));
    CHECK(!helper_proto_for(N_HELPERS, PROG_xdp, -1));
    static const uint32_t odd[] = {33, 62, 63, 64, 999, 1001, UINT32_MAX};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        CHECK(helper_proto_for(HELPER_sk_assign, odd[i], -1) == helper_proto_of(HELPER_sk_assign));
    CHECK(helper_proto_for(HELPER_sk_assign, PROG_sk_lookup, INT32_MIN) !=
          helper_proto_of(HELPER_sk_assign));
}

struct fact {
    uint32_t type; /* PROG_unspec: the row itself */
    uint32_t id;
    const char *text;
};

static const struct fact facts[] = {
    {0, HELPER_map_lookup_elem, "pkt value.null (map, key)"},
    {0, HELPER_map_update_elem, "pkt mapwr int (map, key, value, any)"},
    {0, HELPER_map_delete_elem, "pkt mapwr int (map, key)"},
    {0, HELPER_map_push_elem, "pkt mapwr int (map, value, any)"},
    {0, HELPER_map_pop_elem, "mapwr int (map, value.uninit.wr)"},
    {0, HELPER_map_lookup_percpu_elem, "pkt value.null (map, key, any)"},
    {0, HELPER_probe_read_kernel, "gpl int (mem.uninit.wr, size0, any)"},
    {0, HELPER_ktime_get_ns, "int ()"},
    {0, HELPER_trace_printk, "gpl int (mem.rd, size)"},
    {0, HELPER_trace_vprintk, "gpl int (mem.rd, size, mem.null.rd, size0)"},
    {0, HELPER_skb_store_bytes, "change int (ctx, any, mem.rd, size, any)"},
    {0, HELPER_skb_load_bytes, "int (ctx, any, mem.uninit.wr, size)"},
    {0, HELPER_l4_csum_replace, "change int (ctx, any, any, any, any)"},
    {0, HELPER_tail_call, "change void (ctx, map, any)"},
    {0, HELPER_csum_diff, "pkt int (mem.null.rd, size0, mem.null.rd, size0, any)"},
    {0, HELPER_perf_event_output, "gpl int (ctx, map, any, mem.rd, size0)"},
    {0, HELPER_redirect_neigh, "int (any, mem.null.rd, size0, any)"},
    {0, HELPER_redirect_map, "int (map, any, any)"},
    {0, HELPER_xdp_adjust_head, "change int (ctx, any)"},
    {0, HELPER_xdp_store_bytes, "int (ctx, any, mem.rd, size)"},
    /* fib_lookup, snprintf, snprintf_btf, d_path, read_branch_records, sysctl_get_name and the raw
     * tracepoints' get_stack write what Linux 6.12's rows do not say that they write */
    {0, HELPER_fib_lookup, "gpl int (ctx, mem.wr, size, any)"},
    {0, HELPER_check_mtu, "gpl int (ctx, any, fixed.wr.aligned 4, any, any)"},
    {0, HELPER_sk_lookup_tcp, "pkt socket.null.ref (ctx, mem.rd, size0, any, any)"},
    {0, HELPER_skc_lookup_tcp, "pkt sock_common.null.ref (ctx, mem.rd, size0, any, any)"},
    {0, HELPER_sk_release, "int (sock.rel)"},
    {0, HELPER_sk_fullsock, "socket.null.cast (sock_common)"},
    {0, HELPER_tcp_sock, "tcp_sock.null.cast (sock_common)"},
    {0, HELPER_get_listener_sock, "socket.null (sock_common)"},
    {0, HELPER_skc_to_tcp6_sock, "btf.null.cast tcp6_sock (sock)"},
    {0, HELPER_skc_to_mptcp_sock, "btf.null.cast mptcp_sock (sock_common)"},
    {0, HELPER_skc_to_unix_sock, "btf.null unix_sock (sock)"},
    {0, HELPER_sock_from_file, "btf.null socket (btf file)"},
    {0, HELPER_strtol, "int (mem.rd, size, any, fixed.uninit.wr.aligned 8)"},
    {0, HELPER_strncmp, "int (mem.rd, size, str)"},
    {0, HELPER_snprintf, "gpl int (mem.null.wr, size0, str, mem.null.rd, size0)"},
    {0, HELPER_snprintf_btf, "int (mem.wr, size, mem.rd, size, any)"},
    {0, HELPER_spin_lock, "void (lock)"},
    {0, HELPER_timer_set_callback, "gpl int (timer, func)"},
    {0, HELPER_timer_init, "gpl int (timer, map, any)"},
    {0, HELPER_for_each_map_elem, "int (map, func, stack.null, any)"},
    {0, HELPER_loop, "int (scalar, func, stack.null, any)"},
    {0, HELPER_find_vma, "int (btf task_struct, any, func, stack.null, any)"},
    {0, HELPER_ringbuf_reserve, "record.null.ref (map, alloc, any)"},
    {0, HELPER_ringbuf_submit, "void (record.rel, any)"},
    {0, HELPER_ringbuf_reserve_dynptr, "int (map, any, any, dynptr.uninit.wr.ringbuf)"},
    {0, HELPER_ringbuf_discard_dynptr, "void (dynptr.rel.ringbuf, any)"},
    {0, HELPER_dynptr_from_mem, "int (mem.uninit.wr.inmap, size0, any, dynptr.uninit.wr.local)"},
    {0, HELPER_dynptr_read, "int (mem.uninit.wr, size0, dynptr.rd, any, any)"},
    {0, HELPER_dynptr_data, "slice.null (dynptr.rd, any, alloc)"},
    {0, HELPER_kptr_xchg, "btf.null.ref (kptr, btf.null.rel)"},
    {0, HELPER_get_current_task_btf, "gpl btf.trusted task_struct ()"},
    {0, HELPER_task_pt_regs, "gpl btf pt_regs (btf task_struct)"},
    {0, HELPER_per_cpu_ptr, "percpu.null.rdonly (percpu, any)"},
    {0, HELPER_this_cpu_ptr, "percpu.rdonly (percpu)"},
    {0, HELPER_get_local_storage, "value (map, any.zero)"},
    {0, HELPER_task_storage_get, "value.null (map, btf.null task_struct, value.null, any)"},
    {0, HELPER_cgrp_storage_delete, "int (map, btf.null cgroup)"},
    {0, HELPER_copy_from_user_task,
     "gpl sleeps int (mem.uninit.wr, size0, any, btf task_struct, any)"},
    {0, HELPER_ima_file_hash, "sleeps limit int (btf file, mem.uninit.wr, size)"},
    {0, HELPER_d_path, "limit int (btf path, mem.wr, size0)"},
    {0, HELPER_seq_printf, "gpl int (btf seq_file, mem.rd, size, mem.null.rd, size0)"},
    {0, HELPER_tcp_raw_gen_syncookie_ipv6, "gpl pkt int (fixed 40, mem, size0)"},
    {0, HELPER_tcp_raw_check_syncookie_ipv4, "gpl pkt int (fixed 20, fixed 20)"},
    {0, HELPER_load_hdr_opt, "int (ctx, mem.wr, size, any)"},
    {0, HELPER_read_branch_records, "gpl int (ctx, mem.null.wr, size0, any)"},
    {0, HELPER_get_netns_cookie, "int (ctx.null)"},
    {0, HELPER_get_task_stack, "sleepy int.size (btf task_struct, mem.uninit.wr, size0, any)"},
    {0, HELPER_probe_read_kernel_str, "gpl int.size (mem.uninit.wr, size0, any)"},
    /* what depends on the program type */
    {PROG_socket_filter, HELPER_get_smp_processor_id, "int.cpu ()"},
    {PROG_xdp, HELPER_get_smp_processor_id, "fast int.cpu ()"},
    {PROG_sched_cls, HELPER_get_cgroup_classid, "int (ctx)"},
    {PROG_cgroup_device, HELPER_get_cgroup_classid, "int ()"},
    {PROG_kprobe, HELPER_get_stackid, "gpl int (ctx, map, any)"},
    {PROG_perf_event, HELPER_get_stackid, "int (ctx, map, any)"},
    {PROG_kprobe, HELPER_get_stack, "gpl sleepy int.size (ctx, mem.uninit.wr, size0, any)"},
    {PROG_raw_tracepoint, HELPER_get_stack, "gpl int.size (ctx, mem.wr, size0, any)"},
    {PROG_cgroup_sock, HELPER_get_socket_cookie, "int (ctx)"},
    {PROG_tracing, HELPER_get_socket_cookie, "int (sock.null)"},
    {PROG_sk_reuseport, HELPER_get_socket_cookie, "int (sock.null)"},
    {PROG_sock_ops, HELPER_setsockopt, "int (ctx, any, any, mem.rd, size)"},
    {PROG_cgroup_sockopt, HELPER_setsockopt, "int (sock, any, any, mem.rd, size)"},
    {PROG_lsm, HELPER_getsockopt, "limit int (sock, any, any, mem.uninit.wr, size)"},
    {PROG_cgroup_sock_addr, HELPER_sk_lookup_udp, "socket.null.ref (ctx, mem.rd, size0, any, any)"},
    {PROG_sched_cls, HELPER_sk_storage_get, "value.null (map, sock, value.null, any)"},
    {PROG_cgroup_sock, HELPER_sk_storage_get, "value.null (map, ctx, value.null, any)"},
    {PROG_tracing, HELPER_sk_storage_get,
     "limit value.null (map, btf.null sock_common, value.null, any)"},
    {PROG_lsm, HELPER_sk_storage_delete, "int (map, sock)"},
    {PROG_sched_act, HELPER_sk_assign, "int (ctx, sock, any)"},
    {PROG_sk_lookup, HELPER_sk_assign, "int (ctx, socket.null, any)"},
    {PROG_xdp, HELPER_xdp_get_buff_len, "int (ctx)"},
    {PROG_tracing, HELPER_xdp_get_buff_len, "int (btf xdp_buff)"},
    {PROG_raw, HELPER_get_smp_processor_id, "int.cpu ()"},
};

static void test_facts(void) {
    struct proto_text t;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const struct fact *f = &facts[i];
        const struct helper_proto *p =
            f->type ? helper_proto_for(f->id, f->type, -1) : helper_proto_of(f->id);
        check_note(p->name);
        CHECK_STR(proto_text(p, &t), f->text);
    }
    check_note("get_func_ip");
    for (int attach = -1; attach < 64; attach++) {
        bool multi = attach == ATTACH_trace_kprobe_multi || attach == ATTACH_trace_kprobe_session ||
                     attach == ATTACH_trace_uprobe_multi || attach == ATTACH_trace_uprobe_session;
        CHECK_STR(proto_text(helper_proto_for(HELPER_get_func_ip, PROG_kprobe, attach), &t),
                  multi ? "int (ctx)" : "gpl int (ctx)");
        CHECK_STR(proto_text(helper_proto_for(HELPER_get_func_ip, PROG_tracing, attach), &t),
                  "gpl limit int (ctx)");
    }
    check_note(NULL);
}

/* Linux's list of helpers after which packet pointers are void. */
static void test_packet_changers(void) {
    static const char *const names[] = {
        "clone_redirect",   "l3_csum_replace",     "l4_csum_replace",      "lwt_push_encap",
        "lwt_seg6_action",  "lwt_seg6_adjust_srh", "lwt_seg6_store_bytes", "msg_pop_data",
        "msg_pull_data",    "msg_push_data",       "skb_adjust_room",      "skb_change_head",
        "skb_change_proto", "skb_change_tail",     "skb_pull_data",        "skb_store_bytes",
        "skb_vlan_pop",     "skb_vlan_push",       "store_hdr_opt",        "tail_call",
        "xdp_adjust_head",  "xdp_adjust_meta",     "xdp_adjust_tail",
    };
    unsigned n = 0;
    for (uint32_t id = 1; id < N_HELPERS; id++)
        n += (helper_proto_of(id)->flags & HELPER_F_PKT_CHANGE) != 0;
    CHECK_EQ(n, sizeof names / sizeof names[0]);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        check_note(names[i]);
        const struct helper_proto *p = helper_proto_of(helper_find(names[i]));
        CHECK(p && (p->flags & HELPER_F_PKT_CHANGE));
    }
    check_note(NULL);
}

/* Whoever takes a callback says what it finds, and passes no argument that there is not. */
static void test_callbacks(void) {
    unsigned n = 0;
    for (uint32_t id = 1; id < N_HELPERS; id++) {
        const struct helper_proto *p = helper_proto_of(id);
        const struct callback_proto *cb = helper_callback_of(id);
        unsigned func = 0, stack = 0;
        check_note(p->name);
        for (unsigned i = 0; i < p->n_args; i++) {
            func = p->arg[i].type == ARG_FUNC ? i + 1 : func;
            stack = p->arg[i].type == ARG_STACK ? i + 1 : stack;
        }
        CHECK_EQ(cb ? cb->func : 0, func);
        if (!cb)
            continue;
        n++;
        bool got = false;
        for (unsigned i = 0; i < 5; i++) {
            CHECK_EQ(cb->arg[i].is != CALLBACK_ARG_NONE, i < cb->n_args);
            CHECK_EQ(cb->arg[i].passed != 0, cb->arg[i].is == CALLBACK_ARG_PASSED);
            CHECK(cb->arg[i].passed <= p->n_args);
            got |= stack && cb->arg[i].passed == stack;
        }
        CHECK_EQ(got, stack != 0); /* what lies on the stack is for the callback */
    }
    check_note(NULL);
    CHECK_EQ(n, 5);
    CHECK(!helper_callback_of(0) && !helper_callback_of(N_HELPERS));
    const struct callback_proto *cb = helper_callback_of(HELPER_timer_set_callback);
    CHECK(cb && cb->async && cb->arg[1].is == CALLBACK_ARG_KEY);
    cb = helper_callback_of(HELPER_find_vma);
    CHECK(cb && !cb->async && cb->arg[0].passed == 1 && cb->arg[1].is == CALLBACK_ARG_VMA);
}

int main(void) {
    test_numbers();
    test_callbacks();
    test_rows();
    test_facts();
    test_packet_changers();
    return check_end();
}

/* progtype_test.c: what Linux asks of a program's loader and of its type as a whole, stated here a
 * second time as lists; accesses to contexts: ctx_table_test.c.
 */
#include "runtime/progtype.h"

#include "tests/check.h"

#define T(name)      (UINT64_C(1) << PROG_##name)
#define ALL_LINUX    (((UINT64_C(1) << 33) - 1) & ~UINT64_C(1))
#define A(name)      (UINT64_C(1) << ATTACH_##name)
#define N_ATTACHES   58
#define EVERY_ATTACH ((UINT64_C(1) << N_ATTACHES) - 1)

static const struct progtype *type(uint32_t nr) {
    const struct progtype *pt = progtype_of(nr);
    return CHECK(pt != NULL) ? pt : progtype_of(PROG_xdp);
}

static bool pkt_arg(const struct progtype *pt) {
    return pt->pkt_arg;
}

static bool pkt_arg_all(const struct progtype *pt) {
    return pt->pkt_arg_all;
}

static bool ld_abs(const struct progtype *pt) {
    return pt->ld_abs;
}

static bool no_lock(const struct progtype *pt) {
    return pt->no_lock;
}

static bool no_async(const struct progtype *pt) {
    return pt->no_async;
}

static bool target(const struct progtype *pt) {
    return pt->target;
}

static bool must_sleep(const struct progtype *pt) {
    return pt->must_sleep;
}

static bool var_off(const struct progtype *pt) {
    return pt->var_off;
}

static bool net_admin(const struct progtype *pt) {
    return pt->caps & PROG_CAP_NET_ADMIN;
}

static bool perfmon(const struct progtype *pt) {
    return pt->caps & PROG_CAP_PERFMON;
}

static bool bpf(const struct progtype *pt) {
    return pt->caps & PROG_CAP_BPF;
}

static bool may_sleep(const struct progtype *pt) {
    return progtype_may_sleep(pt, -1);
}

static void test_types(void) {
    const uint64_t traces =
        T(kprobe) | T(tracepoint) | T(perf_event) | T(raw_tracepoint) | T(raw_tracepoint_writable);
    const struct {
        const char *what;
        bool (*has)(const struct progtype *pt);
        uint64_t types;
    } sets[] = {
        {"packet pointers to helpers", pkt_arg,
         T(lwt_in) | T(lwt_out) | T(lwt_xmit) | T(lwt_seg6local) | T(sk_reuseport) |
             T(flow_dissector) | T(cgroup_skb) | T(sched_cls) | T(sched_act) | T(xdp) | T(sk_skb) |
             T(sk_msg) | T(cgroup_sockopt)},
        {"packet pointers to any helper", pkt_arg_all, T(cgroup_sockopt)},
        {"LD_ABS", ld_abs, T(socket_filter) | T(sched_cls) | T(sched_act)},
        {"no spin lock", no_lock, T(socket_filter) | traces},
        {"no timer", no_async, traces},
        {"attach target", target, T(tracing) | T(lsm) | T(struct_ops) | T(ext)},
        {"always sleepable", must_sleep, T(syscall)},
        {"variable offset", var_off, T(syscall)},
        {"sleepable", may_sleep, T(tracing) | T(lsm) | T(struct_ops) | T(kprobe) | T(syscall)},
        {"CAP_NET_ADMIN", net_admin,
         T(sched_cls) | T(sched_act) | T(xdp) | T(lwt_in) | T(lwt_out) | T(lwt_xmit) |
             T(lwt_seg6local) | T(sk_skb) | T(sk_msg) | T(flow_dissector) | T(cgroup_device) |
             T(cgroup_sock) | T(cgroup_sock_addr) | T(cgroup_sockopt) | T(cgroup_sysctl) |
             T(sock_ops) | T(ext) | T(netfilter)},
        {"CAP_PERFMON", perfmon, traces | T(tracing) | T(lsm) | T(struct_ops) | T(ext)},
        {"CAP_BPF", bpf, ALL_LINUX & ~(T(socket_filter) | T(cgroup_skb))},
    };
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        for (uint32_t nr = 1; nr <= PROG_netfilter; nr++) {
            char note[64];
            snprintf(note, sizeof note, "%s: %s", sets[i].what, prog_type_name(nr));
            check_note(note);
            CHECK_EQ(sets[i].has(type(nr)), sets[i].types >> nr & 1);
        }
    check_note(NULL);
    for (uint32_t nr = 1; nr <= PROG_netfilter; nr++)
        CHECK(!type(nr)->must_sleep || progtype_may_sleep(type(nr), -1));
    CHECK_EQ(type(PROG_raw)->caps, 0);
}

static void check_attaches(uint32_t nr, bool (*in)(const struct progtype *, int), uint64_t want) {
    check_note(prog_type_name(nr));
    for (int attach = 0; attach < N_ATTACHES; attach++)
        CHECK_EQ(in(type(nr), attach), want >> attach & 1);
    CHECK_EQ(in(type(nr), -1), want != 0);
    check_note(NULL);
}

static void test_attaches(void) {
    check_attaches(PROG_xdp, progtype_attaches, EVERY_ATTACH);
    check_attaches(PROG_cgroup_skb, progtype_attaches,
                   A(cgroup_inet_ingress) | A(cgroup_inet_egress));
    check_attaches(PROG_cgroup_sock, progtype_attaches,
                   A(cgroup_inet_sock_create) | A(cgroup_inet_sock_release) |
                       A(cgroup_inet4_post_bind) | A(cgroup_inet6_post_bind));
    check_attaches(PROG_cgroup_sockopt, progtype_attaches,
                   A(cgroup_setsockopt) | A(cgroup_getsockopt));
    check_attaches(PROG_netfilter, progtype_attaches, A(netfilter));
    check_attaches(PROG_sk_lookup, progtype_attaches, A(sk_lookup));
    check_attaches(PROG_syscall, progtype_attaches, 1);
    check_attaches(PROG_tracing, progtype_may_sleep,
                   A(trace_fentry) | A(trace_fexit) | A(modify_return) | A(trace_iter));
    check_attaches(PROG_lsm, progtype_may_sleep, EVERY_ATTACH & ~A(lsm_cgroup));
    check_attaches(PROG_kprobe, progtype_may_sleep, EVERY_ATTACH);
    check_attaches(PROG_xdp, progtype_may_sleep, 0);
    check_attaches(PROG_tracing, progtype_trusts_args, A(trace_raw_tp) | A(trace_iter));
    check_attaches(PROG_struct_ops, progtype_trusts_args, EVERY_ATTACH);
    check_attaches(PROG_kprobe, progtype_trusts_args, 0);
    unsigned n = 0;
    for (int attach = 0; attach < N_ATTACHES; attach++)
        n += progtype_attaches(type(PROG_cgroup_sock_addr), attach);
    CHECK_EQ(n, 17);
}

static void test_fields(void) {
    const struct progtype *skb = type(PROG_cgroup_skb), *nf = type(PROG_netfilter);
    CHECK(progtype_privileged(skb, 76, false) && progtype_privileged(skb, 80, false));
    CHECK(!progtype_privileged(skb, 152, false) && progtype_privileged(skb, 152, true));
    CHECK(!progtype_privileged(skb, 8, true) && !progtype_privileged(skb, 5000, false));
    CHECK(!progtype_privileged(type(PROG_sched_cls), 76, false));
    CHECK_STR(progtype_btf(nf, 0), "nf_hook_state");
    CHECK_STR(progtype_btf(nf, 8), "sk_buff");
    CHECK(!progtype_btf(skb, 168) && !progtype_btf(nf, 16));
    for (uint32_t nr = 1; nr <= PROG_netfilter; nr++)
        for (uint32_t i = 0; i < type(nr)->n_fields; i++) {
            const struct ctx_field *f = &type(nr)->fields[i];
            CHECK_EQ(progtype_btf(type(nr), f->off) != NULL, f->kind == CTX_BTF);
        }
}

static void test_returns(void) {
    int64_t min, max;
    progtype_returns(type(PROG_lsm), ATTACH_lsm_mac, &min, &max);
    CHECK(min == -4095 && max == 0 && progtype_returns_low(type(PROG_lsm), ATTACH_lsm_mac));
    progtype_returns(type(PROG_lsm), ATTACH_lsm_cgroup, &min, &max);
    CHECK(min == 0 && max == 1 && !progtype_returns_low(type(PROG_lsm), ATTACH_lsm_cgroup));
    progtype_returns(type(PROG_lsm), -1, &min, &max);
    CHECK(min == INT64_MIN && max == INT64_MAX && !progtype_returns_low(type(PROG_lsm), -1));
    progtype_returns(type(PROG_tracing), ATTACH_trace_fentry, &min, &max);
    CHECK(min == 0 && max == 0);
}

int main(void) {
    test_types();
    test_attaches();
    test_fields();
    test_returns();
    return check_end();
}

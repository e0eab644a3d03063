/* netsockopt.c: getting and setting socket options, by the rows of sockopt.def. Values that were
 * set lie in the socket's private state; everything else is the table's or the row's default. */
#include "runtime/helper/net.h"

enum opt_kind {
    PLAIN,
    BOOL,
    DOUBLE,
    LOWAT,
    MARK,
    PRIORITY,
    DEVICE,
    MSS,
    FLAGS,
    CWND,
    SSTHRESH,
    USECS,
    TOS,
    TCLASS
};
enum {
    RW,
    WO
};
enum {
    SOL_IP = 0,
    SOL_SOCKET = 1,
    SOL_TCP = 6,
    SOL_IPV6 = 41,
    SO_BINDTODEVICE = 25,
    TCP_WINDOW_CLAMP = 10,
    TCP_CONGESTION = 13,
    TCP_BPF_SYN = 1005,
    TCP_BPF_SYN_MAC = 1007,
};
enum {
    BUF_MAX = 212992,
    WINDOW_CLAMP_MIN = 1152,
    CA_NAME_MAX = 16
};

static const struct opt {
    int32_t level, number;
    uint8_t kind, access;
    int32_t least, greatest, initial;
} opts[] = {
#define SOCKOPT(name, level, number, kind, least, greatest, initial, access)                       \
    {level, number, kind, access, least, greatest, initial},
#include "runtime/helper/sockopt.def"
};

enum {
    N_OPTS = sizeof opts / sizeof opts[0]
};
_Static_assert((int)N_OPTS <= NET_N_OPTS && N_OPTS <= 64, "a bit and a slot for each option");

static int32_t find(int32_t level, int32_t number) {
    for (int32_t i = 0; i < N_OPTS; i++)
        if (opts[i].level == level && opts[i].number == number)
            return i;
    return -1;
}

/* level_ok: does a socket of this family and protocol have options of that level? */
static bool level_ok(const struct net_sock *s, int32_t level) {
    switch (level) {
    case SOL_SOCKET: return true;
    case SOL_TCP: return s->protocol == NET_TCP;
    case SOL_IPV6: return s->family == NET_AF_INET6;
    case SOL_IP:
        return s->family == NET_AF_INET ||
               (s->family == NET_AF_INET6 && s->type != NET_SOCK_RAW && !s->v6only);
    default: return false;
    }
}

static bool fresh(const struct net_sock *s) {
    return s->state == TCP_CLOSE || s->state == TCP_LISTEN;
}

static int32_t value_of(const struct net_sock *s, const struct net_sock_state *p, int32_t i) {
    const bool set = p->opts_set >> i & 1;
    switch (opts[i].kind) {
    case MARK: return set ? p->opt[i] : (int32_t)s->mark;
    case PRIORITY: return set ? p->opt[i] : (int32_t)s->priority;
    case DEVICE: return (int32_t)p->bound_ifindex;
    case FLAGS: return (int32_t)p->cb_flags;
    case MSS: return set && p->opt[i] && fresh(s) ? p->opt[i] : (int32_t)s->tcp.mss_cache;
    default: return set ? p->opt[i] : opts[i].initial;
    }
}

/* kept: what Linux keeps of a value, in *v.
 * out: 0 or the error. */
static int kept(const struct world *w, const struct net_sock *s, const struct opt *o, int32_t *v) {
    switch (o->kind) {
    case BOOL: *v = *v != 0; return 0;
    case DOUBLE:
        *v = (uint32_t)*v < BUF_MAX ? *v : BUF_MAX;
        *v = *v * 2 > o->least ? *v * 2 : o->least;
        return 0;
    case LOWAT: *v = *v < 0 ? INT32_MAX : *v ? *v : 1; return 0;
    case MSS:
        if (!*v)
            return 0;
        break;
    case TOS: *v &= s->protocol == NET_TCP ? 0xfc : 0xff; return 0;
    case CWND:
        if (s->tcp.data_segs_out)
            return -LX_EINVAL;
        break;
    default: break;
    }
    if (*v < o->least || *v > o->greatest)
        return -LX_EINVAL;
    if (o->kind == TCLASS && *v < 0)
        *v = 0;
    if (o->kind == DEVICE && *v && !net_dev_find(net_env_of(w), (uint32_t)*v))
        return -LX_ENODEV;
    return 0;
}

/* put: keep a value, and let the socket's images show it. */
static void put(struct world *w, int32_t sk, int32_t i, int32_t v) {
    struct net_sock_state *p = net_sock_private(w, sk);
    uint8_t *tcp = w->mem + world_off(net_sock_addr(w, sk)) + NET_TCP_IMAGE;
    p->opt[i] = v;
    p->opts_set |= UINT64_C(1) << i;
    switch (opts[i].kind) {
    case MARK: net_sock_put32(w, sk, CTX_sock_mark, (uint32_t)v); break;
    case PRIORITY: net_sock_put32(w, sk, CTX_sock_priority, (uint32_t)v); break;
    case DEVICE:
        p->bound_ifindex = (uint32_t)v;
        net_sock_put32(w, sk, CTX_sock_bound_dev_if, (uint32_t)v);
        break;
    case FLAGS: p->cb_flags = (uint32_t)v; break;
    case CWND: world_put32(w, tcp + CTX_tcp_sock_snd_cwnd, (uint32_t)v); break;
    case SSTHRESH: world_put32(w, tcp + CTX_tcp_sock_snd_ssthresh, (uint32_t)v); break;
    default: break;
    }
}

static int set_congestion(struct net_sock_state *p, const uint8_t *val, uint32_t n) {
    static const char *const known[] = {"cubic", "reno"};
    char name[CA_NAME_MAX] = {0};
    if (n < 2)
        return -LX_EINVAL;
    if (n >= 3 && !strncmp((const char *)val, "cdg", n))
        return -LX_ENOTSUPP;
    memcpy(name, val, n < CA_NAME_MAX - 1 ? n : CA_NAME_MAX - 1);
    for (uint32_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(name, known[i])) {
            memcpy(p->cc, name, CA_NAME_MAX);
            return 0;
        }
    return -LX_ENOENT;
}

static int set_device(struct world *w, int32_t sk, const uint8_t *name) {
    if (name[0])
        return -LX_ENODEV; /* devices of the table have no names */
    net_sock_private(w, sk)->bound_ifindex = 0;
    net_sock_put32(w, sk, CTX_sock_bound_dev_if, 0);
    return 0;
}

static int set(struct world *w, int32_t sk, int32_t level, int32_t number, const uint8_t *val,
               uint32_t n) {
    const struct net_sock *s = net_sock_of(w, sk);
    if (!net_sock_full(s) || !level_ok(s, level))
        return -LX_EINVAL;
    if (level == SOL_TCP && number == TCP_CONGESTION)
        return set_congestion(net_sock_private(w, sk), val, n);
    if (level == SOL_SOCKET && number == SO_BINDTODEVICE)
        return set_device(w, sk, val);
    const int32_t i = find(level, number);
    if (i < 0 || n != 4)
        return -LX_EINVAL;
    int32_t v = (int32_t)world_get32(w, val);
    if (level == SOL_TCP && number == TCP_WINDOW_CLAMP) {
        if (!v && s->state != TCP_CLOSE)
            return -LX_EINVAL;
        if (v && v < WINDOW_CLAMP_MIN)
            v = WINDOW_CLAMP_MIN;
    }
    int err = kept(w, s, &opts[i], &v);
    if (!err)
        put(w, sk, i, v);
    return err;
}

/* get: into val, n bytes.
 * out: 0 or the error; *used: bytes that were written. */
static int get(struct world *w, int32_t sk, int32_t level, int32_t number, uint8_t *val, uint32_t n,
               uint32_t *used) {
    const struct net_sock *s = net_sock_of(w, sk);
    const struct net_sock_state *p = net_sock_private(w, sk);
    *used = 0;
    if (!net_sock_full(s) || !level_ok(s, level))
        return -LX_EINVAL;
    if (level == SOL_TCP && number == TCP_CONGESTION) {
        char name[CA_NAME_MAX] = "cubic";
        if (n < 2)
            return -LX_EINVAL;
        if (p->cc[0])
            memcpy(name, p->cc, CA_NAME_MAX);
        *used = n - 1 < CA_NAME_MAX ? n - 1 : CA_NAME_MAX;
        memcpy(val, name, *used);
        return 0;
    }
    const int32_t i = find(level, number);
    if (i < 0 || n != 4 || opts[i].access == WO)
        return -LX_EINVAL;
    world_put32(w, val, (uint32_t)value_of(s, p, i));
    *used = 4;
    return 0;
}

uint64_t helper_setsockopt(uint64_t sk, uint64_t level, uint64_t optname, uint64_t optval,
                           uint64_t optlen, struct world *w) {
    const int32_t i = arg_sock(w, sk);
    const uint8_t *val = w->exec.pending.kind ? NULL : arg_read(w, optval, (uint32_t)optlen);
    if (!val)
        return 0;
    if (i < 0 || !(uint32_t)optlen)
        return helper_err(LX_EINVAL);
    int err = set(w, i, (int32_t)level, (int32_t)optname, val, (uint32_t)optlen);
    if (!err && w->st.ctx_type == PROG_sock_ops)
        ctx_put32(w, CTX_sock_ops_bpf_sock_ops_cb_flags, net_sock_private(w, i)->cb_flags);
    return arg_int(err);
}

uint64_t helper_getsockopt(uint64_t sk, uint64_t level, uint64_t optname, uint64_t optval,
                           uint64_t optlen, struct world *w) {
    const int32_t i = arg_sock(w, sk);
    const uint32_t n = (uint32_t)optlen;
    uint8_t *val = w->exec.pending.kind ? NULL : arg_write(w, optval, n);
    uint32_t used = 0;
    if (!val)
        return 0;
    const bool syn = (uint32_t)optname >= TCP_BPF_SYN && (uint32_t)optname <= TCP_BPF_SYN_MAC;
    if (w->st.ctx_type == PROG_sock_ops && (uint32_t)level == SOL_TCP && syn) {
        memset(val, 0, n);
        return helper_err(LX_ENOENT); /* no SYN was saved */
    }
    int err = i < 0 || !n ? -LX_EINVAL : get(w, i, (int32_t)level, (int32_t)optname, val, n, &used);
    memset(val + used, 0, n - used);
    return arg_int(err);
}

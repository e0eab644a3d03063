/* netsock.c: finding sockets, and what programs learn from them. */
#include "runtime/helper/net.h"

enum {
    TUPLE4_BYTES = 12,
    TUPLE6_BYTES = 36
};

/* take: hand out a socket. The world counts the program's obligations, one for each successful
 * lookup, whether Linux counts references on the socket or not. */
static uint64_t take(struct world *w, int32_t i) {
    if (i < 0)
        return 0;
    net_sock_private(w, i)->refs++;
    w->st.refs_held++;
    return net_sock_addr(w, i);
}

uint64_t helper_sk_release(uint64_t sk, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                           struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    int32_t i = arg_sock(w, sk);
    if (i < 0)
        return 0;
    struct net_sock_state *s = net_sock_private(w, i);
    if (s->refs) {
        s->refs--;
        w->st.refs_held -= w->st.refs_held != 0;
    }
    return 0;
}

/* lookup_ifindex: the device whose bound sockets may match. */
static uint32_t lookup_ifindex(const struct world *w) {
    if (w->st.ctx_type == PROG_xdp)
        return ctx_get32(w, CTX_xdp_md_ingress_ifindex);
    return net_has_skb(w) ? ctx_get32(w, CTX_sk_buff_ifindex) : 0;
}

/* lookup: the socket for a tuple, NET_NONE for none. */
static int32_t lookup(struct world *w, uint64_t ctx, uint64_t tuple, uint32_t len, uint8_t proto,
                      uint64_t netns, uint64_t flags) {
    const uint8_t *in = arg_net(w, ctx) ? arg_read(w, tuple, len) : NULL;
    if (!in || (len != TUPLE4_BYTES && len != TUPLE6_BYTES))
        return NET_NONE;
    const struct net_env *e = net_env_of(w);
    const bool here = (int32_t)netns < 0;
    if (flags || (!here && netns > INT32_MAX) || (!here && (int32_t)netns != e->netns_id))
        return NET_NONE;
    struct net_tuple t = {.family = len == TUPLE4_BYTES ? NET_AF_INET : NET_AF_INET6,
                          .protocol = proto,
                          .ifindex = lookup_ifindex(w)};
    const uint32_t n = net_addr_bytes(t.family);
    memcpy(t.saddr, in, n);
    memcpy(t.daddr, in + n, n);
    t.sport = net_get16(in + 2 * n);
    t.dport = net_get16(in + 2 * n + 2);
    return net_sock_find(e, &t);
}

uint64_t helper_sk_lookup_tcp(uint64_t ctx, uint64_t tuple, uint64_t len, uint64_t netns,
                              uint64_t flags, struct world *w) {
    return take(w, net_full_sock(w, lookup(w, ctx, tuple, (uint32_t)len, NET_TCP, netns, flags)));
}

uint64_t helper_sk_lookup_udp(uint64_t ctx, uint64_t tuple, uint64_t len, uint64_t netns,
                              uint64_t flags, struct world *w) {
    return take(w, net_full_sock(w, lookup(w, ctx, tuple, (uint32_t)len, NET_UDP, netns, flags)));
}

uint64_t helper_skc_lookup_tcp(uint64_t ctx, uint64_t tuple, uint64_t len, uint64_t netns,
                               uint64_t flags, struct world *w) {
    return take(w, lookup(w, ctx, tuple, (uint32_t)len, NET_TCP, netns, flags));
}

uint64_t helper_sk_fullsock(uint64_t sk, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                            struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    int32_t i = arg_sock(w, sk);
    return i >= 0 && net_sock_full(net_sock_of(w, i)) ? net_sock_addr(w, i) : 0;
}

uint64_t helper_tcp_sock(uint64_t sk, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                         struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    int32_t i = arg_sock(w, sk);
    if (i < 0 || !net_sock_full(net_sock_of(w, i)) || net_sock_of(w, i)->protocol != NET_TCP)
        return 0;
    return net_sock_addr(w, i) + NET_TCP_IMAGE;
}

uint64_t helper_get_listener_sock(uint64_t sk, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    int32_t i = net_full_sock(w, arg_sock(w, sk));
    return i >= 0 && net_sock_of(w, i)->state == TCP_LISTEN ? net_sock_addr(w, i) : 0;
}

/* What bpf_skc_to_* asks of a socket. Linux returns the kernel's object, of which bpflab has no
 * image: the address is that of struct bpf_sock, good as an argument of helpers and as a key of
 * storage. */
enum {
    ANY = 0,
    FULL = 1
};

static uint64_t cast(struct world *w, uint64_t sk, uint8_t family, uint8_t type, uint8_t protocol,
                     uint8_t state) {
    int32_t i = arg_sock(w, sk);
    if (i < 0)
        return 0;
    const struct net_sock *s = net_sock_of(w, i);
    if ((family != ANY && s->family != family) || (type != ANY && s->type != type) ||
        (protocol != ANY && s->protocol != protocol))
        return 0;
    if (state == FULL ? !net_sock_full(s) : s->state != state)
        return 0;
    return net_sock_addr(w, i);
}

#define CAST(name, family, type, protocol, state)                                                  \
    uint64_t helper_skc_to_##name(uint64_t sk, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5, \
                                  struct world *w) {                                               \
        HELPER_UNUSED4(r2, r3, r4, r5);                                                            \
        return cast(w, sk, family, type, protocol, state);                                         \
    }
CAST(tcp6_sock, NET_AF_INET6, ANY, NET_TCP, FULL)
CAST(tcp_sock, ANY, ANY, NET_TCP, FULL)
CAST(tcp_timewait_sock, ANY, ANY, NET_TCP, TCP_TIME_WAIT)
CAST(tcp_request_sock, ANY, ANY, NET_TCP, TCP_NEW_SYN_RECV)
CAST(udp6_sock, NET_AF_INET6, NET_SOCK_DGRAM, NET_UDP, FULL)
CAST(unix_sock, NET_AF_UNIX, ANY, ANY, FULL)

/* The acknowledgement itself goes no further than the trace. */
uint64_t helper_tcp_send_ack(uint64_t tp, uint64_t rcv_nxt, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    HELPER_UNUSED4(rcv_nxt, r3, r4, r5);
    const int32_t i = arg_sock(w, tp);
    if (i < 0 || !net_sock_full(net_sock_of(w, i)) || net_sock_of(w, i)->protocol != NET_TCP)
        world_trap(w, tp ? RUN_TRAP_MEMORY : RUN_TRAP_NULL, tp);
    return 0;
}

/* No socket of the table was opened as a file. */
uint64_t helper_sock_from_file(uint64_t file, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    if (!file)
        world_trap(w, RUN_TRAP_NULL, file);
    return 0;
}

/* No socket of the table is an MPTCP subflow. */
uint64_t helper_skc_to_mptcp_sock(uint64_t sk, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    arg_sock(w, sk);
    return 0;
}

uint64_t helper_get_socket_cookie(uint64_t sk, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    int32_t i = arg_sock(w, sk);
    return i < 0 ? 0 : net_sock_number(w, i);
}

uint64_t helper_get_socket_uid(uint64_t skb, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    enum {
        OVERFLOW_UID = 65534
    };
    const struct net_state *st = arg_net(w, skb);
    int32_t i = st ? net_full_sock(w, st->sk) : NET_NONE;
    return i < 0 ? OVERFLOW_UID : net_sock_of(w, i)->uid;
}

uint64_t helper_get_netns_cookie(uint64_t ctx, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    const struct net_state *st = ctx ? arg_net(w, ctx) : NULL;
    uint64_t own = st && st->sk >= 0 ? net_sock_of(w, st->sk)->netns_cookie : 0;
    return own ? own : net_env_of(w)->netns_cookie;
}

/* assign_tc: steer an incoming packet to a socket. */
static uint64_t assign_tc(struct world *w, struct net_state *st, int32_t i, uint64_t flags) {
    const struct net_env *e = net_env_of(w);
    if (i < 0 || flags)
        return helper_err(LX_EINVAL);
    const struct net_sock *s = net_env_sock(e, i);
    if (e->in.tc_egress)
        return helper_err(LX_EOPNOTSUPP);
    if (s->netns_cookie && s->netns_cookie != e->netns_cookie)
        return helper_err(LX_ENETUNREACH);
    if (s->protocol == NET_TCP && s->state == TCP_CLOSE)
        return helper_err(LX_EOPNOTSUPP); /* unhashed */
    st->assigned = st->sk = i;
    world_put64(w, ctx_host(w, CTX_sk_buff_sk), net_sock_addr(w, i));
    return 0;
}

/* assign_lookup: answer a socket lookup. */
static uint64_t assign_lookup(struct world *w, struct net_state *st, int32_t i, uint64_t flags) {
    enum {
        REPLACE = 1,
        NO_REUSEPORT = 2
    };
    if (flags & ~(uint64_t)(REPLACE | NO_REUSEPORT))
        return helper_err(LX_EINVAL);
    if (i >= 0) {
        const struct net_sock *s = net_sock_of(w, i);
        if (s->refcounted || (s->protocol == NET_TCP && s->state != TCP_LISTEN) ||
            (s->protocol == NET_UDP && s->state != TCP_CLOSE))
            return helper_err(LX_ESOCKTNOSUPPORT);
        if (s->protocol != ctx_get32(w, CTX_sk_lookup_protocol))
            return helper_err(LX_EPROTOTYPE);
        if (s->family != ctx_get32(w, CTX_sk_lookup_family) &&
            (s->family == NET_AF_INET || s->v6only))
            return helper_err(LX_EAFNOSUPPORT);
    }
    if (st->selected >= 0 && !(flags & REPLACE))
        return helper_err(LX_EEXIST);
    st->selected = i;
    world_put64(w, ctx_host(w, CTX_sk_lookup_sk), net_sock_addr(w, i));
    return 0;
}

uint64_t helper_sk_assign(uint64_t ctx, uint64_t sk, uint64_t flags, uint64_t r4, uint64_t r5,
                          struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct net_state *st = arg_net(w, ctx);
    int32_t i = arg_sock(w, sk);
    if (!st || w->exec.pending.kind != RUN_EXIT)
        return 0;
    return w->st.ctx_type == PROG_sk_lookup ? assign_lookup(w, st, i, flags)
                                            : assign_tc(w, st, i, flags);
}

/* in_use: does another socket of the protocol have that port? */
static bool in_use(const struct world *w, int32_t self, uint16_t port) {
    const struct net_env *e = net_env_of(w);
    for (uint32_t i = 0; i < e->n_socks; i++)
        if ((int32_t)i != self && e->socks[i].src_port == port &&
            e->socks[i].protocol == net_env_sock(e, self)->protocol)
            return true;
    return false;
}

uint64_t helper_bind(uint64_t ctx, uint64_t addr, uint64_t len, uint64_t r4, uint64_t r5,
                     struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const struct net_state *st = arg_net(w, ctx);
    const uint8_t *in = st ? arg_read(w, addr, (uint32_t)len) : NULL;
    const int32_t n = (int32_t)len;
    if (!in || n < 2 || st->sk < 0)
        return helper_err(LX_EINVAL);
    const uint16_t family = world_get16(w, in);
    if (family != NET_AF_INET && family != NET_AF_INET6)
        return helper_err(LX_EAFNOSUPPORT);
    if (n < (family == NET_AF_INET ? 16 : 24))
        return helper_err(LX_EINVAL);
    const struct net_sock *s = net_sock_of(w, st->sk);
    if (s->family != family)
        return helper_err(family == NET_AF_INET ? LX_EAFNOSUPPORT : LX_EINVAL);
    struct net_sock_state *p = net_sock_private(w, st->sk);
    if (s->src_port || p->bound_port)
        return helper_err(LX_EINVAL); /* bound before */
    const uint16_t port = net_get16(in + 2);
    if (port && in_use(w, st->sk, port))
        return helper_err(LX_EADDRINUSE);
    p->bound_port = port;
    memcpy(p->bound_addr, in + (family == NET_AF_INET ? 4 : 8), net_addr_bytes((uint8_t)family));
    uint8_t *image = w->mem + world_off(net_sock_addr(w, st->sk));
    memcpy(image + (family == NET_AF_INET ? CTX_sock_src_ip4 : CTX_sock_src_ip6), p->bound_addr,
           net_addr_bytes((uint8_t)family));
    net_sock_put32(w, st->sk, CTX_sock_src_port, port);
    return 0;
}

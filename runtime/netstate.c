/* netstate.c: the region of scratch that holds what a run changes of the network: making it,
 * finding things in it, comparing two.
 */
#include "runtime/netstate.h"

enum {
    STATE_BYTES = (sizeof(struct net_state) + 63) & ~63u,
    FLOW_OFF = STATE_BYTES,
    OPTVAL_OFF = FLOW_OFF + 64,
    SOCKS_OFF = OPTVAL_OFF + NET_OPTVAL_MAX + 64,
};

_Static_assert(sizeof(struct net_sock_state) <= NET_SOCK_STRIDE - NET_SOCK_PRIVATE, "slot");

struct net_state *net_state_of(const struct world *w) {
    return w->st.net_off ? (struct net_state *)(void *)(w->mem + w->st.net_off) : NULL;
}

uint64_t net_flow_keys_addr(const struct world *w) {
    return world_addr(w->st.net_off + FLOW_OFF);
}

uint64_t net_optval_addr(const struct world *w) {
    return world_addr(w->st.net_off + OPTVAL_OFF);
}

static uint64_t slot_off(const struct world *w, int32_t i) {
    return w->st.net_off + SOCKS_OFF + (uint64_t)i * NET_SOCK_STRIDE;
}

uint64_t net_sock_addr(const struct world *w, int32_t i) {
    return i < 0 ? 0 : world_addr(slot_off(w, i));
}

int32_t net_sock_index(const struct world *w, uint64_t addr) {
    const struct net_state *st = net_state_of(w);
    uint64_t rel = world_off(addr) - slot_off(w, 0);
    if (!st || rel >= (uint64_t)st->n_socks * NET_SOCK_STRIDE)
        return NET_NONE;
    uint64_t in = rel % NET_SOCK_STRIDE;
    return in == NET_SOCK_IMAGE || in == NET_TCP_IMAGE ? (int32_t)(rel / NET_SOCK_STRIDE)
                                                       : NET_NONE;
}

struct net_sock_state *net_sock_private(const struct world *w, int32_t i) {
    return (struct net_sock_state *)(void *)(w->mem + slot_off(w, i) + NET_SOCK_PRIVATE);
}

void net_sock_put32(struct world *w, int32_t i, uint32_t off, uint32_t value) {
    world_put32(w, w->mem + slot_off(w, i) + NET_SOCK_IMAGE + off, value);
}

/* On a big-endian machine the 4-byte read of a port gives another number than the four bytes: it
 * goes the slow way. */
static void narrow_port(struct world *w, uint64_t off) {
    if (w->cfg.big_endian)
        w->shadow[off] = 0x20;
}

static void image_sock(struct world *w, int32_t i, const struct net_sock *s) {
    uint64_t off = slot_off(w, i) + NET_SOCK_IMAGE;
    uint8_t *p = w->mem + off;
    const bool full = net_sock_full(s);
    world_put32(w, p + CTX_sock_bound_dev_if, s->bound_ifindex);
    world_put32(w, p + CTX_sock_family, s->family);
    world_put32(w, p + CTX_sock_type, s->type);
    world_put32(w, p + CTX_sock_protocol, s->protocol);
    world_put32(w, p + CTX_sock_mark, s->mark);
    world_put32(w, p + CTX_sock_priority, s->priority);
    memcpy(p + (s->family == NET_AF_INET6 ? CTX_sock_src_ip6 : CTX_sock_src_ip4), s->src,
           net_addr_bytes(s->family));
    memcpy(p + (s->family == NET_AF_INET6 ? CTX_sock_dst_ip6 : CTX_sock_dst_ip4), s->dst,
           net_addr_bytes(s->family));
    world_put32(w, p + CTX_sock_src_port, s->src_port);
    net_put16(p + CTX_sock_dst_port, s->dst_port);
    world_put32(w, p + CTX_sock_state, s->state);
    world_put32(w, p + CTX_sock_rx_queue_mapping, (uint32_t)s->rx_queue);
    ctx_object_shadow(full ? OBJ_SOCK : OBJ_SOCK_COMMON, w->shadow + off);
    narrow_port(w, off + CTX_sock_dst_port);
    if (!full || s->protocol != NET_TCP)
        return;
    uint8_t *t = w->mem + slot_off(w, i) + NET_TCP_IMAGE;
#define X(name) world_put32(w, t + CTX_tcp_sock_##name, s->tcp.name);
    NET_TCP_INFO32(X)
#undef X
    world_put64(w, t + CTX_tcp_sock_bytes_received, s->tcp.bytes_received);
    world_put64(w, t + CTX_tcp_sock_bytes_acked, s->tcp.bytes_acked);
    ctx_object_shadow(OBJ_TCP_SOCK, w->shadow + slot_off(w, i) + NET_TCP_IMAGE);
}

/* count_socks: those of the table, and the one behind them. */
static uint32_t count_socks(const struct net_env *e) {
    return e->n_socks + 1;
}

/* make_region: scratch for the state and every socket, images filled. */
static enum bpflab_err make_region(struct world *w, const struct net_env *e) {
    const uint32_t n_socks = count_socks(e);
    uint64_t off = world_alloc_scratch(w, SOCKS_OFF + (uint64_t)n_socks * NET_SOCK_STRIDE);
    if (!off)
        return BPFLAB_E_SPACE;
    w->st.net_off = off;
    struct net_state *st = net_state_of(w);
    st->n_socks = n_socks;
    for (int32_t i = 0; i < (int32_t)n_socks; i++) {
        const struct net_sock *sock = net_env_sock(e, i);
        image_sock(w, i, sock);
        struct net_sock_state *s = net_sock_private(w, i);
        s->bound_ifindex = sock->bound_ifindex;
        s->cb_flags = e->in.ops.cb_flags;
    }
    return BPFLAB_OK;
}

enum bpflab_err net_state_begin(struct world *w) {
    const struct net_env *e = net_env_of(w);
    struct net_state *st = net_state_of(w);
    if (!st || st->n_socks != count_socks(e)) {
        enum bpflab_err err = make_region(w, e);
        if (err)
            return err;
        st = net_state_of(w);
    }
    memset(st, 0, st->sysctl_updated ? sizeof *st : offsetof(struct net_state, sysctl_new));
    st->n_socks = count_socks(e);
    st->mac = st->network = (int32_t)w->st.pkt.data;
    st->transport = NET_NONE;
    st->ip_summed = e->in.ip_summed;
    st->csum = e->in.csum;
    st->sk = e->in.sk < (int32_t)e->n_socks ? e->in.sk : NET_NONE;
    st->assigned = st->selected = NET_NONE;
    st->tunnel = e->in.tunnel;
    return BPFLAB_OK;
}

void net_pkt_changed(struct world *w) {
    const struct progtype *pt = progtype_of(w->st.ctx_type);
    const struct world_packet *p = &w->st.pkt;
    world_packet_moved(w);
    if (pt && pt->packet && !pt->pkt_write) {
        world_allow(w, WORLD_PKT_OFF + p->meta, p->data - p->meta, WORLD_READ);
        world_allow(w, WORLD_PKT_OFF + p->data, p->end - p->data, WORLD_READ);
    }
    ctx_packet_moved(w);
}

bool net_has_skb(const struct world *w) {
    const struct progtype *pt = progtype_of(w->st.ctx_type);
    return pt && pt->fields == progtype_of(PROG_sched_cls)->fields;
}

/* ---- differences ---- */

/* struct part: bytes of one of the two structures, compared as they are: numbers in the host's
 * order, no padding. */
struct part {
    const char *what;
    uint32_t off, n_bytes;
    uint32_t unit; /* bytes of a number in it */
};

#define PART_OF(type, member, what, unit)                                                          \
    {what, offsetof(struct type, member), (uint32_t)sizeof((struct type *)0)->member, unit}
#define PART(type, member, what)                                                                   \
    PART_OF(type, member, what,                                                                    \
            sizeof((struct type *)0)->member > 8 ? 1 : (uint32_t)sizeof((struct type *)0)->member)

static const struct part state_parts[] = {
    PART(net_state, mac, "link-layer header"),
    PART(net_state, network, "network header"),
    PART(net_state, transport, "transport header"),
    PART(net_state, ip_summed, "checksum state"),
    PART(net_state, csum_level, "checksum level"),
    PART(net_state, encapsulation, "encapsulation"),
    PART(net_state, csum, "checksum"),
    PART(net_state, sk, "the packet's socket"),
    PART(net_state, assigned, "assigned socket"),
    PART(net_state, selected, "selected socket"),
    PART(net_state, tunnel.present, "tunnel key"),
    PART(net_state, tunnel.ipv6, "tunnel's family"),
    PART(net_state, tunnel.id, "tunnel's id"),
    PART(net_state, tunnel.tos, "tunnel's type of service"),
    PART(net_state, tunnel.ttl, "tunnel's time to live"),
    PART(net_state, tunnel.flags, "tunnel's flags"),
    PART(net_state, tunnel.label, "tunnel's label"),
    PART(net_state, tunnel.remote, "tunnel's remote address"),
    PART(net_state, tunnel.local, "tunnel's local address"),
    PART(net_state, tunnel.n_opts, "size of the tunnel's options"),
    PART(net_state, tunnel.opts, "tunnel's options"),
    PART(net_state, tunnel_tx, "tunnel key to send with"),
    PART(net_state, nexthop.family, "next hop's family"),
    PART(net_state, nexthop.addr, "next hop's address"),
    PART(net_state, apply_bytes, "bytes that the verdict applies to"),
    PART(net_state, cork_bytes, "bytes to wait for"),
    PART(net_state, hdr_reserved, "bytes reserved for TCP options"),
    PART(net_state, bound_port, "bound port"),
    PART(net_state, sysctl_new_bytes, "size of the new sysctl value"),
    PART(net_state, sysctl_updated, "new sysctl value set"),
    PART(net_state, clone_digest, "packets sent as clones"),
    PART(net_state, sysctl_new, "new sysctl value"),
};

static const struct part sock_parts[] = {
    PART(net_sock_state, refs, "references"),
    PART(net_sock_state, cb_flags, "callbacks asked for"),
    PART(net_sock_state, bound_ifindex, "bound device"),
    PART(net_sock_state, bound_port, "bound port"),
    PART(net_sock_state, bound_addr, "bound address"),
    PART(net_sock_state, opts_set, "options set"),
    PART_OF(net_sock_state, opt, "options", 4),
    PART(net_sock_state, cc, "congestion control"),
};

static uint64_t number_of(const uint8_t *p, uint32_t n_bytes) {
    uint8_t v8;
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;
    switch (n_bytes) {
    case 1: memcpy(&v8, p, 1); return v8;
    case 2: memcpy(&v16, p, 2); return v16;
    case 4: memcpy(&v32, p, 4); return v32;
    default: memcpy(&v64, p, 8); return v64;
    }
}

/* The parts where x and y differ. */
static void diff_parts(const struct part *parts, size_t n, const uint8_t *x, const uint8_t *y,
                       int32_t sock, net_diff_fn *note, void *self) {
    for (const struct part *p = parts; p < parts + n; p++) {
        const uint8_t *a = x + p->off, *b = y + p->off;
        uint32_t i = 0;
        while (i < p->n_bytes && a[i] == b[i])
            i++;
        if (i == p->n_bytes)
            continue;
        const uint32_t from = p->n_bytes > 8 ? i : 0, n_bytes = p->n_bytes > 8 ? 1 : p->n_bytes;
        note(self, p->what, sock, number_of(a + from, n_bytes), number_of(b + from, n_bytes));
    }
}

void net_state_diff(const struct world *a, const struct world *b, net_diff_fn *note, void *self) {
    const struct net_state *x = net_state_of(a), *y = net_state_of(b);
    if (!x != !y)
        note(self, "state", NET_NONE, x != NULL, y != NULL);
    if (!x || !y)
        return;
    diff_parts(state_parts, sizeof state_parts / sizeof *state_parts, (const uint8_t *)x,
               (const uint8_t *)y, NET_NONE, note, self);
    if (x->n_socks != y->n_socks)
        note(self, "number of sockets", NET_NONE, x->n_socks, y->n_socks);
    for (uint32_t i = 0; i < x->n_socks && i < y->n_socks; i++)
        diff_parts(sock_parts, sizeof sock_parts / sizeof *sock_parts,
                   (const uint8_t *)net_sock_private(a, (int32_t)i),
                   (const uint8_t *)net_sock_private(b, (int32_t)i), (int32_t)i, note, self);
}

static void each_part(const struct part *parts, size_t n, const uint8_t *x, int32_t sock,
                      net_part_fn *fn, void *self) {
    uint8_t turned[NET_N_OPTS * 4];
    for (const struct part *p = parts; p < parts + n; p++) {
        const bool turn =
            p->unit > 1 && p->n_bytes <= sizeof turned && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
        for (uint32_t i = 0; turn && i < p->n_bytes; i++)
            turned[i] = x[p->off + i / p->unit * p->unit + (p->unit - 1 - i % p->unit)];
        fn(self, p->what, sock, turn ? turned : x + p->off, p->n_bytes);
    }
}

void net_state_each(const struct world *w, net_part_fn *fn, void *self) {
    const struct net_state *x = net_state_of(w);
    if (!x)
        return;
    each_part(state_parts, sizeof state_parts / sizeof *state_parts, (const uint8_t *)x, NET_NONE,
              fn, self);
    for (int32_t i = 0; i < (int32_t)x->n_socks; i++)
        each_part(sock_parts, sizeof sock_parts / sizeof *sock_parts,
                  (const uint8_t *)net_sock_private(w, i), i, fn, self);
}

const char *net_part_name(bool sock, uint32_t i) {
    const uint32_t n_state = sizeof state_parts / sizeof *state_parts,
                   n_sock = sizeof sock_parts / sizeof *sock_parts;
    if (sock)
        return i < n_sock ? sock_parts[i].what : NULL;
    return i < n_state ? state_parts[i].what : NULL;
}

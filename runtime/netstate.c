/* netstate.c: the region of scratch that holds what a run changes of the network, and parsing of
 * packets. */
#include "runtime/netstate.h"

enum {
    STATE_BYTES = (sizeof(struct net_state) + 63) & ~63u,
    FLOW_OFF = STATE_BYTES,
    OPTVAL_OFF = FLOW_OFF + 64,
    SOCKS_OFF = OPTVAL_OFF + NET_OPTVAL_MAX + 64,
    ETH_P_IP = 0x0800,
    ETH_P_IPV6 = 0x86dd,
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

/* make_region: scratch for the state and every socket of the table, images filled. */
static enum bpflab_err make_region(struct world *w, const struct net_env *e) {
    uint64_t off = world_alloc_scratch(w, SOCKS_OFF + (uint64_t)e->n_socks * NET_SOCK_STRIDE);
    if (!off)
        return BPFLAB_E_SPACE;
    w->st.net_off = off;
    struct net_state *st = net_state_of(w);
    st->n_socks = e->n_socks;
    for (uint32_t i = 0; i < e->n_socks; i++) {
        image_sock(w, (int32_t)i, &e->socks[i]);
        struct net_sock_state *s = net_sock_private(w, (int32_t)i);
        s->bound_ifindex = e->socks[i].bound_ifindex;
        s->cb_flags = e->in.ops.cb_flags;
    }
    return BPFLAB_OK;
}

enum bpflab_err net_state_begin(struct world *w) {
    const struct net_env *e = net_env_of(w);
    struct net_state *st = net_state_of(w);
    if (!st || st->n_socks != e->n_socks) {
        enum bpflab_err err = make_region(w, e);
        if (err)
            return err;
        st = net_state_of(w);
    }
    memset(st, 0, st->sysctl_updated ? sizeof *st : offsetof(struct net_state, sysctl_new));
    st->n_socks = e->n_socks;
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

static bool is_vlan(uint16_t proto) {
    return proto == 0x8100 || proto == 0x88a8;
}

static void parse_transport(const uint8_t *b, uint32_t n, uint32_t at, struct net_parsed *out) {
    uint8_t proto = out->tuple.protocol;
    uint32_t min = proto == NET_TCP ? 20 : 8;
    if ((proto != NET_TCP && proto != NET_UDP) || at + min > n)
        return;
    uint32_t header = proto == NET_TCP ? (b[at + 12] >> 4) * 4u : 8;
    if (header < min || at + header > n)
        return;
    out->tuple.sport = net_get16(b + at);
    out->tuple.dport = net_get16(b + at + 2);
    out->transport = at;
    out->payload = at + header;
    out->has_transport = true;
}

static void parse_ip6(const uint8_t *b, uint32_t n, uint32_t at, struct net_parsed *out) {
    if (at + 40 > n || b[at] >> 4 != 6)
        return;
    out->has_network = true;
    out->tuple.family = NET_AF_INET6;
    memcpy(out->tuple.saddr, b + at + 8, 16);
    memcpy(out->tuple.daddr, b + at + 24, 16);
    uint8_t next = b[at + 6];
    at += 40;
    /* hop-by-hop, routing and destination options; a fragment header ends the search */
    while ((next == 0 || next == 43 || next == 60) && at + 8 <= n) {
        next = b[at];
        at += (b[at + 1] + 1u) * 8;
    }
    out->tuple.protocol = next;
    parse_transport(b, n, at, out);
}

void net_parse(const uint8_t *bytes, uint32_t n, bool at_network, uint16_t eth_proto,
               struct net_parsed *out) {
    uint32_t at = 0;
    memset(out, 0, sizeof *out);
    if (!at_network) {
        if (n < 14)
            return;
        eth_proto = net_get16(bytes + 12);
        for (at = 14; is_vlan(eth_proto) && at + 4 <= n; at += 4)
            eth_proto = net_get16(bytes + at + 2);
    }
    out->eth_proto = eth_proto;
    out->network = at;
    if (eth_proto == ETH_P_IPV6) {
        parse_ip6(bytes, n, at, out);
        return;
    }
    if (eth_proto != ETH_P_IP || at + 20 > n || bytes[at] >> 4 != 4)
        return;
    uint32_t header = (bytes[at] & 15) * 4u;
    if (header < 20 || at + header > n)
        return;
    out->has_network = true;
    out->tuple.family = NET_AF_INET;
    out->tuple.protocol = bytes[at + 9];
    memcpy(out->tuple.saddr, bytes + at + 12, 4);
    memcpy(out->tuple.daddr, bytes + at + 16, 4);
    if (!(net_get16(bytes + at + 6) & 0x1fff)) /* not a later fragment */
        parse_transport(bytes, n, at + header, out);
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * UINT64_C(0xff51afd7ed558ccd);
    return h ^ (h >> 33);
}

uint32_t net_skb_hash(const struct world *w) {
    const struct net_state *st = net_state_of(w);
    struct net_parsed p;
    uint16_t proto = be16_in(w, (uint16_t)ctx_get32(w, CTX_sk_buff_protocol));
    int64_t at = st ? st->network : (int64_t)w->st.pkt.data;
    const uint8_t *tag = is_vlan(proto) ? net_span(w, at, 4) : NULL;
    if (tag) {
        proto = net_get16(tag + 2);
        at += 4;
    }
    const uint8_t *ip = net_span(w, at, 0);
    net_parse(ip, ip ? w->st.pkt.end - (uint32_t)at : 0, true, proto, &p);
    uint64_t h = mix(0x62706c6162, p.tuple.family);
    for (uint32_t i = 0; i < 16; i += 4) {
        h = mix(h, net_get32(p.tuple.saddr + i));
        h = mix(h, net_get32(p.tuple.daddr + i));
    }
    h = mix(h, (uint64_t)p.tuple.sport << 32 | (uint64_t)p.tuple.dport << 8 | p.tuple.protocol);
    h = mix(h, p.eth_proto);
    uint32_t hash = (uint32_t)(h >> 32);
    return hash ? hash : 1;
}

uint32_t csum_partial(const struct world *w, const uint8_t *p, uint32_t n, uint32_t sum) {
    uint32_t i = 0;
    for (; i + 4 <= n; i += 4)
        sum = csum_add(sum, world_get32(w, p + i));
    if (i + 2 <= n) {
        sum = csum_add(sum, world_get16(w, p + i));
        i += 2;
    }
    if (i < n)
        sum = csum_add(sum, w->cfg.big_endian ? (uint32_t)p[i] << 8 : p[i]);
    return sum;
}

bool net_has_skb(const struct world *w) {
    const struct progtype *pt = progtype_of(w->st.ctx_type);
    return pt && pt->fields && pt->ctx_bytes == 192 && pt->packet;
}

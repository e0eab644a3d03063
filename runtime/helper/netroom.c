/* netroom.c: helpers that make an skb longer or shorter, at its head, its tail and between its
 * headers. */
#include "runtime/helper/net.h"

enum adj_room_flag {
    ROOM_FIXED_GSO = 1 << 0,
    ROOM_ENCAP_IPV4 = 1 << 1,
    ROOM_ENCAP_IPV6 = 1 << 2,
    ROOM_ENCAP_GRE = 1 << 3,
    ROOM_ENCAP_UDP = 1 << 4,
    ROOM_NO_CSUM_RESET = 1 << 5,
    ROOM_ENCAP_ETH = 1 << 6,
    ROOM_DECAP_IPV4 = 1 << 7,
    ROOM_DECAP_IPV6 = 1 << 8,
    ROOM_ENCAP_L3 = ROOM_ENCAP_IPV4 | ROOM_ENCAP_IPV6,
    ROOM_DECAP_L3 = ROOM_DECAP_IPV4 | ROOM_DECAP_IPV6,
    ROOM_L2_SHIFT = 56,
};
#define ROOM_ALL (UINT64_C(0x1ff) | UINT64_C(0xff) << ROOM_L2_SHIFT)
enum {
    ROOM_NET,
    ROOM_MAC
};

/* mac_bytes: of the link header; nonsense where the network header lies in front of it, as it can
 * after a change of the head. */
static int64_t mac_bytes(const struct net_state *st) {
    return (int64_t)st->network - st->mac;
}

/* in_packet: are there off bytes, and n more behind them? */
static bool in_packet(const struct world *w, int64_t off, uint32_t n) {
    return off >= 0 && net_span(w, w->st.pkt.data, (uint64_t)off + n);
}

/* open_gap: n zero bytes behind the first off bytes; the headers in front move down.
 * out: 0, -ENOMEM */
static int open_gap(struct world *w, struct net_state *st, int64_t at, uint32_t n) {
    const bool same = st->transport == st->network;
    if (!in_packet(w, at, 0) || !skb_push(w, n))
        return -LX_ENOMEM;
    const uint32_t off = (uint32_t)at;
    uint8_t *data = net_pkt(w, w->st.pkt.data);
    memmove(data, data + n, off);
    memset(data + off, 0, n);
    st->mac -= (int32_t)n;
    st->network -= (int32_t)n;
    if (same)
        st->transport = st->network;
    return 0;
}

/* close_gap: the n bytes behind the first off bytes vanish.
 * out: 0, -ENOMEM */
static int close_gap(struct world *w, struct net_state *st, int64_t at, uint32_t n) {
    const bool same = st->transport == st->network;
    if (!in_packet(w, at, n))
        return -LX_ENOMEM;
    const uint32_t off = (uint32_t)at, old = w->st.pkt.data;
    skb_sum_out(w, st, old + off, n);
    skb_pull(w, n);
    memmove(net_pkt(w, old + n), net_pkt(w, old), off);
    st->mac += (int32_t)n;
    st->network += (int32_t)n;
    if (same)
        st->transport = st->network;
    return 0;
}

static void reset_checksum(struct net_state *st) {
    if (st->ip_summed == SUM_UNNECESSARY) {
        st->ip_summed = SUM_NONE;
        st->csum_level = 0;
    }
}

static uint64_t done(struct world *w, int err) {
    net_pkt_changed(w);
    return arg_int(err);
}

uint64_t helper_skb_change_proto(uint64_t skb, uint64_t proto, uint64_t flags, uint64_t r4,
                                 uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct net_state *st = arg_skb(w, skb);
    if (!st)
        return 0;
    const uint16_t from = skb_proto(w), to = be16_in(w, (uint16_t)proto);
    int err = -LX_ENOTSUPP;
    if (flags)
        return helper_err(LX_EINVAL);
    if (from == ETH_IP && to == ETH_IPV6)
        err = open_gap(w, st, mac_bytes(st), IP6_BYTES - IP4_BYTES);
    else if (from == ETH_IPV6 && to == ETH_IP)
        err = close_gap(w, st, mac_bytes(st), IP6_BYTES - IP4_BYTES);
    if (!err) {
        skb_set_proto(w, to);
        skb_clear_hash(w);
    }
    return done(w, err);
}

uint64_t helper_skb_change_type(uint64_t skb, uint64_t type, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    enum {
        PACKET_OTHERHOST = 3
    };
    if (!arg_skb(w, skb))
        return 0;
    if ((uint32_t)type > PACKET_OTHERHOST || ctx_get32(w, CTX_sk_buff_pkt_type) > PACKET_OTHERHOST)
        return helper_err(LX_EINVAL);
    ctx_put32(w, CTX_sk_buff_pkt_type, (uint32_t)type);
    return 0;
}

/* gso_follow: the segment size follows the headers' length, unless it is to stay. */
static void gso_follow(struct world *w, int32_t by, uint64_t flags) {
    const uint32_t size = ctx_get32(w, CTX_sk_buff_gso_size);
    if (!size)
        return;
    ctx_put32(w, CTX_sk_buff_gso_segs, 0);
    if (!(flags & ROOM_FIXED_GSO))
        ctx_put32(w, CTX_sk_buff_gso_size, (size - (uint32_t)by) & 0xffff);
}

static int encap_check(const struct world *w, const struct net_state *st, uint32_t n,
                       uint64_t flags) {
    const uint32_t inner_mac = (uint32_t)(flags >> ROOM_L2_SHIFT);
    const uint16_t proto = skb_proto(w);
    if (proto != ETH_IP && proto != ETH_IPV6)
        return -LX_ENOTSUPP;
    if ((flags & ROOM_ENCAP_L3) == ROOM_ENCAP_L3)
        return -LX_EINVAL;
    if ((flags & ROOM_ENCAP_GRE) && (flags & ROOM_ENCAP_UDP))
        return -LX_EINVAL;
    if ((flags & ROOM_ENCAP_ETH) && inner_mac < ETH_BYTES)
        return -LX_EINVAL;
    if (st->encapsulation)
        return -LX_EALREADY;
    return inner_mac > n ? -LX_EINVAL : 0;
}

static int grow(struct world *w, struct net_state *st, int64_t off, uint32_t n, uint64_t flags) {
    const bool encap = flags & ROOM_ENCAP_L3;
    int err = encap ? encap_check(w, st, n, flags) : 0;
    if (!err)
        err = open_gap(w, st, off, n);
    if (err)
        return err;
    if (encap) {
        st->encapsulation = 1;
        if (flags & (ROOM_ENCAP_GRE | ROOM_ENCAP_UDP))
            st->transport = st->network + (flags & ROOM_ENCAP_IPV6 ? IP6_BYTES : IP4_BYTES);
        skb_set_proto(w, flags & ROOM_ENCAP_IPV6 ? ETH_IPV6 : ETH_IP);
    }
    gso_follow(w, (int32_t)n, flags);
    return 0;
}

static int shrink(struct world *w, struct net_state *st, int64_t off, uint32_t n, uint64_t flags) {
    if (flags & ~(uint64_t)(ROOM_FIXED_GSO | ROOM_DECAP_L3 | ROOM_NO_CSUM_RESET))
        return -LX_EINVAL;
    int err = close_gap(w, st, off, n);
    if (err)
        return err;
    if (flags & ROOM_DECAP_L3)
        skb_set_proto(w, flags & ROOM_DECAP_IPV6 ? ETH_IPV6 : ETH_IP);
    gso_follow(w, -(int32_t)n, flags);
    return 0;
}

/* For sk_skb, room is made and taken at the start of the payload. */
static uint64_t adjust_stream(struct world *w, int32_t diff, uint32_t mode, uint64_t flags) {
    const uint32_t n = diff < 0 ? -(uint32_t)diff : (uint32_t)diff;
    if (flags || mode)
        return helper_err(LX_EINVAL);
    if (n > 0xfff)
        return helper_err(LX_EFAULT);
    if (diff < 0 ? !skb_pull(w, n) : !skb_push(w, n))
        return helper_err(LX_ENOMEM);
    if (diff > 0)
        memset(net_pkt(w, w->st.pkt.data), 0, n);
    return done(w, 0);
}

uint64_t helper_skb_adjust_room(uint64_t skb, uint64_t len_diff, uint64_t mode_arg, uint64_t flags,
                                uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    struct net_state *st = arg_skb(w, skb);
    const int32_t diff = (int32_t)len_diff;
    const uint32_t n = diff < 0 ? -(uint32_t)diff : (uint32_t)diff, mode = (uint32_t)mode_arg;
    if (!st)
        return 0;
    if (w->st.ctx_type == PROG_sk_skb)
        return adjust_stream(w, diff, mode, flags);
    if (flags & ~ROOM_ALL)
        return helper_err(LX_EINVAL);
    if (n > 0xfff)
        return helper_err(LX_EFAULT);
    const uint16_t proto = skb_proto(w);
    if ((proto != ETH_IP && proto != ETH_IPV6) || mode > ROOM_MAC)
        return helper_err(LX_ENOTSUPP);
    const uint32_t base = proto == ETH_IP ? IP4_BYTES : IP6_BYTES;
    const int64_t off = mac_bytes(st) + (mode == ROOM_NET ? base : 0);
    uint32_t least = base;
    if (flags & ROOM_DECAP_L3) {
        if (diff >= 0 || (flags & ROOM_DECAP_L3) == ROOM_DECAP_L3)
            return helper_err(LX_EINVAL);
        least = flags & ROOM_DECAP_IPV4 ? IP4_BYTES : IP6_BYTES;
    }
    const uint32_t l3 = w->st.pkt.end - (uint32_t)st->network;
    if (diff < 0 ? n >= l3 || l3 - n < least
                 : net_pkt_len(w) + n > SKB_MAX_BYTES && !ctx_get32(w, CTX_sk_buff_gso_size))
        return helper_err(LX_ENOTSUPP);
    int err = diff < 0 ? shrink(w, st, off, n, flags) : grow(w, st, off, n, flags);
    if (!err && !(flags & ROOM_NO_CSUM_RESET))
        reset_checksum(st);
    return done(w, err);
}

/* tail_min: a packet is not cut within its headers. */
static uint32_t tail_min(const struct world *w, const struct net_state *st) {
    const int32_t data = (int32_t)w->st.pkt.data;
    if (st->transport > data)
        return (uint32_t)(st->transport - data);
    return st->network > data ? (uint32_t)(st->network - data) : 0;
}

uint64_t helper_skb_change_tail(uint64_t skb, uint64_t new_len, uint64_t flags, uint64_t r4,
                                uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct net_state *st = arg_skb(w, skb);
    struct world_packet *p = &w->st.pkt;
    const uint32_t len = (uint32_t)new_len;
    if (!st)
        return 0;
    if (flags || len > SKB_MAX_BYTES || len < tail_min(w, st))
        return helper_err(LX_EINVAL);
    if (st->encapsulation)
        return helper_err(LX_ENOTSUPP);
    const uint32_t old = net_pkt_len(w);
    if (len > old) {
        if (p->limit - p->end < len - old)
            return helper_err(LX_ENOMEM);
        memset(net_pkt(w, p->end), 0, len - old);
        if (st->ip_summed == SUM_COMPLETE)
            st->ip_summed = SUM_NONE;
    } else if (len < old) {
        skb_sum_out(w, st, p->data + len, old - len);
    }
    p->end = p->data + len;
    ctx_put32(w, CTX_sk_buff_gso_size, 0);
    ctx_put32(w, CTX_sk_buff_gso_segs, 0);
    return done(w, 0);
}

uint64_t helper_skb_change_head(uint64_t skb, uint64_t head_room, uint64_t flags, uint64_t r4,
                                uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct net_state *st = arg_skb(w, skb);
    const uint32_t n = (uint32_t)head_room;
    if (!st)
        return 0;
    const uint32_t len = net_pkt_len(w) + n;
    if (flags || len < n || (len > SKB_MAX_BYTES && !ctx_get32(w, CTX_sk_buff_gso_size)))
        return helper_err(LX_EINVAL);
    if (!skb_push(w, n))
        return helper_err(LX_ENOMEM);
    memset(net_pkt(w, w->st.pkt.data), 0, n);
    st->mac = (int32_t)w->st.pkt.data;
    return done(w, 0);
}

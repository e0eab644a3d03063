/* netvlan.c: VLAN tags. As in Linux the outermost tag is kept beside the packet (vlan_present,
 * vlan_tci, vlan_proto); only a second one is written into it. */
#include "runtime/helper/net.h"

enum {
    MACS_BYTES = 12 /* both addresses of a link header, in front of a tag */
};

static bool is_vlan(uint16_t proto) {
    return proto == ETH_8021Q || proto == ETH_8021AD;
}

static void keep_tag(struct world *w, uint16_t proto, uint16_t tci) {
    ctx_put32(w, CTX_sk_buff_vlan_present, 1);
    ctx_put32(w, CTX_sk_buff_vlan_tci, tci);
    ctx_put32(w, CTX_sk_buff_vlan_proto, be16_in(w, proto));
}

static void drop_tag(struct world *w) {
    ctx_put32(w, CTX_sk_buff_vlan_present, 0);
    ctx_put32(w, CTX_sk_buff_vlan_tci, 0);
    ctx_put32(w, CTX_sk_buff_vlan_proto, 0);
}

/* insert: the kept tag into the packet.
 * out: 0, -EINVAL, -ENOMEM */
static int insert(struct world *w, struct net_state *st) {
    if ((int32_t)w->st.pkt.data != st->mac)
        return -LX_EINVAL;
    if (!net_span(w, st->mac, MACS_BYTES) || !skb_push(w, VLAN_BYTES))
        return -LX_ENOMEM;
    const uint16_t proto = be16_in(w, (uint16_t)ctx_get32(w, CTX_sk_buff_vlan_proto));
    uint8_t *data = net_pkt(w, w->st.pkt.data);
    memmove(data, data + VLAN_BYTES, MACS_BYTES);
    net_put16(data + 12, proto);
    net_put16(data + 14, (uint16_t)ctx_get32(w, CTX_sk_buff_vlan_tci));
    st->mac -= VLAN_BYTES;
    st->network -= VLAN_BYTES;
    skb_set_proto(w, proto);
    skb_sum_in(w, st, w->st.pkt.data + MACS_BYTES, VLAN_BYTES);
    return 0;
}

/* extract: the packet's outer tag out of it, into *tci.
 * out: 0, -EINVAL, -ENOMEM */
static int extract(struct world *w, struct net_state *st, uint16_t *tci) {
    const uint32_t at = w->st.pkt.data;
    if ((int32_t)at != st->mac)
        return -LX_EINVAL;
    uint8_t *data = net_span(w, st->mac, ETH_BYTES + VLAN_BYTES);
    if (!data)
        return -LX_ENOMEM;
    skb_sum_out(w, st, at + MACS_BYTES, VLAN_BYTES);
    *tci = net_get16(data + 14);
    const uint16_t inner = net_get16(data + 16);
    memmove(data + VLAN_BYTES, data, MACS_BYTES);
    skb_pull(w, VLAN_BYTES);
    st->mac += VLAN_BYTES;
    if (st->network - st->mac < ETH_BYTES)
        st->network = st->mac + ETH_BYTES;
    const bool more = net_pkt_len(w) >= ETH_BYTES + 2;
    skb_set_proto(w, inner >= 0x600 ? inner : more && net_get16(data + 18) == 0xffff ? 1 : 4);
    return 0;
}

uint64_t helper_skb_vlan_push(uint64_t skb, uint64_t vlan_proto, uint64_t vlan_tci, uint64_t r4,
                              uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct net_state *st = arg_skb(w, skb);
    uint16_t proto = be16_in(w, (uint16_t)vlan_proto);
    if (!st)
        return 0;
    int err = ctx_get32(w, CTX_sk_buff_vlan_present) ? insert(w, st) : 0;
    if (!err)
        keep_tag(w, is_vlan(proto) ? proto : ETH_8021Q, (uint16_t)vlan_tci);
    net_pkt_changed(w);
    return arg_int(err);
}

uint64_t helper_skb_vlan_pop(uint64_t skb, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    struct net_state *st = arg_skb(w, skb);
    uint16_t tci;
    int err = 0;
    if (!st)
        return 0;
    if (ctx_get32(w, CTX_sk_buff_vlan_present))
        drop_tag(w);
    else if (is_vlan(skb_proto(w)))
        err = extract(w, st, &tci);
    else
        return 0;
    const uint16_t next = skb_proto(w);
    if (!err && is_vlan(next)) {
        err = extract(w, st, &tci);
        if (!err)
            keep_tag(w, next, tci);
    }
    net_pkt_changed(w);
    return arg_int(err);
}

/* netbytes.c: helpers that read and write the packet's bytes. */
#include "runtime/helper/net.h"

enum {
    NOWHERE = -1 /* an offset in front of the packet area */
};

/* load: n bytes at packet-area offset at to guest memory; zeros and -EFAULT where they are not
 * in the packet. */
static uint64_t load(struct world *w, int64_t at, uint64_t to, uint32_t n) {
    uint8_t *out = arg_write(w, to, n);
    if (!out)
        return 0;
    const uint8_t *in = net_span(w, at, n);
    if (!in) {
        memset(out, 0, n);
        return helper_err(LX_EFAULT);
    }
    memmove(out, in, n);
    return 0;
}

uint64_t helper_skb_load_bytes(uint64_t skb, uint64_t offset, uint64_t to, uint64_t len,
                               uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    if (!arg_net(w, skb))
        return 0;
    const int64_t off = (uint32_t)offset;
    const int64_t max = w->st.ctx_type == PROG_flow_dissector ? UINT16_MAX : INT32_MAX;
    return load(w, off > max ? NOWHERE : w->st.pkt.data + off, to, (uint32_t)len);
}

uint64_t helper_skb_load_bytes_relative(uint64_t skb, uint64_t offset, uint64_t to, uint64_t len,
                                        uint64_t start, struct world *w) {
    enum {
        START_MAC,
        START_NET
    };
    const struct net_state *st = arg_net(w, skb);
    if (!st)
        return 0;
    const int64_t from = (uint32_t)start == START_MAC ? st->mac : st->network;
    const bool ok = (uint32_t)start <= START_NET && (uint32_t)offset <= UINT16_MAX;
    return load(w, ok ? from + (uint32_t)offset : NOWHERE, to, (uint32_t)len);
}

uint64_t helper_skb_store_bytes(uint64_t skb, uint64_t offset, uint64_t from, uint64_t len,
                                uint64_t flags, struct world *w) {
    enum {
        RECOMPUTE_CSUM = 1,
        INVALIDATE_HASH = 2
    };
    struct net_state *st = arg_skb(w, skb);
    const uint8_t *in = st ? arg_read(w, from, (uint32_t)len) : NULL;
    const uint32_t off = (uint32_t)offset, n = (uint32_t)len;
    if (!in)
        return 0;
    if (flags & ~(uint64_t)(RECOMPUTE_CSUM | INVALIDATE_HASH))
        return helper_err(LX_EINVAL);
    if ((uint64_t)off + n > net_pkt_len(w))
        return helper_err(LX_EFAULT);
    const uint32_t at = w->st.pkt.data + off;
    if (flags & RECOMPUTE_CSUM)
        skb_sum_out(w, st, at, n);
    memmove(net_pkt(w, at), in, n);
    if (flags & RECOMPUTE_CSUM)
        skb_sum_in(w, st, at, n);
    if (flags & INVALIDATE_HASH)
        skb_clear_hash(w);
    return 0;
}

/* All of a linear packet is there and may be written: only what exceeds it fails. */
uint64_t helper_skb_pull_data(uint64_t skb, uint64_t len, uint64_t r3, uint64_t r4, uint64_t r5,
                              struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    if (!arg_skb(w, skb))
        return 0;
    return (uint32_t)len > net_pkt_len(w) ? helper_err(LX_ENOMEM) : 0;
}

/* xdp_at: packet-area offset of [offset, offset + len) of an XDP packet in *at.
 * out: 0 or the error. */
static uint64_t xdp_at(const struct world *w, uint64_t offset, uint64_t len, uint32_t *at) {
    if ((uint32_t)offset > 0xffff || (uint32_t)len > 0xffff)
        return helper_err(LX_EFAULT);
    if ((uint32_t)offset + (uint32_t)len > net_pkt_len(w))
        return helper_err(LX_EINVAL);
    *at = w->st.pkt.data + (uint32_t)offset;
    return 0;
}

uint64_t helper_xdp_load_bytes(uint64_t xdp, uint64_t offset, uint64_t buf, uint64_t len,
                               uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    uint8_t *out = arg_net(w, xdp) ? arg_write(w, buf, (uint32_t)len) : NULL;
    uint32_t at;
    if (!out)
        return 0;
    uint64_t err = xdp_at(w, offset, len, &at);
    if (!err)
        memmove(out, net_pkt(w, at), (uint32_t)len);
    return err;
}

uint64_t helper_xdp_store_bytes(uint64_t xdp, uint64_t offset, uint64_t buf, uint64_t len,
                                uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const uint8_t *in = arg_net(w, xdp) ? arg_read(w, buf, (uint32_t)len) : NULL;
    uint32_t at;
    if (!in)
        return 0;
    uint64_t err = xdp_at(w, offset, len, &at);
    if (!err)
        memmove(net_pkt(w, at), in, (uint32_t)len);
    return err;
}

uint64_t helper_xdp_get_buff_len(uint64_t xdp, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    return arg_net(w, xdp) ? net_pkt_len(w) : 0;
}

/* netmsg.c: messages of sk_msg programs. The message is one piece, as if sent in one write: it
 * lies in the packet area, and pull_data, which Linux needs to join pieces, narrows or widens
 * what is seen of it. */
#include "runtime/helper/net.h"

uint64_t helper_msg_apply_bytes(uint64_t msg, uint64_t bytes, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    struct net_state *st = arg_net(w, msg);
    if (st)
        st->apply_bytes = (uint32_t)bytes;
    return 0;
}

uint64_t helper_msg_cork_bytes(uint64_t msg, uint64_t bytes, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    struct net_state *st = arg_net(w, msg);
    if (st)
        st->cork_bytes = (uint32_t)bytes;
    return 0;
}

/* show: let the program see [start, end) of the message through data and data_end; size stays
 * the whole's. */
static void show(struct world *w, uint32_t start, uint32_t end) {
    const uint64_t at = world_addr(WORLD_PKT_OFF + w->st.pkt.data);
    net_pkt_changed(w);
    world_put64(w, ctx_host(w, CTX_sk_msg_data), at + start);
    world_put64(w, ctx_host(w, CTX_sk_msg_data_end), at + end);
}

uint64_t helper_msg_pull_data(uint64_t msg, uint64_t start_arg, uint64_t end_arg, uint64_t flags,
                              uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const uint32_t start = (uint32_t)start_arg, end = (uint32_t)end_arg;
    if (!arg_net(w, msg))
        return 0;
    if (flags || end <= start || start >= net_pkt_len(w) || end > net_pkt_len(w))
        return helper_err(LX_EINVAL);
    show(w, start, end);
    return 0;
}

/* struct piece: bytes to be put into or taken out of a message. */
struct piece {
    uint32_t start, len;
};

/* piece_at: the arguments of a change.
 * out: false where there is nothing to do, with the helper's answer in *ret */
static bool piece_at(struct world *w, uint64_t msg, struct piece p, uint64_t flags, uint64_t *ret) {
    const bool is_msg = arg_net(w, msg);
    *ret = is_msg && flags ? helper_err(LX_EINVAL) : 0;
    return is_msg && !flags && p.len;
}

uint64_t helper_msg_push_data(uint64_t msg, uint64_t start, uint64_t len, uint64_t flags,
                              uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const struct piece add = {(uint32_t)start, (uint32_t)len};
    struct world_packet *p = &w->st.pkt;
    const uint32_t size = net_pkt_len(w);
    uint64_t ret;
    if (!piece_at(w, msg, add, flags, &ret))
        return ret;
    if (add.start > size)
        return helper_err(LX_EINVAL);
    if (p->limit - p->end >= add.len) {
        uint8_t *at = net_pkt(w, p->data + add.start);
        memmove(at + add.len, at, size - add.start);
        p->end += add.len;
    } else if (p->data - p->hard_start >= add.len) {
        p->data -= add.len;
        p->meta = p->data;
        memmove(net_pkt(w, p->data), net_pkt(w, p->data + add.len), add.start);
    } else {
        return helper_err(LX_ENOMEM);
    }
    memset(net_pkt(w, p->data + add.start), 0, add.len);
    show(w, 0, net_pkt_len(w));
    return 0;
}

uint64_t helper_msg_pop_data(uint64_t msg, uint64_t start, uint64_t len, uint64_t flags,
                             uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const struct piece cut = {(uint32_t)start, (uint32_t)len};
    struct world_packet *p = &w->st.pkt;
    const uint32_t size = net_pkt_len(w);
    uint64_t ret;
    if (!piece_at(w, msg, cut, flags, &ret))
        return ret;
    if (cut.start >= size || cut.len > size - cut.start)
        return helper_err(LX_EINVAL);
    uint8_t *at = net_pkt(w, p->data + cut.start);
    memmove(at, at + cut.len, size - cut.start - cut.len);
    p->end -= cut.len;
    show(w, 0, net_pkt_len(w));
    return 0;
}

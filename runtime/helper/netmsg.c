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

uint64_t helper_msg_push_data(uint64_t msg, uint64_t start_arg, uint64_t len_arg, uint64_t flags,
                              uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const uint32_t start = (uint32_t)start_arg, len = (uint32_t)len_arg;
    struct world_packet *p = &w->st.pkt;
    const uint32_t size = net_pkt_len(w);
    if (!arg_net(w, msg))
        return 0;
    if (flags)
        return helper_err(LX_EINVAL);
    if (!len)
        return 0;
    if (start > size)
        return helper_err(LX_EINVAL);
    if (p->limit - p->end >= len) {
        uint8_t *at = net_pkt(w, p->data + start);
        memmove(at + len, at, size - start);
        p->end += len;
    } else if (p->data - p->hard_start >= len) {
        p->data -= len;
        p->meta = p->data;
        memmove(net_pkt(w, p->data), net_pkt(w, p->data + len), start);
    } else {
        return helper_err(LX_ENOMEM);
    }
    memset(net_pkt(w, p->data + start), 0, len);
    show(w, 0, net_pkt_len(w));
    return 0;
}

uint64_t helper_msg_pop_data(uint64_t msg, uint64_t start_arg, uint64_t len_arg, uint64_t flags,
                             uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const uint32_t start = (uint32_t)start_arg, len = (uint32_t)len_arg;
    struct world_packet *p = &w->st.pkt;
    const uint32_t size = net_pkt_len(w);
    if (!arg_net(w, msg))
        return 0;
    if (flags)
        return helper_err(LX_EINVAL);
    if (!len)
        return 0;
    if (start >= size || (uint64_t)start + len > size)
        return helper_err(LX_EINVAL);
    uint8_t *at = net_pkt(w, p->data + start);
    memmove(at, at + len, size - start - len);
    p->end -= len;
    show(w, 0, net_pkt_len(w));
    return 0;
}

/* netxdp.c: helpers that move the ends of an XDP packet. */
#include "runtime/helper/net.h"

enum {
    XDP_FRAME_BYTES = 40, /* struct xdp_frame: must stay free in front */
    META_MAX = 255
};

uint64_t helper_xdp_adjust_head(uint64_t xdp, uint64_t offset, uint64_t r3, uint64_t r4,
                                uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    struct world_packet *p = &w->st.pkt;
    const int64_t by = (int32_t)offset;
    const int64_t data = p->data + by;
    const uint32_t n_meta = p->data - p->meta;
    if (!arg_net(w, xdp))
        return 0;
    if (data < (int64_t)p->hard_start + XDP_FRAME_BYTES + n_meta ||
        data > (int64_t)p->end - ETH_BYTES)
        return helper_err(LX_EINVAL);
    memmove(net_pkt(w, (uint32_t)(p->meta + by)), net_pkt(w, p->meta), n_meta);
    p->meta = (uint32_t)(p->meta + by);
    p->data = (uint32_t)data;
    net_pkt_changed(w);
    return 0;
}

uint64_t helper_xdp_adjust_tail(uint64_t xdp, uint64_t offset, uint64_t r3, uint64_t r4,
                                uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    struct world_packet *p = &w->st.pkt;
    const int64_t end = p->end + (int64_t)(int32_t)offset;
    if (!arg_net(w, xdp))
        return 0;
    if (end > p->limit || end < (int64_t)p->data + ETH_BYTES)
        return helper_err(LX_EINVAL);
    if (end > p->end)
        memset(net_pkt(w, p->end), 0, (size_t)(end - p->end));
    p->end = (uint32_t)end;
    net_pkt_changed(w);
    return 0;
}

uint64_t helper_xdp_adjust_meta(uint64_t xdp, uint64_t offset, uint64_t r3, uint64_t r4,
                                uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    struct world_packet *p = &w->st.pkt;
    const int64_t meta = p->meta + (int64_t)(int32_t)offset;
    if (!arg_net(w, xdp))
        return 0;
    if (meta < (int64_t)p->hard_start + XDP_FRAME_BYTES || meta > p->data)
        return helper_err(LX_EINVAL);
    const int64_t n_meta = p->data - meta;
    if (n_meta % 4 || n_meta > META_MAX)
        return helper_err(LX_EACCES);
    p->meta = (uint32_t)meta;
    net_pkt_changed(w);
    return 0;
}

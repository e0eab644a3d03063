/* netoutput.c: records with the first bytes of a packet, for programs that trace the network. */
#include "runtime/helper/net.h"
#include "runtime/map/perf.h"

/* output: meta, then as many bytes of the packet as the flags' upper half says. */
static uint64_t output(struct world *w, uint64_t ctx, uint64_t map, uint64_t flags, uint64_t meta,
                       uint64_t meta_size) {
    const uint64_t index_mask = UINT32_MAX, len_mask = UINT64_C(0xfffff) << 32;
    const struct progtype *pt = progtype_of(w->st.ctx_type);
    struct map *m = arg_map_of(w, map, MAP_perf_event_array);
    const void *data = m ? arg_read(w, meta, meta_size) : NULL;
    if (!data)
        return 0;
    if (flags & ~(index_mask | len_mask))
        return helper_err(LX_EINVAL);
    const uint64_t n = (flags & len_mask) >> 32;
    if (!ctx || n > (pt && pt->packet ? net_pkt_len(w) : 0))
        return helper_err(LX_EFAULT);
    const uint64_t index = (flags & index_mask) == index_mask ? w->st.cpu : flags & index_mask;
    return arg_int(perf_output(w, m, index, data, meta_size, net_pkt(w, w->st.pkt.data), n));
}

uint64_t helper_skb_output(uint64_t skb, uint64_t map, uint64_t flags, uint64_t meta,
                           uint64_t meta_size, struct world *w) {
    return output(w, skb, map, flags, meta, meta_size);
}

uint64_t helper_xdp_output(uint64_t xdp, uint64_t map, uint64_t flags, uint64_t meta,
                           uint64_t meta_size, struct world *w) {
    return output(w, xdp, map, flags, meta, meta_size);
}

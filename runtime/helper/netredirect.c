/* netredirect.c: where a packet is to go: recorded in the world's state, carried out by nobody. */
#include "runtime/helper/net.h"
#include "runtime/map/redirect.h"

enum {
    F_BROADCAST = 1 << 3,
    F_EXCLUDE_INGRESS = 1 << 4
};
enum {
    ACT_SHOT = 2,
    ACT_REDIRECT = 7,
    XDP_ABORTED = 0,
    XDP_REDIRECT = 4,
    NET_RX_DROP = 1 /* what the stack says of a packet for a device that is down */
};

static void record(struct world *w, uint32_t kind, uint32_t ifindex, uint64_t flags) {
    w->st.redirect.kind = kind;
    w->st.redirect.ifindex = ifindex;
    w->st.redirect.map_id = 0;
    w->st.redirect.key = 0;
    w->st.redirect.flags = (uint32_t)flags;
}

uint64_t helper_redirect(uint64_t ifindex, uint64_t flags, uint64_t r3, uint64_t r4, uint64_t r5,
                         struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    if (w->st.ctx_type == PROG_xdp) {
        if (flags)
            return XDP_ABORTED;
        record(w, REDIRECT_DEV, (uint32_t)ifindex, 0);
        return XDP_REDIRECT;
    }
    if (flags & ~(uint64_t)F_INGRESS)
        return ACT_SHOT;
    record(w, REDIRECT_DEV, (uint32_t)ifindex, flags);
    return ACT_REDIRECT;
}

uint64_t helper_redirect_peer(uint64_t ifindex, uint64_t flags, uint64_t r3, uint64_t r4,
                              uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    if (flags)
        return ACT_SHOT;
    record(w, REDIRECT_PEER, (uint32_t)ifindex, 0);
    return ACT_REDIRECT;
}

uint64_t helper_redirect_neigh(uint64_t ifindex, uint64_t params, uint64_t plen, uint64_t flags,
                               uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    enum {
        PARAMS_BYTES = 20 /* struct bpf_redir_neigh: family, address */
    };
    const int32_t n = (int32_t)plen;
    struct net_state *st = net_state_of(w);
    const uint8_t *in = n ? arg_read(w, params, (uint32_t)n) : NULL;
    if (n && !in)
        return 0;
    if ((n && (uint32_t)n < PARAMS_BYTES) || flags)
        return ACT_SHOT;
    record(w, REDIRECT_NEIGH, (uint32_t)ifindex, 0);
    if (st) {
        memset(&st->nexthop, 0, sizeof st->nexthop);
        if (n) {
            st->nexthop.family = world_get32(w, in);
            memcpy(st->nexthop.addr, in + 4, 16);
        }
    }
    return ACT_REDIRECT;
}

uint64_t helper_redirect_map(uint64_t map, uint64_t key, uint64_t flags, uint64_t r4, uint64_t r5,
                             struct world *w) {
    HELPER_UNUSED2(r4, r5);
    enum {
        ACTION_MASK = 3 /* of the flags: what to return where there is no such entry */
    };
    struct map *m = arg_map(w, map);
    struct map_target target;
    if (!m)
        return 0;
    if (!map_redirects(m)) {
        world_trap(w, RUN_TRAP_MEMORY, map);
        return 0;
    }
    if (flags & ~(ACTION_MASK | map_redirect_flags(m)))
        return XDP_ABORTED;
    if (!(flags & F_BROADCAST) && !map_target_at(w, m, (uint32_t)key, &target)) {
        record(w, REDIRECT_NONE, 0, 0);
        return flags & ACTION_MASK;
    }
    record(w, REDIRECT_MAP, 0, flags & F_BROADCAST ? flags : 0);
    w->st.redirect.map_id = m->id;
    w->st.redirect.key = (uint32_t)key;
    return XDP_REDIRECT;
}

uint64_t helper_clone_redirect(uint64_t skb, uint64_t ifindex, uint64_t flags, uint64_t r4,
                               uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct net_state *st = arg_skb(w, skb);
    if (!st)
        return 0;
    if (flags & ~(uint64_t)F_INGRESS)
        return helper_err(LX_EINVAL);
    const struct net_dev *dev = net_dev_find(net_env_of(w), (uint32_t)ifindex);
    if (!dev)
        return helper_err(LX_EINVAL);
    if (dev->link_header_bytes && st->mac >= st->network)
        return helper_err(LX_ERANGE); /* no link header to send */
    uint8_t where[8];
    net_put32(where, (uint32_t)ifindex);
    net_put32(where + 4, (uint32_t)flags);
    w->st.n_clones++;
    st->clone_digest = map_hash_key(where, 8) ^ (st->clone_digest << 7 | st->clone_digest >> 25) ^
                       map_hash_key(net_pkt(w, w->st.pkt.data), net_pkt_len(w));
    if (dev->up)
        return 0;
    return flags & F_INGRESS ? NET_RX_DROP : helper_err(LX_ENETDOWN);
}

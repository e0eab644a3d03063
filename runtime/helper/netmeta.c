/* netmeta.c: what an skb is besides its bytes: flow hash, time stamp, cgroup, class, realm. */
#include "runtime/helper/net.h"
#include "runtime/map/slots.h"

uint64_t helper_get_hash_recalc(uint64_t skb, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    if (!arg_skb(w, skb))
        return 0;
    if (!(w->st.skb_flags & 1)) {
        w->st.skb_hash = net_skb_hash(w);
        w->st.skb_flags |= 1;
        ctx_put32(w, CTX_sk_buff_hash, w->st.skb_hash);
    }
    return w->st.skb_hash;
}

uint64_t helper_set_hash_invalid(uint64_t skb, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    if (arg_skb(w, skb))
        skb_clear_hash(w);
    return 0;
}

uint64_t helper_set_hash(uint64_t skb, uint64_t hash, uint64_t r3, uint64_t r4, uint64_t r5,
                         struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    if (!arg_skb(w, skb))
        return 0;
    w->st.skb_hash = (uint32_t)hash;
    w->st.skb_flags |= 1;
    ctx_put32(w, CTX_sk_buff_hash, (uint32_t)hash);
    return 0;
}

uint64_t helper_skb_set_tstamp(uint64_t skb, uint64_t tstamp, uint64_t type, uint64_t r4,
                               uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    enum {
        CLOCK_REAL,
        CLOCK_MONO,
        CLOCK_TAI_
    };
    if (!arg_skb(w, skb))
        return 0;
    const uint16_t proto = skb_proto(w);
    if (proto != ETH_IP && proto != ETH_IPV6)
        return helper_err(LX_EOPNOTSUPP);
    if ((uint32_t)type > CLOCK_TAI_ || ((uint32_t)type != CLOCK_REAL && !tstamp))
        return helper_err(LX_EINVAL);
    world_put64(w, ctx_host(w, CTX_sk_buff_tstamp), tstamp);
    *ctx_host(w, CTX_sk_buff_tstamp_type) = (uint8_t)type;
    return 0;
}

/* set_ce: mark congestion in an IP header.
 * out: false if the packet's sender does not know ECN. */
static bool set_ce(uint8_t *ip, bool v4) {
    enum {
        NOT_ECT = 0,
        CE = 3
    };
    const uint8_t ecn = v4 ? ip[1] & 3 : (ip[1] >> 4) & 3;
    if (ecn == NOT_ECT)
        return false;
    if (v4 && ecn != CE) {
        /* the second byte grows by 2 or 1, the checksum shrinks so, in one's complement */
        const uint32_t sum = net_get16(ip + 10) + (ecn == 1 ? 0xfffdu : 0xfffeu);
        net_put16(ip + 10, (uint16_t)(sum + (sum >> 16)));
        ip[1] |= CE;
    } else if (!v4) {
        ip[1] |= CE << 4;
    }
    return true;
}

uint64_t helper_skb_ecn_set_ce(uint64_t skb, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    struct net_state *st = arg_skb(w, skb);
    if (!st)
        return 0;
    /* Linux changes the header at its network offset, which of a packet with a tag inside is the
     * tag: such is left alone here. */
    const uint16_t proto = skb_proto(w);
    const bool v4 = proto == ETH_IP;
    if (!v4 && proto != ETH_IPV6)
        return 0;
    const uint32_t n = v4 ? IP4_BYTES : IP6_BYTES;
    uint8_t *ip = net_span(w, st->network, n);
    if (!ip || net_pkt_len(w) < n)
        return 0;
    if (!v4)
        skb_sum_out(w, st, (uint32_t)st->network, 4);
    const bool set = set_ce(ip, v4);
    if (!v4)
        skb_sum_in(w, st, (uint32_t)st->network, 4);
    return set;
}

/* cgroup_at: id of the socket's cgroup at a level, or its own (level -1); 0 if there is none. */
static uint64_t cgroup_at(const struct world *w, int32_t i, int32_t level) {
    i = net_full_sock(w, i);
    if (i < 0)
        return 0;
    const uint64_t *ids = net_sock_of(w, i)->cgroup_ids;
    int32_t depth = 0;
    while (depth < NET_CGROUP_DEPTH && ids[depth])
        depth++;
    if (level == -1)
        return depth ? ids[depth - 1] : 0;
    return level >= 0 && level < depth ? ids[level] : 0;
}

uint64_t helper_skb_cgroup_id(uint64_t skb, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                              struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    const struct net_state *st = arg_skb(w, skb);
    return st ? cgroup_at(w, st->sk, -1) : 0;
}

uint64_t helper_skb_ancestor_cgroup_id(uint64_t skb, uint64_t level, uint64_t r3, uint64_t r4,
                                       uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    const struct net_state *st = arg_skb(w, skb);
    return st && (int32_t)level >= 0 ? cgroup_at(w, st->sk, (int32_t)level) : 0;
}

uint64_t helper_sk_cgroup_id(uint64_t sk, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    return cgroup_at(w, arg_sock(w, sk), -1);
}

uint64_t helper_sk_ancestor_cgroup_id(uint64_t sk, uint64_t level, uint64_t r3, uint64_t r4,
                                      uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    int32_t i = arg_sock(w, sk);
    return (int32_t)level >= 0 ? cgroup_at(w, i, (int32_t)level) : 0;
}

uint64_t helper_skb_under_cgroup(uint64_t skb, uint64_t map, uint64_t index, uint64_t r4,
                                 uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const struct net_state *st = arg_skb(w, skb);
    struct map *m = st ? arg_map_of(w, map, MAP_cgroup_array) : NULL;
    if (!m)
        return 0;
    const int32_t i = net_full_sock(w, st->sk);
    if (i < 0)
        return helper_err(LX_ENOENT);
    if ((uint32_t)index >= m->def.max_entries)
        return helper_err(LX_E2BIG);
    const int64_t id = slots_get(w, m, (uint32_t)index);
    if (id < 0)
        return helper_err(LX_EAGAIN);
    for (int32_t level = 0; level < NET_CGROUP_DEPTH; level++)
        if (cgroup_at(w, i, level) == (uint64_t)id)
            return 1;
    return 0;
}

uint64_t helper_skb_cgroup_classid(uint64_t skb, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                   struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    const struct net_state *st = arg_skb(w, skb);
    const int32_t i = st ? net_full_sock(w, st->sk) : NET_NONE;
    return i < 0 ? 0 : net_sock_of(w, i)->classid;
}

/* Of the current task; the task in whose context a packet is sent is its socket's owner. */
uint64_t helper_get_cgroup_classid(uint64_t skb, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                   struct world *w) {
    HELPER_UNUSED5(skb, r2, r3, r4, r5);
    const struct net_state *st = net_state_of(w);
    const int32_t i = st ? net_full_sock(w, st->sk) : NET_NONE;
    return i < 0 ? 0 : net_sock_of(w, i)->classid;
}

uint64_t helper_get_route_realm(uint64_t skb, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    return arg_skb(w, skb) ? net_env_of(w)->in.route_realm : 0;
}

/* No packet of the world came through IPsec: what Linux answers for such. */
uint64_t helper_skb_get_xfrm_state(uint64_t skb, uint64_t index, uint64_t to, uint64_t size,
                                   uint64_t flags, struct world *w) {
    HELPER_UNUSED2(index, flags);
    uint8_t *out = arg_skb(w, skb) ? arg_write(w, to, (uint32_t)size) : NULL;
    if (!out)
        return 0;
    memset(out, 0, (uint32_t)size);
    return helper_err(LX_EINVAL);
}

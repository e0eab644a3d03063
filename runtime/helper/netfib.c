/* netfib.c: routing: the table's answer to where a packet goes, and what fits through a device. */
#include "runtime/helper/net.h"

/* struct bpf_fib_lookup. Some fields are others after the lookup:
 *   TOT_LEN  the MTU
 *   TOS      the metric
 *   TBID     the VLAN
 *   MARK     the MAC addresses */
enum {
    FIB_FAMILY = 0,
    FIB_L4 = 1,
    FIB_SPORT = 2,
    FIB_DPORT = 4,
    FIB_TOT_LEN = 6,
    FIB_IFINDEX = 8,
    FIB_TOS = 12,
    FIB_SRC = 16,
    FIB_DST = 32,
    FIB_TBID = 48,
    FIB_MARK = 52,
    FIB_SMAC = 52,
    FIB_DMAC = 58,
    FIB_BYTES = 64,
};
enum fib_flag {
    FIB_DIRECT = 1 << 0,
    FIB_OUTPUT = 1 << 1,
    FIB_SKIP_NEIGH = 1 << 2,
    FIB_F_TBID = 1 << 3,
    FIB_F_SRC = 1 << 4,
    FIB_F_MARK = 1 << 5,
    FIB_FLAGS = 63,
};
enum check_mtu_result {
    CHK_SUCCESS,
    CHK_FRAG_NEEDED,
    CHK_SEGS_TOOBIG,
};
enum fib_result {
    FIB_SUCCESS,
    FIB_BLACKHOLE,
    FIB_UNREACHABLE,
    FIB_PROHIBIT,
    FIB_NOT_FWDED,
    FIB_FWD_DISABLED,
    FIB_UNSUPP_LWT,
    FIB_NO_NEIGH,
    FIB_FRAG_NEEDED,
    FIB_NO_SRC_ADDR,
};

/* strict: IPv6 addresses that are never forwarded: link-local, multicast and loopback. */
static bool strict(const uint8_t *a) {
    static const uint8_t loopback[16] = {[15] = 1};
    return a[0] == 0xff || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) || !memcmp(a, loopback, 16);
}

static const struct net_route *find_route(struct world *w, uint8_t *p, uint32_t flags, int *out) {
    const struct net_env *e = net_env_of(w);
    const uint8_t family = p[FIB_FAMILY];
    uint32_t table = NET_TABLE_MAIN, mark = 0;
    if (flags & FIB_DIRECT) {
        if (flags & FIB_F_TBID) {
            table = world_get32(w, p + FIB_TBID);
            world_put32(w, p + FIB_TBID, 0);
        }
        if (!net_table_exists(e, family, table)) {
            *out = FIB_NOT_FWDED;
            return NULL;
        }
    } else {
        table = 0;
        mark = flags & FIB_F_MARK ? world_get32(w, p + FIB_MARK) : 0;
    }
    const uint32_t oif = flags & FIB_OUTPUT ? world_get32(w, p + FIB_IFINDEX) : 0;
    const struct net_route *r = net_route_find(e, family, p + FIB_DST, table, mark, oif);
    *out = FIB_NOT_FWDED;
    if (!r)
        return NULL;
    switch (r->type) {
    case ROUTE_UNICAST: *out = FIB_SUCCESS; return r;
    case ROUTE_BLACKHOLE: *out = FIB_BLACKHOLE; return NULL;
    case ROUTE_UNREACHABLE: *out = FIB_UNREACHABLE; return NULL;
    case ROUTE_PROHIBIT: *out = FIB_PROHIBIT; return NULL;
    default: return NULL;
    }
}

/* next_hop: the addresses of the next hop into p. */
static int next_hop(struct world *w, uint8_t *p, const struct net_route *r, uint32_t flags,
                    const struct net_dev *dev) {
    const struct net_env *e = net_env_of(w);
    uint8_t family = p[FIB_FAMILY];
    if (r->gw_family == NET_AF_INET6 && family == NET_AF_INET) {
        memset(p + FIB_DST, 0, 16);
        p[FIB_FAMILY] = family = NET_AF_INET6;
    }
    if (r->gw_family)
        memcpy(p + FIB_DST, r->gw, net_addr_bytes(r->gw_family));
    if (flags & FIB_SKIP_NEIGH)
        return FIB_SUCCESS;
    const struct net_neigh *n = net_neigh_find(e, family, dev->ifindex, p + FIB_DST);
    if (!n || !n->valid)
        return FIB_NO_NEIGH;
    memcpy(p + FIB_DMAC, n->mac, 6);
    memcpy(p + FIB_SMAC, dev->mac, 6);
    return FIB_SUCCESS;
}

static int lookup(struct world *w, uint8_t *p, uint32_t flags, bool check_mtu) {
    const struct net_env *e = net_env_of(w);
    const bool v6 = p[FIB_FAMILY] == NET_AF_INET6;
    int result;
    if (v6 && (strict(p + FIB_DST) || strict(p + FIB_SRC)))
        return FIB_NOT_FWDED;
    const struct net_dev *in = net_dev_find(e, world_get32(w, p + FIB_IFINDEX));
    if (!in)
        return -LX_ENODEV;
    if (!in->forwarding)
        return FIB_FWD_DISABLED;
    const struct net_route *r = find_route(w, p, flags, &result);
    const struct net_dev *dev = r ? net_dev_find(e, r->ifindex) : NULL;
    if (!dev)
        return r ? FIB_NOT_FWDED : result;
    const uint32_t mtu = r->mtu ? r->mtu : dev->mtu;
    if (check_mtu && world_get16(w, p + FIB_TOT_LEN) > mtu) {
        world_put16(w, p + FIB_TOT_LEN, (uint16_t)mtu);
        return FIB_FRAG_NEEDED;
    }
    if (r->encap)
        return FIB_UNSUPP_LWT;
    world_put32(w, p + FIB_TOS, r->metric);
    world_put32(w, p + FIB_IFINDEX, dev->ifindex);
    if (flags & FIB_F_SRC) {
        if (!r->has_src && v6)
            return FIB_NO_SRC_ADDR;
        memcpy(p + FIB_SRC, r->src, net_addr_bytes(v6 ? NET_AF_INET6 : NET_AF_INET));
    }
    result = next_hop(w, p, r, flags, dev);
    if (result)
        return result;
    world_put32(w, p + FIB_TBID, 0); /* no VLAN */
    if (check_mtu)
        world_put16(w, p + FIB_TOT_LEN, (uint16_t)mtu);
    return FIB_SUCCESS;
}

uint64_t helper_fib_lookup(uint64_t ctx, uint64_t params, uint64_t plen, uint64_t flags_arg,
                           uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const uint32_t flags = (uint32_t)flags_arg;
    uint8_t *p = arg_net(w, ctx) ? world_ptr(w, params, (uint32_t)plen, WORLD_RW) : NULL;
    if (!p)
        return 0;
    if ((int32_t)plen < FIB_BYTES || flags & ~(uint32_t)FIB_FLAGS)
        return helper_err(LX_EINVAL);
    if (p[FIB_FAMILY] != NET_AF_INET && p[FIB_FAMILY] != NET_AF_INET6)
        return helper_err(LX_EAFNOSUPPORT);
    const bool xdp = w->st.ctx_type == PROG_xdp;
    const bool check_mtu = xdp || world_get16(w, p + FIB_TOT_LEN);
    int result = lookup(w, p, flags, check_mtu);
    if (result == FIB_SUCCESS && !check_mtu) {
        /* without a length the packet itself is measured against the device */
        const struct net_dev *dev = net_dev_find(net_env_of(w), world_get32(w, p + FIB_IFINDEX));
        if (!ctx_get32(w, CTX_sk_buff_gso_size) &&
            net_pkt_len(w) > dev->mtu + dev->link_header_bytes + 4)
            result = FIB_FRAG_NEEDED;
        if (!dev->up)
            result = FIB_FRAG_NEEDED;
        world_put16(w, p + FIB_TOT_LEN, (uint16_t)dev->mtu);
    }
    return arg_int(result);
}

/* segs_fit: do the segments of a packet fit: network and TCP header, and the payload of each?
 * out: a result, or the error */
static int segs_fit(const struct world *w, uint32_t gso_size, uint32_t mtu) {
    enum {
        TCP_LEN_OFF = 12
    };
    const struct net_state *st = net_state_of(w);
    if (st->transport == NET_NONE)
        return -LX_EINVAL;
    const uint8_t *words = net_span(w, (int64_t)st->transport + TCP_LEN_OFF, 1);
    const int64_t tcp = words ? (*words >> 4) * 4 : 0;
    const int64_t network = (int64_t)st->transport - st->network;
    return network + tcp + gso_size > mtu ? CHK_SEGS_TOOBIG : CHK_SUCCESS;
}

uint64_t helper_check_mtu(uint64_t ctx, uint64_t ifindex, uint64_t mtu_len, uint64_t len_diff,
                          uint64_t flags, struct world *w) {
    enum {
        CHK_SEGS = 1
    };
    const struct net_env *e = net_env_of(w);
    uint8_t *p = arg_net(w, ctx) ? world_ptr(w, mtu_len, 4, WORLD_RW) : NULL;
    if (!p)
        return 0;
    const bool xdp = w->st.ctx_type == PROG_xdp;
    const uint32_t given = world_get32(w, p);
    if (flags & ~(uint64_t)(xdp ? 0 : CHK_SEGS))
        return helper_err(LX_EINVAL);
    if ((flags & CHK_SEGS) && ((int32_t)len_diff || given))
        return helper_err(LX_EINVAL);
    const uint32_t here = ctx_get32(w, xdp ? CTX_xdp_md_ingress_ifindex : CTX_sk_buff_ifindex);
    const struct net_dev *dev = net_dev_find(e, (uint32_t)ifindex ? (uint32_t)ifindex : here);
    if (!dev)
        return helper_err(LX_ENODEV);
    int32_t len = (int32_t)(given ? given + dev->link_header_bytes : net_pkt_len(w));
    len = (int32_t)((uint32_t)len + (uint32_t)len_diff);
    int result =
        len <= (int32_t)(dev->mtu + dev->link_header_bytes) ? CHK_SUCCESS : CHK_FRAG_NEEDED;
    const uint32_t gso = xdp ? 0 : ctx_get32(w, CTX_sk_buff_gso_size);
    if (result && gso)
        result = flags & CHK_SEGS ? segs_fit(w, gso, dev->mtu) : CHK_SUCCESS;
    if (result < 0)
        return arg_int(result);
    world_put32(w, p, dev->mtu);
    return arg_int(result);
}

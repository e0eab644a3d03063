/* netparse.c: what packets say: headers found, flow hashes, checksums. */
#include "runtime/netstate.h"

enum {
    ETH_P_IP = 0x0800,
    ETH_P_IPV6 = 0x86dd,
};

static bool is_vlan(uint16_t proto) {
    return proto == 0x8100 || proto == 0x88a8;
}

static void parse_transport(const uint8_t *b, uint32_t n, uint32_t at, struct net_parsed *out) {
    uint8_t proto = out->tuple.protocol;
    uint32_t min = proto == NET_TCP ? 20 : 8;
    if ((proto != NET_TCP && proto != NET_UDP) || at + min > n)
        return;
    uint32_t header = proto == NET_TCP ? (b[at + 12] >> 4) * 4u : 8;
    if (header < min || at + header > n)
        return;
    out->tuple.sport = net_get16(b + at);
    out->tuple.dport = net_get16(b + at + 2);
    out->transport = at;
    out->payload = at + header;
    out->has_transport = true;
}

static void parse_ip6(const uint8_t *b, uint32_t n, uint32_t at, struct net_parsed *out) {
    if (at + 40 > n || b[at] >> 4 != 6)
        return;
    out->has_network = true;
    out->tuple.family = NET_AF_INET6;
    memcpy(out->tuple.saddr, b + at + 8, 16);
    memcpy(out->tuple.daddr, b + at + 24, 16);
    uint8_t next = b[at + 6];
    at += 40;
    /* hop-by-hop, routing and destination options; a fragment header ends the search */
    while ((next == 0 || next == 43 || next == 60) && at + 8 <= n) {
        next = b[at];
        at += (b[at + 1] + 1u) * 8;
    }
    out->tuple.protocol = next;
    parse_transport(b, n, at, out);
}

void net_parse(const uint8_t *bytes, uint32_t n, bool at_network, uint16_t eth_proto,
               struct net_parsed *out) {
    uint32_t at = 0;
    memset(out, 0, sizeof *out);
    if (!at_network) {
        if (n < 14)
            return;
        eth_proto = net_get16(bytes + 12);
        for (at = 14; is_vlan(eth_proto) && at + 4 <= n; at += 4)
            eth_proto = net_get16(bytes + at + 2);
    }
    out->eth_proto = eth_proto;
    out->network = at;
    if (eth_proto == ETH_P_IPV6) {
        parse_ip6(bytes, n, at, out);
        return;
    }
    if (eth_proto != ETH_P_IP || at + 20 > n || bytes[at] >> 4 != 4)
        return;
    uint32_t header = (bytes[at] & 15) * 4u;
    if (header < 20 || at + header > n)
        return;
    out->has_network = true;
    out->tuple.family = NET_AF_INET;
    out->tuple.protocol = bytes[at + 9];
    memcpy(out->tuple.saddr, bytes + at + 12, 4);
    memcpy(out->tuple.daddr, bytes + at + 16, 4);
    if (!(net_get16(bytes + at + 6) & 0x1fff)) /* not a later fragment */
        parse_transport(bytes, n, at + header, out);
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * UINT64_C(0xff51afd7ed558ccd);
    return h ^ (h >> 33);
}

uint32_t net_skb_hash(const struct world *w) {
    const struct net_state *st = net_state_of(w);
    struct net_parsed p;
    uint16_t proto = be16_in(w, (uint16_t)ctx_get32(w, CTX_sk_buff_protocol));
    int64_t at = st ? st->network : (int64_t)w->st.pkt.data;
    const uint8_t *tag = is_vlan(proto) ? net_span(w, at, 4) : NULL;
    if (tag) {
        proto = net_get16(tag + 2);
        at += 4;
    }
    const uint8_t *ip = net_span(w, at, 0);
    net_parse(ip, ip ? w->st.pkt.end - (uint32_t)at : 0, true, proto, &p);
    uint64_t h = mix(0x62706c6162, p.tuple.family);
    for (uint32_t i = 0; i < 16; i += 4) {
        h = mix(h, net_get32(p.tuple.saddr + i));
        h = mix(h, net_get32(p.tuple.daddr + i));
    }
    h = mix(h, (uint64_t)p.tuple.sport << 32 | (uint64_t)p.tuple.dport << 8 | p.tuple.protocol);
    h = mix(h, p.eth_proto);
    uint32_t hash = (uint32_t)(h >> 32);
    return hash ? hash : 1;
}

uint32_t csum_partial(const struct world *w, const uint8_t *p, uint32_t n, uint32_t sum) {
    uint32_t i = 0;
    for (; i + 4 <= n; i += 4)
        sum = csum_add(sum, world_get32(w, p + i));
    if (i + 2 <= n) {
        sum = csum_add(sum, world_get16(w, p + i));
        i += 2;
    }
    if (i < n)
        sum = csum_add(sum, w->cfg.big_endian ? (uint32_t)p[i] << 8 : p[i]);
    return sum;
}

/* net_bed.h: what tests of contexts and network helpers share: worlds with a network, packets
 * with right checksums computed the plain way, 16 bits at a time in network order. */
#ifndef BPFLAB_RUNTIME_TESTS_NET_BED_H
#define BPFLAB_RUNTIME_TESTS_NET_BED_H

#include "runtime/ctx.h"
#include "runtime/netenv.h"
#include "runtime/netstate.h"
#include "runtime/tests/helper_bed.h"

#define CTX_ADDR world_addr(WORLD_CTX_OFF)

/* net_world: a world with the default machine and the default network (w->env->net). */
static inline struct world *net_world(bool big_endian) {
    struct world *w = bed_world(big_endian);
    if (!w->env)
        w->env = env_new();
    if (!w->env || w->env->net)
        exit(1);
    w->env->net = net_env_new();
    return w;
}

/* net_start: the packet, then the context of a type on it. */
static inline void net_start(struct world *w, uint32_t type, const uint8_t *packet, size_t n) {
    uint64_t r1 = 0;
    CHECK_EQ(world_set_packet(w, packet, n), BPFLAB_OK);
    CHECK_EQ(ctx_setup(w, type, NULL, 0, &r1), BPFLAB_OK);
    CHECK_EQ(r1, CTX_ADDR);
}

static inline uint32_t plain_sum(const uint8_t *p, size_t n) {
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i += 2)
        sum += (uint32_t)p[i] << 8 | (i + 1 < n ? p[i + 1] : 0);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* l4_sum: the sum over pseudo header, header and data: 0xffff for a right checksum. */
static inline uint32_t l4_sum(const uint8_t *ip, uint32_t n_l4) {
    uint8_t pseudo[40] = {0};
    const bool v4 = ip[0] >> 4 == 4;
    const uint32_t n = v4 ? 8 : 32;
    memcpy(pseudo, ip + (v4 ? 12 : 8), n);
    pseudo[n + 3] = v4 ? ip[9] : ip[6];
    pseudo[n + 4] = (uint8_t)(n_l4 >> 8);
    pseudo[n + 5] = (uint8_t)n_l4;
    uint32_t sum = plain_sum(pseudo, n + 6) + plain_sum(ip + (v4 ? 20 : 40), n_l4);
    return (sum & 0xffff) + (sum >> 16);
}

static inline uint16_t not_sum(uint32_t sum) {
    return (uint16_t)~((sum & 0xffff) + (sum >> 16));
}

enum {
    FRAME_V4 = 14 + 20,
    FRAME_V6 = 14 + 40
};

/* frame: an Ethernet frame with IPv4 (or 6) and TCP or UDP, n_data bytes of data from seed,
 * right checksums.
 * out: its length. Addresses 10.0.0.1 to 10.0.0.2, or fd00::1 to fd00::2; ports 1000 to 80. */
static inline uint32_t frame(uint8_t *out, bool v6, uint8_t protocol, uint32_t n_data,
                             uint64_t *seed) {
    static const uint8_t macs[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
    const uint32_t l3 = v6 ? 40 : 20, l4 = protocol == NET_TCP ? 20 : 8, n_l4 = l4 + n_data;
    uint8_t *ip = out + 14, *th = ip + l3;
    memset(out, 0, 14 + l3 + l4);
    memcpy(out, macs, 12);
    net_put16(out + 12, v6 ? 0x86dd : 0x0800);
    if (v6) {
        ip[0] = 0x60;
        net_put16(ip + 4, (uint16_t)n_l4);
        ip[6] = protocol;
        ip[7] = 64;
        ip[8] = ip[24] = 0xfd;
        ip[23] = 1;
        ip[39] = 2;
    } else {
        ip[0] = 0x45;
        net_put16(ip + 2, (uint16_t)(20 + n_l4));
        ip[8] = 64;
        ip[9] = protocol;
        net_put32(ip + 12, 0x0a000001);
        net_put32(ip + 16, 0x0a000002);
        net_put16(ip + 10, not_sum(plain_sum(ip, 20)));
    }
    net_put16(th, 1000);
    net_put16(th + 2, 80);
    if (protocol == NET_TCP) {
        net_put32(th + 4, 0x01020304);
        th[12] = 5 << 4;
        th[13] = 2;
    } else {
        net_put16(th + 4, (uint16_t)n_l4);
    }
    for (uint32_t i = 0; i < n_data; i++)
        th[l4 + i] = (uint8_t)check_random(seed);
    net_put16(th + (protocol == NET_TCP ? 16 : 6), not_sum(l4_sum(ip, n_l4)));
    return 14 + l3 + n_l4;
}

static inline uint8_t *pkt_host(const struct world *w) {
    return net_pkt(w, w->st.pkt.data);
}

/* pkt_is: is the packet exactly these bytes? */
static inline bool pkt_is(const struct world *w, const uint8_t *bytes, uint32_t n) {
    return net_pkt_len(w) == n && !memcmp(pkt_host(w), bytes, n);
}

/* pkt_shown: does the shadow show all of the packet, and nothing around it? */
static inline bool pkt_shown(const struct world *w, bool write) {
    const uint64_t at = world_addr(WORLD_PKT_OFF + w->st.pkt.data);
    const uint32_t n = net_pkt_len(w);
    return world_check(w, at, n, write ? WORLD_RW : WORLD_READ) &&
           (write || !world_check(w, at, 1, WORLD_WRITE)) &&
           !world_check(w, at - 1, 1, WORLD_READ) && !world_check(w, at + n, 1, WORLD_READ);
}

#endif

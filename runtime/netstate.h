/* netstate.h: what a run changes of the network, kept in the world's scratch memory: the
 * packet's header positions and checksum state, its tunnel key, sockets' references and options.
 * For ctx.c, snapshots and the network helpers only.
 *
 * One region of scratch, made at the first ctx_setup: struct net_state (not accessible to
 * programs), flow keys, the optval buffer, and a slot for each socket: its image as struct
 * bpf_sock, as struct bpf_tcp_sock, and struct net_sock_state. Pointers to sockets that programs
 * hold are addresses of images. Numbers in the structs are in the host's order; images are in
 * the world's.
 */
#ifndef BPFLAB_RUNTIME_NETSTATE_H
#define BPFLAB_RUNTIME_NETSTATE_H

#include "runtime/ctx.h"
#include "runtime/errno.h"
#include "runtime/netenv.h"

/* CTX_sk_buff_len and so on: offset of every field of every layout. */
enum ctx_off {
#define LAYOUT(id, name, bytes)
#define F(id, name, off, size, elem, kind, rd, wr, flags) CTX_##id##_##name = off,
#define END(id)
#include "runtime/progtype.def"
};

enum {
    NET_FLOW_KEYS_BYTES = 56,
    NET_SOCK_IMAGE = 0,
    NET_TCP_IMAGE = 128,
    NET_SOCK_PRIVATE = 256,
    NET_SOCK_STRIDE = 1024,
    NET_N_OPTS = 96,
    NET_CC_BYTES = 16,
};

/* struct net_sock_state: what a run changes of a socket. */
struct net_sock_state {
    uint32_t refs; /* taken by lookups and not yet released */
    uint32_t cb_flags;
    uint32_t bound_ifindex;
    uint32_t bound_port; /* by bpf_bind */
    uint8_t bound_addr[16];
    uint64_t opts_set;       /* bit = row: has a value of its own */
    int32_t opt[NET_N_OPTS]; /* by row of runtime/helper/sockopt.def */
    char cc[NET_CC_BYTES];   /* TCP_CONGESTION */
};

/* struct net_state: what a run changes besides. */
struct net_state {
    uint32_t n_socks; /* of the table, and one more (net_env_sock) */
    /* Offsets in the packet area, as an skb's header pointers; transport is -1 where unknown.
     * Helpers move them without a check, as Linux does, so that they may be negative, out of order
     * or behind the packet: only net_span makes an address of one. */
    int32_t mac, network, transport;
    uint8_t ip_summed, csum_level, encapsulation;
    uint32_t csum;
    int32_t sk, assigned, selected; /* socket indices or NET_NONE */
    struct net_tunnel tunnel;       /* what get_tunnel_key sees */
    bool tunnel_tx;                 /* ... since set_tunnel_key */
    struct {
        uint32_t family;
        uint8_t addr[16];
    } nexthop; /* redirect_neigh */
    uint32_t apply_bytes, cork_bytes;
    uint32_t hdr_reserved; /* bytes of TCP options asked for by reserve_hdr_opt */
    int32_t bound_port;
    uint32_t sysctl_new_bytes;
    bool sysctl_updated;
    uint32_t clone_digest; /* over what bpf_clone_redirect sent where */
    /* Last, so that what is seldom used need not be cleared for every run. */
    char sysctl_new[4096];
};

/* net_state_of: the run's state; NULL before the first ctx_setup of a type that has any. */
struct net_state *net_state_of(const struct world *w);

/* net_state_begin: make the region if it is not there or sockets were added, and start afresh
 * from the table, except for the sockets.
 * errors: SPACE */
enum bpflab_err net_state_begin(struct world *w);

/* net_flow_keys_addr, net_optval_addr: guest addresses of struct bpf_flow_keys and of the optval
 * buffer (NET_OPTVAL_MAX bytes). */
uint64_t net_flow_keys_addr(const struct world *w);
uint64_t net_optval_addr(const struct world *w);

/* net_sock_addr: what a program holds as socket i; 0 for NET_NONE. */
uint64_t net_sock_addr(const struct world *w, int32_t i);

/* net_sock_index: the socket that an address (of either image) stands for, or NET_NONE. */
int32_t net_sock_index(const struct world *w, uint64_t addr);

/* net_sock_private: a socket's state.
 * in: a valid index */
struct net_sock_state *net_sock_private(const struct world *w, int32_t i);

/* net_sock_put32: write a field of the image (off of struct bpf_sock). */
void net_sock_put32(struct world *w, int32_t i, uint32_t off, uint32_t value);

/* net_state_diff: what differs between the network's states of two worlds.
 * in: note is called for each difference: of socket sock, or, if that is NET_NONE, of the rest;
 *     x and y are the values, of fields wider than 8 bytes their first byte that differs */
typedef void net_diff_fn(void *self, const char *what, int32_t sock, uint64_t x, uint64_t y);
void net_state_diff(const struct world *a, const struct world *b, net_diff_fn *note, void *self);

/* net_state_each: all that net_state_diff compares, in a fixed order, independent of the machine's
 * byte order: numbers lowest byte first.
 * in:     fn is called for each part: of socket sock, or, if that is NET_NONE, of the rest */
typedef void net_part_fn(void *self, const char *what, int32_t sock, const uint8_t *bytes,
                         uint32_t n_bytes);
void net_state_each(const struct world *w, net_part_fn *fn, void *self);

/* net_part_name: what the i-th part of the state, or of a socket, is; NULL behind the last. */
const char *net_part_name(bool sock, uint32_t i);

/* Fields of the context, whatever access the program has. */
static inline uint8_t *ctx_host(const struct world *w, uint32_t off) {
    return w->mem + WORLD_CTX_OFF + off;
}

static inline uint32_t ctx_get32(const struct world *w, uint32_t off) {
    return world_get32(w, ctx_host(w, off));
}

static inline void ctx_put32(struct world *w, uint32_t off, uint32_t value) {
    world_put32(w, ctx_host(w, off), value);
}

/* be16_in, be32_in: the number that a big-endian field is when a program loads it without
 * swapping; its own inverse. */
static inline uint16_t be16_in(const struct world *w, uint16_t value) {
    return w->cfg.big_endian ? value : __builtin_bswap16(value);
}

static inline uint32_t be32_in(const struct world *w, uint32_t value) {
    return w->cfg.big_endian ? value : __builtin_bswap32(value);
}

/* Network order in packet bytes. */
static inline uint16_t net_get16(const uint8_t *p) {
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void net_put16(uint8_t *p, uint16_t v) {
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline uint32_t net_get32(const uint8_t *p) {
    return (uint32_t)net_get16(p) << 16 | net_get16(p + 2);
}

static inline void net_put32(uint8_t *p, uint32_t v) {
    net_put16(p, (uint16_t)(v >> 16));
    net_put16(p + 2, (uint16_t)v);
}

/* net_has_skb: does the type's context stand for an skb (struct __sk_buff)? */
bool net_has_skb(const struct world *w);

/* net_pkt: host pointer to an offset in the packet area.
 * in:     off: made from struct world_packet alone, whose offsets are in order; for anything else
 *         there is net_span
 * out:    never NULL
 * errors: none
 * cost:   O(1) */
static inline uint8_t *net_pkt(const struct world *w, uint32_t off) {
    return w->mem + WORLD_PKT_OFF + off;
}

/* net_span: n_bytes of the packet and its headroom, from where a header is believed to be.
 * in:     at: an offset in the packet area, any number at all
 * out:    host pointer; NULL unless all n_bytes lie between the headroom's start and the packet's
 *         end
 * errors: none
 * cost:   O(1) */
static inline uint8_t *net_span(const struct world *w, int64_t at, uint64_t n_bytes) {
    const struct world_packet *p = &w->st.pkt;
    if (at < p->hard_start || at > p->end || n_bytes > p->end - (uint64_t)at)
        return NULL;
    return net_pkt(w, (uint32_t)at);
}

static inline uint32_t net_pkt_len(const struct world *w) {
    return w->st.pkt.end - w->st.pkt.data;
}

/* net_pkt_changed: bring access and lengths in line after w->st.pkt changed. */
void net_pkt_changed(struct world *w);

/* struct net_parsed: where the headers of a frame are: offsets from its first byte, 0 where
 * absent. */
struct net_parsed {
    uint16_t eth_proto; /* of the payload behind VLAN tags, host order */
    uint32_t network, transport, payload;
    struct net_tuple tuple;
    bool has_network, has_transport;
};

/* net_parse: an Ethernet frame (at_network: from its network header on, of protocol eth_proto).
 * cost: O(headers) */
void net_parse(const uint8_t *bytes, uint32_t n_bytes, bool at_network, uint16_t eth_proto,
               struct net_parsed *out);

/* net_skb_hash: flow hash of the packet, never 0: the same for both the world's orders. */
uint32_t net_skb_hash(const struct world *w);

/* One's complement sums, of 16- or 32-bit words in the world's order, as Linux on such a machine
 * has them; the sum of swapped words is the swapped sum, so that results in the packet are the
 * same in both orders.
 *
 *   csum_add, csum_sub   with end-around carry
 *   csum_fold            to 16 bits, complemented
 *   csum_partial         of n bytes, added to sum: as 32-bit words with end-around carry, so that
 *                        the number is that of x86-64
 */
static inline uint32_t csum_add(uint32_t a, uint32_t b) {
    uint32_t sum = a + b;
    return sum + (sum < a);
}

static inline uint32_t csum_sub(uint32_t a, uint32_t b) {
    return csum_add(a, ~b);
}

static inline uint16_t csum_fold(uint32_t sum) {
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint32_t csum_partial(const struct world *w, const uint8_t *p, uint32_t n_bytes, uint32_t sum);

#endif

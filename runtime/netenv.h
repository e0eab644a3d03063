/* netenv.h: the network around a program, as one table that the helpers answer from: devices,
 * routes, neighbours, sockets, and what a context is filled with.
 *
 * The table is filled before a run and never written by one: what a run changes (socket options,
 * references, a tunnel key, a new sysctl value) lies in the world's memory (runtime/netstate.h),
 * so that a snapshot of the world is a snapshot of the network too. Addresses and ports of the
 * table are bytes in network order and numbers in the host's order; the world's byte order
 * enters only when they are written into guest memory.
 */
#ifndef BPFLAB_RUNTIME_NETENV_H
#define BPFLAB_RUNTIME_NETENV_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/err.h"

struct world;

/* Linux's numbers. */
enum {
    NET_AF_UNIX = 1,
    NET_AF_INET = 2,
    NET_AF_INET6 = 10
};
enum {
    NET_IP = 0,
    NET_ICMP = 1,
    NET_TCP = 6,
    NET_UDP = 17,
    NET_ICMPV6 = 58
};
enum {
    NET_SOCK_STREAM = 1,
    NET_SOCK_DGRAM = 2,
    NET_SOCK_RAW = 3
};
enum net_tcp_state {
    TCP_ESTABLISHED = 1,
    TCP_SYN_SENT,
    TCP_SYN_RECV,
    TCP_FIN_WAIT1,
    TCP_FIN_WAIT2,
    TCP_TIME_WAIT,
    TCP_CLOSE,
    TCP_CLOSE_WAIT,
    TCP_LAST_ACK,
    TCP_LISTEN,
    TCP_CLOSING,
    TCP_NEW_SYN_RECV,
};
enum net_route_type {
    ROUTE_UNICAST = 1,
    ROUTE_LOCAL = 2,
    ROUTE_BLACKHOLE = 6,
    ROUTE_UNREACHABLE = 7,
    ROUTE_PROHIBIT = 8,
};
enum {
    NET_TABLE_MAIN = 254,
    NET_NONE = -1
};

struct net_dev {
    uint32_t ifindex, mtu;
    uint32_t link_header_bytes; /* 14 for Ethernet, 0 for devices without */
    uint32_t peer_ifindex;      /* veth: in the other namespace; 0 if none */
    uint8_t mac[6];
    bool up, forwarding;
};

/* struct net_route: the longest prefix wins, then the smallest metric, then the first. */
struct net_route {
    uint8_t family, prefix_len, type, gw_family; /* gw_family 0: directly connected */
    uint8_t dst[16], gw[16];
    uint8_t src[16];     /* preferred source address */
    bool has_src, encap; /* encap: the next hop needs lightweight tunnel encapsulation */
    uint32_t ifindex, metric, table;
    uint32_t mtu;  /* 0: the device's */
    uint32_t mark; /* only for lookups with this mark; 0: any */
};

struct net_neigh {
    uint8_t family, addr[16], mac[6];
    uint32_t ifindex;
    bool valid; /* reachable, stale, ...; else the entry is there but incomplete */
};

/* struct net_tcp_info: struct bpf_tcp_sock, and what sock_ops shows. */
struct net_tcp_info {
    /* clang-format off */
#define NET_TCP_INFO32(X)                                                                          \
    X(snd_cwnd) X(srtt_us) X(rtt_min) X(snd_ssthresh) X(rcv_nxt) X(snd_nxt) X(snd_una)             \
    X(mss_cache) X(ecn_flags) X(rate_delivered) X(rate_interval_us) X(packets_out)                 \
    X(retrans_out) X(total_retrans) X(segs_in) X(data_segs_in) X(segs_out) X(data_segs_out)        \
    X(lost_out) X(sacked_out) X(dsack_dups) X(delivered) X(delivered_ce) X(icsk_retransmits)
/* clang-format on */
#define X(name) uint32_t name;
    NET_TCP_INFO32(X)
#undef X
    uint64_t bytes_received, bytes_acked;
};

enum {
    NET_CGROUP_DEPTH = 8
};

/* struct net_sock: a socket. Local is src, remote dst, as struct bpf_sock has it. State
 * TCP_NEW_SYN_RECV is a request (mini) socket of a listener, TCP_TIME_WAIT a time-wait socket:
 * neither is a full socket. */
struct net_sock {
    uint8_t family, type, protocol, state;
    uint8_t src[16], dst[16];
    uint16_t src_port, dst_port; /* host order */
    uint32_t bound_ifindex, mark, priority;
    int32_t rx_queue; /* -1: none */
    int32_t listener; /* request sockets: index of their listener */
    uint32_t uid, classid, txhash;
    uint64_t cookie;
    uint64_t cgroup_ids[NET_CGROUP_DEPTH]; /* by level, the root first; 0 ends */
    uint32_t reuseport_group;              /* 0: none */
    bool refcounted; /* established ones and the like; listeners and bound UDP are not */
    bool v6only;
    uint64_t netns_cookie; /* 0: the table's */
    struct net_tcp_info tcp;
};

/* struct net_tunnel: metadata of the tunnel that a packet came through. */
struct net_tunnel {
    bool present, ipv6;
    uint64_t id;
    uint8_t tos, ttl;
    uint16_t flags; /* tunnel_flags, host order of the 16-bit value */
    uint32_t label;
    uint8_t remote[16], local[16];
    uint8_t opts[252];
    uint32_t n_opts; /* bytes; 0: no options */
};

enum {
    NET_STR_MAX = 256,
    NET_OPTVAL_MAX = 4096
};

/* struct net_input: what a context starts with. A field that a type has not is ignored. */
struct net_input {
    uint32_t ifindex, ingress_ifindex; /* of the device the packet is at, and came in by */
    uint32_t rx_queue, egress_ifindex; /* xdp */
    uint32_t mark, priority, queue_mapping, hash, napi_id, tc_index, tc_classid;
    uint32_t wire_len; /* 0: the packet's */
    uint32_t gso_segs, gso_size;
    uint64_t tstamp, hwtstamp;
    uint8_t tstamp_type, ip_summed; /* CHECKSUM_NONE 0, UNNECESSARY 1, COMPLETE 2, PARTIAL 3 */
    uint32_t csum;
    bool tc_egress; /* sched_cls at egress */
    bool vlan_present;
    uint16_t vlan_tci, vlan_proto; /* host order: 0x8100 */
    uint32_t route_realm;
    int32_t sk, migrating_sk; /* index of the context's socket, or NET_NONE */
    struct net_tunnel tunnel;
    struct {
        uint16_t type, access;
        uint32_t major, minor;
    } device;
    struct {
        bool write;
        uint32_t file_pos;
        char name[NET_STR_MAX], cur[NET_STR_MAX], new_value[NET_STR_MAX];
    } sysctl;
    struct {
        int32_t level, optname, retval;
        uint32_t n_optval;
        uint8_t optval[NET_OPTVAL_MAX];
    } sockopt;
    struct { /* sock_addr, sk_lookup: the other end and ours */
        uint8_t family, protocol, type;
        uint8_t remote[16], local[16];
        uint16_t remote_port, local_port;
    } addr;
    struct {
        uint32_t op, args[4], cb_flags;
        bool is_fullsock;
    } ops;
    uint64_t regs[21]; /* kprobe, perf_event: struct pt_regs of x86-64 */
    uint64_t sample_period, sample_addr;
};

struct net_env {
    struct net_dev *devs;
    struct net_route *routes;
    struct net_neigh *neighs;
    struct net_sock *socks;
    uint32_t n_devs, n_routes, n_neighs, n_socks;
    uint64_t netns_cookie;
    int32_t netns_id; /* that lookups may name besides "the current one" */
    bool syncookies;  /* net.ipv4.tcp_syncookies, and the listeners under attack */
    struct net_input in;
};

/* net_env_new: loopback (1) and an Ethernet device (2), no routes, no sockets.
 * out: NULL if out of memory */
struct net_env *net_env_new(void);
void net_env_free(struct net_env *e);

/* net_env_add_*: append a copy.
 * out: its index, or NET_NONE (no memory, or the table is full: 1024 entries; sockets 256) */
int32_t net_env_add_dev(struct net_env *e, const struct net_dev *d);
int32_t net_env_add_route(struct net_env *e, const struct net_route *r);
int32_t net_env_add_neigh(struct net_env *e, const struct net_neigh *n);
int32_t net_env_add_sock(struct net_env *e, const struct net_sock *s);

/* net_env_sock: socket i of the table; behind the last one comes the socket that contexts hold
 * which always have one and for which the table names none: IPv4, TCP, neither bound nor connected.
 * in: i at most n_socks */
const struct net_sock *net_env_sock(const struct net_env *e, int32_t i);

/* net_env_of: the world's table; the default one (read-only) if it has none. */
const struct net_env *net_env_of(const struct world *w);

/* net_dev_find: NULL if there is none. */
const struct net_dev *net_dev_find(const struct net_env *e, uint32_t ifindex);

/* net_route_find: the best route.
 * in:   table 0: local, main and default; oif 0: any device
 * out:  NULL if there is none
 * cost: O(routes) */
const struct net_route *net_route_find(const struct net_env *e, uint8_t family, const uint8_t *dst,
                                       uint32_t table, uint32_t mark, uint32_t oif);

/* net_table_exists: does a route name the table? main always exists. */
bool net_table_exists(const struct net_env *e, uint8_t family, uint32_t table);

/* net_neigh_find: the neighbour with this address on a device, NULL if there is none. */
const struct net_neigh *net_neigh_find(const struct net_env *e, uint8_t family, uint32_t ifindex,
                                       const uint8_t *addr);

/* struct net_tuple: a packet's addresses, seen by its receiver: source is remote. */
struct net_tuple {
    uint8_t family, protocol;
    uint8_t saddr[16], daddr[16];
    uint16_t sport, dport; /* host order */
    uint32_t ifindex;
};

/* net_sock_find: the socket that Linux would deliver to: an exact match, else the best-scored
 * bound or listening one.
 * out:  its index or NET_NONE
 * cost: O(sockets) */
int32_t net_sock_find(const struct net_env *e, const struct net_tuple *t);

/* net_sock_full: neither a request nor a time-wait socket. */
static inline bool net_sock_full(const struct net_sock *s) {
    return s->state != TCP_NEW_SYN_RECV && s->state != TCP_TIME_WAIT;
}

static inline uint32_t net_addr_bytes(uint8_t family) {
    return family == NET_AF_INET6 ? 16 : 4;
}

#endif

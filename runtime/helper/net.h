/* net.h: what the network helpers share: the skb behind the context, room in its buffer, its
 * checksum.
 *
 * An skb is linear here: all of the packet lies in the packet area, and a helper that makes it
 * longer succeeds while it fits between the area's headroom and tailroom, else -ENOMEM (Linux
 * would reallocate).
 */
#ifndef BPFLAB_RUNTIME_HELPER_NET_H
#define BPFLAB_RUNTIME_HELPER_NET_H

#include "runtime/helper/arg.h"
#include "runtime/netstate.h"

enum {
    ETH_IP = 0x0800,
    ETH_IPV6 = 0x86dd,
    ETH_8021Q = 0x8100,
    ETH_8021AD = 0x88a8
};
enum {
    ETH_BYTES = 14,
    VLAN_BYTES = 4,
    IP4_BYTES = 20,
    IP6_BYTES = 40,
    SKB_MAX_BYTES =
        16064, /* four pages less struct skb_shared_info: how long helpers make an skb */
};
/* world_state.redirect.kind */
enum {
    REDIRECT_NONE,
    REDIRECT_DEV,
    REDIRECT_MAP,
    REDIRECT_SOCK,
    REDIRECT_PEER,
    REDIRECT_NEIGH
};
enum {
    F_INGRESS = 1 /* flag of all redirections */
};
enum {
    SUM_NONE,
    SUM_UNNECESSARY,
    SUM_COMPLETE,
    SUM_PARTIAL
};

/* arg_net: the run's state if addr is the context; NULL and a trap pending otherwise. arg_skb:
 * and the context is an skb's. */
struct net_state *arg_net(struct world *w, uint64_t addr);
struct net_state *arg_skb(struct world *w, uint64_t addr);

/* arg_sock: the socket that addr stands for: an image, or the context of a type whose context is
 * a socket or has one. out: NET_NONE where it is NULL; NET_NONE and a trap where it is none. */
int32_t arg_sock(struct world *w, uint64_t addr);

/* skb_proto: skb->protocol as a number in host order; skb_set_proto. */
uint16_t skb_proto(const struct world *w);
void skb_set_proto(struct world *w, uint16_t proto);

/* skb_clear_hash: the flow hash is to be computed anew. */
void skb_clear_hash(struct world *w);

/* skb_push: n more bytes in front (contents as they are in the headroom), skb_pull: n fewer.
 * out: false where there is no room. Header positions and access are the caller's; metadata in
 * front is dropped. */
bool skb_push(struct world *w, uint32_t n);
bool skb_pull(struct world *w, uint32_t n);

/* skb_sum_out, skb_sum_in: n bytes at packet-area offset at stop (begin) to count in skb->csum,
 * if that is complete. */
void skb_sum_out(struct world *w, struct net_state *st, uint32_t at, uint32_t n);
void skb_sum_in(struct world *w, struct net_state *st, uint32_t at, uint32_t n);

/* net_sock_of: the table's row. in: a valid index. */
const struct net_sock *net_sock_of(const struct world *w, int32_t i);

/* net_sock_number: what maps know a socket by: its cookie. net_sock_numbered: back, NET_NONE if
 * there is none. */
uint64_t net_sock_number(const struct world *w, int32_t i);
int32_t net_sock_numbered(const struct world *w, uint64_t number);

/* net_full_sock: sk itself, a request socket's listener, or NET_NONE for time-wait sockets and
 * none. */
int32_t net_full_sock(const struct world *w, int32_t i);

#endif

/* net.h: what the network helpers share: the skb behind the context, room in its buffer, its
 * checksum, sockets.
 *
 * An skb is linear here: all of the packet lies in the packet area, and a helper that makes it
 * longer succeeds while it fits between the area's headroom and tailroom, else -ENOMEM (Linux
 * would reallocate). Where a header lies is a number that helpers move without a check; net_span
 * (runtime/netstate.h) is the way from such a number to memory.
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

/* arg_net: the run's state, for a helper whose argument is the context. arg_skb: the same where the
 * context must be an skb's.
 * out:    NULL, and a trap pending, if addr is not the context or the context not an skb's
 * errors: none
 * cost:   O(1) */
struct net_state *arg_net(struct world *w, uint64_t addr);
struct net_state *arg_skb(struct world *w, uint64_t addr);

/* arg_sock: the socket that addr stands for: an image, or the context of a type whose context is
 * a socket or has one.
 * out:    its index; NET_NONE where addr is NULL or the context has no socket; NET_NONE and a trap
 *         where addr is neither
 * errors: none
 * cost:   O(1) */
int32_t arg_sock(struct world *w, uint64_t addr);

/* skb_proto, skb_set_proto: skb->protocol as a number in host order. */
uint16_t skb_proto(const struct world *w);
void skb_set_proto(struct world *w, uint16_t proto);

/* skb_clear_hash: the flow hash is to be computed anew. */
void skb_clear_hash(struct world *w);

/* skb_push: n more bytes in front, contents as they are in the headroom. skb_pull: n fewer.
 * out:    false where there is no room. Metadata in front of the packet is dropped; header
 *         positions and access (net_pkt_changed) are the caller's
 * errors: none
 * cost:   O(1) */
bool skb_push(struct world *w, uint32_t n);
bool skb_pull(struct world *w, uint32_t n);

/* skb_sum_out, skb_sum_in: n bytes stop (begin) to count in skb->csum, if that is complete.
 * in:     the bytes at packet-area offset at lie in the packet's buffer
 * out:    st->csum
 * errors: none
 * cost:   O(n) */
void skb_sum_out(const struct world *w, struct net_state *st, uint32_t at, uint32_t n);
void skb_sum_in(const struct world *w, struct net_state *st, uint32_t at, uint32_t n);

/* net_sock_of: the table's row.
 * in:     a valid index */
const struct net_sock *net_sock_of(const struct world *w, int32_t i);

/* net_sock_number: what maps know a socket by: its cookie. net_sock_numbered: back.
 * out:    an index; NET_NONE if there is no such socket
 * errors: none
 * cost:   O(1); back: O(sockets) */
uint64_t net_sock_number(const struct world *w, int32_t i);
int32_t net_sock_numbered(const struct world *w, uint64_t number);

/* net_full_sock: i itself, or the listener of a request socket.
 * in:     an index or NET_NONE
 * out:    the index of a full socket; NET_NONE for time-wait sockets and none */
int32_t net_full_sock(const struct world *w, int32_t i);

#endif

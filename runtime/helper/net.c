/* net.c: what the network helpers share. */
#include "runtime/helper/net.h"

struct net_state *arg_net(struct world *w, uint64_t addr) {
    struct net_state *st = net_state_of(w);
    if (st && addr == world_addr(WORLD_CTX_OFF))
        return st;
    world_trap(w, addr ? RUN_TRAP_MEMORY : RUN_TRAP_NULL, addr);
    return NULL;
}

struct net_state *arg_skb(struct world *w, uint64_t addr) {
    if (net_has_skb(w))
        return arg_net(w, addr);
    world_trap(w, RUN_TRAP_MEMORY, addr);
    return NULL;
}

int32_t arg_sock(struct world *w, uint64_t addr) {
    const struct net_state *st = net_state_of(w);
    int32_t i = net_sock_index(w, addr);
    if (i >= 0 || !addr)
        return i;
    if (st && addr == world_addr(WORLD_CTX_OFF))
        return st->sk;
    world_trap(w, RUN_TRAP_MEMORY, addr);
    return NET_NONE;
}

uint16_t skb_proto(const struct world *w) {
    return be16_in(w, (uint16_t)ctx_get32(w, CTX_sk_buff_protocol));
}

void skb_set_proto(struct world *w, uint16_t proto) {
    ctx_put32(w, CTX_sk_buff_protocol, be16_in(w, proto));
}

void skb_clear_hash(struct world *w) {
    w->st.skb_hash = 0;
    w->st.skb_flags &= ~UINT32_C(1);
    ctx_put32(w, CTX_sk_buff_hash, 0);
}

bool skb_push(struct world *w, uint32_t n) {
    struct world_packet *p = &w->st.pkt;
    if (n > p->data - p->hard_start)
        return false;
    p->data -= n;
    p->meta = p->data;
    return true;
}

bool skb_pull(struct world *w, uint32_t n) {
    struct world_packet *p = &w->st.pkt;
    if (n > p->end - p->data)
        return false;
    p->data += n;
    p->meta = p->data;
    return true;
}

/* block: the sum of a block as it counts in a sum that begins at offset off: odd blocks are
 * swapped. */
static uint32_t block(const struct world *w, uint32_t at, uint32_t n) {
    uint32_t sum = csum_partial(w, net_pkt(w, at), n, 0);
    return (at - w->st.pkt.data) & 1 ? sum >> 8 | sum << 24 : sum;
}

void skb_sum_out(const struct world *w, struct net_state *st, uint32_t at, uint32_t n) {
    if (st->ip_summed == SUM_COMPLETE)
        st->csum = csum_sub(st->csum, block(w, at, n));
}

void skb_sum_in(const struct world *w, struct net_state *st, uint32_t at, uint32_t n) {
    if (st->ip_summed == SUM_COMPLETE)
        st->csum = csum_add(st->csum, block(w, at, n));
}

const struct net_sock *net_sock_of(const struct world *w, int32_t i) {
    return net_env_sock(net_env_of(w), i);
}

/* Sockets of the table that were given no cookie get numbers that are none of a system call's. */
uint64_t net_sock_number(const struct world *w, int32_t i) {
    uint64_t cookie = net_sock_of(w, i)->cookie;
    return cookie ? cookie : (UINT64_C(1) << 40) + (uint32_t)i;
}

int32_t net_sock_numbered(const struct world *w, uint64_t number) {
    for (uint32_t i = 0; i < net_state_of(w)->n_socks; i++)
        if (net_sock_number(w, (int32_t)i) == number)
            return (int32_t)i;
    return NET_NONE;
}

int32_t net_full_sock(const struct world *w, int32_t i) {
    if (i < 0)
        return NET_NONE;
    const struct net_sock *s = net_sock_of(w, i);
    if (s->state == TCP_NEW_SYN_RECV)
        i = s->listener < (int32_t)net_env_of(w)->n_socks ? s->listener : NET_NONE;
    return i >= 0 && net_sock_full(net_sock_of(w, i)) ? i : NET_NONE;
}

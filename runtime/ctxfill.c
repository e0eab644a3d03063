/* ctxfill.c: what each program type's context starts with: its layout filled from the table of the
 * network, and what follows from packet and sockets.
 */
#include "runtime/ctxfill.h"

static void put16_low(struct world *w, uint32_t off, uint16_t port) {
    net_put16(ctx_host(w, off) + 2, port); /* both orders: be16 in the upper or only half */
}

static void put_addr(struct world *w, uint32_t off4, uint32_t off6, uint8_t family,
                     const uint8_t *addr) {
    memcpy(ctx_host(w, family == NET_AF_INET6 ? off6 : off4), addr, net_addr_bytes(family));
}

static const struct net_sock *ctx_sock(const struct ctx_fill *f) {
    return f->st->sk < 0 ? NULL : net_env_sock(f->env, f->st->sk);
}

/* eth_proto: what Linux has as skb->protocol of a frame of at least 14 bytes: those with a length
 * in its place have numbers of their own. */
static uint16_t eth_proto(const uint8_t *frame, uint32_t n_bytes) {
    enum {
        ETH_P_802_3 = 1,
        ETH_P_802_2 = 4,
        LEAST_PROTO = 0x600,
    };
    uint16_t proto = net_get16(frame + 12);
    if (proto >= LEAST_PROTO)
        return proto;
    return n_bytes >= 16 && net_get16(frame + 14) == 0xffff ? ETH_P_802_3 : ETH_P_802_2;
}

static uint32_t pkt_type(const struct ctx_fill *f, const uint8_t *frame) {
    static const uint8_t broadcast[6] = {255, 255, 255, 255, 255, 255};
    const struct net_dev *dev = net_dev_find(f->env, f->in->ifindex);
    if (frame[0] & 1)
        return memcmp(frame, broadcast, 6) ? 2 : 1;
    return dev && memcmp(frame, dev->mac, 6) ? 3 : 0;
}

static void fill_skb(const struct ctx_fill *f) {
    struct world *w = f->w;
    const struct net_input *in = f->in;
    const struct net_sock *s = ctx_sock(f);
    ctx_put32(w, CTX_sk_buff_mark, in->mark);
    ctx_put32(w, CTX_sk_buff_queue_mapping, in->queue_mapping & 0xffff);
    ctx_put32(w, CTX_sk_buff_priority, in->priority);
    ctx_put32(w, CTX_sk_buff_ingress_ifindex, in->ingress_ifindex);
    ctx_put32(w, CTX_sk_buff_ifindex, in->ifindex);
    ctx_put32(w, CTX_sk_buff_tc_index, in->tc_index & 0xffff);
    ctx_put32(w, CTX_sk_buff_tc_classid, in->tc_classid & 0xffff);
    ctx_put32(w, CTX_sk_buff_napi_id, in->napi_id);
    ctx_put32(w, CTX_sk_buff_hash, in->hash);
    world_put64(w, ctx_host(w, CTX_sk_buff_tstamp), in->tstamp);
    ctx_put32(w, CTX_sk_buff_wire_len, in->wire_len ? in->wire_len : f->frame_bytes);
    ctx_put32(w, CTX_sk_buff_gso_segs, in->gso_segs);
    ctx_put32(w, CTX_sk_buff_gso_size, in->gso_size);
    *ctx_host(w, CTX_sk_buff_tstamp_type) = in->tstamp_type;
    world_put64(w, ctx_host(w, CTX_sk_buff_hwtstamp), in->hwtstamp);
    if (in->vlan_present) {
        ctx_put32(w, CTX_sk_buff_vlan_present, 1);
        ctx_put32(w, CTX_sk_buff_vlan_tci, in->vlan_tci);
        ctx_put32(w, CTX_sk_buff_vlan_proto, be16_in(w, in->vlan_proto));
    }
    if (!s)
        return;
    ctx_put32(w, CTX_sk_buff_family, s->family);
    put_addr(w, CTX_sk_buff_remote_ip4, CTX_sk_buff_remote_ip6, s->family, s->dst);
    put_addr(w, CTX_sk_buff_local_ip4, CTX_sk_buff_local_ip6, s->family, s->src);
    put16_low(w, CTX_sk_buff_remote_port, s->dst_port);
    ctx_put32(w, CTX_sk_buff_local_port, s->src_port);
}

static void derive_skb(const struct ctx_fill *f) {
    struct world *w = f->w;
    const uint8_t *frame = net_pkt(w, (uint32_t)f->st->mac);
    w->st.skb_hash = ctx_get32(w, CTX_sk_buff_hash);
    w->st.skb_flags = w->st.skb_hash != 0;
    world_put64(w, ctx_host(w, CTX_sk_buff_sk), net_sock_addr(w, f->st->sk));
    if (f->frame_bytes >= 14) {
        ctx_put32(w, CTX_sk_buff_protocol, be16_in(w, eth_proto(frame, f->frame_bytes)));
        ctx_put32(w, CTX_sk_buff_pkt_type, pkt_type(f, frame));
    }
}

static void derive_flow(const struct ctx_fill *f) {
    struct world *w = f->w;
    uint64_t addr = net_flow_keys_addr(w);
    uint8_t *keys = w->mem + world_off(addr);
    memset(keys, 0, NET_FLOW_KEYS_BYTES);
    if (f->frame_bytes >= 14) {
        world_put16(w, keys, 14);                                    /* nhoff */
        world_put16(w, keys + 2, 14);                                /* thoff */
        memcpy(keys + 10, net_pkt(w, (uint32_t)f->st->mac) + 12, 2); /* n_proto */
    }
    world_allow(w, world_off(addr), NET_FLOW_KEYS_BYTES, WORLD_RW);
    world_put64(w, ctx_host(w, CTX_sk_buff_flow_keys), addr);
}

static void fill_xdp(const struct ctx_fill *f) {
    ctx_put32(f->w, CTX_xdp_md_ingress_ifindex, f->in->ingress_ifindex);
    ctx_put32(f->w, CTX_xdp_md_rx_queue_index, f->in->rx_queue);
    ctx_put32(f->w, CTX_xdp_md_egress_ifindex, f->in->egress_ifindex);
}

static void fill_sock(const struct ctx_fill *f) {
    if (f->st->sk >= 0) {
        memcpy(ctx_host(f->w, 0), f->w->mem + world_off(net_sock_addr(f->w, f->st->sk)),
               f->pt->ctx_bytes);
        return;
    }
    ctx_put32(f->w, CTX_sock_family, f->in->addr.family);
    ctx_put32(f->w, CTX_sock_type, f->in->addr.type);
    ctx_put32(f->w, CTX_sock_protocol, f->in->addr.protocol);
    ctx_put32(f->w, CTX_sock_rx_queue_mapping, UINT32_MAX);
}

static void fill_sock_addr(const struct ctx_fill *f) {
    struct world *w = f->w;
    const uint8_t family = f->in->addr.family;
    ctx_put32(w, CTX_sock_addr_user_family, family);
    put_addr(w, CTX_sock_addr_user_ip4, CTX_sock_addr_user_ip6, family, f->in->addr.remote);
    ctx_put32(w, CTX_sock_addr_user_port, be16_in(w, f->in->addr.remote_port));
    ctx_put32(w, CTX_sock_addr_family, family);
    ctx_put32(w, CTX_sock_addr_type, f->in->addr.type);
    ctx_put32(w, CTX_sock_addr_protocol, f->in->addr.protocol);
    put_addr(w, CTX_sock_addr_msg_src_ip4, CTX_sock_addr_msg_src_ip6, family, f->in->addr.local);
}

static void derive_sock_addr(const struct ctx_fill *f) {
    world_put64(f->w, ctx_host(f->w, CTX_sock_addr_sk), net_sock_addr(f->w, f->st->sk));
}

static void fill_sk_lookup(const struct ctx_fill *f) {
    struct world *w = f->w;
    ctx_put32(w, CTX_sk_lookup_family, f->in->addr.family);
    ctx_put32(w, CTX_sk_lookup_protocol, f->in->addr.protocol);
    put_addr(w, CTX_sk_lookup_remote_ip4, CTX_sk_lookup_remote_ip6, f->in->addr.family,
             f->in->addr.remote);
    put_addr(w, CTX_sk_lookup_local_ip4, CTX_sk_lookup_local_ip6, f->in->addr.family,
             f->in->addr.local);
    net_put16(ctx_host(w, CTX_sk_lookup_remote_port), f->in->addr.remote_port);
    ctx_put32(w, CTX_sk_lookup_local_port, f->in->addr.local_port);
    ctx_put32(w, CTX_sk_lookup_ingress_ifindex, f->in->ingress_ifindex);
}

static void derive_sk_lookup(const struct ctx_fill *f) {
    world_put64(f->w, ctx_host(f->w, CTX_sk_lookup_sk), 0); /* nothing selected yet */
}

static void fill_sk_msg(const struct ctx_fill *f) {
    struct world *w = f->w;
    const struct net_sock *s = ctx_sock(f);
    if (!s)
        return;
    ctx_put32(w, CTX_sk_msg_family, s->family);
    put_addr(w, CTX_sk_msg_remote_ip4, CTX_sk_msg_remote_ip6, s->family, s->dst);
    put_addr(w, CTX_sk_msg_local_ip4, CTX_sk_msg_local_ip6, s->family, s->src);
    put16_low(w, CTX_sk_msg_remote_port, s->dst_port);
    ctx_put32(w, CTX_sk_msg_local_port, s->src_port);
}

static void derive_sk_msg(const struct ctx_fill *f) {
    world_put64(f->w, ctx_host(f->w, CTX_sk_msg_sk), net_sock_addr(f->w, f->st->sk));
}

static void derive_reuseport(const struct ctx_fill *f) {
    struct world *w = f->w;
    int32_t migrating = f->in->migrating_sk;
    ctx_put32(w, CTX_sk_reuseport_eth_protocol, be16_in(w, f->parsed.eth_proto));
    ctx_put32(w, CTX_sk_reuseport_ip_protocol, f->parsed.tuple.protocol);
    ctx_put32(w, CTX_sk_reuseport_hash, f->in->hash);
    world_put64(w, ctx_host(w, CTX_sk_reuseport_sk), net_sock_addr(w, f->st->sk));
    world_put64(w, ctx_host(w, CTX_sk_reuseport_migrating_sk),
                net_sock_addr(w, migrating < (int32_t)f->env->n_socks ? migrating : NET_NONE));
}

static void fill_sock_ops(const struct ctx_fill *f) {
    struct world *w = f->w;
    const struct net_sock *s = ctx_sock(f);
    ctx_put32(w, CTX_sock_ops_op, f->in->ops.op);
    for (uint32_t i = 0; i < 4; i++)
        ctx_put32(w, CTX_sock_ops_reply + 4 * i, f->in->ops.args[i]);
    ctx_put32(w, CTX_sock_ops_is_fullsock, f->in->ops.is_fullsock);
    world_put64(w, ctx_host(w, CTX_sock_ops_skb_hwtstamp), f->in->hwtstamp);
    if (!s)
        return;
    ctx_put32(w, CTX_sock_ops_family, s->family);
    put_addr(w, CTX_sock_ops_remote_ip4, CTX_sock_ops_remote_ip6, s->family, s->dst);
    put_addr(w, CTX_sock_ops_local_ip4, CTX_sock_ops_local_ip6, s->family, s->src);
    put16_low(w, CTX_sock_ops_remote_port, s->dst_port);
    ctx_put32(w, CTX_sock_ops_local_port, s->src_port);
    if (!f->in->ops.is_fullsock)
        return; /* the rest is of full sockets only */
    ctx_put32(w, CTX_sock_ops_bpf_sock_ops_cb_flags, f->in->ops.cb_flags);
    ctx_put32(w, CTX_sock_ops_state, s->state);
    ctx_put32(w, CTX_sock_ops_sk_txhash, s->txhash);
    const uint8_t *tcp = w->mem + world_off(net_sock_addr(w, f->st->sk)) + NET_TCP_IMAGE;
    ctx_put32(w, CTX_sock_ops_snd_cwnd, s->tcp.snd_cwnd);
    ctx_put32(w, CTX_sock_ops_srtt_us, s->tcp.srtt_us);
    memcpy(ctx_host(w, CTX_sock_ops_rtt_min), tcp + CTX_tcp_sock_rtt_min,
           CTX_sock_ops_sk_txhash - CTX_sock_ops_rtt_min);
    world_put64(w, ctx_host(w, CTX_sock_ops_bytes_received), s->tcp.bytes_received);
    world_put64(w, ctx_host(w, CTX_sock_ops_bytes_acked), s->tcp.bytes_acked);
}

static void derive_sock_ops(const struct ctx_fill *f) {
    struct world *w = f->w;
    const bool has = f->parsed.has_transport && f->parsed.tuple.protocol == NET_TCP;
    world_put64(w, ctx_host(w, CTX_sock_ops_sk), net_sock_addr(w, f->st->sk));
    if (!has)
        return;
    ctx_put32(w, CTX_sock_ops_skb_len, f->frame_bytes - f->parsed.transport);
    ctx_put32(w, CTX_sock_ops_skb_tcp_flags, net_pkt(w, w->st.pkt.data)[13]);
}

static void fill_device(const struct ctx_fill *f) {
    ctx_put32(f->w, CTX_cgroup_dev_access_type,
              (uint32_t)f->in->device.access << 16 | f->in->device.type);
    ctx_put32(f->w, CTX_cgroup_dev_major, f->in->device.major);
    ctx_put32(f->w, CTX_cgroup_dev_minor, f->in->device.minor);
}

static void fill_sysctl(const struct ctx_fill *f) {
    ctx_put32(f->w, CTX_sysctl_write, f->in->sysctl.write);
    ctx_put32(f->w, CTX_sysctl_file_pos, f->in->sysctl.file_pos);
}

static void fill_sockopt(const struct ctx_fill *f) {
    ctx_put32(f->w, CTX_sockopt_level, (uint32_t)f->in->sockopt.level);
    ctx_put32(f->w, CTX_sockopt_optname, (uint32_t)f->in->sockopt.optname);
    ctx_put32(f->w, CTX_sockopt_optlen, f->in->sockopt.n_optval);
    ctx_put32(f->w, CTX_sockopt_retval, (uint32_t)f->in->sockopt.retval);
}

/* put_buffer: the table's optval bytes in guest memory; out: their address, *end behind them. */
static uint64_t put_buffer(const struct ctx_fill *f, uint64_t *end) {
    uint64_t addr = net_optval_addr(f->w);
    uint32_t n = f->in->sockopt.n_optval;
    if (n > NET_OPTVAL_MAX)
        n = NET_OPTVAL_MAX;
    world_allow(f->w, world_off(addr), NET_OPTVAL_MAX, WORLD_NONE);
    memcpy(f->w->mem + world_off(addr), f->in->sockopt.optval, n);
    world_allow(f->w, world_off(addr), n, WORLD_RW);
    *end = addr + n;
    return addr;
}

static void derive_sockopt(const struct ctx_fill *f) {
    struct world *w = f->w;
    uint64_t end, at = put_buffer(f, &end);
    world_put64(w, ctx_host(w, CTX_sockopt_sk), net_sock_addr(w, f->st->sk));
    world_put64(w, ctx_host(w, CTX_sockopt_optval), at);
    world_put64(w, ctx_host(w, CTX_sockopt_optval_end), end);
}

static void derive_tp_buffer(const struct ctx_fill *f) {
    uint64_t end;
    world_put64(f->w, ctx_host(f->w, CTX_raw_tp_w_buffer), put_buffer(f, &end));
}

static void fill_regs(const struct ctx_fill *f) {
    for (uint32_t i = 0; i < 21; i++)
        world_put64(f->w, ctx_host(f->w, 8 * i), f->in->regs[i]);
}

static void fill_perf_event(const struct ctx_fill *f) {
    fill_regs(f);
    world_put64(f->w, ctx_host(f->w, CTX_perf_event_sample_period), f->in->sample_period);
    world_put64(f->w, ctx_host(f->w, CTX_perf_event_addr), f->in->sample_addr);
}

/* Kernel objects of which bpflab has no image: addresses that differ and cannot be accessed. */
static void derive_netfilter(const struct ctx_fill *f) {
    world_put64(f->w, ctx_host(f->w, CTX_nf_state), world_addr(f->w->st.net_off));
    world_put64(f->w, ctx_host(f->w, CTX_nf_skb), world_addr(f->w->st.net_off + 8));
}

static const struct ctx_filler fillers[] = {
    [PROG_socket_filter] = {fill_skb, derive_skb},
    [PROG_kprobe] = {fill_regs, NULL},
    [PROG_sched_cls] = {fill_skb, derive_skb},
    [PROG_sched_act] = {fill_skb, derive_skb},
    [PROG_xdp] = {fill_xdp, NULL},
    [PROG_perf_event] = {fill_perf_event, NULL},
    [PROG_cgroup_skb] = {fill_skb, derive_skb},
    [PROG_cgroup_sock] = {fill_sock, NULL},
    [PROG_lwt_in] = {fill_skb, derive_skb},
    [PROG_lwt_out] = {fill_skb, derive_skb},
    [PROG_lwt_xmit] = {fill_skb, derive_skb},
    [PROG_sock_ops] = {fill_sock_ops, derive_sock_ops},
    [PROG_sk_skb] = {fill_skb, derive_skb},
    [PROG_cgroup_device] = {fill_device, NULL},
    [PROG_sk_msg] = {fill_sk_msg, derive_sk_msg},
    [PROG_cgroup_sock_addr] = {fill_sock_addr, derive_sock_addr},
    [PROG_lwt_seg6local] = {fill_skb, derive_skb},
    [PROG_sk_reuseport] = {NULL, derive_reuseport},
    [PROG_flow_dissector] = {NULL, derive_flow},
    [PROG_cgroup_sysctl] = {fill_sysctl, NULL},
    [PROG_raw_tracepoint_writable] = {NULL, derive_tp_buffer},
    [PROG_cgroup_sockopt] = {fill_sockopt, derive_sockopt},
    [PROG_sk_lookup] = {fill_sk_lookup, derive_sk_lookup},
    [PROG_netfilter] = {NULL, derive_netfilter},
};

const struct ctx_filler *ctx_filler_of(uint32_t prog_type) {
    static const struct ctx_filler none = {NULL, NULL};
    return prog_type < sizeof fillers / sizeof fillers[0] ? &fillers[prog_type] : &none;
}

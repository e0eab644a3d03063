/* ctx.c: contexts at run time. Each layout has a function that fills it from the table of the
 * network; then the caller's bytes go over the scalar fields, and what follows from packet and
 * sockets goes over those. */
#include "runtime/ctx.h"

#include "runtime/netstate.h"

/* Everything that the fill functions read. */
struct fill {
    struct world *w;
    const struct progtype *pt;
    const struct net_env *env;
    const struct net_input *in;
    struct net_state *st;
    struct net_parsed parsed; /* of the frame, before its headers were pulled */
    uint32_t frame_bytes;
};

static void put16_low(struct world *w, uint32_t off, uint16_t port) {
    net_put16(ctx_host(w, off) + 2, port); /* both orders: be16 in the upper or only half */
}

static void put_addr(struct world *w, uint32_t off4, uint32_t off6, uint8_t family,
                     const uint8_t *addr) {
    memcpy(ctx_host(w, family == NET_AF_INET6 ? off6 : off4), addr, net_addr_bytes(family));
}

static const struct net_sock *ctx_sock(const struct fill *f) {
    return f->st->sk < 0 ? NULL : &f->env->socks[f->st->sk];
}

/* eth_proto: what Linux has as skb->protocol of a frame: LLC frames have numbers of their own. */
static uint16_t eth_proto(const uint8_t *frame) {
    uint16_t proto = net_get16(frame + 12);
    if (proto >= 0x600)
        return proto;
    return net_get16(frame + 14) == 0xffff ? 1 : 4;
}

static uint32_t pkt_type(const struct fill *f, const uint8_t *frame) {
    static const uint8_t broadcast[6] = {255, 255, 255, 255, 255, 255};
    const struct net_dev *dev = net_dev_find(f->env, f->in->ifindex);
    if (frame[0] & 1)
        return memcmp(frame, broadcast, 6) ? 2 : 1;
    return dev && memcmp(frame, dev->mac, 6) ? 3 : 0;
}

static void fill_skb(const struct fill *f) {
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

static void derive_skb(const struct fill *f) {
    struct world *w = f->w;
    const uint8_t *frame = net_pkt(w, (uint32_t)f->st->mac);
    w->st.skb_hash = ctx_get32(w, CTX_sk_buff_hash);
    w->st.skb_flags = w->st.skb_hash != 0;
    world_put64(w, ctx_host(w, CTX_sk_buff_sk), net_sock_addr(w, f->st->sk));
    if (f->frame_bytes >= 14) {
        ctx_put32(w, CTX_sk_buff_protocol, be16_in(w, eth_proto(frame)));
        ctx_put32(w, CTX_sk_buff_pkt_type, pkt_type(f, frame));
    }
}

static void derive_flow(const struct fill *f) {
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

static void fill_xdp(const struct fill *f) {
    ctx_put32(f->w, CTX_xdp_md_ingress_ifindex, f->in->ingress_ifindex);
    ctx_put32(f->w, CTX_xdp_md_rx_queue_index, f->in->rx_queue);
    ctx_put32(f->w, CTX_xdp_md_egress_ifindex, f->in->egress_ifindex);
}

static void fill_sock(const struct fill *f) {
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

static void fill_sock_addr(const struct fill *f) {
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

static void derive_sock_addr(const struct fill *f) {
    world_put64(f->w, ctx_host(f->w, CTX_sock_addr_sk), net_sock_addr(f->w, f->st->sk));
}

static void fill_sk_lookup(const struct fill *f) {
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

static void derive_sk_lookup(const struct fill *f) {
    world_put64(f->w, ctx_host(f->w, CTX_sk_lookup_sk), 0); /* nothing selected yet */
}

static void fill_sk_msg(const struct fill *f) {
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

static void derive_sk_msg(const struct fill *f) {
    world_put64(f->w, ctx_host(f->w, CTX_sk_msg_sk), net_sock_addr(f->w, f->st->sk));
}

static void derive_reuseport(const struct fill *f) {
    struct world *w = f->w;
    int32_t migrating = f->in->migrating_sk;
    ctx_put32(w, CTX_sk_reuseport_eth_protocol, be16_in(w, f->parsed.eth_proto));
    ctx_put32(w, CTX_sk_reuseport_ip_protocol, f->parsed.tuple.protocol);
    ctx_put32(w, CTX_sk_reuseport_hash, f->in->hash);
    world_put64(w, ctx_host(w, CTX_sk_reuseport_sk), net_sock_addr(w, f->st->sk));
    world_put64(w, ctx_host(w, CTX_sk_reuseport_migrating_sk),
                net_sock_addr(w, migrating < (int32_t)f->env->n_socks ? migrating : NET_NONE));
}

static void fill_sock_ops(const struct fill *f) {
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

static void derive_sock_ops(const struct fill *f) {
    struct world *w = f->w;
    const bool has = f->parsed.has_transport && f->parsed.tuple.protocol == NET_TCP;
    world_put64(w, ctx_host(w, CTX_sock_ops_sk), net_sock_addr(w, f->st->sk));
    if (!has)
        return;
    ctx_put32(w, CTX_sock_ops_skb_len, f->frame_bytes - f->parsed.transport);
    ctx_put32(w, CTX_sock_ops_skb_tcp_flags, net_pkt(w, w->st.pkt.data)[13]);
}

static void fill_device(const struct fill *f) {
    ctx_put32(f->w, CTX_cgroup_dev_access_type,
              (uint32_t)f->in->device.access << 16 | f->in->device.type);
    ctx_put32(f->w, CTX_cgroup_dev_major, f->in->device.major);
    ctx_put32(f->w, CTX_cgroup_dev_minor, f->in->device.minor);
}

static void fill_sysctl(const struct fill *f) {
    ctx_put32(f->w, CTX_sysctl_write, f->in->sysctl.write);
    ctx_put32(f->w, CTX_sysctl_file_pos, f->in->sysctl.file_pos);
}

static void fill_sockopt(const struct fill *f) {
    ctx_put32(f->w, CTX_sockopt_level, (uint32_t)f->in->sockopt.level);
    ctx_put32(f->w, CTX_sockopt_optname, (uint32_t)f->in->sockopt.optname);
    ctx_put32(f->w, CTX_sockopt_optlen, f->in->sockopt.n_optval);
    ctx_put32(f->w, CTX_sockopt_retval, (uint32_t)f->in->sockopt.retval);
}

/* put_buffer: the table's optval bytes in guest memory; out: their address, *end behind them. */
static uint64_t put_buffer(const struct fill *f, uint64_t *end) {
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

static void derive_sockopt(const struct fill *f) {
    struct world *w = f->w;
    uint64_t end, at = put_buffer(f, &end);
    world_put64(w, ctx_host(w, CTX_sockopt_sk), net_sock_addr(w, f->st->sk));
    world_put64(w, ctx_host(w, CTX_sockopt_optval), at);
    world_put64(w, ctx_host(w, CTX_sockopt_optval_end), end);
}

static void derive_tp_buffer(const struct fill *f) {
    uint64_t end;
    world_put64(f->w, ctx_host(f->w, CTX_raw_tp_w_buffer), put_buffer(f, &end));
}

static void fill_regs(const struct fill *f) {
    for (uint32_t i = 0; i < 21; i++)
        world_put64(f->w, ctx_host(f->w, 8 * i), f->in->regs[i]);
}

static void fill_perf_event(const struct fill *f) {
    fill_regs(f);
    world_put64(f->w, ctx_host(f->w, CTX_perf_event_sample_period), f->in->sample_period);
    world_put64(f->w, ctx_host(f->w, CTX_perf_event_addr), f->in->sample_addr);
}

/* Kernel objects of which bpflab has no image: addresses that differ and cannot be accessed. */
static void derive_netfilter(const struct fill *f) {
    world_put64(f->w, ctx_host(f->w, CTX_nf_state), world_addr(f->w->st.net_off));
    world_put64(f->w, ctx_host(f->w, CTX_nf_skb), world_addr(f->w->st.net_off + 8));
}

typedef void fill_fn(const struct fill *f);

static const struct {
    fill_fn *fill, *derive;
} fillers[] = {
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

/* pull_headers: let the packet begin where the type sees it begin; the headers before it stay in
 * the headroom. */
static void pull_headers(struct fill *f) {
    struct world_packet *p = &f->w->st.pkt;
    const uint32_t frame = p->data;
    uint32_t skip = 0;
    f->frame_bytes = p->end - p->data;
    net_parse(net_pkt(f->w, frame), f->frame_bytes, false, 0, &f->parsed);
    if (f->pt->type == PROG_sk_msg || f->frame_bytes < 14)
        return;
    f->st->network = (int32_t)frame + 14;
    if (f->parsed.has_transport && f->pt->pkt_start >= PKT_TRANSPORT)
        f->st->transport = (int32_t)(frame + f->parsed.transport);
    if (f->pt->pkt_start == PKT_NETWORK)
        skip = 14;
    else if (f->pt->pkt_start == PKT_TRANSPORT)
        skip = f->parsed.transport;
    else if (f->pt->pkt_start == PKT_PAYLOAD)
        skip = f->parsed.payload;
    if (f->pt->type == PROG_sock_ops && f->parsed.has_transport)
        p->end = frame + f->parsed.payload; /* the TCP header and no more */
    if (skip)
        p->meta = p->data = frame + skip;
}

/* overlay: the caller's bytes over the scalar fields. */
static void overlay(const struct fill *f, const uint8_t *bytes, size_t n_bytes) {
    for (uint32_t i = 0; i < f->pt->n_fields; i++) {
        const struct ctx_field *d = &f->pt->fields[i];
        if (d->off >= n_bytes)
            break;
        if (d->kind != CTX_SCALAR && d->kind != CTX_U16 && d->kind != CTX_QUEUE)
            continue;
        size_t n = n_bytes - d->off < d->size ? n_bytes - d->off : d->size;
        memcpy(ctx_host(f->w, d->off), bytes + d->off, n);
    }
}

/* set_access: the shadow as the table has it, save for what goes through ctx_load and ctx_store. */
static void set_access(struct world *w, const struct progtype *pt, uint32_t n_bytes) {
    uint8_t *shadow = w->shadow + WORLD_CTX_OFF;
    if (!pt->opaque)
        progtype_shadow(pt, n_bytes, shadow);
    for (uint32_t i = 0; i < pt->n_fields; i++) {
        const struct ctx_field *d = &pt->fields[i];
        if (pt->opaque) { /* plain memory, as long as the input */
            const enum world_access rd = pt->read >> i & 1 ? WORLD_READ : WORLD_NONE;
            const uint32_t end = (uint32_t)d->off + d->size;
            if (d->off < n_bytes)
                world_allow(w, WORLD_CTX_OFF + d->off, (end < n_bytes ? end : n_bytes) - d->off,
                            pt->write >> i & 1 ? WORLD_RW : rd);
            continue;
        }
        for (uint32_t b = d->off; b < (uint32_t)d->off + d->size; b++) {
            if (d->kind >= CTX_PKT_DATA && d->kind <= CTX_PKT_META)
                shadow[b] = 0;
            if (d->kind == CTX_U16 || d->kind == CTX_QUEUE)
                shadow[b] &= 0xf0;
        }
        if ((d->flags & CTX_F_PAD) && w->cfg.big_endian && shadow[d->off])
            shadow[d->off] = 0x20;
    }
}

enum bpflab_err ctx_setup(struct world *w, uint32_t prog_type, const uint8_t *bytes, size_t n_bytes,
                          uint64_t *r1) {
    const struct progtype *pt = progtype_of(prog_type);
    if (!pt)
        return BPFLAB_E_ARG;
    uint32_t size = pt->ctx_bytes < WORLD_CTX_BYTES ? pt->ctx_bytes : WORLD_CTX_BYTES;
    if (!bytes)
        n_bytes = 0;
    if (n_bytes > size)
        return BPFLAB_E_RANGE;
    if (pt->opaque)
        size = (uint32_t)n_bytes;
    enum bpflab_err err = prog_type == PROG_raw ? BPFLAB_OK : net_state_begin(w);
    if (err)
        return err;
    const uint32_t old = w->st.ctx_bytes > size ? w->st.ctx_bytes : size;
    const bool same = w->st.ctx_type == prog_type && w->st.ctx_bytes == size;
    memset(ctx_host(w, 0), 0, old);
    if (!same) /* else its access is as it was */
        memset(w->shadow + WORLD_CTX_OFF, 0, old);
    w->st.ctx_type = prog_type;
    w->st.ctx_bytes = size;
    *r1 = prog_type == PROG_raw ? 0 : world_addr(WORLD_CTX_OFF);
    if (prog_type == PROG_raw)
        return BPFLAB_OK;

    const struct net_env *env = net_env_of(w);
    struct fill f = {.w = w, .pt = pt, .env = env, .in = &env->in, .st = net_state_of(w)};
    const bool known = prog_type < sizeof fillers / sizeof fillers[0];
    if (pt->packet)
        pull_headers(&f);
    if (known && fillers[prog_type].fill)
        fillers[prog_type].fill(&f);
    if (bytes && pt->opaque)
        memcpy(ctx_host(w, 0), bytes, n_bytes);
    else if (bytes)
        overlay(&f, bytes, n_bytes);
    if (known && fillers[prog_type].derive)
        fillers[prog_type].derive(&f);
    if (!same)
        set_access(w, pt, size);
    if (pt->packet)
        net_pkt_changed(w);
    return BPFLAB_OK;
}

/* slow_field: the field at a context address that the type may access so, NULL if there is none. */
static const struct ctx_field *slow_field(const struct world *w, uint64_t addr, unsigned size,
                                          bool write) {
    uint64_t off = world_off(addr) - WORLD_CTX_OFF;
    const struct progtype *pt = progtype_of(w->st.ctx_type);
    if (!pt || off >= w->st.ctx_bytes || !progtype_access(pt, -1, (uint32_t)off, size, write))
        return NULL;
    return progtype_field(pt, (uint32_t)off);
}

/* sock_port: on big-endian machines, the 4-byte load of a socket image's dst_port. */
static bool sock_port(struct world *w, uint64_t addr, unsigned size, uint64_t *value) {
    if (!w->cfg.big_endian || size != 4 || net_sock_index(w, addr - CTX_sock_dst_port) < 0 ||
        !world_check(w, addr, 2, WORLD_READ))
        return false;
    *value = world_get16(w, w->mem + world_off(addr));
    return true;
}

bool ctx_load(struct world *w, uint64_t addr, unsigned size_bytes, uint64_t *value) {
    const struct ctx_field *f = slow_field(w, addr, size_bytes, false);
    const struct world_packet *p = &w->st.pkt;
    if (!f)
        return sock_port(w, addr, size_bytes, value);
    switch (f->kind) {
    case CTX_PKT_DATA: *value = world_addr(WORLD_PKT_OFF + p->data); return true;
    case CTX_PKT_END: *value = world_addr(WORLD_PKT_OFF + p->end); return true;
    case CTX_PKT_META: *value = world_addr(WORLD_PKT_OFF + p->meta); return true;
    default:
        if (!(f->flags & CTX_F_PAD) || size_bytes != 4 || !w->cfg.big_endian)
            return false;
        *value = world_get16(w, w->mem + world_off(addr));
        return true;
    }
}

bool ctx_store(struct world *w, uint64_t addr, unsigned size_bytes, uint64_t value) {
    const struct ctx_field *f = slow_field(w, addr, size_bytes, true);
    if (!f || (f->kind != CTX_U16 && f->kind != CTX_QUEUE))
        return false;
    if (f->kind == CTX_U16 || value < 0xffff)
        ctx_put32(w, f->off, value & 0xffff);
    return true;
}

void ctx_packet_moved(struct world *w) {
    const struct world_packet *p = &w->st.pkt;
    const uint64_t data = world_addr(WORLD_PKT_OFF + p->data);
    const uint64_t end = world_addr(WORLD_PKT_OFF + p->end);
    switch (w->st.ctx_type) {
    case PROG_sk_msg:
        world_put64(w, ctx_host(w, CTX_sk_msg_data), data);
        world_put64(w, ctx_host(w, CTX_sk_msg_data_end), end);
        ctx_put32(w, CTX_sk_msg_size, p->end - p->data);
        break;
    case PROG_sk_reuseport:
        world_put64(w, ctx_host(w, CTX_sk_reuseport_data), data);
        world_put64(w, ctx_host(w, CTX_sk_reuseport_data_end), end);
        ctx_put32(w, CTX_sk_reuseport_len, p->end - p->data);
        break;
    case PROG_sock_ops:
        world_put64(w, ctx_host(w, CTX_sock_ops_skb_data), data);
        world_put64(w, ctx_host(w, CTX_sock_ops_skb_data_end), end);
        break;
    default:
        if (net_has_skb(w))
            ctx_put32(w, CTX_sk_buff_len, p->end - p->data);
    }
}

bool ctx_ld_abs(struct world *w, int64_t off, unsigned size_bytes, uint64_t *value) {
    enum {
        NET_OFF = -0x100000,
        LL_OFF = -0x200000
    };
    const struct world_packet *p = &w->st.pkt;
    const struct net_state *st = net_state_of(w);
    int64_t at = (int32_t)off; /* Linux's offset is an int */
    if (at >= 0)
        at += p->data;
    else if (at >= NET_OFF)
        at += (st ? st->network : (int32_t)p->data) - NET_OFF;
    else if (at >= LL_OFF)
        at += (st ? st->mac : (int32_t)p->data) - LL_OFF;
    else
        return false;
    if (at < p->hard_start || at + size_bytes > p->end)
        return false;
    uint64_t v = 0;
    for (unsigned i = 0; i < size_bytes; i++)
        v = v << 8 | *net_pkt(w, (uint32_t)at + i);
    *value = v;
    return true;
}

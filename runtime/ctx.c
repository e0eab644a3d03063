/* ctx.c: contexts at run time: their set-up (what is in them: ctxfill.c), their access, and the
 * loads and stores that are not what they look like.
 */
#include "runtime/ctx.h"

#include "runtime/ctxfill.h"

/* pull_headers: let the packet begin where the type sees it begin; the headers before it stay in
 * the headroom. */
static void pull_headers(struct ctx_fill *f) {
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

/* ensure_sock: a type whose context always has a socket gets one, whatever the table says. */
static void ensure_sock(const struct ctx_fill *f) {
    if (f->st->sk >= 0)
        return;
    for (uint32_t i = 0; i < f->pt->n_fields; i++)
        if (f->pt->fields[i].kind == CTX_SOCK)
            f->st->sk = (int32_t)f->env->n_socks;
}

/* overlay: the caller's bytes over the scalar fields. */
static void overlay(const struct ctx_fill *f, const uint8_t *bytes, size_t n_bytes) {
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
    struct ctx_fill f = {.w = w, .pt = pt, .env = env, .in = &env->in, .st = net_state_of(w)};
    const struct ctx_filler *const filler = ctx_filler_of(prog_type);
    ensure_sock(&f);
    if (pt->packet)
        pull_headers(&f);
    if (filler->fill)
        filler->fill(&f);
    if (bytes && pt->opaque)
        memcpy(ctx_host(w, 0), bytes, n_bytes);
    else if (bytes)
        overlay(&f, bytes, n_bytes);
    if (filler->derive)
        filler->derive(&f);
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

/* nettcpopt.c: TCP header options and callback flags of sock_ops programs. */
#include "runtime/helper/net.h"

enum {
    OPT_EOL = 0,
    OPT_NOP = 1,
    OPT_EXP_253 = 253,
    OPT_EXP_254 = 254,
    TCP_BYTES = 20,
    TCP_OPTS_MAX = 40
};
enum {
    OPS_HDR_OPT_LEN = 14,
    OPS_WRITE_HDR_OPT = 15
};
enum {
    CB_FLAGS_ALL = 0x7f,
    LOAD_SYN = 1
};

uint64_t helper_sock_ops_cb_flags_set(uint64_t ctx, uint64_t value, uint64_t r3, uint64_t r4,
                                      uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    const struct net_state *st = arg_net(w, ctx);
    if (!st)
        return 0;
    if (st->sk < 0 || !net_sock_full(net_sock_of(w, st->sk)) ||
        !ctx_get32(w, CTX_sock_ops_is_fullsock))
        return helper_err(LX_EINVAL);
    net_sock_private(w, st->sk)->cb_flags = (uint32_t)value & CB_FLAGS_ALL;
    ctx_put32(w, CTX_sock_ops_bpf_sock_ops_cb_flags, (uint32_t)value & CB_FLAGS_ALL);
    return arg_int((int32_t)((uint32_t)value & ~(uint32_t)CB_FLAGS_ALL));
}

/* struct wanted: an option looked for: its kind and, of experimental ones, the first bytes. */
struct wanted {
    uint8_t kind, n_magic;
    const uint8_t *magic;
};

/* search: the option in [op, end).
 * out: NULL and *err: -EFAULT (broken), -ENOMSG (none); *eol: the list is ended. */
static const uint8_t *search(const uint8_t *op, const uint8_t *end, struct wanted want, int *err,
                             bool *eol) {
    *eol = false;
    *err = -LX_ENOMSG;
    while (op < end) {
        if (op[0] == OPT_EOL) {
            *eol = true;
            return NULL;
        }
        if (op[0] == OPT_NOP) {
            op++;
            continue;
        }
        if (end - op < 2 || op[1] < 2 || end - op < op[1]) {
            *err = -LX_EFAULT;
            return NULL;
        }
        if (op[0] == want.kind) {
            if (want.n_magic > op[1] - 2)
                return NULL;
            if (!want.n_magic || !memcmp(op + 2, want.magic, want.n_magic))
                return op;
        }
        op += op[1];
    }
    return NULL;
}

static bool experimental(uint8_t kind) {
    return kind == OPT_EXP_253 || kind == OPT_EXP_254;
}

/* has_header: is there a TCP header behind skb_data? */
static bool has_header(const struct world *w) {
    return ctx_get32(w, CTX_sock_ops_skb_len) && net_pkt_len(w) >= TCP_BYTES;
}

/* options: the first of the header, and where they end: with the packet, which is the header. */
static const uint8_t *options(const struct world *w, const uint8_t **end) {
    *end = net_pkt(w, w->st.pkt.end);
    return net_pkt(w, w->st.pkt.data) + TCP_BYTES;
}

/* load_check: is this search, in a buffer of len bytes, one that Linux takes? */
static bool load_check(const uint8_t *in, uint32_t len, uint64_t flags) {
    if (len < 2 || flags & ~(uint64_t)LOAD_SYN)
        return false;
    if (in[1] > len || in[0] == OPT_NOP || in[0] == OPT_EOL)
        return false;
    return experimental(in[0]) ? in[1] == 4 || in[1] == 6 : !in[1];
}

uint64_t helper_load_hdr_opt(uint64_t ctx, uint64_t result, uint64_t len_arg, uint64_t flags,
                             uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const uint32_t len = (uint32_t)len_arg;
    uint8_t *out = arg_net(w, ctx) ? world_ptr(w, result, len, WORLD_RW) : NULL;
    const uint8_t *end;
    int err;
    bool eol;
    if (!out)
        return 0;
    if (!load_check(out, len, flags))
        return helper_err(LX_EINVAL);
    if (flags & LOAD_SYN)
        return helper_err(LX_ENOENT); /* no SYN was saved */
    if (!has_header(w) || ctx_get32(w, CTX_sock_ops_op) == OPS_HDR_OPT_LEN)
        return helper_err(LX_EPERM);
    uint8_t magic[4];
    struct wanted want = {.kind = out[0], .magic = magic};
    if (experimental(out[0])) {
        want.n_magic = (uint8_t)(out[1] - 2);
        memcpy(magic, out + 2, want.n_magic);
    }
    const uint8_t *op = options(w, &end);
    op = search(op, end, want, &err, &eol);
    if (!op)
        return arg_int(err);
    const uint32_t n = op[1];
    memmove(out, op, n < len ? n : len);
    return n > len ? helper_err(LX_ENOSPC) : n;
}

/* remaining: bytes of options that may still be added: a header has 40, less those it has and
 * those reserved. */
static uint32_t remaining(const struct world *w, const struct net_state *st) {
    const uint32_t used = has_header(w) ? net_pkt_len(w) - TCP_BYTES : 0;
    return used + st->hdr_reserved < TCP_OPTS_MAX ? TCP_OPTS_MAX - used - st->hdr_reserved : 0;
}

/* store_check: as load_check, for an option to be stored. */
static int store_check(const struct world *w, const struct net_state *st, const uint8_t *in,
                       uint32_t len, uint64_t flags) {
    if (ctx_get32(w, CTX_sock_ops_op) != OPS_WRITE_HDR_OPT || !has_header(w))
        return -LX_EPERM;
    if (len < 2 || flags)
        return -LX_EINVAL;
    if (in[1] > len || in[0] == OPT_NOP || in[0] == OPT_EOL)
        return -LX_EINVAL;
    if (in[1] > remaining(w, st))
        return -LX_ENOSPC;
    return experimental(in[0]) && in[1] < 4 ? -LX_EINVAL : 0;
}

uint64_t helper_store_hdr_opt(uint64_t ctx, uint64_t from, uint64_t len_arg, uint64_t flags,
                              uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const uint32_t len = (uint32_t)len_arg;
    const struct net_state *st = arg_net(w, ctx);
    const uint8_t *in = st ? arg_read(w, from, len) : NULL;
    const uint8_t *end;
    bool eol;
    if (!in)
        return 0;
    int err = store_check(w, st, in, len, flags);
    if (err)
        return arg_int(err);
    struct wanted want = {.kind = in[0], .n_magic = experimental(in[0]) ? 2 : 0, .magic = in + 2};
    const uint8_t *op = options(w, &end);
    if (search(op, end, want, &err, &eol))
        return helper_err(LX_EEXIST);
    if (err != -LX_ENOMSG)
        return arg_int(err);
    if (eol || w->st.pkt.limit - w->st.pkt.end < in[1])
        return helper_err(LX_ENOSPC);
    const uint32_t n = in[1];
    memmove(net_pkt(w, w->st.pkt.end), in, n);
    w->st.pkt.end += n;
    net_pkt_changed(w);
    return 0;
}

uint64_t helper_reserve_hdr_opt(uint64_t ctx, uint64_t len_arg, uint64_t flags, uint64_t r4,
                                uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const uint32_t len = (uint32_t)len_arg;
    struct net_state *st = arg_net(w, ctx);
    if (!st)
        return 0;
    if (ctx_get32(w, CTX_sock_ops_op) != OPS_HDR_OPT_LEN)
        return helper_err(LX_EPERM);
    if (flags || len < 2)
        return helper_err(LX_EINVAL);
    if (len > remaining(w, st))
        return helper_err(LX_ENOSPC);
    st->hdr_reserved += len;
    return 0;
}

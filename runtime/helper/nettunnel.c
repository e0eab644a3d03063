/* nettunnel.c: the metadata of tunnels, and encapsulation by lightweight tunnels. */
#include "runtime/helper/net.h"

/* struct bpf_tunnel_key: offsets, and the sizes that older programs know it with. */
enum {
    KEY_ID = 0,
    KEY_REMOTE = 4,
    KEY_TOS = 20,
    KEY_TTL = 21,
    KEY_EXT = 22,
    KEY_LABEL = 24,
    KEY_LOCAL = 28,
    KEY_BYTES = 44,
    KEY_BYTES_V4 = 8,
};
enum tunnel_flag {
    TUN_IPV6 = 1 << 0,
    TUN_ZERO_CSUM = 1 << 1,
    TUN_DONT_FRAGMENT = 1 << 2,
    TUN_SEQ_NUMBER = 1 << 3,
    TUN_NO_KEY = 1 << 4, /* of set */
    TUN_FLAGS = 1 << 4,  /* of get */
};
/* tunnel_flags of the key, IP_TUNNEL_*_BIT as 16-bit mask */
enum {
    KEY_F_CSUM = 1 << 0,
    KEY_F_KEY = 1 << 2,
    KEY_F_SEQ = 1 << 3,
    KEY_F_DF = 1 << 8,
    KEY_F_NOCACHE = 1 << 13
};
enum {
    TUNNEL_OPTS_MAX = 255,
    HEADROOM_MAX = 256
};

static bool old_size(uint32_t size) {
    return size == KEY_LOCAL || size == KEY_LABEL || size == KEY_EXT || size == KEY_BYTES_V4;
}

/* put_addr: IPv4 addresses are numbers, IPv6 ones bytes. */
static void put_addr(const struct world *w, uint8_t *to, const uint8_t *addr, bool ipv6) {
    if (ipv6)
        memcpy(to, addr, 16);
    else
        world_put32(w, to, net_get32(addr));
}

static void get_addr(const struct world *w, uint8_t *addr, const uint8_t *from, bool ipv6) {
    if (ipv6)
        memcpy(addr, from, 16);
    else
        net_put32(addr, world_get32(w, from));
}

/* get_check: may this key be had in a buffer of size bytes?
 * out: 0 or the error. */
static int get_check(const struct net_state *st, uint32_t size, uint64_t flags) {
    const struct net_tunnel *t = &st->tunnel;
    if (!t->present || flags & ~(uint64_t)(TUN_IPV6 | TUN_FLAGS))
        return -LX_EINVAL;
    if (t->ipv6 != !!(flags & TUN_IPV6))
        return -LX_EPROTO;
    if (size != KEY_BYTES && !old_size(size))
        return -LX_EINVAL;
    return size == KEY_BYTES_V4 && t->ipv6 ? -LX_EINVAL : 0;
}

uint64_t helper_skb_get_tunnel_key(uint64_t skb, uint64_t to, uint64_t size_arg, uint64_t flags,
                                   uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const struct net_state *st = arg_skb(w, skb);
    const uint32_t size = (uint32_t)size_arg;
    uint8_t *out = st ? arg_write(w, to, size) : NULL;
    if (!out)
        return 0;
    memset(out, 0, size);
    int err = get_check(st, size, flags);
    if (err)
        return arg_int(err);
    const struct net_tunnel *t = &st->tunnel;
    uint8_t key[KEY_BYTES] = {0};
    world_put32(w, key + KEY_ID, (uint32_t)t->id);
    key[KEY_TOS] = t->tos;
    key[KEY_TTL] = t->ttl;
    if (flags & TUN_FLAGS)
        net_put16(key + KEY_EXT, t->flags);
    /* remote is the source of a packet received: of one to be sent that is our end */
    put_addr(w, key + KEY_REMOTE, st->tunnel_tx ? t->local : t->remote, t->ipv6);
    put_addr(w, key + KEY_LOCAL, st->tunnel_tx ? t->remote : t->local, t->ipv6);
    if (t->ipv6)
        world_put32(w, key + KEY_LABEL, t->label);
    memcpy(out, key, size);
    return 0;
}

uint64_t helper_skb_set_tunnel_key(uint64_t skb, uint64_t from, uint64_t size_arg, uint64_t flags,
                                   uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    struct net_state *st = arg_skb(w, skb);
    const uint32_t size = (uint32_t)size_arg;
    const uint8_t *in = st ? arg_read(w, from, size) : NULL;
    uint8_t key[KEY_BYTES] = {0};
    if (!in)
        return 0;
    if (flags &
        ~(uint64_t)(TUN_IPV6 | TUN_ZERO_CSUM | TUN_DONT_FRAGMENT | TUN_SEQ_NUMBER | TUN_NO_KEY))
        return helper_err(LX_EINVAL);
    if (size != KEY_BYTES && !old_size(size))
        return helper_err(LX_EINVAL);
    memcpy(key, in, size);
    const bool ipv6 = flags & TUN_IPV6;
    const uint32_t label = world_get32(w, key + KEY_LABEL);
    if ((!ipv6 && label) || world_get16(w, key + KEY_EXT))
        return helper_err(LX_EINVAL);
    struct net_tunnel *t = &st->tunnel;
    memset(t, 0, sizeof *t);
    t->present = true;
    t->ipv6 = ipv6;
    t->id = world_get32(w, key + KEY_ID);
    t->tos = key[KEY_TOS];
    t->ttl = key[KEY_TTL];
    t->label = ipv6 ? label & 0xfffff : 0;
    t->flags =
        (uint16_t)(KEY_F_NOCACHE | (flags & TUN_ZERO_CSUM ? 0 : KEY_F_CSUM) |
                   (flags & TUN_DONT_FRAGMENT ? KEY_F_DF : 0) |
                   (flags & TUN_SEQ_NUMBER ? KEY_F_SEQ : 0) | (flags & TUN_NO_KEY ? 0 : KEY_F_KEY));
    get_addr(w, t->remote, key + KEY_REMOTE, ipv6);
    get_addr(w, t->local, key + KEY_LOCAL, ipv6);
    st->tunnel_tx = true;
    return 0;
}

uint64_t helper_skb_get_tunnel_opt(uint64_t skb, uint64_t to, uint64_t size_arg, uint64_t r4,
                                   uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const struct net_state *st = arg_skb(w, skb);
    const uint32_t size = (uint32_t)size_arg;
    uint8_t *out = st ? arg_write(w, to, size) : NULL;
    if (!out)
        return 0;
    memset(out, 0, size);
    const struct net_tunnel *t = &st->tunnel;
    if (!t->present || !t->n_opts)
        return helper_err(LX_ENOENT);
    if (size < t->n_opts)
        return helper_err(LX_ENOMEM);
    memcpy(out, t->opts, t->n_opts);
    return t->n_opts;
}

uint64_t helper_skb_set_tunnel_opt(uint64_t skb, uint64_t from, uint64_t size_arg, uint64_t r4,
                                   uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct net_state *st = arg_skb(w, skb);
    const uint32_t size = (uint32_t)size_arg;
    const uint8_t *in = st ? arg_read(w, from, size) : NULL;
    if (!in)
        return 0;
    if (!st->tunnel_tx || size & 3)
        return helper_err(LX_EINVAL);
    if (size > TUNNEL_OPTS_MAX)
        return helper_err(LX_ENOMEM);
    memcpy(st->tunnel.opts, in, size);
    st->tunnel.n_opts = size;
    return 0;
}

/* encap_check: is this an IP header (with UDP's, if it says so) of at most len bytes?
 * out: its length, 0: no. */
static uint32_t encap_check(const uint8_t *h, uint32_t len) {
    uint32_t bytes = 0;
    uint8_t next = 0;
    if (len < IP4_BYTES || len > HEADROOM_MAX)
        return 0;
    if (h[0] >> 4 == 4) {
        bytes = (h[0] & 15) * 4u;
        next = h[9];
    } else if (h[0] >> 4 == 6) {
        bytes = IP6_BYTES;
        next = h[6];
    }
    if (!bytes || len < bytes || (next == NET_UDP && len < bytes + 8))
        return 0;
    return bytes;
}

uint64_t helper_lwt_push_encap(uint64_t skb, uint64_t type, uint64_t from, uint64_t len_arg,
                               uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    enum {
        ENCAP_IP = 2
    };
    struct net_state *st = arg_skb(w, skb);
    const uint32_t len = (uint32_t)len_arg;
    const uint8_t *in = st ? arg_read(w, from, len) : NULL;
    if (!in)
        return 0;
    const uint32_t bytes = encap_check(in, len);
    if ((uint32_t)type != ENCAP_IP || !bytes)
        return helper_err(LX_EINVAL);
    uint8_t header[HEADROOM_MAX];
    memcpy(header, in, len);
    if (!skb_push(w, len))
        return helper_err(LX_ENOMEM);
    const bool v4 = header[0] >> 4 == 4;
    uint8_t *p = net_pkt(w, w->st.pkt.data);
    memcpy(p, header, len);
    st->encapsulation = 1;
    st->network = (int32_t)w->st.pkt.data;
    if (header[v4 ? 9 : 6] == NET_UDP)
        st->transport = st->network + (int32_t)bytes;
    if (w->st.ctx_type == PROG_lwt_in)
        skb_sum_in(w, st, w->st.pkt.data, len);
    skb_clear_hash(w);
    skb_set_proto(w, v4 ? ETH_IP : ETH_IPV6);
    if (v4 && !world_get16(w, p + 10))
        world_put16(w, p + 10, csum_fold(csum_partial(w, p, bytes, 0)));
    net_pkt_changed(w);
    return 0;
}

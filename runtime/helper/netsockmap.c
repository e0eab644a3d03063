/* netsockmap.c: sockets in maps: redirecting to them, choosing among them, putting them there;
 * and storage of a socket's own. */
#include "runtime/helper/net.h"
#include "runtime/map/redirect.h"
#include "runtime/map/storage.h"

enum {
    SK_DROP,
    SK_PASS
};
enum {
    OPS_ACTIVE_ESTABLISHED = 4,
    OPS_PASSIVE_ESTABLISHED = 5,
    OPS_TCP_LISTEN = 11
};

/* socks: the map argument, if it is of one of two types; NULL and a trap otherwise. */
static struct map *socks(struct world *w, uint64_t addr, uint32_t type, uint32_t other) {
    struct map *m = arg_map(w, addr);
    if (m && m->def.type != type && m->def.type != other) {
        world_trap(w, RUN_TRAP_MEMORY, addr);
        return NULL;
    }
    return m;
}

static bool redirectable(const struct net_sock *s) {
    return s->protocol == NET_TCP ? s->state != TCP_LISTEN : s->state == TCP_ESTABLISHED;
}

/* redirect: to the socket under a key, if it can take data. msg: only TCP sockets send messages
 * out. */
static uint64_t redirect(struct world *w, struct map *m, const void *key, uint64_t flags,
                         bool msg) {
    if (flags & ~(uint64_t)F_INGRESS)
        return SK_DROP;
    const uint64_t number = map_sock_at(w, m, key);
    const int32_t i = number ? net_sock_numbered(w, number) : NET_NONE;
    if (i < 0 || !redirectable(net_sock_of(w, i)))
        return SK_DROP;
    if (msg && !(flags & F_INGRESS) && net_sock_of(w, i)->protocol != NET_TCP)
        return SK_DROP;
    w->st.redirect.kind = REDIRECT_SOCK;
    w->st.redirect.ifindex = 0;
    w->st.redirect.map_id = m->id;
    w->st.redirect.key = (uint32_t)number;
    w->st.redirect.flags = (uint32_t)flags;
    return SK_PASS;
}

static uint64_t redirect_map(struct world *w, uint64_t ctx, uint64_t map, uint64_t key,
                             uint64_t flags, bool msg) {
    uint8_t k[4];
    struct map *m = arg_net(w, ctx) ? socks(w, map, MAP_sockmap, MAP_sockmap) : NULL;
    if (!m)
        return 0;
    world_put32(w, k, (uint32_t)key);
    return redirect(w, m, k, flags, msg);
}

static uint64_t redirect_hash(struct world *w, uint64_t ctx, uint64_t map, uint64_t key,
                              uint64_t flags, bool msg) {
    struct map *m = arg_net(w, ctx) ? socks(w, map, MAP_sockhash, MAP_sockhash) : NULL;
    const void *k = m ? arg_read(w, key, m->def.key_size) : NULL;
    return k ? redirect(w, m, k, flags, msg) : 0;
}

uint64_t helper_sk_redirect_map(uint64_t skb, uint64_t map, uint64_t key, uint64_t flags,
                                uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    return redirect_map(w, skb, map, key, flags, false);
}

uint64_t helper_sk_redirect_hash(uint64_t skb, uint64_t map, uint64_t key, uint64_t flags,
                                 uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    return redirect_hash(w, skb, map, key, flags, false);
}

uint64_t helper_msg_redirect_map(uint64_t msg, uint64_t map, uint64_t key, uint64_t flags,
                                 uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    return redirect_map(w, msg, map, key, flags, true);
}

uint64_t helper_msg_redirect_hash(uint64_t msg, uint64_t map, uint64_t key, uint64_t flags,
                                  uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    return redirect_hash(w, msg, map, key, flags, true);
}

/* update: the context's socket under a key, at the moments when its connection stands. */
static uint64_t update(struct world *w, uint64_t ctx, uint64_t map, uint32_t type, uint64_t key,
                       uint64_t flags) {
    const struct net_state *st = arg_net(w, ctx);
    struct map *m = st ? socks(w, map, type, type) : NULL;
    const void *k = m ? arg_read(w, key, m->def.key_size) : NULL;
    if (!k)
        return 0;
    const uint32_t op = ctx_get32(w, CTX_sock_ops_op);
    if (st->sk < 0 ||
        (op != OPS_ACTIVE_ESTABLISHED && op != OPS_PASSIVE_ESTABLISHED && op != OPS_TCP_LISTEN))
        return helper_err(LX_EOPNOTSUPP);
    return arg_int(map_sock_put(w, m, k, net_sock_number(w, st->sk), flags));
}

uint64_t helper_sock_map_update(uint64_t ctx, uint64_t map, uint64_t key, uint64_t flags,
                                uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    return update(w, ctx, map, MAP_sockmap, key, flags);
}

uint64_t helper_sock_hash_update(uint64_t ctx, uint64_t map, uint64_t key, uint64_t flags,
                                 uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    return update(w, ctx, map, MAP_sockhash, key, flags);
}

uint64_t helper_sk_select_reuseport(uint64_t ctx, uint64_t map, uint64_t key, uint64_t flags,
                                    uint64_t r5, struct world *w) {
    HELPER_UNUSED2(flags, r5); /* Linux ignores them */
    struct net_state *st = arg_net(w, ctx);
    struct map *m = st ? arg_map(w, map) : NULL;
    if (m && !map_has_socks(m)) {
        world_trap(w, RUN_TRAP_MEMORY, map);
        return 0;
    }
    const void *k = m ? arg_read(w, key, m->def.key_size) : NULL;
    if (!k)
        return 0;
    const uint64_t number = map_sock_at(w, m, k);
    const int32_t i = number ? net_sock_numbered(w, number) : NET_NONE;
    if (i < 0)
        return helper_err(LX_ENOENT);
    const struct net_sock *s = net_sock_of(w, i);
    const struct net_sock *own = st->sk >= 0 ? net_sock_of(w, st->sk) : NULL;
    if (!s->reuseport_group)
        return helper_err(m->def.type == MAP_reuseport_sockarray ? LX_ENOENT : LX_EINVAL);
    if (own && own->reuseport_group != s->reuseport_group) {
        if (own->protocol != s->protocol)
            return helper_err(LX_EPROTOTYPE);
        return helper_err(own->family != s->family ? LX_EAFNOSUPPORT : LX_EBADFD);
    }
    st->selected = i;
    return 0;
}

uint64_t helper_sk_storage_get(uint64_t map, uint64_t sk, uint64_t value, uint64_t flags,
                               uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    enum {
        CREATE = 1
    };
    struct map *m = arg_map_of(w, map, MAP_sk_storage);
    const void *init = m && value ? arg_read(w, value, m->def.value_size) : NULL;
    const int32_t i = m ? arg_sock(w, sk) : NET_NONE;
    if (i < 0 || (value && !init) || flags & ~(uint64_t)CREATE || !net_sock_full(net_sock_of(w, i)))
        return 0;
    const uint64_t off = storage_get(w, m, net_sock_number(w, i), flags & CREATE, init);
    return off ? world_addr(off) : 0;
}

uint64_t helper_sk_storage_delete(uint64_t map, uint64_t sk, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    struct map *m = arg_map_of(w, map, MAP_sk_storage);
    if (!m)
        return 0;
    const int32_t i = arg_sock(w, sk);
    if (i < 0 || !net_sock_full(net_sock_of(w, i)))
        return helper_err(LX_EINVAL);
    return arg_int(storage_delete(w, m, net_sock_number(w, i)));
}

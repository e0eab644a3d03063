/* netenv.c: the network table: making it, and looking things up in it. */
#include "runtime/netenv.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/env.h"
#include "runtime/world.h"

enum {
    TABLE_MAX = 1024,
    SOCKS_MAX = 256
};

static const struct net_dev default_devs[] = {
    {.ifindex = 1, .mtu = 65536, .link_header_bytes = 14, .up = true, .forwarding = true},
    {.ifindex = 2,
     .mtu = 1500,
     .link_header_bytes = 14,
     .mac = {0x02, 0, 0, 0, 0, 0x02},
     .up = true,
     .forwarding = true},
};

#define DEFAULT_INPUT                                                                              \
    {                                                                                              \
        .ifindex = 2, .ingress_ifindex = 2, .sk = NET_NONE, .migrating_sk = NET_NONE, .addr = {    \
            .family = NET_AF_INET,                                                                 \
            .protocol = NET_TCP,                                                                   \
            .type = NET_SOCK_STREAM                                                                \
        }                                                                                          \
    }

/* What a world without a table answers from; never written. */
static const struct net_env default_env = {
    .devs = (struct net_dev *)(uintptr_t)default_devs,
    .n_devs = sizeof default_devs / sizeof default_devs[0],
    .netns_cookie = 1,
    .in = DEFAULT_INPUT,
};

const struct net_sock *net_env_sock(const struct net_env *e, int32_t i) {
    static const struct net_sock fresh = {.family = NET_AF_INET,
                                          .type = NET_SOCK_STREAM,
                                          .protocol = NET_TCP,
                                          .state = TCP_CLOSE,
                                          .rx_queue = NET_NONE,
                                          .listener = NET_NONE};
    return (uint32_t)i < e->n_socks ? &e->socks[i] : &fresh;
}

struct net_env *net_env_new(void) {
    struct net_env *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->netns_cookie = default_env.netns_cookie;
    e->in = default_env.in;
    for (uint32_t i = 0; i < default_env.n_devs; i++)
        if (net_env_add_dev(e, &default_devs[i]) < 0) {
            net_env_free(e);
            return NULL;
        }
    return e;
}

void net_env_free(struct net_env *e) {
    if (!e)
        return;
    free(e->devs);
    free(e->routes);
    free(e->neighs);
    free(e->socks);
    free(e);
}

/* append: grow an array of *n items of size bytes by one copy of item. */
static int32_t append(void **items, uint32_t *n, size_t size, const void *item, uint32_t max) {
    if (*n >= max)
        return NET_NONE;
    char *grown = realloc(*items, (*n + 1) * size);
    if (!grown)
        return NET_NONE;
    memcpy(grown + *n * size, item, size);
    *items = grown;
    return (int32_t)(*n)++;
}

#define ADD(what, type, list, max)                                                                 \
    int32_t net_env_add_##what(struct net_env *e, const struct type *item) {                       \
        void *items = e->list;                                                                     \
        int32_t at = append(&items, &e->n_##list, sizeof *item, item, max);                        \
        e->list = items;                                                                           \
        return at;                                                                                 \
    }
ADD(dev, net_dev, devs, TABLE_MAX)
ADD(route, net_route, routes, TABLE_MAX)
ADD(neigh, net_neigh, neighs, TABLE_MAX)
ADD(sock, net_sock, socks, SOCKS_MAX)

const struct net_env *net_env_of(const struct world *w) {
    return w->env && w->env->net ? w->env->net : &default_env;
}

const struct net_dev *net_dev_find(const struct net_env *e, uint32_t ifindex) {
    for (uint32_t i = 0; i < e->n_devs; i++)
        if (e->devs[i].ifindex == ifindex)
            return &e->devs[i];
    return NULL;
}

static bool prefix_matches(const uint8_t *a, const uint8_t *b, uint32_t bits) {
    uint32_t bytes = bits / 8, rest = bits % 8;
    if (memcmp(a, b, bytes))
        return false;
    return !rest || !((a[bytes] ^ b[bytes]) >> (8 - rest));
}

/* in_table: is a route of table own found by a lookup in table? 0 is main, and as a lookup's table
 * what Linux's rules search where nobody changed them: local, main and default. */
static bool in_table(uint32_t own, uint32_t table) {
    if (!own)
        own = NET_TABLE_MAIN;
    return table ? own == table : own >= NET_TABLE_MAIN - 1 && own <= NET_TABLE_MAIN + 1;
}

const struct net_route *net_route_find(const struct net_env *e, uint8_t family, const uint8_t *dst,
                                       uint32_t table, uint32_t mark, uint32_t oif) {
    const struct net_route *best = NULL;
    for (uint32_t i = 0; i < e->n_routes; i++) {
        const struct net_route *r = &e->routes[i];
        if (r->family != family || r->prefix_len > net_addr_bytes(family) * 8)
            continue;
        if (!in_table(r->table, table))
            continue;
        if ((r->mark && r->mark != mark) || (oif && r->ifindex != oif))
            continue;
        if (!prefix_matches(r->dst, dst, r->prefix_len))
            continue;
        if (!best || r->prefix_len > best->prefix_len ||
            (r->prefix_len == best->prefix_len && r->metric < best->metric))
            best = r;
    }
    return best;
}

bool net_table_exists(const struct net_env *e, uint8_t family, uint32_t table) {
    if (table == NET_TABLE_MAIN)
        return true;
    for (uint32_t i = 0; i < e->n_routes; i++)
        if (e->routes[i].family == family && e->routes[i].table == table)
            return true;
    return false;
}

const struct net_neigh *net_neigh_find(const struct net_env *e, uint8_t family, uint32_t ifindex,
                                       const uint8_t *addr) {
    for (uint32_t i = 0; i < e->n_neighs; i++) {
        const struct net_neigh *n = &e->neighs[i];
        if (n->family == family && n->ifindex == ifindex &&
            !memcmp(n->addr, addr, net_addr_bytes(family)))
            return n;
    }
    return NULL;
}

static bool addr_any(const uint8_t *a, uint8_t family) {
    static const uint8_t zero[16];
    return !memcmp(a, zero, net_addr_bytes(family));
}

/* score: how well a socket fits a packet: -1 not at all; connected ones above bound ones above
 * wildcards, and an IPv6 wildcard that takes IPv4 packets as well below everything of the
 * packet's own family. */
static int score(const struct net_sock *s, const struct net_tuple *t) {
    if (s->protocol != t->protocol || s->src_port != t->dport)
        return -1;
    if (s->bound_ifindex && s->bound_ifindex != t->ifindex)
        return -1;
    int points = s->bound_ifindex ? 2 : 0;
    if (s->family != t->family) {
        bool dual = s->family == NET_AF_INET6 && t->family == NET_AF_INET && !s->v6only &&
                    addr_any(s->src, NET_AF_INET6) && addr_any(s->dst, NET_AF_INET6) &&
                    (s->state == TCP_LISTEN || s->protocol == NET_UDP);
        return dual ? points : -1;
    }
    uint32_t n = net_addr_bytes(s->family);
    if (!addr_any(s->src, s->family)) {
        if (memcmp(s->src, t->daddr, n))
            return -1;
        points += 4;
    }
    bool connected = s->protocol == NET_TCP ? s->state != TCP_LISTEN : s->dst_port != 0;
    if (connected) {
        if (s->dst_port != t->sport || memcmp(s->dst, t->saddr, n))
            return -1;
        points += 64;
    } else if (s->protocol == NET_TCP && s->state == TCP_CLOSE) {
        return -1;
    }
    return points + 1;
}

int32_t net_sock_find(const struct net_env *e, const struct net_tuple *t) {
    int32_t best = NET_NONE;
    int best_score = -1;
    for (uint32_t i = 0; i < e->n_socks; i++) {
        int s = score(&e->socks[i], t);
        if (s > best_score) {
            best_score = s;
            best = (int32_t)i;
        }
    }
    return best;
}

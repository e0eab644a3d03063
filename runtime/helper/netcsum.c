/* netcsum.c: checksum helpers. All arithmetic is on words in the world's order (netstate.h). */
#include "runtime/helper/net.h"

enum csum_flag {
    CSUM_SIZE_MASK = 0xf,
    CSUM_PSEUDO_HDR = 1 << 4,
    CSUM_MANGLED_0 = 1 << 5,
    CSUM_ENFORCE = 1 << 6,
    CSUM_IPV6 = 1 << 7,
};
enum {
    CSUM_DIFF_MAX = 512,
    CSUM_LEVEL_MAX = 3
};

/* struct change: what is taken out of a sum and what is put in; or their difference. */
struct change {
    uint32_t from, to;
    bool by_diff;
};

/* change_of: from the flags' size field.
 * out: 0, -EINVAL */
static int change_of(uint64_t from, uint64_t to, uint64_t flags, struct change *c) {
    switch (flags & CSUM_SIZE_MASK) {
    case 0: *c = (struct change){0, (uint32_t)to, true}; return from ? -LX_EINVAL : 0;
    case 2: *c = (struct change){(uint16_t)from, (uint16_t)to, false}; return 0;
    case 4: *c = (struct change){(uint32_t)from, (uint32_t)to, false}; return 0;
    default: return -LX_EINVAL;
    }
}

/* replaced: the checksum field old after the change. */
static uint16_t replaced(uint16_t old, const struct change *c) {
    uint32_t sum = c->by_diff ? csum_add(c->to, (uint32_t)~(uint32_t)old)
                              : csum_add(csum_sub(~(uint32_t)old, c->from), c->to);
    return csum_fold(sum);
}

/* replaced2: the same for a 16-bit value, in 16-bit arithmetic, which has the other
 * representation of zero. */
static uint16_t replaced2(uint16_t old, const struct change *c) {
    uint32_t sum = (uint32_t)(uint16_t)~old + (uint16_t)~c->from;
    sum = (sum & 0xffff) + (sum >> 16) + c->to;
    return (uint16_t)~((sum & 0xffff) + (sum >> 16));
}

/* field: the checksum field at offset; NULL: -EFAULT. */
static uint8_t *field(struct world *w, uint64_t offset) {
    const uint32_t off = (uint32_t)offset;
    if (off > UINT16_MAX || off & 1)
        return NULL;
    return net_span(w, (int64_t)w->st.pkt.data + off, 2);
}

uint64_t helper_l3_csum_replace(uint64_t skb, uint64_t offset, uint64_t from, uint64_t to,
                                uint64_t flags, struct world *w) {
    struct change c;
    if (!arg_skb(w, skb))
        return 0;
    if (flags & ~(uint64_t)CSUM_SIZE_MASK)
        return helper_err(LX_EINVAL);
    uint8_t *p = field(w, offset);
    if (!p)
        return helper_err(LX_EFAULT);
    if (change_of(from, to, flags, &c))
        return helper_err(LX_EINVAL);
    const bool two = (flags & CSUM_SIZE_MASK) == 2;
    world_put16(w, p, (two ? replaced2 : replaced)(world_get16(w, p), &c));
    return 0;
}

/* l4_replace: Linux's inet_proto_csum_replace*: a partial checksum (to be finished by the
 * device) covers only the pseudo header, and the sum of a packet checked as a whole moves with
 * it. */
static void l4_replace(struct world *w, struct net_state *st, uint8_t *p, const struct change *c,
                       uint64_t flags) {
    const bool pseudo = flags & CSUM_PSEUDO_HDR;
    const uint16_t old = world_get16(w, p);
    if (st->ip_summed != SUM_PARTIAL) {
        world_put16(w, p, replaced(old, c));
        if (st->ip_summed == SUM_COMPLETE && pseudo && !(c->by_diff && (flags & CSUM_IPV6)))
            st->csum = c->by_diff ? ~csum_add(c->to, ~st->csum)
                                  : ~csum_add(csum_sub(~st->csum, c->from), c->to);
    } else if (pseudo) {
        uint32_t sum = c->by_diff ? csum_add(c->to, old) : csum_add(csum_sub(old, c->from), c->to);
        world_put16(w, p, (uint16_t)~csum_fold(sum));
    }
}

uint64_t helper_l4_csum_replace(uint64_t skb, uint64_t offset, uint64_t from, uint64_t to,
                                uint64_t flags, struct world *w) {
    struct net_state *st = arg_skb(w, skb);
    struct change c;
    if (!st)
        return 0;
    if (flags &
        ~(uint64_t)(CSUM_SIZE_MASK | CSUM_PSEUDO_HDR | CSUM_MANGLED_0 | CSUM_ENFORCE | CSUM_IPV6))
        return helper_err(LX_EINVAL);
    uint8_t *p = field(w, offset);
    if (!p)
        return helper_err(LX_EFAULT);
    if ((flags & CSUM_MANGLED_0) && !(flags & CSUM_ENFORCE) && !world_get16(w, p))
        return 0; /* UDP without a checksum stays so */
    if (change_of(from, to, flags, &c))
        return helper_err(LX_EINVAL);
    l4_replace(w, st, p, &c, flags);
    if ((flags & CSUM_MANGLED_0) && !world_get16(w, p))
        world_put16(w, p, 0xffff);
    return 0;
}

uint64_t helper_csum_diff(uint64_t from, uint64_t from_size, uint64_t to, uint64_t to_size,
                          uint64_t seed, struct world *w) {
    const uint32_t n_from = (uint32_t)from_size, n_to = (uint32_t)to_size;
    uint32_t sum = (uint32_t)seed;
    const uint8_t *a = n_from ? arg_read(w, from, n_from) : NULL;
    const uint8_t *b = n_to ? arg_read(w, to, n_to) : NULL;
    if ((n_from && !a) || (n_to && !b))
        return 0;
    if ((n_from | n_to) & 3 || n_from + n_to > CSUM_DIFF_MAX)
        return helper_err(LX_EINVAL);
    for (uint32_t i = 0; i < n_from; i += 4)
        sum = csum_sub(sum, world_get32(w, a + i));
    return csum_partial(w, b, n_to, sum);
}

uint64_t helper_csum_update(uint64_t skb, uint64_t csum, uint64_t r3, uint64_t r4, uint64_t r5,
                            struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    struct net_state *st = arg_skb(w, skb);
    if (!st)
        return 0;
    if (st->ip_summed != SUM_COMPLETE)
        return helper_err(LX_ENOTSUPP);
    return st->csum = csum_add(st->csum, (uint32_t)csum);
}

uint64_t helper_csum_level(uint64_t skb, uint64_t level, uint64_t r3, uint64_t r4, uint64_t r5,
                           struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    enum {
        QUERY,
        INC,
        DEC,
        RESET
    };
    struct net_state *st = arg_skb(w, skb);
    if (!st)
        return 0;
    const bool unnecessary = st->ip_summed == SUM_UNNECESSARY;
    switch (level) {
    case QUERY: return unnecessary ? st->csum_level : helper_err(LX_EACCES);
    case INC:
        if (unnecessary && st->csum_level < CSUM_LEVEL_MAX) {
            st->csum_level++;
        } else if (st->ip_summed == SUM_NONE) {
            st->ip_summed = SUM_UNNECESSARY;
            st->csum_level = 0;
        }
        return 0;
    case DEC:
        if (unnecessary && st->csum_level)
            st->csum_level--;
        else if (unnecessary)
            st->ip_summed = SUM_NONE;
        return 0;
    case RESET:
        if (unnecessary) {
            st->ip_summed = SUM_NONE;
            st->csum_level = 0;
        }
        return 0;
    default: return helper_err(LX_EINVAL);
    }
}

/* limbs.h: integers of up to TERM_MAX_WIDTH bits: what term.c folds constants with.
 *
 * A value of width w has its bits at and above w zero. Inline, for each is a few instructions.
 */
#ifndef BPFLAB_PROOFS_LIMBS_H
#define BPFLAB_PROOFS_LIMBS_H

#include "proofs/term.h"

struct limbs {
    uint64_t k[TERM_LIMBS];
};

static inline struct limbs limbs_of(uint64_t x) {
    return (struct limbs){{x}};
}

static inline struct limbs limbs_cut(struct limbs a, unsigned w) {
    for (unsigned i = 0; i < TERM_LIMBS; i++) {
        const unsigned at = 64 * i;
        if (w <= at)
            a.k[i] = 0;
        else if (w < at + 64)
            a.k[i] &= (UINT64_C(1) << (w - at)) - 1;
    }
    return a;
}

static inline struct limbs limbs_not(struct limbs a) {
    for (unsigned i = 0; i < TERM_LIMBS; i++)
        a.k[i] = ~a.k[i];
    return a;
}

static inline bool limbs_equal(struct limbs a, struct limbs b) {
    uint64_t d = 0;
    for (unsigned i = 0; i < TERM_LIMBS; i++)
        d |= a.k[i] ^ b.k[i];
    return d == 0;
}

static inline bool limbs_zero(struct limbs a) {
    return limbs_equal(a, limbs_of(0));
}

static inline bool limbs_less(struct limbs a, struct limbs b) {
    for (unsigned i = TERM_LIMBS; i-- > 0;)
        if (a.k[i] != b.k[i])
            return a.k[i] < b.k[i];
    return false;
}

static inline bool limbs_bit(struct limbs a, unsigned n) {
    return (a.k[n / 64] >> n % 64 & 1) != 0;
}

static inline struct limbs limbs_add(struct limbs a, struct limbs b, bool carry) {
    struct limbs r;
    unsigned c = carry;
    for (unsigned i = 0; i < TERM_LIMBS; i++) {
        const uint64_t s = a.k[i] + b.k[i];
        r.k[i] = s + c;
        c = (s < a.k[i]) | (r.k[i] < s);
    }
    return r;
}

static inline struct limbs limbs_sub(struct limbs a, struct limbs b) {
    return limbs_add(a, limbs_not(b), true);
}

/* limbs_shl, limbs_lshr: by any n; TERM_MAX_WIDTH and more give 0. */
static inline struct limbs limbs_shl(struct limbs a, unsigned n) {
    struct limbs r = {{0}};
    for (unsigned i = n / 64; i < TERM_LIMBS; i++) {
        r.k[i] = a.k[i - n / 64] << n % 64;
        if (n % 64 != 0 && i > n / 64)
            r.k[i] |= a.k[i - n / 64 - 1] >> (64 - n % 64);
    }
    return r;
}

static inline struct limbs limbs_lshr(struct limbs a, unsigned n) {
    struct limbs r = {{0}};
    for (unsigned i = 0; i + n / 64 < TERM_LIMBS; i++) {
        r.k[i] = a.k[i + n / 64] >> n % 64;
        if (n % 64 != 0 && i + n / 64 + 1 < TERM_LIMBS)
            r.k[i] |= a.k[i + n / 64 + 1] << (64 - n % 64);
    }
    return r;
}

/* limbs_sext: the low from bits, sign-extended to w. */
static inline struct limbs limbs_sext(struct limbs a, unsigned from, unsigned w) {
    if (!limbs_bit(a, from - 1))
        return a;
    const struct limbs high = limbs_not(limbs_cut(limbs_not(limbs_of(0)), from));
    for (unsigned i = 0; i < TERM_LIMBS; i++)
        a.k[i] |= high.k[i];
    return limbs_cut(a, w);
}

static inline struct limbs limbs_mul(struct limbs a, struct limbs b) {
    struct limbs r = {{0}};
    for (unsigned i = 0; i < TERM_MAX_WIDTH; i++)
        if (limbs_bit(b, i))
            r = limbs_add(r, limbs_shl(a, i), false);
    return r;
}

/* limbs_divide: quotient, and the remainder in *rest. in: b not 0 */
static inline struct limbs limbs_divide(struct limbs a, struct limbs b, struct limbs *rest) {
    struct limbs q = {{0}}, r = {{0}};
    for (unsigned i = TERM_MAX_WIDTH; i-- > 0;) {
        const bool out = limbs_bit(r, TERM_MAX_WIDTH - 1);
        r = limbs_shl(r, 1);
        r.k[0] |= limbs_bit(a, i);
        if (out || !limbs_less(r, b)) {
            r = limbs_sub(r, b);
            q.k[i / 64] |= UINT64_C(1) << i % 64;
        }
    }
    *rest = r;
    return q;
}

#endif

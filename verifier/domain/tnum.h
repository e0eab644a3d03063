/* tnum.h: tristate numbers: for each bit of a word, known 0, known 1 or unknown.
 *
 * γ(t) = { x : x & ~t.mask == t.value }. Well-formed: value & mask == 0. There is no empty tnum:
 * operations that may find a contradiction say so beside their result.
 *
 * Every operation is sound: the result contains op(x, y) for all x in γ(a), y in γ(b). Addition,
 * subtraction, and, or and xor are optimal: no smaller tnum is sound. Multiplication is not: at
 * 8 bits it is optimal for 94 of 100 pairs; {1, 3} * {1, 3} is the smallest miss.
 * source: Linux kernel/bpf/tnum.c for the idea; arXiv 2105.05398 for the proofs.
 */
#ifndef BPFLAB_VERIFIER_DOMAIN_TNUM_H
#define BPFLAB_VERIFIER_DOMAIN_TNUM_H

#include "verifier/domain/word.h"

struct tnum {
    word value; /* the bits known to be 1 */
    word mask;  /* the bits not known */
};

#define TNUM_UNKNOWN ((struct tnum){.value = 0, .mask = WORD_MAX})

static inline struct tnum tnum_const(word x) {
    return (struct tnum){.value = x, .mask = 0};
}

static inline bool tnum_is_const(struct tnum t) {
    return t.mask == 0;
}

static inline bool tnum_well_formed(struct tnum t) {
    return (t.value & t.mask) == 0;
}

static inline bool tnum_contains(struct tnum t, word x) {
    return (x & ~t.mask) == t.value;
}

/* tnum_min, tnum_max: the smallest and largest member, unsigned.      cost: O(1) */
static inline word tnum_min(struct tnum t) {
    return t.value;
}

static inline word tnum_max(struct tnum t) {
    return t.value | t.mask;
}

/* The operations of eBPF, on words. Shift amounts are below WORD_BITS.
 * tnum_ashr: bits is the width (WORD_BITS or HALF_BITS) whose sign bit is copied; a tnum of
 * HALF_BITS has its upper half known zero, and so has the result. */
struct tnum tnum_add(struct tnum a, struct tnum b);
struct tnum tnum_sub(struct tnum a, struct tnum b);
struct tnum tnum_neg(struct tnum a);
struct tnum tnum_and(struct tnum a, struct tnum b);
struct tnum tnum_or(struct tnum a, struct tnum b);
struct tnum tnum_xor(struct tnum a, struct tnum b);
struct tnum tnum_mul(struct tnum a, struct tnum b);
struct tnum tnum_shl(struct tnum a, unsigned n);
struct tnum tnum_lshr(struct tnum a, unsigned n);
struct tnum tnum_ashr(struct tnum a, unsigned n, unsigned bits);
struct tnum tnum_bswap(struct tnum a, unsigned bits);

/* tnum_low, tnum_high: the lower half; the upper half with the lower one zero.
 * tnum_trunc: the low bits of a, zero-extended; 1 <= bits <= WORD_BITS.
 * tnum_sext: the low bits of a, sign-extended. */
struct tnum tnum_low(struct tnum a);
struct tnum tnum_high(struct tnum a);
struct tnum tnum_trunc(struct tnum a, unsigned bits);
struct tnum tnum_sext(struct tnum a, unsigned bits);

/* tnum_range: the smallest tnum with all of [min, max].   in: min <= max, unsigned */
struct tnum tnum_range(word min, word max);

/* tnum_join: the smallest tnum that contains both. */
struct tnum tnum_join(struct tnum a, struct tnum b);

/* tnum_meet: what both allow.
 * out: *empty is true if nothing is; then the result is some well-formed tnum */
struct tnum tnum_meet(struct tnum a, struct tnum b, bool *empty);

/* tnum_subset: is every member of a one of b?  γ(a) ⊆ γ(b). Exact. */
bool tnum_subset(struct tnum a, struct tnum b);

/* tnum_next: the smallest member that is >= x.  tnum_prev: the largest that is <= x.
 * out:  a member; where there is none on that side of x, one on the other side, which the caller
 *       sees by comparing
 * cost: O(1): the highest known bit where x differs decides */
word tnum_next(struct tnum t, word x);
word tnum_prev(struct tnum t, word x);

/* tnum_flip: { x ^ bits : x in t }. With the sign bit, signed order becomes unsigned order. */
static inline struct tnum tnum_flip(struct tnum t, word bits) {
    return (struct tnum){.value = (t.value ^ bits) & (word)~t.mask, .mask = t.mask};
}

/* tnum_is_aligned: is every member a multiple of n_bytes (a power of two, or 0 = any)? */
bool tnum_is_aligned(struct tnum a, word n_bytes);

#endif

/* tnum.c: the operations on known bits.
 *
 * Addition and subtraction share one idea. Take the smallest and the largest result that the
 * operands allow; where the two agree, so do all carries, and the result's bit is known if both
 * operands' bits are.
 */
#include "verifier/domain/tnum.h"

/* unknown_where: bits as in x, but those of mask not known. */
static struct tnum unknown_where(word x, word mask) {
    return (struct tnum){.value = x & (word)~mask, .mask = mask};
}

/* low_ones: the n low bits set.  1 <= n <= WORD_BITS */
static word low_ones(unsigned n) {
    return (word)(WORD_MAX >> (WORD_BITS - n));
}

struct tnum tnum_add(struct tnum a, struct tnum b) {
    const word least = a.value + b.value;
    const word most = tnum_max(a) + tnum_max(b);
    return unknown_where(least, (least ^ most) | a.mask | b.mask);
}

struct tnum tnum_sub(struct tnum a, struct tnum b) {
    const word least = a.value - tnum_max(b);
    const word most = tnum_max(a) - b.value;
    return unknown_where(least, (least ^ most) | a.mask | b.mask);
}

struct tnum tnum_neg(struct tnum a) {
    return tnum_sub(tnum_const(0), a);
}

struct tnum tnum_and(struct tnum a, struct tnum b) {
    const word ones = a.value & b.value;
    return (struct tnum){.value = ones, .mask = (tnum_max(a) & tnum_max(b)) ^ ones};
}

struct tnum tnum_or(struct tnum a, struct tnum b) {
    const word ones = a.value | b.value;
    return (struct tnum){.value = ones, .mask = (tnum_max(a) | tnum_max(b)) ^ ones};
}

struct tnum tnum_xor(struct tnum a, struct tnum b) {
    return unknown_where(a.value ^ b.value, a.mask | b.mask);
}

/* tnum_mul_step: long multiplication's row i: acc, or acc + (b << i), or either of the two. */
static struct tnum tnum_mul_step(struct tnum acc, struct tnum a, struct tnum b, unsigned i) {
    const word bit = (word)((word)1 << i);
    if ((tnum_max(a) & bit) == 0)
        return acc;
    const struct tnum added = tnum_add(acc, tnum_shl(b, i));
    return (a.value & bit) != 0 ? added : tnum_join(acc, added);
}

static struct tnum long_mul(struct tnum a, struct tnum b) {
    struct tnum acc = tnum_const(0);
    for (unsigned i = 0; i < WORD_BITS; i++) {
        if ((tnum_max(a) >> i) == 0)
            break;
        acc = tnum_mul_step(acc, a, b, i);
    }
    return acc;
}

/* tnum_mul_excess_step: row i of x * y - a.value * b.value, the part that unknown bits add: a known
 * 1 of a adds unknown bits of y, an unknown one adds y or nothing. */
static struct tnum tnum_mul_excess_step(struct tnum acc, struct tnum a, struct tnum b, unsigned i) {
    const word bit = (word)((word)1 << i);
    if ((tnum_max(a) & bit) == 0)
        return acc;
    const struct tnum row = {.value = 0, .mask = (a.value & bit) != 0 ? b.mask : tnum_max(b)};
    return tnum_add(acc, tnum_shl(row, i));
}

/* excess_sum: all of it. */
static struct tnum excess_sum(struct tnum a, struct tnum b) {
    struct tnum acc = tnum_const(0);
    for (unsigned i = 0; i < WORD_BITS; i++) {
        if ((tnum_max(a) >> i) == 0)
            break;
        acc = tnum_mul_excess_step(acc, a, b, i);
    }
    return acc;
}

static struct tnum excess_mul(struct tnum a, struct tnum b) {
    return tnum_add(excess_sum(a, b), tnum_const(a.value * b.value));
}

/* multiples: the products of any word with members of a: all multiples of a's lowest possible 1. */
static struct tnum multiples(struct tnum a) {
    const word lowest = tnum_max(a) & (word)((word)0 - tnum_max(a));
    return (struct tnum){.value = 0, .mask = (word)((word)0 - lowest)};
}

/* Which factor supplies the rows, and whether rows are joined or their excess is added up, changes
 * what is lost: three ways are met. A word of which nothing is known needs none of them. */
struct tnum tnum_mul(struct tnum a, struct tnum b) {
    if (tnum_is_const(a) && tnum_is_const(b))
        return tnum_const(a.value * b.value);
    if (a.mask == WORD_MAX)
        return multiples(b);
    if (b.mask == WORD_MAX)
        return multiples(a);
    bool empty; /* each contains the products, so there are some in the intersection */
    const struct tnum rows = tnum_meet(long_mul(a, b), long_mul(b, a), &empty);
    return tnum_meet(rows, excess_mul(a, b), &empty);
}

struct tnum tnum_shl(struct tnum a, unsigned n) {
    return (struct tnum){.value = (word)(a.value << n), .mask = (word)(a.mask << n)};
}

struct tnum tnum_lshr(struct tnum a, unsigned n) {
    return (struct tnum){.value = a.value >> n, .mask = a.mask >> n};
}

struct tnum tnum_ashr(struct tnum a, unsigned n, unsigned bits) {
    const struct tnum wide = bits == WORD_BITS ? a : tnum_sext(a, bits);
    const struct tnum shifted = {.value = (word)((sword)wide.value >> n),
                                 .mask = (word)((sword)wide.mask >> n)};
    return tnum_trunc(shifted, bits);
}

struct tnum tnum_bswap(struct tnum a, unsigned bits) {
    const struct tnum swapped = {.value = word_bswap(a.value), .mask = word_bswap(a.mask)};
    return tnum_lshr(swapped, WORD_BITS - bits);
}

struct tnum tnum_low(struct tnum a) {
    return tnum_trunc(a, HALF_BITS);
}

struct tnum tnum_high(struct tnum a) {
    const word high = (word)~low_ones(HALF_BITS);
    return (struct tnum){.value = a.value & high, .mask = a.mask & high};
}

struct tnum tnum_trunc(struct tnum a, unsigned bits) {
    const word kept = low_ones(bits);
    return (struct tnum){.value = a.value & kept, .mask = a.mask & kept};
}

/* The sign bit is 1 in value, in mask or in neither: copying it upward in both is exact. */
struct tnum tnum_sext(struct tnum a, unsigned bits) {
    const unsigned up = WORD_BITS - bits;
    return (struct tnum){.value = (word)((sword)(word)(a.value << up) >> up),
                         .mask = (word)((sword)(word)(a.mask << up) >> up)};
}

struct tnum tnum_range(word min, word max) {
    return unknown_where(min, word_smear(min ^ max));
}

struct tnum tnum_join(struct tnum a, struct tnum b) {
    return unknown_where(a.value, a.mask | b.mask | (a.value ^ b.value));
}

struct tnum tnum_meet(struct tnum a, struct tnum b, bool *empty) {
    *empty = ((a.value ^ b.value) & (word) ~(a.mask | b.mask)) != 0;
    return (struct tnum){.value = a.value | b.value, .mask = a.mask & b.mask};
}

bool tnum_subset(struct tnum a, struct tnum b) {
    return (a.mask & (word)~b.mask) == 0 && (a.value & (word)~b.mask) == b.value;
}

bool tnum_is_aligned(struct tnum a, word n_bytes) {
    return n_bytes == 0 || (tnum_max(a) & (word)(n_bytes - 1)) == 0;
}

/* Above the highest known bit where x is wrong, x is a member's beginning. If that bit should be
 * 1, setting it passes x and the rest may be least; if it should be 0, an unknown 0 above it has
 * to become 1: a carry finds the lowest one when the known bits let it through. */
word tnum_next(struct tnum t, word x) {
    const word wrong = (x ^ t.value) & (word)~t.mask;
    if (wrong == 0)
        return x;
    const word below = word_smear(wrong); /* the highest wrong bit, and all under it */
    const word top = below ^ (below >> 1);
    if ((t.value & top) != 0)
        return (x & t.mask & (word)~below) | t.value;
    const word carried = (word)((x | (word)~t.mask | below) + 1);
    return (carried & t.mask) | t.value;
}

word tnum_prev(struct tnum t, word x) {
    return (word)~tnum_next(tnum_flip(t, WORD_MAX), (word)~x);
}

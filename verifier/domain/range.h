/* range.h: intervals of words, in unsigned and signed order, at both widths, and on the circle.
 *
 * A range is never empty: min <= max in its own order. Operations that may find a contradiction
 * (meet) leave min > max, which the caller looks for.
 *
 * Addition, subtraction and multiplication by a constant wrap around, and a range that wraps in
 * one order may be whole in the other. So they are done on arcs, intervals of the circle of all
 * words, which have no order; an arc then gives the exact range in each order, or the whole order
 * where its ends lie beyond a wrap.
 *
 *   unsigned   0 ─────────── SWORD_MAX │ SWORD_MIN ─────────── WORD_MAX │ wraps to 0
 *   arc                       start ──────────▶ start + len                one range, unsigned
 *   arc        ──────▶ start + len                     start ───────────   one range, signed
 *
 * Operations at half width are those of words on lifted halves (zero-extended, or sign-extended
 * for signed order), whose result is an arc of words, seen modulo 2^HALF_BITS.
 */
#ifndef BPFLAB_VERIFIER_DOMAIN_RANGE_H
#define BPFLAB_VERIFIER_DOMAIN_RANGE_H

#include "verifier/domain/word.h"

/* u64 and s64 order of a register, u32 and s32 order of its lower half. */
struct urange {
    word min, max;
};
struct srange {
    sword min, max;
};
struct urange32 {
    half min, max;
};
struct srange32 {
    shalf min, max;
};

#define URANGE_FULL   ((struct urange){0, WORD_MAX})
#define SRANGE_FULL   ((struct srange){SWORD_MIN, SWORD_MAX})
#define URANGE32_FULL ((struct urange32){0, HALF_MAX})
#define SRANGE32_FULL ((struct srange32){SHALF_MIN, SHALF_MAX})

/* struct arc: { start + i : 0 <= i <= len }, modulo 2^WORD_BITS. Full: len == WORD_MAX. */
struct arc {
    word start, len;
};

#define ARC_FULL ((struct arc){0, WORD_MAX})

static inline struct arc arc_of_urange(struct urange a) {
    return (struct arc){.start = a.min, .len = a.max - a.min};
}

static inline struct arc arc_of_srange(struct srange a) {
    return (struct arc){.start = (word)a.min, .len = (word)a.max - (word)a.min};
}

/* arc_add, arc_neg: x + y and -x. Exact, but for sums longer than the circle: full.
 * arc_scale: x * factor; the ends are products, what lies between them need not be; full where it
 * would be longer than the circle.
 * arc_join is not here: two arcs have no smallest common one. */
struct arc arc_add(struct arc a, struct arc b);
struct arc arc_neg(struct arc a);
struct arc arc_scale(struct arc a, word factor);

/* The smallest range, in each order, with all of an arc; of the lower halves for _low. */
struct urange urange_of_arc(struct arc a);
struct srange srange_of_arc(struct arc a);
struct urange32 urange32_of_arc_low(struct arc a);
struct srange32 srange32_of_arc_low(struct arc a);

/* A half's range as a range of words: zero-extended, sign-extended. */
static inline struct urange urange_of_half(struct urange32 a) {
    return (struct urange){.min = a.min, .max = a.max};
}

static inline struct srange srange_of_half(struct srange32 a) {
    return (struct srange){.min = a.min, .max = a.max};
}

/* Intersections. out: min > max if there is no common value */
struct urange urange_meet(struct urange a, struct urange b);
struct srange srange_meet(struct srange a, struct srange b);
struct urange32 urange32_meet(struct urange32 a, struct urange32 b);
struct srange32 srange32_meet(struct srange32 a, struct srange32 b);

/* Smallest ranges that contain both. */
struct urange urange_join(struct urange a, struct urange b);
struct srange srange_join(struct srange a, struct srange b);
struct urange32 urange32_join(struct urange32 a, struct urange32 b);
struct srange32 srange32_join(struct srange32 a, struct srange32 b);

/* ranges_exchange: what an unsigned and a signed range of the same value tell each other.
 * out: the smallest pair with the same common values; min > max in one at least if there is none */
struct ranges {
    struct urange u;
    struct srange s;
};
struct ranges ranges_exchange(struct ranges r);

/* ---- transfer, words ----
 * Sound for all members; the comment says what is not optimal. */

/* Multiplication: optimal while no product overflows; full if one does. */
struct urange urange_mul(struct urange a, struct urange b);
struct srange srange_mul(struct srange a, struct srange b);

/* Division and remainder with eBPF's zero divisor: x / 0 = 0, x % 0 = x; and SWORD_MIN / -1 =
 * SWORD_MIN. Division is optimal, but for SWORD_MIN alone by a range with -1. A remainder is exact
 * if all dividends have one quotient by one divisor, else between 0 and the largest. */
struct urange urange_div(struct urange a, struct urange b);
struct srange srange_div(struct srange a, struct srange b);
struct urange urange_mod(struct urange a, struct urange b);
struct srange srange_mod(struct srange a, struct srange b);

/* Bitwise: bounds from the ends alone; the known bits add theirs in reduction. */
struct urange urange_and(struct urange a, struct urange b);
struct urange urange_or(struct urange a, struct urange b);
struct urange urange_xor(struct urange a, struct urange b);
struct srange srange_and(struct srange a, struct srange b);
struct srange srange_or(struct srange a, struct srange b);
struct srange srange_xor(struct srange a, struct srange b);

/* Shifts by any n with least <= n <= most < WORD_BITS. A left shift that may lose a bit: full.
 * in: least <= most */
struct urange urange_shl(struct urange a, unsigned least, unsigned most);
struct srange srange_shl(struct srange a, unsigned least, unsigned most);
struct urange urange_lshr(struct urange a, unsigned least, unsigned most);
struct srange srange_ashr(struct srange a, unsigned least, unsigned most);

#endif

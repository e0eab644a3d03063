/* range.c: arcs, and the transfer functions of ranges.
 *
 * Every function is about the ends alone; the comments say why no member between them escapes.
 */
#include "verifier/domain/range.h"

static word umin(word a, word b) {
    return a < b ? a : b;
}

static word umax(word a, word b) {
    return a > b ? a : b;
}

static sword smin(sword a, sword b) {
    return a < b ? a : b;
}

static sword smax(sword a, sword b) {
    return a > b ? a : b;
}

/* ---- arcs ---- */

struct arc arc_add(struct arc a, struct arc b) {
    word len;
    if (__builtin_add_overflow(a.len, b.len, &len))
        return ARC_FULL;
    return (struct arc){.start = a.start + b.start, .len = len};
}

struct arc arc_neg(struct arc a) {
    return (struct arc){.start = (word)0 - (word)(a.start + a.len), .len = a.len};
}

/* A negative factor turns the arc around: its magnitude is what the length grows by. */
struct arc arc_scale(struct arc a, word factor) {
    const bool turn = (factor & WORD_SIGN) != 0;
    const word size = turn ? (word)0 - factor : factor;
    word len;
    if (__builtin_mul_overflow(a.len, size, &len))
        return ARC_FULL;
    const struct arc scaled = {.start = a.start * size, .len = len};
    return turn ? arc_neg(scaled) : scaled;
}

/* From start upward to start + len the order is kept unless the arc passes the order's end, and
 * then its last point is below its first. */
struct urange urange_of_arc(struct arc a) {
    const word end = a.start + a.len;
    return a.start <= end ? (struct urange){a.start, end} : URANGE_FULL;
}

struct srange srange_of_arc(struct arc a) {
    const sword start = (sword)a.start;
    const sword end = (sword)(word)(a.start + a.len);
    return start <= end ? (struct srange){start, end} : SRANGE_FULL;
}

struct urange32 urange32_of_arc_low(struct arc a) {
    const half start = (half)a.start;
    const half end = (half)(a.start + a.len);
    return a.len <= HALF_MAX && start <= end ? (struct urange32){start, end} : URANGE32_FULL;
}

struct srange32 srange32_of_arc_low(struct arc a) {
    const shalf start = (shalf)(half)a.start;
    const shalf end = (shalf)(half)(a.start + a.len);
    return a.len <= HALF_MAX && start <= end ? (struct srange32){start, end} : SRANGE32_FULL;
}

/* ---- lattice ---- */

struct urange urange_meet(struct urange a, struct urange b) {
    return (struct urange){umax(a.min, b.min), umin(a.max, b.max)};
}

struct srange srange_meet(struct srange a, struct srange b) {
    return (struct srange){smax(a.min, b.min), smin(a.max, b.max)};
}

struct urange32 urange32_meet(struct urange32 a, struct urange32 b) {
    return (struct urange32){a.min > b.min ? a.min : b.min, a.max < b.max ? a.max : b.max};
}

struct srange32 srange32_meet(struct srange32 a, struct srange32 b) {
    return (struct srange32){a.min > b.min ? a.min : b.min, a.max < b.max ? a.max : b.max};
}

struct urange urange_join(struct urange a, struct urange b) {
    return (struct urange){umin(a.min, b.min), umax(a.max, b.max)};
}

struct srange srange_join(struct srange a, struct srange b) {
    return (struct srange){smin(a.min, b.min), smax(a.max, b.max)};
}

struct urange32 urange32_join(struct urange32 a, struct urange32 b) {
    return (struct urange32){a.min < b.min ? a.min : b.min, a.max > b.max ? a.max : b.max};
}

struct srange32 srange32_join(struct srange32 a, struct srange32 b) {
    return (struct srange32){a.min < b.min ? a.min : b.min, a.max > b.max ? a.max : b.max};
}

/* In unsigned order a signed range is one interval, or two: [0, s.max] and [s.min, WORD_MAX]. If
 * the unsigned range meets both, neither learns; if one, both shrink to it. */
struct ranges ranges_exchange(struct ranges r) {
    const word first = (word)r.s.min, last = (word)r.s.max;
    if (first <= last) {
        r.u = urange_meet(r.u, (struct urange){first, last});
    } else {
        const bool in_lower = r.u.min <= last, in_upper = r.u.max >= first;
        if (in_lower && in_upper)
            return r;
        r.u.max = in_upper ? r.u.max : umin(r.u.max, last);
        r.u.min = in_lower ? r.u.min : umax(r.u.min, first);
    }
    r.s = srange_meet(r.s, (struct srange){(sword)r.u.min, (sword)r.u.max});
    return r;
}

/* ---- multiplication ---- */

struct urange urange_mul(struct urange a, struct urange b) {
    word most;
    if (__builtin_mul_overflow(a.max, b.max, &most))
        return URANGE_FULL;
    return (struct urange){a.min * b.min, most};
}

/* A product is linear in each factor, so it is extreme at corners. */
struct srange srange_mul(struct srange a, struct srange b) {
    sword ll = 0, lh = 0, hl = 0, hh = 0;
    const bool lost =
        __builtin_mul_overflow(a.min, b.min, &ll) || __builtin_mul_overflow(a.min, b.max, &lh) ||
        __builtin_mul_overflow(a.max, b.min, &hl) || __builtin_mul_overflow(a.max, b.max, &hh);
    if (lost)
        return SRANGE_FULL;
    return (struct srange){smin(smin(ll, lh), smin(hl, hh)), smax(smax(ll, lh), smax(hl, hh))};
}

/* ---- division ---- */

struct urange urange_div(struct urange a, struct urange b) {
    if (b.max == 0)
        return (struct urange){0, 0};
    if (b.min == 0)
        return (struct urange){0, a.max};
    return (struct urange){a.min / b.max, a.max / b.min};
}

/* quotients_by: quotients by divisors of one sign, 0 < near <= far or far <= near < 0, near and
 * far from zero: rising in the dividend for positive divisors, falling for negative ones, and for
 * each dividend monotonic in the divisor. The caller excludes SWORD_MIN / -1. */
static struct srange quotients_by(struct srange a, sword near, sword far) {
    const sword low = near > 0 ? a.min : a.max;
    const sword high = near > 0 ? a.max : a.min;
    return (struct srange){smin(low / near, low / far), smax(high / near, high / far)};
}

struct srange srange_div(struct srange a, struct srange b) {
    /* also of ends in the wrong order, which have no members: the smallest is not divided by -1 */
    const bool smallest = a.min == SWORD_MIN || a.max == SWORD_MIN;
    const bool overflows =
        smallest && b.min <= -(sword)1 && (b.max >= -(sword)1 || b.min == -(sword)1);
    if (overflows)
        return SRANGE_FULL;
    struct srange all = {0, 0};
    bool any = b.min <= 0 && b.max >= 0; /* all holds the quotient by zero */
    if (b.min < 0) {
        const struct srange by = quotients_by(a, smin(b.max, -(sword)1), b.min);
        all = any ? srange_join(all, by) : by;
        any = true;
    }
    if (b.max > 0) {
        const struct srange by = quotients_by(a, smax(b.min, (sword)1), b.max);
        all = any ? srange_join(all, by) : by;
    }
    return all;
}

struct urange urange_mod(struct urange a, struct urange b) {
    if (b.max == 0 || b.min > a.max)
        return a;
    if (b.min == 0)
        return (struct urange){0, a.max};
    if (b.min == b.max && a.min / b.min == a.max / b.min)
        return (struct urange){a.min % b.min, a.max % b.min};
    return (struct urange){0, umin(a.max, b.max - 1)};
}

static word magnitude(sword x) {
    return x < 0 ? (word)0 - (word)x : (word)x;
}

/* farthest, nearest: no member is farther from zero, or nearer. */
static word farthest(struct srange a) {
    return umax(magnitude(a.min), magnitude(a.max));
}

static word nearest(struct srange a) {
    return a.min <= 0 && a.max >= 0 ? 0 : umin(magnitude(a.min), magnitude(a.max));
}

/* toward_zero: numbers between zero and a member, at most limit away from zero. */
static struct srange toward_zero(struct srange a, word limit) {
    struct srange r = {smin(a.min, 0), smax(a.max, 0)};
    if (magnitude(r.min) > limit)
        r.min = -(sword)limit;
    if ((word)r.max > limit)
        r.max = (sword)limit;
    return r;
}

/* remainders_by: by one divisor, neither 0 nor -1. With one quotient, remainders rise with the
 * dividend. */
static struct srange remainders_by(struct srange a, sword divisor) {
    if (a.min / divisor == a.max / divisor)
        return (struct srange){a.min % divisor, a.max % divisor};
    return toward_zero(a, magnitude(divisor) - 1);
}

/* The remainder has the dividend's sign, is no further from zero than it, and nearer than the
 * divisor. Divisors that reach across zero include it, and with it the dividend itself. */
struct srange srange_mod(struct srange a, struct srange b) {
    const word near = nearest(b), far = farthest(b);
    if ((b.min == 0 && b.max == 0) || farthest(a) < near)
        return a;
    if (b.min == b.max && b.min != -(sword)1)
        return remainders_by(a, b.min);
    return toward_zero(a, near == 0 ? WORD_MAX : far - 1);
}

/* ---- bitwise ---- */

/* x & y is no larger than either; x + y = (x & y) + (x | y), and x | y fits a word. */
struct urange urange_and(struct urange a, struct urange b) {
    word sum;
    const bool over = __builtin_add_overflow(a.min, b.min, &sum);
    return (struct urange){over ? (word)(sum + 1) : 0, umin(a.max, b.max)};
}

/* x | y is no smaller than either, no larger than x + y, and has no bit above both. */
struct urange urange_or(struct urange a, struct urange b) {
    word sum;
    const bool over = __builtin_add_overflow(a.max, b.max, &sum);
    const word bits = word_smear(a.max | b.max);
    return (struct urange){umax(a.min, b.min), over ? bits : umin(bits, sum)};
}

/* x ^ y <= x | y; and x <= (x ^ y) + y, so x ^ y is at least the distance. */
struct urange urange_xor(struct urange a, struct urange b) {
    struct urange r = {0, urange_or(a, b).max};
    if (a.min > b.max)
        r.min = a.min - b.max;
    else if (b.min > a.max)
        r.min = b.min - a.max;
    return r;
}

/* sign_extent: the smallest 2^k - 1 with all of a and b in [-2^k, 2^k - 1]. What copies of the sign
 * stand above bit k in both operands stand there in the result. */
static sword sign_extent(struct srange a, struct srange b) {
    const word far =
        (word)(a.min ^ (a.min >> (WORD_BITS - 1))) | (word)(a.max ^ (a.max >> (WORD_BITS - 1))) |
        (word)(b.min ^ (b.min >> (WORD_BITS - 1))) | (word)(b.max ^ (b.max >> (WORD_BITS - 1)));
    return (sword)word_smear(far);
}

/* A non-negative operand bounds the result on its own; otherwise clearing bits of a negative number
 * lowers it, and clearing those of a non-negative one does not raise it. */
struct srange srange_and(struct srange a, struct srange b) {
    struct srange r = {~sign_extent(a, b), smax(a.max, b.max)};
    if (a.min >= 0)
        r = (struct srange){0, b.min >= 0 ? smin(a.max, b.max) : a.max};
    else if (b.min >= 0)
        r = (struct srange){0, b.max};
    else if (a.max < 0 && b.max < 0)
        r.max = smin(a.max, b.max);
    return r;
}

/* x | y = ~(~x & ~y), and ~ turns an order around. */
struct srange srange_or(struct srange a, struct srange b) {
    const struct srange r =
        srange_and((struct srange){~a.max, ~a.min}, (struct srange){~b.max, ~b.min});
    return (struct srange){~r.max, ~r.min};
}

struct srange srange_xor(struct srange a, struct srange b) {
    const sword extent = sign_extent(a, b);
    return (struct srange){~extent, extent};
}

/* ---- shifts ---- */

struct urange urange_shl(struct urange a, unsigned least, unsigned most) {
    if (a.max > (word)(WORD_MAX >> most))
        return URANGE_FULL;
    return (struct urange){(word)(a.min << least), (word)(a.max << most)};
}

static sword shl_signed(sword x, unsigned n) {
    return (sword)(word)((word)x << n);
}

struct srange srange_shl(struct srange a, unsigned least, unsigned most) {
    if ((shl_signed(a.min, most) >> most) != a.min || (shl_signed(a.max, most) >> most) != a.max)
        return SRANGE_FULL;
    return (struct srange){shl_signed(a.min, a.min < 0 ? most : least),
                           shl_signed(a.max, a.max < 0 ? least : most)};
}

struct urange urange_lshr(struct urange a, unsigned least, unsigned most) {
    return (struct urange){a.min >> most, a.max >> least};
}

struct srange srange_ashr(struct srange a, unsigned least, unsigned most) {
    return (struct srange){a.min >> (a.min < 0 ? least : most),
                           a.max >> (a.max < 0 ? most : least)};
}

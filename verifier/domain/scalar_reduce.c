/* scalar_reduce.c: how the components of a scalar tell each other what they know.
 *
 * Each rule takes two or three components and gives each the smallest value that still has all
 * common members: x in γ(r) implies x in γ(rule(r)), and no end ever moves outward. A contradiction
 * shows as min > max or as clashing bits, and no rule undoes it. Being exact for the components
 * they look at, the rules are monotonic, and so is any number of rounds of them.
 *
 *                  bits
 *        members of ↓ ↑ common prefix
 *       {u, s} ─ arcs cut ─▶ {u32, s32}
 *              ◀─ nearest ──
 *
 * A round goes once along the arrows, down and to the right, then back to the left. Only the last
 * may leave work for another round: an end that it moves need not be a member of the bits. The
 * prefix is taken once, after the rounds: all ends share it, so it takes no end's membership.
 */
#include "verifier/domain/raw.h"

/* ---- bits to ranges ---- */

/* members_of: from the smallest to the largest member of t in a. Without a member above min, next
 * gives one below: that is outward, so there is none. */
static struct urange members_of(struct urange a, struct tnum t) {
    const struct urange r = {tnum_next(t, a.min), tnum_prev(t, a.max)};
    return r.min < a.min || r.max > a.max ? (struct urange){WORD_MAX, 0} : r;
}

/* signed_members_of: the same in signed order, which is unsigned order, the sign bit flipped. */
static struct srange signed_members_of(struct srange a, struct tnum t) {
    const struct urange flipped = {(word)a.min ^ WORD_SIGN, (word)a.max ^ WORD_SIGN};
    const struct urange r = members_of(flipped, tnum_flip(t, WORD_SIGN));
    return (struct srange){(sword)(r.min ^ WORD_SIGN), (sword)(r.max ^ WORD_SIGN)};
}

static bool one_sign(struct urange u) {
    return (sword)u.min <= (sword)u.max;
}

/* settle: two orders and the bits of one value. With one sign, both orders are one range. */
static struct ranges settle(struct ranges r, struct tnum t) {
    r = ranges_exchange(r);
    if (one_sign(r.u)) {
        r.u = members_of(r.u, t);
        r.s = srange_meet(r.s, (struct srange){(sword)r.u.min, (sword)r.u.max});
        return r;
    }
    return ranges_exchange((struct ranges){members_of(r.u, t), signed_members_of(r.s, t)});
}

static struct scalar settle_words(struct scalar r) {
    const struct ranges met = settle((struct ranges){r.u, r.s}, r.bits);
    r.u = met.u;
    r.s = met.s;
    return r;
}

/* Halves shifted to the top of a word keep both their orders. */
static struct scalar settle_halves(struct scalar r) {
    const struct ranges top = {
        {(word)((word)r.u32.min << HALF_BITS), (word)((word)r.u32.max << HALF_BITS)},
        {(sword)(word)((word)(half)r.s32.min << HALF_BITS),
         (sword)(word)((word)(half)r.s32.max << HALF_BITS)}};
    const struct ranges met = settle(top, tnum_shl(r.bits, HALF_BITS));
    r.u32 = (struct urange32){(half)(met.u.min >> HALF_BITS), (half)(met.u.max >> HALF_BITS)};
    r.s32 = (struct srange32){(shalf)(met.s.min >> HALF_BITS), (shalf)(met.s.max >> HALF_BITS)};
    return r;
}

/* ---- words and their lower halves ---- */

static struct scalar words_to_halves(struct scalar r) {
    r = raw_low_within(r, arc_of_urange(r.u));
    return raw_low_within(r, arc_of_srange(r.s));
}

/* ascend: how far above x is the nearest word whose lower half lies on the arc of len + 1 halves
 * from start; descend: how far below. */
static half ascend(half x, half start, half len) {
    return (half)(x - start) <= len ? 0 : (half)(start - x);
}

static half descend(half x, half start, half len) {
    return (half)(x - start) <= len ? 0 : (half)((half)(x - start) - len);
}

/* struct end: an end of a range moved inward; none: beyond the order's end. */
struct end {
    word x;
    bool none;
};

/* above, below: the nearest word of that kind, x itself too. In signed order: the sign bit is
 * flipped. */
static struct end above(word x, half start, half len) {
    struct end e;
    e.none = __builtin_add_overflow(x, (word)ascend((half)x, start, len), &e.x);
    return e;
}

static struct end below(word x, half start, half len) {
    struct end e;
    e.none = __builtin_sub_overflow(x, (word)descend((half)x, start, len), &e.x);
    return e;
}

/* half_to_words: ends moved inward to the nearest words of that kind. */
static struct scalar half_to_words(struct scalar r, half start, half len) {
    const struct end umin = above(r.u.min, start, len);
    const struct end umax = below(r.u.max, start, len);
    const struct end smin = above((word)r.s.min ^ WORD_SIGN, start, len);
    const struct end smax = below((word)r.s.max ^ WORD_SIGN, start, len);
    if (umin.none || umax.none || smin.none || smax.none)
        return scalar_empty();
    r.u = (struct urange){umin.x, umax.x};
    r.s = (struct srange){(sword)(smin.x ^ WORD_SIGN), (sword)(smax.x ^ WORD_SIGN)};
    return r;
}

/* With one sign, the half's two ranges are one arc. */
static struct scalar halves_to_words(struct scalar r) {
    const half len = (half)(r.u32.max - r.u32.min);
    const half signed_start = (half)r.s32.min;
    const half signed_len = (half)((half)r.s32.max - signed_start);
    r = half_to_words(r, r.u32.min, len);
    if (signed_start == r.u32.min && signed_len == len)
        return r;
    return half_to_words(r, signed_start, signed_len);
}

/* ---- ranges to bits: the prefix that both ends share ---- */

static struct scalar ranges_to_bits(struct scalar r) {
    bool clash_word, clash_half;
    const struct tnum word_bits = tnum_range(r.u.min, r.u.max);
    struct tnum half_bits = tnum_range(r.u32.min, r.u32.max);
    half_bits.mask |= (word) ~(word)HALF_MAX;
    r.bits = tnum_meet(r.bits, word_bits, &clash_word);
    r.bits = tnum_meet(r.bits, half_bits, &clash_half);
    return clash_word || clash_half ? scalar_empty() : r;
}

/* ---- rounds ---- */

static bool in_order(struct scalar r) {
    return r.u.min <= r.u.max && r.s.min <= r.s.max && r.u32.min <= r.u32.max &&
           r.s32.min <= r.s32.max;
}

/* scalar_reduce_step: one round but for its way back. */
static struct scalar scalar_reduce_step(struct scalar r) {
    r = settle_words(r);
    r = words_to_halves(r);
    return settle_halves(r);
}

static bool same_words(struct scalar a, struct scalar b) {
    return a.u.min == b.u.min && a.u.max == b.u.max && a.s.min == b.s.min && a.s.max == b.s.max;
}

/* struct round: what one round leaves, and whether its way back moved a word, so that there may be
 * more to say to the halves. A contradiction is scalar_empty(), and settled. */
struct round {
    struct scalar r;
    bool moved;
};

static struct round scalar_reduce_round(struct scalar r) {
    const struct round contradiction = {scalar_empty(), false};
    const struct scalar settled = scalar_reduce_step(r);
    if (!in_order(settled))
        return contradiction;
    r = halves_to_words(settled);
    return in_order(r) ? (struct round){r, !same_words(r, settled)} : contradiction;
}

/* One round is the rule; random scalars have not been seen to need more than three. */
enum {
    ROUNDS_MAX = 6
};

static struct scalar scalar_reduce_rounds(struct scalar r) {
    struct round last = {r, true};
    for (unsigned i = 0; i < ROUNDS_MAX && last.moved; i++)
        last = scalar_reduce_round(last.r);
    return last.r;
}

static struct scalar reduce_const(struct scalar r) {
    return scalar_contains(r, r.bits.value) ? scalar_const(r.bits.value) : scalar_empty();
}

struct scalar scalar_reduce(struct scalar r) {
    if (scalar_is_unknown(r))
        return r;
    if (!in_order(r))
        return scalar_empty();
    if (r.bits.mask == 0)
        return reduce_const(r);
    r = scalar_reduce_rounds(r);
    return scalar_is_empty(r) ? r : ranges_to_bits(r);
}

/* What was collected about words has to reach the lower half before the rest is cut. */
struct scalar scalar_finish(enum scalar_width w, struct scalar raw) {
    const struct scalar cut = w == SCALAR_64 ? raw : raw_zext(words_to_halves(raw));
    const struct scalar r = scalar_reduce(cut);
    return scalar_is_empty(r) ? scalar_unknown() : r;
}

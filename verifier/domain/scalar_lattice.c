/* scalar_lattice.c: making scalars, asking them, and the lattice: join, meet, subset, widen. */
#include "verifier/domain/raw.h"

struct scalar scalar_unknown(void) {
    return raw_of_tnum(TNUM_UNKNOWN);
}

/* Ends in the wrong order everywhere: contains nothing, and is neutral to a join of ranges. */
struct scalar scalar_empty(void) {
    return (struct scalar){.bits = {0, 0},
                           .u = {WORD_MAX, 0},
                           .s = {SWORD_MAX, SWORD_MIN},
                           .u32 = {HALF_MAX, 0},
                           .s32 = {SHALF_MAX, SHALF_MIN}};
}

struct scalar scalar_const(word x) {
    return (struct scalar){.bits = tnum_const(x),
                           .u = {x, x},
                           .s = {(sword)x, (sword)x},
                           .u32 = {(half)x, (half)x},
                           .s32 = {(shalf)(half)x, (shalf)(half)x}};
}

struct scalar scalar_below(unsigned bits) {
    if (bits >= WORD_BITS)
        return scalar_unknown();
    const word max = WORD_MAX >> (WORD_BITS - bits);
    struct scalar r = {.bits = {.value = 0, .mask = max},
                       .u = {0, max},
                       .s = {0, (sword)max},
                       .u32 = URANGE32_FULL,
                       .s32 = SRANGE32_FULL};
    if (bits <= HALF_BITS)
        r.u32.max = (half)max;
    if (bits < HALF_BITS) {
        r.s32.min = 0;
        r.s32.max = (shalf)max;
    }
    return r;
}

struct scalar scalar_from_urange(word min, word max) {
    struct scalar r = scalar_unknown();
    r.u = (struct urange){min, max};
    return scalar_reduce(r);
}

struct scalar scalar_from_srange(sword min, sword max) {
    struct scalar r = scalar_unknown();
    r.s = (struct srange){min, max};
    return scalar_reduce(r);
}

struct scalar scalar_from_tnum(struct tnum t) {
    return scalar_reduce(raw_of_tnum(t));
}

bool scalar_is_empty(struct scalar a) {
    return a.u.min > a.u.max;
}

bool scalar_is_const(struct scalar a) {
    return a.bits.mask == 0 && a.u.min <= a.u.max;
}

bool scalar_is_const32(struct scalar a) {
    return (half)a.bits.mask == 0 && a.u.min <= a.u.max;
}

bool scalar_is_unknown(struct scalar a) {
    return a.bits.mask == WORD_MAX && a.u.min == 0 && a.u.max == WORD_MAX && a.s.min == SWORD_MIN &&
           a.s.max == SWORD_MAX && a.u32.min == 0 && a.u32.max == HALF_MAX &&
           a.s32.min == SHALF_MIN && a.s32.max == SHALF_MAX;
}

bool scalar_contains(struct scalar a, word x) {
    const half low = (half)x;
    return tnum_contains(a.bits, x) && a.u.min <= x && x <= a.u.max && a.s.min <= (sword)x &&
           (sword)x <= a.s.max && a.u32.min <= low && low <= a.u32.max && a.s32.min <= (shalf)low &&
           (shalf)low <= a.s32.max;
}

bool scalar_equal(struct scalar a, struct scalar b) {
    return a.bits.value == b.bits.value && a.bits.mask == b.bits.mask && a.u.min == b.u.min &&
           a.u.max == b.u.max && a.s.min == b.s.min && a.s.max == b.s.max &&
           a.u32.min == b.u32.min && a.u32.max == b.u32.max && a.s32.min == b.s32.min &&
           a.s32.max == b.s32.max;
}

bool scalar_well_formed(struct scalar a) {
    return tnum_well_formed(a.bits) && a.u.min <= a.u.max && scalar_equal(scalar_reduce(a), a);
}

/* ---- lattice ---- */

struct scalar scalar_join(struct scalar a, struct scalar b) {
    if (scalar_is_empty(a))
        return b;
    if (scalar_is_empty(b))
        return a;
    return scalar_reduce((struct scalar){.bits = tnum_join(a.bits, b.bits),
                                         .u = urange_join(a.u, b.u),
                                         .s = srange_join(a.s, b.s),
                                         .u32 = urange32_join(a.u32, b.u32),
                                         .s32 = srange32_join(a.s32, b.s32)});
}

struct scalar scalar_meet(struct scalar a, struct scalar b) {
    bool clash;
    const struct scalar met = raw_meet(a, b, &clash);
    return clash ? scalar_empty() : scalar_reduce(met);
}

bool scalar_subset(struct scalar a, struct scalar b) {
    if (scalar_is_empty(a))
        return true;
    return a.u.min >= b.u.min && a.u.max <= b.u.max && a.s.min >= b.s.min && a.s.max <= b.s.max &&
           a.u32.min >= b.u32.min && a.u32.max <= b.u32.max && a.s32.min >= b.s32.min &&
           a.s32.max <= b.s32.max && tnum_subset(a.bits, b.bits);
}

/* ---- widening ---- */

/* The ladder's rungs upward are 2^k - 1, for every k up to a quarter word (arrays and loops end
 * there), then for the widths of types alone. */
static bool is_rung(unsigned k) {
    return k <= WORD_BITS / 4 || k == HALF_BITS - 1 || k == HALF_BITS || k == WORD_BITS - 1;
}

/* rung_up_step: for the end x, a rung's worth of bits more if x does not fit in k bits. */
static word rung_up_step(word rung, word x, unsigned k) {
    const word ones = (word)(((word)1 << k) - 1);
    return is_rung(k) && ones >= x && ones < rung ? ones : rung;
}

/* rung_up: the least rung that is >= x; WORD_MAX is the last. */
static word rung_up(word x) {
    word rung = WORD_MAX;
    for (unsigned k = 0; k < WORD_BITS; k++)
        rung = rung_up_step(rung, x, k);
    return rung;
}

/* rung_down: the largest 2^k with k on the ladder, or 0, that is <= x. */
static word rung_down(word x) {
    word rung = 0;
    for (unsigned k = 0; k < WORD_BITS; k++) {
        const word one = (word)((word)1 << k);
        rung = is_rung(k) && one <= x ? one : rung;
    }
    return rung;
}

/* Below zero the ladder is mirrored by ~: an upper end is -1 or -2^k - 1, a lower one -2^k. */
static sword signed_up(sword x) {
    return x >= 0 ? (sword)rung_up((word)x) : ~(sword)rung_down((word)~x);
}

static sword signed_down(sword x) {
    return ~signed_up(~x);
}

static struct urange urange_widen(struct urange old, struct urange next) {
    return (struct urange){next.min < old.min ? rung_down(next.min) : old.min,
                           next.max > old.max ? rung_up(next.max) : old.max};
}

static struct srange srange_widen(struct srange old, struct srange next) {
    return (struct srange){next.min < old.min ? signed_down(next.min) : old.min,
                           next.max > old.max ? signed_up(next.max) : old.max};
}

/* The rungs include the ends of the half orders, so a half's range never leaves them. */
struct scalar scalar_widen(struct scalar old, struct scalar next) {
    if (scalar_is_empty(old))
        return next;
    if (scalar_is_empty(next))
        return old;
    const struct urange u32 = urange_widen(urange_of_half(old.u32), urange_of_half(next.u32));
    const struct srange s32 = srange_widen(srange_of_half(old.s32), srange_of_half(next.s32));
    return scalar_reduce((struct scalar){.bits = tnum_join(old.bits, next.bits),
                                         .u = urange_widen(old.u, next.u),
                                         .s = srange_widen(old.s, next.s),
                                         .u32 = {(half)u32.min, (half)u32.max},
                                         .s32 = {(shalf)s32.min, (shalf)s32.max}});
}

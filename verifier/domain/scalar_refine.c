/* scalar_refine.c: what a comparison that holds tells about its operands.
 *
 * At 32 bits a comparison of lower halves is one of words: of the zero-extended halves, or of the
 * sign-extended ones for signed order. What the words learn goes back to the lower half, and from
 * there by reduction to the word, as far as its upper half is known.
 */
#include "verifier/domain/raw.h"

/* seen_by: an operand as the comparison sees it. */
static struct scalar seen_by(enum scalar_width w, enum scalar_rel rel, struct scalar a) {
    if (w == SCALAR_64)
        return a;
    return rel == REL_SLT || rel == REL_SLE ? raw_sext(a) : raw_zext(a);
}

static bool disjoint(struct scalar a, struct scalar b) {
    const word known = (word) ~(a.bits.mask | b.bits.mask);
    return ((a.bits.value ^ b.bits.value) & known) != 0 || a.u.max < b.u.min || b.u.max < a.u.min ||
           a.s.max < b.s.min || b.s.max < a.s.min || a.u32.max < b.u32.min ||
           b.u32.max < a.u32.min || a.s32.max < b.s32.min || b.s32.max < a.s32.min;
}

bool scalar_never(enum scalar_width w, enum scalar_rel rel, struct scalar a, struct scalar b) {
    a = seen_by(w, rel, a);
    b = seen_by(w, rel, b);
    switch (rel) {
    case REL_EQ: return disjoint(a, b);
    case REL_NE: return (a.bits.mask | b.bits.mask) == 0 && a.bits.value == b.bits.value;
    case REL_ULT: return a.u.min >= b.u.max;
    case REL_ULE: return a.u.min > b.u.max;
    case REL_SLT: return a.s.min >= b.s.max;
    case REL_SLE: return a.s.min > b.s.max;
    case REL_SET: return (tnum_max(a.bits) & tnum_max(b.bits)) == 0;
    case REL_CLEAR: return (a.bits.value & b.bits.value) != 0;
    }
    return false;
}

/* ---- one relation each, on words; scalar_assume has excluded what never holds ---- */

static struct scalar_pair assume_eq(struct scalar a, struct scalar b) {
    bool clash; /* excluded by disjoint() */
    const struct scalar met = raw_meet(a, b, &clash);
    return (struct scalar_pair){met, met};
}

/* without: a but for the value x, which shows when x is an end. a is not that one value. */
static struct scalar without(struct scalar a, word x) {
    a.u.min += a.u.min == x;
    a.u.max -= a.u.max == x;
    a.s.min = (sword)(word)((word)a.s.min + (a.s.min == (sword)x));
    a.s.max = (sword)(word)((word)a.s.max - (a.s.max == (sword)x));
    return a;
}

static struct scalar low_without(struct scalar a, half x) {
    a.u32.min += a.u32.min == x;
    a.u32.max -= a.u32.max == x;
    a.s32.min = (shalf)(half)((half)a.s32.min + (a.s32.min == (shalf)x));
    a.s32.max = (shalf)(half)((half)a.s32.max - (a.s32.max == (shalf)x));
    return a;
}

static struct scalar_pair assume_ult(struct scalar a, struct scalar b) {
    return (struct scalar_pair){raw_within(a, (struct arc){0, b.u.max - 1}),
                                raw_within(b, (struct arc){a.u.min + 1, WORD_MAX - 1 - a.u.min})};
}

static struct scalar_pair assume_ule(struct scalar a, struct scalar b) {
    return (struct scalar_pair){raw_within(a, (struct arc){0, b.u.max}),
                                raw_within(b, (struct arc){a.u.min, WORD_MAX - a.u.min})};
}

static struct scalar_pair assume_slt(struct scalar a, struct scalar b) {
    const struct scalar_pair was = {a, b};
    a.s = srange_meet(a.s, (struct srange){SWORD_MIN, was.b.s.max - 1});
    b.s = srange_meet(b.s, (struct srange){was.a.s.min + 1, SWORD_MAX});
    return (struct scalar_pair){a, b};
}

static struct scalar_pair assume_sle(struct scalar a, struct scalar b) {
    const struct scalar_pair was = {a, b};
    a.s = srange_meet(a.s, (struct srange){SWORD_MIN, was.b.s.max});
    b.s = srange_meet(b.s, (struct srange){was.a.s.min, SWORD_MAX});
    return (struct scalar_pair){a, b};
}

/* with_ones: a, in which these unknown bits are 1. */
static struct scalar with_ones(struct scalar a, word ones) {
    a.bits.value |= ones;
    a.bits.mask &= (word)~ones;
    return a;
}

/* A common 1 is at one of the shared positions: if there is one such position, both have it; else
 * both are at least as large as the lowest. */
static struct scalar_pair assume_set(struct scalar a, struct scalar b) {
    const word shared = tnum_max(a.bits) & tnum_max(b.bits);
    const word lowest = shared & ((word)0 - shared);
    const word sure = shared == lowest ? shared : 0;
    a.u = urange_meet(a.u, (struct urange){lowest, WORD_MAX});
    b.u = urange_meet(b.u, (struct urange){lowest, WORD_MAX});
    return (struct scalar_pair){with_ones(a, sure), with_ones(b, sure)};
}

/* A known 1 of one operand is a 0 of the other. */
static struct scalar_pair assume_clear(struct scalar a, struct scalar b) {
    const struct scalar_pair was = {a, b};
    a.bits.mask &= (word)~was.b.bits.value;
    b.bits.mask &= (word)~was.a.bits.value;
    return (struct scalar_pair){a, b};
}

static struct scalar_pair assume_words(enum scalar_rel rel, struct scalar a, struct scalar b) {
    switch (rel) {
    case REL_EQ: return assume_eq(a, b);
    case REL_NE: break; /* by scalar_assume */
    case REL_ULT: return assume_ult(a, b);
    case REL_ULE: return assume_ule(a, b);
    case REL_SLT: return assume_slt(a, b);
    case REL_SLE: return assume_sle(a, b);
    case REL_SET: return assume_set(a, b);
    case REL_CLEAR: return assume_clear(a, b);
    }
    return (struct scalar_pair){a, b};
}

/* learn_low: a, whose extended lower half has become seen. */
static struct scalar learn_low(struct scalar a, struct scalar seen) {
    bool clash; /* seen.bits comes from a.bits */
    const struct tnum low = {.value = seen.bits.value & (word)HALF_MAX,
                             .mask = seen.bits.mask | (word) ~(word)HALF_MAX};
    a.bits = tnum_meet(a.bits, low, &clash);
    a.u32 = urange32_meet(a.u32, seen.u32);
    a.s32 = srange32_meet(a.s32, seen.s32);
    a = raw_low_within(a, arc_of_urange(seen.u));
    return raw_low_within(a, arc_of_srange(seen.s));
}

static struct scalar_pair assume_ne(enum scalar_width w, struct scalar a, struct scalar b) {
    const struct scalar_pair was = {a, b};
    if (w == SCALAR_64 ? scalar_is_const(was.b) : scalar_is_const32(was.b))
        a = w == SCALAR_64 ? without(a, was.b.bits.value) : low_without(a, (half)was.b.bits.value);
    if (w == SCALAR_64 ? scalar_is_const(was.a) : scalar_is_const32(was.a))
        b = w == SCALAR_64 ? without(b, was.a.bits.value) : low_without(b, (half)was.a.bits.value);
    return (struct scalar_pair){a, b};
}

struct scalar_pair scalar_assume(enum scalar_width w, enum scalar_rel rel, struct scalar a,
                                 struct scalar b) {
    const struct scalar_pair none = {scalar_empty(), scalar_empty()};
    if (scalar_never(w, rel, a, b))
        return none;
    struct scalar_pair r = {a, b};
    if (rel == REL_NE) {
        r = assume_ne(w, a, b);
    } else {
        r = assume_words(rel, seen_by(w, rel, a), seen_by(w, rel, b));
        if (w == SCALAR_32)
            r = (struct scalar_pair){learn_low(a, r.a), learn_low(b, r.b)};
    }
    r.a = scalar_reduce(r.a);
    r.b = scalar_reduce(r.b);
    return scalar_is_empty(r.a) || scalar_is_empty(r.b) ? none : r;
}

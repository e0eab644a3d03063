/* scalar_shift.c: shifts by a constant, a range of amounts, or any amount.
 *
 * The amount is masked with the width - 1 first. Ranges have closed forms in the least and the
 * most amount; known bits are joined over every amount that is possible, 64 at most.
 */
#include "verifier/domain/raw.h"

/* struct amounts: what an amount may be: { n : least <= n <= most, n in bits }. least and most are
 * members. */
struct amounts {
    unsigned least, most;
    struct tnum bits;
};

/* amounts_of: b & (width - 1). The lower half's range says it if it passes no multiple of the
 * width. */
static struct amounts amounts_of(enum scalar_width w, struct scalar b) {
    const half mask = w == SCALAR_64 ? WORD_BITS - 1 : HALF_BITS - 1;
    const struct tnum bits = tnum_and(b.bits, tnum_const(mask));
    word least = tnum_min(bits), most = tnum_max(bits);
    if ((b.u32.min & (half)~mask) == (b.u32.max & (half)~mask)) {
        least = tnum_next(bits, (word)(b.u32.min & mask));
        most = tnum_prev(bits, (word)(b.u32.max & mask));
    }
    if (least > most) /* b has no member, unseen by reduction: any amounts are sound */
        return (struct amounts){0, (unsigned)mask, {0, mask}};
    return (struct amounts){(unsigned)least, (unsigned)most, bits};
}

static bool has_amount(struct amounts by, unsigned n) {
    return n > by.least && n <= by.most && tnum_contains(by.bits, (word)n);
}

/* *_step: acc, and what the amount n gives if it is one. The least one starts the join. */
static struct tnum shl_step(struct tnum acc, struct tnum t, struct amounts by, unsigned n) {
    return has_amount(by, n) ? tnum_join(acc, tnum_shl(t, n)) : acc;
}

static struct tnum shl_by(struct tnum t, struct amounts by) {
    struct tnum acc = tnum_shl(t, by.least);
    for (unsigned n = 1; n < WORD_BITS; n++)
        acc = shl_step(acc, t, by, n);
    return acc;
}

static struct tnum lshr_step(struct tnum acc, struct tnum t, struct amounts by, unsigned n) {
    return has_amount(by, n) ? tnum_join(acc, tnum_lshr(t, n)) : acc;
}

static struct tnum lshr_by(struct tnum t, struct amounts by) {
    struct tnum acc = tnum_lshr(t, by.least);
    for (unsigned n = 1; n < WORD_BITS; n++)
        acc = lshr_step(acc, t, by, n);
    return acc;
}

static struct tnum ashr_step(struct tnum acc, struct tnum t, struct amounts by, unsigned n) {
    return has_amount(by, n) ? tnum_join(acc, tnum_ashr(t, n, WORD_BITS)) : acc;
}

static struct tnum ashr_by(struct tnum t, struct amounts by) {
    struct tnum acc = tnum_ashr(t, by.least, WORD_BITS);
    for (unsigned n = 1; n < WORD_BITS; n++)
        acc = ashr_step(acc, t, by, n);
    return acc;
}

/* shl_const: a << n is a * 2^n, whose arcs are exact where ranges would overflow. When the whole
 * lower half moves to the top, it alone decides. */
static struct scalar shl_const(struct scalar a, unsigned n) {
    const word factor = (word)((word)1 << n);
    const struct arc low = arc_of_urange(urange_of_half(a.u32));
    const struct arc low_signed = arc_of_srange(srange_of_half(a.s32));
    struct scalar r = raw_of_tnum(tnum_shl(a.bits, n));
    if (factor != WORD_SIGN) { /* as a factor, the sign bit would be negative */
        r = raw_within(r, arc_scale(arc_of_urange(a.u), factor));
        r = raw_within(r, arc_scale(arc_of_srange(a.s), factor));
        r = raw_low_within(r, arc_scale(low, factor));
        r = raw_low_within(r, arc_scale(low_signed, factor));
    }
    if (n >= HALF_BITS && factor != WORD_SIGN) {
        r = raw_within(r, arc_scale(low, factor));
        r = raw_within(r, arc_scale(low_signed, factor));
    }
    return r;
}

static struct scalar shl_any(struct scalar a, struct amounts by) {
    struct scalar r = raw_of_tnum(shl_by(a.bits, by));
    r.u = urange_shl(a.u, by.least, by.most);
    r.s = srange_shl(a.s, by.least, by.most);
    r = raw_low_within(r, arc_of_urange(urange_shl(urange_of_half(a.u32), by.least, by.most)));
    return raw_low_within(r, arc_of_srange(srange_shl(srange_of_half(a.s32), by.least, by.most)));
}

/* unshifted: what all three shifts give for the amount 0 alone. */
static struct scalar unshifted(enum scalar_width w, struct scalar a) {
    return scalar_finish(w, a);
}

struct scalar scalar_lsh(enum scalar_width w, struct scalar a, struct scalar b) {
    const struct amounts by = amounts_of(w, b);
    if (by.most == 0)
        return unshifted(w, a);
    if (by.least == by.most && scalar_fold(w, a, a))
        return scalar_folded(w, (word)(a.bits.value << by.least));
    return scalar_finish(w, by.least == by.most ? shl_const(a, by.least) : shl_any(a, by));
}

/* To the right, bits of the upper half come down: at 32 bits the operand is the extended half. */
struct scalar scalar_rsh(enum scalar_width w, struct scalar a, struct scalar b) {
    const struct amounts by = amounts_of(w, b);
    if (by.most == 0)
        return unshifted(w, a);
    a = w == SCALAR_64 ? a : raw_zext(a);
    if (by.least == by.most && a.bits.mask == 0)
        return scalar_folded(w, a.bits.value >> by.least);
    struct scalar r =
        raw_of_tnum(by.least == by.most ? tnum_lshr(a.bits, by.least) : lshr_by(a.bits, by));
    r.u = urange_lshr(a.u, by.least, by.most);
    r.s = kept_or_halved(a);
    return scalar_finish(w, r);
}

struct scalar scalar_arsh(enum scalar_width w, struct scalar a, struct scalar b) {
    const struct amounts by = amounts_of(w, b);
    if (by.most == 0)
        return unshifted(w, a);
    a = w == SCALAR_64 ? a : raw_sext(a);
    if (by.least == by.most && a.bits.mask == 0)
        return scalar_folded(w, (word)((sword)a.bits.value >> by.least));
    struct scalar r = raw_of_tnum(by.least == by.most ? tnum_ashr(a.bits, by.least, WORD_BITS)
                                                      : ashr_by(a.bits, by));
    r.s = srange_ashr(a.s, by.least, by.most);
    return scalar_finish(w, r);
}

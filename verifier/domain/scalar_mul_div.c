/* scalar_mul_div.c: multiplication, division and remainder.
 *
 * Multiplication is low-half compatible like addition. Division is not: at 32 bits it is the
 * 64-bit division of the extended halves, zero-extended for DIV and MOD, sign-extended for SDIV
 * and SMOD, and the lower half of what comes out. A divisor of zero is thereby judged at the
 * operation's width.
 */
#include "verifier/domain/raw.h"

/* ---- multiplication ---- */

/* by_constant: multiples of what is on a's two arcs; exact where ranges overflow but the arc's
 * length does not. */
static struct scalar by_constant(struct scalar r, struct scalar a, word factor) {
    r = raw_within(r, arc_scale(arc_of_urange(a.u), factor));
    r = raw_within(r, arc_scale(arc_of_srange(a.s), factor));
    r = raw_low_within(r, arc_scale(arc_of_urange(urange_of_half(a.u32)), factor));
    return raw_low_within(r, arc_scale(arc_of_srange(srange_of_half(a.s32)), factor));
}

/* by_halves: products of halves fit a word, so these ranges never are full before they are cut. */
static struct scalar by_halves(struct scalar r, struct scalar a, struct scalar b) {
    r = raw_low_within(r, arc_of_urange(urange_mul(urange_of_half(a.u32), urange_of_half(b.u32))));
    return raw_low_within(r,
                          arc_of_srange(srange_mul(srange_of_half(a.s32), srange_of_half(b.s32))));
}

struct scalar scalar_mul(enum scalar_width w, struct scalar a, struct scalar b) {
    if (scalar_fold(w, a, b))
        return scalar_folded(w, a.bits.value * b.bits.value);
    struct scalar r = raw_of_tnum(tnum_mul(a.bits, b.bits));
    r.u = urange_mul(a.u, b.u);
    r.s = srange_mul(a.s, b.s);
    r = by_halves(r, a, b);
    if (scalar_is_const(b))
        r = by_constant(r, a, b.bits.value);
    else if (scalar_is_const(a))
        r = by_constant(r, b, a.bits.value);
    return scalar_finish(w, r);
}

/* ---- division ---- */

static word div_word(word x, word y) {
    return y == 0 ? 0 : x / y;
}

static word mod_word(word x, word y) {
    return y == 0 ? x : x % y;
}

static word sdiv_word(word x, word y) {
    if (y == WORD_MAX) /* also for the one quotient that overflows */
        return (word)0 - x;
    return y == 0 ? 0 : (word)((sword)x / (sword)y);
}

static word smod_word(word x, word y) {
    if (y == WORD_MAX)
        return 0;
    return y == 0 ? x : (word)((sword)x % (sword)y);
}

static bool is_power_of_2(word x) {
    return x != 0 && (x & (word)(x - 1)) == 0;
}

/* shift_of: k of x = 2^k. */
static unsigned shift_of(word x) {
    unsigned k = 0;
    for (unsigned i = 1; i < WORD_BITS; i++)
        k = (x >> i) == 1 ? i : k;
    return k;
}

/* zexted, sexted: an operand as division sees it. */
static struct scalar zexted(enum scalar_width w, struct scalar a) {
    return w == SCALAR_64 ? a : raw_zext(a);
}

static struct scalar sexted(enum scalar_width w, struct scalar a) {
    return w == SCALAR_64 ? a : raw_sext(a);
}

struct scalar scalar_div(enum scalar_width w, struct scalar a, struct scalar b) {
    a = zexted(w, a);
    b = zexted(w, b);
    if (scalar_fold(SCALAR_64, a, b))
        return scalar_folded(w, div_word(a.bits.value, b.bits.value));
    struct scalar r = scalar_unknown();
    r.u = urange_div(a.u, b.u);
    r.s = kept_or_halved(a);
    if (scalar_is_const(b) && is_power_of_2(b.bits.value))
        r.bits = tnum_lshr(a.bits, shift_of(b.bits.value));
    return scalar_finish(w, r);
}

/* struct divisors: those below zero and the others. A scalar of both signs has its negative members
 * from s.min up to u.max, its others from u.min up to s.max: so u tells how near to zero they are,
 * and whether zero is one. With one sign both are the same range. */
struct divisors {
    struct srange negative, other;
};

static struct divisors by_sign(struct scalar b) {
    if (b.s.min < 0 && b.s.max >= 0 && (sword)b.u.max < 0 && (sword)b.u.min >= 0)
        return (struct divisors){{b.s.min, (sword)b.u.max}, {(sword)b.u.min, b.s.max}};
    return (struct divisors){b.s, b.s};
}

static struct srange signed_quotients(struct srange a, struct scalar b) {
    const struct divisors by = by_sign(b);
    return srange_join(srange_div(a, by.negative), srange_div(a, by.other));
}

static struct srange signed_remainders(struct srange a, struct scalar b) {
    const struct divisors by = by_sign(b);
    return srange_join(srange_mod(a, by.negative), srange_mod(a, by.other));
}

/* unsigned_quotients: of operands that are not negative, the unsigned division says more: it knows
 * powers of two. */
static struct scalar unsigned_quotients(struct scalar a, struct scalar b, struct srange s) {
    return raw_within(scalar_div(SCALAR_64, a, b), arc_of_srange(s));
}

struct scalar scalar_sdiv(enum scalar_width w, struct scalar a, struct scalar b) {
    a = sexted(w, a);
    b = sexted(w, b);
    if (scalar_fold(SCALAR_64, a, b))
        return scalar_folded(w, sdiv_word(a.bits.value, b.bits.value));
    struct scalar r = scalar_unknown();
    r.s = signed_quotients(a.s, b);
    if (a.s.min >= 0 && b.s.min >= 0)
        r = unsigned_quotients(a, b, r.s);
    return scalar_finish(w, r);
}

/* congruent: x % y and x agree modulo every power of two that divides all y (y = 0 leaves x). */
static struct tnum congruent(struct tnum a, struct tnum divisor) {
    const word odd =
        tnum_max(divisor) & (word)((word)0 - tnum_max(divisor)); /* lowest possible 1 */
    const word same = (word)(odd - 1);                           /* of y = 0 alone: all bits */
    return (struct tnum){.value = a.value & same, .mask = a.mask | (word)~same};
}

struct scalar scalar_mod(enum scalar_width w, struct scalar a, struct scalar b) {
    a = zexted(w, a);
    b = zexted(w, b);
    if (scalar_fold(SCALAR_64, a, b))
        return scalar_folded(w, mod_word(a.bits.value, b.bits.value));
    if (b.u.min > a.u.max || b.u.max == 0) /* nothing is taken away */
        return scalar_finish(w, a);
    struct scalar r = raw_of_tnum(congruent(a.bits, b.bits));
    r.u = urange_mod(a.u, b.u);
    r.s = kept_or_halved(a);
    return scalar_finish(w, r);
}

struct scalar scalar_smod(enum scalar_width w, struct scalar a, struct scalar b) {
    a = sexted(w, a);
    b = sexted(w, b);
    if (scalar_fold(SCALAR_64, a, b))
        return scalar_folded(w, smod_word(a.bits.value, b.bits.value));
    struct scalar r = raw_of_tnum(congruent(a.bits, b.bits));
    r.s = signed_remainders(a.s, b);
    return scalar_finish(w, r);
}

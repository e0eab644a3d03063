/* scalar_alu.c: addition, subtraction, bitwise operations, extensions, byte swap.
 *
 * The lower half of a sum, difference or bitwise result depends on the lower halves alone. So one
 * function serves both widths: it says what word the operation gives on words, and what lower half
 * on lower halves; a 32-bit operation keeps the latter.
 */
#include "verifier/domain/raw.h"

/* ---- addition, subtraction ---- */

/* An operand lies on two arcs, its unsigned and its signed range; either may be the useful one. */
static struct scalar sum_of_arcs(struct scalar r, struct arc au, struct arc as, struct arc bu,
                                 struct arc bs) {
    r = raw_within(r, arc_add(au, bu));
    r = raw_within(r, arc_add(as, bs));
    r = raw_within(r, arc_add(au, bs));
    return raw_within(r, arc_add(as, bu));
}

static struct scalar low_sum_of_arcs(struct scalar r, struct arc au, struct arc as, struct arc bu,
                                     struct arc bs) {
    r = raw_low_within(r, arc_add(au, bu));
    r = raw_low_within(r, arc_add(as, bs));
    r = raw_low_within(r, arc_add(au, bs));
    return raw_low_within(r, arc_add(as, bu));
}

static struct arc low_unsigned(struct scalar a) {
    return arc_of_urange(urange_of_half(a.u32));
}

static struct arc low_signed(struct scalar a) {
    return arc_of_srange(srange_of_half(a.s32));
}

struct scalar scalar_add(enum scalar_width w, struct scalar a, struct scalar b) {
    if (scalar_fold(w, a, b))
        return scalar_folded(w, a.bits.value + b.bits.value);
    struct scalar r = raw_of_tnum(tnum_add(a.bits, b.bits));
    r = low_sum_of_arcs(r, low_unsigned(a), low_signed(a), low_unsigned(b), low_signed(b));
    if (w == SCALAR_64)
        r = sum_of_arcs(r, arc_of_urange(a.u), arc_of_srange(a.s), arc_of_urange(b.u),
                        arc_of_srange(b.s));
    return scalar_finish(w, r);
}

struct scalar scalar_sub(enum scalar_width w, struct scalar a, struct scalar b) {
    if (scalar_fold(w, a, b))
        return scalar_folded(w, a.bits.value - b.bits.value);
    struct scalar r = raw_of_tnum(tnum_sub(a.bits, b.bits));
    r = low_sum_of_arcs(r, low_unsigned(a), low_signed(a), arc_neg(low_unsigned(b)),
                        arc_neg(low_signed(b)));
    if (w == SCALAR_64)
        r = sum_of_arcs(r, arc_of_urange(a.u), arc_of_srange(a.s), arc_neg(arc_of_urange(b.u)),
                        arc_neg(arc_of_srange(b.s)));
    return scalar_finish(w, r);
}

struct scalar scalar_neg(enum scalar_width w, struct scalar a) {
    return scalar_sub(w, scalar_const(0), a);
}

/* ---- bitwise ---- */

/* What a bitwise operation's ranges say of words and of lower halves: the same functions, on lifted
 * halves for the latter. */
struct bounds {
    struct urange u, u_low;
    struct srange s, s_low;
};

static struct scalar bitwise(enum scalar_width w, struct tnum bits, struct bounds by) {
    struct scalar r = raw_of_tnum(bits);
    r.u = by.u;
    r.s = by.s;
    r = raw_low_within(r, arc_of_urange(by.u_low));
    r = raw_low_within(r, arc_of_srange(by.s_low));
    return scalar_finish(w, r);
}

struct scalar scalar_and(enum scalar_width w, struct scalar a, struct scalar b) {
    if (scalar_fold(w, a, b))
        return scalar_folded(w, a.bits.value & b.bits.value);
    return bitwise(w, tnum_and(a.bits, b.bits),
                   (struct bounds){urange_and(a.u, b.u),
                                   urange_and(urange_of_half(a.u32), urange_of_half(b.u32)),
                                   srange_and(a.s, b.s),
                                   srange_and(srange_of_half(a.s32), srange_of_half(b.s32))});
}

struct scalar scalar_or(enum scalar_width w, struct scalar a, struct scalar b) {
    if (scalar_fold(w, a, b))
        return scalar_folded(w, a.bits.value | b.bits.value);
    return bitwise(w, tnum_or(a.bits, b.bits),
                   (struct bounds){urange_or(a.u, b.u),
                                   urange_or(urange_of_half(a.u32), urange_of_half(b.u32)),
                                   srange_or(a.s, b.s),
                                   srange_or(srange_of_half(a.s32), srange_of_half(b.s32))});
}

struct scalar scalar_xor(enum scalar_width w, struct scalar a, struct scalar b) {
    if (scalar_fold(w, a, b))
        return scalar_folded(w, a.bits.value ^ b.bits.value);
    return bitwise(w, tnum_xor(a.bits, b.bits),
                   (struct bounds){urange_xor(a.u, b.u),
                                   urange_xor(urange_of_half(a.u32), urange_of_half(b.u32)),
                                   srange_xor(a.s, b.s),
                                   srange_xor(srange_of_half(a.s32), srange_of_half(b.s32))});
}

/* ---- extensions, byte swap ---- */

/* The low bits of a range are a range unless it passes a multiple of 2^bits. The range to look at
 * is the half's: one that passes no such multiple passes no half's end either. */
struct scalar scalar_zext(unsigned bits, struct scalar a) {
    if (bits == WORD_BITS)
        return a;
    if (bits == HALF_BITS)
        return scalar_finish(SCALAR_64, raw_zext(a));
    const half kept = (half)(HALF_MAX >> (HALF_BITS - bits));
    struct scalar r = raw_of_tnum(tnum_trunc(a.bits, bits));
    r.u = (struct urange){0, kept};
    if ((a.u32.min & (half)~kept) == (a.u32.max & (half)~kept))
        r.u = (struct urange){a.u32.min & kept, a.u32.max & kept};
    return scalar_finish(SCALAR_64, r);
}

bool scalar_fits(unsigned bits, struct scalar a) {
    return bits == WORD_BITS || a.u.max >> bits == 0;
}

struct scalar scalar_stored(unsigned bits, struct scalar a) {
    return scalar_fits(bits, a) ? a : scalar_zext(bits, a);
}

struct scalar scalar_linked(struct scalar known, int32_t known_by, int32_t by) {
    const int64_t apart = (int64_t)by - known_by;
    return apart == 0 ? known : scalar_add(SCALAR_64, known, scalar_const((word)apart));
}

/* Adding half of 2^bits moves the signed ranges' ends to multiples of 2^bits. */
struct scalar scalar_sext(enum scalar_width w, unsigned bits, struct scalar a) {
    if (bits == WORD_BITS)
        return a;
    if (bits == HALF_BITS)
        return scalar_finish(w, raw_sext(a));
    const half above = (half) ~(half)(HALF_MAX >> (HALF_BITS - bits));
    const half sign = (half)((half)1 << (bits - 1));
    const half first = (half)((half)a.s32.min + sign), last = (half)((half)a.s32.max + sign);
    struct scalar r = raw_of_tnum(tnum_sext(a.bits, bits));
    r.s = (struct srange){-(sword)sign, (sword)(half)(sign - 1)};
    if (a.s32.min <= a.s32.max && (first & above) == (last & above) && first <= last)
        r.s = (struct srange){(sword)(half)(first & (half)~above) - (sword)sign,
                              (sword)(half)(last & (half)~above) - (sword)sign};
    r = raw_low_within(r, arc_of_srange(r.s));
    return scalar_finish(w, r);
}

struct scalar scalar_bswap(unsigned bits, struct scalar a) {
    return scalar_finish(SCALAR_64, raw_of_tnum(tnum_bswap(a.bits, bits)));
}

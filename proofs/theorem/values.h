/* values.h: arbitrary abstract values and their members, and what theorems say of them.
 *
 * any_X(name): every X there is, also ranges in the wrong order and scalars without members.
 * any_X_with(name, x): every X that contains x. any_scalar_near(name, x): every scalar too; the
 * native run prefers such that contain x. any_ordered(name): every scalar in order, which need not
 * have a member: few of the native ones have. A tnum is well-formed.
 *
 * Where the solver assumes, the native run constructs: it would wait long for random values that
 * satisfy an assumption by chance.
 */
#ifndef BPFLAB_PROOFS_THEOREM_VALUES_H
#define BPFLAB_PROOFS_THEOREM_VALUES_H

#include "proofs/theorem/harness.h"
#include "verifier/domain/scalar.h"

/* at_most, at_least: drawn, which is at most (at least) x. */
#ifdef PROOF_NATIVE
static inline word at_most(word x, word drawn) {
    return drawn <= x ? drawn : (drawn & 1 ? x - (drawn >> 1) % (x + 1) : drawn % (x + 1));
}
static inline word at_least(word x, word drawn) {
    return (word)~at_most((word)~x, (word)~drawn);
}
static inline sword s_at_most(sword x, sword drawn) {
    return (sword)(at_most((word)x ^ WORD_SIGN, (word)drawn ^ WORD_SIGN) ^ WORD_SIGN);
}
static inline sword s_at_least(sword x, sword drawn) {
    return (sword)(at_least((word)x ^ WORD_SIGN, (word)drawn ^ WORD_SIGN) ^ WORD_SIGN);
}
static inline bool native_prefers_member(void) {
    return proof_any(3, "member") != 0;
}
#else
static inline word at_most(word x, word drawn) {
    assume(drawn <= x);
    return drawn;
}
static inline word at_least(word x, word drawn) {
    assume(drawn >= x);
    return drawn;
}
static inline sword s_at_most(sword x, sword drawn) {
    assume(drawn <= x);
    return drawn;
}
static inline sword s_at_least(sword x, sword drawn) {
    assume(drawn >= x);
    return drawn;
}
static inline bool native_prefers_member(void) {
    return false;
}
#endif

/* Of halves, as words at the top, which keep their order. */
static inline word on_top(half x) {
    return (word)x << HALF_BITS;
}
static inline half h_at_most(half x, half drawn) {
    return (half)(at_most(on_top(x), on_top(drawn)) >> HALF_BITS);
}
static inline half h_at_least(half x, half drawn) {
    return (half)(at_least(on_top(x), on_top(drawn)) >> HALF_BITS);
}
static inline shalf sh_at_most(shalf x, shalf drawn) {
    return (shalf)(s_at_most((sword)on_top((half)x), (sword)on_top((half)drawn)) >> HALF_BITS);
}
static inline shalf sh_at_least(shalf x, shalf drawn) {
    return (shalf)(s_at_least((sword)on_top((half)x), (sword)on_top((half)drawn)) >> HALF_BITS);
}

/* ---- words ---- */

#define any_word(name)          ((word)proof_any(64, name))
#define any_half(name)          ((half)proof_any(32, name))
#define any_bool(name)          (proof_any(1, name) != 0)
#define any_amount(name)        ((unsigned)proof_any(6, name)) /* 0 to 63 */
#define any_below(n, name)      ((unsigned)at_most((n) - 1, proof_any(64, name)))
#define any_from_to(x, y, name) (at_least(x, at_most(y, proof_any(64, name))))

/* low_of, signed_low_of: the lower half, zero-extended and sign-extended. */
static inline word low_of(word x) {
    return (half)x;
}
static inline word signed_low_of(word x) {
    return (word)(sword)(shalf)(half)x;
}

/* ---- tnums ---- */

static inline struct tnum tnum_of(word value, word mask) {
    return (struct tnum){.value = value & (word)~mask, .mask = mask};
}
#define any_tnum(name)         tnum_of(any_word(name ".value"), any_word(name ".mask"))
#define any_tnum_with(name, x) tnum_of(x, any_word(name ".mask"))
#define any_in_tnum(name, t)   ((word)((t).value | (any_word(name) & (t).mask)))

static inline bool tnum_equal(struct tnum a, struct tnum b) {
    return a.value == b.value && a.mask == b.mask;
}

/* ---- ranges ---- */

static inline bool in_u(struct urange r, word x) {
    return r.min <= x && x <= r.max;
}
static inline bool in_s(struct srange r, word x) {
    return r.min <= (sword)x && (sword)x <= r.max;
}
static inline bool in_u32(struct urange32 r, word x) {
    return r.min <= (half)x && (half)x <= r.max;
}
static inline bool in_s32(struct srange32 r, word x) {
    return r.min <= (shalf)(half)x && (shalf)(half)x <= r.max;
}

/* A range that has x has its ends in order. Assuming it, though it follows, spares the solver the
 * proof, 64 bits deep, wherever the order is asked for. */
#define IN_ORDER(r) (assume((r).min <= (r).max), (r))
static inline struct urange urange_of(word x, word min, word max) {
    const struct urange r = {at_most(x, min), at_least(x, max)};
    return IN_ORDER(r);
}
static inline struct srange srange_of(word x, word min, word max) {
    const struct srange r = {s_at_most((sword)x, (sword)min), s_at_least((sword)x, (sword)max)};
    return IN_ORDER(r);
}
static inline struct urange32 urange32_of(word x, half min, half max) {
    const struct urange32 r = {h_at_most((half)x, min), h_at_least((half)x, max)};
    return IN_ORDER(r);
}
static inline struct srange32 srange32_of(word x, half min, half max) {
    const struct srange32 r = {sh_at_most((shalf)(half)x, (shalf)min),
                               sh_at_least((shalf)(half)x, (shalf)max)};
    return IN_ORDER(r);
}
/* A range around x: how far its ends are from x is arbitrary. In sums and arcs of such ranges x
 * cancels, which is much to a solver that sees bits. */
static inline struct urange urange_around(word x, word down, word up) {
    return (struct urange){x - at_most(x, down), x + at_most(~x, up)};
}
static inline struct srange srange_around(word x, word down, word up) {
    const word above_min = x ^ WORD_SIGN;
    return (struct srange){(sword)(x - at_most(above_min, down)),
                           (sword)(x + at_most(~above_min, up))};
}
static inline struct urange32 urange32_around(word x, half down, half up) {
    const half h = (half)x;
    return (struct urange32){h - h_at_most(h, down), h + h_at_most(~h, up)};
}
static inline struct srange32 srange32_around(word x, half down, half up) {
    const half h = (half)x, above_min = h ^ (half)HALF_SIGN;
    return (struct srange32){(shalf)(half)(h - h_at_most(above_min, down)),
                             (shalf)(half)(h + h_at_most(~above_min, up))};
}
#define any_urange_with(name, x)   urange_of(x, any_word(name ".min"), any_word(name ".max"))
#define any_srange_with(name, x)   srange_of(x, any_word(name ".min"), any_word(name ".max"))
#define any_urange32_with(name, x) urange32_of(x, any_half(name ".min"), any_half(name ".max"))
#define any_srange32_with(name, x) srange32_of(x, any_half(name ".min"), any_half(name ".max"))
#define any_urange(name)           ((struct urange){any_word(name ".min"), any_word(name ".max")})
#define any_srange(name)                                                                           \
    ((struct srange){(sword)any_word(name ".min"), (sword)any_word(name ".max")})

/* on_arc: is x on it?  low_on_arc: has a word on it the lower half of x? */
static inline bool on_arc(struct arc a, word x) {
    return (word)(x - a.start) <= a.len;
}
static inline bool low_on_arc(struct arc a, word x) {
    return a.len > HALF_MAX || (half)((half)x - (half)a.start) <= (half)a.len;
}
static inline struct arc arc_of(word x, word back, word len) {
    return (struct arc){x - at_most(len, back), len};
}
#define any_arc(name)         ((struct arc){any_word(name ".start"), any_word(name ".len")})
#define any_arc_with(name, x) arc_of(x, any_word(name ".back"), any_word(name ".len"))

/* ---- scalars ---- */

/* struct drawn: ten arbitrary fields, and what becomes of them. */
struct drawn {
    word value, mask, u_min, u_max, s_min, s_max;
    half u32_min, u32_max, s32_min, s32_max;
};
#define DRAW(name)                                                                                 \
    ((struct drawn){any_word(name ".bits.value"), any_word(name ".bits.mask"),                     \
                    any_word(name ".u.min"), any_word(name ".u.max"), any_word(name ".s.min"),     \
                    any_word(name ".s.max"), any_half(name ".u32.min"), any_half(name ".u32.max"), \
                    any_half(name ".s32.min"), any_half(name ".s32.max")})

static inline struct scalar scalar_drawn(struct drawn d) {
    return (struct scalar){.bits = tnum_of(d.value, d.mask),
                           .u = {d.u_min, d.u_max},
                           .s = {(sword)d.s_min, (sword)d.s_max},
                           .u32 = {d.u32_min, d.u32_max},
                           .s32 = {(shalf)d.s32_min, (shalf)d.s32_max}};
}
static inline struct scalar scalar_drawn_with(word x, struct drawn d) {
    return (struct scalar){.bits = tnum_of(x, d.mask),
                           .u = urange_of(x, d.u_min, d.u_max),
                           .s = srange_of(x, d.s_min, d.s_max),
                           .u32 = urange32_of(x, d.u32_min, d.u32_max),
                           .s32 = srange32_of(x, d.s32_min, d.s32_max)};
}
static inline struct scalar scalar_drawn_around(word x, struct drawn d) {
    return (struct scalar){.bits = tnum_of(x, d.mask),
                           .u = urange_around(x, d.u_min, d.u_max),
                           .s = srange_around(x, d.s_min, d.s_max),
                           .u32 = urange32_around(x, d.u32_min, d.u32_max),
                           .s32 = srange32_around(x, d.s32_min, d.s32_max)};
}
static inline struct scalar scalar_drawn_ordered(struct drawn d) {
    return (struct scalar){
        .bits = tnum_of(d.value, d.mask),
        .u = {d.u_min, at_least(d.u_min, d.u_max)},
        .s = {(sword)d.s_min, s_at_least((sword)d.s_min, (sword)d.s_max)},
        .u32 = {d.u32_min, h_at_least(d.u32_min, d.u32_max)},
        .s32 = {(shalf)d.s32_min, sh_at_least((shalf)d.s32_min, (shalf)d.s32_max)}};
}
static inline struct scalar scalar_drawn_near(word x, struct drawn d) {
    return native_prefers_member() ? scalar_drawn_with(x, d) : scalar_drawn(d);
}
#define any_scalar(name)           scalar_drawn(DRAW(name))
#define any_scalar_with(name, x)   scalar_drawn_with(x, DRAW(name))
/* any_scalar_around: the same set, but what is drawn is how far the ends are from x. */
#define any_scalar_around(name, x) scalar_drawn_around(x, DRAW(name))
#define any_scalar_near(name, x)   scalar_drawn_near(x, DRAW(name))
#define any_ordered(name)          scalar_drawn_ordered(DRAW(name))

/* ordered: what every result is that is not empty, but for being reduced. */
static inline bool ordered(struct scalar a) {
    return tnum_well_formed(a.bits) && a.u.min <= a.u.max && a.s.min <= a.s.max &&
           a.u32.min <= a.u32.max && a.s32.min <= a.s32.max;
}

static inline bool implies(bool a, bool b) {
    return !a || b;
}

/* check_members: r contains x, wherever c holds: an obligation for each component. */
static inline void check_members(bool c, struct scalar r, word x) {
    check("bits contain it", implies(c, tnum_contains(r.bits, x)));
    check("u.min", implies(c, r.u.min <= x));
    check("u.max", implies(c, x <= r.u.max));
    check("s.min", implies(c, r.s.min <= (sword)x));
    check("s.max", implies(c, (sword)x <= r.s.max));
    check("u32.min", implies(c, r.u32.min <= (half)x));
    check("u32.max", implies(c, (half)x <= r.u32.max));
    check("s32.min", implies(c, r.s32.min <= (shalf)(half)x));
    check("s32.max", implies(c, (shalf)(half)x <= r.s32.max));
}

#endif

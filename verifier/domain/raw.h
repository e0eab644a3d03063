/* raw.h: what the transfer functions are written with; private to verifier/domain.
 *
 * A transfer function collects, in a scalar that starts as "any value with these bits", what each
 * component's own operation says (raw transfer), and ends in scalar_finish, which cuts to the
 * width and reduces. Collecting only ever intersects, so each source may be argued, and proved,
 * alone.
 */
#ifndef BPFLAB_VERIFIER_DOMAIN_RAW_H
#define BPFLAB_VERIFIER_DOMAIN_RAW_H

#include "verifier/domain/scalar.h"

static inline struct scalar raw_of_tnum(struct tnum bits) {
    return (struct scalar){.bits = bits,
                           .u = URANGE_FULL,
                           .s = SRANGE_FULL,
                           .u32 = URANGE32_FULL,
                           .s32 = SRANGE32_FULL};
}

/* raw_within: of r, what lies on an arc.  raw_low_within: of r, what has its lower half there. */
static inline struct scalar raw_within(struct scalar r, struct arc a) {
    r.u = urange_meet(r.u, urange_of_arc(a));
    r.s = srange_meet(r.s, srange_of_arc(a));
    return r;
}

static inline struct scalar raw_low_within(struct scalar r, struct arc a) {
    r.u32 = urange32_meet(r.u32, urange32_of_arc_low(a));
    r.s32 = srange32_meet(r.s32, srange32_of_arc_low(a));
    return r;
}

/* raw_zext, raw_sext: the lower half extended to a word. What the lower half's components know is
 * all that the result knows. */
static inline struct scalar raw_zext(struct scalar a) {
    const struct urange u = urange_of_half(a.u32);
    return (struct scalar){.bits = tnum_low(a.bits),
                           .u = u,
                           .s = {(sword)u.min, (sword)u.max},
                           .u32 = a.u32,
                           .s32 = a.s32};
}

static inline struct scalar raw_sext(struct scalar a) {
    const struct srange s = srange_of_half(a.s32);
    return (struct scalar){.bits = tnum_sext(a.bits, HALF_BITS),
                           .u = urange_of_arc(arc_of_srange(s)),
                           .s = s,
                           .u32 = a.u32,
                           .s32 = a.s32};
}

/* raw_meet: component by component. out: *clash is true if the bits contradict each other */
static inline struct scalar raw_meet(struct scalar a, struct scalar b, bool *clash) {
    return (struct scalar){.bits = tnum_meet(a.bits, b.bits, clash),
                           .u = urange_meet(a.u, b.u),
                           .s = srange_meet(a.s, b.s),
                           .u32 = urange32_meet(a.u32, b.u32),
                           .s32 = srange32_meet(a.s32, b.s32)};
}

/* kept_or_halved: the signed range of results that are the operand itself, or at most half of it as
 * unsigned numbers: quotients, remainders, shifts to the right. It says more than the unsigned
 * range when the operand may have either sign. */
static inline struct srange kept_or_halved(struct scalar a) {
    return srange_join(a.s, (struct srange){0, (sword)(a.u.max >> 1)});
}

/* scalar_finish: a transfer function's result from what it collected, a value of WORD_BITS.
 * in:  w: SCALAR_32 keeps the lower half
 * out: reduced. An operand without members that reduction did not find out may collect a
 *      contradiction; then anything is sound, and the unknown value is returned */
struct scalar scalar_finish(enum scalar_width w, struct scalar raw);

/* scalar_fold: a and b are constants at width w, so the result can be computed. */
static inline bool scalar_fold(enum scalar_width w, struct scalar a, struct scalar b) {
    return w == SCALAR_64 ? ((a.bits.mask | b.bits.mask) == 0)
                          : (half)(a.bits.mask | b.bits.mask) == 0;
}

static inline struct scalar scalar_folded(enum scalar_width w, word x) {
    return scalar_const(w == SCALAR_64 ? x : (word)(half)x);
}

#endif

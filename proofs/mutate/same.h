/* same.h: for theorems that a mutant is no mutant: arbitrary arguments of every type of the domain,
 * and equality of every type. Included behind theorem/all.c (equivalent.py).
 */
#ifndef BPFLAB_PROOFS_MUTATE_SAME_H
#define BPFLAB_PROOFS_MUTATE_SAME_H

#define ANY_word(n)     any_word(n)
#define ANY_sword(n)    ((sword)any_word(n))
#define ANY_half(n)     any_half(n)
#define ANY_shalf(n)    ((shalf)any_half(n))
#define ANY_bool(n)     any_bool(n)
#define ANY_unsigned(n) any_amount(n)
#define ANY_width(n)    (1 + any_amount(n))
/* Of a scalar's operation: the widths that instructions have. */
#define ANY_bits(n)     (1u << (3 + (unsigned)proof_any(2, n)))

#define ANY_scalar_width(n) (any_bool(n) ? SCALAR_64 : SCALAR_32)
#define ANY_scalar_rel(n)   ((enum scalar_rel)proof_any(3, n))

#define ANY_tnum(n)     any_tnum(n)
#define ANY_arc(n)      any_arc(n)
#define ANY_urange(n)   any_urange(n)
#define ANY_srange(n)   any_srange(n)
#define ANY_urange32(n) ((struct urange32){any_half(n ".min"), any_half(n ".max")})
#define ANY_srange32(n) ((struct srange32){(shalf)any_half(n ".min"), (shalf)any_half(n ".max")})
#define ANY_ranges(n)   ((struct ranges){any_urange(n ".u"), any_srange(n ".s")})
#define ANY_scalar(n)   any_scalar(n)
#define ANY_amounts(n)                                                                             \
    ((struct amounts){any_amount(n ".least"), any_amount(n ".most"), any_tnum(n ".bits")})
#define ANY_bounds(n)                                                                              \
    ((struct bounds){any_urange(n ".u"), any_urange(n ".u_low"), any_srange(n ".s"),               \
                     any_srange(n ".s_low")})

static inline bool same_number(uint64_t a, uint64_t b) {
    return a == b;
}
static inline bool same_urange(struct urange a, struct urange b) {
    return a.min == b.min && a.max == b.max;
}
static inline bool same_srange(struct srange a, struct srange b) {
    return a.min == b.min && a.max == b.max;
}
static inline bool same_urange32(struct urange32 a, struct urange32 b) {
    return a.min == b.min && a.max == b.max;
}
static inline bool same_srange32(struct srange32 a, struct srange32 b) {
    return a.min == b.min && a.max == b.max;
}
static inline bool same_ranges(struct ranges a, struct ranges b) {
    return same_urange(a.u, b.u) && same_srange(a.s, b.s);
}
static inline bool same_arc(struct arc a, struct arc b) {
    return a.start == b.start && a.len == b.len;
}
static inline bool same_tnum(struct tnum a, struct tnum b) {
    return a.value == b.value && a.mask == b.mask;
}
static inline bool same_scalar(struct scalar a, struct scalar b) {
    return same_tnum(a.bits, b.bits) && same_urange(a.u, b.u) && same_srange(a.s, b.s) &&
           same_urange32(a.u32, b.u32) && same_srange32(a.s32, b.s32);
}
static inline bool same_scalar_pair(struct scalar_pair a, struct scalar_pair b) {
    return same_scalar(a.a, b.a) && same_scalar(a.b, b.b);
}
static inline bool same_amounts(struct amounts a, struct amounts b) {
    return a.least == b.least && a.most == b.most && same_tnum(a.bits, b.bits);
}
static inline bool same_divisors(struct divisors a, struct divisors b) {
    return same_srange(a.negative, b.negative) && same_srange(a.other, b.other);
}

#endif

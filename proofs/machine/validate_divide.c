/* validate_divide.c: divisions by a constant, as rules on terms: what no bit-blaster decides.
 *
 * A product with a reciprocal is a quotient. Let d > 0, L and n be given and M * d = 2^L + e with
 * 0 < e <= 2^(L-n). For 0 <= x < 2^n: floor(x * M / 2^L) = floor(x / d), for
 *     x * M / 2^L = x / d + x * e / (d * 2^L), and the second term is below 1 / d,
 * which is less than x / d lacks to the next integer. (e = 0 is a power of two, and a shift.)
 * For a signed x of n bits, with 0 < e <= 2^(L-n+1): where x >= 0 as before; where x < 0
 *     floor(x * M / 2^L) = trunc(x / d) - 1,
 * for the second term is in [-1/d, 0). Whether constants fulfil that is computed exactly here, for
 * the divisor of the case; that no product or sum on the way overflows is part of each pattern.
 * tests/divide_test.c tries every constant rule on all values of small widths.
 *
 * source: Granlund and Montgomery, "Division by invariant integers using multiplication", 1994.
 */
#include "proofs/machine/validate_case.h"

typedef __uint128_t u128;

static bool is_op(term *x, enum term_op op) {
    return x->op == op;
}

/* struct reciprocal: floor(x * M / 2^shift), x of n bits. */
struct reciprocal {
    term *x;
    u128 m;
    unsigned shift;
    bool sign;
};

static u128 constant(term *k) {
    return (u128)k->u.k[1] << 64 | k->u.k[0];
}

/* 2^L + e = M * d: is 0 < e <= 2^room? All below 2^256, so products are taken in two halves. */
static bool exact(u128 m, uint64_t d, unsigned shift, unsigned room) {
    if (shift > 191 || room > 127 || m >> 100)
        return false;
    /* q, rest of 2^shift / d by long division; then e = M * d - 2^shift = (M - q) * d - rest */
    u128 q = 0, rest = 1;
    for (unsigned i = 0; i < shift; i++) {
        rest <<= 1;
        q <<= 1;
        if (q >> 110)
            return false;
        if (rest >= d) {
            rest -= d;
            q |= 1;
        }
    }
    if (d == 1 || m < q || (m - q) >> 60)
        return false;
    const u128 e = (m - q) * d - rest;
    return m > q && e > 0 && e <= (u128)1 << room;
}

/* x * M, whole: no bit of it is cut off. out: false: no such product */
static bool product(term *p, struct reciprocal *out) {
    if (!is_op(p, TERM_MUL) || !term_is_const(p->b))
        return false;
    const bool sign = is_op(p->a, TERM_SEXT);
    if ((!sign && !is_op(p->a, TERM_ZEXT)) || p->width > 128)
        return false;
    out->x = p->a->a;
    out->sign = sign;
    out->m = constant(p->b);
    out->shift = 0;
    const unsigned n = out->x->width;
    /* x < 2^n (or 2^(n-1)), so M may have width - n bits, a signed product one less of magnitude */
    const unsigned most = p->width - n;
    return !(out->m >> (most < 127 ? most : 127));
}

/* The quotient as a term, in width bits. */
static term *quotient(struct terms *t, const struct reciprocal *r, uint64_t d, unsigned width) {
    const unsigned n = r->x->width;
    term *const by = term_const(t, n, d);
    if (!r->sign) {
        term *const q = term_udiv(t, r->x, by);
        return width < n ? term_low(t, width, q) : term_zext(t, width, q);
    }
    term *const minus = term_sext(t, n, term_extract(t, n - 1, 1, r->x));
    term *const q = term_add(t, term_sdiv(t, r->x, by), minus);
    return width < n ? term_low(t, width, q) : term_sext(t, width, q);
}

/* Is r a quotient by d, or by -d? */
static bool fits(const struct reciprocal *r, uint64_t d) {
    const unsigned n = r->x->width;
    if (d < 2 || (n < 64 && d >> n) || (r->sign && d >> (n - 1)))
        return false;
    const unsigned off = r->sign ? n - 1 : n;
    return r->shift >= off && exact(r->m, d, r->shift, r->shift - off);
}

/* x / 2 + t / 2, in two ways that do not overflow as t <= x:
 *     t + ((x - t) >> 1), t the upper half of x * M: floor(x * (2^n + M) / 2^(n+1)) */
static bool rounded_sum(term *s, struct reciprocal *out) {
    if (!is_op(s, TERM_ADD))
        return false;
    for (unsigned i = 0; i < 2; i++) {
        term *const t = i ? s->b : s->a, *const half = i ? s->a : s->b;
        if (!is_op(t, TERM_EXTRACT) || !product(t->a, out) || out->sign)
            continue;
        const unsigned n = out->x->width;
        if (t->lo != n || t->width != n || t->a->width != 2u * n)
            continue;
        if (!is_op(half, TERM_ZEXT) || !is_op(half->a, TERM_EXTRACT) || half->a->lo != 1 ||
            half->a->width != n - 1 || !is_op(half->a->a, TERM_SUB) || half->a->a->a != out->x ||
            half->a->a->b != t)
            continue;
        out->m += (u128)1 << n;
        out->shift = n + 1;
        return true;
    }
    return false;
}

/* x + the upper half of x * M, signed, where M stands for M + 2^n: floor(x * (M + 2^n) / 2^n).
 * M is negative as a constant, so that the whole factor is below 2^n. */
static bool signed_sum(term *s, struct reciprocal *out) {
    if (!is_op(s, TERM_ADD))
        return false;
    for (unsigned i = 0; i < 2; i++) {
        term *const high = i ? s->b : s->a, *const x = i ? s->a : s->b;
        const unsigned n = x->width;
        if (!is_op(high, TERM_EXTRACT) || high->lo != n || high->width != n)
            continue;
        term *const p = high->a;
        if (!is_op(p, TERM_MUL) || p->width != 2u * n || !term_is_const(p->b) ||
            !is_op(p->a, TERM_SEXT) || p->a->a != x || n > 64)
            continue;
        const u128 ones = n == 64 ? ~(u128)0 : ((u128)1 << 2 * n) - 1;
        const u128 m = constant(p->b), two_n = (u128)1 << n;
        const u128 whole = (m + two_n) & ones; /* it was sign-extended: upper half all ones */
        if ((m >> n) != (ones >> n) || whole >> n)
            continue;
        *out = (struct reciprocal){.x = x, .m = whole, .shift = n, .sign = true};
        return true;
    }
    return false;
}

/* Does EXTRACT leave out bits above that may be other than copies of its highest? */
static bool is_cut(term *e) {
    struct reciprocal r;
    unsigned bits = e->a->width;
    if (product(e->a, &r) && !r.sign)
        for (bits = r.x->width; bits < e->a->width && r.m; r.m >>= 1)
            bits++;
    return e->lo + e->width < bits;
}

/* EXTRACT from lo on: a shift to the right of something whole. */
static bool shifted(term *e, struct reciprocal *out) {
    if (!is_op(e, TERM_EXTRACT))
        return false;
    if (!product(e->a, out) && !rounded_sum(e->a, out) && !signed_sum(e->a, out))
        return false;
    out->shift += e->lo;
    return true;
}

/* A remainder is what is left of a quotient. A quotient by a negative number is a negative one. By
 * a power of two: a shift of what is made to round to zero: floor((x + 2^k - 1) / 2^k), x < 0. */
static term *plain_division(struct terms *t, term *x) {
    term *const a = x->a, *const d = x->b;
    const unsigned w = x->width;
    if (w > 64 || !term_is_const(d) || term_is_value(d, 0))
        return x;
    const uint64_t k = term_u64(d), top = UINT64_C(1) << (w - 1);
    const bool negative = (k & top) != 0;
    switch ((enum term_op)x->op) {
    case TERM_UREM: return term_sub(t, a, term_mul(t, term_udiv(t, a, d), d));
    case TERM_SREM: {
        term *q = term_sdiv(t, a, d);
        if (is_op(q, TERM_SDIV))
            q = plain_division(t, q);
        return term_sub(t, a, term_mul(t, q, d));
    }
    case TERM_SDIV:
        if (k == top)
            return x;
        if (negative) {
            term *q = term_sdiv(t, a, term_neg(t, d));
            if (is_op(q, TERM_SDIV))
                q = plain_division(t, q);
            return term_neg(t, q);
        }
        if (!(k & (k - 1)) && k > 1) {
            const unsigned by = (unsigned)__builtin_ctzll(k);
            term *const sign = term_sext(t, w, term_extract(t, w - 1, 1, a));
            term *const bias = term_lshr(t, sign, term_const(t, w, w - by));
            return term_ashr(t, term_add(t, a, bias), term_const(t, w, by));
        }
        return x;
    default: return x;
    }
}

/* A quotient in place of a shifted product. in: x as read by the caller into r */
static term *divided(struct vunit *u, term *x, const struct reciprocal *r, bool sign) {
    return r->sign == sign && fits(r, u->divisor) ? quotient(u->t, r, u->divisor, x->width) : x;
}

/* A term of width bits of which e is the lower part; NULL: none is known. */
static term *widened(struct vunit *u, term *e, unsigned width) {
    struct reciprocal r;
    if (is_op(e, TERM_ZEXT) || is_op(e, TERM_SEXT))
        return is_op(e, TERM_ZEXT) ? term_zext(u->t, width, e->a) : term_sext(u->t, width, e->a);
    if (u->divisor && shifted(e, &r) && fits(&r, u->divisor))
        return quotient(u->t, &r, u->divisor, width);
    if (is_op(e, TERM_EXTRACT) && e->lo == 0 && e->a->width >= width)
        return term_low(u->t, width, e->a);
    if (!is_op(e, TERM_ADD) && !is_op(e, TERM_SUB))
        return NULL;
    term *const a = widened(u, e->a, width), *const b = a ? widened(u, e->b, width) : NULL;
    if (!b)
        return NULL;
    return is_op(e, TERM_ADD) ? term_add(u->t, a, b) : term_sub(u->t, a, b);
}

/* A quotient's low bits, if it has no others, are the quotient. */
static term *whole_quotient(struct terms *t, term *x) {
    if (!is_op(x, TERM_ZEXT))
        return x;
    term *const low = x->a, *const q = is_op(low, TERM_EXTRACT) ? low->a : low;
    if (!is_op(q, TERM_UDIV) || q == low || low->lo || !term_is_const(q->b) || q->width > 64 ||
        term_u64(q->b) >> (q->width - low->width) == 0)
        return x;
    return x->width < q->width ? term_low(t, x->width, q) : term_zext(t, x->width, q);
}

/* struct multiple: base * k. */
struct multiple {
    term *base;
    uint64_t k;
};

/* x as a multiple of something: a product with a constant, its negative, a shift to the left. */
static struct multiple multiple_of(struct vunit *u, term *x) {
    const unsigned w = x->width;
    if (w > 64)
        return (struct multiple){x, 1};
    if (is_op(x, TERM_MUL) && term_is_const(x->b))
        return (struct multiple){x->a, term_u64(x->b)};
    if (is_op(x, TERM_NEG)) {
        const struct multiple m = multiple_of(u, x->a);
        return (struct multiple){m.base, 0 - m.k};
    }
    if (is_op(x, TERM_CONCAT) && term_is_value(x->b, 0)) {
        term *const base = widened(u, x->a, w);
        if (base)
            return (struct multiple){base, UINT64_C(1) << x->b->width};
    }
    return (struct multiple){x, 1};
}

/* Sums of multiples of one term are a multiple of it. */
static term *collect(struct vunit *u, term *x) {
    struct terms *const t = u->t;
    const struct multiple a = multiple_of(u, x->a), b = multiple_of(u, x->b);
    if (x->width > 64 || a.base != b.base)
        return x;
    const uint64_t k = is_op(x, TERM_SUB) ? a.k - b.k : a.k + b.k;
    term *const p = term_mul(t, a.base, term_const(t, x->width, k));
    return is_op(p, TERM_MUL) && p->b == term_ones(t, p->width) ? term_neg(t, p->a) : p;
}

/* A quotient q beside itself, (q << n) | q, q below 2^n: 2^n + 1 times the quotient. */
static term *doubled(struct vunit *u, term *x) {
    const unsigned w = x->width;
    struct reciprocal r;
    term *q = x->b;
    if (!u->divisor || w > 64)
        return x;
    if (shifted(q, &r) && !r.sign && !is_cut(q) && fits(&r, u->divisor))
        q = quotient(u->t, &r, u->divisor, w);
    else
        q = whole_quotient(u->t, term_zext(u->t, w, q));
    const uint64_t k = (UINT64_C(1) << x->b->width) + 1;
    return widened(u, x->a, w) == q ? term_mul(u->t, q, term_const(u->t, w, k)) : x;
}

/* a remainder by what is not known, as a - q * d with a quotient that is 0 where d is, or as the
 * solver's operator: in one form. For d = 0 both are a.
 *     a - ite(d == 0, 0, a / d) * d = ite(d == 0, a, a - (a / d) * d)
 *     a % d = a - (a / d) * d */
static term *unknown_remainder(struct terms *t, term *x) {
    if (is_op(x, TERM_UREM) || is_op(x, TERM_SREM)) {
        term *const q = is_op(x, TERM_UREM) ? term_udiv(t, x->a, x->b) : term_sdiv(t, x->a, x->b);
        return x->width <= 64 ? term_sub(t, x->a, term_mul(t, q, x->b)) : x;
    }
    if (!is_op(x, TERM_SUB) || !is_op(x->b, TERM_MUL))
        return x;
    const bool first = is_op(x->b->a, TERM_ITE);
    term *const q = first ? x->b->a : x->b->b, *const d = first ? x->b->b : x->b->a;
    if (!is_op(q, TERM_ITE) || !term_is_value(q->a, 0) ||
        q->c != term_eq(t, d, term_const(t, d->width, 0)))
        return x;
    return term_ite(t, q->c, x->a, term_sub(t, x->a, term_mul(t, q->b, d)));
}

term *vdivide_rule(void *self, term *x) {
    struct vunit *const u = self;
    struct reciprocal r;
    const unsigned w = x->width;
    switch ((enum term_op)x->op) {
    case TERM_MUL: /* by -1 */
        return term_is_const(x->b) && x->b == term_ones(u->t, w) ? term_neg(u->t, x->a) : x;
    case TERM_UREM:
    case TERM_SREM:
        return term_is_const(x->b) ? plain_division(u->t, x) : unknown_remainder(u->t, x);
    case TERM_SDIV: return plain_division(u->t, x);
    case TERM_UDIV: /* 0 or 1 */
        if (w <= 64 && term_is_const(x->b) && term_u64(x->b) >> (w - 1))
            return term_zext(u->t, w, term_ule(u->t, x->b, x->a));
        return x;
    case TERM_ZEXT:
        if (u->divisor && shifted(x->a, &r) && !is_cut(x->a))
            return divided(u, x, &r, false);
        return whole_quotient(u->t, x);
    case TERM_SEXT:
        return u->divisor && shifted(x->a, &r) && !is_cut(x->a) ? divided(u, x, &r, true) : x;
    case TERM_EXTRACT: /* what is cut to fewer bits than it has may be seen whole farther up */
        if (!u->divisor || !shifted(x, &r) || (w < r.x->width && !is_cut(x)))
            return x;
        return divided(u, x, &r, r.sign);
    case TERM_ADD:
        if (u->divisor && (rounded_sum(x, &r) || signed_sum(x, &r)) && fits(&r, u->divisor))
            return divided(u, x, &r, r.sign);
        return collect(u, x);
    case TERM_CONCAT: return doubled(u, x);
    case TERM_SUB: {
        term *const remainder = unknown_remainder(u->t, x);
        return remainder != x ? remainder : collect(u, x);
    }
    case TERM_ITE: /* p == q ? p : q */
        if (x->c->op == TERM_EQ &&
            ((x->c->a == x->a && x->c->b == x->b) || (x->c->a == x->b && x->c->b == x->a)))
            return x->b;
        return x;
    default: return x;
    }
}

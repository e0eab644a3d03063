/* range_mul_div.c: theorems about products, quotients and remainders of arcs and ranges, by lemmas.
 */

/* ---- products ---- */

/* Of a word in the range, and of one whose lower half, extended, is there. Where the contract is
 * used, also of the words of pairs. */
static void ensures_on_arc(bool proving, bool c, bool c_low, struct arc out, word x) {
    ENSURES("on the arc", implies(c, on_arc(out, x)));
    ENSURES("a half on the arc", implies(c_low, low_on_arc(out, x)));
}
#define ARC_CONTRACT(function, range, in, low)                                                     \
    CONTRACT(function, struct arc, (a), range a) {                                                 \
        const struct arc out = proving ? function(a) : any_arc(#function);                         \
        for (unsigned i = 0; i < n_ghosts(proving); i++) {                                         \
            const word x = proof_ghosts[i];                                                        \
            ensures_on_arc(proving, in(a, x), in(a, low(x)), out, x);                              \
        }                                                                                          \
        for (unsigned i = 0; !proving && i < proof_n_pairs; i++) {                                 \
            const word x = proof_pairs[i].x, y = proof_pairs[i].y;                                 \
            ensures_on_arc(false, in(a, x), in(a, low(x)), out, x);                                \
            ensures_on_arc(false, in(a, y), in(a, low(y)), out, y);                                \
        }                                                                                          \
        return out;                                                                                \
    }
ARC_CONTRACT(arc_of_urange, struct urange, in_u, low_of)
THEOREM(contract, arc_of_urange) {
    ghost(any_word("x"));
    (void)contracted__arc_of_urange(true, any_urange("a"));
}
PLANT(contract, arc_of_urange, arc_of_urange, struct arc, (struct urange a)) {
    return (struct arc){.start = a.min, .len = (a.max - a.min) >> 1};
}
ARC_CONTRACT(arc_of_srange, struct srange, in_s, signed_low_of)
THEOREM(contract, arc_of_srange) {
    ghost(any_word("x"));
    (void)contracted__arc_of_srange(true, any_srange("a"));
}
PLANT(contract, arc_of_srange, arc_of_srange, struct arc, (struct srange a)) {
    return (struct arc){.start = (word)a.min, .len = (word)a.max};
}

static bool is_pair_on(struct arc a, word factor, struct proof_pair p) {
    return on_arc(a, p.x) && p.y == factor;
}

CONTRACT(arc_scale, struct arc, (a, factor), struct arc a, word factor) {
    const struct arc out = proving ? arc_scale(a, factor) : any_arc("scaled");
    for (unsigned i = 0; i < n_pairs(proving); i++)
        ENSURES("contains", implies(is_pair_on(a, factor, proof_pairs[i]),
                                    on_arc(out, proof_pairs[i].x * proof_pairs[i].y)));
    return out;
}
THEOREM(contract, arc_scale) {
    hint("products");
    const word x = any_word("x"), factor = any_word("factor");
    ghost_pair(x, factor);
    (void)contracted__arc_scale(true, any_arc_with("a", x), factor);
}
PLANT(contract, arc_scale, arc_scale, struct arc, (struct arc a, word factor)) {
    word len;
    const word size = (factor & WORD_SIGN) != 0 ? 0 - factor : factor;
    if (__builtin_mul_overflow(a.len, size, &len))
        return ARC_FULL;
    return (struct arc){.start = a.start * factor, .len = len}; /* a negative factor turns it */
}
PLANT(contract, arc_scale, arc_neg, struct arc, (struct arc a)) {
    return a;
}

#define UNSIGNED_OPERATOR(function, row)                                                           \
    RANGE_OPERATOR(function, struct urange, word, in_u, any_urange, any_urange_with, row,          \
                   hint("products"))

UNSIGNED_OPERATOR(urange_mul, row_MUL64)
PLANT(contract, urange_mul, urange_mul, struct urange, (struct urange a, struct urange b)) {
    return (struct urange){a.min * b.min, a.max * b.max}; /* overflow not looked at */
}

/* struct extended: a signed product and whether it does not fit. */
struct extended {
    sword product;
    bool lost;
};
static struct extended extended_product(sword x, sword y) {
    struct extended e = {0, false};
    e.lost = __builtin_mul_overflow(x, y, &e.product);
    return e;
}
/* x * y lies between low * y and high * y, for x between low and high. */
LEMMA(lemma_between_factors, (low, x, high, y), sword low, sword x, sword high, sword y) {
    const struct extended first = extended_product(low, y), last = extended_product(high, y);
    const struct extended e = extended_product(x, y);
    const bool c = low <= x && x <= high && !first.lost && !last.lost;
    ENSURES("fits", implies(c, !e.lost));
    ENSURES("not below both", implies(c, first.product <= e.product || last.product <= e.product));
    ENSURES("not above both", implies(c, e.product <= first.product || e.product <= last.product));
    return true;
}
THEOREM(contract, lemma_between_factors) {
    hint("products");
    (void)contracted__lemma_between_factors(true, (sword)any_word("low"), (sword)any_word("x"),
                                            (sword)any_word("high"), (sword)any_word("y"));
}
PLANT(contract, lemma_between_factors, extended_product, struct extended, (sword x, sword y)) {
    return (struct extended){(sword)((word)x * (word)y), false};
}
/* y * x, as it is computed elsewhere. */
LEMMA(lemma_commutes_signed, (x, y), sword x, sword y) {
    const struct extended e = extended_product(x, y), turned = extended_product(y, x);
    ENSURES("commutes", e.lost == turned.lost && e.product == turned.product);
    return true;
}
THEOREM(contract, lemma_commutes_signed) {
    hint("products");
    (void)contracted__lemma_commutes_signed(true, (sword)any_word("x"), (sword)any_word("y"));
}
PLANT(contract, lemma_commutes_signed, extended_product, struct extended, (sword x, sword y)) {
    return (struct extended){(sword)((word)x * (word)y), x > y};
}

RANGE_CONTRACT(srange_mul, struct srange, sword, in_s, any_srange, row_MUL64)
THEOREM(contract, srange_mul) {
    hint("products named");
    uses("lemma_between_factors");
    uses("lemma_commutes_signed");
    const word x = any_word("x"), y = any_word("y");
    const struct srange a = any_srange_with("a", x), b = any_srange_with("b", y);
    ghost_pair(x, y);
    (void)lemma_commutes_signed(a.min, b.min);
    (void)lemma_commutes_signed(a.min, b.max);
    (void)lemma_commutes_signed(a.max, b.min);
    (void)lemma_commutes_signed(a.max, b.max);
    (void)lemma_commutes_signed(a.min, (sword)y);
    (void)lemma_commutes_signed(a.max, (sword)y);
    (void)lemma_between_factors(b.min, (sword)y, b.max, a.min);
    (void)lemma_between_factors(b.min, (sword)y, b.max, a.max);
    (void)lemma_between_factors(a.min, (sword)x, a.max, (sword)y);
    (void)contracted__srange_mul(true, a, b);
    forget();
    (void)contracted__srange_mul(true, any_srange("c"), any_srange("d"));
}
PLANT(contract, srange_mul, srange_mul, struct srange, (struct srange a, struct srange b)) {
    /* one factor that is not negative is not enough */
    return (struct srange){a.min < 0 && b.min < 0 ? SWORD_MIN : 0, SWORD_MAX};
}

UNSIGNED_OPERATOR(urange_div, row_DIV64)
PLANT(contract, urange_div, urange_div, struct urange, (struct urange a, struct urange b)) {
    if (b.min == 0) /* by zero gives zero, but by one all of it */
        return (struct urange){0, b.max == 0 ? 0 : a.max / b.max};
    return (struct urange){a.min / b.max, a.max / b.min};
}

/* proof_of_ends: the ends of quotients count too. */
bool proof_of_ends;

/* signed_quotient: the row's. Not inlined: of operands whose signs it knows, an optimiser makes
 * another division. */
CONTRACTED static word signed_quotient(sword n, sword y) {
    return row_SDIV64((word)n, (word)y, false);
}
/* of_ends: is r the quotient of an end by one of the two divisors? */
static bool of_ends(sword r, struct srange a, sword near, sword far) {
    return (word)r == signed_quotient(a.min, near) || (word)r == signed_quotient(a.min, far) ||
           (word)r == signed_quotient(a.max, near) || (word)r == signed_quotient(a.max, far);
}

CONTRACT(quotients_by, struct srange, (a, near, far), struct srange a, sword near, sword far) {
    REQUIRES("one sign", near != 0 && far != 0 && (near < 0) == (far < 0));
    REQUIRES("no overflow",
             (a.min != SWORD_MIN && a.max != SWORD_MIN) || (near != -1 && far != -1));
    const struct srange out = proving ? quotients_by(a, near, far) : any_srange("quotients");
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const struct proof_pair p = proof_pairs[i];
        const bool c = in_s(a, p.x) && is_between(near, (sword)p.y, far);
        const sword q = (sword)row_SDIV64(p.x, p.y, false);
        ENSURES("min", implies(c, out.min <= q));
        ENSURES("max", implies(c, q <= out.max));
    }
    if (proof_of_ends) {
        ENSURES("min is one", of_ends(out.min, a, near, far));
        ENSURES("max is one", of_ends(out.max, a, near, far));
    }
    return out;
}
static void known_quotient(sword n, sword y) {
    if (y != 0 && (n != SWORD_MIN || y != -1))
        (void)lemma_quotient(n, y);
}
static void known_quotients(struct srange a, sword near, sword far) {
    known_quotient(a.min, near);
    known_quotient(a.min, far);
    known_quotient(a.max, near);
    known_quotient(a.max, far);
}
THEOREM(contract, quotients_by) {
    hint("products named");
    uses("lemma_quotient");
    uses("lemma_signed_rises");
    uses("lemma_between_divisors");
    const word x = any_word("x"), y = any_word("y");
    const struct srange a = any_srange_with("a", x);
    const sword near = (sword)any_word("near"), far = (sword)any_word("far");
    ghost_pair(x, y);
    (void)lemma_signed_rises((word)a.min, x, y);
    (void)lemma_signed_rises(x, (word)a.max, y);
    (void)lemma_between_divisors(a.min, near, (sword)y, far);
    (void)lemma_between_divisors(a.max, near, (sword)y, far);
    known_quotients(a, near, far);
    (void)contracted__quotients_by(true, a, near, far);
    forget();
    (void)contracted__quotients_by(true, any_srange("any"), near, far);
}
/* Its ends are quotients: asked for where that counts, for it is one more thing to know. */
THEOREM(range, quotients_by_ends) {
    hint("products named");
    uses("lemma_quotient");
    const struct srange a = any_srange("a");
    const sword near = (sword)any_word("near"), far = (sword)any_word("far");
    known_quotients(a, near, far);
    proof_of_ends = true;
    (void)contracted__quotients_by(true, a, near, far);
}
PLANT(range, quotients_by_ends, quotients_by, struct srange,
      (struct srange a, sword near, sword far)) {
    const sword far_end = smax(smax(a.max, a.min), -smin(smin(a.min, a.max), 0)); /* sound */
    (void)near;
    (void)far;
    return (struct srange){-far_end, far_end};
}
PLANT(contract, quotients_by, quotients_by, struct srange,
      (struct srange a, sword near, sword far)) {
    return (struct srange){smin(a.min / near, a.min / far), smax(a.max / near, a.max / far)};
}

RANGE_CONTRACT(srange_div, struct srange, sword, in_s, any_srange, row_SDIV64)
THEOREM(contract, srange_div) {
    hint("products named");
    uses("quotients_by");
    const word x = any_word("x"), y = any_word("y");
    ghost_pair(x, y);
    (void)contracted__srange_div(true, any_srange_with("a", x), any_srange_with("b", y));
    forget();
    (void)contracted__srange_div(true, any_srange("c"), any_srange("d"));
}
PLANT(contract, srange_div, srange_div, struct srange, (struct srange a, struct srange b)) {
    if (b.min <= 0 && b.max >= 0) /* zero forgotten: SWORD_MIN by -1 is not its only trouble */
        return (struct srange){a.min < 0 ? a.min : 0, a.max};
    return SRANGE_FULL;
}

RANGE_CONTRACT(urange_mod, struct urange, word, in_u, any_urange, row_MOD64)
THEOREM(contract, urange_mod) {
    hint("products named");
    uses("lemma_half");
    uses("lemma_rises");
    const word x = any_word("x"), y = any_word("y");
    const struct urange a = any_urange_with("a", x), b = any_urange_with("b", y);
    ghost_pair(x, y);
    (void)lemma_half(x, y);
    (void)lemma_rises(a.min, x, y);
    (void)lemma_rises(x, a.max, y);
    (void)contracted__urange_mod(true, a, b);
    forget();
    (void)contracted__urange_mod(true, any_urange("c"), any_urange("d"));
}
PLANT(contract, urange_mod, urange_mod, struct urange, (struct urange a, struct urange b)) {
    if (b.max == 0)
        return a;
    return (struct urange){0, umin(a.max, b.max - 1)}; /* by zero leaves the dividend */
}

CONTRACT(farthest, word, (a), struct srange a) {
    const word out = proving ? farthest(a) : any_word("farthest");
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const word x = proof_ghosts[i];
        ENSURES("none farther", implies(in_s(a, x), named(proving, size_of(x)) <= out));
    }
    return out;
}
THEOREM(contract, farthest) {
    ghost(any_word("x"));
    (void)contracted__farthest(true, any_srange("a"));
}
PLANT(contract, farthest, umax, word, (word x, word y)) {
    (void)x; /* one end for both */
    return y;
}

CONTRACT(nearest, word, (a), struct srange a) {
    const word out = proving ? nearest(a) : any_word("nearest");
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const word x = proof_ghosts[i];
        ENSURES("none nearer", implies(in_s(a, x), out <= named(proving, size_of(x))));
    }
    return out;
}
THEOREM(contract, nearest) {
    ghost(any_word("x"));
    (void)contracted__nearest(true, any_srange("a"));
}
PLANT(contract, nearest, nearest, word, (struct srange a)) {
    return umin(magnitude(a.min), magnitude(a.max)); /* zero between them */
}

/* Pairs are of a member and of what is between it and zero. */
CONTRACT(toward_zero, struct srange, (a, limit), struct srange a, word limit) {
    const struct srange out = proving ? toward_zero(a, limit) : any_srange("toward zero");
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const word x = proof_pairs[i].x, r = proof_pairs[i].y;
        const bool c = in_s(a, x) && is_toward_zero(x, r) && named(proving, size_of(r)) <= limit;
        ENSURES("min", implies(c, out.min <= (sword)r));
        ENSURES("max", implies(c, (sword)r <= out.max));
    }
    return out;
}
THEOREM(contract, toward_zero) {
    const word x = any_word("x");
    ghost_pair(x, any_word("r"));
    (void)contracted__toward_zero(true, any_srange_with("a", x), any_word("limit"));
    forget();
    (void)contracted__toward_zero(true, any_srange("b"), any_word("any"));
}
PLANT(contract, toward_zero, toward_zero, struct srange, (struct srange a, word limit)) {
    (void)limit;
    return a; /* zero may be outside */
}

/* ensures_remainder: r, of members x and y of a and b, is in out. */
static void ensures_remainder(bool proving, bool c, struct srange out, word r) {
    ENSURES("min", implies(c, out.min <= (sword)r));
    ENSURES("max", implies(c, (sword)r <= out.max));
}

CONTRACT(remainders_by, struct srange, (a, divisor), struct srange a, sword divisor) {
    REQUIRES("not 0, not -1", divisor != 0 && divisor != -1);
    const struct srange out = proving ? remainders_by(a, divisor) : any_srange("remainders");
    const struct proof_pair p = proof_pairs[0];
    if (proof_n_pairs > 0)
        ensures_remainder(proving, in_s(a, p.x) && (word)divisor == p.y, out,
                          proof_opaque(row_SMOD64(p.x, p.y, false)));
    return out;
}
THEOREM(contract, remainders_by) {
    hint("products named");
    uses("toward_zero");
    uses("lemma_signed_remainder");
    uses("lemma_signed_rises");
    const word x = any_word("x"), y = any_word("y");
    const word r = proof_opaque(row_SMOD64(x, y, false));
    const struct srange a = any_srange_with("a", x);
    assume(r == row_SMOD64(x, y, false) && proof_opaque(size_of(y)) == size_of(y));
    ghost_pair(x, y);
    ghost_pair(x, r);
    (void)lemma_signed_remainder(x, y);
    (void)lemma_signed_rises((word)a.min, x, y);
    (void)lemma_signed_rises(x, (word)a.max, y);
    (void)contracted__remainders_by(true, a, (sword)y);
    forget();
    (void)contracted__remainders_by(true, any_srange("b"), (sword)any_word("by"));
}
PLANT(contract, remainders_by, remainders_by, struct srange, (struct srange a, sword divisor)) {
    return (struct srange){a.min % divisor, a.max % divisor}; /* of several quotients, too */
}

CONTRACT(srange_mod, struct srange, (a, b), struct srange a, struct srange b) {
    const struct srange out = proving ? srange_mod(a, b) : any_srange("srange_mod");
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const struct proof_pair p = proof_pairs[i];
        const word r = row_SMOD64(p.x, p.y, false);
        ensures_remainder(proving, in_s(a, p.x) && in_s(b, p.y), out,
                          proving ? proof_opaque(r) : r);
    }
    return out;
}
THEOREM(contract, srange_mod) {
    hint("products named");
    uses("lemma_signed_remainder");
    uses("farthest");
    uses("nearest");
    uses("toward_zero");
    uses("remainders_by");
    const word x = any_word("x"), y = any_word("y");
    const struct srange a = any_srange_with("a", x), b = any_srange_with("b", y);
    ghost(x);
    ghost(y);
    ghost_pair(x, y);
    ghost_pair(x, proof_opaque(row_SMOD64(x, y, false)));
    (void)lemma_signed_remainder(x, y);
    (void)contracted__srange_mod(true, a, b);
    forget();
    (void)contracted__srange_mod(true, any_srange("c"), any_srange("d"));
}
PLANT(contract, srange_mod, srange_mod, struct srange, (struct srange a, struct srange b)) {
    const word far = umax(magnitude(b.min), magnitude(b.max));
    if (b.min <= 0 && b.max >= 0)
        return SRANGE_FULL;
    return (struct srange){0, smin(a.max, (sword)(far - 1))}; /* the sign is the dividend's */
}

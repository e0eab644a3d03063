/* range_ends.c: theorems about how good the ranges of results are: where the header says optimal or
 * exact, each end is a result of members, so no smaller range is sound.
 */

/* ---- products ---- */

THEOREM(range, umul_optimal) {
    hint("products");
    const struct urange a = any_urange_with("a", any_word("x")),
                        b = any_urange_with("b", any_word("y"));
    const struct urange r = urange_mul(a, b);
    word most;
    const bool over = __builtin_mul_overflow(a.max, b.max, &most);
    check("min", implies(!over, r.min == a.min * b.min));
    check("max", implies(!over, r.max == a.max * b.max));
    check("full", implies(over, r.min == 0 && r.max == WORD_MAX));
}
PLANT(range, umul_optimal, urange_mul, struct urange, (struct urange a, struct urange b)) {
    word most;
    return (struct urange){0, __builtin_mul_overflow(a.max, b.max, &most) ? WORD_MAX : most};
}

/* of_corners: is it one of the four? */
static bool of_corners(sword r, struct srange a, struct srange b) {
    return r == extended_product(a.min, b.min).product ||
           r == extended_product(a.min, b.max).product ||
           r == extended_product(a.max, b.min).product ||
           r == extended_product(a.max, b.max).product;
}
THEOREM(range, smul_optimal) {
    hint("products");
    const struct srange a = any_srange_with("a", any_word("x")),
                        b = any_srange_with("b", any_word("y"));
    const struct srange r = srange_mul(a, b);
    const bool over = extended_product(a.min, b.min).lost || extended_product(a.min, b.max).lost ||
                      extended_product(a.max, b.min).lost || extended_product(a.max, b.max).lost;
    check("full", implies(over, r.min == SWORD_MIN && r.max == SWORD_MAX));
    check("min", implies(!over, of_corners(r.min, a, b)));
    check("max", implies(!over, of_corners(r.max, a, b)));
}
PLANT(range, smul_optimal, srange_mul, struct srange, (struct srange a, struct srange b)) {
    (void)a; /* one product overflows */
    (void)b;
    return (struct srange){0, 0};
}

/* Of an arc's ends; between them are gaps. */
THEOREM(arc, scale_ends) {
    hint("products");
    const struct arc a = any_arc("a");
    const word factor = any_word("factor"), first = a.start * factor,
               last = (a.start + a.len) * factor;
    const struct arc r = arc_scale(a, factor);
    const word size = (factor & WORD_SIGN) != 0 ? 0 - factor : factor;
    word len;
    const bool over = __builtin_mul_overflow(a.len, size, &len);
    const bool turned = (factor & WORD_SIGN) != 0;
    check("full", implies(over, r.len == WORD_MAX));
    check("first", implies(!over, r.start == (turned ? last : first)));
    check("last", implies(!over, r.start + r.len == (turned ? first : last)));
}
PLANT(arc, scale_ends, arc_scale, struct arc, (struct arc a, word factor)) {
    return (struct arc){a.start * factor, a.len}; /* its length stays */
}

/* ---- quotients ---- */

/* The divisor nearest to zero may be a member between the ends: 1 beside a divisor of zero. */
THEOREM(range, udiv_optimal) {
    hint("products");
    const struct urange a = any_urange_with("a", any_word("x")),
                        b = any_urange_with("b", any_word("y"));
    const word near = umax(b.min, 1);
    const struct urange r = urange_div(a, b);
    check("min", r.min == row_DIV64(a.min, b.max, false) || (b.min == 0 && r.min == 0));
    check("max", r.max == row_DIV64(a.max, in_u(b, near) ? near : b.max, false));
}
PLANT(range, udiv_optimal, urange_div, struct urange, (struct urange a, struct urange b)) {
    return (struct urange){0, b.max == 0 ? 0 : a.max}; /* sound */
}

/* is_quotient: is r a quotient of an end, by a divisor that is an end, next to zero, or zero? */
static bool is_quotient(sword r, struct srange a, struct srange b) {
    const sword last = smin(b.max, -1), first = smax(b.min, 1);
    return (b.min < 0 && in_s(b, (word)last) && of_ends(r, a, last, b.min)) ||
           (b.max > 0 && in_s(b, (word)first) && of_ends(r, a, first, b.max)) ||
           (in_s(b, 0) && r == 0);
}
/* The smallest by -1 is itself, and the next one by -1 the largest: so all of the order is the
 * smallest range, but where the smallest is the only dividend. */
THEOREM(range, sdiv_optimal) {
    hint("products named");
    uses("quotients_by");
    const struct srange a = any_srange_with("a", any_word("x")),
                        b = any_srange_with("b", any_word("y"));
    proof_of_ends = true;
    const struct srange r = srange_div(a, b);
    const bool overflows = a.min == SWORD_MIN && in_s(b, WORD_MAX);
    check("min", overflows || is_quotient(r.min, a, b));
    check("max", overflows || is_quotient(r.max, a, b));
    check("overflow", implies(overflows, r.min == SWORD_MIN && r.max == SWORD_MAX));
    check("the smallest", row_SDIV64((word)SWORD_MIN, WORD_MAX, false) == (word)SWORD_MIN);
    check("the next", row_SDIV64((word)(SWORD_MIN + 1), WORD_MAX, false) == (word)SWORD_MAX);
}
PLANT(range, sdiv_optimal, srange_div, struct srange, (struct srange a, struct srange b)) {
    (void)b; /* sound: no quotient is farther from zero, and of either sign */
    const sword far = smax(smax(a.max, 0), a.min == SWORD_MIN ? SWORD_MAX : smax(-a.min, 0));
    return a.min == SWORD_MIN ? SRANGE_FULL : (struct srange){-far, far};
}

/* ---- remainders ---- */

/* "Exact": with one quotient, the remainder of the i-th dividend is the i-th of the range. */
THEOREM(range, umod_exact) {
    hint("products");
    const struct urange a = any_urange_with("a", any_word("x"));
    const word y = any_word("y");
    const struct urange r = urange_mod(a, (struct urange){y, y});
    const bool one = y == 0 || row_DIV64(a.min, y, false) == row_DIV64(a.max, y, false);
    check("min", implies(one, r.min == row_MOD64(a.min, y, false)));
    check("max", implies(one, r.max == row_MOD64(a.max, y, false)));
    check("as many", implies(one, r.max - r.min == a.max - a.min));
    check("else from 0", one || r.min == 0);
    check("else to the largest", one || r.max == umin(a.max, y - 1));
}
PLANT(range, umod_exact, urange_mod, struct urange, (struct urange a, struct urange b)) {
    return b.max == 0 ? a : (struct urange){0, umin(a.max, b.max - 1)};
}

THEOREM(range, smod_exact) {
    hint("products");
    const struct srange a = any_srange_with("a", any_word("x"));
    const sword y = (sword)any_word("y");
    const struct srange r = srange_mod(a, (struct srange){y, y});
    const bool one = y == 0 || (y != -1 && row_SDIV64((word)a.min, (word)y, false) ==
                                               row_SDIV64((word)a.max, (word)y, false));
    check("min", implies(one, r.min == (sword)row_SMOD64((word)a.min, (word)y, false)));
    check("max", implies(one, r.max == (sword)row_SMOD64((word)a.max, (word)y, false)));
    check("as many", implies(one, (word)r.max - (word)r.min == (word)a.max - (word)a.min));
    check("by -1", implies(y == -1, r.min == 0 && r.max == 0));
}
PLANT(range, smod_exact, remainders_by, struct srange, (struct srange a, sword divisor)) {
    return toward_zero(a, magnitude(divisor) - 1);
}

/* ---- shifts ---- */

/* Each end is an end of the operand, shifted by the least amount or by the most; to the left, where
 * no bit is lost. */
THEOREM(range, shift_ends) {
    const struct shifted by = any_shifted();
    const unsigned l = by.least, m = by.most;
    const struct urange u = any_urange_with("u", by.x);
    const struct srange s = any_srange_with("s", by.x);
    const struct urange ul = urange_shl(u, l, m), ur = urange_lshr(u, l, m);
    const struct srange sl = srange_shl(s, l, m), sr = srange_ashr(s, l, m);
    const bool u_fits = u.max << m >> m == u.max;
    const bool s_fits = shifted_signed((word)s.min << m, m) == (word)s.min &&
                        shifted_signed((word)s.max << m, m) == (word)s.max;
    check("u.min left", implies(u_fits, ul.min == u.min << l));
    check("u.max left", implies(u_fits, ul.max == u.max << m));
    check("s.min left", implies(s_fits, sl.min == (sword)((word)s.min << (s.min < 0 ? m : l))));
    check("s.max left", implies(s_fits, sl.max == (sword)((word)s.max << (s.max < 0 ? l : m))));
    check("u.min right", ur.min == u.min >> m);
    check("u.max right", ur.max == u.max >> l);
    check("s.min right", sr.min == s.min >> (s.min < 0 ? l : m));
    check("s.max right", sr.max == s.max >> (s.max < 0 ? m : l));
}
PLANT(range, shift_ends, urange_shl, struct urange,
      (struct urange a, unsigned least, unsigned most)) {
    return (struct urange){0, a.max > (WORD_MAX >> most) ? WORD_MAX : a.max << (most | least)};
}
PLANT(range, shift_ends, srange_shl, struct srange,
      (struct srange a, unsigned least, unsigned most)) {
    (void)a;
    (void)least;
    (void)most;
    return SRANGE_FULL;
}
PLANT(range, shift_ends, urange_lshr, struct urange,
      (struct urange a, unsigned least, unsigned most)) {
    (void)least;
    (void)most;
    return (struct urange){0, a.max};
}
PLANT(range, shift_ends, srange_ashr, struct srange,
      (struct srange a, unsigned least, unsigned most)) {
    (void)least;
    (void)most;
    return (struct srange){smin(a.min, 0), smax(a.max, 0)};
}

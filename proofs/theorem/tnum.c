/* tnum.c: theorems about known bits: sound, and where the header says so, optimal or exact.
 *
 * Optimal, by witnesses: wherever the result does not know a bit, two results of members differ
 * there. A tnum that were smaller would lack one of them.
 */

THEOREM(tnum, const) {
    const word x = any_word("x"), y = any_word("y");
    check("the one member", tnum_contains(tnum_const(x), y) == (x == y));
    check("well-formed", tnum_well_formed(tnum_const(x)));
    check("is const", tnum_is_const(tnum_const(x)));
}
PLANT(tnum, const, tnum_const, struct tnum, (word x)) {
    return (struct tnum){.value = x & ~(word)1, .mask = 1};
}

THEOREM(tnum, is_const) {
    const word x = any_word("x");
    const struct tnum a = any_tnum_with("a", x);
    check("one member", implies(tnum_is_const(a), a.value == x));
    check("two members", implies(!tnum_is_const(a), tnum_min(a) != tnum_max(a)));
}
PLANT(tnum, is_const, tnum_is_const, bool, (struct tnum t)) {
    return (half)t.mask == 0;
}

THEOREM(tnum, contains_well_formed) {
    const struct tnum a = {any_word("a.value"), any_word("a.mask")};
    check("a member makes it well-formed",
          implies(tnum_contains(a, any_word("x")), tnum_well_formed(a)));
    check("well-formed has a member", implies(tnum_well_formed(a), tnum_contains(a, a.value)));
}
PLANT(tnum, contains_well_formed, tnum_contains, bool, (struct tnum t, word x)) {
    return ((x ^ t.value) & ~t.mask) == 0; /* not for tnums that are not well-formed */
}

THEOREM(tnum, min_max) {
    const word x = any_word("x");
    const struct tnum a = any_tnum_with("a", x);
    check("min", tnum_min(a) <= x);
    check("max", x <= tnum_max(a));
    check("min is a member", tnum_contains(a, tnum_min(a)));
    check("max is a member", tnum_contains(a, tnum_max(a)));
}
PLANT(tnum, min_max, tnum_max, word, (struct tnum t)) {
    return t.mask;
}

/* ---- addition, subtraction ---- */

THEOREM(tnum, add) {
    const word x = any_word("x"), y = any_word("y");
    const struct tnum r = tnum_add(any_tnum_with("a", x), any_tnum_with("b", y));
    check("contains", tnum_contains(r, x + y));
}
PLANT(tnum, add, tnum_add, struct tnum, (struct tnum a, struct tnum b)) {
    const word mask = a.mask | b.mask; /* without the carries */
    return (struct tnum){.value = (a.value + b.value) & ~mask, .mask = mask};
}

THEOREM(tnum, sub) {
    const word x = any_word("x"), y = any_word("y");
    const struct tnum r = tnum_sub(any_tnum_with("a", x), any_tnum_with("b", y));
    check("contains", tnum_contains(r, x - y));
}
PLANT(tnum, sub, tnum_sub, struct tnum, (struct tnum a, struct tnum b)) {
    const word least = a.value - b.value, most = tnum_max(a) - tnum_max(b); /* ends not crossed */
    const word mask = (least ^ most) | a.mask | b.mask;
    return (struct tnum){.value = least & ~mask, .mask = mask};
}

THEOREM(tnum, neg) {
    const word x = any_word("x");
    check("contains", tnum_contains(tnum_neg(any_tnum_with("a", x)), (word)0 - x));
}
PLANT(tnum, neg, tnum_neg, struct tnum, (struct tnum a)) {
    return (struct tnum){.value = ~(a.value | a.mask), .mask = a.mask}; /* ~x for -x */
}

/* optimal_where: bit i of a result is not known, and p and q are results; they differ there. */
static void optimal_where(struct tnum r, unsigned i, word p, word q) {
    check("witnesses differ", implies((r.mask >> i & 1) != 0, ((p ^ q) >> i & 1) != 0));
}

/* An unknown bit of a sum: if a's bit or b's is unknown, it can be flipped alone; else a carry
 * may come or not: smallest and largest members differ. */
THEOREM(tnum, add_optimal) {
    const struct tnum a = any_tnum("a"), b = any_tnum("b");
    const unsigned i = any_amount("i");
    const word one = (word)1 << i;
    word x = a.value, y = b.value, x2 = tnum_max(a), y2 = tnum_max(b);
    if (a.mask & one) {
        x2 = x | one;
        y2 = y;
    } else if (b.mask & one) {
        x2 = x;
        y2 = y | one;
    }
    check("members", tnum_contains(a, x) && tnum_contains(a, x2) && tnum_contains(b, y) &&
                         tnum_contains(b, y2));
    optimal_where(tnum_add(a, b), i, x + y, x2 + y2);
}
PLANT(tnum, add_optimal, tnum_add, struct tnum, (struct tnum a, struct tnum b)) {
    const word sum = a.value + b.value, all = sum + a.mask + b.mask;
    const word mask = (sum ^ all) | a.mask | b.mask | a.mask << 1; /* as if all carried */
    return (struct tnum){.value = sum & ~mask, .mask = mask};
}

THEOREM(tnum, sub_optimal) {
    const struct tnum a = any_tnum("a"), b = any_tnum("b");
    const unsigned i = any_amount("i");
    const word one = (word)1 << i;
    word x = a.value, y = tnum_max(b), x2 = tnum_max(a), y2 = b.value;
    if (a.mask & one) {
        x2 = x | one;
        y2 = y;
    } else if (b.mask & one) {
        x2 = x;
        y2 = y & ~one;
    }
    check("members", tnum_contains(a, x) && tnum_contains(a, x2) && tnum_contains(b, y) &&
                         tnum_contains(b, y2));
    optimal_where(tnum_sub(a, b), i, x - y, x2 - y2);
}
PLANT(tnum, sub_optimal, tnum_sub, struct tnum, (struct tnum a, struct tnum b)) {
    return tnum_add(a,
                    (struct tnum){.value = ~(b.value | b.mask), .mask = b.mask | 1}); /* -1 lost */
}

/* ---- bitwise ---- */

THEOREM(tnum, and) {
    const word x = any_word("x"), y = any_word("y");
    const struct tnum r = tnum_and(any_tnum_with("a", x), any_tnum_with("b", y));
    check("contains", tnum_contains(r, x & y));
}
PLANT(tnum, and, tnum_and, struct tnum, (struct tnum a, struct tnum b)) {
    return (struct tnum){.value = a.value & b.value, .mask = a.mask & b.mask};
}

THEOREM(tnum, or) {
    const word x = any_word("x"), y = any_word("y");
    const struct tnum r = tnum_or(any_tnum_with("a", x), any_tnum_with("b", y));
    check("contains", tnum_contains(r, x | y));
}
PLANT(tnum, or, tnum_or, struct tnum, (struct tnum a, struct tnum b)) {
    return (struct tnum){.value = a.value | b.value,
                         .mask = (a.mask & b.mask) & ~(a.value | b.value)};
}

THEOREM(tnum, xor) {
    const word x = any_word("x"), y = any_word("y");
    const struct tnum r = tnum_xor(any_tnum_with("a", x), any_tnum_with("b", y));
    check("contains", tnum_contains(r, x ^ y));
}
PLANT(tnum, xor, tnum_xor, struct tnum, (struct tnum a, struct tnum b)) {
    const word mask = a.mask ^ b.mask;
    return (struct tnum){.value = (a.value ^ b.value) & ~mask, .mask = mask};
}

/* Bits do not meet each other: the smallest and the largest member of each side are enough. */
THEOREM(tnum, and_optimal) {
    const struct tnum a = any_tnum("a"), b = any_tnum("b");
    optimal_where(tnum_and(a, b), any_amount("i"), tnum_min(a) & tnum_min(b),
                  tnum_max(a) & tnum_max(b));
}
PLANT(tnum, and_optimal, tnum_and, struct tnum, (struct tnum a, struct tnum b)) {
    const word ones = a.value & b.value;
    return (struct tnum){.value = ones, .mask = (a.mask | b.mask) & ~ones};
}

THEOREM(tnum, or_optimal) {
    const struct tnum a = any_tnum("a"), b = any_tnum("b");
    optimal_where(tnum_or(a, b), any_amount("i"), tnum_min(a) | tnum_min(b),
                  tnum_max(a) | tnum_max(b));
}
PLANT(tnum, or_optimal, tnum_or, struct tnum, (struct tnum a, struct tnum b)) {
    const word mask = a.mask | b.mask;
    return (struct tnum){.value = (a.value | b.value) & ~mask, .mask = mask};
}

THEOREM(tnum, xor_optimal) {
    const struct tnum a = any_tnum("a"), b = any_tnum("b");
    const unsigned i = any_amount("i");
    const word y2 = (a.mask >> i & 1) != 0 ? b.value : tnum_max(b); /* not both at once */
    optimal_where(tnum_xor(a, b), i, a.value ^ b.value, tnum_max(a) ^ y2);
    check("member", tnum_contains(b, y2));
}
PLANT(tnum, xor_optimal, tnum_xor, struct tnum, (struct tnum a, struct tnum b)) {
    const word mask = a.mask | b.mask | (a.value & b.value);
    return (struct tnum){.value = (a.value ^ b.value) & ~mask, .mask = mask};
}

/* ---- shifts, byte swap, parts ---- */

THEOREM(tnum, shl) {
    const word x = any_word("x");
    const unsigned n = any_amount("n");
    check("contains", tnum_contains(tnum_shl(any_tnum_with("a", x), n), x << n));
}
PLANT(tnum, shl, tnum_shl, struct tnum, (struct tnum a, unsigned n)) {
    return (struct tnum){.value = a.value << n, .mask = a.mask};
}

THEOREM(tnum, lshr) {
    const word x = any_word("x");
    const unsigned n = any_amount("n");
    check("contains", tnum_contains(tnum_lshr(any_tnum_with("a", x), n), x >> n));
}
PLANT(tnum, lshr, tnum_lshr, struct tnum, (struct tnum a, unsigned n)) {
    return (struct tnum){.value = (word)((sword)a.value >> n), .mask = a.mask >> n};
}

THEOREM(tnum, ashr) {
    const word x = any_word("x");
    const unsigned n = any_amount("n");
    const struct tnum r = tnum_ashr(any_tnum_with("a", x), n, WORD_BITS);
    check("contains", tnum_contains(r, (word)((sword)x >> n)));
}
PLANT(tnum, ashr, tnum_ashr, struct tnum, (struct tnum a, unsigned n, unsigned bits)) {
    (void)bits; /* an unknown sign bit is copied into the mask by neither */
    return (struct tnum){.value = (word)((sword)a.value >> n), .mask = a.mask >> n};
}

THEOREM(tnum, ashr_half) {
    const word x = low_of(any_word("x"));
    const unsigned n = any_amount("n");
    const struct tnum a = tnum_of(x, low_of(any_word("a.mask")));
    const struct tnum r = tnum_ashr(a, n, HALF_BITS);
    check("contains", tnum_contains(r, low_of((word)((sword)signed_low_of(x) >> n))));
}
PLANT(tnum, ashr_half, tnum_ashr, struct tnum, (struct tnum a, unsigned n, unsigned bits)) {
    (void)bits; /* the sign bit of the word: arsh32 of 2020 */
    return (struct tnum){.value = (word)((sword)a.value >> n), .mask = (word)((sword)a.mask >> n)};
}

THEOREM(tnum, bswap) {
    const word x = any_word("x");
    const struct tnum a = any_tnum_with("a", x);
    check("16", tnum_contains(tnum_bswap(a, 16), bv_bswap(16, x)));
    check("32", tnum_contains(tnum_bswap(a, 32), bv_bswap(32, x)));
    check("64", tnum_contains(tnum_bswap(a, 64), bv_bswap(64, x)));
}
PLANT(tnum, bswap, tnum_bswap, struct tnum, (struct tnum a, unsigned bits)) {
    (void)bits; /* the upper bytes are not cut */
    return (struct tnum){.value = word_bswap(a.value), .mask = word_bswap(a.mask)};
}

THEOREM(tnum, halves) {
    const word x = any_word("x");
    const struct tnum a = any_tnum_with("a", x);
    check("low", tnum_contains(tnum_low(a), low_of(x)));
    check("high", tnum_contains(tnum_high(a), x & ~(word)HALF_MAX));
}
PLANT(tnum, halves, tnum_low, struct tnum, (struct tnum a)) {
    return (struct tnum){.value = a.value & HALF_MAX, .mask = a.mask & (HALF_MAX >> 1)};
}
PLANT(tnum, halves, tnum_high, struct tnum, (struct tnum a)) {
    return (struct tnum){.value = a.value >> HALF_BITS, .mask = a.mask >> HALF_BITS};
}

THEOREM(tnum, trunc) {
    const word x = any_word("x");
    const unsigned bits = any_amount("bits less 1") + 1;
    check("contains", tnum_contains(tnum_trunc(any_tnum_with("a", x), bits), bv_trunc(bits, x)));
}
PLANT(tnum, trunc, tnum_trunc, struct tnum, (struct tnum a, unsigned bits)) {
    const word kept = WORD_MAX >> (WORD_BITS - bits);
    return (struct tnum){.value = a.value, .mask = a.mask & kept};
}

THEOREM(tnum, sext) {
    const word x = any_word("x");
    const unsigned up = any_amount("64 less bits");
    const struct tnum r = tnum_sext(any_tnum_with("a", x), WORD_BITS - up);
    check("contains", tnum_contains(r, (word)((sword)(x << up) >> up)));
}
PLANT(tnum, sext, tnum_sext, struct tnum, (struct tnum a, unsigned bits)) {
    const unsigned up = WORD_BITS - bits; /* an unknown sign taken for 0 */
    return (struct tnum){.value = (word)((sword)(a.value << up) >> up), .mask = a.mask << up >> up};
}

/* ---- lattice ---- */

THEOREM(tnum, range) {
    const word x = any_word("x");
    const struct urange a = any_urange_with("a", x);
    check("contains", tnum_contains(tnum_range(a.min, a.max), x));
}
PLANT(tnum, range, tnum_range, struct tnum, (word min, word max)) {
    const word mask = min ^ max;
    return (struct tnum){.value = min & ~mask, .mask = mask};
}

/* Where min and max first differ, from above, the range holds 1000... and 0111... behind what they
 * share: every lower bit is seen both ways. Bit i may be where they differ or below. */
THEOREM(tnum, range_smallest) {
    const word x = any_word("x");
    const struct urange a = any_urange_with("a", x);
    const word below = word_smear(a.min ^ a.max) >> 1;
    const word p = a.max & ~below, q = p - 1;
    if (a.min == a.max)
        check("of one word: all known", tnum_is_const(tnum_range(a.min, a.max)));
    else
        optimal_where(tnum_range(a.min, a.max), any_amount("i"), p, q);
    check("members", implies(a.min != a.max, in_u(a, p) && in_u(a, q)));
}
PLANT(tnum, range_smallest, tnum_range, struct tnum, (word min, word max)) {
    const word mask = word_smear(min ^ max) << 1 | 1;
    return (struct tnum){.value = min & ~mask, .mask = mask};
}

THEOREM(tnum, join) {
    const word x = any_word("x");
    const struct tnum a = any_tnum_with("a", x), b = any_tnum("b");
    check("contains a's", tnum_contains(tnum_join(a, b), x));
    check("contains b's", tnum_contains(tnum_join(b, a), x));
    check("well-formed", tnum_well_formed(tnum_join(a, b)));
}
PLANT(tnum, join, tnum_join, struct tnum, (struct tnum a, struct tnum b)) {
    const word mask = a.mask | b.mask;
    return (struct tnum){.value = (a.value | b.value) & ~mask, .mask = mask};
}

THEOREM(tnum, join_smallest) {
    const struct tnum a = any_tnum("a"), b = any_tnum("b"), r = tnum_join(a, b);
    const unsigned i = any_amount("i");
    const word p = a.value, q = (a.mask >> i & 1) != 0 ? tnum_max(a) : b.value,
               q2 = (b.mask >> i & 1) != 0 ? tnum_max(b) : q;
    const bool same_bit = ((p ^ q) >> i & 1) == 0;
    check("witnesses differ",
          implies((r.mask >> i & 1) != 0 && same_bit, ((b.value ^ q2) >> i & 1) != 0));
}
PLANT(tnum, join_smallest, tnum_join, struct tnum, (struct tnum a, struct tnum b)) {
    const word mask = a.mask | b.mask | word_smear(a.value ^ b.value);
    return (struct tnum){.value = a.value & ~mask, .mask = mask};
}

THEOREM(tnum, meet) {
    const word x = any_word("x");
    const struct tnum a = any_tnum_with("a", x);
    const struct tnum b = any_bool("b with x") ? any_tnum_with("b", x) : any_tnum("b'");
    bool empty;
    const struct tnum r = tnum_meet(a, b, &empty);
    check("not empty if there is a member", implies(tnum_contains(b, x), !empty));
    check("exact", implies(!empty, tnum_contains(r, x) == tnum_contains(b, x)));
    check("a member of both if not empty",
          implies(!empty, tnum_contains(a, r.value) && tnum_contains(b, r.value)));
    check("its members are a's", implies(!empty, tnum_subset(r, a) && tnum_subset(r, b)));
}
PLANT(tnum, meet, tnum_meet, struct tnum, (struct tnum a, struct tnum b, bool *empty)) {
    *empty = ((a.value ^ b.value) & ~a.mask) != 0; /* forgets what b does not know */
    return (struct tnum){.value = a.value | b.value, .mask = a.mask & b.mask};
}

/* "out: some well-formed tnum" also where nothing is left */
THEOREM(tnum, meet_well_formed) {
    bool empty;
    check("well-formed", tnum_well_formed(tnum_meet(any_tnum("a"), any_tnum("b"), &empty)));
}
PLANT(tnum, meet_well_formed, tnum_meet, struct tnum, (struct tnum a, struct tnum b, bool *empty)) {
    *empty = ((a.value ^ b.value) & ~(a.mask | b.mask)) != 0;
    return (struct tnum){.value = a.value | b.value, .mask = a.mask | b.mask};
}

THEOREM(tnum, subset) {
    const word x = any_word("x");
    const struct tnum a = any_tnum_with("a", x);
    const struct tnum b = any_bool("b with x") ? any_tnum_with("b", x) : any_tnum("b'");
    check("then b contains a's", implies(tnum_subset(a, b), tnum_contains(b, x)));
    check("else a has one that b lacks",
          tnum_subset(a, b) || !tnum_contains(b, tnum_min(a)) || !tnum_contains(b, tnum_max(a)));
}
PLANT(tnum, subset, tnum_subset, bool, (struct tnum a, struct tnum b)) {
    return tnum_contains(b, tnum_min(a)); /* one member is enough */
}

/* ---- next, prev, flip, alignment ---- */

THEOREM(tnum, next) {
    const word x = any_word("x"), y = any_word("y");
    const struct tnum t = any_tnum_with("t", y);
    const word next = tnum_next(t, x);
    check("a member", tnum_contains(t, next));
    check("not below x, if there is one", implies(y >= x, next >= x));
    check("the smallest", implies(y >= x, next <= y));
}
PLANT(tnum, next, tnum_next, word, (struct tnum t, word x)) {
    return (x & t.mask) | t.value; /* known bits put in, no carry */
}

THEOREM(tnum, prev) {
    const word x = any_word("x"), y = any_word("y");
    const struct tnum t = any_tnum_with("t", y);
    const word prev = tnum_prev(t, x);
    check("a member", tnum_contains(t, prev));
    check("not above x, if there is one", implies(y <= x, prev <= x));
    check("the largest", implies(y <= x, prev >= y));
}
PLANT(tnum, prev, tnum_prev, word, (struct tnum t, word x)) {
    return ~tnum_next(tnum_flip(t, WORD_MAX), x);
}

THEOREM(tnum, flip) {
    const word x = any_word("x"), bits = any_word("bits");
    const struct tnum t = tnum_flip(any_tnum_with("t", x), bits);
    check("contains", tnum_contains(t, x ^ bits));
}
PLANT(tnum, flip, tnum_flip, struct tnum, (struct tnum t, word bits)) {
    return (struct tnum){.value = t.value ^ bits, .mask = t.mask};
}

THEOREM(tnum, is_aligned) {
    const word x = any_word("x");
    const unsigned k = any_amount("k");
    const word n = any_bool("0 = any") ? 0 : (word)1 << k;
    const struct tnum a = any_tnum_with("a", x);
    check("multiples", implies(tnum_is_aligned(a, n) && n != 0, (x & (n - 1)) == 0));
    check("else one is not", tnum_is_aligned(a, n) || (tnum_max(a) & (n - 1)) != 0);
}
PLANT(tnum, is_aligned, tnum_is_aligned, bool, (struct tnum a, word n_bytes)) {
    return n_bytes == 0 || (a.value & (n_bytes - 1)) == 0; /* as if unknown bits were 0 */
}

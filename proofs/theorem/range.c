/* range.c: theorems about arcs and ranges: what is a member stays one; where the header says that
 * a result is the smallest or exact, its ends are members.
 */

/* ---- arcs ---- */

THEOREM(arc, of_urange) {
    const word x = any_word("x");
    const struct urange a = any_urange_with("a", any_word("member"));
    check("the same members", on_arc(arc_of_urange(a), x) == in_u(a, x));
}
PLANT(arc, of_urange, arc_of_urange, struct arc, (struct urange a)) {
    return (struct arc){.start = a.min, .len = a.max - a.min + 1};
}

THEOREM(arc, of_srange) {
    const word x = any_word("x");
    const struct srange a = any_srange_with("a", any_word("member"));
    check("the same members", on_arc(arc_of_srange(a), x) == in_s(a, x));
}
PLANT(arc, of_srange, arc_of_srange, struct arc, (struct srange a)) {
    return (struct arc){.start = (word)a.min,
                        .len = a.min <= 0 ? (word)a.max : (word)(a.max - a.min)};
}

THEOREM(arc, add) {
    const word x = any_word("x"), y = any_word("y");
    const struct arc r = arc_add(any_arc_with("a", x), any_arc_with("b", y));
    check("contains", on_arc(r, x + y));
}
PLANT(arc, add, arc_add, struct arc, (struct arc a, struct arc b)) {
    return (struct arc){.start = a.start + b.start,
                        .len = a.len + b.len}; /* longer than the circle */
}

/* "Exact": whatever is on the sum is a sum. z = start + i is split where a's length ends. */
THEOREM(arc, add_exact) {
    const struct arc a = any_arc("a"), b = any_arc("b"), r = arc_add(a, b);
    const word z = any_word("z"), i = z - r.start, of_a = i < a.len ? i : a.len;
    word sum;
    assume(!__builtin_add_overflow(a.len, b.len, &sum));
    check("a sum",
          implies(on_arc(r, z), on_arc(a, a.start + of_a) && on_arc(b, b.start + (i - of_a)) &&
                                    (word)(a.start + of_a + b.start + (i - of_a)) == z));
}
PLANT(arc, add_exact, arc_add, struct arc, (struct arc a, struct arc b)) {
    return (struct arc){.start = a.start + b.start, .len = a.len + b.len + 1};
}

THEOREM(arc, neg) {
    const word x = any_word("x");
    const struct arc a = any_arc("a");
    check("exact", on_arc(arc_neg(a), (word)0 - x) == on_arc(a, x));
}
PLANT(arc, neg, arc_neg, struct arc, (struct arc a)) {
    return (struct arc){.start = (word)0 - a.start, .len = a.len};
}

/* An arc's smallest range in an order: all of it is there, and both ends are on the arc. */
THEOREM(arc, urange_of) {
    const word x = any_word("x");
    const struct arc a = any_arc_with("a", x);
    const struct urange r = urange_of_arc(a);
    check("contains", in_u(r, x));
    check("min is on it", on_arc(a, r.min));
    check("max is on it", on_arc(a, r.max));
}
PLANT(arc, urange_of, urange_of_arc, struct urange, (struct arc a)) {
    return (struct urange){a.start, a.start + a.len};
}

THEOREM(arc, srange_of) {
    const word x = any_word("x");
    const struct arc a = any_arc_with("a", x);
    const struct srange r = srange_of_arc(a);
    check("contains", in_s(r, x));
    check("min is on it", on_arc(a, (word)r.min));
    check("max is on it", on_arc(a, (word)r.max));
}
PLANT(arc, srange_of, srange_of_arc, struct srange, (struct arc a)) {
    const word end = a.start + a.len; /* whether it wraps is asked in the other order */
    return a.start <= end ? (struct srange){(sword)a.start, (sword)end} : SRANGE_FULL;
}

THEOREM(arc, urange32_of_low) {
    const word x = any_word("x");
    const struct arc a = any_arc_with("a", x);
    const struct urange32 r = urange32_of_arc_low(a);
    check("contains", in_u32(r, x));
    check("min is on it", low_on_arc(a, r.min));
    check("max is on it", low_on_arc(a, r.max));
}
PLANT(arc, urange32_of_low, urange32_of_arc_low, struct urange32, (struct arc a)) {
    const half start = (half)a.start,
               end = (half)(a.start + a.len); /* its length is not looked at */
    return start <= end ? (struct urange32){start, end} : URANGE32_FULL;
}

THEOREM(arc, srange32_of_low) {
    const word x = any_word("x");
    const struct arc a = any_arc_with("a", x);
    const struct srange32 r = srange32_of_arc_low(a);
    check("contains", in_s32(r, x));
    check("min is on it", low_on_arc(a, (word)r.min));
    check("max is on it", low_on_arc(a, (word)r.max));
}
PLANT(arc, srange32_of_low, srange32_of_arc_low, struct srange32, (struct arc a)) {
    return (struct srange32){(shalf)(half)a.start, (shalf)(half)(a.start + a.len)};
}

/* low_on_arc, on which the two above and raw_low_within depend, is what it says. */
THEOREM(arc, low_members) {
    const word x = any_word("x");
    const struct arc a = any_arc_with("a", x);
    const word z = any_word("z"), near = a.start + (half)((half)z - (half)a.start);
    check("of its words' halves", low_on_arc(a, x));
    check("no others", implies(low_on_arc(a, z), on_arc(a, near) && (half)near == (half)z));
}
PLANT(arc, low_members, low_on_arc, bool, (struct arc a, word x)) {
    return (half)((half)x - (half)a.start) <= (half)a.len;
}

/* ---- halves as words ---- */

THEOREM(range, of_half) {
    const word x = any_word("x");
    check("unsigned", in_u(urange_of_half(any_urange32_with("u32", x)), low_of(x)));
    check("signed", in_s(srange_of_half(any_srange32_with("s32", x)), signed_low_of(x)));
}
PLANT(range, of_half, srange_of_half, struct srange, (struct srange32 a)) {
    return (struct srange){.min = (half)a.min, .max = (half)a.max};
}
PLANT(range, of_half, urange_of_half, struct urange, (struct urange32 a)) {
    return (struct urange){.min = (word)(sword)(shalf)a.min, .max = (word)(sword)(shalf)a.max};
}

/* ---- lattice ---- */

THEOREM(range, meet) {
    const word x = any_word("x");
    const struct urange u = any_urange("u"), u2 = any_urange("u2");
    const struct srange s = any_srange("s"), s2 = any_srange("s2");
    check("unsigned", in_u(urange_meet(u, u2), x) == (in_u(u, x) && in_u(u2, x)));
    check("signed", in_s(srange_meet(s, s2), x) == (in_s(s, x) && in_s(s2, x)));
}
PLANT(range, meet, urange_meet, struct urange, (struct urange a, struct urange b)) {
    return (struct urange){a.min, b.max};
}
PLANT(range, meet, srange_meet, struct srange, (struct srange a, struct srange b)) {
    return (struct srange){(sword)umax((word)a.min, (word)b.min), smin(a.max, b.max)};
}

THEOREM(range, meet32) {
    const word x = any_word("x");
    const struct urange32 u = {any_half("u.min"), any_half("u.max")},
                          u2 = {any_half("u2.min"), any_half("u2.max")};
    const struct srange32 s = {(shalf)any_half("s.min"), (shalf)any_half("s.max")},
                          s2 = {(shalf)any_half("s2.min"), (shalf)any_half("s2.max")};
    check("unsigned", in_u32(urange32_meet(u, u2), x) == (in_u32(u, x) && in_u32(u2, x)));
    check("signed", in_s32(srange32_meet(s, s2), x) == (in_s32(s, x) && in_s32(s2, x)));
}
PLANT(range, meet32, urange32_meet, struct urange32, (struct urange32 a, struct urange32 b)) {
    return a.min > b.min ? a : b;
}

THEOREM(range, join) {
    const word x = any_word("x");
    const struct urange u = any_urange("u"), u2 = any_urange("u2");
    const struct srange s = any_srange("s"), s2 = any_srange("s2");
    check("unsigned", implies(in_u(u, x) || in_u(u2, x), in_u(urange_join(u, u2), x)));
    check("signed", implies(in_s(s, x) || in_s(s2, x), in_s(srange_join(s, s2), x)));
    check("unsigned ends",
          (urange_join(u, u2).min == u.min || urange_join(u, u2).min == u2.min) &&
              (urange_join(u, u2).max == u.max || urange_join(u, u2).max == u2.max));
    check("signed ends", (srange_join(s, s2).min == s.min || srange_join(s, s2).min == s2.min) &&
                             (srange_join(s, s2).max == s.max || srange_join(s, s2).max == s2.max));
}
PLANT(range, join, urange_join, struct urange, (struct urange a, struct urange b)) {
    return (struct urange){umin(a.min, b.min), a.max};
}
PLANT(range, join, srange_join, struct srange, (struct srange a, struct srange b)) {
    return (struct srange){SWORD_MIN, smax(a.max, b.max)}; /* sound, but not the smallest */
}

THEOREM(range, join32) {
    const word x = any_word("x");
    const struct urange32 u = {any_half("u.min"), any_half("u.max")},
                          u2 = {any_half("u2.min"), any_half("u2.max")};
    const struct srange32 s = {(shalf)any_half("s.min"), (shalf)any_half("s.max")},
                          s2 = {(shalf)any_half("s2.min"), (shalf)any_half("s2.max")};
    check("unsigned", implies(in_u32(u, x) || in_u32(u2, x), in_u32(urange32_join(u, u2), x)));
    check("signed", implies(in_s32(s, x) || in_s32(s2, x), in_s32(srange32_join(s, s2), x)));
}
PLANT(range, join32, srange32_join, struct srange32, (struct srange32 a, struct srange32 b)) {
    return (struct srange32){a.min < b.min ? a.min : b.min, a.max < b.max ? a.max : b.max};
}

/* ---- exchange ---- */

THEOREM(range, exchange) {
    const word x = any_word("x");
    const struct urange u = any_urange_with("u", x);
    const struct srange s = any_srange_with("s", x);
    const struct ranges r = ranges_exchange((struct ranges){u, s});
    check("u.min", r.u.min <= x);
    check("u.max", x <= r.u.max);
    check("s.min", r.s.min <= (sword)x);
    check("s.max", (sword)x <= r.s.max);
}
PLANT(range, exchange, ranges_exchange, struct ranges, (struct ranges r)) {
    r.u = urange_meet(r.u, (struct urange){(word)r.s.min, (word)r.s.max}); /* sign not looked at */
    r.s = srange_meet(r.s, (struct srange){(sword)r.u.min, (sword)r.u.max});
    return r;
}

/* "The smallest pair with the same common values": every end is one of them. */
THEOREM(range, exchange_smallest) {
    const struct urange u = any_urange_with("u", any_word("x"));
    const struct srange s = any_srange_with("s", any_word("y"));
    const struct ranges r = ranges_exchange((struct ranges){u, s});
    const bool some = r.u.min <= r.u.max && r.s.min <= r.s.max;
    check("u.min is common", implies(some, in_u(u, r.u.min) && in_s(s, r.u.min)));
    check("u.max is common", implies(some, in_u(u, r.u.max) && in_s(s, r.u.max)));
    check("s.min is common", implies(some, in_u(u, (word)r.s.min) && in_s(s, (word)r.s.min)));
    check("s.max is common", implies(some, in_u(u, (word)r.s.max) && in_s(s, (word)r.s.max)));
}
PLANT(range, exchange_smallest, ranges_exchange, struct ranges, (struct ranges r)) {
    if (r.s.min >= 0 || r.s.max < 0) /* a range of both signs tells nothing */
        r.u = urange_meet(r.u, (struct urange){(word)r.s.min, (word)r.s.max});
    if ((sword)r.u.min <= (sword)r.u.max)
        r.s = srange_meet(r.s, (struct srange){(sword)r.u.min, (sword)r.u.max});
    return r;
}

/* A binary operator of ranges: its contract is about pairs. */
#define RANGE_CONTRACT(function, range, number, in, any, row)                                      \
    CONTRACT(function, range, (a, b), range a, range b) {                                          \
        const range out = proving ? function(a, b) : any(#function);                               \
        for (unsigned i = 0; i < n_pairs(proving); i++) {                                          \
            const struct proof_pair p = proof_pairs[i];                                            \
            const bool c = in(a, p.x) && in(b, p.y);                                               \
            ENSURES("min", implies(c, out.min <= (number)row(p.x, p.y, false)));                   \
            ENSURES("max", implies(c, (number)row(p.x, p.y, false) <= out.max));                   \
        }                                                                                          \
        return out;                                                                                \
    }

/* ---- bitwise ---- */

#define BITWISE(function, range, number, in, any, any_with, row)                                   \
    RANGE_CONTRACT(function, range, number, in, any, row)                                          \
    THEOREM(contract, function) {                                                                  \
        const word x = any_word("x"), y = any_word("y");                                           \
        ghost_pair(x, y);                                                                          \
        (void)contracted__##function(true, any_with("a", x), any_with("b", y));                    \
        forget();                                                                                  \
        (void)contracted__##function(true, any("c"), any("d")); /* defined for all */              \
    }
#define UNSIGNED_BITWISE(function, row)                                                            \
    BITWISE(function, struct urange, word, in_u, any_urange, any_urange_with, row)
#define SIGNED_BITWISE(function, row)                                                              \
    BITWISE(function, struct srange, sword, in_s, any_srange, any_srange_with, row)

UNSIGNED_BITWISE(urange_and, row_AND64)
PLANT(contract, urange_and, urange_and, struct urange, (struct urange a, struct urange b)) {
    return (struct urange){a.min & b.min, umin(a.max, b.max)};
}

UNSIGNED_BITWISE(urange_or, row_OR64)
PLANT(contract, urange_or, urange_or, struct urange, (struct urange a, struct urange b)) {
    return (struct urange){umax(a.min, b.min), a.max | b.max};
}

UNSIGNED_BITWISE(urange_xor, row_XOR64)
PLANT(contract, urange_xor, urange_xor, struct urange, (struct urange a, struct urange b)) {
    return (struct urange){0, umax(a.max, b.max)};
}

SIGNED_BITWISE(srange_and, row_AND64)
PLANT(contract, srange_and, srange_and, struct srange, (struct srange a, struct srange b)) {
    return (struct srange){a.min < 0 && b.min < 0 ? smin(a.min, b.min) : 0, smax(a.max, b.max)};
}

SIGNED_BITWISE(srange_or, row_OR64)
PLANT(contract, srange_or, srange_or, struct srange, (struct srange a, struct srange b)) {
    return (struct srange){smin(a.min, b.min), smax(a.max, b.max)};
}

SIGNED_BITWISE(srange_xor, row_XOR64)
PLANT(contract, srange_xor, srange_xor, struct srange, (struct srange a, struct srange b)) {
    const sword extent = sign_extent(a, b);
    return a.min >= 0 ? (struct srange){0, extent} : (struct srange){~extent, extent};
}

/* ---- shifts ---- */

struct shifted {
    word x;
    unsigned least, n, most;
};

#define any_shifted()                                                                              \
    shifted_of(any_word("x"), any_amount("least"), any_amount("n"), any_amount("most"))

static struct shifted shifted_of(word x, unsigned least, unsigned n, unsigned most) {
    struct shifted s = {x, least, n, most};
    s.least = (unsigned)at_most(n, least);
    s.most = (unsigned)at_least(n, most) & (WORD_BITS - 1);
    assume(s.most >= n);
    return s;
}

static word shifted_left(word x, unsigned n) {
    return x << n;
}
static word shifted_right(word x, unsigned n) {
    return x >> n;
}
static word shifted_signed(word x, unsigned n) {
    return (word)((sword)x >> n);
}

/* Of the pair, the second is the amount. */
#define SHIFT(function, range, number, in, any, any_with, shift)                                   \
    CONTRACT(function, range, (a, least, most), range a, unsigned least, unsigned most) {          \
        REQUIRES("amounts", least <= most && most < WORD_BITS);                                    \
        const range out = proving ? function(a, least, most) : any(#function);                     \
        for (unsigned i = 0; i < n_pairs(proving); i++) {                                          \
            const struct proof_pair p = proof_pairs[i];                                            \
            const number r = (number)shift(p.x, (unsigned)p.y & (WORD_BITS - 1));                  \
            const bool c = in(a, p.x) && least <= p.y && p.y <= most;                              \
            ENSURES("min", implies(c, out.min <= r));                                              \
            ENSURES("max", implies(c, r <= out.max));                                              \
        }                                                                                          \
        return out;                                                                                \
    }                                                                                              \
    THEOREM(contract, function) {                                                                  \
        const struct shifted s = any_shifted();                                                    \
        ghost_pair(s.x, s.n);                                                                      \
        (void)contracted__##function(true, any_with("a", s.x), s.least, s.most);                   \
    }
#define UNSIGNED_SHIFT(function, shift)                                                            \
    SHIFT(function, struct urange, word, in_u, any_urange, any_urange_with, shift)
#define SIGNED_SHIFT(function, shift)                                                              \
    SHIFT(function, struct srange, sword, in_s, any_srange, any_srange_with, shift)

UNSIGNED_SHIFT(urange_shl, shifted_left)
PLANT(contract, urange_shl, urange_shl, struct urange,
      (struct urange a, unsigned least, unsigned most)) {
    if (a.max > WORD_MAX >> least) /* bits are lost by the most */
        return URANGE_FULL;
    return (struct urange){a.min << least, a.max << most};
}

SIGNED_SHIFT(srange_shl, shifted_left)
PLANT(contract, srange_shl, srange_shl, struct srange,
      (struct srange a, unsigned least, unsigned most)) {
    if ((shl_signed(a.min, most) >> most) != a.min || (shl_signed(a.max, most) >> most) != a.max)
        return SRANGE_FULL;
    return (struct srange){shl_signed(a.min, least), shl_signed(a.max, most)}; /* sign forgotten */
}

UNSIGNED_SHIFT(urange_lshr, shifted_right)
PLANT(contract, urange_lshr, urange_lshr, struct urange,
      (struct urange a, unsigned least, unsigned most)) {
    return (struct urange){a.min >> least, a.max >> most};
}

SIGNED_SHIFT(srange_ashr, shifted_signed)
PLANT(contract, srange_ashr, srange_ashr, struct srange,
      (struct srange a, unsigned least, unsigned most)) {
    return (struct srange){a.min >> most, a.max >> least}; /* as if it were not negative */
}

/* ---- products: by lemmas ---- */

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

#define RANGE_OPERATOR(function, range, number, in, any, any_with, row)                            \
    RANGE_CONTRACT(function, range, number, in, any, row)                                          \
    THEOREM(contract, function) {                                                                  \
        hint("products");                                                                          \
        const word x = any_word("x"), y = any_word("y");                                           \
        ghost_pair(x, y);                                                                          \
        (void)contracted__##function(true, any_with("a", x), any_with("b", y));                    \
        forget();                                                                                  \
        (void)contracted__##function(true, any("c"), any("d")); /* defined for all */              \
    }
#define UNSIGNED_OPERATOR(function, row)                                                           \
    RANGE_OPERATOR(function, struct urange, word, in_u, any_urange, any_urange_with, row)

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
    return out;
}
static void known_quotient(sword n, sword y) {
    if (y != 0 && (n != SWORD_MIN || y != -1))
        (void)lemma_quotient(n, y);
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
    known_quotient(a.min, near);
    known_quotient(a.min, far);
    known_quotient(a.max, near);
    known_quotient(a.max, far);
    (void)contracted__quotients_by(true, a, near, far);
    forget();
    (void)contracted__quotients_by(true, any_srange("any"), near, far);
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

/* "Division is optimal": its ends are quotients of members. The divisor nearest to zero may be a
 * member between the ends: 1 beside a divisor of zero. */
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

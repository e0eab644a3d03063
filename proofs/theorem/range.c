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
    const struct urange32 ju = urange32_join(u, u2);
    const struct srange32 js = srange32_join(s, s2);
    check("unsigned ends",
          (ju.min == u.min || ju.min == u2.min) && (ju.max == u.max || ju.max == u2.max));
    check("signed ends",
          (js.min == s.min || js.min == s2.min) && (js.max == s.max || js.max == s2.max));
}
PLANT(range, join32, urange32_join, struct urange32, (struct urange32 a, struct urange32 b)) {
    return (struct urange32){a.min < b.min ? a.min : b.min, HALF_MAX}; /* sound, not smallest */
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

/* The contract and its theorem: how: a hint, or nothing. */
#define RANGE_OPERATOR(function, range, number, in, any, any_with, row, how)                       \
    RANGE_CONTRACT(function, range, number, in, any, row)                                          \
    THEOREM(contract, function) {                                                                  \
        how;                                                                                       \
        const word x = any_word("x"), y = any_word("y");                                           \
        ghost_pair(x, y);                                                                          \
        (void)contracted__##function(true, any_with("a", x), any_with("b", y));                    \
        forget();                                                                                  \
        (void)contracted__##function(true, any("c"), any("d")); /* defined for all */              \
    }

/* ---- bitwise ---- */

#define UNSIGNED_BITWISE(function, row)                                                            \
    RANGE_OPERATOR(function, struct urange, word, in_u, any_urange, any_urange_with, row, (void)0)
#define SIGNED_BITWISE(function, row)                                                              \
    RANGE_OPERATOR(function, struct srange, sword, in_s, any_srange, any_srange_with, row, (void)0)

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
        forget();                                                                                  \
        (void)contracted__##function(true, any("b"), s.least, s.most); /* defined for all */       \
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

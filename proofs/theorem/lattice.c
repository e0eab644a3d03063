/* lattice.c: theorems about making scalars, asking them, and join, meet, subset, widening. */

/* ---- making and asking ---- */

THEOREM(scalar, unknown) {
    check("contains", scalar_contains(scalar_unknown(), any_word("x")));
    check("in order", ordered(scalar_unknown()));
    check("not empty", !scalar_is_empty(scalar_unknown()));
}
PLANT(scalar, unknown, scalar_unknown, struct scalar, (void)) {
    return scalar_below(HALF_BITS);
}

THEOREM(scalar, empty) {
    check("contains none", !scalar_contains(scalar_empty(), any_word("x")));
    check("is empty", scalar_is_empty(scalar_empty()));
    check("is no constant", !scalar_is_const(scalar_empty()) && !scalar_is_const32(scalar_empty()));
    check("is not unknown", !scalar_is_unknown(scalar_empty()));
}
PLANT(scalar, empty, scalar_empty, struct scalar, (void)) {
    return scalar_const(0);
}

THEOREM(scalar, is_empty) {
    const word x = any_word("x");
    check("a member: not empty", !scalar_is_empty(any_scalar_with("a", x)));
}
PLANT(scalar, is_empty, scalar_is_empty, bool, (struct scalar a)) {
    return a.u.min >= a.u.max;
}

THEOREM(scalar, is_unknown) {
    const struct scalar a = any_bool("unknown") ? scalar_unknown() : any_scalar("a");
    check("contains", implies(scalar_is_unknown(a), scalar_contains(a, any_word("x"))));
    check("that value", scalar_is_unknown(a) == scalar_equal(a, scalar_unknown()));
}
PLANT(scalar, is_unknown, scalar_is_unknown, bool, (struct scalar a)) {
    return a.bits.mask == WORD_MAX && a.u.min == 0 && a.u.max == WORD_MAX;
}

THEOREM(scalar, const) {
    const word x = any_word("x"), y = any_word("y");
    check("the one member", scalar_contains(scalar_const(x), y) == (x == y));
    check("itself", scalar_contains(scalar_const(x), x));
    check("in order", ordered(scalar_const(x)));
    check("is constant", scalar_is_const(scalar_const(x)) && scalar_is_const32(scalar_const(x)));
}
PLANT(scalar, const, scalar_const, struct scalar, (word x)) {
    struct scalar r = scalar_unknown();
    r.bits = tnum_const((word)(sword)(shalf)(half)x); /* CVE-2017-16995: sign-extended */
    return r;
}

THEOREM(scalar, is_const) {
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x);
    check("its member", implies(scalar_is_const(a), x == a.bits.value));
    check("its lower half", implies(scalar_is_const32(a), low_of(x) == low_of(a.bits.value)));
}
PLANT(scalar, is_const, scalar_is_const, bool, (struct scalar a)) {
    return (half)a.bits.mask == 0 && a.u.min <= a.u.max;
}
PLANT(scalar, is_const, scalar_is_const32, bool, (struct scalar a)) {
    return a.bits.mask >> HALF_BITS == 0;
}

THEOREM(scalar, below) {
    const word x = any_word("x");
    const unsigned bits = any_amount("bits less 1") + 1;
    const struct scalar r = scalar_below(bits);
    check("exact", scalar_contains(r, x) == (x <= bv_mask(bits)));
    check("in order", ordered(r));
}
PLANT(scalar, below, scalar_below, struct scalar, (unsigned bits)) {
    const word max = WORD_MAX >> (WORD_BITS - bits);
    return (struct scalar){.bits = {0, max},
                           .u = {0, max},
                           .s = {0, (sword)max},
                           .u32 = {0, (half)max},
                           .s32 = {0, (shalf)max}}; /* of 32 bits: signed */
}

THEOREM(scalar, contains) {
    const word x = any_word("x");
    const struct scalar a = any_scalar_near("a", x);
    check("each component has it",
          scalar_contains(a, x) == (tnum_contains(a.bits, x) && in_u(a.u, x) && in_s(a.s, x) &&
                                    in_u32(a.u32, x) && in_s32(a.s32, x)));
}
PLANT(scalar, contains, scalar_contains, bool, (struct scalar a, word x)) {
    return tnum_contains(a.bits, x) && in_u(a.u, x) && in_s(a.s, x) &&
           (shalf)a.u32.min <= (shalf)(half)x &&
           (shalf)(half)x <= a.s32.max; /* one order of halves */
}

THEOREM(scalar, equal) {
    const struct scalar a = any_scalar("a");
    const struct scalar b = any_bool("same") ? a : any_scalar("b");
    const word x = any_word("x");
    check("the same members",
          implies(scalar_equal(a, b), scalar_contains(a, x) == scalar_contains(b, x)));
    check("itself", scalar_equal(a, a));
    check("inside each other", implies(scalar_equal(a, b), inside(a, b) && inside(b, a)));
    check("and only then", implies(inside(a, b) && inside(b, a), scalar_equal(a, b)));
}
PLANT(scalar, equal, scalar_equal, bool, (struct scalar a, struct scalar b)) {
    return tnum_equal(a.bits, b.bits) && a.u.min == b.u.min && a.u.max == b.u.max;
}

THEOREM(scalar, from_urange) {
    uses("scalar_reduce");
    const word x = any_word("x"), y = any_word("y");
    const struct urange a = any_urange_with("a", x);
    ghost(x);
    const struct scalar r = scalar_from_urange(a.min, a.max);
    check("contains", scalar_contains(r, x));
    check("no others", implies(scalar_contains(r, y), in_u(a, y)));
    check("in order", ordered(r));
}
PLANT(scalar, from_urange, scalar_from_urange, struct scalar, (word min, word max)) {
    struct scalar r = scalar_unknown();
    r.bits = (struct tnum){.value = min & max, .mask = min ^ max};
    return scalar_reduce(r);
}

THEOREM(scalar, from_srange) {
    uses("scalar_reduce");
    const word x = any_word("x"), y = any_word("y");
    const struct srange a = any_srange_with("a", x);
    ghost(x);
    const struct scalar r = scalar_from_srange(a.min, a.max);
    check("contains", scalar_contains(r, x));
    check("no others", implies(scalar_contains(r, y), in_s(a, y)));
    check("in order", ordered(r));
}
PLANT(scalar, from_srange, scalar_from_srange, struct scalar, (sword min, sword max)) {
    struct scalar r = scalar_unknown();
    r.u = (struct urange){(word)min, (word)max};
    return scalar_reduce(r);
}

THEOREM(scalar, from_tnum) {
    uses("scalar_reduce");
    const word x = any_word("x"), y = any_word("y");
    const struct tnum t = any_tnum_with("t", x);
    ghost(x);
    const struct scalar r = scalar_from_tnum(t);
    check("contains", scalar_contains(r, x));
    check("no others", implies(scalar_contains(r, y), tnum_contains(t, y)));
    check("in order", ordered(r));
}
PLANT(scalar, from_tnum, scalar_from_tnum, struct scalar, (struct tnum t)) {
    struct scalar r = scalar_unknown();
    r.u = (struct urange){tnum_min(t), tnum_max(t)}; /* sound, but with others between them */
    return scalar_reduce(r);
}

THEOREM(scalar, well_formed) {
    uses("scalar_reduce");
    const struct scalar a = any_bool("a constant") ? scalar_const(any_word("x")) : any_scalar("a");
    check("in order", implies(scalar_well_formed(a), ordered(a)));
}
PLANT(scalar, well_formed, scalar_well_formed, bool, (struct scalar a)) {
    return tnum_well_formed(a.bits) && a.u.min <= a.u.max; /* one order of four */
}

/* ---- lattice ---- */

THEOREM(scalar, subset) {
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x), b = any_scalar_near("b", x);
    check_members(scalar_subset(a, b), b, x);
    check("of the empty one", scalar_subset(scalar_empty(), b));
    check("of itself", scalar_subset(a, a));
    check("into unknown", scalar_subset(a, scalar_unknown()));
}
PLANT(scalar, subset, scalar_subset, bool, (struct scalar a, struct scalar b)) {
    /* pruning by ends projected to one order: prune-range-ends */
    return a.u.min >= b.u.min && a.u.max <= b.u.max && tnum_subset(a.bits, b.bits);
}

THEOREM(scalar, join) {
    uses("scalar_reduce");
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x), b = any_scalar_near("b", x);
    ghost(x);
    check_members(true, scalar_join(a, b), x);
    check_members(true, scalar_join(b, a), x);
}
PLANT(scalar, join, scalar_join, struct scalar, (struct scalar a, struct scalar b)) {
    if (scalar_is_empty(a))
        return b;
    return scalar_reduce((struct scalar){.bits = tnum_join(a.bits, b.bits), /* halves of a alone */
                                         .u = urange_join(a.u, b.u),
                                         .s = srange_join(a.s, b.s),
                                         .u32 = a.u32,
                                         .s32 = a.s32});
}

THEOREM(scalar, join_in_order) {
    uses("scalar_reduce");
    const struct scalar a = any_scalar_near("a", any_word("x"));
    const struct scalar b = any_scalar_near("b", any_word("y"));
    assume(ordered(a) && ordered(b));
    const struct scalar r = scalar_join(a, b);
    check("in order or empty", scalar_is_empty(r) || ordered(r));
    check("of empty ones", scalar_equal(scalar_join(scalar_empty(), b), b) &&
                               scalar_equal(scalar_join(a, scalar_empty()), a));
}
PLANT(scalar, join_in_order, scalar_join, struct scalar, (struct scalar a, struct scalar b)) {
    return (struct scalar){.bits = tnum_join(a.bits, b.bits), .u = urange_meet(a.u, b.u)};
}

THEOREM(scalar, meet) {
    uses("scalar_reduce");
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x), b = any_scalar_with("b", x);
    ghost(x);
    const struct scalar r = scalar_meet(a, b);
    check_members(true, r, x);
    check("not empty", !scalar_is_empty(r));
}
PLANT(scalar, meet, tnum_meet, struct tnum, (struct tnum a, struct tnum b, bool *empty)) {
    *empty = ((a.value ^ b.value) & ~(a.mask & b.mask)) != 0;
    return (struct tnum){.value = a.value | b.value, .mask = a.mask & b.mask};
}

THEOREM(scalar, meet_inside) {
    uses("scalar_reduce");
    const word x = any_word("x");
    const struct scalar a = any_scalar_near("a", x), b = any_scalar_near("b", x);
    const struct scalar r = scalar_meet(a, b);
    check_members(scalar_contains(r, x), a, x);
    check_members(scalar_contains(r, x), b, x);
    check("in order or empty", scalar_is_empty(r) || ordered(r));
}
PLANT(scalar, meet_inside, scalar_meet, struct scalar, (struct scalar a, struct scalar b)) {
    return scalar_is_empty(a) ? b : a;
}

/* ---- widening ---- */

CONTRACT(rung_up, word, (x), word x) {
    const word out = proving ? rung_up(x) : any_word("rung_up");
    ENSURES("not below x", out >= x);
    ENSURES("a signed half stays one", implies(x <= (word)SHALF_MAX, out <= (word)SHALF_MAX));
    ENSURES("a half stays one", implies(x <= HALF_MAX, out <= HALF_MAX));
    ENSURES("a signed word stays one", implies(x <= (word)SWORD_MAX, out <= (word)SWORD_MAX));
    return out;
}
THEOREM(contract, rung_up) {
    (void)contracted__rung_up(true, any_word("x"));
}
PLANT(contract, rung_up, rung_up_step, word, (word rung, word x, unsigned k)) {
    const word ones = ((word)1 << k) - 1; /* a rung below what fits */
    return is_rung(k) && ones + 1 >= x && ones < rung ? ones : rung;
}

CONTRACT(rung_down, word, (x), word x) {
    const word out = proving ? rung_down(x) : any_word("rung_down");
    ENSURES("not above x", out <= x);
    return out;
}
THEOREM(contract, rung_down) {
    (void)contracted__rung_down(true, any_word("x"));
}
PLANT(contract, rung_down, rung_down, word, (word x)) {
    return x == 0 ? 0 : word_smear(x) ^ (word_smear(x) >> 2);
}

/* The rungs are the ladder's: 0, 2^k - 1 upward and 2^k downward for the k of is_rung. So chains
 * are
 * finite: an end that moves goes to another rung. */
THEOREM(scalar, rungs) {
    const word x = any_word("x"), up = rung_up(x), down = rung_down(x);
    bool up_is_rung = up == WORD_MAX, down_is_rung = down == 0, nearest = true;
    for (unsigned k = 0; k < WORD_BITS; k++) {
        up_is_rung |= is_rung(k) && up == ((word)1 << k) - 1;
        down_is_rung |= is_rung(k) && down == (word)1 << k;
        nearest &= !is_rung(k) || ((word)1 << k) - 1 < x || ((word)1 << k) - 1 >= up;
        nearest &= !is_rung(k) || (word)1 << k > x || (word)1 << k <= down;
    }
    check("up", up_is_rung);
    check("down", down_is_rung);
    check("none nearer", nearest);
}
PLANT(scalar, rungs, rung_up, word, (word x)) {
    return x | 1;
}

/* An end that moved goes to the next rung, and no other moves; before reduction. */
THEOREM(scalar, widened_ends) {
    uses("rung_up");
    uses("rung_down");
    const struct urange u = any_urange("u"), next = any_urange("next");
    const struct srange s = any_srange("s"), s_next = any_srange("s_next");
    const struct urange r = urange_widen(u, next);
    const struct srange sr = srange_widen(s, s_next);
    check("u.min", next.min < u.min ? r.min <= next.min : r.min == u.min);
    check("u.max", next.max > u.max ? r.max >= next.max : r.max == u.max);
    check("s.min", s_next.min < s.min ? sr.min <= s_next.min : sr.min == s.min);
    check("s.max", s_next.max > s.max ? sr.max >= s_next.max : sr.max == s.max);
}
PLANT(scalar, widened_ends, urange_widen, struct urange, (struct urange old, struct urange next)) {
    return (struct urange){rung_down(umin(old.min, next.min)), rung_up(umax(old.max, next.max))};
}

THEOREM(scalar, signed_rungs) {
    uses("rung_up");
    uses("rung_down");
    const sword x = (sword)any_word("x");
    check("not below", signed_up(x) >= x);
    check("not above", signed_down(x) <= x);
}
PLANT(scalar, signed_rungs, signed_up, sword, (sword x)) {
    return x >= 0 ? (sword)rung_up((word)x) : ~(sword)rung_up((word)~x); /* mirrored, not turned */
}

THEOREM(scalar, widen) {
    uses("scalar_reduce");
    uses("rung_up");
    uses("rung_down");
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x), b = any_scalar("b");
    ghost(x);
    check_members(true, scalar_widen(a, b), x);
}
PLANT(scalar, widen, scalar_widen, struct scalar, (struct scalar old, struct scalar next)) {
    return scalar_is_empty(next) ? old : next; /* what was known before is dropped */
}

THEOREM(scalar, widen_in_order) {
    uses("scalar_reduce");
    uses("rung_up");
    uses("rung_down");
    const struct scalar r = scalar_widen(any_ordered("old"), any_ordered("next"));
    check("in order or empty", scalar_is_empty(r) || ordered(r));
}
PLANT(scalar, widen_in_order, scalar_widen, struct scalar,
      (struct scalar old, struct scalar next)) {
    struct scalar r = scalar_unknown(); /* what both have in common */
    r.s = srange_meet(old.s, next.s);
    return r;
}

THEOREM(scalar, widen_next) {
    uses("scalar_reduce");
    uses("rung_up");
    uses("rung_down");
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("next", x), b = any_scalar("old");
    ghost(x);
    check_members(true, scalar_widen(b, a), x);
}
PLANT(scalar, widen_next, urange_widen, struct urange, (struct urange old, struct urange next)) {
    return (struct urange){next.min < old.min ? 0 : old.min, umax(old.max, rung_up(old.max))};
}

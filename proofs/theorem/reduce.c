/* reduce.c: theorems about reduction: each rule keeps the members and moves no end outward; so does
 * any number of rounds. And what a reduced scalar is.
 */

/* inside: no component of a reaches beyond b's. What is inside has no other members. */
static bool u_inside(struct scalar a, struct scalar b) {
    return a.u.min >= b.u.min && a.u.max <= b.u.max;
}
static bool s_inside(struct scalar a, struct scalar b) {
    return a.s.min >= b.s.min && a.s.max <= b.s.max;
}
static bool u32_inside(struct scalar a, struct scalar b) {
    return a.u32.min >= b.u32.min && a.u32.max <= b.u32.max;
}
static bool s32_inside(struct scalar a, struct scalar b) {
    return a.s32.min >= b.s32.min && a.s32.max <= b.s32.max;
}

static bool inside(struct scalar a, struct scalar b) {
    return u_inside(a, b) && s_inside(a, b) && u32_inside(a, b) && s32_inside(a, b) &&
           tnum_subset(a.bits, b.bits);
}

THEOREM(reduce, inside) {
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x);
    const struct scalar b = any_scalar_near("b", x);
    check_members(inside(a, b), b, x);
}
PLANT(reduce, inside, inside, bool, (struct scalar a, struct scalar b)) {
    return u_inside(a, b) && s_inside(a, b) && u32_inside(a, b) && tnum_subset(a.bits, b.bits);
}

/* proof_bound: a scalar that what is reduced is inside of. Over many rounds "inside what it was" is
 * easier to keep than "inside the round before". */
struct scalar proof_bound;
bool proof_bounded;

static void bound(struct scalar b) {
    proof_bound = b;
    proof_bounded = true;
}

static void requires_bound(bool proving, struct scalar r) {
    if (!proof_bounded)
        return;
    REQUIRES("u inside", u_inside(r, proof_bound));
    REQUIRES("s inside", s_inside(r, proof_bound));
    REQUIRES("u32 inside", u32_inside(r, proof_bound));
    REQUIRES("s32 inside", s32_inside(r, proof_bound));
    REQUIRES("bits inside", !in_order(r) || tnum_subset(r.bits, proof_bound.bits));
}

static void ensures_bound(bool proving, struct scalar out) {
    if (!proof_bounded)
        return;
    ENSURES("u inside", u_inside(out, proof_bound));
    ENSURES("s inside", s_inside(out, proof_bound));
    ENSURES("u32 inside", u32_inside(out, proof_bound));
    ENSURES("s32 inside", s32_inside(out, proof_bound));
    ENSURES("bits inside", !in_order(out) || tnum_subset(out.bits, proof_bound.bits));
}

/* What every rule ensures: it keeps the members that a theorem speaks of, and stays inside the
 * bound, if there is one: it moves no end outward. A contradiction that it finds may be the empty
 * scalar. */
static void ensures_reduced(bool proving, struct scalar out) {
    for (unsigned i = 0; i < n_ghosts(proving); i++)
        ensures_members(proving, true, out, proof_ghosts[i]);
    ensures_bound(proving, out);
    ENSURES("bits well-formed", tnum_well_formed(out.bits));
}

static void requires_members(bool proving, struct scalar r) {
    REQUIRES("bits well-formed", tnum_well_formed(r.bits));
    requires_bound(proving, r);
    for (unsigned i = 0; i < n_ghosts(proving); i++)
        REQUIRES("contains it", scalar_contains(r, proof_ghosts[i]));
}

#define RULE(function)                                                                             \
    CONTRACT(function, struct scalar, (r), struct scalar r) {                                      \
        requires_members(proving, r);                                                              \
        const struct scalar out = proving ? function(r) : any_scalar(#function);                   \
        ensures_reduced(proving, out);                                                             \
        return out;                                                                                \
    }
/* any_bounded: any scalar, inside any bound. */
static struct scalar bounded(struct scalar r, struct scalar b) {
    forget();
#ifdef PROOF_NATIVE
    b = r; /* a random bound is none */
#endif
    bound(b);
    return r;
}
#define any_bounded(name) bounded(any_scalar(name), any_scalar(name ".bound"))

static void unbounded(word x) {
    proof_bounded = false;
    ghost(x);
}

/* PROVE_RULE: once for any scalar, once for one with a member. */
#define PROVE_RULE(function)                                                                       \
    do {                                                                                           \
        const word x = any_word("x");                                                              \
        (void)contracted__##function(true, any_bounded("r"));                                      \
        unbounded(x);                                                                              \
        ghost(x << HALF_BITS); /* of halves at the top */                                          \
        (void)contracted__##function(true, any_scalar_with("m", x));                               \
    } while (0)

/* ---- of two orders and the bits; of words and halves ---- */

CONTRACT(members_of, struct urange, (a, t), struct urange a, struct tnum t) {
    REQUIRES("bits well-formed", tnum_well_formed(t));
    const struct urange out = proving ? members_of(a, t) : any_urange("members");
    ENSURES("inward", out.min >= a.min && out.max <= a.max);
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const bool c = in_u(a, proof_ghosts[i]) && tnum_contains(t, proof_ghosts[i]);
        ENSURES("min", implies(c, out.min <= proof_ghosts[i]));
        ENSURES("max", implies(c, proof_ghosts[i] <= out.max));
    }
    return out;
}
THEOREM(contract, members_of) {
    const word x = any_word("x");
    ghost(x);
    (void)contracted__members_of(true, any_urange("a"), any_tnum_with("t", x));
    (void)contracted__members_of(true, any_urange("b"), any_tnum("t'"));
}
PLANT(contract, members_of, tnum_prev, word, (struct tnum t, word x)) {
    return t.value | (x & t.mask);
}

CONTRACT(signed_members_of, struct srange, (a, t), struct srange a, struct tnum t) {
    REQUIRES("bits well-formed", tnum_well_formed(t));
    const struct srange out = proving ? signed_members_of(a, t) : any_srange("signed members");
    ENSURES("inward", out.min >= a.min && out.max <= a.max);
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const bool c = in_s(a, proof_ghosts[i]) && tnum_contains(t, proof_ghosts[i]);
        ENSURES("min", implies(c, out.min <= (sword)proof_ghosts[i]));
        ENSURES("max", implies(c, (sword)proof_ghosts[i] <= out.max));
    }
    return out;
}
THEOREM(contract, signed_members_of) {
    const word x = any_word("x");
    ghost(x);
    (void)contracted__signed_members_of(true, any_srange("a"), any_tnum_with("t", x));
    (void)contracted__signed_members_of(true, any_srange("b"), any_tnum("t'"));
}
PLANT(contract, signed_members_of, signed_members_of, struct srange,
      (struct srange a, struct tnum t)) {
    const struct urange r = members_of((struct urange){(word)a.min, (word)a.max}, t);
    return (struct srange){(sword)r.min, (sword)r.max}; /* the order not turned */
}

CONTRACT(ranges_exchange, struct ranges, (r), struct ranges r) {
    const struct ranges out =
        proving ? ranges_exchange(r) : (struct ranges){any_urange("u"), any_srange("s")};
    ENSURES("u inward", out.u.min >= r.u.min && out.u.max <= r.u.max);
    ENSURES("s inward", out.s.min >= r.s.min && out.s.max <= r.s.max);
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const word x = proof_ghosts[i];
        const bool c = in_u(r.u, x) && in_s(r.s, x);
        ENSURES("u.min", implies(c, out.u.min <= x));
        ENSURES("u.max", implies(c, x <= out.u.max));
        ENSURES("s.min", implies(c, out.s.min <= (sword)x));
        ENSURES("s.max", implies(c, (sword)x <= out.s.max));
    }
    return out;
}
THEOREM(contract, ranges_exchange) {
    ghost(any_word("x"));
    (void)contracted__ranges_exchange(true, (struct ranges){any_urange("r.u"), any_srange("r.s")});
}
PLANT(contract, ranges_exchange, ranges_exchange, struct ranges, (struct ranges r)) {
    r.u = urange_meet(r.u, (struct urange){(word)r.s.min, (word)r.s.max}); /* sign not looked at */
    return r;
}

/* No half of the arc is nearer: a distance on the circle of halves. */
CONTRACT(ascend, half, (x, start, len), half x, half start, half len) {
    const half out = proving ? ascend(x, start, len) : any_half("up");
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const half h = (half)proof_ghosts[i];
        ENSURES("none nearer", implies((half)(h - start) <= len, out <= (half)(h - x)));
    }
    return out;
}
THEOREM(contract, ascend) {
    ghost(any_word("x"));
    (void)contracted__ascend(true, any_half("from"), any_half("start"), any_half("len"));
}
PLANT(contract, ascend, ascend, half, (half x, half start, half len)) {
    (void)len;
    return start > x ? (half)(start - x) : 0;
}
CONTRACT(descend, half, (x, start, len), half x, half start, half len) {
    const half out = proving ? descend(x, start, len) : any_half("down");
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const half h = (half)proof_ghosts[i];
        ENSURES("none nearer", implies((half)(h - start) <= len, out <= (half)(x - h)));
    }
    return out;
}
THEOREM(contract, descend) {
    ghost(any_word("x"));
    (void)contracted__descend(true, any_half("from"), any_half("start"), any_half("len"));
}
PLANT(contract, descend, descend, half, (half x, half start, half len)) {
    return (half)(x - start) <= len ? 0 : (half)(x - start); /* to the arc's beginning */
}

static struct end any_end(const char *name) {
    const word x = any_word(name);
    return (struct end){x, any_bool("none")};
}

/* No word of that kind is nearer, and none is missed. */
CONTRACT(above, struct end, (x, start, len), word x, half start, half len) {
    const struct end out = proving ? above(x, start, len) : any_end("above");
    ENSURES("inward", implies(!out.none, out.x >= x));
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const word y = proof_ghosts[i];
        const bool c = y >= x && (half)((half)y - start) <= len;
        ENSURES("there is one", implies(c, !out.none));
        ENSURES("none nearer", implies(c, out.x <= y));
    }
    return out;
}
THEOREM(contract, above) {
    uses("ascend");
    ghost(any_word("y"));
    (void)contracted__above(true, any_word("x"), any_half("start"), any_half("len"));
}
PLANT(contract, above, above, struct end, (word x, half start, half len)) {
    return (struct end){x + ascend((half)x, start, len), false}; /* it may wrap */
}
CONTRACT(below, struct end, (x, start, len), word x, half start, half len) {
    const struct end out = proving ? below(x, start, len) : any_end("below");
    ENSURES("inward", implies(!out.none, out.x <= x));
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const word y = proof_ghosts[i];
        const bool c = y <= x && (half)((half)y - start) <= len;
        ENSURES("there is one", implies(c, !out.none));
        ENSURES("none nearer", implies(c, out.x >= y));
    }
    return out;
}
THEOREM(contract, below) {
    uses("descend");
    ghost(any_word("y"));
    (void)contracted__below(true, any_word("x"), any_half("start"), any_half("len"));
}
PLANT(contract, below, below, struct end, (word x, half start, half len)) {
    return (struct end){x - descend((half)x, start, len), false};
}

/* The lower halves of members are on the arc. */
CONTRACT(half_to_words, struct scalar, (r, start, len), struct scalar r, half start, half len) {
    for (unsigned i = 0; i < n_ghosts(proving); i++)
        REQUIRES("on the half's arc", (half)((half)proof_ghosts[i] - start) <= len);
    requires_members(proving, r);
    const struct scalar out = proving ? half_to_words(r, start, len) : any_scalar("words");
    ensures_reduced(proving, out);
    return out;
}
THEOREM(contract, half_to_words) {
    uses("above");
    uses("below");
    const word x = any_word("x");
    const half back = any_half("back"), len = any_half("len");
    (void)contracted__half_to_words(true, any_bounded("r"), any_half("start"), any_half("length"));
    unbounded(x);
    ghost(x ^ WORD_SIGN); /* of the signed order */
    (void)contracted__half_to_words(true, any_scalar_around("m", x), (half)x - h_at_most(len, back),
                                    len);
}
PLANT(contract, half_to_words, half_to_words, struct scalar,
      (struct scalar r, half start, half len)) {
    const struct end min = above((word)r.s.min, start, len), max = below((word)r.s.max, start, len);
    r.s = (struct srange){(sword)min.x, (sword)max.x};
    return min.none || max.none ? scalar_empty() : r; /* the sign bit not flipped */
}

/* ---- the rules ---- */

RULE(settle_words)
THEOREM(contract, settle_words) {
    uses("members_of");
    uses("signed_members_of");
    uses("ranges_exchange");
    PROVE_RULE(settle_words);
}
PLANT(contract, settle_words, one_sign, bool, (struct urange u)) {
    (void)u; /* of both signs, too */
    return true;
}
PLANT(contract, settle_words, members_of, struct urange, (struct urange a, struct tnum t)) {
    return (struct urange){umax(a.min, tnum_min(t)) | t.value, umin(a.max, tnum_max(t))};
}

RULE(words_to_halves)
THEOREM(contract, words_to_halves) {
    PROVE_RULE(words_to_halves);
}
PLANT(contract, words_to_halves, words_to_halves, struct scalar, (struct scalar r)) {
    r.u32 = urange32_meet(r.u32, (struct urange32){(half)r.u.min, (half)r.u.max}); /* across 2^32 */
    return r;
}
PLANT(contract, words_to_halves, urange32_of_arc_low, struct urange32, (struct arc a)) {
    return (struct urange32){(half)a.start, HALF_MAX}; /* one end copied alone: CVE-2021-31440 */
}

RULE(settle_halves)
THEOREM(contract, settle_halves) {
    uses("members_of");
    uses("signed_members_of");
    uses("ranges_exchange");
    PROVE_RULE(settle_halves);
}
PLANT(contract, settle_halves, settle_halves, struct scalar, (struct scalar r)) {
    const struct ranges both = {urange_of_half(r.u32), srange_of_half(r.s32)};
    const struct ranges met =
        settle(both, tnum_low(r.bits)); /* the two orders of different words */
    r.u32 = (struct urange32){(half)met.u.min, (half)met.u.max};
    r.s32 = (struct srange32){(shalf)met.s.min, (shalf)met.s.max};
    return r;
}

RULE(halves_to_words)
/* PROVE_ROUNDS: PROVE_RULE with words alone. */
#define PROVE_ROUNDS(function)                                                                     \
    do {                                                                                           \
        const word x = any_word("x");                                                              \
        (void)contracted__##function(true, any_bounded("r"));                                      \
        unbounded(x);                                                                              \
        (void)contracted__##function(true, any_scalar_with("m", x));                               \
    } while (0)
THEOREM(contract, halves_to_words) {
    uses("half_to_words");
    PROVE_ROUNDS(halves_to_words);
}
PLANT(contract, halves_to_words, halves_to_words, struct scalar, (struct scalar r)) {
    /* the half's bounds taken for the word's: prevail-jmp32-dead */
    r.u = urange_meet(r.u, (struct urange){(r.u.min & ~(word)HALF_MAX) | r.u32.min, WORD_MAX});
    r.s = srange_meet(r.s, srange_of_half(r.s32));
    return r;
}
/* The last one leaves all ends where they are. */
static bool same_ends(struct scalar a, struct scalar b) {
    return a.u.min == b.u.min && a.u.max == b.u.max && a.s.min == b.s.min && a.s.max == b.s.max &&
           a.u32.min == b.u32.min && a.u32.max == b.u32.max && a.s32.min == b.s32.min &&
           a.s32.max == b.s32.max;
}
CONTRACT(ranges_to_bits, struct scalar, (r), struct scalar r) {
    requires_members(proving, r);
    const struct scalar out = proving ? ranges_to_bits(r) : any_scalar("with prefix");
    ensures_reduced(proving, out);
    ENSURES("the same ends, or empty", same_ends(out, r) || scalar_equal(out, scalar_empty()));
    return out;
}
THEOREM(contract, ranges_to_bits) {
    PROVE_RULE(ranges_to_bits);
}
PLANT(contract, ranges_to_bits, tnum_range, struct tnum, (word min, word max)) {
    const word mask = min ^ max; /* CVE-2020-8835's kind: ends where the prefix should be */
    return (struct tnum){.value = min & ~mask, .mask = mask};
}

RULE(scalar_reduce_step)
THEOREM(contract, scalar_reduce_step) {
    uses("settle_words");
    uses("words_to_halves");
    uses("settle_halves");
    PROVE_ROUNDS(scalar_reduce_step);
}
PLANT(contract, scalar_reduce_step, scalar_reduce_step, struct scalar, (struct scalar r)) {
    r = settle_words(r);
    r.u32 = (struct urange32){(half)r.u.min, (half)r.u.max};
    return settle_halves(r);
}

/* ---- rounds ---- */

CONTRACT(scalar_reduce_round, struct round, (r), struct scalar r) {
    requires_members(proving, r);
    const struct round out =
        proving ? scalar_reduce_round(r) : (struct round){any_scalar("round"), any_bool("moved")};
    ensures_reduced(proving, out.r);
    ENSURES("in order, or empty", ordered(out.r) || scalar_equal(out.r, scalar_empty()));
    return out;
}
THEOREM(contract, scalar_reduce_round) {
    uses("scalar_reduce_step");
    uses("halves_to_words");
    PROVE_ROUNDS(scalar_reduce_round);
}
PLANT(contract, scalar_reduce_round, in_order, bool, (struct scalar r)) {
    return r.u.min <= r.u.max && r.s.min <= r.s.max; /* of words alone */
}

CONTRACT(scalar_reduce_rounds, struct scalar, (r), struct scalar r) {
    requires_members(proving, r);
    const struct scalar out = proving ? scalar_reduce_rounds(r) : any_scalar("rounds");
    ensures_reduced(proving, out);
    ENSURES("in order, or empty", ordered(out) || scalar_equal(out, scalar_empty()));
    return out;
}
THEOREM(contract, scalar_reduce_rounds) {
    uses("scalar_reduce_round");
    PROVE_ROUNDS(scalar_reduce_rounds);
}
PLANT(contract, scalar_reduce_rounds, scalar_reduce_rounds, struct scalar, (struct scalar r)) {
    return r; /* no round: what is out of order is not the one empty value */
}

/* ---- all of it ---- */

CONTRACT(reduce_const, struct scalar, (r), struct scalar r) {
    REQUIRES("constant", r.bits.mask == 0);
    REQUIRES("in order", in_order(r));
    requires_members(proving, r);
    const struct scalar out = proving ? reduce_const(r) : any_scalar("constant");
    ensures_reduced(proving, out);
    ENSURES("in order, or empty", ordered(out) || scalar_equal(out, scalar_empty()));
    return out;
}
static struct scalar of_bits(struct scalar r, word value) {
    r.bits = tnum_const(value);
    return r;
}
THEOREM(contract, reduce_const) {
    const word x = any_word("x"), value = any_word("value");
    const struct scalar r = of_bits(any_scalar_near("r", any_word("near")), value);
    (void)contracted__reduce_const(true, bounded(r, any_scalar("r.bound")));
    unbounded(x);
    (void)contracted__reduce_const(true, of_bits(any_scalar_with("m", x), x));
}
PLANT(contract, reduce_const, reduce_const, struct scalar, (struct scalar r)) {
    return scalar_const(r.bits.value); /* bits that are known need not fit the ranges */
}

/* proof_turns: two scalars are reduced in turn; the first contains the first of a pair, the second
 * the second. */
bool proof_turns, proof_is_second;

/* What a scalar that is not empty has become is inside the old one, in order and well-formed; what
 * is empty is scalar_empty(). */
CONTRACT(scalar_reduce, struct scalar, (r), struct scalar r) {
    requires_members(proving, r);
    const struct scalar out = proving ? scalar_reduce(r) : any_scalar("reduced");
    const bool none = scalar_is_empty(out);
    for (unsigned i = 0; i < n_ghosts(proving); i++)
        ensures_members(proving, true, out, proof_ghosts[i]);
    if (!proving && proof_turns) {
        const word x = proof_is_second ? proof_pairs[0].y : proof_pairs[0].x;
        proof_is_second = !proof_is_second;
        check("required: contains its own", scalar_contains(r, x));
        assume(scalar_contains(out, x));
    }
    if (proving && proof_n_ghosts > 0)
        return out;
    ENSURES("u inward", u_inside(out, r));
    ENSURES("s inward", s_inside(out, r));
    ENSURES("u32 inward", u32_inside(out, r));
    ENSURES("s32 inward", s32_inside(out, r));
    ENSURES("bits inward", none || tnum_subset(out.bits, r.bits));
    ENSURES("in order", none || ordered(out));
    ENSURES("the one empty value", !none || scalar_equal(out, scalar_empty()));
    return out;
}
THEOREM(contract, scalar_reduce) {
    uses("reduce_const");
    uses("scalar_reduce_rounds");
    uses("ranges_to_bits");
    const word x = any_word("x");
    const struct scalar r = any_scalar_near("r", any_word("near"));
    bound(r);
    (void)contracted__scalar_reduce(true, r);
    unbounded(x);
    (void)contracted__scalar_reduce(true, any_scalar_with("m", x));
}
PLANT(contract, scalar_reduce, scalar_reduce, struct scalar, (struct scalar r)) {
    return in_order(r) ? scalar_reduce_rounds(r) : r; /* there are other scalars without members */
}

/* "γ unchanged": nothing outside comes in. */
THEOREM(reduce, no_new_members) {
    uses("scalar_reduce");
    const word x = any_word("x");
    const struct scalar r = any_scalar_near("r", x);
    check_members(scalar_contains(scalar_reduce(r), x), r, x);
}
PLANT(reduce, no_new_members, scalar_reduce, struct scalar, (struct scalar r)) {
    (void)r; /* sound */
    return scalar_unknown();
}

/* ---- reduced: reduction changes nothing ----
 *
 * Of what is made without it. That its rounds always come to a fixed point is not proved: it is
 * tested, for all 4-bit scalars and for random ones (verifier/domain/tests). */

/* settled: natively, what reduction has left. */
static struct scalar settled(struct scalar a) {
#ifdef PROOF_NATIVE
    a = scalar_reduce(a);
    assume(!scalar_is_empty(a));
#endif
    return a;
}
/* A fixed point has a member: u.min is one, of words and bits by the first theorem, of halves by
 * the second. No rule moves an end outward, so where reduction leaves all of them each rule does;
 * these two are enough. */
THEOREM(reduced, has_member) {
    const struct scalar a = settled(any_scalar_near("a", any_word("x")));
    const struct ranges w = settle((struct ranges){a.u, a.s}, a.bits);
    assume(in_order(a));
    assume(w.u.min == a.u.min && w.u.max == a.u.max && w.s.min == a.s.min && w.s.max == a.s.max);
    check("bits contain it", tnum_contains(a.bits, a.u.min));
    check("u", in_u(a.u, a.u.min));
    check("s", in_s(a.s, a.u.min));
}
PLANT(reduced, has_member, members_of, struct urange, (struct urange a, struct tnum t)) {
    (void)t; /* bits tell words nothing */
    return a;
}
THEOREM(reduced, has_half) {
    const struct scalar a = settled(any_scalar_near("a", any_word("x")));
    assume(in_order(a));
    assume(same_ends(halves_to_words(a), a));
    check("u32", in_u32(a.u32, a.u.min));
    check("s32", in_s32(a.s32, a.u.min));
}
PLANT(reduced, has_half, half_to_words, struct scalar, (struct scalar r, half start, half len)) {
    (void)start; /* nor do halves */
    (void)len;
    return r;
}

THEOREM(reduced, empty) {
    check("empty", scalar_equal(scalar_reduce(scalar_empty()), scalar_empty()));
}
PLANT(reduced, empty, scalar_reduce, struct scalar, (struct scalar r)) {
    return in_order(r) ? r : scalar_unknown(); /* nothing, taken for anything */
}

THEOREM(reduced, unknown) {
    check("unknown", scalar_equal(scalar_reduce(scalar_unknown()), scalar_unknown()));
    check("is unknown", scalar_is_unknown(scalar_unknown()));
}
PLANT(reduced, unknown, scalar_unknown, struct scalar, (void)) {
    return scalar_empty();
}

THEOREM(reduced, const) {
    const word x = any_word("x");
    check("constant", scalar_equal(scalar_reduce(scalar_const(x)), scalar_const(x)));
}
PLANT(reduced, const, scalar_contains, bool, (struct scalar a, word x)) {
    return a.u.min <= x && x < a.u.max; /* the last one does not count */
}

THEOREM(reduced, below) {
    for (unsigned bits = 1; bits <= WORD_BITS; bits++) {
        const struct scalar r = scalar_below(bits);
        check("all below 2^bits", scalar_equal(scalar_reduce(r), r));
    }
}
PLANT(reduced, below, scalar_below, struct scalar, (unsigned bits)) {
    struct scalar r = scalar_unknown();
    if (bits < WORD_BITS)
        r.u.max = WORD_MAX >> (WORD_BITS - bits);
    return r;
}

/* mul_div.c: theorems about the products, quotients and remainders of scalars; as alu.c, with the
 * lemmas of lemma.h.
 */

/* ---- multiplication ---- */

BINARY(scalar_mul, MUL)

/* ensures_kept: out has the product in each range in which r has it. */
static void ensures_kept(bool proving, bool c, struct scalar out, struct scalar r, word x) {
    ENSURES("u", implies(c, implies(in_u(r.u, x), in_u(out.u, x))));
    ENSURES("s", implies(c, implies(in_s(r.s, x), in_s(out.s, x))));
    ENSURES("u32", implies(c, implies(in_u32(r.u32, x), in_u32(out.u32, x))));
    ENSURES("s32", implies(c, implies(in_s32(r.s32, x), in_s32(out.s32, x))));
}

CONTRACT(by_constant, struct scalar, (r, a, factor), struct scalar r, struct scalar a,
         word factor) {
    const struct scalar out = proving ? by_constant(r, a, factor) : any_scalar("by constant");
    ENSURES("bits stay", tnum_equal(out.bits, r.bits));
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const struct proof_pair p = proof_pairs[i];
        ensures_kept(proving, scalar_contains(a, p.x) && p.y == factor, out, r, p.x * p.y);
    }
    return out;
}
THEOREM(contract, by_constant) {
    hint("products named");
    uses("raw_within");
    uses("raw_low_within");
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("arc_scale");
    uses("lemma_low_product");
    const word x = any_word("x"), zx = low_of(x), sx = signed_low_of(x), y = any_word("y");
    (void)lemma_low_product(x, zx, y);
    (void)lemma_low_product(x, sx, y);
    ghost_pair(x, y);
    ghost_pair(zx, y);
    ghost_pair(sx, y);
    ghost(x * y);
    (void)contracted__by_constant(true, any_scalar("r"), any_scalar_with("a", x), y);
}
PLANT(contract, by_constant, by_constant, struct scalar,
      (struct scalar r, struct scalar a, word factor)) {
    r.u = urange_meet(r.u, (struct urange){a.u.min * factor, a.u.max * factor}); /* overflow */
    return r;
}

CONTRACT(by_halves, struct scalar, (r, a, b), struct scalar r, struct scalar a, struct scalar b) {
    const struct scalar out = proving ? by_halves(r, a, b) : any_scalar("by halves");
    ENSURES("bits stay", tnum_equal(out.bits, r.bits));
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const struct proof_pair p = proof_pairs[i];
        ensures_kept(proving, scalar_contains(a, p.x) && scalar_contains(b, p.y), out, r,
                     p.x * p.y);
    }
    return out;
}
THEOREM(contract, by_halves) {
    hint("products named");
    uses("raw_low_within");
    uses("urange_mul");
    uses("srange_mul");
    uses("lemma_low_product");
    uses("lemma_commutes");
    const word x = any_word("x"), zx = low_of(x), sx = signed_low_of(x);
    const word y = any_word("y"), zy = low_of(y), sy = signed_low_of(y);
    (void)lemma_low_product(x, zx, y);
    (void)lemma_low_product(x, sx, y);
    (void)lemma_commutes(zx, y);
    (void)lemma_commutes(sx, y);
    (void)lemma_low_product(y, zy, zx);
    (void)lemma_low_product(y, sy, sx);
    (void)lemma_commutes(zx, zy);
    (void)lemma_commutes(sx, sy);
    ghost_pair(x, y);
    ghost_pair(zx, zy);
    ghost_pair(sx, sy);
    ghost(x * y);
    (void)contracted__by_halves(true, any_scalar("r"), any_scalar_with("a", x),
                                any_scalar_with("b", y));
}
PLANT(contract, by_halves, by_halves, struct scalar,
      (struct scalar r, struct scalar a, struct scalar b)) {
    r.u = urange_mul(urange_of_half(a.u32), urange_of_half(b.u32)); /* halves' product for words' */
    return r;
}

THEOREM(contract, scalar_mul) {
    hint("products named");
    uses("scalar_finish");
    uses("tnum_mul");
    uses("urange_mul");
    uses("srange_mul");
    uses("by_constant");
    uses("by_halves");
    uses("lemma_commutes");
    const struct operands o = any_operands();
    (void)lemma_commutes(o.x, o.y);
    ghost_pair(o.x, o.y);
    ghost_pair(o.y, o.x);
    ghost(o.x * o.y);
    (void)contracted__scalar_mul(true, SCALAR_64, o.a, o.b);
    (void)contracted__scalar_mul(true, SCALAR_32, o.a, o.b);
}
PLANT(contract, scalar_mul, scalar_mul, struct scalar,
      (enum scalar_width w, struct scalar a, struct scalar b)) {
    struct scalar r = raw_of_tnum(tnum_mul(a.bits, b.bits));
    r.u = urange_mul(urange_of_half(a.u32), urange_of_half(b.u32)); /* halves' product for words' */
    return scalar_finish(w, r);
}

/* ---- division ---- */

/* Constants folded: of the pair that they are. */
#define FOLDING(function, row)                                                                     \
    CONTRACT(function, word, (x, y), word x, word y) {                                             \
        const word out = proving ? function(x, y) : any_word(#function);                           \
        for (unsigned i = 0; i < n_pairs(proving); i++) {                                          \
            const struct proof_pair p = proof_pairs[i];                                            \
            ENSURES("the row's", implies(x == p.x && y == p.y, out == row(p.x, p.y, false)));      \
        }                                                                                          \
        return out;                                                                                \
    }                                                                                              \
    THEOREM(contract, function) {                                                                  \
        const word x = any_word("x"), y = any_word("y");                                           \
        ghost_pair(x, y);                                                                          \
        (void)contracted__##function(true, x, y);                                                  \
    }

FOLDING(div_word, row_DIV64)
PLANT(contract, div_word, div_word, word, (word x, word y)) {
    return y == 0 ? WORD_MAX : x / y; /* zero divisor as some machines have it */
}
FOLDING(mod_word, row_MOD64)
PLANT(contract, mod_word, mod_word, word, (word x, word y)) {
    return y == 0 ? 0 : x % y;
}
FOLDING(sdiv_word, row_SDIV64)
PLANT(contract, sdiv_word, sdiv_word, word, (word x, word y)) {
    return y == 0 ? 0 : y == WORD_MAX ? x : (word)((sword)x / (sword)y); /* not negated */
}
FOLDING(smod_word, row_SMOD64)
PLANT(contract, smod_word, smod_word, word, (word x, word y)) {
    return y == 0 || y == WORD_MAX ? x : (word)((sword)x % (sword)y);
}

BINARY(scalar_div, DIV)
/* prove_div: contracts of words speak of the operands as they are seen. */
static void prove_div(struct operands o, enum scalar_width w) {
    const word x = seen(w, false, o.x), y = seen(w, false, o.y);
    forget();
    ghost_pair(o.x, o.y);
    ghost_pair(x, y);
    ghost(row_DIV64(x, y, false));
    (void)lemma_half(x, y);
    (void)lemma_halves(o.x, o.y);
    if (is_power_of_2(y))
        (void)lemma_shift_quotient(x, y, shift_of(y));
    (void)contracted__scalar_div(true, w, o.a, o.b);
}
THEOREM(contract, scalar_div) {
    hint("products named");
    uses("scalar_finish");
    uses("div_word");
    uses("urange_div");
    uses("shift_of");
    uses("lemma_half");
    uses("lemma_halves");
    uses("lemma_shift_quotient");
    const struct operands o = any_operands();
    prove_div(o, SCALAR_64);
    prove_div(o, SCALAR_32);
}
PLANT(contract, scalar_div, zexted, struct scalar, (enum scalar_width w, struct scalar a)) {
    (void)w; /* prevail-div32-zero: the divisor at 64 bits */
    return a;
}

/* Signed results over a divisor's members of either sign. */
#define OF_SIGNED_DIVISORS(function, of, row)                                                      \
    CONTRACT(function, struct srange, (a, b), struct srange a, struct scalar b) {                  \
        const struct srange out = proving ? function(a, b) : any_srange(#function);                \
        for (unsigned i = 0; i < n_pairs(proving); i++) {                                          \
            const struct proof_pair p = proof_pairs[i];                                            \
            const bool c = in_s(a, p.x) && scalar_contains(b, p.y);                                \
            const sword r = (sword)row(p.x, p.y, false);                                           \
            ENSURES("min", implies(c, out.min <= r));                                              \
            ENSURES("max", implies(c, r <= out.max));                                              \
        }                                                                                          \
        return out;                                                                                \
    }                                                                                              \
    THEOREM(contract, function) {                                                                  \
        hint("products named");                                                                    \
        uses(#of);                                                                                 \
        const word x = any_word("x"), y = any_word("y");                                           \
        ghost_pair(x, y);                                                                          \
        (void)contracted__##function(true, any_srange_with("a", x), any_scalar_with("b", y));      \
        forget();                                                                                  \
        (void)contracted__##function(true, any_srange("c"), any_scalar("d")); /* for all */        \
    }                                                                                              \
    PLANT(contract, function, by_sign, struct divisors, (struct scalar b)) {                       \
        return (struct divisors){{b.s.min, b.s.min}, {b.s.max, b.s.max}}; /* the ends alone */     \
    }
OF_SIGNED_DIVISORS(signed_quotients, srange_div, row_SDIV64)
OF_SIGNED_DIVISORS(signed_remainders, srange_mod, row_SMOD64)

CONTRACT(unsigned_quotients, struct scalar, (a, b, s), struct scalar a, struct scalar b,
         struct srange s) {
    REQUIRES("well-formed", ordered(a) && ordered(b));
    REQUIRES("not negative", a.s.min >= 0 && b.s.min >= 0);
    const struct scalar out = proving ? unsigned_quotients(a, b, s) : any_scalar("unsigned");
    ENSURES("bits well-formed", tnum_well_formed(out.bits));
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const struct proof_pair p = proof_pairs[i];
        const word q = row_SDIV64(p.x, p.y, false);
        const bool c = scalar_contains(a, p.x) && scalar_contains(b, p.y);
        ensures_members(proving, c && in_s(s, q), out, q);
    }
    return out;
}
THEOREM(contract, unsigned_quotients) {
    hint("products named");
    uses("raw_within");
    uses("arc_of_srange");
    uses("scalar_div");
    uses("lemma_not_negative");
    const struct operands o = any_operands();
    const word q = row_SDIV64(o.x, o.y, false);
    assume(o.a.s.min >= 0 && o.b.s.min >= 0);
    ghost_pair(o.x, o.y);
    ghost(q);
    (void)lemma_not_negative(o.x, o.y);
    (void)contracted__unsigned_quotients(true, o.a, o.b, any_srange_with("s", q));
}
PLANT(contract, unsigned_quotients, unsigned_quotients, struct scalar,
      (struct scalar a, struct scalar b, struct srange s)) {
    (void)s;
    return scalar_div(SCALAR_32, a, b); /* of halves */
}

BINARY(scalar_sdiv, SDIV)
static void prove_sdiv(struct operands o, enum scalar_width w) {
    const word x = seen(w, true, o.x), y = seen(w, true, o.y);
    forget();
    ghost_pair(o.x, o.y);
    ghost_pair(x, y);
    ghost(row_SDIV64(x, y, false));
    (void)lemma_halves(o.x, o.y);
    (void)contracted__scalar_sdiv(true, w, o.a, o.b);
}
THEOREM(contract, scalar_sdiv) {
    hint("products named");
    uses("scalar_finish");
    uses("sdiv_word");
    uses("signed_quotients");
    uses("unsigned_quotients");
    uses("lemma_halves");
    const struct operands o = any_operands();
    prove_sdiv(o, SCALAR_64);
    prove_sdiv(o, SCALAR_32);
}
PLANT(contract, scalar_sdiv, sexted, struct scalar, (enum scalar_width w, struct scalar a)) {
    return w == SCALAR_64 ? a : raw_zext(a);
}

BINARY(scalar_mod, MOD)
/* Where the lowest possible 1 of a divisor is, all divisors have zeros below it. */
static void prove_mod(struct operands o, enum scalar_width w) {
    const word x = seen(w, false, o.x), y = seen(w, false, o.y);
    const struct scalar b = w == SCALAR_64 ? o.b : raw_zext(o.b);
    forget();
    ghost_pair(o.x, o.y);
    ghost_pair(x, y);
    ghost(row_MOD64(x, y, false));
    (void)lemma_half(x, y);
    (void)lemma_halves(o.x, o.y);
    (void)lemma_congruent(x, y, lowest_one(b.bits));
    (void)contracted__scalar_mod(true, w, o.a, o.b);
}
THEOREM(contract, scalar_mod) {
    hint("products named");
    uses("scalar_finish");
    uses("mod_word");
    uses("urange_mod");
    uses("lemma_half");
    uses("lemma_halves");
    uses("lemma_congruent");
    const struct operands o = any_operands();
    prove_mod(o, SCALAR_64);
    prove_mod(o, SCALAR_32);
}
PLANT(contract, scalar_mod, congruent, struct tnum, (struct tnum a, struct tnum divisor)) {
    const word odd = divisor.value & (0 - divisor.value); /* the lowest known 1: not the lowest */
    return (struct tnum){.value = a.value & (odd - 1), .mask = a.mask | ~(odd - 1)};
}

BINARY(scalar_smod, SMOD)
static void prove_smod(struct operands o, enum scalar_width w) {
    const word x = seen(w, true, o.x), y = seen(w, true, o.y);
    const struct scalar b = w == SCALAR_64 ? o.b : raw_sext(o.b);
    forget();
    ghost_pair(o.x, o.y);
    ghost_pair(x, y);
    ghost(row_SMOD64(x, y, false));
    (void)lemma_halves(o.x, o.y);
    (void)lemma_congruent(x, y, lowest_one(b.bits));
    (void)contracted__scalar_smod(true, w, o.a, o.b);
}
THEOREM(contract, scalar_smod) {
    hint("products named");
    uses("scalar_finish");
    uses("smod_word");
    uses("signed_remainders");
    uses("lemma_halves");
    uses("lemma_congruent");
    const struct operands o = any_operands();
    prove_smod(o, SCALAR_64);
    prove_smod(o, SCALAR_32);
}
PLANT(contract, scalar_smod, sexted, struct scalar, (enum scalar_width w, struct scalar a)) {
    return w == SCALAR_64 ? a : raw_zext(a);
}

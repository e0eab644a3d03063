/* mul_div.c: theorems about the products, quotients and remainders of scalars; as alu.c, with the
 * lemmas of lemma.h.
 */

/* ---- multiplication ---- */

BINARY(scalar_mul, MUL)

/* low_products: what the lemma says of every product that scalar_mul makes of halves. */
static void low_products(word x, word y) {
    const word zx = low_of(x), zy = low_of(y), sx = signed_low_of(x), sy = signed_low_of(y);
    (void)lemma_commutes(x, y);
    (void)lemma_low_product(x, zx, y);
    (void)lemma_low_product(x, sx, y);
    (void)lemma_low_product(y, zy, x);
    (void)lemma_low_product(y, sy, x);
    (void)lemma_commutes(zx, zy);
    (void)lemma_commutes(sx, sy);
    (void)lemma_commutes(zx, y);
    (void)lemma_commutes(sx, y);
    (void)lemma_low_product(y, zy, zx);
    (void)lemma_low_product(y, sy, sx);
    ghost_pair(x, y);
    ghost_pair(zx, zy);
    ghost_pair(sx, sy);
    ghost_pair(zx, y);
    ghost_pair(sx, y);
    ghost_pair(y, x);
    ghost_pair(zy, x);
    ghost_pair(sy, x);
}

THEOREM(contract, scalar_mul) {
    hint("products named");
    uses("scalar_finish");
    uses("raw_within");
    uses("raw_low_within");
    uses("tnum_mul");
    uses("urange_mul");
    uses("srange_mul");
    uses("arc_scale");
    uses("lemma_low_product");
    uses("lemma_commutes");
    const struct operands o = any_operands();
    low_products(o.x, o.y);
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
    uses("urange_div");
    uses("shift_of");
    uses("lemma_half");
    uses("lemma_halves");
    uses("lemma_shift_quotient");
    const struct operands o = any_operands();
    prove_div(o, SCALAR_64);
    prove_div(o, SCALAR_32);
}
PLANT(contract, scalar_div, div_word, word, (word x, word y)) {
    return y == 0 ? WORD_MAX : x / y; /* zero divisor as some machines have it */
}
PLANT(contract, scalar_div, zexted, struct scalar, (enum scalar_width w, struct scalar a)) {
    (void)w; /* prevail-div32-zero: the divisor at 64 bits */
    return a;
}

BINARY(scalar_sdiv, SDIV)
static void prove_sdiv(struct operands o, enum scalar_width w) {
    const word x = seen(w, true, o.x), y = seen(w, true, o.y);
    forget();
    ghost_pair(o.x, o.y);
    ghost_pair(x, y);
    ghost(row_SDIV64(x, y, false));
    (void)lemma_halves(o.x, o.y);
    if ((sword)x >= 0 && (sword)y >= 0)
        (void)lemma_not_negative(x, y);
    (void)contracted__scalar_sdiv(true, w, o.a, o.b);
}
THEOREM(contract, scalar_sdiv) {
    hint("products named");
    uses("scalar_finish");
    uses("raw_within");
    uses("srange_div");
    uses("scalar_div");
    uses("lemma_halves");
    uses("lemma_not_negative");
    const struct operands o = any_operands();
    prove_sdiv(o, SCALAR_64);
    prove_sdiv(o, SCALAR_32);
}
PLANT(contract, scalar_sdiv, by_sign, struct divisors, (struct scalar b)) {
    return (struct divisors){{b.s.min, b.s.min}, {b.s.max, b.s.max}}; /* the ends alone */
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
PLANT(contract, scalar_mod, mod_word, word, (word x, word y)) {
    return y == 0 ? 0 : x % y;
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
    uses("srange_mod");
    uses("lemma_halves");
    uses("lemma_congruent");
    const struct operands o = any_operands();
    prove_smod(o, SCALAR_64);
    prove_smod(o, SCALAR_32);
}
PLANT(contract, scalar_smod, smod_word, word, (word x, word y)) {
    return y == 0 || y == WORD_MAX ? x : (word)((sword)x % (sword)y);
}

/* shift.c: theorems about shifts by amounts that vary: what an amount may be, and known bits joined
 * over all amounts, step by step.
 */

static bool is_amount(struct amounts by, word n) {
    return by.least <= n && n <= by.most && tnum_contains(by.bits, n);
}

static struct amounts amounts_drawn(word least, word most, struct tnum bits) {
    return (struct amounts){(unsigned)(least & (WORD_BITS - 1)), (unsigned)(most & (WORD_BITS - 1)),
                            bits};
}
#define any_amounts(name)                                                                          \
    amounts_drawn(any_amount(name ".least"), any_amount(name ".most"), any_tnum(name ".bits"))

/* any_amounts_with: of which n is one. */
static struct amounts amounts_with(word n, struct amounts by, struct tnum bits) {
    by.least = (unsigned)at_most(n, by.least);
    by.most = (unsigned)at_least(n, by.most) & (WORD_BITS - 1);
    by.bits = bits;
    assume(by.least <= by.most);
    return by;
}
#define any_amounts_with(name, n)                                                                  \
    amounts_with(n, any_amounts(name), any_tnum_with(name ".bits of n", n))

/* The pair's second operand is the amount before it is masked. */
CONTRACT(amounts_of, struct amounts, (w, b), enum scalar_width w, struct scalar b) {
    REQUIRES("well-formed", tnum_well_formed(b.bits));
    const unsigned width = w == SCALAR_64 ? WORD_BITS : HALF_BITS;
    const struct amounts out = proving ? amounts_of(w, b) : any_amounts("by");
    ENSURES("in order", out.least <= out.most);
    ENSURES("below the width", out.most < width);
    ENSURES("well-formed", tnum_well_formed(out.bits));
    for (unsigned k = 0; k < n_pairs(proving); k++) {
        const word y = proof_pairs[k].y;
        ENSURES("contains", implies(scalar_contains(b, y), is_amount(out, y & (width - 1))));
    }
    return out;
}
THEOREM(contract, amounts_of) {
    const word y = any_word("y");
    const struct scalar b = any_scalar_near("b", y);
    ghost_pair(0, y);
    (void)contracted__amounts_of(true, SCALAR_64, b);
    (void)contracted__amounts_of(true, SCALAR_32, b);
}
PLANT(contract, amounts_of, amounts_of, struct amounts, (enum scalar_width w, struct scalar b)) {
    const half mask = w == SCALAR_64 ? WORD_BITS - 1 : HALF_BITS - 1; /* ends masked one by one */
    return (struct amounts){b.u32.min & mask, b.u32.max & mask, tnum_and(b.bits, tnum_const(mask))};
}

/* The three shifts, by one amount and by any of some. Of the pair, the second operand is the
 * amount. */
#define SHIFT_CONTRACTS(step, all, shifted)                                                        \
    CONTRACT(step, struct tnum, (acc, t, by, n), struct tnum acc, struct tnum t,                   \
             struct amounts by, unsigned n) {                                                      \
        REQUIRES("amount", 0 < n && n < WORD_BITS);                                                \
        REQUIRES("well-formed", tnum_well_formed(acc) && tnum_well_formed(t));                     \
        const struct tnum out = proving ? step(acc, t, by, n) : any_tnum(#step);                   \
        ENSURES("well-formed", tnum_well_formed(out));                                             \
        for (unsigned k = 0; k < n_pairs(proving); k++) {                                          \
            const struct proof_pair p = proof_pairs[k];                                            \
            const unsigned amount = (unsigned)p.y & (WORD_BITS - 1);                               \
            const word r = shifted(p.x, amount);                                                   \
            const bool now =                                                                       \
                p.y == n && n > by.least && is_amount(by, n) && tnum_contains(t, p.x);             \
            ENSURES("kept", implies(tnum_contains(acc, r), tnum_contains(out, r)));                \
            ENSURES("joined", implies(now, tnum_contains(out, r)));                                \
        }                                                                                          \
        return out;                                                                                \
    }                                                                                              \
    THEOREM(contract, step) {                                                                      \
        const word x = any_word("x"), n = any_amount("n");                                         \
        assume(n != 0);                                                                            \
        ghost_pair(x, n);                                                                          \
        (void)contracted__##step(true, any_tnum("acc"), any_tnum_with("t", x), any_amounts("by"),  \
                                 (unsigned)n);                                                     \
    }                                                                                              \
    THEOREM(shift, step##_keeps) {                                                                 \
        const word x = any_word("x"), other = any_amount("other"), n = any_amount("n");            \
        assume(n != 0);                                                                            \
        ghost_pair(x, other);                                                                      \
        (void)contracted__##step(true, any_tnum_with("acc", shifted(x, (unsigned)other)),          \
                                 any_tnum("t"), any_amounts("by"), (unsigned)n);                   \
    }                                                                                              \
    CONTRACT(all, struct tnum, (t, by), struct tnum t, struct amounts by) {                        \
        REQUIRES("amounts", by.least <= by.most && by.most < WORD_BITS);                           \
        REQUIRES("well-formed", tnum_well_formed(t));                                              \
        const struct tnum out = proving ? all(t, by) : any_tnum(#all);                             \
        ENSURES("well-formed", tnum_well_formed(out));                                             \
        for (unsigned k = 0; k < n_pairs(proving); k++) {                                          \
            const struct proof_pair p = proof_pairs[k];                                            \
            const unsigned amount = (unsigned)p.y & (WORD_BITS - 1);                               \
            const bool c = is_amount(by, p.y) && tnum_contains(t, p.x);                            \
            ENSURES("contains", implies(c, tnum_contains(out, shifted(p.x, amount))));             \
        }                                                                                          \
        return out;                                                                                \
    }                                                                                              \
    THEOREM(contract, all) {                                                                       \
        uses(#step);                                                                               \
        const word x = any_word("x"), n = any_amount("n");                                         \
        const struct amounts by = any_amounts_with("by", n);                                       \
        ghost_pair(x, n);                                                                          \
        (void)contracted__##all(true, any_tnum_with("t", x), by);                                  \
    }

SHIFT_CONTRACTS(shl_step, shl_by, shifted_left)
SHIFT_CONTRACTS(lshr_step, lshr_by, shifted_right)
SHIFT_CONTRACTS(ashr_step, ashr_by, shifted_signed)

#define PLANT_STEP(family, name, step)                                                             \
    PLANT(family, name, step, struct tnum,                                                         \
          (struct tnum acc, struct tnum t, struct amounts by, unsigned n))
PLANT_STEP(contract, shl_step, shl_step) {
    return has_amount(by, n) ? tnum_join(acc, tnum_shl(t, n - 1)) : acc;
}
PLANT_STEP(contract, lshr_step, lshr_step) {
    return has_amount(by, n) ? tnum_join(acc, tnum_lshr(t, n - 1)) : acc;
}
PLANT_STEP(contract, ashr_step, ashr_step) {
    return has_amount(by, n) ? tnum_join(acc, tnum_lshr(t, n)) : acc; /* sign bit lost */
}
PLANT_STEP(shift, shl_step_keeps, shl_step) {
    return has_amount(by, n) ? tnum_shl(t, n) : acc; /* not joined: the last amount's alone */
}
PLANT_STEP(shift, lshr_step_keeps, lshr_step) {
    return has_amount(by, n) ? tnum_lshr(t, n) : acc;
}
PLANT_STEP(shift, ashr_step_keeps, ashr_step) {
    return has_amount(by, n) ? tnum_ashr(t, n, WORD_BITS) : acc;
}
PLANT(contract, shl_by, shl_by, struct tnum, (struct tnum t, struct amounts by)) {
    struct tnum acc = tnum_shl(t, by.least);
    for (unsigned n = 1; n < HALF_BITS; n++) /* of the smaller width */
        acc = shl_step(acc, t, by, n);
    return acc;
}
PLANT(contract, lshr_by, lshr_by, struct tnum, (struct tnum t, struct amounts by)) {
    return tnum_join(tnum_lshr(t, by.least), tnum_lshr(t, by.most)); /* the ends alone */
}
PLANT(contract, ashr_by, ashr_by, struct tnum, (struct tnum t, struct amounts by)) {
    struct tnum acc = tnum_ashr(t, by.most, WORD_BITS); /* the least one is forgotten */
    for (unsigned n = 1; n < WORD_BITS; n++)
        acc = ashr_step(acc, t, by, n);
    return acc;
}

/* shift_of: loops over the bits of a word. */
CONTRACT(shift_of, unsigned, (x), word x) {
    REQUIRES("a power of two", is_power_of_2(x));
    const unsigned out = proving ? shift_of(x) : any_amount("shift");
    ENSURES("the power", out < WORD_BITS && x == (word)1 << (out & (WORD_BITS - 1)));
    return out;
}
THEOREM(contract, shift_of) {
    (void)contracted__shift_of(true, (word)1 << any_amount("k"));
}
PLANT(contract, shift_of, shift_of, unsigned, (word x)) {
    return (unsigned)__builtin_ctz((unsigned)x | 1u << 31);
}

THEOREM(shift, power_of_2) {
    const word x = any_word("x");
    check("has one bit", is_power_of_2(x) == (__builtin_popcountll(x) == 1));
}
PLANT(shift, power_of_2, is_power_of_2, bool, (word x)) {
    return (x & (x - 1)) == 0; /* so has zero */
}

/* mul.c: theorems about the product of known bits: long multiplication by an invariant of its rows.
 *
 * Row i adds y << i where bit i of x is 1. What has been added up before row i is proof_rows[i],
 * the product of y and the low i bits of x: the invariant is that the accumulator contains it. Once
 * x has no more bits, it is x * y, which is a theorem about words alone.
 */

enum {
    N_SUMS = WORD_BITS + 1
};

/* proof_rows: sums of rows, which contracts of steps speak of. */
word proof_rows[N_SUMS];

static word rows_before(unsigned i) {
    word sum = 0;
    for (unsigned k = 0; k < N_SUMS; k++) /* i need not be a constant */
        sum = k == i ? proof_rows[k] : sum;
    return sum;
}

static word row_of(word x, word y, unsigned i) {
    return (x >> i & 1) != 0 ? y << i : 0;
}

/* sum_rows: proof_rows for x * y. */
static void sum_rows(word x, word y) {
    proof_rows[0] = 0;
    for (unsigned i = 0; i < WORD_BITS; i++)
        proof_rows[i + 1] = proof_rows[i] + row_of(x, y, i);
}

static word first_rows(word x, word y, unsigned n) {
    word sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += row_of(x, y, i);
    return sum;
}

/* no_bits_from: has x no bit at n and above?  n <= WORD_BITS */
static bool no_bits_from(word x, unsigned n) {
    return n == WORD_BITS || x >> n == 0;
}

/* x times y is the sum of the rows of its bits. */
LEMMA(lemma_rows, (x, y, n), word x, word y, unsigned n) {
    ENSURES("product", implies(no_bits_from(x, n), first_rows(x, y, n) == x * y));
    return true;
}
/* Drawn bit by bit, a word of n bits is a sum that is multiplied out. */
THEOREM(contract, lemma_rows) {
    hint("products");
    const word y = any_word("y");
    for (unsigned n = 0; n <= WORD_BITS; n++) {
        word x = 0;
        for (unsigned i = 0; i < n; i++)
            x += (word)any_bool("bit") << i;
        (void)contracted__lemma_rows(true, x, y, n);
    }
}
PLANT(contract, lemma_rows, row_of, word, (word x, word y, unsigned i)) {
    return (x >> i & 1) != 0 ? y : 0; /* tnum-mul-shift: not shifted */
}

/* ---- rows joined ---- */

CONTRACT(tnum_mul_step, struct tnum, (acc, a, b, i), struct tnum acc, struct tnum a, struct tnum b,
         unsigned i) {
    REQUIRES("row", i < WORD_BITS);
    REQUIRES("well-formed", tnum_well_formed(acc) && tnum_well_formed(a) && tnum_well_formed(b));
    const struct tnum out = proving ? tnum_mul_step(acc, a, b, i) : any_tnum("row");
    ENSURES("well-formed", tnum_well_formed(out));
    for (unsigned k = 0; k < n_pairs(proving); k++) {
        const struct proof_pair p = proof_pairs[k];
        const bool c = tnum_contains(a, p.x) && tnum_contains(b, p.y) &&
                       tnum_contains(acc, rows_before(i));
        const word sum = rows_before(i) + row_of(p.x, p.y, i);
        ENSURES("contains", implies(c, tnum_contains(out, sum)));
    }
    return out;
}
THEOREM(contract, tnum_mul_step) {
    const word x = any_word("x"), y = any_word("y"), sum = any_word("sum");
    const unsigned i = any_amount("i");
    ghost_pair(x, y);
    for (unsigned k = 0; k < N_SUMS; k++) /* whatever it is */
        proof_rows[k] = sum;
    (void)contracted__tnum_mul_step(true, any_tnum_with("acc", sum), any_tnum_with("a", x),
                                    any_tnum_with("b", y), i);
}
PLANT(contract, tnum_mul_step, tnum_mul_step, struct tnum,
      (struct tnum acc, struct tnum a, struct tnum b, unsigned i)) {
    const word bit = (word)1 << i;
    if ((a.value & bit) != 0)
        return tnum_add(acc, tnum_shl(b, i));
    if ((a.mask & bit) == 0)
        return acc;
    /* the row's known bits are lost where a's bit is unknown */
    return tnum_add(acc, (struct tnum){0, b.mask << i});
}

/* A factor that is a contract's pair: sums and product are about it. */
#define MUL_CONTRACT(function, name)                                                               \
    CONTRACT(function, struct tnum, (a, b), struct tnum a, struct tnum b) {                        \
        REQUIRES("well-formed", tnum_well_formed(a) && tnum_well_formed(b));                       \
        const struct tnum out = proving ? function(a, b) : any_tnum(name);                         \
        ENSURES("well-formed", tnum_well_formed(out));                                             \
        for (unsigned k = 0; k < n_pairs(proving); k++) {                                          \
            const struct proof_pair p = proof_pairs[k];                                            \
            const bool c = tnum_contains(a, p.x) && tnum_contains(b, p.y);                         \
            ENSURES("contains", implies(c, tnum_contains(out, p.x * p.y)));                        \
        }                                                                                          \
        return out;                                                                                \
    }

MUL_CONTRACT(long_mul, "long_mul")
THEOREM(contract, long_mul) {
    hint("products");
    uses("tnum_mul_step");
    uses("lemma_rows");
    const word x = any_word("x"), y = any_word("y");
    ghost_pair(x, y);
    sum_rows(x, y);
    for (unsigned n = 0; n <= WORD_BITS; n++)
        (void)lemma_rows(x, y, n);
    (void)contracted__long_mul(true, any_tnum_with("a", x), any_tnum_with("b", y));
}
PLANT(contract, long_mul, long_mul, struct tnum, (struct tnum a, struct tnum b)) {
    struct tnum acc = tnum_const(0);
    for (unsigned i = 0; i < HALF_BITS; i++) /* the rows of the lower half */
        acc = tnum_mul_step(acc, a, b, i);
    return acc;
}

/* ---- excess added up ---- */

/* excess_of: what row i of x * y has more than row i of a.value * b.value. */
static word excess_of(struct tnum a, word b_value, struct proof_pair p, unsigned i) {
    if ((a.value >> i & 1) != 0)
        return (p.y - b_value) << i;
    return row_of(p.x & a.mask, p.y, i);
}

CONTRACT(tnum_mul_excess_step, struct tnum, (acc, a, b, i), struct tnum acc, struct tnum a,
         struct tnum b, unsigned i) {
    REQUIRES("row", i < WORD_BITS);
    REQUIRES("well-formed", tnum_well_formed(acc) && tnum_well_formed(a) && tnum_well_formed(b));
    const struct tnum out = proving ? tnum_mul_excess_step(acc, a, b, i) : any_tnum("excess");
    ENSURES("well-formed", tnum_well_formed(out));
    for (unsigned k = 0; k < n_pairs(proving); k++) {
        const struct proof_pair p = proof_pairs[k];
        const bool c = tnum_contains(a, p.x) && tnum_contains(b, p.y) &&
                       tnum_contains(acc, rows_before(i));
        const word sum = rows_before(i) + excess_of(a, b.value, p, i);
        ENSURES("contains", implies(c, tnum_contains(out, sum)));
    }
    return out;
}
THEOREM(contract, tnum_mul_excess_step) {
    const word x = any_word("x"), y = any_word("y"), sum = any_word("sum");
    const unsigned i = any_amount("i");
    ghost_pair(x, y);
    for (unsigned k = 0; k < N_SUMS; k++)
        proof_rows[k] = sum;
    (void)contracted__tnum_mul_excess_step(true, any_tnum_with("acc", sum), any_tnum_with("a", x),
                                           any_tnum_with("b", y), i);
}
PLANT(contract, tnum_mul_excess_step, tnum_mul_excess_step, struct tnum,
      (struct tnum acc, struct tnum a, struct tnum b, unsigned i)) {
    const word bit = (word)1 << i; /* as if an unknown bit added b's unknown bits alone */
    if ((tnum_max(a) & bit) == 0)
        return acc;
    return tnum_add(acc, tnum_shl((struct tnum){0, b.mask}, i));
}

/* struct split: what has been added up of x * y (all), of a.value * b.value (known), and the rest. */
struct split {
    word excess, known, all;
};
static struct split split_row(struct split s, struct tnum a, word b_value, struct proof_pair p,
                              unsigned i);
CONTRACTED static struct split split_row(struct split s, struct tnum a, word b_value,
                                         struct proof_pair p, unsigned i) {
    return (struct split){s.excess + excess_of(a, b_value, p, i),
                          s.known + row_of(a.value, b_value, i), s.all + row_of(p.x, p.y, i)};
}
/* Row by row, the two parts are all of it. */
CONTRACT(split_row, struct split, (s, a, b_value, p, i), struct split s, struct tnum a,
         word b_value, struct proof_pair p, unsigned i) {
    REQUIRES("row", i < WORD_BITS);
    REQUIRES("well-formed", tnum_well_formed(a));
    REQUIRES("contains", tnum_contains(a, p.x));
    REQUIRES("so far", s.excess + s.known == s.all);
    const struct split out = proving ? split_row(s, a, b_value, p, i)
                                     : (struct split){any_word("excess"), any_word("known"),
                                                      any_word("all")};
    ENSURES("excess", out.excess == s.excess + excess_of(a, b_value, p, i));
    ENSURES("known", out.known == s.known + row_of(a.value, b_value, i));
    ENSURES("all", out.all == s.all + row_of(p.x, p.y, i));
    ENSURES("together", out.excess + out.known == out.all);
    return out;
}
THEOREM(contract, split_row) {
    const word x = any_word("x"), y = any_word("y");
    const word excess = any_word("excess"), known = any_word("known");
    (void)contracted__split_row(true, (struct split){excess, known, excess + known},
                                any_tnum_with("a", x), any_word("b.value"),
                                (struct proof_pair){x, y}, any_amount("i"));
}
PLANT(contract, split_row, row_of, word, (word x, word y, unsigned i)) {
    return (x >> i & 1) != 0 ? y << i : 1;
}

/* proof_sum: operands that the contract of addition speaks of. */
struct proof_pair proof_sum;

CONTRACT(tnum_add, struct tnum, (a, b), struct tnum a, struct tnum b) {
    REQUIRES("well-formed", tnum_well_formed(a) && tnum_well_formed(b));
    const struct tnum out = proving ? tnum_add(a, b) : any_tnum("sum");
    ENSURES("well-formed", tnum_well_formed(out));
    const struct proof_pair p = proof_sum;
    ENSURES("contains", implies(tnum_contains(a, p.x) && tnum_contains(b, p.y),
                                tnum_contains(out, p.x + p.y)));
    return out;
}
THEOREM(contract, tnum_add) {
    const word x = any_word("x"), y = any_word("y");
    proof_sum = (struct proof_pair){x, y};
    (void)contracted__tnum_add(true, any_tnum_with("a", x), any_tnum_with("b", y));
}
PLANT(contract, tnum_add, tnum_add, struct tnum, (struct tnum a, struct tnum b)) {
    const word mask = a.mask | b.mask; /* carries forgotten */
    return (struct tnum){(a.value + b.value) & ~mask, mask};
}

/* The rows of x * y are those of a.value * b.value and the excess, one by one. The loop ends where a
 * has no more bits; the excess there is what the accumulator contains. */
MUL_CONTRACT(excess_mul, "excess_mul")
THEOREM(contract, excess_mul) {
    hint("products");
    uses("tnum_mul_excess_step");
    uses("tnum_add");
    uses("split_row");
    uses("lemma_rows");
    const word x = any_word("x"), y = any_word("y");
    const struct tnum a = any_tnum_with("a", x), b = any_tnum_with("b", y);
    const struct proof_pair p = {x, y};
    struct split s = {0, 0, 0};
    word excess = 0;
    for (unsigned i = 0; i <= WORD_BITS; i++) {
        proof_rows[i] = s.excess;
        excess = i == 0 || !no_bits_from(tnum_max(a), i - 1) ? s.excess : excess;
        (void)lemma_rows(x, y, i);
        (void)lemma_rows(a.value, b.value, i);
        if (i < WORD_BITS)
            s = split_row(s, a, b.value, p, i);
    }
    ghost_pair(x, y);
    proof_sum = (struct proof_pair){excess, a.value * b.value};
    (void)contracted__excess_mul(true, a, b);
}
PLANT(contract, excess_mul, excess_mul, struct tnum, (struct tnum a, struct tnum b)) {
    struct tnum acc = tnum_const(0);
    for (unsigned i = 0; i < WORD_BITS; i++)
        acc = tnum_mul_excess_step(acc, a, b, i);
    return acc; /* the product of the known bits is not added */
}

/* ---- all of it ---- */

CONTRACT(multiples, struct tnum, (a), struct tnum a) {
    REQUIRES("well-formed", tnum_well_formed(a));
    const struct tnum out = proving ? multiples(a) : any_tnum("multiples");
    ENSURES("well-formed", tnum_well_formed(out));
    for (unsigned k = 0; k < n_pairs(proving); k++) {
        const struct proof_pair p = proof_pairs[k];
        const word xy = p.x * p.y;
        ENSURES("first factor", implies(tnum_contains(a, p.x), tnum_contains(out, xy)));
        ENSURES("second factor", implies(tnum_contains(a, p.y), tnum_contains(out, xy)));
    }
    return out;
}
/* k: where a's lowest possible 1 is; of none, all are zero. */
static unsigned lowest_one(struct tnum a) {
    return tnum_max(a) == 0 ? WORD_BITS - 1 : (unsigned)__builtin_ctzll(tnum_max(a));
}
THEOREM(contract, multiples) {
    hint("products");
    uses("lemma_multiple");
    uses("lemma_commutes");
    const word x = any_word("x"), y = any_word("y");
    const struct tnum a = any_tnum_with("a", x);
    ghost_pair(x, y);
    (void)lemma_multiple(x, y, lowest_one(a));
    (void)contracted__multiples(true, a);
    forget();
    ghost_pair(y, x);
    (void)lemma_commutes(x, y);
    (void)contracted__multiples(true, a);
}
PLANT(contract, multiples, multiples, struct tnum, (struct tnum a)) {
    return (struct tnum){.value = 0, .mask = ~word_smear(a.value & (0 - a.value)) };
}

MUL_CONTRACT(tnum_mul, "tnum_mul")
THEOREM(contract, tnum_mul) {
    hint("products");
    uses("long_mul");
    uses("excess_mul");
    uses("multiples");
    uses("lemma_commutes");
    const word x = any_word("x"), y = any_word("y");
    ghost_pair(x, y);
    ghost_pair(y, x); /* long_mul(b, a) */
    (void)lemma_commutes(x, y);
    (void)contracted__tnum_mul(true, any_tnum_with("a", x), any_tnum_with("b", y));
}
PLANT(contract, tnum_mul, multiples, struct tnum, (struct tnum a)) {
    return (struct tnum){.value = 0, .mask = ~(tnum_max(a) & (0 - tnum_max(a)))};
}

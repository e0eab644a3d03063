/* mul.c: theorems about the product of known bits: long multiplication by an invariant of its rows.
 *
 * Row i adds y << i where bit i of x is 1. What has been added up before row i is proof_rows[i],
 * the product of y and the low i bits of x: the invariant is that the accumulator contains it. Once
 * x has no more bits, it is x * y, which is a theorem about words alone.
 */

enum {
    N_SUMS = WORD_BITS + 1
};

/* proof_rows: sums of rows, which contracts of steps speak of: [i] is that of the rows before row
 * i. Where a step is proved, whatever its row is, [0] and [1] are the sums before and after it. */
word proof_rows[N_SUMS];

static word sum_before(bool proving, unsigned i) {
    return proof_rows[proving ? 0 : i];
}
static word sum_after(bool proving, unsigned i) {
    return proof_rows[proving ? 1 : i + 1];
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

/* hidden: of a sum, only what is said of it counts where a contract is used. */
static word hidden(bool proving, word sum) {
    return proving ? sum : proof_opaque(sum);
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
LEMMA(lemma_rows, (x, y, n, sum), word x, word y, unsigned n, word sum) {
    REQUIRES("sum of rows", sum == first_rows(x, y, n));
    ENSURES("product", implies(no_bits_from(x, n), hidden(proving, sum) == x * y));
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
        (void)contracted__lemma_rows(true, x, y, n, first_rows(x, y, n));
    }
}
PLANT(contract, lemma_rows, row_of, word, (word x, word y, unsigned i)) {
    return (x >> i & 1) != 0 ? y : 0; /* tnum-mul-shift: not shifted */
}

/* ---- sums ---- */

/* proof_sum: operands that the contract of addition speaks of. */
struct proof_pair proof_sum;

CONTRACT(tnum_add, struct tnum, (a, b), struct tnum a, struct tnum b) {
    REQUIRES("well-formed", tnum_well_formed(a) && tnum_well_formed(b));
    const struct tnum out = proving ? tnum_add(a, b) : any_tnum("sum");
    ENSURES("well-formed", tnum_well_formed(out));
    const struct proof_pair p = proof_sum;
    ENSURES("contains",
            implies(tnum_contains(a, p.x) && tnum_contains(b, p.y), tnum_contains(out, p.x + p.y)));
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

/* ---- rows joined ---- */

CONTRACT(tnum_mul_step, struct tnum, (acc, a, b, i), struct tnum acc, struct tnum a, struct tnum b,
         unsigned i) {
    REQUIRES("row", i < WORD_BITS);
    REQUIRES("well-formed", tnum_well_formed(acc) && tnum_well_formed(a) && tnum_well_formed(b));
    const struct tnum out = proving ? tnum_mul_step(acc, a, b, i) : any_tnum("row");
    ENSURES("well-formed", tnum_well_formed(out));
    for (unsigned k = 0; k < n_pairs(proving); k++) {
        const struct proof_pair p = proof_pairs[k];
        const word before = sum_before(proving, i), after = sum_after(proving, i);
        REQUIRES("the row", after == before + row_of(p.x, p.y, i));
        const bool c = tnum_contains(a, p.x) && tnum_contains(b, p.y) &&
                       tnum_contains(acc, hidden(proving, before));
        ENSURES("contains", implies(c, tnum_contains(out, hidden(proving, after))));
    }
    return out;
}
THEOREM(contract, tnum_mul_step) {
    uses("tnum_add");
    const word x = any_word("x"), y = any_word("y"), sum = any_word("sum");
    const unsigned i = any_amount("i");
    ghost_pair(x, y);
    proof_rows[0] = sum;
    proof_rows[1] = sum + row_of(x, y, i);
    proof_sum = (struct proof_pair){sum, y << i};
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
            ENSURES("contains", implies(c, tnum_contains(out, p.x *p.y)));                         \
        }                                                                                          \
        return out;                                                                                \
    }

MUL_CONTRACT(long_mul, "long_mul")
THEOREM(contract, long_mul) {
    hint("products named");
    hint("whole");
    uses("tnum_mul_step");
    uses("lemma_rows");
    const word x = any_word("x"), y = any_word("y");
    ghost_pair(x, y);
    sum_rows(x, y);
    for (unsigned n = 0; n <= WORD_BITS; n++)
        (void)lemma_rows(x, y, n, proof_rows[n]);
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
static word excess_of(word x, word y, word a_value, word b_value, unsigned i) {
    return row_of(x, y, i) - row_of(a_value, b_value, i);
}

static word first_excess(word x, word y, word a_value, word b_value, unsigned n) {
    word sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += excess_of(x, y, a_value, b_value, i);
    return sum;
}

/* The excess of all rows is that of the product. */
LEMMA(lemma_excess, (x, y, a_value, b_value, n, sum), word x, word y, word a_value, word b_value,
      unsigned n, word sum) {
    REQUIRES("sum of excess", sum == first_excess(x, y, a_value, b_value, n));
    ENSURES("product", implies(no_bits_from(x, n) && no_bits_from(a_value, n),
                               hidden(proving, sum) == x * y - a_value * b_value));
    return true;
}
THEOREM(contract, lemma_excess) {
    hint("products");
    hint("whole");
    const word y = any_word("y"), b_value = any_word("b.value");
    for (unsigned n = 0; n <= WORD_BITS; n++) {
        word x = 0, a_value = 0;
        for (unsigned i = 0; i < n; i++) {
            x += (word)any_bool("bit") << i;
            a_value += (word)any_bool("known") << i;
        }
        (void)contracted__lemma_excess(true, x, y, a_value, b_value, n,
                                       first_excess(x, y, a_value, b_value, n));
    }
}
PLANT(contract, lemma_excess, row_of, word, (word x, word y, unsigned i)) {
    return (x >> i & 1) != 0 ? y : 0;
}

CONTRACT(tnum_mul_excess_step, struct tnum, (acc, a, b, i), struct tnum acc, struct tnum a,
         struct tnum b, unsigned i) {
    REQUIRES("row", i < WORD_BITS);
    REQUIRES("well-formed", tnum_well_formed(acc) && tnum_well_formed(a) && tnum_well_formed(b));
    const struct tnum out = proving ? tnum_mul_excess_step(acc, a, b, i) : any_tnum("excess");
    ENSURES("well-formed", tnum_well_formed(out));
    for (unsigned k = 0; k < n_pairs(proving); k++) {
        const struct proof_pair p = proof_pairs[k];
        const word before = sum_before(proving, i), after = sum_after(proving, i);
        REQUIRES("the row's excess", after == before + excess_of(p.x, p.y, a.value, b.value, i));
        const bool c = tnum_contains(a, p.x) && tnum_contains(b, p.y) &&
                       tnum_contains(acc, hidden(proving, before));
        ENSURES("contains", implies(c, tnum_contains(out, hidden(proving, after))));
    }
    return out;
}
THEOREM(contract, tnum_mul_excess_step) {
    uses("tnum_add");
    const word x = any_word("x"), y = any_word("y"), sum = any_word("sum");
    const struct tnum a = any_tnum_with("a", x), b = any_tnum_with("b", y);
    const unsigned i = any_amount("i");
    ghost_pair(x, y);
    proof_rows[0] = sum;
    const word excess = excess_of(x, y, a.value, b.value, i);
    proof_rows[1] = sum + excess;
    proof_sum = (struct proof_pair){sum, excess};
    (void)contracted__tnum_mul_excess_step(true, any_tnum_with("acc", sum), a, b, i);
}
PLANT(contract, tnum_mul_excess_step, tnum_mul_excess_step, struct tnum,
      (struct tnum acc, struct tnum a, struct tnum b, unsigned i)) {
    const word bit = (word)1 << i; /* as if an unknown bit added b's unknown bits alone */
    if ((tnum_max(a) & bit) == 0)
        return acc;
    return tnum_add(acc, tnum_shl((struct tnum){0, b.mask}, i));
}

CONTRACT(excess_sum, struct tnum, (a, b), struct tnum a, struct tnum b) {
    REQUIRES("well-formed", tnum_well_formed(a) && tnum_well_formed(b));
    const struct tnum out = proving ? excess_sum(a, b) : any_tnum("excess_sum");
    ENSURES("well-formed", tnum_well_formed(out));
    for (unsigned k = 0; k < n_pairs(proving); k++) {
        const struct proof_pair p = proof_pairs[k];
        const bool c = tnum_contains(a, p.x) && tnum_contains(b, p.y);
        const word excess = p.x * p.y - a.value * b.value;
        ENSURES("contains", implies(c, tnum_contains(out, excess)));
    }
    return out;
}
/* The loop ends where a has no more bits: the excess there is what the accumulator contains. */
THEOREM(contract, excess_sum) {
    hint("products named");
    hint("whole");
    uses("tnum_mul_excess_step");
    uses("lemma_excess");
    const word x = any_word("x"), y = any_word("y");
    const struct tnum a = any_tnum_with("a", x), b = any_tnum_with("b", y);
    proof_rows[0] = 0;
    for (unsigned i = 0; i <= WORD_BITS; i++) {
        (void)lemma_excess(x, y, a.value, b.value, i, proof_rows[i]);
        if (i < WORD_BITS)
            proof_rows[i + 1] = proof_rows[i] + excess_of(x, y, a.value, b.value, i);
    }
    ghost_pair(x, y);
    (void)contracted__excess_sum(true, a, b);
}
PLANT(contract, excess_sum, excess_sum, struct tnum, (struct tnum a, struct tnum b)) {
    struct tnum acc = tnum_const(0);
    for (unsigned i = 0; i < HALF_BITS; i++) /* the rows of the lower half */
        acc = tnum_mul_excess_step(acc, a, b, i);
    return acc;
}

MUL_CONTRACT(excess_mul, "excess_mul")
THEOREM(contract, excess_mul) {
    hint("products named");
    uses("excess_sum");
    uses("tnum_add");
    const word x = any_word("x"), y = any_word("y");
    const struct tnum a = any_tnum_with("a", x), b = any_tnum_with("b", y);
    const word known = a.value * b.value;
    ghost_pair(x, y);
    proof_sum = (struct proof_pair){x * y - known, known};
    (void)contracted__excess_mul(true, a, b);
}
PLANT(contract, excess_mul, excess_mul, struct tnum, (struct tnum a, struct tnum b)) {
    return excess_sum(a, b); /* the product of the known bits is not added */
}

/* ---- all of it ---- */

CONTRACT(multiples, struct tnum, (a), struct tnum a) {
    REQUIRES("well-formed", tnum_well_formed(a));
    const struct tnum out = proving ? multiples(a) : any_tnum("multiples");
    ENSURES("well-formed", tnum_well_formed(out));
    ENSURES("no known 1", out.value == 0);
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
    return (struct tnum){.value = 0, .mask = ~word_smear(a.value & (0 - a.value))};
}

MUL_CONTRACT(tnum_mul, "tnum_mul")
THEOREM(contract, tnum_mul) {
    hint("products named");
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

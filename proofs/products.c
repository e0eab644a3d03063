/* products.c: the rewriting, and the lemmas. */
#include "proofs/products.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    W = 64, /* of operands */
    MAX = PRODUCTS_MAX_OPERANDS,
    MAX_PAIRS = MAX * MAX,
};

/* struct set: distinct operands. */
struct set {
    term *of[MAX];
    unsigned n;
};

/* struct product: the 128-bit product of two words, both unsigned or both signed. */
struct product {
    term *a, *b, *p;
    bool is_signed;
};

/* struct quotient: of two words; m is q * d, what the remainder leaves of n. */
struct quotient {
    term *n, *d, *q, *m;
    bool is_signed;
    bool asked; /* by the query itself */
};

struct work {
    struct terms *t;
    struct products *out;
    struct set factors[2], dividends[2], divisors[2]; /* of unsigned, of signed ones */
    struct product products[2 * MAX_PAIRS];
    bool has[2]; /* has the query products of all 128 bits, unsigned, signed? */
    struct quotient quotients[2 * MAX_PAIRS];
    unsigned n_products, n_quotients;
    size_t cap_lemmas, cap_vars;
    bool failed;
};

static bool insert(struct work *k, struct set *s, term *x) {
    for (unsigned i = 0; i < s->n; i++)
        if (s->of[i] == x)
            return true;
    if (s->n == MAX) {
        k->failed = true;
        return false;
    }
    s->of[s->n++] = x;
    return true;
}

static void lemma(struct work *k, term *x) {
    struct products *const o = k->out;
    if (term_is_true(x))
        return;
    if (o->n_lemmas == k->cap_lemmas) {
        const size_t cap = k->cap_lemmas ? 2 * k->cap_lemmas : 256;
        term **const bigger = realloc((void *)o->lemmas, cap * sizeof *bigger);
        if (!bigger) {
            k->failed = true;
            return;
        }
        o->lemmas = bigger;
        k->cap_lemmas = cap;
    }
    o->lemmas[o->n_lemmas++] = x;
}

/* variable: one that stands for a term; a constant stands for itself. */
static term *variable(struct work *k, const char *stem, term *real) {
    char name[60];
    if (term_is_const(real))
        return real;
    snprintf(name, sizeof name, "%s!%u", stem, real->id);
    term *const v = term_var(k->t, real->width, name);
    struct products *const o = k->out;
    if (o->n_vars == k->cap_vars) {
        const size_t cap = k->cap_vars ? 2 * k->cap_vars : 64;
        struct product_var *const bigger = realloc(o->vars, cap * sizeof *bigger);
        if (!bigger) {
            k->failed = true;
            return v;
        }
        o->vars = bigger;
        k->cap_vars = cap;
    }
    o->vars[o->n_vars++] = (struct product_var){v, real};
    return v;
}

static term *word(struct work *k, uint64_t x) {
    return term_const(k->t, W, x);
}

static term *implied(struct work *k, term *a, term *b) {
    return term_implies(k->t, a, b);
}

static term *both(struct work *k, term *a, term *b) {
    return term_and(k->t, a, b);
}

/* ---- products ---- */

static term *extended(struct work *k, bool is_signed, term *a) {
    return is_signed ? term_sext(k->t, 2 * W, a) : term_zext(k->t, 2 * W, a);
}

/* product_of: P(a, b) or S(a, b), made when first asked for. */
static term *product_of(struct work *k, bool is_signed, term *a, term *b) {
    struct terms *const t = k->t;
    if (a->id > b->id) {
        term *const was = a;
        a = b;
        b = was;
    }
    for (unsigned i = 0; i < k->n_products; i++)
        if (k->products[i].a == a && k->products[i].b == b && k->products[i].is_signed == is_signed)
            return k->products[i].p;
    struct set *const factors = &k->factors[is_signed];
    if (k->n_products == 2 * MAX_PAIRS || !insert(k, factors, a) || !insert(k, factors, b)) {
        k->failed = true;
        return term_const(t, 2 * W, 0);
    }
    term *const real = term_mul(t, extended(k, is_signed, a), extended(k, is_signed, b));
    const bool trivial = real->op != TERM_MUL;
    term *const p = trivial ? real : variable(k, is_signed ? "signed" : "product", real);
    k->products[k->n_products++] = (struct product){a, b, p, is_signed};
    return p;
}

/* low_product: of one word's width; the same for both orders. */
static term *low_product(struct work *k, term *a, term *b) {
    const bool is_signed = k->has[1] && !k->has[0];
    term *const p = term_low(k->t, W, product_of(k, is_signed, a, b));
    if (k->has[0] && k->has[1])
        lemma(k, term_eq(k->t, p, term_low(k->t, W, product_of(k, true, a, b))));
    return p;
}

static term *multiplied(struct work *k, term *a, term *b);

/* by_bits: a * b where a is a word put together bit by bit: a row for each; NULL where it is not.
 * */
static term *by_bits(struct work *k, term *a, term *b) {
    struct terms *const t = k->t;
    term *const inner = a->op == TERM_ZEXT ? a->a : a;
    term *const none = term_const(t, W, 0);
    if (inner->width == 1)
        return term_ite(t, inner, b, none);
    if (inner->op != TERM_CONCAT || inner->a->width != 1)
        return NULL;
    const unsigned n = inner->b->width;
    term *const row = term_ite(t, inner->a, term_shl(t, b, term_const(t, W, n)), none);
    return term_add(t, multiplied(k, term_zext(t, W, inner->b), b), row);
}

/* multiplied: a * b modulo 2^64, with sums multiplied out. */
static term *multiplied(struct work *k, term *a, term *b) {
    struct terms *const t = k->t;
    if (term_is_const(a) && term_is_const(b))
        return term_mul(t, a, b);
    for (unsigned i = 0; i < 2; i++) {
        term *const rows = by_bits(k, a, b);
        if (rows)
            return rows;
        if (a->op == TERM_ADD)
            return term_add(t, multiplied(k, a->a, b), multiplied(k, a->b, b));
        if (a->op == TERM_SUB)
            return term_sub(t, multiplied(k, a->a, b), multiplied(k, a->b, b));
        if (a->op == TERM_NEG)
            return term_neg(t, multiplied(k, a->a, b));
        if (a->op == TERM_ITE)
            return term_ite(t, a->c, multiplied(k, a->a, b), multiplied(k, a->b, b));
        term *const was = a;
        a = b;
        b = was;
    }
    return low_product(k, a, b);
}

/* extended_word: the word that a wider term extends, NULL if none. */
static term *extended_word(struct work *k, term *a, enum term_op ext) {
    if (a->op == ext && a->a->width <= W)
        return ext == TERM_ZEXT ? term_zext(k->t, W, a->a) : term_sext(k->t, W, a->a);
    if (!term_is_const(a))
        return NULL;
    term *const low = term_low(k->t, W, a);
    term *const again =
        ext == TERM_ZEXT ? term_zext(k->t, a->width, low) : term_sext(k->t, a->width, low);
    return again == a ? low : NULL;
}

/* without_product: a * b as it stands in a query; NULL: left as it is. */
static term *without_product(struct work *k, term *a, term *b) {
    struct terms *const t = k->t;
    const unsigned w = a->width;
    if (w <= W)
        return term_low(t, w, multiplied(k, term_zext(t, W, a), term_zext(t, W, b)));
    if (w != 2 * W)
        return NULL;
    term *ua = extended_word(k, a, TERM_ZEXT), *ub = extended_word(k, b, TERM_ZEXT);
    if (ua && ub)
        return product_of(k, false, ua, ub);
    ua = extended_word(k, a, TERM_SEXT);
    ub = extended_word(k, b, TERM_SEXT);
    return ua && ub ? product_of(k, true, ua, ub) : NULL;
}

/* A whole product of a sum, or of a choice, has the low half that multiplying out gives: of the
 * products from the first'th. */
static void link_sums(struct work *k, unsigned first) {
    const unsigned n = k->n_products;
    for (unsigned i = first; i < n && !k->failed; i++) {
        const struct product p = k->products[i];
        term *const low = multiplied(k, p.a, p.b);
        lemma(k, term_eq(k->t, term_low(k->t, W, p.p), low));
    }
}

/* All products of all factors are there: lemmas relate those that share one. */
static void close_products(struct work *k, bool is_signed) {
    struct set *const f = &k->factors[is_signed];
    if (f->n == 0)
        return;
    insert(k, f, word(k, 0));
    const unsigned n = f->n;
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = i; j < n; j++)
            product_of(k, is_signed, f->of[i], f->of[j]);
}

/* monotone: a <= b, so a * s <= b * s; turned around for a negative s. */
static void monotone(struct work *k, bool is_signed, term *a, term *b, term *s) {
    struct terms *const t = k->t;
    term *const as = product_of(k, is_signed, a, s), *const bs = product_of(k, is_signed, b, s);
    if (!is_signed) {
        lemma(k, implied(k, term_ule(t, a, b), term_ule(t, as, bs)));
        return;
    }
    term *const up = term_sle(t, a, b), *const negative = term_extract(t, W - 1, 1, s);
    lemma(k, implied(k, both(k, up, term_not(t, negative)), term_sle(t, as, bs)));
    lemma(k, implied(k, both(k, up, negative), term_sle(t, bs, as)));
}

static void product_lemmas(struct work *k, bool is_signed) {
    struct terms *const t = k->t;
    const struct set *const f = &k->factors[is_signed];
    for (unsigned s = 0; s < f->n; s++)
        for (unsigned i = 0; i < f->n; i++)
            for (unsigned j = 0; j < f->n; j++)
                if (i != j)
                    monotone(k, is_signed, f->of[i], f->of[j], f->of[s]);
    term *const half = word(k, UINT64_C(1) << 32);
    for (unsigned i = 0; !is_signed && i < k->n_products; i++) {
        const struct product *const p = &k->products[i];
        /* factors below 2^32: a product below 2^64 */
        if (!p->is_signed)
            lemma(k, implied(k, both(k, term_ult(t, p->a, half), term_ult(t, p->b, half)),
                             term_eq(t, term_extract(t, W, W, p->p), word(k, 0))));
    }
}

/* ---- quotients ---- */

/* divides: is there a division left in x? That of two extended halves was made one of halves. */
static bool divides(const struct work *k, term *x) {
    term **list;
    const size_t n = term_below(k->t, &x, 1, &list);
    bool is = n == 0; /* no memory: say so, a variable is never wrong */
    for (size_t i = 0; !is && i < n; i++)
        is = list[i]->op == TERM_UDIV || list[i]->op == TERM_SDIV;
    free((void *)list);
    return is;
}

static struct quotient *quotient_of(struct work *k, bool is_signed, term *n, term *d) {
    struct terms *const t = k->t;
    for (unsigned i = 0; i < k->n_quotients; i++) {
        struct quotient *const x = &k->quotients[i];
        if (x->n == n && x->d == d && x->is_signed == is_signed)
            return x;
    }
    if (k->n_quotients == 2 * MAX_PAIRS || !insert(k, &k->dividends[is_signed], n) ||
        !insert(k, &k->divisors[is_signed], d)) {
        k->failed = true;
        return &k->quotients[0];
    }
    struct quotient *const x = &k->quotients[k->n_quotients++];
    term *const q = is_signed ? term_sdiv(t, n, d) : term_udiv(t, n, d);
    term *const rest = is_signed ? term_srem(t, n, d) : term_urem(t, n, d);
    const bool plain = !divides(k, q);
    *x = (struct quotient){.n = n, .d = d, .is_signed = is_signed};
    x->q = plain ? q : variable(k, is_signed ? "sdiv" : "udiv", q);
    x->m = plain ? term_sub(t, n, rest)
                 : variable(k, is_signed ? "smul" : "umul", term_sub(t, n, rest));
    return x;
}

/* without_division: a quotient or remainder of two terms of up to a word. */
static term *without_division(struct work *k, bool is_signed, term *n, term *d, bool rest) {
    struct terms *const t = k->t;
    term *const wn = is_signed ? term_sext(t, W, n) : term_zext(t, W, n);
    term *const wd = is_signed ? term_sext(t, W, d) : term_zext(t, W, d);
    struct quotient *const x = quotient_of(k, is_signed, wn, wd);
    if (k->failed)
        return n;
    x->asked = true;
    return term_low(t, n->width, rest ? term_sub(t, x->n, x->m) : x->q);
}

static void close_quotients(struct work *k, bool is_signed) {
    struct set *const n = &k->dividends[is_signed], *const d = &k->divisors[is_signed];
    if (n->n == 0)
        return;
    if (!is_signed)
        insert(k, d, word(k, 2)); /* x / 2 is a shift: quotients by more are no larger */
    for (unsigned i = 0; i < n->n && !k->failed; i++)
        for (unsigned j = 0; j < d->n; j++)
            quotient_of(k, is_signed, n->of[i], d->of[j]);
}

static term *is_zero(struct work *k, term *x) {
    return term_eq(k->t, x, word(k, 0));
}

static term *is_negative(struct work *k, term *x) {
    return term_extract(k->t, W - 1, 1, x);
}

static term *magnitude(struct work *k, term *x) {
    return term_ite(k->t, is_negative(k, x), term_neg(k->t, x), x);
}

/* Of one unsigned quotient: by zero, by one; the remainder is below the divisor; nothing is taken
 * from less than the divisor, and at least the divisor from more. */
static void unsigned_lemmas(struct work *k, const struct quotient *x) {
    struct terms *const t = k->t;
    term *const by_zero = is_zero(k, x->d), *const ok = term_not(t, by_zero);
    term *const rest = term_sub(t, x->n, x->m), *const below = term_ult(t, x->n, x->d);
    term *const none = both(k, is_zero(k, x->q), is_zero(k, x->m));
    lemma(k, implied(k, by_zero, both(k, term_eq(t, x->q, term_ones(t, W)), is_zero(k, x->m))));
    lemma(k, term_ule(t, x->m, x->n));
    lemma(k, implied(k, ok, both(k, term_ult(t, rest, x->d), term_ule(t, x->q, x->n))));
    lemma(k, implied(k, below, none));
    lemma(k, implied(k, both(k, ok, term_not(t, below)),
                     both(k, term_not(t, is_zero(k, x->q)), term_ule(t, x->d, x->m))));
    lemma(k, implied(k, term_eq(t, x->d, word(k, 1)), term_eq(t, x->q, x->n)));
    for (unsigned s = 0; x->asked && s < W; s++)
        lemma(k, implied(k, term_eq(t, x->d, word(k, UINT64_C(1) << s)),
                         term_eq(t, x->q, term_lshr(t, x->n, word(k, s)))));
}

/* Of one signed quotient: by zero SMT-LIB has it -1 or 1 and the remainder all; by one and by -1;
 * the remainder has the dividend's sign, is no further from zero, and nearer than the divisor. */
static void signed_lemmas(struct work *k, const struct quotient *x) {
    struct terms *const t = k->t;
    term *const by_zero = is_zero(k, x->d), *const ok = term_not(t, by_zero);
    term *const rest = term_sub(t, x->n, x->m), *const negative = is_negative(k, x->n);
    term *const size = magnitude(k, x->n), *const by = magnitude(k, x->d);
    lemma(k, implied(k, by_zero,
                     both(k, is_zero(k, x->m),
                          term_eq(t, x->q, term_ite(t, negative, word(k, 1), term_ones(t, W))))));
    lemma(k, implied(k, term_eq(t, x->d, word(k, 1)), term_eq(t, x->q, x->n)));
    lemma(k, implied(k, term_eq(t, x->d, term_ones(t, W)),
                     both(k, term_eq(t, x->q, term_neg(t, x->n)), is_zero(k, rest))));
    lemma(k, implied(k, negative, both(k, term_sle(t, x->n, rest), term_sle(t, rest, word(k, 0)))));
    lemma(k, implied(k, term_not(t, negative),
                     both(k, term_sle(t, word(k, 0), rest), term_sle(t, rest, x->n))));
    lemma(k, implied(k, ok, term_ult(t, magnitude(k, rest), by)));
    lemma(k, implied(k, term_ult(t, size, by), both(k, is_zero(k, x->q), is_zero(k, x->m))));
    lemma(k, implied(k, is_zero(k, x->n), implied(k, ok, is_zero(k, x->q))));
}

/* A power of two that divides the divisor divides its multiple. */
static void lowest_bit_lemma(struct work *k, const struct quotient *x) {
    struct terms *const t = k->t;
    term *const lowest = term_and(t, x->d, term_neg(t, x->d));
    if (x->asked)
        lemma(k, is_zero(k, term_and(t, x->m, term_add_k(t, lowest, -1))));
}

/* by_one_divisor: x and y have one: the larger dividend has the larger quotient, the smaller one by
 * a negative divisor. */
static void by_one_divisor(struct work *k, const struct quotient *x, const struct quotient *y) {
    struct terms *const t = k->t;
    term *const ok = term_not(t, is_zero(k, x->d));
    if (!x->is_signed) {
        lemma(k, implied(k, both(k, ok, term_ule(t, x->n, y->n)), term_ule(t, x->q, y->q)));
        return;
    }
    term *const up = both(k, ok, term_sle(t, x->n, y->n)), *const down = is_negative(k, x->d);
    term *const least = word(k, UINT64_C(1) << 63);
    term *const overflows = both(k, term_eq(t, x->d, term_ones(t, W)), term_eq(t, x->n, least));
    lemma(k, implied(k, both(k, up, term_not(t, down)), term_sle(t, x->q, y->q)));
    lemma(k,
          implied(k, both(k, both(k, up, down), term_not(t, overflows)), term_sle(t, y->q, x->q)));
}

/* of_one_dividend: x and y have one, x the divisor nearer to zero, of the same sign: its quotient
 * is no nearer to zero. */
static void of_one_dividend(struct work *k, const struct quotient *x, const struct quotient *y) {
    struct terms *const t = k->t;
    term *const ok = term_not(t, is_zero(k, x->d));
    if (!x->is_signed) {
        lemma(k, implied(k, both(k, ok, term_ule(t, x->d, y->d)), term_ule(t, y->q, x->q)));
        return;
    }
    term *const down = is_negative(k, x->d);
    term *const nearer =
        term_ite(t, down, term_sle(t, y->d, x->d), both(k, ok, term_sle(t, x->d, y->d)));
    term *const one_sign = term_eq(t, down, is_negative(k, y->d));
    term *const least = word(k, UINT64_C(1) << 63);
    term *const overflows = both(k, term_eq(t, x->d, term_ones(t, W)), term_eq(t, x->n, least));
    term *const when = both(k, both(k, nearer, one_sign), term_not(t, overflows));
    term *const falls = term_xor(t, is_negative(k, x->n), down); /* quotients are <= 0 */
    lemma(k, implied(k, both(k, when, falls), term_sle(t, x->q, y->q)));
    lemma(k, implied(k, both(k, when, term_not(t, falls)), term_sle(t, y->q, x->q)));
}

/* One quotient by one divisor is one multiple. */
static void same_multiple(struct work *k, const struct quotient *x, const struct quotient *y) {
    struct terms *const t = k->t;
    if (x->asked || y->asked)
        lemma(k, implied(k,
                         both(k, term_not(t, is_zero(k, x->d)),
                              both(k, term_eq(t, x->d, y->d), term_eq(t, x->q, y->q))),
                         term_eq(t, x->m, y->m)));
}

static void quotient_lemmas(struct work *k) {
    for (unsigned i = 0; i < k->n_quotients; i++) {
        const struct quotient *const x = &k->quotients[i];
        (x->is_signed ? signed_lemmas : unsigned_lemmas)(k, x);
        lowest_bit_lemma(k, x);
        for (unsigned j = 0; j < k->n_quotients; j++) {
            const struct quotient *const y = &k->quotients[j];
            if (i == j)
                continue;
            if (x->is_signed != y->is_signed) { /* of two that are not negative: both are one */
                if (x->n == y->n && x->d == y->d && x->is_signed)
                    lemma(k,
                          implied(k,
                                  term_not(k->t, term_or(k->t, is_negative(k, x->n),
                                                         is_negative(k, x->d))),
                                  both(k, term_eq(k->t, x->q, y->q), term_eq(k->t, x->m, y->m))));
                continue;
            }
            if (x->d == y->d)
                by_one_divisor(k, x, y);
            if (x->n == y->n)
                of_one_dividend(k, x, y);
            if (i < j)
                same_multiple(k, x, y);
        }
    }
}

/* ---- rewriting ---- */

/* rebuilt: x with other operands; what products are made of is taken out. */
static term *rebuilt(struct work *k, term *x, term *a, term *b, term *c) {
    const bool is_word = x->width <= W;
    switch ((enum term_op)x->op) {
    case TERM_MUL: {
        term *const p = without_product(k, a, b);
        return p ? p : term_mul(k->t, a, b);
    }
    case TERM_UDIV:
        return is_word ? without_division(k, false, a, b, false) : term_udiv(k->t, a, b);
    case TERM_UREM: return is_word ? without_division(k, false, a, b, true) : term_urem(k->t, a, b);
    case TERM_SDIV: return is_word ? without_division(k, true, a, b, false) : term_sdiv(k->t, a, b);
    case TERM_SREM: return is_word ? without_division(k, true, a, b, true) : term_srem(k->t, a, b);
    default: return term_with(k->t, x, a, b, c);
    }
}

static void rewrite(struct work *k, term *const *roots, size_t n) {
    term **list;
    const size_t count = term_below(k->t, roots, n, &list);
    const uint32_t last = terms_count(k->t);
    term **const now = calloc((size_t)last + 1, sizeof *now);
    k->out->roots = malloc((n + 1) * sizeof *k->out->roots);
    k->failed |= (count == 0 && n > 0) || !now || !k->out->roots;
    for (size_t i = 0; !k->failed && i < count; i++) {
        term *const x = list[i];
        if (x->op == TERM_MUL && x->width == 2 * W)
            k->has[extended_word(k, x->a, TERM_ZEXT) == NULL ||
                   extended_word(k, x->b, TERM_ZEXT) == NULL] = true;
    }
    for (size_t i = 0; !k->failed && i < count; i++) {
        term *const x = list[i];
        now[x->id] = rebuilt(k, x, x->a ? now[x->a->id] : NULL, x->b ? now[x->b->id] : NULL,
                             x->c ? now[x->c->id] : NULL);
    }
    for (size_t i = 0; !k->failed && i < n; i++)
        k->out->roots[i] = now[roots[i]->id];
    k->out->n_roots = k->failed ? 0 : n;
    free((void *)now);
    free((void *)list);
}

/* ---- lower halves ---- */

/* The lower half of a product hangs on the lower halves of its factors alone; a product that was
 * cut to that width is one of the halves. */
static void low_halves(struct work *k) {
    struct terms *const t = k->t;
    for (unsigned i = 0; i < k->n_products; i++)
        for (unsigned j = 0; j < i; j++) {
            const struct product *const x = &k->products[i], *const y = &k->products[j];
            term *const a = term_low(t, W / 2, x->a), *const b = term_low(t, W / 2, x->b);
            term *const c = term_low(t, W / 2, y->a), *const d = term_low(t, W / 2, y->b);
            if ((a == c && b == d) || (a == d && b == c))
                lemma(k, term_eq(t, term_low(t, W / 2, x->p), term_low(t, W / 2, y->p)));
        }
}

/* ---- functions ---- */

static term *same(struct work *k, term *a, term *b, term *c, term *d) {
    return both(k, term_eq(k->t, a, b), term_eq(k->t, c, d));
}

/* congruent_products: equal factors, in either order, have equal products. */
static void congruent_products(struct work *k) {
    for (unsigned i = 0; i < k->n_products; i++)
        for (unsigned j = 0; j < i; j++) {
            const struct product *const x = &k->products[i], *const y = &k->products[j];
            if (x->is_signed != y->is_signed)
                continue;
            term *const equal = term_eq(k->t, x->p, y->p);
            lemma(k, implied(k, same(k, x->a, y->a, x->b, y->b), equal));
            lemma(k, implied(k, same(k, x->a, y->b, x->b, y->a), equal));
        }
}

static void congruent_quotients(struct work *k) {
    for (unsigned i = 0; i < k->n_quotients; i++)
        for (unsigned j = 0; j < i; j++) {
            const struct quotient *const x = &k->quotients[i], *const y = &k->quotients[j];
            if (x->is_signed == y->is_signed)
                lemma(k,
                      implied(k, same(k, x->n, y->n, x->d, y->d), same(k, x->q, y->q, x->m, y->m)));
        }
}

bool products_make(struct terms *t, term *const *roots, size_t n, enum products_use use,
                   struct products *out) {
    *out = (struct products){0};
    struct work *const k = calloc(1, sizeof *k);
    if (!k)
        return false;
    k->t = t;
    k->out = out;
    rewrite(k, roots, n);
    if (!k->failed && use == PRODUCTS_NAMED) {
        congruent_products(k);
        congruent_quotients(k);
    } else if (!k->failed) {
        unsigned linked = 0;
        while ((k->has[0] || k->has[1]) && linked < k->n_products && !k->failed) {
            link_sums(k, linked);
            linked = k->n_products;
            close_products(k, false);
            close_products(k, true);
        }
        for (unsigned is_signed = 0; is_signed < 2; is_signed++) {
            close_products(k, is_signed);
            product_lemmas(k, is_signed);
            close_quotients(k, is_signed);
        }
        quotient_lemmas(k);
    }
    low_halves(k);
    const bool ok = !k->failed && !terms_failed(t);
    free(k);
    return ok;
}

void products_fini(struct products *p) {
    free((void *)p->roots);
    free((void *)p->lemmas);
    free(p->vars);
    *p = (struct products){0};
}

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

/* struct product: the 128-bit product of two words, unsigned. */
struct product {
    term *a, *b, *p;
};

/* struct quotient: of two words, unsigned; m is q * d. Meaningful for a divisor other than 0. */
struct quotient {
    term *n, *d, *q, *m;
    bool asked; /* by the query itself */
};

struct work {
    struct terms *t;
    struct products *out;
    struct set factors, dividends, divisors;
    struct product products[MAX_PAIRS];
    struct quotient quotients[MAX_PAIRS];
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

/* product_of: P(a, b), made when first asked for. */
static term *product_of(struct work *k, term *a, term *b) {
    struct terms *const t = k->t;
    if (a->id > b->id) {
        term *const was = a;
        a = b;
        b = was;
    }
    for (unsigned i = 0; i < k->n_products; i++)
        if (k->products[i].a == a && k->products[i].b == b)
            return k->products[i].p;
    if (k->n_products == MAX_PAIRS || !insert(k, &k->factors, a) || !insert(k, &k->factors, b)) {
        k->failed = true;
        return term_const(t, 2 * W, 0);
    }
    term *const real = term_mul(t, term_zext(t, 2 * W, a), term_zext(t, 2 * W, b));
    const bool known = term_is_const(a) && term_is_const(b);
    const bool trivial =
        term_is_value(a, 0) || term_is_value(b, 0) || term_is_value(a, 1) || term_is_value(b, 1);
    term *const p = known || trivial ? real : variable(k, "product", real);
    k->products[k->n_products++] = (struct product){a, b, p};
    return p;
}

static term *magnitude(struct work *k, term *a, term **negative) {
    *negative = term_extract(k->t, a->width - 1u, 1, a);
    return term_ite(k->t, *negative, term_neg(k->t, a), a);
}

/* signed_of: x or -x. */
static term *signed_of(struct work *k, term *negative, term *x) {
    return term_ite(k->t, negative, term_neg(k->t, x), x);
}

/* signed_product: sext(a) * sext(b), 128 bits. */
static term *signed_product(struct work *k, term *a, term *b) {
    term *na, *nb;
    term *const size_a = magnitude(k, a, &na), *const size_b = magnitude(k, b, &nb);
    term *const p = signed_of(k, term_xor(k->t, na, nb), product_of(k, size_a, size_b));
    /* the low half is that of the unsigned product */
    lemma(k, term_eq(k->t, term_low(k->t, W, p), term_low(k->t, W, product_of(k, a, b))));
    return p;
}

/* multiplied: a * b modulo 2^64, with sums multiplied out. */
static term *multiplied(struct work *k, term *a, term *b) {
    struct terms *const t = k->t;
    if (term_is_const(a) && term_is_const(b))
        return term_mul(t, a, b);
    for (unsigned i = 0; i < 2; i++) {
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
    return term_low(t, W, product_of(k, a, b));
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
        return product_of(k, ua, ub);
    ua = extended_word(k, a, TERM_SEXT);
    ub = extended_word(k, b, TERM_SEXT);
    return ua && ub ? signed_product(k, ua, ub) : NULL;
}

/* All products of all factors are there: lemmas relate those that share one. */
static void close_products(struct work *k) {
    if (k->factors.n == 0)
        return;
    insert(k, &k->factors, word(k, 0));
    const unsigned n = k->factors.n;
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = i; j < n; j++)
            product_of(k, k->factors.of[i], k->factors.of[j]);
}

static void product_lemmas(struct work *k) {
    struct terms *const t = k->t;
    const struct set *const f = &k->factors;
    for (unsigned s = 0; s < f->n; s++)
        for (unsigned i = 0; i < f->n; i++)
            for (unsigned j = 0; j < f->n; j++) {
                /* a <= b, so a * s <= b * s */
                if (i == j)
                    continue;
                lemma(k, implied(k, term_ule(t, f->of[i], f->of[j]),
                                 term_ule(t, product_of(k, f->of[i], f->of[s]),
                                          product_of(k, f->of[j], f->of[s]))));
            }
    term *const half = word(k, UINT64_C(1) << 32);
    for (unsigned i = 0; i < k->n_products; i++) {
        const struct product *const p = &k->products[i];
        /* factors below 2^32: a product below 2^64 */
        lemma(k, implied(k, both(k, term_ult(t, p->a, half), term_ult(t, p->b, half)),
                         term_eq(t, term_extract(t, W, W, p->p), word(k, 0))));
    }
}

/* ---- quotients ---- */

static struct quotient *quotient_of(struct work *k, term *n, term *d) {
    struct terms *const t = k->t;
    for (unsigned i = 0; i < k->n_quotients; i++)
        if (k->quotients[i].n == n && k->quotients[i].d == d)
            return &k->quotients[i];
    if (k->n_quotients == MAX_PAIRS || !insert(k, &k->dividends, n) ||
        !insert(k, &k->divisors, d)) {
        k->failed = true;
        return &k->quotients[0];
    }
    struct quotient *const x = &k->quotients[k->n_quotients++];
    term *const q = term_udiv(t, n, d), *const rest = term_urem(t, n, d);
    const bool plain = term_is_const(d) && q->op != TERM_UDIV; /* a shift */
    *x = (struct quotient){.n = n, .d = d};
    x->q = plain ? q : variable(k, "quotient", q);
    x->m = plain ? term_sub(t, n, rest) : variable(k, "multiple", term_sub(t, n, rest));
    return x;
}

/* without_division: the unsigned quotient or remainder of two terms of up to a word. */
static term *without_division(struct work *k, term *n, term *d, bool rest) {
    struct terms *const t = k->t;
    const unsigned w = n->width;
    struct quotient *const x = quotient_of(k, term_zext(t, W, n), term_zext(t, W, d));
    if (k->failed)
        return n;
    x->asked = true;
    return term_low(t, w, rest ? term_sub(t, x->n, x->m) : x->q);
}

/* without_signed: quotient and remainder as SMT-LIB defines them, of magnitudes. */
static term *without_signed(struct work *k, term *n, term *d, bool rest) {
    term *nn, *nd;
    term *const size_n = magnitude(k, n, &nn), *const size_d = magnitude(k, d, &nd);
    term *const r = without_division(k, size_n, size_d, rest);
    return signed_of(k, rest ? nn : term_xor(k->t, nn, nd), r);
}

static void close_quotients(struct work *k) {
    if (k->divisors.n == 0)
        return;
    insert(k, &k->divisors, word(k, 2)); /* x / 2 is a shift: quotients by more are no larger */
    const unsigned nn = k->dividends.n, nd = k->divisors.n;
    for (unsigned i = 0; i < nn; i++)
        for (unsigned j = 0; j < nd; j++)
            quotient_of(k, k->dividends.of[i], k->divisors.of[j]);
}

/* one_quotient: what is known of a quotient and its multiple alone. */
static void one_quotient(struct work *k, const struct quotient *x) {
    struct terms *const t = k->t;
    term *const zero = word(k, 0), *const by_zero = term_eq(t, x->d, zero);
    term *const rest = term_sub(t, x->n, x->m), *const ok = term_not(t, by_zero);
    lemma(k,
          implied(k, by_zero, both(k, term_eq(t, x->q, term_ones(t, W)), term_eq(t, x->m, zero))));
    lemma(k, term_ule(t, x->m, x->n));
    lemma(k, implied(k, ok, both(k, term_ult(t, rest, x->d), term_ule(t, x->q, x->n))));
    term *const below = term_ult(t, x->n, x->d);
    lemma(k, implied(k, below, both(k, term_eq(t, x->q, zero), term_eq(t, x->m, zero))));
    lemma(k, implied(k, both(k, ok, term_not(t, below)),
                     both(k, term_ne(t, x->q, zero), term_ule(t, x->d, x->m))));
    lemma(k, implied(k, term_eq(t, x->d, word(k, 1)), term_eq(t, x->q, x->n)));
    if (!x->asked)
        return;
    /* a power of two that divides the divisor divides its multiple */
    term *const lowest = term_and(t, x->d, term_neg(t, x->d));
    lemma(k, implied(k, ok, term_eq(t, term_and(t, x->m, term_add_k(t, lowest, -1)), zero)));
    for (unsigned s = 0; s < W; s++)
        lemma(k, implied(k, term_eq(t, x->d, word(k, UINT64_C(1) << s)),
                         term_eq(t, x->q, term_lshr(t, x->n, word(k, s)))));
}

static void two_quotients(struct work *k, const struct quotient *x, const struct quotient *y) {
    struct terms *const t = k->t;
    term *const some = term_ne(t, y->d, word(k, 0));
    /* a smaller dividend, a larger divisor: a smaller quotient */
    lemma(k, implied(k, both(k, some, both(k, term_ule(t, x->n, y->n), term_ule(t, y->d, x->d))),
                     term_ule(t, x->q, y->q)));
    if (x->d == y->d)
        lemma(k, implied(k, both(k, some, term_eq(t, x->q, y->q)), term_eq(t, x->m, y->m)));
}

static void quotient_lemmas(struct work *k) {
    for (unsigned i = 0; i < k->n_quotients; i++) {
        one_quotient(k, &k->quotients[i]);
        for (unsigned j = 0; j < k->n_quotients; j++)
            if (i != j)
                two_quotients(k, &k->quotients[i], &k->quotients[j]);
    }
}

/* ---- rewriting ---- */

static term *rebuilt(struct work *k, term *x, term *a, term *b, term *c) {
    struct terms *const t = k->t;
    switch ((enum term_op)x->op) {
    case TERM_CONST:
    case TERM_VAR: return x;
    case TERM_NOT: return term_not(t, a);
    case TERM_NEG: return term_neg(t, a);
    case TERM_AND: return term_and(t, a, b);
    case TERM_OR: return term_or(t, a, b);
    case TERM_XOR: return term_xor(t, a, b);
    case TERM_ADD: return term_add(t, a, b);
    case TERM_SUB: return term_sub(t, a, b);
    case TERM_MUL: {
        term *const p = without_product(k, a, b);
        return p ? p : term_mul(t, a, b);
    }
    case TERM_UDIV:
    case TERM_UREM:
        return x->width <= W        ? without_division(k, a, b, x->op == TERM_UREM)
               : x->op == TERM_UREM ? term_urem(t, a, b)
                                    : term_udiv(t, a, b);
    case TERM_SDIV:
    case TERM_SREM:
        return x->width <= W        ? without_signed(k, a, b, x->op == TERM_SREM)
               : x->op == TERM_SREM ? term_srem(t, a, b)
                                    : term_sdiv(t, a, b);
    case TERM_SHL: return term_shl(t, a, b);
    case TERM_LSHR: return term_lshr(t, a, b);
    case TERM_ASHR: return term_ashr(t, a, b);
    case TERM_CONCAT: return term_concat(t, a, b);
    case TERM_EXTRACT: return term_extract(t, x->lo, x->width, a);
    case TERM_ZEXT: return term_zext(t, x->width, a);
    case TERM_SEXT: return term_sext(t, x->width, a);
    case TERM_EQ: return term_eq(t, a, b);
    case TERM_ULT: return term_ult(t, a, b);
    case TERM_SLT: return term_slt(t, a, b);
    case TERM_ITE: return term_ite(t, c, a, b);
    }
    return x;
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
        now[x->id] = rebuilt(k, x, x->a ? now[x->a->id] : NULL, x->b ? now[x->b->id] : NULL,
                             x->c ? now[x->c->id] : NULL);
    }
    for (size_t i = 0; !k->failed && i < n; i++)
        k->out->roots[i] = now[roots[i]->id];
    k->out->n_roots = k->failed ? 0 : n;
    free((void *)now);
    free((void *)list);
}

bool products_make(struct terms *t, term *const *roots, size_t n, struct products *out) {
    *out = (struct products){0};
    struct work *const k = calloc(1, sizeof *k);
    if (!k)
        return false;
    k->t = t;
    k->out = out;
    rewrite(k, roots, n);
    if (!k->failed) {
        close_products(k);
        product_lemmas(k);
        close_quotients(k);
        quotient_lemmas(k);
    }
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

/* linear.c: sums as lists of terms and how often each is added. */
#include "proofs/linear.h"

#include <stdlib.h>

enum {
    MOST = 12,   /* distinct terms of a sum */
    DEEPEST = 8, /* sums within what is shifted */
};

/* struct sum: k + the terms, each `times` times, modulo 2^width; ids ascend. */
struct sum {
    uint64_t k;
    unsigned n;
    struct {
        term *x;
        uint64_t times;
    } of[MOST];
};

static uint64_t cut(unsigned width, uint64_t k) {
    return width == 64 ? k : k & ((UINT64_C(1) << width) - 1);
}

static struct sum sum_of(term *x) {
    if (term_is_const(x))
        return (struct sum){.k = term_u64(x)};
    return (struct sum){.n = 1, .of = {{x, 1}}};
}

/* add: times * b to a. out: false: too many terms */
static bool add(unsigned width, struct sum *a, const struct sum *b, uint64_t times) {
    struct sum r = {.k = cut(width, a->k + times * b->k)};
    for (unsigned i = 0, j = 0; i < a->n || j < b->n;) {
        const bool from_a = i < a->n && (j >= b->n || a->of[i].x->id <= b->of[j].x->id);
        const bool from_b = j < b->n && (i >= a->n || b->of[j].x->id <= a->of[i].x->id);
        term *const x = from_a ? a->of[i].x : b->of[j].x;
        const uint64_t n =
            cut(width, (from_a ? a->of[i].times : 0) + (from_b ? times * b->of[j].times : 0));
        i += from_a;
        j += from_b;
        if (n == 0)
            continue;
        if (r.n == MOST)
            return false;
        r.of[r.n].x = x;
        r.of[r.n++].times = n;
    }
    *a = r;
    return true;
}

/* is_shifted: x is something times 2^by: a concatenation above `by` zeros. */
static bool is_shifted(term *x) {
    return x->op == TERM_CONCAT && term_is_const(x->b) && term_is_value(x->b, 0);
}

/* is_wide_shifted: the same in more bits, of which it needs none. */
static bool is_wide_shifted(term *x) {
    return x->op == TERM_ZEXT && is_shifted(x->a);
}

static bool is_multiple(term *x) {
    return x->op == TERM_MUL && term_is_const(x->b);
}

/* add_low: times * x to a, where x is narrower than a, and what times x has above x's width is 0
 * modulo 2^width. So what x is of sums of is added as if it were as wide. out: false: too many */
static bool add_low(struct terms *t, unsigned width, struct sum *a, term *x, uint64_t times,
                    unsigned depth) {
    const uint64_t minus = cut(width, ~UINT64_C(0));
    struct sum one = {.n = 1};
    if (depth > 0 &&
        (x->op == TERM_ADD || x->op == TERM_SUB || (x->op == TERM_XOR && x->width == 1)))
        return add_low(t, width, a, x->a, times, depth - 1) &&
               add_low(t, width, a, x->b, x->op == TERM_SUB ? times * minus : times, depth - 1);
    if (depth > 0 && x->op == TERM_NEG)
        return add_low(t, width, a, x->a, times * minus, depth - 1);
    if (depth > 0 && is_multiple(x))
        return add_low(t, width, a, x->a, times * term_u64(x->b), depth - 1);
    if (depth > 0 && is_shifted(x))
        return add_low(t, width, a, x->a, times << x->b->width, depth - 1);
    if (term_is_const(x))
        one = sum_of(x);
    else if (x->op == TERM_EXTRACT && x->lo + width <= x->a->width)
        one = sum_of(term_extract(t, x->lo, width, x->a));
    else
        one = sum_of(term_zext(t, width, x));
    return add(width, a, &one, cut(width, times));
}

/* written: the sum as a term. */
static term *written(struct terms *t, unsigned width, const struct sum *s) {
    const uint64_t half = UINT64_C(1) << (width - 1);
    term *r = NULL;
    for (unsigned negative = 0; negative < 2; negative++)
        for (unsigned i = 0; i < s->n; i++) {
            const bool minus = s->of[i].times > half;
            const uint64_t times = minus ? cut(width, 0 - s->of[i].times) : s->of[i].times;
            if (minus != (negative == 1))
                continue;
            term *const x = term_mul(t, s->of[i].x, term_const(t, width, times));
            if (!r)
                r = minus ? term_neg(t, x) : x;
            else
                r = minus ? term_sub(t, r, x) : term_add(t, r, x);
        }
    term *const k = term_const(t, width, s->k);
    return r ? term_add(t, r, k) : k;
}

/* struct rewriting: what the terms of a list have become, and which of those are sums. Both are
 * sized by the list: the store may hold a hundred times as many. */
struct rewriting {
    struct terms *t;
    term **list; /* ids ascend */
    size_t count;
    term **now; /* by place in the list */
    struct kept {
        term *x; /* NULL: empty */
        struct sum s;
    } *sums;    /* a table of open addressing */
    size_t cap; /* of sums: a power of two, more than all that is put there */
};

/* now_of: what an operand has become; NULL of NULL. */
static term *now_of(const struct rewriting *w, term *x) {
    size_t low = 0, high = w->count;
    while (x && high - low > 1) {
        const size_t middle = (low + high) / 2;
        if (w->list[middle]->id <= x->id)
            low = middle;
        else
            high = middle;
    }
    return x ? w->now[low] : NULL;
}

static struct kept *kept_at(const struct rewriting *w, term *x) {
    size_t i = (x->id * UINT32_C(0x9e3779b1)) & (w->cap - 1);
    while (w->sums[i].x && w->sums[i].x != x)
        i = (i + 1) & (w->cap - 1);
    return &w->sums[i];
}

static struct sum sum_now(const struct rewriting *w, term *x) {
    const struct kept *const k = kept_at(w, x);
    return k->x ? k->s : sum_of(x);
}

/* flattened: x, of what its operands have become. out: false: it is no sum, or of too many */
static bool flattened(const struct rewriting *r, term *x, term *a, term *b, struct sum *out) {
    const unsigned w = x->width;
    const uint64_t minus = cut(w, ~UINT64_C(0));
    *out = (struct sum){0};
    if (w == 1 || w > 64)
        return false;
    if (is_shifted(x))
        return add_low(r->t, w, out, a, UINT64_C(1) << x->b->width, DEEPEST);
    if (is_wide_shifted(x)) {
        const struct sum one = sum_of(term_zext(r->t, w, now_of(r, x->a->a)));
        return add(w, out, &one, UINT64_C(1) << x->a->b->width);
    }
    if (x->op != TERM_ADD && x->op != TERM_SUB && x->op != TERM_NEG && !is_multiple(x))
        return false;
    const struct sum left = sum_now(r, a);
    if (x->op == TERM_NEG || is_multiple(x))
        return add(w, out, &left, x->op == TERM_NEG ? minus : term_u64(x->b));
    const struct sum right = sum_now(r, b);
    *out = left;
    return add(w, out, &right, x->op == TERM_SUB ? minus : 1);
}

/* rewrite: the i-th of the list; those before it are. */
static void rewrite(struct rewriting *w, size_t i) {
    term *const x = w->list[i], *const a = now_of(w, x->a), *const b = now_of(w, x->b);
    struct sum s;
    const bool sum = flattened(w, x, a, b, &s);
    /* A multiple of a sum stays: its sum may be there anyway. */
    const bool stays = !sum || (s.n > 1 && (is_shifted(x) || is_multiple(x)));
    term *r = stays ? term_with(w->t, x, a, b, now_of(w, x->c)) : written(w->t, x->width, &s);
    if (r->op == TERM_EXTRACT)
        r = term_extract_short(w->t, r->lo, r->width, r->a);
    w->now[i] = r;
    if (sum && !(s.n == 1 && s.of[0].x == r))
        *kept_at(w, r) = (struct kept){r, s};
}

bool term_linear(struct terms *t, term **roots, size_t n) {
    struct rewriting w = {.t = t, .cap = 16};
    w.count = term_below(t, roots, n, &w.list);
    while (w.cap < 2 * w.count)
        w.cap *= 2;
    w.now = malloc((w.count + 1) * sizeof *w.now);
    w.sums = calloc(w.cap, sizeof *w.sums);
    bool ok = w.now && w.sums && w.count > 0;
    for (size_t i = 0; ok && i < w.count; i++)
        rewrite(&w, i);
    ok &= !terms_failed(t);
    for (size_t i = 0; ok && i < n; i++)
        roots[i] = now_of(&w, roots[i]);
    free(w.sums);
    free((void *)w.now);
    free((void *)w.list);
    return ok;
}

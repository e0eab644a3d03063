/* linear.c: sums as lists of terms and how often each is added. */
#include "proofs/linear.h"

#include <stdlib.h>

enum {
    MOST = 12, /* distinct terms of a sum */
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

static bool is_sum(term *x) {
    return x->width > 1 && x->width <= 64 &&
           (x->op == TERM_ADD || x->op == TERM_SUB || x->op == TERM_NEG);
}

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

/* flattened: of what x's operands have become; sums are those of their own. out: false: too many */
static bool flattened(const struct sum *const *sums, term *x, term *a, term *b, struct sum *out) {
    const uint64_t minus = cut(x->width, ~UINT64_C(0));
    const struct sum left = sums[a->id] ? *sums[a->id] : sum_of(a);
    if (x->op == TERM_NEG) {
        *out = (struct sum){0};
        return add(x->width, out, &left, minus);
    }
    const struct sum right = sums[b->id] ? *sums[b->id] : sum_of(b);
    *out = left;
    return add(x->width, out, &right, x->op == TERM_SUB ? minus : 1);
}

/* written: the sum as a term; NULL: something is added more than once. */
static term *written(struct terms *t, unsigned width, const struct sum *s) {
    term *r = NULL;
    for (unsigned negative = 0; negative < 2; negative++)
        for (unsigned i = 0; i < s->n; i++) {
            const bool minus = s->of[i].times == cut(width, ~UINT64_C(0));
            if (s->of[i].times != 1 && !minus)
                return NULL;
            if (minus != (negative == 1))
                continue;
            if (!r)
                r = minus ? term_neg(t, s->of[i].x) : s->of[i].x;
            else
                r = minus ? term_sub(t, r, s->of[i].x) : term_add(t, r, s->of[i].x);
        }
    term *const k = term_const(t, width, s->k);
    return r ? term_add(t, r, k) : k;
}

struct rewriting {
    struct terms *t;
    term **now;        /* by an old term's id */
    struct sum **sums; /* by a new term's id; NULL: it is no sum */
    size_t cap;        /* of sums */
};

/* fits: room for the term in sums. out: false: no memory */
static bool fits(struct rewriting *w, term *x) {
    if (!x || x->id < w->cap)
        return true;
    const size_t cap = (size_t)x->id * 2 + 64;
    struct sum **const bigger = realloc((void *)w->sums, cap * sizeof *bigger);
    if (!bigger)
        return false;
    for (size_t i = w->cap; i < cap; i++)
        bigger[i] = NULL;
    w->sums = bigger;
    w->cap = cap;
    return true;
}

/* note: s is what the term is the sum of. out: false: no memory */
static bool note(struct rewriting *w, term *x, const struct sum *s) {
    if (!fits(w, x))
        return false;
    if (!is_sum(x) || w->sums[x->id])
        return true;
    struct sum *const kept = malloc(sizeof *kept);
    if (kept)
        *kept = *s;
    w->sums[x->id] = kept;
    return kept != NULL;
}

/* rewrite: x, whose operands are rewritten. out: false: no memory */
static bool rewrite(struct rewriting *w, term *x) {
    term *const a = x->a ? w->now[x->a->id] : NULL, *const b = x->b ? w->now[x->b->id] : NULL,
                *const c = x->c ? w->now[x->c->id] : NULL;
    struct sum s;
    term *r = NULL;
    if (!fits(w, a) || !fits(w, b))
        return false;
    if (is_sum(x) && flattened((const struct sum *const *)w->sums, x, a, b, &s))
        r = written(w->t, x->width, &s);
    if (!r) {
        w->now[x->id] = term_with(w->t, x, a, b, c);
        return true;
    }
    w->now[x->id] = r;
    return note(w, r, &s);
}

bool term_linear(struct terms *t, term **roots, size_t n) {
    term **list;
    const size_t count = term_below(t, roots, n, &list);
    struct rewriting w = {.t = t, .cap = (size_t)terms_count(t) + 1};
    w.now = calloc(w.cap, sizeof *w.now);
    w.sums = calloc(w.cap, sizeof *w.sums);
    bool ok = w.now && w.sums && count > 0;
    for (size_t i = 0; i < count && ok; i++)
        ok = rewrite(&w, list[i]);
    ok &= !terms_failed(t);
    for (size_t i = 0; i < n && ok; i++)
        roots[i] = w.now[roots[i]->id];
    for (size_t i = 0; w.sums && i < w.cap; i++)
        free(w.sums[i]);
    free((void *)w.sums);
    free((void *)w.now);
    free((void *)list);
    return ok;
}

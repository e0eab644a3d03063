/* term_eval.c: what operators give for values, and terms where variables have them. */
#include "proofs/term_store.h"

#include <stdlib.h>
#include <string.h>

#include "proofs/fnv.h"

/* ---- operators ---- */

static bool signed_less(struct limbs a, struct limbs b, unsigned w) {
    const bool na = limbs_bit(a, w - 1), nb = limbs_bit(b, w - 1);
    return na != nb ? na : limbs_less(a, b);
}

/* Division as SMT-LIB has it, for a divisor of zero too. */
static struct limbs divide(struct limbs a, struct limbs b, bool rest) {
    struct limbs r;
    if (limbs_zero(b))
        return rest ? a : limbs_not(b);
    const struct limbs q = limbs_divide(a, b, &r);
    return rest ? r : q;
}

static struct limbs divide_signed(struct limbs a, struct limbs b, unsigned w, bool rest) {
    const struct limbs zero = limbs_of(0);
    const bool na = limbs_bit(a, w - 1), nb = limbs_bit(b, w - 1);
    a = na ? limbs_cut(limbs_sub(zero, a), w) : a;
    b = nb ? limbs_cut(limbs_sub(zero, b), w) : b;
    const struct limbs r = limbs_cut(divide(a, b, rest), w);
    return (rest ? na : na != nb) ? limbs_sub(zero, r) : r;
}

static struct limbs shift(enum term_op op, struct limbs a, struct limbs n, unsigned w) {
    const bool far = !limbs_less(n, limbs_of(w));
    if (op == TERM_ASHR) {
        const struct limbs wide = limbs_sext(a, w, TERM_MAX_WIDTH);
        const unsigned by = far ? w - 1 : (unsigned)n.k[0];
        return limbs_sext(limbs_cut(limbs_lshr(wide, by), TERM_MAX_WIDTH - by), TERM_MAX_WIDTH - by,
                          TERM_MAX_WIDTH);
    }
    if (far)
        return limbs_of(0);
    return op == TERM_SHL ? limbs_shl(a, (unsigned)n.k[0]) : limbs_lshr(a, (unsigned)n.k[0]);
}

static struct limbs bitwise(enum term_op op, struct limbs a, struct limbs b) {
    for (unsigned i = 0; i < TERM_LIMBS; i++)
        a.k[i] = op == TERM_AND  ? a.k[i] & b.k[i]
                 : op == TERM_OR ? a.k[i] | b.k[i]
                                 : a.k[i] ^ b.k[i];
    return a;
}

static struct limbs fold(term *n, struct limbs a, struct limbs b, struct limbs c) {
    const enum term_op op = (enum term_op)n->op;
    const unsigned w = n->width;
    switch (op) {
    case TERM_CONST: return term_limbs(n);
    case TERM_VAR: return limbs_of(0);
    case TERM_NOT: return limbs_not(a);
    case TERM_NEG: return limbs_sub(limbs_of(0), a);
    case TERM_AND:
    case TERM_OR:
    case TERM_XOR: return bitwise(op, a, b);
    case TERM_ADD: return limbs_add(a, b, false);
    case TERM_SUB: return limbs_sub(a, b);
    case TERM_MUL: return limbs_mul(a, b);
    case TERM_UDIV:
    case TERM_UREM: return divide(a, b, op == TERM_UREM);
    case TERM_SDIV:
    case TERM_SREM: return divide_signed(a, b, w, op == TERM_SREM);
    case TERM_SHL:
    case TERM_LSHR:
    case TERM_ASHR: return shift(op, a, b, w);
    case TERM_CONCAT: return bitwise(TERM_OR, limbs_shl(a, n->b->width), b);
    case TERM_EXTRACT: return limbs_lshr(a, n->lo);
    case TERM_ZEXT: return a;
    case TERM_SEXT: return limbs_sext(a, n->a->width, w);
    case TERM_EQ: return limbs_of(limbs_equal(a, b));
    case TERM_ULT: return limbs_of(limbs_less(a, b));
    case TERM_SLT: return limbs_of(signed_less(a, b, n->a->width));
    case TERM_ITE: return (c.k[0] & 1) != 0 ? a : b;
    }
    return limbs_of(0);
}

struct limbs term_fold(term *n, struct limbs a, struct limbs b, struct limbs c) {
    return limbs_cut(fold(n, a, b, c), n->width);
}

/* ---- variables by name ---- */

/* struct index: an assignment's variables by name: a table of open addressing, of 1 + their
 * places. */
struct index {
    const struct assignment *in;
    uint32_t *slots;
    size_t cap; /* a power of two */
};

static uint64_t hash_name(const char *name) {
    const uint64_t h = fnv_text(FNV_BASIS, name);
    return h ^ h >> 32;
}

static size_t slot_of_name(const struct index *x, const char *name) {
    size_t i = hash_name(name) & (x->cap - 1);
    while (x->slots[i] && strcmp(x->in->vars[x->slots[i] - 1].name, name) != 0)
        i = (i + 1) & (x->cap - 1);
    return i;
}

/* make_index: of a variable that is there twice, the last counts. out: false: no memory */
static bool make_index(struct index *x, const struct assignment *in) {
    *x = (struct index){.in = in, .cap = 16};
    while (x->cap < 2 * in->n)
        x->cap *= 2;
    x->slots = calloc(x->cap, sizeof *x->slots);
    for (size_t i = 0; x->slots && i < in->n; i++)
        x->slots[slot_of_name(x, in->vars[i].name)] = (uint32_t)i + 1;
    return x->slots != NULL;
}

/* value_of: NULL: it has none */
static const struct assigned *value_of(const struct index *x, const char *name) {
    const uint32_t at = x->slots[slot_of_name(x, name)];
    return at ? &x->in->vars[at - 1] : NULL;
}

static struct limbs limbs_of_variable(const struct index *x, term *var) {
    struct limbs r = {{0}};
    const struct assigned *const v = value_of(x, var->u.name);
    if (v)
        memcpy(r.k, v->k, sizeof r.k);
    return limbs_cut(r, var->width);
}

/* ---- values of terms ---- */

/* evaluate: n roots' values, in out. out: false: no memory */
static bool evaluate(struct terms *t, term *const *roots, size_t n, const struct assignment *in,
                     struct limbs *out) {
    const struct limbs none = {{0}};
    struct index names;
    term **list;
    const size_t count = term_below(t, roots, n, &list);
    struct limbs *const values = malloc(((size_t)terms_count(t) + 1) * sizeof *values);
    const bool ok = make_index(&names, in) && values && (count > 0 || n == 0);
    for (size_t i = 0; ok && i < count; i++) {
        term *const x = list[i];
        values[x->id] = x->op == TERM_VAR ? limbs_of_variable(&names, x)
                                          : term_fold(x, x->a ? values[x->a->id] : none,
                                                      x->b ? values[x->b->id] : none,
                                                      x->c ? values[x->c->id] : none);
    }
    for (size_t i = 0; i < n; i++)
        out[i] = ok ? values[roots[i]->id] : none;
    if (!ok)
        terms_fail(t);
    free(values);
    free(names.slots);
    free((void *)list);
    return ok;
}

void term_eval(struct terms *t, term *a, const struct assignment *in, uint64_t out[TERM_LIMBS]) {
    struct limbs value;
    evaluate(t, &a, 1, in, &value);
    memcpy(out, value.k, TERM_LIMBS * sizeof *out);
}

bool terms_hold(struct terms *t, term *const *roots, size_t n, const struct assignment *in) {
    struct limbs *const values = malloc((n + 1) * sizeof *values);
    bool all = values && evaluate(t, roots, n, in, values);
    for (size_t i = 0; all && i < n; i++)
        all = (values[i].k[0] & 1) != 0;
    if (!values)
        terms_fail(t);
    free(values);
    return all;
}

bool term_fill(struct terms *t, term **roots, size_t n, const struct assignment *in) {
    struct index names;
    term **list;
    const size_t count = term_below(t, roots, n, &list);
    term **const now = calloc((size_t)terms_count(t) + 1, sizeof *now);
    const bool ok = make_index(&names, in) && now && (count > 0 || n == 0);
    for (size_t i = 0; ok && i < count; i++) {
        term *const x = list[i];
        now[x->id] =
            x->op != TERM_VAR             ? term_with(t, x, x->a ? now[x->a->id] : NULL,
                                          x->b ? now[x->b->id] : NULL, x->c ? now[x->c->id] : NULL)
            : value_of(&names, x->u.name) ? term_of_limbs(t, x->width, limbs_of_variable(&names, x))
                                          : x;
    }
    for (size_t i = 0; ok && i < n; i++)
        roots[i] = now[roots[i]->id];
    free((void *)now);
    free(names.slots);
    free((void *)list);
    return ok && !terms_failed(t);
}

/* term_store.c: the hash-consed store of terms, variables by name, evaluation.
 *
 * Nodes live in chunks that never move; a table of open addressing finds equal ones.
 */
#include "proofs/term_store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 4096,
    NAME_CHUNK = 1 << 16,
};

struct chunk {
    struct chunk *next;
    struct term nodes[CHUNK];
};

struct names {
    struct names *next;
    size_t used;
    char text[NAME_CHUNK];
};

struct terms {
    struct chunk *chunks;
    struct names *names;
    unsigned n_in_chunk;
    uint32_t count;
    const struct term **table;
    size_t cap; /* a power of two */
    bool failed;
    struct term spare[TERM_MAX_WIDTH + 1]; /* what is returned when there is no memory */
};

struct terms *terms_new(void) {
    struct terms *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->cap = 1 << 12;
    t->table = calloc(t->cap, sizeof(const struct term *));
    t->n_in_chunk = CHUNK;
    if (!t->table) {
        free(t);
        return NULL;
    }
    for (unsigned w = 1; w <= TERM_MAX_WIDTH; w++)
        t->spare[w].width = (uint16_t)w;
    return t;
}

void terms_free(struct terms *t) {
    if (!t)
        return;
    for (struct chunk *c = t->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    for (struct names *c = t->names, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free((void *)t->table);
    free(t);
}

bool terms_failed(const struct terms *t) {
    return t->failed;
}

uint32_t terms_count(const struct terms *t) {
    return t->count;
}

/* ---- finding ---- */

static uint64_t mix(uint64_t h, uint64_t x) {
    h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

static uint64_t hash_of(const struct term *n) {
    uint64_t h = mix((uint64_t)n->op << 32 | (uint64_t)n->width << 16 | n->lo, 1);
    if (n->op == TERM_CONST) {
        for (unsigned i = 0; i < TERM_LIMBS; i++)
            h = mix(h, n->u.k[i]);
    } else if (n->op == TERM_VAR) {
        for (const char *p = n->u.name; *p; p++)
            h = mix(h, (unsigned char)*p);
    } else {
        h = mix(h, n->a->id);
        h = mix(h, n->b ? n->b->id + 1u : 0);
        h = mix(h, n->c ? n->c->id + 1u : 0);
    }
    return h;
}

static bool same(const struct term *x, const struct term *y) {
    if (x->op != y->op || x->width != y->width || x->lo != y->lo || x->a != y->a || x->b != y->b ||
        x->c != y->c)
        return false;
    if (x->op == TERM_CONST)
        return limbs_equal(term_limbs(x), term_limbs(y));
    return x->op != TERM_VAR || strcmp(x->u.name, y->u.name) == 0;
}

static size_t slot_of(const struct terms *t, const struct term *n) {
    size_t i = hash_of(n) & (t->cap - 1);
    while (t->table[i] && !same(t->table[i], n))
        i = (i + 1) & (t->cap - 1);
    return i;
}

static bool grow(struct terms *t) {
    struct terms bigger = {.cap = 2 * t->cap};
    bigger.table = calloc(bigger.cap, sizeof(const struct term *));
    if (!bigger.table)
        return false;
    for (size_t i = 0; i < t->cap; i++)
        if (t->table[i])
            bigger.table[slot_of(&bigger, t->table[i])] = t->table[i];
    free((void *)t->table);
    t->table = bigger.table;
    t->cap = bigger.cap;
    return true;
}

static term *fail(struct terms *t, unsigned width) {
    t->failed = true;
    return &t->spare[width];
}

/* keep_name: a copy of a name that lives as long as t. NULL: no memory */
static const char *keep_name(struct terms *t, const char *name) {
    const size_t n = strlen(name) + 1;
    if (n > NAME_CHUNK)
        return NULL;
    if (!t->names || t->names->used + n > NAME_CHUNK) {
        struct names *c = malloc(sizeof *c);
        if (!c)
            return NULL;
        c->next = t->names;
        c->used = 0;
        t->names = c;
    }
    char *to = t->names->text + t->names->used;
    t->names->used += n;
    return memcpy(to, name, n);
}

static term *find_or_add(struct terms *t, struct term *n) {
    size_t i = slot_of(t, n);
    if (t->table[i])
        return t->table[i];
    if (n->op == TERM_VAR && !(n->u.name = keep_name(t, n->u.name)))
        return fail(t, n->width);
    if (t->n_in_chunk == CHUNK) {
        struct chunk *c = malloc(sizeof *c);
        if (!c)
            return fail(t, n->width);
        c->next = t->chunks;
        t->chunks = c;
        t->n_in_chunk = 0;
    }
    if (2 * (size_t)t->count >= t->cap) {
        if (!grow(t))
            return fail(t, n->width);
        i = slot_of(t, n);
    }
    struct term *to = &t->chunks->nodes[t->n_in_chunk++];
    n->id = t->count++;
    *to = *n;
    t->table[i] = to;
    return to;
}

term *term_make(struct terms *t, enum term_op op, unsigned width, unsigned lo, term *a, term *b,
                term *c) {
    struct term n = {
        .op = (uint8_t)op, .width = (uint16_t)width, .lo = (uint16_t)lo, .a = a, .b = b, .c = c};
    return find_or_add(t, &n);
}

term *term_of_limbs(struct terms *t, unsigned width, struct limbs k) {
    struct term n = {.op = TERM_CONST, .width = (uint16_t)width};
    k = limbs_cut(k, width);
    for (unsigned i = 0; i < TERM_LIMBS; i++)
        n.u.k[i] = k.k[i];
    return find_or_add(t, &n);
}

term *term_var(struct terms *t, unsigned width, const char *name) {
    struct term n = {.op = TERM_VAR, .width = (uint16_t)width};
    n.u.name = name;
    return find_or_add(t, &n);
}

term *term_fresh(struct terms *t, unsigned width, const char *stem) {
    char name[160];
    snprintf(name, sizeof name, "%.120s!%u", stem, t->count);
    return term_var(t, width, name);
}

/* ---- evaluation ---- */

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

size_t term_below(const struct terms *t, term *const *roots, size_t n_roots, term ***list) {
    uint8_t *seen = calloc((size_t)t->count + 1, 1);
    term **by_id = malloc(((size_t)t->count + 1) * sizeof *by_id);
    term **stack = malloc((3 * (size_t)t->count + n_roots + 1) * sizeof *stack);
    size_t depth = 0, n = 0;
    *list = NULL;
    if (seen && by_id && stack) {
        for (size_t i = 0; i < n_roots; i++)
            stack[depth++] = roots[i];
        while (depth > 0) {
            term *a = stack[--depth];
            if (seen[a->id])
                continue;
            seen[a->id] = 1;
            by_id[a->id] = a;
            term *const below[] = {a->a, a->b, a->c};
            for (unsigned i = 0; i < 3; i++)
                if (below[i] && !seen[below[i]->id])
                    stack[depth++] = below[i];
        }
        for (uint32_t i = 0; i < t->count; i++)
            if (seen[i])
                by_id[n++] = by_id[i];
        *list = by_id;
        by_id = NULL;
    }
    free(seen);
    free((void *)by_id);
    free((void *)stack);
    return n;
}

static struct limbs value_of(const struct assignment *in, const char *name) {
    struct limbs r = {{0}};
    for (size_t i = 0; i < in->n; i++)
        if (strcmp(in->vars[i].name, name) == 0)
            memcpy(r.k, in->vars[i].k, sizeof r.k);
    return r;
}

void term_eval(struct terms *t, term *a, const struct assignment *in, uint64_t out[TERM_LIMBS]) {
    term **list;
    const size_t n = term_below(t, &a, 1, &list);
    struct limbs *values = malloc(((size_t)a->id + 1) * sizeof *values);
    memset(out, 0, TERM_LIMBS * sizeof *out);
    if (n == 0 || !values)
        t->failed = true;
    for (size_t i = 0; values && i < n; i++) {
        term *x = list[i];
        const struct limbs none = {{0}};
        values[x->id] = x->op == TERM_VAR ? limbs_cut(value_of(in, x->u.name), x->width)
                                          : term_fold(x, x->a ? values[x->a->id] : none,
                                                      x->b ? values[x->b->id] : none,
                                                      x->c ? values[x->c->id] : none);
    }
    if (values && n > 0)
        memcpy(out, values[a->id].k, TERM_LIMBS * sizeof *out);
    free(values);
    free((void *)list);
}

/* term_store.c: the hash-consed store of terms, variables by name, walks over what is below.
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
    struct term nodes[CHUNK];
};

struct names {
    struct names *next;
    size_t used;
    char text[NAME_CHUNK];
};

/* struct walk: what term_below remembers of its last call, so that a call costs what is below. */
struct walk {
    uint32_t *seen; /* by id: the last call that saw it */
    size_t cap;     /* of seen */
    uint32_t call;
    term **stack;
    size_t cap_stack;
};

struct terms {
    struct chunk **chunks; /* of CHUNK ids each */
    size_t n_chunks;
    struct names *names;
    struct walk *walk;
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
    t->walk = calloc(1, sizeof *t->walk);
    if (!t->table || !t->walk) {
        terms_free(t);
        return NULL;
    }
    for (unsigned w = 1; w <= TERM_MAX_WIDTH; w++)
        t->spare[w].width = (uint16_t)w;
    return t;
}

void terms_free(struct terms *t) {
    if (!t)
        return;
    for (size_t i = 0; i < t->n_chunks; i++)
        free(t->chunks[i]);
    free((void *)t->chunks);
    for (struct names *c = t->names, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    if (t->walk) {
        free(t->walk->seen);
        free((void *)t->walk->stack);
    }
    free(t->walk);
    free((void *)t->table);
    free(t);
}

void terms_fail(struct terms *t) {
    t->failed = true;
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

static struct term *node_of(const struct terms *t, uint32_t id) {
    return &t->chunks[id / CHUNK]->nodes[id % CHUNK];
}

static bool add_chunk(struct terms *t) {
    struct chunk **const more =
        realloc((void *)t->chunks, (t->n_chunks + 1) * sizeof(struct chunk *));
    struct chunk *const c = malloc(sizeof *c);
    if (more)
        t->chunks = more;
    if (!more || !c) {
        free(c);
        return false;
    }
    t->chunks[t->n_chunks++] = c;
    return true;
}

static term *find_or_add(struct terms *t, struct term *n) {
    size_t i = slot_of(t, n);
    if (t->table[i])
        return t->table[i];
    if (n->op == TERM_VAR && !(n->u.name = keep_name(t, n->u.name)))
        return fail(t, n->width);
    if (t->count == t->n_chunks * CHUNK && !add_chunk(t))
        return fail(t, n->width);
    if (2 * (size_t)t->count >= t->cap) {
        if (!grow(t))
            return fail(t, n->width);
        i = slot_of(t, n);
    }
    struct term *to = node_of(t, t->count);
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

/* ---- walking ---- */

/* begin: no term is seen. out: false: no memory */
static bool begin(struct walk *w, size_t n_terms, size_t n_roots) {
    if (w->cap < n_terms) {
        uint32_t *const seen = realloc(w->seen, 2 * n_terms * sizeof *seen);
        if (!seen)
            return false;
        memset(seen + w->cap, 0, (2 * n_terms - w->cap) * sizeof *seen);
        w->seen = seen;
        w->cap = 2 * n_terms;
    }
    if (w->cap_stack < n_terms + n_roots) {
        term **const stack = realloc((void *)w->stack, 2 * (n_terms + n_roots) * sizeof *stack);
        if (!stack)
            return false;
        w->stack = stack;
        w->cap_stack = 2 * (n_terms + n_roots);
    }
    if (++w->call == 0) {
        memset(w->seen, 0, w->cap * sizeof *w->seen);
        w->call = 1;
    }
    return true;
}

static void see(struct walk *w, term *x, size_t *depth) {
    if (x && w->seen[x->id] != w->call) {
        w->seen[x->id] = w->call;
        w->stack[(*depth)++] = x;
    }
}

size_t term_below(const struct terms *t, term *const *roots, size_t n_roots, term ***list) {
    struct walk *const w = t->walk;
    size_t depth = 0, n = 0;
    uint32_t lowest = t->count, end = 0;
    *list = NULL;
    if (!begin(w, t->count, n_roots))
        return 0;
    for (size_t i = 0; i < n_roots; i++)
        see(w, roots[i], &depth);
    for (; depth > 0; n++) {
        term *const x = w->stack[--depth];
        lowest = x->id < lowest ? x->id : lowest;
        end = x->id >= end ? x->id + 1 : end;
        see(w, x->a, &depth);
        see(w, x->b, &depth);
        see(w, x->c, &depth);
    }
    *list = malloc((n + 1) * sizeof **list);
    if (!*list)
        return 0;
    n = 0;
    for (uint32_t i = lowest; i < end; i++)
        if (w->seen[i] == w->call)
            (*list)[n++] = node_of(t, i);
    return n;
}

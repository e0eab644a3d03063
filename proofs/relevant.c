/* relevant.c: backwards from the goal's variables, newest first. */
#include "proofs/relevant.h"

#include <stdlib.h>
#include <string.h>

struct cone {
    uint32_t *newest; /* by term's id: the newest variable below it, its id + 1; 0: there is none */
    bool *seen;       /* by term's id: below something that matters */
    term **stack;
};

static uint32_t newest_of(const struct cone *c, term *x) {
    uint32_t newest = x->op == TERM_VAR ? x->id + 1 : 0;
    term *const parts[] = {x->a, x->b, x->c};
    for (unsigned i = 0; i < 3; i++)
        if (parts[i] && c->newest[parts[i]->id] > newest)
            newest = c->newest[parts[i]->id];
    return newest;
}

/* see: all that is below x. */
static void see(struct cone *c, term *x) {
    size_t n = 0;
    if (!c->seen[x->id])
        c->stack[n++] = x;
    c->seen[x->id] = true;
    while (n > 0) {
        term *const at = c->stack[--n], *const parts[] = {at->a, at->b, at->c};
        for (unsigned i = 0; i < 3; i++)
            if (parts[i] && !c->seen[parts[i]->id]) {
                c->seen[parts[i]->id] = true;
                c->stack[n++] = parts[i];
            }
    }
}

static bool matters(const struct cone *c, term *x) {
    const uint32_t newest = c->newest[x->id];
    return newest == 0 || c->seen[newest - 1];
}

/* choose: marks what matters in is[]. out: how many */
static size_t choose(struct cone *c, term *const *assumed, size_t n, term *goal, bool *is) {
    size_t chosen = 0, before;
    see(c, goal);
    do {
        before = chosen;
        for (size_t i = n; i-- > 0;)
            if (!is[i] && matters(c, assumed[i])) {
                is[i] = true;
                see(c, assumed[i]);
                chosen++;
            }
    } while (chosen > before);
    return chosen;
}

size_t relevant(const struct terms *t, term *const *assumed, size_t n, term *goal, term **few) {
    const size_t count = (size_t)terms_count(t) + 1;
    struct cone c = {.newest = calloc(count, sizeof *c.newest),
                     .seen = calloc(count, sizeof *c.seen),
                     .stack = malloc(count * sizeof *c.stack)};
    bool *const is = calloc(n + 1, sizeof *is);
    term **const roots = malloc((n + 1) * sizeof *roots);
    term **list = NULL;
    size_t below = 0, chosen = 0;
    if (c.newest && c.seen && c.stack && is && roots) {
        if (n > 0)
            memcpy((void *)roots, (const void *)assumed, n * sizeof *roots);
        roots[n] = goal;
        below = term_below(t, roots, n + 1, &list);
    }
    for (size_t i = 0; i < below; i++)
        c.newest[list[i]->id] = newest_of(&c, list[i]);
    if (below > 0)
        choose(&c, assumed, n, goal, is);
    for (size_t i = 0; i < n; i++)
        if (below == 0 || is[i])
            few[chosen++] = assumed[i];
    free(c.newest);
    free(c.seen);
    free((void *)c.stack);
    free(is);
    free((void *)roots);
    free((void *)list);
    return chosen;
}

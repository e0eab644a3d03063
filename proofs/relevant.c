/* relevant.c: backwards from the goal's variables, newest first. */
#include "proofs/relevant.h"

#include <stdlib.h>
#include <string.h>

/* Fields of one thing, "out.u.min#2" and "out.u.max#2", were drawn one after another and are one
 * group: what is said of one is often said together with others. Groups count from 1, the newer
 * the higher. */
struct cone {
    uint32_t *group;  /* by variable's id */
    uint32_t *newest; /* by term's id: the newest group below it; 0: there is none */
    bool *seen;       /* by term's id: below something that matters */
    bool *seen_group;
    term **stack;
};

/* same_thing: the names are alike but for what is between '.' and '#'. */
static bool same_thing(const char *a, const char *b) {
    const size_t stem = strcspn(a, ".#");
    const char *const end_a = strchr(a, '#'), *const end_b = strchr(b, '#');
    return strcspn(b, ".#") == stem && strncmp(a, b, stem) == 0 &&
           strcmp(end_a ? end_a : "", end_b ? end_b : "") == 0;
}

static void make_groups(struct cone *c, term *const *list, size_t n) {
    term *last = NULL;
    uint32_t group = 0;
    for (size_t i = 0; i < n; i++) {
        if (list[i]->op != TERM_VAR)
            continue;
        group += !last || !same_thing(last->u.name, list[i]->u.name);
        c->group[list[i]->id] = group;
        last = list[i];
    }
}

static uint32_t newest_of(const struct cone *c, term *x) {
    uint32_t newest = x->op == TERM_VAR ? c->group[x->id] : 0;
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
        if (at->op == TERM_VAR)
            c->seen_group[c->group[at->id]] = true;
        for (unsigned i = 0; i < 3; i++)
            if (parts[i] && !c->seen[parts[i]->id]) {
                c->seen[parts[i]->id] = true;
                c->stack[n++] = parts[i];
            }
    }
}

static bool matters(const struct cone *c, term *x) {
    const uint32_t newest = c->newest[x->id];
    return newest == 0 || c->seen_group[newest];
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

/* make_cone: for what is below n roots. out: false: no memory, or nothing is below */
static bool make_cone(struct cone *c, const struct terms *t, term *const *roots, size_t n) {
    const size_t count = (size_t)terms_count(t) + 1;
    term **list = NULL;
    *c = (struct cone){.group = calloc(count, sizeof *c->group),
                       .newest = calloc(count, sizeof *c->newest),
                       .seen = calloc(count, sizeof *c->seen),
                       .seen_group = calloc(count, sizeof *c->seen_group),
                       .stack = malloc(count * sizeof *c->stack)};
    const bool ok = c->group && c->newest && c->seen && c->seen_group && c->stack;
    const size_t below = ok ? term_below(t, roots, n, &list) : 0;
    make_groups(c, list, below);
    for (size_t i = 0; i < below; i++)
        c->newest[list[i]->id] = newest_of(c, list[i]);
    free((void *)list);
    return below > 0;
}

static void free_cone(struct cone *c) {
    free(c->group);
    free(c->newest);
    free(c->seen);
    free(c->seen_group);
    free((void *)c->stack);
}

size_t relevant(const struct terms *t, term *const *assumed, size_t n, term *goal, term **few) {
    struct cone c = {0};
    bool *const is = calloc(n + 1, sizeof *is);
    term **const roots = malloc((n + 1) * sizeof *roots);
    size_t chosen = 0;
    bool ok = is && roots;
    if (ok) {
        if (n > 0)
            memcpy((void *)roots, (const void *)assumed, n * sizeof *roots);
        roots[n] = goal;
        ok = make_cone(&c, t, roots, n + 1);
    }
    if (ok)
        choose(&c, assumed, n, goal, is);
    for (size_t i = 0; i < n; i++)
        if (!ok || is[i])
            few[chosen++] = assumed[i];
    free_cone(&c);
    free(is);
    free((void *)roots);
    return chosen;
}

bool relevant_groups(const struct terms *t, term *const *assumed, size_t n, uint32_t *group) {
    struct cone c = {0};
    const bool ok = n == 0 || make_cone(&c, t, assumed, n);
    for (size_t i = 0; i < n; i++)
        group[i] = ok ? c.newest[assumed[i]->id] : 0;
    free_cone(&c);
    return ok;
}

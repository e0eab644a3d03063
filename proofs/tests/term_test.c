/* term_test.c: the rules of the constructors against plain evaluation.
 *
 * Random expressions are built twice: with constructors, whose rules rewrite them, and as values,
 * operator by operator. For random values of the variables both must agree; the rules are thereby
 * tried on operands of every shape that earlier steps have made. Of what they have made it is
 * checked, too, how it is walked, filled in and evaluated at once.
 */
#include "proofs/term_store.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

enum {
    VARS = 4,
    POOL = 24,
    STEPS = 40,
};

static uint64_t seed = 88172645463325252u;

static uint64_t next(void) {
    return check_random(&seed);
}

static unsigned below(unsigned n) {
    return (unsigned)(next() >> 33) % n;
}

struct entry {
    term *t;
    struct limbs v;
};

static uint64_t interesting(void) {
    switch (below(5)) {
    case 0: return 0;
    case 1: return UINT64_MAX;
    case 2: return UINT64_C(1) << below(64);
    case 3: return (UINT64_C(1) << below(64)) - 1;
    default: return next();
    }
}

/* apply: the operator on terms and on values. */
static struct entry apply(struct terms *t, enum term_op op, unsigned w, unsigned lo, struct entry a,
                          struct entry b, struct entry c) {
    static term *(*const two[])(struct terms *, term *, term *) = {
        [TERM_AND] = term_and,   [TERM_OR] = term_or,         [TERM_XOR] = term_xor,
        [TERM_ADD] = term_add,   [TERM_SUB] = term_sub,       [TERM_MUL] = term_mul,
        [TERM_UDIV] = term_udiv, [TERM_UREM] = term_urem,     [TERM_SDIV] = term_sdiv,
        [TERM_SREM] = term_srem, [TERM_SHL] = term_shl,       [TERM_LSHR] = term_lshr,
        [TERM_ASHR] = term_ashr, [TERM_CONCAT] = term_concat, [TERM_EQ] = term_eq,
        [TERM_ULT] = term_ult,   [TERM_SLT] = term_slt,
    };
    struct entry r = {0};
    struct term n = {.op = (uint8_t)op, .width = (uint16_t)w, .lo = (uint16_t)lo};
    n.a = a.t;
    n.b = b.t;
    n.c = c.t;
    switch (op) {
    case TERM_NOT: r.t = term_not(t, a.t); break;
    case TERM_NEG: r.t = term_neg(t, a.t); break;
    case TERM_EXTRACT: r.t = term_extract(t, lo, w, a.t); break;
    case TERM_ZEXT: r.t = term_zext(t, w, a.t); break;
    case TERM_SEXT: r.t = term_sext(t, w, a.t); break;
    case TERM_ITE: r.t = term_ite(t, c.t, a.t, b.t); break;
    default: r.t = two[op](t, a.t, b.t); break;
    }
    r.v = term_fold(&n, a.v, b.v, c.v);
    return r;
}

static struct entry pick(const struct entry *pool, unsigned n, unsigned width) {
    for (unsigned tries = 0; tries < 200; tries++) {
        const struct entry e = pool[below(n)];
        if (width == 0 || e.t->width == width)
            return e;
    }
    return (struct entry){0};
}

static struct entry grow(struct terms *t, const struct entry *pool, unsigned n) {
    const enum term_op op = (enum term_op)(TERM_NOT + below(TERM_ITE - TERM_NOT + 1));
    const struct entry a = pick(pool, n, 0), none = {0};
    const unsigned w = a.t->width;
    switch (op) {
    case TERM_NOT:
    case TERM_NEG: return apply(t, op, w, 0, a, none, none);
    case TERM_EXTRACT: {
        const unsigned lo = below(w), width = 1 + below(w - lo);
        return apply(t, op, below(3) ? width : w - lo, lo, a, none, none);
    }
    case TERM_ZEXT:
    case TERM_SEXT: return w >= 128 ? none : apply(t, op, w + below(128 - w), 0, a, none, none);
    case TERM_CONCAT: {
        const struct entry b = pick(pool, n, 0);
        return w + b.t->width > 128 ? none : apply(t, op, w + (unsigned)b.t->width, 0, a, b, none);
    }
    case TERM_ITE: {
        const struct entry b = pick(pool, n, w), c = pick(pool, n, 1);
        return b.t && c.t ? apply(t, op, w, 0, a, b, c) : none;
    }
    default: {
        const struct entry b = pick(pool, n, w);
        const bool truth = op == TERM_EQ || op == TERM_ULT || op == TERM_SLT;
        return b.t ? apply(t, op, truth ? 1 : w, 0, a, b, none) : none;
    }
    }
}

/* shifted: zext(x * 2^n), 128 wide: what rules of products look for. */
static struct entry shifted(struct terms *t, struct entry x) {
    const unsigned n = 1 + below(127 - x.t->width);
    const struct entry none = {0}, low = {term_const(t, n, 0), limbs_of(0)};
    const struct entry up = apply(t, TERM_CONCAT, x.t->width + n, 0, x, low, none);
    return apply(t, TERM_ZEXT, 128, 0, up, none, none);
}

/* check_walk: what is below comes once, after its operands, and nothing else comes. */
static void check_walk(struct terms *t, const struct entry *pool, unsigned n) {
    term *const roots[] = {pool[below(n)].t, pool[below(n)].t, pool[below(n)].t};
    term **list;
    const size_t count = term_below(t, roots, 3, &list);
    bool *const needed = calloc(terms_count(t), 1), *const came = calloc(terms_count(t), 1);
    if (!CHECK(count > 0 && needed && came))
        return;
    for (unsigned i = 0; i < 3; i++)
        needed[roots[i]->id] = true;
    for (size_t i = count; i-- > 0;) {
        term *const x = list[i], *const parts[] = {x->a, x->b, x->c};
        CHECK(needed[x->id] && !came[x->id]);
        came[x->id] = true;
        for (unsigned j = 0; j < 3; j++)
            if (parts[j]) {
                CHECK(!came[parts[j]->id]);
                needed[parts[j]->id] = true;
            }
    }
    for (uint32_t i = 0; i < terms_count(t); i++)
        CHECK(needed[i] == came[i]);
    free(needed);
    free(came);
    free((void *)list);
}

static bool has_value(term *x, const struct assigned *values, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (x->op == TERM_VAR && strcmp(x->u.name, values[i].name) == 0)
            return true;
    return false;
}

/* check_fill: where some variables have values, they are gone, and the value is the same. */
static void check_fill(struct terms *t, const struct assigned *values, struct entry e) {
    const size_t known = below(VARS + 1);
    const struct assignment some = {values, known}, all = {values, VARS};
    uint64_t got[TERM_LIMBS];
    term **list, *filled = e.t;
    CHECK(term_fill(t, &filled, 1, &some));
    term_eval(t, filled, &all, got);
    CHECK(memcmp(got, e.v.k, sizeof got) == 0);
    const size_t n = term_below(t, &filled, 1, &list);
    for (size_t i = 0; i < n; i++)
        CHECK(!has_value(list[i], values, known));
    free((void *)list);
}

static void check_hold(struct terms *t, const struct assigned *values, struct entry a,
                       struct entry b) {
    const struct assignment all = {values, VARS};
    term *const roots[] = {a.t, b.t};
    if (a.t && b.t)
        CHECK_EQ(terms_hold(t, roots, 2, &all), (a.v.k[0] & b.v.k[0] & 1) != 0);
    CHECK(terms_hold(t, roots, 0, &all));
}

static void one_round(void) {
    struct terms *t = terms_new();
    if (!CHECK(t))
        return;
    struct assigned values[VARS];
    struct entry pool[POOL + STEPS];
    unsigned n = 0;
    static const unsigned widths[] = {1, 8, 32, 64, 64, 16, 3};
    for (unsigned i = 0; i < VARS; i++) {
        static const char *const names[VARS] = {"p", "q", "r", "s"};
        const unsigned w = widths[below(7)];
        memset(&values[i], 0, sizeof values[i]);
        values[i].name = names[i];
        values[i].k[0] = interesting();
        pool[n++] =
            (struct entry){term_var(t, w, names[i]), limbs_cut(limbs_of(values[i].k[0]), w)};
    }
    for (unsigned i = 0; i < 2; i++)
        pool[n++] = shifted(t, pool[below(VARS)]);
    while (n < POOL) {
        const unsigned w = below(2) ? pool[below(VARS)].t->width : widths[below(7)];
        const struct limbs k = limbs_cut(limbs_of(interesting()), w);
        pool[n++] = (struct entry){term_of_limbs(t, w, k), k};
    }
    for (unsigned i = 0; i < STEPS; i++) {
        const struct entry e = grow(t, pool, n);
        if (!e.t)
            continue;
        const struct assignment in = {values, VARS};
        uint64_t got[TERM_LIMBS];
        term_eval(t, e.t, &in, got);
        if (memcmp(got, e.v.k, sizeof got) != 0) {
            char text[500];
            term_text(e.t, text, sizeof text);
            fprintf(stderr, "%s: %llx, expected %llx (width %u)\n", text,
                    (unsigned long long)got[0], (unsigned long long)e.v.k[0], e.t->width);
        }
        CHECK(memcmp(got, e.v.k, sizeof got) == 0);
        /* the newest often, constants seldom */
        pool[n++] = e;
    }
    check_walk(t, pool, n);
    check_fill(t, values, pool[below(n)]);
    check_hold(t, values, pick(pool, n, 1), pick(pool, n, 1));
    CHECK(!terms_failed(t));
    terms_free(t);
}

int main(void) {
    for (unsigned i = check_rounds(20000); i; i--)
        one_round();
    return check_end();
}

/* lattice_small_test.c: the lattice of 4-bit scalars: reduction keeps the set, is idempotent and
 * monotonic and finds every contradiction; join, meet and subset are what they say; widening ends.
 *
 *   lattice_small_test [--all] [--table]   --all: all 150 million combinations of components, all
 *                                          pairs of scalars (minutes); otherwise samples
 */
#include "verifier/domain/tests/small.h"

static bool table;

/* The combinations of components by number: 81 tnums, 136 ranges of each order, 10 of halves. */
enum {
    N_COMBINATIONS = 81 * 136 * 136 * 10 * 10
};

static struct {
    struct tnum bits[81];
    struct urange u[136];
    struct srange s[136];
    struct urange32 u32[10];
    struct srange32 s32[10];
} component;

static void init_components(void) {
    size_t t = 0, u = 0, h = 0;
    for (unsigned v = 0; v < 16; v++)
        for (unsigned m = 0; m < 16; m++)
            if (!(v & m))
                component.bits[t++] = (struct tnum){(word)v, (word)m};
    for (unsigned i = 0; i < 16; i++)
        for (unsigned j = i; j < 16; j++, u++) {
            component.u[u] = (struct urange){(word)i, (word)j};
            component.s[u] = (struct srange){(sword)((int)i - 8), (sword)((int)j - 8)};
        }
    for (unsigned i = 0; i < 4; i++)
        for (unsigned j = i; j < 4; j++, h++) {
            component.u32[h] = (struct urange32){(half)i, (half)j};
            component.s32[h] = (struct srange32){(shalf)((int)i - 2), (shalf)((int)j - 2)};
        }
}

static struct scalar combination(unsigned number) {
    struct scalar a;
    a.s32 = component.s32[number % 10];
    a.u32 = component.u32[number / 10 % 10];
    a.s = component.s[number / 100 % 136];
    a.u = component.u[number / 13600 % 136];
    a.bits = component.bits[number / 13600 / 136];
    return a;
}

static void reduction(unsigned stride) {
    uint64_t n = 0, empty = 0, changed = 0, again = 0, unseen = 0;
    uint64_t outward = 0, not_best = 0;
    for (unsigned i = 0; i < N_COMBINATIONS; i += stride, n++) {
        const struct scalar a = combination(i), r = scalar_reduce(a);
        const set members = gamma_of(a);
        if (scalar_is_empty(r)) {
            empty++;
            changed += members != 0;
            continue;
        }
        unseen += members == 0;
        changed += gamma_of(r) != members;
        again += !scalar_equal(scalar_reduce(r), r) || !scalar_well_formed(r);
        outward += !scalar_subset(r, a);
        not_best += members && !scalar_equal(r, best_raw(members));
    }
    check_note("reduction");
    CHECK(n > 0);
    CHECK_EQ(changed, 0);
    CHECK_EQ(again, 0);
    CHECK_EQ(outward, 0);
    if (table) {
        const double live = (double)(n - empty);
        printf("| combinations of components | %" PRIu64 " |\n", n);
        printf("| contradictory, found to be so | %" PRIu64 " |\n", empty);
        printf("| contradictory, not found | %" PRIu64 " |\n", unseen);
        printf("| reduced to the best scalar with these values | %.3f %% |\n",
               100 * (live - (double)not_best) / live);
    }
}

/* What is larger before is larger after. */
static void monotonic(unsigned n) {
    uint64_t seed = 3, wrong = 0, tried = 0;
    for (unsigned i = 0; i < n; i++) {
        const struct scalar b = combination((unsigned)(check_random(&seed) % N_COMBINATIONS));
        bool clash;
        const struct scalar c = combination((unsigned)(check_random(&seed) % N_COMBINATIONS));
        struct scalar a = b;
        switch (check_random(&seed) % 5) { /* one component smaller, if it meets c's */
        case 0: a.bits = tnum_meet(b.bits, c.bits, &clash); break;
        case 1: a.u = urange_meet(b.u, c.u); break;
        case 2: a.s = srange_meet(b.s, c.s); break;
        case 3: a.u32 = urange32_meet(b.u32, c.u32); break;
        default: a.s32 = srange32_meet(b.s32, c.s32); break;
        }
        if (!scalar_subset(a, b) || gamma_of(a) == 0)
            continue;
        tried++;
        wrong += !scalar_subset(scalar_reduce(a), scalar_reduce(b));
    }
    check_note("monotonic");
    CHECK(tried > 0);
    CHECK_EQ(wrong, 0);
}

static void pairs(const struct elements *e, size_t stride) {
    uint64_t n = 0, wrong = 0, best = 0, contained = 0, seen = 0, unseen = 0;
    for (size_t i = 0; i < e->n; i++)
        for (size_t j = i % stride; j < e->n; j += stride, n++) {
            const struct scalar a = e->at[i], b = e->at[j];
            const set in_a = e->gamma[i], in_b = e->gamma[j];
            const struct scalar join = scalar_join(a, b), meet = scalar_meet(a, b);
            const struct scalar wide = scalar_widen(a, b);
            wrong += gamma_of(meet) != (in_a & in_b);
            wrong += scalar_is_empty(meet) && (in_a & in_b) != 0;
            unseen += !scalar_is_empty(meet) && (in_a & in_b) == 0;
            wrong += ((in_a | in_b) & (set)~gamma_of(join)) != 0;
            wrong += !scalar_subset(a, join) || !scalar_subset(b, join);
            wrong += !scalar_subset(meet, a) || !scalar_subset(meet, b);
            wrong += !scalar_subset(join, wide);
            wrong += !scalar_equal(join, scalar_join(b, a));
            wrong += !scalar_equal(meet, scalar_meet(b, a));
            wrong += scalar_subset(a, b) && (in_a & (set)~in_b) != 0;
            wrong += !scalar_equal(scalar_reduce(join), join);
            wrong += !scalar_equal(scalar_reduce(wide), wide);
            best += gamma_of(join) == best_gamma[in_a | in_b];
            contained += (in_a & (set)~in_b) == 0;
            seen += scalar_subset(a, b);
        }
    check_note("pairs");
    CHECK(n > 0 && contained > 0);
    CHECK_EQ(wrong, 0);
    if (table)
        printf(
            "| pairs of scalars | %" PRIu64 " |\n| joins that are best | %.3f %% |\n"
            "| inclusions seen by subset | %.3f %% |\n| meets empty, but not seen to be | %" PRIu64
            " |\n",
            n, 100 * (double)best / (double)n, 100 * (double)seen / (double)contained, unseen);
}

static void neutral(const struct elements *e) {
    check_note("neutral elements");
    const struct scalar none = scalar_empty(), any = scalar_unknown();
    CHECK(scalar_is_empty(none) && !scalar_is_const(none) && !scalar_is_const32(none));
    CHECK(gamma_of(none) == 0 && gamma_of(any) == (set)~0u);
    for (size_t i = 0; i < e->n; i++) {
        const struct scalar a = e->at[i];
        CHECK(scalar_equal(scalar_join(a, none), a) && scalar_equal(scalar_join(none, a), a));
        CHECK(scalar_is_empty(scalar_meet(a, none)) && scalar_is_empty(scalar_meet(none, a)));
        CHECK(scalar_equal(scalar_meet(a, any), a));
        CHECK(scalar_equal(scalar_join(a, any), any));
        CHECK(scalar_equal(scalar_join(a, a), a) && scalar_equal(scalar_meet(a, a), a));
        CHECK(scalar_subset(none, a) && !scalar_subset(a, none) && scalar_subset(a, any));
        CHECK(scalar_equal(scalar_widen(a, none), a) && scalar_equal(scalar_widen(none, a), a));
        CHECK(!scalar_is_const(a) || set_size(e->gamma[i]) == 1);
        for (unsigned x = 0; x < N_WORDS; x++)
            CHECK(scalar_contains(a, (word)x) == (e->gamma[i] >> x & 1));
    }
}

/* ---- widening: the longest chain there is ---- */

struct chains {
    struct elements *e;
    struct element_index *ix;
    unsigned char *longest; /* + 1, by element; 0: not known yet */
    size_t room, stride;
};

/* Widened scalars join the elements as they appear; every one is above the last, so the
 * recursion ends. */
static unsigned chain_from(struct chains *c, size_t i) {
    if (c->longest[i])
        return c->longest[i] - 1u;
    unsigned longest = 0;
    const size_t n = c->e->n;
    for (size_t j = i % c->stride; j < n; j += c->stride) {
        const struct scalar wide = scalar_widen(c->e->at[i], c->e->at[j]);
        if (scalar_equal(wide, c->e->at[i]))
            continue;
        const size_t k = element_find(c->e, c->ix, wide);
        if (c->e->n > c->room)
            abort(); /* room is for all scalars there are */
        const unsigned after = 1 + chain_from(c, k);
        longest = after > longest ? after : longest;
    }
    c->longest[i] = (unsigned char)(longest + 1);
    return longest;
}

static void widening(struct elements *e, struct element_index *ix, size_t stride) {
    struct chains c = {.e = e, .ix = ix, .room = 100000, .stride = stride};
    c.longest = calloc(c.room, 1);
    if (!c.longest)
        abort();
    unsigned longest = 0;
    for (size_t i = 0; i < e->n; i++) {
        const unsigned from = chain_from(&c, i);
        longest = from > longest ? from : longest;
    }
    free(c.longest);
    check_note("widening");
    CHECK(longest > 1 && longest <= 15); /* as scalar.h promises */
    if (table)
        printf("| longest chain of widenings | %u |\n", longest);
}

int main(int argc, char **argv) {
    bool all = false;
    for (int i = 1; i < argc; i++) {
        table |= !strcmp(argv[i], "--table");
        all |= !strcmp(argv[i], "--all");
    }
    small_init();
    small_init_best();
    init_components();
    if (table)
        printf("| 4-bit words | |\n|---|---|\n");
    reduction(all ? 1 : 997);
    monotonic(all ? 20000000 : 200000);
    struct element_index *ix = calloc(1, sizeof *ix);
    struct elements e = {0};
    if (!ix)
        return check_skip("no memory");
    for (unsigned s = 1; s < N_SETS; s++)
        element_find(&e, ix, scalar_reduce(best_raw((set)s)));
    for (unsigned i = 0; i < N_COMBINATIONS; i += 997) {
        const struct scalar r = scalar_reduce(combination(i));
        if (!scalar_is_empty(r))
            element_find(&e, ix, r);
    }
    pairs(&e, all ? 1 : 31);
    neutral(&e);
    widening(&e, ix, all ? 1 : 61);
    free(e.at);
    free(e.gamma);
    free(ix);
    free(best_gamma);
    return check_end();
}

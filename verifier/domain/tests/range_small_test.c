/* range_small_test.c: every operation on all pairs of 4-bit ranges, in both orders, against the
 * best range there is: from the smallest to the largest result of any two members.
 *
 *   range_small_test [--table]
 */
#include "tests/check.h"
#include "verifier/domain/range.h"

#if DOMAIN_WORD_BITS != 4
#error "this test is about 4-bit words"
#endif

static bool table;

/* Results as they appear, in the order of the range (signed ones as integers). */
struct seen {
    int min, max;
    bool any;
};

static void see(struct seen *seen, int x) {
    seen->min = !seen->any || x < seen->min ? x : seen->min;
    seen->max = !seen->any || x > seen->max ? x : seen->max;
    seen->any = true;
}

static int as_signed(int x) {
    return ((x & 15) ^ 8) - 8;
}

/* eBPF's meaning, on integers; the caller cuts to 4 bits. x and y in the range's order. */
static int mul(int x, int y) {
    return x * y;
}
static int quotient(int x, int y) {
    return y == 0 ? 0 : x / y;
}
static int rest(int x, int y) {
    return y == 0 ? x : x % y;
}
static int and_bits(int x, int y) {
    return x & y;
}
static int or_bits(int x, int y) {
    return x | y;
}
static int xor_bits(int x, int y) {
    return x ^ y;
}

struct operation {
    const char *name;
    int (*concrete)(int x, int y);
    struct urange (*u)(struct urange a, struct urange b);
    struct srange (*s)(struct srange a, struct srange b);
};

static const struct operation operations[] = {
    {"mul", mul, urange_mul, srange_mul},  {"div", quotient, urange_div, srange_div},
    {"mod", rest, urange_mod, srange_mod}, {"and", and_bits, urange_and, srange_and},
    {"or", or_bits, urange_or, srange_or}, {"xor", xor_bits, urange_xor, srange_xor},
};

struct score {
    uint64_t n, best, unsound;
};

static void judge(struct score *score, struct seen want, int min, int max) {
    score->n++;
    score->best += min == want.min && max == want.max;
    score->unsound += min > want.min || max < want.max;
}

static void report(const char *name, const char *order, struct score score) {
    if (table)
        printf("| %s, %s | %" PRIu64 " | %.2f %% |\n", name, order, score.n,
               100.0 * (double)score.best / (double)score.n);
    check_note(name);
    CHECK(score.n > 0);
    CHECK_EQ(score.unsound, 0);
}

/* Every pair of ranges from low to high: 0 to 15, or -8 to 7. */
#define EACH_RANGE(a, b, low, high)                                                                \
    for (int a = (low); a <= (high); a++)                                                          \
        for (int b = a; b <= (high); b++)

static void unsigned_pairs(const struct operation *op) {
    struct score score = {0};
    EACH_RANGE(a, b, 0, 15)
    EACH_RANGE(c, d, 0, 15) {
        struct seen want = {0};
        for (int x = a; x <= b; x++)
            for (int y = c; y <= d; y++)
                see(&want, op->concrete(x, y) & 15);
        const struct urange got =
            op->u((struct urange){(word)a, (word)b}, (struct urange){(word)c, (word)d});
        judge(&score, want, (int)got.min, (int)got.max);
    }
    report(op->name, "unsigned", score);
}

static void signed_pairs(const struct operation *op) {
    struct score score = {0};
    EACH_RANGE(a, b, -8, 7)
    EACH_RANGE(c, d, -8, 7) {
        struct seen want = {0};
        for (int x = a; x <= b; x++)
            for (int y = c; y <= d; y++)
                see(&want, as_signed(op->concrete(x, y)));
        const struct srange got =
            op->s((struct srange){(sword)a, (sword)b}, (struct srange){(sword)c, (sword)d});
        judge(&score, want, (int)got.min, (int)got.max);
    }
    report(op->name, "signed", score);
}

static void shifts(void) {
    struct score shl = {0}, sshl = {0}, lshr = {0}, ashr = {0};
    EACH_RANGE(n, m, 0, 3) {
        EACH_RANGE(a, b, 0, 15) {
            struct seen left = {0}, right = {0};
            for (int x = a; x <= b; x++)
                for (int k = n; k <= m; k++) {
                    see(&left, x << k & 15);
                    see(&right, x >> k);
                }
            const struct urange r = {(word)a, (word)b};
            const struct urange l = urange_shl(r, (unsigned)n, (unsigned)m);
            const struct urange g = urange_lshr(r, (unsigned)n, (unsigned)m);
            judge(&shl, left, (int)l.min, (int)l.max);
            judge(&lshr, right, (int)g.min, (int)g.max);
        }
        EACH_RANGE(a, b, -8, 7) {
            struct seen left = {0}, right = {0};
            for (int x = a; x <= b; x++)
                for (int k = n; k <= m; k++) {
                    see(&left, as_signed(x * (1 << k)));
                    see(&right, x >> k);
                }
            const struct srange r = {(sword)a, (sword)b};
            const struct srange l = srange_shl(r, (unsigned)n, (unsigned)m);
            const struct srange g = srange_ashr(r, (unsigned)n, (unsigned)m);
            judge(&sshl, left, (int)l.min, (int)l.max);
            judge(&ashr, right, (int)g.min, (int)g.max);
        }
    }
    report("shl", "unsigned", shl);
    report("shl", "signed", sshl);
    report("lshr", "unsigned", lshr);
    report("ashr", "signed", ashr);
}

/* ---- arcs ---- */

static uint16_t points(struct arc a) {
    uint16_t set = 0;
    for (unsigned i = 0; i <= (unsigned)a.len; i++)
        set |= (uint16_t)(1u << (((unsigned)a.start + i) & 15));
    return set;
}

/* Ranges of an arc, and of its lower halves, are the best for its points. */
static void arc_ranges(struct arc a) {
    struct seen u = {0}, s = {0}, u32 = {0}, s32 = {0};
    for (int x = 0; x < 16; x++)
        if (points(a) >> x & 1) {
            see(&u, x);
            see(&s, as_signed(x));
            see(&u32, x & 3);
            see(&s32, ((x & 3) ^ 2) - 2);
        }
    const struct urange gu = urange_of_arc(a);
    const struct srange gs = srange_of_arc(a);
    const struct urange32 gu32 = urange32_of_arc_low(a);
    const struct srange32 gs32 = srange32_of_arc_low(a);
    CHECK((int)gu.min == u.min && (int)gu.max == u.max);
    CHECK((int)gs.min == s.min && (int)gs.max == s.max);
    CHECK((int)gu32.min == u32.min && (int)gu32.max == u32.max);
    CHECK((int)gs32.min == s32.min && (int)gs32.max == s32.max);
}

static void arcs(void) {
    check_note("arcs");
    for (unsigned i = 0; i < 256; i++) {
        const struct arc a = {(word)(i >> 4), (word)(i & 15)};
        arc_ranges(a);
        for (unsigned j = 0; j < 256; j++) {
            const struct arc b = {(word)(j >> 4), (word)(j & 15)};
            uint16_t sums = 0;
            for (unsigned x = 0; x <= (unsigned)a.len; x++)
                for (unsigned y = 0; y <= (unsigned)b.len; y++)
                    sums |=
                        (uint16_t)(1u << (((unsigned)a.start + x + (unsigned)b.start + y) & 15));
            CHECK_EQ(points(arc_add(a, b)), sums);
        }
        uint16_t negated = 0;
        for (unsigned x = 0; x <= (unsigned)a.len; x++)
            negated |= (uint16_t)(1u << ((0 - (unsigned)a.start - x) & 15));
        CHECK_EQ(points(arc_neg(a)), negated);
        for (unsigned f = 0; f < 16; f++) {
            const uint16_t got = points(arc_scale(a, (word)f));
            for (unsigned x = 0; x <= (unsigned)a.len; x++)
                CHECK(got >> ((((unsigned)a.start + x) * f) & 15) & 1);
        }
    }
}

/* exchange: the best pair for the common values of both ranges. */
static void exchange(void) {
    check_note("exchange");
    EACH_RANGE(a, b, 0, 15)
    EACH_RANGE(c, d, -8, 7) {
        struct seen u = {0}, s = {0};
        for (int x = a; x <= b; x++)
            if (c <= as_signed(x) && as_signed(x) <= d) {
                see(&u, x);
                see(&s, as_signed(x));
            }
        const struct ranges got =
            ranges_exchange((struct ranges){{(word)a, (word)b}, {(sword)c, (sword)d}});
        if (u.any) {
            CHECK((int)got.u.min == u.min && (int)got.u.max == u.max);
            CHECK((int)got.s.min == s.min && (int)got.s.max == s.max);
        } else {
            CHECK(got.u.min > got.u.max);
        }
    }
}

int main(int argc, char **argv) {
    table = argc > 1 && !strcmp(argv[1], "--table");
    if (table)
        printf("| 4-bit ranges, all pairs | pairs | best result |\n|---|---|---|\n");
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        unsigned_pairs(&operations[i]);
        signed_pairs(&operations[i]);
    }
    shifts();
    arcs();
    exchange();
    return check_end();
}

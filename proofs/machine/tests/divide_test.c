/* divide_test.c: the rules for reciprocals, held against all numbers of 8 bits: whatever product,
 * shift and divisor a rule takes for a quotient is one; and the reciprocals that compilers choose
 * are among them.
 */
#include "proofs/machine/validate_case.h"
#include "tests/check.h"

enum {
    N = 8
};

static int64_t number(bool sign, unsigned x) {
    return sign ? (int8_t)x : (int64_t)x;
}

static int64_t shifted_product(bool sign, unsigned x, uint64_t m, unsigned shift) {
    return (number(sign, x) * (int64_t)m) >> shift; /* arithmetic */
}

/* x * m >> shift, of all bits, 16 wide. */
static term *form(struct terms *t, term *x, bool sign, uint64_t m, unsigned shift) {
    term *const wide = sign ? term_sext(t, 2 * N, x) : term_zext(t, 2 * N, x);
    term *const p = term_mul(t, wide, term_const(t, 2 * N, m));
    term *const high = term_extract(t, shift, 2 * N - shift, p);
    return sign ? term_sext(t, 2 * N, high) : term_zext(t, 2 * N, high);
}

static bool is_quotient(bool sign, uint64_t m, unsigned shift, unsigned d) {
    for (unsigned x = 0; x < 1 << N; x++) {
        const int64_t v = number(sign, x), q = v / (int64_t)d;
        if (shifted_product(sign, x, m, shift) != (v < 0 ? q - 1 : q))
            return false;
    }
    return true;
}

static void check_all(struct vunit *u, bool sign, uint64_t *fired, uint64_t *missed) {
    term *const x = term_var(u->t, N, "x");
    const unsigned most = sign ? 1 << (N - 1) : 1 << N;
    for (unsigned d = 2; d < most; d++)
        for (unsigned shift = N - 1; shift < 2 * N; shift++)
            for (uint64_t m = 3; m < 1 << N; m++) {
                if (!(m & (m - 1)))
                    continue;
                u->divisor = d;
                term *const was = form(u->t, x, sign, m, shift);
                const bool is = term_rewrite(u->t, was, vdivide_rule, u) != was;
                const bool right = is_quotient(sign, m, shift, d);
                *fired += is;
                *missed += right && !is;
                CHECK(!is || right);
            }
}

/* The unsigned reciprocal that divide.c's comment describes, where 8 bits are enough. */
static void check_usual(struct vunit *u) {
    term *const x = term_var(u->t, N, "x");
    for (unsigned d = 3; d < 1 << N; d++) {
        const unsigned s = 31 - (unsigned)__builtin_clz(d);
        const unsigned m = ((1u << (N + s)) + d - 1) / d;
        if (!(d & (d - 1)) || m * d - (1u << (N + s)) > 1u << s || m >> N || N + s >= 2 * N)
            continue;
        u->divisor = d;
        term *const want = term_zext(u->t, 2 * N, term_udiv(u->t, x, term_const(u->t, N, d)));
        /* by 128 and more it is a comparison, on both sides */
        CHECK(term_rewrite(u->t, form(u->t, x, false, m, N + s), vdivide_rule, u) ==
              term_rewrite(u->t, want, vdivide_rule, u));
    }
}

int main(void) {
    const struct prove_options opt = {.timeout_ms = 1000};
    struct vunit u;
    uint64_t fired[2] = {0}, missed[2] = {0};
    if (!CHECK(vunit_init(&u, &opt)))
        return check_end();
    check_all(&u, false, &fired[0], &missed[0]);
    check_all(&u, true, &fired[1], &missed[1]);
    check_usual(&u);
    CHECK(fired[0] > 0);
    CHECK(fired[1] > 0);
    printf("unsigned: %" PRIu64 " taken, %" PRIu64 " not seen; signed: %" PRIu64 ", %" PRIu64 "\n",
           fired[0], missed[0], fired[1], missed[1]);
    vunit_fini(&u);
    return check_end();
}

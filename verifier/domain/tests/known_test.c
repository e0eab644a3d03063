/* known_test.c: precision on inputs one can check by hand: what programs rely on (bounds after a
 * mask, a shift, a comparison), what Linux 6.12 knows, and where this domain knows more. The
 * soundness of all of it is the business of the other tests.
 */
#include "tests/check.h"
#include "verifier/domain/alu.h"

#define HAS_U(r, lo, hi) CHECK((r).u.min == (lo) && (r).u.max == (hi))
#define HAS_S(r, lo, hi) CHECK((r).s.min == (lo) && (r).s.max == (hi))
#define IS(r, x)         CHECK(scalar_equal((r), scalar_const(x)))

static struct scalar u(uint64_t min, uint64_t max) {
    return scalar_from_urange(min, max);
}

static struct scalar s(int64_t min, int64_t max) {
    return scalar_from_srange(min, max);
}

static struct scalar k(uint64_t x) {
    return scalar_const(x);
}

static struct scalar alu(enum op op, struct scalar a, struct scalar b) {
    return scalar_alu(op, a, b, false);
}

static void reduction(void) {
    check_note("reduction");
    /* one sign: both orders are one range */
    HAS_S(u(5, 100), 5, 100);
    HAS_U(s(-5, -1), UINT64_MAX - 4, UINT64_MAX);
    /* the unsigned range meets one end of a signed range of both signs: Linux 6.18 */
    struct scalar a = s(-100, 200);
    a.u = (struct urange){100, (UINT64_C(1) << 63) + 50};
    a = scalar_reduce(a);
    HAS_U(a, 100, 200);
    HAS_S(a, 100, 200);
    /* halves that are non-negative, of words that fit s32: the word is the half */
    a = s(INT32_MIN, INT32_MAX);
    a.s32 = (struct srange32){1, 100};
    HAS_U(scalar_reduce(a), 1, 100);
    /* the nearest word with such a half: further up than its own block */
    a = u(0x100000080, 0x380000000);
    a.u32 = (struct urange32){1, 0x7f};
    HAS_U(scalar_reduce(a), 0x200000001, 0x30000007f);
    /* ends are members of the bits: multiples of 8 from 3 to 29 */
    a = u(3, 29);
    a.bits = (struct tnum){.value = 0, .mask = 0x18};
    HAS_U(scalar_reduce(a), 8, 24);
    /* contradictions */
    a = u(8, 15);
    a.bits = (struct tnum){.value = 0, .mask = 7};
    CHECK(scalar_is_empty(scalar_reduce(a)));
    a = u(0, 10);
    a.s = (struct srange){-20, -1};
    CHECK(scalar_is_empty(scalar_reduce(a)));
}

static void sums(void) {
    check_note("sums");
    HAS_U(alu(OP_ADD64_REG, u(1, 10), u(5, 6)), 6, 16);
    /* both ends wrap: exact */
    HAS_U(alu(OP_ADD64_IMM, u(UINT64_MAX - 9, UINT64_MAX - 4), k(20)), 10, 15);
    HAS_S(alu(OP_SUB64_REG, u(0, 10), u(0, 20)), -20, 10);
    HAS_U(alu(OP_ADD32_IMM, u(0xfffffff0, 0xffffffff), k(0x10)), 0, 15);
    HAS_S(alu(OP_NEG64, s(-3, 10), k(0)), -10, 3);
    HAS_U(alu(OP_NEG32, u(1, 10), k(0)), 0xfffffff6, 0xffffffff);
    /* across the sign, one order of each operand is useful */
    const uint64_t sign = UINT64_C(1) << 63;
    HAS_S(alu(OP_SUB64_IMM, u(sign - 5, sign + 5), k(sign)), -5, 5);
}

static void products(void) {
    check_note("products");
    HAS_U(alu(OP_MUL64_REG, u(2, 10), u(3, 100)), 6, 1000);
    HAS_S(alu(OP_MUL64_REG, s(-3, 2), u(4, 5)), -15, 10);
    HAS_S(alu(OP_MUL64_IMM, s(-3, 2), k((uint64_t)-4)), -8, 12);
    /* factors beyond 32 bits, a product within 64: Linux gives up */
    HAS_U(alu(OP_MUL64_REG, u(0, UINT64_C(1) << 33), u(0, 1 << 20)), 0, UINT64_C(1) << 53);
    HAS_S(alu(OP_MUL32_REG, s(-3, -2), u(4, 5)), 0xfffffff1, 0xfffffff8);
    CHECK_EQ(alu(OP_MUL64_IMM, scalar_unknown(), k(24)).bits.mask, (uint64_t)-8);
}

static void quotients(void) {
    check_note("quotients");
    HAS_U(alu(OP_DIV64_REG, u(10, 100), u(2, 5)), 2, 50);
    HAS_U(alu(OP_DIV64_REG, u(10, 100), u(0, 5)), 0, 100); /* by 0 it is 0 */
    HAS_U(alu(OP_DIV64_IMM, scalar_unknown(), k(1000)), 0, UINT64_MAX / 1000);
    IS(alu(OP_DIV32_REG, u(10, 100), k(UINT64_C(1) << 32)), 0);
    HAS_U(alu(OP_MOD64_IMM, scalar_unknown(), k(7)), 0, 6);
    HAS_U(alu(OP_MOD64_REG, scalar_unknown(), u(3, 8)), 0, 7);
    HAS_U(alu(OP_MOD64_REG, u(0, 100), u(0, 8)), 0, 100); /* by 0 it stays */
    HAS_U(alu(OP_MOD64_IMM, u(12, 15), k(10)), 2, 5);
    CHECK(scalar_equal(alu(OP_MOD64_REG, u(2, 9), u(10, 20)), u(2, 9)));
    CHECK_EQ(alu(OP_MOD64_IMM, k(3), u(1, 2)).u.max, 1);
    HAS_U(alu(OP_MOD32_REG, k(UINT64_C(0x500000003)), k(0)), 3, 3);
    HAS_S(alu(OP_SDIV64_IMM, s(-10, 10), k(3)), -3, 3);
    HAS_S(alu(OP_SDIV64_IMM, s(-10, 7), k((uint64_t)-3)), -2, 3);
    HAS_S(alu(OP_SMOD64_IMM, s(-10, 10), k(4)), -3, 3);
    HAS_S(alu(OP_SMOD64_IMM, s(-10, -1), k((uint64_t)-4)), -3, 0);
    IS(alu(OP_SDIV64_IMM, k((uint64_t)INT64_MIN), k((uint64_t)-1)), (uint64_t)INT64_MIN);
    IS(alu(OP_SDIV32_IMM, k(0x80000000), k((uint64_t)-1)), 0x80000000);
    IS(alu(OP_SMOD32_IMM, k((uint64_t)-10), k(0)), 0xfffffff6);
    /* a divisor of either sign that is not near zero: u excludes [-9, 9] */
    struct scalar far = s(-20, 20);
    far.u = (struct urange){10, (uint64_t)-10};
    HAS_S(alu(OP_SDIV64_REG, u(0, 100), scalar_reduce(far)), -10, 10);
}

static void bitwise(void) {
    check_note("bitwise");
    HAS_U(alu(OP_AND64_IMM, scalar_unknown(), k(0xff)), 0, 0xff);
    HAS_U(alu(OP_AND64_IMM, u(0, 100), k(0xff)), 0, 100);
    HAS_U(alu(OP_OR64_REG, u(5, 9), u(3, 4)), 5, 13); /* no more than the sum */
    HAS_U(alu(OP_XOR64_REG, u(32, 35), u(0, 3)), 32, 35);
    HAS_S(alu(OP_AND64_REG, s(-4, 3), s(-8, 7)), -8, 7);
    HAS_S(alu(OP_OR64_REG, s(-4, -1), scalar_unknown()), -4, -1);
    IS(alu(OP_AND32_IMM, k(UINT64_C(0xff00000000)), k((uint64_t)-1)), 0);
}

static void shifts(void) {
    check_note("shifts");
    HAS_U(alu(OP_LSH64_REG, k(1), u(0, 4)), 1, 16);
    HAS_U(alu(OP_LSH64_IMM, u(1, 10), k(3)), 8, 80);
    HAS_U(alu(OP_RSH64_REG, u(16, 255), u(1, 4)), 1, 127);
    HAS_U(alu(OP_RSH64_IMM, scalar_unknown(), k(32)), 0, UINT32_MAX);
    HAS_S(alu(OP_ARSH64_REG, s(-100, 50), u(1, 2)), -50, 25);
    /* sign extension by a pair of shifts */
    const struct scalar a = scalar_zext(32, scalar_unknown());
    HAS_S(alu(OP_ARSH64_IMM, alu(OP_LSH64_IMM, a, k(32)), k(32)), INT32_MIN, INT32_MAX);
    /* bits of the upper half do not come down at 32 bits */
    IS(alu(OP_RSH32_IMM, k(UINT64_C(0xff00000010)), k(4)), 1);
    IS(alu(OP_ARSH32_IMM, k(0x80000000), k(31)), 0xffffffff);
    /* amounts are masked */
    IS(alu(OP_LSH32_REG, k(1), k(33)), 2);
    HAS_U(alu(OP_RSH64_REG, u(16, 255), u(65, 68)), 1, 127);
}

static void extensions(void) {
    check_note("extensions");
    HAS_U(alu(OP_MOV32_REG, k(0), scalar_unknown()), 0, UINT32_MAX);
    HAS_S(alu(OP_MOVSX8_64, k(0), scalar_unknown()), -128, 127);
    HAS_S(alu(OP_MOVSX8_64, k(0), u(0xf0, 0xff)), -16, -1);
    HAS_S(alu(OP_MOVSX16_64, k(0), s(-5, 10)), -5, 10);
    HAS_U(alu(OP_MOVSX8_32, k(0), u(0x80, 0x81)), 0xffffff80, 0xffffff81);
    HAS_U(alu(OP_BSWAP16, u(0, 15), k(0)), 0, 0xf00);
    IS(alu(OP_BSWAP32, k(UINT64_C(0xff11223344)), k(0)), 0x44332211);
    IS(scalar_alu(OP_BE16, k(0x1234), k(0), true), 0x1234);
    IS(scalar_alu(OP_LE16, k(0xaa1234), k(0), true), 0x3412);
    IS(scalar_alu(OP_LE16, k(0xaa1234), k(0), false), 0x1234);
}

/* One edge: what a keeps. */
static struct scalar keeps(enum op op, bool taken, struct scalar a, struct scalar b) {
    scalar_refine(op, taken, &a, &b);
    return a;
}

static void comparisons(void) {
    check_note("comparisons");
    HAS_U(keeps(OP_JLT64_IMM, true, scalar_unknown(), k(10)), 0, 9);
    HAS_U(keeps(OP_JLT64_IMM, false, scalar_unknown(), k(10)), 10, UINT64_MAX);
    HAS_S(keeps(OP_JSGT64_IMM, true, scalar_unknown(), k((uint64_t)-1)), 0, INT64_MAX);
    HAS_U(keeps(OP_JSGT64_IMM, true, u(0, 5), k(3)), 4, 5);
    HAS_U(keeps(OP_JNE64_IMM, true, u(0, 10), k(0)), 1, 10);
    HAS_U(keeps(OP_JNE64_IMM, true, u(0, 10), k(10)), 0, 9);
    HAS_U(keeps(OP_JEQ64_REG, true, u(0, 10), s(-5, 3)), 0, 3);
    HAS_U(keeps(OP_JSET64_IMM, false, u(0, 100), k((uint64_t)-8)), 0, 7);
    CHECK_EQ(keeps(OP_JSET64_IMM, true, scalar_unknown(), k(4)).bits.value, 4);
    HAS_U(keeps(OP_JSET64_IMM, true, scalar_unknown(), k(0x30)), 0x10, UINT64_MAX);
    HAS_U(keeps(OP_JGE64_REG, true, u(0, 100), u(7, 9)), 7, 100);

    check_note("32-bit comparisons");
    struct scalar a = keeps(OP_JLT32_IMM, true, scalar_unknown(), k(10));
    CHECK(a.u32.min == 0 && a.u32.max == 9);
    HAS_U(a, 0, UINT64_C(0xffffffff00000009));
    HAS_U(keeps(OP_JLT32_IMM, true, u(0, UINT32_MAX), k(10)), 0, 9);
    HAS_U(keeps(OP_JNE32_IMM, true, u(0, 10), k(0)), 1, 10);
    a = keeps(OP_JEQ32_IMM, true, u(UINT64_C(5) << 32, (UINT64_C(5) << 32) + 100), k(7));
    IS(a, (UINT64_C(5) << 32) + 7);
    CHECK(scalar_is_empty(keeps(OP_JEQ32_IMM, true, u(0, 10), k(11))));
    CHECK(!scalar_is_empty(keeps(OP_JEQ32_IMM, true, u(0, UINT64_C(1) << 33), k(11))));
    a = keeps(OP_JSLT32_IMM, true, scalar_zext(32, scalar_unknown()), k(0));
    HAS_U(a, 0x80000000, 0xffffffff);

    check_note("branches");
    CHECK_EQ(scalar_branch(OP_JLT64_REG, u(0, 5), u(6, 10)), BRANCH_TAKEN);
    CHECK_EQ(scalar_branch(OP_JLT64_REG, u(6, 10), u(0, 6)), BRANCH_NOT_TAKEN);
    CHECK_EQ(scalar_branch(OP_JLT64_REG, u(5, 10), u(0, 6)), BRANCH_UNKNOWN);
    CHECK_EQ(scalar_branch(OP_JSLT64_IMM, s(-5, -1), k(0)), BRANCH_TAKEN);
    CHECK_EQ(scalar_branch(OP_JEQ64_REG, u(0, 5), u(6, 10)), BRANCH_NOT_TAKEN);
    CHECK_EQ(scalar_branch(OP_JNE32_IMM, u(1, 5), k(UINT64_C(1) << 32)), BRANCH_TAKEN);
    CHECK_EQ(scalar_branch(OP_JSET64_IMM, u(8, 15), k(8)), BRANCH_TAKEN);
    CHECK_EQ(scalar_branch(OP_JSET32_IMM, k(UINT64_C(1) << 40), k((uint64_t)-1)), BRANCH_NOT_TAKEN);
    CHECK_EQ(scalar_branch(OP_JGT64_IMM, u(0, 10), k((uint64_t)-1)), BRANCH_NOT_TAKEN);

    check_note("one register twice");
    CHECK_EQ(scalar_branch_same(OP_JEQ64_REG, u(0, 5)), BRANCH_TAKEN);
    CHECK_EQ(scalar_branch_same(OP_JSLT32_REG, u(0, 5)), BRANCH_NOT_TAKEN);
    CHECK_EQ(scalar_branch_same(OP_JSET64_REG, u(0, 5)), BRANCH_UNKNOWN);
    CHECK_EQ(scalar_branch_same(OP_JSET64_REG, u(1, 5)), BRANCH_TAKEN);
    HAS_U(scalar_refine_same(OP_JSET64_REG, true, u(0, 5)), 1, 5);
    IS(scalar_refine_same(OP_JSET64_REG, false, u(0, 5)), 0);
    CHECK(scalar_is_empty(scalar_refine_same(OP_JNE64_REG, true, u(0, 5))));
}

static void widening(void) {
    check_note("widening");
    HAS_U(scalar_widen(u(0, 1), u(0, 2)), 0, 3);
    HAS_U(scalar_widen(u(0, 3), u(0, 5)), 0, 7);
    HAS_U(scalar_widen(u(0, 100), u(0, 200)), 0, 255);
    HAS_U(scalar_widen(u(0, 70000), u(0, 70001)), 0, 131071); /* the bits know no more anyway */
    HAS_U(scalar_widen(u(10, 20), u(9, 20)), 8, 20);          /* the end that stays, stays */
    HAS_S(scalar_widen(s(-1, 0), s(-3, 0)), -4, 0);
    CHECK(scalar_equal(scalar_widen(u(4, 8), u(5, 6)), u(4, 8)));
    /* a counter of 32 bits does not reach the upper half */
    HAS_U(scalar_widen(u(0, INT32_MAX), u(0, UINT32_MAX)), 0, UINT32_MAX);
}

int main(void) {
    reduction();
    sums();
    products();
    quotients();
    bitwise();
    shifts();
    extensions();
    comparisons();
    widening();
    return check_end();
}

/* judged.c: theorems with a known end, as the provider must report it.
 *
 *   bad/X    has undefined behaviour: refuted          good/X   its repaired twin: proved
 *   false/X  is not so: refuted                        error/X  vacuous, not understood: error
 *
 * What optimised code does with bad/X is the compiler's choice: judged at -O0 alone.
 */
#include "proofs/theorem/harness.h"

#include <stddef.h>
#include <string.h>

typedef uint64_t word;
#define BAD(name)     THEOREM(bad, name)
#define GOOD(name)    THEOREM(good, name)
#define NOINLINE      __attribute__((noinline))
#define ANY(name)     proof_any(64, name)
#define ANY_INT(name) ((int)proof_any(32, name))

/* TWINS: one body; `ok` is true in the good one, where it keeps what is bad from happening. */
#define TWINS(name)                                                                                \
    static inline __attribute__((always_inline)) void twin_##name(const bool ok);                  \
    BAD(name) {                                                                                    \
        twin_##name(false);                                                                        \
    }                                                                                              \
    GOOD(name) {                                                                                   \
        twin_##name(true);                                                                         \
    }                                                                                              \
    static inline __attribute__((always_inline)) void twin_##name(const bool ok)

/* fine: true; what is not defined must not come here. */
NOINLINE static bool fine(word x) {
    (void)x;
    return true;
}

/* ---- arithmetic ---- */

TWINS(signed_add) {
    const int a = ANY_INT("a");
    if (ok)
        assume(a < INT32_MAX);
    check("any", fine((word)(a + 1)));
}
TWINS(signed_sub) {
    const int a = ANY_INT("a");
    if (ok)
        assume(a > INT32_MIN);
    check("any", fine((word)(a - 1)));
}
TWINS(signed_mul) {
    const int64_t a = (int64_t)ANY("a");
    if (ok)
        assume(a < 1000 && a > -1000);
    check("any", fine((word)(a * 3)));
}
TWINS(negate) {
    const int64_t a = (int64_t)ANY("a");
    if (ok)
        assume(a != INT64_MIN);
    check("any", -a == -a);
}
TWINS(promoted_product) { /* uint16_t times uint16_t is of int */
    const uint16_t a = (uint16_t)proof_any(16, "a");
    const word p = ok ? (word)((unsigned)a * a) : (word)(a * a);
    check("any", p == p);
}
TWINS(shift_by_width) {
    const unsigned n = (unsigned)proof_any(7, "n");
    if (ok)
        assume(n < 64);
    check("any", fine(ANY("a") >> n));
}
TWINS(shift_left_by_width) {
    const unsigned n = (unsigned)proof_any(6, "n");
    check("any", fine((uint32_t)1 << (ok ? n % 32 : n)));
}
TWINS(signed_add_constant) {
    const int a = ANY_INT("a");
    if (ok)
        assume(a >= 0 && a < 1 << 20);
    check("any", fine((word)(a + 4096)));
}
TWINS(divide_by_zero) {
    const word d = ANY("d");
    if (ok)
        assume(d != 0);
    check("any", ANY("n") / d <= UINT64_MAX);
}
TWINS(rest_by_zero) {
    const uint32_t d = (uint32_t)proof_any(32, "d");
    if (ok)
        assume(d > 5);
    check("any", (uint32_t)proof_any(32, "n") % d != d);
}
TWINS(divide_overflows) {
    const int n = (int)proof_any(32, "n"), d = (int)proof_any(32, "d");
    assume(d != 0);
    if (ok)
        assume(n != INT32_MIN || d != -1);
    check("any", n / d == n / d);
}
TWINS(rest_overflows) {
    const int n = ANY_INT("n");
    if (ok)
        assume(n > INT32_MIN);
    check("any", n % (n == 5 ? 5 : -1) == 0);
}
TWINS(clz_of_zero) {
    const word a = ANY("a");
    if (ok)
        assume(a != 0);
    check("any", __builtin_clzll(a) < 64);
}
TWINS(ctz_of_zero) {
    const uint32_t a = (uint32_t)proof_any(32, "a");
    if (ok)
        assume(a > 3);
    check("any", __builtin_ctz(a) < 32);
}
TWINS(abs_of_least) {
    const int a = ANY_INT("a");
    if (ok)
        assume(a != INT32_MIN);
    check("any", fine((word)__builtin_abs(a)));
}

/* ---- what was never written ---- */

TWINS(uninitialised) {
    word x;
    if (ok)
        x = 1;
    check("any", x == x);
}
TWINS(uninitialised_merged) {
    word x;
    if (ANY("a") > 5)
        x = 1;
    else if (ok)
        x = 2;
    check("one", x >= 1 && x <= 2);
}
TWINS(uninitialised_last) { /* the branch that writes comes first, and last */
    uint32_t x;
    if (ANY("a") > 5) {
        if (ok)
            x = 3;
    } else {
        x = 3;
    }
    check("three", x == 3);
}
TWINS(uninitialised_byte) {
    uint8_t x[8];
    for (unsigned i = 0; i < (ok ? 8 : 7); i++)
        x[i] = 1;
    word w;
    memcpy(&w, x, 8);
    check("ones", w % 2 == 1);
}
TWINS(uninitialised_switch) {
    word x;
    switch (ANY("a") % 3) {
    case 0: x = 1; break;
    case 1: x = 2; break;
    default:
        if (ok)
            x = 3;
    }
    check("any", x <= 3);
}
struct two {
    word x, y;
};
struct padded {
    uint8_t x;
    uint32_t y;
};
NOINLINE static word second(struct two t) {
    return t.y;
}
TWINS(uninitialised_member) {
    struct two t, k;
    t.x = 1;
    if (ok)
        t.y = 2;
    k = t;
    check("member", second(k) == 2);
}
TWINS(padding_read) {
    struct padded p = {0}, q;
    memset(&q, 0, sizeof q);
    q.x = 1;
    q.y = 2;
    if (!ok)
        q = (struct padded){1, 2};
    uint8_t k[8];
    struct padded r;
    r.x = 0;
    memcpy(k, ok ? &q : &r, 8);
    check("any", k[1] + p.x <= 255);
}
NOINLINE static void maybe_write(word *x, bool yes) {
    if (yes)
        *x = 4;
}
TWINS(uninitialised_out_parameter) {
    word x;
    maybe_write(&x, ok || ANY("a") == 3);
    check("four", x == 4);
}
NOINLINE static void pass(word x) {
    (void)x;
}
TWINS(poison_argument) {
    word x;
    if (ok)
        x = 1;
    pass(x);
    check("any", true);
}
NOINLINE static word give_back(bool ok) {
    word x;
    if (ok)
        x = 1;
    return x;
}
TWINS(poison_result) {
    check("any", fine(give_back(ok)));
}
TWINS(poison_branch) {
    bool x;
    if (ok)
        x = true;
    if (x)
        check("any", true);
    else
        check("any", true);
}
TWINS(assume_poison) {
    word x;
    if (ok)
        x = 1;
    assume(fine(x));
    check("any", true);
}

/* ---- memory ---- */

TWINS(behind_array) {
    word x[4] = {1, 2, 3, 4};
    const unsigned n = ok ? 3 : 4;
    check("any", x[n] <= 4);
}
TWINS(before_array) {
    word x[4] = {1, 2, 3, 4}, *p = x;
    p += ok ? 1 : 0;
    check("any", p[-1] <= 4);
}
TWINS(store_behind) {
    uint8_t x[3] = {0};
    *(x + (ok ? 2 : 3)) = 1;
    check("any", x[0] == 0);
}
TWINS(wide_at_end) {
    uint8_t x[8] = {0};
    uint32_t y;
    memcpy(&y, x + (ok ? 4 : 5), 4);
    check("zero", y == 0);
}
TWINS(far_pointer) { /* out of bounds and back */
    word x[4] = {7};
    word *p = x + (ok ? 4 : 5);
    p -= ok ? 4 : 5;
    check("seven", *p == 7);
}
TWINS(wrapping_index) {
    word x[4] = {7};
    const word i = ok ? 0 : UINT64_C(1) << 61;
    check("seven", x[i] == 7);
}
TWINS(null) {
    word x = 1, *p = ANY("a") == 3 && !ok ? NULL : &x;
    check("one", *p == 1);
}
NOINLINE static word *local(word *other, bool ok) {
    word x = 1, *p = ok ? other : &x;
    *p = 1;
    return p;
}
TWINS(dead_local) {
    word x;
    check("one", *local(&x, ok) == 1);
}
TWINS(dead_on_one_path) {
    word x = 1, *p = &x;
    if (ANY("a") == 7)
        p = local(&x, ok);
    check("one", *p == 1);
}
static const word constant[2] = {1, 2};
TWINS(write_constant) {
    word own[2] = {0};
    word *const p = ok ? own : (word *)constant;
    p[1] = 5;
    check("any", true);
}
TWINS(misaligned) {
    _Alignas(8) uint8_t x[16] = {0};
    check("zero", *(uint32_t *)(void *)(x + (ok ? 4 : 2)) == 0);
}
TWINS(less_aligned_object) {
    uint8_t x[8] = {0};
    _Alignas(4) uint8_t y[8] = {0};
    check("zero", *(uint32_t *)(void *)(ok ? y : x) == 0);
}
TWINS(copy_onto_itself) {
    uint8_t x[8] = {1};
    if (ok)
        memmove(x + 1, x, 4);
    else
        __builtin_memcpy(x + 1, x, 4);
    check("any", x[0] == 1);
}
__attribute__((nonnull)) NOINLINE static bool is_there(const word *p) {
    return p != NULL;
}
TWINS(nonnull_argument) {
    word x = 1;
    check("any", is_there(ok ? &x : NULL) || true);
}
__attribute__((returns_nonnull)) NOINLINE static word *find(word *p, bool ok) {
    return ok ? p : NULL;
}
TWINS(nonnull_result) {
    word x = 1;
    check("any", find(&x, ok) == &x || true);
}
NOINLINE static word sum_of(const word x[static 2]) {
    return x[0];
}
TWINS(too_short_argument) {
    word x[2] = {3, 4};
    check("three", sum_of(x + (ok ? 0 : 1)) >= 3);
}

/* ---- control ---- */

TWINS(unreachable) {
    const word a = ANY("a");
    if (ok)
        assume(a < 9);
    if (a >= 9)
        __builtin_unreachable();
    check("below", a < 9);
}
TWINS(builtin_assume) {
    const word a = ANY("a");
    if (ok)
        assume(a < 9);
    __builtin_assume(a < 10);
    check("below", a < 10);
}
TWINS(trap) {
    const word a = ANY("a");
    if (!ok && a == 77)
        __builtin_trap();
    check("any", true);
}
NOINLINE static int no_return(bool ok) {
    if (ok || ANY("a") != 3)
        return 1;
    __builtin_unreachable();
}
TWINS(end_of_function) {
    check("one", no_return(ok) == 1);
}
TWINS(in_third_round) {
    word x[3] = {0}, a = ANY("a");
    for (unsigned i = 0; i < 4; i++) {
        if (a >> i & 1)
            continue;
        x[i % 3] = i;
        if (i == 3 && !ok)
            check("any", x[i] == 0);
    }
    check("any", x[0] <= 3);
}

/* ---- false theorems ---- */

THEOREM(false, plainly) {
    check("no", false);
}
THEOREM(false, sometimes) {
    check("not 77", ANY("a") != 77);
}
THEOREM(false, on_one_path) {
    const word a = ANY("a");
    if (a > 3)
        check("fine", a > 2);
    else
        check("not zero", a != 0);
}
THEOREM(false, assumed_too_late) { /* what is assumed afterwards does not help */
    const word a = ANY("a");
    check("small", a < 10);
    assume(a < 10);
    check("small again", a < 10);
}
THEOREM(false, assumed_elsewhere) { /* nor what another path assumes */
    const word a = ANY("a"), b = ANY("b");
    if (b > 7)
        assume(a < 10);
    check("small", a < 10);
}
THEOREM(false, assumed_in_one_round) {
    word a[3];
    for (unsigned i = 0; i < 3; i++) {
        a[i] = ANY("a");
        if (i != 1)
            assume(a[i] < 10);
    }
    check("small", a[0] < 10 && a[1] < 10 && a[2] < 10);
}
THEOREM(false, second_of_two) {
    check("first", true);
    check("second", ANY("a") == ANY("a"));
}
THEOREM(false, undefined_before_assumption) {
    const word a = ANY("a"), b = 100 / a;
    assume(a > 1);
    check("fine", b <= 50);
}
THEOREM(false, truncated) {
    const word a = ANY("a");
    check("same", (uint32_t)a == a);
}
THEOREM(false, wide_product) {
    const unsigned __int128 p = (unsigned __int128)ANY("a") * ANY("b");
    check("high", p >> 64 == 0);
}
THEOREM(false, one_past_the_end) { /* may be the address of the other */
    word x[1] = {1}, y[1] = {2};
    check("elsewhere", x + 1 != y);
}

/* ---- contracts ---- */

/* CONTRACT, as of contract.h: of functions of a word. */
#define CONTRACT(function)                                                                         \
    static word contracted__##function(bool proving, word x);                                      \
    word contract__##function(word x);                                                             \
    word contract__##function(word x) {                                                            \
        return contracted__##function(false, x);                                                   \
    }                                                                                              \
    static word contracted__##function(bool proving, word x)
#define CONTRACTED(function) NOINLINE __attribute__((used)) static word function(word x)
/* SEVEN_MORE: a contract that does not hold of its function. */
#define SEVEN_MORE(function)                                                                       \
    CONTRACTED(function) {                                                                         \
        return x;                                                                                  \
    }                                                                                              \
    CONTRACT(function) {                                                                           \
        const word r = proving ? function(x) : ANY(#function);                                     \
        if (proving)                                                                               \
            check("seven more", r == x + 7);                                                       \
        else                                                                                       \
            assume(r == x + 7);                                                                    \
        return r;                                                                                  \
    }

CONTRACTED(next) {
    return x + 1;
}
CONTRACT(next) {
    const word r = proving ? next(x) : ANY("next");
    if (proving) {
        assume(x < 100);
        check("more", next(x) > x);
    } else {
        check("required", x < 100);
        assume(r > x);
    }
    return r;
}
THEOREM(contract, next) {
    (void)contracted__next(true, ANY("x"));
}
THEOREM(good, by_contract) {
    uses("next");
    const word x = ANY("x");
    assume(x < 50);
    check("more", next(x) > x);
}
THEOREM(false, more_than_the_contract) {
    uses("next");
    const word x = ANY("x");
    assume(x < 50);
    check("one more", next(x) == x + 1);
}
THEOREM(false, not_required) {
    uses("next");
    const word x = ANY("x");
    check("more", next(x) > x);
}
PLANT(contract, next, next, word, (word x)) {
    return x;
}

SEVEN_MORE(circle)
THEOREM(contract, circle) { /* not so, but for itself */
    uses("circle");
    (void)contracted__circle(true, 1);
}
SEVEN_MORE(left)
SEVEN_MORE(right)
THEOREM(contract, left) { /* each by the other */
    uses("right");
    (void)contracted__left(true, 1);
    check("seven more", right(1) == 8);
}
THEOREM(contract, right) {
    uses("left");
    (void)contracted__right(true, 1);
    check("seven more", left(1) == 8);
}
SEVEN_MORE(unproved)
THEOREM(error, contract_without_theorem) {
    uses("unproved");
    check("seven more", unproved(1) == 8);
}
SEVEN_MORE(hollow)
THEOREM(contract, hollow) { /* about something else */
    (void)contracted__hollow(false, ANY("x"));
    check("any", hollow(1) == 1);
}
THEOREM(error, contract_not_proved) {
    uses("hollow");
    check("seven more", hollow(1) == 8);
}
CONTRACTED(other_than_proved) {
    return x;
}
static word contracted__other_than_proved(bool proving, word x) {
    const word r = proving ? other_than_proved(x) : ANY("other");
    if (proving)
        check("the same", r == x);
    else
        assume(r == x);
    return r;
}
word contract__other_than_proved(word x);
word contract__other_than_proved(word x) { /* not what the theorem is about */
    assume(x == 8);
    return contracted__other_than_proved(false, x);
}
THEOREM(contract, other_than_proved) {
    (void)contracted__other_than_proved(true, ANY("x"));
}
THEOREM(error, contract_of_another_text) {
    uses("other_than_proved");
    check("eight", other_than_proved(ANY("x")) == 8);
}
CONTRACTED(at_source) {
    return x;
}
CONTRACT(at_source) {
    const word r = proving ? at_source(x) : ANY("at_source");
    if (proving)
        check("the same", r == x);
    else
        assume(r == x);
    return r;
}
THEOREM(contract, at_source) {
    hint("source-only");
    (void)contracted__at_source(true, ANY("x"));
}
THEOREM(level, by_source_only) { /* proved at -O0, where the contract is */
    uses("at_source");
    check("the same", at_source(5) == 5);
}
THEOREM(error, uses_not_literal) { /* a contract that nobody would look for a theorem of */
    const char *name = "unproved";
    uses(name);
    check("seven more", unproved(1) == 8);
}
THEOREM(error, uses_by_pointer) {
    void (*by)(const char *) = uses;
    by("unproved");
    check("seven more", unproved(1) == 8);
}
THEOREM(error, uses_too_late) {
    check("one more", next(5) == 6);
    uses("next");
    check("more", next(5) > 5);
}
THEOREM(error, uses_not_reached) {
    if (next(5) == 7)
        uses("next");
    check("one more", next(5) == 6);
}
#define USES_4  uses("next"), uses("next"), uses("next"), uses("next")
#define USES_16 USES_4, USES_4, USES_4, USES_4
THEOREM(good, uses_many) { /* as many as the provider notes */
    USES_16, USES_16, USES_16, USES_16;
    check("more", next(1) > 1);
}

/* ---- vacuous ---- */

THEOREM(error, assume_false) {
    assume(false);
    check("no", false);
}
THEOREM(error, contradiction) {
    const word a = ANY("a");
    assume(a < 5);
    assume(a > 7);
    check("no", a == 6);
}
THEOREM(error, dead_check) {
    const word a = ANY("a");
    check("fine", a == a);
    if (a < 5 && a > 7)
        check("no", false);
}
THEOREM(error, behind_other_path) {
    const word a = ANY("a");
    assume(a == 3);
    if (a == 4) {
        assume(a < 10);
        check("no", false);
    }
}
THEOREM(error, products_contradict) { /* only who multiplies sees it */
    hint("products");
    const word a = ANY("a"), b = ANY("b");
    assume(a < 4 && b < 4 && a > 1 && b > 1 && a != b);
    assume(a * b == 5);
    check("no", a == b);
}
THEOREM(error, no_checks) {
    assume(ANY("a") < 5);
}

/* ---- not understood ---- */

static word lookup[4] = {1, 2, 3, 4};
static const word fixed_lookup[4] = {1, 2, 3, 4};
THEOREM(error, symbolic_index) {
    check("no", fixed_lookup[ANY("a") % 4] > 0);
}
THEOREM(false, changeable_global) { /* its first value is not its only one */
    check("no", lookup[1] == 2);
}
THEOREM(error, unbounded_loop) {
    word a = ANY("a"), n = 0;
    for (; a; a -= 3)
        n++;
    check("no", n < 100);
}
THEOREM(error, volatile_pointer) {
    word (*volatile f)(word) = NULL;
    check("no", f == NULL);
}
NOINLINE static word down(word n) {
    return n == 0 ? 0 : down(n - 1) + 1;
}
THEOREM(error, unbounded_recursion) {
    const word n = ANY("n");
    check("no", down(n) == n);
}
THEOREM(error, inline_assembly) {
    word a = ANY("a");
    __asm__("incq %0" : "+r"(a));
    check("no", a > 0);
}
THEOREM(error, real_number) {
    const float a = (float)ANY("a");
    check("no", a + 1 >= a);
}
typedef uint32_t vector __attribute__((vector_size(16)));
THEOREM(error, vector) {
    vector v = {1, 2, 3, (uint32_t)ANY("a")};
    v += 1;
    check("no", v[0] == 2);
}
THEOREM(error, volatile_load) {
    volatile word a = ANY("a");
    check("no", a == a);
}
THEOREM(error, atomic_load) {
    word a = ANY("a");
    check("no", __atomic_load_n(&a, __ATOMIC_SEQ_CST) == a);
}
THEOREM(error, atomic_add) {
    word a = ANY("a");
    check("no", __atomic_fetch_add(&a, 1, __ATOMIC_RELAXED) < UINT64_MAX);
}
NOINLINE static word same(word x) {
    return x;
}
NOINLINE static word other(word x) {
    return x + 1;
}
THEOREM(error, indirect_call) {
    word (*const f)(word) = ANY("a") & 1 ? same : other;
    check("no", f(1) >= 1);
}
THEOREM(error, pointer_as_number) {
    word a = 1;
    check("no", (word)&a != 0);
}
THEOREM(error, number_as_pointer) {
    check("no", *(word *)ANY("a") != 0);
}
THEOREM(error, pointer_order) {
    word a[2] = {0}, *p = a + (ANY("a") & 1);
    check("no", p >= a);
}
THEOREM(error, pointer_bytes) {
    word a = 1, *p = &a;
    uint32_t k;
    memcpy(&k, &p, 4);
    check("no", k != 1);
}
word undefined_function(word x);
THEOREM(error, no_body) {
    check("no", undefined_function(1) == 1);
}
__attribute__((weak)) NOINLINE word replaceable(word x) {
    return x;
}
THEOREM(error, weak_function) {
    check("no", replaceable(1) == 1);
}
THEOREM(error, variable_array) {
    const word n = ANY("n");
    assume(n > 0 && n < 4);
    uint8_t x[n];
    x[0] = 1;
    check("no", x[0] == 1);
}
THEOREM(error, variable_copy) {
    uint8_t x[8] = {0}, y[8] = {0};
    memcpy(x, y, ANY("n") % 8);
    check("no", x[0] == 0);
}
THEOREM(error, variadic_intrinsic) {
    word a = ANY("a");
    __builtin_prefetch(&a);
    check("no", a == a);
}
THEOREM(error, cycle_counter) {
    check("no", __builtin_readcyclecounter() == 0);
}
THEOREM(error, irreducible) {
    word n = 0;
    if (ANY("a") & 1)
        goto middle;
again:
    n++;
middle:
    n += 2;
    if (n < 6)
        goto again;
    check("no", n >= 6);
}
NOINLINE static word two_places(word *restrict p, word *restrict q) {
    *p = 1;
    *q = 2;
    return *p;
}
THEOREM(error, restrict_pointers) {
    word a = 0;
    check("no", two_places(&a, &a) == 2);
}
THEOREM(error, very_wide) {
    const unsigned _BitInt(200) a = ANY("a");
    check("no", a + 1 > a);
}
THEOREM(error, name_not_literal) {
    char name[4] = "ab";
    name[0] = (char)ANY("a");
    check(name, true);
}
THEOREM(error, hint_not_literal) {
    const char *how = "whole";
    hint(how);
    check("fine", true);
}
NOINLINE static void hint_for_another(void) {
    hint("whole");
}
THEOREM(error, hint_elsewhere) {
    hint_for_another();
    check("fine", true);
}
THEOREM(error, hint_unknown) {
    hint("no such hint");
    check("fine", true);
}
THEOREM(error, uses_unknown) {
    uses("no_such_function");
    check("fine", true);
}

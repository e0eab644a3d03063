/* contract.h: a function stands for what has been proved of it.
 *
 *     CONTRACT(rung_up, word, (x), word x) {
 *         const word out = proving ? rung_up(x) : any_word("rung_up");
 *         ENSURES("not below x", out >= x);
 *         return out;
 *     }
 *     THEOREM(contract, rung_up) {
 *         (void)contracted__rung_up(true, any_word("x"));
 *     }
 *
 * The body is written once and read twice. While it is proved, it calls the function; REQUIRES
 * assumes and ENSURES checks. In a theorem that says uses("rung_up"), the call's result is
 * arbitrary; REQUIRES checks and ENSURES assumes. What is said "for every ghost" is said of the
 * words that the theorem has named with ghost() and, for operators of two operands, with
 * ghost_pair(): a contract that holds for all words holds for those. A theorem contract/F that does
 * not call the body with true, or a stand-in that does something else, is an error (sayings.c).
 *
 * So that there are calls to be replaced, a function with a contract must not be inlined: it is
 * declared here before the sources are. "used" keeps the optimiser from changing its parameters.
 */
#ifndef BPFLAB_PROOFS_THEOREM_CONTRACT_H
#define BPFLAB_PROOFS_THEOREM_CONTRACT_H

#ifdef PROOF_NATIVE
#define CONTRACTED __attribute__((unused))
#else
#define CONTRACTED __attribute__((noinline, used))
#endif

/* of headers that values.h includes */
struct arc;
struct urange;
struct srange;
CONTRACTED static inline struct arc arc_of_urange(struct urange a);
CONTRACTED static inline struct arc arc_of_srange(struct srange a);

#include "proofs/theorem/values.h"

#define CONTRACT(function, result, args, ...)                                                      \
    static result contracted__##function(bool proving, __VA_ARGS__);                               \
    result contract__##function(__VA_ARGS__);                                                      \
    result contract__##function(__VA_ARGS__) {                                                     \
        return contracted__##function(false, CONTRACT_ARGS args);                                  \
    }                                                                                              \
    static result contracted__##function(bool proving, __VA_ARGS__)
#define CONTRACT_ARGS(...) __VA_ARGS__

#define REQUIRES(what, c) (proving ? assume(c) : check("required: " what, c))
#define ENSURES(what, c)  (proving ? check(what, c) : assume(c))

/* ghost_pair: two operands that contracts of binary operators speak of. */
enum {
    PAIRS = 8
};
struct proof_pair {
    word x, y;
};
extern struct proof_pair proof_pairs[PAIRS];
extern unsigned proof_n_pairs;
void ghost_pair(word x, word y);

/* n_ghosts, n_pairs: those that a contract speaks of. What it is proved for is the first: any one.
 * */
static inline unsigned n_ghosts(bool proving) {
    return proving && proof_n_ghosts > 1 ? 1 : proof_n_ghosts;
}
static inline unsigned n_pairs(bool proving) {
    return proving && proof_n_pairs > 1 ? 1 : proof_n_pairs;
}

/* forget: the theorem goes on with other ghosts. */
static inline void forget(void) {
    proof_n_ghosts = 0;
    proof_n_pairs = 0;
}

/* LEMMA: a fact of numbers, in the form of a contract of a function that does nothing: a theorem
 * that uses("lemma_x") and calls lemma_x(a, b) may assume what it ensures of a and b. out: nothing
 * */
#ifdef PROOF_NATIVE
#define LEMMA_BODY(name, args, ...)                                                                \
    bool contract__##name(__VA_ARGS__);                                                            \
    bool name(__VA_ARGS__) {                                                                       \
        return contract__##name args;                                                              \
    }
#else
#define LEMMA_BODY(name, args, ...)
#endif
#define LEMMA(name, args, ...)                                                                     \
    bool name(__VA_ARGS__);                                                                        \
    LEMMA_BODY(name, args, __VA_ARGS__)                                                            \
    CONTRACT(name, bool, args, __VA_ARGS__)

/* ensures_members: out contains x where c holds. */
static inline void ensures_members(bool proving, bool c, struct scalar out, word x) {
    if (proving)
        check_members(c, out, x);
    else
        assume(implies(c, scalar_contains(out, x)));
}

/* ---- functions with a contract ---- */

/* clang-format off */
CONTRACTED static inline struct scalar raw_within(struct scalar r, struct arc a);
CONTRACTED static inline struct scalar raw_low_within(struct scalar r, struct arc a);
CONTRACTED static struct urange members_of(struct urange a, struct tnum t);
CONTRACTED static struct srange signed_members_of(struct srange a, struct tnum t);
CONTRACTED struct ranges ranges_exchange(struct ranges r);
CONTRACTED static half ascend(half x, half start, half len);
CONTRACTED static half descend(half x, half start, half len);
CONTRACTED static struct scalar half_to_words(struct scalar r, half start, half len);
CONTRACTED static struct scalar settle_words(struct scalar r);
CONTRACTED static struct scalar words_to_halves(struct scalar r);
CONTRACTED static struct scalar settle_halves(struct scalar r);
CONTRACTED static struct scalar halves_to_words(struct scalar r);
CONTRACTED static struct scalar ranges_to_bits(struct scalar r);
CONTRACTED static struct scalar scalar_reduce_step(struct scalar r);
CONTRACTED static struct scalar scalar_reduce_rounds(struct scalar r);
CONTRACTED static struct scalar reduce_const(struct scalar r);
CONTRACTED struct scalar scalar_reduce(struct scalar r);
CONTRACTED struct scalar scalar_finish(enum scalar_width w, struct scalar raw);

CONTRACTED struct tnum tnum_add(struct tnum a, struct tnum b);
CONTRACTED static struct tnum tnum_mul_step(struct tnum acc, struct tnum a, struct tnum b, unsigned i);
CONTRACTED static struct tnum tnum_mul_excess_step(struct tnum acc, struct tnum a, struct tnum b, unsigned i);
CONTRACTED static struct tnum long_mul(struct tnum a, struct tnum b);
CONTRACTED static struct tnum excess_sum(struct tnum a, struct tnum b);
CONTRACTED static struct tnum excess_mul(struct tnum a, struct tnum b);
CONTRACTED static struct tnum multiples(struct tnum a);
CONTRACTED struct tnum tnum_mul(struct tnum a, struct tnum b);

CONTRACTED struct arc arc_add(struct arc a, struct arc b);
CONTRACTED struct arc arc_neg(struct arc a);
CONTRACTED struct arc arc_scale(struct arc a, word factor);
CONTRACTED struct urange urange_mul(struct urange a, struct urange b);
CONTRACTED struct srange srange_mul(struct srange a, struct srange b);
CONTRACTED struct urange urange_div(struct urange a, struct urange b);
CONTRACTED static struct srange quotients_by(struct srange a, sword near, sword far);
CONTRACTED struct srange srange_div(struct srange a, struct srange b);
CONTRACTED static word farthest(struct srange a);
CONTRACTED static word nearest(struct srange a);
CONTRACTED static struct srange toward_zero(struct srange a, word limit);
CONTRACTED static struct srange remainders_by(struct srange a, sword divisor);
CONTRACTED struct urange urange_mod(struct urange a, struct urange b);
CONTRACTED struct srange srange_mod(struct srange a, struct srange b);

CONTRACTED struct urange urange_and(struct urange a, struct urange b);
CONTRACTED struct srange srange_and(struct srange a, struct srange b);
CONTRACTED struct urange urange_or(struct urange a, struct urange b);
CONTRACTED struct srange srange_or(struct srange a, struct srange b);
CONTRACTED struct urange urange_xor(struct urange a, struct urange b);
CONTRACTED struct srange srange_xor(struct srange a, struct srange b);
CONTRACTED struct urange urange_shl(struct urange a, unsigned least, unsigned most);
CONTRACTED struct srange srange_shl(struct srange a, unsigned least, unsigned most);
CONTRACTED struct urange urange_lshr(struct urange a, unsigned least, unsigned most);
CONTRACTED struct srange srange_ashr(struct srange a, unsigned least, unsigned most);

CONTRACTED static word rung_up(word x);
CONTRACTED static word rung_down(word x);

CONTRACTED struct scalar scalar_add(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED struct scalar scalar_sub(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED static struct scalar by_constant(struct scalar r, struct scalar a, word factor);
CONTRACTED static struct scalar by_halves(struct scalar r, struct scalar a, struct scalar b);
CONTRACTED struct scalar scalar_mul(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED static word div_word(word x, word y);
CONTRACTED static word mod_word(word x, word y);
CONTRACTED static word sdiv_word(word x, word y);
CONTRACTED static word smod_word(word x, word y);
CONTRACTED struct scalar scalar_div(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED static struct srange signed_quotients(struct srange a, struct scalar b);
CONTRACTED static struct srange signed_remainders(struct srange a, struct scalar b);
CONTRACTED static struct scalar unsigned_quotients(struct scalar a, struct scalar b, struct srange s);
CONTRACTED struct scalar scalar_sdiv(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED struct scalar scalar_mod(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED struct scalar scalar_smod(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED struct scalar scalar_and(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED struct scalar scalar_or(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED struct scalar scalar_xor(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED struct scalar scalar_lsh(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED struct scalar scalar_rsh(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED struct scalar scalar_arsh(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED struct scalar scalar_neg(enum scalar_width w, struct scalar a);
CONTRACTED struct scalar scalar_zext(unsigned bits, struct scalar a);
CONTRACTED struct scalar scalar_sext(enum scalar_width w, unsigned bits, struct scalar a);
CONTRACTED struct scalar scalar_bswap(unsigned bits, struct scalar a);
CONTRACTED struct scalar scalar_stored(unsigned bits, struct scalar a);
CONTRACTED static struct scalar move(enum scalar_width w, struct scalar a, struct scalar b);
CONTRACTED bool scalar_never(enum scalar_width w, enum scalar_rel rel, struct scalar a, struct scalar b);
CONTRACTED struct scalar_pair scalar_assume(enum scalar_width w, enum scalar_rel rel, struct scalar a, struct scalar b);

CONTRACTED bool offset_span_inside(int64_t off, int64_t n_bytes, bool zero_ok, uint64_t object_bytes);

/* of which parameters or results are types of one source file */
struct end;
CONTRACTED static struct end above(word x, half start, half len);
CONTRACTED static struct end below(word x, half start, half len);
struct round;
CONTRACTED static struct round scalar_reduce_round(struct scalar r);
struct amounts;
CONTRACTED static struct amounts amounts_of(enum scalar_width w, struct scalar b);
CONTRACTED static struct tnum shl_step(struct tnum acc, struct tnum t, struct amounts by, unsigned n);
CONTRACTED static struct tnum lshr_step(struct tnum acc, struct tnum t, struct amounts by, unsigned n);
CONTRACTED static struct tnum ashr_step(struct tnum acc, struct tnum t, struct amounts by, unsigned n);
CONTRACTED static struct tnum shl_by(struct tnum t, struct amounts by);
CONTRACTED static struct tnum lshr_by(struct tnum t, struct amounts by);
CONTRACTED static struct tnum ashr_by(struct tnum t, struct amounts by);
CONTRACTED static struct scalar shl_const(struct scalar a, unsigned n);
CONTRACTED static struct scalar shl_any(struct scalar a, struct amounts by);
CONTRACTED static unsigned shift_of(word x);
/* clang-format on */

#endif

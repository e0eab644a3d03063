/* scalar.h: what is known of a 64-bit value: the reduced product of a tnum and four ranges.
 *
 * γ(s) = the words x with x in γ(s.bits), x in s.u and s.s in unsigned and signed order, and the
 * lower half of x in s.u32 and s.s32. The product is *reduced* when scalar_reduce changes nothing:
 * what one component knows, the others have taken over as far as the rules of scalar_reduce.c go.
 *
 * Empty: one explicit value, scalar_empty(), for "no value is possible" (a branch never taken).
 * Transfer functions are not called with it; refinement and intersection may return it.
 *
 * Everything here is a pure function over values, without global state, allocation or recursion:
 * this very source, as bitcode, is what the proofs are about. A transfer function computes each
 * component from the operands (raw transfer) and reduces once at the end; each is sound in itself.
 */
#ifndef BPFLAB_VERIFIER_DOMAIN_SCALAR_H
#define BPFLAB_VERIFIER_DOMAIN_SCALAR_H

#include "verifier/domain/range.h"
#include "verifier/domain/tnum.h"

/* shape: 64 bytes, one cache line */
struct scalar {
    struct tnum bits;
    struct urange u;
    struct srange s;
    struct urange32 u32;
    struct srange32 s32;
};

/* ---- making and asking ---- */
struct scalar scalar_unknown(void);
struct scalar scalar_empty(void);
struct scalar scalar_const(word x);

/* scalar_below: every word below 2^bits, reduced: what a load of so many bits gives.
 * in: 1 <= bits <= WORD_BITS      cost: O(1), no reduction */
struct scalar scalar_below(unsigned bits);

/* scalar_from_urange, scalar_from_srange: all words from min to max, reduced. in: min <= max */
struct scalar scalar_from_urange(word min, word max);
struct scalar scalar_from_srange(sword min, sword max);

/* scalar_from_tnum: all words of a tnum, reduced. */
struct scalar scalar_from_tnum(struct tnum t);

bool scalar_is_empty(struct scalar a);
bool scalar_is_const(struct scalar a);   /* the one member is a.bits.value */
bool scalar_is_const32(struct scalar a); /* the lower half is known */
bool scalar_is_unknown(struct scalar a);
bool scalar_contains(struct scalar a, word x);
bool scalar_equal(struct scalar a, struct scalar b); /* component by component */

/* scalar_well_formed: not empty, value & mask == 0, min <= max in all four orders, and reduction
 * changes nothing. Every result of this header but scalar_empty() is: proved but for the last,
 * which is tested (all scalars of 4 bits, random ones of 64). It is proved that a scalar that
 * reduction does not change has a member. */
bool scalar_well_formed(struct scalar a);

/* ---- lattice ---- */

/* scalar_reduce: let the components tell each other what they know.
 * in:   bits well-formed; ranges in any order, min > max too
 * out:  reduced; γ unchanged; no end moves outward; scalar_empty() if a contradiction shows (at 4
 *       bits: whenever γ is empty)
 * cost: O(1): one round of the rules as a rule, six at most */
struct scalar scalar_reduce(struct scalar a);

/* scalar_join: contains both.  scalar_meet: what both allow, or empty.
 * scalar_subset: γ(a) ⊆ γ(b), decided component by component: true is never wrong, for reduced a.
 * scalar_widen: contains both; an end that moved goes to the next rung of a ladder: 0, ±1, powers
 *               of two up to a quarter word, the ends of the types. A chain of widenings ascends
 *               and ends (15 steps at most at 4 bits, by trying all). */
struct scalar scalar_join(struct scalar a, struct scalar b);
struct scalar scalar_meet(struct scalar a, struct scalar b);
bool scalar_subset(struct scalar a, struct scalar b);
struct scalar scalar_widen(struct scalar old, struct scalar next);

/* ---- transfer: the operations of eBPF ----
 * w: 64 or 32 bits; a 32-bit operation reads the lower halves and zero-extends its result.
 * in:     a, b well-formed
 * out:    well-formed; sound: op(x, y) is in it for all x in γ(a), y in γ(b); of constants a
 *         constant
 * errors: none
 * cost:   O(1); products and shifts by an unknown amount loop over the bits of a word
 * source: isa/alu.def, RFC 9669 section 4; docs/domain.md for what each is derived from */
enum scalar_width {
    SCALAR_64,
    SCALAR_32,
};

struct scalar scalar_add(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_sub(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_mul(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_div(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_sdiv(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_mod(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_smod(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_and(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_or(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_xor(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_lsh(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_rsh(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_arsh(enum scalar_width w, struct scalar a, struct scalar b);
struct scalar scalar_neg(enum scalar_width w, struct scalar a);
/* scalar_zext: the low bits of a, zero-extended; scalar_sext: sign-extended to width w, the rest
 * zero. bits: 8, 16, 32 (64: no change). What moves and loads do. */
struct scalar scalar_zext(unsigned bits, struct scalar a);
struct scalar scalar_sext(enum scalar_width w, unsigned bits, struct scalar a);
/* scalar_fits: is every member its own low bits, so that storing them loses nothing? One that fits
 * one bit less is what it is sign-extended, too.      in: 1 <= bits <= WORD_BITS */
bool scalar_fits(unsigned bits, struct scalar a);
/* scalar_stored: what a store of the low bits keeps: a itself where it fits. */
struct scalar scalar_stored(unsigned bits, struct scalar a);
/* scalar_linked: base + by, of a base of which base + known_by is known. */
struct scalar scalar_linked(struct scalar known, int32_t known_by, int32_t by);
/* scalar_bswap: the low bits (16, 32, 64) with their bytes reversed, zero-extended. Known bits
 * move; ranges come from them alone. */
struct scalar scalar_bswap(unsigned bits, struct scalar a);

/* ---- refinement: what a comparison tells ----
 * Eight relations are enough: every conditional jump, on either edge, is one of them, with its
 * operands exchanged where needed. At SCALAR_32 they are about the lower halves. */
enum scalar_rel {
    REL_EQ,
    REL_NE,
    REL_ULT, /* unsigned a < b */
    REL_ULE,
    REL_SLT, /* signed a < b */
    REL_SLE,
    REL_SET,   /* a & b != 0 */
    REL_CLEAR, /* a & b == 0 */
};

struct scalar_pair {
    struct scalar a, b;
};

/* scalar_never: does no pair of members stand in the relation? It always holds if its negation
 * never does.
 * out: true is never wrong      cost: O(1), without reduction */
bool scalar_never(enum scalar_width w, enum scalar_rel rel, struct scalar a, struct scalar b);

/* scalar_assume: what is left of a and b where the relation holds.
 * in:  not empty
 * out: holds every pair that is in the relation; reduced; both empty if none is seen to be */
struct scalar_pair scalar_assume(enum scalar_width w, enum scalar_rel rel, struct scalar a,
                                 struct scalar b);

#endif

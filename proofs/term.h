/* term.h: bit-vector terms: what the translator, the specification and the machines compute with.
 *
 * A term is an immutable node of a hash-consed graph: equal terms are one pointer. Constructors
 * fold constants and apply a few rules that need no search (x & 0, extract of concat, ite with
 * equal sides), so that running a function on constants is running it, and what two computations
 * share is seen without a solver. Nothing here knows a solver: smt.h turns terms into Z3's, and a
 * test on a foreign machine evaluates the same terms without one.
 *
 * A term's width is 1 to 256 bits. Width 1 is also the truth value: terms of comparisons, guards
 * and flags are of width 1, 1 is true. Meaning of operators is that of SMT-LIB's fixed-size
 * bit-vectors: total, a shift by the width or more gives 0 (or copies of the sign), x udiv 0 is all
 * ones, x urem 0 is x.
 *
 * Ownership: all terms belong to their struct terms and die with it. Not thread-safe.
 * Errors: running out of memory ends the process' use of the store: terms_failed() is true and
 * every constructor returns some term of the right width; ask before believing anything.
 */
#ifndef BPFLAB_PROOFS_TERM_H
#define BPFLAB_PROOFS_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TERM_MAX_WIDTH = 256,
    TERM_LIMBS = TERM_MAX_WIDTH / 64,
};

enum term_op {
    TERM_CONST,
    TERM_VAR,
    TERM_NOT,
    TERM_NEG,
    TERM_AND,
    TERM_OR,
    TERM_XOR,
    TERM_ADD,
    TERM_SUB,
    TERM_MUL,
    TERM_UDIV,
    TERM_UREM,
    TERM_SDIV,
    TERM_SREM,
    TERM_SHL,
    TERM_LSHR,
    TERM_ASHR,
    TERM_CONCAT,  /* a above b */
    TERM_EXTRACT, /* bits lo to lo + width - 1 of a */
    TERM_ZEXT,
    TERM_SEXT,
    TERM_EQ, /* EQ, ULT, SLT: width 1. a <= b is the negation of b < a */
    TERM_ULT,
    TERM_SLT,
    TERM_ITE, /* c ? a : b */
};

/* struct term: read its fields, never write them. */
struct term {
    uint8_t op;     /* enum term_op */
    uint16_t width; /* bits, 1 to TERM_MAX_WIDTH */
    uint16_t lo;    /* EXTRACT */
    uint32_t id;    /* dense, in order of creation: operands have lower ids */
    const struct term *a, *b, *c;
    union {
        uint64_t k[TERM_LIMBS]; /* CONST: least significant first */
        const char *name;       /* VAR: unique */
    } u;
};
typedef const struct term term;

struct terms;
struct terms *terms_new(void); /* NULL: no memory */
void terms_free(struct terms *t);
bool terms_failed(const struct terms *t);
uint32_t terms_count(const struct terms *t); /* ids are below it */

/* ---- leaves ---- */
term *term_const(struct terms *t, unsigned width, uint64_t value); /* zero-extended, or cut */
term *term_ones(struct terms *t, unsigned width);
term *term_bool(struct terms *t, bool b);
/* term_var: the variable of that name; the same name gives the same variable (of the same width).
 * term_fresh: a variable of its own; its name begins with stem. */
term *term_var(struct terms *t, unsigned width, const char *name);
term *term_fresh(struct terms *t, unsigned width, const char *stem);

static inline bool term_is_const(term *a) {
    return a->op == TERM_CONST;
}
/* term_is_value: is it the constant value? value is zero-extended to the term's width. */
bool term_is_value(term *a, uint64_t value);
static inline bool term_is_true(term *a) {
    return a->op == TERM_CONST && (a->u.k[0] & 1) != 0;
}
static inline bool term_is_false(term *a) {
    return a->op == TERM_CONST && (a->u.k[0] & 1) == 0;
}
/* term_u64: a constant's low 64 bits. in: a constant */
static inline uint64_t term_u64(term *a) {
    return a->u.k[0];
}

/* ---- operators; operands of one width unless said otherwise ---- */
term *term_not(struct terms *t, term *a); /* bitwise; of a truth value its negation */
term *term_neg(struct terms *t, term *a);
term *term_and(struct terms *t, term *a, term *b);
term *term_or(struct terms *t, term *a, term *b);
term *term_xor(struct terms *t, term *a, term *b);
term *term_add(struct terms *t, term *a, term *b);
term *term_sub(struct terms *t, term *a, term *b);
term *term_mul(struct terms *t, term *a, term *b);
term *term_udiv(struct terms *t, term *a, term *b);
term *term_urem(struct terms *t, term *a, term *b);
term *term_sdiv(struct terms *t, term *a, term *b); /* truncating */
term *term_srem(struct terms *t, term *a, term *b);
term *term_shl(struct terms *t, term *a, term *n); /* n has a's width */
term *term_lshr(struct terms *t, term *a, term *n);
term *term_ashr(struct terms *t, term *a, term *n);
term *term_concat(struct terms *t, term *high, term *low);
term *term_extract(struct terms *t, unsigned lo, unsigned width, term *a);
/* term_extract_short: of a product, of no more bits of it than matter: however a byte of it is come
 * by, it is the same term. Where a product is cut to several pieces, it is several products. */
term *term_extract_short(struct terms *t, unsigned lo, unsigned width, term *a);
term *term_zext(struct terms *t, unsigned width, term *a); /* also width == a's */
term *term_sext(struct terms *t, unsigned width, term *a);
term *term_eq(struct terms *t, term *a, term *b);
term *term_ult(struct terms *t, term *a, term *b);
term *term_ule(struct terms *t, term *a, term *b);
term *term_slt(struct terms *t, term *a, term *b);
term *term_sle(struct terms *t, term *a, term *b);
term *term_ite(struct terms *t, term *c, term *a, term *b); /* c of width 1 */

/* ---- made of these ---- */
term *term_ne(struct terms *t, term *a, term *b);
term *term_implies(struct terms *t, term *a, term *b);
term *term_bswap(struct terms *t, term *a);         /* all bytes of a, a multiple of 8 wide */
term *term_rotl(struct terms *t, term *a, term *n); /* by n modulo a's width, a power of two */
/* term_low: the low width bits. term_add_k: a + k, k sign-extended; sums of constants are merged,
 * so that base + offset keeps one form. */
term *term_low(struct terms *t, unsigned width, term *a);
term *term_add_k(struct terms *t, term *a, int64_t k);
/* term_split_k: a as base + k. out: the base (NULL if a is a constant), the constant in *k */
term *term_split_k(term *a, uint64_t *k);
/* Overflow of an operation on width bits, as truth values. */
term *term_add_overflows(struct terms *t, bool is_signed, term *a, term *b);
term *term_sub_overflows(struct terms *t, bool is_signed, term *a, term *b);
term *term_mul_overflows(struct terms *t, bool is_signed, term *a, term *b);

/* term_with: x's operator on other operands, of the same widths; of a leaf, x. */
term *term_with(struct terms *t, term *x, term *a, term *b, term *c);

/* ---- looking at terms ---- */

/* struct assignment: values of variables, by name; those not listed are 0. */
struct assigned {
    const char *name;
    uint64_t k[TERM_LIMBS];
};
struct assignment {
    const struct assigned *vars;
    size_t n;
};

/* term_eval: a's value. cost: O(nodes below a) */
void term_eval(struct terms *t, term *a, const struct assignment *in, uint64_t out[TERM_LIMBS]);

/* terms_hold: are all of n truth values true? out: false without memory, too
 * cost: O(nodes below them + variables of in) */
bool terms_hold(struct terms *t, term *const *roots, size_t n, const struct assignment *in);

/* term_fill: in each of n roots, variables that have a value become it. out: false: no memory
 * cost: as terms_hold */
bool term_fill(struct terms *t, term **roots, size_t n, const struct assignment *in);

/* term_below: the terms that the roots are made of, themselves too, operands first, ids ascending.
 * out: *list, to be freed; its length, 0 if there is no memory
 * cost: O(nodes below, and ids between the lowest and the highest) */
size_t term_below(const struct terms *t, term *const *roots, size_t n_roots, term ***list);

/* term_text: a in SMT-LIB's notation, shared parts written out again: for short terms in messages.
 * out: as snprintf */
int term_text(term *a, char *out, size_t n);

#endif

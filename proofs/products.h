/* products.h: products, quotients and remainders of variables, taken out of a query.
 *
 * A bit-blaster cannot reason about 64-bit products. So each product of two words becomes a
 * variable of 128 bits, each quotient and each quotient times divisor one of 64, and what is known
 * of them is added as lemmas: monotonicity in each operand, small operands, signs, what a remainder
 * is. Lemmas are instances of the facts that provider_lemma.c proves of integers; a test evaluates
 * all instances on random values.
 *
 *     x * y (mod 2^64)        low half of P(x, y), sums multiplied out before
 *     zext(x) * zext(y)       P(x, y), 128 bits
 *     sext(x) * sext(y)       S(x, y), 128 bits, in signed order
 *     x / y, x % y            Q(x, y), x - M(x, y), where M is the quotient times y; signed ones
 *                             have variables of their own
 *
 * Lemmas relate every operand with every other, so products that an argument needs between those of
 * the query are there: P(x, b.max) between P(x, y) and P(a.max, b.max).
 */
#ifndef BPFLAB_PROOFS_PRODUCTS_H
#define BPFLAB_PROOFS_PRODUCTS_H

#include "proofs/term.h"

/* struct products: a query without products. */
struct products {
    term **roots; /* as given, with variables in place of products; for products_fini */
    size_t n_roots;
    term **lemmas; /* true of the real products */
    size_t n_lemmas;
    struct product_var *vars; /* what the variables stand for */
    size_t n_vars;
};

/* struct product_var: var is `real`, a term of the query's own operators. */
struct product_var {
    term *var, *real;
};

enum {
    PRODUCTS_MAX_OPERANDS = 24 /* of one kind; more are refused: use contracts */
};

/* enum products_use: what becomes of products in a query. */
enum products_use {
    PRODUCTS_EXACT, /* they stay */
    PRODUCTS_NAMED, /* variables; of which no more is known than that equal operands have equal
                       results: where contracts tell the rest */
    PRODUCTS_KNOWN, /* variables and all lemmas */
};

/* products_make: rewrite roots.
 * in:   use: named or known
 * out:  false: no memory, or too many operands
 * cost: O(nodes + operands^3) */
bool products_make(struct terms *t, term *const *roots, size_t n, enum products_use use,
                   struct products *out);
void products_fini(struct products *p);

#endif

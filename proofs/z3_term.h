/* z3_term.h: terms as Z3's expressions. Private to smt*.c. */
#ifndef BPFLAB_PROOFS_Z3_TERM_H
#define BPFLAB_PROOFS_Z3_TERM_H

#include <z3.h>

#include "proofs/term.h"

/* struct z3_terms: Z3's expressions of terms, by the terms' ids. A term of width 1 is a Bool. */
struct z3_terms {
    Z3_context z;
    Z3_ast *of; /* by id; NULL: not made yet */
    uint32_t n;
    bool multiplies; /* some of them are products, quotients or remainders of two variables */
};

/* z3_terms_make: make those of all roots and of what is below them.
 * out: false: no memory      cost: O(nodes) */
bool z3_terms_make(struct z3_terms *m, const struct terms *t, term *const *roots, size_t n_roots);
void z3_terms_fini(struct z3_terms *m);

#endif

/* term_store.h: how terms are kept: shared by the files that make them. */
#ifndef BPFLAB_PROOFS_TERM_STORE_H
#define BPFLAB_PROOFS_TERM_STORE_H

#include "proofs/limbs.h"

/* term_make: the node with these fields, made now or found. width, op, operands as in struct term;
 * no rule is applied. */
term *term_make(struct terms *t, enum term_op op, unsigned width, unsigned lo, term *a, term *b,
                term *c);
void terms_fail(struct terms *t); /* there was no memory */
term *term_of_limbs(struct terms *t, unsigned width, struct limbs k);

static inline struct limbs term_limbs(term *a) {
    struct limbs r;
    for (unsigned i = 0; i < TERM_LIMBS; i++)
        r.k[i] = a->u.k[i];
    return r;
}

/* term_fold (term_eval.c): what the operator of node n gives for operands of these values. */
struct limbs term_fold(term *n, struct limbs a, struct limbs b, struct limbs c);

#endif

/* term_rules.h: what the constructors' rules have in common. Private to term*.c. */
#ifndef BPFLAB_PROOFS_TERM_RULES_H
#define BPFLAB_PROOFS_TERM_RULES_H

#include "proofs/term_store.h"

static inline bool term_is_ones(term *a) {
    return term_is_const(a) &&
           limbs_equal(term_limbs(a), limbs_cut(limbs_not(limbs_of(0)), a->width));
}

static inline term *term_zero(struct terms *t, unsigned width) {
    return term_const(t, width, 0);
}

/* term_binary: the node, folded if both operands are constants. */
static inline term *term_binary(struct terms *t, enum term_op op, unsigned width, term *a,
                                term *b) {
    if (term_is_const(a) && term_is_const(b)) {
        const struct term n = {.op = (uint8_t)op, .width = (uint16_t)width, .a = a, .b = b};
        return term_of_limbs(t, width, term_fold(&n, term_limbs(a), term_limbs(b), limbs_of(0)));
    }
    return term_make(t, op, width, 0, a, b, NULL);
}

/* term_order: constants to the right, else the older one to the left. */
static inline void term_order(term **a, term **b) {
    if (term_is_const(*a) || (!term_is_const(*b) && (*a)->id > (*b)->id)) {
        term *was = *a;
        *a = *b;
        *b = was;
    }
}

static inline bool term_has_constant(term *a) {
    return a->op == TERM_ADD && term_is_const(a->b);
}

#endif

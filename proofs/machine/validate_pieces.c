/* validate_pieces.c: what is put together from pieces of registers, as one concatenation of them.
 *
 * Machines that have no instruction for it swap bytes by masks, shifts and ors, and apply constants
 * part by part. What is bitwise can be done to each piece alone, and most of that is nothing: a
 * piece is kept, cleared, set or turned.
 */
#include "proofs/machine/validate_case.h"

/* begins: the bits where a piece of x begins, as far as its form says; the lowest piece is not told
 * of. in: x is of 64 bits at most */
static uint64_t begins(term *x) {
    switch ((enum term_op)x->op) {
    case TERM_CONCAT: return begins(x->b) | (begins(x->a) | 1) << x->b->width;
    case TERM_ZEXT: return begins(x->a) | UINT64_C(1) << x->a->width;
    case TERM_CONST: return (term_u64(x) ^ term_u64(x) << 1) & ~UINT64_C(1);
    default: return 0;
    }
}

/* in_pieces: a bitwise operation, each piece by itself. */
static term *in_pieces(struct terms *t, term *x) {
    const uint64_t at = x->width <= 64 ? begins(x->a) | begins(x->b) : 0;
    term *all = NULL;
    unsigned lo = 0;
    for (unsigned i = 1; at && i <= x->width; i++) {
        if (i < x->width && !(at >> i & 1))
            continue;
        term *const one = term_with(t, x, term_extract(t, lo, i - lo, x->a),
                                    term_extract(t, lo, i - lo, x->b), NULL);
        all = all ? term_concat(t, one, all) : one;
        lo = i;
    }
    return all ? all : x;
}

term *vpieces_rule(void *self, term *x) {
    struct terms *const t = self;
    switch ((enum term_op)x->op) {
    case TERM_AND:
    case TERM_OR:
    case TERM_XOR: return in_pieces(t, x);
    case TERM_EXTRACT: return term_extract_short(t, x->lo, x->width, x->a);
    default: return x;
    }
}

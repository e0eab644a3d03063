/* link.h: scalars that hold the same value, or values a constant apart, learn from each other.
 *
 * A move gives source and destination one id; adding a constant keeps it and records the delta:
 *     r2 = r1; r2 += 5     r1: id 7     r2: id 7, has_delta, off 5     (r2 = r1 + 5 mod 2^64)
 * When a branch refines one of them, the others get the same refinement, shifted by their deltas.
 * What computes anything else clears the id, and the delta with it.
 *
 * source: the idea of Linux's "linked registers".
 */
#ifndef BPFLAB_VERIFIER_LINK_H
#define BPFLAB_VERIFIER_LINK_H

#include "verifier/step.h"

/* link_clear: the scalar is no longer linked to any other. */
static inline void link_clear(struct reg *r) {
    r->id = 0;
    r->off = 0;
    r->has_delta = false;
}

/* link_share: give the scalar *src an id that a copy of it may keep. A constant needs none; one
 * that has a delta gets a new id, since a delta is to the id's own value and cannot be chained.
 * in: any register; pointers are left alone */
void link_share(struct step *s, struct reg *src);

/* link_add: *r, which had its id and delta, has just become r + k; does it stay linked?
 * in: k: the constant; only deltas of 0 to INT32_MAX are kept, and one addition */
void link_add(struct reg *r, uint64_t k);

/* link_collect: the registers and spilled scalars of identity id join eff.linked; from the seventh
 * place on they are cut off (Linux's limit), so that what is recorded is all that is refined. */
void link_collect(struct step *s, uint32_t id);

/* link_sync: give what is known of the scalar *known of st to all places in eff.linked that share
 * its id. in: *known is a register of st      cost: O(linked) */
void link_sync(const struct step *s, struct state *st, const struct reg *known);

#endif

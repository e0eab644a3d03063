/* mask.h: arithmetic of programs without privileges is masked when it runs, so that a processor
 * which speculates past a bounds check cannot leave an object. One mask belongs to one instruction:
 * what would need several, or one that is not known, is refused.
 *
 * Only additions and subtractions of a register count; immediates need no mask.
 * source: the idea of Linux's sanitize_ptr_alu and sanitize_val_alu.
 */
#ifndef BPFLAB_VERIFIER_MASK_H
#define BPFLAB_VERIFIER_MASK_H

#include "verifier/step.h"

/* mask_before: may the pointer be moved by off? Begins the mask.
 * mask_after: the same of the pointer as it is then; the mask is s->eff.mask.
 * in:  ptr_in_dst: the pointer is the instruction's first operand
 * out: false: rejected */
bool mask_before(struct step *s, const struct reg *ptr, struct scalar off, bool ptr_in_dst,
                 struct mask *m);
bool mask_after(struct step *s, const struct reg *moved, const struct mask *m);

/* mask_number: the instruction adds (subtracts) a number to a number. */
void mask_number(struct step *s);

/* mask_agree: may an instruction have both masks, on different paths? */
static inline bool mask_agree(struct mask a, struct mask b) {
    return a.how == b.how && a.limit == b.limit;
}

/* mask_refuse_paths: it may not. out: false, with *rep filled */
bool mask_refuse_paths(const struct step *s, struct report *rep);

#endif

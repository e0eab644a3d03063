/* wrong.h: back ends with a defect each, which the proof of a unit must find: private to
 * provider_backend.c. They stand for what another instruction in its place (struct plant) cannot:
 * frames, sites, memory order, what is not an instruction's to touch.
 */
#ifndef BPFLAB_PROOFS_MACHINE_WRONG_H
#define BPFLAB_PROOFS_MACHINE_WRONG_H

#include "jit/arch.h"

/* struct wrong: a defect. */
struct wrong {
    const char *target; /* NULL: of every one */
    const char *unit;   /* a row, or what is not one */
    const char *name;   /* of the defect, in the unit's: "swapped" */
    const char *found;  /* is in what is said of it, which may be an error of path.c; "": any */
    /* a: a copy of the back end `right`, to be made wrong */
    void (*spoil)(struct jit_arch *a, const struct jit_arch *right);
};
extern const struct wrong wrongs[];
extern const unsigned n_wrongs;

#endif

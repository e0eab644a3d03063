/* explored.h: what an exploration learns of the program besides its states, whichever way it goes:
 * how much stack functions use, which global functions are called, what kind of pointer each
 * access goes through, which map each tail call uses, how each addition is masked.
 */
#ifndef BPFLAB_VERIFIER_EXPLORED_H
#define BPFLAB_VERIFIER_EXPLORED_H

#include "verifier/step.h"

enum global_state {
    GLOBAL_UNUSED,
    GLOBAL_CALLED,
    GLOBAL_EXPLORED,
};

struct explored {
    const struct subject *sub;
    uint8_t *called_back;  /* n_subprogs: sets of enum called_back */
    uint8_t *global;       /* n_subprogs: enum global_state */
    uint8_t *access_kind;  /* n_insns: enum reg_kind of the pointer, REG_UNINIT before the first */
    uint32_t *tail_map;    /* n_insns: 1 + the map of a tail call, 0 before the first */
    struct mask *masks;    /* n_insns; NULL with privileges */
    uint16_t *stack_bytes; /* n_subprogs: stack used */
};

/* explored_init: the exception callback counts as called. errors: NOMEM */
enum bpflab_err explored_init(const struct subject *sub, struct explored *out);
void explored_fini(struct explored *e);

/* explored_step: what the step at s->pc, made in frame `depth`, shows; its forks are still there.
 * out: false: rejected: the access goes through pointers that do not go together, or an
 *      unprivileged program's tail call uses several maps */
bool explored_step(struct explored *e, const struct step *s, uint32_t depth, struct report *rep);

/* explored_mask: the step's mask, of a path: a joined state's is none of a path's.
 * out: false: rejected: an earlier path had another */
bool explored_mask(struct explored *e, const struct step *s, struct report *rep);

/* explored_check_stack: subject_check_stack, by what the exploration found.
 * out: false: rejected, or *err */
bool explored_check_stack(const struct explored *e, struct report *rep, enum bpflab_err *err);

/* explored_next_global: a global function that was called and not yet explored, marked explored.
 * out: its index, 0 if there is none */
uint32_t explored_next_global(struct explored *e);

#endif

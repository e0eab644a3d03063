/* entry.h: the state in which a function that is verified on its own begins: the program with its
 * context, a global function with arguments as its types say.
 */
#ifndef BPFLAB_VERIFIER_ENTRY_H
#define BPFLAB_VERIFIER_ENTRY_H

#include "verifier/step.h"

/* entry_state: *st becomes the state at the first instruction of subprogram `subprog`.
 * in:     s: subject, next_id
 * out:    false: rejected (s->rep) or out of memory (s->err) */
bool entry_state(struct step *s, uint32_t subprog, struct state *st);

#endif

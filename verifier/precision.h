/* precision.h: which scalars had to be known exactly, found by walking a path backwards.
 *
 * When a value decides something (a branch, an offset, a size), the registers and spilled scalars
 * that it was computed from must be *precise* in every kept state before: a later state may be
 * covered by a kept one only if its precise scalars lie inside the kept ones. All others may differ
 * freely, which is what makes pruning work.
 *
 * The walk follows the history of a path from its last instruction to its parent's, then the
 * parent's, and so on, until what was asked for has been defined, or is known to be precise there.
 * Where it cannot follow, every scalar of the path is marked: sound, and rare.
 * source: the idea of Linux's mark_chain_precision.
 */
#ifndef BPFLAB_VERIFIER_PRECISION_H
#define BPFLAB_VERIFIER_PRECISION_H

#include "verifier/vlog.h"

/* struct wanted: what is asked to be precise, by frame. */
struct wanted {
    uint32_t frame; /* the frame the walk is in */
    uint16_t regs[STATE_MAX_FRAMES];
    uint64_t slots[STATE_MAX_FRAMES];
};

/* struct precision: what the walk needs to know of each instruction, found once. */
struct precision {
    const struct subject *sub;
    /* n_insns, owned: registers (bit r) that must be wanted for the instruction to change what is
     * wanted; WALK_ALWAYS: it must be looked at in any case */
    uint16_t *touched_by;
    struct vlog *log; /* or NULL: where walks are told */
};

/* precision_init: errors: NOMEM      cost: O(n) */
enum bpflab_err precision_init(const struct subject *sub, struct precision *out);
void precision_fini(struct precision *p);

/* precision_mark: mark what w asks for, as it was before the instruction at p->pc, in the kept
 * states before p.
 * in:     w->frame is the frame of that instruction; w is used up
 * out:    has a mark been set that was not there?      cost: O(instructions walked) */
bool precision_mark(const struct precision *pr, struct path *p, struct wanted *w);

/* precision_mark_all: every scalar of every kept state before p. out: as above */
bool precision_mark_all(struct path *p);

/* precision_from: what the continuation of the kept state k needed to be precise: its precise
 * scalars that are live. in: live_regs, by frame */
void precision_from(const struct kept *k, const uint16_t live_regs[STATE_MAX_FRAMES],
                    struct wanted *w);

#endif

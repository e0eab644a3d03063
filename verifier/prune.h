/* prune.h: is a state covered by an older one, so that its path need not be followed again?
 *
 * old covers cur at the same instruction if every concrete run that starts in cur is also one that
 * starts in old, as far as the rest of the program can tell:
 *   - registers and slots that nothing reads any more (dead) do not count;
 *   - a scalar of old whose exact value decided nothing (imprecise) may be any number;
 *   - all other scalars of cur lie inside those of old: set inclusion;
 *   - pointers are of the same kind to the same object, and as far inside of it;
 *   - identities may have other numbers, but whatever is equal in old is equal in cur. More may be
 *     equal in cur, except references: two that old gives back one by one must be two in cur.
 *
 * source: the idea of Linux's states_equal; 6.12 for what precise and linked scalars mean.
 */
#ifndef BPFLAB_VERIFIER_PRUNE_H
#define BPFLAB_VERIFIER_PRUNE_H

#include "verifier/state.h"

enum prune_mode {
    /* old has been followed to its end: imprecise scalars match any scalar */
    PRUNE_NOT_EXACT,
    /* does a loop make no progress? everything is equal, up to the numbers of identities */
    PRUNE_EXACT,
    /* has a loop converged whose first round is not finished (iterators, callbacks, may_goto)?
     * precision is not known yet, so every scalar of cur lies inside old's */
    PRUNE_RANGE_WITHIN,
};

/* struct prune_live: what may still be read: of each frame, registers (bit r) and slots (bit k). */
struct prune_live {
    uint16_t regs[STATE_MAX_FRAMES];
    uint64_t slots[STATE_MAX_FRAMES];
};

/* prune_live_all: everything is live. */
static inline struct prune_live prune_live_all(void) {
    struct prune_live all;
    for (uint32_t i = 0; i < STATE_MAX_FRAMES; i++) {
        all.regs[i] = UINT16_MAX;
        all.slots[i] = UINT64_MAX;
    }
    return all;
}

enum {
    PRUNE_MAX_IDS = 256 /* identities compared in one call; with more, nothing is covered */
};

/* struct prune_ids: room to pair identities in; the caller owns it, sets uninit_stack_ok, and lends
 * it to every call. */
struct prune_ids {
    bool uninit_stack_ok; /* the program may read stack that was never written (privileged) */
    bool exact_numbers;   /* numbers are covered by equal ones only: masks depend on them */
    uint32_t n, n_unnamed;
    struct {
        uint32_t old, cur;
        bool is_ref;
    } pair[PRUNE_MAX_IDS];
};

/* prune_covers: is cur covered by old?
 * in:     two states at the same instruction; scratch->uninit_stack_ok set
 * out:    true is never wrong, if live has all that is read later and precise marks in old are
 *         complete (NOT_EXACT only)
 * errors: none        cost: O(live registers + slots of old), times the identities met */
bool prune_covers(const struct state *old, const struct state *cur, const struct prune_live *live,
                  enum prune_mode mode, struct prune_ids *scratch);

/* prune_maybe_looping: are the current frames' registers the same, bit for bit? Cheap, and false
 * means that EXACT would be false too, for paths on which no new identity was made. */
bool prune_maybe_looping(const struct state *old, const struct state *cur);

/* state_clear_dead: forget dead registers and slots of a state that has been followed to its end:
 * they never matter again.
 * in: r10 counts as live        out: fewer slots where the last ones are dead */
void state_clear_dead(struct state *st, const struct prune_live *live);

#endif

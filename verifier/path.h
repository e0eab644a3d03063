/* path.h: a path of the exploration: the state it is in, and how it came there.
 *
 * Paths form a tree. Its inner nodes are *kept* states: at some instructions the state is kept, so
 * that later paths which come there with nothing new can end. A path knows the kept state it
 * started from (parent) and the history of instructions since then; so does each kept state, up to
 * the entry. Along this chain run, backwards, what a continuation needs to know of its past:
 * which scalars had to be precise (precision.h) and which stack slots were read.
 *
 *      entry ── kept ── kept ──── path (running)
 *                  \─── kept ──── path (waiting)
 *
 * A kept state's branches count the paths below it that have not ended. At 0 all that can follow it
 * has been seen to be safe.
 */
#ifndef BPFLAB_VERIFIER_PATH_H
#define BPFLAB_VERIFIER_PATH_H

#include "verifier/step.h"

#define PATH_NO_PC UINT32_MAX

/* struct hist: a remembered instruction: one that was not reached from the slot before it, or one
 * that moved a register through a stack slot or refined linked scalars. */
struct hist {
    uint32_t pc, prev_pc; /* prev_pc: executed before it; PATH_NO_PC at the entry */
    bool moved_slot, moved_by_dst, moved_by_src;
    uint8_t moved_frame, moved_index;
    uint8_t n_linked;
    struct linked linked[STEP_MAX_LINKED];
};

struct path {
    struct kept *parent; /* NULL: starts at an entry */
    uint32_t pc;         /* the instruction to be executed next */
    uint32_t prev_pc;    /* the one executed before, PATH_NO_PC at the entry */
    uint32_t first_pc;   /* where the history starts: the parent's pc */
    uint32_t branches;   /* paths below, this one included, that have not ended */
    struct state st;
    struct hist *hist; /* owned; since the parent, oldest first */
    uint32_t n_hist, hist_cap;
    bool remembered; /* the last history entry is of the instruction at pc */
    uint32_t record; /* of the kept knowledge: the step before; 0: none */
    size_t log_end;  /* how much of the log tells of this path */
    /* by frame: slots overwritten since the parent; all, for a frame made since then */
    uint64_t written[STATE_MAX_FRAMES];
    struct path *next; /* in a list of waiting or of free paths */
};

/* struct kept: a state kept for comparison. What every comparison looks at comes first. */
struct kept {
    struct kept *next; /* in the list of its instruction, or of the evicted */
    uint64_t look;     /* a hash of the current frame's registers: differs where they do */
    uint32_t n_hits, n_misses;
    bool evicted; /* compared no longer, but parent of something */
    bool cleaned; /* what is dead has been cleared */
    struct path p;
    /* by frame: slots that a continuation read before it wrote them. Final when branches is 0 and
     * the loop around it is over. */
    uint64_t read[STATE_MAX_FRAMES];
    size_t n_bytes; /* counted against the budget */
};

/* path_copy: *dst, initialised or zero, becomes a copy of src: another path from the same parent.
 * path_copy_past: all but the state.      errors: NOMEM
 * path_fini: free what it owns */
enum bpflab_err path_copy_past(struct path *dst, const struct path *src);
enum bpflab_err path_copy(struct path *dst, const struct path *src);
void path_fini(struct path *p);
size_t path_bytes(const struct path *p);

/* path_words: the instructions that led to p->pc, oldest first: "0-5, 9-12"; the oldest are left
 * out where there is no room. */
void path_words(const struct path *p, char *buf, size_t size);

/* path_same_calls: are two states at one pc under the same chain of calls? */
bool path_same_calls(const struct state *a, const struct state *b);

/* path_remember: the history entry of the instruction at p->pc, made at the first call.
 * out: NULL if out of memory */
struct hist *path_remember(struct path *p);

/* path_mark_read: a continuation of p reads these slots of a frame: kept states before p must keep
 * them, back to where they were written.
 * out: has a kept state learnt something new?      cost: O(kept states that learn it) */
bool path_mark_read(struct path *p, uint32_t frame, uint64_t slots);

/* path_advance: the instruction at p->pc has been executed, the one at pc is next. */
static inline void path_advance(struct path *p, uint32_t pc) {
    p->prev_pc = p->pc;
    p->pc = pc;
    p->remembered = false;
}

/* path_start: the path of a kept state's continuation: parent k, no history. */
void path_start(struct path *p, struct kept *k);

#endif

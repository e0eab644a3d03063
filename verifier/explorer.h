/* explorer.h: the state of a path exploration, shared by its parts: paths.c runs paths, visit.c
 * compares and keeps states.
 */
#ifndef BPFLAB_VERIFIER_EXPLORER_H
#define BPFLAB_VERIFIER_EXPLORER_H

#include "verifier/explored.h"
#include "verifier/knowledge.h"
#include "verifier/loops.h"
#include "verifier/prune.h"
#include "verifier/vlog.h"

struct explorer {
    const struct subject *sub;
    struct knowledge *know; /* or NULL */
    struct vlog log;
    struct step step;
    uint32_t next_id;
    struct path *cur;     /* the path being followed */
    struct path *waiting; /* stack of branches not yet followed */
    uint64_t n_waiting;
    struct path *free_paths;
    struct kept **kept_at; /* n_insns lists: states kept at each instruction, newest first */
    struct kept *evicted;  /* compared no longer, freed when nothing needs them */
    struct precision precision;
    struct loops loops;
    struct prune_ids ids;
    struct explored seen;
    uint64_t start_ns;
    /* counted since the start, and when a state was last kept */
    uint64_t jumps, kept_insns, kept_jumps;
    uint64_t look; /* struct kept's, of the current state, in one explorer_visit */
    bool look_known;
    uint64_t kept_bytes, n_kept;
    struct kept *newest; /* kept by the last explorer_visit, or NULL */
    struct verify_stats stats;
    struct report *rep; /* of the result */
    enum verdict verdict;
    enum bpflab_err err;
};

/* What the kept states say of the current path. */
enum visit {
    VISIT_NEW,     /* go on */
    VISIT_COVERED, /* an older state covers it: the path ends well */
    VISIT_STOP,    /* rejected, out of budget or failed: verdict and rep, or err, are set */
};

/* explorer_visit: compare the current path's state with the ones kept at its instruction, and keep
 * it where that will help.        cost: O(kept states there) */
enum visit explorer_visit(struct explorer *x);

/* explorer_leave: a path has ended: its past has one branch less; what has none left is final. */
void explorer_leave(struct explorer *x, struct path *p);

/* explorer_forget: free all kept states (between entries, and at the end). */
void explorer_forget(struct explorer *x);

/* explorer_spent: end with UNKNOWN. out: false */
bool explorer_spent(struct explorer *x, const char *what, uint64_t limit);

/* explorer_path: an unused path, its state's memory there to be used again. NULL: out of memory */
struct path *explorer_path(struct explorer *x);
void explorer_recycle(struct explorer *x, struct path *p);

#endif

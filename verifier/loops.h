/* loops.h: kept states inside loops, whose marks are not final before the loop has been explored.
 *
 * A path that comes round a loop may be covered by a state kept earlier in the same loop, although
 * that one's continuation has not ended: an iterator's, a callback's and may_goto's loops are known
 * to end, so "nothing new" is enough. But what that continuation needs (precision, stack slots
 * read) is then known only in part, and the covered path's own past must learn it as well: the path
 * is remembered as a *back edge*.
 *
 * A *visit* is one entry into a strongly connected component of the graph, under one chain of
 * calls. When the state that entered it has no branches left, needs are carried over its back edges
 * until nothing changes; from then on its states are as good as any others.
 * source: the idea of Linux's backedge propagation (6.16).
 */
#ifndef BPFLAB_VERIFIER_LOOPS_H
#define BPFLAB_VERIFIER_LOOPS_H

#include "verifier/precision.h"

struct loop_visit;

struct loops {
    const struct subject *sub;
    const struct precision *precision;
    struct loop_visit *visits; /* owned, in a list */
    uint64_t n_bytes;          /* held by back edges */
};

void loops_fini(struct loops *l);

/* loops_enter: state k has just been kept: it enters a loop, if it is the first in one.
 * errors: NOMEM */
enum bpflab_err loops_enter(struct loops *l, struct kept *k);

/* loops_leave: k has no branches left: if it entered a loop, its back edges' needs are settled. */
void loops_leave(struct loops *l, struct kept *k);

/* loops_open: is k in a loop with back edges that are not settled?  cost: O(visits of the pc) */
bool loops_open(const struct loops *l, const struct kept *k);

/* loops_back_edge: p ends because k covers it, and k's continuation is not final.
 * errors: NOMEM */
enum bpflab_err loops_back_edge(struct loops *l, struct kept *k, const struct path *p);

/* loops_carry: what k's continuation needs, the past of p must provide, too: precision and slots.
 * out: has a kept state learnt something new? */
bool loops_carry(const struct precision *pr, const struct kept *k, struct path *p);

/* path_live_regs: registers that are live in each frame of a state at pc. Callers: those that the
 * code behind the call (or the call itself, repeated for a callback) reads. */
void path_live_regs(const struct subject *sub, const struct state *st, uint32_t pc,
                    uint16_t live[STATE_MAX_FRAMES]);

#endif

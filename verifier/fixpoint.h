/* fixpoint.h: exploration by joining and widening: one state for each instruction under each chain
 * of calls, computed until nothing changes. Polynomial, where following every path is not.
 *
 * It knows less than path exploration: what depends on which path was taken is lost at joins. So it
 * may reject what path exploration accepts; what it accepts is safe, and ends: every loop must have
 * a counter that the states bound (terminate.h).
 */
#ifndef BPFLAB_VERIFIER_FIXPOINT_H
#define BPFLAB_VERIFIER_FIXPOINT_H

#include "verifier/knowledge.h"

/* fixpoint_explore: the program's entry, then every global function that is called.
 * in:     know: NULL if nothing is to be kept; else it gets the states
 * out:    out->verdict, report and stats
 * errors: NOMEM, INTERNAL      cost: within the budget */
enum bpflab_err fixpoint_explore(const struct subject *sub, struct knowledge *know,
                                 struct verify_result *out);

/* struct node: the state of one instruction under one chain of calls. */
struct node {
    struct state st;
    uint32_t pc;
    uint32_t n_joins;
    bool queued;
    struct node *next; /* of the same instruction */
};

#endif

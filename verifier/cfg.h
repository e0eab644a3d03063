/* cfg.h: the graph of a program: what follows on what, where paths meet, and its loops.
 *
 * A slot of the program is a node. Where states are compared (prune points) and where a path's
 * history has entries are decided here, by Linux's rules: how many instructions are processed until
 * a program is accepted depends on them.
 *
 *     instruction                       its own place          where it leads
 *     goto                                                     PRUNE, HISTORY
 *     conditional jump                  PRUNE                  target: PRUNE, HISTORY
 *     may_goto                          PRUNE, FORCE           target: PRUNE, HISTORY
 *     any call                                                 following: PRUNE, HISTORY
 *     call of a function, its address   PRUNE                  function: PRUNE, HISTORY
 *     call that calls back              PRUNE, FORCE, HISTORY
 *     the same, but later (timers)      PRUNE
 *     next of an iterator               PRUNE, FORCE
 *
 * source: check_cfg and visit_insn of Linux 6.12; 6.18 for strongly connected components.
 */
#ifndef BPFLAB_VERIFIER_CFG_H
#define BPFLAB_VERIFIER_CFG_H

#include "verifier/subject.h"

enum {
    CFG_MAX_SUCCESSORS = 2
};

/* cfg_successors: where control goes from pc inside the function, calls stepped over: the following
 * instruction first, then a jump's target.
 * in: all jumps checked       out: how many, 0 for exit */
uint32_t cfg_successors(const struct subject *s, uint32_t pc, uint32_t to[CFG_MAX_SUCCESSORS]);

/* cfg_check: is all code reached (from the entry, calls and code addresses followed, and from the
 * exception callback), without entering the second half of a 64-bit immediate, and without loops
 * where those are not allowed (unprivileged)? Fills pc_flags.
 * out: false: rejected, or *err     cost: O(n) */
bool cfg_check(struct subject *s, struct report *rep, enum bpflab_err *err);

/* cfg_find_loops: the strongly connected components of each function, and of calls that call back a
 * component of one: fills scc and n_sccs.
 * out: false: *err        cost: O(n) */
bool cfg_find_loops(struct subject *s, enum bpflab_err *err);

#endif

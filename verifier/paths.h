/* paths.h: path-sensitive exploration, as Linux's verifier does it: every path is followed to its
 * end, unless a state that was kept before covers it.
 *
 * source: the idea of Linux's do_check and is_state_visited; the rules that decide where states are
 * kept and dropped are the same, so that the numbers of processed instructions can be compared.
 */
#ifndef BPFLAB_VERIFIER_PATHS_H
#define BPFLAB_VERIFIER_PATHS_H

#include "verifier/subject.h"

/* paths_explore: the program's entry, then every global function that is called, each on its own.
 * in:     know: NULL if nothing is to be kept
 * out:    out->verdict, report and stats
 * errors: NOMEM, INTERNAL      cost: within the budget */
enum bpflab_err paths_explore(const struct subject *sub, struct knowledge *know,
                              struct verify_result *out);

#endif

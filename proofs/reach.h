/* reach.h: values that get to a place, where all that is assumed by then holds.
 *
 * That there are some is what keeps a proof from being about nothing. By the time a theorem gets
 * to its last checks much has been assumed that has nothing to do with them. So values are found
 * first for what the place hangs on (relevant.h), and then, with these fixed, for one thing after
 * the other that something is assumed of, the oldest first. Where that comes to nothing, all is
 * asked at once.
 */
#ifndef BPFLAB_PROOFS_REACH_H
#define BPFLAB_PROOFS_REACH_H

#include "proofs/smt.h"

/* reach: in:  q's assumptions, and the condition under which control gets there; q's goal is not
 *             looked at
 *        out: PROVED with values under which all of it is true: it was evaluated; REFUTED: there
 *             are none; TIMEOUT, ERROR
 *        cost: a query for each thing, most of them small, and perhaps one of all */
void reach(struct terms *t, const struct smt_query *q, term *reached, struct smt_answer *out);

/* reach_shows: do these values satisfy all of it? */
bool reach_shows(struct terms *t, term *const *assumed, size_t n, term *reached,
                 const struct smt_answer *a);

#endif

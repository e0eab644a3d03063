/* select.h: which units and obligations are meant, by globs.
 *
 * A glob ('*' also matches '/') is held against the unit's name, its name without "@LEVEL" and its
 * family. One with ": " in it is about obligations: what stands before picks units, which are run
 * as a whole, and of their obligations those that match are shown.
 */
#ifndef BPFLAB_PROOFS_SELECT_H
#define BPFLAB_PROOFS_SELECT_H

#include "proofs/prove.h"

/* select_unit, select_obligation: does one of the globs mean it? No globs mean everything.
 * in: o is one of u's */
bool select_unit(const char *const *globs, size_t n, const struct unit *u);
bool select_obligation(const char *const *globs, size_t n, const struct unit *u,
                       const struct obligation *o);

#endif

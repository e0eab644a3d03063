/* open.h: which units are not proved yet (proofs/open.txt): an open question is no proof and no
 * refutation. They are not in the default run, and the ledger is fresh without them; --only runs
 * them.
 */
#ifndef BPFLAB_PROOFS_OPEN_H
#define BPFLAB_PROOFS_OPEN_H

#include <stdbool.h>

/* open_unit: is a unit of that name open? cost: O(list) */
bool open_unit(const char *name);

#endif

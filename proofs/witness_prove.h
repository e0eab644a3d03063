/* witness_prove.h: a refuted obligation's program, for bpflab prove --witness. */
#ifndef BPFLAB_PROOFS_WITNESS_PROVE_H
#define BPFLAB_PROOFS_WITNESS_PROVE_H

#include "proofs/prove.h"

/* witness_prove: write what witness_from_text writes (providers.h: prove_witness).
 * out: *path: the case without an access out of bounds; the other is beside it. false: why in err.
 *      A program that this verifier is right about is written too: its comments say so */
bool witness_prove(const struct obligation *o, const char *dir, char path[512], char err[160]);

#endif

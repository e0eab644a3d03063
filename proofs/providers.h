/* providers.h: what bpflab-prove is put together from: who lists units (prove.h), what made the
 * code that they are about, and who makes programs of counterexamples. providers.c answers; the
 * tests of the command line have answers of their own.
 */
#ifndef BPFLAB_PROOFS_PROVIDERS_H
#define BPFLAB_PROOFS_PROVIDERS_H

#include "proofs/prove.h"

/* prove_solver: "z3 4.8.12"; prove_tools: what else results depend on: "llvm 19.1.7".
 * Without tabs. The prover's number is raised when what it proves of the same source changes. */
const char *prove_solver(void);
void prove_tools(char out[80]);

/* prove_witness: make a program of a refuted obligation, as a file in dir.
 * out: its path; false: why not, in err */
typedef bool prove_witness(const struct obligation *o, const char *dir, char path[512],
                           char err[160]);
/* prove_witness_maker: NULL if this build has none. */
prove_witness *prove_witness_maker(void);

#endif

/* z3_solver.h: how Z3 goes about a query of bits. Private to smt*.c. */
#ifndef BPFLAB_PROOFS_Z3_SOLVER_H
#define BPFLAB_PROOFS_Z3_SOLVER_H

#include <stdbool.h>
#include <z3.h>

/* z3_solver_make: a solver for one query of truth values and bit vectors, no functions.
 * in: thorough: by Z3's own strategy: where there are products, quotients or remainders of two
 *         variables, or where the shorter one took too long
 *     timeout_ms: of a check
 * out: one reference, for Z3_solver_dec_ref. cost: a fraction of a millisecond
 */
Z3_solver z3_solver_make(Z3_context z, bool thorough, unsigned timeout_ms);

#endif

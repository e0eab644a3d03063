/* native.h: theorems on random values.
 *
 * The same theorems, compiled for this machine: proof_any draws a random value, with a preference
 * for corners; assume(false) ends a case without a verdict; a check that fails prints the values
 * drawn. It finds theorems that are wrong, and wrong code, in seconds; it proves nothing.
 *
 *     proofs_native_test [CASES [SEED [NAME]]]     NAME: "tnum/add", or a part of it
 */
#ifndef BPFLAB_PROOFS_THEOREM_NATIVE_H
#define BPFLAB_PROOFS_THEOREM_NATIVE_H

#define PROOF_NATIVE

#endif

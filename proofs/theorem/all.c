/* all.c: the one translation unit that is proved: the domain's sources as they ship, so that static
 * functions can be named too, and the theorems about them.
 */
#include "proofs/theorem/contract.h"

#include "verifier/domain/alu.h"
#include "verifier/domain/raw.h"

#include "verifier/domain/tnum.c"

#include "verifier/domain/range.c"

#include "verifier/domain/scalar_lattice.c"

#include "verifier/domain/scalar_reduce.c"

#include "verifier/domain/scalar_alu.c"

#include "verifier/domain/scalar_mul_div.c"

#include "verifier/domain/scalar_shift.c"

#include "verifier/domain/scalar_refine.c"

#include "verifier/domain/alu.c"

#include "verifier/offset.c"

uint64_t proof_ghosts[GHOSTS];
unsigned proof_n_ghosts;
struct proof_pair proof_pairs[PAIRS];
unsigned proof_n_pairs;

void ghost(uint64_t x) {
    proof_ghosts[proof_n_ghosts++] = x;
}

void ghost_pair(word x, word y) {
    proof_pairs[proof_n_pairs++] = (struct proof_pair){x, y};
}

#include "proofs/theorem/rows.h"

#include "proofs/theorem/lemma.h"

#include "proofs/theorem/tnum.c"

#include "proofs/theorem/range.c"

#include "proofs/theorem/range_mul_div.c"

#include "proofs/theorem/range_ends.c"

#include "proofs/theorem/reduce.c"

#include "proofs/theorem/lattice.c"

#include "proofs/theorem/mul.c"

#include "proofs/theorem/shift.c"

#include "proofs/theorem/alu.c"

#include "proofs/theorem/mul_div.c"

#include "proofs/theorem/alu_rows.c"

#include "proofs/theorem/jump.c"

#include "proofs/theorem/use.c"

#include "proofs/theorem/memberless.c"

/* harness.h: what theorems are written with.
 *
 * A theorem is a C function that draws arbitrary values, assumes what it needs, calls the shipped
 * function and checks what must hold. Compiled to LLVM bitcode together with the sources it is
 * about (theorem/all.c), it is executed symbolically: every check is an obligation for the solver,
 * for all values at once. Compiled natively (theorem/native.h), the same function runs on random
 * values.
 *
 *     THEOREM(tnum, add) {
 *         const word x = any_word("x"), y = any_word("y");
 *         const struct tnum a = any_tnum_with("a", x), b = any_tnum_with("b", y);
 *         check("contains", tnum_contains(tnum_add(a, b), x + y));
 *     }
 *     PLANT(tnum, add, tnum_add, struct tnum, (struct tnum a, struct tnum b)) {
 *         ... a wrong tnum_add: with it, the theorem must be refuted
 *     }
 *
 * Contracts (contract.h): a function may stand for what has been proved of it.
 *
 * Names are found in the bitcode: theorem__FAMILY__NAME, plant__FAMILY__NAME__FUNCTION,
 * contract__FUNCTION; so a list of theorems can never be out of date.
 */
#ifndef BPFLAB_PROOFS_THEOREM_HARNESS_H
#define BPFLAB_PROOFS_THEOREM_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

/* ---- the five things the translator knows; name and what are string literals ---- */

/* proof_any: an arbitrary value of so many bits (1 to 64), zero-extended; in counterexamples it has
 * this name. */
uint64_t proof_any(unsigned bits, const char *name);
/* assume: only cases where c holds count. A theorem whose assumptions together cannot hold is an
 * error, not a proof. */
void assume(bool c);
/* check: c must hold wherever the theorem gets to. An obligation of its own. */
void check(const char *what, bool c);
/* uses: in this theorem, calls of the function are its contract. At the beginning of a theorem. */
void uses(const char *function);
/* hint: how to prove it. "products": products, quotients and remainders of variables are
 * uninterpreted functions with the lemmas of proofs/products.c; "products named": without lemmas,
 * because contracts say all that is needed. "source-only": proved at -O0 alone
 * (the reason belongs beside it). "nightly": not in the default run. "whole": not
 * split into cases. At the beginning of a theorem.
 * */
void hint(const char *how);
/* proof_opaque: x, of which the solver knows no more than what is assumed and checked of
 * proof_opaque(x): the same words are the same. What is proved so holds for any word in its place.
 * Planted defects are refuted with all that is known of x. */
uint64_t proof_opaque(uint64_t x);
/* proof_spec_alu, proof_spec_jump: what the specification (proofs/spec.h) says of an instruction;
 * op is an enum op, big_endian a constant. Natively: op_eval_alu, op_eval_jmp. */
uint64_t proof_spec_alu(unsigned op, uint64_t dst, uint64_t src, bool big_endian, uint64_t arena);
bool proof_spec_jump(unsigned op, uint64_t dst, uint64_t src);

#ifdef PROOF_NATIVE
#define PROOF_LISTED(family, name)                                                                 \
    static const struct proof_native listed__##family##__##name                                    \
        __attribute__((used, section("proof_theorems"))) = {#family, #name,                        \
                                                            theorem__##family##__##name};
struct proof_native {
    const char *family, *name;
    void (*run)(void);
};
#else
#define PROOF_LISTED(family, name)
#endif

#define THEOREM(family, name)                                                                      \
    void theorem__##family##__##name(void);                                                        \
    PROOF_LISTED(family, name)                                                                     \
    void theorem__##family##__##name(void)

/* PLANT: a wrong function with the signature of the right one. A theorem may have several, of
 * different functions; one whose plant is not refuted is a failure. The native test does not run
 * them. */
#define PLANT(family, name, function, result, params)                                              \
    result plant__##family##__##name##__##function params;                                         \
    result plant__##family##__##name##__##function params

/* ghost: a word that contracts speak of, up to GHOSTS of them. */
enum {
    GHOSTS = 4
};
void ghost(uint64_t x);
extern uint64_t proof_ghosts[GHOSTS];
extern unsigned proof_n_ghosts;

#endif

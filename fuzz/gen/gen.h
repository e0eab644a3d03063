/* gen.h: generators: choices (fuzz/input.h) become a case (fuzz/case.h).
 *
 * Structured generators put programs together from *pieces*, each a few instructions that a
 * verifier has some reason to look at: a spill and a narrower fill, a packet access behind its
 * check, a loop. What every register and stack slot holds is followed while the program is written
 * (struct held), so that pieces fit each other and most programs are accepted; numbers are not
 * followed, that is the verifier's business. A generator is a list of pieces with weights.
 *
 * Some programs are to be *slips*: one piece goes one step beyond the rules (a check that is off by
 * one, a test at the wrong width, an access one byte too far). Such a program should be rejected,
 * and if it is accepted its runs tell.
 *
 * Generators never judge: they know nothing of engines and verdicts.
 */
#ifndef BPFLAB_FUZZ_GEN_GEN_H
#define BPFLAB_FUZZ_GEN_GEN_H

#include "fuzz/case.h"
#include "fuzz/input.h"

/* struct gen_kind: a generator. */
struct gen_kind {
    const char *name; /* "stack" */
    const char *what; /* one line for people */
    bool structured;  /* made of pieces; acceptance counts */
    uint32_t weight;  /* among all, where none is asked for */
};

/* gen_kinds: shape: gen_n_kinds rows. gen_find: by name, -1 if there is none. */
extern const struct gen_kind gen_kinds[];
extern const uint32_t gen_n_kinds;
int gen_find(const char *name);

/* gen_case: the case that choices mean.
 * in:     kinds: bits of the generators to choose from, 0: all
 * out:    *out, always a whole case; *kind: the generator that made it, may be NULL
 * cost:   O(instructions) */
void gen_case(struct input *in, uint64_t kinds, struct fuzz_case *out, uint32_t *kind);

#endif

/* features.h: what an exploration was about, as a set of numbers: for each step, the instruction's
 * row, what kinds of things its operands are and of what shape their numbers, and how it went on.
 * Cases that bring new ones are worth keeping; how many there are says how far a fuzzer has come.
 */
#ifndef BPFLAB_FUZZ_FEATURES_H
#define BPFLAB_FUZZ_FEATURES_H

#include "verifier/knowledge.h"

enum {
    FEATURES_BITS = 1 << 18,
};

/* struct features: those seen so far. A feature that shares its place with another is not seen. */
struct features {
    uint64_t seen[FEATURES_BITS / 64];
    uint32_t n;
};

/* features_add: those of an exploration kept with KEEP_TREE or KEEP_ALL.
 * out:    how many are new      cost: O(records) */
uint32_t features_add(struct features *f, const struct prog *p, const struct knowledge *k);

#endif

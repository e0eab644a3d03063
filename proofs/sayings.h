/* sayings.h: what a theorem says of itself: hint("..."), uses("..."). */
#ifndef BPFLAB_PROOFS_SAYINGS_H
#define BPFLAB_PROOFS_SAYINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "proofs/exec.h"

struct sayings {
    struct bitcode *bits;
    LLVMValueRef used[MAX_USES]; /* functions that a contract stands for: their text is no matter */
    size_t n_used;
    LLVMValueRef contracts[MAX_USES];
    size_t n_contracts;
    unsigned hints;
    bool too_many; /* it uses more than MAX_USES */
};

/* sayings_theorem: the theorem of that name; NULL: there is none. */
LLVMValueRef sayings_theorem(struct bitcode *b, const char *family, const char *name);

/* sayings_of: theorem: NULL: one that says nothing */
struct sayings sayings_of(struct bitcode *b, LLVMValueRef theorem);

/* sayings_hash: of the theorem's text and of all that it reaches, but for the bodies of functions
 * that a contract stands for: of those the contract's. out: false: no memory */
bool sayings_hash(const struct sayings *s, LLVMValueRef theorem, uint64_t *out);

/* sayings_unfounded: why contracts that the theorem uses or proves cannot be believed: one without
 * a theorem that proves it, or one that is proved by itself.
 * in:  source: the same sources as b at -O0 (b itself, if it is those)
 * out: false: they can */
bool sayings_unfounded(struct bitcode *b, struct bitcode *source, const char *theorem,
                       char why[160]);

#endif

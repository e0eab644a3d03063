/* exec.h: symbolic execution of one function of a bitcode module: what it assumes and what must
 * hold.
 *
 * All paths are followed at once: where control comes together, values and memory are merged into
 * choices between terms. Loops are unrolled while their conditions fold to constants. A value knows
 * whether it may be poison (an undefined or deferred-undefined result); undefined behaviour is not
 * executed but noted, with the condition under which it would happen. What is not understood ends
 * the execution with an error that names the instruction.
 *
 * The harness's primitives (theorem/harness.h) are executed here: proof_any draws a variable,
 * assume and check note terms, uses and hint are noted.
 */
#ifndef BPFLAB_PROOFS_EXEC_H
#define BPFLAB_PROOFS_EXEC_H

#include "proofs/ir.h"
#include "proofs/term.h"

enum {
    MAX_USES = 64 /* contracts that one theorem uses */
};

/* struct exec_check: what must hold where it stands, under the first n_assumed assumptions. */
struct exec_check {
    const char *what;
    const char *by; /* the function that checks it: a theorem, or a contract that it uses */
    term *reached;  /* control gets there */
    term *holds;    /* what was checked is true, and not poison */
    uint32_t n_assumed;
};

/* struct exec_ub: undefined behaviour, if `when` can be. */
struct exec_ub {
    term *when;
    uint32_t n_assumed;
    char what[160];
};

struct exec_redirect {
    LLVMValueRef from, to; /* calls of from are calls of to */
};

struct exec_options {
    const struct exec_redirect *redirects; /* planted defects: on from the start */
    size_t n_redirects;
};

enum exec_hint {
    EXEC_HINT_PRODUCTS = 1 << 0,
    EXEC_HINT_NAMED = 1 << 4,       /* products as names */
    EXEC_HINT_SOURCE_ONLY = 1 << 1, /* proved at -O0 alone */
    EXEC_HINT_NIGHTLY = 1 << 2,
    EXEC_HINT_WHOLE = 1 << 3, /* not by cases: a choice for each round of a loop is too many */
};

/* struct exec_run: what an execution leaves; for exec_fini. Terms are the caller's store's. */
struct exec_run {
    struct terms *t;
    term **assumed;
    uint32_t n_assumed;
    struct exec_check *checks;
    uint32_t n_checks;
    struct exec_ub *ubs;
    uint32_t n_ubs;
    term **vars; /* proof_any, in order */
    uint32_t n_vars;
    term **defs; /* var == value, for each value that proof_opaque has hidden */
    uint32_t n_defs;
    unsigned hints;           /* enum exec_hint */
    char error[400];          /* not understood; "" if all was */
    struct exec_arena *arena; /* exec's own */
};

/* exec_theorem: execute the function called name, which takes and returns nothing.
 * cost: O(instructions executed); the errors are in out->error */
void exec_theorem(struct bitcode *b, struct terms *t, const char *name,
                  const struct exec_options *opt, struct exec_run *out);
void exec_fini(struct exec_run *r);

#endif

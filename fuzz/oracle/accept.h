/* accept.h: the verifier for those who test engines: which programs does it accept, and what may a
 * JIT be told of them?
 */
#ifndef BPFLAB_FUZZ_ORACLE_ACCEPT_H
#define BPFLAB_FUZZ_ORACLE_ACCEPT_H

#include "isa/facts.h"
#include "loader/object.h"

/* struct accept_options: how programs are verified. */
struct accept_options {
    bool joins; /* by joins alone, else by paths, and by joins if that is UNKNOWN */
    const struct btf *kernel_btf; /* or NULL */
    uint64_t insns, time_ns;      /* of the budget, 0: the verifier's defaults */
};

/* struct accepted: of an object's programs; owned, for accepted_fini. */
struct accepted {
    struct facts *facts;             /* one a program, empty where it was not accepted */
    const struct facts **by_program; /* NULL entries where there are none: for engine_options */
    uint32_t n_programs, n_accepted, n_rejected, n_undecided;
};

/* accept: verify all programs of an object.
 * errors: NOMEM; those of verify */
enum bpflab_err accept(const struct object *o, const struct accept_options *opt,
                       struct accepted *out, struct diag *d);
void accepted_fini(struct accepted *a);

/* Kinds of facts that JITs use. */
enum told_kind {
    TOLD_DEAD,
    TOLD_ALWAYS,
    TOLD_NEVER,
    TOLD_CONST, /* of what is no constant at sight */
    TOLD_DIVISOR,
    TOLD_PLAIN,
    TOLD_SLOW,
    TOLD_PKT_DATA,
    TOLD_PKT_END,
    TOLD_PKT_META,
    N_TOLD_KINDS,
};

/* told_name: for people. told_count: add up how often each kind is told of a program. */
const char *told_name(enum told_kind kind);
void told_count(const struct prog *p, const struct facts *f, uint64_t told[N_TOLD_KINDS]);

/* told_falsely: make false what facts of this kind tell of a program, where there is a way to: so
 * that a test can see whether it would notice.
 * out: false if there is none */
bool told_falsely(struct facts *f, enum told_kind kind);

#endif

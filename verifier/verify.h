/* verify.h: verify a program: the one call that the layers above make.
 *
 * A verdict is a value: ACCEPT, REJECT with a reason and a place, or UNKNOWN with the budget that
 * was spent. The program is never edited.
 */
#ifndef BPFLAB_VERIFIER_VERIFY_H
#define BPFLAB_VERIFIER_VERIFY_H

#include "isa/btf.h"
#include "isa/facts.h"
#include "isa/prog.h"
#include "verifier/report.h"

struct knowledge; /* knowledge.h */

enum verdict {
    VERDICT_ACCEPT,
    VERDICT_REJECT,
    VERDICT_UNKNOWN,
};

enum explore {
    EXPLORE_PATHS,    /* kernel-style, path-sensitive */
    EXPLORE_FIXPOINT, /* joins and widening: polynomial */
    EXPLORE_BOTH,     /* paths, then fixpoint if that is UNKNOWN */
};

enum keep {
    KEEP_NONE,
    KEEP_JOINED, /* one state an instruction */
    KEEP_TREE,   /* every state explored, and the tree they form */
    KEEP_ALL,    /* both */
};

/* What a run of the verifier may spend; 0 takes the default in brackets. */
struct verify_budget {
    uint64_t insns;      /* processed instructions [1 000 000] */
    uint64_t jump_depth; /* branches waiting [8192] */
    uint64_t states;     /* states held at one time [no limit] */
    uint64_t bytes;      /* of memory for states [192 MiB] */
    uint64_t time_ns;    /* [no limit] */
};

struct verify_options {
    enum explore explore;
    enum keep keep;
    bool unprivileged;
    bool strict_align;      /* refuse misaligned accesses everywhere */
    bool any_align;         /* BPF_F_ANY_ALIGNMENT: privileged default on x86 */
    bool every_state;       /* BPF_F_TEST_STATE_FREQ: keep a state at every instruction that may */
    bool no_prune;          /* explore every path to its end */
    bool invariants;        /* check every abstract value's well-formedness; a breach is INTERNAL */
    uint32_t raw_mem_bytes; /* bare programs: how much memory r1 points to */
    struct verify_budget budget;
    int log_level; /* 0: nothing, 1: the path that failed, 2: every step */
    void (*log)(void *self, const char *text, size_t n_bytes);
    void *log_self;
};

/* struct verify_input: what is verified; all borrowed for the call, prog and maps also as long as
 * the result is used. */
struct verify_input {
    const struct prog *prog;
    const struct map_def *maps;
    uint32_t n_maps;
    const struct btf *kernel_btf; /* or NULL: BTF pointers of the kernel are unknown */
    /* Or, where kernel_btf is NULL: who has the kernel's types, asked when the program first needs
     * them, at most once; most never do, and reading them takes longer than most verifications.
     * It returns what kernel_btf says, borrowed for the call. */
    const struct btf *(*kernel_types)(void *self); /* or NULL */
    void *kernel_self;
    const char *license; /* or NULL */
};

struct verify_stats {
    uint64_t insns_processed;
    uint64_t states;      /* kept in all */
    uint64_t peak_states; /* kept at one time */
    uint64_t peak_bytes;
    uint64_t time_ns;
    uint32_t longest_path; /* most branches waiting */
    uint32_t stack_bytes;  /* deepest chain of calls */
};

struct verify_result {
    enum verdict verdict;
    struct report report; /* REJECT, UNKNOWN */
    struct verify_stats stats;
    struct knowledge *knowledge; /* owned; NULL if nothing was to be kept */
};

/* verify: one program.
 * out:    *out, to be freed with verify_result_fini, also after an error
 * errors: NOMEM, ARG, INTERNAL (an invariant of the verifier's own was broken: a defect)
 * cost:   within the budget */
enum bpflab_err verify(const struct verify_input *in, const struct verify_options *opt,
                       struct verify_result *out, struct diag *d);
void verify_result_fini(struct verify_result *r);

/* verdict_name: "accept", "reject", "unknown". */
const char *verdict_name(enum verdict v);

#endif

/* engines_rig.h: accepted programs of an object on the interpreter and on an engine in all its
 * forms: with facts and without, plain and better, blinded, trusted and not.
 */
#ifndef BPFLAB_FUZZ_TESTS_ENGINES_RIG_H
#define BPFLAB_FUZZ_TESTS_ENGINES_RIG_H

#include "engine/engine.h"
#include "fuzz/oracle/accept.h"

enum {
    ENGINES_RUNS = 3, /* of a program, on different inputs, one after the other */
    N_ENGINES_FORMS = 5,
    MAX_REASONS = 64,
    REASON_BYTES = 128,
};

/* struct engines_rig: the engine, and counts. */
struct engines_rig {
    struct engine engine;
    struct executors *executors; /* or NULL */
    uint64_t fuel;               /* of a run: what needs more runs only where fuel is counted */
    bool must_fail; /* facts are false: only forms that count fuel run, and nothing is printed */
    bool may_trap;  /* runs of accepted programs may: at what the kernel would have */
    /* programs: accepted, rejected, undecided; of the accepted: run
     * beside the interpreter, not run by that either */
    uint64_t n_accepted, n_rejected, n_undecided, n_run, n_not_run;
    uint64_t
        n_without_facts; /* of those run: their contexts hold what only the kernel vouches for */
    uint64_t n_poisoned; /* runs not compared */
    uint64_t runs[N_ENGINES_FORMS]; /* compared */
    uint64_t ends[N_RUN_KINDS];     /* of the reference's */
    uint64_t told[N_TOLD_KINDS];
    uint64_t n_wrong;
    struct {
        char text[REASON_BYTES]; /* numbers are # */
        uint64_t n;
    } reasons[MAX_REASONS]; /* why programs, or an engine, could not run */
    uint32_t n_reasons;
};

/* engines_check: run what was accepted; differences are printed and counted.
 * in:  what: the object, for messages; number: what inputs are made from
 * out: false if the engine is missing: r->reasons says why */
bool engines_check(struct engines_rig *r, const struct object *o, const struct accepted *a,
                   const char *what, uint64_t number);

/* engines_reason: count a reason. */
void engines_reason(struct engines_rig *r, const char *text);

void engines_print(const struct engines_rig *r);

#endif

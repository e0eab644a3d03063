/* loop.h: a fuzzing process without an external fuzzer: cases are made or mutated, judged, and kept
 * where they bring something new. What it has done is plain numbers, so that they may lie in memory
 * that another process reads (fuzz/worker.h).
 *
 * A case is a function of the seed, its number and of what has been kept until then: the same seed
 * gives the same cases.
 */
#ifndef BPFLAB_FUZZ_LOOP_H
#define BPFLAB_FUZZ_LOOP_H

#include "fuzz/judge.h"

enum {
    LOOP_KINDS = 16,   /* generators, and mutation last */
    LOOP_MUTATED = 15, /* the row of mutated cases */
    LOOP_POOL = 2048,  /* cases kept */
    LOOP_TYPES = 64,
    LOOP_MAPS = 64,
};

/* struct loop_stats: so far. */
struct loop_stats {
    uint64_t cases;
    uint64_t made[LOOP_KINDS], accepted[LOOP_KINDS], rejected[LOOP_KINDS]; /* by generator */
    uint64_t lengths[LOOP_KINDS]; /* sums of accepted programs' slots */
    uint64_t by_length[16];       /* accepted programs: [i]: of 8 i to 8 i + 7 slots, or more */
    uint64_t ops[N_OPS];          /* in accepted programs: how often each row stands there */
    uint64_t helpers[N_HELPERS];  /* calls, likewise */
    uint64_t maps[LOOP_MAPS];     /* programs that name the map */
    uint64_t types[LOOP_TYPES];   /* programs of the type */
    uint64_t runs, steps, hops, not_run;
    uint64_t findings;
    uint64_t features; /* fuzz/features.h: of accepted programs */
    uint64_t kept;     /* cases in the pool */
};

struct loop_options {
    const char *const *engines; /* beside the interpreter */
    uint32_t n_engines;
    bool contained; /* native code in an executor */
    uint64_t kinds; /* bits of generators, 0: all */
    uint64_t seed;
    bool no_mutation;
    struct judge_options judge; /* without seen */
};

struct loop; /* opaque */

/* loop_new: out: *out, for loop_free; stats: where it counts, zeroed by the caller, borrowed.
 * errors: those of stand_new */
enum bpflab_err loop_new(const struct loop_options *opt, struct loop_stats *stats,
                         struct loop **out, struct diag *d);
void loop_free(struct loop *l);

/* loop_keep: a case to be mutated, from a corpus say. */
void loop_keep(struct loop *l, const struct fuzz_case *c);

/* loop_make: case number i; loop_case: the one now at hand. loop_try: judge it.
 * out:    loop_try: *out; found: on which stand is in its cause
 * errors: those of judge_case */
void loop_make(struct loop *l, uint64_t i);
const struct fuzz_case *loop_case(const struct loop *l);
bool loop_kept(const struct loop *l); /* has the case just tried brought something new? */
enum bpflab_err loop_try(struct loop *l, struct judged *out, struct diag *d);

#endif

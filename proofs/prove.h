/* prove.h: units of proof and what becomes of them.
 *
 * A unit is what is scheduled: a theorem at one optimisation level, an instruction of a back end, a
 * lemma. Running it gives one or more obligations, each with a result of its own. Where units come
 * from is a provider's affair:
 *
 *   bitcode   theorem/, about the domain and the interpreter     (provider_bitcode.c)
 *   backend   code that the JIT makes, machine/                  (provider_backend.c)
 *   lemma     facts of integers that the others use              (provider_lemma.c)
 *
 * each with its planted defects: units that are proved when the defect is refuted.
 *
 * Units run in worker processes (schedule.h): one that crashes or hangs is an error of that unit.
 */
#ifndef BPFLAB_PROOFS_PROVE_H
#define BPFLAB_PROOFS_PROVE_H

#include "proofs/smt.h"

/* struct unit: name is "FAMILY/NAME@LEVEL": tnum/add@O0, backend/arm64/ADD64_REG, lemma/mul_mono,
 * plant/tnum/add/tnum_add. */
struct unit {
    char name[120];
    char family[32]; /* first part of the name, for totals: tnum, range, scalar, backend/arm64 */
    uint64_t hash;   /* of everything that its results depend on but the solver and LLVM */
    bool nightly;    /* not in the default run */
    const struct provider *provider;
    uint32_t index; /* the provider's own */
};

/* struct obligation: one thing to be proved, and what became of it. Text in counterexample:
 * "a.value=0x1 a.mask=0x6 x=0x3"; of undefined behaviour, its kind before the values. */
struct obligation {
    char name[200]; /* the unit's, ": ", what was checked; unique: "tnum/add@O0: contains" */
    unsigned width; /* bits of the words it is about */
    enum smt_result result;
    double seconds;
    uint32_t cases; /* of a back end: register assignments and immediates that it stands for */
    bool abstract; /* REFUTED: where products are names only: values need not be a counterexample */
    /* REFUTED: values; ERROR: why; of a planted defect, PROVED: what caught it, values */
    char counterexample[1024];
};

struct prove_options {
    unsigned timeout_ms;    /* of one query */
    const char *dump_dir;   /* for queries in SMT-LIB, or NULL */
    struct smt_dump *dump;  /* of the unit that is run: its files there; NULL: none */
    const char *bitcode[2]; /* files to prove instead of what is built in, -O0 and -O2; NULL */
    /* alive: to be called now and then by a unit that emits nothing for long although each of its
     * queries is short (prove_alive); NULL if nobody waits */
    void (*alive)(void *self);
    void *alive_self;
};

static inline void prove_alive(const struct prove_options *opt) {
    if (opt->alive)
        opt->alive(opt->alive_self);
}

typedef void prove_emit(void *self, const struct obligation *o);

struct provider {
    const char *name;
    /* list: the units, in *units, to be freed by the caller with free().
     * out: false: why in err */
    bool (*list)(const struct prove_options *opt, struct unit **units, size_t *n, char err[160]);
    /* run: prove one. Emits at least one obligation; none is an error of the caller's to report. */
    void (*run)(const struct prove_options *opt, const struct unit *u, prove_emit *emit,
                void *self);
};

/* prove_provider_at: the i-th provider, NULL behind the last. */
const struct provider *prove_provider_at(unsigned i);

#endif

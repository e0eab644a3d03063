/* smt.h: asking Z3 whether something can be false.
 *
 * A query is a list of truth values assumed and one to prove. The answer is a value: proved,
 * refuted with values, timeout, or error (the solver said neither; the query was not understood).
 * Nothing turns one into another.
 */
#ifndef BPFLAB_PROOFS_SMT_H
#define BPFLAB_PROOFS_SMT_H

#include "proofs/products.h"
#include "proofs/smt_dump.h"

enum smt_result {
    SMT_PROVED,
    SMT_REFUTED,
    SMT_TIMEOUT,
    SMT_ERROR,
};

/* smt_result_name: "proved", "refuted", "timeout", "error". */
const char *smt_result_name(enum smt_result r);

struct smt_memo;

/* struct smt_query: goal must hold wherever all of assumed do. */
struct smt_query {
    const char *name; /* within its unit, for the dump */
    term *const *assumed;
    size_t n_assumed;
    term *goal;
    unsigned timeout_ms;
    enum products_use products;
    bool tentative;        /* if it is not answered in time, others are asked in its place */
    bool thorough;         /* the solver's own strategy, whatever is in the query (z3_solver.h) */
    struct smt_memo *memo; /* of these terms, asked first (smt_memo.h); NULL: none */
    struct smt_dump *dump; /* where the query is written down; NULL: nowhere */
    /* alive: cases_prove calls it before each case, for whoever waits; NULL: nobody does */
    void (*alive)(void *self);
    void *alive_self;
};

/* struct smt_answer: model: values of the query's variables where it is refuted; for
 * smt_answer_fini. A refutation under `products` may be one of the abstraction only: then
 * `abstract` is true and the values need not be a counterexample. */
struct smt_answer {
    enum smt_result result;
    double seconds;
    bool abstract;
    struct assigned *model;
    size_t n_model;
    char error[160];
};

/* smt_prove: ask. cost: seconds; a solver and its memory for each call */
void smt_prove(struct terms *t, const struct smt_query *q, struct smt_answer *out);
/* smt_satisfiable: can all of assumed hold at once? PROVED: yes; REFUTED: no. */
void smt_satisfiable(struct terms *t, const struct smt_query *q, struct smt_answer *out);
void smt_answer_fini(struct smt_answer *a);

/* smt_version: "z3 4.8.12". */
const char *smt_version(void);

#endif

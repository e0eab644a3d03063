/* crosscheck.h: the same questions to another solver.
 *
 * Queries that were dumped (smt_dump.h) say what was answered. Another solver's program is run on
 * each and its answer compared. Undecided ones and errors are counted as such, never as agreement.
 * What was replaced by other queries is not asked: nothing rests on it.
 */
#ifndef BPFLAB_PROOFS_CROSSCHECK_H
#define BPFLAB_PROOFS_CROSSCHECK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "proofs/smt_dump.h"

enum cross_answer {
    CROSS_NONE, /* said nothing that is an answer; not recorded; no such file */
    CROSS_UNSAT,
    CROSS_SAT,
    CROSS_UNKNOWN,  /* unknown, or too late */
    CROSS_REPLACED, /* only recorded: others were asked in its place */
};
const char *cross_answer_name(enum cross_answer a);

enum cross_verdict {
    CROSS_AGREE,
    CROSS_DISAGREE,
    CROSS_OPEN,    /* one of them does not know */
    CROSS_FAILED,  /* no answer recorded, or the other solver failed */
    CROSS_SKIPPED, /* replaced, and not asked */
    CROSS_LEFT,    /* its turn never came: it was stopped */
};

/* struct cross_query: in: the file; out: the rest. */
struct cross_query {
    char name[SMT_DUMP_NAME]; /* the file's, without directory */
    bool begun;
    enum cross_answer recorded, other;
    double seconds;
    char text[120]; /* what the other solver said first */
};
enum cross_verdict cross_verdict_of(const struct cross_query *q);

struct cross_options {
    const char *program; /* looked up in PATH: "cvc5" */
    /* ways: an option given to it before the file, one after the other until it knows the answer,
     * each for its part of the time; NULL: no option */
    const char *const *ways;
    unsigned n_ways;
    const char *dir; /* of the files */
    unsigned jobs, timeout_ms;
    const volatile sig_atomic_t *stop;                  /* as of schedule_options */
    void (*watch)(void *self, size_t n_done, size_t n); /* NULL: nobody */
    void *self;
};

/* cross_has: is the program there? */
bool cross_has(const char *program);
/* crosscheck_run: ask these queries.
 * out:  false: why not in err
 * cost: a process a query and way */
bool crosscheck_run(const struct cross_options *opt, struct cross_query *queries, size_t n,
                    char err[160]);

#endif

/* crosscheck.h: the same questions to another solver.
 *
 * Dumped queries (prove_options.dump) are SMT-LIB files that say what was answered:
 *     ; answer: unsat
 * on a line of its own, or (set-info :status unsat). Another solver's program is run on each and
 * its answer compared. Undecided ones and errors are counted as such, never as agreement.
 */
#ifndef BPFLAB_PROOFS_CROSSCHECK_H
#define BPFLAB_PROOFS_CROSSCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cross_answer {
    CROSS_UNSAT,
    CROSS_SAT,
    CROSS_UNKNOWN, /* unknown, or too late */
    CROSS_NONE,    /* said nothing that is an answer; not recorded */
};
const char *cross_answer_name(enum cross_answer a);

enum cross_verdict {
    CROSS_AGREE,
    CROSS_DISAGREE,
    CROSS_OPEN,   /* one of them does not know */
    CROSS_FAILED, /* no answer recorded, or the other solver failed */
};

struct cross_query {
    char name[256]; /* the file's, without directory */
    enum cross_answer recorded, other;
    double seconds;
    char text[120]; /* what the other solver said first */
};
enum cross_verdict cross_verdict_of(const struct cross_query *q);

struct cross_options {
    const char *program; /* looked up in PATH: "cvc5" */
    const char *dir;     /* *.smt2 in it */
    int64_t since;       /* only files changed at or after this time (seconds, as time()) */
    unsigned jobs, timeout_ms;
    void (*watch)(void *self, size_t n_done, size_t n); /* NULL: nobody */
    void *self;
};

/* cross_has: is the program there? */
bool cross_has(const char *program);
/* crosscheck_run: out: *queries, sorted by name, for free(); false: why not in err
 * cost: a process a query */
bool crosscheck_run(const struct cross_options *opt, struct cross_query **queries, size_t *n,
                    char err[160]);

#endif

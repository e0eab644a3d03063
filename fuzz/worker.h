/* worker.h: a fuzzing loop in a child process, so that what generated code does wrong costs a
 * child: resource limits, a seccomp filter, a deadline. Parent and child share memory for numbers
 * and for the case at hand; a crash, a hang or a forbidden system call is a finding about that
 * case, and the parent starts another child behind it.
 */
#ifndef BPFLAB_FUZZ_WORKER_H
#define BPFLAB_FUZZ_WORKER_H

#include "fuzz/loop.h"

struct worker_options {
    struct loop_options loop; /* borrowed for the worker's life */
    uint64_t first, step;     /* numbers of its cases: first, first + step, ... */
    uint64_t runs;            /* cases to try, 0: until it is stopped */
    bool tell_kept;           /* WORKER_KEPT is wanted */
    uint32_t timeout_ms;      /* for one case; 0: 20 000 */
    /* cases to begin with, literal forms; borrowed */
    const uint8_t *const *corpus;
    const size_t *corpus_bytes;
    uint32_t n_corpus;
};

enum worker_news {
    WORKER_NOTHING,
    WORKER_FINDING,
    WORKER_KEPT,  /* a case that brought something new */
    WORKER_DONE,  /* all its cases are tried */
    WORKER_ERROR, /* it cannot go on */
};

/* struct worker_event: finding: cause and the case. */
struct worker_event {
    enum worker_news news;
    struct cause cause;
    uint8_t bytes[CASE_MAX_BYTES]; /* literal form */
    size_t n_bytes;
    enum bpflab_err err;
    char text[240];
};

struct worker; /* opaque */

/* worker_start: out: *out, for worker_stop
 * errors: NOMEM, SYSTEM */
enum bpflab_err worker_start(const struct worker_options *opt, struct worker **out, struct diag *d);

/* worker_wait: until something has happened in one of several workers, or wait_ms are over.
 * out: which one; n: none */
uint32_t worker_wait(struct worker *const *w, uint32_t n, uint32_t wait_ms,
                     struct worker_event *ev);

/* worker_stats: so far, of all its children. worker_stop: end it, and free it; may be NULL. */
const struct loop_stats *worker_stats(const struct worker *w);
void worker_stop(struct worker *w);

#endif

/* child.h: running another program: what goes to its standard input, what comes back, and a
 * deadline.
 */
#ifndef BPFLAB_CLI_CHILD_H
#define BPFLAB_CLI_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum child_end {
    CHILD_EXITED,
    CHILD_KILLED,  /* by a signal of its own */
    CHILD_TIMEOUT, /* by us, with all that it had started */
    CHILD_MISSING, /* it could not be started */
    CHILD_FAILED,  /* the system refused a process or a pipe */
};

/* Of each stream; what comes after is read and dropped. */
enum {
    CHILD_OUTPUT_MAX = 1 << 20
};

struct child {
    enum child_end end;
    int code;        /* exit status, signal, or errno */
    char *out, *err; /* owned, terminated */
    size_t n_out, n_err;
};

/* child_run: start argv[0] (looked up in PATH), feed it, wait for it.
 * out:    how it ended; always to be given to child_fini
 * errors: none: CHILD_MISSING and CHILD_FAILED are ends
 * cost:   a process; SIGPIPE is ignored from then on */
void child_run(char *const *argv, const char *input, size_t n_input, uint64_t timeout_ms,
               struct child *out);
void child_fini(struct child *c);

#endif

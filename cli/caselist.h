/* caselist.h: the conformance cases that some paths name: files, and the *.data below directories,
 * in order of name, so that two runs go through the cases alike.
 */
#ifndef BPFLAB_CLI_CASELIST_H
#define BPFLAB_CLI_CASELIST_H

#include <stddef.h>

#include "isa/err.h"

struct caselist {
    char **paths; /* owned */
    size_t n, capacity;
};

/* caselist_add: a file as it is ("-" too), a directory with all below it (links to directories are
 * not followed).
 * errors: IO (with the path and the system's reason), NOMEM */
enum bpflab_err caselist_add(struct caselist *l, const char *path, struct diag *d);
void caselist_fini(struct caselist *l);

#endif

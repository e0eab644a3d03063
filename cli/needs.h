/* needs.h: what an object needs that bpflab lacks, named: what the loader found, and what the
 * runtime's tables of program types, map types and helpers do not hold.
 */
#ifndef BPFLAB_CLI_NEEDS_H
#define BPFLAB_CLI_NEEDS_H

#include "loader/object.h"

struct needs {
    struct object_need *at; /* owned */
    uint32_t n;
};

/* needs_of: each thing once, at the first place that needs it.
 * out:    false if out of memory
 * cost:   O(instructions) */
bool needs_of(const struct object *o, struct needs *out);
void needs_fini(struct needs *n);

#endif

/* stacktrace.h: stack trace map: call stacks, each under the id that its hash gives it.
 *
 * Ids are buckets: max_entries rounded up to a power of two. Stacks are kept as Linux keeps them,
 * as addresses or as struct bpf_stack_build_id (status 2: only an address), in the world's byte
 * order.
 *
 * Memory: 4 bytes a bucket; 8 + value_size an entry.
 * Cost: every operation O(depth).
 */
#ifndef BPFLAB_RUNTIME_MAP_STACKTRACE_H
#define BPFLAB_RUNTIME_MAP_STACKTRACE_H

#include "runtime/map.h"

enum {
    STACK_SKIP_MASK = 0xff,
    STACK_USER = 1 << 8,
    STACK_FAST_CMP = 1 << 9,
    STACK_REUSE_ID = 1 << 10,
    STACK_BUILD_ID_BYTES = 32,
};

static inline bool stackmap_is(const struct map *m) {
    return m->def.type == MAP_stack_trace;
}

/* stackmap_put: what bpf_get_stackid does with a stack of n addresses, innermost first; flags as in
 * Linux.
 * out: id; -EINVAL (flags), -EFAULT (nothing left after skipping), -EEXIST (another stack has the
 *      id), -ENOMEM (full) */
int stackmap_put(struct world *w, struct map *m, const uint64_t *ips, uint32_t n, uint64_t flags);

#endif

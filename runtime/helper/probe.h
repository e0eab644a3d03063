/* probe.h: reads of memory that nobody vouched for, for helpers that follow pointers in their
 * arguments. */
#ifndef BPFLAB_RUNTIME_HELPER_PROBE_H
#define BPFLAB_RUNTIME_HELPER_PROBE_H

#include "runtime/world.h"

/* What an address is taken for. */
enum probe_space {
    PROBE_KERNEL,
    PROBE_USER,
    PROBE_EITHER, /* whatever it looks like */
};

/* probe_bytes: copy n_bytes from guest address src_addr; source and destination may overlap.
 * in:     n_bytes > 0
 * out:    0; -EFAULT or -ERANGE, dst is then as it was
 * errors: none
 * cost:   O(n_bytes) */
int probe_bytes(const struct world *w, void *dst, uint32_t n_bytes, uint64_t src_addr,
                enum probe_space space);

/* probe_string: copy the string at guest address src_addr with its NUL, cut to n_bytes.
 * out:    bytes written, NUL included; -EFAULT or -ERANGE, dst then holds what was read so far
 * errors: none
 * cost:   O(bytes written) */
int64_t probe_string(const struct world *w, void *dst, uint32_t n_bytes, uint64_t src_addr,
                     enum probe_space space);

#endif

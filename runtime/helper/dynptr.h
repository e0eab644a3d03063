/* dynptr.h: dynamic pointers, 16 bytes of the program's memory in Linux's layout and the world's
 * byte order:
 *
 *   bytes 0-7    address of the data, 0 = empty
 *   bytes 8-11   bits 0-23 size in bytes, bits 28-30 enum dynptr_type, bit 31 read-only
 *   bytes 12-15  offset of the view from the address
 */
#ifndef BPFLAB_RUNTIME_HELPER_DYNPTR_H
#define BPFLAB_RUNTIME_HELPER_DYNPTR_H

#include "runtime/world.h"

enum {
    DYNPTR_BYTES = 16,
    DYNPTR_MAX_SIZE = (1 << 24) - 1,
};

enum dynptr_type {
    DYNPTR_INVALID,
    DYNPTR_LOCAL,
    DYNPTR_RINGBUF,
    DYNPTR_SKB,
    DYNPTR_XDP,
};

struct dynptr {
    uint64_t data;
    uint32_t size, offset;
    enum dynptr_type type;
    bool rdonly;
};

/* dynptr_get: the one at addr.
 * out:    false, and a trap pending, if it may not be read
 * errors: none
 * cost:   O(1) */
bool dynptr_get(struct world *w, uint64_t addr, struct dynptr *d);

/* dynptr_put: store it at host address p. dynptr_clear: the empty one.
 * in:     DYNPTR_BYTES at p */
void dynptr_put(const struct world *w, void *p, const struct dynptr *d);
void dynptr_clear(void *p);

/* dynptr_slice: where len bytes at offset of the view are.
 * in:     a dynptr that may have been forged
 * out:    their guest address, unchecked, and 0 in *err; -E2BIG in *err if they are not inside
 * errors: none
 * cost:   O(1) */
uint64_t dynptr_slice(const struct dynptr *d, uint32_t offset, uint32_t len, int *err);

#endif

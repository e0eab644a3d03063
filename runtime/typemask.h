/* typemask.h: sets of program types and of attach types as 64-bit words, for the tables of this
 * folder.
 */
#ifndef BPFLAB_RUNTIME_TYPEMASK_H
#define BPFLAB_RUNTIME_TYPEMASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/kind.h"

/* Linux's program types are their own bits; bpflab's raw type takes the last. */
enum {
    TYPEMASK_RAW = 63
};
#define PROG_BIT(type)   (UINT64_C(1) << ((type) == PROG_raw ? TYPEMASK_RAW : (type)))
#define ATTACH_BIT(type) (UINT64_C(1) << (type))

/* prog_type_has_bit: PROG_BIT is defined for it. */
static inline bool prog_type_has_bit(uint32_t type) {
    return type == PROG_raw || type < TYPEMASK_RAW;
}

/* attach_bits_of: the bit of an attach type. -1, "any": all bits. A number that no row can name:
 * the bit that only sets of "all but these" have. */
static inline uint64_t attach_bits_of(int attach_type) {
    if (attach_type == -1)
        return UINT64_MAX;
    return ATTACH_BIT(attach_type >= 0 && attach_type < 63 ? attach_type : 63);
}

#endif

/* imm.h: numbers as arm64 instructions can carry them. */
#ifndef BPFLAB_JIT_ARM64_IMM_H
#define BPFLAB_JIT_ARM64_IMM_H

#include "jit/arm64/enc.h"

/* arm64_mask: the bits of a width. */
static inline uint64_t arm64_mask(enum arm64_sf sf) {
    return sf == ARM64_X ? UINT64_MAX : UINT32_MAX;
}

/* arm64_is_imm12: can add, sub, cmp carry v, perhaps shifted by 12? high says whether; the field is
 * v >> (high ? 12 : 0). */
static inline bool arm64_is_imm12(uint64_t v, bool *high) {
    *high = v > 0xfff;
    return v <= 0xfff || (v & ~UINT64_C(0xfff000)) == 0;
}

/* arm64_bitmask: can logical instructions carry v?
 * They carry any run of ones, rotated within an element of 2, 4, ... 64 bits that is repeated to
 * fill the width. Neither 0 nor all ones is such a pattern.
 * in:     v has no bit beyond the width
 * out:    *bits: the field N:immr:imms of 13 bits (12 at 32 bits: N is 0); written only if true
 * cost:   O(log width) */
static inline bool arm64_bitmask(enum arm64_sf sf, uint64_t v, uint32_t *bits) {
    if (v == 0 || v == arm64_mask(sf))
        return false;
    v = sf == ARM64_X ? v : v | v << 32;
    /* the smallest element that repeats */
    unsigned size = 64;
    uint64_t mask = UINT64_MAX;
    while (size > 2) {
        const uint64_t low = mask >> (size / 2);
        if ((v & low) != (v >> (size / 2) & low))
            break;
        size /= 2;
        mask = low;
    }
    v &= mask;
    /* where a one follows a zero, cyclically: at one place only, or it is more than one run */
    const uint64_t starts = v & ~(v << 1 | v >> (size - 1));
    if (starts & (starts - 1))
        return false;
    const unsigned start = (unsigned)__builtin_ctzll(starts);
    const unsigned ones = (unsigned)__builtin_popcountll(v);
    const uint32_t imms = ((0 - 2 * size) & 63) | (ones - 1);
    *bits = (uint32_t)(size == 64) << 12 | ((size - start) & (size - 1)) << 6 | imms;
    return true;
}

#endif

/* numbers.h: random operands for tests of rows: half of them at the ends of fields and words. */
#ifndef BPFLAB_PROOFS_MACHINE_TESTS_NUMBERS_H
#define BPFLAB_PROOFS_MACHINE_TESTS_NUMBERS_H

#include "tests/check.h"

static uint64_t seed = 20240229;

/* pick: below n, which is not 0. */
static inline uint64_t pick(uint64_t n) {
    return check_random(&seed) % n;
}

static inline uint64_t any_value(void) {
    static const uint64_t edges[] = {
        0,
        1,
        2,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0x8000,
        0xffff,
        0x7fffffff,
        0x80000000,
        0xffffffff,
        INT64_MAX,
        UINT64_C(1) << 63,
        UINT64_C(0xffffffff00000000),
        UINT64_MAX,
    };
    switch (pick(4)) {
    case 0: return edges[pick(sizeof edges / sizeof *edges)];
    case 1: return edges[pick(sizeof edges / sizeof *edges)] + pick(5) - 2;
    case 2: return check_random(&seed) >> pick(64);
    default: return check_random(&seed);
    }
}

#endif

/* magnitude_values.c: the lists, as functions of an index. */
#include "engine/tests/magnitude_values.h"

static uint64_t near_power(unsigned k, unsigned which) {
    const uint64_t p = UINT64_C(1) << k, v = which % 3 == 0 ? p : which % 3 == 1 ? p + 1 : p - 1;
    return which < 3 ? v : 0 - v;
}

uint64_t magnitude_at(uint64_t i) {
    static const uint64_t patterns[12] = {
        UINT64_C(0x5555555555555555), UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_C(0x0123456789abcdef),
        UINT64_C(0xfedcba9876543210), UINT64_C(0x00000000ffffffff), UINT64_C(0xffffffff00000000),
        UINT64_C(0x8000000080000000), UINT64_C(0x7fffffff7fffffff), UINT64_C(0x80808080ff7f0180),
        UINT64_C(0x123456788000ff80), UINT64_C(0xdeadbeef00000000), UINT64_C(0xdeadbeef00000001),
    };
    i %= N_MAGNITUDES;
    if (i < 64 * 6)
        return near_power((unsigned)i / 6, (unsigned)i % 6);
    i -= 64 * 6;
    if (i < 31 * 4) /* low halves that are small, or small and negative, under an upper half */
        return UINT64_C(0xa5c3f00d00000000) |
               (uint32_t)near_power((unsigned)i / 4, (unsigned)i % 4 * 5 % 6);
    return patterns[i - 31 * 4];
}

int32_t magnitude_imm(uint64_t i) {
    static const int32_t others[8] = {INT32_MIN, INT32_MIN + 1, INT32_MAX,  INT32_MAX - 1,
                                      641,       6700417,       0x01010101, 1000000007};
    i %= N_MAGNITUDE_IMMS;
    if (i < 601)
        return (int32_t)i - 300;
    i -= 601;
    if (i < 32 * 6)
        return (int32_t)(uint32_t)near_power((unsigned)i / 6, (unsigned)i % 6);
    return others[i - 32 * 6];
}

/* blind.c: constants of the program that do not appear in the code: each is put together at run
 * time from two numbers that a seed decides.
 */
#include "jit/driver.h"

/* SplitMix64. */
static uint64_t next(struct jit *j) {
    j->rng += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = j->rng;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void blind_to(struct jit *j, uint8_t reg, uint64_t value) {
    const uint64_t mask = next(j);
    const uint8_t other = reg == JR_T1 ? JR_T0 : JR_T1;
    if ((int64_t)value == (int32_t)value) {
        const int32_t low = (int32_t)mask;
        j_const(j, reg, value ^ (uint64_t)(int64_t)low);
        j_alu_k(j, JOP_XOR, 64, reg, reg, low);
        return;
    }
    j_const(j, reg, value ^ mask);
    j_const(j, other, mask);
    j_alu(j, JOP_XOR, 64, reg, reg, other);
}

/* alu_loop: a xorshift generator with a multiply-and-add accumulator: arithmetic and one jump. */
#include "workload.h"

ENTRY(alu_loop) {
    u64 x = 88172645463325252ULL, sum = 0;
    for (u32 i = 0; i < 10000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        sum += x * (i | 1);
        sum ^= sum >> 29;
    }
    return sum;
}

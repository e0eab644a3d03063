/* local_calls: recursion-free call tree: two levels of small functions in a loop. */
#include "workload.h"

static NOINLINE u64 leaf(u64 a, u64 b) {
    return (a ^ b) * 0x9e3779b97f4a7c15ULL;
}

static NOINLINE u64 node(u64 a, u64 b, u64 c) {
    return leaf(a, b) + leaf(b, c);
}

ENTRY(local_calls) {
    u64 h = 1;
    for (u32 i = 0; i < 5000; i++)
        h = node(h, i, h >> 32);
    return h;
}

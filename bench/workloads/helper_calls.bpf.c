/* helper_calls: a cheap helper in a loop with a little arithmetic around it. */
#include "workload.h"

static u32 (*const get_smp_processor_id)(void) = (void *)8;
static u64 (*const ktime_get_ns)(void) = (void *)5;

ENTRY(helper_calls) {
    u64 sum = 0;
    for (u32 i = 0; i < 5000; i++) {
        sum += get_smp_processor_id() + i;
        if ((i & 15) == 0)
            sum ^= ktime_get_ns() & 1;
    }
    return sum;
}

/* helper_calls: a cheap helper in a loop with a little arithmetic around it. */
#include "workload.h"

HELPER(u32, get_smp_processor_id, 8);
HELPER(u64, ktime_get_ns, 5);

ENTRY(helper_calls) {
    u64 sum = 0;
    for (u32 i = 0; i < 5000; i++) {
        sum += get_smp_processor_id() + i;
        if ((i & 15) == 0)
            sum ^= ktime_get_ns() & 1;
    }
    return sum;
}

/* clock.c: clocks. All of them show the world's one clock, which moves on at every reading: a world
 * does not sleep, so that monotonic and boot time are the same, and keeps no leap seconds.
 */
#include "runtime/helper/arg.h"

enum {
    HZ = 250,
    NS_PER_TICK = 1000000000 / HZ,
};

/* Linux starts its tick counter five minutes before it wraps at 32 bits. */
#define FIRST_JIFFY ((uint64_t)(uint32_t)(-300 * HZ))

uint64_t helper_ktime_get_ns(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return world_clock(w);
}

uint64_t helper_ktime_get_boot_ns(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return world_clock(w);
}

/* The time of the last tick. */
uint64_t helper_ktime_get_coarse_ns(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                    struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    const uint64_t now = world_clock(w);
    return now - now % NS_PER_TICK;
}

uint64_t helper_ktime_get_tai_ns(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return w->cfg.epoch_ns + world_clock(w);
}

uint64_t helper_jiffies64(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                          struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return FIRST_JIFFY + world_clock(w) / NS_PER_TICK;
}

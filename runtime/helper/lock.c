/* lock.c: spin locks, and kernel pointers kept in map values.
 *
 * A world runs one program at a time: a lock that is taken already will never be given back, so
 * taking it again ends the run as any other endless loop does.
 */
#include "runtime/helper/arg.h"

enum {
    LOCKED = 1 /* a queued spin lock that is held and has no waiters */
};

uint64_t helper_spin_lock(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                          struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    uint8_t *lock = world_ptr(w, r1, 4, WORLD_RW);
    if (!lock)
        return 0;
    if (world_get32(w, lock)) {
        world_trap(w, RUN_TRAP_FUEL, r1);
        return 0;
    }
    world_put32(w, lock, LOCKED);
    w->st.lock_held = r1;
    return 0;
}

uint64_t helper_spin_unlock(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                            struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    uint8_t *lock = world_ptr(w, r1, 4, WORLD_RW);
    if (!lock)
        return 0;
    world_put32(w, lock, 0);
    w->st.lock_held = 0;
    return 0;
}

uint64_t helper_kptr_xchg(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                          struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    uint8_t *slot = world_ptr(w, r1, 8, WORLD_RW);
    if (!slot)
        return 0;
    const uint64_t old = world_get64(w, slot);
    world_put64(w, slot, r2);
    return old;
}

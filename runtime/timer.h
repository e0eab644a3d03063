/* timer.h: bpf_timer in the world's time.
 *
 * A timer lives in a map value: its 16 bytes hold a token that names a record in the arena. So
 * timers are saved and restored with the world, and a timer whose value was deleted, replaced or
 * overwritten is gone, without anybody telling this file. Callbacks run only when somebody lets
 * time pass: timers_run_due.
 */
#ifndef BPFLAB_RUNTIME_TIMER_H
#define BPFLAB_RUNTIME_TIMER_H

#include "runtime/world.h"

/* timers_next: when the next timer is due, in nanoseconds since boot.
 * out:  UINT64_MAX if none is armed
 * cost: O(timers) */
uint64_t timers_next(const struct world *w);

/* timers_digest: a number over the timers that are set: where, when, in which order and what they
 * will call.
 * cost: O(timers) */
uint64_t timers_digest(const struct world *w);

/* timers_run_due: let time pass until until_ns and run what becomes due, in order of time and then
 * of start, also timers that callbacks start. A callback sees the clock at its timer's time or
 * later; it takes one tick.
 * in:   world->callee set
 * out:  callbacks run. If one trapped, the trap is pending, the others stay armed and the clock
 *       stands where it is; else the clock is at until_ns or later
 * cost: O(timers) for each callback */
uint64_t timers_run_due(struct world *w, uint64_t until_ns);

#endif

/* schedule.h: units of proof in worker processes.
 *
 * Every unit has a process of its own, forked from one that has listed the units: a unit that
 * crashes, hangs or fills its memory is that unit's error, nobody else's; no unit can change what
 * another one's solver does; and what one leaks ends with it. Workers write messages of fixed size
 * to a socket that keeps their bounds. What is known to take longest begins first.
 */
#ifndef BPFLAB_PROOFS_SCHEDULE_H
#define BPFLAB_PROOFS_SCHEDULE_H

#include <signal.h>

#include "proofs/prove.h"

/* struct unit_outcome: a unit and what became of it. Freed by outcome_fini. */
struct unit_outcome {
    const struct unit *unit;
    double expected; /* seconds that it took before; negative: not known, and begun before others */
    bool cached;     /* not to be run: obligations are those of an earlier run */
    bool complete;   /* its run came to an end: obligations are all that there will be */
    uint32_t n_queries;             /* files that it dumped (smt_dump.h) */
    struct obligation *obligations; /* owned, sorted by name */
    size_t n, capacity;
    double seconds; /* by the clock on the wall, of its process */
};

/* struct schedule_view: how far it is. */
struct schedule_view {
    size_t n_units, n_done;       /* without cached ones */
    size_t proved, refuted, open; /* obligations; open: timeouts and errors */
    const char *const *running;   /* names of units */
    size_t n_running;
};

struct schedule_options {
    const struct prove_options *prove;
    unsigned jobs;       /* processes at a time; at least 1 */
    unsigned silence_ms; /* a unit that neither emits nor is alive for so long is ended: TIMEOUT */
    /* stop: when it is not 0 any more, all ends: units that are not done have no obligations.
     * NULL: never */
    const volatile sig_atomic_t *stop;
    /* until_refuted: all ends with the first refutation; what was emitted until then stays, of
     * units that are not complete too. */
    bool until_refuted;
    /* watch: called when something has changed, and twice a second; NULL */
    void (*watch)(void *self, const struct schedule_view *v);
    void *self;
};

/* schedule_run: run the units that are not cached. Unless it was stopped, each has at least one
 * obligation afterwards:
 * one that emits none, or not its own, or one twice, or does not come to its end, or whose queries
 * could not be dumped, gets an obligation "UNIT: its run" that is an ERROR or TIMEOUT and says why.
 * in:   units in any order; their order stays
 * out:  false: the system refused processes or memory; the reason in err
 * cost: a process a unit */
bool schedule_run(const struct schedule_options *opt, struct unit_outcome *units, size_t n,
                  char err[160]);

/* outcome_add: a copy of an obligation. out: false: no memory */
bool outcome_add(struct unit_outcome *u, const struct obligation *o);
void outcome_fini(struct unit_outcome *u);

#endif

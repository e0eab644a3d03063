/* contain.h: the containment oracle: does every concrete state of a run lie in what the verifier
 * knew?
 *
 * A run is followed along the records of the exploration (verifier/knowledge.h), from the entry,
 * step by step, to the successor that the run really takes. At each instruction every register and
 * stack slot of every frame is held against the record: scalars lie in the value, pointers point
 * where they are said to, packet pointers have as many bytes behind them as were proved, zero bytes
 * are zero.
 *
 * Where a record is covered by an older one, the run goes on from that. Covering promises nothing
 * of dead places and of scalars whose exact value decided nothing: such a value is *loose* from
 * there on. Looseness flows through moves, arithmetic, comparisons, spills and fills; a loose value
 * is not checked, but it must never reach a place that is marked precise, decide a branch that the
 * verifier thought decided, or become an address. Where a loose value lies in a record all the
 * same, it is loose no longer.
 */
#ifndef BPFLAB_FUZZ_ORACLE_CONTAIN_H
#define BPFLAB_FUZZ_ORACLE_CONTAIN_H

#include "engine/instance.h"
#include "verifier/knowledge.h"

struct contain_stats {
    uint64_t runs, steps; /* steps that had a record */
    uint64_t scalars, pointers, slots;
    uint64_t hops;  /* to a covering record */
    uint64_t loose; /* values not checked because they were loose */
    uint64_t left;  /* runs that were followed only in part: tail calls, memory for records spent */
};

/* struct contain_miss: a concrete state outside of its record: a finding. */
struct contain_miss {
    bool found;
    uint32_t pc, frame;
    int reg, slot; /* or -1 */
    char text[400];
};

/* contain_begin: follow the next run: contain_step is to hear of each of its steps (struct
 * interp_job), with the walk for self.
 * in:     p: the program, accepted; know: kept with KEEP_TREE or KEEP_ALL; w: where it runs, with
 *         its input in place; args: r1 to r5. All borrowed until the run is over
 * out:    *miss is the first miss; *stats is added to
 * cost:   a step: O(registers, and slots if something was written) */
struct walk;
struct walk *contain_new(void); /* NULL: out of memory */
void contain_free(struct walk *x);
void contain_begin(struct walk *x, const struct prog *p, const struct knowledge *know,
                   struct world *w, const uint64_t args[5], struct contain_stats *stats,
                   struct contain_miss *miss);
bool contain_step(void *self, const struct interp_step *step);

/* contain_kernel_object: of the run just followed, which a trap at pc has ended: does the
 * instruction there go through a pointer to an object of the kernel's, which a world need not
 * have? */
bool contain_kernel_object(const struct walk *x, uint32_t pc);

/* contain_run: run a prepared job and follow it.
 * in:     as contain_begin; job from instance_prepare of p, its
 *         step callback is overwritten
 * out:    how the run ended; *miss is the first miss; *stats is added to
 * cost:   O(steps * (registers + slots)) */
struct run_end contain_run(const struct prog *p, const struct knowledge *know, struct world *w,
                           struct interp_job *job, struct contain_stats *stats,
                           struct contain_miss *miss);

#endif

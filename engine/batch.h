/* batch.h: very many small runs of bare programs on any engine: each has its own memory, and begins
 * in one and the same world (engine/bare.h). An executor is asked once for hundreds of them.
 *
 * Programs must keep to their memory and stack, or run in an executor: what a stray store does to
 * this process nobody can tell.
 */
#ifndef BPFLAB_ENGINE_BATCH_H
#define BPFLAB_ENGINE_BATCH_H

#include "engine/bare.h"
#include "engine/engine.h"

/* struct engine_case: one run. r1 = address of the memory (0 if it has no bytes), r2 = its size. */
struct engine_case {
    const struct prog *prog; /* borrowed; has passed prog_check, names no maps */
    const uint8_t *mem;      /* borrowed */
    size_t mem_bytes;        /* at most BARE_MEM_MAX */
    /* out: */
    enum bpflab_err err; /* no code could be made: all else is not written */
    struct run_end end;
    uint64_t regs[11];  /* r0 and r6 to r9, after RUN_EXIT; options.expose */
    uint8_t *mem_after; /* mem_bytes of the caller's, or NULL */
};

struct engine_batch; /* opaque */

/* engine_batch_open: in: of the options facts, trusted and untraced do not count
 * out:    *out, for engine_batch_close
 * errors: as engine_open */
enum bpflab_err engine_batch_open(const struct engine *e, const struct engine_options *opt,
                                  struct engine_batch **out, struct diag *d);
void engine_batch_close(struct engine_batch *b);

/* engine_batch_run: all cases, in order.
 * in:     fuel: of each; 0: the default. Machine code counts it only if options.fuel says so
 * errors: ARG (too much memory), those of talking to an executor; a case that crashed or hung is
 *         none: the executor is started anew, and the others run
 * cost:   O(instructions made and run + memory); for executors one message for as many cases as fit
 */
enum bpflab_err engine_batch_run(struct engine_batch *b, struct engine_case *cases, size_t n,
                                 uint64_t fuel, struct diag *d);

#endif

/* interp.h: the reference interpreter: runs one program in one world and checks every access.
 *
 * A program is decoded once into struct interp_code, threaded code whose bodies come from the rows
 * of isa/. Maps are bound then: the code holds their handles. One interp_code may serve any number
 * of runs and worlds with the same maps; it is never written by a run.
 *
 * Fuel: one unit for each taken backward jump (target pc <= own pc), each local call, each callback
 * invocation and each tail call; a run that has none left when it needs one ends RUN_TRAP_FUEL at
 * that instruction. Every engine counts the same.
 */
#ifndef BPFLAB_INTERP_INTERP_H
#define BPFLAB_INTERP_INTERP_H

#include "isa/prog.h"
#include "runtime/world.h"

struct interp_code; /* opaque */

/* struct interp_bind: what the program's indices mean in the world it will run in. */
struct interp_bind {
    struct world *world;
    const uint32_t *map_ids; /* world map id of each of the object's maps */
    uint32_t n_maps;
    uint32_t prog_id; /* its place in interp_run's progs: part of the code addresses it makes */
};

/* interp_compile: decode a program.
 * in:     p is borrowed for the code's life; bind may be NULL for a program without maps
 * out:    *out, for interp_code_free; an instruction that the interpreter cannot execute is a trap
 *         at its pc, not an error
 * errors: those of prog_check; NOMEM; RANGE (a map index outside the binding); d->pc says where
 * cost:   O(n), O(n log n) with local calls */
enum bpflab_err interp_compile(const struct prog *p, const struct interp_bind *bind,
                               struct interp_code **out, struct diag *d);
void interp_code_free(struct interp_code *c);

/* struct interp_step: one executed instruction, as interp_trace reports it: after it ran. */
struct interp_step {
    const struct interp_code *code; /* the program (tail calls change it) */
    uint32_t pc;
    uint32_t depth;       /* of the frame it ran in, 0 = entry */
    const uint64_t *regs; /* r0 to r10 after it */
    uint64_t mem_addr;    /* guest address of the write it made */
    uint32_t mem_bytes;   /* its size, 0 if it made none */
    bool helper;          /* it called a helper or kernel function, which may have written more */
};

/* struct interp_job: a run's inputs. */
struct interp_job {
    const struct interp_code *code;
    const struct interp_code *const *progs; /* by program id, for tail calls; may be NULL */
    uint32_t n_progs;
    uint64_t args[5];         /* r1 to r5 */
    uint64_t fuel;            /* INTERP_FUEL_DEFAULT if 0 */
    uint64_t may_goto_budget; /* per frame; 8 388 608 if 0 */
    /* Conformance suites' helper 5: r0 = r1, and 0 ends the run. */
    bool unwind;
    /* Traced runs only, may be NULL; return false to stop with RUN_TRAP_FUEL. */
    bool (*step)(void *self, const struct interp_step *step);
    void *step_self;
};

#define INTERP_FUEL_DEFAULT (UINT64_C(1) << 40)

/* interp_run: run to the end. A program that throws (bpf_throw) ends with RUN_EXIT, and as r0 with
 * what its exception callback returns, or else what it threw; RUN_THROWN is left to one whose
 * exception callback throws.
 * in:     the world has begun a run (world_begin_run)
 * out:    how it ended; the world is as the program left it
 * cost:   no allocation, no system call */
struct run_end interp_run(struct world *w, const struct interp_job *job);

/* interp_trace: the same run, reporting every instruction to job->step.
 * out:    exactly as interp_run; *n_insns (may be NULL): instructions reported */
struct run_end interp_trace(struct world *w, const struct interp_job *job, uint64_t *n_insns);

/* interp_run_timers: let the world's time pass until until_ns (nanoseconds since boot) and run the
 * callbacks of timers that become due, each in the frame after the entry's, with the job's fuel for
 * all together.
 * in:     the world has begun a run
 * out:    RUN_EXIT, or the trap of the callback that ended it
 *         *n_fired: callbacks run; may be NULL */
struct run_end interp_run_timers(struct world *w, const struct interp_job *job, uint64_t until_ns,
                                 uint64_t *n_fired);

/* interp_code_prog: the program it was made from (borrowed at compile time, not kept alive). */
const struct prog *interp_code_prog(const struct interp_code *c);

#endif

/* engine.h: one interface to whatever runs a program.
 *
 *   interp       the reference interpreter, in this process
 *   jit          generated code for this machine, in this process
 *   jit:ARCH     generated code for a target (jit/): in this process if it is this machine's, else
 *                in an executor, a child process under an emulator
 *
 * With engine_options.contained, generated code for this machine runs in an executor as well: what
 * it does wrong then hurts a child.
 *
 * A session is an engine with an object made ready. Its instance is the host's: the world itself
 * where the engine runs in this process (engine_local), else a twin, made by the same code from the
 * same definitions. Inputs and updates go through the session, so that both sides get them; what a
 * run of an executor left behind is compared by report (runtime/report.h), or brought into the twin
 * (engine_pull).
 *
 * Ends are values: a crash of generated code is RUN_CRASHED, a run beyond its time RUN_HUNG. After
 * either an executor is started anew, with the object as it was at the beginning.
 *
 * What helpers answer from (runtime/env.h: tasks, symbols, routes, sockets) an executor has in its
 * default form. It is not told what somebody has put into the host's.
 */
#ifndef BPFLAB_ENGINE_ENGINE_H
#define BPFLAB_ENGINE_ENGINE_H

#include "engine/instance.h"
#include "isa/facts.h"
#include "runtime/report.h"

enum engine_kind {
    ENGINE_INTERP,
    ENGINE_NATIVE,  /* generated code in this process */
    ENGINE_FOREIGN, /* generated code in an executor */
};

struct jit_arch;

/* struct engine: which one, by value. */
struct engine {
    enum engine_kind kind;
    const struct jit_arch *arch; /* NULL: the interpreter */
    char name[24];               /* "interp", "jit:arm64": a native engine has its target's name */
};

/* engine_find: by name; contained: generated code is to run in an executor.
 * errors: NOTFOUND (no engine has that name), MISSING (no target is this machine's) */
enum bpflab_err engine_find(const char *name, bool contained, struct engine *out, struct diag *d);

/* engine_name_at: the i-th name for lists and suggestions, NULL behind the last. */
const char *engine_name_at(unsigned i, char buf[24]);

/* struct engine_options: zero gives the defaults: plain code for a program that nobody vouches for,
 * without fuel. */
struct engine_options {
    int opt;    /* as jit_options: 0, 1 */
    bool blind; /* as jit_options */
    uint64_t blind_seed;
    bool fuel;                        /* generated code counts it; the interpreter always does */
    bool trusted;                     /* every program was accepted by a verifier */
    bool untraced;                    /* calls need not show in the trace */
    bool expose;                      /* engine_result.regs are wanted */
    bool unwind;                      /* helper 5 as the conformance suite has it */
    uint32_t code_limit;              /* bytes: a program whose code is longer has none, as with
                                       * Linux's bpf_jit_limit, but of each; 0: no limit */
    const struct facts *const *facts; /* of each program, or NULL; borrowed for the
                                       * session's life. An entry may be NULL */
    struct executors *executors;      /* to take one from and give it back; NULL: an own one */
    const char *executor_dir;         /* where executors lie; NULL: engine_executor_path looks */
    uint32_t timeout_ms;              /* of a request to an executor, or of a case of a batch;
                                       * 0: 10 000 */
};

struct engine_session; /* opaque */

/* struct executors: executors that outlive sessions, since starting one takes as long as thousands
 * of runs. For one thread.
 * executors_new: NULL if out of memory. executors_free: after all sessions that use it. */
struct executors;
struct executors *executors_new(void);
void executors_free(struct executors *x);

/* engine_open: make an object ready on an engine.
 * in:     o, e: e is copied, o borrowed for the session's life; cfg: NULL for the defaults, in the
 *         byte order of the engine's machine
 * out:    *out, for engine_close. A program that has no code is no error: engine_why
 * errors: those of instance_new; MISSING (an executor or emulator that is not installed, a world
 *         that is not at its fixed address); UNSUPPORTED (an object of the other byte order);
 *         SYSTEM, NOMEM */
enum bpflab_err engine_open(const struct engine *e, const struct object *o,
                            const struct world_config *cfg, const struct engine_options *opt,
                            struct engine_session **out, struct diag *d);
void engine_close(struct engine_session *s);

/* engine_instance: the host's. engine_local: is its world the one that programs run in? */
struct instance *engine_instance(struct engine_session *s);
bool engine_local(const struct engine_session *s);
const struct engine *engine_of(const struct engine_session *s);

/* engine_why: why a program cannot run here; err is OK if it can. A tail call to one that cannot
 * falls through. */
const struct diag *engine_why(const struct engine_session *s, uint32_t prog);

/* engine_falls_back: is a run of the program the interpreter's to do? So it is if the engine has no
 * code for a program that the run may reach, itself or, where the object has prog arrays, any, but
 * the interpreter has: the program is valid all the same.
 * out:    why; NULL: the engine runs it, or nobody can (engine_why) */
const struct diag *engine_falls_back(const struct engine_session *s, uint32_t prog);

/* engine_code_bytes: size of a program's machine code, 0 if it has none. */
uint32_t engine_code_bytes(const struct engine_session *s, uint32_t prog);

/* engine_map_update, engine_map_delete: the system call's view, on both sides.
 * in:     map: index in the object
 * out:    0 or a negative errno in *result
 * errors: NOTFOUND (no such map), those of talking to an executor */
enum bpflab_err engine_map_update(struct engine_session *s, uint32_t map, const void *key,
                                  const void *value, uint64_t flags, int *result, struct diag *d);
enum bpflab_err engine_map_delete(struct engine_session *s, uint32_t map, const void *key,
                                  int *result, struct diag *d);

/* engine_prepare: put the input in place on both sides.
 * errors: those of instance_prepare, what engine_why says, those of talking to an executor */
enum bpflab_err engine_prepare(struct engine_session *s, uint32_t prog,
                               const struct instance_input *input, struct diag *d);

/* engine_job: the job that engine_prepare made, for the interpreter on the host's instance. */
const struct interp_job *engine_job(const struct engine_session *s);

struct engine_result {
    struct run_end end; /* of the last run; the first that does not exit is the last */
    uint64_t n_runs;
    uint64_t total_ns; /* of all of them, on the machine that ran them */
    bool has_regs;
    uint64_t regs[11]; /* r0 and r6 to r9 as the entry function left them, or its
                       * exception callback; zeros where what was thrown left it; expose */
};

/* engine_run: run what is prepared, repeat times, each beginning as instance_again says.
 * out:    errors of the program are ends, not errors
 * errors: ARG (nothing is prepared, or not since a crash), those of talking to an executor
 * engine_again: begin another run of what is prepared: as between repeats. The same errors. */
enum bpflab_err engine_run(struct engine_session *s, uint64_t repeat, struct engine_result *out,
                           struct diag *d);
enum bpflab_err engine_again(struct engine_session *s, struct diag *d);

/* engine_watch: the interpreter's runs report every step from now on, as interp_job.step has it;
 * NULL: no longer.
 * in:     a session of the interpreter; others have no steps */
void engine_watch(struct engine_session *s, bool (*step)(void *self, const struct interp_step *st),
                  void *self);

/* engine_run_timers: let ns of the world's time pass: as interp_run_timers.
 * errors: those of engine_run */
enum bpflab_err engine_run_timers(struct engine_session *s, uint64_t ns, struct run_end *end,
                                  uint64_t *n_fired, struct diag *d);

/* engine_digest, engine_report: of the world that programs run in (runtime/report.h). */
enum bpflab_err engine_digest(struct engine_session *s, bool stack, uint64_t *out, struct diag *d);
enum bpflab_err engine_report(struct engine_session *s, bool stack, struct world_report *out,
                              struct diag *d);

/* engine_pull: bring context, packet, scratch, stack, state and calls of an executor's world into
 * the host's. Maps stay as they are: engine_map_each. Nothing to do where the engine is local. */
enum bpflab_err engine_pull(struct engine_session *s, struct diag *d);

/* engine_map_each: entries of a map of the world that programs run in, as of engine_pull.
 * out:    false if fn stopped it */
bool engine_map_each(const struct engine_session *s, uint32_t map, map_each_fn *fn, void *self);

/* engine_reset: the world as it was when the session was opened, on both sides.
 * cost: O(bytes in use) */
enum bpflab_err engine_reset(struct engine_session *s, struct diag *d);

/* engine_swap: other programs in place of the session's, in the world as it was at the beginning,
 * on both sides: what it costs to open a session is paid once for very many objects.
 * in:     o: as many programs as before, the same maps; borrowed from now on. opt: how code is made
 *         from now on; executors, executor_dir and timeout_ms stay as they were. scope: which maps
 *         these programs can reach (struct world): the cost does not depend on the others
 * errors: ARG (another number of programs or maps), those of talking to an executor, NOMEM
 * cost:   O(instructions + bytes in use and in scope, before and from now on) */
enum bpflab_err engine_swap(struct engine_session *s, const struct object *o,
                            const struct engine_options *opt, uint64_t scope, struct diag *d);

/* engine_executor_path: where a target's executor is: in dir if that is given, else in
 * $BPFLAB_EXECUTOR_DIR if that is set, else beside this program, in ../libexec/bpflab, in the
 * build trees.
 * out:    false if there is none; path then holds its name */
bool engine_executor_path(const struct jit_arch *arch, const char *dir, char path[512]);

#endif

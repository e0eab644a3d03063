/* bind.h: from an object's instance to machine code for a process: what its maps, helpers and
 * kernel functions are there. The process may be one that exists on paper only: whoever looks at
 * code, or measures how it is made, binds it as those do who run it.
 */
#ifndef BPFLAB_ENGINE_BIND_H
#define BPFLAB_ENGINE_BIND_H

#include "engine/instance.h"
#include "jit/jit.h"

struct engine_options; /* engine/engine.h */

/* struct target_process: the process that code is to run in, as numbers. */
struct target_process {
    const struct jit_arch *arch;
    uint64_t *helpers; /* by number; owned by those that process_fini is for */
    uint32_t n_helpers;
    /* as jit_bind has it */
    uint64_t (*kfunc)(void *self, const char *name);
    void *kfunc_self;
    uint64_t thunks[N_JIT_THUNKS];
    uint64_t exit_addr;
};

/* process_here: this one, but for exit_addr.
 * errors: NOMEM, MISSING (no target is this machine's) */
enum bpflab_err process_here(struct target_process *out);
void process_fini(struct target_process *p);

/* bind_maps: what code knows of each of the object's maps, for free(); NULL if out of memory.
 * bind_program: a program's binding.
 * in:     maps: bind_maps'; maps and where are borrowed for the binding's life
 * bind_process: of a binding, what the process alone says. bind_options: what the engine's options
 * say to the compiler; facts may be NULL. */
struct jit_map *bind_maps(const struct instance *in);
struct jit_bind bind_program(const struct instance *in, uint32_t prog, const struct jit_map *maps,
                             const struct target_process *where);
struct jit_bind bind_process(const struct target_process *where);
struct jit_options bind_options(const struct engine_options *opt, const struct facts *facts);

/* bind_compile: machine code for a program of the instance, to be placed at addr.
 * errors: those of jit_compile; what the instance says of the program */
enum bpflab_err bind_compile(const struct instance *in, uint32_t prog,
                             const struct engine_options *opt, const struct target_process *where,
                             uint64_t addr, struct jit_code *out, struct diag *d);

/* bind_room: bytes that a program's code is likely to need. */
uint32_t bind_room(const struct prog *p);

/* bind_exception: the pc of a program's exception callback, UINT32_MAX if it has none. */
uint32_t bind_exception(const struct prog *p);

#endif

/* jit_rig.h: a bare list of instructions on the interpreter and on a JIT of this machine.
 *
 * The world is at its fixed address. Programs get at two maps by index: RIG_DATA, an array of one
 * value of RIG_DATA_BYTES, which they may address directly, and RIG_ARRAY, an array to look up in.
 * Nothing here checks: functions say what happened, tests judge (tests/check.h counts for one
 * source file alone).
 */
#ifndef BPFLAB_ENGINE_TESTS_JIT_RIG_H
#define BPFLAB_ENGINE_TESTS_JIT_RIG_H

#include "interp/interp.h"
#include "jit/execmem.h"
#include "jit/jit.h"
#include "runtime/helper.h"

enum {
    RIG_DATA,
    RIG_ARRAY,
    N_RIG_MAPS,
    RIG_DATA_BYTES = 4096,
    RIG_ARRAY_ENTRIES = 16,
    RIG_ARRAY_BYTES = 24, /* of a value */
};

struct jit_rig_config {
    uint32_t frame_bytes; /* 0: the world's default */
    uint32_t code_bytes;  /* room for one program's code */
};

struct jit_rig {
    const struct jit_arch *arch;
    struct world *w;
    struct execmem *mem;
    uint64_t enter_addr, exit_addr;
    uint64_t addr; /* of the room for code */
    uint32_t code_bytes;
    uint64_t helpers[N_HELPERS];
    uint32_t map_ids[N_RIG_MAPS];
    struct jit_map maps[N_RIG_MAPS];
    struct prog prog;
    struct interp_code *interp;
    struct jit_code code;
    bool fuel; /* the code counts it */
};

/* struct jit_rig_job: what a run starts with. */
struct jit_rig_job {
    uint64_t args[5];
    uint64_t fuel, budget; /* 0: the interpreter's defaults */
};

/* jit_rig_init: the host's back end, or the one that BPFLAB_JIT names in the environment.
 * out: why it cannot be, for check_skip, or NULL; jit_rig_fini may follow either way */
const char *jit_rig_init(struct jit_rig *r, const struct jit_rig_config *cfg);
void jit_rig_fini(struct jit_rig *r);

/* jit_rig_load: these instructions are the program; decoded for the interpreter.
 * jit_rig_bind: what the program is bound to, to compile it for any target.
 * jit_rig_compile: make code and put it in place.
 * errors: those of interp_compile and jit_compile; SPACE (not enough room) */
enum bpflab_err jit_rig_load(struct jit_rig *r, const struct insn *insns, uint32_t n,
                             struct diag *d);
struct jit_bind jit_rig_bind(const struct jit_rig *r);
enum bpflab_err jit_rig_compile(struct jit_rig *r, const struct jit_options *opt, bool arena,
                                struct diag *d);

/* jit_rig_interp, jit_rig_run: run the program. Of a run that ends RUN_EXIT, the JIT says no pc.
 * jit_rig_interp also gives the registers at the end, r0 to r10, if regs is not NULL.
 * in:  memory is as the test wants it; the world begins a run here */
struct run_end jit_rig_interp(struct jit_rig *r, const struct jit_rig_job *job,
                              uint64_t regs[N_REGS]);
struct run_end jit_rig_run(struct jit_rig *r, const struct jit_rig_job *job);

/* jit_rig_stack: the entry's frame, from its lowest byte; jit_rig_data: the value of RIG_DATA. */
uint8_t *jit_rig_stack(const struct jit_rig *r);
uint8_t *jit_rig_data(const struct jit_rig *r);
uint64_t jit_rig_data_addr(const struct jit_rig *r);

/* jit_rig_doing: what is printed if generated code ends in a signal; borrowed. */
void jit_rig_doing(const char *text);

/* jit_rig_print: instructions [from, to) as text. */
void jit_rig_print(const struct insn *insns, uint32_t from, uint32_t to);

#endif

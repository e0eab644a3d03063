/* jit.h: machine code for any target, on any host.
 *
 *   program + options ──► plan ──► instructions ──► layout ──► bytes
 *                         (what is fused,  (a back end,   (how long each
 *                          constant, dead)  jit/arch.h)    branch must be)
 *
 * A target is a value. The code is made for one place in memory and one binding: what the
 * program's maps, helpers and kernel functions are in the process that will run it. All of that
 * comes as numbers, so that a host can make code for a process of another machine.
 *
 * What generated code keeps to at run time is told in jit/abi.h; who runs it: engine/.
 */
#ifndef BPFLAB_JIT_JIT_H
#define BPFLAB_JIT_JIT_H

#include "isa/facts.h"
#include "isa/prog.h"

struct jit_arch; /* a target: opaque but to the driver and the back ends */

/* jit_target: by name ("x86-64", "arm64", "riscv64", "s390x", "stub"), NULL if there is none.
 * jit_target_at: the i-th, NULL behind the last. jit_host: the target that this very process can
 * execute, NULL if none is. */
const struct jit_arch *jit_target(const char *name);
const struct jit_arch *jit_target_at(unsigned i);
const struct jit_arch *jit_host(void);

const char *jit_target_name(const struct jit_arch *a);
const char *jit_target_triple(const struct jit_arch *a); /* LLVM's: "aarch64-linux-gnu" */
const char *jit_target_mattr(const struct jit_arch *a);  /* its features, as llvm-mc takes them */
bool jit_target_big_endian(const struct jit_arch *a);

/* struct jit_map: what code knows of a map. */
struct jit_map {
    uint64_t handle;     /* what LDDW_MAP_IDX loads */
    uint64_t value_addr; /* what LDDW_MAP_IDX_VALUE adds to; 0: the kind has no direct values */
    /* array kinds: the value of index i is at first_value + i * stride, for i < max_entries; stride
     * 0 in kinds whose lookup is not to be inlined */
    uint64_t first_value;
    uint32_t stride, max_entries;
};

/* enum jit_thunk: services of the runtime that generated code calls as it calls helpers: up to five
 * arguments, the world last, the result where r0 is. A trap is pending then in the world. */
enum jit_thunk {
    JIT_THUNK_PACKET, /* (offset, bytes) LD_ABS: the value, or all ones if outside the packet */
    JIT_THUNK_TAIL,   /* (context, map, index) the entry to jump to, 0: the call falls through */
    JIT_THUNK_LOAD,   /* (address, bytes, sign) a load that needs the runtime */
    JIT_THUNK_STORE,  /* (address, bytes, value) */
    JIT_THUNK_ATOMIC, /* (address, op, source, r0) the old value; op is an enum op */
    JIT_THUNK_CALLX,  /* (r1 to r5) the helper whose number is in exec_state.number */
    N_JIT_THUNKS,
};

/* struct jit_bind: the process that the code will run in. Addresses are that process's. All
 * borrowed for the call. */
struct jit_bind {
    uint32_t prog_id;
    const struct jit_map *maps;
    uint32_t n_maps;
    const uint64_t *helpers; /* by number */
    uint32_t n_helpers;      /* a number beyond, or an address 0: RUN_TRAP_HELPER */
    /* the address of a kernel function, 0 if it is not to be had; may be NULL */
    uint64_t (*kfunc)(void *self, const char *name);
    void *kfunc_self;
    uint64_t thunks[N_JIT_THUNKS];
    uint64_t exit_addr; /* of the entry stub: where traps leave (jit_stub) */
    uint64_t world;     /* the address of struct world, 0 if it is not known */
    /* where struct world has the offsets, 32 bits each, of the packet's data, end and metadata in
     * the packet's area; 0: not known */
    uint32_t pkt_data_off, pkt_end_off, pkt_meta_off;
    uint64_t arena_base;   /* user address of the arena with the low half zero */
    bool arena;            /* is there a map of type arena? */
    uint32_t frame_stride; /* bytes from a frame's r10 to the next one's */
    uint32_t max_frames;
};

struct jit_options {
    int opt;             /* 0: plain translation; 1: the better one */
    bool blind;          /* no immediate of the program appears in the code */
    uint64_t blind_seed; /* of the constants that hide them */
    bool fuel;           /* count fuel as the interpreter does; else a loop may be endless */
    bool trusted;        /* the program was accepted: helpers' arguments and frames are in order */
    bool unwind;         /* helper 5: r0 = r1, and 0 ends the run (conformance suites) */
    bool untraced;       /* calls need not show in the world's trace: lookups may be inlined */
    bool expose;         /* leave r0 and r6 to r9 in exec_state.regs at the end */
    uint32_t max_bytes;  /* longer code is not made; 0: no limit */
    const struct facts *facts; /* what the verifier knows, or NULL */
};

/* struct jit_func: a place where the runtime may call the code, in order of pc; pc 0 is the entry.
 */
struct jit_func {
    uint32_t pc;
    uint32_t off; /* bytes into the code */
};

/* struct jit_cold: a part of the code that is kept out of the way, behind its function. */
struct jit_cold {
    uint32_t off;
    uint32_t pc;      /* the instruction it belongs to */
    const char *what; /* "slow load"; a trap: why it ends the run */
};

/* struct jit_code: what compiling makes; all owned, for jit_code_fini. The constant pool, if there
 * is one, begins at the multiple of 8 behind pc_off[n_insns]. */
struct jit_code {
    uint8_t *bytes;
    uint32_t n_bytes;
    uint32_t n_insns;
    uint32_t *pc_off; /* n_insns + 1: where each pc's code begins; the last: where all code ends */
    bool *joined;     /* n_insns: its code is that of the instruction before it */
    struct jit_func *funcs;
    uint32_t n_funcs;
    struct jit_cold *colds; /* by off; each ends where the next cold part or function begins */
    uint32_t n_colds;
};

enum {
    JIT_ALIGN = 64 /* of the place that code is made for */
};

/* jit_compile: make code to be placed at guest-process address addr.
 * in:     p has passed prog_check; addr is a multiple of JIT_ALIGN
 * out:    *out, for jit_code_fini
 * errors: those of prog_check; NOMEM; RANGE (a map index outside the binding, code beyond a
 *         branch's reach); UNSUPPORTED (the target lacks something; blinding cannot hide a
 *         constant: d->pc says where; the code is longer than max_bytes): the program is still
 *         valid and runs in the interpreter
 * cost:   O(n) */
enum bpflab_err jit_compile(const struct prog *p, const struct jit_arch *target,
                            const struct jit_options *opt, const struct jit_bind *bind,
                            uint64_t addr, struct jit_code *out, struct diag *d);
void jit_code_fini(struct jit_code *c);

/* jit_stub: the code between the runtime and generated code: one for a process, the same wherever
 * it lies.
 *
 *     uint64_t enter(struct world *w, const uint64_t args[5], uint64_t fp, uint64_t entry)
 *
 * saves what the C convention asks for, loads r1 to r5 and r10, zeroes the rest, calls entry and
 * returns r0. At *exit_off a trap leaves: back to the C caller of the innermost enter.
 * out:    code in *out (pc_off and funcs NULL)
 * errors: NOMEM, UNSUPPORTED */
enum bpflab_err jit_stub(const struct jit_arch *target, struct jit_code *out, uint32_t *exit_off);

/* jit_pc_of: the instruction whose code an offset lies in, UINT32_MAX if none.
 * cost:   O(log n) */
uint32_t jit_pc_of(const struct jit_code *c, uint32_t off);

#endif

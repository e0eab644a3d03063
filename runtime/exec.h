/* exec.h: what generated code and the engine that runs it share: the first bytes of a world, at
 * fixed offsets on every machine. Data only.
 */
#ifndef BPFLAB_RUNTIME_EXEC_H
#define BPFLAB_RUNTIME_EXEC_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/run.h"

/* struct exec_state: written by generated code, read by the engine, or the other way round. */
struct exec_state {
    uint64_t fuel;    /* left; counted only by code that was made so */
    uint64_t sp;      /* machine stack pointer of the innermost entry, where traps leave to */
    uint64_t fp;      /* r10 of the frame that called the helper which now runs */
    uint64_t last_fp; /* r10 of the deepest frame that may be entered */
    uint64_t budget;  /* of may_goto, for each new frame */
    uint64_t number;  /* callx: the helper's number */
    /* why the code left through the stub's exit, as exec_trap has it: where, and enum run_kind, or,
     * for a trap that is pending, EXEC_TRAP_PENDING. The engine sets EXEC_TRAP_NONE before a run.
     * RUN_EXIT: the run ended early, with r0 = 0 (conformance suites' unwind) */
    uint64_t trap;
    uint64_t trap_addr;     /* of traps that have an address (RUN_TRAP_HELPER: the number) */
    struct run_end pending; /* raised inside a helper: struct world says more */
    uint64_t regs[11];      /* code that exposes them: at the end; slow paths: meanwhile */
};

#define EXEC_TRAP_NONE    UINT64_MAX
#define EXEC_TRAP_PENDING UINT16_C(0xfffe) /* in place of the kind */

/* exec_trap: of a program (the low bits of its id) at a pc; and its parts. */
static inline uint64_t exec_trap(uint32_t pc, uint32_t prog_id, uint16_t kind) {
    return (uint64_t)pc << 32 | (uint64_t)(uint16_t)prog_id << 16 | kind;
}
static inline uint32_t exec_trap_pc(uint64_t trap) {
    return (uint32_t)(trap >> 32);
}
static inline uint16_t exec_trap_prog(uint64_t trap) {
    return (uint16_t)(trap >> 16);
}
static inline uint16_t exec_trap_kind(uint64_t trap) {
    return (uint16_t)trap;
}

/* Offsets from the state register, in bytes. */
enum {
    EXEC_FUEL = 0,
    EXEC_SP = 8,
    EXEC_FP = 16,
    EXEC_LAST_FP = 24,
    EXEC_BUDGET = 32,
    EXEC_NUMBER = 40,
    EXEC_TRAP = 48,
    EXEC_TRAP_ADDR = 56,
    EXEC_PENDING = 64, /* 32 bits: enum run_kind */
    EXEC_REGS = 88,
};

_Static_assert(offsetof(struct exec_state, sp) == EXEC_SP, "exec_state");
_Static_assert(offsetof(struct exec_state, trap_addr) == EXEC_TRAP_ADDR, "exec_state");
_Static_assert(offsetof(struct exec_state, pending.kind) == EXEC_PENDING, "exec_state");
_Static_assert(offsetof(struct exec_state, regs) == EXEC_REGS, "exec_state");

#endif

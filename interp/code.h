/* code.h: threaded code and the state of a run, shared by the interpreter's own files.
 *
 * Every instruction slot becomes one cell, at the index that is its pc. A cell's run function
 * executes the cell (possibly together with the next one: a fused pair) and goes on to the next;
 * fusing never needs to know jump targets, because the second cell stays as it is for whoever jumps
 * there.
 *
 * The bodies of all instructions stand once, in bodies.h; it is included by
 *
 *   run_tail.c     the fast form: functions that end in a guaranteed tail call (clang on x86-64 and
 *                  arm64)
 *   run_switch.c   one loop around a switch: tracing everywhere, and running where the fast form is
 *                  not to be had
 */
#ifndef BPFLAB_INTERP_CODE_H
#define BPFLAB_INTERP_CODE_H

#include "interp/interp.h"
#include "runtime/helper.h"

/* How many registers a cheap local call may keep, counted from r6: interp/keep.c. X(n) */
#define KEEPS(X) X(0) X(1) X(2) X(3)

/* Cell operations: every row of isa/, backward forms of the jumps (they cost fuel), and what only
 * the interpreter has. */
enum cell_op {
    CELL_BACK = N_OPS,        /* CELL_BACK + op: the backward form of a jump */
    OP_CELL_TRAP = 2 * N_OPS, /* cannot be executed: run_kind in x, address in imm */
    OP_CELL_TAIL_CALL,
    OP_CELL_CALL_5, /* helper 5: conformance suites call it unwind */
#define KEEP(n) OP_CELL_CALL_KEEP##n, OP_CELL_EXIT_KEEP##n,
    KEEPS(KEEP) /* local call, and exit, of a subprogram that writes n registers from r6 on */
#undef KEEP
    N_CELL_OPS,
};

/* The backward form of a jump, as a cell operation. */
#define CELL_BACK_OF(op) ((int)CELL_BACK + (int)(op))

struct cell;
struct frame;
struct istate;

#if defined(__clang__) && (defined(__x86_64__) || defined(__aarch64__)) && defined(__has_attribute)
#if __has_attribute(musttail) && __has_attribute(preserve_none)
#define INTERP_TAIL_CALLS 1
#endif
#endif
#ifndef INTERP_TAIL_CALLS
#define INTERP_TAIL_CALLS 0
#endif

#if INTERP_TAIL_CALLS
/* What every body has at hand; preserve_none keeps all of it in registers from cell to cell. */
#define CELL_PARAMS                                                                                \
    const struct cell *pc, struct istate *st, uint8_t *mem, uint64_t limit, uint64_t fuel,         \
        struct frame *frame
#define CELL_ARGS pc, st, mem, limit, fuel, frame
typedef __attribute__((preserve_none)) void cell_fn(CELL_PARAMS);
#else
typedef void cell_fn(void);
#endif

/* struct cell: a decoded instruction. */
struct cell {
    cell_fn *run; /* of the fast form */
    /* Immediate, sign-extended; memory: off - WORLD_BASE; calls: the helper's function. */
    int64_t imm;
    int32_t x;   /* jumps: distance in bytes of cells; stores: the immediate; traps: the kind */
    uint16_t op; /* enum cell_op */
    uint8_t dst, src; /* register numbers times 8: byte offsets into the register file */
};

/* struct interp_code: a decoded program. */
struct interp_code {
    const struct prog *prog; /* borrowed */
    uint32_t n_cells;
    uint32_t prog_id;
    bool big_endian;     /* of the world it was bound to */
    struct cell cells[]; /* n_cells, and one that traps */
};

/* struct frame: what a call from it saves, and what may_goto may still use in it. */
struct frame {
    uint64_t saved[4]; /* r6 to r9, as far as the callee writes them */
    const struct cell *ret;
    uint64_t budget; /* of may_goto; not set in the frame of a subprogram without one */
};

/* struct istate: a run under way. */
struct istate {
    uint64_t regs[N_REGS];
    struct world *w;
    /* The program that ran last when somebody asked: interp_code_at tells which one runs now. */
    const struct interp_code *code;
    const struct interp_job *job;
    struct frame *frames; /* max_frames of them */
    struct frame *frame;  /* the frame in use, while a helper runs; else the loop's own variable */
    struct frame *first;  /* the one that this run (or callback) started in */
    struct frame *last;   /* the deepest that may be entered */
    uint32_t stride;
    uint64_t fuel;   /* while a helper runs, and at the end; else the loop's own variable */
    uint64_t budget; /* of may_goto, for new frames */
    uint64_t arena_base;
    uint64_t n_insns; /* traced form */
    bool traced, big_endian, swapped;
    struct run_end end;
};

/* The run loops: from pc, with all else in st. */
void interp_loop_switch(struct istate *st, const struct cell *pc);
#if INTERP_TAIL_CALLS
void interp_loop_tail(struct istate *st, const struct cell *pc);
#endif

/* interp_link: set the run functions of a decoded program's cells. No effect without the fast form.
 * cost:   O(n) */
void interp_link(struct interp_code *c);

/* interp_depth: of the frame in use, 0 = entry.
 * interp_limit: the end of what it may access, as an offset. */
static inline uint32_t interp_depth(const struct istate *st) {
    return (uint32_t)(st->frame - st->frames);
}

static inline uint64_t interp_limit(const struct istate *st) {
    return WORLD_STACK_OFF + (uint64_t)interp_depth(st) * st->stride + st->w->cfg.frame_bytes;
}

/* interp_slow_access: the whole of a load, store or atomic whose memory the shadow refused, or that
 * is misaligned: a context field that reads as something else, arena memory, or a trap.
 * in:     limit: as in the loop
 * out:    false if it trapped and the run is over */
bool interp_slow_access(struct istate *st, const struct cell *pc, uint64_t limit);

/* interp_keep: make the local calls of a decoded program, and the exits that answer them, save and
 * restore no more registers than their subprogram writes.
 * errors: NOMEM
 * cost:   O(n log n) at most */
enum bpflab_err interp_keep(struct interp_code *c);

/* interp_code_at: the program that a cell is part of. Not always the one that a tail call went to:
 * its exit may lead back to a subprogram's caller.
 * out:    the program, and st->code is it
 * cost:   O(1) while programs stay as they are, else O(programs of the job) */
const struct interp_code *interp_code_at(struct istate *st, const struct cell *pc);

/* interp_stop: end the run at this cell.
 * interp_stop_pending: end it with the trap that a helper left in the world. */
void interp_stop(struct istate *st, const struct cell *pc, enum run_kind kind, uint64_t addr);
void interp_stop_pending(struct istate *st, const struct cell *pc);

/* interp_tail_target: the program that a tail call goes to, NULL if it falls through, or, with a
 * trap pending in the world, may not be made. */
const struct interp_code *interp_tail_target(struct istate *st, uint64_t map, uint64_t index);

/* mem_get, mem_put: an integer of 1, 2, 4 or 8 bytes in guest memory, of any alignment.
 * in:     swap: it is in the other byte order than the host's */
static inline uint64_t mem_get1(const uint8_t *p, bool swap) {
    (void)swap;
    return *p;
}
static inline void mem_put1(uint8_t *p, uint64_t v, bool swap) {
    (void)swap;
    *p = (uint8_t)v;
}
#define MEM_ACCESS(n, bits)                                                                        \
    static inline uint64_t mem_get##n(const uint8_t *p, bool swap) {                               \
        uint##bits##_t v;                                                                          \
        memcpy(&v, p, n);                                                                          \
        return swap ? __builtin_bswap##bits(v) : v;                                                \
    }                                                                                              \
    static inline void mem_put##n(uint8_t *p, uint64_t v, bool swap) {                             \
        const uint##bits##_t x =                                                                   \
            swap ? __builtin_bswap##bits((uint##bits##_t)v) : (uint##bits##_t)v;                   \
        memcpy(p, &x, n);                                                                          \
    }
MEM_ACCESS(2, 16)
MEM_ACCESS(4, 32)
MEM_ACCESS(8, 64)
#undef MEM_ACCESS

#endif

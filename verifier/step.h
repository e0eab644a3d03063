/* step.h: one abstract instruction: from a state before it to the states after it.
 *
 * step_run changes the state in place into the successor on which exploration goes on first, forks
 * the others, and says what the step depended on. It neither looks back at older states nor decides
 * what to explore: both explorations are built on this one function.
 *
 *     step_alu.c          arithmetic, moves, byte order; pointer arithmetic
 *     step_jmp.c          branches: decision, refinement, null tests, packet ranges, linked scalars
 *     step_mem.c          loads, stores, atomics; which check belongs to which kind of pointer
 *     step_stack.c        reading and writing stack slots
 *     step_ctx.c          context and socket fields           step_packet.c   LD_ABS, packet bounds
 *     step_call_helper.c  helper calls against their prototypes
 *     step_call_sub.c     functions of the program: calls, global functions, callbacks, exit
 *     step_kfunc.c        kernel functions                    step_btf.c      BTF-typed pointers
 *     access.c            may these bytes be accessed? for loads, stores and helpers' arguments
 */
#ifndef BPFLAB_VERIFIER_STEP_H
#define BPFLAB_VERIFIER_STEP_H

#include "verifier/state.h"
#include "verifier/subject.h"

enum {
    STEP_MAX_FORKS = 4,
    STEP_MAX_LINKED = 6,
};

/* Where exploration goes on with the changed state. */
enum step_flow {
    STEP_NEXT, /* at step->next */
    STEP_END,  /* nowhere: the path ended well (exit of the entry, tail of an async callback) */
};

/* struct fork: another successor. */
struct fork {
    struct state *st; /* owned by whoever takes the fork; made with step->alloc */
    uint32_t pc;
    /* the fork goes on round a loop that only convergence ends (an iterator's next element, a
     * callback's next call): the exploration widens its imprecise scalars against the state that
     * it kept at this pc before */
    bool widen;
    bool async; /* an entry of its own: timers' and work queues' callbacks */
};

/* struct linked: a place that a refinement took along, for precision: a register or a slot. */
struct linked {
    uint8_t frame;
    bool is_slot;
    uint8_t index;
};

/* struct mask: how an addition without privileges is masked when it runs (mask.h). */
struct mask {
    uint8_t how;    /* 0: not at all */
    bool varies;    /* by a number that is not constant */
    uint32_t limit; /* bytes */
};

/* struct effects: what a step depended on and touched. Frames are indices into the state before. */
struct effects {
    /* registers of the current frame, before the step, whose exact value decided something */
    uint16_t precise;
    /* the one spilled scalar whose exact value decided something */
    bool precise_slot;
    uint8_t precise_frame, precise_index;
    /* the one slot that a spill or fill moved a register through, via any pointer to the stack */
    bool moved_slot;
    uint8_t moved_frame, moved_index;
    /* comparisons: dst (src) is a pointer to the stack, which nothing can make more precise */
    bool moved_by_dst, moved_by_src;
    /* registers and slots that got the same refinement: together they decided this branch */
    uint8_t n_linked;
    struct linked linked[STEP_MAX_LINKED];
    /* slots (bit k: slot k) read, and wholly overwritten; valid for frames in touched */
    uint8_t touched;
    uint64_t slots_read[STATE_MAX_FRAMES], slots_written[STATE_MAX_FRAMES];
    /* all scalars of the current path must be precise (what cannot be followed in detail) */
    bool all_precise;
    /* the step came back to a call that may call its callback again: the exploration widens *st
     * against the state kept at that call before */
    bool came_round;
    /* 1 + a global function that was called: it must be verified on its own */
    uint32_t global_call;
    /* a branch that the state decided: 1 always taken, -1 never, 0 open or no branch */
    int8_t decided;
    /* 1 + the map of a tail call */
    uint32_t tail_call;
    struct mask mask;
    /* the kind of pointer that a load, store or atomic went through, REG_UNINIT if it was none:
     * all paths must agree (access_kinds_agree) */
    uint8_t access_kind;
};

/* struct step: in- and outputs of one step. The caller sets sub, st, next_id, alloc and release
 * once, and pc before each step. */
struct step {
    const struct subject *sub;
    struct state *st;
    uint32_t pc;
    uint32_t *next_id; /* fresh identities: ++*next_id */
    /* alloc: an initialised or zero state for a fork, NULL if out of memory; release: one that the
     * step made and then did not need */
    struct state *(*alloc)(void *self);
    void (*release)(void *self, struct state *st);
    void *alloc_self;

    struct insn insn; /* sub->prog->insns[pc] and its row, for the step's parts */
    enum op op;

    enum step_flow flow;
    uint32_t next;
    uint32_t n_forks;
    struct fork forks[STEP_MAX_FORKS];
    struct effects eff;
    struct report rep;
    enum bpflab_err err; /* NOMEM, INTERNAL: the step could not be made */
};

/* step_run: execute the instruction at s->pc on *s->st.
 * out: true: flow, next, forks, eff are set. false: rejected (s->rep) or failed (s->err != OK);
 *      *s->st is then undefined but may be freed, and there are no forks
 * cost: O(registers + slots touched) */
bool step_run(struct step *s);

/* ---- for the step's own files ---- */

/* step_reject: report_reject at this pc. */
#define step_reject(s, why, reg, ...) report_reject(&(s)->rep, (why), (s)->pc, (reg), __VA_ARGS__)

static inline struct reg *step_reg(struct step *s, uint32_t r) {
    return &state_regs(s->st)[r];
}
static inline uint32_t step_new_id(struct step *s) {
    return ++*s->next_id;
}
static inline void step_precise(struct step *s, uint32_t r) {
    s->eff.precise |= (uint16_t)(1u << r);
}
/* step_nomem: out: false */
bool step_nomem(struct step *s);

/* step_fork: a copy of *s->st that goes on at pc, and is the last of s->forks.
 * out: NULL if out of memory (s->err is set) */
struct state *step_fork(struct step *s, uint32_t pc);

/* step_read, step_write: registers may be read (initialised); written (not r10).
 * out: false: rejected. step_write makes no change. */
bool step_read(struct step *s, uint32_t r);
bool step_may_write(struct step *s, uint32_t r);

/* step_touch_read, step_touch_write: slots of a frame. */
void step_touch_read(struct step *s, uint32_t frame, uint64_t slots);
void step_touch_write(struct step *s, uint32_t frame, uint64_t slots);

/* The parts; each: out: false: rejected. step_run has set insn, op, next = the following pc. */
bool step_alu(struct step *s);
bool step_jmp_cond(struct step *s);
bool step_may_goto(struct step *s);
bool step_imm64(struct step *s);
bool step_ldx(struct step *s);
bool step_st(struct step *s); /* ST and STX */
bool step_atomic(struct step *s);
bool step_ld_abs(struct step *s);
bool step_call_helper(struct step *s);
bool step_call_sub(struct step *s);
bool step_kfunc(struct step *s);
bool step_exit(struct step *s); /* the program or function ends here, whatever s->op is */

#endif

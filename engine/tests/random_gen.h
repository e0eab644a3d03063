/* random_gen.h: random programs that reach only memory of their own and always end: functions with
 * nested conditions, counted loops and loops by may_goto, calls of each other, of helpers, and back
 * from helpers.
 *
 * Registers hold anything; whatever reads memory makes its address just before. After a call r1 to
 * r5 are given values again. A program may trap: by an atomic access that is misaligned, a helper
 * that does not exist, or by calling too deep.
 */
#ifndef BPFLAB_ENGINE_TESTS_RANDOM_GEN_H
#define BPFLAB_ENGINE_TESTS_RANDOM_GEN_H

#include "engine/tests/jit_gen.h"

enum {
    RND_INSNS = 4096,
    RND_FUNCS = 5,
    RND_LOOPS = 4,        /* nested: their counters are the lowest slots of the frame */
    RND_FRAME_LOW = -448, /* lowest offset that other stores may reach */
};

struct rnd_program {
    struct gen g;
    struct insn insns[RND_INSNS];
    uint32_t n_funcs, func; /* the one being made */
    uint32_t starts[RND_FUNCS];
    struct {
        uint32_t pc, func;
    } fixups[RND_INSNS]; /* calls and code addresses, whose targets come later */
    uint32_t n_fixups;
    uint8_t kept;        /* bit i: the function uses r6 + i */
    unsigned loops;      /* around the place being made */
    unsigned left;       /* statements still to make in this function */
    bool risky;          /* traps may be written */
    bool tangled;        /* functions may run into the next one */
    uint64_t ops[N_OPS]; /* how often each row was written, over all programs */
};

/* rnd_make: the next program. */
void rnd_make(struct rnd_program *p);

/* rnd_reg: a register that the function uses; rnd_other: another one; rnd_kept: one of r6 to
 * r9 among them, r0 if there is none. */
unsigned rnd_reg(struct rnd_program *p);
unsigned rnd_other(struct rnd_program *p, unsigned but);
unsigned rnd_kept(struct rnd_program *p);

/* rnd_op: gen_op, counted. rnd_calls: a call of some kind, with what it needs. rnd_memory: an
 * access of some kind. */
void rnd_op(struct rnd_program *p, enum op op, unsigned dst, unsigned src, int off, int32_t imm);
void rnd_calls(struct rnd_program *p);
void rnd_memory(struct rnd_program *p);

/* rnd_room: may so many instructions be written? */
static inline bool rnd_room(const struct rnd_program *p, unsigned n) {
    return p->g.n + n + 256 < p->g.cap;
}

#endif

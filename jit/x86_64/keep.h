/* keep.h: where a register waits while an operation that is bound to it uses it.
 *
 * In the scratch register, in one that the driver says is dead, else in the red zone: the 128 bytes
 * below the stack pointer that no signal handler touches. No stack pointer moves.
 */
#ifndef BPFLAB_JIT_X86_64_KEEP_H
#define BPFLAB_JIT_X86_64_KEEP_H

#include "jit/x86_64/enc.h"

/* struct x86_spare: what is free during one operation. struct x86_place: where something waits. */
struct x86_spare {
    unsigned regs; /* bit r: machine register r */
    int32_t red;   /* bytes used of the red zone */
};
struct x86_place {
    bool used, memory;
    enum x86_reg reg;
    int32_t disp; /* from rsp */
};

/* x86_spare: r9 and what is dead, but rax and rdx. */
static inline struct x86_spare x86_spare(uint16_t dead) {
    struct x86_spare s = {.regs = 1U << X86_SCRATCH};
    for (uint8_t r = JR_0; r < N_JIT_REGS; r++)
        if (dead >> r & 1)
            s.regs |= 1U << x86_reg(r);
    s.regs &= ~(1U << X86_RAX | 1U << X86_RDX);
    return s;
}

/* x86_spare_reg: takes a register; the first call always finds one, r9 at least. */
static inline enum x86_reg x86_spare_reg(struct x86_spare *s) {
    assert(s->regs);
    const unsigned r = (unsigned)__builtin_ctz(s->regs);
    s->regs &= s->regs - 1;
    return (enum x86_reg)r;
}

/* x86_keep: r waits, if need be. x86_back: and returns. Neither touches the flags. */
static inline struct x86_place x86_keep(struct jit_buf *b, struct x86_spare *s, enum x86_reg r,
                                        bool need) {
    struct x86_place p = {.used = need, .memory = !s->regs};
    if (!need)
        return p;
    if (p.memory) {
        p.disp = s->red -= 8;
        x86_mov_mr(b, 64, x86_at(X86_RSP, p.disp), r);
    } else {
        p.reg = x86_spare_reg(s);
        x86_mov_rr(b, 64, p.reg, r);
    }
    return p;
}

static inline void x86_back(struct jit_buf *b, const struct x86_place *p, enum x86_reg r) {
    if (p->used && p->memory)
        x86_mov_rm(b, 64, r, x86_at(X86_RSP, p->disp));
    else if (p->used)
        x86_mov_rr(b, 64, r, p->reg);
}

#endif

/* machine.h: a machine as far as a back end uses it: what its instructions do, over terms.
 *
 * A machine is a decoder and the meaning of just the instructions that our back end emits, as rows.
 * It is written from the architecture's manual, knows nothing of the back end's encoders (it shares
 * no header with jit/<arch>/), and anything that it does not know is an error that names the bytes.
 * On constant registers its terms fold to constants: so the same code is an emulator, and is held
 * against the machine itself (machine/tests).
 *
 * One instruction at a time: machine_step changes the state and says where it goes on; what takes
 * paths, compares with the specification and asks the solver is machine/validate.h.
 */
#ifndef BPFLAB_PROOFS_MACHINE_MACHINE_H
#define BPFLAB_PROOFS_MACHINE_MACHINE_H

#include "jit/arch.h"
#include "proofs/term.h"

enum {
    MACHINE_REGS = 32, /* general registers, at most */
    MACHINE_FLAGS = 8, /* x86: CF ZF SF OF PF AF; arm64: N Z C V; s390x: the condition code */
    MACHINE_EVENTS = 32,
    MACHINE_FRAME = 64, /* words of the stack that a fragment may use */
    MACHINE_CALLS = 4,
    MACHINE_PRIVATE = 16,
};

/* ---- what a fragment does to the world outside its registers, in order ---- */
enum mevent_kind {
    MEV_LOAD,   /* value: a fresh variable */
    MEV_STORE,  /* value: what is stored */
    MEV_ATOMIC, /* value: a fresh variable, the old contents; stored: the new ones */
    /* address in addr; value: the result, a fresh variable: where C has it, or in r0's register if
     * it is a function of the program; call: see mstate.calls */
    MEV_CALL,
    MEV_FENCE,
};
struct mevent {
    uint8_t kind;          /* enum mevent_kind */
    uint8_t bytes;         /* of the access */
    uint8_t call;          /* CALL: index of the registers at the call, in mstate.calls */
    bool acquire, release; /* accesses of ordered forms, and fences */
    /* atomics and fences: no access before it passes any behind it, nor a store a later load, which
     * acquire and release allow: so what is sequentially consistent */
    bool serialises;
    term *addr;   /* 64 bits */
    term *value;  /* 8 * bytes wide, as an integer in the machine's byte order */
    term *stored; /* ATOMIC: may depend on value; CALL: what is the last of call_area */
    term *when;   /* it happens if; NULL: always */
};

/* struct mstate: registers, flags, stack, events of one path. Copied by assignment. */
struct mstate {
    struct terms *t;
    /* whose stack pointer says which words of the stack may be accessed; NULL: all */
    const struct machine *m;
    /* 64 bits each; a register that reads as zero is the machine's affair */
    term *reg[MACHINE_REGS];
    /* width as the machine likes; NULL: undefined: reading it is an error */
    term *flag[MACHINE_FLAGS];
    term *sp0; /* the stack pointer at the beginning of the fragment: a variable */
    /* the stack around sp0 that this fragment has written: words at sp0 + off */
    struct {
        int64_t off;
        term *value; /* 64 bits */
    } frame[MACHINE_FRAME];
    unsigned n_frame;
    /* words of memory that only the driver's own code knows: whole accesses at exactly these
     * addresses are no events, and calls leave them alone */
    struct {
        term *addr, *value; /* 64 bits each */
    } own[MACHINE_PRIVATE];
    unsigned n_own;
    struct mevent events[MACHINE_EVENTS];
    unsigned n_events;
    term *calls[MACHINE_CALLS][MACHINE_REGS]; /* registers as they were at each call */
    unsigned n_calls;
    /* truth value: an instruction faults by what it computes (a divisor of 0); NULL: none does.
     * Faults of memory accesses are the events' */
    term *trap;
    /* load-linked / store-conditional machines: the reservation, if there is one */
    bool linked;
    term *linked_addr, *linked_value;
    uint8_t linked_bytes;
    bool linked_acquire, linked_release; /* the order of the access that made it */
    char error[160];                     /* first thing that was not understood; "" if none */
};

/* mstate_fail: note an error, printf style; the first one stays. */
void mstate_fail(struct mstate *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* mstate_trap: the instruction faults if this is true. */
void mstate_trap(struct mstate *s, term *when);

/* mstate_load, mstate_store: memory as an instruction reaches it. An address that is sp0 + constant
 * is the fragment's stack (whole aligned words only, none below what the machine's stack pointer
 * protects; reading a word that was not written gives a variable of its own, the same each time);
 * any other address is an event.
 * in: addr 64 bits; value 8 * bytes wide      out: 8 * bytes wide */
term *mstate_load(struct mstate *s, term *addr, unsigned bytes, bool acquire);
void mstate_store(struct mstate *s, term *addr, unsigned bytes, term *value, bool release);
/* mstate_event: a new event; value of LOAD and ATOMIC is a fresh variable. mstate_atomic: an
 * ATOMIC that serialises, and stores what it found until the caller says otherwise.
 * out: NULL: no room, or an address on the stack; the error is noted */
struct mevent *mstate_event(struct mstate *s, enum mevent_kind kind, term *addr, unsigned bytes);
struct mevent *mstate_atomic(struct mstate *s, term *addr, unsigned bytes);
/* mstate_frame: the word of the fragment's stack at sp0 + off. */
term *mstate_frame(struct mstate *s, int64_t off);

/* Load-linked and store-conditional: the first is a LOAD, and notes linked_*; the second an ATOMIC
 * whose value is linked_value and that happens `when` a fresh variable of width 1 is 1; what the
 * instruction says of its success is made of that variable. Whether there is a reservation on the
 * same address and size is checked by the machine: none is an error. */

/* ---- one instruction ---- */
enum mflow {
    MFLOW_NEXT,
    MFLOW_JUMP,   /* to offset target */
    MFLOW_BRANCH, /* to target if cond, else on */
    /* to addr, or target if addr is NULL; comes back behind the instruction. The step changes
     * nothing: that the return address is put somewhere, and the callee's doings, are path.c's */
    MFLOW_CALL,
    MFLOW_INDIRECT, /* a jump to addr */
    MFLOW_RETURN,   /* to addr: what the machine's convention keeps the return address in; x86's ret
                     * has taken it off the stack */
};
struct mstep {
    uint8_t flow;   /* enum mflow */
    unsigned bytes; /* of the instruction */
    int64_t target; /* byte offset from the code's beginning */
    term *cond;     /* BRANCH; width 1 */
    term *addr;     /* 64 bits */
};

/* struct machine: an architecture. */
struct machine {
    const char *name;        /* as the target: "arm64" */
    uint8_t n_regs;          /* general registers, by their architectural number */
    uint8_t sp;              /* number of the stack pointer in mstate.reg */
    uint8_t map[N_JIT_REGS]; /* where eBPF's registers, the driver's and STATE live */
    /* C's convention; an argument 255 is in the last word of call_area */
    uint8_t args[6], result;
    uint32_t call_clobbers; /* bit r: a C call may change machine register r */
    uint16_t call_area;     /* bytes from the stack pointer up that a callee may write */
    uint16_t slots;         /* where a frame's first slot is, from its stack pointer */
    /* bytes below the stack pointer that signals leave alone: what is lower may change any time */
    uint16_t red_zone;
    /* where a call leaves the return address: a register's number, or 255: pushed on the stack */
    uint8_t link;
    /* the register in which a function that calls nothing keeps it; 0: in link */
    uint8_t leaf_link;
    bool big_endian;
    /* step: decode the instruction at code + at and do it.
     * in:  at < n_bytes; addr: the process address of code's first byte
     * out: false: s->error says what was not understood
     * Flags that an instruction leaves undefined become NULL. */
    bool (*step)(struct mstate *s, const uint8_t *code, size_t n_bytes, size_t at, uint64_t addr,
                 struct mstep *out);
    /* disassembly is not its business: messages show bytes */
};

extern const struct machine machine_x86_64, machine_arm64, machine_riscv64, machine_s390x;

/* machine_of: the machine of a back end; NULL if there is none. */
const struct machine *machine_of(const struct jit_arch *target);

#endif

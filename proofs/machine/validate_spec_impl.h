/* validate_spec_impl.h: what the files that hold a path against the specification share.
 *
 *   validate_spec.c    the instructions under test, one after the other: arithmetic, jumps
 *   validate_events.c  what the path has decided, and what it does to memory, in order
 *   validate_ends.c    how the path leaves, and what must be right then
 *   validate_calls.c   calls, and what the driver does around them
 *   validate_memory.c  loads, stores, atomic accesses, the packet
 *
 * Of what goes wrong the first is noted in the unit (vunit_fail).
 */
#ifndef BPFLAB_PROOFS_MACHINE_VALIDATE_SPEC_IMPL_H
#define BPFLAB_PROOFS_MACHINE_VALIDATE_SPEC_IMPL_H

#include "proofs/machine/validate_case.h"
#include "runtime/run.h"

enum vleaves {
    V_GOES_ON,
    V_LEFT, /* its end has been checked */
    V_FAILED,
};

/* struct vrun: the specification's state. */
struct vrun {
    struct vunit *u;
    const struct vcase *c;
    const struct vcode *code;
    const struct mstate *begin;
    const struct mpath *p;
    struct terms *t;
    struct vbind b;
    struct spec_machine sm;
    term *r[N_REGS];
    term *state;
    term *slot;    /* the frame's first, if it was written; or NULL */
    unsigned next; /* event */
    bool called;   /* r1 to r5 are dead */
    bool linked;   /* a call has overwritten the register of return addresses */
    uint32_t pc;
    int skip; /* slots that the instruction just done has jumped over */
};

/* ---- asking ---- */

/* v_need: the goal holds on the path. v_wrong: it is not as specified. out: false: noted */
static inline bool v_need(struct vrun *r, const char *what, term *goal) {
    return vunit_prove(r->u, r->c, r->p, what, goal);
}

static inline bool v_wrong(struct vrun *r, const char *what) {
    return vunit_fail(r->u, r->c, SMT_REFUTED, "%s", what);
}

/* v_number: a constant of 64 bits. v_at_state: the address of a field of the world's. */
static inline term *v_number(struct vrun *r, uint64_t k) {
    return term_const(r->t, 64, k);
}

static inline term *v_at_state(struct vrun *r, int64_t off) {
    return term_add_k(r->t, r->state, off);
}

/* ---- validate_events.c ---- */

/* v_decided: did the path decide this? out: 1 true, 0 false, -1 neither, which is noted */
int v_decided(struct vrun *r, const char *what, term *c);

/* v_peek: the event so many ahead; NULL: there are no more. */
const struct mevent *v_peek(const struct vrun *r, unsigned ahead);

/* struct vorder: what an access, or the fences beside it, keep in order. */
struct vorder {
    bool acquire, release, serialises;
};

/* v_next_event: the next event of memory; *before: of the fences on the way to it. NULL: noted
 * v_fences_behind: of the fences from here on to the next access */
const struct mevent *v_next_event(struct vrun *r, struct vorder *before);
struct vorder v_fences_behind(const struct vrun *r);

/* v_same_place: the access is to this address, and of this size. out: false: noted */
bool v_same_place(struct vrun *r, const struct mevent *e, term *addr, unsigned bytes);

/* v_load: the next event is this load, or, unless it acquires, several are its parts.
 * out: what is loaded, 8 * bytes wide; NULL: noted
 * v_store: the next event is this store. out: false: noted */
term *v_load(struct vrun *r, term *addr, unsigned bytes, bool acquire);
bool v_store(struct vrun *r, term *addr, unsigned bytes, term *value, bool release);

/* ---- validate_ends.c: out: V_LEFT or V_FAILED ---- */

/* v_ends_at: the path goes on at this offset of the code, all as it should be. */
enum vleaves v_ends_at(struct vrun *r, int64_t target);

/* v_traps: the run ends with a trap: it is noted in the world, and the stub's exit is jumped to.
 * addr: NULL: none is noted */
enum vleaves v_traps(struct vrun *r, enum run_kind kind, term *addr);

/* v_exits: the function is left: its result, what it keeps for its caller, and back to it.
 * v_tails: it is left for another program's, as if that had been called instead */
enum vleaves v_exits(struct vrun *r);
enum vleaves v_tails(struct vrun *r, term *to, term *r1);

/* ---- validate_calls.c ---- */

/* v_call_host: a call of a C function at this address, with so many arguments, the world the sixth.
 * Afterwards r0 is its result, and r1 to r5 are anything. out: false: noted
 * v_pending: the trap that it may have left: V_GOES_ON if there is none */
bool v_call_host(struct vrun *r, uint64_t addr, unsigned n_args, term *const args[5]);
enum vleaves v_pending(struct vrun *r);

/* v_pay: the price of a backward jump or call. */
enum vleaves v_pay(struct vrun *r);

/* v_helper: a helper, a tail call, an unwinding.
 * v_call_by_number: a helper whose number is in a register: the runtime finds it
 * v_kfunc: one of the kernel's functions
 * v_local_call: a function of the program, at r10 + stride if it uses r10 */
enum vleaves v_helper(struct vrun *r, struct insn in);
enum vleaves v_call_by_number(struct vrun *r, struct insn in);
enum vleaves v_kfunc(struct vrun *r, struct insn in);
enum vleaves v_local_call(struct vrun *r);

/* ---- validate_memory.c ---- */

/* v_load_insn, v_store_insn, v_atomic_insn: an access, direct or by the runtime.
 * v_packet: bytes of the packet; outside it the function is left with 0 */
enum vleaves v_load_insn(struct vrun *r, struct insn in, const struct op_info *row);
enum vleaves v_store_insn(struct vrun *r, struct insn in, const struct op_info *row);
enum vleaves v_atomic_insn(struct vrun *r, struct insn in, enum op op);
enum vleaves v_packet(struct vrun *r, struct insn in, const struct op_info *row);

#endif

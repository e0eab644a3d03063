/* state.h: what the verifier knows at one point of one path: frames with registers and stack, and
 * what the program holds (references, locks).
 *
 * A state is plain data: copied, compared, joined and printed here; changed by steps; kept by the
 * explorations. It knows nothing of either.
 */
#ifndef BPFLAB_VERIFIER_STATE_H
#define BPFLAB_VERIFIER_STATE_H

#include <stddef.h>

#include "isa/err.h"
#include "verifier/reg.h"

enum {
    STATE_MAX_FRAMES = 8,
    FRAME_MAX_BYTES = 512,
    SLOT_BYTES = 8,
    FRAME_MAX_SLOTS = FRAME_MAX_BYTES / SLOT_BYTES, /* slot k is [r10 - 8 (k + 1), r10 - 8 k) */
};

/* What a byte of the stack holds. */
enum slot_byte {
    SLOT_INVALID, /* never written */
    SLOT_SPILL,   /* a byte of the spilled register */
    SLOT_MISC,    /* written, value unknown */
    SLOT_ZERO,    /* written, value 0 */
    SLOT_DYNPTR,  /* part of a dynptr (two slots) */
    SLOT_ITER,    /* part of an iterator */
    SLOT_IRQ,     /* saved interrupt flags */
    N_SLOT_BYTES,
};

/* struct slot: eight bytes of stack. byte[0] is the lowest address. A register spilled whole has
 * eight SLOT_SPILL; a scalar spilled in 1, 2 or 4 bytes has its low bytes in byte[0..] of a
 * little-endian machine. Unless byte[...] says SPILL, DYNPTR, ITER or IRQ, spilled is uninit. */
struct slot {
    struct reg spilled;
    uint8_t byte[SLOT_BYTES]; /* enum slot_byte */
};

/* struct frame: one function's registers and stack. */
struct frame {
    struct reg regs[N_REGS];
    struct slot *slots; /* owned; n_slots of them are in use, all above are SLOT_INVALID */
    uint32_t n_slots, slots_cap;
    uint32_t subprog;        /* which function */
    uint32_t call_pc;        /* of the call that made it; FRAME_NO_CALL for an entry */
    uint32_t callback_depth; /* times that this frame's current call ran its callback */
    bool in_callback;        /* called by a helper or kernel function */
    bool in_async_callback;  /* by a timer or work queue: an entry of its own */
    bool in_exception_callback;
    int64_t ret_min, ret_max; /* callbacks: what they may return */
    uint32_t async_entries;   /* how many async entries were made before it, for loop detection */
};

#define FRAME_NO_CALL UINT32_MAX

enum ref_kind {
    REF_PTR,     /* an object that must be released */
    REF_LOCK,    /* a spin lock held: which is in lock_* */
    REF_IRQ,     /* interrupts disabled: saved flags in a slot */
    REF_RES_LOCK /* resilient spin lock */
};

/* struct ref: something the program holds and must give back. */
struct ref {
    uint32_t kind; /* enum ref_kind */
    uint32_t id;
    uint32_t pc;          /* where it was acquired */
    uint32_t callback;    /* depth of the callback frame that acquired it, 0: none */
    uint32_t lock_kind;   /* REF_LOCK: enum reg_kind of the object that holds the lock, */
    uint32_t lock_object; /* its map index or BTF id, */
    uint32_t lock_id;     /* and the identity of that pointer */
};

struct state {
    struct frame *frames[STATE_MAX_FRAMES]; /* owned; [0, depth] are in use */
    uint32_t depth;                         /* the current frame */
    struct ref *refs;                       /* owned */
    uint32_t n_refs, refs_cap;
    uint32_t rcu_depth, preempt_depth; /* sections entered */
    uint32_t irq_id;                   /* the innermost REF_IRQ, 0: none */
    bool in_sleepable;                 /* sleepable context, unless a section forbids */
    uint32_t may_gotos;                /* taken on this path */
    uint32_t callback_unroll;          /* callbacks simulated on this path */
};

/* state_init: an entry of subprogram subprog, all registers uninit but r10. errors: NOMEM
 * state_copy: *dst (initialised or zero) becomes a copy of src; its memory is used again.
 * errors: NOMEM, then *dst is empty but valid      cost: O(frames + slots + refs)
 * state_fini: free what it owns; it may be initialised again. */
enum bpflab_err state_init(struct state *st, uint32_t subprog);
enum bpflab_err state_copy(struct state *dst, const struct state *src);
void state_fini(struct state *st);

/* state_bytes: memory it owns. */
size_t state_bytes(const struct state *st);

static inline struct frame *state_frame(const struct state *st) {
    return st->frames[st->depth];
}
static inline struct reg *state_regs(const struct state *st) {
    return st->frames[st->depth]->regs;
}

/* state_push: enter a function: a new frame whose registers are uninit but r10; arguments are the
 * caller's business. state_pop: leave it. errors: NOMEM; the caller checks STATE_MAX_FRAMES */
enum bpflab_err state_push(struct state *st, uint32_t subprog, uint32_t call_pc);
void state_pop(struct state *st);

/* frame_need: make slots [0, n) exist, new ones SLOT_INVALID.
 * errors: NOMEM      cost: amortised O(1) */
enum bpflab_err frame_need(struct frame *f, uint32_t n_slots);

/* slot_of: index of the slot with the byte at r10 + off, off < 0.
 * slot_byte_of: which of its bytes. */
static inline uint32_t slot_of(int64_t off) {
    return (uint32_t)((-off - 1) / SLOT_BYTES);
}
static inline uint32_t slot_byte_of(int64_t off) {
    return (uint32_t)(off & (SLOT_BYTES - 1));
}

/* slot_spilled: does the slot hold a spilled register (all eight bytes, or a scalar's low part)? */
bool slot_is_spill(const struct slot *s);   /* a register, whole or in part */
bool slot_is_spill64(const struct slot *s); /* whole */
bool slot_is_spilled_scalar(const struct slot *s);
bool slot_is(const struct slot *s, enum slot_byte what); /* all eight bytes */
/* slot_forget: what was spilled is only bytes now: SPILL bytes become MISC. */
void slot_forget(struct slot *s);

/* state_iter: the iterator on the stack that register r of the current frame points to.
 * out: what its first slot says; NULL if it points to none */
const struct reg *state_iter(const struct state *st, uint32_t r);

/* struct reg_walk: every register and every spilled register of a state, all frames.
 *     for (struct reg_walk w = {.st = st}; (r = reg_walk_next(&w)) != NULL;) ...
 * w.frame, w.reg (or -1), w.slot (or -1) say where r is. Slots of dynptrs and iterators are walked
 * too: they carry ids. */
struct reg_walk {
    const struct state *st;
    uint32_t frame;
    int reg, slot;
    uint32_t at; /* private */
};
struct reg *reg_walk_next(struct reg_walk *w);

/* state_well_formed: what every state must be, however it was made: values that are well-formed and
 * not empty, kinds and bytes that exist, frames of stack pointers that are there, r10 the frame's
 * own end. A state that is not shows a defect of the verifier.
 * cost: O(registers + slots), with a reduction of each */
bool state_well_formed(const struct state *st);

/* ---- references ---- */

/* state_ref_add: a new reference. errors: NOMEM. state_ref_find: NULL if id is not held.
 * state_ref_drop: forget it; false if it was not held. Registers are the caller's business. */
enum bpflab_err state_ref_add(struct state *st, struct ref ref);
struct ref *state_ref_find(const struct state *st, enum ref_kind kind, uint32_t id);
bool state_ref_drop(struct state *st, enum ref_kind kind, uint32_t id);
/* state_lock: the spin lock held last, NULL if none. */
const struct ref *state_lock(const struct state *st);

/* ---- lattice, for the fixpoint exploration and for the kept knowledge ---- */

/* state_join: *into becomes a state that contains both; frames must match (same functions, calls),
 * and what is held: references, locks, sections. widen: values are widened instead of joined.
 * Identities keep their numbers in *into, or are lost.
 * out: *changed: is *into larger than before?
 * errors: ARG: frames or what is held differ; *into is unchanged
 * state_joinable: would it not be ARG? */
bool state_joinable(const struct state *a, const struct state *b);
enum bpflab_err state_join(struct state *into, const struct state *other, bool widen,
                           bool *changed);

/* ---- text ---- */

/* struct text_names: where numbers of maps and types have names; borrowed, any part may be NULL. */
struct text_names {
    const struct map_def *maps;
    uint32_t n_maps;
    const struct btf *own_btf, *kernel_btf;
};

/* state_print: one line as Linux logs it: "R0=scalar(umax=255) R1=ctx() R10=fp0 fp-8=mmmm????".
 * in:  regs, slots: sets of what to print of the frame (all: UINT16_MAX, UINT64_MAX)
 *      names: NULL: maps and types print as numbers: "map_value(map=#0,off=8)", "ptr_#17()"
 * out: length written, at most size - 1; always terminated
 * reg_print: one register, as in that line behind the "=". */
size_t state_print(const struct state *st, uint32_t frame, uint16_t regs, uint64_t slots, char *buf,
                   size_t size);
size_t state_print_named(const struct state *st, uint32_t frame, uint16_t regs, uint64_t slots,
                         const struct text_names *names, char *buf, size_t size);
size_t reg_print(const struct reg *r, char *buf, size_t size);

#endif

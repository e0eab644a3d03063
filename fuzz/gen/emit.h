/* emit.h: writing programs piece by piece: what pieces share. For generators only.
 */
#ifndef BPFLAB_FUZZ_GEN_EMIT_H
#define BPFLAB_FUZZ_GEN_EMIT_H

#include "fuzz/gen/gen.h"
#include "fuzz/maps.h"
#include "runtime/proto.h"

enum {
    GEN_SLOTS = 16, /* of a frame that are followed */
    GEN_BUFFER_BYTES = 64,
    GEN_DYNPTR = -208, /* two slots of the first frame */
    GEN_ITER = -224,   /* an iterator, up to two slots of the first frame */
    GEN_FUNCTIONS = 4, /* of a program */
    GEN_NEST = 4,      /* branches and loops inside each other */
    GEN_ROOM = 96,     /* instructions that any one piece may write, at most */
    GEN_DEPTH = 2,     /* calls inside each other: all frames together have 512 bytes */
};

/* What a register or a stack slot holds, as far as pieces need to know. */
enum held_kind {
    HELD_NOTHING, /* not to be read */
    HELD_NUMBER,
    HELD_CTX,
    HELD_STACK,      /* of this frame: at r10 + off */
    HELD_VALUE,      /* of a map */
    HELD_VALUE_NULL, /* the same, or NULL */
    HELD_MAP,
    HELD_PACKET, /* room bytes are proved; off: a constant distance from data */
    HELD_PACKET_END,
    HELD_MEMORY, /* other memory, a caller's stack say */
};

/* struct held: room: bytes that may be accessed from where a pointer points. */
struct held {
    uint8_t is; /* enum held_kind */
    uint8_t map;
    uint8_t written; /* stack slots: bit i: byte i, from the lowest address, is initialised */
    bool read_only;
    bool aligned; /* accesses must be: stack of a caller's */
    int16_t off;
    uint16_t room;
};

/* struct gen_state: at one point of one function. */
struct gen_state {
    struct held regs[10];
    struct held slots[GEN_SLOTS]; /* slot k: [r10 - 8 (k + 1), r10 - 8 k) */
    uint16_t pinned;              /* registers that pieces must not write */
};

/* Functions stand behind the program. */
struct gen_function {
    uint8_t kind;   /* enum gen_function_kind */
    uint8_t map;    /* for_each: the map */
    uint32_t start; /* pc, once it is written */
    bool written;
    uint32_t n_calls;
    uint32_t calls[4]; /* places that lead to it: their imm is to be set */
};

enum gen_function_kind {
    GEN_FUNC_NUMBERS, /* (number, number) -> number */
    GEN_FUNC_STACK,   /* (8 bytes of a caller's stack, number) -> number */
    GEN_FUNC_VALUE,   /* (a value of FUZZ_MAP_CELL, number) -> number */
    GEN_FUNC_CTX,     /* (context, number) -> number */
    GEN_FUNC_LOOP,    /* bpf_loop's: (index, 8 bytes of stack) -> 0 or 1 */
    GEN_FUNC_EACH,    /* bpf_for_each_map_elem's: (map, key, value, 8 bytes of stack) -> 0 or 1 */
};

struct gen {
    struct input *in;
    struct fuzz_case *c;
    const struct progtype *type;
    uint32_t n;     /* slots written, of all programs */
    uint32_t base;  /* where this program starts */
    uint32_t limit; /* n when pieces should stop */
    struct gen_state st;
    uint32_t nest, depth;
    uint32_t n_slots; /* of this frame that pieces use */
    int32_t buffer;   /* r10 + this: GEN_BUFFER_BYTES for keys, values and memory of helpers */
    bool slips;       /* one piece may go beyond the rules */
    bool slipped;     /* and has */
    const struct gen_mix *mix;
    struct gen_function functions[GEN_FUNCTIONS];
    uint32_t n_functions;
};

typedef void gen_piece(struct gen *g);

/* struct gen_mix: pieces and their weights; shape: ends with a piece NULL. */
struct gen_mix {
    struct {
        gen_piece *piece;
        uint8_t weight;
    } parts[48];
};

/* ---- choices ---- */

static inline uint32_t gen_below(struct gen *g, uint32_t n) {
    return input_below(g->in, n);
}
/* gen_maybe: once in n. */
static inline bool gen_maybe(struct gen *g, uint32_t n) {
    return input_one_in(g->in, n);
}
/* gen_pick: one of an array. The order in which arguments and operands are evaluated is the
 * compiler's choice: at most one of them may choose. */
#define gen_pick(g, array) ((array)[gen_below(g, sizeof(array) / sizeof *(array))])

/* gen_slip: shall this be the place where the program goes beyond the rules? At most one is. */
bool gen_slip(struct gen *g);

/* gen_constant: a number that is likely to matter: small, near a power of two, an end of a type, a
 * mask. gen_word: 64 bits of the same sort. */
int32_t gen_constant(struct gen *g);
uint64_t gen_word(struct gen *g);

/* ---- instructions ---- */

/* gen_put: a row's instruction; what the row fixes is as it must be. gen_put_imm64: both slots. */
void gen_put(struct gen *g, enum op op, uint32_t dst, uint32_t src, int32_t off, int32_t imm);
void gen_put_imm64(struct gen *g, enum op op, uint32_t dst, int32_t lo, int32_t hi);

/* gen_here: the next instruction. gen_jump: one whose distance is not known yet: off is set by
 * gen_land, to here. */
static inline uint32_t gen_here(const struct gen *g) {
    return g->n;
}
uint32_t gen_jump(struct gen *g, enum op op, uint32_t dst, uint32_t src, int32_t imm);
void gen_land(struct gen *g, uint32_t from);
/* gen_back: a jump back to a place. */
void gen_back(struct gen *g, enum op op, uint32_t dst, uint32_t src, int32_t imm, uint32_t to);

/* gen_call: a helper; what calls leave: r1 to r5 are gone. gen_kfunc: a kernel function by name.
 * out: gen_kfunc: false: there is none of that name, nothing was written */
void gen_call(struct gen *g, uint32_t helper);
bool gen_kfunc(struct gen *g, const char *name);
/* gen_may_call: may a program of this type call the helper? gen_may_kfunc. */
bool gen_may_call(const struct gen *g, uint32_t helper);
bool gen_may_kfunc(const struct gen *g, const char *name);

/* ---- registers ---- */

/* gen_free: a register that may be written. gen_free_but: not that one. gen_kept: one of r6 to r9
 * if there is one, else any: calls leave it. */
uint32_t gen_free(struct gen *g);
uint32_t gen_free_but(struct gen *g, uint32_t but);
uint32_t gen_kept(struct gen *g);
/* gen_number: a register that holds a number, made if there is none; it may be pinned.
 * gen_own_number: one that may be written as well. gen_number_but: not that one. */
uint32_t gen_number(struct gen *g);
uint32_t gen_number_but(struct gen *g, uint32_t but);
uint32_t gen_own_number(struct gen *g);
/* gen_find_held: a register of a kind, -1 if there is none. */
int gen_find_held(struct gen *g, enum held_kind kind);

/* gen_pin, gen_unpin: pieces that a piece makes inside of it must not write the register. Pieces
 * leave pins as they found them. */
static inline void gen_pin(struct gen *g, uint32_t reg) {
    g->st.pinned |= (uint16_t)(1u << reg);
}
static inline void gen_unpin(struct gen *g, uint32_t reg) {
    g->st.pinned &= (uint16_t)~(1u << reg);
}

/* gen_set_number, gen_set: what a register holds from here on. */
void gen_set_number(struct gen *g, uint32_t reg);
void gen_set(struct gen *g, uint32_t reg, struct held held);
static inline bool gen_is(const struct gen *g, uint32_t reg, enum held_kind kind) {
    return reg < 10 && g->st.regs[reg].is == kind;
}

/* gen_unknown: reg becomes a number that the verifier does not know and an input chooses: from
 * FUZZ_MAP_IN, through reg alone. */
void gen_unknown(struct gen *g, uint32_t reg);
/* gen_bound: reg, a number, is made to be at most max, in one of the ways that programs do that. It
 * may slip. */
void gen_bound(struct gen *g, uint32_t reg, uint32_t max);

/* gen_to_stack: reg = r10 + off. gen_to_map: reg = a map. */
void gen_to_stack(struct gen *g, uint32_t reg, int32_t off);
void gen_to_map(struct gen *g, uint32_t reg, uint32_t map);
/* gen_fill: initialise bytes of the stack, [off, off + n), both multiples of 4 at least. */
void gen_fill(struct gen *g, int32_t off, uint32_t n);

/* ---- states ---- */

/* gen_meet: *into becomes what holds wherever both do; its pins stay. gen_forget: r1 to r5 and what
 * a call may change are gone. */
void gen_meet(struct gen_state *into, const struct gen_state *other);
void gen_forget(struct gen_state *st);
/* gen_drop_packet: pointers to the packet are void. */
void gen_drop_packet(struct gen_state *st);

/* ---- structure ---- */

/* gen_pieces: pieces of the mix until about n instructions are written. gen_inner: the same inside
 * of a piece, if it is not too deep inside of others; registers that it pins are few then.
 * gen_room: may so many more be written at all? */
void gen_pieces(struct gen *g, uint32_t n);
void gen_inner(struct gen *g, uint32_t n);
bool gen_room(const struct gen *g, uint32_t n);
/* gen_new_function: a function of that kind that leads from `from`, an old one now and then.
 * out: false: there is no room for one */
bool gen_new_function(struct gen *g, enum gen_function_kind kind, uint32_t map, uint32_t from);

/* ---- pieces, by file ---- */

/* scalar.c */
gen_piece gen_alu, gen_alu_chain, gen_load_unknown, gen_load_constant;
/* refine.c */
gen_piece gen_if, gen_if_else, gen_refine, gen_linked, gen_width_mix;
/* flow.c */
gen_piece gen_loop, gen_open_loop, gen_skip, gen_early_exit;
/* prune.c */
gen_piece gen_diamond, gen_meet_spilled, gen_meet_linked, gen_meet_pointer, gen_meet_range;
/* stack.c */
gen_piece gen_spill, gen_fill_slot, gen_partial, gen_stack_variable, gen_spill_pointer;
/* packet.c */
gen_piece gen_packet, gen_packet_variable, gen_context, gen_context_write, gen_ld_abs,
    gen_packet_move;
/* map.c */
gen_piece gen_value_direct, gen_lookup, gen_value_access, gen_update, gen_inner_map, gen_ringbuf;
/* pointer.c */
gen_piece gen_pointer_add, gen_pointer_variable, gen_pointer_compare, gen_pointer_sub;
/* atomic.c */
gen_piece gen_atomic_stack, gen_atomic_value;
/* call.c */
gen_piece gen_call_function, gen_call_loop, gen_call_each, gen_iterator, gen_tail_call;
/* socket.c */
gen_piece gen_socket, gen_context_socket;
/* dynptr.c */
gen_piece gen_dynptr_memory, gen_dynptr_record;
/* helper.c */
gen_piece gen_helper, gen_helper_simple;

#endif

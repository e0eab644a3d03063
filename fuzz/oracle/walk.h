/* walk.h: a run that is followed along the records of an exploration; private to contain.c (where
 * the run is), walk_fit.c (does a record hold it?) and walk_flow.c (what is loose after a step).
 */
#ifndef BPFLAB_FUZZ_ORACLE_WALK_H
#define BPFLAB_FUZZ_ORACLE_WALK_H

#include "fuzz/oracle/contain.h"

enum {
    MAX_DEPTH = 32, /* concrete frames followed */
    ARGS = 0x3e,
};

/* struct level: one concrete frame. */
struct level {
    uint64_t regs[N_REGS]; /* when it called the frame above it; of the top one: now */
    uint8_t stack[FRAME_MAX_BYTES];
    uint16_t loose_regs;
    uint8_t loose_bytes[FRAME_MAX_SLOTS]; /* by slot: bit i: its byte i, from the lowest address */
    /* What it was held against last, if nothing of it has changed since; NULL else */
    const struct frame *fits;
    const struct slot *slots_fit;
    bool callback;    /* called by a helper */
    uint32_t call_pc; /* of the call that made it */
    /* a global function, followed along an exploration of its own: where its caller goes on */
    bool global;
    uint32_t caller_at, caller_base;
};

struct walk {
    const struct prog *prog;
    const struct knowledge *know;
    struct world *w;
    struct contain_stats *stats;
    struct contain_miss *miss;
    uint32_t at;    /* record of the instruction executed last, 0 before the first */
    uint32_t base;  /* concrete frame that is the record's frame 0 */
    uint32_t depth; /* concrete frame of that instruction */
    uint32_t last_pc;
    bool started, over;
    struct world_packet pkt; /* where it lies before the step: helpers move it */
    bool entered;   /* a callback's first instruction: its registers are known only behind it */
    bool hopped;    /* something may be loose */
    bool ambiguous; /* the run may be in another record than is thought */
    bool trying;    /* there may be another state that fits: no words */
    bool joined;    /* there are no records: one state an instruction and chain of calls */
    struct level level[MAX_DEPTH];
};

/* struct place: what is being checked, for the message. */
struct place {
    uint32_t pc, frame;
    int reg, slot;
};

/* walk_miss: keep the first miss, and of the register r (or NULL) what is known. out: false */
__attribute__((format(printf, 4, 5))) bool walk_miss(struct walk *x, const struct place *at,
                                                     const struct reg *r, const char *fmt, ...);

/* walk_fits: is the run in the state, that was known at pc? out: false: a miss.
 * cost: O(registers + slots); of records, where nothing has been loose yet: O(registers + what
 * changed) */
bool walk_fits(struct walk *x, uint32_t pc, const struct state *st);

/* walk_hop: the run goes on from a record that covers where it is: what that one does not hold is
 * loose. out: false: a miss, something was relied on. cost: O(numbers^2) */
bool walk_hop(struct walk *x, const struct record *to);

/* walk_flow: the instruction at pc is executed in the level's state before it.
 * out: false: a miss, a loose value is an address */
bool walk_flow(struct walk *x, struct level *l, uint32_t pc);

static inline void set_loose(struct level *l, uint32_t reg, bool loose) {
    l->loose_regs = (uint16_t)((l->loose_regs & ~(1u << reg)) | (uint32_t)loose << reg);
}

static inline bool is_loose(const struct level *l, uint32_t reg) {
    return l->loose_regs >> reg & 1;
}

#endif

/* knowledge.h: what the verifier knew, kept: the *invariant* of every instruction.
 *
 * KEEP_JOINED: for each instruction and each chain of calls that leads to it (and for each set of
 * references and locks held there), one state that contains all states explored there.
 * KEEP_TREE, KEEP_ALL: every step of the exploration as a *record*: the state before an
 * instruction, the record it came from, the ones it went on to. Records form a tree for each entry;
 * a leaf ends well, or is covered by an older record, from which a run goes on instead. So a
 * concrete run can be followed along the records and held against each.
 *
 * In a record that covers others, only what is *precise* and *live* is a promise to those: `live`
 * says which registers and slots may be read later, and each scalar's `precise` whether its exact
 * value decided anything.
 */
#ifndef BPFLAB_VERIFIER_KNOWLEDGE_H
#define BPFLAB_VERIFIER_KNOWLEDGE_H

#include "verifier/loops.h"
#include "verifier/prune.h"

/* Where conditional jumps went on. */
enum known_edge {
    KNOWN_FELL_THROUGH = 1,
    KNOWN_TAKEN = 2,
};

/* struct known: all states of one instruction under one chain of calls, in which the same is
 * held. */
struct known {
    struct state st;
    uint64_t n_visits;
    struct known *next; /* under another chain, or holding something else */
};

/* struct record: one step of the exploration. Index 0 is none. What an instruction did not change,
 * frames and the slots of a frame, records share with the one before: equal pointers are equal
 * contents. Their states are only to be read. */
struct record {
    uint32_t pc;
    uint32_t from;           /* the record before; 0: an entry */
    uint32_t child, sibling; /* first of those that came from it; next of its parent's */
    uint32_t covered_by;     /* leaf: the record that covers it; 0: not covered */
    bool settled;            /* it was kept for comparison: live and precise are final */
    struct prune_live live;  /* settled: what may be read later */
    struct state st;
};

struct knowledge {
    const struct subject *sub; /* while it is being made */
    enum keep keep;            /* KEEP_JOINED, KEEP_TREE or KEEP_ALL */
    uint32_t n_insns;
    struct known **at; /* by pc: lists; NULL where no path came */
    struct record *records;
    uint32_t n_records, records_cap;
    bool complete;                  /* every step has a record: memory sufficed */
    struct knowledge_block *blocks; /* of what records point to */
    uint64_t n_bytes, max_bytes;
    uint8_t *edges;                          /* by pc, of conditional jumps: enum known_edge */
    uint16_t *live_in, *live_out, *wide_out; /* by pc: as in struct subject; wide: upper halves */
    uint16_t *loose;  /* by pc: registers whose number the states do not promise (loose.h) */
    bool loose_slots; /* the same of numbers spilled anywhere */
    enum bpflab_err err;
};

/* knowledge_new: empty. max_bytes: for records; what does not fit is not recorded (complete is then
 * false). errors: NOMEM */
enum bpflab_err knowledge_new(const struct subject *sub, enum keep keep, uint64_t max_bytes,
                              struct knowledge **out);
void knowledge_free(struct knowledge *k);

/* ---- while exploring ---- */

/* knowledge_join: a state at pc, into what is known there. */
void knowledge_join(struct knowledge *k, uint32_t pc, const struct state *st);

/* knowledge_step: the instruction at p->pc is about to be executed in p's state. out: p->record
 * becomes the step's. A state just kept (or NULL) is the same step. */
void knowledge_step(struct knowledge *k, struct path *p, struct kept *kept);
/* knowledge_covered: p ends where the kept state `by` covers it. */
void knowledge_covered(struct knowledge *k, struct path *p, const struct kept *by);
/* knowledge_edge: the instruction at pc was executed; decided: as in struct effects. */
void knowledge_edge(struct knowledge *k, uint32_t pc, int decided);
/* knowledge_settle: a kept state's marks are final. */
void knowledge_settle(struct knowledge *k, const struct kept *kept);

/* knowledge_facts: what a JIT may be told of a program that was accepted.
 * in:     prog: the one that was verified; *out is zero
 * out:    facts of first slots; second slots have none
 * errors: NOMEM      cost: O(n * chains of calls), and O(n) for each round of loops */
enum bpflab_err knowledge_facts(const struct knowledge *k, const struct prog *prog,
                                struct facts *out);

#endif

/* facts.h: what a verifier may tell a JIT of a program, as plain data.
 *
 * A fact holds on every run of the program, from any world that its type allows. No fact is needed
 * for correct code: each only permits better code.
 */
#ifndef BPFLAB_ISA_FACTS_H
#define BPFLAB_ISA_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/err.h"

/* enum mem_fact: what a load or store reaches. */
enum mem_fact {
    MEM_ANY,   /* nobody knows */
    MEM_PLAIN, /* memory that is what it looks like */
    MEM_SLOW,  /* what only the runtime can follow: a field that takes something else, arenas */
    /* the context's field that reads as the pointer to the packet's data, end, metadata */
    MEM_PKT_DATA,
    MEM_PKT_END,
    MEM_PKT_META,
};

/* struct pc_facts: of one instruction. */
struct pc_facts {
    bool dead;          /* never executed */
    bool always, never; /* a conditional jump that is always (never) taken */
    bool needs_zext;    /* the upper half of the 32-bit result is read later */
    bool divisor_known_nonzero;
    /* a memory access whose bounds were proved: never probed, never traps. Not what ends where the
     * hook decides: contexts of tracepoints, buffers of iterators. */
    bool bounded;
    uint8_t mem;       /* enum mem_fact */
    bool dst_const;    /* the destination after it is always const_value */
    uint16_t live_out; /* registers read later before they are written (bit r) */
    uint64_t const_value;
};

struct facts {
    struct pc_facts *at; /* n_insns, owned */
    uint32_t n_insns;
};

/* facts_init: room for n_insns facts, all unknown. errors: NOMEM
 * facts_fini: free it; *f may be used again. */
enum bpflab_err facts_init(struct facts *f, uint32_t n_insns);
void facts_fini(struct facts *f);

#endif

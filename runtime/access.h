/* access.h: the whole of a memory access that an engine's fast path refused: context fields that
 * read as something else, arena memory, and accesses that nothing allows. All engines share it, so
 * that all agree on what an access does.
 *
 * An access through a pointer into the arena never traps, as in Linux: where no page is allocated a
 * load gives 0 and a store is lost.
 */
#ifndef BPFLAB_RUNTIME_ACCESS_H
#define BPFLAB_RUNTIME_ACCESS_H

#include "runtime/world.h"

/* access_load:   n_bytes at addr, sign-extended if sign says so, into *value.
 * access_store:  the low n_bytes of value to addr.
 * access_atomic: a read-modify-write; op is one of the rows of isa/atomic.def that are no loads or
 *                stores. *src: the operand, and the old value where the row fetches; *r0: what
 *                CMPXCHG compares with, and where it leaves the old value.
 * in:     limit: an offset; nothing from there on may be accessed
 * out:    false if nothing allows the access: access_refusal is the trap. Nothing has happened then
 * cost:   O(1) */
bool access_load(struct world *w, uint64_t addr, unsigned n_bytes, bool sign, uint64_t limit,
                 uint64_t *value);
bool access_store(struct world *w, uint64_t addr, unsigned n_bytes, uint64_t value, uint64_t limit);
bool access_atomic(struct world *w, enum op op, uint64_t addr, uint64_t limit, uint64_t *src,
                   uint64_t *r0);

/* access_refusal: the trap that an access at addr which nothing allows ends in. */
static inline enum run_kind access_refusal(uint64_t addr) {
    enum {
        NULL_PAGE = 4096
    };
    return addr < NULL_PAGE ? RUN_TRAP_NULL : RUN_TRAP_MEMORY;
}

#endif

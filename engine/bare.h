/* bare.h: many small runs of bare programs in one world: each begins in the same world, with memory
 * of its own, and pays only for what the one before may have touched.
 */
#ifndef BPFLAB_ENGINE_BARE_H
#define BPFLAB_ENGINE_BARE_H

#include "runtime/snapshot.h"
#include "runtime/world.h"

enum {
    BARE_MEM_MAX = 65536
};

struct bare {
    struct world *w; /* borrowed */
    struct snapshot *fresh;
    struct world_state st; /* at the beginning */
    uint64_t mem_off;
    size_t mem_bytes; /* of the last run */
};

/* bare_init: take over a world without maps.
 * errors: NOMEM, SPACE */
enum bpflab_err bare_init(struct bare *b, struct world *w);
void bare_fini(struct bare *b);

/* bare_begin: the world as it was at the beginning but for its memory, and a run begun.
 * in:     n_bytes at most BARE_MEM_MAX
 * out:    r1 = address of the memory (0 if it has no bytes), r2 = its size */
void bare_begin(struct bare *b, const uint8_t *mem, size_t n_bytes, uint64_t args[5]);

/* bare_mem: the memory now, as many bytes as it was given. */
const uint8_t *bare_mem(const struct bare *b);

#endif

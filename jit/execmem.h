/* execmem.h: memory that generated code runs from. Nothing else in bpflab makes memory executable.
 *
 * An arena is reserved once, between two pages that nobody may touch, near the code that its
 * programs will call, so that a relative call reaches it. No page is ever writable and executable
 * through one address. There are two ways:
 *
 *   two mappings   the same memory twice, writable at one address and executable at another: a
 *                  write needs no system call. The default
 *   one mapping    writable while something is written, executable else, for emulators that notice
 *                  new code only where it is made executable. Nothing may run meanwhile
 *
 * Blocks are handed out and taken back here; what they hold is the caller's.
 */
#ifndef BPFLAB_JIT_EXECMEM_H
#define BPFLAB_JIT_EXECMEM_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/err.h"

struct execmem; /* opaque */

struct execmem_config {
    uint32_t n_bytes; /* rounded up to whole pages */
    uint64_t near;    /* an address that relative calls should reach, 0: it does not matter */
    bool one_mapping;
};

enum {
    EXECMEM_ALIGN = 64
};

/* execmem_new: reserve an arena.
 * out:    *out, for execmem_free; anywhere if there is no room near
 * errors: NOMEM, ARG (no bytes, or more than 1 GiB), SYSTEM (no executable memory is to be had) */
enum bpflab_err execmem_new(const struct execmem_config *cfg, struct execmem **out, struct diag *d);
void execmem_free(struct execmem *m);

/* execmem_addr: of the first byte, where code runs. execmem_bytes: how many there are.
 * execmem_holds: is this an address of the arena? */
uint64_t execmem_addr(const struct execmem *m);
uint32_t execmem_bytes(const struct execmem *m);
bool execmem_holds(const struct execmem *m, uint64_t addr);

/* execmem_take: a block of n_bytes, at a multiple of EXECMEM_ALIGN. Its bytes are what they were.
 * execmem_trim: keep only the first n_bytes of a block.
 * execmem_give: a block is needed no longer.
 * errors: SPACE (no room in the arena), NOMEM
 * cost:   O(blocks) */
enum bpflab_err execmem_take(struct execmem *m, uint32_t n_bytes, uint64_t *addr);
void execmem_trim(struct execmem *m, uint64_t addr, uint32_t n_bytes);
void execmem_give(struct execmem *m, uint64_t addr);

/* execmem_write: bytes to addr, ready to run when it returns: caches are in order.
 * errors: RANGE (outside the arena), SYSTEM
 * cost:   O(n); with one mapping two system calls */
enum bpflab_err execmem_write(struct execmem *m, uint64_t addr, const void *bytes, uint32_t n);

/* execmem_begin, execmem_end: many writes at the price of one: between the two nothing may run.
 * errors: SYSTEM */
enum bpflab_err execmem_begin(struct execmem *m);
enum bpflab_err execmem_end(struct execmem *m);

#endif

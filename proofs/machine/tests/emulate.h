/* emulate.h: a machine on constants: its terms fold, so that it runs code.
 *
 * Registers begin unknown, but for those that are set; the stack is the fragment's own, around a
 * variable. Memory is one stretch of bytes. What is read before it is known can be moved, kept and
 * put back, but neither stored to memory nor decided on.
 */
#ifndef BPFLAB_PROOFS_MACHINE_TESTS_EMULATE_H
#define BPFLAB_PROOFS_MACHINE_TESTS_EMULATE_H

#include "proofs/machine/machine.h"

struct emulator {
    const struct machine *m;
    struct mstate s;
    const uint8_t *code; /* its first byte is at addr */
    size_t n_bytes;
    uint64_t addr;
    uint8_t *mem; /* the byte at mem_addr and on */
    uint64_t mem_addr;
    size_t mem_bytes;
    uint64_t seed;    /* of which store-conditionals fail */
    uint64_t n_insns; /* done so far */
    char why[240];    /* why it stopped */
};

/* emulate_begin: every register unknown, the stack empty; all else is the caller's to set first. */
void emulate_begin(struct emulator *e, struct terms *t);
/* emulate_set: a register of eBPF's, STATE and so on. */
void emulate_set(struct emulator *e, unsigned jit_reg, uint64_t value);
/* emulate: from offset `at` until the code returns. out: false: why it does not */
bool emulate(struct emulator *e, size_t at);

#endif

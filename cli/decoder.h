/* decoder.h: machine code as assembly text, for any target, by LLVM's disassembler.
 *
 * The library is opened when it is first needed, not linked: bpflab builds and starts without it,
 * and only whoever asks for assembly pays for loading it.
 */
#ifndef BPFLAB_CLI_DECODER_H
#define BPFLAB_CLI_DECODER_H

#include <stddef.h>
#include <stdint.h>

#include "jit/jit.h"

struct decoder; /* one target's */

/* decoder_open: for a target.
 * in:     name: what lies at an address, for targets of jumps and calls; NULL where there is no
 *         name. Its strings must last until the next call
 * out:    NULL and a sentence in *why (static) if there is no library, or it lacks the target */
struct decoder *decoder_open(const struct jit_arch *target,
                             const char *(*name)(void *self, uint64_t addr), void *self,
                             const char **why);
void decoder_close(struct decoder *d);

enum {
    DECODER_TEXT_MAX = 160
};

/* decoder_next: the instruction that bytes begin with, as it lies at addr.
 * out:    how many bytes it has, and its text without tabs; 0 if it is none */
unsigned decoder_next(struct decoder *d, const uint8_t *bytes, size_t n_bytes, uint64_t addr,
                      char text[DECODER_TEXT_MAX]);

#endif

/* bitcode_embed.h: the theorems and what they are about, as bitcode inside the program. */
#ifndef BPFLAB_PROOFS_BITCODE_EMBED_H
#define BPFLAB_PROOFS_BITCODE_EMBED_H

#include <stddef.h>

struct embedded {
    const unsigned char *bytes;
    size_t n_bytes;
};

/* What is embedded: theorem/all.c, theorem/interp.c. */
enum {
    BITCODE_MODULES = 2
};

/* bitcode_embedded: of one of them. in: level: 0: compiled with -O0; 1: with -O2 */
struct embedded bitcode_embedded(unsigned module, unsigned level);

#endif

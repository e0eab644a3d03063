/* fnv.h: FNV-1a, of which the hashes of sources and names are made. */
#ifndef BPFLAB_PROOFS_FNV_H
#define BPFLAB_PROOFS_FNV_H

#include <stdint.h>

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)

/* fnv_byte, fnv_text: a hash, FNV_BASIS at first, with a byte (a text's bytes) more. */
static inline uint64_t fnv_byte(uint64_t h, char c) {
    return (h ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}

static inline uint64_t fnv_text(uint64_t h, const char *s) {
    for (; *s; s++)
        h = fnv_byte(h, *s);
    return h;
}

#endif

/* blob.h: bytes that grow while a file is written into them, numbers in either byte order. Running
 * out of memory is remembered, and asked for once, at the end.
 */
#ifndef BPFLAB_FUZZ_BLOB_H
#define BPFLAB_FUZZ_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct blob {
    uint8_t *at; /* owned; for free */
    size_t n, room;
    bool big_endian;
    bool failed; /* out of memory: what was put since is lost */
};

/* blob_room: where n more bytes go; NULL if there is no memory. */
static inline uint8_t *blob_room(struct blob *b, size_t n) {
    if (b->room - b->n < n) {
        const size_t room = 2 * b->room + n + 256;
        uint8_t *const at = b->failed ? NULL : realloc(b->at, room);
        b->failed = !at;
        if (!at)
            return NULL;
        b->at = at;
        b->room = room;
    }
    b->n += n;
    return b->at + b->n - n;
}

static inline void blob_put(struct blob *b, uint64_t v, unsigned n_bytes) {
    uint8_t *const p = blob_room(b, n_bytes);
    for (unsigned i = 0; p && i < n_bytes; i++)
        p[b->big_endian ? n_bytes - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

/* blob_bytes: out: where they begin */
static inline size_t blob_bytes(struct blob *b, const void *bytes, size_t n) {
    const size_t at = b->n;
    uint8_t *const p = blob_room(b, n);
    if (p && n)
        memcpy(p, bytes, n);
    return at;
}

static inline size_t blob_zeros(struct blob *b, size_t n) {
    const size_t at = b->n;
    uint8_t *const p = blob_room(b, n);
    if (p && n)
        memset(p, 0, n);
    return at;
}

/* blob_string: a string and its end. */
static inline size_t blob_string(struct blob *b, const char *s) {
    return blob_bytes(b, s, strlen(s) + 1);
}

#endif

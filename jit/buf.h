/* buf.h: bytes being made. Errors stick: after the first, nothing is written and nobody needs to
 * look until the end.
 */
#ifndef BPFLAB_JIT_BUF_H
#define BPFLAB_JIT_BUF_H

#include <stdint.h>
#include <string.h>

#include "isa/err.h"

struct jit_buf {
    uint8_t *bytes; /* owned */
    uint32_t n, capacity;
    enum bpflab_err err;
};

void jit_buf_init(struct jit_buf *b);
void jit_buf_fini(struct jit_buf *b);

/* jit_buf_fail: the first failure stays.
 * jit_buf_room: space for n more bytes, which the caller writes and counts; NULL after an error. */
void jit_buf_fail(struct jit_buf *b, enum bpflab_err err);
uint8_t *jit_buf_grow(struct jit_buf *b, uint32_t n);

static inline uint8_t *jit_buf_room(struct jit_buf *b, uint32_t n) {
    return b->capacity - b->n >= n ? b->bytes + b->n : jit_buf_grow(b, n);
}

/* jit_put: n bytes, at most 8, of v, lowest first. jit_put_le32, jit_put_be16 and so on: one value
 * in that byte order. jit_put_mem: bytes as they are. */
static inline void jit_put(struct jit_buf *b, uint64_t v, uint32_t n) {
    uint8_t *const p = jit_buf_room(b, 8);
    if (!p)
        return;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    memcpy(p, &v, sizeof v); /* compilers do not see that eight stores of a byte are one */
    b->n += n;
}

static inline void jit_put_le32(struct jit_buf *b, uint32_t v) {
    jit_put(b, v, 4);
}

static inline void jit_put_be16(struct jit_buf *b, uint16_t v) {
    jit_put(b, (uint64_t)__builtin_bswap16(v), 2);
}

static inline void jit_put_be32(struct jit_buf *b, uint32_t v) {
    jit_put(b, (uint64_t)__builtin_bswap32(v), 4);
}

/* jit_put_be48: the low 48 bits of v, highest byte first. */
static inline void jit_put_be48(struct jit_buf *b, uint64_t v) {
    jit_put(b, __builtin_bswap64(v << 16), 6);
}

void jit_put_mem(struct jit_buf *b, const void *bytes, uint32_t n);

#endif

#include "jit/buf.h"

#include <stdlib.h>

void jit_buf_init(struct jit_buf *b) {
    *b = (struct jit_buf){.err = BPFLAB_OK};
}

void jit_buf_fini(struct jit_buf *b) {
    free(b->bytes);
    jit_buf_init(b);
}

void jit_buf_fail(struct jit_buf *b, enum bpflab_err err) {
    if (!b->err)
        b->err = err;
    b->capacity = b->n; /* so that every room is refused */
}

uint8_t *jit_buf_grow(struct jit_buf *b, uint32_t n) {
    enum {
        LEAST = 1024,
        MOST = 1 << 30
    };
    if (b->err)
        return NULL;
    const uint32_t want = b->n + n > LEAST / 2 ? 2 * (b->n + n) : LEAST;
    uint8_t *const bytes = want < MOST ? realloc(b->bytes, want) : NULL;
    if (!bytes) {
        jit_buf_fail(b, BPFLAB_E_NOMEM);
        return NULL;
    }
    b->bytes = bytes;
    b->capacity = want;
    return bytes + b->n;
}

void jit_put_mem(struct jit_buf *b, const void *bytes, uint32_t n) {
    uint8_t *const p = n ? jit_buf_room(b, n) : NULL;
    if (!p)
        return;
    memcpy(p, bytes, n);
    b->n += n;
}

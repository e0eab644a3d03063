/* wire.h: numbers and bytes in a message, lowest byte first, whatever the machine. Both ends keep a
 * sticky error, so that nobody needs to look until the end: a writer that is full writes nothing
 * more, a reader that has run out reads zeros.
 *
 * A message may lie in memory that the other side goes on writing to. So each byte is read once:
 * numbers are checked as they were read, and text as it was copied. Whoever gets bytes borrowed
 * (wire_get_raw, wire_get_bytes) copies them before looking at them.
 */
#ifndef BPFLAB_ENGINE_WIRE_H
#define BPFLAB_ENGINE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_out {
    uint8_t *p; /* borrowed */
    size_t n, capacity;
    bool full;
};

struct wire_in {
    const uint8_t *p; /* borrowed */
    size_t n, at;
    bool bad; /* it ended too early, or a value made no sense */
};

void wire_put32(struct wire_out *o, uint32_t v);
void wire_put64(struct wire_out *o, uint64_t v);
void wire_put_raw(struct wire_out *o, const void *bytes, size_t n);
/* wire_put_bytes: a size and that many bytes. wire_put_text: NULL is told from "". */
void wire_put_bytes(struct wire_out *o, const void *bytes, size_t n);
void wire_put_text(struct wire_out *o, const char *text);

/* wire_mark32: room for a number to be known later. out: where, for wire_set32 */
size_t wire_mark32(struct wire_out *o);
void wire_set32(struct wire_out *o, size_t mark, uint32_t v);

uint32_t wire_get32(struct wire_in *in);
uint64_t wire_get64(struct wire_in *in);
/* wire_get_raw: n bytes, borrowed from the message; NULL if they are not there.
 * wire_get_bytes: a size into *n, and that many bytes. */
const uint8_t *wire_get_raw(struct wire_in *in, size_t n);
const uint8_t *wire_get_bytes(struct wire_in *in, size_t *n);
/* wire_get_text: owned by the caller; NULL for NULL, or when memory is short (then bad). */
char *wire_get_text(struct wire_in *in);

/* wire_count: a number of things of at least unit bytes each, of which as many must still be
 * there. */
uint32_t wire_count(struct wire_in *in, size_t unit);

#endif

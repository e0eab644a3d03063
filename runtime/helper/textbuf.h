/* textbuf.h: text printed into a buffer that may be too small: what does not fit is only
 * counted. */
#ifndef BPFLAB_RUNTIME_HELPER_TEXTBUF_H
#define BPFLAB_RUNTIME_HELPER_TEXTBUF_H

#include <stdbool.h>
#include <stdint.h>

struct textbuf {
    char *p;
    uint64_t size, used; /* used may exceed size */
};

/* Flags of a conversion. */
enum text_flag {
    TEXT_LEFT = 1 << 0,
    TEXT_PLUS = 1 << 1,
    TEXT_SPACE = 1 << 2,
    TEXT_ZERO = 1 << 3,
    TEXT_SIGNED = 1 << 4,
    TEXT_UPPER = 1 << 5,
};

struct text_spec {
    uint8_t flags; /* enum text_flag */
    int32_t width; /* -1: none */
};

/* text_fill: n times c; nothing if n is negative.
 * cost:   O(what fits), whatever n is */
void text_fill(struct textbuf *t, char c, int64_t n);

/* text_bytes: n bytes of s, which may lie in the buffer. text_string: the same, padded with spaces
 * to the width. */
void text_bytes(struct textbuf *t, const char *s, uint64_t n);
void text_string(struct textbuf *t, const char *s, uint64_t n, struct text_spec spec);

/* text_number: v, padded to the width.
 * in:     base 10 or 16; with TEXT_SIGNED v is an int64_t */
void text_number(struct textbuf *t, uint64_t v, unsigned base, struct text_spec spec);

/* text_end: put the NUL behind the text, or into the last byte if the text is longer; nothing into
 * a buffer of size 0. */
void text_end(struct textbuf *t);

#endif

/* textbuf.c: padding, strings and numbers into a bounded buffer. */
#include "runtime/helper/textbuf.h"

#include <string.h>

enum {
    DIGITS_MAX = 24
};

/* How many of n bytes still fit. */
static uint64_t room_for(const struct textbuf *t, uint64_t n) {
    const uint64_t room = t->used < t->size ? t->size - t->used : 0;
    return n < room ? n : room;
}

void text_fill(struct textbuf *t, char c, int64_t n) {
    if (n <= 0)
        return;
    const uint64_t fits = room_for(t, (uint64_t)n);
    if (fits)
        memset(t->p + t->used, c, fits);
    t->used += (uint64_t)n;
}

void text_bytes(struct textbuf *t, const char *s, uint64_t n) {
    const uint64_t fits = room_for(t, n);
    if (fits)
        memmove(t->p + t->used, s, fits);
    t->used += n;
}

void text_string(struct textbuf *t, const char *s, uint64_t n, struct text_spec spec) {
    const int64_t pad = spec.width - (int64_t)n;
    if (!(spec.flags & TEXT_LEFT))
        text_fill(t, ' ', pad);
    text_bytes(t, s, n);
    if (spec.flags & TEXT_LEFT)
        text_fill(t, ' ', pad);
}

static char sign_of(uint64_t v, uint8_t flags) {
    if (!(flags & TEXT_SIGNED))
        return 0;
    if (v >> 63)
        return '-';
    return flags & TEXT_PLUS ? '+' : flags & TEXT_SPACE ? ' ' : 0;
}

void text_number(struct textbuf *t, uint64_t v, unsigned base, struct text_spec spec) {
    const char *digits = spec.flags & TEXT_UPPER ? "0123456789ABCDEF" : "0123456789abcdef";
    const char sign = sign_of(v, spec.flags);
    const bool left = spec.flags & TEXT_LEFT, zero = !left && spec.flags & TEXT_ZERO;
    char text[DIGITS_MAX];
    unsigned n = 0;
    if (sign == '-')
        v = 0 - v;
    do {
        text[DIGITS_MAX - ++n] = digits[v % base];
        v /= base;
    } while (v);
    const int64_t pad = spec.width - (int64_t)n - (sign != 0);
    if (!left && !zero)
        text_fill(t, ' ', pad);
    if (sign)
        text_bytes(t, &sign, 1);
    if (zero)
        text_fill(t, '0', pad);
    text_bytes(t, text + DIGITS_MAX - n, n);
    if (left)
        text_fill(t, ' ', pad);
}

void text_end(struct textbuf *t) {
    if (t->size)
        t->p[t->used < t->size ? t->used : t->size - 1] = 0;
}

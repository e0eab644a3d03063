/* kctype.h: the kernel's character classes: ASCII, and Latin-1 from 0xa0 on. */
#ifndef BPFLAB_RUNTIME_HELPER_KCTYPE_H
#define BPFLAB_RUNTIME_HELPER_KCTYPE_H

#include <stdbool.h>
#include <stdint.h>

static inline bool kctype_space(uint8_t c) {
    return (c >= 9 && c <= 13) || c == ' ' || c == 0xa0;
}

static inline bool kctype_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

static inline bool kctype_alnum(uint8_t c) {
    return kctype_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 0x80) ||
           (c >= 0xc0 && c != 0xd7 && c != 0xf7);
}

static inline bool kctype_punct(uint8_t c) {
    return (c > ' ' && c < 0x7f && !kctype_alnum(c)) || (c > 0xa0 && c < 0xc0) || c == 0xd7 ||
           c == 0xf7;
}

static inline bool kctype_print(uint8_t c) {
    return kctype_alnum(c) || kctype_punct(c) || c == ' ' || c == 0xa0;
}

#endif

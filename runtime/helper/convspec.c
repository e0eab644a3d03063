/* convspec.c: reading conversions. The kernel reads each twice, with two parsers that agree on all
 * that the first one lets through; here there is one.
 */
#include "runtime/helper/convspec.h"

#include "runtime/helper/kctype.h"

enum {
    WIDTH_BITS = 24
};

/* May c follow a conversion that takes letters behind it? */
static bool ends_conversion(uint8_t c) {
    return !c || kctype_space(c) || kctype_punct(c);
}

static const uint8_t *read_flags(const uint8_t *p, struct text_spec *spec) {
    for (;; p++) {
        switch (*p) {
        case '-': spec->flags |= TEXT_LEFT; break;
        case '+': spec->flags |= TEXT_PLUS; break;
        case ' ': spec->flags |= TEXT_SPACE; break;
        case '0': spec->flags |= TEXT_ZERO; break;
        default: return p;
        }
    }
}

/* A width is kept in a field of 24 bits, two's complement. */
static const uint8_t *read_width(const uint8_t *p, struct text_spec *spec) {
    const uint32_t sign = UINT32_C(1) << (WIDTH_BITS - 1);
    uint32_t width = 0;
    spec->width = -1;
    if (!kctype_digit(*p))
        return p;
    for (; kctype_digit(*p); p++)
        width = width * 10 + (*p - '0');
    width &= 2 * sign - 1;
    spec->width = (int32_t)(width ^ sign) - (int32_t)sign;
    return p;
}

/* Behind %p.
 * out: the last byte of the conversion, NULL if it is none. */
static const uint8_t *read_pointer(const uint8_t *p, struct convspec *c) {
    c->n_bytes = 8;
    c->kind = CONV_PTR;
    if (ends_conversion(p[1]))
        return p;
    switch (p[1]) {
    case 'K': return p + 1;
    case 'x': c->kind = CONV_RAW; return p + 1;
    case 's': c->kind = CONV_SYMBOL; return p + 1;
    case 'S': c->kind = CONV_SYMBOL_OFF; return p + 1;
    case 'B': c->kind = CONV_TEXT_BACKTRACE; return p + 1;
    case 'k':
    case 'u':
        c->kind = CONV_TEXT_STRING;
        c->space = p[1] == 'u' ? PROBE_USER : PROBE_KERNEL;
        return p[2] == 's' && ends_conversion(p[3]) ? p + 2 : NULL;
    case 'i':
    case 'I':
        c->kind = CONV_TEXT_IP;
        c->raw_ip = p[1] == 'i';
        c->n_bytes = p[2] == '4' ? 4 : 16;
        return p[2] == '4' || p[2] == '6' ? p + 2 : NULL;
    default: return NULL;
    }
}

/* An integer conversion.
 * out: its last byte, NULL if it is none. */
static const uint8_t *read_integer(const uint8_t *p, struct convspec *c) {
    c->kind = CONV_INT;
    c->n_bytes = 4;
    for (unsigned i = 0; i < 2 && *p == 'l'; i++, p++)
        c->n_bytes = 8;
    c->base = *p == 'x' || *p == 'X' ? 16 : 10;
    switch (*p) {
    case 'd':
    case 'i': c->spec.flags |= TEXT_SIGNED; return p;
    case 'X': c->spec.flags |= TEXT_UPPER; return p;
    case 'u':
    case 'x': return p;
    default: return NULL;
    }
}

const uint8_t *convspec_read(const uint8_t *p, struct convspec *c) {
    *c = (struct convspec){.space = PROBE_EITHER};
    p = read_width(read_flags(p, &c->spec), &c->spec);
    switch (*p) {
    case 'p': return read_pointer(p, c);
    case 'c': c->kind = CONV_CHAR; return p;
    case 's': c->kind = CONV_STRING; return ends_conversion(p[1]) ? p : NULL;
    default: return read_integer(p, c);
    }
}

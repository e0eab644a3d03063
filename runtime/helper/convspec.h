/* convspec.h: the conversions of a format string, as programs may use them. */
#ifndef BPFLAB_RUNTIME_HELPER_CONVSPEC_H
#define BPFLAB_RUNTIME_HELPER_CONVSPEC_H

#include "runtime/helper/probe.h"
#include "runtime/helper/textbuf.h"

/* What a conversion takes and prints. */
enum conv_kind {
    CONV_INT, /* 4 or 8 bytes */
    CONV_CHAR,
    CONV_STRING, /* padded to the width */
    CONV_PTR,    /* hashed */
    CONV_RAW,
    CONV_SYMBOL,
    CONV_SYMBOL_OFF,
    CONV_TEXT_BACKTRACE, /* from here on: text made by the first pass, printed as it is */
    CONV_TEXT_STRING,
    CONV_TEXT_IP,
};

struct convspec {
    enum conv_kind kind;
    struct text_spec spec;
    uint8_t n_bytes; /* of an integer, of an address */
    uint8_t base;
    enum probe_space space; /* of a string */
    bool raw_ip;            /* %pi: without colons, with leading zeros */
};

/* convspec_read: the conversion whose % is before p.
 * in:     p in a string that ends with a NUL
 * out:    its last byte, and what it is in *c; NULL where Linux refuses it
 * errors: none
 * cost:   O(its length)
 * source: kernel/bpf/helpers.c, bpf_bprintf_prepare; lib/vsprintf.c, format_decode */
const uint8_t *convspec_read(const uint8_t *p, struct convspec *c);

/* convspec_is_pointer: is it one of the %p kind, which takes all letters and digits behind it
 * along? */
static inline bool convspec_is_pointer(const struct convspec *c) {
    return c->kind != CONV_INT && c->kind != CONV_CHAR && c->kind != CONV_STRING;
}

#endif

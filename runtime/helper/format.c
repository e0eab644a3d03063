/* format.c: format strings, in two passes as the kernel does them: the arguments are gathered into
 * a small record, strings and addresses by value, and the text is then printed from the format and
 * the record alone.
 *
 * The record's size and alignment decide when arguments are too long, and a text that has filled
 * its buffer no longer takes its strings from the record; both can be seen in results, so both are
 * kept as Linux has them.
 */
#include "runtime/helper/format.h"

#include <stdio.h>

#include "runtime/env.h"
#include "runtime/errno.h"
#include "runtime/helper/convspec.h"
#include "runtime/helper/kctype.h"

enum {
    RECORD_BYTES = 512,
    SYMBOL_TEXT = 192, /* name, offset and size */
    ERR_VALUES = 4095, /* addresses at the very end are error codes */
};

/* struct record: the gathered arguments. */
struct record {
    uint8_t bytes[RECORD_BYTES];
    uint32_t used, taken;
};

static uint32_t align4(uint32_t n) {
    return (n + 3) & ~3u;
}

static int put_integer(struct record *r, uint64_t v, unsigned n_bytes) {
    r->used = align4(r->used);
    if (RECORD_BYTES - r->used < n_bytes)
        return -LX_ENOSPC;
    const uint32_t low = (uint32_t)v;
    if (n_bytes == 8)
        memcpy(r->bytes + r->used, &v, 8);
    else
        memcpy(r->bytes + r->used, &low, 4);
    r->used += n_bytes;
    return 0;
}

static int put_text(struct record *r, const char *s) {
    const size_t n = strlen(s) + 1;
    if (RECORD_BYTES - r->used < n)
        return -LX_ENOSPC;
    memcpy(r->bytes + r->used, s, n);
    r->used += (uint32_t)n;
    return 0;
}

static int put_string(const struct world *w, struct record *r, uint64_t addr,
                      enum probe_space space) {
    const uint32_t room = RECORD_BYTES - r->used;
    if (!room)
        return -LX_ENOSPC;
    int64_t n = probe_string(w, r->bytes + r->used, room, addr, space);
    if (n < 0) {
        r->bytes[r->used] = 0;
        n = 1;
    }
    r->used += (uint32_t)n;
    return 0;
}

static void ip_text(char *out, size_t size, const uint8_t *a, unsigned n_bytes, bool raw) {
    if (n_bytes == 4) {
        snprintf(out, size, raw ? "%03u.%03u.%03u.%03u" : "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
        return;
    }
    for (unsigned i = 0, at = 0; i < 16; i++) {
        const char *colon = !raw && i % 2 && i < 15 ? ":" : "";
        at += (unsigned)snprintf(out + at, size - at, "%02x%s", a[i], colon);
    }
}

static int put_ip(const struct world *w, struct record *r, uint64_t addr,
                  const struct convspec *c) {
    uint8_t a[16] = {0};
    char text[48];
    if (RECORD_BYTES - r->used < c->n_bytes)
        return -LX_ENOSPC;
    const uint8_t *p = world_peek(w, addr, c->n_bytes, WORLD_READ);
    if (p)
        memcpy(a, p, c->n_bytes);
    ip_text(text, sizeof text, a, c->n_bytes, c->raw_ip);
    return put_text(r, text);
}

/* "name+0x10/0x40" for addr; a return address (back 1) belongs to the call before it. */
static void symbol_text(const struct world *w, char *out, size_t size, uint64_t addr, unsigned back,
                        bool with_off) {
    const struct env_symbol *s = env_symbol_at(w->env, addr - back);
    if (!s)
        snprintf(out, size, "0x%llx", (unsigned long long)addr);
    else if (with_off)
        snprintf(out, size, "%s+0x%llx/0x%llx", s->name, (unsigned long long)(addr - s->addr),
                 (unsigned long long)s->n_bytes);
    else
        snprintf(out, size, "%s", s->name);
}

static int put_arg(const struct world *w, struct record *r, uint64_t v, const struct convspec *c) {
    char text[SYMBOL_TEXT];
    switch (c->kind) {
    case CONV_CHAR:
        if (r->used == RECORD_BYTES)
            return -LX_ENOSPC;
        r->bytes[r->used++] = (uint8_t)v;
        return 0;
    case CONV_STRING:
    case CONV_TEXT_STRING: return put_string(w, r, v, c->space);
    case CONV_TEXT_IP: return put_ip(w, r, v, c);
    case CONV_TEXT_BACKTRACE:
        symbol_text(w, text, sizeof text, v, 1, true);
        return put_text(r, text);
    default: return put_integer(r, v, c->n_bytes);
    }
}

/* First pass: refuse bad formats, gather the arguments. fmt ends with a NUL. */
static int gather(const struct world *w, const uint8_t *fmt, const uint64_t *args, uint32_t n_args,
                  struct record *r) {
    uint32_t n = 0;
    for (const uint8_t *p = fmt; *p; p++) {
        if (*p < 0x80 && (*p < ' ' || *p == 0x7f) && !kctype_space(*p))
            return -LX_EINVAL;
        if (*p != '%')
            continue;
        if (p[1] == '%') {
            p++;
            continue;
        }
        struct convspec c;
        p = n < n_args ? convspec_read(p + 1, &c) : NULL;
        if (!p)
            return -LX_EINVAL;
        const int err = put_arg(w, r, args[n++], &c);
        if (err)
            return err;
    }
    return 0;
}

static uint64_t take_integer(struct record *r, const struct convspec *c) {
    uint64_t v = 0;
    uint32_t low = 0;
    r->taken = align4(r->taken);
    if (RECORD_BYTES - r->taken < c->n_bytes)
        return 0;
    if (c->n_bytes == 8)
        memcpy(&v, r->bytes + r->taken, 8);
    else
        memcpy(&low, r->bytes + r->taken, 4);
    r->taken += c->n_bytes;
    if (c->n_bytes == 8)
        return v;
    return c->spec.flags & TEXT_SIGNED ? (uint64_t)(int32_t)low : low;
}

/* The next string of the record; its length in *n. */
static const char *take_text(struct record *r, size_t *n) {
    const char *s = (const char *)r->bytes + r->taken;
    *n = strnlen(s, RECORD_BYTES - r->taken);
    r->taken += (uint32_t)*n + (r->taken + *n < RECORD_BYTES);
    return s;
}

/* Addresses print as 32 bits that tell them apart and nothing else; none and error codes as they
 * are. */
static uint64_t hashed(const struct world *w, uint64_t addr) {
    if (!addr || addr >= UINT64_MAX - ERR_VALUES + 1)
        return addr;
    uint64_t z = (addr ^ w->cfg.seed) + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) & UINT32_MAX;
}

static void print_char(struct textbuf *t, struct record *r, struct text_spec spec) {
    const char c = (char)(r->taken < RECORD_BYTES ? r->bytes[r->taken++] : 0);
    text_string(t, &c, 1, spec);
}

void format_pointer(const struct world *w, struct textbuf *t, uint64_t v, bool raw,
                    struct text_spec spec) {
    if (spec.width == -1) {
        spec.width = 16;
        spec.flags |= TEXT_ZERO;
    }
    text_number(t, raw ? v : hashed(w, v), 16, spec);
}

static void print_conv(const struct world *w, struct textbuf *t, struct record *r,
                       const struct convspec *c) {
    char text[SYMBOL_TEXT];
    const char *s;
    size_t n;
    switch (c->kind) {
    case CONV_INT: text_number(t, take_integer(r, c), c->base, c->spec); return;
    case CONV_CHAR: print_char(t, r, c->spec); return;
    case CONV_STRING:
        s = take_text(r, &n);
        text_string(t, s, n, c->spec);
        return;
    case CONV_PTR: format_pointer(w, t, take_integer(r, c), false, c->spec); return;
    case CONV_RAW: format_pointer(w, t, take_integer(r, c), true, c->spec); return;
    case CONV_SYMBOL:
    case CONV_SYMBOL_OFF:
        symbol_text(w, text, sizeof text, take_integer(r, c), 0, c->kind == CONV_SYMBOL_OFF);
        text_string(t, text, strlen(text), c->spec);
        return;
    default:
        if (t->used >= t->size)
            return; /* neither counted nor taken */
        s = take_text(r, &n);
        text_bytes(t, s, n);
        return;
    }
}

/* Second pass, over a format that the first accepted; a program may have put the buffer over it, so
 * that it can change on the way: it is read no further than its first end. */
static void print(const struct world *w, struct textbuf *t, const uint8_t *fmt, struct record *r) {
    const uint8_t *p = fmt, *const end = fmt + strlen((const char *)fmt);
    while (p < end && *p) {
        if (*p != '%') {
            const uint8_t *start = p;
            while (p < end && *p && *p != '%')
                p++;
            text_bytes(t, (const char *)start, (uint64_t)(p - start));
            continue;
        }
        if (p[1] == '%') {
            text_fill(t, '%', 1);
            p += 2;
            continue;
        }
        struct convspec c;
        p = convspec_read(p + 1, &c);
        if (!p)
            return;
        print_conv(w, t, r, &c);
        p++;
        while (convspec_is_pointer(&c) && kctype_alnum(*p))
            p++; /* letters behind a pointer are taken for part of it */
    }
}

int64_t format_text(const struct world *w, char *out, uint64_t out_bytes, const uint8_t *fmt,
                    uint64_t fmt_bytes, const uint64_t *args, uint32_t n_args) {
    struct record r = {0}; /* all of it: a text that is full can read past what was gathered */
    if (!memchr(fmt, 0, fmt_bytes))
        return -LX_EINVAL;
    const int err = gather(w, fmt, args, n_args, &r);
    if (err)
        return err;
    struct textbuf t = {.p = out, .size = out_bytes};
    print(w, &t, fmt, &r);
    text_end(&t);
    return (int64_t)t.used;
}

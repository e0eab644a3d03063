/* wire.c: messages, byte by byte. */
#include "engine/wire.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *room(struct wire_out *o, size_t n) {
    if (o->full || n > o->capacity - o->n) {
        o->full = true;
        return NULL;
    }
    uint8_t *p = o->p + o->n;
    o->n += n;
    return p;
}

static void store32(uint8_t *p, uint32_t v) {
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

void wire_put32(struct wire_out *o, uint32_t v) {
    uint8_t *p = room(o, 4);
    if (p)
        store32(p, v);
}

void wire_put64(struct wire_out *o, uint64_t v) {
    wire_put32(o, (uint32_t)v);
    wire_put32(o, (uint32_t)(v >> 32));
}

void wire_put_raw(struct wire_out *o, const void *bytes, size_t n) {
    uint8_t *p = room(o, n);
    if (p && n)
        memcpy(p, bytes, n);
}

void wire_put_bytes(struct wire_out *o, const void *bytes, size_t n) {
    wire_put64(o, n);
    wire_put_raw(o, bytes, n);
}

void wire_put_text(struct wire_out *o, const char *text) {
    const size_t n = text ? strlen(text) + 1 : 0;
    wire_put_bytes(o, text, n);
}

size_t wire_mark32(struct wire_out *o) {
    const size_t at = o->n;
    wire_put32(o, 0);
    return at;
}

void wire_set32(struct wire_out *o, size_t mark, uint32_t v) {
    if (!o->full)
        store32(o->p + mark, v);
}

const uint8_t *wire_get_raw(struct wire_in *in, size_t n) {
    if (in->bad || n > in->n - in->at) {
        in->bad = true;
        return NULL;
    }
    const uint8_t *p = in->p + in->at;
    in->at += n;
    return p;
}

uint32_t wire_get32(struct wire_in *in) {
    const uint8_t *p = wire_get_raw(in, 4);
    return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24
             : 0;
}

uint64_t wire_get64(struct wire_in *in) {
    const uint64_t low = wire_get32(in);
    return low | (uint64_t)wire_get32(in) << 32;
}

const uint8_t *wire_get_bytes(struct wire_in *in, size_t *n) {
    *n = wire_get64(in);
    const uint8_t *p = wire_get_raw(in, *n);
    if (!p)
        *n = 0;
    return p;
}

char *wire_get_text(struct wire_in *in) {
    size_t n;
    const uint8_t *p = wire_get_bytes(in, &n);
    if (!n)
        return NULL;
    char *text = malloc(n);
    if (text) {
        memcpy(text, p, n);
        if (text[n - 1]) { /* of the copy: the message may change under our eyes */
            free(text);
            text = NULL;
        }
    }
    in->bad |= !text;
    return text;
}

uint32_t wire_count(struct wire_in *in, size_t unit) {
    const uint32_t n = wire_get32(in);
    if (in->bad || n > (in->n - in->at) / unit) {
        in->bad = true;
        return 0;
    }
    return n;
}

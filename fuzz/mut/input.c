/* input.c: what programs are run on. */
#include <string.h>

#include "fuzz/mut/part.h"

enum {
    LEAST_PACKET = 14,
};

static struct case_input *some_input(struct mut *m) {
    return &m->c->inputs[mut_below(m, m->c->n_inputs)];
}

/* One of the other case's words. */
static uint64_t some_word(struct mut *m) {
    const uint32_t input = mut_below(m, m->other->n_inputs);
    return m->other->inputs[input].words[mut_below(m, CASE_WORDS)];
}

bool mut_word(struct mut *m) {
    struct case_input *const in = some_input(m);
    uint64_t *const word = &in->words[mut_below(m, CASE_WORDS)];
    const uint64_t was = *word;
    switch (mut_below(m, 8)) {
    case 0: *word = some_word(m); break;
    case 1: *word ^= UINT64_C(1) << mut_below(m, 64); break;
    default: *word = mut_number(m, was); break;
    }
    return *word != was;
}

/* n bytes of a packet become a number, of the network's byte order or the other. */
static void put_number(struct mut *m, struct case_input *in) {
    static const uint8_t sizes[] = {1, 2, 4};
    const uint32_t n = mut_pick(m, sizes), at = mut_below(m, in->packet_bytes - n + 1);
    const bool low_first = mut_maybe(m, 3);
    uint64_t v = 0;
    for (uint32_t k = 0; k < n; k++)
        v = v << 8 | in->packet[at + k];
    v = mut_number(m, v);
    for (uint32_t k = 0; k < n; k++)
        in->packet[at + k] = (uint8_t)(v >> 8 * (low_first ? k : n - 1 - k));
}

static void set_length(struct mut *m, struct case_input *in) {
    const uint32_t was = in->packet_bytes;
    uint32_t now = mut_maybe(m, 2)
                       ? LEAST_PACKET + mut_below(m, CASE_PACKET_BYTES - LEAST_PACKET + 1)
                       : (uint32_t)((int32_t)was + mut_nearby(m));
    if (now < LEAST_PACKET)
        now = LEAST_PACKET;
    if (now > CASE_PACKET_BYTES)
        now = CASE_PACKET_BYTES;
    if (now > was)
        memset(in->packet + was, 0, now - was);
    in->packet_bytes = now;
}

/* Ethernet, and IPv4 or IPv6 with TCP or UDP where there is room. */
static void put_headers(struct mut *m, struct case_input *in) {
    static const uint8_t heads[][12] = {
        {0x08, 0x00, 0x45, 0x00, 0x00, 0x30, 0, 0, 0, 0, 64, 6},
        {0x08, 0x00, 0x46, 0x00, 0x00, 0x40, 0, 0, 0x20, 0, 1, 17},
        {0x86, 0xdd, 0x60, 0x00, 0x00, 0x00, 0, 20, 6, 64, 0, 0},
        {0x81, 0x00, 0x00, 0x64, 0x08, 0x00, 0x45, 0, 0, 0, 0, 0},
    };
    const uint8_t *const head = heads[mut_below(m, 4)];
    for (uint32_t k = 0; k < sizeof heads[0] && 12 + k < in->packet_bytes; k++)
        in->packet[12 + k] = head[k];
}

static void flip_bit(struct mut *m, struct case_input *in) {
    uint8_t *const byte = &in->packet[mut_below(m, in->packet_bytes)];
    *byte ^= (uint8_t)(1u << mut_below(m, 8));
}

bool mut_packet(struct mut *m) {
    struct case_input *const in = some_input(m);
    const struct case_input was = *in;
    switch (mut_below(m, 5)) {
    case 0: flip_bit(m, in); break;
    case 1: set_length(m, in); break;
    case 2: put_headers(m, in); break;
    default: put_number(m, in); break;
    }
    return in->packet_bytes != was.packet_bytes ||
           memcmp(in->packet, was.packet, in->packet_bytes) != 0;
}

bool mut_world(struct mut *m) {
    struct case_input *const in = some_input(m);
    const uint64_t was = in->seed;
    in->seed = mut_maybe(m, 2) ? input_bits(m->in, 8) : was + (uint64_t)(int64_t)mut_nearby(m);
    return in->seed != was;
}

bool mut_count(struct mut *m) {
    struct fuzz_case *const c = m->c;
    if (c->n_inputs > 1 && (c->n_inputs == CASE_MAX_INPUTS || mut_maybe(m, 2))) {
        const uint32_t gone = mut_below(m, c->n_inputs);
        c->n_inputs--;
        c->inputs[gone] = c->inputs[c->n_inputs];
        return true;
    }
    const struct fuzz_case *const from = mut_maybe(m, 2) ? m->other : c;
    c->inputs[c->n_inputs] = from->inputs[mut_below(m, from->n_inputs)];
    c->n_inputs++;
    mut_word(&(struct mut){.in = m->in, .c = c, .other = c});
    return true;
}

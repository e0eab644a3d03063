/* bytes.c: mutators as fuzzers want them: bytes in, bytes out. */
#include <string.h>

#include "fuzz/edit.h"
#include "fuzz/gen/gen.h"
#include "fuzz/mut/mut.h"

enum {
    GEN_CHOICES = 1024, /* bytes that a generator gets */
    LEAST_PACKET = 14,
    FRESH_ONE_IN = 24,
    DONOR_ONE_IN = 3, /* a generated case to take from, where the fuzzer has none */
};

bool mut_read(const uint8_t *bytes, size_t n_bytes, struct fuzz_case *out) {
    if (n_bytes == 0 || n_bytes > CASE_MAX_BYTES)
        return false;
    if (bytes[0] == CASE_LITERAL)
        return case_decode(bytes, n_bytes, out);
    if (bytes[0] != CASE_CHOICES)
        return false;
    struct input in;
    input_init(&in, bytes + 1, n_bytes - 1);
    gen_case(&in, 0, out, NULL);
    return true;
}

void mut_fresh(uint64_t seed, struct fuzz_case *out) {
    uint8_t choices[GEN_CHOICES];
    struct input in;
    input_random(&seed, choices, sizeof choices);
    input_init(&in, choices, sizeof choices);
    gen_case(&in, 0, out, NULL);
}

/* ---- size ---- */

/* What case_encode would write. */
static size_t encoded_bytes(const struct fuzz_case *c) {
    size_t n = 8 + 2 * c->n_progs + (size_t)INSN_BYTES * c->start[c->n_progs];
    for (uint32_t i = 0; i < c->n_inputs; i++)
        n += 8 + 8 * CASE_WORDS + 1 + c->inputs[i].packet_bytes;
    return n;
}

/* Leave out up to so many slots of the largest program, from its middle on. */
static bool cut(struct fuzz_case *c, uint32_t slots) {
    uint32_t p = 0;
    for (uint32_t i = 1; i < c->n_progs; i++)
        if (case_n_insns(c, i) > case_n_insns(c, p))
            p = i;
    const uint32_t n = case_n_insns(c, p);
    uint32_t at = c->start[p] + n / 4;
    if (slots > n - n / 4 - 1)
        slots = n - n / 4 - 1;
    if (slots && edit_is_second(c, at))
        at++, slots--;
    if (slots && (edit_remove(c, at, slots) || (slots > 1 && edit_remove(c, at, slots - 1))))
        return true;
    for (at = c->start[p]; at < c->start[p + 1]; at += insn_slots(c->insns[at]))
        if (edit_remove(c, at, insn_slots(c->insns[at])))
            return true;
    return false;
}

/* The packet of the last input, as short as it may be. */
static bool shorten(struct fuzz_case *c, uint32_t least) {
    struct case_input *const in = &c->inputs[c->n_inputs - 1];
    const bool can = in->packet_bytes > least;
    in->packet_bytes = can ? least : in->packet_bytes;
    return can;
}

bool mut_fit(struct fuzz_case *c, size_t max_bytes) {
    size_t n;
    while ((n = encoded_bytes(c)) > max_bytes) {
        if (c->n_inputs > 1)
            c->n_inputs--;
        else if (c->n_progs > 1)
            c->n_progs--;
        else if (!shorten(c, LEAST_PACKET) &&
                 !cut(c, (uint32_t)((n - max_bytes + INSN_BYTES - 1) / INSN_BYTES)))
            return false;
    }
    return true;
}

/* ---- what fuzzers call ---- */

static size_t write_fitting(struct mut_room *r, uint8_t *out, size_t max_bytes) {
    if (!mut_fit(&r->c, max_bytes))
        return 0;
    const size_t n = case_encode(&r->c, r->bytes);
    memcpy(out, r->bytes, n);
    return n;
}

size_t mut_bytes(struct mut_room *r, uint64_t seed, const uint8_t *bytes, size_t n_bytes,
                 uint8_t *out, size_t max_bytes) {
    const uint64_t luck = input_next(&seed);
    if (luck % FRESH_ONE_IN == 0 || !mut_read(bytes, n_bytes, &r->c)) {
        mut_fresh(seed, &r->c);
        return write_fitting(r, out, max_bytes);
    }
    const bool donor = luck / FRESH_ONE_IN % DONOR_ONE_IN == 0;
    if (donor)
        mut_fresh(seed, &r->other);
    mut_seeded(seed, &r->c, donor ? &r->other : NULL);
    return write_fitting(r, out, max_bytes);
}

/* Which mutators take from the other case. */
static const char *const crossing[] = {"tail", "tail", "splice", "splice", "program"};

size_t mut_cross(struct mut_room *r, uint64_t seed, const uint8_t *a, size_t n_a, const uint8_t *b,
                 size_t n_b, uint8_t *out, size_t max_bytes) {
    uint8_t choices[MUT_CHOICES];
    struct input in;
    if (!mut_read(a, n_a, &r->c) || !mut_read(b, n_b, &r->other))
        return mut_bytes(r, seed, a, n_a, out, max_bytes);
    input_random(&seed, choices, sizeof choices);
    input_init(&in, choices, sizeof choices);
    bool done = false;
    for (uint32_t tries = 0; tries < 6 && !done; tries++) {
        const uint32_t i = input_below(&in, sizeof crossing / sizeof *crossing);
        done = mut_one(&in, (uint32_t)mut_find(crossing[i]), &r->c, &r->other);
    }
    if (!done || input_one_in(&in, 3))
        mut_seeded(seed, &r->c, &r->other);
    return write_fitting(r, out, max_bytes);
}

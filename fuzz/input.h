/* input.h: a string of bytes read as a sequence of bounded choices. Generators ask here for all
 * that is not fixed, so that the same bytes are the same program on every host, and whoever changes
 * a byte (libFuzzer, AFL++, a mutator of ours) changes a choice.
 *
 * A choice among n takes as many bytes as n needs, lowest byte first, modulo n. When the bytes are
 * spent every choice is the first: generators put what is simplest first, and end soon.
 */
#ifndef BPFLAB_FUZZ_INPUT_H
#define BPFLAB_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct input: borrowed bytes; [at, end) are not read yet. */
struct input {
    const uint8_t *at, *end;
};

static inline void input_init(struct input *in, const uint8_t *bytes, size_t n_bytes) {
    in->at = bytes;
    in->end = bytes + n_bytes;
}

static inline bool input_spent(const struct input *in) {
    return in->at == in->end;
}

/* input_bits: n_bytes (at most 8) of them as a number; missing ones are 0. */
static inline uint64_t input_bits(struct input *in, unsigned n_bytes) {
    uint64_t v = 0;
    for (unsigned i = 0; i < n_bytes && in->at < in->end; i++)
        v |= (uint64_t)*in->at++ << 8 * i;
    return v;
}

/* input_below: a choice of [0, n); n 0 or 1: 0, and no byte is read. */
static inline uint32_t input_below(struct input *in, uint32_t n) {
    if (n < 2)
        return 0;
    return (uint32_t)(input_bits(in, n <= 256 ? 1 : n <= 65536 ? 2 : 4) % n);
}

/* input_one_in: true once in n (at most 256) choices; never when the bytes are spent. */
static inline bool input_one_in(struct input *in, uint32_t n) {
    return input_below(in, n) == n - 1;
}

/* input_random: fill a buffer from a seed, for those who have no fuzzer: the same on every host.
 * in: *seed is moved on. cost: O(n) */
static inline uint64_t input_next(uint64_t *seed) {
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline void input_random(uint64_t *seed, uint8_t *bytes, size_t n_bytes) {
    for (size_t i = 0; i < n_bytes; i += 8) {
        const uint64_t z = input_next(seed);
        for (size_t k = 0; k < 8 && i + k < n_bytes; k++)
            bytes[i + k] = (uint8_t)(z >> 8 * k);
    }
}

#endif

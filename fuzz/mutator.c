/* mutator.c: the mutators of fuzz/mut as libFuzzer calls them. libFuzzer's own, which do not know
 * what an instruction is, are not used.
 */
#include "fuzz/mutator.h"

#include "fuzz/mut/mut.h"

static struct mut_room room;

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    return mut_bytes(&room, seed, data, size, data, max_size);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t n_a, const uint8_t *b, size_t n_b,
                                 uint8_t *out, size_t max_out, unsigned seed) {
    return mut_cross(&room, seed, a, n_a, b, n_b, out, max_out);
}

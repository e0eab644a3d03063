/* magnitude_values.h: operands of all magnitudes and both signs. */
#ifndef BPFLAB_ENGINE_TESTS_MAGNITUDE_VALUES_H
#define BPFLAB_ENGINE_TESTS_MAGNITUDE_VALUES_H

#include <stdint.h>

#include "isa/insn.h"

/* magnitude_at: 0, ±1, ±2^k, ±(2^k ± 1) for all k, those of 32 bits with something above them, and
 * patterns of bits; total in i. N_MAGNITUDES: how many there are. */
enum {
    N_MAGNITUDES = 64 * 6 + 31 * 4 + 12
};
uint64_t magnitude_at(uint64_t i);

/* magnitude_imm: immediates: the same at 32 bits, and all from -300 to 300. */
enum {
    N_MAGNITUDE_IMMS = 601 + 32 * 6 + 8
};
int32_t magnitude_imm(uint64_t i);

#endif

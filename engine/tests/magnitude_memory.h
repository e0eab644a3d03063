/* magnitude_memory.h: blocks of magnitude_blocks.c that are about memory. */
#ifndef BPFLAB_ENGINE_TESTS_MAGNITUDE_MEMORY_H
#define BPFLAB_ENGINE_TESTS_MAGNITUDE_MEMORY_H

#include "engine/tests/magnitude_blocks.h"

/* mag_memory: the instructions of a block of one of the shapes of memory. */
void mag_memory(struct mag_program *p, enum mag_shape shape);

/* mag_input: some operand to a register. mag_result: a register to the next slot of results.
 * mag_other: a register other than these two. */
void mag_input(struct mag_program *p, unsigned reg);
void mag_result(struct mag_program *p, unsigned reg);
unsigned mag_other(struct gen *g, unsigned a, unsigned b);

#endif

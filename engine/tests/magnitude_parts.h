/* magnitude_parts.h: blocks of magnitude_blocks.c that other files write, and what they share. */
#ifndef BPFLAB_ENGINE_TESTS_MAGNITUDE_PARTS_H
#define BPFLAB_ENGINE_TESTS_MAGNITUDE_PARTS_H

#include "engine/tests/magnitude_blocks.h"

/* mag_memory: the instructions of a block of one of the shapes of memory. */
void mag_memory(struct mag_program *p, enum mag_shape shape);

/* mag_shifts, mag_rotate: two shifts that are an extension, or nearly so; a rotation, or nearly. */
void mag_shifts(struct mag_program *p);
void mag_rotate(struct mag_program *p);

/* mag_input: some operand to a register. mag_result: a register to the next slot of results.
 * mag_other: a register other than these two. */
void mag_input(struct mag_program *p, unsigned reg);
void mag_result(struct mag_program *p, unsigned reg);
unsigned mag_other(struct gen *g, unsigned a, unsigned b);

#endif

/* ops_meaning.h: what jit/arch.h says of operations and conditions, in C. */
#ifndef BPFLAB_JIT_TESTS_OPS_MEANING_H
#define BPFLAB_JIT_TESTS_OPS_MEANING_H

#include "jit/arch.h"

/* meaning_alu: dst after an operation on a and b (the immediate already chosen), and in *mask which
 * of its bits are promised. */
uint64_t meaning_alu(const struct jit_alu *o, uint64_t a, uint64_t b, uint64_t *mask);

/* meaning_rmw: the bytes in memory after a read-modify-write of old, compared with r0. */
uint64_t meaning_rmw(const struct jit_atomic *o, uint64_t old, uint64_t src, uint64_t r0);

bool meaning_cond(uint8_t cond, unsigned width, uint64_t a, uint64_t b);

const char *meaning_op_name(unsigned op);
const char *meaning_cond_name(unsigned cond);
const char *meaning_rmw_name(unsigned rmw);

/* meaning_unary: an operation of b alone. */
static inline bool meaning_unary(unsigned op) {
    return op == JOP_MOV || op >= JOP_NEG;
}

static inline bool meaning_division(unsigned op) {
    return op >= JOP_UDIV && op <= JOP_SMOD;
}

#endif

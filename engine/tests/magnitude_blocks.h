/* magnitude_blocks.h: programs of many blocks, each one operation in one surrounding: it reads
 * operands from the frame, computes, and stores what came out to slots of its own.
 *
 *   slot 0 to N_MAG_INPUTS - 1   operands, which the test writes
 *   the following ones           results
 *
 * Slot i lies 8 * (i + 1) bytes below r10. Blocks with memory operands also use the value of a map.
 */
#ifndef BPFLAB_ENGINE_TESTS_MAGNITUDE_BLOCKS_H
#define BPFLAB_ENGINE_TESTS_MAGNITUDE_BLOCKS_H

#include "engine/tests/jit_gen.h"

enum {
    MAG_FRAME = 4096,
    N_MAG_SLOTS = MAG_FRAME / 8,
    N_MAG_INPUTS = 32,
    MAG_INSNS = 8192,
    MAG_BLOCKS = N_MAG_SLOTS,
    MAG_PAIRS = 110, /* r0 to r9 with r0 to r10 */
};

/* enum mag_shape: what surrounds the operation. */
enum mag_shape {
    MAG_PLAIN,     /* d op= s */
    MAG_LOW,       /* of the result only low bytes are stored */
    MAG_MOV_OP,    /* d = a; d op= s */
    MAG_OP_ZEXT,   /* d op= s; then its low half alone */
    MAG_OP_WIDE,   /* d op= s; e = d; e += 1: is the upper half right? */
    MAG_DEAD,      /* d op= s; d = constant */
    MAG_SHIFTS,    /* [d = a;] d <<= k; d >>= k */
    MAG_ROTATE,    /* t = x; t <<= k; x >>= w - k; x |= t */
    MAG_LOAD,      /* d = load, of every size */
    MAG_SWAP,      /* d = load; d = its bytes reversed */
    MAG_STORE,     /* *(fp) = immediate, of every size */
    MAG_VALUE,     /* r = map value; [r += i;] load or store through r */
    MAG_SUM,       /* [r = base;] r += i; load or store through r */
    MAG_JUMP,      /* if d cond s skip */
    MAG_OVER_JUMP, /* if d cond s skip a goto */
    MAG_CHAIN,     /* several operations on three registers */
    MAG_CONST,     /* a 64-bit constant, and an operation with it */
    N_MAG_SHAPES,
};

struct mag_block {
    uint32_t pc, end;
    uint16_t slot; /* its first result */
    uint8_t op;    /* enum op */
    uint8_t shape;
    uint32_t last; /* the pc of the last instruction of the group that may become one operation */
};

/* struct mag_seen: what the blocks so far were made of. */
struct mag_seen {
    uint64_t ops[N_OPS], shapes[N_MAG_SHAPES], pairs[MAG_PAIRS], divisors[601], shifts[64];
};

/* struct mag_program: one program, and where the next one goes on. */
struct mag_program {
    struct gen g;
    struct insn insns[MAG_INSNS];
    struct mag_block blocks[MAG_BLOCKS];
    uint32_t n_blocks;
    uint32_t slot;    /* the next free one */
    uint64_t turn[2]; /* of rows of arithmetic, and of jumps: all come in turn */
    struct mag_seen seen;
};

/* mag_make: the next program; the first instruction of slot results is written by its end. */
void mag_make(struct mag_program *p);

/* mag_shape_name: "rotate" */
const char *mag_shape_name(unsigned shape);

#endif

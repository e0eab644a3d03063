/* mixed.h: a generator of small programs that a verifier mostly accepts and has to work for:
 * numbers of all magnitudes, linked registers, branches that refine, spills of every size, variable
 * offsets into stack, packet and map values, loops, calls of helpers and functions, callbacks that
 * change their caller's stack, atomics, ring buffer records, maps in maps,
 * fields of the context.
 *
 * It keeps track of which registers hold numbers, so that most programs are well-typed; the rest of
 * what can be wrong is left to chance.
 */
#ifndef BPFLAB_FUZZ_GEN_MIXED_H
#define BPFLAB_FUZZ_GEN_MIXED_H

#include "isa/prog.h"

enum {
    MIXED_MAX_INSNS = 512,
    MIXED_VALUE_BYTES = 48, /* of all maps' values */
};

/* The maps of the programs, by index; keys have 4 bytes. */
enum mixed_map {
    MIXED_ARRAY, /* one element */
    MIXED_HASH,
    MIXED_RINGBUF,
    MIXED_PROGS, /* prog array */
    MIXED_OUTER, /* array of maps like MIXED_ARRAY; element 0 is there */
    N_MIXED_MAPS,
};

/* mixed_maps: their definitions. shape: N_MIXED_MAPS */
extern const struct map_def mixed_maps[N_MIXED_MAPS];

/* gen_mixed: a program of type sched_cls that uses mixed_maps, from a seed.
 * in:  insns: room for MIXED_MAX_INSNS; size: about how many pieces
 * out: instructions written; the same for the same seed, on every host      cost: O(size) */
uint32_t gen_mixed(uint64_t seed, uint32_t size, struct insn *insns);

#endif

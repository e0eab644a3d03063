/* maps.h: the maps that generated programs use: of every kind that bpflab has at least one. Rows
 * are only ever added at the end: cases name them by number.
 */
#ifndef BPFLAB_FUZZ_MAPS_H
#define BPFLAB_FUZZ_MAPS_H

#include "isa/prog.h"

/* Names for those that generators single out; the others are found by their type. */
enum fuzz_map {
    FUZZ_MAP_IN,    /* array of one element: an input's words */
    FUZZ_MAP_ARRAY, /* array */
    FUZZ_MAP_HASH,
    FUZZ_MAP_RINGBUF,
    FUZZ_MAP_PROGS,  /* prog array: the case's programs */
    FUZZ_MAP_OUTER,  /* array of maps like FUZZ_MAP_ARRAY */
    FUZZ_MAP_CELL,   /* array of one element, whose value may be named directly */
    FUZZ_MAP_RODATA, /* array that programs may only read, frozen: its values are constants */
};

/* fuzz_maps: shape: fuzz_n_maps rows. */
extern const struct map_def fuzz_maps[];
extern const uint32_t fuzz_n_maps;

#endif

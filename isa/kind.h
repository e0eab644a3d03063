/* kind.h: program, attach and map types by Linux's numbers and names. */
#ifndef BPFLAB_ISA_KIND_H
#define BPFLAB_ISA_KIND_H

#include <stdint.h>

/* PROG_xdp, ATTACH_xdp, MAP_array: the names are Linux's, in lower case. */
enum prog_type {
#define PROG_TYPE(nr, name) PROG_##name = nr,
#include "isa/kind.def"
};

enum attach_type {
#define ATTACH_TYPE(nr, name) ATTACH_##name = nr,
#include "isa/kind.def"
};

enum map_type {
#define MAP_TYPE(nr, name) MAP_##name = nr,
#include "isa/kind.def"
};

/* prog_type_name and its kin: "xdp"; NULL for a number without a row. */
const char *prog_type_name(uint32_t type);
const char *attach_type_name(uint32_t type);
const char *map_type_name(uint32_t type);

/* prog_type_find and its kin: the number of a name, -1 if there is none. */
int prog_type_find(const char *name);
int attach_type_find(const char *name);
int map_type_find(const char *name);

/* Flags of a map, Linux's BPF_F_ values. */
enum map_flag {
    MAP_F_NO_PREALLOC = 1 << 0,
    MAP_F_NO_COMMON_LRU = 1 << 1,
    MAP_F_NUMA_NODE = 1 << 2,
    MAP_F_RDONLY = 1 << 3,
    MAP_F_WRONLY = 1 << 4,
    MAP_F_STACK_BUILD_ID = 1 << 5,
    MAP_F_ZERO_SEED = 1 << 6,
    MAP_F_RDONLY_PROG = 1 << 7,
    MAP_F_WRONLY_PROG = 1 << 8,
    MAP_F_CLONE = 1 << 9,
    MAP_F_MMAPABLE = 1 << 10,
    MAP_F_PRESERVE_ELEMS = 1 << 11,
    MAP_F_INNER_MAP = 1 << 12,
    MAP_F_LINK = 1 << 13,
    MAP_F_SEGV_ON_FAULT = 1 << 17,
    MAP_F_NO_USER_CONV = 1 << 18,
};

#endif

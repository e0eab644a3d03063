#include "fuzz/maps.h"

#include <stddef.h>

#include "isa/kind.h"

#define NAME(text) .name = (char *)(uintptr_t)(text)

/* A map without special contents: keys, values, entries. */
#define MAP(kind, key, value, entries)                                                             \
    {NAME(#kind),           .type = MAP_##kind,       .key_size = (key),                           \
     .value_size = (value), .max_entries = (entries), .inner = -1}
#define MAP_FLAGS(kind, key, value, entries, map_flags)                                            \
    {NAME(#kind),           .type = MAP_##kind,       .key_size = (key),                           \
     .value_size = (value), .max_entries = (entries), .inner = -1,                                 \
     .flags = (map_flags)}
/* Kinds that Linux makes only of a definition with types: any will do. */
#define STORAGE(kind)                                                                              \
    {NAME(#kind), .type = MAP_##kind,         .key_size = 4,   .value_size = 16,                   \
     .inner = -1, .flags = MAP_F_NO_PREALLOC, .key_btf_id = 1, .value_btf_id = 1}

static const struct map_init prog_inits[] = {
    {.index = 0, .is_prog = true, .target = 1},
    {.index = 1, .is_prog = true, .target = 2},
    {.index = 2, .is_prog = true, .target = 0},
};
static const struct map_init outer_inits[] = {{.index = 0, .target = FUZZ_MAP_ARRAY}};

static const uint8_t constants[32] = {
    0x00, 0x00, 0x00, 0x80, 0xff, 0xff, 0xff, 0x7f, 0x07, 0, 0, 0, 0, 0, 0, 0,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10, 0, 0, 0, 1, 0, 0, 0};

const struct map_def fuzz_maps[] = {
    [FUZZ_MAP_IN] = {NAME("in"), .type = MAP_array, .key_size = 4, .value_size = 64,
                     .max_entries = 1, .inner = -1},
    [FUZZ_MAP_ARRAY] = MAP(array, 4, 48, 4),
    [FUZZ_MAP_CELL] = {NAME("cell"), .type = MAP_array, .key_size = 4, .value_size = 48,
                       .max_entries = 1, .inner = -1},
    [FUZZ_MAP_HASH] = MAP(hash, 8, 24, 8),
    [FUZZ_MAP_RINGBUF] = MAP(ringbuf, 0, 0, 4096),
    [FUZZ_MAP_PROGS] = {NAME("progs"), .type = MAP_prog_array, .key_size = 4, .value_size = 4,
                        .max_entries = 4, .inner = -1, .inits = prog_inits, .n_inits = 3},
    [FUZZ_MAP_OUTER] = {NAME("outer"), .type = MAP_array_of_maps, .key_size = 4, .value_size = 4,
                        .max_entries = 2, .inner = FUZZ_MAP_ARRAY, .inits = outer_inits,
                        .n_inits = 1},
    [FUZZ_MAP_RODATA] = {NAME("rodata"), .type = MAP_array, .key_size = 4, .value_size = 32,
                         .max_entries = 1, .inner = -1, .flags = MAP_F_RDONLY_PROG,
                         .data = constants, .data_bytes = sizeof constants, .frozen = true},
    MAP(percpu_hash, 4, 8, 4),
    MAP(percpu_array, 4, 16, 2),
    MAP(lru_hash, 4, 16, 4),
    MAP(lru_percpu_hash, 4, 8, 4),
    MAP_FLAGS(lpm_trie, 8, 8, 4, MAP_F_NO_PREALLOC),
    {NAME("hash_of_maps"), .type = MAP_hash_of_maps, .key_size = 4, .value_size = 4,
     .max_entries = 2, .inner = FUZZ_MAP_ARRAY, .inits = outer_inits, .n_inits = 1},
    MAP(stack_trace, 4, 64, 4),
    MAP(perf_event_array, 4, 4, 4),
    MAP(cgroup_array, 4, 4, 2),
    MAP(queue, 0, 8, 4),
    MAP(stack, 0, 8, 4),
    MAP(bloom_filter, 0, 8, 8),
    MAP(devmap, 4, 8, 4),
    MAP(devmap_hash, 4, 8, 4),
    MAP(cpumap, 4, 8, 4),
    MAP(xskmap, 4, 4, 4),
    MAP(sockmap, 4, 4, 4),
    MAP(sockhash, 4, 4, 4),
    MAP(reuseport_sockarray, 4, 8, 4),
    {NAME("cgroup_storage"), .type = MAP_cgroup_storage, .key_size = 16, .value_size = 16,
     .inner = -1},
    {NAME("percpu_cgroup_storage"), .type = MAP_percpu_cgroup_storage, .key_size = 16,
     .value_size = 8, .inner = -1},
    STORAGE(sk_storage),
    STORAGE(inode_storage),
    STORAGE(task_storage),
    STORAGE(cgrp_storage),
    MAP(user_ringbuf, 0, 0, 4096),
    {NAME("arena"), .type = MAP_arena, .max_entries = 2, .inner = -1, .flags = MAP_F_MMAPABLE},
};

const uint32_t fuzz_n_maps = sizeof fuzz_maps / sizeof *fuzz_maps;

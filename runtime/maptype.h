/* maptype.h: what a verifier, a loader and the map operations must know of a map type, as data: the
 * columns of runtime/map.def. Which helpers take which maps: helper_takes_map (runtime/proto.h).
 */
#ifndef BPFLAB_RUNTIME_MAPTYPE_H
#define BPFLAB_RUNTIME_MAPTYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/kind.h"

/* What the flags mean: runtime/map.def. */
enum map_type_flag {
    MAPTYPE_F_PERCPU = 1 << 0,
    MAPTYPE_F_FD = 1 << 1,
    MAPTYPE_F_INNER = 1 << 2,
    MAPTYPE_F_OUTER = 1 << 3,
    MAPTYPE_F_TAKE = 1 << 4,
    MAPTYPE_F_EXTRA = 1 << 5,
    MAPTYPE_F_DIRECT = 1 << 6,
    MAPTYPE_F_EACH = 1 << 7,
    MAPTYPE_F_SLEEPS = 1 << 8,
    MAPTYPE_F_LOCK = 1 << 9,
    MAPTYPE_F_TIMER = 1 << 10,
    MAPTYPE_F_KPTR = 1 << 11,
    MAPTYPE_F_GRAPH = 1 << 12,
    MAPTYPE_F_RDONLY = 1 << 13,
};

/* What bpf_map_lookup_elem gives, or NULL. */
enum map_lookup {
    LOOKUP_NOTHING, /* programs cannot look up */
    LOOKUP_VALUE,
    LOOKUP_MAP,        /* an inner map */
    LOOKUP_SOCKET,     /* struct bpf_sock, a reference to release */
    LOOKUP_XDP_SOCKET, /* struct bpf_xdp_sock */
};

/* What Linux asks of the one who makes a map. */
enum map_cap {
    MAP_CAP_NONE,
    MAP_CAP_BPF,       /* CAP_BPF */
    MAP_CAP_NET_ADMIN, /* CAP_NET_ADMIN */
};

struct map_type_info {
    uint32_t type;  /* enum map_type */
    uint16_t flags; /* enum map_type_flag */
    uint8_t lookup; /* enum map_lookup */
    uint8_t cap;    /* enum map_cap */
};

/* map_type_of: the row of a map type, NULL if bpflab has none.
 * cost: O(1) */
const struct map_type_info *map_type_of(uint32_t type);

/* map_type_has: does a type have a row with all of these flags? */
static inline bool map_type_has(uint32_t type, unsigned flags) {
    const struct map_type_info *const t = map_type_of(type);
    return t && (t->flags & flags) == flags;
}

/* map_prog_may: may programs read (write) the values of a map of this type and flags (enum
 * map_flag)? */
static inline bool map_prog_may(uint32_t type, uint32_t map_flags, bool write) {
    if (write)
        return !(map_flags & MAP_F_RDONLY_PROG) && !map_type_has(type, MAPTYPE_F_RDONLY);
    return !(map_flags & MAP_F_WRONLY_PROG);
}

#endif

/* maptype.c: the data columns of runtime/map.def. */
#include "runtime/maptype.h"

#include <stddef.h>

enum {
    PERCPU = MAPTYPE_F_PERCPU,
    FD = MAPTYPE_F_FD,
    INNER = MAPTYPE_F_INNER,
    OUTER = MAPTYPE_F_OUTER,
    TAKE = MAPTYPE_F_TAKE,
    EXTRA = MAPTYPE_F_EXTRA,
    DIRECT = MAPTYPE_F_DIRECT,
    EACH = MAPTYPE_F_EACH,
    SLEEPS = MAPTYPE_F_SLEEPS,
    LOCK = MAPTYPE_F_LOCK,
    TIMER = MAPTYPE_F_TIMER,
    KPTR = MAPTYPE_F_KPTR,
    GRAPH = MAPTYPE_F_GRAPH,
    RDONLY = MAPTYPE_F_RDONLY,
};

static const struct map_type_info rows[] = {
#define MAP_KIND(name, ops, lookup, cap, flags)                                                    \
    [MAP_##name] = {MAP_##name, (flags), LOOKUP_##lookup, MAP_CAP_##cap},
#include "runtime/map.def"
};

const struct map_type_info *map_type_of(uint32_t type) {
    const uint32_t n = sizeof rows / sizeof rows[0];
    return type && type < n && rows[type].type == type ? &rows[type] : NULL;
}

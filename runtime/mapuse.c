/* mapuse.c: which map types go to which helpers, answered from mapuse.def. */
#include "runtime/proto.h"

#include "runtime/typemask.h"

/* clang-format off */
#define MAP_BIT(type) (UINT64_C(1) << (type))
#define MAP_TYPE(nr, name) | MAP_BIT(nr)
static const uint64_t known_maps = (UINT64_C(0)
#include "isa/kind.def"
    ) & ~MAP_BIT(MAP_unspec);

/* By map type: its helpers; NULL: any. */
#define H(name) [HELPER_##name] = true,
#define MAP_HELPERS(type, helpers) static const bool helpers_##type[N_HELPERS] = {helpers};
#include "runtime/mapuse.def"
static const bool *const map_helpers[64] = {
#define MAP_HELPERS(type, helpers) [MAP_##type] = helpers_##type,
#include "runtime/mapuse.def"
};

/* By helper: its map types as bits; 0: any. */
static const uint64_t helper_maps[N_HELPERS] = {
#define M(type) | MAP_BIT(MAP_##type)
#define HELPER_MAPS(name, types) [HELPER_##name] = UINT64_C(0) types,
#include "runtime/mapuse.def"
};
#undef H

static const struct {
    uint64_t types, attach, helpers; /* helpers: bits of low numbers */
} sock_rows[] = {
#define T(name) | PROG_BIT(PROG_##name)
#define A(name) | ATTACH_BIT(ATTACH_##name)
#define ANYWHERE | UINT64_MAX
#define H(name) | UINT64_C(1) << HELPER_##name
#define SOCK_HELPERS(types, attach, helpers) \
    {UINT64_C(0) types, UINT64_C(0) attach, UINT64_C(0) helpers},
#include "runtime/mapuse.def"
};
/* clang-format on */

static bool sock_allows(uint32_t id, uint32_t prog_type, int attach_type) {
    if (!prog_type_has_bit(prog_type) || id >= 64)
        return false;
    for (size_t i = 0; i < sizeof sock_rows / sizeof sock_rows[0]; i++)
        if ((sock_rows[i].types & PROG_BIT(prog_type)) && (sock_rows[i].helpers >> id & 1) &&
            (sock_rows[i].attach & attach_bits_of(attach_type)))
            return true;
    return false;
}

struct arg_proto helper_arg_for(const struct helper_proto *p, unsigned arg, uint32_t map_type) {
    struct arg_proto a = p->arg[arg];
    if (a.type != ARG_MAP_VALUE)
        return a;
    if (map_type == MAP_sockmap || map_type == MAP_sockhash)
        a = (struct arg_proto){.type = ARG_BTF_SOCK_COMMON};
    else if (map_type == MAP_bloom_filter && p->id == HELPER_map_peek_elem)
        a.flags = 0;
    return a;
}

bool helper_takes_map(uint32_t id, uint32_t map_type, uint32_t prog_type, int attach_type) {
    if (!id || id >= N_HELPERS || map_type >= 64 || !(known_maps & MAP_BIT(map_type)))
        return false;
    if (helper_maps[id] && !(helper_maps[id] & MAP_BIT(map_type)))
        return false;
    if (!map_helpers[map_type] || map_helpers[map_type][id])
        return true;
    return (map_type == MAP_sockmap || map_type == MAP_sockhash) &&
           sock_allows(id, prog_type, attach_type);
}

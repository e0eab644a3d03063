/* avail.c: which program types may call which helpers, answered from the sets of avail.def.
 *
 * Each set becomes a table with an entry for every helper, each MAY_CALL row an entry with its
 * program and attach types as bits; a question walks the rows.
 */
#include "runtime/proto.h"

#include "runtime/typemask.h"

/* clang-format off */
#define ALL_BUT(attach) ^ ~(UINT64_C(0) attach)
#define A(name) | ATTACH_BIT(ATTACH_##name)
#define ATTACH_SET(name, mask) static const uint64_t attach_##name = UINT64_C(0) mask;
#include "runtime/avail.def"

#define H(name) [HELPER_##name] = true,
#define HELPER_SET(name, cap, helpers) static const bool set_##name[N_HELPERS] = {helpers};
#include "runtime/avail.def"
#undef H

enum {
#define HELPER_SET(name, cap, helpers) CAP_##name = HELPER_CAP_##cap,
#include "runtime/avail.def"
};

struct may_call {
    const bool *set;
    uint64_t types;         /* PROG_BIT */
    const uint64_t *attach; /* ATTACH_BIT */
    uint8_t cap;            /* enum helper_cap */
};

static const struct may_call rows[] = {
#define T(name) | PROG_BIT(PROG_##name)
#define MAY_CALL(set, types, attach) {set_##set, UINT64_C(0) types, &attach_##attach, CAP_##set},
#include "runtime/avail.def"
};
/* clang-format on */

enum helper_cap helper_cap_of(uint32_t id, uint32_t prog_type, int attach_type) {
    enum helper_cap least = HELPER_CAP_NEVER;
    if (id >= N_HELPERS || !prog_type_has_bit(prog_type))
        return least;
    uint64_t type_bit = PROG_BIT(prog_type);
    uint64_t attach_bits = attach_bits_of(attach_type);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct may_call *row = &rows[i];
        if ((row->types & type_bit) && (*row->attach & attach_bits) && row->set[id] &&
            row->cap < least)
            least = (enum helper_cap)row->cap;
    }
    return least;
}

bool helper_allowed(uint32_t id, uint32_t prog_type, int attach_type) {
    return helper_cap_of(id, prog_type, attach_type) != HELPER_CAP_NEVER;
}

bool helper_unprivileged(uint32_t id, uint32_t prog_type) {
    return (prog_type == PROG_socket_filter || prog_type == PROG_cgroup_skb) &&
           helper_cap_of(id, prog_type, -1) == HELPER_CAP_NONE;
}

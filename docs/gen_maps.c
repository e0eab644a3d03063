/* gen_maps.c: the page of map types: what each can do. */
#include "docs/gen.h"

#include "runtime/map.h"
#include "runtime/map/common.h"
#include "runtime/proto.h"

/* Operations that only ever refuse are none. */
static bool updates(const struct map_ops *ops) {
    return ops->update && ops->update != map_update_einval && ops->update != map_update_enotsupp;
}

static bool removes(const struct map_ops *ops) {
    return ops->remove && ops->remove != map_remove_einval && ops->remove != map_remove_enotsupp;
}

static bool has_next(const struct map_ops *ops) {
    return ops->next_key && ops->next_key != map_next_einval && ops->next_key != map_next_enotsupp;
}

static bool user_looks_up(const struct map_ops *ops) {
    if (ops->user_lookup)
        return ops->user_lookup != map_lookup_einval && ops->user_lookup != map_lookup_enotsupp;
    return ops->lookup || ops->peek;
}

static bool user_updates(const struct map_ops *ops) {
    if (ops->user_update)
        return ops->user_update != map_update_einval && ops->user_update != map_update_enotsupp;
    return updates(ops) || ops->push;
}

struct ability {
    bool has;
    const char *name;
};

static void list(FILE *out, const struct ability *can, size_t n) {
    const char *comma = "";
    for (size_t i = 0; i < n; i++)
        if (can[i].has) {
            fprintf(out, "%s%s", comma, can[i].name);
            comma = ", ";
        }
    fprintf(out, " |");
}

/* The helpers with a map argument that some program may pass this map to. */
static void print_helpers(FILE *out, uint32_t map) {
    const char *comma = "";
    for (uint32_t id = 1; id < N_HELPERS; id++) {
        const struct helper_proto *p = helper_proto_of(id);
        bool takes = false;
        for (size_t t = 0; t < GEN_N_TYPES; t++)
            takes |=
                helper_allowed(id, gen_types[t], -1) && helper_takes_map(id, map, gen_types[t], -1);
        for (unsigned i = 0; takes && i < p->n_args; i++)
            if (p->arg[i].type == ARG_MAP) {
                fprintf(out, "%s%s", comma, p->name);
                comma = ", ";
            }
    }
}

static void row(FILE *out, uint32_t nr, const char *name) {
    const struct map_ops *ops = map_ops_of(nr);
    fprintf(out, "| %u | %s | ", nr, name);
    if (!ops) {
        fprintf(out, "not in bpflab | | | |\n");
        return;
    }
    const struct ability user[] = {
        {user_looks_up(ops), "lookup"},
        {user_updates(ops), "update"},
        {removes(ops), "delete"},
        {has_next(ops), "next key"},
    };
    const struct ability hold[] = {
        {map_type_has(nr, MAPTYPE_F_LOCK), "lock"},
        {map_type_has(nr, MAPTYPE_F_TIMER), "timer"},
        {map_type_has(nr, MAPTYPE_F_KPTR), "kptr"},
        {map_type_has(nr, MAPTYPE_F_GRAPH), "list, tree"},
    };
    static const char *const caps[] = {"", "BPF", "NET_ADMIN"};
    print_helpers(out, nr);
    fprintf(out, " | ");
    list(out, user, sizeof user / sizeof user[0]);
    fprintf(out, " ");
    list(out, hold, sizeof hold / sizeof hold[0]);
    fprintf(out, " %s | %s |\n", map_type_has(nr, MAPTYPE_F_SLEEPS) ? "yes" : "",
            caps[map_type_of(nr)->cap]);
}

/* clang-format off */
static const char intro[] =
    "# Map types\n\n"
    "Made from `isa/kind.def` and `runtime/map.def` by `docs/gen_tables`; change the rows, not this page.\n\n"
    "*Helpers* are those that a verifier lets take the map. *System call* is what `bpf()` can do with it. *Values hold*: "
    "what a value may have besides bytes. *Sleepable*: sleepable programs may use it. *Needs*: the capability that its "
    "maker must have.\n\n"
    "| number | type | helpers | system call | values hold | sleepable | needs |\n|---|---|---|---|---|---|---|\n";
/* clang-format on */

void gen_maps(FILE *out) {
    fprintf(out, "%s", intro);
#define MAP_TYPE(nr, name)                                                                         \
    if (nr)                                                                                        \
        row(out, nr, #name);
#include "isa/kind.def"
}

/* gen_maps.c: the page of map types: what each can do. */
#include "docs/gen.h"

#include "runtime/map.h"
#include "runtime/map/common.h"

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
    return ops->lookup != NULL;
}

static bool user_updates(const struct map_ops *ops) {
    if (ops->user_update)
        return ops->user_update != map_update_einval && ops->user_update != map_update_enotsupp;
    return updates(ops);
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

static void row(FILE *out, uint32_t nr, const char *name) {
    const struct map_ops *ops = map_ops_of(nr);
    fprintf(out, "| %u | %s | ", nr, name);
    if (!ops) {
        fprintf(out, "not in bpflab | |\n");
        return;
    }
    const struct ability element[] = {
        {ops->lookup != NULL, "lookup"},    {updates(ops), "update"},
        {removes(ops), "delete"},           {ops->push != NULL, "push"},
        {ops->pop != NULL, "pop"},          {ops->peek != NULL, "peek"},
        {ops->iterate != NULL, "for each"}, {ops->lookup_cpu != NULL, "lookup per CPU"},
    };
    const struct ability user[] = {
        {user_looks_up(ops), "lookup"},
        {user_updates(ops), "update"},
        {removes(ops), "delete"},
        {has_next(ops), "next key"},
    };
    list(out, element, sizeof element / sizeof element[0]);
    fprintf(out, " ");
    list(out, user, sizeof user / sizeof user[0]);
    fprintf(out, "\n");
}

/* clang-format off */
static const char intro[] =
    "# Map types\n\n"
    "Made from `isa/kind.def` and `runtime/map.def` by `docs/gen_tables`; change the rows, not this page.\n\n"
    "*Operations* are those that helpers build on; types without any are reached through helpers of their own "
    "(tail_call, perf_event_output, ringbuf_output, redirect_map, sk_storage_get, ...). *System call* is what "
    "`bpf()` can do with the map.\n\n"
    "| number | type | operations | system call |\n|---|---|---|---|\n";
/* clang-format on */

void gen_maps(FILE *out) {
    fprintf(out, "%s", intro);
#define MAP_TYPE(nr, name)                                                                         \
    if (nr)                                                                                        \
        row(out, nr, #name);
#include "isa/kind.def"
}

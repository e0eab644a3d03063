/* gen_maps.c: the page of map types: what each can do. */
#include "docs/gen.h"

#include "runtime/map.h"

static void row(FILE *out, uint32_t nr, const char *name) {
    const struct map_ops *ops = map_ops_of(nr);
    fprintf(out, "| %u | %s | ", nr, name);
    if (!ops) {
        fprintf(out, "not in bpflab | |\n");
        return;
    }
    const struct {
        bool has;
        const char *name;
    } can[] = {
        {ops->lookup != NULL, "lookup"},     {ops->update != NULL, "update"},
        {ops->remove != NULL, "delete"},     {ops->push != NULL, "push"},
        {ops->pop != NULL, "pop"},           {ops->peek != NULL, "peek"},
        {ops->iterate != NULL, "for each"},  {ops->lookup_cpu != NULL, "lookup per CPU"},
        {ops->next_key != NULL, "next key"},
    };
    const char *comma = "";
    for (size_t i = 0; i < sizeof can / sizeof can[0]; i++)
        if (can[i].has) {
            fprintf(out, "%s%s", comma, can[i].name);
            comma = ", ";
        }
    fprintf(out, " | %s |\n", ops->user_lookup ? "its own" : "the values");
}

void gen_maps(FILE *out) {
    fprintf(out,
            "# Map types\n\n"
            "Made from `isa/kind.def` and `runtime/map.def` by `docs/gen_tables`; change the rows, "
            "not this page.\n\n"
            "*System call*: whether a lookup by the system call sees the values as programs do, or "
            "has a "
            "view of its own (one value a CPU, ids instead of pointers).\n\n"
            "| number | type | operations | system call |\n|---|---|---|---|\n");
#define MAP_TYPE(nr, name)                                                                         \
    if (nr)                                                                                        \
        row(out, nr, #name);
#include "isa/kind.def"
}

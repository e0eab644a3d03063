/* gen_kfuncs.c: the page of kernel functions that Linux's programs may call. */
#include "docs/gen.h"

#include <string.h>

#include "runtime/kfunc.h"
#include "runtime/typemask.h"

/* A set's heading; types: PROG_BIT. */
static void head(FILE *out, const char *set, uint64_t types) {
    uint64_t callers = 0, all = 0;
    for (size_t t = 0; t < GEN_N_TYPES; t++) {
        if (gen_types[t] == PROG_unspec || gen_types[t] == PROG_raw)
            continue;
        all |= UINT64_C(1) << t;
        if (types & PROG_BIT(gen_types[t]))
            callers |= UINT64_C(1) << t;
    }
    fprintf(out, "\n## %s\n\nFor ", set);
    gen_type_list(out, callers, all, 0);
    fprintf(out, ".\n\n| function | runs | flags |\n|---|---|---|\n");
}

static void row(FILE *out, const char *name, const char *flags) {
    const struct kfunc_proto *p = kfunc_proto_of(name);
    fprintf(out, "| %s | %s | ", name, p && p->implemented ? "yes" : "");
    for (const char *c = strcmp(flags, "0") ? flags : ""; *c; c++)
        if (!strncmp(c, " | ", 3)) {
            fprintf(out, ", ");
            c += 2;
        } else {
            fprintf(out, "%c", *c);
        }
    fprintf(out, " |\n");
}

/* clang-format off */
static const char intro[] =
    "# Kernel functions\n\n"
    "Made from `runtime/kfunc.def` by `docs/gen_tables`; change the rows, not this page.\n\n"
    "What programs of Linux 6.12 may call by BTF id, in the sets that Linux registers, and which of them bpflab runs. "
    "The words are explained in `runtime/kfunc.def`; prototypes are in `runtime/kfuncproto.def`.\n";

void gen_kfuncs(FILE *out) {
    fprintf(out, "%s", intro);
#define T(name) | PROG_BIT(PROG_##name)
#define ALL_TYPES | UINT64_MAX
#define KFUNC_SET(set, types) head(out, #set, UINT64_C(0) types);
#define KFUNC(set, name, flags) row(out, #name, #flags);
#include "runtime/kfunc.def"
}
/* clang-format on */

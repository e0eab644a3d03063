/* gen_types.c: lists of program types in words. */
#include "docs/gen.h"

#include <stdbool.h>

#include "isa/kind.h"

const uint32_t gen_types[GEN_N_TYPES] = {
#define PROG_TYPE(nr, name) nr,
#include "isa/kind.def"
};

uint64_t gen_linux_types(void) {
    uint64_t set = 0;
    for (size_t i = 0; i < GEN_N_TYPES; i++)
        if (gen_types[i] != PROG_unspec && gen_types[i] != PROG_ext && gen_types[i] != PROG_raw)
            set |= UINT64_C(1) << i;
    return set;
}

void gen_type_list(FILE *out, uint64_t set, uint64_t all, uint64_t marked) {
    set &= all;
    const uint64_t missing = all & ~set;
    /* Whichever list is clearly shorter, but no list of exceptions among few. */
    const bool but = set && __builtin_popcountll(missing) * 4 < __builtin_popcountll(set);
    if (but)
        fprintf(out, missing ? "all but " : "all");
    const char *comma = "";
    for (size_t i = 0; i < GEN_N_TYPES; i++)
        if ((but ? missing : set) >> i & 1) {
            fprintf(out, "%s%s%s", comma, prog_type_name(gen_types[i]),
                    !but && (marked >> i & 1) ? "†" : "");
            comma = ", ";
        }
}

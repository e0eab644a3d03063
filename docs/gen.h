/* gen.h: what the pages under docs/tables are written by. Each function prints one page, Markdown,
 * made from the tables that the program itself uses. */
#ifndef BPFLAB_DOCS_GEN_H
#define BPFLAB_DOCS_GEN_H

#include <stdint.h>
#include <stdio.h>

void gen_instructions(FILE *out);
void gen_helpers(FILE *out);
void gen_jit(FILE *out);
void gen_kfuncs(FILE *out);
void gen_maps(FILE *out);
void gen_progtypes(FILE *out);

/* gen_types: the numbers of all program types; sets of them are bits by their index here.
 * gen_linux_types: those of Linux that have helpers of their own: not unspec, ext, raw. */
/* clang-format off */
enum {
    GEN_N_TYPES = 0
#define PROG_TYPE(nr, name) +1
#include "isa/kind.def"
};
/* clang-format on */
extern const uint32_t gen_types[GEN_N_TYPES];
uint64_t gen_linux_types(void);

/* gen_type_list: the types of the set in words, as part of all: "all", "all but xdp", "xdp, lsm†"
 * (marked). */
void gen_type_list(FILE *out, uint64_t set, uint64_t all, uint64_t marked);

#endif

/* case_elf_work.h: a case's object on its way; private to case_elf.c, case_elf_types.c and
 * case_elf_same.c.
 */
#ifndef BPFLAB_FUZZ_CASE_ELF_WORK_H
#define BPFLAB_FUZZ_CASE_ELF_WORK_H

#include "fuzz/btf_out.h"
#include "fuzz/case_elf.h"
#include "fuzz/case_parts.h"
#include "fuzz/elf_out.h"

enum {
    CASE_ELF_MAPS = 64, /* bits of a set of maps */
    CASE_ELF_KFUNCS = 512,
    CASE_ELF_LICENSE_BYTES = 4, /* "GPL" */
};

/* struct case_elf_plan: what the object of a case will hold. */
struct case_elf_plan {
    const char *section;  /* of the programs; NULL: no section says their type */
    uint32_t n_progs;     /* the case's, and others that a prog array wants */
    uint64_t maps;        /* that are in the object */
    uint64_t values;      /* of these, the ones that are sections of variables */
    struct case_object o; /* for case_object_fini */
};

/* case_elf_plan_of: out: *plan. errors: NOMEM */
enum bpflab_err case_elf_plan_of(const struct fuzz_case *c, bool big_endian,
                                 struct case_elf_plan *plan);

/* case_elf_map_name: what a standard map is called in the object. */
void case_elf_map_name(const struct case_elf_plan *plan, uint32_t map, char name[ELF_OUT_NAME]);

/* struct case_elf: what the parts of writing share. */
struct case_elf {
    struct case_elf_plan plan;
    struct case_elf_info info;
    struct diag *d;
    struct elf_out elf;
    struct btf_out btf;
    uint32_t code, text, maps; /* sections; text may be 0 or code, maps 0 */
    uint32_t text_symbol;
    uint32_t number[CASE_ELF_MAPS];  /* of each map in the object */
    uint32_t section[CASE_ELF_MAPS]; /* of variables */
    uint32_t symbol[CASE_ELF_MAPS];  /* its own, or that of its section */
    uint32_t map_at[CASE_ELF_MAPS];  /* in .maps; bytes */
    uint32_t map_bytes[CASE_ELF_MAPS];
    uint32_t maps_bytes;               /* of .maps */
    uint32_t values_at[CASE_ELF_MAPS]; /* in the map's definition; bytes */
    uint32_t prog_symbol[CASE_MAX_PROGS];
    uint32_t entry_at[CASE_MAX_PROGS]; /* of its entry function, in code; slots */
    uint32_t text_at[CASE_MAX_PROGS];  /* of its other functions, in text */
    uint32_t kfunc[CASE_ELF_KFUNCS];   /* numbers of those called */
    uint32_t kfunc_symbol[CASE_ELF_KFUNCS];
    uint32_t n_kfuncs;
    struct case_parts parts[CASE_MAX_PROGS];
};

/* case_elf_types: the types, in w->btf, and where maps lie in .maps: map_at, map_bytes, maps_bytes,
 * values_at.
 * in: plan and kfunc are there */
void case_elf_types(struct case_elf *w);

#endif

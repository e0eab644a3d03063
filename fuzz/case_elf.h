/* case_elf.h: a case as an ELF object, as a compiler could have made it: for other verifiers, for
 * libbpf's tools, and to see that the loader reads back what was written.
 *
 *   programs     prog0, prog1, ... in the section that libbpf gives their type
 *   functions    static, in .text; where a program cannot be taken apart (case_parts.h) it stays
 *                one, with its calls inside
 *   maps         those that the case can reach: in .maps, by BTF; one whose value is named directly
 *                (LDDW_MAP_IDX_VALUE) is a section .data.NAME, constants are .rodata
 *   kfuncs       externs in .ksyms, with the prototypes that runtime/kfuncproto.def knows
 *   license      GPL
 *
 * The rest of what prog arrays hold is written too, where the case can reach one. Inputs are not
 * part of an object.
 *
 * What objects cannot say stays as it is, by the number of the map in the object: a map that the
 * programs name both by itself and by its value, a value beyond its end. bpflab's loader keeps such
 * instructions; for libbpf's kernel they name nothing (struct case_elf_info).
 */
#ifndef BPFLAB_FUZZ_CASE_ELF_H
#define BPFLAB_FUZZ_CASE_ELF_H

#include "fuzz/case.h"

/* struct case_elf_info: how far the object is what a compiler writes. */
struct case_elf_info {
    uint32_t n_numbered; /* map references that no relocation says */
    uint32_t n_whole;    /* programs with calls that could not be taken apart: libbpf finds no
                          * .text for them */
};

/* case_elf_write: the object.
 * in:     info may be NULL
 * out:    *bytes malloc'ed
 * errors: NOMEM; UNSUPPORTED, and d says what no object can say: a program type without a section,
 *         calls out of the program, offsets of kernel functions, numbers of no map
 * cost:   O(instructions + kernel functions) */
enum bpflab_err case_elf_write(const struct fuzz_case *c, bool big_endian, uint8_t **bytes,
                               size_t *n_bytes, struct case_elf_info *info, struct diag *d);

/* case_elf_same: does an object that was loaded from the case's hold its programs and maps?
 * Functions may have other places (struct case_func.linked_at), maps other numbers.
 * out:    false, and d says what differs
 * errors: NOMEM
 * cost:   O(instructions * log functions) */
enum bpflab_err case_elf_same(const struct fuzz_case *c, const struct object *o, bool *same,
                              struct diag *d);

#endif

/* elf_out.h: a relocatable eBPF object, written section by section, in either byte order.
 *
 * Symbols are added local ones first, as ELF wants it. Relocations have their addend in what they
 * change.
 */
#ifndef BPFLAB_FUZZ_ELF_OUT_H
#define BPFLAB_FUZZ_ELF_OUT_H

#include "fuzz/blob.h"

enum {
    ELF_OUT_SECTIONS = 24,
    ELF_OUT_NAME = 64,  /* of a name that is given, with its end */
    ELF_OUT_STRTAB = 1, /* sections that are always there */
    ELF_OUT_SYMTAB = 2,
};

/* eBPF's relocations, as far as they are written. source: Documentation/bpf/llvm_reloc.rst */
enum elf_out_reloc_type {
    ELF_OUT_64_64 = 1,  /* LD_IMM64 */
    ELF_OUT_ABS64 = 2,  /* a pointer in data */
    ELF_OUT_64_32 = 10, /* CALL */
};

struct elf_out_section {
    char name[ELF_OUT_NAME + 4]; /* .rel in front */
    uint32_t type, link, info;
    uint64_t flags, entry_bytes;
    struct blob data;
};

struct elf_out {
    bool big_endian;
    uint32_t n_sections, n_symbols;
    struct elf_out_section s[ELF_OUT_SECTIONS];
};

void elf_out_init(struct elf_out *e, bool big_endian);
void elf_out_fini(struct elf_out *e);

/* elf_out_section: out: its index. elf_out_relocs: the section of a section's relocations, named
 * after it. */
uint32_t elf_out_section(struct elf_out *e, const char *name, uint32_t type, uint64_t flags);
uint32_t elf_out_relocs(struct elf_out *e, uint32_t section);

/* elf_out_symbol: out: its index. bind, type: STB_, STT_. */
uint32_t elf_out_symbol(struct elf_out *e, const char *name, uint32_t section, uint64_t value,
                        uint64_t n_bytes, uint32_t bind, uint32_t type);

/* elf_out_reloc: into a section of relocations, in order of offset. */
void elf_out_reloc(struct elf_out *e, uint32_t relocs, uint64_t off_bytes, uint32_t symbol,
                   enum elf_out_reloc_type type);

/* elf_out_finish: the file.
 * out:    *bytes malloc'ed
 * errors: false: out of memory, there or before */
bool elf_out_finish(struct elf_out *e, uint8_t **bytes, size_t *n_bytes);

#endif

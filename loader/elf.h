/* elf.h: an ELF object file, checked before anything is read through it.
 *
 * elf_read looks at every header, section, string and symbol once; afterwards a section's bytes are
 * inside the input, every name ends, and every defined symbol lies inside its section. libelf turns
 * tables into host order (elf64_xlatetom); offsets are never followed by libelf, because it trusts
 * more than hostile input deserves. Works for objects of either byte order on any host.
 * source: ELF gABI chapters 4 and 5
 */
#ifndef BPFLAB_LOADER_ELF_H
#define BPFLAB_LOADER_ELF_H

#include "isa/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ELF_NAME_MAX = 4095, /* bytes of a symbol's or section's name */
};

/* struct elf_section: bytes and names are borrowed from the input. */
struct elf_section {
    const char *name;
    uint32_t type;       /* SHT_... */
    uint64_t flags;      /* SHF_... */
    uint64_t off, size;  /* bytes in the file; NOBITS: size in memory */
    uint64_t entsize;    /* bytes of a table's entry */
    uint32_t link, info; /* other sections, as type has it */
    const uint8_t *data; /* NULL for NOBITS, NULL and empty sections */
};

/* ELF_NO_SECTION: a symbol that is absolute or common. Undefined symbols are in section 0. */
#define ELF_NO_SECTION UINT32_MAX

/* struct elf_symbol: names are borrowed from the input. */
struct elf_symbol {
    const char *name;               /* a section symbol without a name has its section's */
    uint64_t value, size;           /* bytes into the section, and of it */
    uint32_t section;               /* or 0, or ELF_NO_SECTION */
    uint8_t bind, type, visibility; /* STB_..., STT_..., STV_... */
};

/* struct elf_reloc: an entry of a REL or RELA section. */
struct elf_reloc {
    uint64_t off; /* bytes into the section that is relocated */
    uint32_t symbol, type;
    int64_t addend; /* RELA only */
    bool has_addend;
};

/* struct elf_file: an object whose headers, sections and symbols were checked. */
struct elf_file {
    const uint8_t *bytes; /* borrowed */
    size_t size_bytes;
    bool big_endian;
    struct elf_section *sections;
    uint32_t n_sections; /* 0 only if the file has none */
    struct elf_symbol *symbols;
    uint32_t n_symbols;
    uint32_t symtab;       /* section of the symbol table, 0 if there is none */
    uint32_t symtab_shndx; /* section of the symbols' large section numbers, or 0 */
};

/* elf_read: open a relocatable eBPF object.
 * in:     bytes: borrowed for the result's life
 * errors: FORMAT (not ELF, not 64-bit, not eBPF, not relocatable, tables that contradict each
 *         other, overlapping sections), TRUNCATED, RANGE, ALIGN, NOMEM; d names section and offset
 * cost:   O(size + sections log sections) */
enum bpflab_err elf_read(const uint8_t *bytes, size_t size_bytes, struct elf_file *out,
                         struct diag *d);
void elf_fini(struct elf_file *f);

/* elf_relocs: the entries of a REL or RELA section, sorted by offset. Symbols exist; offsets are
 * inside the section that info names.
 * out:    *relocs malloc'ed, NULL if there are none
 * errors: FORMAT, RANGE, NOMEM
 * cost:   O(entries), if they are in order already */
enum bpflab_err elf_relocs(const struct elf_file *f, uint32_t section, struct elf_reloc **relocs,
                           uint32_t *n_relocs, struct diag *d);

/* elf_is_hidden: does the symbol bind globally, but only inside of this object? */
bool elf_is_hidden(const struct elf_symbol *s);

/* elf_fail: diag_set with section and offset.
 * in:  section: NULL: the file's header
 * out: err */
enum bpflab_err elf_fail(struct diag *d, enum bpflab_err err, const char *section,
                         uint64_t off_bytes, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif

/* sections.c: section headers through libelf, which checks every offset.
 */
#include "cli/sections.h"

#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>

static const char *kind_of(const GElf_Shdr *h) {
    switch (h->sh_type) {
    case SHT_PROGBITS:
        return h->sh_flags & SHF_EXECINSTR ? "code" : h->sh_flags & SHF_ALLOC ? "data" : "other";
    case SHT_NOBITS: return "bss";
    case SHT_REL:
    case SHT_RELA: return "relocations";
    case SHT_SYMTAB: return "symbols";
    case SHT_STRTAB: return "strings";
    default: return "other";
    }
}

static size_t read_rows(Elf *elf, struct section_row *rows, size_t n_rows) {
    size_t names, n = 0;
    if (elf_getshdrstrndx(elf, &names))
        return 0;
    for (Elf_Scn *s = NULL; (s = elf_nextscn(elf, s)) && n < n_rows;) {
        GElf_Shdr h;
        if (!gelf_getshdr(s, &h))
            continue;
        const char *name = elf_strptr(elf, names, h.sh_name);
        struct section_row *row = &rows[n++];
        snprintf(row->name, sizeof row->name, "%s", name ? name : "?");
        row->kind = kind_of(&h);
        row->n_bytes = h.sh_size;
        bool table = h.sh_type == SHT_REL || h.sh_type == SHT_RELA || h.sh_type == SHT_SYMTAB;
        if (table && h.sh_entsize && h.sh_size / h.sh_entsize <= UINT32_MAX)
            row->n_entries = (uint32_t)(h.sh_size / h.sh_entsize);
    }
    return n;
}

struct section_row *sections_read(const uint8_t *bytes, size_t n_bytes, size_t *n) {
    size_t n_rows = 0;
    *n = 0;
    if (elf_version(EV_CURRENT) == EV_NONE)
        return NULL;
    /* libelf only reads: it has no interface for constant memory. */
    Elf *elf = elf_memory((char *)(uintptr_t)bytes, n_bytes);
    if (!elf)
        return NULL;
    struct section_row *rows = NULL;
    if (elf_kind(elf) == ELF_K_ELF && elf_getshdrnum(elf, &n_rows) == 0 && n_rows)
        rows = calloc(n_rows, sizeof *rows);
    if (rows)
        *n = read_rows(elf, rows, n_rows);
    elf_end(elf);
    return rows;
}

/* sections.h: an ELF object's sections, for bpflab info.
 */
#ifndef BPFLAB_CLI_SECTIONS_H
#define BPFLAB_CLI_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct section_row {
    char name[64];
    const char *kind; /* "code", "data", "bss", "relocations", ... */
    uint64_t n_bytes;
    uint32_t n_entries; /* of relocation and symbol tables, else 0 */
};

/* sections_read: rows of an ELF file's section headers.
 * out:    an array for free(), *n rows; NULL for other files and damaged ones
 * cost:   O(sections) */
struct section_row *sections_read(const uint8_t *bytes, size_t n_bytes, size_t *n);

#endif

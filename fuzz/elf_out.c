#include "fuzz/elf_out.h"

#include <elf.h>
#include <stdio.h>

#ifndef EM_BPF
#define EM_BPF 247
#endif

enum {
    ALIGN_BYTES = 8, /* of every section */
};

void elf_out_init(struct elf_out *e, bool big_endian) {
    *e = (struct elf_out){.big_endian = big_endian, .n_sections = 1};
    elf_out_section(e, ".strtab", SHT_STRTAB, 0);
    elf_out_section(e, ".symtab", SHT_SYMTAB, 0);
    blob_string(&e->s[ELF_OUT_STRTAB].data, "");
    e->s[ELF_OUT_SYMTAB].link = ELF_OUT_STRTAB;
    e->s[ELF_OUT_SYMTAB].entry_bytes = sizeof(Elf64_Sym);
    elf_out_symbol(e, "", SHN_UNDEF, 0, 0, STB_LOCAL, STT_NOTYPE);
}

void elf_out_fini(struct elf_out *e) {
    for (uint32_t i = 0; i < e->n_sections; i++)
        free(e->s[i].data.at);
    *e = (struct elf_out){0};
}

uint32_t elf_out_section(struct elf_out *e, const char *name, uint32_t type, uint64_t flags) {
    struct elf_out_section *const s = &e->s[e->n_sections];
    *s = (struct elf_out_section){.type = type, .flags = flags, .data.big_endian = e->big_endian};
    snprintf(s->name, sizeof s->name, "%s", name);
    return e->n_sections++;
}

uint32_t elf_out_relocs(struct elf_out *e, uint32_t section) {
    char name[sizeof e->s->name];
    snprintf(name, sizeof name, ".rel%.*s", ELF_OUT_NAME - 1, e->s[section].name);
    const uint32_t r = elf_out_section(e, name, SHT_REL, SHF_INFO_LINK);
    e->s[r].link = ELF_OUT_SYMTAB;
    e->s[r].info = section;
    e->s[r].entry_bytes = sizeof(Elf64_Rel);
    return r;
}

uint32_t elf_out_symbol(struct elf_out *e, const char *name, uint32_t section, uint64_t value,
                        uint64_t n_bytes, uint32_t bind, uint32_t type) {
    struct elf_out_section *const t = &e->s[ELF_OUT_SYMTAB];
    const size_t at = *name ? blob_string(&e->s[ELF_OUT_STRTAB].data, name) : 0;
    blob_put(&t->data, at, 4);
    blob_put(&t->data, ELF64_ST_INFO(bind, type), 1);
    blob_put(&t->data, STV_DEFAULT, 1);
    blob_put(&t->data, section, 2);
    blob_put(&t->data, value, 8);
    blob_put(&t->data, n_bytes, 8);
    if (bind == STB_LOCAL)
        t->info = e->n_symbols + 1; /* the first that is not local */
    return e->n_symbols++;
}

void elf_out_reloc(struct elf_out *e, uint32_t relocs, uint64_t off_bytes, uint32_t symbol,
                   enum elf_out_reloc_type type) {
    blob_put(&e->s[relocs].data, off_bytes, 8);
    blob_put(&e->s[relocs].data, ELF64_R_INFO(symbol, type), 8);
}

static void put_header(const struct elf_out *e, struct blob *b, uint64_t headers_at) {
    static const uint8_t magic[SELFMAG] = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3};
    blob_bytes(b, magic, sizeof magic);
    blob_put(b, ELFCLASS64, 1);
    blob_put(b, e->big_endian ? ELFDATA2MSB : ELFDATA2LSB, 1);
    blob_put(b, EV_CURRENT, 1);
    blob_zeros(b, EI_NIDENT - EI_OSABI);
    blob_put(b, ET_REL, 2);
    blob_put(b, EM_BPF, 2);
    blob_put(b, EV_CURRENT, 4);
    blob_put(b, 0, 8); /* entry */
    blob_put(b, 0, 8); /* program headers */
    blob_put(b, headers_at, 8);
    blob_put(b, 0, 4); /* flags */
    blob_put(b, sizeof(Elf64_Ehdr), 2);
    blob_put(b, 0, 4); /* size and number of program headers */
    blob_put(b, sizeof(Elf64_Shdr), 2);
    blob_put(b, e->n_sections, 2);
    blob_put(b, ELF_OUT_STRTAB, 2);
}

static void put_section_header(struct blob *b, const struct elf_out_section *s, uint64_t name,
                               uint64_t at) {
    blob_put(b, name, 4);
    blob_put(b, s->type, 4);
    blob_put(b, s->flags, 8);
    blob_put(b, 0, 8); /* address */
    blob_put(b, at, 8);
    blob_put(b, s->data.n, 8);
    blob_put(b, s->link, 4);
    blob_put(b, s->info, 4);
    blob_put(b, ALIGN_BYTES, 8);
    blob_put(b, s->entry_bytes, 8);
}

static uint64_t aligned(uint64_t v) {
    return (v + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
}

bool elf_out_finish(struct elf_out *e, uint8_t **bytes, size_t *n_bytes) {
    uint64_t name[ELF_OUT_SECTIONS], at[ELF_OUT_SECTIONS], end = sizeof(Elf64_Ehdr);
    struct blob file = {.big_endian = e->big_endian};
    bool failed = false;
    for (uint32_t i = 1; i < e->n_sections; i++)
        name[i] = blob_string(&e->s[ELF_OUT_STRTAB].data, e->s[i].name);
    for (uint32_t i = 1; i < e->n_sections; i++) {
        at[i] = aligned(end);
        end = at[i] + e->s[i].data.n;
        failed = failed || e->s[i].data.failed;
    }
    put_header(e, &file, aligned(end));
    for (uint32_t i = 1; i < e->n_sections; i++) {
        blob_zeros(&file, at[i] - file.n);
        blob_bytes(&file, e->s[i].data.at, e->s[i].data.n);
    }
    blob_zeros(&file, aligned(end) - file.n);
    blob_zeros(&file, sizeof(Elf64_Shdr)); /* of section 0 */
    for (uint32_t i = 1; i < e->n_sections; i++)
        put_section_header(&file, &e->s[i], name[i], at[i]);
    if (failed || file.failed) {
        free(file.at);
        return false;
    }
    *bytes = file.at;
    *n_bytes = file.n;
    return true;
}

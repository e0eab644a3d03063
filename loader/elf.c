/* elf.c: headers, sections, symbols and relocations of an ELF object, each checked where it is
 * read.
 */
#include "loader/elf.h"

#include <elf.h>
#include <libelf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef EM_BPF
#define EM_BPF 247
#endif

enum bpflab_err elf_fail(struct diag *d, enum bpflab_err err, const char *section,
                         uint64_t off_bytes, const char *fmt, ...) {
    char text[sizeof d->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    diag_set(d, err, "%s", text);
    if (d) {
        snprintf(d->section, sizeof d->section, "%s", section ? section : "");
        d->off_bytes = off_bytes;
    }
    return err;
}

/* no_memory: NOMEM, said in d. */
static enum bpflab_err no_memory(struct diag *d, uint64_t n, const char *what) {
    diag_set(d, BPFLAB_E_NOMEM, "no memory for %llu %s", (unsigned long long)n, what);
    return BPFLAB_E_NOMEM;
}

bool elf_is_hidden(const struct elf_symbol *s) {
    return s->bind != STB_LOCAL && (s->visibility == STV_HIDDEN || s->visibility == STV_INTERNAL);
}

/* inside: do size bytes at off lie within limit bytes? No sum can wrap. */
static bool inside(uint64_t off, uint64_t size, uint64_t limit) {
    return off <= limit && size <= limit - off;
}

/* too_long: a name that no tool writes, but that would make every comparison slow. */
static bool too_long(const char *name) {
    return strnlen(name, ELF_NAME_MAX + 1) > ELF_NAME_MAX;
}

/* to_host: n entries of an ELF table, from file to host order. in: the bytes are there. */
static bool to_host(const struct elf_file *f, uint64_t off, void *to, size_t size, Elf_Type type) {
    union {
        const uint8_t *in;
        void *out; /* libelf's input is not const, but is only read */
    } from = {.in = f->bytes + off};
    Elf_Data src = {.d_buf = from.out, .d_type = type, .d_size = size, .d_version = EV_CURRENT};
    Elf_Data dst = {.d_buf = to, .d_type = type, .d_size = size, .d_version = EV_CURRENT};
    return elf64_xlatetom(&dst, &src, f->big_endian ? ELFDATA2MSB : ELFDATA2LSB) != NULL;
}

static enum bpflab_err read_header(struct elf_file *f, Elf64_Ehdr *eh, struct diag *d) {
    const uint8_t *id = f->bytes;
    if (f->size_bytes < SELFMAG || memcmp(id, ELFMAG, SELFMAG) != 0)
        return elf_fail(d, BPFLAB_E_FORMAT, NULL, 0, "not an ELF file");
    if (f->size_bytes < sizeof *eh)
        return elf_fail(d, BPFLAB_E_TRUNCATED, NULL, f->size_bytes,
                        "the file ends inside the ELF header");
    if (id[EI_CLASS] != ELFCLASS64)
        return elf_fail(d, BPFLAB_E_FORMAT, NULL, EI_CLASS, "not a 64-bit ELF file");
    if (id[EI_DATA] != ELFDATA2LSB && id[EI_DATA] != ELFDATA2MSB)
        return elf_fail(d, BPFLAB_E_FORMAT, NULL, EI_DATA, "unknown byte order %u", id[EI_DATA]);
    f->big_endian = id[EI_DATA] == ELFDATA2MSB;
    if (elf_version(EV_CURRENT) == EV_NONE || !to_host(f, 0, eh, sizeof *eh, ELF_T_EHDR))
        return elf_fail(d, BPFLAB_E_FORMAT, NULL, 0, "libelf refuses the ELF header");
    if (id[EI_VERSION] != EV_CURRENT || eh->e_version != EV_CURRENT)
        return elf_fail(d, BPFLAB_E_FORMAT, NULL, EI_VERSION, "unknown ELF version");
    /* Before eBPF had a machine number, LLVM wrote none. */
    if (eh->e_machine != EM_BPF && eh->e_machine != EM_NONE)
        return elf_fail(d, BPFLAB_E_FORMAT, NULL, offsetof(Elf64_Ehdr, e_machine),
                        "an object for machine %u, not eBPF (247)", eh->e_machine);
    if (eh->e_type != ET_REL)
        return elf_fail(d, BPFLAB_E_FORMAT, NULL, offsetof(Elf64_Ehdr, e_type),
                        "ELF type %u: only relocatable objects (1) can be loaded", eh->e_type);
    if (eh->e_shoff && eh->e_shentsize != sizeof(Elf64_Shdr))
        return elf_fail(d, BPFLAB_E_FORMAT, NULL, offsetof(Elf64_Ehdr, e_shentsize),
                        "section headers of %u bytes, expected 64", eh->e_shentsize);
    return BPFLAB_OK;
}

/* read_section_headers: out: *headers malloc'ed, *names: the section of section names. */
static enum bpflab_err read_section_headers(struct elf_file *f, const Elf64_Ehdr *eh,
                                            Elf64_Shdr **headers, uint32_t *names, struct diag *d) {
    Elf64_Shdr first;
    if (!inside(eh->e_shoff, sizeof first, f->size_bytes))
        return elf_fail(d, BPFLAB_E_TRUNCATED, NULL, offsetof(Elf64_Ehdr, e_shoff),
                        "the section headers at %#llx lie beyond the %zu bytes of the file",
                        (unsigned long long)eh->e_shoff, f->size_bytes);
    if (!to_host(f, eh->e_shoff, &first, sizeof first, ELF_T_SHDR))
        return elf_fail(d, BPFLAB_E_FORMAT, NULL, eh->e_shoff, "libelf refuses a section header");
    uint64_t n = eh->e_shnum ? eh->e_shnum : first.sh_size; /* many sections: counted there */
    *names = eh->e_shstrndx == SHN_XINDEX ? first.sh_link : eh->e_shstrndx;
    if (n == 0)
        return elf_fail(d, BPFLAB_E_FORMAT, NULL, eh->e_shoff, "no sections");
    if (n > (f->size_bytes - eh->e_shoff) / sizeof first)
        return elf_fail(d, BPFLAB_E_TRUNCATED, NULL, eh->e_shoff,
                        "%llu section headers do not fit into the file", (unsigned long long)n);
    if (*names >= n)
        return elf_fail(d, BPFLAB_E_RANGE, NULL, offsetof(Elf64_Ehdr, e_shstrndx),
                        "section names in section %u of %llu", *names, (unsigned long long)n);
    *headers = malloc((size_t)n * sizeof **headers);
    f->sections = calloc((size_t)n, sizeof *f->sections);
    if (!*headers || !f->sections)
        return no_memory(d, n, "sections");
    f->n_sections = (uint32_t)n;
    if (!to_host(f, eh->e_shoff, *headers, (size_t)n * sizeof **headers, ELF_T_SHDR))
        return elf_fail(d, BPFLAB_E_FORMAT, NULL, eh->e_shoff, "libelf refuses a section header");
    return BPFLAB_OK;
}

/* check_strings: a string table whose last string ends. */
static enum bpflab_err check_strings(const struct elf_file *f, uint32_t section, struct diag *d) {
    const struct elf_section *s = &f->sections[section];
    if (s->type != SHT_STRTAB || !s->data)
        return elf_fail(d, BPFLAB_E_FORMAT, s->name, s->off, "section %u is not a string table",
                        section);
    if (s->data[s->size - 1] != 0)
        return elf_fail(d, BPFLAB_E_FORMAT, s->name, s->size - 1,
                        "the last string of a string table does not end");
    return BPFLAB_OK;
}

static enum bpflab_err read_sections(struct elf_file *f, const Elf64_Shdr *headers, uint32_t names,
                                     struct diag *d) {
    for (uint32_t i = 0; i < f->n_sections; i++) {
        const Elf64_Shdr *h = &headers[i];
        struct elf_section *s = &f->sections[i];
        *s = (struct elf_section){.name = "",
                                  .type = h->sh_type,
                                  .flags = h->sh_flags,
                                  .off = h->sh_offset,
                                  .size = h->sh_size,
                                  .entsize = h->sh_entsize,
                                  .link = h->sh_link,
                                  .info = h->sh_info};
        if (i == 0 || h->sh_type == SHT_NULL) {
            s->size = 0;
            s->type = SHT_NULL;
            continue;
        }
        if (h->sh_addralign & (h->sh_addralign - 1))
            return elf_fail(d, BPFLAB_E_ALIGN, NULL, h->sh_offset,
                            "section %u: alignment %#llx is not a power of two", i,
                            (unsigned long long)h->sh_addralign);
        if (h->sh_type == SHT_NOBITS)
            continue;
        if (!inside(h->sh_offset, h->sh_size, f->size_bytes))
            return elf_fail(d, BPFLAB_E_TRUNCATED, NULL, h->sh_offset,
                            "section %u: %#llx bytes at %#llx, but the file has %#zx bytes", i,
                            (unsigned long long)h->sh_size, (unsigned long long)h->sh_offset,
                            f->size_bytes);
        if (h->sh_size)
            s->data = f->bytes + h->sh_offset;
    }
    if (names == 0)
        return BPFLAB_OK;
    enum bpflab_err err = check_strings(f, names, d);
    for (uint32_t i = 1; !err && i < f->n_sections; i++) {
        if (headers[i].sh_name >= f->sections[names].size)
            err = elf_fail(d, BPFLAB_E_RANGE, NULL, headers[i].sh_name,
                           "section %u: its name lies outside the string table", i);
        else if (too_long((const char *)f->sections[names].data + headers[i].sh_name))
            err = elf_fail(d, BPFLAB_E_FORMAT, NULL, headers[i].sh_name,
                           "section %u: a name of more than %d bytes", i, ELF_NAME_MAX);
        else
            f->sections[i].name = (const char *)f->sections[names].data + headers[i].sh_name;
    }
    return err;
}

struct extent {
    uint64_t off, end;
    const char *name;
};

static int by_offset(const void *a, const void *b) {
    const struct extent *x = a, *y = b;
    return x->off != y->off ? (x->off < y->off ? -1 : 1) : (x->end > y->end) - (x->end < y->end);
}

/* check_overlap: no byte of the file may belong to two sections, or to a section and a header. */
static enum bpflab_err check_overlap(const struct elf_file *f, uint64_t headers_off,
                                     struct diag *d) {
    struct extent *x = malloc((f->n_sections + 2) * sizeof *x);
    if (!x)
        return no_memory(d, f->n_sections, "sections");
    size_t n = 0;
    x[n++] = (struct extent){0, sizeof(Elf64_Ehdr), "the ELF header"};
    x[n++] = (struct extent){headers_off, headers_off + f->n_sections * sizeof(Elf64_Shdr),
                             "the section headers"};
    for (uint32_t i = 1; i < f->n_sections; i++) {
        const struct elf_section *s = &f->sections[i];
        if (s->data)
            x[n++] = (struct extent){s->off, s->off + s->size, s->name};
    }
    qsort(x, n, sizeof *x, by_offset);
    enum bpflab_err err = BPFLAB_OK;
    for (size_t i = 1; i < n && !err; i++)
        if (x[i].off < x[i - 1].end)
            err = elf_fail(d, BPFLAB_E_FORMAT, x[i].name, x[i].off, "%.60s overlaps %.60s",
                           x[i].name, x[i - 1].name);
    free(x);
    return err;
}

/* find_symtab: the one symbol table, its strings checked; f->symtab stays 0 if there is none. */
static enum bpflab_err find_symtab(struct elf_file *f, struct diag *d) {
    for (uint32_t i = 1; i < f->n_sections; i++) {
        const struct elf_section *s = &f->sections[i];
        if (s->type == SHT_SYMTAB_SHNDX)
            f->symtab_shndx = i;
        if (s->type != SHT_SYMTAB)
            continue;
        if (f->symtab)
            return elf_fail(d, BPFLAB_E_FORMAT, s->name, 0, "a second symbol table");
        if (s->entsize != sizeof(Elf64_Sym) || s->size % sizeof(Elf64_Sym))
            return elf_fail(d, BPFLAB_E_FORMAT, s->name, 0,
                            "%llu bytes of symbols of %llu bytes each, expected 24",
                            (unsigned long long)s->size, (unsigned long long)s->entsize);
        if (s->size / sizeof(Elf64_Sym) > UINT32_MAX)
            return elf_fail(d, BPFLAB_E_FORMAT, s->name, 0, "too many symbols");
        if (s->link >= f->n_sections)
            return elf_fail(d, BPFLAB_E_RANGE, s->name, 0, "symbol names in section %u of %u",
                            s->link, f->n_sections);
        f->symtab = i;
    }
    return f->symtab ? check_strings(f, f->sections[f->symtab].link, d) : BPFLAB_OK;
}

/* extended_index: the section of symbol i, kept in a table of its own when there are very many. */
static uint32_t extended_index(const struct elf_file *f, uint32_t i) {
    const struct elf_section *s = &f->sections[f->symtab_shndx];
    uint32_t index;
    if (s->data && inside((uint64_t)i * 4, 4, s->size) &&
        to_host(f, s->off + (uint64_t)i * 4, &index, sizeof index, ELF_T_WORD))
        return index;
    return ELF_NO_SECTION;
}

static enum bpflab_err read_symbol(const struct elf_file *f, uint32_t i, const Elf64_Sym *in,
                                   struct elf_symbol *out, struct diag *d) {
    const struct elf_section *tab = &f->sections[f->symtab], *strings = &f->sections[tab->link];
    uint64_t at = (uint64_t)i * sizeof *in;
    if (in->st_name >= strings->size)
        return elf_fail(d, BPFLAB_E_RANGE, tab->name, at,
                        "symbol %u: its name lies outside the string table", i);
    *out = (struct elf_symbol){.name = (const char *)strings->data + in->st_name,
                               .value = in->st_value,
                               .size = in->st_size,
                               .section = in->st_shndx,
                               .bind = ELF64_ST_BIND(in->st_info),
                               .type = ELF64_ST_TYPE(in->st_info),
                               .visibility = ELF64_ST_VISIBILITY(in->st_other)};
    if (too_long(out->name))
        return elf_fail(d, BPFLAB_E_FORMAT, tab->name, at,
                        "symbol %u: a name of more than %d bytes", i, ELF_NAME_MAX);
    if (in->st_shndx == SHN_XINDEX)
        out->section = extended_index(f, i);
    else if (in->st_shndx == SHN_ABS || in->st_shndx == SHN_COMMON)
        out->section = ELF_NO_SECTION;
    if (out->section == ELF_NO_SECTION && in->st_shndx != SHN_XINDEX)
        return BPFLAB_OK;
    if (out->section >= f->n_sections)
        return elf_fail(d, BPFLAB_E_RANGE, tab->name, at, "symbol %u (%.60s): section %#x of %u", i,
                        out->name, out->section, f->n_sections);
    if (out->section == SHN_UNDEF)
        return BPFLAB_OK;
    const struct elf_section *s = &f->sections[out->section];
    if (!inside(out->value, out->size, s->size))
        return elf_fail(d, BPFLAB_E_RANGE, tab->name, at,
                        "symbol %u (%.40s): %#llx bytes at %#llx of %.40s, which has %#llx", i,
                        out->name, (unsigned long long)out->size, (unsigned long long)out->value,
                        s->name, (unsigned long long)s->size);
    if (out->type == STT_SECTION && !*out->name)
        out->name = s->name;
    return BPFLAB_OK;
}

static enum bpflab_err read_symbols(struct elf_file *f, struct diag *d) {
    const struct elf_section *tab = &f->sections[f->symtab];
    uint32_t n = (uint32_t)(tab->size / sizeof(Elf64_Sym));
    if (n == 0)
        return BPFLAB_OK;
    Elf64_Sym *raw = malloc((size_t)n * sizeof *raw);
    f->symbols = calloc(n, sizeof *f->symbols);
    enum bpflab_err err = BPFLAB_OK;
    if (!raw || !f->symbols)
        err = no_memory(d, n, "symbols");
    else if (!to_host(f, tab->off, raw, (size_t)n * sizeof *raw, ELF_T_SYM))
        err = elf_fail(d, BPFLAB_E_FORMAT, tab->name, 0, "libelf refuses the symbols");
    for (uint32_t i = 0; !err && i < n; i++)
        err = read_symbol(f, i, &raw[i], &f->symbols[i], d);
    f->n_symbols = n;
    free(raw);
    return err;
}

enum bpflab_err elf_read(const uint8_t *bytes, size_t size_bytes, struct elf_file *out,
                         struct diag *d) {
    struct elf_file f = {.bytes = bytes, .size_bytes = size_bytes};
    Elf64_Ehdr eh = {0};
    Elf64_Shdr *headers = NULL;
    uint32_t names = 0;
    enum bpflab_err err = read_header(&f, &eh, d);
    if (!err && eh.e_shoff == 0)
        err = elf_fail(d, BPFLAB_E_FORMAT, NULL, offsetof(Elf64_Ehdr, e_shoff), "no sections");
    if (!err)
        err = read_section_headers(&f, &eh, &headers, &names, d);
    if (!err)
        err = read_sections(&f, headers, names, d);
    if (!err)
        err = check_overlap(&f, eh.e_shoff, d);
    if (!err)
        err = find_symtab(&f, d);
    if (!err && f.symtab)
        err = read_symbols(&f, d);
    free(headers);
    if (err)
        elf_fini(&f);
    else
        *out = f;
    return err;
}

void elf_fini(struct elf_file *f) {
    free(f->sections);
    free(f->symbols);
    *f = (struct elf_file){0};
}

static int by_place(const void *a, const void *b) {
    const struct elf_reloc *x = a, *y = b;
    return (x->off > y->off) - (x->off < y->off);
}

/* check_reloc_section: entry size, count, symbol table and target of a relocation section. */
static enum bpflab_err check_reloc_section(const struct elf_file *f, const struct elf_section *s,
                                           struct diag *d) {
    size_t unit = s->type == SHT_RELA ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel);
    if (s->entsize != unit || s->size % unit || s->size / unit > UINT32_MAX)
        return elf_fail(d, BPFLAB_E_FORMAT, s->name, 0,
                        "%llu bytes of relocations of %llu bytes each, expected %zu",
                        (unsigned long long)s->size, (unsigned long long)s->entsize, unit);
    if (s->info == 0 || s->info >= f->n_sections)
        return elf_fail(d, BPFLAB_E_RANGE, s->name, 0, "relocates section %u of %u", s->info,
                        f->n_sections);
    if (s->size && (f->symtab == 0 || s->link != f->symtab))
        return elf_fail(d, BPFLAB_E_FORMAT, s->name, 0,
                        "names section %u as symbol table, which it is not", s->link);
    return BPFLAB_OK;
}

enum bpflab_err elf_relocs(const struct elf_file *f, uint32_t section, struct elf_reloc **relocs,
                           uint32_t *n_relocs, struct diag *d) {
    const struct elf_section *s = &f->sections[section];
    bool rela = s->type == SHT_RELA;
    size_t unit = rela ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel);
    enum bpflab_err err = check_reloc_section(f, s, d);
    *relocs = NULL;
    *n_relocs = 0;
    if (err || s->size == 0)
        return err;
    uint32_t n = (uint32_t)(s->size / unit);
    void *raw = malloc((size_t)s->size);
    struct elf_reloc *r = malloc(n * sizeof *r);
    if (!raw || !r)
        err = no_memory(d, n, "relocations");
    else if (!to_host(f, s->off, raw, (size_t)s->size, rela ? ELF_T_RELA : ELF_T_REL))
        err = elf_fail(d, BPFLAB_E_FORMAT, s->name, 0, "libelf refuses the relocations");
    bool sorted = true;
    for (uint32_t i = 0; !err && i < n; i++) {
        Elf64_Rela one = {0};
        memcpy(&one, (const char *)raw + i * unit, unit);
        r[i] = (struct elf_reloc){.off = one.r_offset,
                                  .addend = one.r_addend,
                                  .has_addend = rela,
                                  .symbol = (uint32_t)ELF64_R_SYM(one.r_info),
                                  .type = (uint32_t)ELF64_R_TYPE(one.r_info)};
        if (r[i].symbol >= f->n_symbols)
            err = elf_fail(d, BPFLAB_E_RANGE, s->name, i * unit, "relocation %u: symbol %u of %u",
                           i, r[i].symbol, f->n_symbols);
        else if (r[i].off >= f->sections[s->info].size)
            err = elf_fail(d, BPFLAB_E_RANGE, s->name, i * unit,
                           "relocation %u: offset %#llx outside %.60s", i,
                           (unsigned long long)r[i].off, f->sections[s->info].name);
        sorted = sorted && (i == 0 || r[i - 1].off <= r[i].off);
    }
    if (!err && !sorted)
        qsort(r, n, sizeof *r, by_place);
    free(raw);
    if (err) {
        free(r);
        return err;
    }
    *relocs = r;
    *n_relocs = n;
    return BPFLAB_OK;
}

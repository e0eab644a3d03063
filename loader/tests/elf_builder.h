/* elf_builder.h: ELF objects made in memory, of either byte order, right or deliberately wrong. */
#ifndef BPFLAB_LOADER_TESTS_ELF_BUILDER_H
#define BPFLAB_LOADER_TESTS_ELF_BUILDER_H

#include "isa/insn.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EB_SECTIONS = 32,
    EB_DATA = 8192,
    EB_SYMBOLS = 64,
    EB_STRINGS = 4096
};

struct eb_section {
    char name[96];
    uint32_t type, link, info;
    uint64_t flags, size, entsize;
    uint8_t data[EB_DATA];
    uint64_t at; /* in the file, after eb_finish */
};

struct eb {
    bool big;
    struct eb_section s[EB_SECTIONS];
    uint32_t n; /* section 0 is there from the start; 1 is .strtab, 2 is .symtab */
    uint32_t n_symbols;
    uint64_t headers_at; /* after eb_finish */
    uint8_t *bytes;
    size_t size;
};

static inline void eb_put(const struct eb *b, uint8_t *p, uint64_t v, int n) {
    for (int i = 0; i < n; i++)
        p[b->big ? n - 1 - i : i] = (uint8_t)(v >> (8 * i));
}

static inline uint32_t eb_section(struct eb *b, const char *name, uint32_t type, uint64_t flags) {
    struct eb_section *s = &b->s[b->n];
    snprintf(s->name, sizeof s->name, "%s", name);
    s->type = type;
    s->flags = flags;
    return b->n++;
}

static inline uint64_t eb_add(struct eb *b, uint32_t section, const void *data, size_t n) {
    struct eb_section *s = &b->s[section];
    memcpy(s->data + s->size, data, n);
    s->size += n;
    return s->size - n;
}

static inline void eb_number(struct eb *b, uint32_t section, uint64_t v, int n) {
    uint8_t bytes[8];
    eb_put(b, bytes, v, n);
    eb_add(b, section, bytes, (size_t)n);
}

static inline uint32_t eb_symbol(struct eb *b, const char *name, uint32_t section, uint64_t value,
                                 uint64_t size, unsigned bind, unsigned type) {
    uint32_t at = (uint32_t)eb_add(b, 1, name, strlen(name) + 1);
    eb_number(b, 2, *name ? at : 0, 4);
    eb_number(b, 2, bind << 4 | type, 1);
    eb_number(b, 2, 0, 1);
    eb_number(b, 2, section, 2);
    eb_number(b, 2, value, 8);
    eb_number(b, 2, size, 8);
    return b->n_symbols++;
}

static inline void eb_init(struct eb *b, bool big) {
    memset(b, 0, sizeof *b);
    b->big = big;
    b->n = 1;
    eb_section(b, ".strtab", SHT_STRTAB, 0);
    eb_section(b, ".symtab", SHT_SYMTAB, 0);
    b->s[2].link = 1;
    b->s[2].entsize = 24;
    eb_add(b, 1, "", 1);
    eb_symbol(b, "", 0, 0, 0, STB_LOCAL, STT_NOTYPE);
}

static inline void eb_insn(struct eb *b, uint32_t section, struct insn in) {
    uint8_t bytes[INSN_BYTES];
    insn_encode(in, b->big, bytes);
    eb_add(b, section, bytes, sizeof bytes);
}

/* eb_code: a section of code. */
static inline uint32_t eb_code(struct eb *b, const char *name) {
    return eb_section(b, name, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR);
}

static inline void eb_lddw(struct eb *b, uint32_t section, int32_t imm) {
    eb_insn(b, section, (struct insn){.code = 0x18, .dst = 1, .imm = imm});
    eb_insn(b, section, (struct insn){0});
}

static inline void eb_return(struct eb *b, uint32_t section, int32_t value) {
    eb_insn(b, section, (struct insn){.code = 0xb7, .imm = value});
    eb_insn(b, section, (struct insn){.code = 0x95});
}

static inline void eb_call(struct eb *b, uint32_t section, int32_t imm) {
    eb_insn(b, section, (struct insn){.code = 0x85, .src = 1, .imm = imm});
}

/* eb_relocs: a section of relocations for section; eb_reloc: one of them. */
static inline uint32_t eb_relocs(struct eb *b, uint32_t section, bool rela) {
    char name[96];
    snprintf(name, sizeof name, "%s%.80s", rela ? ".rela" : ".rel", b->s[section].name);
    uint32_t r = eb_section(b, name, rela ? SHT_RELA : SHT_REL, SHF_INFO_LINK);
    b->s[r].link = 2;
    b->s[r].info = section;
    b->s[r].entsize = rela ? 24 : 16;
    return r;
}

static inline void eb_reloc(struct eb *b, uint32_t relocs, uint64_t off, uint32_t symbol,
                            uint32_t type, int64_t addend) {
    eb_number(b, relocs, off, 8);
    eb_number(b, relocs, (uint64_t)symbol << 32 | type, 8);
    if (b->s[relocs].type == SHT_RELA)
        eb_number(b, relocs, (uint64_t)addend, 8);
}

static inline void eb_header(const struct eb *b, uint8_t *p) {
    memcpy(p, ELFMAG, SELFMAG);
    p[EI_CLASS] = ELFCLASS64;
    p[EI_DATA] = b->big ? ELFDATA2MSB : ELFDATA2LSB;
    p[EI_VERSION] = EV_CURRENT;
    eb_put(b, p + 16, ET_REL, 2);
    eb_put(b, p + 18, 247, 2);
    eb_put(b, p + 20, EV_CURRENT, 4);
    eb_put(b, p + 40, b->headers_at, 8);
    eb_put(b, p + 52, 64, 2);
    eb_put(b, p + 58, 64, 2);
    eb_put(b, p + 60, b->n, 2);
    eb_put(b, p + 62, 1, 2);
}

/* eb_finish: the file, in b->bytes; the caller frees it. */
static inline void eb_finish(struct eb *b) {
    uint64_t names[EB_SECTIONS] = {0}, at = 64;
    for (uint32_t i = 1; i < b->n; i++)
        names[i] = eb_add(b, 1, b->s[i].name, strlen(b->s[i].name) + 1);
    for (uint32_t i = 1; i < b->n; i++) {
        b->s[i].at = at;
        if (b->s[i].type != SHT_NOBITS)
            at = (at + b->s[i].size + 7) & ~UINT64_C(7);
    }
    b->headers_at = at;
    b->size = (size_t)at + b->n * 64;
    b->bytes = calloc(1, b->size);
    eb_header(b, b->bytes);
    for (uint32_t i = 1; i < b->n; i++) {
        const struct eb_section *s = &b->s[i];
        uint8_t *h = b->bytes + b->headers_at + i * 64;
        if (s->type != SHT_NOBITS)
            memcpy(b->bytes + s->at, s->data, s->size);
        eb_put(b, h, names[i], 4);
        eb_put(b, h + 4, s->type, 4);
        eb_put(b, h + 8, s->flags, 8);
        eb_put(b, h + 24, s->at, 8);
        eb_put(b, h + 32, s->size, 8);
        eb_put(b, h + 40, s->link, 4);
        eb_put(b, h + 44, s->info, 4);
        eb_put(b, h + 48, 8, 8);
        eb_put(b, h + 56, s->entsize, 8);
    }
}

#endif

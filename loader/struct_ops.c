/* struct_ops.c: tables of callbacks for the kernel (.struct_ops): which struct and member each
 * function stands for, as the relocations of the tables' pointers say.
 */
#include "loader/load.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The table that has the byte at off, NULL if none does. */
static const struct elf_symbol *table_at(const struct load *l, uint32_t section, uint64_t off) {
    for (uint32_t i = 1; i < l->elf.n_symbols; i++) {
        const struct elf_symbol *s = &l->elf.symbols[i];
        if (s->section == section && s->type == STT_OBJECT && off >= s->value &&
            off - s->value < s->size)
            return s;
    }
    return NULL;
}

/* The name of the member at off bytes of a struct, NULL if none starts there. */
static const char *member_at(const struct btf *b, const struct btf_type *t, uint64_t off) {
    for (uint32_t i = 0; i < t->n_members; i++)
        if (btf_members(b, t)[i].off_bits == off * 8)
            return btf_string(b, btf_members(b, t)[i].name_off);
    return NULL;
}

/* "tcp_congestion_ops.init", the name without the flavour behind ___; NULL: no such member.
 * errors: NOMEM */
static enum bpflab_err name_of(struct load *l, uint32_t section, uint64_t off, char **out) {
    const struct btf *b = l->obj->btf;
    const struct elf_symbol *table = table_at(l, section, off);
    const uint32_t var = table ? btf_find(b, BTF_VAR, table->name, 1) : 0;
    *out = NULL;
    if (!var)
        return BPFLAB_OK;
    const struct btf_type *t = btf_type_at(b, btf_strip(b, btf_type_at(b, var)->size_or_type));
    const char *member = t->kind == BTF_STRUCT ? member_at(b, t, off - table->value) : NULL;
    if (!member)
        return BPFLAB_OK;
    const char *name = btf_string(b, t->name_off), *flavour = strstr(name, "___");
    const size_t n = flavour ? (size_t)(flavour - name) : strlen(name);
    const size_t size = n + strlen(member) + 2;
    *out = load_alloc(l, size);
    if (!*out)
        return load_nomem(l);
    snprintf(*out, size, "%.*s.%s", (int)n, name, member);
    return BPFLAB_OK;
}

static enum bpflab_err read_relocs(struct load *l, uint32_t rel) {
    const uint32_t section = l->elf.sections[rel].info;
    const struct elf_section *s = &l->elf.sections[section];
    struct elf_reloc *r = NULL;
    uint32_t n = 0;
    enum bpflab_err err = elf_relocs(&l->elf, rel, &r, &n, l->d);
    for (uint32_t i = 0; !err && i < n; i++) {
        const struct elf_symbol *to = &l->elf.symbols[r[i].symbol];
        if (to->section >= l->elf.n_sections || !s->data || s->size < 8 || r[i].off > s->size - 8)
            continue;
        const uint64_t addend =
            r[i].has_addend ? (uint64_t)r[i].addend : get64(s->data + r[i].off, l->elf.big_endian);
        struct func *f = load_func_at(l, to->section, (to->value + addend) / INSN_BYTES);
        if (f && !f->attach_to)
            err = name_of(l, section, r[i].off, &f->attach_to);
    }
    free(r);
    return err;
}

enum bpflab_err load_struct_ops(struct load *l) {
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 1; !err && l->obj->btf && i < l->elf.n_sections; i++) {
        const struct elf_section *s = &l->elf.sections[i];
        if ((s->type == SHT_REL || s->type == SHT_RELA) && s->info < l->elf.n_sections &&
            l->sections[s->info].use == USE_STRUCT_OPS)
            err = read_relocs(l, i);
    }
    return err;
}

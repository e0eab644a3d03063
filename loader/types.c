/* types.c: .BTF: the object's types, and which of them describe a section of variables.
 *
 * LLVM writes the offsets of variables in .BTF, and those of instructions in .BTF.ext, as
 * relocations, so both sections are relocated in a copy before they are read.
 * source: Documentation/bpf/btf.rst, section 4
 */
#include "loader/load.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* apply: the 32-bit relocations of section to a copy of its bytes. */
static enum bpflab_err apply(struct load *l, uint32_t section, uint8_t *bytes) {
    const struct elf_file *f = &l->elf;
    for (uint32_t i = 1; i < f->n_sections; i++) {
        const struct elf_section *s = &f->sections[i];
        if ((s->type != SHT_REL && s->type != SHT_RELA) || s->info != section)
            continue;
        struct elf_reloc *r;
        uint32_t n;
        enum bpflab_err err = elf_relocs(f, i, &r, &n, l->d);
        for (uint32_t k = 0; !err && k < n; k++) {
            if (r[k].type != RELOC_ABS32 && r[k].type != RELOC_NODYLD32 && r[k].type != RELOC_64_32)
                continue;
            if (f->sections[section].size - r[k].off < 4) {
                err = elf_fail(l->d, BPFLAB_E_RANGE, s->name, r[k].off,
                               "a 32-bit relocation at the last bytes of %.60s",
                               f->sections[section].name);
                break;
            }
            uint8_t *p = bytes + r[k].off;
            uint32_t addend = r[k].has_addend ? (uint32_t)r[k].addend : get32(p, f->big_endian);
            put(p, (uint32_t)f->symbols[r[k].symbol].value + addend, 4, f->big_endian);
        }
        free(r);
        if (err)
            return err;
    }
    return BPFLAB_OK;
}

enum bpflab_err load_relocated(struct load *l, uint32_t section, uint8_t **out) {
    const struct elf_section *s = &l->elf.sections[section];
    *out = load_alloc(l, (size_t)s->size);
    if (!*out)
        return load_nomem(l);
    memcpy(*out, s->data, (size_t)s->size);
    return apply(l, section, *out);
}

static enum bpflab_err read_btf(struct load *l) {
    uint32_t i = load_section_find(l, ".BTF");
    if (i == 0 || !l->elf.sections[i].data)
        return BPFLAB_OK;
    uint8_t *bytes;
    enum bpflab_err err = load_relocated(l, i, &bytes);
    if (err)
        return err;
    struct diag why;
    err = btf_parse(bytes, (size_t)l->elf.sections[i].size, NULL, &l->obj->btf, &why);
    if (err == BPFLAB_E_UNSUPPORTED)
        return load_need(l, ".BTF", "BTF: %.140s", why.text);
    if (err)
        return elf_fail(l->d, err, ".BTF", why.off_bytes, "%s", why.text);
    if (btf_big_endian(l->obj->btf) != l->elf.big_endian)
        return elf_fail(l->d, BPFLAB_E_FORMAT, ".BTF", 0, "types of the other byte order");
    return err;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_section_name(const void *a, const void *b) {
    const struct datasec *x = a, *y = b;
    int c = strcmp(x->name, y->name);
    return c ? c : (x->id > y->id) - (x->id < y->id);
}

/* is_hidden: among the names of hidden variables, in order. */
static bool is_hidden(const char *const *hidden, uint32_t n, const char *name) {
    return n && bsearch(&name, hidden, n, sizeof *hidden, by_name);
}

/* hidden_variables: names of variables that no other object sees. BTF calls them global, but they
 * are no reason to map their section into user space. out: *n names in order; NULL: no memory */
static const char **hidden_variables(struct load *l, uint32_t *n) {
    const char **names = load_alloc(l, l->elf.n_symbols * sizeof *names);
    *n = 0;
    for (uint32_t i = 1; names && i < l->elf.n_symbols; i++) {
        const struct elf_symbol *s = &l->elf.symbols[i];
        if (s->type == STT_OBJECT && elf_is_hidden(s))
            names[(*n)++] = s->name;
    }
    if (names)
        qsort(names, *n, sizeof *names, by_name);
    return names;
}

/* is_mappable: does a section declare a variable that others may use? Then so may user space. */
static bool is_mappable(const struct btf *b, const struct btf_type *t, const char *const *hidden,
                        uint32_t n_hidden) {
    for (uint32_t i = 0; i < t->n_members; i++) {
        const struct btf_type *v = btf_type_at(b, btf_members(b, t)[i].type);
        if (v && v->kind == BTF_VAR && btf_extra(b, v) != BTF_STATIC &&
            !is_hidden(hidden, n_hidden, btf_string(b, v->name_off)))
            return true;
    }
    return false;
}

static enum bpflab_err list_datasecs(struct load *l) {
    const struct btf *b = l->obj->btf;
    uint32_t n = 0, n_hidden = 0, n_types = b ? btf_n_types(b) : 0;
    for (uint32_t id = 1; id < n_types; id++)
        n += btf_type_at(b, id)->kind == BTF_DATASEC;
    l->datasecs = load_alloc(l, n * sizeof *l->datasecs);
    const char **hidden = hidden_variables(l, &n_hidden);
    if (!l->datasecs || !hidden)
        return load_nomem(l);
    for (uint32_t id = 1; id < n_types; id++) {
        const struct btf_type *t = btf_type_at(b, id);
        if (t->kind == BTF_DATASEC)
            l->datasecs[l->n_datasecs++] = (struct datasec){btf_string(b, t->name_off), id,
                                                            is_mappable(b, t, hidden, n_hidden)};
    }
    qsort(l->datasecs, l->n_datasecs, sizeof *l->datasecs, by_section_name);
    return BPFLAB_OK;
}

const struct datasec *load_datasec(const struct load *l, const char *name) {
    uint32_t lo = 0, hi = l->n_datasecs;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (strcmp(l->datasecs[mid].name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < l->n_datasecs && !strcmp(l->datasecs[lo].name, name) ? &l->datasecs[lo] : NULL;
}

enum bpflab_err load_types(struct load *l) {
    enum bpflab_err err = read_btf(l);
    if (!err)
        err = list_datasecs(l);
    return err ? err : load_lines(l);
}

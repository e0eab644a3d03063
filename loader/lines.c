/* lines.c: .BTF and .BTF.ext: the object's types, and which function and source line each
 * instruction belongs to. Both are relocated first: LLVM writes the offsets of global variables as
 * relocations. source: Documentation/bpf/btf.rst, section 4 */
#include "loader/load.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum {
    RELOC_ABS32 = 3,
    RELOC_NODYLD32 = 4,
    RELOC_32 = 10, /* what LLVM wrote before it had the two above */
    EXT_HEADER = 24,
    EXT_TABLE_END = 32, /* header with core_relo */
};

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
            if (r[k].type != RELOC_ABS32 && r[k].type != RELOC_NODYLD32 && r[k].type != RELOC_32)
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

/* relocated: a copy of a section that lives as long as the object. */
static enum bpflab_err relocated(struct load *l, uint32_t section, uint8_t **out) {
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
    enum bpflab_err err = relocated(l, i, &bytes);
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

static int by_section_name(const void *a, const void *b) {
    const struct datasec *x = a, *y = b;
    int c = strcmp(x->name, y->name);
    return c ? c : (x->id > y->id) - (x->id < y->id);
}

/* is_mappable: does a section declare a variable that is not static? Then user space may map it. */
static bool is_mappable(const struct btf *b, const struct btf_type *t) {
    for (uint32_t i = 0; i < t->n_members; i++) {
        const struct btf_type *v = btf_type_at(b, btf_members(b, t)[i].type);
        if (v && v->kind == BTF_VAR && btf_extra(b, v) != 0)
            return true;
    }
    return false;
}

static enum bpflab_err list_datasecs(struct load *l) {
    const struct btf *b = l->obj->btf;
    uint32_t n = 0, n_types = b ? btf_n_types(b) : 0;
    for (uint32_t id = 1; id < n_types; id++)
        n += btf_type_at(b, id)->kind == BTF_DATASEC;
    l->datasecs = load_alloc(l, n * sizeof *l->datasecs);
    if (!l->datasecs)
        return load_nomem(l);
    for (uint32_t id = 1; id < n_types; id++) {
        const struct btf_type *t = btf_type_at(b, id);
        if (t->kind == BTF_DATASEC)
            l->datasecs[l->n_datasecs++] =
                (struct datasec){btf_string(b, t->name_off), id, is_mappable(b, t)};
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

/* struct named: sections that hold code, by name, for the many names of .BTF.ext. */
struct named {
    const char *name;
    uint32_t section;
};

static int by_name(const void *a, const void *b) {
    const struct named *x = a, *y = b;
    int c = strcmp(x->name, y->name);
    return c ? c : (x->section > y->section) - (x->section < y->section);
}

static uint32_t code_named(const struct named *t, uint32_t n, const char *name) {
    uint32_t lo = 0, hi = n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (strcmp(t[mid].name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && !strcmp(t[lo].name, name) ? t[lo].section : NONE;
}

static bool is_code(const struct elf_section *s) {
    return s->type == SHT_PROGBITS && (s->flags & SHF_EXECINSTR) && s->data;
}

static struct named *code_names(const struct load *l, uint32_t *n) {
    struct named *t = malloc(l->elf.n_sections * sizeof *t);
    *n = 0;
    for (uint32_t i = 1; t && i < l->elf.n_sections; i++)
        if (is_code(&l->elf.sections[i]))
            t[(*n)++] = (struct named){l->elf.sections[i].name, i};
    if (t)
        qsort(t, *n, sizeof *t, by_name);
    return t;
}

/* struct table: one table of .BTF.ext. */
struct table {
    const uint8_t *at, *end;
    uint32_t record; /* bytes */
};

/* ext_fail: a mistake in .BTF.ext at p. */
static enum bpflab_err ext_fail(struct load *l, enum bpflab_err err, const uint8_t *p,
                                const char *why) {
    return elf_fail(l->d, err, ".BTF.ext", (uint64_t)(p - l->ext), "%s", why);
}

/* open_table: out: at == end if the header has no such table. */
static enum bpflab_err open_table(struct load *l, uint32_t place, uint32_t min_size,
                                  struct table *t) {
    bool big = l->elf.big_endian;
    const uint8_t *h = l->ext;
    uint32_t header = get32(h + 4, big);
    *t = (struct table){h, h, min_size};
    if (header < place + 8)
        return BPFLAB_OK;
    uint64_t off = (uint64_t)header + get32(h + place, big);
    uint32_t size = get32(h + place + 4, big);
    if (size == 0)
        return BPFLAB_OK;
    if (off > l->ext_size || size > l->ext_size - off)
        return ext_fail(l, BPFLAB_E_RANGE, h + place, "a table lies outside the section");
    if (off & 3)
        return ext_fail(l, BPFLAB_E_ALIGN, h + place, "a table does not begin at a word");
    t->at = h + off;
    t->end = t->at + size;
    if (size < 4)
        return ext_fail(l, BPFLAB_E_TRUNCATED, t->at, "a table without a record size");
    t->record = get32(t->at, big);
    if (t->record < min_size || t->record & 3)
        return ext_fail(l, BPFLAB_E_FORMAT, t->at, "records of an impossible size");
    t->at += 4;
    return BPFLAB_OK;
}

/* visit_section: the n records at t->at, which belong to ELF section (NONE: skipped). */
static enum bpflab_err visit_section(struct load *l, struct table *t, uint32_t section, uint32_t n,
                                     ext_visit visit, void *ctx) {
    bool big = l->elf.big_endian;
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 0; !err && i < n; i++, t->at += t->record) {
        uint32_t off = get32(t->at, big);
        if (section == NONE)
            continue;
        if (off % INSN_BYTES)
            err = ext_fail(l, BPFLAB_E_ALIGN, t->at, "an offset inside an instruction");
        else if (off >= l->elf.sections[section].size)
            err =
                ext_fail(l, BPFLAB_E_RANGE, t->at, "an instruction beyond the end of its section");
        else
            err = visit(l, section, off / INSN_BYTES, t->at, (uint64_t)(t->at - l->ext), ctx);
    }
    return err;
}

enum bpflab_err load_ext_records(struct load *l, uint32_t place, uint32_t min_size, ext_visit visit,
                                 void *ctx) {
    struct table t;
    enum bpflab_err err = open_table(l, place, min_size, &t);
    if (err || t.at == t.end)
        return err;
    uint32_t n_names;
    struct named *names = code_names(l, &n_names);
    if (!names)
        return load_nomem(l);
    while (!err && t.at < t.end) {
        if (t.end - t.at < 8) {
            err = ext_fail(l, BPFLAB_E_TRUNCATED, t.at, "a table ends inside a section's header");
            break;
        }
        const char *name = btf_string(l->obj->btf, get32(t.at, l->elf.big_endian));
        uint32_t n = get32(t.at + 4, l->elf.big_endian);
        t.at += 8;
        if (n > (size_t)(t.end - t.at) / t.record)
            err = ext_fail(l, BPFLAB_E_TRUNCATED, t.at - 4, "more records than the table holds");
        else
            err = visit_section(l, &t, code_named(names, n_names, name), n, visit, ctx);
    }
    free(names);
    return err;
}

static enum bpflab_err open_ext(struct load *l) {
    uint32_t i = load_section_find(l, ".BTF.ext");
    if (!l->obj->btf || i == 0 || !l->elf.sections[i].data)
        return BPFLAB_OK;
    uint8_t *bytes;
    enum bpflab_err err = relocated(l, i, &bytes);
    if (err)
        return err;
    l->ext = bytes;
    l->ext_size = (uint32_t)l->elf.sections[i].size;
    if (l->elf.sections[i].size > UINT32_MAX || l->ext_size < EXT_HEADER)
        return ext_fail(l, BPFLAB_E_TRUNCATED, bytes, "the header does not fit");
    if (get16(bytes, l->elf.big_endian) != 0xeb9f || bytes[2] != 1)
        return ext_fail(l, BPFLAB_E_FORMAT, bytes, "wrong magic number or version");
    uint32_t header = get32(bytes + 4, l->elf.big_endian);
    if (header < EXT_HEADER || header > l->ext_size)
        return ext_fail(l, BPFLAB_E_RANGE, bytes + 4, "a header of an impossible size");
    return BPFLAB_OK;
}

static enum bpflab_err count(struct load *l, uint32_t section, uint32_t pc, const uint8_t *record,
                             uint64_t off, void *ctx) {
    (void)l, (void)section, (void)pc, (void)record, (void)off;
    ++*(uint32_t *)ctx;
    return BPFLAB_OK;
}

static enum bpflab_err add_line(struct load *l, uint32_t section, uint32_t pc, const uint8_t *r,
                                uint64_t off, void *ctx) {
    (void)off, (void)ctx;
    bool big = l->elf.big_endian;
    uint32_t line_col = get32(r + 12, big);
    l->lines[l->n_lines++] = (struct line_at){
        section, pc, get32(r + 4, big), get32(r + 8, big), line_col >> 10, line_col & 0x3ff};
    return BPFLAB_OK;
}

static enum bpflab_err add_func(struct load *l, uint32_t section, uint32_t pc, const uint8_t *r,
                                uint64_t off, void *ctx) {
    (void)ctx;
    uint32_t id = get32(r + 4, l->elf.big_endian);
    const struct btf_type *t = btf_type_at(l->obj->btf, id);
    if (!t || t->kind != BTF_FUNC)
        return elf_fail(l->d, BPFLAB_E_TYPE, ".BTF.ext", off, "type %u is not a function", id);
    l->func_infos[l->n_func_infos++] = (struct func_at){section, pc, id};
    return BPFLAB_OK;
}

/* Lines and functions are ordered alike: both structures begin with section and pc. */
_Static_assert(offsetof(struct line_at, pc) == offsetof(struct func_at, pc), "same beginning");

static int by_pc(const void *a, const void *b) {
    const struct func_at *x = a, *y = b;
    if (x->section != y->section)
        return x->section < y->section ? -1 : 1;
    return (x->pc > y->pc) - (x->pc < y->pc);
}

/* sort: only if needed; the tables nearly always are in order. */
static void sort(void *table, size_t n, size_t unit) {
    const char *p = table;
    for (size_t i = 1; i < n; i++)
        if (by_pc(p + (i - 1) * unit, p + i * unit) > 0) {
            qsort(table, n, unit, by_pc);
            return;
        }
}

static enum bpflab_err read_lines(struct load *l) {
    uint32_t n_lines = 0, n_funcs = 0;
    enum bpflab_err err = load_ext_records(l, 8, 8, count, &n_funcs);
    if (!err)
        err = load_ext_records(l, 16, 16, count, &n_lines);
    if (err)
        return err;
    l->lines = load_alloc(l, (size_t)n_lines * sizeof *l->lines);
    l->func_infos = load_alloc(l, (size_t)n_funcs * sizeof *l->func_infos);
    if (!l->lines || !l->func_infos)
        return load_nomem(l);
    err = load_ext_records(l, 8, 8, add_func, NULL);
    if (!err)
        err = load_ext_records(l, 16, 16, add_line, NULL);
    if (err)
        return err;
    sort(l->lines, l->n_lines, sizeof *l->lines);
    sort(l->func_infos, l->n_func_infos, sizeof *l->func_infos);
    for (uint32_t i = 0; i < l->n_lines; i++) {
        struct load_section *s = &l->sections[l->lines[i].section];
        if (s->n_lines++ == 0)
            s->first_line = i;
    }
    return BPFLAB_OK;
}

enum bpflab_err load_types(struct load *l) {
    enum bpflab_err err = read_btf(l);
    if (!err)
        err = list_datasecs(l);
    if (!err)
        err = open_ext(l);
    if (!err && l->ext)
        err = read_lines(l);
    return err;
}

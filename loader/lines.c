/* lines.c: .BTF.ext: which function and which source line each instruction belongs to, and the walk
 * over its tables that CO-RE uses as well.
 * source: Documentation/bpf/btf.rst, section 4
 */
#include "loader/load.h"

#include <stdlib.h>
#include <string.h>

enum {
    EXT_HEADER = 24,
    EXT_MAGIC = 0xeb9f,
    EXT_FUNC_INFO = 8, /* places in the header */
    EXT_LINE_INFO = 16,
    FUNC_BYTES = 8, /* of a record that is read */
    LINE_BYTES = 16,
};

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

static struct named *code_names(const struct load *l, uint32_t *n) {
    struct named *t = malloc(l->elf.n_sections * sizeof *t);
    *n = 0;
    for (uint32_t i = 1; t && i < l->elf.n_sections; i++)
        if (load_is_code(&l->elf.sections[i]))
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

enum bpflab_err load_ext_records(struct load *l, uint32_t table, uint32_t min_size, ext_visit visit,
                                 void *ctx) {
    struct table t;
    enum bpflab_err err = open_table(l, table, min_size, &t);
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

static enum bpflab_err count(struct load *l, uint32_t section, uint32_t pc, const uint8_t *record,
                             uint64_t off, void *ctx) {
    (void)l, (void)section, (void)pc, (void)record, (void)off;
    ++*(uint32_t *)ctx;
    return BPFLAB_OK;
}

enum bpflab_err load_ext_count(struct load *l, uint32_t table, uint32_t min_size, uint32_t *n) {
    *n = 0;
    return load_ext_records(l, table, min_size, count, n);
}

static enum bpflab_err open_ext(struct load *l) {
    uint32_t i = load_section_find(l, ".BTF.ext");
    if (!l->obj->btf || i == 0 || !l->elf.sections[i].data)
        return BPFLAB_OK;
    uint8_t *bytes;
    enum bpflab_err err = load_relocated(l, i, &bytes);
    if (err)
        return err;
    l->ext = bytes;
    l->ext_size = (uint32_t)l->elf.sections[i].size;
    if (l->elf.sections[i].size > UINT32_MAX || l->ext_size < EXT_HEADER)
        return ext_fail(l, BPFLAB_E_TRUNCATED, bytes, "the header does not fit");
    if (get16(bytes, l->elf.big_endian) != EXT_MAGIC || bytes[2] != 1)
        return ext_fail(l, BPFLAB_E_FORMAT, bytes, "wrong magic number or version");
    uint32_t header = get32(bytes + 4, l->elf.big_endian);
    if (header < EXT_HEADER || header > l->ext_size)
        return ext_fail(l, BPFLAB_E_RANGE, bytes + 4, "a header of an impossible size");
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
    enum bpflab_err err = load_ext_count(l, EXT_FUNC_INFO, FUNC_BYTES, &n_funcs);
    if (!err)
        err = load_ext_count(l, EXT_LINE_INFO, LINE_BYTES, &n_lines);
    if (err)
        return err;
    l->lines = load_alloc(l, (size_t)n_lines * sizeof *l->lines);
    l->func_infos = load_alloc(l, (size_t)n_funcs * sizeof *l->func_infos);
    if (!l->lines || !l->func_infos)
        return load_nomem(l);
    err = load_ext_records(l, EXT_FUNC_INFO, FUNC_BYTES, add_func, NULL);
    if (!err)
        err = load_ext_records(l, EXT_LINE_INFO, LINE_BYTES, add_line, NULL);
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

enum bpflab_err load_lines(struct load *l) {
    enum bpflab_err err = open_ext(l);
    return !err && l->ext ? read_lines(l) : err;
}

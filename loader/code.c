/* code.c: the instructions of every section that holds code, and the functions they are divided
 * into.
 *
 * A function begins at a symbol of type FUNC. Old compilers gave functions no type: a section
 * without one is divided at its global symbols instead, and a section without those is one
 * function. Instructions that belong to no function (an overridden weak one) are left out.
 */
#include "loader/load.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

static enum bpflab_err decode(struct load *l, uint32_t i) {
    const struct elf_section *s = &l->elf.sections[i];
    struct load_section *ls = &l->sections[i];
    if (s->size % INSN_BYTES)
        return elf_fail(l->d, BPFLAB_E_ALIGN, s->name, s->size,
                        "%llu bytes of code are no whole number of instructions",
                        (unsigned long long)s->size);
    if (s->size / INSN_BYTES > PROG_MAX_INSNS)
        return elf_fail(l->d, BPFLAB_E_TOO_LONG, s->name, s->size, "more than %d instructions",
                        PROG_MAX_INSNS);
    ls->n_insns = (uint32_t)(s->size / INSN_BYTES);
    ls->insns = load_alloc(l, ls->n_insns * sizeof *ls->insns);
    if (!ls->insns)
        return load_nomem(l);
    for (uint32_t k = 0; k < ls->n_insns; k++)
        ls->insns[k] = insn_decode(s->data + (size_t)k * INSN_BYTES, l->elf.big_endian);
    return BPFLAB_OK;
}

/* enum division: how a section is divided into functions. */
enum division {
    BY_NOTHING,
    BY_GLOBAL,
    BY_FUNC,
};

static enum division division_of(const struct elf_symbol *s) {
    if (s->type == STT_FUNC)
        return BY_FUNC;
    return s->type == STT_NOTYPE && s->bind != STB_LOCAL ? BY_GLOBAL : BY_NOTHING;
}

/* struct start: a symbol that begins a function. */
struct start {
    uint32_t section;
    bool local;
    const struct elf_symbol *symbol;
};

static int by_start(const void *a, const void *b) {
    const struct start *x = a, *y = b;
    if (x->section != y->section)
        return x->section < y->section ? -1 : 1;
    if (x->symbol->value != y->symbol->value)
        return x->symbol->value < y->symbol->value ? -1 : 1;
    if (x->local != y->local) /* of two names for one function, the global one */
        return x->local ? 1 : -1;
    return x->symbol < y->symbol ? -1 : 1;
}

/* add_func: out: a function from a symbol; its end is not yet known if the symbol has no size. */
static enum bpflab_err add_func(struct load *l, const struct start *st) {
    const struct elf_symbol *s = st->symbol;
    if (s->value % INSN_BYTES || s->size % INSN_BYTES)
        return elf_fail(l->d, BPFLAB_E_ALIGN, l->elf.sections[st->section].name, s->value,
                        "function %.60s at %#llx, %#llx bytes, is not made of instructions",
                        s->name, (unsigned long long)s->value, (unsigned long long)s->size);
    l->funcs[l->n_funcs++] = (struct func){.section = st->section,
                                           .start = (uint32_t)(s->value / INSN_BYTES),
                                           .n_insns = (uint32_t)(s->size / INSN_BYTES),
                                           .name = s->name,
                                           .exported = s->bind != STB_LOCAL,
                                           .global = s->bind != STB_LOCAL && !elf_is_hidden(s),
                                           .prog = NONE};
    return BPFLAB_OK;
}

/* end_funcs: functions without a size reach to the next one; none may overlap. */
static enum bpflab_err end_funcs(struct load *l) {
    for (uint32_t i = 0; i < l->n_funcs; i++) {
        struct func *f = &l->funcs[i];
        const struct func *next = i + 1 < l->n_funcs && f[1].section == f->section ? f + 1 : NULL;
        uint32_t limit = next ? next->start : l->sections[f->section].n_insns;
        if (f->n_insns == 0)
            f->n_insns = limit - f->start;
        if (f->n_insns > limit - f->start)
            return elf_fail(l->d, BPFLAB_E_FORMAT, l->elf.sections[f->section].name,
                            (uint64_t)f->start * INSN_BYTES, "function %.60s overlaps %.60s",
                            f->name, next ? next->name : "the end of its section");
        struct load_section *s = &l->sections[f->section];
        if (s->n_funcs++ == 0)
            s->first_func = i;
    }
    return BPFLAB_OK;
}

static int by_section(const void *a, const void *b) {
    const struct func *x = a, *y = b;
    if (x->section != y->section)
        return x->section < y->section ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

/* collect: symbols that begin functions, in order, into l->funcs; how: of each section. */
static enum bpflab_err collect(struct load *l, const uint8_t *how, struct start *starts) {
    uint32_t n = 0;
    for (uint32_t i = 1; i < l->elf.n_symbols; i++) {
        const struct elf_symbol *s = &l->elf.symbols[i];
        if (s->section >= l->elf.n_sections || l->sections[s->section].use != USE_CODE)
            continue;
        if (division_of(s) == how[s->section] && how[s->section] != BY_NOTHING &&
            s->value < l->elf.sections[s->section].size)
            starts[n++] = (struct start){s->section, s->bind == STB_LOCAL, s};
    }
    qsort(starts, n, sizeof *starts, by_start);
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 0; !err && i < n; i++)
        if (i == 0 || starts[i].section != starts[i - 1].section ||
            starts[i].symbol->value != starts[i - 1].symbol->value)
            err = add_func(l, &starts[i]);
    return err;
}

/* whole_sections: code that no symbol divides is one function, named after its section; so is an
 * untyped function that has its section for itself. */
static void whole_sections(struct load *l, const uint8_t *how) {
    uint32_t n = l->n_funcs;
    for (uint32_t i = 1; i < l->elf.n_sections; i++)
        if (l->sections[i].use == USE_CODE && how[i] == BY_NOTHING)
            l->funcs[l->n_funcs++] = (struct func){.section = i,
                                                   .name = l->elf.sections[i].name,
                                                   .exported = true,
                                                   .global = true,
                                                   .prog = NONE};
    if (n != l->n_funcs)
        qsort(l->funcs, l->n_funcs, sizeof *l->funcs, by_section);
}

static void name_types(struct load *l) {
    uint32_t k = 0;
    for (uint32_t i = 0; i < l->n_funcs; i++) {
        struct func *f = &l->funcs[i];
        while (k < l->n_func_infos &&
               (l->func_infos[k].section < f->section ||
                (l->func_infos[k].section == f->section && l->func_infos[k].pc < f->start)))
            k++;
        if (k < l->n_func_infos && l->func_infos[k].section == f->section &&
            l->func_infos[k].pc == f->start)
            f->btf_id = l->func_infos[k].btf_id;
    }
}

bool load_is_code(const struct elf_section *s) {
    return s->type == SHT_PROGBITS && (s->flags & SHF_EXECINSTR) && s->data;
}

bool load_is_text(const char *section) {
    return !strncmp(section, ".text", 5) && (section[5] == '\0' || section[5] == '.');
}

/* find_entries: which functions are programs: the exported ones of every section but .text, local
 * ones only in a section without any; .text's own if there is no other code. */
static void find_entries(struct load *l) {
    bool only_text = true;
    for (uint32_t i = 0; i < l->n_funcs; i++)
        only_text = only_text && load_is_text(l->elf.sections[l->funcs[i].section].name);
    for (uint32_t i = 1; i < l->elf.n_sections; i++) {
        struct load_section *s = &l->sections[i];
        if (s->use != USE_CODE || (!only_text && load_is_text(l->elf.sections[i].name)))
            continue;
        struct func *f = &l->funcs[s->first_func];
        bool has_exported = false;
        for (uint32_t k = 0; k < s->n_funcs; k++)
            has_exported = has_exported || f[k].exported;
        for (uint32_t k = 0; k < s->n_funcs; k++)
            f[k].is_entry = f[k].exported || !has_exported;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_funcs; i++)
        if (l->funcs[i].is_entry)
            l->funcs[i].prog = n++;
}

static enum bpflab_err find_funcs(struct load *l) {
    uint8_t *how = calloc(l->elf.n_sections, 1);
    struct start *starts = malloc((l->elf.n_symbols + 1) * sizeof *starts);
    l->funcs = load_alloc(l, (l->elf.n_symbols + (size_t)l->elf.n_sections) * sizeof *l->funcs);
    enum bpflab_err err = !how || !starts || !l->funcs ? load_nomem(l) : BPFLAB_OK;
    for (uint32_t i = 1; !err && i < l->elf.n_symbols; i++) {
        const struct elf_symbol *s = &l->elf.symbols[i];
        if (s->section < l->elf.n_sections && s->value < l->elf.sections[s->section].size &&
            how[s->section] < division_of(s))
            how[s->section] = (uint8_t)division_of(s);
    }
    if (!err)
        err = collect(l, how, starts);
    if (!err) {
        whole_sections(l, how);
        err = end_funcs(l);
    }
    if (!err) {
        name_types(l);
        find_entries(l);
    }
    for (uint32_t i = 0; !err && i < l->n_funcs; i++) {
        struct func *f = &l->funcs[i];
        if (how[f->section] == BY_GLOBAL && l->sections[f->section].n_funcs == 1)
            f->prog_name = l->elf.sections[f->section].name;
    }
    free(how);
    free(starts);
    return err;
}

enum bpflab_err load_code(struct load *l) {
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 1; !err && i < l->elf.n_sections; i++) {
        const struct elf_section *s = &l->elf.sections[i];
        if (load_is_code(s)) {
            l->sections[i].use = USE_CODE;
            err = decode(l, i);
        }
    }
    return err ? err : find_funcs(l);
}

struct func *load_func_at(struct load *l, uint32_t section, uint64_t pc) {
    const struct load_section *s = &l->sections[section];
    uint32_t lo = 0, hi = s->n_funcs;
    while (lo < hi) { /* the first function that starts after pc */
        uint32_t mid = lo + (hi - lo) / 2;
        if (l->funcs[s->first_func + mid].start <= pc)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == 0)
        return NULL;
    struct func *f = &l->funcs[s->first_func + lo - 1];
    return pc - f->start < f->n_insns ? f : NULL;
}

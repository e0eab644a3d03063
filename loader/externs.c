/* externs.c: what an object leaves undefined: kernel functions and variables (.ksyms), and
 * configuration values (.kconfig), told apart by the section that BTF puts their declaration in.
 */
#include "loader/load.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

static bool is_extern(const struct elf_symbol *s) {
    return s->section == SHN_UNDEF && s->bind != STB_LOCAL && *s->name &&
           (s->type == STT_NOTYPE || s->type == STT_FUNC || s->type == STT_OBJECT);
}

static int by_name(const void *a, const void *b) {
    const struct extern_sym *x = a, *y = b;
    int c = strcmp(x->name, y->name);
    return c ? c : (x->symbol > y->symbol) - (x->symbol < y->symbol);
}

struct extern_sym *load_extern_find(const struct load *l, const char *name, size_t len) {
    uint32_t lo = 0, hi = l->n_externs;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        const char *at = l->externs[mid].name;
        int c = strncmp(at, name, len);
        if (c == 0 && !at[len])
            return &l->externs[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static struct extern_sym *find(const struct load *l, const char *name) {
    return load_extern_find(l, name, strlen(name));
}

/* alignment: of a type, as C has it. */
static uint32_t alignment(const struct btf *b, uint32_t id, int depth) {
    id = btf_strip(b, id);
    const struct btf_type *t = btf_type_at(b, id);
    if (!t || depth > 8)
        return 1;
    if (t->kind == BTF_ARRAY)
        return alignment(b, btf_members(b, t)->type, depth + 1);
    int64_t size = btf_size(b, id);
    return size == 1 || size == 2 || size == 4 ? (uint32_t)size : 8;
}

/* declare: what BTF says about the extern that type id declares. */
static enum bpflab_err declare(struct load *l, uint32_t id, const struct btf_type *t) {
    const struct btf *b = l->obj->btf;
    struct extern_sym *e = find(l, btf_string(b, t->name_off));
    if (!e || e->btf_id || btf_extra(b, t) != BTF_EXTERN)
        return BPFLAB_OK;
    e->btf_id = id;
    e->is_func = t->kind == BTF_FUNC;
    if (e->is_func)
        return BPFLAB_OK;
    e->type_id = t->size_or_type;
    int64_t size = btf_size(b, e->type_id);
    e->size = size < 0 || size > 4096 ? 0 : (uint32_t)size;
    e->align = alignment(b, e->type_id, 0);
    return BPFLAB_OK;
}

/* place: which section of BTF the declarations are in. */
static enum bpflab_err place(struct load *l, const struct btf_type *t) {
    const struct btf *b = l->obj->btf;
    const char *name = btf_string(b, t->name_off);
    enum extern_kind kind = !strcmp(name, ".ksyms")     ? EXTERN_KSYM
                            : !strcmp(name, ".kconfig") ? EXTERN_KCONFIG
                                                        : EXTERN_UNKNOWN;
    for (uint32_t i = 0; kind != EXTERN_UNKNOWN && i < t->n_members; i++) {
        uint32_t id = btf_members(b, t)[i].type;
        const struct btf_type *v = btf_type_at(b, id);
        struct extern_sym *e = v ? find(l, btf_string(b, v->name_off)) : NULL;
        if (!e || e->btf_id != id)
            continue;
        if (kind == EXTERN_KCONFIG && (e->is_func || e->size == 0))
            return elf_fail(l->d, BPFLAB_E_TYPE, ".kconfig", 0,
                            "%.60s is of no type that a configuration value can have", e->name);
        e->kind = kind;
    }
    return BPFLAB_OK;
}

enum bpflab_err load_externs(struct load *l) {
    l->externs = load_alloc(l, (l->elf.n_symbols + 1) * sizeof *l->externs);
    l->extern_of = load_alloc(l, (l->elf.n_symbols + 1) * sizeof *l->extern_of);
    if (!l->externs || !l->extern_of)
        return load_nomem(l);
    for (uint32_t i = 1; i < l->elf.n_symbols; i++) {
        const struct elf_symbol *s = &l->elf.symbols[i];
        if (is_extern(s))
            l->externs[l->n_externs++] =
                (struct extern_sym){.name = s->name, .symbol = i, .weak = s->bind == STB_WEAK};
    }
    if (l->n_externs == 0)
        return BPFLAB_OK;
    qsort(l->externs, l->n_externs, sizeof *l->externs, by_name);
    for (uint32_t i = 0; i < l->n_externs; i++)
        l->extern_of[l->externs[i].symbol] = i + 1;
    enum bpflab_err err = BPFLAB_OK;
    const struct btf *b = l->obj->btf;
    for (uint32_t id = 1; b && !err && id < btf_n_types(b); id++) {
        const struct btf_type *t = btf_type_at(b, id);
        if (t && (t->kind == BTF_VAR || t->kind == BTF_FUNC))
            err = declare(l, id, t);
    }
    for (uint32_t id = 1; b && !err && id < btf_n_types(b); id++) {
        const struct btf_type *t = btf_type_at(b, id);
        if (t && t->kind == BTF_DATASEC)
            err = place(l, t);
    }
    return err;
}

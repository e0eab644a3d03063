/* program.c: what a linked program says about itself: its names and type, its subprograms and
 * source lines, and the callback that runs when it throws.
 */
#include "loader/load.h"
#include "loader/section.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum bpflab_err link_describe(struct link *k, const struct func *entry) {
    struct load *l = k->l;
    struct prog *p = k->prog;
    const char *section = l->elf.sections[entry->section].name;
    struct section_kind kind = section_kind_of(section);
    p->btf = l->obj->btf;
    p->big_endian = l->elf.big_endian;
    p->type = kind.type;
    p->attach_type = kind.attach_type;
    p->sleepable = kind.sleepable;
    p->frags = kind.frags;
    p->optional = kind.optional;
    if (kind.type == PROG_unspec && l->opt->type)
        p->type = l->opt->type;
    else if (load_is_text(section))
        p->type = PROG_raw;
    p->name = load_name(entry->prog_name ? entry->prog_name : entry->name);
    p->section = load_name(section);
    const char *attach_to =
        kind.type == PROG_struct_ops && entry->attach_to ? entry->attach_to : kind.attach_to;
    p->attach_to = attach_to ? load_name(attach_to) : NULL;
    if (!p->name || !p->section || (attach_to && !p->attach_to))
        return load_nomem(l);
    if (p->type == PROG_unspec && !entry->is_called)
        return load_need(l, p->name, "a program type for section %.100s", section);
    return BPFLAB_OK;
}

static int by_func_name(const void *a, const void *b) {
    return strcmp((*(const struct func *const *)a)->name, (*(const struct func *const *)b)->name);
}

enum bpflab_err link_names(struct load *l) {
    l->by_name = load_alloc(l, l->n_funcs * sizeof *l->by_name);
    if (!l->by_name)
        return load_nomem(l);
    for (uint32_t i = 0; i < l->n_funcs; i++)
        if (l->funcs[i].global)
            l->by_name[l->n_by_name++] = &l->funcs[i];
    qsort(l->by_name, l->n_by_name, sizeof *l->by_name, by_func_name);
    return BPFLAB_OK;
}

enum bpflab_err link_callback(struct load *l, const struct func *entry, uint32_t *out) {
    static const char prefix[] = "exception_callback:";
    const struct btf *b = l->obj->btf;
    struct func want = {0};
    *out = NONE;
    for (uint32_t id = 0; entry->btf_id && (id = btf_tag(b, entry->btf_id, BTF_TAG_ITSELF, id));) {
        const char *tag = btf_string(b, btf_type_at(b, id)->name_off);
        if (strncmp(tag, prefix, sizeof prefix - 1) != 0)
            continue;
        if (want.name)
            return BPFLAB_OK;
        want.name = tag + sizeof prefix - 1;
    }
    if (!want.name)
        return BPFLAB_OK;
    const struct func *w = &want;
    const struct func *const *f =
        bsearch(&w, l->by_name, l->n_by_name, sizeof *l->by_name, by_func_name);
    if (!f)
        return elf_fail(l->d, BPFLAB_E_UNDEFINED, l->elf.sections[entry->section].name,
                        (uint64_t)entry->start * INSN_BYTES,
                        "the exception callback %.60s of %.60s is not a global function", want.name,
                        entry->name);
    *out = (uint32_t)(*f - l->funcs);
    return BPFLAB_OK;
}

/* add_subprog: append; the length is known when all are there. */
static enum bpflab_err add_subprog(struct link *k, const struct func *f, uint32_t inside) {
    struct prog *p = k->prog;
    struct subprog *s = &p->subprogs[p->n_subprogs];
    char name[NAME_BYTES + 1];
    if (inside)
        snprintf(name, sizeof name, "%.400s+%u", f->name, inside);
    *s = (struct subprog){.start = f->linked_at + inside,
                          .name = load_name(inside ? name : f->name),
                          .global = f->global && !inside,
                          .btf_id = inside ? 0 : f->btf_id,
                          .exception_cb = !inside && k->exception_cb != NONE &&
                                          f == &k->l->funcs[k->exception_cb]};
    if (!s->name)
        return load_nomem(k->l);
    p->n_subprogs++;
    return BPFLAB_OK;
}

static int by_start(const void *a, const void *b) {
    const struct subprog *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

/* link_subprogs: one a function, and one where a call goes into the middle of a function. */
enum bpflab_err link_subprogs(struct link *k) {
    struct load *l = k->l;
    struct prog *p = k->prog;
    enum bpflab_err err = BPFLAB_OK;
    p->subprogs = calloc(k->n_order + (size_t)k->n_inside, sizeof *p->subprogs);
    if (!p->subprogs)
        return load_nomem(l);
    for (uint32_t i = 0; !err && i < k->n_order; i++)
        err = add_subprog(k, &l->funcs[k->order[i]], 0);
    for (uint32_t i = 0; !err && k->n_inside && i < k->n_order; i++) {
        const struct func *f = &l->funcs[k->order[i]];
        for (uint32_t r = 0; !err && r < f->n_refs; r++) {
            const struct ref *ref = &l->refs[f->first_ref + r];
            if ((ref->kind == REF_CALL || ref->kind == REF_CODE) && ref->addend)
                err = add_subprog(k, &l->funcs[ref->target], ref->addend);
        }
    }
    if (err)
        return err;
    if (k->n_inside)
        qsort(p->subprogs, p->n_subprogs, sizeof *p->subprogs, by_start);
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_subprogs; i++) {
        if (n && p->subprogs[n - 1].start == p->subprogs[i].start)
            free(p->subprogs[i].name);
        else
            p->subprogs[n++] = p->subprogs[i];
    }
    p->n_subprogs = n;
    for (uint32_t i = 0; i < n; i++)
        p->subprogs[i].n_insns =
            (i + 1 < n ? p->subprogs[i + 1].start : k->n_insns) - p->subprogs[i].start;
    return BPFLAB_OK;
}

/* lines_of: the source lines of a function, in l->lines. out: how many, *first. */
static uint32_t lines_of(const struct load *l, const struct func *f, uint32_t *first) {
    const struct load_section *s = &l->sections[f->section];
    const struct line_at *a = l->lines + s->first_line;
    uint32_t bound[2];
    for (int i = 0; i < 2; i++) {
        uint32_t pc = i ? f->start + f->n_insns : f->start, lo = 0, hi = s->n_lines;
        while (lo < hi) {
            uint32_t mid = lo + (hi - lo) / 2;
            if (a[mid].pc < pc)
                lo = mid + 1;
            else
                hi = mid;
        }
        bound[i] = lo;
    }
    *first = s->first_line + bound[0];
    return bound[1] - bound[0];
}

enum bpflab_err link_lines(struct link *k) {
    struct load *l = k->l;
    struct prog *p = k->prog;
    uint32_t n = 0, first;
    if (l->n_lines == 0)
        return BPFLAB_OK;
    for (uint32_t i = 0; i < k->n_order; i++)
        n += lines_of(l, &l->funcs[k->order[i]], &first);
    if (n == 0)
        return BPFLAB_OK;
    p->lines = malloc(n * sizeof *p->lines);
    if (!p->lines)
        return load_nomem(l);
    for (uint32_t i = 0; i < k->n_order; i++) {
        const struct func *f = &l->funcs[k->order[i]];
        uint32_t m = lines_of(l, f, &first);
        for (uint32_t j = 0; j < m; j++) {
            const struct line_at *a = &l->lines[first + j];
            p->lines[p->n_lines++] = (struct prog_line){a->pc - f->start + f->linked_at, a->line,
                                                        a->col, a->file_off, a->text_off};
        }
    }
    return BPFLAB_OK;
}

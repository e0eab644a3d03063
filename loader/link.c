/* link.c: functions become programs. An entry function is copied, and behind it every function that
 * it refers to, each once, in the order in which a walk along the references meets them (as libbpf
 * does, so that instruction numbers agree with Linux's). References are then written with the
 * places now known.
 */
#include "loader/load.h"
#include "loader/section.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_LINKED = 16 << 20, /* instructions of all programs of an object together */
    FUNC_CHARGE = 32,      /* what a function of a program counts in addition: its memory */
    SRC_LOCAL = 1,
    SRC_KFUNC = 2,
    SRC_VAR = 3,
    SRC_CODE = 4,
    SRC_MAP = 5,
    SRC_MAP_VALUE = 6,
    CODE_CALL = 0x85,
    TAG_ITSELF = -1, /* a decl tag of the function, not of a parameter */
};

/* struct step: a function whose references are being walked. */
struct step {
    uint32_t func, next_ref;
};

struct link {
    struct load *l;
    struct prog *prog;
    uint32_t number; /* of the program, from 1: marks the functions it holds */
    uint32_t *order; /* functions in the order of their code */
    uint32_t n_order;
    struct step *stack;
    uint32_t n_insns;
    uint32_t n_inside; /* references into the middle of a function */
    uint32_t n_externs;
    uint32_t exception_cb; /* function, or NONE */
};

/* struct tag: a program that names an exception callback. */
struct tag {
    uint32_t btf_id; /* of the program */
    const char *callback;
};

struct tags {
    struct tag *at;
    uint32_t n;
    const struct func **by_name; /* global functions */
    uint32_t n_names;
};

static int by_id(const void *a, const void *b) {
    const struct tag *x = a, *y = b;
    return (x->btf_id > y->btf_id) - (x->btf_id < y->btf_id);
}

static int by_func_name(const void *a, const void *b) {
    return strcmp((*(const struct func *const *)a)->name, (*(const struct func *const *)b)->name);
}

/* read_tags: the exception callbacks that BTF names. */
static enum bpflab_err read_tags(struct load *l, struct tags *t) {
    static const char prefix[] = "exception_callback:";
    const struct btf *b = l->obj->btf;
    uint32_t n = b ? btf_n_types(b) : 0;
    *t = (struct tags){0};
    for (int pass = 0; pass < 2; pass++) {
        uint32_t k = 0;
        for (uint32_t id = 1; id < n; id++) {
            const struct btf_type *tag = btf_type_at(b, id);
            if (tag->kind != BTF_DECL_TAG || (int32_t)btf_extra(b, tag) != TAG_ITSELF)
                continue;
            const char *name = btf_string(b, tag->name_off);
            if (strncmp(name, prefix, sizeof prefix - 1) != 0)
                continue;
            if (pass)
                t->at[k] = (struct tag){tag->size_or_type, name + sizeof prefix - 1};
            k++;
        }
        if (pass == 0 && k == 0)
            return BPFLAB_OK;
        if (pass == 0 && !(t->at = malloc(k * sizeof *t->at)))
            return load_nomem(l);
        t->n = k;
    }
    qsort(t->at, t->n, sizeof *t->at, by_id);
    t->by_name = malloc((l->n_funcs + 1) * sizeof *t->by_name);
    if (!t->by_name)
        return load_nomem(l);
    for (uint32_t i = 0; i < l->n_funcs; i++)
        if (l->funcs[i].global)
            t->by_name[t->n_names++] = &l->funcs[i];
    qsort(t->by_name, t->n_names, sizeof *t->by_name, by_func_name);
    return BPFLAB_OK;
}

/* callback_of: the exception callback of a program, NONE if it has none. */
static enum bpflab_err callback_of(struct load *l, const struct tags *t, const struct func *entry,
                                   uint32_t *out) {
    struct tag key = {.btf_id = entry->btf_id};
    *out = NONE;
    const struct tag *tag =
        t->n && entry->btf_id ? bsearch(&key, t->at, t->n, sizeof *t->at, by_id) : NULL;
    if (!tag)
        return BPFLAB_OK;
    struct func want = {.name = tag->callback};
    const struct func *w = &want;
    const struct func *const *f =
        bsearch(&w, t->by_name, t->n_names, sizeof *t->by_name, by_func_name);
    if (!f)
        return elf_fail(l->d, BPFLAB_E_UNDEFINED, l->elf.sections[entry->section].name,
                        (uint64_t)entry->start * INSN_BYTES,
                        "the exception callback %.60s of %.60s is not a global function",
                        tag->callback, entry->name);
    *out = (uint32_t)(*f - l->funcs);
    return BPFLAB_OK;
}

/* take: put a function at the end of the program. */
static enum bpflab_err take(struct link *k, uint32_t func) {
    struct load *l = k->l;
    struct func *f = &l->funcs[func];
    f->linked_for = k->number;
    f->linked_at = k->n_insns;
    k->order[k->n_order++] = func;
    k->n_insns += f->n_insns;
    l->n_linked += f->n_insns + FUNC_CHARGE;
    if (k->n_insns > PROG_MAX_INSNS)
        return elf_fail(l->d, BPFLAB_E_TOO_LONG, l->elf.sections[f->section].name,
                        (uint64_t)f->start * INSN_BYTES,
                        "program %.60s and its subprograms have more than %d instructions",
                        k->prog->name, PROG_MAX_INSNS);
    if (l->n_linked > MAX_LINKED)
        return elf_fail(l->d, BPFLAB_E_TOO_LONG, l->elf.sections[f->section].name,
                        (uint64_t)f->start * INSN_BYTES,
                        "the programs of this object have more than %d instructions together",
                        MAX_LINKED);
    return BPFLAB_OK;
}

/* walk: take a function and all that it needs. */
static enum bpflab_err walk(struct link *k, uint32_t func) {
    struct load *l = k->l;
    if (l->funcs[func].linked_for == k->number)
        return BPFLAB_OK;
    enum bpflab_err err = take(k, func);
    uint32_t depth = 1;
    k->stack[0] = (struct step){func, 0};
    while (!err && depth) {
        struct step *s = &k->stack[depth - 1];
        const struct func *f = &l->funcs[s->func];
        if (s->next_ref == f->n_refs) {
            depth--;
            continue;
        }
        const struct ref *r = &l->refs[f->first_ref + s->next_ref++];
        k->n_externs += r->kind == REF_EXTERN;
        if (r->kind != REF_CALL && r->kind != REF_CODE)
            continue;
        k->n_inside += r->addend != 0;
        if (l->funcs[r->target].linked_for == k->number)
            continue;
        err = take(k, r->target);
        k->stack[depth++] = (struct step){r->target, 0};
    }
    return err;
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

/* add_subprogs: one a function, and one where a call goes into the middle of a function. */
static enum bpflab_err add_subprogs(struct link *k) {
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

/* name_need: what a strong extern asks for. */
static enum bpflab_err name_need(struct link *k, const struct extern_sym *e, bool is_call) {
    const char *what = e->kind == EXTERN_KSYM
                           ? (is_call || e->is_func ? "kernel function" : "kernel variable")
                           : "undefined symbol";
    return e->weak ? BPFLAB_OK : load_need(k->l, k->prog->name, "%s %.120s", what, e->name);
}

/* put_extern: a value that the configuration, or the kernel, or nobody supplies. */
static enum bpflab_err put_extern(struct link *k, const struct extern_sym *e, uint32_t pc) {
    struct prog *p = k->prog;
    struct insn *in = &p->insns[pc];
    bool is_call = in->code == CODE_CALL;
    if (e->kind == EXTERN_KCONFIG) {
        in[0].src = SRC_MAP_VALUE;
        in[0].imm = (int32_t)k->l->kconfig_map;
        in[1].imm = (int32_t)e->off;
        return BPFLAB_OK;
    }
    if (is_call) {
        in->src = SRC_KFUNC;
        in->off = 0;
        in->imm = (int32_t)e->btf_id;
    } else {
        in[0].src = e->weak ? 0 : SRC_VAR;
        in[0].imm = in[1].imm = 0;
    }
    char *name = load_name(e->name);
    if (!name)
        return load_nomem(k->l);
    p->externs[p->n_externs++] = (struct prog_extern){pc, is_call, e->weak, name, e->btf_id};
    return name_need(k, e, is_call);
}

static enum bpflab_err put_ref(struct link *k, const struct ref *r, uint32_t pc) {
    struct insn *in = &k->prog->insns[pc];
    const struct func *f = &k->l->funcs[r->target];
    switch ((enum ref_kind)r->kind) {
    case REF_MAP:
        in[0].src = SRC_MAP;
        in[0].imm = (int32_t)r->target;
        in[1].imm = 0;
        break;
    case REF_MAP_VALUE:
        in[0].src = SRC_MAP_VALUE;
        in[0].imm = (int32_t)r->target;
        in[1].imm = (int32_t)r->addend;
        break;
    case REF_CALL:
    case REF_CODE:
        f = &k->l->funcs[r->target];
        in[0].src = r->kind == REF_CALL ? SRC_LOCAL : SRC_CODE;
        in[0].imm = (int32_t)((int64_t)f->linked_at + r->addend - pc - 1);
        if (r->kind == REF_CODE)
            in[1].imm = 0;
        break;
    case REF_EXTERN: return put_extern(k, &k->l->externs[r->target], pc);
    }
    return BPFLAB_OK;
}

/* write_code: copy the functions and write their references. */
static enum bpflab_err write_code(struct link *k) {
    struct load *l = k->l;
    struct prog *p = k->prog;
    p->insns = malloc(k->n_insns * sizeof *p->insns);
    p->externs = k->n_externs ? calloc(k->n_externs, sizeof *p->externs) : NULL;
    if (!p->insns || (k->n_externs && !p->externs))
        return load_nomem(l);
    p->n_insns = k->n_insns;
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 0; !err && i < k->n_order; i++) {
        const struct func *f = &l->funcs[k->order[i]];
        memcpy(p->insns + f->linked_at, l->sections[f->section].insns + f->start,
               f->n_insns * sizeof *p->insns);
        for (uint32_t r = 0; !err && r < f->n_refs; r++) {
            const struct ref *ref = &l->refs[f->first_ref + r];
            err = put_ref(k, ref, f->linked_at + ref->pc - f->start);
        }
    }
    return err;
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

static enum bpflab_err write_lines(struct link *k) {
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

/* describe: names and types; *p is zero. */
static enum bpflab_err describe(struct load *l, const struct func *f, struct prog *p) {
    const char *section = l->elf.sections[f->section].name;
    struct section_kind kind = section_kind_of(section);
    p->btf = l->obj->btf;
    p->big_endian = l->elf.big_endian;
    p->type = kind.type;
    p->attach_type = kind.attach_type;
    p->sleepable = kind.sleepable;
    if (kind.type == PROG_unspec && l->opt->type)
        p->type = l->opt->type;
    else if (load_is_text(section))
        p->type = PROG_raw;
    p->name = load_name(f->prog_name ? f->prog_name : f->name);
    p->section = load_name(section);
    p->attach_to = kind.attach_to ? load_name(kind.attach_to) : NULL;
    if (!p->name || !p->section || (kind.attach_to && !p->attach_to))
        return load_nomem(l);
    if (p->type == PROG_unspec && !f->is_called)
        return load_need(l, p->name, "a program type for section %.100s", section);
    return BPFLAB_OK;
}

static enum bpflab_err link_program(struct link *k, const struct tags *tags, uint32_t func) {
    struct load *l = k->l;
    const struct func *f = &l->funcs[func];
    k->n_order = k->n_insns = k->n_inside = k->n_externs = 0;
    enum bpflab_err err = describe(l, f, k->prog);
    if (!err)
        err = callback_of(l, tags, f, &k->exception_cb);
    if (!err)
        err = walk(k, func);
    if (!err && k->exception_cb != NONE)
        err = walk(k, k->exception_cb);
    if (!err)
        err = write_code(k);
    if (!err)
        err = add_subprogs(k);
    return err ? err : write_lines(k);
}

enum bpflab_err load_programs(struct load *l) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_funcs; i++)
        n += l->funcs[i].is_entry;
    struct tags tags;
    enum bpflab_err err = read_tags(l, &tags);
    struct link k = {.l = l,
                     .order = malloc((l->n_funcs + 1) * sizeof *k.order),
                     .stack = malloc((l->n_funcs + 1) * sizeof *k.stack)};
    l->obj->progs = calloc((size_t)n + 1, sizeof *l->obj->progs);
    if (!err && (!k.order || !k.stack || !l->obj->progs))
        err = load_nomem(l);
    for (uint32_t i = 0; !err && i < l->n_funcs; i++) {
        if (!l->funcs[i].is_entry)
            continue;
        k.prog = &l->obj->progs[l->obj->n_progs++];
        k.number = l->obj->n_progs;
        err = link_program(&k, &tags, i);
    }
    free(tags.at);
    free(tags.by_name);
    free(k.order);
    free(k.stack);
    return err;
}

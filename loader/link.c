/* link.c: functions become programs. An entry function is copied, and behind it every function that
 * it refers to, each once, in the order in which a walk along the references meets them (as libbpf
 * does, so that instruction numbers agree with Linux's). References are then written with the
 * places now known.
 */
#include "loader/load.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_LINKED = 16 << 20, /* instructions of all programs of an object together */
    FUNC_CHARGE = 32,      /* what a function of a program counts in addition: its memory */
};

/* struct step: a function whose references are being walked. */
struct step {
    uint32_t func, next_ref;
};

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
        in[0].src = SRC_LDDW_MAP_IDX_VALUE;
        in[0].imm = (int32_t)k->l->kconfig_map;
        in[1].imm = (int32_t)e->off;
        return BPFLAB_OK;
    }
    if (is_call) {
        in->src = SRC_CALL_KFUNC;
        in->off = 0;
        in->imm = (int32_t)e->btf_id;
    } else {
        in[0].src = e->weak ? SRC_LDDW : SRC_LDDW_VAR;
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
    const struct func *f;
    switch ((enum ref_kind)r->kind) {
    case REF_MAP:
        in[0].src = SRC_LDDW_MAP_IDX;
        in[0].imm = (int32_t)r->target;
        in[1].imm = 0;
        break;
    case REF_MAP_VALUE:
        in[0].src = SRC_LDDW_MAP_IDX_VALUE;
        in[0].imm = (int32_t)r->target;
        in[1].imm = (int32_t)r->addend;
        break;
    case REF_CALL:
    case REF_CODE:
        f = &k->l->funcs[r->target];
        in[0].src = r->kind == REF_CALL ? SRC_CALL_LOCAL : SRC_LDDW_CODE;
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
    p->insns = calloc(k->n_insns, sizeof *p->insns);
    p->externs = calloc((size_t)k->n_externs + 1, sizeof *p->externs);
    if (!p->insns || !p->externs)
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

static enum bpflab_err link_program(struct link *k, uint32_t func) {
    struct load *l = k->l;
    const struct func *f = &l->funcs[func];
    k->n_order = k->n_insns = k->n_inside = k->n_externs = 0;
    enum bpflab_err err = link_describe(k, f);
    if (!err)
        err = link_callback(l, f, &k->exception_cb);
    if (!err)
        err = walk(k, func);
    if (!err && k->exception_cb != NONE)
        err = walk(k, k->exception_cb);
    if (!err)
        err = write_code(k);
    if (!err)
        err = link_subprogs(k);
    return err ? err : link_lines(k);
}

enum bpflab_err load_programs(struct load *l) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_funcs; i++)
        n += l->funcs[i].is_entry;
    enum bpflab_err err = link_names(l);
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
        err = link_program(&k, i);
    }
    free(k.order);
    free(k.stack);
    return err;
}

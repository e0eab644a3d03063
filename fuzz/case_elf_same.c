/* case_elf_same.c: what was loaded against what was written. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/case_elf_work.h"
#include "fuzz/maps.h"

/* struct comparing: a case and an object. */
struct comparing {
    struct case_elf_plan plan;
    const struct object *o;
    struct diag *d;
    uint32_t number[CASE_ELF_MAPS]; /* of each map in the object */
    struct case_parts parts;        /* of the program that is compared */
};

static bool differ(const struct comparing *x, const char *what, const char *name) {
    diag_set(x->d, BPFLAB_E_FORMAT, "%.100s: %.60s", name, what);
    return false;
}

static bool same_text(const char *a, const char *b) {
    return a && !strcmp(a, b);
}

/* Bytes that a map begins with; none are zeros. */
static bool same_data(const struct map_def *want, const struct map_def *got) {
    for (uint32_t i = 0; i < got->data_bytes; i++)
        if (got->data[i] != (i < want->data_bytes ? want->data[i] : 0))
            return false;
    return !want->data || want->data_bytes == got->data_bytes;
}

static bool same_shape(const struct map_def *want, const struct map_def *got) {
    return want->type == got->type && want->key_size == got->key_size &&
           want->value_size == got->value_size && want->max_entries == got->max_entries &&
           want->flags == got->flags && want->extra == got->extra && !got->pin_name &&
           !want->key_btf_id == !got->key_btf_id && !want->value_btf_id == !got->value_btf_id &&
           want->frozen == got->frozen;
}

static bool same_inits(const struct comparing *x, const struct map_def *want,
                       const struct map_def *got) {
    if (want->n_inits != got->n_inits)
        return false;
    for (uint32_t i = 0; i < want->n_inits; i++) {
        const struct map_init *const a = &want->inits[i], *const b = &got->inits[i];
        const uint32_t target = a->is_prog ? a->target : x->number[a->target];
        if (a->index != b->index || a->is_prog != b->is_prog || target != b->target)
            return false;
    }
    return true;
}

static bool same_map(const struct comparing *x, uint32_t map) {
    const struct map_def *const want = &fuzz_maps[map], *const got = &x->o->maps[x->number[map]];
    if (!same_shape(want, got) || got->template_only)
        return differ(x, "the map has another definition", want->name);
    if (!same_data(want, got))
        return differ(x, "the map begins with other bytes", want->name);
    if (!same_inits(x, want, got))
        return differ(x, "the map begins with other elements", want->name);
    if ((want->inner < 0) != (got->inner < 0) ||
        (want->inner >= 0 && !same_shape(&fuzz_maps[want->inner], &x->o->maps[got->inner])))
        return differ(x, "the map holds other maps", want->name);
    return true;
}

static bool same_maps(struct comparing *x) {
    uint32_t n_templates = 0, n = 0;
    for (uint32_t i = 0; i < x->o->n_maps; i++)
        n_templates += x->o->maps[i].template_only;
    for (uint32_t i = 0; i < fuzz_n_maps; i++) {
        char name[ELF_OUT_NAME];
        uint32_t k = 0;
        if (!(x->plan.maps >> i & 1))
            continue;
        case_elf_map_name(&x->plan, i, name);
        while (k < x->o->n_maps && !same_text(x->o->maps[k].name, name))
            k++;
        if (k == x->o->n_maps)
            return differ(x, "the map is missing", name);
        x->number[i] = k;
        n++;
    }
    if (n + n_templates != x->o->n_maps)
        return differ(x, "there are maps of its own", "the object");
    for (uint32_t i = 0; i < fuzz_n_maps; i++)
        if ((x->plan.maps >> i & 1) && !same_map(x, i))
            return false;
    return true;
}

/* Where a slot of the case's program is in the loaded one. */
static uint32_t linked(const struct comparing *x, uint32_t pc) {
    const struct case_func *const f = case_parts_at(&x->parts, pc);
    return f->linked_at + pc - f->start;
}

/* The instruction that the case's at pc becomes. */
static struct insn expected(const struct comparing *x, const struct prog *want, uint32_t pc,
                            const struct prog *got) {
    struct insn in = want->insns[pc];
    const enum op op = op_of(in);
    int64_t to;
    if (case_refers(want, pc, &to))
        in.imm = (int32_t)(linked(x, (uint32_t)to) - linked(x, pc) - 1);
    else if ((op == OP_LDDW_MAP_IDX || op == OP_LDDW_MAP_IDX_VALUE) &&
             (uint32_t)in.imm < fuzz_n_maps)
        in.imm = (int32_t)x->number[in.imm];
    else if (op == OP_CALL_KFUNC && case_kfunc((uint32_t)in.imm)) /* the id of its declaration */
        in.imm = got->insns[linked(x, pc)].imm;
    return in;
}

static bool same_extern(const struct prog *want, uint32_t pc, const struct prog *got, uint32_t at) {
    if (op_of(want->insns[pc]) != OP_CALL_KFUNC)
        return true;
    const char *const name = case_kfunc((uint32_t)want->insns[pc].imm);
    const struct prog_extern *const e = prog_extern_at(got, at);
    return name ? e && e->is_func && !e->weak && same_text(e->name, name) : !e;
}

static bool same_insn(struct insn a, struct insn b) {
    return a.code == b.code && a.dst == b.dst && a.src == b.src && a.off == b.off && a.imm == b.imm;
}

static bool same_prog(struct comparing *x, uint32_t index) {
    const struct prog *const want = &x->plan.o.progs[index];
    const struct prog *const got = object_prog(x->o, want->name);
    if (!got || got != &x->o->progs[index])
        return differ(x, "the program is missing", want->name);
    if (got->type != want->type || got->sleepable != want->sleepable || got->frags ||
        (want->attach_type && got->attach_type != want->attach_type))
        return differ(x, "the program is of another type", want->name);
    if (got->n_insns != want->n_insns)
        return differ(x, "the program is of another length", want->name);
    case_parts_of(want, &x->parts);
    for (uint32_t pc = 0; pc < want->n_insns; pc += insn_slots(want->insns[pc])) {
        const uint32_t at = linked(x, pc);
        const bool wide = insn_slots(want->insns[pc]) == 2 && pc + 1 < want->n_insns;
        if (same_insn(expected(x, want, pc, got), got->insns[at]) &&
            (!wide || same_insn(want->insns[pc + 1], got->insns[at + 1])) &&
            same_extern(want, pc, got, at))
            continue;
        diag_set(x->d, BPFLAB_E_FORMAT, "%s: the instruction at pc %" PRIu32 " is another",
                 want->name, pc);
        return false;
    }
    return true;
}

enum bpflab_err case_elf_same(const struct fuzz_case *c, const struct object *o, bool *same,
                              struct diag *d) {
    struct comparing *const x = calloc(1, sizeof *x);
    if (!x)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    x->o = o;
    x->d = d;
    const enum bpflab_err err = case_elf_plan_of(c, o->big_endian, &x->plan);
    if (err) {
        diag_set(d, err, "out of memory");
    } else if (o->n_progs != x->plan.n_progs || !same_text(o->license, "GPL")) {
        *same = differ(x, "programs or license are others", "the object");
    } else {
        *same = same_maps(x);
        for (uint32_t i = 0; *same && i < o->n_progs; i++)
            *same = same_prog(x, i);
    }
    case_object_fini(&x->plan.o);
    free(x);
    return err;
}

/* reloc.c: every instruction that refers to something outside of its function, whether by a
 * relocation or by a distance inside its section, becomes a struct ref. link.c writes them into the
 * instructions.
 *
 *   R_BPF_64_64 (1)   LD_IMM64: map, variable, function address, extern; S + A
 *   R_BPF_64_32 (10)  CALL: (S + A) / 8 - 1 from the next instruction
 *   R_BPF_NONE (0)    nothing
 *   R_BPF_64_ABS64 (2), R_BPF_64_ABS32 (3), R_BPF_64_NODYLD32 (4): for data only
 *
 * A is the instruction's immediate in REL sections, the entry's addend in RELA ones.
 * source: Documentation/bpf/llvm_reloc.rst
 */
#include "loader/load.h"

#include <elf.h>
#include <stdlib.h>

/* struct at: the instruction that is looked at. */
struct at {
    struct load *l;
    uint32_t section, pc;
    struct insn insn;
    const struct elf_reloc *r; /* or NULL */
};

static enum bpflab_err fail(const struct at *a, enum bpflab_err err, const char *why) {
    const struct load *l = a->l;
    const char *name = a->r ? l->elf.symbols[a->r->symbol].name : "";
    return elf_fail(l->d, err, l->elf.sections[a->section].name, (uint64_t)a->pc * INSN_BYTES,
                    "%s%.60s%s%s", a->r ? "relocation against " : "", name, a->r ? ": " : "", why);
}

static enum bpflab_err add_ref(struct load *l, struct ref r) {
    if (l->n_refs == l->cap_refs) {
        uint32_t cap = l->cap_refs ? 2 * l->cap_refs : 256;
        struct ref *more = realloc(l->refs, cap * sizeof *more);
        if (!more)
            return load_nomem(l);
        l->refs = more;
        l->cap_refs = cap;
    }
    l->refs[l->n_refs++] = r;
    return BPFLAB_OK;
}

/* refer_code: a call of slot, or its address. */
static enum bpflab_err refer_code(const struct at *a, uint32_t section, int64_t slot,
                                  enum ref_kind kind) {
    struct load *l = a->l;
    struct func *f = slot >= 0 && l->sections[section].use == USE_CODE
                         ? load_func_at(l, section, (uint64_t)slot)
                         : NULL;
    if (!f)
        return fail(a, BPFLAB_E_RANGE, "there is no function at the place it refers to");
    f->is_called = true;
    return add_ref(
        l, (struct ref){a->pc, (uint8_t)kind, (uint32_t)(f - l->funcs), (uint32_t)slot - f->start});
}

/* refer_extern: an undefined symbol. */
static enum bpflab_err refer_extern(const struct at *a) {
    struct load *l = a->l;
    uint32_t i = l->extern_of[a->r->symbol];
    if (i == 0)
        return fail(a, BPFLAB_E_UNDEFINED, "the symbol is defined nowhere and not external");
    if (a->insn.code == CODE_CALL && l->externs[i - 1].kind == EXTERN_KCONFIG)
        return fail(a, BPFLAB_E_TYPE, "a configuration value is called");
    return add_ref(l, (struct ref){a->pc, REF_EXTERN, i - 1, 0});
}

/* refer_place: off bytes into a section that LD_IMM64 loads the address of. */
static enum bpflab_err refer_place(const struct at *a, uint32_t section, uint64_t off) {
    struct load *l = a->l;
    const struct load_section *s = &l->sections[section];
    const struct map_place *p;
    switch (s->use) {
    case USE_CODE:
        if (off % INSN_BYTES)
            return fail(a, BPFLAB_E_ALIGN, "an address inside an instruction");
        return refer_code(a, section, (int64_t)(off / INSN_BYTES), REF_CODE);
    case USE_MAPS:
        p = load_place_find(l, section, off);
        if (!p)
            return fail(a, BPFLAB_E_RANGE, "no map begins at the place it refers to");
        return add_ref(l, (struct ref){a->pc, REF_MAP, p->map, 0});
    case USE_DATA:
    case USE_ARENA:
        if (off > l->elf.sections[section].size)
            return fail(a, BPFLAB_E_RANGE, "an address outside of the section");
        return add_ref(l, (struct ref){a->pc, REF_MAP_VALUE, s->map, (uint32_t)off});
    case USE_STRUCT_OPS:
    case USE_NONE: break;
    }
    return elf_fail(l->d, BPFLAB_E_UNSUPPORTED, l->elf.sections[a->section].name,
                    (uint64_t)a->pc * INSN_BYTES,
                    "a reference to section %.60s, which is neither code, data nor maps",
                    l->elf.sections[section].name);
}

static enum bpflab_err refer_lddw(const struct at *a, const struct elf_symbol *s) {
    int64_t addend = a->r->has_addend ? a->r->addend : a->insn.imm;
    if (s->section == SHN_UNDEF)
        return refer_extern(a);
    /* Out of range either way if the sum wraps: no section is that large. */
    return refer_place(a, s->section, s->value + (uint64_t)addend);
}

static enum bpflab_err refer_call(const struct at *a, const struct elf_symbol *s) {
    if (s->section == SHN_UNDEF)
        return refer_extern(a);
    int64_t addend = a->r->has_addend ? a->r->addend : ((int64_t)a->insn.imm + 1) * INSN_BYTES;
    uint64_t off = s->value + (uint64_t)addend;
    if (off % INSN_BYTES)
        return fail(a, BPFLAB_E_ALIGN, "a call into the middle of an instruction");
    return refer_code(a, s->section, (int64_t)(off / INSN_BYTES), REF_CALL);
}

/* refer_reloc: what the relocation at an instruction says. */
static enum bpflab_err refer_reloc(const struct at *a, bool has_second) {
    struct load *l = a->l;
    const struct elf_symbol *s = &l->elf.symbols[a->r->symbol];
    bool data_only =
        a->r->type == RELOC_ABS64 || a->r->type == RELOC_ABS32 || a->r->type == RELOC_NODYLD32;
    if (data_only)
        return fail(a, BPFLAB_E_FORMAT, "a relocation for data on an instruction");
    if (a->r->type != RELOC_64_64 && a->r->type != RELOC_64_32)
        return load_need(l, l->elf.sections[a->section].name, "relocation type %u in %.80s",
                         a->r->type, l->elf.sections[a->section].name);
    if (s->section == ELF_NO_SECTION)
        return fail(a, BPFLAB_E_UNSUPPORTED, "the symbol is absolute or common, not in a section");
    l->obj->n_relocs++;
    if (a->r->type == RELOC_64_64 && a->insn.code == CODE_LDDW && has_second)
        return refer_lddw(a, s);
    if (a->r->type == RELOC_64_32 && a->insn.code == CODE_CALL)
        return refer_call(a, s);
    return fail(a, BPFLAB_E_FORMAT, "the relocation's type does not fit the instruction");
}

/* refer_func: the references of one function; *next: the section's first relocation that is not
 * before the function. */
static enum bpflab_err refer_func(struct load *l, struct func *f, const struct elf_reloc *relocs,
                                  uint32_t n_relocs, uint32_t *next) {
    const struct insn *code = l->sections[f->section].insns;
    uint32_t end = f->start + f->n_insns;
    enum bpflab_err err = BPFLAB_OK;
    f->first_ref = l->n_refs;
    while (*next < n_relocs && relocs[*next].off / INSN_BYTES < f->start)
        ++*next;
    for (uint32_t pc = f->start; !err && pc < end; pc += insn_slots(code[pc])) {
        struct at a = {l, f->section, pc, code[pc], NULL};
        bool local = code[pc].code == CODE_CALL && code[pc].src == SRC_CALL_LOCAL;
        bool address = code[pc].code == CODE_LDDW && code[pc].src == SRC_LDDW_CODE && pc + 1 < end;
        for (; !err && *next < n_relocs && relocs[*next].off / INSN_BYTES <= pc; ++*next) {
            bool again = a.r != NULL;
            a.r = &relocs[*next];
            if (a.r->off % INSN_BYTES || a.r->off / INSN_BYTES != pc)
                return fail(&a, BPFLAB_E_ALIGN, "not at the beginning of an instruction");
            if (again)
                return fail(&a, BPFLAB_E_DUPLICATE, "a second one for one instruction");
            if (a.r->type != RELOC_NONE)
                err = refer_reloc(&a, pc + 1 < end);
        }
        if (!err && !a.r && (local || address))
            err = refer_code(&a, f->section, (int64_t)pc + 1 + code[pc].imm,
                             local ? REF_CALL : REF_CODE);
    }
    f->n_refs = l->n_refs - f->first_ref;
    return err;
}

/* refer_section: section's functions, with the relocations in rel (0: none). */
static enum bpflab_err refer_section(struct load *l, uint32_t section, uint32_t rel) {
    const struct load_section *s = &l->sections[section];
    struct elf_reloc *relocs = NULL;
    uint32_t n = 0, next = 0;
    enum bpflab_err err = rel ? elf_relocs(&l->elf, rel, &relocs, &n, l->d) : BPFLAB_OK;
    for (uint32_t i = 0; !err && i < s->n_funcs; i++)
        err = refer_func(l, &l->funcs[s->first_func + i], relocs, n, &next);
    free(relocs);
    return err;
}

enum bpflab_err load_relocs(struct load *l) {
    uint32_t *rel_of = calloc(l->elf.n_sections, sizeof *rel_of);
    if (!rel_of)
        return load_nomem(l);
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 1; !err && i < l->elf.n_sections; i++) {
        const struct elf_section *s = &l->elf.sections[i];
        if (s->type != SHT_REL && s->type != SHT_RELA)
            continue;
        if (s->info >= l->elf.n_sections)
            err = elf_fail(l->d, BPFLAB_E_RANGE, s->name, 0, "relocates section %u of %u", s->info,
                           l->elf.n_sections);
        else if (l->sections[s->info].use == USE_CODE && rel_of[s->info])
            err = elf_fail(l->d, BPFLAB_E_DUPLICATE, s->name, 0,
                           "a second section of relocations for %.60s",
                           l->elf.sections[s->info].name);
        else
            rel_of[s->info] = i;
    }
    for (uint32_t i = 1; !err && i < l->elf.n_sections; i++)
        if (l->sections[i].use == USE_CODE)
            err = refer_section(l, i, rel_of[i]);
    free(rel_of);
    return err;
}

/* case_elf.c: a case's object: what is in it, its sections and symbols, its instructions and what
 * they refer to.
 */
#include "fuzz/case_elf.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/case_elf_work.h"
#include "fuzz/maps.h"
#include "loader/section.h"

/* ---- what is in it ---- */

static const struct {
    const char *name;
    uint32_t type;
} sections[] = {
#define SECTION(name, form, prog, attach, how) {name, PROG_##prog},
#include "loader/section.def"
};

/* The section of programs of this kind: the first that says just this; else, where the case says no
 * attach type, the shortest name of the type's. NULL if there is none. */
static const char *section_of(const struct fuzz_case *c) {
    const char *any = NULL;
    if (c->type == PROG_raw)
        return c->sleepable || c->attach_type ? NULL : ".text";
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        const char *const name = sections[i].name;
        if (sections[i].type != c->type)
            continue;
        const struct section_kind k = section_kind_of(name);
        if (k.sleepable != c->sleepable || k.frags)
            continue;
        if (k.attach_type == c->attach_type)
            return name;
        if (c->attach_type == 0 && (!any || strlen(name) < strlen(any)))
            any = name;
    }
    return any;
}

static bool names_map(struct insn in, bool value) {
    return op_of(in) == (value ? OP_LDDW_MAP_IDX_VALUE : OP_LDDW_MAP_IDX);
}

/* May a map be a section of variables? */
static bool may_be_section(const struct map_def *m) {
    return m->type == MAP_array && m->max_entries == 1 && m->key_size == 4 && m->flags == 0;
}

/* Does the second slot, if there is one, name a place in a map's value? */
static bool is_place(const struct prog *p, uint32_t pc, const struct map_def *m) {
    return pc + 1 < p->n_insns && (uint32_t)p->insns[pc + 1].imm <= m->value_size;
}

/* The maps of the object that are sections of variables. */
static uint64_t values_of(const struct case_elf_plan *plan) {
    uint64_t values = 0;
    for (uint32_t i = 0; i < fuzz_n_maps; i++)
        if ((plan->maps >> i & 1) && fuzz_maps[i].data)
            values |= UINT64_C(1) << i;
    for (uint32_t i = 0; i < plan->n_progs; i++) {
        const struct prog *const p = &plan->o.progs[i];
        for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
            const uint32_t map = (uint32_t)p->insns[pc].imm;
            if (names_map(p->insns[pc], true) && map < fuzz_n_maps &&
                may_be_section(&fuzz_maps[map]) && is_place(p, pc, &fuzz_maps[map]))
                values |= UINT64_C(1) << map;
        }
    }
    return values;
}

enum bpflab_err case_elf_plan_of(const struct fuzz_case *c, bool big_endian,
                                 struct case_elf_plan *plan) {
    *plan = (struct case_elf_plan){.section = section_of(c), .n_progs = c->n_progs};
    if (case_object_set(&plan->o, c, big_endian))
        return BPFLAB_E_NOMEM;
    plan->maps = plan->o.maps;
    for (uint32_t i = 0; i < fuzz_n_maps; i++)
        if ((plan->maps >> i & 1) && fuzz_maps[i].type == MAP_prog_array && fuzz_maps[i].n_inits)
            plan->n_progs = CASE_MAX_PROGS;
    plan->values = values_of(plan);
    return BPFLAB_OK;
}

void case_elf_map_name(const struct case_elf_plan *plan, uint32_t map, char name[ELF_OUT_NAME]) {
    const char *const prefix = !(plan->values >> map & 1) ? ""
                               : fuzz_maps[map].data      ? ".rodata."
                                                          : ".data.";
    snprintf(name, ELF_OUT_NAME, "%s%s", prefix, fuzz_maps[map].name);
}

/* ---- layout ---- */

static enum bpflab_err collect_kfuncs(struct case_elf *w) {
    for (uint32_t i = 0; i < w->plan.n_progs; i++) {
        const struct prog *const p = &w->plan.o.progs[i];
        for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
            const uint32_t number = (uint32_t)p->insns[pc].imm;
            uint32_t k = 0;
            if (op_of(p->insns[pc]) != OP_CALL_KFUNC || !case_kfunc(number))
                continue;
            while (k < w->n_kfuncs && w->kfunc[k] != number)
                k++;
            if (k == CASE_ELF_KFUNCS)
                return diag_set(w->d, BPFLAB_E_UNSUPPORTED, "more than %d kernel functions",
                                CASE_ELF_KFUNCS);
            if (k == w->n_kfuncs)
                w->kfunc[w->n_kfuncs++] = number;
        }
    }
    return BPFLAB_OK;
}

static bool has_references(const struct prog *p) {
    int64_t to;
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc]))
        if (case_refers(p, pc, &to))
            return true;
    return false;
}

/* Where each program's functions lie: entries in the section of the programs, the others in
 * .text. */
static void place_functions(struct case_elf *w) {
    uint32_t n_entries = 0, n_others = 0;
    for (uint32_t i = 0; i < w->plan.n_progs; i++) {
        const struct prog *const p = &w->plan.o.progs[i];
        case_parts_of(p, &w->parts[i]);
        w->entry_at[i] = n_entries;
        w->text_at[i] = n_others;
        n_entries += w->parts[i].func[0].n_insns;
        n_others += p->n_insns - w->parts[i].func[0].n_insns;
        w->info.n_whole += w->parts[i].n == 1 && has_references(p);
    }
    w->code = elf_out_section(&w->elf, w->plan.section, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR);
    if (w->plan.o.progs[0].type == PROG_raw) { /* .text is where the programs are, too */
        w->text = w->code;
        for (uint32_t i = 0; i < w->plan.n_progs; i++)
            w->text_at[i] += n_entries;
    } else if (n_others) {
        w->text = elf_out_section(&w->elf, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR);
    }
}

/* Sections of variables, and the numbers that the loader gives all maps: those of .maps first. */
static void place_maps(struct case_elf *w) {
    uint32_t n = 0;
    char name[ELF_OUT_NAME];
    for (uint32_t i = 0; i < fuzz_n_maps; i++)
        if ((w->plan.maps >> i & 1) && !(w->plan.values >> i & 1))
            w->number[i] = n++;
    for (uint32_t i = 0; i < fuzz_n_maps; i++) {
        if (!(w->plan.values >> i & 1))
            continue;
        const struct map_def *const m = &fuzz_maps[i];
        case_elf_map_name(&w->plan, i, name);
        w->number[i] = n++;
        w->section[i] = elf_out_section(&w->elf, name, SHT_PROGBITS,
                                        m->data ? SHF_ALLOC : SHF_ALLOC | SHF_WRITE);
        struct blob *const b = &w->elf.s[w->section[i]].data;
        if (m->data)
            blob_bytes(b, m->data, m->data_bytes);
        else
            blob_zeros(b, m->value_size);
    }
    if (w->maps_bytes) {
        w->maps = elf_out_section(&w->elf, ".maps", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE);
        blob_zeros(&w->elf.s[w->maps].data, w->maps_bytes);
    }
}

/* A slot of .text: where a function of a program is, but its entry. */
static uint32_t text_slot(const struct case_elf *w, uint32_t prog, uint32_t pc) {
    return w->text_at[prog] + pc - w->parts[prog].func[0].n_insns;
}

static void put_local_symbols(struct case_elf *w) {
    char name[ELF_OUT_NAME];
    if (w->text)
        w->text_symbol = elf_out_symbol(&w->elf, "", w->text, 0, 0, STB_LOCAL, STT_SECTION);
    for (uint32_t i = 0; i < fuzz_n_maps; i++)
        if (w->section[i])
            w->symbol[i] = elf_out_symbol(&w->elf, "", w->section[i], 0, 0, STB_LOCAL, STT_SECTION);
    for (uint32_t i = 0; i < w->plan.n_progs; i++)
        for (uint32_t k = 1; k < w->parts[i].n; k++) {
            const struct case_func *const f = &w->parts[i].func[k];
            snprintf(name, sizeof name, "%s_f%" PRIu32, case_prog_names[i], k);
            elf_out_symbol(&w->elf, name, w->text, (uint64_t)text_slot(w, i, f->start) * INSN_BYTES,
                           (uint64_t)f->n_insns * INSN_BYTES, STB_LOCAL, STT_FUNC);
        }
}

static void put_global_symbols(struct case_elf *w) {
    const uint32_t license =
        elf_out_section(&w->elf, "license", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE);
    blob_string(&w->elf.s[license].data, "GPL");
    for (uint32_t i = 0; i < w->plan.n_progs; i++)
        w->prog_symbol[i] = elf_out_symbol(
            &w->elf, case_prog_names[i], w->code, (uint64_t)w->entry_at[i] * INSN_BYTES,
            (uint64_t)w->parts[i].func[0].n_insns * INSN_BYTES, STB_GLOBAL, STT_FUNC);
    for (uint32_t i = 0; i < fuzz_n_maps; i++)
        if ((w->plan.maps >> i & 1) && !(w->plan.values >> i & 1))
            w->symbol[i] = elf_out_symbol(&w->elf, fuzz_maps[i].name, w->maps, w->map_at[i],
                                          w->map_bytes[i], STB_GLOBAL, STT_OBJECT);
    elf_out_symbol(&w->elf, "_license", license, 0, CASE_ELF_LICENSE_BYTES, STB_GLOBAL, STT_OBJECT);
    for (uint32_t i = 0; i < w->n_kfuncs; i++)
        w->kfunc_symbol[i] = elf_out_symbol(&w->elf, case_kfunc(w->kfunc[i]), SHN_UNDEF, 0, 0,
                                            STB_GLOBAL, STT_NOTYPE);
}

/* What prog arrays and maps of maps hold at the beginning. */
static void put_inits(struct case_elf *w) {
    uint32_t relocs = 0;
    for (uint32_t i = 0; i < fuzz_n_maps; i++) {
        const struct map_def *const m = &fuzz_maps[i];
        for (uint32_t k = 0; (w->plan.maps >> i & 1) && k < m->n_inits; k++) {
            const struct map_init *const init = &m->inits[k];
            if (!relocs)
                relocs = elf_out_relocs(&w->elf, w->maps);
            elf_out_reloc(&w->elf, relocs,
                          w->map_at[i] + w->values_at[i] + 8 * (uint64_t)init->index,
                          init->is_prog ? w->prog_symbol[init->target] : w->symbol[init->target],
                          ELF_OUT_ABS64);
        }
    }
}

/* ---- instructions ---- */

/* struct item: one instruction that is being written. */
struct item {
    const struct prog *p;
    uint32_t prog, pc, n_slots; /* n_slots: of its two at the program's end */
    struct insn in[2];
    uint32_t symbol; /* that it refers to; 0: none */
    enum elf_out_reloc_type type;
};

static enum bpflab_err refuse(const struct case_elf *w, const struct item *it, const char *why) {
    diag_set(w->d, BPFLAB_E_UNSUPPORTED, "%s, pc %" PRIu32 ": no object says %s",
             case_prog_names[it->prog], it->pc, why);
    if (w->d)
        w->d->pc = it->pc;
    return BPFLAB_E_UNSUPPORTED;
}

static void refer(struct item *it, uint32_t symbol, enum elf_out_reloc_type type) {
    it->symbol = symbol;
    it->type = type;
}

/* A call of a function of the program, or its address. Inside of a function that could not be taken
 * apart the distance says it. */
static enum bpflab_err refer_code(const struct case_elf *w, struct item *it, int64_t to) {
    const struct case_parts *const parts = &w->parts[it->prog];
    const bool is_call = op_of(it->in[0]) == OP_CALL_LOCAL;
    if (to < 0 || to >= it->p->n_insns)
        return refuse(w, it, "a function outside of the program");
    if (!is_call && (it->n_slots < 2 || it->in[1].imm))
        return refuse(w, it, "a number beside a function's address");
    if (parts->n == 1)
        return BPFLAB_OK;
    const uint32_t slot = text_slot(w, it->prog, (uint32_t)to);
    it->in[0].imm = is_call ? (int32_t)slot - 1 : (int32_t)(slot * INSN_BYTES);
    it->in[0].src = is_call ? it->in[0].src : 0;
    refer(it, w->text_symbol, is_call ? ELF_OUT_64_32 : ELF_OUT_64_64);
    return BPFLAB_OK;
}

static enum bpflab_err refer_map(struct case_elf *w, struct item *it, bool value) {
    const uint32_t map = (uint32_t)it->in[0].imm;
    if (map >= fuzz_n_maps)
        return refuse(w, it, "a map that is not there");
    const bool is_section = w->plan.values >> map & 1;
    if (value && is_section && is_place(it->p, it->pc, &fuzz_maps[map])) {
        it->in[0].imm = it->in[1].imm;
        it->in[1].imm = 0;
    } else if (!value && !is_section && it->n_slots == 2 && it->in[1].imm == 0) {
        it->in[0].imm = 0;
    } else {
        it->in[0].imm = (int32_t)w->number[map];
        w->info.n_numbered++;
        return BPFLAB_OK;
    }
    it->in[0].src = 0;
    refer(it, w->symbol[map], ELF_OUT_64_64);
    return BPFLAB_OK;
}

static enum bpflab_err refer_kfunc(const struct case_elf *w, struct item *it) {
    uint32_t k = 0;
    if (!case_kfunc((uint32_t)it->in[0].imm))
        return BPFLAB_OK;
    if (it->in[0].off)
        return refuse(w, it, "an offset beside a kernel function's name");
    while (w->kfunc[k] != (uint32_t)it->in[0].imm)
        k++;
    it->in[0].src = op_table[OP_CALL_LOCAL].src_fixed; /* as compilers have it */
    it->in[0].imm = -1;
    refer(it, w->kfunc_symbol[k], ELF_OUT_64_32);
    return BPFLAB_OK;
}

static enum bpflab_err put_item(struct case_elf *w, uint32_t section, uint32_t *relocs,
                                struct item *it) {
    int64_t to;
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 0; i < it->n_slots; i++)
        it->in[i] = it->p->insns[it->pc + i];
    if (case_refers(it->p, it->pc, &to))
        err = refer_code(w, it, to);
    else if (names_map(it->in[0], false) || names_map(it->in[0], true))
        err = refer_map(w, it, names_map(it->in[0], true));
    else if (op_of(it->in[0]) == OP_CALL_KFUNC)
        err = refer_kfunc(w, it);
    if (err)
        return err;
    if (it->symbol && !*relocs)
        *relocs = elf_out_relocs(&w->elf, section);
    struct blob *const code = &w->elf.s[section].data;
    if (it->symbol)
        elf_out_reloc(&w->elf, *relocs, code->n, it->symbol, it->type);
    for (uint32_t i = 0; i < it->n_slots; i++) {
        uint8_t bytes[INSN_BYTES];
        insn_encode(it->in[i], w->elf.big_endian, bytes);
        blob_bytes(code, bytes, sizeof bytes);
    }
    return BPFLAB_OK;
}

/* The entries of all programs, or all their other functions. */
static enum bpflab_err put_code(struct case_elf *w, bool entries, uint32_t *relocs) {
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 0; !err && i < w->plan.n_progs; i++) {
        const struct prog *const p = &w->plan.o.progs[i];
        const uint32_t n = w->parts[i].func[0].n_insns, end = entries ? n : p->n_insns;
        for (uint32_t pc = entries ? 0 : n; !err && pc < end; pc += insn_slots(p->insns[pc])) {
            const uint32_t slots = insn_slots(p->insns[pc]);
            struct item it = {
                .p = p, .prog = i, .pc = pc, .n_slots = slots < end - pc ? slots : end - pc};
            err = put_item(w, entries ? w->code : w->text, relocs, &it);
        }
    }
    return err;
}

static enum bpflab_err put_all(struct case_elf *w) {
    uint32_t code_relocs = 0, text_relocs = 0;
    enum bpflab_err err = collect_kfuncs(w);
    if (err)
        return err;
    case_elf_types(w);
    place_functions(w);
    place_maps(w);
    put_local_symbols(w);
    put_global_symbols(w);
    put_inits(w);
    err = put_code(w, true, &code_relocs);
    if (!err)
        err = put_code(w, false, w->text == w->code ? &code_relocs : &text_relocs);
    const uint32_t btf = elf_out_section(&w->elf, ".BTF", SHT_PROGBITS, 0);
    btf_out_finish(&w->btf, &w->elf.s[btf].data);
    return err;
}

enum bpflab_err case_elf_write(const struct fuzz_case *c, bool big_endian, uint8_t **bytes,
                               size_t *n_bytes, struct case_elf_info *info, struct diag *d) {
    struct case_elf *const w = calloc(1, sizeof *w);
    if (!w)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    w->d = d;
    elf_out_init(&w->elf, big_endian);
    enum bpflab_err err = case_elf_plan_of(c, big_endian, &w->plan);
    if (!err && !w->plan.section)
        err = diag_set(d, BPFLAB_E_UNSUPPORTED, "no section holds programs of this type");
    else if (!err)
        err = put_all(w);
    if (!err && !elf_out_finish(&w->elf, bytes, n_bytes))
        err = BPFLAB_E_NOMEM;
    if (err == BPFLAB_E_NOMEM)
        diag_set(d, err, "out of memory");
    if (!err && info)
        *info = w->info;
    elf_out_fini(&w->elf);
    case_object_fini(&w->plan.o);
    free(w);
    return err;
}

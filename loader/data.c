/* data.c: sections of variables become maps: an array of one element, the section's bytes. Programs
 * cannot write .rodata. An arena's variables fill the beginning of the arena instead. Sections of
 * struct_ops become needs.
 */
#include "loader/load.h"

#include <elf.h>
#include <string.h>

/* is_named: name is base, or base followed by a dot. */
static bool is_named(const char *name, const char *base) {
    size_t n = strlen(base);
    return !strncmp(name, base, n) && (name[n] == '\0' || name[n] == '.');
}

/* set_data: a map begins as the section's bytes; as zeros if the file has none. */
static enum bpflab_err set_data(struct load *l, struct map_def *m, const struct elf_section *s) {
    if (!s->data)
        return BPFLAB_OK;
    uint8_t *copy = load_keep(l, (size_t)s->size);
    if (!copy)
        return load_nomem(l);
    memcpy(copy, s->data, (size_t)s->size);
    m->data = copy;
    m->data_bytes = (uint32_t)s->size;
    return BPFLAB_OK;
}

/* add_data: the map of data section i. */
static enum bpflab_err add_data(struct load *l, uint32_t i, bool read_only) {
    const struct elf_section *s = &l->elf.sections[i];
    const struct datasec *b = load_datasec(l, s->name);
    if (s->size > INT32_MAX)
        return elf_fail(l->d, BPFLAB_E_RANGE, s->name, 0, "%#llx bytes of data",
                        (unsigned long long)s->size);
    struct map_def *m;
    enum bpflab_err err = load_map_new(l, s->name, &m);
    if (err)
        return err;
    l->sections[i].use = USE_DATA;
    l->sections[i].map = l->obj->n_maps - 1;
    m->type = MAP_array;
    m->key_size = 4;
    m->value_size = (uint32_t)s->size;
    m->max_entries = 1;
    m->frozen = read_only;
    m->flags = read_only ? MAP_F_RDONLY_PROG : 0;
    m->value_btf_id = b ? b->id : 0;
    m->flags |= b && b->mappable ? MAP_F_MMAPABLE : 0;
    return set_data(l, m, s);
}

/* add_arena: the variables of the arena map. */
static enum bpflab_err add_arena(struct load *l, uint32_t i) {
    const struct elf_section *s = &l->elf.sections[i];
    if (l->arena_map == NONE)
        return elf_fail(l->d, BPFLAB_E_FORMAT, s->name, 0, "arena variables without an arena map");
    if (load_section_find(l, s->name) != i)
        return elf_fail(l->d, BPFLAB_E_DUPLICATE, s->name, 0,
                        "a second section of arena variables");
    l->sections[i].use = USE_ARENA;
    l->sections[i].map = l->arena_map;
    struct map_def *m = &l->obj->maps[l->arena_map];
    uint64_t arena = (uint64_t)m->max_entries * PAGE_BYTES;
    if (s->size > arena || s->size > INT32_MAX)
        return elf_fail(l->d, BPFLAB_E_RANGE, s->name, 0,
                        "the variables do not fit into the arena's %llu bytes",
                        (unsigned long long)arena);
    return set_data(l, m, s);
}

/* need_struct_ops: tables of callbacks for the kernel, one a variable. */
static enum bpflab_err need_struct_ops(struct load *l) {
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 1; !err && i < l->elf.n_symbols; i++) {
        const struct elf_symbol *s = &l->elf.symbols[i];
        if (s->section < l->elf.n_sections && s->type == STT_OBJECT &&
            l->sections[s->section].use == USE_STRUCT_OPS)
            err = load_need(l, s->name, "map type struct_ops: %.100s", s->name);
    }
    return err;
}

/* check_pointers: an address inside initialised data needs what no eBPF machine has: a place known
 * before the program runs. */
static enum bpflab_err check_pointers(struct load *l) {
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 1; !err && i < l->elf.n_sections; i++) {
        const struct elf_section *s = &l->elf.sections[i];
        bool has = (s->type == SHT_REL || s->type == SHT_RELA) && s->size &&
                   s->info < l->elf.n_sections && l->sections[s->info].use == USE_DATA;
        if (has)
            err = load_need(l, l->elf.sections[s->info].name, "pointers in initialised data");
    }
    return err;
}

enum bpflab_err load_data_maps(struct load *l) {
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 1; !err && i < l->elf.n_sections; i++) {
        const struct elf_section *s = &l->elf.sections[i];
        bool bits = s->type == SHT_PROGBITS, none = s->type == SHT_NOBITS;
        const char *name = s->name + (*s->name == '?');
        if (s->size == 0 || (!bits && !none) || (s->flags & SHF_EXECINSTR))
            continue;
        if ((bits && is_named(name, ".data")) || (none && is_named(name, ".bss")))
            err = add_data(l, i, false);
        else if (bits && is_named(name, ".rodata"))
            err = add_data(l, i, true);
        else if (!strcmp(s->name, ".addr_space.1"))
            err = add_arena(l, i);
        else if (!strcmp(name, ".struct_ops") || !strcmp(name, ".struct_ops.link"))
            l->sections[i].use = USE_STRUCT_OPS;
    }
    if (!err)
        err = need_struct_ops(l);
    return err ? err : check_pointers(l);
}

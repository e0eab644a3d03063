/* mapinit.c: static initialisers of prog arrays and of maps of maps: relocations in section .maps
 * that fill the elements of a map's values.
 */
#include "loader/load.h"

#include <elf.h>
#include <stdlib.h>

/* use_init: one initialiser of map m at p: slot index holds what symbol + addend names. */
static enum bpflab_err use_init(struct load *l, const struct map_place *p, struct map_def *m,
                                const struct elf_reloc *r, struct map_init *init) {
    const struct elf_symbol *s = &l->elf.symbols[r->symbol];
    const uint8_t *at = l->elf.sections[p->section].data + r->off;
    uint64_t target =
        s->value + (r->has_addend ? (uint64_t)r->addend : get64(at, l->elf.big_endian));
    uint64_t index = (r->off - p->off - p->values_off) / 8;
    if (m->max_entries && index >= m->max_entries)
        return elf_fail(l->d, BPFLAB_E_RANGE, ".maps", r->off,
                        "map %.60s has %u entries, but an initialiser for index %llu", m->name,
                        m->max_entries, (unsigned long long)index);
    *init = (struct map_init){.index = (uint32_t)index, .is_prog = m->type == MAP_prog_array};
    if (s->section >= l->elf.n_sections)
        target = UINT64_MAX;
    if (init->is_prog) {
        struct func *f = s->section < l->elf.n_sections && target % INSN_BYTES == 0
                             ? load_func_at(l, s->section, target / INSN_BYTES)
                             : NULL;
        if (!f || (uint64_t)f->start * INSN_BYTES != target || !f->is_entry)
            return elf_fail(l->d, BPFLAB_E_TYPE, ".maps", r->off,
                            "map %.60s is initialised with %.60s, which is not a program", m->name,
                            s->name);
        init->target = f->prog;
        return BPFLAB_OK;
    }
    const struct map_place *to =
        s->section < l->elf.n_sections ? load_place_find(l, s->section, target) : NULL;
    if (!to)
        return elf_fail(l->d, BPFLAB_E_TYPE, ".maps", r->off,
                        "map %.60s is initialised with %.60s, which is not a map", m->name,
                        s->name);
    init->target = to->map;
    return BPFLAB_OK;
}

/* check_init: a relocation of .maps that fills an element of values. out: *p the map. */
static enum bpflab_err check_init(struct load *l, uint32_t section, const struct elf_reloc *r,
                                  const struct map_place **p) {
    *p = load_place_at(l, section, r->off);
    uint64_t off = *p ? r->off - (*p)->off : 0;
    if (r->type != RELOC_64_64 && r->type != RELOC_ABS64)
        return elf_fail(l->d, BPFLAB_E_UNSUPPORTED, ".maps", r->off,
                        "relocation type %u in a map definition", r->type);
    if (!*p || off + 8 > (*p)->size || !(*p)->values_off || off < (*p)->values_off)
        return elf_fail(l->d, BPFLAB_E_FORMAT, ".maps", r->off,
                        "a pointer outside of a map's values");
    if ((off - (*p)->values_off) % 8)
        return elf_fail(l->d, BPFLAB_E_ALIGN, ".maps", r->off,
                        "a pointer between two of a map's values");
    return BPFLAB_OK;
}

static enum bpflab_err read_inits(struct load *l, uint32_t section, const struct elf_reloc *r,
                                  uint32_t n) {
    struct map_init *inits = load_keep(l, n * sizeof *inits);
    if (!inits)
        return load_nomem(l);
    for (uint32_t i = 0; i < n; i++) { /* sorted by offset, so a map's are together */
        const struct map_place *p;
        enum bpflab_err err = check_init(l, section, &r[i], &p);
        if (err)
            return err;
        if (i && r[i].off < r[i - 1].off + 8)
            return elf_fail(l->d, BPFLAB_E_DUPLICATE, ".maps", r[i].off,
                            "a map's element is initialised twice");
        struct map_def *m = &l->obj->maps[p->map];
        err = use_init(l, p, m, &r[i], &inits[i]);
        if (err)
            return err;
        if (m->n_inits++ == 0)
            m->inits = &inits[i];
        l->obj->n_relocs++;
    }
    return BPFLAB_OK;
}

enum bpflab_err load_map_inits(struct load *l) {
    uint32_t section = load_section_find(l, ".maps");
    enum bpflab_err err = BPFLAB_OK;
    bool done = false;
    for (uint32_t i = 1; section && !err && i < l->elf.n_sections; i++) {
        const struct elf_section *s = &l->elf.sections[i];
        if ((s->type != SHT_REL && s->type != SHT_RELA) || s->info != section)
            continue;
        struct elf_reloc *r;
        uint32_t n;
        err = elf_relocs(&l->elf, i, &r, &n, l->d);
        if (!err && n && done)
            err = elf_fail(l->d, BPFLAB_E_DUPLICATE, s->name, 0,
                           "a second section of relocations for .maps");
        else if (!err && n)
            err = l->sections[section].use == USE_MAPS
                      ? read_inits(l, section, r, n)
                      : elf_fail(l->d, BPFLAB_E_FORMAT, s->name, 0, "relocations without maps");
        done = done || n;
        free(r);
    }
    return err;
}

/* maps.c: the maps of an object, in their order: legacy definitions, .maps, data sections,
 * .kconfig, and last the inner definitions that are no maps of their own.
 */
#include "loader/load.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_MAPS = 65536,
    MAX_LEGACY = 64, /* sections */
};

enum bpflab_err load_map_new(struct load *l, const char *name, struct map_def **out) {
    struct object *o = l->obj;
    if (o->n_maps >= MAX_MAPS)
        return diag_set(l->d, BPFLAB_E_TOO_LONG, "more than %d maps", MAX_MAPS);
    if (o->n_maps == l->cap_maps) {
        uint32_t cap = l->cap_maps ? 2 * l->cap_maps : 16;
        struct map_def *m = realloc(o->maps, cap * sizeof *m);
        if (!m)
            return load_nomem(l);
        o->maps = m;
        l->cap_maps = cap;
    }
    struct map_def *m = &o->maps[o->n_maps];
    *m = (struct map_def){.name = load_name(name), .inner = -1};
    if (!m->name)
        return load_nomem(l);
    o->n_maps++;
    *out = m;
    return BPFLAB_OK;
}

enum bpflab_err load_map_check(struct load *l, const struct map_def *m) {
    return map_type_name(m->type) ? BPFLAB_OK : load_need(l, m->name, "map type %u", m->type);
}

bool load_holds_maps(uint32_t type) {
    return type == MAP_array_of_maps || type == MAP_hash_of_maps;
}

enum bpflab_err load_place_add(struct load *l, struct map_place p) {
    if ((l->n_places & (l->n_places - 1)) == 0) { /* grown at powers of two */
        struct map_place *more =
            realloc(l->places, (l->n_places ? 2 * (size_t)l->n_places : 1) * sizeof *more);
        if (!more)
            return load_nomem(l);
        l->places = more;
    }
    l->places[l->n_places++] = p;
    return BPFLAB_OK;
}

static int by_place(const void *a, const void *b) {
    const struct map_place *x = a, *y = b;
    if (x->section != y->section)
        return x->section < y->section ? -1 : 1;
    return (x->off > y->off) - (x->off < y->off);
}

const struct map_place *load_place_at(const struct load *l, uint32_t section, uint64_t off) {
    uint32_t lo = 0, hi = l->n_places;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        const struct map_place *p = &l->places[mid];
        if (p->section < section || (p->section == section && p->off <= off))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo && l->places[lo - 1].section == section ? &l->places[lo - 1] : NULL;
}

const struct map_place *load_place_find(const struct load *l, uint32_t section, uint64_t off) {
    const struct map_place *p = load_place_at(l, section, off);
    return p && p->off == off ? p : NULL;
}

/* check_inner: a map of maps whose inner map the object does not describe. */
static enum bpflab_err check_inner(struct load *l) {
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 0; !err && i < l->obj->n_maps; i++) {
        struct map_def *m = &l->obj->maps[i];
        if (!load_holds_maps(m->type) || m->inner >= 0)
            continue;
        if (m->n_inits)
            m->inner = (int32_t)m->inits[0].target;
        else
            err = load_need(l, m->name, "the inner map of %s", m->name);
    }
    return err;
}

/* check_places: sort the definitions; none may overlap. */
static enum bpflab_err check_places(struct load *l) {
    if (l->n_places)
        qsort(l->places, l->n_places, sizeof *l->places, by_place);
    for (uint32_t i = 1; i < l->n_places; i++) {
        const struct map_place *p = &l->places[i];
        if (p[-1].section == p->section && p[-1].off + p[-1].size > p->off)
            return elf_fail(l->d, BPFLAB_E_FORMAT, l->elf.sections[p->section].name, p->off,
                            "map %.60s overlaps %.60s", l->obj->maps[p->map].name,
                            l->obj->maps[p[-1].map].name);
    }
    return BPFLAB_OK;
}

static enum bpflab_err load_all_legacy(struct load *l) {
    enum bpflab_err err = BPFLAB_OK;
    uint32_t n = 0;
    for (uint32_t i = 1; !err && i < l->elf.n_sections; i++) {
        const char *name = l->elf.sections[i].name;
        if (strcmp(name, "maps") != 0 && strncmp(name, "maps/", 5) != 0)
            continue;
        err = n++ < MAX_LEGACY ? load_legacy_maps(l, i)
                               : elf_fail(l->d, BPFLAB_E_TOO_LONG, name, 0,
                                          "more than %d sections of maps", MAX_LEGACY);
    }
    return err;
}

enum bpflab_err load_maps(struct load *l) {
    static enum bpflab_err (*const parts[])(struct load *) = {
        load_all_legacy, load_btf_maps, load_data_maps, load_kconfig_map,
        load_btf_inner,  check_places,  load_map_inits, check_inner,
    };
    enum bpflab_err err = BPFLAB_OK;
    for (size_t i = 0; !err && i < sizeof parts / sizeof parts[0]; i++)
        err = parts[i](l);
    return err;
}

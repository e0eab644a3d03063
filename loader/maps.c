/* maps.c: the maps of an object: BTF-defined ones (.maps), with their inner maps and initialisers.
 *
 * Every member of the variable's structure is a statement: the size of an array pointed to is a
 * number, a type pointed to is that type. Order of the definitions: legacy maps, .maps, data
 * sections, .kconfig, and last the inner definitions that are no maps of their own.
 * source: libbpf's bpf_helpers.h (__uint, __type, __array, __ulong)
 */
#include "loader/load.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_MAPS = 65536,
    MAX_LEGACY = 64, /* sections */
    PAGE = 4096,
    RELOC_64 = 1, /* what LLVM wrote before ABS64 */
    RELOC_ABS64 = 2,
    LINKAGE_EXTERN = 2, /* of a BTF variable */
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

/* place_at: the last definition that starts at or before off, NULL if there is none. */
static const struct map_place *place_at(const struct load *l, uint32_t section, uint64_t off) {
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
    const struct map_place *p = place_at(l, section, off);
    return p && p->off == off ? p : NULL;
}

/* struct reading: the definition that is being read. */
struct reading {
    struct load *l;
    const char *map;
    uint32_t off; /* of the map in .maps, for messages */
    struct map_def *def;
    struct map_def *inner; /* NULL inside an inner definition */
    bool has_inner;
    uint32_t values_off; /* of the member values, in bytes; 0: none */
    uint32_t pinning;
};

static enum bpflab_err map_fail(const struct reading *r, enum bpflab_err err, const char *member,
                                const char *why) {
    return elf_fail(r->l->d, err, ".maps", r->off, "map %.60s, member %.60s: %s", r->map, member,
                    why);
}

/* pointee: the type that a member points to. */
static enum bpflab_err pointee(const struct reading *r, const char *name,
                               const struct btf_member *m, uint32_t *id) {
    const struct btf *b = r->l->obj->btf;
    const struct btf_type *t = btf_type_at(b, btf_strip(b, m->type));
    if (!t || t->kind != BTF_PTR)
        return map_fail(r, BPFLAB_E_TYPE, name, "is not a pointer");
    *id = t->size_or_type;
    return BPFLAB_OK;
}

/* number: the number that a member's type says: int (*name)[N]. */
static enum bpflab_err number(const struct reading *r, const char *name, const struct btf_member *m,
                              uint32_t *out) {
    const struct btf *b = r->l->obj->btf;
    uint32_t id = 0;
    enum bpflab_err err = pointee(r, name, m, &id);
    if (err)
        return err;
    const struct btf_type *t = btf_type_at(b, btf_strip(b, id));
    if (!t || t->kind != BTF_ARRAY)
        return map_fail(r, BPFLAB_E_TYPE, name, "does not point to an array");
    int64_t n = btf_members(b, t)->value;
    if (n < 0 || n > UINT32_MAX)
        return map_fail(r, BPFLAB_E_RANGE, name, "does not fit into 32 bits");
    *out = (uint32_t)n;
    return BPFLAB_OK;
}

/* number64: the same, or an enumeration of one value (__ulong). */
static enum bpflab_err number64(const struct reading *r, const char *name,
                                const struct btf_member *m, uint64_t *out) {
    const struct btf *b = r->l->obj->btf;
    const struct btf_type *t = btf_type_at(b, btf_strip(b, m->type));
    if (t && (t->kind == BTF_ENUM || t->kind == BTF_ENUM64)) {
        if (t->n_members != 1)
            return map_fail(r, BPFLAB_E_TYPE, name, "is an enumeration of not just one value");
        *out = (uint64_t)btf_members(b, t)->value;
        return BPFLAB_OK;
    }
    uint32_t n = 0;
    enum bpflab_err err = number(r, name, m, &n);
    if (!err)
        *out = n;
    return err;
}

static enum bpflab_err set_size(const struct reading *r, const char *name, uint32_t *field,
                                int64_t size) {
    if (size < 0 || size > UINT32_MAX)
        return map_fail(r, BPFLAB_E_TYPE, name, "its type has no size");
    if (*field && *field != (uint32_t)size)
        return map_fail(r, BPFLAB_E_TYPE, name, "contradicts the size given before");
    *field = (uint32_t)size;
    return BPFLAB_OK;
}

/* typed: key or value: a type, whose size it sets. */
static enum bpflab_err typed(const struct reading *r, const char *name, const struct btf_member *m,
                             uint32_t *size, uint32_t *btf_id) {
    uint32_t id = 0;
    enum bpflab_err err = pointee(r, name, m, &id);
    if (!err)
        err = set_size(r, name, size, btf_size(r->l->obj->btf, id));
    if (!err)
        *btf_id = id;
    return err;
}

static enum bpflab_err sized(const struct reading *r, const char *name, const struct btf_member *m,
                             uint32_t *size) {
    uint32_t n = 0;
    enum bpflab_err err = number(r, name, m, &n);
    return err ? err : set_size(r, name, size, n);
}

static bool holds_maps(uint32_t type) {
    return type == MAP_array_of_maps || type == MAP_hash_of_maps;
}

static enum bpflab_err read_members(struct reading *r, const struct btf_type *t);

/* values: what the elements of a prog array or map of maps are; for the latter, the inner map. */
static enum bpflab_err values(struct reading *r, const char *name, const struct btf_member *m) {
    const struct btf *b = r->l->obj->btf;
    if (!r->inner)
        return map_fail(r, BPFLAB_E_UNSUPPORTED, name, "an inner map that holds maps itself");
    if (!holds_maps(r->def->type) && r->def->type != MAP_prog_array)
        return map_fail(r, BPFLAB_E_TYPE, name,
                        "only prog arrays and maps of maps have values, and after their type");
    enum bpflab_err err = set_size(r, name, &r->def->value_size, 4);
    if (err)
        return err;
    const struct btf_type *t = btf_type_at(b, btf_strip(b, m->type));
    if (!t || t->kind != BTF_ARRAY || btf_members(b, t)->value != 0)
        return map_fail(r, BPFLAB_E_TYPE, name, "is not an array without a length");
    t = btf_type_at(b, btf_strip(b, btf_members(b, t)->type));
    if (!t || t->kind != BTF_PTR)
        return map_fail(r, BPFLAB_E_TYPE, name, "is not an array of pointers");
    t = btf_type_at(b, btf_strip(b, t->size_or_type));
    bool fits = t && (t->kind == BTF_STRUCT) == holds_maps(r->def->type) &&
                (t->kind == BTF_STRUCT || t->kind == BTF_FUNC_PROTO);
    if (!fits)
        return map_fail(r, BPFLAB_E_TYPE, name, "points to what such a map cannot hold");
    r->values_off = m->off_bits / 8;
    if (t->kind == BTF_FUNC_PROTO)
        return BPFLAB_OK;
    r->has_inner = true;
    struct reading in = {.l = r->l, .map = r->map, .off = r->off, .def = r->inner};
    return read_members(&in, t);
}

static enum bpflab_err read_member(struct reading *r, const char *name,
                                   const struct btf_member *m) {
    struct map_def *d = r->def;
    if (!strcmp(name, "type"))
        return number(r, name, m, &d->type);
    if (!strcmp(name, "max_entries"))
        return number(r, name, m, &d->max_entries);
    if (!strcmp(name, "map_flags"))
        return number(r, name, m, &d->flags);
    if (!strcmp(name, "key_size"))
        return sized(r, name, m, &d->key_size);
    if (!strcmp(name, "value_size"))
        return sized(r, name, m, &d->value_size);
    if (!strcmp(name, "key"))
        return typed(r, name, m, &d->key_size, &d->key_btf_id);
    if (!strcmp(name, "value"))
        return typed(r, name, m, &d->value_size, &d->value_btf_id);
    if (!strcmp(name, "values"))
        return values(r, name, m);
    if (!strcmp(name, "map_extra"))
        return number64(r, name, m, &d->extra);
    if (!strcmp(name, "pinning") && r->inner)
        return number(r, name, m, &r->pinning);
    if (!strcmp(name, "numa_node")) { /* there is one node */
        uint32_t node;
        return number(r, name, m, &node);
    }
    return map_fail(r, BPFLAB_E_UNSUPPORTED, name, "unknown member of a map definition");
}

static enum bpflab_err read_members(struct reading *r, const struct btf_type *t) {
    const struct btf *b = r->l->obj->btf;
    const struct btf_member *m = btf_members(b, t);
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 0; !err && i < t->n_members; i++) {
        err = read_member(r, btf_string(b, m[i].name_off), &m[i]);
        if (!err && r->values_off && i + 1 < t->n_members)
            err = map_fail(r, BPFLAB_E_FORMAT, "values", "is not the last member");
    }
    if (!err && r->def->type == MAP_unspec)
        err = map_fail(r, BPFLAB_E_FORMAT, "type", "is missing");
    return err;
}

/* ring_size: a ring buffer's size, raised to a power of two of pages as libbpf does. */
static uint32_t ring_size(uint32_t n) {
    if (n == 0 || (n % PAGE == 0 && (n & (n - 1)) == 0))
        return n;
    for (uint64_t size = PAGE; size <= UINT32_MAX; size *= 2)
        if (size > n)
            return (uint32_t)size;
    return n;
}

static void complete(struct map_def *m) {
    if (m->type == MAP_ringbuf || m->type == MAP_user_ringbuf)
        m->max_entries = ring_size(m->max_entries);
    if (m->type == MAP_perf_event_array && m->key_size == 0 && m->value_size == 0)
        m->key_size = m->value_size = 4;
}

/* struct pending: an inner definition that gets its place after all maps. */
struct pending {
    struct map_def def;
    uint32_t outer;
};

struct btf_maps {
    uint32_t section;
    struct pending *inner;
    uint32_t n_inner;
    const struct elf_symbol **symbols; /* of .maps, by name */
    uint32_t n_symbols;
};

static int by_symbol_name(const void *a, const void *b) {
    return strcmp((*(const struct elf_symbol *const *)a)->name,
                  (*(const struct elf_symbol *const *)b)->name);
}

static enum bpflab_err collect_symbols(struct load *l, struct btf_maps *bm) {
    bm->symbols = malloc((l->elf.n_symbols + 1) * sizeof *bm->symbols);
    if (!bm->symbols)
        return load_nomem(l);
    for (uint32_t i = 1; i < l->elf.n_symbols; i++)
        if (l->elf.symbols[i].section == bm->section && l->elf.symbols[i].type != STT_SECTION)
            bm->symbols[bm->n_symbols++] = &l->elf.symbols[i];
    qsort(bm->symbols, bm->n_symbols, sizeof *bm->symbols, by_symbol_name);
    return BPFLAB_OK;
}

static const struct elf_symbol *symbol_named(const struct btf_maps *bm, const char *name) {
    uint32_t lo = 0, hi = bm->n_symbols;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (strcmp(bm->symbols[mid]->name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < bm->n_symbols && !strcmp(bm->symbols[lo]->name, name) ? bm->symbols[lo] : NULL;
}

/* check_zero: only the elements of values may be initialised; anything else would be ignored. */
static enum bpflab_err check_zero(struct load *l, const struct map_place *p, const char *map) {
    const uint8_t *data = l->elf.sections[p->section].data;
    uint64_t end = p->values_off ? p->values_off : p->size;
    for (uint64_t i = 0; data && i < end && i < p->size; i++)
        if (data[p->off + i])
            return elf_fail(l->d, BPFLAB_E_FORMAT, ".maps", p->off + i,
                            "map %.60s: a member other than values is initialised", map);
    return BPFLAB_OK;
}

/* add_map: the map that variable v of .maps defines. */
static enum bpflab_err add_map(struct load *l, struct btf_maps *bm, const struct btf_member *v) {
    const struct btf *b = l->obj->btf;
    const struct btf_type *var = btf_type_at(b, v->type);
    if (!var || var->kind != BTF_VAR)
        return elf_fail(l->d, BPFLAB_E_TYPE, ".maps", v->off_bits, "type %u is not a variable",
                        v->type);
    const char *name = btf_string(b, var->name_off);
    if (btf_extra(b, var) == LINKAGE_EXTERN)
        return load_need(l, ".maps", "map %.100s, which another object defines", name);
    const struct elf_symbol *s = symbol_named(bm, name);
    const struct btf_type *t = btf_type_at(b, btf_strip(b, var->size_or_type));
    if (!t || t->kind != BTF_STRUCT)
        return elf_fail(l->d, BPFLAB_E_TYPE, ".maps", v->off_bits, "map %.60s is not a structure",
                        name);
    struct map_place p = {bm->section, l->obj->n_maps, s ? s->value : v->off_bits,
                          s && s->size ? s->size : v->size_bits, 0};
    uint64_t limit = l->elf.sections[bm->section].size;
    if (p.off > limit || p.size > limit - p.off)
        return elf_fail(l->d, BPFLAB_E_RANGE, ".maps", p.off,
                        "map %.60s lies beyond the end of the section", name);
    struct map_def *def, inner = {.inner = -1};
    enum bpflab_err err = load_map_new(l, name, &def);
    if (err)
        return err;
    struct reading r = {.l = l, .map = name, .off = (uint32_t)p.off, .def = def, .inner = &inner};
    err = read_members(&r, t);
    if (err)
        return err;
    complete(def);
    p.values_off = r.values_off;
    if (r.pinning > 1)
        return map_fail(&r, BPFLAB_E_RANGE, "pinning", "is neither 0 nor 1 (by name)");
    if (r.pinning && !(def->pin_name = load_name(name)))
        return load_nomem(l);
    if (r.has_inner) {
        complete(&inner);
        bm->inner[bm->n_inner++] = (struct pending){inner, p.map};
    }
    if (def->type == MAP_arena && l->arena_map == NONE)
        l->arena_map = p.map;
    err = check_zero(l, &p, name);
    if (!err)
        err = load_map_check(l, def);
    return err ? err : load_place_add(l, p);
}

/* add_inner: the inner definitions, behind all maps. */
static enum bpflab_err add_inner(struct load *l, const struct btf_maps *bm) {
    for (uint32_t i = 0; i < bm->n_inner; i++) {
        const struct pending *p = &bm->inner[i];
        char name[NAME_BYTES + 8];
        snprintf(name, sizeof name, "%s.inner", l->obj->maps[p->outer].name);
        struct map_def *def;
        enum bpflab_err err = load_map_new(l, name, &def);
        if (err)
            return err;
        char *own = def->name;
        *def = p->def;
        def->name = own;
        def->template_only = true;
        l->obj->maps[p->outer].inner = (int32_t)(def - l->obj->maps);
        err = load_map_check(l, def);
        if (err)
            return err;
    }
    return BPFLAB_OK;
}

static enum bpflab_err read_btf_maps(struct load *l, struct btf_maps *bm) {
    const struct btf *b = l->obj->btf;
    bm->section = load_section_find(l, ".maps");
    if (bm->section == 0 || !l->elf.sections[bm->section].data)
        return BPFLAB_OK;
    const struct datasec *vars = load_datasec(l, ".maps");
    if (!vars)
        return elf_fail(l->d, BPFLAB_E_FORMAT, ".maps", 0, "no BTF describes these maps");
    l->sections[bm->section].use = USE_MAPS;
    const struct btf_type *t = btf_type_at(b, vars->id);
    bm->inner = calloc((size_t)t->n_members + 1, sizeof *bm->inner);
    enum bpflab_err err = bm->inner ? collect_symbols(l, bm) : load_nomem(l);
    for (uint32_t i = 0; !err && i < t->n_members; i++)
        err = add_map(l, bm, &btf_members(b, t)[i]);
    return err;
}

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
    *p = place_at(l, section, r->off);
    uint64_t off = *p ? r->off - (*p)->off : 0;
    if (r->type != RELOC_64 && r->type != RELOC_ABS64)
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

/* check_inner: a map of maps whose inner map the object does not describe. */
static enum bpflab_err check_inner(struct load *l) {
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 0; !err && i < l->obj->n_maps; i++) {
        struct map_def *m = &l->obj->maps[i];
        if (!holds_maps(m->type) || m->inner >= 0)
            continue;
        if (m->n_inits)
            m->inner = (int32_t)m->inits[0].target;
        else
            err = load_need(l, m->name, "the inner map of %s", m->name);
    }
    return err;
}

enum bpflab_err load_maps(struct load *l) {
    enum bpflab_err err = BPFLAB_OK;
    uint32_t n_legacy = 0;
    for (uint32_t i = 1; !err && i < l->elf.n_sections; i++)
        if (!strcmp(l->elf.sections[i].name, "maps") ||
            !strncmp(l->elf.sections[i].name, "maps/", 5))
            err = n_legacy++ < MAX_LEGACY
                      ? load_legacy_maps(l, i)
                      : elf_fail(l->d, BPFLAB_E_TOO_LONG, l->elf.sections[i].name, 0,
                                 "more than %d sections of maps", MAX_LEGACY);
    struct btf_maps bm = {0};
    if (!err)
        err = read_btf_maps(l, &bm);
    if (!err)
        err = load_data_maps(l);
    if (!err)
        err = load_kconfig_map(l);
    if (!err)
        err = add_inner(l, &bm);
    free(bm.inner);
    free(bm.symbols);
    if (err)
        return err;
    if (l->n_places)
        qsort(l->places, l->n_places, sizeof *l->places, by_place);
    for (uint32_t i = 1; i < l->n_places; i++) {
        const struct map_place *p = &l->places[i];
        if (p[-1].section == p->section && p[-1].off + p[-1].size > p->off)
            return elf_fail(l->d, BPFLAB_E_FORMAT, l->elf.sections[p->section].name, p->off,
                            "map %.60s overlaps %.60s", l->obj->maps[p->map].name,
                            l->obj->maps[p[-1].map].name);
    }
    err = load_map_inits(l);
    return err ? err : check_inner(l);
}

/* btfmap.c: maps defined by BTF, in section .maps. Every member of such a variable's structure is a
 * statement: the size of an array pointed to is a number, a type pointed to is that type, the
 * elements of an array without a length are what the map holds.
 * source: libbpf's bpf_helpers.h (__uint, __type, __array, __ulong)
 */
#include "loader/load.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static enum bpflab_err read_members(struct reading *r, const struct btf_type *t);

/* values: what the elements of a prog array or map of maps are; for the latter, the inner map. */
static enum bpflab_err values(struct reading *r, const char *name, const struct btf_member *m) {
    const struct btf *b = r->l->obj->btf;
    if (!r->inner)
        return map_fail(r, BPFLAB_E_UNSUPPORTED, name, "an inner map that holds maps itself");
    if (!load_holds_maps(r->def->type) && r->def->type != MAP_prog_array)
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
    bool fits = t && (t->kind == BTF_STRUCT) == load_holds_maps(r->def->type) &&
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
    if (n == 0 || (n % PAGE_BYTES == 0 && (n & (n - 1)) == 0))
        return n;
    for (uint64_t size = PAGE_BYTES; size <= UINT32_MAX; size *= 2)
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

/* struct pending_map: an inner definition that gets its place behind all maps. */
struct pending_map {
    struct map_def def;
    uint32_t outer;
};

/* struct symbols: those of .maps, by name. */
struct symbols {
    uint32_t section;
    const struct elf_symbol **at;
    uint32_t n;
};

static int by_symbol_name(const void *a, const void *b) {
    return strcmp((*(const struct elf_symbol *const *)a)->name,
                  (*(const struct elf_symbol *const *)b)->name);
}

static enum bpflab_err collect_symbols(struct load *l, struct symbols *s) {
    s->at = load_alloc(l, (l->elf.n_symbols + 1) * sizeof *s->at);
    if (!s->at)
        return load_nomem(l);
    for (uint32_t i = 1; i < l->elf.n_symbols; i++)
        if (l->elf.symbols[i].section == s->section && l->elf.symbols[i].type != STT_SECTION)
            s->at[s->n++] = &l->elf.symbols[i];
    qsort(s->at, s->n, sizeof *s->at, by_symbol_name);
    return BPFLAB_OK;
}

static const struct elf_symbol *symbol_named(const struct symbols *s, const char *name) {
    uint32_t lo = 0, hi = s->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (strcmp(s->at[mid]->name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < s->n && !strcmp(s->at[lo]->name, name) ? s->at[lo] : NULL;
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

/* variable_of: the map's name and type, from variable v of .maps. out: *name NULL: another object
 * defines it */
static enum bpflab_err variable_of(struct load *l, const struct btf_member *v, const char **name,
                                   const struct btf_type **type) {
    const struct btf *b = l->obj->btf;
    const struct btf_type *var = btf_type_at(b, v->type);
    if (!var || var->kind != BTF_VAR)
        return elf_fail(l->d, BPFLAB_E_TYPE, ".maps", v->off_bits, "type %u is not a variable",
                        v->type);
    *name = btf_string(b, var->name_off);
    if (btf_extra(b, var) == BTF_EXTERN) {
        enum bpflab_err err =
            load_need(l, ".maps", "map %.100s, which another object defines", *name);
        *name = NULL;
        return err;
    }
    *type = btf_type_at(b, btf_strip(b, var->size_or_type));
    if (!*type || (*type)->kind != BTF_STRUCT)
        return elf_fail(l->d, BPFLAB_E_TYPE, ".maps", v->off_bits, "map %.60s is not a structure",
                        *name);
    return BPFLAB_OK;
}

/* place_of: where in .maps variable v lies: where its symbol says, else BTF. */
static enum bpflab_err place_of(struct load *l, const struct symbols *symbols, const char *name,
                                const struct btf_member *v, struct map_place *p) {
    const struct elf_symbol *s = symbol_named(symbols, name);
    uint64_t limit = l->elf.sections[symbols->section].size;
    *p = (struct map_place){.section = symbols->section,
                            .map = l->obj->n_maps,
                            .off = s ? s->value : v->off_bits,
                            .size = s && s->size ? s->size : v->size_bits};
    if (p->off > limit || p->size > limit - p->off)
        return elf_fail(l->d, BPFLAB_E_RANGE, ".maps", p->off,
                        "map %.60s lies beyond the end of the section", name);
    return BPFLAB_OK;
}

/* add_map: the map that variable v of .maps defines. */
static enum bpflab_err add_map(struct load *l, const struct symbols *symbols,
                               const struct btf_member *v) {
    const char *name = NULL;
    const struct btf_type *type = NULL;
    struct map_place p = {0};
    struct map_def *def = NULL, inner = {.inner = -1};
    enum bpflab_err err = variable_of(l, v, &name, &type);
    if (err || !name)
        return err;
    err = place_of(l, symbols, name, v, &p);
    if (!err)
        err = load_map_new(l, name, &def);
    if (err)
        return err;
    struct reading r = {.l = l, .map = name, .off = (uint32_t)p.off, .def = def, .inner = &inner};
    err = read_members(&r, type);
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
        l->pending[l->n_pending++] = (struct pending_map){inner, p.map};
    }
    if (def->type == MAP_arena && l->arena_map == NONE)
        l->arena_map = p.map;
    err = check_zero(l, &p, name);
    if (!err)
        err = load_map_check(l, def);
    return err ? err : load_place_add(l, p);
}

enum bpflab_err load_btf_maps(struct load *l) {
    const struct btf *b = l->obj->btf;
    struct symbols symbols = {.section = load_section_find(l, ".maps")};
    if (symbols.section == 0 || !l->elf.sections[symbols.section].data)
        return BPFLAB_OK;
    const struct datasec *vars = load_datasec(l, ".maps");
    if (!vars)
        return elf_fail(l->d, BPFLAB_E_FORMAT, ".maps", 0, "no BTF describes these maps");
    l->sections[symbols.section].use = USE_MAPS;
    const struct btf_type *t = btf_type_at(b, vars->id);
    l->pending = load_alloc(l, t->n_members * sizeof *l->pending);
    enum bpflab_err err = l->pending ? collect_symbols(l, &symbols) : load_nomem(l);
    for (uint32_t i = 0; !err && i < t->n_members; i++)
        err = add_map(l, &symbols, &btf_members(b, t)[i]);
    return err;
}

enum bpflab_err load_btf_inner(struct load *l) {
    for (uint32_t i = 0; i < l->n_pending; i++) {
        const struct pending_map *p = &l->pending[i];
        char name[NAME_BYTES + 8];
        snprintf(name, sizeof name, "%s.inner", l->obj->maps[p->outer].name);
        struct map_def *def = NULL;
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

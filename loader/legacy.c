/* legacy.c: maps defined before BTF: structures in a section called maps, one a symbol.
 *
 *   libbpf    type, key_size, value_size, max_entries, map_flags
 *   iproute2  the same, then id, pinning, and in later versions inner_id, inner_idx
 *
 * All numbers are 32 bits. The size of a definition is its distance to the next. A static
 * definition has no symbol in objects of older compilers; then BTF names it.
 */
#include "loader/load.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum {
    MIN_SIZE = 16, /* without flags */
    LIBBPF_SIZE = 20,
    IPROUTE2_SIZE = 28, /* with pinning */
    IPROUTE2_INNER = 36,
};

/* struct legacy: one definition; the last two fields are iproute2's. */
struct legacy {
    uint64_t off, size;
    const char *name;
    uint32_t map, id, inner_id, inner_idx;
};

static int by_off(const void *a, const void *b) {
    const struct legacy *x = a, *y = b;
    return (x->off > y->off) - (x->off < y->off);
}

/* find: definitions named by symbols, and by BTF where those are missing. out: n in order, each
 * reaching to the next; *defs malloc'ed. */
static enum bpflab_err find(struct load *l, uint32_t section, struct legacy **defs, uint32_t *n) {
    const struct elf_section *s = &l->elf.sections[section];
    const struct btf *b = l->obj->btf;
    const struct datasec *vars = load_datasec(l, s->name);
    const struct btf_type *t = vars ? btf_type_at(b, vars->id) : NULL;
    struct legacy *a = malloc((l->elf.n_symbols + (t ? t->n_members : 0) + 1) * sizeof *a);
    *defs = a;
    *n = 0;
    if (!a)
        return load_nomem(l);
    uint32_t k = 0;
    for (uint32_t i = 1; i < l->elf.n_symbols; i++) {
        const struct elf_symbol *y = &l->elf.symbols[i];
        if (y->section == section && (y->type == STT_OBJECT || y->type == STT_NOTYPE) &&
            y->value < s->size)
            a[k++] = (struct legacy){.off = y->value, .name = y->name};
    }
    uint32_t n_symbols = k;
    for (uint32_t i = 0; t && i < t->n_members; i++) {
        const struct btf_member *v = &btf_members(b, t)[i];
        const struct btf_type *var = btf_type_at(b, v->type);
        if (var && var->kind == BTF_VAR && btf_extra(b, var) == 0 && v->off_bits < s->size)
            a[k++] = (struct legacy){.off = v->off_bits, .name = btf_string(b, var->name_off)};
    }
    qsort(a, n_symbols, sizeof *a, by_off);
    for (uint32_t i = n_symbols; i < k; i++) { /* a static one that has a symbol as well */
        if (!bsearch(&a[i], a, n_symbols, sizeof *a, by_off))
            continue;
        a[i--] = a[--k];
    }
    qsort(a, k, sizeof *a, by_off);
    for (uint32_t i = 0; i < k; i++)
        a[i].size = (i + 1 < k ? a[i + 1].off : s->size) - a[i].off;
    *n = k;
    return BPFLAB_OK;
}

static enum bpflab_err read_one(struct load *l, uint32_t section, struct legacy *g) {
    const struct elf_section *s = &l->elf.sections[section];
    const uint8_t *p = s->data + g->off;
    uint32_t w[IPROUTE2_INNER / 4] = {0};
    if (g->size < MIN_SIZE)
        return elf_fail(l->d, BPFLAB_E_FORMAT, s->name, g->off,
                        "map %.60s: a definition of %llu bytes, at least 16 are needed", g->name,
                        (unsigned long long)g->size);
    uint64_t known = g->size >= IPROUTE2_INNER  ? IPROUTE2_INNER
                     : g->size == IPROUTE2_SIZE ? IPROUTE2_SIZE
                     : g->size >= LIBBPF_SIZE   ? LIBBPF_SIZE
                                                : MIN_SIZE;
    for (uint64_t i = 0; i + 4 <= known; i += 4)
        w[i / 4] = get32(p + i, l->elf.big_endian);
    for (uint64_t i = known; i < g->size; i++)
        if (p[i])
            return elf_fail(l->d, BPFLAB_E_FORMAT, s->name, g->off + i,
                            "map %.60s: byte %llu of its definition has no known meaning and is "
                            "not zero",
                            g->name, (unsigned long long)i);
    struct map_def *m;
    enum bpflab_err err = load_map_new(l, g->name, &m);
    if (err)
        return err;
    g->map = l->obj->n_maps - 1;
    m->type = w[0];
    m->key_size = w[1];
    m->value_size = w[2];
    m->max_entries = w[3];
    m->flags = w[4];
    g->id = w[5];
    g->inner_id = w[7];
    g->inner_idx = w[8];
    if (m->type == MAP_unspec)
        return elf_fail(l->d, BPFLAB_E_FORMAT, s->name, g->off, "map %.60s has no type", g->name);
    if (m->type == MAP_perf_event_array && m->key_size == 0 && m->value_size == 0)
        m->key_size = m->value_size = 4;
    if (load_holds_maps(m->type) && m->value_size == 0)
        m->value_size = 4;
    if (w[6] > 2) /* a directory of the user's */
        err = load_need(l, g->name, "iproute2's map pinning %u", w[6]);
    else if (w[6] && !(m->pin_name = load_name(g->name)))
        err = load_nomem(l);
    if (!err)
        err = load_map_check(l, m);
    return err ? err : load_place_add(l, (struct map_place){section, g->map, g->off, g->size, 0});
}

static int by_id(const void *a, const void *b) {
    const struct legacy *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return by_off(a, b);
}

/* join: iproute2's maps of maps. An outer map's inner_id is the id of its inner map, which is put
 * into the slot inner_idx. */
static enum bpflab_err join(struct load *l, struct legacy *a, uint32_t n) {
    qsort(a, n, sizeof *a, by_id);
    for (uint32_t i = 0; i < n; i++) {
        struct map_def *outer = &l->obj->maps[a[i].map];
        if (!load_holds_maps(outer->type) || a[i].inner_id == 0)
            continue;
        uint32_t lo = 0, hi = n;
        while (lo < hi) {
            uint32_t mid = lo + (hi - lo) / 2;
            if (a[mid].id < a[i].inner_id)
                lo = mid + 1;
            else
                hi = mid;
        }
        if (lo == n || a[lo].id != a[i].inner_id)
            return elf_fail(l->d, BPFLAB_E_UNDEFINED, "maps", a[i].off,
                            "map %.60s: no map has its inner_id %u", a[i].name, a[i].inner_id);
        outer->inner = (int32_t)a[lo].map;
        if (a[lo].inner_idx == UINT32_MAX) /* -1: only the pattern */
            continue;
        if (outer->max_entries && a[lo].inner_idx >= outer->max_entries)
            return elf_fail(l->d, BPFLAB_E_RANGE, "maps", a[lo].off,
                            "map %.60s: its slot %u is outside of %.60s", a[lo].name,
                            a[lo].inner_idx, a[i].name);
        struct map_init *init = load_keep(l, sizeof *init);
        if (!init)
            return load_nomem(l);
        *init = (struct map_init){.index = a[lo].inner_idx, .target = a[lo].map};
        outer->inits = init;
        outer->n_inits = 1;
    }
    return BPFLAB_OK;
}

enum bpflab_err load_legacy_maps(struct load *l, uint32_t section) {
    const struct elf_section *s = &l->elf.sections[section];
    if (!s->data || (s->flags & SHF_EXECINSTR))
        return BPFLAB_OK;
    l->sections[section].use = USE_MAPS;
    struct legacy *defs;
    uint32_t n;
    enum bpflab_err err = find(l, section, &defs, &n);
    if (!err && n == 0)
        err = elf_fail(l->d, BPFLAB_E_FORMAT, s->name, 0, "no symbol names these maps");
    if (!err && defs[0].off != 0)
        err = elf_fail(l->d, BPFLAB_E_FORMAT, s->name, 0, "no symbol names the first map");
    for (uint32_t i = 0; !err && i < n; i++)
        err = i + 1 < n && defs[i].off == defs[i + 1].off
                  ? elf_fail(l->d, BPFLAB_E_DUPLICATE, s->name, defs[i].off,
                             "maps %.60s and %.60s share a definition", defs[i].name,
                             defs[i + 1].name)
                  : read_one(l, section, &defs[i]);
    if (!err)
        err = join(l, defs, n);
    free(defs);
    return err;
}

/* lies.c: does a pointer point to such an object as the verifier says? */
#include "fuzz/oracle/lies.h"

#include "runtime/map.h"

/* Is a map's value, or a record of a ring buffer, at base? An array's values lie at multiples of
 * its stride; others somewhere in the map's storage. */
static bool value_at(const struct map *m, uint64_t base, uint64_t n_bytes) {
    if (base < m->off || base + n_bytes > m->off + m->n_bytes)
        return false;
    if (!m->value_stride || m->cpu_stride)
        return true;
    return base >= m->value_off && (base - m->value_off) % m->value_stride == 0;
}

/* May a map that is known as `index` be m? Itself, or an inner map of that shape. */
static bool may_be_map(const struct world *w, uint32_t index, uint32_t m) {
    if (m == index)
        return true;
    const struct map_def *const a = &map_by_id(w, index)->def, *const b = &map_by_id(w, m)->def;
    return a->type == b->type && a->value_size == b->value_size;
}

/* Where an object lies that the pointer's offsets count from: one of the map's, at a place that
 * they allow. A varying offset leaves only the map's one element to be looked at. */
static bool in_map(const struct world *w, const struct reg *r, uint64_t value, uint64_t n_bytes,
                   uint32_t index) {
    const uint64_t at = world_off(value) - (uint64_t)(int64_t)r->off;
    for (uint32_t i = 0; i < w->st.n_maps; i++) {
        const struct map *const m = map_by_id(w, i);
        if (!m || !may_be_map(w, index, i))
            continue;
        if (scalar_is_const(r->v) && value_at(m, at - r->v.bits.value, n_bytes))
            return true;
        if (scalar_is_const(r->v))
            continue;
        if (!m->value_stride || m->cpu_stride || m->def.max_entries != 1 ||
            scalar_contains(r->v, at - m->value_off))
            return true;
    }
    return false;
}

bool lies_map(const struct world *w, const struct reg *r, uint64_t value) {
    if (r->map >= w->st.n_maps || !map_by_id(w, r->map))
        return true;
    for (uint32_t i = 0; i < w->st.n_maps; i++)
        if (map_by_id(w, i) && map_by_id(w, i)->handle == value && may_be_map(w, r->map, i))
            return true;
    return false;
}

/* What a map of maps holds: a map. */
static bool lies_inner(const struct world *w, uint64_t value) {
    for (uint32_t i = 0; i < w->st.n_maps; i++)
        if (map_by_id(w, i) && map_by_id(w, i)->handle == value)
            return true;
    return false;
}

bool lies_map_value(const struct world *w, const struct reg *r, uint64_t value) {
    if (r->map >= w->st.n_maps || !map_by_id(w, r->map))
        return true;
    if (map_by_id(w, r->map)->inner.type)
        return lies_inner(w, value);
    return in_map(w, r, value, map_by_id(w, r->map)->def.value_size, r->map);
}

bool lies_record(const struct world *w, const struct reg *r, uint64_t value) {
    for (uint32_t i = 0; i < w->st.n_maps; i++)
        if (map_by_id(w, i) && map_by_id(w, i)->def.type == MAP_ringbuf &&
            in_map(w, r, value, r->mem_bytes, i))
            return true;
    return false;
}

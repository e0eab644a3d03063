/* mapelem.c: map elements: look up, update, delete, push, pop, peek. */
#include "runtime/helper/arg.h"

static uint64_t value_addr(uint64_t off) {
    return off ? world_addr(off) : 0;
}

uint64_t helper_map_lookup_elem(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    struct map *m = arg_map(w, r1);
    const void *key = m ? arg_read(w, r2, m->def.key_size) : NULL;
    return key ? value_addr(map_lookup(w, m, key)) : 0;
}

uint64_t helper_map_update_elem(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED1(r5);
    struct map *m = arg_map(w, r1);
    const void *key = m ? arg_read(w, r2, m->def.key_size) : NULL;
    const void *value = key ? arg_read(w, r3, m->def.value_size) : NULL;
    if (!value)
        return 0;
    return m->ops->update ? arg_int(m->ops->update(w, m, key, value, r4))
                          : helper_err(LX_EOPNOTSUPP);
}

uint64_t helper_map_delete_elem(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    struct map *m = arg_map(w, r1);
    const void *key = m ? arg_read(w, r2, m->def.key_size) : NULL;
    if (!key)
        return 0;
    return m->ops->remove ? arg_int(m->ops->remove(w, m, key)) : helper_err(LX_EOPNOTSUPP);
}

uint64_t helper_map_lookup_percpu_elem(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                       uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct map *m = arg_map(w, r1);
    const void *key = m ? arg_read(w, r2, m->def.key_size) : NULL;
    if (!key || !m->ops->lookup_cpu)
        return 0;
    return value_addr(m->ops->lookup_cpu(w, m, key, (uint32_t)r3));
}

uint64_t helper_map_push_elem(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                              struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct map *m = arg_map(w, r1);
    const void *value = m ? arg_read(w, r2, m->def.value_size) : NULL;
    if (!value)
        return 0;
    return m->ops->push ? arg_int(m->ops->push(w, m, value, r3)) : helper_err(LX_EOPNOTSUPP);
}

uint64_t helper_map_pop_elem(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    struct map *m = arg_map(w, r1);
    void *value = m ? arg_write(w, r2, m->def.value_size) : NULL;
    if (!value)
        return 0;
    return m->ops->pop ? arg_int(m->ops->pop(w, m, value)) : helper_err(LX_EOPNOTSUPP);
}

/* Queues and stacks give a value; a bloom filter is asked about one. */
uint64_t helper_map_peek_elem(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                              struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    struct map *m = arg_map(w, r1);
    const bool asked = m && m->def.type == MAP_bloom_filter;
    void *value = m ? world_ptr(w, r2, m->def.value_size, asked ? WORLD_READ : WORLD_WRITE) : NULL;
    if (!value)
        return 0;
    return m->ops->peek ? arg_int(m->ops->peek(w, m, value)) : helper_err(LX_EOPNOTSUPP);
}

/* fields.c: the parts of a value that are no plain bytes: spin lock, timer, workqueue
 * (map_set_fields).
 */
#include "runtime/map/common.h"

enum {
    LOCK_BYTES = 4,
    TIMER_BYTES = 16,
    N_FIELDS = 3
};

/* struct field: a special part of a value; at -1: it has none. */
struct field {
    int32_t at;
    uint32_t n_bytes;
};

static void fields_of(const struct map_fields *f, struct field out[N_FIELDS]) {
    out[0] = (struct field){f->spin_lock, LOCK_BYTES};
    out[1] = (struct field){f->timer, TIMER_BYTES};
    out[2] = (struct field){f->workqueue, TIMER_BYTES};
}

int map_set_fields(struct map *m, const struct map_fields *fields) {
    struct field f[N_FIELDS];
    fields_of(fields, f);
    bool any = false;
    for (int i = 0; i < N_FIELDS; i++) {
        if (f[i].at < 0)
            continue;
        uint32_t at = (uint32_t)f[i].at, align = i ? 8 : 4;
        if (f[i].n_bytes > m->def.value_size || at > m->def.value_size - f[i].n_bytes || at % align)
            return -LX_EINVAL;
        if (m->def.flags & (MAP_F_RDONLY_PROG | MAP_F_WRONLY_PROG))
            return -LX_EACCES;
        if (!map_type_has(m->def.type, i ? MAPTYPE_F_TIMER : MAPTYPE_F_LOCK))
            return -LX_EOPNOTSUPP;
        any = true;
    }
    m->fields = *fields;
    m->has_fields = any;
    return 0;
}

void map_write_value(const struct map *m, void *dst, const void *src) {
    uint8_t *d = dst;
    const uint8_t *s = src;
    if (!m->has_fields) {
        memcpy(d, s, m->def.value_size);
        return;
    }
    struct field f[N_FIELDS];
    fields_of(&m->fields, f);
    for (uint32_t at = 0; at < m->def.value_size;) {
        uint32_t end = m->def.value_size, skip_to = at;
        for (int i = 0; i < N_FIELDS; i++) {
            if (f[i].at < 0)
                continue;
            uint32_t from = (uint32_t)f[i].at;
            if (from <= at && at < from + f[i].n_bytes)
                skip_to = from + f[i].n_bytes;
            else if (from > at && from < end)
                end = from;
        }
        if (skip_to > at) {
            at = skip_to;
            continue;
        }
        memcpy(d + at, s + at, end - at);
        at = end;
    }
}

void map_clear_fields(const struct map *m, void *value) {
    uint8_t *v = value;
    if (m->fields.timer >= 0)
        memset(v + m->fields.timer, 0, TIMER_BYTES);
    if (m->fields.workqueue >= 0)
        memset(v + m->fields.workqueue, 0, TIMER_BYTES);
}

void map_hide_fields(const struct map *m, void *value) {
    if (!m->has_fields)
        return;
    map_clear_fields(m, value);
    if (m->fields.spin_lock >= 0)
        memset((uint8_t *)value + m->fields.spin_lock, 0, LOCK_BYTES);
}

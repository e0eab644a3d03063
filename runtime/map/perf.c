/* perf.c: perf event arrays and their log (runtime/map/perf.h). */
#include "runtime/map/perf.h"

#include "runtime/map/common.h"
#include "runtime/map/slots.h"

/* After the slots. Records lie between first and end, unread ones contiguous from the start once
 * all are read. */
struct log {
    uint64_t lost;
    uint32_t first, end; /* offsets into data */
    uint8_t data[PERF_LOG_BYTES];
};

struct record {
    uint32_t cpu, n_bytes;
    uint8_t data[]; /* rounded up to 8 */
};

static struct log *log_of(const struct world *w, const struct map *m) {
    return (struct log *)(w->mem + m->off + (uint64_t)m->def.max_entries * sizeof(uint64_t));
}

static int init(struct world *w, struct map *m) {
    return map_alloc(w, m, (uint64_t)m->def.max_entries * sizeof(uint64_t) + sizeof(struct log));
}

void perf_attach(struct world *w, struct map *m) {
    for (uint32_t cpu = 0; cpu < w->cfg.n_cpus && cpu < m->def.max_entries; cpu++)
        slots_set(w, m, cpu, cpu);
}

int perf_event_cpu(const struct world *w, const struct map *m, uint64_t index) {
    if (index >= m->def.max_entries)
        return -LX_E2BIG;
    int64_t cpu = slots_get(w, m, index);
    return cpu < 0 ? -LX_ENOENT : (int)cpu;
}

int perf_output(struct world *w, struct map *m, uint64_t index, const void *a, uint64_t n_a,
                const void *b, uint64_t n_b) {
    int cpu = perf_event_cpu(w, m, index);
    if (cpu < 0)
        return cpu;
    if ((uint32_t)cpu != w->st.cpu)
        return -LX_EOPNOTSUPP;
    if (n_a > PERF_RECORD_MAX || n_b > PERF_RECORD_MAX - n_a)
        return -LX_E2BIG;
    struct log *l = log_of(w, m);
    uint32_t bytes = (uint32_t)(sizeof(struct record) + map_round8(n_a + n_b));
    if (bytes > PERF_LOG_BYTES - l->end) { /* what was read makes room */
        memmove(l->data, l->data + l->first, l->end - l->first);
        l->end -= l->first;
        l->first = 0;
    }
    if (bytes > PERF_LOG_BYTES - l->end) {
        l->lost++;
        return -LX_ENOSPC;
    }
    struct record *r = (struct record *)(l->data + l->end);
    r->cpu = (uint32_t)cpu;
    r->n_bytes = (uint32_t)(n_a + n_b);
    if (n_a)
        memcpy(r->data, a, n_a);
    if (n_b)
        memcpy(r->data + n_a, b, n_b);
    l->end += bytes;
    return 0;
}

uint32_t perf_consume(struct world *w, struct map *m, perf_fn *fn, void *self) {
    struct log *l = log_of(w, m);
    uint32_t n = 0;
    bool more = true;
    while (more && l->first != l->end) {
        const struct record *r = (const struct record *)(l->data + l->first);
        l->first += (uint32_t)(sizeof *r + map_round8(r->n_bytes));
        more = fn(self, r->cpu, r->data, r->n_bytes);
        n++;
    }
    return n;
}

uint64_t perf_lost(const struct world *w, const struct map *m) {
    return log_of(w, m)->lost;
}

static int user_update(struct world *w, struct map *m, const void *key, const void *value,
                       uint64_t flags) {
    if (flags != MAP_ANY)
        return -LX_EINVAL;
    if (world_get32(w, key) >= m->def.max_entries)
        return -LX_E2BIG;
    if (world_get32(w, value) >= w->cfg.n_cpus)
        return -LX_EBADF;
    return slots_user_update(w, m, key, value, flags);
}

/* Records that nobody read yet. */
static bool each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    const struct log *l = log_of(w, m);
    for (uint32_t at = l->first; at != l->end;) {
        const struct record *r = (const struct record *)(l->data + at);
        if (!fn(self, NULL, r->cpu, r->data, r->n_bytes))
            return false;
        at += (uint32_t)(sizeof *r + map_round8(r->n_bytes));
    }
    return true;
}

const struct map_ops map_perf_array_ops = {
    .kind = "perf_event_array",
    .check = slots_check,
    .init = init,
    .remove = slots_remove,
    .next_key = map_index_next,
    .user_lookup = map_lookup_enotsupp,
    .user_update = user_update,
    .each = each,
};

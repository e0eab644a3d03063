/* queue.c: queue and stack: values without keys, first in first out and last in first out.
 *
 * A ring of max_entries + 1 values; programs get copies, no value is accessible in place. BPF_EXIST
 * makes push drop the oldest value of a full map. An empty map gives -ENOENT and a zeroed value.
 *
 * Memory: value_size for each entry and one more.
 * Cost: every operation O(value_size).
 */
#include "runtime/map/common.h"

struct ring {
    uint32_t head; /* where the next value goes */
    uint32_t tail; /* the oldest value */
};

static int check(const struct map_def *def) {
    if (!def->max_entries || def->key_size || !def->value_size ||
        !map_flags_ok(def, MAP_F_NUMA_NODE | MAP_F_ACCESS))
        return -LX_EINVAL;
    if (def->value_size > MAP_KMALLOC_MAX)
        return -LX_E2BIG;
    return def->max_entries >= UINT32_MAX / def->value_size ? -LX_E2BIG : 0;
}

static int init(struct world *w, struct map *m) {
    uint64_t n = (uint64_t)m->def.max_entries + 1;
    return map_alloc(w, m, sizeof(struct ring) + n * m->def.value_size);
}

static struct ring *ring_of(const struct world *w, const struct map *m) {
    return (struct ring *)(w->mem + m->off);
}

static uint8_t *slot(const struct world *w, const struct map *m, uint32_t i) {
    return w->mem + m->off + sizeof(struct ring) + (uint64_t)i * m->def.value_size;
}

static uint32_t after(const struct map *m, uint32_t i) {
    return i == m->def.max_entries ? 0 : i + 1;
}

static uint32_t before(const struct map *m, uint32_t i) {
    return i ? i - 1 : m->def.max_entries;
}

static int push(struct world *w, struct map *m, const void *value, uint64_t flags) {
    struct ring *r = ring_of(w, m);
    if ((flags & MAP_NOEXIST) || flags > MAP_EXIST)
        return -LX_EINVAL;
    if (after(m, r->head) == r->tail) {
        if (!(flags & MAP_EXIST))
            return -LX_E2BIG;
        r->tail = after(m, r->tail);
    }
    memcpy(slot(w, m, r->head), value, m->def.value_size);
    r->head = after(m, r->head);
    return 0;
}

/* Copy the value that comes out next, from the old end (queue) or the new end (stack). */
static int get(struct world *w, struct map *m, void *value, bool take) {
    struct ring *r = ring_of(w, m);
    bool stack = m->def.type == MAP_stack;
    if (r->head == r->tail) {
        memset(value, 0, m->def.value_size);
        return -LX_ENOENT;
    }
    uint32_t i = stack ? before(m, r->head) : r->tail;
    memcpy(value, slot(w, m, i), m->def.value_size);
    if (take && stack)
        r->head = i;
    else if (take)
        r->tail = after(m, i);
    return 0;
}

static int pop(struct world *w, struct map *m, void *value) {
    return get(w, m, value, true);
}

static int peek(struct world *w, struct map *m, void *value) {
    return get(w, m, value, false);
}

static bool each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    const struct ring *r = ring_of(w, m);
    for (uint32_t i = r->tail; i != r->head; i = after(m, i))
        if (!fn(self, NULL, 0, slot(w, m, i), m->def.value_size))
            return false;
    return true;
}

#define QUEUE_OPS(name)                                                                            \
    {.kind = name,                                                                                 \
     .check = check,                                                                               \
     .init = init,                                                                                 \
     .update = map_update_einval,                                                                  \
     .remove = map_remove_einval,                                                                  \
     .next_key = map_next_einval,                                                                  \
     .push = push,                                                                                 \
     .pop = pop,                                                                                   \
     .peek = peek,                                                                                 \
     .each = each}

const struct map_ops map_queue_ops = QUEUE_OPS("queue");
const struct map_ops map_stack_ops = QUEUE_OPS("stack");

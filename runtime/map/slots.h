/* slots.h: arrays whose entries are ids of other objects: programs, maps, perf events, cgroups.
 *
 * A slot is a host-order uint64_t: 0 empty, else id + 1. Programs never see slots.
 * Memory: 8 bytes an entry. Cost: every operation O(1).
 */
#ifndef BPFLAB_RUNTIME_MAP_SLOTS_H
#define BPFLAB_RUNTIME_MAP_SLOTS_H

#include "runtime/map.h"

int slots_check(const struct map_def *def);
int slots_init(struct world *w, struct map *m);

/* slots_get: the id at index, -1 if there is none. */
static inline int64_t slots_get(const struct world *w, const struct map *m, uint64_t index) {
    uint64_t slot;
    if (index >= m->def.max_entries)
        return -1;
    memcpy(&slot, w->mem + m->off + index * sizeof slot, sizeof slot);
    return (int64_t)slot - 1;
}

static inline void slots_set(struct world *w, struct map *m, uint32_t index, int64_t id) {
    uint64_t slot = (uint64_t)(id + 1);
    memcpy(w->mem + m->off + (uint64_t)index * sizeof slot, &slot, sizeof slot);
}

/* Operations: user_update stores the 4-byte value as id; user_lookup gives it back. */
int slots_user_update(struct world *w, struct map *m, const void *key, const void *value,
                      uint64_t flags);
int slots_user_lookup(struct world *w, struct map *m, const void *key, void *value);
int slots_remove(struct world *w, struct map *m, const void *key);
bool slots_each(const struct world *w, const struct map *m, map_each_fn *fn, void *self);

#endif

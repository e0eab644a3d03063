/* refuse.c: operations that Linux always answers with the same error. */
#include "runtime/map/common.h"

int map_update_einval(struct world *w, struct map *m, const void *key, const void *value,
                      uint64_t flags) {
    (void)w, (void)m, (void)key, (void)value, (void)flags;
    return -LX_EINVAL;
}

int map_update_enotsupp(struct world *w, struct map *m, const void *key, const void *value,
                        uint64_t flags) {
    (void)w, (void)m, (void)key, (void)value, (void)flags;
    return -LX_ENOTSUPP;
}

int map_remove_einval(struct world *w, struct map *m, const void *key) {
    (void)w, (void)m, (void)key;
    return -LX_EINVAL;
}

int map_remove_enotsupp(struct world *w, struct map *m, const void *key) {
    (void)w, (void)m, (void)key;
    return -LX_ENOTSUPP;
}

int map_next_einval(struct world *w, struct map *m, const void *key, void *next) {
    (void)w, (void)m, (void)key, (void)next;
    return -LX_EINVAL;
}

int map_next_enotsupp(struct world *w, struct map *m, const void *key, void *next) {
    (void)w, (void)m, (void)key, (void)next;
    return -LX_ENOTSUPP;
}

int map_lookup_einval(struct world *w, struct map *m, const void *key, void *value) {
    (void)w, (void)m, (void)key, (void)value;
    return -LX_EINVAL;
}

int map_lookup_enotsupp(struct world *w, struct map *m, const void *key, void *value) {
    (void)w, (void)m, (void)key, (void)value;
    return -LX_ENOTSUPP;
}

/* mapview.h: what a run changed in an object's maps, by key.
 */
#ifndef BPFLAB_CLI_MAPVIEW_H
#define BPFLAB_CLI_MAPVIEW_H

#include "cli/cli.h"
#include "engine/engine.h"

/* struct mapview: the contents of all of an instance's maps at one moment. Maps with more than
 * MAPVIEW_MAX bytes of storage are left out; printing says so. */
#define MAPVIEW_MAX ((uint64_t)64 << 20)
struct mapview;

/* mapview_new: a copy of all entries, as the session's engine left them.
 * out:    NULL if out of memory
 * cost:   O(entries) */
struct mapview *mapview_new(struct engine_session *s);
void mapview_free(struct mapview *v);

/* struct map_change: one entry that two views disagree on. before or after is NULL where the entry
 * is not there. */
struct map_change {
    uint32_t map;       /* index among the object's */
    const uint8_t *key; /* NULL: a kind without keys; then index says the place in the queue */
    uint32_t key_bytes, index, cpu;
    const uint8_t *before, *after;
    uint32_t before_bytes, after_bytes;
};

/* mapview_diff: report every change, map by map, by key. Sorts the views at their first use.
 * out:    how many there were
 * cost:   O(n log n) */
typedef void map_change_fn(void *self, const struct map_change *change);
uint64_t mapview_diff(struct mapview *before, struct mapview *after, map_change_fn *fn, void *self);

/* mapview_print: the changes as text, at most 20 a map, variables of .data and .bss by name.
 * mapview_json:  the member "maps" of a JSON object, at most 1000 changes a map. */
void mapview_print(const struct cli *c, FILE *f, const struct instance *in, struct mapview *before,
                   struct mapview *after);
void mapview_json(struct json *j, const struct instance *in, struct mapview *before,
                  struct mapview *after);

#endif

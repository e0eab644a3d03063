/* mapview.c: entries are copied out of the world, sorted by key, and two such lists are merged.
 */
#include "cli/mapview.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    const uint8_t *key, *value; /* value is one allocation with the key behind it, owned */
    uint32_t key_bytes, value_bytes, index, cpu;
};

struct image {
    struct entry *entries;
    size_t n, capacity;
    bool sorted;
};

struct mapview {
    struct image *maps;
    uint32_t n_maps;
    bool failed;
};

struct taker {
    struct image *image;
    uint32_t key_bytes;
    bool failed;
};

static bool take(void *self, const void *key, uint32_t cpu, const void *value, uint32_t n_bytes) {
    struct taker *t = self;
    struct image *m = t->image;
    if (m->n == m->capacity) {
        size_t want = m->capacity ? m->capacity * 2 : 64;
        struct entry *grown = realloc(m->entries, want * sizeof *grown);
        t->failed = !grown;
        if (!grown)
            return false;
        m->entries = grown;
        m->capacity = want;
    }
    uint32_t key_bytes = key ? t->key_bytes : 0;
    uint8_t *copy = malloc((size_t)n_bytes + key_bytes + 1);
    t->failed = !copy;
    if (!copy)
        return false;
    memcpy(copy, value, n_bytes);
    if (key)
        memcpy(copy + n_bytes, key, key_bytes);
    m->entries[m->n] = (struct entry){.key = key ? copy + n_bytes : NULL,
                                      .value = copy,
                                      .key_bytes = key_bytes,
                                      .value_bytes = n_bytes,
                                      .index = key ? 0 : (uint32_t)m->n,
                                      .cpu = cpu};
    m->n++;
    return true;
}

struct mapview *mapview_new(struct engine_session *s) {
    const struct instance *in = engine_instance(s);
    struct mapview *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    v->n_maps = in->object->n_maps;
    v->maps = calloc((size_t)v->n_maps + 1, sizeof *v->maps);
    for (uint32_t i = 0; v->maps && i < v->n_maps; i++) {
        const struct map *m = map_by_id(in->world, in->map_ids[i]);
        struct taker t = {.image = &v->maps[i], .key_bytes = m ? m->def.key_size : 0};
        if (m && m->n_bytes <= MAPVIEW_MAX)
            engine_map_each(s, i, take, &t);
        v->failed |= t.failed;
    }
    if (!v->maps || v->failed) {
        mapview_free(v);
        return NULL;
    }
    return v;
}

void mapview_free(struct mapview *v) {
    if (!v)
        return;
    for (uint32_t i = 0; v->maps && i < v->n_maps; i++) {
        for (size_t k = 0; k < v->maps[i].n; k++)
            free((void *)(uintptr_t)v->maps[i].entries[k].value);
        free(v->maps[i].entries);
    }
    free(v->maps);
    free(v);
}

static int by_key(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    uint32_t n = a->key_bytes < b->key_bytes ? a->key_bytes : b->key_bytes;
    int order = n ? memcmp(a->key, b->key, n) : 0;
    if (order == 0 && a->cpu != b->cpu)
        order = a->cpu < b->cpu ? -1 : 1;
    return order;
}

static void sort_image(struct image *m) {
    if (!m->sorted && m->n)
        qsort(m->entries, m->n, sizeof *m->entries, by_key);
    m->sorted = true;
}

static void report(uint32_t map, const struct entry *a, const struct entry *b, map_change_fn *fn,
                   void *self) {
    const struct entry *any = a ? a : b;
    struct map_change change = {
        .map = map,
        .key = any->key,
        .key_bytes = any->key_bytes,
        .index = any->index,
        .cpu = any->cpu,
        .before = a ? a->value : NULL,
        .before_bytes = a ? a->value_bytes : 0,
        .after = b ? b->value : NULL,
        .after_bytes = b ? b->value_bytes : 0,
    };
    fn(self, &change);
}

static uint64_t diff_images(uint32_t map, struct image *a, struct image *b, map_change_fn *fn,
                            void *self) {
    uint64_t n = 0;
    sort_image(a);
    sort_image(b);
    for (size_t i = 0, k = 0; i < a->n || k < b->n;) {
        const struct entry *x = i < a->n ? &a->entries[i] : NULL;
        const struct entry *y = k < b->n ? &b->entries[k] : NULL;
        int order = !x ? 1 : !y ? -1 : by_key(x, y);
        i += order <= 0;
        k += order >= 0;
        bool same = order == 0 && x->value_bytes == y->value_bytes &&
                    !memcmp(x->value, y->value, x->value_bytes);
        if (same)
            continue;
        n++;
        report(map, order <= 0 ? x : NULL, order >= 0 ? y : NULL, fn, self);
    }
    return n;
}

uint64_t mapview_diff(struct mapview *before, struct mapview *after, map_change_fn *fn,
                      void *self) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < before->n_maps && i < after->n_maps; i++)
        n += diff_images(i, &before->maps[i], &after->maps[i], fn, self);
    return n;
}

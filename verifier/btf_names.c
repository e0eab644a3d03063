#include "verifier/btf_names.h"

#include <stdlib.h>
#include <string.h>

static bool is_named_kind(uint8_t kind) {
    return kind == BTF_STRUCT || kind == BTF_UNION || kind == BTF_FUNC || kind == BTF_TYPEDEF ||
           kind == BTF_VAR;
}

/* FNV-1a */
static uint32_t hash(const char *name, size_t n_bytes) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n_bytes; i++)
        h = (h ^ (uint8_t)name[i]) * 16777619u;
    return h;
}

/* Where the name is in the table, or the empty place where it would be. */
static struct btf_name *place_of(const struct btf_names *n, uint8_t kind, const char *name,
                                 size_t n_bytes) {
    uint32_t at = hash(name, n_bytes) & n->mask;
    for (; n->entries[at].id; at = (at + 1) & n->mask) {
        const struct btf_type *t = btf_type_at(n->btf, n->entries[at].id);
        const char *other = btf_string(n->btf, t->name_off);
        if (t->kind == kind && !strncmp(other, name, n_bytes) && !other[n_bytes])
            break;
    }
    return &n->entries[at];
}

enum bpflab_err btf_names_init(struct btf_names *n, const struct btf *btf) {
    uint32_t size = 16;
    while (size / 2 < btf_n_types(btf))
        size *= 2;
    *n = (struct btf_names){
        .btf = btf, .entries = calloc(size, sizeof *n->entries), .mask = size - 1};
    if (!n->entries)
        return BPFLAB_E_NOMEM;
    for (uint32_t id = 1; id < btf_n_types(btf); id++) {
        const struct btf_type *t = btf_type_at(btf, id);
        const char *name = btf_string(btf, t->name_off);
        if (!is_named_kind(t->kind) || !*name)
            continue;
        struct btf_name *e = place_of(n, t->kind, name, strlen(name));
        e->id = e->id ? e->id : id;
        e->n_types++;
    }
    return BPFLAB_OK;
}

void btf_names_fini(struct btf_names *n) {
    free(n->entries);
    *n = (struct btf_names){0};
}

uint32_t btf_names_find(const struct btf_names *n, enum btf_kind kind, const char *name,
                        size_t n_bytes, uint32_t *n_found) {
    *n_found = 0;
    if (!n->entries || !n_bytes)
        return 0;
    const struct btf_name *e = place_of(n, (uint8_t)kind, name, n_bytes);
    *n_found = e->n_types;
    return e->id;
}

enum bpflab_err btf_tags_init(struct btf_tags *t, const struct btf *btf) {
    const uint32_t n = btf_n_types(btf);
    *t = (struct btf_tags){.btf = btf,
                           .first = calloc((size_t)n + 2, sizeof *t->first),
                           .ids = calloc((size_t)n + 1, sizeof *t->ids)};
    if (!t->first || !t->ids) {
        btf_tags_fini(t);
        return BPFLAB_E_NOMEM;
    }
    /* counted two places ahead, so that filling leaves each start where it belongs */
    for (uint32_t id = 1; id < n; id++) {
        const struct btf_type *tag = btf_type_at(btf, id);
        if (tag->kind == BTF_DECL_TAG && tag->size_or_type < n)
            t->first[tag->size_or_type + 2]++;
    }
    for (uint32_t id = 1; id <= n + 1; id++)
        t->first[id] += t->first[id - 1];
    for (uint32_t id = 1; id < n; id++) {
        const struct btf_type *tag = btf_type_at(btf, id);
        if (tag->kind == BTF_DECL_TAG && tag->size_or_type < n)
            t->ids[t->first[tag->size_or_type + 1]++] = id;
    }
    return BPFLAB_OK;
}

void btf_tags_fini(struct btf_tags *t) {
    free(t->first);
    free(t->ids);
    *t = (struct btf_tags){0};
}

const char *btf_tags_next(const struct btf_tags *t, uint32_t type, int32_t component,
                          const char *prefix, uint32_t *at) {
    const uint32_t n = t->first[type + 1] - t->first[type];
    const size_t prefix_bytes = strlen(prefix);
    while (*at < n) {
        const struct btf_type *tag = btf_type_at(t->btf, t->ids[t->first[type] + (*at)++]);
        const char *text = btf_string(t->btf, tag->name_off);
        if ((int32_t)btf_extra(t->btf, tag) == component && !strncmp(text, prefix, prefix_bytes))
            return text + prefix_bytes;
    }
    return NULL;
}

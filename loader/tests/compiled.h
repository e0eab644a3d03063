/* compiled.h: what tests share that compile a C file with clang-19 and load the object. */
#ifndef BPFLAB_LOADER_TESTS_COMPILED_H
#define BPFLAB_LOADER_TESTS_COMPILED_H

#include "loader/object.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>

static struct object obj;

/* map, index_of, prog, subprog: by name; a missing one is a failed check. */
static inline const struct map_def *map(const char *name) {
    for (uint32_t i = 0; i < obj.n_maps; i++)
        if (!strcmp(obj.maps[i].name, name))
            return &obj.maps[i];
    printf("no map %s\n", name);
    check_that(false, __FILE__, __LINE__, "the map is there");
    static const struct map_def none = {.inner = -1};
    return &none;
}

static inline uint32_t index_of(const char *name) {
    return (uint32_t)(map(name) - obj.maps);
}

static inline const struct prog *prog(const char *name) {
    static const struct prog none;
    const struct prog *p = object_prog(&obj, name);
    if (!p)
        printf("no program %s\n", name);
    return CHECK(p != NULL) ? p : &none;
}

/* needs: does the object say that it needs this? */
static inline bool needs(const char *what) {
    for (uint32_t i = 0; i < obj.n_needs; i++)
        if (!strcmp(obj.needs[i].what, what))
            return true;
    return false;
}

/* value_at: n bytes of an initial value, in the object's byte order. */
static inline uint64_t value_at(const struct map_def *m, uint32_t off, uint32_t n) {
    uint64_t v = 0;
    if (!CHECK(m->data && off + n <= m->data_bytes))
        return 0;
    for (uint32_t i = 0; i < n; i++)
        v = v << 8 | m->data[off + (obj.big_endian ? i : n - 1 - i)];
    return v;
}

static inline const struct subprog *subprog(const struct prog *p, const char *name) {
    for (uint32_t i = 0; i < p->n_subprogs; i++)
        if (!strcmp(p->subprogs[i].name, name))
            return &p->subprogs[i];
    return NULL;
}

/* compile: a file of the folder into an object. */
static inline bool compile(const char *folder, const char *file, const char *options,
                           const char *object) {
    char command[1024];
    snprintf(command, sizeof command, "clang-19 -g -O2 %s -w -c %s/%s -o %s", options, folder, file,
             object);
    return system(command) == 0;
}

#endif

#include "isa/kind.h"

#include <stddef.h>
#include <string.h>

const char *prog_type_name(uint32_t type) {
    switch (type) {
#define PROG_TYPE(nr, name)                                                                        \
    case nr: return #name;
#include "isa/kind.def"
    default: return NULL;
    }
}

const char *attach_type_name(uint32_t type) {
    switch (type) {
#define ATTACH_TYPE(nr, name)                                                                      \
    case nr: return #name;
#include "isa/kind.def"
    default: return NULL;
    }
}

const char *map_type_name(uint32_t type) {
    switch (type) {
#define MAP_TYPE(nr, name)                                                                         \
    case nr: return #name;
#include "isa/kind.def"
    default: return NULL;
    }
}

int prog_type_find(const char *name) {
#define PROG_TYPE(nr, id)                                                                          \
    if (!strcmp(name, #id))                                                                        \
        return nr;
#include "isa/kind.def"
    return -1;
}

int attach_type_find(const char *name) {
#define ATTACH_TYPE(nr, id)                                                                        \
    if (!strcmp(name, #id))                                                                        \
        return nr;
#include "isa/kind.def"
    return -1;
}

int map_type_find(const char *name) {
#define MAP_TYPE(nr, id)                                                                           \
    if (!strcmp(name, #id))                                                                        \
        return nr;
#include "isa/kind.def"
    return -1;
}

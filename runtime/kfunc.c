/* kfunc.c: the table of kernel functions, made from kfunc.def. */
#include "runtime/kfunc.h"

#include <string.h>

#include "runtime/typemask.h"

/* clang-format off */
#define T(name) | PROG_BIT(PROG_##name)
#define ALL_TYPES | UINT64_MAX
#define KFUNC_SET(set, types) static const uint64_t types_##set = UINT64_C(0) types;
#include "runtime/kfunc.def"

enum {
    ACQUIRE = KFUNC_F_ACQUIRE,
    RELEASE = KFUNC_F_RELEASE,
    RET_NULL = KFUNC_F_RET_NULL,
    TRUSTED = KFUNC_F_TRUSTED,
    RCU = KFUNC_F_RCU,
    SLEEPS = KFUNC_F_SLEEPS,
    DESTRUCTIVE = KFUNC_F_DESTRUCTIVE,
    ITER_NEW = KFUNC_F_ITER_NEW,
    ITER_NEXT = KFUNC_F_ITER_NEXT,
    ITER_DESTROY = KFUNC_F_ITER_DESTROY,
    RCU_PROTECTED = KFUNC_F_RCU_PROTECTED,
    LIMIT = KFUNC_F_LIMIT,
};

static const struct row {
    struct kfunc kfunc;
    const uint64_t *types; /* PROG_BIT */
} rows[] = {
#define KFUNC(set, name, flags) {{#name, #set, flags}, &types_##set},
#include "runtime/kfunc.def"
};
/* clang-format on */

static const struct kfunc *find(const char *name, uint64_t types) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if ((*rows[i].types & types) && !strcmp(rows[i].kfunc.name, name))
            return &rows[i].kfunc;
    return NULL;
}

const struct kfunc *kfunc_for(const char *name, uint32_t prog_type) {
    return prog_type_has_bit(prog_type) ? find(name, PROG_BIT(prog_type)) : NULL;
}

const struct kfunc *kfunc_find(const char *name) {
    return find(name, UINT64_MAX);
}

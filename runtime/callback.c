/* callback.c: the rows of runtime/callback.def. */
#include <string.h>

#include "runtime/proto.h"

/* clang-format off */
enum {
    SYNC = false,
    ASYNC = true,
};

#define C_NONE      {CALLBACK_ARG_NONE, 0}
#define C_SCALAR    {CALLBACK_ARG_SCALAR, 0}
#define C_MAP       {CALLBACK_ARG_MAP, 0}
#define C_KEY       {CALLBACK_ARG_KEY, 0}
#define C_VALUE     {CALLBACK_ARG_VALUE, 0}
#define C_VMA       {CALLBACK_ARG_VMA, 0}
#define C_DYNPTR    {CALLBACK_ARG_DYNPTR, 0}
#define C_NODE      {CALLBACK_ARG_NODE, 0}
#define C_PASSED(n) {CALLBACK_ARG_PASSED, n}
#define ROW(func, when, n, a1, a2, a3, a4) {func, n, when, {C_##a1, C_##a2, C_##a3, C_##a4, C_NONE}}

static const struct {
    uint32_t id;
    struct callback_proto callback;
} helpers[] = {
#define HELPER_CALLBACK(name, func, when, n, a1, a2, a3, a4) \
    {HELPER_##name, ROW(func, when, n, a1, a2, a3, a4)},
#include "runtime/callback.def"
};

static const struct {
    const char *name;
    struct callback_proto callback;
} kfuncs[] = {
#define KFUNC_CALLBACK(name, func, when, n, a1, a2, a3, a4) \
    {#name, ROW(func, when, n, a1, a2, a3, a4)},
#include "runtime/callback.def"
};
/* clang-format on */

const struct callback_proto *helper_callback_of(uint32_t id) {
    for (size_t i = 0; i < sizeof helpers / sizeof helpers[0]; i++)
        if (helpers[i].id == id)
            return &helpers[i].callback;
    return NULL;
}

const struct callback_proto *kfunc_callback_of(const char *name) {
    for (size_t i = 0; i < sizeof kfuncs / sizeof kfuncs[0]; i++)
        if (!strcmp(kfuncs[i].name, name))
            return &kfuncs[i].callback;
    return NULL;
}

/* kcall.c: the table of kernel functions that can be called: each IMPL row of kfuncproto.def gets a
 * wrapper, which also records calls that end in a trap.
 */
#include "runtime/kcall.h"

#include "runtime/kfunc/impl.h"

/* clang-format off */
#define CUT_VOID      0
#define CUT_NUM(n)    (UINT64_MAX >> (64 - 8 * (n)))
#define CUT_MEM(n)    UINT64_MAX
#define CUT_MEM_RW(n) UINT64_MAX
#define CUT_SLICE     UINT64_MAX
#define CUT_SLICE_RW  UINT64_MAX

/* Numbers of rows, for the trace. */
enum {
#define KFUNC_PROTO(nm, state, effect, ret, n, a1, a2, a3, a4, a5) ROW_##nm,
#include "runtime/kfuncproto.def"
    N_ROWS
};

#define WRAPPER_NONE(nm, ret, n)
#define WRAPPER_IMPL(nm, ret, n)                                                                   \
    static uint64_t recorded_##nm(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5, \
                                  struct world *w) {                                               \
        const uint64_t args[5] = {r1, r2, r3, r4, r5};                                             \
        const uint64_t result = kfunc_##nm(r1, r2, r3, r4, r5, w) & CUT_##ret;                     \
        world_trace_add(w, KCALL_BASE + ROW_##nm, n, args, result);                                \
        return result;                                                                             \
    }
#define KFUNC_PROTO(nm, state, effect, ret, n, a1, a2, a3, a4, a5) WRAPPER_##state(nm, ret, n)
#include "runtime/kfuncproto.def"

static const struct {
    const char *name;
    helper_fn *fn;
} rows[N_ROWS] = {
#define ENTRY_NONE(nm) NULL
#define ENTRY_IMPL(nm) recorded_##nm
#define KFUNC_PROTO(nm, state, effect, ret, n, a1, a2, a3, a4, a5) {#nm, ENTRY_##state(nm)},
#include "runtime/kfuncproto.def"
};
/* clang-format on */

helper_fn *kcall_fn_of(const char *name) {
    const char *const flavour = strstr(name, "___");
    const size_t n = flavour ? (size_t)(flavour - name) : strlen(name);
    for (size_t i = 0; i < N_ROWS; i++)
        if (!strncmp(rows[i].name, name, n) && !rows[i].name[n])
            return rows[i].fn;
    return NULL;
}

const char *kcall_name(uint32_t number) {
    return number - KCALL_BASE < N_ROWS ? rows[number - KCALL_BASE].name : NULL;
}

/* attach.c: what a tracing program learns of the place it is attached to, and the result it leaves
 * there.
 *
 * The context of a program on a function is an array of 64-bit slots: the arguments, then the
 * return value.
 */
#include "runtime/helper/arg.h"

enum {
    SLOT_BYTES = 8
};

uint64_t helper_get_attach_cookie(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return w->env->attach_cookie;
}

uint64_t helper_get_func_ip(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                            struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return w->env->func_ip;
}

static uint64_t n_func_args(const struct world *w) {
    if (w->env->n_func_args >= 0)
        return (uint64_t)w->env->n_func_args;
    const uint64_t n_slots = w->st.ctx_bytes / SLOT_BYTES;
    if (!n_slots)
        return 0;
    return n_slots - 1 < ENV_FUNC_ARGS_MAX ? n_slots - 1 : ENV_FUNC_ARGS_MAX;
}

/* Copy slot n of the context at ctx to where dst_addr points. */
static uint64_t copy_slot(struct world *w, uint64_t ctx, uint64_t n, uint64_t dst_addr) {
    const uint8_t *src = arg_read(w, ctx + n * SLOT_BYTES, SLOT_BYTES);
    uint8_t *dst = arg_write(w, dst_addr, SLOT_BYTES);
    if (src && dst)
        memmove(dst, src, SLOT_BYTES);
    return 0;
}

uint64_t helper_get_func_arg(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const uint32_t n = (uint32_t)r2;
    return n >= n_func_args(w) ? helper_err(LX_EINVAL) : copy_slot(w, r1, n, r3);
}

uint64_t helper_get_func_ret(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    if (w->env->attach_type == ATTACH_trace_fentry)
        return helper_err(LX_EOPNOTSUPP); /* nothing is returned yet */
    return copy_slot(w, r1, n_func_args(w), r2);
}

uint64_t helper_get_func_arg_cnt(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return n_func_args(w);
}

uint64_t helper_get_retval(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                           struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return arg_int(w->st.sys_errno);
}

uint64_t helper_set_retval(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                           struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    w->st.sys_errno = (int32_t)r1;
    return 0;
}

uint64_t helper_override_return(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED4(r1, r3, r4, r5);
    w->st.override_rc = r2;
    w->st.n_overrides++;
    return 0;
}

/* dynptr.c: kernel functions on dynptrs over memory and ring-buffer records
 * (runtime/helper/dynptr.h). Of a dynptr that was never made nothing is asked: Linux's verifier
 * refuses it.
 */
#include "runtime/helper/dynptr.h"

#include "runtime/helper/arg.h"
#include "runtime/kfunc/impl.h"

/* Guest address of len bytes, 0 if they are not inside or the dynptr has no memory of its own. */
static uint64_t slice(const struct dynptr *d, uint64_t offset, uint64_t len) {
    int err;
    const uint64_t at = dynptr_slice(d, (uint32_t)offset, (uint32_t)len, &err);
    return !d->data || err || (d->type != DYNPTR_LOCAL && d->type != DYNPTR_RINGBUF) ? 0 : at;
}

/* The buffer (r3) is for packets whose bytes lie apart. */
uint64_t kfunc_bpf_dynptr_slice(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED2(r3, r5);
    struct dynptr d;
    return dynptr_get(w, r1, &d) ? slice(&d, r2, r4) : 0;
}

uint64_t kfunc_bpf_dynptr_slice_rdwr(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                     uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r3, r5);
    struct dynptr d;
    return dynptr_get(w, r1, &d) && !d.rdonly ? slice(&d, r2, r4) : 0;
}

uint64_t kfunc_bpf_dynptr_adjust(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const uint32_t start = (uint32_t)r2, end = (uint32_t)r3;
    uint8_t *p = world_ptr(w, r1, DYNPTR_BYTES, WORLD_RW);
    struct dynptr d;
    if (!p || !dynptr_get(w, r1, &d))
        return 0;
    if (!d.data || start > end)
        return helper_err(LX_EINVAL);
    if (end > d.size)
        return helper_err(LX_ERANGE);
    d.offset += start;
    d.size = end - start;
    dynptr_put(w, p, &d);
    return 0;
}

uint64_t kfunc_bpf_dynptr_is_null(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    struct dynptr d;
    return dynptr_get(w, r1, &d) && !d.data;
}

uint64_t kfunc_bpf_dynptr_is_rdonly(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                    struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    struct dynptr d;
    return dynptr_get(w, r1, &d) && d.data && d.rdonly;
}

uint64_t kfunc_bpf_dynptr_size(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    struct dynptr d;
    if (!dynptr_get(w, r1, &d))
        return 0;
    return d.data ? d.size : helper_err(LX_EINVAL);
}

uint64_t kfunc_bpf_dynptr_clone(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    uint8_t *to = arg_write(w, r2, DYNPTR_BYTES);
    struct dynptr d;
    if (!to || !dynptr_get(w, r1, &d))
        return 0;
    if (!d.data) {
        dynptr_clear(to);
        return helper_err(LX_EINVAL);
    }
    dynptr_put(w, to, &d);
    return 0;
}

/* dynptr.c: dynamic pointers over local memory and ring-buffer records.
 *
 * The memory behind a dynptr is checked at every use, as the 16 bytes may have been forged. Packet
 * dynptrs, which only bpf_dynptr_from_skb and bpf_dynptr_from_xdp make, bpflab does not have: they
 * are answered like unknown types.
 */
#include "runtime/helper/dynptr.h"

#include "runtime/helper/arg.h"

enum {
    TYPE_SHIFT = 28,
    TYPE_MASK = 7,
};

#define RDONLY_BIT (UINT32_C(1) << 31)

bool dynptr_get(struct world *w, uint64_t addr, struct dynptr *d) {
    const uint8_t *p = world_ptr(w, addr, DYNPTR_BYTES, WORLD_READ);
    if (!p)
        return false;
    const uint32_t word = world_get32(w, p + 8);
    *d = (struct dynptr){
        .data = world_get64(w, p),
        .size = word & DYNPTR_MAX_SIZE,
        .offset = world_get32(w, p + 12),
        .type = (enum dynptr_type)(word >> TYPE_SHIFT & TYPE_MASK),
        .rdonly = word & RDONLY_BIT,
    };
    return true;
}

void dynptr_put(const struct world *w, void *p, const struct dynptr *d) {
    uint8_t *bytes = p;
    const uint32_t word = d->size | (uint32_t)d->type << TYPE_SHIFT | (d->rdonly ? RDONLY_BIT : 0);
    world_put64(w, bytes, d->data);
    world_put32(w, bytes + 8, word);
    world_put32(w, bytes + 12, d->offset);
}

void dynptr_clear(void *p) {
    memset(p, 0, DYNPTR_BYTES);
}

uint64_t dynptr_slice(const struct dynptr *d, uint32_t offset, uint32_t len, int *err) {
    *err = len > d->size || offset > d->size - len ? -LX_E2BIG : 0;
    return d->data + d->offset + offset;
}

static bool is_memory(const struct dynptr *d) {
    return d->type == DYNPTR_LOCAL || d->type == DYNPTR_RINGBUF;
}

uint64_t helper_dynptr_from_mem(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED1(r5);
    const uint32_t size = (uint32_t)r2;
    uint8_t *p = arg_write(w, r4, DYNPTR_BYTES);
    if (!p)
        return 0;
    if (size > DYNPTR_MAX_SIZE || r3) {
        dynptr_clear(p);
        return helper_err(size > DYNPTR_MAX_SIZE ? LX_E2BIG : LX_EINVAL);
    }
    if (!world_ptr(w, r1, size, WORLD_RW))
        return 0;
    dynptr_put(w, p, &(struct dynptr){.data = r1, .size = size, .type = DYNPTR_LOCAL});
    return 0;
}

uint64_t helper_dynptr_read(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                            struct world *w) {
    const uint32_t len = (uint32_t)r2;
    struct dynptr d;
    uint8_t *dst = arg_write(w, r1, len);
    if (!dst || !dynptr_get(w, r3, &d))
        return 0;
    if (!d.data || r5)
        return helper_err(LX_EINVAL);
    int err;
    const uint64_t at = dynptr_slice(&d, (uint32_t)r4, len, &err);
    if (err || !is_memory(&d))
        return arg_int(err ? err : -LX_EFAULT);
    const uint8_t *src = arg_read(w, at, len);
    if (src)
        memmove(dst, src, len);
    return 0;
}

uint64_t helper_dynptr_write(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    const uint32_t len = (uint32_t)r4;
    struct dynptr d;
    const uint8_t *src = arg_read(w, r3, len);
    if (!src || !dynptr_get(w, r1, &d))
        return 0;
    if (!d.data || d.rdonly)
        return helper_err(LX_EINVAL);
    int err;
    const uint64_t at = dynptr_slice(&d, (uint32_t)r2, len, &err);
    if (err || !is_memory(&d))
        return arg_int(err ? err : -LX_EFAULT);
    if (r5)
        return helper_err(LX_EINVAL);
    uint8_t *dst = arg_write(w, at, len);
    if (dst)
        memmove(dst, src, len);
    return 0;
}

uint64_t helper_dynptr_data(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                            struct world *w) {
    HELPER_UNUSED2(r4, r5);
    struct dynptr d;
    if (!dynptr_get(w, r1, &d) || !d.data)
        return 0;
    int err;
    const uint64_t at = dynptr_slice(&d, (uint32_t)r2, (uint32_t)r3, &err);
    return err || d.rdonly || !is_memory(&d) ? 0 : at;
}

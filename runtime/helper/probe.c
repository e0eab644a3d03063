/* probe.c: reads and writes of memory that nobody vouched for: they fail, they never trap.
 *
 * The world's scratch is what user space owns; everything readable in the world is what the kernel
 * can read, so that its own objects may lie in scratch too. Other addresses fault as they would on
 * x86-64: a kernel read with -ERANGE where the kernel has no memory, else with -EFAULT. On failure
 * the destination, which the verifier vouched for, is all zeros.
 */
#include "runtime/helper/probe.h"

#include "runtime/helper/arg.h"

/* The last user address, and the first kernel address, on x86-64. */
#define USER_MAX     UINT64_C(0x7ffffffff000)
#define KERNEL_START UINT64_C(0xffff800000000000)

static bool in_user_memory(uint64_t addr, uint64_t n_bytes) {
    const uint64_t off = world_off(addr) - WORLD_SCRATCH_OFF;
    return off < WORLD_SCRATCH_BYTES && n_bytes <= WORLD_SCRATCH_BYTES - off;
}

/* Why addr cannot be read. The world's own memory is the kernel's. */
static int fault_at(uint64_t addr, enum probe_space space) {
    const bool in_world = world_off(addr) < WORLD_BYTES;
    if (space == PROBE_USER || (space == PROBE_EITHER && addr <= USER_MAX))
        return -LX_EFAULT;
    return addr < KERNEL_START && !in_world ? -LX_ERANGE : -LX_EFAULT;
}

/* Reading nothing fails where the address alone tells that it is the wrong kind. */
static int read_nothing(uint64_t addr, enum probe_space space) {
    if (in_user_memory(addr, 0))
        return 0;
    const bool user = addr <= USER_MAX && world_off(addr) >= WORLD_BYTES;
    if (space == PROBE_USER)
        return user ? 0 : -LX_EFAULT;
    if (space == PROBE_EITHER && user)
        return 0;
    return fault_at(addr, space) == -LX_ERANGE ? -LX_ERANGE : 0;
}

/* Host address of what can be read there, or NULL. */
static const uint8_t *source(const struct world *w, uint64_t addr, uint64_t n_bytes,
                             enum probe_space space) {
    if (space == PROBE_USER && !in_user_memory(addr, n_bytes))
        return NULL;
    return world_peek(w, addr, n_bytes, WORLD_READ);
}

int probe_bytes(const struct world *w, void *dst, uint32_t n_bytes, uint64_t src_addr,
                enum probe_space space) {
    const uint8_t *src = source(w, src_addr, n_bytes, space);
    if (!src)
        return fault_at(src_addr, space);
    memmove(dst, src, n_bytes);
    return 0;
}

static uint64_t read_block(struct world *w, uint64_t dst_addr, uint64_t size, uint64_t src_addr,
                           enum probe_space space) {
    const uint32_t n = (uint32_t)size;
    uint8_t *dst = arg_write(w, dst_addr, n);
    if (!dst)
        return 0;
    if (!n)
        return arg_int(read_nothing(src_addr, space));
    const int err = probe_bytes(w, dst, n, src_addr, space);
    if (err)
        memset(dst, 0, n);
    return arg_int(err);
}

int64_t probe_string(const struct world *w, void *dst, uint32_t n_bytes, uint64_t src_addr,
                     enum probe_space space) {
    uint8_t *out = dst;
    for (uint32_t i = 0; i < n_bytes; i++) {
        const uint8_t *src = source(w, src_addr + i, 1, space);
        if (!src)
            return fault_at(src_addr, space);
        out[i] = *src;
        if (!out[i])
            return i + 1;
    }
    if (n_bytes)
        out[n_bytes - 1] = 0;
    return n_bytes;
}

static uint64_t read_string(struct world *w, uint64_t dst_addr, uint64_t size, uint64_t src_addr,
                            enum probe_space space) {
    const uint32_t n = (uint32_t)size;
    uint8_t *dst = arg_write(w, dst_addr, n);
    if (!dst)
        return 0;
    const int64_t got = probe_string(w, dst, n, src_addr, space);
    if (got < 0)
        memset(dst, 0, n);
    return arg_int(got);
}

uint64_t helper_probe_read(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                           struct world *w) {
    HELPER_UNUSED2(r4, r5);
    return read_block(w, r1, r2, r3, PROBE_EITHER);
}

uint64_t helper_probe_read_kernel(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED2(r4, r5);
    return read_block(w, r1, r2, r3, PROBE_KERNEL);
}

uint64_t helper_probe_read_user(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED2(r4, r5);
    return read_block(w, r1, r2, r3, PROBE_USER);
}

uint64_t helper_probe_read_str(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED2(r4, r5);
    return read_string(w, r1, r2, r3, PROBE_EITHER);
}

uint64_t helper_probe_read_kernel_str(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                      uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    return read_string(w, r1, r2, r3, PROBE_KERNEL);
}

uint64_t helper_probe_read_user_str(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                    struct world *w) {
    HELPER_UNUSED2(r4, r5);
    return read_string(w, r1, r2, r3, PROBE_USER);
}

uint64_t helper_copy_from_user(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED2(r4, r5);
    return (uint32_t)r2 ? read_block(w, r1, r2, r3, PROBE_USER) : 0;
}

/* There is one task, and so one user memory. */
uint64_t helper_copy_from_user_task(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                    struct world *w) {
    HELPER_UNUSED1(r4);
    if (r5)
        return helper_err(LX_EINVAL);
    return (uint32_t)r2 ? read_block(w, r1, r2, r3, PROBE_USER) : 0;
}

uint64_t helper_probe_write_user(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const uint32_t n = (uint32_t)r3;
    const uint8_t *src = arg_read(w, r2, n);
    if (!src || !n)
        return 0;
    if (w->env->task.kthread)
        return helper_err(LX_EPERM);
    uint8_t *dst = in_user_memory(r1, n) ? world_peek(w, r1, n, WORLD_WRITE) : NULL;
    if (!dst)
        return helper_err(LX_EFAULT);
    memmove(dst, src, n);
    return 0;
}

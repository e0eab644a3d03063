/* stack.c: call stacks, as the environment has them. */
#include "runtime/helper/arg.h"
#include "runtime/map/stacktrace.h"

enum {
    STACK_USER_BUILD_ID = 1 << 11,
    BUILD_ID_IP = 2,      /* status: no build id, only an address */
    BUILD_ID_IP_OFF = 24, /* in struct bpf_stack_build_id */
};

static const struct env_stack *stack_of(const struct world *w, uint64_t flags) {
    return flags & STACK_USER ? &w->env->user_stack : &w->env->kernel_stack;
}

/* How deep the stack is; a kernel thread has none in user space. */
static uint32_t stack_depth(const struct world *w, uint64_t flags) {
    if (flags & STACK_USER && w->env->task.kthread)
        return 0;
    const uint32_t n = stack_of(w, flags)->n;
    return n < ENV_STACK_DEPTH ? n : ENV_STACK_DEPTH;
}

uint64_t helper_get_stackid(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                            struct world *w) {
    HELPER_UNUSED3(r1, r4, r5);
    struct map *m = arg_map_of(w, r2, MAP_stack_trace);
    if (!m)
        return 0;
    return arg_int(stackmap_put(w, m, stack_of(w, r3)->ip, stack_depth(w, r3), r3));
}

/* Are the flags and size such that Linux would walk the stack? */
static bool can_walk(uint64_t flags, uint32_t size, uint32_t elem_bytes) {
    const uint64_t known = STACK_SKIP_MASK | STACK_USER | STACK_USER_BUILD_ID;
    if (flags & ~known || (flags & STACK_USER_BUILD_ID && !(flags & STACK_USER)))
        return false;
    return size % elem_bytes == 0;
}

/* Write the stack without its first skip entries into buf, zeros behind it.
 * out: bytes of entries, or -errno */
static uint64_t put_stack(struct world *w, uint64_t addr, uint32_t size, uint64_t flags) {
    const uint32_t elem_bytes = flags & STACK_USER_BUILD_ID ? STACK_BUILD_ID_BYTES : 8;
    const uint32_t skip = flags & STACK_SKIP_MASK;
    uint8_t *buf = arg_write(w, addr, size);
    if (!buf)
        return 0;
    memset(buf, 0, size);
    if (!can_walk(flags, size, elem_bytes))
        return helper_err(LX_EINVAL);
    const uint32_t depth = stack_depth(w, flags), max = size / elem_bytes + skip;
    const uint32_t n = depth < max ? depth : max;
    if (n < skip)
        return helper_err(LX_EFAULT);
    for (uint32_t i = skip; i < n; i++, buf += elem_bytes) {
        const uint64_t ip = stack_of(w, flags)->ip[i];
        if (elem_bytes == 8) {
            world_put64(w, buf, ip);
        } else {
            world_put32(w, buf, BUILD_ID_IP);
            world_put64(w, buf + BUILD_ID_IP_OFF, ip);
        }
    }
    return (uint64_t)(n - skip) * elem_bytes;
}

uint64_t helper_get_stack(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                          struct world *w) {
    HELPER_UNUSED2(r1, r5);
    return put_stack(w, r2, (uint32_t)r3, r4);
}

/* There is one task. A kernel thread has no user registers to start from. */
uint64_t helper_get_task_stack(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED2(r1, r5);
    const uint32_t size = (uint32_t)r3;
    const uint32_t elem_bytes = r4 & STACK_USER_BUILD_ID ? STACK_BUILD_ID_BYTES : 8;
    if (!w->env->task.kthread || !(r4 & STACK_USER) || !can_walk(r4, size, elem_bytes))
        return put_stack(w, r2, size, r4);
    uint8_t *buf = arg_write(w, r2, size);
    if (buf)
        memset(buf, 0, size);
    return helper_err(LX_EFAULT);
}

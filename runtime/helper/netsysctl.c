/* netsysctl.c: what cgroup_sysctl programs read and write: the knob's name, its value, the value
 * to be. */
#include "runtime/helper/net.h"

static uint32_t str_bytes(const char *s) {
    const char *end = memchr(s, 0, NET_STR_MAX);
    return end ? (uint32_t)(end - s) : NET_STR_MAX;
}

uint64_t helper_sysctl_get_name(uint64_t ctx, uint64_t buf, uint64_t buf_len, uint64_t flags,
                                uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    enum {
        BASE_NAME = 1
    };
    uint8_t *out = arg_net(w, ctx) ? arg_write(w, buf, buf_len) : NULL;
    if (!out)
        return 0;
    const char *name = net_env_of(w)->in.sysctl.name;
    uint32_t n = str_bytes(name);
    if (flags & BASE_NAME)
        for (uint32_t i = n; i-- > 0;)
            if (name[i] == '/') {
                name += i + 1;
                n -= i + 1;
                break;
            }
    if (!buf_len)
        return helper_err(LX_E2BIG);
    const uint64_t fits = n < buf_len ? n : buf_len - 1;
    memcpy(out, name, fits);
    out[fits] = 0;
    return fits < n ? helper_err(LX_E2BIG) : n;
}

/* copy_value: Linux's rule: what is left of the buffer is cleared; one that is too short ends in
 * NUL. */
static uint64_t copy_value(uint8_t *out, uint64_t size, const char *value, uint32_t n) {
    if (!size)
        return helper_err(LX_E2BIG);
    memset(out, 0, size);
    if (!n)
        return helper_err(LX_EINVAL);
    memcpy(out, value, n < size ? n : size);
    if (n < size)
        return n;
    out[size - 1] = 0;
    return helper_err(LX_E2BIG);
}

uint64_t helper_sysctl_get_current_value(uint64_t ctx, uint64_t buf, uint64_t buf_len, uint64_t r4,
                                         uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    uint8_t *out = arg_net(w, ctx) ? arg_write(w, buf, buf_len) : NULL;
    const char *value = net_env_of(w)->in.sysctl.cur;
    return out ? copy_value(out, buf_len, value, str_bytes(value)) : 0;
}

uint64_t helper_sysctl_get_new_value(uint64_t ctx, uint64_t buf, uint64_t buf_len, uint64_t r4,
                                     uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const struct net_state *st = arg_net(w, ctx);
    uint8_t *out = st ? arg_write(w, buf, buf_len) : NULL;
    const char *value = net_env_of(w)->in.sysctl.new_value;
    if (!out)
        return 0;
    if (!ctx_get32(w, CTX_sysctl_write)) {
        memset(out, 0, buf_len);
        return helper_err(LX_EINVAL);
    }
    if (st->sysctl_updated)
        return copy_value(out, buf_len, st->sysctl_new, st->sysctl_new_bytes);
    return copy_value(out, buf_len, value, str_bytes(value));
}

uint64_t helper_sysctl_set_new_value(uint64_t ctx, uint64_t buf, uint64_t buf_len, uint64_t r4,
                                     uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    enum {
        PAGE = 4096
    };
    struct net_state *st = arg_net(w, ctx);
    const uint8_t *in = st ? arg_read(w, buf, buf_len) : NULL;
    if (!in)
        return 0;
    const bool writes =
        ctx_get32(w, CTX_sysctl_write) && str_bytes(net_env_of(w)->in.sysctl.new_value);
    if (!writes || !buf_len)
        return helper_err(LX_EINVAL);
    if (buf_len > PAGE - 1)
        return helper_err(LX_E2BIG);
    memcpy(st->sysctl_new, in, buf_len);
    st->sysctl_new_bytes = (uint32_t)buf_len;
    st->sysctl_updated = true;
    return 0;
}

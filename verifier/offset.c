/* offset.c: offsets of pointers. */
#include "verifier/offset.h"

static bool within_limit(int64_t x) {
    return x > -OFFSET_LIMIT && x < OFFSET_LIMIT;
}

bool offset_is_sane(struct offset o) {
    const bool known = scalar_is_const(o.var);
    return within_limit(o.fixed) && within_limit(o.var.s.min) &&
           (!known || within_limit((int64_t)o.var.bits.value));
}

struct offset offset_moved(struct offset o, bool add, struct scalar by) {
    if (scalar_is_const(by)) {
        const int64_t k =
            (int64_t)by.bits.value; /* both within the limit: no overflow of 32 bits */
        o.fixed = (int32_t)(add ? o.fixed + k : o.fixed - k);
        return o;
    }
    o.var = add ? scalar_add(SCALAR_64, o.var, by) : scalar_sub(SCALAR_64, o.var, by);
    return o;
}

bool offset_is_bounded(struct scalar var) {
    return scalar_is_const(var) || (within_limit(var.s.min) && within_limit(var.s.max));
}

struct window offset_window(struct offset o, int32_t off, int64_t n_bytes) {
    const int64_t fixed = (int64_t)o.fixed + off;
    return (struct window){o.var.s.min + fixed, o.var.s.max + fixed + n_bytes};
}

bool window_in_stack(struct window w, int64_t lowest) {
    return w.min >= lowest && w.min <= -1 && w.max <= 0;
}

bool fill_is_low(uint32_t first, uint32_t n_bytes, uint32_t kept_bytes, bool big_endian) {
    return n_bytes <= kept_bytes && first == (big_endian ? kept_bytes - n_bytes : 0);
}

bool offset_span_inside(int64_t off, int64_t n_bytes, bool zero_ok, uint64_t object_bytes) {
    return off >= 0 && (n_bytes > 0 || (n_bytes == 0 && zero_ok)) &&
           (uint64_t)off <= object_bytes && (uint64_t)n_bytes <= object_bytes - (uint64_t)off;
}

enum offset_place offset_in_object(struct offset o, struct span span, uint64_t object_bytes,
                                   int64_t *at) {
    const int64_t fixed = (int64_t)o.fixed + span.off, least = o.var.s.min;
    /* 64 bits hold both sums: fixed is within 2^32, what varies is checked first */
    if (least < 0 && (least <= -INT64_C(4294967296) || least + fixed < 0))
        return OFFSET_NEGATIVE;
    *at = (least < OFFSET_LIMIT ? least : OFFSET_LIMIT) + fixed;
    if (least >= OFFSET_LIMIT || !offset_span_inside(*at, span.n_bytes, span.zero_ok, object_bytes))
        return OFFSET_LOW_OUTSIDE;
    if (o.var.u.max >= OFFSET_LIMIT)
        return OFFSET_UNBOUNDED;
    *at = (int64_t)o.var.u.max + fixed;
    return offset_span_inside(*at, span.n_bytes, span.zero_ok, object_bytes) ? OFFSET_INSIDE
                                                                             : OFFSET_HIGH_OUTSIDE;
}

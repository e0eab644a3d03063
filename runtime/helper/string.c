/* string.c: numbers from text, and comparison. */
#include "runtime/helper/arg.h"
#include "runtime/helper/kctype.h"

enum {
    TEXT_MAX = 63 /* characters looked at after white space and sign */
};

#define BASE_MASK UINT64_C(0x1f) /* of the flags; the others must be 0 */

/* The value of a digit, 16 or more for anything else. */
static unsigned digit_value(uint8_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16u;
}

/* struct text: what is left to read; past the end it reads as NUL. */
struct text {
    const uint8_t *p;
    size_t n;
};

static uint8_t text_at(struct text t, size_t i) {
    return i < t.n ? t.p[i] : 0;
}

/* Length of the prefix that says which base (0: to be found out) follows; sets the base. */
static size_t read_prefix(struct text t, unsigned *base) {
    const bool zero = text_at(t, 0) == '0', x = (text_at(t, 1) | 0x20) == 'x';
    if (*base == 0)
        *base = !zero ? 10 : x && digit_value(text_at(t, 2)) < 16 ? 16 : 8;
    return *base == 16 && zero && x ? 2 : 0;
}

/* Digits of the base from i on.
 * out:    their number in *n_digits.
 * errors: -ERANGE above 64 bits */
static int read_digits(struct text t, size_t i, unsigned base, uint64_t *value, size_t *n_digits) {
    const size_t first = i;
    bool too_big = false;
    *value = 0;
    for (; i < t.n; i++) {
        const unsigned d = digit_value(t.p[i]);
        if (d >= base)
            break;
        too_big = too_big || *value > (UINT64_MAX - d) / base;
        *value = *value * base + d;
    }
    *n_digits = i - first;
    return too_big ? -LX_ERANGE : 0;
}

/* Sign and magnitude at the start of the text.
 * out: how many bytes they take, or a negative errno. */
static int64_t read_number(const uint8_t *buf, size_t n_bytes, uint64_t flags, bool *negative,
                           uint64_t *value) {
    unsigned base = (unsigned)(flags & BASE_MASK);
    if (!n_bytes || (base != 0 && base != 8 && base != 10 && base != 16) || flags > BASE_MASK)
        return -LX_EINVAL;
    size_t i = 0, n_digits;
    while (i < n_bytes && kctype_space(buf[i]))
        i++;
    *negative = i < n_bytes && buf[i] == '-';
    i += *negative;
    if (i == n_bytes)
        return -LX_EINVAL;
    const struct text t = {buf + i, n_bytes - i < TEXT_MAX ? n_bytes - i : TEXT_MAX};
    const size_t prefix = read_prefix(t, &base);
    const int err = read_digits(t, prefix, base, value, &n_digits);
    if (err)
        return err;
    return n_digits ? (int64_t)(i + prefix + n_digits) : -LX_EINVAL;
}

/* struct parse: the arguments of bpf_strtol and bpf_strtoul, read. */
struct parse {
    uint8_t *res; /* where the number goes: 0 for now */
    uint64_t value;
    bool negative;
};

/* out: how many bytes the number takes, or a negative errno; 0 with a trap pending */
static int64_t parse(struct world *w, uint64_t addr, uint64_t n_bytes, uint64_t flags, uint64_t res,
                     struct parse *p) {
    const uint8_t *buf = arg_read(w, addr, n_bytes);
    p->res = arg_write(w, res, 8);
    if (!buf || !p->res)
        return 0;
    world_put64(w, p->res, 0);
    return read_number(buf, n_bytes, flags, &p->negative, &p->value);
}

uint64_t helper_strtol(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                       struct world *w) {
    HELPER_UNUSED1(r5);
    struct parse p;
    const int64_t n = parse(w, r1, r2, r3, r4, &p);
    if (n <= 0)
        return arg_int(n);
    if (p.value > (uint64_t)INT64_MAX + p.negative)
        return helper_err(LX_ERANGE);
    world_put64(w, p.res, p.negative ? 0 - p.value : p.value);
    return arg_int(n);
}

uint64_t helper_strtoul(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                        struct world *w) {
    HELPER_UNUSED1(r5);
    struct parse p;
    const int64_t n = parse(w, r1, r2, r3, r4, &p);
    if (n <= 0)
        return arg_int(n);
    if (p.negative)
        return helper_err(LX_EINVAL);
    world_put64(w, p.res, p.value);
    return arg_int(n);
}

/* The second string is a constant: it ends, or is at least as long as the first may be. */
uint64_t helper_strncmp(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                        struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const uint32_t max = (uint32_t)r2;
    const int64_t len = world_cstr(w, r3, max);
    const uint32_t n2 = len < 0 ? max : (uint32_t)len + 1;
    const uint8_t *s1 = arg_read(w, r1, max), *s2 = arg_read(w, r3, n2);
    if (!s1 || !s2)
        return 0;
    for (uint32_t i = 0; i < max; i++) {
        if (s1[i] != s2[i])
            return s1[i] < s2[i] ? UINT64_MAX : 1;
        if (!s1[i])
            break;
    }
    return 0;
}

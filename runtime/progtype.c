/* progtype.c: the tables of runtime/progtype.def, and the questions asked of them. Pure data: no
 * world.
 */
#include "runtime/progtype.h"

#include <stddef.h>

#include "runtime/typemask.h"

/* Sets of access sizes, as the rows name them. */
enum {
    NO = 0,
    B = 1,
    BH = 3,
    BHW = 7,
    HW = 6,
    W = 4,
    WDW = 12,
    DW = 8,
    ANY = 15
};
enum {
    FLAG_0 = 0,
    FLAG_START = CTX_F_START,
    FLAG_PAD = CTX_F_PAD
};

/* clang-format off */
#define LAYOUT(id, name, bytes) static const struct ctx_field fields_##id[] = {
#define F(id, name, off, size, elem, kind, rd, wr, flags) \
    {#name, off, size, elem, CTX_##kind, rd, wr, FLAG_##flags},
#define END(id) {0}};
#include "runtime/progtype.def"

/* Index of each field in its layout, and how many there are. */
#define LAYOUT(id, name, bytes) enum {
#define F(id, name, off, size, elem, kind, rd, wr, flags) I_##id##_##name,
#define END(id) N_FIELDS_##id };
#include "runtime/progtype.def"

/* The rows against themselves: no gap, no overlap, no field too many. */
#define LAYOUT(id, name, bytes) struct shape_##id {
#define F(id, name, off, size, elem, kind, rd, wr, flags) uint8_t name[size];
#define END(id) uint8_t end_; };
#include "runtime/progtype.def"
#define LAYOUT(id, name, bytes) _Static_assert(offsetof(struct shape_##id, end_) == (bytes), name);
#define F(id, name, off, size, elem, kind, rd, wr, flags) \
    _Static_assert(offsetof(struct shape_##id, name) == (off) && (size) % (elem) == 0, #id #name);
#define END(id) _Static_assert((int)N_FIELDS_##id <= PROGTYPE_MAX_FIELDS, #id);
#include "runtime/progtype.def"

#define LAYOUT(id, name, bytes) enum { BYTES_##id = bytes }; static const char NAME_##id[] = name;
#define F(id, name, off, size, elem, kind, rd, wr, flags)
#define END(id)
#include "runtime/progtype.def"
#define LAYOUT(id, name, bytes) \
    static const struct ctx_layout layout_##id = {name, bytes, N_FIELDS_##id, fields_##id};
#define F(id, name, off, size, elem, kind, rd, wr, flags)
#define END(id)
#include "runtime/progtype.def"

#define RETS(id) static const char *rets_##id(uint64_t r0) { switch ((uint32_t)r0) {
#define RET(value, name) case value: return name;
#define END_RETS default: return NULL; } }
#include "runtime/progtype.def"
/* clang-format on */

/* What the rows' masks are written with. */
#define B(layout, field) (UINT64_C(1) << I_##layout##_##field)
#define FROM(l, a, b)    (((B(l, b) << 1) - 1) & ~(B(l, a) - 1)) /* fields a to b */
#define ALL              (~UINT64_C(0))
#define NONE             UINT64_C(0)
#define SKB(field)       B(sk_buff, field)
#define SKB_PAIR         FROM(sk_buff, family, local_port)
#define SKB_NEVER        (SKB(flow_keys) | SKB(tstamp_type) | SKB(pad_181))
#define SKB_CB           SKB(cb)
#define SKB_LWT_WRITE    (SKB(mark) | SKB(priority) | SKB_CB)
#define SKB_LWT                                                                                    \
    (ALL & ~(SKB_NEVER | SKB(tc_classid) | SKB_PAIR | SKB(data_meta) | SKB(tstamp) |               \
             SKB(wire_len) | SKB(hwtstamp)))
#define SKB_FILTER (SKB_LWT & ~(SKB(data) | SKB(data_end)))
#define SKB_CGROUP (ALL & ~(SKB_NEVER | SKB(tc_classid) | SKB(data_meta) | SKB(wire_len)))
#define SKB_TC     (ALL & ~(SKB(flow_keys) | SKB(pad_181) | SKB_PAIR))
#define SKB_TC_WRITE                                                                               \
    (SKB(mark) | SKB(tc_index) | SKB(priority) | SKB(tc_classid) | SKB_CB | SKB(tstamp) |          \
     SKB(queue_mapping))
#define SKB_SK                                                                                     \
    (ALL & ~(SKB_NEVER | SKB(tc_classid) | SKB(data_meta) | SKB(tstamp) | SKB(wire_len) |          \
             SKB(hwtstamp) | SKB(mark)))
#define SOCK_ADDR_WRITE                                                                            \
    (B(sock_addr, user_ip4) | B(sock_addr, user_ip6) | B(sock_addr, user_port) |                   \
     B(sock_addr, msg_src_ip4) | B(sock_addr, msg_src_ip6))

#define A(name) ATTACH_BIT(ATTACH_##name)
#define A_0     ATTACH_BIT(0)
#define A_NONE  UINT64_C(0)
#define SOCK_ADDR_INET4                                                                            \
    (A(cgroup_inet4_bind) | A(cgroup_inet4_connect) | A(cgroup_inet4_getpeername) |                \
     A(cgroup_inet4_getsockname) | A(cgroup_udp4_sendmsg) | A(cgroup_udp4_recvmsg))
#define SOCK_ADDR_INET6                                                                            \
    (A(cgroup_inet6_bind) | A(cgroup_inet6_connect) | A(cgroup_inet6_getpeername) |                \
     A(cgroup_inet6_getsockname) | A(cgroup_udp6_sendmsg) | A(cgroup_udp6_recvmsg))
#define MASK(layout, fields) ((fields) & ((UINT64_C(1) << N_FIELDS_##layout) - 1))

/* Words of the rows' flags and capabilities. */
enum {
    OPAQUE = 1 << 0,
    VAR_OFF = 1 << 1,
    PKT_WRITE = 1 << 2,
    PKT_ARG = 1 << 3,
    PKT_ARG_ALL = 1 << 4,
    LD_ABS = 1 << 5,
    NO_LOCK = 1 << 6,
    NO_ASYNC = 1 << 7,
    TARGET = 1 << 8,
    MUST_SLEEP = 1 << 9,
    TRACES = NO_LOCK | NO_ASYNC,
};
enum {
    BPF = PROG_CAP_BPF,
    NET_ADMIN = PROG_CAP_BPF | PROG_CAP_NET_ADMIN,
    PERFMON = PROG_CAP_BPF | PROG_CAP_PERFMON,
};

static const struct progtype types[] = {
#define TYPE(id, layout, start, fl, cap, min, max, rets, rd, wr)                                   \
    {                                                                                              \
        .type = PROG_##id,                                                                         \
        .name = #id,                                                                               \
        .ctx_name = NAME_##layout,                                                                 \
        .ctx_bytes = BYTES_##layout,                                                               \
        .fields = fields_##layout,                                                                 \
        .n_fields = N_FIELDS_##layout,                                                             \
        .read = MASK(layout, rd),                                                                  \
        .write = MASK(layout, wr),                                                                 \
        .opaque = ((fl) & OPAQUE) != 0,                                                            \
        .var_off = ((fl) & VAR_OFF) != 0,                                                          \
        .packet = (start) != PKT_NONE,                                                             \
        .pkt_start = start,                                                                        \
        .pkt_write = ((fl) & PKT_WRITE) != 0,                                                      \
        .pkt_arg = ((fl) & PKT_ARG) != 0,                                                          \
        .pkt_arg_all = ((fl) & PKT_ARG_ALL) != 0,                                                  \
        .ld_abs = ((fl) & LD_ABS) != 0,                                                            \
        .no_lock = ((fl) & NO_LOCK) != 0,                                                          \
        .no_async = ((fl) & NO_ASYNC) != 0,                                                        \
        .target = ((fl) & TARGET) != 0,                                                            \
        .must_sleep = ((fl) & MUST_SLEEP) != 0,                                                    \
        .caps = cap,                                                                               \
        .ret_min = min,                                                                            \
        .ret_max = max,                                                                            \
        .ret_name = rets_##rets,                                                                   \
    },
#include "runtime/progtype.def"
};

static const struct ctx_rule rules[] = {
#define RULE(type, fields, rd, wr) {PROG_##type, fields, rd, wr},
#include "runtime/progtype.def"
};

static const struct {
    uint32_t type;
    uint64_t attach;
    int64_t min, max;
    bool half;
} ranges[] = {
#define WHOLE                               false
#define HALF                                true
#define RANGE(type, attach, min, max, half) {PROG_##type, attach, min, max, half},
#include "runtime/progtype.def"
};

/* struct attach_set: attach types of a program type. */
struct attach_set {
    uint32_t type;
    uint64_t attach;
};

static const struct attach_set attaches[] = {
#define ATTACHES(type, attach) {PROG_##type, attach},
#include "runtime/progtype.def"
};

static const struct attach_set sleepable[] = {
#define SLEEPABLE(type, attach) {PROG_##type, attach},
#include "runtime/progtype.def"
};

static const struct attach_set trusts[] = {
#define TRUSTS(type, attach) {PROG_##type, attach},
#include "runtime/progtype.def"
};

static const struct {
    uint32_t type;
    uint64_t read, write;
} privileged[] = {
#define PRIVILEGED(type, rd, wr) {PROG_##type, rd, wr},
#include "runtime/progtype.def"
};

static const struct {
    const struct ctx_field *field;
    const char *btf;
} btf_fields[] = {
#define FIELD_BTF(layout, name, type) {&fields_##layout[I_##layout##_##name], type},
#include "runtime/progtype.def"
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum {
    N_TYPES = COUNT(types),
    N_RULES = COUNT(rules),
    N_RANGES = COUNT(ranges),
};

/* Types are in order of number, from socket_filter = 1 without a gap; raw is the last. */
const struct progtype *progtype_of(uint32_t type) {
    uint32_t i = type == PROG_raw ? N_TYPES - 1 : type - 1;
    return i < N_TYPES && types[i].type == type ? &types[i] : NULL;
}

static const struct ctx_field *find_field(const struct ctx_field *fields, uint32_t n,
                                          uint32_t off) {
    uint32_t lo = 0, hi = n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (off >= (uint32_t)fields[mid].off + fields[mid].size)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n ? &fields[lo] : NULL;
}

const struct ctx_field *progtype_field(const struct progtype *pt, uint32_t off) {
    return find_field(pt->fields, pt->n_fields, off);
}

/* The field's own rules: alignment, size, and where in it the access lies. The end of an opaque
 * context is the input's to say, so that it may be crossed here. */
static bool field_allows(const struct ctx_field *f, uint32_t off, uint32_t size, bool write,
                         bool opaque) {
    uint32_t end = (uint32_t)f->off + f->size;
    if (off % size || !((write ? f->wr : f->rd) & size))
        return false;
    if ((f->flags & CTX_F_START) && off != f->off)
        return false;
    if ((f->flags & CTX_F_PAD) && size == 4)
        return off == f->off;
    return off + size <= end || opaque;
}

/* rule_allows: what the attach type makes of a field that the type's masks allow. */
static bool rule_allows(uint32_t type, uint64_t bit, int attach_type, bool write) {
    if (attach_type < 0)
        return true;
    for (uint32_t i = 0; i < N_RULES; i++) {
        const struct ctx_rule *r = &rules[i];
        if (r->type == type && (r->fields & bit))
            return attach_type < 64 &&
                   ((write ? r->write_attach : r->read_attach) >> attach_type & 1);
    }
    return true;
}

bool progtype_access(const struct progtype *pt, int attach_type, uint32_t off, uint32_t size,
                     bool write) {
    const struct ctx_field *f = progtype_field(pt, off);
    if (!f)
        return false;
    uint64_t bit = UINT64_C(1) << (f - pt->fields);
    return ((write ? pt->write : pt->read) & bit) &&
           field_allows(f, off, size, write, pt->opaque) &&
           rule_allows(pt->type, bit, attach_type, write);
}

/* The row of the range that an attach type has, N_RANGES if it has none of its own. */
static uint32_t range_row(const struct progtype *pt, int attach_type) {
    uint32_t i = 0;
    while (i < N_RANGES && (ranges[i].type != pt->type || attach_type == -1 ||
                            !(ranges[i].attach & attach_bits_of(attach_type))))
        i++;
    return i;
}

void progtype_returns(const struct progtype *pt, int attach_type, int64_t *min, int64_t *max) {
    const uint32_t i = range_row(pt, attach_type);
    *min = i < N_RANGES ? ranges[i].min : pt->ret_min;
    *max = i < N_RANGES ? ranges[i].max : pt->ret_max;
}

bool progtype_returns_low(const struct progtype *pt, int attach_type) {
    const uint32_t i = range_row(pt, attach_type);
    return i < N_RANGES && ranges[i].half;
}

/* Is the attach type in the type's set; absent: the answer for types without a row. */
static bool in_set(const struct attach_set *sets, size_t n, const struct progtype *pt,
                   int attach_type, bool absent) {
    for (size_t i = 0; i < n; i++)
        if (sets[i].type == pt->type)
            return (sets[i].attach & attach_bits_of(attach_type)) != 0;
    return absent;
}

bool progtype_attaches(const struct progtype *pt, int attach_type) {
    return in_set(attaches, COUNT(attaches), pt, attach_type, true);
}

bool progtype_may_sleep(const struct progtype *pt, int attach_type) {
    return in_set(sleepable, COUNT(sleepable), pt, attach_type, false);
}

bool progtype_trusts_args(const struct progtype *pt, int attach_type) {
    return in_set(trusts, COUNT(trusts), pt, attach_type, false);
}

bool progtype_privileged(const struct progtype *pt, uint32_t off, bool write) {
    const struct ctx_field *f = progtype_field(pt, off);
    for (size_t i = 0; f && i < COUNT(privileged); i++)
        if (privileged[i].type == pt->type)
            return ((write ? privileged[i].write : privileged[i].read) >> (f - pt->fields) & 1) !=
                   0;
    return false;
}

const char *progtype_btf(const struct progtype *pt, uint32_t off) {
    const struct ctx_field *f = progtype_field(pt, off);
    for (size_t i = 0; f && i < COUNT(btf_fields); i++)
        if (btf_fields[i].field == f)
            return btf_fields[i].btf;
    return NULL;
}

static const struct {
    const struct ctx_layout *layout;
    uint64_t read, write;
} objects[N_CTX_OBJECTS] = {
    [OBJ_SOCK] = {&layout_sock, MASK(sock, ALL & ~B(sock, pad_50)), NONE},
    [OBJ_SOCK_COMMON] = {&layout_sock,
                         MASK(sock, ALL & ~(B(sock, pad_50) | FROM(sock, type, priority))), NONE},
    [OBJ_TCP_SOCK] = {&layout_tcp_sock, MASK(tcp_sock, ALL), NONE},
    [OBJ_XDP_SOCK] = {&layout_xdp_sock, MASK(xdp_sock, ALL), NONE},
    [OBJ_FLOW_KEYS] = {&layout_flow_keys, MASK(flow_keys, ALL), MASK(flow_keys, ALL)},
};

const struct ctx_layout *ctx_object_of(enum ctx_object obj, uint64_t *read, uint64_t *write) {
    if (read)
        *read = objects[obj].read;
    if (write)
        *write = objects[obj].write;
    return objects[obj].layout;
}

bool ctx_object_access(enum ctx_object obj, uint32_t off, uint32_t size, bool write) {
    const struct ctx_layout *l = objects[obj].layout;
    const struct ctx_field *f = find_field(l->fields, l->n_fields, off);
    if (!f || !((write ? objects[obj].write : objects[obj].read) >> (f - l->fields) & 1))
        return false;
    return field_allows(f, off, size, write, false);
}

/* reach: how far from byte off the accesses to the field that cover it go. */
static uint32_t reach(const struct ctx_field *f, uint32_t off, bool write, bool opaque) {
    uint32_t far = 0;
    for (uint32_t size = 1; size <= 8; size *= 2) {
        const uint32_t start = off & ~(size - 1);
        if (start >= f->off && field_allows(f, start, size, write, opaque) &&
            start + size - off > far)
            far = start + size - off;
    }
    return far;
}

static void fill_shadow(const struct ctx_field *f, uint64_t read, uint64_t write, bool opaque,
                        uint32_t n_bytes, uint8_t *out) {
    for (uint32_t off = 0, i = 0; off < n_bytes; off++) {
        if (off >= (uint32_t)f[i].off + f[i].size)
            i++;
        uint32_t rd = read >> i & 1 ? reach(&f[i], off, false, opaque) : 0;
        uint32_t wr = write >> i & 1 ? reach(&f[i], off, true, opaque) : 0;
        out[off] = (uint8_t)(rd << 4 | wr);
    }
}

void progtype_shadow(const struct progtype *pt, uint32_t n_bytes, uint8_t *out) {
    uint32_t n = n_bytes < pt->ctx_bytes ? n_bytes : pt->ctx_bytes;
    fill_shadow(pt->fields, pt->read, pt->write, pt->opaque, n, out);
    for (uint32_t i = n; i < n_bytes; i++)
        out[i] = 0;
}

void ctx_object_shadow(enum ctx_object obj, uint8_t *out) {
    const struct ctx_layout *l = objects[obj].layout;
    fill_shadow(l->fields, objects[obj].read, objects[obj].write, false, l->bytes, out);
}

/* access_bounds.c: the checks that kinds of pointers share: inside memory whose size is known, or
 * inside what was proved of a packet, beside special fields of map values, at a fixed offset.
 */
#include "verifier/access.h"

#include <inttypes.h>
#include <stdio.h>

const char *access_tnum_text(struct tnum t, char buf[ACCESS_TNUM_TEXT]) {
    if (!tnum_is_const(t))
        snprintf(buf, ACCESS_TNUM_TEXT, "(0x%" PRIx64 "; 0x%" PRIx64 ")", t.value, t.mask);
    else if (t.value <= UINT16_MAX)
        snprintf(buf, ACCESS_TNUM_TEXT, "%" PRIu64, t.value);
    else
        snprintf(buf, ACCESS_TNUM_TEXT, "%#" PRIx64, t.value);
    return buf;
}

/* ---- memory of known size ---- */

/* which: the end of the pointer's range that is outside, "offset" of a packet's. Linux says it in a
 * second line. */
static bool refuse_outside(struct step *s, const struct access_span *a, int64_t off,
                           uint64_t object_bytes, const char *which) {
    const struct reg *const p = step_reg(s, a->r);
    switch ((enum reg_kind)p->kind) {
    case REG_MAP_KEY:
    case REG_MAP_VALUE: {
        const char *const what = p->kind == REG_MAP_KEY ? "key" : "value";
        step_reject(s, REASON_MAP_BOUNDS, (int)a->r,
                    "invalid access to map %s, %s_size=%" PRIu64 " off=%" PRId64 " size=%" PRId64
                    "; R%u %s is outside of the allowed memory range",
                    what, what, object_bytes, off, a->n_bytes, a->r, which);
        break;
    }
    case REG_PACKET:
    case REG_PACKET_META:
        step_reject(s, REASON_PACKET_BOUNDS, (int)a->r,
                    "invalid access to packet, off=%" PRId64 " size=%" PRId64
                    ", R%u(id=%u,off=%" PRId64 ",r=%" PRIu64 "); R%u %s is outside of the packet",
                    off, a->n_bytes, a->r, p->id, off, object_bytes, a->r, which);
        break;
    default:
        step_reject(s, REASON_MEM_BOUNDS, (int)a->r,
                    "invalid access to memory, mem_size=%" PRIu64 " off=%" PRId64 " size=%" PRId64
                    "; R%u %s is outside of the allowed memory range",
                    object_bytes, off, a->n_bytes, a->r, which);
    }
    if (off < 0)
        return report_needed(&s->rep, "an offset that is not negative, not %" PRId64, off);
    return report_needed(&s->rep, "%" PRId64 " bytes", off + a->n_bytes);
}

static bool refuse_negative(struct step *s, uint32_t r) {
    step_reject(
        s, REASON_UNBOUNDED, (int)r,
        "R%u min value is negative, either use unsigned index or do a if (index >=0) check.", r);
    return report_needed(&s->rep, "an offset that cannot be negative");
}

static bool refuse_unbounded(struct step *s, uint32_t r) {
    step_reject(s, REASON_UNBOUNDED, (int)r,
                "R%u unbounded memory access, make sure to bounds check any such access", r);
    return report_needed(&s->rep, "an upper bound of the offset");
}

bool access_region(struct step *s, const struct access_span *a, uint64_t object_bytes) {
    const struct reg *const p = step_reg(s, a->r);
    const struct span span = {a->off, a->n_bytes, a->zero_ok};
    int64_t at = 0;
    switch (offset_in_object((struct offset){p->off, p->v}, span, object_bytes, &at)) {
    case OFFSET_INSIDE: break;
    case OFFSET_NEGATIVE: return refuse_negative(s, a->r);
    case OFFSET_LOW_OUTSIDE: return refuse_outside(s, a, at, object_bytes, "min value");
    case OFFSET_UNBOUNDED: return refuse_unbounded(s, a->r);
    case OFFSET_HIGH_OUTSIDE: return refuse_outside(s, a, at, object_bytes, "max value");
    }
    return true;
}

/* ---- maps ---- */

bool access_map_flags(struct step *s, const struct access_span *a, enum access_kind kind) {
    const struct reg *const p = step_reg(s, a->r);
    const struct map_def *const def = s->sub->maps[p->map].def;
    const uint32_t forbids = kind == ACCESS_WRITE ? MAP_F_RDONLY_PROG : MAP_F_WRONLY_PROG;
    if (!(def->flags & forbids) && !(kind == ACCESS_WRITE && def->frozen))
        return true;
    const bool write = kind == ACCESS_WRITE;
    return step_reject(s, write ? REASON_RDONLY : REASON_WRONLY, (int)a->r,
                       "%s map forbidden, value_size=%u off=%" PRId64 " size=%" PRId64,
                       write ? "write into" : "read from", def->value_size,
                       (int64_t)p->off + a->off, a->n_bytes);
}

bool access_is_kptr(const struct special_field *f) {
    return f->kind == SPECIAL_KPTR_UNREF || f->kind == SPECIAL_KPTR_REF ||
           f->kind == SPECIAL_KPTR_PERCPU || f->kind == SPECIAL_UPTR;
}

/* A kernel pointer is loaded and stored whole, at a constant offset; the rest by helpers only. */
static bool check_special(struct step *s, const struct access_span *a,
                          const struct special_field *f) {
    const struct reg *const p = step_reg(s, a->r);
    const int r = (int)a->r;
    if (!access_is_kptr(f))
        return step_reject(s, REASON_SPECIAL_FIELD, r,
                           "%s cannot be accessed directly by load/store",
                           special_name((enum special_kind)f->kind));
    if (a->by_helper)
        return step_reject(s, REASON_SPECIAL_FIELD, r,
                           "kptr cannot be accessed indirectly by helper");
    if (!scalar_is_const(p->v))
        return step_reject(s, REASON_SPECIAL_FIELD, r, "kptr access cannot have variable offset");
    const int64_t off = (int64_t)p->off + a->off + (int64_t)p->v.bits.value;
    if (off != f->off)
        return step_reject(s, REASON_SPECIAL_FIELD, r,
                           "kptr access misaligned expected=%u off=%" PRId64, f->off, off);
    return a->n_bytes == 8 ||
           step_reject(s, REASON_SPECIAL_FIELD, r, "kptr access size must be BPF_DW");
}

bool access_map_value(struct step *s, const struct access_span *a) {
    const struct reg *const p = step_reg(s, a->r);
    const struct map_fact *const m = &s->sub->maps[p->map];
    if (!access_region(s, a, m->def->value_size))
        return false;
    const int64_t fixed = (int64_t)p->off + a->off;
    const int64_t min = p->v.s.min + fixed, end = (int64_t)p->v.u.max + fixed + a->n_bytes;
    for (uint32_t i = 0; i < m->n_fields; i++) {
        const struct special_field *const f = &m->fields[i];
        if (min < (int64_t)f->off + f->bytes && f->off < end && !check_special(s, a, f))
            return false;
    }
    return true;
}

/* ---- packets ---- */

bool access_packet_write(const struct subject *sub) {
    return sub->type && sub->type->pkt_write;
}

bool access_packet(struct step *s, const struct access_span *a) {
    const struct reg *const p = step_reg(s, a->r);
    if (p->v.s.min < 0)
        return refuse_negative(s, a->r);
    /* what varies lies before the bytes that were proved: only the constant part counts */
    const int64_t off = (int64_t)p->off + a->off;
    if (p->range < 0)
        return step_reject(s, REASON_PACKET_BOUNDS, (int)a->r,
                           "R%u offset is outside of the packet", a->r);
    return offset_span_inside(off, a->n_bytes, a->zero_ok, (uint64_t)p->range) ||
           refuse_outside(s, a, off, (uint64_t)p->range, "offset");
}

/* ---- pointers that may not vary ---- */

bool access_fixed_ptr(struct step *s, uint32_t r, bool fixed_ok) {
    const struct reg *const p = step_reg(s, r);
    char kind[64], text[ACCESS_TNUM_TEXT];
    const char *const name = reg_kind_name(p, kind);
    if (p->off < 0)
        return step_reject(s, REASON_PTR_ARITH, (int)r,
                           "negative offset %s ptr R%u off=%d disallowed", name, r, p->off);
    if (!fixed_ok && p->off)
        return step_reject(s, REASON_PTR_ARITH, (int)r,
                           "dereference of modified %s ptr R%u off=%d disallowed", name, r, p->off);
    if (scalar_is_const(p->v) && p->v.bits.value == 0)
        return true;
    return step_reject(s, REASON_PTR_ARITH, (int)r, "variable %s access var_off=%s disallowed",
                       name, access_tnum_text(p->v.bits, text));
}

bool access_arg_offset(struct step *s, uint32_t r, bool inside) {
    switch (step_reg(s, r)->kind) {
    case REG_STACK:
    case REG_PACKET:
    case REG_PACKET_META:
    case REG_MAP_KEY:
    case REG_MAP_VALUE:
    case REG_MEM:
    case REG_BUF:
    case REG_ARENA:
    case REG_SCALAR: return true;
    case REG_BTF: return access_fixed_ptr(s, r, inside);
    default: return access_fixed_ptr(s, r, false);
    }
}

bool access_arg_released(struct step *s, uint32_t r) {
    if (step_reg(s, r)->off)
        return step_reject(s, REASON_REF_RELEASE, (int)r,
                           "R%u must have zero offset when passed to release func or trusted "
                           "arg to kfunc",
                           r);
    return access_fixed_ptr(s, r, false);
}

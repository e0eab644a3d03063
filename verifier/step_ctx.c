/* step_ctx.c: fields of contexts, sockets and flow keys. Which bytes may be accessed, and in which
 * sizes, is in the runtime's tables; here is what a load gives.
 */
#include "verifier/access.h"

#include <inttypes.h>

/* A context that is an array of a kernel function's arguments, whose types are in its BTF. */
static bool is_typed_args(const struct subject *sub) {
    switch (sub->prog->type) {
    case PROG_tracing:
    case PROG_lsm:
    case PROG_struct_ops:
    case PROG_ext: return true;
    default: return false;
    }
}

static bool refuse_ctx(struct step *s, const struct access *a, int64_t off) {
    step_reject(s, REASON_CTX_ACCESS, (int)a->r,
                "invalid bpf_context access off=%" PRId64 " size=%u", off, a->n_bytes);
    const struct ctx_field *const f =
        s->sub->type && off >= 0 ? progtype_field(s->sub->type, (uint32_t)off) : NULL;
    if (!f)
        return report_needed(&s->rep, "a field of the context");
    return report_needed(&s->rep, "%s %s as %s allows it",
                         a->kind == ACCESS_READ ? "reading" : "writing", f->name,
                         s->sub->type->ctx_name);
}

static bool is_packet_kind(uint8_t kind) {
    return kind == CTX_PKT_DATA || kind == CTX_PKT_END || kind == CTX_PKT_META;
}

/* A pointer out of the context, to the start of its object. */
static struct reg pointer(struct step *s, enum reg_kind kind, unsigned flags) {
    struct reg r = reg_pointer(kind, flags);
    if (flags & REG_F_NULL)
        r.id = step_new_id(s);
    return r;
}

static bool load_field(struct step *s, const struct access *a, const struct ctx_field *f,
                       struct reg *out) {
    switch ((enum ctx_kind)f->kind) {
    case CTX_PKT_DATA:
    case CTX_PTR_DATA: *out = pointer(s, REG_PACKET, 0); break;
    case CTX_PKT_END:
    case CTX_PTR_END: *out = pointer(s, REG_PACKET_END, 0); break;
    case CTX_PKT_META: *out = pointer(s, REG_PACKET_META, 0); break;
    case CTX_SOCK: *out = pointer(s, REG_SOCK, 0); break;
    case CTX_SOCK_NULL: *out = pointer(s, REG_SOCK, REG_F_NULL); break;
    case CTX_SOCK_COMMON: *out = pointer(s, REG_SOCK_COMMON, REG_F_NULL); break;
    case CTX_FLOW_KEYS: *out = pointer(s, REG_FLOW_KEYS, 0); break;
    case CTX_TP_BUFFER: *out = pointer(s, REG_TP_BUFFER, 0); break;
    case CTX_SCALAR:
    case CTX_U16:
    case CTX_QUEUE:
    case CTX_RESERVED:
    case CTX_BTF: *out = reg_scalar(scalar_below(8 * a->n_bytes)); break;
    }
    return true;
}

bool ctx_access(struct step *s, const struct access *a, int64_t off, struct reg *out) {
    const struct subject *const sub = s->sub;
    if (is_typed_args(sub))
        return btf_ctx_access(s, a, off, out);
    const bool write = a->kind == ACCESS_WRITE;
    if (!sub->type || off < 0 ||
        !progtype_access(sub->type, (int)sub->prog->attach_type, (uint32_t)off, a->n_bytes, write))
        return refuse_ctx(s, a, off);
    const struct ctx_field *const f = progtype_field(sub->type, (uint32_t)off);
    if (!sub->privileged && progtype_privileged(sub->type, (uint32_t)off, write))
        return refuse_ctx(s, a, off);
    /* what is wider than the field, a pointer, cannot be sign-extended */
    if (a->sign_extend && is_packet_kind(f->kind))
        return refuse_ctx(s, a, off);
    if (f->kind == CTX_BTF)
        return btf_ctx_access(s, a, off, out);
    return write || !out || load_field(s, a, f, out);
}

/* ---- objects that contexts and helpers give pointers to ---- */

static enum ctx_object object_of(enum reg_kind kind) {
    switch (kind) {
    case REG_SOCK_COMMON: return OBJ_SOCK_COMMON;
    case REG_SOCK: return OBJ_SOCK;
    case REG_TCP_SOCK: return OBJ_TCP_SOCK;
    case REG_XDP_SOCK: return OBJ_XDP_SOCK;
    default: return OBJ_FLOW_KEYS;
    }
}

/* Flow keys are bytes: any size at any offset, as far as they reach. */
static bool object_allows(enum ctx_object obj, int64_t off, uint32_t n_bytes, bool write) {
    if (off < 0)
        return false;
    if (obj == OBJ_FLOW_KEYS)
        return off + n_bytes <= ctx_object_of(obj, NULL, NULL)->bytes;
    return off <= UINT32_MAX && ctx_object_access(obj, (uint32_t)off, n_bytes, write);
}

bool object_access(struct step *s, const struct access *a, int64_t off, struct reg *out) {
    const struct reg *const p = step_reg(s, a->r);
    const enum ctx_object obj = object_of((enum reg_kind)p->kind);
    if (!object_allows(obj, off, a->n_bytes, a->kind == ACCESS_WRITE)) {
        char kind[64];
        if (obj == OBJ_FLOW_KEYS)
            step_reject(s, REASON_OBJECT_ACCESS, (int)a->r,
                        "invalid access to flow keys off=%" PRId64 " size=%u", off, a->n_bytes);
        else
            step_reject(s, REASON_OBJECT_ACCESS, (int)a->r,
                        "R%u invalid %s access off=%" PRId64 " size=%u", a->r,
                        reg_kind_name(p, kind), off, a->n_bytes);
        return report_needed(&s->rep, "a field of struct %s", ctx_object_of(obj, NULL, NULL)->name);
    }
    if (out)
        *out = reg_scalar(scalar_below(8 * a->n_bytes));
    return true;
}

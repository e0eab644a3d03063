/* step_btf.c: pointers to objects whose type BTF says: the kernel's, and the program's own.
 *
 * How far a pointer that is read from an object may be trusted depends on how the object was come
 * by, on the field, and on whether an RCU section is open.
 * source: check_ptr_to_btf_access and btf_ctx_access of Linux 6.12
 */
#include <inttypes.h>
#include <string.h>

#include "verifier/access.h"
#include "verifier/btf_walk.h"
#include "verifier/call.h"
#include "verifier/hook.h"
#include "verifier/kfunc.h"

uint32_t btf_kernel_struct(const struct subject *sub, const char *name) {
    return subject_kernel(sub) ? subject_kernel_id(sub, BTF_STRUCT, name) : 0;
}

const struct btf *btf_of(const struct subject *sub, const struct reg *r) {
    return r->flags & REG_F_OWN_BTF ? sub->prog->btf : subject_kernel(sub);
}

const struct special_field *btf_special(const struct subject *sub, uint32_t btf_id,
                                        enum special_kind kind, int64_t off) {
    const struct object_fact *const o = subject_object(sub, btf_id);
    for (uint32_t i = 0; o && i < o->n_fields; i++)
        if (o->fields[i].kind == (uint32_t)kind && (off < 0 || o->fields[i].off == off))
            return &o->fields[i];
    return NULL;
}

/* ---- trust ---- */

bool btf_in_rcu(const struct step *s) {
    return s->st->rcu_depth || state_lock(s->st) || !s->st->in_sleepable;
}

/* Flags of a REG_BTF that say where it comes from, and those that make it less than a plain one. */
enum {
    TRUSTING = REG_F_TRUSTED | REG_F_ALLOC | REG_F_NON_OWN,
    UNSAFE = REG_F_NULL | REG_F_RDONLY | REG_F_UNTRUSTED | REG_F_RCU | REG_F_USER | REG_F_PERCPU,
};

bool btf_trusted(const struct reg *r) {
    if (r->ref)
        return true;
    if (r->kind == REG_SOCK || r->kind == REG_SOCK_COMMON || r->kind == REG_TCP_SOCK ||
        r->kind == REG_MAP)
        return !(r->flags & UNSAFE);
    return (r->flags & TRUSTING) && !(r->flags & UNSAFE);
}

enum trust {
    TRUST_NONE,
    RCU,
    RCU_NULL,
    TRUSTED,
    TRUSTED_NULL,
};

static enum trust trust_of(const char *type, const char *field) {
    static const struct {
        const char *type, *field;
        enum trust how;
    } rows[] = {
#define BTF_TRUST(type, field, how) {#type, #field, how},
#include "verifier/btf_trust.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].type, type) && !strcmp(rows[i].field, field))
            return rows[i].how;
    return TRUST_NONE;
}

/* The flags of a pointer that was read from a field of ptr's object. found: of the walk */
static uint16_t loaded_flags(const struct step *s, const struct reg *ptr, const struct walk *w,
                             const char *type) {
    uint16_t found = w->flags;
    if (ptr->flags & REG_F_UNTRUSTED)
        return REG_F_UNTRUSTED;
    if (!btf_trusted(ptr) && !(ptr->flags & REG_F_RCU))
        return found & (uint16_t)~(TRUSTING | REG_F_RCU);
    const enum trust how = trust_of(type, w->field);
    if (how == TRUSTED)
        return found | REG_F_TRUSTED;
    if (how == TRUSTED_NULL)
        return found | REG_F_TRUSTED | REG_F_NULL;
    if (!btf_in_rcu(s) || reg_maybe_null(ptr))
        return REG_F_UNTRUSTED;
    if (how == RCU)
        return found | REG_F_RCU;
    if (how == RCU_NULL)
        return (found & (uint16_t)~REG_F_UNTRUSTED) | REG_F_RCU | REG_F_NULL;
    if (found & REG_F_RCU)
        return found | REG_F_NULL;
    if (found & (REG_F_PERCPU | REG_F_USER))
        return found;
    return found & (uint16_t)~(TRUSTING | REG_F_RCU);
}

/* ---- walking an object ---- */

static bool may_look(struct step *s, const struct access *a, const struct reg *ptr,
                     const char *type) {
    const int r = (int)a->r;
    const int64_t off = (int64_t)ptr->off + a->off;
    char text[ACCESS_TNUM_TEXT];
    if (!s->sub->privileged)
        return step_reject(s, REASON_PRIVILEGE, r,
                           "'struct %s' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN",
                           type);
    if (!s->sub->gpl && !(ptr->flags & REG_F_OWN_BTF))
        return step_reject(s, REASON_LICENSE, r,
                           "Cannot access kernel 'struct %s' from non-GPL compatible program",
                           type);
    if (off < 0)
        return step_reject(s, REASON_OBJECT_ACCESS, r,
                           "R%d is ptr_%s invalid negative access: off=%" PRId64, r, type, off);
    if (!scalar_is_const(ptr->v) || ptr->v.bits.value)
        return step_reject(s, REASON_OBJECT_ACCESS, r,
                           "R%d is ptr_%s invalid variable offset: off=%" PRId64 ", var_off=%s", r,
                           type, off, access_tnum_text(ptr->v.bits, text));
    if (ptr->flags & (REG_F_USER | REG_F_PERCPU))
        return step_reject(s, REASON_OBJECT_ACCESS, r,
                           "R%d is ptr_%s access %s memory: off=%" PRId64, r, type,
                           ptr->flags & REG_F_USER ? "user" : "percpu", off);
    return true;
}

/* Fields of the program's own objects that only kernel functions and helpers handle. */
static bool avoids_specials(struct step *s, const struct access *a, const struct reg *ptr,
                            int64_t off) {
    const struct object_fact *const o = subject_object(s->sub, ptr->btf_id);
    for (uint32_t i = 0; o && i < o->n_fields; i++) {
        const struct special_field *const f = &o->fields[i];
        if (off < (int64_t)f->off + f->bytes && f->off < off + a->n_bytes)
            return step_reject(s, REASON_SPECIAL_FIELD, (int)a->r,
                               "direct access to %s is disallowed",
                               special_name((enum special_kind)f->kind));
    }
    return true;
}

static bool may_store(struct step *s, const struct access *a, const struct reg *ptr) {
    if (a->kind == ACCESS_READ || ((ptr->flags & REG_F_ALLOC) && !(ptr->flags & REG_F_UNTRUSTED)))
        return true;
    if (!(ptr->flags & (REG_F_ALLOC | REG_F_OWN_BTF | REG_F_UNTRUSTED)) &&
        hook_allows_write(s->sub, ptr->btf_id, (int64_t)ptr->off + a->off, a->n_bytes))
        return true;
    return step_reject(s, REASON_RDONLY, (int)a->r, "only read is supported");
}

static struct reg object(struct step *s, uint32_t btf_id, uint16_t flags) {
    struct reg r = reg_pointer(REG_BTF, flags);
    r.btf_id = btf_id;
    if (flags & REG_F_NULL)
        r.id = step_new_id(s);
    return r;
}

bool btf_access(struct step *s, const struct access *a, const struct reg *ptr, struct reg *out) {
    const struct reg p = *ptr; /* out may be the same register */
    const struct btf *const btf = btf_of(s->sub, &p);
    const bool own = (p.flags & REG_F_ALLOC) != 0;
    if (!btf)
        return step_reject(s, REASON_BTF, (int)a->r, "the kernel's types are not known");
    const char *const type = btf_type_name(btf, p.btf_id);
    const int64_t off = (int64_t)p.off + a->off;
    if (!may_look(s, a, &p, type) || !may_store(s, a, &p) ||
        (own && !avoids_specials(s, a, &p, off)))
        return false;
    struct walk w = {.btf = btf, .past_end = !own};
    const enum walk_found found = btf_walk_down(&w, p.btf_id, (uint32_t)off, a->n_bytes);
    if (found == WALK_NOTHING)
        return step_reject(s, REASON_OBJECT_ACCESS, (int)a->r, "%s", w.words);
    if (!out || a->kind == ACCESS_WRITE)
        return true;
    if (own || found == WALK_SCALAR)
        *out = reg_scalar(scalar_below(8 * a->n_bytes));
    else if (found == WALK_LEAF)
        *out = reg_pointer(REG_MEM, REG_F_RDONLY | REG_F_UNTRUSTED); /* of no known size */
    else
        *out = object(s, w.btf_id, loaded_flags(s, &p, &w, type));
    return true;
}

/* ---- arguments of what the program is attached to ---- */

static bool refuse_ctx(struct step *s, const struct access *a, int64_t off) {
    return step_reject(s, REASON_CTX_ACCESS, (int)a->r,
                       "invalid bpf_context access off=%" PRId64 " size=%u", off, a->n_bytes);
}

/* Numbers: what the context holds of them is 64 bits wide, whatever they are. */
static bool is_number(const struct btf_type *t) {
    return t->kind == BTF_INT || t->kind == BTF_ENUM || t->kind == BTF_ENUM64 ||
           t->kind == BTF_STRUCT || t->kind == BTF_UNION;
}

static void number(const struct access *a, struct reg *out) {
    if (out)
        *out = reg_scalar(scalar_below(8 * a->n_bytes));
}

/* Which parameter is at off, structs by value taking as many words as they need. n_params: none. */
static uint32_t param_at(const struct btf *btf, const struct btf_type *proto, uint32_t skipped,
                         int64_t off) {
    int64_t end = 0;
    for (uint32_t i = skipped; i < proto->n_members; i++) {
        const int64_t bytes = btf_size(btf, btf_members(btf, proto)[i].type);
        end += bytes > 8 ? (bytes + 7) / 8 * 8 : 8;
        if (off < end)
            return i;
    }
    const int64_t ret = btf_size(btf, proto->size_or_type);
    return off < end + (ret > 8 ? (ret + 7) / 8 * 8 : 8) ? proto->n_members : UINT32_MAX;
}

/* The return value, behind the parameters: whose context has it?
 * out: false: rejected; *type: 0: a number of which nothing is known */
static bool return_value(struct step *s, const struct access *a, int64_t off,
                         const struct btf_type *proto, uint32_t *type) {
    const struct btf_type *const t =
        btf_type_at(subject_kernel(s->sub), btf_strip(subject_kernel(s->sub), proto->size_or_type));
    *type = proto->size_or_type;
    switch (s->sub->prog->attach_type) {
    case ATTACH_lsm_mac:
    case ATTACH_lsm_cgroup:
    case ATTACH_trace_fexit: return true;
    case ATTACH_modify_return:
        if (is_number(t) && t->size_or_type <= 8)
            return true;
        return step_reject(s, REASON_CTX_ACCESS, (int)a->r, "ret type %s not allowed for fmod_ret",
                           btf_kind_name(t->kind));
    default:
        step_reject(s, REASON_CTX_ACCESS, (int)a->r, "func '%s' doesn't have %d-th argument",
                    s->sub->hook.name ? s->sub->hook.name : "", (int)(off / 8 + 1));
        return false;
    }
}

static bool ends_with(const char *name, const char *suffix) {
    const size_t n = strlen(name), m = strlen(suffix);
    return n >= m && !strcmp(name + n - m, suffix);
}

/* A buffer of an iterator's: its size is checked when the program is attached. */
static bool buffer(struct step *s, uint32_t flags, struct reg *out) {
    if (out) {
        *out = reg_pointer(REG_BUF, REG_F_NULL | (flags & HOOK_ARG_RDONLY ? REG_F_RDONLY : 0));
        out->id = step_new_id(s);
    }
    return true;
}

/* Congestion control is TCP's: its sockets are struct tcp_sock. */
static uint32_t whole_socket(const struct subject *sub, uint32_t id) {
    if (sub->prog->type != PROG_struct_ops || !sub->hook.name ||
        strncmp(sub->hook.name, "tcp_congestion_ops.", strlen("tcp_congestion_ops.")) != 0 ||
        strcmp(btf_type_name(subject_kernel(sub), id), "sock") != 0)
        return id;
    const uint32_t tcp = btf_kernel_struct(sub, "tcp_sock");
    return tcp ? tcp : id;
}

static bool pointer_arg(struct step *s, const struct access *a, uint32_t arg, const char *name,
                        const struct btf_type *pointer, struct reg *out) {
    const struct subject *const sub = s->sub;
    const struct btf *const btf = subject_kernel(sub);
    const uint32_t special = hook_arg_flags(sub, arg);
    const uint32_t id = btf_strip(btf, pointer->size_or_type);
    const struct btf_type *const t = btf_type_at(btf, id);
    if (a->n_bytes != 8)
        return step_reject(s, REASON_CTX_ACCESS, (int)a->r, "func '%s' size %u must be 8",
                           sub->hook.name, a->n_bytes);
    if (special & HOOK_ARG_BUF)
        return buffer(s, special, out);
    if (pointer->size_or_type == 0 || t->kind == BTF_INT || t->kind == BTF_VOID) {
        number(a, out);
        return true;
    }
    unsigned flags = special & HOOK_ARG_OBJECT ? REG_F_NULL : 0;
    if (special & HOOK_ARG_OBJECT)
        flags |= special & HOOK_ARG_TRUSTED ? REG_F_TRUSTED : 0;
    else
        flags |= sub->hook.trusted ? REG_F_TRUSTED : 0;
    if ((special & HOOK_ARG_NULL) || ends_with(name, "__nullable"))
        flags |= REG_F_NULL;
    const struct btf_type *const tag = btf_type_at(btf, pointer->size_or_type);
    if (tag->kind == BTF_TYPE_TAG && !strcmp(btf_string(btf, tag->name_off), "user"))
        flags |= REG_F_USER;
    if (tag->kind == BTF_TYPE_TAG && !strcmp(btf_string(btf, tag->name_off), "percpu"))
        flags |= REG_F_PERCPU;
    if (t->kind != BTF_STRUCT && t->kind != BTF_UNION)
        return step_reject(s, REASON_CTX_ACCESS, (int)a->r,
                           "func '%s' arg%u type %s is not a struct", sub->hook.name, arg,
                           btf_kind_name(t->kind));
    if (special & HOOK_ARG_ERROR)
        number(a, out);
    else if (out)
        *out = object(s, whole_socket(sub, id), (uint16_t)flags);
    return true;
}

/* Contexts of one pointer each, that have no function: what they point to. */
static bool plain_object(struct step *s, const struct access *a, int64_t off, struct reg *out) {
    static const struct {
        uint32_t prog_type, off;
        const char *type;
    } rows[] = {
        {PROG_netfilter, 0, "nf_hook_state"},
        {PROG_netfilter, 8, "sk_buff"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].prog_type != s->sub->prog->type || rows[i].off != off || a->n_bytes != 8)
            continue;
        const uint32_t id = btf_kernel_struct(s->sub, rows[i].type);
        if (!id)
            return step_reject(s, REASON_BTF, (int)a->r, "the kernel's types are not known");
        if (out)
            *out = object(s, id, REG_F_TRUSTED);
        return true;
    }
    return refuse_ctx(s, a, off);
}

bool btf_ctx_access(struct step *s, const struct access *a, int64_t off, struct reg *out) {
    const struct subject *const sub = s->sub;
    const struct hook_fact *const h = &sub->hook;
    const struct btf *const btf = subject_kernel(sub);
    if (sub->prog->type == PROG_netfilter)
        return plain_object(s, a, off, out);
    if (off < 0 || off >= 8 * 12 || a->kind == ACCESS_WRITE || off % a->n_bytes)
        return refuse_ctx(s, a, off);
    if (!h->proto) {
        step_reject(s, REASON_UNSUPPORTED, (int)a->r,
                    "the arguments of what the program is attached to are not known");
        return report_needed(&s->rep, "the kernel's types, and the name of a function in them");
    }
    if (off % 8)
        return step_reject(s, REASON_CTX_ACCESS, (int)a->r,
                           "func '%s' offset %" PRId64 " is not multiple of 8", h->name, off);
    const struct btf_type *const proto = btf_type_at(btf, h->proto);
    const uint32_t i = param_at(btf, proto, h->n_skipped, off);
    if (i > proto->n_members)
        return step_reject(s, REASON_CTX_ACCESS, (int)a->r, "func '%s' doesn't have %d-th argument",
                           h->name, (int)(off / 8 + 1));
    uint32_t type = 0;
    const char *name = "";
    const bool ret = i == proto->n_members;
    if (ret) {
        if (!return_value(s, a, off, proto, &type))
            return false;
    } else {
        type = btf_members(btf, proto)[i].type;
        const struct btf_type *const named =
            h->named_proto ? btf_type_at(btf, h->named_proto) : proto;
        if (i < named->n_members)
            name = btf_string(btf, btf_members(btf, named)[i].name_off);
    }
    const struct btf_type *const t = btf_type_at(btf, btf_strip(btf, type));
    if (t->kind == BTF_PTR)
        return pointer_arg(s, a, i - h->n_skipped, name, t, out);
    if (!is_number(t))
        return step_reject(s, REASON_CTX_ACCESS, (int)a->r,
                           "func '%s' arg%u '%s' has type %s. Only pointer access is allowed",
                           h->name, i, btf_string(btf, t->name_off), btf_kind_name(t->kind));
    number(a, out);
    if (ret && out && h->has_range)
        *out = reg_scalar(scalar_from_srange(h->ret_min, h->ret_max));
    return true;
}

/* ---- variables of the kernel's ---- */

bool btf_variable(struct step *s, const struct prog_extern *x, uint32_t var_id, struct reg *out) {
    const struct btf *const btf = subject_kernel(s->sub);
    const uint32_t id = btf_strip(btf, btf_type_at(btf, var_id)->size_or_type);
    const struct btf_type *const t = btf_type_at(btf, id);
    bool percpu = false;
    const uint32_t section = btf_find(btf, BTF_DATASEC, ".data..percpu", 1);
    const struct btf_type *const sec = section ? btf_type_at(btf, section) : NULL;
    for (uint32_t i = 0; sec && i < sec->n_members; i++)
        percpu |= btf_members(btf, sec)[i].type == var_id;
    (void)x;
    if (percpu) {
        *out = reg_pointer(REG_BTF, REG_F_PERCPU);
        out->btf_id = btf_type_at(btf, var_id)->size_or_type;
        return true;
    }
    if (t->kind == BTF_STRUCT || t->kind == BTF_UNION) {
        *out = object(s, id, 0);
        return true;
    }
    const int64_t n = btf_size(btf, id);
    if (n < 0)
        return step_reject(s, REASON_BTF, REPORT_NO_REG,
                           "ldimm64 unable to resolve the size of type '%s'",
                           btf_string(btf, t->name_off));
    *out = reg_pointer(REG_MEM, REG_F_RDONLY);
    out->mem_bytes = (uint32_t)n;
    return true;
}

/* ---- arguments ---- */

bool btf_arg_fits(struct step *s, uint32_t r, uint32_t btf_id, bool trusted, bool null_ok) {
    const struct reg *const reg = step_reg(s, r);
    const struct btf *const btf = subject_kernel(s->sub);
    char kind[64];
    uint16_t flags = reg->flags;
    (void)trusted; /* plain pointers are taken for trusted ones: what helpers do, too */
    if (null_ok)
        flags &= (uint16_t)~REG_F_NULL;
    if (reg_is_sock(reg) && !(flags & UNSAFE)) {
        /* a socket's common part: every socket starts with it */
        const char *const name = reg->kind == REG_SOCK_COMMON ? "sock_common"
                                 : reg->kind == REG_SOCK      ? "sock"
                                 : reg->kind == REG_TCP_SOCK  ? "tcp_sock"
                                                              : "xdp_sock";
        if (btf && btf_holds(btf, btf_kernel_struct(s->sub, name), 0, btf_id, false, true))
            return true;
    } else if (reg->kind == REG_BTF &&
               (flags == 0 || flags == REG_F_TRUSTED || flags == REG_F_RCU)) {
        if (!btf_id || !btf)
            return step_reject(s, REASON_BTF, (int)r, "the kernel's types are not known");
        if (!access_fixed_ptr(s, r, true))
            return false;
        if (btf_holds(btf, reg->btf_id, reg->off, btf_id, false, true))
            return true;
        return step_reject(s, REASON_HELPER_ARG, (int)r, "R%u is of type %s but %s is expected", r,
                           btf_type_name(btf, reg->btf_id), btf_type_name(btf, btf_id));
    }
    return step_reject(
        s, reg_is_pointer(reg) && reg_maybe_null(reg) ? REASON_NULL_DEREF : REASON_SUB_ARG, (int)r,
        "R%u type=%s expected=ptr_, trusted_ptr_, rcu_ptr_", r, reg_kind_name(reg, kind));
}

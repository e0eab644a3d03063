/* kfunc_arg.c: arguments of kernel functions against their prototypes.
 * source: check_kfunc_args of Linux 6.12
 */
#include <string.h>

#include "verifier/kfunc_call.h"

enum {
    MAX_VAR_BYTES = 1 << 29, /* of a size argument that is not constant */
    MAX_ARGS = 5,
    /* functions that take trusted pointers only, or RCU-protected ones too */
    CAREFUL = KFUNC_F_TRUSTED | KFUNC_F_RCU | KFUNC_F_RELEASE,
    /* what makes a pointer less than a plain one */
    UNSAFE = REG_F_NULL | REG_F_RDONLY | REG_F_UNTRUSTED | REG_F_RCU | REG_F_USER | REG_F_PERCPU,
};

/* ---- numbers ---- */

static bool constant(struct step *s, struct kfunc_call *c, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (!scalar_is_const(reg->v))
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "R%u must be a known constant", r);
    c->has_const = true;
    c->constant = reg->v.bits.value;
    step_precise(s, r);
    return true;
}

static bool number(struct step *s, struct kfunc_call *c, uint32_t r, enum kparam_kind kind) {
    const struct reg *const reg = step_reg(s, r);
    if (!reg_is_scalar(reg))
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "R%u is not a scalar", r);
    if (kind == KPARAM_CONST)
        return constant(s, c, r);
    if (kind == KPARAM_SCALAR)
        return true;
    if (!scalar_is_const(reg->v))
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "R%u is not a const", r);
    if (reg->v.bits.value > UINT32_MAX)
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "R%u rdonly/rdwr_buf_size exceeds u32 max",
                           r);
    c->mem_bytes = (uint32_t)reg->v.bits.value;
    c->mem_writable = kind == KPARAM_SIZE_RDWR;
    step_precise(s, r);
    return true;
}

/* ---- memory ---- */

/* n_bytes at register r that may be read and written; NULL is tested by the function. */
static bool memory(struct step *s, uint32_t r, int64_t n_bytes, bool raw) {
    struct reg *const reg = step_reg(s, r);
    const struct reg saved = *reg;
    reg->flags &= (uint16_t)~REG_F_NULL;
    bool ok = true;
    for (uint32_t k = 0; k < 2 && ok; k++) {
        const struct access_range range = {.r = r,
                                           .n_bytes = n_bytes,
                                           .kind = k ? ACCESS_WRITE : ACCESS_READ,
                                           .zero_ok = true,
                                           .raw = raw};
        ok = access_range(s, &range);
    }
    *step_reg(s, r) = saved;
    return ok;
}

bool kfunc_mem(struct step *s, uint32_t r, uint32_t n_bytes) {
    return reg_is_null(step_reg(s, r)) || memory(s, r, n_bytes, false);
}

/* Memory in register r, and its size in the next one. */
static bool sized_memory(struct step *s, struct kfunc_call *c, uint32_t r, const struct kparam *p) {
    const struct reg *const size = step_reg(s, r + 1);
    const uint32_t next = r + 1;
    if (!reg_is_null(step_reg(s, r)) || !p->optional) {
        if (size->v.s.min < 0)
            return step_reject(s, REASON_UNBOUNDED, (int)next,
                               "R%u min value is negative, either use unsigned or 'var &= const'",
                               next);
        if (size->v.u.max >= MAX_VAR_BYTES)
            return step_reject(
                s, REASON_UNBOUNDED, (int)next,
                "R%u unbounded memory access, use 'var &= const' or 'if (var < const)'", next);
        if (!memory(s, r, (int64_t)size->v.u.max, !scalar_is_const(size->v)))
            return report_needed(&s->rep, "memory of as many bytes as r%u says", next);
        step_precise(s, next);
    }
    return p->size != KSIZE_CONST || constant(s, c, next);
}

static bool plain_memory(struct step *s, const struct kfunc_call *c, uint32_t r,
                         const struct kparam *p) {
    if (!p->is_plain)
        return step_reject(s, REASON_KFUNC_ARG, (int)r,
                           "arg#%u pointer type %s %s must point to scalar, or struct with scalar",
                           r - 1, p->is_struct ? "STRUCT" : "UNKNOWN",
                           btf_type_name(subject_kernel(s->sub), p->btf_id));
    (void)c;
    return kfunc_mem(s, r, p->n_bytes);
}

/* ---- kernel objects ---- */

/* The kernel's type for what other kinds of pointers point to. */
static const char *sock_type(enum reg_kind kind) {
    switch (kind) {
    case REG_SOCK: return "sock";
    case REG_SOCK_COMMON: return "sock_common";
    case REG_TCP_SOCK: return "tcp_sock";
    case REG_MAP: return "bpf_map";
    default: return NULL;
    }
}

/* struct nf_conn___init is a struct nf_conn that is not ready: neither is the other. */
static bool are_aliases(const char *a, const char *b) {
    static const char suffix[] = "___init";
    const size_t n = strlen(a), m = strlen(b);
    const char *const longer = n > m ? a : b;
    const size_t less = n > m ? m : n;
    return !strncmp(a, b, less) && !strcmp(longer + less, suffix);
}

/* User space sees struct __sk_buff where the kernel has struct sk_buff. */
static bool is_projection(const char *wanted, const char *has) {
    return (!strcmp(wanted, "__sk_buff") && !strcmp(has, "sk_buff")) ||
           (!strcmp(wanted, "xdp_md") && !strcmp(has, "xdp_buff"));
}

static bool object(struct step *s, const struct kfunc_call *c, uint32_t r, uint32_t wanted_id) {
    const struct reg *const reg = step_reg(s, r);
    const struct btf *const btf = subject_kernel(s->sub);
    const char *const sock = sock_type((enum reg_kind)reg->kind);
    const bool own = reg->kind == REG_BTF && (reg->flags & REG_F_OWN_BTF);
    char kind[64];
    if (!sock && (reg->kind != REG_BTF || ((reg->flags & UNSAFE) && !(reg->flags & REG_F_RCU))))
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "arg#%u is %s expected ptr_ or socket",
                           r - 1, reg_kind_name(reg, kind));
    const uint32_t id = sock ? btf_kernel_struct(s->sub, sock) : reg->btf_id;
    const struct btf *const of = own ? s->sub->prog->btf : btf;
    const char *const has = of ? btf_type_name(of, id) : "";
    const char *const wanted = btf_type_name(btf, wanted_id);
    const bool exactly = (kfunc_has(c, KFUNC_F_RELEASE) && reg->ref) || are_aliases(has, wanted);
    if (is_projection(wanted, has) ||
        (!own && id &&
         btf_holds(btf, id, reg->off, wanted_id, exactly, !(reg->flags & REG_F_ALLOC))))
        return true;
    step_reject(s, REASON_KFUNC_ARG, (int)r,
                "kernel function %s args#%u expected pointer to STRUCT %s but R%u has a pointer to "
                "STRUCT %s",
                c->f->name, r - 1, wanted, r, has);
    return report_needed(&s->rep, "a pointer to struct %s", wanted);
}

static bool trusted(struct step *s, const struct kfunc_call *c, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (!kfunc_has(c, CAREFUL) || btf_trusted(reg))
        return true;
    if (!kfunc_has(c, KFUNC_F_RCU))
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "R%u must be referenced or trusted", r);
    return (reg->flags & REG_F_RCU) ||
           step_reject(s, REASON_KFUNC_ARG, (int)r, "R%u must be a rcu pointer", r);
}

static bool map_arg(struct step *s, struct kfunc_call *c, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    /* a map that an iterator shows is as good, where it need not be a certain one */
    if (reg->kind == REG_BTF && c->map == KFUNC_NO_MAP)
        return trusted(s, c, r) && object(s, c, r, btf_kernel_struct(s->sub, "bpf_map"));
    if (reg->kind != REG_MAP)
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "pointer in R%u isn't map pointer", r);
    if (c->map != KFUNC_NO_MAP && s->sub->maps[reg->map].workqueue >= 0 &&
        (c->map != reg->map || c->map_uid != reg->map_uid))
        return step_reject(s, REASON_KFUNC_ARG, (int)r,
                           "workqueue pointer in R1 map_uid=%u doesn't match map pointer in R%u "
                           "map_uid=%u",
                           c->map_uid, r, reg->map_uid);
    c->map = reg->map;
    c->map_uid = reg->map_uid;
    return trusted(s, c, r) && object(s, c, r, btf_kernel_struct(s->sub, "bpf_map"));
}

/* ---- the program's own objects ---- */

static bool alloc_arg(struct step *s, struct kfunc_call *c, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    const unsigned flags = reg->flags & ~(unsigned)REG_F_OWN_BTF;
    if (reg->kind == REG_BTF && flags == REG_F_ALLOC) {
        if (c->f->id != KFUNC_OBJ_DROP)
            return step_reject(s, REASON_KFUNC_ARG, (int)r,
                               "arg#%u expected for bpf_obj_drop_impl()", r - 1);
    } else if (reg->kind == REG_BTF && flags == (REG_F_ALLOC | REG_F_PERCPU)) {
        if (c->f->id != KFUNC_PERCPU_OBJ_DROP)
            return step_reject(s, REASON_KFUNC_ARG, (int)r,
                               "arg#%u expected for bpf_percpu_obj_drop_impl()", r - 1);
    } else {
        return step_reject(s, REASON_KFUNC_ARG, (int)r,
                           "arg#%u expected pointer to allocated object", r - 1);
    }
    return reg->ref ||
           step_reject(s, REASON_KFUNC_ARG, (int)r, "allocated object must be referenced");
}

static bool refcounted_arg(struct step *s, struct kfunc_call *c, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (reg->kind != REG_BTF || !(reg->flags & REG_F_ALLOC))
        return step_reject(s, REASON_KFUNC_ARG, (int)r,
                           "arg#%u is neither owning or non-owning ref", r - 1);
    const struct object_fact *const o = subject_object(s->sub, reg->btf_id);
    if (!o || o->refcount < 0)
        return step_reject(s, REASON_KFUNC_ARG, (int)r,
                           "arg#%u doesn't point to a type with bpf_refcount field", r - 1);
    c->owning = !(reg->flags & REG_F_NON_OWN) && reg->ref;
    c->obj_btf_id = reg->btf_id;
    return true;
}

/* ---- the rest ---- */

static bool dynptr_arg(struct step *s, struct kfunc_call *c, uint32_t r, const struct kparam *p) {
    if (!p->uninit) {
        const uint8_t kind = step_reg(s, r)->kind;
        if (kind != REG_STACK && kind != REG_DYNPTR)
            return step_reject(s, REASON_DYNPTR, (int)r,
                               "arg#%u expected pointer to stack or const struct bpf_dynptr",
                               r - 1);
        if (!dynptr_arg_init(s, r, DYNPTR_NONE, true))
            return false;
        c->dynptr = *dynptr_of(s, r);
        c->has_dynptr = true;
        return true;
    }
    if (step_reg(s, r)->kind != REG_STACK && step_reg(s, r)->kind != REG_DYNPTR)
        return step_reject(s, REASON_DYNPTR, (int)r,
                           "arg#%u expected pointer to stack or const struct bpf_dynptr", r - 1);
    switch (c->f->id) {
    case KFUNC_DYNPTR_FROM_SKB: return dynptr_arg_make(s, r, DYNPTR_SKB, 0);
    case KFUNC_DYNPTR_FROM_XDP: return dynptr_arg_make(s, r, DYNPTR_XDP, 0);
    case KFUNC_DYNPTR_CLONE:
        if (c->has_dynptr)
            return dynptr_arg_make(s, r, (enum dynptr_kind)c->dynptr.dynptr, c->dynptr.ref);
        break;
    default: break;
    }
    return step_reject(s, REASON_UNSUPPORTED, (int)r, "%s makes a dynptr of an unknown kind",
                       c->f->name);
}

/* A pointer into a read-only map, to a string that ends inside of it. */
static bool string_arg(struct step *s, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (reg->kind != REG_MAP_VALUE || reg->flags)
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "arg#%u doesn't point to a const string",
                           r - 1);
    return access_const_string(s, r);
}

static bool workqueue_arg(struct step *s, struct kfunc_call *c, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (reg->kind != REG_MAP_VALUE || reg->flags)
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "arg#%u doesn't point to a map value",
                           r - 1);
    const struct map_fact *const m = &s->sub->maps[reg->map];
    const int64_t off = reg->off + (int64_t)reg->v.bits.value;
    if (!scalar_is_const(reg->v) || m->workqueue < 0 || off != m->workqueue)
        return step_reject(s, REASON_KFUNC_ARG, (int)r,
                           "off %lld doesn't point to 'struct bpf_wq' that is at %d",
                           (long long)off, m->workqueue);
    c->map = reg->map;
    c->map_uid = reg->map_uid;
    return true;
}

/* Is a constant offset into the object allowed? */
static bool may_point_inside(const struct reg *r) {
    switch (r->flags & ~(unsigned)REG_F_OWN_BTF) {
    case 0:
    case REG_F_ALLOC:
    case REG_F_TRUSTED:
    case REG_F_RCU:
    case REG_F_ALLOC | REG_F_NON_OWN:
    case REG_F_ALLOC | REG_F_NON_OWN | REG_F_RCU: return true;
    default: return false;
    }
}

/* What is pointed at must be pointed at its start, or not be moved at all. */
static bool offset(struct step *s, const struct kfunc_call *c, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (kfunc_has(c, KFUNC_F_RELEASE) && reg->ref)
        return access_arg_released(s, r);
    return access_arg_offset(s, r, may_point_inside(reg));
}

static bool ctx_arg(struct step *s, uint32_t r) {
    char kind[64];
    return step_reg(s, r)->kind == REG_CTX ||
           step_reject(s, REASON_KFUNC_ARG, (int)r, "arg#%u expected pointer to ctx, but got %s",
                       r - 1, reg_kind_name(step_reg(s, r), kind));
}

/* A pointer of which the prototype says only the type. sized: is the next argument its size? */
static bool any_pointer(struct step *s, struct kfunc_call *c, uint32_t r, const struct kparam *p,
                        bool sized) {
    const struct reg *const reg = step_reg(s, r);
    if (reg->kind == REG_BTF || sock_type((enum reg_kind)reg->kind)) {
        if (!p->is_struct)
            return step_reject(
                s, REASON_KFUNC_ARG, (int)r,
                "kernel function %s args#%u pointer type UNKNOWN %s is not supported", c->f->name,
                r - 1, btf_type_name(subject_kernel(s->sub), p->btf_id));
        return trusted(s, c, r) && offset(s, c, r) && object(s, c, r, p->btf_id);
    }
    if (p->is_func) {
        if (reg->kind != REG_FUNC)
            return step_reject(s, REASON_KFUNC_ARG, (int)r, "arg%u expected pointer to func",
                               r - 1);
        c->subprog = reg->subprog;
        return offset(s, c, r);
    }
    if (!offset(s, c, r))
        return false;
    if (sized && (p->is_plain || p->is_void))
        return sized_memory(s, c, r, p);
    return plain_memory(s, c, r, p);
}

static bool pointer(struct step *s, struct kfunc_call *c, uint32_t r, const struct kparam *p,
                    bool sized) {
    struct reg *const reg = step_reg(s, r);
    const bool null = reg_is_null(reg);
    if (kfunc_has(c, CAREFUL) && (null || (reg_is_pointer(reg) && reg_maybe_null(reg))) &&
        !p->nullable) {
        step_reject(s, REASON_NULL_DEREF, (int)r, "Possibly NULL pointer passed to trusted arg%u",
                    r - 1);
        return report_needed(&s->rep, "a test for NULL first");
    }
    if (reg_is_pointer(reg) && reg->ref) {
        if (kfunc_has(c, KFUNC_F_RELEASE) && c->ref)
            return step_reject(s, REASON_REF_RELEASE, (int)r,
                               "more than one arg with ref_obj_id R%u %u %u", r, reg->ref, c->ref);
        c->ref = reg->ref;
        if (kfunc_has(c, KFUNC_F_RELEASE))
            c->release = r;
    }
    if (p->kind != KPARAM_CTX && p->nullable && null && !sized) {
        step_precise(s, r);
        return true;
    }
    if (p->kind == KPARAM_ALLOC && !trusted(s, c, r))
        return false;
    if (p->kind == KPARAM_MAP)
        return offset(s, c, r) && map_arg(s, c, r);
    if (p->kind == KPARAM_POINTER)
        return any_pointer(s, c, r, p, sized);
    if (!offset(s, c, r))
        return false;
    switch ((enum kparam_kind)p->kind) {
    case KPARAM_CTX: return ctx_arg(s, r);
    case KPARAM_ALLOC: return alloc_arg(s, c, r);
    case KPARAM_REFCOUNTED: return refcounted_arg(s, c, r);
    case KPARAM_DYNPTR: return dynptr_arg(s, c, r, p);
    case KPARAM_ITER: return iter_arg(s, c, r - 1);
    case KPARAM_LIST_HEAD: return graph_root_arg(s, c, r, SPECIAL_LIST_HEAD);
    case KPARAM_LIST_NODE: return graph_node_arg(s, c, r, SPECIAL_LIST_NODE);
    case KPARAM_RB_ROOT: return graph_root_arg(s, c, r, SPECIAL_RB_ROOT);
    case KPARAM_RB_NODE: return graph_node_arg(s, c, r, SPECIAL_RB_NODE);
    case KPARAM_STRING: return string_arg(s, r);
    case KPARAM_WORKQUEUE: return workqueue_arg(s, c, r);
    case KPARAM_IRQ_FLAG: return kfunc_irq_flag(s, c, r);
    default:
        return step_reject(s, REASON_UNSUPPORTED, (int)r, "arg#%u has a type unknown here", r - 1);
    }
}

bool kfunc_args(struct step *s, struct kfunc_call *c) {
    const struct kfunc_fact *const f = c->f;
    if (f->n_params > MAX_ARGS)
        return step_reject(s, REASON_KFUNC, REPORT_NO_REG, "Function %s has %u > %d args", f->name,
                           f->n_params, MAX_ARGS);
    for (uint32_t i = 0; i < f->n_params; i++) {
        const struct kparam *const p = &f->param[i];
        const uint32_t r = REG_ARG_FIRST + i;
        if (p->kind == KPARAM_IGNORE)
            continue;
        if (p->kind == KPARAM_BAD)
            return step_reject(s, REASON_KFUNC, (int)r, "Unrecognized arg#%u type", i);
        if (!step_read(s, r))
            return false;
        if (p->kind <= KPARAM_SIZE_RDWR) {
            if (!number(s, c, r, (enum kparam_kind)p->kind))
                return false;
            continue;
        }
        const bool sized = p->size != KSIZE_NONE && reg_is_scalar(step_reg(s, r + 1));
        if (!pointer(s, c, r, p, sized))
            return false;
        /* memory and its size are one argument */
        const uint8_t kind = step_reg(s, r)->kind;
        i += sized && p->kind == KPARAM_POINTER && kind != REG_BTF &&
             !sock_type((enum reg_kind)kind);
    }
    if (kfunc_has(c, KFUNC_F_RELEASE) && !c->release)
        return step_reject(s, REASON_REF_RELEASE, REPORT_NO_REG,
                           "release kernel function %s expects refcounted PTR_TO_BTF_ID", f->name);
    return true;
}

/* step_kfunc.c: a call of a kernel function: may it be made here, do its arguments fit, what does
 * it leave behind. Prototypes are the kernel's BTF's, flags are rows of runtime/kfunc.def.
 * source: check_kfunc_call of Linux 6.12
 */
#include "verifier/kfunc_call.h"

/* Functions that may be called only by programs that are attached in a certain way. */
static bool attach_fits(const struct step *s, const struct kfunc_fact *f) {
    const uint32_t attach = s->sub->prog->attach_type;
    if (!(f->row->flags & KFUNC_F_LIMIT))
        return true;
    switch (f->id) {
    case KFUNC_SESSION_COOKIE:
    case KFUNC_SESSION_IS_RETURN: return attach == ATTACH_trace_kprobe_session;
    case KFUNC_SOCK_DESTROY: return attach == ATTACH_trace_iter;
    default: return false; /* programs that are bound to a device */
    }
}

static bool under_lock(enum kfunc_id id) {
    return graph_is_api(id) || id == KFUNC_ITER_NUM_NEW || id == KFUNC_ITER_NUM_NEXT ||
           id == KFUNC_ITER_NUM_DESTROY;
}

static bool may_call(struct step *s, const struct prog_extern *x, const struct kfunc_fact *f) {
    if (!x || !f || !f->name)
        return step_reject(s, REASON_KFUNC, REPORT_NO_REG, "a kernel function without a name");
    if (!subject_kernel(s->sub))
        return step_reject(s, REASON_BTF, REPORT_NO_REG,
                           "calling kernel function %s without the kernel's types", f->name);
    if (!f->btf_id) {
        if (x->weak)
            return step_reject(s, REASON_KFUNC, REPORT_NO_REG,
                               "invalid kernel function call not eliminated in verifier pass");
        return step_reject(s, REASON_KFUNC, REPORT_NO_REG, "the kernel has no function %s",
                           f->name);
    }
    if (!f->row || !attach_fits(s, f))
        return step_reject(s, REASON_KFUNC, REPORT_NO_REG,
                           "calling kernel function %s is not allowed", f->name);
    if (!s->sub->privileged)
        return step_reject(s, REASON_PRIVILEGE, REPORT_NO_REG,
                           "kernel functions are not for unprivileged programs");
    if (!s->sub->gpl)
        return step_reject(s, REASON_LICENSE, REPORT_NO_REG,
                           "cannot call kernel function from non-GPL compatible program");
    if (state_lock(s->st) && !under_lock(f->id))
        return step_reject(s, REASON_LOCK, REPORT_NO_REG,
                           "function calls are not allowed while holding a lock");
    if ((f->row->flags & KFUNC_F_SLEEPS) && !s->st->in_sleepable)
        return step_reject(s, REASON_SLEEP, REPORT_NO_REG,
                           "program must be sleepable to call sleepable kfunc %s", f->name);
    return true;
}

static bool release(struct step *s, const struct kfunc_call *c) {
    if (!c->release || call_release(s, step_reg(s, c->release)->ref))
        return true;
    return step_reject(s, REASON_REF_RELEASE, (int)c->release,
                       "kfunc %s reference has not been acquired before", c->f->name);
}

static bool gives_node(enum kfunc_id id) {
    return id == KFUNC_LIST_PUSH_FRONT || id == KFUNC_LIST_PUSH_BACK || id == KFUNC_RBTREE_ADD;
}

static bool may_be_null(const struct kfunc_call *c) {
    return kfunc_has(c, KFUNC_F_RET_NULL) && !(c->f->id == KFUNC_REFCOUNT_ACQUIRE && c->owning);
}

static bool returned_memory(struct step *s, const struct kfunc_call *c, struct reg *r0) {
    uint32_t n_bytes = c->mem_bytes;
    bool rdonly = !c->mem_writable;
    if (c->f->id == KFUNC_SESSION_COOKIE) {
        n_bytes = 8;
        rdonly = false;
    } else if (!n_bytes) {
        n_bytes = c->f->ret_bytes;
    }
    if (!n_bytes)
        return step_reject(s, REASON_KFUNC, REPORT_NO_REG,
                           "kernel function %s returns pointer type that is not supported",
                           c->f->name);
    *r0 = reg_pointer(REG_MEM, rdonly ? REG_F_RDONLY : 0);
    r0->mem_bytes = n_bytes;
    r0->ref = c->ref; /* not to be used after what it is part of */
    return true;
}

static struct reg returned_object(const struct step *s, const struct kfunc_call *c) {
    unsigned flags = 0;
    if (kfunc_has(c, KFUNC_F_ITER_NEXT))
        flags = iter_of(s, c)->flags & REG_F_RCU ? REG_F_RCU : REG_F_TRUSTED;
    struct reg r = reg_pointer(REG_BTF, flags);
    r.btf_id = c->f->ret_btf_id;
    return r;
}

static bool set_result(struct step *s, const struct kfunc_call *c) {
    struct reg r = reg_scalar(scalar_unknown());
    bool known;
    if (!kfunc_result(s, c, &r, &known))
        return false;
    if (!known) {
        switch (c->f->ret) {
        case KRET_VOID: return true;
        case KRET_SCALAR: *step_reg(s, 0) = r; return true;
        case KRET_OBJECT: r = returned_object(s, c); break;
        case KRET_MEM:
            if (!returned_memory(s, c, &r))
                return false;
            break;
        case KRET_BAD:
            return step_reject(s, REASON_KFUNC, REPORT_NO_REG,
                               "kernel function %s returns what is not supported", c->f->name);
        }
    }
    if (may_be_null(c)) {
        r.flags |= REG_F_NULL;
        r.id = step_new_id(s);
    }
    if (kfunc_has(c, KFUNC_F_ACQUIRE)) {
        r.ref = call_acquire(s);
        if (!r.ref)
            return false;
        r.id = may_be_null(c) ? r.ref : r.id;
    }
    if (call_lock_in(s, &r) && !r.id)
        r.id = step_new_id(s);
    *step_reg(s, 0) = r;
    return true;
}

/* The path ends: the program's exception callback goes on, or the program returns r1. */
static bool throw(struct step * s) {
    if (!s->sub->exception_cb && !call_check_return(s, 1))
        return false;
    s->flow = STEP_END;
    return call_check_leaks(s, LEAVE_THROW);
}

bool step_kfunc(struct step *s) {
    struct kfunc_call c = {.f = subject_kfunc_fact(s->sub, s->pc), .map = KFUNC_NO_MAP};
    if (!may_call(s, subject_extern(s->sub, s->pc), c.f) || !kfunc_args(s, &c) ||
        !kfunc_call_back(s, &c) || !kfunc_section(s, &c) || !release(s, &c))
        return false;
    if (gives_node(c.f->id) && !graph_give(s))
        return false;
    if (c.f->id == KFUNC_THROW)
        return throw(s);
    call_clobber(s);
    if (!set_result(s, &c))
        return false;
    return !kfunc_has(&c, KFUNC_F_ITER_NEXT) || iter_next(s, &c);
}

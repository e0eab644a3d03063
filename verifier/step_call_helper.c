/* step_call_helper.c: a helper call: may it be made here, do its arguments fit, what does it leave
 * behind. The prototypes are rows of runtime/helper.def.
 */
#include <stdio.h>
#include <string.h>

#include "verifier/helper_call.h"
#include "verifier/hook.h"

enum {
    MAX_ERRNO = 4095,
    MAX_CPUS = 64, /* of a world */
};

const char *helper_words(uint32_t id, char buf[64]) {
    const struct helper_proto *const p = helper_proto_of(id);
    snprintf(buf, 64, "%s%s#%u", p ? "bpf_" : "unknown", p ? p->name : "", id);
    return buf;
}

static bool may_call(struct step *s, const struct helper_proto *p, uint32_t id) {
    const struct subject *const sub = s->sub;
    const struct prog *const prog = sub->prog;
    char words[64];
    if (id >= N_HELPERS || !helper_proto_of(id))
        return step_reject(s, REASON_HELPER, REPORT_NO_REG, "invalid func %s",
                           helper_words(id, words));
    if (!p ||
        (prog->type != PROG_raw && !(helper_allowed(id, prog->type, (int)prog->attach_type) &&
                                     (sub->privileged || helper_unprivileged(id, prog->type)))))
        return step_reject(s, REASON_HELPER, REPORT_NO_REG,
                           "program of this type cannot use helper %s", helper_words(id, words));
    if ((p->flags & HELPER_F_LIMIT) && prog->type != PROG_raw && !hook_allows_helper(sub, id))
        return step_reject(s, REASON_HELPER, REPORT_NO_REG, "helper call is not allowed in probe");
    if ((p->flags & HELPER_F_GPL) && !sub->gpl)
        return step_reject(s, REASON_LICENSE, REPORT_NO_REG,
                           "cannot call GPL-restricted function from non-GPL compatible program");
    if (state_lock(s->st) && id != HELPER_spin_unlock)
        return step_reject(s, REASON_LOCK, REPORT_NO_REG,
                           "function calls are not allowed while holding a lock");
    if (!(p->flags & HELPER_F_SLEEPS))
        return true;
    if (!s->st->in_sleepable)
        return step_reject(s, REASON_SLEEP, REPORT_NO_REG,
                           "helper call might sleep in a non-sleepable prog");
    if (s->st->rcu_depth)
        return step_reject(s, REASON_SLEEP, REPORT_NO_REG,
                           "sleepable helper %s in rcu_read_lock region", helper_words(id, words));
    if (s->st->preempt_depth)
        return step_reject(s, REASON_SLEEP, REPORT_NO_REG,
                           "sleepable helper %s in non-preemptible region",
                           helper_words(id, words));
    if (s->st->irq_id)
        return step_reject(s, REASON_SLEEP, REPORT_NO_REG,
                           "sleepable helper %s in IRQ-disabled region", helper_words(id, words));
    return true;
}

static bool map_fits(struct step *s, const struct helper_call *h) {
    char words[64];
    if (h->map == NO_MAP)
        return true;
    const struct map_def *const map = s->sub->maps[h->map].def;
    if (s->sub->prog->type == PROG_raw ||
        helper_takes_map(h->proto->id, map->type, s->sub->prog->type,
                         (int)s->sub->prog->attach_type))
        return true;
    return step_reject(s, REASON_MAP_TYPE, REPORT_NO_REG, "cannot pass map_type %u into func %s",
                       map->type, helper_words(h->proto->id, words));
}

/* The reference that an argument gives back. */
static bool release(struct step *s, const struct helper_call *h) {
    char words[64];
    if (!h->release)
        return true;
    if (h->proto->arg[h->release - 1].type == ARG_DYNPTR)
        return dynptr_arg_end(s, h->release);
    if (reg_is_null(step_reg(s, h->release)))
        return true;
    if (h->ref &&
        (h->proto->id == HELPER_kptr_xchg ? kptr_give(s, h->ref) : call_release(s, h->ref)))
        return true;
    return step_reject(s, REASON_REF_RELEASE, (int)h->release,
                       "func %s reference has not been acquired before",
                       helper_words(h->proto->id, words));
}

/* ---- what is returned ---- */

static bool acquires(const struct step *s, const struct helper_call *h) {
    if (h->proto->ret_flags & RET_F_ACQUIRE)
        return true;
    if (h->proto->id != HELPER_map_lookup_elem || h->map == NO_MAP)
        return false;
    const struct map_type_info *const t = map_type_of(s->sub->maps[h->map].def->type);
    return t && t->lookup == LOOKUP_SOCKET;
}

/* Does what is returned live as long as the argument's reference? Casts, and slices of a dynptr. */
static bool borrows(const struct helper_call *h) {
    return (h->proto->ret_flags & RET_F_CAST) || h->proto->ret == RET_DYNPTR_MEM;
}

static struct reg returned_object(struct step *s, const struct helper_call *h) {
    const struct helper_proto *const p = h->proto;
    unsigned flags = p->ret_flags & RET_F_TRUSTED ? REG_F_TRUSTED : 0;
    struct reg r;
    if (p->id == HELPER_kptr_xchg && h->kptr) {
        if (h->kptr->own_btf)
            flags |= REG_F_ALLOC | REG_F_OWN_BTF;
        if (h->kptr->kind == SPECIAL_KPTR_PERCPU)
            flags |= REG_F_PERCPU;
        r = reg_pointer(REG_BTF, flags);
        r.btf_id = h->kptr->btf_id;
        return r;
    }
    r = reg_pointer(REG_BTF, flags);
    r.btf_id = p->ret_btf_type ? btf_kernel_struct(s->sub, p->ret_btf_type) : h->obj_btf_id;
    return r;
}

/* A per-CPU variable: a kernel object if it is a structure, else memory. */
static struct reg returned_percpu(struct step *s, const struct helper_call *h) {
    const bool own = h->obj_flags & REG_F_OWN_BTF;
    const struct btf *const btf = own ? s->sub->prog->btf : subject_kernel(s->sub);
    const uint32_t id = btf ? btf_strip(btf, h->obj_btf_id) : 0;
    const struct btf_type *const t = btf ? btf_type_at(btf, id) : NULL;
    struct reg r;
    if (t && (t->kind == BTF_STRUCT || t->kind == BTF_UNION)) {
        r = reg_pointer(REG_BTF, own ? REG_F_ALLOC | REG_F_RCU | REG_F_OWN_BTF : 0);
        r.btf_id = id;
        return r;
    }
    const int64_t n = btf ? btf_size(btf, id) : 0;
    r = reg_pointer(REG_MEM, REG_F_RDONLY);
    r.mem_bytes = n > 0 ? (uint32_t)n : 0;
    return r;
}

static struct reg returned_value(const struct step *s, const struct helper_call *h) {
    struct reg r = reg_pointer(REG_MAP_VALUE, 0);
    r.map = h->map;
    r.map_uid = h->map_uid;
    (void)s;
    return r;
}

/* The numbers that are known to be returned. */
static struct scalar returned_number(const struct helper_call *h) {
    switch ((enum ret_range)h->proto->ret_range) {
    case RET_RANGE_SIZE:
        /* an int: negative, or at most the size */
        if (h->size_max <= INT32_MAX)
            return scalar_from_srange(-MAX_ERRNO, (int64_t)h->size_max);
        return scalar_unknown();
    case RET_RANGE_CPU: return scalar_from_urange(0, MAX_CPUS - 1);
    default: return scalar_unknown();
    }
}

static bool may_be_null(const struct step *s, const struct helper_call *h) {
    if (!(h->proto->ret_flags & RET_F_NULL))
        return false;
    /* an array has every element */
    return !(h->proto->id == HELPER_map_lookup_elem && h->map != NO_MAP && h->const_key >= 0 &&
             h->const_key < s->sub->maps[h->map].def->max_entries);
}

static bool set_result(struct step *s, const struct helper_call *h, uint32_t slice_of,
                       uint32_t slice_flags) {
    struct reg r;
    switch ((enum ret_type)h->proto->ret) {
    case RET_VOID: return true;
    case RET_MAP_VALUE: r = returned_value(s, h); break;
    case RET_SOCKET: r = reg_pointer(REG_SOCK, 0); break;
    case RET_TCP_SOCK: r = reg_pointer(REG_TCP_SOCK, 0); break;
    case RET_SOCK_COMMON: r = reg_pointer(REG_SOCK_COMMON, 0); break;
    case RET_RINGBUF_MEM:
        r = reg_pointer(REG_MEM, REG_F_RINGBUF);
        r.mem_bytes = (uint32_t)h->alloc_bytes;
        break;
    case RET_DYNPTR_MEM:
        r = reg_pointer(REG_MEM, slice_flags);
        r.mem_bytes = (uint32_t)h->alloc_bytes;
        r.dynptr_id = slice_of;
        break;
    case RET_BTF_ID: r = returned_object(s, h); break;
    case RET_MEM_OR_BTF_ID: r = returned_percpu(s, h); break;
    default: r = reg_scalar(returned_number(h)); break;
    }
    if (may_be_null(s, h)) {
        r.flags |= REG_F_NULL;
        r.id = step_new_id(s);
    } else if (call_lock_in(s, &r)) {
        r.id = step_new_id(s);
    }
    if (borrows(h)) {
        r.ref = h->ref;
    } else if (acquires(s, h)) {
        r.ref = r.id = call_acquire(s);
        if (!r.ref)
            return false;
    }
    *step_reg(s, 0) = r;
    return true;
}

bool step_call_helper(struct step *s) {
    const struct prog *const prog = s->sub->prog;
    const uint32_t id = (uint32_t)s->insn.imm;
    struct helper_call h = {
        .proto = helper_proto_for(id, prog->type, (int)prog->attach_type),
        .map = NO_MAP,
        .const_key = -1,
    };
    if (!may_call(s, h.proto, id))
        return false;
    for (uint32_t i = 0; i < REG_ARG_LAST; i++)
        if (!helper_arg(s, &h, i))
            return false;
    uint32_t slice_of = 0, slice_flags = 0;
    if (id == HELPER_dynptr_data) {
        const struct reg *const dynptr = dynptr_of(s, 1);
        slice_of = dynptr->id;
        h.ref = dynptr->ref;
        slice_flags = dynptr->dynptr == DYNPTR_RINGBUF ? REG_F_RINGBUF : 0;
    }
    if (!release(s, &h) || !map_fits(s, &h) || !helper_do(s, &h))
        return false;
    call_clobber(s);
    if (!set_result(s, &h, slice_of, slice_flags))
        return false;
    if (h.proto->flags & HELPER_F_PKT_CHANGE)
        call_forget_packets(s);
    return true;
}

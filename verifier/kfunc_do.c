/* kfunc_do.c: what single kernel functions do: sections, callbacks, and results that their
 * prototypes do not say.
 */
#include <string.h>

#include "verifier/kfunc_call.h"

enum {
    PERCPU_MAX_BYTES = 512,
    FLAG_BYTES = 8, /* of saved interrupt flags */
};

/* ---- callbacks ---- */

/* bpf_rbtree_add(root, node, less): a node of the tree that register 1 points to. */
static struct reg tree_node(struct step *s) {
    const struct reg *const root = step_reg(s, 1);
    const int64_t off = root->off + (int64_t)root->v.bits.value;
    const struct special_field *f = NULL;
    if (root->kind == REG_MAP_VALUE) {
        const struct map_fact *const m = &s->sub->maps[root->map];
        for (uint32_t i = 0; i < m->n_fields; i++)
            if (m->fields[i].kind == SPECIAL_RB_ROOT && m->fields[i].off == off)
                f = &m->fields[i];
    } else {
        f = btf_special(s->sub, root->btf_id, SPECIAL_RB_ROOT, off);
    }
    return f ? graph_node(s, f, true) : reg_uninit();
}

bool kfunc_call_back(struct step *s, const struct kfunc_call *c) {
    struct invocation i = {.what = kfunc_callback_of(c->f->row->name),
                           .subprog = c->subprog,
                           .map = c->map,
                           .map_uid = c->map_uid};
    if (!i.what)
        return true;
    if (i.what->async)
        i.sleepable = true; /* work queues run in process context */
    else
        i.node = tree_node(s);
    return call_callback(s, &i);
}

/* ---- sections ---- */

/* What was valid while the section lasted may dangle from now on. */
static void end_rcu(struct step *s) {
    struct reg *r;
    for (struct reg_walk w = {.st = s->st}; (r = reg_walk_next(&w)) != NULL;)
        if (r->flags & REG_F_RCU) {
            r->flags &= (uint16_t)~(REG_F_RCU | REG_F_NULL);
            r->flags |= REG_F_UNTRUSTED;
        }
}

static bool rcu_section(struct step *s, const struct kfunc_call *c) {
    const bool lock = c->f->id == KFUNC_RCU_LOCK, unlock = c->f->id == KFUNC_RCU_UNLOCK;
    struct state *const st = s->st;
    if (!st->rcu_depth) {
        st->rcu_depth = lock;
        return !unlock || step_reject(s, REASON_SECTION, REPORT_NO_REG,
                                      "unmatched rcu read unlock (kernel function %s)", c->f->name);
    }
    if (kfunc_in_tree_callback(s) && (lock || unlock))
        return step_reject(s, REASON_SECTION, REPORT_NO_REG,
                           "Calling bpf_rcu_read_{lock,unlock} in unnecessary rbtree callback");
    if (lock)
        return step_reject(s, REASON_SECTION, REPORT_NO_REG,
                           "nested rcu read lock (kernel function %s)", c->f->name);
    if (unlock) {
        st->rcu_depth = 0;
        end_rcu(s);
    } else if (kfunc_has(c, KFUNC_F_SLEEPS)) {
        return step_reject(s, REASON_SLEEP, REPORT_NO_REG,
                           "kernel func %s is sleepable within rcu_read_lock region", c->f->name);
    }
    return true;
}

static bool preempt_section(struct step *s, const struct kfunc_call *c) {
    struct state *const st = s->st;
    if (c->f->id == KFUNC_PREEMPT_OFF) {
        st->preempt_depth++;
        return true;
    }
    if (c->f->id == KFUNC_PREEMPT_ON) {
        if (!st->preempt_depth)
            return step_reject(s, REASON_SECTION, REPORT_NO_REG,
                               "unmatched attempt to enable preemption (kernel function %s)",
                               c->f->name);
        st->preempt_depth--;
        return true;
    }
    return !st->preempt_depth || !kfunc_has(c, KFUNC_F_SLEEPS) ||
           step_reject(s, REASON_SLEEP, REPORT_NO_REG,
                       "kernel func %s is sleepable within non-preemptible region", c->f->name);
}

bool kfunc_section(struct step *s, const struct kfunc_call *c) {
    if (!rcu_section(s, c) || !preempt_section(s, c))
        return false;
    return !s->st->irq_id || !kfunc_has(c, KFUNC_F_SLEEPS) ||
           step_reject(s, REASON_SLEEP, REPORT_NO_REG,
                       "kernel func %s is sleepable within IRQ-disabled region", c->f->name);
}

/* ---- interrupts: flags are saved in a slot, and restored last in, first out ---- */

static bool irq_save(struct step *s, uint32_t r, struct frame *f, uint32_t index, uint32_t k) {
    if (k < f->n_slots && (slot_is(&f->slots[k], SLOT_IRQ)))
        return step_reject(s, REASON_SECTION, (int)r, "expected uninitialized irq flag as arg#%u",
                           r - 1);
    const struct access_range bytes = {
        .r = r, .n_bytes = FLAG_BYTES, .kind = ACCESS_WRITE, .uninit_ok = true};
    if (!dynptr_overwrite(s, index, k) || !access_range(s, &bytes))
        return false;
    const struct ref ref = {.kind = REF_IRQ, .id = step_new_id(s), .pc = s->pc};
    if (state_ref_add(s->st, ref) != BPFLAB_OK)
        return step_nomem(s);
    s->st->irq_id = ref.id;
    f->slots[k].spilled = reg_pointer(REG_STACK, 0);
    f->slots[k].spilled.ref = ref.id;
    memset(f->slots[k].byte, SLOT_IRQ, SLOT_BYTES);
    step_touch_write(s, index, UINT64_C(1) << k);
    return true;
}

static bool irq_restore(struct step *s, uint32_t r, struct frame *f, uint32_t index, uint32_t k) {
    if (k >= f->n_slots || !slot_is(&f->slots[k], SLOT_IRQ) || !f->slots[k].spilled.ref)
        return step_reject(s, REASON_SECTION, (int)r, "expected an initialized irq flag as arg#%u",
                           r - 1);
    const uint32_t id = f->slots[k].spilled.ref;
    if (id != s->st->irq_id)
        return step_reject(s, REASON_SECTION, (int)r,
                           "cannot restore irq state out of order, expected id=%u", s->st->irq_id);
    step_touch_read(s, index, UINT64_C(1) << k);
    state_ref_drop(s->st, REF_IRQ, id);
    s->st->irq_id = 0;
    for (uint32_t i = 0; i < s->st->n_refs; i++)
        if (s->st->refs[i].kind == REF_IRQ)
            s->st->irq_id = s->st->refs[i].id;
    f->slots[k] = (struct slot){.spilled = reg_uninit()};
    step_touch_write(s, index, UINT64_C(1) << k);
    return true;
}

bool kfunc_irq_flag(struct step *s, const struct kfunc_call *c, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    const uint32_t index = reg->frame;
    if (reg->kind != REG_STACK)
        return step_reject(s, REASON_SECTION, (int)r,
                           "arg#%u doesn't point to an irq flag on stack", r - 1);
    const int64_t off = reg->off + (int64_t)reg->v.bits.value;
    if (!scalar_is_const(reg->v) || off % SLOT_BYTES || off >= 0 || off < -FRAME_MAX_BYTES)
        return step_reject(s, REASON_SECTION, (int)r,
                           "irq flag has to be at a constant offset of the stack");
    struct frame *const f = s->st->frames[index];
    return c->f->id == KFUNC_IRQ_SAVE ? irq_save(s, r, f, index, slot_of(off))
                                      : irq_restore(s, r, f, index, slot_of(off));
}

/* ---- results ---- */

static bool new_object(struct step *s, const struct kfunc_call *c, struct reg *r0) {
    const struct btf *const btf = s->sub->prog->btf;
    const bool percpu = c->f->id == KFUNC_PERCPU_OBJ_NEW;
    if (c->constant > UINT32_MAX)
        return step_reject(s, REASON_KFUNC_ARG, 1,
                           "local type ID argument must be in range [0, U32_MAX]");
    if (!btf)
        return step_reject(s, REASON_BTF, REPORT_NO_REG,
                           "bpf_obj_new/bpf_percpu_obj_new requires prog BTF");
    const uint32_t id = (uint32_t)c->constant;
    const struct btf_type *const t = btf_type_at(btf, id);
    if (!t || t->kind != BTF_STRUCT)
        return step_reject(s, REASON_KFUNC_ARG, 1,
                           "bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct");
    const struct object_fact *const o = subject_object(s->sub, id);
    if (o && o->bad)
        return step_reject(s, REASON_BTF, 1, "the fields of struct %s contradict each other",
                           btf_type_name(btf, id));
    if (percpu && t->size_or_type > PERCPU_MAX_BYTES)
        return step_reject(s, REASON_KFUNC_ARG, 1,
                           "bpf_percpu_obj_new type size (%u) is greater than %d", t->size_or_type,
                           PERCPU_MAX_BYTES);
    if (percpu && !subject_is_plain(btf, id))
        return step_reject(s, REASON_KFUNC_ARG, 1,
                           "bpf_percpu_obj_new type ID argument must be of a struct of scalars");
    if (percpu && o)
        return step_reject(s, REASON_KFUNC_ARG, 1,
                           "bpf_percpu_obj_new type ID argument must not contain special fields");
    *r0 = reg_pointer(REG_BTF, REG_F_ALLOC | REG_F_OWN_BTF | (percpu ? REG_F_PERCPU : 0));
    r0->btf_id = id;
    return true;
}

static bool kernel_context(struct step *s, struct reg *r0) {
    static const struct {
        const char *user, *kernel;
    } rows[] = {
        {"__sk_buff", "sk_buff"},
        {"xdp_md", "xdp_buff"},
        {"bpf_sock", "sock"},
        {"bpf_sock_addr", "bpf_sock_addr_kern"},
        {"bpf_sockopt", "bpf_sockopt_kern"},
        {"bpf_sock_ops", "bpf_sock_ops_kern"},
        {"bpf_sysctl", "bpf_sysctl_kern"},
        {"bpf_sk_lookup", "bpf_sk_lookup_kern"},
        {"sk_msg_md", "sk_msg"},
        {"sk_reuseport_md", "sk_reuseport_kern"},
        {"bpf_perf_event_data", "bpf_perf_event_data_kern"},
        {"bpf_cgroup_dev_ctx", "bpf_cgroup_dev_ctx"},
        {"pt_regs", "pt_regs"},
    };
    const char *const user = s->sub->type ? s->sub->type->ctx_name : NULL;
    const char *name = s->sub->prog->type == PROG_flow_dissector ? "bpf_flow_dissector" : NULL;
    for (size_t i = 0; user && !name && i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].user, user))
            name = rows[i].kernel;
    const uint32_t id = name ? btf_kernel_struct(s->sub, name) : 0;
    if (!id)
        return step_reject(s, REASON_KFUNC, REPORT_NO_REG,
                           "programs of this type have no context that the kernel has a type for");
    *r0 = reg_pointer(REG_BTF, REG_F_TRUSTED);
    r0->btf_id = id;
    return true;
}

static bool cast(struct step *s, const struct kfunc_call *c, struct reg *r0) {
    const struct btf *const btf = subject_kernel(s->sub);
    const struct btf_type *const t =
        c->constant <= UINT32_MAX ? btf_type_at(btf, (uint32_t)c->constant) : NULL;
    if (t && t->kind == BTF_VOID) {
        *r0 = reg_pointer(REG_MEM, REG_F_RDONLY | REG_F_UNTRUSTED);
        return true;
    }
    if (!t || (t->kind != BTF_STRUCT && t->kind != BTF_UNION))
        return step_reject(s, REASON_KFUNC_ARG, 2,
                           "kfunc bpf_rdonly_cast type ID argument must be of a struct");
    *r0 = reg_pointer(REG_BTF, REG_F_UNTRUSTED);
    r0->btf_id = (uint32_t)c->constant;
    return true;
}

static bool slice(struct step *s, const struct kfunc_call *c, struct reg *r0) {
    const bool packet = c->dynptr.dynptr == DYNPTR_SKB || c->dynptr.dynptr == DYNPTR_XDP;
    const bool rdonly = c->f->id == KFUNC_DYNPTR_SLICE;
    if (!c->has_const || !c->has_dynptr)
        return step_reject(s, REASON_KFUNC_ARG, REPORT_NO_REG, "a slice's size must be known");
    if (!rdonly && !access_packet_write(s->sub))
        return step_reject(s, REASON_PACKET_WRITE, REPORT_NO_REG,
                           "the prog does not allow writes to packet data");
    *r0 = reg_pointer(REG_MEM,
                      (packet ? REG_F_PACKET : 0u) | (rdonly ? REG_F_RDONLY : 0u) |
                          (c->dynptr.dynptr == DYNPTR_RINGBUF ? (unsigned)REG_F_RINGBUF : 0u));
    r0->mem_bytes = (uint32_t)c->constant;
    r0->dynptr_id = c->dynptr.id;
    return true;
}

bool kfunc_result(struct step *s, const struct kfunc_call *c, struct reg *r0, bool *known) {
    *known = true;
    switch (c->f->id) {
    case KFUNC_OBJ_NEW:
    case KFUNC_PERCPU_OBJ_NEW: return new_object(s, c, r0);
    case KFUNC_REFCOUNT_ACQUIRE:
        *r0 = reg_pointer(REG_BTF, REG_F_ALLOC | REG_F_OWN_BTF);
        r0->btf_id = c->obj_btf_id;
        return true;
    case KFUNC_LIST_POP_FRONT:
    case KFUNC_LIST_POP_BACK:
    case KFUNC_RBTREE_REMOVE: *r0 = graph_node(s, c->root, false); return true;
    case KFUNC_RBTREE_FIRST: *r0 = graph_node(s, c->root, true); return true;
    case KFUNC_KERN_CTX: return kernel_context(s, r0);
    case KFUNC_RDONLY_CAST: return cast(s, c, r0);
    case KFUNC_DYNPTR_SLICE:
    case KFUNC_DYNPTR_SLICE_RDWR: return slice(s, c, r0);
    default: *known = false; return true;
    }
}

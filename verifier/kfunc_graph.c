/* kfunc_graph.c: lists and trees of the program's own objects: whose node goes where, under which
 * lock, and who owns it.
 * source: __process_kf_arg_ptr_to_graph_root and _node of Linux 6.12
 */
#include "verifier/kfunc_call.h"

static const char *kind_name(enum special_kind kind) {
    switch (kind) {
    case SPECIAL_LIST_HEAD: return "bpf_list_head";
    case SPECIAL_LIST_NODE: return "bpf_list_node";
    case SPECIAL_RB_ROOT: return "bpf_rb_root";
    default: return "bpf_rb_node";
    }
}

bool graph_is_api(enum kfunc_id id) {
    switch (id) {
    case KFUNC_REFCOUNT_ACQUIRE:
    case KFUNC_LIST_PUSH_FRONT:
    case KFUNC_LIST_PUSH_BACK:
    case KFUNC_LIST_POP_FRONT:
    case KFUNC_LIST_POP_BACK:
    case KFUNC_RBTREE_ADD:
    case KFUNC_RBTREE_REMOVE:
    case KFUNC_RBTREE_FIRST: return true;
    default: return false;
    }
}

static bool is_owned_kind(const struct reg *r) {
    return r->kind == REG_BTF && (r->flags & ~(unsigned)REG_F_OWN_BTF) == REG_F_ALLOC;
}

bool kfunc_in_tree_callback(const struct step *s) {
    for (uint32_t i = s->st->depth; i > 0; i--) {
        const struct frame *const f = s->st->frames[i];
        const struct kfunc_fact *const k =
            f->in_callback ? subject_kfunc_fact(s->sub, f->call_pc) : NULL;
        if (k && k->id == KFUNC_RBTREE_ADD)
            return true;
    }
    return false;
}

/* The special fields of what r points to. */
static const struct special_field *field_at(const struct step *s, const struct reg *r,
                                            enum special_kind kind, int64_t off,
                                            int64_t *lock_off) {
    const struct special_field *f = NULL;
    uint32_t n = 0;
    *lock_off = -1;
    if (r->kind == REG_MAP_VALUE) {
        f = s->sub->maps[r->map].fields;
        n = s->sub->maps[r->map].n_fields;
        *lock_off = s->sub->maps[r->map].spin_lock;
    } else {
        const struct object_fact *const o = subject_object(s->sub, r->btf_id);
        f = o ? o->fields : NULL;
        n = o ? o->n_fields : 0;
        *lock_off = o ? o->spin_lock : -1;
    }
    for (uint32_t i = 0; i < n; i++)
        if (f[i].kind == (uint32_t)kind && f[i].off == off)
            return &f[i];
    return NULL;
}

/* Is the lock held that stands in the same allocation as what r points to? */
static bool is_locked(struct step *s, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    const struct ref *const lock = state_lock(s->st);
    if (!lock)
        return false;
    if (lock->lock_kind == reg->kind && lock->lock_id == reg->id &&
        (reg->kind != REG_MAP_VALUE || lock->lock_object == reg->map))
        return true;
    step_reject(s, REASON_LOCK, (int)r, "held lock and object are not in the same allocation");
    return false;
}

bool graph_root_arg(struct step *s, struct kfunc_call *c, uint32_t r, enum special_kind kind) {
    const struct reg *const reg = step_reg(s, r);
    int64_t lock_off;
    if ((reg->kind != REG_MAP_VALUE || reg->flags) && !is_owned_kind(reg))
        return step_reject(s, REASON_KFUNC_ARG, (int)r,
                           "arg#%u expected pointer to map value or allocated object", r - 1);
    if (reg->kind == REG_BTF && !reg->ref)
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "allocated object must be referenced");
    if (!scalar_is_const(reg->v))
        return step_reject(s, REASON_KFUNC_ARG, (int)r,
                           "R%u doesn't have constant offset. %s has to be at the constant offset",
                           r, kind_name(kind));
    const int64_t off = reg->off + (int64_t)reg->v.bits.value;
    c->root = field_at(s, reg, kind, off, &lock_off);
    if (!c->root)
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "%s not found at offset=%lld",
                           kind_name(kind), (long long)off);
    if (is_locked(s, r))
        return true;
    step_reject(s, REASON_LOCK, (int)r, "bpf_spin_lock at off=%lld must be held for %s",
                (long long)lock_off, kind_name(kind));
    return report_needed(&s->rep, "the lock in the same value to be held");
}

static bool node_owner(struct step *s, const struct kfunc_call *c, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (c->f->id == KFUNC_RBTREE_REMOVE) {
        const bool non_owning =
            reg->kind == REG_BTF && (reg->flags & REG_F_ALLOC) && (reg->flags & REG_F_NON_OWN);
        if (!non_owning || reg->ref)
            return step_reject(s, REASON_KFUNC_ARG, (int)r,
                               "rbtree_remove node input must be non-owning ref");
        if (kfunc_in_tree_callback(s))
            return step_reject(s, REASON_KFUNC, (int)r, "rbtree_remove not allowed in rbtree cb");
        return true;
    }
    if (!is_owned_kind(reg))
        return step_reject(s, REASON_KFUNC_ARG, (int)r,
                           "arg#%u expected pointer to allocated object", r - 1);
    if (!reg->ref)
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "allocated object must be referenced");
    return true;
}

bool graph_node_arg(struct step *s, struct kfunc_call *c, uint32_t r, enum special_kind kind) {
    const struct reg *const reg = step_reg(s, r);
    const char *const name = kind_name(kind);
    int64_t lock_off;
    if (!node_owner(s, c, r))
        return false;
    if (!scalar_is_const(reg->v))
        return step_reject(s, REASON_KFUNC_ARG, (int)r,
                           "R%u doesn't have constant offset. %s has to be at the constant offset",
                           r, name);
    const int64_t off = reg->off + (int64_t)reg->v.bits.value;
    if (!field_at(s, reg, kind, off, &lock_off))
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "%s not found at offset=%lld", name,
                           (long long)off);
    const struct btf *const btf = s->sub->prog->btf;
    const struct special_field *const root = c->root;
    if (!root || reg->btf_id != root->btf_id)
        return step_reject(
            s, REASON_KFUNC_ARG, (int)r,
            "operation on %s expects arg#1 %s at offset=%u in struct %s, but arg is "
            "at offset=%lld in struct %s",
            kind_name(kind == SPECIAL_LIST_NODE ? SPECIAL_LIST_HEAD : SPECIAL_RB_ROOT), name,
            root ? root->node_off : 0, root ? btf_type_name(btf, root->btf_id) : "", (long long)off,
            btf_type_name(btf, reg->btf_id));
    if (off != root->node_off)
        return step_reject(s, REASON_KFUNC_ARG, (int)r,
                           "arg#1 offset=%lld, but expected %s at offset=%u in struct %s",
                           (long long)off, name, root->node_off, btf_type_name(btf, root->btf_id));
    c->obj_btf_id = reg->btf_id;
    return true;
}

/* What a pointer into a collection is: nodes that are counted may leave it at any time, but their
 * memory stays while the RCU section lasts. */
static uint16_t non_owning_flags(const struct step *s, uint32_t btf_id) {
    const struct object_fact *const o = subject_object(s->sub, btf_id);
    return (uint16_t)(REG_F_NON_OWN | (o && o->refcount >= 0 ? REG_F_RCU : 0));
}

struct reg graph_node(const struct step *s, const struct special_field *root, bool non_owning) {
    struct reg r = reg_pointer(REG_BTF, REG_F_ALLOC | REG_F_OWN_BTF);
    r.btf_id = root->btf_id;
    r.off = (int32_t)root->node_off;
    if (non_owning)
        r.flags |= non_owning_flags(s, root->btf_id);
    return r;
}

bool graph_give(struct step *s) {
    const uint32_t ref = step_reg(s, 2)->ref;
    struct reg *r;
    if (!ref || !state_ref_drop(s->st, REF_PTR, ref))
        return step_reject(s, REASON_REF_RELEASE, 2, "reference has not been acquired before");
    for (struct reg_walk w = {.st = s->st}; (r = reg_walk_next(&w)) != NULL;)
        if (r->ref == ref && r->kind == REG_BTF) {
            r->ref = 0;
            r->flags |= non_owning_flags(s, r->btf_id);
        }
    return true;
}

void btf_forget_non_owning(struct step *s) {
    struct reg *r;
    for (struct reg_walk w = {.st = s->st}; (r = reg_walk_next(&w)) != NULL;)
        if (r->kind == REG_BTF && (r->flags & REG_F_NON_OWN))
            call_invalidate(s, r);
}

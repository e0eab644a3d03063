/* kptr.c: kernel pointers that are kept in map values and objects: loading and storing them whole,
 * and what may be put there.
 * source: check_map_kptr_access, map_kptr_match_type and process_kptr_func of Linux 6.12
 */
#include <stdio.h>
#include <string.h>

#include "verifier/access.h"
#include "verifier/btf_walk.h"
#include "verifier/call.h"
#include "verifier/kfunc.h"

static bool is_graph_node(const struct subject *sub, uint32_t btf_id) {
    return btf_special(sub, btf_id, SPECIAL_LIST_NODE, -1) ||
           btf_special(sub, btf_id, SPECIAL_RB_NODE, -1);
}

/* Are objects of this kernel type freed after an RCU grace period only? */
static bool is_rcu_object(const struct subject *sub, uint32_t btf_id) {
    static const char *const names[] = {
#define BTF_RCU_OBJECT(type) #type,
#include "verifier/btf_trust.def"
    };
    const char *const name = btf_type_name(subject_kernel(sub), btf_id);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

/* What a load of the pointer may be taken for. */
static unsigned loaded_flags(const struct step *s, const struct special_field *f) {
    const bool safe =
        f->kind == SPECIAL_KPTR_PERCPU ||
        (f->kind == SPECIAL_KPTR_REF && (f->own_btf || is_rcu_object(s->sub, f->btf_id)));
    const unsigned own = f->own_btf ? REG_F_OWN_BTF : 0;
    if (!safe || !btf_in_rcu(s))
        return own | REG_F_NULL | REG_F_UNTRUSTED;
    unsigned flags = own | REG_F_NULL | REG_F_RCU;
    if (f->kind == SPECIAL_KPTR_PERCPU)
        flags |= REG_F_PERCPU;
    else if (f->own_btf)
        flags |= REG_F_ALLOC;
    if (f->own_btf && is_graph_node(s->sub, f->btf_id))
        flags |= REG_F_NON_OWN;
    return flags;
}

static void load(struct step *s, const struct special_field *f, struct reg *out) {
    if (f->kind == SPECIAL_UPTR) {
        const int64_t n = f->own_btf ? btf_size(s->sub->prog->btf, f->btf_id)
                                     : btf_size(subject_kernel(s->sub), f->btf_id);
        *out = reg_pointer(REG_MEM, REG_F_NULL);
        out->mem_bytes = n > 0 ? (uint32_t)n : 0;
    } else {
        *out = reg_pointer(REG_BTF, loaded_flags(s, f));
        out->btf_id = f->btf_id;
    }
    out->id = step_new_id(s);
}

static bool refuse(struct step *s, uint32_t r, const struct special_field *f) {
    const struct reg *const reg = step_reg(s, r);
    const struct btf *const btf = f->own_btf ? s->sub->prog->btf : subject_kernel(s->sub);
    const char *const wanted = btf ? btf_type_name(btf, f->btf_id) : "";
    char kind[64], other[96] = "";
    const struct btf *const has = reg->kind == REG_BTF ? btf_of(s->sub, reg) : NULL;
    if (f->kind == SPECIAL_KPTR_UNREF)
        snprintf(other, sizeof other, " or untrusted_ptr_%.64s", wanted);
    return step_reject(
        s, REASON_KFUNC_ARG, (int)r, "invalid kptr access, R%u type=%s%s expected=ptr_%s%s", r,
        reg_kind_name(reg, kind), has ? btf_type_name(has, reg->btf_id) : "", wanted, other);
}

bool kptr_fits(struct step *s, uint32_t r, const struct special_field *f) {
    const struct reg *const reg = step_reg(s, r);
    const bool own = (reg->flags & REG_F_OWN_BTF) != 0;
    unsigned allowed = REG_F_NULL | REG_F_OWN_BTF;
    if (own)
        allowed |= REG_F_ALLOC | (f->kind == SPECIAL_KPTR_PERCPU ? REG_F_PERCPU : 0);
    else
        allowed |=
            REG_F_TRUSTED | REG_F_RCU | (f->kind == SPECIAL_KPTR_UNREF ? REG_F_UNTRUSTED : 0);
    if (reg->kind != REG_BTF || (reg->flags & ~allowed))
        return refuse(s, r, f);
    if (!access_fixed_ptr(s, r, true))
        return false;
    const struct btf *const btf = btf_of(s->sub, reg);
    if (own != f->own_btf || !btf ||
        !btf_holds(btf, reg->btf_id, reg->off, f->btf_id, f->kind != SPECIAL_KPTR_UNREF,
                   !(reg->flags & REG_F_ALLOC)))
        return refuse(s, r, f);
    return true;
}

bool kptr_dest(struct step *s, uint32_t r, const struct special_field **field) {
    const struct reg *const reg = step_reg(s, r);
    const struct special_field *f = NULL;
    uint32_t n = 0;
    bool any = false;
    if (reg->kind == REG_MAP_VALUE) {
        const struct map_fact *const m = &s->sub->maps[reg->map];
        if (!m->has_btf)
            return step_reject(s, REASON_BTF, (int)r,
                               "map '%s' has to have BTF in order to use bpf_kptr_xchg",
                               m->def->name ? m->def->name : "");
        f = m->fields;
        n = m->n_fields;
    } else {
        const struct object_fact *const o = subject_object(s->sub, reg->btf_id);
        f = o ? o->fields : NULL;
        n = o ? o->n_fields : 0;
    }
    if (!scalar_is_const(reg->v))
        return step_reject(
            s, REASON_KFUNC_ARG, (int)r,
            "R%u doesn't have constant offset. kptr has to be at the constant offset", r);
    const int64_t off = reg->off + (int64_t)reg->v.bits.value;
    *field = NULL;
    for (uint32_t i = 0; i < n; i++) {
        any |= access_is_kptr(&f[i]);
        if (access_is_kptr(&f[i]) && f[i].off == off)
            *field = &f[i];
    }
    if (!any)
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "R%u has no valid kptr", r);
    if (!*field || (*field)->kind == SPECIAL_UPTR)
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "off=%lld doesn't point to kptr",
                           (long long)off);
    if ((*field)->kind == SPECIAL_KPTR_UNREF)
        return step_reject(s, REASON_KFUNC_ARG, (int)r, "off=%lld kptr isn't referenced kptr",
                           (long long)off);
    return true;
}

bool btf_kptr_access(struct step *s, const struct access *a, const struct special_field *f,
                     struct reg *out) {
    const int r = (int)a->r;
    if (a->atomic || a->sign_extend)
        return step_reject(s, REASON_SPECIAL_FIELD, r,
                           "kptr in map can only be accessed using BPF_MEM instruction mode");
    if (a->kind == ACCESS_READ) {
        if (out)
            load(s, f, out);
        return true;
    }
    if (f->kind == SPECIAL_KPTR_REF || f->kind == SPECIAL_KPTR_PERCPU)
        return step_reject(s, REASON_SPECIAL_FIELD, r, "store to referenced kptr disallowed");
    if (f->kind == SPECIAL_UPTR)
        return step_reject(s, REASON_SPECIAL_FIELD, r, "store to uptr disallowed");
    if (a->value && reg_is_null(a->value))
        return true;
    if (a->value_reg < 0)
        return step_reject(s, REASON_SPECIAL_FIELD, r,
                           "BPF_ST imm must be 0 when storing to kptr at off=%u", f->off);
    return kptr_fits(s, (uint32_t)a->value_reg, f);
}

bool kptr_give(struct step *s, uint32_t ref) {
    struct reg *r;
    const unsigned percpu = REG_F_ALLOC | REG_F_PERCPU;
    if (btf_in_rcu(s) && state_ref_find(s->st, REF_PTR, ref))
        for (struct reg_walk w = {.st = s->st}; (r = reg_walk_next(&w)) != NULL;)
            if (r->ref == ref && r->kind == REG_BTF && (r->flags & percpu) == percpu) {
                r->ref = 0;
                r->flags &= (uint16_t)~REG_F_ALLOC;
                r->flags |= REG_F_RCU;
            }
    return call_release(s, ref);
}

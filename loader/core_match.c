/* core_match.c: three relations between a local type and a target's, from loose to strict.
 *
 * A field may be read if it is the same sort of thing; a type exists if a type of its name has the
 * same shape; it matches if names, sizes and members agree as well. Recursion is bounded by depth,
 * and work by fuel: both BTFs may be hostile.
 */
#include "loader/core_impl.h"

#include <string.h>

/* struct pair: what is compared. */
struct pair {
    const struct btf *local, *target;
    uint64_t *fuel;
};

static bool same_name(struct core_name a, struct core_name b) {
    return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

static bool names_match(const struct pair *p, uint32_t a, uint32_t b) {
    return same_name(core_name_of(btf_string(p->local, a)), core_name_of(btf_string(p->target, b)));
}

enum bpflab_err core_field_compatible(const struct btf *local, uint32_t a, const struct btf *target,
                                      uint32_t b, bool *yes) {
    *yes = false;
    for (int depth = 0; depth < CORE_MAX_STEPS; depth++) {
        const struct btf_type *x = core_type(local, &a), *y = core_type(target, &b);
        if (!x || !y)
            return BPFLAB_E_FORMAT;
        if (core_is_composite(x->kind) && core_is_composite(y->kind)) {
            *yes = true;
            return BPFLAB_OK;
        }
        if (!core_same_kind(x->kind, y->kind))
            return BPFLAB_OK;
        struct core_name m = core_name_of(btf_string(local, x->name_off));
        struct core_name n = core_name_of(btf_string(target, y->name_off));
        switch (x->kind) {
        case BTF_PTR:
        case BTF_FLOAT: *yes = true; return BPFLAB_OK;
        case BTF_FWD:
        case BTF_ENUM:
        case BTF_ENUM64: *yes = m.len == 0 || n.len == 0 || same_name(m, n); return BPFLAB_OK;
        case BTF_INT: /* integers that start inside a byte are an obsolete form of bit-field */
            *yes = btf_int_off(local, x) == 0 && btf_int_off(target, y) == 0;
            return BPFLAB_OK;
        case BTF_ARRAY:
            a = btf_members(local, x)->type;
            b = btf_members(target, y)->type;
            break;
        default: return BPFLAB_OK;
        }
    }
    return BPFLAB_E_UNSUPPORTED;
}

static enum bpflab_err compatible(const struct pair *p, uint32_t a, uint32_t b, int level,
                                  bool *yes);

/* params_compatible: each parameter of two prototypes. */
static enum bpflab_err params_compatible(const struct pair *p, const struct btf_type *x,
                                         const struct btf_type *y, int level, bool *yes) {
    const struct btf_member *m = btf_members(p->local, x), *n = btf_members(p->target, y);
    *yes = x->n_members == y->n_members;
    for (uint32_t i = 0; *yes && i < x->n_members; i++) {
        enum bpflab_err err = compatible(p, m[i].type, n[i].type, level - 1, yes);
        if (err)
            return err;
    }
    return BPFLAB_OK;
}

static enum bpflab_err compatible(const struct pair *p, uint32_t a, uint32_t b, int level,
                                  bool *yes) {
    *yes = false;
    for (int depth = 0; level > 0 && depth < CORE_MAX_DEPTH; depth++) {
        if (!core_burn(p->fuel, 1))
            return BPFLAB_E_UNSUPPORTED;
        const struct btf_type *x = core_type(p->local, &a), *y = core_type(p->target, &b);
        if (!x || !y)
            return BPFLAB_E_FORMAT;
        if (!core_same_kind(x->kind, y->kind))
            return BPFLAB_OK;
        switch (x->kind) {
        case BTF_VOID:
        case BTF_STRUCT:
        case BTF_UNION:
        case BTF_ENUM:
        case BTF_ENUM64:
        case BTF_FLOAT:
        case BTF_FWD: *yes = true; return BPFLAB_OK;
        case BTF_INT:
            *yes = btf_int_off(p->local, x) == 0 && btf_int_off(p->target, y) == 0;
            return BPFLAB_OK;
        case BTF_FUNC_PROTO: {
            enum bpflab_err err = params_compatible(p, x, y, level, yes);
            if (err || !*yes)
                return err;
            *yes = false;
            a = x->size_or_type;
            b = y->size_or_type;
            break;
        }
        case BTF_PTR:
            a = x->size_or_type;
            b = y->size_or_type;
            break;
        case BTF_ARRAY:
            a = btf_members(p->local, x)->type;
            b = btf_members(p->target, y)->type;
            break;
        default: return BPFLAB_OK;
        }
    }
    return BPFLAB_E_UNSUPPORTED;
}

enum bpflab_err core_type_compatible(const struct btf *local, uint32_t a, const struct btf *target,
                                     uint32_t b, uint64_t *fuel, bool *yes) {
    struct pair p = {local, target, fuel};
    const struct btf_type *x = btf_type_at(local, a), *y = btf_type_at(target, b);
    *yes = false;
    if (!x || !y)
        return BPFLAB_E_FORMAT;
    return compatible(&p, a, b, CORE_MAX_DEPTH, yes);
}

static enum bpflab_err matches(const struct pair *p, uint32_t a, uint32_t b, bool behind_ptr,
                               int level, bool *yes);

/* enums_match: each local enumerator has a namesake; values may differ. */
static enum bpflab_err enums_match(const struct pair *p, const struct btf_type *x,
                                   const struct btf_type *y, bool *yes) {
    const struct btf_member *m = btf_members(p->local, x), *n = btf_members(p->target, y);
    *yes = x->size_or_type == y->size_or_type && x->n_members <= y->n_members;
    for (uint32_t i = 0; *yes && i < x->n_members; i++) {
        *yes = false;
        for (uint32_t j = 0; !*yes && j < y->n_members; j++) {
            if (!core_burn(p->fuel, 1))
                return BPFLAB_E_UNSUPPORTED;
            *yes = names_match(p, m[i].name_off, n[j].name_off);
        }
    }
    return BPFLAB_OK;
}

/* composites_match: each local member has a namesake of matching type. */
static enum bpflab_err composites_match(const struct pair *p, const struct btf_type *x,
                                        const struct btf_type *y, int level, bool *yes) {
    const struct btf_member *m = btf_members(p->local, x), *n = btf_members(p->target, y);
    *yes = x->n_members <= y->n_members;
    for (uint32_t i = 0; *yes && i < x->n_members; i++) {
        *yes = false;
        for (uint32_t j = 0; !*yes && j < y->n_members; j++) {
            if (!core_burn(p->fuel, 1))
                return BPFLAB_E_UNSUPPORTED;
            if (!names_match(p, m[i].name_off, n[j].name_off))
                continue;
            enum bpflab_err err = matches(p, m[i].type, n[j].type, false, level - 1, yes);
            if (err)
                return err;
        }
    }
    return BPFLAB_OK;
}

static enum bpflab_err params_match(const struct pair *p, const struct btf_type *x,
                                    const struct btf_type *y, bool behind_ptr, int level,
                                    bool *yes) {
    const struct btf_member *m = btf_members(p->local, x), *n = btf_members(p->target, y);
    *yes = x->n_members == y->n_members;
    for (uint32_t i = 0; *yes && i < x->n_members; i++) {
        enum bpflab_err err = matches(p, m[i].type, n[i].type, behind_ptr, level - 1, yes);
        if (err)
            return err;
    }
    return BPFLAB_OK;
}

/* declared_match: structs, unions and forward declarations where no member is looked at. Behind a
 * pointer a declaration stands for the definition. */
static bool declared_match(const struct btf_type *x, const struct btf_type *y, bool behind_ptr) {
    bool x_fwd = x->kind == BTF_FWD, y_fwd = y->kind == BTF_FWD;
    bool x_union = x_fwd ? x->kflag : x->kind == BTF_UNION;
    bool y_union = y_fwd ? y->kflag : y->kind == BTF_UNION;
    if (!y_fwd && !core_is_composite(y->kind))
        return false;
    return x_union == y_union && (behind_ptr || x_fwd == y_fwd);
}

static bool ints_match(const struct pair *p, const struct btf_type *x, const struct btf_type *y) {
    uint32_t signs = btf_int_encoding(p->local, x) ^ btf_int_encoding(p->target, y);
    return y->kind == BTF_INT && x->size_or_type == y->size_or_type && !(signs & BTF_INT_SIGNED);
}

/* matches: x and y of matching names; pointers, arrays and results are followed in the loop. */
static enum bpflab_err matches(const struct pair *p, uint32_t a, uint32_t b, bool behind_ptr,
                               int level, bool *yes) {
    *yes = false;
    for (int depth = 0; level > 0 && depth < CORE_MAX_DEPTH; depth++) {
        if (!core_burn(p->fuel, 1))
            return BPFLAB_E_UNSUPPORTED;
        const struct btf_type *x = core_type(p->local, &a), *y = core_type(p->target, &b);
        if (!x || !y)
            return BPFLAB_E_FORMAT;
        if (!names_match(p, x->name_off, y->name_off))
            return BPFLAB_OK;
        switch (x->kind) {
        case BTF_VOID: *yes = y->kind == BTF_VOID; return BPFLAB_OK;
        case BTF_INT: *yes = ints_match(p, x, y); return BPFLAB_OK;
        case BTF_FLOAT:
            *yes = y->kind == BTF_FLOAT && x->size_or_type == y->size_or_type;
            return BPFLAB_OK;
        case BTF_FWD: *yes = declared_match(x, y, behind_ptr); return BPFLAB_OK;
        case BTF_ENUM:
        case BTF_ENUM64: return core_is_enum(y->kind) ? enums_match(p, x, y, yes) : BPFLAB_OK;
        case BTF_STRUCT:
        case BTF_UNION:
            if (behind_ptr || x->kind != y->kind) {
                *yes = behind_ptr && declared_match(x, y, true);
                return BPFLAB_OK;
            }
            return composites_match(p, x, y, level, yes);
        default: break;
        }
        if (x->kind != y->kind)
            return BPFLAB_OK;
        if (x->kind == BTF_ARRAY) {
            const struct btf_member *m = btf_members(p->local, x), *n = btf_members(p->target, y);
            if (m->value != n->value)
                return BPFLAB_OK;
            a = m->type;
            b = n->type;
            continue;
        }
        if (x->kind == BTF_FUNC_PROTO) {
            enum bpflab_err err = params_match(p, x, y, behind_ptr, level, yes);
            if (err || !*yes)
                return err;
            *yes = false;
        } else if (x->kind != BTF_PTR) {
            return BPFLAB_OK;
        }
        behind_ptr |= x->kind == BTF_PTR;
        a = x->size_or_type;
        b = y->size_or_type;
    }
    return BPFLAB_E_UNSUPPORTED;
}

enum bpflab_err core_type_matches(const struct btf *local, uint32_t a, const struct btf *target,
                                  uint32_t b, uint64_t *fuel, bool *yes) {
    struct pair p = {local, target, fuel};
    *yes = false;
    return matches(&p, a, b, false, CORE_MAX_DEPTH, yes);
}

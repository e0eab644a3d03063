/* btf_walk.c: what is at an offset of a struct.
 * source: btf_struct_walk of Linux 6.12
 */
#include "verifier/btf_walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_STEPS = 64 /* nested structs, modifiers: a malformed BTF may loop */
};

const char *btf_type_name(const struct btf *btf, uint32_t id) {
    const struct btf_type *t = btf_type_at(btf, id);
    return t ? btf_string(btf, t->name_off) : "";
}

static bool is_struct(const struct btf_type *t) {
    return t->kind == BTF_STRUCT || t->kind == BTF_UNION;
}

static enum walk_found nothing(struct walk *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static enum walk_found nothing(struct walk *w, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(w->words, sizeof w->words, fmt, ap);
    va_end(ap);
    return WALK_NOTHING;
}

/* A member's type without arrays: its element, and how many there are in all. */
static uint32_t element_of(const struct btf *btf, uint32_t type, uint64_t *n) {
    *n = 1;
    type = btf_strip(btf, type);
    for (uint32_t i = 0; i < MAX_STEPS && btf_type_at(btf, type)->kind == BTF_ARRAY; i++) {
        const struct btf_member *m = btf_members(btf, btf_type_at(btf, type));
        *n *= (uint64_t)m->value;
        type = btf_strip(btf, m->type);
    }
    return type;
}

/* Behind the struct's end: in an array without an end that is its last member?
 * out: WALK_STRUCT: go on in w->btf_id at *off */
static enum walk_found behind(struct walk *w, const struct btf_type *t, uint32_t *off,
                              uint32_t n_bytes) {
    const struct btf *btf = w->btf;
    const struct btf_member *last = t->n_members ? &btf_members(btf, t)[t->n_members - 1] : NULL;
    const struct btf_type *array = last ? btf_type_at(btf, btf_strip(btf, last->type)) : NULL;
    if (w->past_end && array && array->kind == BTF_ARRAY && btf_members(btf, array)->value == 0 &&
        *off >= last->off_bits / 8) {
        const uint32_t id = btf_strip(btf, btf_members(btf, array)->type);
        const struct btf_type *element = btf_type_at(btf, id);
        if (element->kind == BTF_INT)
            return WALK_SCALAR;
        if (is_struct(element) && element->size_or_type) {
            *off = (*off - last->off_bits / 8) % element->size_or_type;
            w->btf_id = id;
            return WALK_STRUCT;
        }
    }
    return nothing(w, "access beyond struct %s at off %u size %u", btf_string(btf, t->name_off),
                   *off, n_bytes);
}

static uint16_t tag_flags(const struct btf *btf, const struct btf_type *pointer) {
    const struct btf_type *tag = btf_type_at(btf, pointer->size_or_type);
    if (tag->kind != BTF_TYPE_TAG)
        return 0;
    const char *text = btf_string(btf, tag->name_off);
    return !strcmp(text, "user")     ? REG_F_USER
           : !strcmp(text, "percpu") ? REG_F_PERCPU
           : !strcmp(text, "rcu")    ? REG_F_RCU
                                     : 0;
}

/* struct at: a member, or the element of it that holds the offset. */
struct at {
    uint32_t type, off;  /* of the element */
    uint32_t bytes, end; /* of the element; of the whole member */
    const char *name;
};

static enum walk_found found(struct walk *w, const struct btf_type *t, const struct at *m,
                             uint32_t off, uint32_t n_bytes) {
    const struct btf_type *type = btf_type_at(w->btf, m->type);
    const char *name = btf_string(w->btf, t->name_off);
    if (type->kind == BTF_PTR) {
        if (m->bytes != n_bytes || off != m->off)
            return nothing(w,
                           "cannot access ptr member %s with moff %u in struct %s with off %u size "
                           "%u",
                           m->name, m->off, name, off, n_bytes);
        const uint32_t id = btf_strip(w->btf, type->size_or_type);
        if (!is_struct(btf_type_at(w->btf, id)))
            return WALK_LEAF;
        w->btf_id = id;
        w->flags |= tag_flags(w->btf, type);
        w->field = m->name;
        return WALK_POINTER;
    }
    if (off + n_bytes > m->end && !(w->flags & REG_F_UNTRUSTED))
        return nothing(w,
                       "access beyond the end of member %s (mend:%u) in struct %s with off %u size "
                       "%u",
                       m->name, m->end, name, off, n_bytes);
    return WALK_SCALAR;
}

/* In the members of t. out: WALK_STRUCT: one holds *off, which from now on counts from its start
 * (*off 0: it starts there) */
static enum walk_found in_members(struct walk *w, const struct btf_type *t, uint32_t *off,
                                  uint32_t n_bytes, bool *starts) {
    const struct btf *btf = w->btf;
    const struct btf_member *m = btf_members(btf, t);
    for (uint32_t i = 0; i < t->n_members; i++) {
        struct at at = {.off = m[i].off_bits / 8, .name = btf_string(btf, m[i].name_off)};
        if (*off + n_bytes <= at.off)
            break;
        if (m[i].size_bits) {
            const uint32_t end = (m[i].off_bits + m[i].size_bits + 7) / 8;
            if (*off <= at.off && end <= *off + n_bytes)
                return WALK_SCALAR;
            continue;
        }
        if (*off < at.off)
            break;
        uint64_t n;
        at.type = element_of(btf, m[i].type, &n);
        const int64_t bytes = btf_size(btf, at.type);
        if (bytes < 0)
            return nothing(w, "field %s doesn't have size", at.name);
        at.bytes = (uint32_t)bytes;
        at.end = at.off + (uint32_t)(at.bytes * n);
        if (*off >= at.end || !at.bytes)
            continue;
        at.off += (*off - at.off) / at.bytes * at.bytes;
        if (!is_struct(btf_type_at(btf, at.type)))
            return found(w, t, &at, *off, n_bytes);
        w->btf_id = at.type;
        *starts = *off == at.off;
        *off -= at.off;
        return WALK_STRUCT;
    }
    return nothing(w, "struct %s doesn't have field at offset %u", btf_string(btf, t->name_off),
                   *off);
}

enum walk_found btf_walk(struct walk *w, uint32_t id, uint32_t off, uint32_t n_bytes) {
    for (uint32_t i = 0; i < MAX_STEPS; i++) {
        const struct btf_type *t = btf_type_at(w->btf, btf_strip(w->btf, id));
        bool starts = false;
        if (!t || !is_struct(t))
            return nothing(w, "Type '%s' is not a struct", btf_type_name(w->btf, id));
        if (t->kind == BTF_UNION && t->n_members != 1)
            w->flags |= REG_F_UNTRUSTED;
        const bool inside = (uint64_t)off + n_bytes <= t->size_or_type;
        const enum walk_found f =
            inside ? in_members(w, t, &off, n_bytes, &starts) : behind(w, t, &off, n_bytes);
        if (f != WALK_STRUCT || starts)
            return f;
        id = w->btf_id;
    }
    return nothing(w, "structs are nested too deeply");
}

enum walk_found btf_walk_down(struct walk *w, uint32_t id, uint32_t off, uint32_t n_bytes) {
    for (uint32_t i = 0; i < MAX_STEPS; i++) {
        const enum walk_found f = btf_walk(w, id, off, n_bytes);
        if (f != WALK_STRUCT)
            return f;
        id = w->btf_id;
        off = 0;
    }
    return nothing(w, "structs are nested too deeply");
}

bool btf_holds(const struct btf *btf, uint32_t id, int64_t off, uint32_t wanted, bool exactly,
               bool past_end) {
    if (off == 0 && id == wanted)
        return true;
    if (exactly || off < 0 || off > UINT32_MAX)
        return false;
    uint32_t at = (uint32_t)off;
    for (uint32_t i = 0; i < MAX_STEPS; i++) {
        struct walk w = {.btf = btf, .past_end = past_end};
        if (btf_walk(&w, id, at, 1) != WALK_STRUCT)
            return false;
        if (w.btf_id == wanted)
            return true;
        id = w.btf_id;
        at = 0;
    }
    return false;
}

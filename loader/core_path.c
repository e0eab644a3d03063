/* core_path.c: access strings. "1:2:0:5" from a pointer to struct s means s[1], its member 2, of
 * that (an anonymous struct) member 0, of that element 5. The path keeps what has a meaning in
 * another BTF: names and element numbers. Anonymous members are passed through; where they are does
 * not matter.
 */
#include "loader/core_impl.h"

#include <string.h>

static bool is_field(uint32_t kind) {
    return kind <= CORE_FIELD_RSHIFT_U64;
}

static bool is_enumval(uint32_t kind) {
    return kind == CORE_ENUMVAL_EXISTS || kind == CORE_ENUMVAL_VALUE;
}

const struct btf_type *core_type(const struct btf *b, uint32_t *id) {
    uint32_t end = btf_strip(b, *id);
    const struct btf_type *t = btf_type_at(b, end);
    /* 0 is void at a chain's end, or a chain without one */
    if (end == 0 && *id != 0) {
        for (int i = 0; i < CORE_MAX_STEPS && *id != 0 && btf_type_at(b, *id); i++)
            *id = btf_type_at(b, *id)->size_or_type;
        if (*id != 0)
            return NULL;
    }
    *id = end;
    return t;
}

static enum bpflab_err fail(enum bpflab_err err, const char **why, const char *text) {
    *why = text;
    return err;
}

/* parse_numbers: decimal numbers below 2^31 with ':' between. */
static enum bpflab_err parse_numbers(const char *s, uint32_t *num, uint32_t *n, const char **why) {
    *n = 0;
    for (;;) {
        uint64_t v = 0;
        int digits = 0;
        for (; *s >= '0' && *s <= '9' && digits < 11; s++, digits++)
            v = v * 10 + (uint64_t)(*s - '0');
        if (digits == 0 || v > INT32_MAX || (*s && *s != ':'))
            return fail(BPFLAB_E_FORMAT, why, "the access string is not numbers with ':' between");
        if (*n == CORE_MAX_STEPS)
            return fail(BPFLAB_E_UNSUPPORTED, why, "the access string has more than 64 numbers");
        num[(*n)++] = (uint32_t)v;
        if (!*s++)
            return BPFLAB_OK;
    }
}

static void push(struct core_path *p, uint32_t type, uint32_t index, const char *name) {
    p->steps[p->n_steps++] = (struct core_step){type, index, name};
}

/* in_array: is there an element index? A flexible array, the last member of its struct, has no end.
 */
static bool in_array(const struct core_path *p, const struct btf_member *array, uint32_t index) {
    if ((uint64_t)index < (uint64_t)array->value)
        return true;
    const struct core_step *last = &p->steps[p->n_steps - 1];
    return array->value == 0 && last->name &&
           last->index + 1u == btf_type_at(p->btf, last->type)->n_members;
}

/* enter_element: step into an element of type id. */
static enum bpflab_err enter_element(struct core_path *p, uint32_t id, uint32_t index,
                                     const char **why) {
    int64_t size = btf_size(p->btf, id);
    if (size < 0)
        return fail(BPFLAB_E_FORMAT, why, "an element has no size");
    uint64_t off = (uint64_t)index * (uint64_t)size;
    if (off > UINT32_MAX)
        return fail(BPFLAB_E_UNSUPPORTED, why, "the field lies beyond 4 GiB");
    push(p, id, index, NULL);
    p->off_bits += off * 8;
    return BPFLAB_OK;
}

/* enter: one number of the access string, from the type *id into a member or element of it. */
static enum bpflab_err enter(struct core_path *p, uint32_t *id, uint32_t index, const char **why) {
    const struct btf_type *t = core_type(p->btf, id);
    if (!t)
        return fail(BPFLAB_E_FORMAT, why, "typedefs without end");
    const struct btf_member *m = btf_members(p->btf, t);
    if (core_is_composite(t->kind)) {
        if (index >= t->n_members)
            return fail(BPFLAB_E_FORMAT, why, "the access string names a member that is not there");
        const char *name = btf_string(p->btf, m[index].name_off);
        if (*name)
            push(p, *id, index, name);
        p->off_bits += m[index].off_bits;
        *id = m[index].type;
        return BPFLAB_OK;
    }
    if (t->kind != BTF_ARRAY)
        return fail(BPFLAB_E_FORMAT, why, "the access string enters a type without members");
    if (!in_array(p, m, index))
        return fail(BPFLAB_E_FORMAT, why, "the access string leaves an array");
    *id = m->type;
    if (!core_type(p->btf, id))
        return fail(BPFLAB_E_FORMAT, why, "typedefs without end");
    return enter_element(p, *id, index, why);
}

enum bpflab_err core_path_parse(const struct btf *b, const struct core_reloc *r,
                                struct core_path *out, const char **why) {
    uint32_t num[CORE_MAX_STEPS], n, id = r->type_id;
    out->btf = b;
    out->root = id;
    out->n_steps = 0;
    out->off_bits = 0;
    if (!is_field(r->kind) && !is_enumval(r->kind))
        return strcmp(r->access, "0") == 0
                   ? BPFLAB_OK
                   : fail(BPFLAB_E_FORMAT, why, "the access string of a type is not \"0\"");
    enum bpflab_err err = parse_numbers(r->access, num, &n, why);
    if (err)
        return err;
    const struct btf_type *t = core_type(b, &id);
    if (!t)
        return fail(BPFLAB_E_FORMAT, why, "typedefs without end");
    if (is_enumval(r->kind)) {
        if (!core_is_enum(t->kind) || n > 1 || num[0] >= t->n_members)
            return fail(BPFLAB_E_FORMAT, why, "the access string names no enumerator");
        push(out, id, num[0], btf_string(b, btf_members(b, t)[num[0]].name_off));
        return BPFLAB_OK;
    }
    err = enter_element(out, id, num[0], why);
    for (uint32_t i = 1; !err && i < n; i++)
        err = enter(out, &id, num[i], why);
    return err;
}

/* struct search: a member by name, through anonymous members. */
struct search {
    const struct btf *local;
    uint32_t local_type; /* of the member looked for */
    const char *name;
    const struct btf *target;
    uint64_t *fuel;
    const char **why;
    bool found;
    struct core_step step; /* where, and what follows, if found */
    uint64_t off_bits;
    uint32_t type; /* of the member */
};

static enum bpflab_err find_member(struct search *s, uint32_t id, uint64_t off_bits,
                                   unsigned depth) {
    const struct btf_type *t = core_type(s->target, &id);
    if (!t || !core_is_composite(t->kind))
        return BPFLAB_OK;
    if (depth > CORE_MAX_STEPS)
        return fail(BPFLAB_E_UNSUPPORTED, s->why,
                    "anonymous members nested too deep in the target");
    const struct btf_member *m = btf_members(s->target, t);
    if (!core_burn(s->fuel, 1u + t->n_members))
        return fail(BPFLAB_E_UNSUPPORTED, s->why, "types too large to search");
    for (uint32_t i = 0; i < t->n_members && !s->found; i++) {
        const char *name = btf_string(s->target, m[i].name_off);
        uint64_t off = off_bits + m[i].off_bits;
        if (!*name) {
            enum bpflab_err err = find_member(s, m[i].type, off, depth + 1);
            if (err)
                return err;
        } else if (strcmp(name, s->name) == 0) { /* names are unique: fits or not, this is it */
            s->step = (struct core_step){id, i, name};
            s->off_bits = off;
            s->type = m[i].type;
            return core_field_compatible(s->local, s->local_type, s->target, s->type, &s->found);
        }
    }
    return BPFLAB_OK;
}

/* follow_name: the step's member in the target's type *id. */
static enum bpflab_err follow_name(const struct core_path *local, const struct core_step *step,
                                   struct core_path *p, uint32_t *id, uint64_t *fuel, bool *found,
                                   const char **why) {
    const struct btf_type *t = btf_type_at(local->btf, step->type);
    struct search s = {.local = local->btf,
                       .local_type = btf_members(local->btf, t)[step->index].type,
                       .name = step->name,
                       .target = p->btf,
                       .fuel = fuel,
                       .why = why};
    enum bpflab_err err = find_member(&s, *id, p->off_bits, 0);
    if (err)
        return err;
    *found = s.found;
    if (s.found) {
        push(p, s.step.type, s.step.index, s.step.name);
        p->off_bits = s.off_bits;
        *id = s.type;
    }
    return BPFLAB_OK;
}

/* follow_index: the step's element; of the root, which is no array, at the first step. */
static enum bpflab_err follow_index(const struct core_step *step, struct core_path *p, uint32_t *id,
                                    bool *found, const char **why) {
    const struct btf_type *t = core_type(p->btf, id);
    if (p->n_steps > 0 && t) {
        const struct btf_member *m = btf_members(p->btf, t);
        *found = t->kind == BTF_ARRAY && in_array(p, m, step->index);
        if (!*found)
            return BPFLAB_OK;
        *id = m->type;
        t = core_type(p->btf, id);
    }
    if (!t)
        return fail(BPFLAB_E_FORMAT, why, "typedefs without end in the target");
    *found = true;
    return enter_element(p, *id, step->index, why);
}

/* find_enumerator: by name without flavour. */
static enum bpflab_err find_enumerator(const struct core_path *local, uint32_t id, uint64_t *fuel,
                                       bool *found, struct core_path *out, const char **why) {
    const struct btf_type *t = core_type(out->btf, &id);
    struct core_name want = core_name_of(local->steps[0].name);
    if (!t || !core_is_enum(t->kind))
        return BPFLAB_OK;
    const struct btf_member *m = btf_members(out->btf, t);
    if (!core_burn(fuel, 1u + t->n_members))
        return fail(BPFLAB_E_UNSUPPORTED, why, "types too large to search");
    for (uint32_t i = 0; i < t->n_members; i++) {
        const char *text = btf_string(out->btf, m[i].name_off);
        struct core_name name = core_name_of(text);
        if (name.len == want.len && memcmp(name.text, want.text, want.len) == 0) {
            push(out, id, i, text);
            *found = true;
            return BPFLAB_OK;
        }
    }
    return BPFLAB_OK;
}

enum bpflab_err core_path_find(const struct core_path *local, uint32_t kind, struct core_cand cand,
                               uint64_t *fuel, bool *found, struct core_path *out,
                               const char **why) {
    uint32_t id = cand.id;
    enum bpflab_err err = BPFLAB_OK;
    out->btf = cand.btf;
    out->root = cand.id;
    out->n_steps = 0;
    out->off_bits = 0;
    *found = false;
    *why = "types nested too deep or too large to compare";
    if (kind == CORE_TYPE_MATCHES)
        return core_type_matches(local->btf, local->root, cand.btf, cand.id, fuel, found);
    if (is_enumval(kind))
        return find_enumerator(local, id, fuel, found, out, why);
    if (!is_field(kind))
        return core_type_compatible(local->btf, local->root, cand.btf, cand.id, fuel, found);
    for (uint32_t i = 0; i < local->n_steps; i++) {
        const struct core_step *step = &local->steps[i];
        err = step->name ? follow_name(local, step, out, &id, fuel, found, why)
                         : follow_index(step, out, &id, found, why);
        if (err || !*found)
            return err;
    }
    return BPFLAB_OK;
}

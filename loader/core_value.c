/* core_value.c: what a path says about a field, a type or an enumerator, as a number. Asked of the
 * local path for what the compiler must have put into the instruction, and of each candidate's for
 * what belongs there.
 */
#include "loader/core_impl.h"

static enum bpflab_err fail(enum bpflab_err err, const char **why, const char *text) {
    *why = text;
    return err;
}

/* struct field: the load that reads a field, and the field's place in it. */
struct field {
    uint64_t byte_off, off_bits, n_bytes, n_bits;
    bool bit_field;
};

/* load_of: the narrowest aligned load, no narrower than the declared type, that holds a bit-field.
 */
static enum bpflab_err load_of(struct field *f, const struct btf_type *t, const char **why) {
    uint64_t n = t->size_or_type;
    bool sized = t->kind == BTF_INT || core_is_enum(t->kind);
    if (!sized || (n != 1 && n != 2 && n != 4 && n != 8))
        return fail(BPFLAB_E_FORMAT, why, "a bit-field of a type that is no integer");
    while (f->off_bits + f->n_bits > (f->off_bits / 8 / n * n + n) * 8) {
        if (n == 8)
            return fail(BPFLAB_E_UNSUPPORTED, why, "no single load reads the bit-field");
        n *= 2;
    }
    f->n_bytes = n;
    f->byte_off = f->off_bits / 8 / n * n;
    return BPFLAB_OK;
}

/* field_of: the last step of the path, a named member of type *id. */
static enum bpflab_err field_of(const struct core_path *p, uint32_t *id, struct field *f,
                                const char **why) {
    const struct core_step *last = &p->steps[p->n_steps - 1];
    const struct btf_type *t = btf_type_at(p->btf, last->type);
    const struct btf_member *m = &btf_members(p->btf, t)[last->index];
    *id = m->type;
    t = core_type(p->btf, id);
    if (!t)
        return fail(BPFLAB_E_FORMAT, why, "typedefs without end");
    *f = (struct field){.off_bits = p->off_bits, .n_bits = m->size_bits};
    f->bit_field = m->size_bits > 0;
    if (f->bit_field)
        return load_of(f, t, why);
    int64_t size = btf_size(p->btf, *id);
    if (size < 0)
        return fail(BPFLAB_E_FORMAT, why, "the field has no size");
    f->n_bytes = (uint64_t)size;
    f->byte_off = p->off_bits / 8;
    f->n_bits = f->n_bytes * 8;
    return BPFLAB_OK;
}

/* access_of: what a load or store of the field touches: an array's first element. */
static enum bpflab_err access_of(const struct core_path *p, uint32_t id, struct core_value *out,
                                 const char **why) {
    const struct btf_type *t = core_type(p->btf, &id);
    for (int i = 0; t && t->kind == BTF_ARRAY && i < CORE_MAX_STEPS; i++) {
        id = btf_members(p->btf, t)->type;
        t = core_type(p->btf, &id);
    }
    int64_t size = t ? btf_size(p->btf, id) : -1;
    if (size < 0)
        return fail(BPFLAB_E_FORMAT, why, "the field has no size");
    out->mem_bytes = (uint32_t)size;
    out->mem_type = id;
    return BPFLAB_OK;
}

/* element_value: of a path that ends at an element or at the root itself. */
static enum bpflab_err element_value(uint32_t kind, const struct core_path *p,
                                     struct core_value *out, const char **why) {
    uint32_t id = p->steps[p->n_steps - 1].type;
    int64_t size = btf_size(p->btf, id);
    if (size < 0)
        return fail(BPFLAB_E_FORMAT, why, "the element has no size");
    if (kind == CORE_FIELD_BYTE_OFFSET) {
        out->value = p->off_bits / 8;
        return access_of(p, id, out, why);
    }
    if (kind != CORE_FIELD_BYTE_SIZE)
        return fail(BPFLAB_E_UNSUPPORTED, why, "an array element cannot be asked this");
    out->value = (uint64_t)size;
    return BPFLAB_OK;
}

static bool is_signed(const struct btf *b, const struct btf_type *t) {
    return core_is_enum(t->kind) ? t->kflag : (btf_int_encoding(b, t) & BTF_INT_SIGNED) != 0;
}

static enum bpflab_err field_value(uint32_t kind, const struct core_path *p, struct core_value *out,
                                   const char **why) {
    struct field f;
    uint32_t id;
    if (!p->steps[p->n_steps - 1].name)
        return element_value(kind, p, out, why);
    enum bpflab_err err = field_of(p, &id, &f, why);
    if (err)
        return err;
    out->exact = !f.bit_field; /* which load reads a bit-field is the compiler's choice */
    switch (kind) {
    case CORE_FIELD_BYTE_OFFSET:
        out->value = f.byte_off;
        return f.bit_field ? BPFLAB_OK : access_of(p, id, out, why);
    case CORE_FIELD_BYTE_SIZE: out->value = f.n_bytes; return BPFLAB_OK;
    case CORE_FIELD_SIGNED:
        out->value = is_signed(p->btf, btf_type_at(p->btf, id));
        out->exact = true;
        return BPFLAB_OK;
    default: break;
    }
    if (f.n_bytes == 0 || f.n_bytes > 8) {
        out->poison = "the field is not read by one load";
    } else if (kind == CORE_FIELD_RSHIFT_U64) {
        out->value = 64 - f.n_bits;
        out->exact = true;
    } else {
        uint64_t in_load = f.off_bits - f.byte_off * 8;
        out->value =
            btf_big_endian(p->btf) ? 64 - f.n_bytes * 8 + in_load : 64 - f.n_bits - in_load;
    }
    return BPFLAB_OK;
}

static void enumval_value(const struct core_path *p, struct core_value *out) {
    const struct btf_type *t = btf_type_at(p->btf, p->steps[0].type);
    out->value = (uint64_t)btf_members(p->btf, t)[p->steps[0].index].value;
    out->plain_enum = t->kind == BTF_ENUM && !t->kflag;
}

static enum bpflab_err present_value(uint32_t kind, const struct core_path *p,
                                     struct core_value *out, const char **why) {
    int64_t size;
    switch (kind) {
    case CORE_FIELD_EXISTS:
    case CORE_TYPE_EXISTS:
    case CORE_TYPE_MATCHES:
    case CORE_ENUMVAL_EXISTS: out->value = 1; return BPFLAB_OK;
    case CORE_TYPE_ID_LOCAL:
    case CORE_TYPE_ID_TARGET:
        out->value = p->root;
        out->exact = false; /* linking renumbers types */
        return BPFLAB_OK;
    case CORE_TYPE_SIZE:
        size = btf_size(p->btf, p->root);
        if (size < 0)
            return fail(BPFLAB_E_FORMAT, why, "the type has no size");
        out->value = (uint64_t)size;
        return BPFLAB_OK;
    case CORE_ENUMVAL_VALUE: enumval_value(p, out); return BPFLAB_OK;
    default: return field_value(kind, p, out, why);
    }
}

enum bpflab_err core_value_of(uint32_t kind, const struct core_path *path, struct core_value *out,
                              const char **why) {
    *out = (struct core_value){.exact = true};
    if (path)
        return present_value(kind, path, out, why);
    switch (kind) {
    case CORE_FIELD_EXISTS:
    case CORE_TYPE_EXISTS:
    case CORE_TYPE_MATCHES:
    case CORE_TYPE_SIZE:
    case CORE_TYPE_ID_TARGET:
    case CORE_ENUMVAL_EXISTS: return BPFLAB_OK; /* 0 */
    case CORE_ENUMVAL_VALUE: out->poison = "the target has no such enumerator"; return BPFLAB_OK;
    default: out->poison = "the target has no such field of fitting type"; return BPFLAB_OK;
    }
}

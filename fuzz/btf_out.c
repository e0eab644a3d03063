#include "fuzz/btf_out.h"

enum {
    MAGIC = 0xeb9f,
    HEADER_BYTES = 24,
    SIGNED_INT = 1 << 24,
};

void btf_out_init(struct btf_out *b, bool big_endian) {
    *b = (struct btf_out){.types.big_endian = big_endian};
    blob_string(&b->strings, "");
}

static uint32_t string(struct btf_out *b, const char *s) {
    return *s ? (uint32_t)blob_string(&b->strings, s) : 0;
}

static void word(struct btf_out *b, uint32_t w) {
    blob_put(&b->types, w, 4);
}

static uint32_t type(struct btf_out *b, const char *name, enum btf_kind kind, uint32_t n,
                     uint32_t size_or_type) {
    word(b, string(b, name));
    word(b, (uint32_t)kind << 24 | n);
    word(b, size_or_type);
    return ++b->last;
}

uint32_t btf_out_int(struct btf_out *b, const char *name, uint32_t n_bytes) {
    const uint32_t id = type(b, name, BTF_INT, 0, n_bytes);
    word(b, SIGNED_INT | n_bytes * 8);
    return id;
}

uint32_t btf_out_ptr(struct btf_out *b, uint32_t to) {
    return type(b, "", BTF_PTR, 0, to);
}

uint32_t btf_out_array(struct btf_out *b, uint32_t element, uint32_t index, uint32_t n) {
    const uint32_t id = type(b, "", BTF_ARRAY, 0, 0);
    word(b, element);
    word(b, index);
    word(b, n);
    return id;
}

uint32_t btf_out_struct(struct btf_out *b, const char *name, uint32_t n_bytes, uint32_t n_members) {
    return type(b, name, BTF_STRUCT, n_members, n_bytes);
}

uint32_t btf_out_proto(struct btf_out *b, uint32_t ret, uint32_t n_params) {
    return type(b, "", BTF_FUNC_PROTO, n_params, ret);
}

uint32_t btf_out_func(struct btf_out *b, const char *name, uint32_t proto, uint32_t linkage) {
    return type(b, name, BTF_FUNC, linkage, proto);
}

uint32_t btf_out_var(struct btf_out *b, const char *name, uint32_t of, uint32_t linkage) {
    const uint32_t id = type(b, name, BTF_VAR, 0, of);
    word(b, linkage);
    return id;
}

uint32_t btf_out_datasec(struct btf_out *b, const char *name, uint32_t n_bytes, uint32_t n_vars) {
    return type(b, name, BTF_DATASEC, n_vars, n_bytes);
}

void btf_out_member(struct btf_out *b, const char *name, uint32_t of, uint32_t off_bytes) {
    word(b, string(b, name));
    word(b, of);
    word(b, off_bytes * 8);
}

void btf_out_param(struct btf_out *b, const char *name, uint32_t of) {
    word(b, string(b, name));
    word(b, of);
}

void btf_out_var_at(struct btf_out *b, uint32_t var, uint32_t off_bytes, uint32_t n_bytes) {
    word(b, var);
    word(b, off_bytes);
    word(b, n_bytes);
}

void btf_out_finish(struct btf_out *b, struct blob *out) {
    blob_put(out, MAGIC, 2);
    blob_put(out, 1, 1); /* version */
    blob_put(out, 0, 1); /* flags */
    blob_put(out, HEADER_BYTES, 4);
    blob_put(out, 0, 4);
    blob_put(out, b->types.n, 4);
    blob_put(out, b->types.n, 4);
    blob_put(out, b->strings.n, 4);
    blob_bytes(out, b->types.at, b->types.n);
    blob_bytes(out, b->strings.at, b->strings.n);
    out->failed = out->failed || b->types.failed || b->strings.failed;
    free(b->types.at);
    free(b->strings.at);
    *b = (struct btf_out){0};
}

/* btf_build.h: BTF made in a test, in either byte order. Ids and offsets are what the caller says:
 * wrong BTF can be made too. Arrays have fixed sizes that no test comes near. */
#ifndef BPFLAB_ISA_TESTS_BTF_BUILD_H
#define BPFLAB_ISA_TESTS_BTF_BUILD_H

#include "isa/btf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUILD_BYTES = 1 << 16
};

struct btf_build {
    bool big;
    uint8_t types[BUILD_BYTES];
    char strings[BUILD_BYTES];
    uint32_t n_bytes, n_chars;
    uint32_t next_id;   /* of the type added next */
    uint32_t first_str; /* a split BTF: bytes of the base's strings */
};

static inline void build_put32(uint8_t *p, uint32_t v, bool big) {
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * (big ? 3 - i : i));
}

static inline void build_init(struct btf_build *b, bool big) {
    memset(b, 0, sizeof *b);
    b->big = big;
    b->next_id = 1;
    b->n_chars = 1; /* the empty string */
}

/* build_split: continue the ids and strings of base. */
static inline void build_split(struct btf_build *b, const struct btf_build *base) {
    build_init(b, base->big);
    b->next_id = base->next_id;
    b->first_str = base->n_chars;
    b->n_chars = 0;
}

static inline uint32_t build_string(struct btf_build *b, const char *s) {
    if (!*s)
        return 0;
    uint32_t off = b->n_chars;
    size_t n = strlen(s) + 1;
    if (n > BUILD_BYTES - off)
        exit(99); /* a mistake in a test */
    memcpy(b->strings + off, s, n);
    b->n_chars += (uint32_t)n;
    return b->first_str + off;
}

static inline void build_word(struct btf_build *b, uint32_t w) {
    if (b->n_bytes + 4 > BUILD_BYTES)
        exit(99);
    build_put32(b->types + b->n_bytes, w, b->big);
    b->n_bytes += 4;
}

/* build_type: a record's first 12 bytes; what follows is added with build_word. out: its id */
static inline uint32_t build_type(struct btf_build *b, uint32_t kind, const char *name,
                                  uint32_t vlen, bool kflag, uint32_t size_or_type) {
    build_word(b, build_string(b, name));
    build_word(b, (kflag ? 1u << 31 : 0) | kind << 24 | vlen);
    build_word(b, size_or_type);
    return b->next_id++;
}

static inline uint32_t build_int(struct btf_build *b, const char *name, uint32_t bytes,
                                 uint32_t encoding) {
    uint32_t id = build_type(b, BTF_INT, name, 0, false, bytes);
    build_word(b, encoding << 24 | bytes * 8);
    return id;
}

static inline uint32_t build_ref(struct btf_build *b, uint32_t kind, const char *name,
                                 uint32_t type) {
    return build_type(b, kind, name, 0, false, type);
}

static inline uint32_t build_array(struct btf_build *b, uint32_t elem, uint32_t n) {
    uint32_t id = build_type(b, BTF_ARRAY, "", 0, false, 0);
    build_word(b, elem);
    build_word(b, elem);
    build_word(b, n);
    return id;
}

/* struct build_member: name, type, offset in bits, size of a bit-field or 0. */
struct build_member {
    const char *name;
    uint32_t type, off_bits, size_bits;
};

/* build_struct: BTF_STRUCT or BTF_UNION; m ends with a NULL name. Bit-fields set kflag. */
static inline uint32_t build_struct(struct btf_build *b, uint32_t kind, const char *name,
                                    uint32_t bytes, const struct build_member *m) {
    uint32_t n = 0;
    bool kflag = false;
    for (; m[n].name; n++)
        kflag |= m[n].size_bits != 0;
    uint32_t id = build_type(b, kind, name, n, kflag, bytes);
    for (uint32_t i = 0; i < n; i++) {
        build_word(b, build_string(b, m[i].name));
        build_word(b, m[i].type);
        build_word(b, m[i].size_bits << 24 | m[i].off_bits);
    }
    return id;
}

/* struct build_value: an enumerator. */
struct build_value {
    const char *name;
    int64_t value;
};

/* build_enum: BTF_ENUM or BTF_ENUM64; v ends with a NULL name. */
static inline uint32_t build_enum(struct btf_build *b, uint32_t kind, const char *name,
                                  uint32_t bytes, bool is_signed, const struct build_value *v) {
    uint32_t n = 0;
    while (v[n].name)
        n++;
    uint32_t id = build_type(b, kind, name, n, is_signed, bytes);
    for (uint32_t i = 0; i < n; i++) {
        build_word(b, build_string(b, v[i].name));
        build_word(b, (uint32_t)v[i].value);
        if (kind == BTF_ENUM64)
            build_word(b, (uint32_t)((uint64_t)v[i].value >> 32));
    }
    return id;
}

/* build_all_kinds: one of each kind at least, 22 types; the tests know the ids. */
static inline void build_all_kinds(struct btf_build *b, bool big) {
    build_init(b, big);
    build_int(b, "int", 4, 1);               /* 1 */
    build_int(b, "long unsigned int", 8, 0); /* 2 */
    build_ref(b, BTF_PTR, "", 6);            /* 3: to the struct behind it */
    build_array(b, 1, 12);                   /* 4 */
    build_array(b, 4, 3);                    /* 5: int[3][12] */
    struct build_member m[] = {
        {"a", 1, 0, 3}, {"b", 1, 3, 29}, {"next", 3, 64, 0}, {"", 7, 128, 0}, {NULL, 0, 0, 0}};
    build_struct(b, BTF_STRUCT, "node", 24, m); /* 6 */
    struct build_member u[] = {{"x", 2, 0, 0}, {"y", 15, 0, 0}, {NULL, 0, 0, 0}};
    build_struct(b, BTF_UNION, "", 8, u); /* 7 */
    struct build_value v[] = {{"ONE", 1}, {"BIG", 0xffffffff}, {NULL, 0}};
    build_enum(b, BTF_ENUM, "plain", 4, false, v); /* 8 */
    struct build_value w[] = {{"MINUS", -1}, {"LEAST", INT32_MIN}, {NULL, 0}};
    build_enum(b, BTF_ENUM, "sign", 4, true, w); /* 9 */
    struct build_value x[] = {{"HUGE", INT64_MIN + 5}, {"ZERO", 0}, {NULL, 0}};
    build_enum(b, BTF_ENUM64, "wide", 8, true, x);                   /* 10 */
    build_type(b, BTF_FWD, "opaque", 0, true, 0);                    /* 11 */
    build_ref(b, BTF_TYPEDEF, "node_t", 13);                         /* 12 */
    build_ref(b, BTF_CONST, "", 14);                                 /* 13 */
    build_ref(b, BTF_VOLATILE, "", 6);                               /* 14 */
    build_type(b, BTF_FLOAT, "double", 0, false, 8);                 /* 15 */
    uint32_t proto = build_type(b, BTF_FUNC_PROTO, "", 2, false, 1); /* 16 */
    build_word(b, build_string(b, "arg"));
    build_word(b, 3);
    build_word(b, 0);
    build_word(b, 0);
    build_type(b, BTF_FUNC, "main", 1, false, proto); /* 17: global */
    build_ref(b, BTF_VAR, "counter", 5);              /* 18 */
    build_word(b, 2);
    build_type(b, BTF_DATASEC, ".bss", 1, false, 144); /* 19 */
    build_word(b, 18);
    build_word(b, 8);
    build_word(b, 144);
    build_ref(b, BTF_DECL_TAG, "tag", 6); /* 20 */
    build_word(b, UINT32_MAX);
    build_ref(b, BTF_TYPE_TAG, "user", 1); /* 21 */
    build_ref(b, BTF_RESTRICT, "", 3);     /* 22 */
}

/* build_bytes: the section, malloc'ed at its exact size so that a sanitizer sees each over-read. */
static inline uint8_t *build_bytes(const struct btf_build *b, size_t *size) {
    size_t n = 24 + b->n_bytes + b->n_chars;
    uint8_t *p = malloc(n);
    if (!p)
        exit(99);
    p[0] = b->big ? 0xeb : 0x9f;
    p[1] = b->big ? 0x9f : 0xeb;
    p[2] = 1;
    p[3] = 0;
    build_put32(p + 4, 24, b->big);
    build_put32(p + 8, 0, b->big);
    build_put32(p + 12, b->n_bytes, b->big);
    build_put32(p + 16, b->n_bytes, b->big);
    build_put32(p + 20, b->n_chars, b->big);
    memcpy(p + 24, b->types, b->n_bytes);
    memcpy(p + 24 + b->n_bytes, b->strings, b->n_chars);
    *size = n;
    return p;
}

/* build_parse: parsed. out: NULL and a printed reason on failure. */
static inline struct btf *build_parse(const struct btf_build *b, const struct btf *base) {
    struct btf *btf = NULL;
    struct diag d;
    char text[400];
    size_t size;
    uint8_t *bytes = build_bytes(b, &size);
    if (btf_parse(bytes, size, base, &btf, &d) != BPFLAB_OK)
        printf("build_parse: %s\n", diag_format(&d, text, sizeof text));
    free(bytes);
    return btf;
}

/* build_walk: call every accessor on everything; out: a number that depends on all of it. */
static inline uint64_t build_walk(const struct btf *b) {
    uint64_t sum = btf_big_endian(b) + btf_ptr_bytes(b) + btf_first_id(b);
    for (uint32_t id = 0; id < btf_n_types(b); id++) {
        const struct btf_type *t = btf_type_at(b, id);
        sum = sum * 31 + t->kind + t->kflag + t->size_or_type;
        sum = sum * 31 + strlen(btf_string(b, t->name_off)) + strlen(btf_kind_name(t->kind));
        sum = sum * 31 + btf_strip(b, id) + (uint64_t)btf_size(b, id);
        sum = sum * 31 + btf_extra(b, t) + btf_int_bits(b, t) + btf_int_off(b, t) +
              btf_int_encoding(b, t);
        const struct btf_member *m = btf_members(b, t);
        for (uint32_t i = 0; i < t->n_members; i++) {
            sum = sum * 31 + strlen(btf_string(b, m[i].name_off)) + (uint64_t)m[i].value;
            sum = sum * 31 + m[i].off_bits + m[i].size_bits + btf_type_at(b, m[i].type)->kind;
        }
    }
    return sum;
}

#endif

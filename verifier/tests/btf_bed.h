/* btf_bed.h: a BTF built in memory, so that tests know the types and need no kernel's.
 *
 * Types refer to those made before them; ids are given in order, from 1.
 */
#ifndef BPFLAB_VERIFIER_TESTS_BTF_BED_H
#define BPFLAB_VERIFIER_TESTS_BTF_BED_H

#include <string.h>

#include "isa/btf.h"
#include "tests/check.h"

enum {
    BB_BYTES = 16384,
    BB_HEADER = 24,
    BB_ANY = 16, /* members or parameters at most */
};

struct btf_bed {
    uint8_t types[BB_BYTES];
    char strings[BB_BYTES];
    uint32_t n_types, n_strings; /* bytes */
    uint32_t last;               /* id */
};

/* struct bb_field: a member at an offset in bytes, or a parameter; a list ends with a NULL name. */
struct bb_field {
    const char *name;
    uint32_t type, off;
};

static inline void bb_word(struct btf_bed *b, uint32_t w) {
    for (uint32_t i = 0; i < 4 && b->n_types < BB_BYTES; i++)
        b->types[b->n_types++] = (uint8_t)(w >> (8 * i));
}

static inline uint32_t bb_string(struct btf_bed *b, const char *s) {
    if (!s || !*s)
        return 0;
    const size_t n = strlen(s) + 1;
    const uint32_t at = b->n_strings ? b->n_strings : 1;
    if (at + n > BB_BYTES)
        return 0;
    memcpy(b->strings + at, s, n);
    b->n_strings = at + (uint32_t)n;
    return at;
}

static inline uint32_t bb_type(struct btf_bed *b, enum btf_kind kind, const char *name, uint32_t n,
                               uint32_t size_or_type) {
    bb_word(b, bb_string(b, name));
    bb_word(b, (uint32_t)kind << 24 | n);
    bb_word(b, size_or_type);
    return ++b->last;
}

static inline uint32_t bb_int(struct btf_bed *b, const char *name, uint32_t bytes) {
    const uint32_t id = bb_type(b, BTF_INT, name, 0, bytes);
    bb_word(b, bytes * 8);
    return id;
}

static inline uint32_t bb_ptr(struct btf_bed *b, uint32_t to) {
    return bb_type(b, BTF_PTR, NULL, 0, to);
}

/* A pointer with a type tag: "rcu", "percpu". */
static inline uint32_t bb_tagged(struct btf_bed *b, const char *tag, uint32_t to) {
    return bb_ptr(b, bb_type(b, BTF_TYPE_TAG, tag, 0, to));
}

static inline uint32_t bb_composite(struct btf_bed *b, enum btf_kind kind, const char *name,
                                    uint32_t bytes, const struct bb_field *f) {
    uint32_t n = 0;
    while (n < BB_ANY && f[n].name)
        n++;
    const uint32_t id = bb_type(b, kind, name, n, bytes);
    for (uint32_t i = 0; i < n; i++) {
        bb_word(b, bb_string(b, f[i].name));
        bb_word(b, f[i].type);
        bb_word(b, f[i].off * 8);
    }
    return id;
}

static inline uint32_t bb_struct(struct btf_bed *b, const char *name, uint32_t bytes,
                                 const struct bb_field *f) {
    return bb_composite(b, BTF_STRUCT, name, bytes, f);
}

static inline uint32_t bb_proto(struct btf_bed *b, uint32_t ret, const struct bb_field *f) {
    uint32_t n = 0;
    while (n < BB_ANY && f[n].name)
        n++;
    const uint32_t id = bb_type(b, BTF_FUNC_PROTO, NULL, n, ret);
    for (uint32_t i = 0; i < n; i++) {
        bb_word(b, bb_string(b, f[i].name));
        bb_word(b, f[i].type);
    }
    return id;
}

static inline uint32_t bb_func(struct btf_bed *b, const char *name, uint32_t ret,
                               const struct bb_field *f) {
    return bb_type(b, BTF_FUNC, name, 0, bb_proto(b, ret, f));
}

/* bb_finish: out: NULL after a failed check; freed with btf_free */
static inline struct btf *bb_finish(struct btf_bed *b) {
    static uint8_t bytes[BB_HEADER + 2 * BB_BYTES];
    struct btf_bed head = {0};
    struct btf *btf = NULL;
    struct diag d = {0};
    const uint32_t n_strings = b->n_strings ? b->n_strings : 1;
    bb_word(&head, 0x0001eb9f);
    bb_word(&head, BB_HEADER);
    bb_word(&head, 0);
    bb_word(&head, b->n_types);
    bb_word(&head, b->n_types);
    bb_word(&head, n_strings);
    memcpy(bytes, head.types, BB_HEADER);
    memcpy(bytes + BB_HEADER, b->types, b->n_types);
    memcpy(bytes + BB_HEADER + b->n_types, b->strings, n_strings);
    if (!CHECK_EQ(btf_parse(bytes, BB_HEADER + b->n_types + n_strings, NULL, &btf, &d), BPFLAB_OK))
        printf("    %s\n", d.text);
    return btf;
}

#endif

/* test_btf.c: BTF of every kind, built here in both byte orders, reads as it was built; what is
 * wrong is refused with the right error; nothing that is cut or damaged makes a reader leave its
 * bytes. */
#include "isa/btf.h"

#include "isa/tests/btf_build.h"
#include "tests/check.h"

static void check_scalars(const struct btf *b) {
    const struct btf_type *t = btf_type_at(b, 1);
    CHECK_EQ(t->kind, BTF_INT);
    CHECK_STR(btf_string(b, t->name_off), "int");
    CHECK_EQ(btf_int_bits(b, t), 32);
    CHECK_EQ(btf_int_off(b, t), 0);
    CHECK_EQ(btf_int_encoding(b, t), 1);
    CHECK_EQ(btf_ptr_bytes(b), 8);
    CHECK_EQ(btf_size(b, 3), 8);
    t = btf_type_at(b, 8);
    CHECK_EQ(t->n_members, 2);
    CHECK_EQ(btf_members(b, t)[1].value, 0xffffffff);
    CHECK_STR(btf_string(b, btf_members(b, t)[0].name_off), "ONE");
    t = btf_type_at(b, 9);
    CHECK(t->kflag);
    CHECK_EQ(btf_members(b, t)[0].value, -1);
    CHECK_EQ(btf_members(b, t)[1].value, INT32_MIN);
    t = btf_type_at(b, 10);
    CHECK_EQ(btf_members(b, t)[0].value, INT64_MIN + 5);
    t = btf_type_at(b, 11);
    CHECK_EQ(t->kind, BTF_FWD);
    CHECK(t->kflag);
    CHECK_EQ(btf_size(b, 11), -1);
    CHECK_EQ(btf_size(b, 15), 8);
}

static void check_composites(const struct btf *b) {
    const struct btf_type *t = btf_type_at(b, 4);
    CHECK_EQ(t->n_members, 1);
    CHECK_EQ(btf_members(b, t)->value, 12);
    CHECK_EQ(btf_members(b, t)->type, 1);
    CHECK_EQ(btf_size(b, 4), 48);
    CHECK_EQ(btf_size(b, 5), 144);
    t = btf_type_at(b, 6);
    const struct btf_member *m = btf_members(b, t);
    CHECK_EQ(t->n_members, 4);
    CHECK_EQ(m[0].size_bits, 3);
    CHECK_EQ(m[1].off_bits, 3);
    CHECK_EQ(m[1].size_bits, 29);
    CHECK_STR(btf_string(b, m[2].name_off), "next");
    CHECK_EQ(m[2].size_bits, 0);
    CHECK_EQ(m[2].off_bits, 64);
    CHECK_STR(btf_string(b, m[3].name_off), "");
    CHECK_EQ(m[3].type, 7);
    CHECK_EQ(btf_size(b, 6), 24);
    CHECK_EQ(btf_strip(b, 12), 6);
    CHECK_EQ(btf_size(b, 12), 24);
    CHECK_EQ(btf_strip(b, 21), 1);
    CHECK_EQ(btf_strip(b, 22), 3);
}

static void check_code(const struct btf *b) {
    const struct btf_type *t = btf_type_at(b, 16);
    CHECK_EQ(t->n_members, 2);
    CHECK_STR(btf_string(b, btf_members(b, t)[0].name_off), "arg");
    CHECK_EQ(btf_members(b, t)[0].type, 3);
    CHECK_EQ(btf_members(b, t)[1].type, 0);
    CHECK_EQ(btf_size(b, 16), -1);
    t = btf_type_at(b, 17);
    CHECK_EQ(btf_extra(b, t), 1);
    CHECK_EQ(t->n_members, 0);
    CHECK(btf_members(b, t) == NULL);
    CHECK_EQ(btf_extra(b, btf_type_at(b, 18)), 2);
    CHECK_EQ(btf_size(b, 18), 144);
    t = btf_type_at(b, 19);
    CHECK_EQ(btf_members(b, t)->type, 18);
    CHECK_EQ(btf_members(b, t)->off_bits, 8);
    CHECK_EQ(btf_members(b, t)->size_bits, 144);
    CHECK_EQ(btf_members(b, t)->name_off, 0);
    CHECK_EQ(btf_extra(b, btf_type_at(b, 20)), UINT32_MAX);
}

static void test_kinds(bool big) {
    static struct btf_build b;
    build_all_kinds(&b, big);
    struct btf *btf = build_parse(&b, NULL);
    if (!CHECK(btf != NULL))
        return;
    CHECK_EQ(btf_big_endian(btf), big);
    CHECK_EQ(btf_n_types(btf), 23);
    CHECK_EQ(btf_first_id(btf), 1);
    CHECK_EQ(btf_type_at(btf, 0)->kind, BTF_VOID);
    CHECK_EQ(btf_size(btf, 0), -1);
    CHECK(btf_type_at(btf, 23) == NULL);
    CHECK(btf_type_at(btf, UINT32_MAX) == NULL);
    CHECK_STR(btf_string(btf, UINT32_MAX), "");
    CHECK_STR(btf_string(btf, b.n_chars), "");
    check_scalars(btf);
    check_composites(btf);
    check_code(btf);
    CHECK_EQ(btf_find(btf, BTF_STRUCT, "node", 1), 6);
    CHECK_EQ(btf_find(btf, BTF_STRUCT, "node", 7), 0);
    CHECK_EQ(btf_find(btf, BTF_UNION, "node", 1), 0);
    CHECK_EQ(btf_find(btf, BTF_ENUM64, "wide", 0), 10);
    btf_free(btf);
}

/* Split BTF: ids, strings and members of both halves. */
static void test_split(bool big) {
    static struct btf_build base, mod, top;
    build_all_kinds(&base, big);
    struct btf *b = build_parse(&base, NULL);
    build_split(&mod, &base);
    struct build_member m[] = {{"n", 6, 0, 0}, {"own", 24, 192, 0}, {NULL, 0, 0, 0}};
    CHECK_EQ(build_struct(&mod, BTF_STRUCT, "outer", 28, m), 23);
    CHECK_EQ(build_int(&mod, "short", 4, 1), 24);
    struct btf *s = build_parse(&mod, b);
    mod.n_chars += mod.first_str; /* of both */
    build_split(&top, &mod);
    CHECK_EQ(build_ref(&top, BTF_PTR, "", 23), 25);
    struct btf *x = s ? build_parse(&top, s) : NULL; /* without a string of its own */
    if (CHECK(b && s && x)) {
        CHECK_EQ(btf_first_id(s), 23);
        CHECK_EQ(btf_n_types(s), 25);
        CHECK_STR(btf_string(s, btf_type_at(s, 23)->name_off), "outer");
        CHECK_STR(btf_string(s, btf_type_at(s, 6)->name_off), "node");
        CHECK_STR(btf_string(s, btf_members(s, btf_type_at(s, 23))[1].name_off), "own");
        CHECK_STR(btf_string(s, btf_members(s, btf_type_at(s, 6))[2].name_off), "next");
        CHECK_EQ(btf_find(s, BTF_STRUCT, "node", 1), 6);
        CHECK_EQ(btf_find(s, BTF_STRUCT, "outer", 1), 23);
        CHECK_EQ(btf_size(s, 23), 28);
        CHECK_STR(btf_string(x, btf_type_at(x, 23)->name_off), "outer");
        CHECK_STR(btf_string(x, btf_type_at(x, 6)->name_off), "node");
        CHECK_EQ(btf_members(x, btf_type_at(x, 23))[1].off_bits, 192);
        CHECK_EQ(btf_size(x, 25), 8);
        CHECK(build_walk(x) != build_walk(s));
    }
    btf_free(x);
    btf_free(s);
    btf_free(b);
}

static void add_tag(struct btf_build *b, const char *text, uint32_t type, int32_t component) {
    build_ref(b, BTF_DECL_TAG, text, type);
    build_word(b, (uint32_t)component);
}

/* check_tags: the tags of a component, in order, each named by one letter. */
static void check_tags(const struct btf *b, uint32_t type, int32_t component, const char *want) {
    char got[16] = "";
    size_t n = 0;
    for (uint32_t id = 0; n < sizeof got - 1 && (id = btf_tag(b, type, component, id)) != 0;)
        got[n++] = *btf_string(b, btf_type_at(b, id)->name_off);
    CHECK_STR(got, want);
}

/* test_tags: of a type itself and of its members, told apart, in order of id, across a split. */
static void test_tags(bool big) {
    static struct btf_build base, more;
    build_init(&base, big);
    build_int(&base, "int", 4, 1);
    struct build_member s[] = {{"x", 1, 0, 0}, {"y", 1, 32, 0}, {NULL, 0, 0, 0}};
    build_struct(&base, BTF_STRUCT, "s", 8, s); /* 2 */
    build_struct(&base, BTF_STRUCT, "t", 8, s); /* 3 */
    add_tag(&base, "a", 2, 1);
    add_tag(&base, "b", 3, 0);
    add_tag(&base, "c", 2, BTF_TAG_ITSELF);
    add_tag(&base, "d", 2, 1);
    add_tag(&base, "e", 2, 0);
    build_split(&more, &base);
    add_tag(&more, "f", 2, 1);
    add_tag(&more, "g", 2, 1);
    struct btf *b = build_parse(&base, NULL), *split = b ? build_parse(&more, b) : NULL;
    if (!CHECK(b && split)) {
        btf_free(b);
        return;
    }
    check_tags(b, 2, 1, "ad");
    check_tags(b, 2, 0, "e");
    check_tags(b, 2, BTF_TAG_ITSELF, "c");
    check_tags(b, 3, 0, "b");
    check_tags(b, 3, 1, "");
    check_tags(b, 1, BTF_TAG_ITSELF, "");
    check_tags(b, UINT32_MAX, 0, "");
    CHECK_EQ(btf_tag(b, 2, 1, UINT32_MAX), 0);
    check_tags(split, 2, 1, "adfg");
    check_tags(split, 2, 0, "e");
    btf_free(split);
    btf_free(b);
}

/* Loops and sizes without bound end. */
static void test_loops(void) {
    static struct btf_build b;
    build_init(&b, false);
    build_ref(&b, BTF_TYPEDEF, "me", 1);  /* 1 */
    build_ref(&b, BTF_CONST, "", 3);      /* 2 */
    build_ref(&b, BTF_TYPEDEF, "you", 2); /* 3 */
    build_array(&b, 4, 2);                /* 4: of itself */
    build_array(&b, 5, 0);                /* 5 */
    build_int(&b, "unsigned int", 4, 0);  /* 6 */
    build_array(&b, 6, 0x3fffffff);       /* 7: just fits */
    build_array(&b, 6, 0x40000000);       /* 8: 2^32 bytes */
    build_array(&b, 7, 0xffffffff);       /* 9 */
    build_array(&b, 6, 0);                /* 10 */
    build_array(&b, 10, 0xffffffff);      /* 11: nothing, many times */
    uint32_t chain = 6;
    for (int i = 0; i < 64; i++)
        chain = build_ref(&b, BTF_TYPEDEF, "t", chain);
    uint32_t too_long = build_ref(&b, BTF_TYPEDEF, "t", chain);
    build_ref(&b, BTF_VAR, "v", b.next_id); /* of itself */
    build_word(&b, 0);
    struct btf *btf = build_parse(&b, NULL);
    if (!CHECK(btf != NULL))
        return;
    for (uint32_t id = 1; id <= 3; id++) {
        CHECK_EQ(btf_strip(btf, id), 0);
        CHECK_EQ(btf_size(btf, id), -1);
    }
    CHECK_EQ(btf_size(btf, 4), -1);
    CHECK_EQ(btf_size(btf, 5), -1);
    CHECK_EQ(btf_size(btf, 7), 0xfffffffc);
    CHECK_EQ(btf_size(btf, 8), -1);
    CHECK_EQ(btf_size(btf, 9), -1);
    CHECK_EQ(btf_size(btf, 10), 0);
    CHECK_EQ(btf_size(btf, 11), 0);
    CHECK_EQ(btf_strip(btf, chain), 6);
    CHECK_EQ(btf_strip(btf, too_long), 0);
    CHECK_EQ(btf_size(btf, btf_n_types(btf) - 1), -1);
    btf_free(btf);
}

/* refused: b, or with a byte range replaced, is an error of this kind. */
static void refused(const struct btf_build *b, enum bpflab_err want, const char *what) {
    size_t size;
    uint8_t *bytes = build_bytes(b, &size);
    struct btf *out = NULL;
    struct diag d = {0};
    enum bpflab_err err = btf_parse(bytes, size, NULL, &out, &d);
    if (!CHECK_EQ(err, want))
        printf("    %s\n", what);
    CHECK(out == NULL);
    CHECK_EQ(d.err, err);
    CHECK(d.text[0] != 0);
    CHECK_EQ(btf_parse(bytes, size, NULL, &out, NULL), err);
    free(bytes);
}

static void test_wrong_types(bool big) {
    static struct btf_build b;
    build_init(&b, big);
    build_ref(&b, BTF_PTR, "", 2);
    refused(&b, BPFLAB_E_RANGE, "a pointer to no type");
    build_init(&b, big);
    build_type(&b, 20, "kind", 0, false, 0);
    refused(&b, BPFLAB_E_UNSUPPORTED, "a kind of the future");
    build_init(&b, big);
    build_type(&b, 0, "", 0, false, 0);
    refused(&b, BPFLAB_E_UNSUPPORTED, "void as a record");
    build_init(&b, big);
    build_type(&b, BTF_PTR, "", 1, false, 0);
    refused(&b, BPFLAB_E_FORMAT, "a pointer with members");
    build_init(&b, big);
    build_type(&b, BTF_STRUCT, "s", 1, false, 4);
    refused(&b, BPFLAB_E_TRUNCATED, "members missing");
    struct build_member m[] = {{"a", 1, 40, 0}, {NULL, 0, 0, 0}};
    build_init(&b, big);
    build_struct(&b, BTF_STRUCT, "s", 4, m);
    refused(&b, BPFLAB_E_RANGE, "a member behind the end");
    struct build_member f[] = {{"a", 1, 30, 3}, {NULL, 0, 0, 0}};
    build_init(&b, big);
    build_struct(&b, BTF_STRUCT, "s", 4, f);
    refused(&b, BPFLAB_E_RANGE, "a bit-field past the end");
    struct build_member g[] = {{"a", 9, 0, 0}, {NULL, 0, 0, 0}};
    build_init(&b, big);
    build_struct(&b, BTF_STRUCT, "s", 4, g);
    refused(&b, BPFLAB_E_RANGE, "a member of no type");
    build_init(&b, big);
    build_array(&b, 7, 1);
    refused(&b, BPFLAB_E_RANGE, "an array of no type");
    build_init(&b, big);
    build_type(&b, BTF_INT, "int", 0, false, 4);
    build_word(&b, 33);
    refused(&b, BPFLAB_E_RANGE, "33 bits in 4 bytes");
    build_init(&b, big);
    build_type(&b, BTF_FUNC, "f", 0, false, 1);
    refused(&b, BPFLAB_E_TYPE, "a function that is its own prototype");
    build_init(&b, big);
    build_type(&b, BTF_DATASEC, ".data", 1, false, 4);
    build_word(&b, 1);
    build_word(&b, 0);
    build_word(&b, 4);
    refused(&b, BPFLAB_E_TYPE, "a section inside a section");
    build_init(&b, big);
    build_int(&b, "int", 4, 1);
    build_put32(b.types, b.n_chars, big);
    refused(&b, BPFLAB_E_RANGE, "a name outside the strings");
    build_init(&b, big);
    build_int(&b, "int", 4, 1);
    build_put32(b.types + 4, BTF_INT << 24 | 1u << 16, big);
    refused(&b, BPFLAB_E_RESERVED, "a reserved bit");
    b.n_chars = 0;
    refused(&b, BPFLAB_E_FORMAT, "no strings");
}

/* with_word: parse with the header's word at off replaced. */
static enum bpflab_err with_word(const struct btf_build *b, size_t off, uint32_t word) {
    size_t size;
    uint8_t *bytes = build_bytes(b, &size);
    build_put32(bytes + off, word, b->big);
    struct btf *out = NULL;
    enum bpflab_err err = btf_parse(bytes, size, NULL, &out, NULL);
    btf_free(out);
    free(bytes);
    return err;
}

static void test_header(bool big) {
    static struct btf_build b;
    build_all_kinds(&b, big);
    uint32_t types = b.n_bytes, strings = b.n_chars;
    CHECK_EQ(with_word(&b, 4, 24), BPFLAB_OK);
    CHECK_EQ(with_word(&b, 4, 20), BPFLAB_E_RANGE);
    CHECK_EQ(with_word(&b, 4, UINT32_MAX), BPFLAB_E_RANGE);
    CHECK_EQ(with_word(&b, 4, 24 + types + strings + 1), BPFLAB_E_RANGE);
    CHECK_EQ(with_word(&b, 8, 2), BPFLAB_E_ALIGN);
    CHECK_EQ(with_word(&b, 8, UINT32_MAX - 3), BPFLAB_E_RANGE);
    CHECK_EQ(with_word(&b, 12, types + 1), BPFLAB_E_RANGE); /* overlaps the strings */
    CHECK_EQ(with_word(&b, 12, types - 4), BPFLAB_E_TRUNCATED);
    CHECK_EQ(with_word(&b, 12, UINT32_MAX), BPFLAB_E_RANGE);
    CHECK_EQ(with_word(&b, 12, 0), BPFLAB_OK); /* no types at all */
    CHECK_EQ(with_word(&b, 16, types - 4), BPFLAB_E_RANGE);
    CHECK_EQ(with_word(&b, 16, UINT32_MAX), BPFLAB_E_RANGE);
    CHECK_EQ(with_word(&b, 20, strings + 1), BPFLAB_E_RANGE);
    CHECK_EQ(with_word(&b, 20, strings - 1), BPFLAB_E_FORMAT); /* the last string open */
    CHECK_EQ(with_word(&b, 20, 0), BPFLAB_E_FORMAT);
    CHECK_EQ(with_word(&b, 20, UINT32_MAX), BPFLAB_E_RANGE);
    CHECK_EQ(with_word(&b, 0, 0), BPFLAB_E_FORMAT);
    CHECK_EQ(with_word(&b, 0, big ? 0xeb9f0200 : 0x0002eb9f), BPFLAB_E_UNSUPPORTED);
    CHECK_EQ(with_word(&b, 0, big ? 0xeb9f0101 : 0x0101eb9f), BPFLAB_E_UNSUPPORTED);
}

/* A longer header, and strings before types, read the same. */
static void test_layouts(bool big) {
    static struct btf_build b;
    build_all_kinds(&b, big);
    struct btf *plain = build_parse(&b, NULL), *other = NULL;
    size_t size;
    uint8_t *bytes = build_bytes(&b, &size);
    uint8_t *moved = calloc(1, size + 64);
    if (!CHECK(plain && moved))
        exit(1);
    uint32_t n_str = (b.n_chars + 3) & ~3u, hdr = 41; /* odd on purpose */
    memcpy(moved, bytes, 24);
    build_put32(moved + 4, hdr, big);
    build_put32(moved + 8, n_str, big);
    build_put32(moved + 16, 0, big);
    memcpy(moved + hdr, bytes + 24 + b.n_bytes, b.n_chars);
    memcpy(moved + hdr + n_str, bytes + 24, b.n_bytes);
    CHECK_EQ(btf_parse(moved, hdr + n_str + b.n_bytes, NULL, &other, NULL), BPFLAB_OK);
    if (other)
        CHECK_EQ(build_walk(other), build_walk(plain));
    CHECK_EQ(btf_parse(moved, hdr + n_str + b.n_bytes - 1, NULL, &other, NULL), BPFLAB_E_RANGE);
    btf_free(other);
    btf_free(plain);
    free(moved);
    free(bytes);
}

static void test_pointer_size(void) {
    static struct btf_build b;
    static const struct {
        const char *name;
        uint32_t bytes, want;
    } rows[] = {{"long", 4, 4},
                {"unsigned long", 4, 4},
                {"long unsigned int", 4, 4},
                {"int long", 4, 4},
                {"long long int", 4, 8},
                {"long", 8, 8},
                {"long", 2, 8},
                {"int", 4, 8},
                {"unsigned int", 4, 8},
                {"longish", 4, 8},
                {"", 4, 8},
                {"long int unsigned", 4, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        build_init(&b, i & 1);
        build_int(&b, rows[i].name, rows[i].bytes, 0);
        build_ref(&b, BTF_PTR, "", 1);
        struct btf *btf = build_parse(&b, NULL);
        if (CHECK(btf != NULL)) {
            if (!CHECK_EQ(btf_ptr_bytes(btf), rows[i].want))
                printf("    \"%s\" of %u\n", rows[i].name, rows[i].bytes);
            CHECK_EQ(btf_size(btf, 2), rows[i].want);
        }
        btf_free(btf);
    }
}

/* walk_damaged: whatever parses can be walked. out: 1 if it parsed. */
static unsigned walk_damaged(const uint8_t *bytes, size_t size, const struct btf *base) {
    uint8_t *copy = malloc(size ? size : 1);
    struct btf *out = NULL;
    struct diag d;
    memcpy(copy, bytes, size);
    enum bpflab_err err = btf_parse(copy, size, base, &out, &d);
    free(copy);
    if (!CHECK((err == BPFLAB_OK) == (out != NULL)) || err)
        return 0;
    check_state.run += build_walk(out) != 0;
    btf_free(out);
    return 1;
}

/* Every prefix; every byte with several other values; random damage. */
static void test_hostile(bool big) {
    static struct btf_build b, mod;
    size_t size, mod_size;
    uint64_t seed = 1 + big;
    unsigned parsed = 0;
    build_all_kinds(&b, big);
    uint8_t *bytes = build_bytes(&b, &size);
    for (size_t n = 0; n < size; n++)
        CHECK_EQ(walk_damaged(bytes, n, NULL), 0);
    CHECK_EQ(walk_damaged(bytes, size, NULL), 1);
    for (size_t i = 0; i < size; i++) {
        static const uint8_t flips[] = {1, 2, 4, 8, 16, 32, 64, 128, 255};
        for (size_t k = 0; k < sizeof flips; k++) {
            bytes[i] ^= flips[k];
            parsed += walk_damaged(bytes, size, NULL);
            bytes[i] ^= flips[k];
        }
    }
    struct btf *base = build_parse(&b, NULL);
    build_split(&mod, &b);
    struct build_member m[] = {{"n", 6, 0, 0}, {"own", 24, 192, 0}, {NULL, 0, 0, 0}};
    build_struct(&mod, BTF_STRUCT, "outer", 28, m);
    build_int(&mod, "short", 4, 1);
    uint8_t *split = build_bytes(&mod, &mod_size);
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t *p = i & 1 ? split : bytes, saved[8];
        size_t n = i & 1 ? mod_size : size, at[8], hits = 1 + check_random(&seed) % 8;
        for (size_t k = 0; k < hits; k++) {
            at[k] = check_random(&seed) % n;
            saved[k] = p[at[k]];
            p[at[k]] = (uint8_t)check_random(&seed);
        }
        parsed += walk_damaged(p, n, i & 1 ? base : NULL);
        for (size_t k = hits; k-- > 0;)
            p[at[k]] = saved[k];
    }
    CHECK_EQ(walk_damaged(bytes, size, NULL) + walk_damaged(split, mod_size, base), 2);
    CHECK(parsed > 100); /* the damage reaches past the header */
    btf_free(base);
    free(split);
    free(bytes);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        test_kinds(big);
        test_split(big);
        test_tags(big);
        test_wrong_types(big);
        test_header(big);
        test_layouts(big);
        test_hostile(big);
    }
    test_loops();
    test_pointer_size();
    return check_end();
}

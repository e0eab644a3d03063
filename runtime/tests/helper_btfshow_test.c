/* helper_btfshow_test.c: objects printed by their type: the texts that Linux prints, its quirks
 * included, types that make no sense, memory that is not there. */
#include "runtime/helper/btfshow.h"

#include "isa/tests/btf_build.h"
#include "runtime/tests/helper_bed.h"

enum {
    TEXT_BYTES = 1024,
    C = BTFSHOW_COMPACT,
    N = BTFSHOW_NONAME,
    R = BTFSHOW_PTR_RAW,
    Z = BTFSHOW_ZERO,
};

/* struct bed: a world whose kernel has types of its own. */
struct bed {
    struct world *w;
    struct btf_build build;
    struct btf *btf;
    uint64_t obj, ptr, text; /* guest addresses: the object, struct btf_ptr, the result */
};

static void bed_types(struct bed *b) {
    b->btf = build_parse(&b->build, NULL);
    CHECK(b->btf != NULL);
    b->w->env->vmlinux = b->btf;
}

static void bed_begin(struct bed *b, bool big) {
    b->w = bed_world(big);
    b->obj = bed_mem(b->w, NULL, 256);
    b->ptr = bed_mem(b->w, NULL, 16);
    b->text = bed_mem(b->w, NULL, TEXT_BYTES);
    build_init(&b->build, big);
}

static void bed_end(struct bed *b) {
    CHECK_CALM(b->w);
    b->w->env->vmlinux = NULL;
    world_free(b->w);
    btf_free(b->btf);
}

static uint8_t *obj(const struct bed *b) {
    return bed_host(b->w, b->obj);
}

/* show: the object at addr as a type; the text, or "error N". */
static const char *show_at(const struct bed *b, uint64_t addr, uint32_t type, uint64_t flags) {
    static char text[TEXT_BYTES + 16];
    uint8_t *p = bed_host(b->w, b->ptr);
    world_put64(b->w, p, addr);
    world_put32(b->w, p + 8, type);
    memset(bed_host(b->w, b->text), 'Q', TEXT_BYTES);
    const int64_t n = (int64_t)CALL5(b->w, snprintf_btf, b->text, TEXT_BYTES, b->ptr, 16, flags);
    if (n < 0)
        (void)snprintf(text, sizeof text, "error %d", (int)-n);
    else if (CHECK(n < TEXT_BYTES) && CHECK_EQ(strlen(bed_host(b->w, b->text)), n))
        memcpy(text, bed_host(b->w, b->text), (size_t)n + 1);
    return text;
}

static const char *show(const struct bed *b, uint32_t type, uint64_t flags) {
    return show_at(b, b->obj, type, flags);
}

static void test_numbers(bool big) {
    struct bed b;
    bed_begin(&b, big);
    const uint32_t i32 = build_int(&b.build, "int", 4, 1), u64 = build_int(&b.build, "u64", 8, 0);
    const uint32_t s8 = build_int(&b.build, "char", 1, 1), u16 = build_int(&b.build, "u16", 2, 0);
    const uint32_t i128 = build_int(&b.build, "__int128", 16, 1);
    const uint32_t mytype = build_ref(&b.build, BTF_TYPEDEF, "num_t", i32);
    const uint32_t cnst = build_ref(&b.build, BTF_CONST, "", mytype);
    const uint32_t ptr = build_ref(&b.build, BTF_PTR, "", mytype);
    const uint32_t vptr = build_ref(&b.build, BTF_PTR, "", 0);
    const uint32_t pptr = build_ref(&b.build, BTF_PTR, "", ptr);
    bed_types(&b);
    world_put32(b.w, obj(&b), 1234);
    CHECK_STR(show(&b, i32, 0), "(int)1234\n");
    CHECK_STR(show(&b, i32, C), "(int)1234");
    CHECK_STR(show(&b, i32, C | N), "1234");
    CHECK_STR(show(&b, mytype, C), "(num_t)1234");
    CHECK_STR(show(&b, cnst, C), "()1234"); /* Linux looks at the first type only */
    world_put32(b.w, obj(&b), (uint32_t)-5);
    CHECK_STR(show(&b, i32, C), "(int)-5");
    CHECK_STR(show(&b, u64, C), big ? "(u64)18446744052234715136" : "(u64)4294967291");
    CHECK_STR(show(&b, s8, C), big ? "(char)-1" : "(char)-5");
    CHECK_STR(show(&b, u16, C), big ? "(u16)65535" : "(u16)65531");
    memset(obj(&b), 0, 16);
    CHECK_STR(show(&b, i32, C), "(int)0"); /* shown: not inside anything */
    CHECK_STR(show(&b, i128, C), "(__int128)0x0");
    obj(&b)[big ? 15 : 0] = 0x1f;
    CHECK_STR(show(&b, i128, C), "(__int128)0x1f");
    obj(&b)[big ? 0 : 15] = 0xa0;
    CHECK_STR(show(&b, i128, C), "(__int128)0xa000000000000000000000000000001f");
    world_put64(b.w, obj(&b), 0x1234);
    CHECK_STR(show(&b, ptr, C | R), "(num_t *)0x0000000000001234");
    CHECK_STR(show(&b, pptr, C | R), "(num_t **)0x0000000000001234");
    CHECK_STR(show(&b, vptr, C | R), "( *)0x0000000000001234");
    const char *hashed = show(&b, ptr, C);
    CHECK(!strncmp(hashed, "(num_t *)0x00000000", 19) && !strstr(hashed, "00001234"));
    memset(obj(&b), 0, 8);
    CHECK_STR(show(&b, ptr, C), "(num_t *)0x0000000000000000");
    bed_end(&b);
}

static void test_enums(bool big) {
    struct bed b;
    bed_begin(&b, big);
    const struct build_value v[] = {{"NONE", 0}, {"SOME", 7}, {"ALL", 0xffffffff}, {NULL, 0}};
    const struct build_value x[] = {{"FAR", INT64_MIN + 5}, {NULL, 0}};
    const uint32_t plain = build_enum(&b.build, BTF_ENUM, "how_many", 4, false, v);
    const uint32_t sign = build_enum(&b.build, BTF_ENUM, "", 4, true, v);
    const uint32_t wide = build_enum(&b.build, BTF_ENUM64, "far", 8, true, x);
    const struct build_member m[] = {{"n", plain, 0, 0}, {"f", wide, 64, 0}, {NULL, 0, 0, 0}};
    const uint32_t both = build_struct(&b.build, BTF_STRUCT, "both", 16, m);
    bed_types(&b);
    CHECK_STR(show(&b, plain, C), "(enum how_many)NONE");
    CHECK_STR(show(&b, both, C), "(struct both){.n = (enum how_many)NONE,}"); /* zero, but named */
    world_put32(b.w, obj(&b), 7);
    CHECK_STR(show(&b, plain, C), "(enum how_many)SOME");
    CHECK_STR(show(&b, sign, C), "(enum)SOME");
    world_put32(b.w, obj(&b), UINT32_MAX);
    CHECK_STR(show(&b, plain, C), "(enum how_many)ALL");
    CHECK_STR(show(&b, sign, C), "(enum)ALL");
    world_put32(b.w, obj(&b), UINT32_MAX - 1);
    CHECK_STR(show(&b, plain, C), "(enum how_many)4294967294");
    CHECK_STR(show(&b, sign, C), "(enum)-2");
    world_put64(b.w, obj(&b) + 8, (uint64_t)INT64_MIN + 5);
    CHECK_STR(show_at(&b, b.obj + 8, wide, C), "(enum far)FAR");
    world_put64(b.w, obj(&b) + 8, UINT64_MAX);
    CHECK_STR(show_at(&b, b.obj + 8, wide, C), "(enum far)-1");
    bed_end(&b);
}

static void test_structs(bool big) {
    struct bed b;
    bed_begin(&b, big);
    const uint32_t i32 = build_int(&b.build, "int", 4, 1);
    const struct build_member p[] = {{"a", i32, 0, 0}, {"b", i32, 32, 0}, {NULL, 0, 0, 0}};
    const uint32_t pair = build_struct(&b.build, BTF_STRUCT, "pair", 8, p);
    const struct build_member u[] = {{"x", i32, 0, 0}, {"y", i32, 0, 0}, {NULL, 0, 0, 0}};
    const uint32_t either = build_struct(&b.build, BTF_UNION, "", 4, u);
    const uint32_t pair_t = build_ref(&b.build, BTF_TYPEDEF, "pair_t", pair);
    const struct build_member o[] = {
        {"one", pair, 0, 0}, {"two", pair_t, 64, 0}, {"", either, 128, 0}, {NULL, 0, 0, 0}};
    const uint32_t outer = build_struct(&b.build, BTF_STRUCT, "outer", 20, o);
    const struct build_member f[] = {
        {"lo", i32, 0, 3}, {"mid", i32, 3, 13}, {"hi", i32, 16, 0}, {NULL, 0, 0, 0}};
    const uint32_t bits = build_struct(&b.build, BTF_STRUCT, "bits", 6, f);
    const struct build_member none[] = {{NULL, 0, 0, 0}};
    const uint32_t empty = build_struct(&b.build, BTF_STRUCT, "empty", 0, none);
    bed_types(&b);
    CHECK_STR(show(&b, pair, C), "(struct pair){}");
    CHECK_STR(show(&b, empty, C), "(struct empty){}");
    CHECK_STR(show(&b, pair, C | Z), "(struct pair){.a = (int)0,.b = (int)0,}");
    world_put32(b.w, obj(&b), 3);
    world_put32(b.w, obj(&b) + 4, (uint32_t)-1);
    CHECK_STR(show(&b, pair, 0), "(struct pair){\n .a = (int)3,\n .b = (int)-1,\n}\n");
    CHECK_STR(show(&b, pair, C), "(struct pair){.a = (int)3,.b = (int)-1,}");
    CHECK_STR(show(&b, pair, C | N), "{3,-1,}");
    CHECK_STR(show(&b, pair_t, C), "(pair_t){.a = (int)3,.b = (int)-1,}");
    CHECK_STR(show(&b, outer, C),
              "(struct outer){.one = (struct pair){.a = (int)3,.b = (int)-1,},}");
    world_put32(b.w, obj(&b), 0);
    world_put32(b.w, obj(&b) + 4, 0);
    world_put32(b.w, obj(&b) + 12, 9);
    world_put32(b.w, obj(&b) + 16, 4);
    CHECK_STR(show(&b, outer, 0),
              "(struct outer){\n .two = (pair_t){\n  .b = (int)9,\n },\n (union){\n  .x = (int)4,\n"
              "  .y = (int)4,\n },\n}\n");
    CHECK_STR(show(&b, outer, C | N | Z), "{{0,0,},{0,9,},{4,4,},}");
    memset(obj(&b), 0, 8);
    obj(&b)[0] = big ? 0xa0 : 0x05; /* lo = 5, mid = 0x1001 */
    obj(&b)[0] |= big ? 0x10 : 0x08;
    obj(&b)[1] = big ? 0x01 : 0x80;
    obj(&b)[big ? 5 : 2] = 8;
    CHECK_STR(show(&b, bits, C), "(struct bits){.lo = (int)0x5,.mid = (int)0x1001,.hi = (int)8,}");
    bed_end(&b);
}

static void test_arrays(bool big) {
    struct bed b;
    bed_begin(&b, big);
    const uint32_t i32 = build_int(&b.build, "int", 4, 1), ch = build_int(&b.build, "char", 1, 1);
    const uint32_t ints = build_array(&b.build, i32, 4), name = build_array(&b.build, ch, 8);
    const uint32_t matrix = build_array(&b.build, ints, 2);
    const uint32_t ptr = build_ref(&b.build, BTF_PTR, "", i32),
                   ptrs = build_array(&b.build, ptr, 2);
    const struct build_member p[] = {{"a", i32, 0, 0}, {"b", i32, 32, 0}, {NULL, 0, 0, 0}};
    const uint32_t pair = build_struct(&b.build, BTF_STRUCT, "pair", 8, p);
    const uint32_t pairs = build_array(&b.build, pair, 2);
    const struct build_member h[] = {{"n", name, 0, 0}, {"v", ints, 64, 0}, {NULL, 0, 0, 0}};
    const uint32_t holder = build_struct(&b.build, BTF_STRUCT, "holder", 24, h);
    bed_types(&b);
    for (uint32_t i = 0; i < 8; i++)
        world_put32(b.w, obj(&b) + 4 * i, i);
    CHECK_STR(show(&b, ints, 0), "(int[])[\n 1,\n 2,\n 3,\n]\n"); /* zeros are left out */
    CHECK_STR(show(&b, ints, C | Z), "(int[])[0,1,2,3,]");
    CHECK_STR(show(&b, matrix, C | Z), "(int[][])[0,1,2,3,],0,1,2,3,],]"); /* the same one twice */
    CHECK_STR(show(&b, pairs, C), "(struct pair[])[1,},2,3,},]");
    world_put64(b.w, obj(&b), 5);
    world_put64(b.w, obj(&b) + 8, 6);
    CHECK_STR(show(&b, ptrs, C | N | R), "0x0000000000000005,0x0000000000000005,]");
    memset(obj(&b), 0, 24);
    memcpy(obj(&b), "ab\x01\xe9", 4);
    CHECK_STR(show(&b, name, C), "(char[])['a','b',1,'\xe9',]");
    CHECK_STR(show(&b, name, C | Z), "(char[])['a','b',1,'\xe9',]"); /* ends at the NUL */
    memcpy(obj(&b), "abcdefgh", 8);
    CHECK_STR(show(&b, name, C | N), "['a','b','c','d','e','f','g','h',]");
    world_put32(b.w, obj(&b) + 12, 77);
    memset(obj(&b) + 1, 0, 7);
    CHECK_STR(show(&b, holder, C), "(struct holder){.n = (char[])['a',],.v = (int[])[77,],}");
    memset(obj(&b), 0, 8);
    CHECK_STR(show(&b, holder, C), "(struct holder){.v = (int[])[77,],}");
    bed_end(&b);
}

/* What cannot be printed ends with an error, in bounded time. */
static void test_nonsense(bool big) {
    struct bed b;
    bed_begin(&b, big);
    const uint32_t i32 = build_int(&b.build, "int", 4, 1);
    const struct build_member none[] = {{NULL, 0, 0, 0}};
    const uint32_t empty = build_struct(&b.build, BTF_STRUCT, "empty", 0, none);
    const uint32_t many = build_array(&b.build, empty, UINT32_MAX);
    const struct build_member s[] = {
        {"v", i32, 0, 0}, {"me", b.build.next_id, 32, 0}, {NULL, 0, 0, 0}};
    const uint32_t self = build_struct(&b.build, BTF_STRUCT, "self", 8, s);
    const uint32_t fwd = build_type(&b.build, BTF_FWD, "later", 0, false, 0);
    const uint32_t loop = build_ref(&b.build, BTF_TYPEDEF, "loop", b.build.next_id);
    const uint32_t vals = build_array(&b.build, i32, 1u << 28);
    bed_types(&b);
    CHECK_STR(show(&b, many, C), "error 7");
    CHECK_STR(show(&b, self, C), "error 7");
    CHECK_STR(show(&b, self, C | Z), "error 7");
    CHECK_STR(show(&b, fwd, C), "<unsupported kind:7>");
    CHECK_STR(show(&b, loop, C), "<unsupported kind:0>");
    CHECK_STR(show(&b, vals, C), "error 14"); /* longer than its memory */
    CHECK_STR(show(&b, 0, C), "error 22");
    CHECK_STR(show(&b, loop + 100, C), "error 2");
    CHECK_STR(show(&b, UINT32_MAX, C), "error 2");
    CHECK_STR(show_at(&b, 0, i32, C), "error 34");
    CHECK_STR(show_at(&b, 0, self, C), "error 34");
    CHECK_STR(show_at(&b, b.obj + 253, i32, C), "error 14");
    CHECK_STR(show(&b, i32, 16), "error 22");
    CHECK_EQ(CALL5(b.w, snprintf_btf, b.text, 64, b.ptr, 15, 0), ERRNO(LX_EINVAL));
    b.w->env->vmlinux = NULL;
    CHECK_STR(show(&b, i32, C), "error 22");
    b.w->env->vmlinux = b.btf;
    CHECK_CALM(b.w);
    CHECK_TRAP(b.w, CALL5(b.w, snprintf_btf, b.text, TEXT_BYTES + 1, b.ptr, 16, 0),
               RUN_TRAP_MEMORY);
    CHECK_TRAP(b.w, CALL5(b.w, snprintf_btf, b.text, 8, b.ptr + 1, 16, 0), RUN_TRAP_MEMORY);
    CHECK_TRAP(b.w, CALL4(b.w, seq_printf_btf, 0, 0, 16, 0), RUN_TRAP_NULL);
    bed_end(&b);
}

struct printed {
    char text[4 * TEXT_BYTES];
    size_t n;
};

static void keep(void *self, const char *text, size_t n) {
    struct printed *p = self;
    if (CHECK(n <= sizeof p->text - p->n))
        memcpy(p->text + p->n, text, n);
    p->n += n;
}

/* Every type over random bytes: what goes to the printer is what is written to memory, cut at its
 * end; zeros shown or not make no other difference than zeros. */
static void test_random(bool big) {
    struct bed b;
    struct printed p;
    uint64_t seed = 77, n_shown = 0;
    bed_begin(&b, big);
    build_all_kinds(&b.build, big);
    bed_types(&b);
    b.w->print = keep;
    b.w->print_self = &p;
    for (uint32_t round = 0; round < check_rounds(4000); round++) {
        const uint64_t r = check_random(&seed), flags = r & 15;
        const uint32_t type = 1 + round % (btf_n_types(b.btf) - 1), size = 1 + (uint32_t)(r % 97);
        for (uint32_t i = 0; i < 256; i++)
            obj(&b)[i] = check_random(&seed) & 1 ? 0 : (uint8_t)check_random(&seed);
        uint8_t *at = bed_host(b.w, b.ptr);
        world_put64(b.w, at, b.obj);
        world_put32(b.w, at + 8, type);
        p.n = 0;
        const uint64_t status = CALL4(b.w, seq_printf_btf, 0, b.ptr, 16, flags);
        memset(bed_host(b.w, b.text), 'Q', size + 1);
        const uint64_t n = CALL5(b.w, snprintf_btf, b.text, size, b.ptr, 16, flags);
        if (!CHECK_EQ(status, 0) || !CHECK_EQ(n, p.n))
            continue;
        const char *text = bed_host(b.w, b.text);
        const size_t kept = n < size ? n : size - 1;
        CHECK(!memcmp(text, p.text, kept) && !text[kept] && text[size] == 'Q');
        n_shown += n;
    }
    CHECK(n_shown > 50000);
    b.w->print = NULL;
    CHECK_EQ(CALL4(b.w, seq_printf_btf, 0, b.ptr, 16, 0), 0); /* nobody listens */
    bed_end(&b);
}

/* mutant: a BTF of all kinds with a few bytes changed. out: NULL where btf_parse refuses it */
static struct btf *mutant(struct bed *b, bool big, uint64_t *seed) {
    struct btf *btf = NULL;
    size_t n;
    build_all_kinds(&b->build, big);
    uint8_t *bytes = build_bytes(&b->build, &n);
    for (uint64_t i = 1 + check_random(seed) % 4; i--;)
        bytes[24 + check_random(seed) % (n - 24)] ^= (uint8_t)(1u << check_random(seed) % 8);
    if (btf_parse(bytes, n, NULL, &btf, NULL))
        btf = NULL;
    free(bytes);
    return btf;
}

/* Types that parse and make no sense, objects that reach the end of their memory. */
static void test_mutants(bool big) {
    struct bed b;
    uint64_t seed = 99, n_read = 0;
    bed_begin(&b, big);
    for (uint32_t round = 0; round < check_rounds(600); round++) {
        b.btf = mutant(&b, big, &seed);
        b.w->env->vmlinux = b.btf;
        uint8_t *at = bed_host(b.w, b.ptr);
        for (uint32_t id = 1; b.btf && id < btf_n_types(b.btf); id++) {
            const uint64_t r = check_random(&seed), size = 1 + r % 61;
            world_put64(b.w, at, b.obj + (r >> 8) % 256);
            world_put32(b.w, at + 8, id);
            memset(bed_host(b.w, b.text), 'Q', size + 1);
            const int64_t n = (int64_t)CALL5(b.w, snprintf_btf, b.text, size, b.ptr, 16, r >> 60);
            CHECK(n >= 0 || n == -LX_EFAULT || n == -LX_ERANGE || n == -LX_E2BIG);
            CHECK(((char *)bed_host(b.w, b.text))[size] == 'Q');
            n_read += n >= 0;
        }
        btf_free(b.btf);
    }
    CHECK(n_read > check_rounds(1000));
    b.btf = NULL;
    bed_end(&b);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        test_numbers(big);
        test_enums(big);
        test_structs(big);
        test_arrays(big);
        test_nonsense(big);
        test_random(big);
        test_mutants(big);
    }
    return check_end();
}

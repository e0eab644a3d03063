/* test_core_rules.c: which target types stand for a local one (three relations, as a table),
 * several candidates, widths of accesses, and hostile types, which must end a search and not the
 * program. */
#include "loader/core.h"

#include "loader/tests/core_fixture.h"

static const struct build_member END_MEMBERS = {NULL, 0, 0, 0};

/* The menu: ids of the types that both BTFs begin with. */
enum {
    INT = 1,
    UINT,
    LONG,
    CHAR,
    VOIDP,
    DOUBLE,
    FLOAT32,
    ARR2,
    ARR3,
    ARRP,
    ST1, /* struct a { int x; } */
    ST2, /* struct a { long y; int x; } */
    ST3, /* struct a { long x; } */
    UN1, /* union a { int x; } */
    STB, /* struct b { int x; } */
    FWDS,
    FWDU,
    P_ST1,
    P_ST3,
    P_UN1,
    P_FWDS,
    P_FWDU,
    P_STB,
    P_INT,
    E1,    /* enum e { A = 0 } */
    E2,    /* enum e { B = 1, A = 5 } */
    E64,   /* enum e { A } of 64 bits */
    E64_4, /* the same of 32 bits, written as enum64 */
    EG,    /* enum g { A } */
    EANON, /* enum { A } */
    FP1,   /* int (void *) */
    FP2,   /* int (void *, int) */
    FP3,   /* long (void *) */
    P_FP1,
    P_FP3,
    ODD, /* an int that starts at bit 3 */
    TAG,
    VOL,
    QUAL, /* const volatile, tagged int */
    N_MENU,
};

static void proto(struct btf_build *b, uint32_t result, uint32_t n, uint32_t second) {
    build_type(b, BTF_FUNC_PROTO, "", n, false, result);
    for (uint32_t i = 0; i < n; i++) {
        build_word(b, 0);
        build_word(b, i ? second : VOIDP);
    }
}

static void menu(struct btf_build *b, bool big) {
    build_init(b, big);
    build_int(b, "int", 4, 1);
    build_int(b, "unsigned int", 4, 0);
    build_int(b, "long", 8, 1);
    build_int(b, "char", 1, 1);
    build_ref(b, BTF_PTR, "", 0);
    build_type(b, BTF_FLOAT, "double", 0, false, 8);
    build_type(b, BTF_FLOAT, "float", 0, false, 4);
    build_array(b, INT, 2);
    build_array(b, INT, 3);
    build_array(b, VOIDP, 2);
    struct build_member x[] = {{"x", INT, 0, 0}, END_MEMBERS};
    struct build_member yx[] = {{"y", LONG, 0, 0}, {"x", INT, 64, 0}, END_MEMBERS};
    struct build_member lx[] = {{"x", LONG, 0, 0}, END_MEMBERS};
    build_struct(b, BTF_STRUCT, "a", 4, x);
    build_struct(b, BTF_STRUCT, "a", 16, yx);
    build_struct(b, BTF_STRUCT, "a", 8, lx);
    build_struct(b, BTF_UNION, "a", 4, x);
    build_struct(b, BTF_STRUCT, "b", 4, x);
    build_type(b, BTF_FWD, "a", 0, false, 0);
    build_type(b, BTF_FWD, "a", 0, true, 0);
    static const uint32_t behind[] = {ST1, ST3, UN1, FWDS, FWDU, STB, INT};
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++)
        build_ref(b, BTF_PTR, "", behind[i]);
    struct build_value a[] = {{"A", 0}, {NULL, 0}}, ba[] = {{"B", 1}, {"A", 5}, {NULL, 0}};
    build_enum(b, BTF_ENUM, "e", 4, false, a);
    build_enum(b, BTF_ENUM, "e", 4, false, ba);
    build_enum(b, BTF_ENUM64, "e", 8, false, a);
    build_enum(b, BTF_ENUM64, "e", 4, false, a);
    build_enum(b, BTF_ENUM, "g", 4, false, a);
    build_enum(b, BTF_ENUM, "", 4, false, a);
    proto(b, INT, 1, 0);
    proto(b, INT, 2, INT);
    proto(b, LONG, 1, 0);
    build_ref(b, BTF_PTR, "", FP1);
    build_ref(b, BTF_PTR, "", FP3);
    build_type(b, BTF_INT, "int", 0, false, 4);
    build_word(b, 1u << 24 | 3u << 16 | 8);
    build_ref(b, BTF_TYPE_TAG, "user", INT);
    build_ref(b, BTF_VOLATILE, "", TAG);
    build_ref(b, BTF_CONST, "", VOL);
    CHECK_EQ(b->next_id, N_MENU);
}

static uint32_t one_field(struct btf_build *b, const char *name, uint32_t type, uint32_t off_bits) {
    struct build_member m[] = {{"f", type, off_bits, 0}, END_MEMBERS};
    return build_struct(b, BTF_STRUCT, name, 64, m);
}

/* related: does the target's type b, as field f of struct t or as typedef s, answer for the local
 * a? */
static int related(uint32_t kind, uint32_t a, uint32_t b, bool big) {
    static struct btf_build local, target;
    struct fixture f;
    struct core_result res = {.outcome = CORE_POISONED};
    struct insn in = INSN_MOV(1);
    bool field = kind == CORE_FIELD_EXISTS;
    menu(&local, big);
    menu(&target, !big);
    uint32_t t = one_field(&local, "t", a, 0), s = build_ref(&local, BTF_TYPEDEF, "s", a);
    one_field(&target, "t", b, 32);
    build_ref(&target, BTF_TYPEDEF, "s", b);
    if (fixture_init(&f, &local, &target) &&
        apply(&f, kind, field ? t : s, field ? "0:0" : "0", &in, 1, &res) != BPFLAB_OK)
        in.imm = 2; /* the search gave up */
    fixture_fini(&f);
    return in.imm;
}

static void test_relations(void) {
    static const struct {
        uint8_t a, b;
        bool field, exists, matches;
    } rows[] = {
        {INT, INT, 1, 1, 1},       {INT, UINT, 1, 1, 0},     {INT, LONG, 1, 1, 0},
        {INT, CHAR, 1, 1, 0},      {INT, VOIDP, 0, 0, 0},    {INT, QUAL, 1, 1, 1},
        {QUAL, INT, 1, 1, 1},      {INT, ODD, 0, 0, 1},      {DOUBLE, FLOAT32, 1, 1, 0},
        {DOUBLE, DOUBLE, 1, 1, 1}, {DOUBLE, LONG, 0, 0, 0},  {VOIDP, VOIDP, 1, 1, 1},
        {VOIDP, P_ST1, 1, 0, 0},   {P_ST1, P_ST3, 1, 1, 1},  {P_ST1, P_UN1, 1, 0, 0},
        {P_ST1, P_FWDS, 1, 0, 1},  {P_ST1, P_FWDU, 1, 0, 0}, {P_FWDS, P_ST1, 1, 0, 1},
        {P_FWDU, P_UN1, 1, 0, 1},  {P_FWDU, P_ST1, 1, 0, 0}, {P_FWDS, P_FWDS, 1, 1, 1},
        {P_FWDS, P_FWDU, 1, 1, 0}, {P_ST1, P_STB, 1, 1, 0},  {P_INT, VOIDP, 1, 0, 0},
        {P_FWDS, P_INT, 1, 0, 0},  {ARR2, ARR3, 1, 1, 0},    {ARR2, ARR2, 1, 1, 1},
        {ARR2, ARRP, 0, 0, 0},     {ARR2, INT, 0, 0, 0},     {ST1, ST2, 1, 1, 1},
        {ST2, ST1, 1, 1, 0},       {ST1, ST3, 1, 1, 0},      {ST1, UN1, 1, 0, 0},
        {ST1, STB, 1, 1, 0},       {ST1, FWDS, 0, 0, 0},     {FWDS, FWDS, 1, 1, 1},
        {FWDS, FWDU, 1, 1, 0},     {FWDS, ST1, 0, 0, 0},     {E1, E2, 1, 1, 1},
        {E2, E1, 1, 1, 0},         {E1, E64, 1, 1, 0},       {E1, E64_4, 1, 1, 1},
        {E64_4, E1, 1, 1, 1},      {E1, EG, 0, 1, 0},        {E1, EANON, 1, 1, 0},
        {EANON, EG, 1, 1, 0},      {E1, INT, 0, 0, 0},       {INT, E1, 0, 0, 0},
        {FP1, FP1, 0, 1, 1},       {FP1, FP2, 0, 0, 0},      {FP1, FP3, 0, 1, 0},
        {P_FP1, P_FP3, 1, 1, 0},   {P_FP1, P_FP1, 1, 1, 1},  {UN1, UN1, 1, 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int a = rows[i].a, b = rows[i].b;
        bool ok = CHECK_EQ(related(CORE_FIELD_EXISTS, rows[i].a, rows[i].b, i & 1), rows[i].field);
        ok &= CHECK_EQ(related(CORE_TYPE_EXISTS, rows[i].a, rows[i].b, i & 1), rows[i].exists);
        ok &= CHECK_EQ(related(CORE_TYPE_MATCHES, rows[i].a, rows[i].b, i & 1), rows[i].matches);
        if (!ok)
            printf("    local %d, target %d\n", a, b);
    }
    for (uint32_t a = INT; a < N_MENU; a++) /* a type matches itself; and nothing gives up */
        for (uint32_t b = INT; b < N_MENU; b++) {
            int matches = related(CORE_TYPE_MATCHES, a, b, false);
            CHECK(matches <= 1 && related(CORE_TYPE_EXISTS, a, b, false) <= 1);
            CHECK(a != b || matches == 1);
        }
}

/* Several candidates: they agree, they disagree, they drop out. */
static void test_candidates(void) {
    static struct btf_build local, target;
    struct fixture f;
    menu(&local, false);
    uint32_t same = one_field(&local, "same___l", INT, 0),
             differ = one_field(&local, "differ", INT, 0);
    uint32_t scalar = build_int(&local, "size_of", 4, 0), gone = one_field(&local, "gone", INT, 0);
    struct build_member fg[] = {{"f", INT, 0, 0}, {"g", INT, 32, 0}, END_MEMBERS};
    uint32_t narrow = build_struct(&local, BTF_STRUCT, "narrow", 8, fg);
    uint32_t late = build_struct(&local, BTF_STRUCT, "narrow___late", 8, fg);
    uint32_t odd = one_field(&local, "under____score", INT, 0);
    menu(&target, false);
    one_field(&target, "same", INT, 64);
    uint32_t first = target.next_id - 1;
    one_field(&target, "same___2", INT, 64);
    one_field(&target, "same___3", VOIDP, 0); /* no fit: drops out */
    one_field(&target, "differ", INT, 64);
    one_field(&target, "differ___2", INT, 96);
    build_int(&target, "size_of", 4, 0);
    build_int(&target, "size_of___2", 2, 0);
    struct build_member tfg[] = {{"f", INT, 96, 0}, {"g", INT, 64, 0}, END_MEMBERS};
    build_struct(&target, BTF_STRUCT, "narrow", 16, tfg);
    struct build_member tg[] = {{"g", INT, 128, 0}, END_MEMBERS};
    build_struct(&target, BTF_STRUCT, "narrow___2", 32, tg);
    one_field(&target, "under", INT, 64); /* four underscores are no flavour */
    one_field(&target, "under_", INT, 64);
    build_ref(&target, BTF_TYPEDEF, "gone", INT); /* another kind of thing */
    if (fixture_init(&f, &local, &target)) {
        const uint32_t off = CORE_FIELD_BYTE_OFFSET;
        MEM(&f, same, "0:0", 0x61, 0, 0x61, 8);
        struct core_result res = {0};
        struct insn in = INSN_LDXW(0);
        CHECK_EQ(apply(&f, off, same, "0:0", &in, 1, &res), BPFLAB_OK);
        CHECK_EQ(res.target_id, first);
        REFUSED(&f, off, differ, "0:0", INSN_LDXW(0), 1, BPFLAB_E_TYPE);
        REFUSED(&f, CORE_FIELD_EXISTS, differ, "0:0", INSN_MOV(1), 1, BPFLAB_E_TYPE);
        REFUSED(&f, CORE_TYPE_ID_TARGET, same, "0", INSN_IMM64(1), 2, BPFLAB_E_TYPE);
        REFUSED(&f, CORE_TYPE_SIZE, scalar, "0", INSN_MOV(4), 1, BPFLAB_E_TYPE);
        MOV(&f, CORE_TYPE_EXISTS, differ, "0", 1, 1);
        POISONED(&f, off, gone, "0:0", INSN_LDXW(0), "no such type");
        POISONED(&f, off, odd, "0:0", INSN_LDXW(0), "no such type");
        /* Asked for g first, two candidates disagree; after f only one is left. */
        REFUSED(&f, off, late, "0:1", INSN_LDXW(4), 1, BPFLAB_E_TYPE);
        MEM(&f, narrow, "0:0", 0x61, 0, 0x61, 12);
        MEM(&f, narrow, "0:1", 0x61, 4, 0x61, 8);
    }
    fixture_fini(&f);
}

/* A refused record leaves the candidates as they were. */
static void test_after_refusal(void) {
    static struct btf_build local, target;
    struct fixture f;
    struct build_member fg[] = {{"f", INT, 0, 0}, {"g", INT, 32, 0}, END_MEMBERS};
    struct build_member only_g[] = {{"g", INT, 160, 0}, END_MEMBERS};
    menu(&local, false);
    uint32_t s = build_struct(&local, BTF_STRUCT, "s", 8, fg);
    menu(&target, false);
    build_struct(&target, BTF_STRUCT, "s", 64, only_g);
    one_field(&target, "s", INT, 64);
    one_field(&target, "s", INT, 96);
    if (fixture_init(&f, &local, &target)) {
        for (int i = 0; i < 2; i++)
            REFUSED(&f, CORE_FIELD_BYTE_OFFSET, s, "0:0", INSN_LDXW(0), 1, BPFLAB_E_TYPE);
        MEM(&f, s, "0:1", 0x61, 4, 0x61, 20);
        POISONED(&f, CORE_FIELD_BYTE_OFFSET, s, "0:0", INSN_LDXW(0), "no such field");
    }
    fixture_fini(&f);
}

/* Sizes that a 32-bit move holds and a 64-bit one does not; arrays of empty arrays have no end to
 * run over, but are no flexible member. */
static void test_limits(void) {
    static struct btf_build local, target;
    struct fixture f;
    struct build_member x[] = {{"x", INT, 0, 0}, END_MEMBERS};
    menu(&local, false);
    uint32_t huge = build_struct(&local, BTF_STRUCT, "huge", 4, x);
    uint32_t none = build_array(&local, INT, 0), grid = build_array(&local, none, 2);
    struct build_member g[] = {{"g", grid, 0, 0}, {"last", none, 32, 0}, END_MEMBERS};
    uint32_t s = build_struct(&local, BTF_STRUCT, "s", 8, g);
    menu(&target, false);
    build_struct(&target, BTF_STRUCT, "huge", 0x90000000, x);
    if (fixture_init(&f, &local, &target)) {
        struct insn in = {.code = 0xb4, .dst = 1, .imm = 4};
        struct core_result res = {0};
        REFUSED(&f, CORE_TYPE_SIZE, huge, "0", INSN_MOV(4), 1, BPFLAB_E_RANGE);
        CHECK_EQ(apply(&f, CORE_TYPE_SIZE, huge, "0", &in, 1, &res), BPFLAB_OK);
        CHECK_EQ((uint32_t)in.imm, 0x90000000);
        MOV64(&f, CORE_TYPE_SIZE, huge, "0", 4, 0x90000000);
        MOV(&f, CORE_FIELD_EXISTS, s, "0:1:7", 1, 0);
        MOV(&f, CORE_FIELD_EXISTS, s, "0:0:1", 1, 0);
        REFUSED(&f, CORE_FIELD_EXISTS, s, "0:0:1:0", INSN_MOV(1), 1, BPFLAB_E_FORMAT);
        REFUSED(&f, CORE_FIELD_EXISTS, s, "0:0:2", INSN_MOV(1), 1, BPFLAB_E_FORMAT);
        REFUSED(&f, CORE_FIELD_EXISTS, s, "0:0:0:5", INSN_MOV(1), 1, BPFLAB_E_FORMAT);
    }
    fixture_fini(&f);
}

/* Widths: what a memory access becomes when the field's size differs. */
static void test_widths(void) {
    static struct btf_build local, target;
    struct fixture f;
    menu(&local, false);
    struct build_member m[] = {{"s", INT, 0, 0},      {"u", UINT, 32, 0},  {"p", VOIDP, 64, 0},
                               {"w", UINT, 128, 0},   {"z", UINT, 160, 0}, {"e", E1, 192, 0},
                               {"far", UINT, 224, 0}, {"a", ARR2, 256, 0}, END_MEMBERS};
    uint32_t s = build_struct(&local, BTF_STRUCT, "w", 40, m);
    build_init(&target, false); /* of a 32-bit machine */
    build_int(&target, "int", 4, 1);
    build_int(&target, "long int", 4, 1);
    build_int(&target, "unsigned char", 1, 0);
    build_int(&target, "unsigned __int128", 16, 0);
    build_ref(&target, BTF_PTR, "", 0);
    build_int(&target, "long long", 8, 1);
    struct build_value e[] = {{"A", 0}, {NULL, 0}};
    build_enum(&target, BTF_ENUM64, "e", 8, false, e);
    build_array(&target, 6, 2);
    build_int(&target, "unsigned int", 4, 0);
    struct build_member t[] = {
        {"s", 6, 64, 0}, {"u", 3, 128, 0}, {"p", 5, 160, 0},           {"w", 4, 256, 0},
        {"z", 3, 0, 0},  {"e", 7, 384, 0}, {"far", 9, 0x80000 * 8, 0}, {"a", 8, 512, 0},
        END_MEMBERS};
    build_struct(&target, BTF_STRUCT, "w", 0x90000, t);
    if (fixture_init(&f, &local, &target)) {
        const uint32_t off = CORE_FIELD_BYTE_OFFSET;
        MEM(&f, s, "0:2", 0x79, 8, 0x61, 20);                        /* pointers of 4 bytes */
        MEM(&f, s, "0:1", 0x61, 4, 0x71, 16);                        /* unsigned: any width */
        POISONED(&f, off, s, "0:0", INSN_LDXW(0), "would be wrong"); /* signed */
        MOV(&f, off, s, "0:0", 0, 8); /* an address is not an access */
        POISONED(&f, off, s, "0:3", INSN_LDXW(16), "no access is as wide");
        POISONED(&f, off, s, "0:5", INSN_LDXW(24), "would be wrong");   /* enums */
        POISONED(&f, off, s, "0:7:1", INSN_LDXW(36), "would be wrong"); /* int[] to long long[] */
        POISONED(&f, off, s, "0:7", INSN_LDXW(32), "would be wrong");
        struct insn atomic = {.code = 0xc3, .dst = 1, .src = 2, .off = 20};
        POISONED(&f, off, s, "0:4", atomic, "no access is as wide");
        REFUSED(&f, off, s, "0:6", INSN_LDXW(28), 1, BPFLAB_E_RANGE); /* beyond 32767 */
        MOV(&f, off, s, "0:6", 28, 0x80000);
    }
    fixture_fini(&f);
}

/* Bit-fields that lie across the units of their type. */
static void test_bit_fields(bool big) {
    static struct btf_build local, target;
    struct fixture f;
    struct build_member m[] = {
        {"a", UINT, 0, 8}, {"b", UINT, 32, 8}, {"c", LONG, 64, 40}, END_MEMBERS};
    struct build_member t[] = {
        {"a", UINT, 28, 8}, {"b", UINT, 60, 8}, {"c", ST1, 128, 5}, END_MEMBERS};
    menu(&local, big);
    uint32_t s = build_struct(&local, BTF_STRUCT, "s", 16, m);
    menu(&target, big);
    build_struct(&target, BTF_STRUCT, "s", 24, t);
    if (fixture_init(&f, &local, &target)) {
        MOV(&f, CORE_FIELD_BYTE_OFFSET, s, "0:0", 0, 0);
        MOV(&f, CORE_FIELD_BYTE_SIZE, s, "0:0", 4, 8);
        MOV(&f, CORE_FIELD_LSHIFT_U64, s, "0:0", 9, 28);
        MOV(&f, CORE_FIELD_RSHIFT_U64, s, "0:0", 56, 56);
        MOV(&f, CORE_FIELD_EXISTS, s, "0:1", 1, 1);
        REFUSED(&f, CORE_FIELD_BYTE_SIZE, s, "0:1", INSN_MOV(4), 1, BPFLAB_E_UNSUPPORTED);
        POISONED(&f, CORE_FIELD_BYTE_SIZE, s, "0:2", INSN_MOV(8), "no such field");
    }
    fixture_fini(&f);
}

/* Searches that would never end. */
static void test_endless(void) {
    static struct btf_build local, target;
    struct fixture f;
    struct core_result res;
    struct insn in = INSN_MOV(1);
    menu(&local, false);
    uint32_t s = one_field(&local, "s", INT, 0), r = one_field(&local, "r", INT, 0);
    uint32_t p = build_ref(&local, BTF_PTR, "", local.next_id);
    uint32_t tp = build_ref(&local, BTF_TYPEDEF, "p", p);
    uint32_t self = local.next_id;
    struct build_member xy[] = {{"x", self, 0, 0}, {"y", self, 0, 0}, END_MEMBERS};
    build_struct(&local, BTF_STRUCT, "self", 8, xy);
    menu(&target, false);
    for (uint32_t i = 0; i < 60; i++) { /* 2^60 ways to look for f */
        struct build_member twice[] = {
            {"", target.next_id + 1, 0, 0}, {"", target.next_id + 1, 0, 0}, END_MEMBERS};
        build_struct(&target, BTF_UNION, "", 64, twice);
    }
    struct build_member none[] = {{"x", INT, 0, 0}, END_MEMBERS};
    build_struct(&target, BTF_STRUCT, "", 64, none);
    struct build_member ways[] = {{"", N_MENU, 0, 0}, END_MEMBERS};
    build_struct(&target, BTF_STRUCT, "s", 64, ways);
    struct build_member inside[] = {{"", target.next_id, 0, 0}, END_MEMBERS};
    build_struct(&target, BTF_STRUCT, "r", 64, inside); /* contains itself */
    uint32_t q = build_ref(&target, BTF_PTR, "", target.next_id);
    build_ref(&target, BTF_TYPEDEF, "p", q);
    uint32_t own = target.next_id;
    struct build_member yx[] = {{"y", own, 0, 0}, {"x", own, 0, 0}, END_MEMBERS};
    build_struct(&target, BTF_STRUCT, "self", 8, yx);
    if (fixture_init(&f, &local, &target)) {
        CHECK_EQ(apply(&f, CORE_FIELD_EXISTS, r, "0:0", &in, 1, &res), BPFLAB_E_UNSUPPORTED);
        CHECK_EQ(apply(&f, CORE_TYPE_EXISTS, tp, "0", &in, 1, &res), BPFLAB_E_UNSUPPORTED);
        CHECK_EQ(apply(&f, CORE_TYPE_MATCHES, tp, "0", &in, 1, &res), BPFLAB_E_UNSUPPORTED);
        CHECK_EQ(apply(&f, CORE_TYPE_MATCHES, self, "0", &in, 1, &res), BPFLAB_E_UNSUPPORTED);
        CHECK_EQ(apply(&f, CORE_FIELD_EXISTS, s, "0:0", &in, 1, &res), BPFLAB_E_UNSUPPORTED);
    }
    fixture_fini(&f);
}

int main(void) {
    test_relations();
    test_candidates();
    test_after_refusal();
    test_limits();
    test_widths();
    test_bit_fields(false);
    test_bit_fields(true);
    test_endless();
    return check_end();
}

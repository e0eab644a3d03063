/* test_core.c: every kind of relocation, with a target that has the field, type or value and one
 * that does not, and the exact instruction that comes out; in both byte orders. */
#include "loader/core.h"

#include "loader/tests/core_fixture.h"

/* Ids of the local types. */
enum {
    L_INT = 1,
    L_U32,
    L_U64,
    L_U8,
    L_PTR,
    L_ARR,
    L_FLEX,
    L_ANON,
    L_TASK,
    L_SUB,
    L_COLOR,
    L_WIDE,
    L_TASK_T,
    L_CONST_TASK,
    L_ABSENT,
    L_SIGNED_ENUM,
    L_VOID_T,
};

static const struct build_member END_MEMBERS = {NULL, 0, 0, 0};

static void build_local(struct btf_build *b, bool big) {
    build_init(b, big);
    build_int(b, "int", 4, 1);
    build_int(b, "unsigned int", 4, 0);
    build_int(b, "unsigned long", 8, 0);
    build_int(b, "unsigned char", 1, 0);
    build_ref(b, BTF_PTR, "", 0);
    build_array(b, L_U32, 4);
    build_array(b, L_U32, 0);
    struct build_member anon[] = {{"inner", L_INT, 0, 0}, END_MEMBERS};
    build_struct(b, BTF_STRUCT, "", 4, anon);
    struct build_member task[] = {{"pid", L_INT, 0, 0},
                                  {"flags", L_U32, 32, 0},
                                  {"start", L_U64, 64, 0},
                                  {"p", L_PTR, 128, 0},
                                  {"arr", L_ARR, 192, 0},
                                  {"bits_a", L_U32, 320, 3},
                                  {"bits_b", L_INT, 323, 13},
                                  {"", L_ANON, 352, 0},
                                  {"small", L_U8, 384, 0},
                                  {"gone", L_INT, 416, 0},
                                  {"sub", L_SUB, 448, 0},
                                  {"flex", L_FLEX, 512, 0},
                                  END_MEMBERS};
    build_struct(b, BTF_STRUCT, "task___mine", 64, task);
    struct build_member sub[] = {{"x", L_INT, 0, 0}, {"y", L_INT, 32, 0}, END_MEMBERS};
    build_struct(b, BTF_STRUCT, "sub", 8, sub);
    struct build_value color[] = {
        {"RED", 1}, {"GREEN___v2", 2}, {"BLUE", 3}, {"TOP", 0xffffffff}, {NULL, 0}};
    build_enum(b, BTF_ENUM, "color", 4, false, color);
    struct build_value wide[] = {{"HUGE", INT64_C(0x123456789)}, {NULL, 0}};
    build_enum(b, BTF_ENUM64, "wide", 8, false, wide);
    build_ref(b, BTF_TYPEDEF, "task_t", L_TASK);
    build_ref(b, BTF_CONST, "", L_TASK);
    struct build_member absent[] = {{"f", L_INT, 0, 0}, END_MEMBERS};
    build_struct(b, BTF_STRUCT, "absent", 4, absent);
    struct build_value neg[] = {{"MINUS", -1}, {NULL, 0}};
    build_enum(b, BTF_ENUM, "signed_enum", 4, true, neg);
    build_ref(b, BTF_TYPEDEF, "void_t", 0);
}

/* build_target: the same names, everything elsewhere. out: id of struct task */
static uint32_t build_target(struct btf_build *b, bool big) {
    build_init(b, big);
    build_int(b, "unsigned long", 8, 0); /* 1 */
    build_int(b, "int", 4, 1);           /* 2 */
    build_int(b, "unsigned int", 4, 0);  /* 3 */
    build_int(b, "unsigned char", 1, 0); /* 4 */
    build_ref(b, BTF_PTR, "", 0);        /* 5 */
    build_array(b, 3, 8);                /* 6 */
    build_array(b, 3, 0);                /* 7 */
    struct build_member in[] = {{"pid", 2, 0, 0}, {"small", 4, 32, 0}, END_MEMBERS};
    build_struct(b, BTF_STRUCT, "", 8, in); /* 8 */
    struct build_member un[] = {{"", 8, 0, 0}, {"other", 1, 0, 0}, END_MEMBERS};
    build_struct(b, BTF_UNION, "", 8, un); /* 9 */
    struct build_member sub[] = {{"y", 2, 0, 0}, {"x", 2, 32, 0}, END_MEMBERS};
    build_struct(b, BTF_STRUCT, "sub", 8, sub); /* 10 */
    build_ref(b, BTF_TYPEDEF, "sub_t", 10);     /* 11 */
    build_ref(b, BTF_CONST, "", 11);            /* 12 */
    struct build_member task[] = {
        {"pad", 1, 0, 0},     {"", 9, 64, 0},      {"flags", 1, 128, 0},   {"start", 3, 192, 0},
        {"p", 5, 256, 0},     {"arr", 6, 320, 0},  {"bits_b", 2, 576, 13}, {"bits_a", 3, 589, 3},
        {"inner", 2, 640, 0}, {"sub", 12, 672, 0}, {"flex", 7, 1024, 0},   END_MEMBERS};
    uint32_t id = build_struct(b, BTF_STRUCT, "task", 128, task);
    struct build_value color[] = {{"GREEN", 20}, {"RED", 10}, {"TOP", 0xfffffffe}, {NULL, 0}};
    build_enum(b, BTF_ENUM, "color", 4, false, color);
    struct build_value wide[] = {{"HUGE", INT64_C(-2)}, {NULL, 0}};
    build_enum(b, BTF_ENUM64, "wide___x", 8, true, wide);
    build_ref(b, BTF_TYPEDEF, "task_t", id);
    struct build_value neg[] = {{"MINUS", -7}, {NULL, 0}};
    build_enum(b, BTF_ENUM, "signed_enum", 4, true, neg);
    build_ref(b, BTF_TYPEDEF, "void_t", 0);
    return id;
}

static void test_offsets(const struct fixture *f) {
    const uint32_t off = CORE_FIELD_BYTE_OFFSET;
    MEM(f, L_TASK, "0:0", 0x61, 0, 0x61, 8); /* through an anonymous union and struct */
    MEM(f, L_TASK, "0:8", 0x71, 48, 0x71, 12);
    MEM(f, L_TASK, "1:0", 0x61, 64, 0x61, 136); /* the second of an array of tasks */
    MEM(f, L_TASK, "0:1", 0x61, 4, 0x79, 16);   /* u32 became u64: LDX, STX, ST */
    MEM(f, L_TASK, "0:1", 0x63, 4, 0x7b, 16);
    MEM(f, L_TASK, "0:1", 0x62, 4, 0x7a, 16);
    MEM(f, L_TASK, "0:1", 0xc3, 4, 0xdb, 16); /* atomic */
    MEM(f, L_TASK, "0:2", 0x79, 8, 0x61, 24); /* u64 became u32 */
    MEM(f, L_TASK, "0:3", 0x79, 16, 0x79, 32);
    MEM(f, L_TASK, "0:4", 0x61, 24, 0x61, 40); /* an array's first element; it grew */
    MEM(f, L_TASK, "0:4:2", 0x61, 32, 0x61, 48);
    MEM(f, L_TASK, "0:7:0", 0x61, 44, 0x61, 80); /* out of the anonymous struct */
    MEM(f, L_TASK, "0:10:0", 0x61, 56, 0x61, 88);
    MEM(f, L_TASK, "0:10:1", 0x61, 60, 0x61, 84);
    MEM(f, L_TASK, "0:11:3", 0x61, 76, 0x61, 140); /* flexible array */
    MEM(f, L_TASK_T, "0:0", 0x61, 0, 0x61, 8);     /* by typedef, with qualifiers */
    MEM(f, L_CONST_TASK, "0:0", 0x61, 0, 0x61, 8);
    MOV(f, off, L_TASK, "0:10:1", 60, 84);
    MOV(f, off, L_TASK, "0", 0, 0);
    MOV(f, off, L_TASK, "2", 128, 256);
    MOV64(f, off, L_TASK, "0:10:1", 60, 84);
    POISONED(f, off, L_TASK, "0:9", INSN_LDXW(52), "no such field");
    POISONED(f, off, L_TASK, "0:9", INSN_MOV(52), ".gone");
    POISONED(f, off, L_TASK, "0:9", INSN_IMM64(52), "struct task");
    POISONED(f, off, L_ABSENT, "0:0", INSN_LDXW(0), "no such type");
}

static void test_fields(const struct fixture *f, bool big) {
    MOV(f, CORE_FIELD_BYTE_SIZE, L_TASK, "0:1", 4, 8);
    MOV(f, CORE_FIELD_BYTE_SIZE, L_TASK, "0:4", 16, 32);
    MOV(f, CORE_FIELD_BYTE_SIZE, L_TASK, "0:4:1", 4, 4);
    MOV(f, CORE_FIELD_BYTE_SIZE, L_TASK, "0:10", 8, 8);
    MOV(f, CORE_FIELD_BYTE_SIZE, L_TASK, "0:6", 4, 4);
    POISONED(f, CORE_FIELD_BYTE_SIZE, L_TASK, "0:9", INSN_MOV(4), "no such field");
    MOV(f, CORE_FIELD_EXISTS, L_TASK, "0:0", 1, 1);
    MOV(f, CORE_FIELD_EXISTS, L_TASK, "0:9", 1, 0);
    MOV(f, CORE_FIELD_EXISTS, L_ABSENT, "0:0", 1, 0);
    MOV(f, CORE_FIELD_EXISTS, L_TASK, "0:4:3", 1, 1);
    MOV(f, CORE_FIELD_SIGNED, L_TASK, "0:0", 1, 1);
    MOV(f, CORE_FIELD_SIGNED, L_TASK, "0:1", 0, 0);
    MOV(f, CORE_FIELD_SIGNED, L_TASK, "0:6", 1, 1);
    POISONED(f, CORE_FIELD_SIGNED, L_TASK, "0:9", INSN_MOV(1), "no such field");
    /* Bit-fields. The value in the instruction is the compiler's choice and is not checked. */
    MOV(f, CORE_FIELD_BYTE_OFFSET, L_TASK, "0:5", 40, 72);
    MOV(f, CORE_FIELD_BYTE_OFFSET, L_TASK, "0:6", 41, 72);
    MOV(f, CORE_FIELD_LSHIFT_U64, L_TASK, "0:5", 61, big ? 45 : 48);
    MOV(f, CORE_FIELD_RSHIFT_U64, L_TASK, "0:5", 61, 61);
    MOV(f, CORE_FIELD_LSHIFT_U64, L_TASK, "0:6", 0, big ? 32 : 51);
    MOV(f, CORE_FIELD_RSHIFT_U64, L_TASK, "0:6", 51, 51);
    /* Whole fields are shifted by what their width says. */
    MOV(f, CORE_FIELD_LSHIFT_U64, L_TASK, "0:1", 32, 0);
    MOV(f, CORE_FIELD_RSHIFT_U64, L_TASK, "0:1", 32, 0);
    MOV(f, CORE_FIELD_LSHIFT_U64, L_TASK, "0:8", 56, 56);
    POISONED(f, CORE_FIELD_LSHIFT_U64, L_TASK, "0:9", INSN_MOV(32), "no such field");
    POISONED(f, CORE_FIELD_RSHIFT_U64, L_ABSENT, "0:0", INSN_MOV(32), "no such type");
}

static void test_types(const struct fixture *f, uint32_t task) {
    MOV64(f, CORE_TYPE_ID_LOCAL, L_ABSENT, "0", 3, L_ABSENT);
    MOV64(f, CORE_TYPE_ID_LOCAL, L_CONST_TASK, "0", 3, L_CONST_TASK);
    MOV64(f, CORE_TYPE_ID_TARGET, L_TASK, "0", 3, task);
    MOV64(f, CORE_TYPE_ID_TARGET, L_ABSENT, "0", 3, 0);
    MOV(f, CORE_TYPE_EXISTS, L_TASK, "0", 1, 1);
    MOV(f, CORE_TYPE_EXISTS, L_CONST_TASK, "0", 1, 1);
    MOV(f, CORE_TYPE_EXISTS, L_TASK_T, "0", 1, 1);
    MOV(f, CORE_TYPE_EXISTS, L_INT, "0", 1, 1);
    MOV(f, CORE_TYPE_EXISTS, L_VOID_T, "0", 1, 1);
    MOV(f, CORE_TYPE_EXISTS, L_ABSENT, "0", 1, 0);
    MOV(f, CORE_TYPE_SIZE, L_TASK, "0", 64, 128);
    MOV(f, CORE_TYPE_SIZE, L_TASK_T, "0", 64, 128);
    MOV(f, CORE_TYPE_SIZE, L_ABSENT, "0", 4, 0);
    MOV(f, CORE_TYPE_MATCHES, L_SUB, "0", 1, 1); /* order and offsets do not matter */
    MOV(f, CORE_TYPE_MATCHES, L_TASK, "0", 1, 0);
    MOV(f, CORE_TYPE_MATCHES, L_ABSENT, "0", 1, 0);
}

static void test_enums(const struct fixture *f) {
    MOV(f, CORE_ENUMVAL_EXISTS, L_COLOR, "0", 1, 1);
    MOV64(f, CORE_ENUMVAL_EXISTS, L_COLOR, "2", 1, 0);
    MOV64(f, CORE_ENUMVAL_VALUE, L_COLOR, "0", 1, 10);
    MOV64(f, CORE_ENUMVAL_VALUE, L_COLOR, "1", 2, 20); /* flavours of enumerators */
    MOV64(f, CORE_ENUMVAL_VALUE, L_COLOR, "3", 0xffffffff, 0xfffffffe);
    MOV64(f, CORE_ENUMVAL_VALUE, L_COLOR, "3", UINT64_MAX, UINT64_MAX - 1); /* an old compiler's */
    MOV64(f, CORE_ENUMVAL_VALUE, L_WIDE, "0", 0x123456789, (uint64_t)-2);
    MOV64(f, CORE_ENUMVAL_VALUE, L_SIGNED_ENUM, "0", UINT64_MAX, (uint64_t)-7);
    MOV(f, CORE_ENUMVAL_VALUE, L_SIGNED_ENUM, "0", -1, -7);
    POISONED(f, CORE_ENUMVAL_VALUE, L_COLOR, "2", INSN_IMM64(3), "::BLUE");
    POISONED(f, CORE_ENUMVAL_VALUE, L_COLOR, "2", INSN_IMM64(3), "no such enumerator");
    REFUSED(f, CORE_ENUMVAL_VALUE, L_COLOR, "4", INSN_IMM64(3), 2, BPFLAB_E_FORMAT);
    REFUSED(f, CORE_ENUMVAL_VALUE, L_COLOR, "0:0", INSN_IMM64(1), 2, BPFLAB_E_FORMAT);
    REFUSED(f, CORE_ENUMVAL_VALUE, L_TASK, "0", INSN_IMM64(1), 2, BPFLAB_E_FORMAT);
    REFUSED(f, CORE_ENUMVAL_VALUE, L_SIGNED_ENUM, "0", INSN_IMM64(-1), 2, BPFLAB_E_FORMAT);
}

static void test_wrong_records(const struct fixture *f) {
    static const char *const access[] = {
        "",      ":",      "0:",    ":0",      "0::1",         "-1",  "0:-1",
        "0:99",  "0:0:0",  "0:4:4", "a",       "0:x",          " 0",  "0 ",
        "0:7:1", "0:10:2", "0x0",   "0:4:0:0", "4294967296:0", "0;1", "99999999999999999999:0"};
    for (size_t i = 0; i < sizeof access / sizeof *access; i++)
        REFUSED(f, CORE_FIELD_EXISTS, L_TASK, access[i], INSN_MOV(1), 1, BPFLAB_E_FORMAT);
    const struct insn one = INSN_MOV(1);
    REFUSED(f, CORE_TYPE_EXISTS, L_TASK, "1", one, 1, BPFLAB_E_FORMAT);
    REFUSED(f, CORE_TYPE_EXISTS, L_TASK, "", one, 1, BPFLAB_E_FORMAT);
    REFUSED(f, N_CORE_KINDS, L_TASK, "0", one, 1, BPFLAB_E_UNSUPPORTED);
    REFUSED(f, UINT32_MAX, L_TASK, "0", one, 1, BPFLAB_E_UNSUPPORTED);
    REFUSED(f, CORE_TYPE_EXISTS, 18, "0", one, 1, BPFLAB_E_FORMAT);
    REFUSED(f, CORE_TYPE_EXISTS, UINT32_MAX, "0", one, 1, BPFLAB_E_FORMAT);
    REFUSED(f, CORE_TYPE_EXISTS, 0, "0", one, 1, BPFLAB_E_UNSUPPORTED);
    REFUSED(f, CORE_TYPE_EXISTS, L_PTR, "0", one, 1, BPFLAB_E_UNSUPPORTED);
    REFUSED(f, CORE_FIELD_EXISTS, L_ANON, "0:0", one, 1, BPFLAB_E_UNSUPPORTED);
    REFUSED(f, CORE_FIELD_EXISTS, L_INT, "0:0", one, 1, BPFLAB_E_FORMAT);
    REFUSED(f, CORE_FIELD_EXISTS, L_VOID_T, "0", one, 1, BPFLAB_E_FORMAT);
    REFUSED(f, CORE_FIELD_BYTE_OFFSET, L_TASK, "2147483647:0", one, 1, BPFLAB_E_UNSUPPORTED);
    REFUSED(f, CORE_FIELD_SIGNED, L_TASK, "0:4:1", one, 1, BPFLAB_E_UNSUPPORTED);
    REFUSED(f, CORE_TYPE_SIZE, L_VOID_T, "0", one, 1, BPFLAB_E_FORMAT);
    char deep[300] = "0";
    for (int i = 0; i < 64; i++)
        memcpy(deep + 1 + (size_t)i * 2, ":0", 3);
    REFUSED(f, CORE_FIELD_EXISTS, L_TASK, deep, one, 1, BPFLAB_E_UNSUPPORTED);
}

static void test_wrong_insns(const struct fixture *f) {
    const uint32_t off = CORE_FIELD_BYTE_OFFSET;
    REFUSED(f, off, L_TASK, "0:1", INSN_LDXW(5), 1, BPFLAB_E_FORMAT); /* not the local offset */
    REFUSED(f, off, L_TASK, "0:1", INSN_MOV(5), 1, BPFLAB_E_FORMAT);
    REFUSED(f, off, L_TASK, "0:1", INSN_IMM64(5), 2, BPFLAB_E_FORMAT);
    REFUSED(f, off, L_TASK, "0:1", INSN_IMM64(4), 1, BPFLAB_E_FORMAT); /* cut in half */
    REFUSED(f, off, L_TASK, "0:1", INSN_MOV(4), 0, BPFLAB_E_FORMAT);   /* behind the end */
    struct insn in = INSN_MOV(4);
    in.code = 0xbf; /* from a register */
    REFUSED(f, off, L_TASK, "0:1", in, 1, BPFLAB_E_FORMAT);
    in.code = 0x85;
    REFUSED(f, off, L_TASK, "0:1", in, 1, BPFLAB_E_FORMAT);
    in.code = 0x20; /* packet */
    REFUSED(f, off, L_TASK, "0:1", in, 2, BPFLAB_E_FORMAT);
    in = INSN_IMM64(4);
    in.src = 1; /* a map */
    REFUSED(f, off, L_TASK, "0:1", in, 2, BPFLAB_E_FORMAT);
    in = INSN_LDXW(4);
    in.code = 0x69; /* two bytes of four: cannot follow the field's growth */
    REFUSED(f, off, L_TASK, "0:1", in, 1, BPFLAB_E_FORMAT);
}

static void test_order(bool big) {
    static struct btf_build local, target;
    struct fixture f;
    build_local(&local, big);
    uint32_t task = build_target(&target, big);
    if (fixture_init(&f, &local, &target)) {
        test_offsets(&f);
        test_fields(&f, big);
        test_types(&f, task);
        test_enums(&f);
        test_wrong_records(&f);
        test_wrong_insns(&f);
    }
    fixture_fini(&f);
}

/* The target may have the other byte order: its layout counts, not how its BTF is written. */
static void test_mixed(void) {
    static struct btf_build local, target;
    struct fixture f;
    build_local(&local, false);
    build_target(&target, true);
    if (fixture_init(&f, &local, &target)) {
        test_offsets(&f);
        MOV(&f, CORE_FIELD_LSHIFT_U64, L_TASK, "0:5", 61, 45);
    }
    fixture_fini(&f);
}

int main(void) {
    test_order(false);
    test_order(true);
    test_mixed();
    CHECK_STR(core_kind_name(CORE_TYPE_MATCHES), "type_matches");
    CHECK_STR(core_kind_name(N_CORE_KINDS), "unknown");
    return check_end();
}

/* rows_test.c: the instruction table against an independent list of RFC 9669's and Linux's codes,
 * the decoder on all codes, and the validity check on every field of every row. */
#include "isa/insn.h"
#include "isa/prog.h"
#include "tests/check.h"

/* Codes written down from the specification, not from the rows. */
static const struct {
    uint8_t code, src;
    int16_t off;
    int32_t imm;
    const char *id;
} spec[] = {
    /* clang-format off */
    {0x04, 0, 0, 7, "ADD32_IMM"}, {0x0c, 3, 0, 0, "ADD32_REG"}, {0x07, 0, 0, 7, "ADD64_IMM"}, {0x0f, 3, 0, 0, "ADD64_REG"},
    {0x14, 0, 0, 7, "SUB32_IMM"}, {0x1f, 3, 0, 0, "SUB64_REG"}, {0x24, 0, 0, 7, "MUL32_IMM"}, {0x2f, 3, 0, 0, "MUL64_REG"},
    {0x34, 0, 0, 7, "DIV32_IMM"}, {0x3f, 3, 0, 0, "DIV64_REG"}, {0x34, 0, 1, 7, "SDIV32_IMM"}, {0x3c, 3, 1, 0, "SDIV32_REG"},
    {0x37, 0, 1, 7, "SDIV64_IMM"}, {0x3f, 3, 1, 0, "SDIV64_REG"}, {0x44, 0, 0, 7, "OR32_IMM"}, {0x4f, 3, 0, 0, "OR64_REG"},
    {0x54, 0, 0, 7, "AND32_IMM"}, {0x5f, 3, 0, 0, "AND64_REG"}, {0x64, 0, 0, 7, "LSH32_IMM"}, {0x6f, 3, 0, 0, "LSH64_REG"},
    {0x74, 0, 0, 7, "RSH32_IMM"}, {0x7f, 3, 0, 0, "RSH64_REG"}, {0x84, 0, 0, 0, "NEG32"}, {0x87, 0, 0, 0, "NEG64"},
    {0x94, 0, 0, 7, "MOD32_IMM"}, {0x9f, 3, 0, 0, "MOD64_REG"}, {0x97, 0, 1, 7, "SMOD64_IMM"}, {0x9c, 3, 1, 0, "SMOD32_REG"},
    {0xa4, 0, 0, 7, "XOR32_IMM"}, {0xaf, 3, 0, 0, "XOR64_REG"}, {0xb4, 0, 0, 7, "MOV32_IMM"}, {0xbc, 3, 0, 0, "MOV32_REG"},
    {0xb7, 0, 0, 7, "MOV64_IMM"}, {0xbf, 3, 0, 0, "MOV64_REG"}, {0xbc, 3, 8, 0, "MOVSX8_32"}, {0xbc, 3, 16, 0, "MOVSX16_32"},
    {0xbf, 3, 8, 0, "MOVSX8_64"}, {0xbf, 3, 16, 0, "MOVSX16_64"}, {0xbf, 3, 32, 0, "MOVSX32_64"},
    {0xc4, 0, 0, 7, "ARSH32_IMM"}, {0xcf, 3, 0, 0, "ARSH64_REG"},
    {0xd4, 0, 0, 16, "LE16"}, {0xd4, 0, 0, 32, "LE32"}, {0xd4, 0, 0, 64, "LE64"}, {0xdc, 0, 0, 16, "BE16"},
    {0xdc, 0, 0, 32, "BE32"}, {0xdc, 0, 0, 64, "BE64"}, {0xd7, 0, 0, 16, "BSWAP16"}, {0xd7, 0, 0, 32, "BSWAP32"}, {0xd7, 0, 0, 64, "BSWAP64"},
    {0xbf, 3, 1, 1, "CAST_KERN"}, {0xbf, 3, 1, 0x10000, "CAST_USER"},
    {0x05, 0, 4, 0, "JA"}, {0x06, 0, 0, 4, "JA32"}, {0x15, 0, 4, 7, "JEQ64_IMM"}, {0x1d, 3, 4, 0, "JEQ64_REG"},
    {0x16, 0, 4, 7, "JEQ32_IMM"}, {0x1e, 3, 4, 0, "JEQ32_REG"}, {0x25, 0, 4, 7, "JGT64_IMM"}, {0x35, 0, 4, 7, "JGE64_IMM"},
    {0x45, 0, 4, 7, "JSET64_IMM"}, {0x4e, 3, 4, 0, "JSET32_REG"}, {0x55, 0, 4, 7, "JNE64_IMM"}, {0x65, 0, 4, 7, "JSGT64_IMM"},
    {0x75, 0, 4, 7, "JSGE64_IMM"}, {0xa5, 0, 4, 7, "JLT64_IMM"}, {0xb5, 0, 4, 7, "JLE64_IMM"}, {0xc5, 0, 4, 7, "JSLT64_IMM"},
    {0xd6, 0, 4, 7, "JSLE32_IMM"}, {0xdd, 3, 4, 0, "JSLE64_REG"}, {0xe5, 0, 4, 0, "MAY_GOTO"}, {0x0d, 0, 0, 0, "GOTOX"},
    {0x85, 0, 0, 5, "CALL"}, {0x85, 1, 0, 5, "CALL_LOCAL"}, {0x85, 2, 0, 5, "CALL_KFUNC"}, {0x8d, 0, 0, 0, "CALLX"}, {0x95, 0, 0, 0, "EXIT"},
    {0x71, 3, 4, 0, "LDXB"}, {0x69, 3, 4, 0, "LDXH"}, {0x61, 3, 4, 0, "LDXW"}, {0x79, 3, 4, 0, "LDXDW"},
    {0x91, 3, 4, 0, "LDXSB"}, {0x89, 3, 4, 0, "LDXSH"}, {0x81, 3, 4, 0, "LDXSW"},
    {0x72, 0, 4, 7, "STB"}, {0x6a, 0, 4, 7, "STH"}, {0x62, 0, 4, 7, "STW"}, {0x7a, 0, 4, 7, "STDW"},
    {0x73, 3, 4, 0, "STXB"}, {0x6b, 3, 4, 0, "STXH"}, {0x63, 3, 4, 0, "STXW"}, {0x7b, 3, 4, 0, "STXDW"},
    {0x18, 0, 0, 7, "LDDW"}, {0x18, 1, 0, 7, "LDDW_MAP_FD"}, {0x18, 2, 0, 7, "LDDW_MAP_VALUE"}, {0x18, 3, 0, 7, "LDDW_VAR"},
    {0x18, 4, 0, 7, "LDDW_CODE"}, {0x18, 5, 0, 7, "LDDW_MAP_IDX"}, {0x18, 6, 0, 7, "LDDW_MAP_IDX_VALUE"},
    {0x30, 0, 0, 7, "LDABSB"}, {0x28, 0, 0, 7, "LDABSH"}, {0x20, 0, 0, 7, "LDABSW"},
    {0x50, 3, 0, 7, "LDINDB"}, {0x48, 3, 0, 7, "LDINDH"}, {0x40, 3, 0, 7, "LDINDW"},
    {0xc3, 3, 4, 0x00, "ATOMIC_ADD32"}, {0xdb, 3, 4, 0x00, "ATOMIC_ADD64"}, {0xdb, 3, 4, 0x01, "ATOMIC_FETCH_ADD64"},
    {0xc3, 3, 4, 0x40, "ATOMIC_OR32"}, {0xdb, 3, 4, 0x41, "ATOMIC_FETCH_OR64"}, {0xc3, 3, 4, 0x50, "ATOMIC_AND32"},
    {0xdb, 3, 4, 0x51, "ATOMIC_FETCH_AND64"}, {0xc3, 3, 4, 0xa0, "ATOMIC_XOR32"}, {0xdb, 3, 4, 0xa1, "ATOMIC_FETCH_XOR64"},
    {0xc3, 3, 4, 0xe1, "ATOMIC_XCHG32"}, {0xdb, 3, 4, 0xe1, "ATOMIC_XCHG64"}, {0xc3, 3, 4, 0xf1, "ATOMIC_CMPXCHG32"}, {0xdb, 3, 4, 0xf1, "ATOMIC_CMPXCHG64"},
    {0xd3, 3, 4, 0x100, "LOAD_ACQ_B"}, {0xcb, 3, 4, 0x100, "LOAD_ACQ_H"}, {0xc3, 3, 4, 0x100, "LOAD_ACQ_W"}, {0xdb, 3, 4, 0x100, "LOAD_ACQ_DW"},
    {0xd3, 3, 4, 0x110, "STORE_REL_B"}, {0xcb, 3, 4, 0x110, "STORE_REL_H"}, {0xc3, 3, 4, 0x110, "STORE_REL_W"}, {0xdb, 3, 4, 0x110, "STORE_REL_DW"},
    /* clang-format on */
};

static void test_spec(void) {
    for (size_t i = 0; i < sizeof spec / sizeof *spec; i++) {
        const struct insn in = {spec[i].code, 0, spec[i].src, spec[i].off, spec[i].imm};
        const enum op op = op_of(in);
        check_note(spec[i].id);
        if (CHECK(op != OP_INVALID))
            CHECK_STR(op_table[op].id, spec[i].id);
    }
    check_note(NULL);
}

/* A valid instruction of a row, with the given random bits in its free fields. */
static struct insn make(enum op op, uint64_t bits, struct insn *hi) {
    const struct op_info *r = &op_table[op];
    struct insn in = {.code = r->code};
    const uint8_t reg = (uint8_t)(bits % 10), reg2 = (uint8_t)(bits / 16 % 11);
    in.dst = r->dst_rule == FIELD_ZERO ? 0 : r->dst_rule == FIELD_WREG ? reg : reg2;
    in.src = r->src_rule == FIELD_FIXED  ? (uint8_t)r->src_fixed
             : r->src_rule == FIELD_ZERO ? 0
             : r->src_rule == FIELD_WREG ? reg
                                         : reg2;
    in.off = r->off_rule == FIELD_FIXED  ? r->off_fixed
             : r->off_rule == FIELD_ZERO ? 0
                                         : (int16_t)(bits >> 16);
    in.imm = r->imm_rule == FIELD_FIXED  ? r->imm_fixed
             : r->imm_rule == FIELD_ZERO ? 0
                                         : (int32_t)(bits >> 32);
    if (r->cls == CLASS_CALL_REG)
        in.imm = 0;
    *hi = (struct insn){.imm = r->hi_rule == FIELD_ANY ? (int32_t)bits : 0};
    return in;
}

/* Every row: its instructions are valid and found again; a reserved field that is set, a register
 * that does not exist, a write to r10 and a broken second slot are each refused with their own
 * error. */
static void test_every_row(void) {
    uint64_t seed = 1;
    for (int i = 0; i < N_OPS; i++) {
        const struct op_info *r = &op_table[i];
        check_note(r->id);
        CHECK(r->id && r->name && r->group);
        for (int k = 0; k < 200; k++) {
            struct insn hi, in = make((enum op)i, check_random(&seed), &hi);
            CHECK_EQ(op_of(in), i);
            CHECK_EQ(insn_check(in, &hi), BPFLAB_OK);
            struct insn bad = in;
            bad.dst = 11;
            CHECK_EQ(insn_check(bad, &hi),
                     r->dst_rule == FIELD_ZERO ? BPFLAB_E_RESERVED : BPFLAB_E_REGISTER);
            if (r->dst_rule == FIELD_WREG) {
                bad.dst = REG_FP;
                CHECK_EQ(insn_check(bad, &hi), BPFLAB_E_READONLY);
                CHECK(insn_writes_fp(bad) && !insn_writes_fp(in));
                if (r->cls == CLASS_IMM64) /* what else is wrong comes first */
                    CHECK_EQ(insn_check(bad, NULL), BPFLAB_E_IMM64);
            }
            bad = in;
            bad.src = 15;
            CHECK(insn_check(bad, &hi) != BPFLAB_OK);
            bad = in;
            bad.off = 77;
            CHECK_EQ(insn_check(bad, &hi) == BPFLAB_OK,
                     r->off_rule == FIELD_ANY || r->off_rule == FIELD_JUMP);
            bad = in;
            bad.imm = 0x5a5a5a;
            CHECK_EQ(insn_check(bad, &hi) == BPFLAB_OK,
                     r->cls != CLASS_CALL_REG &&
                         (r->imm_rule == FIELD_ANY || r->imm_rule == FIELD_JUMP));
            if (r->cls == CLASS_IMM64) {
                CHECK_EQ(insn_check(in, NULL), BPFLAB_E_IMM64);
                hi.src = 1;
                CHECK_EQ(insn_check(in, &hi), BPFLAB_E_IMM64);
                hi = (struct insn){.imm = 1};
                CHECK_EQ(insn_check(in, &hi), r->hi_rule == FIELD_ANY ? BPFLAB_OK : BPFLAB_E_IMM64);
            }
        }
    }
    check_note(NULL);
}

/* Any word decodes and encodes back in both orders; op_of agrees with the row it names. */
static void test_any_word(void) {
    uint64_t seed = 2, valid = 0;
    for (int i = 0; i < 400000; i++) {
        uint8_t bytes[8], again[8];
        uint64_t x = check_random(&seed);
        if (i & 1) /* mostly zero fields reach the rows with reserved ones */
            x &= UINT64_C(0x00000001000100ff) | check_random(&seed) << 8;
        memcpy(bytes, &x, 8);
        const bool big = i & 2;
        const struct insn in = insn_decode(bytes, big);
        insn_encode(in, big, again);
        CHECK(!memcmp(bytes, again, 8));
        const enum op op = op_of(in);
        if (op != OP_INVALID) {
            valid++;
            CHECK_EQ(op_table[op].code, in.code);
        } else {
            CHECK(insn_check(in, NULL) != BPFLAB_OK);
        }
    }
    CHECK(valid > 10000);
}

static void test_byte_orders(void) {
    const uint8_t little[8] = {0x07, 0x21, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12};
    const uint8_t big[8] = {0x07, 0x12, 0x12, 0x34, 0x12, 0x34, 0x56, 0x78};
    const struct insn a = insn_decode(little, false), b = insn_decode(big, true);
    CHECK_EQ(a.dst, 1);
    CHECK_EQ(a.src, 2);
    CHECK_EQ(a.off, 0x1234);
    CHECK_EQ(a.imm, 0x12345678);
    CHECK(a.code == b.code && a.dst == b.dst && a.src == b.src && a.off == b.off && a.imm == b.imm);
}

static enum bpflab_err check(const struct insn *insns, uint32_t n, int64_t *pc) {
    struct prog p;
    struct diag d = {.pc = -1};
    CHECK_EQ(prog_init_insns(&p, insns, n), BPFLAB_OK);
    const enum bpflab_err err = prog_check(&p, &d);
    *pc = d.pc;
    prog_fini(&p);
    return err;
}

static void test_prog_check(void) {
    int64_t pc;
    const struct insn exit = {.code = 0x95}, ja = {.code = 0x05}, lo = {.code = 0x18}, hi = {0};
    CHECK_EQ(check((struct insn[]){exit}, 1, &pc), BPFLAB_OK);
    CHECK_EQ(check(NULL, 0, &pc), BPFLAB_E_EMPTY);
    CHECK_EQ(check((struct insn[]){lo, hi}, 2, &pc), BPFLAB_E_FALLTHROUGH);
    CHECK_EQ(check((struct insn[]){exit, lo}, 2, &pc), BPFLAB_E_IMM64);
    CHECK_EQ(pc, 1);
    struct insn jump = ja;
    for (int off = -4; off <= 4; off++) {
        jump.off = (int16_t)off; /* pc 1: targets -2 to 6 of 0 ja, 1 jump, 2-3 lddw, 4 exit */
        const int to = 2 + off;
        const enum bpflab_err want = to >= 0 && to <= 4 && to != 3 ? BPFLAB_OK : BPFLAB_E_JUMP;
        CHECK_EQ(check((struct insn[]){ja, jump, lo, hi, exit}, 5, &pc), want);
        if (want)
            CHECK_EQ(pc, 1);
        const struct insn call = {.code = 0x85, .src = 1, .imm = off};
        CHECK_EQ(check((struct insn[]){ja, call, lo, hi, exit}, 5, &pc), want);
        const struct insn far = {.code = 0x06, .imm = off};
        CHECK_EQ(check((struct insn[]){ja, far, lo, hi, exit}, 5, &pc), want);
    }
    const struct insn to_r10 = {.code = 0xb7, .dst = 10};
    CHECK_EQ(check((struct insn[]){to_r10, exit}, 2, &pc), BPFLAB_OK);
    const struct insn half = {.code = 0x18, .dst = 10};
    CHECK_EQ(check((struct insn[]){exit, half}, 2, &pc), BPFLAB_E_IMM64);
    const struct insn far = {.code = 0x06, .imm = INT32_MIN},
                      farther = {.code = 0x06, .imm = INT32_MAX};
    CHECK_EQ(check((struct insn[]){far, exit}, 2, &pc), BPFLAB_E_JUMP);
    CHECK_EQ(check((struct insn[]){farther, exit}, 2, &pc), BPFLAB_E_JUMP);
}

int main(void) {
    test_spec();
    test_every_row();
    test_any_word();
    test_byte_orders();
    test_prog_check();
    return check_end();
}

/* sem_test.c: the primitives exhaustively at 8 bits against plain integers, and the rows' meanings
 * at 32 and 64 bits on boundary values against formulas written independently of them. */
#include "isa/insn.h"
#include "isa/sem.h"
#include "tests/check.h"

/* Every pair of 8-bit values through every primitive, against int arithmetic. */
static void test_primitives_8(void) {
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            const int sa = a < 128 ? a : a - 256, sb = b < 128 ? b : b - 256;
            const uint64_t x = (uint64_t)a, y = (uint64_t)b;
            CHECK_EQ(bv_add(8, x, y), (a + b) & 255);
            CHECK_EQ(bv_sub(8, x, y), (a - b) & 255);
            CHECK_EQ(bv_mul(8, x, y), (a * b) & 255);
            CHECK_EQ(bv_and(8, x, y), a & b);
            CHECK_EQ(bv_or(8, x, y), a | b);
            CHECK_EQ(bv_xor(8, x, y), a ^ b);
            CHECK_EQ(bv_ult(8, x, y), a < b);
            CHECK_EQ(bv_ule(8, x, y), a <= b);
            CHECK_EQ(bv_slt(8, x, y), sa < sb);
            CHECK_EQ(bv_sle(8, x, y), sa <= sb);
            CHECK_EQ(bv_eq(8, x, y), a == b);
            if (b) {
                CHECK_EQ(bv_udiv(8, x, y), a / b);
                CHECK_EQ(bv_urem(8, x, y), a % b);
                CHECK_EQ(bv_sdiv(8, x, y), (sa / sb) & 255);
                CHECK_EQ(bv_srem(8, x, y), (sa % sb) & 255);
            }
            if (b < 8) {
                CHECK_EQ(bv_shl(8, x, y), (a << b) & 255);
                CHECK_EQ(bv_lshr(8, x, y), a >> b);
                int floor = sa; /* b halvings, rounding down */
                for (int i = 0; i < b; i++)
                    floor = floor >= 0 ? floor / 2 : -((1 - floor) / 2);
                CHECK_EQ(bv_ashr(8, x, y), floor & 255);
            }
            if (b >= 1 && b <= 8) {
                const int low = a & ((1 << b) - 1);
                const int sext = low & (1 << (b - 1)) ? low - (1 << b) : low;
                CHECK_EQ(bv_sext(8, (unsigned)b, x), sext & 255);
            }
        }
}

static const uint64_t values[] = {
    0,
    1,
    2,
    3,
    7,
    8,
    10,
    31,
    32,
    33,
    63,
    64,
    65,
    127,
    128,
    255,
    256,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fffffff,
    0x80000000,
    0x80000001,
    0xfffffffe,
    0xffffffff,
    0x100000000,
    0x100000001,
    0x1ffffffff,
    0x7fffffff00000000,
    0x7fffffffffffffff,
    0x8000000000000000,
    0x8000000000000001,
    0x80000000ffffffff,
    0xfffffffffffffffd,
    0xfffffffffffffffe,
    0xffffffffffffffff,
    0xffffffff00000000,
    0xffffffff7fffffff,
    0xffffffff80000000,
    0x123456789abcdef0,
    0xfedcba9876543210,
    0xdeadbeefcafebabe,
    5,
    13,
    100,
    1000003,
};
enum {
    N_VALUES = sizeof values / sizeof *values
};

typedef uint64_t model_fn(uint64_t d, uint64_t s);

/* RFC 9669, section 4.1, said once more in C. */
static uint64_t m_add(uint64_t d, uint64_t s) {
    return d + s;
}
static uint64_t m_sub(uint64_t d, uint64_t s) {
    return d - s;
}
static uint64_t m_mul(uint64_t d, uint64_t s) {
    return d * s;
}
static uint64_t m_div64(uint64_t d, uint64_t s) {
    return s ? d / s : 0;
}
static uint64_t m_div32(uint64_t d, uint64_t s) {
    return (uint32_t)s ? (uint32_t)d / (uint32_t)s : 0;
}
static uint64_t m_mod64(uint64_t d, uint64_t s) {
    return s ? d % s : d;
}
static uint64_t m_mod32(uint64_t d, uint64_t s) {
    return (uint32_t)s ? (uint32_t)d % (uint32_t)s : d;
}
static uint64_t m_sdiv64(uint64_t d, uint64_t s) {
    return s == 0 ? 0 : s == UINT64_MAX ? 0 - d : (uint64_t)((int64_t)d / (int64_t)s);
}
static uint64_t m_sdiv32(uint64_t d, uint64_t s) {
    return (uint32_t)s == 0 ? 0 : (uint64_t)((int64_t)(int32_t)d / (int32_t)s);
}
static uint64_t m_smod64(uint64_t d, uint64_t s) {
    return s == 0 ? d : s == UINT64_MAX ? 0 : (uint64_t)((int64_t)d % (int64_t)s);
}
static uint64_t m_smod32(uint64_t d, uint64_t s) {
    return (uint32_t)s == 0 ? d : (uint64_t)((int64_t)(int32_t)d % (int32_t)s);
}
static uint64_t m_or(uint64_t d, uint64_t s) {
    return d | s;
}
static uint64_t m_and(uint64_t d, uint64_t s) {
    return d & s;
}
static uint64_t m_xor(uint64_t d, uint64_t s) {
    return d ^ s;
}
static uint64_t m_mov(uint64_t d, uint64_t s) {
    return (void)d, s;
}
static uint64_t m_lsh64(uint64_t d, uint64_t s) {
    return d << (s & 63);
}
static uint64_t m_lsh32(uint64_t d, uint64_t s) {
    return (uint32_t)d << (s & 31);
}
static uint64_t m_rsh64(uint64_t d, uint64_t s) {
    return d >> (s & 63);
}
static uint64_t m_rsh32(uint64_t d, uint64_t s) {
    return (uint32_t)d >> (s & 31);
}
static uint64_t m_arsh64(uint64_t d, uint64_t s) {
    const unsigned n = s & 63;
    return n == 0 ? d : d >> n | (d >> 63 ? ~UINT64_C(0) << (64 - n) : 0);
}
static uint64_t m_arsh32(uint64_t d, uint64_t s) {
    const unsigned n = s & 31;
    const uint32_t x = (uint32_t)d;
    return n == 0 ? x : x >> n | (x >> 31 ? ~UINT32_C(0) << (32 - n) : 0);
}

static void test_binary(enum op imm32, model_fn *m32, model_fn *m64) {
    const enum op reg32 = imm32 + 1, imm64 = imm32 + 2, reg64 = imm32 + 3;
    const struct sem_env env = {false, 0};
    check_note(op_table[imm32].id);
    for (int i = 0; i < N_VALUES; i++)
        for (int k = 0; k < N_VALUES; k++) {
            const uint64_t d = values[i], s = values[k];
            struct insn in = {.imm = (int32_t)(uint32_t)s};
            const uint64_t sx = (uint64_t)(int64_t)in.imm;
            CHECK_EQ(op_eval_alu(reg64, in, d, s, env), m64(d, s));
            CHECK_EQ(op_eval_alu(reg32, in, d, s, env), (uint32_t)m32(d, s));
            CHECK_EQ(op_eval_alu(imm64, in, d, 99, env), m64(d, sx));
            CHECK_EQ(op_eval_alu(imm32, in, d, 99, env), (uint32_t)m32(d, sx));
        }
}

static void test_alu(void) {
    test_binary(OP_ADD32_IMM, m_add, m_add);
    test_binary(OP_SUB32_IMM, m_sub, m_sub);
    test_binary(OP_MUL32_IMM, m_mul, m_mul);
    test_binary(OP_DIV32_IMM, m_div32, m_div64);
    test_binary(OP_SDIV32_IMM, m_sdiv32, m_sdiv64);
    test_binary(OP_MOD32_IMM, m_mod32, m_mod64);
    test_binary(OP_SMOD32_IMM, m_smod32, m_smod64);
    test_binary(OP_OR32_IMM, m_or, m_or);
    test_binary(OP_AND32_IMM, m_and, m_and);
    test_binary(OP_XOR32_IMM, m_xor, m_xor);
    test_binary(OP_MOV32_IMM, m_mov, m_mov);
    test_binary(OP_LSH32_IMM, m_lsh32, m_lsh64);
    test_binary(OP_RSH32_IMM, m_rsh32, m_rsh64);
    test_binary(OP_ARSH32_IMM, m_arsh32, m_arsh64);
    check_note(NULL);
}

static uint64_t reverse(uint64_t v, int n_bytes) {
    uint64_t out = 0;
    for (int i = 0; i < n_bytes; i++)
        out = out << 8 | (v >> (8 * i) & 255);
    return out;
}

/* Unary rows: negation, sign extension, byte order on both machines, arena casts. */
static void test_unary(void) {
    const struct insn in = {0};
    for (int i = 0; i < N_VALUES; i++) {
        const uint64_t v = values[i];
        for (int big = 0; big < 2; big++) {
            const struct sem_env e = {big, UINT64_C(0x7f0000000000)};
#define EVAL(op) op_eval_alu(OP_##op, in, v, v, e)
            CHECK_EQ(EVAL(NEG64), 0 - v);
            CHECK_EQ(EVAL(NEG32), (uint32_t)(0 - v));
            CHECK_EQ(EVAL(MOVSX8_32), (uint32_t)(int8_t)v);
            CHECK_EQ(EVAL(MOVSX16_32), (uint32_t)(int16_t)v);
            CHECK_EQ(EVAL(MOVSX8_64), (int64_t)(int8_t)v);
            CHECK_EQ(EVAL(MOVSX16_64), (int64_t)(int16_t)v);
            CHECK_EQ(EVAL(MOVSX32_64), (int64_t)(int32_t)v);
            CHECK_EQ(EVAL(LE16), big ? reverse(v, 2) : v & 0xffff);
            CHECK_EQ(EVAL(LE32), big ? reverse(v, 4) : v & 0xffffffff);
            CHECK_EQ(EVAL(LE64), big ? reverse(v, 8) : v);
            CHECK_EQ(EVAL(BE16), big ? v & 0xffff : reverse(v, 2));
            CHECK_EQ(EVAL(BE32), big ? v & 0xffffffff : reverse(v, 4));
            CHECK_EQ(EVAL(BE64), big ? v : reverse(v, 8));
            CHECK_EQ(EVAL(BSWAP16), reverse(v, 2));
            CHECK_EQ(EVAL(BSWAP32), reverse(v, 4));
            CHECK_EQ(EVAL(BSWAP64), reverse(v, 8));
            CHECK_EQ(EVAL(CAST_KERN), (uint32_t)v);
            CHECK_EQ(EVAL(CAST_USER), (uint32_t)v ? 0x7f0000000000 + (uint32_t)v : 0);
#undef EVAL
        }
    }
}

/* Every comparison at both widths, in register and immediate form. */
static void test_jumps(void) {
#define JUMP_CASE(op, expr)                                                                        \
    for (int i = 0; i < N_VALUES; i++)                                                             \
        for (int k = 0; k < N_VALUES; k++) {                                                       \
            check_note(#op);                                                                       \
            const struct insn in = {.imm = (int32_t)(uint32_t)values[k]};                          \
            const uint64_t x = values[i];                                                          \
            for (int imm = 0; imm < 2; imm++) {                                                    \
                const uint64_t y = imm ? (uint64_t)(int64_t)in.imm : values[k];                    \
                {                                                                                  \
                    const uint64_t d = x, s = y;                                                   \
                    const int64_t sd = (int64_t)d, ss = (int64_t)s;                                \
                    (void)sd, (void)ss;                                                            \
                    CHECK_EQ(                                                                      \
                        op_eval_jmp(imm ? OP_##op##64_IMM : OP_##op##64_REG, in, x, values[k]),    \
                        expr);                                                                     \
                }                                                                                  \
                {                                                                                  \
                    const uint32_t d = (uint32_t)x, s = (uint32_t)y;                               \
                    const int32_t sd = (int32_t)d, ss = (int32_t)s;                                \
                    (void)sd, (void)ss;                                                            \
                    CHECK_EQ(                                                                      \
                        op_eval_jmp(imm ? OP_##op##32_IMM : OP_##op##32_REG, in, x, values[k]),    \
                        expr);                                                                     \
                }                                                                                  \
            }                                                                                      \
        }
    JUMP_CASE(JEQ, d == s)
    JUMP_CASE(JNE, d != s)
    JUMP_CASE(JGT, d > s)
    JUMP_CASE(JGE, d >= s)
    JUMP_CASE(JLT, d < s)
    JUMP_CASE(JLE, d <= s)
    JUMP_CASE(JSET, (d & s) != 0)
    JUMP_CASE(JSGT, sd > ss)
    JUMP_CASE(JSGE, sd >= ss)
    JUMP_CASE(JSLT, sd < ss)
    JUMP_CASE(JSLE, sd <= ss)
    check_note(NULL);
}

int main(void) {
    test_primitives_8();
    test_alu();
    test_unary();
    test_jumps();
    return check_end();
}

/* asm_errors_test.c: what the assembler says of a mistake, and exactly where. */
#include "isa/tests/asm_util.h"
#include "tests/check.h"

struct mistake {
    const char *text;
    enum bpflab_err err;
    uint32_t line, col;
    const char *says; /* part of the message */
};

/* clang-format off */
static const struct mistake mistakes[] = {
    {"movv %r1, 2",              BPFLAB_E_SYNTAX,    1,  1, "\"movv\"; did you mean \"mov\"?"},
    {"exit\n  jeq23 %r1, 2, +1", BPFLAB_E_SYNTAX,    2,  3, "did you mean \"jeq32\"?"},
    {"gotto +1",                 BPFLAB_E_SYNTAX,    1,  1, "did you mean \"goto\"?"},
    {"callr r1",                 BPFLAB_E_SYNTAX,    1,  1, "did you mean \"call"},
    {"frobnicate",               BPFLAB_E_SYNTAX,    1,  1, "no instruction is called \"frobnicate\""},
    {"ldxq %r0, %r1",            BPFLAB_E_SYNTAX,    1,  1, "did you mean \"ldx"},
    {"lock foo [%r1], %r2",      BPFLAB_E_SYNTAX,    1,  6, "lock foo"},
    {"lock",                     BPFLAB_E_SYNTAX,    1,  5, "ends"},
    {"lock or [%r10-8]",         BPFLAB_E_SYNTAX,    1, 17, "expected \",\""},
    {"lock mov [%r10-8], %r1",   BPFLAB_E_SYNTAX,    1,  6, "lock mov"},
    {"fetch add [%r1], %r2",     BPFLAB_E_SYNTAX,    1,  1, "fetch"},
    {"add %r1",                  BPFLAB_E_SYNTAX,    1,  8, "the text ends, expected \",\""},
    {"add %r1\nexit",            BPFLAB_E_SYNTAX,    1,  8, "the instruction ends, expected \",\""},
    {"add %r1, foo",             BPFLAB_E_SYNTAX,    1, 10, "unexpected \"foo\", expected a register or a number"},
    {"add 5, 5",                 BPFLAB_E_SYNTAX,    1,  5, "unexpected \"5\", expected a register"},
    {"add %r1, 5, 6",            BPFLAB_E_SYNTAX,    1, 11, "unexpected \",\", expected the end"},
    {"add %w1, 5",               BPFLAB_E_SYNTAX,    1,  5, "w1 has 32 bits, 64 are needed here: r1"},
    {"exit 5",                   BPFLAB_E_SYNTAX,    1,  6, "unexpected \"5\""},
    {"ldxb %r0, %r1",            BPFLAB_E_SYNTAX,    1, 11, "unexpected \"%r1\", expected \"[\""},
    {"ldxb %r0, [%r1*2]",        BPFLAB_E_SYNTAX,    1, 15, "expected \"]\""},
    {"ldxb %r0, [%r1+0x10000]",  BPFLAB_E_RANGE,     1, 15, "does not fit into 16 bits"},
    {"ldxb %r0, [%r1+32768]",    BPFLAB_E_RANGE,     1, 15, "32768 does not fit into 16 bits"},
    {"ldxb %r0, [%r1-32769]",    BPFLAB_E_RANGE,     1, 15, "-32769 does not fit into 16 bits"},
    {"mov32 %r0, 2147483648",    BPFLAB_E_RANGE,     1, 12, "2147483648 does not fit into 32 bits"},
    {"mov32 %r0, 0x100000000",   BPFLAB_E_RANGE,     1, 12, "does not fit into 32 bits"},
    {"mov32 %r0, -2147483649",   BPFLAB_E_RANGE,     1, 12, "does not fit into 32 bits"},
    {"lddw %r0, 0x10000000000000000", BPFLAB_E_RANGE, 1, 11, "does not fit into 64 bits"},
    {"lddw %r0, 18446744073709551616", BPFLAB_E_RANGE, 1, 11, "does not fit into 64 bits"},
    {"lddw %r0, -9223372036854775809", BPFLAB_E_RANGE, 1, 11, "does not fit into 64 bits"},
    {"lddw %r0",                 BPFLAB_E_SYNTAX,    1,  9, "expected \",\""},
    {"lddw_map_fd %r0, 1, 2",    BPFLAB_E_SYNTAX,    1, 19, "expected the end"},
    {"mov %r0, 5x",              BPFLAB_E_SYNTAX,    1, 10, "\"5x\" is not a number"},
    {"mov %r0, 5ll",             BPFLAB_E_SYNTAX,    1, 10, "\"5ll\" is not a number of 32 bits"},
    {"mov %r0, 0x",              BPFLAB_E_SYNTAX,    1, 10, "\"0x\" is not a number"},
    {"or %r0, %r50",             BPFLAB_E_REGISTER,  1,  9, "there is no register r50, only r0 to r10"},
    {"mov %r11, 0",              BPFLAB_E_REGISTER,  1,  5, "there is no register r11"},
    {"w11 = 0",                  BPFLAB_E_REGISTER,  1,  1, "there is no register w11, only w0 to w10"},
    {"r01 = 0",                  BPFLAB_E_REGISTER,  1,  1, "there is no register r01"},
    {"r1 = w2",                  BPFLAB_E_SYNTAX,    1,  6, "w2 has 32 bits, 64 are needed here: r2"},
    {"w1 += r2",                 BPFLAB_E_SYNTAX,    1,  7, "r2 has 64 bits, 32 are needed here: w2"},
    {"r1 = ",                    BPFLAB_E_SYNTAX,    1,  6, "the text ends"},
    {"r1",                       BPFLAB_E_SYNTAX,    1,  3, "expected an operator such as = or +="},
    {"r1 == 5",                  BPFLAB_E_SYNTAX,    1,  4, "unexpected \"==\""},
    {"r1 = be16 r2",             BPFLAB_E_SYNTAX,    1, 11, "in place: r1 is needed here, not \"r2\""},
    {"w1 = be16 w1",             BPFLAB_E_SYNTAX,    1,  6, "fills all 64 bits"},
    {"r1 = -r2",                 BPFLAB_E_SYNTAX,    1,  7, "in place: r1 is needed"},
    {"r1 = (u8)r2",              BPFLAB_E_SYNTAX,    1,  7, "no move extends \"u8\" to 64 bits"},
    {"w1 = (s32)w2",             BPFLAB_E_SYNTAX,    1,  7, "no move extends \"s32\" to 32 bits"},
    {"r1 = (s9)r2",              BPFLAB_E_SYNTAX,    1,  7, "expected a type"},
    {"r1 = foo r2",              BPFLAB_E_SYNTAX,    1,  6, "unexpected \"foo\""},
    {"r1 = 0x100000000",         BPFLAB_E_RANGE,     1,  6, "with \"ll\" after it"},
    {"w1 = 5 ll",                BPFLAB_E_SYNTAX,    1,  6, "write r1"},
    {"r1 = map_fd(5)",           BPFLAB_E_SYNTAX,    1, 15, "expected \"ll\""},
    {"r1 = map_fd(5, 6) ll",     BPFLAB_E_SYNTAX,    1, 14, "expected \")\""},
    {"r1 = map_foo(5) ll",       BPFLAB_E_SYNTAX,    1,  6, "unexpected \"map_foo\""},
    {"ld_pseudo r1, 7, 5",       BPFLAB_E_RANGE,     1, 15, "no kind 7"},
    {"r1 = *(s64 *)(r2 + 0)",    BPFLAB_E_SYNTAX,    1,  6, "s64"},
    {"w1 = *(u64 *)(r2 + 0)",    BPFLAB_E_SYNTAX,    1,  6, "fills all 64 bits: write r1"},
    {"w1 = *(s8 *)(r2 + 0)",     BPFLAB_E_SYNTAX,    1,  6, "fills all 64 bits: write r1"},
    {"r1 = *(u32)(r2 + 0)",      BPFLAB_E_SYNTAX,    1, 11, "expected \"*\""},
    {"*(s8 *)(r2 + 0) = r1",     BPFLAB_E_SYNTAX,    1,  1, "s8"},
    {"*(u64 *)(r2 + 0) = w1",    BPFLAB_E_SYNTAX,    1, 20, "w1 has 32 bits"},
    {"*(u64 *)(r2 + 0) += r1",   BPFLAB_E_SYNTAX,    1, 18, "expected \"=\""},
    {"lock *(u64 *)(r2 + 0) -= r1", BPFLAB_E_SYNTAX, 1, 23, "no atomic \"-=\" on u64"},
    {"lock *(u16 *)(r2 + 0) += r1", BPFLAB_E_SYNTAX, 1, 23, "no atomic \"+=\" on u16"},
    {"lock *(s64 *)(r2 + 0) += r1", BPFLAB_E_SYNTAX, 1, 23, "no atomic \"+=\" on s64"},
    {"lock *(u64 *)(r2 + 0) += 5", BPFLAB_E_SYNTAX,  1, 26, "expected a register"},
    {"r1 = atomic_fetch_add((u64 *)(r2 + 0), r3)", BPFLAB_E_SYNTAX, 1, 40, "r1 is needed here"},
    {"r1 = atomic_fetch_add((u16 *)(r2 + 0), r1)", BPFLAB_E_SYNTAX, 1, 6, "of u16"},
    {"r1 = cmpxchg_64(r2 + 0, r0, r1)", BPFLAB_E_SYNTAX, 1, 6, "in r0, not in r1"},
    {"r0 = cmpxchg_64(r2 + 0, r1, r1)", BPFLAB_E_SYNTAX, 1, 25, "r0 is needed here"},
    {"w2 = xchg_64(r1 + 0, w2)", BPFLAB_E_SYNTAX,    1,  6, "there is no xchg_64 of u64 into w2"},
    {"r1 = addr_space_cast(r1, 2, 3)", BPFLAB_E_RANGE, 1, 6, "between address spaces 2 and 3"},
    {"r1 = addr_space_cast(r1, 7, 1)", BPFLAB_E_RANGE, 1, 6, "between address spaces 7 and 1"},
    {"r1 = *(u8 *)skb[5]",       BPFLAB_E_SYNTAX,    1,  6, "into r0"},
    {"r0 = *(u64 *)skb[5]",      BPFLAB_E_SYNTAX,    1,  6, "u8, u16 or u32"},
    {"if r1 = 2 goto +1",        BPFLAB_E_SYNTAX,    1,  7, "expected a comparison"},
    {"if 5 == r1 goto +1",       BPFLAB_E_SYNTAX,    1,  4, "expected a register"},
    {"if r1 == 2 +1",            BPFLAB_E_SYNTAX,    1, 12, "expected \"goto\""},
    {"if r1 == 2 goto",          BPFLAB_E_SYNTAX,    1, 16, "expected a label"},
    {"goto r1",                  BPFLAB_E_SYNTAX,    1,  6, "expected a label"},
    {"goto +32768",              BPFLAB_E_RANGE,     1,  6, "does not fit into 16 bits"},
    {"goto +1 <f",               BPFLAB_E_SYNTAX,    1, 11, "expected \">\""},
    {"exit\n\t goto nowhere",    BPFLAB_E_UNDEFINED, 2,  8, "no label is called \"nowhere\""},
    {"goto loup; loop: exit",    BPFLAB_E_UNDEFINED, 1,  6, "did you mean \"loop\"?"},
    {"goto 1b; 1: exit",         BPFLAB_E_UNDEFINED, 1,  6, "\"1b\""},
    {"1: goto 1f",               BPFLAB_E_UNDEFINED, 1,  9, "\"1f\""},
    {"ja exit",                  BPFLAB_E_UNDEFINED, 1,  4, "\"exit\""},
    {"call foo",                 BPFLAB_E_UNDEFINED, 1,  6, "no label or helper is called \"foo\""},
    {"call",                     BPFLAB_E_SYNTAX,    1,  5, "expected a helper's number or name"},
    {"call bpf_map_lookup_elem#2", BPFLAB_E_RANGE,   1,  6, "bpf_map_lookup_elem is helper 1"},
    {"callx [r1]",               BPFLAB_E_SYNTAX,    1,  7, "expected a register"},
    {"a: exit\n a: exit",        BPFLAB_E_DUPLICATE, 2,  2, "defined twice, first in line 1"},
    {"r1: exit",                 BPFLAB_E_SYNTAX,    1,  1, "a register, it cannot be a label"},
    {"exit /* never\nclosed",    BPFLAB_E_SYNTAX,    1,  6, "this comment does not end"},
    {"exit /*/",                 BPFLAB_E_SYNTAX,    1,  6, "this comment does not end"},
    {"exit\n\x01",               BPFLAB_E_SYNTAX,    2,  1, "character"},
    {"r1 = \xc3\xa4",            BPFLAB_E_SYNTAX,    1,  6, "character"},
    {".word",                    BPFLAB_E_SYNTAX,    1,  6, "expected a number"},
    {".word 1,",                 BPFLAB_E_SYNTAX,    1,  9, "expected a number"},
    {".text",                    BPFLAB_E_SYNTAX,    1,  1, "no instruction is called \".text\""},
    {"0: (b7) r1 += 5",          BPFLAB_E_SYNTAX,    1,  9, "says code b7, but its text is 07"},
    {"-- Unknown directive",     BPFLAB_E_SYNTAX,    1,  1, "expected an instruction or a label"},
    /* the column counts from the line's start, comments over several lines included */
    {"/* a\n b */ foo",          BPFLAB_E_SYNTAX,    2,  7, "foo"},
    {"exit; exit\n; foo\nexit ; bar", BPFLAB_E_SYNTAX, 3, 8, "bar"},
};
/* clang-format on */

/* A label 40,000 slots ahead or behind: 16 bits do not reach, 32 bits do. */
static void far_labels(void) {
    enum {
        N = 40000
    };
    char *text = malloc((size_t)N * 5 + 64);
    if (!text)
        abort();
    for (int which = 0; which < 4; which++) {
        const bool wide = which & 1, back = which & 2;
        const char *const jump = wide ? "gotol far" : "goto far";
        size_t len = (size_t)sprintf(text, "%s\n", back ? "far:" : jump);
        for (size_t i = 0; i < N; i++)
            len += (size_t)sprintf(text + len, "exit\n");
        len += (size_t)sprintf(text + len, "%s", back ? jump : "far:");
        struct insn *insns = NULL;
        uint32_t n = 0;
        struct diag d = {0};
        check_note(jump);
        CHECK_EQ(parse_exact(text, len, &insns, &n, &d), wide ? BPFLAB_OK : BPFLAB_E_RANGE);
        if (wide && CHECK_EQ(n, N + 1))
            CHECK_EQ(insns[back ? N : 0].imm, back ? -N - 1 : N);
        if (!wide)
            CHECK(d.line == (back ? N + 2 : 1) && d.col == 6 && strstr(d.text, "gotol"));
        free(insns);
    }
    check_note(NULL);
    free(text);
}

int main(void) {
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct mistake *m = &mistakes[i];
        struct insn *insns = (struct insn *)&insns;
        uint32_t n = 77;
        struct diag d = {0};
        check_note(m->text);
        CHECK_EQ(parse_exact(m->text, strlen(m->text), &insns, &n, &d), m->err);
        CHECK_EQ(d.err, m->err);
        CHECK_EQ(d.line, m->line);
        CHECK_EQ(d.col, m->col);
        if (!CHECK(strstr(d.text, m->says)))
            printf("    says \"%s\"\n", d.text);
        CHECK(d.pc == -1 && !d.section[0] && !d.off_bytes);
        /* out-parameters are written on success only */
        CHECK(insns == (struct insn *)&insns && n == 77);
    }
    check_note(NULL);
    far_labels();
    return check_end();
}

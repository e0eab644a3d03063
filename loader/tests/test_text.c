/* test_text.c: forms of input, hex, conformance cases (and those of the shared folder, if it is
 * there).
 */
#include "loader/text.h"
#include "tests/check.h"

#include <dirent.h>
#include <stdlib.h>

static enum input_form form(const char *text) {
    return input_form_of((const uint8_t *)text, strlen(text));
}

static void test_forms(void) {
    static const uint8_t exit_insn[] = {0x95, 0, 0, 0, 0, 0, 0, 0};
    CHECK_EQ(input_form_of(exit_insn, 8), INPUT_RAW);
    CHECK_EQ(input_form_of((const uint8_t *)"", 0), INPUT_RAW);
    CHECK_EQ(form("\177ELF\2\1\1"), INPUT_ELF);
    CHECK_EQ(form("\177EL\0"), INPUT_ASM); /* a DEL is text */
    CHECK_EQ(form("\177EL\1"), INPUT_RAW);
    CHECK_EQ(form("# a \177 b\nexit"), INPUT_ASM);
    CHECK_EQ(form("95 00 00 00\n00000000\n"), INPUT_HEX);
    CHECK_EQ(form("9"), INPUT_ASM);
    CHECK_EQ(form("exit\n"), INPUT_ASM);
    CHECK_EQ(form("added"), INPUT_HEX); /* no instruction is made of hex digits alone */
    CHECK_EQ(form("r0 = 1 # -- not a section\nexit"), INPUT_ASM);
    CHECK_EQ(form("# caf\xc3\xa9\nexit"), INPUT_ASM);
    CHECK_EQ(form("# caf\xc3\nexit"), INPUT_RAW);
    CHECK_EQ(form("# \xf0\x9f\x90\x9d"), INPUT_ASM);
    CHECK_EQ(form("# \xf0\x9f\x90"), INPUT_RAW);
    CHECK_EQ(form("# comment\n-- asm\nexit\n-- result\n0x0\n"), INPUT_CASE);
    CHECK_EQ(form("# comment\n-- case\ntype xdp\n-- asm\nexit\n"), INPUT_FUZZ);
    CHECK_EQ(form("--case"), INPUT_FUZZ);
    CHECK_EQ(form("-- cases\n"), INPUT_CASE);
    CHECK_EQ(form("-- asm\nexit\n-- case\n"), INPUT_CASE); /* the first section says it */
}

static void test_hex(void) {
    struct diag d;
    uint8_t *p;
    size_t n;
    CHECK_EQ(hex_parse(" 0a\nFf\t12 ", 10, &p, &n, &d), BPFLAB_OK);
    CHECK(n == 3 && !memcmp(p, "\x0a\xff\x12", 3));
    free(p);
    CHECK_EQ(hex_parse("", 0, &p, &n, &d), BPFLAB_OK);
    CHECK_EQ(n, 0);
    free(p);
    CHECK_EQ(hex_parse("00\n0g", 5, &p, &n, &d), BPFLAB_E_SYNTAX);
    CHECK(d.line == 2 && d.col == 2);
    CHECK_EQ(hex_parse("0x10", 4, &p, &n, &d), BPFLAB_E_SYNTAX);
    CHECK_EQ(hex_parse("abc", 3, &p, &n, &d), BPFLAB_E_SYNTAX);
    CHECK(d.line == 1 && d.col == 4);
    CHECK_EQ(hex_parse("a b", 3, &p, &n, &d), BPFLAB_E_SYNTAX);
}

static enum bpflab_err parse(const char *text, struct conf_case *c, struct diag *d) {
    memset(d, 0, sizeof *d);
    return conf_case_parse(text, strlen(text), c, d);
}

static void test_cases(void) {
    struct conf_case c;
    struct diag d;
    CHECK_EQ(parse("-- asm\nmov %r0, 1 # one\n# nothing\nexit\n-- mem\n01 02 # two\n03\n"
                   "-- no register offset\nwhat\n-- result\n7\n\n0x2a\n",
                   &c, &d),
             BPFLAB_OK);
    CHECK(c.n_insns == 2 && c.insns[0].imm == 1 && c.insns[1].code == 0x95);
    CHECK(c.mem_bytes == 3 && !memcmp(c.mem, "\1\2\3", 3));
    CHECK(c.has_result && c.result == 42 && !c.error);
    conf_case_fini(&c);
    /* raw goes before asm, decimal results, errors */
    CHECK_EQ(parse("--raw\n0x5566778800000018\n0x1122334400000000\n95\n-- asm\nnonsense here\n"
                   "-- result\n10\n-- error\nFailed to load code: x\r\n",
                   &c, &d),
             BPFLAB_OK);
    CHECK(c.n_insns == 3 && c.insns[0].imm == 0x55667788 && c.insns[2].code == 0x95);
    CHECK_EQ(c.result, 10);
    CHECK_STR(c.error, "Failed to load code: x");
    conf_case_fini(&c);
    CHECK_EQ(parse("-- asm\nexit\n-- result\n-1\n", &c, &d), BPFLAB_OK);
    CHECK_EQ(c.result, UINT64_MAX);
    conf_case_fini(&c);
    CHECK_EQ(parse("-- asm\nexit\n", &c, &d), BPFLAB_OK);
    CHECK(!c.has_result && c.mem_bytes == 0);
    conf_case_fini(&c);
    /* places of mistakes are those of the whole text */
    CHECK_EQ(parse("# one\n-- asm\nexit\n  bogus %r1\n", &c, &d), BPFLAB_E_SYNTAX);
    CHECK(d.line == 4 && d.col == 3 && !c.insns);
    CHECK_EQ(parse("-- asm\nexit\n-- mem\n00 zz\n", &c, &d), BPFLAB_E_SYNTAX);
    CHECK(d.line == 4 && d.col == 4);
    CHECK_EQ(parse("-- asm\nexit\n-- result\n  0xg\n", &c, &d), BPFLAB_E_SYNTAX);
    CHECK(d.line == 4 && d.col == 3);
    CHECK_EQ(parse("-- raw\n12345678901234567\n", &c, &d), BPFLAB_E_SYNTAX);
    CHECK_EQ(d.line, 2);
    CHECK_EQ(parse("-- result\n1\n", &c, &d), BPFLAB_E_SYNTAX);
    CHECK_EQ(parse("", &c, &d), BPFLAB_E_SYNTAX);
}

static void test_folder(const char *folder) {
    DIR *dir = opendir(folder);
    uint32_t n = 0;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char path[1024], text[65536];
        size_t len = strlen(e->d_name);
        if (len < 5 || strcmp(e->d_name + len - 5, ".data") != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        FILE *f = fopen(path, "rb");
        if (!CHECK(f != NULL))
            continue;
        len = fread(text, 1, sizeof text, f);
        fclose(f);
        struct conf_case c;
        struct diag d = {0};
        check_note(e->d_name);
        CHECK_EQ(input_form_of((const uint8_t *)text, len), INPUT_CASE);
        CHECK_EQ(conf_case_parse(text, len, &c, &d), BPFLAB_OK);
        CHECK(c.n_insns > 0 && (c.has_result || c.error));
        conf_case_fini(&c);
        n++;
    }
    check_note(NULL);
    if (dir)
        closedir(dir);
    CHECK(n > 0);
}

int main(int argc, char **argv) {
    test_forms();
    test_hex();
    test_cases();
    if (argc > 1)
        test_folder(argv[1]);
    return check_end();
}

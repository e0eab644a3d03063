/* test_conform.c: values, commands and child processes of conformance runs; cpu versions and groups
 * of every row.
 */
#include "cli/child.h"
#include "cli/conform.h"
#include "cli/features.h"
#include "tests/check.h"

#include <stdlib.h>

static void check_values(void) {
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } rows[] = {
        {"0", true, 0},
        {"2a", true, 42},
        {"0x2A\n", true, 42},
        {" \t1f \r\n", true, 31},
        {"ffffffffffffffff", true, UINT64_MAX},
        {"0ffffffffffffffff", true, UINT64_MAX},
        {"1ffffffffffffffff", false, 0},
        {"", false, 0},
        {"0x", false, 0},
        {"12 34", false, 0},
        {"xyz", false, 0},
        {"-1", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t v = 99;
        check_note(rows[i].text);
        CHECK_EQ(conform_value(rows[i].text, &v), rows[i].ok);
        CHECK_EQ(v, rows[i].ok ? rows[i].value : 99);
    }
    check_note(NULL);
}

static void check_command(const char *command, size_t n, const char *const *words) {
    struct conform_plugin p;
    struct diag d = {0};
    check_note(command);
    enum bpflab_err err = conform_plugin_init(&p, command, &d);
    CHECK_EQ(err == BPFLAB_OK, n > 0);
    CHECK_EQ(p.n_words, n);
    for (size_t i = 0; i < n && i < p.n_words; i++)
        CHECK_STR(p.words[i], words[i]);
    conform_plugin_fini(&p);
    check_note(NULL);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void check_commands(void) {
    check_command("plugin", 1, WORDS("plugin"));
    check_command("  a  b\tc ", 3, WORDS("a", "b", "c"));
    check_command("a 'b c' \"d 'e'\"", 3, WORDS("a", "b c", "d 'e'"));
    check_command("a\\ b c\\\\", 2, WORDS("a b", "c\\"));
    check_command("a '' \"\"", 3, WORDS("a", "", ""));
    check_command("a'b'c", 1, WORDS("abc"));
    check_command("a 'b", 0, WORDS(""));
    check_command("", 0, WORDS(""));
    check_command("   ", 0, WORDS(""));
}

static struct child start(const char *script, const char *input, size_t n, uint64_t timeout_ms) {
    struct child c;
    char *argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)(uintptr_t)script, NULL};
    child_run(argv, input, n, timeout_ms, &c);
    return c;
}

static void check_children(void) {
    struct child c = start("cat; echo problem >&2; exit 3", "hello", 5, 20000);
    CHECK_EQ(c.end, CHILD_EXITED);
    CHECK_EQ(c.code, 3);
    CHECK_STR(c.out, "hello");
    CHECK_STR(c.err, "problem\n");
    child_fini(&c);

    c = start("kill -9 $$", "", 0, 20000);
    CHECK_EQ(c.end, CHILD_KILLED);
    CHECK_EQ(c.code, 9);
    child_fini(&c);

    c = start("sleep 100 & sleep 100", "", 0, 100);
    CHECK_EQ(c.end, CHILD_TIMEOUT);
    child_fini(&c);

    /* Closes its streams and goes on. */
    c = start("exec >&- 2>&- <&-; sleep 100", "", 0, 100);
    CHECK_EQ(c.end, CHILD_TIMEOUT);
    child_fini(&c);

    /* Does not read a large input, and is not the death of us. */
    size_t n = 1 << 20;
    char *large = calloc(1, n);
    c = start("exit 0", large, n, 20000);
    CHECK_EQ(c.end, CHILD_EXITED);
    child_fini(&c);
    /* Reads and writes more than a pipe holds. */
    memset(large, 'x', n);
    c = start("cat", large, n, 20000);
    CHECK_EQ(c.end, CHILD_EXITED);
    CHECK_EQ(c.n_out, n);
    child_fini(&c);
    free(large);

    /* More output than is kept. */
    c = start("head -c 3000000 /dev/zero", "", 0, 20000);
    CHECK_EQ(c.end, CHILD_EXITED);
    CHECK(c.n_out <= 2 * CHILD_OUTPUT_MAX);
    child_fini(&c);

    char *missing[] = {(char *)"/nonexistent/plugin", NULL};
    child_run(missing, "", 0, 1000, &c);
    CHECK_EQ(c.end, CHILD_MISSING);
    child_fini(&c);
}

static void check_meets(void) {
    struct conf_case value = {.has_result = true, .result = 5};
    struct conf_case error = {.error = (char *)(uintptr_t)"message"};
    struct conf_case nothing = {.result = 5};
    struct conform_outcome five = {.kind = CONFORM_VALUE, .value = 5};
    struct conform_outcome six = {.kind = CONFORM_VALUE, .value = 6};
    struct conform_outcome said = {.kind = CONFORM_ERROR, .value = 5, .text = "message"};
    struct conform_outcome other = {.kind = CONFORM_ERROR, .text = "messages"};
    struct conform_outcome late = {.kind = CONFORM_UNDECIDED, .value = 5};
    CHECK(conform_meets(&value, &five));
    CHECK(!conform_meets(&value, &six));
    CHECK(!conform_meets(&value, &said));
    CHECK(!conform_meets(&value, &late));
    CHECK(conform_meets(&error, &said));
    CHECK(!conform_meets(&error, &other));
    CHECK(!conform_meets(&error, &five));
    CHECK(!conform_meets(&error, &late));
    CHECK(!conform_meets(&nothing, &five));
}

static void check_features(void) {
    /* Every row has a version and belongs to one group; those that only Linux has need more than
     * v4. */
    uint32_t all = 0;
    for (unsigned i = 0; group_name(i); i++) {
        CHECK(!(all & group_bit(i)));
        all |= group_bit(i);
        uint32_t closure = group_closure(group_name(i), strlen(group_name(i)));
        CHECK((closure & group_bit(i)) != 0);
    }
    CHECK(!group_closure("base", 4));
    CHECK(!group_closure("", 0));
    CHECK_EQ(group_closure("divmul64", 8), GROUP_DIVMUL32 | GROUP_DIVMUL64);
    for (unsigned op = 0; op < N_OPS; op++) {
        unsigned llvm = insn_cpu((enum op)op, FEATURES_LLVM),
                 suite = insn_cpu((enum op)op, FEATURES_SUITE);
        check_note(op_table[op].id);
        CHECK(llvm >= 1 && llvm <= 5);
        CHECK(suite >= llvm);
        CHECK((op_table[op].group & all) == op_table[op].group);
    }
    check_note(NULL);
    CHECK_EQ(insn_cpu(OP_ADD32_IMM, FEATURES_SUITE), 1);
    CHECK_EQ(insn_cpu(OP_JLT64_REG, FEATURES_SUITE), 2);
    CHECK_EQ(insn_cpu(OP_JLT32_REG, FEATURES_SUITE), 3);
    CHECK_EQ(insn_cpu(OP_JEQ32_IMM, FEATURES_LLVM), 3);
    CHECK_EQ(insn_cpu(OP_JGT64_IMM, FEATURES_LLVM), 1);
    CHECK_EQ(insn_cpu(OP_ATOMIC_ADD64, FEATURES_LLVM), 1);
    CHECK_EQ(insn_cpu(OP_ATOMIC_ADD64, FEATURES_SUITE), 3);
    CHECK_EQ(insn_cpu(OP_ATOMIC_FETCH_ADD64, FEATURES_LLVM), 3);
    CHECK_EQ(insn_cpu(OP_SDIV64_REG, FEATURES_LLVM), 4);
    CHECK_EQ(insn_cpu(OP_DIV64_REG, FEATURES_LLVM), 1);
    CHECK_EQ(insn_cpu(OP_LDXSW, FEATURES_LLVM), 4);
    CHECK_EQ(insn_cpu(OP_BSWAP32, FEATURES_LLVM), 4);
    CHECK_EQ(insn_cpu(OP_BE32, FEATURES_LLVM), 1);
    CHECK_EQ(insn_cpu(OP_JA32, FEATURES_LLVM), 4);
    CHECK_EQ(insn_cpu(OP_LOAD_ACQ_W, FEATURES_LLVM), 5);

    struct insn prog[] = {{.code = 0x18, .dst = 1},  {.imm = 1},     {.code = 0x85, .imm = 5},
                          {.code = 0x85, .imm = -1}, {.code = 0xff}, {.code = 0x95}};
    struct features f = features_of(prog, 6, FEATURES_LLVM);
    CHECK(f.invalid && features_calls(&f, 5) && !features_calls(&f, 255) && !features_calls(&f, 6));
    CHECK_EQ(f.groups, GROUP_BASE32 | GROUP_BASE64);
}

int main(void) {
    check_values();
    check_commands();
    check_children();
    check_meets();
    check_features();
    return check_end();
}

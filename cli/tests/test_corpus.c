/* test_corpus.c DIRECTORY: our own conformance cases: every instruction row is in one of them,
 * every case expects something, and a value and an error are each expected often enough.
 */
#include "cli/bytes.h"
#include "cli/caselist.h"
#include "cli/conform.h"
#include "tests/check.h"

static bool seen[N_OPS];
static unsigned n_errors, n_values;

static void mark(const struct conf_case *c) {
    for (uint32_t i = 0; i < c->n_insns; i += insn_slots(c->insns[i])) {
        enum op op = op_of(c->insns[i]);
        if (op != OP_INVALID)
            seen[op] = true;
    }
}

static void check_case(const char *path) {
    struct bytes b = {0};
    struct diag d = {0};
    struct conf_case c;
    check_note(path);
    if (!CHECK_EQ(bytes_read(path, &b, &d), BPFLAB_OK))
        return;
    CHECK_EQ(input_form_of(b.at, b.n), INPUT_CASE);
    if (CHECK_EQ(conf_case_parse((const char *)b.at, b.n, &c, &d), BPFLAB_OK)) {
        CHECK(c.n_insns > 0);
        CHECK(c.has_result != (c.error != NULL));
        n_errors += c.error != NULL;
        n_values += c.has_result;
        mark(&c);
        conf_case_fini(&c);
    }
    bytes_fini(&b);
}

int main(int argc, char **argv) {
    struct caselist list = {0};
    struct diag d = {0};
    if (argc != 2 || caselist_add(&list, argv[1], &d)) {
        printf("usage: test_corpus DIRECTORY\n");
        return 1;
    }
    for (size_t i = 0; i < list.n; i++)
        check_case(list.paths[i]);
    check_note(NULL);
    CHECK(list.n >= 60);
    CHECK(n_errors >= 20);
    CHECK(n_values >= 60);
    for (int op = 0; op < N_OPS; op++) {
        check_note(op_table[op].id);
        CHECK(seen[op]);
    }
    caselist_fini(&list);
    return check_end();
}

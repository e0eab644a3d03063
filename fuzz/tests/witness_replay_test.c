/* witness_replay_test.c DIRECTORY: programs of corpus/witness under the verifier that ships. Each
 * was made for a wrong operator: it is accepted, the run stays within the verifier's states and
 * ends by r0 = 1; and with a load out of bounds in that place it is rejected, and traps.
 */
#include "fuzz/tests/witness_rig.h"
#include "tests/check.h"

enum {
    LEAST = 12 /* cases, of as many operators */
};

static void check_prog(struct prog *p, const struct conf_case *c) {
    struct witness_run r;
    if (CHECK(witness_run(p, c->mem, c->mem_bytes, &r))) {
        CHECK_STR(verdict_name(r.verdict), "accept");
        CHECK_EQ(r.end.kind, RUN_EXIT);
        CHECK_EQ(r.end.r0, c->result);
        CHECK(r.steps > 0);
        if (!CHECK(!r.miss.found))
            printf("pc %u: %s\n", r.miss.pc, r.miss.text);
    }
    if (CHECK(witness_overrun(p, c->mem_bytes)) &&
        CHECK(witness_run(p, c->mem, c->mem_bytes, &r))) {
        CHECK_STR(verdict_name(r.verdict), "reject");
        CHECK_EQ(r.end.kind, RUN_TRAP_MEMORY);
    }
}

static void check_file(void *self, const char *path) {
    struct conf_case c;
    struct prog p;
    (void)self;
    check_note(path);
    if (!CHECK(witness_file(path, &c)))
        return;
    CHECK(c.has_result && c.result == 1 && c.mem_bytes > 0);
    if (CHECK_EQ(prog_init_insns(&p, c.insns, c.n_insns), BPFLAB_OK)) {
        check_prog(&p, &c);
        prog_fini(&p);
    }
    conf_case_fini(&c);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        printf("usage: witness_replay_test DIRECTORY\n");
        return 1;
    }
    const size_t n = witness_each(argv[1], check_file, NULL);
    check_note(NULL);
    CHECK(n >= LEAST);
    printf("%zu cases\n", n);
    return check_end();
}

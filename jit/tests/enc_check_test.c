/* enc_check_test.c: the harness of the encoder tests sees what is wrong, in both byte orders. Each
 * planted error must be counted, and nothing else. */
#include "jit/tests/enc_check.h"
#include "tests/check.h"

static void put_case(struct enc_check *t, uint64_t bytes, unsigned n, const char *text) {
    struct jit_buf b;
    jit_buf_init(&b);
    jit_put(&b, bytes, n);
    enc_case(t, &b, "%s", text);
    jit_buf_fini(&b);
}

/* A right case, and then one of text and bytes that does or does not belong to it. */
static int run_two(const struct jit_arch *a, const char *nop, uint64_t nop_bytes, unsigned nop_n,
                   const char *text, uint64_t bytes, unsigned n, uint32_t *wrong) {
    struct enc_check t;
    enc_check_init(&t, a);
    put_case(&t, nop_bytes, nop_n, nop);
    put_case(&t, bytes, n, text);
    put_case(&t, nop_bytes, nop_n, nop);
    const int status = enc_check_run(&t);
    *wrong = t.wrong;
    return status;
}

static void test_x86(void) {
    uint32_t wrong;
    CHECK_EQ(run_two(&jit_x86_64, "nop", 0x90, 1, "ret", 0xc3, 1, &wrong), 0);
    CHECK_EQ(wrong, 0);
    CHECK_EQ(run_two(&jit_x86_64, "nop", 0x90, 1, "ret", 0xc2, 1, &wrong), 1);
    CHECK_EQ(wrong, 1);
    /* of another length: only this one is wrong */
    CHECK_EQ(run_two(&jit_x86_64, "nop", 0x90, 1, "ret", 0xc3c3, 2, &wrong), 1);
    CHECK_EQ(wrong, 1);
    CHECK_EQ(run_two(&jit_x86_64, "nop", 0x90, 1, "ret", 0, 0, &wrong), 1);
    CHECK_EQ(wrong, 1);
    CHECK_EQ(run_two(&jit_x86_64, "nop", 0x90, 1, "jmp .+100", 0x62eb, 2, &wrong), 0);
    CHECK_EQ(run_two(&jit_x86_64, "nop", 0x90, 1, "no such thing", 0xc3, 1, &wrong), 1);
}

static void test_s390x(void) {
    uint32_t wrong;
    CHECK_EQ(run_two(&jit_s390x, "nopr", 0x0700, 2, "lgr %r1, %r2", 0x120004b9, 4, &wrong), 1);
    CHECK_EQ(wrong, 2);
    CHECK_EQ(run_two(&jit_s390x, "nopr", 0x0007, 2, "lgr %r1, %r3", 0x120004b9, 4, &wrong), 1);
    CHECK_EQ(wrong, 1);
    CHECK_EQ(run_two(&jit_s390x, "br %r14", 0xfe07, 2, "lgr %r1, %r2", 0x120004b9, 4, &wrong), 0);
    CHECK_EQ(wrong, 0);
}

static void test_directive(void) {
    struct enc_check t;
    enc_check_init(&t, &jit_riscv64);
    enc_text(&t, ".option norvc");
    put_case(&t, 0x00b50533, 4, "add a0, a0, a1");
    enc_text(&t, ".option rvc");
    put_case(&t, 0x952e, 2, "c.add a0, a1");
    CHECK_EQ(enc_check_run(&t), 0);
    enc_check_init(&t, &jit_riscv64);
    CHECK_EQ(enc_check_run(&t), 1); /* nothing checked */
}

int main(void) {
    struct enc_check t;
    enc_check_init(&t, &jit_arm64);
    put_case(&t, 0xd65f03c0, 4, "ret");
    const int status = enc_check_run(&t);
    if (status == 77)
        return status;
    CHECK_EQ(status, 0);
    test_x86();
    test_s390x();
    test_directive();
    return check_end();
}

/* execmem_test.c: blocks handed out and taken back, code that runs and is replaced, and that no
 * page is writable and executable at once. */
#include "jit/execmem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check.h"

/* "return imm" on this machine, imm at most 127. */
static uint32_t code_return(uint8_t *out, uint8_t imm) {
#if defined(__x86_64__)
    const uint8_t c[] = {0xb8, imm, 0, 0, 0, 0xc3};
#elif defined(__aarch64__)
    const uint32_t mov = UINT32_C(0xd2800000) | (uint32_t)imm << 5, ret = UINT32_C(0xd65f03c0);
    uint8_t c[8];
    memcpy(c, &mov, 4);
    memcpy(c + 4, &ret, 4);
#elif defined(__riscv)
    const uint32_t li = (uint32_t)imm << 20 | UINT32_C(0x513), ret = UINT32_C(0x8067);
    uint8_t c[8];
    memcpy(c, &li, 4);
    memcpy(c + 4, &ret, 4);
#elif defined(__s390x__)
    const uint8_t c[] = {0xa7, 0x29, 0, imm, 0x07, 0xfe};
#else
#error "execmem_test: say how this machine returns a number"
#endif
    memcpy(out, c, sizeof c);
    return sizeof c;
}

/* The sanitizer for calls looks for a mark before the function: here, before the page. */
#if defined(__clang__)
__attribute__((no_sanitize("function")))
#endif
static uint64_t
call(uint64_t addr) {
    uint64_t (*fn)(void);
    const uintptr_t p = (uintptr_t)addr;
    memcpy(&fn, &p, sizeof fn);
    return fn();
}

/* No line of the process's map may say both w and x; this arena's must say x. */
static void check_maps(uint64_t addr) {
    FILE *f = fopen("/proc/self/maps", "r");
    char line[512], perms[8];
    uint64_t from, to;
    bool found = false;
    CHECK(f != NULL);
    while (f && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, perms) != 3)
            continue;
        CHECK(!(perms[1] == 'w' && perms[2] == 'x'));
        if (addr >= from && addr < to) {
            found = true;
            CHECK(perms[1] != 'w');
        }
    }
    CHECK(found);
    if (f)
        fclose(f);
}

static void runs(bool one_mapping) {
    struct execmem_config cfg = {
        .n_bytes = 100000, .near = (uint64_t)(uintptr_t)&code_return, .one_mapping = one_mapping};
    struct execmem *m;
    struct diag d;
    uint8_t code[16];
    uint64_t a, b;
    CHECK_EQ(execmem_new(&cfg, &m, &d), BPFLAB_OK);
    CHECK(execmem_bytes(m) >= 100000);
    const uint64_t away = execmem_addr(m) - cfg.near, limit = UINT64_C(1) << 31;
    CHECK(away + limit < 2 * limit);
    CHECK_EQ(execmem_take(m, 10, &a), BPFLAB_OK);
    CHECK_EQ(execmem_take(m, 10, &b), BPFLAB_OK);
    CHECK_EQ(b, a + EXECMEM_ALIGN);
    CHECK_EQ(execmem_write(m, a, code, code_return(code, 42)), BPFLAB_OK);
    CHECK_EQ(execmem_begin(m), BPFLAB_OK);
    CHECK_EQ(execmem_write(m, b, code, code_return(code, 7)), BPFLAB_OK);
    CHECK_EQ(execmem_end(m), BPFLAB_OK);
    CHECK_EQ(call(a), 42);
    CHECK_EQ(call(b), 7);
    for (uint8_t i = 0; i < 100; i++) { /* replaced at the same place */
        CHECK_EQ(execmem_write(m, a, code, code_return(code, i)), BPFLAB_OK);
        CHECK_EQ(call(a), i);
    }
    check_maps(a);
    CHECK_EQ(execmem_write(m, execmem_addr(m) + execmem_bytes(m) - 1, code, 2), BPFLAB_E_RANGE);
    CHECK_EQ(execmem_write(m, execmem_addr(m) - 1, code, 1), BPFLAB_E_RANGE);
    CHECK(execmem_holds(m, a) && !execmem_holds(m, execmem_addr(m) - 1));
    execmem_free(m);
}

static void blocks(void) {
    struct execmem_config cfg = {.n_bytes = 4096};
    struct execmem *m;
    struct diag d;
    CHECK_EQ(execmem_new(&cfg, &m, &d), BPFLAB_OK);
    const uint32_t n = execmem_bytes(m);
    uint64_t a, b, c, again;
    CHECK_EQ(execmem_take(m, n + 1, &a), BPFLAB_E_SPACE);
    CHECK_EQ(execmem_take(m, n, &a), BPFLAB_OK);
    CHECK_EQ(execmem_take(m, 1, &b), BPFLAB_E_SPACE);
    execmem_trim(m, a, 100);
    CHECK_EQ(execmem_take(m, 1, &b), BPFLAB_OK);
    CHECK_EQ(b, a + 2 * EXECMEM_ALIGN);
    CHECK_EQ(execmem_take(m, n - 3 * EXECMEM_ALIGN, &c), BPFLAB_OK);
    CHECK_EQ(execmem_take(m, 1, &again), BPFLAB_E_SPACE);
    execmem_give(m, a);
    execmem_give(m, c);
    execmem_give(m, b); /* all is one again */
    CHECK_EQ(execmem_take(m, n, &again), BPFLAB_OK);
    CHECK_EQ(again, a);
    execmem_free(m);
    cfg.n_bytes = 0;
    CHECK_EQ(execmem_new(&cfg, &m, &d), BPFLAB_E_ARG);
    cfg.n_bytes = UINT32_MAX;
    CHECK_EQ(execmem_new(&cfg, &m, &d), BPFLAB_E_ARG);
}

int main(int argc, char **argv) {
    /* qemu-user does not notice what is written through another address. */
    if (argc < 2 || strcmp(argv[1], "one") != 0)
        runs(false);
    runs(true);
    blocks();
    return check_end();
}

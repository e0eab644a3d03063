/* mixed_test.c: the generator makes well-formed programs, and the same ones with every compiler. */
#include "fuzz/gen/mixed.h"
#include "tests/check.h"

enum {
    PROGRAMS = 1000,
};

/* What the first PROGRAMS seeds give, mixed to one number; it changes when the generator does. */
static const uint64_t expected = UINT64_C(0x5c774acec6d84851);

static uint64_t mix(uint64_t sum, uint64_t v) {
    sum = (sum ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ sum >> 29;
}

int main(void) {
    uint64_t sum = 0, n_programs = 0;
    for (uint64_t seed = 0; seed < PROGRAMS; seed++) {
        struct insn insns[MIXED_MAX_INSNS];
        struct prog p;
        struct diag d;
        const uint32_t n = gen_mixed(seed, 4 + (uint32_t)(seed % 24), insns);
        if (!CHECK(n <= MIXED_MAX_INSNS) || !CHECK_EQ(prog_init_insns(&p, insns, n), BPFLAB_OK))
            break;
        if (!CHECK_EQ(prog_check(&p, &d), BPFLAB_OK))
            printf("seed %llu: %s\n", (unsigned long long)seed, d.text);
        for (uint32_t i = 0; i < n; i++) {
            sum = mix(sum, (uint64_t)insns[i].code << 32 | (uint64_t)insns[i].dst << 24 |
                               (uint64_t)insns[i].src << 16 | (uint16_t)insns[i].off);
            sum = mix(sum, (uint32_t)insns[i].imm);
        }
        prog_fini(&p);
        n_programs++;
    }
    CHECK_EQ(n_programs, PROGRAMS);
    CHECK_EQ(sum, expected);
    return check_end();
}

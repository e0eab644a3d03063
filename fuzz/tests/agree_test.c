/* agree_test.c: whatever way a program is explored, the verdict is the same: with and without
 * pruning, with states kept as Linux does and wherever one may be, and by joins, which may know
 * less but must not accept what has an unsafe path.
 *     agree_test N [SEED]
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/gen/mixed.h"
#include "tests/check.h"
#include "verifier/verify.h"

static struct report last;

static enum verdict verdict_of(const struct prog *p, struct verify_options opt) {
    const struct verify_input in = {.prog = p, .maps = mixed_maps, .n_maps = N_MIXED_MAPS};
    struct verify_result r;
    struct diag d;
    enum verdict v = VERDICT_UNKNOWN;
    opt.budget.insns = 20000;
    if (CHECK_EQ(verify(&in, &opt, &r, &d), BPFLAB_OK))
        v = r.verdict;
    last = r.report;
    verify_result_fini(&r);
    return v;
}

/* The generator rarely makes an unsafe program: change one number, and many are. */
static void spoil(struct insn *insns, uint32_t n, uint64_t seed) {
    for (uint32_t tries = 0; tries < 8; tries++) {
        struct insn *const in = &insns[check_random(&seed) % n];
        const enum op op = op_of(*in);
        if (op >= N_OPS || (op_table[op].cls != CLASS_ALU_BINARY && op_table[op].cls != CLASS_LDX &&
                            op_table[op].cls != CLASS_STX))
            continue;
        const uint64_t x = check_random(&seed);
        if (op_table[op].cls == CLASS_ALU_BINARY && !op_table[op].from_reg)
            in->imm ^= (int32_t)(1u << x % 8);
        else if (op_table[op].cls != CLASS_ALU_BINARY)
            in->off = (int16_t)(in->off ^ 1 << x % 7);
        return;
    }
}

int main(int argc, char **argv) {
    const uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 0) : check_rounds(1000);
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    uint64_t n_accepted = 0, n_rejected = 0, by_joins = 0;
    for (uint64_t i = seed; i < seed + n; i++) {
        struct insn insns[MIXED_MAX_INSNS];
        const uint32_t n_insns = gen_mixed(i, 3 + (uint32_t)(i % 12), insns);
        struct prog p;
        if (i % 2)
            spoil(insns, n_insns, i);
        if (!CHECK_EQ(prog_init_insns(&p, insns, n_insns), BPFLAB_OK))
            break;
        p.type = PROG_sched_cls;
        const enum verdict v = verdict_of(&p, (struct verify_options){0});
        const struct report rep = last;
        const enum verdict other[] = {verdict_of(&p, (struct verify_options){.every_state = true}),
                                      verdict_of(&p, (struct verify_options){.no_prune = true})};
        n_accepted += v == VERDICT_ACCEPT;
        n_rejected += v == VERDICT_REJECT;
        for (int k = 0; k < 2; k++)
            if (v != VERDICT_UNKNOWN && other[k] != VERDICT_UNKNOWN && !CHECK_EQ(other[k], v))
                printf("seed %llu: %s\n", (unsigned long long)i, k ? "no pruning" : "every state");
        const enum verdict joined =
            verdict_of(&p, (struct verify_options){.explore = EXPLORE_FIXPOINT});
        by_joins += joined == VERDICT_ACCEPT;
        if (v == VERDICT_REJECT && !CHECK(joined != VERDICT_ACCEPT))
            printf("seed %llu: joins accept; paths: pc %u: %s\n", (unsigned long long)i, rep.pc,
                   rep.linux_text);
        prog_fini(&p);
    }
    printf("%llu accepted, %llu rejected; %llu accepted by joins\n", (unsigned long long)n_accepted,
           (unsigned long long)n_rejected, (unsigned long long)by_joins);
    CHECK(n_accepted > n / 3 && n_rejected > n / 50 && by_joins > n / 10);
    return check_end();
}

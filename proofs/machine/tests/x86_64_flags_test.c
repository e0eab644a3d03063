/* x86_64_flags_test.c: the conditions that x86_64.c keeps beside the flags are what the manual
 * makes of the flags: below or equal is CF | ZF, less is SF != OF, less or equal is ZF | less. For
 * all operands, of every width, after each instruction that sets them. And a wrong one is refuted.
 */
#include "proofs/machine/machine.h"
#include "proofs/smt.h"
#include "tests/check.h"

enum {
    CF,
    ZF,
    SF,
    OF,
    BE,
    LT,
    LE,
};

static enum smt_result ask(struct terms *t, term *goal) {
    const struct smt_query q = {.name = "flags", .goal = goal, .timeout_ms = 20000};
    struct smt_answer a = {0};
    if (term_is_true(goal))
        return SMT_PROVED;
    smt_prove(t, &q, &a);
    const enum smt_result r = a.result;
    smt_answer_fini(&a);
    return r;
}

static void check_insn(const uint8_t *code, size_t n) {
    struct terms *const t = terms_new();
    struct mstate s = {.t = t};
    struct mstep step;
    s.sp0 = term_var(t, 64, "sp");
    for (unsigned r = 0; r < 16; r++)
        s.reg[r] = term_fresh(t, 64, "r");
    s.reg[4] = s.sp0;
    if (CHECK(machine_x86_64.step(&s, code, n, 0, 0x1000, &step)) && CHECK_EQ(step.bytes, n)) {
        term *const *const f = s.flag;
        term *const less = term_xor(t, f[SF], f[OF]);
        CHECK_EQ(ask(t, term_eq(t, f[BE], term_or(t, f[CF], f[ZF]))), SMT_PROVED);
        CHECK_EQ(ask(t, term_eq(t, f[LT], less)), SMT_PROVED);
        CHECK_EQ(ask(t, term_eq(t, f[LE], term_or(t, f[ZF], less))), SMT_PROVED);
        CHECK_EQ(ask(t, term_eq(t, f[LE], less)), SMT_REFUTED);
    }
    terms_free(t);
}

int main(void) {
    static const uint8_t insns[][4] = {
        {3, 0x48, 0x39, 0xf7},                        /* cmp rdi, rsi */
        {2, 0x39, 0xf7},                              /* of 32 bits */
        {3, 0x48, 0x01, 0xf7},                        /* add */
        {2, 0x01, 0xf7},       {3, 0x48, 0x29, 0xf7}, /* sub */
        {3, 0x48, 0xf7, 0xdf},                        /* neg */
        {3, 0x48, 0x85, 0xf7},                        /* test */
        {2, 0x85, 0xf7},       {3, 0x66, 0x85, 0xf7}, /* of 16 bits */
        {2, 0x84, 0xd1},                              /* test cl, dl */
    };
    for (unsigned i = 0; i < sizeof insns / sizeof *insns; i++)
        check_insn(insns[i] + 1, insns[i][0]);
    return check_end();
}

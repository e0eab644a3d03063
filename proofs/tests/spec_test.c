/* spec_test.c: the rows over terms against the rows over numbers (op_eval): the primitives of
 * spec.c mean what those of isa/sem.h do.
 */
#include "proofs/spec.h"
#include "tests/check.h"

static uint64_t seed = 20240229;

static uint64_t value(void) {
    static const uint64_t edges[] = {0,
                                     1,
                                     2,
                                     31,
                                     32,
                                     63,
                                     64,
                                     UINT64_MAX,
                                     INT64_MAX,
                                     UINT64_C(1) << 63,
                                     INT32_MAX,
                                     UINT32_MAX,
                                     UINT64_C(1) << 31,
                                     UINT64_C(1) << 32,
                                     UINT64_C(0xffffffff80000000)};
    const uint64_t r = check_random(&seed);
    return r % 3 ? edges[r / 3 % (sizeof edges / sizeof *edges)] : check_random(&seed);
}

static struct insn with_imm(enum op op, uint64_t src) {
    return (struct insn){.imm = op_table[op].from_reg ? 0 : (int32_t)src};
}

static void one_value(struct terms *t, enum op op, bool big) {
    const uint64_t dst = value(), r0 = value();
    uint64_t src = value();
    const struct op_info *const info = &op_table[op];
    if ((info->cls == CLASS_ALU_BINARY || info->cls == CLASS_JMP_COND) && !info->from_reg)
        src = (uint64_t)(int64_t)(int32_t)src;
    const uint64_t arena = value() & ~UINT64_C(0xffffffff);
    const struct spec_machine m = {big, term_const(t, 64, arena)};
    term *const d = term_const(t, 64, dst), *const s = term_const(t, 64, src);
    term *const alu = spec_alu(t, &m, op, d, s);
    if (alu && CHECK(term_is_const(alu)))
        CHECK_EQ(term_u64(alu),
                 op_eval_alu(op, with_imm(op, src), dst, src,
                             (struct sem_env){.big_endian = big, .arena_base = arena}));
    term *const jump = spec_jump(t, op, d, s);
    if (jump && CHECK(term_is_const(jump)))
        CHECK_EQ(term_is_true(jump), op_eval_jmp(op, with_imm(op, src), dst, src));
    struct spec_atomic at;
    const unsigned w = info->width_bits == 32 ? 32 : 64;
    if (!spec_atomic(t, op, term_const(t, w, dst), s, term_const(t, 64, r0), &at))
        return;
    if (info->cls == CLASS_ATOMIC_RMW)
        CHECK_EQ(term_u64(at.stored), op_eval_atomic(op, w == 32 ? (uint32_t)dst : dst, src));
    const uint64_t mask = w == 32 ? UINT32_MAX : UINT64_MAX;
    if (info->cls == CLASS_ATOMIC_XCHG)
        CHECK_EQ(term_u64(at.stored), src & mask);
    if (info->cls == CLASS_ATOMIC_CMPXCHG)
        CHECK_EQ(term_u64(at.stored), ((dst ^ r0) & mask) == 0 ? src & mask : dst & mask);
    CHECK_EQ(term_u64(at.reg_value), dst & mask);
}

int main(void) {
    unsigned rows = 0;
    for (unsigned op = 0; op < N_OPS; op++) {
        struct terms *t = terms_new();
        if (!CHECK(t))
            break;
        check_note(op_table[op].id);
        term *const v = term_var(t, 64, "v");
        const struct spec_machine m = {false, v};
        struct spec_atomic at;
        const bool is_row = spec_alu(t, &m, (enum op)op, v, v) || spec_jump(t, (enum op)op, v, v) ||
                            spec_atomic(t, (enum op)op, term_low(t, 32, v), v, v, &at);
        rows += is_row;
        for (unsigned i = 0; is_row && i < 2000; i++)
            one_value(t, (enum op)op, i % 2 != 0);
        CHECK(!terms_failed(t));
        terms_free(t);
    }
    check_note("rows");
    CHECK_EQ(rows, 4 * 13 + 2 + 5 + 9 + 2 + 4 * 11 + 2 * 10 + 4);
    return check_end();
}

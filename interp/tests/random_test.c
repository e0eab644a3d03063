/* random_test.c: random programs of arithmetic, stack accesses and jumps either way, run plain
 * (with its fused pairs) and traced (one by one): the same end and the same world. Jumps land
 * anywhere, in the middle of a pair too. */
#include "interp/tests/rig.h"

enum {
    LENGTH = 40,
    PROGRAMS = 6000,
};

static bool wanted(const struct op_info *row) {
    switch (row->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_JMP_COND:
    case CLASS_JMP_ALWAYS:
    case CLASS_LDX:
    case CLASS_STX:
    case CLASS_ST: return true;
    default: return false;
    }
}

/* A random instruction at pc. Memory operands point into the frame, or, rarely, just beyond it. */
static struct insn make(uint64_t *seed, int pc, bool used[N_OPS]) {
    const uint64_t r = check_random(seed), s = check_random(seed);
    int op;
    do
        op = (int)(check_random(seed) % N_OPS);
    while (!wanted(&op_table[op]));
    used[op] = true;
    const struct op_info *row = &op_table[op];
    const bool mem = row->cls == CLASS_LDX || row->cls == CLASS_STX || row->cls == CLASS_ST;
    struct insn in = {
        .code = row->code, .dst = (uint8_t)(r % 6), .off = row->off_fixed, .imm = row->imm_fixed};
    if (row->dst_rule == FIELD_ZERO)
        in.dst = 0;
    if (row->src_rule != FIELD_ZERO)
        in.src = (uint8_t)(r / 8 % 6);
    if (row->imm_rule == FIELD_ANY)
        in.imm = r & 0x10000 ? (int32_t)(s % 64) : (int32_t)s;
    if (mem) {
        in.off = (int16_t)(-8 * (int)(s % 64) - 8);
        if (s % 97 == 0)
            in.off = (int16_t)(s >> 32);
        *(row->cls == CLASS_LDX ? &in.src : &in.dst) = REG_FP;
    }
    /* backward jumps burn fuel and end the run */
    const int to = (int)(s % (LENGTH + 1)) - (pc + 1);
    if (row->off_rule == FIELD_JUMP)
        in.off = (int16_t)(s % 5 ? to > 0 ? to % 4 : 0 : to);
    if (row->imm_rule == FIELD_JUMP)
        in.imm = to > 0 ? to % 4 : 0;
    return in;
}

int main(void) {
    uint64_t seed = 77;
    bool used[N_OPS] = {false};
    uint64_t ends[N_RUN_KINDS] = {0};
    for (int i = 0; i < PROGRAMS; i++) {
        struct insn insns[LENGTH + 8];
        struct rig r;
        for (int pc = 0; pc < LENGTH; pc++)
            insns[pc] = make(&seed, pc, used);
        for (int pc = LENGTH; pc < LENGTH + 7; pc++)
            insns[pc] = (struct insn){.code = 0xbf, .dst = 0, .src = 1};
        insns[LENGTH + 7] = (struct insn){.code = 0x95};
        if (!rig_insns(&r, insns, LENGTH + 8, false))
            break;
        for (int k = 0; k < 5; k++)
            r.job.args[k] = check_random(&seed) >> (check_random(&seed) % 64);
        r.job.fuel = 50;
        ends[rig_run(&r, NULL).kind]++;
        rig_fini(&r);
    }
    CHECK(ends[RUN_EXIT] > PROGRAMS / 10);
    CHECK(ends[RUN_TRAP_FUEL] > PROGRAMS / 100);
    CHECK(ends[RUN_TRAP_MEMORY] > PROGRAMS / 100);
    for (int op = 0; op < N_OPS; op++) {
        check_note(op_table[op].id);
        CHECK(!wanted(&op_table[op]) || used[op]);
    }
    return rig_end();
}

/* rows_test.c: every ALU and jump row in every form of the interpreter, on boundary and random
 * operands, with all relations of the registers, against the rows' evaluators. */
#include "interp/tests/rig.h"

static const uint64_t values[] = {
    0,
    1,
    2,
    31,
    32,
    63,
    64,
    0x7f,
    0x80,
    0x7fff,
    0x8000,
    0x7fffffff,
    0x80000000,
    0xffffffff,
    0x100000000,
    0x7fffffffffffffff,
    0x8000000000000000,
    0xffffffff80000000,
    0xfffffffffffffffe,
    0xffffffffffffffff,
};
enum {
    N_VALUES = sizeof values / sizeof *values
};

/* r7 = d; r8 = s; OP; r0 = r7 (or, for jumps, r0 = taken). dst is r7, src r8 or r7. */
static void make_prog(struct insn out[12], struct insn in, uint64_t d, uint64_t s, bool jump) {
    uint32_t n = 0;
    out[n++] = (struct insn){.code = 0x18, .dst = 7, .imm = (int32_t)(uint32_t)d};
    out[n++] = (struct insn){.imm = (int32_t)(d >> 32)};
    out[n++] = (struct insn){.code = 0x18, .dst = 8, .imm = (int32_t)(uint32_t)s};
    out[n++] = (struct insn){.imm = (int32_t)(s >> 32)};
    out[n++] = (struct insn){.code = 0xb7, .dst = 0, .imm = 1};
    out[n++] = in;
    out[n++] = jump ? (struct insn){.code = 0xb7, .dst = 0, .imm = 0}
                    : (struct insn){.code = 0xbf, .dst = 0, .src = 7};
    out[n++] = (struct insn){.code = 0x95};
}

static void run_case(enum op op, struct insn in, uint64_t d, uint64_t s, bool big) {
    const bool jump = op_table[op].cls == CLASS_JMP_COND;
    struct insn insns[12];
    struct rig r;
    make_prog(insns, in, d, s, jump);
    if (!rig_insns(&r, insns, 8, big))
        return;
    const uint64_t src = in.src == 7 ? d : s;
    const struct sem_env env = {big, 0};
    const uint64_t want = jump ? op_eval_jmp(op, in, d, src) : op_eval_alu(op, in, d, src, env);
    world_begin_run(r.w);
    const struct run_end plain = interp_run(r.w, &r.job);
    world_begin_run(r.w);
    uint64_t n = 0;
    const struct run_end traced = interp_trace(r.w, &r.job, &n);
    CHECK_EQ(plain.kind, RUN_EXIT);
    CHECK_EQ(plain.r0, want);
    CHECK_EQ(traced.r0, want);
    CHECK_EQ(n, jump && want ? 5 : 6);
    rig_fini(&r);
}

int main(void) {
    uint64_t seed = 11;
    int rows = 0;
    for (int op = 0; op < N_OPS; op++) {
        const struct op_info *row = &op_table[op];
        if (row->cls > CLASS_JMP_COND)
            continue;
        rows++;
        check_note(row->id);
        for (int i = 0; i < N_VALUES; i++)
            for (int k = 0; k < 6; k++) {
                const uint64_t d = values[i];
                const uint64_t s =
                    k < 3 ? values[check_random(&seed) % N_VALUES] : check_random(&seed);
                struct insn in = {
                    .code = row->code, .dst = 7, .off = row->off_fixed, .imm = row->imm_fixed};
                if (row->src_rule == FIELD_REG)
                    in.src = k == 2 ? 7 : 8;
                if (row->imm_rule == FIELD_ANY)
                    in.imm = (int32_t)(uint32_t)(k == 0 ? values[(i + k) % N_VALUES] : s);
                if (row->cls == CLASS_JMP_COND)
                    in.off = 1;
                run_case((enum op)op, in, d, s, k & 1);
            }
    }
    CHECK(rows > 100);
    return rig_end();
}

/* lower_jmp.c: jumps, and the price of backward ones. */
#include "jit/driver.h"
#include "runtime/exec.h"
#include "runtime/run.h"

/* One unit of fuel, or the end of the run. */
void lower_pay(struct jit *j) {
    if (!j->opt->fuel)
        return;
    j_load(j, 8, JR_T0, JR_STATE, EXEC_FUEL);
    j_branch_k(j, JC_EQ, 64, JR_T0, 0, j_trap_label(j, RUN_TRAP_FUEL, false));
    j_alu_k(j, JOP_SUB, 64, JR_T0, JR_T0, 1);
    j_store(j, 8, JR_STATE, EXEC_FUEL, JR_T0);
}

/* Where a taken jump goes: straight to its target, or first to pay. */
static uint32_t taken_label(struct jit *j, uint32_t pc, uint32_t to) {
    if (!j->opt->fuel || to > pc)
        return j_pc_label(to);
    return j_cold(j, (struct cold){.kind = COLD_FUEL, .to = j_pc_label(to)});
}

static void always(struct jit *j, uint32_t pc, uint32_t to) {
    if (to <= pc)
        lower_pay(j);
    if (to != pc + 1 || j->plan.flags[to] & PLAN_FUNC)
        j_jump(j, j_pc_label(to));
}

/* Over one unconditional jump: the opposite condition, to that jump's target.
 * out: 2 if so, and *cond, *to changed */
static uint32_t over_jump(const struct jit *j, uint32_t pc, enum jit_cond *cond, uint32_t *to) {
    if (j->opt->opt == 0 || *to != pc + 2 || j_entered(j, pc + 1))
        return 1;
    const enum op op = j_op(j, pc + 1);
    if (op_table[op].cls != CLASS_JMP_ALWAYS)
        return 1;
    *cond = (enum jit_cond)jit_cond_not((uint8_t)*cond);
    *to = pc + 2 + (uint32_t)insn_jump(op, j->insns[pc + 1]);
    return 2;
}

/* Jump if cond. out: slots taken */
static uint32_t conditional(struct jit *j, uint32_t pc, const struct op_info *row, uint32_t to) {
    const struct insn in = j->insns[pc];
    enum jit_cond cond = (enum jit_cond)j_row(j, pc)->jop;
    const uint32_t n = over_jump(j, pc, &cond, &to);
    const uint32_t from = pc + n - 1; /* whose jump it is, and who pays */
    j->pc = from;
    uint8_t b = in.src;
    if (!row->from_reg && !j->opt->blind) {
        j_branch_k(j, cond, row->width_bits, in.dst, in.imm, taken_label(j, from, to));
        return n;
    }
    if (!row->from_reg) {
        b = JR_T0;
        blind_to(j, b, (uint64_t)(int64_t)in.imm);
    }
    j_branch(j, cond, row->width_bits, in.dst, b, taken_label(j, from, to));
    return n;
}

/* The frame's budget is in its slot 0. */
static void may_goto(struct jit *j, uint32_t pc, uint32_t to) {
    j_load(j, 8, JR_T0, JR_SLOTS, 0);
    j_branch_k(j, JC_EQ, 64, JR_T0, 0, taken_label(j, pc, to));
    j_alu_k(j, JOP_SUB, 64, JR_T0, JR_T0, 1);
    j_store(j, 8, JR_SLOTS, 0, JR_T0);
}

uint32_t lower_jmp(struct jit *j, uint32_t pc, enum op op) {
    const struct op_info *const row = &op_table[op];
    const bool told = j->opt->facts && j->opt->opt > 0;
    if (op == OP_GOTOX) {
        j_trap(j, RUN_TRAP_INSN, 0);
        return 1;
    }
    const uint32_t to = pc + 1 + (uint32_t)insn_jump(op, j->insns[pc]);
    if (row->cls == CLASS_JMP_BUDGET)
        may_goto(j, pc, to);
    else if (row->cls == CLASS_JMP_ALWAYS || (told && j->opt->facts->at[pc].always))
        always(j, pc, to);
    else if (!told || !j->opt->facts->at[pc].never)
        return conditional(j, pc, row, to);
    return 1;
}

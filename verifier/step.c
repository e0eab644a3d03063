/* step.c: one abstract instruction: to its part, by its row's class; what the parts share. */
#include "verifier/step.h"

bool step_nomem(struct step *s) {
    s->err = BPFLAB_E_NOMEM;
    return false;
}

struct state *step_fork(struct step *s, uint32_t pc) {
    if (s->n_forks == STEP_MAX_FORKS) {
        s->err = BPFLAB_E_INTERNAL;
        return NULL;
    }
    struct state *const st = s->alloc(s->alloc_self);
    if (!st || state_copy(st, s->st)) {
        if (st)
            s->release(s->alloc_self, st);
        step_nomem(s);
        return NULL;
    }
    s->forks[s->n_forks++] = (struct fork){.st = st, .pc = pc};
    return st;
}

bool step_read(struct step *s, uint32_t r) {
    if (step_reg(s, r)->kind != REG_UNINIT)
        return true;
    return step_reject(s, REASON_UNINIT, (int)r, "R%u !read_ok", r);
}

bool step_may_write(struct step *s, uint32_t r) {
    if (r != REG_FP)
        return true;
    return step_reject(s, REASON_READONLY_FP, REG_FP, "frame pointer is read only");
}

/* The sets of a frame mean something once its bit is in touched. */
static void touch_frame(struct effects *eff, uint32_t frame) {
    if (eff->touched >> frame & 1)
        return;
    eff->touched |= (uint8_t)(1u << frame);
    eff->slots_read[frame] = 0;
    eff->slots_written[frame] = 0;
}

void step_touch_read(struct step *s, uint32_t frame, uint64_t slots) {
    touch_frame(&s->eff, frame);
    s->eff.slots_read[frame] |= slots;
}

void step_touch_write(struct step *s, uint32_t frame, uint64_t slots) {
    touch_frame(&s->eff, frame);
    s->eff.slots_written[frame] |= slots;
}

static bool jump_always(struct step *s) {
    s->next = (uint32_t)((int64_t)s->next + insn_jump(s->op, s->insn));
    return true;
}

static bool run(struct step *s) {
    if (s->op >= N_OPS)
        return step_reject(s, REASON_INSN, REPORT_NO_REG, "unknown opcode %02x", s->insn.code);
    switch ((enum op_class)op_table[s->op].cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_ALU_CAST: return step_alu(s);
    case CLASS_JMP_COND: return step_jmp_cond(s);
    case CLASS_JMP_ALWAYS: return jump_always(s);
    case CLASS_JMP_BUDGET: return step_may_goto(s);
    case CLASS_JMP_TABLE:
        return step_reject(s, REASON_UNSUPPORTED, REPORT_NO_REG, "BPF_JA uses reserved fields");
    case CLASS_LDX: return step_ldx(s);
    case CLASS_STX:
    case CLASS_ST: return step_st(s);
    case CLASS_IMM64: return step_imm64(s);
    case CLASS_PKT: return step_ld_abs(s);
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG:
    case CLASS_ATOMIC_LOAD:
    case CLASS_ATOMIC_STORE: return step_atomic(s);
    case CLASS_CALL: return step_call_helper(s);
    case CLASS_CALL_LOCAL: return step_call_sub(s);
    case CLASS_CALL_KFUNC: return step_kfunc(s);
    case CLASS_CALL_REG:
        return step_reject(s, REASON_INSN, REPORT_NO_REG, "BPF_CALL uses reserved fields");
    case CLASS_EXIT: return step_exit(s);
    }
    return step_reject(s, REASON_INSN, REPORT_NO_REG, "unknown opcode %02x", s->insn.code);
}

/* Only what is read without a guard is cleared: the sets of slots and the linked places stand
 * behind touched and n_linked. */
static void clear_effects(struct effects *eff) {
    eff->precise = 0;
    eff->precise_slot = false;
    eff->moved_slot = eff->moved_by_dst = eff->moved_by_src = false;
    eff->n_linked = 0;
    eff->touched = 0;
    eff->all_precise = false;
    eff->came_round = false;
    eff->global_call = 0;
    eff->decided = 0;
    eff->tail_call = 0;
    eff->mask.how = 0;
    eff->access_kind = REG_UNINIT;
}

/* Is every state that the step leaves what a state must be? */
static bool leaves_well_formed(struct step *s) {
    bool ok = s->flow == STEP_END || state_well_formed(s->st);
    for (uint32_t i = 0; i < s->n_forks; i++)
        ok = ok && state_well_formed(s->forks[i].st);
    if (!ok)
        s->err = BPFLAB_E_INTERNAL;
    return ok;
}

bool step_run(struct step *s) {
    s->insn = s->sub->prog->insns[s->pc];
    s->op = s->sub->ops[s->pc];
    s->flow = STEP_NEXT;
    s->next = s->pc + insn_slots(s->insn);
    s->n_forks = 0;
    s->err = BPFLAB_OK;
    s->rep.reason = REASON_NONE;
    clear_effects(&s->eff);
    const bool check = s->sub->opt.invariants;
    /* before the step, too: joins and widening make states that no step left */
    if (check && !state_well_formed(s->st))
        s->err = BPFLAB_E_INTERNAL;
    else if (run(s) && s->err == BPFLAB_OK && (!check || leaves_well_formed(s)))
        return true;
    while (s->n_forks > 0)
        s->release(s->alloc_self, s->forks[--s->n_forks].st);
    return false;
}

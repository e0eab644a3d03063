/* lower_call.c: calls of every kind, exits, tail calls, packet loads. */
#include "jit/driver.h"
#include "runtime/exec.h"
#include "runtime/kfunc.h"
#include "runtime/proto.h"
#include "runtime/run.h"

/* After a call nothing is known of r0 to r5. */
static void forget_args(struct jit *j) {
    for (unsigned r = 0; r <= 5; r++)
        j->known.map[r] = -1;
    j->known.zext &= (uint16_t)~0x3f;
}

/* Leave the function, r0 its result. The last one left is the entry's, or the exception callback:
 * what it leaves in the world's registers stays. */
void lower_exit(struct jit *j) {
    if (j->opt->expose) {
        j_store(j, 8, JR_STATE, EXEC_REGS, JR_0);
        for (uint8_t r = 6; r <= 9; r++)
            j_store(j, 8, JR_STATE, EXEC_REGS + 8 * r, r);
    }
    j->arch->leave(&j->code, &j->func->frame);
}

/* End the run with the trap that a helper left. An accepted program's calls cannot trap, but for
 * those that call back into it, or throw. */
static void check_pending(struct jit *j, bool may_trap) {
    if (!j->opt->trusted || may_trap)
        j_check_pending(j);
}

static void publish_fp(struct jit *j) {
    j_store(j, 8, JR_STATE, EXEC_FP, JR_FP);
}

static void unwind(struct jit *j) {
    j_alu(j, JOP_MOV, 64, JR_0, 0, JR_1);
    j_branch_k(j, JC_EQ, 64, JR_0, 0, j_trap_label(j, RUN_EXIT, false));
}

/* bpf_map_lookup_elem of an array that is known here, without a call. */
static bool inline_lookup(struct jit *j) {
    const int32_t map = j->known.map[JR_1];
    if (!j->opt->untraced || j->opt->opt == 0 || map < 0 || !j->bind->maps[map].stride)
        return false;
    const struct jit_map *const m = &j->bind->maps[map];
    const uint32_t miss = j_label(j), done = j_label(j);
    j_load(j, 4, JR_0, JR_2, 0);
    j_branch_k(j, JC_UGE, 32, JR_0, (int32_t)m->max_entries, miss);
    j_alu_k(j, JOP_MUL, 64, JR_0, JR_0, m->stride);
    j_const(j, JR_T0, m->first_value);
    j_alu(j, JOP_ADD, 64, JR_0, JR_0, JR_T0);
    j_jump(j, done);
    j_bind(j, miss);
    j_alu_k(j, JOP_MOV, 32, JR_0, 0, 0);
    j_bind(j, done);
    return true;
}

static void tail_call(struct jit *j) {
    const uint32_t falls = j_label(j);
    j_store(j, 8, JR_STATE, EXEC_REGS + 8 * JR_1, JR_1);
    j_store(j, 8, JR_STATE, EXEC_REGS, JR_0);
    j_call_host(j, j->bind->thunks[JIT_THUNK_TAIL]);
    check_pending(j, false);
    j_alu(j, JOP_MOV, 64, JR_T1, 0, JR_0);
    j_load(j, 8, JR_0, JR_STATE, EXEC_REGS);
    j_branch_k(j, JC_EQ, 64, JR_T1, 0, falls);
    lower_pay(j);
    j_load(j, 8, JR_1, JR_STATE, EXEC_REGS + 8 * JR_1);
    j_alu(j, JOP_MOV, 64, JR_T0, 0, JR_T1);
    j->arch->tail(&j->code, &j->func->frame);
    j_bind(j, falls);
}

static void helper(struct jit *j, uint32_t id) {
    const uint64_t addr = id < j->bind->n_helpers ? j->bind->helpers[id] : 0;
    const bool calls_back = helper_callback_of(id);
    if (id == HELPER_tail_call) {
        tail_call(j);
    } else if (!addr) {
        j_trap(j, RUN_TRAP_HELPER, id);
    } else if (id == HELPER_UNWIND && j->opt->unwind) {
        unwind(j);
    } else if (id != HELPER_map_lookup_elem || !inline_lookup(j)) {
        if (calls_back)
            publish_fp(j);
        j_call_host(j, addr);
        check_pending(j, calls_back);
    }
}

static void kfunc(struct jit *j, uint32_t pc) {
    const struct prog *p = j->prog;
    uint64_t addr = 0;
    const struct prog_extern *const e = prog_extern_at(p, pc);
    if (e && e->is_func && j->bind->kfunc)
        addr = j->bind->kfunc(j->bind->kfunc_self, e->name);
    if (!addr) {
        j_trap(j, RUN_TRAP_HELPER, (uint64_t)(int64_t)p->insns[pc].imm);
        return;
    }
    publish_fp(j);
    j_call_host(j, addr);
    check_pending(j, true);
}

/* callx: the number is in a register. */
static void call_reg(struct jit *j, struct insn in) {
    const uint8_t reg = in.imm ? (uint8_t)in.imm : in.dst;
    const uint32_t done = j_label(j);
    if (j->opt->unwind) {
        const uint32_t other = j_label(j);
        j_branch_k(j, JC_NE, 64, reg, HELPER_UNWIND, other);
        unwind(j);
        j_jump(j, done);
        j_bind(j, other);
    }
    publish_fp(j);
    j_store(j, 8, JR_STATE, EXEC_NUMBER, reg);
    j_call_host(j, j->bind->thunks[JIT_THUNK_CALLX]);
    check_pending(j, true);
    j_bind(j, done);
}

static void local_call(struct jit *j, uint32_t to) {
    const uint32_t func = plan_func_at(&j->plan, to);
    const bool fp = j->plan.funcs[func].fp;
    const int32_t stride = (int32_t)j->bind->frame_stride;
    lower_pay(j);
    if (j->plan.depth) {
        j_load(j, 8, JR_T0, JR_STATE, EXEC_LAST_FP);
        j_branch(j, JC_UGE, 64, JR_FP, JR_T0, j_trap_label(j, RUN_TRAP_DEPTH, false));
    }
    if (fp)
        j_alu_k(j, JOP_ADD, 64, JR_FP, JR_FP, stride);
    j_site(j, (struct jit_site){.kind = JSITE_CALL, .label = j_func_label(j, func)});
    if (fp)
        j_alu_k(j, JOP_SUB, 64, JR_FP, JR_FP, stride);
}

/* LD_ABS and LD_IND: outside the packet the function is left as if by r0 = 0; exit. */
static void packet(struct jit *j, const struct op_info *row, struct insn in) {
    if (j->opt->blind) {
        blind_to(j, JR_T0, (uint64_t)(int64_t)in.imm);
        if (row->from_reg)
            j_alu(j, JOP_ADD, 32, JR_1, in.src, JR_T0);
        else
            j_alu(j, JOP_MOV, 64, JR_1, 0, JR_T0);
    } else if (row->from_reg) {
        j_alu_k(j, JOP_ADD, 32, JR_1, in.src, in.imm);
    } else {
        j_alu_k(j, JOP_MOV, 64, JR_1, 0, in.imm);
    }
    j_alu_k(j, JOP_MOV, 32, JR_2, 0, row->width_bits / 8);
    j_call_host(j, j->bind->thunks[JIT_THUNK_PACKET]);
    j_branch_k(j, JC_EQ, 64, JR_0, -1, j_cold(j, (struct cold){.kind = COLD_PACKET}));
}

uint32_t lower_call(struct jit *j, uint32_t pc, enum op op) {
    const struct insn in = j->insns[pc];
    const struct op_info *const row = &op_table[op];
    switch ((enum op_class)row->cls) {
    case CLASS_CALL: helper(j, (uint32_t)in.imm); break;
    case CLASS_CALL_KFUNC: kfunc(j, pc); break;
    case CLASS_CALL_REG: call_reg(j, in); break;
    case CLASS_CALL_LOCAL: local_call(j, pc + 1 + (uint32_t)in.imm); break;
    case CLASS_PKT: packet(j, row, in); break;
    default: lower_exit(j); break;
    }
    forget_args(j);
    return 1;
}

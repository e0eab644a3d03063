/* validate_spec.c: what the instructions under test mean, step by step along a path of their code.
 *
 * The specification is executed beside the path: it keeps r0 to r10, and asks of the path's events
 * that each is the next thing the specification does. Where the specification decides something (a
 * jump, a trap), the path must have decided it, too. What the driver itself does to the world
 * (fuel, traps, calls of the runtime) is told by jit/jit.h and runtime/exec.h, and repeated in the
 * files beside (validate_spec_impl.h).
 */
#include "proofs/machine/validate_spec_impl.h"
#include "runtime/exec.h"
#include "runtime/layout.h"

static enum vleaves imm64(struct vrun *r, struct insn lo, struct insn hi, enum op op) {
    const struct jit_bind *const b = &r->b.bind;
    const bool bound = (uint32_t)lo.imm < b->n_maps;
    uint64_t v;
    if (op == OP_LDDW)
        v = insn_imm64(lo, hi);
    else if (op == OP_LDDW_CODE)
        v = world_code_addr(CASE_WORLD_ID, r->code->pc_target);
    else if (op == OP_LDDW_MAP_IDX && bound)
        v = b->maps[lo.imm].handle;
    else if (op == OP_LDDW_MAP_IDX_VALUE && bound && b->maps[lo.imm].value_addr)
        v = b->maps[lo.imm].value_addr + (uint64_t)(int64_t)hi.imm;
    else if (op == OP_LDDW_VAR && r->c->weak)
        v = 0;
    else
        return v_traps(r, RUN_TRAP_INSN, NULL);
    r->r[lo.dst] = v_number(r, v);
    return V_GOES_ON;
}

/* Taken: to the target, paying for a backward one. */
static enum vleaves takes(struct vrun *r) {
    if (r->c->place == PLACE_BACK) {
        const enum vleaves left = v_pay(r);
        if (left != V_GOES_ON)
            return left;
    }
    return v_ends_at(r, r->code->target);
}

static enum vleaves jump_inside(struct vrun *r, struct insn in, enum op op, term *c) {
    /* a jump that compares with a number beside may have a side that is never taken */
    if (c && term_is_const(c) && !vunit_can(r->u, r->p, term_bool(r->t, true)))
        return V_LEFT;
    const int taken = op_table[op].cls == CLASS_JMP_ALWAYS ? 1 : v_decided(r, "condition", c);
    r->skip = taken > 0 ? insn_jump(op, in) : 0;
    return taken < 0 ? V_FAILED : V_GOES_ON;
}

/* inside: it leads to another one of the instructions under test, or right behind them. */
static enum vleaves jump(struct vrun *r, struct insn in, enum op op, bool inside) {
    const struct op_info *const row = &op_table[op];
    term *const src = row->from_reg ? r->r[in.src] : v_number(r, (uint64_t)(int64_t)in.imm);
    term *c = NULL;
    if (row->cls == CLASS_JMP_ALWAYS)
        return inside ? jump_inside(r, in, op, NULL) : takes(r);
    if (row->cls == CLASS_JMP_BUDGET) {
        term *const left =
            r->slot ? r->slot : mstate_frame((struct mstate *)r->begin, r->c->m->slots);
        if (inside) {
            const enum vleaves l = jump_inside(r, in, op, term_eq(r->t, left, v_number(r, 0)));
            r->slot = r->skip ? left : term_add_k(r->t, left, -1);
            return l;
        }
        c = term_eq(r->t, left, v_number(r, 0));
        const int out = v_decided(r, "budget", c);
        if (out)
            return out < 0 ? V_FAILED : takes(r);
        r->slot = term_add_k(r->t, left, -1);
        return v_ends_at(r, (int64_t)r->code->fragment.to);
    }
    c = spec_jump(r->t, op, r->r[in.dst], src);
    if (inside)
        return jump_inside(r, in, op, c);
    const bool falls = r->p->flow == MFLOW_NEXT && r->p->target == (int64_t)r->code->fragment.to;
    if (!v_need(r, falls ? "condition, not taken" : "condition, taken",
                falls ? term_not(r->t, c) : c))
        return V_FAILED;
    return falls ? v_ends_at(r, (int64_t)r->code->fragment.to) : takes(r);
}

static enum vleaves one(struct vrun *r, unsigned i) {
    const struct insn in = r->c->insns[i];
    const enum op op = op_of(in);
    const struct op_info *const row = &op_table[op];
    term *const k = v_number(r, (uint64_t)(int64_t)in.imm);
    if (insn_writes_fp(in))
        return v_traps(r, RUN_TRAP_INSN, NULL);
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_ALU_CAST: {
        const bool imm = row->cls == CLASS_ALU_BINARY && !row->from_reg;
        r->r[in.dst] = spec_alu(r->t, &r->sm, op, r->r[in.dst], imm ? k : r->r[in.src]);
        return r->r[in.dst] ? V_GOES_ON : V_FAILED;
    }
    case CLASS_JMP_COND:
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET: return jump(r, in, op, i + 1u < r->c->n_insns);
    case CLASS_JMP_TABLE: return v_traps(r, RUN_TRAP_INSN, NULL);
    case CLASS_LDX:
    case CLASS_ATOMIC_LOAD: return v_load_insn(r, in, row);
    case CLASS_STX:
    case CLASS_ST:
    case CLASS_ATOMIC_STORE: return v_store_insn(r, in, row);
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG: return v_atomic_insn(r, in, op);
    case CLASS_IMM64: return imm64(r, in, r->c->insns[i + 1], op);
    case CLASS_CALL: return v_helper(r, in);
    case CLASS_CALL_LOCAL: return v_local_call(r);
    case CLASS_EXIT: return v_exits(r);
    case CLASS_CALL_REG: return v_call_by_number(r, in);
    case CLASS_CALL_KFUNC: return v_kfunc(r, in);
    case CLASS_PKT: return v_packet(r, in, row);
    default: break;
    }
    vunit_fail(r->u, r->c, SMT_ERROR, "no specification");
    return V_FAILED;
}

bool vspec_path(struct vunit *u, const struct vcase *c, const struct vcode *code,
                const struct mstate *begin, const struct mpath *p) {
    struct vrun r = {.u = u,
                     .c = c,
                     .code = code,
                     .begin = begin,
                     .p = p,
                     .t = u->t,
                     .state = begin->reg[c->m->map[JR_STATE]],
                     .pc = code->pc};
    enum vleaves left = V_GOES_ON;
    vcase_bind(c, &r.b);
    r.sm = (struct spec_machine){c->m->big_endian, v_number(&r, r.b.bind.arena_base)};
    for (unsigned i = 0; i < N_REGS; i++)
        r.r[i] = begin->reg[c->m->map[i]];
    for (unsigned i = 0; i < c->n_insns && c->whole && !r.slot; i++)
        if (c->insns[i].code == op_table[OP_MAY_GOTO].code &&
            !(r.slot = v_load(&r, v_at_state(&r, EXEC_BUDGET), 8, false)))
            return false;
    for (unsigned i = 0; i < c->n_insns && left == V_GOES_ON;) {
        r.skip = 0;
        r.pc = code->pc + i;
        left = one(&r, i);
        i += insn_slots(c->insns[i]) + (unsigned)r.skip;
    }
    if (left == V_GOES_ON)
        left = v_ends_at(&r, (int64_t)code->fragment.to);
    return left == V_LEFT;
}

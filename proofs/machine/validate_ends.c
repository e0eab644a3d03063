/* validate_ends.c: the end of a path: where it leads, and what must be right there: registers, the
 * stack pointer and what is above it, what C keeps; and nothing more may be done to memory.
 */
#include "proofs/machine/validate_spec_impl.h"
#include "runtime/exec.h"

/* Words of the stack above where the stack pointer was. */
static bool check_above(struct vrun *r, int64_t from) {
    const struct mstate *const s = &r->p->end, *const b = r->begin;
    const struct machine *const m = r->c->m;
    for (unsigned i = 0; i < s->n_frame; i++) {
        const int64_t off = s->frame[i].off;
        term *want = mstate_frame((struct mstate *)b, off);
        if (off < from)
            continue;
        if (off == m->slots && r->slot && !r->c->whole)
            want = r->slot;
        if (!v_need(r, "the caller's stack", term_eq(r->t, s->frame[i].value, want)))
            return false;
    }
    return true;
}

static bool check_stack(struct vrun *r, int64_t sp_off, int64_t from) {
    const struct mstate *const s = &r->p->end;
    term *const want = term_add_k(r->t, s->sp0, sp_off);
    return v_need(r, "stack pointer", term_eq(r->t, s->reg[r->c->m->sp], want)) &&
           check_above(r, from);
}

/* What is above the stack pointer is the caller's where the function has no frame, unless it calls:
 * then there are its own slots, above what its callees may write. */
static int64_t own_area(const struct vrun *r) {
    return r->c->whole || r->p->end.n_calls ? r->c->m->call_area : 0;
}

/* Registers that are none of eBPF's but kept by C: as they were. The return address is safe on the
 * stack in a function that calls. */
static bool check_kept(struct vrun *r) {
    const struct machine *const m = r->c->m;
    uint32_t others = ~m->call_clobbers & (uint32_t)((UINT64_C(1) << m->n_regs) - 1);
    const bool calls = r->p->end.n_calls && !r->c->whole;
    if (m->link != 255 && !r->linked)
        others |= 1u << m->link;
    else if (m->link != 255)
        others &= ~(1u << m->link);
    if (m->leaf_link && !calls && !r->c->whole)
        others |= 1u << m->leaf_link;
    for (unsigned i = 0; i < N_JIT_REGS; i++)
        others &= ~(1u << m->map[i]);
    others &= ~(1u << m->sp);
    for (unsigned i = 0; i < m->n_regs; i++)
        if (others >> i & 1 && r->p->end.reg[i] != r->begin->reg[i] &&
            !v_need(r, "a register that C keeps",
                    term_eq(r->t, r->p->end.reg[i], r->begin->reg[i])))
            return false;
    return true;
}

/* Do the instructions under test write it? r0, which some write that do not name it, is none of
 * those that it is asked of. */
static bool is_written(const struct vrun *r, unsigned reg) {
    for (unsigned i = 0; i < r->c->n_insns; i += insn_slots(r->c->insns[i])) {
        const struct insn in = r->c->insns[i];
        const struct op_info *const row = &op_table[op_of(in)];
        if ((row->dst_rule == FIELD_WREG && in.dst == reg) ||
            (row->src_rule == FIELD_WREG && in.src == reg))
            return true;
    }
    return false;
}

/* Must it be right at the end? What nobody writes of r6 to r9 belongs to the function's caller. */
static bool is_live(const struct vrun *r, unsigned reg) {
    if (reg == REG_FP || (reg >= 6 && !is_written(r, reg)))
        return true;
    if (r->c->opt == 0 || r->c->live == LIVE_ALL)
        return !(r->called && reg >= 1 && reg <= 5);
    return reg == r->c->dst;
}

static bool check_regs(struct vrun *r) {
    static const char *const names[] = {"r0", "r1", "r2", "r3", "r4", "r5",
                                        "r6", "r7", "r8", "r9", "r10"};
    const struct mstate *const s = &r->p->end;
    for (unsigned i = 0; i < N_REGS; i++) {
        const unsigned width = r->c->live == LIVE_LOW && r->c->opt > 0 && i < REG_FP ? 32 : 64;
        term *const got = s->reg[r->c->m->map[i]];
        if (!is_live(r, i))
            continue;
        /* the whole of it, if that is seen at once, else what is needed */
        if (width < 64 && vunit_holds(r->u, r->p, term_eq(r->t, got, r->r[i])))
            continue;
        if (!v_need(r, names[i],
                    term_eq(r->t, term_low(r->t, width, got), term_low(r->t, width, r->r[i]))))
            return false;
    }
    return v_need(r, "STATE", term_eq(r->t, s->reg[r->c->m->map[JR_STATE]], r->state));
}

static bool no_more(struct vrun *r) {
    while (v_peek(r, 0) && v_peek(r, 0)->kind == MEV_FENCE)
        r->next++;
    return !v_peek(r, 0) || v_wrong(r, "more is done to memory than the instruction does");
}

static bool no_trap(struct vrun *r) {
    return !r->p->end.trap || v_need(r, "no fault", term_not(r->t, r->p->end.trap));
}

enum vleaves v_ends_at(struct vrun *r, int64_t target) {
    const struct mpath *const p = r->p;
    if ((p->flow != MFLOW_NEXT && p->flow != MFLOW_JUMP) || p->target != target) {
        /* a jump that compares with a number beside may have a side that is never taken */
        if (!vunit_can(r->u, p, term_bool(r->t, true)))
            return V_LEFT;
        return v_wrong(r, "it goes to another place"), V_FAILED;
    }
    return no_more(r) && no_trap(r) && check_regs(r) && check_stack(r, 0, own_area(r)) &&
                   check_kept(r)
               ? V_LEFT
               : V_FAILED;
}

enum vleaves v_traps(struct vrun *r, enum run_kind kind, term *addr) {
    const struct mpath *const p = r->p;
    const uint64_t word = exec_trap(r->pc, CASE_WORLD_ID, (uint16_t)kind);
    if (addr && !v_store(r, v_at_state(r, EXEC_TRAP_ADDR), 8, addr, false))
        return V_FAILED;
    if (!v_store(r, v_at_state(r, EXEC_TRAP), 8, v_number(r, word), false) || !no_more(r) ||
        !no_trap(r))
        return V_FAILED;
    r->linked = true; /* the stub has its own */
    if (!v_need(r, "STATE", term_eq(r->t, p->end.reg[r->c->m->map[JR_STATE]], r->state)) ||
        !check_above(r, own_area(r)) || !check_kept(r))
        return V_FAILED;
    const uint64_t exit = r->b.bind.exit_addr;
    if (p->flow == MFLOW_JUMP && (uint64_t)p->target + r->code->fragment.addr == exit)
        return V_LEFT;
    if (p->flow == MFLOW_INDIRECT && v_need(r, "exit", term_eq(r->t, p->addr, v_number(r, exit))))
        return V_LEFT;
    return v_wrong(r, "a trap that does not leave through the exit"), V_FAILED;
}

enum vleaves v_exits(struct vrun *r) {
    const struct machine *const m = r->c->m;
    const struct mstate *const s = &r->p->end, *const b = r->begin;
    const bool pushed = m->link == 255;
    if (r->p->flow != MFLOW_RETURN)
        return v_wrong(r, "it does not return"), V_FAILED;
    term *const back = pushed ? mstate_frame((struct mstate *)b, 0) : b->reg[m->link];
    bool ok = no_more(r) && no_trap(r) &&
              v_need(r, "return address", term_eq(r->t, r->p->addr, back)) &&
              v_need(r, "result", term_eq(r->t, s->reg[m->map[0]], r->r[0])) &&
              v_need(r, "STATE", term_eq(r->t, s->reg[m->map[JR_STATE]], r->state)) &&
              v_need(r, "r10", term_eq(r->t, s->reg[m->map[JR_FP]], b->reg[m->map[JR_FP]]));
    for (unsigned i = 6; i <= 9 && ok; i++)
        ok = v_need(r, "a register that functions keep",
                    term_eq(r->t, s->reg[m->map[i]], b->reg[m->map[i]]));
    for (unsigned i = 0; i < N_REGS && ok && r->c->expose; i++)
        if (i == 0 || (i >= 6 && i <= 9))
            ok = v_need(r, "exposed register", term_eq(r->t, s->own[i].value, r->r[i]));
    r->called = r->linked = false;
    return ok && check_stack(r, pushed ? 8 : 0, own_area(r)) && check_kept(r) ? V_LEFT : V_FAILED;
}

enum vleaves v_tails(struct vrun *r, term *to, term *r1) {
    const struct machine *const m = r->c->m;
    const struct mstate *const s = &r->p->end, *const b = r->begin;
    bool ok = (r->p->flow == MFLOW_INDIRECT || v_wrong(r, "it does not jump")) && no_more(r) &&
              no_trap(r) && v_need(r, "where a tail call goes", term_eq(r->t, r->p->addr, to)) &&
              v_need(r, "context", term_eq(r->t, s->reg[m->map[1]], r1)) &&
              v_need(r, "STATE", term_eq(r->t, s->reg[m->map[JR_STATE]], r->state)) &&
              v_need(r, "r10", term_eq(r->t, s->reg[m->map[JR_FP]], b->reg[m->map[JR_FP]]));
    for (unsigned i = 6; i <= 9 && ok && r->c->whole; i++)
        ok = v_need(r, "a register that functions keep",
                    term_eq(r->t, s->reg[m->map[i]], b->reg[m->map[i]]));
    r->called = r->linked = false;
    if (ok && r->c->whole && m->link != 255)
        ok = v_need(r, "return address", term_eq(r->t, s->reg[m->link], b->reg[m->link]));
    return ok && (!r->c->whole || (check_stack(r, 0, m->call_area) && check_kept(r))) ? V_LEFT
                                                                                      : V_FAILED;
}

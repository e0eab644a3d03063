/* validate_calls.c: calls: of helpers, of the kernel's functions and the program's own, tail calls;
 * what is asked of registers and the stack there, what is paid, and the trap that may be left.
 */
#include "proofs/machine/validate_spec_impl.h"
#include "runtime/exec.h"
#include "runtime/proto.h"

/* At a call the stack pointer is where the fragment found it; in a whole function it is aligned. */
static bool check_call_sp(struct vrun *r, term *sp) {
    const bool pushed = r->c->m->link == 255;
    uint64_t off;
    if (!r->c->whole)
        return v_need(r, "stack pointer at a call", term_eq(r->t, sp, r->p->end.sp0));
    if (term_split_k(sp, &off) == r->p->end.sp0 && (off - (pushed ? 8 : 0)) % 16 == 0)
        return true;
    return r->c->m->call_area && off % 8 == 0 ? true : v_wrong(r, "an unaligned stack at a call");
}

bool v_call_host(struct vrun *r, uint64_t addr, unsigned n_args, term *const args[5]) {
    struct vorder before;
    const struct machine *const m = r->c->m;
    const struct mevent *const e = v_next_event(r, &before);
    if (!e || (e->kind != MEV_CALL && !v_wrong(r, "no call where one belongs")))
        return false;
    term *const *const at = r->p->end.calls[e->call];
    if (!v_need(r, "function called", term_eq(r->t, e->addr, v_number(r, addr))) ||
        !check_call_sp(r, at[m->sp]) ||
        !v_need(r, "STATE at a call", term_eq(r->t, at[m->map[JR_STATE]], r->state)))
        return false;
    for (unsigned i = 0; i < n_args; i++)
        if (!v_need(r, "argument", term_eq(r->t, at[m->args[i]], args[i])))
            return false;
    term *const last = m->args[5] == 255 ? e->stored : at[m->args[5]];
    if (!v_need(r, "sixth argument", term_eq(r->t, last, r->state)))
        return false;
    r->r[0] = e->value;
    r->called = r->linked = true;
    return true;
}

enum vleaves v_pending(struct vrun *r) {
    term *const kind = v_load(r, v_at_state(r, EXEC_PENDING), 4, false);
    if (!kind)
        return V_FAILED;
    const int there =
        v_decided(r, "pending trap", term_ne(r->t, kind, term_const(r->t, 32, RUN_EXIT)));
    return there < 0 ? V_FAILED
           : there   ? v_traps(r, (enum run_kind)EXEC_TRAP_PENDING, NULL)
                     : V_GOES_ON;
}

enum vleaves v_pay(struct vrun *r) {
    if (!r->c->fuel)
        return V_GOES_ON;
    term *const fuel = v_load(r, v_at_state(r, EXEC_FUEL), 8, false);
    if (!fuel)
        return V_FAILED;
    const int none = v_decided(r, "fuel", term_eq(r->t, fuel, v_number(r, 0)));
    if (none)
        return none < 0 ? V_FAILED : v_traps(r, RUN_TRAP_FUEL, NULL);
    return v_store(r, v_at_state(r, EXEC_FUEL), 8, term_add_k(r->t, fuel, -1), false) ? V_GOES_ON
                                                                                      : V_FAILED;
}

/* The runtime says where to; 0: it falls through, and r0 is what it was. */
static enum vleaves tail_call(struct vrun *r) {
    term *const r0 = r->r[0], *const r1 = r->r[1];
    if (!v_call_host(r, r->b.bind.thunks[JIT_THUNK_TAIL], 3, &r->r[1]))
        return V_FAILED;
    const enum vleaves left = r->c->trusted ? V_GOES_ON : v_pending(r);
    if (left != V_GOES_ON)
        return left;
    term *const to = r->r[0];
    const int none = v_decided(r, "tail call", term_eq(r->t, to, v_number(r, 0)));
    r->r[0] = r0;
    if (none)
        return none < 0 ? V_FAILED : V_GOES_ON;
    const enum vleaves paid = v_pay(r);
    return paid == V_GOES_ON ? v_tails(r, to, r1) : paid;
}

/* Helper 5 where it unwinds: r0 = r1, and 0 ends the run. */
static enum vleaves unwind(struct vrun *r) {
    r->r[0] = r->r[1];
    r->called = true;
    const int ends = v_decided(r, "unwinding", term_eq(r->t, r->r[0], v_number(r, 0)));
    return ends < 0 ? V_FAILED : ends ? v_traps(r, RUN_EXIT, NULL) : V_GOES_ON;
}

enum vleaves v_helper(struct vrun *r, struct insn in) {
    const uint32_t id = (uint32_t)in.imm;
    const bool calls_back = helper_callback_of(id);
    if (id == HELPER_tail_call)
        return tail_call(r);
    if (id == HELPER_UNWIND && r->c->unwind)
        return unwind(r);
    if (id >= CASE_HELPERS || !r->b.helpers[id])
        return v_traps(r, RUN_TRAP_HELPER, id ? v_number(r, id) : NULL);
    if (calls_back && !v_store(r, v_at_state(r, EXEC_FP), 8, r->r[REG_FP], false))
        return V_FAILED;
    if (!v_call_host(r, r->b.helpers[id], 5, &r->r[1]))
        return V_FAILED;
    return r->c->trusted && !calls_back ? V_GOES_ON : v_pending(r);
}

enum vleaves v_call_by_number(struct vrun *r, struct insn in) {
    term *const id = r->r[in.imm ? (unsigned)in.imm : in.dst];
    const int five =
        r->c->unwind ? v_decided(r, "unwinding", term_eq(r->t, id, v_number(r, HELPER_UNWIND))) : 0;
    if (five)
        return five < 0 ? V_FAILED : unwind(r);
    if (!v_store(r, v_at_state(r, EXEC_FP), 8, r->r[REG_FP], false) ||
        !v_store(r, v_at_state(r, EXEC_NUMBER), 8, id, false) ||
        !v_call_host(r, r->b.bind.thunks[JIT_THUNK_CALLX], 5, &r->r[1]))
        return V_FAILED;
    return v_pending(r);
}

enum vleaves v_kfunc(struct vrun *r, struct insn in) {
    const struct jit_bind *const b = &r->b.bind;
    if (!b->kfunc)
        return v_traps(r, RUN_TRAP_HELPER, in.imm ? v_number(r, (uint64_t)(int64_t)in.imm) : NULL);
    if (!v_store(r, v_at_state(r, EXEC_FP), 8, r->r[REG_FP], false) ||
        !v_call_host(r, b->kfunc(b->kfunc_self, ""), 5, &r->r[1]))
        return V_FAILED;
    return v_pending(r);
}

enum vleaves v_local_call(struct vrun *r) {
    const struct machine *const m = r->c->m;
    /* in untrusted programs frames are counted, and then every function that calls has its own */
    const bool depth = !r->c->trusted, fp = r->c->callee_fp;
    struct vorder before;
    const enum vleaves paid = v_pay(r);
    if (paid != V_GOES_ON)
        return paid;
    if (depth) {
        term *const last = v_load(r, v_at_state(r, EXEC_LAST_FP), 8, false);
        const int deep = last ? v_decided(r, "depth", term_ule(r->t, last, r->r[REG_FP])) : -1;
        if (deep)
            return deep < 0 ? V_FAILED : v_traps(r, RUN_TRAP_DEPTH, NULL);
    }
    const struct mevent *const e = v_next_event(r, &before);
    if (!e || (e->kind != MEV_CALL && !v_wrong(r, "no call where one belongs")))
        return V_FAILED;
    term *const *const at = r->p->end.calls[e->call];
    const uint64_t to = r->code->fragment.addr + (uint64_t)r->code->target;
    term *const callee = term_add_k(r->t, r->r[REG_FP], fp ? CASE_STRIDE : 0);
    if (!v_need(r, "function called", term_eq(r->t, e->addr, v_number(r, to))) ||
        !check_call_sp(r, at[m->sp]) ||
        !v_need(r, "STATE at a call", term_eq(r->t, at[m->map[JR_STATE]], r->state)) ||
        !v_need(r, "r10 of the callee", term_eq(r->t, at[m->map[JR_FP]], callee)))
        return V_FAILED;
    for (unsigned i = 0; i < REG_FP; i++)
        if (i && !v_need(r, "argument", term_eq(r->t, at[m->map[i]], r->r[i])))
            return V_FAILED;
    r->r[0] = e->value; /* the convention of functions of programs, not C's */
    r->called = r->linked = true;
    return V_GOES_ON;
}

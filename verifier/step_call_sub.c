/* step_call_sub.c: functions of the program: entered, left, or, where global, taken at their word.
 */
#include "verifier/access.h"
#include "verifier/call.h"
#include "verifier/kfunc.h"

static bool arg_reject(struct step *s, uint32_t r, const char *what) {
    return step_reject(s, REASON_SUB_ARG, (int)r, "arg#%u %s", r - 1, what);
}

/* That it is NULL matters: another number would be no pointer. */
static bool is_null_arg(struct step *s, uint32_t r, const struct sub_arg *a) {
    if (!a->maybe_null || !reg_is_null(step_reg(s, r)))
        return false;
    step_precise(s, r);
    return true;
}

static bool arg_memory(struct step *s, uint32_t r, const struct sub_arg *a) {
    const struct reg *const reg = step_reg(s, r);
    if (is_null_arg(s, r, a))
        return true;
    if (reg_is_pointer(reg) && reg_maybe_null(reg)) {
        if (!a->maybe_null)
            return arg_reject(s, r, "is expected to be non-NULL");
        /* what it is when it is not NULL must do */
        struct reg saved = *reg;
        step_reg(s, r)->flags &= (uint16_t)~REG_F_NULL;
        const bool ok =
            access_range(
                s, &(struct access_range){.r = r, .n_bytes = a->mem_bytes, .kind = ACCESS_READ}) &&
            access_range(
                s, &(struct access_range){.r = r, .n_bytes = a->mem_bytes, .kind = ACCESS_WRITE});
        *step_reg(s, r) = saved;
        return ok;
    }
    return access_range(
               s, &(struct access_range){.r = r, .n_bytes = a->mem_bytes, .kind = ACCESS_READ}) &&
           access_range(
               s, &(struct access_range){.r = r, .n_bytes = a->mem_bytes, .kind = ACCESS_WRITE});
}

static bool arg_fits(struct step *s, uint32_t r, const struct sub_arg *a) {
    const struct reg *const reg = step_reg(s, r);
    switch ((enum sub_arg_kind)a->kind) {
    case SUB_ARG_SCALAR:
        if (!reg_is_scalar(reg))
            return step_reject(s, REASON_SUB_ARG, (int)r, "R%u is not a scalar", r);
        return true;
    case SUB_ARG_CTX:
        if (reg->kind != REG_CTX)
            return arg_reject(s, r, "expects pointer to ctx");
        return access_fixed_ptr(s, r, false);
    case SUB_ARG_ARENA:
        if (reg->kind != REG_ARENA && !reg_is_scalar(reg))
            return step_reject(s, REASON_SUB_ARG, (int)r,
                               "R%u is not a pointer to arena or scalar.", r);
        return true;
    case SUB_ARG_MEM: return a->untrusted ? true : arg_memory(s, r, a);
    case SUB_ARG_DYNPTR:
        if (reg->kind == REG_DYNPTR && !access_fixed_ptr(s, r, false))
            return false;
        return dynptr_arg_init(s, r, DYNPTR_NONE, true);
    case SUB_ARG_BTF:
        if (a->untrusted || is_null_arg(s, r, a))
            return true;
        return btf_arg_fits(s, r, a->btf_id, a->trusted, a->maybe_null);
    }
    return true;
}

/* A global function is verified on its own, for any arguments of its types: here only the types
 * count, and nothing is known of what it returns. */
static bool call_global(struct step *s, uint32_t subprog) {
    const struct subprog_fact *const f = &s->sub->subprogs[subprog];
    if (state_lock(s->st))
        return step_reject(s, REASON_LOCK, REPORT_NO_REG,
                           "global function calls are not allowed while holding a lock, use static "
                           "function instead");
    if (f->might_sleep && (s->st->rcu_depth || s->st->preempt_depth || s->st->irq_id))
        return step_reject(s, REASON_SLEEP, REPORT_NO_REG,
                           "global functions that may sleep are not allowed in non-sleepable "
                           "context, i.e., in a RCU/IRQ/preempt-disabled section, or in a "
                           "non-sleepable BPF program context");
    if (f->args_error) {
        step_reject(s, REASON_BTF, REPORT_NO_REG, "%s", f->args_error);
        return report_needed(&s->rep, "types that say how func#%u ('%s') takes its arguments",
                             subprog, f->name);
    }
    for (uint32_t i = 0; i < f->n_args; i++) {
        if (!step_read(s, REG_ARG_FIRST + i))
            return false;
        if (!arg_fits(s, REG_ARG_FIRST + i, &f->args[i]))
            return report_line(&s->rep, "Caller passes invalid args into func#%u ('%s')", subprog,
                               f->name);
    }
    if (f->changes_packet)
        call_forget_packets(s);
    s->eff.global_call = 1 + subprog;
    call_clobber(s);
    *step_reg(s, 0) = reg_scalar(scalar_unknown());
    return true;
}

bool step_call_sub(struct step *s) {
    const uint32_t target = (uint32_t)((int64_t)s->pc + 1 + insn_jump(s->op, s->insn));
    const uint32_t subprog = s->sub->subprog_of[target];
    if (s->sub->subprogs[subprog].is_exception_callback)
        return step_reject(s, REASON_CALLBACK, REPORT_NO_REG, "cannot call exception cb directly");
    if (s->sub->subprogs[subprog].global)
        return call_global(s, subprog);
    if (s->st->depth + 1 >= STATE_MAX_FRAMES)
        return step_reject(s, REASON_CALL_DEPTH, REPORT_NO_REG,
                           "the call stack of %u frames is too deep", s->st->depth + 2);
    s->err = state_push(s->st, subprog, s->pc);
    if (s->err != BPFLAB_OK)
        return false;
    struct reg *const caller = s->st->frames[s->st->depth - 1]->regs;
    struct reg *const callee = state_regs(s->st);
    for (uint32_t r = REG_ARG_FIRST; r <= REG_ARG_LAST; r++)
        callee[r] = caller[r];
    for (uint32_t r = 0; r <= REG_ARG_LAST; r++)
        caller[r] = reg_uninit();
    s->next = target;
    return true;
}

/* Back from a callback, to the call that may run it again. */
static bool leave_callback(struct step *s, const struct frame *f) {
    const struct reg *const r0 = &f->regs[0];
    const uint32_t call_pc = f->call_pc;
    char buf[64];
    if (!reg_is_scalar(r0))
        return step_reject(s, REASON_CALLBACK, 0, "R0 not a scalar value");
    step_precise(s, 0);
    if (r0->v.s.min < f->ret_min || r0->v.s.max > f->ret_max) {
        call_range_words(r0, buf, sizeof buf);
        return step_reject(s, REASON_CALLBACK, 0,
                           "At callback return the register R0 has%s should have been in [%lld, "
                           "%lld]",
                           buf, (long long)f->ret_min, (long long)f->ret_max);
    }
    state_pop(s->st);
    s->next = call_pc;
    s->eff.came_round = true;
    return true;
}

bool step_exit(struct step *s) {
    const struct frame *const f = state_frame(s->st);
    if (!call_check_leaks(s, LEAVE_EXIT))
        return false;
    if (s->st->depth == 0) {
        s->flow = STEP_END;
        return call_check_return(s, 0);
    }
    if (f->regs[0].kind == REG_STACK)
        return step_reject(s, REASON_RETURN, 0, "cannot return stack pointer to the caller");
    if (f->in_callback)
        return leave_callback(s, f);
    const struct reg r0 = f->regs[0];
    s->next = f->call_pc + 1;
    state_pop(s->st);
    *step_reg(s, 0) = r0;
    return true;
}

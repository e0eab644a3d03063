#include "verifier/entry.h"

/* A bare program: r1 = its memory, r2 = how much there is. */
static void raw_args(struct step *s, struct reg *regs) {
    const uint32_t n = s->sub->opt.raw_mem_bytes;
    regs[1] = n ? reg_pointer(REG_MEM, 0) : reg_const(0);
    if (n)
        regs[1].mem_bytes = n;
    regs[2] = reg_const(n);
}

static struct reg argument(struct step *s, const struct sub_arg *a) {
    struct reg r;
    unsigned flags = a->maybe_null ? REG_F_NULL : 0;
    switch ((enum sub_arg_kind)a->kind) {
    case SUB_ARG_SCALAR: return reg_scalar(scalar_unknown());
    case SUB_ARG_CTX: return reg_pointer(REG_CTX, 0);
    case SUB_ARG_ARENA: return reg_pointer(REG_ARENA, 0);
    case SUB_ARG_DYNPTR:
        r = reg_pointer(REG_DYNPTR, 0);
        r.dynptr = DYNPTR_LOCAL;
        r.id = step_new_id(s);
        return r;
    case SUB_ARG_MEM:
        if (a->untrusted)
            flags |= REG_F_UNTRUSTED | REG_F_RDONLY;
        r = reg_pointer(REG_MEM, flags);
        r.mem_bytes = a->mem_bytes;
        break;
    case SUB_ARG_BTF:
        flags |= a->trusted ? REG_F_TRUSTED : a->untrusted ? REG_F_UNTRUSTED : 0;
        r = reg_pointer(REG_BTF, flags);
        r.btf_id = a->btf_id;
        break;
    }
    if (a->maybe_null)
        r.id = step_new_id(s);
    return r;
}

/* A function that is verified on its own, for arguments of the types that it declares. */
static bool is_typed(struct step *s, const struct subprog_fact *f) {
    if (f->args_error)
        return step_reject(s, REASON_BTF, REPORT_NO_REG, "%s", f->args_error);
    return !f->is_exception_callback || (f->n_args == 1 && f->args[0].kind == SUB_ARG_SCALAR) ||
           step_reject(s, REASON_CALLBACK, REPORT_NO_REG,
                       "exception cb only supports single integer argument");
}

bool entry_state(struct step *s, uint32_t subprog, struct state *st) {
    const struct subprog_fact *const f = &s->sub->subprogs[subprog];
    s->err = state_init(st, subprog);
    if (s->err != BPFLAB_OK || !is_typed(s, f))
        return false;
    struct reg *const regs = state_regs(st);
    st->in_sleepable = s->sub->prog->sleepable;
    if (f->is_exception_callback)
        st->frames[0]->in_exception_callback = true;
    if (subprog == 0 && s->sub->prog->type == PROG_raw) {
        raw_args(s, regs);
        return true;
    }
    if (subprog == 0 && !f->args_known) {
        regs[1] = reg_pointer(REG_CTX, 0);
        return true;
    }
    for (uint32_t i = 0; i < f->n_args; i++)
        regs[1 + i] = argument(s, &f->args[i]);
    return true;
}

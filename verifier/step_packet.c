/* step_packet.c: LD_ABS and LD_IND, the loads of classic BPF: from the packet of the context in r6,
 * at an offset that is checked when they run; a bad one ends the program with r0 = 0.
 */
#include "verifier/access.h"
#include "verifier/call.h"

static bool check_place(struct step *s) {
    if (!s->sub->type || !s->sub->type->ld_abs)
        return step_reject(s, REASON_PROG_TYPE, REPORT_NO_REG,
                           "BPF_LD_[ABS|IND] instructions not allowed for this program type");
    for (uint32_t i = 1; i <= s->st->depth; i++)
        if (s->st->frames[i]->in_callback)
            return step_reject(s, REASON_CALLBACK, REPORT_NO_REG,
                               "cannot use BPF_LD_[ABS|IND] within callback");
    return true;
}

bool step_ld_abs(struct step *s) {
    enum {
        CTX_REG = 6,
        LAST_CLOBBERED = 5
    };
    if (!check_place(s) || !step_read(s, CTX_REG) || !call_check_leaks(s, LEAVE_LD_ABS))
        return false;
    if (step_reg(s, CTX_REG)->kind != REG_CTX)
        return step_reject(s, REASON_NOT_POINTER, CTX_REG,
                           "at the time of BPF_LD_ABS|IND R6 != pointer to skb");
    if (op_table[s->op].from_reg && !step_read(s, s->insn.src))
        return false;
    if (!access_fixed_ptr(s, CTX_REG, false))
        return false;
    for (uint32_t r = 0; r <= LAST_CLOBBERED; r++)
        *step_reg(s, r) = reg_uninit();
    struct reg *const r0 = step_reg(s, 0);
    *r0 = reg_scalar(scalar_below(op_table[s->op].width_bits));
    if (s->st->depth == 0)
        return true;
    /* in a function, a bad offset returns 0 from it: the fork goes on, the path itself leaves */
    if (!step_fork(s, s->next))
        return false;
    *r0 = reg_const(0);
    return step_exit(s);
}

/* frame.c: how functions begin and end, and how the runtime gets in and out.
 *
 *     entry rsp    return address     entry rsp + 8 is a multiple of 16
 *                  saved registers    r6 to r9, those that the function writes
 *                  [padding]          if it calls
 *     rsp          slots
 */
#include "jit/x86_64/x86_64.h"
#include "runtime/exec.h"

/* below: bytes between the saved registers and rsp. */
static int32_t below(const struct jit_frame *f) {
    const int32_t pushed = __builtin_popcount(f->saved) + 1, slots = f->n_slots;
    return 8 * (slots + (f->calls && (pushed + slots) % 2));
}

/* x86_enter: eight bytes are made room for by pushing whatever rax holds, which is shorter. */
void x86_enter(struct jit_buf *b, const struct jit_frame *f) {
    for (uint8_t r = JR_6; r <= JR_9; r++)
        if (f->saved >> r & 1)
            x86_push(b, x86_reg(r));
    if (below(f) == 8)
        x86_push(b, X86_RAX);
    else if (below(f))
        x86_bin_ri(b, 64, below(f) == 128 ? X86_ADD : X86_SUB, X86_RSP,
                   below(f) == 128 ? -128 : below(f));
}

/* restore: undoes x86_enter. r4 is dead wherever a function ends. */
static void restore(struct jit_buf *b, const struct jit_frame *f) {
    if (below(f) == 8)
        x86_pop(b, X86_RCX);
    else if (below(f))
        x86_bin_ri(b, 64, below(f) == 128 ? X86_SUB : X86_ADD, X86_RSP,
                   below(f) == 128 ? -128 : below(f));
    for (uint8_t r = JR_9; r >= JR_6; r--)
        if (f->saved >> r & 1)
            x86_pop(b, x86_reg(r));
}

void x86_leave(struct jit_buf *b, const struct jit_frame *f) {
    restore(b, f);
    x86_ret(b);
}

void x86_tail(struct jit_buf *b, const struct jit_frame *f) {
    restore(b, f);
    x86_jmp_r(b, x86_reg(JR_T0));
}

/* x86_stub: see jit_stub. With the return address, six registers and the old exec.sp, the stack is
 * aligned at the call. A return finds rsp as the exit restores it, so the two share their end. */
uint32_t x86_stub(struct jit_buf *b) {
    static const uint8_t kept[] = {X86_RBX, X86_RBP, X86_R12, X86_R13, X86_R14, X86_R15};
    static const uint8_t zero[] = {JR_0, JR_6, JR_7, JR_8, JR_9};
    const enum x86_reg w = X86_RDI, args = X86_RSI, fp = X86_RDX, entry = X86_RCX;
    const struct x86_mem sp_of_w = x86_at(w, EXEC_SP), sp = x86_at(X86_STATE, EXEC_SP);

    for (unsigned i = 0; i < sizeof kept; i++)
        x86_push(b, (enum x86_reg)kept[i]);
    x86_push_m(b, sp_of_w);
    x86_mov_mr(b, 64, sp_of_w, X86_RSP);
    x86_mov_rr(b, 64, X86_STATE, w);
    x86_mov_rr(b, 64, x86_reg(JR_FP), fp);
    x86_mov_rr(b, 64, x86_reg(JR_T0), entry);
    /* r2 is where the arguments' address is: the last. */
    for (uint8_t r = JR_5; r >= JR_1; r--)
        if (x86_reg(r) != args)
            x86_mov_rm(b, 64, x86_reg(r), x86_at(args, 8 * (r - JR_1)));
    x86_mov_rm(b, 64, args, x86_at(args, 8 * (JR_2 - JR_1)));
    for (unsigned i = 0; i < sizeof zero; i++)
        x86_load_imm(b, x86_reg(zero[i]), 0);
    x86_call_r(b, x86_reg(JR_T0));

    const uint32_t exit = b->n;
    x86_mov_rm(b, 64, X86_RSP, sp);
    x86_pop_m(b, sp);
    for (unsigned i = sizeof kept; i-- > 0;)
        x86_pop(b, (enum x86_reg)kept[i]);
    x86_ret(b);
    return exit;
}

void x86_nops(struct jit_buf *b, uint32_t n_bytes) {
    while (n_bytes) {
        const uint32_t n = n_bytes < 8 ? n_bytes : 8;
        x86_nop(b, n);
        n_bytes -= n;
    }
}

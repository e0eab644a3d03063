/* frame.c: how functions begin and end, and the way between the runtime and generated code.
 *
 *   sp + 8 * n_slots (rounded)   what is kept for the caller, in pairs
 *   sp                           slots
 *
 * Where an odd number of registers is kept, the free place of their first pair is the last slot.
 * The stack pointer stays a multiple of 16, as the machine itself asks.
 */
#include "jit/arm64/arm64.h"
#include "jit/arm64/enc_mem.h"
#include "runtime/exec.h"

/* struct kept: the registers that a function keeps, XZR where the place is a slot. */
struct kept {
    enum arm64_reg reg[6];
    unsigned n;          /* even */
    uint32_t slot_bytes; /* below them */
};

static struct kept kept(const struct jit_frame *f) {
    struct kept k = {.n = 0};
    unsigned slots = f->n_slots;
    const bool odd = (__builtin_popcount(f->saved) + f->calls) % 2;
    if (odd)
        k.reg[k.n++] = XZR;
    if (odd && slots)
        slots--;
    if (f->calls)
        k.reg[k.n++] = X30;
    for (unsigned r = JR_6; r <= JR_9; r++)
        if (f->saved >> r & 1)
            k.reg[k.n++] = arm64_reg((uint8_t)r);
    k.slot_bytes = (8 * slots + 15) & ~15U;
    return k;
}

void arm64_enter(struct jit_buf *b, const struct jit_frame *f) {
    const struct kept k = kept(f);
    for (unsigned i = 0; i < k.n; i += 2)
        if (i == 0)
            arm64_stp_pre(b, k.reg[i], k.reg[i + 1], XSP, -(int64_t)(8 * k.n));
        else
            arm64_stp(b, k.reg[i], k.reg[i + 1], XSP, 8 * i);
    if (k.slot_bytes)
        arm64_sub_imm(b, ARM64_X, XSP, XSP, k.slot_bytes, false);
}

static void unwind(struct jit_buf *b, const struct jit_frame *f) {
    const struct kept k = kept(f);
    if (k.slot_bytes)
        arm64_add_imm(b, ARM64_X, XSP, XSP, k.slot_bytes, false);
    for (unsigned i = k.n; i; i -= 2)
        if (i == 2)
            arm64_ldp_post(b, k.reg[0], k.reg[1], XSP, 8 * k.n);
        else
            arm64_ldp(b, k.reg[i - 2], k.reg[i - 1], XSP, 8 * (i - 2));
}

void arm64_leave(struct jit_buf *b, const struct jit_frame *f) {
    unwind(b, f);
    arm64_ret(b, X30);
}

void arm64_tail(struct jit_buf *b, const struct jit_frame *f) {
    unwind(b, f);
    arm64_br(b, arm64_reg(JR_T0));
}

/* What the stub keeps, from sp on: a C frame record, so that debuggers find their way. The last
 * place of the last pair holds the old exec.sp, which is loaded into X_VALUE meanwhile. */
static const enum arm64_reg stub_kept[][2] = {
    {X29, X30}, {X19, X20}, {X21, X22}, {X23, X24}, {X_VALUE, XZR},
};

enum {
    STUB_PAIRS = sizeof stub_kept / sizeof stub_kept[0],
    STUB_BYTES = 16 * STUB_PAIRS,
};

uint32_t arm64_stub(struct jit_buf *b) {
    const enum arm64_reg state = arm64_reg(JR_STATE), args = X_OPERAND;
    /* world in x0, args in x1, fp in x2, entry in x3 */
    arm64_scaled(b, ARM64_LDR_X, X_VALUE, X0, EXEC_SP);
    arm64_stp_pre(b, stub_kept[0][0], stub_kept[0][1], XSP, -STUB_BYTES);
    for (unsigned i = 1; i < STUB_PAIRS; i++)
        arm64_stp(b, stub_kept[i][0], stub_kept[i][1], XSP, 16 * i);
    arm64_mov_sp(b, X29, XSP);
    arm64_scaled(b, ARM64_STR_X, X29, X0, EXEC_SP);
    arm64_mov(b, ARM64_X, state, X0);
    arm64_mov(b, ARM64_X, args, X1);
    arm64_mov(b, ARM64_X, arm64_reg(JR_FP), X2);
    arm64_mov(b, ARM64_X, X_FAR, X3);
    arm64_ldp(b, arm64_reg(JR_1), arm64_reg(JR_2), args, 0);
    arm64_ldp(b, arm64_reg(JR_3), arm64_reg(JR_4), args, 16);
    arm64_scaled(b, ARM64_LDR_X, arm64_reg(JR_5), args, 32);
    arm64_set(b, arm64_reg(JR_0), 0);
    for (unsigned r = JR_6; r <= JR_9; r++)
        arm64_set(b, arm64_reg((uint8_t)r), 0);
    arm64_blr(b, X_FAR);

    /* Traps come here from any depth; after a return, sp is already what is loaded. */
    const uint32_t exit = b->n;
    arm64_scaled(b, ARM64_LDR_X, X_VALUE, state, EXEC_SP);
    arm64_mov_sp(b, XSP, X_VALUE);
    arm64_scaled(b, ARM64_LDR_X, X_VALUE, XSP, STUB_BYTES - 16);
    arm64_scaled(b, ARM64_STR_X, X_VALUE, state, EXEC_SP);
    arm64_mov(b, ARM64_X, X0, arm64_reg(JR_0));
    for (unsigned i = STUB_PAIRS - 2; i; i--)
        arm64_ldp(b, stub_kept[i][0], stub_kept[i][1], XSP, 16 * i);
    arm64_ldp_post(b, stub_kept[0][0], stub_kept[0][1], XSP, STUB_BYTES);
    arm64_ret(b, X30);
    return exit;
}

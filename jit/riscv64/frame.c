/* frame.c: where functions begin and end, and the way from C into them and out.
 *
 *     caller's sp ──►┌─────────────────────────┐
 *                    │ r9 .. r6, as far as     │
 *                    │ they are saved, and ra  │
 *                    ├─────────────────────────┤
 *                    │ slots                   │
 *     sp = SLOTS ──► └─────────────────────────┘  a multiple of 16
 *
 * Nothing to keep, no frame at all. A frame beyond the reach of short stores is made in two steps:
 * the upper part with the registers, then the slots below.
 */
#include "jit/riscv64/riscv64.h"

#include "runtime/exec.h"

enum {
    SHORT_REACH = 512
};

/* struct shape: of a frame, in bytes. */
struct shape {
    uint32_t upper, lower; /* first and second step */
    uint32_t at;           /* of the first saved register, from sp between the steps */
    uint8_t n_saved;
    uint8_t saved[5]; /* enum rv_reg */
};

static struct shape shape_of(const struct jit_frame *f) {
    struct shape s = {0};
    if (f->calls)
        s.saved[s.n_saved++] = RV_RA;
    for (unsigned r = JR_6; r <= JR_9; r++)
        if (f->saved >> r & 1)
            s.saved[s.n_saved++] = (uint8_t)riscv_reg((uint8_t)r);
    const uint32_t slots = 8u * f->n_slots;
    const uint32_t all = (slots + 8u * s.n_saved + 15) / 16 * 16;
    s.lower = all > SHORT_REACH ? slots / 16 * 16 : 0;
    s.upper = all - s.lower;
    s.at = slots - s.lower;
    return s;
}

void riscv_enter(struct jit_buf *b, const struct jit_frame *f) {
    const struct shape s = shape_of(f);
    riscv_addi(b, RV_SP, RV_SP, -(int64_t)s.upper);
    for (uint32_t i = 0; i < s.n_saved; i++)
        riscv_store(b, RV_SD, (enum rv_reg)s.saved[i], RV_SP, s.at + 8 * i);
    riscv_addi(b, RV_SP, RV_SP, -(int64_t)s.lower);
}

static void unwind(struct jit_buf *b, const struct jit_frame *f) {
    const struct shape s = shape_of(f);
    riscv_addi(b, RV_SP, RV_SP, s.lower);
    for (uint32_t i = 0; i < s.n_saved; i++)
        riscv_load(b, RV_LD, (enum rv_reg)s.saved[i], RV_SP, s.at + 8 * i);
    riscv_addi(b, RV_SP, RV_SP, s.upper);
}

void riscv_leave(struct jit_buf *b, const struct jit_frame *f) {
    unwind(b, f);
    riscv_jump_to(b, RV_ZERO, RV_RA, 0);
}

void riscv_tail(struct jit_buf *b, const struct jit_frame *f) {
    unwind(b, f);
    riscv_jump_to(b, RV_ZERO, riscv_reg(JR_T0), 0);
}

/* What the entry stub saves: s0 to s5 hold r6 to r9, FP and STATE; and the old exec.sp. */
enum {
    STUB_OLD_SP = 56,
    STUB_BYTES = 64
};
static const uint8_t stub_saved[] = {RV_RA, RV_S0, RV_S1, RV_S2, RV_S3, RV_S4, RV_S5};
_Static_assert(8 * sizeof stub_saved <= STUB_OLD_SP, "the stub's frame");

/* stub_return: restore all, r0 to C. sp is as it was when generated code was called. */
static void stub_return(struct jit_buf *b) {
    const enum rv_reg state = riscv_reg(JR_STATE);
    riscv_load(b, RV_LD, RV_T0, RV_SP, STUB_OLD_SP);
    riscv_store(b, RV_SD, RV_T0, state, EXEC_SP);
    riscv_mv(b, RV_A0, riscv_reg(JR_0));
    for (uint32_t i = 0; i < sizeof stub_saved; i++)
        riscv_load(b, RV_LD, (enum rv_reg)stub_saved[i], RV_SP, 8 * i);
    riscv_addi(b, RV_SP, RV_SP, STUB_BYTES);
    riscv_jump_to(b, RV_ZERO, RV_RA, 0);
}

/* riscv_stub: a0 = w, a1 = args, a2 = fp, a3 = entry. A trap lands behind the ordinary return, so
 * that this needs no jump. */
uint32_t riscv_stub(struct jit_buf *b) {
    const enum rv_reg entry = RV_T1;
    riscv_addi(b, RV_SP, RV_SP, -STUB_BYTES);
    for (uint32_t i = 0; i < sizeof stub_saved; i++)
        riscv_store(b, RV_SD, (enum rv_reg)stub_saved[i], RV_SP, 8 * i);
    riscv_load(b, RV_LD, RV_A5, RV_A0, EXEC_SP);
    riscv_store(b, RV_SD, RV_A5, RV_SP, STUB_OLD_SP);
    riscv_store(b, RV_SD, RV_SP, RV_A0, EXEC_SP);
    riscv_mv(b, riscv_reg(JR_STATE), RV_A0);
    riscv_mv(b, riscv_reg(JR_FP), RV_A2);
    riscv_mv(b, entry, RV_A3);
    /* the arguments: a1 is where they are read from, so it comes last */
    for (unsigned r = JR_1; r <= JR_5; r++)
        if (riscv_reg((uint8_t)r) != RV_A1)
            riscv_load(b, RV_LD, riscv_reg((uint8_t)r), RV_A1, 8 * (r - JR_1));
    riscv_load(b, RV_LD, RV_A1, RV_A1, 8 * (JR_2 - JR_1));
    riscv_mv(b, riscv_reg(JR_0), RV_ZERO);
    for (unsigned r = JR_6; r <= JR_9; r++)
        riscv_mv(b, riscv_reg((uint8_t)r), RV_ZERO);
    riscv_jump_to(b, RV_RA, entry, 0);
    stub_return(b);
    const uint32_t exit = b->n;
    riscv_load(b, RV_LD, RV_SP, riscv_reg(JR_STATE), EXEC_SP);
    stub_return(b);
    return exit;
}

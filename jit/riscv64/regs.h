/* regs.h: which machine register each register of the contract is.
 *
 *   r1 to r5  a0 to a4   where C passes its arguments
 *   r0        a5         the sixth argument: r0 is dead when a helper is called, so the world may
 *                        go there without saving anything
 *   r6, r7    s1, s0     kept by C, and of the eight registers (x8 to x15) that the short forms
 *                        of most instructions reach; with the six above these are all eight
 *   r8, r9    s2, s3     kept by C
 *   FP        s4         short loads and stores take no negative offset, so it gains nothing there
 *   STATE     s5
 *   T0, T1    a6, a7     C passes nothing in them that we use
 *   SLOTS     sp         short loads and stores reach 63 slots
 *
 * One operation may use t0 to t4 as it likes. An address to jump to is never in t0: processors
 * take a jump through it for a return.
 */
#ifndef BPFLAB_JIT_RISCV64_REGS_H
#define BPFLAB_JIT_RISCV64_REGS_H

#include "jit/arch.h"

enum rv_reg {
    RV_ZERO,
    RV_RA,
    RV_SP,
    RV_GP,
    RV_TP,
    RV_T0,
    RV_T1,
    RV_T2,
    RV_S0,
    RV_S1,
    RV_A0,
    RV_A1,
    RV_A2,
    RV_A3,
    RV_A4,
    RV_A5,
    RV_A6,
    RV_A7,
    RV_S2,
    RV_S3,
    RV_S4,
    RV_S5,
    RV_S6,
    RV_S7,
    RV_S8,
    RV_S9,
    RV_S10,
    RV_S11,
    RV_T3,
    RV_T4,
    RV_T5,
    RV_T6,
    N_RV_REGS,
};

/* riscv_reg: the machine register of an enum jit_reg. */
static inline enum rv_reg riscv_reg(uint8_t r) {
    static const uint8_t map[] = {
        [JR_0] = RV_A5,  [JR_1] = RV_A0,  [JR_2] = RV_A1,  [JR_3] = RV_A2,     [JR_4] = RV_A3,
        [JR_5] = RV_A4,  [JR_6] = RV_S1,  [JR_7] = RV_S0,  [JR_8] = RV_S2,     [JR_9] = RV_S3,
        [JR_FP] = RV_S4, [JR_T0] = RV_A6, [JR_T1] = RV_A7, [JR_STATE] = RV_S5, [JR_SLOTS] = RV_SP,
    };
    return (enum rv_reg)map[r];
}

/* riscv_short: is it one of the eight that three bits name? */
static inline bool riscv_short(enum rv_reg r) {
    return r >= RV_S0 && r <= RV_A5;
}

#endif

/* regs.h: which machine register holds what.
 *
 * r1 to r5 lie where the System V convention passes arguments, r0 where it returns, r6 to r9, FP
 * and the state in registers that C functions keep. What is left, three registers that calls
 * destroy, is for the driver's T0 and T1 and for one scratch register of the back end: r9, which is
 * at the same time the sixth argument of a helper.
 *
 * Of the kept registers only rbx and rbp encode without a REX prefix: they hold what addresses are
 * most often made of, r6 (the context) and FP. r12 as a base costs a SIB byte always, r13 a
 * displacement of one byte even where it is 0: so the state, a rare base, has r12. rax, rdx and rcx
 * are what division, cmpxchg and shifts without BMI2 insist on; div.c, atomic.c and alu.c cope.
 */
#ifndef BPFLAB_JIT_X86_64_REGS_H
#define BPFLAB_JIT_X86_64_REGS_H

#include "jit/arch.h"

/* enum x86_reg: as the machine numbers them. Bit 3 goes to a REX or VEX prefix. */
enum x86_reg {
    X86_RAX,
    X86_RCX,
    X86_RDX,
    X86_RBX,
    X86_RSP,
    X86_RBP,
    X86_RSI,
    X86_RDI,
    X86_R8,
    X86_R9,
    X86_R10,
    X86_R11,
    X86_R12,
    X86_R13,
    X86_R14,
    X86_R15,
};

/* The back end's own register: live inside one operation only. */
#define X86_SCRATCH X86_R9
#define X86_STATE   X86_R12

/* x86_reg: where r, an enum jit_reg below JR_NONE, lives. */
static inline enum x86_reg x86_reg(uint8_t r) {
    static const uint8_t of[] = {
        [JR_0] = X86_RAX,  [JR_1] = X86_RDI,     [JR_2] = X86_RSI,     [JR_3] = X86_RDX,
        [JR_4] = X86_RCX,  [JR_5] = X86_R8,      [JR_6] = X86_RBX,     [JR_7] = X86_R13,
        [JR_8] = X86_R14,  [JR_9] = X86_R15,     [JR_FP] = X86_RBP,    [JR_T0] = X86_R10,
        [JR_T1] = X86_R11, [JR_STATE] = X86_R12, [JR_SLOTS] = X86_RSP,
    };
    return (enum x86_reg)of[r];
}

#endif

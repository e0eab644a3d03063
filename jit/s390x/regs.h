/* regs.h: which machine register is what on s390x, and why.
 *
 *   %r0        private: inside one operation. It is no base and no index: there it means 0
 *   %r1        T0; with %r0 the even-odd pair of divisions and wide products
 *   %r2..%r6   r1 to r5, where C expects its arguments (%r6 is kept by C functions, not by ours)
 *   %r7..%r10  r6 to r9
 *   %r11       r0
 *   %r12       STATE
 *   %r13       FP
 *   %r14       T1, and the return address while a function is entered and left
 *   %r15       the stack, SLOTS
 *
 * The contract's fourteen, the stack pointer and one private register fill the machine, so the
 * return address cannot stay in a register of its own: a function that calls keeps it in its
 * caller's save area, a leaf in %f0. %r14 goes to T1 because T1 is dead wherever a function begins
 * or ends; r0 would be in the way there.
 *
 * Floating-point registers are the only other storage that needs no memory: %f0 to %f7 belong to
 * nobody across a call, and no eBPF instruction touches them. Here they hold what an operation must
 * put aside: %f0 the return address, %f1 T0, %f3 a register that a divisor borrows.
 */
#ifndef BPFLAB_JIT_S390X_REGS_H
#define BPFLAB_JIT_S390X_REGS_H

#include <assert.h>

#include "jit/arch.h"

enum s390x_gr {
    GR0,
    GR1,
    GR2,
    GR3,
    GR4,
    GR5,
    GR6,
    GR7,
    GR8,
    GR9,
    GR10,
    GR11,
    GR12,
    GR13,
    GR14,
    GR15,
    N_GRS,

    GR_PRIVATE = GR0,
    GR_T0 = GR1,
    GR_RESULT = GR2, /* of C functions */
    GR_R0 = GR11,
    GR_STATE = GR12,
    GR_FP = GR13,
    GR_T1 = GR14,
    GR_LINK = GR14,
    GR_SP = GR15,
};

enum s390x_fr {
    FR0, /* the return address of a leaf */
    FR1, /* T0, while an operation uses its register */
    N_FRS = 16,
};

/* The stack, from the stack pointer up: 160 bytes where whoever is called saves registers, the
 * place of the sixth argument, our slots. %rN is saved at 8 * N of the caller's 160 bytes. */
enum {
    S390X_SAVE_AREA = 160,
    S390X_ARG6 = S390X_SAVE_AREA,
    S390X_SLOTS = S390X_ARG6 + 8,
};

/* s390x_gr: the register of the contract's r (SLOTS: the stack pointer). */
static inline enum s390x_gr s390x_gr(uint8_t r) {
    static const uint8_t regs[] = {
        [JR_0] = GR_R0,  [JR_1] = GR2,          [JR_2] = GR3,       [JR_3] = GR4,
        [JR_4] = GR5,    [JR_5] = GR6,          [JR_6] = GR7,       [JR_7] = GR8,
        [JR_8] = GR9,    [JR_9] = GR10,         [JR_FP] = GR_FP,    [JR_T0] = GR_T0,
        [JR_T1] = GR_T1, [JR_STATE] = GR_STATE, [JR_SLOTS] = GR_SP,
    };
    assert(r < sizeof regs);
    return (enum s390x_gr)regs[r];
}

#endif

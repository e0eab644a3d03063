/* regs.h: which machine register each register of the contract is, on arm64.
 *
 *   r1 to r5      x0 to x4      the C convention's first five arguments
 *   r0            x5            its sixth: a helper call wants the world there, and r0, its result,
 *                               is dead until then; so the call costs one move before, one after
 *   r6 to r9      x19 to x22    kept by C functions
 *   FP, STATE     x23, x24      kept by C functions
 *   T0, T1        x9, x10       die in calls
 *   SLOTS         sp
 *
 * Private to one operation: x11 (an address, offset or second operand that is too wide for the
 * instruction), x12 (a value meanwhile), x16 and x17 (the linker's own: far branches). x18 belongs
 * to some systems, x29 to debuggers, x25 to x28 to C: all are left alone.
 */
#ifndef BPFLAB_JIT_ARM64_REGS_H
#define BPFLAB_JIT_ARM64_REGS_H

#include <assert.h>

#include "jit/arch.h"

/* Number 31 is the zero register or the stack pointer: the instruction decides. */
/* clang-format off */
enum arm64_reg {
    X0, X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, X12, X13, X14, X15,
    X16, X17, X18, X19, X20, X21, X22, X23, X24, X25, X26, X27, X28, X29, X30,
    XZR,
    XSP = XZR,
    /* the private ones, by what they are for */
    X_OPERAND = X11,
    X_VALUE = X12,
    X_FAR = X16,
    X_DISTANCE = X17,
};
/* clang-format on */

/* arm64_reg: the machine register of an enum jit_reg. */
static inline enum arm64_reg arm64_reg(uint8_t r) {
    static const uint8_t map[] = {
        [JR_0] = X5,   [JR_1] = X0,  [JR_2] = X1,   [JR_3] = X2,      [JR_4] = X3,
        [JR_5] = X4,   [JR_6] = X19, [JR_7] = X20,  [JR_8] = X21,     [JR_9] = X22,
        [JR_FP] = X23, [JR_T0] = X9, [JR_T1] = X10, [JR_STATE] = X24, [JR_SLOTS] = XSP,
    };
    assert(r < sizeof map);
    return (enum arm64_reg)map[r];
}

#endif

/* pairs.h: which neighbours are fused: an instruction of FIRSTS and one of SECONDS, SECOND_JUMPS,
 * SECOND_CALLS or JA after it become one function, which saves the jump between them and often the
 * way of a value through memory. Chosen by how often compiled programs execute them one after the
 * other. */
#ifndef BPFLAB_INTERP_PAIRS_H
#define BPFLAB_INTERP_PAIRS_H

/* clang-format off */
/* Straight instructions that a pair may begin with. X(op) */
#define FIRSTS(X)                                                                                  \
    X(MOV64_REG) X(MOV64_IMM) X(MOV32_REG) X(MOV32_IMM) X(ADD64_REG) X(ADD64_IMM) X(ADD32_REG)     \
    X(ADD32_IMM) X(LSH64_IMM) X(RSH64_IMM) X(LSH32_IMM) X(RSH32_IMM) X(AND64_IMM) X(AND32_IMM)     \
    X(XOR64_REG) X(XOR32_REG) X(OR64_REG) X(MUL64_REG) X(MUL64_IMM) X(MUL32_IMM) X(MUL32_REG)      \
    X(SUB64_REG) X(LDXB) X(LDXH) X(LDXW) X(LDXDW) X(STXB) X(STXW) X(STXDW)

/* Straight instructions that a pair may end with, after first. X(first, op) */
#define SECONDS(X, first)                                                                          \
    X(first, MOV64_REG) X(first, MOV64_IMM) X(first, MOV32_REG) X(first, MOV32_IMM)                \
    X(first, ADD64_REG) X(first, ADD64_IMM) X(first, ADD32_REG) X(first, ADD32_IMM)                \
    X(first, SUB64_REG) X(first, SUB32_REG) X(first, MUL64_REG) X(first, MUL64_IMM)                \
    X(first, MUL32_REG) X(first, MUL32_IMM) X(first, OR64_REG) X(first, OR64_IMM)                  \
    X(first, OR32_REG) X(first, OR32_IMM) X(first, AND64_REG) X(first, AND64_IMM)                  \
    X(first, AND32_REG) X(first, AND32_IMM) X(first, XOR64_REG) X(first, XOR64_IMM)                \
    X(first, XOR32_REG) X(first, XOR32_IMM) X(first, LSH64_IMM) X(first, RSH64_IMM)                \
    X(first, LSH32_IMM) X(first, RSH32_IMM) X(first, ARSH64_IMM) X(first, ARSH32_IMM)              \
    X(first, MOD32_REG) X(first, BE16) X(first, LDXB) X(first, LDXH) X(first, LDXW)                \
    X(first, LDXDW) X(first, STXB) X(first, STXH) X(first, STXW) X(first, STXDW) X(first, STDW)

/* Conditional jumps that a pair may end with, forward and backward. X(first, op) */
#define SECOND_JUMPS(X, first)                                                                     \
    X(first, JEQ64_IMM) X(first, JEQ64_REG) X(first, JEQ32_IMM) X(first, JEQ32_REG)                \
    X(first, JNE64_IMM) X(first, JNE64_REG) X(first, JNE32_IMM) X(first, JNE32_REG)                \
    X(first, JGT64_IMM) X(first, JGT64_REG) X(first, JGT32_IMM) X(first, JGT32_REG)                \
    X(first, JLT64_IMM) X(first, JLT64_REG) X(first, JLT32_IMM) X(first, JLT32_REG)                \
    X(first, JGE64_REG) X(first, JSGT64_IMM) X(first, JSLT64_IMM) X(first, JSET32_IMM)

/* Calls and exits that a pair may end with. X(first, op, body) */
#define SECOND_CALLS(X, first)                                                                     \
    X(first, CALL_LOCAL, ENTER(N_KEPT)) X(first, EXIT, LEAVE(N_KEPT))                              \
    X(first, CELL_CALL_KEEP0, ENTER(0)) X(first, CELL_EXIT_KEEP0, LEAVE(0))                        \
    X(first, CELL_CALL_KEEP1, ENTER(1)) X(first, CELL_EXIT_KEEP1, LEAVE(1))                        \
    X(first, CELL_CALL_KEEP2, ENTER(2)) X(first, CELL_EXIT_KEEP2, LEAVE(2))                        \
    X(first, CELL_CALL_KEEP3, ENTER(3)) X(first, CELL_EXIT_KEEP3, LEAVE(3))

/* Conditional jumps that JA (either way) may follow: clang's way to close a loop. X(op) */
#define JUMPS_BEFORE_JA(X)                                                                         \
    X(JEQ64_IMM) X(JEQ64_REG) X(JEQ32_IMM) X(JEQ32_REG) X(JNE64_IMM) X(JNE64_REG) X(JNE32_IMM)     \
    X(JNE32_REG) X(JGT64_IMM) X(JGT64_REG) X(JGT32_IMM) X(JGT32_REG) X(JLT64_IMM) X(JLT64_REG)     \
    X(JLT32_IMM) X(JLT32_REG)
/* clang-format on */

#endif

/* ops.c: the tables and evaluators that the instruction rows expand to. */
#include "isa/insn.h"

#include "isa/sem.h"

/* The codes' parts that a row does not spell out (RFC 9669 section 3). */
enum {
    CODE_ALU32 = 0x04,
    CODE_ALU64 = 0x07,
    CODE_JMP64 = 0x05,
    CODE_JMP32 = 0x06,
    CODE_REG = 0x08, /* second operand is a register */
    CODE_ATOMIC32 = 0xc3,
    CODE_ATOMIC64 = 0xdb,
    IMM_LOAD_ACQ = 0x100,
    IMM_STORE_REL = 0x110,
};

#define GROUP_BASE(width)   ((width) == 32 ? GROUP_BASE32 : GROUP_BASE64)
#define GROUP_DIVMUL(width) ((width) == 32 ? GROUP_DIVMUL32 : GROUP_DIVMUL64)

#define ALU_BINARY_ROW(op, w, nm, sy, cd, of, grp, reg)                                            \
    [OP_##op##w##_##reg] = {.id = #op #w "_" #reg,                                                 \
                            .name = nm,                                                            \
                            .sym = sy,                                                             \
                            .code = (cd) | CODE_ALU##w | ALU_SRC_##reg,                            \
                            .cls = CLASS_ALU_BINARY,                                               \
                            .width_bits = w,                                                       \
                            .from_reg = ALU_SRC_##reg != 0,                                        \
                            .group = GROUP_##grp(w),                                               \
                            .dst_rule = FIELD_WREG,                                                \
                            .src_rule = ALU_SRC_##reg ? FIELD_REG : FIELD_ZERO,                    \
                            .off_rule = FIELD_FIXED,                                               \
                            .off_fixed = of,                                                       \
                            .imm_rule = ALU_SRC_##reg ? FIELD_ZERO : FIELD_ANY}
#define ALU_SRC_IMM 0
#define ALU_SRC_REG CODE_REG

#define JMP_COND_ROW(op, w, nm, sy, cd, reg)                                                       \
    [OP_##op##w##_##reg] = {.id = #op #w "_" #reg,                                                 \
                            .name = nm,                                                            \
                            .sym = sy,                                                             \
                            .code = (cd) | CODE_JMP##w | ALU_SRC_##reg,                            \
                            .cls = CLASS_JMP_COND,                                                 \
                            .width_bits = w,                                                       \
                            .from_reg = ALU_SRC_##reg != 0,                                        \
                            .group = GROUP_BASE(w),                                                \
                            .dst_rule = FIELD_REG,                                                 \
                            .src_rule = ALU_SRC_##reg ? FIELD_REG : FIELD_ZERO,                    \
                            .off_rule = FIELD_JUMP,                                                \
                            .imm_rule = ALU_SRC_##reg ? FIELD_ZERO : FIELD_ANY}

#define ATOMIC_ROW(op, w, nm, sy, im, cl, src)                                                     \
    [OP_##op##w] = {.id = #op #w,                                                                  \
                    .name = nm,                                                                    \
                    .sym = sy,                                                                     \
                    .code = CODE_ATOMIC##w,                                                        \
                    .cls = cl,                                                                     \
                    .width_bits = w,                                                               \
                    .from_reg = true,                                                              \
                    .group = GROUP_ATOMIC##w,                                                      \
                    .dst_rule = FIELD_REG,                                                         \
                    .src_rule = src,                                                               \
                    .off_rule = FIELD_ANY,                                                         \
                    .imm_rule = FIELD_FIXED,                                                       \
                    .imm_fixed = im}
#define FETCH_NONE FIELD_REG
#define FETCH_SRC  FIELD_WREG

/* The two macros that spell a rule out of a word of the row. */
#define IMM64_ANY       FIELD_ANY
#define IMM64_ZERO      FIELD_ZERO
#define LDX_ZERO        false
#define LDX_SIGN        true
#define PKT_ABS         FIELD_ZERO
#define PKT_IND         FIELD_REG
#define JA_OFF_OFF      FIELD_JUMP
#define JA_OFF_IMM      FIELD_ZERO
#define JA_IMM_OFF      FIELD_ZERO
#define JA_IMM_IMM      FIELD_JUMP
#define CALL_CLS_HELPER CLASS_CALL
#define CALL_CLS_LOCAL  CLASS_CALL_LOCAL
#define CALL_CLS_KFUNC  CLASS_CALL_KFUNC
#define CALL_OFF_HELPER FIELD_ZERO
#define CALL_OFF_LOCAL  FIELD_ZERO
#define CALL_OFF_KFUNC  FIELD_ANY
#define CALL_IMM_HELPER FIELD_ANY
#define CALL_IMM_LOCAL  FIELD_JUMP
#define CALL_IMM_KFUNC  FIELD_ANY

/* Fields left out of an initialiser are zero: rule FIELD_ZERO, group and width none. */
/* clang-format off */
const struct op_info op_table[N_OPS] = {
#define ALU_BINARY(op, nm, sy, cd, of, grp, expr) \
    ALU_BINARY_ROW(op, 32, nm, sy, cd, of, grp, IMM), ALU_BINARY_ROW(op, 32, nm, sy, cd, of, grp, REG), \
    ALU_BINARY_ROW(op, 64, nm, sy, cd, of, grp, IMM), ALU_BINARY_ROW(op, 64, nm, sy, cd, of, grp, REG),
#define ALU_UNARY(op, nm, sy, cd, grp, expr) \
    [OP_##op##32] = {.id = #op "32", .name = nm, .sym = sy, .code = (cd) | CODE_ALU32, .cls = CLASS_ALU_UNARY, \
                     .width_bits = 32, .group = GROUP_##grp(32), .dst_rule = FIELD_WREG}, \
    [OP_##op##64] = {.id = #op "64", .name = nm, .sym = sy, .code = (cd) | CODE_ALU64, .cls = CLASS_ALU_UNARY, \
                     .width_bits = 64, .group = GROUP_##grp(64), .dst_rule = FIELD_WREG},
#define ALU_SEXT(op, width, bits, nm, expr) \
    [OP_##op##_##width] = {.id = #op "_" #width, .name = nm, .code = 0xb0 | CODE_ALU##width | CODE_REG, \
                           .cls = CLASS_ALU_SEXT, .width_bits = width, .from_reg = true, \
                           .group = GROUP_BASE(width), .dst_rule = FIELD_WREG, .src_rule = FIELD_REG, \
                           .off_rule = FIELD_FIXED, .off_fixed = bits},
#define ALU_END(op, nm, sy, cd, bits, grp, expr) \
    [OP_##op] = {.id = #op, .name = nm, .sym = sy, .code = cd, .cls = CLASS_ALU_END, .width_bits = 64, \
                 .group = GROUP_##grp, .dst_rule = FIELD_WREG, .imm_rule = FIELD_FIXED, .imm_fixed = bits},
#define ALU_CAST(op, nm, im, dst_as, src_as, expr) \
    [OP_##op] = {.id = #op, .name = nm, .code = 0xb0 | CODE_ALU64 | CODE_REG, .cls = CLASS_ALU_CAST, \
                 .width_bits = 64, .from_reg = true, .group = GROUP_LINUX, .dst_rule = FIELD_WREG, \
                 .src_rule = FIELD_REG, .off_rule = FIELD_FIXED, .off_fixed = 1, \
                 .imm_rule = FIELD_FIXED, .imm_fixed = im},
#include "isa/alu.def"

#define JMP_COND(op, nm, sy, cd, expr) \
    JMP_COND_ROW(op, 64, nm, sy, cd, IMM), JMP_COND_ROW(op, 64, nm, sy, cd, REG), \
    JMP_COND_ROW(op, 32, nm, sy, cd, IMM), JMP_COND_ROW(op, 32, nm, sy, cd, REG),
#define JMP_ALWAYS(op, nm, cd, reach) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CLASS_JMP_ALWAYS, .group = GROUP_BASE32, \
                 .off_rule = JA_OFF_##reach, .imm_rule = JA_IMM_##reach},
#define JMP_BUDGET(op, nm, cd) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CLASS_JMP_BUDGET, .group = GROUP_LINUX, \
                 .off_rule = FIELD_JUMP},
#define JMP_TABLE(op, nm, cd) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CLASS_JMP_TABLE, .group = GROUP_LINUX, \
                 .dst_rule = FIELD_REG},
#include "isa/jmp.def"

#define MEM_LDX(op, nm, size, cd, ext, grp) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CLASS_LDX, .width_bits = 8 * (size), .from_reg = true, \
                 .sign = LDX_##ext, .group = GROUP_##grp, .dst_rule = FIELD_WREG, .src_rule = FIELD_REG, \
                 .off_rule = FIELD_ANY},
#define MEM_STX(op, nm, size, cd, grp) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CLASS_STX, .width_bits = 8 * (size), .from_reg = true, \
                 .group = GROUP_##grp, .dst_rule = FIELD_REG, .src_rule = FIELD_REG, .off_rule = FIELD_ANY},
#define MEM_ST(op, nm, size, cd, grp) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CLASS_ST, .width_bits = 8 * (size), \
                 .group = GROUP_##grp, .dst_rule = FIELD_REG, .off_rule = FIELD_ANY, .imm_rule = FIELD_ANY},
#define MEM_IMM64(op, nm, sr, lo, hi) \
    [OP_##op] = {.id = #op, .name = nm, .code = 0x18, .cls = CLASS_IMM64, .width_bits = 64, .group = GROUP_BASE64, \
                 .dst_rule = FIELD_WREG, .src_rule = FIELD_FIXED, .src_fixed = sr, \
                 .imm_rule = IMM64_##lo, .hi_rule = IMM64_##hi},
#define MEM_PKT(op, nm, size, cd, mode) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CLASS_PKT, .width_bits = 8 * (size), \
                 .from_reg = PKT_##mode == FIELD_REG, .group = GROUP_PACKET, .src_rule = PKT_##mode, \
                 .imm_rule = FIELD_ANY},
#include "isa/mem.def"

#define ATOMIC_RMW(op, nm, sy, im, fetch, expr) \
    ATOMIC_ROW(op, 32, nm, sy, im, CLASS_ATOMIC_RMW, FETCH_##fetch), \
    ATOMIC_ROW(op, 64, nm, sy, im, CLASS_ATOMIC_RMW, FETCH_##fetch),
#define ATOMIC_XCHG(op, nm, im) \
    ATOMIC_ROW(op, 32, nm, NULL, im, CLASS_ATOMIC_XCHG, FIELD_WREG), \
    ATOMIC_ROW(op, 64, nm, NULL, im, CLASS_ATOMIC_XCHG, FIELD_WREG),
#define ATOMIC_CMPXCHG(op, nm, im) \
    ATOMIC_ROW(op, 32, nm, NULL, im, CLASS_ATOMIC_CMPXCHG, FIELD_REG), \
    ATOMIC_ROW(op, 64, nm, NULL, im, CLASS_ATOMIC_CMPXCHG, FIELD_REG),
#define ATOMIC_LOAD(op, nm, size, cd) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CLASS_ATOMIC_LOAD, .width_bits = 8 * (size), \
                 .from_reg = true, .group = GROUP_LINUX, .dst_rule = FIELD_WREG, .src_rule = FIELD_REG, \
                 .off_rule = FIELD_ANY, .imm_rule = FIELD_FIXED, .imm_fixed = IMM_LOAD_ACQ},
#define ATOMIC_STORE(op, nm, size, cd) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CLASS_ATOMIC_STORE, .width_bits = 8 * (size), \
                 .from_reg = true, .group = GROUP_LINUX, .dst_rule = FIELD_REG, .src_rule = FIELD_REG, \
                 .off_rule = FIELD_ANY, .imm_rule = FIELD_FIXED, .imm_fixed = IMM_STORE_REL},
#include "isa/atomic.def"

#define CALL_ROW(op, nm, cd, sr, target) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CALL_CLS_##target, .group = GROUP_BASE32, \
                 .src_rule = FIELD_FIXED, .src_fixed = sr, .off_rule = CALL_OFF_##target, \
                 .imm_rule = CALL_IMM_##target},
#define CALL_REG(op, nm, cd) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CLASS_CALL_REG, .group = GROUP_CALLX, \
                 .dst_rule = FIELD_REG, .imm_rule = FIELD_ANY},
#define CALL_EXIT(op, nm, cd) \
    [OP_##op] = {.id = #op, .name = nm, .code = cd, .cls = CLASS_EXIT, .group = GROUP_BASE32},
#include "isa/call.def"
};
/* clang-format on */

/* Operands of an ALU or jump row, cut to its width: what d and s stand for in an expression. */
#define ROW_D(w)   bv_trunc(w, dst)
#define ROW_IMM(w) bv_trunc(w, (uint64_t)(int64_t)in.imm)
#define ROW_REG(w) bv_trunc(w, src)
#define EVAL(width, source, expr)                                                                  \
    {                                                                                              \
        const unsigned w = width;                                                                  \
        const uint64_t d = ROW_D(width), s = source;                                               \
        (void)w, (void)d, (void)s;                                                                 \
        return expr;                                                                               \
    }

#define E_BIG_ENDIAN env.big_endian
#define E_ARENA      env.arena_base

uint64_t op_eval_alu(enum op op, struct insn in, uint64_t dst, uint64_t src, struct sem_env env) {
    switch ((int)op) {
#define ALU_BINARY(op, nm, sy, cd, of, grp, expr)                                                  \
    case OP_##op##32_IMM: EVAL(32, ROW_IMM(32), expr)                                              \
    case OP_##op##32_REG: EVAL(32, ROW_REG(32), expr)                                              \
    case OP_##op##64_IMM: EVAL(64, ROW_IMM(64), expr)                                              \
    case OP_##op##64_REG: EVAL(64, ROW_REG(64), expr)
#define ALU_UNARY(op, nm, sy, cd, grp, expr)                                                       \
    case OP_##op##32: EVAL(32, 0, expr)                                                            \
    case OP_##op##64: EVAL(64, 0, expr)
#define ALU_SEXT(op, width, bits, nm, expr)                                                        \
    case OP_##op##_##width: EVAL(width, ROW_REG(width), expr)
#define ALU_END(op, nm, sy, cd, bits, grp, expr)                                                   \
    case OP_##op: EVAL(64, 0, expr)
#define ALU_CAST(op, nm, im, dst_as, src_as, expr)                                                 \
    case OP_##op: EVAL(64, ROW_REG(64), expr)
#include "isa/alu.def"
    default: return 0;
    }
}

bool op_eval_jmp(enum op op, struct insn in, uint64_t dst, uint64_t src) {
    switch ((int)op) {
#define JMP_COND(op, nm, sy, cd, expr)                                                             \
    case OP_##op##64_IMM: EVAL(64, ROW_IMM(64), expr)                                              \
    case OP_##op##64_REG: EVAL(64, ROW_REG(64), expr)                                              \
    case OP_##op##32_IMM: EVAL(32, ROW_IMM(32), expr)                                              \
    case OP_##op##32_REG: EVAL(32, ROW_REG(32), expr)
#include "isa/jmp.def"
    default: return false;
    }
}

uint64_t op_eval_atomic(enum op op, uint64_t mem, uint64_t src) {
    switch ((int)op) {
#define ATOMIC_CASE(width, expr)                                                                   \
    {                                                                                              \
        const unsigned w = width;                                                                  \
        const uint64_t m = bv_trunc(w, mem), s = bv_trunc(w, src);                                 \
        return expr;                                                                               \
    }
#define ATOMIC_RMW(op, nm, sy, im, fetch, expr)                                                    \
    case OP_##op##32: ATOMIC_CASE(32, expr)                                                        \
    case OP_##op##64: ATOMIC_CASE(64, expr)
#include "isa/atomic.def"
    default: return 0;
    }
}

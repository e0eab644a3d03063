/* rows.c: jit_rows, made from the rows of isa/. */
#include "jit/rows.h"

#include "jit/arch.h"

/* The operation of a binary row, by its name. */
enum {
    BINARY_ADD = JOP_ADD,
    BINARY_SUB = JOP_SUB,
    BINARY_MUL = JOP_MUL,
    BINARY_DIV = JOP_UDIV,
    BINARY_SDIV = JOP_SDIV,
    BINARY_OR = JOP_OR,
    BINARY_AND = JOP_AND,
    BINARY_LSH = JOP_SHL,
    BINARY_RSH = JOP_LSHR,
    BINARY_MOD = JOP_UMOD,
    BINARY_SMOD = JOP_SMOD,
    BINARY_XOR = JOP_XOR,
    BINARY_MOV = JOP_MOV,
    BINARY_ARSH = JOP_ASHR,
};

/* The condition of a jump, and what an atomic operation does, by name: a new row without one does
 * not compile. */
enum {
    COND_JEQ = JC_EQ,
    COND_JGT = JC_UGT,
    COND_JGE = JC_UGE,
    COND_JSET = JC_SET,
    COND_JNE = JC_NE,
    COND_JSGT = JC_SGT,
    COND_JSGE = JC_SGE,
    COND_JLT = JC_ULT,
    COND_JLE = JC_ULE,
    COND_JSLT = JC_SLT,
    COND_JSLE = JC_SLE,
    RMW_ATOMIC_ADD = JRMW_ADD,
    RMW_ATOMIC_OR = JRMW_OR,
    RMW_ATOMIC_AND = JRMW_AND,
    RMW_ATOMIC_XOR = JRMW_XOR,
    RMW_ATOMIC_FETCH_ADD = JRMW_ADD,
    RMW_ATOMIC_FETCH_OR = JRMW_OR,
    RMW_ATOMIC_FETCH_AND = JRMW_AND,
    RMW_ATOMIC_FETCH_XOR = JRMW_XOR,
};

/* Are low halves enough for the low half, at 64 bits? */
#define CLOSED_64(jop)                                                                             \
    ((jop) == JOP_ADD || (jop) == JOP_SUB || (jop) == JOP_MUL || (jop) == JOP_OR ||                \
             (jop) == JOP_AND || (jop) == JOP_XOR || (jop) == JOP_SHL || (jop) == JOP_MOV          \
         ? ROW_CLOSED                                                                              \
         : 0)
#define READS(jop) ((jop) == JOP_MOV ? 0 : ROW_READS_DST)

/* clang-format off */
#define BINARY(op, w, from_imm, more)                                                              \
    {.cls = CLASS_ALU_BINARY, .jop = BINARY_##op, .width = w, .imm = from_imm, .plain = true,      \
     .flags = ROW_WRITES_DST | READS((int)BINARY_##op) | (from_imm ? 0 : ROW_READS_SRC) | (more)}
#define ALU_SEXT_JOP(bits) (bits == 8 ? JOP_SEXT8 : bits == 16 ? JOP_SEXT16 : JOP_SEXT32)
#define FETCH_NONE 0
#define FETCH_SRC  ROW_WRITES_SRC
#define ATOMIC(c, rmw, w, more)                                                                    \
    {.cls = c, .jop = rmw, .width = w, .plain = true, .flags = ROW_READS_DST | ROW_READS_SRC | (more)}
#define REACH(c, more) {.cls = c, .flags = ROW_JUMPS | (more)}
#define PKT_ABS 0
#define PKT_IND ROW_READS_SRC

const struct row jit_rows[N_OPS + 1] = {
    [OP_INVALID] = {.plain = true, .cls = UINT8_MAX},
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    [OP_##op##32_IMM] = BINARY(op, 32, true, ROW_LOW), [OP_##op##32_REG] = BINARY(op, 32, false, ROW_LOW), \
    [OP_##op##64_IMM] = BINARY(op, 64, true, CLOSED_64((int)BINARY_##op)),                         \
    [OP_##op##64_REG] = BINARY(op, 64, false, CLOSED_64((int)BINARY_##op)),
#define ALU_UNARY(op, name, sym, code, group, expr)                                                \
    [OP_##op##32] = {.cls = CLASS_ALU_UNARY, .jop = JOP_NEG, .width = 32, .plain = true,           \
                     .flags = ROW_WRITES_DST | ROW_READS_DST | ROW_LOW},                           \
    [OP_##op##64] = {.cls = CLASS_ALU_UNARY, .jop = JOP_NEG, .width = 64, .plain = true,           \
                     .flags = ROW_WRITES_DST | ROW_READS_DST | ROW_CLOSED},
#define ALU_SEXT(op, w, bits, name, expr)                                                          \
    [OP_##op##_##w] = {.cls = CLASS_ALU_SEXT, .jop = ALU_SEXT_JOP(bits), .width = w, .plain = true,\
                       .flags = ROW_WRITES_DST | ROW_READS_SRC | ROW_LOW},
#define ALU_END(op, name, sym, code, bits, group, expr)                                            \
    [OP_##op] = {.cls = CLASS_ALU_END, .width = bits, .plain = true,                               \
                 .flags = ROW_WRITES_DST | ROW_READS_DST | (bits < 64 ? ROW_LOW : 0)},
#define ALU_CAST(op, name, imm_is, dst_as, src_as, expr)                                           \
    [OP_##op] = {.cls = CLASS_ALU_CAST, .width = 64, .plain = true,                                \
                 .flags = ROW_WRITES_DST | ROW_READS_SRC | ROW_LOW},
#include "isa/alu.def"
#define JMP_COND(op, name, sym, code, expr)                                                        \
    [OP_##op##64_IMM] = {.cls = CLASS_JMP_COND, .jop = COND_##op, .width = 64, .flags = ROW_JUMPS | ROW_READS_DST, .imm = true}, \
    [OP_##op##64_REG] = {.cls = CLASS_JMP_COND, .jop = COND_##op, .width = 64, .flags = ROW_JUMPS | ROW_READS_DST | ROW_READS_SRC}, \
    [OP_##op##32_IMM] = {.cls = CLASS_JMP_COND, .jop = COND_##op, .width = 32, .flags = ROW_JUMPS | ROW_READS_DST | ROW_LOW, .imm = true}, \
    [OP_##op##32_REG] = {.cls = CLASS_JMP_COND, .jop = COND_##op, .width = 32, .flags = ROW_JUMPS | ROW_READS_DST | ROW_READS_SRC | ROW_LOW},
#define JMP_ALWAYS(op, name, code, reach) [OP_##op] = REACH(CLASS_JMP_ALWAYS, ROW_ENDS),
#define JMP_BUDGET(op, name, code) [OP_##op] = REACH(CLASS_JMP_BUDGET, 0),
#define JMP_TABLE(op, name, code) [OP_##op] = {.cls = CLASS_JMP_TABLE, .flags = ROW_READS_DST | ROW_ENDS},
#include "isa/jmp.def"
#define MEM_LDX(op, name, size, code, ext, group)                                                  \
    [OP_##op] = {.cls = CLASS_LDX, .width = 8 * size, .plain = true, .flags = ROW_WRITES_DST | ROW_READS_SRC},
#define MEM_STX(op, name, size, code, group)                                                       \
    [OP_##op] = {.cls = CLASS_STX, .width = 8 * size, .plain = true, .flags = ROW_READS_DST | ROW_READS_SRC},
#define MEM_ST(op, name, size, code, group)                                                        \
    [OP_##op] = {.cls = CLASS_ST, .width = 8 * size, .plain = true, .flags = ROW_READS_DST},
#define MEM_IMM64(op, name, src, lo, hi) [OP_##op] = {.cls = CLASS_IMM64, .width = 64, .flags = ROW_WRITES_DST},
#define MEM_PKT(op, name, size, code, mode) [OP_##op] = {.cls = CLASS_PKT, .width = 8 * size, .flags = PKT_##mode},
#include "isa/mem.def"
#define ATOMIC_RMW(op, name, sym, imm, fetch, expr)                                                \
    [OP_##op##32] = ATOMIC(CLASS_ATOMIC_RMW, RMW_##op, 32, FETCH_##fetch), [OP_##op##64] = ATOMIC(CLASS_ATOMIC_RMW, RMW_##op, 64, FETCH_##fetch),
#define ATOMIC_XCHG(op, name, imm)                                                                 \
    [OP_##op##32] = ATOMIC(CLASS_ATOMIC_XCHG, JRMW_XCHG, 32, ROW_WRITES_SRC), [OP_##op##64] = ATOMIC(CLASS_ATOMIC_XCHG, JRMW_XCHG, 64, ROW_WRITES_SRC),
#define ATOMIC_CMPXCHG(op, name, imm)                                                              \
    [OP_##op##32] = ATOMIC(CLASS_ATOMIC_CMPXCHG, JRMW_CMPXCHG, 32, 0), [OP_##op##64] = ATOMIC(CLASS_ATOMIC_CMPXCHG, JRMW_CMPXCHG, 64, 0),
#define ATOMIC_LOAD(op, name, size, code)                                                          \
    [OP_##op] = {.cls = CLASS_ATOMIC_LOAD, .width = 8 * size, .plain = true, .flags = ROW_WRITES_DST | ROW_READS_SRC},
#define ATOMIC_STORE(op, name, size, code)                                                         \
    [OP_##op] = {.cls = CLASS_ATOMIC_STORE, .width = 8 * size, .plain = true, .flags = ROW_READS_DST | ROW_READS_SRC},
#include "isa/atomic.def"
#define CLASS_OF_HELPER CLASS_CALL
#define CLASS_OF_LOCAL  CLASS_CALL_LOCAL
#define CLASS_OF_KFUNC  CLASS_CALL_KFUNC
#define CALL_ROW(op, name, code, src, target) [OP_##op] = {.cls = CLASS_OF_##target},
#define CALL_REG(op, name, code) [OP_##op] = {.cls = CLASS_CALL_REG},
#define CALL_EXIT(op, name, code) [OP_##op] = {.cls = CLASS_EXIT, .flags = ROW_ENDS},
#include "isa/call.def"
};
/* clang-format on */

/* insn.h: one eBPF instruction, its wire format, and the identity of its row.
 *
 *   byte      0        1          2 3        4 5 6 7
 *         +--------+---------+----------+---------------+
 *         |  code  | src|dst |   off    |      imm      |    little-endian object
 *         |  code  | dst|src |   off    |      imm      |    big-endian object: off, imm too
 *         +--------+---------+----------+---------------+
 *
 * LD_IMM64 takes two slots; the second's imm is the upper half. A pc counts slots. The rows (alu,
 * jmp, mem, atomic and call.def) give every instruction a name, OP_..., which all later layers
 * switch on.
 * source: RFC 9669 section 3.
 */
#ifndef BPFLAB_ISA_INSN_H
#define BPFLAB_ISA_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"

enum {
    INSN_BYTES = 8,
    N_REGS = 11, /* r0 to r10 */
    REG_FP = 10,
};

/* struct insn: one slot, decoded from either byte order. */
struct insn {
    uint8_t code;
    uint8_t dst, src; /* 0 to 15; no register has a number above 10 */
    int16_t off;
    int32_t imm;
};

enum op {
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    OP_##op##32_IMM, OP_##op##32_REG, OP_##op##64_IMM, OP_##op##64_REG,
#define ALU_UNARY(op, name, sym, code, group, expr)     OP_##op##32, OP_##op##64,
#define ALU_SEXT(op, width, bits, name, expr)           OP_##op##_##width,
#define ALU_END(op, name, sym, code, bits, group, expr) OP_##op,
#define ALU_CAST(op, name, imm, dst_as, src_as, expr)   OP_##op,
#include "isa/alu.def"
#define JMP_COND(op, name, sym, code, expr)                                                        \
    OP_##op##64_IMM, OP_##op##64_REG, OP_##op##32_IMM, OP_##op##32_REG,
#define JMP_ALWAYS(op, name, code, reach) OP_##op,
#define JMP_BUDGET(op, name, code)        OP_##op,
#define JMP_TABLE(op, name, code)         OP_##op,
#include "isa/jmp.def"
#define MEM_LDX(op, name, size, code, ext, group) OP_##op,
#define MEM_STX(op, name, size, code, group)      OP_##op,
#define MEM_ST(op, name, size, code, group)       OP_##op,
#define MEM_IMM64(op, name, src, lo, hi)          OP_##op,
#define MEM_PKT(op, name, size, code, mode)       OP_##op,
#include "isa/mem.def"
#define ATOMIC_RMW(op, name, sym, imm, fetch, expr) OP_##op##32, OP_##op##64,
#define ATOMIC_XCHG(op, name, imm)                  OP_##op##32, OP_##op##64,
#define ATOMIC_CMPXCHG(op, name, imm)               OP_##op##32, OP_##op##64,
#define ATOMIC_LOAD(op, name, size, code)           OP_##op,
#define ATOMIC_STORE(op, name, size, code)          OP_##op,
#include "isa/atomic.def"
#define CALL_ROW(op, name, code, src, target) OP_##op,
#define CALL_REG(op, name, code)              OP_##op,
#define CALL_EXIT(op, name, code)             OP_##op,
#include "isa/call.def"
    N_OPS,
    OP_INVALID = N_OPS,
};

/* enum op_class: the family of a row; it decides how an instruction reads, prints and steps. */
enum op_class {
    CLASS_ALU_BINARY,
    CLASS_ALU_UNARY, /* NEG */
    CLASS_ALU_SEXT,
    CLASS_ALU_END, /* byte order */
    CLASS_ALU_CAST,
    CLASS_JMP_COND,
    CLASS_JMP_ALWAYS,
    CLASS_JMP_BUDGET,
    CLASS_JMP_TABLE,
    CLASS_LDX,
    CLASS_STX,
    CLASS_ST,
    CLASS_IMM64,
    CLASS_PKT, /* LD_ABS, LD_IND */
    CLASS_ATOMIC_RMW,
    CLASS_ATOMIC_XCHG,
    CLASS_ATOMIC_CMPXCHG,
    CLASS_ATOMIC_LOAD,
    CLASS_ATOMIC_STORE,
    CLASS_CALL,       /* helper */
    CLASS_CALL_LOCAL, /* subprogram */
    CLASS_CALL_KFUNC,
    CLASS_CALL_REG,
    CLASS_EXIT,
};

/* enum isa_group: RFC 9669's conformance groups, and one for Linux's additions. Bits of a set. */
enum isa_group {
    GROUP_BASE32 = 1 << 0,
    GROUP_BASE64 = 1 << 1,
    GROUP_ATOMIC32 = 1 << 2,
    GROUP_ATOMIC64 = 1 << 3,
    GROUP_DIVMUL32 = 1 << 4,
    GROUP_DIVMUL64 = 1 << 5,
    GROUP_PACKET = 1 << 6,
    GROUP_LINUX = 1 << 7,
    GROUP_CALLX = 1 << 8,
};

/* enum field_rule: what a field of an instruction may hold. */
enum field_rule {
    FIELD_ZERO,  /* reserved */
    FIELD_FIXED, /* exactly the row's value: it tells rows of one code apart */
    FIELD_REG,   /* r0 to r10 */
    FIELD_WREG,  /* r0 to r9: r10 is read-only */
    FIELD_ANY,
    FIELD_JUMP, /* a distance in slots from the next instruction */
};

/* struct op_info: a row, as data. One table, op_table[N_OPS], made from the .def files. */
struct op_info {
    const char *id;   /* "ADD64_IMM" */
    const char *name; /* uBPF-style mnemonic without the 32 suffix: "add" */
    const char *sym;  /* kernel-style operator: "+=", or NULL */
    uint8_t code;
    uint8_t cls;        /* enum op_class */
    uint8_t width_bits; /* of the operation: 32, 64; memory: 8 to 64; else 0 */
    bool from_reg;      /* second operand is a register (ALU, conditional jumps) */
    bool sign;          /* LDX: sign-extending */
    uint16_t group;     /* one bit of enum isa_group */
    uint8_t dst_rule, src_rule, off_rule, imm_rule; /* enum field_rule */
    uint8_t src_fixed;
    int16_t off_fixed;
    int32_t imm_fixed;
    uint8_t hi_rule; /* IMM64: the second slot's imm, ANY or ZERO */
};

extern const struct op_info op_table[N_OPS];

/* op_of: the row that an instruction belongs to, by its code and the fields that tell rows of one
 * code apart. Reserved fields are not judged here.
 * in:     any bits
 * out:    OP_INVALID if no row fits
 * cost:   O(1); O(rows) for the rarer rows of a shared code */
enum op op_of(struct insn in);

/* insn_check: is this slot, with its successor, a valid instruction: a known row, registers that
 * exist, reserved fields zero, r10 not written, a second slot where one is needed?
 * Jump targets are prog_check's to judge.
 * in:     next: the following slot, NULL at the end of the program
 * errors: OPCODE, REGISTER, RESERVED, IMM64; READONLY if nothing else is wrong
 * cost:   that of op_of */
enum bpflab_err insn_check(struct insn in, const struct insn *next);

/* insn_check_as: the same for one whose row is known: op is op_of(in). cost: O(1) */
enum bpflab_err insn_check_as(struct insn in, enum op op, const struct insn *next);

/* insns_decode: the row of each instruction: ops[pc] is an enum op, OP_INVALID in the second slot
 * of an LD_IMM64. A write to r10 passes.
 * errors: those of insn_check but READONLY; *bad_pc says where
 * cost:   O(n) */
enum bpflab_err insns_decode(const struct insn *insns, uint32_t n_insns, uint8_t *ops,
                             uint32_t *bad_pc);

/* insn_writes_fp: does it write r10? */
bool insn_writes_fp(struct insn in);

/* insn_decode, insn_encode: one slot from and to its 8 bytes, in the object's byte order. Total:
 * any bytes decode, and encode back to the same bytes. */
struct insn insn_decode(const uint8_t bytes[INSN_BYTES], bool big_endian);
void insn_encode(struct insn in, bool big_endian, uint8_t bytes[INSN_BYTES]);

/* insn_slots: 2 for the first slot of an LD_IMM64, else 1. */
static inline unsigned insn_slots(struct insn in) {
    return in.code == 0x18 ? 2 : 1;
}

/* insn_imm64: the 64-bit immediate of a two-slot instruction. */
static inline uint64_t insn_imm64(struct insn lo, struct insn hi) {
    return (uint64_t)(uint32_t)hi.imm << 32 | (uint32_t)lo.imm;
}

/* insn_jump: the distance, in slots from the next instruction, that a jump or local call goes when
 * taken.
 * in:     op of class JMP_COND, JMP_ALWAYS, JMP_BUDGET or CALL_LOCAL */
int32_t insn_jump(enum op op, struct insn in);

/* struct sem_env: the machine that an instruction runs on, as far as its meaning depends on it. */
struct sem_env {
    bool big_endian;
    uint64_t arena_base; /* user address of the arena with the low half zero */
};

/* op_eval_alu: what an ALU row computes, for constant folding, tests and specification.
 * in:     op of one of the CLASS_ALU_ classes; dst, src: register values; an immediate form reads
 *         in.imm instead of src
 * out:    the destination's new 64-bit value
 * cost:   O(1)
 * source: isa/alu.def */
uint64_t op_eval_alu(enum op op, struct insn in, uint64_t dst, uint64_t src, struct sem_env env);

/* op_eval_jmp: is the conditional jump taken?
 * in:     op of CLASS_JMP_COND; the others as for op_eval_alu
 * source: isa/jmp.def */
bool op_eval_jmp(enum op op, struct insn in, uint64_t dst, uint64_t src);

/* op_eval_atomic: the new memory value, from the old one and the source register.
 * in:     op of CLASS_ATOMIC_RMW
 * source: isa/atomic.def */
uint64_t op_eval_atomic(enum op op, uint64_t mem, uint64_t src);

#endif

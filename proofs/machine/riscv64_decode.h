/* riscv64_decode.h: which row of riscv64_rows.def bytes are, and their operands. For riscv64.c, and
 * for tests that ask whether every row was met.
 */
#ifndef BPFLAB_PROOFS_MACHINE_RISCV64_DECODE_H
#define BPFLAB_PROOFS_MACHINE_RISCV64_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rows: the long instructions, then the short ones. */
enum rvm_row {
#define RV_VALUE(id, format, match, value) RVM_##id,
#define RV_LOAD(id, match, bytes, extend)  RVM_##id,
#define RV_STORE(id, match, bytes)         RVM_##id,
#define RV_BRANCH(id, match, taken)        RVM_##id,
#define RV_AMO(id, funct5, stored)         RVM_##id##_w, RVM_##id##_d,
#define RV_OTHER(id, format, match)        RVM_##id,
#include "proofs/machine/riscv64_rows.def"
    N_RVM_LONG,
    RVM_SHORT = N_RVM_LONG - 1,
#define RV_SHORT(id, mask, match, long_id, rd, rs1, rs2, imm, legal) RVM_##id,
#include "proofs/machine/riscv64_rows.def"
    RVM_ROWS,
};

/* struct rvm_insn: an instruction. Fields that its format has not are 0. */
struct rvm_insn {
    uint8_t id;    /* a long row: of a short form, what it stands for */
    uint8_t row;   /* below RVM_ROWS */
    uint8_t bytes; /* 2, 4 */
    uint8_t rd, rs1, rs2;
    bool acquire, release; /* atomics */
    int64_t imm;
};

/* rvm_decode: the instruction at code.
 * in:  n: bytes there are, at least 1
 * out: false: none that we know; *out is not written */
bool rvm_decode(const uint8_t *code, size_t n, struct rvm_insn *out);

/* rvm_row_bits: what a row is known by: the bits of mask are those of match. Not all that is so is
 * legal. in: row < RVM_ROWS */
void rvm_row_bits(unsigned row, uint32_t *mask, uint32_t *match);

/* rvm_row_name: as the manual writes it, but _ for the dot. in: row < RVM_ROWS */
const char *rvm_row_name(unsigned row);

#endif

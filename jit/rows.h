/* rows.h: the instruction rows as the driver wants them: eight bytes each, so that a pass over a
 * program is bound by the program.
 */
#ifndef BPFLAB_JIT_ROWS_H
#define BPFLAB_JIT_ROWS_H

#include "isa/insn.h"

/* What an instruction does to its registers. Fields that name no register have none of these. */
enum row_flag {
    ROW_WRITES_DST = 1 << 0,
    ROW_READS_DST = 1 << 1,
    ROW_READS_SRC = 1 << 2,
    ROW_WRITES_SRC = 1 << 3, /* atomics that fetch */
    ROW_CLOSED = 1 << 4, /* the low half of the result depends on the low halves of the operands */
    ROW_LOW = 1 << 5,    /* all of the result depends on the low halves */
    ROW_JUMPS = 1 << 6,  /* to insn_jump, always or not */
    ROW_ENDS = 1 << 7,   /* never goes on to the next one */
};

struct row {
    uint8_t cls;   /* enum op_class */
    uint8_t jop;   /* arithmetic: enum jit_op; jumps: enum jit_cond; atomics: enum jit_rmw */
    uint8_t width; /* bits, as in struct op_info */
    uint8_t flags; /* enum row_flag */
    bool imm;      /* ALU: the second operand is the immediate */
    bool plain;    /* nothing but registers and memory: no jump, call or 64-bit immediate */
};

extern const struct row jit_rows[N_OPS + 1]; /* the last, for second slots: all 0 but plain */

#endif

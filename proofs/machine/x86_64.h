/* x86_64.h: an instruction of x86-64 taken apart: private to x86_64*.c.
 *
 *     [lock] [66] [REX] [0f | 0f 38] opcode [ModRM [SIB] [displacement]] [immediate]
 *     VEX of three bytes, opcode, ModRM, [immediate]
 *
 * source: Intel SDM volume 2, chapter 2 and appendix A.
 */
#ifndef BPFLAB_PROOFS_MACHINE_X86_64_H
#define BPFLAB_PROOFS_MACHINE_X86_64_H

#include "proofs/machine/machine.h"

enum {
    AX,
    CX,
    DX,
    BX,
    SP,
    BP,
    SI,
    DI,
    NO_REG = 16,
};

/* Opcode maps, and the same numbers as in a VEX prefix. */
enum map {
    MAP_1,
    MAP_0F,
    MAP_0F38,
    MAP_0F3A,
};

/* enum form: what follows an opcode. */
enum form {
    FORM_NONE,
    FORM_MODRM,
    FORM_OPREG, /* nothing, and a register in the opcode's low three bits */
};
enum imm {
    IMM_NONE,
    IMM_8,
    IMM_32,
    IMM_SIZE, /* of the operand, at most 32 bits */
    IMM_FULL, /* of the operand, 64 bits if it has them */
};

/* struct x86: one instruction. */
struct x86 {
    bool lock, rex, vex;
    uint8_t w, r, x, b; /* REX's bits, or VEX's */
    uint8_t pp, vvvv;   /* VEX */
    uint8_t map;        /* enum map */
    uint8_t op;
    unsigned width; /* of operands that are no bytes: 16, 32, 64 */
    bool has_modrm;
    uint8_t mod, reg, rm; /* reg and rm with their fourth bit; rm is a register where mod is 3 */
    uint8_t digit;        /* reg without it: part of the opcode */
    uint8_t base, index, scale; /* memory: NO_REG where there is none */
    int32_t disp;
    int64_t imm; /* sign-extended */
    unsigned bytes;
    const struct x86_row *row;
};

/* struct cpu: an instruction being done. */
struct cpu {
    struct mstate *s;
    struct x86 in;
    struct mstep *out;
    int64_t next; /* offset behind it */
};

/* struct x86_row: an opcode, or a run of them. */
struct x86_row {
    bool vex;
    uint8_t map, first, last;
    uint8_t pp;        /* VEX: 1 66, 2 F3, 3 F2 */
    uint8_t form, imm; /* enum form, enum imm */
    void (*step)(struct cpu *c);
};
extern const struct x86_row x86_rows[];
extern const unsigned n_x86_rows;

/* x86_decode: take apart the instruction at code + at. out: false: none of ours */
bool x86_decode(const uint8_t *code, size_t n_bytes, size_t at, struct x86 *out);

#endif

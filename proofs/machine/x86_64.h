/* x86_64.h: an instruction of x86-64 taken apart: private to x86_64*.c.
 *
 *     [lock] [66] [REX] [0f | 0f 38] opcode [ModRM [SIB] [displacement]] [immediate]
 *     VEX of three bytes, opcode, ModRM, [immediate]
 *
 * Which instructions there are is x86_64_rows.def's to say.
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

/* enum x86_space: which opcodes: the map, and of VEX the prefix that it stands for. */
enum x86_space {
    MAP_1,
    MAP_0F,
    MAP_0F38,
    VEX_66_0F38,
    VEX_F3_0F38,
    VEX_F2_0F38,
    VEX_F2_0F3A,
    NO_SPACE,
};

/* enum x86_imm: the immediate that follows. */
enum x86_imm {
    IMM_NONE,
    IMM_8,
    IMM_32,
    IMM_SIZE, /* of the operand, at most 32 bits */
    IMM_FULL, /* of the operand, 64 bits if it has them */
};

/* enum x86_where: what an instruction's operand is that ModRM's rm names. With REG, MEM or LOCK
 * there is a ModRM byte, and nothing else is accepted there. */
enum x86_where {
    NONE = 0,
    REG = 1,
    MEM = 2,
    LOCK = 4,  /* memory, and the prefix lock */
    OPREG = 8, /* no ModRM: a register in the opcode's low three bits */
    V = 16,    /* VEX.vvvv is a register; else it must be 1111 */
};

/* enum x86_sizes: what sizes of operands are accepted. */
enum x86_sizes {
    S8 = 1, /* by the opcode: no prefix */
    S16 = 2,
    S32 = 4,
    S64 = 8,
    PLAIN = S32, /* no prefix, and no size that one could change */
};

enum {
    ANY = 8 /* x86_row.digit: the field is a register, or not there */
};

/* struct x86: one instruction. */
struct x86 {
    bool lock, narrow, rex; /* narrow: 66 */
    uint8_t w, r, x, b;     /* REX's bits, or VEX's */
    uint8_t vvvv;           /* VEX; as a number, so 0 is 1111 */
    uint8_t space;          /* enum x86_space */
    uint8_t op;
    unsigned width; /* of operands: 8, 16, 32, 64 */
    bool has_modrm;
    uint8_t mod, reg, rm; /* reg and rm with their fourth bit; rm is a register where mod is 3 */
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
    int64_t next;   /* offset behind it */
    bool needs_rex; /* it names a byte register that takes a REX prefix */
};

/* struct x86_row: a row of x86_64_rows.def. */
struct x86_row {
    const char *name;
    uint8_t space, first, last, digit, imm, where, sizes;
    void (*meaning)(struct cpu *c);
};
extern const struct x86_row x86_rows[];
extern const unsigned n_x86_rows;

/* x86_decode: take apart the instruction at code + at.
 * out: false: none of ours: no row, or a prefix, or bit of one, that the row does not name */
bool x86_decode(const uint8_t *code, size_t n_bytes, size_t at, struct x86 *out);

#endif

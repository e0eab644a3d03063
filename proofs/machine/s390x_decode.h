/* s390x_decode.h: the fields of z/Architecture's instructions, by format; no meaning yet.
 *
 * The Principles of Operation number bits from the left; a format's picture is the comment at its
 * case in s390x_decode.c. Fields that must be zero are looked at: what is not as the manual wants
 * it is no instruction.
 */
#ifndef BPFLAB_PROOFS_MACHINE_S390X_DECODE_H
#define BPFLAB_PROOFS_MACHINE_S390X_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The manual's names, but: FG, GF are RREs whose first, or second, register is a floating-point
 * one; RREP, RRFP have an even-odd pair as first operand; a trailing U (RIU, RILU, RIECU) says that
 * the immediate is unsigned; RILR: a RIL whose immediate is a distance; BRC, BRCL, BRAS likewise;
 * BCR: RR with a mask; RSC: an RS with two registers. */
enum s390x_format {
    S390X_RR,
    S390X_BCR,
    S390X_RRE,
    S390X_RREP,
    S390X_FG,
    S390X_GF,
    S390X_RRF,
    S390X_RRFP,
    S390X_RI,
    S390X_RIU,
    S390X_BRC,
    S390X_BRAS,
    S390X_RX,
    S390X_RS,
    S390X_RSC,
    S390X_SI,
    S390X_RIL,
    S390X_RILU,
    S390X_RILR,
    S390X_BRCL,
    S390X_RXY,
    S390X_RSY,
    S390X_SIY,
    S390X_SIL,
    S390X_RIED,
    S390X_RIEF,
    S390X_RIEG,
    S390X_RIEB,
    S390X_RIEC,
    S390X_RIECU,
};

enum {
    S390X_FPR = 16, /* floating-point register 0 among a machine's registers */
};

/* struct s390x_fields: r1 to r3 are numbers of registers of mstate (FPRs behind the GPRs); base and
 * index 0: none; i: the immediate, extended to 64 bits, or the distance in bytes; select: RIEF's
 * three last fields. */
struct s390x_fields {
    uint8_t r1, r2, r3, mask;
    uint8_t base, index;
    int32_t displacement;
    int64_t i, distance;
    uint8_t select[3];
};

/* s390x_length: bytes of an instruction that begins with this one. */
static inline unsigned s390x_length(uint8_t first) {
    return first < 0x40 ? 2 : first < 0xc0 ? 4 : 6;
}

/* s390x_opcode: the opcode's digits written together, as the manual prints them: 0xa7b of a7.b....
 * in: all bytes of an instruction */
uint32_t s390x_opcode(const uint8_t *code);

/* s390x_decode: the fields of an instruction of that format.
 * out: false: a field that must be zero is not; an odd register where a pair is asked for */
bool s390x_decode(enum s390x_format format, const uint8_t *code, struct s390x_fields *out);

#endif

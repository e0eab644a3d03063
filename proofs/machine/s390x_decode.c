/* s390x_decode.c: from bytes to fields. See s390x_decode.h. */
#include "proofs/machine/s390x_decode.h"

#include <string.h>

uint32_t s390x_opcode(const uint8_t *code) {
    switch (code[0]) {
    case 0xa5:
    case 0xa7:
    case 0xc0:
    case 0xc2:
    case 0xc4: return (uint32_t)code[0] << 4 | (code[1] & 15U);
    case 0xb2:
    case 0xb3:
    case 0xb9:
    case 0xe5: return (uint32_t)code[0] << 8 | code[1];
    case 0xe3:
    case 0xeb:
    case 0xec: return (uint32_t)code[0] << 8 | code[5];
    default: return code[0];
    }
}

static uint16_t half(const uint8_t *p) {
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t word(const uint8_t *p) {
    return (uint32_t)half(p) << 16 | half(p + 2);
}

static unsigned left(uint8_t b) {
    return b >> 4;
}

static unsigned right(uint8_t b) {
    return b & 15;
}

/* near, far: a base and a displacement of 12 bits, unsigned; of 20, signed: low 12 first. */
static void near(const uint8_t *p, struct s390x_fields *f) {
    f->base = (uint8_t)left(p[0]);
    f->displacement = half(p) & 0xfff;
}

static void far(const uint8_t *p, struct s390x_fields *f) {
    near(p, f);
    f->displacement += (int8_t)p[2] * 4096;
}

/* digits: the two of a byte. */
static void digits(uint8_t b, uint8_t *l, uint8_t *r) {
    *l = (uint8_t)left(b);
    *r = (uint8_t)right(b);
}

/* Formats of two and four bytes. */
static bool decode_short(enum s390x_format format, const uint8_t *c, struct s390x_fields *f) {
    uint8_t opcode_digit;
    switch (format) {
    case S390X_RR: /* op8 r1 r2 */ digits(c[1], &f->r1, &f->r2); return true;
    case S390X_BCR: /* op8 m1 r2 */ digits(c[1], &f->mask, &f->r2); return true;

    case S390X_RRE: /* op16 00 r1 r2 */
    case S390X_RREP:
    case S390X_FG:
    case S390X_GF:
        digits(c[3], &f->r1, &f->r2);
        f->r1 = (uint8_t)(f->r1 + (format == S390X_FG ? S390X_FPR : 0));
        f->r2 = (uint8_t)(f->r2 + (format == S390X_GF ? S390X_FPR : 0));
        return !c[2] && !(format == S390X_RREP && f->r1 & 1) && f->r1 < S390X_FPR + 8 &&
               f->r2 < S390X_FPR + 8;
    case S390X_RRF: /* op16 r3 0 r1 r2 */
    case S390X_RRFP:
        f->r3 = (uint8_t)left(c[2]);
        digits(c[3], &f->r1, &f->r2);
        return !right(c[2]) && !(format == S390X_RRFP && f->r1 & 1);

    case S390X_RI: /* op8 r1 op4 i16 */
        digits(c[1], &f->r1, &opcode_digit);
        f->i = (int16_t)half(c + 2);
        return true;
    case S390X_RIU:
        digits(c[1], &f->r1, &opcode_digit);
        f->i = half(c + 2);
        return true;
    case S390X_BRC: /* op8 m1 op4 i16 */
        digits(c[1], &f->mask, &opcode_digit);
        f->distance = (int16_t)half(c + 2) * 2;
        return true;
    case S390X_BRAS:
        digits(c[1], &f->r1, &opcode_digit);
        f->distance = (int16_t)half(c + 2) * 2;
        return true;

    case S390X_RX: /* op8 r1 x2 b2 d12 */
        digits(c[1], &f->r1, &f->index);
        near(c + 2, f);
        return true;
    case S390X_RS: /* op8 r1 - b2 d12: of shifts; the second register is ignored */
        f->r1 = (uint8_t)left(c[1]);
        near(c + 2, f);
        return !right(c[1]);
    case S390X_RSC: /* op8 r1 r3 b2 d12 */
        digits(c[1], &f->r1, &f->r3);
        near(c + 2, f);
        return true;
    case S390X_SI: /* op8 i8 b1 d12 */
        f->i = c[1];
        near(c + 2, f);
        return true;
    default: return false;
    }
}

/* RIE formats: op8 .. i16 .. op8. */
static bool decode_rie(enum s390x_format format, const uint8_t *c, struct s390x_fields *f) {
    switch (format) {
    case S390X_RIED: /* r1 r3 i16 00 */
        digits(c[1], &f->r1, &f->r3);
        f->i = (int16_t)half(c + 2);
        return !c[4];
    case S390X_RIEG: /* r1 m3 i16 00 */
        digits(c[1], &f->r1, &f->mask);
        f->i = (int16_t)half(c + 2);
        return !c[4];
    case S390X_RIEF: /* r1 r2 i8 i8 i8: of the first and last, six bits and a flag in the second's
                        highest; of the amount, six bits */
        digits(c[1], &f->r1, &f->r2);
        memcpy(f->select, c + 2, 3);
        return !(c[2] & 0xc0) && !(c[3] & 0x40) && !(c[4] & 0xc0);
    case S390X_RIEB: /* r1 r2 distance16 m3 0; the mask's last bit is reserved in all of these */
        digits(c[1], &f->r1, &f->r2);
        f->distance = (int16_t)half(c + 2) * 2;
        f->mask = (uint8_t)left(c[4]);
        return !right(c[4]) && !(f->mask & 1);
    case S390X_RIEC: /* r1 m3 distance16 i8 */
    case S390X_RIECU:
        digits(c[1], &f->r1, &f->mask);
        f->distance = (int16_t)half(c + 2) * 2;
        f->i = format == S390X_RIEC ? (int8_t)c[4] : c[4];
        return !(f->mask & 1);
    default: return false;
    }
}

/* Formats of six bytes. */
static bool decode_long(enum s390x_format format, const uint8_t *c, struct s390x_fields *f) {
    uint8_t opcode_digit;
    switch (format) {
    case S390X_RIL: /* op8 r1 op4 i32 */
        digits(c[1], &f->r1, &opcode_digit);
        f->i = (int32_t)word(c + 2);
        return true;
    case S390X_RILU:
        digits(c[1], &f->r1, &opcode_digit);
        f->i = word(c + 2);
        return true;
    case S390X_RILR:
        digits(c[1], &f->r1, &opcode_digit);
        f->distance = (int64_t)(int32_t)word(c + 2) * 2;
        return true;
    case S390X_BRCL: /* op8 m1 op4 i32 */
        digits(c[1], &f->mask, &opcode_digit);
        f->distance = (int64_t)(int32_t)word(c + 2) * 2;
        return true;
    case S390X_RXY: /* op8 r1 x2 b2 dl12 dh8 op8 */
        digits(c[1], &f->r1, &f->index);
        far(c + 2, f);
        return true;
    case S390X_RSY: /* op8 r1 r3 b2 dl12 dh8 op8 */
        digits(c[1], &f->r1, &f->r3);
        far(c + 2, f);
        return true;
    case S390X_SIY: /* op8 i8 b1 dl12 dh8 op8 */
        f->i = c[1];
        far(c + 2, f);
        return true;
    case S390X_SIL: /* op16 b1 d12 i16 */
        near(c + 2, f);
        f->i = (int16_t)half(c + 4);
        return true;
    default: return decode_rie(format, c, f);
    }
}

bool s390x_decode(enum s390x_format format, const uint8_t *code, struct s390x_fields *out) {
    memset(out, 0, sizeof *out);
    return (s390x_length(code[0]) < 6 ? decode_short : decode_long)(format, code, out);
}

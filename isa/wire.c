/* wire.c: instructions as bytes, in either byte order, and the two field combinations of the wire
 * format. */
#include "isa/insn.h"

struct insn insn_decode(const uint8_t b[INSN_BYTES], bool big_endian) {
    struct insn in = {.code = b[0]};
    if (big_endian) {
        in.dst = b[1] >> 4;
        in.src = b[1] & 15;
        in.off = (int16_t)(uint16_t)(b[2] << 8 | b[3]);
        in.imm =
            (int32_t)((uint32_t)b[4] << 24 | (uint32_t)b[5] << 16 | (uint32_t)b[6] << 8 | b[7]);
    } else {
        in.dst = b[1] & 15;
        in.src = b[1] >> 4;
        in.off = (int16_t)(uint16_t)(b[3] << 8 | b[2]);
        in.imm =
            (int32_t)((uint32_t)b[7] << 24 | (uint32_t)b[6] << 16 | (uint32_t)b[5] << 8 | b[4]);
    }
    return in;
}

void insn_encode(struct insn in, bool big_endian, uint8_t b[INSN_BYTES]) {
    const uint16_t off = (uint16_t)in.off;
    const uint32_t imm = (uint32_t)in.imm;
    b[0] = in.code;
    b[1] = big_endian ? (uint8_t)(in.dst << 4 | (in.src & 15))
                      : (uint8_t)(in.src << 4 | (in.dst & 15));
    for (int i = 0; i < 2; i++)
        b[2 + i] = (uint8_t)(off >> (big_endian ? 8 - 8 * i : 8 * i));
    for (int i = 0; i < 4; i++)
        b[4 + i] = (uint8_t)(imm >> (big_endian ? 24 - 8 * i : 8 * i));
}

int32_t insn_jump(enum op op, struct insn in) {
    return op_table[op].imm_rule == FIELD_JUMP ? in.imm : in.off;
}

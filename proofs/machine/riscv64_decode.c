/* riscv64_decode.c: bytes to rows of riscv64_rows.def.
 *
 * A row matches when the bits of its format's mask are those of its match; no two rows match the
 * same bytes but c.addi16sp, a case of c.lui, and c.jr and c.jalr, cases of c.mv and c.add: what is
 * more special comes first. Operands are where the format has them.
 */
#include "proofs/machine/riscv64_decode.h"

enum format {
    FORMAT_R,
    FORMAT_I,
    FORMAT_SHIFT,
    FORMAT_SHIFTW,
    FORMAT_S,
    FORMAT_B,
    FORMAT_U,
    FORMAT_J,
    FORMAT_AMO,
    FORMAT_LR,
    FORMAT_FENCE,
};

/* What the rows say of a long instruction. */
static const struct {
    const char *name;
    uint32_t match;
    uint8_t format;
} long_rows[] = {
#define FFO(funct7, funct3, opcode)        ((uint32_t)(funct7) << 25 | (funct3) << 12 | (opcode))
#define RV_VALUE(id, format, match, value) {#id, match, FORMAT_##format},
#define RV_LOAD(id, match, bytes, extend)  {#id, match, FORMAT_I},
#define RV_STORE(id, match, bytes)         {#id, match, FORMAT_S},
#define RV_BRANCH(id, match, taken)        {#id, match, FORMAT_B},
#define RV_AMO(id, funct5, stored)                                                                 \
    {#id "_w", FFO((funct5) << 2, 2, 0x2f), FORMAT_AMO},                                           \
        {#id "_d", FFO((funct5) << 2, 3, 0x2f), FORMAT_AMO},
#define RV_OTHER(id, format, match) {#id, match, FORMAT_##format},
#include "proofs/machine/riscv64_rows.def"
};
_Static_assert(sizeof long_rows / sizeof long_rows[0] == N_RVM_LONG, "one row each");

static const struct {
    const char *name;
    uint16_t mask, match;
} short_rows[] = {
#define RV_SHORT(id, mask, match, long_id, rd, rs1, rs2, imm, legal) {#id, mask, match},
#include "proofs/machine/riscv64_rows.def"
};
const char *rvm_row_name(unsigned row) {
    return row < N_RVM_LONG ? long_rows[row].name : short_rows[row - N_RVM_LONG].name;
}

/* bits: hi to lo of w, moved to at. */
static uint32_t bits(uint32_t w, unsigned hi, unsigned lo, unsigned at) {
    return (w >> lo & ((UINT32_C(1) << (hi - lo + 1)) - 1)) << at;
}

/* sign_extend: v of n bits, at most 32. */
static int64_t sign_extend(unsigned n, uint32_t v) {
    const int64_t sign = INT64_C(1) << (n - 1);
    return ((int64_t)v ^ sign) - sign;
}

/* mask_of: the bits by which an instruction of the format is known. Of atomics aq and rl are not
 * among them; of a fence its sets are not, but fm, rs1 and rd, which are 0. */
static uint32_t mask_of(enum format f) {
    switch (f) {
    case FORMAT_R:
    case FORMAT_SHIFTW: return 0xfe00707f;
    case FORMAT_SHIFT: return 0xfc00707f;
    case FORMAT_U:
    case FORMAT_J: return 0x0000007f;
    case FORMAT_AMO: return 0xf800707f;
    case FORMAT_LR: return 0xf9f0707f;
    case FORMAT_FENCE: return 0xf00fffff;
    default: return 0x0000707f; /* I, S, B */
    }
}

void rvm_row_bits(unsigned row, uint32_t *mask, uint32_t *match) {
    const bool is_long = row < N_RVM_LONG;
    const unsigned i = is_long ? row : row - N_RVM_LONG;
    *mask = is_long ? mask_of((enum format)long_rows[i].format) : short_rows[i].mask;
    *match = is_long ? long_rows[i].match : short_rows[i].match;
}

static int64_t immediate(enum format f, uint32_t w) {
    switch (f) {
    case FORMAT_I: return sign_extend(12, bits(w, 31, 20, 0));
    case FORMAT_SHIFT: return bits(w, 25, 20, 0);
    case FORMAT_SHIFTW: return bits(w, 24, 20, 0);
    case FORMAT_S: return sign_extend(12, bits(w, 31, 25, 5) | bits(w, 11, 7, 0));
    case FORMAT_B:
        return sign_extend(13, bits(w, 31, 31, 12) | bits(w, 7, 7, 11) | bits(w, 30, 25, 5) |
                                   bits(w, 11, 8, 1));
    case FORMAT_U: return sign_extend(32, bits(w, 31, 12, 12));
    case FORMAT_J:
        return sign_extend(21, bits(w, 31, 31, 20) | bits(w, 19, 12, 12) | bits(w, 20, 20, 11) |
                                   bits(w, 30, 21, 1));
    case FORMAT_FENCE: return bits(w, 27, 20, 0); /* predecessors above successors: IORW */
    default: return 0;
    }
}

static bool decode_long(uint32_t w, struct rvm_insn *out) {
    unsigned i = 0;
    while (i < N_RVM_LONG && (w & mask_of((enum format)long_rows[i].format)) != long_rows[i].match)
        i++;
    if (i == N_RVM_LONG)
        return false;
    const enum format f = (enum format)long_rows[i].format;
    const bool atomic = f == FORMAT_AMO || f == FORMAT_LR, fence = f == FORMAT_FENCE;
    const bool has_rs2 = f == FORMAT_R || f == FORMAT_S || f == FORMAT_B || f == FORMAT_AMO;
    *out = (struct rvm_insn){
        .id = (uint8_t)i,
        .row = (uint8_t)i,
        .bytes = 4,
        .rd = f == FORMAT_S || f == FORMAT_B || fence ? 0 : (uint8_t)bits(w, 11, 7, 0),
        .rs1 = f == FORMAT_U || f == FORMAT_J || fence ? 0 : (uint8_t)bits(w, 19, 15, 0),
        .rs2 = has_rs2 ? (uint8_t)bits(w, 24, 20, 0) : 0,
        .acquire = atomic && bits(w, 26, 26, 0),
        .release = atomic && bits(w, 25, 25, 0),
        .imm = immediate(f, w),
    };
    return true;
}

static bool decode_short(uint32_t h, struct rvm_insn *out) {
#define BIT(hi, lo, at) bits(h, hi, lo, at)
#define SX(n, v)        sign_extend(n, v)
#define R(at)           bits(h, (at) + 4, at, 0)
#define S(at)           (8 + bits(h, (at) + 2, at, 0))
#define RV_SHORT(id_, mask, match, long_id, rd_, rs1_, rs2_, imm_, legal)                          \
    if ((h & (mask)) == (match)) {                                                                 \
        if (!(legal))                                                                              \
            return false;                                                                          \
        *out = (struct rvm_insn){.id = RVM_##long_id,                                              \
                                 .row = RVM_##id_,                                                 \
                                 .bytes = 2,                                                       \
                                 .rd = (uint8_t)(rd_),                                             \
                                 .rs1 = (uint8_t)(rs1_),                                           \
                                 .rs2 = (uint8_t)(rs2_),                                           \
                                 .imm = imm_};                                                     \
        return true;                                                                               \
    }
#include "proofs/machine/riscv64_rows.def"
#undef BIT
#undef SX
#undef R
#undef S
    return false;
}

bool rvm_decode(const uint8_t *code, size_t n, struct rvm_insn *out) {
    if (n < 2)
        return false;
    const uint32_t low = (uint32_t)(code[0] | code[1] << 8);
    if ((low & 3) != 3)
        return decode_short(low, out);
    if (n < 4)
        return false;
    return decode_long(low | (uint32_t)code[2] << 16 | (uint32_t)code[3] << 24, out);
}

/* riscv64_decode_test.c: the decoder of riscv64 against llvm-mc: bytes that are decoded are written
 * as the text of the long instruction that they stand for, with all its operands, and assembled
 * again: the same bytes must come out. All 49,152 halfwords; of words, every pattern of opcode and
 * function bits, with many operands. And bytes that must be nothing.
 */
#include "jit/tests/enc_check.h"
#include "proofs/machine/riscv64_decode.h"
#include "tests/check.h"

enum shape {
    NO_SHAPE,
    SHAPE_R,
    SHAPE_I,
    SHAPE_SHIFT = SHAPE_I,
    SHAPE_SHIFTW = SHAPE_I,
    SHAPE_U,
    SHAPE_LOAD,
    SHAPE_STORE,
    SHAPE_BRANCH,
    SHAPE_AMO,
    SHAPE_J,
    SHAPE_LR,
    SHAPE_FENCE,
};

/* shapes: of the texts of long instructions. */
static const uint8_t shapes[N_RVM_LONG] = {
#define RV_VALUE(id, format, match, value) [RVM_##id] = SHAPE_##format,
#define RV_LOAD(id, match, bytes, extend)  [RVM_##id] = SHAPE_LOAD,
#define RV_STORE(id, match, bytes)         [RVM_##id] = SHAPE_STORE,
#define RV_BRANCH(id, match, taken)        [RVM_##id] = SHAPE_BRANCH,
#define RV_AMO(id, funct5, stored)         [RVM_##id##_w] = SHAPE_AMO, [RVM_##id##_d] = SHAPE_AMO,
#define RV_OTHER(id, format, match)        [RVM_##id] = SHAPE_##format,
#include "proofs/machine/riscv64_rows.def"
};

/* orders: a fence's set as text. */
static const char *orders(unsigned set, char out[5]) {
    unsigned n = 0;
    for (unsigned i = 0; i < 4; i++)
        if (set >> (3 - i) & 1)
            out[n++] = "iorw"[i];
    if (!n)
        out[n++] = '0';
    out[n] = 0;
    return out;
}

/* mnemonic: as the assembler takes it: _ is a dot, and order is a suffix. */
static const char *mnemonic(const struct rvm_insn *in, char out[32]) {
    snprintf(out, 32, "%s%s%s%s", rvm_row_name(in->id), in->acquire || in->release ? "." : "",
             in->acquire ? "aq" : "", in->release ? "rl" : "");
    for (char *p = out; *p; p++)
        if (*p == '_')
            *p = '.';
    return out;
}

static void add_case(struct enc_check *t, const uint8_t *bytes, const struct rvm_insn *in) {
    char name[32], before[5], after[5];
    uint8_t copy[4];
    const int imm = (int)in->imm;
    const struct jit_buf b = {.bytes = copy, .n = in->bytes, .capacity = sizeof copy};
    memcpy(copy, bytes, in->bytes);
    mnemonic(in, name);
    /* jalr is written as a load is */
    switch (in->id == RVM_jalr ? SHAPE_LOAD : (enum shape)shapes[in->id]) {
    case SHAPE_R: enc_case(t, &b, "%s x%u, x%u, x%u", name, in->rd, in->rs1, in->rs2); break;
    case SHAPE_I: enc_case(t, &b, "%s x%u, x%u, %d", name, in->rd, in->rs1, imm); break;
    case SHAPE_U: enc_case(t, &b, "%s x%u, %u", name, in->rd, (unsigned)imm >> 12); break;
    case SHAPE_LOAD: enc_case(t, &b, "%s x%u, %d(x%u)", name, in->rd, imm, in->rs1); break;
    case SHAPE_STORE: enc_case(t, &b, "%s x%u, %d(x%u)", name, in->rs2, imm, in->rs1); break;
    case SHAPE_BRANCH: enc_case(t, &b, "%s x%u, x%u, %d", name, in->rs1, in->rs2, imm); break;
    case SHAPE_AMO: enc_case(t, &b, "%s x%u, x%u, (x%u)", name, in->rd, in->rs2, in->rs1); break;
    case SHAPE_LR: enc_case(t, &b, "%s x%u, (x%u)", name, in->rd, in->rs1); break;
    case SHAPE_J: enc_case(t, &b, "%s x%u, %d", name, in->rd, imm); break;
    case SHAPE_FENCE:
        enc_case(t, &b, "fence %s, %s", orders((unsigned)imm >> 4, before),
                 orders((unsigned)imm & 15, after));
        break;
    case NO_SHAPE: CHECK(shapes[in->id] != NO_SHAPE); break;
    }
}

/* test_short: every halfword that begins no longer instruction. */
static void test_short(struct enc_check *t, uint32_t met[RVM_ROWS]) {
    enc_text(t, ".option rvc");
    for (uint32_t h = 0; h <= 0xffff; h++) {
        const uint8_t bytes[] = {(uint8_t)h, (uint8_t)(h >> 8)};
        struct rvm_insn in;
        if ((h & 3) == 3 || !rvm_decode(bytes, 2, &in))
            continue;
        met[in.row]++;
        CHECK_EQ(in.bytes, 2);
        /* the assembler has two ways for sp += 16: c.addi, and this */
        if (in.row == RVM_c_addi16sp && in.imm >= -32 && in.imm < 32)
            continue;
        add_case(t, bytes, &in);
    }
}

static void test_long(struct enc_check *t, uint32_t met[RVM_ROWS]) {
    static const uint8_t opcodes[] = {0x03, 0x0f, 0x13, 0x17, 0x1b, 0x23, 0x2f,
                                      0x33, 0x37, 0x3b, 0x63, 0x67, 0x6f};
    uint64_t seed = 1;
    enc_text(t, ".option norvc");
    for (uint32_t i = 0; i < sizeof opcodes; i++)
        for (uint32_t functs = 0; functs < 8 * 128; functs++)
            for (unsigned times = 0; times < 24; times++) {
                const uint32_t operands = (uint32_t)check_random(&seed) & 0x01ff8f80;
                uint32_t w = opcodes[i] | (functs & 7) << 12 | functs >> 3 << 25 | operands;
                if (times % 4 == 1) /* LR has no second operand, a fence but one */
                    w &= 0xfe0fffff;
                if (times % 4 == 3)
                    w &= 0xfff0707f;
                const uint8_t bytes[] = {(uint8_t)w, (uint8_t)(w >> 8), (uint8_t)(w >> 16),
                                         (uint8_t)(w >> 24)};
                struct rvm_insn in;
                if (!rvm_decode(bytes, 4, &in))
                    continue;
                met[in.row]++;
                CHECK_EQ(in.bytes, 4);
                CHECK_EQ(in.row, in.id);
                add_case(t, bytes, &in);
            }
}

/* test_nothing: instructions that the back end does not emit, reserved encodings, hints, ends. */
static void test_nothing(void) {
    static const struct {
        uint32_t word;
        const char *what;
    } nothing[] = {
        {0x00000000, "defined illegal"},
        {0xffffffff, "longer than 32 bits"},
        {0x0000001f, "48 bits"},
        {0x0000003f, "64 bits"},
        {0x00000073, "ecall"},
        {0x00100073, "ebreak"},
        {0xc0002573, "rdcycle a0"},
        {0x00052507, "flw fa0, (a0)"},
        {0x02c58553, "fadd.d fa0, fa1, fa2"},
        {0x00c5a533, "slt a0, a1, a2"},
        {0x00c5b533, "sltu a0, a1, a2"},
        {0x0015a513, "slti a0, a1, 1"},
        {0x00c5853b, "addw a0, a1, a2"},
        {0x0015951b, "slliw a0, a1, 1"},
        {0x0205d51b, "srliw a0, a1, 32: reserved"},
        {0x4205d51b, "sraiw a0, a1, 32: reserved"},
        {0x02c5853b, "mulw a0, a1, a2"},
        {0x02c5a533, "mulhsu a0, a1, a2"},
        {0x20c5a533, "sh1add a0, a1, a2 (Zba)"},
        {0x08c5853b, "add.uw a0, a1, a2 (Zba)"},
        {0x40c5f533, "andn a0, a1, a2 (Zbb)"},
        {0x60059513, "clz a0, a1 (Zbb)"},
        {0x6b85d513, "rev8 a0, a1 (Zbb)"},
        {0x6015d513, "rori a0, a1, 1 (Zbb)"},
        {0x0ac5e533, "max a0, a1, a2 (Zbb)"},
        {0x40c59533, "sub with sll's funct3"},
        {0x00007003, "ld of 16 bytes"},
        {0x00c5c023, "store of 16 bytes"},
        {0x00c5a063, "branch, funct3 2: reserved"},
        {0x00c5b063, "branch, funct3 3: reserved"},
        {0x00059067, "jalr, funct3 1: reserved"},
        {0x80c5a52f, "amomin.w a0, a2, (a1)"},
        {0xe0c5b52f, "amomaxu.d a0, a2, (a1)"},
        {0x28c5a52f, "amocas.w a0, a2, (a1) (Zacas)"},
        {0x00c5852f, "amoadd.b a0, a2, (a1) (Zabha)"},
        {0x00c5952f, "amoadd.h a0, a2, (a1) (Zabha)"},
        {0x1015a52f, "lr.w with rs2: reserved"},
        {0x8330000f, "fence.tso"},
        {0x0000100f, "fence.i"},
        {0x0010200f, "cbo.clean (Zicbom)"},
        {0x0330008f, "fence with rd: reserved"},
        {0x0000, "c: defined illegal"},
        {0x0800, "c.addi4spn a0"},
        {0x2100, "c.fld"},
        {0x8100, "reserved, or Zcb"},
        {0xa100, "c.fsd"},
        {0x0001, "c.nop"},
        {0x0501, "c.addi a0, 0: hint"},
        {0x0005, "c.addi zero, 1: hint"},
        {0x2001, "c.addiw zero: reserved"},
        {0x4005, "c.li zero, 1: hint"},
        {0x6501, "c.lui a0, 0: reserved"},
        {0x6005, "c.lui zero, 1: hint"},
        {0x6101, "c.addi16sp sp, 0: reserved"},
        {0x8101, "c.srli a0, 0: hint"},
        {0x8501, "c.srai a0, 0: hint"},
        {0x9d0d, "c.subw a0, a1"},
        {0x9d2d, "c.addw a0, a1"},
        {0x9d4d, "reserved, or c.mul (Zcb)"},
        {0x9d61, "reserved, or c.zext.b (Zcb)"},
        {0x0502, "c.slli a0, 0: hint"},
        {0x0006, "c.slli zero, 1: hint"},
        {0x2002, "c.fldsp"},
        {0x4002, "c.lwsp zero: reserved"},
        {0x6002, "c.ldsp zero: reserved"},
        {0x8002, "c.jr zero: reserved"},
        {0x802e, "c.mv zero, a1: hint"},
        {0x9002, "c.ebreak"},
        {0x902e, "c.add zero, a1: hint"},
        {0xa002, "c.fsdsp"},
    };
    for (unsigned i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        const uint32_t w = nothing[i].word;
        const uint8_t bytes[] = {(uint8_t)w, (uint8_t)(w >> 8), (uint8_t)(w >> 16),
                                 (uint8_t)(w >> 24)};
        struct rvm_insn in;
        check_note(nothing[i].what);
        CHECK(!rvm_decode(bytes, (w & 3) == 3 ? 4 : 2, &in));
    }
    check_note("cut off");
    struct rvm_insn in;
    CHECK(!rvm_decode((const uint8_t[]){0x05}, 1, &in));
    CHECK(!rvm_decode((const uint8_t[]){0x33, 0x05, 0xb5}, 3, &in));
    check_note(NULL);
}

int main(void) {
    static uint32_t met[RVM_ROWS];
    struct enc_check t;
    enc_check_init(&t, &jit_riscv64);
    test_nothing();
    test_short(&t, met);
    test_long(&t, met);
    for (unsigned i = 0; i < RVM_ROWS; i++) {
        check_note(rvm_row_name(i));
        CHECK(met[i] >= 8);
    }
    const int assembled = enc_check_run(&t);
    const int checked = check_end();
    return checked ? checked : assembled;
}

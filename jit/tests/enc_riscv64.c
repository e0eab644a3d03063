/* enc_riscv64.c: the encoders of riscv64 against llvm-mc: every instruction, every register in
 * every position, every immediate up to 13 bits and the edges of longer ones. */
#include "jit/riscv64/enc_short.h"
#include "jit/tests/enc_check.h"

struct rig {
    struct enc_check t;
    struct jit_buf b;
};

struct row {
    uint32_t op;
    const char *name;
};

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

static const char *const names[N_RV_REGS] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

/* CASE: what encode appends is what the text says. */
#define CASE(r, encode, ...)                                                                       \
    do {                                                                                           \
        (r)->b.n = 0;                                                                              \
        encode;                                                                                    \
        enc_case(&(r)->t, &(r)->b, __VA_ARGS__);                                                   \
    } while (0)

/* spread: the i-th triple of registers: each position has each register, never all three alike. */
static enum rv_reg spread(unsigned i, unsigned position) {
    static const unsigned step[] = {1, 7, 13};
    return (enum rv_reg)((i * step[position] + i / N_RV_REGS * position) % N_RV_REGS);
}

/* short_reg: the i-th register with short forms. */
static enum rv_reg short_reg(unsigned i) {
    return (enum rv_reg)(RV_S0 + i % 8);
}

enum {
    N_TRIPLES = 8 * N_RV_REGS
};

/* edge: the i-th number around the powers of two that fit so many bits, signed; false behind the
 * last. */
static bool edge(unsigned bits, unsigned i, int64_t *v) {
    if (i >= 6 * bits)
        return false;
    const int64_t power = INT64_C(1) << i / 6;
    *v = (i & 1 ? -power : power) + (int64_t)(i / 2 % 3) - 1;
    if (!rv_fits(bits, *v))
        *v = i & 1 ? -(INT64_C(1) << (bits - 1)) : (INT64_C(1) << (bits - 1)) - 1;
    return true;
}

/* ---- four bytes ---- */

static const struct row two_regs[] = {
    {RV_ADD, "add"},     {RV_SUB, "sub"},   {RV_SLL, "sll"},     {RV_XOR, "xor"},
    {RV_SRL, "srl"},     {RV_SRA, "sra"},   {RV_OR, "or"},       {RV_AND, "and"},
    {RV_SUBW, "subw"},   {RV_SLLW, "sllw"}, {RV_SRLW, "srlw"},   {RV_SRAW, "sraw"},
    {RV_MUL, "mul"},     {RV_MULH, "mulh"}, {RV_MULHU, "mulhu"}, {RV_DIV, "div"},
    {RV_DIVU, "divu"},   {RV_REM, "rem"},   {RV_REMU, "remu"},   {RV_DIVW, "divw"},
    {RV_DIVUW, "divuw"}, {RV_REMW, "remw"}, {RV_REMUW, "remuw"},
};

static void test_two_regs(struct rig *r) {
    for (unsigned k = 0; k < N_ROWS(two_regs); k++)
        for (unsigned i = 0; i < N_TRIPLES; i++) {
            const enum rv_reg rd = spread(i, 0), x = spread(i, 1), y = spread(i, 2);
            CASE(r, rv_op(&r->b, (enum rv_r)two_regs[k].op, rd, x, y), "%s %s, %s, %s",
                 two_regs[k].name, names[rd], names[x], names[y]);
        }
}

static const struct row imms[] = {
    {RV_ADDI, "addi"}, {RV_SLTIU, "sltiu"}, {RV_XORI, "xori"},
    {RV_ORI, "ori"},   {RV_ANDI, "andi"},   {RV_ADDIW, "addiw"},
};
static const struct row based[] = {
    {RV_JALR, "jalr"}, {RV_LB, "lb"},   {RV_LH, "lh"},   {RV_LW, "lw"},
    {RV_LD, "ld"},     {RV_LBU, "lbu"}, {RV_LHU, "lhu"}, {RV_LWU, "lwu"},
};
static const struct row stores[] = {{RV_SB, "sb"}, {RV_SH, "sh"}, {RV_SW, "sw"}, {RV_SD, "sd"}};

static void test_imms(struct rig *r) {
    for (int imm = -2048; imm < 2048; imm++) {
        const unsigned i = (unsigned)imm & 4095;
        const enum rv_reg x = spread(i, 0), y = spread(i, 1);
        for (unsigned k = 0; k < N_ROWS(imms); k++)
            CASE(r, rv_imm(&r->b, (enum rv_i)imms[k].op, x, y, imm), "%s %s, %s, %d", imms[k].name,
                 names[x], names[y], imm);
        for (unsigned k = 0; k < N_ROWS(based); k++)
            CASE(r, rv_imm(&r->b, (enum rv_i)based[k].op, x, y, imm), "%s %s, %d(%s)",
                 based[k].name, names[x], imm, names[y]);
        for (unsigned k = 0; k < N_ROWS(stores); k++)
            CASE(r, rv_store(&r->b, (enum rv_s)stores[k].op, x, y, imm), "%s %s, %d(%s)",
                 stores[k].name, names[x], imm, names[y]);
    }
}

static const struct row shifts[] = {
    {RV_SLLI, "slli"},   {RV_SRLI, "srli"},   {RV_SRAI, "srai"},
    {RV_SRLIW, "srliw"}, {RV_SRAIW, "sraiw"},
};

static void test_shifts(struct rig *r) {
    for (unsigned k = 0; k < N_ROWS(shifts); k++)
        for (unsigned n = 0; n < (k < 3 ? 64 : 32); n++)
            for (unsigned i = n; i < N_TRIPLES; i += 5) {
                const enum rv_reg x = spread(i, 0), y = spread(i, 2);
                CASE(r, rv_shift(&r->b, (enum rv_shift)shifts[k].op, x, y, n), "%s %s, %s, %u",
                     shifts[k].name, names[x], names[y], n);
            }
}

static const struct row branches[] = {
    {RV_BEQ, "beq"}, {RV_BNE, "bne"},   {RV_BLT, "blt"},
    {RV_BGE, "bge"}, {RV_BLTU, "bltu"}, {RV_BGEU, "bgeu"},
};

static void test_branches(struct rig *r) {
    for (unsigned k = 0; k < N_ROWS(branches); k++)
        for (int off = -4096; off < 4096; off += 2) {
            const unsigned i = (unsigned)off / 2 & 4095;
            const enum rv_reg x = spread(i, 0), y = spread(i, 1);
            CASE(r, rv_branch(&r->b, (enum rv_b)branches[k].op, x, y, off), "%s %s, %s, %d",
                 branches[k].name, names[x], names[y], off);
        }
    for (unsigned k = 0; k < N_ROWS(branches); k++)
        CASE(r, rv_branch(&r->b, rv_branch_not((enum rv_b)branches[k].op), RV_A0, RV_A1, 8),
             "%s a0, a1, 8", branches[k ^ 1].name);
}

static void test_far(struct rig *r) {
    int64_t v;
    for (unsigned i = 0; edge(20, i, &v); i++)
        for (unsigned k = 0; k < N_RV_REGS; k++) {
            const unsigned field = (unsigned)v & 0xfffff;
            CASE(r, rv_upper(&r->b, RV_LUI, (enum rv_reg)k, v), "lui %s, %u", names[k], field);
            CASE(r, rv_upper(&r->b, RV_AUIPC, (enum rv_reg)k, v), "auipc %s, %u", names[k], field);
        }
    for (unsigned i = 0; edge(20, i, &v); i++)
        for (unsigned k = 0; k < N_RV_REGS; k++)
            CASE(r, rv_jal(&r->b, (enum rv_reg)k, 2 * v), "jal %s, %d", names[k], 2 * (int)v);
}

static const struct row amos[] = {
    {RV_AMOADD, "amoadd"}, {RV_AMOSWAP, "amoswap"}, {RV_SC, "sc"},
    {RV_AMOXOR, "amoxor"}, {RV_AMOOR, "amoor"},     {RV_AMOAND, "amoand"},
};

static void test_atomics(struct rig *r) {
    static const char *const order[] = {"", "w", "r", "rw"};
    for (unsigned bytes = 4; bytes <= 8; bytes += 4)
        for (unsigned i = 0; i < N_TRIPLES; i++) {
            const enum rv_reg rd = spread(i, 0), x = spread(i, 1), y = spread(i, 2);
            const char size = bytes == 8 ? 'd' : 'w';
            for (unsigned k = 0; k < N_ROWS(amos); k++)
                CASE(r, rv_amo(&r->b, (enum rv_a)amos[k].op, bytes, rd, x, y),
                     "%s.%c.aqrl %s, %s, (%s)", amos[k].name, size, names[rd], names[x], names[y]);
            CASE(r, rv_amo(&r->b, RV_LR, bytes, rd, RV_ZERO, y), "lr.%c.aqrl %s, (%s)", size,
                 names[rd], names[y]);
        }
    for (unsigned i = RV_W; i <= RV_RW; i++)
        for (unsigned k = RV_W; k <= RV_RW; k++)
            CASE(r, rv_fence(&r->b, (enum rv_order)i, (enum rv_order)k), "fence %s, %s", order[i],
                 order[k]);
}

/* ---- two bytes ---- */

static void test_short_regs(struct rig *r) {
    static const struct row two[] = {{RVC_MV, "c.mv"}, {RVC_ADD, "c.add"}};
    static const struct row one[] = {{RVC_JR, "c.jr"}, {RVC_JALR, "c.jalr"}};
    static const struct row both_short[] = {
        {RVC_SUB, "c.sub"}, {RVC_XOR, "c.xor"}, {RVC_OR, "c.or"}, {RVC_AND, "c.and"}};
    for (unsigned x = RV_RA; x < N_RV_REGS; x++)
        for (unsigned k = 0; k < 2; k++) {
            const enum rv_reg rd = (enum rv_reg)x;
            CASE(r, rvc_cr(&r->b, (enum rvc_cr)one[k].op, rd, RV_ZERO), "%s %s", one[k].name,
                 names[x]);
            for (unsigned y = RV_RA; y < N_RV_REGS; y++)
                CASE(r, rvc_cr(&r->b, (enum rvc_cr)two[k].op, rd, (enum rv_reg)y), "%s %s, %s",
                     two[k].name, names[x], names[y]);
        }
    for (unsigned k = 0; k < N_ROWS(both_short); k++)
        for (unsigned i = 0; i < 64; i++) {
            const enum rv_reg x = short_reg(i), y = short_reg(i / 8);
            CASE(r, rvc_ca(&r->b, (enum rvc_ca)both_short[k].op, x, y), "%s %s, %s",
                 both_short[k].name, names[x], names[y]);
        }
}

static void test_short_imms(struct rig *r) {
    static const struct row any[] = {
        {RVC_ADDI, "c.addi"}, {RVC_ADDIW, "c.addiw"}, {RVC_LI, "c.li"}};
    static const struct row by_short[] = {{RVC_SRLI, "c.srli"}, {RVC_SRAI, "c.srai"}};
    for (unsigned x = RV_RA; x < N_RV_REGS; x++) {
        const enum rv_reg rd = (enum rv_reg)x;
        for (int imm = -32; imm < 32; imm++) {
            for (unsigned k = imm ? 0 : 1; k < N_ROWS(any); k++)
                CASE(r, rvc_ci(&r->b, (enum rvc_ci)any[k].op, rd, imm), "%s %s, %d", any[k].name,
                     names[x], imm);
            if (imm && rd != RV_SP)
                CASE(r, rvc_ci(&r->b, RVC_LUI, rd, imm), "c.lui %s, %u", names[x],
                     (unsigned)imm & 0xfffff);
            if (riscv_short(rd))
                CASE(r, rvc_cb(&r->b, RVC_ANDI, rd, imm), "c.andi %s, %d", names[x], imm);
        }
        for (int n = 1; n < 64; n++) {
            CASE(r, rvc_ci(&r->b, RVC_SLLI, rd, n), "c.slli %s, %d", names[x], n);
            for (unsigned k = 0; riscv_short(rd) && k < 2; k++)
                CASE(r, rvc_cb(&r->b, (enum rvc_cb)by_short[k].op, rd, n), "%s %s, %d",
                     by_short[k].name, names[x], n);
        }
    }
    for (int imm = -512; imm < 512; imm += 16)
        if (imm)
            CASE(r, rvc_addi16sp(&r->b, imm), "c.addi16sp sp, %d", imm);
}

static void test_short_mem(struct rig *r) {
    static const struct row mem[] = {
        {RVC_LW, "c.lw"}, {RVC_SW, "c.sw"}, {RVC_LD, "c.ld"}, {RVC_SD, "c.sd"}};
    static const struct row stack[] = {
        {RVC_LWSP, "c.lwsp"}, {RVC_SWSP, "c.swsp"}, {RVC_LDSP, "c.ldsp"}, {RVC_SDSP, "c.sdsp"}};
    for (unsigned k = 0; k < N_ROWS(mem); k++) {
        const int size = k < 2 ? 4 : 8;
        for (int off = 0; off < 32 * size; off += size)
            for (unsigned i = 0; i < 64; i++) {
                const enum rv_reg x = short_reg(i), y = short_reg(i / 8);
                CASE(r, rvc_mem(&r->b, (enum rvc_mem)mem[k].op, x, y, off), "%s %s, %d(%s)",
                     mem[k].name, names[x], off, names[y]);
            }
        for (int off = 0; off < 64 * size; off += size)
            for (unsigned x = k & 1 ? RV_ZERO : RV_RA; x < N_RV_REGS; x++)
                CASE(r,
                     (k & 1 ? rvc_store_sp : rvc_load_sp)(&r->b, (enum rvc_stack)stack[k].op,
                                                          (enum rv_reg)x, off),
                     "%s %s, %d(sp)", stack[k].name, names[x], off);
    }
}

static void test_short_jumps(struct rig *r) {
    for (int off = -256; off < 256; off += 2)
        for (unsigned i = 0; i < 8; i++) {
            const enum rv_reg x = short_reg(i);
            CASE(r, rvc_branch(&r->b, RVC_BEQZ, x, off), "c.beqz %s, %d", names[x], off);
            CASE(r, rvc_branch(&r->b, RVC_BNEZ, x, off), "c.bnez %s, %d", names[x], off);
        }
    for (int off = -2048; off < 2048; off += 2)
        CASE(r, rvc_j(&r->b, off), "c.j %d", off);
}

int main(void) {
    struct rig r;
    enc_check_init(&r.t, &jit_riscv64);
    jit_buf_init(&r.b);
    enc_text(&r.t, ".option norvc"); /* else the assembler would shorten what is written long */
    test_two_regs(&r);
    test_imms(&r);
    test_shifts(&r);
    test_branches(&r);
    test_far(&r);
    test_atomics(&r);
    enc_text(&r.t, ".option rvc");
    test_short_regs(&r);
    test_short_imms(&r);
    test_short_mem(&r);
    test_short_jumps(&r);
    jit_buf_fini(&r.b);
    return enc_check_run(&r.t);
}

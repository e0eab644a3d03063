/* enc_x86_64.c: every encoder of jit/x86_64 against the assembler: all registers in every place,
 * immediates and displacements where their encodings change.
 */
#include "jit/tests/enc_check.h"
#include "jit/x86_64/enc.h"

#include <stdio.h>

struct ctx {
    struct enc_check t;
    struct jit_buf b;
};

/* CASE: what one encoder appends, and its text in Intel's syntax. */
#define CASE(c, call, ...) ((c)->b.n = 0, (call), enc_case(&(c)->t, &(c)->b, __VA_ARGS__))

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* EACH: r over all registers. WIDTHS: w over 32 and 64; WIDTHS_FROM: from 8 or 16 on. IMMS: k over
 * imms. */
#define EACH(r)               for (unsigned r = 0; r < 16; r++)
#define WIDTHS(w)             for (unsigned w = 32; w <= 64; w *= 2)
#define WIDTHS_FROM(w, least) for (unsigned w = (least); w <= 64; w *= 2)
#define IMMS(k)                                                                                    \
    for (unsigned k##_i = 0, k##_on = 1; k##_i < COUNT(imms); k##_i++, k##_on = 1)                 \
        for (const int32_t k = imms[k##_i]; k##_on; k##_on = 0)

/* clang-format off */
static const int32_t imms[] = {
    0, 1, -1, 2, -2, 3, 64, -64, 126, 127, 128, 129, -127, -128, -129, -130, 255, 256, 257,
    -255, -256, -257, 32766, 32767, 32768, 32769, -32768, -32769, 65535, 65536, -65535, -65536,
    1 << 20, -(1 << 20), 0x12345678, -0x12345678, 1 << 30, INT32_MAX, INT32_MIN, INT32_MIN + 1,
    INT32_MAX - 1,
};
/* clang-format on */

static const char *reg(unsigned width, unsigned r) {
    static const char *const names[4][16] = {
        {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b", "r10b", "r11b", "r12b",
         "r13b", "r14b", "r15b"},
        {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w", "r10w", "r11w", "r12w",
         "r13w", "r14w", "r15w"},
        {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d", "r10d", "r11d",
         "r12d", "r13d", "r14d", "r15d"},
        {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
         "r13", "r14", "r15"},
    };
    return names[width == 8 ? 0 : width == 16 ? 1 : width == 32 ? 2 : 3][r];
}

struct text {
    char s[80];
};

static struct text mem(unsigned width, struct x86_mem m) {
    static const char *const sizes[] = {[1] = "byte", [2] = "word", [4] = "dword", [8] = "qword"};
    struct text t;
    char index[16] = "";
    if (m.index != X86_RSP)
        snprintf(index, sizeof index, " + %u*%s", 1U << m.shift, reg(64, m.index));
    snprintf(t.s, sizeof t.s, "%s ptr [%s%s %c %lld]", sizes[width / 8], reg(64, m.base), index,
             m.disp < 0 ? '-' : '+', m.disp < 0 ? -(long long)m.disp : (long long)m.disp);
    return t;
}

static const char *const bin_names[] = {
    [X86_ADD] = "add", [X86_OR] = "or",   [X86_AND] = "and",
    [X86_SUB] = "sub", [X86_XOR] = "xor", [X86_CMP] = "cmp",
};
static const char *const shift_names[] = {
    [X86_ROL] = "rol",
    [X86_SHL] = "shl",
    [X86_SHR] = "shr",
    [X86_SAR] = "sar",
};
static const char *const unary_names[] = {
    [X86_NOT] = "not",   [X86_NEG] = "neg", [X86_MUL] = "mul",
    [X86_IMUL] = "imul", [X86_DIV] = "div", [X86_IDIV] = "idiv",
};

/* ---- registers ---- */

static void two_registers(struct ctx *c, unsigned d, unsigned s) {
    struct jit_buf *const b = &c->b;
    WIDTHS(w) {
        for (unsigned op = 0; op < COUNT(bin_names); op++)
            if (bin_names[op])
                CASE(c, x86_bin_rr(b, w, op, d, s), "%s %s, %s", bin_names[op], reg(w, d),
                     reg(w, s));
        CASE(c, x86_imul_rr(b, w, d, s), "imul %s, %s", reg(w, d), reg(w, s));
        CASE(c, x86_mov_rr(b, w, d, s), "mov %s, %s", reg(w, d), reg(w, s));
        CASE(c, x86_movsx8_rr(b, w, d, s), "movsx %s, %s", reg(w, d), reg(8, s));
        CASE(c, x86_movsx16_rr(b, w, d, s), "movsx %s, %s", reg(w, d), reg(16, s));
        for (unsigned cc = 0; cc < 16; cc++)
            CASE(c, x86_cmov_rr(b, w, cc, d, s), "cmov%s %s, %s",
                 (const char *[]){"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np",
                                  "l", "ge", "le", "g"}[cc],
                 reg(w, d), reg(w, s));
    }
    WIDTHS_FROM(w, 8) CASE(c, x86_test_rr(b, w, d, s), "test %s, %s", reg(w, d), reg(w, s));
    CASE(c, x86_movzx8_rr(b, d, s), "movzx %s, %s", reg(32, d), reg(8, s));
    CASE(c, x86_movzx16_rr(b, d, s), "movzx %s, %s", reg(32, d), reg(16, s));
    CASE(c, x86_movsxd_rr(b, d, s), "movsxd %s, %s", reg(64, d), reg(32, s));
}

static void one_register(struct ctx *c, unsigned r) {
    struct jit_buf *const b = &c->b;
    WIDTHS(w) {
        for (unsigned op = X86_NOT; op < COUNT(unary_names); op++)
            CASE(c, x86_unary_r(b, w, op, r), "%s %s", unary_names[op], reg(w, r));
        CASE(c, x86_bswap(b, w, r), "bswap %s", reg(w, r));
    }
    WIDTHS_FROM(w, 16) for (unsigned op = 0; op < COUNT(shift_names); op++) {
        if (!shift_names[op])
            continue;
        CASE(c, x86_shift_rc(b, w, op, r), "%s %s, cl", shift_names[op], reg(w, r));
        for (unsigned n = 1; n < w; n++)
            CASE(c, x86_shift_ri(b, w, op, r, n), "%s %s, %u", shift_names[op], reg(w, r), n);
    }
    CASE(c, x86_push(b, r), "push %s", reg(64, r));
    CASE(c, x86_pop(b, r), "pop %s", reg(64, r));
    CASE(c, x86_jmp_r(b, r), "jmp %s", reg(64, r));
    CASE(c, x86_call_r(b, r), "call %s", reg(64, r));
}

static void no_register(struct ctx *c) {
    struct jit_buf *const b = &c->b;
    CASE(c, x86_cqo(b, 64), "cqo");
    CASE(c, x86_cqo(b, 32), "cdq");
    CASE(c, x86_cdqe(b), "cdqe");
    CASE(c, x86_cwde(b), "cwde");
    CASE(c, x86_ret(b), "ret");
}

static void immediate(struct ctx *c, unsigned r, int32_t k) {
    struct jit_buf *const b = &c->b;
    WIDTHS(w) {
        for (unsigned op = 0; op < COUNT(bin_names); op++)
            if (bin_names[op])
                CASE(c, x86_bin_ri(b, w, op, r, k), "%s %s, %d", bin_names[op], reg(w, r), k);
        CASE(c, x86_test_ri(b, w, r, k), "test %s, %d", reg(w, r), k);
        EACH(s) CASE(c, x86_imul_rri(b, w, r, s, k), "imul %s, %s, %d", reg(w, r), reg(w, s), k);
    }
    CASE(c, x86_test_ri(b, 8, r, k), "test %s, %u", reg(8, r), (uint8_t)k);
    CASE(c, x86_test_ri(b, 16, r, k), "test %s, %u", reg(16, r), (uint16_t)k);
    CASE(c, x86_mov_ri(b, r, (uint32_t)k), "mov %s, %u", reg(32, r), (uint32_t)k);
    CASE(c, x86_mov_ri_signed(b, r, k), "mov %s, %d", reg(64, r), k);
    for (unsigned shift = 0; shift < 64; shift += 9) {
        const uint64_t wide = (uint64_t)k << shift;
        CASE(c, x86_mov_ri64(b, r, wide), "movabs %s, %llu", reg(64, r), (unsigned long long)wide);
    }
    for (unsigned shift = 1; shift <= 3; shift++)
        WIDTHS(w)
    for (unsigned i = 0; i < 16; i += i == 3 ? 2 : 1)
        CASE(c, x86_lea_scaled(b, w, r, i, shift, k), "lea %s, [%u*%s + %d]", reg(w, r),
             1U << shift, reg(64, i), k);
}

/* ---- memory ---- */

static void register_and_memory(struct ctx *c, unsigned r, struct x86_mem m) {
    struct jit_buf *const b = &c->b;
    WIDTHS_FROM(w, 8) {
        for (unsigned op = 0; op < COUNT(bin_names); op++) {
            if (!bin_names[op])
                continue;
            CASE(c, x86_bin_rm(b, w, op, r, m), "%s %s, %s", bin_names[op], reg(w, r), mem(w, m).s);
            CASE(c, x86_bin_mr(b, w, op, m, r), "%s %s, %s", bin_names[op], mem(w, m).s, reg(w, r));
        }
        CASE(c, x86_mov_mr(b, w, m, r), "mov %s, %s", mem(w, m).s, reg(w, r));
    }
    WIDTHS(w) {
        CASE(c, x86_mov_rm(b, w, r, m), "mov %s, %s", reg(w, r), mem(w, m).s);
        CASE(c, x86_lea(b, w, r, m), "lea %s, %s", reg(w, r), mem(w, m).s);
        CASE(c, x86_movsx8_rm(b, w, r, m), "movsx %s, %s", reg(w, r), mem(8, m).s);
        CASE(c, x86_movsx16_rm(b, w, r, m), "movsx %s, %s", reg(w, r), mem(16, m).s);
        CASE(c, x86_movbe_rm(b, w, r, m), "movbe %s, %s", reg(w, r), mem(w, m).s);
        CASE(c, x86_lock_bin_mr(b, w, X86_ADD, m, r), "lock add %s, %s", mem(w, m).s, reg(w, r));
        CASE(c, x86_lock_bin_mr(b, w, X86_XOR, m, r), "lock xor %s, %s", mem(w, m).s, reg(w, r));
        CASE(c, x86_lock_xadd_mr(b, w, m, r), "lock xadd %s, %s", mem(w, m).s, reg(w, r));
        CASE(c, x86_lock_cmpxchg_mr(b, w, m, r), "lock cmpxchg %s, %s", mem(w, m).s, reg(w, r));
        CASE(c, x86_xchg_mr(b, w, m, r), "xchg %s, %s", mem(w, m).s, reg(w, r));
    }
    CASE(c, x86_movzx8_rm(b, r, m), "movzx %s, %s", reg(32, r), mem(8, m).s);
    CASE(c, x86_movzx16_rm(b, r, m), "movzx %s, %s", reg(32, r), mem(16, m).s);
    CASE(c, x86_movsxd_rm(b, r, m), "movsxd %s, %s", reg(64, r), mem(32, m).s);
}

static void only_memory(struct ctx *c, struct x86_mem m) {
    struct jit_buf *const b = &c->b;
    CASE(c, x86_push_m(b, m), "push %s", mem(64, m).s);
    CASE(c, x86_pop_m(b, m), "pop %s", mem(64, m).s);
    IMMS(k) WIDTHS_FROM(w, 8) {
        const int32_t cut = w == 8 ? (int8_t)k : w == 16 ? (int16_t)k : k;
        CASE(c, x86_mov_mi(b, w, m, k), "mov %s, %d", mem(w, m).s, cut);
    }
}

/* addresses: all bases and displacements with one register, all registers with each base; each
 * index, scaled, with each base. */
static void addresses(struct ctx *c) {
    struct jit_buf *const b = &c->b;
    EACH(base) {
        IMMS(k) {
            const struct x86_mem m = x86_at(base, k);
            CASE(c, x86_mov_rm(b, 64, base ^ 5, m), "mov %s, %s", reg(64, base ^ 5), mem(64, m).s);
        }
        EACH(r) register_and_memory(c, r, x86_at(base, 0));
        EACH(r) register_and_memory(c, r, x86_at(base, -8));
        only_memory(c, x86_at(base, 0));
        only_memory(c, x86_at(base, 1000));
        EACH(index) for (unsigned shift = 0; shift <= 3 && index != X86_RSP; shift++) IMMS(k) {
            const struct x86_mem m = x86_at_index(base, index, shift, k);
            const unsigned r = (base + 3 * index + shift) & 15;
            CASE(c, x86_mov_rm(b, 64, r, m), "mov %s, %s", reg(64, r), mem(64, m).s);
            CASE(c, x86_mov_mr(b, 8, m, r), "mov %s, %s", mem(8, m).s, reg(8, r));
        }
    }
    EACH(r) register_and_memory(c, r, x86_at_index(X86_R13, X86_RBP, 2, 0));
    only_memory(c, x86_at_index(X86_RBX, X86_R12, 3, 64));
}

/* ---- three operands ---- */

static void bmi(struct ctx *c, unsigned d, unsigned a, unsigned n) {
    struct jit_buf *const b = &c->b;
    WIDTHS(w) {
        const char *const rd = reg(w, d), *const ra = reg(w, a), *const rn = reg(w, n);
        CASE(c, x86_shlx(b, w, d, a, n), "shlx %s, %s, %s", rd, ra, rn);
        CASE(c, x86_shrx(b, w, d, a, n), "shrx %s, %s, %s", rd, ra, rn);
        CASE(c, x86_sarx(b, w, d, a, n), "sarx %s, %s, %s", rd, ra, rn);
        CASE(c, x86_mulx(b, w, d, a, n), "mulx %s, %s, %s", rd, ra, rn);
        CASE(c, x86_rorx(b, w, d, a, 1 + n), "rorx %s, %s, %u", rd, ra, 1 + n);
        CASE(c, x86_rorx(b, w, d, a, w - 1 - n), "rorx %s, %s, %u", rd, ra, w - 1 - n);
    }
}

/* ---- jumps: the assembler takes distances from the instruction's first byte ---- */

static void jumps(struct ctx *c) {
    static const char *const ccs[] = {
        [X86_B] = "b", [X86_AE] = "ae", [X86_E] = "e",   [X86_NE] = "ne", [X86_BE] = "be",
        [X86_A] = "a", [X86_L] = "l",   [X86_GE] = "ge", [X86_LE] = "le", [X86_G] = "g",
    };
    struct jit_buf *const b = &c->b;
    for (int rel = INT8_MIN; rel <= INT8_MAX; rel++) {
        CASE(c, x86_jmp8(b, (int8_t)rel), "jmp .%+d", rel + X86_JMP8);
        for (unsigned cc = X86_B; cc <= X86_G; cc++)
            if (ccs[cc])
                CASE(c, x86_jcc8(b, cc, (int8_t)rel), "j%s .%+d", ccs[cc], rel + X86_JCC8);
    }
    IMMS(rel) {
        CASE(c, x86_call32(b, rel), "call .%+lld", (long long)rel + X86_CALL32);
        if (rel > -140 && rel < 140)
            continue; /* the assembler would take the short form */
        CASE(c, x86_jmp32(b, rel), "jmp .%+lld", (long long)rel + X86_JMP32);
        for (unsigned cc = X86_B; cc <= X86_G; cc++)
            if (ccs[cc])
                CASE(c, x86_jcc32(b, cc, rel), "j%s .%+lld", ccs[cc], (long long)rel + X86_JCC32);
    }
}

int main(void) {
    struct ctx c;
    jit_buf_init(&c.b);
    enc_check_init(&c.t, &jit_x86_64);
    enc_text(&c.t, ".intel_syntax noprefix");
    no_register(&c);
    EACH(d) {
        one_register(&c, d);
        EACH(s) two_registers(&c, d, s);
        IMMS(k) immediate(&c, d, k);
        EACH(a) EACH(n) bmi(&c, d, a, n);
    }
    addresses(&c);
    enc_text(&c.t, ".att_syntax");
    jumps(&c);
    jit_buf_fini(&c.b);
    return enc_check_run(&c.t);
}

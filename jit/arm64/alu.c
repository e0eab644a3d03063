/* alu.c: all operations but divisions.
 *
 * Instructions of 32 bits zero-extend by themselves, so zext matters only where no instruction is
 * needed. An immediate is tried in the shortest forms first; what has none goes through X_OPERAND.
 * Wherever there are two instructions, the first writes X_OPERAND, or the second reads no operand:
 * so operands may alias.
 */
#include "jit/arm64/arm64.h"

void arm64_move(struct jit_buf *b, const struct jit_alu *a, enum arm64_reg n) {
    const enum arm64_reg d = arm64_reg(a->dst);
    if (d != n || (a->width == 32 && a->zext))
        arm64_mov(b, arm64_width(a), d, n);
}

enum arm64_reg arm64_second(struct jit_buf *b, const struct jit_alu *a) {
    if (!a->imm)
        return arm64_reg(a->b);
    const uint64_t k = arm64_k(a);
    if (k == 0)
        return XZR;
    arm64_set(b, X_OPERAND, k);
    return X_OPERAND;
}

/* add_parts: d = n + v or n - v, v below 2^24 and not 0: in one instruction, or its low and its
 * high half in two. */
static void add_parts(struct jit_buf *b, enum arm64_sf sf, enum arm64_reg d, enum arm64_reg n,
                      uint64_t v, bool subtract) {
    const uint32_t part[] = {(uint32_t)v & 0xfff, (uint32_t)v >> 12};
    for (unsigned high = 0; high < 2; high++) {
        if (part[high] == 0)
            continue;
        if (subtract)
            arm64_sub_imm(b, sf, d, n, part[high], high);
        else
            arm64_add_imm(b, sf, d, n, part[high], high);
        n = d;
    }
}

/* add_constant: dst = a + k modulo the width. */
static void add_constant(struct jit_buf *b, const struct jit_alu *a, uint64_t k) {
    const enum arm64_sf sf = arm64_width(a);
    const enum arm64_reg d = arm64_reg(a->dst), n = arm64_reg(a->a);
    const uint64_t minus = (0 - k) & arm64_mask(sf);
    if (k == 0) {
        arm64_move(b, a, n);
    } else if (k >> 24 == 0) {
        add_parts(b, sf, d, n, k, false);
    } else if (minus >> 24 == 0) {
        add_parts(b, sf, d, n, minus, true);
    } else {
        arm64_set(b, X_OPERAND, k);
        arm64_add(b, sf, d, n, X_OPERAND, 0);
    }
}

enum arm64_reg arm64_address(struct jit_buf *b, uint8_t base, int32_t off) {
    const enum arm64_reg n = arm64_reg(base);
    const uint64_t k = (uint64_t)(int64_t)off, minus = 0 - k;
    if (k == 0)
        return n;
    if (k >> 24 == 0) {
        add_parts(b, ARM64_X, X_OPERAND, n, k, false);
    } else if (minus >> 24 == 0) {
        add_parts(b, ARM64_X, X_OPERAND, n, minus, true);
    } else {
        arm64_set(b, X_OPERAND, k);
        arm64_add_uxtx(b, X_OPERAND, n, X_OPERAND);
    }
    return X_OPERAND;
}

static bool is_power(uint64_t k) {
    return k && !(k & (k - 1));
}

static unsigned log_2(uint64_t k) {
    return (unsigned)__builtin_ctzll(k);
}

/* multiply: by k: what is near a power of two takes shifts and additions, which are faster. */
static void multiply(struct jit_buf *b, const struct jit_alu *a) {
    const enum arm64_sf sf = arm64_width(a);
    const enum arm64_reg d = arm64_reg(a->dst), n = arm64_reg(a->a);
    const uint64_t mask = arm64_mask(sf), k = arm64_k(a), minus = (0 - k) & mask;
    if (k == 0) {
        arm64_set(b, d, 0);
    } else if (k == 1) {
        arm64_move(b, a, n);
    } else if (is_power(k)) {
        arm64_lsl(b, sf, d, n, log_2(k));
    } else if (is_power(minus)) {
        arm64_sub(b, sf, d, XZR, n, log_2(minus));
    } else if (is_power(k - 1)) {
        arm64_add(b, sf, d, n, n, log_2(k - 1));
    } else if (is_power(minus + 1)) { /* k is 1 - 2^i */
        arm64_sub(b, sf, d, n, n, log_2(minus + 1));
    } else if (is_power(k + 1)) {
        arm64_lsl(b, sf, X_OPERAND, n, log_2(k + 1));
        arm64_sub(b, sf, d, X_OPERAND, n, 0);
    } else {
        arm64_madd(b, sf, d, n, arm64_second(b, a), XZR);
    }
}

/* logic: OR, AND, XOR of a and b, or k. */
static void logic(struct jit_buf *b, const struct jit_alu *a) {
    const enum arm64_sf sf = arm64_width(a);
    const enum arm64_reg d = arm64_reg(a->dst), n = arm64_reg(a->a);
    const uint64_t k = arm64_k(a), all = arm64_mask(sf);
    uint32_t bits;
    if (a->imm && k == (a->op == JOP_AND ? all : 0)) {
        arm64_move(b, a, n);
    } else if (a->imm && a->op != JOP_XOR && (k == 0 || k == all)) {
        arm64_set(b, d, k);
    } else if (a->imm && k == all) {
        arm64_orn(b, sf, d, XZR, n, 0);
    } else if (a->imm && arm64_bitmask(sf, k, &bits)) {
        switch (a->op) {
        case JOP_OR: arm64_orr_imm(b, sf, d, n, bits); break;
        case JOP_AND: arm64_and_imm(b, sf, d, n, bits); break;
        default: arm64_eor_imm(b, sf, d, n, bits); break;
        }
    } else {
        const enum arm64_reg m = arm64_second(b, a);
        switch (a->op) {
        case JOP_OR: arm64_orr(b, sf, d, n, m, 0); break;
        case JOP_AND: arm64_and(b, sf, d, n, m, 0); break;
        default: arm64_eor(b, sf, d, n, m, 0); break;
        }
    }
}

/* shift: SHL, LSHR, ASHR, ROTL. The machine takes a register modulo the width, too. */
static void shift(struct jit_buf *b, const struct jit_alu *a) {
    const enum arm64_sf sf = arm64_width(a);
    const enum arm64_reg d = arm64_reg(a->dst), n = arm64_reg(a->a);
    if (a->imm) {
        const unsigned by = (unsigned)a->k & (a->width - 1U);
        if (by == 0) {
            arm64_move(b, a, n);
            return;
        }
        switch (a->op) {
        case JOP_SHL: arm64_lsl(b, sf, d, n, by); break;
        case JOP_LSHR: arm64_lsr(b, sf, d, n, by); break;
        case JOP_ASHR: arm64_asr(b, sf, d, n, by); break;
        default: arm64_extr(b, sf, d, n, n, a->width - by); break;
        }
        return;
    }
    const enum arm64_reg m = arm64_reg(a->b);
    switch (a->op) {
    case JOP_SHL: arm64_lslv(b, sf, d, n, m); break;
    case JOP_LSHR: arm64_lsrv(b, sf, d, n, m); break;
    default: arm64_asrv(b, sf, d, n, m); break;
    }
}

/* multiply_high: MULHU, MULHS. */
static void multiply_high(struct jit_buf *b, const struct jit_alu *a) {
    const enum arm64_reg d = arm64_reg(a->dst), n = arm64_reg(a->a), m = arm64_reg(a->b);
    if (a->op == JOP_MULHS)
        arm64_smulh(b, d, n, m);
    else
        arm64_umulh(b, d, n, m);
}

/* convert: what reads b only and turns it into another form. */
static void convert(struct jit_buf *b, const struct jit_alu *a) {
    const enum arm64_sf sf = arm64_width(a);
    const enum arm64_reg d = arm64_reg(a->dst), m = arm64_reg(a->b);
    switch (a->op) {
    case JOP_NEG: arm64_sub(b, sf, d, XZR, m, 0); break;
    case JOP_SEXT8: arm64_sbfm(b, sf, d, m, 0, 7); break;
    case JOP_SEXT16: arm64_sbfm(b, sf, d, m, 0, 15); break;
    case JOP_SEXT32:
        if (a->width == 32)
            arm64_move(b, a, m);
        else
            arm64_sbfm(b, ARM64_X, d, m, 0, 31);
        break;
    case JOP_ZEXT8: arm64_ubfm(b, ARM64_W, d, m, 0, 7); break;
    case JOP_ZEXT16: arm64_ubfm(b, ARM64_W, d, m, 0, 15); break;
    case JOP_ZEXT32: arm64_mov(b, ARM64_W, d, m); break;
    case JOP_BSWAP16: /* to the top, and down again with zeros */
        arm64_rev_w(b, d, m);
        arm64_lsr(b, ARM64_W, d, d, 16);
        break;
    case JOP_BSWAP32: arm64_rev_w(b, d, m); break;
    default: assert(a->op == JOP_BSWAP64); arm64_rev_x(b, d, m);
    }
}

void arm64_alu(struct jit_buf *b, const struct jit_alu *a) {
    const enum arm64_sf sf = arm64_width(a);
    switch ((enum jit_op)a->op) {
    case JOP_MOV:
        if (a->imm)
            arm64_set(b, arm64_reg(a->dst), arm64_k(a));
        else
            arm64_move(b, a, arm64_reg(a->b));
        break;
    case JOP_ADD:
        if (a->imm)
            add_constant(b, a, arm64_k(a));
        else
            arm64_add(b, sf, arm64_reg(a->dst), arm64_reg(a->a), arm64_reg(a->b), 0);
        break;
    case JOP_SUB:
        if (a->imm)
            add_constant(b, a, (0 - arm64_k(a)) & arm64_mask(sf));
        else
            arm64_sub(b, sf, arm64_reg(a->dst), arm64_reg(a->a), arm64_reg(a->b), 0);
        break;
    case JOP_MUL:
        if (a->imm)
            multiply(b, a);
        else
            arm64_madd(b, sf, arm64_reg(a->dst), arm64_reg(a->a), arm64_reg(a->b), XZR);
        break;
    case JOP_UDIV:
    case JOP_SDIV:
    case JOP_UMOD:
    case JOP_SMOD: arm64_div(b, a); break;
    case JOP_OR:
    case JOP_AND:
    case JOP_XOR: logic(b, a); break;
    case JOP_SHL:
    case JOP_LSHR:
    case JOP_ASHR:
    case JOP_ROTL: shift(b, a); break;
    case JOP_MULHU:
    case JOP_MULHS: multiply_high(b, a); break;
    default: convert(b, a); break;
    }
}

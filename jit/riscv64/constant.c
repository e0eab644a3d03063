/* constant.c: a 64-bit constant in as few bytes as we know how.
 *
 * Up to 32 bits, LUI makes the upper 20 and ADDIW the lower 12. Above, a value is a shorter one
 * shifted left, plus 12 bits; and one with zeros on top may be a shorter one shifted right. Each
 * way is planned, and the shortest is emitted.
 */
#include "jit/riscv64/riscv64.h"

enum step_op {
    STEP_LI,
    STEP_LUI,
    STEP_ADDI,
    STEP_ADDIW,
    STEP_SLLI,
    STEP_SRLI,
};

struct plan {
    unsigned n;
    struct {
        uint8_t op; /* enum step_op */
        int32_t imm;
    } step[12];
};

static void add(struct plan *p, enum step_op op, int64_t imm) {
    assert(p->n < sizeof p->step / sizeof p->step[0]);
    p->step[p->n].op = (uint8_t)op;
    p->step[p->n++].imm = (int32_t)imm;
}

/* low12: the low 12 bits of v as a signed number; v minus it has 12 zeros below. */
static int64_t low12(uint64_t v) {
    return (int64_t)(v << 52) >> 52;
}

/* plan_left: append the steps that make v by additions and shifts to the left. */
static void plan_left(struct plan *p, uint64_t v) {
    const int64_t low = low12(v);
    if (rv_fits(32, (int64_t)v)) {
        /* the upper part may overflow 20 bits; ADDIW wraps it back */
        const int64_t high = (int64_t)((v - (uint64_t)low) << 32) >> 44;
        if (high)
            add(p, STEP_LUI, high);
        if (low || !high)
            add(p, high ? STEP_ADDIW : STEP_LI, low);
        return;
    }
    uint64_t rest = v - (uint64_t)low;
    int shift = __builtin_ctzll(rest);
    rest = (uint64_t)((int64_t)rest >> shift);
    /* 12 zeros left to LUI save the ADDIW */
    if (shift > 12 && !rv_fits(12, (int64_t)rest) && rv_fits(20, (int64_t)rest)) {
        rest <<= 12;
        shift -= 12;
    }
    plan_left(p, rest);
    add(p, STEP_SLLI, shift);
    if (low)
        add(p, STEP_ADDI, low);
}

/* bytes: of the plan's code. */
static unsigned bytes(const struct plan *p, enum rv_reg rd) {
    unsigned n = 0;
    for (unsigned i = 0; i < p->n; i++) {
        const uint8_t op = p->step[i].op;
        const bool small =
            op == STEP_SLLI || (op == STEP_SRLI ? riscv_short(rd) : rv_fits(6, p->step[i].imm));
        n += small ? 2 : 4;
    }
    return n;
}

static void keep_shorter(struct plan *best, const struct plan *p, enum rv_reg rd) {
    const unsigned now = bytes(best, rd), then = bytes(p, rd);
    if (then < now || (then == now && p->n < best->n))
        *best = *p;
}

static struct plan plan_any(uint64_t v, enum rv_reg rd) {
    struct plan best = {0};
    plan_left(&best, v);
    if (v && best.n > 1) {
        struct plan p = {0};
        const int tail = __builtin_ctzll(v), lead = __builtin_clzll(v);
        if (tail) {
            plan_left(&p, (uint64_t)((int64_t)v >> tail));
            add(&p, STEP_SLLI, tail);
            keep_shorter(&best, &p, rd);
        }
        for (unsigned ones = 0; lead && ones < 2; ones++) {
            p.n = 0;
            plan_left(&p, v << lead | (ones ? (UINT64_C(1) << lead) - 1 : 0));
            add(&p, STEP_SRLI, lead);
            keep_shorter(&best, &p, rd);
        }
    }
    return best;
}

void riscv_li(struct jit_buf *b, enum rv_reg rd, uint64_t value) {
    const struct plan p = plan_any(value, rd);
    for (unsigned i = 0; i < p.n; i++) {
        const int32_t imm = p.step[i].imm;
        switch (p.step[i].op) {
        case STEP_LI: riscv_addi(b, rd, RV_ZERO, imm); break;
        case STEP_LUI: riscv_lui(b, rd, imm); break;
        case STEP_ADDI: riscv_addi(b, rd, rd, imm); break;
        case STEP_ADDIW: riscv_addiw(b, rd, rd, imm); break;
        case STEP_SLLI: riscv_slli(b, rd, rd, (unsigned)imm); break;
        default: riscv_srli(b, rd, rd, (unsigned)imm); break;
        }
    }
}

void riscv_constant(struct jit_buf *b, uint8_t reg, uint64_t value) {
    riscv_li(b, riscv_reg(reg), value);
}

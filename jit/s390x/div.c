/* div.c: divisions and the upper half of products: what works on an even-odd pair.
 *
 * The pair is %r0:%r1. Divisions take the dividend from it and leave the remainder in %r0, the
 * quotient in %r1; the machine traps on zero and on overflow, so both are looked for first. %r1 is
 * T0: it is put aside unless it is free or the result.
 */
#include "jit/s390x/s390x.h"

enum {
    BYTES_REGISTERS = 4, /* of the instructions that checks jump over */
    BYTES_COMPARE_JUMP = 6
};

/* put_aside, put_back: T0, while an operation works in %r1. */
static bool put_aside(struct jit_buf *b, const struct jit_alu *a) {
    const bool needed = a->dst != JR_T0 && !s390x_is_dead(a, JR_T0);
    if (needed)
        s390x_ldgr(b, FR1, GR_T0);
    return needed;
}

static void put_back(struct jit_buf *b, bool aside) {
    if (aside)
        s390x_lgdr(b, GR_T0, FR1);
}

void s390x_mulh(struct jit_buf *b, const struct jit_alu *a) {
    const enum s390x_gr dst = s390x_gr(a->dst);
    const bool aside = put_aside(b, a);
    if (a->op == JOP_MULHS)
        s390x_mgrk(b, GR0, s390x_gr(a->a), s390x_gr(a->b));
    else {
        const bool swap = a->b == JR_T0;
        s390x_move(b, 64, true, GR1, s390x_gr(swap ? a->b : a->a));
        s390x_mlgr(b, GR0, s390x_gr(swap ? a->a : a->b));
    }
    s390x_lgr(b, dst, GR0);
    put_back(b, aside);
}

/* by_itself: a divided by a: 1, but 0 / 0 is 0; the remainder is 0 always. */
static void by_itself(struct jit_buf *b, const struct jit_alu *a, bool mod) {
    const enum s390x_gr dst = s390x_gr(a->dst);
    if (mod || a->nonzero) {
        s390x_lghi(b, dst, mod ? 0 : 1);
        return;
    }
    (a->width == 32 ? s390x_ltgfr : s390x_ltgr)(b, dst, s390x_gr(a->b));
    s390x_locghi(b, dst, 1, S390X_NOT_ZERO);
}

/* struct operands: where the divisor is, and whether T0 is to be put back. */
struct operands {
    enum s390x_gr divisor;
    bool t0;
};

/* gather: the dividend into %r1, the divisor into a register beyond the pair: where it is, or the
 * result's register, which is free as soon as the dividend has left it. */
static struct operands gather(struct jit_buf *b, const struct jit_alu *a, bool sign) {
    void (*const move)(struct jit_buf *, enum s390x_gr, enum s390x_gr) =
        sign && a->width == 32 ? s390x_lgfr : s390x_lgr;
    const enum s390x_gr x = s390x_gr(a->a);
    struct operands o = {.t0 = put_aside(b, a)};
    const bool in_place = a->b != JR_T0;
    o.divisor = s390x_gr(in_place ? a->b : a->dst);
    if (in_place) {
        if (x != GR1 || move == s390x_lgfr)
            move(b, GR1, x);
    } else if (o.divisor == x) { /* the two change places */
        move(b, GR0, x);
        s390x_lgr(b, o.divisor, GR1);
        s390x_lgr(b, GR1, GR0);
    } else {
        s390x_lgr(b, o.divisor, GR1);
        move(b, GR1, x);
    }
    return o;
}

/* by_pair: the division itself. Where a check ends it early, %r0 already holds the result. */
static void by_pair(struct jit_buf *b, const struct jit_alu *a, enum s390x_gr y, bool sign,
                    bool mod) {
    const bool wide = a->width == 64, may_be_zero = !a->nonzero;
    const bool may_overflow = sign && wide;
    const bool checked = may_be_zero || may_overflow;
    const unsigned tail = BYTES_REGISTERS + (checked && !mod ? BYTES_REGISTERS : 0);
    const unsigned overflow = BYTES_REGISTERS + BYTES_COMPARE_JUMP + tail;
    void (*const jump_if)(struct jit_buf *, enum s390x_gr, int64_t, unsigned, int64_t) =
        wide ? s390x_cgij : s390x_cij;

    if (may_be_zero) {
        if (mod)
            s390x_lgr(b, GR0, GR1);
        else
            s390x_lghi(b, GR0, 0);
        const unsigned clear = mod && !sign ? BYTES_REGISTERS : 0;
        jump_if(b, y, 0, S390X_EQ, BYTES_COMPARE_JUMP + (may_overflow ? overflow : tail + clear));
    }
    if (may_overflow) { /* by -1 the quotient is -a, the remainder 0 */
        if (mod)
            s390x_lghi(b, GR0, 0);
        else
            s390x_lcgr(b, GR0, GR1);
        jump_if(b, y, -1, S390X_EQ, BYTES_COMPARE_JUMP + tail);
    }
    if (!sign && (mod || !may_be_zero))
        s390x_lghi(b, GR0, 0); /* the dividend's upper half */
    (sign && wide ? s390x_dsgr : sign ? s390x_dsgfr : wide ? s390x_dlgr : s390x_dlr)(b, GR0, y);
    if (checked && !mod)
        s390x_lgr(b, GR0, GR1);
    s390x_move(b, a->width, a->zext, s390x_gr(a->dst), checked || mod ? GR0 : GR1);
}

void s390x_divide(struct jit_buf *b, const struct jit_alu *a) {
    const bool sign = a->op == JOP_SDIV || a->op == JOP_SMOD;
    const bool mod = a->op == JOP_UMOD || a->op == JOP_SMOD;
    if (a->a == a->b) {
        by_itself(b, a, mod);
        return;
    }
    const struct operands o = gather(b, a, sign);
    by_pair(b, a, o.divisor, sign, mod);
    put_back(b, o.t0);
}

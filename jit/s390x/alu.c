/* alu.c: arithmetic but divisions, and constants.
 *
 * Of width 32, the low half of most results depends on the low halves alone, so 64-bit
 * instructions do as well; the 32-bit ones are taken where they are shorter. An extension to 64
 * bits is folded into the move that a two-operand form needs, where the operation keeps zeroes.
 */
#include "jit/s390x/s390x.h"

/* ---- constants ---- */

/* put_high: value's upper half into r, zero below. */
static void put_high(struct jit_buf *b, enum s390x_gr r, uint64_t value) {
    const uint32_t high = (uint32_t)(value >> 32);
    if (!(high >> 16))
        s390x_llihl(b, r, high);
    else if (!(high & 0xffff))
        s390x_llihh(b, r, high >> 16);
    else
        s390x_llihf(b, r, high);
}

/* or_low: r |= value, of 32 bits. */
static void or_low(struct jit_buf *b, enum s390x_gr r, uint32_t value) {
    if (!(value >> 16))
        s390x_oill(b, r, value);
    else if (!(value & 0xffff))
        s390x_oilh(b, r, value >> 16);
    else
        s390x_oilf(b, r, value);
}

/* and_low: the low half of r &= value. */
static void and_low(struct jit_buf *b, enum s390x_gr r, uint32_t value) {
    if (value >> 16 == 0xffff)
        s390x_nill(b, r, value & 0xffff);
    else if ((value & 0xffff) == 0xffff)
        s390x_nilh(b, r, value >> 16);
    else
        s390x_nilf(b, r, value);
}

void s390x_constant(struct jit_buf *b, enum s390x_gr r, uint64_t value) {
    const int64_t k = (int64_t)value;
    if (s390x_fits_signed(k, 16))
        s390x_lghi(b, r, k);
    else if (value <= 0xffff)
        s390x_llill(b, r, k);
    else if (value <= UINT32_MAX && !(value & 0xffff))
        s390x_llilh(b, r, k >> 16);
    else if (s390x_fits_signed(k, 32))
        s390x_lgfi(b, r, k);
    else if (value <= UINT32_MAX)
        s390x_llilf(b, r, k);
    else {
        put_high(b, r, value);
        if ((uint32_t)value)
            or_low(b, r, (uint32_t)value);
    }
}

unsigned s390x_constant_bytes(uint64_t value) {
    uint8_t bytes[32];
    struct jit_buf b = {.bytes = bytes, .capacity = sizeof bytes};
    s390x_constant(&b, GR_PRIVATE, value);
    return b.n;
}

struct s390x_mask s390x_mask(uint64_t bits) {
    const uint64_t left = bits << 1 | bits >> 63, right = bits >> 1 | bits << 63;
    if (__builtin_popcountll(bits ^ left) != 2)
        return (struct s390x_mask){.ok = false};
    return (struct s390x_mask){
        .ok = true,
        .first = (uint8_t)__builtin_clzll(bits & ~right),
        .last = (uint8_t)__builtin_clzll(bits & ~left),
    };
}

/* ---- moves ---- */

void s390x_move(struct jit_buf *b, unsigned width, bool zext, enum s390x_gr dst, enum s390x_gr a) {
    if (width == 32 && zext)
        s390x_llgfr(b, dst, a);
    else if (dst == a)
        return;
    else if (width == 32)
        s390x_lr(b, dst, a);
    else
        s390x_lgr(b, dst, a);
}

/* extend: clear the upper half of the result, if it is needed so. */
static void extend(struct jit_buf *b, const struct jit_alu *a) {
    if (a->width == 32 && a->zext)
        s390x_llgfr(b, s390x_gr(a->dst), s390x_gr(a->dst));
}

/* move_first: dst = a, extended: for operations that keep zeroes above. */
static void move_first(struct jit_buf *b, const struct jit_alu *a) {
    s390x_move(b, a->width, a->zext, s390x_gr(a->dst), s390x_gr(a->a));
}

static void move(struct jit_buf *b, const struct jit_alu *a) {
    if (!a->imm)
        s390x_move(b, a->width, a->zext, s390x_gr(a->dst), s390x_gr(a->b));
    else if (a->width == 32 && a->zext)
        s390x_constant(b, s390x_gr(a->dst), (uint32_t)a->k);
    else
        s390x_constant(b, s390x_gr(a->dst), (uint64_t)a->k);
}

/* ---- sums, products, bits: registers ---- */

/* struct row: how an operation of two registers is encoded: in place at width 32 and 64, with
 * three operands at width 32 and 64. */
struct row {
    void (*in_place[2])(struct jit_buf *b, enum s390x_gr r1, enum s390x_gr r2);
    void (*three[2])(struct jit_buf *b, enum s390x_gr r1, enum s390x_gr r2, enum s390x_gr r3);
    bool commutes;
};

static const struct row rows[N_JIT_OPS] = {
    [JOP_ADD] = {{s390x_ar, s390x_agr}, {s390x_ark, s390x_agrk}, true},
    [JOP_SUB] = {{s390x_sr, s390x_sgr}, {s390x_srk, s390x_sgrk}, false},
    [JOP_MUL] = {{s390x_msr, s390x_msgr}, {s390x_msrkc, s390x_msgrkc}, true},
    [JOP_OR] = {{s390x_or, s390x_ogr}, {s390x_ork, s390x_ogrk}, true},
    [JOP_AND] = {{s390x_nr, s390x_ngr}, {s390x_nrk, s390x_ngrk}, true},
    [JOP_XOR] = {{s390x_xr, s390x_xgr}, {s390x_xrk, s390x_xgrk}, true},
};

static void two_registers(struct jit_buf *b, const struct jit_alu *a) {
    const struct row *const row = &rows[a->op];
    const unsigned wide = a->width == 64;
    const enum s390x_gr dst = s390x_gr(a->dst), x = s390x_gr(a->a), y = s390x_gr(a->b);
    if (dst == x)
        row->in_place[wide](b, dst, y);
    else if (dst == y && row->commutes)
        row->in_place[wide](b, dst, x);
    else
        row->three[wide](b, dst, x, y);
    extend(b, a);
}

/* ---- sums, products, bits: immediates ---- */

/* add_constant: dst = a + k, k of at most 33 bits. The low halves are right at either width. */
static void add_constant(struct jit_buf *b, const struct jit_alu *a, int64_t k) {
    const enum s390x_gr dst = s390x_gr(a->dst), x = s390x_gr(a->a);
    if (a->width == 32)
        k = (int32_t)k;
    if (!k) {
        move_first(b, a);
        return;
    }
    const bool in_place = dst == x;
    if (!in_place && s390x_fits_unsigned(k, 12))
        s390x_la(b, dst, k, x);
    else if (in_place && s390x_fits_signed(k, 16))
        s390x_aghi(b, dst, k);
    else if (s390x_fits_signed(k, 16))
        s390x_aghik(b, dst, x, k);
    else if (!in_place && s390x_fits_signed(k, 20))
        s390x_lay(b, dst, k, x);
    else {
        s390x_move(b, a->width, false, dst, x);
        if (s390x_fits_signed(k, 32))
            s390x_agfi(b, dst, k);
        else
            s390x_algfi(b, dst, k); /* minus the smallest */
    }
    extend(b, a);
}

static void multiply_constant(struct jit_buf *b, const struct jit_alu *a) {
    const enum s390x_gr dst = s390x_gr(a->dst);
    s390x_move(b, a->width, false, dst, s390x_gr(a->a));
    if (s390x_fits_signed(a->k, 16))
        (a->width == 32 ? s390x_mhi : s390x_mghi)(b, dst, a->k);
    else
        (a->width == 32 ? s390x_msfi : s390x_msgfi)(b, dst, a->k);
    extend(b, a);
}

/* keep_low: dst = the low 8, 16, 31 or 32 bits of a, if those are mask: the short forms. */
static bool keep_low(struct jit_buf *b, enum s390x_gr dst, enum s390x_gr a, uint64_t mask) {
    switch (mask) {
    case 0: s390x_lghi(b, dst, 0); return true;
    case UINT8_MAX: s390x_llgcr(b, dst, a); return true;
    case UINT16_MAX: s390x_llghr(b, dst, a); return true;
    case INT32_MAX: s390x_llgtr(b, dst, a); return true;
    case UINT32_MAX: s390x_llgfr(b, dst, a); return true;
    default: return false;
    }
}

/* and_constant: a mask is cleared bits at either side (one RISBG), or the low half's AND. If the
 * upper half does not matter, either mask of 64 bits will do. */
static void and_constant(struct jit_buf *b, const struct jit_alu *a) {
    const enum s390x_gr dst = s390x_gr(a->dst), x = s390x_gr(a->a);
    const uint32_t low = (uint32_t)a->k;
    const bool any = a->width == 32 && !a->zext;
    const uint64_t mask = a->width == 64 ? (uint64_t)a->k : low;
    const bool keeps_high = any || mask >> 32;
    if (keeps_high && low == UINT32_MAX) {
        s390x_move(b, a->width, false, dst, x);
        return;
    }
    if (keep_low(b, dst, x, mask))
        return;
    const bool half = low >> 16 == UINT16_MAX || (low & UINT16_MAX) == UINT16_MAX;
    struct s390x_mask m = s390x_mask(mask);
    if (any && !m.ok)
        m = s390x_mask(mask | ~(uint64_t)UINT32_MAX);
    if (m.ok && !(keeps_high && half && dst == x))
        s390x_risbgn(b, dst, x, m.first, m.last | S390X_LAST_Z, 0);
    else {
        s390x_move(b, keeps_high ? a->width : 32, !keeps_high, dst, x);
        and_low(b, dst, low);
    }
}

/* or_constant: OR and XOR: the low half in place, unless a negative k reaches the upper one. */
static void or_constant(struct jit_buf *b, const struct jit_alu *a) {
    const enum s390x_gr dst = s390x_gr(a->dst);
    if (a->width == 64 && a->k < 0) {
        s390x_constant(b, GR_PRIVATE, (uint64_t)a->k);
        rows[a->op].three[1](b, dst, s390x_gr(a->a), GR_PRIVATE);
        return;
    }
    move_first(b, a);
    if (!(uint32_t)a->k)
        return;
    if (a->op == JOP_OR)
        or_low(b, dst, (uint32_t)a->k);
    else
        s390x_xilf(b, dst, (uint32_t)a->k);
}

/* ---- shifts ---- */

/* shift_32_constant: left and logical right shifts are fields moved, with zeroes above for free. */
static void shift_32_constant(struct jit_buf *b, const struct jit_alu *a, enum s390x_gr dst,
                              enum s390x_gr x) {
    const bool in_place = dst == x && !a->zext;
    if (!a->k)
        move_first(b, a);
    else if (a->op == JOP_SHL && in_place)
        s390x_sll(b, dst, a->k, GR0);
    else if (a->op == JOP_SHL)
        s390x_risbgn(b, dst, x, 32, (63 - a->k) | S390X_LAST_Z, a->k);
    else if (a->op == JOP_LSHR && in_place)
        s390x_srl(b, dst, a->k, GR0);
    else if (a->op == JOP_LSHR)
        s390x_risbgn(b, dst, x, 32 + a->k, 63 | S390X_LAST_Z, 64 - a->k);
    else {
        if (dst == x)
            s390x_sra(b, dst, a->k, GR0);
        else
            s390x_srak(b, dst, x, a->k, GR0);
        extend(b, a);
    }
}

/* shift_32: the machine counts with 6 bits, eBPF with 5. The amount is masked in dst, which is
 * written anyway (or in T0 if that is free), and the shifted value moves aside if dst held it. */
static void shift_32(struct jit_buf *b, const struct jit_alu *a, enum s390x_gr dst,
                     enum s390x_gr x) {
    const enum s390x_gr y = s390x_gr(a->b);
    if (a->op == JOP_LSHR && a->zext) {
        s390x_llgfr(b, GR_PRIVATE, x);
        s390x_risbgn(b, dst, y, 59, 63 | S390X_LAST_Z, 0);
        s390x_srlg(b, dst, GR_PRIVATE, 0, dst);
        return;
    }
    const enum s390x_gr amount = dst == x && s390x_is_dead(a, JR_T0) ? GR_T0 : dst;
    const enum s390x_gr value = amount == x ? GR_PRIVATE : x;
    s390x_move(b, 32, false, value, x);
    s390x_risbgn(b, amount, y, 59, 63 | S390X_LAST_Z, 0);
    if (value == dst)
        (a->op == JOP_SHL    ? s390x_sll
         : a->op == JOP_LSHR ? s390x_srl
                             : s390x_sra)(b, dst, 0, amount);
    else
        (a->op == JOP_SHL    ? s390x_sllk
         : a->op == JOP_LSHR ? s390x_srlk
                             : s390x_srak)(b, dst, value, 0, amount);
    extend(b, a);
}

static void shift(struct jit_buf *b, const struct jit_alu *a) {
    const enum s390x_gr dst = s390x_gr(a->dst), x = s390x_gr(a->a);
    if (a->width == 32) {
        (a->imm ? shift_32_constant : shift_32)(b, a, dst, x);
        return;
    }
    if (a->imm && !a->k) {
        move_first(b, a);
        return;
    }
    (a->op == JOP_SHL    ? s390x_sllg
     : a->op == JOP_LSHR ? s390x_srlg
                         : s390x_srag)(b, dst, x, a->imm ? a->k : 0, a->imm ? GR0 : s390x_gr(a->b));
}

static void rotate(struct jit_buf *b, const struct jit_alu *a) {
    (a->width == 32 ? s390x_rll : s390x_rllg)(b, s390x_gr(a->dst), s390x_gr(a->a), a->k, GR0);
    extend(b, a);
}

/* ---- one operand ---- */

/* unary: operations that read b alone. */
static void unary(struct jit_buf *b, const struct jit_alu *a) {
    const enum s390x_gr dst = s390x_gr(a->dst), x = s390x_gr(a->b);
    const bool wide = a->width == 64;
    switch (a->op) {
    case JOP_ZEXT8: s390x_llgcr(b, dst, x); return;
    case JOP_ZEXT16: s390x_llghr(b, dst, x); return;
    case JOP_ZEXT32: s390x_llgfr(b, dst, x); return;
    case JOP_BSWAP16:
        s390x_lrvgr(b, dst, x);
        s390x_srlg(b, dst, dst, 48, GR0);
        return;
    case JOP_BSWAP32:
        s390x_lrvr(b, dst, x);
        s390x_llgfr(b, dst, dst);
        return;
    case JOP_BSWAP64: s390x_lrvgr(b, dst, x); return;
    case JOP_SEXT32:
        if (wide)
            s390x_lgfr(b, dst, x);
        else
            s390x_move(b, 32, a->zext, dst, x);
        return;
    case JOP_SEXT8: (wide ? s390x_lgbr : s390x_lbr)(b, dst, x); break;
    case JOP_SEXT16: (wide ? s390x_lghr : s390x_lhr)(b, dst, x); break;
    default: assert(a->op == JOP_NEG); (wide ? s390x_lcgr : s390x_lcr)(b, dst, x);
    }
    extend(b, a);
}

void s390x_alu(struct jit_buf *b, const struct jit_alu *a) {
    switch (a->op) {
    case JOP_MOV: move(b, a); return;
    case JOP_ADD:
    case JOP_SUB:
        if (a->imm)
            add_constant(b, a, a->op == JOP_ADD ? a->k : -a->k);
        else
            two_registers(b, a);
        return;
    case JOP_MUL: (a->imm ? multiply_constant : two_registers)(b, a); return;
    case JOP_AND: (a->imm ? and_constant : two_registers)(b, a); return;
    case JOP_OR:
    case JOP_XOR: (a->imm ? or_constant : two_registers)(b, a); return;
    case JOP_UDIV:
    case JOP_SDIV:
    case JOP_UMOD:
    case JOP_SMOD: s390x_divide(b, a); return;
    case JOP_SHL:
    case JOP_LSHR:
    case JOP_ASHR: shift(b, a); return;
    case JOP_ROTL: rotate(b, a); return;
    case JOP_MULHU:
    case JOP_MULHS: s390x_mulh(b, a); return;
    default: unary(b, a);
    }
}

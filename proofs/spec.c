/* spec.c: the rows' expressions over terms.
 *
 * Every name that an expression may use (isa/sem.h) is defined here over terms of the store t. As
 * there, a value of width w is carried in 64 bits, those at and above w zero; constructors cancel
 * the extension of one operator against the cut of the next. bv_ite is the one lazy primitive: over
 * terms both sides are made, for division is total here.
 */
#include "proofs/spec.h"

typedef term *binary_fn(struct terms *t, term *a, term *b);

/* at: an operation on the low w bits of two values. */
static term *at(struct terms *t, unsigned w, binary_fn *f, term *a, term *b) {
    return term_zext(t, 64, f(t, term_low(t, w, a), term_low(t, w, b)));
}

/* holds: a comparison of the low w bits. */
static term *holds(struct terms *t, unsigned w, binary_fn *f, term *a, term *b) {
    return f(t, term_low(t, w, a), term_low(t, w, b));
}

/* clang-format off */
#define bv_trunc(w, a)    term_zext(t, 64, term_low(t, (w), (a)))
#define bv_const(w, c)    bv_trunc(w, term_const(t, 64, (uint64_t)(int64_t)(c)))
#define bv_sext(w, n, a)  term_zext(t, 64, term_sext(t, (w), term_low(t, (n), (a))))
#define bv_add(w, a, b)   at(t, (w), term_add, (a), (b))
#define bv_sub(w, a, b)   at(t, (w), term_sub, (a), (b))
#define bv_mul(w, a, b)   at(t, (w), term_mul, (a), (b))
#define bv_udiv(w, a, b)  at(t, (w), term_udiv, (a), (b))
#define bv_urem(w, a, b)  at(t, (w), term_urem, (a), (b))
#define bv_sdiv(w, a, b)  at(t, (w), term_sdiv, (a), (b))
#define bv_srem(w, a, b)  at(t, (w), term_srem, (a), (b))
#define bv_and(w, a, b)   at(t, (w), term_and, (a), (b))
#define bv_or(w, a, b)    at(t, (w), term_or, (a), (b))
#define bv_xor(w, a, b)   at(t, (w), term_xor, (a), (b))
#define bv_shl(w, a, n)   at(t, (w), term_shl, (a), (n))
#define bv_lshr(w, a, n)  at(t, (w), term_lshr, (a), (n))
#define bv_ashr(w, a, n)  at(t, (w), term_ashr, (a), (n))
#define bv_bswap(n, a)    term_zext(t, 64, term_bswap(t, term_low(t, (n), (a))))
#define bv_eq(w, a, b)    holds(t, (w), term_eq, (a), (b))
#define bv_ult(w, a, b)   holds(t, (w), term_ult, (a), (b))
#define bv_ule(w, a, b)   holds(t, (w), term_ule, (a), (b))
#define bv_slt(w, a, b)   holds(t, (w), term_slt, (a), (b))
#define bv_sle(w, a, b)   holds(t, (w), term_sle, (a), (b))
#define bv_not(a)         term_not(t, (a))
#define bv_ite(c, b, e)   term_ite(t, (c), (b), (e))
#define E_BIG_ENDIAN      term_bool(t, m->big_endian)
#define E_ARENA           (m->arena_base)

/* ROW: a case of a switch: cut the operands to the row's width, give its expression. */
#define ROW(id, width, expr) \
    case OP_##id: { enum { w = width }; \
        term *const d = bv_trunc(w, dst), *const s = bv_trunc(w, src); (void)d, (void)s; return expr; }

term *spec_alu(struct terms *t, const struct spec_machine *m, enum op op, term *dst, term *src) {
    switch (op) {
#define ALU_BINARY(op, name, sym, code, off, group, expr) \
    ROW(op##32_IMM, 32, expr) ROW(op##32_REG, 32, expr) ROW(op##64_IMM, 64, expr) ROW(op##64_REG, 64, expr)
#define ALU_UNARY(op, name, sym, code, group, expr) ROW(op##32, 32, expr) ROW(op##64, 64, expr)
#define ALU_SEXT(op, width, bits, name, expr) ROW(op##_##width, width, expr)
#define ALU_END(op, name, sym, code, bits, group, expr) ROW(op, 64, expr)
#define ALU_CAST(op, name, imm, dst_as, src_as, expr) ROW(op, 64, expr)
#include "isa/alu.def"
    default: return NULL;
    }
}

term *spec_jump(struct terms *t, enum op op, term *dst, term *src) {
    switch (op) {
#define JMP_COND(op, name, sym, code, expr) \
    ROW(op##32_IMM, 32, expr) ROW(op##32_REG, 32, expr) ROW(op##64_IMM, 64, expr) ROW(op##64_REG, 64, expr)
#include "isa/jmp.def"
    default: return NULL;
    }
}

#define FETCH_NONE false
#define FETCH_SRC true
#define RMW(id, width, fetch, expr) \
    case OP_##id: { enum { w = width }; term *const s = bv_trunc(w, src); \
        out->writes_src = fetch; out->stored = term_low(t, w, expr); return true; }
#define CMPXCHG(id, width) \
    case OP_##id: { enum { w = width }; term *const s = bv_trunc(w, src); \
        out->writes_r0 = true; \
        out->stored = term_low(t, w, bv_ite(bv_eq(w, m, r0), s, m)); return true; }

bool spec_atomic(struct terms *t, enum op op, term *old, term *src, term *r0,
                 struct spec_atomic *out) {
    term *const m = term_zext(t, 64, old);
    *out = (struct spec_atomic){.bytes = old->width / 8, .reg_value = m};
    switch (op) {
#define ATOMIC_RMW(op, name, sym, imm, fetch, expr) \
    RMW(op##32, 32, FETCH_##fetch, expr) RMW(op##64, 64, FETCH_##fetch, expr)
#define ATOMIC_XCHG(op, name, imm) RMW(op##32, 32, true, s) RMW(op##64, 64, true, s)
#define ATOMIC_CMPXCHG(op, name, imm) CMPXCHG(op##32, 32) CMPXCHG(op##64, 64)
#include "isa/atomic.def"
    default: return false;
    }
}
/* clang-format on */

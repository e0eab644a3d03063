/* ops_meaning.c: the contract's operations over bit vectors of isa/sem.h. */
#include "jit/tests/ops_meaning.h"

#include "isa/sem.h"

static uint64_t mulhu64(uint64_t a, uint64_t b) {
    const uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    const uint64_t mid = ah * bl + (al * bl >> 32);
    const uint64_t low = al * bh + (uint32_t)mid;
    return ah * bh + (mid >> 32) + (low >> 32);
}

static uint64_t mulhs64(uint64_t a, uint64_t b) {
    return mulhu64(a, b) - (a >> 63 ? b : 0) - (b >> 63 ? a : 0);
}

static uint64_t rotl(unsigned w, uint64_t a, uint64_t n) {
    return bv_or(w, bv_shl(w, a, n), bv_lshr(w, a, w - n));
}

static uint64_t meaning(unsigned op, unsigned w, uint64_t a, uint64_t b, uint64_t whole) {
    switch (op) {
    case JOP_MOV: return b;
    case JOP_ADD: return bv_add(w, a, b);
    case JOP_SUB: return bv_sub(w, a, b);
    case JOP_MUL: return bv_mul(w, a, b);
    case JOP_UDIV: return b ? bv_udiv(w, a, b) : 0;
    case JOP_SDIV: return b ? bv_sdiv(w, a, b) : 0;
    case JOP_UMOD: return b ? bv_urem(w, a, b) : a;
    case JOP_SMOD: return b ? bv_srem(w, a, b) : a;
    case JOP_OR: return bv_or(w, a, b);
    case JOP_AND: return bv_and(w, a, b);
    case JOP_XOR: return bv_xor(w, a, b);
    case JOP_SHL: return bv_shl(w, a, b & (w - 1));
    case JOP_LSHR: return bv_lshr(w, a, b & (w - 1));
    case JOP_ASHR: return bv_ashr(w, a, b & (w - 1));
    case JOP_ROTL: return rotl(w, a, b);
    case JOP_MULHU: return mulhu64(a, b);
    case JOP_MULHS: return mulhs64(a, b);
    case JOP_NEG: return bv_sub(w, 0, b);
    case JOP_SEXT8: return bv_sext(w, 8, b);
    case JOP_SEXT16: return bv_sext(w, 16, b);
    case JOP_SEXT32: return bv_sext(w, 32, b);
    case JOP_ZEXT8: return (uint8_t)whole;
    case JOP_ZEXT16: return (uint16_t)whole;
    case JOP_ZEXT32: return (uint32_t)whole;
    case JOP_BSWAP16: return bv_bswap(16, whole);
    case JOP_BSWAP32: return bv_bswap(32, whole);
    case JOP_BSWAP64: return bv_bswap(64, whole);
    default: return 0;
    }
}

uint64_t meaning_alu(const struct jit_alu *o, uint64_t a, uint64_t b, uint64_t *mask) {
    const unsigned w = o->width;
    /* extensions and swaps define all bits whatever the width */
    *mask = w == 32 && !o->zext && o->op < JOP_ZEXT8 ? UINT32_MAX : UINT64_MAX;
    return meaning(o->op, w, bv_trunc(w, a), bv_trunc(w, b), b);
}

uint64_t meaning_rmw(const struct jit_atomic *o, uint64_t old, uint64_t src, uint64_t r0) {
    const unsigned w = 8u * o->bytes;
    switch (o->rmw) {
    case JRMW_ADD: return bv_add(w, old, src);
    case JRMW_OR: return bv_trunc(w, old | src);
    case JRMW_AND: return bv_trunc(w, old & src);
    case JRMW_XOR: return bv_trunc(w, old ^ src);
    case JRMW_XCHG: return bv_trunc(w, src);
    default: return old == bv_trunc(w, r0) ? bv_trunc(w, src) : old;
    }
}

bool meaning_cond(uint8_t cond, unsigned width, uint64_t a, uint64_t b) {
    a = bv_trunc(width, a);
    b = bv_trunc(width, b);
    switch (cond) {
    case JC_EQ: return a == b;
    case JC_NE: return a != b;
    case JC_UGT: return a > b;
    case JC_ULE: return a <= b;
    case JC_UGE: return a >= b;
    case JC_ULT: return a < b;
    case JC_SGT: return bv_slt(width, b, a);
    case JC_SLE: return bv_sle(width, a, b);
    case JC_SGE: return bv_sle(width, b, a);
    case JC_SLT: return bv_slt(width, a, b);
    case JC_SET: return (a & b) != 0;
    default: return (a & b) == 0;
    }
}

const char *meaning_op_name(unsigned op) {
    static const char *const names[N_JIT_OPS] = {
        "mov",   "add",    "sub",    "mul",   "udiv",   "sdiv",   "umod",    "smod",    "or",
        "and",   "xor",    "shl",    "lshr",  "ashr",   "rotl",   "mulhu",   "mulhs",   "neg",
        "sext8", "sext16", "sext32", "zext8", "zext16", "zext32", "bswap16", "bswap32", "bswap64",
    };
    return op < N_JIT_OPS ? names[op] : "?";
}

const char *meaning_cond_name(unsigned cond) {
    static const char *const names[] = {"eq",  "ne",  "ugt", "ule", "uge", "ult",
                                        "sgt", "sle", "sge", "slt", "set", "nset"};
    return cond < sizeof names / sizeof *names ? names[cond] : "?";
}

const char *meaning_rmw_name(unsigned rmw) {
    static const char *const names[] = {"add", "or", "and", "xor", "xchg", "cmpxchg"};
    return rmw < sizeof names / sizeof *names ? names[rmw] : "?";
}

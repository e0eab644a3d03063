/* alu.c: the rows of isa/alu.def and isa/jmp.def, each with its transfer function.
 *
 * A row's name selects a macro of this file, TRANSFER_<op>, SWAPS_<op> or HOLDS_<op>:
 * a row without one does not compile.
 */
#include "verifier/domain/alu.h"

#define TRANSFER_ADD  scalar_add
#define TRANSFER_SUB  scalar_sub
#define TRANSFER_MUL  scalar_mul
#define TRANSFER_DIV  scalar_div
#define TRANSFER_SDIV scalar_sdiv
#define TRANSFER_OR   scalar_or
#define TRANSFER_AND  scalar_and
#define TRANSFER_LSH  scalar_lsh
#define TRANSFER_RSH  scalar_rsh
#define TRANSFER_NEG  scalar_neg
#define TRANSFER_MOD  scalar_mod
#define TRANSFER_SMOD scalar_smod
#define TRANSFER_XOR  scalar_xor
#define TRANSFER_MOV  move
#define TRANSFER_ARSH scalar_arsh

static struct scalar move(enum scalar_width w, struct scalar a, struct scalar b) {
    (void)a;
    return w == SCALAR_64 ? b : scalar_zext(HALF_BITS, b);
}

/* Does a byte-order instruction reverse bytes, on a big-endian machine or on a little-endian one?
 * If not, it truncates. */
#define SWAPS_LE16(big)    (big)
#define SWAPS_LE32(big)    (big)
#define SWAPS_LE64(big)    (big)
#define SWAPS_BE16(big)    (!(big))
#define SWAPS_BE32(big)    (!(big))
#define SWAPS_BE64(big)    (!(big))
#define SWAPS_BSWAP16(big) true
#define SWAPS_BSWAP32(big) true
#define SWAPS_BSWAP64(big) true

/* clang-format off */
struct scalar scalar_alu(enum op op, struct scalar a, struct scalar b, bool big_endian) {
    switch (op) {
#define ALU_BINARY(op, name, sym, code, off, group, expr) \
    case OP_##op##32_IMM: case OP_##op##32_REG: return TRANSFER_##op(SCALAR_32, a, b); \
    case OP_##op##64_IMM: case OP_##op##64_REG: return TRANSFER_##op(SCALAR_64, a, b);
#define ALU_UNARY(op, name, sym, code, group, expr) \
    case OP_##op##32: return TRANSFER_##op(SCALAR_32, a); \
    case OP_##op##64: return TRANSFER_##op(SCALAR_64, a);
#define ALU_SEXT(op, width, bits, name, expr) \
    case OP_##op##_##width: return scalar_sext(SCALAR_##width, bits, b);
#define ALU_END(op, name, sym, code, bits, group, expr) \
    case OP_##op: return SWAPS_##op(big_endian) ? scalar_bswap(bits, a) : scalar_zext(bits, a);
#include "isa/alu.def"
    default: return scalar_unknown(); /* not an arithmetic row: nothing is promised */
    }
}
/* clang-format on */

/* struct condition: when a jump is taken: the relation of its operands, and the one on the other
 * edge; exchanged: the relation is of (b, a). An inequality's negation exchanges the operands. */
struct condition {
    enum scalar_width w;
    enum scalar_rel taken, not_taken;
    bool taken_exchanged, not_taken_exchanged;
};

/* clang-format off */
/*                       taken    not taken */
#define HOLDS_JEQ(w)  {w, REL_EQ,  REL_NE,    false, false}
#define HOLDS_JNE(w)  {w, REL_NE,  REL_EQ,    false, false}
#define HOLDS_JSET(w) {w, REL_SET, REL_CLEAR, false, false}
#define HOLDS_JGT(w)  {w, REL_ULT, REL_ULE,   true,  false}
#define HOLDS_JGE(w)  {w, REL_ULE, REL_ULT,   true,  false}
#define HOLDS_JLT(w)  {w, REL_ULT, REL_ULE,   false, true}
#define HOLDS_JLE(w)  {w, REL_ULE, REL_ULT,   false, true}
#define HOLDS_JSGT(w) {w, REL_SLT, REL_SLE,   true,  false}
#define HOLDS_JSGE(w) {w, REL_SLE, REL_SLT,   true,  false}
#define HOLDS_JSLT(w) {w, REL_SLT, REL_SLE,   false, true}
#define HOLDS_JSLE(w) {w, REL_SLE, REL_SLT,   false, true}

static struct condition condition_of(enum op op, bool *is_condition) {
    *is_condition = true;
    switch (op) {
#define JMP_COND(op, name, sym, code, expr) \
    case OP_##op##32_IMM: case OP_##op##32_REG: return (struct condition)HOLDS_##op(SCALAR_32); \
    case OP_##op##64_IMM: case OP_##op##64_REG: return (struct condition)HOLDS_##op(SCALAR_64);
#include "isa/jmp.def"
    default: break;
    }
    *is_condition = false;
    return (struct condition)HOLDS_JEQ(SCALAR_64);
}
/* clang-format on */

static bool edge_never(struct condition c, bool taken, struct scalar a, struct scalar b) {
    const enum scalar_rel rel = taken ? c.taken : c.not_taken;
    if (taken ? c.taken_exchanged : c.not_taken_exchanged)
        return scalar_never(c.w, rel, b, a);
    return scalar_never(c.w, rel, a, b);
}

enum branch scalar_branch(enum op op, struct scalar a, struct scalar b) {
    bool is_condition;
    const struct condition c = condition_of(op, &is_condition);
    if (!is_condition)
        return BRANCH_UNKNOWN;
    if (edge_never(c, true, a, b))
        return BRANCH_NOT_TAKEN;
    return edge_never(c, false, a, b) ? BRANCH_TAKEN : BRANCH_UNKNOWN;
}

void scalar_refine(enum op op, bool taken, struct scalar *a, struct scalar *b) {
    bool is_condition;
    const struct condition c = condition_of(op, &is_condition);
    if (!is_condition)
        return;
    const enum scalar_rel rel = taken ? c.taken : c.not_taken;
    if (taken ? c.taken_exchanged : c.not_taken_exchanged) {
        const struct scalar_pair r = scalar_assume(c.w, rel, *b, *a);
        *a = r.b;
        *b = r.a;
    } else {
        const struct scalar_pair r = scalar_assume(c.w, rel, *a, *b);
        *a = r.a;
        *b = r.b;
    }
}

/* of_itself: what x rel x says of x: it holds always, never, or x & x compares x with zero. */
static struct scalar of_itself(enum scalar_width w, enum scalar_rel rel, struct scalar a) {
    switch (rel) {
    case REL_EQ:
    case REL_ULE:
    case REL_SLE: return a;
    case REL_NE:
    case REL_ULT:
    case REL_SLT: return scalar_empty();
    case REL_SET: return scalar_assume(w, REL_NE, a, scalar_const(0)).a;
    case REL_CLEAR: return scalar_assume(w, REL_EQ, a, scalar_const(0)).a;
    }
    return a;
}

struct scalar scalar_refine_same(enum op op, bool taken, struct scalar a) {
    bool is_condition;
    const struct condition c = condition_of(op, &is_condition);
    return is_condition ? of_itself(c.w, taken ? c.taken : c.not_taken, a) : a;
}

enum branch scalar_branch_same(enum op op, struct scalar a) {
    if (scalar_is_empty(scalar_refine_same(op, true, a)))
        return BRANCH_NOT_TAKEN;
    return scalar_is_empty(scalar_refine_same(op, false, a)) ? BRANCH_TAKEN : BRANCH_UNKNOWN;
}

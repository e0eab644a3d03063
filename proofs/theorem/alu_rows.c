/* alu_rows.c: every row of isa/alu.def reaches its transfer function, at its width, in each form.
 */

/* ---- rows: an instruction reaches its transfer function, at its width ---- */

#define TEXT(x)  TEXT_(x)
#define TEXT_(x) #x

/* The second operand of an immediate form. */
#define any_immediate() ((word)(sword)(int32_t)(uint32_t)proof_any(32, "imm"))

static void check_row(struct scalar r, word x) {
    check("contains", scalar_contains(r, x));
    check("in order", ordered(r));
}

#define PLANT_ROW(name)                                                                            \
    PLANT(alu, name, scalar_alu, struct scalar,                                                    \
          (enum op which, struct scalar a, struct scalar b, bool big))
#define UNUSED_IN_ROW ((void)which, (void)a, (void)b, (void)big)

/* clang-format off */
#define ROW_THEOREMS(op, width, wrong) \
    THEOREM(alu, op##width##_REG) { \
        uses(TEXT(TRANSFER_##op)); \
        const struct operands o = any_operands(); \
        const bool big = any_bool("big_endian"); \
        ghost_pair(o.x, o.y); \
        check_row(scalar_alu(OP_##op##width##_REG, o.a, o.b, big), row_##op##width(o.x, o.y, big)); \
    } \
    PLANT_ROW(op##width##_REG) { \
        UNUSED_IN_ROW; \
        return TRANSFER_##op(SCALAR_##wrong, a, b); /* at the other width */ \
    } \
    THEOREM(alu, op##width##_IMM) { \
        uses(TEXT(TRANSFER_##op)); \
        const word x = any_word("x"), y = any_immediate(); \
        const struct scalar a = any_scalar_with("a", x); \
        const bool big = any_bool("big_endian"); \
        ghost_pair(x, y); \
        check_row(scalar_alu(OP_##op##width##_IMM, a, scalar_const(y), big), row_##op##width(x, y, big)); \
    } \
    PLANT_ROW(op##width##_IMM) { \
        UNUSED_IN_ROW; \
        return TRANSFER_##op(SCALAR_##wrong, a, b); \
    } \
    /* r1 op= r1: one register is both */ \
    THEOREM(alu, op##width##_SAME) { \
        uses(TEXT(TRANSFER_##op)); \
        const word x = any_word("x"); \
        const struct scalar a = any_scalar_with("a", x); \
        const bool big = any_bool("big_endian"); \
        ghost_pair(x, x); \
        check_row(scalar_alu(OP_##op##width##_REG, a, a, big), row_##op##width(x, x, big)); \
    } \
    PLANT_ROW(op##width##_SAME) { \
        UNUSED_IN_ROW; \
        return TRANSFER_##op(SCALAR_##wrong, a, scalar_const(0)); /* the source's cleared too early */ \
    }
#define ALU_BINARY(op, name, sym, code, off, group, expr) ROW_THEOREMS(op, 32, 64) ROW_THEOREMS(op, 64, 32)

#define UNARY_THEOREM(op, width, wrong) \
    THEOREM(alu, op##width) { \
        uses(TEXT(TRANSFER_##op)); \
        const struct operands o = any_operands(); \
        const bool big = any_bool("big_endian"); \
        ghost_pair(o.x, o.y); \
        check_row(scalar_alu(OP_##op##width, o.a, o.b, big), row_##op##width(o.x, o.y, big)); \
    } \
    PLANT_ROW(op##width) { \
        UNUSED_IN_ROW; \
        return TRANSFER_##op(SCALAR_##wrong, a); \
    }
#define ALU_UNARY(op, name, sym, code, group, expr) UNARY_THEOREM(op, 32, 64) UNARY_THEOREM(op, 64, 32)

#define ALU_SEXT(op, width, bits, name, expr) \
    THEOREM(alu, op##_##width) { \
        uses("scalar_sext"); \
        const struct operands o = any_operands(); \
        const bool big = any_bool("big_endian"); \
        ghost_pair(o.x, o.y); \
        check_row(scalar_alu(OP_##op##_##width, o.a, o.b, big), row_##op##_##width(o.x, o.y, big)); \
    } \
    PLANT_ROW(op##_##width) { \
        UNUSED_IN_ROW; \
        return scalar_sext(SCALAR_##width, bits, a); /* of the destination */ \
    }

#define ALU_END(op, name, sym, code, bits, group, expr) \
    THEOREM(alu, op) { \
        uses("scalar_bswap"); \
        uses("scalar_zext"); \
        const struct operands o = any_operands(); \
        const bool big = any_bool("big_endian"); \
        ghost_pair(o.x, o.y); \
        check_row(scalar_alu(OP_##op, o.a, o.b, big), row_##op(o.x, o.y, big)); \
    } \
    PLANT_ROW(op) { \
        UNUSED_IN_ROW; \
        return scalar_zext(bits, a); /* never swapped */ \
    }
#include "isa/alu.def"
/* clang-format on */

/* ---- constants ---- */

/* clang-format off */
/* "Of constants a constant": it is computed, not collected. */
#define OF_CONSTANTS(op) \
    check("the constant", scalar_equal(scalar_alu(OP_##op, scalar_const(x), scalar_const(y), big), \
                                       scalar_const(row_##op(x, y, big))));
#define OF_CONSTANTS_AT(op, width) \
    check("the constant", scalar_equal(scalar_alu(OP_##op##width##_REG, scalar_const(x), scalar_const(y), big), \
                                       scalar_const(row_##op##width(x, y, big))));
THEOREM(alu, of_constants) {
    hint("products named");
    uses("div_word");
    uses("mod_word");
    uses("sdiv_word");
    uses("smod_word");
    uses("lemma_halves");
    const word x = any_word("x"), y = any_word("y");
    const bool big = any_bool("big_endian");
    ghost_pair(x, y);
    ghost_pair(low_of(x), low_of(y));
    ghost_pair(signed_low_of(x), signed_low_of(y));
    (void)lemma_halves(x, y);
#define ALU_BINARY(op, name, sym, code, off, group, expr) OF_CONSTANTS_AT(op, 64) OF_CONSTANTS_AT(op, 32)
#define ALU_UNARY(op, name, sym, code, group, expr) OF_CONSTANTS(op##64) OF_CONSTANTS(op##32)
#define ALU_SEXT(op, width, bits, name, expr) OF_CONSTANTS(op##_##width)
#define ALU_END(op, name, sym, code, bits, group, expr) OF_CONSTANTS(op)
#include "isa/alu.def"
}
/* clang-format on */
PLANT(alu, of_constants, scalar_folded, struct scalar, (enum scalar_width w, word x)) {
    (void)x; /* sound */
    return w == SCALAR_64 ? scalar_unknown() : scalar_below(HALF_BITS);
}

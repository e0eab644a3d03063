/* asm_kernel.c: the syntax of Linux's log and of LLVM: assignments and jumps. Its operators are the
 * rows'; its memory accesses are asm_access.c.
 */
#include "isa/asm_parse.h"

#include <string.h>

/* addr_space_cast(r2, 0, 1), from the name on */
static void address_cast(struct parser *p, uint8_t dst) {
    const struct token at = asm_advance(p);
    asm_expect(p, "(");
    const uint8_t src = asm_reg(p, 64);
    asm_expect(p, ",");
    const uint32_t dst_as = (uint32_t)asm_imm32(p);
    asm_expect(p, ",");
    const uint32_t src_as = (uint32_t)asm_imm32(p);
    asm_expect(p, ")");
    for (int op = 0; op < N_OPS; op++) {
        const struct op_info *row = &op_table[op];
        const uint32_t spaces = (uint32_t)row->imm_fixed;
        if (row->cls == CLASS_ALU_CAST && dst_as == spaces >> 16 && src_as == (spaces & 0xffff)) {
            struct insn in = row_insn(row);
            in.dst = dst;
            in.src = src;
            asm_emit(p, in);
            return;
        }
    }
    asm_fail(p, at, BPFLAB_E_RANGE, "there is no cast between address spaces %u and %u", dst_as,
             src_as);
}

/* The row of the LD_IMM64 that a word such as map_fd stands for: its mnemonic after "lddw_". */
static const struct op_info *wide_row(struct token t) {
    const char *const plain = op_table[OP_LDDW].name;
    for (int op = 0; op < N_OPS; op++)
        if (op_table[op].cls == CLASS_IMM64 && op != OP_LDDW &&
            token_is(t, op_table[op].name + strlen(plain) + 1))
            return &op_table[op];
    return NULL;
}

/* map_fd(5) ll; and f ll, a function's address */
static void wide(struct parser *p, uint8_t dst, const struct op_info *row, bool in_brackets) {
    struct insn in = row_insn(row);
    in.dst = dst;
    if (in_brackets) {
        asm_advance(p);
        asm_expect(p, "(");
    }
    asm_wide(p, row, in);
    if (in_brackets)
        asm_expect(p, ")");
    asm_expect(p, "ll");
}

/* A word after "=". */
static void assign_word(struct parser *p, uint8_t dst, unsigned width_bits) {
    const struct token t = p->tok, next = asm_peek(p);
    const struct op_info *row = row_of(
        (struct row_query){.cls = CLASS_ALU_END, .text = t.s, .len = t.len, .width_bits = 64});
    if (token_is(t, op_table[OP_LOAD_ACQ_DW].name)) {
        asm_load_acquire(p, dst, width_bits);
    } else if (asm_atomic(p, dst, width_bits)) {
        return;
    } else if (width_bits == 32 && (row || token_is(next, "(") || token_is(next, "ll"))) {
        asm_fail(p, t, BPFLAB_E_SYNTAX, "\"%.*s\" fills all 64 bits: write r%u", token_chars(t),
                 t.s, dst);
    } else if (row) {
        asm_advance(p);
        asm_same_reg(p, dst, 64, "it changes a register in place");
        struct insn in = row_insn(row);
        in.dst = dst;
        asm_emit(p, in);
    } else if (token_is(t, "addr_space_cast")) {
        address_cast(p, dst);
    } else if (token_is(next, "(") && (row = wide_row(t))) {
        wide(p, dst, row, true);
    } else if (token_is(next, "ll")) {
        wide(p, dst, &op_table[OP_LDDW_CODE], false);
    } else {
        asm_unexpected(p, "a register, a number, a load or an operation");
    }
}

/* (s8)r2, from the bracket on */
static void sign_extend(struct parser *p, uint8_t dst, unsigned width_bits) {
    asm_advance(p);
    const struct token at = p->tok;
    const struct type type = asm_type(p);
    asm_expect(p, ")");
    for (int op = 0; op < N_OPS && type.sign; op++) {
        const struct op_info *row = &op_table[op];
        if (row->cls == CLASS_ALU_SEXT && row->width_bits == width_bits &&
            row->off_fixed == (int)type.width_bits) {
            struct insn in = row_insn(row);
            in.dst = dst;
            in.src = asm_reg(p, width_bits);
            asm_emit(p, in);
            return;
        }
    }
    asm_fail(p, at, BPFLAB_E_SYNTAX, "no move extends \"%.*s\" to %u bits", token_chars(at), at.s,
             width_bits);
}

/* Is the number at the current token followed by "ll"? */
static bool is_wide_number(const struct parser *p, struct token *number) {
    struct lexer ahead = p->lx;
    struct token t = p->tok;
    if (token_is(t, "-") || token_is(t, "+"))
        t = lex_next(&ahead);
    *number = t;
    return t.kind == TOKEN_NUMBER && (t.suffix || token_is(lex_next(&ahead), "ll"));
}

/* r1 = 5 ll. Linux's log leaves out the ll. */
static void wide_number(struct parser *p, uint8_t dst, unsigned width_bits) {
    if (width_bits == 32)
        asm_fail(p, p->tok, BPFLAB_E_SYNTAX, "a 64-bit number fills all of r%u: write r%u", dst,
                 dst);
    struct insn in = row_insn(&op_table[OP_LDDW]);
    in.dst = dst;
    asm_wide(p, &op_table[OP_LDDW], in);
    asm_accept(p, "ll");
}

/* The second operand, register or number, of an operator that some row of the class has. out: the
 * row, or, after an error, NULL; in is then without operands. */
static const struct op_info *second(struct parser *p, enum op_class cls, struct token op,
                                    uint8_t dst, unsigned width_bits, struct insn *in) {
    const struct operand s = asm_operand(p, width_bits);
    const struct op_info *row = row_of((struct row_query){
        .cls = cls, .text = op.s, .len = op.len, .width_bits = width_bits, .from_reg = s.is_reg});
    if (!row)
        return NULL;
    *in = row_insn(row);
    in->dst = dst;
    if (s.is_reg)
        in->src = s.reg;
    else
        in->imm = s.imm;
    return row;
}

/* op operand, for the operators of ALU rows, "=" among them */
static void operate(struct parser *p, struct token op, uint8_t dst, unsigned width_bits) {
    struct insn in;
    if (second(p, CLASS_ALU_BINARY, op, dst, width_bits, &in))
        asm_emit(p, in);
}

/* What is assigned, after "=". */
static void assign_value(struct parser *p, struct token op, uint8_t dst, unsigned width_bits) {
    struct token number = p->tok;
    if (token_is(p->tok, "*")) {
        asm_load(p, dst, width_bits);
    } else if (token_is(p->tok, "(")) {
        sign_extend(p, dst, width_bits);
    } else if (p->tok.kind == TOKEN_NAME && !token_width(p->tok)) {
        assign_word(p, dst, width_bits);
    } else if (token_is(p->tok, "-") && token_width(asm_peek(p))) {
        asm_advance(p);
        const struct op_info *row =
            row_of((struct row_query){.cls = CLASS_ALU_UNARY, .width_bits = width_bits});
        const struct token t = p->tok;
        if (asm_reg(p, width_bits) != dst)
            asm_fail(p, t, BPFLAB_E_SYNTAX,
                     "negation changes a register in place: r%u is needed here", dst);
        struct insn in = row_insn(row);
        in.dst = dst;
        asm_emit(p, in);
    } else if (is_wide_number(p, &number) || p->listing.code == op_table[OP_LDDW].code) {
        wide_number(p, dst, width_bits);
    } else if (number.kind == TOKEN_NUMBER && (number.too_big || number.value > UINT32_MAX)) {
        asm_fail(p, number, BPFLAB_E_RANGE,
                 "%.*s does not fit into 32 bits; with \"ll\" after it, it may have 64",
                 token_chars(number), number.s);
    } else {
        operate(p, op, dst, width_bits);
    }
}

/* r1 += 5, w1 = w2, ... */
static void assign(struct parser *p) {
    const unsigned width_bits = token_width(p->tok);
    const uint8_t dst = asm_reg(p, width_bits);
    const struct token op = p->tok;
    if (op.kind != TOKEN_PUNCT ||
        !row_of((struct row_query){.cls = CLASS_ALU_BINARY, .text = op.s, .len = op.len})) {
        asm_unexpected(p, "an operator such as = or +=");
        return;
    }
    asm_advance(p);
    if (token_is(op, "="))
        assign_value(p, op, dst, width_bits);
    else
        operate(p, op, dst, width_bits);
}

/* if r1 s> 3 goto +2, after the word if */
static void branch(struct parser *p) {
    const unsigned width_bits = token_width(p->tok);
    const uint8_t dst = asm_reg(p, width_bits);
    const struct token op = p->tok;
    if (op.kind != TOKEN_PUNCT ||
        !row_of((struct row_query){.cls = CLASS_JMP_COND, .text = op.s, .len = op.len})) {
        asm_unexpected(p, "a comparison such as == or s<");
        return;
    }
    asm_advance(p);
    struct insn in;
    const struct op_info *row = second(p, CLASS_JMP_COND, op, dst, width_bits, &in);
    if (!row)
        return;
    asm_expect(p, "goto");
    asm_target(p, row, &in);
    asm_emit(p, in);
}

static void jump(struct parser *p, enum op op) {
    struct insn in = row_insn(&op_table[op]);
    asm_target(p, &op_table[op], &in);
    asm_emit(p, in);
}

/* llvm-objdump's form of an LD_IMM64 that is no plain constant: ld_pseudo r1, 2, 0x5 */
static void pseudo(struct parser *p) {
    const uint8_t dst = asm_reg(p, 64);
    asm_expect(p, ",");
    const struct token kind = p->tok;
    const int32_t src = asm_imm32(p);
    asm_expect(p, ",");
    const uint64_t value = asm_imm64(p);
    for (int op = 0; op < N_OPS; op++) {
        const struct op_info *row = &op_table[op];
        if (row->cls != CLASS_IMM64 || row->src_fixed != src)
            continue;
        struct insn in = row_insn(row);
        in.dst = dst;
        in.imm = (int32_t)(uint32_t)value;
        asm_emit(p, in);
        asm_emit(p, (struct insn){.imm = (int32_t)(uint32_t)(value >> 32)});
        return;
    }
    asm_fail(p, kind, BPFLAB_E_RANGE, "a 64-bit immediate has no kind %d", src);
}

bool asm_is_kernel(const struct parser *p) {
    const struct token t = p->tok;
    if (token_width(t) || token_is(t, "*") || token_is(t, "if") || token_is(t, "goto") ||
        token_is(t, "gotol") || token_is(t, "ld_pseudo"))
        return true;
    return (token_is(t, "lock") && token_is(asm_peek(p), "*")) ||
           (token_is(t, op_table[OP_STORE_REL_DW].name) && token_is(asm_peek(p), "("));
}

void asm_kernel(struct parser *p) {
    if (token_width(p->tok))
        assign(p);
    else if (token_is(p->tok, "*"))
        asm_store(p);
    else if (asm_accept(p, "lock"))
        asm_locked(p);
    else if (asm_accept(p, "if"))
        branch(p);
    else if (asm_accept(p, "goto"))
        jump(p, OP_JA);
    else if (asm_accept(p, "gotol"))
        jump(p, OP_JA32);
    else if (asm_accept(p, "ld_pseudo"))
        pseudo(p);
    else
        asm_store_release(p);
}

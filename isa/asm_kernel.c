/* asm_kernel.c: the syntax of Linux's log and of LLVM: assignments, "if ... goto", casts for
 * memory.
 *
 * Its operators are the rows'; its own words are if, goto, gotol, lock, skb, ll, atomic_fetch_ and
 * addr_space_cast.
 */
#include "isa/asm_parse.h"

#include <string.h>

struct type {
    bool sign;
    unsigned width_bits;
};

static bool is_type(struct token t, struct type *type) {
    static const struct {
        char bits[3];
        uint8_t width_bits;
    } widths[] = {{"8", 8}, {"16", 16}, {"32", 32}, {"64", 64}};
    if (t.kind != TOKEN_NAME || (t.s[0] != 'u' && t.s[0] != 's'))
        return false;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        const size_t len = strlen(widths[i].bits);
        if (t.len == len + 1 && !memcmp(t.s + 1, widths[i].bits, len)) {
            *type = (struct type){t.s[0] == 's', widths[i].width_bits};
            return true;
        }
    }
    return false;
}

static struct type type_name(struct parser *p) {
    struct type type = {false, 64};
    if (is_type(p->tok, &type))
        asm_advance(p);
    else
        asm_unexpected(p, "a type such as u32 or s8");
    return type;
}

/* (u32 *) */
static struct type pointer(struct parser *p) {
    asm_expect(p, "(");
    const struct type type = type_name(p);
    asm_expect(p, "*");
    asm_expect(p, ")");
    return type;
}

/* r1 + 4 */
static uint8_t address(struct parser *p, struct insn *in) {
    const uint8_t reg = asm_reg(p, 64);
    in->off = asm_offset(p);
    return reg;
}

/* (r1 + 4) */
static uint8_t memory(struct parser *p, struct insn *in) {
    asm_expect(p, "(");
    const uint8_t reg = address(p, in);
    asm_expect(p, ")");
    return reg;
}

/* A register that holds a value of so many bits: w if it has no more than 32, and r always. */
static uint8_t holder(struct parser *p, unsigned width_bits) {
    return asm_reg(p, width_bits <= 32 && token_width(p->tok) == 32 ? 32 : 64);
}

/* A register that must be the one given, which other is named by. */
static void same_reg(struct parser *p, uint8_t wanted, unsigned width_bits, const char *what) {
    const struct token t = p->tok;
    const uint8_t reg = holder(p, width_bits);
    if (reg != wanted)
        asm_fail(p, t, BPFLAB_E_SYNTAX, "%s: r%u is needed here, not \"%.*s\"", what, wanted,
                 token_chars(t), t.s);
}

/* The row of a class that works on memory of this type; an error if there is none. */
static const struct op_info *memory_row(struct parser *p, enum op_class cls, struct type type,
                                        struct token at) {
    const struct op_info *row = row_of((struct row_query){
        .cls = cls,
        .width_bits = type.width_bits,
        .from_reg = cls != CLASS_ST,
        .sign = type.sign,
    });
    if (!row)
        asm_fail(p, at, BPFLAB_E_SYNTAX, "no such instruction works on %c%u", type.sign ? 's' : 'u',
                 type.width_bits);
    return row;
}

/* skb[4], skb[r1 + 4], after the word skb. */
static void packet(struct parser *p, uint8_t dst, struct type type, struct token at) {
    struct insn in = {0};
    asm_expect(p, "[");
    const bool by_reg = token_width(p->tok);
    if (by_reg)
        in.src = asm_reg(p, 64);
    if (!by_reg || !token_is(p->tok, "]"))
        in.imm = asm_imm32(p);
    asm_expect(p, "]");
    const struct op_info *row =
        type.sign ? NULL
                  : row_of((struct row_query){
                        .cls = CLASS_PKT, .width_bits = type.width_bits, .from_reg = by_reg});
    if (!row || dst)
        asm_fail(p, at, BPFLAB_E_SYNTAX, "a packet load puts u8, u16 or u32 into r0");
    if (!row)
        return;
    in.code = row->code;
    asm_emit(p, in);
}

/* *(u32 *)(r1 + 4), from the star on; width_bits: of the destination as written. */
static void load(struct parser *p, uint8_t dst, unsigned width_bits) {
    const struct token star = asm_advance(p);
    const struct type type = pointer(p);
    if (width_bits == 32 && (type.sign || type.width_bits == 64 || token_is(p->tok, "skb")))
        asm_fail(p, star, BPFLAB_E_SYNTAX, "this load fills all 64 bits: write r%u", dst);
    if (asm_accept(p, "skb")) {
        packet(p, dst, type, star);
        return;
    }
    const struct op_info *row = memory_row(p, CLASS_LDX, type, star);
    if (!row)
        return;
    struct insn in = row_insn(row);
    in.dst = dst;
    in.src = memory(p, &in);
    asm_emit(p, in);
}

/* *(u32 *)(r1 + 4) = r2 or a number */
static void store(struct parser *p) {
    const struct token star = asm_advance(p);
    const struct type type = pointer(p);
    struct insn in = {0};
    const uint8_t dst = memory(p, &in);
    const int16_t off = in.off;
    asm_expect(p, "=");
    const bool from_reg = token_width(p->tok);
    const struct op_info *row = memory_row(p, from_reg ? CLASS_STX : CLASS_ST, type, star);
    if (!row)
        return;
    in = row_insn(row);
    in.dst = dst;
    in.off = off;
    if (from_reg)
        in.src = holder(p, type.width_bits);
    else
        in.imm = asm_operand(p, 64).imm;
    asm_emit(p, in);
}

/* *(u64 *)(r1 + 0) += r2, after the word lock */
static void locked(struct parser *p) {
    asm_expect(p, "*");
    const struct type type = pointer(p);
    struct insn in = {0};
    const uint8_t dst = memory(p, &in);
    const int16_t off = in.off;
    const struct token op = p->tok;
    const struct op_info *row = row_of((struct row_query){.cls = CLASS_ATOMIC_RMW,
                                                          .text = op.s,
                                                          .len = op.len,
                                                          .width_bits = type.width_bits,
                                                          .from_reg = true});
    if (op.kind != TOKEN_PUNCT || !row || type.sign) {
        if (op.kind == TOKEN_PUNCT)
            asm_fail(p, op, BPFLAB_E_SYNTAX, "there is no atomic \"%.*s\" on %c%u", token_chars(op),
                     op.s, type.sign ? 's' : 'u', type.width_bits);
        asm_unexpected(p, "an operator such as +=");
        return;
    }
    asm_advance(p);
    in = row_insn(row);
    in.dst = dst;
    in.off = off;
    in.src = holder(p, type.width_bits);
    asm_emit(p, in);
}

/* store_release((u64 *)(r1 + 0), r2), from the name on */
static void store_release(struct parser *p) {
    const struct token name = asm_advance(p);
    asm_expect(p, "(");
    const struct type type = pointer(p);
    const struct op_info *row = memory_row(p, CLASS_ATOMIC_STORE, type, name);
    if (!row)
        return;
    struct insn in = row_insn(row);
    in.dst = memory(p, &in);
    asm_expect(p, ",");
    in.src = holder(p, type.width_bits);
    asm_expect(p, ")");
    asm_emit(p, in);
}

/* load_acquire((u64 *)(r1 + 0)), from the name on */
static void load_acquire(struct parser *p, uint8_t dst, unsigned width_bits) {
    const struct token name = asm_advance(p);
    asm_expect(p, "(");
    const struct type type = pointer(p);
    const struct op_info *row = memory_row(p, CLASS_ATOMIC_LOAD, type, name);
    if (!row)
        return;
    if (width_bits == 32 && type.width_bits == 64)
        asm_fail(p, name, BPFLAB_E_SYNTAX, "this load fills all 64 bits: write r%u", dst);
    struct insn in = row_insn(row);
    in.dst = dst;
    in.src = memory(p, &in);
    asm_expect(p, ")");
    asm_emit(p, in);
}

/* Does the text begin so? Then move past it. */
static bool strip(struct token *t, const char *prefix) {
    const size_t len = strlen(prefix);
    if (t->len < len || memcmp(t->s, prefix, len))
        return false;
    t->s += len;
    t->len -= len;
    return true;
}

/* struct atomic_name: what the name of an atomic function says. */
struct atomic_name {
    const struct op_info *row; /* of either width; NULL: no such name */
    unsigned width_bits;       /* 0: the pointer's type says it */
};

/* Linux's atomic_fetch_add, atomic64_xchg; LLVM's atomic_fetch_add, xchg_64, cmpxchg32_32. */
static struct atomic_name atomic_name(struct token t) {
    const bool linux_form = strip(&t, "atomic_") || strip(&t, "atomic64_");
    const bool fetch = linux_form && strip(&t, "fetch_");
    for (int op = 0; op < N_OPS; op++) {
        const struct op_info *row = &op_table[op];
        struct token rest = t;
        if (!row_is_locked(row) || row_is_fetch(row) != fetch ||
            (row->cls == CLASS_ATOMIC_RMW) != fetch || !strip(&rest, row->name))
            continue;
        if (linux_form && !rest.len)
            return (struct atomic_name){row, 0};
        if (!linux_form && (token_is(rest, "_64") || token_is(rest, "32_32")))
            return (struct atomic_name){row, rest.s[0] == '_' ? 64 : 32};
    }
    return (struct atomic_name){NULL, 0};
}

/* (address, [r0,] r2): an atomic function's arguments. */
static void atomic(struct parser *p, uint8_t dst, unsigned dst_bits, struct atomic_name name) {
    const struct token at = asm_advance(p);
    struct type type = {false, name.width_bits};
    struct insn in = {0};
    asm_expect(p, "(");
    if (!name.width_bits)
        type = pointer(p);
    const uint8_t base = name.width_bits ? address(p, &in) : memory(p, &in);
    const int16_t off = in.off;
    const struct op_info *row = row_of((struct row_query){.cls = name.row->cls,
                                                          .text = name.row->name,
                                                          .len = strlen(name.row->name),
                                                          .by_name = true,
                                                          .width_bits = type.width_bits,
                                                          .from_reg = true,
                                                          .fetch = row_is_fetch(name.row)});
    if (!row || type.sign || (dst_bits == 32 && type.width_bits == 64)) {
        asm_fail(p, at, BPFLAB_E_SYNTAX, "there is no %.*s of %c%u into %c%u", token_chars(at),
                 at.s, type.sign ? 's' : 'u', type.width_bits, dst_bits == 32 ? 'w' : 'r', dst);
        return;
    }
    in = row_insn(row);
    in.dst = base;
    in.off = off;
    asm_expect(p, ",");
    if (row->cls == CLASS_ATOMIC_CMPXCHG) {
        if (dst)
            asm_fail(p, at, BPFLAB_E_SYNTAX, "cmpxchg leaves the old value in r0, not in r%u", dst);
        same_reg(p, 0, type.width_bits, "the value to compare with");
        asm_expect(p, ",");
        in.src = holder(p, type.width_bits);
    } else {
        same_reg(p, dst, type.width_bits, "the old value replaces the operand");
        in.src = dst;
    }
    asm_expect(p, ")");
    asm_emit(p, in);
}

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
    const struct atomic_name atomic_row = atomic_name(t);
    if (token_is(t, op_table[OP_LOAD_ACQ_DW].name)) {
        load_acquire(p, dst, width_bits);
    } else if (atomic_row.row) {
        atomic(p, dst, width_bits, atomic_row);
    } else if (width_bits == 32 && (row || token_is(next, "(") || token_is(next, "ll"))) {
        asm_fail(p, t, BPFLAB_E_SYNTAX, "\"%.*s\" fills all 64 bits: write r%u", token_chars(t),
                 t.s, dst);
    } else if (row) {
        asm_advance(p);
        same_reg(p, dst, 64, "it changes a register in place");
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
    const struct type type = type_name(p);
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

/* op operand, for the operators of ALU rows, "=" among them */
static void operate(struct parser *p, struct token op, uint8_t dst, unsigned width_bits) {
    const struct operand s = asm_operand(p, width_bits);
    const struct op_info *row = row_of((struct row_query){.cls = CLASS_ALU_BINARY,
                                                          .text = op.s,
                                                          .len = op.len,
                                                          .width_bits = width_bits,
                                                          .from_reg = s.is_reg});
    if (!row)
        return; /* assign looked it up */
    struct insn in = row_insn(row);
    in.dst = dst;
    if (s.is_reg)
        in.src = s.reg;
    else
        in.imm = s.imm;
    asm_emit(p, in);
}

/* What is assigned, after "=". */
static void assign_value(struct parser *p, struct token op, uint8_t dst, unsigned width_bits) {
    struct token number = p->tok;
    if (token_is(p->tok, "*")) {
        load(p, dst, width_bits);
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
    } else if (is_wide_number(p, &number) || p->log_code == op_table[OP_LDDW].code) {
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
    const struct operand s = asm_operand(p, width_bits);
    const struct op_info *row = row_of((struct row_query){.cls = CLASS_JMP_COND,
                                                          .text = op.s,
                                                          .len = op.len,
                                                          .width_bits = width_bits,
                                                          .from_reg = s.is_reg});
    if (!row)
        return;
    struct insn in = row_insn(row);
    in.dst = dst;
    if (s.is_reg)
        in.src = s.reg;
    else
        in.imm = s.imm;
    asm_expect(p, "goto");
    asm_target(p, row, &in);
    asm_emit(p, in);
}

static void jump(struct parser *p, enum op op) {
    struct insn in = row_insn(&op_table[op]);
    asm_target(p, &op_table[op], &in);
    asm_emit(p, in);
}

bool asm_is_kernel(const struct parser *p) {
    const struct token t = p->tok;
    if (token_width(t) || token_is(t, "*") || token_is(t, "if") || token_is(t, "goto") ||
        token_is(t, "gotol"))
        return true;
    return (token_is(t, "lock") && token_is(asm_peek(p), "*")) ||
           (token_is(t, op_table[OP_STORE_REL_DW].name) && token_is(asm_peek(p), "("));
}

void asm_kernel(struct parser *p) {
    if (token_width(p->tok))
        assign(p);
    else if (token_is(p->tok, "*"))
        store(p);
    else if (asm_accept(p, "lock"))
        locked(p);
    else if (asm_accept(p, "if"))
        branch(p);
    else if (asm_accept(p, "goto"))
        jump(p, OP_JA);
    else if (asm_accept(p, "gotol"))
        jump(p, OP_JA32);
    else
        store_release(p);
}

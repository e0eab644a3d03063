/* asm_operand.c: registers, numbers, jump targets and calls: what both syntaxes of the assembler
 * share. */
#include "isa/asm_parse.h"

#include <string.h>

unsigned token_width(struct token t) {
    if (t.kind != TOKEN_NAME || t.len < 2 || t.len > 3)
        return 0;
    for (size_t i = 1; i < t.len; i++)
        if (t.s[i] < '0' || t.s[i] > '9')
            return 0;
    return t.s[0] == 'r' ? 64 : t.s[0] == 'w' ? 32 : 0;
}

uint8_t asm_reg(struct parser *p, unsigned width_bits) {
    const struct token t = p->tok;
    const unsigned got = token_width(t);
    if (!got) {
        asm_unexpected(p, width_bits == 32 ? "a register, w0 to w10" : "a register, r0 to r10");
        return 0;
    }
    const unsigned nr =
        t.len == 2 ? (unsigned)(t.s[1] - '0') : (unsigned)((t.s[1] - '0') * 10 + (t.s[2] - '0'));
    if (nr >= N_REGS || (t.len == 3 && t.s[1] == '0'))
        asm_fail(p, t, BPFLAB_E_REGISTER, "there is no register %.*s, only %c0 to %c10", (int)t.len,
                 t.s, t.s[0], t.s[0]);
    else if (got != width_bits)
        asm_fail(p, t, BPFLAB_E_SYNTAX, "%.*s has %u bits, %u are needed here: %c%u", (int)t.len,
                 t.s, got, width_bits, width_bits == 64 ? 'r' : 'w', nr);
    asm_advance(p);
    return (uint8_t)nr;
}

/* A sign if there is one, and a number of so many bits. A decimal number is signed (at 64 bits,
 * unsigned too); the digits of a hexadecimal one may fill all bits. out: two's complement, to be
 * cut to its width. */
static uint64_t number(struct parser *p, unsigned bits) {
    const struct token first = p->tok;
    const bool minus = asm_accept(p, "-");
    if (!minus)
        asm_accept(p, "+");
    const struct token t = p->tok;
    if (t.kind != TOKEN_NUMBER) {
        asm_unexpected(p, "a number");
        return 0;
    }
    const uint64_t top = UINT64_C(1) << (bits - 1); /* magnitude of the smallest */
    const bool unsigned_too = t.hex || bits == 64;
    const uint64_t largest = minus ? top : unsigned_too ? top - 1 + top : top - 1;
    const bool ll = t.suffix == 2 && !memcmp(t.s + t.len - 2, "ll", 2);
    if (t.suffix && !(ll && bits == 64))
        asm_fail(p, t, BPFLAB_E_SYNTAX, "\"%.*s\" is not a number of %u bits", token_chars(t), t.s,
                 bits);
    else if (t.too_big || t.value > largest)
        asm_fail(p, first, BPFLAB_E_RANGE, "%s%.*s does not fit into %u bits", minus ? "-" : "",
                 token_chars(t), t.s, bits);
    asm_advance(p);
    return minus ? 0 - t.value : t.value;
}

int32_t asm_imm32(struct parser *p) {
    return (int32_t)(uint32_t)number(p, 32);
}

uint64_t asm_imm64(struct parser *p) {
    return number(p, 64);
}

static bool at_sign(const struct parser *p) {
    return token_is(p->tok, "+") || token_is(p->tok, "-");
}

int16_t asm_offset(struct parser *p) {
    return at_sign(p) ? (int16_t)(uint16_t)number(p, 16) : (int16_t)0;
}

struct operand asm_operand(struct parser *p, unsigned width_bits) {
    if (token_width(p->tok))
        return (struct operand){.is_reg = true, .reg = asm_reg(p, width_bits)};
    if (p->tok.kind != TOKEN_NUMBER && !at_sign(p)) {
        asm_unexpected(p, "a register or a number");
        return (struct operand){0};
    }
    return (struct operand){.imm = asm_imm32(p)};
}

/* llvm-objdump's "<name+0x10>" after a distance. */
static void skip_annotation(struct parser *p) {
    if (!asm_accept(p, "<"))
        return;
    while (!token_is(p->tok, ">") && p->tok.kind != TOKEN_EOL && p->tok.kind != TOKEN_END)
        asm_advance(p);
    asm_expect(p, ">");
}

void asm_target(struct parser *p, const struct op_info *row, struct insn *in) {
    const struct token t = p->tok;
    const bool local = t.kind == TOKEN_NUMBER && !t.hex && t.suffix == 1 &&
                       (t.s[t.len - 1] == 'b' || t.s[t.len - 1] == 'f');
    if (token_is(t, "pc")) {
        const struct token sign = asm_peek(p);
        if (token_is(sign, "+") || token_is(sign, "-"))
            asm_advance(p);
    }
    if (at_sign(p) || (p->tok.kind == TOKEN_NUMBER && !local)) {
        if (row->off_rule == FIELD_JUMP)
            in->off = (int16_t)(uint16_t)number(p, 16);
        else
            in->imm = asm_imm32(p);
    } else if (local || (t.kind == TOKEN_NAME && !token_width(t))) {
        asm_fixup(p, asm_advance(p), false);
    } else {
        asm_unexpected(p, "a label, or a distance such as +2");
    }
    skip_annotation(p);
}

void asm_wide(struct parser *p, const struct op_info *row, struct insn in) {
    uint32_t hi = 0;
    if (row == &op_table[OP_LDDW]) {
        const uint64_t value = asm_imm64(p);
        in.imm = (int32_t)(uint32_t)value;
        hi = (uint32_t)(value >> 32);
    } else if (row == &op_table[OP_LDDW_CODE])
        asm_target(p, row, &in);
    else
        in.imm = asm_imm32(p);
    if (row != &op_table[OP_LDDW] && row->hi_rule == FIELD_ANY && asm_accept(p, ","))
        hi = (uint32_t)asm_imm32(p);
    asm_emit(p, in);
    asm_emit(p, (struct insn){.imm = (int32_t)hi});
}

/* "name" or, as Linux's log has it, "name#number": the number is a helper's, or the BTF id of a
 * kernel function. */
static void call_name(struct parser *p) {
    const struct token name = p->tok;
    struct insn in = row_insn(&op_table[OP_CALL]);
    const bool numbered = lex_hash(&p->lx);
    asm_advance(p);
    if (numbered) {
        const uint32_t known = asm_helper_id(p, name);
        in.imm = asm_imm32(p);
        if (p->names && p->names->helper_id && !known && !token_is(name, "unknown"))
            in.src = row_insn(&op_table[OP_CALL_KFUNC]).src;
        else if (known && (uint32_t)in.imm != known)
            asm_fail(p, name, BPFLAB_E_RANGE, "%.*s is helper %u", token_chars(name), name.s,
                     known);
    } else {
        asm_fixup(p, name, true);
    }
    asm_emit(p, in);
}

/* Is the current token the word that tells this row of call from the others ("call local"), and not
 * itself a name that is called? */
static bool at_call_word(const struct parser *p, enum op op) {
    const struct token next = asm_peek(p);
    return token_is(p->tok, op_table[op].name + strlen(op_table[OP_CALL].name) + 1) &&
           next.kind != TOKEN_EOL && next.kind != TOKEN_END;
}

static void call_local(struct parser *p) {
    struct insn in = row_insn(&op_table[OP_CALL_LOCAL]);
    asm_target(p, &op_table[OP_CALL_LOCAL], &in);
    asm_emit(p, in);
}

static void call_kfunc(struct parser *p) {
    struct insn in = row_insn(&op_table[OP_CALL_KFUNC]);
    in.imm = asm_imm32(p);
    if (asm_accept(p, ","))
        in.off = (int16_t)(uint16_t)number(p, 16);
    asm_emit(p, in);
}

/* A number, a register or a name. */
static void call_helper(struct parser *p) {
    struct insn in = row_insn(&op_table[OP_CALL]);
    if (token_width(p->tok)) { /* uBPF's callx */
        in = row_insn(&op_table[OP_CALLX]);
        in.dst = asm_reg(p, 64);
    } else if (p->tok.kind == TOKEN_NUMBER) {
        /* llvm-objdump prints every kind of call so; only its bytes tell them apart */
        const int kind = p->listing.regs > 0 ? (p->listing.regs | p->listing.regs >> 4) & 15 : 0;
        if (kind == op_table[OP_CALL_LOCAL].src_fixed || kind == op_table[OP_CALL_KFUNC].src_fixed)
            in.src = (uint8_t)kind;
        in.imm = asm_imm32(p);
    } else if (p->tok.kind == TOKEN_NAME) {
        call_name(p);
        return;
    } else {
        asm_unexpected(p, "a helper's number or name, a label, or a register");
    }
    asm_emit(p, in);
}

void asm_call(struct parser *p) {
    const struct token next = asm_peek(p);
    const bool more = next.kind != TOKEN_EOL && next.kind != TOKEN_END;
    if (at_call_word(p, OP_CALL_LOCAL)) {
        asm_advance(p);
        call_local(p);
    } else if (at_sign(p) || (token_is(p->tok, "pc") && more)) {
        call_local(p);
    } else if (at_call_word(p, OP_CALL_KFUNC) || (more && token_is(p->tok, "runtime"))) {
        asm_advance(p);
        call_kfunc(p);
    } else {
        if (more)
            asm_accept(p, "helper");
        call_helper(p);
    }
}

/* asm_ubpf.c: uBPF's syntax: a mnemonic, and the operands that ubpf_form lists for its row. */
#include "isa/asm_parse.h"

#include <string.h>

static void unknown_mnemonic(struct parser *p, const char *before) {
    const struct token t = p->tok;
    char near[32];
    if (t.kind != TOKEN_NAME)
        asm_unexpected(p, "an instruction or a label");
    else if (row_nearest(t.s, t.len, near))
        asm_fail(p, t, BPFLAB_E_SYNTAX, "no instruction is called \"%s%.*s\"; did you mean \"%s\"?",
                 before, token_chars(t), t.s, near);
    else
        asm_fail(p, t, BPFLAB_E_SYNTAX, "no instruction is called \"%s%.*s\"", before,
                 token_chars(t), t.s);
}

/* [%reg+off] */
static uint8_t memory(struct parser *p, struct insn *in) {
    asm_expect(p, "[");
    const uint8_t reg = asm_reg(p, 64);
    in->off = asm_offset(p);
    asm_expect(p, "]");
    return reg;
}

/* A register or imm: the row turns out to be its sibling with the other kind of source. */
static const struct op_info *source(struct parser *p, const struct op_info *row, struct insn *in) {
    const struct operand s = asm_operand(p, 64);
    row = row_of((struct row_query){.cls = row->cls,
                                    .text = row->name,
                                    .len = strlen(row->name),
                                    .by_name = true,
                                    .width_bits = row->width_bits,
                                    .from_reg = s.is_reg});
    const uint8_t dst = in->dst;
    *in = row_insn(row);
    in->dst = dst;
    if (s.is_reg)
        in->src = s.reg;
    else
        in->imm = s.imm;
    return row;
}

/* The number of callx's register: as a register in dst, as a number in imm. */
static void callx(struct parser *p, struct insn *in) {
    if (p->tok.kind == TOKEN_NUMBER) {
        in->imm = asm_imm32(p);
        return;
    }
    in->dst = asm_reg(p, 64);
}

static void operands(struct parser *p, const struct op_info *row) {
    struct insn in = row_insn(row);
    for (const char *form = ubpf_form(row); *form; form++) {
        switch (*form) {
        case ',': asm_expect(p, ","); break;
        case 'd': in.dst = asm_reg(p, 64); break;
        case 'r': in.src = asm_reg(p, 64); break;
        case 's': row = source(p, row, &in); break;
        case 'D': in.dst = memory(p, &in); break;
        case 'R': in.src = memory(p, &in); break;
        case 'i': in.imm = asm_imm32(p); break;
        case 'j': asm_target(p, row, &in); break;
        case 'x': callx(p, &in); break;
        case 'q': asm_wide(p, row, in); return;
        default: asm_call(p); return; /* h, k: emits what it turns out to be */
        }
    }
    asm_emit(p, in);
}

void asm_ubpf(struct parser *p) {
    const bool lock = asm_accept(p, "lock");
    const bool fetch = lock && asm_accept(p, "fetch");
    const struct token t = p->tok;
    const struct op_info *row =
        t.kind == TOKEN_NAME && !t.percent ? row_of_mnemonic(t.s, t.len, lock, fetch) : NULL;
    if (!row) {
        unknown_mnemonic(p, fetch ? "lock fetch " : lock ? "lock " : "");
        return;
    }
    asm_advance(p);
    operands(p, row);
}

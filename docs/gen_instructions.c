/* gen_instructions.c: the page of instructions: how each row is encoded and written, and what it
 * computes. */
#include "docs/gen.h"

#include "isa/asm.h"
#include "isa/insn.h"

static const char *group_name(unsigned group) {
    switch (group) {
    case GROUP_BASE32: return "base32";
    case GROUP_BASE64: return "base64";
    case GROUP_ATOMIC32: return "atomic32";
    case GROUP_ATOMIC64: return "atomic64";
    case GROUP_DIVMUL32: return "divmul32";
    case GROUP_DIVMUL64: return "divmul64";
    case GROUP_PACKET: return "packet";
    case GROUP_LINUX: return "Linux";
    case GROUP_CALLX: return "callx";
    default: return "";
    }
}

static void field(FILE *out, uint8_t rule, int64_t fixed, const char *any) {
    switch (rule) {
    case FIELD_ZERO: fprintf(out, " 0 |"); break;
    case FIELD_FIXED: fprintf(out, fixed > 64 ? " %#llx |" : " %lld |", (long long)fixed); break;
    case FIELD_REG: fprintf(out, " r0–r10 |"); break;
    case FIELD_WREG: fprintf(out, " r0–r9 |"); break;
    case FIELD_JUMP: fprintf(out, " distance |"); break;
    default: fprintf(out, " %s |", any);
    }
}

/* A value that the rule takes: the one it fixes, or an example. */
static int32_t example(uint8_t rule, int32_t fixed, int32_t any) {
    return rule == FIELD_FIXED ? fixed : rule == FIELD_ZERO ? 0 : any;
}

static struct insn example_insn(const struct op_info *op) {
    return (struct insn){
        .code = op->code,
        .dst = (uint8_t)example(op->dst_rule, 0, 1),
        .src = (uint8_t)example(op->src_rule, op->src_fixed, 2),
        .off = (int16_t)example(op->off_rule, op->off_fixed, op->off_rule == FIELD_JUMP ? 2 : 4),
        .imm = example(op->imm_rule, op->imm_fixed, op->imm_rule == FIELD_JUMP ? 2 : 5),
    };
}

/* Text inside a table cell: a bar would end it. */
static void cell(FILE *out, const char *text) {
    fprintf(out, " `");
    for (; *text; text++)
        fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
    fprintf(out, "` |");
}

static void encoding(FILE *out) {
    fprintf(
        out,
        "## Encoding and syntax\n\n"
        "`code`, `dst`, `src`, `off` and `imm` are the fields of the 8-byte slot; an instruction "
        "whose field holds anything else than the table allows is no valid instruction. The last "
        "columns show an example in both of the assembler's syntaxes.\n\n"
        "| row | code | dst | src | off | imm | group | Linux | uBPF |\n"
        "|---|---|---|---|---|---|---|---|---|\n");
    for (int i = 0; i < N_OPS; i++) {
        const struct op_info *op = &op_table[i];
        const struct insn in = example_insn(op);
        const struct insn next = {.imm = example(op->hi_rule, 0, 8)};
        char text[ASM_LINE_MAX];
        fprintf(out, "| %s | %#04x |", op->id, op->code);
        field(out, op->dst_rule, 0, "");
        field(out, op->src_rule, op->src_fixed, "");
        field(out, op->off_rule, op->off_fixed, "any");
        field(out, op->imm_rule, op->imm_fixed, op->cls == CLASS_IMM64 ? "low half" : "any");
        fprintf(out, " %s |", group_name(op->group));
        asm_print(in, &next, ASM_KERNEL, NULL, text);
        cell(out, text);
        asm_print(in, &next, ASM_UBPF, NULL, text);
        cell(out, text);
        fprintf(out, "\n");
    }
}

static void meaning(FILE *out, const char *name, const char *expr) {
    fprintf(out, "| %s |", name);
    cell(out, expr);
    fprintf(out, "\n");
}

static void meanings(FILE *out) {
    fprintf(
        out,
        "\n## Meaning\n\n"
        "`d` is the destination's old value, `s` the source's (an immediate sign-extended to 64 "
        "bits first), both cut to the width `w`; the result is zero-extended. The primitives "
        "are those of [isa/sem.h](../../isa/sem.h).\n\n"
        "### Arithmetic\n\n| operation | result |\n|---|---|\n");
#define ALU_BINARY(op, name, sym, code, off, group, expr) meaning(out, #op, #expr);
#define ALU_UNARY(op, name, sym, code, group, expr)       meaning(out, #op, #expr);
#define ALU_SEXT(op, width, bits, name, expr)             meaning(out, #op " (" #width ")", #expr);
#define ALU_END(op, name, sym, code, bits, group, expr)   meaning(out, #op, #expr);
#define ALU_CAST(op, name, imm, dst_as, src_as, expr)     meaning(out, #op, #expr);
#include "isa/alu.def"
    fprintf(out, "\n### Conditional jumps\n\n| operation | taken if |\n|---|---|\n");
#define JMP_COND(op, name, sym, code, expr) meaning(out, #op, #expr);
#include "isa/jmp.def"
    fprintf(out, "\n### Atomic operations\n\n`m` is the old value in memory.\n\n"
                 "| operation | new value |\n|---|---|\n");
#define ATOMIC_RMW(op, name, sym, imm, fetch, expr) meaning(out, #op, #expr);
#include "isa/atomic.def"
}

void gen_instructions(FILE *out) {
    fprintf(out,
            "# Instructions\n\n"
            "Made from `isa/*.def` by `docs/gen_tables`; change the rows, not this page.\n\n"
            "%d rows: every instruction of RFC 9669, its packet group included, and Linux's "
            "additions.\n\n",
            N_OPS);
    encoding(out);
    meanings(out);
}

/* disasm.c: instructions as text, in uBPF's syntax (by the row's form) and in the kernel's (by its
 * class). */
#include "isa/asm.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "isa/asm_rows.h"

enum {
    HELPER_NAME_MAX = 63, /* what the assembler takes */
};

struct writer {
    char *buf;
    size_t len; /* below ASM_LINE_MAX */
    const struct asm_names *names;
};

static void put(struct writer *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(struct writer *w, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    const int n = vsnprintf(w->buf + w->len, ASM_LINE_MAX - w->len, fmt, ap);
    va_end(ap);
    if (n > 0)
        w->len += (size_t)n;
    if (w->len >= ASM_LINE_MAX)
        w->len = ASM_LINE_MAX - 1;
}

/* Small numbers in decimal, others in hexadecimal digits after their sign. */
static void put_imm(struct writer *w, int32_t imm) {
    const uint32_t magnitude = imm < 0 ? 0 - (uint32_t)imm : (uint32_t)imm;
    if (magnitude <= 0xffff)
        put(w, "%" PRId32, imm);
    else
        put(w, "%s0x%" PRIx32, imm < 0 ? "-" : "", magnitude);
}

static void put_jump(struct writer *w, const struct op_info *row, struct insn in) {
    put(w, "%+" PRId32, row->off_rule == FIELD_JUMP ? in.off : in.imm);
}

static void put_helper(struct writer *w, struct insn in) {
    const struct asm_names *names = w->names;
    const char *name = names && names->helper_name ? names->helper_name((uint32_t)in.imm) : NULL;
    if (name && strlen(name) <= HELPER_NAME_MAX)
        put(w, "%s", name);
    else
        put(w, in.imm < 0 ? "0x%" PRIx32 : "%" PRIu32, (uint32_t)in.imm);
}

static void put_kfunc(struct writer *w, struct insn in) {
    put(w, in.imm < 0 ? "0x%" PRIx32 : "%" PRIu32, (uint32_t)in.imm);
    if (in.off)
        put(w, ", %d", in.off);
}

/* What an LD_IMM64 other than a plain one names. */
static void put_wide(struct writer *w, const struct op_info *row, struct insn in, uint32_t hi) {
    if (row == &op_table[OP_LDDW_CODE])
        put(w, "%+" PRId32, in.imm);
    else
        put_imm(w, in.imm);
    if (row->hi_rule == FIELD_ANY) {
        put(w, ", ");
        put_imm(w, (int32_t)hi);
    }
}

static void put_slot(struct writer *w, struct insn in) {
    const uint64_t word = in.code | (uint64_t)(in.dst & 15) << 8 | (uint64_t)(in.src & 15) << 12 |
                          (uint64_t)(uint16_t)in.off << 16 | (uint64_t)(uint32_t)in.imm << 32;
    put(w, "0x%016" PRIx64, word);
}

/* [%r1+4] */
static void put_brackets(struct writer *w, uint8_t reg, int16_t off) {
    put(w, "[%%r%u", reg);
    if (off)
        put(w, "%+d", off);
    put(w, "]");
}

static void put_ubpf(struct writer *w, const struct op_info *row, struct insn in, uint32_t hi) {
    const uint64_t imm64 = (uint64_t)hi << 32 | (uint32_t)in.imm;
    put(w, "%s%s%s", row_is_locked(row) ? "lock " : "", row_is_fetch(row) ? "fetch " : "",
        row->name);
    if (row_suffix(row))
        put(w, "%u", row_suffix(row));
    const char *form = ubpf_form(row);
    if (*form)
        put(w, " ");
    for (; *form; form++) {
        switch (*form) {
        case ',': put(w, ", "); break;
        case 'd': put(w, "%%r%u", in.dst); break;
        case 'r': put(w, "%%r%u", in.src); break;
        case 's':
            if (row->from_reg)
                put(w, "%%r%u", in.src);
            else
                put_imm(w, in.imm);
            break;
        case 'D': put_brackets(w, in.dst, in.off); break;
        case 'R': put_brackets(w, in.src, in.off); break;
        case 'i': put_imm(w, in.imm); break;
        case 'j': put_jump(w, row, in); break;
        case 'q':
            if (row == &op_table[OP_LDDW])
                put(w, "0x%" PRIx64, imm64);
            else
                put_wide(w, row, in, hi);
            break;
        case 'h': put_helper(w, in); break;
        case 'k': put_kfunc(w, in); break;
        case 'x':
            if (in.imm)
                put(w, "%" PRId32, in.imm);
            else
                put(w, "%%r%u", in.dst);
            break;
        default: break;
        }
    }
}

/* r or w, by the operation's width. */
static char reg_letter(const struct op_info *row) {
    return row->width_bits == 32 ? 'w' : 'r';
}

static void put_source(struct writer *w, const struct op_info *row, struct insn in) {
    if (row->from_reg)
        put(w, "%c%u", reg_letter(row), in.src);
    else
        put_imm(w, in.imm);
}

/* r1 + 4 */
static void put_address(struct writer *w, uint8_t reg, int16_t off) {
    put(w, "r%u %c %d", reg, off < 0 ? '-' : '+', off < 0 ? -off : off);
}

/* (u32 *)(r1 + 4) */
static void put_memory(struct writer *w, const struct op_info *row, uint8_t reg, int16_t off) {
    put(w, "(%c%u *)(", row->sign ? 's' : 'u', row->width_bits);
    put_address(w, reg, off);
    put(w, ")");
}

static void put_alu(struct writer *w, const struct op_info *row, struct insn in) {
    const char letter = reg_letter(row);
    put(w, "%c%u ", letter, in.dst);
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_UNARY: put(w, "= %s%c%u", row->sym, letter, in.dst); break;
    case CLASS_ALU_SEXT: put(w, "= (s%d)%c%u", in.off, letter, in.src); break;
    case CLASS_ALU_END: put(w, "= %s r%u", row->sym, in.dst); break;
    case CLASS_ALU_CAST:
        put(w, "= addr_space_cast(r%u, %" PRIu32 ", %" PRIu32 ")", in.src, (uint32_t)in.imm >> 16,
            (uint32_t)in.imm & 0xffff);
        break;
    default: put(w, "%s ", row->sym); put_source(w, row, in);
    }
}

static void put_atomic(struct writer *w, const struct op_info *row, struct insn in) {
    const char letter = reg_letter(row);
    const bool swap = row->cls != CLASS_ATOMIC_RMW;
    if (!swap && !row_is_fetch(row)) {
        put(w, "lock *");
        put_memory(w, row, in.dst, in.off);
        put(w, " %s %c%u", row->sym, letter, in.src);
        return;
    }
    const unsigned old = row->cls == CLASS_ATOMIC_CMPXCHG ? 0 : in.src;
    put(w, "%c%u = ", letter, old);
    if (swap) {
        put(w, "%s%s(", row->name, row->width_bits == 32 ? "32_32" : "_64");
        put_address(w, in.dst, in.off);
    } else {
        put(w, "atomic_fetch_%s(", row->name);
        put_memory(w, row, in.dst, in.off);
    }
    if (row->cls == CLASS_ATOMIC_CMPXCHG)
        put(w, ", %c0", letter);
    put(w, ", %c%u)", letter, in.src);
}

/* r0 = *(u8 *)skb[23], r0 = *(u8 *)skb[r1], r0 = *(u8 *)skb[r1 + 4] */
static void put_packet(struct writer *w, const struct op_info *row, struct insn in) {
    put(w, "r0 = *(u%u *)skb[", row->width_bits);
    if (!row->from_reg)
        put_imm(w, in.imm);
    else
        put(w, "r%u", in.src);
    if (row->from_reg && in.imm)
        put(w, " %c %" PRIu32, in.imm < 0 ? '-' : '+',
            in.imm < 0 ? 0 - (uint32_t)in.imm : (uint32_t)in.imm);
    put(w, "]");
}

static void put_load_store(struct writer *w, const struct op_info *row, struct insn in) {
    const char letter = row->width_bits < 64 ? 'w' : 'r'; /* as LLVM has it */
    switch ((enum op_class)row->cls) {
    case CLASS_LDX:
        put(w, "r%u = *", in.dst);
        put_memory(w, row, in.src, in.off);
        break;
    case CLASS_ATOMIC_LOAD:
        put(w, "%c%u = %s(", letter, in.dst, row->name);
        put_memory(w, row, in.src, in.off);
        put(w, ")");
        break;
    case CLASS_ATOMIC_STORE:
        put(w, "%s(", row->name);
        put_memory(w, row, in.dst, in.off);
        put(w, ", %c%u)", letter, in.src);
        break;
    default:
        put(w, "*");
        put_memory(w, row, in.dst, in.off);
        put(w, " = ");
        if (row->from_reg)
            put(w, "r%u", in.src);
        else
            put_imm(w, in.imm);
    }
}

static void put_kernel(struct writer *w, const struct op_info *row, struct insn in, uint32_t hi) {
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_ALU_CAST: put_alu(w, row, in); break;
    case CLASS_JMP_COND:
        put(w, "if %c%u %s ", reg_letter(row), in.dst, row->sym);
        put_source(w, row, in);
        put(w, " goto ");
        put_jump(w, row, in);
        break;
    case CLASS_JMP_ALWAYS:
        put(w, row->off_rule == FIELD_JUMP ? "goto " : "gotol ");
        put_jump(w, row, in);
        break;
    case CLASS_LDX:
    case CLASS_STX:
    case CLASS_ST:
    case CLASS_ATOMIC_LOAD:
    case CLASS_ATOMIC_STORE: put_load_store(w, row, in); break;
    case CLASS_IMM64:
        put(w, "r%u = ", in.dst);
        if (row == &op_table[OP_LDDW]) {
            put(w, "0x%" PRIx64 " ll", (uint64_t)hi << 32 | (uint32_t)in.imm);
        } else {
            put(w, "%s(", row->name + strlen(op_table[OP_LDDW].name) + 1);
            put_wide(w, row, in, hi);
            put(w, ") ll");
        }
        break;
    case CLASS_PKT: put_packet(w, row, in); break;
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG: put_atomic(w, row, in); break;
    case CLASS_CALL_LOCAL:
        put(w, "call pc");
        put_jump(w, row, in);
        break;
    case CLASS_CALL_REG:
    case CLASS_JMP_TABLE:
        put(w, "%s ", row->name);
        if (in.imm)
            put(w, "%" PRId32, in.imm);
        else
            put(w, "r%u", in.dst);
        break;
    case CLASS_JMP_BUDGET:
    case CLASS_CALL:
    case CLASS_CALL_KFUNC:
    case CLASS_EXIT: put_ubpf(w, row, in, hi); break; /* the same in both */
    }
}

static bool reg_has_text(enum field_rule rule, uint8_t reg) {
    switch (rule) {
    case FIELD_ZERO: return !reg;
    case FIELD_REG:
    case FIELD_WREG: return reg < N_REGS;
    default: return true; /* op_of has compared it */
    }
}

/* Would the text of this row say all that the words hold? So for valid instructions, and for some
 * that are invalid for another reason than a reserved field. */
static bool has_text(const struct op_info *row, struct insn in, const struct insn *next) {
    if (!reg_has_text(row->dst_rule, in.dst) || !reg_has_text(row->src_rule, in.src) ||
        (row->off_rule == FIELD_ZERO && in.off) || (row->imm_rule == FIELD_ZERO && in.imm))
        return false;
    if (row->cls == CLASS_CALL_REG)
        return in.imm >= 0 && !(in.dst && in.imm);
    if (row->cls != CLASS_IMM64)
        return true;
    return next && !next->code && !next->dst && !next->src && !next->off &&
           (row->hi_rule != FIELD_ZERO || !next->imm);
}

size_t asm_print(struct insn in, const struct insn *next, enum asm_style style,
                 const struct asm_names *names, char buf[ASM_LINE_MAX]) {
    struct writer w = {.buf = buf, .names = names};
    const enum op op = op_of(in);
    buf[0] = 0;
    if (op == OP_INVALID || !has_text(&op_table[op], in, next)) {
        put(&w, ".word ");
        put_slot(&w, in);
        if (next && insn_slots(in) == 2) {
            put(&w, ", ");
            put_slot(&w, *next);
        }
        return w.len;
    }
    const uint32_t hi = op_table[op].cls == CLASS_IMM64 ? (uint32_t)next->imm : 0;
    if (style == ASM_UBPF)
        put_ubpf(&w, &op_table[op], in, hi);
    else
        put_kernel(&w, &op_table[op], in, hi);
    return w.len;
}

/* asm_access.c: the memory accesses of the kernel's syntax: loads, stores, packet loads, atomic
 * operations. */
#include <string.h>

#include "isa/asm_parse.h"

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

struct type asm_type(struct parser *p) {
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
    const struct type type = asm_type(p);
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

void asm_same_reg(struct parser *p, uint8_t wanted, unsigned width_bits, const char *what) {
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
    if (!by_reg || token_is(p->tok, "+") || token_is(p->tok, "-"))
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

void asm_load(struct parser *p, uint8_t dst, unsigned width_bits) {
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

void asm_store(struct parser *p) {
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

void asm_locked(struct parser *p) {
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

void asm_store_release(struct parser *p) {
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

void asm_load_acquire(struct parser *p, uint8_t dst, unsigned width_bits) {
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
static void atomic_call(struct parser *p, uint8_t dst, unsigned dst_bits, struct atomic_name name) {
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
        asm_same_reg(p, 0, type.width_bits, "the value to compare with");
        asm_expect(p, ",");
        in.src = holder(p, type.width_bits);
    } else {
        asm_same_reg(p, dst, type.width_bits, "the old value replaces the operand");
        in.src = dst;
    }
    asm_expect(p, ")");
    asm_emit(p, in);
}

bool asm_atomic(struct parser *p, uint8_t dst, unsigned width_bits) {
    const struct atomic_name name = atomic_name(p->tok);
    if (name.row)
        atomic_call(p, dst, width_bits, name);
    return name.row;
}

/* asm_parse.h: inside the assembler: tokens, operands, and what they are put together to.
 * For isa/asm*.c and isa/lex.c only.
 *
 * Errors are sticky: the first one is kept in the parser, and the current token becomes the end of
 * the text, so that whatever is parsed afterwards stops by itself. Callers look at p->err once an
 * instruction.
 */
#ifndef BPFLAB_ISA_ASM_PARSE_H
#define BPFLAB_ISA_ASM_PARSE_H

#include "isa/asm.h"
#include "isa/asm_rows.h"

enum token_kind {
    TOKEN_END,    /* of the text */
    TOKEN_EOL,    /* of the instruction: new line or ';' */
    TOKEN_NAME,   /* word, label, register (without its '%') */
    TOKEN_NUMBER, /* digits, and a suffix of letters if it has one: "0x10", "5ll", "1b" */
    TOKEN_PUNCT,  /* an operator of the rows ("s>>="), or one character */
    TOKEN_BAD,    /* text says what is wrong */
};

struct token {
    enum token_kind kind;
    const char *s; /* not terminated; borrowed from the text */
    size_t len;
    uint32_t line, col;
    /* NAME */
    bool percent; /* written with '%' */
    /* NUMBER */
    bool hex, too_big; /* too_big: beyond 64 bits, value is then cut */
    uint64_t value;
    size_t suffix; /* length of its suffix */
    /* BAD */
    const char *why;
};

/* struct lexer: a place in the text; a copy is a bookmark. */
struct lexer {
    const char *p, *end;
    const char *line_start;
    uint32_t line;
    bool log_line; /* inside a line of Linux's log: ';' opens a comment */
};

/* lex_next: the token at lx, which moves past it. Total; ends in TOKEN_END. */
struct token lex_next(struct lexer *lx);

/* struct listing: what a listing says of an instruction beside its text, -1 where it is silent. */
struct listing {
    int code; /* first byte */
    int regs; /* second byte, in either order of its halves */
};

/* lex_listing: move past what a listing puts before an instruction. Only where one may start. */
struct listing lex_listing(struct lexer *lx);

/* lex_hash: move past a '#' that stands right here before a digit, so that it opens no comment. */
bool lex_hash(struct lexer *lx);

/* token_is: does the token read exactly so? (A register's '%' is not part of it.) */
bool token_is(struct token t, const char *text);

/* token_chars: how many of its characters a message shows. */
static inline int token_chars(struct token t) {
    return t.len < 40 ? (int)t.len : 40;
}

/* struct label: a name and where it stands. */
struct label {
    struct token name;
    uint32_t pc;
};

/* struct fixup: a name that a slot uses, resolved when all labels are known. */
struct fixup {
    struct token name;
    uint32_t pc;
    bool maybe_helper; /* "call name": a label, else a helper */
};

struct parser {
    struct lexer lx;
    struct token tok; /* the current one */
    const struct asm_names *names;
    struct insn *insns;
    uint32_t n_insns;
    size_t cap_insns;
    struct label *labels;
    size_t n_labels, cap_labels;
    struct fixup *fixups;
    size_t n_fixups, cap_fixups;
    int64_t first_exit;     /* pc, or -1 */
    struct listing listing; /* of the current instruction */
    enum bpflab_err err;
    struct diag *d;
};

/* asm_fail: keep the first error and where it is. */
void asm_fail(struct parser *p, struct token at, enum bpflab_err err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* asm_unexpected: "unexpected ..., expected <what>" at the current token. */
void asm_unexpected(struct parser *p, const char *what);

/* asm_advance: to the next token. out: the one left behind.
 * asm_peek: the one after the current. */
struct token asm_advance(struct parser *p);
struct token asm_peek(const struct parser *p);

/* asm_accept: move on if the current token reads so. out: did it?
 * asm_expect: it has to. */
bool asm_accept(struct parser *p, const char *text);
void asm_expect(struct parser *p, const char *text);

/* asm_emit: append a slot. */
void asm_emit(struct parser *p, struct insn in);

/* asm_reserve: room for one more element.
 * shape:  *array has *cap elements of size bytes, n of them in use; grown by realloc
 * out:    false, and an error kept, if there is no memory
 * cost:   O(1) amortised */
bool asm_reserve(struct parser *p, void **array, size_t n, size_t *cap, size_t size);

/* asm_label: the name stands at the next slot.
 * asm_fixup: the next slot emitted uses it.
 * asm_resolve: at the end, give every use its distance, or its helper's number.
 * errors: UNDEFINED, DUPLICATE, RANGE, NOMEM, kept in the parser
 * cost:   O(1) amortised; asm_resolve O((labels + uses) log labels) */
void asm_label(struct parser *p, struct token name);
void asm_fixup(struct parser *p, struct token name, bool maybe_helper);
void asm_resolve(struct parser *p);

/* struct operand: a register, or a number. */
struct operand {
    bool is_reg;
    uint8_t reg;
    int32_t imm;
};

/* token_width: 64 for r0, 32 for w0 (any number), 0 if the token is no register. */
unsigned token_width(struct token t);

/* Operands, each read at the current token; after an error the value means nothing.
 *   asm_reg      a register written with that width
 *   asm_imm32    a number of 32 bits: signed, or unsigned if hexadecimal
 *   asm_imm64    a number of 64 bits: signed or unsigned
 *   asm_offset   nothing, or a sign and a number of 16 bits: +4
 *   asm_operand  register (of that width) or number of 32 bits
 *   asm_target   where a jump, call or callback goes: fills in's off or imm, or asks for a fix-up
 */
uint8_t asm_reg(struct parser *p, unsigned width_bits);
int32_t asm_imm32(struct parser *p);
uint64_t asm_imm64(struct parser *p);
int16_t asm_offset(struct parser *p);
struct operand asm_operand(struct parser *p, unsigned width_bits);
void asm_target(struct parser *p, const struct op_info *row, struct insn *in);

/* asm_wide: what an LD_IMM64 loads: a constant, or what its row names: the low half or a function,
 * then the upper half where the row has one. Emits both slots. */
void asm_wide(struct parser *p, const struct op_info *row, struct insn in);

/* asm_helper_id: a helper's number by its name, 0 if it is unknown. */
uint32_t asm_helper_id(const struct parser *p, struct token name);

/* asm_call: what follows the word "call", in either syntax. */
void asm_call(struct parser *p);

/* One instruction in one syntax; the current token is its first. */
void asm_ubpf(struct parser *p);
void asm_kernel(struct parser *p);

/* asm_is_kernel: is the current token how an instruction of the kernel's syntax begins? */
bool asm_is_kernel(const struct parser *p);

/* The kernel syntax's memory accesses, each from its first token on.
 * in:     dst: the register assigned to; width_bits: as it was written
 *   asm_load          *(u32 *)(r1 + 4), *(u8 *)skb[23]
 *   asm_load_acquire  load_acquire((u64 *)(r1 + 0))
 *   asm_atomic        atomic_fetch_add(...), xchg_64(...); false, and nothing read, if none is here
 *   asm_store         *(u32 *)(r1 + 4) = r2
 *   asm_store_release store_release((u64 *)(r1 + 0), r2)
 *   asm_locked        *(u64 *)(r1 + 0) += r2, after the word lock */
void asm_load(struct parser *p, uint8_t dst, unsigned width_bits);
void asm_load_acquire(struct parser *p, uint8_t dst, unsigned width_bits);
bool asm_atomic(struct parser *p, uint8_t dst, unsigned width_bits);
void asm_store(struct parser *p);
void asm_store_release(struct parser *p);
void asm_locked(struct parser *p);

/* struct type: what a pointer points to. */
struct type {
    bool sign;
    unsigned width_bits;
};

/* asm_type: "u32", "s8".
 * asm_same_reg: a register of width_bits that must be the one wanted; what: why it must. */
struct type asm_type(struct parser *p);
void asm_same_reg(struct parser *p, uint8_t wanted, unsigned width_bits, const char *what);

#endif

/* asm.c: the assembler's frame: lines, labels, fix-ups, errors, and the slots that come out. The
 * two syntaxes are asm_ubpf.c and asm_kernel.c.
 */
#include "isa/asm.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/asm_parse.h"
#include "isa/prog.h"

void asm_fail(struct parser *p, struct token at, enum bpflab_err err, const char *fmt, ...) {
    if (p->err)
        return;
    char text[sizeof p->d->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    p->err = diag_set(p->d, err, "%s", text);
    if (p->d) {
        p->d->line = at.line;
        p->d->col = at.col;
    }
    p->tok.kind = TOKEN_END;
    p->lx.p = p->lx.end;
}

void asm_unexpected(struct parser *p, const char *what) {
    const struct token t = p->tok;
    switch (t.kind) {
    case TOKEN_END: asm_fail(p, t, BPFLAB_E_SYNTAX, "the text ends, expected %s", what); break;
    case TOKEN_EOL:
        asm_fail(p, t, BPFLAB_E_SYNTAX, "the instruction ends, expected %s", what);
        break;
    case TOKEN_BAD: asm_fail(p, t, BPFLAB_E_SYNTAX, "%s", t.why); break;
    default:
        asm_fail(p, t, BPFLAB_E_SYNTAX, "unexpected \"%s%.*s\", expected %s", t.percent ? "%" : "",
                 token_chars(t), t.s, what);
    }
}

struct token asm_advance(struct parser *p) {
    const struct token left = p->tok;
    if (!p->err) {
        p->tok = lex_next(&p->lx);
        if (p->tok.kind == TOKEN_BAD)
            asm_fail(p, p->tok, BPFLAB_E_SYNTAX, "%s", p->tok.why);
    }
    return left;
}

struct token asm_peek(const struct parser *p) {
    struct lexer ahead = p->lx;
    return lex_next(&ahead);
}

bool asm_accept(struct parser *p, const char *text) {
    if (!token_is(p->tok, text))
        return false;
    asm_advance(p);
    return true;
}

void asm_expect(struct parser *p, const char *text) {
    if (asm_accept(p, text))
        return;
    char what[40];
    snprintf(what, sizeof what, "\"%s\"", text);
    asm_unexpected(p, what);
}

bool asm_reserve(struct parser *p, void **array, size_t n, size_t *cap, size_t size) {
    if (n < *cap)
        return true;
    const size_t wanted = *cap ? *cap * 2 : 64;
    void *bigger = realloc(*array, wanted * size);
    if (!bigger) {
        asm_fail(p, p->tok, BPFLAB_E_NOMEM, "%s", err_text(BPFLAB_E_NOMEM));
        return false;
    }
    *array = bigger;
    *cap = wanted;
    return true;
}

void asm_emit(struct parser *p, struct insn in) {
    void *array = p->insns;
    if (p->err)
        return;
    if (p->n_insns == PROG_MAX_INSNS) {
        asm_fail(p, p->tok, BPFLAB_E_TOO_LONG, "%s: %d", err_text(BPFLAB_E_TOO_LONG),
                 PROG_MAX_INSNS);
        return;
    }
    if (!asm_reserve(p, &array, p->n_insns, &p->cap_insns, sizeof in))
        return;
    p->insns = array;
    p->insns[p->n_insns++] = in;
}

/* The labels that stand here: "name:", "12:", and a listing's "<name>:". */
static void parse_labels(struct parser *p) {
    for (;;) {
        const struct token t = p->tok, next = asm_peek(p);
        const bool named = t.kind == TOKEN_NAME || (t.kind == TOKEN_NUMBER && !t.suffix && !t.hex);
        if (named && token_is(next, ":")) {
            if (token_width(t))
                asm_fail(p, t, BPFLAB_E_SYNTAX, "\"%.*s\" is a register, it cannot be a label",
                         token_chars(t), t.s);
            asm_label(p, t);
            asm_advance(p);
        } else if (token_is(t, "<") && next.kind == TOKEN_NAME) {
            asm_advance(p);
            asm_label(p, asm_advance(p));
            asm_expect(p, ">");
        } else {
            return;
        }
        asm_expect(p, ":");
    }
}

/* A slot from the number that .word gives. */
static struct insn insn_of_word(uint64_t word) {
    return (struct insn){
        .code = (uint8_t)word,
        .dst = word >> 8 & 15,
        .src = word >> 12 & 15,
        .off = (int16_t)(uint16_t)(word >> 16),
        .imm = (int32_t)(uint32_t)(word >> 32),
    };
}

static void parse_words(struct parser *p) {
    do {
        asm_advance(p);
        asm_emit(p, insn_of_word(asm_imm64(p)));
    } while (token_is(p->tok, ","));
}

static bool is_words(struct token t) {
    return token_is(t, ".word") || token_is(t, ".quad") || token_is(t, ".8byte");
}

static void parse_instruction(struct parser *p) {
    const struct token first = p->tok;
    const uint32_t pc = p->n_insns;
    if (is_words(first))
        parse_words(p);
    else if (asm_is_kernel(p))
        asm_kernel(p);
    else
        asm_ubpf(p);
    if (p->err)
        return;
    const uint8_t code = p->insns[pc].code;
    if (p->listing.code >= 0 && p->listing.code != code)
        asm_fail(p, first, BPFLAB_E_SYNTAX, "the line says code %02x, but its text is %02x",
                 (unsigned)p->listing.code, code);
    if (p->first_exit < 0 && code == op_table[OP_EXIT].code)
        p->first_exit = pc;
    if (p->tok.kind != TOKEN_EOL && p->tok.kind != TOKEN_END)
        asm_unexpected(p, "the end of the instruction");
}

static void parse_text(struct parser *p) {
    do {
        p->listing = lex_listing(&p->lx);
        asm_advance(p);
        parse_labels(p);
        if (p->tok.kind != TOKEN_EOL && p->tok.kind != TOKEN_END)
            parse_instruction(p);
    } while (p->tok.kind == TOKEN_EOL);
}

enum bpflab_err asm_parse(const char *text, size_t n_bytes, const struct asm_names *names,
                          struct insn **insns, uint32_t *n_insns, struct diag *d) {
    struct parser p = {
        .lx = {.p = text, .end = text + n_bytes, .line_start = text, .line = 1},
        .names = names,
        .first_exit = -1,
        .d = d,
    };
    parse_text(&p);
    asm_resolve(&p);
    /* One element more than needed, so that an empty text has an array too. */
    struct insn *fitted = p.err ? NULL : realloc(p.insns, (p.n_insns + 1) * sizeof *fitted);
    if (!p.err && !fitted)
        asm_fail(&p, p.tok, BPFLAB_E_NOMEM, "%s", err_text(BPFLAB_E_NOMEM));
    free(p.labels);
    free(p.fixups);
    if (p.err) {
        free(p.insns);
        return p.err;
    }
    *insns = fitted;
    *n_insns = p.n_insns;
    return BPFLAB_OK;
}

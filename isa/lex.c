/* lex.c: the assembler's tokens. Operators are those of the rows; there is no list of them here.
 *
 * Reads between lx->p and lx->end only, and moves on by at least one character a token until the
 * end.
 */
#include "isa/asm_parse.h"

#include <string.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '$' ||
           c == '@';
}

static bool is_name(char c) {
    return is_name_start(c) || is_digit(c);
}

/* The value of a hexadecimal digit, or -1. */
static int hex_digit(char c) {
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character n places ahead, 0 beyond the end. */
static char ahead(const struct lexer *lx, size_t n) {
    return (size_t)(lx->end - lx->p) > n ? lx->p[n] : 0;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static void new_line(struct lexer *lx) {
    lx->line++;
    lx->line_start = lx->p;
    lx->log_line = false;
}

static void skip_line(struct lexer *lx) {
    const char *eol = memchr(lx->p, '\n', (size_t)(lx->end - lx->p));
    lx->p = eol ? eol : lx->end;
}

/* Move past a slash-star comment; false if it does not end. */
static bool skip_comment(struct lexer *lx) {
    for (lx->p += 2; lx->p < lx->end; lx->p++) {
        if (*lx->p == '*' && ahead(lx, 1) == '/') {
            lx->p += 2;
            return true;
        }
        if (*lx->p == '\n') {
            lx->p++;
            new_line(lx);
            lx->p--;
        }
    }
    return false;
}

/* Is there nothing but white space before this place in its line? */
static bool at_line_start(const struct lexer *lx) {
    const char *p = lx->p;
    while (p > lx->line_start && is_blank(p[-1]))
        p--;
    return p == lx->line_start;
}

/* Does a comment to the line's end stand here? Listings put source lines and states after ';'. */
static bool at_line_comment(const struct lexer *lx) {
    const char c = *lx->p;
    return c == '#' || (c == '/' && ahead(lx, 1) == '/') ||
           (c == ';' && (lx->log_line || at_line_start(lx)));
}

/* Move past white space and comments, but no line's end; false in a comment that does not end. */
static bool skip_blanks(struct lexer *lx, struct token *t) {
    while (lx->p < lx->end) {
        const char c = *lx->p;
        if (is_blank(c)) {
            lx->p++;
        } else if (at_line_comment(lx)) {
            skip_line(lx);
        } else if (c == '/' && ahead(lx, 1) == '*') {
            t->line = lx->line;
            t->col = (uint32_t)(lx->p - lx->line_start) + 1;
            if (!skip_comment(lx))
                return false;
        } else {
            break;
        }
    }
    return true;
}

/* The operators, as the rows have them; some several times. */
/* clang-format off */
static const char operators[][8] = {
#define ALU_BINARY(op, name, sym, code, off, group, expr) sym,
#define ALU_UNARY(op, name, sym, code, group, expr) sym,
#include "isa/alu.def"
#define JMP_COND(op, name, sym, code, expr) sym,
#include "isa/jmp.def"
#define ATOMIC_RMW(op, name, sym, imm, fetch, expr) sym,
#include "isa/atomic.def"
};
/* clang-format on */

/* The longest operator that stands here, 0 if none does. A letter begins none but the signed
 * ones. */
static size_t operator_length(const struct lexer *lx) {
    const size_t left = (size_t)(lx->end - lx->p);
    const char first = *lx->p;
    size_t best = 0;
    if (is_name(first) && (first != 's' || is_name(ahead(lx, 1))))
        return 0;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (operators[i][0] != first)
            continue;
        const size_t len = strlen(operators[i]);
        if (len > best && len <= left && !memcmp(lx->p, operators[i], len))
            best = len;
    }
    return best;
}

static void lex_number(struct lexer *lx, struct token *t) {
    unsigned base = 10;
    t->kind = TOKEN_NUMBER;
    if (*lx->p == '0' && (ahead(lx, 1) | 0x20) == 'x' && hex_digit(ahead(lx, 2)) >= 0) {
        base = 16;
        t->hex = true;
        lx->p += 2;
    }
    while (lx->p < lx->end) {
        const int digit = hex_digit(*lx->p);
        if (digit < 0 || (unsigned)digit >= base)
            break;
        if (t->value > (UINT64_MAX - (unsigned)digit) / base)
            t->too_big = true;
        t->value = t->value * base + (unsigned)digit;
        lx->p++;
    }
    for (; lx->p < lx->end && is_name(*lx->p); lx->p++)
        t->suffix++;
}

struct token lex_next(struct lexer *lx) {
    struct token t = {0};
    const bool closed = skip_blanks(lx, &t);
    if (!closed) {
        t.kind = TOKEN_BAD;
        t.why = "this comment does not end";
        t.s = lx->p;
        return t;
    }
    t.s = lx->p;
    t.line = lx->line;
    t.col = (uint32_t)(lx->p - lx->line_start) + 1;
    if (lx->p == lx->end) {
        t.kind = TOKEN_END;
        return t;
    }
    const char c = *lx->p;
    size_t len;
    if (c == '\n' || c == ';') {
        t.kind = TOKEN_EOL;
        lx->p++;
        if (c == '\n')
            new_line(lx);
    } else if (is_digit(c)) {
        lex_number(lx, &t);
    } else if ((len = operator_length(lx)) > 1) {
        t.kind = TOKEN_PUNCT;
        lx->p += len;
    } else if (is_name_start(c) || (c == '%' && is_name_start(ahead(lx, 1)))) {
        t.kind = TOKEN_NAME;
        t.percent = c == '%';
        t.s += t.percent;
        for (lx->p = t.s; lx->p < lx->end && is_name(*lx->p); lx->p++)
            ;
    } else {
        t.kind = c > ' ' && c < 0x7f ? TOKEN_PUNCT : TOKEN_BAD;
        t.why = "this character has no place in assembly text";
        lx->p++;
    }
    t.len = (size_t)(lx->p - t.s);
    return t;
}

bool lex_hash(struct lexer *lx) {
    const bool found = ahead(lx, 0) == '#' && is_digit(ahead(lx, 1));
    lx->p += found;
    return found;
}

bool token_is(struct token t, const char *text) {
    const size_t len = strlen(text);
    return (t.kind == TOKEN_NAME || t.kind == TOKEN_PUNCT) && t.len == len &&
           !memcmp(t.s, text, len);
}

static void skip_spaces(struct lexer *lx) {
    while (lx->p < lx->end && is_blank(*lx->p))
        lx->p++;
}

/* Two hexadecimal digits and a blank. */
static bool at_hex_byte(const struct lexer *lx) {
    return hex_digit(ahead(lx, 0)) >= 0 && hex_digit(ahead(lx, 1)) >= 0 && is_blank(ahead(lx, 2));
}

/* Move past eight bytes as llvm-objdump prints them; false, and nothing moved, if they are not
 * there. */
static bool slot_bytes(struct lexer *lx, int bytes[INSN_BYTES]) {
    struct lexer at = *lx;
    for (int i = 0; i < INSN_BYTES; i++) {
        if (!at_hex_byte(&at))
            return false;
        bytes[i] = hex_digit(at.p[0]) << 4 | hex_digit(at.p[1]);
        at.p += 2;
        skip_spaces(&at);
    }
    *lx = at;
    return true;
}

struct listing lex_listing(struct lexer *lx) {
    struct listing listing = {-1, -1};
    struct lexer at = *lx;
    skip_spaces(&at);
    const char *digits = at.p;
    while (at.p < at.end && hex_digit(*at.p) >= 0)
        at.p++;
    if (at.p == digits || !is_digit(*digits))
        return listing;
    const bool spaced = is_blank(ahead(&at, 0));
    skip_spaces(&at);
    if (spaced && ahead(&at, 0) == '<') { /* an address, then <label>: */
        lx->p = at.p;
        return listing;
    }
    if (spaced || ahead(&at, 0) != ':')
        return listing;
    at.p++;
    skip_spaces(&at);
    if (ahead(&at, 0) == '(' && ahead(&at, 3) == ')') {
        const int high = hex_digit(ahead(&at, 1)), low = hex_digit(ahead(&at, 2));
        if (high < 0 || low < 0)
            return listing;
        lx->p = at.p + 4;
        lx->log_line = true;
        listing.code = high << 4 | low;
        return listing;
    }
    int bytes[INSN_BYTES], upper[INSN_BYTES];
    if (slot_bytes(&at, bytes)) {
        slot_bytes(&at, upper); /* a 64-bit immediate's second slot */
        lx->p = at.p;
        listing = (struct listing){bytes[0], bytes[1]};
    }
    return listing;
}

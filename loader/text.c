/* text.c: input forms told apart by content, conformance cases, and hex. */
#include "loader/text.h"
#include "isa/asm.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* is_text: printable characters, white space and UTF-8: not what instructions look like. */
static bool is_text(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n;) {
        uint8_t c = p[i++];
        size_t more = c < 0x80                ? 0
                      : c >= 0xc2 && c < 0xe0 ? 1
                      : c >= 0xe0 && c < 0xf0 ? 2
                      : c >= 0xf0 && c < 0xf5 ? 3
                                              : 4;
        bool plain = c >= 0x20 || (c >= '\t' && c <= '\r');
        if (!plain || more > 3 || more > n - i)
            return false;
        for (; more; more--)
            if ((p[i++] & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static bool is_hex(const uint8_t *p, size_t n) {
    size_t digits = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isxdigit(p[i]) && !isspace(p[i]))
            return false;
        digits += isxdigit(p[i]) != 0;
    }
    return digits >= 2;
}

/* first_section: where the first line is that begins with "--"; n if there is none. */
static size_t first_section(const uint8_t *p, size_t n) {
    for (size_t i = 0; i + 1 < n; i++)
        if ((i == 0 || p[i - 1] == '\n') && p[i] == '-' && p[i + 1] == '-')
            return i;
    return n;
}

/* names_case: does a line that opens a section name it case? */
static bool names_case(const uint8_t *p, size_t n) {
    static const char name[] = "case";
    const size_t len = sizeof name - 1;
    while (n && (*p == '-' || *p == ' ' || *p == '\t')) {
        p++;
        n--;
    }
    return n >= len && !memcmp(p, name, len) && (n == len || isspace(p[len]));
}

enum input_form input_form_of(const uint8_t *bytes, size_t size_bytes) {
    if (size_bytes >= 4 && !memcmp(bytes, "\177ELF", 4))
        return INPUT_ELF;
    if (size_bytes == 0 || !is_text(bytes, size_bytes))
        return INPUT_RAW;
    if (is_hex(bytes, size_bytes))
        return INPUT_HEX;
    const size_t at = first_section(bytes, size_bytes);
    if (at == size_bytes)
        return INPUT_ASM;
    return names_case(bytes + at, size_bytes - at) ? INPUT_FUZZ : INPUT_CASE;
}

static int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* at: SYNTAX (or another error) at a place of a text. */
static enum bpflab_err at(struct diag *d, uint32_t line, uint32_t col, const char *what) {
    diag_set(d, BPFLAB_E_SYNTAX, "%s", what);
    if (d) {
        d->line = line;
        d->col = col;
    }
    return BPFLAB_E_SYNTAX;
}

enum bpflab_err hex_parse(const char *text, size_t n_chars, uint8_t **bytes, size_t *n_bytes,
                          struct diag *d) {
    uint8_t *out = malloc(n_chars / 2 + 1);
    uint32_t line = 1, col = 1;
    size_t n = 0;
    if (!out)
        return diag_set(d, BPFLAB_E_NOMEM, "no memory for %zu hex digits", n_chars);
    for (size_t i = 0; i < n_chars; i++, col++) {
        if (text[i] == '\n') {
            line++;
            col = 0;
            continue;
        }
        if (isspace((unsigned char)text[i]))
            continue;
        int high = digit(text[i]), low = i + 1 < n_chars ? digit(text[i + 1]) : -1;
        if (high < 0 || low < 0) {
            free(out);
            return high < 0 ? at(d, line, col, "not a hex digit")
                            : at(d, line, col + 1, "a byte needs two hex digits");
        }
        out[n++] = (uint8_t)(high << 4 | low);
        i++;
        col++;
    }
    *bytes = out;
    *n_bytes = n;
    return BPFLAB_OK;
}

enum part {
    PART_NONE, /* before the first section, or in an unknown one */
    PART_ASM,
    PART_MEM,
    PART_RAW,
    PART_RESULT,
    PART_ERROR,
};

/* struct reading: a case that is being read. */
struct reading {
    struct diag *d;
    char *code; /* the asm sections, all else blanked, so that lines and columns stay true */
    char *mem;  /* the mem sections likewise */
    uint64_t *raw;
    size_t n_raw;
    bool has_asm, has_raw;
    uint32_t line;
    struct conf_case *out;
};

static bool is_word(const char *p, size_t n, const char *word) {
    return strlen(word) == n && !memcmp(p, word, n);
}

static void trim(const char **p, size_t *n) {
    while (*n && isspace((unsigned char)**p)) {
        ++*p;
        --*n;
    }
    while (*n && isspace((unsigned char)(*p)[*n - 1]))
        --*n;
}

static enum part part_of(const char *p, size_t n) {
    static const struct {
        const char *name;
        enum part part;
    } parts[] = {{"asm", PART_ASM},
                 {"mem", PART_MEM},
                 {"raw", PART_RAW},
                 {"result", PART_RESULT},
                 {"error", PART_ERROR}};
    while (n && *p == '-') {
        p++;
        n--;
    }
    trim(&p, &n);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (is_word(p, n, parts[i].name))
            return parts[i].part;
    return PART_NONE;
}

/* number: a whole line as a number, hexadecimal with 0x (or always, if base is 16). */
static bool number(const char *p, size_t n, int base, uint64_t *out) {
    char text[40], *end;
    if (n == 0 || n >= sizeof text)
        return false;
    memcpy(text, p, n);
    text[n] = '\0';
    const char *digits = text + (*text == '-' || *text == '+');
    if (!isxdigit((unsigned char)*digits))
        return false;
    if (base == 10 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
        base = 16;
    errno = 0;
    *out = strtoull(text, &end, base);
    return !errno && !*end;
}

/* set_error: the last line that is not empty. */
static enum bpflab_err set_error(struct reading *r, const char *p, size_t n) {
    free(r->out->error);
    r->out->error = strndup(p, n);
    return r->out->error ? BPFLAB_OK : diag_set(r->d, BPFLAB_E_NOMEM, "no memory for a case");
}

/* read_line: a line of a section, comment removed; whole: where it is in the text. */
static enum bpflab_err read_line(struct reading *r, enum part part, const char *text, size_t from,
                                 size_t n) {
    const char *p = text + from;
    if (part == PART_ASM && n)
        memcpy(r->code + from, p, n);
    if (part == PART_MEM && n)
        memcpy(r->mem + from, p, n);
    trim(&p, &n);
    uint32_t col = (uint32_t)(p - (text + from)) + 1;
    if (n == 0)
        return BPFLAB_OK;
    switch (part) {
    case PART_NONE:
    case PART_MEM: break;
    case PART_ASM: r->has_asm = true; break;
    case PART_RAW:
        if (!number(p, n, 16, &r->raw[r->n_raw]))
            return at(r->d, r->line, col, "not a 64-bit word in hex");
        r->n_raw++;
        r->has_raw = true;
        break;
    case PART_RESULT:
        if (!number(p, n, 10, &r->out->result))
            return at(r->d, r->line, col, "the result is not a number");
        r->out->has_result = true;
        break;
    case PART_ERROR: return set_error(r, p, n);
    }
    return BPFLAB_OK;
}

/* read_lines: the text cut into lines. */
static enum bpflab_err read_lines(struct reading *r, const char *text, size_t n) {
    enum part part = PART_NONE;
    enum bpflab_err err = BPFLAB_OK;
    for (size_t from = 0; !err && from < n;) {
        const char *nl = memchr(text + from, '\n', n - from);
        size_t end = nl ? (size_t)(nl - text) : n;
        const char *hash = memchr(text + from, '#', end - from);
        size_t len = (hash ? (size_t)(hash - text) : end) - from;
        r->line++;
        if (len >= 2 && text[from] == '-' && text[from + 1] == '-') {
            part = part_of(text + from, len);
            if (part == PART_RESULT)
                r->out->has_result = false;
        } else {
            err = read_line(r, part, text, from, len);
        }
        from = end + 1;
    }
    return err;
}

/* use_raw: the words of a raw section: instructions as little-endian numbers. */
static enum bpflab_err use_raw(const struct reading *r) {
    struct insn *insns = malloc(r->n_raw * sizeof *insns);
    if (!insns)
        return diag_set(r->d, BPFLAB_E_NOMEM, "no memory for a case");
    for (size_t i = 0; i < r->n_raw; i++) {
        uint8_t bytes[INSN_BYTES];
        for (int k = 0; k < INSN_BYTES; k++)
            bytes[k] = (uint8_t)(r->raw[i] >> (8 * k));
        insns[i] = insn_decode(bytes, false);
    }
    r->out->insns = insns;
    r->out->n_insns = (uint32_t)r->n_raw;
    return BPFLAB_OK;
}

/* blank: a copy of a text with nothing but its line ends. */
static char *blank(const char *text, size_t n) {
    char *p = malloc(n + 1);
    for (size_t i = 0; p && i < n; i++)
        p[i] = text[i] == '\n' ? '\n' : ' ';
    if (p)
        p[n] = '\0';
    return p;
}

enum bpflab_err conf_case_parse(const char *text, size_t n_bytes, struct conf_case *out,
                                struct diag *d) {
    *out = (struct conf_case){0};
    struct reading r = {.d = d,
                        .code = blank(text, n_bytes),
                        .mem = blank(text, n_bytes),
                        .raw = malloc((n_bytes / 2 + 2) * sizeof *r.raw),
                        .out = out};
    enum bpflab_err err = BPFLAB_OK;
    if (!r.code || !r.mem || !r.raw)
        err = diag_set(d, BPFLAB_E_NOMEM, "no memory for a case of %zu bytes", n_bytes);
    if (!err)
        err = read_lines(&r, text, n_bytes);
    if (!err)
        err = hex_parse(r.mem, n_bytes, &out->mem, &out->mem_bytes, d);
    if (!err && r.has_raw)
        err = use_raw(&r);
    else if (!err && r.has_asm)
        err = asm_parse(r.code, n_bytes, NULL, &out->insns, &out->n_insns, d);
    else if (!err)
        err = at(d, r.line ? r.line : 1, 1, "a case needs a section asm or raw");
    free(r.code);
    free(r.mem);
    free(r.raw);
    if (err)
        conf_case_fini(out);
    return err;
}

void conf_case_fini(struct conf_case *c) {
    free(c->insns);
    free(c->mem);
    free(c->error);
    *c = (struct conf_case){0};
}

/* case_text.c: a case is written section by section, and read line by line: the lines of assembly
 * sections are gathered and given to the assembler as they are.
 */
#include "fuzz/case_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/maps.h"
#include "isa/asm.h"
#include "loader/text.h"
#include "runtime/proto.h"

enum {
    PACKET_LEAST = 14,
    PACKET_DEFAULT = 64,
    WORDS_A_LINE = 4,
    PACKET_BYTES_A_LINE = 32,
    REMARK_COLUMN = 40,
};

static const char *helper_name(uint32_t id) {
    const struct helper_proto *const p = helper_proto_of(id);
    return p ? p->name : NULL;
}

/* Helpers by Linux's names, but for bare programs, whose numbers are their own. */
static const struct asm_names *names_for(uint32_t type) {
    static const struct asm_names names = {.helper_name = helper_name, .helper_id = helper_find};
    return type == PROG_raw ? NULL : &names;
}

const char *case_expect_name(enum case_expect e) {
    static const char *const names[] = {NULL, "accept", "reject", "unknown"};
    return names[e];
}

bool case_text_is(const uint8_t *bytes, size_t n_bytes) {
    return input_form_of(bytes, n_bytes) == INPUT_FUZZ;
}

static bool is_kfunc_call(struct insn in) {
    return op_of(in) == OP_CALL_KFUNC;
}

/* ---- writing ---- */

struct out {
    char *at;
    size_t n, room;
    bool failed;
};

static bool grow(struct out *o, size_t more) {
    if (o->room - o->n > more)
        return true;
    const size_t room = 2 * (o->room + more) + 1024;
    char *const at = o->failed ? NULL : realloc(o->at, room);
    o->failed = !at;
    if (!at)
        return false;
    o->at = at;
    o->room = room;
    return true;
}

static void put(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(struct out *o, const char *fmt, ...) {
    va_list ap;
    if (!grow(o, 256)) /* more than any line has but a title's */
        return;
    va_start(ap, fmt);
    const int n = vsnprintf(o->at + o->n, o->room - o->n, fmt, ap);
    va_end(ap);
    o->n += n > 0 ? (size_t)n : 0;
}

/* A key with a text that is made fit for a line; nothing if there is none. */
static void put_text(struct out *o, const char *key, const char *text, size_t size) {
    char line[CASE_TITLE_BYTES];
    size_t n = strnlen(text, size < sizeof line ? size : sizeof line - 1);
    if (n == 0)
        return;
    memcpy(line, text, n);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)line[i] < ' ' || (unsigned char)line[i] >= 0x7f)
            line[i] = ' ';
    put(o, "%-9s %.*s\n", key, (int)n, line);
}

static void put_kind(struct out *o, const char *key, const char *name, uint32_t number) {
    if (name)
        put(o, "%-9s %s\n", key, name);
    else
        put(o, "%-9s %" PRIu32 "\n", key, number);
}

static void put_head(struct out *o, const struct fuzz_case *c, const struct case_note *note) {
    put(o, "-- case\n");
    if (note) {
        put_text(o, "title", note->title, sizeof note->title);
        put_text(o, "found-by", note->found_by, sizeof note->found_by);
        put_text(o, "fixed-in", note->fixed_in, sizeof note->fixed_in);
        if (note->expect)
            put(o, "%-9s %s\n", "expect", case_expect_name(note->expect));
    }
    put_kind(o, "type", prog_type_name(c->type), c->type);
    if (c->attach_type)
        put_kind(o, "attach", attach_type_name(c->attach_type), c->attach_type);
    if (c->sleepable)
        put(o, "sleepable\n");
}

/* What an instruction's number names, as a comment behind it. */
static void put_remark(struct out *o, struct insn in, size_t column) {
    const enum op op = op_of(in);
    const char *what = NULL;
    if (op == OP_CALL_KFUNC)
        what = case_kfunc((uint32_t)in.imm);
    else if ((op == OP_LDDW_MAP_IDX || op == OP_LDDW_MAP_IDX_VALUE) &&
             (uint32_t)in.imm < fuzz_n_maps)
        what = fuzz_maps[in.imm].name;
    if (what)
        put(o, "%*s# %s", column < REMARK_COLUMN ? (int)(REMARK_COLUMN - column) : 1, "", what);
}

static void put_program(struct out *o, const struct fuzz_case *c, uint32_t index) {
    put(o, index ? "-- asm %" PRIu32 "\n" : "-- asm\n", index);
    for (uint32_t pc = c->start[index]; pc < c->start[index + 1]; pc += insn_slots(c->insns[pc])) {
        const struct insn *const next = pc + 1 < c->start[index + 1] ? &c->insns[pc + 1] : NULL;
        if (!grow(o, ASM_LINE_MAX))
            return;
        const size_t n =
            asm_print(c->insns[pc], next, ASM_KERNEL, names_for(c->type), o->at + o->n);
        o->n += n;
        put_remark(o, c->insns[pc], n);
        put(o, "\n");
    }
}

/* The functions called, each once, in order of appearance. */
static void put_kfuncs(struct out *o, const struct fuzz_case *c) {
    uint32_t seen[CASE_MAX_INSNS], n = 0;
    for (uint32_t i = 0; i < c->n_progs; i++)
        for (uint32_t pc = c->start[i]; pc < c->start[i + 1]; pc += insn_slots(c->insns[pc])) {
            const uint32_t number = (uint32_t)c->insns[pc].imm;
            uint32_t k = 0;
            if (!is_kfunc_call(c->insns[pc]) || !case_kfunc(number))
                continue;
            while (k < n && seen[k] != number)
                k++;
            if (k < n)
                continue;
            if (n == 0)
                put(o, "-- kfuncs\n");
            seen[n++] = number;
            put(o, "%" PRIu32 " %s\n", number, case_kfunc(number));
        }
}

static void put_input(struct out *o, const struct case_input *in) {
    static const char digits[] = "0123456789abcdef";
    put(o, "-- input\nseed   0x%" PRIx64, in->seed);
    for (uint32_t i = 0; i < CASE_WORDS; i++)
        put(o, "%s0x%" PRIx64, i % WORDS_A_LINE ? " " : "\nwords  ", in->words[i]);
    for (uint32_t i = 0; i < in->packet_bytes && grow(o, 16); i++) {
        if (i % PACKET_BYTES_A_LINE == 0)
            put(o, "\npacket ");
        o->at[o->n++] = digits[in->packet[i] >> 4];
        o->at[o->n++] = digits[in->packet[i] & 15];
    }
    put(o, "\n");
}

enum bpflab_err case_text_write(const struct fuzz_case *c, const struct case_note *note,
                                char **text, size_t *n_bytes) {
    struct out o = {0};
    put_head(&o, c, note);
    for (uint32_t i = 0; i < c->n_progs; i++)
        put_program(&o, c, i);
    put_kfuncs(&o, c);
    for (uint32_t i = 0; i < c->n_inputs; i++)
        put_input(&o, &c->inputs[i]);
    if (o.failed) {
        free(o.at);
        return BPFLAB_E_NOMEM;
    }
    *text = o.at;
    *n_bytes = o.n;
    return BPFLAB_OK;
}

/* ---- reading ---- */

enum part {
    PART_NONE, /* before the first section */
    PART_CASE,
    PART_ASM,
    PART_KFUNCS,
    PART_INPUT,
};

/* struct span: a piece of the text; where it begins. */
struct span {
    const char *p;
    size_t n;
    uint32_t line, col;
};

/* struct kfunc_at: a number of the file and the function it stands for. */
struct kfunc_at {
    uint32_t number, means;
};

struct reading {
    struct fuzz_case *c;
    struct case_note *note;
    struct diag *d;
    enum part part;
    uint32_t prog;                    /* of the section now read */
    struct span code[CASE_MAX_PROGS]; /* its lines; p NULL: no such section */
    struct kfunc_at kfuncs[CASE_MAX_INSNS];
    uint32_t n_kfuncs;
    uint32_t n_words; /* of the input now read */
    bool has_type, has_attach, has_seed;
};

static enum bpflab_err fail(const struct reading *r, struct span at, enum bpflab_err err,
                            const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static enum bpflab_err fail(const struct reading *r, struct span at, enum bpflab_err err,
                            const char *fmt, ...) {
    char text[sizeof r->d->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    diag_set(r->d, err, "%s", text);
    if (r->d) {
        r->d->line = at.line;
        r->d->col = at.col;
    }
    return err;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool is(struct span s, const char *word) {
    return strlen(word) == s.n && !memcmp(s.p, word, s.n);
}

/* How much of a span a message quotes. */
static int shown(struct span s) {
    return s.n < 40 ? (int)s.n : 40;
}

/* The next word of a line, taken off its front. */
static struct span word(struct span *line) {
    while (line->n && is_blank(*line->p)) {
        line->p++;
        line->n--;
        line->col++;
    }
    struct span w = *line;
    w.n = 0;
    while (w.n < line->n && !is_blank(line->p[w.n]))
        w.n++;
    line->p += w.n;
    line->n -= w.n;
    line->col += (uint32_t)w.n;
    return w;
}

/* A number: decimal, or hexadecimal after 0x; of at most max. */
static enum bpflab_err number(const struct reading *r, struct span s, uint64_t max, uint64_t *out) {
    const bool hex = s.n > 2 && s.p[0] == '0' && s.p[1] == 'x';
    uint64_t v = 0;
    for (size_t i = hex ? 2 : 0; i < s.n; i++) {
        const char c = s.p[i];
        const unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                               : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                               : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                      : 16;
        const unsigned base = hex ? 16 : 10;
        if (digit >= base)
            return fail(r, s, BPFLAB_E_SYNTAX, "\"%.*s\" is not a number", shown(s), s.p);
        if (v > (max - digit) / base || digit > max)
            return fail(r, s, BPFLAB_E_RANGE, "%.*s is more than %#" PRIx64, shown(s), s.p, max);
        v = v * base + digit;
    }
    if (s.n == 0)
        return fail(r, s, BPFLAB_E_SYNTAX, "a number is missing");
    *out = v;
    return BPFLAB_OK;
}

/* Nothing but blanks may follow. */
static enum bpflab_err end_of(const struct reading *r, struct span line) {
    const struct span rest = word(&line);
    return rest.n ? fail(r, rest, BPFLAB_E_SYNTAX, "unexpected \"%.*s\" at the end of the line",
                         shown(rest), rest.p)
                  : BPFLAB_OK;
}

/* The rest of a line as a text of at most size bytes with its terminator. */
static enum bpflab_err text_of(const struct reading *r, struct span line, char *out, size_t size) {
    const struct span first = word(&line);
    const char *end = line.p + line.n;
    while (end > first.p && is_blank(end[-1]))
        end--;
    const size_t n = (size_t)(end - first.p);
    if (n == 0)
        return fail(r, first, BPFLAB_E_SYNTAX, "a text is missing");
    if (*out)
        return fail(r, first, BPFLAB_E_DUPLICATE, "it was said before");
    if (n >= size || memchr(first.p, 0, n))
        return fail(r, first, BPFLAB_E_RANGE, "not a text of at most %zu characters", size - 1);
    memcpy(out, first.p, n);
    out[n] = 0;
    return BPFLAB_OK;
}

/* A kind by its name or number: what the line says, once. */
static enum bpflab_err kind(const struct reading *r, struct span line, int (*find)(const char *),
                            bool *has, uint32_t *out) {
    const struct span w = word(&line);
    char name[CASE_WORD_BYTES] = "";
    uint64_t v = 0;
    if (*has)
        return fail(r, w, BPFLAB_E_DUPLICATE, "it was said before");
    *has = true;
    if (w.n < sizeof name)
        memcpy(name, w.p, w.n);
    const int found = find(name);
    enum bpflab_err err = BPFLAB_OK;
    if (found >= 0)
        v = (uint32_t)found;
    else if (w.n && *w.p >= '0' && *w.p <= '9')
        err = number(r, w, UINT8_MAX, &v);
    else
        err = fail(r, w, BPFLAB_E_UNDEFINED, "Linux has no \"%.*s\"", shown(w), w.p);
    *out = (uint32_t)v;
    return err ? err : end_of(r, line);
}

static enum bpflab_err expect(const struct reading *r, struct span line) {
    const struct span w = word(&line);
    if (r->note->expect)
        return fail(r, w, BPFLAB_E_DUPLICATE, "it was said before");
    for (enum case_expect e = CASE_EXPECT_ACCEPT; e <= CASE_EXPECT_UNKNOWN; e++)
        if (is(w, case_expect_name(e))) {
            r->note->expect = e;
            return end_of(r, line);
        }
    return fail(r, w, BPFLAB_E_SYNTAX, "\"%.*s\" is none of accept, reject, unknown", shown(w),
                w.p);
}

static enum bpflab_err read_key(struct reading *r, struct span line) {
    struct case_note *const n = r->note;
    const struct span key = word(&line);
    if (is(key, "title"))
        return text_of(r, line, n->title, sizeof n->title);
    if (is(key, "found-by"))
        return text_of(r, line, n->found_by, sizeof n->found_by);
    if (is(key, "fixed-in"))
        return text_of(r, line, n->fixed_in, sizeof n->fixed_in);
    if (is(key, "expect"))
        return expect(r, line);
    if (is(key, "type"))
        return kind(r, line, prog_type_find, &r->has_type, &r->c->type);
    if (is(key, "attach"))
        return kind(r, line, attach_type_find, &r->has_attach, &r->c->attach_type);
    if (is(key, "sleepable")) {
        r->c->sleepable = true;
        return end_of(r, line);
    }
    return fail(r, key, BPFLAB_E_SYNTAX, "a case has no \"%.*s\"", shown(key), key.p);
}

static enum bpflab_err read_kfunc(struct reading *r, struct span line) {
    const struct span n = word(&line), w = word(&line);
    char name[128] = "";
    uint64_t v;
    enum bpflab_err err = number(r, n, UINT32_MAX, &v);
    if (err)
        return err;
    if (w.n < sizeof name)
        memcpy(name, w.p, w.n);
    const int means = case_kfunc_number(name);
    if (means < 0)
        return fail(r, w, BPFLAB_E_UNDEFINED, "no kernel function is named \"%.*s\"", shown(w),
                    w.p);
    for (uint32_t i = 0; i < r->n_kfuncs; i++)
        if (r->kfuncs[i].number == v)
            return fail(r, n, BPFLAB_E_DUPLICATE, "%" PRIu64 " was named before", v);
    if (r->n_kfuncs == CASE_MAX_INSNS)
        return fail(r, n, BPFLAB_E_TOO_LONG, "more than %d kernel functions", CASE_MAX_INSNS);
    r->kfuncs[r->n_kfuncs++] = (struct kfunc_at){(uint32_t)v, (uint32_t)means};
    return end_of(r, line);
}

static enum bpflab_err read_words(struct reading *r, struct span line, struct case_input *in) {
    for (struct span w = word(&line); w.n; w = word(&line)) {
        if (r->n_words == CASE_WORDS)
            return fail(r, w, BPFLAB_E_TOO_LONG, "an input has %d words", CASE_WORDS);
        const enum bpflab_err err = number(r, w, UINT64_MAX, &in->words[r->n_words++]);
        if (err)
            return err;
    }
    return BPFLAB_OK;
}

static enum bpflab_err read_packet(const struct reading *r, struct span line,
                                   struct case_input *in) {
    for (struct span w = word(&line); w.n; w = word(&line)) {
        for (size_t i = 0; i < w.n; i += 2) {
            const struct span byte = {w.p + i, w.n - i, w.line, w.col + (uint32_t)i};
            const char two[] = {'0', 'x', w.p[i], i + 1 < w.n ? w.p[i + 1] : 'x'};
            uint64_t v;
            if (in->packet_bytes == CASE_PACKET_BYTES)
                return fail(r, byte, BPFLAB_E_TOO_LONG, "a packet has at most %d bytes",
                            CASE_PACKET_BYTES);
            if (number(r, (struct span){two, sizeof two, w.line, byte.col}, UINT8_MAX, &v))
                return fail(r, byte, BPFLAB_E_SYNTAX, "not two hex digits");
            in->packet[in->packet_bytes++] = (uint8_t)v;
        }
    }
    return BPFLAB_OK;
}

static enum bpflab_err read_input(struct reading *r, struct span line) {
    struct case_input *const in = &r->c->inputs[r->c->n_inputs - 1];
    const struct span key = word(&line);
    if (is(key, "words"))
        return read_words(r, line, in);
    if (is(key, "packet"))
        return read_packet(r, line, in);
    if (!is(key, "seed"))
        return fail(r, key, BPFLAB_E_SYNTAX, "an input has no \"%.*s\"", shown(key), key.p);
    if (r->has_seed)
        return fail(r, key, BPFLAB_E_DUPLICATE, "it was said before");
    r->has_seed = true;
    const enum bpflab_err err = number(r, word(&line), UINT64_MAX, &in->seed);
    return err ? err : end_of(r, line);
}

/* The end of an input's section. */
static enum bpflab_err end_input(struct reading *r, struct span at) {
    struct case_input *const in = &r->c->inputs[r->c->n_inputs - 1];
    if (in->packet_bytes == 0)
        in->packet_bytes = PACKET_DEFAULT;
    if (in->packet_bytes < PACKET_LEAST)
        return fail(r, at, BPFLAB_E_RANGE, "the packet before has less than %d bytes",
                    PACKET_LEAST);
    return BPFLAB_OK;
}

static enum bpflab_err begin_input(struct reading *r, struct span at) {
    if (r->c->n_inputs == CASE_MAX_INPUTS)
        return fail(r, at, BPFLAB_E_TOO_LONG, "a case has at most %d inputs", CASE_MAX_INPUTS);
    r->c->inputs[r->c->n_inputs++] = (struct case_input){0};
    r->part = PART_INPUT;
    r->n_words = 0;
    r->has_seed = false;
    return BPFLAB_OK;
}

/* "-- asm 1": its lines begin behind this one. */
static enum bpflab_err begin_asm(struct reading *r, struct span *line) {
    const struct span w = word(line);
    uint64_t v = 0;
    const enum bpflab_err err = w.n ? number(r, w, CASE_MAX_PROGS - 1, &v) : BPFLAB_OK;
    if (err)
        return err;
    if (r->code[v].p)
        return fail(r, w, BPFLAB_E_DUPLICATE, "a second section for program %" PRIu64, v);
    r->part = PART_ASM;
    r->prog = (uint32_t)v;
    r->code[v] = (struct span){.line = w.line + 1};
    return BPFLAB_OK;
}

static enum bpflab_err begin_section(struct reading *r, struct span line) {
    const enum bpflab_err ended = r->part == PART_INPUT ? end_input(r, line) : BPFLAB_OK;
    if (ended)
        return ended;
    const bool first = r->part == PART_NONE;
    for (; line.n && *line.p == '-'; line.p++, line.n--)
        line.col++;
    const struct span name = word(&line);
    enum bpflab_err err = BPFLAB_OK;
    if (is(name, "case") != first)
        return fail(r, name, BPFLAB_E_SYNTAX, "the first section, and no other, is case");
    if (first)
        r->part = PART_CASE;
    else if (is(name, "asm"))
        err = begin_asm(r, &line);
    else if (is(name, "kfuncs"))
        r->part = PART_KFUNCS;
    else if (is(name, "input"))
        err = begin_input(r, name);
    else
        err = fail(r, name, BPFLAB_E_SYNTAX, "a case has no section \"%.*s\"", shown(name), name.p);
    return err ? err : end_of(r, line);
}

static enum bpflab_err read_line(struct reading *r, struct span line) {
    struct span rest = line;
    if (r->part == PART_ASM) {
        struct span *const code = &r->code[r->prog];
        code->p = code->p ? code->p : line.p;
        code->n = (size_t)(line.p + line.n - code->p);
        return BPFLAB_OK;
    }
    if (word(&rest).n == 0)
        return BPFLAB_OK;
    switch (r->part) {
    case PART_CASE: return read_key(r, line);
    case PART_KFUNCS: return read_kfunc(r, line);
    case PART_INPUT: return read_input(r, line);
    default: return fail(r, line, BPFLAB_E_SYNTAX, "a case begins with a line \"-- case\"");
    }
}

static enum bpflab_err read_lines(struct reading *r, const char *text, size_t n_bytes) {
    struct span line = {text, 0, 0, 1};
    enum bpflab_err err = BPFLAB_OK;
    for (size_t from = 0; !err && from < n_bytes; from += line.n + 1) {
        const char *const nl = memchr(text + from, '\n', n_bytes - from);
        line.p = text + from;
        line.n = nl ? (size_t)(nl - line.p) : n_bytes - from;
        line.line++;
        if (line.n && *line.p == '#' && r->part != PART_ASM)
            continue;
        err = line.n >= 2 && !memcmp(line.p, "--", 2) ? begin_section(r, line) : read_line(r, line);
    }
    if (!err && r->part == PART_INPUT)
        err = end_input(r, line);
    if (!err && r->part == PART_NONE)
        err = fail(r, line, BPFLAB_E_SYNTAX, "a case begins with a line \"-- case\"");
    return err;
}

/* Assemble program i behind those before it. */
static enum bpflab_err assemble(struct reading *r, uint32_t i) {
    struct fuzz_case *const c = r->c;
    const struct span *const code = &r->code[i];
    struct insn *insns;
    uint32_t n;
    enum bpflab_err err = code->p
                              ? asm_parse(code->p, code->n, names_for(c->type), &insns, &n, r->d)
                              : fail(r, *code, BPFLAB_E_EMPTY, "program %" PRIu32 " is empty", i);
    if (err && code->p && r->d && r->d->line)
        r->d->line += code->line - 1;
    if (err)
        return err;
    if (n == 0)
        err = fail(r, *code, BPFLAB_E_EMPTY, "program %" PRIu32 " has no instructions", i);
    else if (n > CASE_MAX_INSNS - c->start[i])
        err = fail(r, *code, BPFLAB_E_TOO_LONG, "more than %d instructions", CASE_MAX_INSNS);
    else
        memcpy(c->insns + c->start[i], insns, n * sizeof *insns);
    c->start[i + 1] = c->start[i] + n;
    free(insns);
    return err;
}

/* The file's numbers of kernel functions become the table's. */
static void renumber(const struct reading *r, uint32_t prog) {
    struct fuzz_case *const c = r->c;
    for (uint32_t pc = c->start[prog]; pc < c->start[prog + 1]; pc += insn_slots(c->insns[pc]))
        for (uint32_t k = 0; is_kfunc_call(c->insns[pc]) && k < r->n_kfuncs; k++)
            if ((uint32_t)c->insns[pc].imm == r->kfuncs[k].number) {
                c->insns[pc].imm = (int32_t)r->kfuncs[k].means;
                break;
            }
}

/* What all sections together say. last: the end of the text. */
static enum bpflab_err complete(struct reading *r) {
    struct fuzz_case *const c = r->c;
    const struct span nowhere = {.line = 1, .col = 1};
    enum bpflab_err err = BPFLAB_OK;
    if (!r->has_type)
        return fail(r, nowhere, BPFLAB_E_SYNTAX, "the case has no type");
    for (uint32_t i = 0; i < CASE_MAX_PROGS; i++)
        if (r->code[i].line)
            c->n_progs = i + 1;
    if (c->n_progs == 0)
        return fail(r, nowhere, BPFLAB_E_EMPTY, "the case has no section asm");
    for (uint32_t i = 0; !err && i < c->n_progs; i++) {
        err = assemble(r, i);
        if (!err)
            renumber(r, i);
    }
    if (c->n_inputs == 0) {
        c->n_inputs = 1;
        c->inputs[0] = (struct case_input){.packet_bytes = PACKET_DEFAULT};
    }
    return err;
}

enum bpflab_err case_text_read(const char *text, size_t n_bytes, struct fuzz_case *out,
                               struct case_note *note, struct diag *d) {
    struct case_note unwanted;
    struct reading r = {.c = out, .note = note ? note : &unwanted, .d = d};
    *r.note = (struct case_note){.expect = CASE_EXPECT_NOTHING};
    out->type = out->attach_type = out->n_progs = out->n_inputs = out->start[0] = 0;
    out->sleepable = false;
    const enum bpflab_err err = read_lines(&r, text, n_bytes);
    return err ? err : complete(&r);
}

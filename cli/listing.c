/* listing.c: instructions with what is known about them.
 */
#include "cli/listing.h"

#include <string.h>

#include "cli/names.h"

enum {
    COMMENT_COLUMN = 44
};

static const struct insn *slot_after(const struct prog *p, uint32_t pc) {
    return pc + 1 < p->n_insns ? &p->insns[pc + 1] : NULL;
}

void listing_text(const struct prog *p, uint32_t pc, char buf[ASM_LINE_MAX]) {
    if (pc < p->n_insns)
        asm_print(p->insns[pc], slot_after(p, pc), ASM_KERNEL, names_for(p), buf);
    else
        snprintf(buf, ASM_LINE_MAX, "(past the end)");
}

static struct listing_source source_of(const struct prog *p, const struct prog_line *l) {
    struct listing_source s = {0};
    if (!l || !p->btf)
        return s;
    s.file = btf_string(p->btf, l->file_off);
    s.text = btf_string(p->btf, l->text_off);
    s.text += strspn(s.text, " \t");
    s.line = l->line;
    s.col = l->col;
    return s;
}

struct listing_source listing_source_at(const struct prog *p, uint32_t pc) {
    return source_of(p, prog_line_at(p, pc));
}

/* base_name: the file's name without its directory. */
static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void print_source(FILE *f, struct listing_source s) {
    cli_plain(f, base_name(s.file));
    fprintf(f, ":%u", (unsigned)s.line);
    if (s.text[0]) {
        fputs("  ", f);
        cli_plain(f, s.text);
    }
}

/* print_remark: pc, and where it leads or what it names. */
static void print_remark(FILE *f, const struct object *o, const struct prog *p, uint32_t pc) {
    struct insn in = p->insns[pc];
    enum op op = op_of(in);
    fprintf(f, "# %u", (unsigned)pc);
    if (op == OP_INVALID)
        return;
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_JMP_COND:
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET:
    case CLASS_CALL_LOCAL: fprintf(f, ", to %lld", (long long)pc + 1 + insn_jump(op, in)); break;
    case CLASS_IMM64:
        if ((in.src == 5 || in.src == 6) && in.imm >= 0 && (uint32_t)in.imm < o->n_maps &&
            o->maps[in.imm].name) {
            fputs(", map ", f);
            cli_plain(f, o->maps[in.imm].name);
        }
        break;
    default: break;
    }
    for (uint32_t i = 0; i < p->n_externs; i++)
        if (p->externs[i].pc == pc && p->externs[i].name) {
            fputs(", extern ", f);
            cli_plain(f, p->externs[i].name);
        }
}

void listing_heads(const struct cli *c, FILE *f, const struct prog *p, uint32_t pc,
                   uint32_t *next_line) {
    for (uint32_t i = 0; p->n_subprogs > 1 && i < p->n_subprogs; i++)
        if (p->subprogs[i].start == pc) {
            fprintf(f, "%s# function ", pc ? "\n" : "");
            cli_plain(f, p->subprogs[i].name ? p->subprogs[i].name : "?");
            fputc('\n', f);
        }
    const struct prog_line *l = NULL, *before = *next_line ? &p->lines[*next_line - 1] : NULL;
    for (; *next_line < p->n_lines && p->lines[*next_line].pc <= pc; ++*next_line)
        l = &p->lines[*next_line];
    struct listing_source s = source_of(p, l);
    bool again = l && before && l->line == before->line && l->file_off == before->file_off &&
                 l->text_off == before->text_off;
    if (!s.file || again)
        return;
    fprintf(f, "%s# ", cli_colour(c, CLI_DIM));
    print_source(f, s);
    fprintf(f, "%s\n", cli_colour(c, CLI_PLAIN));
}

void listing_program(const struct cli *c, FILE *f, const struct object *o, const struct prog *p,
                     enum asm_style style) {
    uint32_t next_line = 0;
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        char text[ASM_LINE_MAX];
        asm_print(p->insns[pc], slot_after(p, pc), style, names_for(p), text);
        listing_heads(c, f, p, pc, &next_line);
        fprintf(f, "    %-*s %s", COMMENT_COLUMN - 5, text, cli_colour(c, CLI_DIM));
        print_remark(f, o, p, pc);
        fprintf(f, "%s\n", cli_colour(c, CLI_PLAIN));
    }
}

void listing_around(const struct cli *c, FILE *f, const struct prog *p, uint32_t pc,
                    uint32_t reach) {
    struct listing_source s = listing_source_at(p, pc);
    if (s.file) {
        fputs("  ", f);
        print_source(f, s);
        fputc('\n', f);
    }
    /* From the start, because only so the second slots of wide instructions are known. */
    for (uint32_t at = 0; at < p->n_insns && at <= (uint64_t)pc + reach;
         at += insn_slots(p->insns[at])) {
        char text[ASM_LINE_MAX];
        if (at + (uint64_t)reach < pc)
            continue;
        listing_text(p, at, text);
        fprintf(f, "%s%s %5u: %s%s\n", at == pc ? cli_colour(c, CLI_RED) : "",
                at == pc ? "->" : "  ", (unsigned)at, text,
                at == pc ? cli_colour(c, CLI_PLAIN) : "");
    }
}

void listing_json_source(struct json *j, const struct prog *p, uint32_t pc) {
    struct listing_source s = listing_source_at(p, pc);
    json_key(j, "source");
    if (!s.file) {
        json_null(j);
        return;
    }
    json_open_object(j);
    json_put_text(j, "file", s.file);
    json_put_number(j, "line", s.line);
    json_put_number(j, "column", s.col);
    json_put_text(j, "text", s.text);
    json_close_object(j);
}

void listing_json_insns(struct json *j, const struct prog *p, enum asm_style style) {
    json_key(j, "insns");
    json_open_array(j);
    for (uint32_t pc = 0; pc < p->n_insns;) {
        char text[ASM_LINE_MAX];
        uint8_t bytes[2 * INSN_BYTES];
        unsigned n = insn_slots(p->insns[pc]);
        if (n > p->n_insns - pc)
            n = 1;
        for (unsigned i = 0; i < n; i++)
            insn_encode(p->insns[pc + i], p->big_endian, bytes + (size_t)i * INSN_BYTES);
        asm_print(p->insns[pc], slot_after(p, pc), style, names_for(p), text);
        json_open_object(j);
        json_put_number(j, "pc", pc);
        json_put_text(j, "text", text);
        json_key(j, "bytes");
        json_bytes(j, bytes, (size_t)n * INSN_BYTES);
        struct listing_source s = listing_source_at(p, pc);
        if (s.file)
            json_put_number(j, "line", s.line);
        json_close_object(j);
        pc += n;
    }
    json_close_array(j);
}

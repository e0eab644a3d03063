#include "cli/verdict.h"

#include <string.h>

#include "cli/annotate.h"
#include "cli/listing.h"

enum {
    LABEL_WIDTH = 14
};

static const char *base_name(const char *path) {
    const char *const slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* struct field: one line below the first: a label, padded so that all texts begin in one column. */
struct field {
    char label[80];
    char text[REPORT_TEXT];
};

struct fields {
    uint32_t n;
    struct field at[8];
};

static void add_field(struct fields *f, const char *label, const char *text) {
    if (!text[0])
        return;
    snprintf(f->at[f->n].label, sizeof f->at[f->n].label, "%s", label);
    snprintf(f->at[f->n].text, sizeof f->at[f->n].text, "%s", text);
    f->n++;
}

/* The source line, in which tabs and runs of blanks are one blank. */
static void add_line(struct fields *f, const struct prog *p, uint32_t pc) {
    const struct listing_source src = listing_source_at(p, pc);
    char label[80], text[REPORT_TEXT];
    size_t n = 0;
    if (!src.file)
        return;
    snprintf(label, sizeof label, "%.64s:%u", base_name(src.file), src.line);
    for (const char *at = src.text; *at && n + 1 < sizeof text; at++) {
        const bool blank = *at == ' ' || *at == '\t';
        if (!blank || (n && text[n - 1] != ' '))
            text[n++] = blank ? ' ' : *at;
    }
    text[n] = 0;
    add_field(f, label, text);
}

static void add_insn(struct fields *f, const struct prog *p, uint32_t pc) {
    char label[24], text[ASM_LINE_MAX];
    if (pc >= p->n_insns)
        return;
    snprintf(label, sizeof label, "pc %u", pc);
    listing_text(p, pc, text);
    add_field(f, label, text);
}

static void print_fields(const struct cli *c, FILE *f, const struct fields *fields) {
    int width = LABEL_WIDTH;
    for (uint32_t i = 0; i < fields->n; i++) {
        const int n = (int)strlen(fields->at[i].label) + 3;
        width = n > width ? n : width;
    }
    for (uint32_t i = 0; i < fields->n; i++) {
        fprintf(f, "  %s%-*s%s", cli_colour(c, CLI_DIM), width, fields->at[i].label,
                cli_colour(c, CLI_PLAIN));
        cli_plain(f, fields->at[i].text);
        fputc('\n', f);
    }
}

void verdict_print(const struct cli *c, FILE *f, const struct prog *p,
                   const struct verify_result *r) {
    const struct report *const rep = &r->report;
    fprintf(f, "%s%s%s: ",
            cli_colour(c, r->verdict == VERDICT_ACCEPT   ? CLI_GREEN
                          : r->verdict == VERDICT_REJECT ? CLI_RED
                                                         : CLI_YELLOW),
            verdict_name(r->verdict), cli_colour(c, CLI_PLAIN));
    cli_plain(f, p->name ? p->name : "(program)");
    if (r->verdict == VERDICT_ACCEPT) {
        fprintf(f, ", %llu instructions processed, %llu states kept\n",
                (unsigned long long)r->stats.insns_processed, (unsigned long long)r->stats.states);
        return;
    }
    struct fields fields = {.n = 0};
    char reg[8] = "known";
    if (rep->reg != REPORT_NO_REG)
        snprintf(reg, sizeof reg, "r%d", rep->reg);
    fprintf(f, ": %s\n", reason_text(rep->reason));
    add_line(&fields, p, rep->pc);
    add_insn(&fields, p, rep->pc);
    add_field(&fields, reg, rep->known);
    add_field(&fields, "needed", rep->needed);
    add_field(&fields, "path", rep->path);
    add_field(&fields, "linux", rep->linux_text);
    print_fields(c, f, &fields);
}

void verdict_json(struct json *j, const struct object *o, const struct prog *p,
                  const struct verify_result *r) {
    const struct report *const rep = &r->report;
    const bool bad = r->verdict != VERDICT_ACCEPT;
    const struct prog_line *const line = bad ? prog_line_at(p, rep->pc) : NULL;
    json_open_object(j);
    json_put_text(j, "name", p->name);
    json_put_text(j, "section", p->section);
    json_put_text(j, "type", prog_type_name(p->type));
    json_put_text(j, "verdict", verdict_name(r->verdict));
    json_put_text(j, "reason", bad ? rep->linux_text : NULL);
    json_put_text(j, "reason_id", bad ? reason_id(rep->reason) : NULL);
    if (bad) {
        json_put_number(j, "pc", rep->pc);
        if (rep->reg != REPORT_NO_REG)
            json_put_number(j, "reg", (uint64_t)rep->reg);
        json_put_text(j, "known", rep->known);
        json_put_text(j, "needed", rep->needed);
        json_put_text(j, "path", rep->path);
    } else {
        json_put_null(j, "pc");
    }
    if (line && p->btf) {
        json_put_text(j, "file", btf_string(p->btf, line->file_off));
        json_put_number(j, "line", line->line);
    } else {
        json_put_null(j, "line");
    }
    json_put_number(j, "insns_processed", r->stats.insns_processed);
    json_put_number(j, "states", r->stats.states);
    json_put_number(j, "peak_states", r->stats.peak_states);
    json_put_number(j, "peak_bytes", r->stats.peak_bytes);
    json_put_number(j, "time_ns", r->stats.time_ns);
    if (r->knowledge)
        annotate_json(j, o, p, r);
    json_close_object(j);
}

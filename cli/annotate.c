#include "cli/annotate.h"

#include <string.h>

#include "cli/listing.h"
#include "verifier/knowledge.h"

enum {
    STATE_TEXT = 4096,
    STATE_COLUMN = 46, /* where states begin */
    STATE_WIDTH = 74,  /* and how wide they may be */
};

/* For a state of which nothing is read later. */
#define NOTHING "-"

/* ---- one state as text ---- */

static struct text_names names_of(const struct object *o) {
    return (struct text_names){.maps = o->maps, .n_maps = o->n_maps, .own_btf = o->btf};
}

static size_t state_text(const struct object *o, const struct knowledge *k, uint32_t pc,
                         const struct state *st, char buf[STATE_TEXT]) {
    const struct text_names names = names_of(o);
    const size_t n =
        state_print_named(st, st->depth, k->live_in[pc], UINT64_MAX, &names, buf, STATE_TEXT);
    return n ? n : (size_t)snprintf(buf, STATE_TEXT, "(nothing is read later)");
}

/* What tells states of one instruction apart: "called from 12, 30; holds 2". out: length, 0:
 * nothing */
static size_t context_text(const struct state *st, char *buf, size_t size) {
    size_t n = 0;
    buf[0] = 0;
    for (uint32_t f = 1; f <= st->depth && n < size; f++)
        n += (size_t)snprintf(buf + n, size - n, "%s%u%s", f == 1 ? "called from " : ", ",
                              st->frames[f]->call_pc,
                              st->frames[f]->in_callback ? " (callback)" : "");
    if (st->n_refs && n < size)
        n += (size_t)snprintf(buf + n, size - n, "%sholds %u reference%s", n ? "; " : "",
                              st->n_refs, st->n_refs == 1 ? "" : "s");
    return n < size ? n : size - 1;
}

/* ---- columns ---- */

/* How much of the text goes on one line: up to a blank outside of brackets. */
static size_t line_length(const char *text, size_t n) {
    size_t fits = 0;
    int depth = 0;
    for (size_t i = 0; i < n; i++) {
        depth += (text[i] == '(') - (text[i] == ')');
        if (text[i] == ' ' && depth == 0) {
            if (i > STATE_WIDTH)
                return fits ? fits : i;
            fits = i;
        }
    }
    return n > STATE_WIDTH && fits ? fits : n;
}

/* The text from column STATE_COLUMN on, where the cursor is; further lines begin there. */
static void print_wrapped(const struct cli *c, FILE *f, const char *text, size_t n,
                          bool at_column) {
    while (n) {
        const size_t part = line_length(text, n);
        if (!at_column)
            fprintf(f, "%*s", STATE_COLUMN, "");
        fputs(cli_colour(c, CLI_DIM), f);
        cli_plain_n(f, text, part);
        fprintf(f, "%s\n", cli_colour(c, CLI_PLAIN));
        text += part;
        n -= part;
        if (n) { /* the blank */
            text++;
            n--;
        }
        at_column = false;
    }
}

static void print_states(const struct cli *c, FILE *f, const struct object *o,
                         const struct knowledge *k, uint32_t pc) {
    const struct known *known = k->at[pc];
    char text[STATE_TEXT], context[160];
    bool first = true;
    if (!known) {
        fprintf(f, "%snever reached%s\n", cli_colour(c, CLI_DIM), cli_colour(c, CLI_PLAIN));
        return;
    }
    for (; known; known = known->next) {
        const size_t n_context = context_text(&known->st, context, sizeof context);
        if (n_context) {
            const int n = snprintf(text, sizeof text, "[%s]", context);
            print_wrapped(c, f, text, (size_t)n, first);
            first = false;
        }
        const size_t n = state_text(o, k, pc, &known->st, text);
        if (n)
            print_wrapped(c, f, text, n, first);
        else
            print_wrapped(c, f, NOTHING, sizeof NOTHING - 1, first);
        first = false;
    }
}

/* The source line that begins at pc, if it is another than before. */
static void print_source(const struct cli *c, FILE *f, const struct prog *p, uint32_t pc,
                         struct listing_source *last) {
    const struct listing_source s = listing_source_at(p, pc);
    if (!s.file || (s.line == last->line && last->file && !strcmp(s.file, last->file)))
        return;
    const char *const slash = strrchr(s.file, '/');
    *last = s;
    fprintf(f, "%s; ", cli_colour(c, CLI_BOLD));
    cli_plain(f, slash ? slash + 1 : s.file);
    fprintf(f, ":%u%s", s.line, s.text[0] ? "   " : "");
    cli_plain(f, s.text);
    fprintf(f, "%s\n", cli_colour(c, CLI_PLAIN));
}

static void print_function(FILE *f, const struct prog *p, uint32_t pc) {
    for (uint32_t i = 0; p->n_subprogs > 1 && i < p->n_subprogs; i++)
        if (p->subprogs[i].start == pc) {
            fprintf(f, "%sfunction ", pc ? "\n" : "");
            cli_plain(f, p->subprogs[i].name ? p->subprogs[i].name : "(no name)");
            fputs(":\n", f);
        }
}

void annotate_print(const struct cli *c, FILE *f, const struct object *o, const struct prog *p,
                    const struct verify_result *r) {
    const bool bad = r->verdict != VERDICT_ACCEPT;
    struct listing_source last = {0};
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        char text[ASM_LINE_MAX], head[ASM_LINE_MAX + 16];
        print_function(f, p, pc);
        print_source(c, f, p, pc, &last);
        listing_text(p, pc, text);
        const int n = snprintf(head, sizeof head, "%s%5u: %s",
                               bad && pc == r->report.pc ? "->" : "  ", pc, text);
        fputs(head, f);
        if (n >= STATE_COLUMN)
            fprintf(f, "\n%*s", STATE_COLUMN, "");
        else
            fprintf(f, "%*s", STATE_COLUMN - n, "");
        print_states(c, f, o, r->knowledge, pc);
    }
}

/* ---- JSON ---- */

static void json_states(struct json *j, const struct object *o, const struct knowledge *k,
                        uint32_t pc) {
    char text[STATE_TEXT];
    json_key(j, "states");
    json_open_array(j);
    for (const struct known *known = k->at[pc]; known; known = known->next) {
        const struct state *const st = &known->st;
        json_open_object(j);
        json_key(j, "calls");
        json_open_array(j);
        for (uint32_t f = 1; f <= st->depth; f++)
            json_number(j, st->frames[f]->call_pc);
        json_close_array(j);
        json_put_number(j, "held", st->n_refs);
        json_put_number(j, "visits", known->n_visits);
        json_key(j, "text");
        json_text_n(j, text, state_text(o, k, pc, st, text));
        json_close_object(j);
    }
    json_close_array(j);
}

void annotate_json(struct json *j, const struct object *o, const struct prog *p,
                   const struct verify_result *r) {
    json_key(j, "insns");
    json_open_array(j);
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        const struct listing_source s = listing_source_at(p, pc);
        char text[ASM_LINE_MAX];
        listing_text(p, pc, text);
        json_open_object(j);
        json_put_number(j, "pc", pc);
        json_put_text(j, "text", text);
        if (s.file)
            json_put_number(j, "line", s.line);
        json_states(j, o, r->knowledge, pc);
        json_close_object(j);
    }
    json_close_array(j);
}

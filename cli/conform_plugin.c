/* conform_plugin.c: the runner's side of the public plugin protocol.
 */
#include "cli/conform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/child.h"

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* next_word: a word of the command into buf, quotes taken away.
 * out:    where it goes on; NULL for a quote without end */
static const char *next_word(const char *s, char *buf) {
    char quote = 0;
    for (; *s && (quote || !is_blank(*s)); s++) {
        if (*s == quote) {
            quote = 0;
        } else if (!quote && (*s == '\'' || *s == '"')) {
            quote = *s;
        } else {
            if (*s == '\\' && quote != '\'' && s[1])
                s++;
            *buf++ = *s;
        }
    }
    *buf = 0;
    return quote ? NULL : s;
}

enum bpflab_err conform_plugin_init(struct conform_plugin *p, const char *command, struct diag *d) {
    size_t n = strlen(command);
    *p = (struct conform_plugin){0};
    /* At most every second character begins a word. */
    p->words = calloc(n / 2 + 2, sizeof *p->words);
    if (!p->words)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    const char *s = command;
    for (;;) {
        while (is_blank(*s))
            s++;
        if (!*s)
            break;
        char *word = malloc(n + 1);
        if (!word)
            break;
        p->words[p->n_words++] = word;
        s = next_word(s, word);
        if (!s) {
            conform_plugin_fini(p);
            return diag_set(d, BPFLAB_E_SYNTAX, "a quote without its end: %.100s", command);
        }
    }
    if (!*s && p->n_words)
        return BPFLAB_OK;
    bool empty = !*s;
    conform_plugin_fini(p);
    return empty ? diag_set(d, BPFLAB_E_SYNTAX, "an empty command")
                 : diag_set(d, BPFLAB_E_NOMEM, "out of memory");
}

void conform_plugin_fini(struct conform_plugin *p) {
    for (size_t i = 0; i < p->n_words; i++)
        free(p->words[i]);
    free(p->words);
    *p = (struct conform_plugin){0};
}

/* hex_text: "b7 00 ...", as the suite's own runner writes it. */
static char *hex_text(const uint8_t *at, size_t n, char last) {
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(3 * n + 2), *p = text;
    if (!text)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        *p++ = digits[at[i] >> 4];
        *p++ = digits[at[i] & 15];
        *p++ = ' ';
    }
    if (last)
        *p++ = last;
    *p = 0;
    return text;
}

static char *program_text(const struct insn *insns, uint32_t n_insns) {
    uint8_t *wire = malloc((size_t)n_insns * INSN_BYTES + 1);
    if (!wire)
        return NULL;
    for (uint32_t i = 0; i < n_insns; i++)
        insn_encode(insns[i], false, wire + (size_t)i * INSN_BYTES);
    char *text = hex_text(wire, (size_t)n_insns * INSN_BYTES, '\n');
    free(wire);
    return text;
}

/* message: what a failed plugin said: its output, else its errors, without blanks at the end. */
static void message(const struct child *c, char buf[CONFORM_TEXT_MAX]) {
    const char *said = c->out && c->out[strspn(c->out, " \t\r\n")] ? c->out : c->err;
    snprintf(buf, CONFORM_TEXT_MAX, "%.*s", CONFORM_TEXT_MAX - 1, said ? said : "");
    size_t n = strcspn(buf, "\r");
    buf[n] = 0;
    while (n && is_blank(buf[n - 1]))
        buf[--n] = 0;
}

static struct conform_outcome outcome(const struct child *c, const struct conform_plugin *p) {
    struct conform_outcome r = {.kind = CONFORM_ERROR};
    switch (c->end) {
    case CHILD_EXITED:
        if (c->code) {
            message(c, r.text);
        } else if (c->out && conform_value(c->out, &r.value)) {
            r.kind = CONFORM_VALUE;
        } else {
            snprintf(r.text, sizeof r.text, "the plugin's output is not a number: %.100s",
                     c->out ? c->out : "");
        }
        break;
    case CHILD_KILLED:
        snprintf(r.text, sizeof r.text, "the plugin was killed by signal %d", c->code);
        break;
    case CHILD_TIMEOUT:
        r.kind = CONFORM_UNDECIDED;
        snprintf(r.text, sizeof r.text, "the plugin did not answer in %llu ms",
                 (unsigned long long)p->timeout_ms);
        break;
    case CHILD_MISSING:
        r.kind = CONFORM_MISSING;
        snprintf(r.text, sizeof r.text, "cannot start %.200s: %s", p->words[0], strerror(c->code));
        break;
    case CHILD_FAILED:
        r.kind = CONFORM_UNDECIDED;
        snprintf(r.text, sizeof r.text, "cannot make a process: %s", strerror(c->code));
        break;
    }
    return r;
}

struct conform_outcome conform_run_plugin(const struct conform_plugin *p, const struct insn *insns,
                                          uint32_t n_insns, const uint8_t *mem, size_t mem_bytes) {
    struct conform_outcome r = {.kind = CONFORM_UNDECIDED, .text = "out of memory"};
    char *program = program_text(insns, n_insns);
    char *memory = mem_bytes ? hex_text(mem, mem_bytes, 0) : NULL;
    char **argv = calloc(p->n_words + p->n_options + 2, sizeof *argv);
    if (program && argv && (memory || !mem_bytes)) {
        struct child c;
        size_t n = 0;
        for (size_t i = 0; i < p->n_words; i++)
            argv[n++] = p->words[i];
        if (memory)
            argv[n++] = memory;
        for (size_t i = 0; i < p->n_options; i++)
            argv[n++] = (char *)(uintptr_t)p->options[i];
        child_run(argv, program, strlen(program), p->timeout_ms, &c);
        r = outcome(&c, p);
        child_fini(&c);
    }
    free(argv);
    free(memory);
    free(program);
    return r;
}

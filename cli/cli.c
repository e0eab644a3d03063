/* cli.c: how verbs fail and speak.
 */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void cli_plain_n(FILE *f, const char *s, size_t n_bytes) {
    for (size_t i = 0; i < n_bytes;) {
        const unsigned char *p = (const unsigned char *)s + i;
        size_t n = utf8_length(p, n_bytes - i);
        /* U+0080 to U+009F are control characters too. */
        bool control = p[0] < 0x20 || p[0] == 0x7f || (n == 2 && p[0] == 0xc2 && p[1] < 0xa0);
        if (n && !control)
            fwrite(p, 1, n, f);
        else
            fputc('?', f);
        i += n ? n : 1;
    }
}

void cli_plain(FILE *f, const char *s) {
    cli_plain_n(f, s, strlen(s));
}

static void json_error(struct json *j, const char *file, const struct diag *d) {
    json_reset(j);
    json_open_object(j);
    json_key(j, "error");
    json_open_object(j);
    json_put_text(j, "file", file);
    json_put_text(j, "reason", d->text[0] ? d->text : err_text(d->err));
    if (d->section[0])
        json_put_text(j, "section", d->section);
    if (d->section[0] || d->off_bytes)
        json_put_number(j, "offset", d->off_bytes);
    if (d->line) {
        json_put_number(j, "line", d->line);
        json_put_number(j, "column", d->col);
    }
    if (d->pc >= 0)
        json_put_number(j, "pc", (uint64_t)d->pc);
    json_close_object(j);
    json_close_object(j);
}

int cli_fail(struct cli *c, int status, const char *file, const struct diag *d) {
    char buf[512];
    const char *red = c->colour_err ? "\033[31m" : "", *off = c->colour_err ? "\033[0m" : "";
    diag_format(d, buf, sizeof buf);
    fflush(stdout);
    fprintf(stderr, "%sbpflab:%s ", red, off);
    if (file) {
        cli_plain(stderr, file);
        fputs(": ", stderr);
    }
    cli_plain(stderr, buf[0] ? buf : err_text(d->err));
    fputc('\n', stderr);
    if (c->as_json)
        json_error(&c->json, file, d);
    return status;
}

int cli_failf(struct cli *c, int status, const char *file, const char *fmt, ...) {
    struct diag d = {.err = BPFLAB_E_ARG, .pc = -1};
    va_list args;
    va_start(args, fmt);
    vsnprintf(d.text, sizeof d.text, fmt, args);
    va_end(args);
    return cli_fail(c, status, file, &d);
}

void cli_note(const char *fmt, ...) {
    char buf[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    fflush(stdout);
    fputs("bpflab: note: ", stderr);
    cli_plain(stderr, buf);
    fputc('\n', stderr);
}

int cli_status_of(enum bpflab_err err) {
    switch (err) {
    case BPFLAB_OK: return CLI_YES;
    case BPFLAB_E_NOMEM:
    case BPFLAB_E_INTERNAL: return CLI_INTERNAL;
    case BPFLAB_E_SYSTEM:
    case BPFLAB_E_MISSING:
    case BPFLAB_E_UNSUPPORTED:
    case BPFLAB_E_SPACE: return CLI_UNDECIDED;
    default: return CLI_USAGE;
    }
}

const char *cli_colour(const struct cli *c, enum cli_colour colour) {
    static const char *const code[] = {
        [CLI_PLAIN] = "\033[0m", [CLI_BOLD] = "\033[1m",   [CLI_DIM] = "\033[2m",
        [CLI_RED] = "\033[31m",  [CLI_GREEN] = "\033[32m", [CLI_YELLOW] = "\033[33m",
    };
    return c->colour_out ? code[colour] : "";
}

/* program.c: options, help, JSON, and standard output that must not be lost.
 */
#include "cli/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/help.h"

static bool wants_colour(int fd) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fd) && !(no_color && *no_color) && !(term && !strcmp(term, "dumb"));
}

void program_begin(struct cli *c, int argc, char **argv) {
    *c = (struct cli){0};
    /* Asked for before the options are read, so that a wrong option is reported as JSON too. */
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        c->as_json |= !strcmp(argv[i], "--json");
    c->colour_out = !c->as_json && wants_colour(STDOUT_FILENO);
    c->colour_err = wants_colour(STDERR_FILENO);
    c->progress = isatty(STDERR_FILENO);
    json_init(&c->json);
}

int program_verb(struct cli *c, int argc, char **argv) {
    char message[OPTION_MESSAGE_MAX];
    const struct verb *v = c->verb;
    if (!options_parse(v->options, v->n_options, argc, argv, &c->opt, message))
        return cli_failf(c, CLI_USAGE, NULL, "%s: %s", v->name, message);
    if (option_on(&c->opt, "help")) {
        help_verb(c, v, stdout);
        return CLI_YES;
    }
    size_t n = c->opt.n_operands;
    if (n < v->min_operands)
        return cli_failf(c, CLI_USAGE, NULL, "%s needs %s; bpflab %s --help tells more", v->name,
                         v->operands, v->name);
    bool any_number = v->operands && v->max_operands == 0;
    if (n > v->max_operands && !any_number)
        return cli_failf(c, CLI_USAGE, NULL, "%s: one operand too many: %.80s", v->name,
                         c->opt.operands[v->max_operands]);
    return v->run(c);
}

int program_end(struct cli *c, int status) {
    if (c->as_json && c->json.failed) {
        fputs("bpflab: out of memory\n", stderr);
        status = CLI_INTERNAL;
    } else if (c->as_json && c->json.n_bytes) {
        puts(c->json.text);
    }
    if ((fflush(stdout) != 0 || ferror(stdout)) && status < CLI_USAGE) {
        perror("bpflab: standard output");
        status = CLI_INTERNAL;
    }
    json_fini(&c->json);
    options_fini(&c->opt);
    return status;
}

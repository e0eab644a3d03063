/* main.c: bpflab, the command: finds the verb; program.c does the rest.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/help.h"
#include "cli/program.h"
#include "cli/suggest.h"

#ifndef BPFLAB_VERSION
#define BPFLAB_VERSION "unknown"
#endif

/* unknown_word: a verb that is none, an option that no verb precedes, or a file without a verb. */
static int unknown_word(struct cli *c, const char *word) {
    struct suggestion s = suggest_for(word);
    if (word[0] == '-') {
        suggest_offer(&s, "--help");
        suggest_offer(&s, "--version");
        suggest_offer(&s, "--json");
    } else {
        suggest_offer(&s, "help");
        for (size_t i = 0; i < n_verbs; i++)
            suggest_offer(&s, verb_table[i]->name);
    }
    const char *kind = word[0] == '-' ? "option" : "verb";
    if (s.nearest)
        return cli_failf(c, CLI_USAGE, NULL, "unknown %s %.60s; did you mean %s?", kind, word,
                         s.nearest);
    if (access(word, F_OK) == 0)
        return cli_failf(c, CLI_USAGE, NULL, "%.60s is a file; say what to do with it: bpflab info",
                         word);
    return cli_failf(c, CLI_USAGE, NULL, "unknown %s %.60s; bpflab --help lists the verbs", kind,
                     word);
}

static void print_version(struct cli *c) {
    if (!c->as_json) {
        puts("bpflab " BPFLAB_VERSION);
        return;
    }
    json_open_object(&c->json);
    json_put_text(&c->json, "version", BPFLAB_VERSION);
    json_close_object(&c->json);
}

/* print_help: of the verb that the next word names, else of all. */
static int print_help(struct cli *c, const char *word) {
    const struct verb *v = word ? verb_find(word) : NULL;
    if (v)
        help_verb(c, v, stdout);
    else if (word && word[0] != '-')
        return unknown_word(c, word);
    else
        help_overview(c, stdout);
    return CLI_YES;
}

static int dispatch(struct cli *c, int argc, char **argv) {
    int at = 1;
    while (at < argc && !strcmp(argv[at], "--json"))
        at++;
    const char *word = at < argc ? argv[at] : NULL;
    if (!word) {
        if (c->as_json)
            return cli_failf(c, CLI_USAGE, NULL, "no verb; bpflab --help lists them");
        help_overview(c, stderr);
        return CLI_USAGE;
    }
    if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
        print_version(c);
        return CLI_YES;
    }
    if (!strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h"))
        return print_help(c, at + 1 < argc ? argv[at + 1] : NULL);
    c->verb = verb_find(word);
    if (!c->verb)
        return unknown_word(c, word);
    return program_verb(c, argc - at - 1, argv + at + 1);
}

int main(int argc, char **argv) {
    struct cli c;
    program_begin(&c, argc, argv);
    return program_end(&c, dispatch(&c, argc, argv));
}

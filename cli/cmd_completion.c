/* cmd_completion.c: bpflab completion bash|zsh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/completion.h"
#include "cli/suggest.h"

static int print_script(struct cli *c, void (*script)(FILE *)) {
    if (!c->as_json) {
        script(stdout);
        return CLI_YES;
    }
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    if (!f)
        return cli_failf(c, CLI_INTERNAL, NULL, "out of memory");
    script(f);
    fclose(f);
    json_open_object(&c->json);
    json_put_text(&c->json, "shell", c->opt.operands[0]);
    json_put_text(&c->json, "script", text);
    json_close_object(&c->json);
    free(text);
    return CLI_YES;
}

static int run(struct cli *c) {
    const char *shell = c->opt.operands[0];
    if (!strcmp(shell, "bash"))
        return print_script(c, completion_bash);
    if (!strcmp(shell, "zsh"))
        return print_script(c, completion_zsh);
    struct suggestion s = suggest_for(shell);
    suggest_offer(&s, "bash");
    suggest_offer(&s, "zsh");
    return cli_failf(c, CLI_USAGE, NULL, "completion: no script for %.40s%s%s%s", shell,
                     s.nearest ? "; did you mean " : "; bash and zsh have one",
                     s.nearest ? s.nearest : "", s.nearest ? "?" : "");
}

const struct verb verb_completion = {
    .name = "completion",
    .summary = "print a shell completion script",
    .operands = "bash|zsh",
    .min_operands = 1,
    .max_operands = 1,
    .operand_words = "bash zsh",
    .description = "Prints a script that makes the shell complete bpflab's verbs, options and "
                   "their values. It is made from the same tables that the command line is read "
                   "with.",
    .json_keys = "shell, script",
    .examples = "    eval \"$(bpflab completion bash)\"\n"
                "    bpflab completion zsh > ~/.zfunc/_bpflab",
    .run = run,
};

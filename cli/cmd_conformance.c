/* cmd_conformance.c: bpflab conformance PATH...: runs conformance cases on an engine of ours or on
 * a plugin.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/conform_session.h"
#include "cli/engine.h"
#include "cli/features.h"

#define GROUPS "base32 base64 atomic32 atomic64 divmul32 divmul64 packet callx linux"

static const struct option_spec options[] = {
    ENGINE_OPTIONS,
    {.name = "plugin",
     .kind = OPTION_TEXT,
     .metavar = "CMD",
     .help = "Run the cases through this command instead, as the public suite does: CMD "
             "[MEM-HEX] [OPTION...], program in hex on standard input. Split at blanks; quotes "
             "and backslashes keep them."},
    {.name = "plugin-option",
     .kind = OPTION_TEXT,
     .metavar = "OPTION",
     .help =
         "An argument for the plugin, after the memory. May be given several times, and be empty."},
    {.name = "timeout",
     .kind = OPTION_NUMBER,
     .metavar = "SECONDS",
     .min = 1,
     .max = 86400,
     .help = "What a plugin, or machine code, may take for one case. Default: 10."},
    {.name = "fuel",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .min = 1,
     .help = "What a case may use of bpflab's own engine: backward jumps and calls. Default: 1G."},
    {.name = "cpu",
     .kind = OPTION_CHOICE,
     .metavar = "v1..v4",
     .choices = "v1 v2 v3 v4",
     .help = "Skip cases with instructions that came later, by the public suite's table. "
             "Default: all run."},
    {.name = "include",
     .kind = OPTION_CHOICES,
     .metavar = "GROUP[,GROUP]",
     .choices = GROUPS,
     .help = "Run only cases with an instruction of these conformance groups. A group stands for "
             "those it implies too: atomic64 for atomic32, and so on. May be given several times."},
    {.name = "exclude",
     .kind = OPTION_CHOICES,
     .metavar = "GROUP[,GROUP]",
     .choices = GROUPS,
     .help = "Skip cases with an instruction of these groups, those they imply included, as in "
             "the public suite."},
    {.name = "verbose",
     .letter = 'v',
     .kind = OPTION_FLAG,
     .help = "Print every case, not only failures."},
};

static uint32_t groups_named(struct cli *c, const char *option) {
    const struct option_given *g;
    uint32_t set = 0;
    for (size_t at = 0; (g = option_next(&c->opt, option, &at));)
        for (const char *p = g->value; *p;) {
            size_t n = strcspn(p, ",");
            set |= group_closure(p, n);
            p += n + (p[n] == ',');
        }
    return set;
}

static void show_progress(const struct conform_session *s, size_t done) {
    if (s->c->progress && (done % 16 == 0 || done == s->list.n))
        fprintf(stderr, "\r%zu/%zu%s", done, s->list.n, done == s->list.n ? "\r\033[K" : "");
}

static int finish(struct conform_session *s) {
    if (s->missing[0])
        return cli_failf(s->c, CLI_UNDECIDED, NULL, "%.180s", s->missing);
    if (s->c->as_json)
        conform_json(&s->c->json, s);
    else
        conform_print_summary(s);
    if (s->n[BAD])
        return CLI_USAGE;
    if (s->n[FAILED])
        return CLI_NO;
    if (s->n[UNDECIDED] || s->n[PASSED] + s->n[HELD] == 0) {
        if (s->n[PASSED] + s->n[HELD] == 0)
            cli_note("no case was decided");
        return CLI_UNDECIDED;
    }
    return CLI_YES;
}

static int judge_all(struct conform_session *s) {
    s->cases = calloc(s->list.n, sizeof *s->cases);
    if (!s->cases)
        return cli_failf(s->c, CLI_INTERNAL, NULL, "out of memory");
    for (size_t i = 0; i < s->list.n; i++) {
        conform_judge_file(s, i);
        if (s->missing[0])
            break;
        conform_print_case(s, &s->cases[i]);
        show_progress(s, i + 1);
    }
    return finish(s);
}

static int collect(struct conform_session *s) {
    struct diag d = {.pc = -1};
    for (size_t i = 0; i < s->c->opt.n_operands; i++)
        if (caselist_add(&s->list, s->c->opt.operands[i], &d))
            return cli_fail(s->c, CLI_USAGE, NULL, &d);
    if (s->list.n == 0)
        return cli_failf(s->c, CLI_USAGE, s->c->opt.operands[0], "no *.data file below it");
    return CLI_YES;
}

/* start_plugin: the command, and the options that go to it.
 * out:    *options_out for free() */
static int start_plugin(struct conform_session *s, const char ***options_out) {
    const char *command = option_text(&s->c->opt, "plugin");
    struct diag d = {.pc = -1};
    const struct option_given *g;
    if (!command)
        return CLI_YES;
    if (option_on(&s->c->opt, "engine"))
        return cli_failf(s->c, CLI_USAGE, NULL,
                         "conformance: --engine and --plugin exclude each other");
    if (conform_plugin_init(&s->plugin, command, &d))
        return cli_fail(s->c, CLI_USAGE, "--plugin", &d);
    s->by_plugin = true;
    s->plugin.timeout_ms = option_number(&s->c->opt, "timeout", 10) * 1000;
    *options_out = calloc(s->c->opt.n_given + 1, sizeof **options_out);
    if (!*options_out)
        return cli_failf(s->c, CLI_INTERNAL, NULL, "out of memory");
    for (size_t at = 0; (g = option_next(&s->c->opt, "plugin-option", &at));)
        (*options_out)[s->plugin.n_options++] = g->value;
    s->plugin.options = *options_out;
    return CLI_YES;
}

static int run(struct cli *c) {
    const char *cpu = option_text(&c->opt, "cpu"), **plugin_options = NULL;
    struct conform_session s = {
        .c = c,
        .fuel = option_number(&c->opt, "fuel", UINT64_C(1000000000)),
        .cpu = cpu ? (unsigned)(cpu[1] - '0') : 0,
        .include = groups_named(c, "include"),
        .exclude = groups_named(c, "exclude"),
    };
    int status = conform_engine_init(c, &s.engine);
    s.engine.options.timeout_ms = (uint32_t)option_number(&c->opt, "timeout", 10) * 1000;
    if (status == CLI_YES)
        status = start_plugin(&s, &plugin_options);
    if (status == CLI_YES)
        status = collect(&s);
    if (status == CLI_YES)
        status = judge_all(&s);
    for (size_t i = 0; s.cases && i < s.list.n; i++) {
        free(s.cases[i].expected);
        free(s.cases[i].got);
    }
    free(s.cases);
    free(plugin_options);
    conform_plugin_fini(&s.plugin);
    conform_engine_fini(&s.engine);
    caselist_fini(&s.list);
    return status;
}

const struct verb verb_conformance = {
    .name = "conformance",
    .summary = "run conformance cases on an engine or a plugin",
    .operands = "PATH...",
    .min_operands = 1,
    .description =
        "Runs every conformance case among the PATHs (a directory stands for all *.data files "
        "below it) and compares: r0 with the case's -- result, or, where the case has an -- "
        "error section, the message, which must be exactly that. As in the public suite, r1 is "
        "the case's memory, r2 its length, and helper 5 is unwind: it returns its first "
        "argument, and a 0 ends the program with r0 = 0.\n"
        "\n"
        "bpflab's own messages are a trap's sentence and its place (\"access through a null "
        "pointer at pc 3\") or what the loader says (\"pc 0: r10 is read-only\"). A plugin's "
        "message is what it prints on standard output, or else on standard error, when its exit "
        "status is not 0. Running out of fuel or time is neither pass nor fail, and neither is a "
        "program that the engine has no machine code for: such cases are counted apart.\n"
        "\n"
        "Machine code runs in a child process. Cases that end outside the memory they may touch, "
        "as the interpreter tells, are skipped: that is the verifier's to refuse. Cases whose "
        "expected result is that of little-endian machines are held, on a big-endian one, against "
        "the interpreter in that byte order; they count as passed and are listed.\n"
        "\n"
        "Exit status: 1 if a case failed, 2 if one could not be read, 3 if engine or plugin cannot "
        "be started, or a case was not decided.",
    .json_keys =
        "engine, plugin, passed, failed, skipped, undecided, failures[] {file, expected, got}, "
        "undecided_cases[] {file, expected, got}, skips[] {file, reason}, held[] {file, got}",
    .examples =
        "    bpflab conformance corpus/conformance\n"
        "    bpflab conformance tests --plugin ubpf_plugin --plugin-option --jit --cpu v3\n"
        "    bpflab conformance tests --plugin 'bpflab plugin' --exclude packet,callx --json",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};

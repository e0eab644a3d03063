/* cmd_conformance.c: bpflab conformance PATH...: runs conformance cases on an engine of ours or on a plugin.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bytes.h"
#include "cli/caselist.h"
#include "cli/cli.h"
#include "cli/conform.h"
#include "cli/engine.h"
#include "cli/features.h"
#include "cli/names.h"

#define GROUPS "base32 base64 atomic32 atomic64 divmul32 divmul64 packet callx linux"

static const struct option_spec options[] = {
    ENGINE_OPTION,
    {.name = "plugin",
     .kind = OPTION_TEXT,
     .metavar = "CMD",
     .help = "Run the cases through this command instead, as the public suite does: CMD [MEM-HEX] "
             "[OPTION...], program in "
             "hex on standard input. Split at blanks; quotes and backslashes keep them."},
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
     .help = "What a plugin may take for one case. Default: 10."},
    {.name = "fuel",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .min = 1,
     .help = "What a case may use of bpflab's own engine: backward jumps and calls. Default: 1G."},
    {.name = "cpu",
     .kind = OPTION_CHOICE,
     .metavar = "v1..v4",
     .choices = "v1 v2 v3 v4",
     .help = "Skip cases with instructions that came later, by the public suite's table. Default: "
             "all run."},
    {.name = "include",
     .kind = OPTION_CHOICES,
     .metavar = "GROUP[,GROUP]",
     .choices = GROUPS,
     .help = "Run only cases with an instruction of these conformance groups. A group stands for "
             "those it implies too: "
             "atomic64 for atomic32, and so on. May be given several times."},
    {.name = "exclude",
     .kind = OPTION_CHOICES,
     .metavar = "GROUP[,GROUP]",
     .choices = GROUPS,
     .help = "Skip cases with an instruction of these groups, those they imply included, as in the "
             "public suite."},
    {.name = "verbose",
     .letter = 'v',
     .kind = OPTION_FLAG,
     .help = "Print every case, not only failures."},
};

enum verdict {
    PASSED,
    FAILED,
    SKIPPED,
    UNDECIDED,
    BAD,
    N_VERDICTS
};

struct judged {
    const char *path; /* borrowed from the list */
    enum verdict verdict;
    char *expected, *got; /* owned; NULL when passed. SKIPPED: got says why */
};

struct session {
    struct cli *c;
    struct caselist list;
    struct judged *cases; /* one a path */
    uint64_t n[N_VERDICTS];
    struct conform_plugin plugin;
    bool by_plugin;
    uint64_t fuel;
    unsigned cpu;                   /* 0: all */
    uint32_t include, exclude;      /* groups; include 0: all */
    char missing[CONFORM_TEXT_MAX]; /* why the plugin could not be started */
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

/* reason_to_skip: NULL if the case is to be run. */
static const char *reason_to_skip(const struct session *s, const struct conf_case *k) {
    struct features f = features_of(k->insns, k->n_insns, FEATURES_SUITE);
    if (k->n_insns == 0)
        return "no instructions";
    if (!k->has_result && !k->error)
        return "no expected result";
    if (s->cpu && f.cpu > s->cpu)
        return "needs a later cpu version";
    if (f.groups & s->exclude)
        return "excluded group";
    if (s->include && !(f.groups & s->include))
        return "no included group";
    return NULL;
}

static void set_verdict(struct session *s, size_t i, enum verdict v, const char *expected,
                        const char *got) {
    struct judged *j = &s->cases[i];
    j->verdict = v;
    j->expected = expected ? strdup(expected) : NULL;
    j->got = got ? strdup(got) : NULL;
    s->n[v]++;
}

static void judge(struct session *s, size_t i, const struct conf_case *k) {
    char expected[CONFORM_TEXT_MAX], got[CONFORM_TEXT_MAX];
    const char *skip = reason_to_skip(s, k);
    if (skip) {
        set_verdict(s, i, SKIPPED, NULL, skip);
        return;
    }
    struct conform_outcome r =
        s->by_plugin ? conform_run_plugin(&s->plugin, k->insns, k->n_insns, k->mem, k->mem_bytes)
                     : conform_run_insns(k->insns, k->n_insns, k->mem, k->mem_bytes, s->fuel);
    if (r.kind == CONFORM_MISSING)
        memcpy(s->missing, r.text, sizeof s->missing);
    conform_expected(k, expected);
    conform_got(&r, got);
    if (conform_meets(k, &r))
        set_verdict(s, i, PASSED, NULL, NULL);
    else
        set_verdict(s, i, r.kind == CONFORM_UNDECIDED ? UNDECIDED : FAILED, expected, got);
}

/* judge_file: read, parse, run, compare. */
static void judge_file(struct session *s, size_t i) {
    const char *path = s->list.paths[i];
    struct bytes b = {0};
    struct diag d = {.pc = -1};
    struct conf_case k = {0};
    char why[320];
    s->cases[i].path = path;
    if (bytes_read(path, &b, &d)) {
        set_verdict(s, i, BAD, NULL, diag_format(&d, why, sizeof why));
    } else if (input_form_of(b.at, b.n) != INPUT_CASE) {
        set_verdict(s, i, SKIPPED, NULL, "not a conformance case");
    } else if (conf_case_parse((const char *)b.at, b.n, &k, &d)) {
        set_verdict(s, i, BAD, NULL, diag_format(&d, why, sizeof why));
    } else {
        judge(s, i, &k);
        conf_case_fini(&k);
    }
    bytes_fini(&b);
}

static const char *verdict_name(enum verdict v) {
    static const char *const names[] = {"pass", "FAIL", "skip", "undecided", "bad case"};
    return names[v];
}

static void print_case(const struct session *s, const struct judged *j) {
    bool verbose = option_on(&s->c->opt, "verbose");
    bool shown = j->verdict == FAILED || j->verdict == UNDECIDED || j->verdict == BAD || verbose;
    if (!shown || s->c->as_json)
        return;
    enum cli_colour colour = j->verdict == PASSED    ? CLI_GREEN
                             : j->verdict == SKIPPED ? CLI_DIM
                                                     : CLI_RED;
    printf("%s%s%s ", cli_colour(s->c, colour), verdict_name(j->verdict),
           cli_colour(s->c, CLI_PLAIN));
    cli_plain(stdout, j->path);
    if (j->expected) {
        fputs(": expected ", stdout);
        cli_plain(stdout, j->expected);
        fputs(", got ", stdout);
        cli_plain(stdout, j->got ? j->got : "?");
    } else if (j->got) {
        fputs(": ", stdout);
        cli_plain(stdout, j->got);
    }
    putchar('\n');
}

static void show_progress(const struct session *s, size_t done) {
    if (s->c->progress && (done % 16 == 0 || done == s->list.n))
        fprintf(stderr, "\r%zu/%zu%s", done, s->list.n, done == s->list.n ? "\r\033[K" : "");
}

static void json_list(struct json *j, const struct session *s, const char *key, unsigned verdicts) {
    json_key(j, key);
    json_open_array(j);
    for (size_t i = 0; i < s->list.n; i++) {
        const struct judged *k = &s->cases[i];
        if (!(verdicts >> k->verdict & 1))
            continue;
        json_open_object(j);
        json_put_text(j, "file", k->path);
        if (k->verdict == SKIPPED) {
            json_put_text(j, "reason", k->got);
        } else {
            json_put_text(j, "expected", k->expected);
            json_put_text(j, "got", k->got);
        }
        json_close_object(j);
    }
    json_close_array(j);
}

static void print_json(struct json *j, const struct session *s) {
    json_open_object(j);
    json_put_text(j, "engine", s->by_plugin ? "plugin" : "interp");
    json_put_text(j, "plugin", option_text(&s->c->opt, "plugin"));
    json_put_number(j, "passed", s->n[PASSED]);
    json_put_number(j, "failed", s->n[FAILED] + s->n[BAD]);
    json_put_number(j, "skipped", s->n[SKIPPED]);
    json_put_number(j, "undecided", s->n[UNDECIDED]);
    json_list(j, s, "failures", 1u << FAILED | 1u << BAD);
    json_list(j, s, "undecided_cases", 1u << UNDECIDED);
    json_list(j, s, "skips", 1u << SKIPPED);
    json_close_object(j);
}

/* print_summary: counts, and why cases were skipped. */
static void print_summary(const struct session *s) {
    printf("%" PRIu64 " passed, %" PRIu64 " failed, %" PRIu64 " skipped", s->n[PASSED],
           s->n[FAILED] + s->n[BAD], s->n[SKIPPED]);
    if (s->n[UNDECIDED])
        printf(", %" PRIu64 " undecided", s->n[UNDECIDED]);
    putchar('\n');
    for (size_t i = 0; i < s->list.n; i++) {
        const char *reason = s->cases[i].got;
        if (s->cases[i].verdict != SKIPPED || !reason)
            continue;
        size_t n = 0;
        bool first = true;
        for (size_t k = 0; k < s->list.n; k++) {
            bool same = s->cases[k].verdict == SKIPPED && s->cases[k].got &&
                        !strcmp(s->cases[k].got, reason);
            first &= !(same && k < i);
            n += same;
        }
        if (first)
            printf("  skipped %zu: %s\n", n, reason);
    }
}

static int finish(struct session *s) {
    if (s->missing[0])
        return cli_failf(s->c, CLI_UNDECIDED, NULL, "%.180s", s->missing);
    if (s->c->as_json)
        print_json(&s->c->json, s);
    else
        print_summary(s);
    if (s->n[BAD])
        return CLI_USAGE;
    if (s->n[FAILED])
        return CLI_NO;
    if (s->n[UNDECIDED] || s->n[PASSED] == 0) {
        if (s->n[PASSED] == 0)
            cli_note("no case was decided");
        return CLI_UNDECIDED;
    }
    return CLI_YES;
}

static int judge_all(struct session *s) {
    s->cases = calloc(s->list.n, sizeof *s->cases);
    if (!s->cases)
        return cli_failf(s->c, CLI_INTERNAL, NULL, "out of memory");
    for (size_t i = 0; i < s->list.n && !s->missing[0]; i++) {
        judge_file(s, i);
        print_case(s, &s->cases[i]);
        show_progress(s, i + 1);
    }
    return finish(s);
}

static int collect(struct session *s) {
    struct diag d = {.pc = -1};
    for (size_t i = 0; i < s->c->opt.n_operands; i++)
        if (caselist_add(&s->list, s->c->opt.operands[i], &d))
            return cli_fail(s->c, CLI_USAGE, NULL, &d);
    if (s->list.n == 0)
        return cli_failf(s->c, CLI_USAGE, s->c->opt.operands[0], "no *.data file below it");
    return CLI_YES;
}

/* start_plugin: the command, and the options that go to it. out: *options for free() */
static int start_plugin(struct session *s, const char ***options_out) {
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
    struct session s = {
        .c = c,
        .fuel = option_number(&c->opt, "fuel", UINT64_C(1000000000)),
        .cpu = cpu ? (unsigned)(cpu[1] - '0') : 0,
        .include = groups_named(c, "include"),
        .exclude = groups_named(c, "exclude"),
    };
    int status = engine_pick(c);
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
    caselist_fini(&s.list);
    return status;
}

const struct verb verb_conformance = {
    .name = "conformance",
    .summary = "run conformance cases on an engine or a plugin",
    .operands = "PATH...",
    .min_operands = 1,
    .description = "Runs every conformance case among the PATHs (a directory stands for all *.data "
                   "files below it) and compares: r0 "
                   "with the case's -- result, or, where the case has an -- error section, the "
                   "message. A bare -- error is met by "
                   "any error. As in the public suite, r1 is the case's memory, r2 its length, and "
                   "helper 5 is unwind: it returns "
                   "its first argument, and a 0 ends the program with r0 = 0.\n"
                   "\n"
                   "bpflab's own messages are the trap's sentence and its place, \"out of bounds "
                   "... at pc 3\", or what the loader "
                   "says. A plugin's message is what it prints on standard output, or else on "
                   "standard error, when its exit status "
                   "is not 0. Running out of fuel or time is neither pass nor fail: such cases are "
                   "counted apart.\n"
                   "\n"
                   "Exit status: 1 if a case failed, 2 if one could not be read, 3 if a plugin "
                   "cannot be started or nothing was "
                   "decided.",
    .json_keys =
        "engine, plugin, passed, failed, skipped, undecided, failures[] {file, expected, got}, "
        "undecided_cases[] {file, expected, got}, skips[] {file, reason}",
    .examples =
        "    bpflab conformance corpus/conformance\n"
        "    bpflab conformance tests --plugin ubpf_plugin --plugin-option --jit --cpu v3\n"
        "    bpflab conformance tests --plugin 'bpflab plugin' --exclude packet,callx --json",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
